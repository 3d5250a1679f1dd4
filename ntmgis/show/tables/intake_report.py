"""The match report and the quarantine as workbooks: every row of every source is accounted for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from ntmgis.show import words
from ntmgis.show.symbols import tier_fill
from ntmgis.show.tables._sheet import QUIET, Book, Column, Painted, Sheet, missing
from ntmgis.units.accept import DECISION

__all__ = ["HOWS", "STATUSES", "write_match_workbook", "write_quarantine_workbook"]

# What the English codes of a match mean; the codes stand beside them in the workbook.
STATUSES: Mapping[str, str] = {
    "matched": "đã khớp",
    "ambiguous": "nhiều khả năng",
    "conflict": "mã và tên mâu thuẫn",
    "wrong_epoch": "khác thời kỳ ranh giới",
    "duplicate": "trùng đơn vị",
    "unmatched": "không khớp",
}
HOWS: Mapping[str, str] = {
    "code": "theo mã",
    "exact_name": "theo tên đúng",
    "folded_name": "theo tên bỏ dấu",
    "alias": "theo bảng tên khác",
}
_GOOD = {"bg_color": tier_fill("ntm")}
_LOOK_AT = {"bg_color": tier_fill("not_yet")}
_BAD = {"bg_color": "#f2b8a2"}
_TO_FILL = {"bg_color": "#fff9db"}
_NOTE = "Dòng chưa khớp đứng trước trong mỗi nguồn. Khớp gần giống chỉ là đề xuất: ghi lựa chọn vào bảng tên khác."
_DECIDE_NOTE = (
    "Dòng chưa khớp đứng trước. Chọn hoặc ghi mã xã vào cột “Chấp nhận”, lưu tệp, rồi chạy: ntmgis match BẢNG "
    "--epoch NGÀY --accept-file TỆP. Để trống: chưa chọn."
)
# Excel refuses a longer list in a cell; a code that is not in the list may be typed.
_LIST_LIMIT = 255
_ANY_CODE = {"show_error": False, "input_title": "Chấp nhận", "input_message": "Chọn một đề xuất, hoặc ghi mã xã"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {"matched": _GOOD, "ambiguous": _LOOK_AT, "duplicate": _LOOK_AT}
# A workbook that no snapshot dates is dated by the day of Plan 305: the same rows give the same bytes.
_UNDATED = date(2025, 1, 24)


def write_match_workbook(
    path: str | Path, rows: pd.DataFrame, *, as_of: date | None = None, sample: bool = False, decide: bool = False
) -> Path:
    """How each input row was matched to a unit: sheet "Tóm tắt" per source, sheet "Từng dòng" per row.

    `rows` has source_id, file, row, given_code, given_name, given_parent, status, how, code, unit_name, reason
    and candidates (text). Rows that did not match come first in each source. `decide` adds the column "Chấp nhận",
    empty, with the candidates to choose from; `ntmgis match --accept-file` reads it back.
    """
    path = Path(path)
    matched = int((rows["status"] == "matched").sum())
    title = f"{words.number(matched)}/{words.number(len(rows))} dòng đã khớp với đơn vị hành chính"
    with _book(path, title, as_of, sample) as book:
        _match_summary(book, rows, title)
        columns = (
            Column("Nguồn", 16),
            Column("Tệp", 26),
            Column("Dòng", 7, "year"),
            Column("Mã trong tệp", 10, "code"),
            Column("Tên trong tệp", 24, "code"),
            Column("Cấp trên trong tệp", 22, "code"),
            Column("Kết quả", 20),
            Column("Cách khớp", 17),
            Column("Mã đơn vị", 9, "code"),
            Column("Tên đơn vị", 22),
            Column("Lý do", 44, wrap=True),
            Column("Các khả năng", 44, wrap=True),
            *((Column(DECISION, 26, "code"),) if decide else ()),
            Column("status", 11),
            Column("how", 12),
        )
        note = _DECIDE_NOTE if decide else _NOTE
        lines = _match_rows(rows, decide=decide)
        sheet = book.table(Sheet("Từng dòng", title, note, columns, lines, freeze=3, wide=True, head_height=30))
        if decide:
            _offer_choices(sheet, rows, column=[column.title for column in columns].index(DECISION))
    return path


def _offer_choices(sheet: Worksheet, rows: pd.DataFrame, *, column: int) -> None:
    """A drop-down of the candidates in each open row; any other code may be typed."""
    first = 3  # below heading, note and header
    for line, row in enumerate(_plain(_unmatched_first(rows)), start=first):
        if row["status"] == "matched":
            continue
        choices = [f"{code} {name}".replace(",", " ") for code, name, _ in _triples(row["candidates"])]
        while len(",".join(choices)) > _LIST_LIMIT:
            choices.pop()
        if choices:
            sheet.data_validation(line, column, line, column, {"validate": "list", "source": choices, **_ANY_CODE})


def _triples(given: object) -> list[Sequence[Any]]:
    """The candidates as (code, name, score), from triples or their JSON; none when they are words."""
    if isinstance(given, str) and given.startswith("["):
        try:
            given = json.loads(given)
        except ValueError:
            return []
    return [one for one in given if len(one) == 3] if isinstance(given, (list, tuple)) else []


def _unmatched_first(rows: pd.DataFrame) -> pd.DataFrame:
    order = {source: place for place, source in enumerate(dict.fromkeys(rows["source_id"]))}
    return rows.assign(
        _source=rows["source_id"].map(order), _done=(rows["status"] == "matched").astype(int)
    ).sort_values(["_source", "_done"], kind="stable")


def _match_rows(rows: pd.DataFrame, *, decide: bool) -> Iterator[tuple[object, ...]]:
    for row in _plain(_unmatched_first(rows)):
        status, how = row["status"], row["how"]
        yield (
            row["source_id"],
            row["file"],
            row["row"],
            row["given_code"],
            row["given_name"],
            row["given_parent"],
            Painted(_word(STATUSES, status), _LOOKS.get(str(status), _BAD)),
            _word(HOWS, how),
            row["code"],
            row["unit_name"],
            row["reason"] or None,
            _candidates(row["candidates"]),
            *((Painted(None, {} if status == "matched" else _TO_FILL),) if decide else ()),
            Painted(status, {"font_color": QUIET, "font_size": 8}),
            Painted(how, {"font_color": QUIET, "font_size": 8}),
        )


def _candidates(given: object) -> str | None:
    """Proposals as "Xã Đăk Mar (23512, giống 88)", from (code, name, score) triples or their JSON."""
    if isinstance(given, str) and given.startswith("["):
        try:
            given = json.loads(given)
        except ValueError:
            return str(given)  # somebody's own text that begins with a bracket
    if not isinstance(given, (list, tuple)):
        return None if missing(given) or given == "" else str(given)
    parts = [f"{one[1]} ({one[0]}, giống {words.number(one[2])})" for one in given if len(one) == 3]
    return "; ".join(parts) or None


def _match_summary(book: Book, rows: pd.DataFrame, title: str) -> None:
    """One line per source: rows, matched by each way, and what is left."""
    hows = [*HOWS, *sorted(set(rows["how"].dropna()) - set(HOWS) - {""})]
    statuses = [s for s in (*STATUSES, *sorted(set(rows["status"].dropna()) - set(STATUSES))) if s != "matched"]
    columns = (
        Column("Nguồn", 20),
        Column("Tệp", 34, wrap=True),
        Column("Số dòng", 9, "whole"),
        Column("Đã khớp", 9, "whole"),
        Column("Tỷ lệ khớp (%)", 9, "share"),
        *(Column(f"Khớp {_word(HOWS, how)}", 11, "whole") for how in hows),
        *(Column(_capital(str(_word(STATUSES, status))), 12, "whole") for status in statuses),
    )

    def line(label: str, file: str | None, part: pd.DataFrame) -> tuple[object, ...]:
        done = part["status"] == "matched"
        count = int(done.sum())
        return (
            label,
            file,
            len(part),
            count,
            count / len(part) if len(part) else None,
            *(int((done & (part["how"] == how)).sum()) for how in hows),
            *(int((part["status"] == status).sum()) for status in statuses),
        )

    lines = [
        line(str(source), ", ".join(dict.fromkeys(map(str, part["file"]))), part)
        for source, part in rows.groupby("source_id", sort=False)
    ]
    totals = (line("Cộng", None, rows),) if lines else ()
    book.table(Sheet("Tóm tắt", title, "Mỗi dòng vào có đúng một kết quả.", columns, lines, totals))


def write_quarantine_workbook(
    path: str | Path, rows: pd.DataFrame, *, as_of: date | None = None, sample: bool = False
) -> Path:
    """The rows that were not accepted, one line per broken rule, with the row's own text and what to do.

    `rows` has source_id, file, layer, sheet, row, column, value, code, rule, action and original. A row that
    breaks two rules stands twice; the summary counts rows and problems.
    """
    path = Path(path)
    count = len(rows.drop_duplicates(["source_id", "file", "layer", "sheet", "row"]))
    title = f"{words.number(count)} dòng chưa được nhận, {words.number(len(rows))} lỗi cần sửa"
    with _book(path, title, as_of, sample) as book:
        _quarantine_summary(book, rows, title)
        columns = (
            Column("Nguồn", 16),
            Column("Tệp", 26),
            Column("Lớp hoặc trang", 16),
            Column("Dòng", 7, "year"),
            Column("Cột", 18, "code"),
            Column("Giá trị", 24, "code", wrap=True),
            Column("Lỗi", 40, wrap=True),
            Column("Cần làm", 44, wrap=True),
            Column("Nguyên văn của dòng", 60, "code", wrap=True),
            Column("Mã lỗi", 20),
        )
        note = "Số dòng như thấy khi mở tệp (lớp bản đồ: đối tượng đầu tiên là 1). Sửa trong tệp gốc rồi chạy lại."
        table = Sheet("Từng lỗi", title, note, columns, _quarantine_rows(rows), freeze=4, wide=True, head_height=24)
        book.table(table)
    return path


def _quarantine_rows(rows: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for row in _plain(rows):
        place = row["layer"] if missing(row["sheet"]) else row["sheet"]
        yield (
            row["source_id"],
            row["file"],
            place,
            row["row"],
            row["column"],
            Painted(row["value"], {} if missing(row["value"]) else _LOOK_AT),
            row["rule"],
            row["action"],
            row["original"],
            Painted(row["code"], {"font_color": QUIET, "font_size": 8}),
        )


def _quarantine_summary(book: Book, rows: pd.DataFrame, title: str) -> None:
    columns = (
        Column("Nguồn", 20),
        Column("Tệp", 30),
        Column("Mã lỗi", 22),
        Column("Lỗi (ví dụ)", 60, wrap=True),
        Column("Số lỗi", 9, "whole"),
        Column("Số dòng", 9, "whole"),
    )
    lines: list[Sequence[object]] = []
    for (source, file, code), part in rows.groupby(["source_id", "file", "code"], sort=False):
        distinct = len(part.drop_duplicates(["layer", "sheet", "row"]))
        lines.append((source, file, code, part["rule"].iloc[0], len(part), distinct))
    note = "Một dòng có thể phạm nhiều quy tắc, nên cộng cột “Số dòng” có thể lớn hơn số dòng thật."
    book.table(Sheet("Tóm tắt", title, note, columns, lines, head_height=24))


def _book(path: Path, title: str, as_of: date | None, sample: bool) -> Book:  # noqa: FBT001 - private
    return Book(path, title=title, as_of=as_of or _UNDATED, sample=sample, streaming=True)


def _plain(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """The rows as dicts, a part at a time: a long table is never in memory twice."""
    for start in range(0, len(frame), 10_000):
        yield from frame.iloc[start : start + 10_000].to_dict("records")  # type: ignore[misc]


def _word(known: Mapping[str, str], code: object) -> object:
    """The Vietnamese word of a code; an unknown code as it is, nothing for none."""
    return None if missing(code) or code == "" else known.get(str(code), code)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
