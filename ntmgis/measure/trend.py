"""Numbers by date for the province and each district: both epochs, criteria sets kept apart, published totals beside.

Criteria are counted of the communes of one set; a mean is taken of those of which every criterion is known.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ntmgis.measure.told import Row, records
from ntmgis.programme.criteria import criteria_set
from ntmgis.programme.tiers import at_least
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

__all__ = ["TREND_COLUMNS", "trend"]

TREND_COLUMNS = (
    "level",
    "code",
    "name",
    "as_of",
    "epoch",
    "criteria_set",
    "measure",
    "value",
    "origin",
    "source",
    "note",
)
_TIERS = ("ntm", "advanced", "model")
_MEASURES = (
    "communes",
    "reported",
    *_TIERS,
    "criteria_communes",
    "criteria_met_total",
    "criteria_total",
    "criteria_mean",
)
_LEVELS = ("province", "district", "commune")


def trend(snapshot: Snapshot, earlier: Sequence[Snapshot] = ()) -> pd.DataFrame:
    """The rows of `Monitoring.trend`: of the reporting dates of `snapshot` and of the snapshots of earlier epochs.

    Of one epoch only the first snapshot given counts. Tiers are cumulative; `reported` says of how many of `communes`
    something is known, so that a count with gaps is seen to be a lower bound.
    """
    rows: list[Row] = []
    done: set[str] = set()
    for one in (snapshot, *earlier):
        if one.epoch.id not in done:
            done.add(one.epoch.id)
            rows += _tiers(one)
            rows += _criteria(one)
    rows += _published(snapshot)
    rows.sort(key=_place)
    frame = pd.DataFrame([[row.get(name) for name in TREND_COLUMNS] for row in rows], columns=list(TREND_COLUMNS))
    words = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in _WORDS}
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[s]"), **words).astype({"value": float})


_WORDS = ("name", "criteria_set", "source", "note")


def _place(row: Row) -> tuple[object, ...]:
    known = row["measure"] in _MEASURES
    return (
        _LEVELS.index(row["level"]),
        row["code"],
        row["as_of"],
        row.get("criteria_set") or "",
        _MEASURES.index(row["measure"]) if known else len(_MEASURES),
        row["measure"],
        row["origin"],
        -row.get("low", 0),
        row.get("note") or "",
    )


def _groups(snapshot: Snapshot) -> list[tuple[str, str, str, frozenset[str]]]:
    """Level, code, name and rural communes of the province and of each district."""
    rural = snapshot.communes[snapshot.communes["rural"]]
    made = [("province", snapshot.province_code, snapshot.province_name, frozenset(rural["code"]))]
    for code, name in zip(snapshot.districts["code"], snapshot.districts["name"], strict=True):
        own = frozenset(rural.loc[rural["district_code"].eq(code), "code"])
        made.append(("district", str(code), str(name), own))
    return made


def _tiers(snapshot: Snapshot) -> Iterable[Row]:
    groups = _groups(snapshot)
    for day, told in snapshot.history.groupby("as_of"):
        tiers = dict(zip(told["code"], told["tier"], strict=True))
        for level, code, name, own in groups:
            known = [tiers[one] for one in own if one in tiers]
            counts: dict[str, float] = {"communes": len(own), "reported": len(known)}
            counts |= {floor: sum(at_least(tier, floor) for tier in known) for floor in _TIERS}
            for measure, value in counts.items():
                yield _row(snapshot, level, code, name, day, None, measure, value)


class _Judged(NamedTuple):
    """How many criteria of one commune are met, are judged at all, and do not apply."""

    met: int
    judged: int
    not_applicable: int


def _criteria(snapshot: Snapshot) -> Iterable[Row]:
    counted = snapshot.criteria_history
    if counted is None or counted.empty:
        return
    groups = _groups(snapshot)
    sets = counted["criteria_set"].astype(object).where(counted["criteria_set"].notna(), "")
    for (day, id_), told in counted.groupby([counted["as_of"], sets]):
        count = _count(str(id_))
        columns = (told[name].tolist() for name in _Judged._fields)
        of_commune = dict(zip(told["code"], map(_Judged, *columns), strict=True))
        for level, code, name, own in groups:
            part = [of_commune[one] for one in own if one in of_commune]
            if not part:
                continue
            for measure, value, note in _of_set(part, count):
                yield {**_row(snapshot, level, code, name, day, str(id_) or None, measure, value), "note": note}


def _of_set(part: Sequence[_Judged], count: int | None) -> Iterable[tuple[str, float, str | None]]:
    """Measure, value and note of communes judged by one set of `count` criteria (None: not known how many)."""
    judged = sum(one.judged for one in part)
    whole = judged if count is None else len(part) * count - sum(one.not_applicable for one in part)
    silent = whole - judged
    full = [one.met for one in part if one.judged + one.not_applicable == count]
    yield "criteria_communes", len(part), None
    yield "criteria_met_total", sum(one.met for one in part), f"{silent} tiêu chí chưa có số liệu" if silent else None
    yield "criteria_total", whole, None
    mean = sum(full) / len(full) if full else float("nan")
    left = f"tính trên {len(full)}/{len(part)} xã có đủ số liệu" if len(full) < len(part) else None
    yield "criteria_mean", mean, left


def _count(id_: str) -> int | None:
    """How many criteria a set has; None where that is not known."""
    try:
        return criteria_set(id_).count if id_ else None
    except KeyError:
        return None


def _row(
    snapshot: Snapshot, level: str, code: str, name: str, day: Any, id_: str | None, measure: str, value: float
) -> Row:
    return {
        "level": level,
        "code": code,
        "name": name,
        "as_of": pd.Timestamp(day),
        "epoch": snapshot.epoch.id,
        "criteria_set": id_,
        "measure": measure,
        "value": float(value),
        "origin": "counted",
    }


def _published(snapshot: Snapshot) -> Iterable[Row]:
    """Totals as texts state them; they stand beside what is counted and never replace it."""
    if snapshot.published is None:
        return
    for row in records(snapshot.published):
        day = pd.Timestamp(row["as_of"])
        band = f"đạt từ {row['low']} đến {row['high']} tiêu chí" if row.get("low") is not None else ""
        about = "số gần đúng" if row.get("approximate") else ""
        yield {
            "level": row["level"],
            "code": row["code"],
            "name": row.get("name"),
            "as_of": day,
            "epoch": epoch_on(day.date()).id,
            "criteria_set": row.get("criteria_set"),
            "measure": row["measure"],
            "value": float(row["value"]),
            "origin": "published",
            "source": row.get("basis") or row.get("source"),
            "note": "; ".join(filter(None, (band, about, row.get("note")))) or None,
            "low": row.get("low") or 0,
        }
