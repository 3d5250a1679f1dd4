"""One way to write a workbook: safe text, Vietnamese number formats, the palette, print set-up, same bytes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from math import ceil, isinf
from numbers import Integral, Real
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ntmgis.show.symbols import symbols

__all__ = [
    "FORMS",
    "INK",
    "QUIET",
    "Book",
    "Column",
    "Form",
    "Painted",
    "Sheet",
    "cell_text",
    "missing",
    "tier_paint",
    "visible",
]

Form = Literal["text", "code", "whole", "tenth", "hundredth", "share", "date", "year"]

# [$-42A] is Vietnamese: LibreOffice then writes 1.166.023,5; Excel takes the separators of the computer.
FORMS: Mapping[Form, str] = {
    "text": "General",
    "code": "@",
    "whole": "[$-42A]#,##0",
    "tenth": "[$-42A]#,##0.0",
    "hundredth": "[$-42A]#,##0.00",
    "share": "[$-42A]0.0%",
    "date": r"dd\/mm\/yyyy",
    "year": "0",
}
_LEFT: frozenset[Form] = frozenset({"text", "code"})

INK = "#1f2933"
QUIET = "#52606d"
_HEAD = "#e4e7eb"
_LINE = "#cbd2d9"
_FONT = "Arial"

_EXCEL_ROWS = 1_048_576
_EXCEL_TEXT = 32_767
_EXCEL_HEADER = 255
_HEADER_ROW = 2
# Characters that XML 1.0 cannot hold, and the carriage return that every XML reader drops.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# LibreOffice reads "_xa_" as the character of that number, and file names like ket_qua_xa_2021 lose it. Two runs of
# the same look keep it apart. ("_x0041_", with four digits, is escaped by XlsxWriter.)
_LIKE_ESCAPE = re.compile("(?<=_)(?=x[0-9a-fA-F]{1,3}_)")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. `explain` says in a sentence what the numbers are; it goes into the reading guide."""

    title: str
    width: float
    form: Form = "text"
    explain: str = ""
    wrap: bool = False
    centre: bool = False


@dataclass(frozen=True, slots=True)
class Painted:
    """A cell value with colours of its own: further XlsxWriter format properties."""

    value: object
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns, rows and total lines of one sheet, and what stands above them.

    The first `freeze` columns stay in view; `wide` prints on A3; `upright` are columns whose titles are turned.
    """

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[object]]
    totals: Sequence[Sequence[object]] = ()
    freeze: int = 1
    wide: bool = False
    upright: frozenset[int] = frozenset()
    head_height: float = 44

    def without_blank(self, *titles: str) -> "Sheet":
        """The sheet without those of the columns `titles` in which no row has a value."""
        rows = list(self.rows)
        gone = {
            place
            for place, column in enumerate(self.columns)
            if column.title in titles and all(missing(row[place]) for row in rows)
        }

        def kept(row: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(value for place, value in enumerate(row) if place not in gone)

        return replace(
            self,
            columns=kept(self.columns),
            rows=[kept(row) for row in rows],
            totals=[kept(row) for row in self.totals],
            upright=frozenset(place - sum(lost < place for lost in gone) for place in self.upright),
        )


def missing(value: object) -> bool:
    """True for None, NaN, NaT and NA."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))  # type: ignore[call-overload]


def cell_text(text: str) -> str:
    r"""`text` as a workbook can hold it: nothing dropped in silence.

    Control characters show as their pictures (␀), others that XML forbids as �; what is longer than a cell is
    cut with a mark that says how many characters are missing. A line end is a line feed.

    >>> cell_text("a\x00b\r\nc")
    'a␀b\nc'
    """
    text = visible(text)
    if len(text) > _EXCEL_TEXT // 2:  # Excel counts UTF-16 units: a rare character counts twice
        units = len(text.encode("utf-16-le")) // 2
        if units > _EXCEL_TEXT:
            # Cut by bytes of UTF-16, dropping half of a pair at the cut.
            kept = text.encode("utf-16-le")[: 2 * (_EXCEL_TEXT - 40)].decode("utf-16-le", "ignore")
            text = f"{kept}… [đã cắt {len(text) - len(kept)} ký tự]"
    return text


def visible(text: str) -> str:
    """`text` with control characters as their pictures (␀) and what no XML or UTF-8 can hold as �; line ends as LF."""
    return _ILLEGAL.sub(_picture, text.replace("\r\n", "\n"))


