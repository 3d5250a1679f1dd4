"""Thresholds: shipped, stated by an office with a source, or unknown; the file of the office is checked as a whole."""

from datetime import date
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.build import open_snapshot
from ntmgis.errors import UsageError
from ntmgis.programme.thresholds import all_thresholds, column_of, group_of, load_thresholds, thresholds_for

# Figures of this file are made up for the test.
SOUND = """
units_on = 2025-06-30

[[threshold]]
set = "2021-2025"
criterion = 10
indicator = "10"
vi = "Thu nhập bình quân"
unit = "triệu đồng/người/năm"
at_least = 11
year = 2024
basis = "Văn bản thử nghiệm"

[[threshold]]
set = "2021-2025"
criterion = 11
indicator = "11"
vi = "Tỷ lệ nghèo đa chiều"
at_most = 0.5
basis = "Văn bản thử nghiệm"

[[threshold]]
set = "2021-2025"
criterion = 11
indicator = "11"
vi = "Tỷ lệ nghèo đa chiều"
at_most = 0.6
column = "trung_du_mien_nui_phia_bac"
basis = "Văn bản thử nghiệm"

[[threshold]]
set = "2021-2025"
criterion = 3
indicator = "3.1"
vi = "Tưới tiêu chủ động"
at_least = 0.9
column = "tay_nguyen"
basis = "Văn bản thử nghiệm"

[[commune]]
code = "23521"
set = "2021-2025"
specially_difficult = false
safe_zone_of_poor_district = false
basis = "Văn bản thử nghiệm"

[[commune]]
code = "23365"
set = "2021-2025"
specially_difficult = true
basis = "Văn bản thử nghiệm"

[[commune]]
code = "23521"
set = "2026-2030"
column = "nhom_2"
basis = "Văn bản thử nghiệm"

[[commune]]
code = "23365"
set = "2026-2030"
khu_vuc = "III"
basis = "Văn bản thử nghiệm"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "nguong.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_an_office_only_what_was_read_is_known() -> None:
    found = thresholds_for("2021-2025", "tay_nguyen")
    assert {no: [t.at_least for t in known] for no, known in found.known.items()} == {3: [0.8]}
    assert found.unknown == tuple(no for no in range(1, 20) if no != 3)
    assert found.vi == "Bộ 2021-2025, Tây Nguyên: có ngưỡng cho 1/19 tiêu chí, còn lại chưa có trong dữ liệu."
    # The figure was read for one column: it says nothing on another, nor where the column is not known.
    assert thresholds_for("2021-2025", "dong_nam_bo").known == {}
    assert thresholds_for("2021-2025", None).known == {}
    assert thresholds_for("2026-2030", "nhom_3").unknown == tuple(range(1, 11))
    assert thresholds_for("2016-2020", None).unknown == tuple(range(1, 20))
    with pytest.raises(KeyError):
        thresholds_for("2021-2025", "nhom_1")


def test_an_office_states_thresholds_with_their_source(tmp_path: Path) -> None:
    office = load_thresholds(written(tmp_path, SOUND))
    found = thresholds_for("2021-2025", "tay_nguyen", 2024, office)
    assert sorted(found.known) == [3, 10, 11]
    assert [t.at_least for t in found.known[10]] == [11]
    assert [t.at_most for t in found.known[11]] == [0.5]
    # The office's figure stands, and the shipped one it replaces is told.
    assert [t.at_least for t in found.known[3]] == [0.9]
    assert [t.at_least for t in found.replaced] == [0.8]
    assert all(t.basis for known in found.known.values() for t in known)
    # The column's own figure goes before the general one.
    north = thresholds_for("2021-2025", "trung_du_mien_nui_phia_bac", 2024, office)
    assert [t.at_most for t in north.known[11]] == [0.6]
    # Income of another year, or of no stated year, is unknown.
    assert 10 in thresholds_for("2021-2025", "tay_nguyen", 2025, office).unknown
    assert 10 in thresholds_for("2021-2025", "tay_nguyen", None, office).unknown


def test_the_column_of_a_commune(tmp_path: Path) -> None:
    office = load_thresholds(written(tmp_path, SOUND))
    assert office.units_on == date(2025, 6, 30)
    assert office.column("2021-2025", "23521") == "tay_nguyen"
    assert office.column("2021-2025", "23365") == "trung_du_mien_nui_phia_bac"
    assert office.column("2026-2030", "23521") == "nhom_2"
    assert office.column("2026-2030", "23365") is None, "not said whether it is of group 1"
    assert office.column("2021-2025", "23500") is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("criterion = 10", "criterion = 20", "E-THRESHOLD-CRITERION"),
        ("year = 2024", "year = 2027", "E-TOML-TYPE"),
        ("year = 2024", "", "E-TOML-REQUIRED"),
        ("at_least = 11\n", "", "E-THRESHOLD-LIMIT"),
        ("at_least = 11", "at_least = 11\nat_most = 12", "E-THRESHOLD-LIMIT"),
        ("at_least = 11", "at_least = nan", "E-TOML-TYPE"),
        ("at_most = 0.5", "at_most = 50", "E-TOML-TYPE"),
        ('column = "tay_nguyen"', 'column = "Tây Nguyên"', "E-THRESHOLD-COLUMN"),
        ('set = "2021-2025"', 'set = "2021-2026"', "E-TOML-VALUE"),
        ('basis = "Văn bản thử nghiệm"', 'basis = ""', "E-TOML-TYPE"),
        ('basis = "Văn bản thử nghiệm"', "", "E-TOML-REQUIRED"),
        ('code = "23521"', "code = 23521", "E-TOML-TYPE"),
        ('code = "23521"', 'code = "2352"', "E-TOML-TYPE"),
        ('code = "23521"', 'code = "23365"', "E-TOML-DUPLICATE"),
        ("units_on = 2025-06-30", "", "E-TOML-REQUIRED"),
        ("units_on = 2025-06-30", "unit_on = 2025-06-30", "E-TOML-KEY"),
        ("specially_difficult = true", "", "E-THRESHOLD-COMMUNE"),
        ("specially_difficult = true", 'column = "tay_nguyen"\nspecially_difficult = true', "E-THRESHOLD-COMMUNE"),
        ("specially_difficult = true", 'khu_vuc = "III"', "E-TOML-VALUE"),
        ('khu_vuc = "III"', 'khu_vuc = "3"', "E-TOML-VALUE"),
        ("[[threshold]]", "[threshold]", "E-TOML-SYNTAX"),
    ],
)
def test_a_faulty_file_says_what_is_wrong(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in SOUND
    with pytest.raises(UsageError) as caught:
        load_thresholds(written(tmp_path, SOUND.replace(old, new, 1)))
    assert code in {one.code for one in caught.value.problems}
    assert all(one.file == "nguong.toml" for one in caught.value.problems)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("criterion = 10", "criterion = 20").replace("at_most = 0.5", "at_most = 50")
    text = text.replace('code = "23521"', 'code = "x"', 1) + '\n[[commune]]\ncode = "23500"\n'
    with pytest.raises(UsageError) as caught:
        load_thresholds(written(tmp_path, text))
    assert len(caught.value.problems) >= 5


def test_a_missing_file_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-FILE-MISSING"):
        load_thresholds(tmp_path / "x.toml")
    assert load_thresholds(written(tmp_path, "")).communes == ()


MAYBE = st.none() | st.booleans()


@given(difficult=MAYBE, safe=MAYBE, difficult_later=st.booleans(), safe_later=st.booleans())
def test_knowing_more_never_changes_a_column(
    *, difficult: bool | None, safe: bool | None, difficult_later: bool, safe_later: bool
) -> None:
    before = column_of(specially_difficult=difficult, safe_zone_of_poor_district=safe)
    after = column_of(
        specially_difficult=difficult_later if difficult is None else difficult,
        safe_zone_of_poor_district=safe_later if safe is None else safe,
    )
    assert after is not None
    assert before in {None, after}


@given(
    first=st.tuples(st.none() | st.sampled_from(["", "I", "II", "III"]), MAYBE, MAYBE, st.none() | st.floats(0, 1)),
    later=st.tuples(st.sampled_from(["", "I", "II", "III"]), st.booleans(), st.booleans(), st.floats(0, 1)),
)
def test_knowing_more_never_changes_a_group(first: tuple, later: tuple) -> None:
    names = ("khu_vuc", "urbanising", "planned_town", "farm_share")
    known = dict(zip(names, first, strict=True))
    whole = {name: after if known[name] is None else known[name] for name, after in zip(names, later, strict=True)}
    assert group_of(**known) in {None, group_of(**whole)}


def test_the_groups_of_2026_2030() -> None:
    none = {"urbanising": False, "planned_town": False, "farm_share": 0.10}
    assert group_of(khu_vuc="", **none) == "nhom_2", "the limit is under 10 %"
    assert group_of(khu_vuc="I", **none) == "nhom_2"
    assert group_of(khu_vuc="II", **none) == "nhom_3"
    assert group_of(khu_vuc="", farm_share=0.0999) == "nhom_1"
    assert group_of(khu_vuc="III", planned_town=True) is None, "which rule goes first was not read"
    assert group_of() is None


def test_the_office_s_figures_reach_every_product_of_the_workspace(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w", kinds=("html",))
    (home / "nguong.toml").write_text(
        '[[threshold]]\nset = "2021-2025"\ncriterion = 3\nindicator = "3.1"\nvi = "Tưới tiêu <b>"\n'
        'at_least = 0.85\nbasis = "Quyết định mẫu"\n',
        encoding="utf-8",
    )
    config = home / "ntmgis.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[build]", '[build]\nthresholds = "nguong.toml"', 1), encoding="utf-8")
    snapshot, _ = open_snapshot(home)
    known = all_thresholds("2021-2025", 2025, snapshot.office)
    assert next((one.indicator, one.at_least, one.basis) for one in known[3]) == ("3.1", 0.85, "Quyết định mẫu")
