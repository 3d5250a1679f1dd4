"""The store as one GeoPackage file: append-only, opened by QGIS as it is.

Every table of the data contract is a layer `t_<table>`; each row names the import that brought it. An import is one
transaction: rows, reports and its line in `imports` are there together or not at all. The file itself refuses to
change or remove a row, whichever program tries; what was taken back stands in `undone`.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from ntmgis import __version__
from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import TableSpec, table
from ntmgis.store.base import SCHEMA_VERSION, Import, counting, local_time, moment, user_name
from ntmgis.store.blobs import bounds_of, to_blobs
from ntmgis.store.columns import from_store, spell, to_store, unspell
from ntmgis.store.schema import GEOMETRY, add_columns, has_table, layer_of, make_layer, quoted
from ntmgis.store.sqlite_file import WAIT_S, StoreFile

__all__ = ["Import", "Store"]

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
_LINE = (
    "import_id",
    "source_id",
    "table_id",
    "epoch",
    "as_of",
    "key",
    "file",
    "sha256",
    "recorded_at",
    "rows_in",
    "accepted",
    "matched",
    "problems",
    "tool_version",
    "schema_version",
    "recorded_by",
)
_TEXTS = frozenset({"source_id", "file", "recorded_by", "undone_by"})  # what a user or a file system named
_SELECT = (
    f"SELECT {', '.join(f'i.{name}' for name in _LINE)}, undone_at, undone_by "  # noqa: S608 - our own names
    "FROM imports i LEFT JOIN undone USING (import_id)"
)
_UNSOUND = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    shapely.errors.ShapelyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_VALUES = 900  # in one statement; SQLite before 3.32 takes 999
_TYPES = {"Int64": "INTEGER", "int64": "INTEGER", "float64": "REAL"}


class Store:
    """The GeoPackage at `path`; made on the first import.

    `user` is who records and takes back (None: the user of the machine). Another program's lock on the file is waited
    for `wait_s` seconds; then, and for every other fault of file or disk, InputError with a code E-STORE-*.
    """

    def __init__(self, path: Path, *, user: str | None = None, wait_s: float = WAIT_S) -> None:
        self.path = path
        self.user = user_name() if user is None else user
        self._file = StoreFile(path, wait_s=wait_s)

    def imports(self, known_at: datetime | None = None) -> list[Import]:
        """Every import that counts, oldest first."""
        return counting(self.log(), known_at)

    def log(self) -> list[Import]:
        """Every import ever made, oldest first, those taken back included."""
        with self._file.read() as connection, self._sound():
            return [] if connection is None else _imports(connection, "ORDER BY import_id")

    def latest(self, source_id: str) -> Import | None:
        """The newest import of a source that counts."""
        with self._file.read() as connection, self._sound():
            return None if connection is None else _latest(connection, source_id)

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
        once: bool = False,
    ) -> Import:
        """Append one file's accepted rows with its quarantine and match report; whole or not at all.

        A row's date is its own `as_of` where the table has one, else the `as_of` given here (None: no date).
        With `once`, nothing is added when the newest import of the source that counts has the same `key`: that one is
        returned. This is decided inside the transaction, so two programs that take in one file add it once.
        """
        spec = table(table_id)
        rows = to_store(frame, spec)
        rows.insert(0, "valid_from", _valid_from(rows, as_of))
        with self._file.write() as connection:
            same = _latest(connection, source_id) if once else None
            if same is not None and same.key == key:
                return same
            last = connection.execute("SELECT MAX(import_id), MAX(recorded_at) FROM imports").fetchone()
            made = Import(
                import_id=1 + (last[0] or 0),
                source_id=source_id,
                table_id=table_id,
                epoch=epoch,
                as_of=as_of,
                key=key,
                file=file,
                sha256=sha256,
                recorded_at=moment(last[1]),
                rows_in=rows_in,
                accepted=len(rows),
                matched=dict(matched),
                problems=list(problems),
                tool_version=__version__,
                schema_version=SCHEMA_VERSION,
                recorded_by=self.user,
            )
            _write(connection, made, rows, quarantine, matches)
        return made

    def put(self, made: Import, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame) -> None:
        """Write an import exactly as another store holds it: number, times, users and, where set, its undoing.

        `rows`, `quarantine` and `matches` are what the other store's methods give for it. InputError E-STORE-TAKEN
        when the number is taken or lower than one that is; whole or not at all.
        """
        kept = to_store(rows.rename(columns={"file_row": "row"}), table(made.table_id))
        day = pd.to_datetime(rows["valid_from"]).dt.strftime("%Y-%m-%d").astype("str")
        kept.insert(0, "valid_from", day)
        with self._file.write() as connection:
            (last,) = connection.execute("SELECT MAX(import_id) FROM imports").fetchone()
            if last is not None and made.import_id <= last:
                raise InputError(problem("E-STORE-TAKEN", file=self.path.name, import_id=made.import_id))
            _write(connection, made, kept, quarantine, matches)
            if made.undone_at is not None:
                _take_back(connection, made.import_id, made.undone_at, made.undone_by or "")

    def undo(self, import_id: int) -> Import:
        """Take an import back: from now on it does not count. InputError when there is no such import that counts."""
        missing = problem("E-STORE-NO-IMPORT", file=self.path.name, import_id=import_id)
        with self._file.read() as connection:
            if connection is None:
                raise InputError(missing)
        with self._file.write() as connection:
            found = _imports(connection, "WHERE i.import_id = ?", (import_id,))
            if not found:
                raise InputError(missing)
            (made,) = found
            if made.undone_at is not None:
                when, who = local_time(made.undone_at), made.undone_by or "?"
                raise InputError(
                    problem("E-STORE-UNDONE", file=self.path.name, import_id=import_id, when=when, who=who)
                )
            when = moment(made.recorded_at)
            _take_back(connection, import_id, when, self.user)
        return replace(made, undone_at=when, undone_by=self.user)

    def rows(self, table_id: str, imports: Sequence[Import]) -> pd.DataFrame:
        """All rows of a table that the given imports brought, with `import_id`, `source` and `valid_from`.

        A GeoDataFrame in EPSG:4326 when the table has geometry. In the order of the imports' numbers and of their rows.
        """
        spec = table(table_id)
        ids = sorted({made.import_id for made in imports if made.table_id == table_id and made.accepted})
        if not ids:
            return _no_rows(spec)
        known = {made.import_id: made.source_id for made in imports}
        with self._file.read():  # first, because GDAL cannot say what is wrong with a file, nor mend it
            pass
        with self._sound():
            frame = pyogrio.read_dataframe(
                self.path,
                layer=layer_of(spec),
                where=f"import_id IN ({', '.join(map(str, ids))})",
                use_arrow=True,
                **({"IMMUTABLE": "YES"} if self._file.frozen else {}),
            )
            for name in (one.name for one in spec.fields):
                if name not in frame:  # a field that came with a later version of ntmgis
                    frame[name] = pd.Series(pd.NA, index=frame.index, dtype="object")
            frame["valid_from"] = pd.to_datetime(frame["valid_from"], format="%Y-%m-%d")
            frame["source"] = frame["import_id"].map(known).astype("str")
            if not frame["import_id"].is_monotonic_increasing:
                frame = frame.sort_values("import_id", kind="stable", ignore_index=True)
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
        if not imports:
            return pd.DataFrame(columns=["source_id", "file", *own])
        file = "COALESCE(r.file, i.file)" if "file" in columns else "i.file"
        marks = ", ".join("?" * len(imports))
        query = (
            f"SELECT i.source_id, {file} AS file, {', '.join(f'r.{quoted(one)}' for one in own)} "  # noqa: S608 - own names
            f"FROM {quoted(name)} r JOIN imports i USING (import_id) "
            f"WHERE import_id IN ({marks}) ORDER BY import_id, r.rowid"
        )
        with self._file.read() as connection:
            assert connection is not None, "imports come from a store that is there"
            found = pd.read_sql_query(query, connection, params=[made.import_id for made in imports])
        texts = {one: found[one].map(_unspell_any) for one in found.columns if found[one].dtype != "int64"}
        return found.assign(**texts)

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Whatever GDAL, Arrow or GEOS find wrong in what was written whole comes from a damaged file, or a lock."""
        try:
            yield
        except _UNSOUND as error:
            code = "E-STORE-LOCKED" if "locked" in str(error) else "E-STORE-DAMAGED"
            raise InputError(problem(code, file=self.path.name, reason=error)) from error


