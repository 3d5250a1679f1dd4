"""The tables of a store file: made, checked, brought up from older versions, and kept append-only by the file itself.

Everything here runs inside the transaction of the caller, so it is whole or absent.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import TableSpec
from ntmgis.store.base import SCHEMA_VERSION
from ntmgis.store.blobs import SRS

__all__ = [
    "GEOMETRY",
    "add_columns",
    "has_table",
    "layer_of",
    "make_layer",
    "make_tables",
    "migrate",
    "quoted",
    "version",
]

# Kind of shape of a layer, as GeoPackage calls it; a table that is not here has plain rows.
GEOMETRY = {"polygon": "MULTIPOLYGON", "line": "MULTILINESTRING", "point": "POINT", "polygon_or_point": "GEOMETRY"}

_REPORTS = ("imports", "undone", "quarantine", "matches")
_INDEX_PARTS = ("insert", "update6", "update7", "update2", "update5", "update4", "delete")
_ONLY_ADDS = "kho ntmgis chỉ ghi thêm: sửa ở tệp nguồn rồi chạy lại ntmgis build, hoặc dùng ntmgis undo"


def quoted(name: str) -> str:
    """A name for SQL, whatever it holds.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def layer_of(spec: TableSpec) -> str:
    """The layer that holds the rows of a table."""
    return f"t_{spec.id}"


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the file has a table of that name."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def version(connection: sqlite3.Connection, file: str) -> int:
    """Schema version of the file; 0 for an empty one. InputError when it is no store of ours, or a newer one."""
    if not has_table(connection, "about"):
        if has_table(connection, "gpkg_contents"):
            empty = connection.execute("SELECT 1 FROM gpkg_contents").fetchone() is None
        else:
            empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if empty:
            return 0
        raise InputError(problem("E-STORE-FOREIGN", file=file))
    try:
        (text,) = connection.execute("SELECT value FROM about WHERE key = 'schema'").fetchone() or ("",)
        found = int(text)
    except (sqlite3.OperationalError, ValueError) as error:
        raise InputError(problem("E-STORE-FOREIGN", file=file)) from error
    if found > SCHEMA_VERSION:
        raise InputError(problem("E-STORE-NEWER", file=file, found=found, known=SCHEMA_VERSION))
    return found


def make_tables(connection: sqlite3.Connection) -> None:
    """The tables of an empty store."""
    for statement in _statements("geopackage.sql"):
        connection.execute(statement)
    connection.execute("INSERT INTO about (key, value) VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
    _show(connection, "about", "imports", "undone")
    for name in _REPORTS:
        _only_adds(connection, name)
    for name in ("quarantine", "matches"):
        _index(connection, name)


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """From schema version `found` to the present one, step by step."""
    for step in range(found, SCHEMA_VERSION):
        _STEPS[step](connection)
    connection.execute("UPDATE about SET value = ? WHERE key = 'schema'", (str(SCHEMA_VERSION),))


def _from_1(connection: sqlite3.Connection) -> None:
    """Version 2: who recorded an import, imports taken back, rows that only ever get more."""
    # A file of version 1 may have been cut off before its tables, or between its rows and the line in `imports`.
    for statement in _statements("geopackage.sql"):
        if statement.lstrip().upper().startswith("CREATE TABLE"):
            connection.execute(statement)
    if not any(row[1] == "recorded_by" for row in connection.execute("PRAGMA table_info(imports)")):
        connection.execute("ALTER TABLE imports ADD COLUMN recorded_by TEXT NOT NULL DEFAULT ''")
    layers = connection.execute("SELECT table_name FROM gpkg_contents WHERE table_name LIKE 't\\_%' ESCAPE '\\'")
    for name in [*(layer for (layer,) in layers), "quarantine", "matches"]:
        connection.execute(
            f"DELETE FROM {quoted(name)} WHERE import_id NOT IN (SELECT import_id FROM imports)"  # noqa: S608 - quoted
        )
        _only_adds(connection, name)
        _index(connection, name)
    for name in ("imports", "undone"):
        _only_adds(connection, name)
    _show(connection, "imports", "undone")


_STEPS = {1: _from_1}


def make_layer(connection: sqlite3.Connection, spec: TableSpec, columns: dict[str, str]) -> None:
    """The layer of a table that has none yet; `columns`: name → type."""
    name = layer_of(spec)
    kind = GEOMETRY.get(spec.geometry) if "geom" in columns else None
    made = ", ".join(f"{quoted(column)} {kind if column == 'geom' else type_}" for column, type_ in columns.items())
    connection.execute(f"CREATE TABLE {quoted(name)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {made})")
    data_type, srs = ("attributes", 0) if kind is None else ("features", SRS)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES (?, ?, ?, ?, ?)",
        (name, data_type, name, spec.title_vi, srs),
    )
    if kind is not None:
        connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (name, kind, SRS))
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
            "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            (name,),
        )
        index = f"rtree_{name}_geom"
        names = {part: quoted(f"{index}_{part}") for part in _INDEX_PARTS}
        for statement in _statements("geopackage_layer.sql"):
            connection.execute(statement.format(index=quoted(index), layer=quoted(name), **names))
    _only_adds(connection, name)
    _index(connection, name)


def add_columns(connection: sqlite3.Connection, spec: TableSpec, columns: dict[str, str]) -> None:
    """Columns that an older version of ntmgis did not know."""
    name = layer_of(spec)
    have = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(name)})")}
    for column, type_ in columns.items():
        if column not in have:
            connection.execute(f"ALTER TABLE {quoted(name)} ADD COLUMN {quoted(column)} {type_}")


def _show(connection: sqlite3.Connection, *names: str) -> None:
    """Let QGIS list the tables."""
    connection.executemany(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?1, 'attributes', ?1, 0)",
        ((name,) for name in names),
    )


def _only_adds(connection: sqlite3.Connection, name: str) -> None:
    """Rows of the table cannot be changed or removed, whichever program tries."""
    for verb in ("UPDATE", "DELETE"):
        trigger = quoted(f"{name}_no_{verb.lower()}")
        connection.execute(
            f"CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE {verb} ON {quoted(name)} "
            f"BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDS}'); END"
        )


def _index(connection: sqlite3.Connection, name: str) -> None:
    connection.execute(f"CREATE INDEX IF NOT EXISTS {quoted(f'{name}_import')} ON {quoted(name)} (import_id)")


def _statements(name: str) -> Iterator[str]:
    text = ""
    for line in (files("ntmgis.store") / name).read_text(encoding="utf-8").splitlines():
        text += "" if line.startswith("--") else line + "\n"
        if text.strip() and sqlite3.complete_statement(text):
            yield text
            text = ""
