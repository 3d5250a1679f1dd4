"""People of each unit, estimated from a raster of people per cell.

Areal weighting (Goodchild and Lam 1980): the people of a cell are shared out by how much of the cell each unit covers,
so that a raster of cells as large as a commune still sums to the same people. Cells are split into square parts and a
part belongs to the unit that its centre lies in.
"""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import rowcol
from rasterio.windows import Window

__all__ = ["people"]

_PARTS = 4_000_000  # of all cells together; finer does not change a commune by a thousandth
_FINEST = 10  # parts along the side of a cell
_INSIDE = 0.99  # share of a unit's area that the raster must reach, or the sum says too little


def people(raster: Path, units: gpd.GeoDataFrame) -> pd.Series:
    """People by unit code (float), in the order of `units` (polygons, any CRS, column code).

    A cell without a value holds nobody, as grids of settled land have it. Missing (NaN) for a unit that no cell with a
    value reaches or that lies more than 1 % outside the raster, and for all where the raster has negative values.
    """
    unknown = pd.Series(math.nan, index=pd.Index(units["code"]), dtype=float)
    with rasterio.open(raster) as source:
        placed = units.geometry.to_crs(source.crs)
        window = _window(source, *placed.total_bounds)
        if window is None:
            return unknown
        cells = source.read(1, window=window, masked=True)
        split = max(1, min(_FINEST, math.isqrt(_PARTS // max(cells.size, 1))))
        at = source.transform
        west, north = (
            start + window.col_off * x + window.row_off * y for start, x, y in ((at.c, at.a, at.b), (at.f, at.d, at.e))
        )
        grid = rasterio.Affine(at.a / split, at.b / split, west, at.d / split, at.e / split, north)
        reached = shapely.intersection(placed.to_numpy(), shapely.box(*source.bounds))
        inside = shapely.area(reached) >= _INSIDE * shapely.area(placed.to_numpy())
    if not len(cells.compressed()) or cells.min() < 0:
        return unknown
    shape = (cells.shape[0] * split, cells.shape[1] * split)
    owner = rasterize(zip(placed, range(1, len(units) + 1), strict=True), shape, transform=grid, dtype="int32")
    settled = np.kron(~np.ma.getmaskarray(cells), np.ones((split, split), dtype=bool))
    told = np.bincount(owner[settled], minlength=len(units) + 1)[1:]
    share = np.kron(cells.filled(0).astype(float) / split**2, np.ones((split, split)))
    found = np.bincount(owner.ravel(), weights=share.ravel(), minlength=len(units) + 1)[1:]
    return unknown.where(~(inside & (told > 0)), found)


def _window(source: rasterio.DatasetReader, west: float, south: float, east: float, north: float) -> Window | None:
    """The cells that the extent touches, or None where there are none."""
    rows, cols = rowcol(source.transform, [west, east, west, east], [north, north, south, south], op=np.floor)
    top, bottom = max(int(min(rows)), 0), min(int(max(rows)) + 1, source.height)
    left, right = max(int(min(cols)), 0), min(int(max(cols)) + 1, source.width)
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None
