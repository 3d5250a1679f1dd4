"""Targets by date: the straight line by hand, and nothing judged that is not known."""

import dataclasses
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.measure.progress import baseline_day, progress
from ntmgis.measure.status import commune_states
from ntmgis.measure.targets import RULE, quarters_left, targets
from ntmgis.programme.plan import Plan, Target, VillageShare, load_plan
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import EPOCHS

BASE = tiny.snapshot()
NTM = Target("ntm", "commune", "ntm", "increment", "xã đạt chuẩn", "communes", "xã", value=4)


def plan(*every: Target, shares: tuple[VillageShare, ...] = ()) -> Plan:
    return dataclasses.replace(
        load_plan(),
        targets=every,
        shares=shares,
        inconsistencies=(),
        districts={"901": "huyện Chín Một", "902": "huyện Chín Hai"},
    )


def history(days: dict[str, int]) -> pd.DataFrame:
    """So many of the five communes NTM on each day."""
    codes = [code for code in tiny.CELLS if code != "10006"]
    rows = [
        {"as_of": pd.Timestamp(day), "code": code, "tier": "ntm" if place < count else "not_yet"}
        for day, count in days.items()
        for place, code in enumerate(codes)
    ]
    return pd.DataFrame(rows)


def snapshot(days: dict[str, int], **changes: Any) -> Snapshot:
    """The tiny province on the last of the days."""
    last = max(days)
    told = history({last: days[last]}).assign(
        standard_year=pd.array([pd.NA] * 5, dtype="Int64"),
        decision=None,
        decision_date=pd.NaT,
        criteria_set="2021-2025",
        source="status",
    )
    made = {"as_of": date.fromisoformat(last), "history": history(days), "commune_status": told}
    return dataclasses.replace(BASE, **{**made, **changes})


def judged(shot: Snapshot, asked: Plan, **more: Any) -> pd.DataFrame:
    return targets(shot, progress(shot, asked, commune_states(shot)), asked, **more)


@pytest.mark.parametrize(
    ("now", "pace"),
    [(1, "behind"), (2, "behind"), (3, "on_track"), (5, "reached")],
    ids=["none added", "one of 1.98", "two of 1.98", "four of four"],
)
def test_growth_so_far_against_growth_needed(now: int, pace: str) -> None:
    """Four more from 31 December 2024: the line stands at 4 * 181 / 365 = 1.98 on 30 June."""
    row = judged(snapshot({"2024-12-31": 1, "2025-06-30": now}), plan(NTM)).iloc[0]
    assert row["pace"] == pace
    assert row["on_track"] == (pace != "behind")
    assert row["expected"] == pytest.approx(4 * 181 / 365)
    assert (row["stock"], row["grown"], row["needed"], row["remaining"]) == (1, now - 1, 4, 5 - now)
    assert (row["quarters_left"], row["per_quarter"]) == (2, (5 - now) / 2)
    assert row["baseline_as_of"] == pd.Timestamp(2024, 12, 31)
    assert row["deadline"] == pd.Timestamp(2025, 12, 31)


def test_the_rule_is_said_with_its_numbers() -> None:
    row = judged(snapshot({"2024-12-31": 1, "2025-06-30": 3}), plan(NTM)).iloc[0]
    assert row["rule"] == (
        "Gốc 31/12/2024: 1 xã; cần thêm 4, hạn 31/12/2025. Theo đường thẳng, đến 30/06/2025 phải thêm 2,0; "
        "thực tế thêm 2. Đúng tiến độ. Còn 2 xã trong 2 quý: mỗi quý 1."
    )
    assert "On the straight line 2.0 by 2025-06-30; in fact 2. On track." in row["rule_en"]
    assert "chỉ là quy ước" in RULE.vi
    assert "yearly decision" in RULE.en


@pytest.mark.parametrize(
    ("aim", "vi", "en"),
    [
        (3, "Còn 1 xã trong 2 quý.", "Left: 1 commune in 2 quarters."),
        (5, "Còn 3 xã trong 2 quý: mỗi quý 1 đến 2.", "Left: 3 communes in 2 quarters, 1 to 2 in each."),
        (6, "Còn 4 xã trong 2 quý: mỗi quý 2.", "Left: 4 communes in 2 quarters, 2 in each."),
    ],
)
def test_no_quarter_is_asked_for_half_a_commune(aim: int, vi: str, en: str) -> None:
    asked = dataclasses.replace(NTM, value=aim)
    row = judged(snapshot({"2024-12-31": 1, "2025-06-30": 3}), plan(asked)).iloc[0]
    assert row["rule"].endswith(vi)
    assert row["rule_en"].endswith(en)


def test_in_the_last_quarter_only_what_is_left_is_said() -> None:
    row = judged(snapshot({"2024-12-31": 1, "2025-11-30": 2}), plan(NTM)).iloc[0]
    assert row["rule"].endswith("Còn 3 xã trong 1 quý.")
    assert row["rule_en"].endswith("Left: 3 communes in 1 quarter.")


