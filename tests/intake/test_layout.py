"""The layout of sheets, piece by piece: header rows, merged cells, hidden ones, groups, totals, notes."""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.intake.dates import period_end
from ntmgis.intake.headers import Sought, field_of
from ntmgis.intake.headings import find_heading, is_numbering
from ntmgis.intake.layout import lay_out, numbers_in_words
from ntmgis.intake.marks import legend
from ntmgis.intake.raw import Grid, Place, RawTable
from ntmgis.intake.rowwords import group_name, is_note, is_roman, is_total
from ntmgis.programme.tables import table

DAY = date(2025, 6, 30)
STATUS = Sought(table("commune_status").fields, districts=frozenset({"chinmot", "chinhai"}))


def laid(rows: list[list[Any]], sought: Sought = STATUS, **grid: Any) -> RawTable:
    return lay_out(Grid(rows, **grid), sought, place=Place("bieu.xlsx"))


# --- header ---------------------------------------------------------------------------------------------------------


def test_a_heading_over_numbers() -> None:
    rows = [["STT", "Tên xã", "Tiêu chí", None, None, "Kết quả"], [None, None, 1, 2.0, "3", None], [1, "Một", "x"]]
    made = laid(rows)
    assert made.cells.columns.tolist() == ["STT", "Tên xã", "Tiêu chí / 1", "Tiêu chí / 2", "Tiêu chí / 3", "Kết quả"]
    assert made.cells.index.tolist() == [3]
    assert made.aside["header"] == (1, 2)


def test_three_levels_and_units_in_brackets() -> None:
    rows = [
        ["BIỂU 01", None, None, None, None],
        ["TT", "Xã", "Kết quả thực hiện bộ tiêu chí", None, None],
        [None, None, "Hạ tầng", None, "Kinh tế"],
        [None, None, "TC2", "TC3", "TC10: Thu nhập"],
        [1, "Xã Một", "đ", "k", "đ"],
    ]
    heading = find_heading(Grid(rows, merges=((1, 2, 1, 4), (2, 2, 2, 3), (0, 0, 0, 4))), STATUS)
    assert (heading.first, heading.last, heading.hits) == (1, 3, 4)
    assert heading.labels[2] == "Kết quả thực hiện bộ tiêu chí / Hạ tầng / TC2"


def test_a_data_row_is_never_taken_for_a_second_header_row() -> None:
    rows = [["Xã", "Kết quả", None], ["Một", "Đạt", "ghi chú"], ["Hai", "Đạt", None]]
    assert laid(rows).cells.index.tolist() == [2, 3]
    rows = [["STT", "Xã", "Kết quả"], [None, "Một", "Đạt"]]
    assert laid(rows).cells.index.tolist() == [2]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        *(
            ("Tên xã, phường, thị trấn", "name"),
            ("Huyện, xã", "name"),
            ("ĐVHC", "name"),
            ("Đơn vị (huyện, xã)", "name"),
        ),
        *(("Huyện/thành phố", "district"), ("2. Tên xã", "name"), ("nhom_1/ten_xa", "name"), ("TC 07", "tc7")),
        *(("Tiêu chí số 5: Trường học", "tc5"), ("Các tiêu chí / 19", "tc19"), ("Các tiêu chí / 1. Quy hoạch", "tc1")),
        *(("Tiêu chí 2 / 2.1", None), ("Tiêu chí 20", None), ("Số tiêu chí đạt / 2024", None), ("19 tiêu chí", None)),
        *(("Số tiêu chí đạt", None), ("STT", None), ("Ghi chú", None), ("Kỳ báo cáo", "as_of")),
    ],
)
def test_headers_as_offices_write_them(header: str, name: str | None) -> None:
    found = field_of(header, STATUS.fields)
    assert (found[0] if found else None) == name


def test_rows_that_number_the_columns_and_headers_repeated_on_every_page() -> None:
    head = ["STT", "Xã", "Kết quả"]
    rows = [head, ["(1)", "(2)", "(3)"], [1, "Một", "Đạt"], head, [2, "Hai", "Đạt"]]
    made = laid(rows)
    assert made.cells["Xã"].to_dict() == {3: "Một", 5: "Hai"}
    assert made.aside["header"] == (2, 4)
    assert [is_numbering(row) for row in ([1, 2, 3], ["A", "B", 1, 2], [1, 2], [1, 3, 2], [5, 6, 7])] == [
        *(True, True, False, False, False)
    ]


