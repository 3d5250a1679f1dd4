"""The typeface of the sheets: its files, its measures, and what may be set in it.

Source Sans Pro (SIL Open Font License) holds every Vietnamese letter and is about a fifth narrower than the typeface
that matplotlib brings along, so that more commune names fit into their communes.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, Kerning, LoadFlags

from ntmgis.errors import InputError, problem
from ntmgis.show.paper.sizes import MM_PER_PT

__all__ = ["Extent", "Style", "check_glyphs", "clean", "extent", "font_properties", "shorten", "width", "wrap"]

Style = Literal["regular", "italic", "semibold", "bold"]
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


def _path(style: Style) -> str:
    return str(files("font_source_sans_pro") / "files" / _FILES[style])


@cache
def font_properties(style: Style) -> FontProperties:
    """The typeface for matplotlib; the size is set with each text."""
    return FontProperties(fname=_path(style))


@cache
def _face(style: Style) -> FT2Font:
    return FT2Font(_path(style))


@cache
def _charmap(style: Style) -> dict[int, int]:
    return dict(_face(style).get_charmap())


@cache
def _glyph(style: Style, char: str) -> tuple[int, int, int]:
    """Advance, bottom and top of one character, in font units."""
    face = _face(style)
    glyph = face.load_glyph(face.get_char_index(ord(char)), flags=LoadFlags.NO_SCALE)
    _, bottom, _, top = glyph.bbox
    return glyph.horiAdvance, bottom, top


@cache
def _kern(style: Style, left: str, right: str) -> int:
    face = _face(style)
    first, second = face.get_char_index(ord(left)), face.get_char_index(ord(right))
    return face.get_kerning(first, second, Kerning.UNSCALED)


@cache
def _units(style: Style) -> int:
    return _face(style).units_per_EM


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
    held = _charmap(style)
    missing = [
        problem("E-FONT-GLYPH", layer=what, value=text, letters=" ".join(sorted(absent)))
        for what, text in texts
        if (absent := {f"{char} (U+{ord(char):04X})" for char in text if ord(char) not in held})
    ]
    if missing:
        raise InputError(missing)


@cache
def extent(text: str, size: float, style: Style = "regular") -> Extent:
    """Width and ink height of `text` at `size` points, kerned as it will be drawn."""
    if not text:
        return Extent(0.0, 0.0, 0.0)
    glyphs = [_glyph(style, char) for char in text]
    advance = sum(glyph[0] for glyph in glyphs) + sum(_kern(style, *pair) for pair in pairwise(text))
    to_mm = size * MM_PER_PT / _units(style)
    bottom, top = min(glyph[1] for glyph in glyphs), max(glyph[2] for glyph in glyphs)
    return Extent(advance * to_mm, top * to_mm, bottom * to_mm)


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
