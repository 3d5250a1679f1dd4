"""The page of one commune: its map at the largest round scale, and everything that is known of it, on one A4.

pages = CommunePages(SheetMaker(snapshot, facts), monitoring)
page, info = pages.draw("23521", page=(12, 118))
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import shapely

from ntmgis.measure.monitoring import Monitoring
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page_facts import PageFacts, tier_said
from ntmgis.show.paper.commune_page_locator import Locator
from ntmgis.show.paper.commune_page_parts import (
    draw_criteria,
    draw_measures,
    draw_trend,
    draw_works,
    tier_look,
    works_height,
)
from ntmgis.show.paper.commune_page_villages import VillageTable, draw_villages, village_table
from ntmgis.show.paper.content import Ground, Scope, scope_of
from ntmgis.show.paper.fitted import FittedMap, draw_fitted_map, fitted_ground, fitted_placement
from ntmgis.show.paper.font import clean, house_fonts, shorten, width, wrap
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.furniture import SheetText, draw_foot, draw_title, map_frame
from ntmgis.show.paper.ink import draw_pattern
from ntmgis.show.paper.legend import layers_panel
from ntmgis.show.paper.mapbody import shown_works
from ntmgis.show.paper.painting import Look, Painting, paint
from ntmgis.show.paper.panels import Panel, looks_panel
from ntmgis.show.paper.scale import Placement, km_per_cm, projection_note
from ntmgis.show.paper.sheet import SheetMaker
from ntmgis.show.paper.sizes import Rect, Template, line_height, template_for
from ntmgis.show.words import known_day, known_words, number, place_words
from ntmgis.store.snapshot import Snapshot

__all__ = ["PAPER", "CommuneInfo", "CommunePages", "draw_status"]

PAPER = "A4"
_GAP = 3.5  # mm between blocks
_SIDE = 64.0  # width of the column beside the map
_STRIP = 10.0  # height of the line with scale and north
_LEAST_MAP = 128.0  # height of the map with its frame, scale and north
_LEAST_LOCATOR = 20.0
_SIDE_GAP = 2.5
_INSET = (25.0, 33.0)
_LEAST_ROW = 3.0  # of the table of works
_LEAST_MAP_ALONE = 108.0
_WORKS = 66.0
_AIR = 3.0
_LINES = frozenset({"road", "river", "lake"})
_LEGEND = _LINES | {"water_supply", "waste_point"}


@dataclass(frozen=True, slots=True)
class CommuneInfo:
    """What a page shows: the scale 1:`denominator`, villages named or numbered on the map, listed, and left out."""

    code: str
    name: str
    denominator: int
    villages_on_map: int
    villages_listed: int
    villages_left_out: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of a page stand. `works` None: the table of works stands beside the map."""

    map: Rect
    block: Rect
    villages: Rect
    table: VillageTable
    flagged: bool
    works: Rect | None


