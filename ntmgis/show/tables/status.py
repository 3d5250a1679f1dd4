"""maps/status.xlsx: the table behind the map and the sheet."""

from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import Plan, load_plan
from ntmgis.programme.tables import tables
from ntmgis.show import words
from ntmgis.show.source_words import source_state
from ntmgis.show.symbols import symbols, tier_label
from ntmgis.show.tables._measures import MEASURES
from ntmgis.show.tables._monitoring import write_monitoring_sheets
from ntmgis.show.tables._plan import write_plan_sheet
from ntmgis.show.tables._sheet import FORMS, QUIET, Book, Column, Sheet, tier_paint
from ntmgis.show.tables._units import (
    communes_sheet,
    criteria_sheet,
    districts_sheet,
    history_sheet,
    roads_sheet,
    tier_bar,
    villages_sheet,
)
from ntmgis.store.snapshot import Snapshot, SourceNote

__all__ = ["write_status_workbook"]

_REACHED = ("model", "advanced", "ntm")
_LIMIT_WORDS = {"road": "đường", "water_supply": "công trình cấp nước", "waste_point": "điểm thu gom, xử lý chất thải"}


def write_status_workbook(
    snapshot: Snapshot,
    facts: Facts,
    path: str | Path,
    *,
    plan: Plan | None = None,
    monitoring: Monitoring | None = None,
) -> Path:
    """The status workbook at `path`, whole or not at all; the same snapshot and facts give the same bytes.

    Sheets: Tóm tắt, Xã, Huyện, Thôn, Tiêu chí, Đường, the plan, Kỳ báo cáo, Nguồn. Numbers are numbers, codes text,
    unknown an empty cell. Villages and addresses appear as counts and shares only, small counts left out. `plan` is
    the plan that `facts` were measured against (None: Plan 305 as shipped). With `monitoring`, the sheets of a review
    stand after the plan: Tiến độ, Thay đổi, Thay đổi tiêu chí, Ứng viên, Nguy cơ, Diễn biến.
    """
    path = Path(path)
    title = words.headline(snapshot, facts)
    named = "; ".join(source.title for source in snapshot.sources)
    foot = f"Nguồn: {named}" if 0 < len(named) <= _FOOT else "Nguồn: xem trang “Nguồn”"
    with Book(path, title=title, as_of=snapshot.as_of, sample=snapshot.sample, foot=foot) as book:
        _summary(book, snapshot, facts, title)
        book.table(communes_sheet(snapshot, facts, title))
        districts = districts_sheet(snapshot, facts)
        _district_chart(book, book.table(districts), districts)
        book.table(villages_sheet(snapshot, facts))
        book.table(criteria_sheet(snapshot, facts))
        book.table(roads_sheet(facts))
        plan = load_plan() if plan is None else plan
        write_plan_sheet(book, snapshot, facts, plan)
        if monitoring is not None:
            write_monitoring_sheets(book, snapshot, facts, monitoring, plan)
        history = history_sheet(snapshot)
        _history_chart(book, book.table(history), history)
        _sources(book, snapshot.sources)
    return path


_HEAD = {"bold": True, "bg_color": "#e4e7eb", "border": 1, "border_color": "#cbd2d9", "text_wrap": True}
_CELL = {"border": 1, "border_color": "#cbd2d9"}
_LAST = 5  # last column of the summary
_FOOT = 90  # characters of sources that fit beside the page number
_ON_ONE_PAGE = 40  # so many source lines still fit on the summary's one printed page
_LABEL = 44  # characters in its first column


def _summary(book: Book, snapshot: Snapshot, facts: Facts, title: str) -> None:
    sheet = book.sheet("Tóm tắt", portrait=True)
    if len(snapshot.sources) <= _ON_ONE_PAGE:
        sheet.fit_to_pages(1, 1)
    for col, width in enumerate((33, 12, 12, 16, 13, 16)):
        sheet.set_column(col, col, width)
    book.put(sheet, 0, 0, title, bold=True, font_size=15)
    sheet.set_row(0, 26)
    _across(book, sheet, 1, 0, words.subtitle(snapshot, facts), font_color=QUIET)
    row = 3
    if snapshot.sample:
        sign = symbols()["sample"]
        text = f"{sign['vi']}. {sign['vi_long']}."
        _across(book, sheet, 2, 0, text, bold=True, font_color=sign["text"], bg_color=sign["band"])
        row = 4
    row = _tiers(book, sheet, facts, row)
    row = _province(book, sheet, facts, row + 1)
    row = _notes(book, sheet, "Cách đọc", _guide(facts), row + 1)
    _notes(book, sheet, "Số liệu và nguồn", _about(snapshot), row + 1)


