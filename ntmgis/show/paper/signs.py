"""Point signs as shapes in mm, made from the SVG paths of the palette, with their four states of operation."""

import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.sizes import Rect

__all__ = ["State", "draw_glyph", "draw_sign", "sign_shape", "sign_state", "state_shapes"]

State = Literal["works", "poor", "broken", "unknown"]

_TOKEN = re.compile(r"([MLCAZ])|(-?\d+(?:\.\d+)?)")
_ARITY = {"M": 2, "L": 2, "C": 6, "A": 7, "Z": 0}
_STEPS = 10


def sign_state(operation: object) -> State:
    """The state shown for a value of the field `operation`; anything else is unknown."""
    return operation if operation in {"works", "poor", "broken"} else "unknown"


@cache
def sign_shape(path: str, size: float) -> BaseGeometry:
    """The SVG path (absolute M, L, C, A, Z on a 24 x 24 grid, y down) as a shape around the origin, `size` mm wide."""
    rings: list[list[tuple[float, float]]] = []
    for command, values in _commands(path):
        if command == "M":
            rings.append([(values[0], values[1])])
        elif command == "L":
            rings[-1].append((values[0], values[1]))
        elif command == "C":
            rings[-1] += _bezier(rings[-1][-1], values)
        elif command == "A":
            rings[-1] += _arc(rings[-1][-1], values)
    shape: BaseGeometry = shapely.Polygon()
    for ring in rings:
        shape = shape.symmetric_difference(shapely.Polygon(ring).buffer(0))
    scale = size / 24
    return affinity.affine_transform(shape, [scale, 0, 0, -scale, -12 * scale, 12 * scale])


def state_shapes(shape: BaseGeometry, state: State) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """The filled part of a sign and the strokes over it: works full, poor half, broken empty and struck through."""
    if state == "works":
        return shape, []
    x0, y0, x1, y1 = shape.bounds
    if state == "poor":
        return shape.intersection(shapely.box(x0, y0, x1, (y0 + y1) / 2)), []
    if state == "broken":
        return shapely.Polygon(), [shapely.LineString([(x0, y0), (x1, y1)])]
    return shapely.Polygon(), []


def draw_sign(
    canvas: Canvas,
    path: str,
    color: str,
    state: State,
    at: Sequence[tuple[float, float]] | NDArray[np.float64],
    *,
    size: float,
    clip: Rect | None = None,
) -> None:
    """One sign at every point: white below, outline, the filled part of its state; "?" where the state is unknown."""
    shape = sign_shape(path, size)
    full, strokes = state_shapes(shape, state)
    parts = [
        (shape, Ink(fill="#ffffff", line="#ffffff", width=0.55)),
        (shape, Ink(fill="#ffffff", line=color, width=0.25)),
        (full, Ink(fill=color)),
        *((stroke, Ink(line=color, width=0.3)) for stroke in strokes),
    ]
    canvas.stamp(parts, at, mark=("?", size * 1.9, color) if state == "unknown" else None, clip=clip)


def draw_glyph(
    canvas: Canvas, path: str, state: State, at: NDArray[np.float64], *, size: float, clip: Rect | None = None
) -> None:
    """A white glyph in a rounded dark square around every point; poor: grey square; broken: struck through.

    Where the state is not known the sign is the one of a work that works: these layers are drawn for where they are.
    """
    dark = "#7b8794" if state == "poor" else "#374151"
    half = size / 2
    plate = shapely.box(-half + 0.25, -half + 0.25, half - 0.25, half - 0.25).buffer(0.25, quad_segs=3)
    glyph = sign_shape(path, size * 0.78)
    parts = [
        (plate, Ink(fill="#ffffff", line="#ffffff", width=0.4)),
        (plate, Ink(fill=dark)),
        (glyph, Ink(fill="#ffffff")),
    ]
    if state == "broken":
        stroke = shapely.LineString([(-half, -half), (half, half)])
        parts += [(stroke, Ink(line="#ffffff", width=0.6)), (stroke, Ink(line=dark, width=0.3))]
    canvas.stamp(parts, at, clip=clip)


def _commands(path: str) -> list[tuple[str, list[float]]]:
    tokens = _TOKEN.findall(path)
    made: list[tuple[str, list[float]]] = []
    command, values = "", list[float]()
    for letter, digits in [*tokens, ("Z", "")]:
        if letter:
            command, values = letter, []
            if letter == "Z":
                continue
        else:
            values.append(float(digits))
        if len(values) == _ARITY[command] and values:
            made.append((command, values))
            command, values = ("L" if command == "M" else command), []
    return made


def _bezier(start: tuple[float, float], values: list[float]) -> list[tuple[float, float]]:
    points = np.array([start, values[0:2], values[2:4], values[4:6]])
    t = np.linspace(0, 1, _STEPS + 1)[1:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    return [(float(x), float(y)) for x, y in weights @ points]


def _arc(start: tuple[float, float], values: list[float]) -> list[tuple[float, float]]:
    """A circular arc by the endpoint form of SVG; both radii are equal in our signs."""
    radius, _, _, large, sweep, x1, y1 = values
    x0, y0 = start
    half = math.hypot(x1 - x0, y1 - y0) / 2
    radius = max(radius, half)
    rise = math.sqrt(max(radius**2 - half**2, 0.0)) * (1 if bool(large) != bool(sweep) else -1)
    cx = (x0 + x1) / 2 - rise * (y1 - y0) / (2 * half)
    cy = (y0 + y1) / 2 + rise * (x1 - x0) / (2 * half)
    a0, a1 = math.atan2(y0 - cy, x0 - cx), math.atan2(y1 - cy, x1 - cx)
    if sweep and a1 < a0:
        a1 += 2 * math.pi
    if not sweep and a1 > a0:
        a1 -= 2 * math.pi
    angles = np.linspace(a0, a1, 2 * _STEPS + 1)[1:]
    return [(cx + radius * math.cos(a), cy + radius * math.sin(a)) for a in angles]
