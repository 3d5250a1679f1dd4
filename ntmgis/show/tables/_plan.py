"""The plan's sheet: targets against what is reported, the budget as stated, and what the text leaves open."""

from collections.abc import Mapping
from typing import Any

from xlsxwriter.worksheet import Worksheet

from ntmgis.measure.facts import Facts
from ntmgis.programme.plan import BudgetLine, Plan
from ntmgis.show import words
from ntmgis.show.symbols import tier_fill
from ntmgis.show.tables._sheet import FORMS, QUIET, Book, Column, Painted, Sheet, missing
from ntmgis.store.snapshot import Snapshot

__all__ = ["write_plan_sheet"]

_LEVELS = {"commune": "xã", "district": "huyện", "city": "thành phố", "village": "thôn", "province": "tỉnh"}
_KINDS = {
    "increment": "tăng thêm trong năm",
    "named": "đơn vị nêu tên",
    "minimum_per_commune": "tối thiểu mỗi xã",
    "minimum_share": "tỷ lệ tối thiểu",
}
_STATES = {"reached": "Đạt mục tiêu", "short": "Chưa đạt mục tiêu", "unknown": "Chưa xác định được"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "reached": {"bg_color": tier_fill("ntm")},
    "short": {"bg_color": tier_fill("not_yet")},
    "unknown": {"italic": True, "font_color": QUIET},
}
_DIFFERS = {"bg_color": "#f2b8a2", "bold": True}
_HEAD = {"bold": True, "bg_color": "#e4e7eb", "border": 1, "border_color": "#cbd2d9", "text_wrap": True}
_CELL = {"border": 1, "border_color": "#cbd2d9"}
_BUDGET = (0, 1, 6, 7, 8, 9, 10)  # the budget stands under the columns of figures
_COLUMNS = (
    Column("Mã", 20),
    Column("Chỉ tiêu", 40, wrap=True),
    Column("Cấp", 11),
    Column("Huyện", 19),
    Column("Cách tính", 20),
    Column("Đơn vị tính", 11, wrap=True),
    Column("Mục tiêu", 10, "whole"),
    Column("Số đầu kỳ", 10, "whole"),
    Column("Số hiện nay", 10, "whole"),
    Column("Thực hiện", 10, "whole"),
    Column("Thực hiện so với mục tiêu (%)", 12, "share"),
    Column("Đánh giá", 20),
    Column("Ghi chú (trong ngoặc vuông: mâu thuẫn, điểm chưa rõ nêu bên dưới)", 60, wrap=True),
)


def write_plan_sheet(book: Book, snapshot: Snapshot, facts: Facts, plan: Plan) -> None:
    """The sheet of the plan: its targets, then its budget, then its contradictions, all as written."""
    rows = [_target(target, snapshot, plan) for target in facts.plan.to_dict("records")]
    count = facts.plan["status"].value_counts()
    title = (
        f"{count.get('reached', 0)}/{len(rows)} dòng chỉ tiêu của kế hoạch đã đạt, "
        f"{count.get('unknown', 0)} dòng chưa xác định được"
    )
    note = f"Kế hoạch {plan.number} ngày {words.day(plan.issued)}. Ô trống: văn bản không nêu hoặc chưa có số liệu."
    name = f"Kế hoạch {plan.number.split('/')[0]}"[:31]
    sheet = book.table(Sheet(name, title, note, _COLUMNS, rows, freeze=2, wide=True))
    row = _budget(book, sheet, plan, 3 + max(len(rows), 1) + 1)
    _doubts(book, sheet, plan, row + 1)


def _target(target: Mapping[Any, Any], snapshot: Snapshot, plan: Plan) -> tuple[object, ...]:
    names = {**plan.districts, **dict(zip(snapshot.districts["code"], snapshot.districts["name"], strict=True))}
    form = {"num_format": FORMS["share"]} if target["kind"] == "minimum_share" else {}
    district, status = target["district_code"], str(target["status"])
    return (
        target["id"],
        target["label"],
        _LEVELS.get(target["level"], target["level"]),
        None if missing(district) else names.get(district, district),
        _KINDS.get(target["kind"], target["kind"]),
        target["unit"],
        *(Painted(target[figure], form) for figure in ("target", "baseline", "actual")),
        target["done"],  # a number of units, for shares too
        target["share"],
        Painted(_STATES.get(status, status), _LOOKS.get(status, {})),
        _note(target["note"], plan),
    )


def _note(note: str, plan: Plan) -> str:
    """The note with each doubt that stands in full below the table as its mark: [V1]."""
    for doubt in plan.inconsistencies:
        note = note.replace(doubt.vi, f"[{doubt.id}]")
    return note


def _budget(book: Book, sheet: Worksheet, plan: Plan, row: int) -> int:
    """The budget lines as stated, beside the sum of their parts; returns the next free row."""
    if not plan.budget:
        return row
    heads = {
        1: f"Nhu cầu vốn ({plan.budget_unit})",
        6: "Số ghi trong văn bản",
        7: "Đầu tư phát triển",
        8: "Sự nghiệp",
        9: "Cộng hai phần",
        10: "Chênh lệch",
    }
    sheet.set_row(row, 44)
    for col in _BUDGET:
        book.put(sheet, row, col, heads.get(col), **_HEAD, align="left" if col < 6 else "center")
    for line in plan.budget:
        row += 1
        _budget_line(book, sheet, row, line)
    row += 1
    look = {**_CELL, "bold": True, "bg_color": "#e4e7eb"}
    total = sum(line.stated for line in plan.budget)
    figures = {6: plan.budget_total, 9: total, 10: plan.budget_total - total or None}
    for col in _BUDGET:
        book.put(sheet, row, col, "Tổng" if col == 1 else figures.get(col), **look, num_format=FORMS["whole"])
    return row + 1


def _budget_line(book: Book, sheet: Worksheet, row: int, line: BudgetLine) -> None:
    parts = None if line.investment is None or line.recurrent is None else line.investment + line.recurrent
    values: tuple[object, ...] = (
        line.id,
        f"{line.label} (khoảng)" if line.approximate else line.label,
        line.stated,
        line.investment,
        line.recurrent,
        parts,
        Painted(line.difference, _DIFFERS) if line.difference else None,
    )
    if len(line.label) > 42:
        sheet.set_row(row, 28)
    for col, value in zip(_BUDGET, values, strict=True):
        book.put(sheet, row, col, value, **_CELL, num_format=FORMS["whole"], text_wrap=col == 1)


def _doubts(book: Book, sheet: Worksheet, plan: Plan, row: int) -> None:
    """Contradictions and gaps of the document, one line each: shown, never corrected."""
    if not plan.inconsistencies:
        return
    last = len(_COLUMNS) - 1
    for col in range(last + 1):
        text = {0: "Mục", 1: "Mâu thuẫn và điểm chưa rõ trong văn bản: giữ nguyên, không sửa"}.get(col)
        book.put(sheet, row, col, text, **{**_HEAD, "border": 0, "text_wrap": False})
    for doubt in plan.inconsistencies:
        row += 1
        book.put(sheet, row, 0, f"{doubt.id} (mục {doubt.where})", font_color=QUIET, valign="top")
        sheet.merge_range(row, 1, row, last, None, book.look(text_wrap=True, valign="top"))
        book.put(sheet, row, 1, doubt.vi, text_wrap=True, valign="top")
        sheet.set_row(row, 15.0 * -(-len(doubt.vi) // 220))
