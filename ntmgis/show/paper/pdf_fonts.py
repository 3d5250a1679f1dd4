"""Typefaces inside a PDF: cut down to the letters used, each with its way back to Unicode, embedded once a file."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.ttLib import TTFont

from ntmgis.show.paper.font import Face

__all__ = ["cut_font", "glyph_path", "to_unicode", "widths"]

# Tables that only shaping and hinting need.
_DROPPED = ["GSUB", "GPOS", "GDEF", "BASE", "DSIG", "kern", "fpgm", "prep", "cvt ", "gasp"]


def cut_font(face: Face, letters: Iterable[str], *, for_web: bool = False) -> bytes:
    """The TrueType file with only these letters; glyphs keep their numbers (`for_web`: it keeps its letter table)."""
    from fontTools import subset  # as large as the rest of fontTools, and not needed to draw a picture

    options = subset.Options()
    options.retain_gids = not for_web
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.glyph_names = False
    options.name_IDs = [1, 2, 4, 6, 13] if for_web else [6]
    options.drop_tables += _DROPPED if for_web else [*_DROPPED, "OS/2", "post"]
    font: Any = TTFont(io.BytesIO(Path(face.path).read_bytes()), lazy=True, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted({ord(letter) for letter in letters}))
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def widths(face: Face, letters: Iterable[str]) -> str:
    """The W array: advance of each glyph in thousandths of the type size."""
    known = {face.index(letter): face.advance(letter) * 1000 // face.units for letter in letters}
    return " ".join(f"{gid} [{wide}]" for gid, wide in sorted(known.items()))


def to_unicode(face: Face, letters: Iterable[str]) -> bytes:
    """The CMap from glyph numbers to letters, so that text can be searched and copied."""
    back: dict[int, str] = {}
    for letter in sorted(letters, reverse=True):  # of two letters with one glyph, the lower one
        back[face.index(letter)] = letter
    rows = [f"<{gid:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for gid, letter in sorted(back.items())]
    blocks = [
        f"{len(rows[n : n + 100])} beginbfchar\n" + "\n".join(rows[n : n + 100]) + "\nendbfchar"
        for n in range(0, len(rows), 100)
    ]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *blocks,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode("ascii")


def glyph_path(face: Face, letter: str) -> str:
    """The outline of a letter as PDF path operators in font units; empty for a space."""
    here = (0.0, 0.0)
    made: list[str] = []
    for stroke, points in face.outline(letter):
        if stroke == "moveTo":
            here = points[0]
            made.append(f"{here[0]:.0f} {here[1]:.0f} m")
        elif stroke == "lineTo":
            here = points[0]
            made.append(f"{here[0]:.0f} {here[1]:.0f} l")
        elif stroke == "qCurveTo":
            for bend, end in decomposeQuadraticSegment(points):
                first = [a + 2 / 3 * (b - a) for a, b in zip(here, bend, strict=True)]
                second = [c + 2 / 3 * (b - c) for c, b in zip(end, bend, strict=True)]
                made.append(" ".join(f"{value:.0f}" for value in (*first, *second, *end)) + " c")
                here = end
        elif stroke == "closePath":
            made.append("h")
    return " ".join(made)
