"""Cells to values: numbers, dates, words and codes as people write them."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.intake.convert import NOT_APPLICABLE, convert
from ntmgis.intake.csvfile import separator
from ntmgis.intake.dates import day, year
from ntmgis.intake.figures import Marks, find_marks, number
from ntmgis.intake.headers import personal_columns
from ntmgis.intake.text import fold_words, joined
from ntmgis.programme.tables import Field, table, tables, values


def field(type_: Any, **more: Any) -> Field:
    return Field("x", type_, "X", (), "", **more)


def read(cells: list[Any], one: Field, **more: Any) -> tuple[list[Any], list[str]]:
    made = convert(pd.Series(cells, dtype=object), one, **more)
    return (
        [None if pd.isna(value) else value for value in made.typed],
        [made.faults[i].code for i in sorted(made.faults)],
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.166.023", 1_166_023),
        ("1,166,023", 1_166_023),
        ("1 166 023", 1_166_023),
        ("1\u00a0166\u00a0023", 1_166_023),
        ("1.166.023,5", 1_166_023.5),
        ("1,166,023.5", 1_166_023.5),
        ("15,88", 15.88),
        ("15.88", 15.88),
        ("-0,5", -0.5),
        ("0,125", 0.125),
        (",5", 0.5),
        ("1234.567", 1234.567),
        ("1e3", 1000),
        ("'12", 12),
        ("1.234", (1234, 1.234)),
        ("12,345", (12345, 12.345)),
        ("12 hộ", None),
        ("1.2.3", None),
        ("1.16.023", None),
        ("mười", None),
        ("", None),
    ],
)
def test_numbers(text: str, value: Any) -> None:
    assert number(text) == value


def test_two_readings_are_settled_by_the_column_the_file_the_limits_or_not_at_all() -> None:
    plain = field("number")
    assert read(["1.200", "15,88"], plain) == ([1200.0, 15.88], [])
    assert read(["1.200", "15.88"], plain) == ([1.2, 15.88], [])
    assert read(["1.200", "1.166.023"], plain) == ([1200.0, 1166023.0], [])
    assert read(["1.200"], plain, marks=lambda: Marks(comma="decimal")) == ([1200.0], [])
    assert read(["107.909"], field("number", min=-180, max=180)) == ([107.909], [])
    assert read(["1.200"], field("integer")) == ([1200], [])
    assert read(["1.200"], plain) == ([None], ["E-NUMBER-AMBIGUOUS"])
    assert read(["1.200", "15.88", "1.166.023"], plain) == ([None, 15.88, 1166023.0], ["E-NUMBER-AMBIGUOUS"])


def test_marks_of_one_column_do_not_decide_alone_when_they_contradict() -> None:
    assert find_marks(["15,88", "15.88"]) == Marks()
    assert find_marks(["15,88", 12.5, None, "x"]) == Marks(comma="decimal")


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 99))
def test_vietnamese_numbers_come_back(whole: int, hundredths: int) -> None:
    grouped = f"{whole:,}".replace(",", ".")
    (value,), faults = read([f"{grouped},{hundredths:02d}"], field("number"))
    assert faults == []
    assert value == pytest.approx(whole + hundredths / 100)
    (value,), faults = read([grouped], field("integer"))
    assert (value, faults) == (whole, [])


def test_limits_units_and_kinds_of_number() -> None:
    width = table("road").field("width")
    assert read(["3,5 m", "7.0", 5, None, "-", ""], width) == ([3.5, 7.0, 5.0, None, None, None], [])
    assert read(["150", "rộng", True, float("inf")], width)[1] == [
        *("E-VALUE-RANGE", "E-VALUE-NUMBER", "E-VALUE-NUMBER", "E-VALUE-NUMBER")
    ]
    assert read(["152 hộ", "1,5", "-1", 12.0], table("village").field("households")) == (
        [152, None, None, 12],
        ["E-VALUE-INTEGER", "E-VALUE-RANGE"],
    )


@pytest.mark.parametrize(
    "written",
    [
        *("13/5/2019", "13/05/2019", "13-5-2019", "13.5.2019", "2019-05-13", "2019-05-13 00:00:00", "2019/5/13"),
        *("ngày 13 tháng 5 năm 2019", "Ngày 13/5/2019", 43598, 43598.0, "43598", date(2019, 5, 13)),
        pd.Timestamp(2019, 5, 13, 8, 30),
    ],
)
def test_dates(written: Any) -> None:
    assert day(written) == date(2019, 5, 13)


@pytest.mark.parametrize(
    "written", ["5/13/2019", "31/2/2019", "13/5/19", "5/2019", "2019", 2019, "x", True, 1e30, 5, ""]
)
def test_what_is_no_date(written: Any) -> None:
    assert day(written) is None


@settings(deadline=None)
@given(st.dates(date(1920, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_form(when: date) -> None:
    serial = (when - date(1899, 12, 30)) / timedelta(days=1)
    for form in (when.isoformat(), when.strftime("%d/%m/%Y"), f"{when.day}/{when.month}/{when.year}", serial):
        assert day(form) == when


def test_years() -> None:
    assert [year(one) for one in ("2024", 2024.0, "năm 2024", "31/12/2024", date(2024, 1, 1))] == [2024] * 5
    assert [year(one) for one in ("24", 24, "x", True, 2024.5, "20245")] == [None] * 6


def test_yes_and_no() -> None:
    yes, faults = read(["có", "CÓ", "x", "✓", 1, 1.0, True, "đạt"], field("bool"))
    assert (yes, faults) == ([True] * 8, [])
    no, faults = read(["không", "0", 0, False, "chưa", "Chưa đạt"], field("bool"))
    assert (no, faults) == ([False] * 6, [])
    assert read(["", None, "-", "không rõ", "có lẽ"], field("bool")) == ([None] * 5, ["E-VALUE-BOOL"])


def test_enum_words() -> None:
    state = field("enum", values="criterion_state")
    assert read(["x", "✓", 1, "1.0", "Đạt", "đ", "D", True], state)[0][:3] == ["met"] * 3
    assert read(["Chưa đạt", "k", 0, False, "KHÔNG ĐẠT"], state) == (["not_met"] * 5, [])
    assert read(["", "-", None], state) == ([None] * 3, [])
    tier = field("enum", values="tier")
    spellings = ["Đạt chuẩn NTM", "dat chuan ntm", "ĐẠT  CHUẨN", "ntm", "Đạt chuẩn nông thôn mới"]
    assert read(spellings, tier) == (["ntm"] * 5, [])
    assert read(["không thuộc diện"], tier) == ([NOT_APPLICABLE], [])
    made = convert(pd.Series(["Nâng  caoo"], dtype=object), tier)
    assert made.faults[0].code == "E-VALUE-UNKNOWN"
    assert made.faults[0].words["nearest"] == "NTM nâng cao"


def test_no_two_values_share_a_spelling() -> None:
    for spec in tables().values():
        for one in spec.fields:
            if one.values is None:  # noqa: PD011 - no pandas object
                continue
            seen: dict[str, str] = {}
            for code, allowed in values(str(one.values)).items():
                for word in (code, allowed.vi, allowed.en, *allowed.aliases):
                    assert seen.setdefault(fold_words(word), code) == code, (spec.id, word)


def test_no_two_fields_of_a_table_share_a_header() -> None:
    for spec in tables().values():
        seen: dict[str, str] = {}
        for one in spec.fields:
            for word in (one.name, one.title_vi, *one.aliases):
                assert seen.setdefault(joined(word), one.name) == one.name, (spec.id, word)


def test_no_header_of_the_contract_is_taken_for_personal() -> None:
    for spec in tables().values():
        headers = [word for one in spec.fields for word in (one.name, one.title_vi, *one.aliases)]
        assert personal_columns(headers, households=spec.personal) == ()


def test_texts_are_cleaned_not_changed() -> None:
    text = field("text")
    assert read(["  Xã\u00a0Hà \u200bMòn ", "Ho\u0300a", 12.0, True, "NULL", "nan", "–"], text)[0] == [
        *("Xã Hà Mòn", "Hòa", "12", "True", None, None, None)
    ]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates())))
def test_no_cell_makes_a_conversion_fail_and_the_fast_way_gives_the_same(cells: list[Any]) -> None:
    kinds = ["text", "code", "integer", "number", "date", "year", "bool"]
    for one in [field("enum", values="tier"), field("code", digits=10), *map(field, kinds)]:
        made = convert(pd.Series(cells, dtype=object), one)
        assert len(made.typed) == len(cells)
        assert all(pd.isna(made.typed.iloc[i]) for i in made.faults)
        many = convert(pd.Series(cells * (1000 // max(len(cells), 1) + 1), dtype=object), one)
        pd.testing.assert_series_equal(many.typed.iloc[: len(cells)], made.typed)
        assert {i: fault for i, fault in many.faults.items() if i < len(cells)} == dict(made.faults)


def test_separators() -> None:
    assert separator("a,b,c\n1,2,3\n") == ","
    assert separator("Xã;Diện tích\nA;1,5\nB;2,5\n") == ";"
    assert separator("a\tb\n1\t2\n") == "\t"
    assert separator("Tiêu đề, có dấu phẩy\nXã|Kết quả\nA|B\nC|D\n") == "|"
    assert separator("một cột\n1\n") == ","
