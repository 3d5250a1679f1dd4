import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.errors import UsageError
from ntmgis.units.aliases import load_aliases
from ntmgis.units.decide import read_code
from ntmgis.units.epochs import epoch_on
from ntmgis.units.match import match
from ntmgis.units.names import fold
from ntmgis.units.reference import reference_units
from ntmgis.units.report import HOWS, STATUSES, MatchReport

OLD, NEW = epoch_on(date(2025, 6, 30)), epoch_on(date(2025, 7, 1))
UNITS = {OLD.id: reference_units(OLD), NEW.id: reference_units(NEW)}


def run(epoch, rows: list[dict[str, Any]], **options: Any) -> MatchReport:
    """The report on a table of these rows, numbered from 2; columns are named after what they hold."""
    table = pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype=object)
    columns = {name: name for name in ("code", "name", "parent", "parent_code") if name in table.columns}
    return match(table, UNITS[epoch.id], epoch=epoch, **columns, **options)


def one(epoch, **row: Any) -> pd.Series:
    return run(epoch, [row]).rows.iloc[0]


@pytest.mark.parametrize(
    ("row", "how", "code"),
    [
        ({"code": "23521"}, "code", "23521"),
        ({"code": 23521}, "code", "23521"),
        ({"code": 23521.0}, "code", "23521"),
        ({"code": "23521.0", "name": "hà mòn"}, "code", "23521"),
        ({"code": " '23521 "}, "code", "23521"),
        ({"name": "Hà Mòn"}, "exact_name", "23521"),
        ({"name": "Xã Hoà Bình"}, "exact_name", "23338"),
        ({"name": "XÃ  HÀ MÒN"}, "exact_name", "23521"),
        ({"name": "HàMòn", "parent": "ĐắkHà"}, "exact_name", "23521"),
        ({"name": "Ia Tơi", "parent": "Huyện Ia H’Drai"}, "exact_name", "23538"),
        ({"name": "la Tơi", "parent": "Huyện Ia H' Drai"}, "exact_name", "23538"),
        ({"name": "Đoàn Kết", "parent": "TP. Kon Tum"}, "exact_name", "23329"),
        ({"name": "Đoàn Kết", "parent": "Kon Tum"}, "exact_name", "23329"),
        ({"name": "Đoàn Kết", "parent": "Tỉnh Kon Tum"}, "exact_name", "23329"),
        ({"name": "Hà Mòn", "parent": "Huyện Đăk Hà, tỉnh Kon Tum"}, "exact_name", "23521"),
        ({"name": "Hà Mòn", "parent_code": 615}, "exact_name", "23521"),
        ({"name": "2. Xã Hà Mòn"}, "exact_name", "23521"),
        ({"name": "- Hà Mòn*"}, "exact_name", "23521"),
        ({"name": "Đắk Hà", "parent": "Tu Mơ Rông"}, "exact_name", "23425"),
        ({"name": "Đắk Hà", "parent": "Đắk Hà"}, "exact_name", "23500"),
        ({"name": "Xã Đắk Hà"}, "exact_name", "23425"),
        ({"name": "TT. Đắk Hà"}, "exact_name", "23500"),
        ({"name": "Đăk Long (thuộc huyện Đăk Hà)"}, "exact_name", "23504"),
        ({"name": "Đắk Long", "parent": "Đắk Glei"}, "exact_name", "23368"),
        ({"name": "Đăk Mar"}, "folded_name", "23512"),
        ({"name": "Xa Ha Mon"}, "folded_name", "23521"),
        ({"name": "Rờ Kơi", "parent": "Sa Thay"}, "folded_name", "23530"),
        ({"name": "Pờ Y"}, "alias", "23395"),
        ({"name": "Xã Đăk Plô", "parent": "Đăk Glei"}, "alias", "23344"),
        ({"name": "Xã Đắk Long", "parent": "Kon Plông"}, "alias", "23473"),
        ({"name": "Ngọc Lây", "parent": "Đăk Tô"}, "alias", "23404"),
        ({"name": "Xã la Đai", "parent": "Sa Thầy"}, "alias", "23535"),
    ],
)
def test_one_row_of_the_old_epoch_is_matched(row: dict[str, Any], how: str, code: str) -> None:
    found = one(OLD, **row)
    assert (found["status"], found["how"], found["code"]) == ("matched", how, code)


