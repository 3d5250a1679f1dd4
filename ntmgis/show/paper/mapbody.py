"""The map inside the frame: tiers, waters, roads, borders and works, from the ground up, then the names."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.measure.facts import TIER_STATES
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Unit, planned, road_classes
from ntmgis.show.paper.ink import draw_pattern, planned_ink, road_ink, tier_text
from ntmgis.show.paper.labels import Name, Placing, place_names, place_over
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.signs import draw_sign, sign_state
from ntmgis.show.paper.sizes import Rect, Template
from ntmgis.show.symbols import symbols, tier_fill

__all__ = ["PaperGround", "draw_fills", "draw_map", "draw_names", "on_paper", "place_all"]

# What the paper resolves, in mm: borders are simplified to this, roads and rivers too.
_RESOLVED = 0.1
_DISTRICT_COLOR = "#4b5563"
_NUMBER_COLOR = "#1f2933"


class PaperGround:
    """The ground in mm, simplified to what paper resolves; neighbours still share their borders."""

    def __init__(self, ground: Ground, placement: Placement) -> None:
        metres = placement.metres(_RESOLVED)
        areas = np.array([unit.area for unit in ground.units], dtype=object)
        simple = shapely.coverage_simplify(areas, metres) if len(areas) else areas
        lost = shapely.is_empty(simple)
        simple[lost] = areas[lost]
        self.areas: NDArray[np.object_] = placement.shapes(simple)
        self.units = ground.units
        self.placement = placement
        owners = np.array([unit.district for unit in ground.units], dtype=object)
        self.districts = [
            (name, _closed(self.areas[owners == code]) if (owners == code).any() else placement.shapes(area))
            for code, name, area in ground.districts
        ]
        self.province = _closed(self.areas)


def _closed(areas: NDArray[np.object_]) -> BaseGeometry:
    """The areas as one; slits between neighbours that do not quite meet are closed, so that no border runs there."""
    return shapely.union_all(areas).buffer(0.3, join_style="mitre").buffer(-0.3, join_style="mitre")


def on_paper(ground: Ground, placement: Placement) -> PaperGround:
    """The ground of a sheet on its paper."""
    return PaperGround(ground, placement)


def draw_fills(canvas: Canvas, frame: Rect, paper: PaperGround, *, thin: bool = False) -> None:
    """Land, tiers and borders alone; `thin` leaves out patterns and draws borders at half their width."""
    canvas.rect(frame, Ink(fill=symbols()["ground"]["outside"]))
    _tiers(canvas, frame, paper, patterns=not thin)
    for level in ("commune", "district", "province"):
        _borders(canvas, frame, paper, level, share=0.5 if thin else 1.0)


def draw_map(canvas: Canvas, frame: Rect, paper: PaperGround, ground: Ground, template: Template) -> None:
    """Everything but the names, cut at the frame: fills, waters, roads, borders, works, from the ground up."""
    placement = paper.placement
    canvas.rect(frame, Ink(fill=symbols()["ground"]["outside"]))
    _tiers(canvas, frame, paper, patterns=True)
    _waters(canvas, frame, ground, placement)
    _borders(canvas, frame, paper, "commune")
    _roads(canvas, frame, ground, placement)
    _borders(canvas, frame, paper, "district")
    _borders(canvas, frame, paper, "province")
    _works(canvas, ground, placement, template)


def place_all(
    paper: PaperGround, ground: Ground, *, frame: Rect, panels: Sequence[Rect], template: Template
) -> tuple[Placing, Placing]:
    """Names of communes (placed or numbered) and of districts in the room that is left."""
    works = [_spots(points[["x", "y"]].to_numpy(), paper.placement) for points in ground.points.values()]
    avoid = np.vstack([np.empty((0, 2)), *works])
    room: BaseGeometry = shapely.box(frame.x, frame.y, frame.right, frame.top).buffer(-1)
    for panel in panels:
        room = room.difference(shapely.box(panel.x, panel.y, panel.right, panel.top).buffer(1))
    names = [
        Name(unit.code, unit.name, area, "italic" if unit.tier == "not_applicable" else "regular")
        for unit, area in zip(paper.units, paper.areas, strict=True)
    ]
    communes = place_names(
        names, sizes=template.label_sizes, number_size=template.number_size, avoid=avoid, bounds=room
    )
    districts = place_over(
        [Name(name, name, area, "bold", tracking=0.09) for name, area in paper.districts],
        sizes=template.district_sizes,
        avoid=avoid,
        taken=communes.boxes,
    )
    return communes, districts


def draw_names(canvas: Canvas, communes: Placing, districts: Placing, units: Mapping[str, Unit]) -> None:
    """The placed names: halo in the colour of the ground below, then the text itself."""
    for placed in districts.names:
        for line in placed.lines:
            canvas.spaced(
                (line.x, line.y),
                line.text,
                placed.size,
                tracking=placed.name.tracking,
                style="bold",
                color=_DISTRICT_COLOR,
                halo=("#ffffff", 0.3),
            )
    for number in communes.numbers:
        if number.leader is not None:
            canvas.shapes([number.leader], Ink(line="#ffffff", width=0.55))
            canvas.shapes([number.leader], Ink(line=_NUMBER_COLOR, width=0.18))
        line = number.line
        canvas.text(
            (line.x, line.y),
            line.text,
            number.size,
            style="semibold",
            color=_NUMBER_COLOR,
            align="center",
            halo=("#ffffff", 0.3),
        )
    for placed in communes.names:
        tier = units[placed.name.key].tier
        for line in placed.lines:
            canvas.text(
                (line.x, line.y),
                line.text,
                placed.size,
                style=placed.name.style,
                color="#111827" if canvas.monochrome else tier_text(tier),
                align="center",
                halo=("#ffffff" if canvas.monochrome else tier_fill(tier), 0.45),
            )


def _tiers(canvas: Canvas, frame: Rect, paper: PaperGround, *, patterns: bool) -> None:
    tiers = np.array([unit.tier for unit in paper.units], dtype=object)
    for state in TIER_STATES:
        canvas.shapes(paper.areas[tiers == state], Ink(fill=tier_fill(state)), clip=frame)
    for state in TIER_STATES if patterns else ():
        some = paper.areas[tiers == state]
        if len(some):
            draw_pattern(canvas, shapely.union_all(some), state)


def _borders(canvas: Canvas, frame: Rect, paper: PaperGround, level: str, *, share: float = 1.0) -> None:
    look = symbols()["outline"][level]
    shapes = {
        "commune": list(paper.areas),
        "district": [area for _, area in paper.districts],
        "province": [paper.province],
    }[level]
    canvas.shapes(shapes, Ink(line=look["color"], width=look["paper_mm"] * share), clip=frame)


def _spots(points: NDArray[np.float64], placement: Placement) -> NDArray[np.float64]:
    return np.array([placement.point(float(x), float(y)) for x, y in points]).reshape(-1, 2)


def _simple(shapes: NDArray[np.object_], placement: Placement) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = placement.shapes(shapely.simplify(shapes, placement.metres(_RESOLVED)))
    return moved


def _waters(canvas: Canvas, frame: Rect, ground: Ground, placement: Placement) -> None:
    blue = symbols()["ground"]["water"]
    if len(ground.rivers):
        orders = ground.rivers["order"].fillna(1).astype(int) if "order" in ground.rivers else None
        lines = _simple(ground.rivers.geometry.to_numpy(), placement)
        ranks = np.ones(len(lines), dtype=int) if orders is None else orders.to_numpy()
        for rank in sorted(set(ranks.tolist())):
            wide = min(0.15 + 0.13 * rank, 1.0)
            canvas.shapes(lines[ranks == rank], Ink(line=blue, width=wide), clip=frame)
    if len(ground.lakes):
        shapes = ground.lakes.geometry.to_numpy()
        wide = shapely.area(shapes) > 0
        canvas.shapes(_simple(shapes[wide], placement), Ink(fill=blue, line="#5b9bc8", width=0.15), clip=frame)
        sign = symbols()["point"]["lake"]["path"]
        centres = shapely.get_coordinates(shapely.centroid(shapes[~wide]))
        draw_sign(canvas, sign, "#5b9bc8", "works", [tuple(p) for p in _spots(centres, placement)], size=2.6)


def _roads(canvas: Canvas, frame: Rect, ground: Ground, placement: Placement) -> None:
    roads = ground.roads
    if not len(roads):
        return
    lines = _simple(roads.geometry.to_numpy(), placement)
    classes = roads["class"].to_numpy()
    surfaces = roads["surface"].astype(object).where(roads["surface"].notna(), "unknown").to_numpy()
    future = planned(roads)
    shown = [name for name in reversed(road_classes(placement.denominator)) if (classes == name).any()]
    for ink in planned_ink():
        canvas.shapes(lines[future & np.isin(classes, shown)], ink, clip=frame)
    for name in shown:  # finer classes below, the casing of a class under all of it
        own = (classes == name) & ~future
        canvas.shapes(lines[own], road_ink(name, "asphalt")[0], clip=frame)
        for surface in symbols()["road"]["surface"]:
            canvas.shapes(lines[own & (surfaces == surface)], road_ink(name, surface)[1], clip=frame)


def _works(canvas: Canvas, ground: Ground, placement: Placement, template: Template) -> None:
    catalogue = symbols()["point"]
    for id_, points in ground.points.items():
        look = catalogue[id_]
        states = [sign_state(value) for value in points["operation"]]
        paths = [look.get("kinds", {}).get(str(kind), look["path"]) for kind in points["kind"]]
        spots = [placement.point(float(x), float(y)) for x, y in zip(points["x"], points["y"], strict=True)]
        for group in dict.fromkeys(sorted(zip(paths, states, strict=True))):
            at = [spot for spot, *own in zip(spots, paths, states, strict=True) if tuple(own) == group]
            draw_sign(canvas, group[0], look["color"], group[1], at, size=template.symbol)
