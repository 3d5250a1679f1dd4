"""How a map page is timed in a browser: zoom and pan, what it asks for, and local copies of the scripts of a peer."""

import re
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from households import browser

__all__ = ["local_copy", "moving", "requests_of", "timed"]

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
# Our page moves or stretches its picture first and draws it anew when the map rests.
WHOLE = """async (way) => {
  const { map, painter } = ntmgis.page;
  const draw = painter.drawAll;
  let done = null;
  painter.drawAll = function (...given) { const made = draw.apply(this, given); done?.(); return made; };
  const took = [];
  for (let i = 0; i < 8; i++) {
    await new Promise((next) => setTimeout(next, 400));
    const start = performance.now();
    const drawn = new Promise((next) => (done = next));
    if (way === "zoom") map.setZoom([9, 10, 11, 12, 11, 10][i % 6], { animate: false });
    else map.panBy([i % 2 ? 140 : -140, 60 * (i % 4 < 2 ? 1 : -1)], { animate: false });
    await drawn;
    took.push(performance.now() - start);
  }
  return took;
}"""
ALL_ON = """async () => {
  const { state } = ntmgis.page;
  const start = performance.now();
  state.set({ shown: new Set(["names", ...state.order]) });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [state.shown.size, performance.now() - start];
}"""
ASKED = re.compile(r'(src|href)="(https?://[^"]+)"')


def timed(write: Callable[[], object], runs: int) -> float:
    """Seconds that `write` takes, median."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        write()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def moving(path: Path, runs: int, *, everything: bool = False, drawn: str = "html[data-ready]") -> dict[str, float]:
    """95th percentile of zoom and pan in milliseconds, median over fresh browsers.

    Of our page also "whole zoom" and "whole pan", until the picture with all its names stands again, and "on": how long
    every layer took to appear when they were switched on.
    """
    found: dict[str, list[float]] = {"zoom": [], "pan": []}
    whole: dict[str, list[float]] = {"whole zoom": [], "whole pan": []}
    switched: list[float] = []
    for _ in range(runs):
        with browser() as chromium:
            page = chromium.new_page(viewport={"width": 1400, "height": 900})
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector(drawn, timeout=180_000, state="attached")
            if everything:
                shown, took = page.evaluate(ALL_ON)
                assert shown > 15
                switched.append(took)
            page.wait_for_timeout(1000)
            handle = page.evaluate_handle(FIND_MAP)
            for way, seen in found.items():
                seen.append(float(np.percentile(page.evaluate(STEPS, [handle, way]), 95)))
            if page.evaluate("Boolean(globalThis.ntmgis)"):
                for name, seen in whole.items():
                    seen.append(float(np.percentile(page.evaluate(WHOLE, name.split()[1]), 95)))
    found |= {**whole, "on": switched}
    return {way: statistics.median(seen) for way, seen in found.items() if seen}


def requests_of(path: Path) -> int:
    """How many addresses beside itself a page asks for when it is opened from the disk with the network cut."""
    asked: set[str] = set()
    with browser() as chromium:
        page = chromium.new_context(offline=True).new_page()
        page.on("request", lambda request: asked.add(request.url))
        page.goto(path.as_uri(), timeout=180_000)
        page.wait_for_timeout(1500)
    return sum(not url.startswith(("data:", "blob:")) and url != path.as_uri() for url in asked)


def local_copy(path: Path, assets: Mapping[str, Path]) -> Path:
    """A copy of a folium page whose scripts and styles lie beside it; what is not among the assets is an empty file.

    No network, and no reply by this process, is then in the page's times.
    """
    nothing = path.with_name("nothing.js")
    nothing.write_text("", encoding="utf-8")

    def turned(found: re.Match[str]) -> str:
        name = found[2].split("?")[0].rsplit("/", 1)[1]
        # "leaflet.markercluster.js" and "jquery-3.7.1.min.js" are told by how they begin.
        place = next(
            (one for start, one in assets.items() if name.startswith(start) and name.endswith(one.suffix)), nothing
        )
        return f'{found[1]}="{place.as_uri()}"'

    copy = path.with_suffix(".local.html")
    copy.write_text(ASKED.sub(turned, path.read_text("utf-8")), encoding="utf-8")
    return copy
