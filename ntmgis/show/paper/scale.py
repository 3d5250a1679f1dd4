"""Scale: the round denominators, where the ground lies on the paper, and what is said of the projection."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = [
    "ROUND_SCALES",
    "Placement",
    "bar_length",
    "degrees_minutes",
    "graticule_minutes",
    "km_per_cm",
    "projection_note",
]

Shape = TypeVar("Shape", BaseGeometry, NDArray[np.object_])

_STEPS = (10, 12.5, 15, 17.5, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90)
# From the largest scale (1:5,000) to the smallest (1:9,000,000).
ROUND_SCALES = tuple(int(step * 10**power) for power in range(2, 6) for step in _STEPS if step * 10**power >= 5_000)


@dataclass(frozen=True, slots=True)
class Placement:
    """Ground metres (easting, northing) to paper millimetres: one scale, no turn.

    The point (`east`, `north`) falls on (`x`, `y`). On a sheet whose template is magnified, the scale is that of the
    print: one millimetre here is `magnify` millimetres there.

    >>> Placement(500_000, east=500_000.0, north=1_500_000.0, x=10.0, y=20.0).point(505_000.0, 1_500_000.0)
    (20.0, 20.0)
    """

    denominator: int
    east: float
    north: float
    x: float
    y: float
    magnify: float = 1.0

    @property
    def per_metre(self) -> float:
        """Template millimetres for one metre on the ground."""
        return 1000.0 / self.denominator / self.magnify

    def mm(self, metres: float) -> float:
        """A ground length on paper."""
        return metres * self.per_metre

    def metres(self, mm: float) -> float:
        """A paper length on the ground."""
        return mm / self.per_metre

    def point(self, east: float, north: float) -> tuple[float, float]:
        """One point on paper."""
        return self.x + self.mm(east - self.east), self.y + self.mm(north - self.north)

    def ground(self, x: float, y: float) -> tuple[float, float]:
        """The ground under a point of the paper."""
        return self.east + self.metres(x - self.x), self.north + self.metres(y - self.y)

    def spots(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Many points (n x 2, metres) on paper."""
        moved: NDArray[np.float64] = (points - (self.east, self.north)) * self.per_metre + (self.x, self.y)
        return moved

    def shapes(self, shapes: Shape) -> Shape:
        """Geometry in metres as geometry in millimetres."""
        here = np.array([self.east, self.north])
        there = np.array([self.x, self.y])
        moved: Shape = shapely.transform(shapes, lambda xy: (xy - here) * self.per_metre + there)
        return moved


def graticule_minutes(denominator: int) -> int:
    """Interval of meridians and parallels in minutes.

    Up to 1:150,000 as circular 47/2014/TT-BTNMT has it (2' to 1:5,000, 5' to 1:25,000, 10' to 1:80,000, 20' to
    1:150,000); beyond, where it is silent, 20' to 1:600,000, 30' to 1:1,200,000 and then whole degrees.

    >>> [graticule_minutes(n) for n in (5_000, 25_000, 80_000, 150_000, 500_000, 1_000_000)]
    [2, 5, 10, 20, 20, 30]
    """
    limits = ((5_000, 2), (25_000, 5), (80_000, 10), (600_000, 20), (1_200_000, 30))
    return next((minutes for limit, minutes in limits if denominator <= limit), 60)


def degrees_minutes(minutes: int) -> str:
    """Whole minutes of arc as degrees and minutes.

    >>> degrees_minutes(107 * 60 + 30)
    "107°30'"
    """
    return f"{minutes // 60}°{minutes % 60:02d}'"


def bar_length(reach: float) -> int:
    """Ground length in metres of a scale bar of at most `reach` metres: 1, 2, 4 or 5 times a power of ten.

    >>> bar_length(25_000.0)
    20000
    """
    lengths = [step * int(10.0**power) for power in range(7) for step in (1, 2, 4, 5)]
    return max(length for length in lengths if length <= reach or length == 1)


def km_per_cm(denominator: int) -> float:
    """Kilometres on the ground under one centimetre on paper."""
    return denominator / 100_000


def projection_note(crs: str) -> str:
    """What a map reader is told of the projection, in Vietnamese.

    >>> projection_note("EPSG:9216")
    "VN-2000, múi chiếu 3°, kinh tuyến trục 107°30'"
    """
    made = pyproj.CRS.from_user_input(crs)
    operation = made.coordinate_operation
    if operation is None or made.geodetic_crs is None or operation.method_name != "Transverse Mercator":
        return made.name
    values = {param.name: float(param.value) for param in operation.params}
    zone = {0.9999: "múi chiếu 3°", 0.9996: "múi chiếu 6°"}.get(round(values["Scale factor at natural origin"], 6))
    axis = f"kinh tuyến trục {degrees_minutes(round(values['Longitude of natural origin'] * 60))}"
    return ", ".join(part for part in (made.geodetic_crs.name, zone, axis) if part)
