"""The pack as slides for the projector: the same words and maps, native text and tables, sources in the notes."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Mm, Pt

from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.font import house_fonts, wrap
from ntmgis.show.paper.sizes import Rect
from ntmgis.show.paper.style import HouseStyle, load_style
from ntmgis.show.review.content import Card, Cell, Head, Lines, Pack, Section, Table
from ntmgis.show.review.front import draw_legend, draw_names, map_heading
from ntmgis.show.review.marks import tone_of
from ntmgis.show.review.pictures import ProvinceMaps
from ntmgis.show.symbols import symbols
from ntmgis.show.words import day, number

__all__ = ["write_review_pptx"]

# 16:9, mm.
_WIDE, _TALL, _EDGE = 338.67, 190.5, 12.0
_FONT = "Arial"
_INK, _QUIET, _RULE = "1f2933", "52606d", "9aa5b1"
_DPI = 160.0
_CLOSER = 0.72
_BODY = 11.0  # pt in tables
_WIDER = 1.16  # of Arial against the typeface we measure with
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip archive


def write_review_pptx(pack: Pack, maps: ProvinceMaps, path: Path, *, style: Path | HouseStyle | None = None) -> int:
    """Writes the slides and gives their number. Same input, same bytes: no clock is read, not even by the archive."""
    house = style if isinstance(style, HouseStyle) else load_style(style)
    deck = _Deck(pack)
    deck.front()
    with house_fonts(house.fonts):
        deck.maps(maps, house)
    for section in pack.sections:
        if not section.book_only:
            deck.section(section)
    deck.numbers()
    path.write_bytes(deck.bytes())
    return len(deck.slides)


class _Deck:
    """Slides put one after another."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.deck: Any = Presentation()
        self.deck.slide_width, self.deck.slide_height = Mm(_WIDE), Mm(_TALL)
        self.slides: list[Any] = []
        core = self.deck.core_properties
        stamp = datetime.combine(pack.made or pack.as_of, time())
        core.title, core.author, core.subject = pack.title, pack.agency, pack.headline
        core.last_modified_by, core.keywords, core.comments = "ntmgis", "nông thôn mới", f"Inputs: {pack.inputs}"
        core.created = core.modified = core.last_printed = stamp
        core.revision = 1

    def bytes(self) -> bytes:
        """The file, its parts in the order of their names with the first day of zip archives on each."""
        raw, out = io.BytesIO(), io.BytesIO()
        self.deck.save(raw)
        with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
            for name in names:
                part = zipfile.ZipInfo(name, _FIRST_DAY)
                part.compress_type = zipfile.ZIP_DEFLATED
                part.external_attr = 0o600 << 16
                new.writestr(part, old.read(name))
        return out.getvalue()

    # Kinds of slides

    def front(self) -> None:
        """Headline, big figures with their verdicts, what to mind."""
        slide = self._slide(self.pack.headline, [self.pack.subtitle, self.pack.verdict])
        cards = list(self.pack.cards)
        half = (len(cards) + 1) // 2 if len(cards) > 4 else len(cards)
        rows = [row for row in (cards[:half], cards[half:]) if row]
        top, gap = 38.0, 4.0
        notes = self.pack.attention
        foot = 6.0 + 5.0 * len(notes) if notes else 0.0
        tall = (_TALL - top - 12.0 - foot - gap * len(rows)) / max(len(rows), 1)
        for n, row in enumerate(rows):
            wide = (_WIDE - 2 * _EDGE - gap * (len(row) - 1)) / len(row)
            for k, card in enumerate(row):
                self._card(slide, card, (_EDGE + k * (wide + gap), top + n * (tall + gap), wide, tall))
        if notes:
            y = top + len(rows) * (tall + gap)
            frame = self._text(slide, (_EDGE, y, _WIDE - 2 * _EDGE, foot), "Điều cần chú ý", 12, bold=True)
            for one in notes:
                self._more(frame, f"• {one.text}", 11)
        rules = [f"{card.label}: {card.rule} {card.apart}".strip() for card in self.pack.cards]
        self._notes(slide, [self.pack.compared, *rules])

    def maps(self, maps: ProvinceMaps, style: HouseStyle) -> None:
        """The maps as one picture, drawn as on paper."""
        slide = self._slide(self.pack.maps, [self.pack.maps_note])
        top, bottom = 31.0, 11.0
        wide, tall = _WIDE - 2 * _EDGE, _TALL - top - bottom
        canvas = _map_picture(maps, style, wide, tall)
        picture = slide.shapes.add_picture(
            io.BytesIO(canvas.png(dpi=_DPI / _CLOSER)), Mm(_EDGE), Mm(top), Mm(wide), Mm(tall)
        )
        counts = ", ".join(f"{one.label} {number(one.now)}" for one in self.pack.tiers)
        picture._element.nvPicPr.cNvPr.set("descr", f"{self.pack.maps}. {counts}")  # noqa: SLF001 - no public way to set the words for who cannot see it
        names = [f"{marker.number}. {marker.name}" for marker in maps.markers]
        self._notes(slide, [self.pack.maps_note, counts, "; ".join(names)])

    def section(self, section: Section) -> None:
        """Its sentences, lines and tables over as many slides as they need."""
        slide, y = self._slide(section.title, section.lead), self._below(section.lead)
        self._notes(slide, section.lead)
        used = False
        for block in section.blocks:
            if isinstance(block, Lines):
                need = 8.0 + sum(_lines_of(text, 250.0, 12.0) * 5.6 for text in block.lines)
                if used and y + need > _TALL - 12:
                    slide, y = self._again(section)
                frame = self._text(slide, (_EDGE, y, _WIDE - 2 * _EDGE, need), block.title, 13, bold=True)
                for text in block.lines:
                    self._more(frame, f"• {text}", 12)
                y += need + 2
            else:
                slide, y = self._table(section, slide, block, y, used=used)
            used = True

    def _again(self, section: Section) -> tuple[Any, float]:
        slide = self._slide(f"{section.title} (tiếp)", [])
        self._notes(slide, section.lead)
        return slide, self._below([])

    def _table(self, section: Section, slide: Any, table: Table, y: float, *, used: bool) -> tuple[Any, float]:
        if not table.rows:
            if used and y + 14 > _TALL - 12:
                slide, y = self._again(section)
            frame = self._text(slide, (_EDGE, y, _WIDE - 2 * _EDGE, 14), table.title, 13, bold=True)
            self._more(frame, table.empty, 12)
            return slide, y + 15
        kept = [n for n, head in enumerate(table.heads) if "%  " not in head.title]
        heads = [table.heads[n] for n in kept]
        widths = _widths(heads)
        rest = [[row[n] for n in kept] for row in table.rows]
        if used and y + 30 > _TALL - 12:
            slide, y = self._again(section)
        while rest:
            self._text(slide, (_EDGE, y, _WIDE - 2 * _EDGE, 7), table.title, 13, bold=True)
            y += 7.5
            room, count, tall = _TALL - 13.0 - y, 0, _row_height([Cell(head.title) for head in heads], widths)
            while count < len(rest) and (count == 0 or tall + _row_height(rest[count], widths) <= room):
                tall += _row_height(rest[count], widths)
                count += 1
            self._grid(slide, heads, rest[:count], widths, y)
            rest, y = rest[count:], y + tall + 3
            if rest:
                slide, y = self._again(section)
        if table.note:
            self._note_line(slide, table.note, y)
            y += 6
        return slide, y

    def _grid(
        self, slide: Any, heads: Sequence[Head], rows: Sequence[Sequence[Cell]], widths: Sequence[float], y: float
    ) -> None:
        first = _row_height([Cell(head.title) for head in heads], widths)
        heights = [first, *(_row_height(row, widths) for row in rows)]
        shape = slide.shapes.add_table(len(rows) + 1, len(heads), Mm(_EDGE), Mm(y), Mm(sum(widths)), Mm(sum(heights)))
        grid = shape.table
        grid.horz_banding = False
        for n, wide in enumerate(widths):
            grid.columns[n].width = Mm(wide)
        for n, tall in enumerate(heights):
            grid.rows[n].height = Mm(tall)
        for n, head in enumerate(heads):
            _fill(grid.cell(0, n), "e8ebee")
            _words(grid.cell(0, n), head.title, bold=True, right=head.right)
        for n, row in enumerate(rows, start=1):
            for k, (head, cell) in enumerate(zip(heads, row, strict=True)):
                self._cell(grid.cell(n, k), head, cell)

    @staticmethod
    def _cell(box: Any, head: Head, cell: Cell) -> None:
        text, fill, color = cell.text, "ffffff", _INK
        if cell.pace:
            fill = tone_of(cell.pace).fill.lstrip("#")
            text = f"{tone_of(cell.pace).sign} {text}" if not head.right else text
        if cell.tier:
            look = symbols()["tier"][cell.tier]
            fill, color = str(look["fill"]).lstrip("#"), str(look["text"]).lstrip("#")
        _fill(box, fill)
        _words(box, text, bold=cell.bold, right=head.right, color=color)

    def numbers(self) -> None:
        """The number of every slide, now that all are there."""
        for n, slide in enumerate(self.slides, start=1):
            words = f"{self.pack.title} · {self.pack.dated} · {self.pack.signed}"
            self._text(slide, (_EDGE, _TALL - 9, _WIDE - 2 * _EDGE - 40, 6), words, 9, color=_QUIET)
            where = (_WIDE - _EDGE - 36, _TALL - 9, 36, 6)
            self._text(slide, where, f"Trang {n}/{len(self.slides)}", 9, color=_QUIET, align=PP_ALIGN.RIGHT)

    # Parts

    def _slide(self, title: str, lead: Sequence[str]) -> Any:
        slide = self.deck.slides.add_slide(
            self.deck.slide_layouts[5]
        )  # title only: readers list slides by their titles
        self.slides.append(slide)
        mark = 62.0 if self.pack.sample else 0.0
        box = slide.shapes.title
        box.left, box.top, box.width, box.height = Mm(_EDGE), Mm(6), Mm(_WIDE - 2 * _EDGE - mark), Mm(14)
        frame = box.text_frame
        frame.word_wrap = True
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.text = title
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        _font(frame.paragraphs[0].runs[0], 24 if len(title) <= 52 else 18, bold=True)
        if self.pack.sample:
            look = symbols()["sample"]
            where = (_WIDE - _EDGE - mark + 4, 7.0, mark - 4, 11.0)
            band = self._box(slide, where, str(look["band"]).lstrip("#"))
            _put(
                band.text_frame,
                str(look["vi"]),
                11,
                bold=True,
                color=str(look["text"]).lstrip("#"),
                align=PP_ALIGN.CENTER,
            )
            self._more(
                band.text_frame,
                "ranh giới không có giá trị pháp lý",
                8,
                color=str(look["text"]).lstrip("#"),
                center=True,
            )
        if lead:
            frame = self._text(slide, (_EDGE, 21, _WIDE - 2 * _EDGE, 5.2 * len(lead)), lead[0], 12, color=_QUIET)
            for text in lead[1:]:
                self._more(frame, text, 12, color=_QUIET)
        return slide

    @staticmethod
    def _below(lead: Sequence[str]) -> float:
        return 23.0 + sum(_lines_of(text, _WIDE - 2 * _EDGE, 12.0) * 5.2 for text in lead)

    def _card(self, slide: Any, card: Card, at: tuple[float, float, float, float]) -> None:
        x, y, wide, tall = at
        box = self._box(slide, at, "ffffff", line=_RULE)
        box.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        _put(box.text_frame, card.label, 13, bold=True)
        self._more(box.text_frame, card.figure, 44, bold=True)
        for part in card.under.split("; "):
            self._more(box.text_frame, part, 11, color=_QUIET)
        if card.pace:
            tone = tone_of(card.pace)
            band = self._box(slide, (x, y + tall - 9.5, wide, 9.5), tone.fill.lstrip("#"))
            _put(band.text_frame, f"{tone.sign} {card.verdict}", 14, bold=True)
        elif card.rule:
            self._more(box.text_frame, card.rule, 10, color=_QUIET)

    def _box(self, slide: Any, at: tuple[float, float, float, float], fill: str, *, line: str = "") -> Any:
        shape = slide.shapes.add_textbox(*(Mm(side) for side in at))  # a text box casts no shadow
        shape.fill.solid()
        shape.fill.fore_color.rgb = _color(fill)
        if line:
            shape.line.color.rgb = _color(line)
            shape.line.width = Pt(0.75)
        else:
            shape.line.fill.background()
        frame = shape.text_frame
        frame.word_wrap = True
        frame.auto_size = MSO_AUTO_SIZE.NONE  # else a box shrinks to its words, away from the verdict at its foot
        frame.margin_left = frame.margin_right = Mm(3)
        frame.margin_top = frame.margin_bottom = Mm(1)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        return shape

    def _text(
        self,
        slide: Any,
        at: tuple[float, float, float, float],
        text: str,
        size: float,
        *,
        bold: bool = False,
        color: str = _INK,
        align: Any = PP_ALIGN.LEFT,
    ) -> Any:
        frame = slide.shapes.add_textbox(*(Mm(side) for side in at)).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        _put(frame, text, size, bold=bold, color=color, align=align)
        return frame

    @staticmethod
    def _more(
        frame: Any, text: str, size: float, *, bold: bool = False, color: str = _INK, center: bool = False
    ) -> None:
        part = frame.add_paragraph()
        part.alignment = PP_ALIGN.CENTER if center else PP_ALIGN.LEFT
        run = part.add_run()
        run.text = text
        _font(run, size, bold=bold, color=color)

    def _note_line(self, slide: Any, text: str, y: float) -> None:
        self._text(slide, (_EDGE, min(y, _TALL - 17), _WIDE - 2 * _EDGE, 6), text, 10, color=_QUIET)

    def _notes(self, slide: Any, lines: Sequence[str]) -> None:
        """What the speaker sees: the rules, then the sources with their days."""
        told = [line for line in lines if line]
        sources = [f"Nguồn: {line}" for line in self.pack.sources]
        when = f"Số liệu đến {day(self.pack.data_day)}; xem tại ngày {day(self.pack.as_of)}."
        slide.notes_slide.notes_text_frame.text = "\n".join([*told, when, *sources])


