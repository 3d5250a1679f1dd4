"""The page of households: every located object as a point. Personal data, so it is never part of a normal build.

folium composes the map; the bundle `households.js` draws outlines and points. All data stand in blocks that the browser
does not run: base64 or JSON, the points deflated, all sealed when there is a password. The order in the page is that of
need: a worker has the points while the browser still reads the rest, and nothing is laid out before all of it is read.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

from ntmgis.show.symbols import symbols
from ntmgis.show.web import bundle
from ntmgis.show.web.csp import PLACEHOLDER, policy
from ntmgis.show.web.encode import safe_json
from ntmgis.show.web.households_data import register
from ntmgis.show.web.households_meta import TITLE, meta, outlines, style
from ntmgis.show.web.page import DataBlock, OfflineFigure, OfflineMap, Part, Start, Verbatim
from ntmgis.show.web.points import encode_points
from ntmgis.show.web.sealed import Seal, make_seal
from ntmgis.store.snapshot import Snapshot

__all__ = ["ascii_json", "compose", "pack_block", "write_households_page"]

# The map's first view, before the data say better: the same for all pages, so that a sealed one tells no place.
_VIETNAM = (102.1, 8.4, 109.6, 23.4)

_SKELETON = """\
<noscript><p class="noscript">Trang này cần JavaScript để vẽ bản đồ. / This page needs JavaScript.</p></noscript>
<div id="app" data-state="closed" data-sheet="half" hidden>
<a class="skip" href="#search-box">Tới ô tìm kiếm</a>
<p id="mark"></p>
<header id="head">
<div id="titles"><h1 id="title"></h1><p id="subtitle"></p></div>
<div id="search" role="search"><input id="search-box" type="text" role="combobox" autocomplete="off" \
autocapitalize="off" spellcheck="false" aria-expanded="false" aria-controls="search-list" aria-autocomplete="list">\
<ul id="search-list" role="listbox" hidden></ul></div>
<div id="tools"></div>
</header>
<p id="sample-band" hidden></p>
<main id="stage">
<div class="folium-map" id="ntmgis_map" role="application"></div>
<div id="tip" role="tooltip" hidden></div>
<section id="card" aria-live="polite" hidden></section>
</main>
<aside id="legend" tabindex="-1"></aside>
<footer id="foot"></footer>
<div id="gate" hidden></div>
<div id="live" role="status" aria-live="polite"></div>
</div>
"""


def write_households_page(
    snapshot: Snapshot, path: Path, *, agency: str = "", purpose: str = "", password: str | None = None
) -> None:
    """Write one HTML file with every located object of the register, which works from a disk without a network.

    `purpose` is what the data are used for, shown on the page. With `password` nothing of the data can be read without
    it; then salt and IVs are random. Without one, the same input gives the same bytes.
    """
    columns = register(snapshot)
    grid, arcs = outlines(snapshot)
    facts = {**meta(snapshot, columns, agency=agency, purpose=purpose), "grid": grid}
    blocks = {"points": encode_points(columns.points), "meta": ascii_json(facts).encode("ascii"), "shapes": arcs}
    seal = make_seal(password) if password is not None else None
    title = facts["page"]["title"]["vi"]
    text = compose(blocks, title=title, sample=snapshot.sample, seal=seal)
    path.write_text(text, encoding="utf-8", newline="\n")


def pack_block(name: str, raw: bytes, seal: Seal | None) -> str:
    """A block as text for a page, sealed when there is a seal."""
    return base64.b64encode(raw if seal is None else seal.close(name, raw)).decode("ascii")


def compose(
    blocks: dict[str, bytes], *, title: str, sample: bool, seal: Seal | None, folder: dict[str, object] | None = None
) -> str:
    """The page as text. `folder` says which build its data scripts must be of; None: all data stand in the page."""
    figure = OfflineFigure(title=title if seal is None else TITLE)
    page = OfflineMap(_VIETNAM)
    figure.add_child(page)
    opened = {
        "sealed": seal.about() if seal else None,
        "sample": _sample_mark() if sample else None,
        "mark": style()["mark"],
        "folder": folder,
    }
    elements = [
        _InHead("style", f"<style>{bundle.households_style()}</style>"),
        _InHead("early", f"<script>{bundle.households_early()}</script>"),
        _HeadBlock("points", pack_block("points", blocks["points"], seal), "text/plain"),
        *([] if seal else [_InHead("begin", "<script>ntmgis.begin();</script>")]),
        # What is read at once stands as it is: only the points are worth inflating.
        _HeadBlock("meta", pack_block("meta", blocks["meta"], seal) if seal else blocks["meta"].decode(), "text/plain"),
        _HeadBlock("shapes", pack_block("shapes", blocks["shapes"], seal), "text/plain"),
        _HeadBlock("open", ascii_json(opened), "application/json"),
        _InHead("bundle", f"<script>{bundle.households_script()}</script>"),
        _Skeleton(),
        Start(page.get_name()),
    ]
    for element in elements:
        page.add_child(element)
    # Scripts, styles and data are ASCII; what is left are words between tags.
    text = figure.render().encode("ascii", "xmlcharrefreplace").decode("ascii")
    return _with_policy(text, scripts_beside=folder is not None)


def ascii_json(value: object) -> str:
    """`safe_json` in ASCII: a page of one byte a sign is read faster than one of two."""
    return re.sub(r"[^\x00-\x7f]+", lambda found: json.dumps(found[0])[1:-1], safe_json(value))


def _sample_mark() -> dict[str, Any]:
    mark = symbols()["sample"]
    return {"vi": mark["vi"], "en": mark["en"], "long": {"vi": mark["vi_long"], "en": mark["en_long"]}}


class _InHead(Part):
    """A style or script in the head: before a body begins, the browser spends no time on laying out and painting."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"ntmgis_{name}")
        self._text = text

    def render(self, **_kwargs: Any) -> str:
        """Put the text behind what the head holds already."""
        self.figure().header.add_child(Verbatim(self._text), name=self.get_name())
        return ""


class _HeadBlock(DataBlock):
    """A block of data in the head."""

    def render(self, **_kwargs: Any) -> str:
        """Put the block behind what the head holds already."""
        self.figure().header.add_child(Verbatim(self._block), name=self.get_name())
        return ""


class _Skeleton(Part):
    """Landmarks and empty places that the script fills."""

    def __init__(self) -> None:
        super().__init__("ntmgis_skeleton")

    def render(self, **_kwargs: Any) -> str:
        """Put them into the body."""
        self.figure().html.add_child(Verbatim(_SKELETON), name=self.get_name())
        return ""


def _with_policy(html: str, *, scripts_beside: bool) -> str:
    """The page with its policy: its own scripts and styles by hash, its worker, and the data scripts beside it."""
    if html.count(PLACEHOLDER) != 1:
        message = "the page must hold the policy placeholder once"
        raise ValueError(message)
    allowed = policy(html).replace("; base-uri", "; worker-src blob:; base-uri", 1)
    if scripts_beside:
        # 'self' is the folder on a server, file: the folder on a disk; neither reaches another host.
        allowed = re.sub(r"(script-src [^;]*)", r"\1 'self' file:", allowed, count=1)
    return html.replace(PLACEHOLDER, allowed)
