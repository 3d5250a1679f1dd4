"""Relief of the sample province: a made landscape that rivers have shaped, tied to a few known heights."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage
from scipy.interpolate import RBFInterpolator

from ntmgis.sample.grid import Floats, Grid, Ints, child, drain, noise, to_metres, upstream
from ntmgis.sample.lines import roughen, smooth

__all__ = ["GUIDES", "Terrain", "make_terrain"]

# Known: Ngọc Linh 2,598 m, Kon Tum 536 m (weather station). The others are round figures that give the province its
# large forms: the high north, the Kon Plông plateau, the basin of Kon Tum, the low south-west, the falls to the east.
# lon, lat, height of the land around (m).
LAND = (
    (107.98, 15.07, 2050), (107.90, 15.20, 1500), (108.06, 14.96, 1650), (107.73, 15.08, 900), (107.66, 15.28, 1350),
    (107.58, 15.05, 1250), (107.50, 14.90, 1250), (107.69, 14.86, 780), (107.70, 14.70, 690), (107.52, 14.72, 1050),
    (107.85, 14.80, 900), (107.97, 14.80, 1250), (108.22, 14.90, 1150), (108.10, 14.78, 1350), (108.30, 14.66, 1220),
    (108.45, 14.70, 1000), (108.60, 14.75, 450), (108.65, 14.95, 350), (108.50, 15.10, 600), (108.30, 15.15, 850),
    (108.15, 15.30, 600), (107.95, 15.45, 700), (107.60, 15.50, 900), (107.82, 14.62, 640), (107.93, 14.52, 640),
    (108.02, 14.36, 545), (107.95, 14.28, 600), (108.07, 14.60, 850), (108.15, 14.62, 1050), (108.23, 14.47, 780),
    (108.42, 14.45, 1150), (108.60, 14.45, 900), (108.25, 14.25, 900), (107.80, 14.40, 640), (107.68, 14.43, 1150),
    (107.55, 14.50, 800), (107.40, 14.55, 600), (107.60, 14.33, 520), (107.45, 14.22, 320), (107.50, 14.05, 240),
    (107.42, 13.95, 180), (107.30, 14.05, 260), (107.78, 14.25, 620), (107.70, 14.10, 560), (107.90, 14.10, 750),
)  # fmt: skip
PEAK = (107.976, 15.068, 2598.0)

# Main rivers run near the seats of these units (codes until 2025-06-30), from the source down; a pair is a lon, lat.
GUIDES: dict[str, tuple[str | tuple[float, float], ...]] = {
    "Sông Pô Kô": (
        "23347", "23353", "23341", "23371", "23374", "23383", "23386", "23377", (107.77, 14.66), "23437", "23443",
        "23534", "23314", "23545", "23551", (107.79, 14.23), (107.68, 14.16), (107.60, 14.05), (107.50, 13.97),
        (107.36, 13.90),
    ),
    "Sông Đắk Bla": (
        "23470", (108.27, 14.60), "23479", "23497", "23488", "23494", "23323", "23299", "23329", "23326", "23551",
    ),
    "Sông Sa Thầy": ("23530", (107.62, 14.45), "23536", "23537", (107.50, 14.12), (107.50, 13.97)),
}  # fmt: skip
BESIDE = np.array([450.0, -350.0])  # a river passes beside the seat, not through it
BENDS = 0.17  # how far a main river swings out, as a share of the way between two stops


@dataclass(frozen=True)
class Terrain:
    """Heights in metres on `grid`, and the way of the water.

    order, parent  see `drain`
    area           km² upstream of each cell, flat
    """

    grid: Grid
    heights: Floats
    order: Ints
    parent: Ints
    area: Floats


def make_terrain(seats: dict[str, tuple[float, float]], *, seed: int, cell: float = 250.0) -> Terrain:
    """The relief around the seats (code → lon, lat): eroded until rivers and slopes agree, rounded to 1/16 m."""
    lonlat = np.array(list(seats.values()))
    frame = to_metres(np.array([107.33, 108.55]), np.array([13.92, 15.42]))
    frame = np.vstack([frame, to_metres(lonlat[:, 0], lonlat[:, 1])])
    coarse = Grid.over(frame, cell=2 * cell, margin=9000.0)
    rng = child(seed, "terrain")
    land = _land(coarse)
    height = _erode(coarse, land, _guide_depth(coarse, seats, rng), rng)
    fine = coarse.refine(2)
    east, north = fine.centres
    z = coarse.sample(height, np.column_stack([east.ravel(), north.ravel()])).reshape(fine.shape)
    steep = ndimage.gaussian_filter(ndimage.generic_gradient_magnitude(z, ndimage.sobel), 3) / 8 / cell
    z += noise(rng, fine.shape, longest=12, octaves=4) * np.clip(steep * 60, 1.0, 22.0)
    z = _peak(fine, z)
    order, parent = drain(fine, _round(z), _outlets(fine))
    area = upstream(order, parent, np.full(fine.size, (cell / 1000) ** 2))
    return Terrain(fine, _round(_level(z, order, parent)), order, parent, area)


def _round(z: Floats) -> Floats:
    # Machines differ in the last bits of exp() and sin(); a height rounded to 1/16 m does not.
    return np.asarray(np.rint(z * 16) / 16, dtype=np.float64)


def _land(grid: Grid) -> Floats:
    table = np.array(LAND)
    xy = to_metres(table[:, 0], table[:, 1]) / 1000
    smooth = RBFInterpolator(xy, table[:, 2], kernel="thin_plate_spline", smoothing=5.0)
    east, north = grid.centres
    z = smooth(np.column_stack([east.ravel(), north.ravel()]) / 1000).reshape(grid.shape)
    return np.clip(z, 130.0, 2200.0)


def _guide_depth(grid: Grid, seats: dict[str, tuple[float, float]], rng: np.random.Generator) -> Floats:
    """1 along the main rivers, which swing from side to side, falling to 0 some kilometres away."""
    mark = np.ones(grid.shape, dtype=bool)
    for chain in GUIDES.values():
        lonlat = np.array([seats[stop] if isinstance(stop, str) else stop for stop in chain])
        stops = to_metres(lonlat[:, 0], lonlat[:, 1]) + BESIDE
        line = roughen(smooth(stops, 0.6), rng, roughness=BENDS, spacing=9000.0, times=4)
        for a, b in pairwise(line):
            steps = np.linspace(0, 1, int(np.hypot(*(b - a)) / grid.cell * 2) + 2)[:, None]
            mark.ravel()[grid.flat(a + (b - a) * steps)] = False
    far = ndimage.distance_transform_edt(mark) * grid.cell
    return np.asarray(np.exp(-((far / 1500.0) ** 2)))


def _outlets(grid: Grid) -> Ints:
    """Cells of the frame where water leaves: the north, the east, and the south-west corner."""
    number = np.arange(grid.size).reshape(grid.shape)
    west = number[:, 0][int(grid.rows * 0.93) :]
    south = number[-1, : int(grid.cols * 0.12)]
    return np.unique(np.concatenate([number[0], number[:, -1], west, south]))


def _erode(grid: Grid, land: Floats, guide: Floats, rng: np.random.Generator) -> Floats:
    """Heights at which every river has the slope its water needs, and whose average follows `land`."""
    warp = noise(rng, grid.shape, longest=40, octaves=5, gain=0.55)
    z = land * (1 + 0.16 * warp) - 380.0 * guide
    outlets = _outlets(grid)
    floor = land * 0.8
    rise = np.ones(grid.shape)
    length = grid.cell
    width = grid.cols
    soft = 12_000 / grid.cell / 2
    hard = 0.75 + 0.25 * np.abs(noise(rng, grid.shape, longest=24, octaves=4))
    target = ndimage.gaussian_filter(land, soft)
    for unrest in (45.0, 38.0, 30.0, 24.0, 18.0, 14.0, 11.0, 8.0, 6.0, 5.0):
        order, parent = drain(grid, _round(z), outlets)
        area = upstream(order, parent, np.full(grid.size, (length / 1000) ** 2))
        slope = np.minimum(0.085 * (rise * hard).ravel() * (area + 0.3) ** -0.52, 0.55)
        base = floor.ravel().tolist()
        height = [0.0] * grid.size
        slopes, below = slope.tolist(), parent.tolist()
        for cell in order.tolist():
            down = below[cell]
            if down < 0:
                height[cell] = base[cell]
            else:
                straight = (cell - down) in (1, -1, width, -width)
                height[cell] = height[down] + slopes[cell] * length * (1.0 if straight else 1.4142135)
        z = np.array(height).reshape(grid.shape)
        mean = ndimage.gaussian_filter(z, soft)
        rise = np.clip(rise * np.clip(target / mean, 0.5, 2.0) ** 1.2, 0.05, 12.0)
        # Uneven ground turns the water aside: without it every slope is ploughed in straight furrows.
        z = z + noise(rng, grid.shape, longest=9, octaves=4, gain=0.7) * unrest + rng.normal(0, 2.0, grid.shape)
    # What is left of the difference to the land's large forms is taken out smoothly.
    z = z + ndimage.gaussian_filter(land - z, soft * 1.2)
    return np.clip(z, 100.0, None)


def _peak(grid: Grid, z: Floats) -> Floats:
    """The relief lifted around Ngọc Linh so that the highest point has its known height."""
    place = to_metres(np.array([PEAK[0]]), np.array([PEAK[1]]))[0]
    east, north = grid.centres
    near = np.exp(-(((east - place[0]) ** 2 + (north - place[1]) ** 2) / 7000.0**2))
    for _ in range(3):
        z = np.minimum(z + (PEAK[2] - z[near > 0.6].max()) * near, PEAK[2])
    return z


def _level(z: Floats, order: Ints, parent: Ints) -> Floats:
    """The same heights, hollows filled so that no cell lies below the cell its water goes to."""
    height = z.ravel().tolist()
    below = parent.tolist()
    for cell in order.tolist():
        down = below[cell]
        if down >= 0 and height[cell] < height[down]:
            height[cell] = height[down]
    return np.array(height).reshape(z.shape)
