"""Proposals that a person accepted become aliases of the workspace, so that the next match finds them by itself."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from ntmgis.errors import InputError, Problem, UsageError, no_file, problem
from ntmgis.units.aliases import Alias, Aliases, load_aliases
from ntmgis.units.decide import read_code
from ntmgis.units.epochs import Epoch
from ntmgis.units.lookup import UnitLookup
from ntmgis.units.match import match
from ntmgis.units.names import fold
from ntmgis.units.report import MatchReport

__all__ = ["DECISION", "Decision", "accept", "append_aliases", "parse_decision", "read_decisions"]

# Titles of the exported match report that a decision is read back from.
DECISION = "Chấp nhận"
_ROW, _NAME = "Dòng", "Tên trong tệp"
_HEADER_LINES = 10


@dataclass(frozen=True, slots=True)
class Decision:
    """A person says that `row` of the matched table means the unit `code`.

    `name` is what the person saw in the row, `unit` the name that stood beside the code (codes were reused); None: not
    recorded.
    """

    row: int
    code: str
    name: str | None = None
    unit: str | None = None


def parse_decision(text: str) -> Decision:
    """The decision "ROW=CODE". UsageError when it is not of that form.

    >>> parse_decision("5=23512")
    Decision(row=5, code='23512', name=None, unit=None)
    """
    found = re.fullmatch(r"\s*(\d+)\s*=\s*(\d{5})\s*", text)
    if found is None:
        raise UsageError(problem("E-ALIAS-DECISION", column="--accept", value=text))
    return Decision(int(found[1]), found[2])


def read_decisions(path: str | Path) -> tuple[Decision, ...]:
    """The decisions in the column "Chấp nhận" of an exported match report (XLSX), top to bottom; blanks are none.

    A cell holds a code alone or with the name behind it. InputError, with every fault at once, when the file has no
    such column or a cell holds no code.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(no_file(path))
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        reason = "không mở được như một bảng tính"
        raise InputError(problem("E-FILE-FORMAT", file=path.name, reason=reason, formats=".xlsx")) from error
    made: list[Decision] = []
    faults: list[Problem] = []
    seen = False
    for sheet, lines in sheets.items():
        for at, line in enumerate(lines[:_HEADER_LINES]):
            if {DECISION, _ROW} <= {str(cell) for cell in line}:
                seen = True
                _read_sheet(lines[at + 1 :], [str(cell) for cell in line], (path.name, sheet, at + 2), made, faults)
                break
    if not seen:
        faults.append(problem("E-ALIAS-FORM", file=path.name, column=DECISION))
    if faults:
        raise InputError(faults)
    return tuple(made)


def _read_sheet(
    lines: Sequence[Sequence[Any]],
    titles: Sequence[str],
    place: tuple[str, str, int],
    made: list[Decision],
    faults: list[Problem],
) -> None:
    file, sheet, first = place
    name_at = titles.index(_NAME) if _NAME in titles else None
    for number, line in enumerate(lines, start=first):
        cell = _cell(line[titles.index(DECISION)])
        if not cell:
            continue
        row, _ = read_code(_cell(line[titles.index(_ROW)]), digits=9)
        digits, *beside = re.split(r"[\s:–(,;]+", cell, maxsplit=1)
        code, _ = read_code(digits)
        if row is None or code is None:
            faults.append(problem("E-ALIAS-DECISION", file=file, sheet=sheet, row=number, column=DECISION, value=cell))
            continue
        name = None if name_at is None else _cell(line[name_at]) or None
        made.append(Decision(int(row), code, name, next(filter(None, map(str.strip, beside)), None)))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def accept(
    report: MatchReport,
    decisions: Sequence[Decision],
    units: pd.DataFrame,
    *,
    aliases: Aliases | None = None,
    source: str,
) -> tuple[Alias, ...]:
    """The aliases that make each decision come true in the next match; nothing is written.

    Each holds in the row's district when the table has one, else everywhere. A row already matched to the unit needs
    none. InputError lists every decision that is refused: unknown row or unit, another name than the person saw, two
    decisions for one name, a name that means another unit, a row whose code or epoch no alias can put right.
    """
    known = load_aliases() if aliases is None else aliases
    return _Accepting(report, units, known, source).run(decisions)