@pytest.mark.parametrize(
    ("row", "how", "code"),
    [
        ({"code": "23341", "name": "Đăk Pék"}, "code", "23341"),
        ({"name": "Dục Nông", "parent": "Tỉnh Quảng Ngãi"}, "exact_name", "23383"),
        ({"name": "Dục Nông", "parent": "huyện Ngọc Hồi (cũ)"}, "exact_name", "23383"),
        ({"name": "Đăk Mar", "parent": "Đăk Hà"}, "exact_name", "23512"),
        ({"name": "Kon Plong"}, "folded_name", "23476"),
        ({"name": "Măng Buk"}, "alias", "23455"),
    ],
)
def test_one_row_of_the_new_epoch_is_matched(row: dict[str, Any], how: str, code: str) -> None:
    found = one(NEW, **row)
    assert (found["status"], found["how"], found["code"]) == ("matched", how, code)


@pytest.mark.parametrize(
    ("row", "status", "words"),
    [
        ({"name": "Đăk Hà"}, "ambiguous", "23425"),
        ({"name": "Đăk Long"}, "ambiguous", "23504"),  # spelled like one of them, but Đăk and Đắk are one word
        ({"name": "Đắk Long"}, "ambiguous", "23473"),
        ({"name": "Ngọc Linh", "parent": "Đắk Tô"}, "unmatched", "có ở: Xã Ngọc Linh (23365, Huyện Đắk Glei)"),
        ({"name": "Hà Mòn", "parent": "Tỉnh Gia Lai"}, "unmatched", "không có huyện “Tỉnh Gia Lai”"),
        ({"name": "Hà Mòn", "parent_code": "999"}, "unmatched", "không có huyện mã “999”"),
        ({"name": "Hà Mòn", "parent": "Đắk Hà", "parent_code": "610"}, "unmatched", "610 là Huyện Đắk Glei"),
        ({"name": "Xã Đắk Rve", "parent": "Kon Rẫy"}, "unmatched", "khác loại đơn vị"),
        ({"name": "Trường Trinh", "parent": "Kon Tum"}, "unmatched", "Phường Trường Chinh"),
        ({"name": "Zzz"}, "unmatched", "không có tên “Zzz”"),
        ({"name": None}, "unmatched", "không có tên"),
        ({"name": " ... "}, "unmatched", "không có tên"),
        ({"code": "99999"}, "unmatched", "không có trong danh mục"),
        ({"code": "6010101"}, "unmatched", "không phải mã 5 chữ số"),
        ({"code": "2.35E+04"}, "unmatched", "mất chữ số"),
        ({"code": "23521", "name": "Đắk La"}, "conflict", "23524"),
        ({"code": "23521", "name": "Hành Dũng"}, "conflict", "tên trong tệp là “Hành Dũng”"),
        ({"code": "23407", "name": "Đăk La", "parent": "Tu Mơ Rông"}, "conflict", "23524"),
        ({"code": "23425", "name": "Đắk Hà", "parent": "Đắk Hà"}, "conflict", "Thị trấn Đắk Hà"),
        ({"code": "23425", "parent": "Đắk Hà"}, "conflict", "Huyện Tu Mơ Rông"),
        ({"code": "21106", "name": "Hòa Bình"}, "conflict", "mã 21106 không có trong danh mục"),
        ({"code": "23293", "name": "Phường Kon Tum"}, "wrong_epoch", "từ 01/07/2025"),
        ({"name": "Dục Nông", "parent": "Ngọc Hồi"}, "wrong_epoch", "hình thành từ"),
        ({"name": "Xã Đăk Rve"}, "wrong_epoch", "Thị trấn Đắk Rve"),
    ],
)
def test_one_row_of_the_old_epoch_is_refused(row: dict[str, Any], status: str, words: str) -> None:
    found = one(OLD, **row)
    assert (found["status"], found["how"], found["code"]) == (status, None, None)
    assert words in found["reason"]


