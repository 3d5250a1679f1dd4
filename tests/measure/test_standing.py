"""Standing of the tiny province, read off by hand, and what must be said where the data leave something open."""

import math
from typing import Any

import pandas as pd
import pytest
import tiny
import tiny_facts

from ntmgis.measure import standing as module
from ntmgis.measure.monitoring import RISKS
from ntmgis.measure.standing import standing
from ntmgis.programme.tiers import TIER_STATES
from ntmgis.store.snapshot import Snapshot


def criteria(states: dict[str, dict[int, str]]) -> pd.DataFrame:
    rows = [
        {"code": code, "criterion": no, "state": state, "as_of": pd.Timestamp(2025, 6, 30), "source": "status"}
        for code, own in states.items()
        for no, state in own.items()
    ]
    return pd.DataFrame(rows, columns=["code", "criterion", "state", "as_of", "source"])


def states_of(*missing: int, of: int = 19, unknown: tuple[int, ...] = ()) -> dict[int, str]:
    return {no: "not_met" if no in missing else "met" for no in range(1, of + 1) if no not in unknown}


def told(snapshot: Snapshot) -> pd.DataFrame:
    return standing(snapshot, tiny_facts.facts().communes)


def with_status(**changes: Any) -> pd.DataFrame:
    return tiny.snapshot().commune_status.assign(**changes)


def test_the_tiny_province() -> None:
    made = told(tiny.snapshot())
    assert tuple(made.columns) == module.COLUMNS
    assert list(made.index) == list(tiny.CELLS)
    assert made["tier"].to_dict() == {**tiny.TIERS, "10005": "not_reported", "10006": "not_applicable"}
    assert [None if pd.isna(one) else bool(one) for one in made["meets_now"]] == [True, True, False, True, None, None]
    assert made.loc["10003", "missing"] == tuple(range(13, 20))
    assert made.loc["10005", "unknown"] == tuple(range(1, 20))
    assert list(made["risk"]) == ["none", "none", "not_applicable", "none", "unknown", "not_applicable"]
    assert set(made["risk"]) <= set(RISKS)
    assert set(made["tier"]) <= set(TIER_STATES)
    assert made.loc["10001", "reason"] == (
        "Công nhận đạt chuẩn NTM, năm đạt chuẩn 2024 (Quyết định 12/QĐ-UBND ngày 14/02/2025). Hiện đạt 19/19 tiêu chí "
        "(bộ 2021-2025)."
    )
    assert made.loc["10003", "reason"].startswith(
        "Chưa được công nhận. Hiện đạt 12/19 tiêu chí (bộ 2021-2025); thiếu tiêu chí 13 Tổ chức sản xuất"
    )
    assert made["reason"].str.len().gt(0).all()
    assert made["reason_en"].str.len().gt(0).all()
    assert str(made["meets_now"].dtype) == "boolean"
    assert made["decision"].isna().sum() == 3
    assert made.loc["10005", "decision"] is None


def test_recognised_and_meets_now_are_two_facts() -> None:
    snapshot = tiny.snapshot(criteria=criteria({"10001": states_of(1, 2, 3, 4, 10, 17), "10003": states_of()}))
    made = told(snapshot)
    assert made.loc["10001", "tier"] == "ntm"
    assert not made.loc["10001", "meets_now"]
    assert made.loc["10001", "risk"] == "withdrawable"
    assert made.loc["10001", "risk_share"] == pytest.approx(6 / 19)
    assert "10 Thu nhập, 17 Môi trường" in made.loc["10001", "reason"]
    assert made.loc["10003", "tier"] == "not_yet"
    assert made.loc["10003", "meets_now"]
    assert made.loc["10003", "risk"] == "not_applicable"
    assert "19/19 tiêu chí (bộ 2021-2025), nhưng chưa có quyết định công nhận" in made.loc["10003", "reason"]
    # 10002 and 10004 are recognised and nothing is known of their criteria.
    assert made.loc["10002", "risk"] == "unknown"
    assert math.isnan(made.loc["10002", "risk_share"])
    assert pd.isna(made.loc["10002", "meets_now"])
    assert "Chưa có số liệu tiêu chí (bộ 2021-2025)." in made.loc["10002", "reason"]


