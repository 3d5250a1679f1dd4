"""Many small maps on one page, all at one scale: a criterion each, or a measure each, side by side to be compared."""

import math
from collections.abc import Sequence

from ntmgis.errors import UsageError, problem
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Scope
from ntmgis.show.paper.font import shorten, wrap
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.furniture import SheetText, draw_foot, draw_title, map_frame
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.mapbody import PaperGround, draw_fills
from ntmgis.show.paper.painting import Look, Painting
from ntmgis.show.paper.scale import ROUND_SCALES, Placement, projection_note
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.words import number

__all__ = ["draw_multiples", "fitted"]

_GAP = 3.0
_AIR = 1.5
_LEGEND = 34.0  # mm at the foot of the page, for what all maps share


def fitted(bounds: tuple[float, float, float, float], rect: Rect, *, air: float) -> Placement:
    """The ground in the middle of a rectangle, as large as it fits: no round scale, for small pictures."""
    x0, y0, x1, y1 = bounds
    scale = max((x1 - x0) / (rect.width - 2 * air), (y1 - y0) / (rect.height - 2 * air))
    middle = (rect.x + rect.width / 2, rect.y + rect.height / 2)
    return Placement(int(scale * 1000) + 1, (x0 + x1) / 2, (y0 + y1) / 2, *middle)


def draw_multiples(
    ground: Ground,
    scope: Scope,
    paintings: Sequence[Painting],
    words: SheetText,
    template: Template,
    style: HouseStyle,
    *,
    crs: str,
    bw: bool,
) -> tuple[Canvas, tuple[int, tuple[float, float]]]:
    """The page, with its scale and its size in mm. The grid and the orientation that allow the largest scale win."""
    seen = ground.window(scope.area.buffer(-1.0)) if scope.level != "province" else ground
    x0, y0, x1, y1 = scope.area.bounds
    head = line_height(template.heading) * 2 + line_height(template.small) * 1.2 + 1.0
    best: tuple[int, int, Rect, Rect] | None = None
    for turned in (False, True):
        sheet, frame = map_frame(template, style, words, turned=turned)
        body = Rect(frame.x, frame.y + _LEGEND, frame.width, frame.height - _LEGEND).grown(template.frame_band)
        for columns in range(1, len(paintings) + 1):
            rows = math.ceil(len(paintings) / columns)
            wide = (body.width - _GAP * (columns - 1)) / columns - 2 * _AIR
            tall = (body.height - _GAP * (rows - 1)) / rows - head - 2 * _AIR
            if wide <= 10 or tall <= 10:
                continue
            need = max((x1 - x0) / wide, (y1 - y0) / tall) * 1000 / template.magnify
            scale = next((one for one in ROUND_SCALES if one >= need), None)
            if scale is not None and (best is None or scale < best[0]):
                best = (scale, columns, sheet, body)
    if best is None:
        raise UsageError(problem("E-PAPER-TOO-SMALL"))
    scale, columns, sheet, body = best
    canvas = Canvas(sheet.width, sheet.height, monochrome=bw, magnify=template.magnify, colors=style.colors)
    rows = math.ceil(len(paintings) / columns)
    wide = (body.width - _GAP * (columns - 1)) / columns
    tall = (y1 - y0) * 1000 / scale / template.magnify + head + 2 * _AIR
    step = (body.height + _GAP) / rows if rows > 1 else tall
    shared: PaperGround | None = None
    for n, painting in enumerate(paintings):
        cell = Rect(body.x + (n % columns) * (wide + _GAP), body.top - (n // columns) * step - tall, wide, tall)
        place = Rect(cell.x, cell.y, cell.width, cell.height - head)
        middle = (place.x + place.width / 2, place.y + place.height / 2)
        placement = Placement(scale, (x0 + x1) / 2, (y0 + y1) / 2, *middle, template.magnify)
        paper = PaperGround(seen, placement, scope) if shared is None else shared.moved(placement)
        shared = shared or paper
        _heading(canvas, painting, cell, template)
        draw_fills(canvas, place, paper, painting, background=None, share=0.45, finer=1.6)
    _legend(canvas, paintings, Rect(body.x, body.y - _LEGEND, body.width, _LEGEND - 4), scale, crs, template)
    draw_title(canvas, words, template, style)
    draw_foot(canvas, words, template)
    size = (round(sheet.width * template.magnify, 3), round(sheet.height * template.magnify, 3))
    return canvas, (scale, size)


def _heading(canvas: Canvas, painting: Painting, cell: Rect, template: Template) -> None:
    """What the small map shows, and its answer in a few words."""
    step = line_height(template.heading)
    name = painting.title.partition(": ")[2] or painting.title
    name = name[:1].upper() + name[1:]
    lines = wrap(name, within=cell.width, size=template.heading, style="semibold")
    if len(lines) > 2:
        lines = (lines[0], shorten(" ".join(lines[1:]), within=cell.width, size=template.heading, style="semibold"))
    top = cell.top
    for line in lines:
        canvas.text((cell.x, top - step * 0.75), line, template.heading, style="semibold")
        top -= step
    caption = shorten(painting.caption, within=cell.width, size=template.small)
    canvas.text((cell.x, top - step * 0.7), caption, template.small, color="quiet")


def _legend(
    canvas: Canvas, paintings: Sequence[Painting], place: Rect, scale: int, crs: str, template: Template
) -> None:
    """The classes of all maps with how often each occurs, then scale, projection and north."""
    used = {id_ for painting in paintings for id_ in painting.counts()}
    looks: list[Look] = [look for look in paintings[0].looks if look.id in used]
    step = line_height(template.body) + 1.2
    columns = max(1, math.ceil(len(looks) / 4))
    wide = (place.width - 90) / max(columns, 2)
    canvas.line((place.x, place.top), (place.right, place.top), Ink(line="rule", width=0.2))
    for n, look in enumerate(looks):
        x, y = place.x + (n // 4) * wide, place.top - 3.0 - (n % 4 + 1) * step
        swatch(canvas, Rect(x, y, 9.0, step - 1.6), look)
        total = sum(painting.counts().get(look.id, 0) for painting in paintings)
        label = f"{look.label} ({number(total)} lượt xã trên {len(paintings)} bản đồ)"
        label = shorten(label, within=wide - 13, size=template.body)
        canvas.text((x + 11, y + (step - 1.6) / 2 - 1.0), label, template.body)
    left_out = paintings[0].note
    if paintings[0].theme.startswith("criterion."):
        left_out = "Tiêu chí không đưa lên bản đồ công khai thì không vẽ ở đây."
    y = place.top - 3.0 - (min(len(looks), 4) + 1) * step
    for n, line in enumerate(wrap(left_out, within=place.width - 100, size=template.small)[:1]):
        canvas.text((place.x, y - n * line_height(template.small)), line, template.small, color="quiet")
    right = place.right - 84
    note = shorten(projection_note(crs), within=70, size=template.small)
    canvas.text((right, place.top - 8), f"Tỷ lệ 1:{number(scale)}", template.heading + 2, style="bold")
    bar = Placement(scale, 0, 0, 0, 0, template.magnify)
    draw_scale_bar(canvas, (right + 0.7, place.top - 15), bar, longest=50, template=template)
    canvas.text((right, place.top - 23), note, template.small, color="quiet")
    draw_north(canvas, (place.right - 5, place.top - 17), height=9, template=template)