@pytest.mark.parametrize(
    ("row", "status", "words"),
    [
        ({"code": "23521"}, "wrong_epoch", "nay thuộc Xã Đăk Hà (23500)"),
        ({"code": "23395", "name": "Bờ Y"}, "wrong_epoch", "nay thuộc Xã Bờ Y (23377)"),
        ({"code": "23341", "name": "Thị trấn Đắk Glei"}, "wrong_epoch", "nay thuộc Xã Đăk Pék"),
        ({"name": "Hà Mòn"}, "wrong_epoch", "nay thuộc Xã Đăk Hà (23500)"),
        ({"name": "Thị trấn Măng Đen"}, "wrong_epoch", "nay thuộc Xã Măng Đen"),
        ({"name": "Đắk Hà", "parent": "Tu Mơ Rông"}, "wrong_epoch", "nay thuộc Xã Tu Mơ Rông"),
        ({"name": "Đăk Long", "parent": "Đắk Hà"}, "wrong_epoch", "nay thuộc Xã Đăk Pxi"),
        ({"name": "Dục Nông", "parent": "Đắk Hà"}, "unmatched", "không hình thành từ Huyện Đắk Hà"),
        ({"name": "Dục Nông", "parent": "Gia Lai"}, "unmatched", "không có huyện, tỉnh “Gia Lai”"),
        ({"code": "23521", "name": "Kon Đào"}, "conflict", "23430"),
    ],
)
def test_one_row_of_the_new_epoch_is_refused(row: dict[str, Any], status: str, words: str) -> None:
    found = one(NEW, **row)
    assert (found["status"], found["how"], found["code"]) == (status, None, None)
    assert words in found["reason"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"code": "23404", "name": "Ngọc Lây", "parent": "Đăk Tô", "parent_code": "612"}, "76/2005/NĐ-CP"),
        ({"code": "23425", "parent": "Đăk Tô"}, "76/2005/NĐ-CP"),
        ({"code": "23521", "name": "Hà Mòn", "parent": "Kon Tum"}, "danh mục xếp vào Huyện Đắk Hà"),
        ({"code": "23290", "name": "Phường Trường Trinh"}, "viết khác danh mục"),
        ({"code": "23479", "name": "Xã Đăk Rve", "parent": "Kon Rẫy"}, "danh mục ghi Thị trấn Đắk Rve"),
        ({"code": "2.35E+04", "name": "Hà Mòn"}, "mất chữ số"),
        ({"name": "Pờ Y"}, "tên gọi khác của Xã Bờ Y"),
    ],
)
def test_a_match_with_a_flaw_says_so(row: dict[str, Any], words: str) -> None:
    found = one(OLD, **row)
    assert found["status"] == "matched"
    assert words in found["reason"]


def test_a_plain_match_says_nothing() -> None:
    assert one(OLD, code="23521", name="Xã Hà Mòn", parent="Huyện Đắk Hà")["reason"] == ""


def test_proposals_stay_inside_the_district() -> None:
    row = one(OLD, name="Đắk Mak", parent="Đắk Hà")
    units = UNITS[OLD.id].set_index("code")
    assert row["candidates"][0][:2] == ("23512", "Xã Đắk Mar")
    assert {units.loc[code, "district_code"] for code, _, _ in row["candidates"]} == {"615"}


def test_two_rows_on_one_unit_are_both_duplicates_with_their_rows_named() -> None:
    rows = [{"name": "Hà Mòn"}, {"name": "Đăk Mar"}, {"name": "Xã HÀ MÒN"}]
    report = run(OLD, rows)
    assert report.rows["status"].tolist() == ["duplicate", "matched", "duplicate"]
    assert report.rows["reason"].iloc[0] == "các dòng 2, 4 cùng là Xã Hà Mòn (23521)"
    assert report.rows["code"].tolist() == ["23521", "23512", "23521"]
    assert report.counts()["matched"] == report.counts()["folded_name"] == 1
    assert run(OLD, rows, unique=False).counts()["matched"] == 3


def test_a_table_of_the_other_epoch_matches_nowhere() -> None:
    names = ["Ia Chim", "Đăk Mar", "Hà Mòn", "Đăk La", "Tân Cảnh"]
    report = run(NEW, [{"name": name} for name in names])
    assert report.rows["status"].unique().tolist() == ["wrong_epoch"]
    assert "ranh giới đến 30/06/2025" in report.hints[0]
    assert run(OLD, [{"name": name} for name in names]).hints == ()


def test_a_single_stray_row_does_not_move_the_table() -> None:
    report = run(NEW, [{"name": name} for name in ("Dục Nông", "Kon Braih", "Đăk Mar", "Hà Mòn")])
    assert report.rows["status"].tolist() == ["matched", "matched", "matched", "wrong_epoch"]
    assert report.hints == ()


@pytest.mark.parametrize(("epoch", "other"), [(OLD, NEW), (NEW, OLD)])
def test_a_list_of_codes_alone_is_told_by_its_set(epoch, other) -> None:
    codes = [{"code": code} for code in UNITS[other.id]["code"]]
    report = run(epoch, codes)
    assert report.counts()["wrong_epoch"] == len(codes)
    assert report.hints
    assert run(other, codes).counts()["code"] == len(codes)


