"""What sheets draw, read once from snapshot and facts: cleaned names and layers in metres, each with its index.

A ground is made once and looked at through any number of windows, so that a book of a hundred pages projects and
indexes nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import UsageError, problem
from ntmgis.measure.facts import Facts
from ntmgis.programme.tables import values
from ntmgis.programme.tiers import state
from ntmgis.show.paper.font import check_glyphs, clean
from ntmgis.show.paper.relief import Relief, relief_of
from ntmgis.show.symbols import symbols
from ntmgis.show.words import day
from ntmgis.store.snapshot import Snapshot, SourceNote

__all__ = [
    "LINES",
    "WORKS",
    "Ground",
    "Layer",
    "Scope",
    "Unit",
    "check_names",
    "district_name",
    "fingerprint",
    "ground_of",
    "planned",
    "road_classes",
    "scope_of",
    "short_district",
    "short_kinds",
    "short_name",
    "source_lines",
    "value_word",
]

_KIND_SHORT = {"xã": "", "phường": "P. ", "thị trấn": "TT. ", "đặc khu": "ĐK. "}
_DISTRICT_KINDS = {"huyện ": "", "thành phố ": "TP ", "thị xã ": "TX ", "quận ": "Q. "}
# Point layers in the order of the legend: the two with their own colour first.
WORKS = tuple(dict.fromkeys(("water_supply", "waste_point", *symbols()["point"])))
LINES = ("road", "river", "lake")


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune on the sheet; `tier` is one of TIER_STATES."""

    code: str
    name: str
    tier: str
    urban: bool
    district: str
    area: BaseGeometry
    full_name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer in metres: one shape for each row of `table` (its fields without geometry), and an index over them."""

    shapes: NDArray[np.object_]
    table: pd.DataFrame
    tree: shapely.STRtree

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def xy(self) -> NDArray[np.float64]:
        """Middle of every shape (n x 2)."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.shapes)))

    def near(self, area: BaseGeometry) -> "Layer":
        """The rows that meet an area, in their order."""
        return self.take(np.sort(self.tree.query(area, predicate="intersects")))

    def take(self, rows: NDArray[np.int_]) -> "Layer":
        """Some of the rows."""
        shapes = self.shapes[rows]
        return Layer(shapes, self.table.iloc[rows].reset_index(drop=True), shapely.STRtree(shapes))


