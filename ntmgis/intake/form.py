"""The form of a commune read back: what it was pre-filled with, what stands in it now, and what is wrong with it.

A cell whose formula has an error, or was never worked out, reads as blank.

A form has a hidden sheet that says whose form it is, for which day, and what was pre-filled; visible sheets are found
by their headers, so that renamed, moved or re-sorted ones are still read.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.archive import unpacked_all
from ntmgis.intake.convert import convert
from ntmgis.intake.files import checked_kind, reason, unreadable
from ntmgis.intake.text import clean, fold_words, is_blank, listed, shown
from ntmgis.programme.tables import table, values
from ntmgis.units.epochs import epoch_on
from ntmgis.units.names import fold

__all__ = [
    "CRITERIA_SHEET",
    "CRITERION_COLUMNS",
    "FLAGS",
    "FORM_VERSION",
    "HIDDEN_SHEET",
    "LABELS",
    "MARK",
    "MAX_TEXT",
    "REMARK",
    "VILLAGES_SHEET",
    "VILLAGE_COLUMNS",
    "FilledForm",
    "FormFacts",
    "Items",
    "Place",
    "form_files",
    "prefilled_digest",
    "read_form",
]

FORM_VERSION = "1"
MARK = "ntmgis-form"  # in the first cell of the hidden sheet
HIDDEN_SHEET = "ntmgis"
CRITERIA_SHEET = "Phiếu xã"
VILLAGES_SHEET = "Thôn"
MAX_TEXT = 1000  # characters of a value or a note
# Field → title of its column. The first column of each table is the key of its rows.
CRITERION_COLUMNS: Mapping[str, str] = {
    "key": "TC",
    "state": "Kết quả kỳ này",
    "value": "Số liệu",
    "evidence": "Minh chứng, ghi chú",
}
VILLAGE_COLUMNS: Mapping[str, str] = {
    "key": "Mã thôn",
    "model": "Thôn NTM kiểu mẫu",
    "minority_ntm": "Thôn NTM vùng DTTS",
    "smart": "Thôn thông minh",
}
FLAGS = ("model", "minority_ntm", "smart")
# What stands before the locked cells that say whose form it is.
LABELS: Mapping[str, str] = {"code": "Mã xã", "name": "Tên đơn vị"}
REMARK = "Ý kiến của xã"
_BOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_MAX_FORMS = 2000  # a province has some hundred communes

# Item ("tc5", or the code of a village) → field → value: a state of a criterion, "yes" or "no", a text; None: blank.
Items = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class FormFacts:
    """Whose form, for which day, and which criteria: what the hidden sheet says.

    `as_of` is the reporting day the form is filled in for; `name` and `district` as shown on it.
    """

    code: str
    name: str
    district: str
    epoch: str
    criteria_set: str
    as_of: date
    version: str = FORM_VERSION

    def lines(self) -> list[tuple[str, str]]:
        """Name and value of every fact, as they stand on the hidden sheet."""
        return [
            ("code", self.code),
            ("name", self.name),
            ("district", self.district),
            ("epoch", self.epoch),
            ("criteria_set", self.criteria_set),
            ("as_of", self.as_of.isoformat()),
            ("version", self.version),
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the file."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as it came back.

    before    what it was pre-filled with: every item of the form, and so every row that must be accounted for
    typed     what stands in it now; an item whose row is gone, or has a faulty cell, is not here
    faulty    items with a cell that is no allowed value
    places    item → where it stands; an item whose row is gone has none
    remark    what the commune wrote into the free field
    problems  everything wrong with the form, by cell
    """

    file: str
    sha256: str
    facts: FormFacts
    before: Items
    typed: Items
    faulty: frozenset[str] = frozenset()
    places: Mapping[str, Place] = field(default_factory=dict)
    remark: str = ""
    problems: tuple[Problem, ...] = ()


def prefilled_digest(facts: FormFacts, before: Items) -> str:
    """SHA-256 over who the form is for and what was pre-filled: a hidden sheet that was changed does not fit it."""
    said = [facts.lines(), {item: dict(cells) for item, cells in sorted(before.items())}]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@contextmanager
def form_files(given: Iterable[Path]) -> Iterator[list[Path]]:
    """The workbooks among `given`: files, folders (not what lies in sub-folders) and zip archives of them.

    Lock files of office programs and hidden files are left out. InputError when there is nothing to read, and for
    archives that are hostile. Unpacked files are gone afterwards.
    """
    found: list[Path] = []
    problems: list[Problem] = []
    with TemporaryDirectory(prefix="ntmgis-") as scratch:
        for number, path in enumerate(given):
            if path.is_dir():
                found += sorted(one for one in path.iterdir() if _is_book(one))
            elif path.suffix.lower() == ".zip" and path.is_file():
                folder = Path(scratch) / str(number)
                folder.mkdir()
                try:
                    found += [one for one in unpacked_all(path, folder) if _is_book(one)]
                except InputError as error:
                    problems += error.problems
            else:
                found.append(path)
        if not found and not problems:
            problems.append(problem("E-FORM-NONE"))
        if len(found) > _MAX_FORMS:
            problems.append(problem("E-FORM-MANY", count=len(found), limit=_MAX_FORMS))
        if problems:
            raise InputError(problems)
        yield found


