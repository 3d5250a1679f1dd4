"""How well a file lies on what is known of the units, under one coordinate system."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from ntmgis.intake.crs_candidates import Candidate

__all__ = ["Evidence", "Fit", "distance_m", "evidence", "seats"]

_POLYGONS = (3, 6)
_REACH = 1.5  # degrees around the reference in which a candidate may place the middle of the file
_SEAT_REACH_M = 15_000.0  # how far a place may be from the point that stands for its commune
_SAMPLE = 400
# A shift by d leaves on average 2/pi of d between outlines, as they run in all directions.
_SHIFT_PER_OFFSET = np.pi / 2

Shapes = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One candidate against the reference.

    share    0..1: mean overlap (intersection over union) of polygons, or share of places where they belong
    hits     the same, one by one; NaN where nothing can be said
    blur_m   polygons only: the shift that would leave as much between the outlines as there is; NaN for places
    """

    candidate: Candidate
    share: float
    hits: Numbers = field(repr=False)
    blur_m: float = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What candidates are tried on: the shapes as in the file, and what is known of where they should be.

    by        "overlap" (units on units), "commune" (places in their commune), "province" (places in any unit),
              "seats" (units on the points that stand for them), "near" (places near such a point)
    shapes    in the coordinates of the file, only those that can be judged
    known     in degrees; for "overlap", "commune", "seats" and "near" with codes row i belongs to shape i
    paired    whether it does
    """

    by: str
    shapes: Shapes
    known: Shapes
    paired: bool
    origin: tuple[float, float]

    def points(self) -> Numbers:
        """One place of each shape, in the coordinates of the file."""
        return _places(self.shapes)

    def near(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that place the middle of the file at or near the reference; the datum does not matter."""
        middle = np.median(self.points(), axis=0)
        west, south, east, north = shapely.total_bounds(self.known)
        found = []
        for one in candidates:
            x, y = middle[::-1] if one.swapped else middle
            if one.crs.is_projected:
                x, y = pyproj.Proj(one.crs)(x, y, inverse=True)
            if west - _REACH <= x <= east + _REACH and south - _REACH <= y <= north + _REACH:
                found.append(one)
        return found

    def coarse(self, candidate: Candidate) -> float:
        """A quick share: how many places come to lie in or at what they belong to."""
        places = self._places(candidate)
        known = self._known_metres()
        if self.by in {"seats", "near"}:
            return float(_within_reach(places, known, paired=self.paired).mean())
        return float(_inside(places, known, paired=self.paired).mean())

    def fit(self, candidate: Candidate) -> Fit:
        """The full measure of one candidate."""
        known = self._known_metres()
        if self.by in {"overlap", "seats"}:
            placed = shapely.transform(self.shapes, lambda xy: _metres(candidate.degrees(xy), self.origin))
            placed = shapely.make_valid(placed)
            if self.by == "overlap":
                return _overlap(candidate, placed, known, paired=self.paired)
            hits = _inside(known, placed, paired=True) if self.paired else _holds_one(placed, known)
        else:
            places = self._places(candidate)
            measure = _within_reach if self.by == "near" else _inside
            hits = measure(places, known, paired=self.paired)
        return Fit(candidate, float(hits.mean()), hits)

    def _places(self, candidate: Candidate) -> Shapes:
        return np.asarray(shapely.points(_metres(candidate.degrees(self.points()), self.origin)), dtype=object)

    def _known_metres(self) -> Shapes:
        made: Shapes = shapely.transform(self.known, lambda xy: _metres(xy, self.origin))
        return made


def evidence(
    shapes: Shapes, *, reference: gpd.GeoDataFrame, codes: Sequence[str | None] | None, units: bool
) -> Evidence | None:
    """What `shapes` can be judged by, None when nothing is left to judge; see `guess_crs` for the parameters."""
    known = np.asarray(reference.geometry.array, dtype=object)
    areas = bool(np.isin(shapely.get_type_id(known), _POLYGONS).all())
    good = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & _finite(shapes)
    if units:
        good &= np.isin(shapely.get_type_id(shapes), _POLYGONS)
    paired = None
    if codes is not None:
        places = {code: i for i, code in enumerate(reference["code"]) if code is not None and not pd.isna(code)}
        paired = np.array([places.get(code, -1) if code is not None else -1 for code in codes])
        if (paired[good] < 0).all():
            paired = None
        else:
            good &= paired >= 0
    chosen = np.flatnonzero(good)
    if not len(chosen) or not len(known):
        return None
    if not units or paired is not None:  # of units without names all are needed: they tell of each other
        chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, min(_SAMPLE, len(chosen))).astype(int))]
    if units:
        by = "overlap" if areas else "seats"
    elif areas:
        by = "province" if paired is None else "commune"
    else:
        by = "near"
    bounds = shapely.total_bounds(known)
    origin = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    beside = known if paired is None else known[paired[chosen]]
    valid = shapely.make_valid(beside) if areas else beside
    return Evidence(by, shapes[chosen], valid, paired is not None, origin)


