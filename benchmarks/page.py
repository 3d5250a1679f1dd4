"""Times and weighs the map page against folium's GeoJson, geopandas.explore and lonboard on the same data.

    python benchmarks/page.py               # about ten minutes
    python benchmarks/page.py --runs 5 --only province

    empty       one commune and nothing known of it: what every page carries
    province    the sample workspace: both epochs, all periods, all layers, the review
    villages    the same with the villages as areas: Voronoi cells of their points inside their commune
    real        the real boundaries of the 40 communes since 01/07/2025 (126,000 vertices); left out where they are
                missing
    households  150,000 objects: geopandas.explore and lonboard beside ours (folium's own ways: households.py)

The peers' pages show the communes, villages and all layers of one day with their names, nothing else: no periods,
themes, dashboard or search. geopandas.explore needs mapclassify and matplotlib, lonboard its own packages (the group
`bench` of pyproject.toml); what is missing is said and left out. folium's pages get their scripts from local copies
(npm) beside them, so that no network is in their times. "usable" is from the start of the navigation to the second
frame after the map was drawn; zoom and pan are the 95th percentile over 24 jumps, each until its second frame (33 ms is
the least there is). Our page opens with roads, names and ground, the peers' with everything: what the rest takes to
appear is the row "every layer switched on". "whole" is a zoom or a pan until the picture with all its names stands
again. Nothing here is a test: look at the ratios, and at the load printed above and below them.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from households import ROOT, load, look, more, peer_assets
from page_lonboard import households_page, layers_page, lonboard_rows
from page_peers import explore_households, explore_page, folium_page, theirs
from page_timing import moving, requests_of, timed
from table import row

from ntmgis.measure.compute import compute_facts
from ntmgis.products import Told, tell
from ntmgis.programme.plan import load_plan
from ntmgis.show.web import bundle
from ntmgis.show.web.households import write_households_page
from ntmgis.show.web.page import status_page, write_status_page
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import snapshot_of, take_in
from ntmgis.workspace import load_workspace

REAL = ROOT.parent / "shared" / "data" / "real" / "boundaries" / "communes_post2025_kontum40.geojson"


@dataclass(frozen=True, slots=True)
class Goals:
    """What the numbers are held against, as words; empty where nothing is asked."""

    size: str = ""
    wrote: str = ""
    usable: str = ""
    zoom: str = ""
    pan: str = ""


GOALS = Goals("≤ 1.8", "≤ 2.5", "≤ 0.8", "≤ 100", "≤ 50")


def ours(name: str, path: Path, write: Callable[[], object], runs: int, goals: Goals) -> None:
    """Rows of our page of communes."""
    row(f"{name}: written", timed(write, runs), "s", goals.wrote)
    row(f"{name}: size", path.stat().st_size / 1e6, "MB", goals.size)
    row(f"{name}: requests beside the file", float(requests_of(path)), "", "0")
    usable = statistics.median(look(path, pan=False).usable_ms for _ in range(runs))
    row(f"{name}: usable", usable / 1000, "s", goals.usable)
    for words, everything in (("as it opens", False), ("every layer on", True)):
        if everything and name == "real communes":
            continue  # it has no layers
        told = moving(path, runs, everything=everything)
        if everything:
            row(f"{name}: every layer switched on, until drawn", told["on"] / 1000, "s")
        row(f"{name}: zoom p95, {words}", told["zoom"], "ms", goals.zoom)
        row(f"{name}: pan p95, {words}", told["pan"], "ms", goals.pan)
        for way in ("zoom", "pan"):
            row(f"{name}: whole again after a {way}, p95, {words}", told[f"whole {way}"], "ms")


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


def leaflet_share() -> int:
    """Bytes of Leaflet inside our bundle: what the bundler makes of it alone, minified as there."""
    web = ROOT / "web"
    options = ("--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--loader:.png=dataurl")
    target = "--target=chrome90,firefox113,safari16.4"
    return sum(
        len(
            subprocess.run(
                [web / "node_modules" / ".bin" / "esbuild", f"node_modules/leaflet/dist/{name}", *options, target],
                cwd=web,
                capture_output=True,
                check=True,
            ).stdout
        )
        for name in ("leaflet-src.js", "leaflet.css")
    )


def empty_page(like: Snapshot, scratch: Path) -> None:
    """One commune and nothing known of it: what every page weighs, and whether it asks for anything."""
    one = real_communes(like) if REAL.is_file() else like
    one = replace(one, communes=one.communes.iloc[:1].assign(geometry=shapely.box(107.9, 14.3, 108.0, 14.4)))
    path = scratch / "empty.html"
    path.write_text(status_page(one, compute_facts(one, load_plan(), limits={})), encoding="utf-8")
    size = path.stat().st_size
    bundled, leaflet = len(bundle.script().encode()) + len(bundle.style().encode()), leaflet_share()
    row("empty page: all of it", size / 1000, "kB")
    row("empty page: Leaflet's script and style", leaflet / 1000, "kB")
    row("empty page: frame, words of themes, signs, folium's map", (size - bundled) / 1000, "kB")
    row("empty page: these two, so without our own code", (size - bundled + leaflet) / 1000, "kB", "≤ 190")
    row("empty page: our own script and style", (bundled - leaflet) / 1000, "kB")
    row("empty page: requests beside the file", float(requests_of(path)), "", "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("empty", "province", "villages", "real", "households"))
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
        assets = scripts_of_peers(scratch)
        if only in (None, "empty"):
            empty_page(told[-1].snapshot, scratch)
        if only in (None, "province"):
            province(told, took, scratch, runs, assets)
        if only in (None, "villages"):
            areas = replace_snapshot(told[0], village_areas(told[0].snapshot))
            path = scratch / "villages.html"
            count = int((shapely.get_dimensions(areas.snapshot.villages.geometry.to_numpy()) == 2).sum())
            print(f"{count} villages as areas")
            ours("villages as areas", path, lambda: write_all([areas, *told[1:]], path), runs, GOALS)
        if only in (None, "real"):
            real(told, scratch, runs, assets)
        if only in (None, "households"):
            households(snapshot_of(taken, workspace.as_of)[0], scratch, runs, assets)
    print(f"load {load()}")


def scripts_of_peers(scratch: Path) -> dict[str, Path] | None:
    """Local copies of what folium's pages ask for; None, said, where npm cannot give them."""
    try:
        return peer_assets(scratch)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"  folium, geopandas.explore: left out, their scripts cannot be fetched ({error})")
        return None


