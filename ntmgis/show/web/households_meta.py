"""What a page of households knows besides its points: units, villages, words, colours, sources, outlines."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely

from ntmgis.programme.tables import values
from ntmgis.show.symbols import symbols
from ntmgis.show.web.columns import clean, coded, numbers, texts
from ntmgis.show.web.coverage import Arcs, build_arcs, label_points, simplified_coverage
from ntmgis.show.web.encode import GRID_BITS, Grid, to_varints, zigzag
from ntmgis.show.web.households_data import Register
from ntmgis.show.web.points import POINT_BITS, Ints, point_steps
from ntmgis.show.words import day, number
from ntmgis.store.snapshot import Snapshot

__all__ = ["TITLE", "meta", "outlines", "register_day", "style"]

# Title of a page whose data are sealed: it must not tell what is inside.
TITLE = "Dữ liệu cá nhân – chỉ dùng nội bộ"
_TABLES = ("unit", "village", "address_point")


@cache
def style() -> Mapping[str, Any]:
    """Colours, shapes and words of the attributes. Read only."""
    return tomllib.loads((files("ntmgis.show") / "data" / "households.toml").read_text(encoding="utf-8"))


def register_day(snapshot: Snapshot) -> date:
    """The newest date of a register of addresses; the snapshot's own where none states one."""
    dated = [note.as_of for note in snapshot.sources if note.table == "address_point" and note.as_of]
    return max(dated, default=snapshot.as_of)


def meta(snapshot: Snapshot, register: Register, *, agency: str = "", purpose: str = "") -> dict[str, Any]:
    """Everything but points and outlines, as JSON values. Positions are steps of the 2**26 grid."""
    look = style()
    words = values("address_kind")
    return {
        "page": _page(snapshot, register, agency, purpose),
        "bits": POINT_BITS,
        "bounds": [round(float(value), 6) for value in snapshot.communes.total_bounds],
        "communes": _communes(snapshot),
        "districts": {
            "code": texts(snapshot.districts["code"]),
            "name": texts(snapshot.districts["name"]),
        },
        "villages": _villages(snapshot, register),
        "combos": [list(one) for one in register.combos],
        "tally": _tally(register),
        "kinds": [
            {
                "code": code,
                "vi": words[code].vi if code in words else code,
                "en": words[code].en if code in words else code,
                **look["kind"].get(code, look["kind"]["other"]),
            }
            for code in register.kinds
        ],
        "unknown_kind": look["kind"]["unknown"],
        "attributes": {
            name: {
                **look["attribute"][name],
                **({"words": look["words"][name]} if name in look["words"] else {}),
            }
            for name in look["attribute"]
        },
        "states": look["state"],
        "outline": symbols()["outline"],
        "ground": symbols()["ground"],
    }


def _page(snapshot: Snapshot, register: Register, agency: str, purpose: str) -> dict[str, Any]:
    notes = [note for note in snapshot.sources if note.table in _TABLES]
    when = register_day(snapshot)
    shown = len(register.points)
    return {
        "title": {
            "vi": f"Địa chỉ số: {number(shown)} đối tượng trên bản đồ, đến {day(when)}",
            "en": f"Digital addresses: {number(shown, lang='en')} objects on the map, as of {day(when, lang='en')}",
        },
        "subtitle": {
            "vi": f"{clean(snapshot.province_name)}, {snapshot.epoch.title_vi} · {number(register.total)} đối tượng "
            f"trong sổ, {number(register.unlocated)} chưa có toạ độ nên không hiện",
            "en": f"{clean(snapshot.province_name)}, {snapshot.epoch.title_en} · {number(register.total, lang='en')} "
            f"objects in the register, {number(register.unlocated, lang='en')} not shown, without coordinates",
        },
        "agency": clean(agency),
        "purpose": clean(purpose),
        "sample": snapshot.sample,
        "total": register.total,
        "shown": shown,
        "unlocated": register.unlocated,
        "sources": [
            {
                "title": clean(note.title),
                "as_of": note.as_of.isoformat() if note.as_of else None,
                "rows": note.rows,
                "origin": clean(note.origin),
                "failed": note.failed,
            }
            for note in notes
        ],
    }


