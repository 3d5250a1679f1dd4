"""Plan targets against actual. Targets are shown as written; what the plan leaves open is said, never filled in."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd

from ntmgis.programme.plan import Plan, Target
from ntmgis.programme.tiers import at_least
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

__all__ = ["COLUMNS", "baseline_day", "measured", "progress"]

COLUMNS = (
    "id",
    "label",
    "gloss",
    "level",
    "kind",
    "unit",
    "target",
    "baseline",
    "actual",
    "done",
    "low",
    "high",
    "need",
    "share",
    "status",
    "note",
    "scope",
    "district_code",
)
NAN = float("nan")
Row = dict[str, Any]


def progress(snapshot: Snapshot, plan: Plan, communes: pd.DataFrame) -> pd.DataFrame:
    """One row for each target, and one for each district of a target by district; columns as in COLUMNS.

    `communes` is indexed by code with tier and district_code. status: reached, short, or unknown with the reason in
    `note` (Vietnamese). An increment is counted from the last reporting date of the year before the plan's; tiers are
    cumulative, so an advanced commune also counts as NTM. Where some units did not report, a target is reached or short
    only if it is so whatever they would report: `low` and `high` are the least and the most that `done` can be, and
    `need` is what the target asks for, all three in units (villages for a share; NaN unknown). `scope`: why the plan
    cannot be held against the snapshot at all; "" where it can.
    """
    reason = _out_of_scope(snapshot, plan)
    rows: list[Row] = []
    for target in plan.targets:
        made = measured(snapshot, plan, target, communes) if reason is None else None
        for row in made or [_row(target, note=reason or "", scope=reason or "")]:
            row["note"] = " ".join(filter(None, [row["note"], target.note, *_doubts(plan, row)]))
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def measured(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> list[Row]:
    """The rows of one target, whatever the year of the snapshot: for the stock of an earlier day."""
    count: Mapping[str, Callable[[Snapshot, Plan, Target, pd.DataFrame], Iterable[Row]]] = {
        "increment": _increment,
        "named": _named,
        "minimum_per_commune": _per_commune,
        "minimum_share": _by_district,
    }
    return list(count[target.kind](snapshot, plan, target, communes))


def baseline_day(snapshot: Snapshot, plan: Plan) -> date | None:
    """The last reporting date of the year before the plan's; None where that year has none.

    An older one will not do: what came in between would count for this year.
    """
    day = snapshot.history.loc[snapshot.history["as_of"].dt.year == plan.year - 1, "as_of"].max()
    return None if pd.isna(day) else day.date()


def _doubts(plan: Plan, row: Row) -> list[str]:
    """What the document leaves open about a row; a doubt about one district stands with that district only."""
    own = f"district:{row['district_code']}"
    return [
        one.vi
        for one in plan.doubts(f"target:{row['id']}")
        if row["district_code"] is None
        or own in one.about
        or not any(about.startswith("district:") for about in one.about)
    ]


def _row(target: Target, /, **values: Any) -> Row:
    blank: Row = {
        "id": target.id,
        "label": target.label[:1].upper() + target.label[1:],
        "gloss": target.gloss,
        "level": target.level,
        "kind": target.kind,
        "unit": target.unit,
        "target": NAN if target.value is None else float(target.value),
        "baseline": NAN,
        "actual": NAN,
        "done": NAN,
        "low": NAN,
        "high": NAN,
        "need": NAN,
        "share": NAN,
        "status": "unknown",
        "note": "",
        "scope": "",
        "district_code": None,
    }
    return {**blank, **values}


def _out_of_scope(snapshot: Snapshot, plan: Plan) -> str | None:
    """Why the plan cannot be held against this snapshot at all."""
    if snapshot.epoch != epoch_on(plan.units_on):
        return "Chỉ tiêu tính trên đơn vị hành chính trước 01/07/2025, không so được với đơn vị mới."
    if snapshot.as_of.year < plan.year:
        return f"Chỉ tiêu của năm {plan.year}; số liệu này có trước năm kế hoạch."
    return None


def _judge(low: float, high: float, target: float) -> str:
    """Reached or short only when that holds whatever the unknown turns out to be."""
    if low >= target:
        return "reached"
    return "short" if high < target else "unknown"


def _count(tiers: pd.Series, floor: str) -> int:
    return sum(at_least(tier, floor) for tier in tiers)


def _names(codes: Iterable[str], plan: Plan) -> str:
    return ", ".join(plan.districts[code] for code in codes)


def _increment(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    now = communes.loc[communes["tier"].ne("not_applicable"), "tier"]
    actual = _count(now, target.tier)
    silent = int(now.eq("not_reported").sum())
    notes = [f"{silent} xã chưa có số liệu."] if silent else []
    assert target.value is not None
    if target.baseline is not None and target.baseline_on is not None:
        notes.insert(0, f"Số gốc ghi trong kế hoạch: {target.baseline} xã ({target.baseline_on:%d/%m/%Y}).")
        done = actual - target.baseline
        yield _row(target, **_counted(target, target.baseline, actual, done, done + silent), note=" ".join(notes))
        return
    day = baseline_day(snapshot, plan)
    if day is None:
        last = snapshot.history.loc[snapshot.history["as_of"].dt.year < plan.year, "as_of"].max()
        newest = "" if pd.isna(last) else f" (gần nhất: {last:%d/%m/%Y})"
        notes.append(f"Không có số liệu gốc của năm {plan.year - 1}{newest}, nên chưa tính được số tăng thêm.")
        yield _row(target, actual=float(actual), need=float(target.value), note=" ".join(notes))
        return
    told = snapshot.history[snapshot.history["as_of"] == pd.Timestamp(day)].set_index("code")["tier"]
    then = told.reindex(now.index).astype(object).fillna("not_reported")
    baseline = _count(then, target.tier)
    notes.insert(0, f"Tính từ {day:%d/%m/%Y}: {baseline} xã.")
    unsure = int((then.eq("not_reported") & now.ne("not_reported")).sum())
    if unsure:
        notes.append(f"{unsure} xã chưa có số liệu ở mốc {day:%d/%m/%Y}, nên chưa tính được số tăng thêm.")
    steps = [_step(*pair, target.tier) for pair in zip(then, now, strict=True)]
    low, high = sum(low for low, _ in steps), sum(high for _, high in steps)
    made = _counted(target, baseline, actual, low, high)
    if unsure:
        made |= {"done": NAN, "share": NAN}
    yield _row(target, **made, note=" ".join(notes))


def _counted(target: Target, baseline: int, actual: int, low: int, high: int) -> Row:
    """The figures of an increment: what stood, what stands, and the least and most that was added."""
    assert target.value is not None
    done = float(actual - baseline)
    return {
        "baseline": float(baseline),
        "actual": float(actual),
        "done": done,
        "low": float(low),
        "high": float(high),
        "need": float(target.value),
        "share": done / target.value,
        "status": _judge(low, high, target.value),
    }


def _step(then: str, now: str, floor: str) -> tuple[int, int]:
    """Least and most that one commune can add to the number at `floor` or higher."""
    if then == now == "not_reported":
        return 0, 1  # never reported: it may have come up, nothing says that it fell
    before = (0, 1) if then == "not_reported" else (int(at_least(then, floor)),) * 2
    after = (0, 1) if now == "not_reported" else (int(at_least(now, floor)),) * 2
    return after[0] - before[1], after[1] - before[0]


def _named(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    told = snapshot.district_status.set_index("district_code")["tier"].to_dict()
    reached = [code for code in target.districts if told.get(code) == target.tier]
    silent = [code for code in target.districts if code not in told]
    lagging = [code for code in target.districts if code not in reached and code not in silent]
    assert target.value is not None
    notes = [
        f"{words}: {_names(codes, plan)}."
        for words, codes in (("Đã đạt", reached), ("Chưa đạt", lagging), ("Chưa có số liệu", silent))
        if codes
    ]
    open_ = [code for code in target.districts if code not in reached]
    if open_:
        notes.append("Xã đạt chuẩn: " + "; ".join(_communes_of(code, plan, communes) for code in open_) + ".")
    done = len(reached)
    yield _row(
        target,
        actual=float(done),
        done=float(done),
        low=float(done),
        high=float(done + len(silent)),
        need=float(target.value),
        share=done / target.value,
        status=_judge(done, done + len(silent), target.value),
        note=" ".join(notes),
    )


def _communes_of(code: str, plan: Plan, communes: pd.DataFrame) -> str:
    own = communes[communes["district_code"].eq(code) & communes["kind"].eq("xã")]
    reached = _count(own["tier"], "ntm")
    return f"{plan.districts[code]} {reached}/{len(own)}"


def _per_commune(snapshot: Snapshot, _plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    recognised = [code for code, tier in communes["tier"].items() if at_least(tier, "ntm")]
    silent = int(communes["tier"].eq("not_reported").sum())
    villages = snapshot.villages.set_index("code")
    status = _village_status(snapshot, target)
    assert target.value is not None
    yes = status.fillna(value=False).astype(bool).groupby(villages["commune_code"]).sum()
    maybe = status.isna().groupby(villages["commune_code"]).sum()
    have = [code for code in recognised if yes.get(code, 0) >= target.value]
    # A commune with a village of which nothing was told, or without any village on record, stays open.
    open_ = [
        code
        for code in recognised
        if code not in have and (code not in yes or yes.get(code, 0) + maybe.get(code, 0) >= target.value)
    ]
    lacking = len(recognised) - len(have) - len(open_)
    if status.notna().any():
        notes = [f"{len(have)}/{len(recognised)} xã đạt chuẩn có ít nhất {target.value} thôn kiểu mẫu."]
        notes += [f"{len(open_)} xã chưa đủ số liệu về thôn."] if open_ else []
        notes += [f"{silent} xã chưa có số liệu về kết quả."] if silent else []
        done = float(len(have))
    else:
        notes, done = ["Chưa có số liệu về thôn kiểu mẫu."], NAN
    certain = bool(recognised) and not open_ and not silent
    yield _row(
        target,
        target=float(len(recognised)),
        actual=done,
        done=done,
        low=float(len(have)),
        high=float(len(have) + len(open_)),
        need=float(len(recognised)),
        share=done / len(recognised) if recognised else NAN,
        status="short" if lacking else "reached" if certain else "unknown",
        note=" ".join(notes),
    )


def _village_status(snapshot: Snapshot, target: Target) -> pd.Series:
    """The flag the target counts, for every village; NA where nothing was told."""
    codes = snapshot.villages["code"]
    return snapshot.village_status.set_index("village_code")[target.tier].reindex(codes).astype("boolean")


def _by_district(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    villages = snapshot.villages.set_index("code")
    district = villages["commune_code"].map(communes["district_code"])
    counted = villages["ethnic_minority"].astype("boolean")
    status = _village_status(snapshot, target)
    for code, name in plan.districts.items():
        own = district.eq(code).fillna(value=False).astype(bool)
        whole, vague = int(counted[own].sum()), int(counted[own].isna().sum())
        told = status[own & counted.fillna(value=False).astype(bool)]
        part, silent = int(told.sum()), int(told.isna().sum())
        least = plan.share_of(target.id, code)
        known = whole > silent
        actual = part / whole if known else NAN
        notes = [f"{part}/{whole} thôn vùng đồng bào dân tộc thiểu số."] if known else ["Chưa có số liệu về thôn."]
        if known and silent + vague:
            notes.append(f"{silent + vague} thôn chưa có số liệu.")
        status_word = "unknown"
        every, need = whole + vague, NAN
        if known and least is not None:
            need = float(ceil(Fraction(str(least)) * every))  # exact: 0.55 of 100 is 55, not 56
            status_word = _judge(part, part + silent + vague, need)
        yield _row(
            target,
            label=f"{target.label[:1].upper()}{target.label[1:]}: {name}",
            target=NAN if least is None else least,
            actual=actual,
            done=float(part) if known else NAN,
            low=float(part) if known else NAN,
            high=float(part + silent + vague) if known else NAN,
            need=need,
            share=actual / least if known and least else NAN,
            status=status_word,
            note=" ".join(notes),
            district_code=code,
        )
