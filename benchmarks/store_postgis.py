"""Times the store in a PostGIS database beside the one in a GeoPackage: one large import, reading, ten years, a copy.

    python benchmarks/store_postgis.py            # about two minutes

Starts a PostgreSQL of its own in a temporary folder, with the server's usual settings (every commit goes to the disk).
Budgets: an import of 150,000 addresses within 10 s; what is known on any day of ten years of quarters within 1 s.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from shapely import box
from table import row

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from postgis_server import Server, programs  # noqa: E402 - the tests' own server

from ntmgis.store.base import Import, Store  # noqa: E402
from ntmgis.store.copy import copy_store  # noqa: E402
from ntmgis.store.geopackage import Store as GeoPackageStore  # noqa: E402
from ntmgis.store.postgis import PostgisStore  # noqa: E402
from ntmgis.store.take import take_snapshot  # noqa: E402
from ntmgis.workspace import Province, Source, Workspace  # noqa: E402

ADDRESSES = 150_000
QUARTERS = [date(year, month, 28) for year in range(2015, 2025) for month in (3, 6, 9, 12)]
CODES = [f"{20_000 + i}" for i in range(102)]


def addresses() -> pd.DataFrame:
    dice = np.random.default_rng(305)
    days = pd.Timestamp(2024, 1, 1) + pd.to_timedelta(dice.integers(0, 500, ADDRESSES), unit="D")
    return pd.DataFrame(
        {
            "row": np.arange(ADDRESSES) + 2,
            "id": [f"H{i:07}" for i in range(ADDRESSES)],
            "address": [f"{i:010}" for i in range(ADDRESSES)],
            "kind": "household",
            "has_code": pd.array(dice.random(ADDRESSES) < 0.8, dtype="boolean"),
            "notified_on": pd.Series(days).where(dice.random(ADDRESSES) < 0.6),
            "plated_on": pd.Series(days).where(dice.random(ADDRESSES) < 0.4),
            "village_code": "23521-03",
            "lon": 107 + dice.random(ADDRESSES),
            "lat": 14 + dice.random(ADDRESSES),
        }
    )


def add(store: Store, table: str, frame: pd.DataFrame, day: date | None = None) -> Import:
    return store.add(
        frame,
        source_id=table,
        table_id=table,
        epoch="until-2025-06-30",
        as_of=day,
        key=str(day),
        file=f"{table}.csv",
        sha256="",
        rows_in=len(frame),
        quarantine=pd.DataFrame(),
        matches=pd.DataFrame(),
        matched={},
    )


def fill(store: Store, homes: pd.DataFrame) -> None:
    """Boundaries, addresses, and forty quarters of statuses with all criteria."""
    squares = [box(107 + i % 12 / 10, 14 + i // 12 / 10, 107.1 + i % 12 / 10, 14.1 + i // 12 / 10) for i in range(102)]
    names = [f"Xã {code}" for code in CODES]
    units = {"code": CODES, "name": names, "kind": "xã", "district_code": "901", "district": "Huyện Mẫu"}
    add(store, "unit_list", pd.DataFrame(units))
    add(store, "unit", gpd.GeoDataFrame({"code": CODES, "name": names}, geometry=squares, crs="EPSG:4326"))
    add(store, "address_point", homes, date(2024, 12, 28))
    states = {f"tc{n}": "met" for n in range(1, 20)}
    for day in QUARTERS:
        add(store, "commune_status", pd.DataFrame({"code": CODES, "tier": "ntm", **states}), day)


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL with PostGIS is not on this machine (Debian: apt-get install postgresql-postgis)")
    home, files = (Path(tempfile.mkdtemp(prefix="ntmgis-bench-")) for _ in range(2))
    server = Server(folder, home, fsync=True)
    try:
        server.make()
        url = server.url(server.database())
        measure(url, files)
    finally:
        server.stop()
        for made in (home, files):
            shutil.rmtree(made, ignore_errors=True)


def measure(url: str, files: Path) -> None:
    homes = addresses()
    tables = ("unit_list", "unit", "commune_status", "address_point")
    workspace = Workspace(
        files,
        Province("90", "Tỉnh Mẫu"),
        date(2024, 12, 31),
        "EPSG:9216",
        tuple(Source(id=one, table=one, path=files / one) for one in tables),
        periods=tuple(QUARTERS[3::4]),
    )
    rows: list[tuple[str, float, float]] = []
    stores: list[Store] = [GeoPackageStore(files / "a.gpkg"), PostgisStore(url)]
    with psycopg.connect(url, autocommit=True) as asked:
        # Made ready before, as in every import but the first.
        for store in stores:
            add(store, "unit_list", pd.DataFrame({"code": ["1"], "name": ["A"]}))
        times = [seconds(lambda store=store: add(store, "address_point", homes)) for store in stores]
        rows.append((f"import {ADDRESSES:,} addresses", *times))
        made = [store.log()[-1] for store in stores]
        times = [seconds(lambda s=s, m=m: s.rows("address_point", [m])) for s, m in zip(stores, made, strict=True)]
        rows.append((f"read {ADDRESSES:,} addresses", *times))
        stores = [GeoPackageStore(files / "b.gpkg"), PostgisStore(url, "years")]
        rows.append(("43 imports, ten years of quarters", *(seconds(lambda s=s: fill(s, homes)) for s in stores)))
        for day in (date(2016, 1, 1), date(2024, 12, 31)):
            times = [seconds(lambda s=s, day=day: take_snapshot(s, workspace, day)) for s in stores]
            rows.append((f"snapshot of {day}", *times))
        copies: list[Store] = [GeoPackageStore(files / "c.gpkg"), PostgisStore(url, "copied")]
        times = [seconds(lambda s=s, t=t: copy_store(s, t)) for s, t in zip(stores[::-1], copies, strict=True)]
        rows.append(("copy all of it into", *times))
        size = asked.execute(sql.SQL("SELECT pg_database_size(current_database()) / 1e6")).fetchone()
    for name, one, other in rows:
        goal = "≤ 10" if name.startswith("import") else "≤ 1" if name.startswith("snapshot") else ""
        row(f"{name}, GeoPackage", one, "s", goal)
        row(f"{name}, PostGIS", other, "s", goal)
    row("database", 0.0 if size is None else size[0], "MB")


if __name__ == "__main__":
    main()
