"""The columns of a raw table as typed values of the fields of its table; all faults of the file at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from ntmgis.errors import InputError, Problem
from ntmgis.intake.convert import Fault, convert, empty, file_marks
from ntmgis.intake.dates import period_end
from ntmgis.intake.headers import Claims, claim_columns, fields_of, personal_columns
from ntmgis.intake.identify import UNIT_FIELDS
from ntmgis.intake.marks import read_marks
from ntmgis.intake.raw import RawTable
from ntmgis.intake.shapes import used_crs
from ntmgis.intake.text import joined, listed, word_list
from ntmgis.programme.tables import Field, TableSpec
from ntmgis.workspace import Source

__all__ = ["Columns", "plain_text", "read_columns"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Typed values of every field of the table (missing where the file has no such column).

    found     field → column of the file
    typed     field → values with the dtype of the field
    given     fields that the file or the configuration brings
    faults    (field, position, why) of cells that are no value of their field
    keep      columns that may be repeated in the quarantine
    warnings  columns dropped and not used
    """

    found: Mapping[str, str]
    given: tuple[str, ...]
    typed: Mapping[str, "pd.Series[Any]"]
    faults: tuple[tuple[str, int, Fault], ...]
    keep: tuple[str, ...]
    warnings: tuple[Problem, ...]


def read_columns(raw: RawTable, source: Source, spec: TableSpec) -> Columns:
    """Claim, check and convert the columns; InputError with every fault of the file as a whole."""
    by_columns = raw.tabular and raw.geometry is None
    fields = fields_of(spec, tabular=by_columns)
    source = replace(source, fields={**(source.fields or {}), **raw.claimed})
    claims = claim_columns(raw.cells.columns, fields, source, place=raw.place, households=spec.personal)
    values: dict[str, pd.Series[Any]] = {}
    faults: list[tuple[str, int, Fault]] = []
    problems = [*raw.errors, *claims.problems]
    constants = dict(source.values or {})  # noqa: PD011 - no pandas object
    if "as_of" in {field.name for field in fields} and "as_of" not in claims.columns and "as_of" not in constants:
        if source.as_of is None:
            problems.append(raw.place.problem("E-DATE-MISSING"))
        else:
            constants["as_of"] = source.as_of.isoformat()
    problems += _missing(raw, source, spec, fields, claims)
    problems += _personal(raw, spec, claims)
    crs_faults = _crs_faults(raw, source) if spec.geometry != "none" and not by_columns else []
    problems += [one for one in crs_faults if one.code != "E-CRS-MISSING"]
    marked = read_marks(raw, claims.columns, fields, source)
    faults += marked.faults
    marks = cache(lambda: file_marks({name: raw.cells[column] for name, column in claims.columns.items()}, fields))
    for field in fields:
        read_as = replace(field, type="text", values=None) if field.of is not None else field
        if field.name in constants:
            series = pd.Series([constants[field.name]] * len(raw.cells), index=raw.cells.index, dtype=object)
            made = convert(series, read_as)
            if made.faults:
                fault = next(iter(made.faults.values()))
                at = {"column": f"values.{field.name}", "value": constants[field.name]}
                problems.append(raw.place.problem(fault.code, **at, **fault.words))
        elif field.name in claims.columns:
            cells = marked.cells.get(field.name, raw.cells[claims.columns[field.name]])
            made = convert(cells, read_as, marks=marks)
            faults += [(field.name, position, fault) for position, fault in made.faults.items()]
        else:
            values[field.name] = empty(field, raw.cells.index)
            continue
        values[field.name] = made.typed
        if field.name == "as_of" and source.as_of is not None:
            blank = made.typed.isna() & ~pd.Series(range(len(raw.cells)), index=raw.cells.index).isin(made.faults)
            values["as_of"] = made.typed.mask(blank, pd.Timestamp(source.as_of).as_unit("us"))
    if problems:  # a missing CRS may be guessed, but a file that needs a hand anyway hears of it too
        raise InputError(dict.fromkeys([*problems, *crs_faults]))
    used = tuple(claims.columns.values())
    keep = used if spec.personal else tuple(c for c in raw.cells.columns if c not in claims.personal)
    given = (*claims.columns, *(name for name in constants if name not in claims.columns))
    dates = {claims.columns[f.name]: values[f.name] for f in fields if f.type == "date" and f.name in claims.columns}
    periods = [note for column, read in dates.items() for note in _periods(raw, column, read)]
    warnings = (*_notes(raw, claims), *marked.warnings, *periods)
    return Columns(claims.columns, given, values, tuple(faults), keep, warnings)


