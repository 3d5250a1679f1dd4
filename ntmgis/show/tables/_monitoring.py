"""The sheets of a review: progress, changes, criteria that changed, candidates, risk of withdrawal, numbers by date."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import CHANGE_KINDS, RISKS, Monitoring, Note
from ntmgis.measure.told import Row, records
from ntmgis.programme.plan import Plan
from ntmgis.programme.tables import values
from ntmgis.programme.tiers import TIERS, at_least
from ntmgis.show import words
from ntmgis.show.monitoring_words import (
    change_word,
    criteria_change_word,
    level_word,
    measure_word,
    pace_word,
    risk_word,
    state_word,
)
from ntmgis.show.symbols import tier_fill, tier_label
from ntmgis.show.tables._sheet import FORMS, QUIET, Book, Column, Painted, Sheet, missing, tier_paint
from ntmgis.store.snapshot import Snapshot

__all__ = ["write_monitoring_sheets"]

_GOOD, _BAD = {"bg_color": tier_fill("ntm")}, {"bg_color": "#f2b8a2"}
_QUIET = {"italic": True, "font_color": QUIET}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "reached": _GOOD,
    "on_track": _GOOD,
    "behind": {"bg_color": tier_fill("not_yet")},
    "missed": _BAD,
    "unknown": _QUIET,
    "no_target": _QUIET,
    "withdrawn": _BAD,
    "down": _BAD,
    "newly_recognised": _GOOD,
    "up": _GOOD,
    "corrected": _QUIET,
    "withdrawable": _BAD,
    "at_risk": {"bg_color": tier_fill("not_yet")},
}
_TREND_NOTE = (
    "Số tiêu chí nêu riêng theo từng bộ; hai bộ không so được với nhau. “Đã công bố”: số do văn bản nêu, để cạnh số "
    "tính từ từng xã."
)


def write_monitoring_sheets(book: Book, snapshot: Snapshot, facts: Facts, monitoring: Monitoring, plan: Plan) -> None:
    """The sheets Tiến độ, Thay đổi, Thay đổi tiêu chí (when compared), Ứng viên, Nguy cơ, Diễn biến."""
    notes = {note.id: note for note in monitoring.notes}
    _progress(book, snapshot, monitoring, plan, notes)
    if monitoring.since is not None:
        others = [note for id_, note in notes.items() if id_ not in {"target_rule", "trend_sets"}]
        _changes(book, monitoring, others)
        _criteria(book, monitoring)
    book.table(_candidates(monitoring))
    book.table(_risk(facts, monitoring))
    book.table(_trend(monitoring))


def _under(book: Book, sheet: Worksheet, rows: int, columns: Sequence[Column], notes: Iterable[str]) -> None:
    """Sentences under a table, across all its columns."""
    row, last = 3 + max(rows, 1), len(columns) - 1
    room = max(int(sum(column.width for column in columns)), 20)
    for text in notes:
        row += 1
        sheet.merge_range(row, 0, row, last, None, book.look(text_wrap=True, valign="top", font_color=QUIET))
        book.put(sheet, row, 0, text, text_wrap=True, valign="top", font_color=QUIET)
        sheet.set_row(row, 13.5 * -(-len(text) // room) + 4)


def _progress(book: Book, snapshot: Snapshot, monitoring: Monitoring, plan: Plan, notes: Mapping[str, Note]) -> None:
    columns = (
        Column("Chỉ tiêu", 40, wrap=True),
        Column("Huyện", 18),
        Column("Mục tiêu", 9, "whole"),
        Column("Gốc", 9, "whole"),
        Column("Hiện nay", 9, "whole"),
        Column("Đã thêm", 9, "whole"),
        Column("Phải thêm đến hạn", 9, "whole"),
        Column("Theo đường thẳng phải thêm", 11, "tenth"),
        Column("Còn phải làm", 9, "whole"),
        Column("Mỗi quý còn lại", 9, "tenth"),
        Column("Hạn", 11, "date"),
        Column("Đánh giá", 18),
        Column("Cách tính", 62, wrap=True),
        Column("Tính riêng", 40, wrap=True),
    )
    names = {**plan.districts, **dict(zip(snapshot.districts["code"], snapshot.districts["name"], strict=True))}
    rows = [_target(row, names) for row in records(monitoring.targets)]
    counts = monitoring.targets["pace"].value_counts()
    good = int(counts.get("reached", 0)) + int(counts.get("on_track", 0))
    late = int(counts.get("behind", 0)) + int(counts.get("missed", 0))
    title = (
        f"{good}/{len(rows)} dòng chỉ tiêu đã đạt hoặc đúng tiến độ, {late} chậm, "
        f"{int(counts.get('unknown', 0))} chưa xác định được"
    )
    note = f"Kế hoạch {plan.number}. Ô trống: chưa biết hoặc kế hoạch không nêu. Quy tắc ở cuối bảng."
    table = Sheet("Tiến độ", title, note, columns, rows, freeze=2, wide=True).without_blank("Huyện")
    _under(
        book, book.table(table), len(rows), table.columns, [notes["target_rule"].vi] if "target_rule" in notes else []
    )


def _target(row: Row, names: Mapping[str, str]) -> tuple[object, ...]:
    share = {"num_format": FORMS["share"]} if row["kind"] == "minimum_share" else {}
    pace = str(row["pace"])
    return (
        row["label"],
        names.get(row["district_code"] or "", row["district_code"]),
        Painted(row["target"], share),
        row["stock"],
        Painted(row["actual"], share),
        row["grown"],
        row["needed"],
        row["expected"],
        row["remaining"],
        row["per_quarter"],
        row["deadline"],
        Painted(pace_word(pace), _LOOKS.get(pace, {})),
        row["rule"],
        row["apart"],
    )


def _changes(book: Book, monitoring: Monitoring, notes: Sequence[Note]) -> None:
    columns = (
        Column("Cấp", 9),
        Column("Thay đổi", 24, wrap=True),
        Column("Mã", 9, "code"),
        Column("Đơn vị", 26, wrap=True),
        Column("Huyện", 19),
        Column("Trước", 20, wrap=True),
        Column("Sau", 20, wrap=True),
        Column("Số liệu trước", 11, "date"),
        Column("Số liệu sau", 11, "date"),
        Column("Quyết định số", 15),
        Column("Ngày quyết định", 11, "date"),
        Column("Lý do", 52, wrap=True),
        Column("Nguồn", 34, wrap=True),
    )
    rows = [_change(row) for row in records(monitoring.changes)]
    since, day = words.day(monitoring.since), words.day(monitoring.as_of)
    note = "Số liệu được sửa (không phải thay đổi thực tế) đứng riêng, ở cuối mỗi cấp."
    title = f"{since} → {day}: {_counted(monitoring)}"
    table = Sheet("Thay đổi", title, note, columns, rows, freeze=4, wide=True).without_blank("Huyện")
    _under(book, book.table(table), len(rows), table.columns, [one.vi for one in notes])


def _change(row: Row) -> tuple[object, ...]:
    level, kind = str(row["level"]), str(row["kind"])
    before = (
        row["mixture"] if kind == "regrouped" else None if row["before"] is None else state_word(row["before"], level)
    )
    return (
        level_word(level),
        Painted(change_word(kind), _LOOKS.get(kind, {})),
        row["code"],
        row["name"],
        row["district"],
        before,
        None if row["after"] is None else state_word(row["after"], level),
        row["before_as_of"],
        row["after_as_of"],
        row["decision"],
        row["decision_date"],
        row["reason"],
        row["source"],
    )


def _counted(monitoring: Monitoring) -> str:
    """The changes of communes in a line, in the order of the kinds."""
    communes = monitoring.changes[monitoring.changes["level"].eq("commune")]
    counts = communes["kind"].value_counts()
    told = []
    for kind in CHANGE_KINDS:
        if counts.get(kind):
            word = change_word(kind)
            said = f"xã {word[:1].lower()}{word[1:]}" if kind != "regrouped" else "đơn vị mới do sắp xếp, không so được"
            told.append(f"{counts[kind]} {said}")
    return ", ".join(told) or "không có thay đổi cấp xã"


def _criteria(book: Book, monitoring: Monitoring) -> None:
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Huyện", 19),
        Column("Bộ tiêu chí", 12),
        Column("Tiêu chí", 9, "whole"),
        Column("Thay đổi", 20),
        Column("Trước", 16),
        Column("Sau", 16),
        Column("Số liệu trước", 11, "date"),
        Column("Số liệu sau", 11, "date"),
        Column("Nguồn", 48, wrap=True),
    )
    known = values("criterion_state")

    def said(state: object) -> object:
        return known[str(state)].vi if not missing(state) and str(state) in known else state

    rows = [
        (
            row["code"],
            row["name"],
            row["district"],
            row["criteria_set"],
            row["criterion"],
            Painted(criteria_change_word(str(row["kind"])), {"gained": _GOOD, "lost": _BAD}.get(str(row["kind"]), {})),
            said(row["before"]),
            said(row["after"]),
            row["before_as_of"],
            row["after_as_of"],
            row["source"],
        )
        for row in records(monitoring.criteria_changes)
    ]
    counts = monitoring.criteria_changes["kind"].value_counts()
    title = f"{int(counts.get('gained', 0))} tiêu chí mới đạt, {int(counts.get('lost', 0))} tiêu chí không còn đạt"
    note = "Chỉ so trong cùng một bộ tiêu chí; xã đổi bộ tiêu chí giữa hai ngày không có ở đây."
    book.table(Sheet("Thay đổi tiêu chí", title, note, columns, rows, freeze=2))


def _candidates(monitoring: Monitoring) -> Sheet:
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Huyện", 19),
        Column("Hiện nay", 22),
        Column("Bậc kế tiếp", 22),
        Column("Thiếu (tiêu chí)", 9, "whole"),
        Column("Chưa rõ (tiêu chí)", 9, "whole"),
        Column("Còn thiếu gì", 52, wrap=True),
        Column("Đạt thì tính vào", 56, wrap=True),
    )
    rows = [
        (
            row["code"],
            row["name"],
            row["district"],
            tier_paint(row["tier"], tier_label(row["tier"])),
            tier_label(row["to_tier"]),
            row["missing_count"],
            row["unknown_count"],
            row["reason"],
            row["unlocks"],
        )
        for row in records(monitoring.candidates)
    ]
    first = [row for row in records(monitoring.candidates) if row["to_tier"] == TIERS[1]]
    near = sum(row["missing_count"] is not None and row["missing_count"] <= 1 for row in first)
    title = f"{len(first)} xã chưa đạt chuẩn, trong đó {near} xã thiếu không quá 1 tiêu chí"
    note = "Gần nhất đứng trước, theo từng bậc. Bậc nâng cao, kiểu mẫu: chưa có số liệu theo bộ tiêu chí của bậc đó."
    return Sheet("Ứng viên", title, note, columns, rows, freeze=2, wide=True).without_blank("Huyện")


def _risk(facts: Facts, monitoring: Monitoring) -> Sheet:
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Huyện", 19),
        Column("Công nhận", 22),
        Column("Nguy cơ thu hồi", 18),
        Column("Tỷ lệ tiêu chí không còn đạt (%)", 11, "share"),
        Column("Tiêu chí không còn đạt", 18, wrap=True),
        Column("Tiêu chí chưa rõ", 18, wrap=True),
        Column("Lý do", 70, wrap=True),
    )
    standing = monitoring.standing
    told = [
        {
            **row,
            "code": str(code),
            "name": facts.communes["name"].get(code),
            "district": facts.communes["district"].get(code),
        }
        for code, row in zip(standing.index, records(standing), strict=True)
    ]
    recognised = [row for row in told if at_least(str(row["tier"]), TIERS[1])]
    listed = [row for row in recognised if row["missing"] or row["unknown"] or row["risk"] != "none"]
    listed.sort(key=lambda row: (RISKS.index(str(row["risk"])), -(row["risk_share"] or 0.0), row["code"]))
    rows = [
        (
            row["code"],
            row["name"],
            row["district"],
            tier_paint(row["tier"], tier_label(row["tier"])),
            Painted(risk_word(str(row["risk"])), _LOOKS.get(str(row["risk"]), {})),
            row["risk_share"],
            ", ".join(map(str, row["missing"])) or None,
            ", ".join(map(str, row["unknown"])) or None,
            row["reason"],
        )
        for row in listed
    ]
    counts = {risk: sum(row["risk"] == risk for row in recognised) for risk in RISKS}
    title = (
        f"{counts['withdrawable']} xã thuộc diện thu hồi, {counts['at_risk']} xã có nguy cơ, "
        f"{counts['unknown']} xã chưa rõ, trên {len(recognised)} xã đã công nhận"
    )
    note = "Theo Quyết định 18/2022/QĐ-TTg. Chỉ nêu xã đã công nhận mà còn tiêu chí không đạt hoặc chưa rõ."
    return Sheet("Nguy cơ", title, note, columns, rows, freeze=2, wide=True).without_blank("Huyện")


_TREND_MEASURES = (
    "communes",
    "reported",
    "ntm",
    "advanced",
    "model",
    "criteria_met_total",
    "criteria_total",
    "criteria_mean",
)


def _trend(monitoring: Monitoring) -> Sheet:
    """One line for each unit, date and criteria set; what a text published stands in a line of its own."""
    columns = (
        Column("Cấp", 8),
        Column("Mã", 8, "code"),
        Column("Đơn vị", 24),
        Column("Ngày", 11, "date"),
        *(Column(measure_word(name), 9, "whole") for name in _TREND_MEASURES[:5]),
        Column("Bộ tiêu chí", 11, centre=True),
        *(Column(measure_word(name), 9, "whole") for name in _TREND_MEASURES[5:7]),
        Column(measure_word("criteria_mean"), 9, "hundredth"),
        Column("Chỉ số khác", 40, wrap=True),
        Column("Cách có số", 15),
        Column("Nguồn, ghi chú", 44, wrap=True),
    )
    rows = [_trend_line(line) for line in _trend_lines(monitoring)]
    days = monitoring.trend["as_of"].dropna()
    span = f"{words.day(days.min())} – {words.day(days.max())}" if len(days) else "chưa có số liệu"
    title = f"Diễn biến theo ngày, {span}"
    return Sheet("Diễn biến", title, _TREND_NOTE, columns, rows, freeze=4, wide=True).without_blank("Chỉ số khác")


def _trend_lines(monitoring: Monitoring) -> list[Row]:
    """The rows of the trend gathered by unit, date, origin and criteria set.

    Tiers, which no set belongs to, stand in the line of the first set of their day.
    """
    lines: dict[tuple[object, ...], Row] = {}
    for row in records(monitoring.trend):
        unit = (row["level"], row["code"], row["as_of"], row["origin"])
        key = (*unit, row["criteria_set"])
        if key not in lines:
            bare = lines.pop((*unit, None), None) if row["origin"] == "counted" and row["criteria_set"] else None
            lines[key] = {**(bare or {"values": {}, "other": [], "notes": []}), **row}
        line = lines[key]
        if row["measure"] in _TREND_MEASURES:
            line["values"][row["measure"]] = row["value"]
        elif row["origin"] == "published":
            name = measure_word(str(row["measure"]), "published")
            about = f" ({row['note']})" if row["note"] else ""
            line["other"].append(f"{name}{about}: {words.number(row['value'])}")
        notes = [row["source"], None if row["measure"] not in _TREND_MEASURES else row["note"]]
        line["notes"] += [one for one in notes if one and one not in line["notes"]]
    return list(lines.values())


def _trend_line(line: Row) -> tuple[object, ...]:
    values = [line["values"].get(name) for name in _TREND_MEASURES]
    return (
        level_word(str(line["level"])),
        line["code"],
        line["name"],
        line["as_of"],
        *values[:5],
        line["criteria_set"],
        *values[5:],
        "; ".join(line["other"]) or None,
        "Đã công bố" if line["origin"] == "published" else "Tính từ từng xã",
        "; ".join(line["notes"]) or None,
    )
