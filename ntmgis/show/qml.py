"""QGIS layer styles (QML) in the one palette: what QGIS shows when a layer of the GeoPackage is opened.

QML has no public schema; the elements here are those QGIS itself has written since 3.0, with each property both
as <Option> (read by QGIS 3.20 and later) and as <prop> (read by all).
"""

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ntmgis.measure.facts import TIER_STATES
from ntmgis.programme.tables import TableSpec, values
from ntmgis.show.symbols import symbols, tier_label

__all__ = ["area_style", "outline_style", "plain_style", "point_style", "road_style", "tier_style"]

_SPACE = uuid.UUID("6f0d4c1e-9d0f-5b52-8a55-305250124111")  # ours; keeps rule keys the same in every build
_WHITE = "#ffffff"
_HATCH = "#9aa5b1"


@dataclass(frozen=True, slots=True)
class _Layer:
    """One symbol layer: its QGIS class and properties."""

    kind: str
    properties: Mapping[str, str]


def _rgba(color: str, alpha: int = 255) -> str:
    return ",".join(str(int(color[k : k + 2], 16)) for k in (1, 3, 5)) + f",{alpha}"


def _fill(color: str, *, edge: str, width: float, brush: str = "solid") -> _Layer:
    return _Layer(
        "SimpleFill",
        {
            "color": _rgba(color),
            "style": brush,
            "outline_color": _rgba(edge),
            "outline_style": "solid",
            "outline_width": f"{width:g}",
            "outline_width_unit": "MM",
            "joinstyle": "round",
        },
    )


def _line(color: str, width: float, dash: Sequence[float] = ()) -> _Layer:
    dashed = {"use_custom_dash": "1", "customdash": ";".join(f"{d * 0.35:g}" for d in dash), "customdash_unit": "MM"}
    return _Layer(
        "SimpleLine",
        {
            "line_color": _rgba(color),
            "line_style": "solid",
            "line_width": f"{width:g}",
            "line_width_unit": "MM",
            "capstyle": "flat" if dash else "round",
            "joinstyle": "round",
            **(dashed if dash else {"use_custom_dash": "0"}),
        },
    )


def _svg(inside: str) -> _Layer:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">{inside}</svg>'
    name = "base64:" + base64.b64encode(drawing.encode()).decode("ascii")
    return _Layer("SvgMarker", {"name": name, "size": "4", "size_unit": "MM", "scale_method": "diameter"})


