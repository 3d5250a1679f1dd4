"""Looking without writing: check a workspace or a single file, or match a table to units."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import Problem, UsageError, problem
from ntmgis.programme.tables import tables
from ntmgis.store.geopackage import Store
from ntmgis.take_in import SourceRows, quarantine_problems, take_in
from ntmgis.units.aliases import load_aliases
from ntmgis.units.epochs import epoch_on
from ntmgis.units.reference import reference_units
from ntmgis.workspace import CONFIG_NAME, Province, Source, Workspace, load_workspace, nearest

if TYPE_CHECKING:
    from ntmgis.units.report import MatchReport

__all__ = ["CheckResult", "check_file", "check_workspace", "match_file"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of every row, and every problem found."""

    rows: tuple[SourceRows, ...]
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """True when no problem is an error."""
        return not any(one.severity == "error" for one in self.problems)

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis check --json`."""
        return {
            "rows": {row.id: row.as_dict() for row in self.rows},
            "problems": [one.as_dict() for one in self.problems],
        }


def check_workspace(
    folder: str | Path, *, progress: Callable[[str, int, int], None] = lambda _title, _done, _total: None
) -> CheckResult:
    """Every source of the workspace, taken in to a store that is thrown away."""
    return _checked(load_workspace(folder), progress)


def check_file(path: Path, table: str | None, *, epoch: date | None = None, workspace: str | Path = ".") -> CheckResult:
    """One file against one table. The boundaries come from `workspace` when there is one.

    `epoch` is a day inside the boundary epoch of the unit codes (None: today's epoch). UsageError when `table` is
    not one of the data contract.
    """
    if table not in tables():
        known = ", ".join(tables())
        near = nearest(table or "", tables())
        raise UsageError(problem("E-CONFIG-VALUE", column="--as", value=table, allowed=known, nearest=near))
    day = epoch or _today()
    source = Source(id="tep", table=table or "", path=path.absolute(), epoch=day, as_of=day)
    folder = Path(workspace)
    home = load_workspace(folder) if (folder / CONFIG_NAME).is_file() else None
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        return _check_one(source, home, Store(Path(scratch) / "store.gpkg"))


def _check_one(source: Source, home: Workspace | None, store: Store) -> CheckResult:
    wanted = ("unit_list", "unit") if source.table not in {"unit_list", "unit"} else ()
    around = () if home is None else tuple(one for one in home.sources if one.table in wanted)
    base = home or Workspace(source.path.parent, Province("", ""), source.as_of or _today(), "EPSG:9216", ())
    taken = take_in(replace(base, sources=(*around, source)), store=store)
    return CheckResult(
        tuple(row for row in taken.rows if row.id == source.id),
        (*taken.problems, *quarantine_problems(taken)),
    )


def _checked(workspace: Workspace, progress: Callable[[str, int, int], None]) -> CheckResult:
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        taken = take_in(workspace, progress=progress, store=Store(Path(scratch) / "store.gpkg"))
        return CheckResult(taken.rows, (*taken.problems, *quarantine_problems(taken)))


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the user's own calendar day


def match_file(
    path: Path,
    *,
    epoch: date,
    name: str | None = None,
    parent: str | None = None,
    code: str | None = None,
    workspace: str | Path = ".",
) -> "MatchReport":
    """Each row of a table matched to the communes of the epoch that holds the day `epoch`.

    Columns not named are found by their headers. InputError when the file cannot be read or has neither names
    nor codes; UsageError for a wrong alias file.
    """
    from ntmgis.intake.matching import match_table

    folder = Path(workspace)
    home = load_workspace(folder) if (folder / CONFIG_NAME).is_file() else None
    aliases = load_aliases(None if home is None else home.aliases)
    at = epoch_on(epoch)
    return match_table(path, units=reference_units(at), epoch=at, name=name, parent=parent, code=code, aliases=aliases)
