"""Figures of the old epoch on the units of the new one: counts add up to what they were, tiers are never made up."""

from typing import Any

import pandas as pd

from ntmgis.measure.facts import Facts
from ntmgis.measure.households import located_objects
from ntmgis.measure.rebase import rebase_counts, rebase_tiers
from ntmgis.show.export.frames import in_columns
from ntmgis.store.snapshot import Snapshot

__all__ = ["old_counts", "rebased_frames"]

# Share → (its count, its denominator). A share is recomputed from these two, never averaged.
_SHARES = {
    "road_hardened_share": ("road_km_hardened", "road_km_surface_known"),
    "near_road_share": ("near_road", "households_located"),
    "near_water_share": ("near_water", "households_located"),
    "near_waste_share": ("near_waste", "households_located"),
    "address_coded_share": ("address_coded", "address_coded_known"),
    "address_notified_share": ("address_notified", "address_total"),
    "address_plated_share": ("address_plated", "address_total"),
    "address_located_share": ("address_located", "address_total"),
}
_NEAR = 1e-6


def old_counts(snapshot: Snapshot, facts: Facts) -> pd.DataFrame:
    """By old commune code: everything that can be added up. Missing where it is unknown or withheld.

    Counts behind a share are the share times its denominator; they are whole numbers again where both are counts of
    things. Objects of which the register leaves open whether they have a code are no part of `address_coded_known`,
    the denominator of that share.
    """
    communes = facts.communes
    made = pd.DataFrame(index=communes.index)
    made["old_units"] = pd.Series(1, index=communes.index, dtype="Int64")
    villages = facts.villages
    listed = len(villages) > 0
    counted = villages.groupby("commune_code").size().reindex(communes.index)
    made["villages"] = (counted.fillna(0) if listed else counted).astype("Int64")
    houses = villages["households"].astype("Int64")
    groups = houses.groupby(villages["commune_code"])
    made["households"] = groups.sum().where(groups.count() == groups.size()).reindex(communes.index).astype("Int64")
    for name in ("area_km2", "road_km", "road_km_surface_known", "road_km_hardened"):
        made[name] = communes[name].astype(float)
    for name in ("households_located", "address_total"):
        made[name] = _whole(communes[name])
    made["address_coded_known"] = _coded_known(snapshot, facts)
    for share, (count, whole) in _SHARES.items():
        if count not in made:
            made[count] = _whole(communes[share] * made[whole].astype("Float64").astype(float))
    return made


def _coded_known(snapshot: Snapshot, facts: Facts) -> "pd.Series[Any]":
    """By commune: objects of which it is known whether they have a code; missing where the share is withheld."""
    given = facts.communes["address_coded_share"]
    if given.isna().all():
        return pd.Series(pd.NA, index=given.index, dtype="Int64")
    crs = snapshot.metric_crs
    objects = located_objects(snapshot.addresses, snapshot.communes.to_crs(crs), snapshot.villages.to_crs(crs))
    known = objects["has_code"].notna().groupby(objects["commune"]).sum()
    return known.reindex(given.index).astype("Int64").where(given.notna())


def _whole(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values as whole numbers when they are whole but for rounding; else as they are."""
    numbers = values.astype(float)
    rounded = numbers.round()
    return rounded.astype("Int64") if (numbers - rounded).abs().fillna(0.0).max() < _NEAR else numbers


def rebased_frames(
    snapshot: Snapshot, facts: Facts, changes: pd.DataFrame, units: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables rebased_communes and rebased_roads: figures of an old snapshot on the new `units` (code, name).

    `changes` (old_code, new_code, share_households, share_area) maps every old unit. Households and what is counted
    of them go by households; lengths and areas by area. A sum with an unknown part is unknown and its note names the
    part. InputError when `changes` lacks a unit or its shares do not add up.
    """
    counts = old_counts(snapshot, facts)
    by_area = ["area_km2", "road_km", "road_km_surface_known", "road_km_hardened"]
    by_houses = [name for name in counts.columns if name not in by_area]
    houses = rebase_counts(counts, changes, columns=by_houses, weight="households").frame
    areas = rebase_counts(counts, changes, columns=by_area, weight="area").frame
    tiers = rebase_tiers(facts.communes["tier"], changes)
    frame = houses.drop(columns="note").join(areas[by_area]).join(tiers[["words", "tier", "note"]])
    for share, (count, whole) in _SHARES.items():
        top, bottom = (frame[name].astype("Float64").astype(float) for name in (count, whole))
        frame[share] = top / bottom.where(bottom != 0)
    frame["note"] = frame["note"].str.cat(houses["note"], sep="; ")
    frame["name"] = units.set_index("code")["name"].reindex(frame.index)
    communes = frame.rename(columns={"words": "composition"}).rename_axis("code").reset_index()
    return {
        "rebased_communes": in_columns("rebased_communes", communes),
        "rebased_roads": in_columns("rebased_roads", _roads(facts, changes)),
    }


def _roads(facts: Facts, changes: pd.DataFrame) -> pd.DataFrame:
    """Lengths by class and surface; a commune without a kind of road has none of it."""
    if facts.roads.empty:
        return pd.DataFrame({"code": [], "class": [], "surface": [], "km": [], "rebased": []})
    kinds = ["class", "surface"]
    wide = facts.roads.pivot_table("km", "code", kinds, aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(facts.communes.index, fill_value=0.0).astype(float)
    found = list(wide.columns)
    wide.columns = pd.Index([str(place) for place in range(len(found))])
    made = rebase_counts(wide, changes, weight="area").frame
    rows = [
        {"code": code, "class": found[place][0], "surface": found[place][1], "km": km, "rebased": True}
        for code in made.index
        for place in range(len(found))
        if (km := float(made.loc[code, str(place)])) > 0
    ]
    return pd.DataFrame(rows)
