"""Many small maps on one page, all at one scale: a criterion each, or a measure each, side by side to be compared.

A criterion that its set keeps off public maps has its place and its number, and is drawn empty.
"""

import math
from collections.abc import Sequence

from ntmgis.errors import UsageError, problem
from ntmgis.programme.criteria import criteria_set
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page_locator import Locator
from ntmgis.show.paper.content import Ground, Scope
from ntmgis.show.paper.fitted import corners
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.furniture import SheetText, draw_foot, draw_title, map_frame
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.mapbody import PaperGround, draw_fills
from ntmgis.show.paper.painting import Look, Painting
from ntmgis.show.paper.panels import Panel, signature_panel
from ntmgis.show.paper.scale import ROUND_SCALES, Placement, projection_note
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.web.themes import CRITERIA_SET
from ntmgis.show.words import number, upper

__all__ = ["draw_multiples", "fitted"]

_GAP = 2.0
_AIR = 0.3
_LEGEND = 34.0  # mm at the foot of the page, for what all maps share
_LEAST_LEGEND = 60.0  # mm of it for the classes; where less is left, signatures and locator stand above
_SCALE = 84.0
_INSET = (24.0, 29.0)
_ROWS = 5


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
    """The page, with its scale and its size in mm."""
    seen = ground.window(scope.area.buffer(-1.0)) if scope.level != "province" else ground
    x0, y0, x1, y1 = scope.area.bounds
    head = line_height(template.body) * 2 + line_height(template.small) + 0.6
    shown: list[Painting | int] = [*paintings, *_withheld(paintings)]
    signature = signature_panel(style, template)
    scale, columns, sheet, body = _grid(scope, len(shown), words, template, style, signature, head)
    canvas = Canvas(sheet.width, sheet.height, monochrome=bw, magnify=template.magnify, colors=style.colors)
    rows = math.ceil(len(shown) / columns)
    wide = (body.width - _GAP * (columns - 1)) / columns
    tall = (y1 - y0) * 1000 / scale / template.magnify + head + 2 * _AIR
    step = (body.height + _GAP) / rows if rows > 1 else tall
    shared: PaperGround | None = None
    for n, one in enumerate(shown):
        cell = Rect(body.x + (n % columns) * (wide + _GAP), body.top - (n // columns) * step - tall, wide, tall)
        place = Rect(cell.x, cell.y, cell.width, cell.height - head)
        middle = (place.x + place.width / 2, place.y + place.height / 2)
        placement = Placement(scale, (x0 + x1) / 2, (y0 + y1) / 2, *middle, template.magnify)
        paper = PaperGround(seen, placement, scope) if shared is None else shared.moved(placement)
        shared = shared or paper
        if isinstance(one, int):
            _empty(canvas, one, paper, cell, template)
            continue
        _heading(canvas, one, cell, template)
        draw_fills(canvas, place, paper, one, background=None, share=0.45, finer=1.6)
        canvas.locate(place, corners(placement, place, crs), crs)
    low = _legend_height(body.width, scope, signature)
    foot = Rect(body.x, body.y - low, body.width, low - 4)
    canvas.line((foot.x, foot.top), (foot.right, foot.top), Ink(line="rule", width=0.2))
    _beside(canvas, ground, scope, foot, signature)
    doubled = low > _LEGEND
    room = foot.width - _SCALE - (0.0 if doubled else _more_width(scope, signature)) - 4.0
    row = Rect(foot.x, foot.y, foot.width, _LEGEND - 4.0) if doubled else foot
    _legend(canvas, paintings, row, room, scale, crs, template)
    draw_title(canvas, words, template, style)
    draw_foot(canvas, words, template)
    size = (round(sheet.width * template.magnify, 3), round(sheet.height * template.magnify, 3))
    return canvas, (scale, size)


def _grid(
    scope: Scope,
    cells: int,
    words: SheetText,
    template: Template,
    style: HouseStyle,
    signature: Panel | None,
    head: float,
) -> tuple[int, int, Rect, Rect]:
    """The scale, the columns, the sheet and the room of the maps: the largest scale, then the fewest empty places."""
    x0, y0, x1, y1 = scope.area.bounds
    found: list[tuple[int, int, int, Rect, Rect]] = []
    for turned in (False, True):
        sheet, frame = map_frame(template, style, words, turned=turned)
        low = _legend_height(frame.width + 2 * template.frame_band, scope, signature)
        body = Rect(frame.x, frame.y + low, frame.width, frame.height - low).grown(template.frame_band)
        for columns in range(1, cells + 1):
            rows = math.ceil(cells / columns)
            wide = (body.width - _GAP * (columns - 1)) / columns - 2 * _AIR
            tall = (body.height - _GAP * (rows - 1)) / rows - head - 2 * _AIR
            if wide <= 10 or tall <= 10:
                continue
            need = max((x1 - x0) / wide, (y1 - y0) / tall) * 1000 / template.magnify
            scale = next((one for one in ROUND_SCALES if one >= need), None)
            if scale is not None:
                found.append((scale, rows * columns - cells, columns, sheet, body))
    if not found:
        raise UsageError(problem("E-PAPER-TOO-SMALL"))
    scale, _, columns, sheet, body = min(found, key=lambda one: one[:2])
    return scale, columns, sheet, body


def _empty(canvas: Canvas, no: int, paper: PaperGround, cell: Rect, template: Template) -> None:
    """The place of a criterion that is not shown: its number, and the outline."""
    base = cell.top - line_height(template.body) * 0.75
    canvas.text((cell.x, base), f"{no}. …", template.body, style="semibold", color="quiet")
    note = shorten("không đưa lên bản đồ công khai", within=cell.width, size=template.small)
    base = cell.top - line_height(template.body) - line_height(template.small) * 0.7
    canvas.text((cell.x, base), note, template.small, color="quiet")
    canvas.shapes([paper.whole], Ink(line="rule", width=0.25))


def _withheld(paintings: Sequence[Painting]) -> list[int]:
    """Numbers of the criteria that are not shown, where all others are."""
    if not paintings[0].theme.startswith("criterion."):
        return []
    return sorted(criteria_set(CRITERIA_SET).withheld)


def _more_width(scope: Scope, signature: Panel | None) -> float:
    """What signatures and the locator take of the foot."""
    return (signature.width + 4.0 if signature else 0.0) + (_INSET[0] + 4.0 if scope.level != "province" else 0.0)


def _legend_height(wide: float, scope: Scope, signature: Panel | None) -> float:
    """The height of the foot: doubled where classes, scale, signatures and locator do not stand beside each other."""
    return _LEGEND if wide - _SCALE - _more_width(scope, signature) >= _LEAST_LEGEND else 2 * _LEGEND


def _beside(canvas: Canvas, ground: Ground, scope: Scope, foot: Rect, signature: Panel | None) -> None:
    """Signatures and the locator in the foot: left of the scale, or in a row of their own over it."""
    doubled = foot.height > _LEGEND
    top = foot.top - 1.0
    right = foot.right if doubled else foot.right - _SCALE
    if signature is not None:
        tall = signature.size.height
        signature.draw(canvas, Rect(right - signature.width, top - tall, signature.width, tall))
        right -= signature.width + 4.0
    if scope.level != "province":
        wide, tall = _INSET
        place = Rect(foot.x if doubled else right - wide, top - tall, wide, tall)
        Locator(ground.districts, ground.province).inset(canvas, place, scope.area)


def _heading(canvas: Canvas, painting: Painting, cell: Rect, template: Template) -> None:
    """What the small map shows, and its answer in a few words."""
    step = line_height(template.body)
    name = upper(painting.title.partition(": ")[2] or painting.title)
    lines = wrap(name, within=cell.width, size=template.body, style="semibold")
    if len(lines) > 2:
        lines = (lines[0], shorten(" ".join(lines[1:]), within=cell.width, size=template.body, style="semibold"))
    top = cell.top
    for line in lines:
        canvas.text((cell.x, top - step * 0.75), line, template.body, style="semibold")
        top -= step
    caption = shorten(painting.caption, within=cell.width, size=template.small)
    canvas.text((cell.x, top - step * 0.78), caption, template.small, color="quiet")


def _legend(
    canvas: Canvas,
    paintings: Sequence[Painting],
    place: Rect,
    room: float,
    scale: int,
    crs: str,
    template: Template,
) -> None:
    """The classes of all maps with how often each occurs, in the left `room` mm; at the right scale and north."""
    used = {id_ for painting in paintings for id_ in painting.counts()}
    looks: list[Look] = [look for look in paintings[0].looks if look.id in used]
    step = line_height(template.body) + 1.0
    columns = max(1, math.ceil(len(looks) / _ROWS))
    wide = min(room / columns, 70.0)
    y = place.top - 1.5 - line_height(template.small)
    counted = f"Số lượt xã trên {len(paintings)} bản đồ"
    note = paintings[0].note
    head = shorten(f"{counted}. {note}" if note else counted, within=room, size=template.small)
    canvas.text((place.x, y + 0.8), head, template.small, color="quiet")
    for n, look in enumerate(looks):
        x, base = place.x + (n // _ROWS) * wide, y - (n % _ROWS + 1) * step
        swatch(canvas, Rect(x, base, 9.0, step - 1.4), look)
        total = number(sum(painting.counts().get(look.id, 0) for painting in paintings))
        gap = width(total, template.body, "semibold") + 4.0
        label = shorten(look.label, within=wide - 14 - gap, size=template.body)
        canvas.text((x + 11, base + 0.8), label, template.body)
        canvas.text((x + wide - 4.0, base + 0.8), total, template.body, style="semibold", align="right")
    right = place.right - _SCALE + 4.0
    projection = shorten(projection_note(crs), within=70, size=template.small)
    canvas.text((right, place.top - 8), f"Tỷ lệ 1:{number(scale)}", template.heading + 2, style="bold")
    bar = Placement(scale, 0, 0, 0, 0, template.magnify)
    draw_scale_bar(canvas, (right + 0.7, place.top - 15), bar, longest=50, template=template)
    canvas.text((right, place.top - 23), projection, template.small, color="quiet")
    draw_north(canvas, (place.right - 5, place.top - 17), height=9, template=template)
