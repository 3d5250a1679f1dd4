"""The words that page, sheet and tables share."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
import tiny
import tiny_facts
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.show.words import UNKNOWN, data_day, day, headline, number, percent, quarter, share, subtitle

NOTHING = dict.fromkeys(("model", "advanced", "ntm", "not_yet", "not_reported", "not_applicable"), 0)


def said(**tiers: int) -> str:
    return headline(tiny.snapshot(), tiny_facts.facts(tiers={**NOTHING, **tiers}))


def test_headline_states_the_answer() -> None:
    assert said(ntm=37, advanced=10, model=4, not_yet=34, not_applicable=17) == (
        "51/85 xã đạt chuẩn nông thôn mới, đến 30/06/2025"
    )
    assert said(not_yet=3) == "0/3 xã đạt chuẩn nông thôn mới, đến 30/06/2025"


def test_headline_is_a_lower_bound_when_communes_are_silent() -> None:
    assert said(ntm=17, not_reported=68) == "Ít nhất 17/85 xã đạt chuẩn nông thôn mới, đến 30/06/2025"


def test_headline_of_silence_claims_nothing() -> None:
    assert said(not_reported=37) == "Chưa có số liệu nông thôn mới của 37 xã, đến 30/06/2025"
    assert said(not_applicable=3) == "Không có xã thuộc diện đánh giá, 30/06/2025"


def test_headline_in_english() -> None:
    facts = tiny_facts.facts()
    assert (
        headline(tiny.snapshot(), facts, "en") == "At least 3 of 5 communes meet the NTM standard, as of 30 June 2025"
    )
    assert "boundaries until 30 June 2025" in subtitle(tiny.snapshot(), facts, "en")


def test_the_date_is_that_of_the_data_not_of_the_look() -> None:
    late = tiny.snapshot(as_of=date(2025, 6, 30))
    assert data_day(late) == date(2025, 6, 30)
    old = late.commune_status.assign(as_of=pd.Timestamp(2019, 5, 13))
    seen = tiny.snapshot(commune_status=old)
    assert headline(seen, tiny_facts.facts()).endswith("đến 13/05/2019")
    assert subtitle(seen, tiny_facts.facts()).endswith("xem tại ngày 30/06/2025")
    assert data_day(tiny.snapshot(commune_status=old.iloc[:0])) == date(2025, 6, 30)


def test_subtitle_names_what_qualifies_the_answer() -> None:
    assert subtitle(tiny.snapshot(), tiny_facts.facts()) == (
        "Tỉnh Tí Hon, ranh giới đến 30/06/2025 · trong đó 1 nâng cao, 1 kiểu mẫu · 1 xã chưa có số liệu · "
        "1 thị trấn không thuộc diện đánh giá"
    )


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1166023, 0, "1.166.023"),
        (0, 0, "0"),
        (-1234.5, 1, "−1.234,5"),
        (-0.04, 1, "0,0"),
        (6.25, 1, "6,3"),
        (2.5, 0, "3"),
        (9674.18, 2, "9.674,18"),
        (pd.NA, 0, UNKNOWN),
        (float("nan"), 2, UNKNOWN),
        (None, 0, UNKNOWN),
    ],
)
def test_numbers_the_vietnamese_way(value: Any, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


def test_shares_show_both_parts() -> None:
    assert share(51, 85) == "51/85, 60,0%"
    assert share(0, 0) == "0/0"
    assert share(None, 85) == f"{UNKNOWN}/85"
    assert percent(1.0) == "100,0%"


def test_dates() -> None:
    assert day(date(2025, 6, 30)) == "30/06/2025"
    assert day(None) == day(pd.NaT) == UNKNOWN
    assert quarter(date(2025, 4, 1)) == "quý II/2025"


@given(st.integers(-(10**12), 10**12))
def test_a_number_can_be_read_back(value: int) -> None:
    assert int(number(value).replace(".", "").replace("−", "-")) == value
