"""Snapshots and facts to print: grids of any size, and the communes of the committed sample province."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import tiny
import tiny_facts
from shapely.geometry import box

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.store.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[1]
RURAL = [state for state in TIER_STATES if state != "not_applicable"]


def case(communes: gpd.GeoDataFrame, *, districts: bool = True, **changes: Any) -> tuple[Snapshot, Facts]:
    """Snapshot and facts over communes with code, name, kind, district_code, district; tiers go round in turn."""
    units = communes.assign(rural=communes["kind"] == "xã", declared_km2=float("nan"))
    tiers = pd.Series([RURAL[n % len(RURAL)] for n in range(len(units))], index=units.index)
    tiers = tiers.where(units["rural"], "not_applicable")
    shapes = units.dissolve("district_code", as_index=False)[["district_code", "district", "geometry"]]
    shapes = shapes.rename(columns={"district_code": "code", "district": "name"})
    if not districts:
        shapes = shapes.iloc[:0]
        units = units.assign(district_code=None, district=None)
    known = units.assign(tier=tiers)[~tiers.isin(["not_reported", "not_applicable"])]
    status = pd.DataFrame({"code": known["code"], "tier": known["tier"], "as_of": pd.Timestamp(2025, 6, 30)})
    snapshot = tiny.snapshot(
        communes=units,
        districts=shapes,
        province=gpd.GeoDataFrame(
            {"code": ["62"], "name": ["Tỉnh Mẫu"]}, geometry=[units.geometry.union_all()], crs=units.crs
        ),
        commune_status=status.assign(source="status"),
        **{"layers": {}, "province_name": "Tỉnh Mẫu", **changes},
    )
    table = pd.DataFrame({"tier": tiers.to_numpy()}, index=pd.Index(units["code"], name="code"))
    rows = pd.DataFrame({"name": shapes["name"].to_numpy()}, index=pd.Index(shapes["code"], name="code"))
    owner = communes["district_code"]
    rows["rural"] = units["rural"].groupby(owner).sum().reindex(rows.index)
    for state in TIER_STATES:
        rows[state] = (tiers == state).groupby(owner).sum().reindex(rows.index)
    facts = tiny_facts.facts(
        communes=table,
        districts=rows,
        tiers={state: int((tiers == state).sum()) for state in TIER_STATES},
        roads=pd.DataFrame({"code": [], "class": [], "surface": [], "km": []}),
    )
    return snapshot, facts


def grid(columns: int, rows: int, *, side: float, names: Sequence[str] = ("Xã Đắk Rơ Ông",)) -> gpd.GeoDataFrame:
    """`columns` x `rows` squares of `side` metres, names going round in turn, two districts."""
    made = [
        {
            "code": f"{20000 + n:05d}",
            "name": names[n % len(names)],
            "kind": "xã",
            "district_code": "901" if n % columns < columns / 2 else "902",
            "district": "Huyện Tây" if n % columns < columns / 2 else "Huyện Đông",
            "geometry": box(
                tiny.E0 + side * (n % columns),
                tiny.N0 + side * (n // columns),
                tiny.E0 + side * (n % columns + 1),
                tiny.N0 + side * (n // columns + 1),
            ),
        }
        for n in range(columns * rows)
    ]
    return gpd.GeoDataFrame(made, geometry="geometry", crs=tiny.CRS).to_crs(4326)


def province() -> tuple[Snapshot, Facts]:
    """The 102 communes of the committed sample with its roads, waters and works."""
    communes = gpd.read_file(ROOT / "data" / "boundaries" / "xa_den_2025-06-30.geojson").sort_values("code")
    communes["kind"] = communes["name"].str.extract(r"^(Xã|Phường|Thị trấn) ")[0].str.lower()
    layers = {
        id_: gpd.read_file(ROOT / "data" / "layers" / f"{file}.geojson")
        for id_, file in (
            ("road", "duong"),
            ("water_supply", "cap_nuoc"),
            ("waste_point", "chat_thai"),
            ("river", "song"),
            ("lake", "ho"),
        )
    }
    return case(communes.reset_index(drop=True), layers=layers)
