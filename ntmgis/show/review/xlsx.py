"""The numbers of the pack as a workbook: one sheet for each table, numbers as numbers, verdicts in their colours."""

from pathlib import Path

from ntmgis.show.review.content import Cell, Head, Pack, Section, Table
from ntmgis.show.review.marks import tone_of
from ntmgis.show.tables._sheet import Book, Column, Form, Painted, Sheet, tier_paint
from ntmgis.show.words import upper

__all__ = ["write_review_xlsx"]

_WIDEST = 80
_PLAIN = 12  # columns wider than this wrap


def write_review_xlsx(pack: Pack, path: Path) -> int:
    """Writes the workbook and gives its number of sheets. Figures are cells of numbers, never words."""
    foot = f"{upper(pack.dated)} · {pack.signed} · Nguồn: xem bảng Nguồn"
    made = 0
    with Book(path, title=pack.title, as_of=pack.as_of, sample=pack.sample, foot=foot) as book:
        book.table(_front(pack))
        made += 1
        for section in pack.sections:
            for table in section.tables():
                if table.sheet:
                    book.table(_sheet(section, table, pack))
                    made += 1
    return made


def _front(pack: Pack) -> Sheet:
    """The big figures with verdict and rule, then what to mind."""
    columns = (
        Column("Chỉ tiêu", 34, wrap=True),
        Column("Thực hiện", 12, centre=True),
        Column("Là gì", 40, wrap=True),
        Column("Đánh giá", 22),
        Column("Cách tính", 70, wrap=True),
        Column("Tính riêng", 44, wrap=True),
    )
    rows: list[tuple[object, ...]] = [
        (
            card.label,
            card.figure,
            card.under,
            Painted(card.verdict, {"bg_color": tone_of(card.pace).fill}) if card.pace else None,
            card.rule,
            card.apart,
        )
        for card in pack.cards
    ]
    rows += [("Điều cần chú ý", None, one.text, None, None, None) for one in pack.attention]
    note = f"{pack.verdict} {pack.compared}"
    return Sheet("Số liệu chính", pack.headline, note, columns, rows, wide=True)


def _sheet(section: Section, table: Table, pack: Pack) -> Sheet:
    kept = [n for n, head in enumerate(table.heads) if not _is_bar(head)]
    columns = tuple(_column(table.heads[n], [row[n] for row in table.rows]) for n in kept)
    rows = [tuple(_value(row[n]) for n in kept) for row in table.rows]
    if not rows:
        rows = [(table.empty, *[None] * (len(kept) - 1))]
    note = table.note or f"{table.title}. {upper(pack.dated)}."
    wide = sum(column.width for column in columns) > 130
    return Sheet(table.sheet, section.title, note, columns, rows, wide=wide)


def _is_bar(head: Head) -> bool:
    return "%  " in head.title


def _column(head: Head, cells: list[Cell]) -> Column:
    forms: set[Form] = {cell.form for cell in cells if cell.value is not None}
    form: Form = forms.pop() if len(forms) == 1 else "text"
    longest = max((len(cell.text) for cell in cells), default=0)
    width = min(max(len(head.title) * 0.8, longest * 1.15 + 2, 9), _WIDEST)
    if form != "text":
        return Column(head.title, max(min(width, 14), 10), form)
    return Column(head.title, width, "text", wrap=width > _PLAIN)


def _value(cell: Cell) -> object:
    value: object = cell.value if cell.form != "text" and cell.value is not None else cell.text or None
    if cell.form != "text" and cell.value is None and cell.text in {"–", ""}:
        value = None  # not known: an empty cell, as in every workbook of the house
    if cell.tier:
        return tier_paint(cell.tier, value)
    look: dict[str, object] = {"bold": True} if cell.bold else {}
    if cell.pace:
        look["bg_color"] = tone_of(cell.pace).fill
    return Painted(value, look) if look else value
