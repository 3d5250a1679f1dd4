"""The legend of lines and points: what is drawn on this sheet, with its count or length, and nothing else."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from ntmgis.programme.tables import tables
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Layer, planned, road_classes, short_kinds, value_word
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.ink import planned_ink, road_ink, swatch
from ntmgis.show.paper.mapbody import shown_works
from ntmgis.show.paper.painting import Look
from ntmgis.show.paper.panels import Panel
from ntmgis.show.paper.signs import State, draw_glyph, draw_sign, sign_state
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.symbols import symbols
from ntmgis.show.words import number

__all__ = ["layers_panel", "lines_panel", "works_panel"]

_STATE_WORDS: dict[State, str] = {
    "works": "hoạt động tốt",
    "poor": "kém bền vững",
    "broken": "ngừng hoạt động",
    "unknown": "chưa rõ",
}
_SURFACE_WORDS = {"asphalt": "nhựa, bê tông", "concrete": "nhựa, bê tông", "stone": "đá dăm, gạch", "earth": "đất"}

# Draws the sample of an entry: canvas, left edge, middle height.
Sample = Callable[[Canvas, float, float], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A sample with its label and count. `reach` is the width of the sample in mm."""

    sample: Sample
    label: str
    count: str = ""
    reach: float = 10.5

    def needs(self, size: float) -> float:
        """Width in mm at a type size."""
        return self.reach + width(self.label, size) + (1.5 + width(self.count, size) if self.count else 0.0)


def layers_panel(
    ground: Ground,
    road_km: Mapping[str, float],
    denominator: int,
    template: Template,
    *,
    works: Collection[str] | None = (),
    whole: bool = True,
    rim: Look | None = None,
) -> Panel:
    """Legend of lines and of works in one, see `lines_panel` and `works_panel`; of the band of a class `rim` too."""
    drawn, left = shown_works(ground, denominator, only=works)
    panel = Panel("layers", template.panel_width, template.panel_pad)
    panel.heading("Ranh giới, đường sá, công trình" if drawn or left else "Ranh giới, đường sá", template)
    if rim is not None:
        _rows(panel, [_Entry(_band(rim), f"dải màu: {rim.label}")], template, single=True)
    _lines(panel, ground, road_km, denominator, template, whole=whole)
    _point_rows(panel, drawn, left, template)
    return panel


def lines_panel(
    ground: Ground, road_km: Mapping[str, float], denominator: int, template: Template, *, whole: bool = True
) -> Panel:
    """Legend of borders, waters, roads by class and surface; `road_km` is by class.

    `whole`: the sheet shows the whole province.
    """
    panel = Panel("layers", template.panel_width, template.panel_pad)
    panel.heading("Ranh giới, đường sá", template)
    _lines(panel, ground, road_km, denominator, template, whole=whole)
    return panel


def works_panel(
    ground: Ground, denominator: int, template: Template, *, works: Collection[str] | None = None
) -> Panel | None:
    """Legend of the works by kind and state; None where the map has none.

    `works`: the point layers that are drawn as far as the scale allows (None: every one); what it leaves out is named.
    """
    drawn, left = shown_works(ground, denominator, only=works)
    if not drawn and not left:
        return None
    panel = Panel("works", template.panel_width, template.panel_pad)
    panel.heading("Công trình", template)
    _point_rows(panel, drawn, left, template)
    return panel


def _lines(
    panel: Panel,
    ground: Ground,
    road_km: Mapping[str, float],
    denominator: int,
    template: Template,
    *,
    whole: bool,
) -> None:
    _rows(panel, [*_borders(ground, whole=whole), *_waters(ground)], template)
    _short_forms(panel, ground, template)
    roads = ground.layers.get("road")
    table = None if roads is None else roads.table[roads.table["class"].isin(road_classes(denominator))]
    if table is not None and len(table):
        _subheading(panel, "Đường giao thông (chiều dài hiện có)" if road_km else "Đường giao thông", template)
        future = planned(table)
        _rows(panel, _roads(table[~future], road_km, denominator), template, single=True)
        _rows(panel, _surfaces(table[~future]), template)
        if future.any():
            entry = _Entry(_stroke(*planned_ink()), "đang xây dựng, quy hoạch", f"{number(int(future.sum()))} tuyến")
            _rows(panel, [entry], template, single=True)


