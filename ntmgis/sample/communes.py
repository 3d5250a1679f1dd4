"""Commune boundaries of the sample: grown from the seats until the areas fit, along ridges and rivers."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy import ndimage, sparse
from scipy.sparse import csgraph
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from ntmgis.sample.grid import Floats, Grid, Ints, Mask, child, noise, to_degrees, to_metres
from ntmgis.sample.lines import roughen, smooth
from ntmgis.sample.terrain import Terrain

__all__ = ["Communes", "make_communes"]

OUTSIDE = -1
FRAME = (107.332, 13.921, 108.547, 15.417)  # published bounding box: west, south, east, north


@dataclass(frozen=True)
class Communes:
    """Shapes of the old communes in the order of the list given.

    cells   index of the commune of each grid cell, -1 outside the province
    metres  polygons in EPSG:9216
    degrees the same polygons in EPSG:4326, 5 decimals; neighbours share every vertex
    """

    cells: Ints
    metres: tuple[BaseGeometry, ...]
    degrees: tuple[BaseGeometry, ...]


def make_communes(terrain: Terrain, seats: Floats, km2: Floats, groups: list[str], *, seed: int) -> Communes:
    """Communes around `seats` (metres) whose areas approach `km2`.

    `groups` names the unit each is merged into later; corridors between members keep those units in one piece.
    """
    basins = _basins(terrain)
    inside = _province(terrain.grid, seats, km2, basins, seed=seed)
    grown = _grow(terrain, inside, seats, km2, _corridors(terrain.grid, seats, groups), seed=seed)
    cells = _to_divides(grown, basins, terrain.grid, seats)
    arcs = _shape(_arcs(terrain.grid, cells), seed=seed)
    metres = _assemble(arcs, terrain.grid, cells, len(km2))
    degrees = tuple(shapely.transform(shape, to_degrees) for shape in metres)
    return Communes(cells, metres, degrees)


def _basins(terrain: Terrain) -> Ints:
    """Number of the small catchment of each cell: the land along one reach of a stream, some square kilometres."""
    stream = (terrain.area >= 1.2).tolist()
    joins = np.bincount(terrain.parent[(terrain.area >= 1.2) & (terrain.parent >= 0)], minlength=terrain.grid.size)
    below, forks = terrain.parent.tolist(), joins.tolist()
    label, steps = [0] * terrain.grid.size, [0] * terrain.grid.size
    count = 0
    for cell in terrain.order.tolist():
        down = below[cell]
        same = down >= 0 and (not stream[cell] or (forks[down] == 1 and steps[down] < 9))
        if same:
            label[cell] = label[down]
            steps[cell] = steps[down] + stream[cell]
        else:
            count += 1
            label[cell] = count
    return np.array(label)


def _province(grid: Grid, seats: Floats, km2: Floats, basins: Ints, *, seed: int) -> Mask:
    """Cells of the province: circles around the seats, united and closed, of the declared area, cut along divides."""
    rng = child(seed, "outline")
    east, north = grid.centres
    warp = [noise(rng, grid.shape, longest=56, octaves=6, gain=0.6) * 1900.0 for _ in range(2)]
    xy = np.column_stack([(east + warp[0]).ravel(), (north + warp[1]).ravel()])
    ratio = np.full(grid.size, np.inf)
    for seat, area in zip(seats, km2, strict=True):
        radius = np.sqrt(area * 1e6 / np.pi)
        ratio = np.minimum(ratio, np.hypot(*(xy - seat).T) / radius)
    low_corner, high_corner = to_metres(np.array([FRAME[0], FRAME[2]]), np.array([FRAME[1], FRAME[3]]))
    ratio[((xy < low_corner) | (xy > high_corner)).any(axis=1)] = np.inf
    ratio = ratio.reshape(grid.shape)
    seat = np.ones(grid.shape, dtype=bool)
    seat.ravel()[grid.flat(seats)] = False
    home = ndimage.distance_transform_edt(seat) * grid.cell < 1200.0
    goal = km2.sum() * 1e6 / grid.cell**2
    low, high = 0.6, 2.0
    reach = 4000 / grid.cell
    made = np.zeros(grid.shape, dtype=bool)
    for _ in range(14):
        middle = (low + high) / 2
        core = ratio <= middle
        closed = ndimage.distance_transform_edt(ndimage.distance_transform_edt(~core) <= reach) > reach
        share = np.bincount(basins, weights=(core | closed).ravel()) / np.maximum(np.bincount(basins), 1)
        whole = (share[basins] > 0.5).reshape(grid.shape)
        rounded = ndimage.binary_opening(whole, iterations=2) | (core & (ratio < 0.5 * middle)) | home
        made = _largest(ndimage.binary_fill_holes(rounded))
        if made.sum() > goal:
            high = middle
        else:
            low = middle
    made[0], made[-1], made[:, 0], made[:, -1] = False, False, False, False
    return made


def _to_divides(cells: Ints, basins: Ints, grid: Grid, seats: Floats) -> Ints:
    """The same communes with every small catchment given whole to the commune that has most of it.

    Catchments that are large against one of the communes they lie in stay divided: wards are not drawn by ridges.
    """
    count = int(cells.max()) + 1
    table = np.zeros((int(basins.max()) + 1, count), dtype=np.int64)
    on = cells >= 0
    np.add.at(table, (basins[on], cells[on]), 1)
    size = np.bincount(cells[on], minlength=count)
    largest = table.argmax(axis=1)
    smallest = np.where(table > 0, size, size.max() + 1).min(axis=1)
    whole = table.sum(axis=1) < 0.06 * smallest
    moved = np.where(on & whole[basins], largest[basins], cells)
    return _tidy(moved.reshape(grid.shape), grid.flat(seats)).ravel()


def _largest(mask: Mask) -> Mask:
    parts, count = ndimage.label(mask)
    sizes = ndimage.sum_labels(mask, parts, np.arange(1, count + 1))
    return np.asarray(parts == 1 + int(np.argmax(sizes)))


def _corridors(grid: Grid, seats: Floats, groups: list[str]) -> Floats:
    """1 for most cells, 0.4 along the shortest tree between the seats of each group."""
    mark = np.ones(grid.shape, dtype=bool)
    for group in sorted(set(groups)):
        left = [n for n, name in enumerate(groups) if name == group]
        done = [left.pop(0)]
        while left:
            far, a, b = min((float(np.hypot(*(seats[a] - seats[b]))), a, b) for a in done for b in left)
            left.remove(b)
            done.append(b)
            along = np.linspace(0, 1, int(far / grid.cell * 2) + 2)[:, None]
            mark.ravel()[grid.flat(seats[a] + (seats[b] - seats[a]) * along)] = False
    near = ndimage.distance_transform_edt(mark) * grid.cell < 700.0
    return np.where(near, 0.4, 1.0).ravel()


def _cost(terrain: Terrain, ease: Floats, *, seed: int) -> tuple[Ints, Ints, Floats]:
    """Pairs of neighbour cells and what it costs a commune to grow across: dear over ridges and large rivers."""
    grid, heights = terrain.grid, terrain.heights
    first, second, length = grid.pairs()
    z = heights.ravel()
    ridge = np.clip((z - ndimage.gaussian_filter(heights, 1800 / grid.cell).ravel()) / 80.0, 0, 4)
    water = np.clip(np.log10(np.maximum(terrain.area, 1.0) / 20.0), 0, 2.0)
    rough = np.exp(0.55 * noise(child(seed, "growth"), grid.shape, longest=20, octaves=5, gain=0.7)).ravel()
    here = (1.0 + 1.6 * ridge) * rough * ease + 3.0 * water
    cost = length * (0.5 * (here[first] + here[second]) + 4.0 * np.abs(z[first] - z[second]) / length)
    return first, second, np.rint(cost) + 1.0


def _grow(terrain: Terrain, inside: Mask, seats: Floats, km2: Floats, ease: Floats, *, seed: int) -> Ints:
    """Index of the commune of each cell. Each gets a head start, adjusted until its area fits the declared one."""
    grid = terrain.grid
    first, second, cost = _cost(terrain, ease, seed=seed)
    keep = inside.ravel()[first] & inside.ravel()[second]
    first, second, cost = first[keep], second[keep], cost[keep]
    root, count = grid.size, len(km2)
    start = grid.flat(seats)
    want = km2 * inside.sum() / km2.sum()
    head = np.full(count, 40_000.0)
    label = np.full(grid.size, OUTSIDE)
    last = np.inf
    best = label
    step = np.full(count, 2.0 * grid.cell)
    side = np.zeros(count)
    for _ in range(40):
        graph = sparse.coo_array(
            (
                np.concatenate([cost, 90_000.0 - head]),
                (np.concatenate([first, np.full(count, root)]), np.concatenate([second, start])),
            ),
            shape=(root + 1, root + 1),
        ).tocsr()
        label = _nearest(graph, root, start, grid.size)
        have = np.bincount(label[label >= 0], minlength=count).astype(float)
        error = float(np.abs(np.log((have + 1) / (want + 1))).sum())
        if error < last:
            last, best = error, label
        # Commune by commune: half the step whenever it went past its goal, a little more while it falls short.
        miss = np.sqrt(want / np.pi) - np.sqrt(have / np.pi)
        step *= np.where(np.sign(miss) * side < 0, 0.5, 1.1)
        side = np.sign(miss)
        head = np.rint(np.clip(head + step * miss, 100.0, 89_000.0))
    return best


def _nearest(graph: "sparse.csr_array[np.float64]", root: int, start: Ints, size: int) -> Ints:
    """Index of the start the cheapest way from the root to each cell passes."""
    _, parent = csgraph.dijkstra(graph, directed=False, indices=np.array([root]), return_predecessors=True)
    label = np.full(size + 1, OUTSIDE)
    label[start] = np.arange(start.size)
    # A cell takes the label of its predecessor: pointers are doubled until every chain has reached a start.
    step = parent[0].astype(np.int64)
    step[start] = start
    step[step < 0] = root
    step[root] = root
    while True:
        further = step[step]
        if np.array_equal(further, step):
            break
        step = further
    return np.asarray(label[step][:size], dtype=np.int64)


def _tidy(label: Ints, start: Ints) -> Ints:
    """Rounds off spikes and necks, then gives every stray piece to the neighbour around it."""
    made = _soften(label, start.size)
    # The land around a seat is its own, halfway to the next seat at most.
    mark = np.full(made.shape, OUTSIDE)
    mark.ravel()[start] = np.arange(start.size)
    far, near = ndimage.distance_transform_edt(mark < 0, return_indices=True)
    made = np.where(far <= 2.0, mark[tuple(near)], made)
    while True:
        stray = np.zeros(made.shape, dtype=bool)
        for index in range(start.size):
            parts, count = ndimage.label(made == index)
            if count > 1:
                stray |= (parts > 0) & (parts != parts.ravel()[start[index]])
        if not stray.any():
            return made
        nearest = ndimage.distance_transform_edt(stray | (made < 0), return_distances=False, return_indices=True)
        made = np.where(stray, made[tuple(nearest)], made)


def _soften(label: Ints, count: int) -> Ints:
    """Each cell takes the commune that weighs most around it (a Gaussian of one cell); the outside counts as one."""
    best = ndimage.gaussian_filter((label < 0).astype(float), 1.0)
    made = np.full(label.shape, OUTSIDE)
    for index, part in enumerate(ndimage.find_objects(label + 1, count)):
        window = tuple(slice(max(0, side.start - 5), side.stop + 5) for side in part)
        own = label[window] == index
        # Rounding off takes more from a small commune than from a large one; this gives it back.
        weight = ndimage.gaussian_filter(own.astype(float), 1.0) * (1 + 1.1 / np.sqrt(own.sum()))
        more = weight > best[window] + 1e-9
        made[window][more] = index
        best[window][more] = weight[more]
    return made


def _arcs(grid: Grid, cells: Ints) -> list[Floats]:
    """The borders between cells of different communes as chains from junction to junction, in metres."""
    padded = np.pad(cells.reshape(grid.shape), 1, constant_values=OUTSIDE)
    links: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    down = padded[:-1, 1:-1] != padded[1:, 1:-1]
    for row, col in np.argwhere(down).tolist():
        links[row, col].append((row, col + 1))
        links[row, col + 1].append((row, col))
    across = padded[1:-1, :-1] != padded[1:-1, 1:]
    for row, col in np.argwhere(across).tolist():
        links[row, col].append((row + 1, col))
        links[row + 1, col].append((row, col))
    seen: set[tuple[tuple[int, int], tuple[int, int]]] = set()

    def follow(start: tuple[int, int], way: tuple[int, int]) -> Floats:
        chain = [start, way]
        while len(links[chain[-1]]) == 2 and chain[-1] != start:
            a, b = links[chain[-1]]
            chain.append(b if a == chain[-2] else a)
        for a, b in pairwise(chain):
            seen.update(((a, b), (b, a)))
        return np.array([[grid.west + c * grid.cell, grid.north - r * grid.cell] for r, c in chain], dtype=np.float64)

    # From junction to junction; what is left are rings around a commune that lies inside another.
    starts = sorted(links, key=lambda node: (len(links[node]) == 2, node))
    return [follow(start, way) for start in starts for way in sorted(links[start]) if (start, way) not in seen]


# How much an arc is smoothed (cells) and roughened (share of a piece); the next step is for arcs that would cross.
STYLES = ((1.5, 0.15), (1.2, 0.08), (0.8, 0.03), (0.5, 0.0), (0.0, 0.0))


def _shape(arcs: list[Floats], *, seed: int) -> list[Floats]:
    """The arcs without their steps: smoothed between fixed ends, then roughened once; none crosses another."""

    def draw(number: int, style: int) -> LineString:
        sigma, roughness = STYLES[style]
        arc = arcs[number]
        if sigma:
            rng = child(seed, f"edge/{number}")
            arc = roughen(smooth(arc, sigma), rng, roughness=roughness, spacing=700.0, times=2)
        # Rounded as in the file: what does not cross here does not cross there.
        return LineString(to_metres(*to_degrees(arc).T))

    styles = [0] * len(arcs)
    lines = [draw(number, 0) for number in range(len(arcs))]
    while True:
        bad = _crossing(lines)
        if not bad:
            return [shapely.get_coordinates(line) for line in lines]
        for number in bad:
            styles[number] = min(styles[number] + 1, len(STYLES) - 1)
            lines[number] = draw(number, styles[number])


def _crossing(lines: list[LineString]) -> list[int]:
    """Lines that cross themselves, or meet another anywhere but at a common end."""
    bad = {number for number, line in enumerate(lines) if not line.is_simple}
    tree = shapely.STRtree(lines)
    for a, b in tree.query(lines, predicate="intersects").T.tolist():
        if a < b:
            meet = shapely.get_parts(lines[a].intersection(lines[b]))
            ends = {tuple(lines[n].coords[i]) for n in (a, b) for i in (0, -1)}
            if any(part.geom_type != "Point" or tuple(part.coords[0]) not in ends for part in meet):
                bad |= {a, b}
    return sorted(bad)


def _assemble(arcs: list[Floats], grid: Grid, cells: Ints, count: int) -> tuple[BaseGeometry, ...]:
    """One polygon per commune from the shared arcs."""
    faces = np.array(shapely.get_parts(shapely.polygonize([LineString(arc) for arc in arcs])))
    tree = shapely.STRtree(faces)
    # The cell deepest inside a commune is inside its face, whatever drawing did to the edge.
    deep = []
    for index in range(count):
        mask = np.pad((cells == index).reshape(grid.shape), 1)
        deep.append(int(np.argmax(ndimage.distance_transform_edt(mask)[1:-1, 1:-1])))
    hits = tree.query(shapely.points(grid.points(np.array(deep))), predicate="within")
    if len(faces) != count or sorted(hits[1].tolist()) != list(range(count)):
        raise AssertionError("the borders do not close into one face per commune")
    return tuple(faces[hits[1]].tolist())