def _periods(raw: RawTable, column: str, read: "pd.Series[Any]") -> list[Problem]:
    """A note when cells name a period and were read as its last day."""
    cells = raw.cells[column]
    known = {cell: period_end(cell) for cell in cells[read.notna()].unique() if isinstance(cell, str)}
    ends = {cell: end for cell, end in known.items() if end is not None}
    if not ends:
        return []
    example, end = next(iter(ends.items()))
    words = {"count": int(cells.isin(list(ends)).sum()), "example": example, "day": end.strftime("%d/%m/%Y")}
    return [raw.place.problem("W-DATE-PERIOD", severity="warning", column=column, **words)]


def plain_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The cells of a column as a person sees them, as text (object); None where blank."""
    typed = convert(column, _TEXT_FIELD).typed
    return typed.astype(object).where(typed.notna(), None)


_TEXT_FIELD = Field("text", "text", "", (), "")


def _missing(
    raw: RawTable, source: Source, spec: TableSpec, fields: tuple[Field, ...], claims: Claims
) -> list[Problem]:
    """Required columns the file does not have. A missing id is made up later; a commune needs a code or a name."""
    stated = set(claims.columns) | set(source.values or {}) | set(source.fields or {})  # noqa: PD011 - no pandas object
    wanted = [field for field in fields if field.required and not (field.name == "id" and spec.key == ("id",))]
    points = spec.geometry in {"point", "polygon_or_point"} and raw.geometry is None
    if points and not spec.personal:
        wanted += [field for field in fields if field.name in {"lon", "lat"}]
    problems = [
        raw.place.problem("E-COLUMN-REQUIRED", column=field.title_vi, table=f"“{spec.title_vi}”", title=field.title_vi)
        for field in wanted
        if field.name not in stated
    ]
    if spec.geometry in {"polygon", "line"} and raw.geometry is None:
        problems.append(raw.place.problem("E-GEOM-COLUMN", table=f"“{spec.title_vi}”"))
    unit = UNIT_FIELDS.get(spec.id)
    if unit is not None and not {unit.code, unit.name} & stated and not (spec.id == "village" and "code" in stated):
        problems.append(
            raw.place.problem("E-UNIT-COLUMN", table=f"“{spec.title_vi}”", columns=", ".join(raw.cells.columns))
        )
    return problems


def _personal(raw: RawTable, spec: TableSpec, claims: Claims) -> list[Problem]:
    """A personal column stated as a field of a table of households, such as the CCCD number as id, is refused."""
    if not spec.personal:
        return []
    refused = personal_columns(claims.columns.values(), households=False)
    titles = {column: spec.field(name).title_vi for name, column in claims.columns.items()}
    return [raw.place.problem("E-COLUMN-PERSONAL", column=column, title=titles[column]) for column in refused]


def _crs_faults(raw: RawTable, source: Source) -> list[Problem]:
    if raw.geometry is None:
        return []
    try:
        used_crs(raw, source.crs)
    except InputError as error:
        return list(error.problems)
    return []


def _notes(raw: RawTable, claims: Claims) -> list[Problem]:
    notes = []
    if claims.personal:
        words = {"left": listed(claims.personal)}
        notes.append(raw.place.problem("W-COLUMN-PERSONAL", severity="warning", **words))
    ordinals = {joined(word) for word in word_list("rows", "ordinal")}
    unused = [column for column in claims.unused if column not in raw.located and joined(column) not in ordinals]
    if unused:
        notes.append(raw.place.problem("W-COLUMN-UNUSED", severity="warning", left=listed(unused)))
    return notes