def _point_rows(panel: Panel, drawn: Mapping[str, Layer], left: Mapping[str, Layer], template: Template) -> None:
    drawn = dict(drawn)
    for id_ in ("water_supply", "waste_point"):
        layer = drawn.pop(id_, None)
        if layer is not None:
            _subheading(panel, f"{tables()[id_].title_vi}: {number(len(layer))}", template)
            _rows(panel, _works(id_, layer, template), template)
    if drawn:
        _subheading(panel, "Công trình khác", template)
        _rows(panel, [_glyph(id_, layer, template) for id_, layer in drawn.items()], template)
    if left:
        names = ", ".join(f"{tables()[id_].title_vi.lower()} ({number(len(layer))})" for id_, layer in left.items())
        text = f"Không vẽ ở tỷ lệ này: {names}."
        panel.lines(wrap(text, within=panel.inner, size=template.small), template, color="quiet")


def _short_forms(panel: Panel, ground: Ground, template: Template) -> None:
    """What the letters before the names of urban units stand for; a township is named as one, seats are not known."""
    first = {unit.name.partition(" ")[0] for unit in ground.units if unit.urban}
    told = [f"{short} {kind}" for kind, short in short_kinds().items() if short in first]
    if told:
        panel.lines([f"Tên in nghiêng: {', '.join(told)}"], template, color="quiet")


def _length(km: float | None) -> str:
    """Kilometres of a class, to the metre hundred where whole ones would say nothing; "" where none is known."""
    if not km:
        return ""
    return f"{number(km)} km" if km >= 10 else f"{number(max(km, 0.1), 1)} km"


def _borders(ground: Ground, *, whole: bool) -> list[_Entry]:
    levels = [("province", "ranh giới tỉnh"), ("district", "ranh giới huyện"), ("commune", "ranh giới xã")]
    look = symbols()["outline"]
    return [
        _Entry(_stroke(Ink(line=look[level]["color"], width=look[level]["paper_mm"])), label)
        for level, label in levels
        if (level != "district" or ground.districts) and (level != "province" or whole)
    ]


def _waters(ground: Ground) -> list[_Entry]:
    blue = symbols()["ground"]["water"]
    entries = []
    if "river" in ground.layers:
        entries.append(_Entry(_stroke(Ink(line=blue, width=0.6)), "sông, suối"))
    if "lake" in ground.layers:
        entries.append(_Entry(_patch(blue), "hồ, đập", number(len(ground.layers["lake"]))))
    return entries


def _roads(roads: pd.DataFrame, road_km: Mapping[str, float], denominator: int) -> list[_Entry]:
    entries = []
    for name in road_classes(denominator):
        if (roads["class"] == name).any():
            km = road_km.get(name)
            label = value_word("road_class", name)
            entries.append(_Entry(_stroke(*road_ink(name, "asphalt")), label, _length(km)))
    return entries


def _surfaces(roads: pd.DataFrame) -> list[_Entry]:
    held = set(roads["surface"].astype(object).where(roads["surface"].notna(), "unknown"))
    entries: dict[str, _Entry] = {}
    for surface in symbols()["road"]["surface"]:
        if surface in held:
            word = f"mặt {_SURFACE_WORDS[surface]}" if surface in _SURFACE_WORDS else "mặt đường chưa rõ"
            entries.setdefault(word, _Entry(_stroke(*road_ink("district", surface)), word))
    return list(entries.values())


