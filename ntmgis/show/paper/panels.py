"""The blocks beside the map: each knows its height before it is drawn, so that the layout can find it a place.

A panel shows what is on this sheet and nothing else: every entry has its count, no entry stands for nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.measure.facts import Facts
from ntmgis.show.paper.arrange import PanelSize
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Scope, Unit, short_district
from ntmgis.show.paper.font import Style, shorten, wrap
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.labels import Numbered
from ntmgis.show.paper.mapbody import PaperGround
from ntmgis.show.paper.painting import Look, Painting
from ntmgis.show.paper.scale import Placement, km_per_cm, projection_note
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.words import number, percent

__all__ = [
    "Panel",
    "communes_panel",
    "districts_panel",
    "list_panel",
    "locator_panel",
    "looks_panel",
    "scale_panel",
    "signature_panel",
]

_RULE = Ink(line="rule", width=0.15)

# Draws one row: canvas, left edge, top edge.
Draw = Callable[[Canvas, float, float], None]


@dataclass(slots=True)
class Panel:
    """A block of rows, each with its height in mm."""

    key: str
    width: float
    pad: float
    high: float = 0.0
    rows: list[tuple[float, tuple[Draw, ...]]] = field(default_factory=list)

    @property
    def inner(self) -> float:
        """Width between the pads."""
        return self.width - 2 * self.pad

    @property
    def size(self) -> PanelSize:
        """What the layout must find room for."""
        return PanelSize(self.key, self.width, sum(row[0] for row in self.rows) + 2 * self.pad, self.high)

    def add(self, height: float, *draw: Draw) -> None:
        """One more row of everything that `draw` draws."""
        self.rows.append((height, draw))

    def heading(self, text: str, template: Template) -> None:
        """A row with a bold heading."""
        size = template.heading
        drop = line_height(size) * 0.72
        self.add(
            line_height(size) + 1.0,
            lambda canvas, x, top: canvas.text((x, top - drop), text, size, style="bold"),
        )

    def title(self, text: str, template: Template) -> None:
        """A bold heading on as many lines as it needs."""
        lines = wrap(text, within=self.inner, size=template.heading, style="bold")
        step = line_height(template.heading)
        drop = step * 0.72

        def bold(line: str) -> Draw:
            return lambda canvas, x, top: canvas.text((x, top - drop), line, template.heading, style="bold")

        for line in lines[:-1]:
            self.add(step, bold(line))
        self.heading(lines[-1] if lines else "", template)

    def lines(self, lines: Sequence[str], template: Template, *, color: str = "ink") -> None:
        """Rows of running text in the small size."""
        step = line_height(template.small)

        def row(text: str) -> Draw:
            return lambda canvas, x, top: canvas.text((x, top - step * 0.75), text, template.small, color=color)

        for text in lines:
            self.add(step, row(text))

    def draw(self, canvas: Canvas, place: Rect) -> None:
        """The panel on white at its place."""
        canvas.rect(place, Ink(fill="#ffffff", line="rule", width=0.2))
        top = place.top - self.pad
        for height, row in self.rows:
            for draw in row:
                draw(canvas, place.x + self.pad, top)
            top -= height


def looks_panel(painting: Painting, template: Template) -> Panel:
    """Legend of the classes that occur, with counts and shares of the units that count."""
    panel = Panel("looks", template.panel_width, template.panel_pad, high=1.0)
    panel.title(painting.title, template)
    counts = painting.counts()
    looks = {look.id: look for look in painting.looks}
    whole = sum(count for id_, count in counts.items() if looks[id_].counted)
    size = template.body + 0.5
    high = template.body * 0.66

    def row(look: Look, count: int) -> tuple[float, Draw]:
        lines = wrap(
            look.label,
            within=panel.inner - 12.5 - (26 if look.counted else 21),
            size=size,
            style="regular" if look.counted else "italic",
        )
        tall = high + (len(lines) - 1) * line_height(size)

        def draw(canvas: Canvas, x: float, top: float) -> None:
            swatch(canvas, Rect(x, top - high + 1.0, 10.0, high - 1.4), look)
            base = top - high / 2 - size * 0.09
            for n, line in enumerate(lines):
                at = (x + 12.5, base - n * line_height(size))
                canvas.text(at, line, size, style="regular" if look.counted else "italic")
            canvas.text((x + panel.inner - 15, base), number(count), size, style="semibold", align="right")
            if look.counted and whole:
                canvas.text((x + panel.inner, base), percent(count / whole), size, align="right", color="quiet")

        return tall, draw

    counted = [id_ for id_ in counts if looks[id_].counted]
    for id_ in counted:
        panel.add(*row(looks[id_], counts[id_]))
    if len(counted) > 1 or len(counts) > len(counted):
        _total_row(panel, template, painting.whole, number(whole), "100,0%" if whole else "")
    for id_ in counts:
        if not looks[id_].counted:
            panel.add(*row(looks[id_], counts[id_]))
    note = wrap(painting.note, within=panel.inner, size=template.small)
    if note:
        panel.add(1.0)
        panel.lines(note, template, color="quiet")
    return panel


def districts_panel(
    paper: PaperGround, painting: Painting, names: Mapping[str, str], template: Template
) -> Panel | None:
    """Table of the districts: communes by class, with their sum; None where there are fewer than two districts."""
    looks = [look for look in painting.looks if look.counted and look.id in painting.counts()]
    rows = _tally(paper, painting, looks)
    if len(rows) < 2:
        return None
    panel = Panel("districts", template.panel_width, template.panel_pad, high=0.5)
    panel.heading("Số xã theo huyện", template)
    size = template.body
    high = line_height(size) + 0.35
    column = min(8.2 * template.panel_width / 78, (panel.inner - 30) / (len(looks) + 1))
    right = [panel.inner - 0.5 - column * n for n in range(len(looks) + 1)][::-1]

    def header(canvas: Canvas, x: float, top: float) -> None:
        canvas.text((x, top - high * 0.75), "Huyện", template.small, color="quiet")
        canvas.text((x + right[0], top - high * 0.75), "Số xã", template.small, color="quiet", align="right")
        for look, edge in zip(looks, right[1:], strict=True):
            swatch(
                canvas,
                Rect(x + edge - min(5.0, column - 1), top - high + 1.0, min(5.4, column - 0.6), high - 1.4),
                look,
            )
        canvas.line((x, top - high), (x + panel.inner, top - high), _RULE)

    def row(name: str, cells: Sequence[int], *, bold: bool = False) -> Draw:
        style: Style = "semibold" if bold else "regular"

        def draw(canvas: Canvas, x: float, top: float) -> None:
            base = top - high * 0.74
            label = shorten(name, within=right[0] - 6, size=size, style=style)
            canvas.text((x, base), label, size, style=style)
            for cell, edge in zip(cells, right, strict=True):
                color = "ink" if cell else "rule"
                canvas.text((x + edge, base), number(cell), size, style=style, align="right", color=color)

        return draw

    panel.add(high, header)
    for code, cells in rows.items():
        panel.add(high, row(short_district(names[code]), [sum(cells), *cells]))
    sums = [sum(cells) for cells in zip(*rows.values(), strict=True)]

    def last(canvas: Canvas, x: float, top: float) -> None:
        canvas.line((x, top), (x + panel.inner, top), _RULE)
        row("Cộng", [sum(sums), *sums], bold=True)(canvas, x, top)

    panel.add(high, last)
    return panel


def _tally(paper: PaperGround, painting: Painting, looks: Sequence[Look]) -> dict[str, list[int]]:
    """Units of each class by district code."""
    rows = {code: [0] * len(looks) for code, _, _ in paper.districts}
    for unit in paper.units:
        look = painting.look(unit.code)
        if look in looks and unit.district in rows:
            rows[unit.district][looks.index(look)] += 1
    return rows


def communes_panel(paper: PaperGround, painting: Painting, facts: Facts, template: Template) -> Panel | None:
    """The communes of a district: class, criteria met; None where there is only one."""
    units = [unit for unit, inside in zip(paper.units, paper.inside, strict=True) if inside]
    if len(units) < 2:
        return None
    panel = Panel("communes", template.panel_width, template.panel_pad, high=0.5)
    panel.heading("Các xã", template)
    size = template.body
    high = line_height(size) + 0.35
    met = facts.communes.get("criteria_met")

    def header(canvas: Canvas, x: float, top: float) -> None:
        canvas.text((x + panel.inner, top - high * 0.75), "Tiêu chí đạt", template.small, color="quiet", align="right")
        canvas.line((x, top - high), (x + panel.inner, top - high), _RULE)

    def row(unit: Unit) -> Draw:
        look = painting.look(unit.code)
        count = None if met is None or unit.urban else met.get(unit.code)

        def draw(canvas: Canvas, x: float, top: float) -> None:
            base = top - high * 0.74
            if look is not None:
                swatch(canvas, Rect(x, top - high + 0.9, 5.4, high - 1.4), look)
            canvas.text((x + 7.5, base), shorten(unit.full_name, within=panel.inner - 24, size=size), size)
            canvas.text((x + panel.inner, base), "" if unit.urban else number(count), size, align="right")

        return draw

    panel.add(high, header)
    for unit in sorted(units, key=lambda one: (one.urban, one.code)):
        panel.add(high, row(unit))
    return panel


def scale_panel(placement: Placement, crs: str, template: Template) -> Panel:
    """Scale as a ratio, in words and as a bar; the north arrow; the projection."""
    panel = Panel("scale", template.panel_width, template.panel_pad, high=-0.5)
    big = template.heading + 4
    ratio = f"Tỷ lệ 1:{number(placement.denominator)}"
    km = km_per_cm(placement.denominator)
    ground = f"{number(km, 0 if km == int(km) else 3).rstrip('0').rstrip(',') if km != int(km) else number(km)} km"
    note = wrap(projection_note(crs), within=panel.inner, size=template.small)

    def draw(canvas: Canvas, x: float, top: float) -> None:
        canvas.text((x, top - big * 0.28), ratio, big, style="bold")
        canvas.text((x, top - big * 0.28 - 5.0), f"1 cm trên bản đồ bằng {ground} ngoài thực địa", template.small)
        draw_scale_bar(canvas, (x + 0.7, top - 14.0), placement, longest=panel.inner - 24, template=template)
        draw_north(canvas, (x + panel.inner - 5, top - 15.0), height=10.5, template=template)

    panel.add(19.2, draw)
    panel.lines(note, template, color="quiet")
    return panel


def list_panel(
    numbers: Sequence[Numbered], painting: Painting, template: Template, *, title: str = "Tên đánh số trên bản đồ"
) -> Panel | None:
    """The names that stand on the map as numbers, in two columns; a commune with the fill of its class."""
    if not numbers:
        return None
    panel = Panel("list", template.panel_width, template.panel_pad)
    panel.heading(title, template)
    size, high = template.small, line_height(template.small) + 0.3
    half = panel.inner / 2
    rows = -(-len(numbers) // 2)
    for n in range(rows):
        entries = [numbers[k] for k in (n, n + rows) if k < len(numbers)]

        def draw(canvas: Canvas, x: float, top: float, entries: Sequence[Numbered] = tuple(entries)) -> None:
            for column, entry in enumerate(entries):
                left, base = x + column * half, top - high * 0.72
                canvas.text((left + 4.2, base), str(entry.number), size, style="semibold", align="right")
                look = painting.look(entry.name.key)
                start = left + 5.2
                if look is not None:
                    swatch(canvas, Rect(start, base - 0.2, 4.0, 2.4), look)
                    start += 5.0
                label = shorten(entry.name.text, within=left + half - 1.3 - start, size=size)
                canvas.text((start, base), label, size)

        panel.add(high, draw)
    return panel


def signature_panel(style: HouseStyle, template: Template) -> Panel | None:
    """Room for signatures under their roles, with the names of the style file; None where it has no roles."""
    if not style.signature:
        return None
    panel = Panel("signature", template.panel_width, template.panel_pad, high=-2.5)
    size = template.small
    step = line_height(size)
    place = f"{style.place}, " if style.place else ""
    wide = panel.inner / len(style.signature)
    roles = [wrap(role, within=wide - 2, size=size, style="semibold") for role, _ in style.signature]
    more = step * (max(map(len, roles)) - 1)

    def draw(canvas: Canvas, x: float, top: float) -> None:
        dotted = f"{place}ngày ..... tháng ..... năm ........"
        canvas.text((x + panel.inner, top - step * 0.8), dotted, size, style="italic", color="quiet", align="right")
        for n, (lines, (_, name)) in enumerate(zip(roles, style.signature, strict=True)):
            middle = x + wide * (n + 0.5)
            for row, line in enumerate(lines):
                label = shorten(line, within=wide - 2, size=size, style="semibold")
                canvas.text((middle, top - step * (2.0 + row)), label, size, style="semibold", align="center")
            signed = shorten(name, within=wide - 2, size=size, style="semibold")
            canvas.text((middle, top - step * 2.0 - more - 15.0), signed, size, style="semibold", align="center")

    panel.add(step * 2.2 + more + 15.5, draw)
    return panel


def locator_panel(whole: Ground, scope: Scope, template: Template) -> Panel | None:
    """A small map with what the sheet shows in the colour of accent: a district or commune within the province.

    A sheet of the whole province has one only where the workspace knows land around it that reaches well beyond the
    map (the other epoch's larger province, neighbours of the user): where a province lies among others cannot be drawn
    without their boundaries, and no border is taken from a public world map.
    """
    province = scope.level == "province"
    around = list(whole.neighbours) if whole.neighbours is not None and province else []
    if province and not _reaches_beyond(around, whole.province):
        return None
    panel = Panel("locator", template.panel_width * 0.5, template.panel_pad)
    panel.heading("Vị trí" if province else "Vị trí trong tỉnh", template)
    shapes = [area for _, _, area in whole.districts] or [whole.province]
    x0, y0, x1, y1 = shapely.total_bounds(np.array([whole.province, *around], dtype=object))
    scale = min(panel.inner / (x1 - x0), 46.0 / (y1 - y0))
    fine = 0.15 / scale
    if province:
        simple = [shapely.simplify(area, fine) for area in around]
    else:
        simple = list(shapely.coverage_simplify(np.array(shapes, dtype=object), fine))
    own, outline = shapely.simplify(scope.area, fine), shapely.simplify(whole.province, fine)
    left = (panel.inner - (x1 - x0) * scale) / 2

    def draw(canvas: Canvas, x: float, top: float) -> None:
        low = top - (y1 - y0) * scale

        def moved(shape: BaseGeometry) -> BaseGeometry:
            here, there = np.array([x0, y0]), np.array([x + left, low])
            return shapely.transform(shape, lambda xy: (xy - here) * scale + there)

        canvas.shapes([moved(shape) for shape in simple], Ink(fill="neighbour", line="#ffffff", width=0.2))
        canvas.shapes([moved(own)], Ink(fill="accent", line="accent", width=0.3))
        if not province:
            canvas.shapes([moved(outline)], Ink(line="frame", width=0.35))

    panel.add((y1 - y0) * scale + 0.5, draw)
    return panel


def _reaches_beyond(around: Sequence[BaseGeometry], province: BaseGeometry) -> bool:
    """Whether the known land is so wide that the province is a part of it, not a province with a rim."""
    if not around:
        return False
    x0, y0, x1, y1 = shapely.total_bounds(np.array([province, *around], dtype=object))
    west, south, east, north = province.bounds
    return bool((x1 - x0) >= 1.5 * (east - west) or (y1 - y0) >= 1.5 * (north - south))


def _total_row(panel: Panel, template: Template, label: str, count: str, rate: str) -> None:
    size = template.body
    high = line_height(size) + 1.2

    def draw(canvas: Canvas, x: float, top: float) -> None:
        canvas.line((x, top - 0.6), (x + panel.inner, top - 0.6), _RULE)
        base = top - high * 0.78
        canvas.text((x + 12.5, base), label, size, color="quiet")
        canvas.text((x + panel.inner - 15, base), count, size + 0.5, style="semibold", align="right")
        canvas.text((x + panel.inner, base), rate, size + 0.5, align="right", color="quiet")

    panel.add(high, draw)
