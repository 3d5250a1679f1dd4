"""The palette as inks on paper: classes with their patterns, roads by class and surface, marks of change."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.painting import Look
from ntmgis.show.paper.pattern import dots_in, strokes
from ntmgis.show.paper.sizes import Rect
from ntmgis.show.symbols import symbols

__all__ = ["draw_arrow", "draw_pattern", "mark_inks", "planned_ink", "road_ink", "swatch"]

_DOT = 0.16


def draw_pattern(
    canvas: Canvas, areas: Sequence[BaseGeometry], look: Look, *, clip: Rect | None = None, finer: float = 1.0
) -> None:
    """The black-and-white pattern of a class over `areas`: strong in monochrome, subtle in colour."""
    if not len(areas) or look.pattern == "none":
        return
    if look.pattern == "sparse_dots":
        disc = shapely.Point(0, 0).buffer(_DOT, quad_segs=2)
        for area in areas:
            canvas.stamp([(disc, Ink(fill="#7b8794"))], dots_in(area, radius=_DOT, finer=finer), clip=clip)
        return
    dark = look.text != "#ffffff"
    if canvas.monochrome:
        ink = Ink(line="#1f2933" if dark else "#ffffff", width=0.16 / finer, cap="butt")
    elif dark:
        ink = Ink(line="#1f2933", width=0.1 / finer, alpha=0.22, cap="butt")
    else:
        ink = Ink(line="#ffffff", width=0.1 / finer, alpha=0.3, cap="butt")
    bounds = tuple(float(side) for side in shapely.total_bounds(areas))
    if clip is not None:
        x0, y0, x1, y1 = bounds
        bounds = (max(x0, clip.x), max(y0, clip.y), min(x1, clip.right), min(y1, clip.top))
    if bounds[0] < bounds[2] and bounds[1] < bounds[3]:
        x0, y0, x1, y1 = bounds
        canvas.hatch(areas, strokes(look.pattern, (x0, y0, x1, y1), finer=finer), ink, clip=clip)


def draw_arrow(canvas: Canvas, mark: str, at: Sequence[tuple[float, float]], *, size: float) -> None:
    """An arrow up or down in the colour of change, black in monochrome, around every point."""
    if mark not in {"up", "down"} or not at:
        return
    half, way = size / 2, 1.0 if mark == "up" else -1.0
    tip, shaft = half * way, half * 0.1 * way
    head = shapely.Polygon([(0, tip), (-half * 0.8, shaft), (half * 0.8, shaft)])
    foot = shapely.Polygon([(-half * 0.3, shaft), (half * 0.3, shaft), (half * 0.3, -tip), (-half * 0.3, -tip)])
    shape = shapely.union_all([head, foot])
    rim = 1.1 if canvas.monochrome else 0.7
    color = "#000000" if canvas.monochrome else "accent"
    canvas.stamp([(shape, Ink(fill="#ffffff", line="#ffffff", width=rim)), (shape, Ink(fill=color))], at)


def mark_inks(canvas: Canvas, width: float) -> tuple[Ink, ...]:
    """The rim of a unit that changed; in monochrome black on white, for a grey rim is lost among the patterns."""
    if not canvas.monochrome:
        return (Ink(line="accent", width=width),)
    return Ink(line="#ffffff", width=width * 1.9), Ink(line="#000000", width=width)


def swatch(canvas: Canvas, rect: Rect, look: Look) -> None:
    """A box of the legend."""
    canvas.rect(rect, Ink(fill=look.fill))
    draw_pattern(canvas, [shapely.box(rect.x, rect.y, rect.right, rect.top)], look)
    if look.mark:
        for ink in mark_inks(canvas, 0.5):
            canvas.rect(rect, ink)
        draw_arrow(canvas, look.mark, [(rect.x + rect.width / 2, rect.y + rect.height / 2)], size=rect.height * 0.75)
    else:
        canvas.rect(rect, Ink(line="#6b7280", width=0.2))


def road_ink(name: str, surface: str) -> tuple[Ink, Ink]:
    """White casing and core of a road."""
    road = symbols()["road"]
    wide = float(road["class"][name]["paper_mm"])
    look = road["surface"].get(surface, road["surface"]["unknown"])
    dash = tuple(max(wide, 0.25) * float(part) for part in look["dash"])
    casing = Ink(line="#ffffff", width=wide + 0.3, alpha=0.85, cap="butt")
    return casing, Ink(line=look["color"], width=wide, dash=dash, cap="butt" if dash else "round")


def planned_ink() -> tuple[Ink, Ink]:
    """Rim and hollow core of a road that is planned or under construction, of any class; hollow on a photocopy too."""
    color = symbols()["road"]["surface"]["asphalt"]["color"]
    return Ink(line=color, width=0.75, cap="butt"), Ink(line="#ffffff", width=0.4, cap="butt")
