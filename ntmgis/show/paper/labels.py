"""Names on the map, none over another: each inside its own area where it fits, else a number and a line in a list.

All geometry is in paper millimetres. A name is tried from the largest type size down; at each size on one line, then
on two or three; at each of these over the middle of the area first and then over a grid of places inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ntmgis.show.paper.font import Style, extent
from ntmgis.show.paper.sizes import mm_of

__all__ = [
    "Line",
    "Name",
    "Numbered",
    "PlacedName",
    "Placing",
    "place_beside",
    "place_names",
    "place_over",
    "room_in",
    "splits",
]

_RIM = 0.35  # mm between a name and the border of its area
_GAP = 0.5  # mm between two names
# Distance of two lines of one name, in type sizes; capitals carry two marks above and one below.
_LEADING, _LEADING_CAPITALS = 1.02, 1.22
_GRID = 13
_SHRINK = 0.88  # of its size at most that a name gives up to leave signs uncovered


@dataclass(frozen=True, slots=True)
class Name:
    """A name to place: `area` in mm, and how it is set. `tracking` is extra space between letters, in type sizes."""

    key: str
    text: str
    area: BaseGeometry
    style: Style = "regular"
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a placed name: the middle of its baseline, its text and its width in mm."""

    x: float
    y: float
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name on the map: its lines, type size in pt and the box that no other name touches.

    `leader` runs from a name that stands away from its point to the point.
    """

    name: Name
    lines: tuple[Line, ...]
    size: float
    box: BaseGeometry
    leader: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A name that stands in the side list; `leader` runs from a number beside the area into it."""

    name: Name
    number: int
    line: Line
    size: float
    box: BaseGeometry
    leader: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Placing:
    """What came of a set of names."""

    names: tuple[PlacedName, ...]
    numbers: tuple[Numbered, ...]
    missing: tuple[Name, ...] = field(default=())

    @property
    def boxes(self) -> list[BaseGeometry]:
        """Every box that is taken."""
        return [placed.box for placed in self.names] + [number.box for number in self.numbers]


@cache
def splits(text: str) -> tuple[tuple[str, ...], ...]:
    """The text on one line, then its most even breaks into two and three lines; a word is never broken.

    On two lines a short form ("TT.", "P.") stays with the word it belongs to.

    >>> splits("P. Quang Trung")
    (('P. Quang Trung',), ('P. Quang', 'Trung'), ('P.', 'Quang', 'Trung'))
    """
    words = text.split(" ")
    made: list[tuple[str, ...]] = [(text,)]
    for count in (2, 3):
        ways = [
            tuple(" ".join(words[a:b]) for a, b in zip((0, *cuts), (*cuts, len(words)), strict=True))
            for cuts in combinations(range(1, len(words)), count - 1)
        ]
        if count == 2:
            ways = [lines for lines in ways if not lines[0].endswith(".")]
        if ways:
            made.append(min(ways, key=lambda lines: max(map(len, lines))))
    return tuple(made)


def _attempts(text: str, sizes: Sequence[float]) -> list[tuple[float, tuple[str, ...]]]:
    """Type sizes and breaks in the order they are tried: two lines before a smaller size, three only then."""
    worse = {1: 0.0, 2: 0.5, 3: 3.2}
    ways = [(step + worse[len(lines)], size, lines) for step, size in enumerate(sizes) for lines in splits(text)]
    return [(size, lines) for _, size, lines in sorted(ways, key=lambda way: way[0])]


