"""The units of one boundary epoch for a page: communes, districts, villages and what is known of them at each date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.show.web.columns import clean, coded, column, dates, flags, numbers, texts
from ntmgis.show.web.coverage import label_points
from ntmgis.show.web.criteria import criteria_names, criteria_now, criteria_then, figures
from ntmgis.show.web.encode import Grid
from ntmgis.show.web.themes import ThemeValues, criteria_values, theme_values
from ntmgis.show.words import data_day, headline, subtitle
from ntmgis.store.snapshot import Snapshot

__all__ = ["MEASURES", "Known", "links", "periods", "scene", "villages"]

# Measure columns of the facts, with the digits kept. Shares keep a hundredth of a percent.
MEASURES: Mapping[str, int] = {
    "road_km": 2,
    "road_km_hardened": 2,
    "road_km_surface_known": 2,
    "road_hardened_share": 4,
    "households_located": 1,
    "near_road_share": 4,
    "near_water_share": 4,
    "near_waste_share": 4,
    "address_total": 0,
    "address_coded_share": 4,
    "address_notified_share": 4,
    "address_plated_share": 4,
    "address_located_share": 4,
}


@dataclass(frozen=True, slots=True)
class Known:
    """A snapshot with its measures, and the review of it where there is one."""

    snapshot: Snapshot
    facts: Facts
    monitoring: Monitoring | None = None

    @property
    def day(self) -> str:
        """The date of the data, ISO."""
        return data_day(self.snapshot).isoformat()


def scene(known: Known, polygons: gpd.GeoSeries, grid: Grid) -> dict[str, Any]:
    """Communes, districts and province of one epoch, with everything that is not drawn from shapes."""
    snapshot, facts = known.snapshot, known.facts
    return {
        "tiers": {state: int(facts.tiers[state]) for state in TIER_STATES},
        "communes": _communes(snapshot, facts, polygons, grid),
        "criteria": criteria_names(snapshot),
        "districts": _districts(snapshot, facts, polygons, grid),
        "province": _province(facts),
        "roads": _roads(facts, texts(snapshot.communes["code"])),
        "limits": {str(k): float(v) for k, v in facts.limits.items()},
        "view": {
            "title": {lang: clean(headline(snapshot, facts, lang)) for lang in ("vi", "en")},
            "subtitle": {lang: clean(subtitle(snapshot, facts, lang)) for lang in ("vi", "en")},
            "as_of": snapshot.as_of.isoformat(),
            "data_day": known.day,
            "province": {"code": clean(snapshot.province_code), "name": clean(snapshot.province_name)},
            "epoch": {"id": snapshot.epoch.id, "vi": snapshot.epoch.title_vi, "en": snapshot.epoch.title_en},
        },
    }


def periods(newest: Known, older: Sequence[Known]) -> list[dict[str, Any]]:
    """Reporting dates of one epoch, oldest first; the last is that of `newest`.

    as_of, tier (state index of every commune, -1: not reported then), themes (key to letters, values and the province's
    own), criteria and the sets that they are of. Where no snapshot of a date is known, its themes are those of criteria.
    """
    snapshot = newest.snapshot
    place = {code: index for index, code in enumerate(snapshot.communes["code"])}
    state = {name: index for index, name in enumerate(TIER_STATES)}
    made: dict[str, dict[str, Any]] = {}
    for day, rows in snapshot.history.groupby("as_of", sort=True):
        tiers = [-1] * len(place)
        for code, tier in zip(rows["code"], rows["tier"], strict=True):
            if code in place and tier in state:
                tiers[place[code]] = state[tier]
        iso = pd.Timestamp(day).date().isoformat()  # type: ignore[arg-type]
        if iso < newest.day:
            made[iso] = {"as_of": iso, "tier": tiers, **_criteria_on(snapshot, day)}
    codes = list(place)
    for one in older:
        if one.day >= newest.day or one.snapshot.communes["code"].to_list() != codes:
            continue  # other units: nothing can be said commune by commune
        tiers = _state_index(one.facts.communes.reindex(codes)["tier"])
        made[one.day] = {"as_of": one.day, "tier": tiers, **_known_then(one)}
    last = {"as_of": newest.day, "tier": _state_index(newest.facts.communes.reindex(codes)["tier"])}
    return [made[day] for day in sorted(made)] + [{**last, **_known_then(newest)}]


def _known_then(known: Known) -> dict[str, Any]:
    found = theme_values(known.snapshot, known.facts, known.monitoring)
    reported = figures(known.snapshot)
    return {
        "themes": {key: _theme(value) for key, value in found.items()},
        **criteria_now(known.snapshot),
        **({} if reported is None else {"figures": reported}),
    }


def _criteria_on(snapshot: Snapshot, day: Any) -> dict[str, Any]:
    """Criteria and their themes on an earlier date, as the snapshot remembers them; nothing where it does not."""
    told = snapshot.criteria_history
    rows = None if told is None else told[told["as_of"] == day]
    if rows is None or rows.empty:
        return {}
    found = criteria_values(snapshot.communes, rows)
    return {
        "themes": {key: _theme(value) for key, value in found.items()},
        **criteria_then(list(snapshot.communes["code"]), rows),
    }


def _theme(value: ThemeValues) -> dict[str, Any]:
    made: dict[str, Any] = {"c": value.classes}
    if any(one is not None for one in value.numbers):
        made["v"] = list(value.numbers)
    if value.whole is not None:
        made["w"] = value.whole
    return made


def links(old: Snapshot, new: Snapshot) -> list[list[float | int | None]]:
    """Which old unit became part of which new one: index of the old, index of the new, share of the old's area."""
    changes = new.unit_change
    if changes.empty or not {"old_code", "new_code"} <= set(changes):
        return []
    before = {code: index for index, code in enumerate(old.communes["code"])}
    after = {code: index for index, code in enumerate(new.communes["code"])}
    shares = numbers(column(changes, "share_area"), 4)
    return [
        [before[one], after[other], share]
        for one, other, share in zip(changes["old_code"], changes["new_code"], shares, strict=True)
        if one in before and other in after
    ]