class CommunePages:
    """Draws the pages of any number of communes of one snapshot; what they share is worked out once."""

    def __init__(self, maker: SheetMaker, monitoring: Monitoring | None = None, *, bw: bool = False) -> None:
        self.maker = maker
        self.bw = bw
        self.facts = PageFacts(maker.snapshot, maker.facts, maker.ground, monitoring)
        self.template = replace(template_for(PAPER, maker.style.layout), panel_width=_SIDE)
        self.locator = Locator(maker.ground.districts, maker.ground.province)

    @property
    def snapshot(self) -> Snapshot:
        """What the pages are of."""
        return self.maker.snapshot

    def canvas(self) -> Canvas:
        """An empty page."""
        sheet = self.template.sheet(turned=False)
        return Canvas(
            sheet.width,
            sheet.height,
            monochrome=self.bw,
            magnify=self.template.magnify,
            colors=self.maker.style.colors,
        )

    def words(self, headline: str, subtitle: str, *, page: tuple[int, int], made: date | None = None) -> SheetText:
        """The words around a page."""
        return SheetText(
            headline=clean(headline, limit=200),
            subtitle=clean(subtitle, limit=400),
            province=clean(self.snapshot.province_name),
            agency=self.maker.agency,
            sources=self.facts.sources,
            as_of=self.snapshot.as_of,
            made=made,
            known=known_day(self.snapshot),
            sample=self.snapshot.sample,
            page=page,
        )

    def draw(
        self, code: str, *, page: tuple[int, int] = (1, 1), made: date | None = None
    ) -> tuple[Canvas, CommuneInfo]:
        """The page of the commune with this code, drawn; UsageError when there is none."""
        with house_fonts(self.maker.style.fonts):
            scope = scope_of(self.maker.ground, self.snapshot, code)
            return self._draw(scope, page, made)

    def _draw(self, scope: Scope, page: tuple[int, int], made: date | None) -> tuple[Canvas, CommuneInfo]:
        facts, template, code = self.facts, self.template, scope.code
        row = facts.of(code)
        tier = str(row["tier"])
        rural = tier != "not_applicable"
        villages = facts.villages(code)
        words = self.words(
            f"{scope.name}: {tier_said(tier)}",
            self._subtitle(code, row["district"], float(row["area_km2"]), row["population"]),
            page=page,
            made=made,
        )
        canvas = self.canvas()
        draw_title(canvas, words, template, self.maker.style)
        place = map_frame(template, self.maker.style, words, turned=False)[1].grown(template.frame_band)
        head = Rect(place.x, place.y, place.width, place.height + 1.5)
        sentences = [facts.recognition(code), *facts.standing(code)]
        top = place.top - draw_status(canvas, head, tier, sentences, template)

        # What stands under the map takes what it needs, the map the rest.
        room = Rect(place.x, place.y, place.width, top - place.y)
        layout = self._lay_out(code, room, rural=rural, below=False)
        if not self._fits_beside(scope, layout.map):
            layout = self._lay_out(code, room, rural=rural, below=True)
        fitted = self._map(canvas, scope, layout)
        numbers = {one.name.key: one.number for one in fitted.names.numbers}
        if rural:
            self._judged(canvas, layout.block, code)
        else:
            draw_measures(canvas, layout.block, facts.measures(code), template)
        draw_villages(canvas, layout.villages, villages, layout.table, numbers, template, flagged=layout.flagged)
        table = layout.table
        draw_foot(canvas, words, template)
        on_map = len(fitted.names.villages.names) + len(fitted.names.villages.numbers)
        info = CommuneInfo(code, scope.name, fitted.denominator, on_map, table.shown, len(villages) - table.shown)
        return canvas, info

    def _lay_out(self, code: str, room: Rect, *, rural: bool, below: bool) -> _Layout:
        """Where everything under the title stands; `below`: the table of works is under the map, not beside it."""
        facts, template = self.facts, self.template
        villages = facts.villages(code)
        flagged = any(flag is not None for one in villages for flag in (one.model, one.minority_ntm, one.smart))
        works = works_height(len(facts.nearest(code)[0]), template, plain=3.5) if below else 0.0
        first = 64.0 if rural else 12.0 + 4.6 * len(facts.measures(code))
        least = _LEAST_MAP_ALONE if below else _LEAST_MAP
        if rural:
            wide = room.width - (_WORKS + _GAP * 2 if below else 0.0)
            columns = (3 if flagged else 4) if below else (4 if flagged else 6)
            table = village_table(len(villages), template, columns=columns, most=room.height - first - 2 * _GAP - least)
            bottom = max(table.height, works)
            low = bottom + _GAP + first
            block = Rect(room.x, room.y + low - first, room.width, first)
            under = Rect(room.x, room.y + bottom - works, _WORKS, works)
        else:
            wide, columns = room.width - 100.0, 2 if flagged else 3
            table = village_table(len(villages), template, columns=columns, most=room.height - _GAP - least)
            low = bottom = max(table.height, first + (_GAP + works if below else 0.0))
            block = Rect(room.x, room.y + low - first, 94.0, first)
            under = Rect(room.x, block.y - _GAP - works, 94.0, works)
        listed = Rect(room.right - wide, room.y + bottom - table.height, wide, table.height)
        place = Rect(room.x, room.y + low + _GAP, room.width, room.height - low - _GAP)
        return _Layout(place, block, listed, table, flagged, under if below else None)

    def _judged(self, canvas: Canvas, block: Rect, code: str) -> None:
        """Criteria on the left, measures and trend on the right."""
        facts, template = self.facts, self.template
        split = 126.0
        left = Rect(block.x, block.y, split, block.height)
        draw_criteria(canvas, left, facts.criteria(code), facts.criteria_set(code), template)
        right = Rect(block.x + split + 5, block.y, block.width - split - 5, block.height)
        measures = facts.measures(code)
        tall = min(11.0 + 4.2 * len(measures), block.height - 18.0)
        draw_measures(canvas, Rect(right.x, right.top - tall, right.width, tall), measures, template)
        rest = Rect(right.x, right.y, right.width, block.height - tall - 2.0)
        draw_trend(canvas, rest, facts.trend(code), template)

    def _subtitle(self, code: str, district: str | None, area: float, people: float | None) -> str:
        villages = self.facts.villages(code)
        parts = [place_words(district, self.snapshot.province_name), self.snapshot.epoch.title_vi]
        parts += [f"mã {code}", f"{number(area, 1)} km²"]
        if people is not None:
            parts.append(f"khoảng {number(round(people, -1))} người")
        if villages:
            parts.append(f"{number(len(villages))} thôn, làng, tổ dân phố")
        if known := known_words(self.snapshot):
            parts.append(known)
        return " · ".join(parts)

    def _rim(self, scope: Scope) -> Look | None:
        """The tier of the commune as a band around its map; none where there is nothing to tell."""
        tier = str(self.facts.of(scope.code)["tier"])
        return None if tier in {"not_applicable", "not_reported"} else tier_look(tier)

    def _legend(self, scope: Scope, place: Rect) -> tuple[Placement, Ground, Panel]:
        """Where the ground lies on the map in `place`, what is seen of it, and the legend of that."""
        frame = self._frame(place)
        placement = fitted_placement(frame, scope, template=self.template, air=_AIR)
        seen = fitted_ground(frame, self.maker.ground, scope, placement)
        lines = replace(seen, layers={id_: one for id_, one in seen.layers.items() if id_ in _LEGEND})
        road_km = self._road_km(scope)
        rim = self._rim(scope)
        legend = layers_panel(lines, road_km, placement.denominator, self.template, works=None, whole=False, rim=rim)
        return placement, seen, legend

    def _fits_beside(self, scope: Scope, place: Rect) -> bool:
        """Whether the legend and every row of the table of works have room beside the map."""
        legend = self._legend(scope, place)[2]
        tall = works_height(len(self.facts.nearest(scope.code)[0]), self.template, plain=_LEAST_ROW)
        return legend.size.height + tall + 2 * _SIDE_GAP <= place.height

    def _map(self, canvas: Canvas, scope: Scope, layout: _Layout) -> FittedMap:
        """The map of a commune; beside it where it lies, the legend and, where they fit, the works.

        Where the column beside the map has no room for where it lies, that stands in the emptiest corner of the map.
        """
        template, place = self.template, layout.map
        placement, seen, legend = self._legend(scope, place)
        rows, from_where = self.facts.nearest(scope.code)
        side = Rect(place.right - _SIDE, place.y, _SIDE, place.height)
        room = side.height - legend.size.height - _SIDE_GAP
        tall = 0.0
        if layout.works is None:
            steps = (3.8 - 0.1 * n for n in range(9))
            heights = [works_height(len(rows), template, plain=step) for step in steps]
            tall = next((one for one in heights if one <= room - _SIDE_GAP), heights[-1])
            room -= tall + _SIDE_GAP
        rest = min(room, 56.0)
        inset = None if rest >= _LEAST_LOCATOR else _empty_corner(self._frame(place), placement, scope)

        works = paint(self.snapshot, self.maker.facts, scope, "infrastructure")[0]
        painting = replace(works, rim=self._rim(scope))
        panels = () if inset is None else (inset,)
        fitted = self._framed(canvas, place, scope, painting, self.maker.ground, panels=panels)
        with canvas.layer("Chú giải"):
            top = side.top
            if inset is None:
                self.locator.draw(canvas, Rect(side.x, top - rest, _SIDE, rest), scope.area, template)
                top -= rest + _SIDE_GAP
            else:
                self.locator.inset(canvas, inset, scope.area)
            legend.draw(canvas, Rect(side.x, top - legend.size.height, _SIDE, legend.size.height))
            top -= legend.size.height + _SIDE_GAP
            drawn = set(shown_works(seen, placement.denominator, only=None)[0])
            table = layout.works or Rect(side.x, top - tall, _SIDE, tall)
            draw_works(canvas, table, rows, drawn, from_where, template)
        return fitted

    def map(self, canvas: Canvas, place: Rect, scope: Scope, painting: Painting) -> FittedMap:
        """The map of a larger scope without villages and works; beside it where it lies and the legend.

        The name of a commune is a link to the page of that code.
        """
        ground = self.maker.ground
        plain = replace(ground, villages=None, layers={id_: one for id_, one in ground.layers.items() if id_ in _LINES})
        fitted = self._framed(canvas, place, scope, painting, plain)
        template = self.template
        road_km = self._road_km(scope)
        layers = layers_panel(fitted.ground, road_km, fitted.denominator, template, whole=False)
        with canvas.layer("Chú giải"):
            top, left = place.top, place.right - _SIDE
            panels = [looks_panel(painting, template), layers]
            rest = min(place.height - sum(panel.size.height + _SIDE_GAP for panel in panels), 56.0)
            if rest >= _LEAST_LOCATOR:
                self.locator.draw(canvas, Rect(left, top - rest, _SIDE, rest), scope.area, template)
                top -= rest + _SIDE_GAP
            for panel in panels:
                panel.draw(canvas, Rect(left, top - panel.size.height, _SIDE, panel.size.height))
                top -= panel.size.height + _SIDE_GAP
        communes = fitted.names.communes
        boxes = [(one.name.key, one.box) for one in communes.names] + [
            (one.name.key, one.box) for one in communes.numbers
        ]
        for key, box in boxes:
            x0, y0, x1, y1 = box.bounds
            canvas.link(Rect(x0, y0, x1 - x0, y1 - y0), key)
        return fitted

    def _frame(self, place: Rect) -> Rect:
        """The inner frame of the map: left of the column, above the line with the scale."""
        wide = place.width - _SIDE - _GAP
        return Rect(place.x, place.y + _STRIP, wide, place.height - _STRIP).grown(-self.template.frame_band)

    def _framed(
        self,
        canvas: Canvas,
        place: Rect,
        scope: Scope,
        painting: Painting,
        ground: Ground,
        *,
        panels: Sequence[Rect] = (),
    ) -> FittedMap:
        """The map, with scale and north below it."""
        frame = self._frame(place)
        fitted = draw_fitted_map(
            canvas, frame, ground, scope, painting, template=self.template, air=_AIR, panels=panels
        )
        with canvas.layer("Chú giải"):
            self._strip(canvas, Rect(place.x, place.y, place.width - _SIDE - _GAP, _STRIP), fitted)
        return fitted

    def _strip(self, canvas: Canvas, place: Rect, fitted: FittedMap) -> None:
        template, placement = self.template, fitted.placement
        base = place.y + 2.6
        ratio = f"Tỷ lệ 1:{number(placement.denominator)}"
        size = template.heading + 1.5
        canvas.text((place.x, base), ratio, size, style="bold")
        left = place.x + width(ratio, size, "bold") + 5.0
        bar = draw_scale_bar(canvas, (left, base + 1.6), placement, longest=48.0, template=template)
        left += bar + 10.0
        draw_north(canvas, (left, base - 2.4), height=5.0, template=template)
        km = km_per_cm(placement.denominator)
        ground = number(km, 3).rstrip("0").rstrip(",") if km != int(km) else number(km)
        room = place.right - left - 6.0
        for n, note in enumerate((f"1 cm = {ground} km ngoài thực địa", projection_note(self.snapshot.metric_crs))):
            at = (left + 6.0, base + 1.9 - n * line_height(template.small))
            canvas.text(at, shorten(note, within=room, size=template.small), template.small, color="quiet")

    def _road_km(self, scope: Scope) -> dict[str, float]:
        roads = self.maker.facts.roads
        if roads.empty:
            return {}
        own = roads[roads["code"].astype(str).isin(list(scope.codes))]
        return {str(name): float(km) for name, km in own.groupby("class")["km"].sum().items()}