def _across(book: Book, sheet: Worksheet, row: int, col: int, text: str, **look: Any) -> None:
    """A sentence from `col` to the last column, on as many lines as it needs."""
    look = {"text_wrap": True, "valign": "top", **look}
    sheet.merge_range(row, col, row, _LAST, None, book.look(**look))
    book.put(sheet, row, col, text, **look)
    room = {0: 110, 1: 95}.get(col, 80)
    sheet.set_row(row, 13.5 * -(-len(text) // room) + 3)


def _tiers(book: Book, sheet: Worksheet, facts: Facts, row: int) -> int:
    """Counts and shares by tier with their bars; returns the next free row."""
    first = row + 1
    heads = ("Kết quả cấp xã", "Số xã", "Tỷ lệ (%)", "Đạt từ mức này trở lên", "Tỷ lệ (%)")
    for col, head in enumerate(heads):
        book.put(sheet, row, col, head, **_HEAD, align="left" if col == 0 else "center")
    sheet.set_row(row, 30)
    assessed = sum(facts.tiers.values()) - facts.tiers["not_applicable"]
    above = 0
    for state in (s for s in TIER_STATES if s != "not_applicable"):
        row += 1
        count = facts.tiers[state]
        above += count
        book.put(sheet, row, 0, tier_paint(state, tier_label(state)), **_CELL, indent=1)
        book.put(sheet, row, 1, count, **_CELL, num_format=FORMS["whole"])
        book.put(sheet, row, 2, count / assessed if assessed else None, **_CELL, num_format=FORMS["share"])
        reached = state in _REACHED
        book.put(sheet, row, 3, above if reached else None, **_CELL, num_format=FORMS["whole"])
        share = above / assessed if reached and assessed else None
        book.put(sheet, row, 4, share, **_CELL, num_format=FORMS["share"])
    rest: tuple[tuple[str | None, int], ...] = ((None, assessed), ("not_applicable", facts.tiers["not_applicable"]))
    for other, count in rest:
        row += 1
        total = other is None
        label = "Tổng số xã thuộc diện đánh giá" if other is None else tier_paint(other, tier_label(other))
        look = {**_CELL, "bold": total}
        book.put(sheet, row, 0, label, **look, indent=1)
        book.put(sheet, row, 1, count, **look, num_format=FORMS["whole"])
        book.put(sheet, row, 2, 1.0 if total and assessed else None, **look, num_format=FORMS["share"])
        for col in (3, 4):
            book.put(sheet, row, col, None, **look)
    return _tier_chart(book, sheet, row + 2, first)


def _tier_chart(book: Book, sheet: Worksheet, row: int, first: int) -> int:
    """Bars of the assessed states that begin in row `first`; returns the row below the picture."""
    states = [state for state in TIER_STATES if state != "not_applicable"]
    chart = book.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": ["Tóm tắt", first, 0, first + len(states) - 1, 0],
            "values": ["Tóm tắt", first, 1, first + len(states) - 1, 1],
            "points": [tier_bar(state) for state in states],
            "gap": 35,
            "data_labels": {"value": True, "font": {"name": "Arial", "size": 10}},
        }
    )
    chart.set_legend({"none": True})
    chart.set_title(
        {"name": "Số xã theo kết quả (mỗi xã đếm một lần, ở mức cao nhất)", "name_font": {"size": 10, "name": "Arial"}}
    )
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_y_axis({"reverse": True, "line": {"none": True}, "num_font": {"name": "Arial", "size": 10}})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 680, "height": 190})
    sheet.insert_chart(row, 0, chart, {"description": "Số xã theo kết quả"})
    return row + 10


def _province(book: Book, sheet: Worksheet, facts: Facts, row: int) -> int:
    """The province's measures, each with what it is; those unknown stay empty."""
    for col in range(_LAST + 1):
        head = {0: "Toàn tỉnh", 1: "Giá trị", 2: "Là gì"}.get(col)
        book.put(sheet, row, col, head, **{**_HEAD, "border": 0}, align="center" if col == 1 else "left")
    for name, column in MEASURES.items():
        row += 1
        _across(book, sheet, row, 2, column.explain, font_size=9, font_color=QUIET, valign="vcenter", indent=1)
        book.put(sheet, row, 0, column.title, **_CELL)
        book.put(sheet, row, 1, facts.province.get(name), **_CELL, num_format=FORMS[column.form])
    return row + 1


def _about(snapshot: Snapshot) -> list[tuple[str, str]]:
    notes = [
        ("Ngày xem", words.day(snapshot.as_of)),
        ("Ngày của số liệu kết quả", words.day(words.data_day(snapshot))),
        *([("Phạm vi", words.known_words(snapshot))] if snapshot.known_at else []),
        ("Ranh giới", snapshot.epoch.title_vi),
    ]
    notes += [(source.title, _source_words(source)) for source in snapshot.sources]
    return notes


def _source_words(source: SourceNote) -> str:
    parts = [f"{words.number(source.rows)} dòng"]
    if source.as_of is not None:
        parts.append(f"số liệu ngày {words.day(source.as_of)}")
    if source.origin:
        parts.append(source.origin)
    return "; ".join(filter(None, (*parts, source_state(source))))


