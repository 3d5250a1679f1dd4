"""The palette as inks on paper: tiers with their patterns, roads by class and surface."""

import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.pattern import pattern_shapes
from ntmgis.show.paper.sizes import Rect
from ntmgis.show.symbols import symbols, tier_fill

__all__ = ["draw_pattern", "planned_ink", "road_ink", "tier_swatch", "tier_text"]


def tier_text(state: str) -> str:
    """Colour of text on the fill of a tier."""
    return str(symbols()["tier"][state]["text"])


def draw_pattern(canvas: Canvas, area: BaseGeometry, state: str) -> None:
    """The black-and-white pattern of a tier over `area`: strong in monochrome, subtle in colour."""
    pattern = symbols()["tier"][state]["pattern"]
    shapes = pattern_shapes(pattern, area)
    if pattern == "sparse_dots":
        canvas.shapes(shapes, Ink(fill="#7b8794"))
        return
    dark = tier_text(state) != "#ffffff"
    if canvas.monochrome:
        canvas.shapes(shapes, Ink(line="#1f2933" if dark else "#ffffff", width=0.14, cap="butt"))
    else:
        line = "#4f9c7f" if dark else "#ffffff"
        canvas.shapes(shapes, Ink(line=line, width=0.1, alpha=0.55 if dark else 0.3, cap="butt"))


def tier_swatch(canvas: Canvas, rect: Rect, state: str) -> None:
    """A box of the legend."""
    canvas.rect(rect, Ink(fill=tier_fill(state)))
    draw_pattern(canvas, shapely.box(rect.x, rect.y, rect.right, rect.top), state)
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
    """Rim and hollow core of a road that is planned or under construction, of any class."""
    color = symbols()["road"]["surface"]["asphalt"]["color"]
    return Ink(line=color, width=0.42, cap="butt"), Ink(line="#ffffff", width=0.2, cap="butt")
