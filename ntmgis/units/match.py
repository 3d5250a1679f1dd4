"""The matching of a table to the units of one epoch: code, exact name, folded name, alias; nothing is ever guessed."""

import difflib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ntmgis.errors import UsageError, problem
from ntmgis.units.aliases import Aliases, load_aliases
from ntmgis.units.decide import Answer, Key, Matcher, join, read_code
from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.units.lookup import UnitLookup
from ntmgis.units.reference import reference_units
from ntmgis.units.report import MatchReport

__all__ = ["match"]

# So many rows must fit the other epoch alone before the whole table is taken to belong there.
_TABLE_EVIDENCE = 3


def _weigh(matcher: Matcher, keys: Sequence[Key], answers: list[Answer]) -> tuple[str, ...]:
    """Hints about the table; when it plainly belongs to the other epoch, rows that fit both are answered anew.

    A name or code that both epochs have means two different areas, so in a table of the other epoch it must not match.
    """
    if matcher.there is None or matcher.other is None:
        return ()
    there_only = sum(answer.fits_there and not answer.fits_here for answer in answers)
    here_only = sum(answer.fits_here and not answer.fits_there for answer in answers)
    whole_list = _is_other_list(matcher.here, matcher.there, keys)
    if there_only <= here_only and not whole_list:
        return ()
    hint = f"bảng này hợp với {matcher.other.title_vi} hơn"
    if there_only:
        hint += f": {there_only} đơn vị chỉ có ở đó, {here_only} chỉ có ở thời kỳ đang ghép"
    else:
        hint += ": các mã đúng bằng danh mục của thời kỳ đó"
    if there_only >= _TABLE_EVIDENCE or whole_list:
        for i, answer in enumerate(answers):
            if answer.fits_here and answer.fits_there:
                answers[i] = Answer("wrong_epoch", hint, fits_there=True)
    return (hint,)


def _is_other_list(here: UnitLookup, there: UnitLookup, keys: Sequence[Key]) -> bool:
    """Whether a table of codes alone is, all but whole, the list of the other epoch and only a part of this one."""
    if any(key.name is not None for key in keys):
        return False
    codes = {code for code, _ in (read_code(key.code) for key in keys) if code is not None}
    whole = len(codes & there.units.keys()) >= 0.9 * len(there.units)
    return whole and len(codes & here.units.keys()) < 0.5 * len(here.units)


def _texts(values: "pd.Series[Any]") -> list[str | None]:
    """The cells as text; None where empty."""
    missing = values.isna().to_numpy()
    texts = (None if gone else str(value).strip() for value, gone in zip(values.tolist(), missing, strict=True))
    return [text or None for text in texts]


def _distinct(columns: Sequence[list[str | None] | None], rows: int) -> tuple[list[Key], npt.NDArray[np.intp]]:
    """The distinct rows, and for each row the place of its own among them."""
    places: dict[tuple[str | None, ...], int] = {}
    blank: list[str | None] = [None] * rows
    full = [blank if column is None else column for column in columns]
    where = np.fromiter((places.setdefault(row, len(places)) for row in zip(*full, strict=True)), np.intp, rows)
    return [Key(*row) for row in places], where


def _spread(values: Sequence[object], where: npt.NDArray[np.intp]) -> "pd.Series[Any]":
    """The value of each row; object, because the text dtype of pandas 3 makes NaN of None."""
    column = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):  # one by one: numpy takes a list of tuples for a table
        column[i] = value
    return pd.Series(column[where], dtype="object")


def _mark_duplicates(rows: pd.DataFrame) -> None:
    """Two matched rows on one unit: neither is used."""
    matched = rows["status"] == "matched"
    twice = matched & rows["code"].where(matched).duplicated(keep=False)
    for _, group in rows[twice].groupby("code", sort=False):
        numbers = [str(number) for number in group["row"]]
        shown = ", ".join(numbers[:10]) + (f" và {len(numbers) - 10} dòng nữa" if len(numbers) > 10 else "")
        first = group.iloc[0]
        note = f"các dòng {shown} cùng là {first['unit_name']} ({first['code']})"
        rows.loc[group.index, "reason"] = [join(note, reason) for reason in group["reason"]]
    rows.loc[twice, "status"] = "duplicate"


