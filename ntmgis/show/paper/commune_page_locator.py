"""Where a unit lies in its province: a small map, the same drawing on every page of a book with one unit marked."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page_parts import draw_heading
from ntmgis.show.paper.sizes import Rect, Template

__all__ = ["Locator"]


class Locator:
    """The province in small, the same drawing on every page, with one unit marked."""

    def __init__(self, districts: Sequence[tuple[str, str, BaseGeometry]], province: BaseGeometry) -> None:
        self._districts = np.array([area for _, _, area in districts] or [province], dtype=object)
        self._province = province

    @cached_property
    def _simple(self) -> tuple[NDArray[np.object_], BaseGeometry]:
        """Districts and province, simplified for a picture of about 50 mm, in metres."""
        x0, y0, x1, y1 = self._province.bounds
        fine = max(x1 - x0, y1 - y0) / 300
        return shapely.coverage_simplify(self._districts, fine), shapely.simplify(self._province, fine)

    def draw(self, canvas: Canvas, place: Rect, area: BaseGeometry, template: Template) -> None:
        """The province as large as it fits into `place`, `area` in the colour of accent."""
        heading = draw_heading(canvas, place, "Vị trí trong tỉnh", template)
        self._draw(canvas, Rect(place.x, place.y, place.width, place.height - heading - 0.5), area)

    def inset(self, canvas: Canvas, place: Rect, area: BaseGeometry) -> None:
        """The same without words, in a white box over a map."""
        canvas.rect(place, Ink(fill="#ffffff", line="rule", width=0.2))
        self._draw(canvas, place.grown(-1.2), area)

    def _draw(self, canvas: Canvas, room: Rect, area: BaseGeometry) -> None:
        x0, y0, x1, y1 = self._province.bounds
        scale = min(room.width / (x1 - x0), room.height / (y1 - y0))
        here = np.array([(x0 + x1) / 2, (y0 + y1) / 2])

        def small(shape: BaseGeometry) -> BaseGeometry:
            return shapely.transform(shape, lambda xy: (xy - here) * scale)

        districts, province = self._simple
        middle = (room.x + room.width / 2, room.y + room.height / 2)
        base = [(small(one), Ink(fill="neighbour", line="#ffffff", width=0.25)) for one in districts]
        canvas.stamp([*base, (small(province), Ink(line="frame", width=0.35))], [middle])
        own = small(shapely.simplify(area, 0.12 / scale))
        if own.is_empty:
            own = small(area)
        canvas.stamp([(own, Ink(fill="accent", line="accent", width=0.35))], [middle])
