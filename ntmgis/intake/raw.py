"""The one form in which every reader hands over a file: cells as read, geometry as read, nothing decided yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from ntmgis.errors import Problem, problem
from ntmgis.intake.legacy_detect import Detection
from ntmgis.intake.text import clean, is_blank

__all__ = ["PATH", "Grid", "Place", "RawTable", "letters", "table_of", "unique_columns"]

PATH = " / "  # between the levels of a header of several rows


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input we are, so that every problem names it."""

    file: str
    layer: str | None = None
    sheet: str | None = None

    def problem(self, code: str, **more: Any) -> Problem:
        """The catalogue's problem `code` in this file, layer and sheet."""
        return problem(code, file=self.file, layer=self.layer, sheet=self.sheet, **more)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as read.

    cells     one row per row of the file, index = the row number the user sees, columns = headers (unique);
              values as the reader gives them (text of a CSV, numbers and dates of a workbook or a layer)
    geometry  shapely geometries in row order, None where the row has none; None for a file without geometry
    crs       of the geometry, as the file says
    broken    position → reason, for rows whose geometry or cells could not be decoded
    tabular   read from a sheet or text file: positions come from coordinate columns
    warnings  what the user should know about the reading
    errors    why the file cannot be used, found while reading what could be read, so that all faults come at once
    aside     rows that are no data rows, by what they were taken for ("title", "header", "group", "total", "note")
    claimed   field → column, for columns that were told by what they hold
    located   columns that `geometry` was made of
    notes     row number → text of the title and note rows, where the signs used in the table are explained
    crs_doubted  what the file says of its CRS where its format loses the datum, so that it is not believed
    """

    place: Place
    cells: pd.DataFrame
    geometry: "npt.NDArray[np.object_] | None" = None
    crs: CRS | None = None
    broken: Mapping[int, Problem] = field(default_factory=dict)
    tabular: bool = False
    warnings: tuple[Problem, ...] = ()
    errors: tuple[Problem, ...] = ()
    aside: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    claimed: Mapping[str, str] = field(default_factory=dict)
    located: tuple[str, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    crs_doubted: CRS | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet or text file before anything is known about them.

    rows            lists of cells, of any length
    first_row       number of `rows[0]` in the file
    first_column    position of the first cell of a row in the file, for the letters of columns without header
    merges          (top, left, bottom, right) of merged cells, as positions in `rows`, last ones included
    hidden_rows     numbers of rows that are hidden in the file
    hidden_columns  positions (in `rows`) of columns that are hidden in the file
    encodings       (position of a column, old encoding found there, texts left as they were), see `legacy_table`
    """

    rows: list[list[Any]]
    first_row: int = 1
    first_column: int = 0
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    encodings: tuple[tuple[int, Detection, tuple[str, ...]], ...] = ()


def unique_columns(headers: list[Any], first: int = 0) -> list[str]:
    """Headers as unique texts: blanks become "(cột C)", a second "Xã" becomes "Xã (2)"; `first`: position of the first.

    >>> unique_columns(["Xã", None, "Xã"])
    ['Xã', '(cột B)', 'Xã (2)']
    """
    seen: dict[str, int] = {}
    made = []
    for position, header in enumerate(headers):
        name = f"(cột {letters(first + position)})" if is_blank(header) else clean(str(header))
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made


def letters(position: int) -> str:
    """The letters of the column at `position`, from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def table_of(
    rows: list[list[Any]], numbers: list[int], headers: list[Any], *, place: Place, first_column: int = 0
) -> RawTable:
    """The table made of `rows` under `headers`; `numbers` are the numbers of the rows in the file.

    A row with more filled cells than there are headers keeps its number and is marked broken: its cells may have
    slipped. Columns with neither header nor value are left out.
    """
    width = len(headers)
    broken: dict[int, Problem] = {}
    kept = rows
    widths = set(map(len, rows))
    if widths - {width}:
        kept = [row[:width] if len(row) >= width else [*row, *[None] * (width - len(row))] for row in rows]
    for position, row in enumerate(rows) if any(one > width for one in widths) else ():
        if len(row) > width and not all(is_blank(cell) for cell in row[width:]):
            extra = next(cell for cell in row[width:] if not is_blank(cell))
            broken[position] = place.problem("E-ROW-CELLS", row=numbers[position], value=extra)
    index = pd.Index(numbers, dtype="int64")
    by_column: list[Any] = list(zip(*kept, strict=True)) if kept else [()] * width
    data = {
        name: pd.Series(list(cells), index=index, dtype=object)
        for name, title, cells in zip(unique_columns(headers, first_column), headers, by_column, strict=True)
        if not (is_blank(title) and all(is_blank(cell) for cell in cells))
    }
    cells = pd.DataFrame(data, index=index, columns=pd.Index(list(data), dtype=object))
    return RawTable(place=place, cells=cells, broken=broken, tabular=True)
