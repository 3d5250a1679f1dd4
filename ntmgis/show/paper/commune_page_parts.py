"""The blocks of a commune's page: criteria, measures, trend, works; each fills a rectangle.

Lengths are those of the template. A state is told by a sign and a grey value of its own, never by colour alone.
"""

from collections.abc import Collection, Sequence

import numpy as np
import shapely

from ntmgis.programme.criteria import CriteriaSet
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page_facts import CriterionCell, Measure, Period
from ntmgis.show.paper.commune_page_near import SERVICES, Nearest
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.painting import Look
from ntmgis.show.paper.signs import draw_glyph, draw_sign
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.symbols import symbols, tier_label
from ntmgis.show.words import UNKNOWN, number

__all__ = [
    "STATE_WORDS",
    "draw_criteria",
    "draw_heading",
    "draw_key",
    "draw_measures",
    "draw_state",
    "draw_trend",
    "draw_works",
    "tier_look",
    "works_height",
]

STATE_WORDS = {
    "met": "đạt",
    "not_met": "chưa đạt",
    "not_assessed": "chưa đánh giá",
    "not_applicable": "không áp dụng",
    "unknown": "chưa có số liệu",
    "withheld": "không in công khai",
}
# Fill of the box of a state: greys that lie apart; the sign in it says the same.
_FILLS = {
    "met": "#7ebba2",
    "not_met": "#f4cd72",
    "not_assessed": "#c3cbd6",
    "not_applicable": "#8f9bab",
    "unknown": "#ffffff",
    "withheld": "#ffffff",
}
_RULE = Ink(line="rule", width=0.15)
_BAR = "#458a8c"
_TRACK = "#e9ebef"


def tier_look(tier: str) -> Look:
    """How a tier looks in a box."""
    look = symbols()["tier"][tier]
    return Look(tier, tier_label(tier), str(look["fill"]), str(look["text"]), str(look["pattern"]))


def draw_heading(canvas: Canvas, place: Rect, text: str, template: Template, *, note: str = "") -> float:
    """A heading over a rule, with a quiet note after it; gives the height it takes."""
    size = template.heading
    base = place.top - line_height(size) * 0.72
    canvas.text((place.x, base), text, size, style="bold")
    left = place.x + width(text, size, "bold") + 2.0
    room = place.right - left
    if note and room > 8:
        canvas.text((left, base), shorten(note, within=room, size=template.small), template.small, color="quiet")
    low = place.top - line_height(size) - 0.6
    canvas.line((place.x, low), (place.right, low), _RULE)
    return line_height(size) + 1.4


def draw_state(canvas: Canvas, state: str, box: Rect) -> None:
    """The box of one state of a criterion or a flag."""
    canvas.rect(box, Ink(fill=_FILLS[state], line="#6b7280", width=0.15))
    x, y = box.x + box.width / 2, box.y + box.height / 2
    unit = min(box.width, box.height)
    pen = Ink(line="ink", width=unit * 0.13, cap="round")
    if state == "met":
        canvas.shapes(
            [
                shapely.LineString(
                    [(x - unit * 0.32, y), (x - unit * 0.08, y - unit * 0.26), (x + unit * 0.34, y + unit * 0.3)]
                )
            ],
            pen,
        )
    elif state == "not_met":
        arm = unit * 0.25
        canvas.line((x - arm, y - arm), (x + arm, y + arm), pen)
        canvas.line((x - arm, y + arm), (x + arm, y - arm), pen)
    elif state == "not_assessed":
        canvas.line((x - unit * 0.3, y), (x + unit * 0.3, y), pen)
    elif state == "not_applicable":
        canvas.line((x - unit * 0.32, y - unit * 0.3), (x + unit * 0.32, y + unit * 0.3), pen)
    elif state == "unknown":
        canvas.text((x, y - unit * 0.3), "?", unit * 2.35, style="semibold", color="quiet", align="center")
    else:
        dot = shapely.Point(0, 0).buffer(unit * 0.06, quad_segs=2)
        canvas.stamp([(dot, Ink(fill="quiet"))], [(x + step * unit * 0.28, y) for step in (-1, 0, 1)])


def draw_key(canvas: Canvas, place: Rect, states: Sequence[str], template: Template) -> None:
    """The boxes of `states` with their words, from the left; what has no room is left out by the caller."""
    left, size = place.x, template.small
    for state in states:
        draw_state(canvas, state, Rect(left, place.y + 0.2, 3.6, 2.8))
        canvas.text((left + 4.6, place.y + 0.7), STATE_WORDS[state], size, color="quiet")
        left += 4.6 + width(STATE_WORDS[state], size) + 3.0


