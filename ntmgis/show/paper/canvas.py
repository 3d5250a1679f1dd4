"""The drawing surface: one matplotlib figure, measured in millimetres from the lower left corner of the sheet.

Everything is vector; text stays text, set in one embedded typeface. Coordinates are rounded to 0.01 pt (0.0035 mm),
finer than any printer and a third of the bytes. With `monochrome` every colour turns into the grey of its lightness.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as MplPath
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.font import Style, check_glyphs, font_properties, width
from ntmgis.show.paper.sizes import MM_PER_PT, Rect

__all__ = ["SETTINGS", "Canvas", "Ink", "grey"]

Align = Literal["left", "center", "right"]

# Set around every drawing and saving, never left behind.
SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42,
    "pdf.compression": 9,
    "path.simplify": False,
    "text.hinting": "no_hinting",
    "text.antialiased": True,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "savefig.bbox": None,
    "svg.hashsalt": "ntmgis",
}
_CHUNK = 1500  # vertices in one path: the raster drawer runs out of cells beyond some tens of thousands


@dataclass(frozen=True, slots=True)
class Ink:
    """How a shape is drawn: fill and line colours (None: absent), line width in mm, dashes in mm, opacity."""

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
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return to_hex((value, value, value))


class Canvas:
    """A sheet of `width` x `height` mm to draw on. Later drawings lie on top; `clip` cuts at a rectangle.

    Everything, the sheet itself included, is printed `magnify` times as large as the numbers given.
    """

    def __init__(self, width: float, height: float, *, monochrome: bool = False, magnify: float = 1.0) -> None:
        self.width = width
        self.height = height
        self.monochrome = monochrome
        self._magnify = magnify
        self._figure = Figure(figsize=(width * magnify / 25.4, height * magnify / 25.4), facecolor="white")
        self._points = Affine2D().scale(magnify / 72) + self._figure.dpi_scale_trans
        self._order = 0

    def color(self, color: str | None) -> str:
        """The colour as it will be printed; "none" for None."""
        if color is None:
            return "none"
        return grey(color) if self.monochrome else color

    def shapes(self, shapes: Iterable[BaseGeometry], ink: Ink, *, clip: Rect | None = None) -> None:
        """Polygons (filled and outlined) or lines (outlined); other geometry and empty shapes draw nothing."""
        for path in _paths(shapes):
            patch = PathPatch(
                path,
                facecolor=self.color(ink.fill),
                edgecolor=self.color(ink.line),
                linewidth=ink.width * self._magnify / MM_PER_PT if ink.line else 0.0,
                alpha=ink.alpha if ink.alpha < 1 else None,
                capstyle=ink.cap,
                joinstyle="round",
                transform=self._points,
            )
            if ink.dash:
                patch.set_linestyle((0.0, tuple(part / ink.width for part in ink.dash)))
            self._add(patch, clip)

    def rect(self, rect: Rect, ink: Ink, *, clip: Rect | None = None) -> None:
        """One rectangle, its corners square."""
        box = shapely.box(rect.x, rect.y, rect.right, rect.top)
        self.shapes([box], ink, clip=clip)

    def line(self, start: tuple[float, float], end: tuple[float, float], ink: Ink) -> None:
        """One straight line."""
        self.shapes([shapely.LineString([start, end])], ink)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        *,
        style: Style = "regular",
        color: str = "#1f2933",
        align: Align = "left",
        halo: tuple[str, float] | None = None,
        turn: Literal[0, 90] = 0,
    ) -> None:
        """One line of type on a baseline that starts, is centred or ends at `at`; empty text draws nothing.

        `halo` (colour, width in mm) is drawn from the outlines below the text, which itself stays text.
        """
        if not text:
            return
        check_glyphs([("bản in", text)], style=style)
        back = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * width(text, size, style)
        x, y = (at[0] - back, at[1]) if turn == 0 else (at[0], at[1] - back)
        x, y = round(x / MM_PER_PT, 2), round(y / MM_PER_PT, 2)
        font = font_properties(style)
        if halo is not None:
            self._halo((x, y), text, size, style, halo)
        made = Text(x, y, text, color=self.color(color), transform=self._points, rotation=turn, parse_math=False)
        made.set_fontproperties(font)
        made.set_fontsize(size * self._magnify)
        made.set_rotation_mode("anchor")
        self._add(made, None)

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
        gap = tracking * size * MM_PER_PT
        starts = [width(text[:n], size, style) + n * gap for n in range(len(text))]
        left = at[0] - (width(text, size, style) + gap * (len(text) - 1)) / 2
        for start, char in zip(starts, text, strict=True):
            corner = (round((left + start) / MM_PER_PT, 2), round(at[1] / MM_PER_PT, 2))
            if not char.isspace():
                self._halo(corner, char, size, style, halo)
        for start, char in zip(starts, text, strict=True):
            self.text((left + start, at[1]), char, size, style=style, color=color)

    def _halo(self, at: tuple[float, float], text: str, size: float, style: Style, halo: tuple[str, float]) -> None:
        outline = PathPatch(
            TextPath(at, text, size=size, prop=font_properties(style)),
            facecolor=self.color(halo[0]),
            edgecolor=self.color(halo[0]),
            linewidth=2 * halo[1] * self._magnify / MM_PER_PT,
            joinstyle="round",
            transform=self._points,
        )
        self._add(outline, None)

    def save_pdf(self, path: Path, about: dict[str, str | None]) -> None:
        """The sheet as PDF; `about` holds Title, Subject, Keywords... Dates are left out: same input, same bytes."""
        with mpl.rc_context(SETTINGS), path.open("wb") as file:
            paper: Any = FigureCanvasPdf(self._figure)  # its methods carry no types
            paper.print_pdf(file, metadata={**about, "CreationDate": None, "ModDate": None})

    def save_png(self, path: Path, *, dpi: float) -> None:
        """The sheet as PNG, with its resolution but no time and no software stamp."""
        with path.open("wb") as file:
            file.write(self.png(dpi=dpi))

    def png(self, *, dpi: float) -> bytes:
        """The sheet as the bytes of a PNG."""
        with mpl.rc_context(SETTINGS):
            self._figure.set_dpi(dpi)
            agg: Any = FigureCanvasAgg(self._figure)  # its methods carry no types
            agg.draw()
            pixels = np.asarray(agg.buffer_rgba())[..., :3]
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        if self.monochrome:
            picture = picture.convert("L")
        out = BytesIO()
        picture.save(out, "PNG", dpi=(dpi, dpi), compress_level=6)
        return out.getvalue()

    def _add(self, artist: Any, clip: Rect | None) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        self._figure.add_artist(artist)
        if clip is not None:
            corners = np.array([[clip.x, clip.y], [clip.right, clip.top]]) / MM_PER_PT
            artist.set_clip_box(TransformedBbox(Bbox(corners), self._points))
            artist.set_clip_on(True)
        else:
            artist.set_clip_on(False)


def _paths(shapes: Iterable[BaseGeometry]) -> list[MplPath]:
    """Compound paths of about `_CHUNK` vertices; polygons keep their holes (rings turn against each other)."""
    parts = shapely.get_parts(np.array(list(shapes), dtype=object))
    parts = shapely.get_parts(parts)  # members of collections
    parts = parts[~shapely.is_empty(parts)]
    kinds = shapely.get_type_id(parts)
    made: list[MplPath] = []
    for wanted in (3, 1):
        some = shapely.orient_polygons(parts[kinds == wanted])
        made += _compound(some, closed=wanted == 3)
    return made


def _compound(parts: NDArray[np.object_], *, closed: bool) -> list[MplPath]:
    made: list[MplPath] = []
    start = 0
    counts = shapely.get_num_coordinates(parts)
    while start < len(parts):
        stop = start + 1
        total = int(counts[start])
        while stop < len(parts) and total + counts[stop] <= _CHUNK:
            total += int(counts[stop])
            stop += 1
        rings = shapely.get_rings(parts[start:stop]) if closed else parts[start:stop]
        xy, index = shapely.get_coordinates(rings, return_index=True)
        codes = np.full(len(xy), MplPath.LINETO, dtype=np.uint8)
        codes[np.flatnonzero(np.diff(index, prepend=-1))] = MplPath.MOVETO
        if closed:
            codes[np.flatnonzero(np.diff(index, append=len(rings)))] = MplPath.CLOSEPOLY
        made.append(MplPath(np.round(xy / MM_PER_PT, 2), codes))
        start = stop
    return made
