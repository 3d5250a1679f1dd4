"""The page of a book that says how to read it: signs, measures, what is not printed, rules, sources in full."""

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.commune_page import CommunePages
from ntmgis.show.paper.commune_page_parts import STATE_WORDS, draw_heading, draw_state, tier_look
from ntmgis.show.paper.content import source_lines
from ntmgis.show.paper.font import clean, shorten, wrap
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.sizes import Rect, line_height
from ntmgis.show.words import number

__all__ = ["draw_guide"]

_MEASURES = (
    (
        "Chỉ số vẽ từ 0 đến 100%; vạch đen là giá trị toàn tỉnh, hình thoi là mục tiêu. Khung nét đứt: chưa có số "
        "liệu, không phải 0. Chỉ số đo trên bản đồ không thay cho kết luận về tiêu chí."
    ),
    (
        "Khoảng cách là đường thẳng từ vị trí từng thôn đến công trình gần nhất đang dùng trong tỉnh, không phải quãng "
        "đường đi; nơi chưa có vị trí thôn thì tính từ trung tâm hình học của đơn vị."
    ),
)
_WITHHELD = (
    "Tiêu chí mà bộ tiêu chí không đưa lên sản phẩm công khai chỉ in số thứ tự, không in tên và kết quả.",
    (
        f"Số hộ dưới {SUPPRESS_UNDER} in là “< {SUPPRESS_UNDER}”; chỉ số của nhóm dưới {SUPPRESS_UNDER} hộ hoặc "
        f"{SUPPRESS_UNDER} địa chỉ không in. Không in vị trí của hộ."
    ),
)


def draw_guide(canvas: Canvas, place: Rect, pages: CommunePages) -> None:
    """Everything the reader must know, from the top of `place`; what has no room is cut with an ellipsis."""
    template = pages.template
    half = (place.width - 10) / 2
    step = line_height(template.body) + 1.2
    y = place.top - draw_heading(canvas, Rect(place.x, place.y, half, place.height), "Kết quả cấp xã", template)
    for tier, count in pages.maker.facts.tiers.items():
        swatch(canvas, Rect(place.x, y - step + 0.8, 9.0, step - 1.6), tier_look(tier))
        canvas.text((place.x + 11.5, y - step + 1.8), tier_look(tier).label, template.body)
        at = (place.x + half, y - step + 1.8)
        canvas.text(at, number(count), template.body, style="semibold", align="right")
        y -= step
    right = Rect(place.x + half + 10, place.y, half, place.height)
    z = right.top - draw_heading(canvas, right, "Từng tiêu chí", template)
    for state, label in STATE_WORDS.items():
        draw_state(canvas, state, Rect(right.x, z - step + 1.0, 5.4, 3.4))
        canvas.text((right.x + 11.5, z - step + 1.8), label[:1].upper() + label[1:], template.body)
        z -= step
    y = min(y, z) - 5.0
    line = line_height(template.body)
    for heading, texts in _notes(pages):
        y -= draw_heading(canvas, Rect(place.x, place.y, place.width, y - place.y), heading, template)
        for text in texts:
            lines = wrap(text, within=place.width, size=template.body)
            room = max(int((y - place.y) / line), 1)
            if len(lines) > room:
                lines = (
                    *lines[: room - 1],
                    shorten(" ".join(lines[room - 1 :]), within=place.width, size=template.body),
                )
            for words in lines:
                y -= line
                canvas.text((place.x, y + 0.8), words, template.body)
            y -= 1.3
            if y < place.y + line:
                return
        y -= 3.0


def _notes(pages: CommunePages) -> list[tuple[str, tuple[str, ...]]]:
    snapshot, monitoring = pages.snapshot, pages.facts.monitoring
    notes: list[tuple[str, tuple[str, ...]]] = [("Chỉ số và khoảng cách", _MEASURES), ("Điều không in", _WITHHELD)]
    if monitoring is not None and monitoring.notes:
        notes.append(("Quy tắc", tuple(clean(note.vi, limit=900) for note in monitoring.notes)))
    lines = source_lines(snapshot, {note.table for note in snapshot.sources})
    notes.append(("Nguồn số liệu", tuple(clean(line, limit=3000) for line in lines)))
    return notes
