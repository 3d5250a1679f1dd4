"""The blocks beside the map: each knows its height before it is drawn, so that the layout can find it a place.

A panel shows what is on this sheet and nothing else: every entry has its count, no entry stands for nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ntmgis.measure.facts import Facts
from ntmgis.show.paper.arrange import PanelSize
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import short_district, tier_counts
from ntmgis.show.paper.font import Style, clean, shorten, wrap
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.ink import tier_swatch
from ntmgis.show.paper.labels import Numbered
from ntmgis.show.paper.scale import Placement, km_per_cm, projection_note
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import number, percent

__all__ = ["Panel", "districts_panel", "list_panel", "scale_panel", "tiers_panel"]

_INK = "#1f2933"
_QUIET = "#52606d"
_RULE = Ink(line="#9aa5b1", width=0.15)

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
            lambda canvas, x, top: canvas.text((x, top - drop), text, size, style="bold", color=_INK),
        )

    def draw(self, canvas: Canvas, place: Rect) -> None:
        """The panel on white at its place."""
        canvas.rect(place, Ink(fill="#ffffff", line="#9aa5b1", width=0.2))
        top = place.top - self.pad
        for height, row in self.rows:
            for draw in row:
                draw(canvas, place.x + self.pad, top)
            top -= height


def tiers_panel(facts: Facts, template: Template) -> Panel:
    """Legend of the tiers with counts and shares of the communes that are assessed."""
    panel = Panel("tiers", template.panel_width, template.panel_pad, high=1.0)
    panel.heading("Kết quả nông thôn mới cấp xã", template)
    counts = tier_counts(facts)
    rural = sum(count for state, count in counts.items() if state != "not_applicable")
    high = template.body * 0.66
    size = template.body + 0.5

    def row(state: str, count: int) -> Draw:
        def draw(canvas: Canvas, x: float, top: float) -> None:
            tier_swatch(canvas, Rect(x, top - high + 1.0, 10.0, high - 1.4), state)
            base = top - high / 2 - size * 0.09
            quiet = state == "not_applicable"
            canvas.text((x + 12.5, base), tier_label(state), size, style="italic" if quiet else "regular")
            canvas.text((x + panel.inner - 15, base), number(count), size, style="semibold", align="right")
            if not quiet and rural:
                canvas.text((x + panel.inner, base), percent(count / rural), size, align="right", color=_QUIET)

        return draw

    for state, count in counts.items():
        if state == "not_applicable":
            _total_row(panel, template, "Tổng số xã được đánh giá", number(rural), "100,0%" if rural else "")
        panel.add(high, row(state, count))
    if "not_applicable" not in counts:
        _total_row(panel, template, "Tổng số xã được đánh giá", number(rural), "100,0%" if rural else "")
    return panel


def districts_panel(facts: Facts, template: Template) -> Panel | None:
    """Table of the districts: communes by tier, with their sum; None where the epoch has no districts."""
    frame = facts.districts
    if frame.empty:
        return None
    panel = Panel("districts", template.panel_width, template.panel_pad, high=0.5)
    panel.heading("Số xã theo huyện và kết quả", template)
    states = [state for state in tier_counts(facts) if state != "not_applicable"]
    size = template.body
    high = line_height(size) + 0.35
    column = 8.2 * template.panel_width / 78
    right = [panel.inner - 0.5 - column * n for n in range(len(states) + 1)][::-1]

    def header(canvas: Canvas, x: float, top: float) -> None:
        canvas.text((x, top - high * 0.75), "Huyện", template.small, color=_QUIET)
        canvas.text((x + right[0], top - high * 0.75), "Số xã", template.small, color=_QUIET, align="right")
        for state, edge in zip(states, right[1:], strict=True):
            tier_swatch(canvas, Rect(x + edge - 5.0, top - high + 1.0, 5.4, high - 1.4), state)
        canvas.line((x, top - high), (x + panel.inner, top - high), _RULE)

    def row(name: str, cells: Sequence[int], *, bold: bool = False) -> Draw:
        style: Style = "semibold" if bold else "regular"

        def draw(canvas: Canvas, x: float, top: float) -> None:
            base = top - high * 0.74
            label = shorten(name, within=right[0] - 6, size=size, style=style)
            canvas.text((x, base), label, size, style=style)
            for cell, edge in zip(cells, right, strict=True):
                color = _INK if cell else "#9aa5b1"
                canvas.text((x + edge, base), number(cell), size, style=style, align="right", color=color)

        return draw

    panel.add(high, header)
    for entry in frame.to_dict("records"):
        cells = [int(entry["rural"]), *(int(entry[state]) for state in states)]
        panel.add(high, row(short_district(clean(entry["name"])), cells))
    total = [int(frame["rural"].sum()), *(int(frame[state].sum()) for state in states)]

    def last(canvas: Canvas, x: float, top: float) -> None:
        canvas.line((x, top), (x + panel.inner, top), _RULE)
        row("Cộng", total, bold=True)(canvas, x, top)

    panel.add(high, last)
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
    step = line_height(template.small)

    def lines(canvas: Canvas, x: float, top: float) -> None:
        for row, text in enumerate(note):
            canvas.text((x, top - step * (row + 0.75)), text, template.small, color=_QUIET)

    panel.add(step * len(note), lines)
    return panel


def list_panel(numbers: Sequence[Numbered], tiers: Mapping[str, str], template: Template) -> Panel | None:
    """The names that stand on the map as numbers, in two columns, each with the fill of its tier."""
    if not numbers:
        return None
    panel = Panel("list", template.panel_width, template.panel_pad)
    panel.heading("Tên các đơn vị đánh số trên bản đồ", template)
    size, high = template.small, line_height(template.small) + 0.3
    half = panel.inner / 2
    rows = -(-len(numbers) // 2)
    for n in range(rows):
        entries = [numbers[k] for k in (n, n + rows) if k < len(numbers)]

        def draw(canvas: Canvas, x: float, top: float, entries: Sequence[Numbered] = tuple(entries)) -> None:
            for column, entry in enumerate(entries):
                left, base = x + column * half, top - high * 0.72
                canvas.text((left + 4.2, base), str(entry.number), size, style="semibold", align="right")
                tier_swatch(canvas, Rect(left + 5.2, base - 0.2, 4.0, 2.4), tiers[entry.name.key])
                label = shorten(entry.name.text, within=half - 11.5, size=size)
                canvas.text((left + 10.2, base), label, size)

        panel.add(high, draw)
    return panel


def _total_row(panel: Panel, template: Template, label: str, count: str, rate: str) -> None:
    size = template.body
    high = line_height(size) + 1.2

    def draw(canvas: Canvas, x: float, top: float) -> None:
        canvas.line((x, top - 0.6), (x + panel.inner, top - 0.6), _RULE)
        base = top - high * 0.78
        canvas.text((x + 12.5, base), label, size, color=_QUIET)
        canvas.text((x + panel.inner - 15, base), count, size + 0.5, style="semibold", align="right")
        canvas.text((x + panel.inner, base), rate, size + 0.5, align="right", color=_QUIET)

    panel.add(high, draw)
