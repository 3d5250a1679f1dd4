"""What is different between two dates: real change, corrected data, and change of the units, each kept apart.

A rise or a fall is told only of one unit on one epoch; criteria are compared only within one criteria set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ntmgis.measure.change_words import put_right, reason_of
from ntmgis.measure.criteria_changes import criteria_corrected, criteria_moved
from ntmgis.measure.monitoring import CHANGE_KINDS, CRITERIA_CHANGE_KINDS, Note
from ntmgis.measure.regrouped import regrouped
from ntmgis.measure.told import Place, Row, Told, places_of, titles_of, told_of
from ntmgis.measure.wording import day_words, plain, state_words
from ntmgis.programme.tiers import TIERS
from ntmgis.store.snapshot import Snapshot

__all__ = ["CHANGE_COLUMNS", "CRITERIA_CHANGE_COLUMNS", "Changed", "changes", "nothing_changed"]

CHANGE_COLUMNS = (
    "level",
    "code",
    "name",
    "district",
    "what",
    "kind",
    "before",
    "after",
    "before_as_of",
    "after_as_of",
    "decision",
    "decision_date",
    "source",
    "reason",
    "reason_en",
    "mixture",
    "mixture_en",
)
CRITERIA_CHANGE_COLUMNS = (
    "code",
    "name",
    "district",
    "criteria_set",
    "criterion",
    "kind",
    "before",
    "after",
    "before_as_of",
    "after_as_of",
    "source",
)
_LEVELS = ("district", "commune", "village")
# Height of each state within its level. A city "completes its task" where a district "is NTM": one height.
_HEIGHT: Mapping[str, Mapping[str, int]] = {
    "commune": {tier: height for height, tier in enumerate(TIERS)},
    "district": {"not_yet": 0, "ntm": 1, "completed": 1},
    "village": {"no": 0, "yes": 1},
}


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """`changes` and `criteria_changes` as in `Monitoring`, and what was not compared and why."""

    changes: pd.DataFrame
    criteria_changes: pd.DataFrame
    notes: tuple[Note, ...]


def changes(snapshot: Snapshot, before: Snapshot, *, known: Snapshot | None = None) -> Changed:
    """What changed from the day of `before` to the day of `snapshot`, both as known now.

    `known` is the earlier day as it was known then; where it differs from `before`, the data were corrected and the
    unit did not change (None: that is not asked). Where the units of the two days are of different epochs, each new
    unit is told with what its predecessors were, and nothing is called a rise or a fall.
    """
    rows: list[Row] = []
    notes: list[Note] = []
    if snapshot.epoch == before.epoch:
        for level in _LEVELS:
            rows += _moved(level, snapshot, before)
        criteria, more = criteria_moved(snapshot, before)
        notes += more
    else:
        formed, more = regrouped(snapshot, before)
        rows += formed
        notes += more
        criteria = []
    if known is not None and known.epoch == before.epoch:
        for level in _LEVELS:
            rows += _corrected(level, before, known)
        criteria += criteria_corrected(before, known)
    return Changed(_change_frame(rows), _criteria_frame(criteria), tuple(notes))


def nothing_changed() -> Changed:
    """Where no comparison was asked for: no rows, the right columns."""
    return Changed(_change_frame([]), _criteria_frame([]), ())


def _change_frame(rows: list[Row]) -> pd.DataFrame:
    def place(row: Row) -> tuple[object, ...]:
        kind = CHANGE_KINDS.index(row["kind"])
        return _LEVELS.index(row["level"]), kind, row["district"] or "", row["code"], row["what"]

    frame = _frame(sorted(rows, key=place), CHANGE_COLUMNS)
    return _with_dates(frame, ("before_as_of", "after_as_of", "decision_date"))


def _criteria_frame(rows: list[Row]) -> pd.DataFrame:
    def place(row: Row) -> tuple[object, ...]:
        kind = CRITERIA_CHANGE_KINDS.index(row["kind"])
        return kind, row["district"] or "", row["code"], row["criterion"]

    frame = _frame(sorted(rows, key=place), CRITERIA_CHANGE_COLUMNS)
    return _with_dates(frame, ("before_as_of", "after_as_of")).astype({"criterion": "int64"})


def _frame(rows: list[Row], columns: tuple[str, ...]) -> pd.DataFrame:
    """Plain objects, None for everything missing."""
    made = [[plain(row.get(name)) for name in columns] for row in rows]
    return pd.DataFrame(made, columns=list(columns), dtype=object)


def _with_dates(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in columns})


def _moved(level: str, snapshot: Snapshot, before: Snapshot) -> list[Row]:
    """Units of one level whose reported state differs between the two days."""
    was, now = told_of(level, before), told_of(level, snapshot)
    places, titles = places_of(level, snapshot, before), {**titles_of(before), **titles_of(snapshot)}
    made = []
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        kind = _kind(level, old, new)
        if kind is None:
            continue
        vi, en = reason_of(level, key[1], kind, old, new, before, snapshot)
        made.append(_row(level, key, kind, old, new, places, titles, (vi, en)))
    return made


def _kind(level: str, old: Told | None, new: Told | None) -> str | None:
    """What kind of change it is; None for none."""
    if old is None or new is None:
        return None if old is new else "first_report" if old is None else "no_longer_reported"
    if old.state == new.state:
        return None
    low, high = _HEIGHT[level].get(old.state), _HEIGHT[level].get(new.state)
    if low is None or high is None or low == high:
        return "corrected"  # said in other words: neither higher nor lower
    if high > low:
        return "newly_recognised" if low == 0 else "up"
    return "withdrawn" if high == 0 else "down"


def _row(
    level: str,
    key: tuple[str, str],
    kind: str,
    old: Told | None,
    new: Told | None,
    places: Mapping[str, Place],
    titles: Mapping[str, str],
    reason: tuple[str, str],
) -> Row:
    place = places.get(key[0], Place(key[0], None))
    told = new or old
    assert told is not None
    return {
        "level": level,
        "code": key[0],
        "name": place.name,
        "district": place.district,
        "what": key[1],
        "kind": kind,
        "before": old.state if old else None,
        "after": new.state if new else None,
        "before_as_of": old.as_of if old else None,
        "after_as_of": new.as_of if new else None,
        "decision": new.decision if new else None,
        "decision_date": new.decision_date if new else None,
        "source": titles.get(told.source, told.source),
        "reason": reason[0],
        "reason_en": reason[1],
    }


def _corrected(level: str, before: Snapshot, known: Snapshot) -> list[Row]:
    """Units of which another thing is known now of the earlier day than was known then."""
    then, now = told_of(level, known), told_of(level, before)
    places, titles = places_of(level, before, known), {**titles_of(known), **titles_of(before)}
    made = []
    for key in sorted(then.keys() | now.keys()):
        old, new = then.get(key), now.get(key)
        if old is not None and new is not None:
            found = put_right(level, key[1], old, new)
            if found is None:
                continue
            vi, en = found
        elif new is not None:
            vi = f"khi đó chưa có số liệu, nay bổ sung: {state_words(new.state, level=level)}"
            en = f"not known then, added since: {state_words(new.state, level=level, lang='en')}"
        else:
            assert old is not None  # a key is in one of the two
            vi = f"khi đó ghi {state_words(old.state, level=level)}, nay dòng này đã được rút"
            en = f"was {state_words(old.state, level=level, lang='en')} then; the row has been taken back since"
        reason = (
            f"Số liệu đến {day_words(before.as_of)}: {vi}; không phải thay đổi thực tế",
            f"Data up to {day_words(before.as_of, lang='en')}: {en}; no real change",
        )
        made.append(_row(level, key, "corrected", old, new, places, titles, reason))
    return made
