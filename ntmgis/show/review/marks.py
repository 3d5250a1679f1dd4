"""How verdicts look: a tone and a sign each, told apart by shape so that a grey photocopy keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from ntmgis.measure.monitoring import PACES
from ntmgis.show.paper.canvas import Canvas, Ink

__all__ = ["TONES", "Tone", "draw_sign_of", "tone_of"]


@dataclass(frozen=True, slots=True)
class Tone:
    """The tint behind a verdict, and its sign as one character where shapes cannot be drawn."""

    fill: str
    sign: str


TONES: Mapping[str, Tone] = {
    "reached": Tone("#cfe8dc", "✓"),
    "on_track": Tone("#e2f1ea", "▲"),
    "behind": Tone("#fbe3b6", "▼"),
    "missed": Tone("#f3c3b1", "✕"),
    "unknown": Tone("#eceff2", "?"),
    "no_target": Tone("#ffffff", "–"),
}
assert TONES.keys() == set(PACES)


def tone_of(pace: str) -> Tone:
    """The look of a verdict; that of "unknown" for any other word."""
    return TONES.get(pace, TONES["unknown"])


def draw_sign_of(canvas: Canvas, pace: str, middle: tuple[float, float], size: float) -> None:
    """The sign of a verdict around a point, `size` mm high."""
    x, y = middle
    half = size / 2
    ink = Ink(fill="ink")
    if pace == "reached":
        canvas.shapes([shapely.Point(x, y).buffer(half, quad_segs=8)], ink)
        tick = [
            (x - half * 0.5, y - half * 0.02),
            (x - half * 0.12, y - half * 0.42),
            (x + half * 0.52, y + half * 0.4),
        ]
        canvas.shapes([shapely.LineString(tick)], Ink(line="#ffffff", width=size * 0.14))
    elif pace in {"on_track", "behind"}:
        way = 1.0 if pace == "on_track" else -1.0
        tip, foot = y + way * half * 0.85, y - way * half * 0.75
        canvas.shapes([shapely.Polygon([(x - half * 0.95, foot), (x + half * 0.95, foot), (x, tip)])], ink)
    elif pace == "missed":
        arm = half * 0.75
        strokes = [
            shapely.LineString([(x - arm, y - arm), (x + arm, y + arm)]),
            shapely.LineString([(x - arm, y + arm), (x + arm, y - arm)]),
        ]
        canvas.shapes(strokes, Ink(line="ink", width=size * 0.2))
    elif pace == "no_target":
        canvas.line((x - half * 0.7, y), (x + half * 0.7, y), Ink(line="ink", width=size * 0.14))
    else:
        canvas.shapes([shapely.Point(x, y).buffer(half * 0.95, quad_segs=8)], Ink(line="ink", width=size * 0.1))
        canvas.text((x, y - size * 0.26), "?", size * 2.1, style="bold", align="center")