class _Accepting:
    def __init__(self, report: MatchReport, units: pd.DataFrame, known: Aliases, source: str) -> None:
        self.epoch: Epoch = report.epoch
        self.rows = {int(row["row"]): row for row in report.rows.to_dict("records")}
        self.units = units
        self.known = known
        self.lookup = UnitLookup(units, report.epoch.id, known)
        self.source = source
        self.faults: list[Problem] = []

    def run(self, decisions: Sequence[Decision]) -> tuple[Alias, ...]:
        made: dict[tuple[str | None, str], Alias] = {}
        for decision in dict.fromkeys(decisions):
            alias = self._alias(decision)
            if alias is None:
                continue
            first = made.setdefault((alias.parent, fold(alias.name)), alias)
            if first.code != alias.code:
                self._refuse(decision, "E-ALIAS-CONTRADICTION", first=first.code, second=alias.code)
        if self.faults:
            raise InputError(self.faults)
        return tuple(made.values())

    def _refuse(self, decision: Decision, problem_code: str, **words: Any) -> None:
        row = self.rows.get(decision.row)
        value = row["given_name"] if row is not None else decision.code
        self.faults.append(problem(problem_code, row=decision.row, value=value, **words))

    def _alias(self, decision: Decision) -> Alias | None:
        """The alias for one decision; None when there is nothing to write or the decision is refused."""
        row = self.rows.get(decision.row)
        if row is None:
            self._refuse(decision, "E-ALIAS-ROW")
            return None
        name = row["given_name"]
        unit = self.lookup.units.get(decision.code)
        done = row["status"] in {"matched", "duplicate"}
        if unit is None:
            self._refuse(decision, "E-ALIAS-UNIT", unit=decision.code, epoch=self.epoch.title_vi)
        elif decision.unit is not None and fold(decision.unit) != fold(unit.name):
            words = {"unit": str(unit), "epoch": self.epoch.title_vi, "seen": decision.unit}
            self._refuse(decision, "E-ALIAS-OTHER", **words)
        elif decision.name is not None and decision.name != (name or ""):
            self._refuse(decision, "E-ALIAS-STALE", seen=decision.name)
        elif done and row["code"] != unit.code:
            self._refuse(decision, "E-ALIAS-TAKEN", unit=str(unit), other=f"{row['unit_name']} ({row['code']})")
        elif row["status"] == "wrong_epoch" or (not done and name is None):
            self._refuse(decision, "E-ALIAS-USELESS", unit=str(unit), reason=row["reason"] or "dòng không có tên")
        elif not done:
            alias = Alias(str(name), self.epoch.id, unit.code, self.source, self._district(row["given_parent"]))
            return alias if self._works(alias, row, decision) else None
        return None

    def _district(self, parent: str | None) -> str | None:
        """The code of the district that the row stands under, by code or by name."""
        if parent is None or not self.lookup.has_districts:
            return None
        code, _ = read_code(parent, 3)
        return code if code in self.lookup.district_names else self.lookup.district_of(parent)

    def _works(self, alias: Alias, row: dict[Any, Any], decision: Decision) -> bool:
        """Whether the row, matched again with the alias, is the unit; an alias never hides a real name."""
        parent = row["given_parent"]
        by_code = parent is not None and read_code(parent, 3)[0] is not None
        one = pd.DataFrame({"code": [row["given_code"]], "name": [row["given_name"]], "parent": [parent]}, dtype=object)
        again = match(
            one,
            self.units,
            epoch=self.epoch,
            code="code",
            name="name",
            parent=None if by_code else "parent",
            parent_code="parent" if by_code else None,
            aliases=Aliases((alias, *self.known.names), self.known.former_districts),
        ).rows.iloc[0]
        if again["status"] == "matched" and again["code"] == alias.code:
            return True
        unit = str(self.lookup.units[alias.code])
        self._refuse(decision, "E-ALIAS-USELESS", unit=unit, reason=again["reason"])
        return False


def append_aliases(path: str | Path, aliases: Sequence[Alias], *, day: date) -> tuple[Alias, ...]:
    """Write the aliases at the end of the workspace's alias file, whole or not at all; returns those that are new.

    The file is made when it is missing; what stands in it stays as it is, to the letter. One that is there already
    (same name, epoch, district and unit) is not written again. InputError when the file gives a name to another unit.
    """
    path = Path(path)
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    own = {(a.epoch, a.parent, fold(a.name)): a for a in load_aliases(path).names} if before else {}
    faults = [
        problem("E-ALIAS-CONTRADICTION", file=path.name, value=a.name, first=old.code, second=a.code)
        for a in aliases
        if (old := own.get((a.epoch, a.parent, fold(a.name)))) is not None and old.code != a.code
    ]
    if faults:
        raise InputError(faults)
    new = tuple(a for a in aliases if own.get((a.epoch, a.parent, fold(a.name)), a) is a)
    if not new:
        return ()
    head = before if not before or before.endswith("\n") else before + "\n"
    if not head:
        head = "# Tên gọi khác của xã, do người dùng chấp nhận; dùng cùng danh mục có sẵn của ntmgis.\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(head + "".join(_entry(alias, day) for alias in new), encoding="utf-8", newline="\n")
        load_aliases(part)  # refuses a file that could not be read back
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return new


def _entry(alias: Alias, day: date) -> str:
    parent = f"parent = {_quoted(alias.parent)}\n" if alias.parent is not None else ""
    return (
        f"\n[[alias]]  # {day.isoformat()}\n"
        f"name = {_quoted(alias.name)}\nepoch = {_quoted(alias.epoch)}\ncode = {_quoted(alias.code)}\n"
        f"{parent}source = {_quoted(alias.source)}\n"
    )


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
