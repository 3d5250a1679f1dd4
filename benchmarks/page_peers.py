"""What folium's GeoJson and geopandas.explore make of the same data, and how their pages are measured.

Their pages show the communes, villages and all layers of one day with their names, nothing else: no periods, themes,
dashboard or search. Both draw by canvas, which is the faster of Leaflet's two ways.
"""

import statistics
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path

import folium
import geopandas as gpd
from households import look
from page_timing import local_copy, moving, requests_of, timed
from table import row

from ntmgis.store.snapshot import Snapshot

__all__ = ["explore_households", "explore_page", "folium_page", "frames_of", "households_frame", "theirs"]


def frames_of(snapshot: Snapshot) -> list[gpd.GeoDataFrame]:
    """What the peers show: names and geometry."""
    frames = [snapshot.communes, snapshot.villages, *snapshot.layers.values()]
    return [
        frame[["name", "geometry"]][~frame.geometry.isna() & ~frame.geometry.is_empty] for frame in frames if len(frame)
    ]


def households_frame(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """The located objects with the attributes that our page of households carries."""
    told = snapshot.addresses.dropna(subset=["lon", "lat"])
    columns = {
        "address": told["address"],
        "kind": told["kind"],
        "has_code": told["has_code"],
        "notified": told["notified_on"].notna(),
        "plated": told["plated_on"].notna(),
    }
    points = gpd.points_from_xy(told["lon"].round(6), told["lat"].round(6))
    return gpd.GeoDataFrame(columns, geometry=points, crs=4326)


def folium_page(snapshot: Snapshot, path: Path) -> None:
    made = folium.Map(tiles=None, prefer_canvas=True)
    for frame in frames_of(snapshot):
        folium.GeoJson(
            frame.to_json(), marker=folium.CircleMarker(radius=3), tooltip=folium.GeoJsonTooltip(["name"])
        ).add_to(made)
    west, south, east, north = snapshot.communes.total_bounds
    made.fit_bounds([[south, west], [north, east]])
    made.save(path)


def explore_page(snapshot: Snapshot, path: Path) -> None:
    made = reduce(lambda m, frame: frame.explore(m=m, tiles=None, prefer_canvas=True), frames_of(snapshot), None)
    made.save(path)


def explore_households(snapshot: Snapshot, path: Path) -> None:
    households_frame(snapshot).explore(tiles=None, prefer_canvas=True).save(path)


def theirs(
    name: str, path: Path, write: Callable[[], object], runs: int, assets: Mapping[str, Path], *, moves: bool = True
) -> None:
    """Rows of one peer; what is missing for it is said."""
    try:
        row(f"{name}: written, one run", timed(write, 1), "s")
    except ImportError as error:
        print(f"  {name}: left out, {str(error).split('. ')[0]}")
        return
    row(f"{name}: size", path.stat().st_size / 1e6, "MB")
    row(f"{name}: requests beside the file", float(requests_of(path)), "")
    copy = local_copy(path, assets)
    usable = statistics.median(look(copy, drawn="canvas", pan=False).usable_ms for _ in range(runs))
    row(f"{name}: usable", usable / 1000, "s")
    if moves:
        told = moving(copy, 1, drawn="canvas.leaflet-zoom-animated")
        row(f"{name}: zoom p95", told["zoom"], "ms")
        row(f"{name}: pan p95", told["pan"], "ms")
