"""Which rows of a sheet are its header: one row, or a heading over several columns with sub-headings below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ntmgis.intake.headers import Sought
from ntmgis.intake.raw import PATH, Grid
from ntmgis.intake.text import clean, is_blank, joined, shown, word_list

__all__ = ["Heading", "find_heading", "is_numbering"]

_LOOK = 40  # rows among which the header is looked for
_DEEPEST = 4
_LONGEST = 150  # characters of a header: a longer text is a sentence
_IN_BRACKETS = re.compile(r"\(.{1,20}\)")
_ORDINAL = re.compile(r"\(?\[?\s*(\d{1,3}|[A-Z])\s*\]?\)?(?:\s*=.*)?")


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a grid.

    first, last  positions of its first and last row; equal for a header of one row
    labels       one header per column, None where there is none; levels are joined by " / "
    hits         how many fields of the table its columns were taken for
    """

    first: int
    last: int
    labels: tuple[str | None, ...]
    hits: int


def find_heading(grid: Grid, sought: Sought) -> Heading:
    """The rows whose columns are taken for the most fields, the fewest and first of them on a tie.

    A merged title above names no field of its own. Without any known word it is the first row with the most filled
    text cells, so that the columns can at least be named.
    """
    rows = grid.rows
    best: tuple[tuple[int, int, int, int], int, int, list[str | None]] | None = None
    widest, width = 0, 0
    for first, row in enumerate(rows[:_LOOK]):
        texts = sum(isinstance(cell, str) and not is_blank(cell) for cell in row)
        if texts > width:
            widest, width = first, texts
        if not texts:
            continue
        for last in range(first, min(first + _DEEPEST, len(rows))):
            if last > first and not _is_below(grid, last, sought):
                break
            labels = _labels(grid, first, last)
            known = [sought.field(one) for one in labels if one is not None and len(one) < _LONGEST]
            fields = {name for name, _ in filter(None, known)}
            exact = {name for name, well in filter(None, known) if well}
            score = (len(fields), len(exact), -first, last)
            if fields and (best is None or score > best[0]):
                best = score, first, last, labels
    if best is None:
        return Heading(widest, widest, tuple(_labels(grid, widest, widest)), 0)
    (hits, *_), first, last, labels = best
    return Heading(first, last, tuple(labels), hits)


def is_numbering(row: Sequence[Any]) -> bool:
    """True for the row under a header that numbers its columns: "A, B, 1, 2, 3 = 1 + 2" or "(1), (2), (3)".

    >>> is_numbering(["A", "B", 1, 2, "3=1+2"]), is_numbering(["1", "Hà Mòn", "2"])
    (True, False)
    """
    marks: list[str] = []
    for cell in row:
        if is_blank(cell):
            continue
        match = _ORDINAL.fullmatch(clean(shown(cell)))
        if match is None:
            return False
        marks.append(match[1])
    letters = [mark for mark in marks if not mark.isdigit()]
    numbers = [int(mark) for mark in marks if mark.isdigit()]
    if len(marks) < 3 or len(numbers) < 2 or numbers[0] > 3:
        return False
    in_order = letters == [chr(65 + i) for i in range(len(letters))] and marks == [*letters, *map(str, numbers)]
    return in_order and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@cache
def _ordinals() -> frozenset[str]:
    return frozenset(joined(word) for word in word_list("rows", "ordinal"))


def _filled(grid: Grid, row: int, column: int) -> bool:
    cells = grid.rows[row]
    return column < len(cells) and not is_blank(cells[column])


def _above(grid: Grid, row: int) -> dict[int, int]:
    """Column → the column whose cell in `row` stands over it: its own, or one merged or written across."""
    under: dict[int, int] = {}
    across = {
        column: left
        for top, left, bottom, right in grid.merges
        if top <= row <= bottom and right > left and _filled(grid, top, left)
        for column in range(left, right + 1)
    }
    cells = grid.rows[row]
    below = grid.rows[row + 1] if row + 1 < len(grid.rows) else []
    last: int | None = None
    for column in range(max(len(cells), len(below))):
        if _filled(grid, row, column):
            last = under[column] = column
        elif column in across:
            last = under[column] = across[column]
        elif not across and last is not None and _filled(grid, row + 1, column) and _filled(grid, row + 1, last):
            under[column] = last
        else:
            last = None
    return under


def _is_below(grid: Grid, row: int, sought: Sought) -> bool:
    """Whether `row` holds sub-headings of the row above: blank under headings of one column, filled under wide ones.

    One heading over everything is a title, not the upper row of a header.
    """
    above = _above(grid, row - 1)
    filled = [column for column in range(len(grid.rows[row])) if _filled(grid, row, column)]
    spans: dict[int, list[int]] = {}
    for column in filled:
        if column not in above:
            return False
        spans.setdefault(above[column], []).append(column)
    wide = [anchor for anchor, columns in spans.items() if len(columns) > 1]
    for anchor, columns in spans.items():
        if anchor in wide:
            continue
        cell, over = clean(shown(grid.rows[row][columns[0]])), clean(shown(grid.rows[row - 1][anchor]))
        means_nothing = sought.field(over) is None and joined(over) not in _ordinals() and not cell[:1].isdigit()
        if not (_IN_BRACKETS.fullmatch(cell) or joined(cell) == joined(over) or means_nothing):
            return False
    alone = any(anchor == column and column not in filled for column, anchor in above.items())
    return bool(wide) and (len(spans) > 1 or alone)


def _labels(grid: Grid, first: int, last: int) -> list[str | None]:
    """The header of every column, made of the rows first..last."""
    width = max((len(row) for row in grid.rows[first : last + 1]), default=0)
    levels = [_above(grid, row) if row < last else None for row in range(first, last + 1)]
    labels: list[str | None] = []
    for column in range(width):
        parts: list[str] = []
        for row, level in zip(range(first, last + 1), levels, strict=True):
            at = column if level is None else level.get(column)
            if at is None or not _filled(grid, row, at):
                continue
            part = clean(shown(grid.rows[row][at]))
            if not parts or joined(part) != joined(parts[-1]):
                parts.append(part)
        labels.append(PATH.join(parts) or None)
    return labels
