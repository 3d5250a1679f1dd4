"""Excel forms for typing a table by hand: they come back through intake and are checked row by row."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ntmgis.intake.headers import fields_of
from ntmgis.programme.docs import FIELD_TYPES
from ntmgis.programme.tables import Field, TableSpec, tables, values
from ntmgis.show.tables._sheet import FORMS, Book, Column, Sheet

__all__ = ["template_tables", "write_template", "write_templates"]

# A form has no date of its own; the day of Plan 305 keeps its bytes the same.
_CREATED = date(2025, 1, 24)
_LAST_ROW = 20_000
_REQUIRED = "#fde68a"
_FINDS = "#dbeafe"
_FREE = "#e4e7eb"
_YES_NO = ("Có", "Không")
_HEAD_HEIGHT = 32
_BAD_SHEET_NAME = str.maketrans("[]:*?/\\", "       ")


def template_tables() -> tuple[TableSpec, ...]:
    """The tables one can type: those without geometry, and places that a pair of coordinates can state."""
    return tuple(s for s in tables().values() if s.geometry in {"none", "point", "polygon_or_point"} and not s.base)


def write_templates(folder: str | Path) -> list[Path]:
    """One form per table of `template_tables` into `folder` (made when missing); their paths, in catalogue order."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return [write_template(spec, folder / f"mau_{spec.id}.xlsx") for spec in template_tables()]


def write_template(spec: TableSpec, path: str | Path) -> Path:
    """The form of one table.

    The first sheet is empty but for the header in row 1, so that intake reads what is typed and nothing else;
    "Hướng dẫn" has one row per column, "Ví dụ" a marked example row, "Danh mục" the allowed values.
    """
    path = Path(path)
    fields = fields_of(spec, tabular=True)  # places get longitude and latitude columns
    with Book(path, title=f"Mẫu nhập: {spec.title_vi}", as_of=_CREATED, sample=False, foot=f"Bảng {spec.id}") as book:
        _typing(book, spec, fields, ranges := _ranges(fields))
        _guide(book, spec, fields)
        _example(book, spec, fields)
        _lists(book, ranges)
    return path


def _sheet_name(spec: TableSpec) -> str:
    return spec.title_vi.translate(_BAD_SHEET_NAME)[:31]


