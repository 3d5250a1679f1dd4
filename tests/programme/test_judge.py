"""Judgements: boundaries, and the laws that losing never helps and knowing more never turns a definite answer."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.programme.criteria import CriteriaSet, criteria_set
from ntmgis.programme.judge import (
    COMMUNES,
    TOWNSHIPS,
    Judgement,
    all_of,
    criteria_met,
    criterion_words,
    listed,
    percent,
    share_of,
    withdrawal_risk,
)

SET = criteria_set("2021-2025")
ORDER = ["none", "at_risk", "withdrawable"]
KNOWN = ("met", "not_met", "not_applicable")


def ten(key: tuple[int, ...] = (1,)) -> CriteriaSet:
    """Ten criteria under the same rule, so that 30 % and 50 % fall on whole numbers."""
    assert SET.withdrawal is not None
    return replace(criteria_set("2026-2030"), withdrawal=replace(SET.withdrawal, key=key))


def lost(set_: CriteriaSet, *numbers: int) -> dict[int, str]:
    return {no: "not_met" if no in numbers else "met" for no in set_.numbers}


@pytest.mark.parametrize(
    ("numbers", "risk"),
    [
        ((), "none"),
        ((1,), "none"),
        ((1, 2), "at_risk"),  # one more makes 30 % with the key criterion
        ((2, 3), "at_risk"),  # and so it does when the key one goes next
        ((1, 2, 3), "withdrawable"),  # exactly 30 %, with the key criterion
        ((2, 3, 4), "at_risk"),  # exactly 30 %, without
        ((2, 3, 4, 5), "at_risk"),
        ((2, 3, 4, 5, 6), "withdrawable"),  # exactly 50 %, whatever they are
        (tuple(range(1, 11)), "withdrawable"),
    ],
)
def test_the_limits_are_closed(numbers: tuple[int, ...], risk: str) -> None:
    told = withdrawal_risk(ten(), lost(ten(), *numbers))
    assert told.risk == risk
    assert told.share == len(numbers) / 10


@pytest.mark.parametrize(
    ("numbers", "risk"),
    [
        ((10, 17, 19, 1), "none"),  # 4/19 = 21 %; a fifth is still under 30 %
        ((1, 2, 3, 4, 5), "at_risk"),  # 26 %
        ((1, 2, 3, 4, 10), "at_risk"),
        ((1, 2, 3, 4, 5, 6), "at_risk"),  # 31.6 %, no key criterion
        ((1, 2, 3, 4, 5, 10), "withdrawable"),  # 31.6 % with income
        ((1, 2, 3, 4, 5, 17), "withdrawable"),
        ((1, 2, 3, 4, 5, 19), "withdrawable"),
        ((1, 2, 3, 4, 5, 18), "at_risk"),
        ((1, 2, 3, 4, 5, 6, 7, 8, 9), "at_risk"),  # 47.4 %
        ((1, 2, 3, 4, 5, 6, 7, 8, 9, 11), "withdrawable"),  # 52.6 %
    ],
)
def test_nineteen_criteria(numbers: tuple[int, ...], risk: str) -> None:
    assert withdrawal_risk(SET, lost(SET, *numbers)).risk == risk


def test_the_reason_names_share_and_key_criteria() -> None:
    told = withdrawal_risk(SET, lost(SET, 1, 2, 3, 4, 10, 17))
    assert told.vi == (
        "6/19 tiêu chí không còn đạt (31,6%), trong đó có 10 Thu nhập, 17 Môi trường và an toàn thực phẩm; thuộc diện "
        "xem xét thu hồi (từ 50%, hoặc từ 30% có tiêu chí chủ chốt; Quyết định 18/2022/QĐ-TTg ngày 02/08/2022)."
    )
    assert told.en.startswith("6 of 19 criteria no longer met (31.6%), among them 10 Income, 17 Environment")
    assert "không có tiêu chí chủ chốt" in withdrawal_risk(SET, lost(SET, 1, 2)).vi


def test_what_is_not_known_is_tried_both_ways() -> None:
    states = lost(SET, 1, 2, 3, 4, 5, 10)
    del states[6]
    told = withdrawal_risk(SET, states)
    assert told.risk == "withdrawable", "so it is whatever the seventh may be"
    assert math.isnan(told.share)
    assert told.vi.startswith("Ít nhất 6/19")
    told = withdrawal_risk(SET, dict.fromkeys(range(1, 17), "met"))
    assert told.risk == "none", "three unknown cannot bring it near"
    told = withdrawal_risk(SET, dict.fromkeys(range(1, 14), "met"))
    assert told.risk == "unknown"
    assert told.vi == (
        "Ít nhất 0/19 tiêu chí không còn đạt (0%); 6 tiêu chí chưa có số liệu: có thể từ “chưa tới mức xem xét thu "
        "hồi” đến “thuộc diện xem xét thu hồi (từ 50%, hoặc từ 30% có tiêu chí chủ chốt; "
        "Quyết định 18/2022/QĐ-TTg ngày 02/08/2022)”."
    )
    assert withdrawal_risk(SET, {}).risk == "unknown"


@pytest.mark.parametrize("id_", ["2016-2020", "2026-2030", "2021-2025-model"])
def test_a_set_without_a_rule_has_no_known_risk(id_: str) -> None:
    told = withdrawal_risk(criteria_set(id_), dict.fromkeys(range(1, 11), "not_met"))
    assert told.risk == "unknown"
    assert math.isnan(told.share)
    assert id_ in told.vi


STATES = st.dictionaries(st.integers(1, 19), st.sampled_from((*KNOWN, "not_assessed")), max_size=19)


@given(states=STATES, no=st.integers(1, 19))
def test_losing_a_criterion_never_lowers_the_risk(states: dict[int, str], no: int) -> None:
    before = withdrawal_risk(SET, states).risk
    after = withdrawal_risk(SET, {**states, no: "not_met"}).risk
    if before in ORDER and after in ORDER:
        assert ORDER.index(after) >= ORDER.index(before)
    if before == "withdrawable":
        assert after == "withdrawable"


@given(states=STATES, later=st.dictionaries(st.integers(1, 19), st.sampled_from(KNOWN)))
def test_knowing_more_never_turns_a_definite_answer(states: dict[int, str], later: dict[int, str]) -> None:
    told = {**later, **{no: state for no, state in states.items() if state in KNOWN}}
    before, after = withdrawal_risk(SET, states), withdrawal_risk(SET, told)
    assert before.risk in {"unknown", after.risk}
    assert criteria_met(SET, states).meets in {None, criteria_met(SET, told).meets}


@given(states=STATES)
def test_every_criterion_stands_in_one_place(states: dict[int, str]) -> None:
    found = criteria_met(SET, states)
    numbers = (*found.met, *found.not_applicable, *found.missing, *found.unknown)
    assert sorted(numbers) == list(range(1, 20))
    assert withdrawal_risk(SET, states).risk in {*ORDER, "unknown"}
    if not found.unknown:
        assert withdrawal_risk(SET, states).risk != "unknown"
        assert found.meets is (not found.missing)


def test_a_criterion_that_does_not_apply_does_not_stand_in_the_way() -> None:
    states = {**lost(SET), 7: "not_applicable"}
    assert criteria_met(SET, states).meets is True
    assert criteria_met(SET, {**states, 8: "not_assessed"}).meets is None
    assert criteria_met(criteria_set("2021-2025-model"), {}).meets is None


def test_a_share_names_what_is_missing() -> None:
    told = share_of(COMMUNES, Fraction(1), yes=["Xã A"], no=["Xã B", "Xã C"])
    assert (told.state, told.value, told.need) == ("not_met", 1 / 3, 1.0)
    assert told.vi == "1/3 xã đạt, cần 3; thiếu 2 xã: Xã B, Xã C."
    assert told.en == "1 of 3 communes reached, 3 needed; 2 communes missing: Xã B, Xã C."
    told = share_of(COMMUNES, Fraction(1), yes=["A"], no=[], unknown=["B"])
    assert (told.state, told.vi) == ("unknown", "1/2 xã đạt, cần 2; chưa có số liệu 1 xã: B.")
    told = share_of(COMMUNES, Fraction(1), yes=["A"], no=["C"], unknown=["B"])
    assert told.state == "not_met"
    assert told.vi == "1/3 xã đạt, cần 3; thiếu 1 xã: C; chưa có số liệu 1 xã: B."


@pytest.mark.parametrize(
    ("yes", "no", "unknown", "state"),
    [(1, 9, 0, "met"), (1, 10, 0, "not_met"), (2, 18, 0, "met"), (2, 19, 0, "not_met"), (0, 9, 1, "unknown"),
     (1, 8, 1, "met"), (0, 10, 1, "not_met"), (0, 0, 1, "unknown")],
)  # fmt: skip
def test_ten_percent_is_closed(yes: int, no: int, unknown: int, state: str) -> None:
    told = share_of(COMMUNES, Fraction(1, 10), yes=["a"] * yes, no=["b"] * no, unknown=["c"] * unknown)
    assert told.state == state
    assert math.isnan(told.value) is bool(unknown)


def test_none_of_none() -> None:
    assert share_of(TOWNSHIPS, Fraction(1), yes=[], no=[]).state == "met"
    assert share_of(COMMUNES, Fraction(1), yes=[], no=[]).state == "unknown"


@given(
    yes=st.integers(0, 12), no=st.integers(0, 12), unknown=st.integers(0, 12),
    turned=st.integers(0, 12), need=st.sampled_from([Fraction(1), Fraction(1, 10), Fraction(57, 100), Fraction(1, 2)]),
)  # fmt: skip
def test_a_share_told_later_never_turns_a_definite_state(
    yes: int, no: int, unknown: int, turned: int, need: Fraction
) -> None:
    turned = min(turned, unknown)
    before = share_of(COMMUNES, need, yes=["a"] * yes, no=["b"] * no, unknown=["c"] * unknown)
    after = share_of(COMMUNES, need, yes=["a"] * (yes + turned), no=["b"] * (no + unknown - turned))
    assert before.state in {"unknown", after.state}
    if yes + no + unknown:
        assert after.state == ("met" if Fraction(yes + turned, yes + no + unknown) >= need else "not_met")


def test_long_lists_are_cut_with_a_count() -> None:
    names = [f"Xã {n}" for n in range(1, 9)]
    assert listed(names, "xã") == (
        "Xã 1, Xã 2, Xã 3, Xã 4, Xã 5 và 3 xã khác",
        "Xã 1, Xã 2, Xã 3, Xã 4, Xã 5 and 3 others",
    )
    assert listed(names[:6], "xã")[1].endswith("and 1 other")
    assert criterion_words(SET, range(1, 20))[0].endswith("và 11 tiêu chí khác")
    assert listed([]) == ("", "")


def test_percent() -> None:
    assert percent(Fraction(6, 19)) == ("31,6%", "31.6%")
    assert percent(0.57) == ("57%", "57%")
    assert percent(0) == ("0%", "0%")


def test_conditions_together() -> None:
    def one(state: str) -> tuple[str, str, Judgement]:
        return state, state, Judgement(state, 0.0, 0.0, "", "")  # type: ignore[arg-type]

    assert all_of([one("met"), one("met")]).state == "met"
    assert all_of([one("met"), one("unknown")]).state == "unknown"
    told = all_of([one("met"), one("unknown"), one("not_met")])
    assert told.state == "not_met"
    assert told.vi == "1/3 điều kiện đạt; chưa đạt: not_met; chưa có số liệu: unknown."
