"""The map inside the frame, from the ground up: land, classes, relief, waters, borders, roads, works.

Every kind is a layer that a PDF viewer can switch off. A map can be drawn into any rectangle of any canvas.
"""

from collections.abc import Collection, Sequence
from copy import copy
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Layer, Scope, planned, road_classes
from ntmgis.show.paper.households import Cells, draw_cells
from ntmgis.show.paper.ink import draw_arrow, draw_pattern, mark_inks, planned_ink, road_ink
from ntmgis.show.paper.painting import Painting
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.signs import State, draw_glyph, draw_sign, sign_state
from ntmgis.show.paper.sizes import Rect, Template
from ntmgis.show.symbols import symbols

__all__ = ["PLAIN_FILL", "PaperGround", "draw_fills", "draw_map", "draw_marks", "shown_works", "works_groups"]

# What the paper resolves, in mm: borders are simplified to this, roads and rivers too.
_RESOLVED = 0.1
# Point layers are drawn down to this scale; smaller and they hide the map.
_COARSEST = {
    "water_supply": 700_000,
    "waste_point": 700_000,
    "health_station": 700_000,
    "market": 700_000,
    "irrigation": 700_000,
    "wastewater": 700_000,
    "pollution_site": 700_000,
    "production_zone": 700_000,
}
_COARSEST_OTHER = 300_000
_RIM = 2.4  # mm
PLAIN_FILL = "#faf8f3"


class PaperGround:
    """The ground in mm, simplified to what paper resolves; neighbours still share their borders.

    `scope`: the units the map is about; the rest of the province is context.
    """

    def __init__(self, ground: Ground, placement: Placement, scope: Scope | None = None) -> None:
        self.ground = ground
        self.placement = placement
        self.units = ground.units
        areas = np.array([unit.area for unit in ground.units], dtype=object)
        simple = shapely.coverage_simplify(areas, placement.metres(_RESOLVED)) if len(areas) else areas
        lost = shapely.is_empty(simple)
        simple[lost] = areas[lost]
        self.areas: NDArray[np.object_] = placement.shapes(simple)
        self.inside: NDArray[np.bool_] = np.array(
            [scope is None or unit.code in scope.codes for unit in ground.units], dtype=bool
        )
        self._owners = np.array([unit.district for unit in ground.units], dtype=object)
        self.scope = scope

    def moved(self, placement: Placement) -> "PaperGround":
        """The same ground at the same scale elsewhere on the sheet; nothing is simplified again."""
        made = copy(self)
        made.placement = placement
        shift = np.subtract(placement.point(0.0, 0.0), self.placement.point(0.0, 0.0))

        def move(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
            done: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy + shift)
            return done

        made.areas = move(self.areas)
        made.__dict__["whole"] = move(np.array([self.whole]))[0]
        made.__dict__["districts"] = [(code, name, move(np.array([area]))[0]) for code, name, area in self.districts]
        made.__dict__.pop("shown", None)
        return made

    @cached_property
    def districts(self) -> list[tuple[str, str, BaseGeometry]]:
        """Code, name and area of every district of which a unit is drawn."""
        made = []
        for code, name, area in self.ground.districts:
            own = self._owners == code
            made.append((code, name, _closed(self.areas[own]) if own.any() else self.placement.shapes(area)))
        return made

    @cached_property
    def whole(self) -> BaseGeometry:
        """All units drawn, as one."""
        return _closed(self.areas)

    @cached_property
    def shown(self) -> BaseGeometry:
        """The units the map is about, as one."""
        return self.whole if self.inside.all() else _closed(self.areas[self.inside])

    @property
    def province(self) -> BaseGeometry | None:
        """The province where all of it is drawn."""
        return self.whole if self.scope is None or self.scope.level == "province" else None


def _closed(areas: NDArray[np.object_]) -> BaseGeometry:
    """The areas as one; slits between neighbours that do not quite meet are closed, so that no border runs there."""
    return shapely.union_all(areas).buffer(0.3, join_style="mitre").buffer(-0.3, join_style="mitre")


def draw_fills(
    canvas: Canvas,
    frame: Rect,
    paper: PaperGround,
    painting: Painting,
    *,
    background: str | None = "outside",
    share: float = 1.0,
    patterns: bool = True,
    finer: float = 1.0,
) -> None:
    """Land, classes and borders alone, for small maps; borders are drawn at `share` of their width."""
    if background is not None:
        with canvas.layer("Nền"):
            canvas.rect(frame, Ink(fill=background))
    with canvas.layer("Kết quả"):
        _classes(canvas, frame, paper, painting, patterns=patterns, finer=finer)
    with canvas.layer("Ranh giới"):
        _borders(canvas, frame, list(paper.areas), "commune", share=share)
        _borders(canvas, frame, [area for _, _, area in paper.districts], "district", share=share)
        _borders(canvas, frame, [paper.whole], "province", share=share)


