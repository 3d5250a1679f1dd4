"""A province one can check by hand: six square communes of 10 x 10 km in two districts, in EPSG:9216 metres.

    row 2 (north)   10003 | 10004 | 10006
    row 1 (south)   10001 | 10002 | 10005       district 901 = 10001..10004, district 902 = 10005, 10006

The south-west corner is E 500,000 N 1,600,000. 10006 is a township (urban). Tiers: 10001 ntm, 10002 advanced,
10003 not_yet, 10004 model, 10005 not reported. Each commune has one village point in its middle with 10 households
placed 100 m apart on a west-east line through the middle; a 10 km asphalt road runs west-east through the middle of
the southern row (30 km in all), an earth road south-north through 10001 and 10003 (20 km). One water works stands in
the middle of 10001, one waste point in the middle of 10002.
"""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from ntmgis.store.snapshot import Snapshot, SourceNote
from ntmgis.units.epochs import epoch_on

CRS = "EPSG:9216"
E0, N0, SIDE = 500_000, 1_600_000, 10_000
CELLS = {
    "10001": (0, 0, "Xã Một", "xã", "901"),
    "10002": (1, 0, "Xã Hai", "xã", "901"),
    "10003": (0, 1, "Xã Ba", "xã", "901"),
    "10004": (1, 1, "Xã Bốn", "xã", "901"),
    "10005": (2, 0, "Xã Năm", "xã", "902"),
    "10006": (2, 1, "Thị trấn Sáu", "thị trấn", "902"),
}
DISTRICTS = {"901": "Huyện Chín Một", "902": "Huyện Chín Hai"}
TIERS = {"10001": "ntm", "10002": "advanced", "10003": "not_yet", "10004": "model"}
AS_OF = date(2025, 6, 30)


def middle(code: str) -> tuple[float, float]:
    i, j, *_ = CELLS[code]
    return E0 + (i + 0.5) * SIDE, N0 + (j + 0.5) * SIDE


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS).to_crs(4326)


def communes() -> gpd.GeoDataFrame:
    return frame(
        [
            {
                "code": code,
                "name": name,
                "kind": kind,
                "rural": kind == "xã",
                "district_code": district,
                "district": DISTRICTS[district],
                "declared_km2": 100.0,
                "geometry": box(E0 + i * SIDE, N0 + j * SIDE, E0 + (i + 1) * SIDE, N0 + (j + 1) * SIDE),
            }
            for code, (i, j, name, kind, district) in CELLS.items()
        ]
    )


