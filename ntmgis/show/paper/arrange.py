"""Where the ground and the panels go: the largest round scale at which both fit into the frame without touching.

The map fills the whole frame; panels (legend, tables, scale...) stand in the corners that the province leaves free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import UsageError, problem
from ntmgis.show.paper.scale import ROUND_SCALES, Placement
from ntmgis.show.paper.sizes import Rect

__all__ = ["Arrangement", "PanelSize", "arrange", "finest_scale"]

# Least distance of the province from the frame and from a panel, in mm.
_AIR = 3.0
_STEPS = 7  # places tried for the province along each side, where there is room to move


@dataclass(frozen=True, slots=True)
class PanelSize:
    """A block that must find a place: its name, its size in mm, and how much it wants to stand high (-1 to 1)."""

    key: str
    width: float
    height: float
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The scale and place of the ground, the frame, and a rectangle for every panel."""

    placement: Placement
    sheet: Rect
    frame: Rect
    panels: dict[str, Rect]


def finest_scale(outline: BaseGeometry, *, sheets: Sequence[tuple[Rect, Rect]], magnify: float = 1.0) -> int:
    """The first denominator at which the bare ground fits into one of the frames, panels aside."""
    x0, y0, x1, y1 = outline.bounds
    for denominator in ROUND_SCALES:
        mm = 1000.0 / denominator / magnify
        wide, tall = (x1 - x0) * mm + 2 * _AIR, (y1 - y0) * mm + 2 * _AIR
        if any(wide <= frame.width and tall <= frame.height for _, frame in sheets):
            return denominator
    raise UsageError(problem("E-PAPER-TOO-SMALL"))


def arrange(
    outline: BaseGeometry,
    *,
    sheets: Sequence[tuple[Rect, Rect]],
    panels: Sequence[PanelSize],
    magnify: float = 1.0,
    finest: int = 0,
) -> Arrangement:
    """The arrangement with the largest scale of the list; at equal scale the one that is tidier, then the first sheet.

    `outline` is the ground to show, in metres; `sheets` are (sheet, map frame) in template mm, one for each
    orientation; `magnify` is that of the template; no scale larger than 1:`finest` is tried. UsageError when nothing
    fits at any scale of the list.
    """
    x0, y0, x1, y1 = outline.bounds
    for denominator in (scale for scale in ROUND_SCALES if scale >= finest):
        mm = 1000.0 / denominator / magnify
        found: list[tuple[float, Arrangement]] = []
        for sheet, frame in sheets:
            spare_x = frame.width - (x1 - x0) * mm - 2 * _AIR
            spare_y = frame.height - (y1 - y0) * mm - 2 * _AIR
            if spare_x < 0 or spare_y < 0:
                continue
            land = outline.area * mm * mm
            if land + sum(panel.width * panel.height for panel in panels) > frame.width * frame.height:
                continue
            placement = Placement(denominator, x0, y0, frame.x + _AIR, frame.y + _AIR, magnify)
            ground = placement.shapes(outline).simplify(0.5).buffer(_AIR, quad_segs=2).simplify(0.3)
            best = _pack(ground, frame, panels, (spare_x, spare_y))
            if best is not None:
                score, shift, places = best
                moved = Placement(denominator, x0, y0, placement.x + shift[0], placement.y + shift[1], magnify)
                found.append((score, Arrangement(moved, sheet, frame, places)))
        if found:
            return max(found, key=lambda pair: pair[0])[1]
    raise UsageError(problem("E-PAPER-TOO-SMALL"))


def _pack(
    ground: BaseGeometry, frame: Rect, panels: Sequence[PanelSize], spare: tuple[float, float]
) -> tuple[float, tuple[float, float], dict[str, Rect]] | None:
    """The tidiest places of the panels over all shifts of the ground: score, shift, places."""
    best: tuple[float, tuple[float, float], dict[str, Rect]] | None = None
    shapely.prepare(ground)
    orders = (
        tuple(panels),
        tuple(sorted(panels, key=lambda panel: -panel.height)),
        tuple(sorted(panels, key=lambda panel: panel.height)),
    )
    for dx, dy in product(_shifts(spare[0]), _shifts(spare[1])):
        for order in dict.fromkeys(orders):
            packed = _place_all(ground, frame, order, (dx, dy))
            if packed is not None and (best is None or packed[0] > best[0] + 1e-9):
                best = (packed[0], (dx, dy), packed[1])
    return best


