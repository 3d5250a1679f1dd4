"""The answers of a review (class Monitoring) for a page: standing of communes, who is next, changes, targets."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import Plan
from ntmgis.show.web.columns import clean, column, dates, flags, numbers, texts
from ntmgis.store.snapshot import Snapshot

__all__ = ["plan_rows", "review"]

_PLAN_WORDS = ("id", "label", "gloss", "level", "kind", "unit", "status", "note", "district_code")


def review(monitoring: Monitoring, snapshot: Snapshot) -> dict[str, Any]:
    """Standing by commune (in the snapshot's order), candidates and changes of communes, as columns."""
    codes = snapshot.communes["code"].to_numpy()
    place = {code: index for index, code in enumerate(codes)}
    standing = monitoring.standing.reindex(codes)
    candidates = monitoring.candidates
    candidates = candidates[candidates["code"].isin(place)]
    changes = monitoring.changes
    if not changes.empty:
        changes = changes[changes["level"].eq("commune") & changes["code"].isin(place)]
    counted = column(candidates, "missing_count").where(column(candidates, "unknown_count").notna())
    return {
        "as_of": monitoring.as_of.isoformat(),
        "since": monitoring.since.isoformat() if monitoring.since else None,
        "standing": {
            "meets_now": flags(column(standing, "meets_now")),
            "missing": [_sequence(value) for value in column(standing, "missing")],
            "unknown": [_sequence(value) for value in column(standing, "unknown")],
            "risk": texts(column(standing, "risk")),
            "risk_share": numbers(column(standing, "risk_share"), 4),
            "vi": texts(column(standing, "reason")),
            "en": texts(column(standing, "reason_en")),
        },
        "candidates": {
            "commune": [place[code] for code in candidates["code"]],
            "to": texts(column(candidates, "to_tier")),
            "missing": [_sequence(value) for value in column(candidates, "missing")],
            # Without data by the set of the next tier, what is missing for it is not known, so not 0 either.
            "count": numbers(counted, 0),
            "unknown": numbers(column(candidates, "unknown_count"), 0),
            "vi": texts(column(candidates, "unlocks")),
            "en": texts(column(candidates, "unlocks_en")),
        },
        "changes": {
            "commune": [place[code] for code in changes["code"]] if not changes.empty else [],
            "kind": texts(column(changes, "kind")),
            "decision": texts(column(changes, "decision")),
            "decision_date": dates(column(changes, "decision_date")),
            "vi": texts(column(changes, "reason")),
            "en": texts(column(changes, "reason_en")),
        },
    }


def plan_rows(frame: pd.DataFrame, plan: Plan | None, monitoring: Monitoring | None) -> list[dict[str, Any]]:
    """The targets as the facts have them, with tier and districts of the plan and the rule of the review.

    The rows of `Monitoring.targets` are those of the facts in the same order; where they are not, no rule is shown.
    """
    columns: dict[str, list[Any]] = {name: list(texts(column(frame, name))) for name in _PLAN_WORDS}
    for name in ("target", "baseline", "actual", "done", "share"):
        columns[name] = list(numbers(column(frame, name), 4))
    rows = [{name: one[row] for name, one in columns.items()} for row in range(len(frame))]
    targets = {} if plan is None else {one.id: one for one in plan.targets}
    for row in rows:
        target = targets.get(row["id"])
        if target is not None:
            row["tier"] = target.tier
            row["districts"] = list(target.districts)
    judged = _judged(monitoring)
    for row in rows:
        row.update(judged.get((row["id"], row["district_code"]), {}))
    return rows


def _judged(monitoring: Monitoring | None) -> Mapping[tuple[str | None, str | None], dict[str, Any]]:
    if monitoring is None or monitoring.targets.empty:
        return {}
    frame = monitoring.targets
    told = zip(
        texts(column(frame, "id")),
        texts(column(frame, "district_code")),
        flags(column(frame, "on_track")),
        numbers(column(frame, "expected"), 2),
        numbers(column(frame, "per_quarter"), 2),
        dates(column(frame, "deadline")),
        texts(column(frame, "rule")),
        texts(column(frame, "rule_en")),
        strict=True,
    )
    return {
        (id_, district): {
            "on_track": on_track,
            "expected": expected,
            "per_quarter": per_quarter,
            "deadline": deadline,
            "rule": {"vi": clean(rule or ""), "en": clean(rule_en or rule or "")},
        }
        for id_, district, on_track, expected, per_quarter, deadline, rule, rule_en in told
    }


def _sequence(value: Any) -> list[int]:
    """Numbers of criteria; nothing where nothing is told."""
    return [int(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
