"""Where the points of a sheet are: columns of degrees or metres, in either order, or one column for both."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ntmgis.errors import Problem
from ntmgis.intake.angles import angle, angles
from ntmgis.intake.convert import convert
from ntmgis.intake.headers import field_of, fields_of
from ntmgis.intake.raw import RawTable
from ntmgis.intake.text import is_blank, joined, shown, word_list
from ntmgis.programme.tables import Field, TableSpec
from ntmgis.workspace import Source

__all__ = ["located"]

_SAMPLE = 400  # cells looked at to find out what a column holds
_METRES = 1000.0  # no angle is so large, no coordinate in metres so small
# In Vietnam, in every zone of VN-2000 and UTM: east below, north above.
_EAST_FROM, _NORTH_FROM = 100_000.0, 900_000.0
_NUMBER = Field("toa_do", "number", "Toạ độ", (), "", min=_METRES, max=10_000_000)


def located(raw: RawTable, spec: TableSpec, source: Source) -> RawTable:
    """`raw` with its positions found, for a table that may hold points; other tables come back as they are.

    Degrees stay columns, with `claimed` naming those that hold lon and lat. Metres become `geometry` (points east,
    north; None where the row has none) of unknown system, to be settled like that of a layer. East and north are
    told apart by their size, not by the name of the column, because X is north in Vietnamese surveying and east
    elsewhere; a row the other way round than the rest is marked broken.
    """
    if spec.geometry not in {"point", "polygon_or_point"} or not raw.tabular or raw.geometry is not None:
        return raw
    stated = source.fields or {}
    if "lon" in stated and "lat" in stated:
        found = tuple(_column(raw, stated[name]) for name in ("lon", "lat"))
        return raw if None in found else _placed(raw, str(found[0]), str(found[1]))
    fields = fields_of(spec, tabular=True)
    lon, lat = (_called(raw, name, fields) for name in ("lon", "lat"))
    if lon is not None and lat is not None:
        return _placed(raw, lon, lat)
    taken = {column for column in raw.cells.columns if field_of(column, fields) is not None}
    x, y, both = (_named(raw, name, taken) for name in ("x", "y", "both"))
    if x is not None and y is not None:
        return _placed(raw, x, y)
    if both is not None and lon is None and lat is None:
        return _split(raw, both)
    return raw


def _column(raw: RawTable, name: str) -> str | None:
    if name in raw.cells.columns:
        return name
    return next((column for column in raw.cells.columns if joined(column) == joined(name)), None)


def _called(raw: RawTable, name: str, fields: tuple[Field, ...]) -> str | None:
    """The column of this field when there is exactly one; several are left for the claims to refuse."""
    known = [
        (found[1], column) for column in raw.cells.columns if (found := field_of(column, fields)) and found[0] == name
    ]
    best = [column for exact, column in known if exact == max(known)[0]]
    return best[0] if len(best) == 1 else None


def _named(raw: RawTable, name: str, taken: Iterable[str]) -> str | None:
    """The column called by a word of the list `name`, when there is exactly one."""
    wanted = {joined(word) for word in word_list("coordinates", name)}
    parts = {
        column: {joined(column), joined(column.split("(")[0]), joined(column.split(" / ")[-1])}
        for column in raw.cells.columns
    }
    found = [column for column, said in parts.items() if said & wanted and column not in set(taken)]
    if name == "both":
        found = [c for c in found if any(_pair(cell) is not None for cell in _sample(raw.cells[c]))]
    return found[0] if len(found) == 1 else None


def _sample(column: "pd.Series[Any]") -> list[Any]:
    cells = [cell for cell in column.iloc[:: max(1, len(column) // _SAMPLE)] if not is_blank(cell)]
    return cells or [cell for cell in column if not is_blank(cell)][:_SAMPLE]


def _pair(cell: Any) -> tuple[str, str] | None:
    return angles(cell) if isinstance(cell, str) else None


def _sizes(column: "pd.Series[Any]") -> "npt.NDArray[np.float64]":
    """The sizes of the numbers in a column, from a sample: angles in degrees, all else in their own unit."""
    return np.array([size for cell in _sample(column) if (size := _size(cell)) is not None], dtype="float64")


def _size(cell: Any) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = shown(cell).strip()
    read = angle(text)
    if read is not None:
        return read.degrees
    made = convert(pd.Series([text], dtype=object), _NUMBER).typed.iloc[0]
    return float(made) if made == made else None  # noqa: PLR0124 - false for NaN


def _placed(raw: RawTable, first: str, second: str) -> RawTable:
    """The positions in two columns, of which `first` is called lon or X."""
    one, two = _sizes(raw.cells[first]), _sizes(raw.cells[second])
    if _are_metric(one, two) or _are_metric(two, one):
        return _metric(raw, first, second)
    if not len(one) or not len(two):
        return replace(raw, claimed={"lon": first, "lat": second})
    swapped = float((np.abs(two) > 90).mean()) > 0.5 and float((np.abs(one) <= 90).mean()) > 0.5
    lon, lat = (second, first) if swapped else (first, second)
    warnings = raw.warnings
    if swapped:
        words = {"lon": lon, "lat": lat}
        warnings = (*warnings, raw.place.problem("W-COORD-SWAPPED", severity="warning", **words))
    return replace(raw, claimed={"lon": lon, "lat": lat}, warnings=warnings)


def _are_metric(east: "npt.NDArray[np.float64]", north: "npt.NDArray[np.float64]") -> bool:
    """Whether most of the sizes may be eastings and northings in metres of a place in Vietnam."""
    if not len(east) or not len(north):
        return False
    inside = ((east >= _EAST_FROM) & (east < _NORTH_FROM)).mean(), ((north >= _NORTH_FROM) & (north < 3e6)).mean()
    return bool(min(inside) > 0.5)


def _metric(raw: RawTable, first: str, second: str) -> RawTable:
    """Metres as geometry: which column is north is told by size."""
    read = {}
    broken: dict[int, Problem] = {}
    for column in (first, second):
        made = convert(raw.cells[column], _NUMBER)
        read[column] = made.typed.to_numpy(dtype="float64")
        for position, fault in made.faults.items():
            broken[position] = _broken(raw, position, column, fault.code, fault.words)
    one, two = read[first], read[second]
    known = np.isfinite(one) & np.isfinite(two)
    upright = (one < _NORTH_FROM) & (two >= _NORTH_FROM)  # east in the first column
    turned = (two < _NORTH_FROM) & (one >= _NORTH_FROM)
    east_first = int((upright & known).sum()) >= int((turned & known).sum())
    east, north = (first, second) if east_first else (second, first)
    for position in np.flatnonzero(known & (turned if east_first else upright)).tolist():
        words = {"east": east, "north": north}
        broken.setdefault(position, _broken(raw, position, east, "E-COORD-SWAPPED", words))
    words = {"east": east, "north": north}
    note = raw.place.problem("W-COORD-METRES", severity="warning", **words)
    raw = replace(raw, warnings=(*raw.warnings, note))
    return _with_points(raw, (east, north), read[east], read[north], broken)


def _broken(raw: RawTable, position: int, column: str, code: str, words: Mapping[str, Any]) -> Problem:
    cell = raw.cells[column].iloc[position]
    row = int(raw.cells.index[position])
    value = None if is_blank(cell) else shown(cell)
    return raw.place.problem(code, row=row, column=column, value=value, **words)


def _with_points(
    raw: RawTable,
    columns: tuple[str, str],
    east: "npt.NDArray[np.float64]",
    north: "npt.NDArray[np.float64]",
    broken: dict[int, Problem],
) -> RawTable:
    good = np.isfinite(east) & np.isfinite(north)
    for position in np.flatnonzero(np.isfinite(east) ^ np.isfinite(north)).tolist():
        column = columns[0] if not np.isfinite(east[position]) else columns[1]
        words = {"field": column}
        broken.setdefault(position, _broken(raw, position, column, "E-COORD-HALF", words))
    good[list(broken)] = False
    shapes: npt.NDArray[np.object_] = np.full(len(east), None, dtype=object)
    shapes[good] = shapely.points(east[good], north[good])
    return replace(raw, geometry=shapes, claimed={}, located=columns, broken={**broken, **raw.broken})


def _split(raw: RawTable, column: str) -> RawTable:
    """One column with both coordinates ("14.4693 107.9091 612 5") as two."""
    pair = cache(_pair)
    made = [pair(cell) if isinstance(cell, str) and not is_blank(cell) else None for cell in raw.cells[column]]
    # A cell that cannot be taken apart stays whole in both columns, where it is refused by name.
    cells = raw.cells.copy()
    first, second = f"{column} (1)", f"{column} (2)"
    for name, at in ((first, 0), (second, 1)):
        halves = [p[at] if p is not None else cell for p, cell in zip(made, raw.cells[column], strict=True)]
        cells[name] = pd.Series(halves, index=cells.index, dtype=object)
    split = replace(raw, cells=cells, located=(column,))
    # Latitude comes first in every form that has one column; the size tells when it does not.
    placed = _placed(split, second, first)
    notes = tuple(note for note in placed.warnings if note.code != "W-COORD-SWAPPED")
    return replace(placed, warnings=notes, located=tuple(dict.fromkeys((column, *placed.located))))
