"""The status workbook: numbers as in the facts, unknown empty, text that stays text, the same bytes twice."""

import re
import time
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import tiny
import tiny_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ntmgis.measure.compute import compute_facts
from ntmgis.programme.plan import load_plan
from ntmgis.show import words
from ntmgis.show.symbols import tier_fill, tier_label
from ntmgis.show.tables._measures import MEASURES
from ntmgis.show.tables._sheet import Book, Column, Sheet, cell_text
from ntmgis.show.tables.csvfile import write_csv
from ntmgis.show.tables.status import write_status_workbook
from ntmgis.store.snapshot import Snapshot

SHEETS = ["Tóm tắt", "Xã", "Huyện", "Thôn", "Tiêu chí", "Đường", "Kế hoạch 305", "Kỳ báo cáo", "Nguồn"]
HEADER = 3


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("status") / "status.xlsx"
    write_status_workbook(tiny.snapshot(), tiny_facts.facts(), path)
    return openpyxl.load_workbook(path)


def table(sheet: Worksheet) -> pd.DataFrame:
    rows = list(sheet.iter_rows(min_row=HEADER, values_only=True))
    return pd.DataFrame(rows[1:], columns=list(rows[0]), dtype=object)


def test_sheets_in_order_with_header_in_view_filter_and_page_set(workbook: openpyxl.Workbook) -> None:
    assert workbook.sheetnames == SHEETS
    for sheet in workbook.worksheets[1:]:
        assert sheet.freeze_panes is not None, sheet.title
        assert sheet.freeze_panes.endswith("4")
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
        assert sheet.oddHeader.right.text == "DỮ LIỆU MINH HOẠ"
        assert "&P" in sheet.oddFooter.right.text


def test_summary_states_the_answer_and_the_counts(workbook: openpyxl.Workbook) -> None:
    sheet = workbook["Tóm tắt"]
    assert sheet["A1"].value == words.headline(tiny.snapshot(), tiny_facts.facts())
    assert sheet["A1"].value.startswith("Ít nhất 3/5 xã")
    lines = {row[0]: row[1:] for row in sheet.iter_rows(min_row=4, max_row=14, max_col=5, values_only=True) if row[0]}
    assert lines["NTM kiểu mẫu"] == (1, 0.2, 1, 0.2)
    assert lines["NTM nâng cao"] == (1, 0.2, 2, 0.4)
    assert lines["Đạt chuẩn NTM"] == (1, 0.2, 3, 0.6)
    assert lines["Chưa có số liệu"] == (1, 0.2, None, None)
    assert lines["Tổng số xã thuộc diện đánh giá"] == (5, 1, None, None)
    assert lines["Không thuộc diện đánh giá"] == (1, None, None, None)
    text = "\n".join(str(v) for row in sheet.iter_rows(values_only=True) for v in row if v is not None)
    for said in (
        "Dữ liệu minh hoạ, ranh giới không có giá trị pháp lý",
        "đường 500 m",
        "1.000 m",
        "30/06/2025",
        "hình học tự đặt",
    ):
        assert said in text


