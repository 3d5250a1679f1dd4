"""The data contract as data: every table, its fields and the values they allow."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["Field", "TableSpec", "Value", "layer_ids", "table", "tables", "values"]

Geometry = Literal["none", "polygon", "line", "point", "polygon_or_point", "raster"]
FieldType = Literal["text", "code", "integer", "number", "date", "year", "bool", "enum"]


@dataclass(frozen=True, slots=True)
class Value:
    """One allowed value of an enum field; `aliases` are further spellings accepted on intake."""

    code: str
    vi: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `of` says that it identifies the commune the row belongs to."""

    name: str
    type: FieldType
    title_vi: str
    aliases: tuple[str, ...]
    example: str
    required: bool = False
    of: str | None = None
    digits: int | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    values: str | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of the data contract.

    `history` is "values" (each row an observation, the newest of its key holds) or "inventory" (each import
    a complete list, the newest of its source holds). `content` and `criterion` point into Plan 305 and the
    2021-2025 commune set. `base` marks background layers, `personal` tables whose rows are personal data.
    """

    id: str
    title_vi: str
    title_en: str
    geometry: Geometry
    history: Literal["values", "inventory"]
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    content: tuple[str, ...] = ()
    criterion: int | None = None
    base: bool = False
    personal: bool = False
    unit: str | None = None

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def _data(name: str) -> dict[str, dict[str, Any]]:
    text = (files("ntmgis.programme") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _fields(entries: list[dict[str, Any]]) -> tuple[Field, ...]:
    made: list[Field] = []
    for entry in entries:
        rest = {name: value for name, value in entry.items() if name not in {"repeat", "aliases"}}
        aliases: list[str] = entry.get("aliases", [])
        if "repeat" not in entry:
            made.append(Field(aliases=tuple(aliases), **rest))
            continue
        for n in range(1, entry["repeat"] + 1):
            one = {**rest, "name": f"{rest['name']}{n}", "title_vi": rest["title_vi"].format(n=n)}
            made.append(Field(aliases=tuple(alias.format(n=n) for alias in aliases), **one))
    return tuple(made)


@cache
def tables() -> Mapping[str, TableSpec]:
    """All tables by id, in the order of the catalogue."""
    raw = _data("tables.toml")
    made: dict[str, TableSpec] = {}
    for id_, own in raw.items():
        if own.get("template"):
            continue
        entry = {**raw.get(own.get("like", ""), {}), **own}
        rest = {k: v for k, v in entry.items() if k not in {"like", "template", "fields", "key", "content"}}
        made[id_] = TableSpec(
            id=id_,
            fields=_fields(entry.get("fields", [])),
            key=tuple(entry.get("key", ())),
            content=tuple(entry.get("content", ())),
            **rest,
        )
    return MappingProxyType(made)


def table(id_: str) -> TableSpec:
    """The table called `id_`; KeyError when there is none."""
    return tables()[id_]


_NOT_LAYERS = frozenset({"unit", "village", "address_point"})


@cache
def layer_ids() -> tuple[str, ...]:
    """Ids of the map layers (works and background), in catalogue order: geometry, but no unit or address."""
    return tuple(
        id_ for id_, spec in tables().items() if spec.geometry not in {"none", "raster"} and id_ not in _NOT_LAYERS
    )


@cache
def values(id_: str) -> Mapping[str, Value]:
    """The allowed values of one enum, by code, in order.

    >>> values("tier")["ntm"].vi
    'Đạt chuẩn NTM'
    """
    return MappingProxyType(
        {
            code: Value(code, entry["vi"], entry["en"], tuple(entry.get("aliases", ())))
            for code, entry in _data("values.toml")[id_].items()
        }
    )
