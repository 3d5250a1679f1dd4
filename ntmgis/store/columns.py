"""How the fields of a table are kept in a GeoPackage, and how they come back.

Text, codes and enums are text; dates are ISO text; booleans are 0, 1 or null; so that every import of a table
appends to the same columns, whatever a single file happens to hold.
"""

import geopandas as gpd
import pandas as pd

from ntmgis.programme.tables import Field, TableSpec

__all__ = ["from_store", "to_store"]

_INTEGERS = frozenset({"integer", "year"})


def _field_to_store(values: pd.Series, field: Field) -> pd.Series:
    if field.type == "number":
        return pd.to_numeric(values).astype("float64")
    if field.type in _INTEGERS:
        return values.astype("Int64")
    if field.type == "bool":
        return values.astype("boolean").astype("Int64")
    if field.type == "date":
        return pd.to_datetime(values).dt.strftime("%Y-%m-%d").astype("str")
    return values.astype("str")


def _field_from_store(values: pd.Series, field: Field) -> pd.Series:
    if field.type == "number":
        return values.astype("float64")
    if field.type in _INTEGERS:
        return values.astype("Int64")
    if field.type == "bool":
        return values.astype("Int64").astype("boolean")
    if field.type == "date":
        return pd.to_datetime(values, format="%Y-%m-%d")
    return values.astype("str")


def to_store(frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """The frame with exactly the columns of `spec`, in order, in the types of the file; absent fields are null.

    A geometry column is kept, last.
    """
    columns = {
        field.name: _field_to_store(
            frame[field.name] if field.name in frame else pd.Series(pd.NA, index=frame.index, dtype=object), field
        )
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
