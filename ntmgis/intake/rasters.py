"""Rasters (terrain, population): opened and checked, not read."""

import warnings
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import checked_kind, reason, unreadable
from ntmgis.workspace import Source

__all__ = ["read_raster"]


def read_raster(source: Source) -> Path:
    """The path of a raster that can be used: a GeoTIFF that opens, has one band and a CRS."""
    path = source.path
    if checked_kind(path) != "raster":
        raise unreadable(path, "cần ảnh số GeoTIFF (.tif)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "not georeferenced" is our own E-CRS-MISSING below
            with rasterio.open(path, driver="GTiff") as raster:
                bands, crs = raster.count, raster.crs
                raster.read(1, window=((0, min(1, raster.height)), (0, min(1, raster.width))))
    except (RasterioError, OSError, ValueError, IndexError) as error:
        raise unreadable(path, reason(error, path)) from error
    problems = []
    if bands != 1:
        problems.append(problem("E-RASTER-BANDS", file=path.name, bands=bands))
    if not crs:
        problems.append(problem("E-CRS-MISSING", file=path.name))
    if problems:
        raise InputError(problems)
    return path
