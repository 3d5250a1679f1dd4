"""Small frames for a store, and one call that adds them; shared by the tests of every back-end."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from ntmgis.store.base import Import, Store

EMPTY = pd.DataFrame()
EPOCH = "until-2025-06-30"

HOSTILE = (
    "'; DROP TABLE imports; --",
    '"',
    '";--',
    "`t_road`",
    "a\0b",
    "\0",
    "\uf8f00000",
    "<script>alert(1)</script>",
    "\u202eabc\u202c",
    "a\nb\r\tc",
    "%s {0} ?1 :x",
    "__proto__",
    "Đắk Glei",
    "e\u0301",
    "𝔘\U0010ffff",
    "x" * 10_240,
)


def status(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"row": [2, 3], "code": ["10001", "10002"], "tier": ["ntm", "not_yet"], **columns})


def roads(*ids: str) -> gpd.GeoDataFrame:
    line = LineString([(107.6, 14.5), (107.7, 14.5)])
    frame = {"row": range(1, len(ids) + 1), "id": ids, "class": "village"}
    return gpd.GeoDataFrame(frame, geometry=[line] * len(ids), crs="EPSG:4326")


def villages(count: int) -> gpd.GeoDataFrame:
    """Points and polygons in turn."""
    shapes = [
        Point(107 + i / 1e4, 14) if i % 2 else box(107 + i / 1e4, 14, 107 + i / 1e4 + 1e-4, 14.1) for i in range(count)
    ]
    frame = {"row": range(1, count + 1), "code": [f"10001-{i:05d}" for i in range(count)], "name": "Thôn"}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def quarantined(value: str = "??") -> pd.DataFrame:
    return pd.DataFrame(
        [{"file": "a.csv", "row": 4, "column": "Kết quả", "value": value, "code": "E-X", "rule": "r", "action": "a"}]
    )


def matched(name: str = "Hà Mòn") -> pd.DataFrame:
    return pd.DataFrame([{"row": 2, "given_name": name, "status": "matched", "how": "code", "code": "23521"}])


def add(store: Store, frame: pd.DataFrame, table: str = "commune_status", **changes: object) -> Import:
    facts: dict[str, object] = {
        "source_id": "s",
        "table_id": table,
        "epoch": EPOCH,
        "as_of": date(2025, 6, 30),
        "key": "k",
        "file": "a.csv",
        "sha256": "0",
        "rows_in": len(frame),
        "quarantine": EMPTY,
        "matches": EMPTY,
        "matched": {"code": len(frame)},
    }
    return store.add(frame, **{**facts, **changes})


def content(store: Store) -> list[object]:
    """Everything a store says, in plain values that compare: the log, and of each import its rows and reports."""
    told: list[object] = []
    for made in store.log():
        parts = [store.rows(made.table_id, [made]), store.quarantine([made]), store.matches([made])]
        told.append((made, [_plain(part) for part in parts]))
    return told


def _plain(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    if isinstance(frame, gpd.GeoDataFrame):
        frame = pd.DataFrame(frame.drop(columns="geometry")).assign(geometry=frame.geometry.to_wkb())
    boxed = frame.astype(object)
    return [tuple(row) for row in np.where(boxed.isna(), None, boxed).tolist()]