def _map_picture(maps: ProvinceMaps, style: HouseStyle, wide: float, tall: float) -> Canvas:
    """Maps, classes and names as on paper, drawn smaller than the slide so that words are read from the last row."""
    wide, tall = wide * _CLOSER, tall * _CLOSER
    canvas = Canvas(wide, tall, colors=style.colors)
    two = maps.before is not None
    middle = 62.0
    each = (wide - middle) / 2 if two else wide - middle
    body = tall - 6.0
    denominator = maps.scale_for(each, body)
    for n, before in enumerate([True, False] if two else [False]):
        frame = Rect(n * (each + middle), 0.0, each, body)
        map_heading(canvas, maps, frame, before=before)
        maps.draw(canvas, frame, denominator, before=before)
    column = Rect(each + 3, 0.0, middle - 8, tall)
    bottom = draw_legend(canvas, maps, column)
    draw_names(canvas, maps.markers, Rect(column.x, 13.0, column.width, bottom - 14.0))
    maps.draw_scale(canvas, (column.x, 1.0), denominator, longest=30.0, ratio=False)  # a screen has no scale
    return canvas


def _lines_of(text: str, wide: float, size: float) -> int:
    """How many lines a text takes at most: slides are set by another program, in a typeface wider than ours."""
    return sum(max(1, len(wrap(line, within=wide / _WIDER, size=size))) for line in text.split("\n"))


