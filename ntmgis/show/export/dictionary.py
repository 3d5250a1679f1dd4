"""The data dictionary of the export, read from `data/export.toml`: tables, their columns, and what each means."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from ntmgis.programme.tables import values

__all__ = ["ExportColumn", "ExportTable", "dictionary_page", "dictionary_rows", "export_tables"]

ColumnType = Literal["code", "text", "integer", "number", "share", "date", "boolean", "enum", "list"]
_TYPE_WORDS: Mapping[str, str] = {
    "code": "mã (chữ)",
    "text": "chữ",
    "integer": "số nguyên",
    "number": "số",
    "share": "phần của một (0 đến 1)",
    "date": "ngày (ISO)",
    "boolean": "đúng, sai",
    "enum": "giá trị cho phép",
    "list": "danh sách (CSV: cách nhau bằng dấu cách)",
}
_UNKNOWN = ("chưa biết", "unknown")


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: what it holds, in which unit, which values it allows, and what an empty cell means."""

    name: str
    type: ColumnType
    vi: str
    en: str
    unit: str = ""
    allowed: tuple[str, ...] = ()
    missing_vi: str = _UNKNOWN[0]
    missing_en: str = _UNKNOWN[1]


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One table: its columns in order, and those that identify a row (none: rows have no key)."""

    id: str
    vi: str
    en: str
    key: tuple[str, ...]
    columns: tuple[ExportColumn, ...]


@cache
def export_tables() -> Mapping[str, ExportTable]:
    """All tables by id, in the order of the dictionary.

    >>> [column.name for column in export_tables()["roads"].columns]
    ['code', 'class', 'surface', 'km']
    """
    raw = tomllib.loads((files("ntmgis.show") / "data" / "export.toml").read_text(encoding="utf-8"))
    groups: Mapping[str, Sequence[str]] = raw["group"]
    made = {}
    for id_, entry in raw["table"].items():
        named = [one for said in entry["columns"] for one in (groups[said[1:]] if said[0] == "@" else [said])]
        columns = tuple(_column(said, raw["column"]) for said in named)
        made[id_] = ExportTable(id_, entry["vi"], entry["en"], tuple(entry["key"]), columns)
    return MappingProxyType(made)


def _column(said: str, definitions: Mapping[str, Mapping[str, Any]]) -> ExportColumn:
    name, _, definition = said.partition("=")
    entry = dict(definitions[definition or name])
    allowed = entry.pop("values", ())
    return ExportColumn(name=name, allowed=tuple(values(allowed) if isinstance(allowed, str) else allowed), **entry)


def dictionary_rows(tables: Iterable[ExportTable]) -> list[dict[str, str]]:
    """One row per column of the tables, all as text."""
    return [
        {
            "table": table.id,
            "column": column.name,
            "type": column.type,
            "unit": column.unit,
            "key": "yes" if column.name in table.key else "",
            "meaning_vi": column.vi,
            "meaning_en": column.en,
            "allowed": " | ".join(column.allowed),
            "missing_vi": column.missing_vi,
            "missing_en": column.missing_en,
        }
        for table in tables
        for column in table.columns
    ]


def dictionary_page(tables: Iterable[ExportTable], *, head: Sequence[str] = ()) -> str:
    """The dictionary as a Markdown page, Vietnamese with English beside it; `head`: lines under the title."""
    lines = ["# Từ điển dữ liệu (data dictionary)", "", *head, ""]
    lines += [
        "Ô trống trong CSV, `null` trong JSON: xem cột “khi trống”; không bao giờ là 0 hay “chưa đạt”.",
        "Tỷ lệ là phần của một: 0,25 là 25%. Ngày theo ISO 8601. Mã là chữ, giữ số 0 ở đầu.",
    ]
    for table in tables:
        key = ", ".join(f"`{name}`" for name in table.key) or "không có"
        lines += ["", f"## {table.id}", "", f"{table.vi} ({table.en}). Khoá (key): {key}.", ""]
        lines += ["| cột | kiểu | đơn vị | nghĩa | meaning | giá trị cho phép | khi trống (when empty) |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for column in table.columns:
            allowed = ", ".join(f"`{one}`" for one in column.allowed)
            empty = f"{column.missing_vi} ({column.missing_en})"
            cells = (f"`{column.name}`", _TYPE_WORDS[column.type], column.unit, column.vi, column.en, allowed, empty)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
