"""How the fields of a table are kept in a store, and how they come back.

Text, codes and enums are text; dates are ISO text; booleans are 0, 1 or null; so that every import of a table
appends to the same columns, whatever a single file happens to hold. A few characters no database keeps in text
(NUL, and the half characters of undecodable file names) are kept spelled out and come back as they were.
"""

import re

import geopandas as gpd
import pandas as pd

from ntmgis.programme.tables import Field, TableSpec

__all__ = ["from_store", "spell", "to_store", "unspell"]

_INTEGERS = frozenset({"integer", "year"})
# A character for private use, so that no office file means anything by it, begins what is spelled out.
_MARK = "\uf8f0"
_TO_SPELL = re.compile(f"[\0{_MARK}\ud800-\udfff]")
_SPELLED = re.compile(f"{_MARK}([0-9a-f]{{4}})")


def spell(text: str) -> str:
    r"""The text as a database can keep it; nearly always the text itself.

    >>> unspell(spell("a\0b")) == "a\0b"
    True
    """
    return _TO_SPELL.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", text)


def unspell(text: str) -> str:
    """The text that `spell` was given."""
    return _SPELLED.sub(lambda found: chr(int(found[1], 16)), text) if _MARK in text else text


def _absent(field: Field, index: pd.Index) -> pd.Series:
    """What `_field_to_store` makes of a column without any value."""
    kind = "float64" if field.type == "number" else "Int64" if field.type in {*_INTEGERS, "bool"} else "str"
    return pd.Series(index=index, dtype=kind)


def _spelled(values: pd.Series) -> pd.Series:
    told = values.astype("str")
    if not told.notna().any():
        return told
    odd = told.str.contains("\0", regex=False, na=False) | told.str.contains(_MARK, regex=False, na=False)
    if odd.any():
        told = told.mask(odd, told[odd].map(spell))
    return told


def _unspelled(values: pd.Series) -> pd.Series:
    told = values.astype("str")
    if not told.notna().any():
        return told
    odd = told.str.contains(_MARK, regex=False, na=False)
    return told.mask(odd, told[odd].map(unspell)) if odd.any() else told


def _iso(days: pd.Series) -> pd.Series:
    """Dates as ISO text, each different one written once: many rows share few."""
    codes, different = pd.factorize(days)  # -1: missing
    texts = pd.Series(different).dt.strftime("%Y-%m-%d").astype("str")
    return pd.Series(texts.array.take(codes, allow_fill=True), index=days.index)


def _field_to_store(values: pd.Series, field: Field) -> pd.Series:
    if field.type == "number":
        return pd.to_numeric(values).astype("float64")
    if field.type in _INTEGERS:
        return values.astype("Int64")
    if field.type == "bool":
        return values.astype("boolean").astype("Int64")
    if field.type == "date":
        return _iso(pd.to_datetime(values))
    return _spelled(values)


def _field_from_store(values: pd.Series, field: Field) -> pd.Series:
    if field.type == "number":
        return values.astype("float64")
    if field.type in _INTEGERS:
        return values.astype("Int64")
    if field.type == "bool":
        return values.astype("Int64").astype("boolean")
    if field.type == "date":
        return pd.to_datetime(values, format="%Y-%m-%d")
    return _unspelled(values)


def to_store(frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """The frame with exactly the columns of `spec`, in order, in the types of the file; absent fields are null.

    A geometry column is kept, last.
    """
    columns = {
        field.name: _field_to_store(frame[field.name], field) if field.name in frame else _absent(field, frame.index)
        for field in spec.fields
    }
    made = pd.DataFrame(columns, index=frame.index)
    made["file_row"] = frame["row"].astype("Int64") if "row" in frame else pd.Series(pd.NA, frame.index, dtype="Int64")
    if isinstance(frame, gpd.GeoDataFrame):
        made = gpd.GeoDataFrame(made, geometry=frame.geometry)
    return made


def from_store(frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """The frame with the types that the data contract promises; other columns untouched."""
    return frame.assign(**{field.name: _field_from_store(frame[field.name], field) for field in spec.fields})
