"""Workbooks: XLSX, XLS and ODS, one sheet at a time, with the number every row has in the program that shows it."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.files import reason, unreadable
from ntmgis.intake.headers import Sought
from ntmgis.intake.headings import Heading, find_heading
from ntmgis.intake.layout import lay_out
from ntmgis.intake.legacy_table import decode_grid
from ntmgis.intake.looks import sheet_looks
from ntmgis.intake.raw import Grid, Place, RawTable
from ntmgis.intake.text import joined, listed
from ntmgis.workspace import nearest

__all__ = ["read_workbook"]

MAX_CELLS = 40_000_000  # cells of the rectangle a sheet spans; the reader holds all of it in memory
_CHUNK = 1 << 20
_CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_REPEATED = re.compile(rb"<table:table-cell(?=[^<>]*office:value-type)[^<>]*number-columns-repeated=[\"'](\d+)")
_REPEATED_ROW = re.compile(
    rb"<table:table-row[^<>]*number-rows-repeated=[\"'](\d+)[^<>]*>(?:(?!</table:table-row>).)*?office:value-type",
    re.DOTALL,
)

# Sheets of our own templates beside the one to fill in: not worth a warning.
_OWN_SHEETS = frozenset({"Hướng dẫn", "Ví dụ", "Danh mục"})


def read_workbook(path: Path, sought: Sought, *, sheet: str | None = None, encoding: str | None = None) -> RawTable:
    """The table on one sheet.

    The sheet named `sheet`; else one that is called like the table; else, of the visible sheets with
    values, the one whose header has the most known words, the first on a tie. Sheets left aside are named in a
    warning. Formulas give their stored value. `encoding`: the old encoding all texts are in; None: found by looking.
    """
    _check_size(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return _read(book, path, sought, sheet, encoding)
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, reason(error, path)) from error


def _read(book: CalamineWorkbook, path: Path, sought: Sought, sheet: str | None, encoding: str | None) -> RawTable:
    pages = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in pages]
    if sheet is not None:
        if sheet not in names:
            near = nearest(sheet, names)
            raise InputError(problem("E-LAYER-UNKNOWN", file=path.name, sheet=sheet, known=listed(names), nearest=near))
        grid = _grid(book, path, sheet, encoding)
        if not grid.rows:
            raise InputError(problem("E-FILE-EMPTY", file=path.name, sheet=sheet))
        return lay_out(grid, sought, place=Place(path.name, sheet=sheet))
    visible = [meta.name for meta in pages if meta.visible == SheetVisibleEnum.Visible]
    found: list[tuple[int, int, str, Grid, Heading]] = []
    for position, name in enumerate(visible):
        grid = _grid(book, path, name, encoding)
        if grid.rows:
            heading = find_heading(grid, sought)
            called = joined(name) in {joined(word) for word in sought.called} and heading.hits > 0
            found.append((1000 * called + heading.hits, -position, name, grid, heading))
    if not found:
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    _, _, name, grid, heading = max(found, key=lambda one: one[:2])
    place = Place(path.name, sheet=name)
    ignored = [other[2] for other in found if other[2] not in {name, *_OWN_SHEETS}]
    hidden = [other for other in names if other not in visible and other not in _OWN_SHEETS]
    warnings: list[Problem] = []
    if ignored or hidden:
        left = listed([*ignored, *(f"{one} (ẩn)" for one in hidden)])
        warnings.append(place.problem("W-SHEET-IGNORED", severity="warning", left=left))
    table = lay_out(grid, sought, place=place, heading=heading)
    return replace(table, warnings=(*warnings, *table.warnings))


def _grid(book: CalamineWorkbook, path: Path, name: str, encoding: str | None) -> Grid:
    """Cells of the used rectangle with its place on the sheet; no rows for a blank sheet."""
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return Grid([])
    rows = sheet.to_python(skip_empty_area=True)
    if not any(cell != "" for row in rows for cell in row):
        return Grid([])
    top, left = sheet.start
    looks = sheet_looks(path, name)
    known = sheet.merged_cell_ranges
    merges = looks.merges if known is None else known
    inside = [(a - top, b - left, c - top, d - left) for (a, b), (c, d) in merges]
    grid = Grid(
        rows,
        first_row=top + 1,
        first_column=left,
        merges=tuple(one for one in sorted(inside) if min(one) >= 0),
        hidden_rows=tuple(row + 1 for row in looks.hidden_rows if row >= top),
        hidden_columns=tuple(column - left for column in looks.hidden_columns if column >= left),
    )
    return decode_grid(grid, stated=encoding)


def _check_size(path: Path) -> None:
    """Refuse a sheet whose cells span more than `MAX_CELLS`.

    The reader allocates the whole rectangle, and a lone cell at XFD1048576 (or a hostile file) would end the process,
    not raise. So the cell references are scanned first.
    """
    if not zipfile.is_zipfile(path):
        return  # an old XLS spans at most 65,536 x 256 cells
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if re.fullmatch(r"/?xl/worksheets/[^/]+\.xml", member):
                    spanned = _spanned(archive, member)
                elif member == "content.xml":
                    spanned = _repeated(archive, member)
                else:
                    continue
                if spanned > MAX_CELLS:
                    raise InputError(problem("E-SHEET-TOO-BIG", file=path.name, value=spanned, limit=MAX_CELLS))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise unreadable(path, reason(error, path)) from error


def _spanned(archive: zipfile.ZipFile, member: str) -> int:
    last_row, last_letters = 0, b""
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            cut = data.rfind(b"<")
            rest = data[cut:] if cut >= 0 else data
            if len(rest) > _CHUNK:
                return MAX_CELLS + 1  # a tag of a megabyte is no honest tag
            for letters, row in _CELL.findall(data, 0, max(cut, 0)):
                last_row = max(last_row, int(row))
                if (len(letters), letters) > (len(last_letters), last_letters):
                    last_letters = letters
    columns = 0
    for letter in last_letters:
        columns = columns * 26 + letter - 64
    return last_row * columns


def _repeated(archive: zipfile.ZipFile, member: str) -> int:
    """The largest rectangle that repeated filled cells or rows of an ODS sheet can make."""
    data = archive.read(member)
    columns = max((int(n) for n in _REPEATED.findall(data)), default=1)
    rows = max((int(n) for n in _REPEATED_ROW.findall(data)), default=1)
    return columns * rows if max(columns, rows) < 200_000 else MAX_CELLS + 1