def _imports(connection: sqlite3.Connection, rest: str, values: Sequence[object] = ()) -> list[Import]:
    cursor = connection.execute(f"{_SELECT} {rest}", values)
    names = [column[0] for column in cursor.description]
    return [_import(dict(zip(names, row, strict=True))) for row in cursor]


def _latest(connection: sqlite3.Connection, source_id: str) -> Import | None:
    rest = "WHERE i.source_id = ? AND undone_at IS NULL ORDER BY import_id DESC LIMIT 1"
    return next(iter(_imports(connection, rest, (spell(source_id),))), None)


def _import(row: dict[str, Any]) -> Import:
    parsed = {
        "as_of": None if row["as_of"] is None else date.fromisoformat(row["as_of"]),
        "matched": json.loads(row["matched"]),
        "problems": json.loads(row["problems"]),
    }
    texts = {name: _unspell_any(row[name]) for name in _TEXTS}
    return Import(**{**row, **parsed, **texts})


def _write(
    connection: sqlite3.Connection, made: Import, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame
) -> None:
    """The rows, the reports, and last the line that makes them count."""
    if len(rows):
        _append(connection, made, rows)
    _insert(connection, "quarantine", quarantine, _QUARANTINE, made.import_id)
    _insert(connection, "matches", matches, _MATCHES, made.import_id)
    told = {
        **{name: getattr(made, name) for name in _LINE},
        **{name: spell(getattr(made, name)) for name in _TEXTS & set(_LINE)},
        "as_of": None if made.as_of is None else made.as_of.isoformat(),
        "matched": json.dumps(made.matched),
        "problems": json.dumps(made.problems, ensure_ascii=False).encode("utf-8", "backslashreplace").decode(),
    }
    connection.execute(
        f"INSERT INTO imports ({', '.join(_LINE)}) VALUES ({', '.join('?' * len(_LINE))})",  # noqa: S608 - own names
        [told[name] for name in _LINE],
    )