def test_report_as_json_and_problems() -> None:
    report = run(OLD, [{"name": "Pờ Y"}, {"name": "Đăk Hà"}, {"name": "Nowhere"}])
    made = json.loads(json.dumps(report.as_dict(), ensure_ascii=False))
    assert made["epoch"] == "until-2025-06-30"
    assert made["counts"] == report.counts()
    assert made["rows"][0]["unit_code"] == "23395"
    assert made["rows"][0]["how"] == "alias"
    assert [row["row"] for row in made["rows"]] == [2, 3, 4]
    assert made["rows"][1]["candidates"][0] == {"code": "23425", "name": "Xã Đắk Hà", "score": 100.0}
    assert made["rows"][2]["reason"]
    problems = report.problems(file="bang.csv", column="name")
    assert [(p.code, p.row, p.value) for p in problems] == [
        ("E-MATCH-AMBIGUOUS", 3, "Đăk Hà"),
        ("E-MATCH-UNMATCHED", 4, "Nowhere"),
    ]
    assert str(problems[0]).startswith("[E-MATCH-AMBIGUOUS] bang.csv, dòng 3, cột name: ")


def test_every_status_has_a_problem() -> None:
    rows = [
        {"code": None, "name": "Đăk Hà"},
        {"code": None, "name": "Nowhere"},
        {"code": "23521", "name": "Hà Mòn"},
        {"code": "23521", "name": "Hà Mòn"},
        {"code": None, "name": "Dục Nông"},
        {"code": "23521", "name": "Đăk La"},
    ]
    report = run(OLD, rows)
    assert {p.code for p in report.problems()} == {
        f"E-MATCH-{word}" for word in ("AMBIGUOUS", "UNMATCHED", "DUPLICATE", "EPOCH", "CONFLICT")
    }


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(UsageError) as caught:
        match(pd.DataFrame({"Tên xã": ["a"]}), UNITS[OLD.id], epoch=OLD, name="Ten xa", parent="Huyện")
    assert [(p.code, p.column) for p in caught.value.problems] == [
        ("E-COLUMN-UNKNOWN", "Ten xa"),
        ("E-COLUMN-UNKNOWN", "Huyện"),
    ]
    assert "Tên xã" in str(caught.value)
    with pytest.raises(UsageError, match="E-MATCH-COLUMNS"):
        match(pd.DataFrame({"Huyện": ["a"]}), UNITS[OLD.id], epoch=OLD, parent="Huyện")


def test_an_empty_table_gives_an_empty_report() -> None:
    report = match(pd.DataFrame({"xã": []}), UNITS[OLD.id], epoch=OLD, name="xã")
    assert sum(report.counts().values()) == 0
    assert report.as_dict()["rows"] == []
    assert report.problems() == ()


def test_row_numbers_come_from_an_integer_index_else_count_from_one() -> None:
    for index, rows in (([7, 3], [7, 3]), (["a", "b"], [1, 2])):
        table = pd.DataFrame({"xã": ["Hà Mòn", "Pờ Y"]}, index=index)
        report = match(table, UNITS[OLD.id], epoch=OLD, name="xã")
        assert report.rows["row"].tolist() == rows
        assert report.rows.index.equals(table.index)


def test_the_table_is_left_as_it_was() -> None:
    table = pd.DataFrame({"code": [23521, 1], "name": ["Hà Mòn", None]})
    before = table.copy()
    match(table, UNITS[OLD.id], epoch=OLD, code="code", name="name")
    pd.testing.assert_frame_equal(table, before)


def test_units_of_any_province_can_be_matched() -> None:
    units = tiny.communes()
    table = pd.DataFrame({"xã": ["một", "TT Sáu", "Sau", "Bảy"], "huyện": ["Chín Một", "Chín Hai", "Chin Hai", None]})
    rows = match(table, units, epoch=OLD, name="xã", parent="huyện", unique=False).rows
    assert rows["code"].tolist() == ["10001", "10006", "10006", None]
    assert rows["how"].tolist() == ["exact_name", "exact_name", "folded_name", None]


