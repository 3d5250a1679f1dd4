"""The peer lonboard: the same data in its page, opened with local copies of everything that page asks a network for.

Its page (`Map.to_html`) carries the data as Parquet and lonboard's own script, and fetches the rest when it is opened:
require.js, the manager of Jupyter's widgets, anywidget and the WebAssembly that reads Parquet. Here they come from npm
and this process serves them, so that no network is in the times; addresses in the page are turned to it, and the check
sum of require.js, which npm has in another form, is taken out. The page itself is served too: opened from the disk it
leaves out every polygon, because Chromium refuses its workers there.

It draws by WebGL, which Chromium does on the processor where there is no graphics card, as on the office PC that our
pages are made for; with a card it would be far quicker. "usable" is until the second frame after the first picture
with everything in it, a zoom or pan until the second frame after the picture that follows the wheel or the drag.
"""

import re
import statistics
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from households import browser, memory
from page_peers import frames_of, households_frame
from page_timing import timed
from playwright.sync_api import Error, Page
from table import row

from ntmgis.store.snapshot import Snapshot

__all__ = ["households_page", "layers_page", "lonboard_rows"]

ELSEWHERE = re.compile(rb"https://(?:cdn\.jsdelivr\.net/npm|cdnjs\.cloudflare\.com/ajax/libs)/")
CHECK_SUM = re.compile(rb' integrity="[^"]*"')
# name@range/path as jsDelivr has it; cdnjs' one address is told apart.
PACKAGE = re.compile(r"((?:@[^/]+/)?[^/@]+)@([^/]+)/(.+)")
REQUIRE = re.compile(r"require\.js/([^/]+)/require\.min\.js")
TYPES = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}
WATCH = """
globalThis.drawn = [];
for (const kind of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {
  const draw = WebGL2RenderingContext.prototype[kind];
  WebGL2RenderingContext.prototype[kind] = function (...given) {
    const at = document.timeline.currentTime; // the same all through a frame
    if (drawn.at(-1)?.at !== at) {
      const frame = { at, calls: 0, done: null };
      drawn.push(frame);
      requestAnimationFrame(() => requestAnimationFrame(() => (frame.done = performance.now())));
    }
    drawn.at(-1).calls += 1;
    return draw.apply(this, given);
  };
}
for (const kind of ["wheel", "pointermove"])
  addEventListener(kind, () => { globalThis.began = performance.now(); drawn.length = 0; }, true);
"""
# The first picture that is drawn by as many calls as the last.
WHOLE = "drawn.find((one) => one.calls >= drawn.at(-1).calls).done"
QUIET = "drawn.length && drawn.every((one) => one.done) && performance.now() - drawn.at(-1).done > %d"


def layers_page(snapshot: Snapshot, path: Path) -> None:
    """Communes, villages and all layers with their names, without a background."""
    import lonboard

    kinds: Mapping[str, Any] = {
        "Polygon": lonboard.PolygonLayer,
        "LineString": lonboard.PathLayer,
        "Point": lonboard.ScatterplotLayer,
    }
    looks = {"Polygon": {"get_fill_color": [200, 200, 200, 60]}, "Point": {"radius_min_pixels": 3}}
    made = []
    for frame in frames_of(snapshot):
        for kind, layer in kinds.items():
            some = frame[frame.geom_type.str.endswith(kind)]
            if len(some):
                made.append(layer.from_geopandas(some, **looks.get(kind, {})))
    lonboard.Map(layers=made, basemap=None).to_html(path)


def households_page(snapshot: Snapshot, path: Path) -> None:
    """Every located object with four attributes."""
    import lonboard

    layer = lonboard.ScatterplotLayer.from_geopandas(households_frame(snapshot), radius_min_pixels=2)
    lonboard.Map(layers=[layer], basemap=None).to_html(path)