def _at(points: gpd.GeoSeries, grid: Grid) -> dict[str, list[int]]:
    """Grid steps of points; a missing one stands at -1, -1 (nothing of the province does)."""
    missing = points.is_empty.to_numpy() | points.isna().to_numpy()
    x, y = grid.steps(np.where(missing, 0.0, points.x), np.where(missing, 0.0, points.y))
    return {"x": np.where(missing, -1, x).tolist(), "y": np.where(missing, -1, y).tolist()}


def _measures(frame: pd.DataFrame) -> dict[str, Any]:
    made: dict[str, Any] = {name: numbers(column(frame, name), digits) for name, digits in MEASURES.items()}
    made["suppressed"] = flags(column(frame, "suppressed"))
    return made


def _state_index(states: Iterable[str]) -> list[int]:
    place = {state: index for index, state in enumerate(TIER_STATES)}
    return [place[state] for state in states]


def _communes(snapshot: Snapshot, facts: Facts, polygons: gpd.GeoSeries, grid: Grid) -> dict[str, Any]:
    units = snapshot.communes
    rows = facts.communes.reindex(units["code"].to_numpy())
    centres, radius = label_points(polygons, snapshot.metric_crs)
    codes = {code: index for index, code in enumerate(texts(snapshot.districts["code"]))}
    status = snapshot.commune_status.drop_duplicates("code", keep="last").set_index("code")
    return {
        "code": texts(units["code"]),
        "name": texts(units["name"]),
        "kind": texts(units["kind"]),
        "rural": flags(units["rural"]),
        "district": [codes.get(code, -1) for code in texts(units["district_code"])],
        "declared_km2": numbers(units["declared_km2"], 2),
        "area_km2": numbers(column(rows, "area_km2"), 2),
        "tier": _state_index(rows["tier"]),
        "standard_year": numbers(column(rows, "standard_year"), 0),
        "decision": texts(column(rows, "decision")),
        "decision_date": dates(column(rows, "decision_date")),
        "status_as_of": dates(column(rows, "status_as_of")),
        "composition": [_composition(value) for value in column(rows, "composition")],
        "source": coded(status.reindex(units["code"].to_numpy())["source"]),
        "population": numbers(column(rows, "population"), -1),
        "radius_m": numbers(radius, 0),
        **_at(centres, grid),
        **_measures(rows),
    }