def seats(units: pd.DataFrame) -> gpd.GeoDataFrame | None:
    """The points that stand for the units, as a reference (code, geometry); None when the list has none."""
    if not {"code", "lon", "lat"} <= set(units.columns):
        return None
    known = units[units["lon"].notna() & units["lat"].notna()]
    if known.empty:
        return None
    points = shapely.points(known["lon"].to_numpy(float), known["lat"].to_numpy(float))
    return gpd.GeoDataFrame({"code": known["code"].to_numpy()}, geometry=gpd.GeoSeries(points, crs=4326))


def distance_m(one: Candidate, other: Candidate, at: Numbers) -> float:
    """How far apart two candidates place the file's coordinates `at` (x, y), in metres; inf where one cannot."""
    here, there = one.degrees(at[None, :])[0], other.degrees(at[None, :])[0]
    if not (np.isfinite(here).all() and np.isfinite(there).all()) or max(abs(here[1]), abs(there[1])) > 90:
        return float("inf")
    return float(pyproj.Geod(ellps="WGS84").inv(*here, *there)[2])


def _overlap(candidate: Candidate, placed: Shapes, known: Shapes, *, paired: bool) -> Fit:
    if not paired:
        known = _most_like(placed, known)
    common = np.nan_to_num(shapely.area(shapely.intersection(placed, known)))
    both = np.nan_to_num(shapely.area(placed)) + np.nan_to_num(shapely.area(known)) - common
    hits = np.divide(common, both, out=np.zeros(len(both)), where=both > 0)
    outline = (np.nan_to_num(shapely.length(placed)) + np.nan_to_num(shapely.length(known))) / 2
    offset = np.divide(both - common, outline, out=np.full(len(both), np.inf), where=common > 0)
    return Fit(candidate, float(hits.mean()), hits, float(np.median(offset)) * _SHIFT_PER_OFFSET)


def _most_like(placed: Shapes, known: Shapes) -> Shapes:
    """For each shape the reference polygon that shares most with it; None where there is none."""
    tree = shapely.STRtree(known)
    found: Shapes = np.full(len(placed), None, dtype=object)
    left, right = tree.query(placed, predicate="intersects")
    shared = shapely.area(shapely.intersection(placed[left], known[right]))
    for i in np.argsort(shared, kind="stable"):  # the largest comes last and stays
        found[left[i]] = known[right[i]]
    return found


def _inside(places: Shapes, areas: Shapes, *, paired: bool) -> Numbers:
    if paired:
        return np.asarray(shapely.intersects(areas, places), dtype=float)
    hits = np.zeros(len(places))
    hits[shapely.STRtree(areas).query(places, predicate="intersects")[0]] = 1.0
    return hits


def _within_reach(places: Shapes, points: Shapes, *, paired: bool) -> Numbers:
    if paired:
        return np.asarray(shapely.distance(places, points) <= _SEAT_REACH_M, dtype=float)
    hits = np.zeros(len(places))
    hits[shapely.STRtree(points).query(places, predicate="dwithin", distance=_SEAT_REACH_M)[0]] = 1.0
    return hits


def _holds_one(areas: Shapes, points: Shapes) -> Numbers:
    """Units of one kind hold one point each; under a wrong zone some hold none and some two."""
    owners = shapely.STRtree(points).query(areas, predicate="intersects")[0]
    return np.asarray(np.bincount(owners, minlength=len(areas)) == 1, dtype=float)


def _places(shapes: Shapes) -> Numbers:
    places = shapely.point_on_surface(shapes)
    return np.column_stack([shapely.get_x(places), shapely.get_y(places)])


def _metres(degrees: Numbers, origin: tuple[float, float]) -> Numbers:
    """Metres east and north of `origin`, true to about 1 % within a province: enough to compare fits."""
    lat = np.radians(origin[1])
    made = (degrees - np.asarray(origin)) * (111_320.0 * np.cos(lat), 110_600.0)
    return np.where(np.isfinite(made), made, 1e9)


def _finite(shapes: Shapes) -> "npt.NDArray[np.bool_]":
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(len(shapes), dtype=bool)
    good[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return good
