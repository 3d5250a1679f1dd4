"""A mapping verified: each check finds a wrong row by itself, and a right mapping is left in peace."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from ntmgis.errors import InputError
from ntmgis.units.crosswalk import CrosswalkReport, verify_crosswalk, verify_units
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.law import NamedUnit, parse_resolution, read_resolution
from ntmgis.units.reference import crosswalk, reference_units

OLD_UNITS, NEW_UNITS = map(reference_units, EPOCHS)
SIDE = 10_000


# A square of 6 x 6 old communes of 100 km²; each new one is a block of 2 x 2 and bears the code of its lower left part.
def code(x: int, y: int) -> str:
    return f"9{y}0{x}0"


CELLS = {code(x, y): (x, y) for y in range(6) for x in range(6)}
HOME = {old: code(x - x % 2, y - y % 2) for old, (x, y) in CELLS.items()}
GRID_OLD = pd.DataFrame({"code": list(CELLS), "name": [f"Xã {'ABCDEF'[x]}{'mnpqrs'[y]}" for x, y in CELLS.values()]})
GRID_NEW = GRID_OLD[GRID_OLD["code"].isin(HOME.values())].assign(declared_km2=400.0)


def square(x: int, y: int, size: int = 1) -> Any:
    return box(500_000 + x * SIDE, 1_600_000 + y * SIDE, 500_000 + (x + size) * SIDE, 1_600_000 + (y + size) * SIDE)


GRID_OLD_SHAPES = gpd.GeoDataFrame({"code": list(CELLS)}, geometry=[square(*at) for at in CELLS.values()], crs=32648)
GRID_NEW_SHAPES = gpd.GeoDataFrame(
    {"code": list(GRID_NEW["code"])}, geometry=[square(*CELLS[c], 2) for c in GRID_NEW["code"]], crs=32648
).to_crs(4326)


def grid(changes: Mapping[str, str] | None = None, **options: Any) -> CrosswalkReport:
    mapping = pd.DataFrame({"old_code": list(HOME), "new_code": list({**HOME, **(changes or {})}.values())})
    return verify_crosswalk(mapping, old_units=GRID_OLD, new_units=GRID_NEW, **options)


def codes(report: CrosswalkReport, severity: str = "error") -> list[str]:
    return [one.code for one in report.problems if one.severity == severity]


def shipped(changes: pd.DataFrame | None = None, **options: Any) -> CrosswalkReport:
    mapping = crosswalk() if changes is None else changes
    return verify_crosswalk(mapping, old_units=OLD_UNITS, new_units=NEW_UNITS, **options)


def test_a_right_mapping_is_left_in_peace() -> None:
    for options in (
        {},
        {"old_shapes": GRID_OLD_SHAPES},
        {"old_shapes": GRID_OLD_SHAPES, "new_shapes": GRID_NEW_SHAPES},
    ):
        report = grid(**options)
        assert report.sound
        assert report.problems == ()
        assert (report.rows["status"] == "ok").all()
    assert report.checks == ("units", "detached", "areas", "overlap")
    assert report.units["dissolved_km2"].round(6).unique().tolist() == [400]


@given(st.sampled_from(sorted(CELLS)), st.sampled_from(sorted(set(HOME.values()))))
def test_law_one_wrong_row_is_found_by_the_polygons_and_only_it(old: str, new: str) -> None:
    report = grid({old: new}, old_shapes=GRID_OLD_SHAPES, new_shapes=GRID_NEW_SHAPES)
    if new == HOME[old]:
        assert report.sound
        return
    assert report.wrong["old_code"].tolist() == [old]
    assert report.wrong["proposed_code"].tolist() == [HOME[old]]
    assert codes(report) == ["E-CROSSWALK-PLACE"]
    assert codes(report, "warning") == []


@given(st.sampled_from(sorted(CELLS)), st.sampled_from(sorted(set(HOME.values()))))
def test_law_a_part_far_away_is_found_without_new_polygons(old: str, new: str) -> None:
    report = grid({old: new}, old_shapes=GRID_OLD_SHAPES)
    apart = min(square(*CELLS[old]).distance(square(*CELLS[one])) for one in HOME if HOME[one] == new)
    if apart > 1000 and old != HOME[old]:
        # (The lower left cell gives its code to the unit, so without it the unit has no heart of its own.)
        assert report.wrong["old_code"].tolist() == [old]
        assert report.wrong["proposed_code"].tolist() == [HOME[old]]
        assert "nằm rời" in report.wrong["evidence"].iloc[0]
    elif new != HOME[old] and apart <= 1000:
        # Beside its own unit: only the areas can tell.
        assert sorted(p.value for p in report.problems if p.code == "W-CROSSWALK-AREA") == sorted({new, HOME[old]})


def test_distance_and_areas_are_in_the_evidence() -> None:
    far = code(5, 5)
    report = grid({far: code(0, 0)}, old_shapes=GRID_OLD_SHAPES, new_shapes=GRID_NEW_SHAPES)
    words = report.wrong["evidence"].iloc[0]
    assert "không phần nào của Xã Fs nằm trong Xã Am (90000), 100% nằm trong Xã Er (94040)" in words
    assert "cách phần còn lại của Xã Am (90000) 42 km" in words
    assert "Xã Am: gộp 500,0 km², công bố 400,0 km², sửa lại thành 400,0 km²" in words.replace("500,1", "500,0")


def test_a_declared_area_that_nothing_explains_is_a_warning() -> None:
    wrong = GRID_NEW.assign(declared_km2=[200.0] + [400.0] * 8)
    mapping = pd.DataFrame({"old_code": list(HOME), "new_code": list(HOME.values())})
    report = verify_crosswalk(mapping, old_units=GRID_OLD, new_units=wrong, old_shapes=GRID_OLD_SHAPES)
    assert report.sound
    assert codes(report, "warning") == ["W-CROSSWALK-AREA"]
    assert (report.rows["status"] == "ok").all()


def test_units_without_polygons_are_named() -> None:
    report = grid(old_shapes=GRID_OLD_SHAPES.iloc[1:])
    assert report.sound
    (told,) = report.problems
    assert (told.code, "Xã Am (90000)" in told.rule) == ("W-CROSSWALK-SHAPE", True)


def test_a_unit_in_several_pieces_and_a_broken_ring_are_taken_as_they_are() -> None:
    shapes = GRID_OLD_SHAPES.copy()
    whole = square(0, 0)
    halves = MultiPolygon([box(*whole.bounds[:2], 505_000, 1_610_000), box(505_000, 1_600_000, 510_000, 1_610_000)])
    shapes.loc[0, "geometry"] = halves  # touching halves: not valid as one polygon
    assert grid(old_shapes=shapes, new_shapes=GRID_NEW_SHAPES).problems == ()
    pieces = pd.concat([shapes.iloc[1:], shapes.iloc[[0]].explode()])
    assert grid(old_shapes=pieces, new_shapes=GRID_NEW_SHAPES).problems == ()


def test_every_unit_once() -> None:
    mapping = crosswalk()
    lost = mapping[mapping["old_code"] != "23521"]
    assert codes(shipped(lost)) == ["E-CROSSWALK-MISSING"]
    unfed = mapping.assign(new_code=mapping["new_code"].replace("23530", "23527"))
    assert codes(shipped(unfed)) == ["E-CROSSWALK-UNFED"]
    twice = pd.concat([mapping, mapping.iloc[[5]]], ignore_index=True)
    assert codes(shipped(twice)) == ["E-CROSSWALK-TWICE"]
    unknown = mapping.assign(new_code=mapping["new_code"].replace("23530", "99999"))
    assert codes(shipped(unknown)) == ["E-CROSSWALK-CODE", "E-CROSSWALK-UNFED"]
    blank = mapping.assign(old_code=mapping["old_code"].replace("23521", None))
    assert codes(shipped(blank)) == ["E-CROSSWALK-CODE", "E-CROSSWALK-MISSING"]


def test_parts_of_a_unit_add_up_to_one() -> None:
    mapping = crosswalk()[["old_code", "new_code"]]
    both = pd.concat([mapping, pd.DataFrame({"old_code": ["23521"], "new_code": ["23425"]})], ignore_index=True)
    assert codes(shipped(both)) == ["E-CROSSWALK-SHARE"]
    share = pd.Series([1.0] * len(both))
    share[both["old_code"] == "23521"] = [0.25, 0.75]
    assert codes(shipped(both.assign(share_area=share))) == []
    share[both["old_code"] == "23521"] = [0.25, 0.7]
    report = shipped(both.assign(share_area=share))
    assert codes(report) == ["E-CROSSWALK-SHARE"]
    assert report.wrong["old_code"].tolist() == ["23521", "23521"]


def test_names_are_checked_and_spellings_are_not_errors() -> None:
    mapping = (
        crosswalk()
        .merge(OLD_UNITS[["code", "name"]], left_on="old_code", right_on="code")
        .rename(columns={"name": "old_name"})
    )
    spelled = mapping.assign(old_name=mapping["old_name"].str.replace("Đắk", "ĐĂK").str.replace("Xã ", "xã"))
    assert codes(shipped(spelled)) == []
    names = mapping["old_name"].where(mapping["old_code"] != "23521", "Xã Đắk Mar")
    report = shipped(mapping.assign(old_name=names))
    assert codes(report) == ["E-CROSSWALK-NAME"]
    assert report.wrong["old_code"].tolist() == ["23521"]


LAW = """
56\\. Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của thị trấn Đăk
Hà, xã Hà Mòn và xã Đăk La thành xã mới có tên gọi là **xã Đăk Hà**.

