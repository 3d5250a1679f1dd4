"""Streets of the sample: the road network as lines, with lanes through each village and tracks to its fields."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from ntmgis.sample.grid import Floats, child
from ntmgis.sample.lines import smooth
from ntmgis.sample.roads import Chain, Network
from ntmgis.sample.terrain import Terrain
from ntmgis.sample.villages import Village

__all__ = ["Road", "build_streets"]


@dataclass(frozen=True)
class Road:
    """One road feature in metres: class rank (see CLASSES), number of the named road or -1, village index or -1."""

    line: Floats
    rank: int
    named: int
    village: int


def _chain_line(chain: Chain, network: Network, rng: np.random.Generator) -> Floats:
    """The chain as a drivable line: smooth, with small bends, simplified to 18 m."""
    xy = network.places(np.array(chain.cells))
    if len(xy) == 2:
        mid = xy.mean(axis=0) + rng.uniform(-30, 30, 2)
        return np.vstack([xy[0], mid, xy[1]])
    bends = xy.copy()
    bends[1:-1] += rng.uniform(-0.24, 0.24, (len(xy) - 2, 2)) * network.grid.cell
    dense = shapely.get_coordinates(shapely.segmentize(LineString(smooth(bends, 0.8)), 90.0))
    return shapely.get_coordinates(LineString(smooth(dense, 1.5)).simplify(18.0))


def build_streets(
    network: Network,
    terrain: Terrain,
    villages: list[Village],
    province: BaseGeometry,
    shapes: tuple[BaseGeometry, ...],
    lake: BaseGeometry,
    *,
    seed: int,
) -> tuple[list[Road], list[list[Floats]]]:
    """All roads as lines, and for each village the lines its households live along.

    Lanes and field tracks start at a vertex of the road they leave, so the network stays one.
    """
    rng = child(seed, "streets")
    stops = {village.cell for village in villages}
    roads = []
    at: dict[int, list[Floats]] = {}
    for chain in network.chains(stops):
        line = _chain_line(chain, network, rng)
        # The large roads run on beyond the province; the map ends at its border.
        parts = shapely.get_parts(shapely.intersection(LineString(line), province))
        roads += [
            Road(shapely.get_coordinates(part), chain.rank, chain.line, -1) for part in parts if not part.is_empty
        ]
        for cell, piece in ((chain.cells[0], line), (chain.cells[-1], line[::-1])):
            at.setdefault(cell, []).append(piece)
    homes: list[list[Floats]] = []
    for number, village in enumerate(villages):
        rng = child(seed, f"lanes/{number}")
        reach = float(np.clip(12.0 * np.sqrt(village.households) + 130.0, 180.0, 600.0))
        stems = [_until(piece, reach) for piece in at.get(village.cell, [])]
        lanes = _lanes(stems, village, reach, rng)
        ground = shapes[village.commune].difference(lake.buffer(40.0))
        lanes = [lane for lane in lanes if ground.contains(LineString(lane))]
        roads += [Road(lane, 5, -1, number) for lane in lanes]
        if not village.urban and stems and rng.random() < 0.55:
            track = _track(stems, lanes, reach, terrain, rng)
            if ground.contains(LineString(track)):
                roads.append(Road(track, 6, -1, number))
        homes.append(stems + lanes)
    return roads, homes


def _until(line: Floats, length: float) -> Floats:
    """The first `length` metres of the line, ended at one of its vertices."""
    far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return line[: max(2, int(np.searchsorted(far, length)) + 1)]


def _lanes(stems: list[Floats], village: Village, reach: float, rng: np.random.Generator) -> list[Floats]:
    """Lanes off the roads through the village: rungs on both sides, bent a little; a grid in towns."""
    joints = [(stem[i], stem[i + 1] - stem[i - 1]) for stem in stems for i in range(1, len(stem) - 1)]
    joints += [(stem[0], stem[1] - stem[0]) for stem in stems[:1]]
    want = int(np.clip(round(village.households / (38 if village.urban else 75) + rng.uniform(-0.4, 0.9)), 1, 8))
    made: list[Floats] = []
    while joints and len(made) < want:
        spot, ahead = joints.pop(int(rng.integers(len(joints))))
        length = np.hypot(*ahead)
        if length == 0:
            continue
        across = np.array([-ahead[1], ahead[0]]) / length * (1.0 if rng.random() < 0.5 else -1.0)
        turn = rng.normal(0, 0.10 if village.urban else 0.35)
        reach_lane = reach * rng.uniform(0.45, 0.95)
        lane = [spot]
        for _ in range(3):
            across = np.array(
                [
                    across[0] * np.cos(turn) - across[1] * np.sin(turn),
                    across[0] * np.sin(turn) + across[1] * np.cos(turn),
                ]
            )
            lane.append(lane[-1] + across * reach_lane / 3)
            turn = rng.normal(0, 0.05 if village.urban else 0.28)
        line = np.array(lane)
        made.append(line)
        if len(made) < want and rng.random() < 0.5:
            # A side lane from the middle of this one, along the main road.
            way = ahead / length * (1.0 if rng.random() < 0.5 else -1.0) * reach_lane * rng.uniform(0.35, 0.7)
            made.append(np.array([line[2], line[2] + way * 0.5 + across * rng.uniform(-25, 25), line[2] + way]))
    return made


def _track(
    stems: list[Floats], lanes: list[Floats], reach: float, terrain: Terrain, rng: np.random.Generator
) -> Floats:
    """A track from the end of a lane (or road) out to the fields, bending towards lower ground."""
    start = (lanes or stems)[int(rng.integers(len(lanes or stems)))][-1]
    centre = stems[0][0]
    way = start - centre
    angle = float(np.arctan2(way[1], way[0])) if np.hypot(*way) > 1 else float(rng.uniform(-np.pi, np.pi))
    line = [start]
    for _ in range(int(rng.integers(4, 9))):
        turns = angle + np.array([-0.5, -0.25, 0.0, 0.25, 0.5])
        ahead = line[-1] + np.column_stack([np.cos(turns), np.sin(turns)]) * reach * 0.45
        fall = terrain.grid.sample(terrain.heights, ahead)
        pick = int(np.argmin(fall + rng.uniform(0, 6, 5)))
        angle = float(turns[pick])
        line.append(ahead[pick])
    return np.array(line)
