"""The account of rows: every fault of every row, and the quarantine made from it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ntmgis.errors import Problem
from ntmgis.intake.raw import RawTable
from ntmgis.intake.text import is_blank, shown

__all__ = ["QUARANTINE_COLUMNS", "Ledger", "no_quarantine"]

QUARANTINE_COLUMNS = (
    "file",
    "layer",
    "sheet",
    "row",
    "column",
    "value",
    "code",
    "rule",
    "action",
    "original",
)


class Ledger:
    """Gathers faults by position of the row in `raw`; a row with any fault is not accepted."""

    def __init__(self, raw: RawTable, columns: Mapping[str, str]) -> None:
        self.raw = raw
        self.columns = columns
        self._faults: dict[int, list[Problem]] = {}
        self._cells: set[tuple[int, str]] = set()

    def add(self, position: int, problem: Problem) -> None:
        """Note a problem of the row at `position`."""
        self._faults.setdefault(position, []).append(problem)

    def fault(self, position: int, code: str, *, field: str | None = None, value: Any = None, **words: Any) -> None:
        """Note the catalogue's problem `code`; with `field` the column and the cell of the file are named."""
        column = None if field is None else self.columns.get(field)
        if column is not None and value is None:
            cell = self.raw.cells[column].iloc[position]
            value = None if is_blank(cell) else shown(cell)
        if field is not None:
            self._cells.add((position, field))
        row = int(self.raw.cells.index[position])
        place = self.raw.place
        self.add(position, place.problem(code, row=row, column=column or field, value=value, **words))

    def has_field(self, position: int, field: str) -> bool:
        """True when a fault of this field was noted for the row at `position`."""
        return (position, field) in self._cells

    @property
    def accepted(self) -> "npt.NDArray[np.bool_]":
        """One value per row of the file: True where no fault was noted."""
        mask = np.ones(len(self.raw.cells), dtype=bool)
        mask[list(self._faults)] = False
        return mask

    def commonest(self) -> str:
        """The rule broken most often, in words; empty when there is none."""
        counts = Counter(problem.rule for problems in self._faults.values() for problem in problems)
        return counts.most_common(1)[0][0] if counts else ""

    def quarantine(self, keep: Iterable[str]) -> pd.DataFrame:
        """One record per problem, in the order of the file, with the row as it was read.

        `keep` names the columns that may be repeated in `original`: those with personal data may not.
        """
        if not self._faults:
            return no_quarantine()
        positions = sorted(self._faults)
        kept = list(keep)
        rows = self.raw.cells.iloc[positions][kept].to_dict("split")["data"]
        records = []
        for position, cells in zip(positions, rows, strict=True):
            named = {name: _json(cell) for name, cell in zip(kept, cells, strict=True)}
            original = json.dumps(named, ensure_ascii=False)
            for one in self._faults[position]:
                made = {name: getattr(one, name) for name in QUARANTINE_COLUMNS[:-1]}
                records.append({**made, "original": original})
        frame = pd.DataFrame(records, columns=list(QUARANTINE_COLUMNS), dtype=object)
        return frame.astype({"row": "int64"})


def no_quarantine() -> pd.DataFrame:
    """A quarantine without records."""
    return pd.DataFrame({name: np.empty(0, "int64" if name == "row" else object) for name in QUARANTINE_COLUMNS})


def _json(cell: Any) -> Any:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and not np.isfinite(cell)):
        return None
    if isinstance(cell, bool | int | float | str):
        return cell
    return shown(cell)
