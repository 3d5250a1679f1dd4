"""Criteria gained and lost between two dates, within one criteria set; counts of two sets are never compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ntmgis.measure.monitoring import Note
from ntmgis.measure.told import Place, Row, places_of, records, titles_of
from ntmgis.store.snapshot import Snapshot

__all__ = ["criteria_corrected", "criteria_moved"]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Criteria of one snapshot: (code, criterion) → state, date, source; and the set each commune was judged by."""

    states: Mapping[tuple[str, int], tuple[str, Any, Any]]
    sets: Mapping[str, str | None]


def _marks(snapshot: Snapshot) -> _Marks:
    states = {
        (row["code"], int(row["criterion"])): (row["state"], row.get("as_of"), row.get("source"))
        for row in records(snapshot.criteria)
    }
    sets = {row["code"]: row.get("criteria_set") for row in records(snapshot.commune_status)}
    return _Marks(states, sets)


_JUDGED = frozenset({"met", "not_met"})


def _criterion_kind(old: str | None, new: str | None) -> str | None:
    if old in _JUDGED and new in _JUDGED:
        return None if old == new else "gained" if new == "met" else "lost"
    if old in _JUDGED:
        return "no_longer_reported"
    return "first_report" if new in _JUDGED else None


def criteria_moved(snapshot: Snapshot, before: Snapshot) -> tuple[list[Row], list[Note]]:
    """Criteria gained and lost by communes judged by one and the same set on both days."""
    was, now = _marks(before), _marks(snapshot)
    with_marks = {code for code, _ in was.states} & {code for code, _ in now.states}
    other = sorted(code for code in with_marks if was.sets.get(code) != now.sets.get(code))
    silent = sorted(code for code in with_marks - set(other) if was.sets.get(code) is None)
    notes = []
    if other:
        sets = sorted({(str(was.sets.get(code) or "?"), str(now.sets.get(code) or "?")) for code in other})
        vi = "; ".join(f"{old} và {new}" for old, new in sets)
        en = "; ".join(f"{old} and {new}" for old, new in sets)
        notes.append(
            Note(
                "criteria_sets",
                f"{len(other)} xã được đánh giá theo hai bộ tiêu chí khác nhau ở hai ngày ({vi}): số tiêu chí không "
                "được so với nhau, chênh lệch không phải tăng hay giảm.",
                f"{len(other)} communes were judged by different criteria sets on the two days ({en}): their counts "
                "are not compared; a difference is neither a rise nor a fall.",
            )
        )
    if silent:
        notes.append(
            Note(
                "criteria_set_unknown",
                f"{len(silent)} xã không ghi bộ tiêu chí nên không so được từng tiêu chí; khai cột “Bộ tiêu chí” hoặc "
                'values = {criteria_set = "..."} cho nguồn.',
                f"{len(silent)} communes do not name their criteria set, so criteria are not compared.",
            )
        )
    skipped = {*other, *silent}
    own = {key for key in was.states.keys() | now.states.keys() if key[0] not in skipped}
    places, titles = places_of("commune", snapshot, before), {**titles_of(before), **titles_of(snapshot)}
    made = []
    for code, criterion in sorted(own):
        old, new = was.states.get((code, criterion)), now.states.get((code, criterion))
        kind = _criterion_kind(old[0] if old else None, new[0] if new else None)
        if kind is not None:
            judged_by = now.sets.get(code) or was.sets.get(code)
            made.append(_criterion_row(code, criterion, kind, old, new, judged_by, places, titles))
    return made, notes


def criteria_corrected(before: Snapshot, known: Snapshot) -> list[Row]:
    """Criteria of the earlier day known otherwise now than then."""
    then, now = _marks(known), _marks(before)
    places, titles = places_of("commune", before, known), {**titles_of(known), **titles_of(before)}
    made = []
    for key in sorted(then.states.keys() | now.states.keys()):
        code = key[0]
        old, new = then.states.get(key), now.states.get(key)
        if (old and old[0]) == (new and new[0]) or then.sets.get(code, now.sets.get(code)) != now.sets.get(code):
            continue  # another set put in place of the first is told with the commune, not criterion by criterion
        made.append(_criterion_row(code, key[1], "corrected", old, new, now.sets.get(code), places, titles))
    return made


def _criterion_row(
    code: str,
    criterion: int,
    kind: str,
    old: tuple[str, Any, Any] | None,
    new: tuple[str, Any, Any] | None,
    judged_by: str | None,
    places: Mapping[str, Place],
    titles: Mapping[str, str],
) -> Row:
    place = places.get(code, Place(code, None))
    told = new or old
    assert told is not None
    return {
        "code": code,
        "name": place.name,
        "district": place.district,
        "criteria_set": judged_by,
        "criterion": criterion,
        "kind": kind,
        "before": old[0] if old else None,
        "after": new[0] if new else None,
        "before_as_of": old[1] if old else None,
        "after_as_of": new[1] if new else None,
        "source": titles.get(told[2], told[2]),
    }
