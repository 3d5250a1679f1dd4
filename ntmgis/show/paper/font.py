"""The typeface of the sheets: its files, its measures, and what may be set in it.

Source Sans Pro (SIL Open Font License) holds every Vietnamese letter and is about a fifth narrower than common screen
typefaces, so that more commune names fit into their communes. A house style may bring files of its own.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from ntmgis.errors import InputError, problem
from ntmgis.show.paper.sizes import MM_PER_PT

__all__ = [
    "STYLES",
    "Extent",
    "Face",
    "Style",
    "check_glyphs",
    "clean",
    "extent",
    "face",
    "house_fonts",
    "shorten",
    "width",
    "wrap",
]

Style = Literal["regular", "italic", "semibold", "bold"]
STYLES: tuple[Style, ...] = ("regular", "italic", "semibold", "bold")
_FILES: dict[Style, str] = {
    "regular": "SourceSansPro-Regular.ttf",
    "italic": "SourceSansPro-It.ttf",
    "semibold": "SourceSansPro-Semibold.ttf",
    "bold": "SourceSansPro-Bold.ttf",
}
# What a name may hold and a line of type cannot: control characters become a space, invisible marks vanish.
_SPACES = frozenset({"Cc", "Zl", "Zp", "Zs"})
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Extent:
    """The ink of one line of text in mm, from the start of its baseline: advance width, top and bottom (negative)."""

    width: float
    top: float
    bottom: float


class Face:
    """One font file: which letters it holds, how wide and high each is, and its outlines.

    Lengths are font units; `box` holds thousandths of the type size.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._font: Any = TTFont(BytesIO(Path(path).read_bytes()), lazy=True)
        self.units = int(self._font["head"].unitsPerEm)
        self.charmap: dict[int, str] = dict(self._font.getBestCmap())
        self._advances: Any = self._font["hmtx"].metrics
        self._glyphs: Any = self._font.getGlyphSet()
        self._boxes: dict[str, tuple[int, int]] = {}
        head = self._font["head"]
        per_mille = 1000 / self.units
        self.box: tuple[int, int, int, int] = (
            round(head.xMin * per_mille),
            round(head.yMin * per_mille),
            round(head.xMax * per_mille),
            round(head.yMax * per_mille),
        )
        self.name = str(self._font["name"].getDebugName(6) or "Font").replace(" ", "")
        self.italic_angle = float(self._font["post"].italicAngle)

    def glyph(self, char: str) -> str:
        """Name of the glyph of a character; the empty box of the font for one that it lacks."""
        return self.charmap.get(ord(char), ".notdef")

    def index(self, char: str) -> int:
        """Number of the glyph of a character."""
        return int(self._font.getGlyphID(self.glyph(char)))

    def advance(self, char: str) -> int:
        """How far a character moves the pen."""
        return int(self._advances[self.glyph(char)][0])

    def ink(self, char: str) -> tuple[int, int]:
        """Bottom and top of a character's ink."""
        name = self.glyph(char)
        if name not in self._boxes:
            shape = self._font["glyf"][name]
            empty = shape.numberOfContours == 0
            self._boxes[name] = (0, 0) if empty else (int(shape.yMin), int(shape.yMax))
        return self._boxes[name]

    def outline(self, char: str) -> list[tuple[str, tuple[Any, ...]]]:
        """The outline as pen strokes: moveTo, lineTo, qCurveTo, closePath with their points."""
        pen = DecomposingRecordingPen(self._glyphs)
        self._glyphs[self.glyph(char)].draw(pen)
        return list(pen.value)


@cache
def _shipped(style: Style) -> str:
    return str(files("font_source_sans_pro") / "files" / _FILES[style])


_HOUSE: ContextVar[Mapping[Style, str]] = ContextVar("house_fonts")


@contextmanager
def house_fonts(paths: Mapping[Style, str]) -> Iterator[None]:
    """Within the block, every measure and every text uses these files (style → path) in place of the shipped ones."""
    token = _HOUSE.set(paths)
    try:
        yield
    finally:
        _HOUSE.reset(token)


@cache
def _face(path: str) -> Face:
    return Face(path)


def face(style: Style) -> Face:
    """The font file that a style is set in."""
    own = _HOUSE.get({}).get(style)
    return _face(own or _shipped(style))


def clean(text: object, *, limit: int = 60) -> str:
    r"""One line of type from any value: composed letters, no control or invisible characters, at most `limit` long.

    >>> clean("Xã\x00 Hà\nMo\u0300n\u200f")
    'Xã Hà Mòn'
    """
    raw = unicodedata.normalize("NFC", str(text)[: 20 * limit])
    kinds = ((char, unicodedata.category(char)) for char in raw)
    line = "".join(" " if kind in _SPACES else char for char, kind in kinds if kind not in _INVISIBLE)
    line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def check_glyphs(texts: Iterable[tuple[str, str]], *, style: Style = "regular") -> None:
    """InputError naming every text with a letter that the typeface does not hold; `texts` are (what it is, text)."""
    held = face(style).charmap
    missing = [
        problem("E-PAPER-GLYPH", layer=what, value=text, letters=" ".join(sorted(absent)))
        for what, text in texts
        if (absent := {f"{char} (U+{ord(char):04X})" for char in text if ord(char) not in held})
    ]
    if missing:
        raise InputError(missing)


def extent(text: str, size: float, style: Style = "regular") -> Extent:
    """Width and ink height of `text` at `size` points."""
    if not text:
        return Extent(0.0, 0.0, 0.0)
    return _extent(face(style), text, size)


@cache
def _extent(one: Face, text: str, size: float) -> Extent:
    to_mm = size * MM_PER_PT / one.units
    inks = [one.ink(char) for char in text]
    advance = sum(one.advance(char) for char in text)
    return Extent(advance * to_mm, max(ink[1] for ink in inks) * to_mm, min(ink[0] for ink in inks) * to_mm)


def width(text: str, size: float, style: Style = "regular") -> float:
    """Width of one line of text, in mm."""
    return extent(text, size, style).width


def wrap(text: str, *, within: float, size: float, style: Style = "regular") -> tuple[str, ...]:
    """`text` broken into lines of at most `within` mm, between words where it can and inside a word where it must."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        trial = f"{line} {word}" if line else word
        if width(trial, size, style) <= within:
            line = trial
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size, style) > within and len(line) > 1:
            keep = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or width(line[:n], size, style) <= within)
            lines.append(line[:keep])
            line = line[keep:]
    return (*lines, line) if line else tuple(lines)


def shorten(text: str, *, within: float, size: float, style: Style = "regular") -> str:
    """`text`, cut with an ellipsis where it is wider than `within` mm."""
    if width(text, size, style) <= within:
        return text
    kept = text
    while kept and width(kept + "…", size, style) > within:
        kept = kept[:-1]
    return kept.rstrip() + "…"
