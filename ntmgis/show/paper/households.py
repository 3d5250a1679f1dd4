"""Located objects of the register of addresses on a sheet: their density in cells, or one sign for each.

Households are personal data, so neither is drawn unless asked for. What keeps a density sheet from telling single
households apart, so that it may leave the office:

* only cells with SUPPRESS_UNDER objects or more are drawn; a cell with fewer looks like one with none;
* no cell is smaller than 250 x 250 m (6.25 ha), however large the scale;
* cells lie on whole multiples of their side in the metric CRS, not on the extent of the sheet: two sheets of one size
  of cell have the same cells, so laying one over the other cuts none into smaller pieces;
* a cell is drawn as a square with the colour of its class. Squares, not a smoothed surface: a reader can count the
  objects of one again, the sum of the cells is the number of objects, and no peak points at a single house.

Signs stand at the true place. Such a sheet is marked, and its writer keeps it out of the products.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from ntmgis.errors import InputError, UsageError, problem
from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.measure.locate import NOWHERE, assign
from ntmgis.programme.tables import values
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Scope
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.sizes import Rect
from ntmgis.show.web.households_data import NO, UNKNOWN, YES, attribute_states
from ntmgis.show.web.households_meta import style
from ntmgis.store.snapshot import Snapshot
from ntmgis.workspace import nearest

__all__ = [
    "ATTRIBUTES",
    "FORMS",
    "Cells",
    "Households",
    "cell_side",
    "cells",
    "density_ink",
    "draw_cells",
    "draw_sign_of",
    "draw_signs",
    "households_of",
    "is_personal",
]

# What a sign can show → the attribute of the register, in the words that themes use too.
ATTRIBUTES = {"coded": "has_code", "notified": "notified", "plated": "plated", "kind": "kind"}
FORMS = ("density", "symbol", *(f"symbol.{name}" for name in ATTRIBUTES))
_STATES = {"yes": YES, "no": NO, "unknown": UNKNOWN}
_CELL_MM = 2.5  # wanted side of a cell in print
_GAP = 0.12  # mm between cells: they read as cells, and abutting edges leave no hairlines in a viewer
# Width in mm of a sign, up to this scale; smaller scales get smaller signs.
_SIGN = ((30_000, 1.4), (60_000, 1.1), (130_000, 0.9), (300_000, 0.7))
_SIGN_LEAST = 0.5
# Up to this scale signs hardly hide each other, and what is still to be done lies on top.
_APART = 60_000
_SLICES = 24
_FINE = 0.8  # mm; smaller signs go without rim, and six corners are round enough


# Shapes in half sizes, so that all look about as large: radius of round ones, corners of others.
_ROUND = {"disc": 1.0, "ring": 0.78, "small": 0.6}
_CORNERS: Mapping[str, NDArray[np.float64]] = {
    "square": np.array([(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
    "diamond": np.array([(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
    "triangle": np.array([(-1.1, -0.8), (1.1, -0.8), (0.0, 1.15)]),
}


@dataclass(frozen=True, slots=True)
class Cells:
    """Objects counted in squares of `side` metres: column and row (whole multiples of the side) and count of each.

    Cells are closed towards west and south, open towards east and north. `limits` (objects per km²) are the lower ends
    of the classes, closed on the left; the first is SUPPRESS_UNDER objects in a cell.
    """

    side: int
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    limits: tuple[float, ...]

    @property
    def km2(self) -> float:
        """Area of one cell."""
        return (self.side / 1000) ** 2

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Cells that may be shown."""
        return self.counts >= SUPPRESS_UNDER

    @property
    def withheld(self) -> int:
        """Objects in cells that are not shown."""
        return int(self.counts[~self.drawn].sum())

    @property
    def classes(self) -> NDArray[np.int64]:
        """Class of each cell, from 0; -1 for a cell that is not shown."""
        found = np.searchsorted(np.array(self.limits), self.counts / self.km2, side="right") - 1
        return np.where(self.drawn, np.maximum(found, 0), -1)

    def tally(self) -> list[tuple[int, int]]:
        """Of each class: shown cells and the objects in them."""
        classes = self.classes
        return [(int((classes == n).sum()), int(self.counts[classes == n].sum())) for n in range(len(self.limits))]


