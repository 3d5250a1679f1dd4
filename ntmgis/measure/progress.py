"""Plan targets against actual. Targets are shown as written; what the plan leaves open is said, never filled in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from ntmgis.programme.plan import Plan, Target
from ntmgis.programme.tiers import at_least
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

__all__ = ["COLUMNS", "progress"]

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
    "share",
    "status",
    "note",
    "district_code",
)
NAN = float("nan")
Row = dict[str, Any]


def progress(snapshot: Snapshot, plan: Plan, communes: pd.DataFrame) -> pd.DataFrame:
    """One row for each target, and one for each district of a target by district; columns as in COLUMNS.

    `communes` is indexed by code with tier and district_code. status: reached, short, or unknown with the reason in
    `note` (Vietnamese). An increment is counted from the last reporting date before the plan's year; tiers are
    cumulative, so an advanced commune also counts as NTM.
    """
    count: Mapping[str, Callable[[Snapshot, Plan, Target, pd.DataFrame], Iterable[Row]]] = {
        "increment": _increment,
        "named": _named,
        "minimum_per_commune": _per_commune,
        "minimum_share": _by_district,
    }
    reason = _out_of_scope(snapshot, plan)
    rows: list[Row] = []
    for target in plan.targets:
        made = list(count[target.kind](snapshot, plan, target, communes)) if reason is None else None
        for row in made or [_row(target, note=reason or "")]:
            row["note"] = " ".join(filter(None, [row["note"], target.note, *_doubts(plan, row)]))
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
        "share": NAN,
        "status": "unknown",
        "note": "",
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


def _judge(done: float, target: float) -> str:
    return "reached" if done >= target else "short"


def _count(tiers: pd.Series, floor: str) -> int:
    return sum(at_least(tier, floor) for tier in tiers)


def _names(codes: Iterable[str], plan: Plan) -> str:
    return ", ".join(plan.districts[code] for code in codes)


def _increment(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    actual = _count(communes["tier"], target.tier)
    silent = int(communes["tier"].eq("not_reported").sum())
    notes = [f"{silent} xã chưa có số liệu."] if silent else []
    before = snapshot.history[snapshot.history["as_of"].dt.year < plan.year]
    if before.empty:
        notes.append(f"Không có số liệu gốc trước năm {plan.year}, nên chưa tính được số tăng thêm.")
        yield _row(target, actual=float(actual), note=" ".join(notes))
        return
    day = before["as_of"].max()
    then = before[before["as_of"] == day]
    baseline = _count(then["tier"], target.tier)
    done = actual - baseline
    notes.insert(0, f"Tính từ {day:%d/%m/%Y}: {baseline} xã.")
    assert target.value is not None
    yield _row(
        target,
        baseline=float(baseline),
        actual=float(actual),
        done=float(done),
        share=done / target.value,
        status=_judge(done, target.value),
        note=" ".join(notes),
    )


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
    undecided = done < target.value <= done + len(silent)
    yield _row(
        target,
        actual=float(done),
        done=float(done),
        share=done / target.value,
        status="unknown" if undecided else _judge(done, target.value),
        note=" ".join(notes),
    )


def _communes_of(code: str, plan: Plan, communes: pd.DataFrame) -> str:
    own = communes[communes["district_code"].eq(code) & communes["kind"].eq("xã")]
    reached = _count(own["tier"], "ntm")
    return f"{plan.districts[code]} {reached}/{len(own)}"


def _per_commune(snapshot: Snapshot, _plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    recognised = [code for code, tier in communes["tier"].items() if at_least(tier, "ntm")]
    if snapshot.village_status.empty:
        yield _row(target, target=float(len(recognised)), note="Chưa có số liệu về thôn kiểu mẫu.")
        return
    status = snapshot.village_status.set_index("village_code")[target.tier]
    commune = snapshot.villages.set_index("code")["commune_code"]
    have = set(commune.reindex(status.index[status.fillna(value=False)]).dropna())
    done = len(have & set(recognised))
    yield _row(
        target,
        target=float(len(recognised)),
        actual=float(done),
        done=float(done),
        share=done / len(recognised) if recognised else NAN,
        status=_judge(done, len(recognised)),
        note=f"{done}/{len(recognised)} xã đạt chuẩn có ít nhất {target.value} thôn kiểu mẫu.",
    )


def _by_district(snapshot: Snapshot, plan: Plan, target: Target, communes: pd.DataFrame) -> Iterable[Row]:
    villages = snapshot.villages.set_index("code")
    district = villages["commune_code"].map(communes["district_code"])
    counted = villages["ethnic_minority"].fillna(value=False).astype(bool)
    status = snapshot.village_status.set_index("village_code")[target.tier].reindex(villages.index)
    reached = counted & status.fillna(value=False).astype(bool)
    for code, name in plan.districts.items():
        own = district.eq(code).fillna(value=False)
        whole, part = int((counted & own).sum()), int((reached & own).sum())
        least = plan.share_of(target.id, code)
        known = whole > 0 and bool(status[own & counted].notna().any())
        actual = part / whole if known else NAN
        notes = [f"{part}/{whole} thôn vùng đồng bào dân tộc thiểu số."] if known else ["Chưa có số liệu về thôn."]
        if least is None:
            notes.insert(0, "Kế hoạch không nêu chỉ tiêu cho huyện này.")
        yield _row(
            target,
            label=f"{target.label[:1].upper()}{target.label[1:]}: {name}",
            target=NAN if least is None else least,
            actual=actual,
            done=float(part) if known else NAN,
            share=actual / least if known and least else NAN,
            status=_judge(actual, least) if known and least is not None else "unknown",
            note=" ".join(notes),
            district_code=code,
        )
