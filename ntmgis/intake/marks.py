"""Marks for criteria: x, ✓, Đ, K, 1, 0 and the blank cell, read as the sheet or the configuration says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ntmgis.errors import Problem
from ntmgis.intake.convert import Fault
from ntmgis.intake.layout import numbers_in_words
from ntmgis.intake.raw import RawTable
from ntmgis.intake.text import clean, fold_words, is_blank, shown
from ntmgis.programme.tables import Field, values
from ntmgis.workspace import Source

__all__ = ["BLANK", "Marked", "legend", "read_marks"]

BLANK = ""  # the sign of an empty cell in a legend
_UNKNOWN = "unknown"
_CROSS = "x"
_TICKS = frozenset({"✓", "✔", "☑", "✅", "√", "v"})
_DASHES = frozenset({"-", "–", "—"})
_STATES = {
    "chưa đạt": "not_met",
    "không đạt": "not_met",
    "đã đạt": "met",
    "đạt": "met",
    "chưa đánh giá": "not_assessed",
    "không áp dụng": "not_applicable",
    "không xét": "not_applicable",
}
_STATE = "|".join(_STATES)
_SIGN = (
    r"(?:ô\s+)?(?:(?:để|bỏ)\s+)?trống|không đánh dấu|"
    r"(?<!\w)[x×✓✔☑✅√v+–—kđ01o-](?!\w)"
)
_OPEN, _CLOSE = r"[\"“”'‘’«(\[]*\s*", r"\s*[\"“”'‘’»)\]]*"
_FORWARD = re.compile(
    rf"{_OPEN}(?P<sign>{_SIGN}){_CLOSE}\s*(?::|=|(?:có\s+)?nghĩa là|tức là|được hiểu là|là)\s*"
    rf"(?:tiêu chí\s+)?(?P<state>{_STATE})"
)
_BACKWARD = re.compile(
    rf"(?<!chưa )(?<!không )(?<!đã )(?P<state>{_STATE})\s*(?::|=|\(|thì\s)\s*"
    rf"(?:đánh\s|ghi\s)?\s*(?:dấu\s|chữ\s|số\s)?{_OPEN}(?P<sign>{_SIGN})"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """The criteria columns with their signs replaced by words that mean one thing.

    cells     field → cells
    faults    (field, position, why) of signs that could mean two things
    warnings  how signs and blanks were read, or that somebody should say it
    """

    cells: Mapping[str, "pd.Series[Any]"]
    faults: tuple[tuple[str, int, Fault], ...] = ()
    warnings: tuple[Problem, ...] = ()


def legend(notes: Mapping[int, str]) -> Mapping[str, dict[str, list[int]]]:
    """Sign → state → rows that say so, from the title and note rows of a sheet; the sign of a blank cell is "".

    >>> legend({98: "Ghi chú: dấu x: đạt; ô trống: chưa đạt"})
    {'x': {'met': [98]}, '': {'not_met': [98]}}
    """
    made: dict[str, dict[str, list[int]]] = {}
    for row, text in notes.items():
        said = clean(text).casefold()
        for pattern in (_FORWARD, _BACKWARD):
            for match in pattern.finditer(said):
                sign = _folded(match["sign"])
                sign = BLANK if len(sign) > 1 else sign
                rows = made.setdefault(sign, {}).setdefault(_STATES[match["state"]], [])
                if row not in rows:
                    rows.append(row)
    return made


def read_marks(raw: RawTable, columns: Mapping[str, str], fields: tuple[Field, ...], source: Source) -> Marked:
    """The cells of the criteria columns (field → column) of `raw`, read by the notes of the sheet and the source.

    `source.blank` says what an empty cell means ("unknown": nothing), else the note of the sheet does, else nothing
    does: it stays missing. A row without any mark stays missing whatever is said: nobody looked at that commune. A
    dash is not an empty cell. An x beside ticks, where nothing says what it means, is refused.
    """
    kinds = {one.name: one.values for one in fields}  # noqa: PD011 - no pandas object
    names = [name for name, kind in kinds.items() if kind == "criterion_state" and name in columns]
    cells = {name: raw.cells[columns[name]] for name in names}
    if not names:
        return Marked({})
    said = legend(raw.notes)
    clear = {sign: next(iter(states)) for sign, states in said.items() if len(states) == 1}
    folded = pd.DataFrame({name: [_folded(cell) for cell in cells[name]] for name in names}, index=raw.cells.index)
    seen = set(pd.unique(folded.to_numpy(dtype=object).ravel()))
    twofold = {sign for sign, states in said.items() if len(states) > 1} - {BLANK}
    if _CROSS not in clear and _is_doubtful(seen, clear):
        twofold.add(_CROSS)
    wording = {sign: values("criterion_state")[state].vi for sign, state in clear.items() if sign != BLANK}
    wording.update({tick: values("criterion_state")["met"].vi for tick in _TICKS - wording.keys()})
    faults = tuple(
        (name, int(position), Fault("E-MARKS-AMBIGUOUS", {"sign": sign}))
        for sign in sorted(twofold)
        for name in names
        for position in np.flatnonzero((folded[name] == sign).to_numpy())
    )
    for name in names:
        column = cells[name].astype(object).copy()
        for sign in (wording.keys() | twofold) & seen:
            column[(folded[name] == sign).to_numpy()] = None if sign in twofold else wording[sign]
        cells[name] = column
    warnings = _told(raw, clear, said, seen)
    return Marked(cells, faults, (*warnings, *_blanks(raw, source, clear, folded, cells, seen)))


def _folded(cell: Any) -> str:
    """The sign in a cell; "" for an empty one, "-" for every dash."""
    text = fold_words(shown(cell)) if cell is not None and cell == cell else ""  # noqa: PLR0124 - false for NaN
    text = text.replace("×", "x")
    return "-" if text in _DASHES else text


def _is_doubtful(seen: set[str], clear: Mapping[str, str]) -> bool:
    """Whether an x may mean "not met": another sign says "met" and none of them the contrary."""
    met = seen & (_TICKS | {"d", "1", "dat"})
    contrary = seen & {"0", "k", "chua dat", "khong dat"} or {s for s, st in clear.items() if st == "not_met"} & seen
    return _CROSS in seen and bool(met) and not contrary


def _told(
    raw: RawTable, clear: Mapping[str, str], said: Mapping[str, dict[str, list[int]]], seen: set[str]
) -> list[Problem]:
    used = {sign: state for sign, state in clear.items() if sign in seen and sign != BLANK}
    if not used:
        return []
    rows = [row for sign in used for row in said[sign][clear[sign]]]
    parts = ", ".join(f"“{sign}” là {values('criterion_state')[state].vi}" for sign, state in used.items())
    words = {"parts": parts, "rows": numbers_in_words(rows)}
    return [raw.place.problem("W-MARKS-NOTE", severity="warning", **words)]


def _blanks(
    raw: RawTable,
    source: Source,
    clear: Mapping[str, str],
    folded: pd.DataFrame,
    cells: dict[str, "pd.Series[Any]"],
    seen: set[str],
) -> list[Problem]:
    """Fill blank cells where somebody said what they mean, and say so; else ask, where they may mean something."""
    empty = (folded == "").to_numpy()
    marked = ~np.array([[is_blank(cell) for cell in row] for row in folded.to_numpy(dtype=object)]).all(axis=1)
    count = int(empty[marked].sum())
    note = clear.get(BLANK)
    state = source.blank or note
    titles = {code: value.vi for code, value in values("criterion_state").items()} | {_UNKNOWN: "chưa biết"}
    if not count:
        return []
    if state is None:
        signs = seen - {"", "-"}
        if signs <= _TICKS | {"x", "d", "1", "dat"}:
            return [raw.place.problem("W-MARKS-ASKED", severity="warning", count=count)]
        return []
    warnings = []
    if source.blank is not None and note is not None and source.blank != note:
        contrary = {"note": titles[note], "said": titles[source.blank]}
        warnings.append(raw.place.problem("W-MARKS-CONTRARY", severity="warning", **contrary))
    if state == _UNKNOWN:
        return warnings
    for column, name in enumerate(folded.columns):
        filled = cells[name].astype(object).copy()
        filled[empty[:, column] & marked] = titles[state]
        cells[name] = filled
    by = "ntmgis.toml" if source.blank is not None else "ghi chú trong tệp"
    left = int((~marked).sum())
    rest = f"; {left} dòng không có dấu nào vẫn là chưa biết" if left else ""
    note_ = raw.place.problem("W-MARKS-BLANK", severity="warning", count=count, state=titles[state], by=by, rest=rest)
    return [*warnings, note_]