# --- rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "total"),
    [
        *(("Tổng cộng", True), ("TỔNG CỘNG:", True), ("Cộng huyện Đắk Hà", True), ("Toàn tỉnh", True), ("cong", True)),
        *(("Tổng số: 10 xã", True), ("Tỉnh Kon Tum", True), ("Bình quân", True), ("TỔNG", True)),
        *(("Cộng Hòa", False), ("Tổng Cọt", False), ("Toàn Thắng", False), ("Công", False), ("Xã Cộng Hòa", False)),
        *(("Cống", False), ("Bình Quân Thượng", False), ("Trung Bình", True)),
    ],
)
def test_totals_are_told_from_communes_of_like_names(text: str, *, total: bool) -> None:
    assert is_total(text) is total


@pytest.mark.parametrize(
    ("text", "note"),
    [
        *(("Ghi chú: số liệu ước", True), ("Nguồn: VPĐP", True), ("(*) xã mới", True), ("NGƯỜI LẬP BIỂU", True)),
        *(("TM. ỦY BAN NHÂN DÂN", True), ("KT. CHỦ TỊCH", True), ("Kon Tum, ngày ... tháng 7 năm 2025", True)),
        *(("(Ký, ghi rõ họ tên)", True), ("Nơi nhận:", True), ("Xã Nguồn", False), ("Ngọc Lây", False)),
        *(("Nguồn Sơn", False), ("Kế", False), ("Giám", False), ("Ghi", False)),
    ],
)
def test_notes_and_signatures(text: str, *, note: bool) -> None:
    assert is_note(text) is note


def test_names_in_group_rows() -> None:
    assert group_name("III/ Thành phố Kon Tum: 10 xã").name == "Thành phố Kon Tum"
    assert group_name("IX. HUYỆN IA H'DRAI").level == "district"
    assert group_name("Ia Chim").numeral is None
    assert group_name("1. Xã Một").level == "commune"
    assert [is_roman(one) for one in ("IV", "XII", "A", "1", "IIII", "Ia", "")] == [True, True, True, *[False] * 4]


HEAD = ["STT", "Đơn vị", "TC1", "Kết quả"]


def parents(rows: list[list[Any]], **grid: Any) -> dict[int, str | None]:
    made = laid([HEAD, *rows], **grid)
    return made.cells["Huyện"].to_dict() if "Huyện" in made.cells else {}


def test_groups_become_the_district_of_the_rows_below() -> None:
    rows = [["I", "Chín Một", 3, None], [1, "Một", "x", "Đạt"], ["II", "Chín Hai"], [1, "Năm", "", "Đạt"]]
    assert parents(rows) == {3: "Chín Một", 5: "Chín Hai"}
    assert parents([["I. Huyện Chín Một"], [1, "Một", "x", "Đạt"]]) == {3: "Huyện Chín Một"}
    assert parents([[None, "Chín Một"], [1, "Một", "x", "Đạt"], [2, "Chín Một"]]) == {3: "Chín Một", 4: "Chín Một"}


def test_a_part_of_the_table_that_is_no_district_ends_the_district() -> None:
    rows = [["I", "Chín Một"], [1, "Một", "x", "Đạt"], ["II", "Các xã mới"], [2, "Năm", "x", "Đạt"]]
    made = laid([HEAD, *rows])
    assert made.cells["Huyện"].to_dict() == {3: "Chín Một", 5: None}
    assert made.aside["group"] == (2, 4)


def test_roman_numerals_all_the_way_down_are_data() -> None:
    made = laid([HEAD, ["I", "Một", "x", "Đạt"], ["II", "Hai", "x", "Đạt"]])
    assert made.cells.index.tolist() == [2, 3]
    assert not made.aside


def test_a_district_in_its_own_column_above_its_communes() -> None:
    head = ["Huyện", "Xã", "Kết quả"]
    rows = [["Chín Một", "", 3], ["", "Một", "Đạt"], ["", "Hai", "Đạt"], ["Chín Hai", "Năm", "Đạt"], ["", "Sáu", ""]]
    made = laid([head, *rows])
    assert made.cells["Huyện"].tolist() == ["Chín Một", "Chín Một", "Chín Hai", ""]
    assert made.aside == {"group": (2,)}


