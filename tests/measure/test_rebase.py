"""Re-basing: totals kept, unknown stays unknown and is named, a tier is never made up."""

from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.errors import InputError
from ntmgis.measure.rebase import mixture_words, rebase_counts, rebase_shares, rebase_tiers
from ntmgis.programme.tiers import TIER_STATES
from ntmgis.units.reference import crosswalk

SPLIT = pd.DataFrame(
    {
        "old_code": ["1", "2", "2", "3"],
        "new_code": ["8", "8", "9", "9"],
        "share_households": [1.0, 0.3, 0.7, 1.0],
        "share_area": [1.0, 0.5, 0.5, 1.0],
    }
)


def counts(values: dict[str, Any], dtype: str = "Int64") -> pd.DataFrame:
    return pd.DataFrame({"n": pd.Series(values, dtype=dtype)})


def codes(problem: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [one.code for one in problem.value.problems]


def test_counts_are_divided_by_households_or_area() -> None:
    values = counts({"1": 10, "2": 10, "3": 5})
    assert rebase_counts(values, SPLIT).frame["n"].to_dict() == {"8": 13, "9": 12}
    assert rebase_counts(values, SPLIT, weight="area").frame["n"].to_dict() == {"8": 15, "9": 10}
    lengths = counts({"1": 1.0, "2": 1.0, "3": 1.0}, "float64")
    assert rebase_counts(lengths, SPLIT).frame["n"].to_dict() == pytest.approx({"8": 1.3, "9": 1.7})


def test_the_largest_remainder_gets_the_odd_one_and_ties_go_to_the_lower_code() -> None:
    thirds = pd.DataFrame({"old_code": ["1"] * 3, "new_code": ["7", "8", "9"], "share_households": [1 / 3] * 3})
    assert rebase_counts(counts({"1": 8}), thirds).frame["n"].to_dict() == {"7": 3, "8": 3, "9": 2}
    half = pd.DataFrame({"old_code": ["1"] * 2, "new_code": ["9", "8"], "share_households": [0.5, 0.5]})
    assert rebase_counts(counts({"1": 5}), half).frame["n"].to_dict() == {"8": 3, "9": 2}


def test_values_are_marked_with_where_they_come_from() -> None:
    frame = rebase_counts(counts({"1": 10, "2": 10, "3": 5}), SPLIT).frame
    assert frame["rebased"].all()
    assert frame.loc["8", "note"] == "chia theo số hộ từ 1, 2"
    merged = rebase_counts(counts({"1": 1, "2": 1}), SPLIT.iloc[[0, 3]].assign(old_code=["1", "2"], new_code="9")).frame
    assert merged.loc["9", "note"] == "cộng 2 đơn vị: 1, 2"


def test_an_unknown_part_makes_the_sum_unknown_and_is_named() -> None:
    values = counts({"1": 10, "2": pd.NA})
    made = rebase_counts(values, SPLIT)
    assert made.frame["n"].isna().all()
    assert made.frame.loc["9", "note"] == "chia theo số hộ từ 2, 3; chưa rõ: 2, 3"
    assert made.unknown.to_numpy().tolist() == [["8", "n", "2"], ["9", "n", "2"], ["9", "n", "3"]]
    known = rebase_counts(values, SPLIT, unknown="skip").frame["n"]
    assert known["8"] == 10
    assert pd.isna(known["9"])  # nothing is known of it: not 0


def test_the_way_back_needs_sizes() -> None:
    new = counts({"8": 100, "9": 7})
    with pytest.raises(InputError) as told:
        rebase_counts(new, SPLIT, direction="backward")
    assert codes(told) == ["E-REBASE-SIZES"]
    sizes = pd.Series({"1": 30.0, "2": 100.0, "3": 70.0})
    made = rebase_counts(new, SPLIT, direction="backward", sizes=sizes).frame["n"]
    # 8 had 30 + 0.3 * 100 households, 9 had 70 + 70.
    assert made.to_dict() == {"1": 50, "2": 50 + 4, "3": 3}
    lost = rebase_counts(new, SPLIT, direction="backward", sizes=sizes.drop("1"))
    assert lost.frame["n"].isna().tolist() == [True, True, False]
    assert set(lost.unknown["part"]) == {"8"}


def test_a_share_is_recomputed_from_its_parts() -> None:
    values = pd.DataFrame({"met": [9, 1], "all": [10, 90]}, index=["1", "2"])
    changes = pd.DataFrame({"old_code": ["1", "2"], "new_code": ["9", "9"]})
    frame = rebase_shares(values, changes, numerator="met", denominator="all").frame
    assert frame.loc["9", ["met", "all", "share"]].tolist() == [10, 100, 0.1]  # the mean of the shares would be 0.46
    nothing = rebase_shares(values.assign(all=0), changes, numerator="met", denominator="all").frame
    assert pd.isna(nothing.loc["9", "share"])
    unknown = rebase_shares(values.iloc[:1], changes, numerator="met", denominator="all").frame
    assert pd.isna(unknown.loc["9", "share"])


def test_tiers_become_a_mixture_and_only_an_unchanged_unit_keeps_its_own() -> None:
    changes = pd.DataFrame({"old_code": ["1", "2", "3", "4", "5"], "new_code": ["8", "8", "8", "9", "7"]})
    tiers = pd.Series({"1": "ntm", "2": "ntm", "3": "not_yet", "4": "model"})
    frame = rebase_tiers(tiers, changes)
    assert frame.loc["8", "words"] == "2 NTM, 1 chưa đạt"
    assert frame.loc["8", "composition"] == {"ntm": 2, "not_yet": 1}
    assert frame["tier"].tolist() == ["not_reported", None, "model"]
    assert frame["rebased"].all()
    same = rebase_tiers(pd.Series({"1": "ntm", "2": "ntm", "3": "ntm"}), changes).loc["8"]
    assert (same["tier"], same["words"]) == (None, "3 NTM")
    parts = rebase_tiers(pd.Series({"1": "ntm", "2": "ntm", "3": "ntm"}), SPLIT)
    assert parts.loc["8", "note"].endswith("chỉ một phần của 2")


def test_the_whole_province() -> None:
    changes = crosswalk()
    frame = rebase_tiers(pd.Series(dict.fromkeys(changes["old_code"], "not_yet")), changes)
    assert len(frame) == 40
    assert frame.index[frame["unchanged"]].tolist() == ["23368", "23530", "23535", "23536"]
    assert sum(sum(mixture.values()) for mixture in frame["composition"]) == 102


@pytest.mark.parametrize(
    ("values", "changes", "expected"),
    [
        (counts({"1": 1, "x": 2}), SPLIT, "E-REBASE-CODE"),
        (counts({"1": 1}), SPLIT.assign(share_households=0.4), "E-REBASE-SHARE"),
        (counts({"1": 1}), pd.concat([SPLIT, SPLIT]), "E-REBASE-TWICE"),
        (pd.DataFrame({"n": [1, 2]}, index=["1", "1"]), SPLIT, "E-REBASE-TWICE"),
        (pd.DataFrame({"n": ["a"]}, index=["1"]), SPLIT, "E-REBASE-VALUE"),
        (counts({"1": float("inf")}, "float64"), SPLIT, "E-REBASE-VALUE"),
    ],
)
def test_what_cannot_be_rebased_is_named(values: pd.DataFrame, changes: pd.DataFrame, expected: str) -> None:
    with pytest.raises(InputError) as told:
        rebase_counts(values, changes)
    assert expected in codes(told)


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(InputError) as told:
        rebase_tiers(pd.Series({"1": "gold"}), SPLIT)
    assert codes(told) == ["E-REBASE-TIER"]


def test_mixture_words_name_every_state() -> None:
    whole = dict.fromkeys(TIER_STATES, 1)
    assert len(mixture_words(whole).split(", ")) == len(TIER_STATES)
    assert len(mixture_words(whole, lang="en").split(", ")) == len(TIER_STATES)
    assert mixture_words({}) == ""


@st.composite
def crosswalks(draw: st.DrawFn) -> pd.DataFrame:
    """Up to six old units, each divided among up to three of four new ones."""
    rows = []
    for old in range(draw(st.integers(1, 6))):
        targets = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3, unique=True))
        weights = draw(st.lists(st.integers(1, 50), min_size=len(targets), max_size=len(targets)))
        rows += [(str(old), new, weight / sum(weights)) for new, weight in zip(targets, weights, strict=True)]
    return pd.DataFrame(rows, columns=["old_code", "new_code", "share_households"])