def package(name: str, version: str, scratch: Path) -> Path | None:
    """Where a package of npm lies unpacked under `scratch`; None where npm has no such version."""
    place = scratch / "npm" / re.sub(r"\W", "_", f"{name}@{version}")
    if place.exists():
        return place / "package"
    place.mkdir(parents=True)
    command = ["npm", "pack", "--silent", "--json", "--pack-destination", str(place), f"{name}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    with tarfile.open(next(place.glob("*.tgz"))) as packed:
        packed.extractall(place, filter="data")
    return place / "package"


@dataclass
class Copies:
    """The page and copies of what it asks for, as this process serves them."""

    page: Path
    base: str = ""

    def __post_init__(self) -> None:
        self.asked: set[str] = set()
        self.missing: set[str] = set()

    def body(self, address: str) -> tuple[bytes, str] | None:
        if address == self.page.name:
            return ELSEWHERE.sub(self.base.encode(), CHECK_SUM.sub(b"", self.page.read_bytes())), ".html"
        if address == "favicon.ico":  # a page from a disk has none
            return None
        self.asked.add(address)
        require = REQUIRE.fullmatch(address)
        found = PACKAGE.fullmatch(f"requirejs@{require[1]}/require.js" if require else address)
        if not found:
            return None
        place = package(found[1], found[2], self.page.parent)
        file = place / found[3] if place else None
        if file is None or not file.is_file():
            self.missing.add(f"{found[1]}@{found[2]}")
            return None
        told = file.read_bytes()
        return ELSEWHERE.sub(self.base.encode(), told) if file.suffix == ".js" else told, file.suffix


@contextmanager
def served(path: Path) -> Iterator[Copies]:
    copies = Copies(path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = copies.body(unquote(self.path).lstrip("/"))
            if told is None:
                self.send_error(404)
                return
            body, kind = told
            self.send_response(200)
            self.send_header("Content-Type", TYPES.get(kind, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    copies.base = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield copies
    finally:
        server.shutdown()


@contextmanager
def opened(copies: Copies) -> Iterator[tuple[Page, float]]:
    """The page in a fresh browser when it is drawn and quiet, and the browser's memory before it was opened."""
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.add_init_script(WATCH)
        page.wait_for_timeout(400)
        before = memory()
        page.goto(copies.base + copies.page.name, wait_until="commit")
        page.wait_for_function(QUIET % 3000, timeout=180_000)
        yield page, before


def seen(copies: Copies) -> tuple[float, float]:
    """Milliseconds until its last picture, and megabytes that the browser grew by."""
    with opened(copies) as (page, before):
        return float(page.evaluate(WHOLE)), memory() - before


def jumps(copies: Copies, count: int = 4) -> dict[str, float]:
    """Medians of zoom and pan in milliseconds: the real wheel and a real drag. Each takes seconds, so there are few."""

    def took(page: Page) -> float:
        page.wait_for_function(QUIET % 150, timeout=60_000)
        return float(page.evaluate("drawn[0].done - began"))

    with opened(copies) as (page, _):
        page.mouse.move(700, 450)
        page.wait_for_timeout(2000)
        zoom, pan = [], []
        for i in range(count):
            page.mouse.wheel(0, (-120, -120, 120, 120)[i % 4])
            zoom.append(took(page))
        page.mouse.down()
        page.mouse.move(710, 450)
        page.wait_for_timeout(2000)
        for i in range(count):
            page.mouse.move(*((850, 450), (710, 510))[i % 2])
            pan.append(took(page))
        page.mouse.up()
    return {"zoom": statistics.median(zoom), "pan": statistics.median(pan)}


def lonboard_rows(name: str, path: Path, write: Callable[[], object], runs: int) -> None:
    """Rows of the peer; what cannot be had here is said."""
    try:
        row(f"{name}: written, one run", timed(write, 1), "s")
    except ImportError as error:
        print(f"  {name}: left out, {error}")
        return
    row(f"{name}: size", path.stat().st_size / 1e6, "MB")
    with served(path) as copies:
        try:
            seen(copies)  # fetches the copies, so that npm is not in the times
            told = [seen(copies) for _ in range(runs)]
        except Error as error:
            lacking = f": npm has no {', '.join(sorted(copies.missing))}" if copies.missing else ""
            print(f"  {name}: not drawn here{lacking} ({str(error).splitlines()[0]})")
            return
        finally:
            row(f"{name}: requests beside the file", float(len(copies.asked)), "")
        row(f"{name}: usable, no graphics card", statistics.median(one for one, _ in told) / 1000, "s")
        row(f"{name}: browser memory", statistics.median(one for _, one in told), "MB")
        moved = jumps(copies)
    row(f"{name}: zoom, median, no graphics card", moved["zoom"], "ms")
    row(f"{name}: pan, median, no graphics card", moved["pan"], "ms")