def test_blanks_below_a_value_are_filled_inside_a_merge_only() -> None:
    head = ["Huyện", "Xã", "Kết quả"]
    rows = [["Chín Một", "Một", "Đạt"], [None, "Hai", "Đạt"], [None, "Ba", "Đạt"]]
    assert laid([head, *rows]).cells["Huyện"].tolist() == ["Chín Một", None, None]
    assert laid([head, *rows], merges=((1, 0, 2, 0),)).cells["Huyện"].tolist() == ["Chín Một", "Chín Một", None]


def test_a_number_merged_over_rows_belongs_to_none_of_them() -> None:
    sought = Sought(table("village").fields)
    rows = [["Mã thôn", "Tên thôn", "Xã", "Số hộ"], ["1", "A", "Một", 90], ["2", "B", None, None], ["3", "C", "Hai", 5]]
    made = laid(rows, sought, merges=((1, 3, 2, 3), (1, 2, 2, 2)))
    assert made.cells["Số hộ"].tolist() == [None, None, 5]
    assert made.cells["Xã"].tolist() == ["Một", "Một", "Hai"]
    (note,) = made.warnings
    assert (note.code, note.row, note.column, note.value) == ("W-LAYOUT-MERGED", 2, "Số hộ", "90")


def test_villages_under_their_communes_and_districts() -> None:
    sought = Sought(table("village").fields, districts=frozenset({"chinmot"}))
    rows = [
        ["STT", "Tên thôn", "Mã thôn", "Số hộ"],
        ["I", "Huyện Chín Một"],
        [None, "Xã Một"],
        [1, "Thôn 1", "10001-01", 10],
        [None, "Xã Hai"],
        [1, "Thôn 1", "10002-01", 12],
        [None, "Tổng cộng", None, 22],
    ]
    made = laid(rows, sought)
    assert made.cells[["Tên thôn", "Huyện", "Tên xã"]].to_numpy().tolist() == [
        ["Thôn 1", "Huyện Chín Một", "Xã Một"],
        ["Thôn 1", "Huyện Chín Một", "Xã Hai"],
    ]


def test_lists_of_works_lose_their_group_and_total_rows_only() -> None:
    sought = Sought(table("market").fields)
    rows = [["TT", "Tên", "Trạng thái"], ["I", "Huyện Chín Một"], [1, "Chợ huyện", "hiện có"], ["", "Tổng cộng: 1 chợ"]]
    made = laid(rows, sought)
    assert made.cells.index.tolist() == [3]
    assert made.aside == {"group": (2,), "total": (4,)}


def test_a_plain_table_has_nothing_to_tell() -> None:
    made = laid([["Mã xã", "Xã", "Kết quả"], ["10001", "Tổng cộng", "Đạt"], ["", "", ""], ["10002", "", "Đạt"]])
    assert made.cells.index.tolist() == [2, 4]
    assert (made.warnings, made.aside) == ((), {})


@given(st.sets(st.integers(1, 200), max_size=20))
def test_row_numbers_in_words_name_every_row(rows: set[int]) -> None:
    told: set[int] = set()
    for part in filter(None, numbers_in_words(rows, limit=99).split(", ")):
        first, _, last = part.partition("–")
        told |= set(range(int(first), int(last or first) + 1))
    assert told == rows


# --- files ----------------------------------------------------------------------------------------------------------


