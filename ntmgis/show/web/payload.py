"""Everything a status page shows, as three blocks: facts (readable JSON), attributes and shapes (packed)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import Plan
from ntmgis.programme.tables import values
from ntmgis.show.symbols import symbols
from ntmgis.show.web.columns import clean, texts
from ntmgis.show.web.coverage import LEVELS_M, Arcs, build_arcs, coverage_levels
from ntmgis.show.web.encode import GRID_BITS, Grid, pack, safe_json, to_varints
from ntmgis.show.web.layers import LayerShapes, layer_entries
from ntmgis.show.web.review import plan_rows, review
from ntmgis.show.web.themes import catalogue, definitions, layer_groups
from ntmgis.show.web.units import MEASURES, Known, links, periods, scene, villages
from ntmgis.store.snapshot import Snapshot, SourceNote

__all__ = ["MEASURES", "Payload", "build_payload"]


@dataclass(frozen=True, slots=True)
class Payload:
    """The blocks of a page as they stand in it.

    facts   JSON of everything but layers and geometry
    layers  deflated JSON of villages, layers and review, base64
    shapes  deflated varints of all geometry, base64
    bounds  west, south, east, north of the province in degrees
    """

    facts: str
    layers: str
    shapes: str
    bounds: tuple[float, float, float, float]


def build_payload(
    snapshot: Snapshot,
    facts: Facts,
    *,
    agency: str = "",
    monitoring: Monitoring | None = None,
    plan: Plan | None = None,
    others: Sequence[tuple[Snapshot, Facts]] = (),
) -> Payload:
    """The blocks for one snapshot and its facts; the same input gives the same text.

    `others` are snapshots of other dates: one of another epoch adds its units to the page, one of the same epoch what
    was known at its date.
    """
    scenes = _scenes(Known(snapshot, facts, monitoring), others)
    levels = [coverage_levels(one.snapshot.communes, snapshot.metric_crs) for one, _ in scenes]
    polygons = [finest for finest, *_ in levels]
    bounds = _bounds(polygons)
    grid = Grid(bounds)
    shapes = LayerShapes(grid)
    drawn: list[dict[str, Any]] = []
    for (known, older), (shape, *coarser) in zip(scenes, levels, strict=True):
        districts = texts(known.snapshot.communes["district_code"])
        _add_arcs(shapes, build_arcs(shape, districts, grid, coarser=coarser))
        _add_arcs(shapes, _village_arcs(known.snapshot, grid))
        notes = {clean(note.id): None for one in (known, *older) for note in one.snapshot.sources}
        drawn.append({**scene(known, shape, grid), "history": periods(known, older), "sources_of": list(notes)})
    outline = shapely.union_all(polygons[0].to_crs(snapshot.metric_crs).to_numpy())
    layers = layer_entries(snapshot.layers, shapes=shapes, province=outline, metric_crs=snapshot.metric_crs)
    told = [key for one in drawn for period in one["history"] for key in period.get("themes", ())]
    body: dict[str, Any] = {
        "page": _page(snapshot, drawn[0], agency, grid, bounds),
        "symbols": dict(symbols()),
        "states": list(TIER_STATES),
        **drawn[0],
        "others": drawn[1:],
        "links": _links([known.snapshot for known, _ in scenes]),
        "themes": definitions(told),
        "theme_groups": [dict(group) for group in catalogue()["group"]],
        "layer_groups": layer_groups(),
        "plan": plan_rows(facts.plan, plan, monitoring),
        "words": {
            id_: [{"code": v.code, "vi": v.vi, "en": v.en} for v in values(id_).values()]
            for id_ in ("unit_kind", "village_kind", "district_tier", "road_class", "surface", "criterion_state")
        },
        "sources": _sources(snapshot, [other for other, _ in others]),
    }
    packed: dict[str, Any] = {
        "villages": [villages(known.snapshot, known.facts, grid) for known, _ in scenes],
        "layers": layers,
        "review": None if monitoring is None else review(monitoring, snapshot),
        "relief": _relief(snapshot.rasters.get("terrain"), bounds),
    }
    return Payload(
        facts=safe_json(body),
        layers=pack(safe_json(packed).encode("utf-8")),
        shapes=pack(to_varints(shapes.numbers())),
        bounds=bounds,
    )


def _scenes(main: Known, others: Sequence[tuple[Snapshot, Facts]]) -> list[tuple[Known, list[Known]]]:
    """One entry for each epoch, that of the page first: its newest snapshot and the older ones."""
    by_epoch: dict[str, list[Known]] = {main.snapshot.epoch.id: []}
    for snapshot, facts in others:
        by_epoch.setdefault(snapshot.epoch.id, []).append(Known(snapshot, facts))
    made = []
    for epoch, group in by_epoch.items():
        ordered = sorted(group, key=lambda one: one.day)
        if epoch == main.snapshot.epoch.id:
            made.append((main, ordered))
        else:
            made.append((ordered[-1], ordered[:-1]))
    return made


def _bounds(polygons: Sequence[gpd.GeoSeries]) -> tuple[float, float, float, float]:
    each = [shape.total_bounds for shape in polygons]
    west, south = (float(min(one[side] for one in each)) for side in (0, 1))
    east, north = (float(max(one[side] for one in each)) for side in (2, 3))
    return west, south, east, north


def _links(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """How the units of each epoch became those of the next: scene before, scene after, and pairs of units."""
    order = sorted(range(len(snapshots)), key=lambda at: snapshots[at].as_of)
    made = []
    for before, after in pairwise(order):
        pairs = links(snapshots[before], snapshots[after])
        if pairs:
            made.append({"from": before, "to": after, "pairs": pairs})
    return made


def _sources(snapshot: Snapshot, others: Sequence[Snapshot]) -> list[dict[str, Any]]:
    notes: dict[str, SourceNote] = {note.id: note for note in snapshot.sources}
    for other in others:
        for note in other.sources:
            notes.setdefault(note.id, note)
    return [
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
        for note in notes.values()
    ]


def _relief(path: Path | None, bounds: tuple[float, float, float, float]) -> dict[str, Any] | None:
    """The shaded terrain as a PNG in base64 with its bounds; None without a raster that can be read."""
    if path is None:
        return None
    from rasterio.errors import RasterioError

    from ntmgis.show.web.terrain import relief  # GDAL is loaded only for a page that has terrain

    try:
        made = relief(path, bounds)
    except (RasterioError, OSError):
        return None
    if made is None:
        return None
    return {"png": base64.b64encode(made.png).decode("ascii"), "bounds": [round(one, 6) for one in made.bounds]}


def _add_arcs(shapes: LayerShapes, arcs: Arcs) -> None:
    """Arcs first (count, then kind and chain of each), their ranks, then the rings of every polygon as references."""
    shapes.add_counts(len(arcs.lines))
    for kind, line in zip(arcs.kinds, arcs.lines, strict=True):
        shapes.add_counts(kind)
        shapes.add_part(line)
    shapes.add_numbers(_packed_ranks(arcs))
    shapes.add_counts(len(arcs.rings))
    for rings in arcs.rings:
        shapes.add_counts(len(rings))
        for ring in rings:
            shapes.add_counts(len(ring), *ring)


def _packed_ranks(arcs: Arcs) -> NDArray[np.int64]:
    """Ranks of all vertices but the ends of arcs, three in one number below 128; the highest rank is known."""
    inner = np.concatenate([np.zeros(0, dtype=np.int64), *(ranks[1:-1] for ranks in arcs.ranks)])
    base = len(LEVELS_M) + 1
    padded = np.concatenate((inner, np.zeros(-len(inner) % 3, dtype=np.int64))).reshape(-1, 3)
    packed: NDArray[np.int64] = padded @ np.array([1, base, base * base])
    return packed


def _village_arcs(snapshot: Snapshot, grid: Grid) -> Arcs:
    """Outlines of the villages that have an area, as arcs; rings are left out because nothing fills them."""
    areas = snapshot.villages[shapely.get_dimensions(snapshot.villages.geometry.to_numpy()) == 2]
    if areas.empty:
        return Arcs((), (), ())
    finest, *coarser = coverage_levels(areas, snapshot.metric_crs)
    made = build_arcs(finest, [None] * len(areas), grid, coarser=coarser)
    return Arcs(made.lines, made.kinds, (), made.ranks)


def _page(snapshot: Snapshot, main: dict[str, Any], agency: str, grid: Grid, bounds: Sequence[float]) -> dict[str, Any]:
    return {
        **main["view"],
        "agency": clean(agency),
        "sample": snapshot.sample,
        "grid": {"bits": GRID_BITS, "x": grid.origin[0], "y": grid.origin[1]},
        "bounds": [round(value, 6) for value in bounds],
    }