def place_names(
    names: Sequence[Name],
    *,
    sizes: Sequence[float],
    number_size: float,
    avoid: NDArray[np.float64],
    bounds: BaseGeometry,
    taken: Sequence[BaseGeometry] = (),
    start: Placing = Placing((), ()),
) -> Placing:
    """Every name placed inside its area or numbered; numbers run in the order of `names`.

    `avoid` are points (n x 2) that a name or number leaves uncovered where it can; `bounds` is where numbers may stand,
    `taken` what stands already; `start` is a placing of the same names, kept as far as it is clear of that.
    Names stay inside areas that do not overlap, so only the few numbers beside their area can collide with others:
    they are put down first, and names that then find no room become numbers in turn.
    """
    middles = {name.key: _middle(name.area) for name in names}
    listed = [number.name.key for number in start.numbers]
    stood = {one.name.key: one for one in start.names}

    def count() -> tuple[Numbered, ...]:
        chosen = [name for name in names if name.key in set(listed)]
        return _place_numbers(chosen, middles, number_size, bounds, avoid, taken)

    numbers = count()
    while True:
        busy = [*taken, *(number.box for number in numbers)]
        around = shapely.STRtree(busy)
        placed: list[PlacedName] = []
        failed: list[str] = []
        for name in names:
            if name.key in listed:
                continue
            found = stood.get(name.key)  # what stands clear of the numbers stays
            if found is None or len(around.query(found.box, predicate="dwithin", distance=_GAP)):
                found = _place(name, sizes, middles[name.key], avoid, busy, inside=_RIM)
            if found is None:
                failed.append(name.key)
            else:
                placed.append(found)
        if not failed:
            return Placing(tuple(placed), numbers)
        stood = {one.name.key: one for one in placed}
        listed += failed
        numbers = count()


def place_over(
    names: Sequence[Name],
    *,
    sizes: Sequence[float],
    avoid: NDArray[np.float64],
    taken: Sequence[BaseGeometry],
    inside: float = 1.0,
) -> Placing:
    """Names of larger areas set into the room that other names left; those without room are `missing`.

    `inside` is the least distance in mm from the border of the area.
    """
    boxes = list(taken)
    placed: list[PlacedName] = []
    missing: list[Name] = []
    for name in names:
        found = _place(name, sizes, _middle(name.area), avoid, boxes, inside=inside, grid=2 * _GRID, gap=1.1)
        if found is None:
            missing.append(name)
        else:
            placed.append(found)
            boxes.append(found.box)
    return Placing(tuple(placed), (), tuple(missing))


def place_beside(
    names: Sequence[Name],
    *,
    sizes: Sequence[float],
    number_size: float,
    taken: Sequence[BaseGeometry],
    bounds: BaseGeometry,
    avoid: NDArray[np.float64] | None = None,
    numbered: bool = True,
) -> Placing:
    """Names of points (`area` is the point) beside them: right, left, above, below; over no other name and no point.

    A name without room is `missing`, or, when `numbered`, stands a little way off with a leader; without room for that
    it becomes a number beside its point. Names in the thickest crowd choose first. `avoid` are signs (n x 2) that no
    name may cover.
    """
    points = np.array([shapely.get_coordinates(name.area)[0] for name in names]).reshape(-1, 2)
    signs = np.empty((0, 2)) if avoid is None else avoid
    busy = _Boxes(
        [box.bounds for box in taken]
        + [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in points]
        + [(x - _SIGN, y - _SIGN, x + _SIGN, y + _SIGN) for x, y in signs]
    )
    room = bounds.bounds
    crowd = [int((np.hypot(*(points - point).T) < 15.0).sum()) for point in points]
    order = sorted(range(len(names)), key=lambda n: (-crowd[n], names[n].key))
    placed: dict[int, PlacedName] = {}
    for n in order:
        name, (x, y) = names[n], points[n]
        for size in sizes:
            block = _size_of((name.text,), size, name)
            spot = busy.free(_around(float(x), float(y), block[0], block[1]), block[0], block[1], room, bounds)
            if spot is not None:
                placed[n] = _set(name, (name.text,), size, spot, block)
                busy.add(placed[n].box.bounds)
                break
    near = [*taken, *(one.box for one in placed.values())]
    for n in (n for n in order if numbered and n not in placed):
        led = _led(names[n], points[n], sizes[-1], busy, near, bounds)
        if led is not None:
            placed[n] = led
            busy.add(led.box.bounds)
            near.append(led.box)
    numbers: list[Numbered] = []
    missing: list[Name] = []
    for n in range(len(names)):
        if n in placed:
            continue
        text = str(len(numbers) + 1)
        ink = extent(text, number_size, "semibold")
        x, y = (float(part) for part in points[n])
        ways = _around(x, y, ink.width, ink.top) + [
            (x + radius * np.cos(angle), y + radius * np.sin(angle))
            for radius in np.arange(2.5, 12.0, 0.75)
            for angle in np.arange(0, 2 * np.pi, np.pi / 8)
        ]
        spot = busy.free(ways, ink.width, ink.top, room, bounds) if numbered else None
        if spot is None:
            missing.append(names[n])
            continue
        box = shapely.box(*_corners(spot, ink.width, ink.top))
        far = np.hypot(spot[0] - x, spot[1] - y) > 2.2 + ink.width / 2
        leader = shapely.LineString([spot, (x, y)]).difference(box.buffer(0.3)) if far else None
        line = Line(spot[0], spot[1] - ink.top / 2, text, ink.width)
        numbers.append(Numbered(names[n], len(numbers) + 1, line, number_size, box, leader))
        busy.add(box.bounds)
    return Placing(tuple(placed[n] for n in sorted(placed)), tuple(numbers), tuple(missing))


