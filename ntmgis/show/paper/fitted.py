"""A whole map in any rectangle of any page: the largest round scale, names, graticule and frame in one call."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from ntmgis.errors import UsageError, problem
from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.content import Ground, Scope
from ntmgis.show.paper.frame import draw_frame, draw_graticule
from ntmgis.show.paper.mapbody import PaperGround, draw_map, draw_marks
from ntmgis.show.paper.names import Names, draw_names, place_all
from ntmgis.show.paper.painting import Painting
from ntmgis.show.paper.scale import ROUND_SCALES, Placement
from ntmgis.show.paper.sizes import Rect, Template

__all__ = ["FittedMap", "corners", "draw_fitted_map", "fitted_ground", "fitted_placement"]


@dataclass(frozen=True, slots=True)
class FittedMap:
    """A map that was drawn: where the ground lies, what is under the frame, which names stand where."""

    placement: Placement
    ground: Ground
    names: Names
    graticule_minutes: int

    @property
    def denominator(self) -> int:
        """The scale is 1 to this."""
        return self.placement.denominator


def draw_fitted_map(
    canvas: Canvas,
    frame: Rect,
    ground: Ground,
    scope: Scope,
    painting: Painting,
    *,
    template: Template,
    air: float = 4.0,
    panels: Sequence[Rect] = (),
) -> FittedMap:
    """The scope in the middle of the inner `frame` (mm) at the largest round scale, with its surroundings.

    The outer frame with the labels of the graticule takes `template.frame_band` mm more on every side. The place on
    earth is noted on the canvas, so that the page is a GeoPDF. `panels` are covered later: no name stands there.
    UsageError when the scope fits at no scale.
    """
    placement = fitted_placement(frame, scope, template=template, air=air)
    seen = fitted_ground(frame, ground, scope, placement)
    paper = PaperGround(seen, placement, scope)
    names = place_all(paper, painting, frame=frame, panels=panels, template=template)
    draw_map(canvas, frame, paper, painting, template)
    with canvas.layer("Lưới tọa độ"):
        keep_out = paper.shown.buffer(1.0)
        minutes = draw_graticule(canvas, frame, placement, ground.crs, template=template, keep_out=keep_out)
    with canvas.layer("Tên gọi"):
        draw_marks(canvas, painting, names.arrows)
        draw_names(canvas, names, paper, painting)
    draw_frame(canvas, frame, template)
    canvas.locate(frame, corners(placement, frame, ground.crs), ground.crs)
    return FittedMap(placement, seen, names, minutes)


def fitted_placement(frame: Rect, scope: Scope, *, template: Template, air: float = 4.0) -> Placement:
    """Where `draw_fitted_map` puts the ground. UsageError when the scope fits at no scale."""
    x0, y0, x1, y1 = scope.area.bounds
    need = max((x1 - x0) / (frame.width - 2 * air), (y1 - y0) / (frame.height - 2 * air)) * 1000 / template.magnify
    scale = next((one for one in ROUND_SCALES if one >= need), None)
    if scale is None:
        raise UsageError(problem("E-PAPER-TOO-SMALL"))
    middle = (frame.x + frame.width / 2, frame.y + frame.height / 2)
    return Placement(scale, (x0 + x1) / 2, (y0 + y1) / 2, *middle, template.magnify)


def fitted_ground(frame: Rect, ground: Ground, scope: Scope, placement: Placement) -> Ground:
    """The ground that is seen in the frame; works only within the scope."""
    low, high = placement.ground(frame.x, frame.y), placement.ground(frame.right, frame.top)
    return ground.window(shapely.box(*low, *high), works_in=scope.area)


def corners(placement: Placement, frame: Rect, crs: str) -> list[tuple[float, float]]:
    """Longitude and latitude (of the map's own datum) of the frame's corners, from the lower left clockwise."""
    made = pyproj.CRS.from_user_input(crs)
    to_degrees = pyproj.Transformer.from_crs(made, made.geodetic_crs, always_xy=True)
    at = [(frame.x, frame.y), (frame.x, frame.top), (frame.right, frame.top), (frame.right, frame.y)]
    ground = np.array([placement.ground(*point) for point in at])
    lon, lat = to_degrees.transform(ground[:, 0], ground[:, 1])
    return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]