@dataclass(frozen=True, eq=False)
class Households:
    """The located objects within a scope, in metres, and how they are to be drawn.

    form        "density" or "symbol"
    attribute   of a symbol: has_code, notified, plated or kind; "" for density
    classes     class of each object as a place in `looks`; all 0 for density
    looks       (key, words) of the classes in legend order
    unlocated   objects of the scope without coordinates, known by their village
    astray      objects with coordinates outside every commune (of the scope, by their village)
    """

    form: str
    attribute: str
    xy: NDArray[np.float64]
    classes: NDArray[np.int64]
    looks: tuple[tuple[str, str], ...]
    unlocated: int
    astray: int

    def __len__(self) -> int:
        return len(self.xy)

    @property
    def personal(self) -> bool:
        """True when single objects can be told apart."""
        return self.form == "symbol"

    @cached_property
    def _held(self) -> dict[int, Cells]:
        return {}

    def cells(self, denominator: int) -> Cells:
        """The cells of a sheet 1:`denominator`."""
        side = cell_side(denominator)
        if side not in self._held:
            self._held[side] = cells(self.xy, side)
        return self._held[side]

    def mark(self, denominator: int) -> str:
        """SHA-256 of what the sheet shows of the objects, and of nothing more."""
        made = sha256(f"{self.form} {self.attribute} {self.unlocated} {self.astray} ".encode())
        if self.personal:
            made.update(np.column_stack([np.round(self.xy, 2), self.classes]).tobytes())
        else:
            one = self.cells(denominator)
            shown = one.drawn
            told = np.column_stack([one.columns, one.rows, one.classes])[shown]
            made.update(f"{one.side} {len(self)} {one.tally()} ".encode() + told.tobytes())
        return made.hexdigest()


def is_personal(form: str | None) -> bool:
    """True for a form of drawing that shows single objects."""
    return form is not None and form.partition(".")[0] == "symbol"


def households_of(snapshot: Snapshot, ground: Ground, scope: Scope, form: str) -> Households:
    """The located objects of the scope for one of FORMS, in an order that does not depend on that of the register.

    UsageError for an unknown form. InputError when the register has no located object, when none lies in the scope,
    or when a density would be of fewer than SUPPRESS_UNDER objects.
    """
    if form not in FORMS:
        known = ", ".join(FORMS)
        raise UsageError(
            problem("E-CONFIG-VALUE", column="--households", value=form, allowed=known, nearest=nearest(form, FORMS))
        )
    frame = snapshot.addresses
    lon, lat = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("lon", "lat"))
    there = np.isfinite(lon) & np.isfinite(lat)
    if not there.any():
        raise InputError(problem("E-HOUSEHOLDS-NONE"))
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", ground.crs, always_xy=True)
    x, y = to_metric.transform(np.where(there, lon, np.nan), np.where(there, lat, np.nan))
    x[~np.isfinite(x) | ~np.isfinite(y)] = np.nan
    at = assign(x, y, np.array([unit.area for unit in ground.units], dtype=object))
    own = np.array([unit.code in scope.codes for unit in ground.units] + [False])[at]
    if scope.level == "province":
        by_village = np.ones(len(frame), dtype=bool)
    else:
        villages = snapshot.villages
        of = villages["code"][villages["commune_code"].astype(str).isin(scope.codes)]
        by_village = frame["village_code"].isin(list(of)).to_numpy()
    name = form.partition(".")[2] or next(iter(ATTRIBUTES))
    attribute = ATTRIBUTES[name] if is_personal(form) else ""
    looks, classes = _classes(snapshot, attribute)
    seen, classes = np.column_stack([x[own], y[own]]), classes[own]
    if len(seen) == 0:
        raise InputError(problem("E-HOUSEHOLDS-HERE", place=scope.name))
    if not attribute and len(seen) < SUPPRESS_UNDER:
        raise InputError(problem("E-HOUSEHOLDS-FEW", place=scope.name, least=SUPPRESS_UNDER))
    order = np.lexsort((classes, seen[:, 0], -seen[:, 1]))
    return Households(
        "symbol" if attribute else "density",
        attribute,
        seen[order],
        classes[order],
        looks,
        int((~there & by_village).sum()),
        int((there & (at == NOWHERE) & by_village).sum()),
    )


def _classes(snapshot: Snapshot, attribute: str) -> tuple[tuple[tuple[str, str], ...], NDArray[np.int64]]:
    """Classes of an attribute in legend order, and that of every object of the register."""
    frame = snapshot.addresses
    if not attribute:
        return (), np.zeros(len(frame), dtype=np.int64)
    look = style()
    if attribute != "kind":
        states = attribute_states(frame)[attribute]
        made = np.zeros(len(frame), dtype=np.int64)
        for n, key in enumerate(_STATES):
            made[states == _STATES[key]] = n
        return tuple((key, str(look["words"][attribute][key]["vi"])) for key in _STATES), made
    words = values("address_kind")
    known = [key for key in look["kind"] if key != "unknown"]
    kinds = frame["kind"].astype(object).where(frame["kind"].notna(), "unknown").to_numpy()
    place = {key: n for n, key in enumerate(known)} | {"unknown": len(known)}
    own = np.array([place.get(str(kind), place["other"]) for kind in kinds], dtype=np.int64)
    titles = [words[key].vi if key in words else key for key in known]
    return (*zip(known, titles, strict=True), ("unknown", str(look["kind"]["unknown"]["vi"]))), own


