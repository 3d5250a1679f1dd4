"""The communes as one coverage of shared arcs: what is drawn once is stored once, and neighbours cannot part."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ntmgis.show.web.encode import Grid

__all__ = ["LEVELS_M", "Arcs", "build_arcs", "coverage_levels", "label_points", "simplified_coverage"]

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Edge = tuple[tuple[int, int], tuple[int, int]]

# Vertices closer than this to a straight border are left out: below a pixel up to zoom 12.
TOLERANCE_M = 20.0
# Coarser borders for views from farther away, each made from the one before it; web/src/geometry.js has their zooms.
LEVELS_M = (38.0, 75.0, 150.0, 300.0)
# Overlaps and gaps narrower than this between neighbours are faults of drawing, not territory.
GAP_M = 400.0


@dataclass(frozen=True, slots=True)
class Arcs:
    """Polygons as rings of signed references to shared arcs.

    lines  one (n, 2) array of grid steps per arc
    kinds  per arc: 0 between communes of one district, 1 between districts, 2 outer limit
    rings  per polygon: its rings, each a tuple of references; reference r means arc r >> 1, backwards when r & 1
    ranks  per arc, one number per vertex: the coarsest level that still has it (0: the finest); empty without
    """

    lines: tuple[Ints, ...]
    kinds: tuple[int, ...]
    rings: tuple[tuple[tuple[int, ...], ...], ...]
    ranks: tuple[Ints, ...] = ()


def simplified_coverage(communes: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoSeries:
    """Commune polygons in EPSG:4326, simplified together in `metric_crs` so that borders still match.

    Input that overlaps or gapes (old boundary files do) is first made a coverage; every commune keeps a polygon.
    """
    return coverage_levels(communes, metric_crs, ())[0]


def coverage_levels(
    communes: gpd.GeoDataFrame, metric_crs: str, levels: Sequence[float] = LEVELS_M
) -> tuple[gpd.GeoSeries, ...]:
    """The polygons of `simplified_coverage`, then coarser and coarser ones, one for each tolerance in metres.

    Every level is a coverage and has only vertices of the one before it.
    """
    metric = communes.geometry.to_crs(metric_crs)
    polygons = np.asarray(shapely.make_valid(metric.to_numpy(), method="structure", keep_collapsed=False))
    if not bool(shapely.coverage_is_valid(polygons)):
        polygons = _cleaned(polygons)
    made = []
    for tolerance in (TOLERANCE_M, *levels):
        simple = np.asarray(shapely.coverage_simplify(polygons, tolerance))
        lost = shapely.is_empty(simple)
        simple[lost] = polygons[lost]
        made.append(gpd.GeoSeries(simple, index=communes.index, crs=metric_crs).to_crs(4326))
        polygons = simple
    return tuple(made)


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
    points: list[tuple[int, int]] = [(x, y) for x, y in ring.tolist()]
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


def build_arcs(
    polygons: gpd.GeoSeries, groups: Sequence[object], grid: Grid, *, coarser: Sequence[gpd.GeoSeries] = ()
) -> Arcs:
    """The coverage as shared arcs; `groups` is each polygon's district (None: no districts).

    `coarser` are the further levels of `coverage_levels`: they give the ranks of the vertices.
    """
    rings = [_rings(shape, grid) for shape in polygons]
    keys = [[_edge_keys(ring) for ring in polygon] for polygon in rings]
    owners: dict[Edge, list[int]] = {}
    for index, edges in enumerate(keys):
        for key in (key for ring in edges for key in ring):
            owners.setdefault(key, []).append(index)
    rank = _Ranks(coarser, grid)
    store = _ArcStore()
    made = []
    for index, polygon in enumerate(rings):
        references = []
        for ring, ring_keys in zip(polygon, keys[index], strict=True):
            sides = [next((other for other in owners[key] if other != index), -1) for key in ring_keys]
            kinds = [2 if other < 0 else int(groups[index] != groups[other]) for other in sides]
            runs = _runs(ring, sides, kinds, rank)
            references.append(tuple(store.reference(points, kind) for points, kind in runs))
        made.append(tuple(references))
    ranks = tuple(rank.of_arc(line) for line in store.lines) if coarser else ()
    return Arcs(tuple(store.lines), tuple(store.kinds), tuple(made), ranks)


class _Ranks:
    """How many coarser levels in a row still have a vertex."""

    def __init__(self, coarser: Sequence[gpd.GeoSeries], grid: Grid) -> None:
        self._levels = []
        for level in coarser:
            lonlat = shapely.get_coordinates(level.to_numpy())
            self._levels.append(np.unique(self._keys(np.column_stack(grid.steps(lonlat[:, 0], lonlat[:, 1])))))

    @staticmethod
    def _keys(points: Ints) -> Ints:
        return (points[:, 0] << 32) + points[:, 1]

    def of(self, points: Ints) -> Ints:
        """One number per vertex."""
        keys = self._keys(points)
        made = np.zeros(len(points), dtype=np.int64)
        still = np.ones(len(points), dtype=bool)
        for level in self._levels:
            still &= level[np.minimum(np.searchsorted(level, keys), len(level) - 1)] == keys
            made += still
        return made

    def of_arc(self, points: Ints) -> Ints:
        """The same for an arc, whose ends are in every level: other arcs meet it there."""
        made = self.of(points)
        made[[0, -1]] = len(self._levels)
        return made


def _runs(ring: Ints, sides: list[int], kinds: list[int], rank: _Ranks) -> list[tuple[Ints, int]]:
    """The ring cut where the neighbour changes, with the kind of each piece; edge i runs from vertex i to i + 1."""
    count = len(ring)
    starts = [i for i in range(count) if sides[i] != sides[i - 1]]
    if not starts:
        # One neighbour all round: start at the least of the vertices that stay longest, so that both sides name the
        # same arc.
        stay = rank.of(ring)
        first = min(range(count), key=lambda i: (-int(stay[i]), int(ring[i][0]), int(ring[i][1])))
        return [(np.vstack((ring[first:], ring[: first + 1])), kinds[0])]
    twice = np.vstack((ring, ring))
    stops = [*starts[1:], starts[0] + count]
    return [(twice[start : stop + 1], kinds[start]) for start, stop in zip(starts, stops, strict=True)]