def test_hidden_rows_and_columns_are_read_and_named(case: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (["Mã xã", "Kết quả", "TC1"], ["10001", "Đạt", "x"], ["10002", "Đạt", "x"], ["10003", "Đạt", "x"]):
        page.append(row)
    page.row_dimensions[3].hidden = True
    page.column_dimensions["C"].hidden = True
    book.save(case.folder / "an.xlsx")
    made = case.take(case.folder / "an.xlsx", "commune_status", as_of=DAY)
    assert made.frame["code"].tolist() == ["10001", "10002", "10003"]
    (note,) = [one for one in made.problems if one.code == "W-LAYOUT-HIDDEN"]
    assert "dòng 3; cột TC1" in note.rule


ODS = """<?xml version="1.0" encoding="UTF-8"?>{doctype}
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Biểu 1">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, rows: list[list[Any]], *, doctype: str = "") -> Path:
    """A cell is a text, a number, None (blank), "|" (covered by a merge), or (text, rows, columns) for a merge."""
    made = []
    for row in rows:
        cells = []
        for cell in row:
            text, deep, wide = cell if isinstance(cell, tuple) else (cell, 1, 1)
            span = (
                f' table:number-rows-spanned="{deep}" table:number-columns-spanned="{wide}"' if deep * wide > 1 else ""
            )
            if text == "|":
                cells.append("<table:covered-table-cell/>")
            elif text is None:
                cells.append("<table:table-cell/>")
            elif isinstance(text, str):
                said = escape(text)
                cells.append(
                    f'<table:table-cell office:value-type="string"{span}><text:p>{said}</text:p></table:table-cell>'
                )
            else:
                kind = f'office:value-type="float" office:value="{text}"'
                cells.append(f"<table:table-cell {kind}{span}><text:p>{text}</text:p></table:table-cell>")
        made.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows="".join(made), doctype=doctype))
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}">{entry}</manifest:manifest>'
        )
    return path


SHEET: list[list[Any]] = [
    [("KẾT QUẢ XÂY DỰNG NÔNG THÔN MỚI", 1, 5), "|", "|", "|", "|"],
    [("STT", 2, 1), ("Huyện", 2, 1), ("Xã", 2, 1), ("Tiêu chí", 1, 2), "|", ("Kết quả", 2, 1)],
    ["|", "|", "|", 1, 2, "|"],
    [1, ("Huyện Chín Một", 2, 1), "Xã Một", "x", "k", "Đạt"],
    [2, "|", "Xã Hai", "x", None, "Chưa đạt"],
    [3, None, "Xã Ba", "x", None, "Chưa đạt"],
    [None, "Tổng cộng", None, 3],
]


def test_an_ods_sheet_with_merged_cells(case: Any) -> None:
    made = case.take(ods(case.folder / "bieu.ods", SHEET), "commune_status", as_of=DAY)
    assert made.frame["code"].tolist() == ["10001", "10002", "10003"]
    assert made.frame["row"].tolist() == [4, 5, 6]
    assert made.frame["tc1"].tolist() == ["met"] * 3
    assert made.match is not None
    assert made.match.rows["given_parent"].fillna("").tolist() == ["Huyện Chín Một", "Huyện Chín Một", ""]
    assert made.aside == {"title": (1,), "header": (2, 3), "total": (7,)}


def test_entities_in_an_ods_file_are_not_expanded(case: Any) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
    path = ods(case.folder / "bom.ods", SHEET, doctype=bomb)
    made = case.take(path, "commune_status", as_of=DAY)  # the merges are not known then; nothing else is lost
    assert made.rows_in >= 3


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(
            ("quý II/2025", date(2025, 6, 30)),
            ("Quý 4 năm 2024", date(2024, 12, 31)),
            ("Quí I-2024", date(2024, 3, 31)),
        ),
        *(("tháng 2/2024", date(2024, 2, 29)), ("Tháng 06 năm 2025", DAY), ("T6/2025", DAY), ("Q2/2025", DAY)),
        *(("năm 2024", date(2024, 12, 31)), ("đến hết năm 2024", date(2024, 12, 31)), ("6 tháng đầu năm 2025", DAY)),
        *(
            ("9 tháng năm 2025", date(2025, 9, 30)),
            ("6 tháng cuối năm 2025", date(2025, 12, 31)),
            ("cuối tháng 6/2025", DAY),
        ),
        *(("quý V/2025", None), ("tháng 13/2025", None), ("tháng 0/2025", None), ("2024", None), ("6/2025", None)),
        *(("năm 24", None), ("quý II", None), ("năm 3024", None), ("", None), (2024, None)),
    ],
)
def test_periods(text: Any, end: date | None) -> None:
    assert period_end(text) == end


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ghi chú: dấu x: đạt; ô trống: chưa đạt", {"x": ["met"], "": ["not_met"]}),
        ("Ký hiệu: “Đ” là đạt, “K” là không đạt", {"d": ["met"], "k": ["not_met"]}),
        ("(x) = chưa đạt", {"x": ["not_met"]}),
        ("Đạt: đánh dấu x; chưa đạt: để trống", {"x": ["met"], "": ["not_met"]}),
        ("Chưa đạt ghi 0", {}),
        ("Các xã đạt chuẩn", {}),
        ("Ghi chú: xã đạt từ 15 tiêu chí", {}),
    ],
)
def test_what_a_note_says_of_the_marks(text: str, said: dict[str, list[str]]) -> None:
    assert {sign: list(states) for sign, states in legend({9: text}).items()} == said
