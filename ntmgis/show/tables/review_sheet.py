"""The changes of a field file as a form: one row per change and a column in which a person decides."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from ntmgis.intake.diff import Change, ChangeKind, Diff
from ntmgis.intake.review_form import DECISIONS, FACTS_SHEET, FORM_SHEET, ID_COLUMN, VERDICT_COLUMN
from ntmgis.programme.tables import TableSpec
from ntmgis.show import words
from ntmgis.show.symbols import tier_fill
from ntmgis.show.tables._sheet import QUIET, Book, Column, Painted, Sheet

__all__ = ["CHANGE_WORDS", "write_review"]

CHANGE_WORDS: Mapping[ChangeKind, str] = {
    "new": "mới",
    "changed": "thay đổi",
    "moved": "dời chỗ",
    "deleted": "không còn",
    "conflict": "mâu thuẫn",
}
_LOOKS = {
    "new": {"bg_color": tier_fill("ntm")},
    "changed": {"bg_color": tier_fill("not_yet")},
    "moved": {"bg_color": "#9ec5e3"},
    "deleted": {"bg_color": "#d9dde3"},
    "conflict": {"bg_color": "#f2b8a2"},
}
_UNDATED = date(2025, 1, 24)  # of Plan 305: the same changes give the same bytes
_FILL_IN = {"bg_color": "#fffbe6", "bold": True, "align": "center"}


def write_review(
    path: str | Path,
    diff: Diff,
    spec: TableSpec,
    *,
    file: str,
    source: str,
    facts: Mapping[str, str],
    refused: pd.DataFrame,
) -> Path:
    """The form: sheet "Xem xét" with one line per change, "Không nhận được" for rows with faults, and the facts.

    `facts` are what reading the form back checks (see `ntmgis.intake.review_form`); they stand on a hidden sheet.
    `refused` is the quarantine of the new file. Lines may be sorted and filtered: each carries the id of its change.
    """
    path = Path(path)
    counts = diff.counts()
    told = ", ".join(f"{words.number(counts[kind])} {word}" for kind, word in CHANGE_WORDS.items() if counts[kind])
    title = f"{file} so với nguồn {source}: {told or 'không có gì khác'}"
    with Book(path, title=title, as_of=_UNDATED, sample=False) as book:
        columns = (
            Column(VERDICT_COLUMN, 12, centre=True),
            Column("Loại", 12),
            Column("Khoá", 18, "code"),
            Column("Khác ở đâu", 70, wrap=True),
            Column("Dời (m)", 10, "tenth"),
            Column("Dòng trong tệp mới", 10, "year"),
            Column("Ghi chú", 50, wrap=True),
            Column(ID_COLUMN, 14, "code"),
        )
        same = f"{words.number(counts['same'])} dòng giữ nguyên"
        note = f"Chọn “{DECISIONS[0]}” ở dòng muốn đưa vào kho; để trống là không nhận, giá trị cũ giữ nguyên. {same}."
        table = Sheet(FORM_SHEET, title, note, columns, _lines(diff.changes, spec), freeze=3, wide=True, head_height=30)
        sheet = book.table(table)
        if diff.changes:
            choice = {
                "validate": "list",
                "source": list(DECISIONS),
                "error_title": "Quyết định",
                "error_message": f"Chỉ chọn {DECISIONS[0]} hoặc {DECISIONS[1]}.",
            }
            sheet.data_validation(3, 0, 2 + len(diff.changes), 0, choice)
        if len(refused):
            book.table(_refused(title, refused))
        hidden = book.sheet(FACTS_SHEET)
        for row, (name, value) in enumerate(facts.items()):
            book.put(hidden, row, 0, name)
            book.put(hidden, row, 1, value, num_format="@")
        hidden.hide()
    return path


def _lines(changes: Sequence[Change], spec: TableSpec) -> Iterator[tuple[object, ...]]:
    titles = {one.name: one.title_vi for one in spec.fields}
    for one in changes:
        told = ((titles.get(name, name), old, new) for name, old, new in one.fields)
        said = "\n".join(f"{t}: {old}" if one.kind == "deleted" else _differs(t, old, new) for t, old, new in told)
        away = None if one.moved_m is None else one.moved_m
        note = one.reason
        if away == float("inf"):
            note, away = "; ".join(filter(None, (note, "một bên không có vị trí"))), None
        yield (
            Painted(None, _FILL_IN) if one.open else Painted("–", {"font_color": QUIET, "align": "center"}),
            Painted(CHANGE_WORDS[one.kind], _LOOKS[one.kind]),
            " · ".join(one.key),
            said or None,
            away,
            one.row,
            note or None,
            Painted(one.id, {"font_color": QUIET, "font_size": 8}),
        )


def _differs(title: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{title}: {new}"
    return f"{title}: {old} → {'(trống)' if new is None else new}"


def _refused(title: str, refused: pd.DataFrame) -> Sheet:
    columns = (
        Column("Dòng", 7, "year"),
        Column("Cột", 20, "code"),
        Column("Giá trị", 24, "code", wrap=True),
        Column("Lỗi", 50, wrap=True),
        Column("Cần làm", 50, wrap=True),
    )
    rows = refused[["row", "column", "value", "rule", "action"]].itertuples(index=False, name=None)
    note = "Các dòng này của tệp mới chưa dùng được; sửa tệp rồi so lại."
    return Sheet("Không nhận được", title, note, columns, list(rows), wide=True, head_height=24)
