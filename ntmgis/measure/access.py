"""Share of households within a stated distance of a road, a water supply, a waste point."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.measure.nearest import within
from ntmgis.measure.roads import existing

__all__ = ["COLUMNS", "near", "served_by", "shares"]

# Layer → column of the share.
COLUMNS = {"road": "near_road_share", "water_supply": "near_water_share", "waste_point": "near_waste_share"}


def served_by(layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The works of a layer that can serve a household.

    Roads: existing, of village class or higher (lanes and field tracks lead to one, they are not one). Water supply:
    not out of order. Waste: collection points and transfer stations, not out of order. A blank counts as in order.
    """
    if layer == "road":
        return frame[existing(frame) & ~frame["class"].isin(["lane", "field"])]
    works = frame[frame["operation"].ne("broken").fillna(value=True)]
    return works[works["kind"].isin(["collection", "transfer"])] if layer == "waste_point" else works


def near(households: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame], limits: Mapping[str, float]) -> pd.DataFrame:
    """For each household row and each layer of `limits`: 1.0 within the limit (closed), else 0.0; NaN without layer.

    `layers` are in the metric CRS of x and y; limits in metres.
    """
    x, y = households["x"].to_numpy(float), households["y"].to_numpy(float)
    found: dict[str, object] = {}
    for layer, limit in limits.items():
        if layer not in COLUMNS:
            continue
        if layer in layers:
            found[COLUMNS[layer]] = within(x, y, served_by(layer, layers[layer]).geometry.to_numpy(), limit)
        else:
            found[COLUMNS[layer]] = float("nan")
    return pd.DataFrame(found, index=households.index).astype(float)


def shares(households: pd.DataFrame, reached: pd.DataFrame, by: "pd.Series[str]") -> pd.DataFrame:
    """Weighted shares by group: households_located and one column for each layer.

    NaN where nobody is located, and where fewer than SUPPRESS_UNDER are: so few could be told apart.
    """
    weight = households["weight"]
    groups = reached.mul(weight, axis=0).assign(households_located=weight).groupby(by)
    total = groups["households_located"].sum()
    made = pd.DataFrame({"households_located": total})
    for column in reached.columns.astype(str):
        made[column] = groups[column].sum(min_count=1) / total.where(total > 0)
    return made.mask(total < SUPPRESS_UNDER)
