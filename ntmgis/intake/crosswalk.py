"""A mapping of old units to new ones as a file: its columns found by their headers, codes and shares read."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ntmgis.errors import InputError
from ntmgis.intake.columns import plain_text
from ntmgis.intake.headers import claim_columns
from ntmgis.intake.read import read_raw
from ntmgis.programme.tables import Field, table
from ntmgis.units.decide import read_code
from ntmgis.workspace import Source

__all__ = ["read_crosswalk"]

_NAMES = {
    "old_name": ("Tên cũ", "Đơn vị cũ", "Xã cũ", "ten_cu"),
    "new_name": ("Tên mới", "Đơn vị mới", "Xã mới", "ten_moi"),
}
_SHARES = ("share_area", "share_households")


def _fields() -> tuple[Field, ...]:
    """The fields of unit_change, and the names that stand beside the codes in published mappings."""
    known = table("unit_change")
    text = known.field("basis")
    names = tuple(replace(text, name=name, title_vi=words[0], aliases=words[1:]) for name, words in _NAMES.items())
    return (*known.fields, *names)


def read_crosswalk(path: str | Path, *, layer: str | None = None) -> pd.DataFrame:
    """old_code, new_code and, where the file has them, old_name, new_name, share_area, share_households.

    Indexed by the row number in the file. A code that cannot be read stays as it is written, so that the check names
    it; a share that is no number is missing. InputError when the file cannot be read or lacks one of the codes.
    """
    file = Path(path).absolute()
    source = Source(id="crosswalk", table="unit_change", path=file, layer=layer)
    fields = _fields()
    raw = read_raw(source, replace(table("unit_change"), fields=fields))
    claims = claim_columns(raw.cells.columns, fields, source, place=raw.place)
    problems = [*raw.errors, *claims.problems]
    problems += [
        raw.place.problem("E-COLUMN-REQUIRED", column=field.name, table="unit_change", title=field.title_vi)
        for field in fields
        if field.required and field.name not in claims.columns
    ]
    if problems:
        raise InputError(problems)
    made = pd.DataFrame(index=raw.cells.index)
    for name in ("old_code", "new_code", *_NAMES, *_SHARES):
        if name in claims.columns:
            made[name] = plain_text(raw.cells[claims.columns[name]])
    for name in ("old_code", "new_code"):
        made[name] = [_code(value) for value in made[name]]
    for name in _SHARES:
        if name in made:
            made[name] = pd.to_numeric(made[name].str.replace(",", ".", regex=False), errors="coerce")
    return made


def _code(value: object) -> str | None:
    text = None if value is None or bool(pd.isna(value)) else str(value)  # type: ignore[call-overload]
    code, _ = read_code(text)
    return code or text
