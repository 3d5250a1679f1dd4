"""Times the map book and an A3 sheet of the sample province beside QGIS, all in one run, and prints a table.

    python benchmarks/book.py             # about five minutes with QGIS, one without
    python benchmarks/book.py --runs 1

Ours: `write_book` (every page with map, criteria, measures, trend, works, villages, links) and `write_sheet`. The peer
is a QGIS 3 atlas of the same layers on A4, one page for each commune: map with labels, locator, legend filtered to the
page, scale bar, north arrow, two tables of the commune (criteria, villages), title and sources; and its layout of the
province on A3. It needs PyQGIS of the system (Debian: python3-qgis, qgis-providers); where there is none only ours is
measured. Every job is a process of its own: "start" is what libraries take before anything is drawn, "draw" the rest;
peak memory is what Linux says of the process alone. Seconds depend on what else the machine does: look at the ratios.
"""

import argparse
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
from table import row

from ntmgis.monitor import last_period, monitoring_of
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import snapshot_of, take_in
from ntmgis.workspace import load_workspace

ROOT = Path(__file__).resolve().parents[1]
SYSTEM_PYTHON = "/usr/bin/python3"
QGIS_JOB = Path(__file__).with_name("book_qgis.py")

JOB = """
import json, pickle, re, sys, time
began = time.perf_counter()
from pathlib import Path
from ntmgis.show.paper import write_sheet
from ntmgis.show.paper.book_write import write_book
snapshot, facts, monitoring = pickle.loads(Path(sys.argv[1]).read_bytes())
start = time.perf_counter() - began
began, out, pages = time.perf_counter(), Path(sys.argv[3]), 1
if sys.argv[2] == "book":
    pages = write_book(snapshot, facts, out, monitoring=monitoring).pages
else:
    write_sheet(snapshot, facts, pdf=out, size="A3", villages=True)
draw = time.perf_counter() - began
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([start, draw, out.stat().st_size / 1e6, peak, pages]))
"""


def layers_for_peer(snapshot: Snapshot, path: Path) -> None:
    """Every layer and table of the page as a GeoPackage in the metric CRS."""
    crs = snapshot.metric_crs
    frames: dict[str, gpd.GeoDataFrame] = {"commune": snapshot.communes, "village": snapshot.villages}
    frames |= snapshot.layers
    if len(snapshot.districts):
        frames["district"] = snapshot.districts
    communes = snapshot.communes.merge(snapshot.commune_status[["code", "tier"]], on="code", how="left")
    frames["commune"] = communes
    for id_, frame in frames.items():
        plain = frame.to_crs(crs)
        for column in plain.columns:
            if column != "geometry" and plain[column].dtype == object:
                plain[column] = plain[column].astype(str)
        plain.to_file(path, layer=id_, driver="GPKG", GEOMETRY_NAME="geom")
    names = snapshot.communes[["code", "name"]]
    rows = pd.DataFrame(snapshot.criteria[["code", "criterion", "state"]]).merge(names, on="code")
    bare = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([0.0] * len(rows), [0.0] * len(rows)), crs=crs)
    bare.to_file(path, layer="criteria", driver="GPKG")


def peer_works() -> bool:
    """Whether the system's Python has QGIS."""
    command = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def measured(runs: int, *command: str) -> list[float]:
    """Medians of what the job tells: start, draw, MB, peak MB, pages."""
    told = []
    for _ in range(runs):
        environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()}
        of_peer = command[0] == SYSTEM_PYTHON
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment if of_peer else None
        )
        told.append(json.loads(done.stdout.splitlines()[-1]))
    return [statistics.median(column) for column in zip(*told, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--as-of", type=date.fromisoformat, default=None)
    wanted = parser.parse_args()
    taken = take_in(load_workspace(ROOT))
    day = wanted.as_of or taken.workspace.as_of
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=last_period(taken, day))
    with tempfile.TemporaryDirectory() as folder:
        figures, layers, out = (str(Path(folder) / name) for name in ("figures", "layers.gpkg", "out.pdf"))
        Path(figures).write_bytes(pickle.dumps((snapshot, facts, monitoring)))
        print(f"{'':34} {'pages':>6} {'start s':>8} {'draw s':>8} {'s a page':>9} {'MB':>7} {'peak MB':>8}")
        found = {}
        for job in ("book", "sheet"):
            found[job, "ours"] = measured(wanted.runs, sys.executable, "-c", JOB, figures, job, out)
        if peer_works():
            layers_for_peer(snapshot, Path(layers))
            relief = str(snapshot.rasters.get("terrain", ""))
            for job in ("book", "sheet"):
                command = (SYSTEM_PYTHON, str(QGIS_JOB), layers, relief, snapshot.metric_crs, job, out)
                found[job, "QGIS"] = measured(1, *command)
        names = {"book": "map book A4", "sheet": "province A3"}
        for (job, who), (start, draw, size, peak, pages) in sorted(found.items()):
            name, each = f"{names[job]}, {who}", draw / pages
            print(f"{name:34} {pages:6.0f} {start:8.2f} {draw:8.2f} {each:9.3f} {size:7.2f} {peak:8.0f}")
        print()
        _, draw, size, peak, _ = found["book", "ours"]
        row("map book A4: drawn", draw, "s", "≤ 30")
        row("map book A4: size", size, "MB", "≤ 25")
        row("map book A4: peak memory", peak, "MB", "≤ 1000")
        for job, name in names.items():
            if (job, "QGIS") in found:
                ours, theirs = found[job, "ours"], found[job, "QGIS"]
                time_ratio = (theirs[1] / theirs[4]) / (ours[1] / ours[4])
                size_ratio = (theirs[2] / theirs[4]) / (ours[2] / ours[4])
                row(f"{name}: QGIS takes for a page", time_ratio, "x", "≥ 2" if job == "book" else "≥ 1")
                row(f"{name}: QGIS writes for a page", size_ratio, "x", "≥ 2" if job == "sheet" else "")


if __name__ == "__main__":
    main()
