"""Length of roads by unit, class and surface.

Hardened (cứng hóa) means asphalt, concrete or crushed stone; a share is taken of the length whose surface is known.
"""

from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

__all__ = ["HARDENED", "PAVED", "UNKNOWN", "existing", "lengths", "summary"]

HARDENED = frozenset({"asphalt", "concrete", "stone"})
PAVED = frozenset({"asphalt", "concrete"})
UNKNOWN = "unknown"

Shapes = npt.NDArray[np.object_]


def existing(roads: pd.DataFrame) -> pd.Series:
    """True for roads that are there; a blank state counts as existing, planned and unfinished ones do not."""
    return ~roads["state"].isin(["planned", "construction"])


def lengths(roads: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Kilometres of existing road inside each unit: code, class, surface ("unknown" when blank), km.

    Both frames are in one metric CRS. Roads are cut at unit borders; a stretch that runs along a shared border counts
    once, for the unit that stands first, and so does one that a road goes over twice.
    """
    roads = roads[existing(roads)]
    shapes, polygons = _once(roads.geometry.to_numpy()), units.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    unit, road = tree.query(polygons, predicate="intersects")
    order = np.lexsort((unit, road))
    unit, road = unit[order], road[order]
    shapely.prepare(polygons)
    whole = shapely.covers(polygons[unit], shapes[road])
    cut = shapes[road].copy()
    cut[~whole] = shapely.intersection(shapes[road[~whole]], polygons[unit[~whole]])
    km = _without_repeats(cut, road) / 1000
    found = pd.DataFrame(
        {
            "code": units["code"].to_numpy()[unit],
            "class": roads["class"].to_numpy()[road],
            "surface": roads["surface"].fillna(UNKNOWN).to_numpy()[road],
            "km": km,
        }
    )
    keys = ["code", "class", "surface"]
    return found[found["km"] > 0].groupby(keys)["km"].sum().reset_index()


def _once(lines: Shapes) -> Shapes:
    """The lines, those that run back over themselves (a slip of the pen when drawing) taken apart and put together."""
    lines = lines.copy()
    for i in np.flatnonzero(~shapely.is_simple(lines)):
        lines[i] = shapely.union_all(lines[i : i + 1])
    return lines


def _without_repeats(cut: Shapes, road: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Length of each piece less what an earlier unit already has of the same road (rows sorted by road, then unit)."""
    metres = shapely.length(cut)
    for first, last in _runs(road):
        for position in range(first + 1, last):
            shared = shapely.length(shapely.intersection(cut[first:position], cut[position]))
            metres[position] -= shared.sum()
    return np.maximum(metres, 0.0)


def _runs(road: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of one road that crosses several units."""
    borders = [*np.flatnonzero(np.diff(road, prepend=-1)).tolist(), len(road)]
    yield from ((start, end) for start, end in pairwise(borders) if end - start > 1)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """By code: road_km, road_km_hardened, road_km_surface_known, road_hardened_share (NaN when no surface is known)."""
    known = found["surface"].ne(UNKNOWN)
    hard = found["surface"].isin(HARDENED)
    by_unit = pd.DataFrame(
        {
            "road_km": found.groupby("code")["km"].sum(),
            "road_km_hardened": found[hard].groupby("code")["km"].sum(),
            "road_km_surface_known": found[known].groupby("code")["km"].sum(),
        }
    ).fillna(0.0)
    known_km = by_unit["road_km_surface_known"]
    by_unit["road_hardened_share"] = by_unit["road_km_hardened"] / known_km.where(known_km > 0)
    return by_unit
