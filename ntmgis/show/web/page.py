"""The status page: folium composes the map and its elements, and nothing of it comes from a network."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import Plan
from ntmgis.show.web import bundle
from ntmgis.show.web.csp import PLACEHOLDER, seal
from ntmgis.show.web.payload import Payload, build_payload
from ntmgis.show.web.skeleton import SKELETON
from ntmgis.show.words import headline
from ntmgis.store.snapshot import Snapshot

__all__ = ["DataBlock", "OfflineAssets", "OfflineFigure", "OfflineMap", "status_page", "write_status_page"]


def write_status_page(
    snapshot: Snapshot,
    facts: Facts,
    path: Path,
    *,
    agency: str = "",
    monitoring: Monitoring | None = None,
    plan: Plan | None = None,
    others: Sequence[tuple[Snapshot, Facts]] = (),
) -> None:
    """Write the map of communes as one HTML file that works from a disk without a network.

    `agency` is the office that made it; empty leaves the line out. `monitoring` is the review of the snapshot, `plan`
    the plan that `facts` were held against. `others` are further snapshots: those of another epoch bring its units
    (the newest of each counts), those of the same epoch what was known at their date. The same input gives the same
    bytes.
    """
    page = status_page(snapshot, facts, agency=agency, monitoring=monitoring, plan=plan, others=others)
    path.write_text(page, encoding="utf-8", newline="\n")


def status_page(
    snapshot: Snapshot,
    facts: Facts,
    *,
    agency: str = "",
    monitoring: Monitoring | None = None,
    plan: Plan | None = None,
    others: Sequence[tuple[Snapshot, Facts]] = (),
) -> str:
    """The page as text; options as of `write_status_page`."""
    payload = build_payload(snapshot, facts, agency=agency, monitoring=monitoring, plan=plan, others=others)
    figure = OfflineFigure(title=headline(snapshot, facts))
    page = OfflineMap(payload.bounds)
    figure.add_child(page)
    for element in (OfflineAssets(), *_blocks(payload), Start(page.get_name())):
        page.add_child(element)
    return seal(figure.render())


def _blocks(payload: Payload) -> tuple["DataBlock", ...]:
    return (
        DataBlock("facts", payload.facts, "application/json"),
        DataBlock("layers", payload.layers, "text/plain"),
        DataBlock("shapes", payload.shapes, "text/plain"),
    )


class Verbatim(Element):
    """Text that stands in the page as it is; branca's own Element would read it as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: Any) -> str:
        """The text."""
        return self._text


class Part(MacroElement):
    """An element that puts itself into head, body or script of the page, under a name that every build repeats."""

    def __init__(self, name: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves it unannotated
        self._fixed_name = name

    def get_name(self) -> str:
        """The name, the same in every build."""
        return self._fixed_name

    def figure(self) -> Figure:
        """The page the element stands in."""
        figure = self.get_root()
        if not isinstance(figure, Figure):
            message = f"{self._fixed_name} stands in no page"
            raise TypeError(message)
        return figure


class OfflineFigure(Figure):
    """A page in Vietnamese whose policy is its first element."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="vi">\n'
        "<head>\n"
        "{{ this.header.render(**kwargs) }}\n"
        "</head>\n"
        "<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n"
        "</body>\n"
        "</html>\n"
    )

    def __init__(self, *, title: str) -> None:
        super().__init__()
        self.header.add_child(
            Verbatim(
                f'<meta http-equiv="Content-Security-Policy" content="{PLACEHOLDER}">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                '<meta name="referrer" content="no-referrer">\n'
                f"<title>{html.escape(_printable(title))}</title>"
            ),
            name="head",
        )


def _printable(text: str) -> str:
    """Without control characters, which HTML does not allow outside of JSON."""
    return "".join(sign for sign in text if sign.isprintable())


class OfflineMap(folium.Map):
    """folium's map without its links to script hosts, its random name and its page-wide styles.

    `bounds` is west, south, east, north in degrees; the first view fits it.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium reads the class attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    # The container stands in the page's own skeleton; folium's macro would put it first in the body.
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {"
        "center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}});"
        "{% endmacro %}"
    )

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[round((south + north) / 2, 6), round((west + east) / 2, 6)],
            zoom_start=9,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            zoom_snap=0,  # no tiles: any zoom is sharp, and the province fills its frame
            zoom_delta=0.5,
            wheel_px_per_zoom_level=100,
            min_zoom=6,
            max_zoom=18,
            max_bounds_viscosity=0.8,
        )

    def get_name(self) -> str:
        """A name that is the same in every build."""
        return "ntmgis_map"


class OfflineAssets(Part):
    """Style, skeleton and script of the page, from the bundle inside the package."""

    def __init__(self) -> None:
        super().__init__("ntmgis_assets")

    def render(self, **_kwargs: Any) -> str:
        """Put style into the head, the skeleton into the body and the bundle before folium's script."""
        figure = self.figure()
        figure.header.add_child(Verbatim(f"<style>{bundle.style()}</style>"), name="style")
        figure.html.add_child(Verbatim(SKELETON), name="skeleton")
        figure.html.add_child(Verbatim(f"<script>{bundle.script()}</script>"), name="bundle")
        return ""


class DataBlock(Part):
    """A block of data the browser does not run. `text` must not hold a "<"."""

    def __init__(self, id_: str, text: str, media_type: str) -> None:
        super().__init__(f"ntmgis_{id_}")
        if "<" in text:
            message = f"the data block {id_} could end its element"
            raise ValueError(message)
        self._block = f'<script type="{media_type}" id="ntmgis-{id_}">{text}</script>'

    def render(self, **_kwargs: Any) -> str:
        """Put the block into the body."""
        self.figure().html.add_child(Verbatim(self._block), name=self.get_name())
        return ""


class Start(Part):
    """Hands folium's map to our code."""

    def __init__(self, map_name: str) -> None:
        super().__init__("ntmgis_start")
        self._map_name = map_name

    def render(self, **_kwargs: Any) -> str:
        """Last line of the page's script."""
        self.figure().script.add_child(Verbatim(f"ntmgis.start({self._map_name});"), name=self.get_name())
        return ""
