"""Times and weighs the map page against folium's GeoJson and geopandas.explore on the same data, and prints medians.

    python benchmarks/page.py               # about six minutes
    python benchmarks/page.py --runs 5 --only province

    province   the sample workspace: both epochs, all periods, all layers, the review
    villages   the same with the villages as areas: Voronoi cells of their points inside their commune
    real       the real boundaries of the 40 communes since 01/07/2025 (126,000 vertices); left out where they are
               missing

The peers' pages show the communes, villages and all layers of one day with their names, nothing else: no periods,
themes, dashboard or search. geopandas.explore needs mapclassify and lonboard its own packages; what is missing is
said and left out. "usable" is from the start of the navigation to the second frame after the map was drawn; zoom and
pan are the 95th percentile over 24 jumps, each until its second frame (33 ms is the least there is). "whole" is a pan
until the picture with all its names stands again. Nothing here is a test: look at the ratios, and at the load printed
above them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from households import ROOT, _serve, browser, load, look, peer_assets, row
from playwright.sync_api import Page

from ntmgis.measure.compute import compute_facts
from ntmgis.products import Told, tell
from ntmgis.programme.plan import load_plan
from ntmgis.show.web import bundle
from ntmgis.show.web.page import status_page, write_status_page
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import take_in
from ntmgis.workspace import load_workspace

REAL = ROOT.parent / "shared" / "data" / "real" / "boundaries" / "communes_post2025_kontum40.geojson"
FIND_MAP = (
    "globalThis.ntmgis?.page?.map ?? Object.values(globalThis).find((one) => globalThis.L && one instanceof L.Map)"
)
STEPS = """async ([map, way]) => {
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const took = [];
  map.setZoom(way === "zoom" ? 9 : 11, { animate: false });
  for (let i = 0; i < 24; i++) {
    await frames();
    const start = performance.now();
    if (way === "zoom") map.setZoom([9, 10, 11, 12, 11, 10][i % 6], { animate: false });
    else map.panBy([i % 2 ? 140 : -140, i % 3 ? 60 : -60], { animate: false });
    await frames();
    took.push(performance.now() - start);
  }
  return took;
}"""
# Our page moves its picture first and draws it anew when the map rests.
WHOLE = """async () => {
  const { map, painter } = ntmgis.page;
  const draw = painter.drawAll;
  let done = null;
  painter.drawAll = function (...given) { const made = draw.apply(this, given); done?.(); return made; };
  const took = [];
  for (let i = 0; i < 8; i++) {
    await new Promise((next) => setTimeout(next, 400));
    const start = performance.now();
    const drawn = new Promise((next) => (done = next));
    map.panBy([i % 2 ? 140 : -140, 60 * (i % 4 < 2 ? 1 : -1)], { animate: false });
    await drawn;
    took.push(performance.now() - start);
  }
  return took;
}"""
ALL_ON = """() => {
  const { state } = ntmgis.page;
  state.set({ shown: new Set(["names", ...state.order]) });
  return state.shown.size;
}"""


@dataclass(frozen=True, slots=True)
class Goals:
    """What the numbers are held against, as words; empty where nothing is asked."""

    size: str = ""
    wrote: str = ""
    usable: str = ""
    zoom: str = ""
    pan: str = ""


def timed(write: Callable[[], object], runs: int) -> float:
    """Seconds that `write` takes, median."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        write()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def moving(
    path: Path, runs: int, *, everything: bool = False, assets: dict[str, Path] | None = None, drawn: str | None = None
) -> dict[str, float]:
    """95th percentile of zoom and pan in milliseconds, median over fresh browsers."""
    found: dict[str, list[float]] = {"zoom": [], "pan": []}
    whole: list[float] = []
    for _ in range(runs):
        with browser() as chromium:
            page: Page = chromium.new_page(viewport={"width": 1400, "height": 900})
            if assets is not None:
                page.route(lambda url: url.startswith("http"), lambda route: _serve(route, assets))
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector(drawn or "html[data-ready]", timeout=180_000, state="attached")
            if everything:
                assert page.evaluate(ALL_ON) > 15
            page.wait_for_timeout(1000)
            handle = page.evaluate_handle(FIND_MAP)
            for way, seen in found.items():
                seen.append(float(np.percentile(page.evaluate(STEPS, [handle, way]), 95)))
            if assets is None:
                whole.append(float(np.percentile(page.evaluate(WHOLE), 95)))
    told = {way: statistics.median(seen) for way, seen in found.items()}
    return {**told, "whole": statistics.median(whole)} if whole else told