def test_summary_says_nothing_of_samples_for_real_data(tmp_path: Path) -> None:
    path = write_status_workbook(tiny.snapshot(sample=False), tiny_facts.facts(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    everything = "\n".join(
        str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row if v is not None
    )
    assert "minh hoạ" not in everything.lower()
    assert book["Xã"].oddHeader.right.text is None


def test_commune_rows_hold_the_facts_as_numbers_and_unknown_as_nothing(workbook: openpyxl.Workbook) -> None:
    facts = tiny_facts.facts()
    rows = table(workbook["Xã"])
    assert list(rows["Mã xã"]) == [*facts.communes.index, "90"]
    one = rows.iloc[0]
    assert (one["Tên"], one["Kết quả"], one["Năm đạt chuẩn"]) == ("Xã Một", "Đạt chuẩn NTM", 2024)
    assert one["Ngày quyết định"] == pd.Timestamp(2025, 2, 14)
    assert (one["Tiêu chí đạt"], one["Tiêu chí có số liệu"]) == (19, 19)
    silent = rows.iloc[4]
    assert silent["Kết quả"] == "Chưa có số liệu"
    for title in ("Năm đạt chuẩn", "Quyết định số", "Ngày quyết định", "Tiêu chí đạt", "Tiêu chí có số liệu"):
        assert silent[title] is None
    for name, column in MEASURES.items():
        for written, known in zip(rows[column.title], [*facts.communes[name], facts.province[name]], strict=True):
            assert written is None if pd.isna(known) else written == pytest.approx(known)
    assert "Kết quả các xã cũ hợp thành" not in rows  # no unit here was merged


def test_codes_are_text_and_numbers_have_a_vietnamese_format(workbook: openpyxl.Workbook) -> None:
    sheet = workbook["Xã"]
    assert (sheet["A4"].value, sheet["A4"].number_format, sheet["A4"].data_type) == ("10001", "@", "s")
    titles = [cell.value for cell in sheet[HEADER]]
    area = sheet.cell(4, titles.index("Diện tích (km²)") + 1)
    assert (area.data_type, area.number_format) == ("n", "[$-42A]#,##0.0")
    assert sheet.cell(4, titles.index("Ngày quyết định") + 1).is_date


def test_tier_cells_have_the_colours_of_the_map(workbook: openpyxl.Workbook) -> None:
    column = workbook["Xã"]["E"][HEADER:]
    for cell, state in zip(column, tiny_facts.facts().communes["tier"], strict=False):
        assert cell.value == tier_label(state)
        if state != "not_reported":
            assert cell.fill.fgColor.rgb == "FF" + tier_fill(state)[1:].upper()
        else:
            assert cell.fill.patternType == "gray0625"


def test_merged_units_show_what_they_grew_out_of(tmp_path: Path) -> None:
    facts = tiny_facts.facts()
    communes = facts.communes.copy()
    communes["composition"] = [None] * 4 + [{"ntm": 2, "not_yet": 1}, None]
    path = write_status_workbook(tiny.snapshot(), tiny_facts.facts(communes=communes), tmp_path / "a.xlsx")
    rows = table(openpyxl.load_workbook(path)["Xã"])
    assert rows["Kết quả các xã cũ hợp thành"].iloc[4] == "2 Đạt chuẩn NTM, 1 Chưa đạt chuẩn"


def test_districts_count_each_commune_once_and_add_up(workbook: openpyxl.Workbook) -> None:
    rows = table(workbook["Huyện"]).iloc[:3]
    states = [tier_label(s) for s in tiny_facts.facts().tiers]
    for _, row in rows.iterrows():
        assert sum(row[s] for s in states) == row["Đơn vị cấp xã"]
    for title in ("Đơn vị cấp xã", "Trong đó xã", "Đạt chuẩn trở lên", *states):
        assert rows[title].iloc[0] + rows[title].iloc[1] == rows[title].iloc[2], title
    assert list(rows["Kết quả của huyện"])[:2] == ["Đạt chuẩn huyện NTM", "Chưa có số liệu"]
    assert rows["Tỷ lệ xã đạt chuẩn trở lên (%)"].iloc[2] == pytest.approx(3 / 5)


def test_an_epoch_without_districts_has_no_district_columns(tmp_path: Path) -> None:
    facts = tiny_facts.facts()
    communes = facts.communes.assign(district_code=None, district=None)
    snapshot = tiny.snapshot(districts=tiny.snapshot().districts.iloc[:0])
    path = write_status_workbook(
        snapshot, tiny_facts.facts(communes=communes, districts=facts.districts.iloc[:0]), tmp_path / "a.xlsx"
    )
    book = openpyxl.load_workbook(path)
    assert "Huyện" not in table(book["Xã"])
    assert "Huyện" not in table(book["Thôn"])
    assert book["Huyện"]["A1"].value == "Thời kỳ này không có cấp huyện"


def few_addresses(snapshot: Snapshot) -> pd.DataFrame:
    """Four objects of village 10001-01, all ten of the others."""
    frame = snapshot.addresses
    return frame[(frame["village_code"] != "10001-01") | (frame.groupby("village_code").cumcount() < 4)]


def test_villages_hide_small_numbers(tmp_path: Path) -> None:
    snapshot = tiny.snapshot(addresses=few_addresses(tiny.snapshot()))
    made = compute_facts(snapshot, load_plan(), limits={"road": 500, "water_supply": 1000, "waste_point": 1000})
    path = write_status_workbook(snapshot, made, tmp_path / "a.xlsx")
    rows = table(openpyxl.load_workbook(path)["Thôn"]).set_index("Mã thôn")
    for name, column in MEASURES.items():
        if not name.startswith("road_"):
            assert rows.loc["10001-01", column.title] is None
            assert rows.loc["10002-01", column.title] is not None
    assert rows.loc["10001-01", "Thôn NTM kiểu mẫu"] == "Có"
    assert rows.loc["10001-01", "Thôn thông minh"] == "Không"
    assert rows.loc["10002-01", "Thôn thông minh"] is None


def test_criteria_grid_keeps_unknown_apart_from_not_met(workbook: openpyxl.Workbook) -> None:
    rows = table(workbook["Tiêu chí"])
    assert "10006" not in set(rows["Mã xã"])  # a township is not assessed
    first, last = rows.columns[5], rows.columns[-1]
    by = rows.set_index("Mã xã")
    assert (by.loc["10003", first], by.loc["10003", last]) == ("Đạt", "Chưa đạt")
    assert (by.loc["10005", first], by.loc["10005", last]) == (None, None)
    totals = rows.iloc[-2:]
    assert list(totals["Xã"]) == ["Số xã đạt", "Số xã chưa đạt"]
    assert list(totals[last]) == [3, 1]


def test_roads_add_up_to_the_facts(workbook: openpyxl.Workbook) -> None:
    rows = table(workbook["Đường"])
    body, total = rows.iloc[:-1], rows.iloc[-1]
    assert body["Cộng (km)"].sum() == pytest.approx(50) == total["Cộng (km)"]
    assert total["nhựa (km)"] == pytest.approx(30)
    assert body.loc[body["Cấp đường"] == "quốc lộ", "đất (km)"].isna().all()


def test_the_plan_is_shown_as_written_with_its_gaps(workbook: openpyxl.Workbook) -> None:
    sheet = workbook["Kế hoạch 305"]
    rows = table(sheet).iloc[:2]
    assert list(rows["Đánh giá"]) == ["Chưa đạt mục tiêu", "Chưa xác định được"]
    assert list(rows["Mục tiêu"]) == [8, None]
    assert rows["Huyện"].iloc[1] == "Huyện Chín Hai"
    assert list(rows.iloc[:, -1]) == ["[T1]", "Kế hoạch không nêu chỉ tiêu cho huyện này."]  # T1 in full below
    assert sheet.auto_filter.ref == "A3:M5"  # the budget below is not part of the table


def test_the_budget_keeps_its_contradiction_and_flags_it(workbook: openpyxl.Workbook) -> None:
    plan = load_plan()
    lines = {row[0]: row for row in workbook["Kế hoạch 305"].iter_rows(min_row=6, max_col=11, values_only=True)}
    central = lines["central"]
    assert central[6:] == (114_887, 86_038, 28_579, 114_617, 270)
    assert sum(row[6] for id_, row in lines.items() if id_ in {line.id for line in plan.budget}) == 1_166_023
    text = [cell for row in workbook["Kế hoạch 305"].iter_rows(values_only=True) for cell in row if cell is not None]
    assert all(doubt.vi in text for doubt in plan.inconsistencies)


@pytest.mark.parametrize("sets", [["2016-2020", "2021-2025"] * 2, ["2016-2020"] * 4])
def test_criteria_carry_the_names_of_their_set_and_none_when_unknown_or_mixed(
    workbook: openpyxl.Workbook, tmp_path: Path, sets: list[str]
) -> None:
    assert table(workbook["Tiêu chí"]).columns[6] == "2. Giao thông"
    status = tiny.snapshot().commune_status.assign(criteria_set=sets)
    path = write_status_workbook(tiny.snapshot(commune_status=status), tiny_facts.facts(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(path)["Tiêu chí"]
    assert table(sheet).columns[6] == "Tiêu chí 2"
    assert f"Bộ tiêu chí {', '.join(sorted(set(sets)))}." in sheet["A2"].value


def test_history_counts_every_commune_at_every_date(workbook: openpyxl.Workbook) -> None:
    rows = table(workbook["Kỳ báo cáo"])
    assert list(rows["Thời điểm"]) == [pd.Timestamp(2024, 12, 31), pd.Timestamp(2025, 6, 30)]
    assert list(rows["Chưa đạt chuẩn"]) == [4, 1]
    assert list(rows["Chưa có số liệu"]) == [1, 1]
    assert list(rows["Đạt chuẩn trở lên"]) == [0, 3]


def test_sources_are_named_with_their_dates(workbook: openpyxl.Workbook) -> None:
    rows = table(workbook["Nguồn"])
    assert list(rows["Tên"]) == ["Ranh giới xã", "Kết quả NTM cấp xã"]
    assert list(rows["Ngày số liệu"]) == [None, pd.Timestamp(2025, 6, 30)]


def test_nothing_reported_at_all_still_makes_a_workbook(tmp_path: Path) -> None:
    empty = tiny.snapshot()
    snapshot = tiny.snapshot(
        commune_status=empty.commune_status.iloc[:0],
        criteria=empty.criteria.iloc[:0],
        history=empty.history.iloc[:0],
        villages=empty.villages.iloc[:0],
        layers={},
        sources=(),
    )
    facts = tiny_facts.facts()
    communes = facts.communes.assign(
        tier=facts.communes["tier"].where(facts.communes["tier"] == "not_applicable", "not_reported"),
        criteria_met=pd.array([pd.NA] * 6, dtype="Int64"),
        criteria_known=pd.array([0] * 6, dtype="Int64"),
    )
    tiers = {**dict.fromkeys(facts.tiers, 0), "not_reported": 5, "not_applicable": 1}
    facts = tiny_facts.facts(
        communes=communes,
        tiers=tiers,
        villages=facts.villages.iloc[:0],
        roads=facts.roads.iloc[:0],
        plan=facts.plan.iloc[:0],
    )
    book = openpyxl.load_workbook(write_status_workbook(snapshot, facts, tmp_path / "a.xlsx"))
    assert book.sheetnames == SHEETS
    assert book["Tóm tắt"]["A1"].value == "Chưa có số liệu nông thôn mới của 5 xã, đến 30/06/2025"
    assert book["Tiêu chí"]["A1"].value == "Chưa có số liệu từng tiêu chí"
    assert book["Đường"]["A4"].value == "Không có dòng nào."


def test_same_input_same_bytes_at_another_time(tmp_path: Path) -> None:
    first = write_status_workbook(tiny.snapshot(), tiny_facts.facts(), tmp_path / "a.xlsx").read_bytes()
    time.sleep(1.1)  # a clock in the file would show after a second
    second = write_status_workbook(tiny.snapshot(), tiny_facts.facts(), tmp_path / "b.xlsx").read_bytes()
    assert first == second
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created == pd.Timestamp(2025, 6, 30)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "status.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(KeyError):
        write_status_workbook(tiny.snapshot(), tiny_facts.facts(tiers={}), path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["status.xlsx"]


HOSTILE = [
    "<script>alert(1)</script>",
    "</script>",
    "${7*7}",
    "`x`",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "https://example.org/a b",
    "\u202eexe.slx",
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+84 123",
    "-2+3",
    "@SUM(A1)",
    "\tA",
    "__proto__",
    "{=A1}",
    "_x0041_",
    "ket_qua_xa_2021_xb_",
    "a\nb",
    "'quoted",
    "001",
    "1e5",
    "TRUE",
    " lead and trail ",
    "& < > \" '",
    "🏘" * 3,
]


def test_hostile_text_comes_back_as_the_same_text(tmp_path: Path) -> None:
    names = (HOSTILE * 2)[: 6 * (len(HOSTILE) // 6 + 1)]
    for start in range(0, len(names), 6):
        part = names[start : start + 6]
        facts = tiny_facts.facts()
        facts.communes["name"] = part
        facts.communes["decision"] = part
        path = write_status_workbook(tiny.snapshot(), facts, tmp_path / "a.xlsx")
        sheet = openpyxl.load_workbook(path)["Xã"]
        cells = [sheet.cell(4 + i, 2) for i in range(6)]
        assert [c.data_type for c in cells] == ["s"] * 6  # never "f", a formula
        assert all(c.hyperlink is None for c in cells)
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Xã").to_python()
        assert [row[1] for row in rows[3:9]] == part
        for cell in cells:
            assert cell.quotePrefix == str(cell.value).startswith(("=", "+", "-", "@", "\t"))


@pytest.mark.parametrize("streaming", [False, True])
def test_names_that_look_like_escapes_are_kept_in_two_runs(tmp_path: Path, *, streaming: bool) -> None:
    texts = ["ket_qua_xa_2021", "_xa_", "=_xa_", "xa_2021", "_xd_xa_"]
    with Book(tmp_path / "a.xlsx", title="x", as_of=date(2025, 1, 1), sample=False, streaming=streaming) as book:
        book.table(Sheet("T", "t", "", (Column("c", 10),), [(text,) for text in texts]))
    rich = openpyxl.load_workbook(tmp_path / "a.xlsx", rich_text=True)["T"]
    runs = [rich.cell(row, 1).value for row in range(4, 9)]
    assert [str(value) for value in runs] == texts
    for value in runs:
        for run in value if isinstance(value, CellRichText) else [value]:
            assert not re.search("_x[0-9a-fA-F]{1,3}_", str(run))


def test_letters_a_workbook_cannot_hold_are_replaced_in_sight() -> None:
    assert cell_text("a\x00b\x1b\x7f\ufffe\ud800") == "a␀b␛␡��"
    assert cell_text("a\r\nb\rc") == "a\nb␍c"
    long = cell_text("ă" * 40_000)
    assert len(long) <= 32_767
    assert long.endswith("ký tự]")
    assert "đã cắt 7273 ký tự" in long
    pairs = cell_text("🏘" * 20_000)
    assert len(pairs.encode("utf-16-le")) // 2 <= 32_767
    assert "\ud83c" not in pairs.encode("utf-16", "surrogatepass").decode("utf-16")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_any_text_round_trips(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    for streaming in (False, True):
        with Book(path, title="x", as_of=date(2025, 1, 1), sample=False, streaming=streaming) as book:
            book.table(Sheet("T", "t", "", (Column("c", 10),), [(text,) for text in texts]))
        sheet = openpyxl.load_workbook(path)["T"]
        for row, text in enumerate(texts, start=4):
            assert (sheet.cell(row, 1).value or "") == cell_text(text)


def test_header_and_footer_survive_ampersands_digits_and_length(tmp_path: Path) -> None:
    title = "51/85 xã & " + "rất dài " * 60
    with Book(tmp_path / "a.xlsx", title=title, as_of=date(2025, 1, 1), sample=True, foot=title) as book:
        book.sheet("T")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["T"]
    assert sheet.oddHeader.left.size == 8
    assert sheet.oddHeader.left.text.strip().startswith("51/85 xã && rất dài")
    assert sheet.oddHeader.right.text == "DỮ LIỆU MINH HOẠ"


def test_rows_beyond_the_last_row_of_excel_go_on_in_a_second_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ntmgis.show.tables._sheet._EXCEL_ROWS", 10)
    with Book(tmp_path / "a.xlsx", title="x", as_of=date(2025, 1, 1), sample=False, streaming=True) as book:
        book.table(Sheet("Dòng", "t", "", (Column("n", 10, "whole"),), [(n,) for n in range(15)]))
    loaded = openpyxl.load_workbook(tmp_path / "a.xlsx")
    written = [v for sheet in loaded for (v,) in sheet.iter_rows(min_row=4, values_only=True)]
    assert written == list(range(15))
    assert loaded.sheetnames == ["Dòng", "Dòng (2)", "Dòng (3)"]


def test_csv_opens_in_a_spreadsheet_as_text_numbers_and_blanks(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": ["Xã Đắk Hà", "=1+1", None],
            "km": [1.5, float("nan"), -2.0],
            "day": pd.to_datetime(["2025-06-30"] * 3),
        }
    )
    path = write_csv(frame, tmp_path / "a.csv")
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").split("\r\n")[:4] == [
        "name,km,day",
        "Xã Đắk Hà,1.5,2025-06-30",
        "'=1+1,,2025-06-30",
        ",-2.0,2025-06-30",
    ]
    back = pd.read_csv(path)
    assert back["km"].tolist()[0] == 1.5
