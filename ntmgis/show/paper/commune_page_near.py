"""The works of a commune: how many of each kind, and how far the nearest one in service is from its villages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ntmgis.measure.access import served_by
from ntmgis.programme.tables import tables
from ntmgis.show.paper.content import WORKS, Ground

__all__ = ["SERVICES", "WORK_TITLES", "Nearest", "NearestWorks"]

# Works whose nearest one is told, in the order of the table; of other works only how many there are.
SERVICES = (
    "water_supply",
    "waste_point",
    "school",
    "health_station",
    "culture_house",
    "market",
    "post_point",
    "irrigation",
    "power",
    "telecom",
)
# Shorter than the titles of the tables where those are long.
WORK_TITLES = {
    "water_supply": "Cấp nước sinh hoạt",
    "waste_point": "Thu gom, trung chuyển rác",
    "culture_house": "Nhà văn hóa, nhà rông",
    "post_point": "Bưu chính",
    "power": "Trạm biến áp",
    "telecom": "Viễn thông",
    "irrigation": "Thủy lợi",
    "health_station": "Trạm y tế",
    "market": "Chợ",
}


@dataclass(frozen=True, slots=True)
class Nearest:
    """Works of one layer: how many within the commune, kilometres in a straight line to the nearest one in service.

    `typical` is the median over the villages, `farthest` that of the village `where` which has it farthest; NaN where
    the province has none in service, and for layers that serve nobody.
    """

    layer: str
    title: str
    within: int
    typical: float
    farthest: float
    where: str


class NearestWorks:
    """Distances of all villages of a ground to the works of the whole province, worked out once.

    Distances leave out works out of order, and waste points that are not for collection or transfer, as the measures
    do; the number within the commune counts them all, as the map shows them. What stands outside the province is not
    known.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._order = {unit.code: n for n, unit in enumerate(ground.units)}

    def of(self, code: str) -> tuple[tuple[Nearest, ...], str]:
        """Rows of the layers, those that serve first, and from where the distances are measured, in words.

        A layer that serves nobody (cemeteries, zones) has a row only where the commune has some.
        """
        at = self._order[code]
        own = self._villages_of.get(code, [])
        villages = self.ground.villages
        middle = shapely.get_coordinates(shapely.centroid(self.ground.units[at].area))
        made = []
        for id_, (served, counts) in self._works.items():
            title = WORK_TITLES.get(id_, tables()[id_].title_vi)
            if id_ not in SERVICES:
                if counts[at]:
                    made.append(Nearest(id_, title, int(counts[at]), float("nan"), float("nan"), ""))
                continue
            far = self._far[id_][own] if own else _distances(served, middle)
            worst = int(np.argmax(far))
            where = "" if villages is None or not own else str(villages.table["name"].iloc[own[worst]])
            typical, farthest = float(np.median(far)) / 1000, float(far[worst]) / 1000
            made.append(Nearest(id_, title, int(counts[at]), typical, farthest, where))
        from_where = "từ vị trí các thôn" if own else "từ trung tâm hình học của đơn vị (chưa có vị trí thôn)"
        return tuple(made), from_where

    @cached_property
    def _villages_of(self) -> Mapping[str, list[int]]:
        villages = self.ground.villages
        made: dict[str, list[int]] = {}
        for n, code in enumerate(() if villages is None else villages.table["commune_code"]):
            made.setdefault(str(code), []).append(n)
        return made

    @cached_property
    def _works(self) -> Mapping[str, tuple[NDArray[np.float64], NDArray[np.int_]]]:
        """Layer → positions of the works in service, and how many works it has in each commune."""
        areas = np.array([unit.area for unit in self.ground.units], dtype=object)
        tree = shapely.STRtree(areas)
        made = {}
        for id_ in dict.fromkeys((*SERVICES, *WORKS)):
            layer = self.ground.layers.get(id_)
            if layer is None or id_ in {"road", "river", "lake"}:
                continue
            frame = gpd.GeoDataFrame(layer.table, geometry=shapely.points(layer.xy))
            if id_ in {"water_supply", "waste_point"}:
                frame = served_by(id_, frame)
            elif "operation" in frame:
                frame = frame[frame["operation"].ne("broken").fillna(value=True)]
            xy = shapely.get_coordinates(frame.geometry.to_numpy()).reshape(-1, 2)
            inside, unit = tree.query(shapely.points(layer.xy), predicate="intersects")
            owner = np.full(len(layer), -1)
            owner[inside[::-1]] = unit[::-1]  # on a shared border: the first
            made[id_] = (xy, np.bincount(owner[owner >= 0], minlength=len(areas)))
        return made

    @cached_property
    def _far(self) -> Mapping[str, NDArray[np.float64]]:
        """Layer → metres from every village."""
        villages = self.ground.villages
        spots = np.empty((0, 2)) if villages is None else villages.xy
        return {id_: _distances(self._works[id_][0], spots) for id_ in SERVICES if id_ in self._works}


def _distances(served: NDArray[np.float64], spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each spot to the nearest of `served`; NaN where there is none."""
    if not len(served) or not len(spots):
        return np.full(len(spots), np.nan)
    return np.asarray(cKDTree(served).query(spots)[0], dtype=np.float64)
