"""A page as the drawing operators of PDF, and the shared things it calls: fonts, glyphs, stamps, pictures, layers."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

import numpy as np

from ntmgis.show.paper.font import Face, Style, face
from ntmgis.show.paper.items import (
    UNITS_PER_PT,
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

__all__ = ["Shared", "content", "packed"]


@dataclass(slots=True)
class Shared:
    """What the pages of one file have in common, gathered while they are written, in order of first use."""

    letters: dict[str, set[str]] = field(default_factory=dict)
    faces: dict[str, Face] = field(default_factory=dict)
    glyphs: dict[tuple[str, str], str] = field(default_factory=dict)
    stamps: dict[str, tuple[bytes, tuple[int, int, int, int]]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    alphas: dict[float, str] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    multiply: bool = False

    def font(self, style: Style) -> tuple[str, Face]:
        """Name and face of the font of a style."""
        one = face(style)
        name = next((known for known, held in self.faces.items() if held is one), "")
        if not name:
            name = f"F{len(self.faces)}"
            self.faces[name] = one
            self.letters[name] = set()
        return name, one

    def glyph(self, font: str, letter: str) -> str:
        """Name of the outline of a letter."""
        return self.glyphs.setdefault((font, letter), f"G{len(self.glyphs)}")

    def alpha(self, value: float) -> str:
        """Name of the graphics state with this opacity."""
        return self.alphas.setdefault(value, f"A{len(self.alphas)}")

    def layer(self, name: str) -> str:
        """Name of the property that marks a layer."""
        return self.layers.setdefault(name, f"L{len(self.layers)}")

    def picture(self, data: bytes) -> str:
        """Name of a picture; the same bytes are held once."""
        name = "P" + sha256(data).hexdigest()[:12]
        self.pictures.setdefault(name, data)
        return name

    def stamp(self, items: tuple[Path | Text, ...]) -> str:
        """Name of a small drawing; the same drawing is held once."""
        writer = _Writer(self)
        for item in items:
            writer.item(item)
        body = writer.body()
        name = "S" + sha256(body).hexdigest()[:12]
        if name not in self.stamps:
            self.stamps[name] = (body, _bounds(items))
        return name


def _bounds(items: tuple[Path | Text, ...]) -> tuple[int, int, int, int]:
    corners = []
    for item in items:
        if isinstance(item, Path):
            rim = item.ink.width
            low, high = item.outline.xy.min(axis=0) - rim, item.outline.xy.max(axis=0) + rim
            corners.append((*low.tolist(), *high.tolist()))
        else:
            corners.append((item.x - item.size, item.y - item.size, item.x + item.size, item.y + item.size))
    every = np.array(corners)
    low, high = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def content(page: Page, shared: Shared) -> bytes:
    """The operators of the page, not yet packed; coordinates are units."""
    writer = _Writer(shared)
    writer.put(f"{1 / UNITS_PER_PT:g} 0 0 {1 / UNITS_PER_PT:g} 0 0 cm 1 j")
    for item in page.items:
        writer.item(item)
    return writer.body()


def _rgb(color: str) -> str:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    if parts[0] == parts[1] == parts[2]:
        return f"{parts[0]:.3g} "
    return " ".join(f"{part:.3g}" for part in parts) + " "


class _Writer:
    """Writes items one after another; states what changes and nothing twice."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._out: list[str] = []
        self._state: dict[str, str] = {}
        self._outside: dict[str, str] = {}
        self._clip: Box | None = None
        self._layer = ""

    def put(self, operators: str) -> None:
        self._out.append(operators)

    def body(self) -> bytes:
        self._open("", None)
        return "\n".join(self._out).encode("ascii")

    def item(self, item: Item) -> None:
        self._open(item.layer, item.clip)
        if isinstance(item, Path):
            self._ink(item.ink)
            paint = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
            self.put(_path(item.outline) + paint[item.ink.fill is not None, item.ink.line is not None])
        elif isinstance(item, Hatch):
            self._apart(lambda: self._hatch(item))
        elif isinstance(item, Text):
            self._text(item)
        elif isinstance(item, Words):
            for line in item.lines:  # halos first: they are no part of the text
                if line.halo is not None:
                    self._outlined(line, *self._shared.font(line.style), line.halo)
            self.put(f"/Span << /ActualText <FEFF{item.spoken.encode('utf-16-be').hex().upper()}> >> BDC")
            for line in item.lines:
                self._text(replace(line, halo=None))
            self.put("EMC")
        elif isinstance(item, Stamp):
            name = self._shared.stamp(item.items)
            where = item.at.tolist()
            self._apart(lambda: self.put("\n".join(f"q 1 0 0 1 {x} {y} cm /{name} Do Q" for x, y in where)))
        else:
            self._apart(lambda: self._picture(item))

    def _open(self, layer: str, clip: Box | None) -> None:
        """Moves into the layer and the clip of the next item."""
        if (layer, clip) == (self._layer, self._clip):
            return
        if self._clip is not None:
            self.put("Q")
            self._state = self._outside
            self._clip = None
        if layer != self._layer:
            if self._layer:
                self.put("EMC")
            if layer:
                self.put(f"/OC /{self._shared.layer(layer)} BDC")
            self._layer = layer
        if clip is not None:
            self.put("q {} {} {} {} re W n".format(*clip))
            self._outside = dict(self._state)
            self._clip = clip

    def _apart(self, draw: Callable[[], None]) -> None:
        """Between q and Q: what is set inside is not set outside."""
        before = dict(self._state)
        self.put("q")
        draw()
        self.put("Q")
        self._state = before

    def _set(self, key: str, value: str) -> None:
        if self._state.get(key) != value:
            self._state[key] = value
            self.put(value)

    def _fill(self, color: str) -> None:
        parts = _rgb(color)
        self._set("fill", parts + ("g" if parts.count(" ") == 1 else "rg"))

    def _stroke(self, color: str) -> None:
        parts = _rgb(color)
        self._set("stroke", parts + ("G" if parts.count(" ") == 1 else "RG"))

    def _opacity(self, alpha: float) -> None:
        if alpha < 1 or "alpha" in self._state:
            self._set("alpha", f"/{self._shared.alpha(alpha)} gs")

    def _ink(self, ink: Drawn) -> None:
        if ink.fill is not None:
            self._fill(ink.fill)
        if ink.line is not None:
            self._stroke(ink.line)
            self._set("width", f"{ink.width} w")
            self._set("cap", "1 J" if ink.cap == "round" else "0 J")
            if ink.dash or "dash" in self._state:
                self._set("dash", f"[{' '.join(map(str, ink.dash))}] 0 d")
        self._opacity(ink.alpha)

    def _hatch(self, item: Hatch) -> None:
        self.put(_path(item.area) + "W n")
        self._ink(item.ink)
        self.put(_path(item.strokes) + "S")

    def _text(self, item: Text) -> None:
        font, one = self._shared.font(item.style)
        if item.halo is not None:
            self._outlined(item, font, one, item.halo)
        if item.outlined:
            self._outlined(item, font, one, None)
            return
        self._shared.letters[font].update(item.text)
        self._opacity(1.0)
        self._fill(item.color)
        codes = "".join(f"{one.index(char):04X}" for char in item.text)
        at = f"0 1 -1 0 {item.x} {item.y} Tm" if item.turned else f"{item.x} {item.y} Td"
        track = (f"{item.tracking} Tc ", " 0 Tc") if item.tracking else ("", "")
        self.put(f"BT /{font} {item.size} Tf {at} {track[0]}<{codes}> Tj{track[1]} ET")

    def _outlined(self, item: Text, font: str, one: Face, halo: tuple[str, int] | None) -> None:
        def draw() -> None:
            color, rim = halo or (item.color, 0)
            self._fill(color)
            self._stroke(color)
            scale = item.size / one.units
            self.put(f"{2 * rim / scale:.0f} w 1 j")
            along = 0.0
            for char in item.text:
                if not char.isspace():
                    name = self._shared.glyph(font, char)
                    x, y = (item.x, item.y + along) if item.turned else (item.x + along, item.y)
                    turn = f"0 {scale:.4g} {-scale:.4g} 0" if item.turned else f"{scale:.4g} 0 0 {scale:.4g}"
                    self.put(f"q {turn} {x:.0f} {y:.0f} cm /{name} Do Q")
                along += one.advance(char) * scale + item.tracking

        self._apart(draw)

    def _picture(self, item: Picture) -> None:
        x, y, wide, tall = item.place
        name = self._shared.picture(item.data)
        if item.multiply:
            self._shared.multiply = True
            self.put("/Multiply gs")
        self.put(f"{wide} 0 0 {tall} {x} {y} cm /{name} Do")


def _path(outline: Outline) -> str:
    """Path operators; one format for all points, because millions of small strings would be slow."""
    counts = np.diff(outline.starts, append=len(outline.xy)).tolist()
    end = "h\n" if outline.closed else "\n"
    form = "".join("%d %d m " + "%d %d l " * (count - 1) + end for count in counts)
    return form % tuple(outline.xy.ravel().tolist())


def packed(data: bytes) -> bytes:
    """The bytes as they stand in a compressed stream."""
    return zlib.compress(data, 9)
