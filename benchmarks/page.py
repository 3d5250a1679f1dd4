"""Times and weighs the map page against folium's own GeoJson page of the same data, in one run, and prints medians.

    python benchmarks/page.py               # about two minutes
    python benchmarks/page.py --runs 5

The data are the sample workspace: both epochs, all periods, all layers, the review. folium's page shows the communes,
villages and roads of the same day, nothing else. "usable" is from the start of the navigation to the second frame after
the map was drawn; zoom and pan are the 95th percentile over 24 steps, each until its second frame. Nothing here is a
test: look at the ratios, and at the load printed above them.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import folium
import numpy as np
from households import ROOT, browser, load, look, peer_assets, row
from playwright.sync_api import Page

from ntmgis.products import Told, tell
from ntmgis.programme.plan import load_plan
from ntmgis.show.web.page import write_status_page
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import take_in
from ntmgis.workspace import load_workspace

_STEPS = """async (way) => {
  const { map } = ntmgis.page;
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
# Each click draws the list anew, so every box is looked up when its turn comes.
_ALL_ON = """() => {
  const boxes = () => [...document.querySelectorAll("[data-key^='layer-']")].filter((one) => one.type === "checkbox");
  for (const key of boxes().map((one) => one.dataset.key)) {
    const box = boxes().find((one) => one.dataset.key === key);
    if (box && !box.checked) box.click();
  }
  return boxes().filter((one) => one.checked).length;
}"""


def written(told: list[Told], path: Path, runs: int) -> float:
    """Seconds to write the page, median."""
    taken = []
    others = [(one.snapshot, one.facts) for one in told[1:]]
    for _ in range(runs):
        start = time.perf_counter()
        write_status_page(
            told[0].snapshot, told[0].facts, path, monitoring=told[0].monitoring, plan=load_plan(), others=others
        )
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def moving(path: Path, runs: int, *, everything: bool) -> dict[str, float]:
    """95th percentile of zoom and pan in milliseconds, median over fresh browsers."""
    found: dict[str, list[float]] = {"zoom": [], "pan": []}
    for _ in range(runs):
        with browser() as chromium:
            page: Page = chromium.new_page(viewport={"width": 1400, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]")
            if everything:
                assert page.evaluate(_ALL_ON) > 15
            page.wait_for_timeout(500)
            for way, seen in found.items():
                seen.append(float(np.percentile(page.evaluate(_STEPS, way), 95)))
    return {way: statistics.median(seen) for way, seen in found.items()}


def peer(snapshot: Snapshot, path: Path) -> None:
    """The same day's communes, villages and roads as folium writes them."""
    made = folium.Map(tiles=None, prefer_canvas=True)
    for frame in (snapshot.communes, snapshot.layers["road"], snapshot.villages):
        folium.GeoJson(frame[["name", "geometry"]].to_json(), marker=folium.CircleMarker(radius=3)).add_to(made)
    west, south, east, north = snapshot.communes.total_bounds
    made.fit_bounds([[south, west], [north, east]])
    made.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(load())
    start = time.perf_counter()
    workspace = load_workspace(ROOT)
    taken = take_in(workspace)
    told = [tell(taken, day) for day in (workspace.as_of, *workspace.also)]
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch) / "status.html", Path(scratch) / "folium.html"
        seconds = written(told, ours, runs)
        row("workspace to page, both epochs", time.perf_counter() - start - seconds * (runs - 1), "s", "≤ 5")
        row("page written", seconds, "s", "≤ 2.5")
        row("page size", ours.stat().st_size / 1e6, "MB", "≤ 1.8")
        row("usable", statistics.median(look(ours, pan=False).usable_ms for _ in range(runs)) / 1000, "s", "≤ 0.8")
        for name, everything in (("as it opens", False), ("every layer on", True)):
            for way, value in moving(ours, runs, everything=everything).items():
                row(f"{way} p95, {name}", value, "ms", "≤ 100" if way == "zoom" else "≤ 50")
        peer(told[0].snapshot, theirs)
        assets = peer_assets(Path(scratch))
        row("folium GeoJson: size", theirs.stat().st_size / 1e6, "MB")
        shown = statistics.median(look(theirs, drawn="canvas", assets=assets, pan=False).usable_ms for _ in range(runs))
        row("folium GeoJson: usable", shown / 1000, "s")


if __name__ == "__main__":
    main()
