"""A workspace's review: what is known on a day, compared with an earlier day and with the plan."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.take_in import Progress, TakenIn, silent, snapshot_of, take_in
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.measure.facts import Facts
    from ntmgis.measure.monitoring import Monitoring
    from ntmgis.store.snapshot import Snapshot

__all__ = ["Review", "last_period", "monitoring_of", "open_review", "plain_rows"]


@dataclass(frozen=True, slots=True)
class Review:
    """What a workspace says of one day, and the answers of a review; `problems` are those of taking its files in."""

    workspace: Workspace
    snapshot: "Snapshot"
    facts: "Facts"
    monitoring: "Monitoring"
    problems: tuple[Problem, ...]


def open_review(
    folder: str | Path,
    as_of: date | None = None,
    *,
    since: date | None = None,
    known_on: date | None = None,
    progress: Progress = silent,
) -> Review:
    """The review of the workspace `folder` on `as_of` (None: its own date), files that changed taken in first.

    `since`: the earlier day to compare with (None: no comparison); `known_on`: the day on which that earlier day was
    reported, so that data put right afterwards are told apart from change (None: not asked).
    UsageError when the days are in the wrong order; InputError when there are no boundaries for a day, or when nothing
    had been recorded yet on `known_on`.
    """
    workspace = load_workspace(folder)
    day = as_of or workspace.as_of
    _check(day, since, known_on)
    taken = take_in(workspace, progress=progress)
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=since, known_on=known_on)
    return Review(workspace, snapshot, facts, monitoring, taken.problems)


def _check(day: date, since: date | None, known_on: date | None) -> None:
    if since is not None and since >= day:
        raise UsageError(problem("E-MONITOR-SINCE", value=since.isoformat(), as_of=f"{day:%d/%m/%Y}"))
    if known_on is not None and since is None:
        raise UsageError(problem("E-MONITOR-KNOWN-ON", value=known_on.isoformat()))


def last_period(taken: TakenIn, day: date) -> date | None:
    """The newest reporting date before `day` that has boundaries: what a product compares with by itself."""
    able = (period for period in taken.workspace.periods if period < day and _has_boundaries(taken, period))
    return max(able, default=None)


def _has_boundaries(taken: TakenIn, day: date) -> bool:
    epoch = epoch_on(day).id
    return any(
        made.table_id == "unit" and made.accepted and made.epoch == epoch and (made.as_of is None or made.as_of <= day)
        for made in taken.imports
    )


def plain_rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows as JSON takes them: ISO dates, lists, None for everything missing."""
    from ntmgis.measure.told import records

    return [{name: _plain(value) for name, value in row.items()} for row in records(frame)]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):  # Timestamp too
        return f"{value:%Y-%m-%d}"
    return value.item() if hasattr(value, "item") else value


def monitoring_of(
    taken: TakenIn,
    snapshot: "Snapshot",
    facts: "Facts",
    *,
    since: date | None = None,
    known_on: date | None = None,
) -> "Monitoring":
    """The answers of a review for a snapshot of the sources taken in; see `open_review`."""
    from ntmgis.measure.monitor import compute_monitoring
    from ntmgis.measure.progress import baseline_day
    from ntmgis.programme.plan import load_plan

    plan = load_plan(taken.workspace.plan)
    days = _Days(taken, snapshot)
    before = None if since is None else days.on(since)
    start = baseline_day(snapshot, plan)
    return compute_monitoring(
        snapshot,
        facts,
        plan,
        before=before,
        before_known=None if since is None or known_on is None else days.known(since, known_on),
        baseline=days.on(start) if start is not None and _has_boundaries(taken, start) else None,
        earlier=days.earlier_epochs(),
    )


class _Days:
    """Snapshots of other days of the same sources, each taken once."""

    def __init__(self, taken: TakenIn, snapshot: "Snapshot") -> None:
        self.taken = taken
        self.snapshot = snapshot
        self._made: dict[date, Snapshot] = {snapshot.as_of: snapshot}

    def on(self, day: date) -> "Snapshot":
        from ntmgis.store.take import take_snapshot

        if day not in self._made:
            taken = self.taken
            self._made[day] = take_snapshot(taken.store, taken.workspace, day, failed=taken.failed, works=False)
        return self._made[day]

    def known(self, day: date, known_on: date) -> "Snapshot":
        """The day as it was known at the end of `known_on`."""
        from ntmgis.store.base import end_of_day
        from ntmgis.store.take import take_snapshot

        taken, moment = self.taken, end_of_day(known_on)
        try:
            return take_snapshot(taken.store, taken.workspace, day, known_at=moment, works=False)
        except InputError as error:
            imports = taken.store.log()
            if any(made.counts(moment) and made.table_id == "unit" for made in imports):
                raise
            first = min((made.recorded_at[:10] for made in imports), default="?")
            words = {"first": first, "known_on": f"{known_on:%d/%m/%Y}"}
            raise InputError(problem("E-MONITOR-NOT-YET", **words)) from error  # type: ignore[arg-type]

    def earlier_epochs(self) -> list["Snapshot"]:
        """The last day of each earlier epoch that has boundaries."""
        earlier = EPOCHS[: EPOCHS.index(epoch_on(self.snapshot.as_of))]
        days = [epoch.last_day for epoch in earlier if epoch.last_day is not None]
        return [self.on(day) for day in days if _has_boundaries(self.taken, day)]