def values_of(changes: pd.DataFrame, numbers: st.SearchStrategy[Any], data: st.DataObject, dtype: str) -> pd.DataFrame:
    old = sorted(set(changes["old_code"]))
    drawn = data.draw(st.lists(numbers, min_size=len(old), max_size=len(old)))
    return counts(dict(zip(old, drawn, strict=True)), dtype)


@given(crosswalks(), st.data())
def test_law_totals_of_whole_numbers_are_kept_exactly(changes: pd.DataFrame, data: st.DataObject) -> None:
    values = values_of(changes, st.integers(-(10**12), 10**12), data, "int64")
    made = rebase_counts(values, changes).frame["n"]
    assert str(made.dtype) == "Int64"
    assert int(made.sum()) == int(values["n"].sum())


@given(crosswalks(), st.data())
def test_law_totals_of_other_numbers_are_kept_to_a_billionth(changes: pd.DataFrame, data: st.DataObject) -> None:
    values = values_of(changes, st.floats(0, 1e6), data, "float64")
    made = rebase_counts(values, changes).frame["n"]
    assert float(made.sum()) == pytest.approx(float(values["n"].sum()), rel=1e-12, abs=1e-9)


@given(crosswalks(), st.data())
def test_law_known_totals_are_kept_when_unknown_parts_are_left_out(changes: pd.DataFrame, data: st.DataObject) -> None:
    values = values_of(changes, st.none() | st.integers(0, 10**6), data, "Int64")
    made = rebase_counts(values, changes, unknown="skip")
    assert int(made.frame["n"].sum()) == int(values["n"].sum())
    lost = set(values.index[values["n"].isna()])
    assert set(made.unknown["part"]) == lost
    kept = rebase_counts(values, changes).frame["n"]
    touched = set(changes.loc[changes["old_code"].isin(lost), "new_code"])
    assert set(kept.index[kept.isna()]) == touched


