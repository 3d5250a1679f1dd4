"""What the road inventory of the sample says about each road: class, surface, width, condition, state."""

from collections.abc import Iterator

import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.sample.grid import child, to_degrees
from ntmgis.sample.roads import CLASSES
from ntmgis.sample.streets import Road

__all__ = ["road_features"]

SURFACES = {  # class → share of asphalt, concrete, stone, earth
    "national": (0.97, 0.03, 0.0, 0.0),
    "provincial": (0.86, 0.08, 0.05, 0.01),
    "district": (0.62, 0.20, 0.10, 0.08),
    "commune": (0.22, 0.48, 0.14, 0.16),
    "village": (0.04, 0.56, 0.16, 0.24),
    "lane": (0.0, 0.52, 0.14, 0.34),
    "field": (0.0, 0.14, 0.26, 0.60),
}
WIDTHS = {
    "national": 7.0,
    "provincial": 6.0,
    "district": 5.0,
    "commune": 3.5,
    "village": 3.0,
    "lane": 2.5,
    "field": 3.0,
}
CONDITIONS = {  # surface → share of good, fair, poor
    "asphalt": (0.62, 0.28, 0.10),
    "concrete": (0.66, 0.26, 0.08),
    "stone": (0.30, 0.48, 0.22),
    "earth": (0.10, 0.45, 0.45),
}
NAMED = {0: "Quốc lộ (mẫu)", 1: "Đường tỉnh (mẫu)"}
KINDS = ("asphalt", "concrete", "stone", "earth")


def road_features(roads: list[Road], *, seed: int) -> Iterator[tuple[dict[str, object], BaseGeometry]]:
    """(fields of the data contract, line in EPSG:4326) of each road; what an office would not know is None."""
    rng = child(seed, "road-attributes")
    first_provincial = min((road.named for road in roads if road.rank == 1 and road.named >= 0), default=0)
    for n, road in enumerate(roads, start=1):
        cls = CLASSES[road.rank]
        roll = rng.random()
        state = "planned" if roll < 0.008 else "construction" if roll < 0.025 else "existing"
        if road.rank < 2:
            state = "existing"
        surface = KINDS[int(rng.choice(4, p=SURFACES[cls]))]
        condition = str(rng.choice(["good", "fair", "poor"], p=CONDITIONS[surface]))
        number = road.named - first_provincial + 1 if road.rank == 1 else road.named + 1
        name = f"{NAMED[road.rank]} {number}" if road.named >= 0 and road.rank in NAMED else None
        width = float(WIDTHS[cls] + rng.choice([-0.5, 0.0, 0.0, 0.5]))
        known = rng.random(3)
        yield (
            {
                "id": f"D{n:05d}",
                "name": name,
                "class": cls,
                "surface": surface if state != "planned" and (known[0] > 0.03 or road.rank < 3) else None,
                "width": width if known[1] > 0.06 else None,
                "condition": condition if state == "existing" and known[2] > 0.08 else None,
                "state": state,
            },
            shapely.LineString(to_degrees(road.line)),
        )
