"""Which row is the header, and which column is which field."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ntmgis.errors import Problem
from ntmgis.intake.raw import Place
from ntmgis.intake.text import fold_words, is_blank, joined, listed
from ntmgis.programme.tables import Field, TableSpec, table
from ntmgis.workspace import Source, nearest

__all__ = ["Claims", "claim_columns", "fields_of", "find_header", "header_words", "personal_columns"]

_WORD = re.compile(r"[^\W_]+")
_LOOK = 40  # rows among which the header is looked for


def fields_of(spec: TableSpec, *, tabular: bool) -> tuple[Field, ...]:
    """The fields a file of this table may bring; a point table in a sheet or text file also brings lon and lat.

    >>> [field.name for field in fields_of(table("market"), tabular=True)][-2:]
    ['lon', 'lat']
    """
    names = {field.name for field in spec.fields}
    if not tabular or spec.geometry not in {"point", "polygon_or_point"} or "lon" in names:
        return spec.fields
    address = table("address_point")
    return (*spec.fields, address.field("lon"), address.field("lat"))


@cache
def _keys(fields: tuple[Field, ...]) -> Mapping[str, str]:
    made: dict[str, str] = {}
    for field in fields:
        for word in (field.name, field.title_vi, *field.aliases):
            made.setdefault(joined(word), field.name)
    return made


def header_words(fields: tuple[Field, ...], source: Source) -> frozenset[str]:
    """Folded words that mark a header row: titles and aliases of the fields, and the columns the source names."""
    return frozenset(_keys(fields)) | frozenset(joined(column) for column in (source.fields or {}).values())


def find_header(rows: Sequence[Sequence[Any]], words: frozenset[str]) -> tuple[int, int]:
    """Position of the header row and how many of its cells are known words.

    The row with the most known words, the first of them on a tie: a merged title above has none or one. Without any
    known word it is the first row with the most filled text cells, so that the columns can at least be named.
    """
    best, hits = 0, 0
    widest, width = 0, 0
    for position, row in enumerate(rows[:_LOOK]):
        texts = [cell for cell in row if isinstance(cell, str) and not is_blank(cell)]
        known = len({joined(cell) for cell in texts if len(cell) < 100} & words)
        if known > hits:
            best, hits = position, known
        if len(texts) > width:
            widest, width = position, len(texts)
    return (best, hits) if hits else (widest, 0)


@dataclass(frozen=True, slots=True)
class Claims:
    """Field name → column of the file; columns nobody asked for; those with personal data; what is wrong."""

    columns: Mapping[str, str]
    unused: tuple[str, ...]
    personal: tuple[str, ...]
    problems: tuple[Problem, ...]


def claim_columns(
    columns: Iterable[str], fields: tuple[Field, ...], source: Source, *, place: Place, households: bool = False
) -> Claims:
    """Match the columns of a file to fields: first as the source says, then by name, title and aliases."""
    known = list(columns)
    problems: list[Problem] = []
    claimed: dict[str, str] = {}
    names = [field.name for field in fields]
    by_key = {joined(column): column for column in reversed(known)}
    for name, column in (source.fields or {}).items():
        if name not in names:
            words = {"known": listed(names), "nearest": nearest(name, names)}
            problems.append(place.problem("E-FIELD-UNKNOWN", column=name, **words))
            continue
        found = column if column in known else by_key.get(joined(column))
        if found is None or not joined(column):
            words = {"known": listed(known), "nearest": nearest(column, known)}
            problems.append(place.problem("E-COLUMN-UNKNOWN", column=column, **words))
        else:
            claimed[name] = found
    keys = _keys(fields)
    constants = set(source.values or {})
    stated = set(source.fields or {}) | constants
    found_by_key: dict[str, list[str]] = {}
    for column in known:
        name_found = keys.get(joined(column)) or keys.get(joined(_without_count(column, known)))
        if name_found is not None and column not in claimed.values() and name_found not in stated:
            found_by_key.setdefault(name_found, []).append(column)
    for name, candidates in found_by_key.items():
        if len(candidates) > 1:
            title = next(field.title_vi for field in fields if field.name == name)
            both = " và ".join(f"“{column}”" for column in candidates)
            problems.append(place.problem("E-COLUMN-TWICE", column=title, field=name, both=both))
        claimed[name] = candidates[0]
    for name in sorted(constants - set(names)):
        words = {"known": listed(names), "nearest": nearest(name, names)}
        problems.append(place.problem("E-FIELD-UNKNOWN", column=name, **words))
    ordered = {name: claimed[name] for name in names if name in claimed and name not in constants}
    rest = [column for column in known if column not in ordered.values()]
    personal = personal_columns(rest, households=households)
    unused = tuple(column for column in rest if column not in personal)
    return Claims(ordered, unused, personal, tuple(problems))


def _without_count(column: str, known: Sequence[str]) -> str:
    """The header behind "Xã (2)", when that is the second column of this name."""
    base = re.sub(r" \(\d+\)$", "", column)
    return base if base in known else column


@cache
def _phrases(name: str) -> tuple[str, ...]:
    raw = tomllib.loads((files("ntmgis.intake") / "data" / "personal.toml").read_text(encoding="utf-8"))
    return tuple(_spoken(phrase) for phrase in raw[name])


def _spoken(text: str) -> str:
    return " ".join(_WORD.findall(fold_words(text)))


def personal_columns(columns: Iterable[str], *, households: bool) -> tuple[str, ...]:
    """Those columns whose header says that they hold personal data; `households`: the rows are households.

    >>> personal_columns(["Mã", "HoTen", "Số điện thoại chủ hộ", "Dân tộc", "Kinh độ"], households=True)
    ('HoTen', 'Số điện thoại chủ hộ', 'Dân tộc')
    """
    phrases = _phrases("identity") + (_phrases("household") if households else ())
    together = {joined(phrase) for phrase in phrases}
    found = []
    for column in columns:
        spoken = f" {_spoken(column)} "
        if joined(column) in together or any(f" {phrase} " in spoken for phrase in phrases):
            found.append(column)
    return tuple(found)