@given(crosswalks(), st.data(), st.randoms())
def test_law_the_order_of_rows_does_not_matter(changes: pd.DataFrame, data: st.DataObject, random: Any) -> None:
    values = values_of(changes, st.none() | st.integers(0, 999), data, "Int64")
    at, by = list(range(len(changes))), list(range(len(values)))
    random.shuffle(at)
    random.shuffle(by)
    one, other = rebase_counts(values, changes), rebase_counts(values.iloc[by], changes.iloc[at])
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.unknown, other.unknown)


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=8), st.data())
def test_law_a_plain_merge_is_a_sum_by_group(targets: list[str], data: st.DataObject) -> None:
    old = [str(i) for i in range(len(targets))]
    changes = pd.DataFrame({"old_code": old, "new_code": targets, "share_households": 1.0})
    values = values_of(changes, st.integers(0, 10**6), data, "int64")
    expected = values["n"].groupby(dict(zip(old, targets, strict=True))).sum()
    assert rebase_counts(values, changes).frame["n"].to_dict() == expected.to_dict()


@given(crosswalks(), st.data())
def test_law_the_way_back_keeps_totals_too(changes: pd.DataFrame, data: st.DataObject) -> None:
    old = sorted(set(changes["old_code"]))
    sizes = pd.Series({code: float(data.draw(st.integers(1, 500))) for code in old})
    new = sorted(set(changes["new_code"]))
    values = counts({code: data.draw(st.integers(0, 10**6)) for code in new}, "int64")
    made = rebase_counts(values, changes, direction="backward", sizes=sizes).frame["n"]
    assert int(made.sum()) == int(values["n"].sum())


def test_shares_that_are_off_by_rounding_are_scaled_not_refused() -> None:
    thirds = pd.DataFrame({"old_code": ["1"] * 3, "new_code": list("ABC"), "share_households": [0.3333333] * 3})
    made = rebase_counts(counts({"1": 10**9}), thirds).frame["n"]
    assert int(made.sum()) == 10**9
    assert Fraction(int(made.max()) - int(made.min())) <= 1