def province(told: list[Told], took: float, scratch: Path, runs: int, assets: dict[str, Path] | None) -> None:
    path = scratch / "status.html"
    row("workspace taken in and measured, both epochs", took, "s")
    ours("whole province", path, lambda: write_all(told, path), runs, GOALS)
    snapshot = told[0].snapshot
    peer = scratch / "peer.html"
    if assets is not None:
        theirs("folium GeoJson", peer, lambda: folium_page(snapshot, peer), runs, assets)
        theirs("geopandas.explore", peer, lambda: explore_page(snapshot, peer), runs, assets)
    lonboard_rows("lonboard", peer, lambda: layers_page(snapshot, peer), runs)


def households(snapshot: Snapshot, scratch: Path, runs: int, assets: dict[str, Path] | None) -> None:
    many = more(snapshot, 150_000)
    path, peer = scratch / "households.html", scratch / "households_peer.html"
    print("150,000 households with 4 attributes")
    row("households: written", timed(lambda: write_households_page(many, path), runs), "s")
    row("households: size", path.stat().st_size / 1e6, "MB", "≤ 1.2")
    row("households: requests beside the file", float(requests_of(path)), "", "0")
    seen = [look(path) for _ in range(runs)]
    row("households: usable", statistics.median(one.usable_ms for one in seen) / 1000, "s", "≤ 0.5")
    row("households: browser memory", statistics.median(one.grown_mb for one in seen), "MB")
    row("households: pan, median", statistics.median(ms for one in seen for ms in one.pan_ms), "ms")
    if assets is not None:
        name = "geopandas.explore, households"
        theirs(name, peer, lambda: explore_households(many, peer), 1, assets, moves=False)
    lonboard_rows("lonboard, households", peer, lambda: households_page(many, peer), 1)


def real(told: list[Told], scratch: Path, runs: int, assets: dict[str, Path] | None) -> None:
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
    if assets is not None:
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
