"""Which unit a row is about: the commune columns of a table, matched to the reference list."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ntmgis.intake.ledger import Ledger
from ntmgis.units.aliases import Aliases
from ntmgis.units.epochs import Epoch
from ntmgis.units.match import match
from ntmgis.units.names import fold
from ntmgis.units.report import MatchReport

__all__ = ["UNIT_FIELDS", "UnitFields", "district_names", "identify_units"]


@dataclass(frozen=True, slots=True)
class UnitFields:
    """The fields of a table that say which commune a row belongs to."""

    code: str
    name: str
    district: str = "district"
    district_code: str | None = None
    unique: bool = False


UNIT_FIELDS: Mapping[str, UnitFields] = MappingProxyType(
    {
        "unit": UnitFields("code", "name", district_code="district_code", unique=True),
        "village": UnitFields("commune_code", "commune"),
        "commune_status": UnitFields("code", "name"),
    }
)

_CODES = {
    "unmatched": "E-MATCH-UNMATCHED",
    "ambiguous": "E-MATCH-AMBIGUOUS",
    "duplicate": "E-MATCH-DUPLICATE",
    "wrong_epoch": "E-MATCH-EPOCH",
    "conflict": "E-MATCH-CONFLICT",
}


def district_names(units: pd.DataFrame) -> frozenset[str]:
    """The names of the districts that `units` lie in, folded; none where units have no district."""
    if "district" not in units:
        return frozenset()
    return frozenset(fold(name) for name in units["district"].dropna().unique())


def identify_units(
    values: Mapping[str, "pd.Series[Any]"],
    fields: UnitFields,
    *,
    ledger: Ledger,
    rows: "npt.NDArray[np.bool_]",
    units: pd.DataFrame,
    epoch: Epoch,
    aliases: Aliases | None = None,
) -> "tuple[pd.Series[Any], MatchReport]":
    """The unit code of each row (missing where none was found) and the match report; misses go to the ledger.

    `values` holds the columns of the file that were found, by field name. `rows` leaves rows out (False), which
    then have no unit and stand in no report.
    """
    wanted = [fields.code, fields.name, fields.district, fields.district_code]
    present = [name for name in wanted if name is not None and name in values]
    table = pd.DataFrame({name: values[name].astype(object).where(values[name].notna(), None) for name in present})
    chosen = table[rows]

    def column(name: str | None) -> str | None:
        return name if name in present else None

    report = match(
        chosen,
        units,
        epoch=epoch,
        code=column(fields.code),
        name=column(fields.name),
        parent=column(fields.district),
        parent_code=column(fields.district_code),
        unique=fields.unique,
        aliases=aliases,
    )
    codes = pd.Series([None] * len(table), index=table.index, dtype=object)
    positions = np.flatnonzero(rows)
    found = report.rows
    matched = (found["status"] == "matched").to_numpy()
    codes.iloc[positions] = found["code"].where(matched, None).to_numpy()
    shown_as = fields.name if fields.name in present else fields.code
    for position, status, reason, candidates in zip(
        positions[~matched],
        found["status"][~matched],
        found["reason"][~matched],
        found["candidates"][~matched],
        strict=True,
    ):
        ledger.fault(int(position), _CODES[status], field=shown_as, reason=f"{reason}{_near(reason, candidates)}")
    return codes, report


def _near(reason: str, candidates: tuple[tuple[str, str, float], ...]) -> str:
    names = [name for _, name, _ in candidates[:3] if name not in reason]
    return f"; tên gần: {', '.join(names)}" if names else ""