def _check_columns(table: pd.DataFrame, wanted: dict[str, str | None]) -> None:
    known = [str(column) for column in table.columns]
    faults = [
        problem(
            "E-COLUMN-UNKNOWN",
            column=name,
            known=", ".join(known),
            nearest=next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), "không có"),
        )
        for name in wanted.values()
        if name is not None and name not in table.columns
    ]
    if wanted["code"] is None and wanted["name"] is None:
        faults.append(problem("E-MATCH-COLUMNS"))
    if faults:
        raise UsageError(faults)


@lru_cache(maxsize=4)
def _reference_lookup(epoch: Epoch, aliases: Aliases) -> UnitLookup:
    return UnitLookup(reference_units(epoch), epoch.id, aliases)


def _lookups(units: pd.DataFrame, epoch: Epoch, aliases: Aliases) -> tuple[UnitLookup, UnitLookup | None, Epoch | None]:
    """The look-up of `units`, and that of the other epoch when `units` overlap the reference list."""
    here = UnitLookup(units, epoch.id, aliases)
    other = next((e for e in EPOCHS if e.id != epoch.id), None)
    if other is None or here.units.keys().isdisjoint(reference_units(epoch)["code"]):
        return here, None, None
    return here, _reference_lookup(other, aliases), other


def match(  # noqa: PLR0913 - four columns of one table, told apart by name
    table: pd.DataFrame,
    units: pd.DataFrame,
    *,
    epoch: Epoch,
    code: str | None = None,
    name: str | None = None,
    parent: str | None = None,
    parent_code: str | None = None,
    unique: bool = True,
    aliases: Aliases | None = None,
) -> MatchReport:
    """Which unit each row of `table` means; every row ends in exactly one status, nothing is guessed.

    units                   the units of `epoch`: columns code and name, and if known kind, bare_name, district_code,
                            district (see `reference_units`)
    code, name              columns of `table` with the unit's code and name; at least one of them
    parent, parent_code     columns with the name and the code of the district; names are sought inside it alone
    unique                  at most one row per unit: further rows make all of them `duplicate`
    aliases                 None: the shipped ones

    A code counts before a name, but a name that means another unit makes a conflict. Rows of the other boundary epoch
    are `wrong_epoch`; a table that plainly belongs there matches nowhere. Row numbers are the labels of an integer
    index, else 1, 2, ... UsageError when a column is not there.

    >>> from datetime import date
    >>> from ntmgis.units.epochs import epoch_on
    >>> from ntmgis.units.reference import reference_units
    >>> old = epoch_on(date(2025, 6, 30))
    >>> table = pd.DataFrame({"Huyện": ["Đăk Hà", "Ngọc Hồi"], "Xã": ["Đăk Mar", "Pờ Y"]}, index=[2, 3])
    >>> report = match(table, reference_units(old), epoch=old, name="Xã", parent="Huyện")
    >>> list(zip(report.rows["row"], report.rows["code"], report.rows["how"]))
    [(2, '23512', 'folded_name'), (3, '23395', 'alias')]
    """
    wanted = {"code": code, "name": name, "parent": parent, "parent_code": parent_code}
    _check_columns(table, wanted)
    here, there, other = _lookups(units, epoch, load_aliases() if aliases is None else aliases)
    matcher = Matcher(here, there, other)
    given = {key: None if column is None else _texts(table[column]) for key, column in wanted.items()}
    keys, where = _distinct(list(given.values()), len(table))
    answers = [matcher.answer(key) for key in keys]
    hints = _weigh(matcher, keys, answers)
    numbers = table.index if pd.api.types.is_integer_dtype(table.index) else pd.RangeIndex(1, len(table) + 1)
    empty: list[object] = [None] * len(table)
    names = [here.units[answer.code].name if answer.code is not None else None for answer in answers]
    parents = given["parent"] if given["parent"] is not None else given["parent_code"]
    rows = pd.DataFrame(
        {
            "row": numbers.to_numpy(),
            "status": _spread([answer.status for answer in answers], where),
            "how": _spread([answer.how for answer in answers], where),
            "code": _spread([answer.code for answer in answers], where),
            "unit_name": _spread(names, where),
            "given_code": pd.Series(given["code"] or empty, dtype="object"),
            "given_name": pd.Series(given["name"] or empty, dtype="object"),
            "given_parent": pd.Series(parents or empty, dtype="object"),
            "reason": _spread([answer.reason for answer in answers], where),
            "candidates": _spread([answer.candidates for answer in answers], where),
        }
    )
    if unique:
        _mark_duplicates(rows)
    rows.index = table.index
    return MatchReport(epoch, rows, hints)
