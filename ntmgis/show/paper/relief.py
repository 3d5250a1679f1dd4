"""Shaded relief of the terrain as one picture in metres, made once and seen through every map of a book."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.warp import reproject
from shapely.geometry.base import BaseGeometry

from ntmgis.show.web.terrain import shade

__all__ = ["Relief", "relief_of"]

_LONG_SIDE = 1600  # pixels; 100 m for a province of 160 km, no finer than common terrain models
_DARKEST = 205  # of 255: tiers and names must stay readable on a slope


@dataclass(frozen=True, slots=True)
class Relief:
    """A grey JPEG, white where flat, unknown or outside, and the metres it covers (west, south, east, north)."""

    jpeg: bytes
    bounds: tuple[float, float, float, float]


def relief_of(path: Path, province: BaseGeometry, crs: str) -> Relief | None:
    """Relief of the GeoTIFF `path` (metres) over the province; None where the raster tells nothing there.

    The picture only darkens: slopes away from a light in the north-west.
    """
    west, south, east, north = province.bounds
    with rasterio.open(path) as source:
        cell = max((east - west) / _LONG_SIDE, (north - south) / _LONG_SIDE)
        wide, tall = max(2, round((east - west) / cell)), max(2, round((north - south) / cell))
        grid = rasterio.Affine((east - west) / wide, 0.0, west, 0.0, (south - north) / tall, north)
        heights = np.full((tall, wide), np.nan, dtype="float32")
        reproject(
            rasterio.band(source, 1),
            heights,
            src_nodata=source.nodata,
            dst_transform=grid,
            dst_crs=crs,
            dst_nodata=np.nan,
            resampling=Resampling.cubic_spline,
        )
    if int(np.isfinite(heights).sum()) < 4:
        return None
    light = np.nan_to_num(shade(heights, cell), nan=0.0)
    tones = np.clip(255 + light / 0.5 * (255 - _DARKEST), _DARKEST, 255)
    tones[geometry_mask([province], (tall, wide), grid, all_touched=True)] = 255
    out = io.BytesIO()
    Image.fromarray(tones.astype("uint8"), "L").save(out, "JPEG", quality=72)
    return Relief(out.getvalue(), (west, south, east, north))
