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
from ntmgis.show.paper.font import Style
from ntmgis.show.paper.labels import Name, Numbered, Placing, place_beside, place_names, place_over, room_in
from ntmgis.show.paper.mapbody import PLAIN_FILL, PaperGround, shown_works
from ntmgis.show.paper.painting import Painting
from ntmgis.show.paper.sizes import Rect, Template

__all__ = ["Names", "draw_names", "place_all"]

# Villages are named where they fit from here on, and all of them (by number and list) from the second scale on.
VILLAGES_WHERE_ROOM = 260_000
VILLAGES_ALL = 130_000
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
    works = shown_works(paper.ground, placement.denominator, every=painting.theme == "infrastructure")[0]
    avoid = np.vstack([np.empty((0, 2)), *(placement.spots(layer.xy) for layer in works.values())])
    view = shapely.box(frame.x, frame.y, frame.right, frame.top).buffer(-1)
    room: BaseGeometry = view
    for panel in panels:
        room = room.difference(shapely.box(panel.x, panel.y, panel.right, panel.top).buffer(1))
    shapely.prepare(room)
    own = [(unit, area) for unit, area, inside in zip(paper.units, paper.areas, paper.inside, strict=True) if inside]
    single = paper.scope is not None and paper.scope.level == "commune"
    communes = _NOTHING
    if not single:
        close = placement.denominator <= VILLAGES_WHERE_ROOM
        plain: Style = "bold" if close else "regular"
        names = [Name(unit.code, unit.name, area, "italic" if unit.urban else plain) for unit, area in own]
        communes = place_names(
            names,
            sizes=(11.0, 10.0, *template.label_sizes) if close else template.label_sizes,
            number_size=template.number_size,
            avoid=avoid,
            bounds=room,
        )
    taken = communes.boxes
    arrows = {
        unit.code: room_in(area, side=3.6, taken=taken)
        for unit, area in own
        if (look := painting.look(unit.code)) is not None and look.mark
    }
    taken = taken + [shapely.Point(spot).buffer(1.8) for spot in arrows.values()]
    districts = _NOTHING
    if paper.province is not None:
        districts = place_over(
            [Name(name, name, area, "bold", tracking=0.09) for _, name, area in paper.districts],
            sizes=template.district_sizes,
            avoid=avoid,
            taken=taken,
        )
        taken = taken + districts.boxes
    beside = _villages(paper, room, taken, avoid, template, villages, len(communes.numbers) + 1)
    taken = taken + beside.boxes
    context = _context(paper, room, taken, template)
    return Names(communes, districts, beside, context, arrows)


def _villages(
    paper: PaperGround,
    room: BaseGeometry,
    taken: Sequence[BaseGeometry],
    avoid: NDArray[np.float64],
    template: Template,
    wanted: bool | None,  # noqa: FBT001 - three states: yes, no, by the scale
    first: int,
) -> Placing:
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
        first_number=first,
        numbered=scale <= VILLAGES_ALL,
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
    if layer is not None and (names.villages.names or names.villages.numbers):
        shown = {one.name.key for one in names.villages.names} | {one.name.key for one in names.villages.numbers}
        rows = [n for n, code in enumerate(layer.table["code"]) if code in shown]
        dot = shapely.Point(0, 0).buffer(0.45, quad_segs=3)
        canvas.stamp([(dot, Ink(fill="#ffffff", line="ink", width=0.2))], paper.placement.spots(layer.xy)[rows])
    for number in names.numbers:
        if number.leader is not None:
            canvas.shapes([number.leader], Ink(line="#ffffff", width=0.55))
            canvas.shapes([number.leader], Ink(line="ink", width=0.18))
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
