"""What surrounds the map: double frame, graticule with its labels, scale bar and north arrow."""

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.font import extent
from ntmgis.show.paper.scale import Placement, bar_length, degrees_minutes, graticule_minutes
from ntmgis.show.paper.sizes import Rect, Template
from ntmgis.show.words import number

__all__ = ["draw_frame", "draw_graticule", "draw_north", "draw_scale_bar"]

_LINE = "frame"
_QUIET = "#7b8794"
_SAMPLES = 65


@dataclass(frozen=True, slots=True)
class _Tick:
    """Where a meridian or parallel meets one edge: position along the edge in mm, and whole minutes."""

    at: float
    minutes: int


def draw_frame(canvas: Canvas, frame: Rect, template: Template) -> None:
    """The inner line at the map and the thick outer line a band away."""
    canvas.rect(frame, Ink(line=_LINE, width=0.25))
    canvas.rect(frame.grown(template.frame_band), Ink(line=_LINE, width=0.8))


def draw_graticule(
    canvas: Canvas, frame: Rect, placement: Placement, crs: str, *, template: Template, keep_out: BaseGeometry
) -> int:
    """Ticks and labels in the band of the frame, small crosses on the map outside `keep_out`; gives the interval.

    Longitudes and latitudes are those of the map's own datum (VN-2000), not WGS 84. Where the interval of the scale
    gives fewer than two lines either way, a finer one of the list is taken.
    """
    made = pyproj.CRS.from_user_input(crs)
    to_degrees = pyproj.Transformer.from_crs(made, made.geodetic_crs, always_xy=True)
    band = template.frame_band
    minutes = graticule_minutes(placement.denominator)

    def ticks(start: tuple[float, float], end: tuple[float, float], *, axis: int) -> list[_Tick]:
        share = np.linspace(0, 1, _SAMPLES)
        ground = np.array([placement.ground(*point) for point in np.outer(1 - share, start) + np.outer(share, end)])
        angle = np.array(to_degrees.transform(ground[:, 0], ground[:, 1]))[axis] * 60.0
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        lines = range(int(np.ceil(angle[0] / minutes)), int(np.floor(angle[-1] / minutes)) + 1)
        return [_Tick(float(np.interp(n * minutes, angle, share * length)), n * minutes) for n in lines]

    def least() -> int:
        south = ticks((frame.x, frame.y), (frame.right, frame.y), axis=0)
        return min(len(south), len(ticks((frame.x, frame.y), (frame.x, frame.top), axis=1)))

    while least() < 2 and minutes > 1:  # a small extent at a small scale: the interval of the next larger scales
        minutes = next((finer for finer in (30, 20, 10, 5, 2) if finer < minutes), 1)

    thin = Ink(line=_LINE, width=0.2)
    size = template.grid
    rise = extent("0", size).top
    for y, out in ((frame.y, -1.0), (frame.top, 1.0)):
        for tick in ticks((frame.x, y), (frame.right, y), axis=0):
            x = frame.x + tick.at
            canvas.line((x, y), (x, y + out * 1.1), thin)
            _grid_label(canvas, frame, (x, y + out * (band / 2 + 0.45) - rise / 2), tick.minutes, size, upright=True)
    for x, out in ((frame.x, -1.0), (frame.right, 1.0)):
        for tick in ticks((x, frame.y), (x, frame.top), axis=1):
            y = frame.y + tick.at
            canvas.line((x, y), (x + out * 1.1, y), thin)
            _grid_label(canvas, frame, (x + out * (band / 2 + 0.45) + rise / 2, y), tick.minutes, size, upright=False)
    _crosses(canvas, frame, placement, to_degrees, minutes, keep_out)
    return minutes


def draw_scale_bar(
    canvas: Canvas, at: tuple[float, float], placement: Placement, *, longest: float, template: Template
) -> float:
    """A bar of four parts from `at` (its lower left); gives its length in mm."""
    length = bar_length(placement.metres(longest))
    wide = placement.mm(length)
    x, y = at
    tall = 1.5
    for part in range(4):
        cell = Rect(x + wide * part / 4, y, wide / 4, tall)
        canvas.rect(cell, Ink(fill=_LINE if part % 2 == 0 else "#ffffff", line=_LINE, width=0.2))
    unit, per = ("km", 1000.0) if length >= 1000 else ("m", 1.0)
    for part in (0, 2, 4):
        value = length * part / 4 / per
        words = number(value, 0 if value == int(value) else 1) + (f" {unit}" if part == 4 else "")
        if part == 4:  # the number stands under the end of the bar, its unit beside it
            half = extent(words.split(" ")[0], template.small).width / 2
            canvas.text((x + wide - half, y - 3.3), words, template.small)
        else:
            canvas.text((x + wide * part / 4, y - 3.3), words, template.small, align="center")
    return wide


def draw_north(canvas: Canvas, at: tuple[float, float], *, height: float, template: Template) -> None:
    """An arrow to grid north over the letter B (Bắc); `at` is the middle of its foot."""
    x, y = at
    half = height * 0.22
    left = shapely.Polygon([(x, y + height), (x - half, y), (x, y + height * 0.2)])
    right = shapely.Polygon([(x, y + height), (x + half, y), (x, y + height * 0.2)])
    canvas.shapes([left], Ink(fill=_LINE, line=_LINE, width=0.2))
    canvas.shapes([right], Ink(fill="#ffffff", line=_LINE, width=0.2))
    canvas.text((x, y + height + 1.0), "B", template.heading, style="bold", align="center")


def _grid_label(
    canvas: Canvas, frame: Rect, at: tuple[float, float], minutes: int, size: float, *, upright: bool
) -> None:
    text = degrees_minutes(minutes)
    half = extent(text, size).width / 2
    along, low, high = (at[0], frame.x, frame.right) if upright else (at[1], frame.y, frame.top)
    if low + half <= along <= high - half:
        canvas.text(at, text, size, align="center", turn=0 if upright else 90)


def _crosses(
    canvas: Canvas,
    frame: Rect,
    placement: Placement,
    to_degrees: pyproj.Transformer,
    minutes: int,
    keep_out: BaseGeometry,
) -> None:
    corners = np.array([placement.ground(x, y) for x in (frame.x, frame.right) for y in (frame.y, frame.top)])
    lon, lat = (np.array(part) * 60 / minutes for part in to_degrees.transform(corners[:, 0], corners[:, 1]))
    lons = np.arange(np.floor(lon.min()), np.ceil(lon.max()) + 1) * minutes / 60
    lats = np.arange(np.floor(lat.min()), np.ceil(lat.max()) + 1) * minutes / 60
    grid = np.array([(a, b) for a in lons for b in lats])
    east, north = to_degrees.transform(grid[:, 0], grid[:, 1], direction="INVERSE")
    arm = 1.6
    strokes = []
    for e, n in zip(east, north, strict=True):
        x, y = placement.point(float(e), float(n))
        inside = frame.x + arm < x < frame.right - arm and frame.y + arm < y < frame.top - arm
        if inside and not keep_out.intersects(shapely.Point(x, y).buffer(arm)):
            strokes += [
                shapely.LineString([(x - arm, y), (x + arm, y)]),
                shapely.LineString([(x, y - arm), (x, y + arm)]),
            ]
    canvas.shapes(strokes, Ink(line=_QUIET, width=0.15))
