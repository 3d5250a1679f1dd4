"""Text and tables that flow over pages of A4 landscape, measured first: a part stays on one page where it can."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.font import Style, shorten, width, wrap
from ntmgis.show.paper.ink import draw_pattern
from ntmgis.show.paper.painting import Look
from ntmgis.show.paper.sizes import MM_PER_PT, Rect, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.review.content import Block, Cell, Lines, Pack, Section, Table
from ntmgis.show.review.marks import draw_sign_of, tone_of
from ntmgis.show.symbols import symbols, tier_label

__all__ = ["LEAD", "MARGIN", "PAGE", "Flow", "Leaf", "paragraph", "sample_mark", "tier_look", "title_block"]

# A4 landscape, mm.
PAGE = Rect(0.0, 0.0, 297.0, 210.0)
MARGIN = 12.0
_FOOT = 11.0
_TITLE, _HEADING, LEAD, _CELL, _HEAD, _NOTE = 17.0, 11.0, 9.5, 8.8, 8.2, 8.2
_BETWEEN = 6.0  # mm between two tables that stand beside each other
_PAD = 0.85  # mm above and below the text of a cell
_SIGN = 2.7
_SPLIT = 12  # lines from which a row may be broken over two pages


@dataclass(slots=True)
class Leaf:
    """A page being drawn: its canvas, what its bookmark says, and the sections that begin on it."""

    canvas: Canvas
    bookmarks: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)


def tier_look(state: str) -> Look:
    """The sign of a class of communes."""
    sign = symbols()["tier"][state]
    return Look(state, tier_label(state), str(sign["fill"]), str(sign["text"]), str(sign["pattern"]))


def paragraph(
    canvas: Canvas,
    at: tuple[float, float],
    text: str,
    size: float,
    *,
    within: float,
    style: Style = "regular",
    color: str = "ink",
    most: int = 0,
) -> float:
    """Lines of type under each other from a first baseline, found as one text; gives the height they take in mm.

    With `most` no more lines are set and the last one ends in an ellipsis.
    """
    lines = list(wrap(text, within=within, size=size, style=style))
    if most and len(lines) > most:
        lines = [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), within=within, size=size, style=style)]
    step = line_height(size)
    with canvas.one_text(" ".join(lines)):
        for n, line in enumerate(lines):
            canvas.text((at[0], at[1] - n * step), line, size, style=style, color=color)
    return len(lines) * step


def sample_mark(canvas: Canvas, pack: Pack) -> float:
    """The band of sample data at the top right; gives its width."""
    if not pack.sample:
        return 0.0
    look = symbols()["sample"]
    words, more = str(look["vi"]), str(look["vi_long"]).partition(", ")[2]
    wide = max(width(words, 9, "bold"), width(more, 7)) + 5
    right, top = PAGE.right - MARGIN, PAGE.top - MARGIN
    canvas.rect(Rect(right - wide, top - 8.2, wide, 8.2), Ink(fill=look["band"]))
    canvas.text((right - 2.5, top - 3.6), words, 9, style="bold", color=look["text"], align="right")
    canvas.text((right - 2.5, top - 6.8), more, 7, color=look["text"], align="right")
    return float(wide) + 4


def title_block(canvas: Canvas, pack: Pack, title: str, lead: Sequence[str] = (), *, size: float = _TITLE) -> float:
    """Title, sentences under it and the sample mark at the top of a page; gives the y where the body begins."""
    left, top = MARGIN, PAGE.top - MARGIN
    room = PAGE.width - 2 * MARGIN - sample_mark(canvas, pack)
    while len(wrap(title, within=room, size=size, style="bold")) > 2 and size > 12:
        size -= 0.5
    y = top - size * MM_PER_PT * 0.78
    y -= paragraph(canvas, (left, y), title, size, within=room, style="bold") - line_height(size)
    y -= 2.2
    for text in lead:
        y -= line_height(LEAD)
        y -= paragraph(canvas, (left, y), text, LEAD, within=PAGE.width - 2 * MARGIN, color="quiet") - line_height(LEAD)
    return y - 3.5


class Flow:
    """Pages filled from above. A section starts on a new page unless all of it fits below what stands there."""

    def __init__(self, pack: Pack, style: HouseStyle) -> None:
        self.pack = pack
        self.style = style
        self.leaves: list[Leaf] = []
        self.y = 0.0
        self.x = MARGIN
        self.width = PAGE.width - 2 * MARGIN
        self._title = ""

    @property
    def canvas(self) -> Canvas:
        """The page being filled."""
        return self.leaves[-1].canvas

    @property
    def left_over(self) -> float:
        """Height that is free on this page."""
        return self.y - MARGIN - _FOOT

    def blank(self) -> Leaf:
        """A new empty page."""
        self.leaves.append(Leaf(Canvas(PAGE.width, PAGE.height, colors=self.style.colors)))
        self.y = PAGE.top - MARGIN
        return self.leaves[-1]

    def section(self, section: Section) -> None:
        """The whole section."""
        need = self._height(section)
        if self.leaves and self.left_over >= need and self.leaves[-1].sections:
            self.y -= 3.0
            self.canvas.line((MARGIN, self.y), (PAGE.right - MARGIN, self.y), Ink(line="rule", width=0.35))
            self.y -= 6.5
            self.y -= paragraph(
                self.canvas, (MARGIN, self.y), section.title, _TITLE - 3, within=self.width, style="bold"
            )
            for text in section.lead:
                self.y -= paragraph(self.canvas, (MARGIN, self.y), text, LEAD, within=self.width, color="quiet")
            self.y -= 0.5
        else:
            self.blank()
            self.y = title_block(self.canvas, self.pack, section.title, section.lead)
        self._title = section.title
        self.leaves[-1].bookmarks.append(section.bookmark)
        self.leaves[-1].sections.append(section.id)
        if section.beside and self.left_over >= self._beside_height(section):
            self._beside(section)
            return
        for block in section.blocks:
            self._block(block)

    def _beside(self, section: Section) -> None:
        """Both blocks next to each other, each in half of the width."""
        top, lowest, whole_width = self.y, self.y, self.width
        for n, block in enumerate(section.blocks):
            self.width = (whole_width - _BETWEEN) / 2
            self.x, self.y = MARGIN + n * (self.width + _BETWEEN), top
            self._block(block)
            lowest = min(lowest, self.y)
        self.x, self.y, self.width = MARGIN, lowest, whole_width

    def _beside_height(self, section: Section) -> float:
        whole_width, self.width = self.width, (self.width - _BETWEEN) / 2
        tall = max((self._block_height(block) for block in section.blocks), default=0.0)
        self.width = whole_width
        return tall

    def _continue(self) -> None:
        self.blank()
        self.y = title_block(self.canvas, self.pack, f"{self._title} (tiếp)", size=12)

    def _block(self, block: Block) -> None:
        if isinstance(block, Lines):
            self._lines(block)
        else:
            self._table(block)

    def _heading(self, text: str, *, least: float) -> None:
        if self.left_over < 9 + least:
            self._continue()
        self.y -= 4.6
        self.canvas.text(
            (self.x, self.y),
            shorten(text, within=self.width, size=_HEADING, style="semibold"),
            _HEADING,
            style="semibold",
        )
        self.y -= 2.2

    def _lines(self, block: Lines) -> None:
        self._heading(block.title, least=line_height(LEAD) * 2)
        for text in block.lines:
            lines = wrap(text, within=self.width - 5, size=LEAD)
            if self.left_over < len(lines) * line_height(LEAD) + 1:
                self._continue()
            self.y -= line_height(LEAD)
            self.canvas.text((self.x, self.y), "•", LEAD)
            self.y -= paragraph(self.canvas, (self.x + 4, self.y), text, LEAD, within=self.width - 5) - line_height(
                LEAD
            )
            self.y -= 0.6
        self.y -= 2

    def _table(self, table: Table) -> None:
        first = self._row_height(self._cells(table, table.rows[0])) if table.rows else 5.0
        head = self._head_height(table)
        self._heading(table.title, least=head + min(first, 30.0))
        if not table.rows:
            self.y -= 4.0
            self.canvas.text((self.x, self.y), table.empty, _CELL, style="italic", color="quiet")
            self.y -= 3.5
            return
        self._head(table)
        for row in table.rows:
            self._row(table, row)
        self.canvas.line((self.x, self.y), (self.x + self.width, self.y), Ink(line="rule", width=0.35))
        if table.note:
            need = len(wrap(table.note, within=self.width, size=_NOTE)) * line_height(_NOTE) + 2
            if self.left_over < need:
                self._continue()
            self.y -= line_height(_NOTE)
            self.y -= paragraph(
                self.canvas, (self.x, self.y), table.note, _NOTE, within=self.width, style="italic", color="quiet"
            )
        self.y -= 2.5

    # Columns, heads and rows

    def _columns(self, table: Table) -> list[tuple[float, float]]:
        """Left edge and width of every column."""
        total = sum(head.width for head in table.heads)
        made, x = [], self.x
        for head in table.heads:
            wide = self.width * head.width / total
            made.append((x, wide))
            x += wide
        return made

    def _head_height(self, table: Table) -> float:
        columns = self._columns(table)
        lines = max(
            len(wrap(head.title, within=wide - 3, size=_HEAD, style="semibold")) if "%  " not in head.title else 1
            for head, (_, wide) in zip(table.heads, columns, strict=True)
        )
        return lines * line_height(_HEAD) + 2 * _PAD

    def _head(self, table: Table) -> None:
        tall = self._head_height(table)
        self.canvas.rect(Rect(self.x, self.y - tall, self.width, tall), Ink(fill="#e8ebee"))
        for head, (x, wide) in zip(table.heads, self._columns(table), strict=True):
            y = self.y - _PAD - line_height(_HEAD) * 0.78
            if "%  " in head.title:  # the two ends of a bar
                low, high = head.title.split()
                self.canvas.text((x + 1.5, y), low, _HEAD, style="semibold")
                self.canvas.text((x + wide - 1.5, y), high, _HEAD, style="semibold", align="right")
                continue
            for n, line in enumerate(wrap(head.title, within=wide - 3, size=_HEAD, style="semibold")):
                at = (
                    (x + wide - 1.5, y - n * line_height(_HEAD))
                    if head.right
                    else (x + 1.5, y - n * line_height(_HEAD))
                )
                self.canvas.text(at, line, _HEAD, style="semibold", align="right" if head.right else "left")
        self.y -= tall

    def _cells(self, table: Table, row: Sequence[Cell]) -> list[list[str]]:
        """The lines of every cell."""
        return [
            list(wrap(cell.text, within=wide - 3 - self._indent(cell), size=_CELL, style=self._style(cell)))
            for cell, (_, wide) in zip(row, self._columns(table), strict=True)
        ]

    @staticmethod
    def _indent(cell: Cell) -> float:
        return _SIGN + 1.3 if cell.pace or cell.tier else 0.0

    @staticmethod
    def _style(cell: Cell) -> Style:
        return "semibold" if cell.bold else "regular"

    @staticmethod
    def _row_height(cells: Sequence[Sequence[str]]) -> float:
        return max(1, *(len(lines) for lines in cells)) * line_height(_CELL) + 2 * _PAD

    def _row(self, table: Table, row: Sequence[Cell]) -> None:
        cells = self._cells(table, row)
        signs = True
        while True:
            count = max(1, *(len(lines) for lines in cells))
            room = int((self.left_over - 2 * _PAD) / line_height(_CELL))
            if count <= room:
                self._put(table, row, cells, signs=signs)
                return
            if count >= _SPLIT and room >= 4:
                self._put(table, row, [lines[:room] for lines in cells], signs=signs)
                cells, signs = [lines[room:] for lines in cells], False
            self._continue()
            self._head(table)

    def _put(self, table: Table, row: Sequence[Cell], cells: Sequence[Sequence[str]], *, signs: bool) -> None:
        tall = self._row_height(cells)
        canvas, step = self.canvas, line_height(_CELL)
        canvas.line((self.x, self.y), (self.x + self.width, self.y), Ink(line="#d5dae0", width=0.15))
        first = self.y - _PAD - step * 0.76
        middle = first + _CELL * MM_PER_PT * 0.24
        for head, cell, lines, (x, wide) in zip(table.heads, row, cells, self._columns(table), strict=True):
            left, right = x + 1.5, x + wide - 1.5
            if cell.pace and signs and not head.right:
                canvas.rect(
                    Rect(x + 0.4, self.y - tall + 0.4, wide - 0.8, tall - 0.8), Ink(fill=tone_of(cell.pace).fill)
                )
                draw_sign_of(canvas, cell.pace, (left + _SIGN / 2, middle), _SIGN)
            elif cell.pace and signs:
                canvas.rect(
                    Rect(x + 0.4, self.y - tall + 0.4, wide - 0.8, tall - 0.8), Ink(fill=tone_of(cell.pace).fill)
                )
            if cell.tier and signs:
                _swatch(canvas, cell.tier, Rect(left, middle - 1.3, _SIGN, 2.6))
            if cell.bar is not None and signs:
                _bar(canvas, cell.bar, Rect(left, middle - 1.5, right - left, 3.0))
            left += self._indent(cell)
            with canvas.one_text(" ".join(lines)):
                for n, line in enumerate(lines):
                    at = (right, first - n * step) if head.right else (left, first - n * step)
                    canvas.text(at, line, _CELL, style=self._style(cell), align="right" if head.right else "left")
        self.y -= tall

    # Measuring

    def _height(self, section: Section) -> float:
        """The height of the section as it would stand below another one."""
        total = 10.0 + line_height(_TITLE - 3) * len(
            wrap(section.title, within=self.width, size=_TITLE - 3, style="bold")
        )
        total += sum(len(wrap(text, within=self.width, size=LEAD)) for text in section.lead) * line_height(LEAD)
        if section.beside:
            return total + self._beside_height(section)
        return total + sum(self._block_height(block) for block in section.blocks)

    def _block_height(self, block: Block) -> float:
        total = 9.5
        if isinstance(block, Lines):
            return total + sum(
                len(wrap(text, within=self.width - 5, size=LEAD)) * line_height(LEAD) + 0.6 for text in block.lines
            )
        if not block.rows:
            return total + 4.0
        total += self._head_height(block) + sum(self._row_height(self._cells(block, row)) for row in block.rows)
        return total + len(wrap(block.note, within=self.width, size=_NOTE)) * line_height(_NOTE)

    def feet(self) -> None:
        """Under every page: what and whose it is, its days, where its sources stand, its number of how many."""
        where = next((n for n, leaf in enumerate(self.leaves, start=1) if "data" in leaf.sections), None)
        told = f"{self.pack.title} · {self.pack.dated}" + (f" · nguồn: trang {where}" if where else "")
        for n, leaf in enumerate(self.leaves, start=1):
            canvas, y = leaf.canvas, MARGIN + 1.0
            canvas.line((MARGIN, y + 5.2), (PAGE.right - MARGIN, y + 5.2), Ink(line="rule", width=0.2))
            page = f"Trang {n}/{len(self.leaves)}"
            made = self.pack.signed
            canvas.text((PAGE.right - MARGIN, y + 1.6), page, 8.5, style="semibold", align="right")
            canvas.text(
                (PAGE.right - MARGIN - width(page, 8.5, "semibold") - 4, y + 1.6), made, 8, color="quiet", align="right"
            )
            room = self.width - width(made, 8) - width(page, 8.5, "semibold") - 10
            canvas.text((MARGIN, y + 1.6), shorten(told, within=room, size=8), 8, color="quiet")


def _swatch(canvas: Canvas, state: str, rect: Rect) -> None:
    import shapely

    look = tier_look(state)
    canvas.rect(rect, Ink(fill=look.fill))
    draw_pattern(canvas, [shapely.box(rect.x, rect.y, rect.right, rect.top)], look, finer=2.0)
    canvas.rect(rect, Ink(line="#6b7280", width=0.15))


def _bar(canvas: Canvas, bar: tuple[float, float | None], rect: Rect) -> None:
    """A share on its track, with a stroke at the least share asked for."""
    share, least = bar
    canvas.rect(rect, Ink(fill="#eceff2"))
    canvas.rect(Rect(rect.x, rect.y, rect.width * min(max(share, 0.0), 1.0), rect.height), Ink(fill="#2b7d9b"))
    if least is not None:
        x = rect.x + rect.width * min(max(least, 0.0), 1.0)
        canvas.line((x, rect.y - 0.7), (x, rect.top + 0.7), Ink(line="ink", width=0.6, cap="butt"))
