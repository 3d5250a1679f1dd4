"""All answers of a review at once: standing, conditions, changes, targets, candidates, trend."""

from collections.abc import Sequence

from ntmgis.measure.candidates import candidates
from ntmgis.measure.changes import changes, nothing_changed
from ntmgis.measure.conditions import conditions
from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring, Note
from ntmgis.measure.standing import standing
from ntmgis.measure.targets import RULE, targets
from ntmgis.measure.trend import trend
from ntmgis.programme.plan import Plan
from ntmgis.store.snapshot import Snapshot

__all__ = ["compute_monitoring"]

_SETS = Note(
    "trend_sets",
    "Số tiêu chí được nêu riêng theo từng bộ tiêu chí. Hai bộ khác nhau không so được: đạt ít tiêu chí hơn theo bộ mới "
    "không có nghĩa là giảm.",
    "Criteria are counted apart for each criteria set. Two sets cannot be compared: fewer criteria met by a new set "
    "are not a fall.",
)


def compute_monitoring(
    snapshot: Snapshot,
    facts: Facts,
    plan: Plan,
    *,
    before: Snapshot | None = None,
    before_known: Snapshot | None = None,
    baseline: Snapshot | None = None,
    earlier: Sequence[Snapshot] = (),
) -> Monitoring:
    """The answers of one date, with the columns that `Monitoring` promises.

    `before`: the earlier day to compare with, as known now; `before_known`: the same day as it was known then, so that
    corrected data are told apart from change (None: not asked). `baseline`: the day the plan year began from (see
    `progress.baseline_day`; None: `before`, where it is that day). `earlier`: the last days of earlier epochs, for the
    trend.
    """
    found = nothing_changed() if before is None else changes(snapshot, before, known=before_known)
    notes = [RULE, *found.notes]
    numbers = trend(snapshot, [*earlier, *([before] if before is not None else [])])
    if len(set(numbers["criteria_set"].dropna())) > 1:
        notes.append(_SETS)
    stood = standing(snapshot, facts.communes)
    measured = targets(snapshot, facts.plan, plan, baseline=baseline or before)
    return Monitoring(
        as_of=snapshot.as_of,
        since=None if before is None else before.as_of,
        standing=stood,
        conditions=conditions(snapshot, plan, facts.communes, facts.villages),
        changes=found.changes,
        criteria_changes=found.criteria_changes,
        targets=measured,
        candidates=candidates(facts.communes, stood, measured, plan),
        trend=numbers,
        notes=tuple(notes),
    )
