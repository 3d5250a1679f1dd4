"""A large table read column by column is the table that row by row gives, or it is left to that."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ntmgis.errors import InputError
from ntmgis.intake import bulk
from ntmgis.intake.csvfile import read_text_table
from ntmgis.intake.headers import Sought, fields_of
from ntmgis.intake.raw import Place, RawTable
from ntmgis.programme.tables import table

SPEC = table("address_point")
SOUGHT = Sought(fields_of(SPEC, tabular=True), None, (SPEC.id, SPEC.title_vi), frozenset())
HEADER = ["Mã đối tượng", "Mã địa chỉ số", "Loại đối tượng", "Đã gắn mã", "Mã thôn", "Kinh độ", "Vĩ độ"]
ROW = ["H0000001", "2352104711", "hộ gia đình", "có", "10001-01", "107.6001", "14.5001"]
WORDS = [*ROW, "", '"a, b"', '""', "Tổng", "NULL", "\x0b", "\xa0", "nan"]
PLAIN = st.lists(st.sampled_from(WORDS), min_size=6, max_size=6)
ODD = st.lists(
    st.sampled_from([*WORDS, '"a\nb"', '"a""b"', 'a"b', '"ab"c', "hé g\\u1ed9", "tæ d©n phè"]), min_size=5, max_size=7
)
LEADS = st.sampled_from(["H0000001", "H0000002", "23281-01", "", "Tổng cộng", "1", "Người lập biểu", '"H0000003"'])


def read(path: Path, *, by_column: bool) -> RawTable | list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "FROM", 0 if by_column else 1 << 60)
        try:
            return read_text_table(path, SOUGHT)
        except InputError as error:
            return [str(one) for one in error.problems]


def same(path: Path) -> None:
    one, other = read(path, by_column=True), read(path, by_column=False)
    if isinstance(one, list) or isinstance(other, list):
        assert one == other
        return
    pd.testing.assert_frame_equal(one.cells, other.cells, check_exact=True)
    assert [[type(cell) for cell in row] for row in one.cells.to_numpy().tolist()] == [
        [type(cell) for cell in row] for row in other.cells.to_numpy().tolist()
    ]
    for name in ("place", "broken", "tabular", "warnings", "errors", "aside", "claimed", "located", "notes"):
        assert getattr(one, name) == getattr(other, name), name


def plain(rows: Sequence[Sequence[str]], *, mark: str = ",", end: str = "\n") -> str:
    return end.join(mark.join(row) for row in rows) + end


def taken(text: str, *, mark: str = ",") -> RawTable | None:
    return bulk.read_plain(text, SOUGHT, mark=mark, place=Place("a.csv"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(PLAIN.map(lambda cells: ["H0000007", *cells]), min_size=1, max_size=6)
    | st.lists(st.tuples(LEADS, ODD).map(lambda row: [row[0], *row[1]]), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.sampled_from(["", "\n", "\n\n"]),
)
def test_whatever_the_rows_hold_both_ways_give_one_table(
    tmp_path: Path, rows: list[list[str]], end: str, last: str
) -> None:
    text = end.join(",".join(row) for row in [HEADER, ROW, *rows]) + last
    event(f"by column: {taken(text) is not None}")
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    same(path)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_plain_table_is_read_by_column(tmp_path: Path, mark: str, end: str) -> None:
    rows = [[f"H{n:07d}", *ROW[1:]] for n in range(3000)]
    rows[5][2] = '"doanh nghiệp, cơ sở; kinh doanh"'
    text = plain([HEADER, *rows], mark=mark, end=end)
    made = taken(text, mark=mark)
    assert made is not None
    assert made.cells.index.tolist() == list(range(2, 3002))
    assert made.cells["Loại đối tượng"].iloc[5] == "doanh nghiệp, cơ sở; kinh doanh"
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    same(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: [["Danh sách địa chỉ số", *[""] * 6], *rows],  # a title above the header
        lambda rows: [*rows[:9], ["Tổng", *ROW[1:]], *rows[9:]],
        lambda rows: [*rows, ["Người lập biểu", *[""] * 6]],
        lambda rows: [*rows[:9], rows[9][:-1], *rows[10:]],
        lambda rows: [*rows[:9], [*rows[9], "thừa"], *rows[10:]],
        lambda rows: [*rows[:9], [""], *rows[9:]],
        lambda rows: [[*HEADER[:-1], ""], *rows[1:]],
        lambda rows: [rows[0], *([*row[:2], "hé gia ®×nh", *row[3:]] for row in rows[1:])],  # TCVN3 as Latin-1
        lambda rows: [rows[0], *([*row[:2], "h\\u1ed9 gia \\u0111\\u00ecnh", *row[3:]] for row in rows[1:])],
        lambda rows: [["Huyện", *HEADER[1:]], *rows[1:]],
    ],
)
def test_what_needs_a_look_at_its_rows_is_left_to_that(tmp_path: Path, spoil: Any) -> None:
    rows = spoil([HEADER, *([f"H{n:07d}", *ROW[1:]] for n in range(20))])
    text = plain(rows)
    header = rows[0]
    if header[0] != "Huyện":  # an address has no district, so that column is one nobody asked for
        assert taken(text) is None
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    same(path)


def test_nothing_but_a_header_and_nothing_at_all_are_left_to_the_rows() -> None:
    assert taken(plain([HEADER])) is None
    assert taken("") is None
    assert taken("\n\n") is None
