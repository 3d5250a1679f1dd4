"""Kilometres of existing road in each commune, by class: from the stored lines, cut at the commune boundaries.

    python scripts/road_lengths_by_class.py [WORKSPACE]

Copy it and change the grouping ("class" to "surface" or "condition") or the layer. The build's own figures are in
`facts.roads`; this shows how such a figure is made. Lengths are taken in the workspace's metric CRS, never in degrees.
"""

import sys
from pathlib import Path

import geopandas as gpd

from ntmgis.build import open_snapshot
from ntmgis.programme.tables import values
from ntmgis.show.tables.csvfile import write_csv

GROUP = "class"


def main(workspace: Path) -> Path:
    """Write WORKSPACE/maps/road_lengths.csv, one line per commune, and say where it is."""
    snapshot, _ = open_snapshot(workspace)
    if "road" not in snapshot.layers:
        sys.exit(f'{workspace}: ntmgis.toml chưa có nguồn nào với table = "road"')
    roads = snapshot.layers["road"]
    roads = roads[roads["state"].isna() | (roads["state"] == "existing")]
    communes = snapshot.communes[["code", "name", "geometry"]].rename(columns={"name": "commune"})
    pieces = gpd.overlay(
        roads[[GROUP, "geometry"]].to_crs(snapshot.metric_crs),
        communes.to_crs(snapshot.metric_crs),
        how="intersection",
        keep_geom_type=True,
    )
    pieces["km"] = pieces.length / 1000
    table = pieces.pivot_table(index=["code", "commune"], columns=GROUP, values="km", aggfunc="sum")
    words = {code: f"{value.vi} (km)" for code, value in values("road_class").items()}
    table = table.round(3).rename(columns=words).reset_index()
    folder = workspace / "maps"
    folder.mkdir(exist_ok=True)
    return write_csv(table, folder / "road_lengths.csv")


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