def _composition(value: Any) -> list[list[int]] | None:
    """Pairs of state index and number of predecessor units."""
    if not isinstance(value, Mapping) or not value:
        return None
    return [[TIER_STATES.index(state), int(value[state])] for state in TIER_STATES if value.get(state)]


def _districts(snapshot: Snapshot, facts: Facts, polygons: gpd.GeoSeries, grid: Grid) -> dict[str, Any]:
    units = snapshot.districts
    if units.empty:
        return {"code": [], "name": []}
    rows = facts.districts.reindex(units["code"].to_numpy())
    # The name stands in the district as drawn: the simplified communes put together.
    whole = gpd.GeoDataFrame(
        {"code": snapshot.communes["code"].to_numpy()}, geometry=polygons.to_numpy(), crs=polygons.crs
    ).dissolve(snapshot.communes["district_code"].to_numpy())
    centres, radius = label_points(whole.geometry.reindex(units["code"].to_numpy()), snapshot.metric_crs)
    return {
        "code": texts(units["code"]),
        "name": texts(units["name"]),
        "units": numbers(column(rows, "units"), 0),
        "rural": numbers(column(rows, "rural"), 0),
        "ntm_or_higher": numbers(column(rows, "ntm_or_higher"), 0),
        "tier": texts(column(rows, "tier")),
        **{state: numbers(column(rows, state), 0) for state in TIER_STATES},
        "radius_m": numbers(radius, 0),
        **_at(centres, grid),
        **_measures(rows),
    }


def _province(facts: Facts) -> dict[str, Any]:
    row = facts.province
    made: dict[str, Any] = {
        name: numbers([row.get(name)], digits)[0]
        for name, digits in {**MEASURES, "units": 0, "rural": 0, "ntm_or_higher": 0}.items()
    }
    return made


def villages(snapshot: Snapshot, facts: Facts, grid: Grid) -> dict[str, Any]:
    """Villages as columns, in the snapshot's order, each at a point inside it."""
    units = snapshot.villages
    rows = facts.villages.reindex(units["code"].to_numpy())
    place = {code: index for index, code in enumerate(snapshot.communes["code"])}
    points = gpd.GeoSeries(shapely.point_on_surface(units.geometry.to_numpy()), index=units.index, crs=units.crs)
    return {
        "code": texts(units["code"]),
        "name": texts(units["name"]),
        "kind": coded(units["kind"]),
        "commune": [place.get(code, -1) for code in texts(units["commune_code"])],
        "minority": flags(units["ethnic_minority"]),
        "households": numbers(units["households"], 0),
        "model": flags(column(rows, "model")),
        "minority_ntm": flags(column(rows, "minority_ntm")),
        "smart": flags(column(rows, "smart")),
        **_at(points, grid),
        **_measures(rows),
    }


def _roads(facts: Facts, codes: list[str | None]) -> dict[str, Any]:
    place = {code: index for index, code in enumerate(codes)}
    frame = facts.roads
    return {
        "commune": [place.get(code, -1) for code in texts(frame["code"])],
        "class": coded(frame["class"]),
        "surface": coded(frame["surface"]),
        "km": numbers(frame["km"], 3),
    }
