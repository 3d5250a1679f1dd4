"""Times and weighs the page of households against folium's own ways, all in one run, and prints medians.

    python benchmarks/households.py                 # about ten minutes
    python benchmarks/households.py --runs 3 --only 150000

The objects are those of the sample workspace; where more are asked for, copies of them are moved by some 30 m and get
other numbers. "usable" is from the start of the navigation to the second frame after the last layer was drawn; before,
nothing is asked of a page. The floor is the same of a page with one word on it: what the browser takes for itself and
two frames. Memory is the growth of all browser processes over an empty page. folium's pages get their scripts from
local copies (npm) beside them, and none of those that the points do not need, so that no network is in their times.
Nothing here is a test: look at the ratios, and at the load printed above them.
"""

import argparse
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
from folium.plugins import FastMarkerCluster
from playwright.sync_api import Browser, Page, sync_playwright
from table import row

from ntmgis.show.web.folder import write_households_folder
from ntmgis.show.web.households import write_households_page
from ntmgis.show.web.households_data import register
from ntmgis.show.web.points import Points, encode_points
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import open_snapshot

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
# The least that a page can be: a word, and the mark at the second frame.
FLOOR = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>.</title></head><body><p>ntmgis</p><script>
requestAnimationFrame(() => requestAnimationFrame(() => {
  document.documentElement.dataset.ready = String(Math.round(performance.now())); }));
</script></body></html>
"""
PEERS = ("leaflet.markercluster@1.5.3", "leaflet.awesome-markers@2.0.5", "jquery@3.7.1")
# When a page of folium is drawn: what it shows is there, and two frames have passed.
DRAWN = {
    "cluster": "document.readyState === 'complete' && document.querySelector('.marker-cluster')",
    "canvas": "document.readyState === 'complete' && document.querySelector('canvas.leaflet-zoom-animated')",
    "geojson": "document.readyState === 'complete' && document.querySelector('path.leaflet-interactive')",
}
_WATCH = """
const look = () => { if (%s) requestAnimationFrame(() => requestAnimationFrame(() => {
  document.documentElement.dataset.ready = String(Math.round(performance.now())); }));
  else setTimeout(look, 10); };