def _ranges(fields: Sequence[Field]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Value list → its range on the sheet "Danh mục", and its titles."""
    lists: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if field.values:
            lists[field.values] = tuple(value.vi for value in values(field.values).values())
        elif field.type == "bool":
            lists["bool"] = _YES_NO
    made: dict[str, tuple[str, tuple[str, ...]]] = {}
    for col, (id_, titles) in enumerate(lists.items()):
        letter = xl_col_to_name(col)
        made[id_] = (f"='Danh mục'!${letter}$2:${letter}${len(titles) + 1}", titles)
    return made


def _number_format(field: Field) -> str:
    return {"integer": FORMS["year"], "number": "General", "date": FORMS["date"], "year": FORMS["year"]}.get(
        field.type, FORMS["code"]
    )


def _width(field: Field) -> float:
    least = {"date": 13.0, "year": 9.0, "bool": 10.0, "text": 18.0}.get(field.type, 12.0)
    if field.values:
        least = min(max(len(value.vi) for value in values(field.values).values()) * 0.95 + 2, 32.0)
    return max(least, min(len(field.title_vi) * 0.75, 24.0), min(len(field.example) * 1.1, 30.0))


def _head_fill(field: Field) -> str:
    if field.required:
        return _REQUIRED
    return _FINDS if field.of == "commune" else _FREE


def _typing(
    book: Book, spec: TableSpec, fields: Sequence[Field], ranges: dict[str, tuple[str, tuple[str, ...]]]
) -> None:
    sheet = book.sheet(_sheet_name(spec), paper="A4" if len(fields) <= 10 else "A3")
    sheet.hide_gridlines(0)
    for col, field in enumerate(fields):
        sheet.set_column(col, col, _width(field), book.look(num_format=_number_format(field)))
    _header(book, sheet, 0, fields)
    for col, field in enumerate(fields):
        sheet.data_validation(1, col, _LAST_ROW, col, _validation(field, col, ranges))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, 0, len(fields) - 1)


def _header(book: Book, sheet: Worksheet, row: int, fields: Sequence[Field]) -> None:
    sheet.set_row(row, _HEAD_HEIGHT)
    for col, field in enumerate(fields):
        look = {"bold": True, "text_wrap": True, "border": 1, "border_color": "#9aa5b1", "align": "center"}
        book.put(sheet, row, col, field.title_vi, **look, bg_color=_head_fill(field))


def _validation(field: Field, col: int, ranges: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, Any]:
    """What Excel accepts in a column, and what it says when a cell is entered or refused."""
    rule: dict[str, Any]
    if field.values or field.type == "bool":
        rule = {"validate": "list", "source": ranges[field.values or "bool"][0]}
    elif field.type == "code" and field.digits:
        cell = f"{xl_col_to_name(col)}2"
        rule = {"validate": "custom", "value": f"=AND(LEN({cell})={field.digits},ISNUMBER(--{cell}))"}
    elif field.type in {"integer", "number"}:
        kind = "integer" if field.type == "integer" else "decimal"
        if field.max is not None:
            rule = {"validate": kind, "criteria": "between", "minimum": field.min or 0, "maximum": field.max}
        else:
            rule = {"validate": kind, "criteria": ">=", "value": field.min or 0}
    elif field.type == "date":
        rule = {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2099, 12, 31)}
    elif field.type == "year":
        rule = {"validate": "integer", "criteria": "between", "minimum": 2000, "maximum": 2099}
    else:
        rule = {"validate": "any"}
    said = _allowed(field)
    return {
        **rule,
        "input_title": field.title_vi[:32],
        "input_message": f"{_need(field)} {said} Ví dụ: {field.example}".strip()[:255],
        "error_title": field.title_vi[:32],
        "error_message": f"{said} Để trống nếu chưa biết."[:255],
    }


def _need(field: Field) -> str:
    if field.required:
        return "Bắt buộc."
    return "Để tìm xã: cần mã, hoặc tên." if field.of == "commune" else "Để trống nếu chưa biết."


def _allowed(field: Field) -> str:
    unit = f" ({field.unit})" if field.unit else ""
    if field.values:
        return f"Chọn trong danh mục: {'; '.join(value.vi for value in values(field.values).values())}."
    if field.type == "bool":
        return "Chọn Có hoặc Không."
    if field.digits:
        return f"Đúng {field.digits} chữ số, giữ số 0 ở đầu."
    if field.min is not None and field.max is not None:
        return f"Số từ {field.min:g} đến {field.max:g}{unit}."
    if field.min is not None:
        return f"Số từ {field.min:g}{unit}."
    return {"date": "Ngày/tháng/năm.", "year": "Năm, 4 chữ số."}.get(field.type, "Chữ.")


def _guide(book: Book, spec: TableSpec, fields: Sequence[Field]) -> None:
    columns = (
        Column("Cột", 26, wrap=True),
        Column("Cần không", 22, wrap=True),
        Column("Kiểu", 18, wrap=True),
        Column("Đơn vị", 10),
        Column("Giá trị cho phép", 52, wrap=True),
        Column("Ví dụ", 24, wrap=True),
        Column("Tên trong hệ thống", 18),
    )
    rows = [
        (
            field.title_vi,
            _need(field),
            FIELD_TYPES[field.type],
            field.unit,
            _allowed(field),
            field.example,
            field.name,
        )
        for field in fields
    ]
    note = (
        "Nhập vào trang đầu, mỗi dòng một đối tượng, không gộp ô. Tiêu đề vàng: bắt buộc; xanh: để tìm xã. "
        "Ô trống nghĩa là chưa biết, không phải 0."
    )
    book.table(Sheet("Hướng dẫn", f"Hướng dẫn nhập: {spec.title_vi}", note, columns, rows, head_height=24))


def _example(book: Book, spec: TableSpec, fields: Sequence[Field]) -> None:
    sheet = book.sheet("Ví dụ")
    book.put(
        sheet,
        0,
        0,
        f"VÍ DỤ: {spec.title_vi}. Trang này chỉ để xem, không được nhập; không phải số liệu thật.",
        bold=True,
    )
    for col, field in enumerate(fields):
        sheet.set_column(col, col, _width(field))
    _header(book, sheet, 1, fields)
    for col, field in enumerate(fields):
        book.put(
            sheet,
            2,
            col,
            _example_value(field),
            italic=True,
            border=1,
            border_color="#cbd2d9",
            num_format=_number_format(field),
        )
    sheet.freeze_panes(2, 0)


def _example_value(field: Field) -> object:
    """The catalogue's example as Excel holds it."""
    if field.type in {"integer", "year"}:
        return int(field.example)
    if field.type == "number":
        return float(field.example)
    if field.type == "date":
        return date.fromisoformat(field.example)
    if field.type == "bool":
        return _YES_NO[0] if field.example == "có" else _YES_NO[1]
    return field.example


def _lists(book: Book, ranges: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    if not ranges:
        return
    sheet = book.sheet("Danh mục")
    for col, (id_, (_, titles)) in enumerate(ranges.items()):
        sheet.set_column(col, col, max(14, *(len(title) * 1.1 for title in titles)))
        book.put(sheet, 0, col, "có / không" if id_ == "bool" else id_, bold=True, bg_color=_FREE)
        for row, title in enumerate(titles, start=1):
            book.put(sheet, row, col, title)
    sheet.freeze_panes(1, 0)
