"""The table of a commune's villages: households, flags, and the number that stands for a name on the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page_facts import Village, few
from ntmgis.show.paper.commune_page_parts import draw_heading
from ntmgis.show.paper.font import shorten, width
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.words import number

__all__ = ["VillageTable", "draw_villages", "village_table"]

# Column of the flags of villages: heading and the word of the key.
FLAGS = (("KM", "kiểu mẫu"), ("DT", "NTM vùng DTTS"), ("TM", "thông minh"))
_MINORITY = 1
_MARK = 4.6  # mm for each flag


@dataclass(frozen=True, slots=True)
class VillageTable:
    """How the villages are set: columns, rows in each, height of a row, and how many of them are listed."""

    columns: int
    rows: int
    step: float
    shown: int
    height: float


_HEAD = 9.6  # mm for heading and column titles
_FOOT = 4.4  # mm for the key


def village_table(count: int, template: Template, *, columns: int, most: float) -> VillageTable:
    """The table of `count` villages in at most `most` mm of height; rows come closer before any is left out."""
    plain, least = line_height(template.small), template.small * 0.385
    rows = max(-(-count // columns), 1)
    room = most - _HEAD - _FOOT
    step = max(min(plain, room / rows), least)
    rows = min(rows, max(int(room / step + 1e-6), 1))
    shown = min(count, rows * columns)
    if shown < count:
        shown -= 1  # the last place says how many are not listed
    return VillageTable(columns, rows, step, shown, _HEAD + _FOOT + rows * step)


def draw_villages(
    canvas: Canvas,
    place: Rect,
    villages: Sequence[Village],
    table: VillageTable,
    numbers: Mapping[str, int],
    template: Template,
    *,
    flagged: bool = True,
) -> None:
    """Villages with households and flags; `numbers` are those that stand on the map instead of a name."""
    households = [one.households for one in villages]
    total = sum(count for count in households if count is not None)
    silent = sum(count is None for count in households)
    told = f"{few(total)} hộ" + (f", {number(silent)} thôn chưa rõ số hộ" if silent else "")
    if not villages or silent == len(villages):
        told = "chưa rõ số hộ" if villages else "chưa có danh sách"
    top = place.top - draw_heading(
        canvas, place, f"{number(len(villages))} thôn, làng, tổ dân phố", template, note=told
    )
    if not villages:
        return
    size, step = template.small, table.step
    gap = 3.0
    wide = (place.width - gap * (table.columns - 1)) / table.columns
    marks = _MARK * len(FLAGS) if flagged else 0.0
    for column in range(-(-table.shown // table.rows)):
        right = place.x + column * (wide + gap) + wide
        canvas.text((right - marks - 1.0, top - 3.0), "số hộ", size, color="quiet", align="right")
        for n, (head, _) in enumerate(FLAGS if flagged else ()):
            middle = right - marks + _MARK * (n + 0.5)
            canvas.text((middle, top - 3.0), head, size, color="quiet", align="center")
    top -= 4.2
    for n, one in enumerate(villages[: table.shown]):
        left, low = place.x + (n // table.rows) * (wide + gap), top - (n % table.rows + 1) * step
        no = numbers.get(one.code)
        if no is not None:
            at = (left + 3.6, low + step / 2 - size * 0.115)
            canvas.text(at, str(no), size, style="semibold", align="right")
        start = 4.6 if numbers else 0.0
        _row(canvas, Rect(left + start, low, wide - start, step), one, marks, size)
    left_out = len(villages) - table.shown
    if left_out:
        n = table.shown
        at = (place.x + (n // table.rows) * (wide + gap), top - (n % table.rows + 1) * step + step / 2 - size * 0.115)
        canvas.text(at, f"và {number(left_out)} thôn khác (xem bảng số liệu)", size, style="italic", color="quiet")
    _key(canvas, place, villages, numbers, template, flagged=flagged)


def _row(canvas: Canvas, place: Rect, one: Village, marks: float, size: float) -> None:
    base = place.y + place.height / 2 - size * 0.115
    count = few(one.households)
    label = one.name + (" *" if one.minority else "")
    room = place.width - marks - 2.5 - width(count, size)
    canvas.text((place.x, base), shorten(label, within=room, size=size), size)
    canvas.text((place.right - marks - 1.0, base), count, size, align="right")
    if not marks:
        return
    for k, flag in enumerate((one.model, one.minority_ntm, one.smart)):
        state = "unknown" if flag is None else "met" if flag else "not_met"
        if k == _MINORITY and flag is None and one.minority is False:
            state = "not_applicable"
        at = (place.right - marks + _MARK * (k + 0.5), place.y + place.height / 2)
        _flag(canvas, state, at, min(place.height * 0.62, 2.4))


def _key(
    canvas: Canvas,
    place: Rect,
    villages: Sequence[Village],
    numbers: Mapping[str, int],
    template: Template,
    *,
    flagged: bool,
) -> None:
    """What the signs of the table mean."""
    size, left, base = template.small, place.x, place.y + 0.8
    parts = []
    if flagged:
        outside = any(one.minority is False and one.minority_ntm is None for one in villages)
        states = [("met", "đạt"), ("not_met", "chưa đạt"), ("unknown", "chưa có số liệu")]
        for state, words in [*states, ("not_applicable", "không thuộc diện")] if outside else states:
            _flag(canvas, state, (left + 1.2, base + 1.0), 2.2)
            canvas.text((left + 3.2, base), words, size, color="quiet")
            left += 5.4 + width(words, size)
        parts += [f"{head}: {words}" for head, words in FLAGS]
    else:
        parts.append("chưa có số liệu kết quả cấp thôn")
    if any(one.minority for one in villages):
        parts.append("*: vùng DTTS")
    if numbers:
        parts.append("số đứng trước: số trên bản đồ")
    text = " · ".join(parts)
    canvas.text((left, base), shorten(text, within=place.right - left, size=size), size, color="quiet")


def _flag(canvas: Canvas, state: str, at: tuple[float, float], unit: float) -> None:
    """A small sign without a box: tick in a dark disc, empty disc, question mark."""
    x, y = at
    if state == "met":
        disc = shapely.Point(0, 0).buffer(unit / 2, quad_segs=4)
        tick = shapely.LineString([(-unit * 0.24, 0), (-unit * 0.06, -unit * 0.19), (unit * 0.26, unit * 0.2)])
        canvas.stamp([(disc, Ink(fill="#0b5563")), (tick, Ink(line="#ffffff", width=unit * 0.13))], [at])
    elif state == "not_met":
        disc = shapely.Point(0, 0).buffer(unit * 0.42, quad_segs=4)
        canvas.stamp([(disc, Ink(line="#6b7280", width=0.18))], [at])
    elif state == "not_applicable":
        canvas.line((x - unit * 0.3, y), (x + unit * 0.3, y), Ink(line="rule", width=0.25))
    else:
        canvas.text((x, y - unit * 0.36), "?", unit * 2.9, color="quiet", align="center")
