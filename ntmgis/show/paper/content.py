"""What one status sheet shows, read from snapshot and facts: cleaned names, ground in metres, counts for the legend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.programme.tables import values
from ntmgis.show.paper.font import check_glyphs, clean
from ntmgis.show.symbols import symbols
from ntmgis.show.words import day, headline, subtitle
from ntmgis.store.snapshot import Snapshot, SourceNote

__all__ = [
    "DRAWN_LAYERS",
    "Ground",
    "SheetText",
    "Unit",
    "district_name",
    "ground_of",
    "planned",
    "road_classes",
    "short_district",
    "short_name",
    "text_of",
    "tier_counts",
    "value_word",
]

_KIND_SHORT = {"xã": "", "phường": "P. ", "thị trấn": "TT. ", "đặc khu": "ĐK. "}
_DISTRICT_KINDS = {"huyện ": "", "thành phố ": "TP ", "thị xã ": "TX ", "quận ": "Q. "}
# Layers that a status sheet draws, in the order of its legend.
DRAWN_LAYERS = ("road", "water_supply", "waste_point", "river", "lake")


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune on the sheet."""

    code: str
    name: str
    tier: str
    urban: bool
    district: str
    area: BaseGeometry


@dataclass(frozen=True, slots=True)
class Ground:
    """What is drawn, in metres of the metric CRS; nothing lies outside the province.

    `roads` has class, surface, state; `points` maps water_supply and waste_point to kind, operation, x, y.
    """

    units: tuple[Unit, ...]
    districts: tuple[tuple[str, str, BaseGeometry], ...]
    province: BaseGeometry
    roads: gpd.GeoDataFrame
    points: Mapping[str, pd.DataFrame]
    rivers: gpd.GeoDataFrame
    lakes: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True)
class SheetText:
    """The words of a sheet that come from the data, cleaned and checked letter by letter."""

    headline: str
    subtitle: str
    province: str
    agency: str
    sources: tuple[str, ...]
    district_names: Mapping[str, str]


def short_name(name: str, kind: str) -> str:
    """A commune name as it stands on the map: without "Xã", with short forms for urban units.

    >>> short_name("Xã Hà Mòn", "xã"), short_name("Phường Quang Trung", "phường"), short_name("Sáu", "thị trấn")
    ('Hà Mòn', 'P. Quang Trung', 'TT. Sáu')
    """
    bare = name[len(kind) + 1 :] if kind and name.lower().startswith(f"{kind.lower()} ") else name
    return _KIND_SHORT.get(kind.lower(), "") + bare


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


def text_of(snapshot: Snapshot, facts: Facts, agency: str) -> SheetText:
    """The words of the sheet; InputError naming every text that the typeface cannot set."""
    districts = {str(row.code): clean(row.name) for row in snapshot.districts.itertuples(index=False)}
    made = SheetText(
        headline=clean(headline(snapshot, facts), limit=200),
        subtitle=clean(subtitle(snapshot, facts), limit=400),
        province=clean(snapshot.province_name),
        agency=clean(agency, limit=120),
        sources=_source_lines([note for note in snapshot.sources if _on_sheet(note, snapshot)]),
        district_names=districts,
    )
    communes = [clean(name, limit=40) for name in snapshot.communes["name"]]
    check_glyphs(
        [
            ("tỉnh", made.province),
            ("tỉnh", made.subtitle),
            ("đơn vị lập", made.agency),
            *(("nguồn số liệu", line) for line in made.sources),
            *(("huyện", name) for name in districts.values()),
            *(("huyện", name.upper()) for name in districts.values()),
            *(("xã", name) for name in communes),
        ]
    )
    return made


