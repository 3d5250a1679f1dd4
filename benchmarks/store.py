"""Times the store with ten years of quarterly data against plain geopandas and pyogrio, all in one run.

    python benchmarks/store.py            # about half a minute
    python benchmarks/store.py --runs 5

The rows: 102 communes with a tier and 19 criteria each quarter of ten years, 870 villages with a status each quarter,
and 150,000 digital addresses. Ours and the peer take turns, so that a drift of the machine hits both; the ratio is
taken pair by pair. A machine under other load gives other seconds, so look at the ratios.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely.geometry import Point, box
from table import row

from ntmgis.store.base import Import
from ntmgis.store.geopackage import Store
from ntmgis.store.take import take_snapshot
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import reference_units
from ntmgis.workspace import Province, Source, Workspace

OLD = EPOCHS[0]
QUARTERS = [day.date() for day in pd.date_range("2015-09-30", "2025-06-30", freq="QE")]
TABLES = ("unit_list", "unit", "village", "commune_status", "village_status", "address_point")
EMPTY = pd.DataFrame()


def add(store: Store, table: str, frame: pd.DataFrame, day: date | None = None) -> Import:
    return store.add(
        frame,
        source_id=table,
        table_id=table,
        epoch=OLD.id,
        as_of=day,
        key=f"{table} {day}",
        file=f"{table}.csv",
        sha256="",
        rows_in=len(frame),
        quarantine=EMPTY,
        matches=EMPTY,
        matched={},
    )


def fill(store: Store, chance: np.random.Generator) -> list[str]:
    """Ten years of quarters; the codes of the villages."""
    units = reference_units(OLD)
    count = len(units)
    cells = [box(107 + i % 10 / 10, 14 + i // 10 / 10, 107.1 + i % 10 / 10, 14.1 + i // 10 / 10) for i in range(count)]
    add(store, "unit_list", units[["code", "name", "kind", "district_code", "district"]])
    add(store, "unit", gpd.GeoDataFrame(units[["code"]], geometry=cells, crs=4326))
    communes = [units["code"][i % count] for i in range(870)]
    villages = [f"{code}-{i:03d}" for i, code in enumerate(communes)]
    places = [Point(107 + chance.random(), 14 + chance.random()) for _ in villages]
    named = {"code": villages, "name": "Thôn", "commune_code": communes}
    add(store, "village", gpd.GeoDataFrame(named, geometry=places, crs=4326))
    states = np.array(["met", "not_met", "not_assessed"], dtype=object)
    tiers = np.array(["not_yet", "ntm", "advanced"], dtype=object)
    for day in QUARTERS:
        told = {f"tc{n}": chance.choice(states, count) for n in range(1, 20)}
        told |= {"code": units["code"], "tier": chance.choice(tiers, count), "criteria_set": "2021-2025"}
        add(store, "commune_status", pd.DataFrame(told).assign(as_of=pd.Timestamp(day)), day)
        model = pd.array(chance.random(len(villages)) < 0.3, dtype="boolean")
        flags = pd.DataFrame({"village_code": villages, "model": model, "as_of": pd.Timestamp(day)})
        add(store, "village_status", flags, day)
    return villages


def addresses(count: int, villages: list[str], chance: np.random.Generator) -> pd.DataFrame:
    number = pd.Series(range(count)).astype(str).str.zfill(7)
    days = pd.Timestamp(2024, 1, 1) + pd.to_timedelta(chance.integers(0, 500, count), unit="D")
    return pd.DataFrame(
        {
            "row": range(2, count + 2),
            "id": "H" + number,
            "address": "235" + number,
            "kind": "household",
            "has_code": pd.array(chance.random(count) < 0.9, dtype="boolean"),
            "notified_on": days,
            "plated_on": pd.Series(days).where(chance.random(count) < 0.5),
            "village_code": chance.choice(np.array(villages, dtype=object), count),
            "lon": 107 + chance.random(count),
            "lat": 14 + chance.random(count),
        }
    )


def workspace(root: Path) -> Workspace:
    sources = tuple(Source(id=table, table=table, path=root / table) for table in TABLES)
    province = Province("62", "Tỉnh Kon Tum")
    return Workspace(root, province, QUARTERS[-1], "EPSG:9216", sources, periods=tuple(QUARTERS))


def pair(name: str, ours: Callable[[], object], theirs: Callable[[], object], peer: str, runs: int) -> float:
    """Prints medians and the ratio ours : peer; the slowest of ours."""
    a: list[float] = []
    b: list[float] = []
    for _ in range(runs):
        for job, times in ((ours, a), (theirs, b)):
            start = time.perf_counter()
            job()
            times.append(time.perf_counter() - start)
    ratio = statistics.median(x / y for x, y in zip(a, b, strict=True))
    print(f"{name:52} {statistics.median(a):8.3f} {statistics.median(b):8.3f} {ratio:7.2f}x  {peer}")
    return max(a)


def read_all(path: Path) -> None:
    for layer in pyogrio.list_layers(path)[:, 0]:
        pyogrio.read_dataframe(path, layer=layer, use_arrow=True)


def run(folder: Path, runs: int) -> None:
    chance = np.random.default_rng(305)
    path = folder / "store.gpkg"
    store = Store(path)
    villages = fill(store, chance)
    many = addresses(150_000, villages, chance)
    base, other = folder / "base.gpkg", folder / "peer.gpkg"
    shutil.copy(path, base)
    plain = gpd.GeoDataFrame(many, geometry=gpd.points_from_xy(many["lon"], many["lat"]), crs=4326)

    def import_addresses() -> None:
        shutil.copy(base, path)
        add(Store(path), "address_point", many, date(2025, 6, 30))

    def write_points() -> None:
        other.unlink(missing_ok=True)
        plain.to_file(other, driver="GPKG")

    def write_table() -> None:
        other.unlink(missing_ok=True)
        pyogrio.write_dataframe(many, other)

    print(f"{'':52} {'ours s':>8} {'peer s':>8} {'ratio':>8}  peer")
    writing = max(
        pair("import of 150,000 addresses", import_addresses, write_table, "pyogrio, plain table, no memory", runs),
        pair("", import_addresses, write_points, "geopandas to_file with points", runs),
    )
    newest = [made for made in store.log() if made.table_id == "address_point"]
    home = workspace(folder)
    slowest = 0.0
    for day in (QUARTERS[0], date(2020, 5, 17), QUARTERS[-1]):
        title = f"snapshot of {day}, {len(store.log())} imports"
        told = pair(
            title,
            lambda day=day: take_snapshot(Store(path), home, day),
            lambda: read_all(path),
            "pyogrio, every layer",
            runs,
        )
        slowest = max(slowest, told)
    pair(
        "the addresses alone",
        lambda: Store(path).rows("address_point", newest),
        lambda: pyogrio.read_dataframe(path, layer="t_address_point", use_arrow=True),
        "pyogrio, that layer",
        runs,
    )
    print()
    row("slowest import of 150,000 addresses", writing, "s", "≤ 10")
    row("slowest snapshot", slowest, "s", "≤ 1")
    row("store file", path.stat().st_size / 1e6, "MB")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=3)
    runs = arguments.parse_args().runs
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {runs} runs\n")
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), runs)


if __name__ == "__main__":
    main()