def draw_map(
    canvas: Canvas,
    frame: Rect,
    paper: PaperGround,
    painting: Painting,
    template: Template,
    *,
    density: Cells | None = None,
) -> None:
    """Everything but the names, cut at the frame, from the ground up; a density lies on the relief, below all lines."""
    ground, placement = paper.ground, paper.placement
    with canvas.layer("Nền"):
        canvas.rect(frame, Ink(fill="outside"))
        if ground.neighbours is not None and len(ground.neighbours):
            shapes = _simple(ground.neighbours, placement)
            canvas.shapes(shapes, Ink(fill="neighbour", line="#ffffff", width=0.25), clip=frame)
        context = list(paper.areas[~paper.inside])
        if context:
            canvas.shapes(context, Ink(fill="neighbour", line="#ffffff", width=0.3), clip=frame)
    with canvas.layer("Kết quả"):
        if painting.looks:
            _classes(canvas, frame, paper, painting)
        else:
            canvas.shapes(list(paper.areas[paper.inside]), Ink(fill=PLAIN_FILL), clip=frame)
    if ground.relief is not None and not canvas.monochrome:  # in grey, a shadow would look like another class
        with canvas.layer("Địa hình"):
            west, south, east, north = ground.relief.bounds
            x, y = placement.point(west, south)
            place = Rect(x, y, placement.mm(east - west), placement.mm(north - south))
            canvas.picture(ground.relief.jpeg, place, multiply=True, clip=frame)
    if painting.rim is not None:
        with canvas.layer("Kết quả"):
            band = paper.shown.difference(paper.shown.buffer(-_RIM, quad_segs=3))
            canvas.shapes([band], Ink(fill=painting.rim.fill), clip=frame)
            draw_pattern(canvas, [band], painting.rim, clip=frame)
    if density is not None:
        with canvas.layer("Mật độ địa chỉ số"):
            draw_cells(canvas, frame, placement, density)
    with canvas.layer("Sông, hồ"):
        _waters(canvas, frame, ground, placement)
    with canvas.layer("Ranh giới"):
        _villages(canvas, frame, paper)
        _borders(canvas, frame, list(paper.areas[paper.inside]), "commune")
    with canvas.layer("Đường giao thông"):
        _roads(canvas, frame, ground, placement)
    with canvas.layer("Ranh giới"):
        _borders(canvas, frame, [area for _, _, area in paper.districts], "district")
        if paper.province is not None:
            _borders(canvas, frame, [paper.province], "province")
        elif not paper.inside.all():
            canvas.shapes([paper.shown], Ink(line="frame", width=0.8), clip=frame)
        marked = [
            area
            for unit, area in zip(paper.units, paper.areas, strict=True)
            if (look := painting.look(unit.code)) is not None and look.mark
        ]
        for ink in mark_inks(canvas, 0.8):
            canvas.shapes(marked, ink, clip=frame)
    with canvas.layer("Công trình"):
        _works(canvas, frame, ground, placement, template, only=painting.works)


def draw_marks(canvas: Canvas, painting: Painting, at: dict[str, tuple[float, float]]) -> None:
    """Arrows of change at the places found for them."""
    for mark in ("up", "down"):
        spots = [spot for code, spot in at.items() if (look := painting.look(code)) is not None and look.mark == mark]
        draw_arrow(canvas, mark, spots, size=3.2)


def shown_works(
    ground: Ground, denominator: int, *, only: Collection[str] | None
) -> tuple[dict[str, Layer], dict[str, Layer]]:
    """Of the point layers `only` (None: of all), those drawn at a scale and those left out there, in legend order."""
    drawn: dict[str, Layer] = {}
    left: dict[str, Layer] = {}
    for id_ in symbols()["point"]:
        layer = ground.layers.get(id_)
        if layer is None or id_ in {"road", "river", "lake"}:
            continue
        if only is not None and id_ not in only:
            continue
        (drawn if denominator <= _COARSEST.get(id_, _COARSEST_OTHER) else left)[id_] = layer
    return drawn, left


def works_groups(id_: str, layer: Layer) -> dict[tuple[str, State], NDArray[np.int_]]:
    """Rows of a point layer by sign (SVG path) and state."""
    look = symbols()["point"][id_]
    table = layer.table
    own = look.get("kinds", {})
    kinds = table["kind"].astype(str) if "kind" in table else [""] * len(table)
    states = [sign_state(value) for value in table["operation"]] if "operation" in table else ["unknown"] * len(table)
    keys = [(str(own.get(kind, look["path"])), state) for kind, state in zip(kinds, states, strict=True)]
    rows: dict[tuple[str, State], list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)  # type: ignore[arg-type] # sign_state gives a State
    return {key: np.array(rows[key]) for key in sorted(rows)}


