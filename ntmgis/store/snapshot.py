"""What is known as of a date, on one boundary epoch: the one value that measures and products read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ntmgis.units.epochs import Epoch

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from ntmgis.programme.thresholds import OfficeThresholds

__all__ = ["Snapshot", "SourceNote"]


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a part of a snapshot comes from, for the source line of every product.

    `as_of` is the date of the data. `failed` is set when the newest file could not be used, so that the rows
    shown are those accepted earlier (or none); `undone` besides when that is because its import was taken back.
    """

    id: str
    table: str
    title: str
    as_of: date | None
    rows: int
    origin: str = ""
    licence: str = ""
    failed: bool = False
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known on `as_of`, on the boundaries of `epoch`. Geometry is in EPSG:4326, codes are text.

    communes        code, name ("Xã Hà Mòn"), kind ("xã", "phường", "thị trấn", "đặc khu"), rural (bool: kind is xã),
                    district_code, district (None where the epoch has no districts), declared_km2, geometry;
                    sorted by code
    districts       code, name, geometry: dissolved from the communes; no rows where the epoch has none
    province        one row: code, name, geometry
    villages        code, name, commune_code, kind, ethnic_minority (boolean, NA unknown), households (Int64, NA
                    unknown), geometry (polygon or point)
    commune_status  one row per commune that has a reported tier: code, tier (not_yet, ntm, advanced, model), as_of,
                    standard_year (Int64), decision, decision_date, criteria_set, source. No row: not reported.
                    Urban units never have one.
    criteria        code, criterion (1..19), state (met, not_met, not_assessed, not_applicable), as_of, source.
                    No row: unknown.
    village_status  village_code, as_of, model, minority_ntm, smart (boolean, NA unknown), source
    district_status district_code, tier (not_yet, ntm, completed), as_of, standard_year, decision, source
    history         as_of, code, tier: reported tiers as known at each reporting date up to `as_of`, same epoch
    layers          table id → frame with that table's fields, `source` and geometry; only tables with rows
    rasters         "terrain" or "population" → path of the GeoTIFF
    addresses       id, address, kind, has_code (boolean, NA unknown), notified_on, plated_on (datetime64, NaT:
                    not done or unknown), village_code, lon, lat (degrees EPSG:4326, NaN: not located). No geometry
                    column: 150,000 points stay plain arrays. Personal data: never written to a product as points.
    unit_change     old_code, new_code, date, share_area, share_households, basis (the legal source)
    criteria_history
                    as_of, code, criteria_set (None: not stated), met, judged (met or not met), not_applicable (counts),
                    tc1 ... tc19 (states as in `criteria`, NA unknown): criteria as known at each reporting date up to
                    `as_of`, same epoch; None: not asked for
    figures         code, criterion (1..19), value, evidence (text as reported, NA: none), criteria_set (NA: not
                    stated), as_of, source: of each commune the newest report with any; None: not asked for
    published       totals as texts state them (table reported_total) up to `as_of`, of any epoch: as_of, level, code,
                    name, criteria_set, measure, low, high, value, approximate, basis, note, source; None: none asked
    office          thresholds of the criteria that the office states, with their source; None: only the shipped ones
    known_at        only what had been recorded by this moment (with its time zone); None: all that is known now
    """

    as_of: date
    epoch: Epoch
    province_name: str
    province_code: str
    metric_crs: str
    sample: bool
    communes: "gpd.GeoDataFrame"
    districts: "gpd.GeoDataFrame"
    province: "gpd.GeoDataFrame"
    villages: "gpd.GeoDataFrame"
    commune_status: "pd.DataFrame"
    criteria: "pd.DataFrame"
    village_status: "pd.DataFrame"
    district_status: "pd.DataFrame"
    history: "pd.DataFrame"
    layers: "Mapping[str, gpd.GeoDataFrame]"
    rasters: "Mapping[str, Path]"
    addresses: "pd.DataFrame"
    unit_change: "pd.DataFrame"
    sources: tuple[SourceNote, ...]
    criteria_history: "pd.DataFrame | None" = None
    figures: "pd.DataFrame | None" = None
    published: "pd.DataFrame | None" = None
    known_at: datetime | None = None
    office: "OfficeThresholds | None" = None
