"""The files of an export: a CSV per table, one JSON with everything, the dictionary, a Frictionless data package."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ntmgis.show.export.dictionary import ExportColumn, ExportTable, dictionary_page, dictionary_rows, export_tables
from ntmgis.show.staging import put_in_place, staging
from ntmgis.show.tables.csvfile import write_csv

__all__ = ["plain_rows", "write_export"]

DATA = "ntmgis.json"
PACKAGE = "datapackage.json"
DICTIONARY = "tu_dien"
# What stands above the dictionary and in the description of the package, when there is something to say.
_NOTES = ("sample_note", "known_note", "rebased_note")
_FRICTIONLESS = {"code": "string", "text": "string", "enum": "string", "list": "string", "share": "number"}


def write_export(
    frames: Mapping[str, pd.DataFrame], folder: str | Path, *, about: Mapping[str, Any], bom: bool = False
) -> list[Path]:
    """Every table as CSV and all of them as one JSON in `folder` (made when missing), with dictionary and package.

    `frames`: as `export_frames` gives them. `about`: what holds for the whole; it stands in the JSON, the package and
    above the dictionary. `bom` puts a byte order mark before each CSV, by which Excel knows the Vietnamese letters.
    Text that begins like a formula has an apostrophe in front in CSV, and is as it is in JSON. The same content gives
    the same bytes. What stood there before stays until everything new is written; tables of an earlier export that
    this one has not are then taken away, so that a folder never mixes two.
    """
    folder = Path(folder)
    with staging(folder) as staged:
        written = _write_all(frames, staged, about=about, bom=bom)
        old = _tables_of(folder / PACKAGE)
        put_in_place(staged, folder)
    made = [folder / path.name for path in written]
    for name in old - {path.name for path in made}:
        (folder / name).unlink(missing_ok=True)
    return made


def _tables_of(package: Path) -> set[str]:
    """The CSV files of an earlier export, by its own description; none when that is not ours."""
    try:
        listed = [one["path"] for one in json.loads(package.read_text(encoding="utf-8"))["resources"]]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    return {f"{name}.csv" for name in export_tables()} & {one for one in listed if isinstance(one, str)}


def _write_all(frames: Mapping[str, pd.DataFrame], folder: Path, *, about: Mapping[str, Any], bom: bool) -> list[Path]:
    tables = [export_tables()[name] for name in frames]
    rows = {table.id: plain_rows(table, frames[table.id]) for table in tables}
    made = [write_csv(_for_csv(table, rows[table.id]), folder / f"{table.id}.csv", bom=bom) for table in tables]
    everything = {
        "metadata": dict(about),
        "tables": {t.id: {"title": t.vi, "title_en": t.en, "key": list(t.key), "rows": rows[t.id]} for t in tables},
    }
    made.append(_write(folder / DATA, json.dumps(everything, ensure_ascii=False, indent=1, allow_nan=False) + "\n"))
    told = dictionary_rows(tables)
    made.append(write_csv(pd.DataFrame(told), folder / f"{DICTIONARY}.csv", bom=bom))
    made.append(_write(folder / f"{DICTIONARY}.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n"))
    head = [f"{about[name]}." for name in ("title", *_NOTES) if about.get(name)]
    made.append(_write(folder / f"{DICTIONARY}.md", dictionary_page(tables, head=head)))
    package = _package(tables, about, bom=bom)
    made.append(_write(folder / PACKAGE, json.dumps(package, ensure_ascii=False, indent=1) + "\n"))
    return made


def plain_rows(table: ExportTable, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON holds them: numbers, texts, true and false, ISO dates, lists; None for unknown."""
    columns = [[_plain(value, column) for value in frame[column.name]] for column in table.columns]
    names = [column.name for column in table.columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(value: Any, column: ExportColumn) -> Any:
    if column.type == "list":
        return list(value) if isinstance(value, tuple | list) else []
    if value is None or pd.isna(value):
        return None
    return _KINDS.get(column.type, str)(value)


def _number(value: Any) -> float:
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _day(value: Any) -> str:
    day = value.date() if hasattr(value, "date") else value
    return day.isoformat() if isinstance(day, date) else str(day)[:10]


# How a value of a type stands in JSON; of any other type it is text.
_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "integer": int,
    "number": _number,
    "share": _number,
    "date": _day,
}


def _for_csv(table: ExportTable, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Cells as CSV holds them; true and false in lower case, lists with blanks between."""
    cells = {
        column.name: pd.Series([_cell(row[column.name]) for row in rows], dtype=object) for column in table.columns
    }
    return pd.DataFrame(cells)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list) else value


def _package(tables: list[ExportTable], about: Mapping[str, Any], *, bom: bool) -> dict[str, Any]:
    """The description of the CSV files that data tools read (Frictionless data package)."""
    notes = [str(about[name]) for name in _NOTES if about.get(name)]
    return {
        "profile": "tabular-data-package",
        "name": about["name"],
        "title": about["title"],
        "description": ". ".join(notes),
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.id,
                "path": f"{table.id}.csv",
                "title": table.vi,
                "description": table.en,
                "encoding": "utf-8-sig" if bom else "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
                "schema": {
                    "fields": [_field(column) for column in table.columns],
                    "missingValues": [""],
                    **({"primaryKey": list(table.key)} if table.key else {}),
                },
            }
            for table in tables
        ],
    }


def _field(column: ExportColumn) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": column.name,
        "type": _FRICTIONLESS.get(column.type, column.type),
        "title": column.vi,
        "description": f"{column.en}; empty: {column.missing_en}",
    }
    limits: dict[str, Any] = {"enum": list(column.allowed)} if column.allowed else {}
    if column.type == "share":
        limits["minimum"] = 0
    return {**made, "constraints": limits} if limits else made


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