def _shifts(spare: float) -> list[float]:
    count = min(_STEPS, 1 + int(spare / 4))
    return [0.0] if count == 1 else [round(float(step), 2) for step in np.linspace(0, spare, count)]


def _place_all(
    ground: BaseGeometry, frame: Rect, panels: Sequence[PanelSize], shift: tuple[float, float]
) -> tuple[float, dict[str, Rect]] | None:
    places: dict[str, Rect] = {}
    score = 0.0
    for panel in panels:
        corners = _candidates(frame, panel, list(places.values()))
        # The ground stays (it is prepared), the boxes move the other way.
        boxes = shapely.box(
            corners[:, 0] - shift[0],
            corners[:, 1] - shift[1],
            corners[:, 0] + panel.width - shift[0],
            corners[:, 1] + panel.height - shift[1],
        )
        free = corners[~shapely.intersects(ground, boxes)]
        if len(free) == 0:
            return None
        worth = _worth(free, panel, frame, list(places.values()))
        at = int(np.argmax(worth))
        score += float(worth[at])
        places[panel.key] = Rect(float(free[at, 0]), float(free[at, 1]), panel.width, panel.height)
    return score, {panel.key: places[panel.key] for panel in panels}


def _candidates(frame: Rect, panel: PanelSize, taken: Sequence[Rect]) -> NDArray[np.float64]:
    """Lower left corners at which the panel leans on the frame or on panels, inside the frame and over no other."""
    xs = {frame.x, frame.right - panel.width}
    ys = {frame.y, frame.top - panel.height}
    for rect in taken:
        xs |= {rect.x - panel.width, rect.right, rect.x, rect.right - panel.width}
        ys |= {rect.y - panel.height, rect.top, rect.y, rect.top - panel.height}
    grid = np.array(list(product(sorted(xs), sorted(ys))))
    small = 1e-6
    keep = (grid[:, 0] >= frame.x - small) & (grid[:, 0] + panel.width <= frame.right + small)
    keep &= (grid[:, 1] >= frame.y - small) & (grid[:, 1] + panel.height <= frame.top + small)
    for rect in taken:
        apart = (grid[:, 0] + panel.width <= rect.x + small) | (grid[:, 0] >= rect.right - small)
        apart |= (grid[:, 1] + panel.height <= rect.y + small) | (grid[:, 1] >= rect.top - small)
        keep &= apart
    return grid[keep]


def _worth(corners: NDArray[np.float64], panel: PanelSize, frame: Rect, taken: Sequence[Rect]) -> NDArray[np.float64]:
    """How tidy each place is: how much of the rim leans on something, to the right, and as high as it wants."""
    x, y = corners[:, 0], corners[:, 1]
    right, top = x + panel.width, y + panel.height
    lean = np.zeros(len(corners))
    near = 1e-6
    for edge, own, length in (
        (frame.x, x, panel.height),
        (frame.right, right, panel.height),
        (frame.y, y, panel.width),
        (frame.top, top, panel.width),
    ):
        lean += np.where(np.abs(own - edge) < near, length, 0.0)
    for rect in taken:
        across = np.clip(np.minimum(top, rect.top) - np.maximum(y, rect.y), 0, None)
        along = np.clip(np.minimum(right, rect.right) - np.maximum(x, rect.x), 0, None)
        beside = (np.abs(right - rect.x) < near) | (np.abs(x - rect.right) < near)
        stacked = (np.abs(top - rect.y) < near) | (np.abs(y - rect.top) < near)
        lean += np.where(beside, across, 0.0) + np.where(stacked, along, 0.0)
    rim = 2 * (panel.width + panel.height)
    rightness = (x - frame.x) / max(frame.width, 1.0)
    highness = panel.high * (y - frame.y) / max(frame.height, 1.0)
    return np.asarray(lean / rim + 0.5 * rightness + 0.4 * highness)