def _guide(facts: Facts) -> list[tuple[str, str]]:
    near = "; ".join(
        f"{_LIMIT_WORDS.get(layer, layer)} {words.number(metres)} m" for layer, metres in facts.limits.items()
    )
    return [
        ("Ô trống", "chưa biết. Không phải 0, không phải “chưa đạt”. Màu chấm: xã chưa có số liệu kết quả."),
        ("Mẫu số", "mọi xã, kể cả xã chưa có số liệu. Phường, thị trấn không thuộc diện đánh giá."),
        ("Đạt chuẩn trở lên", "xã kiểu mẫu cũng là xã nâng cao và xã đạt chuẩn."),
        ("Khoảng cách đã dùng", f"{near}. Ngưỡng tự đặt để so sánh, không phải quy định." if near else "không dùng"),
        ("Số nhỏ", f"dưới {SUPPRESS_UNDER} đối tượng thì không nêu số và tỷ lệ."),
    ]


def _notes(book: Book, sheet: Worksheet, head: str, notes: list[tuple[str, str]], row: int) -> int:
    """Label and sentence per line, the sentence across the page."""
    for col in range(_LAST + 1):
        book.put(sheet, row, col, head if col == 0 else None, **{**_HEAD, "border": 0})
    for label, text in notes:
        row += 1
        _across(book, sheet, row, 1, text, font_size=9)
        book.put(sheet, row, 0, label, text_wrap=True, valign="top", font_size=9, font_color=QUIET)
        if len(label) > _LABEL:
            sheet.set_row(row, 13.5 * max(-(-len(text) // 95), -(-len(label) // _LABEL)) + 3)
    return row + 1


def _district_chart(book: Book, sheet: Worksheet, data: Sheet) -> None:
    """Stacked bars of communes by tier per district, under the table."""
    rows = list(data.rows)
    if not rows:
        return
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"})
    first, last = 3, 2 + len(rows)
    for place, state in enumerate(TIER_STATES):
        col = 4 + place
        if not any(row[col] for row in rows):
            continue
        chart.add_series(
            {
                "name": [data.name, 2, col],
                "categories": [data.name, first, 1, last, 1],
                "values": [data.name, first, col, last, col],
                "gap": 40,
                **tier_bar(state),
            }
        )
    chart.set_title({"name": "Đơn vị cấp xã theo kết quả", "name_font": {"size": 11, "name": "Arial"}})
    chart.set_legend({"position": "bottom", "font": {"name": "Arial", "size": 9}})
    chart.set_y_axis({"reverse": True, "num_font": {"name": "Arial", "size": 9}})
    chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#e4e7eb"}}, "num_format": "0"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 900, "height": 120 + 26 * len(rows)})
    sheet.insert_chart(last + len(data.totals) + 2, 0, chart, {"description": "Đơn vị cấp xã theo kết quả và huyện"})


def _history_chart(book: Book, sheet: Worksheet, data: Sheet) -> None:
    """Stacked columns by reporting date, under the table."""
    rows = list(data.rows)
    if not rows:
        return
    chart = book.book.add_chart({"type": "column", "subtype": "stacked"})
    first, last = 3, 2 + len(rows)
    states = [state for state in TIER_STATES if state != "not_applicable"]
    # The darkest tier at the bottom, so that what is reached grows from the line.
    for place, state in enumerate(states, start=1):
        if not any(row[place] for row in rows):
            continue
        chart.add_series(
            {
                "name": [data.name, 2, place],
                "categories": [data.name, first, 0, last, 0],
                "values": [data.name, first, place, last, place],
                "gap": 50,
                **tier_bar(state),
            }
        )
    chart.set_title({"name": "Số xã theo kết quả, từng kỳ báo cáo", "name_font": {"size": 11, "name": "Arial"}})
    chart.set_legend({"position": "bottom", "font": {"name": "Arial", "size": 9}})
    chart.set_x_axis({"text_axis": True, "num_format": FORMS["date"], "num_font": {"name": "Arial", "size": 9}})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#e4e7eb"}}, "num_format": "0"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 720, "height": 300})
    sheet.insert_chart(last + 2, 0, chart, {"description": "Số xã theo kết quả, từng kỳ báo cáo"})


def _sources(book: Book, sources: tuple[SourceNote, ...]) -> None:
    columns = (
        Column("Mã nguồn", 16),
        Column("Bảng", 26, wrap=True),
        Column("Tên", 38, wrap=True),
        Column("Ngày số liệu", 12, "date"),
        Column("Số dòng", 10, "whole"),
        Column("Xuất xứ", 44, wrap=True),
        Column("Giấy phép", 22, wrap=True),
        Column("Tình trạng", 30, wrap=True),
    )
    known = tables()
    rows = [
        (
            source.id,
            known[source.table].title_vi if source.table in known else source.table,
            source.title,
            source.as_of,
            source.rows,
            source.origin or None,
            source.licence or None,
            source_state(source) or "đã đọc",
        )
        for source in sources
    ]
    failed = sum(source.failed and not source.undone for source in sources)
    undone = sum(source.undone for source in sources)
    title = f"{len(rows)} nguồn số liệu" + (f", {failed} nguồn không đọc được lần này" if failed else "")
    title += f", {undone} nguồn có lần nhập đã rút lại" if undone else ""
    note = "Ô trống: nguồn không nêu."
    book.table(Sheet("Nguồn", title, note, columns, rows, head_height=24))
