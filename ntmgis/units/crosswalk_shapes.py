"""A crosswalk against geometry: where old units lie, how large they make a new one, and parts that lie far away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["Placing", "ShapeCheck", "check_shapes"]

# Measured on GADM, the census layer and the published polygons: a right row lies inside its new unit by 0.26 or more
# (0.53 but for one), a wrong one by 0.00; members of one new unit are never more than 50 m apart.
WRONG_INSIDE = 0.1
DOUBTFUL_INSIDE = 0.5
NEIGHBOUR_M = 1000.0
AREA_PART = 0.10
AREA_KM2 = 5.0
_UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Placing:
    """What geometry says against one pair: the new unit it proposes (None: none) and the evidence in words."""

    old: str
    new: str
    wrong: bool
    proposed: str | None
    evidence: str


@dataclass(frozen=True, slots=True, eq=False)
class ShapeCheck:
    """The outcome: pairs that lie wrong or doubtful; areas of the new units; area differences in words.

    units     code, declared_km2, published_km2 (of the new polygons), dissolved_km2 (old polygons by the mapping)
    areas     new code → sentence, for units whose areas differ by more than a tenth and 5 km² for no known reason
    missing   old units without a polygon
    """

    placings: tuple[Placing, ...]
    units: pd.DataFrame
    areas: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def check_shapes(
    pairs: Sequence[tuple[str, str, float]],
    *,
    old_shapes: gpd.GeoDataFrame,
    new_shapes: gpd.GeoDataFrame | None,
    old_names: Mapping[str, str],
    new_units: pd.DataFrame,
) -> ShapeCheck:
    """Pairs of (old code, new code, part of the area) held against polygons with a column `code`, in any CRS.

    `new_units` gives name, and where known declared_km2 and a point inside (lon, lat in degrees). Areas are measured
    in the UTM zone the polygons lie in (true to 0.2 %).
    """
    return _Shapes(pairs, old_shapes, new_shapes, old_names, new_units).check()


def _by_code(shapes: gpd.GeoDataFrame, crs: object) -> dict[str, BaseGeometry]:
    """One valid geometry per code, in `crs`."""
    metric = shapes[shapes.geometry.notna()].to_crs(crs)
    valid = shapely.make_valid(metric.geometry.to_numpy(), method="structure", keep_collapsed=False)
    made: dict[str, BaseGeometry] = {}
    for code, shape in zip(metric["code"].astype(str), valid, strict=True):
        made[code] = made[code].union(shape) if code in made else shape
    return made


def km2(value: float) -> str:
    """A figure in km² as it is written in Vietnamese.

    >>> km2(104.25)
    '104,2 km²'
    """
    return f"{value:.1f} km²".replace(".", ",")


class _Shapes:
    def __init__(
        self,
        pairs: Sequence[tuple[str, str, float]],
        old_shapes: gpd.GeoDataFrame,
        new_shapes: gpd.GeoDataFrame | None,
        old_names: Mapping[str, str],
        new_units: pd.DataFrame,
    ) -> None:
        crs = old_shapes.estimate_utm_crs()
        self.pairs = sorted(pairs)
        self.old = _by_code(old_shapes, crs)
        self.new = {} if new_shapes is None else _by_code(new_shapes, crs)
        self.area = {code: shape.area / 1e6 for code, shape in self.old.items()}
        self.names = {str(code): str(name) for code, name in zip(new_units["code"], new_units["name"], strict=True)}
        self.old_names = old_names
        self.members: dict[str, list[str]] = {code: [] for code in self.names}
        for old, new, _ in self.pairs:
            self.members.setdefault(new, []).append(old)
        declared = new_units["declared_km2"] if "declared_km2" in new_units else [_UNKNOWN] * len(new_units)
        self.declared = dict(zip(self.names, map(float, declared), strict=True))
        self.points = self._points(new_units, crs)
        self.dissolved = self._dissolved(self.pairs)

    def _points(self, new_units: pd.DataFrame, crs: object) -> dict[str, BaseGeometry]:
        if not {"lon", "lat"} <= set(new_units.columns):
            return {}
        lon, lat = new_units["lon"].astype(float), new_units["lat"].astype(float)
        points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=list(self.names), crs=4326)[(lon.notna()).to_numpy()]
        return dict(points.to_crs(crs).items())

    def _dissolved(self, pairs: Iterable[tuple[str, str, float]]) -> dict[str, float]:
        """Area of the old polygons by new unit; NaN where one of them is missing."""
        made: dict[str, float] = {}
        for old, new, part in pairs:
            made[new] = made.get(new, 0.0) + part * self.area.get(old, _UNKNOWN)
        return made

    def check(self) -> ShapeCheck:
        """All three checks."""
        inside = self._inside()
        far = self._apart()
        placings = []
        for old, new, part in self.pairs:
            if old not in self.old:
                continue
            found = self._placing(old, new, part, inside.get(old), far.get((old, new)))
            if found is not None:
                placings.append(found)
        return ShapeCheck(
            tuple(placings),
            self._units(),
            self._areas(placings),
            tuple(sorted({old for old, _, _ in self.pairs if old not in self.old})),
        )

    def _inside(self) -> dict[str, dict[str, float]]:
        """Old code → new code → part of the old polygon that lies in the new one."""
        if not self.new:
            return {}
        codes = list(self.new)
        tree = shapely.STRtree([self.new[code] for code in codes])
        made: dict[str, dict[str, float]] = {}
        for old in sorted({old for old, _, _ in self.pairs} & self.old.keys()):
            shape = self.old[old]
            hits = [codes[i] for i in tree.query(shape, predicate="intersects")]
            made[old] = {
                code: float(shapely.area(shapely.intersection(shape, self.new[code])) / shape.area) for code in hits
            }
        return made

    def _apart(self) -> dict[tuple[str, str], float]:
        """The members that lie apart, farthest first; one moved home may be the bridge that others lack."""
        real = {(old, new) for old, new, _ in self.pairs}
        members = {new: list(old) for new, old in self.members.items()}
        made: dict[tuple[str, str], float] = {}
        while True:
            far = {pair: km for pair, km in self._far(members).items() if pair in real and pair not in made}
            if not far:
                return made
            old, new = max(far, key=lambda pair: (far[pair], pair))
            made[old, new] = far[old, new]
            home = self._neighbour(old, new)
            members[new].remove(old)
            if home is not None:
                members[home].append(old)

    def _far(self, mapped: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], float]:
        """(old, new) → kilometres to the rest of the new unit, for members that do not touch it."""
        made: dict[tuple[str, str], float] = {}
        for new, members in mapped.items():
            known = [old for old in members if old in self.old]
            groups = self._groups(known)
            if len(groups) < 2:
                continue
            main = max(groups, key=lambda group: self._belongs(new, group))
            rest = shapely.union_all([self.old[old] for old in main])
            for group in groups:
                if group is not main:
                    made |= {(old, new): float(self.old[old].distance(rest)) / 1000 for old in group}
        return made

    def _groups(self, codes: Sequence[str]) -> list[list[str]]:
        """The codes in groups that hang together within NEIGHBOUR_M."""
        groups: list[list[str]] = []
        for code in codes:
            near = [g for g in groups if any(shapely.dwithin(self.old[code], self.old[one], NEIGHBOUR_M) for one in g)]
            groups = [g for g in groups if g not in near] + [[code, *(one for g in near for one in g)]]
        return groups

    def _belongs(self, new: str, group: Sequence[str]) -> tuple[bool, bool, float]:
        """How surely a group is the heart of the new unit: it holds its point, the old holder of its code, by area."""
        point = self.points.get(new)
        holds = point is not None and any(shapely.dwithin(self.old[old], point, NEIGHBOUR_M) for old in group)
        return holds, new in group, sum(self.area[old] for old in group)

    def _placing(
        self, old: str, new: str, part: float, inside: Mapping[str, float] | None, far: float | None
    ) -> Placing | None:
        own = self.old_names.get(old, old)
        told: list[str] = []
        wrong, proposed, there = False, None, None
        if inside is not None and new in self.new:
            there = inside.get(new, 0.0)
            if part < 1:  # a unit that is divided lies in several
                return None
            best = max(sorted(inside), key=lambda code: inside[code], default=None)
            if there < DOUBTFUL_INSIDE:
                wrong = there < WRONG_INSIDE and best is not None and inside[best] >= DOUBTFUL_INSIDE
                proposed = best if wrong else None
                little = f"chỉ {there:.0%} diện tích" if there >= 0.005 else "không phần nào của"
                text = f"{little} {own} nằm trong {self._title(new)}"
                if best is not None and best != new:
                    text += f", {inside[best]:.0%} nằm trong {self._title(best)}"
                told.append(text)
        if far is not None and (there is None or there < DOUBTFUL_INSIDE):
            told.append(f"{own} nằm rời, cách phần còn lại của {self._title(new)} {far:.0f} km")
            wrong = wrong or there is None
            proposed = proposed or self._neighbour(old, new)
        if not told:
            return None
        if wrong and proposed is not None:
            told.append(self._moved(old, new, proposed, part))
        return Placing(old, new, wrong, proposed if wrong else None, "; ".join(filter(None, told)))

    def _title(self, new: str) -> str:
        return f"{self.names.get(new, new)} ({new})"

    def _neighbour(self, old: str, new: str) -> str | None:
        """The new unit beside the old one whose declared area it makes better by most, or the only one."""
        shape = self.old[old]
        beside = {
            other: min(shape.distance(self.old[one]) for one in members if one in self.old)
            for other, members in self.members.items()
            if other != new and any(one in self.old and one != old for one in members)
        }
        near = [other for other, distance in sorted(beside.items()) if distance <= NEIGHBOUR_M]
        gains = {other: self._gain(old, other) for other in near}
        better = [other for other in near if gains[other] > 0]
        if better:
            return max(better, key=lambda other: gains[other])
        unknown = [other for other in near if np.isnan(gains[other])]
        return unknown[0] if len(unknown) == 1 and len(near) == 1 else None

    def _gain(self, old: str, other: str) -> float:
        """By how many km² the dissolved area of `other` comes nearer to the declared one with `old` in it."""
        declared, now = self.declared.get(other, _UNKNOWN), self.dissolved.get(other, 0.0)
        return abs(now - declared) - abs(now + self.area[old] - declared)

    def _moved(self, old: str, new: str, proposed: str, part: float) -> str:
        """The areas of both units as the mapping has them, and with the old unit moved."""
        moved = part * self.area[old]
        told = []
        for code, change in ((proposed, moved), (new, -moved)):
            now, declared = self.dissolved.get(code, 0.0), self.declared.get(code, _UNKNOWN)
            if not np.isnan(now) and not np.isnan(declared):
                figures = f"gộp {km2(now)}, công bố {km2(declared)}, sửa lại thành {km2(now + change)}"
                told.append(f"{self.names.get(code, code)}: {figures}")
        return "diện tích " + "; ".join(told) if told else ""

    def _published(self, new: str) -> float:
        return float(self.new[new].area) / 1e6 if new in self.new else _UNKNOWN

    def _units(self) -> pd.DataFrame:
        codes = sorted(self.names)
        return pd.DataFrame(
            {
                "code": codes,
                "name": [self.names[code] for code in codes],
                "declared_km2": [self.declared[code] for code in codes],
                "published_km2": [self._published(code) for code in codes],
                "dissolved_km2": [self.dissolved.get(code, _UNKNOWN) for code in codes],
            }
        )

    def _areas(self, placings: Sequence[Placing]) -> dict[str, str]:
        """Area differences that no wrong pair explains."""
        explained = {code for one in placings if one.wrong for code in (one.new, one.proposed)}
        made: dict[str, str] = {}
        for code, name in sorted(self.names.items()):
            declared = self.declared[code]
            figures = {
                "gộp từ đơn vị cũ": self.dissolved.get(code, _UNKNOWN),
                "ranh giới mới vẽ": self._published(code),
            }
            off = any(
                abs(value - declared) > max(AREA_KM2, AREA_PART * declared)
                for value in figures.values()
                if not np.isnan(value) and not np.isnan(declared)
            )
            if off and code not in explained:
                told = ", ".join(f"{words} {km2(value)}" for words, value in figures.items() if not np.isnan(value))
                made[code] = f"{name}: công bố {km2(declared)}, {told}"
        return made
