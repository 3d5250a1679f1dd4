"""Exact distance from many points to the nearest of many lines or points, in metres.

Lines are cut into short pieces whose middles go into a k-d tree. The nearest few middles give candidates; half the
longest piece bounds how wrong a middle can be, which proves most answers; the rest are asked again with more.
"""

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

__all__ = ["distances", "within"]

_PIECE_M = 50.0
_FIRST_CANDIDATES = 4
_MARGIN_M = 0.001  # far above what rounding does to a distance

Floats = npt.NDArray[np.float64]


def distances(x: Floats, y: Floats, shapes: "npt.NDArray[np.object_]") -> Floats:
    """Distance of each point to the nearest shape (lines or points), in the units of the coordinates.

    inf where there are no shapes; NaN where x or y is NaN. Coordinates and shapes share one metric CRS.

    >>> distances(np.array([3.0]), np.array([4.0]), np.array([shapely.Point(0, 0)]))
    array([5.])
    """
    result = np.where(np.isnan(x) | np.isnan(y), np.nan, np.inf)
    pieces = _Pieces(shapes)
    asked = np.flatnonzero(np.isinf(result))
    if len(pieces.starts):
        result[asked] = pieces.distances(np.column_stack([x[asked], y[asked]]))
    return result


def within(x: Floats, y: Floats, shapes: "npt.NDArray[np.object_]", limit: float) -> npt.NDArray[np.bool_]:
    """Whether `distances` is at most `limit`, without taking most of them; False where it is NaN.

    The middle of a piece lies on the shape: one within the limit settles a point, none within the limit and half a
    piece does too, and only the points in between are measured.

    >>> within(np.array([3.0, 3.0]), np.array([4.0, 5.0]), np.array([shapely.Point(0, 0)]), 5.0)
    array([ True, False])
    """
    result = np.zeros(len(x), dtype=bool)
    asked = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    pieces = _Pieces(shapes)
    if not len(asked) or not len(pieces.starts):
        return result
    points = np.column_stack([x[asked], y[asked]])
    to_middle, _ = pieces.tree.query(points, distance_upper_bound=limit + pieces.slack + _MARGIN_M)
    near: npt.NDArray[np.bool_] = np.asarray(to_middle) <= limit - _MARGIN_M
    open_ = np.isfinite(to_middle) & ~near
    near[open_] = pieces.distances(points[open_]) <= limit
    result[asked] = near
    return result


class _Pieces:
    """Shapes cut into pieces, their middles in a k-d tree; `slack`: no point of a piece is farther from its middle."""

    def __init__(self, shapes: "npt.NDArray[np.object_]") -> None:
        self.starts, self.ends = _pieces(shapes)
        if len(self.starts):
            self.slack = float(np.hypot(*(self.ends - self.starts).T).max()) / 2
            self.tree = cKDTree((self.starts + self.ends) / 2)

    def distances(self, points: Floats) -> Floats:
        """Distance of each point to the nearest piece."""
        result = np.empty(len(points))
        asked = np.arange(len(points))
        count = min(_FIRST_CANDIDATES, len(self.starts))
        while len(asked):
            some = points[asked]
            found = self.tree.query(some, k=range(1, count + 1))
            to_middle, which = np.asarray(found[0]), np.asarray(found[1])
            best = _to_pieces(some, self.starts[which], self.ends[which]).min(axis=1)
            # A piece not among the candidates is at least (farthest candidate's middle - slack) away.
            proven = (best <= to_middle[:, -1] - self.slack) | (count == len(self.starts))
            result[asked[proven]] = best[proven]
            asked = asked[~proven]
            count = min(count * 4, len(self.starts))
        return result


def _pieces(shapes: "npt.NDArray[np.object_]") -> tuple[Floats, Floats]:
    """Start and end points of all pieces, none longer than _PIECE_M; a point is a piece of no length."""
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)])
    # A line of no length is a point; GEOS refuses to cut it.
    stretched = shapely.length(parts) > 0
    dots = shapely.get_coordinates(parts[~stretched])
    lines = shapely.segmentize(parts[stretched], _PIECE_M)
    vertices, owner = shapely.get_coordinates(lines, return_index=True)
    joined = owner[:-1] == owner[1:]
    starts = np.concatenate([dots, vertices[:-1][joined]])
    ends = np.concatenate([dots, vertices[1:][joined]])
    return starts, ends


def _to_pieces(points: Floats, starts: Floats, ends: Floats) -> Floats:
    """Distance from point i to each of its pieces [i, j]."""
    along = ends - starts
    offset = points[:, None, :] - starts
    length2 = (along**2).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(length2 > 0, (offset * along).sum(axis=2) / length2, 0.0)
    gap = offset - np.clip(t, 0.0, 1.0)[:, :, None] * along
    distance: Floats = np.hypot(gap[:, :, 0], gap[:, :, 1])
    return distance