def room_in(area: BaseGeometry, *, side: float, taken: Sequence[BaseGeometry]) -> tuple[float, float]:
    """A place for a square of `side` mm in an area, over no box that is taken where there is one, near the middle."""
    middle = _middle(area)
    spots = _spots(area, middle, _GRID)
    if len(spots) == 0:
        return middle
    busy = _Boxes([box.bounds for box in taken])
    boxes = shapely.box(spots[:, 0] - side / 2, spots[:, 1] - side / 2, spots[:, 0] + side / 2, spots[:, 1] + side / 2)
    cost = (
        np.hypot(*(spots - middle).T) + 1000.0 * busy.hits(spots, side, side) + 100.0 * ~shapely.contains(area, boxes)
    )
    x, y = spots[int(np.argmin(cost))]
    return float(x), float(y)


def _led(
    name: Name,
    point: NDArray[np.float64],
    size: float,
    busy: "_Boxes",
    near: Sequence[BaseGeometry],
    bounds: BaseGeometry,
) -> PlacedName | None:
    """The name away from its point, with a leader that runs under no other name; None without room."""
    block = _size_of((name.text,), size, name)
    wide, tall = block[:2]
    turns = np.arange(0, 2 * np.pi, np.pi / 8)
    way = np.column_stack([np.cos(turns), np.sin(turns)])
    # So far from the point that the nearest edge of the name is a leader away.
    spots = np.vstack([point + way * (far + np.array([wide, tall]) / 2) for far in _LEADERS])
    around = np.array([box for box in near if box.dwithin(shapely.Point(point), _LEADERS[-1] + wide)], dtype=object)
    for x, y in spots[~busy.hits(spots, wide, tall)]:
        box = shapely.box(*_corners((x, y), wide, tall))
        leader = shapely.shortest_line(box.buffer(0.3), shapely.Point(point))
        if bounds.contains(box) and not shapely.intersects(leader, around).any():
            return replace(_set(name, (name.text,), size, (float(x), float(y)), block), leader=leader)
    return None


_LEADERS = (1.8, 2.6, 3.5, 4.5, 5.5, 6.5)  # mm from a point to a name with a leader
_DOT = 0.6  # mm kept free around a point
_SIGN = 1.1  # mm that a sign takes
_AWAY = 1.1  # mm from a point to its name


class _Boxes:
    """Rectangles that are taken, as numbers: tests against a few thousand are one sweep."""

    def __init__(self, boxes: Sequence[tuple[float, float, float, float]]) -> None:
        self._held = np.array(boxes, dtype=float).reshape(-1, 4)
        self._new: list[tuple[float, float, float, float]] = []

    def add(self, box: tuple[float, float, float, float]) -> None:
        self._new.append(box)

    def hits(self, spots: NDArray[np.float64], wide: float, tall: float) -> NDArray[np.bool_]:
        if self._new:
            self._held = np.vstack([self._held, self._new])
            self._new = []
        x, y = spots[:, 0, None], spots[:, 1, None]
        gap = _GAP / 2
        held = self._held
        over = (x - wide / 2 - gap < held[:, 2]) & (x + wide / 2 + gap > held[:, 0])
        over &= (y - tall / 2 - gap < held[:, 3]) & (y + tall / 2 + gap > held[:, 1])
        return np.asarray(over.any(axis=1))

    def free(
        self,
        ways: Sequence[tuple[float, float]],
        wide: float,
        tall: float,
        room: tuple[float, float, float, float],
        bounds: BaseGeometry,
    ) -> tuple[float, float] | None:
        """The first middle at which a block stands within bounds and over nothing."""
        spots = np.array(ways)
        good = ~self.hits(spots, wide, tall)
        good &= (spots[:, 0] - wide / 2 > room[0]) & (spots[:, 0] + wide / 2 < room[2])
        good &= (spots[:, 1] - tall / 2 > room[1]) & (spots[:, 1] + tall / 2 < room[3])
        for x, y in spots[good]:
            if bounds.contains(shapely.box(*_corners((x, y), wide, tall))):
                return float(x), float(y)
        return None


