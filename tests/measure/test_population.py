"""People of a unit are the people of the cells it covers, each cell shared out by area."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio import Affine
from shapely import box

from ntmgis.measure.population import people

CRS = "EPSG:9216"
GONE = -32768


def grid(path: Path, cells: npt.ArrayLike, *, crs: str = CRS, west: float = 0.0, north: float = 2000.0) -> Path:
    """Cells of 1 km (or one degree), written as a GeoTIFF."""
    values = np.asarray(cells, dtype="int16")
    side = 1.0 if crs == "EPSG:4326" else 1000.0
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype="int16",
        nodata=GONE,
        crs=crs,
        transform=Affine(side, 0, west, 0, -side, north),
    ) as made:
        made.write(values, 1)
    return path


def units(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": list(boxes)}, geometry=[box(*corners) for corners in boxes.values()], crs=CRS)


def test_cells_are_shared_out_by_area(tmp_path: Path) -> None:
    raster = grid(tmp_path / "p.tif", [[100, 200], [300, 400]])
    found = people(raster, units(west=(0, 0, 1500, 2000), east=(1500, 0, 2000, 2000)))
    assert found.to_dict() == pytest.approx({"west": 100 + 300 + 100 + 200, "east": 100 + 200})


def test_a_cell_without_a_value_holds_nobody_and_a_unit_of_such_cells_is_unknown(tmp_path: Path) -> None:
    raster = grid(tmp_path / "p.tif", [[100, GONE], [300, GONE]])
    found = people(raster, units(west=(0, 0, 1500, 2000), east=(1500, 0, 2000, 2000)))
    assert found["west"] == pytest.approx(400)
    assert np.isnan(found["east"])


def test_a_unit_that_the_raster_does_not_reach_is_unknown(tmp_path: Path) -> None:
    raster = grid(tmp_path / "p.tif", [[100, 200], [300, 400]])
    found = people(raster, units(inside=(0, 0, 1000, 1000), half=(1000, 0, 3000, 1000), beside=(9000, 0, 9500, 500)))
    assert found["inside"] == pytest.approx(300)
    assert np.isnan(found["half"])
    assert np.isnan(found["beside"])
    assert people(raster, units(far=(50_000, 0, 51_000, 1000))).isna().all()


def test_negative_people_make_all_unknown(tmp_path: Path) -> None:
    raster = grid(tmp_path / "p.tif", [[-5, 200], [300, 400]])
    assert people(raster, units(a=(0, 0, 2000, 2000))).isna().all()


def test_a_raster_in_degrees(tmp_path: Path) -> None:
    raster = grid(tmp_path / "p.tif", [[100, 300]], crs="EPSG:4326", west=107.0, north=15.0)
    whole = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(107, 14, 109, 15)], crs="EPSG:4326")
    assert people(raster, whole.to_crs(CRS))["a"] == pytest.approx(400, rel=0.01)


@given(
    cells=st.lists(st.lists(st.integers(0, 5000), min_size=3, max_size=3), min_size=2, max_size=2),
    cut=st.integers(1, 29),
)
def test_neighbours_share_all_people(
    cells: list[list[int]], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raster = grid(tmp_path_factory.mktemp("people") / "p.tif", cells)
    found = people(raster, units(west=(0, 0, cut * 100, 2000), east=(cut * 100, 0, 3000, 2000)))
    assert found.sum() == pytest.approx(sum(map(sum, cells)))
