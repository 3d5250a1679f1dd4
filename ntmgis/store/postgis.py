"""The store as one schema of a PostGIS database: append-only, read by QGIS as it is.

Every table of the data contract is a table `t_<table>`; each row names the import that brought it. An import is one
transaction: rows, reports and its line in `imports` are there together or not at all. Writers wait for each other.
The database itself refuses to change or remove a row; what was taken back stands in `undone`.
"""

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, insert, select

from ntmgis import __version__
from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import table
from ntmgis.store.base import SCHEMA_VERSION, Import, counting, moment, user_name
from ntmgis.store.columns import spell, to_store, unspell
from ntmgis.store.postgis_connect import connect, named, place
from ntmgis.store.postgis_layout import REPORTS, layout
from ntmgis.store.postgis_rows import copy_in, no_rows, read_rows, report_values, row_values
from ntmgis.store.postgis_schema import columns_of, lay_out, version

__all__ = ["PostgisStore"]

WAIT_S = 60.0  # for another writer; an import of a whole province takes a few seconds
_Part = tuple[Table, list[str], Iterable[Sequence[object]]]
_TEXTS = ("source_id", "file", "recorded_by", "undone_by")  # what a user or a file system named


class PostgisStore:
    """The store in `schema` of the database at `url` (postgresql://user@host/database); made by the first import.

    The password comes from PGPASSWORD or the password file where the URL has none. `user` is who records and takes back
    (None: the user of this machine). Another writer is waited for `wait_s` seconds; then, and for every other fault
    of server or network, InputError with a code E-DB-*, which never holds the password.
    """

    def __init__(self, url: str, schema: str | None = None, *, user: str | None = None, wait_s: float = WAIT_S) -> None:
        self.place = place(url, schema)
        self.user = user_name() if user is None else user
        self.wait_s = wait_s
        self._plan = layout(self.place.schema)
        self._engine = connect(self.place)
        self._columns: Mapping[str, frozenset[str]] | None = None  # of each table, once the store was seen
        self._laid_out = False
        self.close = weakref.finalize(self, self._engine.dispose)

    def __reduce__(self) -> "tuple[partial[PostgisStore], tuple[str, str]]":
        made = partial(PostgisStore, user=self.user, wait_s=self.wait_s)  # another process connects for itself
        return made, (self.place.url.render_as_string(hide_password=False), self.place.schema)

    def __repr__(self) -> str:
        return f"PostgisStore({self.place.shown!r}, schema={self.place.schema!r})"

    def imports(self, known_at: datetime | None = None) -> list[Import]:
        """Every import that counts, oldest first."""
        return counting(self.log(), known_at)

    def log(self) -> list[Import]:
        """Every import ever made, oldest first, those taken back included."""
        with self._reading() as connection:
            return [] if connection is None else self._imports(connection, self._lines())

    def latest(self, source_id: str) -> Import | None:
        """The newest import of a source that counts."""
        with self._reading() as connection:
            return None if connection is None else self._latest(connection, source_id)

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
        rows = to_store(frame, table(table_id))
        given = pd.Series(None if as_of is None else as_of.isoformat(), index=rows.index, dtype="str")
        rows.insert(0, "valid_from", rows["as_of"].fillna(given) if "as_of" in rows else given)
        parts = self._parts(table_id, rows, quarantine, matches)
        imports = self._plan.imports.c
        with self._writing() as connection:
            same = self._latest(connection, source_id) if once else None
            if same is not None and same.key == key:
                return same
            last, when = connection.execute(select(func.max(imports.import_id), func.max(imports.recorded_at))).one()
            made = Import(
                import_id=1 + (last or 0),
                source_id=source_id,
                table_id=table_id,
                epoch=epoch,
                as_of=as_of,
                key=key,
                file=file,
                sha256=sha256,
                recorded_at=moment(when),
                rows_in=rows_in,
                accepted=len(rows),
                matched=dict(matched),
                problems=list(problems),
                tool_version=__version__,
                schema_version=SCHEMA_VERSION,
                recorded_by=self.user,
            )
            self._write(connection, made, parts)
        return made

    def put(self, made: Import, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame) -> None:
        """Write an import exactly as another store holds it: number, times, users and, where set, its undoing.

        `rows`, `quarantine` and `matches` are what the other store's methods give for it. InputError E-STORE-TAKEN
        when the number is taken or lower than one that is; whole or not at all.
        """
        kept = to_store(rows.rename(columns={"file_row": "row"}), table(made.table_id))
        kept.insert(0, "valid_from", pd.to_datetime(rows["valid_from"]).dt.strftime("%Y-%m-%d").astype("str"))
        parts = self._parts(made.table_id, kept, quarantine, matches)
        with self._writing() as connection:
            last = connection.execute(select(func.max(self._plan.imports.c.import_id))).scalar()
            if last is not None and made.import_id <= last:
                raise InputError(problem("E-STORE-TAKEN", file=self.place.shown, import_id=made.import_id))
            self._write(connection, made, parts)
            if made.undone_at is not None:
                self._take_back(connection, made.import_id, made.undone_at, made.undone_by or "")

    def undo(self, import_id: int) -> Import:
        """Take an import back: from now on it does not count. InputError when there is no such import that counts."""
        missing = problem("E-STORE-NO-IMPORT", file=self.place.shown, import_id=import_id)
        with self._reading() as connection:
            if connection is None:
                raise InputError(missing)
        with self._writing() as connection:
            wanted = self._lines().where(self._plan.imports.c.import_id == import_id)
            found = self._imports(connection, wanted)
            if not found:
                raise InputError(missing)
            (made,) = found
            if made.undone_at is not None:
                when, who = made.undone_at, made.undone_by or "?"
                raise InputError(
                    problem("E-STORE-UNDONE", file=self.place.shown, import_id=import_id, when=when, who=who)
                )
            when = moment(made.recorded_at)
            self._take_back(connection, import_id, when, self.user)
        return replace(made, undone_at=when, undone_by=self.user)

    def rows(self, table_id: str, imports: Sequence[Import]) -> pd.DataFrame:
        """All rows of a table that the given imports brought, with `import_id`, `source` and `valid_from`.

        In the order of the imports' numbers, then of the files. A GeoDataFrame in EPSG:4326 when the table has
        geometry.
        """
        spec = table(table_id)
        sources = {made.import_id: made.source_id for made in imports if made.table_id == table_id and made.accepted}
        if not sources:
            frame = no_rows(spec)
        else:
            with self._reading() as connection:
                assert connection is not None, "imports come from a store that is there"
                known = (self._columns or {}).get(self._plan.rows[table_id].name, frozenset())
                frame = read_rows(connection, self._plan.rows[table_id], spec, sorted(sources), known)
        frame.insert(1, "source", frame["import_id"].map(sources).astype("str"))
        return frame

    def quarantine(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Quarantined rows of the given imports: source_id, then what broke where."""
        return self._report("quarantine", imports)

    def matches(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Match reports of the given imports, one row per input row: source_id, file, then the match."""
        return self._report("matches", imports)

    def _report(self, name: str, imports: Sequence[Import]) -> pd.DataFrame:
        own = [column for column in REPORTS[name] if column != "file"]
        if not imports:
            return pd.DataFrame(columns=["source_id", "file", *own])
        report, line = self._plan.reports[name], self._plan.imports
        file = func.coalesce(report.c.file, line.c.file).label("file") if "file" in report.c else line.c.file
        query = (
            select(line.c.source_id, file, *(report.c[one] for one in own))
            .join_from(report, line)
            .where(line.c.import_id.in_([made.import_id for made in imports]))
            .order_by(line.c.import_id, report.c.id)
        )
        with self._reading() as connection:
            assert connection is not None, "imports come from a store that is there"
            told = [tuple(row) for row in connection.execute(query)]
        found = pd.DataFrame.from_records(told, columns=["source_id", "file", *own], coerce_float=True)
        texts = {one: found[one].map(_unspelled) for one in found.columns if found[one].dtype != "int64"}
        return found.assign(**texts)

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection to the store at its present layout; None while there is none. An older one is moved on first."""
        with named(self.place):
            if self._columns is None:
                self._look()
            if self._columns is None:
                yield None
                return
            with self._engine.connect() as connection:
                yield connection

    def _look(self) -> None:
        with self._engine.connect() as connection:
            found = version(connection, self.place)
        if not found:
            return
        if found < SCHEMA_VERSION:
            with self._writing():
                pass
        with self._engine.connect() as connection:
            self._columns = columns_of(connection, self.place.schema)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A connection inside one transaction, the only one that writes: kept whole at the end, or not at all."""
        with named(self.place):
            with self._engine.begin() as connection:
                patience = f"{round(self.wait_s * 1000)}ms"
                connection.execute(select(func.set_config("lock_timeout", patience, True)))  # noqa: FBT003 - SQL's own
                lock = func.hashtextextended(f"ntmgis {self.place.schema}", 305)
                connection.execute(select(func.pg_advisory_xact_lock(lock)))
                if not self._laid_out:
                    lay_out(connection, self.place, self._plan)
                yield connection
            if not self._laid_out:
                self._laid_out = True
                self._columns = None

    def _parts(self, table_id: str, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame) -> list[_Part]:
        """What goes into which table, made ready before any other writer has to wait."""
        plan = self._plan
        return [
            (plan.rows[table_id], *row_values(rows, table(table_id))),
            *(
                (plan.reports[name], list(REPORTS[name]), report_values(frame, REPORTS[name]))
                for name, frame in (("quarantine", quarantine), ("matches", matches))
            ),
        ]

    def _write(self, connection: Connection, made: Import, parts: Iterable[_Part]) -> None:
        told: dict[str, Any] = {column.name: getattr(made, column.name) for column in self._plan.imports.c}
        told |= {name: spell(told[name]) for name in _TEXTS if name in told}
        connection.execute(insert(self._plan.imports), told)
        for target, columns, rows in parts:
            copy_in(connection, target, ["import_id", *columns], ((made.import_id, *row) for row in rows))

    def _take_back(self, connection: Connection, import_id: int, when: str, who: str) -> None:
        told = {"import_id": import_id, "undone_at": when, "undone_by": spell(who)}
        connection.execute(insert(self._plan.undone), told)

    def _lines(self) -> "Select[Any]":
        line, undone = self._plan.imports, self._plan.undone
        return select(*line.c, undone.c.undone_at, undone.c.undone_by).join_from(line, undone, isouter=True)

    def _imports(self, connection: Connection, query: "Select[Any]") -> list[Import]:
        found = connection.execute(query.order_by(self._plan.imports.c.import_id)).mappings()
        return [Import(**{**line, **{name: _unspelled(line[name]) for name in _TEXTS}}) for line in found]

    def _latest(self, connection: Connection, source_id: str) -> Import | None:
        line = self._plan.imports.c
        query = self._lines().where(line.source_id == spell(source_id), self._plan.undone.c.import_id.is_(None))
        newest = select(func.max(query.subquery().c.import_id)).scalar_subquery()
        return next(iter(self._imports(connection, self._lines().where(line.import_id == newest))), None)


def _unspelled(value: Any) -> Any:
    return unspell(value) if isinstance(value, str) else value
