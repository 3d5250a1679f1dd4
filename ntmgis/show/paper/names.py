"""The names of a map: which there are at its scale, where each stands, and how they are drawn.

Communes of the map's scope are all named, on the map or by a number in a list; districts, villages and the surroundings
take the room that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Layer
from ntmgis.show.paper.font import Style
from ntmgis.show.paper.labels import Name, Numbered, PlacedName, Placing, place_beside, place_names, place_over, room_in
from ntmgis.show.paper.mapbody import PLAIN_FILL, PaperGround, shown_works
from ntmgis.show.paper.painting import Painting
from ntmgis.show.paper.sizes import Rect, Template

__all__ = ["Names", "draw_names", "place_all"]

# Villages are named where they fit from here on; all of them, by leader or number, on a map of one commune.
VILLAGES_WHERE_ROOM = 260_000
_HALO = 0.45
_NOTHING = Placing((), ())


@dataclass(frozen=True, slots=True)
class Names:
    """Where every name of a map stands, and the arrows of change."""

    communes: Placing
    districts: Placing
    villages: Placing
    context: Placing
    arrows: dict[str, tuple[float, float]]

    @property
    def numbers(self) -> tuple[Numbered, ...]:
        """Everything that stands in the side list."""
        return (*self.communes.numbers, *self.villages.numbers)


def place_all(
    paper: PaperGround,
    painting: Painting,
    *,
    frame: Rect,
    panels: Sequence[Rect],
    template: Template,
    villages: bool | None = None,
) -> Names:
    """Every name that belongs on the map, none over another. `villages`: named or not; None: by the scale."""
    placement = paper.placement
    works = shown_works(paper.ground, placement.denominator, only=painting.works)[0]
    avoid = np.vstack([np.empty((0, 2)), *(placement.spots(layer.xy) for layer in works.values())])
    view = shapely.box(frame.x, frame.y, frame.right, frame.top).buffer(-1)
    room: BaseGeometry = view
    for panel in panels:
        room = room.difference(shapely.box(panel.x, panel.y, panel.right, panel.top).buffer(1))
    shapely.prepare(room)
    own = [(unit, area) for unit, area, inside in zip(paper.units, paper.areas, paper.inside, strict=True) if inside]
    single = paper.scope is not None and paper.scope.level == "commune"
    communes = districts = _NOTHING
    if not single:
        close = placement.denominator <= VILLAGES_WHERE_ROOM
        plain: Style = "bold" if close else "regular"
        names = [Name(unit.code, unit.name, area, "italic" if unit.urban else plain) for unit, area in own]
        communes, districts = _units(
            names,
            paper,
            template,
            sizes=(11.0, 10.0, *template.label_sizes) if close else template.label_sizes,
            avoid=avoid,
            room=room,
        )
    taken = communes.boxes + districts.boxes
    arrows = {
        unit.code: room_in(area, side=3.6, taken=taken)
        for unit, area in own
        if (look := painting.look(unit.code)) is not None and look.mark
    }
    taken = taken + [shapely.Point(spot).buffer(1.8) for spot in arrows.values()]
    beside = _villages(paper, room, taken, avoid, template, villages, every=single)
    taken = taken + beside.boxes
    context = _context(paper, room, taken, template)
    return Names(communes, districts, beside, context, arrows)


def _units(
    names: Sequence[Name],
    paper: PaperGround,
    template: Template,
    *,
    sizes: Sequence[float],
    avoid: NDArray[np.float64],
    room: BaseGeometry,
) -> tuple[Placing, Placing]:
    """Names of the communes, and on a map of the province those of all districts in the room that is left.

    A district without room takes it first in a second round: rather a commune by its number than a nameless district.
    """
    districts = [] if paper.province is None else paper.districts
    larger = [Name(code, name, area, "bold", tracking=0.09) for code, name, area in districts]
    firm: list[PlacedName] = []
    communes = _NOTHING
    while True:
        boxes = [placed.box for placed in firm]
        communes = place_names(
            names, sizes=sizes, number_size=template.number_size, avoid=avoid, bounds=room, taken=boxes, start=communes
        )
        held = {placed.name.key for placed in firm}
        rest = place_over(
            [name for name in larger if name.key not in held],
            sizes=template.district_sizes,
            avoid=avoid,
            taken=communes.boxes + boxes,
        )
        spots = np.array([shapely.get_coordinates(box.centroid)[0] for box in communes.boxes]).reshape(-1, 2)
        forced = place_over(rest.missing, sizes=template.district_sizes, avoid=spots, taken=boxes)
        if not forced.names:
            return communes, Placing((*firm, *rest.names), (), rest.missing)
        firm += forced.names


def _villages(
    paper: PaperGround,
    room: BaseGeometry,
    taken: Sequence[BaseGeometry],
    avoid: NDArray[np.float64],
    template: Template,
    wanted: bool | None,  # noqa: FBT001 - three states: yes, no, by the scale
    *,
    every: bool,
) -> Placing:
    """Names of the villages beside them; `every`: with leaders and numbers where there is no room beside."""
    layer, scale = paper.ground.villages, paper.placement.denominator
    if layer is None or wanted is False or (wanted is None and scale > VILLAGES_WHERE_ROOM):
        return _NOTHING
    codes = {unit.code for unit, inside in zip(paper.units, paper.inside, strict=True) if inside}
    rows = [n for n, code in enumerate(layer.table["commune_code"]) if code in codes and layer.table["name"].iloc[n]]
    spots = paper.placement.spots(layer.xy)
    names = [
        Name(str(layer.table["code"].iloc[n]), str(layer.table["name"].iloc[n]), shapely.Point(spots[n])) for n in rows
    ]
    sizes = [size for size in (7.5, 7.0, 6.5, 6.0) if size * template.magnify >= 5.9] or [7.0]
    return place_beside(
        names,
        sizes=sizes,
        number_size=6.5,
        taken=taken,
        bounds=room,
        avoid=avoid,
        numbered=every,
    )


def _context(paper: PaperGround, room: BaseGeometry, taken: Sequence[BaseGeometry], template: Template) -> Placing:
    """Names of the units around, where they fit."""
    around = [
        (unit, part)
        for unit, area, inside in zip(paper.units, paper.areas, paper.inside, strict=True)
        if not inside and not (part := shapely.intersection(area, room)).is_empty and part.area > 30
    ]
    names = [Name(unit.code, unit.name, part, "italic") for unit, part in around]
    return place_over(names, sizes=template.label_sizes[2:5], avoid=np.empty((0, 2)), taken=taken, inside=0.8)


def _dots(canvas: Canvas, villages: Placing, paper: PaperGround, layer: Layer) -> None:
    """A dot where each named village is."""
    shown = {one.name.key for one in villages.names} | {one.name.key for one in villages.numbers}
    rows = [n for n, code in enumerate(layer.table["code"]) if code in shown]
    if rows:
        dot = shapely.Point(0, 0).buffer(0.45, quad_segs=3)
        canvas.stamp([(dot, Ink(fill="#ffffff", line="ink", width=0.2))], paper.placement.spots(layer.xy)[rows])


def draw_names(canvas: Canvas, names: Names, paper: PaperGround, painting: Painting) -> None:
    """The placed names: halo in the colour of the ground below, then the text itself."""
    for placed in names.context.names:
        for line in placed.lines:
            canvas.text((line.x, line.y), line.text, placed.size, style="italic", color="quiet", align="center")
    for placed in names.districts.names:
        with canvas.one_text(placed.name.text):
            for line in placed.lines:
                canvas.spaced(
                    (line.x, line.y),
                    line.text,
                    placed.size,
                    tracking=placed.name.tracking,
                    style="bold",
                    color="district",
                    halo=("#ffffff", 0.3),
                )
    layer = paper.ground.villages
    if layer is not None:
        _dots(canvas, names.villages, paper, layer)
    leaders = [one.leader for one in names.villages.names] + [one.leader for one in names.numbers]
    for leader in filter(None, leaders):
        canvas.shapes([leader], Ink(line="#ffffff", width=0.55))
        canvas.shapes([leader], Ink(line="ink", width=0.18))
    for number in names.numbers:
        at = (number.line.x, number.line.y)
        canvas.text(at, number.line.text, number.size, style="semibold", align="center", halo=("#ffffff", 0.3))
    owner = {} if layer is None else dict(zip(layer.table["code"], layer.table["commune_code"], strict=True))
    plain = painting.theme == "infrastructure"
    for placed in (*names.communes.names, *names.villages.names):
        look = painting.look(owner.get(placed.name.key, placed.name.key))
        fill, text = (PLAIN_FILL, "ink") if plain or look is None else (look.fill, look.text)
        with canvas.one_text(placed.name.text):
            for line in placed.lines:
                canvas.text(
                    (line.x, line.y),
                    line.text,
                    placed.size,
                    style=placed.name.style,
                    color="#111827" if canvas.monochrome else text,
                    align="center",
                    halo=("#ffffff" if canvas.monochrome else fill, _HALO),
                )
