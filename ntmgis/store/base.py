"""What every store can do, whatever keeps the rows: a GeoPackage file or a PostGIS database."""

import getpass
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

import pandas as pd

__all__ = [
    "SCHEMA_VERSION",
    "Import",
    "Store",
    "counting",
    "end_of_day",
    "local_day",
    "local_time",
    "moment",
    "user_name",
]

SCHEMA_VERSION = 2

_VIETNAM = timezone(timedelta(hours=7))  # no daylight saving since 1975


@dataclass(frozen=True, slots=True)
class Import:
    """One accepted file: where from, how many rows, and how its rows were matched to units.

    `recorded_at` is UTC, ISO 8601 with microseconds; no two imports of one store share it, and a later import has a
    later one, so the texts order as the imports do. `recorded_by` is the user of the machine, never the machine; empty
    where unknown (imports of schema version 1). `undone_at` is set when the import was taken back: its rows stay in
    the store and no longer count from then on.
    """

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
    recorded_by: str = ""
    undone_at: str | None = None
    undone_by: str | None = None

    @property
    def quarantined(self) -> int:
        """Rows not accepted (law 1: every row is one or the other)."""
        return self.rows_in - self.accepted

    def counts(self, known_at: datetime | None = None) -> bool:
        """Whether it was recorded, and not yet taken back, at the moment `known_at` (None: now)."""
        if known_at is None:
            return self.undone_at is None
        if known_at.tzinfo is None:
            raise ValueError("known_at needs a time zone")
        if datetime.fromisoformat(self.recorded_at) > known_at:
            return False
        return self.undone_at is None or datetime.fromisoformat(self.undone_at) > known_at


def counting(imports: Iterable[Import], known_at: datetime | None = None) -> list[Import]:
    """Those of the imports that count at the moment `known_at` (None: now), in their order."""
    return [made for made in imports if made.counts(known_at)]


def end_of_day(day: date) -> datetime:
    """The last moment of a day in Vietnam: what was known on that day was recorded by then.

    >>> end_of_day(date(2025, 6, 30)).isoformat()
    '2025-06-30T23:59:59.999999+07:00'
    """
    return datetime.combine(day, time.max, _VIETNAM)


def local_day(when: datetime) -> date:
    """The day of a moment in Vietnam.

    >>> local_day(datetime(2025, 6, 30, 18, tzinfo=UTC))
    datetime.date(2025, 7, 1)
    """
    return when.astimezone(_VIETNAM).date()


def local_time(recorded: str) -> str:
    """A moment as recorded, in Vietnam's time, to the minute.

    >>> local_time("2025-06-30T02:05:00.000001+00:00")
    '2025-06-30 09:05'
    """
    return datetime.fromisoformat(recorded).astimezone(_VIETNAM).strftime("%Y-%m-%d %H:%M")


def moment(last: str | None = None) -> str:
    """Now, UTC, in the form of `recorded_at`; later than `last` even where the clock was set back or stands still."""
    now = datetime.now(UTC)
    if last is not None:
        now = max(now, datetime.fromisoformat(last) + timedelta(microseconds=1))
    return now.isoformat(timespec="microseconds")


def user_name() -> str:
    """The user of the machine, for `recorded_by`; empty where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, or a system without accounts
        return ""


class Store(Protocol):
    """Append-only memory of all imports.

    Two dates: a value is *valid* from its own date (`valid_from`), and was *recorded* when its import was written.
    Methods that take `known_at` answer with what had been recorded by then (None: with all that is known now);
    an import undone later than `known_at` still counts for it.
    """

    def imports(self, known_at: datetime | None = None) -> list[Import]:
        """Every import that counts, oldest first."""
        ...

    def log(self) -> list[Import]:
        """Every import ever made, oldest first, those taken back included."""
        ...

    def latest(self, source_id: str) -> Import | None:
        """The newest import of a source that counts."""
        ...

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
        ...

    def put(self, made: Import, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame) -> None:
        """Write an import exactly as another store holds it: number, times, users and, where set, its undoing.

        `rows`, `quarantine` and `matches` are what the other store's methods give for it. InputError E-STORE-TAKEN
        when the number is taken or lower than one that is; whole or not at all.
        """
        ...

    def undo(self, import_id: int) -> Import:
        """Take an import back: from now on it does not count. InputError when there is no such import that counts."""
        ...

    def rows(self, table_id: str, imports: Sequence[Import]) -> pd.DataFrame:
        """All rows of a table that the given imports brought, with `import_id`, `source` and `valid_from`."""
        ...

    def quarantine(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Quarantined rows of the given imports: source_id, then what broke where."""
        ...

    def matches(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Match reports of the given imports, one row per input row: source_id, file, then the match."""
        ...
