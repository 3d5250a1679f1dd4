"""The reference list of units as data: who exists in which boundary epoch, and what became of whom in 2025."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from ntmgis.units.epochs import Epoch

if TYPE_CHECKING:
    import pandas as pd  # else where a frame is made: whether a workspace is sound is told without

__all__ = ["CHANGE_DAY", "crosswalk", "districts", "provinces", "reference_units"]

CHANGE_DAY = date(2025, 7, 1)
_RESOLUTION = "Nghị quyết 1677/NQ-UBTVQH15, Điều 1, khoản {clause}"


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("ntmgis.units") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _holds(row: dict[str, str], epoch: Epoch) -> bool:
    """Whether the row is valid all through `epoch`; an empty day is an open end."""
    first = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
    last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    starts = first is None or (epoch.first_day is not None and first <= epoch.first_day)
    ends = last is None or (epoch.last_day is not None and epoch.last_day <= last)
    return starts and ends


def _numbers(rows: list[dict[str, str]], column: str) -> "pd.Series[float]":
    import pandas as pd

    return pd.Series([float(row[column] or "nan") for row in rows], dtype="float64")


@cache
def _districts() -> "pd.DataFrame":
    import pandas as pd

    rows = sorted(_rows("districts.csv"), key=lambda row: row["code"])
    return pd.DataFrame(
        {
            "code": [row["code"] for row in rows],
            "name": [f"{row['kind'].capitalize()} {row['name']}" for row in rows],
            "bare_name": [row["name"] for row in rows],
            "kind": [row["kind"] for row in rows],
        }
    )


@cache
def _units(epoch: Epoch) -> "pd.DataFrame":
    import pandas as pd

    rows = sorted((row for row in _rows("units.csv") if _holds(row, epoch)), key=lambda row: row["code"])
    names = dict(zip(_districts()["code"], _districts()["name"], strict=True))

    def texts(column: str) -> "pd.Series[str]":
        # object: None stays None, where the text dtype of pandas 3 would make it NaN
        return pd.Series([row[column] or None for row in rows], dtype="object")

    return pd.DataFrame(
        {
            "code": [row["code"] for row in rows],
            "name": [f"{row['kind'].capitalize()} {row['name']}" for row in rows],
            "bare_name": [row["name"] for row in rows],
            "kind": [row["kind"] for row in rows],
            "rural": [row["kind"] == "xã" for row in rows],
            "district_code": texts("district_code"),
            "district": pd.Series([names.get(row["district_code"]) for row in rows], dtype="object"),
            "declared_km2": _numbers(rows, "declared_km2"),
            "lon": _numbers(rows, "lon"),
            "lat": _numbers(rows, "lat"),
            "area_km2": _numbers(rows, "area_km2"),
            "population_2009": _numbers(rows, "population_2009").astype("Int64"),
            "successor_code": texts("successor_code"),
        }
    )


@cache
def _crosswalk() -> "pd.DataFrame":
    import pandas as pd

    rows = sorted((row for row in _rows("units.csv") if row["successor_code"]), key=lambda row: row["code"])
    return pd.DataFrame(
        {
            "old_code": [row["code"] for row in rows],
            "new_code": [row["successor_code"] for row in rows],
            "date": pd.to_datetime([CHANGE_DAY] * len(rows)),
            "share_area": 1.0,
            "share_households": 1.0,
            "source": [_RESOLUTION.format(clause=row["clause"]) for row in rows],
        }
    )


def reference_units(epoch: Epoch) -> "pd.DataFrame":
    """The commune units of `epoch`, sorted by code: 102 of Kon Tum until 30 June 2025, then 40 of Quảng Ngãi.

    Columns: code, name ("Xã Hà Mòn"), bare_name, kind ("xã", "phường", "thị trấn", "đặc khu"), rural (kind is
    "xã"), district_code and district ("Huyện Đắk Hà"; None where the epoch has no districts), declared_km2 (NaN:
    not known), lon, lat (a point inside, degrees EPSG:4326), area_km2 (measured), population_2009 (Int64, NA:
    unknown; a weight, see data/SOURCES.md), successor_code (None in the newest epoch). The frame is the caller's own.

    >>> from datetime import date
    >>> from ntmgis.units.epochs import epoch_on
    >>> units = reference_units(epoch_on(date(2025, 6, 30)))
    >>> len(units), units.set_index("code").loc["23521", "name"]
    (102, 'Xã Hà Mòn')
    """
    return _units(epoch).copy()


def crosswalk() -> "pd.DataFrame":
    """What became of each of the 102 old units on 1 July 2025, one row each, sorted by old code.

    Columns: old_code, new_code, date, share_area and share_households (parts of the old unit that went to the new
    one; all 1.0, no unit was split), source (resolution and clause). The frame is the caller's own.
    """
    return _crosswalk().copy()


@cache
def provinces() -> Mapping[str, str]:
    """Code → name of the provinces whose units are listed here, in any epoch.

    >>> dict(provinces())
    {'51': 'Tỉnh Quảng Ngãi', '62': 'Tỉnh Kon Tum'}
    """
    return MappingProxyType({row["code"]: row["name"] for row in _rows("provinces.csv")})


def districts() -> "pd.DataFrame":
    """The ten districts until 30 June 2025, sorted by code: code, name ("Huyện Đắk Hà"), bare_name, kind."""
    return _districts().copy()
