"""A small map of the geometric problems of a layer: every finding in place, the biggest numbered and listed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import UsageError, problem
from ntmgis.intake.findings import KINDS, Finding, Kind, amount, by_kind
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.font import Style, clean, shorten, width, wrap
from ntmgis.show.paper.frame import draw_scale_bar
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.words import number

__all__ = ["KIND_WORDS", "write_problem_map"]

KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "swapped": "Có lẽ đổi tên cho nhau",
        "area": "Diện tích khác số tham chiếu",
        "invalid": "Hình học không hợp lệ",
        "empty": "Không có hình học",
        "duplicate": "Trùng khít",
        "overlap": "Chồng nhau",
        "gap": "Khe hở",
        "detached": "Phần tách rời",
        "sliver": "Mảnh vụn",
        "outside_commune": "Thôn ngoài xã",
        "outside_province": "Ngoài tỉnh",
    }
)
# Hues apart for colour-blind readers too; the mark of each kind has a letter besides.
_COLOR: Mapping[str, str] = MappingProxyType(
    {
        "swapped": "#7b3294",
        "area": "#9a6fb0",
        "invalid": "#111827",
        "empty": "#6b7280",
        "duplicate": "#8c510a",
        "overlap": "#d6301d",
        "gap": "#1f6fb4",
        "detached": "#e08214",
        "sliver": "#b5a300",
        "outside_commune": "#00796b",
        "outside_province": "#ad1457",
    }
)
_WIDE, _HIGH, _PANEL, _PAD = 297.0, 210.0, 100.0, 8.0
_INK, _QUIET = "#1f2933", "#52606d"
_BODY = 7.6
_MARK = 1.9  # mm, radius of a numbered mark


def write_problem_map(
    path: str | Path,
    shapes: gpd.GeoDataFrame,
    findings: Sequence[Finding],
    *,
    metric_crs: str,
    title: str,
    subtitle: str = "",
    dpi: float = 150.0,
) -> Path:
    """An A4 sheet, PNG or PDF by the suffix of `path`: the layer in grey, findings in the colour of their kind.

    `shapes` is the layer (EPSG:4326), drawn in `metric_crs`. The panel counts every kind and lists as many of the
    findings as fit, the biggest of each kind in turn; the numbers stand on the map. Findings without a place are
    listed with a dash. UsageError for another suffix.
    """
    path = Path(path)
    if path.suffix.lower() not in {".png", ".pdf"}:
        value = path.name
        raise UsageError(problem("E-CONFIG-VALUE", column="--map", value=value, allowed=".png, .pdf", nearest=".png"))
    canvas = Canvas(_WIDE, _HIGH)
    frame = Rect(_PAD, _PAD, _WIDE - _PANEL - 2 * _PAD, _HIGH - 2 * _PAD - 15)
    _title(canvas, title, subtitle)
    metric = shapes.geometry[~(shapes.geometry.is_empty | shapes.geometry.isna())].to_crs(metric_crs).to_numpy()
    places = {at: one for at, one in enumerate(_placed(findings, metric_crs)) if one is not None}
    chosen = _chosen(findings)
    if len(metric):
        placement = _placement(metric, frame)
        _ground(canvas, placement, metric, frame)
        _faults(canvas, placement, findings, places, frame)
        _marks(canvas, placement, chosen, findings, places, frame)
        _bar(canvas, placement, metric, frame)
    canvas.rect(frame, Ink(line=_INK, width=0.3))
    _panel(canvas, Rect(frame.right + 6, _PAD, _PANEL - 6, frame.height), findings, chosen, set(places))
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".pdf":
            canvas.save_pdf(part, {"Title": title})
        else:
            canvas.save_png(part, dpi=dpi)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _title(canvas: Canvas, title: str, subtitle: str) -> None:
    room = _WIDE - 2 * _PAD
    headline = shorten(clean(title, limit=200), within=room, size=15, style="bold")
    canvas.text((_PAD, _HIGH - 13), headline, 15, style="bold")
    if subtitle:
        line = shorten(clean(subtitle, limit=300), within=room, size=9)
        canvas.text((_PAD, _HIGH - 19), line, 9, color=_QUIET)


def _placed(findings: Sequence[Finding], metric_crs: str) -> list[BaseGeometry | None]:
    """The place of each finding in the metric CRS."""
    series = gpd.GeoSeries([one.geometry for one in findings], crs=4326).to_crs(metric_crs)
    return [None if one.geometry is None else shape for one, shape in zip(findings, series, strict=True)]


def _placement(metric: "npt.NDArray[np.object_]", frame: Rect) -> Placement:
    """The layer fills the frame; a few shapes far away (a point at 0, 0) do not shrink the rest to a dot."""
    bounds = shapely.bounds(metric)
    low, high = np.quantile(bounds[:, :2], 0.02, axis=0), np.quantile(bounds[:, 2:], 0.98, axis=0)
    room = np.maximum(high - low, 100.0)
    near = ((bounds[:, :2] >= low - room) & (bounds[:, 2:] <= high + room)).all(axis=1)
    x0, y0 = bounds[near, :2].min(axis=0)
    x1, y1 = bounds[near, 2:].max(axis=0)
    air = 6.0
    scale = max((x1 - x0) / (frame.width - 2 * air), (y1 - y0) / (frame.height - 2 * air), 0.5) * 1000
    middle = (frame.x + frame.width / 2, frame.y + frame.height / 2)
    return Placement(int(scale) + 1, (x0 + x1) / 2, (y0 + y1) / 2, *middle)


def _ground(canvas: Canvas, placement: Placement, metric: "npt.NDArray[np.object_]", frame: Rect) -> None:
    dimension = shapely.get_dimensions(metric)
    thin = shapely.simplify(metric, placement.metres(0.05))
    areas = placement.shapes(thin[(dimension == 2) & ~shapely.is_empty(thin)])
    canvas.rect(frame, Ink(fill="#ffffff"))
    canvas.shapes(areas, Ink(fill="#f1f3f5", line="#9aa5b1", width=0.15), clip=frame)
    canvas.shapes(placement.shapes(thin[dimension == 1]), Ink(line="#7b8794", width=0.2), clip=frame)
    dots = shapely.buffer(placement.shapes(metric[dimension == 0]), 0.45, quad_segs=4)
    canvas.shapes(dots, Ink(fill="#9aa5b1"), clip=frame)


def _faults(
    canvas: Canvas,
    placement: Placement,
    findings: Sequence[Finding],
    places: Mapping[int, BaseGeometry],
    frame: Rect,
) -> None:
    """Each finding in its colour: whole units as a tint, pieces filled, and a dot where a piece would vanish."""
    for kind in reversed(list(KINDS)):
        own = [place for at, place in places.items() if findings[at].kind == kind]
        if not own:
            continue
        drawn = placement.shapes(np.array(own, dtype=object))
        color = _COLOR[kind]
        whole = kind in {"swapped", "area"}
        areal = shapely.get_dimensions(drawn) == 2
        fill = Ink(fill=color, line=color, width=0.3, alpha=0.35 if whole else 1.0)
        canvas.shapes(drawn[areal], fill, clip=frame)
        canvas.shapes(drawn[shapely.get_dimensions(drawn) == 1], Ink(line=color, width=0.5), clip=frame)
        if not whole:
            dots = shapely.buffer(shapely.point_on_surface(drawn), 0.4, quad_segs=4)
            canvas.shapes(dots, Ink(fill=color), clip=frame)


def _chosen(findings: Sequence[Finding]) -> dict[Kind, list[int]]:
    """Positions of the findings to list, by kind: as many lines as the panel has, dealt out in turn."""
    where = {id(one): at for at, one in enumerate(findings)}
    ranked = {kind: [where[id(one)] for one in own] for kind, own in by_kind(findings).items()}
    lines = 50 - 2 * len(ranked)
    taken: dict[Kind, list[int]] = {kind: [] for kind in ranked}
    while lines > 0 and any(len(taken[kind]) < len(ranked[kind]) for kind in ranked):
        for kind, positions in ranked.items():
            if len(taken[kind]) < len(positions):
                at = positions[len(taken[kind])]
                lines -= len(_entry(findings[at], 0))
                if lines < 0:
                    return taken
                taken[kind].append(at)
    return taken


def _entry(one: Finding, wide: float) -> list[str]:
    """The lines of a finding in the panel: who and how big, then its note in at most two lines."""
    room = wide or _PANEL - 14
    size = amount(one.size, one.unit) if one.size and one.kind not in {"swapped", "area", "invalid"} else ""
    who = shorten(clean(one.who, limit=120), within=room - width(f"  {size}", _BODY), size=_BODY)
    lines = [f"{who}  {size}".rstrip()]
    if one.note:
        note = wrap(clean(one.note, limit=300), within=room, size=_BODY - 0.8)
        lines += [*note[:2], *([f"{note[2]} …"] if len(note) > 3 else note[2:3])]
    return lines


def _panel(
    canvas: Canvas,
    box: Rect,
    findings: Sequence[Finding],
    chosen: Mapping[Kind, list[int]],
    placed: set[int],
) -> None:
    step = line_height(_BODY)
    y = box.top - step
    if not findings:
        canvas.text((box.x, y), "Không có vấn đề hình học nào.", 9.5, style="semibold")
        return
    n = 0
    for kind, own in by_kind(findings).items():
        canvas.rect(Rect(box.x, y - 0.3, 3.4, 2.6), Ink(fill=_COLOR[kind]))
        total = amount(sum(one.size for one in own), own[0].unit)
        told = kind in {"overlap", "gap", "sliver", "duplicate"} and own[0].size
        words = f"{KIND_WORDS[kind]}: {number(len(own))}" + (f", tổng {total}" if told else "")
        canvas.text((box.x + 5, y), words, _BODY + 0.8, style="semibold")
        y -= step * 1.05
        for at in chosen.get(kind, []):
            n += 1
            lines = _entry(findings[at], box.width - 8)
            mark = str(n) if at in placed else "–"
            canvas.text((box.x + 5.6, y), mark, _BODY, style="bold", color=_COLOR[kind], align="right")
            for k, line in enumerate(lines):
                style: Style = "regular"
                color = _INK if k == 0 else _QUIET
                canvas.text((box.x + 7, y), line, _BODY if k == 0 else _BODY - 0.8, style=style, color=color)
                y -= step
        left = len(own) - len(chosen.get(kind, []))
        if left:
            canvas.text((box.x + 7, y), f"… và {number(left)} chỗ nữa (xem bảng)", _BODY - 0.8, color=_QUIET)
            y -= step
        y -= step * 0.35


def _marks(
    canvas: Canvas,
    placement: Placement,
    chosen: Mapping[Kind, list[int]],
    findings: Sequence[Finding],
    places: Mapping[int, BaseGeometry],
    frame: Rect,
) -> None:
    """Numbered discs beside their places, none on another, each with a line to its place."""
    taken: list[tuple[float, float]] = []
    n = 0
    for kind in by_kind(findings):
        for at in chosen.get(kind, []):
            n += 1
            if at not in places:
                continue
            point = placement.shapes(places[at]).point_on_surface()
            x, y = _free(point.x, point.y, taken, frame)
            taken.append((x, y))
            color = _COLOR[kind]
            canvas.line((point.x, point.y), (x, y), Ink(line=color, width=0.2))
            disc = shapely.Point(x, y).buffer(_MARK, quad_segs=8)
            canvas.shapes([disc], Ink(fill="#ffffff", line=color, width=0.4))
            canvas.text((x, y - 0.85), str(n), 6.4, style="bold", color=color, align="center")


def _free(x: float, y: float, taken: list[tuple[float, float]], frame: Rect) -> tuple[float, float]:
    """The nearest place for a disc around a point, inside the frame and clear of the discs drawn so far."""
    for ring in range(1, 14):
        for turn in range(12):
            angle = np.pi * (turn / 6 + 0.25)
            cx, cy = x + float(np.cos(angle)) * ring * 3.0, y + float(np.sin(angle)) * ring * 3.0
            inside = frame.x + 3 < cx < frame.right - 3 and frame.y + 3 < cy < frame.top - 3
            if inside and all((cx - a) ** 2 + (cy - b) ** 2 > (2.3 * _MARK) ** 2 for a, b in taken):
                return cx, cy
    return min(max(x, frame.x + 3), frame.right - 3), min(max(y, frame.y + 3), frame.top - 3)


def _bar(canvas: Canvas, placement: Placement, metric: "npt.NDArray[np.object_]", frame: Rect) -> None:
    """The scale bar in the first corner where it hides nothing."""
    wide, high = 50.0, 9.0
    left, right, low, up = frame.x + 2, frame.right - 2 - wide, frame.y + 2, frame.top - 2 - high
    corners = [Rect(x, y, wide, high) for x, y in ((left, low), (right, low), (right, up), (left, up))]
    drawn = placement.shapes(metric)
    boxes = [shapely.box(one.x, one.y, one.right, one.top) for one in corners]
    free = [one for one, box in zip(corners, boxes, strict=True) if not shapely.intersects(box, drawn).any()]
    plate = (free or corners)[0]
    canvas.rect(plate, Ink(fill="#ffffff", alpha=0.85))
    draw_scale_bar(canvas, (plate.x + 3, plate.y + 5), placement, longest=38.0, template=Template(small=7.0))
