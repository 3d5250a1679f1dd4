"""Patterns that tell fills apart on a photocopier: true lines and dots in mm, cut to the shapes they fill."""

import math
from typing import Literal

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

__all__ = ["Pattern", "dots_in", "lines_in", "pattern_shapes"]

Pattern = Literal["none", "wide_diagonal", "dense_diagonal", "cross", "sparse_dots"]

# Distance of the lines or dots in mm. All line up over the whole sheet, so that neighbours join without a break.
_SPACING = {"wide_diagonal": 2.4, "dense_diagonal": 1.2, "cross": 1.5, "sparse_dots": 2.6}


def pattern_shapes(pattern: Pattern, area: BaseGeometry, *, dot: float = 0.16) -> list[BaseGeometry]:
    """The lines (or small discs of radius `dot`) of a pattern within `area`; nothing for "none" or an empty area."""
    if pattern == "none" or area.is_empty:
        return []
    spacing = _SPACING[pattern]
    if pattern == "sparse_dots":
        return dots_in(area, spacing=spacing, radius=dot)
    angles = (45.0, -45.0) if pattern == "cross" else (45.0,)
    return [line for angle in angles for line in lines_in(area, spacing=spacing, angle=angle)]


def lines_in(area: BaseGeometry, *, spacing: float, angle: float) -> list[BaseGeometry]:
    """Parallel lines at `angle` degrees, `spacing` mm apart, cut to the area."""
    turned = affinity.rotate(area, -angle, origin=(0, 0))
    x0, y0, x1, y1 = turned.bounds
    levels = np.arange(math.ceil(y0 / spacing), math.floor(y1 / spacing) + 1) * spacing
    if len(levels) == 0:
        return []
    ends = np.stack([np.full_like(levels, x0 - 1), levels, np.full_like(levels, x1 + 1), levels], axis=1)
    whole = shapely.MultiLineString(list(ends.reshape(-1, 2, 2)))
    return list(shapely.get_parts(affinity.rotate(whole.intersection(turned), angle, origin=(0, 0))))


def dots_in(area: BaseGeometry, *, spacing: float, radius: float) -> list[BaseGeometry]:
    """Small discs on a staggered grid, whole ones only."""
    x0, y0, x1, y1 = area.bounds
    rows = np.arange(math.ceil(y0 / spacing), math.floor(y1 / spacing) + 1)
    cols = np.arange(math.floor(x0 / spacing), math.ceil(x1 / spacing) + 1)
    x = (cols[None, :] + (rows[:, None] % 2) / 2) * spacing
    y = np.broadcast_to((rows * spacing)[:, None], x.shape)
    inner = area.buffer(-2 * radius)
    shapely.prepare(inner)
    inside = shapely.contains_xy(inner, x.ravel(), y.ravel())
    centres = zip(x.ravel()[inside], y.ravel()[inside], strict=True)
    return [shapely.Point(centre).buffer(radius, quad_segs=2) for centre in centres]