def draw_status(canvas: Canvas, place: Rect, tier: str, sentences: Sequence[str], template: Template) -> float:
    """The tier in its colour, and beside it why, at the top of `place`; gives the height it takes."""
    look = tier_look(tier)
    size = template.body
    chip = width(look.label, template.heading, "bold") + 7.0
    lines = [
        line for text in sentences for line in wrap(text, within=place.width - chip - 4.0, size=size, style="regular")
    ]
    if len(lines) > 4:
        lines = [*lines[:3], shorten(" ".join(lines[3:]), within=place.width - chip - 4.0, size=size)]
    step = line_height(size)
    tall = max(7.5, step * len(lines) + 1.0)
    box = Rect(place.x, place.top - tall, chip, tall)
    canvas.rect(box, Ink(fill=look.fill, line="#6b7280", width=0.2))
    if canvas.monochrome or tier == "not_reported":
        draw_pattern(canvas, [shapely.box(box.x, box.y, box.right, box.top)], look)
    color = "#111827" if canvas.monochrome else look.text
    halo = (look.fill if not canvas.monochrome else "#ffffff", 0.5)
    at = (box.x + chip / 2, box.y + tall / 2 - template.heading * 0.12)
    canvas.text(at, look.label, template.heading, style="bold", color=color, align="center", halo=halo)
    y = place.top - (tall - step * len(lines)) / 2
    for n, line in enumerate(lines):
        canvas.text((place.x + chip + 4.0, y - step * (n + 0.74)), line, size)
    return tall + 2.5


def _empty_corner(frame: Rect, placement: Placement, scope: Scope) -> Rect:
    """The corner of a map where a small box hides least of the unit."""
    wide, tall = _INSET
    area = placement.shapes(scope.area)
    places = [Rect(x, y, wide, tall) for y in (frame.y, frame.top - tall) for x in (frame.x, frame.right - wide)]

    def hidden(place: Rect) -> float:
        return float(area.intersection(shapely.box(place.x, place.y, place.right, place.top)).area)

    return min(places, key=hidden)
