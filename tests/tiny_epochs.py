"""The tiny province after a merger, with a code used again, and a review of it before: all by hand.

Old (tiny): 10001 ... 10006. New: 10003 "Xã Mới" = old 10001 + 10002 (the code 10003 meant "Xã Ba" before),
20002 "Xã Ba Bốn" = old 10003 + 10004, 20003 "Phường Sáu" = old 10005 + 10006.
"""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import tiny
import tiny_facts

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

DAY = date(2025, 12, 31)
NEW = {
    "10003": ("Xã Mới", "xã", ("10001", "10002")),
    "20002": ("Xã Ba Bốn", "xã", ("10003", "10004")),
    "20003": ("Phường Sáu", "phường", ("10005", "10006")),
}


def later() -> tuple[Snapshot, Facts]:
    """Half a year after the merger: Xã Mới reported as NTM, Xã Ba Bốn did not report."""
    old = tiny.communes().set_index("code")
    rows = [
        {
            "code": code,
            "name": name,
            "kind": kind,
            "rural": kind == "xã",
            "district_code": None,
            "district": None,
            "declared_km2": 200.0,
            "geometry": old.loc[list(parts)].geometry.union_all(),
        }
        for code, (name, kind, parts) in NEW.items()
    ]
    units = gpd.GeoDataFrame(rows, crs=old.crs)
    status = pd.DataFrame(
        {
            "code": ["10003"],
            "tier": ["ntm"],
            "as_of": [pd.Timestamp(DAY)],
            "standard_year": pd.array([2025], dtype="Int64"),
            "decision": [None],
            "decision_date": [pd.NaT],
            "criteria_set": ["2021-2025"],
            "source": ["status"],
        }
    )
    villages = tiny.snapshot().villages
    villages = villages.assign(
        commune_code=[
            next(new for new, (_, _, parts) in NEW.items() if one in parts) for one in villages["commune_code"]
        ]
    )
    changes = pd.DataFrame(
        [
            {"old_code": part, "new_code": code, "share_area": 1.0, "share_households": 1.0, "basis": "NQ"}
            for code, (_, _, parts) in NEW.items()
            for part in parts
        ]
    )
    base = tiny.snapshot()
    snapshot = tiny.snapshot(
        as_of=DAY,
        epoch=epoch_on(DAY),
        communes=units,
        districts=base.districts.iloc[:0],
        district_status=base.district_status.iloc[:0],
        villages=villages,
        commune_status=status,
        criteria=base.criteria.iloc[:0],
        village_status=base.village_status.iloc[:0],
        history=pd.DataFrame({"as_of": [pd.Timestamp(DAY)], "code": ["10003"], "tier": ["ntm"]}),
        unit_change=changes,
        province_name="Khu vực Tí Hon, tỉnh Lớn",
    )
    return snapshot, _facts(snapshot)


def _facts(snapshot: Snapshot) -> Facts:
    base = tiny_facts.facts()
    tiers = {"10003": "ntm", "20002": "not_reported", "20003": "not_applicable"}
    units = snapshot.communes.set_index("code")
    communes = pd.DataFrame(
        {
            "name": units["name"],
            "kind": units["kind"],
            "district_code": None,
            "district": None,
            "tier": pd.Series(tiers),
            "standard_year": pd.array([2025, pd.NA, pd.NA], dtype="Int64"),
            "decision": None,
            "decision_date": pd.NaT,
            "status_as_of": [pd.Timestamp(DAY), pd.NaT, pd.NaT],
            "criteria_met": pd.array([pd.NA] * 3, dtype="Int64"),
            "criteria_known": pd.array([0] * 3, dtype="Int64"),
            "composition": None,
            "area_km2": 200.0,
            "population": float("nan"),
        },
        index=units.index,
    ).join(pd.DataFrame.from_dict(dict.fromkeys(NEW, tiny_facts.MEASURES["10002"]), orient="index"))
    counts = {state: list(tiers.values()).count(state) for state in TIER_STATES}
    made: dict[str, Any] = {name: getattr(base, name) for name in ("villages", "province", "limits")}
    return Facts(
        **made,
        communes=communes,
        districts=base.districts.iloc[:0],
        tiers=counts,
        roads=base.roads.iloc[:0],
        plan=base.plan.iloc[:0],
    )


def monitoring() -> Monitoring:
    """A review of the province before the merger: Xã Một at risk, Xã Ba seven criteria short of NTM."""
    tiers = tiny_facts.facts().communes["tier"]
    short = tuple(range(13, 20))
    standing = pd.DataFrame(
        {
            "tier": tiers,
            "meets_now": pd.array([True, True, False, True, pd.NA, pd.NA], dtype="boolean"),
            "missing": [(), (), short, (), (), ()],
            "unknown": [(), (), (), (), (), ()],
            "risk": ["at_risk", "none", "not_applicable", "none", "unknown", "not_applicable"],
            "risk_share": [0.2, 0.0, float("nan"), 0.0, float("nan"), float("nan")],
            "reason": ["Không còn đạt 4 tiêu chí", None, "Còn thiếu 7 tiêu chí", None, None, None],
            "reason_en": ["4 criteria no longer met", None, "7 criteria missing", None, None, None],
        },
        index=tiers.index,
    )
    candidates = pd.DataFrame(
        {
            "code": ["10001", "10003"],
            "name": ["Xã Một", "Xã Ba"],
            "district": ["Huyện Chín Một"] * 2,
            "to_tier": ["advanced", "ntm"],
            "missing": [(), short],
            "missing_count": [0, 7],
            "unknown_count": [3, 0],
            "unlocks": ["", "Chỉ tiêu xã đạt chuẩn"],
            "unlocks_en": ["", "Target of NTM communes"],
        }
    )
    targets = tiny_facts.facts().plan.assign(
        on_track=pd.array([False, pd.NA], dtype="boolean"),
        grown=[3.0, float("nan")],
        needed=[8.0, float("nan")],
        expected=[4.0, float("nan")],
        per_quarter=[2.5, float("nan")],
        deadline=pd.Timestamp(2025, 12, 31),
        rule="Đúng tiến độ khi không thấp hơn đường thẳng.",
        rule_en="On track when not below a straight line.",
    )
    changes = pd.DataFrame(
        {
            "level": ["commune"],
            "code": ["10001"],
            "kind": ["newly_recognised"],
            "decision": ["12/QĐ-UBND"],
            "decision_date": [pd.Timestamp(2025, 2, 14)],
            "reason": [None],
            "reason_en": [None],
        }
    )
    empty = pd.DataFrame()
    return Monitoring(
        as_of=tiny.AS_OF,
        since=date(2024, 12, 31),
        standing=standing,
        conditions=empty,
        changes=changes,
        criteria_changes=empty,
        targets=targets,
        candidates=candidates,
        trend=empty,
    )
