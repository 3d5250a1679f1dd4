"""Targets of the plan by date: growth so far against growth needed, and what is still needed per quarter.

The rule is that of Open SDG: a straight line from the baseline to the target. That is a convention, and is said so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from ntmgis.measure.monitoring import Note
from ntmgis.measure.progress import baseline_day, measured
from ntmgis.measure.status import commune_states
from ntmgis.measure.target_words import Span, Standing, apart_words, rule_words
from ntmgis.measure.told import records
from ntmgis.measure.wording import missing, plain
from ntmgis.programme.plan import Plan, Target
from ntmgis.store.snapshot import Snapshot

__all__ = ["RULE", "TARGET_COLUMNS", "quarters_left", "targets"]

RULE = Note(
    "target_rule",
    "Quy tắc đánh giá tiến độ: lấy số tăng thêm từ mốc gốc (kỳ báo cáo cuối năm trước) đến ngày của số liệu, so với "
    "số phải tăng theo đường thẳng từ mốc gốc đến hạn (31/12 năm kế hoạch); bằng hoặc hơn là đúng tiến độ. Đường thẳng "
    "chỉ là quy ước: xã, huyện được công nhận bằng quyết định từng năm, không rải đều trong năm. Không rõ số gốc thì "
    "không đánh giá. Quý đang chạy tính là một quý còn lại.",
    "Rule: growth from the baseline (last reporting date of the year before) to the date of the data, against the "
    "growth of a straight line from the baseline to the deadline (31 December of the plan year); equal or more is on "
    "track. The straight line is a convention: recognition comes by yearly decision, not evenly. Without a baseline "
    "nothing is judged. The running quarter counts as one that is left.",
)
TARGET_COLUMNS = (
    "pace",
    "on_track",
    "stock",
    "grown",
    "needed",
    "expected",
    "remaining",
    "quarters_left",
    "per_quarter",
    "baseline_as_of",
    "data_as_of",
    "deadline",
    "rule",
    "rule_en",
    "apart",
    "apart_en",
)
NAN = float("nan")
Row = Mapping[str, Any]


def quarters_left(day: date, deadline: date) -> int:
    """Quarters of the calendar not yet over on `day`, up to `deadline`; the running one counts until its last day.

    >>> quarters_left(date(2025, 6, 30), date(2025, 12, 31)), quarters_left(date(2025, 5, 2), date(2025, 12, 31))
    (2, 3)
    """
    tomorrow = day + timedelta(days=1)
    if tomorrow > deadline:
        return 0
    first, last = (4 * one.year + (one.month - 1) // 3 for one in (tomorrow, deadline))
    return last - first + 1


def targets(
    snapshot: Snapshot, measured_plan: pd.DataFrame, plan: Plan, *, baseline: Snapshot | None = None
) -> pd.DataFrame:
    """The rows of `Facts.plan` with the columns TARGET_COLUMNS; see `Monitoring.targets`.

    `baseline` is what is known of the baseline day (see `progress.baseline_day`); without it the targets on villages
    have no baseline. The baseline of a named unit is told by the date of its decision.
    """
    start = _Start(snapshot, plan, baseline)
    named = {target.id: target for target in plan.targets}
    rows = [_row(row, named.get(str(row["id"])), start) for row in records(measured_plan)]
    made = pd.DataFrame(rows, columns=list(TARGET_COLUMNS), index=measured_plan.index)
    dates = {name: pd.to_datetime(made[name]).astype("datetime64[s]") for name in _DATES}
    made = made.assign(**dates).astype(
        {"on_track": "boolean", "quarters_left": "int64", **dict.fromkeys(_NUMBERS, float)}
    )
    return pd.concat([measured_plan, made], axis=1)


_DATES = ("baseline_as_of", "data_as_of", "deadline")
_NUMBERS = ("stock", "grown", "needed", "expected", "remaining", "per_quarter")


class _Start:
    """Where the plan year began: the day, and what stood then."""

    def __init__(self, snapshot: Snapshot, plan: Plan, baseline: Snapshot | None) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self.deadline = date(plan.year, 12, 31)
        self.day = baseline_day(snapshot, plan)
        own = baseline is not None and baseline.as_of == self.day and baseline.epoch == snapshot.epoch
        self.baseline = baseline if own else None
        self._stock: dict[str, list[dict[str, Any]]] = {}

    def stock(self, target: Target, district: str | None) -> Row | None:
        """The row of the target as measured on the baseline day; None where that is not known."""
        if self.baseline is None:
            return None
        if target.id not in self._stock:
            communes = commune_states(self.baseline)
            self._stock[target.id] = measured(self.baseline, self.plan, target, communes)
        rows = self._stock[target.id]
        return next((row for row in rows if plain(row["district_code"]) == district), None)

    def data_day(self, level: str) -> date | None:
        """The newest date of the reports that a target of this level is counted from; None without any."""
        snapshot = self.snapshot
        frames = {"commune": snapshot.commune_status, "village": snapshot.village_status}
        newest = frames.get(level, snapshot.district_status)["as_of"].dropna().max()
        return None if pd.isna(newest) else newest.date()

    def recognised_before(self, target: Target) -> int | None:
        """How many of the named units had been recognised by the baseline day; None where a date is missing."""
        if self.day is None:
            return None
        told = self.snapshot.district_status.set_index("district_code")
        count = 0
        for code in target.districts:
            if code not in told.index or told.loc[code, "tier"] != target.tier:
                continue  # not reached now: not reached then either
            signed, year = (plain(told.loc[code].get(name)) for name in ("decision_date", "standard_year"))
            if signed is None and year is None:
                return None
            count += signed.date() <= self.day if signed is not None else int(year) <= self.day.year
        return count


@dataclass(frozen=True, slots=True)
class _Growth:
    """What stood at the baseline, what has been added since and how much must be: least and most of each."""

    stock: Span
    added: Span
    needed: Span


def _row(row: Row, target: Target | None, start: _Start) -> dict[str, Any]:
    deadline, as_of = start.deadline, start.snapshot.as_of
    left = quarters_left(as_of, deadline)
    blank = {**dict.fromkeys(_NUMBERS, NAN), **dict.fromkeys(_DATES), "deadline": pd.Timestamp(deadline)}
    if target is None:
        words = {"rule": "", "rule_en": "", "apart": "", "apart_en": ""}
        return {**blank, "pace": "unknown", "on_track": pd.NA, "quarters_left": left, **words}
    data_day, scope = start.data_day(target.level), str(row.get("scope") or "")
    done, need = plain(row.get("done")), plain(row.get("need"))
    growth = _growth(row, target, start)
    begun = start.day if target.baseline is None else target.baseline_on
    line = _line(begun, data_day, deadline)
    # One unit is recognised at one stroke: there is no half of it to be on a line.
    line = None if growth is None or growth.needed[1] <= 1 else line
    expected = None if growth is None or line is None else tuple(Fraction(str(need)) * line for need in growth.needed)
    remaining = None if done is None or need is None else max(need - done, 0.0)
    pace = _pace(row, growth, expected, over=as_of >= deadline)
    told = Standing(
        pace=pace,
        stock=None if growth is None else growth.stock,
        grown=None if growth is None else growth.added,
        needed=None if growth is None else growth.needed,
        expected=None if expected is None else (float(expected[0]), float(expected[1])),
        counted=need is not None,
        scope=scope,
        remaining=remaining,
        quarters_left=left,
        baseline_day=begun,
        data_day=data_day,
        deadline=deadline,
    )
    rule, rule_en = rule_words(target, told)
    apart, apart_en = apart_words(target, start.plan, None if scope else start.snapshot.district_status)
    return {
        "pace": pace,
        "on_track": {"reached": True, "on_track": True, "behind": False, "missed": False}.get(pace, pd.NA),
        "stock": _exact(told.stock),
        "grown": _exact(told.grown),
        "needed": _exact(told.needed),
        "expected": _exact(told.expected),
        "remaining": NAN if remaining is None else remaining,
        "quarters_left": left,
        "per_quarter": NAN if remaining is None or not left else remaining / left,
        "baseline_as_of": None if begun is None else pd.Timestamp(begun),
        "data_as_of": None if data_day is None else pd.Timestamp(data_day),
        "deadline": pd.Timestamp(deadline),
        "rule": rule,
        "rule_en": rule_en,
        "apart": apart,
        "apart_en": apart_en,
    }


def _exact(span: Span | None) -> float:
    """The number where least and most are one; else it is not known."""
    return NAN if span is None or span[0] != span[1] else span[0]


def _growth(row: Row, target: Target, start: _Start) -> _Growth | None:
    """None where the baseline or the present is not known at all."""
    low, high, need = (plain(row.get(name)) for name in ("low", "high", "need"))
    if low is None or high is None or need is None:
        return None
    if target.kind == "increment":
        stock = float(row["baseline"])
        return _Growth((stock, stock), (low, high), (need, need))
    least: float | None
    most: float | None
    if target.kind == "named":
        least = most = start.recognised_before(target)
    else:
        then = start.stock(target, plain(row.get("district_code"))) or {}
        least, most = plain(then.get("low")), plain(then.get("high"))
    if least is None or most is None:
        return None
    return _Growth((least, most), (low - most, high - least), (max(need - most, 0.0), max(need - least, 0.0)))


def _line(start: date | None, day: date | None, deadline: date) -> Fraction | None:
    """How far along the way from the baseline to the deadline the data are; None where nothing came in since."""
    if start is None or day is None or day <= start or start >= deadline:
        return None
    return min(Fraction((day - start).days, (deadline - start).days), Fraction(1))


def _pace(row: Row, growth: _Growth | None, expected: tuple[Fraction, ...] | None, *, over: bool) -> str:
    """On track or behind only when that holds whatever was not reported."""
    if row["kind"] == "minimum_share" and missing(row["target"]) and not missing(row.get("district_code")):
        return "no_target"
    if row["status"] == "reached":
        return "reached"
    if over:
        return "missed" if row["status"] == "short" else "unknown"
    if expected is None or growth is None:
        return "unknown"
    if Fraction(str(growth.added[0])) >= expected[1]:
        return "on_track"
    return "behind" if Fraction(str(growth.added[1])) < expected[0] else "unknown"