def ground_of(snapshot: Snapshot, facts: Facts, *, layers: bool = True) -> Ground:
    """The ground of a status sheet in the metric CRS; `layers` (cut at the border of the province) may be left out."""
    crs = snapshot.metric_crs
    communes = snapshot.communes.to_crs(crs)
    tiers = facts.communes["tier"]
    units = tuple(
        Unit(
            str(row.code),
            short_name(clean(row.name, limit=40), str(row.kind)),
            str(tiers.get(row.code, "not_reported")),
            not row.rural,
            str(row.district_code),
            row.geometry,
        )
        for row in communes.itertuples(index=False)
    )
    districts = snapshot.districts.to_crs(crs) if len(snapshot.districts) else snapshot.districts
    province = shapely.union_all(snapshot.province.to_crs(crs).geometry.to_numpy())
    shapely.prepare(province)
    held = snapshot.layers if layers else {}
    return Ground(
        units=units,
        districts=tuple(
            (str(row.code), district_name(clean(row.name)), row.geometry) for row in districts.itertuples(index=False)
        ),
        province=province,
        roads=_within(held.get("road"), province, crs),
        points={id_: _points(held[id_], province, crs) for id_ in ("water_supply", "waste_point") if id_ in held},
        rivers=_within(held.get("river"), province, crs),
        lakes=_within(held.get("lake"), province, crs),
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


def tier_counts(facts: Facts) -> dict[str, int]:
    """Tier states that occur, in legend order, with the number of units."""
    return {state: int(facts.tiers[state]) for state in TIER_STATES if facts.tiers[state]}


def value_word(enum: str, code: object) -> str:
    """The Vietnamese title of an enum value; "không rõ" for a blank."""
    known = values(enum)
    return known[str(code)].vi if str(code) in known else "không rõ"


def _within(layer: gpd.GeoDataFrame | None, province: BaseGeometry, crs: str) -> gpd.GeoDataFrame:
    if layer is None or layer.empty:
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=crs)
    moved = layer.to_crs(crs)
    moved = moved[~(moved.geometry.is_empty | moved.geometry.isna())]
    shapes = moved.geometry.to_numpy()
    crossing = ~shapely.covers(province, shapes)
    cut = shapes.copy()
    cut[crossing] = shapely.intersection(shapes[crossing], province)
    moved = moved.set_geometry(gpd.GeoSeries(cut, index=moved.index, crs=crs))
    return moved[~moved.geometry.is_empty]


def _points(layer: gpd.GeoDataFrame, province: BaseGeometry, crs: str) -> pd.DataFrame:
    moved = layer.to_crs(crs)
    moved = moved[~(moved.geometry.is_empty | moved.geometry.isna())]
    centres = shapely.get_coordinates(shapely.centroid(moved.geometry.to_numpy()))
    frame = pd.DataFrame(moved.drop(columns="geometry")).assign(x=centres[:, 0], y=centres[:, 1])
    inside: NDArray[np.bool_] = shapely.intersects_xy(province, centres[:, 0], centres[:, 1])
    return frame[inside].reset_index(drop=True)


def _on_sheet(note: SourceNote, snapshot: Snapshot) -> bool:
    """True for a source whose rows are drawn or counted here; a table without a source column counts as a whole."""
    if note.table == "unit":
        return True
    frame = snapshot.commune_status if note.table == "commune_status" else snapshot.layers.get(note.table)
    if frame is None or note.table not in {"commune_status", *DRAWN_LAYERS}:
        return False
    return "source" not in frame or note.id in set(frame["source"])


def _source_lines(notes: Sequence[SourceNote]) -> tuple[str, ...]:
    """One line for each origin, with the layers that come from it and the date of each."""
    origins: dict[str, list[str]] = {}
    for note in notes:
        origin = clean(note.origin, limit=160) or "không ghi nguồn"
        when = day(note.as_of) if note.as_of else "không ghi ngày"
        stale = ", tệp mới nhất không đọc được" if note.failed else ""
        origins.setdefault(origin, []).append(f"{clean(note.title, limit=80)} ({when}{stale})")
    return tuple(f"{'; '.join(titles)}. Nguồn: {origin}." for origin, titles in origins.items())
