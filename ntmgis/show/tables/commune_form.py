"""The form of a commune: filled in with what is known, checked by drop-downs, and sent back to be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from ntmgis.intake.form import (
    CRITERIA_SHEET,
    CRITERION_COLUMNS,
    FLAGS,
    HIDDEN_SHEET,
    LABELS,
    MARK,
    MAX_TEXT,
    REMARK,
    VILLAGE_COLUMNS,
    VILLAGES_SHEET,
    FormFacts,
    Items,
    prefilled_digest,
)
from ntmgis.programme.criteria import CriteriaSet, Threshold
from ntmgis.programme.tables import values
from ntmgis.programme.thresholds import OfficeThresholds, all_thresholds
from ntmgis.show import words
from ntmgis.show.symbols import symbols, tier_fill, tier_label
from ntmgis.show.tables._sheet import FORMS, QUIET, Book, tier_paint

__all__ = ["CommuneForm", "FormVillage", "write_commune_form"]

STATES: Mapping[str, str] = {code: one.vi for code, one in values("criterion_state").items()}
_YES_NO: Mapping[str, str] = {"yes": "Có", "no": "Không"}
_INPUT = "#fffbe6"  # the cells to fill in; white everywhere else
_HEAD = "#e4e7eb"
_LINE = "#9aa5b1"
_CELL: Mapping[str, Any] = {"border": 1, "border_color": _LINE}
_WRITE: Mapping[str, Any] = {**_CELL, "bg_color": _INPUT, "locked": False, "text_wrap": True}
_STATE_FILL = {
    "met": tier_fill("ntm"),
    "not_met": tier_fill("not_yet"),
    "not_assessed": "#ffffff",
    "not_applicable": tier_fill("not_applicable"),
}
_WIDTHS = (6, 34, 14, 15, 24, 36)  # of the sheet of the commune; its last column is _LAST
_LAST = len(_WIDTHS) - 1
_ALLOWED: Mapping[str, Any] = {  # on a sheet protected without a password
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
}


@dataclass(frozen=True, slots=True)
class FormVillage:
    """A village as the tables have it; `flags` by name: "yes", "no", None unknown."""

    code: str
    name: str
    kind: str | None
    households: int | None
    ethnic_minority: bool | None
    flags: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommuneForm:
    """What stands in the form of one commune.

    facts        who and when
    criteria     the set whose criteria it asks for
    cells        criterion number → state, value, evidence as known (missing: unknown)
    known_on     day of the criteria filled in; None: nothing is known
    tier         state as recognised, with `standard_year`, `decision`, `decision_date`, `tier_on`
    villages     in the order of their codes
    sample       the data are a sample
    office       thresholds that the office states beside the shipped ones
    """

    facts: FormFacts
    criteria: CriteriaSet
    cells: Mapping[int, Mapping[str, str | None]]
    known_on: date | None
    tier: str
    tier_on: date | None = None
    standard_year: int | None = None
    decision: str | None = None
    decision_date: date | None = None
    villages: tuple[FormVillage, ...] = ()
    sample: bool = False
    office: OfficeThresholds | None = None

    def items(self) -> Items:
        """What the form is filled in with, item by item, as reading it back gives it."""
        fields = [name for name in CRITERION_COLUMNS if name != "key"]
        made: dict[str, dict[str, str | None]] = {
            f"tc{no}": {name: self.cells.get(no, {}).get(name) for name in fields} for no in self.criteria.numbers
        }
        made.update({one.code: {name: one.flags.get(name) for name in FLAGS} for one in self.villages})
        return made


def write_commune_form(form: CommuneForm, path: str | Path) -> Path:
    """The form at `path`, whole or not at all; the same content gives the same bytes.

    Sheets: the commune with its criteria (one printed A4 page), its villages when it has any, guidance, and a hidden
    one that says what was filled in. Everything but the cells to fill in is locked, without a password.
    """
    path = Path(path)
    place = ", ".join(filter(None, (form.facts.name, form.facts.district)))
    title = f"Phiếu nông thôn mới: {place}, kỳ {words.day(form.facts.as_of)}"
    foot = f"{form.facts.code} · bộ tiêu chí {form.facts.criteria_set}"
    with Book(path, title=title, as_of=form.facts.as_of, sample=form.sample, foot=foot) as book:
        _commune(book, form, place)
        if form.villages:
            _villages(book, form)
        _guide(book, form)
        _hidden(book, form)
    return path


def _across(book: Book, sheet: Worksheet, row: int, first: int, text: object, **look: Any) -> None:
    sheet.merge_range(row, first, row, _LAST, None, book.look(**look))
    book.put(sheet, row, first, text, **look)


def _commune(book: Book, form: CommuneForm, place: str) -> None:
    sheet = book.sheet(CRITERIA_SHEET, portrait=True)
    sheet.fit_to_pages(1, 1)
    for col, width in enumerate(_WIDTHS):
        sheet.set_column(col, col, width)
    sheet.set_row(0, 26)
    book.put(sheet, 0, 0, f"Phiếu rà soát nông thôn mới kỳ {words.day(form.facts.as_of)}", bold=True, font_size=15)
    sheet.set_row(1, 20)
    book.put(sheet, 1, 0, place, bold=True, font_size=12)
    note = "Chỉ điền ô nền vàng nhạt. Ô đã có số là số đã biết: sửa nếu khác. Ô trống: chưa biết, không phải chưa đạt."
    look: dict[str, Any] = {"font_color": QUIET, "text_wrap": True}
    if form.sample:
        sign = symbols()["sample"]
        look |= {"font_color": sign["text"], "bg_color": sign["band"]}
        note = f"{sign['vi']}. {note}"
    sheet.set_row(2, 18)
    _across(book, sheet, 2, 0, note, **look)
    row = _about(book, sheet, form, 4)
    row = _criteria(book, sheet, form, row + 1)
    sheet.set_row(row + 1, 66)
    sheet.merge_range(row + 1, 0, row + 1, 1, None, book.look(**_CELL))
    book.put(sheet, row + 1, 0, REMARK, **_CELL, bold=True, valign="top", indent=1)
    sheet.merge_range(row + 1, 2, row + 1, _LAST, None, book.look(**_WRITE))
    book.put(sheet, row + 1, 2, None, **_WRITE, valign="top")
    _signatures(book, sheet, row + 3)
    sheet.protect("", dict(_ALLOWED))


def _about(book: Book, sheet: Worksheet, form: CommuneForm, row: int) -> int:
    """What is known of the commune, locked; returns the next free row."""
    facts = form.facts
    decided = f"ngày {words.day(form.decision_date)}" if form.decision_date else None
    decision = " ".join(filter(None, (form.decision, decided)))
    known = [one.households for one in form.villages if one.households is not None]
    least = "" if len(known) == len(form.villages) else "ít nhất "
    houses = f"{words.number(len(form.villages))} thôn, {least}{words.number(sum(known))} hộ (theo danh sách thôn)"
    villages = houses if form.villages else None
    lines: list[tuple[str, object, str, object]] = [
        (LABELS["code"], facts.code, "Được công nhận", tier_paint(form.tier, tier_label(form.tier))),
        (LABELS["name"], facts.name, "Năm đạt chuẩn", form.standard_year),
        ("Huyện", facts.district or None, "Quyết định", decision or None),
        ("Bộ tiêu chí", facts.criteria_set, "Thôn, hộ", villages),
    ]
    look: dict[str, Any] = {**_CELL, "align": "left", "indent": 1}
    head: dict[str, Any] = {**_CELL, "bg_color": _HEAD, "bold": True, "indent": 1}
    for left, said, right, told in lines:
        sheet.set_row(row, 17)
        sheet.merge_range(row, 2, row, 3, None, book.look(**look))
        # The label stands in the first column and the value in the third: the widths are those of the criteria.
        sheet.merge_range(row, 0, row, 1, None, book.look(**head))
        book.put(sheet, row, 0, left, **head)
        book.put(sheet, row, 2, said, **look, num_format=FORMS["code"])
        book.put(sheet, row, 4, right, **head)
        book.put(sheet, row, 5, told, **look, num_format=FORMS["year"])
        row += 1
    note = "Kết quả được công nhận chỉ thay đổi theo quyết định của cấp có thẩm quyền; phiếu này không sửa được."
    _across(book, sheet, row, 0, note, font_color=QUIET, font_size=9, italic=True)
    return row + 1


def _criteria(book: Book, sheet: Worksheet, form: CommuneForm, row: int) -> int:
    """The criteria by group; returns the row of the last line."""
    since = f"Đã biết ({words.day(form.known_on)})" if form.known_on else "Đã biết"
    heads = (
        CRITERION_COLUMNS["key"],
        "Tiêu chí",
        since,
        *(CRITERION_COLUMNS[n] for n in ("state", "value", "evidence")),
    )
    sheet.set_row(row, 32)
    for col, head in enumerate(heads):
        book.put(sheet, row, col, head, **_CELL, bold=True, bg_color=_HEAD, text_wrap=True, align="center")
    comments = {
        2: "Kết quả kho dữ liệu biết khi in phiếu. Không sửa ở đây.",
        3: f"Chọn một trong: {', '.join(STATES.values())}. Để trống nếu chưa biết.",
        4: "Số đo được của tiêu chí, kèm đơn vị. Ví dụ: 52,3 triệu đồng/người.",
        5: "Số văn bản, báo cáo, nơi lưu. Không ghi họ tên, số điện thoại của người dân.",
    }
    for col, text in comments.items():
        sheet.write_comment(row, col, text, {"x_scale": 1.6, "y_scale": 0.8, "author": "ntmgis"})
    first, group = row + 1, ""
    rows: list[int] = []
    titles = {one.no: one for one in form.criteria.criteria}
    limits = all_thresholds(form.criteria.id, form.facts.as_of.year, form.office)
    for no in form.criteria.numbers:
        one = titles.get(no)
        if one is not None and one.group != group:
            group = one.group
            row += 1
            told = f"{group}. {form.criteria.groups[group]}" if group in form.criteria.groups else f"Nhóm {group}"
            _across(book, sheet, row, 0, told, **_CELL, bold=True, bg_color="#f3f4f6", indent=1)
        row += 1
        rows.append(row)
        title = one.vi if one is not None else f"Tiêu chí {no}"
        sheet.set_row(row, 30 if len(title) > 36 else 24)
        _criterion_line(book, sheet, row, no, title, form.cells.get(no, {}))
        told = _threshold_words(form.criteria, limits.get(no, ()))
        if told:
            sheet.write_comment(row, 1, told, {"x_scale": 2.2, "y_scale": 1.1, "author": "ntmgis"})
    _state_rules(book, sheet, first, row)
    _state_choice(sheet, rows)
    row += 1
    total = len(form.criteria.numbers)
    known = sum(form.cells.get(no, {}).get("state") == "met" for no in form.criteria.numbers)
    look: dict[str, Any] = {**_CELL, "bold": True, "bg_color": _HEAD, "align": "center"}
    for col in range(_LAST + 1):
        book.put(sheet, row, col, None, **look)
    book.put(sheet, row, 1, f"Số tiêu chí đạt, trong {total} tiêu chí", **{**look, "align": "left", "indent": 1})
    book.put(sheet, row, 2, known if form.cells else None, **look)
    # The one formula of the form is ours: it counts while somebody types.
    met = STATES["met"]
    sheet.write_formula(row, 3, f'=COUNTIF(D{first + 1}:D{row},"{met}")', book.look(**look), known)
    return row


def _criterion_line(
    book: Book, sheet: Worksheet, row: int, no: int, title: str, cells: Mapping[str, str | None]
) -> None:
    state = cells.get("state")
    said = STATES.get(state or "", state)
    book.put(sheet, row, 0, no, **_CELL, align="center")
    book.put(sheet, row, 1, title, **_CELL, text_wrap=True, indent=1)
    book.put(sheet, row, 2, said, **_CELL, align="center", font_color=QUIET)
    book.put(sheet, row, 3, said, **_WRITE, align="center")
    book.put(sheet, row, 4, cells.get("value"), **_WRITE, num_format="@")
    book.put(sheet, row, 5, cells.get("evidence"), **_WRITE, num_format="@", font_size=9)


def _threshold_words(criteria: CriteriaSet, thresholds: Sequence[Threshold]) -> str:
    """The thresholds known for the year, as the comment of a criterion; "" where none is known."""
    columns = {one.id: one.vi for one in criteria.columns}
    told = []
    for one in thresholds:
        where = f", {columns.get(one.column, one.column)}" if one.column else ""
        for sign, limit in (("từ", one.at_least), ("không quá", one.at_most)):
            if limit is not None:
                plain = f"{words.number(limit, 0 if limit == int(limit) else 1)} {one.unit}"
                figure = words.percent(limit) if one.unit == "tỷ lệ" else plain
                told.append(f"{one.indicator} {one.vi}: {sign} {figure} ({one.basis}{where})")
    return "Ngưỡng đã biết. " + "; ".join(told) if told else ""


def _state_rules(book: Book, sheet: Worksheet, first: int, last: int) -> None:
    """Colours of the states, as everywhere; a state that differs from what was known is bold with a red frame."""
    for code, title in STATES.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{title}"', "format": _shade(book, _STATE_FILL[code])}
        sheet.conditional_format(first, 3, last, 3, rule)
    differs = {"type": "formula", "criteria": f'=AND($A{first + 1}<>"",EXACT($C{first + 1},$D{first + 1})=FALSE)'}
    frame = book.book.add_format({"bold": True, "border": 2, "border_color": "#b91c1c"})
    sheet.conditional_format(first, 3, last, 3, {**differs, "format": frame})


def _shade(book: Book, colour: str) -> Any:
    return book.book.add_format({"bg_color": colour})


def _state_choice(sheet: Worksheet, rows: Sequence[int]) -> None:
    """Drop-downs and limits of the cells to fill in."""
    allowed = ", ".join(STATES.values())
    choice = {
        "validate": "list",
        "source": list(STATES.values()),
        "input_title": CRITERION_COLUMNS["state"],
        "input_message": f"Chọn: {allowed}. Để trống nếu chưa biết.",
        "error_title": CRITERION_COLUMNS["state"],
        "error_message": f"Chỉ nhận: {allowed}; hoặc để trống.",
    }
    text = {
        "validate": "length",
        "criteria": "<=",
        "value": MAX_TEXT,
        "error_title": "Quá dài",
        "error_message": f"Nhiều nhất {MAX_TEXT} ký tự.",
    }
    for row in rows:
        sheet.data_validation(row, 3, row, 3, choice)
        sheet.data_validation(row, 4, row, 5, text)


def _signatures(book: Book, sheet: Worksheet, row: int) -> None:
    for first, last, text in ((0, 2, "Người lập phiếu"), (4, _LAST, "TM. Uỷ ban nhân dân")):
        look: dict[str, Any] = {"align": "center", "bold": True}
        sheet.merge_range(row, first, row, last, None, book.look(**look))
        book.put(sheet, row, first, text, **look)
        quiet: dict[str, Any] = {"align": "center", "italic": True, "font_color": QUIET, "font_size": 9}
        sheet.merge_range(row + 1, first, row + 1, last, None, book.look(**quiet))
        book.put(sheet, row + 1, first, "(ký trên bản in, nếu cơ quan cần)", **quiet)


def _villages(book: Book, form: CommuneForm) -> None:
    sheet = book.sheet(VILLAGES_SHEET, portrait=True)
    heads = (
        (VILLAGE_COLUMNS["key"], 11),
        ("Thôn", 24),
        ("Loại", 11),
        ("Số hộ", 8),
        ("Vùng DTTS", 9),
        *((VILLAGE_COLUMNS[name], 14) for name in FLAGS),
    )
    for col, (_, width) in enumerate(heads):
        sheet.set_column(col, col, width)
    place = f"{form.facts.name}: {words.number(len(form.villages))} thôn, làng, tổ dân phố"
    note = (
        "Chỉ điền ba cột nền vàng nhạt. Ô trống: chưa biết. Danh sách thôn và số hộ sửa ở danh sách thôn, không ở đây."
    )
    book.heading(sheet, place, note, columns=len(heads))
    sheet.set_row(2, 32)
    for col, (head, _) in enumerate(heads):
        book.put(sheet, 2, col, head, **_CELL, bold=True, bg_color=_HEAD, text_wrap=True, align="center")
    for row, one in enumerate(form.villages, start=3):
        sheet.set_row(row, 17)
        cells = (one.code, one.name, one.kind, one.households, one.ethnic_minority)
        forms = (FORMS["code"], "General", "General", FORMS["whole"], "General")
        for col, (value, number) in enumerate(zip(cells, forms, strict=True)):
            side: dict[str, Any] = {"align": "center"} if col == 4 else {"indent": 1}
            book.put(sheet, row, col, value, **_CELL, num_format=number, **side)
        for col, name in enumerate(FLAGS, start=5):
            flag = one.flags.get(name)
            book.put(sheet, row, col, _YES_NO.get(flag or ""), **_WRITE, align="center")
    last = 2 + len(form.villages)
    choice = {
        "validate": "list",
        "source": list(_YES_NO.values()),
        "input_title": "Có hoặc Không",
        "input_message": "Để trống nếu chưa biết.",
        "error_title": "Có hoặc Không",
        "error_message": "Chỉ nhận Có, Không; hoặc để trống.",
    }
    sheet.data_validation(3, 5, last, 7, choice)
    rule = {"type": "cell", "criteria": "==", "value": '"Có"', "format": _shade(book, tier_fill("ntm"))}
    sheet.conditional_format(3, 5, last, 7, rule)
    sheet.freeze_panes(3, 2)
    sheet.repeat_rows(2)
    sheet.protect("", dict(_ALLOWED))


_STEPS = (
    ("Điền", "Chỉ các ô nền vàng nhạt. Các ô khác đã khoá để phiếu còn đọc lại được; khoá không có mật khẩu."),
    ("Kết quả kỳ này", "Chọn trong danh sách. Sửa khi kết quả đã khác; ô khác với số đã biết được đóng khung đỏ."),
    ("Ô trống", "Chưa biết. Xoá một kết quả đã có nghĩa là nay không còn biết, không phải “chưa đạt”."),
    ("Dấu x", "Không dùng: nơi hiểu là đạt, nơi hiểu là chưa đạt. Dùng danh sách."),
    (
        "Số liệu",
        "Ghi con số và đơn vị. Minh chứng: số văn bản, nơi lưu. Không ghi họ tên, điện thoại của người dân.",
    ),
    (
        "Lưu",
        "Lưu dạng XLSX hoặc ODS, tên tệp tuỳ ý. Không xoá trang, không lấy phiếu của xã khác làm phiếu của mình.",
    ),
    ("Gửi", "Gửi tệp về cơ quan điều phối. Từng dòng được so với số đã biết và có người xem trước khi nhận."),
)


def _guide(book: Book, form: CommuneForm) -> None:
    sheet = book.sheet("Hướng dẫn", portrait=True)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 88)
    note = f"Phiếu của {form.facts.name} ({form.facts.code}), kỳ {words.day(form.facts.as_of)}."
    book.heading(sheet, "Cách điền phiếu", note, columns=2)
    row = 3
    for label, text in (*_STEPS, ("Chưa biết của bộ tiêu chí", form.criteria.unknown_vi)):
        if not text:
            continue
        sheet.set_row(row, 15.0 * -(-len(text) // 104) + 4)
        book.put(sheet, row, 0, label, bold=True, valign="top", text_wrap=True)
        book.put(sheet, row, 1, text, text_wrap=True, valign="top")
        row += 1
    sheet.protect("", dict(_ALLOWED))


def _hidden(book: Book, form: CommuneForm) -> None:
    """Facts as name and value; then what was filled in: item, field, "text" or "blank", value."""
    sheet = book.sheet(HIDDEN_SHEET)
    items = form.items()
    book.put(sheet, 0, 0, MARK)
    row = 1
    for name, value in [*form.facts.lines(), ("hash", prefilled_digest(form.facts, items))]:
        book.put(sheet, row, 0, name)
        book.put(sheet, row, 1, value, num_format="@")
        row += 1
    for item, cells in items.items():
        for name, cell in cells.items():
            for col, part in enumerate((item, name, "blank" if cell is None else "text", cell)):
                book.put(sheet, row, col, part, num_format="@")
            row += 1
    sheet.protect("", dict(_ALLOWED))
    sheet.very_hidden()
