"""A table of any kind matched to units: its name, code and district columns found, nothing else looked at."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ntmgis.errors import InputError
from ntmgis.intake.columns import plain_text
from ntmgis.intake.headers import claim_columns
from ntmgis.intake.identify import district_names
from ntmgis.intake.read import read_raw
from ntmgis.programme.tables import Field, table
from ntmgis.units.aliases import Aliases
from ntmgis.units.epochs import Epoch
from ntmgis.units.match import match
from ntmgis.units.report import MatchReport
from ntmgis.workspace import Source

__all__ = ["match_table"]

# Where each field may come from: the tables that call a commune by that header.
_HEADERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "code": (("unit", "code"), ("unit_list", "code"), ("village", "commune_code")),
    "name": (("unit", "name"), ("unit_list", "name"), ("commune_status", "name"), ("village", "commune")),
    "district": (("unit", "district"), ("unit_list", "district"), ("commune_status", "district")),
    "district_code": (("unit", "district_code"), ("unit_list", "district_code")),
}


def _fields() -> tuple[Field, ...]:
    made = []
    for name, places in _HEADERS.items():
        known = [table(id_).field(field) for id_, field in places]
        words = dict.fromkeys(word for one in known for word in (one.title_vi, *one.aliases))
        made.append(replace(known[0], name=name, aliases=tuple(words)))
    return tuple(made)


def match_table(  # noqa: PLR0913 - three columns of one file, told apart by name
    path: str | Path,
    *,
    units: pd.DataFrame,
    epoch: Epoch,
    name: str | None = None,
    parent: str | None = None,
    code: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    aliases: Aliases | None = None,
) -> MatchReport:
    """Which unit each row of a file means; row numbers are those of the file.

    `name`, `parent` (district) and `code` name columns of the file; those not named are found by their headers, and
    an empty name says that there is no such column ("" for codes that are not to be trusted).
    `units`, `epoch` and `aliases` as for `ntmgis.units.match.match`; two rows on one unit are `duplicate`. InputError
    when the file cannot be read, a named column is not there, or there are neither names nor codes.
    """
    stated = {"name": name, "district": parent, "code": code}
    columns = {field: column for field, column in stated.items() if column}
    unused = {field for field, column in stated.items() if column == ""}
    file = Path(path).absolute()
    source = Source(id="match", table="unit", path=file, layer=layer, encoding=encoding, fields=columns)
    fields = _fields()
    spec = replace(table("unit"), geometry="none", fields=fields)
    raw = read_raw(source, spec, districts=district_names(units))
    claims = claim_columns(raw.cells.columns, fields, source, place=raw.place)
    used = {field: column for field, column in claims.columns.items() if field not in unused}
    problems = [*raw.errors, *claims.problems]
    if not used.keys() & {"code", "name"} and not columns.keys() & {"code", "name"}:
        problems.append(
            raw.place.problem("E-UNIT-COLUMN", table=f"“{raw.place.file}”", columns=", ".join(raw.cells.columns))
        )
    if problems:
        raise InputError(problems)
    texts = pd.DataFrame({field: plain_text(raw.cells[column]) for field, column in used.items()})

    def found(field: str) -> str | None:
        return field if field in used else None

    report = match(
        texts,
        units,
        epoch=epoch,
        code=found("code"),
        name=found("name"),
        parent=found("district"),
        parent_code=found("district_code"),
        aliases=aliases,
    )
    old = (f"cột {one.column}: {one.rule}" for one in raw.warnings if one.code.startswith("W-LEGACY"))
    return replace(report, hints=(*report.hints, *old))
