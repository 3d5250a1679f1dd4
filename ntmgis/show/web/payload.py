"""Everything a status page shows, as three blocks: facts (readable JSON), attributes and shapes (packed)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.programme.criteria import criteria_set
from ntmgis.programme.tables import values
from ntmgis.show.symbols import symbols
from ntmgis.show.web.columns import clean, coded, column, dates, flags, numbers, texts
from ntmgis.show.web.coverage import Arcs, build_arcs, label_points, simplified_coverage
from ntmgis.show.web.encode import GRID_BITS, Grid, pack, safe_json, to_varints
from ntmgis.show.web.layers import LayerShapes, layer_entries
from ntmgis.show.words import data_day, headline, subtitle
from ntmgis.store.snapshot import Snapshot

__all__ = ["MEASURES", "Payload", "build_payload"]

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

# The set whose numbers the snapshot's criteria bear.
_CRITERIA_SET = "2021-2025"
_STATE_LETTERS = {"met": "1", "not_met": "0", "not_assessed": "a", "not_applicable": "n"}


@dataclass(frozen=True, slots=True)
class Payload:
    """The blocks of a page as they stand in it.

    facts   JSON of everything but layers and geometry
    layers  deflated JSON of villages and layers, base64
    shapes  deflated varints of all geometry, base64
    bounds  west, south, east, north of the province in degrees
    """

    facts: str
    layers: str
    shapes: str
    bounds: tuple[float, float, float, float]


def build_payload(snapshot: Snapshot, facts: Facts, *, agency: str = "") -> Payload:
    """The blocks for one snapshot and its facts; the same input gives the same text."""
    polygons = simplified_coverage(snapshot.communes, snapshot.metric_crs)
    bounds = tuple(float(value) for value in polygons.total_bounds)
    grid = Grid(bounds)
    communes = snapshot.communes
    districts = texts(communes["district_code"])

    shapes = LayerShapes(grid)
    _add_arcs(shapes, build_arcs(polygons, districts, grid))
    _add_arcs(shapes, _village_arcs(snapshot, grid))
    outline = shapely.union_all(polygons.to_crs(snapshot.metric_crs).to_numpy())
    layers = layer_entries(snapshot.layers, shapes=shapes, province=outline, metric_crs=snapshot.metric_crs)

    body: dict[str, Any] = {
        "page": _page(snapshot, facts, agency, grid, bounds),
        "symbols": dict(symbols()),
        "states": list(TIER_STATES),
        "tiers": {state: int(facts.tiers[state]) for state in TIER_STATES},
        "communes": _communes(snapshot, facts, polygons, grid),
        "criteria": _criteria(snapshot),
        "districts": _districts(snapshot, facts, polygons, grid),
        "province": _province(facts),
        "roads": _roads(facts, texts(communes["code"])),
        "history": _history(snapshot),
        "plan": _plan(facts),
        "limits": {str(k): float(v) for k, v in facts.limits.items()},
        "words": {
            id_: [{"code": v.code, "vi": v.vi, "en": v.en} for v in values(id_).values()]
            for id_ in ("unit_kind", "village_kind", "district_tier", "road_class", "surface", "criterion_state")
        },
        "sources": [
            {
                "id": clean(note.id),
                "table": note.table,
                "title": clean(note.title),
                "as_of": note.as_of.isoformat() if note.as_of else None,
                "rows": note.rows,
                "origin": clean(note.origin),
                "licence": clean(note.licence),
                "failed": note.failed,
            }
            for note in snapshot.sources
        ],
    }
    packed = safe_json({"villages": _villages(snapshot, facts, grid), "layers": layers})
    return Payload(
        facts=safe_json(body),
        layers=pack(packed.encode("utf-8")),
        shapes=pack(to_varints(shapes.numbers())),
        bounds=bounds,  # type: ignore[arg-type]
    )


def _add_arcs(shapes: LayerShapes, arcs: Arcs) -> None:
    """Arcs first (count, then kind and chain of each), then the rings of every polygon as references."""
    shapes.add_counts(len(arcs.lines))
    for kind, line in zip(arcs.kinds, arcs.lines, strict=True):
        shapes.add_counts(kind)
        shapes.add_part(line)
    shapes.add_counts(len(arcs.rings))
    for rings in arcs.rings:
        shapes.add_counts(len(rings))
        for ring in rings:
            shapes.add_counts(len(ring), *ring)


def _village_arcs(snapshot: Snapshot, grid: Grid) -> Arcs:
    """Outlines of the villages that have an area, as arcs; rings are left out because nothing fills them."""
    areas = snapshot.villages[shapely.get_dimensions(snapshot.villages.geometry.to_numpy()) == 2]
    if areas.empty:
        return Arcs((), (), ())
    polygons = simplified_coverage(areas, snapshot.metric_crs)
    made = build_arcs(polygons, [None] * len(areas), grid)
    return Arcs(made.lines, made.kinds, ())


def _page(snapshot: Snapshot, facts: Facts, agency: str, grid: Grid, bounds: Sequence[float]) -> dict[str, Any]:
    return {
        "title": {lang: clean(headline(snapshot, facts, lang)) for lang in ("vi", "en")},
        "subtitle": {lang: clean(subtitle(snapshot, facts, lang)) for lang in ("vi", "en")},
        "as_of": snapshot.as_of.isoformat(),
        "data_day": data_day(snapshot).isoformat(),
        "epoch": {"id": snapshot.epoch.id, "vi": snapshot.epoch.title_vi, "en": snapshot.epoch.title_en},
        "province": {"code": clean(snapshot.province_code), "name": clean(snapshot.province_name)},
        "agency": clean(agency),
        "sample": snapshot.sample,
        "grid": {"bits": GRID_BITS, "x": grid.origin[0], "y": grid.origin[1]},
        "bounds": [round(value, 6) for value in bounds],
    }


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
    sets = snapshot.commune_status.drop_duplicates("code", keep="last").set_index("code")["criteria_set"]
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
        "criteria_set": texts(sets.reindex(units["code"].to_numpy())),
        "criteria_met": numbers(column(rows, "criteria_met"), 0),
        "criteria_known": numbers(column(rows, "criteria_known"), 0),
        "composition": [_composition(value) for value in column(rows, "composition")],
        "radius_m": numbers(radius, 0),
        **_at(centres, grid),
        **_measures(rows),
    }


def _composition(value: Any) -> list[list[int]] | None:
    """Pairs of state index and number of predecessor units."""
    if not isinstance(value, Mapping) or not value:
        return None
    return [[TIER_STATES.index(state), int(value[state])] for state in TIER_STATES if value.get(state)]


def _criteria(snapshot: Snapshot) -> dict[str, Any]:
    """Per commune a word of 19 letters: 1 met, 0 not met, a not assessed, n not applicable, - unknown."""
    letters = {code: ["-"] * 19 for code in snapshot.communes["code"]}
    frame = snapshot.criteria
    for code, number, state in zip(frame["code"], frame["criterion"], frame["state"], strict=True):
        if code in letters and 1 <= int(number) <= 19 and state in _STATE_LETTERS:
            letters[code][int(number) - 1] = _STATE_LETTERS[state]
    names = criteria_set(_CRITERIA_SET).criteria
    return {
        "set": _CRITERIA_SET,
        "names": [{"vi": one.vi, "en": one.en} for one in names],
        "states": ["".join(word) if set(word) != {"-"} else "" for word in letters.values()],
    }


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


def _villages(snapshot: Snapshot, facts: Facts, grid: Grid) -> dict[str, Any]:
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


def _history(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Reporting dates, oldest first, with the state index of every commune (-1: not reported then)."""
    place = {code: index for index, code in enumerate(snapshot.communes["code"])}
    state = {name: index for index, name in enumerate(TIER_STATES)}
    made = []
    for day, rows in snapshot.history.groupby("as_of", sort=True):
        tiers = [-1] * len(place)
        for code, tier in zip(rows["code"], rows["tier"], strict=True):
            if code in place and tier in state:
                tiers[place[code]] = state[tier]
        made.append({"as_of": pd.Timestamp(day).date().isoformat(), "tier": tiers})  # type: ignore[arg-type]
    return made


def _plan(facts: Facts) -> list[dict[str, Any]]:
    frame = facts.plan
    columns: dict[str, list[Any]] = {name: list(texts(column(frame, name))) for name in _PLAN_WORDS}
    for name in ("target", "baseline", "actual", "done", "share"):
        columns[name] = list(numbers(column(frame, name), 4))
    return [{name: one[row] for name, one in columns.items()} for row in range(len(frame))]


_PLAN_WORDS = ("id", "label", "gloss", "level", "kind", "unit", "status", "note", "district_code")