def _classes(
    canvas: Canvas, frame: Rect, paper: PaperGround, painting: Painting, *, patterns: bool = True, finer: float = 1.0
) -> None:
    ids = np.array([painting.of.get(unit.code) for unit in paper.units], dtype=object)
    looks = [look for look in painting.looks if (ids == look.id).any()]
    for look in looks:
        canvas.shapes(paper.areas[ids == look.id], Ink(fill=look.fill), clip=frame)
    for look in looks if patterns else ():
        draw_pattern(canvas, paper.areas[ids == look.id], look, clip=frame, finer=finer)


def _borders(canvas: Canvas, frame: Rect, shapes: Sequence[BaseGeometry], level: str, *, share: float = 1.0) -> None:
    look = symbols()["outline"][level]
    canvas.shapes(shapes, Ink(line=look["color"], width=look["paper_mm"] * share), clip=frame)


def _villages(canvas: Canvas, frame: Rect, paper: PaperGround) -> None:
    """Borders of villages that are polygons, from close up."""
    villages = paper.ground.villages
    if villages is None or paper.placement.denominator > 260_000:
        return
    wide = shapely.get_dimensions(villages.shapes) == 2
    look = symbols()["outline"]["village"]
    shapes = _simple(villages.shapes[wide], paper.placement)
    canvas.shapes(shapes, Ink(line=look["color"], width=0.15, dash=(0.8, 0.5)), clip=frame)


def _simple(shapes: NDArray[np.object_], placement: Placement) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = placement.shapes(shapely.simplify(shapes, placement.metres(_RESOLVED)))
    return moved


def _waters(canvas: Canvas, frame: Rect, ground: Ground, placement: Placement) -> None:
    blue = symbols()["ground"]["water"]
    rivers, lakes = ground.layers.get("river"), ground.layers.get("lake")
    if rivers is not None:
        lines = _simple(rivers.shapes, placement)
        ranks = np.ones(len(lines), dtype=int)
        if "order" in rivers.table:
            ranks = rivers.table["order"].fillna(1).astype(int).to_numpy()
        for rank in sorted(set(ranks.tolist())):
            wide = min(0.15 + 0.13 * rank, 1.0)
            canvas.shapes(lines[ranks == rank], Ink(line=blue, width=wide), clip=frame)
    if lakes is not None:
        wide_ones = shapely.area(lakes.shapes) > 0
        rim = Ink(fill=blue, line="#5b9bc8", width=0.15)
        canvas.shapes(_simple(lakes.shapes[wide_ones], placement), rim, clip=frame)
        sign = symbols()["point"]["lake"]["path"]
        spots = placement.spots(shapely.get_coordinates(shapely.centroid(lakes.shapes[~wide_ones])))
        draw_sign(canvas, sign, "#5b9bc8", "works", spots, size=2.6, clip=frame)


def _roads(canvas: Canvas, frame: Rect, ground: Ground, placement: Placement) -> None:
    roads = ground.layers.get("road")
    if roads is None:
        return
    classes = roads.table["class"].to_numpy()
    shown = [name for name in reversed(road_classes(placement.denominator)) if (classes == name).any()]
    drawn = np.isin(classes, shown)
    lines = np.empty(len(roads), dtype=object)
    lines[drawn] = _simple(roads.shapes[drawn], placement)
    surfaces = roads.table["surface"].astype(object).where(roads.table["surface"].notna(), "unknown").to_numpy()
    future = planned(roads.table)
    for ink in planned_ink():
        canvas.shapes(lines[future & drawn], ink, clip=frame)
    for name in shown:  # finer classes below, the casing of a class under all of it
        own = (classes == name) & ~future
        canvas.shapes(lines[own], road_ink(name, "asphalt")[0], clip=frame)
        for surface in symbols()["road"]["surface"]:
            canvas.shapes(lines[own & (surfaces == surface)], road_ink(name, surface)[1], clip=frame)


def _works(
    canvas: Canvas,
    frame: Rect,
    ground: Ground,
    placement: Placement,
    template: Template,
    *,
    only: Collection[str] | None,
) -> None:
    for id_, layer in reversed(shown_works(ground, placement.denominator, only=only)[0].items()):
        spots = placement.spots(layer.xy)
        for (path, state), rows in works_groups(id_, layer).items():
            if id_ in {"water_supply", "waste_point"}:
                color = symbols()["point"][id_]["color"]
                draw_sign(canvas, path, color, state, spots[rows], size=template.symbol, clip=frame)
            else:
                draw_glyph(canvas, path, state, spots[rows], size=template.symbol, clip=frame)