def test_no_baseline_no_verdict() -> None:
    row = judged(snapshot({"2023-12-31": 1, "2025-06-30": 3}), plan(NTM)).iloc[0]
    assert (row["pace"], row["on_track"] is pd.NA, pd.isna(row["stock"])) == ("unknown", True, True)
    assert "Không rõ số gốc" in row["rule"]
    assert pd.isna(row["baseline_as_of"])


def test_nothing_reported_since_the_baseline_is_not_on_track() -> None:
    shot = snapshot({"2024-12-31": 1, "2025-02-28": 1})
    stale = shot.commune_status.assign(as_of=pd.Timestamp(2024, 12, 31))
    row = judged(dataclasses.replace(shot, commune_status=stale), plan(NTM)).iloc[0]
    assert row["pace"] == "unknown"
    assert "chưa có số liệu sau mốc gốc" in row["rule"]
    assert row["quarters_left"] == 4


def test_the_line_stands_where_the_data_stand() -> None:
    """Seen in November, the figures are of June: they are held against the line of June."""
    shot = snapshot({"2024-12-31": 1, "2025-11-15": 3})
    old = shot.commune_status.assign(as_of=pd.Timestamp(2025, 6, 30))
    row = judged(dataclasses.replace(shot, commune_status=old), plan(NTM)).iloc[0]
    assert row["expected"] == pytest.approx(4 * 181 / 365)
    assert row["data_as_of"] == pd.Timestamp(2025, 6, 30)
    assert row["quarters_left"] == 1


def test_after_the_deadline_it_is_reached_or_missed() -> None:
    for now, pace in ((4, "missed"), (5, "reached")):
        shot = dataclasses.replace(snapshot({"2024-12-31": 1, "2025-12-31": now}), epoch=EPOCHS[0])
        row = judged(shot, plan(NTM)).iloc[0]
        assert (row["pace"], row["quarters_left"]) == (pace, 0)
        assert pd.isna(row["per_quarter"])


def test_a_stated_baseline_goes_before_the_data() -> None:
    stated = dataclasses.replace(NTM, baseline=2, baseline_on=date(2024, 12, 1), baseline_basis="Báo cáo 1")
    row = judged(snapshot({"2025-06-30": 3}), plan(stated)).iloc[0]
    assert (row["stock"], row["grown"]) == (2, 1)
    assert row["baseline_as_of"] == pd.Timestamp(2024, 12, 1)
    assert row["expected"] == pytest.approx(4 * 211 / 395)
    assert "Số gốc ghi trong kế hoạch: 2 xã" in row["note"]


def test_what_was_not_reported_leaves_it_open() -> None:
    """Two of five communes did not report: one more or less decides."""
    shot = snapshot({"2024-12-31": 1, "2025-06-30": 2})
    silent = shot.commune_status[~shot.commune_status["code"].isin(["10004", "10005"])]
    row = judged(dataclasses.replace(shot, commune_status=silent), plan(NTM)).iloc[0]
    assert row["pace"] == "unknown"
    assert "thực tế thêm 1 đến 3" in row["rule"]


def test_the_backlog_is_kept_apart() -> None:
    owed = dataclasses.replace(NTM, backlog=True)
    rows = judged(snapshot({"2024-12-31": 1, "2025-06-30": 3}), plan(owed, dataclasses.replace(owed, id="b", owed=3)))
    assert rows["needed"].tolist() == [4, 4]
    assert "không ghi bao nhiêu" in rows.loc[0, "apart"]
    assert "năm 2024 chưa xong: 3 xã" in rows.loc[1, "apart"]


def named(**more: Any) -> Target:
    base = Target("d", "district", "ntm", "named", "huyện NTM", "districts", "huyện", value=2, districts=("901", "902"))
    return dataclasses.replace(base, **more)


def districts(tiers: dict[str, str], signed: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "district_code": list(tiers),
            "tier": list(tiers.values()),
            "as_of": pd.Timestamp(2025, 6, 30),
            "standard_year": pd.array([pd.NA] * len(tiers), dtype="Int64"),
            "decision_date": pd.Timestamp(signed) if signed else pd.NaT,
        }
    )


@pytest.mark.parametrize(
    ("signed", "stock", "grown", "pace"),
    [("2025-03-01", 0, 1, "on_track"), ("2024-03-01", 1, 0, "unknown"), (None, None, None, "unknown")],
    ids=["this year", "the year before: one left to go, not judged", "no date: no baseline"],
)
def test_named_districts_are_dated_by_their_decision(
    signed: str | None, stock: int | None, grown: int | None, pace: str
) -> None:
    days = {"2024-12-31": 1, "2025-06-30": 3}
    shot = snapshot(days, district_status=districts({"901": "ntm", "902": "not_yet"}, signed))
    row = judged(shot, plan(named())).iloc[0]
    assert row["pace"] == pace
    assert (None if pd.isna(row["stock"]) else row["stock"]) == stock
    assert (None if pd.isna(row["grown"]) else row["grown"]) == grown


