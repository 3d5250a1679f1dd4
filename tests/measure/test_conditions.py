"""Conditions of districts, the city and communes of the tiny province, read off by hand."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import tiny
import tiny_facts
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.measure import conditions as module
from ntmgis.measure.conditions import conditions
from ntmgis.programme.plan import Plan, VillageShare, load_plan
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import EPOCHS

CODES = list(tiny.CELLS)


def plan(**shares: float) -> Plan:
    """Plan 305 with village shares for the tiny districts: d901=0.57."""
    made = tuple(VillageShare("village_minority", code[1:], share) for code, share in shares.items())
    return replace(load_plan(), shares=made)


def judged(snapshot: Snapshot | None = None, the_plan: Plan | None = None, **communes: Any) -> pd.DataFrame:
    facts = tiny_facts.facts()
    made = conditions(
        snapshot or tiny.snapshot(), the_plan or plan(), facts.communes.assign(**communes), facts.villages
    )
    assert tuple(made.columns) == module.COLUMNS
    assert set(made["state"]) <= {"met", "not_met", "unknown"}
    assert made[["title", "title_en", "reason", "reason_en"]].map(bool).all(axis=None)
    assert not made.duplicated(["level", "code", "condition"]).any()
    return made.set_index(["code", "condition"])


def test_the_rule_of_a_district() -> None:
    made = judged()
    row = made.loc["901", "communes_ntm"]
    assert (row["state"], row["value"], row["need"]) == ("not_met", 0.75, 1.0)
    assert row["reason"] == "3/4 xã đạt chuẩn NTM, cần 4; thiếu 1 xã: Xã Ba."
    assert row["reason_en"] == "3 of 4 communes NTM, 4 needed; 1 commune missing: Xã Ba."
    row = made.loc["901", "communes_advanced"]
    assert (row["state"], row["value"]) == ("met", 0.5)
    assert made.loc["901", "townships"]["state"] == "met", "it has none"
    assert made.loc["901", "satisfaction"]["state"] == "unknown"
    row = made.loc["901", "ready"]
    assert row["state"] == "not_met"
    assert row["reason"] == (
        "Đã công nhận (12/QĐ-TTg). 2/5 điều kiện đạt; chưa đạt: 100% xã đạt chuẩn; chưa có số liệu: sự hài lòng của "
        "người dân, tiêu chí riêng của huyện."
    )
    # 902 has one commune, not reported, and one township, of which no data tell.
    row = made.loc["902", "communes_ntm"]
    assert (row["state"], row["reason"]) == (
        "unknown", "0/1 xã đạt chuẩn NTM, cần 1; chưa có số liệu 1 xã: Xã Năm.",
    )  # fmt: skip
    assert math.isnan(row["value"])
    assert made.loc["902", "townships"]["reason"] == "Chưa có số liệu: Thị trấn Sáu."
    assert made.loc["902", "ready"]["state"] == "unknown"
    assert made.loc["902", "ready"]["reason"].startswith("Chưa có số liệu về công nhận. 0/5 điều kiện đạt")
    assert (made["level"].loc[["901", "902"]] == "district").all()


def test_all_communes_ntm() -> None:
    made = judged(tier=["ntm", "ntm", "ntm", "model", "ntm", "not_applicable"])
    assert made.loc["901", "communes_ntm"]["state"] == "met"
    assert made.loc["901", "communes_ntm"]["reason"] == "4/4 xã đạt chuẩn NTM, cần 4; đủ."
    assert made.loc["902", "communes_ntm"]["state"] == "met"
    assert made.loc["902", "communes_advanced"]["state"] == "not_met"
    assert made.loc["902", "communes_advanced"]["reason"] == "0/1 xã đạt NTM nâng cao, cần 1; thiếu 1 xã: Xã Năm."


@pytest.mark.parametrize("named", [True, False])
def test_the_city_is_not_a_district(*, named: bool) -> None:
    snapshot = tiny.snapshot()
    names = snapshot.districts["name"].where(snapshot.districts["code"].ne("901"), "Thành phố Chín Một")
    the_plan = plan()
    if named:
        snapshot = tiny.snapshot(districts=snapshot.districts.assign(name=names))
    else:
        targets = tuple(replace(one, districts=("901",)) if one.level == "city" else one for one in the_plan.targets)
        the_plan = replace(the_plan, targets=targets)
    made = judged(snapshot, the_plan)
    city = made.loc["901"]
    assert list(city["level"]) == ["city"] * len(city)
    assert list(city.index) == ["communes_ntm", "rest", "ready", "village_minority"]
    assert city.loc["ready"]["title"] == "Đủ điều kiện hoàn thành nhiệm vụ nông thôn mới"
    assert city.loc["rest"]["state"] == "unknown"
    # Districts come first, then the city, then communes.
    levels = [level for level, _ in made.groupby("level", sort=False)]
    assert levels == ["district", "city", "commune"]


def test_recognition_of_a_district_kept() -> None:
    assert judged().loc["901", "kept"]["state"] == "unknown", "its own criteria are not known"
    assert ("902", "kept") not in judged().index, "not recognised: nothing to withdraw"
    snapshot = tiny.snapshot()
    once = snapshot.history.assign(tier="ntm")
    history = pd.concat([once[once["as_of"].eq(once["as_of"].min())], snapshot.history.iloc[4:]])
    row = judged(tiny.snapshot(history=history)).loc["901", "kept"]
    assert (row["state"], row["value"], row["need"]) == ("unknown", 0.25, 0.3)
    assert row["reason"].startswith("1/4 xã đã bị thu hồi (25%: Xã Ba), mức là 30%")
    row = judged(tiny.snapshot(history=history), tier=["not_yet", "advanced", "not_yet", "model", "ntm", "x"])
    assert row.loc["901", "kept"]["state"] == "not_met"


def villages(n: int, **flags: list[Any]) -> tuple[Snapshot, pd.DataFrame]:
    """`n` villages of commune 10003 in district 901, with ethnic_minority and minority_ntm as given."""
    snapshot = tiny.snapshot()
    one = snapshot.villages.iloc[[0]]
    made = gpd.GeoDataFrame(pd.concat([one] * n, ignore_index=True), crs=one.crs)
    made["code"], made["name"] = [f"v{k}" for k in range(n)], [f"Thôn {k}" for k in range(n)]
    made["commune_code"] = "10003"
    made["ethnic_minority"] = pd.array(flags["ethnic_minority"], dtype="boolean")
    told = pd.DataFrame(
        {
            "name": list(made["name"]),
            "commune_code": "10003",
            "model": pd.array([pd.NA] * n, dtype="boolean"),
            "minority_ntm": pd.array(flags["minority_ntm"], dtype="boolean"),
            "smart": pd.array([pd.NA] * n, dtype="boolean"),
        },
        index=pd.Index(made["code"]),
    )
    return tiny.snapshot(villages=made), told


def share(minority: list[Any], reached: list[Any], need: float = 0.57) -> pd.Series:
    snapshot, told = villages(len(minority), ethnic_minority=minority, minority_ntm=reached)
    made = conditions(snapshot, plan(d901=need), tiny_facts.facts().communes, told)
    return made.set_index(["code", "condition"]).loc["901", "village_minority"]


def test_the_share_of_villages_of_a_district() -> None:
    row = share([True] * 20 + [False] * 5, [True] * 11 + [False] * 9 + [True] * 5)
    assert (row["state"], row["value"], row["need"]) == ("not_met", 0.55, 0.57)
    assert row["title"].endswith("dân tộc thiểu số: ít nhất 57%")
    assert row["reason"] == ("11/20 thôn vùng đồng bào dân tộc thiểu số (55%), cần 57% là 12 thôn: thiếu 1 thôn.")
    assert share([True] * 20, [True] * 12 + [False] * 8)["state"] == "met"
    assert share([True] * 100, [True] * 57 + [False] * 43)["state"] == "met", "the limit is closed"
    assert share([True] * 100, [True] * 56 + [False] * 44)["state"] == "not_met"


def test_villages_not_told_of_leave_the_share_open_only_where_they_decide() -> None:
    assert share([True] * 4, [True, True, True, pd.NA], 0.5)["state"] == "met"
    assert share([True] * 4, [True, False, False, pd.NA], 0.6)["state"] == "not_met"
    row = share([True] * 4, [True, True, False, pd.NA], 0.6)
    assert row["state"] == "unknown"
    assert math.isnan(row["value"])
    assert row["reason"].startswith("Ít nhất 2/4 thôn vùng đồng bào dân tộc thiểu số; 1 thôn chưa có số liệu")
    assert share([True, True, pd.NA], [True, True, False], 0.6)["state"] == "met"
    assert share([True, True, pd.NA], [True, True, False], 0.7)["state"] == "unknown"
    assert share([False, False], [True, True])["state"] == "unknown", "no village to count"


FLAG = st.sampled_from([True, False, None])


@given(
    pairs=st.lists(st.tuples(FLAG, FLAG, st.booleans(), st.booleans()), min_size=1, max_size=6),
    need=st.sampled_from([Fraction(1, 2), Fraction(57, 100), Fraction(3, 5), Fraction(1)]),
)
def test_a_village_told_later_never_turns_a_definite_state(
    pairs: list[tuple[bool | None, bool | None, bool, bool]], need: Fraction
) -> None:
    def state(minority: list[bool | None], reached: list[bool | None]) -> str:
        columns = [pd.Series(pd.array(one, dtype="boolean")) for one in (minority, reached)]
        return module._villages(*columns, need).state

    before = state([a for a, *_ in pairs], [b for _, b, *_ in pairs])
    after = state([c if a is None else a for a, _, c, _ in pairs], [d if b is None else b for _, b, _, d in pairs])
    assert before in {"unknown", after}
    counted = [d if b is None else b for a, b, c, d in pairs if (c if a is None else a)]
    if counted:
        assert after == ("met" if Fraction(sum(counted), len(counted)) >= need else "not_met")


def test_no_target_is_no_target() -> None:
    row = judged(the_plan=plan(d902=0.5)).loc["901", "village_minority"]
    assert row["state"] == "unknown"
    assert math.isnan(row["need"])
    assert row["reason"].startswith("Kế hoạch không nêu chỉ tiêu cho đơn vị này; ")
    assert "ít nhất" not in row["title"]


def test_a_model_village_in_each_recognised_commune() -> None:
    made = judged()
    rows = made[made.index.get_level_values("condition") == "village_model"]
    assert [code for code, _ in rows.index] == ["10001", "10002", "10004"], "only those recognised"
    assert rows.loc["10001"]["state"].item() == "met"
    assert rows.loc["10001"]["reason"].item() == "1/1 thôn kiểu mẫu (Thôn 1), cần 1."
    assert rows.loc["10002"]["state"].item() == "unknown"
    facts = tiny_facts.facts()
    none = facts.villages.assign(model=pd.array([False] * 6, dtype="boolean"))
    told = conditions(tiny.snapshot(), plan(), facts.communes, none).set_index(["code", "condition"])
    assert told.loc["10001", "village_model"]["state"] == "not_met"
    assert told.loc["10001", "village_model"]["reason"] == "0/1 thôn kiểu mẫu, cần 1: thiếu 1 thôn."
    told = conditions(tiny.snapshot(), plan(), facts.communes, none.iloc[1:]).set_index(["code", "condition"])
    assert told.loc["10001", "village_model"]["reason"] == "Chưa có danh sách thôn của xã."


def test_the_conditions_of_the_model_tier() -> None:
    made = judged()
    assert list(made.loc["10002"].index) == ["village_model", "model_income", "model_smart_village", "model_field"]
    assert list(made.loc["10001"].index) == ["village_model"]
    assert made.loc["10002", "model_income"]["state"] == "unknown"
    facts = tiny_facts.facts()
    smart = facts.villages.assign(smart=pd.array([True] * 6, dtype="boolean"))
    told = conditions(tiny.snapshot(), plan(), facts.communes, smart).set_index(["code", "condition"])
    assert told.loc["10002", "model_smart_village"]["state"] == "met"


def test_after_the_merger_there_are_no_districts_and_the_plan_does_not_hold() -> None:
    snapshot = tiny.snapshot()
    facts = tiny_facts.facts()
    new = replace(snapshot, epoch=EPOCHS[1], districts=snapshot.districts.iloc[:0])
    made = conditions(new, plan(), facts.communes.assign(district_code=None), facts.villages)
    assert set(made["level"]) == {"commune"}
    assert "village_model" not in set(made["condition"])
    nothing = conditions(new, plan(), facts.communes.iloc[:0], facts.villages.iloc[:0])
    assert list(nothing.columns) == list(module.COLUMNS)
    assert nothing.empty
