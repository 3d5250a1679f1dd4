"""The file of a store as a database: who may read and write it when, and what went wrong in the user's words."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from ntmgis.errors import InputError, Problem, problem
from ntmgis.store.base import SCHEMA_VERSION
from ntmgis.store.blobs import add_functions
from ntmgis.store.schema import make_tables, migrate, version

__all__ = ["WAIT_S", "StoreFile", "fault"]

WAIT_S = 30.0  # an import of a whole province holds the file for a few seconds

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
# A disk quota and a file size limit come as failed writes, not as a full disk.
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
_CANNOT_SHARE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_OS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OS_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


def fault(path: Path, error: Exception) -> Problem:
    """What happened to the store file and what to do about it."""
    code = _code(path, error)
    return problem(code, file=path.name, reason=error, folder=path.parent)


def _code(path: Path, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes bytes that are no text any more
        return "E-STORE-DAMAGED"
    if isinstance(error, OSError):
        numbered = {"E-STORE-FULL": _OS_FULL, "E-STORE-READONLY": _OS_READ_ONLY}
        return next((code for code, numbers in numbered.items() if error.errno in numbers), "E-STORE")
    full = getattr(error, "sqlite_errorcode", 0)
    plain = full & 0xFF
    kinds = {
        "E-STORE-LOCKED": plain in _LOCKED,
        "E-STORE-DAMAGED": plain in _DAMAGED,
        "E-STORE-READONLY": plain in _READ_ONLY or (plain == sqlite3.SQLITE_CANTOPEN and not _may_write(path)),
        "E-STORE-FULL": full in _FULL,
        "E-STORE-NETWORK": plain in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL},
    }
    return next((code for code, told in kinds.items() if told), "E-STORE")


def _may_write(path: Path) -> bool:
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Whole or not at all; from its beginning nobody else writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # the journal is played back when the file is next opened
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


class StoreFile:
    """The GeoPackage at `path`; made by the first write. Another program's lock is waited for `wait_s` seconds."""

    def __init__(self, path: Path, *, wait_s: float = WAIT_S) -> None:
        self.path = path
        self.wait_s = wait_s
        self.frozen = False  # read as it stands, without locks: see _needs_frozen

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to the store at its present schema version; None while there is no store.

        A store of an older version is brought up first, with a copy of it kept beside it.
        """
        if self._absent():
            yield None
            return
        self._leave_wal()
        with self._problems():
            with self._open("rw") as connection:
                found = version(connection, self.path.name)
                self._check_whole(connection)
                if found in {0, SCHEMA_VERSION}:
                    yield connection if found else None
                    return
            self._migrate()
            with self._open("rw") as connection:
                yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one transaction, the only one that writes: kept whole at the end, or not at all."""
        with self._problems():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self._absent():
                with self.read():  # what is wrong with the file is found before anything is added to it
                    pass
            with self._open("rwc") as connection:
                # Changed pages stay in memory until the end, so that readers are kept out for a moment only.
                connection.execute("PRAGMA cache_spill = OFF")
                add_functions(connection)
                with _transaction(connection):
                    if version(connection, self.path.name) == 0:
                        make_tables(connection)
                    yield connection

    def _absent(self) -> bool:
        """No file, or one that a first import began and did not end."""
        return not self.path.exists() or (self.path.is_file() and self.path.stat().st_size == 0)

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise InputError(fault(self.path, error)) from error

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._uri(f"mode={mode}"), uri=True, timeout=self.wait_s, isolation_level=None)
        with closing(connection):
            self.frozen = mode == "rw" and self._needs_frozen(connection)
            if self.frozen:
                with closing(sqlite3.connect(self._uri("immutable=1"), uri=True, isolation_level=None)) as frozen:
                    yield frozen
                return
            yield connection

    def _needs_frozen(self, connection: sqlite3.Connection) -> bool:
        """A file that another program left in WAL mode where nothing can be written: read as it stands."""
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            log = self.path.with_name(self.path.name + "-wal")
            rests = log.exists() and log.stat().st_size > 0
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CANNOT_SHARE and self._in_wal() and not rests:
                return True
            raise
        return False

    def _check_whole(self, connection: sqlite3.Connection) -> None:
        """A file cut off inside its last page: SQLite notices only when it comes to that page."""
        connection.execute("BEGIN")  # nobody changes the file while this lasts
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        over = self.path.stat().st_size % page
        connection.execute("COMMIT")
        if over and not self._in_wal():
            raise InputError(problem("E-STORE-DAMAGED", file=self.path.name, reason=f"{over} / {page} byte"))

    def _uri(self, query: str) -> str:
        text = self.path.absolute().as_posix()
        return f"file://{'' if text.startswith('/') else '/'}{quote(text)}?{query}"

    def _in_wal(self) -> bool:
        with self.path.open("rb") as stream:
            return stream.read(20)[18:] == b"\x02\x02"

    def _leave_wal(self) -> None:
        """Back to a rollback journal after another program (QGIS) set WAL, which network drives cannot do.

        Asking for the file alone needs no shared memory, so it works there too. While another program has the file
        open it fails, and WAL stays: that program then runs on this machine, where WAL works.
        """
        with suppress(OSError, sqlite3.Error):
            if self._in_wal():
                with closing(
                    sqlite3.connect(self._uri("mode=rw"), uri=True, timeout=0, isolation_level=None)
                ) as connection:
                    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                    connection.execute("PRAGMA journal_mode = DELETE").fetchone()

    def _migrate(self) -> None:
        """To the present schema version, unless another program was faster."""
        with self._open("rwc") as connection:
            add_functions(connection)
            with _transaction(connection):
                found = version(connection, self.path.name)
                if found < SCHEMA_VERSION:
                    self._back_up(found)
                    migrate(connection, found)

    def _back_up(self, found: int) -> None:
        """The file as it is before its schema changes, beside it; never over an older copy."""
        made = self.path.with_name(f"{self.path.stem}.v{found}{self.path.suffix}")
        number = 1
        while made.exists():
            number += 1
            made = self.path.with_name(f"{self.path.stem}.v{found}-{number}{self.path.suffix}")
        part = made.with_name(made.name + ".part")
        part.unlink(missing_ok=True)
        try:
            with self._open("rw") as old, closing(sqlite3.connect(part)) as new:
                old.backup(new)
            os.replace(part, made)  # noqa: PTH105 - one step: the copy is whole or absent
        except BaseException:
            part.unlink(missing_ok=True)
            raise
