"""The working grid of the sample: square cells in metres, row 0 in the north, and what is computed on it."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from scipy import ndimage, sparse
from scipy.sparse import csgraph

__all__ = ["CRS", "Floats", "Grid", "Ints", "Mask", "child", "drain", "noise", "to_degrees", "to_metres", "upstream"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CRS = "EPSG:9216"
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))  # each pair of neighbours once


def child(seed: int, part: str) -> np.random.Generator:
    """The random stream of one part: changing one part never changes the numbers another part draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *part.encode()])))


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(lon: Floats, lat: Floats) -> Floats:
    """EPSG:4326 degrees → an (n, 2) array of EPSG:9216 metres (east, north)."""
    east, north = _transformer("EPSG:4326", CRS).transform(lon, lat)
    return np.column_stack([np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)])


def to_degrees(xy: Floats) -> Floats:
    """An (n, 2) array of EPSG:9216 metres → (n, 2) of degrees (lon, lat), rounded to 5 decimals."""
    lon, lat = _transformer(CRS, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    # Adding zero turns -0.0 into 0.0.
    return np.round(np.column_stack([lon, lat]), 5) + 0.0


@dataclass(frozen=True)
class Grid:
    """`rows` × `cols` square cells of `cell` metres; (west, north) is the outer corner of row 0, column 0."""

    west: float
    north: float
    cell: float
    rows: int
    cols: int

    @classmethod
    def over(cls, xy: Floats, *, cell: float, margin: float) -> "Grid":
        """The smallest grid of whole `cell` steps that holds `xy` with `margin` metres to spare."""
        low = np.floor((xy.min(axis=0) - margin) / cell) * cell
        high = np.ceil((xy.max(axis=0) + margin) / cell) * cell
        cols, rows = np.rint((high - low) / cell).astype(int)
        return cls(float(low[0]), float(high[1]), cell, int(rows), int(cols))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.rows, self.cols

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.cols

    @cached_property
    def centres(self) -> tuple[Floats, Floats]:
        """East and north of every cell centre, two (rows, cols) arrays."""
        x = self.west + (np.arange(self.cols) + 0.5) * self.cell
        y = self.north - (np.arange(self.rows) + 0.5) * self.cell
        east, north = np.meshgrid(x, y)
        return east, north

    def flat(self, xy: Floats) -> Ints:
        """Flat number of the cell each point lies in; points outside take the nearest cell."""
        col = np.clip(np.floor((xy[:, 0] - self.west) / self.cell), 0, self.cols - 1)
        row = np.clip(np.floor((self.north - xy[:, 1]) / self.cell), 0, self.rows - 1)
        return np.asarray(row * self.cols + col, dtype=np.int64)

    def points(self, flat: Ints) -> Floats:
        """Centres of the cells `flat`, an (n, 2) array of metres."""
        row, col = np.divmod(flat, self.cols)
        return np.column_stack([self.west + (col + 0.5) * self.cell, self.north - (row + 0.5) * self.cell])

    def sample(self, values: Floats, xy: Floats) -> Floats:
        """`values` at the points, bilinear, the edge continued outwards."""
        row = (self.north - xy[:, 1]) / self.cell - 0.5
        col = (xy[:, 0] - self.west) / self.cell - 0.5
        return np.asarray(ndimage.map_coordinates(values, [row, col], order=1, mode="nearest"), dtype=np.float64)

    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """Every pair of the 8-neighbourhood once: first cell, second cell, metres between their centres."""
        number = np.arange(self.size, dtype=np.int64).reshape(self.shape)
        first, second, length = [], [], []
        for down, right in STEPS:
            a = number[: self.rows - down, max(0, -right) : self.cols - max(0, right)].ravel()
            first.append(a)
            second.append(a + down * self.cols + right)
            length.append(np.full(a.size, self.cell * np.hypot(down, right)))
        return np.concatenate(first), np.concatenate(second), np.concatenate(length)

    def refine(self, factor: int) -> "Grid":
        """The same ground in cells `factor` times smaller."""
        return Grid(self.west, self.north, self.cell / factor, self.rows * factor, self.cols * factor)


def noise(
    rng: np.random.Generator, shape: tuple[int, int], *, longest: float, octaves: int, gain: float = 0.5
) -> Floats:
    """Smooth random relief with mean 0 and standard deviation 1.

    `longest` is the wavelength of the first octave in cells; each further octave halves it and has `gain` times
    the height. Ridged relief is `1 - abs(noise)`.
    """
    total = np.zeros(shape)
    wave, height = longest, 1.0
    for _ in range(octaves):
        if wave < 1.5:
            break
        coarse = rng.standard_normal((int(shape[0] / wave) + 4, int(shape[1] / wave) + 4))
        row = np.arange(shape[0]) / wave + rng.random() + 1
        col = np.arange(shape[1]) / wave + rng.random() + 1
        grid = np.meshgrid(row, col, indexing="ij")
        total += height * ndimage.map_coordinates(coarse, grid, order=3, mode="nearest")
        wave, height = wave / 2, height * gain
    total -= total.mean()
    return np.asarray(total / total.std(), dtype=np.float64)


def drain(grid: Grid, heights: Floats, outlets: Ints) -> tuple[Ints, Ints]:
    """Where each cell's water goes: (order, parent), both flat.

    `order` lists the cells from the outlets upwards; `parent[cell]` is the next cell downstream, -1 at an outlet.
    Every cell drains: a hollow spills over its lowest rim (the tree of lowest passes).
    """
    first, second, length = grid.pairs()
    z = heights.ravel()
    rise = np.abs(z[first] - z[second]) / length
    # The steeper of two ways down is lighter by less than the step the heights are rounded to.
    weight = np.maximum(z[first], z[second]) + 10.0 - 0.05 * np.minimum(rise, 1.0)
    root = grid.size
    graph = sparse.coo_array(
        (
            np.concatenate([weight, np.full(outlets.size, 1e-3)]),
            (np.concatenate([first, outlets]), np.concatenate([second, np.full(outlets.size, root)])),
        ),
        shape=(root + 1, root + 1),
    ).tocsr()
    tree = csgraph.minimum_spanning_tree(graph)
    order, parent = csgraph.breadth_first_order(tree, root, directed=False)
    below = np.asarray(parent[:root], dtype=np.int64)
    below[below == root] = -1
    return np.asarray(order[1:], dtype=np.int64), below


def upstream(order: Ints, parent: Ints, weight: Floats) -> Floats:
    """Sum of `weight` over each cell and everything that drains through it."""
    total = weight.tolist()
    below = parent.tolist()
    for cell in reversed(order.tolist()):
        if below[cell] >= 0:
            total[below[cell]] += total[cell]
    return np.array(total)