def _works(id_: str, layer: Layer, template: Template) -> list[_Entry]:
    """Kinds that have a sign of their own, then the states that occur, if any but "works"."""
    look = symbols()["point"][id_]
    color = look["color"]
    own: Mapping[str, str] = look.get("kinds", {})
    points = layer.table
    entries: list[_Entry] = []
    if own:
        kinds = points["kind"].astype(str)
        paths = kinds.map(lambda kind: own.get(kind, look["path"]))
        for path in dict.fromkeys([*own.values(), look["path"]]):
            some = kinds[paths == path]
            if len(some):
                order = [kind for kind in own if kind in set(some)] or sorted(set(some))
                label = ", ".join(value_word("waste_kind", kind) for kind in order)
                entries.append(_Entry(_sign(path, color, "works", template), label, number(len(some)), reach=5.5))
    states = points["operation"].map(sign_state)
    if own and (states == "works").all():
        return entries
    for state, word in _STATE_WORDS.items():
        count = int((states == state).sum())
        if count:
            entries.append(_Entry(_sign(look["path"], color, state, template), word, number(count), reach=5.5))
    return entries


def _glyph(id_: str, layer: Layer, template: Template) -> _Entry:
    path = str(symbols()["point"][id_]["path"])

    def draw(canvas: Canvas, x: float, y: float) -> None:
        draw_glyph(canvas, path, "works", np.array([[x + 2.2, y]]), size=template.symbol + 0.3)

    return _Entry(draw, tables()[id_].title_vi.lower(), number(len(layer)), reach=5.5)


def _rows(panel: Panel, entries: Sequence[_Entry], template: Template, *, single: bool = False) -> None:
    """Entries in two columns; one that is too wide for half of the panel has a row of its own, as has a `single`."""
    size, high = template.small, line_height(template.small) + 0.3
    half = panel.inner / 2
    wide = half - 3.0

    def one(entry: _Entry, shift: float, span: float) -> Sample:
        def draw(canvas: Canvas, x: float, top: float) -> None:
            left = x + shift
            entry.sample(canvas, left, top - high / 2)
            room = span - entry.needs(size) + width(entry.label, size)
            canvas.text((left + entry.reach, top - high * 0.7), shorten(entry.label, within=room, size=size), size)
            canvas.text((left + span, top - high * 0.7), entry.count, size, align="right", color="quiet")

        return draw

    waiting: _Entry | None = None
    for entry in entries:
        fits = not single and entry.needs(size) <= wide
        if waiting is not None:
            if fits:
                panel.add(high, one(waiting, 0.0, wide), one(entry, half, half))
                waiting = None
                continue
            panel.add(high, one(waiting, 0.0, wide))
            waiting = None
        if fits:
            waiting = entry
        else:
            panel.add(high, one(entry, 0.0, panel.inner))
    if waiting is not None:
        panel.add(high, one(waiting, 0.0, wide))


def _subheading(panel: Panel, text: str, template: Template) -> None:
    high = line_height(template.small) + 0.9

    def draw(canvas: Canvas, x: float, top: float) -> None:
        canvas.text((x, top - high + 1.2), text, template.small, style="semibold", color="quiet")

    panel.add(high, draw)


def _stroke(*inks: Ink) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        for ink in inks:
            canvas.line((x, y), (x + 8.5, y), ink)

    return draw


def _band(look: Look) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        swatch(canvas, Rect(x, y - 1.2, 8.5, 2.4), look)

    return draw


def _patch(color: str) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        shape = affinity.scale(shapely.Point(x + 4.3, y).buffer(1.2), 2.4, 1.0)
        canvas.shapes([shape], Ink(fill=color, line="#5b9bc8", width=0.15))

    return draw


def _sign(path: str, color: str, state: State, template: Template) -> Sample:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        draw_sign(canvas, path, color, state, [(x + 2.2, y)], size=template.symbol + 0.3)

    return draw
