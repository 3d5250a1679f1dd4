"""Rows of a table on their way into a PostGIS database and out of it, in bulk (COPY)."""

import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from psycopg import sql
from pyarrow import csv
from sqlalchemy import Connection, Table

from ntmgis.programme.tables import TableSpec
from ntmgis.store.columns import from_store, spell
from ntmgis.store.postgis_layout import shape_of
from ntmgis.store.postgis_schema import driver

__all__ = ["copy_in", "no_rows", "read_rows", "report_values", "row_values"]

_SRID = 4326
_MULTI: Mapping[str, tuple[int, Callable[[Any], Any]]] = {
    "MultiLineString": (1, shapely.multilinestrings),
    "MultiPolygon": (3, shapely.multipolygons),
}
_ARROW = {"number": pa.float64(), "integer": pa.int64(), "year": pa.int64(), "bool": pa.int64()}
_LARGEST_BLOCK = 2**31 - 1


def copy_in(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows; each has the values of `columns` in their order, None where there is none."""
    target = sql.Identifier(str(table.schema), table.name)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(target, names)
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def row_values(rows: pd.DataFrame, spec: TableSpec) -> tuple[list[str], Iterable[Sequence[object]]]:
    """The columns of rows in the types of a store, and their values as the database takes them."""
    columns = {str(name): _values(rows[name]) for name in rows.columns if name != "geometry"}
    kind = shape_of(spec)
    if kind is not None and isinstance(rows, gpd.GeoDataFrame):
        columns["geometry"] = _shapes(rows.geometry.to_numpy(), kind)
    return list(columns), zip(*columns.values(), strict=True)


def report_values(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """A quarantine or match report as the database takes it: `row` a number, everything else text."""
    values = frame.reindex(columns=list(columns)).astype(object)
    values = values.where(values.notna(), None)
    kept = [
        [None if value is None else int(value) if name == "row" else _text(value) for value in values[name]]
        for name in columns
    ]
    return list(zip(*kept, strict=True))


def _text(value: object) -> str:
    return spell(json.dumps(value, ensure_ascii=False) if isinstance(value, (tuple, list, dict)) else str(value))


def _values(column: pd.Series) -> list[object]:
    told: list[object] = column.astype(object).where(column.notna(), None).tolist()
    return told


def _shapes(shapes: npt.NDArray[np.object_], kind: str) -> list[object]:
    """In two dimensions, as hexadecimal EWKB; single parts become collections of one where the column asks for them."""
    flat = shapely.force_2d(shapes)
    if kind in _MULTI:
        single, gather = _MULTI[kind]
        found = np.flatnonzero(shapely.get_type_id(flat) == single)
        if len(found):
            flat[found] = gather(flat[found, np.newaxis])
    known = shapely.set_srid(flat, _SRID)
    made: list[object] = shapely.to_wkb(known, hex=True, byte_order=1, include_srid=True).tolist()
    return made


def read_rows(
    connection: Connection, table: Table, spec: TableSpec, imports: Sequence[int], known: Collection[str]
) -> pd.DataFrame:
    """The rows that these imports brought, in the order of the imports' numbers, then of the files.

    First `import_id` and `valid_from`, then the fields as typed in the contract, empty where the database does not know
    (`known`) one yet; a GeoDataFrame in EPSG:4326 when the table has geometry.
    """
    types = _types(spec)
    flags = {field.name for field in spec.fields if field.type == "bool"}
    told = [
        sql.SQL("NULL")
        if name not in known
        else sql.SQL("{}::int" if name in flags else "{}").format(sql.Identifier(name))
        for name in types
    ]
    statement = sql.SQL(
        "COPY (SELECT {} FROM {} WHERE import_id = ANY({}) ORDER BY import_id, fid) TO STDOUT (FORMAT csv)"
    ).format(sql.SQL(", ").join(told), sql.Identifier(str(table.schema), table.name), sql.Literal(list(imports)))
    text = io.BytesIO()
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for part in copy:
            text.write(part)
    return _frame(text, types, spec)


def no_rows(spec: TableSpec) -> pd.DataFrame:
    """What `read_rows` gives when there are none."""
    return _frame(io.BytesIO(), _types(spec), spec).astype({"file_row": "Int64"})


def _types(spec: TableSpec) -> dict[str, pa.DataType]:
    types = {"import_id": pa.int64(), "valid_from": pa.string()}
    types |= {field.name: _ARROW.get(field.type, pa.string()) for field in spec.fields}
    return types | {"file_row": pa.int64()} | ({"geometry": pa.string()} if shape_of(spec) is not None else {})


def _frame(text: io.BytesIO, types: Mapping[str, pa.DataType], spec: TableSpec) -> pd.DataFrame:
    size = text.tell()
    text.seek(0)
    table = (
        csv.read_csv(
            text,
            # One block, because a shape may be longer than any block size that one would choose.
            csv.ReadOptions(column_names=list(types), block_size=min(max(size, 1), _LARGEST_BLOCK)),
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(
                column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )
        if size
        else pa.table({name: pa.array([], kind) for name, kind in types.items()})
    )
    shapes = table["geometry"].to_numpy() if "geometry" in types else None
    frame = table.drop_columns(["geometry"] if shapes is not None else []).to_pandas()
    frame["valid_from"] = pd.to_datetime(frame["valid_from"], format="%Y-%m-%d")
    typed: pd.DataFrame = from_store(frame, spec)
    if shapes is not None:
        typed = gpd.GeoDataFrame(typed, geometry=shapely.set_srid(shapely.from_wkb(shapes), 0), crs="EPSG:4326")
    return typed
