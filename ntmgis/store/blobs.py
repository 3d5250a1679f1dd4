"""Shapes as GeoPackage keeps them, and the functions its spatial index asks of whoever writes rows."""

import sqlite3
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

__all__ = ["SRS", "add_functions", "bounds_of", "to_blobs"]

SRS = 4326
_LITTLE, _ENVELOPE, _EMPTY = 0x01, 0x02, 0x10
_POINT = 0
_MULTI: dict[int, Callable[..., Any]] = {1: shapely.multilinestrings, 3: shapely.multipolygons}
_HEAD = struct.Struct("<2sBBi")
_BOX = struct.Struct("<4d")
_XY = struct.Struct("<2d")


def to_blobs(shapes: np.ndarray, *, multi: bool) -> list[bytes | None]:
    r"""Each shape as a GeoPackage blob in EPSG:4326, x and y only; None stays None.

    With `multi`, single lines and polygons become collections of one, as a layer of collections asks for.

    >>> to_blobs(np.array([shapely.Point(1, 2)]), multi=False)[0][:4]
    b'GP\x00\x01'
    """
    flat = shapely.force_2d(shapes)
    kinds = shapely.get_type_id(flat)
    if multi:
        for kind, gather in _MULTI.items():
            single = np.flatnonzero((kinds == kind) & ~shapely.is_empty(flat))
            if len(single):
                flat[single] = gather(flat[single, np.newaxis])
    empty = shapely.is_empty(flat)
    # Corners in the order of the header: x from, x to, y from, y to.
    boxes = shapely.bounds(flat)[:, [0, 2, 1, 3]]
    bare, boxed, void = (_HEAD.pack(b"GP", 0, _LITTLE | flags, SRS) for flags in (0, _ENVELOPE, _EMPTY))
    made: list[bytes | None] = []
    for body, kind, nothing, corners in zip(
        shapely.to_wkb(flat, byte_order=1, flavor="iso"), kinds, empty, boxes, strict=True
    ):
        if body is None:
            made.append(None)
        elif nothing:
            made.append(void + body)
        elif kind == _POINT:
            made.append(bare + body)
        else:
            made.append(boxed + _BOX.pack(*corners) + body)
    return made


def bounds_of(shapes: np.ndarray) -> tuple[float, float, float, float] | None:
    """Smallest x and y, largest x and y of all shapes; None when there is no shape."""
    corners = shapely.total_bounds(shapes)
    return None if np.isnan(corners).any() else tuple(corners.tolist())


def add_functions(connection: sqlite3.Connection) -> None:
    """Give the connection the functions that the triggers of a spatial index call (GeoPackage, extension RTree)."""
    connection.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)
    for place, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        connection.create_function(name, 1, _corner(place), deterministic=True)


def _is_empty(blob: Any) -> int | None:
    return None if blob is None else int(bool(blob[3] & _EMPTY))


def _corner(place: int) -> Any:
    def corner(blob: Any) -> float | None:
        if blob is None or blob[3] & _EMPTY:
            return None
        if blob[3] & _ENVELOPE:
            return float(_BOX.unpack_from(blob, _HEAD.size)[place])
        # A point: byte order and kind of shape stand before its x and y.
        return float(_XY.unpack_from(blob, _HEAD.size + 5)[place // 2])

    return corner