def _corners(middle: tuple[float, float], wide: float, tall: float) -> tuple[float, float, float, float]:
    x, y = middle
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def _around(x: float, y: float, wide: float, tall: float) -> list[tuple[float, float]]:
    """Middles of a block beside a point, the best first."""
    dx, dy = wide / 2 + _AWAY, tall / 2 + _AWAY
    slant = 0.75
    return [
        (x + dx, y),
        (x - dx, y),
        (x, y + dy),
        (x, y - dy),
        (x + dx * slant + 0.3, y + dy),
        (x + dx * slant + 0.3, y - dy),
        (x - dx * slant - 0.3, y + dy),
        (x - dx * slant - 0.3, y - dy),
    ]


def _middle(area: BaseGeometry) -> tuple[float, float]:
    """The middle of the widest part of the largest piece."""
    parts = shapely.get_parts(area)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    line = shapely.maximum_inscribed_circle(largest, tolerance=0.2)
    x, y = shapely.get_coordinates(line)[0]
    return float(x), float(y)


def _size_of(lines: tuple[str, ...], size: float, name: Name) -> tuple[float, float, float]:
    """Width of a block of lines, height of its ink, and how far its ink goes below the last baseline, in mm."""
    inks = [extent(line, size, name.style) for line in lines]
    wide = max(ink.width + name.tracking * mm_of(size) * (len(line) - 1) for ink, line in zip(inks, lines, strict=True))
    below = -min(inks[-1].bottom, 0.0)
    tall = inks[0].top + below + (len(lines) - 1) * _step(name, size)
    return wide, tall, below


def _step(name: Name, size: float) -> float:
    """Distance in mm of two lines of a name."""
    return mm_of(size) * (_LEADING_CAPITALS if name.text.isupper() else _LEADING)


def _place(
    name: Name,
    sizes: Sequence[float],
    middle: tuple[float, float],
    avoid: NDArray[np.float64],
    taken: Sequence[BaseGeometry],
    *,
    inside: float,
    grid: int = _GRID,
    gap: float = _GAP,
) -> PlacedName | None:
    inner = name.area.buffer(-inside) if inside else name.area
    if inner.is_empty:
        return None
    shapely.prepare(inner)
    x0, y0, x1, y1 = inner.bounds
    spots = _spots(inner, middle, grid)
    near = avoid[(avoid[:, 0] > x0) & (avoid[:, 0] < x1) & (avoid[:, 1] > y0) & (avoid[:, 1] < y1)]
    tree = shapely.STRtree([box.buffer(gap) for box in taken if box.intersects(inner)])
    best: tuple[float, PlacedName] | None = None  # of the ways that cover signs the one that covers fewest
    least = 0.0
    for size, lines in _attempts(name.text, sizes):
        if best is not None and size < least:
            break
        wide, tall, below = _size_of(lines, size, name)
        if wide > x1 - x0 or tall > y1 - y0:
            continue
        x, y = spots[:, 0], spots[:, 1]
        boxes = shapely.box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
        good = shapely.contains_properly(inner, boxes)
        if len(tree):
            good[tree.query(boxes, predicate="intersects")[0]] = False
        if not good.any():
            continue
        covered = _covered(spots, wide, tall, near)
        cost = np.hypot(x - middle[0], y - middle[1]) + 100.0 * covered
        at = int(np.argmin(np.where(good, cost, np.inf)))
        if best is None:
            least = size * _SHRINK
        if best is None or covered[at] < best[0]:
            placed = _set(name, lines, size, (float(x[at]), float(y[at])), (wide, tall, below))
            best = float(covered[at]), placed
        if best[0] == 0:
            break
    return None if best is None else best[1]


