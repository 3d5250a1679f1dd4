"""The one form in which every reader hands over a file: cells as read, geometry as read, nothing decided yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from ntmgis.errors import Problem, problem
from ntmgis.intake.text import clean, is_blank

__all__ = ["Place", "RawTable", "grid_table", "unique_columns"]


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
    """

    place: Place
    cells: pd.DataFrame
    geometry: "npt.NDArray[np.object_] | None" = None
    crs: CRS | None = None
    broken: Mapping[int, Problem] = field(default_factory=dict)
    tabular: bool = False
    warnings: tuple[Problem, ...] = ()
    errors: tuple[Problem, ...] = ()


def unique_columns(headers: list[Any]) -> list[str]:
    """Headers as unique texts: blanks become "(cột C)", a second "Xã" becomes "Xã (2)".

    >>> unique_columns(["Xã", None, "Xã"])
    ['Xã', '(cột B)', 'Xã (2)']
    """
    seen: dict[str, int] = {}
    made = []
    for position, header in enumerate(headers):
        name = f"(cột {_letters(position)})" if is_blank(header) else clean(str(header))
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made


def _letters(position: int) -> str:
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def grid_table(rows: list[list[Any]], header: int, *, place: Place, first_row: int = 1) -> RawTable:
    """The table under row `header` of a grid of cells; `first_row` is the number of `rows[0]` in the file.

    Wholly blank rows are no rows. A row with more filled cells than the header row is long keeps its number and is
    marked broken: its cells may have slipped. Columns with neither header nor value are left out.
    """
    headers = rows[header]
    width = len(headers)
    kept: list[list[Any]] = []
    numbers: list[int] = []
    broken: dict[int, Problem] = {}
    for number, row in enumerate(rows[header + 1 :], start=first_row + header + 1):
        # The first test is for speed only: most rows start with an id.
        filled = bool(row) and type(row[0]) is str and len(row[0]) > 6 and row[0].isalnum()
        if not filled and all(cell is None or cell == "" or is_blank(cell) for cell in row):
            continue
        if len(row) > width and not all(is_blank(cell) for cell in row[width:]):
            extra = next(cell for cell in row[width:] if not is_blank(cell))
            broken[len(kept)] = place.problem("E-ROW-CELLS", row=number, value=extra)
        kept.append(row[:width] if len(row) >= width else [*row, *[None] * (width - len(row))])
        numbers.append(number)
    index = pd.Index(numbers, dtype="int64")
    by_column: list[Any] = list(zip(*kept, strict=True)) if kept else [()] * width
    data = {
        name: pd.Series(list(cells), index=index, dtype=object)
        for name, title, cells in zip(unique_columns(headers), headers, by_column, strict=True)
        if not (is_blank(title) and all(is_blank(cell) for cell in cells))
    }
    cells = pd.DataFrame(data, index=index, columns=pd.Index(list(data), dtype=object))
    return RawTable(place=place, cells=cells, broken=broken, tabular=True)
