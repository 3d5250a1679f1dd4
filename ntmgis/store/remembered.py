"""A store read through memory: for one run, what an import holds is read from the store once."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from ntmgis.store.base import Import, Store, counting

__all__ = ["Remembered"]


class Remembered:
    """A store whose answers are kept as long as this object lives; writing goes straight through.

    Rows of an import never change, so they may be kept; which imports there are is asked anew after every write of
    one's own. What another program adds meanwhile is not seen, so that all dates of a run speak of one state; the store
    itself still sees it before anything is written. Every answer is a frame of its own: changing it changes no other.
    """

    def __init__(self, store: Store, log: list[Import] | None = None) -> None:
        self._store = store
        self._log = log
        self._rows: dict[tuple[str, frozenset[int]], pd.DataFrame] = {}

    def __reduce__(self) -> "tuple[type[Remembered], tuple[Store, list[Import] | None]]":
        return Remembered, (self._store, self._log)  # another process reads rows for itself, of the same imports

    def imports(self, known_at: datetime | None = None) -> list[Import]:
        """Every import that counts, oldest first."""
        return counting(self.log(), known_at)

    def log(self) -> list[Import]:
        """Every import ever made, oldest first, those taken back included."""
        if self._log is None:
            self._log = self._store.log()
        return list(self._log)

    def latest(self, source_id: str) -> Import | None:
        """The newest import of a source that counts."""
        return next((made for made in reversed(self.imports()) if made.source_id == source_id), None)

    def rows(self, table_id: str, imports: Sequence[Import]) -> pd.DataFrame:
        """All rows of a table that the given imports brought."""
        key = table_id, frozenset(made.import_id for made in imports if made.table_id == table_id)
        if key not in self._rows:
            self._rows[key] = self._store.rows(table_id, imports)
        return self._rows[key].copy(deep=False)

    def quarantine(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Quarantined rows of the given imports."""
        return self._store.quarantine(imports)

    def matches(self, imports: Sequence[Import]) -> pd.DataFrame:
        """Match reports of the given imports."""
        return self._store.matches(imports)

    def add(  # noqa: PLR0913 - the facts of an import, as in Store
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
        """Append one file's accepted rows; see `Store.add`."""
        self._log = None
        return self._store.add(
            frame,
            source_id=source_id,
            table_id=table_id,
            epoch=epoch,
            as_of=as_of,
            key=key,
            file=file,
            sha256=sha256,
            rows_in=rows_in,
            quarantine=quarantine,
            matches=matches,
            matched=matched,
            problems=problems,
            once=once,
        )

    def put(self, made: Import, rows: pd.DataFrame, quarantine: pd.DataFrame, matches: pd.DataFrame) -> None:
        """Write an import exactly as another store holds it."""
        self._log = None
        self._store.put(made, rows, quarantine, matches)

    def undo(self, import_id: int) -> Import:
        """Take an import back."""
        self._log = None
        return self._store.undo(import_id)
