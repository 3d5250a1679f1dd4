"""Everything ever recorded about one unit: each value with its date, its file, its recording, and if it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.take_in import Progress, TakenIn, silent, take_in
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.units.find import Asked, find_units, near_units
from ntmgis.workspace import load_workspace

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.store.base import Import

__all__ = ["ROW_STATES", "UnitHistory", "unit_history"]

# in_use: what counts now; replaced: a later import of the same source and date; overruled: another source reported the
# same date later; taken_back: the import was undone; dropped: the workspace no longer has the source.
ROW_STATES = ("in_use", "overruled", "replaced", "taken_back", "dropped")
COLUMNS = (
    "relation",
    "code",
    "name",
    "epoch",
    "as_of",
    "tier",
    "standard_year",
    "decision",
    "decision_date",
    "criteria_set",
    "met",
    "judged",
    "state",
    "same",
    "source",
    "file",
    "import_id",
    "recorded_at",
    "recorded_by",
)
_FACTS = ("tier", "standard_year", "decision", "decision_date", "criteria_set")


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """The history of one unit.

    rows     one row per value ever recorded of it and of the units it was formed from or went into, with the columns
             COLUMNS: relation (unit, predecessor, successor), state (one of ROW_STATES), same (True where a value
             that no longer counts says the same as the one that does), recorded_at (UTC, ISO 8601)
    numbers  of a district: its rows of `Monitoring.trend`, published totals among them; of a commune: those published
    """

    unit: Asked
    related: tuple[Asked, ...]
    rows: "pd.DataFrame"
    numbers: "pd.DataFrame"
    problems: tuple[Problem, ...]


def unit_history(
    folder: str | Path, text: str, *, as_of: date | None = None, progress: Progress = silent
) -> UnitHistory:
    """What the workspace `folder` has ever recorded of the unit that `text` means on `as_of` (None: its own date).

    Files that changed are taken in first. UsageError when no unit, or more than one, is meant: it names them.
    """
    from ntmgis.store.take import units_on
    from ntmgis.units.aliases import load_aliases
    from ntmgis.units.lookup import UnitLookup

    workspace = load_workspace(folder)
    taken = take_in(workspace, progress=progress)
    aliases = load_aliases(workspace.aliases if workspace.aliases and workspace.aliases.is_file() else None)
    day = as_of or workspace.as_of
    lookups = {one.id: UnitLookup(units_on(taken.store, workspace, one), one.id, aliases) for one in EPOCHS}
    unit = _one(text, lookups, day)
    related = _related(unit, taken, lookups)
    relation = "successor" if unit.epoch == EPOCHS[0] else "predecessor"
    parts = [_rows(taken, unit, "unit"), *(_rows(taken, one, relation) for one in related)]
    return UnitHistory(unit, related, _stacked(parts), _numbers(taken, unit, day), taken.problems)


def _one(text: str, lookups: dict[str, Any], day: date) -> Asked:
    epoch = epoch_on(day)
    found = find_units(text, lookups, epoch)
    if not found:
        near = ", ".join(f"{one.code} {one.name}" for one in near_units(text, lookups, epoch))
        raise UsageError(problem("E-MONITOR-NO-UNIT", value=text, near=f"; gần giống: {near}" if near else ""))
    if len(found) > 1:
        units = "; ".join(map(str, found))
        raise UsageError(problem("E-MONITOR-MANY-UNITS", value=text, count=len(found), units=units))
    return found[0]


def _related(unit: Asked, taken: TakenIn, lookups: dict[str, Any]) -> tuple[Asked, ...]:
    """What the unit was formed from, or what it went into, on 1 July 2025."""
    if unit.level != "commune":
        return ()
    changes = _crosswalk(taken)
    old = unit.epoch == EPOCHS[0]
    mine, theirs = ("old_code", "new_code") if old else ("new_code", "old_code")
    epoch = EPOCHS[1] if old else EPOCHS[0]
    known = lookups[epoch.id].units
    codes = sorted(set(changes.loc[changes[mine].eq(unit.code), theirs]))
    return tuple(
        Asked("commune", code, known[code].name, known[code].district, epoch) for code in codes if code in known
    )


def _crosswalk(taken: TakenIn) -> "pd.DataFrame":
    from ntmgis.units.reference import crosswalk

    newest = {made.source_id: made for made in taken.store.imports() if made.table_id == "unit_change"}
    rows = taken.store.rows("unit_change", list(newest.values()))
    return rows if len(rows) else crosswalk()


def _rows(taken: TakenIn, unit: Asked, relation: str) -> "pd.DataFrame":
    """All rows of one unit, newest date first, and among those of one date what counts first."""
    import pandas as pd

    from ntmgis.measure.wording import plain
    from ntmgis.store.take import CRITERIA

    table, key = ("commune_status", "code") if unit.level == "commune" else ("district_status", "district_code")
    log = {made.import_id: made for made in taken.store.log()}
    able = [made for made in log.values() if made.table_id == table and made.epoch == unit.epoch.id]
    every = taken.store.rows(table, able)
    sources = {source.id: source for source in taken.workspace.sources}
    states = _states(every, able, set(sources))
    own = every[every[key].eq(unit.code)]
    made = []
    for place, row in own.iterrows():
        source, imported = sources.get(row["source"]), log[int(row["import_id"])]
        marks = [row[name] for name in CRITERIA] if unit.level == "commune" else []
        judged = sum(mark in {"met", "not_met"} for mark in marks)
        facts = {name: plain(row.get(name)) for name in _FACTS}
        made.append(
            {
                "relation": relation,
                "code": unit.code,
                "name": unit.name,
                "epoch": unit.epoch.id,
                "as_of": row["valid_from"],
                **facts,
                "met": sum(mark == "met" for mark in marks) if judged else None,
                "judged": judged or None,
                "state": states[place],
                "source": (source.title or source.id) if source else row["source"],
                "file": imported.file,
                "import_id": imported.import_id,
                "recorded_at": imported.recorded_at,
                "recorded_by": imported.recorded_by,
                "_said": (row["source"], *(str(facts[name]) for name in _FACTS), *map(str, marks)),
            }
        )
    ordered = _overrule(made)
    holds = {(one["as_of"], one["_said"]) for one in ordered if one["state"] == "in_use"}
    for one in ordered:
        one["same"] = one["state"] != "in_use" and (one["as_of"], one["_said"]) in holds
    return pd.DataFrame(ordered, columns=list(COLUMNS))


def _states(rows: "pd.DataFrame", imports: "Sequence[Import]", sources: set[str]) -> dict[Any, str]:
    """State of every row by its place, before sources are held against each other."""
    counting = {made.import_id for made in imports if made.undone_at is None}
    live = rows[rows["import_id"].isin(counting)]
    newest = live.groupby(["source", "valid_from"], dropna=False)["import_id"].transform("max")
    states = dict.fromkeys(rows.index, "taken_back")
    for place, source, import_id in zip(live.index, live["source"], live["import_id"], strict=True):
        held = "in_use" if import_id == newest[place] else "replaced"
        states[place] = held if source in sources else "dropped"
    return states


def _overrule(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several sources that state the same thing for one date, the one recorded last counts."""
    for stating in ("tier", "judged"):
        best: dict[Any, int] = {}
        for row in rows:
            if row["state"] == "in_use" and _given(row[stating]):
                best[row["as_of"]] = max(best.get(row["as_of"], 0), row["import_id"])
        for row in rows:
            row[f"_{stating}"] = _given(row[stating]) and best.get(row["as_of"]) == row["import_id"]
    for row in rows:
        if row["state"] == "in_use" and not (row["_tier"] or row["_judged"]):
            row["state"] = "overruled"
    return sorted(rows, key=lambda row: (_ordinal(row["as_of"]), ROW_STATES.index(row["state"]), -row["import_id"]))


def _given(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124 - NaN and NaT differ from themselves


def _ordinal(day: Any) -> int:
    return -day.toordinal() if _given(day) else 1


def _stacked(parts: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd

    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else parts[0]


def _numbers(taken: TakenIn, unit: Asked, day: date) -> "pd.DataFrame":
    """Counts by date of a district, and published totals of either."""
    from ntmgis.measure.trend import trend
    from ntmgis.store.take import take_snapshot

    last = unit.epoch.last_day
    seen = day if unit.epoch.holds(day) else last or day
    try:
        snapshot = take_snapshot(taken.store, taken.workspace, seen, failed=taken.failed)
    except InputError:  # statuses without boundaries
        return trend_of_nothing()
    numbers = trend(snapshot)
    own: pd.DataFrame = numbers[numbers["level"].eq(unit.level) & numbers["code"].eq(unit.code)]
    return own.reset_index(drop=True)


def trend_of_nothing() -> "pd.DataFrame":
    """The columns of a trend, without rows."""
    import pandas as pd

    from ntmgis.measure.trend import TREND_COLUMNS

    return pd.DataFrame(columns=list(TREND_COLUMNS))
