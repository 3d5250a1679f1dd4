"""A small picture of the status map for lists and start pages: fills and borders, no words."""

from ntmgis.measure.facts import Facts
from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.content import ground_of, scope_of
from ntmgis.show.paper.mapbody import PaperGround, draw_fills
from ntmgis.show.paper.multiples import fitted
from ntmgis.show.paper.painting import status_painting
from ntmgis.show.paper.sizes import Rect
from ntmgis.store.snapshot import Snapshot

__all__ = ["thumbnail"]

_SHEET = Rect(0, 0, 120.0, 90.0)  # mm of a picture that is only seen on screens


def thumbnail(snapshot: Snapshot, facts: Facts, *, width: int = 480) -> bytes:
    """The status map as a PNG `width` pixels wide and three quarters of that high."""
    ground = ground_of(snapshot, facts, layers=False)
    painting = status_painting(snapshot, facts, scope_of(ground, snapshot, None))
    canvas = Canvas(_SHEET.width, _SHEET.height)
    paper = PaperGround(ground, fitted(ground.province.bounds, _SHEET, air=4.0))
    draw_fills(canvas, _SHEET, paper, painting, share=0.5, patterns=False)
    return canvas.png(dpi=width / _SHEET.width * 25.4)
