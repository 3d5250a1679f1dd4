"""Patterns that tell fills apart on a photocopier: true lines and dots in mm, aligned over the whole sheet."""

import math
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["PATTERNS", "Pattern", "dots_in", "strokes"]

Pattern = Literal["none", "horizontal", "wide_diagonal", "dense_diagonal", "cross", "sparse_dots"]

# Distance of the lines in mm, and their angles in degrees.
_LINES: dict[str, tuple[float, tuple[float, ...]]] = {
    "horizontal": (1.8, (0.0,)),
    "wide_diagonal": (2.4, (45.0,)),
    "dense_diagonal": (1.2, (45.0,)),
    "cross": (1.5, (45.0, -45.0)),
}
_DOTS = 2.6
PATTERNS = ("none", *_LINES, "sparse_dots")


def strokes(pattern: str, bounds: tuple[float, float, float, float], *, finer: float = 1.0) -> NDArray[np.object_]:
    """The lines of a pattern across a box (x0, y0, x1, y1) in mm, a little over its rim; none for dots and "none".

    `finer` above 1 brings the lines closer, for small maps.
    """
    if pattern not in _LINES:
        return np.array([], dtype=object)
    spacing, angles = _LINES[pattern][0] / finer, _LINES[pattern][1]
    x0, y0, x1, y1 = bounds
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    made: list[BaseGeometry] = []
    for angle in angles:
        way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        across = np.array([-way[1], way[0]])
        low, high = (corners @ across).min(), (corners @ across).max()
        start, stop = (corners @ way).min() - 1, (corners @ way).max() + 1
        levels = np.arange(math.ceil(low / spacing), math.floor(high / spacing) + 1) * spacing
        ends = np.stack([levels[:, None] * across + start * way, levels[:, None] * across + stop * way], axis=1)
        made += [shapely.LineString(line) for line in ends]
    return np.array(made, dtype=object)


def dots_in(area: BaseGeometry, *, radius: float = 0.16, finer: float = 1.0) -> NDArray[np.float64]:
    """Middles of small discs on a staggered grid within `area` (n x 2), whole ones only."""
    inner = area.buffer(-2 * radius)
    if inner.is_empty:
        return np.empty((0, 2))
    spacing = _DOTS / finer
    x0, y0, x1, y1 = area.bounds
    rows = np.arange(math.ceil(y0 / spacing), math.floor(y1 / spacing) + 1)
    cols = np.arange(math.floor(x0 / spacing), math.ceil(x1 / spacing) + 1)
    x = ((cols[None, :] + (rows[:, None] % 2) / 2) * spacing).ravel()
    y = np.broadcast_to((rows * spacing)[:, None], (len(rows), len(cols))).ravel()
    shapely.prepare(inner)
    inside = shapely.contains_xy(inner, x, y)
    return np.column_stack([x[inside], y[inside]])
