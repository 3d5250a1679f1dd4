"""Rules of single tables that the data contract cannot say by itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ntmgis.errors import Problem
from ntmgis.intake.convert import NOT_APPLICABLE
from ntmgis.intake.ledger import Ledger
from ntmgis.intake.raw import Place
from ntmgis.intake.schemas import may_be_blank
from ntmgis.programme.tables import TableSpec, values
from ntmgis.units.epochs import Epoch

__all__ = ["check_status", "dated", "required_cells", "shared_addresses"]


def required_cells(spec: TableSpec, columns: Mapping[str, "pd.Series[Any]"], ledger: Ledger) -> None:
    """Note every blank cell of a field that may not be blank; a cell with another fault is not noted twice."""
    for field in spec.fields:
        if may_be_blank(spec, field) and field.name != "as_of":
            continue
        for position in np.flatnonzero(columns[field.name].isna().to_numpy()):
            if not ledger.has_field(int(position), field.name):
                ledger.fault(int(position), "E-VALUE-REQUIRED", field=field.name, title=field.title_vi)


def check_status(columns: Mapping[str, "pd.Series[Any]"], units: pd.DataFrame, ledger: Ledger) -> "pd.Series[Any]":
    """The tier column with "not applicable" taken out.

    Only xã can be recognised. A ward or township with a tier goes to quarantine; left blank, or marked as not
    covered, its row stays without tier. A xã marked as not covered is a contradiction and goes to quarantine.
    """
    tier = columns["tier"]
    kinds = columns["code"].map(dict(zip(units["code"], units["kind"], strict=True)))
    names = columns["code"].map(dict(zip(units["code"], units["name"], strict=True))).to_numpy(dtype=object)
    urban = (kinds.notna() & (kinds != "xã")).to_numpy()
    uncovered = (tier == NOT_APPLICABLE).fillna(value=False).to_numpy(dtype=bool)
    for position in np.flatnonzero(urban & tier.notna().to_numpy() & ~uncovered).tolist():
        ledger.fault(position, "E-STATUS-URBAN", field="tier", unit=names[position])
    allowed = ", ".join(value.vi for value in values("tier").values())
    for position in np.flatnonzero((kinds == "xã").to_numpy() & uncovered).tolist():
        ledger.fault(position, "E-VALUE-UNKNOWN", field="tier", allowed=allowed, nearest="để trống")
    return tier.mask(uncovered)


def dated(as_of: "pd.Series[Any]", epoch: Epoch, place: Place) -> list[Problem]:
    """A warning when rows are dated outside the boundary epoch their units are named in."""
    outside = [day for day in as_of.dropna().unique() if not epoch.holds(pd.Timestamp(day).date())]
    count = int(as_of.isin(outside).sum())
    if not count:
        return []
    return [place.problem("W-DATE-EPOCH", severity="warning", count=count, epoch=epoch.title_vi)]


def shared_addresses(frame: pd.DataFrame, place: Place) -> list[Problem]:
    """A warning when one digital address stands on several objects."""
    known = frame["address"].dropna()
    shared = known[known.duplicated()].unique()
    if not len(shared):
        return []
    return [place.problem("W-ADDRESS-SHARED", severity="warning", count=len(shared), example=shared[0])]
