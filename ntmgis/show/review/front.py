"""The first page, read in a minute and from two metres: figures, verdicts, what to mind; and the page of the maps."""

from collections.abc import Mapping, Sequence

import shapely

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.font import clean, shorten, width, wrap
from ntmgis.show.paper.ink import draw_pattern, swatch
from ntmgis.show.paper.sizes import Rect, line_height
from ntmgis.show.review.content import Card, Pack, TierCount
from ntmgis.show.review.layout import LEAD, MARGIN, PAGE, paragraph, tier_look, title_block
from ntmgis.show.review.marks import draw_sign_of, tone_of
from ntmgis.show.review.pictures import Marker, ProvinceMaps
from ntmgis.show.words import number

__all__ = ["FIGURE", "draw_front", "draw_legend", "draw_maps", "draw_names", "map_heading"]

# A digit 10 mm high is read from two metres (1/200 of the distance): 44 pt of this face.
FIGURE = 46.0
_GAP = 4.0
_TOP, _BAND = 24.5, 6.4  # of a card: label and figure, verdict
_TOP_ALONE, _FIGURE_ALONE = 36.0, 80.0  # of a card without a verdict
_WHY = (10.5, 10.0, 9.5, 9.0)  # read at arm's length, also by old eyes and from a photocopy
_UNDER = 9.0
_LATE = frozenset({"behind", "missed"})
_NAMES = (9.5, 9.0, 8.5, 8.0)  # of the changed communes: the largest at which one column holds them


def draw_front(canvas: Canvas, pack: Pack, pages: Mapping[str, int]) -> None:
    """The page; `pages` tells on which page each section begins."""
    y = title_block(canvas, pack, pack.headline, [pack.subtitle], size=23.0)
    y = _tiers(canvas, pack.tiers, pack.tiers_title, y)
    y -= 5.4
    y -= paragraph(canvas, (MARGIN, y), pack.verdict, 11.0, within=PAGE.width - 2 * MARGIN, style="semibold")
    y += line_height(11.0) - 3.0
    if any(card.pace for card in pack.cards):
        y = _how(canvas, pages, y)
    notes = pack.attention
    least = MARGIN + 11.0
    foot = _attention_height(notes) if notes else 0.0
    cards = list(pack.cards)
    first, second = (cards[:3], cards[3:]) if len(cards) > 4 else (cards, [])
    rows = [row for row in (first, second) if row]
    free = y - least - foot - _GAP * len(rows)
    widths = [(PAGE.width - 2 * MARGIN - _GAP * (len(row) - 1)) / len(row) for row in rows]
    size, heights = _card_sizes(rows, widths, free)
    for row, wide, tall in zip(rows, widths, heights, strict=True):
        for n, card in enumerate(row):
            _card(canvas, card, Rect(MARGIN + n * (wide + _GAP), y - tall, wide, tall), size)
        y -= tall + _GAP
    if notes:
        _attention(canvas, pack, pages, y)


def _how(canvas: Canvas, pages: Mapping[str, int], y: float) -> float:
    """What "on track" means, and where the whole reckoning stands; gives the y below."""
    page = pages.get("reasons")
    text = "Đúng tiến độ: đã thêm không ít hơn mức của đường thẳng từ số gốc đến hạn."
    text += f" Cách tính từng chỉ tiêu: trang {page}." if page else ""
    y -= line_height(LEAD) - 1.4
    canvas.text((MARGIN, y + 0.9), text, LEAD, color="quiet")
    if page:
        canvas.link(Rect(MARGIN, y, width(text, LEAD), line_height(LEAD)), f"p{page}")
    return y - 1.6


def _tiers(canvas: Canvas, tiers: Sequence[TierCount], title: str, y: float) -> float:
    """All assessed communes as one bar, each class with its number; what stood before in the words below."""
    parts = [one for one in tiers if one.state != "not_applicable" and one.now]
    total = sum(one.now for one in parts)
    wide, tall = PAGE.width - 2 * MARGIN, 8.0
    if not total:
        canvas.text((MARGIN, y - 4), f"{title}: không có xã nào.", 9.5)
        return y - 8
    x = MARGIN
    ordered = sorted(parts, key=lambda one: one.state == "not_reported")
    for one in ordered:
        share = wide * one.now / total
        rect = Rect(x, y - tall, share, tall)
        look = tier_look(one.state)
        canvas.rect(rect, Ink(fill=look.fill))
        draw_pattern(canvas, [shapely.box(rect.x, rect.y, rect.right, rect.top)], look)
        canvas.rect(rect, Ink(line="#6b7280", width=0.2))
        words = number(one.now)
        if width(words, 13, "bold") + 2 < share:
            box = width(words, 13, "bold") + 2.4
            canvas.rect(Rect(x + share / 2 - box / 2, y - tall + 1.2, box, tall - 2.4), Ink(fill=look.fill))
            at = (x + share / 2, y - tall / 2 - 1.6)
            canvas.text(at, words, 13, style="bold", color=look.text, align="center")
        x += share
    x, line = MARGIN, y - tall - 4.4
    for one in ordered:
        swatch(canvas, Rect(x, line - 0.6, 5.0, 3.2), tier_look(one.state))
        words = f"{one.label}: {number(one.now)}" + ("" if one.before is None else f" (trước: {number(one.before)})")
        canvas.text((x + 6.5, line), words, 9.5)
        x += 6.5 + width(words, 9.5) + 7
    return line - 1.5