def _picture(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else "�"


def tier_paint(state: str, value: object) -> Painted:
    """`value` in the colours of a tier state; "not reported" is hatched, as on the map."""
    sign = symbols()["tier"][state]
    if sign["pattern"] == "sparse_dots":
        look = {"pattern": 18, "fg_color": "#9aa5b1", "bg_color": sign["fill"], "font_color": INK, "italic": True}
        return Painted(value, look)
    italic = {"italic": True} if state == "not_applicable" else {}
    return Painted(value, {"bg_color": sign["fill"], "font_color": sign["text"], **italic})


class Book:
    """A workbook under a temporary name; leaving the `with` block without an error gives it its own.

    `title` and `sample` go into the print header of every sheet, `foot` (sources) into the footer. `as_of` is
    the created date in the properties, so that the same content gives the same bytes. `streaming` writes each
    row at once and keeps memory flat for long tables.
    """

    def __init__(
        self, path: str | Path, *, title: str, as_of: date, sample: bool, foot: str = "", streaming: bool = False
    ) -> None:
        self.path = Path(path)
        self.title = title
        self.sample = sample
        self.foot = foot
        self._part = self.path.with_name(f".{self.path.name}.part")
        self.book = xlsxwriter.Workbook(
            str(self._part),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "constant_memory": streaming,
                "default_format_properties": {"font_name": _FONT, "font_size": 10, "font_color": INK},
            },
        )
        words = symbols()["sample"]
        self.book.set_properties(
            {
                "title": cell_text(title),
                "subject": words["vi_long"] if sample else "",
                "comments": "ntmgis",
                "created": datetime.combine(as_of, time()),
            }
        )
        self._looks: dict[frozenset[tuple[str, Any]], Format] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.book.close()
            if kind is None:
                self._part.replace(self.path)
        finally:
            self._part.unlink(missing_ok=True)

    def look(self, **properties: Any) -> Format:
        """The format with these properties over the book's font; one object per distinct set."""
        key = frozenset(properties.items())
        if key not in self._looks:
            base = {"font_name": _FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self._looks[key] = self.book.add_format(base | properties)
        return self._looks[key]

    def put(self, sheet: Worksheet, row: int, col: int, value: object, **look: Any) -> None:
        """`value` in a cell: real numbers and dates, everything else as plain text, nothing for unknown."""
        if isinstance(value, Painted):
            look = {**look, **value.look}
            value = value.value
        if isinstance(value, str):  # as most are
            self._put_text(sheet, row, col, cell_text(value), look)
        elif missing(value):
            sheet.write_blank(row, col, None, self.look(**look))
        elif pd.api.types.is_bool(value):
            sheet.write_string(row, col, "Có" if value else "Không", self.look(**look))
        elif isinstance(value, Real):
            number = int(value) if isinstance(value, Integral) else float(value)
            if isinf(number):
                sheet.write_string(row, col, str(number), self.look(**look))
            else:
                sheet.write_number(row, col, number, self.look(**look))
        elif isinstance(value, date):  # datetime and pandas.Timestamp too
            day = date(value.year, value.month, value.day)
            if day.year < 1900:  # before Excel's first day
                sheet.write_string(row, col, day.strftime("%d/%m/%Y"), self.look(**look))
            else:
                sheet.write_datetime(row, col, day, self.look(**{"num_format": FORMS["date"], **look}))
        else:
            self._put_text(sheet, row, col, cell_text(str(value)), look)

    def _put_text(self, sheet: Worksheet, row: int, col: int, text: str, look: dict[str, Any]) -> None:
        if text.startswith(_FORMULA_STARTS):
            look = {**look, "quote_prefix": True}  # stays text when somebody edits the cell
        if "\n" in text:
            look = {**look, "text_wrap": True}
        form = self.look(**look)
        runs = _LIKE_ESCAPE.split(text)
        if len(runs) == 1:
            sheet.write_string(row, col, text, form)
        else:
            sheet.write_rich_string(row, col, *(part for run in runs for part in (form, run)), form)

    def sheet(self, name: str, *, paper: Literal["A4", "A3"] = "A4", portrait: bool = False) -> Worksheet:
        """An empty sheet with its page set: one page wide, header, footer, page number, sample mark."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9 if paper == "A4" else 8)
        if not portrait:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.45, right=0.45, top=0.75, bottom=0.65)
        sheet.center_horizontally()
        mark = f"&R&8{symbols()['sample']['vi']}" if self.sample else ""
        sheet.set_header(_fit("&L&8", self.title, mark))
        sheet.set_footer(_fit("&L&7", self.foot, "&R&8&A · trang &P/&N"))
        sheet.set_default_row(15)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet

    def heading(self, sheet: Worksheet, title: str, note: str, *, columns: int) -> None:
        """The first two lines: what the sheet says, and how to read it (with the sample mark). Nothing is merged."""
        sheet.set_row(0, 24)
        self.put(sheet, 0, 0, title, bold=True, font_size=14)
        look: dict[str, Any] = {"font_color": QUIET}
        if self.sample:
            words = symbols()["sample"]
            look = {"font_color": words["text"], "bg_color": words["band"]}
            note = f"{words['vi']}. {note}"
        sheet.set_row(1, 18)
        self.put(sheet, 1, 0, note, **look)
        for col in range(1, columns):
            sheet.write_blank(1, col, None, self.look(**look))

    def table(self, table: Sheet) -> Worksheet:
        """The sheet with heading, header, rows and total lines; more sheets only beyond Excel's last row.

        The header stands in row 3, stays in view and is repeated on every printed page. Rows filter and sort; total
        lines stay out of the filter. Returns the first sheet.
        """
        sheet = first = self._open_table(table, 1)
        last, number = _HEADER_ROW, 1
        looks = [_look_of(column) for column in table.columns]
        for values in table.rows:
            if last + 2 >= _EXCEL_ROWS:
                sheet.autofilter(_HEADER_ROW, 0, last, len(table.columns) - 1)
                number += 1
                sheet, last = self._open_table(table, number), _HEADER_ROW
            last += 1
            self._line(sheet, last, table.columns, values, looks)
        if last == _HEADER_ROW:
            last += 1
            self.put(sheet, last, 0, "Không có dòng nào.", italic=True, font_color=QUIET)
        sheet.autofilter(_HEADER_ROW, 0, last, len(table.columns) - 1)
        for total in table.totals:
            last += 1
            self._line(sheet, last, table.columns, total, [{**own, "bold": True, "bg_color": _HEAD} for own in looks])
        return first

    def _open_table(self, table: Sheet, number: int) -> Worksheet:
        name = table.name if number == 1 else f"{table.name[:26]} ({number})"
        sheet = self.sheet(name, paper="A3" if table.wide else "A4")
        for col, column in enumerate(table.columns):
            sheet.set_column(col, col, column.width)
        self.heading(sheet, table.title, table.note, columns=len(table.columns))
        sheet.set_row(_HEADER_ROW, table.head_height)
        look = {"bold": True, "text_wrap": True, "bg_color": _HEAD, "border": 1, "border_color": _LINE}
        for col, column in enumerate(table.columns):
            side = "center" if column.centre or column.form not in _LEFT else "left"
            turned = {"rotation": 90, "valign": "bottom"} if col in table.upright else {}
            indent = {"indent": 1} if side == "left" else {}
            self.put(sheet, _HEADER_ROW, col, column.title, **look, align=side, **indent, **turned)
        sheet.freeze_panes(_HEADER_ROW + 1, table.freeze)
        sheet.repeat_rows(_HEADER_ROW)
        return sheet

    def _line(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[Column],
        values: Sequence[object],
        looks: Sequence[dict[str, Any]],
    ) -> None:
        lines = _lines(columns, values)
        if lines > 1:  # Excel would find the height itself, other programs do not
            sheet.set_row(row, 13.0 * min(lines, 30) + 2)
        for col, (value, look) in enumerate(zip(values, looks, strict=True)):
            self.put(sheet, row, col, value, **look)


def _look_of(column: Column) -> dict[str, Any]:
    """How the cells of a column look."""
    look: dict[str, Any] = {"border": 1, "border_color": _LINE, "num_format": FORMS[column.form]}
    if column.centre or column.form in {"date", "year"}:
        look["align"] = "center"
    elif column.form in _LEFT:
        look["indent"] = 1
    if column.wrap:
        look["text_wrap"] = True
    return look


def _lines(columns: Sequence[Column], values: Sequence[object]) -> int:
    """Lines the tallest wrapped cell of a row needs, by its width in characters."""
    most = 1
    for column, value in zip(columns, values, strict=True):
        if column.wrap and isinstance(value, str):
            room = max(column.width * 1.05 - 1, 4)
            most = max(most, sum(max(1, ceil(len(line) / room)) for line in value[:5000].split("\n")))
    return most


def _fit(before: str, text: str, after: str) -> str:
    """A header or footer of at most 255 characters; & in the text is a plain &."""
    text = re.sub(r"[\s]+", " ", cell_text(text)).replace("&", "&&")
    room = _EXCEL_HEADER - len(before) - len(after) - 1
    if len(text) > room:
        text = text[: room - 1].rstrip("&") + "…"
    # The blank keeps a leading digit from being read as part of the font size.
    return f"{before} {text}{after}"
