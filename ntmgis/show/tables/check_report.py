"""The report of a check as a workbook: the user's own table with the wrong cells coloured, and every fault in words."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ntmgis.errors import Problem
from ntmgis.intake.findings import Finding, by_kind
from ntmgis.show import words
from ntmgis.show.problem_map import KIND_WORDS
from ntmgis.show.symbols import tier_fill
from ntmgis.show.tables._sheet import QUIET, Book, Column, Painted, Sheet, cell_text

__all__ = ["write_check_workbook"]

_BAD = {"bg_color": "#f2b8a2"}
_LOOK_AT = {"bg_color": tier_fill("not_yet")}
_UNDATED = date(2025, 1, 24)  # of Plan 305: a check has no date of its own, and the same rows give the same bytes
_HEADER_ROW = 2
_COMMENTS = 2000  # a workbook with more comments than that opens slowly; the second sheet has them all
_COMMENT_TEXT = 900
_EXCEL_ROWS = 1_048_576


def write_check_workbook(
    path: str | Path,
    *,
    file: str,
    cells: pd.DataFrame | None,
    problems: Sequence[Problem],
    findings: Sequence[Finding] = (),
) -> Path:
    """Three sheets: "Bảng đã kiểm tra", "Từng lỗi" and, when there are any, "Hình học".

    `cells` is the user's table as read, without personal columns: index = row numbers in the file, columns =
    headers; None when the file could not be read. A cell that broke a rule is coloured and says which in a comment;
    a fault of a whole row colours its number. `problems` are all of the file, `findings` the geometric ones, whose
    rows are coloured too, in yellow: they are to be looked at, not wrong for certain.
    """
    path = Path(path)
    errors = [one for one in problems if one.severity == "error"]
    rows = len({(one.sheet, one.layer, one.row) for one in errors if one.row is not None})
    title = f"{file}: {words.number(rows)} dòng có lỗi, {words.number(len(findings))} vấn đề hình học"
    with Book(path, title=title, as_of=_UNDATED, sample=False) as book:
        if cells is not None:
            _painted_table(book, title, cells, problems, findings)
        book.table(_faults(title, problems))
        if findings:
            book.table(_geometry(title, findings))
    return path


def _painted_table(
    book: Book, title: str, cells: pd.DataFrame, problems: Sequence[Problem], findings: Sequence[Finding]
) -> None:
    notes, wrong = _notes(cells, problems, findings)
    columns = (Column("Dòng", 7, "year"), *(Column(str(name), _wide(cells[name]), "code") for name in cells.columns))
    note = "Ô đỏ: sai, không nhận được; ô vàng: cần xem. Rê chuột vào ô để đọc quy tắc; đủ lời ở các trang sau."

    def paint(place: int, column: int, value: object) -> object:
        if (place, column) not in notes:
            return value
        return Painted(value, _BAD if (place, column) in wrong else _LOOK_AT)

    def lines() -> Iterator[tuple[object, ...]]:
        for place, line in enumerate(cells.itertuples(index=True, name=None)):
            yield tuple(paint(place, column, value) for column, value in enumerate(line))

    sheet = book.table(Sheet("Bảng đã kiểm tra", title, note, columns, lines(), wide=len(columns) > 8, head_height=30))
    for (place, column), said in sorted(notes.items())[:_COMMENTS]:
        text = "\n".join(dict.fromkeys(said))
        shown = text if len(text) <= _COMMENT_TEXT else f"{text[: _COMMENT_TEXT - 1]}…"
        size = {"x_scale": 2.2, "y_scale": min(1 + len(shown) / 160, 4), "font_name": "Arial", "font_size": 9}
        if place + _HEADER_ROW + 1 < _EXCEL_ROWS:
            sheet.write_comment(place + _HEADER_ROW + 1, column, cell_text(shown), {"author": "ntmgis", **size})


def _notes(
    cells: pd.DataFrame, problems: Sequence[Problem], findings: Sequence[Finding]
) -> tuple[dict[tuple[int, int], list[str]], set[tuple[int, int]]]:
    """What is said of each cell (position of the row, of the column; column 0 is the row number), and what is wrong."""
    rows = {int(number): place for place, number in enumerate(cells.index)}
    headers = {str(name): place + 1 for place, name in enumerate(cells.columns)}
    notes: dict[tuple[int, int], list[str]] = {}
    wrong: set[tuple[int, int]] = set()
    for one in problems:
        if one.row is None or one.row not in rows:
            continue
        at = (rows[one.row], headers.get(one.column or "", 0))
        notes.setdefault(at, []).append(f"{one.rule} → {one.action}")
        if one.severity == "error":
            wrong.add(at)
    for finding in findings:
        said = f"{KIND_WORDS[finding.kind]}: {finding.note or finding.who}"
        for row in finding.rows:
            if row in rows:
                notes.setdefault((rows[row], 0), []).append(said)
    return notes, wrong


def _wide(values: "pd.Series[Any]") -> float:
    longest = max((len(str(value)) for value in values.head(200)), default=8)
    return float(min(max(longest + 2, 10), 40))


def _faults(title: str, problems: Sequence[Problem]) -> Sheet:
    columns = (
        Column("Mức", 9),
        Column("Dòng", 7, "year"),
        Column("Cột", 20, "code"),
        Column("Giá trị", 24, "code", wrap=True),
        Column("Lỗi", 54, wrap=True),
        Column("Cần làm", 50, wrap=True),
        Column("Mã lỗi", 20),
    )
    ordered = sorted(problems, key=lambda one: (one.severity != "error", one.row is not None, one.row or 0))
    lines = [
        (
            Painted("sai", _BAD) if one.severity == "error" else Painted("cần xem", _LOOK_AT),
            one.row,
            one.column,
            one.value,
            one.rule,
            one.action,
            Painted(one.code, {"font_color": QUIET, "font_size": 8}),
        )
        for one in ordered
    ]
    note = "Số dòng như thấy khi mở tệp (lớp bản đồ: đối tượng đầu tiên là 1). Sửa trong tệp gốc rồi kiểm tra lại."
    return Sheet("Từng lỗi", title, note, columns, lines, freeze=3, wide=True, head_height=24)


def _geometry(title: str, findings: Sequence[Finding]) -> Sheet:
    columns = (
        Column("Số", 6, "year"),
        Column("Vấn đề", 26),
        Column("Đơn vị", 46, wrap=True),
        Column("Dòng", 14, "code"),
        Column("Diện tích (m²)", 14, "whole"),
        Column("Chiều dài (m)", 13, "whole"),
        Column("Bề rộng trung bình (m)", 13, "tenth"),
        Column("Kinh độ", 11, "code"),
        Column("Vĩ độ", 11, "code"),
        Column("Ghi chú", 60, wrap=True),
    )
    lines = []
    for number, one in enumerate((one for own in by_kind(findings).values() for one in own), start=1):
        point = None if one.geometry is None else one.geometry.representative_point()
        sliver = " (dải hẹp)" if one.sliver and one.kind in {"overlap", "gap"} else ""
        lines.append(
            (
                number,
                KIND_WORDS[one.kind] + sliver,
                one.who,
                ", ".join(map(str, one.rows)),
                one.size if one.unit == "m²" and one.size else None,
                one.size if one.unit == "m" and one.size else None,
                one.width_m,
                None if point is None else f"{point.x:.5f}",
                None if point is None else f"{point.y:.5f}",
                one.note or None,
            )
        )
    note = "Lớn nhất trước trong mỗi loại. Kinh độ, vĩ độ WGS 84 của một điểm nằm trong chỗ có vấn đề."
    return Sheet("Hình học", title, note, columns, lines, freeze=3, wide=True, head_height=30)
