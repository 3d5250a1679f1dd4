"""A page as SVG: one file with its typeface inside, layers as groups, text as text."""

import base64
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ntmgis.show.paper.font import STYLES, Style, face
from ntmgis.show.paper.items import (
    UNITS_PER_MM,
    Box,
    Drawn,
    Hatch,
    Item,
    Outline,
    Page,
    Path,
    Picture,
    Stamp,
    Text,
    Words,
)
from ntmgis.show.paper.pdf_fonts import cut_font

__all__ = ["svg"]

_WEIGHT: dict[Style, str] = {"regular": "400", "italic": "400", "semibold": "600", "bold": "700"}


def svg(page: Page, *, title: str = "") -> str:
    """The page as the text of an SVG file; lengths in it are units of 1/100 pt from the upper left corner."""
    return _Writer(page).write(title)


class _Writer:
    """Gathers elements; the page is turned upside down, because SVG counts from the top."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._out: list[str] = []
        self._defs: list[str] = []
        self._clips: dict[Box, str] = {}
        self._stamps: dict[str, str] = {}
        self._letters: dict[Style, set[str]] = {}

    def write(self, title: str) -> str:
        layer, clip, blend = "", None, False
        for item in self._page.items:
            mixed = isinstance(item, Picture) and item.multiply
            if (item.layer, item.clip, mixed) != (layer, clip, blend):
                self._close(layer, clip)
                layer, clip, blend = item.layer, item.clip, mixed
                self._open(layer, clip, blend=blend)
            self._out.append(self._item(item))
        self._close(layer, clip)
        fonts = "".join(self._font(style) for style in STYLES if self._letters.get(style))
        wide, tall = self._page.width, self._page.height
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide / UNITS_PER_MM:.3f}mm" '
            f'height="{tall / UNITS_PER_MM:.3f}mm" viewBox="0 0 {wide} {tall}" stroke-linejoin="round" lang="vi">\n'
            f"<title>{escape(title)}</title>\n<style>{fonts}text{{white-space:pre;paint-order:stroke;stroke-linejoin:round}}</style>\n"
            f"<defs>{''.join(self._defs)}</defs>\n"
            f'<rect width="{wide}" height="{tall}" fill="#ffffff"/>\n' + "\n".join(self._out) + "\n</svg>\n"
        )

    def _open(self, layer: str, clip: Box | None, *, blend: bool) -> None:
        # A group mixes with what lies below it as a whole: the outermost one has to say so.
        mix = ' style="mix-blend-mode:multiply"' if blend else ""
        if layer:
            self._out.append(f"<g data-layer={quoteattr(layer)}{mix}>")
        if clip is not None:
            if clip not in self._clips:
                self._clips[clip] = f"c{len(self._clips)}"
                x, y, wide, tall = clip
                box = f'<rect x="{x}" y="{self._down(y + tall)}" width="{wide}" height="{tall}"/>'
                self._defs.append(f'<clipPath id="{self._clips[clip]}">{box}</clipPath>')
            self._out.append(f'<g clip-path="url(#{self._clips[clip]})">')

    def _close(self, layer: str, clip: Box | None) -> None:
        self._out.append("</g>" * ((clip is not None) + bool(layer)))

    def _down(self, y: int) -> int:
        return self._page.height - y

    def _item(self, item: Item) -> str:
        if isinstance(item, Path):
            return f'<path d="{self._data(item.outline)}"{_style(item.ink)}/>'
        if isinstance(item, Hatch):
            name = f"h{len(self._defs)}"
            self._defs.append(f'<clipPath id="{name}"><path d="{self._data(item.area)}"/></clipPath>')
            return f'<path clip-path="url(#{name})" d="{self._data(item.strokes)}"{_style(item.ink)}/>'
        if isinstance(item, Text):
            return self._text(item)
        if isinstance(item, Words):
            lines = "".join(self._text(line) for line in item.lines)
            return f'<g role="text" aria-label={quoteattr(item.spoken)}>{lines}</g>'
        if isinstance(item, Stamp):
            return self._stamp(item)
        return self._picture(item)

    def _data(self, outline: Outline, *, flip: bool = True) -> str:
        xy = outline.xy.copy()
        xy[:, 1] = self._page.height - xy[:, 1] if flip else -xy[:, 1]
        counts = np.diff(outline.starts, append=len(xy)).tolist()
        end = "z" if outline.closed else ""
        form = "".join("M%d %d" + ("L%d %d" + " %d %d" * (count - 2) if count > 1 else "") + end for count in counts)
        return form % tuple(xy.ravel().tolist())

    def _text(self, item: Text, *, flip: bool = True) -> str:
        self._letters.setdefault(item.style, set()).update(item.text)
        y = self._down(item.y) if flip else -item.y
        parts = [
            f'<text x="{item.x}" y="{y}" font-size="{item.size}" font-family="ntm" font-weight="{_WEIGHT[item.style]}"'
        ]
        if item.style == "italic":
            parts.append(' font-style="italic"')
        if item.tracking:
            parts.append(f' letter-spacing="{item.tracking}"')
        if item.turned:
            parts.append(f' transform="rotate(-90 {item.x} {y})"')
        if item.halo is not None:
            parts.append(f' stroke="{item.halo[0]}" stroke-width="{2 * item.halo[1]}"')
        return "".join(parts) + f' fill="{item.color}">{escape(item.text)}</text>'

    def _stamp(self, item: Stamp) -> str:
        body = "".join(
            f'<path d="{self._data(part.outline, flip=False)}"{_style(part.ink)}/>'
            if isinstance(part, Path)
            else self._text(part, flip=False)
            for part in item.items
        )
        if body not in self._stamps:
            self._stamps[body] = f"s{len(self._stamps)}"
            self._defs.append(f'<g id="{self._stamps[body]}">{body}</g>')
        name = self._stamps[body]
        return "".join(f'<use href="#{name}" x="{x}" y="{self._down(y)}"/>' for x, y in item.at.tolist())

    def _picture(self, item: Picture) -> str:
        x, y, wide, tall = item.place
        kind = "jpeg" if item.data[:2] == b"\xff\xd8" else "png"
        data = base64.b64encode(item.data).decode("ascii")
        return (
            f'<image x="{x}" y="{self._down(y + tall)}" width="{wide}" height="{tall}" preserveAspectRatio="none"'
            f' href="data:image/{kind};base64,{data}"/>'
        )

    def _font(self, style: Style) -> str:
        data = base64.b64encode(cut_font(face(style), self._letters[style], for_web=True)).decode("ascii")
        slant = "italic" if style == "italic" else "normal"
        return (
            f'@font-face{{font-family:"ntm";font-weight:{_WEIGHT[style]};font-style:{slant};'
            f'src:url("data:font/ttf;base64,{data}") format("truetype")}}\n'
        )


def _style(ink: Drawn) -> str:
    parts = [f' fill="{ink.fill or "none"}"']
    if ink.line is not None:
        parts.append(f' stroke="{ink.line}" stroke-width="{ink.width}" stroke-linecap="{ink.cap}"')
        if ink.dash:
            parts.append(f' stroke-dasharray="{_list(ink.dash)}"')
    if ink.alpha < 1:
        parts.append(f' opacity="{ink.alpha:g}"')
    return "".join(parts)


def _list(values: Sequence[int]) -> str:
    return " ".join(map(str, values))
