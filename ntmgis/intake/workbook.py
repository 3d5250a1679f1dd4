"""Workbooks: XLSX, XLS and ODS, one sheet at a time, with the number every row has in the program that shows it."""

import re
import zipfile
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.files import reason, unreadable
from ntmgis.intake.headers import find_header
from ntmgis.intake.raw import Place, RawTable, grid_table
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


def read_workbook(path: Path, words: frozenset[str], *, sheet: str | None, wanted: tuple[str, ...]) -> RawTable:
    """The table on one sheet.

    The sheet named `sheet`; else one that is called like the table (`wanted`); else, of the visible sheets with
    values, the one whose header has the most known words, the first on a tie. Sheets left aside are named in a
    warning. Formulas give their stored value.
    """
    _check_size(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return _read(book, path, words, sheet, wanted)
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, reason(error, path)) from error


def _read(
    book: CalamineWorkbook, path: Path, words: frozenset[str], sheet: str | None, wanted: tuple[str, ...]
) -> RawTable:
    pages = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in pages]
    if sheet is not None:
        if sheet not in names:
            near = nearest(sheet, names)
            raise InputError(problem("E-LAYER-UNKNOWN", file=path.name, sheet=sheet, known=listed(names), nearest=near))
        rows, first = _grid(book.get_sheet_by_name(sheet))
        if not rows:
            raise InputError(problem("E-FILE-EMPTY", file=path.name, sheet=sheet))
        header, _ = find_header(rows, words)
        return grid_table(rows, header, place=Place(path.name, sheet=sheet), first_row=first)
    visible = [meta.name for meta in pages if meta.visible == SheetVisibleEnum.Visible]
    found: list[tuple[int, int, str, list[list[Any]], int, int]] = []
    for position, name in enumerate(visible):
        rows, first = _grid(book.get_sheet_by_name(name))
        if rows:
            header, hits = find_header(rows, words)
            called = joined(name) in {joined(word) for word in wanted} and hits > 0
            found.append((1000 * called + hits, -position, name, rows, first, header))
    if not found:
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    _, _, name, rows, first, header = max(found, key=lambda one: one[:2])
    place = Place(path.name, sheet=name)
    ignored = [other[2] for other in found if other[2] not in {name, *_OWN_SHEETS}]
    hidden = [other for other in names if other not in visible and other not in _OWN_SHEETS]
    warnings: list[Problem] = []
    if ignored or hidden:
        left = listed([*ignored, *(f"{one} (ẩn)" for one in hidden)])
        warnings.append(place.problem("W-SHEET-IGNORED", severity="warning", left=left))
    table = grid_table(rows, header, place=place, first_row=first)
    return RawTable(place, table.cells, broken=table.broken, tabular=True, warnings=tuple(warnings))


def _grid(sheet: CalamineSheet) -> tuple[list[list[Any]], int]:
    """Cells of the used rectangle and the number of its first row; no rows for a blank sheet."""
    if sheet.start is None:
        return [], 1
    rows = sheet.to_python(skip_empty_area=True)
    if not any(cell != "" for row in rows for cell in row):
        return [], 1
    return rows, sheet.start[0] + 1


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
