"""Criteria sets as data: what is certain is there, what was not read is not."""

from datetime import date
from fractions import Fraction

import pytest

from ntmgis.programme.compare import Count, compare_counts
from ntmgis.programme.criteria import ALL_SETS, CRITERIA_SETS, as_fraction, criteria_set, set_on
from ntmgis.programme.tables import values


def test_the_nineteen_criteria_of_2021_2025() -> None:
    made = criteria_set("2021-2025")
    assert [one.no for one in made.criteria] == list(made.numbers) == list(range(1, 20))
    groups = [one.group for one in made.criteria]
    assert [groups.count(group) for group in made.groups] == [1, 8, 4, 4, 2]
    # Only the one threshold that was read in a published text.
    found = [(one.no, t.indicator, t.column, t.at_least) for one in made.criteria for t in one.thresholds]
    assert found == [(3, "3.1", "tay_nguyen", 0.8)]
    assert [one.no for one in made.criteria if not one.public] == [19]
    assert [one.no for one in made.criteria if one.yearly] == [10]
    assert [one.vi for one in made.columns][::4] == ["Trung du miền núi phía Bắc", "Tây Nguyên"]


def test_the_old_set_is_a_number_and_the_new_one_ten_names() -> None:
    old, new = criteria_set("2016-2020"), criteria_set("2026-2030")
    assert (old.count, old.criteria, old.columns) == (19, (), ())
    # Its names were not read, yet number 19 stays off public maps as in the set after it.
    assert (old.withheld, criteria_set("2021-2025").withheld) == ({19}, {19})
    assert (new.count, new.indicators, len(new.criteria), len(new.columns)) == (10, 47, 10, 3)
    assert [one.no for one in new.criteria] == list(new.numbers)
    assert not any(one.thresholds for one in new.criteria)
    with pytest.raises(KeyError):
        old.criterion(1)


@pytest.mark.parametrize("id_", ALL_SETS)
def test_every_set_says_where_it_comes_from_and_what_is_not_known(id_: str) -> None:
    made = criteria_set(id_)
    assert made.id == id_
    assert made.basis
    assert made.title_vi
    assert made.unknown_vi
    assert made.unknown_en
    assert made.certainty in {"certain", "likely"}
    assert all(one.basis and one.certainty in {"certain", "likely"} for one in made.conditions)
    assert all(t.basis for one in made.criteria for t in one.thresholds)
    assert {one.no for one in made.criteria} <= set(made.numbers) or made.count is None


def test_a_set_that_is_not_there() -> None:
    for id_ in ("2031-2035", "../tables", ""):
        with pytest.raises(KeyError):
            criteria_set(id_)
    assert set(CRITERIA_SETS) == set(values("criteria_set"))


def test_the_rules_of_the_higher_levels() -> None:
    district = criteria_set("2021-2025-district")
    needs = {one.id: one.need for one in district.conditions}
    assert needs == {
        "communes_ntm": 1, "communes_advanced": 0.10, "townships": 1, "satisfaction": 0.90, "own_criteria": None,
    }  # fmt: skip
    assert district.count is None, "how many criteria a district has of its own is not certain"
    assert district.withdrawal is not None
    assert district.withdrawal.units_share == Fraction(3, 10)
    assert criteria_set("2021-2025-city").conditions[0].need == 1
    assert criteria_set("2021-2025-village-minority").count == 10
    assert criteria_set("2021-2025-advanced").columns == criteria_set("2021-2025").columns


def test_the_rule_of_withdrawal_is_of_one_set_only() -> None:
    rule = criteria_set("2021-2025").withdrawal
    assert rule is not None
    assert (rule.from_share, rule.whole_share, rule.key) == (Fraction(3, 10), Fraction(1, 2), (10, 17, 19))
    assert "môi trường sống" in rule.mapping_vi
    assert criteria_set("2016-2020").withdrawal is None
    assert criteria_set("2026-2030").withdrawal is None


def test_a_set_told_from_a_date() -> None:
    days = [date(2017, 11, 30), date(2022, 3, 7), date(2022, 3, 8), date(2026, 2, 14), date(2026, 2, 15)]
    assert [set_on(day) for day in days] == ["2016-2020", "2016-2020", "2021-2025", "2021-2025", "2026-2030"]


def test_shares_are_exact() -> None:
    assert as_fraction(0.1) == Fraction(1, 10)
    assert as_fraction(1) == 1


def test_kon_ray_is_two_sets_not_a_fall() -> None:
    old, new = Count("2016-2020", 105, 114), Count("2021-2025", 72, 114, date(2022, 12, 31))
    told = compare_counts(old, new)
    assert not told.comparable
    assert told.change is None
    assert told.vi == (
        "105/114 (bộ 2016-2020) và 72/114 (bộ 2021-2025, 31/12/2022): hai bộ tiêu chí khác nhau, không phải là giảm."
    )
    assert told.en.endswith("two different sets, not a fall.")
    assert compare_counts(new, old).en.endswith("not a rise.")
    assert compare_counts(old, Count("2021-2025", 105, 114)).en.endswith("two different sets: not compared.")


def test_counts_of_one_set_compare_when_they_count_the_same() -> None:
    one = Count("2021-2025", 70, 114)
    assert compare_counts(one, Count("2021-2025", 72, 114)).vi.endswith("tăng 2 tiêu chí.")
    assert compare_counts(one, Count("2021-2025", 69, 114)).en.endswith("down 1 criterion.")
    assert compare_counts(one, one).change == 0
    assert compare_counts(one, Count("2021-2025", 72, 133)).change is None
    assert compare_counts(one, Count(None, 72, 114)).change is None