def _is_book(path: Path) -> bool:
    return path.suffix.lower() in _BOOKS and not path.name.startswith(("~", ".")) and path.is_file()


def read_form(path: Path) -> FilledForm:
    """The form in `path`, with every fault by sheet, row and column.

    InputError when it is no form of ours, is damaged, or names another commune than the one it was made for: then
    nothing in it can be trusted.
    """
    if checked_kind(path) != "workbook":
        raise unreadable(path, "không phải là bảng tính")
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            grids = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise unreadable(path, reason(error, path)) from error
    facts, before = _hidden(path, grids)
    reading = _Reading(path.name, facts, before)
    told = {name: grid for name, grid in grids.items() if not _starts(grid, MARK)}
    reading.table(told, CRITERION_COLUMNS, CRITERIA_SHEET, {i for i in before if i.startswith("tc")}, _criterion)
    villages = {i for i in before if not i.startswith("tc")}
    if villages:
        reading.table(told, VILLAGE_COLUMNS, VILLAGES_SHEET, villages, _village)
    _same_unit(path.name, facts, told)
    return FilledForm(
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        facts=facts,
        before=before,
        typed=reading.typed,
        faulty=frozenset(reading.faulty),
        places=reading.places,
        remark=_after(told, REMARK)[:MAX_TEXT],
        problems=tuple(reading.problems),
    )


def _starts(grid: Sequence[Sequence[Any]], word: str) -> bool:
    return bool(grid) and bool(grid[0]) and str(grid[0][0]).strip() == word


def _hidden(path: Path, grids: Mapping[str, Sequence[Sequence[Any]]]) -> tuple[FormFacts, Items]:
    """The facts and the pre-filled values; InputError when they are missing or were changed."""
    grid = next((one for one in grids.values() if _starts(one, MARK)), None)
    if grid is None:
        raise InputError(problem("E-FORM-MARK", file=path.name))
    rows = [[str(cell) for cell in row] + ["", "", ""] for row in grid[1:]]
    told = {row[0]: row[1] for row in rows if row[0] and not row[2]}
    if told.get("version") != FORM_VERSION:
        raise InputError(problem("E-FORM-VERSION", file=path.name, value=told.get("version"), known=FORM_VERSION))
    before: dict[str, dict[str, str | None]] = {}
    for item, name, kind, *rest in rows:
        if kind in {"text", "blank"}:
            before.setdefault(item, {})[name] = (rest[0] if rest else "") if kind == "text" else None
    try:
        given = {name: told[name] for name in ("code", "name", "district", "epoch", "criteria_set")}
        facts = FormFacts(**given, as_of=date.fromisoformat(told["as_of"]))
    except (KeyError, ValueError) as error:
        raise InputError(problem("E-FORM-HASH", file=path.name)) from error
    if told.get("hash") != prefilled_digest(facts, before) or facts.epoch != epoch_on(facts.as_of).id:
        raise InputError(problem("E-FORM-HASH", file=path.name))
    return facts, before


