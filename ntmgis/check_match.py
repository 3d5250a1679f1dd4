"""A table matched to units, decisions taken over into the alias file, and the report as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ntmgis.check import match_file, units_of
from ntmgis.errors import UsageError, problem
from ntmgis.units.accept import accept, append_aliases, parse_decision, read_decisions
from ntmgis.units.aliases import Alias, load_aliases
from ntmgis.units.epochs import epoch_on
from ntmgis.units.report import MatchReport
from ntmgis.workspace import CONFIG_NAME, load_workspace, no_workspace

__all__ = ["Matching", "match_and_accept"]


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The report after all decisions; the aliases that were written and where; the workbook, when asked for."""

    report: MatchReport
    accepted: tuple[Alias, ...] = ()
    aliases: Path | None = None
    xlsx: Path | None = None

    @property
    def complete(self) -> bool:
        """True when every row is matched."""
        counts = self.report.counts()
        return counts["matched"] == counts["rows"]

    def as_dict(self) -> dict[str, Any]:
        """The report, and what was written."""
        told = self.report.as_dict()
        if self.aliases is not None:
            told["aliases"] = str(self.aliases)
            told["accepted"] = [{"name": a.name, "code": a.code, "parent": a.parent} for a in self.accepted]
        if self.xlsx is not None:
            told["xlsx"] = str(self.xlsx)
        return told


def match_and_accept(
    path: Path,
    *,
    epoch: date,
    columns: dict[str, str | None],
    workspace: str | Path = ".",
    decisions: Sequence[str] = (),
    decision_file: Path | None = None,
    note: str | None = None,
    xlsx: Path | None = None,
) -> Matching:
    """The table matched; with decisions ("ROW=CODE" or an exported report) their aliases are written first.

    `columns` names the columns for name, parent and code (None: found by header). `note` is the source of the aliases
    (None: this table). All decisions are written or none: InputError lists every one that is refused. UsageError when
    there is no workspace or it names no alias file.
    """
    if xlsx is not None and xlsx.suffix.lower() != ".xlsx":
        near = xlsx.with_suffix(".xlsx").name
        fault = problem("E-CONFIG-VALUE", column="--xlsx", value=xlsx.name, allowed="tên tệp .xlsx", nearest=near)
        raise UsageError(fault)
    told = [parse_decision(text) for text in decisions]
    told += read_decisions(decision_file) if decision_file is not None else []
    report = match_file(path, epoch=epoch, workspace=workspace, **columns)
    file: Path | None = None
    written: tuple[Alias, ...] = ()
    if told or decision_file is not None:
        file = _alias_file(workspace)
        at, home = epoch_on(epoch), load_workspace(workspace)
        known = load_aliases(file if file.is_file() else None)
        source = note or f"chấp nhận khi đối chiếu {path.name}"
        made = accept(report, told, units_of(home, at), aliases=known, source=source)
        written = append_aliases(file, made, day=date.today())  # noqa: DTZ011 - the user's own calendar day
        if written:
            report = match_file(path, epoch=epoch, workspace=workspace, **columns)
    if xlsx is not None:
        from ntmgis.show.tables.intake_report import write_match_workbook

        xlsx.parent.mkdir(parents=True, exist_ok=True)
        rows = report.rows.assign(source_id=path.stem, file=path.name)
        write_match_workbook(xlsx, rows, decide=True)
    return Matching(report, written, file, xlsx)


def _alias_file(workspace: str | Path) -> Path:
    folder = Path(workspace)
    if not (folder / CONFIG_NAME).is_file():
        raise UsageError(no_workspace(folder))
    file = load_workspace(folder).aliases
    if file is None:
        raise UsageError(problem("E-ALIAS-FILE", file=CONFIG_NAME, column="build.aliases"))
    return file