def _take_back(connection: sqlite3.Connection, import_id: int, when: str, who: str) -> None:
    connection.execute("INSERT INTO undone VALUES (?, ?, ?)", (import_id, when, spell(who)))


def _append(connection: sqlite3.Connection, made: Import, rows: pd.DataFrame) -> None:
    """The rows into the layer of their table, which is made or widened where needed."""
    spec = table(made.table_id)
    layer = layer_of(spec)
    plain = rows.drop(columns="geometry", errors="ignore")
    columns: dict[str, str] = {"import_id": "INTEGER", "source": "TEXT"}
    columns |= {str(name): _TYPES.get(str(dtype), "TEXT") for name, dtype in plain.dtypes.items()}
    cells: list[Sequence[object]] = [
        [made.import_id] * len(rows),
        [spell(made.source_id)] * len(rows),
        *(_cells(plain[name]) for name in plain.columns),
    ]
    shapes = rows.geometry.to_numpy() if isinstance(rows, gpd.GeoDataFrame) else None
    if shapes is not None:
        columns = {"geom": "", **columns}
        cells = [to_blobs(shapes, multi=GEOMETRY[spec.geometry].startswith("MULTI")), *cells]
    if has_table(connection, layer):
        add_columns(connection, spec, columns)
    else:
        make_layer(connection, spec, columns)
    _insert_rows(connection, layer, list(columns), zip(*cells, strict=True), len(rows))
    corners = None if shapes is None else bounds_of(shapes)
    west, south, east, north = corners or (None,) * 4
    connection.execute(
        "UPDATE gpkg_contents SET last_change = ?1, "
        "min_x = min(ifnull(min_x, ?2), ifnull(?2, min_x)), min_y = min(ifnull(min_y, ?3), ifnull(?3, min_y)), "
        "max_x = max(ifnull(max_x, ?4), ifnull(?4, max_x)), max_y = max(ifnull(max_y, ?5), ifnull(?5, max_y)) "
        "WHERE table_name = ?6",
        (made.recorded_at[:23] + "Z", west, south, east, north, layer),
    )


def _insert_rows(
    connection: sqlite3.Connection, layer: str, names: Sequence[str], rows: Iterator[tuple[object, ...]], count: int
) -> None:
    """Insert `count` rows, many with each statement: that takes half the time of one by one."""
    at_once = max(1, _VALUES // len(names))
    head = f"INSERT INTO {quoted(layer)} ({', '.join(map(quoted, names))}) VALUES "  # noqa: S608 - quoted names
    marks = f"({', '.join('?' * len(names))})"
    blocks = (tuple(chain.from_iterable(islice(rows, at_once))) for _ in range(count // at_once))
    connection.executemany(head + ", ".join([marks] * at_once), blocks)
    connection.executemany(head + marks, rows)  # those left over


def _cells(values: pd.Series) -> Sequence[object]:
    """A column as the values sqlite takes; what is missing is None."""
    missing: Any = None  # any object will do; the stubs do not know
    cells: list[object] = values.to_numpy(dtype=object, na_value=missing).tolist()
    return cells


def _valid_from(rows: pd.DataFrame, as_of: date | None) -> pd.Series:
    given = pd.Series(None if as_of is None else as_of.isoformat(), index=rows.index, dtype="str")
    return rows["as_of"].fillna(given) if "as_of" in rows else given


def _no_rows(spec: TableSpec) -> pd.DataFrame:
    empty = pd.DataFrame({"import_id": pd.Series(dtype="int64"), "source": pd.Series(dtype="str")})
    empty["valid_from"] = pd.Series(dtype="datetime64[s]")
    blank = to_store(pd.DataFrame(index=pd.RangeIndex(0)), spec)
    frame = from_store(pd.concat([empty, blank], axis=1), spec)
    if spec.geometry in GEOMETRY and spec.id != "address_point":
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    return frame


def _insert(
    connection: sqlite3.Connection, name: str, frame: pd.DataFrame, columns: Sequence[str], import_id: int
) -> None:
    if frame.empty:
        return
    values = frame.reindex(columns=list(columns)).astype(object)
    values = values.where(values.notna(), None)
    marks = ", ".join("?" * (len(columns) + 1))
    connection.executemany(
        f"INSERT INTO {quoted(name)} VALUES ({marks})",  # noqa: S608 - quoted name and question marks
        ((import_id, *(_plain(value) for value in row)) for row in values.itertuples(index=False)),
    )


def _plain(value: object) -> object:
    """A value sqlite takes: numpy integers become int, everything unusual text."""
    if isinstance(value, str):
        return spell(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if hasattr(value, "item"):
        return value.item()
    return spell(json.dumps(value, ensure_ascii=False) if isinstance(value, (tuple, list, dict)) else str(value))


def _unspell_any(value: Any) -> Any:
    return unspell(value) if isinstance(value, str) else value
