"""The province before and after: one or two maps at one true scale, the same on paper and on the screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import UsageError, problem
from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import CHANGE_KINDS, Monitoring
from ntmgis.measure.status import commune_states, counts
from ntmgis.measure.told import records
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Ground, Scope, ground_of, scope_of
from ntmgis.show.paper.fitted import corners
from ntmgis.show.paper.font import extent, width
from ntmgis.show.paper.frame import draw_north, draw_scale_bar
from ntmgis.show.paper.mapbody import PaperGround, draw_fills
from ntmgis.show.paper.painting import Painting, status_painting
from ntmgis.show.paper.scale import ROUND_SCALES, Placement
from ntmgis.show.paper.sizes import Rect, Template
from ntmgis.show.words import number
from ntmgis.store.snapshot import Snapshot

__all__ = ["Marker", "ProvinceMaps", "markers_of"]

_AIR = 2.0
_RADIUS = 1.9
_UP = frozenset({"newly_recognised", "up"})
_DOWN = frozenset({"withdrawn", "down"})
_DISTRICT = 7.0  # pt


@dataclass(frozen=True, slots=True)
class Marker:
    """A commune that changed: its number on the map and in the list, its code and name, and the way it went."""

    number: int
    code: str
    name: str
    kind: str

    @property
    def way(self) -> str:
        """up, down or other."""
        return "up" if self.kind in _UP else "down" if self.kind in _DOWN else "other"


def markers_of(monitoring: Monitoring) -> tuple[Marker, ...]:
    """The communes that changed, what was lost first; none where the units themselves changed."""
    rows = [
        row
        for row in records(monitoring.changes)
        if row["level"] == "commune" and row["kind"] not in {"corrected", "regrouped"}
    ]
    rows.sort(key=lambda row: CHANGE_KINDS.index(str(row["kind"])))
    return tuple(Marker(n, str(row["code"]), str(row["name"]), str(row["kind"])) for n, row in enumerate(rows, start=1))


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One day: its ground, its classes, the names of its districts."""

    ground: Ground
    scope: Scope
    painting: Painting
    snapshot: Snapshot


class ProvinceMaps:
    """The maps of a pack. `scale_for` finds the largest round scale at which both fit; nothing is stretched."""

    def __init__(
        self, snapshot: Snapshot, facts: Facts, monitoring: Monitoring, before: Snapshot | None = None
    ) -> None:
        self.now = _side(snapshot, facts)
        self.before = None if before is None else _side(before, _facts_of(before, facts))
        self.markers = markers_of(monitoring)

    @property
    def sides(self) -> list[_Side]:
        """Before, then now."""
        return [self.now] if self.before is None else [self.before, self.now]

    @property
    def other_units(self) -> bool:
        """Whether the two maps show different units."""
        return self.before is not None and self.before.snapshot.epoch != self.now.snapshot.epoch

    def counts(self, *, before: bool = False) -> Mapping[str, int]:
        """How many units of each class a map shows."""
        side = self.before if before and self.before is not None else self.now
        return side.painting.counts()

    def title(self, *, before: bool = False) -> str:
        """The answer of one map."""
        side = self.before if before and self.before is not None else self.now
        return side.painting.headline

    def scale_for(self, wide: float, tall: float) -> int:
        """The denominator for frames of this size in mm. UsageError where no round scale fits."""
        need = 0.0
        for side in self.sides:
            x0, y0, x1, y1 = side.scope.area.bounds
            need = max(need, (x1 - x0) / (wide - 2 * _AIR), (y1 - y0) / (tall - 2 * _AIR))
        found = next((one for one in ROUND_SCALES if one >= need * 1000), None)
        if found is None:
            raise UsageError(problem("E-PAPER-TOO-SMALL"))
        return found

    def draw(self, canvas: Canvas, frame: Rect, denominator: int, *, before: bool = False) -> None:
        """One map in the middle of a frame; the changes are marked on the later one."""
        side = self.before if before and self.before is not None else self.now
        x0, y0, x1, y1 = side.scope.area.bounds
        middle = (frame.x + frame.width / 2, frame.y + frame.height / 2)
        placement = Placement(denominator, (x0 + x1) / 2, (y0 + y1) / 2, *middle)
        paper = PaperGround(side.ground, placement, side.scope)
        draw_fills(canvas, frame, paper, side.painting, background=None, share=0.6, finer=1.5)
        marked = {} if before else {marker.code: marker for marker in self.markers}
        spots = self._spots(paper, marked)
        changed = [area for unit, area in zip(paper.units, paper.areas, strict=True) if unit.code in marked]
        with canvas.layer("Thay đổi"):
            canvas.shapes(changed, Ink(line="accent", width=0.55), clip=frame)
        with canvas.layer("Tên gọi"):
            _districts(canvas, paper, list(spots.values()))
        with canvas.layer("Thay đổi"):
            for code, at in spots.items():
                _marker(canvas, marked[code], at)
        crs = side.ground.crs
        canvas.locate(frame, corners(placement, frame, crs), crs)

    def _spots(self, paper: PaperGround, marked: Mapping[str, Marker]) -> dict[str, tuple[float, float]]:
        """Where each marker stands: the middle of the largest circle in its commune."""
        made = {}
        for unit, area in zip(paper.units, paper.areas, strict=True):
            if unit.code in marked:
                made[unit.code] = _inner(area)
        return made

    def draw_scale(
        self, canvas: Canvas, at: tuple[float, float], denominator: int, *, longest: float, ratio: bool = True
    ) -> None:
        """The ratio over a bar, with the north arrow, from the lower left corner `at`."""
        x, y = at
        if ratio:
            canvas.text((x, y + 8.0), f"1:{number(denominator)}", 9, style="semibold")
        draw_scale_bar(
            canvas, (x + 0.7, y + 4.0), Placement(denominator, 0, 0, 0, 0), longest=longest, template=Template()
        )
        draw_north(canvas, (x + longest + 8.0, y + 1.0), height=7.5, template=Template())