def cell_side(denominator: int) -> int:
    """Side of the cells of a sheet in metres: the round one that is nearest to 2.5 mm in print, never under 250 m.

    >>> [cell_side(n) for n in (20_000, 100_000, 200_000, 500_000, 900_000)]
    [250, 250, 500, 1000, 2000]
    """
    wanted = _CELL_MM * denominator / 1000
    return min(_limits(), key=lambda side: (abs(math.log(side / wanted)), side))


def cells(xy: NDArray[np.float64], side: int) -> Cells:
    """Objects (n x 2, metres) counted in cells of `side` metres, from west to east and south to north.

    >>> found = cells(np.array([[10.0, 10.0], [240.0, 20.0], [250.0, 0.0]]), 250)
    >>> found.columns.tolist(), found.rows.tolist(), found.counts.tolist(), found.withheld
    ([0, 1], [0, 0], [2, 1], 3)
    """
    places, counts = np.unique(np.floor(xy / side).astype(np.int64), axis=0, return_counts=True)
    return Cells(side, places[:, 0], places[:, 1], counts.astype(np.int64), _limits()[side])


def _limits() -> Mapping[int, tuple[float, ...]]:
    """Side of a cell → lower limits of its classes."""
    held: Mapping[str, Any] = style()["density"]["limits"]
    return {int(side): tuple(float(limit) for limit in limits) for side, limits in held.items()}


def density_ink(n: int) -> Ink:
    """Fill of a class of density; it lets the relief through."""
    look = style()["density"]
    return Ink(fill=look["ramp"][n], alpha=float(look["alpha"]))


def draw_cells(canvas: Canvas, frame: Rect, placement: Placement, counted: Cells) -> None:
    """The cells that may be shown, each a square of its class."""
    corners = placement.spots(np.column_stack([counted.columns, counted.rows]).astype(np.float64) * counted.side)
    reach = placement.mm(counted.side) - _GAP
    low, high = corners + _GAP / 2, corners + _GAP / 2 + reach
    classes = counted.classes
    for n in range(len(counted.limits)):
        own = classes == n
        squares = shapely.box(low[own, 0], low[own, 1], high[own, 0], high[own, 1])
        canvas.shapes(squares, density_ink(n), clip=frame)


def draw_signs(canvas: Canvas, frame: Rect, placement: Placement, households: Households) -> None:
    """One sign for every object at its place, in slices, so that each keeps its rim where signs overlap.

    From close up what is still to be done lies on top. Where signs run together, that would paint the map with the
    last class: there every slice holds some of all classes, and what is seen is as mixed as the objects are.
    """
    size = next((wide for scale, wide in _SIGN if placement.denominator <= scale), _SIGN_LEAST)
    spots = placement.spots(households.xy)
    seen = (spots[:, 0] > frame.x - size) & (spots[:, 0] < frame.right + size)
    seen &= (spots[:, 1] > frame.y - size) & (spots[:, 1] < frame.top + size)
    shuffled = np.random.default_rng(len(spots)).permutation(np.flatnonzero(seen))  # the same for the same objects
    slices = np.array_split(shuffled, _SLICES)
    keys = [key for key, _ in households.looks]
    order = sorted(range(len(keys)), key=lambda n: (keys[n] == "no", n))
    if placement.denominator <= _APART:
        turns = [(n, rows) for n in order for rows in slices]
    else:
        turns = [(n, rows) for rows in slices for n in order]
    for n, rows in turns:
        own = np.sort(rows[households.classes[rows] == n])
        draw_sign_of(canvas, households.attribute, keys[n], spots[own], size=size, clip=frame)


def draw_sign_of(
    canvas: Canvas,
    attribute: str,
    key: str,
    at: NDArray[np.float64],
    *,
    size: float,
    clip: Rect | None = None,
) -> None:
    """The sign of a class around every point, as on the page of households: shape and colour differ.

    All of them are one path: a viewer takes four times as long for many small drawings.
    """
    look = style()["kind" if attribute == "kind" else "state"][key]
    shape, color = str(look["shape"]), str(look["color"])
    fine = size >= _FINE
    rings = at[:, None, :] + _corners(shape, 12 if fine else 6)[None, :, :] * size / 2
    ink = Ink(fill=color, line="#ffffff", width=size * 0.1) if fine else Ink(fill=color)
    if shape == "ring":
        ink = Ink(fill="#ffffff", line=color, width=size * 0.24)
    made: NDArray[np.object_] = np.asarray(shapely.polygons(rings), dtype=object)
    canvas.shapes(made, ink, clip=clip)


def _corners(shape: str, count: int) -> NDArray[np.float64]:
    if shape in _CORNERS:
        return _CORNERS[shape]
    angles = np.arange(count) * 2 * np.pi / count
    return np.column_stack([np.cos(angles), np.sin(angles)]) * _ROUND[shape]