def ours(name: str, path: Path, write: Callable[[], object], runs: int, goals: Goals) -> None:
    row(f"{name}: written", timed(write, runs), "s", goals.wrote)
    row(f"{name}: size", path.stat().st_size / 1e6, "MB", goals.size)
    usable = statistics.median(look(path, pan=False).usable_ms for _ in range(runs))
    row(f"{name}: usable", usable / 1000, "s", goals.usable)
    for words, everything in (("as it opens", False), ("every layer on", True)):
        if everything and name == "real communes":
            continue  # it has no layers
        told = moving(path, runs, everything=everything)
        row(f"{name}: zoom p95, {words}", told["zoom"], "ms", goals.zoom)
        row(f"{name}: pan p95, {words}", told["pan"], "ms", goals.pan)
        row(f"{name}: whole again after a pan, p95, {words}", told["whole"], "ms")


def theirs(name: str, path: Path, write: Callable[[], object], runs: int, assets: dict[str, Path]) -> None:
    try:
        row(f"{name}: written", timed(write, 1), "s")
    except ImportError as error:
        print(f"  {name}: left out, {error}")
        return
    row(f"{name}: size", path.stat().st_size / 1e6, "MB")
    canvas = "canvas.leaflet-zoom-animated"
    usable = statistics.median(look(path, drawn="canvas", assets=assets, pan=False).usable_ms for _ in range(runs))
    row(f"{name}: usable", usable / 1000, "s")
    told = moving(path, 1, assets=assets, drawn=canvas)
    row(f"{name}: zoom p95", told["zoom"], "ms")
    row(f"{name}: pan p95", told["pan"], "ms")


def frames_of(snapshot: Snapshot) -> list[gpd.GeoDataFrame]:
    """What the peers show: names and geometry."""
    frames = [snapshot.communes, snapshot.villages, *snapshot.layers.values()]
    return [
        frame[["name", "geometry"]][~frame.geometry.isna() & ~frame.geometry.is_empty] for frame in frames if len(frame)
    ]


def folium_page(snapshot: Snapshot, path: Path) -> None:
    made = folium.Map(tiles=None, prefer_canvas=True)
    for frame in frames_of(snapshot):
        folium.GeoJson(
            frame.to_json(), marker=folium.CircleMarker(radius=3), tooltip=folium.GeoJsonTooltip(["name"])
        ).add_to(made)
    west, south, east, north = snapshot.communes.total_bounds
    made.fit_bounds([[south, west], [north, east]])
    made.save(path)


def explore_page(snapshot: Snapshot, path: Path) -> None:
    made = reduce(lambda m, frame: frame.explore(m=m, tiles=None, prefer_canvas=True), frames_of(snapshot), None)
    made.save(path)


def lonboard_page(snapshot: Snapshot, path: Path) -> None:
    import lonboard

    made = []
    kinds: Mapping[str, Any] = {
        "Polygon": lonboard.PolygonLayer,
        "LineString": lonboard.PathLayer,
        "Point": lonboard.ScatterplotLayer,
    }
    for frame in frames_of(snapshot):
        for kind, layer in kinds.items():
            some = frame[frame.geom_type.str.endswith(kind)]
            if len(some):
                made.append(layer.from_geopandas(some))
    lonboard.Map(layers=made).to_html(path)


def village_areas(snapshot: Snapshot) -> Snapshot:
    """The villages as areas: each the part of its commune that is nearest to its point."""
    communes = snapshot.communes.set_index("code").geometry.to_crs(snapshot.metric_crs)
    villages = snapshot.villages.to_crs(snapshot.metric_crs)
    points = villages.geometry.representative_point()
    shapes = points.copy()
    for code, group in points.groupby(villages["commune_code"]):
        commune = communes[code]
        if len(group) == 1:
            shapes[group.index[0]] = commune
            continue
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(group.to_numpy()), extend_to=commune))
        tree = shapely.STRtree(cells)
        at = tree.query(group.to_numpy(), predicate="within")
        for which, cell in at.T:
            shapes[group.index[which]] = shapely.intersection(cells[cell], commune)
    return replace(snapshot, villages=villages.assign(geometry=shapes).set_geometry("geometry").to_crs(4326))


def real_communes(like: Snapshot) -> Snapshot:
    """The units since 01/07/2025 with their real boundaries; nothing else is known of them."""
    told = gpd.read_file(REAL)
    kind = told["fullName"].str.split().str[0].str.lower()
    columns = {"code": told["code"], "name": told["fullName"], "kind": kind, "rural": kind.eq("xã")}
    units = gpd.GeoDataFrame(
        {**columns, "district_code": None, "district": None, "declared_km2": told["areaKm2"]},
        geometry=told.geometry,
        crs=told.crs,
    ).to_crs(4326)
    names = [name for name in like.__dataclass_fields__ if isinstance(getattr(like, name), pd.DataFrame)]
    empty = {name: getattr(like, name).iloc[:0] for name in names if name not in {"communes", "province"}}
    return replace(like, communes=units, layers={}, rasters={}, **empty)