def _card_sizes(rows: Sequence[Sequence[Card]], widths: Sequence[float], free: float) -> tuple[float, list[float]]:
    """The type size of the reasons, one for all cards, and the height of each row: its need and a share of the rest.

    What is late also says what the plan keeps apart, if need be in smaller type; the others only where room is left.
    """
    size, needs = _WHY[-1], [0.0]
    for whole, size in [(whole, size) for whole in (True, False) for size in _WHY]:
        needs = [
            max(_need(card, wide - 6.0, size, whole=whole and card.pace in _LATE) for card in row)
            for row, wide in zip(rows, widths, strict=True)
        ]
        if sum(needs) <= free:
            break
    spare = (free - sum(needs)) / max(len(rows), 1)
    return size, [need + spare for need in needs]


def _need(card: Card, room: float, size: float, *, whole: bool) -> float:
    lines = len(wrap(card.brief, within=room, size=size))
    lines += len(wrap(card.apart, within=room, size=size)) if whole else 0
    return (_TOP + _BAND if card.pace else _TOP_ALONE) + 2.2 + lines * line_height(size) + 1.0


def _card(canvas: Canvas, card: Card, rect: Rect, size: float) -> None:
    """Label, figure, verdict, then why; what the plan keeps apart where there is room for it."""
    canvas.rect(rect, Ink(fill="#ffffff", line="rule", width=0.35))
    left, room = rect.x + 3.0, rect.width - 6.0
    canvas.text(
        (left, rect.top - 5.0), shorten(card.label, within=room, size=11, style="semibold"), 11, style="semibold"
    )
    large = FIGURE if card.pace else _FIGURE_ALONE
    while width(card.figure, large, "bold") > room and large > 20:
        large -= 1
    top = _TOP if card.pace else min(_TOP_ALONE, rect.height - 14.0)
    y = rect.top - top + 4.6
    canvas.text((left, y), card.figure, large, style="bold")
    beside = left + width(card.figure, large, "bold") + 3.0
    lines = [
        line for part in card.under.split("; ") for line in wrap(part, within=rect.right - beside - 2.0, size=_UNDER)
    ]
    for n, text in enumerate(reversed(lines[:4])):
        canvas.text((beside, y + n * line_height(_UNDER)), text, _UNDER, color="quiet")
    y = rect.top - top
    if card.pace:
        canvas.rect(Rect(rect.x + 0.2, y - _BAND, rect.width - 0.4, _BAND), Ink(fill=tone_of(card.pace).fill))
        draw_sign_of(canvas, card.pace, (left + 1.8, y - _BAND / 2), 3.6)
        words = shorten(card.verdict, within=room - 6, size=12, style="bold")
        canvas.text((left + 5.6, y - 4.7), words, 12, style="bold")
        y -= _BAND
    most = int((rect.height - top - (_BAND if card.pace else 0.0) - 2.2) / line_height(size))
    y -= 1.0 + line_height(size) * 0.8
    for text in (card.brief, card.apart):
        count = len(wrap(text, within=room, size=size))
        if text and (count <= most or text == card.brief) and most > 0:
            y -= paragraph(canvas, (left, y), text, size, within=room, most=most)
            most -= count


def _attention_height(notes: Sequence[object]) -> float:
    return 6.0 + len(notes) * 4.3


def _attention(canvas: Canvas, pack: Pack, pages: Mapping[str, int], y: float) -> None:
    """What must not be missed, each line with the page that tells more."""
    wide = PAGE.width - 2 * MARGIN
    y -= 1.5
    canvas.text((MARGIN, y - 2.0), "Điều cần chú ý", 11, style="semibold")
    y -= 6.4
    for one in pack.attention:
        page = pages.get(one.section)
        where = f"trang {page}" if page else ""
        room = wide - width(where, 9.2, "semibold") - 9
        canvas.shapes([shapely.box(MARGIN + 0.6, y + 0.3, MARGIN + 2.2, y + 1.9)], Ink(fill="accent"))
        canvas.text((MARGIN + 4, y), shorten(one.text, within=room, size=9.2), 9.2)
        if page:
            canvas.text((PAGE.right - MARGIN, y), where, 9.2, style="semibold", color="quiet", align="right")
            canvas.link(Rect(MARGIN, y - 1.0, wide, 4.2), f"p{page}")
        y -= 4.3


