"""Changes between two days: each kind by hand, corrected data and other sets and other units kept apart."""

import dataclasses
from typing import Any

import pandas as pd
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.measure.changes import Changed, changes
from ntmgis.measure.monitoring import CHANGE_KINDS
from ntmgis.programme.tiers import TIERS
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import EPOCHS

EARLIER, LATER = pd.Timestamp(2024, 12, 31), pd.Timestamp(2025, 6, 30)
BASE = tiny.snapshot()
TIER = st.none() | st.sampled_from(TIERS)


def status(tiers: dict[str, str | None], day: pd.Timestamp, **more: Any) -> pd.DataFrame:
    told = {code: tier for code, tier in tiers.items() if tier}
    made = pd.DataFrame({"code": list(told), "tier": list(told.values())})
    facts = {"standard_year": pd.NA, "decision": None, "decision_date": pd.NaT, "criteria_set": "2021-2025", **more}
    return made.assign(as_of=day, source="status", **facts).astype({"standard_year": "Int64"})


def at(day: pd.Timestamp, tiers: dict[str, str | None], **changes_: Any) -> Snapshot:
    more = {name: changes_.pop(name) for name in ("decision", "decision_date", "criteria_set") if name in changes_}
    base: dict[str, Any] = {
        "as_of": day.date(),
        "commune_status": status(tiers, day, **more),
        "criteria": BASE.criteria.iloc[:0],
        "village_status": BASE.village_status.iloc[:0],
        "district_status": BASE.district_status.iloc[:0],
    }
    return dataclasses.replace(BASE, **{**base, **changes_})


def between(before: dict[str, str | None], after: dict[str, str | None], **more: Any) -> Changed:
    return changes(at(LATER, after, **more), at(EARLIER, before))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("not_yet", "ntm", "newly_recognised"),
        ("not_yet", "model", "newly_recognised"),
        ("ntm", "advanced", "up"),
        ("model", "ntm", "down"),
        ("advanced", "not_yet", "withdrawn"),
        (None, "ntm", "first_report"),
        ("ntm", None, "no_longer_reported"),
        ("ntm", "ntm", None),
        (None, None, None),
    ],
)
def test_each_kind(before: str | None, after: str | None, kind: str | None) -> None:
    found = between({"10001": before}, {"10001": after}).changes
    assert found["kind"].tolist() == ([kind] if kind else [])
    if kind:
        row = found.iloc[0]
        assert (row["level"], row["code"], row["name"], row["district"]) == (
            "commune",
            "10001",
            "Xã Một",
            "Huyện Chín Một",
        )
        assert (row["before"], row["after"]) == (before, after)
        assert row["source"] == "Kết quả NTM cấp xã"


def test_a_withdrawal_without_a_decision_says_that_it_must_be_checked() -> None:
    reason = between({"10001": "ntm"}, {"10001": "not_yet"}).changes.loc[0, "reason"]
    assert "không ghi quyết định thu hồi: cần kiểm tra" in reason
    named = between({"10001": "ntm"}, {"10001": "not_yet"}, decision="9/QĐ-UBND").changes.loc[0, "reason"]
    assert "quyết định 9/QĐ-UBND" in named
    assert "cần kiểm tra" not in named


def test_no_longer_reported_is_no_withdrawal() -> None:
    found = between({"10001": "ntm"}, {}).changes
    assert found["kind"].tolist() == ["no_longer_reported"]
    assert "không phải rút công nhận" in found.loc[0, "reason"]


def test_a_decision_older_than_the_earlier_day_may_be_a_late_report() -> None:
    old, new = pd.Timestamp(2024, 11, 2), pd.Timestamp(2025, 2, 14)
    for signed, late in ((old, True), (new, False)):
        found = between({"10001": "not_yet"}, {"10001": "ntm"}, decision="1/QĐ", decision_date=signed).changes
        assert ("báo cáo muộn" in found.loc[0, "reason"]) is late
        assert found.loc[0, "decision_date"] == signed


def test_the_same_number_of_another_day_is_another_decision() -> None:
    """Offices begin at 1 again each year."""
    was = at(EARLIER, {"10001": "ntm"}, decision="12/QĐ", decision_date=pd.Timestamp(2021, 4, 6))
    now = at(LATER, {"10001": "advanced"}, decision="12/QĐ", decision_date=pd.Timestamp(2025, 3, 6))
    assert "quyết định 12/QĐ ngày 06/03/2025" in changes(now, was).changes.loc[0, "reason"]