def test_an_unknown_criterion_keeps_the_share_open_not_the_answer() -> None:
    snapshot = tiny.snapshot(
        criteria=criteria({"10001": states_of(unknown=(10, 17)), "10002": states_of(1, 2, 3, 4, 5, 10, unknown=(6,))})
    )
    made = told(snapshot)
    assert made.loc["10001", "risk"] == "none"
    assert pd.isna(made.loc["10001", "meets_now"])
    assert "chưa có số liệu tiêu chí 10 Thu nhập, 17 Môi trường và an toàn thực phẩm" in made.loc["10001", "reason"]
    assert made.loc["10002", "risk"] == "withdrawable"
    assert math.isnan(made.loc["10002", "risk_share"])
    assert not made.loc["10002", "meets_now"]


def test_a_commune_recognised_by_an_older_set_is_said_to_be() -> None:
    snapshot = tiny.snapshot(
        commune_status=with_status(standard_year=pd.array([2018, 2022, pd.NA, 2024], dtype="Int64")),
        criteria=criteria({"10001": states_of(10), "10002": states_of(10)}),
    )
    made = told(snapshot)
    assert "hai bộ khác nhau, không hẳn là giảm" in made.loc["10001", "reason"]
    assert "two sets, not necessarily a fall" in made.loc["10001", "reason_en"]
    assert "hai bộ" not in made.loc["10002", "reason"]


def test_the_new_set_has_ten_criteria() -> None:
    snapshot = tiny.snapshot(
        commune_status=with_status(criteria_set=["2026-2030", "2026-2030", "2016-2020", "2026-2030"]),
        criteria=criteria({"10001": states_of(of=10), "10002": states_of(8, of=12), "10003": states_of(4)}),
    )
    made = told(snapshot)
    assert made.loc["10001", "meets_now"]
    assert made.loc["10001", "risk"] == "unknown", "no rule of withdrawal of this set is known"
    assert "Chưa có quy định thu hồi" in made.loc["10001", "reason"]
    assert made.loc["10002", "missing"] == (8,)
    assert "thiếu tiêu chí 8 Môi trường, cảnh quan" in made.loc["10002", "reason"]
    assert "Bộ 2026-2030 chỉ có 10 tiêu chí; bỏ qua số liệu của tiêu chí 11, 12." in made.loc["10002", "reason"]
    # Names of the set of 2016-2020 are not known: numbers only.
    assert "thiếu tiêu chí 4." in made.loc["10003", "reason"]
    assert list(made["criteria_set"])[:4] == ["2026-2030", "2026-2030", "2016-2020", "2026-2030"]


def test_a_set_that_is_not_stated_is_told_from_the_day_and_said_so() -> None:
    made = told(tiny.snapshot(commune_status=with_status(criteria_set=None)))
    assert made.loc["10003", "criteria_set"] is None
    assert made.loc["10003", "missing"] == tuple(range(13, 20))
    assert "Số liệu không ghi bộ tiêu chí" in made.loc["10003", "reason"]


def test_criteria_may_be_known_where_recognition_is_not() -> None:
    made = told(tiny.snapshot(criteria=criteria({"10005": states_of(3), "10006": states_of(3)})))
    assert made.loc["10005", "tier"] == "not_reported"
    assert made.loc["10005", "missing"] == (3,)
    assert not made.loc["10005", "meets_now"]
    assert made.loc["10005", "risk"] == "unknown", "not known whether there is a recognition to lose"
    assert made.loc["10005", "reason"].startswith("Chưa có số liệu về công nhận. Hiện đạt 18/19 tiêu chí")
    assert made.loc["10006", "missing"] == (), "a township is not assessed"


def test_nothing_reported_at_all() -> None:
    empty = tiny.snapshot()
    snapshot = tiny.snapshot(commune_status=empty.commune_status.iloc[:0], criteria=empty.criteria.iloc[:0])
    communes = tiny_facts.facts().communes
    communes["tier"] = communes["tier"].where(communes["tier"].eq("not_applicable"), "not_reported")
    made = standing(snapshot, communes)
    assert list(made["risk"]) == ["unknown"] * 5 + ["not_applicable"]
    assert made["meets_now"].isna().all()


def test_the_order_of_rows_does_not_matter() -> None:
    snapshot = tiny.snapshot()
    mixed = tiny.snapshot(
        criteria=snapshot.criteria.sample(frac=1, random_state=1),
        commune_status=snapshot.commune_status.iloc[::-1],
    )
    pd.testing.assert_frame_equal(told(snapshot), told(mixed))
