"""Numbers and text for a page: map grid, variable-length integers, deflate, base64, JSON that cannot end a script."""

import base64
import json
import math
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRID_BITS", "Grid", "pack", "safe_json", "to_varints", "zigzag"]

Ints = NDArray[np.int64]

# The Web-Mercator square is cut into 2**25 steps: 1.19 m at the equator, 1.16 m at 14°N. Rounding moves a vertex by at
# most 0.6 m along each axis, far less than one pixel at the closest zoom of the page (19: 0.29 m a pixel at 14°N needs
# more, but nothing here is surveyed better than a metre).
GRID_BITS = 25


class Grid:
    """Web-Mercator grid whose origin is the north-west corner of `bounds` (lon/lat degrees: west, south, east, north).

    x grows to the east, y to the south, both in whole steps from the origin.

    >>> grid = Grid((108.0, 14.0, 109.0, 15.0))
    >>> [n.tolist() for n in grid.steps(np.array([108.0]), np.array([15.0]))]
    [[0], [0]]
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        west, _south, _east, north = (float(value) for value in bounds)
        x, y = self._world(np.array([west]), np.array([north]))
        self.origin = (int(x[0]), int(y[0]))

    @staticmethod
    def _world(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[Ints, Ints]:
        side = float(1 << GRID_BITS)
        sine = np.sin(np.radians(lat))
        x = (lon / 360.0 + 0.5) * side
        y = (0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * side
        return np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)

    def steps(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Whole steps from the origin for degrees EPSG:4326."""
        x, y = self._world(lon, lat)
        return x - self.origin[0], y - self.origin[1]


def zigzag(values: Ints) -> Ints:
    """Signed to unsigned: 0, -1, 1, -2 → 0, 1, 2, 3."""
    return (values << 1) ^ (values >> 63)


def to_varints(values: Ints) -> bytes:
    """Unsigned integers below 2**35 as base-128 numbers, low group first, high bit set on all but the last byte.

    >>> to_varints(np.array([1, 128, 300])).hex()
    '018001ac02'
    """
    values = np.asarray(values, dtype=np.int64)
    if values.size == 0:
        return b""
    if int(values.min()) < 0 or int(values.max()) >= 1 << 35:
        message = "varints hold 0 .. 2**35 - 1"
        raise ValueError(message)
    limits = np.array([1 << bits for bits in (7, 14, 21, 28)])
    lengths = 1 + np.searchsorted(limits, values, side="right")
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for group in range(int(lengths.max())):
        has = lengths > group
        more = np.where(lengths[has] > group + 1, 128, 0)
        out[starts[has] + group] = ((values[has] >> (7 * group)) & 127) | more
    return out.tobytes()


def pack(raw: bytes) -> str:
    """Deflated (zlib form) and base64: what `DecompressionStream("deflate")` reads."""
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def safe_json(value: object) -> str:
    r"""Compact JSON in which no character can open or close an element of the page.

    >>> safe_json({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)