def test_corrected_data_are_not_change() -> None:
    """Then 10001 was reported ntm; now it is known that it was not yet; today it is ntm."""
    then = at(EARLIER, {"10001": "ntm", "10003": "not_yet"})
    known_now = at(EARLIER, {"10001": "not_yet", "10003": "not_yet"})
    today = at(LATER, {"10001": "ntm", "10003": "not_yet"})
    without, with_ = changes(today, known_now), changes(today, known_now, known=then)
    assert without.changes["kind"].tolist() == ["newly_recognised"]
    assert with_.changes["kind"].tolist() == ["newly_recognised", "corrected"]
    row = with_.changes.iloc[1]
    assert (row["before"], row["after"]) == ("ntm", "not_yet")
    assert row["before_as_of"] == row["after_as_of"] == EARLIER
    assert "không phải thay đổi thực tế" in row["reason"]


def test_what_was_reported_late_or_taken_back_is_a_correction() -> None:
    then, known_now = at(EARLIER, {"10001": "ntm"}), at(EARLIER, {"10002": "ntm"})
    found = changes(at(LATER, {"10002": "ntm"}), known_now, known=then).changes
    assert found[["code", "kind"]].to_numpy().tolist() == [["10001", "corrected"], ["10002", "corrected"]]
    assert "đã được rút" in found.loc[0, "reason"]
    assert "nay bổ sung" in found.loc[1, "reason"]


def test_a_corrected_decision_is_told_by_its_field() -> None:
    then = at(EARLIER, {"10001": "ntm"}, decision="1/QĐ")
    now = at(EARLIER, {"10001": "ntm"}, decision="2/QĐ")
    found = changes(at(LATER, {"10001": "ntm"}, decision="2/QĐ"), now, known=then).changes
    assert found["kind"].tolist() == ["corrected"]
    assert "số quyết định 1/QĐ → 2/QĐ" in found.loc[0, "reason"]


