"""The tables of a store in a PostGIS database, as SQLAlchemy describes them.

Every table of the data contract is a table `t_<table>`; the view `v_<table>` shows those of its rows that count, with
the source, the epoch and the file they came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, ForeignKey, Identity, Index, Integer, MetaData, Table
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.types import UserDefinedType

from ntmgis.programme.tables import Field, TableSpec, tables

__all__ = ["REPORTS", "Layout", "layout", "personal", "shape_of", "view_of"]

REPORTS: Mapping[str, tuple[str, ...]] = {
    "quarantine": ("file", "layer", "sheet", "row", "column", "value", "code", "rule", "action", "original"),
    "matches": (
        "row",
        "given_code",
        "given_name",
        "given_parent",
        "status",
        "how",
        "code",
        "unit_name",
        "reason",
        "candidates",
    ),
}
_SHAPES = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point", "polygon_or_point": "Geometry"}
_TYPES: Mapping[str, type[Any]] = {
    "number": Double,
    "integer": BigInteger,
    "year": BigInteger,
    "bool": Boolean,
    "date": Date,
}


class _Shape(UserDefinedType[str]):
    """A geometry column of one kind, in EPSG:4326."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_: object) -> str:
        """As PostGIS writes it."""
        return f"geometry({self.kind}, 4326)"


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The tables of a store in one schema; `rows`: id of a table of the data contract → its table."""

    metadata: MetaData
    about: Table
    imports: Table
    undone: Table
    reports: Mapping[str, Table]
    rows: Mapping[str, Table]


def layout(schema: str) -> Layout:
    """The present layout, in `schema`."""
    metadata = MetaData(schema=schema)
    about = Table("about", metadata, Column("key", SqlText, primary_key=True), _told("value"))
    imports = Table(
        "imports",
        metadata,
        Column("import_id", BigInteger, primary_key=True, autoincrement=False),
        *(_told(name) for name in ("source_id", "table_id", "epoch")),
        Column("as_of", Date),
        *(_told(name) for name in ("key", "file", "sha256", "recorded_at")),
        Column("rows_in", BigInteger, nullable=False),
        Column("accepted", BigInteger, nullable=False),
        Column("matched", JSON, nullable=False),
        Column("problems", JSON, nullable=False),
        _told("tool_version"),
        Column("schema_version", Integer, nullable=False),
        _told("recorded_by", server_default=""),
        comment="Các lần nhập tệp",
    )
    undone = Table(
        "undone",
        metadata,
        Column("import_id", BigInteger, ForeignKey(imports.c.import_id), primary_key=True, autoincrement=False),
        _told("undone_at"),
        _told("undone_by"),
        comment="Các lần nhập đã rút lại",
    )
    reports = {
        name: Table(
            name,
            metadata,
            Column("id", BigInteger, Identity(always=True), primary_key=True),
            _brought_by(imports),
            *(Column(column, BigInteger if column == "row" else SqlText) for column in columns),
        )
        for name, columns in REPORTS.items()
    }
    rows = {id_: _rows(metadata, imports, spec) for id_, spec in tables().items() if spec.geometry != "raster"}
    return Layout(metadata, about, imports, undone, reports, rows)


def _told(name: str, server_default: str | None = None) -> "Column[str]":
    return Column(name, SqlText, nullable=False, server_default=server_default)


def _brought_by(imports: Table) -> "Column[int]":
    return Column("import_id", BigInteger, ForeignKey(imports.c.import_id), nullable=False, index=True)


def _rows(metadata: MetaData, imports: Table, spec: TableSpec) -> Table:
    made = Table(
        f"t_{spec.id}",
        metadata,
        Column("fid", BigInteger, Identity(always=True), primary_key=True),
        _brought_by(imports),
        Column("valid_from", Date),
        *(_field(field) for field in spec.fields),
        Column("file_row", BigInteger),
        comment=spec.title_vi,
    )
    kind = shape_of(spec)
    if kind is not None:
        made.append_column(Column("geometry", _Shape(kind)))
        Index(f"t_{spec.id}_geometry", made.c.geometry, postgresql_using="gist")
    return made


def _field(field: Field) -> "Column[Any]":
    return Column(field.name, _TYPES.get(field.type, SqlText), comment=field.title_vi)


def shape_of(spec: TableSpec) -> str | None:
    """Kind of geometry that the table's rows have in a store, as PostGIS calls it.

    None: no geometry column; addresses have plain longitudes and latitudes.
    """
    return None if spec.id == "address_point" else _SHAPES.get(spec.geometry)


def view_of(table_id: str) -> str:
    """Name of the view on those rows of a table that count."""
    return f"v_{table_id}"


def personal(name: str) -> bool:
    """Whether a table or view of the store may hold personal data: addresses, and rows of files as they were read."""
    return name in REPORTS or any(name in {f"t_{id_}", view_of(id_)} for id_, spec in tables().items() if spec.personal)
