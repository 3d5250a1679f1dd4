"""The communes as one coverage of shared arcs: what is drawn once is stored once, and neighbours cannot part."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ntmgis.show.web.encode import Grid

__all__ = ["Arcs", "build_arcs", "label_points", "simplified_coverage"]

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Edge = tuple[tuple[int, int], tuple[int, int]]

# Vertices closer than this to a straight border are left out: below a pixel up to zoom 12.
TOLERANCE_M = 20.0
# Overlaps and gaps narrower than this between neighbours are faults of drawing, not territory.
GAP_M = 400.0


@dataclass(frozen=True, slots=True)
class Arcs:
    """Polygons as rings of signed references to shared arcs.

    lines  one (n, 2) array of grid steps per arc
    kinds  per arc: 0 between communes of one district, 1 between districts, 2 outer limit
    rings  per polygon: its rings, each a tuple of references; reference r means arc r >> 1, backwards when r & 1
    """

    lines: tuple[Ints, ...]
    kinds: tuple[int, ...]
    rings: tuple[tuple[tuple[int, ...], ...], ...]


def simplified_coverage(communes: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoSeries:
    """Commune polygons in EPSG:4326, simplified together in `metric_crs` so that borders still match.

    Input that overlaps or gapes (old boundary files do) is first made a coverage; every commune keeps a polygon.
    """
    metric = communes.geometry.to_crs(metric_crs)
    polygons = np.asarray(shapely.make_valid(metric.to_numpy(), method="structure", keep_collapsed=False))
    if not bool(shapely.coverage_is_valid(polygons)):
        polygons = _cleaned(polygons)
    simple = np.asarray(shapely.coverage_simplify(polygons, TOLERANCE_M))
    lost = shapely.is_empty(simple)
    simple[lost] = polygons[lost]
    return gpd.GeoSeries(simple, index=communes.index, crs=metric_crs).to_crs(4326)


def _cleaned(polygons: Shapes) -> Shapes:
    """The polygons without overlaps and narrow gaps; as they came when GEOS is too old for that or one would vanish."""
    try:
        cleaned = np.asarray(shapely.coverage_clean(polygons, gap_width=GAP_M))  # type: ignore[attr-defined]  # stubs of 2.1
    except (AttributeError, shapely.errors.UnsupportedGEOSVersionError):
        return polygons
    return polygons if bool(shapely.is_empty(cleaned).any()) else cleaned


def label_points(polygons: gpd.GeoSeries, metric_crs: str) -> tuple[gpd.GeoSeries, NDArray[np.float64]]:
    """Centre (EPSG:4326) and radius in metres of the largest circle inside each polygon: where a name fits best."""
    metric = polygons.to_crs(metric_crs).to_numpy()
    # The circle of a multipolygon lies in its largest part.
    parts = [max(shapely.get_parts(shape), key=shapely.area, default=shape) for shape in metric]
    lines = shapely.maximum_inscribed_circle(np.array(parts, dtype=object), tolerance=100.0)
    centres = shapely.get_point(lines, 0)
    radius = np.nan_to_num(shapely.length(lines))
    fallback = shapely.is_missing(centres) | shapely.is_empty(centres)
    centres[fallback] = shapely.point_on_surface(np.array(parts, dtype=object)[fallback])
    return gpd.GeoSeries(centres, index=polygons.index, crs=metric_crs).to_crs(4326), radius


def _rings(shape: shapely.Geometry, grid: Grid) -> list[Ints]:
    """Closed rings of grid steps without repeated vertices; the closing vertex is left out."""
    made = []
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(part):
            lonlat = shapely.get_coordinates(ring)
            x, y = grid.steps(lonlat[:, 0], lonlat[:, 1])
            points = np.column_stack((x, y))
            keep = np.any(points != np.roll(points, 1, axis=0), axis=1)
            points = points[keep]
            if len(points) >= 3:
                made.append(points)
    return made


def _edge_keys(ring: Ints) -> list[Edge]:
    points = [(int(x), int(y)) for x, y in ring]
    following = points[1:] + points[:1]
    return [(a, b) if a < b else (b, a) for a, b in zip(points, following, strict=True)]


class _ArcStore:
    """Arcs by their vertices: the second time one is asked for, in either direction, the first one is named."""

    def __init__(self) -> None:
        self.lines: list[Ints] = []
        self.kinds: list[int] = []
        self._known: dict[bytes, int] = {}

    def reference(self, points: Ints, kind: int) -> int:
        """Signed reference to the arc with these vertices."""
        forward = self._known.get(points.tobytes())
        if forward is not None:
            return forward << 1
        backward = self._known.get(points[::-1].tobytes())
        if backward is not None:
            return backward << 1 | 1
        self._known[points.tobytes()] = len(self.lines)
        self.lines.append(points)
        self.kinds.append(kind)
        return (len(self.lines) - 1) << 1


def build_arcs(polygons: gpd.GeoSeries, groups: Sequence[object], grid: Grid) -> Arcs:
    """The coverage as shared arcs; `groups` is each polygon's district (None: no districts)."""
    rings = [_rings(shape, grid) for shape in polygons]
    keys = [[_edge_keys(ring) for ring in polygon] for polygon in rings]
    owners: dict[Edge, list[int]] = {}
    for index, edges in enumerate(keys):
        for key in (key for ring in edges for key in ring):
            owners.setdefault(key, []).append(index)
    store = _ArcStore()
    made = []
    for index, polygon in enumerate(rings):
        references = []
        for ring, ring_keys in zip(polygon, keys[index], strict=True):
            sides = [next((other for other in owners[key] if other != index), -1) for key in ring_keys]
            kinds = [2 if other < 0 else int(groups[index] != groups[other]) for other in sides]
            references.append(tuple(store.reference(points, kind) for points, kind in _runs(ring, sides, kinds)))
        made.append(tuple(references))
    return Arcs(tuple(store.lines), tuple(store.kinds), tuple(made))


def _runs(ring: Ints, sides: list[int], kinds: list[int]) -> list[tuple[Ints, int]]:
    """The ring cut where the neighbour changes, with the kind of each piece; edge i runs from vertex i to i + 1."""
    count = len(ring)
    starts = [i for i in range(count) if sides[i] != sides[i - 1]]
    if not starts:
        # One neighbour all round: start at the least vertex, so that both sides name the same arc.
        first = min(range(count), key=lambda i: (int(ring[i][0]), int(ring[i][1])))
        return [(np.vstack((ring[first:], ring[: first + 1])), kinds[0])]
    twice = np.vstack((ring, ring))
    stops = [*starts[1:], starts[0] + count]
    return [(twice[start : stop + 1], kinds[start]) for start, stop in zip(starts, stops, strict=True)]
