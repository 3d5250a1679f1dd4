"""Geometry of a layer: brought to EPSG:4326, of the right kind, valid, inside the province."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, Problem
from ntmgis.intake.crs_candidates import named_crs, to_degrees
from ntmgis.intake.raw import Place, RawTable
from ntmgis.programme.tables import TableSpec

__all__ = [
    "TOLERANCE_M",
    "Repair",
    "Shapes",
    "check_shapes",
    "outside",
    "point_shapes",
    "surroundings",
    "used_crs",
]

TOLERANCE_M = 2000.0  # works at the border are digitised on both sides of it, and outlines differ by a kilometre

_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON = 0, 1, 3, 4, 5, 6
_KINDS: dict[str, frozenset[int]] = {
    "polygon": frozenset({_POLYGON, _MULTIPOLYGON}),
    "line": frozenset({_LINE, _MULTILINE}),
    "point": frozenset({_POINT}),
    "polygon_or_point": frozenset({_POLYGON, _MULTIPOLYGON, _POINT}),
}
_KIND_VI = {
    "polygon": "vùng",
    "line": "đường",
    "point": "điểm",
    "polygon_or_point": "vùng hoặc điểm",
}
_TYPE_VI = ("điểm", "đường", "đường khép kín", "vùng", "nhiều điểm", "đường", "vùng", "hỗn hợp")


@dataclass(frozen=True, slots=True)
class Repair:
    """A polygon that was invalid and could be made valid: position, area before and after in the units of the file."""

    position: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Shapes:
    """Geometries in EPSG:4326 (None where unusable), what is wrong by position, and what was repaired."""

    shapes: "npt.NDArray[np.object_]"
    faults: tuple[tuple[int, Problem], ...]
    repairs: tuple[Repair, ...]
    warnings: tuple[Problem, ...]


# Coordinates that are no numbers make numpy warn all along; they are found and named, so its warnings add nothing.
@np.errstate(invalid="ignore", over="ignore")
def check_shapes(raw: RawTable, spec: TableSpec, *, crs: str | None) -> Shapes:
    """The geometry of `raw` in EPSG:4326, checked row by row.

    `crs` states the CRS in place of what the file says. InputError when there is none, when it is unknown, or when
    the coordinates cannot be degrees although the file says so: guessing would put the map somewhere else.
    """
    if raw.geometry is None:
        raise InputError(raw.place.problem("E-GEOM-COLUMN", table=spec.title_vi))
    used, warnings = used_crs(raw, crs)
    shapes = raw.geometry.copy()
    _check_degrees(shapes, used, raw.place)
    faults = dict(raw.broken)
    numbers = raw.cells.index

    def fault(positions: Any, code: str, **words: Any) -> None:
        for position in np.flatnonzero(positions).tolist():
            faults.setdefault(position, raw.place.problem(code, row=int(numbers[position]), **words))
            shapes[position] = None

    fault(shapely.is_missing(shapes) | shapely.is_empty(shapes), "E-GEOM-MISSING")
    single = shapely.get_type_id(shapes) == _MULTIPOINT
    single &= shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    types = shapely.get_type_id(shapes)
    for type_ in set(np.unique(types)) - _KINDS[spec.geometry] - {-1}:
        fault(types == type_, "E-GEOM-KIND", wanted=_KIND_VI[spec.geometry], found=_TYPE_VI[type_])
    fault(~_finite(shapes) & ~shapely.is_missing(shapes), "E-GEOM-INVALID", reason="toạ độ không phải là số")
    repairs = tuple(_repair(shapes))
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[invalid] = [_reason(shape) for shape in shapes[invalid]]
    for why in sorted(set(reasons[invalid])):
        fault(reasons == why, "E-GEOM-INVALID", reason=why)
    done = _to_degrees(shapes, used)
    fault((~_finite(done) | _beyond(done)) & ~shapely.is_missing(done), "E-GEOM-RANGE")
    done[shapely.is_missing(shapes)] = None
    kept = tuple(repair for repair in repairs if repair.position not in faults)
    return Shapes(done, tuple(sorted(faults.items(), key=lambda item: item[0])), kept, warnings)


def _reason(shape: BaseGeometry) -> str:
    why = str(shapely.is_valid_reason(shape)).partition("[")[0]
    return _REASONS.get(why, why)


_REASONS = {
    "Self-intersection": "đường bao tự cắt",
    "Ring Self-intersection": "vòng tự cắt",
    "Too few points in geometry component": "quá ít điểm (đường dài bằng 0 hoặc vùng không có diện tích)",
    "Hole lies outside shell": "lỗ nằm ngoài vùng",
    "Nested shells": "vùng lồng nhau",
    "Duplicate Rings": "vòng trùng nhau",
    "Interior is disconnected": "phần trong bị chia cắt",
}


def used_crs(raw: RawTable, stated: str | None) -> tuple[pyproj.CRS, tuple[Problem, ...]]:
    """The CRS to use, and a warning when the file says another; InputError when there is none or it is unknown."""
    if stated is None:
        if raw.crs is None:
            raise InputError(raw.place.problem("E-CRS-MISSING"))
        return raw.crs, ()
    try:
        used = named_crs(stated).crs
    except CRSError:
        raise InputError(raw.place.problem("E-CRS-UNKNOWN", value=stated)) from None
    if raw.crs is None or raw.crs.equals(used, ignore_axis_order=True):
        return used, ()
    words = {"said": _crs_name(raw.crs), "used": _crs_name(used)}
    return used, (raw.place.problem("W-CRS-OVERRIDE", severity="warning", **words),)


def _crs_name(crs: pyproj.CRS) -> str:
    code = crs.to_authority()
    return f"{crs.name} ({':'.join(code)})" if code else crs.name


def _check_degrees(shapes: "npt.NDArray[np.object_]", crs: pyproj.CRS, place: Place) -> None:
    bounds = shapely.bounds(shapes)
    known = np.isfinite(bounds).all(axis=1)
    if not crs.is_geographic or not known.any():
        return
    metres = (np.abs(bounds[known]) > 400).any(axis=1)
    if metres.mean() > 0.5:
        example = shapely.get_coordinates(shapes[np.flatnonzero(known)[np.argmax(metres)]])[0]
        value = f"{example[0]:.1f}, {example[1]:.1f}"
        raise InputError(place.problem("E-CRS-METRES", value=value, said=_crs_name(crs)))


def _finite(shapes: "npt.NDArray[np.object_]") -> "npt.NDArray[np.bool_]":
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(len(shapes), dtype=bool)
    good[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return good


def _beyond(shapes: "npt.NDArray[np.object_]") -> "npt.NDArray[np.bool_]":
    bounds = shapely.bounds(shapes)
    return np.asarray((np.abs(bounds) > np.array([180.0, 90.0, 180.0, 90.0])).any(axis=1))


def _repair(shapes: "npt.NDArray[np.object_]") -> Iterator[Repair]:
    """Replace invalid polygons by valid ones where that leaves a polygon; other shapes are left as they are."""
    polygons = np.isin(shapely.get_type_id(shapes), [_POLYGON, _MULTIPOLYGON])
    for position in np.flatnonzero(polygons & ~shapely.is_valid(shapes)):
        shape = shapes[position]
        made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        if shapely.get_type_id(made) in _KINDS["polygon"] and not shapely.is_empty(made) and made.is_valid:
            shapes[position] = made
            yield Repair(int(position), float(shape.area), float(made.area))


def _to_degrees(shapes: "npt.NDArray[np.object_]", crs: pyproj.CRS) -> "npt.NDArray[np.object_]":
    made: npt.NDArray[np.object_] = shapely.transform(shapes, lambda xy: to_degrees(xy, crs))
    return made


def point_shapes(lon: "npt.NDArray[np.float64]", lat: "npt.NDArray[np.float64]") -> "npt.NDArray[np.object_]":
    """Points in EPSG:4326, None where a coordinate is missing."""
    known = np.isfinite(lon) & np.isfinite(lat)
    shapes: npt.NDArray[np.object_] = np.full(len(lon), None, dtype=object)
    shapes[known] = shapely.points(lon[known], lat[known])
    return shapes


def surroundings(province: BaseGeometry, *, tolerance_m: float = TOLERANCE_M) -> BaseGeometry:
    """`province` (EPSG:4326) widened by `tolerance_m` metres.

    The outline is simplified by a twentieth of the tolerance before it is widened in the UTM zone it lies in, so the
    limit is true to about 5 %.
    """
    series = gpd.GeoSeries([province], crs=4326)
    metric = series.to_crs(series.estimate_utm_crs())
    wide: BaseGeometry = metric.simplify(tolerance_m / 20).buffer(tolerance_m).to_crs(4326).iloc[0]
    return wide


def outside(
    shapes: "npt.NDArray[np.object_] | tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]",
    wide: BaseGeometry,
) -> "npt.NDArray[np.bool_]":
    """Which shapes (or lon, lat pairs) in EPSG:4326 do not touch `wide`, such as the `surroundings` of a province.

    Missing shapes and coordinates count as not outside.
    """
    shapely.prepare(wide)
    if isinstance(shapes, tuple):
        lon, lat = shapes
        known = np.isfinite(lon) & np.isfinite(lat)
        away = np.zeros(len(lon), dtype=bool)
        away[known] = ~shapely.intersects_xy(wide, lon[known], lat[known])
        return away
    return np.asarray(~shapely.intersects(wide, shapes) & ~shapely.is_missing(shapes))
