"""All measures of a snapshot at once. Everything is projected once and computed once; products only show it."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from ntmgis.measure import access, addresses, roads
from ntmgis.measure.facts import Facts
from ntmgis.measure.households import located_households, located_objects
from ntmgis.measure.population import people
from ntmgis.measure.progress import progress
from ntmgis.measure.status import commune_states, counts, district_counts
from ntmgis.programme.plan import Plan
from ntmgis.store.snapshot import Snapshot

__all__ = ["compute_facts"]

NAN = float("nan")
_ROADS = ("road_km", "road_km_hardened", "road_km_surface_known", "road_hardened_share")
_ACCESS = ("households_located", *access.COLUMNS.values())
_ADDRESSES = (
    "address_total",
    "address_coded_share",
    "address_notified_share",
    "address_plated_share",
    "address_located_share",
)


def compute_facts(
    snapshot: Snapshot,
    plan: Plan,
    *,
    limits: Mapping[str, float],
    predecessors: pd.DataFrame | None = None,
) -> Facts:
    """The measures of `snapshot`, with the columns that `Facts` promises.

    `limits`: layer → metres for the near_* shares (closed). `predecessors` (code, tier state): what the units were
    that the merged units were formed from; None when that is not known.
    """
    measuring = _Measuring(snapshot, limits)
    communes = commune_states(snapshot, predecessors)
    communes["area_km2"] = measuring.communes.area.to_numpy() / 1e6
    communes["population"] = _population(snapshot)
    district_of = communes["district_code"]
    districts = snapshot.districts.set_index("code")
    by_district = district_counts(communes, district_of).reindex(districts.index)
    told = snapshot.district_status.set_index("district_code")["tier"]
    district_frame = pd.DataFrame({"name": districts["name"]}).join(by_district)
    district_frame["tier"] = told.reindex(districts.index).astype(object).fillna("not_reported")
    whole = pd.Series(snapshot.province_code, index=communes.index)
    province = district_counts(communes, whole).join(measuring.of_all(snapshot.province_code)).iloc[0]
    people_of_all = communes["population"].sum(skipna=False)
    name = pd.Series(
        {"name": snapshot.province_name, "tier": "not_reported", "population": people_of_all}, dtype=object
    )
    district_frame["population"] = _whole(communes["population"], district_of).reindex(districts.index)
    return Facts(
        communes=communes.join(measuring.of(pd.Series(communes.index, index=communes.index), communes.index)),
        villages=_villages(snapshot, measuring),
        districts=district_frame.join(measuring.of(district_of, districts.index)),
        province=pd.concat([name, province.astype(object)]),
        tiers=counts(communes["tier"]),
        roads=measuring.road_lengths,
        plan=progress(snapshot, plan, communes),
        limits=dict(limits),
    )


def _population(snapshot: Snapshot) -> pd.Series:
    codes = snapshot.communes["code"]
    raster = snapshot.rasters.get("population")
    return pd.Series(NAN, index=pd.Index(codes)) if raster is None else people(raster, snapshot.communes)


def _whole(values: pd.Series, group: pd.Series) -> pd.Series:
    """Sums by group, missing where a part is missing."""
    return values.groupby(group).agg(lambda parts: parts.sum(skipna=False)).astype(float)


def _villages(snapshot: Snapshot, measuring: "_Measuring") -> pd.DataFrame:
    villages = snapshot.villages.set_index("code")
    status = snapshot.village_status.set_index("village_code").reindex(villages.index)
    made = villages[["name", "commune_code", "kind", "households"]].join(status[["model", "minority_ntm", "smart"]])
    return pd.DataFrame(made).join(measuring.of_villages())


class _Measuring:
    """Roads, households and addresses of one snapshot, projected and located once, to be summed by any grouping."""

    def __init__(self, snapshot: Snapshot, limits: Mapping[str, float]) -> None:
        crs = snapshot.metric_crs
        self.communes: gpd.GeoDataFrame = snapshot.communes.to_crs(crs)
        self.villages: gpd.GeoDataFrame = snapshot.villages.to_crs(crs)
        layers = {id_: snapshot.layers[id_].to_crs(crs) for id_ in access.COLUMNS if id_ in snapshot.layers}
        self.roads: gpd.GeoDataFrame | None = layers.get("road")
        self.road_lengths = (
            pd.DataFrame({"code": [], "class": [], "surface": [], "km": []})
            if self.roads is None
            else roads.lengths(self.roads, self.communes)
        )
        self.objects = located_objects(snapshot.addresses, self.communes, self.villages)
        self.households = located_households(self.objects, self.communes, self.villages)
        self.reached = access.near(self.households, layers, limits)
        self.flags = addresses.flags_of(self.objects)
        self._homes = {name: _Places(self.households[name]) for name in ("commune", "village")}
        self._places = {name: _Places(self.objects[name]) for name in ("commune", "village")}

    def of(self, group: pd.Series, order: pd.Index) -> pd.DataFrame:
        """Measure columns by group of communes (commune code → group), one row for each group of `order`."""
        found = self.road_lengths
        made = self._roads(found.assign(code=found["code"].map(group)), order)
        made = made.join(self._access(self._homes["commune"].by(group)))
        return self._complete(made.join(self._addresses(self._places["commune"].by(group))))

    def of_all(self, code: str) -> pd.DataFrame:
        """Measure columns of the whole, as one row; objects of the register without a commune count too."""
        made = self._roads(self.road_lengths.assign(code=code), pd.Index([code]))
        made = made.join(self._access(pd.Series(code, index=self.households.index)))
        return self._complete(made.join(self._addresses(pd.Series(code, index=self.objects.index))))

    def of_villages(self) -> pd.DataFrame:
        """Measure columns by village. Roads are cut by village where villages are polygons; else unknown."""
        order = pd.Index(self.villages["code"])
        polygons = self.villages[self.villages.geom_type.isin(["Polygon", "MultiPolygon"])]
        made = pd.DataFrame(NAN, index=order, columns=list(_ROADS))
        if self.roads is not None and len(polygons):
            found = self._roads(roads.lengths(self.roads, polygons), pd.Index(polygons["code"]))
            made.loc[found.index, list(_ROADS)] = found
        each = pd.Series(order, index=order)
        made = made.join(self._access(self._homes["village"].by(each)))
        return self._complete(made.join(self._addresses(self._places["village"].by(each))))

    def _roads(self, found: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
        if self.roads is None:
            return pd.DataFrame(NAN, index=order, columns=list(_ROADS))
        made = roads.summary(found).reindex(order)
        # With a list of roads, a unit without any has none: that is known.
        return made.fillna(dict.fromkeys(_ROADS[:3], 0.0))

    def _access(self, by: pd.Series) -> pd.DataFrame:
        return _plain_index(access.shares(self.households, self.reached, by).reindex(columns=list(_ACCESS)))

    def _addresses(self, by: pd.Series) -> pd.DataFrame:
        return _plain_index(addresses.shares(self.flags, by))

    @staticmethod
    def _complete(made: pd.DataFrame) -> pd.DataFrame:
        columns = [*_ROADS, *_ACCESS, *_ADDRESSES]
        full = made.reindex(columns=columns).astype(float)
        return full.assign(suppressed=made["suppressed"].astype("boolean").fillna(value=False).astype(bool))


class _Places:
    """Which of a few places each of many rows lies in, told apart once, to be grouped in any way."""

    def __init__(self, names: pd.Series) -> None:
        self._codes, self._names = pd.factorize(names)  # -1: nowhere
        self._index = names.index

    def by(self, group: pd.Series) -> pd.Series:
        """The group of each row (place → group); missing where the place is none or has no group."""
        known = pd.Categorical(pd.Index(self._names).map(group))
        codes = np.append(known.codes, -1)[self._codes]  # the last for rows that lie nowhere
        return pd.Series(pd.Categorical.from_codes(codes, dtype=known.dtype), index=self._index)


def _plain_index(made: pd.DataFrame) -> pd.DataFrame:
    return made.set_axis(pd.Index(made.index.tolist(), dtype=object), axis=0)