def _widths(heads: Sequence[Head]) -> list[float]:
    total = sum(head.width for head in heads)
    return [(_WIDE - 2 * _EDGE) * head.width / total for head in heads]


def _row_height(row: Sequence[Cell], widths: Sequence[float]) -> float:
    lines = max(_lines_of(cell.text, wide - 4.0, _BODY) for cell, wide in zip(row, widths, strict=True))
    return lines * 4.75 + 2.4


def _color(text: str) -> Any:
    return RGBColor(*bytes.fromhex(text))  # type: ignore[no-untyped-call] # the library has no types


def _fill(box: Any, color: str) -> None:
    box.fill.solid()
    box.fill.fore_color.rgb = _color(color)


def _words(box: Any, text: str, *, bold: bool = False, right: bool = False, color: str = _INK) -> None:
    box.margin_left = box.margin_right = Mm(1.5)
    box.margin_top = box.margin_bottom = Mm(0.7)
    box.vertical_anchor = MSO_ANCHOR.MIDDLE
    _put(box.text_frame, text, _BODY, bold=bold, color=color, align=PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT)


def _put(
    frame: Any, text: str, size: float, *, bold: bool = False, color: str = _INK, align: Any = PP_ALIGN.LEFT
) -> None:
    part = frame.paragraphs[0]
    part.alignment = align
    run = part.add_run()
    run.text = text or "\u00a0"  # an empty run has no size of its own, and its row would be as high as 18 pt ask for
    _font(run, size, bold=bold, color=color)


def _font(run: Any, size: float, *, bold: bool = False, color: str = _INK) -> None:
    run.font.name = _FONT
    run.font.size = Pt(size)
    run.font.bold = bold
    run.font.color.rgb = _color(color)
