"""Sheets laid out by offices: every commune found within its district, nothing else imported, every mark right."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import office
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import DAY, EPOCH, Office

from ntmgis.errors import UsageError
from ntmgis.intake.accept import Intake, check_file, read_source
from ntmgis.units.reference import reference_units
from ntmgis.workspace import Source, load_workspace


def take(path: Path, table: str = "commune_status", **source: Any) -> Intake:
    source = {"as_of": DAY, **source} if table == "commune_status" else source
    made = read_source(Source(id="s", table=table, path=path, **source), units=reference_units(EPOCH), epoch=EPOCH)
    assert made.rows_in == len(made.frame) + made.quarantined
    return made


def check(made: Intake, sheet: Office, *, not_met: bool) -> None:
    assert dict(zip(made.frame["row"], made.frame["code"], strict=True)) == sheet.communes
    assert made.quarantined == 0, made.quarantine[["row", "rule"]].to_string()
    aside = {row for rows in made.aside.values() for row in rows}
    assert sheet.aside <= aside
    assert aside.isdisjoint(sheet.communes)
    for _, row in made.frame.iterrows():
        met = set(office.criteria(row["code"]))
        for n in range(1, 20):
            wanted = "met" if n in met else "not_met" if not_met else None
            assert row[f"tc{n}"] == wanted or (wanted is None and pd.isna(row[f"tc{n}"]))


LAYOUTS: dict[str, dict[str, Any]] = {
    "roman numerals": {},
    "district without its word": {"group_name": "{bare}"},
    "capitals and counts": {"group_name": "HUYỆN {bare} ({count} xã)"},
    "merged over the whole row": {"group_merged": True, "group_name": "{roman}. {district}"},
    "no numeral, bold name only": {"group": "", "group_name": "{bare}"},
    "no running numbers at all": {"ordinal": False, "group_name": "{bare}"},
    "letters": {"group": "A"},
    "full names, no totals": {"names": "name", "totals": False},
    "total first": {"first_total": True, "totals": False},
    "no titles, no notes": {"titles": (), "notes": (("Ghi chú: ô trống: chưa đạt",),), "numbered": False},
    "marks in words": {"met": "Đạt", "not_met": "Chưa đạt"},
    "marks in figures": {"met": 1, "not_met": 0},
    "marks in letters": {"met": "Đ", "not_met": "K"},
    "ticks": {"met": "✓", "notes": (("Ghi chú: (✓) là đạt, để trống là chưa đạt",),)},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_commune_comes_out_within_its_district(name: str, tmp_path: Path) -> None:
    sheet = Office(**LAYOUTS[name])
    made = take(office.save(sheet.build(), tmp_path))
    check(made, sheet, not_met=True)
    assert made.match is not None
    twins = made.match.rows[made.match.rows["unit_name"].isin(["Xã Đắk Hà", "Xã Đăk Hà", "Xã Đắk Long", "Xã Đăk Long"])]
    assert len(twins) == sum(
        one["bare"] in {"Đắk Hà", "Đăk Hà", "Đắk Long", "Đăk Long"} for one in office.communes() if one["kind"] == "xã"
    )


def test_rows_set_aside_are_named(tmp_path: Path) -> None:
    sheet = Office()
    made = take(office.save(sheet.build(), tmp_path))
    (note,) = [one for one in made.problems if one.code == "W-LAYOUT"]
    assert "tên biểu: dòng 1–2, 4–5" in note.rule
    assert "tiêu đề: dòng 7–9" in note.rule
    assert "nhóm: dòng 10," in note.rule
    assert "ghi chú, chữ ký: dòng" in note.rule
    assert made.rows_in == len(sheet.communes)


# --- laws -----------------------------------------------------------------------------------------------------------

SPARE = st.sampled_from(
    [
        ("BIỂU SỐ 02",),
        ("Đơn vị tính: tiêu chí",),
        ("SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("(Kèm theo Báo cáo số 15/BC-VPĐP)",),
        (),
    ]
)
BELOW = st.sampled_from(
    [
        ("Nguồn: Văn phòng Điều phối NTM",),
        ("", "", "", "Kon Tum, ngày 5 tháng 7 năm 2025"),
        ("", "NGƯỜI LẬP BIỂU", "", "", "", "GIÁM ĐỐC"),
        ("Nơi nhận:",),
        (),
    ]
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 99),
    titles=st.lists(SPARE, max_size=6),
    notes=st.lists(BELOW, max_size=4),
    layout=st.sampled_from(sorted(set(LAYOUTS) - {"ticks"})),
)
def test_order_titles_and_notes_never_change_what_is_accepted(
    tmp_path: Path, seed: int, titles: list[tuple[str, ...]], notes: list[tuple[str, ...]], layout: str
) -> None:
    order = office.blocks()
    random.Random(seed).shuffle(order)
    legend = ("Ghi chú: dấu x: đạt; ô trống: chưa đạt",)
    sheet = Office(**{**LAYOUTS[layout], "titles": titles, "notes": [legend, *notes]})
    made = take(office.save(sheet.build(order), tmp_path))
    check(made, sheet, not_met=True)


# --- what a blank means ---------------------------------------------------------------------------------------------


def codes(made: Intake) -> list[str]:
    return [one.code for one in made.problems]


def test_a_blank_is_asked_for_said_by_the_note_or_by_the_source(tmp_path: Path) -> None:
    silent = Office(notes=())
    path = office.save(silent.build(), tmp_path)
    made = take(path)
    check(made, silent, not_met=False)
    assert "W-MARKS-ASKED" in codes(made)
    made = take(path, blank="not_met")
    check(made, silent, not_met=True)
    assert "W-MARKS-BLANK" in codes(made)
    assert "W-MARKS-ASKED" not in codes(take(path, blank="unknown"))
    noted = Office()
    path = office.save(noted.build(), tmp_path)
    made = take(path)
    assert {"W-MARKS-NOTE", "W-MARKS-BLANK"} <= set(codes(made))
    made = take(path, blank="unknown")
    check(made, noted, not_met=False)
    assert "W-MARKS-CONTRARY" in codes(made)


def status(tmp_path: Path, marks: list[list[Any]], note: str = "", **source: Any) -> Intake:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Mã xã", "Tên xã", *[f"TC{n}" for n in range(1, len(marks[0]) + 1)], "Kết quả"])
    units = [one for one in office.communes() if one["kind"] == "xã"]
    for one, row in zip(units, marks, strict=False):
        page.append([one["code"], one["name"], *row, "Chưa đạt chuẩn"])
    if note:
        page.append([note])
    return take(office.save(book, tmp_path), **source)


def states(made: Intake) -> list[list[Any]]:
    known = [name for name in made.frame.columns if name.startswith("tc")]
    return [[None if pd.isna(v) else v for v in row] for row in made.frame[known].to_numpy().tolist()]


def test_the_note_may_turn_the_cross_around(tmp_path: Path) -> None:
    made = status(tmp_path, [["x", "✓", None]], "Ghi chú: “x” là chưa đạt, “✓” là đạt")
    assert states(made)[0][:3] == ["not_met", "met", None]
    made = status(tmp_path, [["+", "-", None]], "Ký hiệu: (+) đạt: +; chưa đạt: -")
    assert states(made)[0][:3] == ["met", "not_met", None]


def test_a_cross_beside_ticks_is_refused_when_nothing_says_what_it_means(tmp_path: Path) -> None:
    made = status(tmp_path, [["✓", "x", "✓"], ["✓", "v", None]])
    assert made.quarantine[["row", "code", "column"]].to_numpy().tolist() == [[2, "E-MARKS-AMBIGUOUS", "TC2"]]
    assert states(made)[0][:3] == ["met", "met", None]
    assert states(status(tmp_path, [["✓", "x", "k"]]))[0][:3] == ["met", "met", "not_met"]
    made = status(tmp_path, [["x", "x", "x"]], "Ghi chú: x: đạt; x: chưa đạt")
    assert set(made.quarantine["code"]) == {"E-MARKS-AMBIGUOUS"}


def test_a_row_without_any_mark_stays_unknown_and_a_dash_is_no_blank(tmp_path: Path) -> None:
    made = status(tmp_path, [["x", None, "-"], [None, None, None]], blank="not_met")
    assert [row[:3] for row in states(made)] == [["met", "not_met", None], [None, None, None]]
    (note,) = [one for one in made.problems if one.code == "W-MARKS-BLANK"]
    assert "1 ô" in note.rule
    assert "1 dòng không có dấu nào" in note.rule


def test_periods_are_read_as_their_last_day_and_say_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Mã xã", "Kết quả", "Thời điểm số liệu", "Ngày quyết định"])
    units = [one["code"] for one in office.communes() if one["kind"] == "xã"]
    periods = ["quý II/2025", "tháng 5/2025", "năm 2024", "6 tháng đầu năm 2025", 45838, "30/6/2025"]
    for code, period in zip(units, periods, strict=False):
        page.append([code, "Đạt", period, None])
    page.append([units[6], "Đạt", "30/6/2025", "quý II/2025"])
    made = take(office.save(book, tmp_path))
    days = [day.date() for day in made.frame["as_of"]]
    assert days == [DAY, date(2025, 5, 31), date(2024, 12, 31), DAY, date(2025, 6, 30), DAY]
    assert made.quarantine[["row", "code"]].to_numpy().tolist() == [[8, "E-VALUE-DATE"]]
    (note,) = [one for one in made.problems if one.code == "W-DATE-PERIOD"]
    assert "4 ô" in note.rule
    assert "“quý II/2025” là 30/06/2025" in note.rule


def test_the_page_that_walks_through_a_messy_file_quotes_the_tool(tmp_path: Path, repository: Path) -> None:
    page = (repository / "docs" / "tep-lon-xon.md").read_text(encoding="utf-8")
    made = check_file(office.walkthrough(tmp_path), "commune_status", epoch=EPOCH)
    assert f"{made.rows_in} dòng vào, {len(made.frame)} nhận, {made.quarantined} cách ly" in page
    for _, row in made.quarantine.iterrows():
        place = f"[{row['code']}] dòng {row['row']}, cột {row['column']} (giá trị: {row['value']})"
        assert f"{place}: {row['rule']} → {row['action']}" in page
    told = {one.code: one for one in made.problems}
    assert str(told["W-LAYOUT"]) in page
    assert f"[W-MARKS-ASKED] {told['W-MARKS-ASKED'].rule} → {told['W-MARKS-ASKED'].action}" in page


def test_what_a_blank_means_is_one_of_the_states(tmp_path: Path) -> None:
    text = """
        [province]
        code = "62"
        name = "Kon Tum"
        [build]
        as_of = 2025-06-30
        [[source]]
        id = "a"
        table = "commune_status"
        path = "a.xlsx"
        blank = "{}"
    """
    (tmp_path / "ntmgis.toml").write_text(text.format("not_met"), encoding="utf-8")
    assert load_workspace(tmp_path).sources[0].blank == "not_met"
    (tmp_path / "ntmgis.toml").write_text(text.format("chưa đạt"), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_workspace(tmp_path)
    assert [(one.code, one.column) for one in caught.value.problems] == [("E-CONFIG-VALUE", "source[a].blank")]
