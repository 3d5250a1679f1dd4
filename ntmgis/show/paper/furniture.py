"""What stands around the map frame: title block, sample mark, sources, who made it and when, page number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.symbols import symbols
from ntmgis.show.words import day

__all__ = ["SheetText", "draw_foot", "draw_title", "map_frame"]

_LOGO = 17.0  # mm
_RIGHT = 70.0  # mm of the foot for who and when


@dataclass(frozen=True, slots=True)
class SheetText:
    """The words around the frame, cleaned.

    `made`: the day the sheet is dated; None: left blank, to be filled in by hand, for no clock is read. `known`: the
    day up to which records were counted, where that is not all that is known now.
    """

    headline: str
    subtitle: str
    province: str
    agency: str
    sources: tuple[str, ...]
    as_of: date
    made: date | None = None
    known: date | None = None
    sample: bool = False
    page: tuple[int, int] = (1, 1)


def map_frame(template: Template, style: HouseStyle, words: SheetText, *, turned: bool) -> tuple[Rect, Rect]:
    """The sheet and the map frame on it, upright or turned."""
    sheet = template.sheet(turned=turned)
    margin, band = template.margin, template.frame_band
    bottom = margin + template.foot_height + _sources_height(template, words, sheet.width - 2 * margin)
    top = sheet.height - margin - template.title_height - _office_height(template, style)
    return sheet, Rect(margin, bottom, sheet.width - 2 * margin, top - bottom).grown(-band)


def draw_title(canvas: Canvas, words: SheetText, template: Template, style: HouseStyle) -> None:
    """Office, logo, headline, subtitle and sample mark, over the frame."""
    left, right = template.margin, canvas.width - template.margin
    top = canvas.height - template.margin
    if style.logo is not None:
        logo = style.logo.grey() if canvas.monochrome else style.logo
        tall = min(_LOGO, _LOGO * 2 / logo.ratio)
        wide = tall * logo.ratio
        canvas.picture(logo.png, Rect(left, top - tall, wide, tall))
        left += wide + 4.0
    for line in style.office:
        label = shorten(line, within=right - left, size=template.heading, style="semibold")
        canvas.text((left, top - 3.2), label, template.heading, style="semibold", color="quiet")
        top -= line_height(template.heading)
    text = words.headline
    size = template.headline
    while width(text, size, "bold") > right - left and size > template.headline_min:
        size -= 0.5
    canvas.text((left, top - 7.6), shorten(text, within=right - left, size=size, style="bold"), size, style="bold")
    room = right - left
    if words.sample:
        room -= _sample_mark(canvas, right, top - 11.2, template) + 5
    lines = wrap(words.subtitle, within=room, size=template.subtitle)
    if len(lines) > 2:
        lines = (lines[0], shorten(" ".join(lines[1:]), within=room, size=template.subtitle))
    for row, line in enumerate(lines):
        canvas.text((left, top - 14.0 - row * line_height(template.subtitle)), line, template.subtitle, color="quiet")


def draw_foot(canvas: Canvas, words: SheetText, template: Template) -> None:
    """Sources in two columns, agency and date, the place and the page number."""
    left, right = template.margin, canvas.width - template.margin
    wide = right - left
    step = line_height(template.small)
    top = template.margin + template.foot_height + _sources_height(template, words, wide) - 3.0
    canvas.text((left, top - step * 0.8), "Nguồn số liệu", template.small, style="semibold")
    for n, column in enumerate(_sources_lines(template, words.sources, wide)):
        for row, line in enumerate(column):
            x = left + n * ((wide - _RIGHT - 10) / 2 + 5)
            canvas.text((x, top - step * (row + 1.8)), line, template.small, color="quiet")
    for row, (label, value) in enumerate(_entries(words)):
        y = top - step * (row * 1.3 + 0.8)
        canvas.text((right - _RIGHT, y), f"{label}:", template.small, style="semibold")
        room = _RIGHT - width(f"{label}: ", template.small, "semibold")
        canvas.text((right - room, y), shorten(value, within=room, size=template.small), template.small)
    page = f"Trang {words.page[0]}/{words.page[1]}"
    canvas.text((right, template.margin), page, template.small, color="quiet", align="right")
    canvas.text((left, template.margin), words.province, template.small, color="quiet")


def _entries(words: SheetText) -> list[tuple[str, str]]:
    """Who made the sheet and when, and the days of its data; what is not stated is left to be filled in."""
    made = [
        ("Đơn vị lập", words.agency or "." * 44),
        ("Ngày lập", "...... / ...... / ............" if words.made is None else day(words.made)),
        ("Số liệu đến ngày", day(words.as_of)),
    ]
    return made if words.known is None else [*made, ("Theo số liệu đã biết đến ngày", day(words.known))]


def _office_height(template: Template, style: HouseStyle) -> float:
    return len(style.office) * line_height(template.heading)


def _sample_mark(canvas: Canvas, right: float, top: float, template: Template) -> float:
    look = symbols()["sample"]
    first, second = str(look["vi"]), "ranh giới không có giá trị pháp lý"
    wide = max(width(first, template.heading, "bold"), width(second, template.small)) + 6
    canvas.rect(Rect(right - wide, top - 9.0, wide, 9.0), Ink(fill=look["band"]))
    canvas.text((right - 3, top - 3.9), first, template.heading, style="bold", color=look["text"], align="right")
    canvas.text((right - 3, top - 7.5), second, template.small, color=look["text"], align="right")
    return float(wide)


def _sources_lines(template: Template, sources: Sequence[str], wide: float) -> list[list[str]]:
    """The lines of all sources, one after another, in two columns of about the same height."""
    column = (wide - _RIGHT - 10) / 2
    lines = [line for source in sources for line in wrap(source, within=column, size=template.small)]
    half = -(-len(lines) // 2)
    return [lines[:half], lines[half:]]


def _sources_height(template: Template, words: SheetText, wide: float) -> float:
    lines = max(len(column) for column in _sources_lines(template, words.sources, wide))
    return 3.0 + line_height(template.small) * max(lines + 1, 4, 1.3 * len(_entries(words)))
