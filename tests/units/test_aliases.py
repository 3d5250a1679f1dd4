from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ntmgis.errors import UsageError
from ntmgis.units.aliases import load_aliases
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.units.match import match
from ntmgis.units.names import fold
from ntmgis.units.reference import districts, reference_units

OLD = epoch_on(date(2025, 6, 30))
GOOD = """
[[alias]]
name = "Trường Trinh"
epoch = "until-2025-06-30"
code = "23290"
source = "bảng của phòng, sửa ngày 1/6/2025"
"""


def test_shipped_aliases_point_to_units_and_say_something_new() -> None:
    known = {epoch.id: reference_units(epoch).set_index("code") for epoch in EPOCHS}
    shipped = load_aliases()
    assert len(shipped.names) >= 15
    for alias in shipped.names:
        unit = known[alias.epoch].loc[alias.code]
        assert fold(alias.name) != fold(unit["bare_name"])
        assert alias.source
    for former in shipped.former_districts:
        assert former.district in set(districts()["code"])
        for code in former.codes:
            assert known[former.epoch].loc[code, "district_code"] != former.district


def test_an_alias_never_hides_a_unit_of_that_name_in_the_same_place() -> None:
    for alias in load_aliases().names:
        epoch = next(epoch for epoch in EPOCHS if epoch.id == alias.epoch)
        units = reference_units(epoch)
        place = units if alias.parent is None else units[units["district_code"] == alias.parent]
        assert fold(alias.name) not in {fold(name) for name in place["bare_name"]}


def test_workspace_file_stands_beside_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "aliases.toml"
    file.write_text(GOOD, encoding="utf-8")
    table = pd.DataFrame({"xã": ["Phường Trường Trinh", "Pờ Y"]})
    units = reference_units(OLD)
    assert match(table, units, epoch=OLD, name="xã").counts()["alias"] == 1
    rows = match(table, units, epoch=OLD, name="xã", aliases=load_aliases(file)).rows
    assert rows["code"].tolist() == ["23290", "23395"]
    assert "sửa ngày 1/6/2025" in rows["reason"].iloc[0]


def test_workspace_entry_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "aliases.toml"
    file.write_text(GOOD.replace("Trường Trinh", "pờ y").replace("23290", "23389"), encoding="utf-8")
    names = load_aliases(file).names
    assert [alias.code for alias in names if alias.epoch == OLD.id and fold(alias.name) == "poy"] == ["23389"]


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        """
other = 1
[[alias]]
name = "..."
epoch = "2025"
code = 23290
parent = "12"
note = "x"
[[alias]]
name = "A"
epoch = "until-2025-06-30"
code = "23290"
source = "s"
[[alias]]
name = "Xã Á"
epoch = "until-2025-06-30"
code = "23293"
source = "s"
[[former_district]]
district = "612"
epoch = "until-2025-06-30"
codes = ["1"]
source = " "
""",
        encoding="utf-8",
    )
    with pytest.raises(UsageError) as caught:
        load_aliases(file)
    found = {(problem.code, problem.column) for problem in caught.value.problems}
    assert found == {
        ("E-ALIAS-KEY", "other"),
        ("E-ALIAS-KEY", "alias[1].note"),
        ("E-ALIAS-REQUIRED", "alias[1].source"),
        ("E-ALIAS-VALUE", "alias[1].name"),
        ("E-ALIAS-VALUE", "alias[1].epoch"),
        ("E-ALIAS-VALUE", "alias[1].code"),
        ("E-ALIAS-VALUE", "alias[1].parent"),
        ("E-ALIAS-VALUE", "former_district[1].codes"),
        ("E-ALIAS-VALUE", "former_district[1].source"),
        ("E-ALIAS-CONTRADICTION", "alias[2].name"),
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "E-FILE-MISSING"),
        (b"[[alias]", "E-ALIAS-SYNTAX"),
        (b"\xff\xfe\x00", "E-ALIAS-SYNTAX"),
        (b"alias = 3", "E-ALIAS-VALUE"),
        (b"alias = [3]", "E-ALIAS-VALUE"),
    ],
)
def test_broken_files(tmp_path: Path, content: bytes | None, code: str) -> None:
    file = tmp_path / "aliases.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_aliases(file)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "aliases.toml"
    file.write_text("# chưa có gì\n", encoding="utf-8")
    assert load_aliases(file) == load_aliases()
