"""The memory of a workspace: every import ever made, and taking one back, or in again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import UsageError, problem
from ntmgis.manifest import read_manifest, write_manifest
from ntmgis.places import MAPS
from ntmgis.programme.tables import table
from ntmgis.take_in import workspace_store
from ntmgis.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    from ntmgis.store.base import Import, Store

__all__ = ["Instead", "TakenBack", "import_log", "redo_import", "undo_import"]

_REVIEWED = "reviewed:"


@dataclass(frozen=True, slots=True)
class Instead:
    """What the taking back changed for one date of the source (None: rows without a date).

    rows      rows of the import on that date
    replaced  the import that had already superseded them, so that nothing changes; None: they counted until now
    instead   the import whose rows count now; None: the source has nothing for that date any more
    """

    day: date | None
    rows: int
    replaced: "Import | None"
    instead: "Import | None"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An import that counts no more.

    also      older imports of the very same file (read by older versions of ntmgis), taken back with it
    instead   what counts in its place, date by date
    """

    made: "Import"
    also: "tuple[Import, ...]"
    instead: tuple[Instead, ...]

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis undo --json`."""
        return {
            "undone": told(self.made),
            "also": [one.import_id for one in self.also],
            "dates": [
                {
                    "date": None if one.day is None else one.day.isoformat(),
                    "rows": one.rows,
                    "superseded_by": None if one.replaced is None else one.replaced.import_id,
                    "instead": None if one.instead is None else one.instead.import_id,
                }
                for one in self.instead
            ],
        }


def told(made: "Import") -> dict[str, object]:
    """An import for JSON: all its facts, and the number of rows not accepted."""
    facts: Mapping[str, object] = asdict(made)
    return {**facts, "as_of": None if made.as_of is None else made.as_of.isoformat(), "quarantined": made.quarantined}


def import_log(folder: str | Path) -> "list[Import]":
    """Every import ever made into the store of the workspace `folder`, oldest first, those taken back included."""
    return workspace_store(load_workspace(folder)).log()


def undo_import(folder: str | Path, import_id: int) -> TakenBack:
    """Take an import back: its rows stay in the store and no longer count; the next build makes the products anew.

    Older imports of the same file go with it, since the same rows would count again otherwise. The file is not
    imported again until it, or how the workspace says to read it, changes. UsageError when there is no such import
    or it was taken back before.
    """
    from ntmgis.store.base import local_time

    workspace = load_workspace(folder)
    store = workspace_store(workspace)
    wanted = _import(store, import_id)
    if wanted.undone_at is not None:
        when, who = local_time(wanted.undone_at), wanted.undone_by or "?"
        raise UsageError(problem("E-STORE-UNDONE", import_id=import_id, when=when, who=who))
    before = store.imports()
    also = [one for one in before if one.import_id < import_id and _same_file(one, wanted)]
    for one in also:
        store.undo(one.import_id)
    made = store.undo(import_id)
    _out_of_date(workspace)
    return TakenBack(made, tuple(also), _instead(store, made, before, store.imports()))


def redo_import(folder: str | Path, import_id: int) -> "Import":
    """Take in again what was taken back: the same rows as a new import, recorded now. UsageError where it counts."""
    workspace = load_workspace(folder)
    store = workspace_store(workspace)
    old = _import(store, import_id)
    if old.undone_at is None:
        raise UsageError(problem("E-STORE-COUNTS", import_id=import_id))
    made = store.add(
        store.rows(old.table_id, [old]).rename(columns={"file_row": "row"}),
        source_id=old.source_id,
        table_id=old.table_id,
        epoch=old.epoch,
        as_of=old.as_of,
        key=old.key,
        file=old.file,
        sha256=old.sha256,
        rows_in=old.rows_in,
        quarantine=store.quarantine([old]),
        matches=store.matches([old]),
        matched=old.matched,
        problems=old.problems,
        once=True,
    )
    _out_of_date(workspace)
    return made


def _import(store: "Store", import_id: int) -> "Import":
    """The import of that number. UsageError when there is none: it says which numbers there are."""
    log = store.log()
    found = next((one for one in log if one.import_id == import_id), None)
    if found is None:
        there = f"; kho có các lần nhập từ {log[0].import_id} đến {log[-1].import_id}" if log else "; kho còn trống"
        raise UsageError(problem("E-STORE-NO-IMPORT", import_id=f"{import_id}{there}"))
    return found


def _same_file(one: "Import", other: "Import") -> bool:
    facts = [(it.source_id, it.table_id, it.epoch, it.as_of, it.sha256) for it in (one, other)]
    return facts[0] == facts[1] and not one.key.startswith(_REVIEWED)


def _out_of_date(workspace: Workspace) -> None:
    """No input file changed, yet the products no longer show what counts."""
    manifest = read_manifest(workspace.root / MAPS)
    if manifest:
        write_manifest(workspace.root / MAPS, {**manifest, "fingerprint": ""})


def _instead(
    store: "Store", made: "Import", before: "Sequence[Import]", now: "Sequence[Import]"
) -> tuple[Instead, ...]:
    own = store.rows(made.table_id, [made])
    days = own["valid_from"].value_counts(dropna=False, sort=False).sort_index(na_position="first")
    by_value = table(made.table_id).history == "values"
    changes: list[Instead] = []
    for day, rows in days.items():
        plain = None if day is None or day != day else day.date()  # type: ignore[attr-defined]  # noqa: PLR0124 - NaT
        first, then = (_counts_on(store, made, plain, imports, by_value=by_value) for imports in (before, now))
        replaced = None if first is None or first.import_id == made.import_id else first
        changes.append(Instead(plain, int(rows), replaced, then))
    return tuple(changes)


def _counts_on(
    store: "Store", of: "Import", day: date | None, imports: "Sequence[Import]", *, by_value: bool
) -> "Import | None":
    """The import whose rows of the source count on the day, by the rules of `store.take`."""
    same = [
        one
        for one in imports
        if one.source_id == of.source_id and one.table_id == of.table_id and one.epoch == of.epoch and one.accepted
    ]
    if not by_value:
        until = [one for one in same if one.as_of is None or (day is not None and one.as_of <= day)]
        return max(until, key=lambda one: (one.as_of or date.min, one.import_id), default=None)
    rows = store.rows(of.table_id, same)
    on_day = rows["valid_from"].isna() if day is None else rows["valid_from"].dt.date == day
    ids = rows.loc[on_day, "import_id"]
    return next((one for one in same if len(ids) and one.import_id == ids.max()), None)