look();
"""
_PAN = """async (map) => {
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const took = [];
  for (let i = 0; i < 24; i++) {
    await frames();
    const start = performance.now();
    map.panBy([i % 2 ? 140 : -140, i % 3 ? 60 : -60], { animate: false });
    await frames();
    took.push(performance.now() - start);
  }
  return took;
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one opening of a page showed."""

    usable_ms: float
    grown_mb: float
    pan_ms: list[float]


def more(snapshot: Snapshot, count: int, *, communes: int | None = None) -> Snapshot:
    """The snapshot with exactly `count` located objects, in the first `communes` communes (None: all)."""
    rng = np.random.default_rng(305)
    base = snapshot.addresses.dropna(subset=["lon", "lat"])
    if communes:
        homes = snapshot.villages.set_index("code")["commune_code"]
        keep = sorted(set(homes))[:communes]
        base = base[base["village_code"].map(homes).isin(keep)]
    rows = np.arange(count) % len(base)
    copied = np.arange(count) >= len(base)
    made = base.iloc[rows].reset_index(drop=True)
    shift = rng.normal(0, 0.0003, (count, 2)) * copied[:, None]
    made["lon"] += shift[:, 0]
    made["lat"] += shift[:, 1]
    numbers = pd.Series([f"{n:05d}" for n in rng.integers(0, 100_000, count)])
    made["address"] = made["address"].where(~copied | made["address"].isna(), made["address"].str[:5] + numbers)
    made["id"] = [f"H{n:08d}" for n in range(count)]
    return replace(snapshot, addresses=made)


def geojson_page(snapshot: Snapshot, path: Path) -> None:
    """Every object as a circle of folium.GeoJson, with the same attributes as ours."""
    frame = snapshot.addresses
    features = [
        {
            "type": "Feature",
            "properties": {"address": a or "", "kind": k, "has_code": c, "notified": n, "plated": p},
            "geometry": {"type": "Point", "coordinates": [x, y]},
        }
        for a, k, c, n, p, x, y in zip(*_columns(frame), strict=True)
    ]
    page = folium.Map(location=[14.6, 107.9], zoom_start=9, tiles=None)
    data = {"type": "FeatureCollection", "features": features}
    folium.GeoJson(data, marker=folium.CircleMarker(radius=2)).add_to(page)
    page.save(str(path))


def cluster_page(snapshot: Snapshot, path: Path, *, chunked: bool) -> None:
    """The same objects in folium's FastMarkerCluster, the fastest that folium has for points.

    By default the page stands still until all markers are made; `chunked` lets it answer in between and takes longer.
    """
    rows = [[y, x, a or "", k, c, n, p] for a, k, c, n, p, x, y in zip(*_columns(snapshot.addresses), strict=True)]
    page = folium.Map(location=[14.6, 107.9], zoom_start=9, tiles=None)
    page.options["maxZoom"] = 19  # markercluster refuses a map without one
    FastMarkerCluster(rows, chunkedLoading=chunked).add_to(page)
    page.save(str(path))


def _columns(frame: pd.DataFrame) -> tuple[list[Any], ...]:
    code = frame["has_code"].astype(object).where(frame["has_code"].notna(), None).tolist()
    address = frame["address"].astype(object).where(frame["address"].notna(), None).tolist()
    done = (frame[name].notna().astype(int).tolist() for name in ("notified_on", "plated_on"))
    return (
        address,
        frame["kind"].tolist(),
        code,
        *done,
        frame["lon"].round(6).tolist(),
        frame["lat"].round(6).tolist(),
    )


def memory() -> float:
    """Resident megabytes of all processes that this one started."""
    children: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text()
            pages = int((entry / "statm").read_text().split()[1])
        except OSError:  # gone meanwhile
            continue
        parent = int(text.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(entry.name))
        resident[int(entry.name)] = pages
    todo, total = list(children.get(os.getpid(), [])), 0
    while todo:
        one = todo.pop()
        total += resident[one]
        todo += children.get(one, [])
    return total * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            yield made
        finally:
            made.close()


def look(path: Path, *, slow: int = 1, drawn: str | None = None, pan: bool = True) -> Seen:
    """Open a page in a fresh browser."""
    with browser() as chromium:
        context = chromium.new_context(viewport={"width": 1400, "height": 900})
        page = context.new_page()
        page.goto("about:blank")
        page.wait_for_timeout(400)
        before = memory()
        if drawn:
            page.add_init_script(_WATCH % DRAWN[drawn])
        if slow > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slow})
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_timeout(1000 * slow)  # asking the page anything takes time from it
        page.wait_for_selector("html[data-ready]", timeout=180_000)
        usable = float(page.evaluate("document.documentElement.dataset.ready"))
        page.wait_for_timeout(500)
        grown = memory() - before
        took = _pan(page) if pan else []
        return Seen(usable, grown, took)


def _pan(page: Page) -> list[float]:
    handle = page.evaluate_handle(
        "globalThis.ntmgis?.page?.map ?? Object.values(globalThis).find((one) => globalThis.L && one instanceof L.Map)"
    )
    return list(page.evaluate(_PAN, handle))


def peer_assets(scratch: Path) -> dict[str, Path]:
    """Local copies of what folium's pages ask for, longest beginning first."""
    command = [
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(scratch),
        *PEERS,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    modules = scratch / "node_modules"
    cluster = modules / "leaflet.markercluster" / "dist"
    return {
        "leaflet.markercluster": cluster / "leaflet.markercluster.js",
        "MarkerCluster.Default": cluster / "MarkerCluster.Default.css",
        "MarkerCluster": cluster / "MarkerCluster.css",
        "leaflet.awesome-markers": modules / "leaflet.awesome-markers" / "dist" / "leaflet.awesome-markers.js",
        "jquery": modules / "jquery" / "dist" / "jquery.min.js",
        "leaflet.js": ROOT / "web" / "node_modules" / "leaflet" / "dist" / "leaflet.js",
        "leaflet.css": ROOT / "web" / "node_modules" / "leaflet" / "dist" / "leaflet.css",
    }


def middle(seen: list[Seen], of: Callable[[Seen], float]) -> float:
    return statistics.median(of(one) for one in seen)


def panning(seen: list[Seen]) -> tuple[float, float, float]:
    """Median and 95th percentile of a jump, and the share of jumps that took more than two frames."""
    took = [one for run in seen for one in run.pan_ms]
    late = sum(one > 42 for one in took) / len(took)
    return statistics.median(took), float(np.percentile(took, 95)), 100 * late


def load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def one_file(
    snapshot: Snapshot, count: int, scratch: Path, runs: int, goals: dict[str, str]
) -> tuple[Path, list[Seen]]:
    many = more(snapshot, count)
    path = scratch / f"{count}.html"
    start = time.perf_counter()
    write_households_page(many, path)
    wrote = time.perf_counter() - start
    points = register(many).points
    bare = np.zeros(count, dtype=np.int64)
    geometry = len(encode_points(Points(points.x, points.y, bare, bare, bare - 1, np.full(count, None, dtype=object))))
    print(f"\n{count:,} households, one file (load {load()})")
    row("file", path.stat().st_size / 1e6, "MB", goals.get("file", ""))
    row("file, gzip", len(gzip.compress(path.read_bytes(), 6)) / 1e6, "MB")
    row("geometry", geometry / count, "B/pt", "<= 2.5")
    row("written in", wrote, "s")
    seen = [look(path) for _ in range(runs)]
    row("usable, median", middle(seen, lambda one: one.usable_ms) / 1000, "s", goals.get("usable", ""))
    row("usable, best", min(one.usable_ms for one in seen) / 1000, "s")
    empty, floor = scratch / "empty.html", scratch / "floor.html"
    write_households_page(more(snapshot, 1), empty)
    floor.write_text(FLOOR, encoding="utf-8")
    alone = [look(empty) for _ in range(runs)]
    row("the same page with one object: usable, median", middle(alone, lambda one: one.usable_ms) / 1000, "s")
    bare_seen = [look(floor, pan=False) for _ in range(runs)]
    row("floor, a page with one word: usable, median", middle(bare_seen, lambda one: one.usable_ms) / 1000, "s")
    row("browser memory, median growth", middle(seen, lambda one: one.grown_mb), "MB", goals.get("memory", ""))
    typical, worst, late = panning(seen)
    row("pan, median (two frames are 33.3)", typical, "ms")
    row("pan, 95th percentile", worst, "ms")
    row("pans that missed a frame", late, "%", "0")
    typical, worst, late = panning(alone)
    row("the same page with one object: pan, median", typical, "ms")
    row("the same page with one object: pan, 95th percentile", worst, "ms")
    row("the same page with one object: pans that missed a frame", late, "%")
    slow = [look(path, slow=4, pan=False) for _ in range(runs)]
    row(
        "usable with the CPU slowed 4x, median",
        middle(slow, lambda one: one.usable_ms) / 1000,
        "s",
        goals.get("slow", ""),
    )
    return path, seen


def peers(snapshot: Snapshot, ours: Path, seen: list[Seen], count: int, scratch: Path, runs: int) -> None:
    many = more(snapshot, count)
    try:
        assets = peer_assets(scratch / "npm")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"  peers left out: their scripts cannot be fetched ({error})")
        return
    from page_timing import local_copy  # it takes the browser from here

    mine = middle(seen, lambda one: one.usable_ms)
    size = ours.stat().st_size
    floor = scratch / "floor.html"
    print(f" against folium (load {load()})")
    for name, chunked in (("FastMarkerCluster", False), ("FastMarkerCluster in chunks", True)):
        cluster = scratch / f"cluster-{chunked}.html"
        cluster_page(many, cluster, chunked=chunked)
        row(f"{name}: file", cluster.stat().st_size / 1e6, "MB")
        copy = local_copy(cluster, assets)
        # In turn with ours, so that a drift of the machine hits all.
        turns = [(look(floor, pan=False), look(ours, pan=False), look(copy, drawn="cluster")) for _ in range(runs)]
        theirs = [one for _, _, one in turns]
        ratio = statistics.median(other.usable_ms / one.usable_ms for _, one, other in turns)
        over = statistics.median(
            (other.usable_ms - least.usable_ms) / (one.usable_ms - least.usable_ms) for least, one, other in turns
        )
        row(f"{name}: usable, median", middle(theirs, lambda one: one.usable_ms) / 1000, "s")
        row(f"{name}: memory", middle(theirs, lambda one: one.grown_mb), "MB")
        row(f"{name}: pan, median", panning(theirs)[0], "ms")
        row(f"ours sooner than {name}, turn by turn", ratio, "x", ">= 15")
        row("the same above the floor of both", over, "x")
    geojson = scratch / "geojson.html"
    geojson_page(many, geojson)
    row("GeoJson: file", geojson.stat().st_size / 1e6, "MB")
    told = look(local_copy(geojson, assets), drawn="geojson", pan=False)
    row("GeoJson: usable, one run", told.usable_ms / 1000, "s")
    row("GeoJson: memory, one run", told.grown_mb, "MB")
    row("ours smaller than GeoJson", geojson.stat().st_size / size, "x", ">= 25")
    row("ours sooner than GeoJson", told.usable_ms / mine, "x")


def in_folder(snapshot: Snapshot, count: int, scratch: Path, runs: int) -> None:
    many = more(snapshot, count, communes=96)
    start = time.perf_counter()
    path = write_households_folder(many, scratch / "folder")
    wrote = time.perf_counter() - start
    scripts = list((path.parent / "data").iterdir())
    print(f"\n{count:,} households, folder of {len(scripts)} communes (load {load()})")
    row("page", path.stat().st_size / 1e6, "MB")
    row("all scripts", sum(one.stat().st_size for one in scripts) / 1e6, "MB")
    row("written in", wrote, "s")
    seen = [look(path, pan=False) for _ in range(runs)]
    row("first view, median", middle(seen, lambda one: one.usable_ms) / 1000, "s", "<= 1")
    row("browser memory at first view", middle(seen, lambda one: one.grown_mb), "MB")
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.wait_for_timeout(400)
        before = memory()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        most = [0.0, 0.0]  # on the first way through all communes, and on a second one
        for way in range(2):
            for commune in page.evaluate("ntmgis.page.model.meta.parts.map((part) => part.commune)"):
                page.evaluate("(index) => ntmgis.page.app.go({ kind: 'commune', index })", commune)
                page.wait_for_timeout(250)
                most[way] = max(most[way], memory() - before)
        held = page.evaluate("[...ntmgis.page.app.parts.loaded.values()].reduce((sum, one) => sum + one.count, 0)")
        row("objects held after two visits to every commune", held, "", "<= 150,000")
        row("most browser memory on the first way", most[0], "MB", "bounded")
        row("most browser memory on the second way", most[1], "MB", "as before")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--only", type=int, choices=(150_000, 500_000, 1_000_000))
    given = arguments.parse_args()
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {given.runs} runs, load {load()}")
    snapshot, _facts = open_snapshot(ROOT)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if given.only in (None, 150_000):
            goals = {"file": "<= 1.2", "usable": "<= 0.5", "slow": "<= 1.5"}
            path, seen = one_file(snapshot, 150_000, scratch, given.runs, goals)
            peers(snapshot, path, seen, 150_000, scratch, min(given.runs, 3))
        if given.only in (None, 1_000_000):
            one_file(snapshot, 1_000_000, scratch, given.runs, {"file": "<= 6", "usable": "<= 1", "memory": "<= 250"})
        if given.only in (None, 500_000):
            in_folder(snapshot, 500_000, scratch, given.runs)


if __name__ == "__main__":
    main()
