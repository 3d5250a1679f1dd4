"""What was reported of each unit of a snapshot, and where the unit is: what two snapshots are compared by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ntmgis.measure.wording import plain
from ntmgis.programme.tiers import state
from ntmgis.store.snapshot import Snapshot

__all__ = ["VILLAGE_FLAGS", "Place", "Row", "Told", "places_of", "records", "states_of", "titles_of", "told_of"]

VILLAGE_FLAGS = ("model", "minority_ntm", "smart")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What was reported of one unit: its state with date, decision and source."""

    state: str
    as_of: Any = None
    standard_year: Any = None
    decision: Any = None
    decision_date: Any = None
    criteria_set: Any = None
    source: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in words."""

    name: str
    district: str | None


def records(frame: pd.DataFrame) -> Iterator[Row]:
    """The rows as plain dicts, None for everything missing."""
    for row in frame.to_dict("records"):
        yield {str(name): plain(value) for name, value in row.items()}


def told_of(level: str, snapshot: Snapshot) -> dict[tuple[str, str], Told]:
    """(code, what) → what was reported, for one level."""
    if level == "village":
        return {
            (row["village_code"], flag): Told("yes" if row[flag] else "no", row.get("as_of"), source=row.get("source"))
            for row in records(snapshot.village_status)
            for flag in VILLAGE_FLAGS
            if row.get(flag) is not None
        }
    frame, key = (
        (snapshot.commune_status, "code") if level == "commune" else (snapshot.district_status, "district_code")
    )
    names = ("as_of", "standard_year", "decision", "decision_date", "criteria_set", "source")
    return {
        (row[key], "tier"): Told(row["tier"], **{name: row.get(name) for name in names})
        for row in records(frame)
        if row["tier"] is not None
    }


def places_of(level: str, *snapshots: Snapshot) -> dict[str, Place]:
    """Code → name and district; the first snapshot that knows a unit counts."""
    found: dict[str, Place] = {}
    for snapshot in snapshots:
        communes = {row["code"]: row for row in records(snapshot.communes[["code", "name", "district"]])}
        if level == "commune":
            own = {code: Place(row["name"], row["district"]) for code, row in communes.items()}
        elif level == "district":
            pairs = zip(snapshot.districts["code"], snapshot.districts["name"], strict=True)
            own = {code: Place(name, None) for code, name in pairs}
        else:
            own = {}
            for row in records(snapshot.villages[["code", "name", "commune_code"]]):
                commune = communes.get(row["commune_code"], {})
                name = f"{row['name']} ({commune['name']})" if commune else row["name"]
                own[row["code"]] = Place(name, commune.get("district"))
        found = {**own, **found}
    return found


def titles_of(snapshot: Snapshot) -> dict[str, str]:
    """Source id → title."""
    return {source.id: source.title for source in snapshot.sources}


def states_of(snapshot: Snapshot) -> dict[str, str]:
    """Tier state of every unit of the snapshot, by code."""
    told = {row["code"]: row["tier"] for row in records(snapshot.commune_status)}
    units = zip(snapshot.communes["code"], snapshot.communes["rural"], strict=True)
    return {code: state(told.get(code), rural=bool(rural)) for code, rural in units}