def snapshot(**changes: Any) -> Snapshot:
    units = communes()
    districts = units.dissolve("district_code").reset_index()[["district_code", "district", "geometry"]]
    districts = districts.rename(columns={"district_code": "code", "district": "name"})
    province = gpd.GeoDataFrame(
        {"code": ["90"], "name": ["Tỉnh Tí Hon"]}, geometry=[units.geometry.union_all()], crs=units.crs
    )
    villages = frame(
        [
            {
                "code": f"{code}-01",
                "name": "Thôn 1",
                "commune_code": code,
                "kind": "thôn",
                "ethnic_minority": code in {"10003", "10005"},
                "households": 10,
                "geometry": Point(*middle(code)),
            }
            for code in CELLS
        ]
    )
    villages["ethnic_minority"] = villages["ethnic_minority"].astype("boolean")
    villages["households"] = villages["households"].astype("Int64")
    status = pd.DataFrame(
        [
            {
                "code": code,
                "tier": tier,
                "as_of": pd.Timestamp(2025, 6, 30),
                "standard_year": 2024 if tier != "not_yet" else pd.NA,
                "decision": "12/QĐ-UBND" if tier != "not_yet" else None,
                "decision_date": pd.Timestamp(2025, 2, 14) if tier != "not_yet" else pd.NaT,
                "criteria_set": "2021-2025",
                "source": "status",
            }
            for code, tier in TIERS.items()
        ]
    ).astype({"standard_year": "Int64"})
    criteria = pd.DataFrame(
        [
            {
                "code": code,
                "criterion": n,
                "state": "met" if tier != "not_yet" or n <= 12 else "not_met",
                "as_of": pd.Timestamp(2025, 6, 30),
                "source": "status",
            }
            for code, tier in TIERS.items()
            for n in range(1, 20)
        ]
    )
    history = pd.DataFrame(
        [
            {"as_of": pd.Timestamp(day), "code": code, "tier": tier if late else "not_yet"}
            for day, late in (("2024-12-31", False), ("2025-06-30", True))
            for code, tier in TIERS.items()
        ]
    )
    y1 = N0 + SIDE / 2
    roads = frame(
        [
            {
                "id": "D1",
                "name": "QL.14",
                "class": "national",
                "surface": "asphalt",
                "width": 7.0,
                "condition": "good",
                "state": "existing",
                "source": "roads",
                "geometry": LineString([(E0, y1), (E0 + 3 * SIDE, y1)]),
            },
            {
                "id": "D2",
                "name": None,
                "class": "village",
                "surface": "earth",
                "width": 3.0,
                "condition": "poor",
                "state": "existing",
                "source": "roads",
                "geometry": LineString([(E0 + SIDE / 2, N0), (E0 + SIDE / 2, N0 + 2 * SIDE)]),
            },
        ]
    )
    water = frame(
        [
            {
                "id": "N1",
                "name": "Tự chảy 1",
                "kind": "gravity",
                "capacity": 120.0,
                "households": 210,
                "operation": "works",
                "meets_qcvn": True,
                "source": "water",
                "geometry": Point(*middle("10001")),
            }
        ]
    )
    waste = frame(
        [
            {
                "id": "R1",
                "name": "Điểm tập kết 1",
                "kind": "collection",
                "capacity": 1.5,
                "operation": "works",
                "source": "waste",
                "geometry": Point(*middle("10002")),
            }
        ]
    )
    rows = []
    for code in CELLS:
        x, y = middle(code)
        points = gpd.GeoSeries([Point(x + 100 * (k - 4.5), y) for k in range(10)], crs=CRS).to_crs(4326)
        for k, point in enumerate(points):
            rows.append(
                {
                    "id": f"H{code}{k}",
                    "address": f"{code}{k:05d}" if k < 8 else None,
                    "kind": "household",
                    "has_code": k < 8,
                    "notified_on": pd.Timestamp(2025, 3, 14) if k < 6 else pd.NaT,
                    "plated_on": pd.Timestamp(2025, 5, 2) if k < 4 else pd.NaT,
                    "village_code": f"{code}-01",
                    "lon": point.x,
                    "lat": point.y,
                }
            )
    addresses = pd.DataFrame(rows).astype({"has_code": "boolean"})
    made = {
        "as_of": AS_OF,
        "epoch": epoch_on(AS_OF),
        "province_name": "Tỉnh Tí Hon",
        "province_code": "90",
        "metric_crs": CRS,
        "sample": True,
        "communes": units,
        "districts": districts,
        "province": province,
        "villages": villages,
        "commune_status": status,
        "criteria": criteria,
        "village_status": pd.DataFrame(
            {
                "village_code": ["10001-01", "10003-01"],
                "as_of": pd.Timestamp(2025, 6, 30),
                "model": pd.array([True, pd.NA], dtype="boolean"),
                "minority_ntm": pd.array([pd.NA, True], dtype="boolean"),
                "smart": pd.array([False, pd.NA], dtype="boolean"),
                "source": "village_status",
            }
        ),
        "district_status": pd.DataFrame(
            {
                "district_code": ["901"],
                "tier": ["ntm"],
                "as_of": [pd.Timestamp(2025, 6, 30)],
                "standard_year": pd.array([2025], dtype="Int64"),
                "decision": ["12/QĐ-TTg"],
                "source": ["district_status"],
            }
        ),
        "history": history,
        "layers": {"road": roads, "water_supply": water, "waste_point": waste},
        "rasters": dict[str, Path](),
        "addresses": addresses,
        "unit_change": pd.DataFrame(
            {"old_code": [], "new_code": [], "share_area": np.array([]), "share_households": np.array([]), "basis": []}
        ),
        "sources": (
            SourceNote("units", "unit", "Ranh giới xã", None, 6, origin="hình học tự đặt"),
            SourceNote("status", "commune_status", "Kết quả NTM cấp xã", AS_OF, 4, origin="số liệu tự đặt"),
        ),
    }
    return Snapshot(**{**made, **changes})


CONFIG = """
[province]
code = "90"
name = "Tỉnh Tí Hon"

[build]
as_of = 2025-06-30
periods = [2024-12-31]
metric_crs = "EPSG:9216"
sample = true

[[source]]
id = "danh_muc"
table = "unit_list"
path = "data/danh_muc.csv"
epoch = 2025-06-30

[[source]]
id = "xa"
table = "unit"
path = "data/xa.geojson"
epoch = 2025-06-30
title = "Ranh giới xã"

[[source]]
id = "thon"
table = "village"
path = "data/thon.geojson"
epoch = 2025-06-30

[[source]]
id = "ket_qua"
table = "commune_status"
path = "data/ket_qua.csv"
as_of = 2025-06-30
title = "Kết quả NTM"

[[source]]
id = "duong"
table = "road"
path = "data/duong.geojson"

[[source]]
id = "nuoc"
table = "water_supply"
path = "data/nuoc.geojson"

[[source]]
id = "dia_chi"
table = "address_point"
path = "data/dia_chi.csv"
"""


def write_workspace(folder: Path, *, kinds: tuple[str, ...] | None = None) -> Path:
    """The tiny province as a workspace of files; `kinds` limits the products."""
    data = folder / "data"
    data.mkdir(parents=True)
    config = CONFIG if kinds is None else CONFIG.replace("sample = true", f"sample = true\nproducts = {list(kinds)}")
    (folder / "ntmgis.toml").write_text(config, encoding="utf-8")
    made = snapshot()
    units = made.communes
    listed = units[["code", "name", "kind", "district_code", "district"]]
    listed.to_csv(data / "danh_muc.csv", index=False)
    units[["code", "name", "geometry"]].to_file(data / "xa.geojson")
    made.villages.astype({"ethnic_minority": "object", "households": "int64"}).to_file(data / "thon.geojson")
    status = pd.DataFrame(
        {
            "Mã xã": list(TIERS),
            "Xã": [CELLS[code][2] for code in TIERS],
            "Kết quả": ["Đạt chuẩn NTM", "NTM nâng cao", "Chưa đạt", "NTM kiểu mẫu"],
        }
    )
    status.to_csv(data / "ket_qua.csv", index=False)
    for name, layer in (("duong", "road"), ("nuoc", "water_supply")):
        made.layers[layer].drop(columns="source").to_file(data / f"{name}.geojson")
    made.addresses.to_csv(data / "dia_chi.csv", index=False)
    return folder
