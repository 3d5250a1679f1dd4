"""Review packs of the tiny province: a plan that names its districts, and days to compare."""

import dataclasses
from datetime import date
from typing import Any

import pandas as pd
import tiny

from ntmgis.measure.compute import compute_facts
from ntmgis.measure.facts import Facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import Plan, VillageShare, load_plan
from ntmgis.show.review import Pack, content_of
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

LIMITS = {"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0}
EARLIER = date(2024, 12, 31)
SNAPSHOT = tiny.snapshot(sample=True)


def plan() -> Plan:
    """Plan 305 with the districts of the tiny province: 901 with a village share of one half, 902 without any."""
    own = load_plan()
    targets = tuple(
        dataclasses.replace(target, districts=("901", "902"), value=2, carried_over=())
        if target.id == "district_ntm"
        else target
        for target in own.targets
        if target.id != "city_completed"
    )
    names = {"901": "huyện Chín Một", "902": "huyện Chín Hai"}
    return dataclasses.replace(
        own, districts=names, targets=targets, shares=(VillageShare("village_minority", "901", 0.5),)
    )


def earlier(tiers: dict[str, str], **more: Any) -> Snapshot:
    """The tiny province at the end of 2024."""
    day = pd.Timestamp(EARLIER)
    status = pd.DataFrame({"code": list(tiers), "tier": list(tiers.values())}).assign(
        as_of=day, source="status", standard_year=pd.NA, decision=None, decision_date=pd.NaT, criteria_set="2021-2025"
    )
    return dataclasses.replace(
        SNAPSHOT, as_of=EARLIER, commune_status=status.astype({"standard_year": "Int64"}), **more
    )


@dataclasses.dataclass(frozen=True)
class Case:
    snapshot: Snapshot
    facts: Facts
    monitoring: Monitoring
    before: Snapshot | None
    pack: Pack


def case(
    snapshot: Snapshot = SNAPSHOT,
    before: Snapshot | None = None,
    known: Snapshot | None = None,
    own: Plan | None = None,
) -> Case:
    own = own or plan()
    facts = compute_facts(snapshot, own, limits=LIMITS)
    monitoring = compute_monitoring(snapshot, facts, own, before=before, before_known=known)
    pack = content_of(snapshot, facts, monitoring, own, before=before, agency="Phòng Thử", known=known is not None)
    return Case(snapshot, facts, monitoring, before, pack)


# 10003 was a model commune and is none now; 10001 has come up; 10002 and 10004 are as they were.
BEFORE = {"10001": "not_yet", "10002": "advanced", "10003": "model", "10004": "model"}


def compared() -> Case:
    return case(before=earlier(BEFORE))


def lost(numbers: tuple[int, ...], code: str = "10001") -> Snapshot:
    """The tiny province with criteria that a recognised commune no longer meets."""
    criteria = SNAPSHOT.criteria.copy()
    rows = criteria["code"].eq(code) & criteria["criterion"].isin(numbers)
    criteria.loc[rows, "state"] = "not_met"
    return dataclasses.replace(SNAPSHOT, criteria=criteria)


def silent() -> Snapshot:
    """Nothing reported at all."""
    return dataclasses.replace(
        SNAPSHOT,
        commune_status=SNAPSHOT.commune_status.iloc[:0],
        criteria=SNAPSHOT.criteria.iloc[:0],
        village_status=SNAPSHOT.village_status.iloc[:0],
        district_status=SNAPSHOT.district_status.iloc[:0],
        history=SNAPSHOT.history.iloc[:0],
    )


def merged() -> tuple[Snapshot, Snapshot]:
    """A day on new units of one name each, and the day before on the old ones."""
    units = SNAPSHOT.communes.copy()
    new = units[units["code"].isin(["10001", "10003"])].dissolve()
    new = new.assign(code="20001", name="Xã Mới", district_code=None, district=None, rural=True, kind="xã")
    change = pd.DataFrame(
        {
            "old_code": ["10001", "10003"],
            "new_code": ["20001", "20001"],
            "date": pd.Timestamp(2025, 7, 1),
            "share_area": 1.0,
            "share_households": 1.0,
            "basis": "Nghị quyết 1677",
        }
    )
    day = date(2025, 12, 31)
    empty = silent()
    now = dataclasses.replace(
        empty,
        as_of=day,
        epoch=epoch_on(day),
        communes=new[units.columns],
        districts=SNAPSHOT.districts.iloc[:0],
        villages=SNAPSHOT.villages.iloc[:0],
        unit_change=change,
        layers={},
        addresses=SNAPSHOT.addresses.iloc[:0],
    )
    return now, SNAPSHOT