def _communes(snapshot: Snapshot) -> dict[str, Any]:
    units = snapshot.communes
    centres, radius = label_points(units.geometry, snapshot.metric_crs)
    x, y = point_steps(centres.x.to_numpy(), centres.y.to_numpy())
    districts = {code: index for index, code in enumerate(texts(snapshot.districts["code"]))}
    return {
        "code": texts(units["code"]),
        "name": texts(units["name"]),
        "kind": texts(units["kind"]),
        "district": [districts.get(code, -1) for code in texts(units["district_code"])],
        "radius_m": numbers(radius, 0),
        "x": x.tolist(),
        "y": y.tolist(),
    }


def _villages(snapshot: Snapshot, register: Register) -> dict[str, Any]:
    """The villages, each with the middle of its objects, or its own when it has none; the last one is "not known"."""
    units = snapshot.villages
    place = {code: index for index, code in enumerate(snapshot.communes["code"])}
    points, known = register.points, len(units) + 1
    count = np.bincount(points.village, minlength=known)
    own = shapely.point_on_surface(units.geometry.to_numpy())
    lonlat = (np.nan_to_num(axis(own)) for axis in (shapely.get_x, shapely.get_y))  # NaN where there is no geometry
    middle = [np.append(steps, 0) for steps in point_steps(*lonlat)]
    mean = [
        np.rint(np.bincount(points.village, weights=steps, minlength=known) / np.maximum(count, 1)).astype(np.int64)
        for steps in (points.x, points.y)
    ]
    x, y = (np.where(count > 0, mean[axis], middle[axis]) for axis in (0, 1))
    return {
        "code": [*texts(units["code"]), ""],
        "name": [*texts(units["name"]), None],
        "kind": coded([*units["kind"], None]),
        "commune": [*(place.get(code, -1) for code in texts(units["commune_code"])), -1],
        "prefix": list(register.prefixes),
        "n": count.tolist(),
        "x": x.tolist(),
        "y": y.tolist(),
    }


def outlines(snapshot: Snapshot) -> tuple[dict[str, int], bytes]:
    """Commune and village outlines: the grid they stand on, and varints of shared arcs.

    Per coverage: number of arcs; of each its kind, its number of points and their zigzag steps from the point before;
    number of polygons; of each the number of rings; of each ring the number of references and the references.
    """
    polygons = simplified_coverage(snapshot.communes, snapshot.metric_crs)
    grid = Grid(tuple(float(value) for value in polygons.total_bounds))
    districts = texts(snapshot.communes["district_code"])
    made = [_arc_numbers(build_arcs(polygons, districts, grid), rings=True)]
    areas = snapshot.villages[shapely.get_dimensions(snapshot.villages.geometry.to_numpy()) == 2]
    if len(areas):
        villages = build_arcs(simplified_coverage(areas, snapshot.metric_crs), [None] * len(areas), grid)
        made.append(_arc_numbers(villages, rings=False))
    else:
        made.append(np.zeros(2, dtype=np.int64))
    return {"bits": GRID_BITS, "x": grid.origin[0], "y": grid.origin[1]}, to_varints(np.concatenate(made))


def _arc_numbers(arcs: Arcs, *, rings: bool) -> Ints:
    pieces = [np.array([len(arcs.lines)], dtype=np.int64)]
    last: Ints = np.zeros((1, 2), dtype=np.int64)
    for kind, line in zip(arcs.kinds, arcs.lines, strict=True):
        pieces.append(np.array([kind, len(line)], dtype=np.int64))
        pieces.append(zigzag((line - np.vstack((last, line[:-1]))).ravel()))
        last = line[-1:]
    polygons = arcs.rings if rings else ()
    flat: list[int] = [len(polygons)]
    for polygon in polygons:
        flat.append(len(polygon))
        for ring in polygon:
            flat += [len(ring), *ring]
    pieces.append(np.array(flat, dtype=np.int64))
    return np.concatenate(pieces)


def _tally(register: Register) -> list[list[int]]:
    """Per village, pairs of combination and number of objects, one after the other."""
    points, width = register.points, len(register.combos)
    keys, counts = np.unique(points.village * width + points.combo, return_counts=True)
    made: list[list[int]] = [[] for _ in register.prefixes]
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        made[key // width] += [key % width, count]
    return made