def _spots(inner: BaseGeometry, middle: tuple[float, float], grid: int) -> NDArray[np.float64]:
    """The middle, then a grid over the area."""
    x0, y0, x1, y1 = inner.bounds
    xs, ys = np.meshgrid(np.linspace(x0, x1, grid + 2)[1:-1], np.linspace(y0, y1, grid + 2)[1:-1])
    near_x, near_y = np.meshgrid(middle[0] + np.arange(-4, 5) * 0.9, middle[1] + np.arange(-4, 5) * 0.9)
    every = np.vstack(
        [
            [middle],
            np.column_stack([near_x.ravel(), near_y.ravel()]),
            np.column_stack([xs.ravel(), ys.ravel()]),
        ]
    )
    return np.asarray(every[shapely.contains_xy(inner, every[:, 0], every[:, 1])])


def _covered(spots: NDArray[np.float64], wide: float, tall: float, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the points a box around each spot hides."""
    if len(points) == 0:
        return np.zeros(len(spots))
    dx = np.abs(spots[:, None, 0] - points[None, :, 0])
    dy = np.abs(spots[:, None, 1] - points[None, :, 1])
    hidden = (dx < wide / 2 + 1.0) & (dy < tall / 2 + 1.0)
    return np.asarray(hidden.sum(axis=1), dtype=float)


def _set(
    name: Name, lines: tuple[str, ...], size: float, at: tuple[float, float], block: tuple[float, float, float]
) -> PlacedName:
    wide, tall, below = block
    bottom = at[1] - tall / 2 + below
    step = _step(name, size)
    placed = tuple(
        Line(
            at[0],
            bottom + (len(lines) - 1 - row) * step,
            text,
            extent(text, size, name.style).width + name.tracking * mm_of(size) * (len(text) - 1),
        )
        for row, text in enumerate(lines)
    )
    box = shapely.box(at[0] - wide / 2, at[1] - tall / 2, at[0] + wide / 2, at[1] + tall / 2)
    return PlacedName(name, placed, size, box)


def _place_numbers(
    names: Sequence[Name],
    middles: Mapping[str, tuple[float, float]],
    size: float,
    bounds: BaseGeometry,
    avoid: NDArray[np.float64],
    taken: Sequence[BaseGeometry],
) -> tuple[Numbered, ...]:
    """A number in or beside each area, over no sign where it finds such a place inside; the smallest areas first."""
    numbered = {name.key: number for number, name in enumerate(names, start=1)}
    made: dict[str, Numbered] = {}
    boxes: list[BaseGeometry] = list(taken)
    for name in sorted(names, key=lambda one: (one.area.area, one.key)):
        text = str(numbered[name.key])
        ink = extent(text, size, "semibold")
        x0, y0 = middles[name.key]
        around = [(x0, y0)] + [
            (x0 + radius * np.cos(angle), y0 + radius * np.sin(angle))
            for radius in np.arange(0.5, 25.0, 0.5)
            for angle in np.arange(0, 2 * np.pi, np.pi / 12)
        ]
        spots = np.array(around)
        clear = shapely.contains_xy(name.area, spots) & (_covered(spots, ink.width, ink.top, avoid) == 0)
        for x, y in np.vstack([spots[clear], spots]):
            box = shapely.box(x - ink.width / 2, y - ink.top / 2, x + ink.width / 2, y + ink.top / 2)
            if any(box.dwithin(other, _GAP) for other in boxes) or not bounds.contains(box):
                continue
            leader = None
            if not name.area.contains(shapely.Point(x, y)):
                leader = shapely.LineString([(x, y), (x0, y0)]).difference(box.buffer(0.3))
            line = Line(float(x), float(y - ink.top / 2), text, ink.width)
            made[name.key] = Numbered(name, numbered[name.key], line, size, box, leader)
            boxes.append(box)
            break
    return tuple(made[name.key] for name in names if name.key in made)