def test_diacritics_tell_units_apart_when_they_do() -> None:
    units = pd.DataFrame({"code": ["21484", "21523"], "name": ["Xã Ba Tơ", "Xã Ba Tô"]})
    table = pd.DataFrame({"xã": ["Ba Tơ", "Ba Tô", "Ba To"]})
    rows = match(table, units, epoch=NEW, name="xã").rows
    assert rows["code"].tolist() == ["21484", "21523", None]
    assert rows["status"].tolist() == ["matched", "matched", "ambiguous"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("23521", "23521"),
        ("23521.0", "23521"),
        ("23521,00", "23521"),
        ("'00123", "00123"),
        ("123", "00123"),
        ("\u200b23521\u00a0", "23521"),
        ("2.35E+04", None),
        ("1,23e9", None),
        ("23521.5", None),
        ("235210", None),
        ("-23521", None),
        ("２３５２１", None),
        ("VNM.34.1.1_1", None),
        ("", None),
        (None, None),
    ],
)
def test_read_code(text: str | None, code: str | None) -> None:
    assert read_code(text)[0] == code


CELLS = st.one_of(
    st.none(),
    st.sampled_from([*UNITS[OLD.id]["name"], *UNITS[NEW.id]["name"], "Pờ Y", "Đăk Long", "Xã Hà Mònn", ""]),
    st.text(max_size=8),
)
CODES = st.one_of(
    st.none(),
    st.sampled_from([*UNITS[OLD.id]["code"], *UNITS[NEW.id]["code"], "21025", "6010101", "1.2E+4"]),
    st.integers(0, 99999),
    st.floats(),
    st.text(max_size=5),
)
PARENTS = st.one_of(st.none(), st.sampled_from(["Đăk Hà", "TP. Kon Tum", "Tỉnh Kon Tum", "612", "Gia Lai"]))
ROWS = st.lists(st.fixed_dictionaries({"code": CODES, "name": CELLS, "parent": PARENTS}), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, epoch=st.sampled_from([OLD, NEW]), unique=st.booleans())
def test_every_row_has_exactly_one_status(rows: list[dict[str, Any]], epoch, *, unique: bool) -> None:
    report = run(epoch, rows, unique=unique)
    assert len(report.rows) == len(rows)
    assert set(report.rows["status"]) <= set(STATUSES)
    counts = report.counts()
    assert sum(counts[status] for status in STATUSES) == counts["rows"] == len(rows)
    assert sum(counts[how] for how in HOWS) == counts["matched"]
    matched = report.rows["status"] == "matched"
    assert report.rows.loc[matched, "code"].isin(UNITS[epoch.id]["code"]).all()
    assert (report.rows.loc[~matched, "reason"] != "").all()
    assert report.rows.loc[~matched & (report.rows["status"] != "duplicate"), "code"].isna().all()
    assert len(report.problems()) == len(rows) - counts["matched"]
    if unique:
        assert report.rows.loc[matched, "code"].is_unique
    json.dumps(report.as_dict())


@settings(max_examples=50, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, Any]], random) -> None:
    table = pd.DataFrame(rows, dtype=object)
    mixed = table.sample(frac=1, random_state=random.randrange(2**31))
    columns = {"code": "code", "name": "name", "parent": "parent"}
    straight = match(table, UNITS[OLD.id], epoch=OLD, **columns).rows
    shuffled = match(mixed, UNITS[OLD.id], epoch=OLD, **columns).rows
    known = ["status", "how", "code"]
    pd.testing.assert_frame_equal(shuffled.loc[table.index, known], straight[known])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([OLD, NEW]),
    st.integers(0, 39),
    st.integers(0, 30),
    st.sampled_from([*"abcdeghiklmnoprstuvxyôơđ", ""]),
    st.sampled_from(["insert", "replace"]),
)
def test_misspelt_names_never_match_another_unit(epoch, which: int, place: int, letter: str, how: str) -> None:
    units = UNITS[epoch.id]
    unit = units.iloc[which]
    name = unit["bare_name"]
    place %= len(name)
    wrong = name[:place] + letter + name[place + (how == "replace") :]
    known = [*units["bare_name"], *(alias.name for alias in load_aliases().names)]
    others = {fold(other) for other in known} - {fold(name)}  # a slip can make the name of another unit
    row = one(epoch, name=wrong, parent=unit["district"])
    if row["status"] == "matched":
        assert row["code"] == unit["code"] or fold(wrong) in others


def test_shuffled_names_are_conflicts_with_their_codes() -> None:
    table = UNITS[OLD.id][["code", "name", "district"]].copy()
    table["name"] = np.roll(table["name"], 1)
    report = match(table, UNITS[OLD.id], epoch=OLD, code="code", name="name", parent="district")
    assert report.counts()["matched"] == 0
    assert report.counts()["conflict"] + report.counts()["wrong_epoch"] == 102