def _symbol(parent: Element, name: str, kind: str, layers: Sequence[_Layer]) -> None:
    symbol = SubElement(
        parent, "symbol", {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    )
    for layer in layers:
        element = SubElement(symbol, "layer", {"class": layer.kind, "enabled": "1", "locked": "0", "pass": "0"})
        options = SubElement(element, "Option", {"type": "Map"})
        for key, value in layer.properties.items():
            SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
        for key, value in layer.properties.items():
            SubElement(element, "prop", {"k": key, "v": value})


def _qgis(aliases: Mapping[str, str], label: "_Label | None" = None) -> Element:
    root = Element(
        "qgis",
        {
            "version": "3.22.0",
            "styleCategories": "Symbology|Labeling|Fields",
            "labelsEnabled": "1" if label else "0",
        },
    )
    if label:
        _labelling(root, label)
    if aliases:
        named = SubElement(root, "aliases")
        for place, (field, title) in enumerate(aliases.items()):
            SubElement(named, "alias", {"index": str(place + 1), "field": field, "name": title})
    return root


@dataclass(frozen=True, slots=True)
class _Label:
    field: str
    points: float
    color: str
    bold: bool = False
    largest_scale: int = 0  # denominators: labels show up to this one; 0: always


def _labelling(root: Element, label: _Label) -> None:
    settings = SubElement(SubElement(root, "labeling", {"type": "simple"}), "settings", {"calloutType": "simple"})
    text = SubElement(
        settings,
        "text-style",
        {
            "fieldName": label.field,
            "isExpression": "0",
            "fontFamily": "Arial",
            "fontSize": f"{label.points:g}",
            "fontSizeUnit": "Point",
            "fontWeight": "75" if label.bold else "50",
            "namedStyle": "Bold" if label.bold else "Regular",
            "textColor": _rgba(label.color),
            "textOpacity": "1",
            "multilineHeight": "1",
        },
    )
    SubElement(
        text,
        "text-buffer",
        {
            "bufferDraw": "1",
            "bufferSize": "0.6",
            "bufferSizeUnits": "MM",
            "bufferColor": _rgba(_WHITE),
            "bufferOpacity": "0.85",
        },
    )
    # QGIS reads a missing number as 0 here, and then places nothing: all that matter are written out.
    SubElement(
        settings,
        "placement",
        {
            "placement": "4",  # level text inside the area
            "placementFlags": "10",
            "polygonPlacementFlags": "2",
            "priority": "5",
            "quadOffset": "4",
            "centroidInside": "1",
            "centroidWhole": "1",
            "dist": "0",
            "distUnits": "MM",
            "offsetUnits": "MM",
            "fitInPolygonOnly": "0",
            "layerType": "PolygonGeometry",
        },
    )
    SubElement(
        settings,
        "rendering",
        {
            "drawLabels": "1",
            "obstacle": "0",
            "obstacleFactor": "1",
            "limitNumLabels": "0",
            "maxNumLabels": "2000",
            "minFeatureSize": "0",
            "fontLimitPixelSize": "0",
            "fontMinPixelSize": "0",
            "fontMaxPixelSize": "10000",
            "scaleVisibility": "1" if label.largest_scale else "0",
            "scaleMin": "1",
            "scaleMax": str(label.largest_scale or 100_000_000),
        },
    )


def _text(root: Element) -> str:
    indent(root)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + tostring(root, encoding="unicode") + "\n"


def _renderer(root: Element, kind: str, **attributes: str) -> Element:
    common = {"symbollevels": "0", "forceraster": "0", "enableorderby": "0"}
    return SubElement(root, "renderer-v2", {"type": kind, **common, **attributes})


def _categories(root: Element, field: str, kind: str, entries: Sequence[tuple[str, str, Sequence[_Layer]]]) -> None:
    """A renderer by the values of a text field; `entries` are value, label and symbol, "" for all other values."""
    renderer = _renderer(root, "categorizedSymbol", attr=field)
    categories = SubElement(renderer, "categories")
    drawn = SubElement(renderer, "symbols")
    for place, (value, label, layers) in enumerate(entries):
        SubElement(
            categories,
            "category",
            {"type": "string", "value": value, "symbol": str(place), "label": label, "render": "true"},
        )
        _symbol(drawn, str(place), kind, layers)


def tier_style(counts: Mapping[str, int], aliases: Mapping[str, str]) -> str:
    """Communes by tier, in the order of every legend, with counts; names from 1:500,000 on."""
    root = _qgis(aliases, _Label("name", 8, symbols()["ground"]["ink"], largest_scale=500_000))
    edge = symbols()["outline"]["commune"]
    entries = []
    for state in TIER_STATES:
        sign = symbols()["tier"][state]
        layers = [_fill(sign["fill"], edge=edge["color"], width=edge["paper_mm"])]
        if sign["pattern"] == "sparse_dots":
            layers.append(_fill(_HATCH, edge=edge["color"], width=edge["paper_mm"], brush="b_diagonal"))
        entries.append((state, f"{tier_label(state)} ({counts.get(state, 0)})", layers))
    _categories(root, "tier", "fill", entries)
    return _text(root)


def _single(root: Element, kind: str, layers: Sequence[_Layer]) -> str:
    renderer = _renderer(root, "singleSymbol")
    _symbol(SubElement(renderer, "symbols"), "0", kind, layers)
    return _text(root)


def outline_style(kind: str, aliases: Mapping[str, str]) -> str:
    """An outline without fill for "district" or "province"; districts carry their names."""
    line = symbols()["outline"][kind]
    label = _Label("name", 10, symbols()["ground"]["quiet"], bold=True) if kind == "district" else None
    fill = _fill(_WHITE, edge=line["color"], width=line["paper_mm"], brush="no")
    return _single(_qgis(aliases, label), "fill", [fill])


def area_style(color: str, edge: str, aliases: Mapping[str, str]) -> str:
    """Plain areas."""
    return _single(_qgis(aliases), "fill", [_fill(color, edge=edge, width=0.1)])


def plain_style(geometry: str, color: str, aliases: Mapping[str, str], *, size: float = 0.3) -> str:
    """Lines or dots of one colour; `size` in mm is the width of a line or the diameter of a dot."""
    if geometry == "line":
        return _single(_qgis(aliases), "line", [_line(color, size)])
    dot = _Layer(
        "SimpleMarker",
        {
            "name": "circle",
            "color": _rgba(color),
            "outline_color": _rgba(_WHITE),
            "outline_width": "0.1",
            "size": f"{size:g}",
            "size_unit": "MM",
        },
    )
    return _single(_qgis(aliases), "marker", [dot])


def road_style(kinds: Sequence[tuple[str, str]], aliases: Mapping[str, str]) -> str:
    """Roads by class (width) and surface (colour and dash); `kinds` are the pairs to draw, "unknown" for no surface."""
    root = _qgis(aliases)
    renderer = _renderer(root, "RuleRenderer")
    rules = SubElement(renderer, "rules", {"key": _key("root")})
    drawn = SubElement(renderer, "symbols")
    signs = symbols()["road"]
    order = list(values("road_class"))
    surfaces = [*values("surface"), "unknown"]
    # Small roads first, so that a national road lies over a lane.
    ordered = sorted(set(kinds), key=lambda kind: (-order.index(kind[0]), -surfaces.index(kind[1])))
    for place, (class_, surface) in enumerate(ordered):
        width, sign = signs["class"][class_]["paper_mm"], signs["surface"][surface]
        plain = "coalesce(\"surface\", '') = ''" if surface == "unknown" else f"\"surface\" = '{surface}'"
        words = "chưa rõ mặt đường" if surface == "unknown" else values("surface")[surface].vi
        SubElement(
            rules,
            "rule",
            {
                "key": _key(f"{class_}/{surface}"),
                "filter": f"\"class\" = '{class_}' AND {plain}",
                "label": f"{values('road_class')[class_].vi}, {words}",
                "symbol": str(place),
            },
        )
        _symbol(drawn, str(place), "line", [_line(_WHITE, width + 0.2), _line(sign["color"], width, sign["dash"])])
    return _text(root)


def _key(name: str) -> str:
    return f"{{{uuid.uuid5(_SPACE, name)}}}"


def point_style(spec: TableSpec, aliases: Mapping[str, str]) -> str:
    """The sign of a layer of works: filled when it works, half when poorly, struck out when broken, "?" unknown."""
    sign = symbols()["point"].get(spec.id)
    root = _qgis(aliases)
    if sign is None or "operation" not in {field.name for field in spec.fields}:
        color = sign["color"] if sign else symbols()["ground"]["quiet"]
        return plain_style("point", color, aliases, size=2)
    shape, color = sign["path"], sign["color"]
    edge = f'stroke="{color}" stroke-width="1.6" stroke-linejoin="round"'
    halo = f'<path d="{shape}" fill="{_WHITE}" stroke="{_WHITE}" stroke-width="4" stroke-linejoin="round"/>'
    hollow = f'{halo}<path d="{shape}" fill="{_WHITE}" {edge}/>'
    # Half filled by a gradient with one hard step: Qt's SVG knows no clip path.
    half = (
        f'<defs><linearGradient id="h" gradientUnits="userSpaceOnUse" x1="0" y1="2" x2="0" y2="22">'
        f'<stop offset="0.55" stop-color="{_WHITE}"/><stop offset="0.55" stop-color="{color}"/></linearGradient></defs>'
        f'{halo}<path d="{shape}" fill="url(#h)" {edge}/>'
    )
    stroke = f'{hollow}<path d="M4 20 L20 4" stroke="{color}" stroke-width="2" fill="none"/>'
    unknown = (
        f'{hollow}<path d="M10 11 A2.2 2.2 0 1 1 12.6 13.4 L12.2 14.6" stroke="{color}" stroke-width="1.3" '
        f'fill="none"/>'
        f'<circle cx="12.2" cy="17" r="0.9" fill="{color}"/>'
    )
    entries = [
        ("works", values("operation")["works"].vi, [_svg(f'{halo}<path d="{shape}" fill="{color}" {edge}/>')]),
        ("poor", values("operation")["poor"].vi, [_svg(half)]),
        ("broken", values("operation")["broken"].vi, [_svg(stroke)]),
        ("", "chưa rõ hoạt động", [_svg(unknown)]),
    ]
    _categories(root, "operation", "marker", entries)
    return _text(root)
