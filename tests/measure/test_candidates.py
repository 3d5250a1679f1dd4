"""Who is next: order, what is missing in words, and which target or district a step would complete."""

import dataclasses
from typing import Any

import pandas as pd
import tiny
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.measure.candidates import CANDIDATE_COLUMNS, candidates
from ntmgis.programme.plan import Plan, Target, load_plan
from ntmgis.programme.tiers import TIERS

NTM = Target("ntm", "commune", "ntm", "increment", "xã đạt chuẩn", "communes", "xã", value=4)
ADVANCED = Target("adv", "commune", "advanced", "increment", "xã nâng cao", "communes", "xã", value=2)
DISTRICT = Target("d", "district", "ntm", "named", "huyện NTM", "districts", "huyện", value=1, districts=("901",))


def plan(*every: Target) -> Plan:
    names = {"901": "huyện Chín Một", "902": "huyện Chín Hai"}
    return dataclasses.replace(load_plan(), targets=every, shares=(), inconsistencies=(), districts=names)


def communes(tiers: dict[str, str]) -> pd.DataFrame:
    rows = {
        code: {"name": name, "kind": kind, "district_code": district, "district": tiny.DISTRICTS[district]}
        for code, (_, _, name, kind, district) in tiny.CELLS.items()
    }
    made = pd.DataFrame.from_dict(rows, orient="index")
    made["tier"] = [tiers.get(code, "not_applicable" if code == "10006" else "not_reported") for code in made.index]
    return made


def standing(told: dict[str, dict[str, Any]]) -> pd.DataFrame:
    blank = {"missing": (), "unknown": (), "meets_now": pd.NA, "criteria_set": "2021-2025"}
    rows = [{**blank, **told.get(code, {})} for code in tiny.CELLS]
    return pd.DataFrame(rows, index=pd.Index(tiny.CELLS)).astype({"meets_now": "boolean"})


def targets(asked: Plan, pace: str = "behind", **more: Any) -> pd.DataFrame:
    rows = [{"id": one.id, "pace": pace, "actual": 1.0, "need": 4.0, "remaining": 3.0, **more} for one in asked.targets]
    return pd.DataFrame(rows)


def made(tiers: dict[str, str], told: dict[str, dict[str, Any]], asked: Plan, **more: Any) -> pd.DataFrame:
    return candidates(communes(tiers), standing(told), targets(asked, **more), asked)


def test_the_nearest_first() -> None:
    tiers = {"10001": "not_yet", "10002": "not_yet", "10003": "not_yet", "10004": "not_yet", "10005": "ntm"}
    told = {
        "10001": {"missing": (2, 10), "meets_now": False},
        "10002": {"missing": (10,), "unknown": (3,), "meets_now": False},
        "10003": {"meets_now": True},
        "10005": {"meets_now": True},
    }
    found = made(tiers, told, plan(NTM))
    assert found["code"].tolist() == ["10003", "10002", "10001", "10004", "10005"]
    assert found["to_tier"].tolist() == ["ntm"] * 4 + ["advanced"]
    assert found["missing_count"].tolist() == [0, 1, 2, pd.NA, 0]
    assert found["unknown_count"].tolist() == [0, 1, 0, pd.NA, pd.NA]
    assert found.loc[0, "reason"] == "đạt đủ tiêu chí, chờ quyết định công nhận"
    assert found.loc[1, "reason"] == (
        "thiếu 1 tiêu chí: 10 Thu nhập; chưa rõ 1 tiêu chí: 3 Thủy lợi và phòng, chống thiên tai"
    )
    assert found.loc[3, "reason"] == "chưa có số liệu tiêu chí"
    assert "chưa có số liệu theo bộ tiêu chí của bậc kế tiếp" in found.loc[4, "reason"]


def test_communes_that_did_not_report_or_are_at_the_top_are_no_candidates() -> None:
    found = made({"10001": "model", "10002": "not_yet"}, {}, plan(NTM))
    assert found["code"].tolist() == ["10002"]


def test_the_last_commune_of_a_district_comes_before_its_equals() -> None:
    """10001 to 10004 are district 901, 10005 is in 902, which the plan does not name."""
    tiers = {"10001": "ntm", "10002": "advanced", "10003": "ntm", "10004": "not_yet", "10005": "not_yet"}
    one_missing = {"missing": (10,), "meets_now": False}
    found = made(tiers, {"10004": one_missing, "10005": one_missing}, plan(NTM, DISTRICT))
    first = found.iloc[0]
    assert first["code"] == "10004"
    assert first["targets"] == ("ntm", "d")
    assert first["unlocks"] == (
        "chỉ tiêu thêm 4 xã đạt chuẩn NTM (còn 3); đủ số xã đạt chuẩn NTM cho huyện Chín Một (huyện NTM)"
    )
    assert "the last of the NTM communes that huyện Chín Một needs" in first["unlocks_en"]
    assert found.iloc[1]["targets"] == ("ntm",)


def test_a_district_that_lacks_more_says_how_many() -> None:
    tiers = {"10001": "ntm", "10002": "ntm", "10003": "not_yet", "10004": "not_yet"}
    found = made(tiers, {}, plan(DISTRICT)).set_index("code")["unlocks"]
    assert found["10003"] == "một trong 2 xã đạt chuẩn NTM mà huyện Chín Một còn thiếu (huyện NTM)"
    # ten per cent of four communes is one advanced commune
    assert found["10001"] == "đủ số xã NTM nâng cao cho huyện Chín Một (huyện NTM)"


def test_what_is_reached_or_not_measured_unlocks_nothing() -> None:
    tiers = {"10003": "not_yet", "10001": "ntm"}
    asked = plan(NTM, ADVANCED)
    assert set(made(tiers, {}, asked, pace="reached")["unlocks"]) == {""}
    nothing = {"actual": float("nan"), "need": float("nan"), "remaining": float("nan")}
    assert set(made(tiers, {}, asked, pace="unknown", **nothing)["unlocks"]) == {""}


def test_no_candidates() -> None:
    found = made({}, {}, plan(NTM))
    assert tuple(found.columns) == CANDIDATE_COLUMNS
    assert found.empty


@given(st.dictionaries(st.sampled_from([code for code in tiny.CELLS if code != "10006"]), st.sampled_from(TIERS)))
def test_every_commune_below_the_top_has_one_row(tiers: dict[str, str]) -> None:
    found = made(tiers, {}, plan(NTM, ADVANCED, DISTRICT))
    assert sorted(found["code"]) == sorted(code for code, tier in tiers.items() if tier != "model")
    step = [TIERS.index(tier) for tier in found["to_tier"]]
    assert step == sorted(step)
