"""Villages of the sample: how many, how large, and where people would live."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from ntmgis.sample.communes import Communes
from ntmgis.sample.grid import Floats, Ints, child
from ntmgis.sample.roads import Network
from ntmgis.sample.terrain import Terrain

__all__ = ["PERSONS", "Village", "count_villages", "households_of", "place_villages", "split", "village_rooms"]

PERSONS = 4.1


@dataclass(frozen=True)
class Village:
    """One village: its commune (index), running number in it, the cell of its centre, its households."""

    commune: int
    number: int
    cell: int
    urban: bool
    minority: bool
    households: int


def households_of(people: Floats, *, households: int) -> Ints:
    """Households of each commune, `households` in all, in proportion to `people`."""
    exact = people / people.sum() * households
    made: Ints = np.asarray(np.floor(exact), dtype=np.int64)
    rest = households - int(made.sum())
    made[np.argsort(-(exact - made), kind="stable")[:rest]] += 1
    return made


def village_rooms(network: Network, communes: Communes) -> list[Ints]:
    """The cells of each commune where a village can stand: some way inside the drawn border, at least one cell."""
    rooms = []
    for index, shape in enumerate(communes.metres):
        own = np.flatnonzero(communes.cells == index)
        # The drawn border strays from the cells.
        inner = shape.buffer(-min(250.0, 0.09 * np.sqrt(shape.area)))
        shapely.prepare(inner)
        well = own[shapely.contains_xy(inner, *network.places(own).T)]
        rooms.append(well if well.size else own)
    return rooms


def count_villages(households: Ints, km2: Floats, rooms: list[Ints], *, total: int) -> Ints:
    """Villages of each commune, `total` in all: more where more people live, a few more where the land is wide."""
    weight = (households / households.sum()) ** 0.62 * (1 + 0.25 * (km2 / 100.0) ** 0.5)
    most = np.array([max(1, room.size * 3 // 4) for room in rooms])
    least = np.minimum(3, most)
    made: Ints = np.asarray(np.clip(np.floor(weight / weight.sum() * total * 1.02), least, most), dtype=np.int64)
    order = np.argsort(-weight, kind="stable")
    n = 0
    while made.sum() != total:
        step = 1 if made.sum() < total else -1
        index = order[n % len(order)]
        if least[index] <= made[index] + step <= most[index]:
            made[index] += step
        n += 1
    return made


def place_villages(
    terrain: Terrain, network: Network, rooms: list[Ints], wet: Ints, seats: Floats, counts: Ints, *, seed: int
) -> list[list[int]]:
    """Cells of the villages of each commune: flat land near roads and streams, apart from each other; seat first."""
    grid = terrain.grid
    road = ndimage.distance_transform_edt((network.rank == 99).reshape(grid.shape)).ravel() * grid.cell
    stream = ndimage.distance_transform_edt((wet == 0).reshape(grid.shape)).ravel() * grid.cell
    slope = (np.sqrt(np.clip(network.here - 1.0, 0, None)) * 0.1).ravel()
    flat = 1.0 / (1.0 + (slope / 0.12) ** 3)
    score = (
        flat
        * (3.0 * (road == 0) + np.exp(-road / 600.0) + 0.22 * np.exp(-road / 3000.0) + 0.02)
        * (0.4 + np.exp(-stream / 1500.0))
    )
    score[wet >= 2] = 0.0
    lake = ndimage.binary_dilation((wet == 3).reshape(grid.shape), iterations=2).ravel()
    score[lake] = 0.0
    made = []
    for commune, count in enumerate(counts.tolist()):
        rng = child(seed, f"villages/{commune}")
        own = rooms[commune]
        weight = np.maximum(score[own], 1e-9)
        xy = grid.points(own)
        space = 0.62 * np.sqrt(own.size * grid.cell**2 / count)
        chosen = [_seat(own, weight, seats[commune], xy)]
        while len(chosen) < count:
            near = np.hypot(*(xy - grid.points(np.array(chosen[-1:]))[0]).T)
            weight = np.where(near < min(space, 1700.0), weight * 1e-4, weight)
            weight[own == chosen[-1]] = 0.0
            chosen.append(int(rng.choice(own, p=weight / weight.sum())))
        made.append(chosen)
    return made


def _seat(own: Ints, weight: Floats, seat: Floats, xy: Floats) -> int:
    far = np.hypot(*(xy - seat).T)
    return int(own[np.argmax(np.where(weight > 1e-8, 1.0, 0.0) * np.exp(-far / 400.0))])


def split(total: int, count: int, rng: np.random.Generator, *, first: float) -> list[int]:
    """`total` households over `count` villages, uneven as in life; the first, at the seat, is larger."""
    share = np.exp(rng.standard_normal(count) * 0.38)
    share[0] *= first
    edges = np.rint(np.cumsum(share) / share.sum() * total).astype(int)
    return [int(size) for size in np.diff(np.concatenate([[0], edges]))]
