"""Times `ntmgis build` and its parts against peers, all in one run, and prints a table of medians and ratios.

    python benchmarks/build.py            # about three minutes
    python benchmarks/build.py --runs 5

Whole commands run as processes of their own on a copy of the sample workspace; their peak memory is what the
operating system reports for the process. Parts run in this process on the sample's own data. Nothing here is a test:
a machine under other load gives other seconds, so look at the ratios.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
from households import load
from table import row

from ntmgis.measure.access import served_by
from ntmgis.measure.locate import assign
from ntmgis.measure.nearest import distances
from ntmgis.show.web.page import write_status_page
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import open_snapshot

ROOT = Path(__file__).resolve().parents[1]


def process(*command: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one command; compiled modules are kept, as Python does unless told not to."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    child = os.posix_spawn(
        command[0],
        command,
        {**kept, "NTMGIS_LANG": "en"},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def commands(runs: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        shutil.copytree(ROOT / "data", home / "data")
        shutil.copy(ROOT / "ntmgis.toml", home)
        cli = [sys.executable, "-m", "ntmgis.cli"]

        def cold() -> tuple[float, float]:
            for name in ("maps", "store"):
                shutil.rmtree(home / name, ignore_errors=True)
            return process(*cli, "build", "-q", "-w", str(home))

        jobs: dict[str, Callable[[], tuple[float, float]]] = {
            "full build of the sample, cold": cold,
            "build again, nothing changed": lambda: process(*cli, "build", "-q", "-w", str(home)),
            "ntmgis --help": lambda: process(*cli, "--help"),
            "import ntmgis": lambda: process(sys.executable, "-c", "import ntmgis"),
            "python, nothing else": lambda: process(sys.executable, "-c", "pass"),
        }
        goals = {
            "full build of the sample, cold": "≤ 30",
            "build again, nothing changed": "≤ 2",
            "ntmgis --help": "≤ 0.5",
            "import ntmgis": "≤ 0.5",
        }
        for name, job in jobs.items():
            told = [job() for _ in range(runs)]
            seconds = [one[0] for one in told]
            row(name, statistics.median(seconds), "s", goals.get(name, ""))
            if name.startswith("full build"):  # of a small process Linux tells what this one had at the fork
                row(f"{name}: peak memory", max(one[1] for one in told), "MB", "≤ 1000")


def pair(name: str, ours: Callable[[], object], theirs: Callable[[], object], peer: str, runs: int) -> None:
    """The two in turn, so that a drift of the machine hits both; the ratio is taken pair by pair."""
    a, b = [], []
    for _ in range(runs):
        for job, times in ((ours, a), (theirs, b)):
            start = time.perf_counter()
            job()
            times.append(time.perf_counter() - start)
    ratio = statistics.median(y / x for x, y in zip(a, b, strict=True))
    print(f"{name:42} {statistics.median(a):9.3f} {statistics.median(b):9.3f} {ratio:8.1f}x  {peer}")


def folium_page(snapshot: Snapshot, path: Path) -> None:
    """What folium alone makes of the communes, roads, water supply and waste points."""
    page = folium.Map(location=[14.6, 107.9], zoom_start=9, tiles=None)
    communes = snapshot.communes.drop(columns=["declared_km2"])
    folium.GeoJson(communes, tooltip=folium.GeoJsonTooltip(["name"])).add_to(page)
    for id_ in ("road", "water_supply", "waste_point"):
        frame = snapshot.layers[id_][["id", "geometry"]]
        folium.GeoJson(frame, marker=folium.CircleMarker(radius=3)).add_to(page)
    page.save(str(path))


def parts(runs: int) -> None:
    snapshot, facts = open_snapshot(ROOT)
    communes = snapshot.communes.to_crs(snapshot.metric_crs)
    located = snapshot.addresses.dropna(subset=["lon", "lat"])
    points = gpd.GeoSeries.from_xy(located["lon"], located["lat"], crs=4326).to_crs(snapshot.metric_crs)
    frame = gpd.GeoDataFrame(geometry=points)
    x, y = points.x.to_numpy(), points.y.to_numpy()
    polygons = communes.geometry.to_numpy()
    road_frame = served_by("road", snapshot.layers["road"].to_crs(snapshot.metric_crs))
    roads = road_frame.geometry.to_numpy()

    mine, peer = distances(x, y, roads), shapely.distance(shapely.points(x[:200], y[:200]), shapely.union_all(roads))
    assert np.allclose(mine[:200], peer), "nearest distances differ from shapely's"
    print(f"\n{f'{len(x):,} addresses':42} {'ours s':>9} {'peer s':>9} {'ratio':>9}  peer")
    pair(
        "which commune each address lies in",
        lambda: assign(x, y, polygons),
        lambda: gpd.sjoin(frame, communes[["code", "geometry"]], predicate="intersects"),
        "geopandas.sjoin intersects",
        runs,
    )
    pair(
        "distance to the nearest road",
        lambda: distances(x, y, roads),
        lambda: gpd.sjoin_nearest(frame, road_frame[["geometry"]], distance_col="d"),
        "geopandas.sjoin_nearest",
        runs,
    )
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch) / "a.html", Path(scratch) / "b.html"
        pair(
            "the whole status page",
            lambda: write_status_page(snapshot, facts, ours),
            lambda: folium_page(snapshot, theirs),
            "folium.GeoJson, fewer layers, needs a network",
            runs,
        )
        size = ours.stat().st_size, theirs.stat().st_size
        print(f"{'its size in kB':42} {size[0] / 1000:9.0f} {size[1] / 1000:9.0f} {size[1] / size[0]:8.1f}x")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=3)
    runs = arguments.parse_args().runs
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {runs} runs, load {load()}\n")
    commands(runs)
    parts(runs)
    print(f"load {load()}")


if __name__ == "__main__":
    main()
