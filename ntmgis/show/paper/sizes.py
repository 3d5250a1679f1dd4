"""Paper: sizes, units and the house template. Everything on a sheet is measured in millimetres from its lower left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NewType

__all__ = ["PAPERS", "Mm", "Pt", "Rect", "Template", "line_height", "mm_of", "template_for"]

Mm = NewType("Mm", float)
"""A length on paper, in millimetres. Ground lengths are metres and never carry this type."""
Pt = NewType("Pt", float)
"""A type size in points (1/72 inch)."""

MM_PER_PT = 25.4 / 72

# ISO 216, portrait: width, height.
PAPERS = {
    "A4": (Mm(210.0), Mm(297.0)),
    "A3": (Mm(297.0), Mm(420.0)),
    "A2": (Mm(420.0), Mm(594.0)),
    "A1": (Mm(594.0), Mm(841.0)),
    "A0": (Mm(841.0), Mm(1189.0)),
}


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on paper, in millimetres; the origin is the lower left corner of the sheet."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.height

    def grown(self, by: float) -> "Rect":
        """The rectangle with every edge moved outwards by `by` millimetres."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True)
class Template:
    """How a sheet is laid out: lengths in mm, type sizes in pt. A house template is another value of this type.

    Lengths and sizes are those on A3; in print each is `magnify` times as large. `label_sizes` are tried from the
    largest down; no commune name is set smaller than the last.
    """

    paper: str = "A3"
    magnify: float = 1.0
    margin: float = 10.0
    title_height: float = 22.0
    foot_height: float = 6.0
    frame_band: float = 4.6
    panel_width: float = 78.0
    panel_pad: float = 3.0
    headline: float = 27.0
    headline_min: float = 15.0
    subtitle: float = 10.5
    heading: float = 9.5
    body: float = 8.5
    small: float = 8.0
    grid: float = 7.0
    label_sizes: tuple[float, ...] = (9.0, 8.5, 8.0, 7.5, 7.0)
    district_sizes: tuple[float, ...] = (12.0, 11.5, 11.0, 10.0, 9.0)
    number_size: float = 7.0
    symbol: float = 2.5

    def sheet(self, *, turned: bool) -> Rect:
        """The sheet in the template's own millimetres, upright or turned."""
        short, long = (side / self.magnify for side in PAPERS[self.paper])
        return Rect(0.0, 0.0, long, short) if turned else Rect(0.0, 0.0, short, long)


def line_height(size: float) -> float:
    """Distance of two baselines of running text, in mm, for a type size in pt."""
    return size * MM_PER_PT * 1.28


def mm_of(points: float) -> float:
    """Points as millimetres."""
    return points * MM_PER_PT


# Type and lines grow less than the sheet: a larger sheet is read from further away, but also carries more.
_MAGNIFY = {"A4": 0.86, "A3": 1.0, "A2": 1.2, "A1": 1.5, "A0": 1.9}
# Least type in print, in pt, on every paper; a commune may be named smaller where it would else be a number.
_LEAST, _LEAST_LABEL = 7.0, 6.0


def template_for(paper: str, layout: Mapping[str, float] | None = None) -> Template:
    """The template of a house style (lengths and type sizes on A3) for an ISO paper; KeyError for an unknown one."""
    sizes: dict[str, Any] = dict(layout or {})
    plain = Template(**sizes)
    magnify = _MAGNIFY[paper]
    least = max(_LEAST_LABEL, plain.label_sizes[-1] * min(magnify, 1.0))
    steps = tuple(size for size in plain.label_sizes if size * magnify >= least - 0.01)
    read: dict[str, Any] = {
        name: max(getattr(plain, name), _LEAST / magnify) for name in ("body", "small", "grid", "number_size")
    }
    return replace(plain, paper=paper, magnify=magnify, label_sizes=steps, **read)
