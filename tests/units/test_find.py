"""What a person types and which unit is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.units.aliases import load_aliases
from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.units.find import find_units, near_units
from ntmgis.units.lookup import UnitLookup
from ntmgis.units.names import fold
from ntmgis.units.reference import reference_units

OLD, NEW = EPOCHS
LOOKUPS = {one.id: UnitLookup(reference_units(one), one.id, load_aliases()) for one in EPOCHS}


def found(text: str, epoch: int = 0) -> list[str]:
    return [one.code for one in find_units(text, LOOKUPS, EPOCHS[epoch])]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Hà Mòn", ["23521"]),
        ("ha mon", ["23521"]),
        ("23521", ["23521"]),
        ("dak ha", ["615", "23425", "23500"]),
        ("xã Đăk Hà", ["23425"]),
        ("huyện Đăk Hà", ["615"]),
        ("Đắk Hà, Tu Mơ Rông", ["23425"]),
        ("dak long, dak glei", ["23368"]),
        ("Kon Rẫy", ["614"]),
        ("614", ["614"]),
        ("Kon Braih", ["23497"]),  # only a new unit bears the name
        ("Pờ Y", ["23395"]),
        ("Măng Bút", ["23455"]),  # so called since July 2025; to older lists another spelling of Măng Buk
        ("xã măng bút", ["23455"]),
        ("Măng Buk", ["23458"]),
        ("mang but", ["23458", "23455"]),  # either: asked
        ("Măng Bút, Kon Plông", ["23458"]),  # with a district of the old epoch: the alias
        ("", []),
        ("Hà Nội", []),
        ("'; DROP TABLE t_unit; --", []),
        ("99999", []),
    ],
)
def test_forgiving(text: str, codes: list[str]) -> None:
    assert found(text) == codes


def test_a_code_means_the_unit_that_bears_it_on_that_day() -> None:
    old, new = (find_units("23500", LOOKUPS, epoch)[0] for epoch in EPOCHS)
    assert (old.name, new.name) == ("Thị trấn Đắk Hà", "Xã Đăk Hà")
    assert "ranh giới từ 01/07/2025" in str(new)


@pytest.mark.parametrize("asked", EPOCHS)
@pytest.mark.parametrize("of", EPOCHS)
def test_an_exact_name_always_finds_a_unit_of_that_name(asked: Epoch, of: Epoch) -> None:
    for unit in LOOKUPS[of.id].units.values():
        units = find_units(unit.name, LOOKUPS, asked)
        assert fold(unit.name) in {fold(one.name) for one in units}, unit.name


def test_a_wrong_unit_word_is_forgiven_when_nothing_else_fits() -> None:
    assert found("phường Hà Mòn") == ["23521"]


def test_near_names_are_proposals() -> None:
    near = near_units("Hà Mồng", LOOKUPS, OLD)
    assert near[0].code == "23521"
    assert near_units("", LOOKUPS, OLD) == ()


@given(st.sampled_from(sorted(LOOKUPS[OLD.id].units)), st.booleans(), st.booleans())
def test_every_unit_is_found_by_its_own_name_and_district(code: str, plain: bool, lower: bool) -> None:  # noqa: FBT001
    unit = LOOKUPS[OLD.id].units[code]
    text = f"{unit.name}, {unit.district}"
    text = ", ".join(fold(part) for part in text.split(", ")) if plain else text
    assert code in found(text.lower() if lower else text)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    for epoch in EPOCHS:
        find_units(text, LOOKUPS, epoch)
        near_units(text, LOOKUPS, epoch)
