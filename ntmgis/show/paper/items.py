"""What a drawn page consists of: plain values that PDF, SVG and pictures are written from, and that can be pickled.

All lengths are units of 1/100 pt (0.0035 mm) from the lower left corner of the printed page, finer than any printer.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from ntmgis.show.paper.font import Style

__all__ = [
    "UNITS_PER_MM",
    "UNITS_PER_PT",
    "Box",
    "Drawn",
    "GeoFrame",
    "Hatch",
    "Item",
    "Link",
    "Outline",
    "Page",
    "Path",
    "Picture",
    "Stamp",
    "Text",
    "Words",
    "outlines",
]

UNITS_PER_PT = 100.0
UNITS_PER_MM = 72 / 25.4 * UNITS_PER_PT

# x, y, width, height.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Rings or lines: `xy` (n x 2 whole units), and where each begins; a ring does not repeat its first point."""

    xy: NDArray[np.int64]
    starts: NDArray[np.int64]
    closed: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a path is drawn: colours as #rrggbb (None: absent), stroke width and dashes in units."""

    fill: str | None = None
    line: str | None = None
    width: int = 0
    dash: tuple[int, ...] = ()
    alpha: float = 1.0
    cap: Literal["butt", "round"] = "round"


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Filled or stroked outlines."""

    outline: Outline
    ink: Drawn
    clip: Box | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Hatch:
    """Strokes seen only within an area."""

    area: Outline
    strokes: Outline
    ink: Drawn
    clip: Box | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of type, starting at (`x`, `y`) on its baseline.

    `size` and `tracking` in units; `halo` is a colour and a width. `outlined` text is a drawing: it is not found by a
    search and not read aloud.
    """

    x: int
    y: int
    text: str
    size: int
    style: Style
    color: str
    halo: tuple[str, int] | None = None
    tracking: int = 0
    turned: bool = False
    outlined: bool = False
    clip: Box | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of type that are one text to whoever searches, copies or hears it: a name broken over two lines."""

    lines: tuple[Text, ...]
    spoken: str
    clip: Box | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """The same small drawing at many places; its items lie around the origin."""

    items: tuple["Path | Text", ...]
    at: NDArray[np.int64]
    clip: Box | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A JPEG or PNG on the box `place`; `multiply` darkens what lies below instead of hiding it."""

    data: bytes
    place: Box
    multiply: bool = False
    clip: Box | None = None
    layer: str = ""


Item = Path | Hatch | Text | Words | Stamp | Picture


@dataclass(frozen=True, slots=True)
class Link:
    """A place to click: `to` is the name of a page of the same book, or an address with "https:"."""

    box: Box
    to: str


@dataclass(frozen=True, slots=True)
class GeoFrame:
    """Where the map is on the page and on the earth: the four corners as (longitude, latitude) of `crs`'s own datum.

    Corners run lower left, upper left, upper right, lower right.
    """

    box: Box
    corners: tuple[tuple[float, float], ...]
    crs: str


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page. `width`, `height` in units."""

    width: int
    height: int
    items: tuple[Item, ...]
    links: tuple[Link, ...] = ()
    geo: tuple[GeoFrame, ...] = field(default=())
    grey: bool = False


def outlines(shapes: NDArray[np.object_], per_mm: float) -> tuple[Outline | None, Outline | None]:
    """Rings of the polygons and the lines among `shapes` (mm), each as one outline; None where there are none.

    Rings of holes turn against those around them. Points and empty shapes are left out. Points of a line that fall
    on the same unit are kept once.
    """
    parts = shapely.get_parts(shapely.get_parts(shapes))
    parts = parts[~shapely.is_empty(parts)]
    kinds = shapely.get_type_id(parts)
    polygons = parts[kinds == 3]
    rings = shapely.get_rings(shapely.orient_polygons(polygons)) if len(polygons) else polygons
    return _outline(rings, per_mm, closed=True), _outline(parts[(kinds == 1) | (kinds == 2)], per_mm, closed=False)


def _outline(lines: NDArray[np.object_], per_mm: float, *, closed: bool) -> Outline | None:
    if len(lines) == 0:
        return None
    raw, owner = shapely.get_coordinates(lines, return_index=True)
    xy = np.rint(raw * per_mm).astype(np.int64)
    fresh = np.ones(len(xy), dtype=bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    # a line that shrank to one point keeps two, so that a round cap still shows it
    count = np.bincount(owner[fresh], minlength=len(lines))
    last = np.flatnonzero(np.diff(owner, append=len(lines)))
    if closed:
        fresh[last[count[owner[last]] > 1]] = False
    else:
        fresh[last[count[owner[last]] == 1]] = True
    xy, owner = xy[fresh], owner[fresh]
    return Outline(xy, np.flatnonzero(np.diff(owner, prepend=-1)), closed)