def draw_criteria(
    canvas: Canvas,
    place: Rect,
    cells: Sequence[CriterionCell],
    set_: CriteriaSet,
    template: Template,
    *,
    note: str = "",
) -> None:
    """The criteria of the commune's set in two columns, and the key of the states that occur."""
    top = place.top - draw_heading(
        canvas, place, f"{number(set_.count)} tiêu chí, bộ {set_.id}", template, note=note or _unknown_names(cells)
    )
    if note:
        return
    half = -(-len(cells) // 2)
    states = [state for state in STATE_WORDS if any(cell.state == state for cell in cells)]
    key = 4.6
    step = min((top - place.y - key) / max(half, 1), 5.4)
    size = template.small
    names = [cell.name for cell in cells[:half]]
    first = max([width(name, size) for name in names] or [0.0]) + 13.0
    lefts = (place.x, place.x + min(max(first, place.width * 0.4), place.width * 0.5))
    for n, cell in enumerate(cells):
        left, row = lefts[n // half], n % half
        right = lefts[1] - 2.0 if n < half else place.right
        y = top - (row + 1) * step
        draw_state(canvas, cell.state, Rect(left, y + (step - 3.3) / 2, 4.4, 3.3))
        base = y + step / 2 - size * 0.115
        canvas.text((left + 9.0, base), str(cell.no), size, style="semibold", align="right")
        if cell.name:
            label, color = cell.name, "ink"
        else:
            label, color = STATE_WORDS["withheld"] if cell.state == "withheld" else "", "quiet"
        canvas.text((left + 10.4, base), shorten(label, within=right - left - 10.4, size=size), size, color=color)
    draw_key(canvas, Rect(place.x, place.y, place.width, key), states, template)


def _unknown_names(cells: Sequence[CriterionCell]) -> str:
    nameless = any(not cell.name and cell.state != "withheld" for cell in cells)
    return "chưa có tên từng tiêu chí của bộ này" if nameless else ""


def draw_measures(canvas: Canvas, place: Rect, measures: Sequence[Measure], template: Template) -> None:
    """Bars from 0 to 100 %, with a stroke for the whole province and a diamond for the target."""
    top = place.top - draw_heading(canvas, place, "Chỉ số", template)
    size = template.small
    label = place.width * 0.42
    value = 20.0
    bar = Rect(place.x + label, 0.0, place.width - label - value - 1.5, 0.0)
    key = 4.4
    step = min((top - place.y - key) / max(len(measures), 1), 5.2)
    for n, one in enumerate(measures):
        y = top - (n + 0.5) * step
        canvas.text((place.x, y - size * 0.115), shorten(one.label, within=label - 1.5, size=size), size)
        track = Rect(bar.x, y - 1.1, bar.width, 2.2)
        if one.value is None:
            canvas.rect(track, Ink(line="rule", width=0.15, dash=(0.6, 0.5)))
        else:
            canvas.rect(track, Ink(fill=_TRACK))
            canvas.rect(Rect(bar.x, track.y, bar.width * min(max(one.value, 0.0), 1.0), 2.2), Ink(fill=_BAR))
        if one.province is not None:
            _province_mark(canvas, bar.x + bar.width * one.province, y)
        if one.target is not None:
            _target_mark(canvas, bar.x + bar.width * one.target, y)
        words = shorten(one.words, within=value, size=size, style="semibold")
        canvas.text((place.right, y - size * 0.115), words, size, style="semibold", align="right")
    left, base = place.x, place.y + 1.0
    of_district = any(one.of_district and one.target is not None for one in measures)
    target = "mục tiêu (thôn vùng DTTS: của huyện)" if of_district else "mục tiêu"
    for draw, words, used in (
        (_province_mark, "toàn tỉnh", any(one.province is not None for one in measures)),
        (_target_mark, target, any(one.target is not None for one in measures)),
    ):
        if used:
            draw(canvas, left + 1.0, base + 1.0)
            canvas.text((left + 3.2, base), words, size, color="quiet")
            left += 6.5 + width(words, size)
    if any(one.value is None for one in measures) and left + 25 < place.right:
        canvas.rect(Rect(left, base, 5.0, 2.0), Ink(line="rule", width=0.15, dash=(0.6, 0.5)))
        canvas.text((left + 6.2, base), "chưa có số liệu", size, color="quiet")


def _province_mark(canvas: Canvas, x: float, y: float) -> None:
    canvas.line((x, y - 1.7), (x, y + 1.7), Ink(line="#ffffff", width=0.9, cap="butt"))
    canvas.line((x, y - 1.7), (x, y + 1.7), Ink(line="ink", width=0.35, cap="butt"))


def _target_mark(canvas: Canvas, x: float, y: float) -> None:
    shape = shapely.Polygon([(-0.9, 0), (0, 1.25), (0.9, 0), (0, -1.25)])
    canvas.stamp([(shape, Ink(fill="accent", line="#ffffff", width=0.3))], [(x, y)])


def draw_trend(canvas: Canvas, place: Rect, periods: Sequence[Period], template: Template, *, note: str = "") -> None:
    """A column for each period: its height the criteria met, its fill and pattern the tier."""
    top = place.top - draw_heading(canvas, place, "Qua các kỳ", template, note=note or "số tiêu chí đạt; màu: kết quả")
    size = template.small
    if not periods:
        canvas.text((place.x, top - line_height(size)), "Chưa có kỳ báo cáo nào.", size, color="quiet")
        return
    foot, head = line_height(size), line_height(size)
    room = top - place.y - foot - head
    step = min(place.width / len(periods), 24.0)
    wide = min(step - 2.0, 14.0)
    floor = place.y + foot
    canvas.line((place.x, floor), (place.x + step * len(periods), floor), _RULE)
    for n, one in enumerate(periods):
        x = place.x + n * step + (step - wide) / 2
        tall = room * (one.met / one.of if one.met is not None and one.of else 0.0)
        known = one.met is not None and bool(one.of)
        box = Rect(x, floor, wide, max(tall, 1.6) if known else 1.6)
        swatch(canvas, box, tier_look(one.tier))
        words = f"{number(one.met)}/{number(one.of)}" if known else UNKNOWN
        canvas.text((x + wide / 2, box.top + 0.8), words, size, style="semibold", align="center")
        canvas.text((x + wide / 2, place.y + 0.4), one.label, size, color="quiet", align="center")


def works_height(rows: int, template: Template, *, plain: float = 3.8) -> float:
    """The height of the table of works with `rows` rows, each `plain` mm high."""
    return line_height(template.heading) + 1.4 + (rows + 1) * plain + 3 * line_height(template.small) + 1.0


def draw_works(
    canvas: Canvas, place: Rect, rows: Sequence[Nearest], drawn: Collection[str], from_where: str, template: Template
) -> None:
    """Works within the commune, and how far the nearest one is; with its sign where the layer is `drawn` on the map."""
    top = place.top - draw_heading(canvas, place, "Công trình", template, note="trong xã, gần nhất (km)")
    size, line = template.small, line_height(template.small)
    told = f"Km đường thẳng {from_where} đến công trình đang dùng trong tỉnh: giữa là trung vị, xa là thôn xa nhất."
    if any(one.within and one.layer not in drawn for one in rows):
        told += " Không có dấu: không vẽ ở tỷ lệ này."
    note = wrap(told, within=place.width, size=size)
    step = min((top - place.y - line * len(note) - 1.0) / (len(rows) + 1), 4.4)
    right = (place.right - 19.5, place.right - 9.5, place.right)
    for edge, words in zip(right, ("số", "giữa", "xa"), strict=True):
        canvas.text((edge, top - step * 0.72), words, size, color="quiet", align="right")
    for n, one in enumerate(rows, start=1):
        y = top - (n + 0.5) * step
        if one.layer in drawn:
            _sign(canvas, one.layer, (place.x + 1.6, y))
        base = y - size * 0.115
        canvas.text((place.x + 4.4, base), shorten(one.title, within=right[0] - place.x - 8.0, size=size), size)
        far = () if one.layer not in SERVICES else (number(one.typical, 1), number(one.farthest, 1))
        for edge, words in zip(right, (number(one.within), *far), strict=False):
            canvas.text((edge, base), words, size, align="right")
    for n, text in enumerate(note):
        canvas.text((place.x, place.y + line * (len(note) - 1 - n) + 0.6), text, size, color="quiet")


def _sign(canvas: Canvas, layer: str, at: tuple[float, float]) -> None:
    look = symbols()["point"][layer]
    if layer in {"water_supply", "waste_point"}:
        draw_sign(canvas, str(look["path"]), str(look["color"]), "works", [at], size=2.7)
    else:
        draw_glyph(canvas, str(look["path"]), "works", np.array([at]), size=2.7)