def _side(snapshot: Snapshot, facts: Facts) -> _Side:
    ground = ground_of(snapshot, facts, layers=False)
    scope = scope_of(ground, snapshot, None)
    return _Side(ground, scope, status_painting(snapshot, facts, scope), snapshot)


def _facts_of(before: Snapshot, facts: Facts) -> Facts:
    """Measures of the earlier day as far as a map of the tiers needs them."""
    states = pd.DataFrame({"tier": commune_states(before)["tier"]})
    return replace(facts, communes=states, tiers=counts(states["tier"]))


def _inner(area: BaseGeometry) -> tuple[float, float]:
    largest = max(shapely.get_parts(area), key=shapely.area, default=area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=0.2)  # type: ignore[arg-type] # areas are polygons
    point = shapely.get_coordinates(circle)
    if len(point) == 0:
        point = shapely.get_coordinates(shapely.point_on_surface(largest))
    return float(point[0][0]), float(point[0][1])


def _marker(canvas: Canvas, marker: Marker, at: tuple[float, float]) -> None:
    """A number in a disc: full for up, empty with a thick rim for down, empty and thin for all others."""
    disc = shapely.Point(at).buffer(_RADIUS, quad_segs=8)
    if marker.way == "up":
        canvas.shapes([disc], Ink(fill="accent", line="#ffffff", width=0.3))
    else:
        canvas.shapes([disc], Ink(fill="#ffffff", line="accent", width=0.8 if marker.way == "down" else 0.3))
    size = 7.0 if marker.number < 10 else 6.2 if marker.number < 100 else 5.0
    rise = extent("0", size, "bold").top / 2
    color = "#ffffff" if marker.way == "up" else "accent"
    canvas.text((at[0], at[1] - rise), str(marker.number), size, style="bold", color=color, align="center")


def _districts(canvas: Canvas, paper: PaperGround, taken: Sequence[tuple[float, float]]) -> None:
    """Names of the districts where no marker stands; one that finds no place is left out."""
    discs = [shapely.Point(at).buffer(_RADIUS + 0.3) for at in taken]
    for _, name, area in paper.districts:
        wide, tall = width(name, _DISTRICT, "bold") * 1.06, extent("Đ", _DISTRICT, "bold").top
        x, y = _inner(area)
        for shift in (0.0, 4.0, -4.0, 8.0, -8.0, 12.0, -12.0):
            box = shapely.box(x - wide / 2, y + shift - 0.6, x + wide / 2, y + shift + tall + 0.6)
            if not any(disc.intersects(box) for disc in discs):
                discs.append(box.buffer(0.4))
                canvas.text(
                    (x, y + shift),
                    name,
                    _DISTRICT,
                    style="bold",
                    color="district",
                    align="center",
                    halo=("#ffffff", 0.5),
                    tracking=0.03,
                )
                break
