"""Roads of the sample: cheapest ways over the terrain from seat to seat, joined into one network."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay

from ntmgis.sample.grid import STEPS, Floats, Ints, Mask, child, noise, to_metres
from ntmgis.sample.terrain import Terrain

__all__ = ["CLASSES", "Chain", "Network", "trunk_network"]

CLASSES = ("national", "provincial", "district", "commune", "village", "lane", "field")

# Which seats the large roads join (codes until 2025-06-30; a pair is a lon, lat at the edge of the province).
# Routes between the stops are found on the made terrain: names are neutral, alignments are nobody's.
Stop = str | tuple[float, float]
NATIONAL: tuple[tuple[Stop, ...], ...] = (
    ((107.72, 15.36), "23347", "23341", "23374", "23383", "23377", "23437", "23401", "23500", "23284", "23293", "23338",
     (108.00, 14.16)),
    ("23293", "23488", "23479", "23473", "23476", "23467", (108.56, 14.76)),
    ((107.50, 14.72), "23395", "23377"),
    ("23401", "23430", "23422", "23410", (108.10, 15.05)),
    ("23377", "23398", "23530", "23536", "23537", "23538", (107.47, 13.97)),
)  # fmt: skip
PROVINCIAL: tuple[tuple[Stop, ...], ...] = (
    ("23293", "23329", "23545", "23527", "23530"),
    ("23527", "23548", "23554"),
    ("23293", "23326", "23551", "23554", "23537"),
    ("23500", "23509", "23503", "23482", "23485", "23488"),
    ("23473", "23461", "23458", "23452"),
    ("23374", "23368"),
    ("23341", "23356", "23365", "23362"),
    ("23401", "23427", "23380", "23386"),
    ("23422", "23419", "23416", "23371"),
)


@dataclass(frozen=True)
class Chain:
    """A piece of road from junction to junction: cells in order, class, and the number of its named road or -1."""

    cells: tuple[int, ...]
    rank: int
    line: int


class Network:
    """Edges between neighbour cells that carry a road, with the best class of each."""

    def __init__(self, terrain: Terrain, wet: Ints, inside: Mask, *, seed: int) -> None:
        self.grid = terrain.grid
        rng = child(seed, "places")
        self._shift = [
            np.clip(noise(rng, self.grid.shape, longest=7, octaves=3, gain=0.6) * 75.0, -170, 170) for _ in range(2)
        ]
        self.heights = terrain.heights
        slow = ndimage.gaussian_filter(ndimage.generic_gradient_magnitude(terrain.heights, ndimage.sobel), 1.0)
        slope = slow / 8 / terrain.grid.cell
        here = 1.0 + (slope / 0.10) ** 2
        here += np.where(wet == 1, 0.8, 0.0).reshape(self.grid.shape) + np.where(wet == 2, 7.0, 0.0).reshape(
            self.grid.shape
        )
        lake = (wet == 3).reshape(self.grid.shape)
        # Smooth lines stray from their cells: the shore itself is left free.
        here[ndimage.binary_dilation(lake, iterations=2)] += 60.0
        here[lake] = 1e4
        self.lake = lake.ravel()
        here[~inside] += 40.0
        self.here = here
        self.rank = np.full(self.grid.size, 99)
        self.edges: dict[tuple[int, int], tuple[int, int]] = {}

    def places(self, cells: Ints) -> Floats:
        """Where the cells are drawn, an (n, 2) array of metres: shifted a little, so that no grid shows."""
        return self.grid.points(cells) + np.column_stack([shift.ravel()[cells] for shift in self._shift])

    def route(self, start: Floats, end: Floats, *, margin: float = 9000.0) -> list[int]:
        """Cells of the cheapest way between two points in metres; existing roads are cheap."""
        a, b = self.grid.flat(np.vstack([start, end])).tolist()
        rows, cols = self._window((a, b), margin)
        graph, number = self._graph(rows, cols)
        _, parent = csgraph.dijkstra(graph, directed=False, indices=np.array([number[a]]), return_predecessors=True)
        return self._trace(parent[0].astype(np.int64), number[b], rows, cols)

    def to_network(self, cells: list[int]) -> list[list[int]]:
        """For each cell its cheapest way to the nearest road; ways share what they can."""
        graph, _ = self._graph((0, self.grid.rows), (0, self.grid.cols))
        on = np.flatnonzero(self.rank < 99)
        _, parent, _ = csgraph.dijkstra(graph, directed=False, indices=on, min_only=True, return_predecessors=True)
        reached = parent.astype(np.int64)
        return [self._trace(reached, cell, (0, self.grid.rows), (0, self.grid.cols)) for cell in cells]

    def lay(self, path: list[int], rank: int, line: int = -1) -> None:
        """Puts a road of class `rank` along the path; where a better road lies already, that one stays."""
        for a, b in pairwise(path):
            edge = (min(a, b), max(a, b))
            self.edges[edge] = min(self.edges.get(edge, (99, -1)), (rank, line), key=lambda e: e[0])
        for cell in path:
            self.rank[cell] = min(self.rank[cell], rank)

    def streets(self, villages: Ints, *, seed: int) -> None:
        """Lays the streets of towns: most of the grid lines between cells around the given urban villages."""
        rng = child(seed, "town-streets")
        far = np.ones(self.grid.shape, dtype=bool)
        far.ravel()[villages] = False
        town = (ndimage.distance_transform_edt(far) <= 1.5).ravel() & (self.here.ravel() < 4.0)
        first, second, length = self.grid.pairs()
        pick = town[first] & town[second] & (length == self.grid.cell)
        pick[pick] = rng.random(int(pick.sum())) < 0.72
        old = list(self.edges)
        for a, b in zip(first[pick].tolist(), second[pick].tolist(), strict=True):
            self.edges.setdefault((a, b), (4, -1))
            self.rank[[a, b]] = np.minimum(self.rank[[a, b]], 4)
        # Streets that hang together with nothing older are dropped.
        ends = np.array(list(self.edges))
        graph = sparse.coo_array((np.ones(len(ends)), ends.T), shape=(self.grid.size, self.grid.size))
        _, part = csgraph.connected_components(graph, directed=False)
        home = part[old[0][0]]
        for a, b in ends[part[ends[:, 0]] != home].tolist():
            del self.edges[a, b]
            self.rank[[a, b]] = 99

    def link(self, villages: Ints, *, seed: int) -> None:
        """Joins some neighbouring villages directly, so that not every way leads back to the trunk road."""
        rng = child(seed, "links")
        xy = self.grid.points(villages)
        triangles = Delaunay(xy).simplices
        pairs = np.unique(
            np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0
        )
        far = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
        near = pairs[(far < 4200.0) & (far > 900.0)]
        for a, b in near[rng.random(len(near)) < 0.45].tolist():
            path = self.route(xy[a], xy[b], margin=2000.0)
            new = sum(self.rank[cell] == 99 for cell in path)
            if new > 0.55 * len(path) and not self.lake[path].any():
                self.lay(path, 4)

    def _window(self, cells: tuple[int, ...], margin: float) -> tuple[tuple[int, int], tuple[int, int]]:
        row, col = np.divmod(np.array(cells), self.grid.cols)
        pad = int(margin / self.grid.cell)
        return (
            (max(0, int(row.min()) - pad), min(self.grid.rows, int(row.max()) + pad + 1)),
            (max(0, int(col.min()) - pad), min(self.grid.cols, int(col.max()) + pad + 1)),
        )

    def _graph(self, rows: tuple[int, int], cols: tuple[int, int]) -> tuple[sparse.csr_array, dict[int, int]]:
        part = (slice(*rows), slice(*cols))
        z, here, rank = self.heights[part], self.here[part], self.rank.reshape(self.grid.shape)[part]
        number = np.arange(z.size).reshape(z.shape)
        height, width = z.shape
        first, second, cost = [], [], []
        for down, right in STEPS:
            a = (slice(0, height - down), slice(max(0, -right), width - max(0, right)))
            b = (slice(down, height), slice(max(0, right), width - max(0, -right)))
            length = self.grid.cell * np.hypot(down, right)
            climb = np.abs(z[a] - z[b]) / length
            price = length * (0.5 * (here[a] + here[b]) + (climb / 0.07) ** 2)
            built = (rank[a] < 99) & (rank[b] < 99)
            first.append(number[a].ravel())
            second.append(number[b].ravel())
            cost.append(np.rint(np.where(built, price * 0.3, price)).ravel() + 1.0)
        graph = sparse.coo_array(
            (np.concatenate(cost), (np.concatenate(first), np.concatenate(second))), shape=(z.size, z.size)
        ).tocsr()
        flat = (np.arange(*rows)[:, None] * self.grid.cols + np.arange(*cols)).ravel()
        return graph, {int(cell): n for n, cell in enumerate(flat)} if z.size < 200_000 else {}

    def _trace(self, parent: Ints, end: int, rows: tuple[int, int], cols: tuple[int, int]) -> list[int]:
        width = cols[1] - cols[0]
        path = []
        cell = int(end)
        while cell >= 0:
            path.append((rows[0] + cell // width) * self.grid.cols + cols[0] + cell % width)
            cell = int(parent[cell])
        return path

    def prune(self) -> None:
        """Opens every three-cell triangle: two roads a cell apart are one. The lowest class goes, else the diagonal."""
        around = self._around()
        straight = (1, self.grid.cols)
        for a, b in sorted(self.edges):
            if abs(a - b) in straight:
                continue
            for c in sorted(around[a] & around[b]):
                sides = [(a, b), (min(a, c), max(a, c)), (min(b, c), max(b, c))]
                if (
                    any(side not in self.edges for side in sides)
                    or abs(a - c) not in straight
                    or abs(b - c) not in straight
                ):
                    continue
                worst = max(sides, key=lambda side: (self.edges[side][0], abs(side[0] - side[1]) not in straight))
                del self.edges[worst]
                around[worst[0]].discard(worst[1])
                around[worst[1]].discard(worst[0])

    def _around(self) -> dict[int, set[int]]:
        around: dict[int, set[int]] = defaultdict(set)
        for a, b in self.edges:
            around[a].add(b)
            around[b].add(a)
        return around

    def chains(self, stops: set[int]) -> list[Chain]:
        """The network cut at junctions, at `stops` and where the class or the named road changes."""
        around = self._around()

        def kind(a: int, b: int) -> tuple[int, int]:
            return self.edges[min(a, b), max(a, b)]

        def breaks(cell: int) -> bool:
            near = around[cell]
            return len(near) != 2 or cell in stops or len({kind(cell, other) for other in near}) > 1

        made, seen = [], set()
        for start in sorted(cell for cell in around if breaks(cell)):
            for way in sorted(around[start]):
                if (start, way) in seen:
                    continue
                chain = [start, way]
                while not breaks(chain[-1]):
                    chain.append(next(c for c in sorted(around[chain[-1]]) if c != chain[-2]))
                seen.add((chain[-1], chain[-2]))
                rank, line = kind(start, way)
                made.append(Chain(tuple(chain), rank, line))
        return made


def trunk_network(
    network: Network, seats: dict[str, Floats], capitals: dict[str, str], neighbours: list[tuple[str, str]]
) -> None:
    """Lays the roads between seats: national, provincial, then each seat to its district's, then between neighbours.

    `capitals` names the seat of the district of each commune.
    """
    named = [(0, stops) for stops in NATIONAL] + [(1, stops) for stops in PROVINCIAL]
    for line, (rank, stops) in enumerate(named):
        _through(network, [_spot(stop, seats) for stop in stops], rank, line)

    def far(code: str) -> float:
        return float(np.hypot(*(seats[code] - seats[capitals[code]])))

    for code in sorted(seats, key=lambda code: (far(code), code)):
        if capitals[code] != code:
            network.lay(network.route(seats[code], seats[capitals[code]], margin=12_000.0), 2)
    for a, b in neighbours:
        if np.hypot(*(seats[a] - seats[b])) > 17_000:
            continue
        path = network.route(seats[a], seats[b])
        new = sum(network.rank[cell] == 99 for cell in path)
        # A link is worth building when it is mostly new ground and no long haul over the mountains.
        if new > 0.35 * len(path) and new * network.grid.cell < 9000 and not network.lake[path].any():
            network.lay(path, 3)


def _spot(stop: Stop, seats: dict[str, Floats]) -> Floats:
    return seats[stop] if isinstance(stop, str) else to_metres(np.array([stop[0]]), np.array([stop[1]]))[0]


def _through(network: Network, stops: list[Floats], rank: int, line: int) -> None:
    """One named road through all stops."""
    legs: list[list[int]] = []
    for a, b in pairwise(stops):
        legs.append(network.route(a, b, margin=14_000.0)[::-1])
        # A seat beside the through road is reached by a district road, there and back.
        network.lay(legs[-1], 2)
    for n, leg in enumerate(legs):
        start = _shared(legs[n - 1][::-1], leg) if n else 0
        end = _shared(leg[::-1], legs[n + 1]) if n + 1 < len(legs) else 0
        network.lay(leg[start : len(leg) - end], rank, line)


def _shared(back: list[int], ahead: list[int]) -> int:
    """How many steps two ways from the same cell have in common."""
    steps = 0
    for a, b in zip(back[1:], ahead[1:], strict=False):
        if a != b:
            break
        steps += 1
    return steps
