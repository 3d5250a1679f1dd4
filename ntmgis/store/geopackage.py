"""The store as one GeoPackage file: append-only, opened by QGIS as it is.

Every table of the data contract is a layer `t_<table>`; each row names the import that brought it. An import
counts once its line stands in `imports`: rows are appended first and that line is written last, so an
interrupted import is as if it had never been, and its rows are cleared away by the next one.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from ntmgis import __version__
from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import TableSpec, table
from ntmgis.store.columns import from_store, to_store

__all__ = ["Import", "Store"]

SCHEMA_VERSION = 1

_IMPORTS = """
CREATE TABLE IF NOT EXISTS imports (
  import_id INTEGER PRIMARY KEY,
  source_id TEXT NOT NULL,
  table_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  as_of TEXT,
  key TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  rows_in INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  matched TEXT NOT NULL,
  problems TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  schema_version INTEGER NOT NULL
)
"""
_QUARANTINE = ("file", "layer", "sheet", "row", "column", "value", "code", "rule", "action", "original")
_MATCHES = (
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
)
_GEOMETRY = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point", "polygon_or_point": "Unknown"}


@dataclass(frozen=True, slots=True)
class Import:
    """One accepted file: where from, how many rows, and how its rows were matched to units."""

    import_id: int
    source_id: str
    table_id: str
    epoch: str
    as_of: date | None
    key: str
    file: str
    sha256: str
    recorded_at: str
    rows_in: int
    accepted: int
    matched: dict[str, int]
    problems: list[dict[str, object]]
    tool_version: str
    schema_version: int

    @property
    def quarantined(self) -> int:
        """Rows not accepted (law 1: every row is one or the other)."""
        return self.rows_in - self.accepted


class Store:
    """The GeoPackage at `path`; made on the first import."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._prepared = False

    def imports(self) -> list[Import]:
        """Every import so far, oldest first."""
        if not self.path.is_file():
            return []
        with self._connect() as connection:
            if not _has_table(connection, "imports"):
                return []
            cursor = connection.execute("SELECT * FROM imports ORDER BY import_id")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        return [_import(row) for row in rows]

    def latest(self, source_id: str) -> Import | None:
        """The newest import of a source."""
        return next((made for made in reversed(self.imports()) if made.source_id == source_id), None)

    def add(  # noqa: PLR0913 - an import has this many facts, each named at the call
        self,
        frame: pd.DataFrame,
        *,
        source_id: str,
        table_id: str,
        epoch: str,
        as_of: date | None,
        key: str,
        file: str,
        sha256: str,
        rows_in: int,
        quarantine: pd.DataFrame,
        matches: pd.DataFrame,
        matched: dict[str, int],
        problems: Sequence[dict[str, object]] = (),
    ) -> Import:
        """Append one file's accepted rows with its quarantine and match report; whole or not at all.

        A row's date is its own `as_of` where the table has one, else the `as_of` given here (None: no date).
        """
        spec = table(table_id)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._prepare()
        import_id = 1 + max((made.import_id for made in self.imports()), default=0)
        rows = to_store(frame, spec)
        rows.insert(0, "import_id", import_id)
        rows.insert(1, "source", source_id)
        rows.insert(2, "valid_from", _valid_from(rows, as_of))
        if len(rows):
            self._append(rows, spec)
        with self._connect() as connection, connection:
            _insert(connection, "quarantine", quarantine, _QUARANTINE, import_id)
            _insert(connection, "matches", matches, _MATCHES, import_id)
            connection.execute(
                f"INSERT INTO imports VALUES ({', '.join('?' * 15)})",  # noqa: S608 - only question marks
                (
                    import_id,
                    source_id,
                    table_id,
                    epoch,
                    None if as_of is None else as_of.isoformat(),
                    key,
                    file,
                    sha256,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    rows_in,
                    len(rows),
                    json.dumps(matched),
                    json.dumps(list(problems), ensure_ascii=False),
                    __version__,
                    SCHEMA_VERSION,
                ),
            )
        made = self.latest(source_id)
        assert made is not None
        return made

    def rows(self, table_id: str, imports: Sequence[Import]) -> pd.DataFrame:
        """All rows of a table that the given imports brought, with `import_id`, `source` and `valid_from`.

        A GeoDataFrame in EPSG:4326 when the table has geometry.
        """
        spec = table(table_id)
        ids = [made.import_id for made in imports if made.table_id == table_id and made.accepted]
        if not ids:
            return _no_rows(spec)
        frame = pyogrio.read_dataframe(
            self.path, layer=_layer(spec), where=f"import_id IN ({', '.join(map(str, ids))})", use_arrow=True
        )
        frame["valid_from"] = pd.to_datetime(frame["valid_from"], format="%Y-%m-%d")
        typed: pd.DataFrame = from_store(frame, spec)
        return typed

    def quarantine(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Quarantined rows of the given imports: source_id, then what broke where."""
        return self._report("quarantine", _QUARANTINE, imports)

    def matches(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Match reports of the given imports, one row per input row: source_id, file, then the match."""
        return self._report("matches", _MATCHES, imports)

    def _report(self, name: str, columns: Sequence[str], imports: Sequence[Import]) -> pd.DataFrame:
        own = [column for column in columns if column != "file"]
        empty = pd.DataFrame(columns=["source_id", "file", *own])
        if not imports:
            return empty
        ids = ", ".join(str(made.import_id) for made in imports)
        quoted = ", ".join(f'r."{column}"' for column in own)
        query = (
            f"SELECT i.source_id, i.file, {quoted} FROM {name} r JOIN imports i USING (import_id) "  # noqa: S608 - own names and integers
            f"WHERE import_id IN ({ids}) ORDER BY import_id, r.rowid"
        )
        with self._connect() as connection:
            return pd.read_sql_query(query, connection)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise InputError(problem("E-STORE", file=self.path.name, reason=error)) from error

    def _prepare(self) -> None:
        """Make the report tables, and clear rows of an import that was cut off; once per open store."""
        if self._prepared:
            return
        self._prepared = True
        if not self.path.is_file():
            # GDAL makes the file, so that it is a GeoPackage from its first byte.
            pyogrio.write_dataframe(
                pd.DataFrame({"key": ["schema"], "value": [str(SCHEMA_VERSION)]}), self.path, "about"
            )
        with self._connect() as connection, connection:
            connection.execute(_IMPORTS)
            for name, columns in (("quarantine", _QUARANTINE), ("matches", _MATCHES)):
                quoted = ", ".join(f'"{column}"' for column in columns)
                connection.execute(f"CREATE TABLE IF NOT EXISTS {name} (import_id INTEGER NOT NULL, {quoted})")
            contents = connection.execute("SELECT table_name FROM gpkg_contents").fetchall()
            for layer in (name for (name,) in contents if name.startswith("t_")):
                # Plain SQL will do: only the triggers of insert and update call spatial functions.
                connection.execute(
                    f'DELETE FROM "{layer}" WHERE import_id NOT IN (SELECT import_id FROM imports)'  # noqa: S608 - layers of ours
                )

    def _append(self, rows: pd.DataFrame, spec: TableSpec) -> None:
        layer = _layer(spec)
        append = layer in set(pyogrio.list_layers(self.path)[:, 0])
        if append:
            rows = rows.reindex(columns=self._columns_for(layer, rows))
        options = {}
        if isinstance(rows, gpd.GeoDataFrame):
            kind = _GEOMETRY[spec.geometry]
            options = {"geometry_type": kind, "promote_to_multi": kind.startswith("Multi")}
        pyogrio.write_dataframe(rows, self.path, layer=layer, append=append, use_arrow=False, **options)

    def _columns_for(self, layer: str, rows: pd.DataFrame) -> list[str]:
        """All columns of the layer in its order, because appending goes by position.

        A later version of ntmgis may know more fields than the file has: they are added.
        """
        with self._connect() as connection, connection:
            have = [row[1] for row in connection.execute(f'PRAGMA table_info("{layer}")')]
            for name in rows.columns:
                if name not in have and name != "geometry":
                    kind = {"Int64": "INTEGER", "float64": "REAL"}.get(str(rows[name].dtype), "TEXT")
                    connection.execute(f'ALTER TABLE "{layer}" ADD COLUMN "{name}" {kind}')
                    have.append(name)
        last = ["geometry"] if "geometry" in rows else []
        return [name for name in have if name not in {"fid", "geom"}] + last


def _import(row: dict[str, Any]) -> Import:
    parsed = {
        "as_of": None if row["as_of"] is None else date.fromisoformat(row["as_of"]),
        "matched": json.loads(row["matched"]),
        "problems": json.loads(row["problems"]),
    }
    return Import(**{**row, **parsed})


def _layer(spec: TableSpec) -> str:
    return f"t_{spec.id}"


def _valid_from(rows: pd.DataFrame, as_of: date | None) -> pd.Series:
    given = pd.Series(None if as_of is None else as_of.isoformat(), index=rows.index, dtype="str")
    return rows["as_of"].fillna(given) if "as_of" in rows else given


def _no_rows(spec: TableSpec) -> pd.DataFrame:
    empty = pd.DataFrame({"import_id": pd.Series(dtype="int64"), "source": pd.Series(dtype="str")})
    empty["valid_from"] = pd.Series(dtype="datetime64[s]")
    blank = to_store(pd.DataFrame(index=pd.RangeIndex(0)), spec)
    frame = from_store(pd.concat([empty, blank], axis=1), spec)
    if spec.geometry != "none" and spec.id != "address_point":
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    return frame


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def _insert(
    connection: sqlite3.Connection, name: str, frame: pd.DataFrame, columns: Sequence[str], import_id: int
) -> None:
    connection.execute(f"DELETE FROM {name} WHERE import_id = ?", (import_id,))  # noqa: S608 - our own table name
    values = frame.reindex(columns=list(columns)).astype(object)
    values = values.where(values.notna(), None)
    marks = ", ".join("?" * (len(columns) + 1))
    connection.executemany(
        f"INSERT INTO {name} VALUES ({marks})",  # noqa: S608 - our own table name and question marks
        ((import_id, *(_plain(value) for value in row)) for row in values.itertuples(index=False)),
    )


def _plain(value: object) -> object:
    """A value sqlite takes: numpy integers become int, everything unusual text."""
    if value is None or isinstance(value, (int, float, str)):
        return value
    if hasattr(value, "item"):
        return value.item()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (tuple, list, dict)) else str(value)
