"""The review's sheets of the status workbook: numbers are numbers, text is text, and they print."""

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd
import tiny

from ntmgis.measure.compute import compute_facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import load_plan
from ntmgis.show.tables.status import write_status_workbook

LIMITS = {"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0}
SNAPSHOT = tiny.snapshot()
FACTS = compute_facts(SNAPSHOT, load_plan(), limits=LIMITS)
THEN = SNAPSHOT.commune_status.assign(tier="not_yet", as_of=pd.Timestamp(2024, 12, 31))
BEFORE = dataclasses.replace(SNAPSHOT, as_of=pd.Timestamp(2024, 12, 31).date(), commune_status=THEN)
NEW = ["Tiến độ", "Thay đổi", "Thay đổi tiêu chí", "Ứng viên", "Nguy cơ", "Diễn biến"]
HOSTILE = '=HYPERLINK("http://x","y")'


def monitoring(*, compared: bool = True) -> Monitoring:
    return compute_monitoring(SNAPSHOT, FACTS, load_plan(), before=BEFORE if compared else None)


def book(path: Path, made: Monitoring) -> openpyxl.Workbook:
    return openpyxl.load_workbook(write_status_workbook(SNAPSHOT, FACTS, path, monitoring=made))


def test_the_sheets_stand_after_the_plan(tmp_path: Path) -> None:
    names = book(tmp_path / "a.xlsx", monitoring()).sheetnames
    at = names.index("Kế hoạch 305")
    assert names[at + 1 : at + 7] == NEW
    without = book(tmp_path / "b.xlsx", monitoring(compared=False)).sheetnames
    assert "Thay đổi" not in without
    assert "Tiến độ" in without
    assert not set(NEW) & set(
        openpyxl.load_workbook(write_status_workbook(SNAPSHOT, FACTS, tmp_path / "c.xlsx")).sheetnames
    )


def test_headers_stay_in_view_and_repeat_in_print(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", monitoring())
    for name in NEW:
        sheet = made[name]
        assert sheet.freeze_panes.endswith("4")
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage  # one page wide, as many high as it takes
        assert sheet.page_setup.fitToHeight == 0
        assert sheet["A1"].value


def test_progress_numbers_and_rule(tmp_path: Path) -> None:
    made = monitoring()
    sheet = book(tmp_path / "a.xlsx", made)["Tiến độ"]
    heads = [cell.value for cell in sheet[3]]
    row = dict(zip(heads, sheet[4], strict=True))
    assert row["Mục tiêu"].value == 8
    assert row["Hiện nay"].value == 3
    assert row["Hạn"].number_format == r"dd\/mm\/yyyy"
    assert row["Cách tính"].value == made.targets.loc[0, "rule"]
    shares = [
        line for line in sheet.iter_rows(min_row=4) if line[heads.index("Đánh giá")].value == "Không nêu chỉ tiêu"
    ]
    assert shares[0][heads.index("Mục tiêu")].value is None
    texts = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value]
    assert any(text.startswith("Quy tắc đánh giá tiến độ") and "chỉ là quy ước" in text for text in texts)


def test_changes_and_candidates_agree_with_the_frames(tmp_path: Path) -> None:
    made = monitoring()
    opened = book(tmp_path / "a.xlsx", made)
    for name, frame in (("Thay đổi", made.changes), ("Ứng viên", made.candidates)):
        sheet = opened[name]
        column = [cell.value for cell in sheet[3]].index("Mã" if name == "Thay đổi" else "Mã xã")
        codes = [line[column].value for line in sheet.iter_rows(min_row=4, max_row=3 + len(frame))]
        assert codes == frame["code"].tolist()
    assert opened["Thay đổi"]["A1"].value == "31/12/2024 → 30/06/2025: 3 xã mới được công nhận"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    made = monitoring()
    hostile = dict.fromkeys(("name", "district", "decision", "source", "reason"), HOSTILE)
    made = dataclasses.replace(
        made,
        changes=made.changes.assign(**hostile),
        candidates=made.candidates.assign(name=HOSTILE, reason=HOSTILE, unlocks=HOSTILE),
        trend=made.trend.assign(name=HOSTILE, source=HOSTILE, note=HOSTILE),
        targets=made.targets.assign(label=HOSTILE, rule=HOSTILE, apart=HOSTILE),
        standing=made.standing.assign(reason=HOSTILE),
    )
    opened = book(tmp_path / "a.xlsx", made)
    for name in NEW:
        for line in opened[name].iter_rows():
            for cell in line:
                assert cell.data_type != "f"
                assert cell.hyperlink is None


def test_same_input_same_bytes(tmp_path: Path) -> None:
    files = [write_status_workbook(SNAPSHOT, FACTS, tmp_path / f"{n}.xlsx", monitoring=monitoring()) for n in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_trend_line_for_each_set(tmp_path: Path) -> None:
    rows = [("2025-06-30", "10001", "2016-2020", 17, 19), ("2025-06-30", "10002", "2021-2025", 12, 19)]
    history = pd.DataFrame(rows, columns=["as_of", "code", "criteria_set", "met", "judged"])
    history = history.assign(as_of=pd.to_datetime(history["as_of"]), not_applicable=0)
    snapshot = dataclasses.replace(SNAPSHOT, criteria_history=history)
    made = compute_monitoring(snapshot, FACTS, load_plan())
    sheet = openpyxl.load_workbook(write_status_workbook(snapshot, FACTS, tmp_path / "a.xlsx", monitoring=made))[
        "Diễn biến"
    ]
    heads = [cell.value for cell in sheet[3]]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4)]
    own = [
        line for line in lines if line[heads.index("Mã")] == "90" and str(line[heads.index("Ngày")]).startswith("2025")
    ]
    pairs = [(line[heads.index("Bộ tiêu chí")], line[heads.index("Tổng tiêu chí đạt")]) for line in own]
    assert pairs == [("2016-2020", 17), ("2021-2025", 12)]
    assert sum(line[heads.index("Số xã")] is not None for line in own) == 1
