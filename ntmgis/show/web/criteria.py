"""The criteria of the communes for a page: their names and thresholds, their states at each date, reported figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ntmgis.programme.criteria import Criterion, Threshold, criteria_set
from ntmgis.programme.thresholds import all_thresholds
from ntmgis.show.web.columns import clean, coded
from ntmgis.show.web.themes import CRITERIA_SET
from ntmgis.show.words import set_of
from ntmgis.store.snapshot import Snapshot

__all__ = ["criteria_names", "criteria_now", "criteria_then", "figures", "sets_now"]

_LETTERS = {"met": "1", "not_met": "0", "not_assessed": "a", "not_applicable": "n"}
_COUNT = 19
_UNKNOWN = "-" * _COUNT


def criteria_names(snapshot: Snapshot) -> dict[str, Any]:
    """The set that the page names criteria by, with the name of each and its thresholds in the snapshot's year."""
    limits = all_thresholds(CRITERIA_SET, snapshot.as_of.year, snapshot.office)
    return {
        "set": CRITERIA_SET,
        "names": [_criterion(one, limits.get(one.no, ())) for one in criteria_set(CRITERIA_SET).criteria],
    }


def sets_now(snapshot: Snapshot) -> dict[str, str | None]:
    """The set that each commune of the snapshot is judged by; None where no source states it."""
    status = snapshot.commune_status.drop_duplicates("code", keep="last")
    return dict(zip(status["code"], map(_stated, status["criteria_set"]), strict=True))


def criteria_now(snapshot: Snapshot) -> dict[str, Any]:
    """Of each commune `criteria`: a word of 19 letters, `met` and `judged`: how many are, `sets`: of which set, as codes.

    Letters: 1 met, 0 not met, a not assessed, n not applicable, w kept off public maps, - unknown; "" where all are
    unknown. A criterion that its set keeps off public maps is withheld here, so that the page does not hold it; it
    counts all the same. `met` is null where none is judged.
    """
    codes, sets = list(snapshot.communes["code"]), sets_now(snapshot)
    states: dict[str, dict[int, str]] = {}
    frame = snapshot.criteria
    for code, number, state in zip(frame["code"], frame["criterion"], frame["state"], strict=True):
        states.setdefault(code, {})[int(number)] = state
    return _told(codes, states, sets)


def criteria_then(codes: Sequence[str], rows: pd.DataFrame) -> dict[str, Any]:
    """The same as `criteria_now` of one date, from its rows of `Snapshot.criteria_history`."""
    named = {n: rows[f"tc{n}"] for n in range(1, _COUNT + 1)}
    states = {
        code: {n: one for n, one in enumerate(own, 1) if isinstance(one, str)}
        for code, *own in zip(rows["code"], *named.values(), strict=True)
    }
    return _told(codes, states, dict(zip(rows["code"], map(_stated, rows["criteria_set"]), strict=True)))


def figures(snapshot: Snapshot) -> list[dict[str, Any] | None] | None:
    """Per commune its reported figures: day (ISO, None: not told) and text by number of the criterion; None: none.

    Only figures of the set that the commune is judged by now, for numbers mean other criteria in another set, and none
    of a criterion kept off public maps.
    """
    frame = snapshot.figures
    if frame is None or frame.empty:
        return None
    sets = sets_now(snapshot)
    made: dict[str, dict[str, Any]] = {}
    columns = (frame[name] for name in ("code", "criterion", "value", "criteria_set", "as_of"))
    for code, number, value, set_, day in zip(*columns, strict=True):
        own = sets.get(code)
        if (
            pd.isna(value)
            or (own is not None and _stated(set_) not in {None, own})
            or int(number) in set_of(own).withheld
        ):
            continue
        told = made.setdefault(code, {"day": None if pd.isna(day) else day.date().isoformat(), "of": {}})
        told["of"][str(int(number))] = clean(value)
    return [made.get(code) for code in snapshot.communes["code"]] if made else None


def _told(
    codes: Sequence[str], states: Mapping[str, Mapping[int, str]], sets: Mapping[str, str | None]
) -> dict[str, Any]:
    words, met, judged = [], [], []
    for code in codes:
        hidden, own = set_of(sets.get(code)).withheld, states.get(code, {})
        word = "".join(_letter(own.get(n), hidden=n in hidden) for n in range(1, _COUNT + 1))
        words.append("" if word == _UNKNOWN else word)
        found = [one for one in own.values() if one in {"met", "not_met"}]
        judged.append(len(found))
        met.append(found.count("met") if found else None)
    return {"criteria": words, "met": met, "judged": judged, "sets": coded(map(sets.get, codes))}


def _letter(state: str | None, *, hidden: bool) -> str:
    letter = _LETTERS.get(state or "", "-")
    return "w" if hidden and letter != "-" else letter


def _stated(set_id: object) -> str | None:
    return set_id if isinstance(set_id, str) and set_id else None


def _criterion(one: Criterion, limits: Sequence[Threshold]) -> dict[str, Any]:
    made: dict[str, Any] = {"vi": one.vi, "en": one.en}
    columns = {column.id: {"vi": column.vi, "en": column.en} for column in criteria_set(CRITERIA_SET).columns}
    if limits:
        made["thresholds"] = [
            {
                "indicator": limit.indicator,
                "vi": clean(limit.vi),
                "en": clean(limit.en),
                "least": limit.at_least,
                "most": limit.at_most,
                "share": limit.unit == "tỷ lệ",
                "unit": limit.unit,
                "column": columns.get(limit.column),
                "basis": clean(limit.basis),
            }
            for limit in limits
        ]
    return made
