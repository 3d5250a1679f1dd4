"""A sheet as an office lays it out, made a table: titles, header, groups, totals and notes told from the data rows.

Nothing is dropped silently: rows that are no data rows are named in a warning, and every data row keeps its number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from ntmgis.errors import Problem
from ntmgis.intake.headers import Sought
from ntmgis.intake.headings import Heading, find_heading, is_numbering
from ntmgis.intake.legacy_table import encoding_warnings
from ntmgis.intake.raw import Grid, Place, RawTable, letters, table_of
from ntmgis.intake.rowwords import GroupName, group_name, is_arabic, is_note, is_roman, is_total, may_be_special
from ntmgis.intake.text import clean, is_blank, joined, listed, shown, word_list
from ntmgis.units.names import fold

__all__ = ["lay_out", "numbers_in_words", "plain_labels"]

_TITLES = {
    "title": "tên biểu",
    "header": "tiêu đề",
    "group": "nhóm",
    "total": "tổng, cộng",
    "note": "ghi chú, chữ ký",
}
# Columns merged over several rows hold one value for all of them; a number could also be their sum.
_NOT_SPREAD = frozenset({"integer", "number"})
_LEVELS = ("district", "commune")  # of groups, the outer one first
_BLOCK = 1000  # rows that are looked at together first


def lay_out(grid: Grid, sought: Sought, *, place: Place, heading: Heading | None = None) -> RawTable:
    """The table in `grid`; `heading` None: found by looking.

    Group rows with the name of a district (or, in a table of villages, of a commune) become the district of the rows
    below them, in a column of that name, unless the table has one. Cells merged downwards hold for every row of the
    merge, numbers excepted; a blank cell below a value stays blank.
    """
    heading = heading or find_heading(grid, sought)
    table = _Layout(grid, sought, place, heading).table()
    return replace(table, warnings=(*table.warnings, *encoding_warnings(grid, heading.labels, place)))


def plain_labels(head: Grid, last: list[Any], sought: Sought, *, place: Place) -> tuple[str, ...] | None:
    """The header of a table that needs no laying out, if all its rows begin with an id; None when it may need it.

    `head`: its first rows; `last`: its last one. There is one row of header, the first, over every column, nothing
    that groups of rows could tell the rows below them, and nothing under the table.
    """
    heading = find_heading(head, sought)
    labels = tuple(label for label in heading.labels if label is not None)
    if heading.last or len(labels) < len(heading.labels):
        return None
    return labels if _Layout(head, sought, place, heading).is_plain(last) else None


def numbers_in_words(numbers: Iterable[int], limit: int = 12) -> str:
    """Row numbers in one line, runs as one.

    >>> numbers_in_words([1, 2, 3, 7, 9, 10])
    '1–3, 7, 9–10'
    """
    numbers = set(numbers)
    ordered = sorted(numbers)
    starts = [n for n in ordered if n - 1 not in numbers]
    ends = [n for n in ordered if n + 1 not in numbers]
    runs = [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    return ", ".join(runs[:limit]) + (f" và {len(runs) - limit} chỗ nữa" if len(runs) > limit else "")


@dataclass(slots=True, eq=False)
class _Layout:
    grid: Grid
    sought: Sought
    place: Place
    heading: Heading
    fields: dict[str, int] = field(init=False)  # field → position of its column
    ordinal: int | None = field(init=False)
    name: int | None = field(init=False)
    aside: dict[str, list[int]] = field(init=False)
    notes: dict[int, str] = field(init=False)
    warnings: list[Problem] = field(init=False)
    counted: bool = field(init=False, default=False)  # data rows have a running number

    def __post_init__(self) -> None:
        self.aside = {kind: [] for kind in _TITLES}
        self.notes = {}
        self.warnings = []
        self.fields = {}
        exact: dict[str, bool] = {}
        ordinals = {joined(word) for word in word_list("rows", "ordinal")}
        self.ordinal = None
        for column, label in enumerate(self.heading.labels):
            if label is None:
                continue
            if self.ordinal is None and joined(label) in ordinals:
                self.ordinal = column
            known = self.sought.field(label)
            if known is not None and (known[0] not in self.fields or (known[1] and not exact[known[0]])):
                self.fields[known[0]], exact[known[0]] = column, known[1]
        self.name = next((self.fields[one] for one in ("name", "commune") if one in self.fields), None)

    def number(self, position: int) -> int:
        return self.grid.first_row + position

    def table(self) -> RawTable:
        heading = self.heading
        for position in range(heading.first):
            self._set_aside("title", position)
        header = [self.number(p) for p in range(heading.first, heading.last + 1)]
        rows = self._body()
        labels: list[Any] = list(heading.labels)
        kept, numbers, parents = self._classify(rows)
        for level, values in parents.items():
            if any(value is not None for value in values):
                kept = [
                    [*row, *[None] * (len(labels) - len(row)), value] for row, value in zip(kept, values, strict=True)
                ]
                labels.append(self._title(level))
        table = table_of(kept, numbers, labels, place=self.place, first_column=self.grid.first_column)
        named = {kind: tuple(found) for kind, found in self.aside.items() if found}
        if len(header) > 1:
            named["header"] = (*header, *named.get("header", ()))
        self._tell(named)
        return replace(table, warnings=tuple(self.warnings), aside=named, notes=self.notes)

    def _title(self, level: str) -> str:
        return next(one.title_vi for one in self.sought.fields if one.name == level)

    def _set_aside(self, kind: str, position: int) -> None:
        filled = [clean(shown(cell)) for cell in self.grid.rows[position] if not is_blank(cell)]
        if not filled:
            return
        self.aside[kind].append(self.number(position))
        if kind in {"title", "note"}:
            self.notes[self.number(position)] = " ".join(filled)

    # --- cells merged downwards ---

    def _body(self) -> list[list[Any]]:
        """The rows under the header with merged cells filled down."""
        rows = self.grid.rows
        types = {column: self._type(name) for name, column in self.fields.items()}
        changed: dict[int, list[Any]] = {}
        for top, left, bottom, _ in sorted(self.grid.merges):
            if bottom == top or top <= self.heading.last or top >= len(rows) or left >= len(rows[top]):
                continue
            value = rows[top][left]
            if is_blank(value) or (left not in types and left != self.ordinal):
                continue
            spread = types.get(left) not in _NOT_SPREAD
            for position in range(top, min(bottom, len(rows) - 1) + 1):
                row = changed.setdefault(position, list(rows[position]))
                row += [None] * (left + 1 - len(row))
                row[left] = value if spread else None
            if not spread:
                words = {"rows": numbers_in_words([self.number(top), self.number(bottom)])}
                column = self.heading.labels[left]
                self.warnings.append(
                    self.place.problem(
                        "W-LAYOUT-MERGED",
                        severity="warning",
                        row=self.number(top),
                        column=column,
                        value=shown(value),
                        first=self.number(top),
                        last=self.number(bottom),
                        **words,
                    )
                )
        if not changed:
            return rows
        return [changed.get(position, row) for position, row in enumerate(rows)]

    def _type(self, name: str) -> str | None:
        return next((one.type for one in self.sought.fields if one.name == name), None)

    # --- what each row is ---

    def is_plain(self, last: list[Any]) -> bool:
        """Whether rows beginning with an id, down to `last`, are all rows of the table and need nothing from others."""
        self.counted = self._has_numbers(self.grid.rows[self.heading.last + 1 :])
        if any(self._takes(level) for level in _LEVELS) or "district" in self.fields:
            return False
        return self._end([last], 0) == 1 and self._is_firm(last, sum(not is_blank(cell) for cell in last))

    def _classify(self, rows: list[list[Any]]) -> tuple[list[list[Any]], list[int], dict[str, list[str | None]]]:
        first = self.heading.last + 1
        self.counted = self._has_numbers(rows[first : first + 2000])
        end = self._end(rows, first)
        kept: list[list[Any]] = []
        numbers: list[int] = []
        current: dict[str, str | None] = dict.fromkeys(_LEVELS)
        levels = [level for level in current if self._takes(level)]
        parents: dict[str, list[str | None]] = {level: [] for level in levels}
        column = self.fields.get("district") if "district" not in levels else None
        for start in range(first, end, _BLOCK):
            stop = min(start + _BLOCK, end)
            if not levels and column is None and _all_ids(rows[start:stop]):
                kept += rows[start:stop]
                numbers += range(self.number(start), self.number(stop))
                continue
            for position in range(start, stop):
                row = rows[position]
                kind, group = self._kind(row, rows[position + 1] if position + 1 < end else [], current)
                if kind is None:
                    continue
                if kind != "data":
                    self._set_aside(kind, position)
                    if group is not None:
                        self._enter(group, current)
                    continue
                if column is not None and current["district"] is not None:
                    row = self._under(row, column, current)
                kept.append(row)
                numbers.append(self.number(position))
                for level in levels:
                    parents[level].append(current[level])
        for position in range(end, len(rows)):
            self._set_aside("note", position)
        return kept, numbers, parents

    def _has_numbers(self, rows: list[list[Any]]) -> bool:
        """Whether there is a column of running numbers, with any number in it."""
        at = self.ordinal
        return at is not None and any(len(row) > at and is_arabic(shown(row[at])) for row in rows)

    @staticmethod
    def _under(row: list[Any], column: int, current: dict[str, str | None]) -> list[Any]:
        """The row with the district of its group where its own cell is blank; a row with its own ends the group."""
        if column < len(row) and not is_blank(row[column]):
            current["district"] = None
            return row
        made = [*row, *[None] * (column + 1 - len(row))]
        made[column] = current["district"]
        return made

    def _takes(self, level: str) -> bool:
        """Whether groups of this level give the rows below a value: the table asks for it and has no such column."""
        return level not in self.fields and any(one.name == level for one in self.sought.fields)

    def _enter(self, group: GroupName, current: dict[str, str | None]) -> None:
        """The rows below belong to `group` from here on."""
        if group.level == "commune":
            current["commune"] = group.name
        elif group.level == "district" or self._is_district(group.name):
            current["district"], current["commune"] = group.name, None
        elif group.numeral is not None and is_roman(group.numeral):
            current["district"] = current["commune"] = None  # a part of the table that is no district

    def _is_district(self, name: str) -> bool:
        return fold(name) in self.sought.districts

    def _kind(  # noqa: PLR0911 - one return per kind of row, in the order they are tried
        self, row: list[Any], after: list[Any], current: Mapping[str, str | None]
    ) -> tuple[str | None, GroupName | None]:
        """What a row is (None: blank), and its name when it is a group."""
        if row and _is_id(row[0]):
            return "data", None
        filled = [column for column, cell in enumerate(row) if cell is not None and cell != "" and not is_blank(cell)]
        if not filled:
            return None, None
        texts = [(column, row[column]) for column in filled[:3] if isinstance(row[column], str)]
        suspects = [(column, clean(text)) for column, text in texts if may_be_special(text)]
        if len(filled) > 3 and not suspects and not is_numbering(row):
            return "data", None
        if self._repeats_header(row, filled) or is_numbering(row):
            return "header", None
        code = self._cell(row, "code") or self._cell(row, "commune_code")
        if len(code) >= 4:
            return "data", None
        for column, text in suspects:
            if self._may_name(column, len(filled)) and is_total(_without_numeral(text)):
                return "total", None
        if len(filled) == 1 and is_note(clean(shown(row[filled[0]]))):
            return "note", None
        group = self._group(row, filled, after, current)
        return ("group", group) if group is not None else ("data", None)

    def _cell(self, row: list[Any], name: str) -> str:
        column = self.fields.get(name)
        return "" if column is None or column >= len(row) or is_blank(row[column]) else clean(shown(row[column]))

    def _may_name(self, column: int, filled: int) -> bool:
        """Whether the name of a row may stand in this column: that of the names, or one before it, or the only one."""
        if filled == 1:
            return True
        return column <= self.name if self.name is not None else column <= (self.ordinal or 0) + 1

    def _repeats_header(self, row: list[Any], filled: list[int]) -> bool:
        labels = self.heading.labels
        said = [column for column in filled if column < len(labels) and labels[column] is not None]
        if len(filled) < 2 or len(said) < len(filled):
            return False
        return all(isinstance(row[c], str) and joined(row[c]) in self._words(c) for c in said)

    def _words(self, column: int) -> set[str]:
        rows = self.grid.rows[self.heading.first : self.heading.last + 1]
        return {joined(shown(row[column])) for row in rows if column < len(row) and not is_blank(row[column])}

    def _group(  # noqa: C901, PLR0911 - one line per way of writing a group, the surest first
        self, row: list[Any], filled: list[int], after: list[Any], current: Mapping[str, str | None]
    ) -> GroupName | None:
        ordinal = clean(shown(row[self.ordinal])) if self.ordinal in filled and self.ordinal is not None else ""
        counted = bool(ordinal) and (is_arabic(ordinal) or is_roman(ordinal))
        columns = [column for column in filled if not (counted and column == self.ordinal)]
        if not columns:
            return None
        column, rest = columns[0], columns[1:]
        if not isinstance(row[column], str):
            return None
        if column == self.fields.get("district") and self.name is not None:
            return self._district_alone(row, column, after)
        if not self._may_name(column, len(filled)):
            return None
        named = group_name(row[column])
        numeral = ordinal if counted else named.numeral
        roman = numeral is not None and is_roman(numeral)
        group = GroupName(named.name, named.level, numeral)
        if self.name is None:  # a table of works: only what can be nothing else
            return group if not rest and (roman or named.level == "district") else None
        if named.level == "district":
            return group
        if named.level == "commune":
            own = self.sought.field(self.heading.labels[column] or "")
            return group if self._takes("commune") and not rest and own is not None else None
        if roman and self.counted:
            return group
        if rest or (counted and not roman):
            return None
        if self._is_district(named.name) and (self.counted or fold(named.name) != fold(current["district"] or "")):
            return GroupName(named.name, "district", numeral)
        return None

    def _district_alone(self, row: list[Any], column: int, after: list[Any]) -> GroupName | None:
        """A row that names a district in the column of the districts and no commune, above rows without district."""
        if self._cell(row, "name") or self._cell(row, "commune"):
            return None
        below = column >= len(after) or is_blank(after[column])
        named = self.name is not None and self.name < len(after) and not is_blank(after[self.name])
        return GroupName(clean(row[column]), "district", None) if below and named else None

    # --- what stands under the table ---

    def _end(self, rows: list[list[Any]], first: int) -> int:
        """Position of the first row of the notes at the end; the number of rows when there are none."""
        end = len(rows)
        for position in range(len(rows) - 1, first - 1, -1):
            row = rows[position]
            filled = [cell for cell in row if not (cell is None or cell == "" or is_blank(cell))]
            if not filled:
                continue
            if any(isinstance(cell, str) and is_note(clean(cell)) for cell in filled[:3]) and len(filled) <= 4:
                end = position
            elif self._is_firm(row, len(filled)):
                break
        return end

    def _is_firm(self, row: list[Any], filled: int) -> bool:
        """Whether the row is a row of the table whatever stands above it."""
        if self.counted and self.ordinal is not None:
            return self.ordinal < len(row) and is_arabic(shown(row[self.ordinal]))
        known = sum(bool(self._cell(row, name)) for name in self.fields)
        return known >= max(2, (len(self.fields) + 1) // 2) or len(self._cell(row, "code")) >= 4 or filled > 6

    # --- what the user is told ---

    def _tell(self, named: Mapping[str, tuple[int, ...]]) -> None:
        if named:
            parts = "; ".join(f"{_TITLES[kind]}: dòng {numbers_in_words(found)}" for kind, found in named.items())
            self.warnings.insert(0, self.place.problem("W-LAYOUT", severity="warning", parts=parts))
        hidden = []
        last = self.grid.first_row + len(self.grid.rows)
        rows = [number for number in self.grid.hidden_rows if number < last]
        if rows:
            hidden.append(f"dòng {numbers_in_words(rows)}")
        labels = self.heading.labels
        columns = [column for column in self.grid.hidden_columns if column < len(labels)]
        if columns:
            names = [labels[c] or letters(self.grid.first_column + c) for c in columns]
            hidden.append(f"cột {listed(names)}")
        if hidden:
            words = {"parts": "; ".join(hidden)}
            self.warnings.append(self.place.problem("W-LAYOUT-HIDDEN", severity="warning", **words))


def _is_id(cell: Any) -> bool:
    """Whether a cell can be nothing but an id, as the first of most rows of a large table is."""
    return type(cell) is str and len(cell) > 6 and cell.isalnum() and cell.isascii() and cell[-1].isdigit()


def _all_ids(rows: list[list[Any]]) -> bool:
    """Whether all rows begin with an id, told of all together: a large table has a million."""
    if not all(rows):
        return False
    leads = list(map(itemgetter(0), rows))
    if set(map(type, leads)) != {str} or min(map(len, leads)) <= 6:
        return False
    together = "".join(leads)
    return together.isascii() and together.isalnum() and "".join(map(itemgetter(-1), leads)).isdigit()


def _without_numeral(text: str) -> str:
    return group_name(text).name if text[:1] in "(IVXLABCDEFGH0123456789" else text
