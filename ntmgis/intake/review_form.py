"""A review form read back: which changes a person accepted, and what the form says it was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.files import checked_kind, unreadable
from ntmgis.intake.text import fold_words

__all__ = ["DECISIONS", "FACTS_SHEET", "FORM_SHEET", "ID_COLUMN", "VERDICT_COLUMN", "ReviewForm", "read_review"]

FORM_SHEET = "Xem xét"
FACTS_SHEET = "ntmgis"
VERDICT_COLUMN = "Quyết định"
ID_COLUMN = "Mã thay đổi"
DECISIONS = ("Nhận", "Không")
_LOOK = 20  # rows among which the header is looked for
_NOTHING = frozenset({"", "–", "-"})


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """`facts`: what the form was made from. `rows`: row in the sheet, id of the change, accepted or not."""

    facts: Mapping[str, str]
    rows: tuple[tuple[int, str, bool], ...]


def read_review(path: Path) -> ReviewForm:
    """The form as filled in; InputError naming every line whose decision is neither word (blank is "Không")."""
    if checked_kind(path) != "workbook":
        raise unreadable(path, "không phải là bảng tính")
    try:
        book = CalamineWorkbook.from_path(str(path))
        grid = book.get_sheet_by_name(FORM_SHEET).to_python(skip_empty_area=False)
        facts = book.get_sheet_by_name(FACTS_SHEET).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(problem("E-REVIEW-FORM", file=path.name)) from error
    told = {str(row[0]): str(row[1]) for row in facts if len(row) > 1}
    for at, header in enumerate(grid[:_LOOK]):
        if VERDICT_COLUMN in header and ID_COLUMN in header:
            places = (header.index(VERDICT_COLUMN), header.index(ID_COLUMN))
            return ReviewForm(told, _rows(path, grid[at + 1 :], at + 2, *places))
    raise InputError(problem("E-REVIEW-FORM", file=path.name))


def _rows(
    path: Path, grid: Sequence[Sequence[object]], first: int, verdict: int, id_: int
) -> tuple[tuple[int, str, bool], ...]:
    rows: list[tuple[int, str, bool]] = []
    faults: list[Problem] = []
    words = {fold_words(word): word == DECISIONS[0] for word in DECISIONS}
    for number, line in enumerate(grid, start=first):
        name, said = str(line[id_]).strip(), str(line[verdict]).strip()
        if not name:
            continue
        if said in _NOTHING:
            rows.append((number, name, False))
        elif fold_words(said) in words:
            rows.append((number, name, words[fold_words(said)]))
        else:
            place: dict[str, Any] = {"sheet": FORM_SHEET, "row": number, "column": VERDICT_COLUMN, "value": said}
            faults.append(problem("E-REVIEW-DECISION", file=path.name, allowed=" / ".join(DECISIONS), **place))
    if faults:
        raise InputError(faults)
    return tuple(rows)
