"""Lines that look drawn by nature: grid chains smoothed, then roughened."""

import numpy as np
import shapely
from rasterio import Affine, features
from scipy import ndimage
from shapely.geometry import LineString, Polygon

from ntmgis.sample.grid import Floats, Grid, Mask

__all__ = ["outline", "roughen", "smooth"]


def smooth(line: Floats, sigma: float) -> Floats:
    """The line smoothed by a Gaussian of `sigma` vertices; the ends stay."""
    if len(line) < 4:
        return line
    # Point reflection at the ends keeps them in place.
    pad = min(len(line) - 1, int(4 * sigma) + 1)
    head, tail = 2 * line[0] - line[pad:0:-1], 2 * line[-1] - line[-2 : -pad - 2 : -1]
    long = np.vstack([head, line, tail])
    soft = ndimage.gaussian_filter1d(long, min(sigma, len(line) / 6), axis=0, mode="nearest")[pad : pad + len(line)]
    soft[0], soft[-1] = line[0], line[-1]
    return np.asarray(soft, dtype=np.float64)


def roughen(line: Floats, rng: np.random.Generator, *, roughness: float, spacing: float, times: int) -> Floats:
    """The line through points about `spacing` apart, each piece bent `times` times by midpoint displacement.

    `roughness` is the standard deviation of the displacement as a share of the piece's length. The ends stay.
    """
    whole = LineString(line)
    length = float(whole.length)
    stops = np.linspace(0, length, max(1, round(length / spacing)) + 1)
    base = shapely.get_coordinates(shapely.line_interpolate_point(whole, stops))
    base[0], base[-1] = line[0], line[-1]
    for _ in range(times):
        ahead = np.diff(base, axis=0)
        side = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        bend = np.clip(rng.standard_normal(len(ahead)), -1.7, 1.7)[:, None] * roughness
        bent = np.empty((2 * len(base) - 1, 2))
        bent[0::2], bent[1::2] = base, base[:-1] + ahead * 0.5 + side * bend
        base = bent
    return base


def outline(grid: Grid, mask: Mask) -> Polygon:
    """The largest connected part of `mask` as a smooth polygon without holes."""
    frame = Affine(grid.cell, 0.0, grid.west, 0.0, -grid.cell, grid.north)
    shapes = [Polygon(s["coordinates"][0]) for s, v in features.shapes(mask.astype(np.uint8), transform=frame) if v]
    ring = np.array(max(shapes, key=lambda shape: shape.area).exterior.coords)
    dense = shapely.get_coordinates(shapely.segmentize(LineString(ring), grid.cell))[:-1]
    soft = ndimage.gaussian_filter1d(dense, 1.4, axis=0, mode="wrap")
    made = shapely.make_valid(Polygon(soft)).simplify(20.0)
    parts: list[Polygon] = shapely.get_parts(made).tolist()
    return max(parts, key=lambda shape: shape.area)