def _layer(shapes: NDArray[np.object_], table: pd.DataFrame) -> Layer:
    return Layer(shapes, table.reset_index(drop=True), shapely.STRtree(shapes))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What can be drawn, in metres of the metric CRS; layers hold nothing outside the province.

    `layers` maps road, river, lake and point layers that have rows. `villages` are points or polygons with code, name,
    commune_code. `neighbours` is known land outside the province.
    """

    crs: str
    units: tuple[Unit, ...]
    districts: tuple[tuple[str, str, BaseGeometry], ...]
    province: BaseGeometry
    layers: Mapping[str, Layer]
    villages: Layer | None = None
    neighbours: NDArray[np.object_] | None = None
    relief: Relief | None = None

    def quiet(self, road_classes: int) -> "Ground":
        """The ground to find one's way on: waters and the widest classes of road, no point layers, no relief."""
        layers = {id_: layer for id_, layer in self.layers.items() if id_ in LINES}
        if "road" in layers:
            widest = list(symbols()["road"]["class"])[:road_classes]
            rows = np.flatnonzero(layers["road"].table["class"].isin(widest))
            layers["road"] = layers["road"].take(rows)
        return replace(self, layers={id_: layer for id_, layer in layers.items() if len(layer)}, relief=None)

    def window(self, area: BaseGeometry, *, works_in: BaseGeometry | None = None) -> "Ground":
        """The part of the ground that meets an area; shapes stay whole. Point layers: only what is in `works_in`."""
        shapely.prepare(area)
        near = [unit for unit in self.units if shapely.intersects(area, unit.area)]
        inner = area if works_in is None else works_in
        shapely.prepare(inner)
        layers = {
            id_: found
            for id_, layer in self.layers.items()
            if len(found := layer.near(area if id_ in LINES else inner))
        }
        other = self.neighbours
        return replace(
            self,
            units=tuple(near),
            districts=tuple(one for one in self.districts if shapely.intersects(area, one[2])),
            layers=layers,
            villages=None if self.villages is None else self.villages.near(area),
            neighbours=None if other is None else other[shapely.intersects(area, other)],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What a sheet is about: the whole province, a district or a commune; `codes` are its communes."""

    level: Literal["province", "district", "commune"]
    code: str
    name: str
    codes: frozenset[str]
    area: BaseGeometry


def scope_of(ground: Ground, snapshot: Snapshot, of: str | None) -> Scope:
    """The province for None, else the district or commune with that code; UsageError when there is none."""
    if of is None:
        every = frozenset(unit.code for unit in ground.units)
        return Scope("province", snapshot.province_code, clean(snapshot.province_name), every, ground.province)
    wanted = of.strip()
    for unit in ground.units:
        if unit.code == wanted:
            return Scope("commune", unit.code, unit.full_name, frozenset({unit.code}), unit.area)
    names = {str(row.code): clean(row.name) for row in snapshot.districts.itertuples(index=False)}
    for code, _, area in ground.districts:
        if code == wanted:
            inside = frozenset(unit.code for unit in ground.units if unit.district == code)
            return Scope("district", code, names[code], inside, area)
    raise UsageError(problem("E-PAPER-UNIT", value=of))


def short_name(name: str, kind: str) -> str:
    """A commune name as it stands on the map: without "Xã", with short forms for urban units.

    >>> short_name("Xã Hà Mòn", "xã"), short_name("Phường Quang Trung", "phường"), short_name("Sáu", "thị trấn")
    ('Hà Mòn', 'P. Quang Trung', 'TT. Sáu')
    """
    bare = name[len(kind) + 1 :] if kind and name.lower().startswith(f"{kind.lower()} ") else name
    return _KIND_SHORT.get(kind.lower(), "") + bare


def short_kinds() -> dict[str, str]:
    """The short forms of kinds of units as they stand on the map, those that have one.

    >>> short_kinds()["thị trấn"]
    'TT.'
    """
    return {kind: short.strip() for kind, short in _KIND_SHORT.items() if short}


def district_name(name: str) -> str:
    """A district name as it stands on the map, in capitals.

    >>> district_name("Huyện Đắk Hà"), district_name("Thành phố Kon Tum")
    ('ĐẮK HÀ', 'TP KON TUM')
    """
    return short_district(name).upper()


def short_district(name: str) -> str:
    """A district name as it stands in a table.

    >>> short_district("Huyện Đắk Hà"), short_district("Thành phố Kon Tum")
    ('Đắk Hà', 'TP Kon Tum')
    """
    for kind, short in _DISTRICT_KINDS.items():
        if name.lower().startswith(kind):
            return short + name[len(kind) :]
    return name


def check_names(snapshot: Snapshot, more: Sequence[tuple[str, str]] = ()) -> None:
    """InputError naming every unit name, and every text of `more` (what it is, text), that the typeface cannot set."""
    districts = [clean(name) for name in snapshot.districts["name"]]
    check_glyphs(
        [
            ("tỉnh", clean(snapshot.province_name)),
            *more,
            *(("huyện", name) for name in districts),
            *(("huyện", name.upper()) for name in districts),
            *(("xã", clean(name, limit=40)) for name in snapshot.communes["name"]),
            *(("thôn", clean(name, limit=40)) for name in snapshot.villages["name"].dropna()),
        ]
    )


def ground_of(
    snapshot: Snapshot,
    facts: Facts,
    *,
    layers: bool = True,
    neighbours: gpd.GeoDataFrame | None = None,
) -> Ground:
    """The ground of all sheets of a snapshot; `layers` (cut at the border of the province) may be left out.

    `neighbours`: polygons around the province, any CRS; what lies within it is left out.
    """
    crs = snapshot.metric_crs
    communes = snapshot.communes.to_crs(crs)
    tiers = facts.communes["tier"]
    units = tuple(
        Unit(
            str(row.code),
            short_name(clean(row.name, limit=40), str(row.kind)),
            str(tiers.get(row.code, state(None, rural=bool(row.rural)))),
            not row.rural,
            str(row.district_code),
            row.geometry,
            clean(row.name, limit=40),
        )
        for row in communes.itertuples(index=False)
    )
    districts = snapshot.districts.to_crs(crs) if len(snapshot.districts) else snapshot.districts
    province = shapely.union_all(snapshot.province.to_crs(crs).geometry.to_numpy())
    shapely.prepare(province)
    held = snapshot.layers if layers else {}
    made: dict[str, Layer] = {}
    for id_ in (*LINES, *WORKS):
        if id_ in held and len(found := _within(held[id_], province, crs, points=id_ in WORKS)):
            made[id_] = found
    terrain = snapshot.rasters.get("terrain") if layers else None
    return Ground(
        crs=crs,
        units=units,
        districts=tuple(
            (str(row.code), district_name(clean(row.name)), row.geometry) for row in districts.itertuples(index=False)
        ),
        province=province,
        layers=made,
        villages=_villages(snapshot, crs) if layers and len(snapshot.villages) else None,
        neighbours=None if neighbours is None else _outside(neighbours, province, crs),
        relief=None if terrain is None else relief_of(terrain, province, crs),
    )


def road_classes(denominator: int) -> tuple[str, ...]:
    """Road classes drawn at a scale, widest first; finer ones would run together on paper."""
    classes = tuple(symbols()["road"]["class"])
    if denominator <= 150_000:
        return classes
    return classes[:5] if denominator <= 650_000 else classes[:4]


def planned(roads: pd.DataFrame) -> NDArray[np.bool_]:
    """True for roads that are planned or under construction; a blank state is an existing road."""
    if "state" not in roads:
        return np.zeros(len(roads), dtype=bool)
    return np.asarray(roads["state"].isin(["planned", "construction"]), dtype=bool)


def value_word(enum: str, code: object) -> str:
    """The Vietnamese title of an enum value; "không rõ" for a blank."""
    known = values(enum)
    return known[str(code)].vi if str(code) in known else "không rõ"


def _usable(layer: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    moved = layer.to_crs(crs)
    return moved[~(moved.geometry.is_empty | moved.geometry.isna())]


def _within(layer: gpd.GeoDataFrame, province: BaseGeometry, crs: str, *, points: bool) -> Layer:
    moved = _usable(layer, crs)
    shapes = moved.geometry.to_numpy()
    table = pd.DataFrame(moved.drop(columns=moved.geometry.name))
    if points:
        shapes = shapely.centroid(shapes)
        xy = shapely.get_coordinates(shapes)
        inside = shapely.intersects_xy(province, xy[:, 0], xy[:, 1])
    else:
        crossing = ~shapely.covers(province, shapes)
        shapes = shapes.copy()
        shapes[crossing] = shapely.intersection(shapes[crossing], province)
        inside = ~shapely.is_empty(shapes)
    return _layer(shapes[inside], table[inside])


def _villages(snapshot: Snapshot, crs: str) -> Layer:
    moved = _usable(snapshot.villages, crs)
    table = pd.DataFrame(
        {
            "code": moved["code"].astype(str).to_numpy(),
            "name": [clean(name, limit=40) if isinstance(name, str) else "" for name in moved["name"]],
            "commune_code": moved["commune_code"].astype(str).to_numpy(),
        }
    )
    return _layer(moved.geometry.to_numpy(), table)


def _outside(neighbours: gpd.GeoDataFrame, province: BaseGeometry, crs: str) -> NDArray[np.object_]:
    shapes = shapely.difference(_usable(neighbours, crs).geometry.to_numpy(), province.buffer(1.0))
    found: NDArray[np.object_] = shapes[shapely.area(shapes) > 0]
    return found


def source_lines(snapshot: Snapshot, tables: set[str]) -> tuple[str, ...]:
    """One line for each origin, with the layers that come from it and the date of each; only what is shown."""
    origins: dict[str, list[str]] = {}
    for note in snapshot.sources:
        if not _on_sheet(note, snapshot, tables):
            continue
        origin = clean(note.origin, limit=160) or "không ghi nguồn"
        when = day(note.as_of) if note.as_of else "không ghi ngày"
        stale = ", tệp mới nhất không đọc được" if note.failed else ""
        origins.setdefault(origin, []).append(f"{clean(note.title, limit=80)} ({when}{stale})")
    return tuple(f"{'; '.join(titles)}. Nguồn: {origin}." for origin, titles in origins.items())


def _on_sheet(note: SourceNote, snapshot: Snapshot, tables: set[str]) -> bool:
    """True for a source whose rows are drawn or counted here; a table without a source column counts as a whole."""
    if note.table == "unit":
        return True
    if note.table not in tables:
        return False
    frames = {"commune_status": snapshot.commune_status, "criteria": snapshot.criteria, "village": snapshot.villages}
    frame = frames.get(note.table, snapshot.layers.get(note.table))
    return frame is None or "source" not in frame or note.id in set(frame["source"])


def fingerprint(snapshot: Snapshot, facts: Facts) -> str:
    """SHA-256 of what is known and measured here: the same number on two sheets means the same figures."""
    mark = sha256(f"{snapshot.as_of} {snapshot.epoch.id} {snapshot.metric_crs}".encode())
    frames = [snapshot.communes, snapshot.villages, *(snapshot.layers[id_] for id_ in sorted(snapshot.layers))]
    for frame in frames:
        mark.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy()).tolist()))
    for table in (snapshot.commune_status, snapshot.criteria, facts.communes, facts.districts):
        mark.update(table.to_csv(index=True).encode())
    for note in snapshot.sources:
        mark.update(f"{note.id} {note.as_of} {note.rows}\n".encode())
    return mark.hexdigest()
