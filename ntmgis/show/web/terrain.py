"""Shaded relief of the terrain raster as a small picture that lies over any colour: dark slopes and light ones."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.warp import reproject, transform_bounds

__all__ = ["Relief", "relief", "shade"]

# Enough for slopes to read as slopes when the province fills a screen, and no more bytes than a layer of points.
LONG_SIDE_PX = 480
LEVELS = 8
_MERCATOR = "EPSG:3857"
# Light from the north-west, as every reader of maps expects.
_AZIMUTH, _ALTITUDE, _EXAGGERATION = 315.0, 45.0, 2.0


@dataclass(frozen=True, slots=True)
class Relief:
    """A PNG and the degrees it covers (west, south, east, north); its rows are even in Web Mercator."""

    png: bytes
    bounds: tuple[float, float, float, float]


def relief(path: Path, bounds: tuple[float, float, float, float]) -> Relief | None:
    """Relief of the GeoTIFF `path` (metres) inside `bounds` (degrees); None where the raster tells nothing there."""
    west, south, east, north = transform_bounds("EPSG:4326", _MERCATOR, *bounds)
    cell = max(east - west, north - south) / LONG_SIDE_PX
    width, height = max(2, round((east - west) / cell)), max(2, round((north - south) / cell))
    heights = np.full((height, width), np.nan, dtype="float32")
    with rasterio.open(path) as source:
        reproject(
            rasterio.band(source, 1),
            heights,
            src_nodata=source.nodata,
            dst_transform=Affine((east - west) / width, 0, west, 0, (south - north) / height, north),
            dst_crs=_MERCATOR,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    if int(np.isfinite(heights).sum()) < 4:
        return None
    # A Mercator metre is longer than one on the ground by this.
    stretch = float(np.cos(np.radians((bounds[1] + bounds[3]) / 2)))
    return Relief(_png(shade(heights, cell * stretch)), bounds)


def shade(heights: NDArray[np.float32], cell: float) -> NDArray[np.float64]:
    """Light on each cell less the light on flat ground, about -0.7 (dark) to 0.3 (light); NaN where unknown.

    `cell` is the side of a cell in metres; rows run from north to south.

    >>> shade(np.zeros((3, 3), dtype="float32"), 100.0).tolist()[0]
    [0.0, 0.0, 0.0]
    """
    down, right = np.gradient(heights.astype("float64") * _EXAGGERATION, cell)
    azimuth, altitude = np.radians(_AZIMUTH), np.radians(_ALTITUDE)
    # The slope's upward normal is (-right, down, 1) in east, north, up.
    light = np.sin(altitude) + np.cos(altitude) * (-right * np.sin(azimuth) + down * np.cos(azimuth))
    made: NDArray[np.float64] = light / np.sqrt(1 + down**2 + right**2) - np.sin(altitude)
    return made


def _png(light: NDArray[np.float64]) -> bytes:
    """A palette picture: black or white, the more opaque the further from flat; clear where flat or unknown."""
    scaled = np.clip(light / np.where(light < 0, 0.7, 0.3), -1, 1)
    index = np.where(np.isfinite(scaled), np.rint(scaled * LEVELS) + LEVELS, LEVELS).astype("uint8")
    tones = range(-LEVELS, LEVELS + 1)
    colours = b"".join(bytes([0, 0, 0] if tone < 0 else [255, 255, 255]) for tone in tones)
    alphas = bytes(round(abs(tone) / LEVELS * (170 if tone < 0 else 120)) for tone in tones)
    height, width = index.shape
    lines = np.hstack((np.zeros((height, 1), dtype="uint8"), index)).tobytes()  # each row preceded by "no filter"
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours),
        (b"tRNS", alphas),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