def test_one_unit_is_judged_at_the_deadline_only() -> None:
    shot = snapshot({"2024-12-31": 1, "2025-06-30": 3}, district_status=districts({"901": "not_yet"}, None))
    row = judged(shot, plan(named(value=1, districts=("901",)))).iloc[0]
    assert row["pace"] == "unknown"
    assert "chỉ xét khi đến hạn" in row["rule"]


def test_districts_carried_over_are_told_apart() -> None:
    shot = snapshot({"2024-12-31": 1, "2025-06-30": 3}, district_status=districts({"901": "ntm"}, "2025-03-01"))
    row = judged(shot, plan(named(carried_over=("901",)))).iloc[0]
    assert row["apart"] == (
        "Chuyển từ kế hoạch 2024 (tính riêng): huyện Chín Một đã đạt. Riêng năm 2025: huyện Chín Hai chưa có số liệu."
    )


SHARE = Target("v", "village", "minority_ntm", "minimum_share", "thôn", "villages", "tỷ lệ")


def villages(yes: int, day: str) -> Snapshot:
    """Ten villages of ethnic minorities in district 901, `yes` of them recognised."""
    one = BASE.villages.iloc[[2]]
    every = pd.concat([one.assign(code=f"10003-{n:02d}") for n in range(10)], ignore_index=True)
    status = pd.DataFrame({"village_code": every["code"], "as_of": pd.Timestamp(day)})
    flags = pd.array([n < yes for n in range(10)], dtype="boolean")
    status = status.assign(model=flags, minority_ntm=flags, smart=flags, source="v")
    days = {"2024-12-31": 1, day: 1}
    return snapshot(days, villages=every, village_status=status)


def test_village_shares_count_villages_from_the_baseline_day() -> None:
    asked = plan(SHARE, shares=(VillageShare("v", "901", 0.55),))
    now, then = villages(4, "2025-06-30"), villages(2, "2024-12-31")
    assert baseline_day(now, asked) == then.as_of
    with_, without = judged(now, asked, baseline=then), judged(now, asked)
    row = with_[with_["district_code"] == "901"].iloc[0]
    # 55 % of ten villages are six: four more than the two at the start; the line stands at 1.98
    assert (row["stock"], row["grown"], row["needed"], row["remaining"]) == (2, 2, 4, 2)
    assert row["pace"] == "on_track"
    assert without.loc[0, "pace"] == "unknown"
    other = with_[with_["district_code"] == "902"].iloc[0]
    assert (other["pace"], other["rule"]) == ("no_target", "Kế hoạch không nêu chỉ tiêu.")
    assert other["on_track"] is pd.NA


def test_the_share_is_exact() -> None:
    """0.55 of 100 is 55, though floats say 55.00000000000001."""
    asked = plan(SHARE, shares=(VillageShare("v", "901", 0.55),))
    one = BASE.villages.iloc[[2]]
    every = pd.concat([one.assign(code=f"10003-{n:03d}") for n in range(100)], ignore_index=True)
    flags = pd.array([n < 55 for n in range(100)], dtype="boolean")
    status = pd.DataFrame({"village_code": every["code"], "as_of": pd.Timestamp(2025, 6, 30), "source": "v"})
    status = status.assign(model=flags, minority_ntm=flags, smart=flags)
    shot = snapshot({"2024-12-31": 1, "2025-06-30": 1}, villages=every, village_status=status)
    assert judged(shot, asked).loc[0, ["pace", "need"]].tolist() == ["reached", 55]


def test_the_shipped_plan_on_other_units_is_not_judged() -> None:
    shot = dataclasses.replace(snapshot({"2025-12-31": 3}), epoch=EPOCHS[1])
    found = judged(shot, load_plan())
    assert set(found["pace"]) == {"unknown"}
    assert found.loc[0, "rule"].startswith("Chỉ tiêu tính trên đơn vị hành chính trước 01/07/2025")
    assert (found.loc[found["id"] == "district_ntm", "apart"] == "").all()


@given(st.dates(date(2025, 1, 1), date(2025, 12, 31)), st.integers(1, 5), st.integers(0, 5))
def test_the_law_of_the_line(day: date, then: int, now: int) -> None:
    shot = snapshot({"2024-12-31": then, day.isoformat(): now})
    row = judged(shot, plan(NTM)).iloc[0]
    expected = Fraction(4) * (day - date(2024, 12, 31)).days / 365
    if now - then >= 4:
        assert row["pace"] == "reached"
    elif day == date(2025, 12, 31):
        assert row["pace"] == "missed"
    else:
        assert row["pace"] == ("on_track" if now - then >= expected else "behind")
    assert row["remaining"] == max(4 - (now - then), 0)


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_quarters_left_count_down_by_one_each_quarter(day: date) -> None:
    deadline = date(2025, 12, 31)
    left, tomorrow = quarters_left(day, deadline), quarters_left(day + timedelta(days=1), deadline)
    assert left - tomorrow in {0, 1}
    assert (left == 0) == (day >= deadline)
