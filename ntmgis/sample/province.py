"""The sample province itself: land, communes, water, roads, villages and works, before any file is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from ntmgis.sample.communes import Communes, make_communes
from ntmgis.sample.grid import Floats, child, to_metres
from ntmgis.sample.roads import Network, trunk_network
from ntmgis.sample.streets import Road, build_streets
from ntmgis.sample.terrain import Terrain, make_terrain
from ntmgis.sample.villages import Village, count_villages, households_of, place_villages, split, village_rooms
from ntmgis.sample.water import Water, make_water
from ntmgis.sample.works import Work, make_works
from ntmgis.units.epochs import epoch_on
from ntmgis.units.reference import reference_units

__all__ = ["HOUSEHOLDS", "LAST_OLD", "VILLAGES", "Progress", "Province", "make_province", "village_kind"]

HOUSEHOLDS = 140_000
VILLAGES = 869  # "thôn, làng, tổ dân phố" in the figures published for 2018-2019
LAST_OLD = date(2025, 6, 30)

# The seat of the district, where it is not the district's township.
CAPITALS = {"608": "23293", "617": "23422", "618": "23538"}
# People where the list has no figure (communes founded later) or a figure that is a whole district's.
PEOPLE = {"23510": 3000, "23535": 2600, "23537": 3200, "23538": 4300, "23461": 1900, "23479": 4500}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Province:
    """The whole province, in memory.

    `units` is the reference list until 30 June 2025; `codes`, `names`, `places` (EPSG:9216 metres) and `homes` (the
    lines households live along) follow the order of `villages`.
    """

    units: pd.DataFrame
    terrain: Terrain
    communes: Communes
    water: Water
    villages: list[Village]
    places: Floats
    codes: list[str]
    names: list[str]
    roads: list[Road]
    homes: list[list[Floats]]
    works: dict[str, list[Work]]


def make_province(total: int, *, seed: int, say: Progress) -> Province:
    """The province with `total` households; `say` is told each step."""
    units = reference_units(epoch_on(LAST_OLD))
    codes = units["code"].tolist()
    lonlat = units[["lon", "lat"]].to_numpy(dtype=float)
    seats = dict(zip(codes, map(tuple, lonlat.tolist()), strict=True))
    xy = to_metres(lonlat[:, 0], lonlat[:, 1])
    km2 = units["area_km2"].to_numpy(dtype=float)
    say("terrain")
    terrain = make_terrain(seats, seed=seed)
    say("communes")
    communes = make_communes(terrain, xy, km2, units["successor_code"].tolist(), seed=seed)
    say("rivers")
    outline = shapely.coverage_union_all(np.array(communes.metres))
    water = make_water(terrain, outline, seats)
    say("roads")
    inside = (communes.cells >= 0).reshape(terrain.grid.shape)
    network = Network(terrain, water.wet, inside, seed=seed)
    trunk_network(network, dict(zip(codes, xy, strict=True)), _capitals(units), _neighbours(codes, xy))
    say("villages")
    villages = _villages(units, terrain, network, communes, water, xy, km2, total, seed=seed)
    for path in network.to_network(sorted({village.cell for village in villages})):
        network.lay(path, 3 if len(path) > 14 else 4)
    network.link(np.array(sorted({village.cell for village in villages if not village.urban})), seed=seed)
    network.streets(np.array(sorted({village.cell for village in villages if village.urban})), seed=seed)
    network.prune()
    roads, homes = build_streets(network, terrain, villages, outline, communes.metres, water.lake, seed=seed)
    names = [_village_name(village) for village in villages]
    say("layers")
    capitals = frozenset(codes.index(code) for code in set(_capitals(units).values()))
    places = network.places(np.array([village.cell for village in villages]))
    works = make_works(villages, places, names, homes, terrain, capitals, seed=seed)
    return Province(
        units, terrain, communes, water, villages, places, _codes(villages, codes), names, roads, homes, works
    )


def _capitals(units: pd.DataFrame) -> dict[str, str]:
    """Commune code → code of the unit where its district's seat is."""
    towns = units[units["kind"] == "thị trấn"].set_index("district_code")["code"].to_dict() | CAPITALS
    return {code: towns[district] for code, district in zip(units["code"], units["district_code"], strict=True)}


def _neighbours(codes: list[str], xy: Floats) -> list[tuple[str, str]]:
    triangles = Delaunay(xy).simplices.tolist()
    pairs = {
        tuple(sorted((codes[a], codes[b]))) for t in triangles for a, b in ((t[0], t[1]), (t[1], t[2]), (t[0], t[2]))
    }
    return sorted((a, b) for a, b in pairs)


def _villages(  # noqa: PLR0913 - the one place where everything about the land comes together
    units: pd.DataFrame,
    terrain: Terrain,
    network: Network,
    communes: Communes,
    water: Water,
    xy: Floats,
    km2: Floats,
    total: int,
    *,
    seed: int,
) -> list[Village]:
    known = units["population_2009"].astype("Float64").fillna(0).tolist()
    people = np.array([PEOPLE.get(code, n) for code, n in zip(units["code"], known, strict=True)], dtype=np.float64)
    households = households_of(people, households=total)
    # How many villages a commune has does not depend on how many households are asked for.
    rooms = village_rooms(network, communes)
    counts = count_villages(households_of(people, households=HOUSEHOLDS), km2, rooms, total=VILLAGES)
    cells = place_villages(terrain, network, rooms, water.wet, xy, counts, seed=seed)
    rural = units["rural"].tolist()
    made = []
    for index, own in enumerate(cells):
        rng = child(seed, f"people/{index}")
        minority = float(np.clip(1.05 - people[index] / 9000 + rng.normal(0, 0.12), 0.1, 0.97))
        sizes = split(int(households[index]), len(own), rng, first=1.6)
        made += [
            Village(index, n, cell, not rural[index], bool(rng.random() < (minority if rural[index] else 0.12)), size)
            for n, (cell, size) in enumerate(zip(own, sizes, strict=True), start=1)
        ]
    return made


def _village_name(village: Village) -> str:
    if village.urban:
        return f"Tổ dân phố {village.number}"
    return f"Làng {village.number}" if village.minority else f"Thôn {village.number}"


def village_kind(village: Village) -> str:
    """Value of `village_kind` in the data contract."""
    return "tổ dân phố" if village.urban else "làng" if village.minority else "thôn"


def _codes(villages: list[Village], communes: list[str]) -> list[str]:
    return [f"{communes[village.commune]}-{village.number:02d}" for village in villages]