62\\. Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của xã Đăk Hà và
xã Tu Mơ Rông thành xã mới có tên gọi là **xã Tu Mơ Rông**.
"""


def test_the_law_tells_a_wrong_row() -> None:
    mapping = crosswalk()
    wrong = mapping.assign(new_code=mapping["new_code"].where(mapping["old_code"] != "23521", "23425"))
    report = shipped(wrong, legal=parse_resolution(LAW))
    assert report.wrong["old_code"].tolist() == ["23521"]
    assert report.wrong["proposed_code"].tolist() == ["23500"]
    assert report.wrong["evidence"].iloc[0].startswith("khoản 56 xếp vào Xã Đăk Hà (23500)")
    assert codes(report) == ["E-CROSSWALK-LAW"]
    # The two clauses name five of the 102 units; the others are not proved, and said so.
    assert codes(report, "warning") == ["W-CROSSWALK-LAW-SILENT"] * 97
    named = {"23500": ["TT Đắk Hà", "xã Hà Mòn", "Đắk La"]}
    assert shipped(wrong, legal=named).wrong["old_code"].tolist() == ["23521"]


def test_a_name_the_list_does_not_have_is_named_with_proposals() -> None:
    report = shipped(legal=parse_resolution(LAW.replace("Hà Mòn", "Hà Món Mới")))
    told = [one for one in report.problems if one.code == "W-CROSSWALK-LAW-NAME"]
    assert [one.value for one in told] == ["xã Hà Món Mới"]
    assert "Xã Hà Mòn (23521)" in told[0].rule


def test_completeness_alone_for_a_workspace() -> None:
    mapping = crosswalk().iloc[1:]
    told = verify_units(mapping, old_units=OLD_UNITS, new_units=NEW_UNITS, file="sap_xep.csv")
    assert [(one.code, one.severity, one.file) for one in told] == [("E-CROSSWALK-MISSING", "warning", "sap_xep.csv")]
    assert verify_units(crosswalk(), old_units=OLD_UNITS, new_units=NEW_UNITS) == ()


ALL = "toàn bộ diện tích tự nhiên, quy mô dân số của"
NAMED = "thành xã mới có tên gọi là xã E"


@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        (f"1. Sắp xếp {ALL} các xã A, B Cờ và D {NAMED}.", "xã E", ["xã A", "xã B Cờ", "xã D"]),
        (
            f"Sắp xếp {ALL} thị trấn A và các xã B, C (huyện D) thành phường mới có tên gọi là phường E.",
            "phường E",
            ["thị trấn A", "xã B", "xã C (huyện D)"],
        ),
        (f"Sắp xếp {ALL} xã A, {ALL.replace('toàn bộ', 'một phần')} xã B {NAMED}.", "xã E", ["xã A", "xã B*"]),
        (
            f"Sắp xếp {ALL} xã A và phần còn lại của xã C sau khi sắp xếp theo khoản 3 Điều này {NAMED}.",
            "xã E",
            ["xã A", "xã C*"],
        ),
        (
            "Nhập toàn bộ 10,5 km2 diện tích tự nhiên và quy mô dân số là 500 người của xã A vào xã B. Nay xã B có 2",
            "xã B",
            ["xã A"],
        ),
        (f"a) Thành lập xã E trên cơ sở nhập {ALL} xã A và {ALL} xã B.", "xã E", ["xã A", "xã B"]),
        (f"Sắp xếp {ALL} huyện L thành đặc khu có tên gọi là đặc khu L.", "đặc khu L", ["huyện L"]),
    ],
)
def test_the_forms_of_a_clause(text: str, new: str, old: list[str]) -> None:
    (clause,) = parse_resolution(text).clauses
    assert str(clause.new) == new
    assert [f"{unit}{'*' if unit.part else ''}" for unit in clause.old] == old


def test_units_that_stay_and_sentences_that_cannot_be_read() -> None:
    law = parse_resolution(
        "92. Có 05 xã không thực hiện sắp xếp là các xã A (huyện B), C và phường D.\n\n"
        "93. Sắp xếp toàn bộ những gì khác."
    )
    assert law.kept == (NamedUnit("xã", "A", "huyện B"), NamedUnit("xã", "C"), NamedUnit("phường", "D"))
    assert law.unread == ("93. Sắp xếp toàn bộ những gì khác.",)


@given(st.text(max_size=300))
def test_law_any_text_is_read_without_an_accident(text: str) -> None:
    parse_resolution(text)


def test_texts_that_are_no_resolution(tmp_path: Any) -> None:
    for content, name in ((b"\xff\xfe\x00x", "a.txt"), ("Không có khoản nào.".encode(), "b.md")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as told:
            read_resolution(tmp_path / name)
        assert told.value.problems[0].code == "E-CROSSWALK-TEXT"
    with pytest.raises(InputError):
        read_resolution(tmp_path / "none.txt")
