"""Where households are: address points where the register has them, else villages weighted by their households."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from ntmgis.measure.locate import NOWHERE, assign

__all__ = ["located_households", "located_objects"]


def located_objects(addresses: pd.DataFrame, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every object of the register with x, y (metric, NaN: not located), commune and village (codes, None unknown).

    `communes` and `villages` are in one metric CRS, addresses in degrees (EPSG:4326). The commune is the one the point
    lies in; for an object without a position, or outside all communes, that of its village. The village is the one
    the register names when it lies in that commune; else the polygon that holds the point, or, where villages are
    points, the nearest village of the commune.
    """
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", communes.crs, always_xy=True)
    lon, lat = addresses["lon"].to_numpy(float), addresses["lat"].to_numpy(float)
    x, y = to_metric.transform(np.where(np.isnan(lat), np.nan, lon), lat)
    x[~np.isfinite(x)] = y[~np.isfinite(y)] = np.nan
    inside = assign(x, y, communes.geometry.to_numpy())
    codes = communes["code"].to_numpy(object)
    commune_of = dict(zip(villages["code"], villages["commune_code"], strict=True))
    at, names = pd.factorize(addresses["village_code"])  # -1, the last: the register names none
    named = [name if name in commune_of else None for name in names] + [None]
    by_village = np.array([commune_of.get(name) for name in named], dtype=object)[at]
    commune = codes[inside] if len(codes) else by_village.copy()
    commune[inside == NOWHERE] = by_village[inside == NOWHERE]
    village = np.array(named, dtype=object)[at]
    village[by_village != commune] = None
    made = addresses[["kind", "has_code", "notified_on", "plated_on"]].assign(x=x, y=y, commune=commune)
    made["village"] = _villages_of(village, x, y, commune, villages)
    return made


def _villages_of(
    village: npt.NDArray[np.object_],
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    commune: npt.NDArray[np.object_],
    villages: gpd.GeoDataFrame,
) -> npt.NDArray[np.object_]:
    """The village of each point, by place where the register does not say."""
    village = village.copy()
    open_ = pd.isna(village) & ~np.isnan(x)
    codes = villages["code"].to_numpy(object)
    polygons = villages.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if polygons.any():
        at = np.flatnonzero(open_)
        inside = assign(x[at], y[at], villages.geometry.to_numpy()[polygons])
        village[at[inside != NOWHERE]] = codes[polygons][inside[inside != NOWHERE]]
        open_ = pd.isna(village) & ~np.isnan(x)
    at = np.flatnonzero(open_)
    points = np.column_stack([x[at], y[at]])
    by_commune = pd.Series(commune[at]).groupby(commune[at], sort=False).indices
    dots = villages[~polygons]
    shapes, names = dots.geometry.to_numpy(), dots["code"].to_numpy(object)
    for code, part in dots.groupby("commune_code").indices.items():
        own = by_commune.get(code)
        if own is not None:
            tree = cKDTree(shapely.get_coordinates(shapes[part]))
            village[at[own]] = names[part][tree.query(points[own])[1]]
    return village


def located_households(objects: pd.DataFrame, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Positions that stand for households: x, y, weight, commune, village.

    One row of weight 1 for each located household of the register; in a commune without any, one row for each village
    with a known number of households, at its point (or a point inside its polygon).
    """
    seen = objects[(objects["kind"] == "household") & objects["x"].notna() & pd.notna(objects["commune"])]
    own = seen[["x", "y", "commune", "village"]].assign(weight=1.0)
    missing = set(communes["code"]) - set(seen["commune"].unique())
    rest = villages[villages["commune_code"].isin(missing) & villages["households"].notna()]
    if rest.empty:
        return own.reset_index(drop=True)
    place = rest.geometry.representative_point()
    stand_in = pd.DataFrame(
        {
            "x": place.x,
            "y": place.y,
            "commune": rest["commune_code"].astype(object),
            "village": rest["code"].astype(object),
            "weight": rest["households"].astype(float),
        }
    )
    return pd.concat([own, stand_in], ignore_index=True) if len(own) else stand_in.reset_index(drop=True)
