"""The data contract as data: every table, its fields and the values they allow."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

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


def _data(name: str) -> dict[str, dict[str, object]]:
    text = (files("ntmgis.programme") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _fields(entries: list[dict[str, object]]) -> tuple[Field, ...]:
    made: list[Field] = []
    for entry in entries:
        entry = dict(entry)
        repeat = entry.pop("repeat", None)
        aliases = tuple(entry.pop("aliases", ()))  # type: ignore[arg-type]
        if repeat is None:
            made.append(Field(aliases=aliases, **entry))  # type: ignore[arg-type]
            continue
        for n in range(1, int(repeat) + 1):  # type: ignore[call-overload]
            one = {**entry, "name": f"{entry['name']}{n}", "title_vi": str(entry["title_vi"]).format(n=n)}
            made.append(Field(aliases=tuple(a.format(n=n) for a in aliases), **one))  # type: ignore[arg-type]
    return tuple(made)


@cache
def tables() -> Mapping[str, TableSpec]:
    """All tables by id, in the order of the catalogue."""
    raw = _data("tables.toml")
    made: dict[str, TableSpec] = {}
    for id_, entry in raw.items():
        if entry.get("template"):
            continue
        entry = {**raw.get(str(entry.get("like", "")), {}), **entry}
        made[id_] = TableSpec(
            id=id_,
            fields=_fields(entry.pop("fields", [])),  # type: ignore[arg-type]
            key=tuple(entry.pop("key", ())),  # type: ignore[arg-type]
            content=tuple(entry.pop("content", ())),  # type: ignore[arg-type]
            **{k: v for k, v in entry.items() if k not in {"like", "template"}},  # type: ignore[arg-type]
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
            code: Value(code, str(entry["vi"]), str(entry["en"]), tuple(entry.get("aliases", ())))  # type: ignore[attr-defined]
            for code, entry in _data("values.toml")[id_].items()
        }
    )
