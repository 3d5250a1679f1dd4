"""Many points in few bytes: Morton-sorted codes as byte planes, deflated plane by plane into one stream.

A point is a step of the Web-Mercator square cut into 2**26 steps (0.60 m at the equator, 0.58 m at 14°N), so that
rounding moves it by at most 0.43 m on the ground. Sorted along the Morton curve, the difference to the point before is
small, and its high bytes are nearly always 0: about two bytes a point are left.
"""

import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntmgis.show.web.encode import safe_json

__all__ = ["POINT_BITS", "Points", "deflate_planes", "encode_points", "morton", "morton_order", "point_steps"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

POINT_BITS = 26
_MAGIC = b"NTMP"
# The latitude at which the Web-Mercator square ends.
_LIMIT = math.degrees(math.atan(math.sinh(math.pi)))


@dataclass(frozen=True, slots=True)
class Points:
    """Located objects as columns of one length.

    x, y     steps of the 2**26 grid, x to the east, y to the south
    combo    index into a table of distinct attribute combinations (see `households_data`)
    village  index into a list of villages
    suffix   last five digits of the address, -1 where the point has none or an unusual one
    unusual  addresses that are not the village's usual prefix and five digits, None elsewhere
    """

    x: Ints
    y: Ints
    combo: Ints
    village: Ints
    suffix: Ints
    unusual: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: Ints) -> "Points":
        """The points at these rows, in this order."""
        return Points(*(getattr(self, name)[rows] for name in Points.__slots__))


def point_steps(lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    """Steps of the 2**26 grid for degrees EPSG:4326; beyond 85.05° of latitude a point lies on the edge.

    >>> [n.tolist() for n in point_steps(np.array([0.0]), np.array([0.0]))]
    [[33554432], [33554432]]
    """
    side = float(1 << POINT_BITS)
    sine = np.sin(np.radians(np.clip(lat, -_LIMIT, _LIMIT)))
    x = (lon / 360.0 + 0.5) * side
    y = (0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * side
    last = (1 << POINT_BITS) - 1
    return np.clip(np.rint(x).astype(np.int64), 0, last), np.clip(np.rint(y).astype(np.int64), 0, last)


_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def _spread(values: Ints) -> NDArray[np.uint64]:
    wide = values.astype(np.uint64)
    for shift, mask in _SPREAD:
        wide = (wide | (wide << np.uint64(shift))) & np.uint64(mask)
    return wide


def morton(x: Ints, y: Ints) -> Ints:
    """Bits of x and y in turn, x lowest; both below 2**31.

    >>> morton(np.array([3, 0, 1]), np.array([0, 3, 1])).tolist()
    [5, 10, 3]
    """
    return (_spread(x) | (_spread(y) << np.uint64(1))).astype(np.int64)


def morton_order(points: Points) -> Ints:
    """Rows in the order of the Morton curve; points on one step by village, attributes and address."""
    if not len(points):
        return np.zeros(0, dtype=np.int64)
    code = morton(points.x - points.x.min(), points.y - points.y.min())
    return np.lexsort((points.suffix, points.combo, points.village, code)).astype(np.int64)


def deflate_planes(planes: list[bytes]) -> bytes:
    """One zlib stream of all planes, each deflated by the strategy that suits it best."""
    body = b"".join(_best(plane) for plane in planes if plane)
    whole = b"".join(planes)
    # An empty final block closes the stream that the flushed ones leave open.
    return b"\x78\xda" + body + b"\x03\x00" + struct.pack(">I", zlib.adler32(whole))


def _best(plane: bytes) -> bytes:
    made = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy)
        made.append(packer.compress(plane) + packer.flush(zlib.Z_FULL_FLUSH))
    return min(made, key=len)


def _planes(values: Ints, count: int) -> list[bytes]:
    """The lowest `count` bytes of every value, each byte's place as a run of its own."""
    split = values.astype("<u8").view(np.uint8).reshape(-1, 8)
    return [split[:, place].tobytes() for place in range(count)]


def _width(values: Ints) -> int:
    """Bytes that the largest value needs; 1 for no values."""
    top = int(values.max()) if len(values) else 0
    return max(1, (top.bit_length() + 7) // 8)


def encode_points(points: Points) -> bytes:
    """The points as a zlib stream, in `morton_order`: the order of their own square, whatever theirs was.

    Inside, little-endian: "NTMP", number of points, x and y of the origin, first village, number of suffixes (u32
    each), bytes per code, combo and village (u8 each), one zero byte, bytes of the JSON of unusual addresses (u32);
    then the planes: code differences, combos, villages from the first one, the two low bytes of the suffixes, their top
    bits eight to a byte, and the JSON list of unusual addresses.
    """
    count = len(points)
    x0, y0 = (int(points.x.min()), int(points.y.min())) if count else (0, 0)
    codes = morton(points.x - x0, points.y - y0)
    if bool((codes[1:] < codes[:-1]).any()):
        points = points.take(morton_order(points))
        codes = morton(points.x - x0, points.y - y0)
    steps = np.diff(codes, prepend=0)
    first = int(points.village.min()) if count else 0
    villages = points.village - first
    suffixes = points.suffix[points.suffix >= 0]
    unusual = safe_json([text for text in points.unusual if text is not None]).encode("utf-8")
    widths = (_width(steps), _width(points.combo), _width(villages))
    header = _MAGIC + struct.pack("<5I4BI", count, x0, y0, first, len(suffixes), *widths, 0, len(unusual))
    return deflate_planes(
        [
            header,
            *_planes(steps, widths[0]),
            *_planes(points.combo, widths[1]),
            *_planes(villages, widths[2]),
            *_planes(suffixes, 2),
            np.packbits((suffixes >> 16).astype(np.uint8), bitorder="little").tobytes(),
            unusual,
        ]
    )