def empty_page(like: Snapshot, scratch: Path) -> None:
    """One commune and nothing known of it: what every page weighs, and whether it asks for anything."""
    one = real_communes(like) if REAL.is_file() else like
    one = replace(one, communes=one.communes.iloc[:1].assign(geometry=shapely.box(107.9, 14.3, 108.0, 14.4)))
    path = scratch / "empty.html"
    path.write_text(status_page(one, compute_facts(one, load_plan(), limits={})), encoding="utf-8")
    own = len(bundle.script().encode()) + len(bundle.style().encode())
    leaflet = sum(
        (ROOT / "web" / "node_modules" / "leaflet" / "dist" / name).stat().st_size
        for name in ("leaflet.js", "leaflet.css")
    )
    requests: list[str] = []
    with browser() as chromium:
        page = chromium.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
    asked = [url for url in requests if not url.startswith(("data:", "blob:")) and url != path.as_uri()]
    size = path.stat().st_size
    row("empty page: size without our own code", (size - own + leaflet) / 1000, "kB", "≤ 190")
    row("empty page: our own script and style", (own - leaflet) / 1000, "kB")
    row("empty page: requests beside the file", float(len(asked)), "", "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("province", "villages", "real"))
    arguments = parser.parse_args()
    runs, only = arguments.runs, arguments.only
    print(f"load {load()}, {runs} runs")
    start = time.perf_counter()
    workspace = load_workspace(ROOT)
    taken = take_in(workspace)
    told = [tell(taken, day) for day in (workspace.as_of, *workspace.also)]
    took = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        assets = peer_assets(scratch)
        empty_page(told[-1].snapshot, scratch)
        if only in (None, "province"):
            province(told, took, scratch, runs, assets)
        if only in (None, "villages"):
            areas = replace_snapshot(told[0], village_areas(told[0].snapshot))
            path = scratch / "villages.html"
            count = int((shapely.get_dimensions(areas.snapshot.villages.geometry.to_numpy()) == 2).sum())
            print(f"{count} villages as areas")
            ours("villages as areas", path, lambda: write_all([areas, *told[1:]], path), runs, Goals())
        if only in (None, "real"):
            real(told, scratch, runs, assets)
    print(f"load {load()}")


def province(told: list[Told], took: float, scratch: Path, runs: int, assets: dict[str, Path]) -> None:
    path = scratch / "status.html"
    row("workspace taken in and measured, both epochs", took, "s")
    goals = Goals("≤ 1.8", "≤ 2.5", "≤ 0.8", "≤ 100", "≤ 50")
    ours("whole province", path, lambda: write_all(told, path), runs, goals)
    snapshot = told[0].snapshot
    peer = scratch / "peer.html"
    theirs("folium GeoJson", peer, lambda: folium_page(snapshot, peer), runs, assets)
    theirs("geopandas.explore", peer, lambda: explore_page(snapshot, peer), runs, assets)
    lonboard_row("lonboard", peer, snapshot)


def lonboard_row(name: str, path: Path, snapshot: Snapshot) -> None:
    """Its page loads scripts from a network and draws on a graphics card, so it is only written and weighed."""
    try:
        row(f"{name}: written", timed(lambda: lonboard_page(snapshot, path), 1), "s")
    except ImportError as error:
        print(f"  {name}: left out, {error}")
        return
    row(f"{name}: size", path.stat().st_size / 1e6, "MB")
    row(f"{name}: addresses of a network in it", float(path.read_text("utf-8").count("https://")), "")


def real(told: list[Told], scratch: Path, runs: int, assets: dict[str, Path]) -> None:
    if not REAL.is_file():
        print(f"  real communes: left out, {REAL.name} is not on this machine")
        return
    like = replace(told[-1].snapshot, as_of=date(2025, 12, 31))
    snapshot = real_communes(like)
    vertices = int(shapely.get_num_coordinates(snapshot.communes.geometry.to_numpy()).sum())
    print(f"{len(snapshot.communes)} real communes, {vertices:,} vertices")
    facts = compute_facts(snapshot, load_plan(), limits=dict(told[-1].facts.limits))
    path, peer = scratch / "real.html", scratch / "real_peer.html"
    goals = Goals("≤ 2", "", "≤ 0.8", "≤ 100", "≤ 50")
    ours("real communes", path, lambda: write_status_page(snapshot, facts, path), runs, goals)
    theirs("folium GeoJson, real communes", peer, lambda: folium_page(snapshot, peer), runs, assets)
    theirs("geopandas.explore, real communes", peer, lambda: explore_page(snapshot, peer), runs, assets)


def replace_snapshot(told: Told, snapshot: Snapshot) -> Told:
    return replace(told, snapshot=snapshot)


def write_all(told: list[Told], path: Path) -> None:
    first, *others = told
    write_status_page(
        first.snapshot,
        first.facts,
        path,
        monitoring=first.monitoring,
        plan=load_plan(),
        others=[(one.snapshot, one.facts) for one in others],
    )


if __name__ == "__main__":
    main()
