"""Rivers that follow the valleys of the sample terrain, and the lake behind one dam."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ntmgis.sample.grid import Floats, Ints, Mask, to_metres
from ntmgis.sample.lines import outline, smooth
from ntmgis.sample.terrain import GUIDES, Terrain

__all__ = ["River", "Water", "make_water"]

DAM = (107.868, 14.405)
LAKE_KM2 = 45.0


@dataclass(frozen=True)
class River:
    """One reach between two confluences; `name` is empty for unnamed streams."""

    name: str
    order: int
    line: LineString


@dataclass(frozen=True)
class Water:
    """Rivers and the lake in EPSG:9216, and the cells they cover (`wet` is 0 land, 1 stream, 2 river, 3 lake)."""

    rivers: tuple[River, ...]
    lake: Polygon
    wet: Ints


def make_water(terrain: Terrain, province: BaseGeometry, seats: dict[str, tuple[float, float]]) -> Water:
    """Streams with at least 10 km² upstream, cut at the province; the three main rivers are named."""
    grid = terrain.grid
    names = _names(terrain, seats)
    lake, pond = _lake(terrain, names, np.array(list(seats.values())))
    flows = terrain.area >= 10.0
    strahler = _strahler(terrain, flows)
    rivers: list[River] = []
    land = shapely.difference(province, lake)
    for chain in _reaches(terrain, flows, names, strahler):
        xy = grid.points(np.array(chain))
        line = LineString(smooth(xy, 1.6))
        parts = shapely.get_parts(shapely.intersection(line.simplify(35.0), land))
        rivers += [River(names.get(chain[0], ""), int(strahler[chain[0]]), part) for part in parts if part.length > 300]
    wet = np.where(terrain.area >= 150.0, 2, np.where(flows, 1, 0))
    wet[pond] = 3
    return Water(tuple(rivers), lake, wet)


def _names(terrain: Terrain, seats: dict[str, tuple[float, float]]) -> dict[int, str]:
    """Cell → name of the main river it lies on."""
    named: dict[int, str] = {}
    for name, chain in GUIDES.items():
        stop = chain[0]
        lonlat = np.array([seats[stop] if isinstance(stop, str) else stop])
        cell = _largest_near(terrain, to_metres(lonlat[:, 0], lonlat[:, 1])[0], 2500.0)
        while cell >= 0 and cell not in named:
            named[cell] = name
            cell = int(terrain.parent[cell])
        if name == "Sông Đắk Bla":
            # Below the mouth of the Đắk Bla the river is called Sê San.
            while cell >= 0:
                named[cell] = "Sông Sê San"
                cell = int(terrain.parent[cell])
    return named


def _largest_near(terrain: Terrain, xy: Floats, radius: float) -> int:
    east, north = terrain.grid.centres
    near = np.hypot(east - xy[0], north - xy[1]).ravel() < radius
    return int(np.argmax(np.where(near, terrain.area, 0)))


def _strahler(terrain: Terrain, flows: Mask) -> Ints:
    rank = np.zeros(terrain.grid.size, dtype=np.int64)
    top: dict[int, list[int]] = {}
    for cell in terrain.order[::-1].tolist():
        if not flows[cell]:
            continue
        above = sorted(top.pop(cell, []), reverse=True)
        if not above:
            rank[cell] = 1
        else:
            rank[cell] = above[0] + (len(above) > 1 and above[0] == above[1])
        below = int(terrain.parent[cell])
        if below >= 0:
            top.setdefault(below, []).append(int(rank[cell]))
    return rank


def _reaches(terrain: Terrain, flows: Mask, names: dict[int, str], strahler: Ints) -> list[list[int]]:
    """Chains of cells downstream; a chain ends in the first cell of the next one."""
    cells = np.flatnonzero(flows)
    below = terrain.parent[cells]
    joins = np.bincount(below[below >= 0], minlength=terrain.grid.size)
    key = {cell: (names.get(cell, ""), int(strahler[cell])) for cell in cells.tolist()}
    made = []
    for cell in cells.tolist():
        # A reach begins at a spring or where the name or the order changes.
        above = [c for c in _above(terrain, cell) if c in key and key[c] == key[cell]]
        if above and (len(above) == 1 or key[cell][0]):
            continue
        chain = [cell]
        while True:
            down = int(terrain.parent[chain[-1]])
            if down < 0:
                break
            chain.append(down)
            if key.get(down) != key[cell] or (joins[down] > 1 and not key[cell][0] and _same(terrain, down, key) > 1):
                break
        if len(chain) > 1:
            made.append(chain)
    return made


def _above(terrain: Terrain, cell: int) -> list[int]:
    width = terrain.grid.cols
    around = (cell + d for d in (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1))
    return [c for c in around if 0 <= c < terrain.grid.size and terrain.parent[c] == cell]


def _same(terrain: Terrain, cell: int, key: dict[int, tuple[str, int]]) -> int:
    return sum(key.get(c) == key[cell] for c in _above(terrain, cell))


def _lake(terrain: Terrain, names: dict[int, str], seats: Floats) -> tuple[Polygon, Ints]:
    """What a dam on the Pô Kô floods: the connected cells upstream below one level, of about the known area."""
    grid = terrain.grid
    home = to_metres(seats[:, 0], seats[:, 1])
    town = np.ones(grid.shape, dtype=bool)
    town.ravel()[grid.flat(home)] = False
    dry = ndimage.distance_transform_edt(town) * grid.cell > 700.0
    river = np.array([cell for cell, name in names.items() if name == "Sông Pô Kô" and dry.ravel()[cell]])
    xy = to_metres(np.array([DAM[0]]), np.array([DAM[1]]))[0]
    # The nearest place for a dam where the valley holds such a lake without drowning a seat.
    by_distance = river[np.argsort(np.hypot(*(grid.points(river) - xy).T), kind="stable")]
    ponds = (_pond(terrain, int(dam), dry) for dam in by_distance[:40:4].tolist())
    best = np.zeros(grid.shape, dtype=bool)
    for pond in ponds:
        if pond.sum() > best.sum():
            best = pond
        if best.sum() * (grid.cell / 1000) ** 2 > 0.7 * LAKE_KM2:
            break
    return outline(grid, best), np.flatnonzero(best.ravel())


def _pond(terrain: Terrain, dam: int, dry: Mask) -> Mask:
    """Cells flooded by a dam in the cell `dam`, at the highest level that keeps the lake within its known area."""
    grid = terrain.grid
    behind = np.zeros(grid.size, dtype=bool)
    behind[dam] = True
    for cell in terrain.order.tolist():
        down = terrain.parent[cell]
        if down >= 0 and behind[down]:
            behind[cell] = True
    z = terrain.heights.ravel()
    low, high = z[dam], z[dam] + 120.0
    best = np.zeros(grid.size, dtype=bool)
    best[dam] = True
    for _ in range(14):
        level = (low + high) / 2
        mask = (behind & (z < level)).reshape(grid.shape) & dry
        parts, _ = ndimage.label(mask)
        pond = (parts == parts.ravel()[dam]).ravel() & mask.ravel()
        if pond.sum() * (grid.cell / 1000) ** 2 > LAKE_KM2:
            high = level
        else:
            low = level
            best = pond | best
    return np.asarray(ndimage.binary_fill_holes(ndimage.binary_closing(best.reshape(grid.shape))) & dry)
