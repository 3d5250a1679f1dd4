"""A small picture of the status map for lists and start pages: fills and borders, no words."""

import matplotlib as mpl

from ntmgis.measure.facts import Facts
from ntmgis.show.paper.canvas import SETTINGS, Canvas
from ntmgis.show.paper.content import ground_of
from ntmgis.show.paper.mapbody import draw_fills, on_paper
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.sizes import Rect
from ntmgis.store.snapshot import Snapshot

__all__ = ["thumbnail"]

_WIDTH, _HEIGHT, _AIR = 120.0, 90.0, 4.0  # mm of a picture that is only seen on screens


def thumbnail(snapshot: Snapshot, facts: Facts, *, width: int = 480) -> bytes:
    """The status map as a PNG `width` pixels wide and three quarters of that high."""
    with mpl.rc_context(SETTINGS):
        ground = ground_of(snapshot, facts, layers=False)
        x0, y0, x1, y1 = ground.province.bounds
        denominator = max((x1 - x0) / (_WIDTH - 2 * _AIR), (y1 - y0) / (_HEIGHT - 2 * _AIR)) * 1000
        middle = Placement(int(denominator) + 1, (x0 + x1) / 2, (y0 + y1) / 2, _WIDTH / 2, _HEIGHT / 2)
        canvas = Canvas(_WIDTH, _HEIGHT)
        draw_fills(canvas, Rect(0, 0, _WIDTH, _HEIGHT), on_paper(ground, middle), thin=True)
        return canvas.png(dpi=width / _WIDTH * 25.4)
