"""Forms that came back, as one workbook: what became of each, every change to decide on, and every fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ntmgis.errors import Problem
from ntmgis.intake.diff import Change
from ntmgis.intake.form import CRITERION_COLUMNS, VILLAGE_COLUMNS, FilledForm
from ntmgis.intake.review_form import DECISIONS, FACTS_SHEET, FORM_SHEET, ID_COLUMN, VERDICT_COLUMN
from ntmgis.programme.criteria import criteria_set
from ntmgis.programme.tables import values
from ntmgis.show import words
from ntmgis.show.symbols import tier_fill
from ntmgis.show.tables._sheet import QUIET, Book, Column, Painted, Sheet
from ntmgis.show.tables.review_sheet import CHANGE_WORDS

__all__ = ["Compared", "write_form_review"]

KINDS: Mapping[str, str] = {
    "new": "mới",
    "changed": "thay đổi",
    "conflict": "mâu thuẫn",
    "same": "giữ nguyên",
    "invalid": "không hợp lệ",
    "gone": "mất dòng",
}
_LOOKS = {
    "new": {"bg_color": tier_fill("ntm")},
    "changed": {"bg_color": tier_fill("not_yet")},
    "conflict": {"bg_color": "#f2b8a2"},
}
_UNDATED = date(2025, 1, 24)  # of Plan 305: the same changes give the same bytes
_FILL_IN = {"bg_color": "#fffbe6", "bold": True, "align": "center"}
_TITLES = {**CRITERION_COLUMNS, **VILLAGE_COLUMNS}


@dataclass(frozen=True, slots=True)
class Compared:
    """One form against what is known: each of its `rows` items is in exactly one of the counts.

    changes  new, changed and conflicting items, in the order of the form
    same     items as known; `invalid`: with a faulty cell; `gone`: whose row was deleted
    """

    form: FilledForm
    changes: tuple[Change, ...]
    same: int
    invalid: int
    gone: int

    @property
    def rows(self) -> int:
        """Items the form was made with: criteria and villages."""
        return len(self.form.before)

    def counts(self) -> dict[str, int]:
        """Items of each kind; their sum is `rows`."""
        kinds: list[str] = [one.kind for one in self.changes]
        told = {kind: kinds.count(kind) for kind in ("new", "changed", "conflict")}
        return {**told, "same": self.same, "invalid": self.invalid, "gone": self.gone}


def write_form_review(
    path: str | Path,
    forms: Sequence[Compared],
    problems: Sequence[Problem],
    *,
    facts: Mapping[str, str],
    refused: Sequence[str],
    sample: bool = False,
) -> Path:
    """The review: "Xem xét" with one line per change, "Phiếu" with one per form, "Không nhận được" with the faults.

    `facts` are what reading it back checks (see `ntmgis.intake.review_form`); they stand on a hidden sheet.
    """
    path = Path(path)
    total = {kind: sum(one.counts()[kind] for one in forms) for kind in KINDS}
    told = ", ".join(f"{words.number(count)} {KINDS[kind]}" for kind, count in total.items() if count)
    title = f"{words.number(len(forms))} phiếu: {told or 'không có dòng nào'}"
    with Book(path, title=title, as_of=_UNDATED, sample=sample) as book:
        _decisions(book, title, forms)
        book.table(_forms(title, forms, refused, problems))
        if problems:
            book.table(_faults(title, problems))
        hidden = book.sheet(FACTS_SHEET)
        for row, (name, value) in enumerate(facts.items()):
            book.put(hidden, row, 0, name)
            book.put(hidden, row, 1, value, num_format="@")
        hidden.hide()
    return path


def _decisions(book: Book, title: str, forms: Sequence[Compared]) -> None:
    columns = (
        Column(VERDICT_COLUMN, 12, centre=True),
        Column("Loại", 12),
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Kỳ", 12, "date"),
        Column("Dòng của phiếu", 30, wrap=True),
        Column("Đã biết → phiếu ghi", 60, wrap=True),
        Column("Ghi chú", 46, wrap=True),
        Column("Tệp", 26, wrap=True),
        Column("Dòng", 7, "year"),
        Column(ID_COLUMN, 14, "code"),
    )
    count = sum(len(one.changes) for one in forms)
    note = f"Chọn “{DECISIONS[0]}” ở dòng muốn đưa vào kho; để trống là không nhận, giá trị đã biết giữ nguyên."
    lines = list(_lines(forms))
    sheet = book.table(Sheet(FORM_SHEET, title, note, columns, lines, freeze=4, wide=True, head_height=30))
    if count:
        choice = {
            "validate": "list",
            "source": list(DECISIONS),
            "error_title": VERDICT_COLUMN,
            "error_message": f"Chỉ chọn {DECISIONS[0]} hoặc {DECISIONS[1]}.",
        }
        sheet.data_validation(3, 0, 2 + count, 0, choice)


def _lines(forms: Sequence[Compared]) -> Iterator[tuple[object, ...]]:
    for one in forms:
        facts = one.form.facts
        titles = {f"tc{c.no}": f"{c.no}. {c.vi}" for c in criteria_set(facts.criteria_set).criteria}
        for change in one.changes:
            item = change.key[2]
            criterion = f"Tiêu chí {item[2:]}" if item.startswith("tc") else f"Thôn {item}"
            said = (f"{_TITLES[name]}: {_word(name, old)} → {_word(name, new)}" for name, old, new in change.fields)
            yield (
                Painted(None, _FILL_IN) if change.open else Painted("–", {"font_color": QUIET, "align": "center"}),
                Painted(CHANGE_WORDS[change.kind], _LOOKS[change.kind]),
                facts.code,
                facts.name,
                facts.as_of,
                titles.get(item, criterion),
                "\n".join(said),
                change.reason or None,
                one.form.file,
                change.row,
                Painted(change.id, {"font_color": QUIET, "font_size": 8}),
            )


def _word(name: str, value: str | None) -> str:
    if value is None:
        return "(trống)"
    if name == "state":
        known = values("criterion_state")
        return known[value].vi if value in known else value
    return {"yes": "Có", "no": "Không"}.get(value, value) if name in VILLAGE_COLUMNS else value


def _forms(title: str, forms: Sequence[Compared], refused: Sequence[str], problems: Sequence[Problem]) -> Sheet:
    columns = (
        Column("Tệp", 34, wrap=True),
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Kỳ", 12, "date"),
        Column("Số dòng", 8, "whole"),
        *(Column(word.capitalize(), 9, "whole") for word in KINDS.values()),
        Column("Ý kiến của xã", 50, wrap=True),
        Column("Vì sao không dùng được", 50, wrap=True),
    )
    rows: list[tuple[object, ...]] = []
    for one in forms:
        facts, counts = one.form.facts, one.counts()
        numbers = (counts[kind] or None for kind in KINDS)
        rows.append(
            (one.form.file, facts.code, facts.name, facts.as_of, one.rows, *numbers, one.form.remark or None, None)
        )
    for file in refused:
        why = "; ".join(dict.fromkeys(one.rule for one in problems if file in {one.file, one.value}))
        rows.append((file, *(None for _ in range(4 + len(KINDS))), None, why or "trùng với phiếu khác"))
    note = "Mỗi dòng của phiếu nằm ở đúng một cột: cộng lại bằng số dòng."
    return Sheet("Phiếu", title, note, columns, rows, freeze=3, wide=True, head_height=30)


def _faults(title: str, problems: Sequence[Problem]) -> Sheet:
    columns = (
        Column("Tệp", 30, wrap=True),
        Column("Trang", 12),
        Column("Dòng", 7, "year"),
        Column("Cột", 20, wrap=True),
        Column("Giá trị", 24, "code", wrap=True),
        Column("Lỗi", 50, wrap=True),
        Column("Cần làm", 50, wrap=True),
        Column("Mã lỗi", 18, "code"),
    )
    rows = [(p.file, p.sheet, p.row, p.column, p.value, p.rule, p.action, p.code) for p in problems]
    note = "Ô có lỗi không được so sánh; giá trị đã biết giữ nguyên. Gửi lại phiếu đã sửa nếu cần."
    return Sheet("Không nhận được", title, note, columns, rows, wide=True, head_height=24)
