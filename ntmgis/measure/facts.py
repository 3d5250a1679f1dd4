"""All measures of one snapshot: the numbers that the page, the sheet and the tables all show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ntmgis.programme.tiers import TIER_STATES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TIER_STATES", "Facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Measures by unit. Frames are indexed by unit code, in the order of the snapshot's frames.

    communes   name, kind, district_code, district, tier (one of TIER_STATES), standard_year, decision,
               decision_date, status_as_of, criteria_met (Int64; NA when no criterion is known), criteria_known,
               composition (tiers of the predecessor units, for a merged unit without a tier of its own: "2 NTM,
               1 not_yet" as a dict tier → count, else None), area_km2 (measured, metric CRS), population
               (estimated from the population raster, float; NaN without one), plus the measure columns below
    villages   name, commune_code, kind, households, model, minority_ntm, smart, plus the measure columns
    districts  name, units, rural, one column per tier in TIER_STATES (counts of communes, not cumulative),
               ntm_or_higher (cumulative), tier (district's own: not_yet, ntm, completed, or not_reported), population
               (NaN where that of a commune is), plus the measure columns
    province   the same as a district, one Series

    Measure columns (float, NaN = unknown; never 0 for unknown):
      road_km, road_km_hardened, road_km_surface_known, road_hardened_share (of the length whose surface is known)
      households_located            households with a position (address points of kind household, or village points
                                    weighted by their households where there are no address points)
      near_road_share, near_water_share, near_waste_share
                                    share of located households within LIMITS of the layer; NaN without the layer
      address_total                 objects in the register
      address_coded_share, address_notified_share, address_plated_share, address_located_share
      suppressed                    (bool) fewer than 5 objects: address_total and the address shares are withheld (NaN)
    Likewise households_located and the near_* shares are NaN where fewer than 5 households are located.

    tiers        state → number of communes (all TIER_STATES present; sum = number of communes)
    roads        long: code, class, surface ("unknown" when blank), km; existing roads only, per commune
    plan         one row per target of the plan: id, label, gloss, level, kind, unit, target, baseline, actual, done
                 (actual - baseline for increments), low and high (least and most that done can be, whatever was not
                 reported), need (what the target asks for in units: villages for a share), share, status ("reached",
                 "short", "unknown"), note (Vietnamese words on what is missing or contradictory), scope (why the plan
                 cannot be held against these units or this year at all; else ""), district_code for village shares
    limits       layer id → distance in metres used for the near_* shares
    """

    communes: "pd.DataFrame"
    villages: "pd.DataFrame"
    districts: "pd.DataFrame"
    province: "pd.Series"
    tiers: "Mapping[str, int]"
    roads: "pd.DataFrame"
    plan: "pd.DataFrame"
    limits: "Mapping[str, float]"