def draw_maps(canvas: Canvas, pack: Pack, maps: ProvinceMaps) -> None:
    """Both maps at one scale, the classes with their numbers between them, the changes by number and name below."""
    y = title_block(canvas, pack, pack.maps, [pack.maps_note]) + 1.5
    middle = 55.0
    body = PAGE.width - 2 * MARGIN
    two = maps.before is not None
    wide = (body - middle) / 2 if two else body - middle
    tall = y - 6.0 - MARGIN - 9.0
    denominator = maps.scale_for(wide, tall)
    frames = [Rect(MARGIN + n * (wide + middle) * (1 if two else 0), y - 6.0 - tall, wide, tall) for n in range(2)]
    if two:
        _map(canvas, maps, frames[0], denominator, before=True)
        _map(canvas, maps, frames[1], denominator, before=False)
    else:
        _map(canvas, maps, frames[0], denominator, before=False)
    column = Rect(MARGIN + wide + 2, frames[0].y, middle - 4, tall + 6)
    bottom = draw_legend(canvas, maps, column)
    draw_names(canvas, maps.markers, Rect(column.x, column.y + 14, column.width, bottom - column.y - 16))
    maps.draw_scale(canvas, (column.x, column.y + 1.0), denominator, longest=30.0)


def _map(canvas: Canvas, maps: ProvinceMaps, frame: Rect, denominator: int, *, before: bool) -> None:
    map_heading(canvas, maps, frame, before=before)
    maps.draw(canvas, frame, denominator, before=before)


def map_heading(canvas: Canvas, maps: ProvinceMaps, frame: Rect, *, before: bool) -> None:
    """The answer of a map over its frame, smaller where it would not fit."""
    title = maps.title(before=before)
    size = 11.0
    while width(title, size, "semibold") > frame.width and size > 8:
        size -= 0.5
    canvas.text(
        (frame.x + frame.width / 2, frame.top + 1.6),
        shorten(title, within=frame.width, size=size, style="semibold"),
        size,
        style="semibold",
        align="center",
    )


def draw_legend(canvas: Canvas, maps: ProvinceMaps, column: Rect) -> float:
    """The classes with how many units each map shows; gives the y below it."""
    now, then = maps.counts(), maps.counts(before=True)
    two = maps.before is not None
    y = column.top - 4.0
    canvas.text((column.x, y), "Kết quả cấp xã", 10, style="semibold")
    if two:
        y -= 5.0
        old, new = ("đv cũ", "đv mới") if maps.other_units else ("trước", "nay")
        canvas.text((column.right - 11, y), old, 8.2, color="quiet", align="right")
        canvas.text((column.right, y), new, 8.2, color="quiet", align="right")
    for state in [look.id for look in maps.now.painting.looks if now.get(look.id) or (two and then.get(look.id))]:
        look = tier_look(state)
        lines = wrap(look.label, within=column.width - 27, size=8.6)
        y -= 5.6
        swatch(canvas, Rect(column.x, y - 0.7, 5.5, 3.6), look)
        for n, line in enumerate(lines):
            canvas.text((column.x + 7, y - n * line_height(8.6)), line, 8.6)
        if two:
            canvas.text((column.right - 11, y), number(then.get(state, 0)), 9, align="right")
        canvas.text((column.right, y), number(now.get(state, 0)), 9, style="bold", align="right")
        y -= (len(lines) - 1) * line_height(8.6)
    return y - 3.0


def draw_names(canvas: Canvas, markers: Sequence[Marker], rect: Rect) -> None:
    """The changed communes by number, as large as they fit; says how many there was no room for."""
    if not markers:
        return
    y = rect.top - 3.0
    canvas.text((rect.x, y), "Xã có thay đổi", 9.5, style="semibold")
    y -= line_height(9)
    for way, words in (("up", "● lên mức, mới được công nhận"), ("down", "◯ xuống mức, không còn được công nhận")):
        if any(marker.way == way for marker in markers):
            canvas.text((rect.x, y), words.partition(" ")[2], 8.2, style="italic", color="quiet")
            y -= line_height(8.2)
    size = next((one for one in _NAMES if len(markers) * line_height(one) <= y - rect.y), _NAMES[-1])
    step = line_height(size)
    rows = max(int((y - rect.y) / step), 1)
    columns = 1 if len(markers) <= rows else 2
    wide = rect.width / columns
    room = rows * columns
    shown = markers if len(markers) <= room else markers[: room - 1]
    for n, marker in enumerate(shown):
        at = (rect.x + (n // rows) * wide, y - (n % rows) * step)
        text = f"{marker.number}. {clean(marker.name)}"
        sign = {"up": "", "down": " (xuống)"}.get(marker.way, "")
        canvas.text(at, shorten(text + sign, within=wide - 1.5, size=size), size)
    if len(shown) < len(markers):
        at = (rect.x + ((room - 1) // rows) * wide, y - ((room - 1) % rows) * step)
        left = f"và {len(markers) - len(shown)} xã khác, xem phần thay đổi"
        canvas.text(at, shorten(left, within=wide - 1.5, size=size), size, style="italic")
