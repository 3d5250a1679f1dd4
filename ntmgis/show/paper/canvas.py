"""The drawing surface: a page measured in millimetres from its lower left corner, kept as a list of what was drawn.

Everything is vector; text stays text, set in one embedded typeface. With `monochrome` every colour turns into the grey
of its lightness. The page can be written as PDF, SVG or PNG, or handed to a book of many pages.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.font import Style, check_glyphs, width
from ntmgis.show.paper.items import (
    UNITS_PER_MM,
    UNITS_PER_PT,
    Box,
    Drawn,
    GeoFrame,
    Hatch,
    Item,
    Link,
    Page,
    Path,
    Picture,
    Stamp,
    Text,
    Words,
    outlines,
)
from ntmgis.show.paper.sizes import MM_PER_PT, Rect
from ntmgis.show.paper.style import load_style

__all__ = ["Align", "Canvas", "Ink", "grey"]

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Ink:
    """How a shape is drawn: fill and line colours (None: absent), line width in mm, dashes in mm, opacity.

    A colour is #rrggbb or a name that the canvas was given a colour for ("ink", "quiet"...).
    """

    fill: str | None = None
    line: str | None = None
    width: float = 0.2
    dash: tuple[float, ...] = ()
    alpha: float = 1.0
    cap: Literal["butt", "round"] = "round"


def grey(color: str) -> str:
    """The grey that is as light as `color` (same relative luminance).

    >>> grey("#7ebba2"), grey("#25437d")
    ('#aeaeae', '#454545')
    """
    rgb = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    light = sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return "#" + f"{math.floor(value * 255 + 0.5):02x}" * 3


class Canvas:
    """A sheet of `width` x `height` mm to draw on. Later drawings lie on top; `clip` cuts at a rectangle.

    Everything, the sheet itself included, is printed `magnify` times as large as the numbers given. `colors` gives
    names to colours of the house style.
    """

    def __init__(
        self,
        width: float,
        height: float,
        *,
        monochrome: bool = False,
        magnify: float = 1.0,
        colors: Mapping[str, str] | None = None,
    ) -> None:
        self.width = width
        self.height = height
        self.monochrome = monochrome
        self._per_mm = UNITS_PER_MM * magnify
        self._magnify = magnify
        self._colors = load_style().colors if colors is None else colors
        self._items: list[Item] = []
        self._links: list[Link] = []
        self._geo: list[GeoFrame] = []
        self._layer = ""

    def color(self, color: str) -> str:
        """The colour as it will be printed, #rrggbb."""
        plain = self._colors.get(color, color)
        return grey(plain) if self.monochrome else plain

    @contextmanager
    def layer(self, name: str) -> Iterator[None]:
        """What is drawn within the block belongs to a layer that a PDF viewer can switch off."""
        before, self._layer = self._layer, name
        try:
            yield
        finally:
            self._layer = before

    def shapes(self, shapes: Iterable[BaseGeometry], ink: Ink, *, clip: Rect | None = None) -> None:
        """Polygons (filled and outlined) or lines (outlined); other geometry and empty shapes draw nothing."""
        drawn = self._drawn(ink)
        for outline in outlines(_array(shapes), self._per_mm):
            if outline is not None:
                self._items.append(Path(outline, drawn, self._box(clip), self._layer))

    def hatch(
        self, area: Iterable[BaseGeometry], strokes: Iterable[BaseGeometry], ink: Ink, *, clip: Rect | None = None
    ) -> None:
        """Lines that are seen only within the polygons of `area`."""
        within, lines = outlines(_array(area), self._per_mm)[0], outlines(_array(strokes), self._per_mm)[1]
        if within is not None and lines is not None:
            self._items.append(Hatch(within, lines, self._drawn(ink), self._box(clip), self._layer))

    def rect(self, rect: Rect, ink: Ink, *, clip: Rect | None = None) -> None:
        """One rectangle, its corners square."""
        self.shapes([shapely.box(rect.x, rect.y, rect.right, rect.top)], ink, clip=clip)

    def line(self, start: tuple[float, float], end: tuple[float, float], ink: Ink) -> None:
        """One straight line."""
        self.shapes([shapely.LineString([start, end])], ink)

    def stamp(
        self,
        parts: Sequence[tuple[BaseGeometry, Ink]],
        at: Sequence[tuple[float, float]] | NDArray[np.float64],
        *,
        mark: tuple[str, float, str] | None = None,
        clip: Rect | None = None,
    ) -> None:
        """The same small drawing around every point of `at`; `mark` is a letter in its middle, with size and colour."""
        if len(at) == 0:
            return
        items: list[Path | Text] = []
        for shape, ink in parts:
            drawn = self._drawn(ink)
            found = outlines(_array([shape]), self._per_mm)
            items += [Path(outline, drawn) for outline in found if outline is not None]
        if mark is not None:
            letter, size, color = mark
            left, drop = -width(letter, size, "bold") / 2, -size * MM_PER_PT * 0.33
            items.append(
                Text(
                    self._unit(left),
                    self._unit(drop),
                    letter,
                    self._size(size),
                    "bold",
                    self.color(color),
                    outlined=True,
                )
            )
        spots = np.rint(np.asarray(at, dtype=float).reshape(-1, 2) * self._per_mm).astype(np.int64)
        self._items.append(Stamp(tuple(items), spots, self._box(clip), self._layer))

    def picture(self, data: bytes, place: Rect, *, multiply: bool = False, clip: Rect | None = None) -> None:
        """A JPEG or PNG stretched over `place`."""
        self._items.append(Picture(data, self._whole(place), multiply, self._box(clip), self._layer))

    def text(  # noqa: PLR0913 - each is named at the call
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        *,
        style: Style = "regular",
        color: str = "ink",
        align: Align = "left",
        halo: tuple[str, float] | None = None,
        turn: Literal[0, 90] = 0,
        tracking: float = 0.0,
    ) -> None:
        """One line of type on a baseline that starts, is centred or ends at `at`; empty text draws nothing.

        `halo` (colour, width in mm) is drawn from the outlines below the text, which itself stays text. `tracking`, in
        type sizes, is added between letters.
        """
        if not text:
            return
        check_glyphs([("bản in", text)], style=style)
        gap = tracking * size * MM_PER_PT
        back = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * (width(text, size, style) + gap * (len(text) - 1))
        x, y = (at[0] - back, at[1]) if turn == 0 else (at[0], at[1] - back)
        self._items.append(
            Text(
                self._unit(x),
                self._unit(y),
                text,
                self._size(size),
                style,
                self.color(color),
                None if halo is None else (self.color(halo[0]), self._unit(halo[1])),
                self._unit(gap),
                turned=turn == 90,
                layer=self._layer,
            )
        )

    @contextmanager
    def one_text(self, spoken: str) -> Iterator[None]:
        """The lines of type set within the block are found, copied and read aloud as `spoken`."""
        start = len(self._items)
        yield
        lines = tuple(item for item in self._items[start:] if isinstance(item, Text))
        if len(lines) > 1:
            self._items[start:] = [Words(lines, spoken, layer=self._layer)]

    def spaced(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        *,
        tracking: float,
        style: Style,
        color: str,
        halo: tuple[str, float],
    ) -> None:
        """One line centred on `at` with `tracking` (in type sizes) added between its letters."""
        self.text(at, text, size, style=style, color=color, halo=halo, tracking=tracking, align="center")

    def link(self, rect: Rect, to: str) -> None:
        """A place to click: the name of a page of the same book, or an address."""
        self._links.append(Link(self._whole(rect), to))

    def locate(self, frame: Rect, corners: Sequence[tuple[float, float]], crs: str) -> None:
        """Where the map in `frame` lies: its corners (lower left, upper left, upper right, lower right) in degrees."""
        self._geo.append(GeoFrame(self._whole(frame), tuple(corners), crs))

    @property
    def page(self) -> Page:
        """What was drawn so far, for a book."""
        wide, tall = (round(side * self._per_mm) for side in (self.width, self.height))
        return Page(wide, tall, tuple(self._items), tuple(self._links), tuple(self._geo), self.monochrome)

    def save_pdf(self, path: FilePath, about: Mapping[str, str | None]) -> None:
        """The sheet as a PDF of one page; `about` holds Title, Subject, Keywords... Same input, same bytes."""
        from ntmgis.show.paper.book import Book

        book = Book()
        book.add(self.page)
        path.write_bytes(book.pdf(about))

    def save_svg(self, path: FilePath, *, title: str = "") -> None:
        """The sheet as SVG with its typeface inside."""
        from ntmgis.show.paper.svg import svg

        path.write_text(svg(self.page, title=title), encoding="utf-8")

    def save_png(self, path: FilePath, *, dpi: float) -> None:
        """The sheet as PNG, with its resolution but no time and no software stamp; drawn band by band."""
        from ntmgis.show.paper.raster import write_png

        with path.open("wb") as file:
            write_png(self.page, file, dpi=dpi)

    def png(self, *, dpi: float) -> bytes:
        """The sheet as the bytes of a PNG."""
        from io import BytesIO

        from ntmgis.show.paper.raster import write_png

        out = BytesIO()
        write_png(self.page, out, dpi=dpi)
        return out.getvalue()

    def _drawn(self, ink: Ink) -> Drawn:
        return Drawn(
            None if ink.fill is None else self.color(ink.fill),
            None if ink.line is None else self.color(ink.line),
            self._unit(ink.width) if ink.line else 0,
            tuple(self._unit(part) for part in ink.dash),
            ink.alpha,
            ink.cap,
        )

    def _unit(self, mm: float) -> int:
        return round(mm * self._per_mm)

    def _size(self, points: float) -> int:
        return round(points * UNITS_PER_PT * self._magnify)

    def _whole(self, rect: Rect) -> Box:
        x, y = self._unit(rect.x), self._unit(rect.y)
        return x, y, self._unit(rect.right) - x, self._unit(rect.top) - y

    def _box(self, clip: Rect | None) -> Box | None:
        return None if clip is None else self._whole(clip)


def _array(shapes: Iterable[BaseGeometry]) -> NDArray[np.object_]:
    return np.array(list(shapes), dtype=object)