@given(
    before=st.dictionaries(st.sampled_from(sorted(tiny.CELLS)), TIER),
    after=st.dictionaries(st.sampled_from(sorted(tiny.CELLS)), TIER),
)
def test_every_unit_that_differs_has_one_row(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    found = between(before, after).changes
    differ = {code for code in tiny.CELLS if before.get(code) != after.get(code)}
    assert sorted(found["code"]) == sorted(differ)
    assert set(found["kind"]) <= set(CHANGE_KINDS) - {"corrected", "regrouped"}
    back = between(after, before).changes.set_index("code")["kind"]
    rise = {"up", "newly_recognised"}
    for code, kind in zip(found["code"], found["kind"], strict=True):
        if kind in rise:
            assert back[code] in {"down", "withdrawn"}


def marks(states: dict[int, str], day: pd.Timestamp, code: str = "10003") -> pd.DataFrame:
    return pd.DataFrame(
        {"code": code, "criterion": list(states), "state": list(states.values()), "as_of": day, "source": "status"}
    )


def test_criteria_of_one_set() -> None:
    was = at(EARLIER, {"10003": "not_yet"}, criteria=marks({1: "met", 2: "not_met", 3: "met", 5: "met"}, EARLIER))
    now = at(LATER, {"10003": "not_yet"}, criteria=marks({1: "met", 2: "met", 3: "not_met", 4: "met"}, LATER))
    found = changes(now, was).criteria_changes
    assert found[["criterion", "kind"]].to_numpy().tolist() == [
        [3, "lost"],
        [2, "gained"],
        [4, "first_report"],
        [5, "no_longer_reported"],
    ]
    assert set(found["criteria_set"]) == {"2021-2025"}


def test_criteria_of_two_sets_are_never_compared() -> None:
    was = at(EARLIER, {"10003": "not_yet"}, criteria=marks({1: "met"}, EARLIER), criteria_set="2016-2020")
    now = at(LATER, {"10003": "not_yet"}, criteria=marks({1: "not_met"}, LATER))
    found = changes(now, was)
    assert found.criteria_changes.empty
    assert [note.id for note in found.notes] == ["criteria_sets"]
    assert "2016-2020 và 2021-2025" in found.notes[0].vi
    assert "không được so" in found.notes[0].vi.replace("không \n", "không ")


def test_criteria_of_an_unnamed_set_are_not_compared() -> None:
    was = at(EARLIER, {"10003": "not_yet"}, criteria=marks({1: "met"}, EARLIER), criteria_set=None)
    now = at(LATER, {"10003": "not_yet"}, criteria=marks({1: "not_met"}, LATER), criteria_set=None)
    found = changes(now, was)
    assert found.criteria_changes.empty
    assert [note.id for note in found.notes] == ["criteria_set_unknown"]


def test_a_corrected_criterion() -> None:
    then = at(EARLIER, {"10003": "not_yet"}, criteria=marks({1: "met"}, EARLIER))
    now = at(EARLIER, {"10003": "not_yet"}, criteria=marks({1: "not_met"}, EARLIER))
    later = at(LATER, {"10003": "not_yet"}, criteria=marks({1: "not_met"}, LATER))
    found = changes(later, now, known=then).criteria_changes
    assert found[["kind", "before", "after"]].to_numpy().tolist() == [["corrected", "met", "not_met"]]


def test_villages_and_districts() -> None:
    flags = {"model": [True, False], "minority_ntm": [False, pd.NA], "smart": [pd.NA, pd.NA]}
    later = {"model": [False, True], "minority_ntm": [False, True], "smart": [pd.NA, pd.NA]}

    def villages(values: dict[str, list[Any]], day: pd.Timestamp) -> pd.DataFrame:
        made = pd.DataFrame({name: pd.array(one, dtype="boolean") for name, one in values.items()})
        return made.assign(village_code=["10001-01", "10003-01"], as_of=day, source="villages")

    was = at(EARLIER, {}, village_status=villages(flags, EARLIER), district_status=district("not_yet", EARLIER))
    now = at(LATER, {}, village_status=villages(later, LATER), district_status=district("ntm", LATER))
    found = changes(now, was).changes
    assert found[["level", "code", "what", "kind"]].to_numpy().tolist() == [
        ["district", "901", "tier", "newly_recognised"],
        ["village", "10001-01", "model", "withdrawn"],
        ["village", "10003-01", "model", "newly_recognised"],
        ["village", "10003-01", "minority_ntm", "first_report"],
    ]
    assert found.loc[1, "name"] == "Thôn 1 (Xã Một)"
    assert "thôn NTM kiểu mẫu: đạt (31/12/2024) → chưa đạt (30/06/2025)" in found.loc[1, "reason"]


def district(tier: str, day: pd.Timestamp) -> pd.DataFrame:
    return BASE.district_status.assign(tier=tier, as_of=day)


def regrouped(tiers: dict[str, str | None], new: dict[str, str | None]) -> Changed:
    """10001 and 10002 become 90001, 10003 stays as 90002, 10004 and the township 10006 become 90003."""
    pairs = {"10001": "90001", "10002": "90001", "10003": "90002", "10004": "90003", "10006": "90003"}
    crosswalk = pd.DataFrame(
        {"old_code": list(pairs), "new_code": list(pairs.values()), "share_area": 1.0, "share_households": 1.0}
    )
    units = BASE.communes.iloc[:3].assign(code=["90001", "90002", "90003"], name=["Xã A", "Xã B", "Xã C"])
    units = units.assign(district=None, district_code=None, rural=True)
    day = pd.Timestamp(2025, 12, 31)
    after = at(day, new, epoch=EPOCHS[1], communes=units, unit_change=crosswalk)
    return changes(after, at(LATER, tiers))


def test_other_units_are_told_as_a_mixture_never_as_a_rise_or_a_fall() -> None:
    found = regrouped({"10001": "ntm", "10002": "advanced", "10003": "ntm"}, {"90001": "not_yet", "90002": "advanced"})
    rows = found.changes
    assert rows["kind"].tolist() == ["regrouped"] * 2
    assert rows["before"].tolist() == [None, None]
    assert rows["mixture"].tolist() == ["1 NTM nâng cao, 1 NTM", "1 NTM"]
    assert "không phải tăng hay giảm" in rows.loc[0, "reason"]
    assert "giữ nguyên một đơn vị" in rows.loc[1, "reason"]
    assert found.criteria_changes.empty
    assert {note.id for note in found.notes} == {"epochs", "crosswalk"}  # 10005 is in no table of changes


@given(st.dictionaries(st.sampled_from(["10001", "10002", "10003", "10004"]), st.sampled_from(TIERS), min_size=1))
def test_the_mixtures_keep_every_unit(tiers: dict[str, str]) -> None:
    rows = regrouped(dict(tiers), {"90001": "ntm", "90002": "ntm", "90003": "ntm"}).changes
    counted = sum(int(part.split()[0]) for mixture in rows["mixture"] for part in mixture.split(", "))
    assert counted == 5
    assert set(rows["kind"]) == {"regrouped"}


def test_no_rows_have_the_right_types() -> None:
    found = between({}, {})
    assert len(found.changes) == 0
    assert str(found.changes["decision_date"].dtype).startswith("datetime64")
    assert str(found.criteria_changes["criterion"].dtype) == "int64"