def _same_unit(file: str, facts: FormFacts, grids: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """InputError when the visible sheet names another commune: somebody typed over the form of a neighbour."""
    shown_code, shown_name = (_after(grids, LABELS[name]) for name in ("code", "name"))
    other = [one for one, own in ((shown_code, facts.code), (shown_name, facts.name)) if one and fold(one) != fold(own)]
    if other:
        own = f"{facts.name} ({facts.code})"
        raise InputError(problem("E-FORM-OTHER-UNIT", file=file, value=" · ".join(other), own=own))


def _after(grids: Mapping[str, Sequence[Sequence[Any]]], label: str) -> str:
    """The first cell with words right of the first cell that says `label`; "" when there is none."""
    wanted = fold_words(label)
    for grid in grids.values():
        for row in grid:
            at = next((i for i, cell in enumerate(row) if fold_words(str(cell)) == wanted), None)
            if at is not None:
                return next((clean(shown(cell)) for cell in row[at + 1 :] if not is_blank(cell)), "")
    return ""


@dataclass(slots=True)
class _Reading:
    """The visible tables of one form, read item by item."""

    file: str
    facts: FormFacts
    before: Items
    typed: dict[str, dict[str, str | None]] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def table(
        self,
        grids: Mapping[str, Sequence[Sequence[Any]]],
        columns: Mapping[str, str],
        called: str,
        items: set[str],
        read: "Callable[[str, Any], _Cell]",
    ) -> None:
        """Read the rows under the header that has all of `columns`; items without a row are named together."""
        found = _find(grids, columns)
        if found is None:
            titles = listed(columns.values())
            self.problems.append(problem("E-FORM-SHEET", file=self.file, called=called, columns=titles))
            return
        name, head, at = found
        for number, row in enumerate(grids[name][head + 1 :], start=head + 2):
            item = _item(row, at["key"], columns is CRITERION_COLUMNS)
            if item is None:
                continue
            place: dict[str, Any] = {"file": self.file, "sheet": name, "row": number}
            if item not in items:
                self.problems.append(problem("E-FORM-ROW", **place, column=columns["key"], value=row[at["key"]]))
            elif item in self.places:
                self.faulty.add(item)
                self.typed.pop(item, None)
                words = {"value": row[at["key"]], "first": self.places[item].row}
                self.problems.append(problem("E-FORM-ROW-TWICE", **place, column=columns["key"], **words))
            else:
                self.places[item] = Place(name, number)
                self._row(item, row, columns, at, place, read)
        gone = sorted(items - set(self.places), key=_order)
        if gone:
            named = listed([one.removeprefix("tc") if one.startswith("tc") else one for one in gone])
            self.problems.append(
                problem("E-FORM-ROW-GONE", file=self.file, sheet=name, column=columns["key"], gone=named)
            )

    def _row(
        self,
        item: str,
        row: Sequence[Any],
        columns: Mapping[str, str],
        at: Mapping[str, int],
        place: Mapping[str, Any],
        read: "Callable[[str, Any], _Cell]",
    ) -> None:
        made: dict[str, str | None] = {}
        for name, column in at.items():
            if name == "key":
                continue
            cell = row[column] if column < len(row) else None
            got = read(name, cell)
            if got.code:
                self.faulty.add(item)
                self.problems.append(problem(got.code, **place, column=columns[name], value=shown(cell), **got.words))
            made[name] = got.value
        if item not in self.faulty:
            self.typed[item] = made


def _order(item: str) -> tuple[int, str]:
    return (int(item[2:]), "") if item.startswith("tc") else (0, item)


def _find(
    grids: Mapping[str, Sequence[Sequence[Any]]], columns: Mapping[str, str]
) -> tuple[str, int, dict[str, int]] | None:
    """Sheet, row of the header, and where each column stands; None when no sheet has all columns."""
    wanted = {name: fold_words(title) for name, title in columns.items()}
    for name, grid in grids.items():
        for number, row in enumerate(grid):
            titles = [fold_words(str(cell)) for cell in row]
            if all(title in titles for title in wanted.values()):
                return name, number, {field_: titles.index(title) for field_, title in wanted.items()}
    return None


def _item(row: Sequence[Any], at: int, criteria: bool) -> str | None:  # noqa: FBT001 - which of the two tables
    """The key of a row; None for rows of the layout (groups, totals, signatures)."""
    cell = row[at] if at < len(row) else None
    text = "" if is_blank(cell) else clean(shown(cell))
    if not criteria:
        return text or None
    return f"tc{int(text)}" if text.isdecimal() and text.isascii() and len(text) < 4 else None


@dataclass(frozen=True, slots=True)
class _Cell:
    """The value of a cell, or the code of what is wrong with it."""

    value: str | None
    code: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)


def _criterion(name: str, cell: Any) -> _Cell:
    if name != "state":
        return _text(cell)
    if fold_words(shown(cell)).replace("×", "x") == "x":
        return _Cell(None, "E-FORM-CROSS")  # "met" for one office, "not met" for the next
    return _converted(cell, "commune_status", "tc1", "E-FORM-VALUE")


def _village(_name: str, cell: Any) -> _Cell:
    got = _converted(cell, "village_status", "model", "E-FORM-FLAG")
    return got if got.code or got.value is None else _Cell("yes" if got.value == "True" else "no")


def _converted(cell: Any, table_id: str, name: str, code: str) -> _Cell:
    """A cell as intake reads it in any table: upper and lower case, spaces and tone marks do not matter."""
    made = convert(pd.Series([cell], dtype=object), table(table_id).field(name))
    if made.faults:
        allowed = ", ".join(one.vi for one in values("criterion_state").values())
        return _Cell(None, code, {"allowed": allowed})
    value = made.typed.iloc[0]
    return _Cell(None if pd.isna(value) else str(value))


def _text(cell: Any) -> _Cell:
    """Free text; numbers with a decimal comma, dates as people write them."""
    if is_blank(cell):
        return _Cell(None)
    if isinstance(cell, datetime | date):
        said = f"{cell:%d/%m/%Y}"
    elif isinstance(cell, bool):
        said = "có" if cell else "không"
    elif isinstance(cell, float) and not cell.is_integer():
        said = f"{cell:.10g}".replace(".", ",")
    else:
        said = clean(shown(cell))
    if len(said) > MAX_TEXT:
        return _Cell(None, "E-FORM-LONG", {"count": len(said), "limit": MAX_TEXT})
    return _Cell(said or None)
