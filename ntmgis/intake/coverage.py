"""Geometric checks of a layer: faults of single shapes, and what polygons that should tile an area do to each other.

All sizes are taken in the metric CRS that the caller names; places come back in EPSG:4326. Nothing is changed here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from ntmgis.intake.findings import SLIVER_M, Finding, Kind, amount, width
from ntmgis.intake.shapes import TOLERANCE_M

__all__ = ["DETACHED_M", "LEAST_M2", "Layer", "coverage_findings", "outside_findings", "shape_findings"]

LEAST_M2 = 1.0  # smaller overlaps and gaps are noise of the coordinates
DETACHED_M = 1000.0  # a part further than this from the main part is not a bend of the river any more
_OUTLYING = re.compile(r"\[(-?[0-9.eE+-]+) (-?[0-9.eE+-]+)\]")


@dataclass(frozen=True)
class Layer:
    """Shapes to check, with who they are.

    `frame` has `code`, `label` and `row` (row in the file) and geometry in EPSG:4326, missing where there is none.
    `metric_crs` is where lengths and areas are taken.
    """

    frame: gpd.GeoDataFrame
    metric_crs: str

    @cached_property
    def _turned(self) -> "npt.NDArray[np.object_]":
        with np.errstate(invalid="ignore", over="ignore"):
            turned: npt.NDArray[np.object_] = self.frame.geometry.to_crs(self.metric_crs).to_numpy()
        return turned

    @cached_property
    def known(self) -> "npt.NDArray[np.intp]":
        """Positions of the rows whose shape has a place in the metric CRS; one beyond its reach has not."""
        known = np.isfinite(shapely.bounds(self.frame.geometry.to_numpy())).all(axis=1)
        return np.flatnonzero(known & np.isfinite(shapely.bounds(self._turned)).all(axis=1))

    def turned(self, position: int) -> BaseGeometry:
        """The shape of a row in the metric CRS, as it is."""
        shape: BaseGeometry = self._turned[position]
        return shape

    @cached_property
    def metric(self) -> "npt.NDArray[np.object_]":
        """Valid shapes in the metric CRS, one for each of `known`; of an invalid polygon what `make_valid` keeps."""
        made: npt.NDArray[np.object_] = self._turned[self.known].copy()
        bad = ~shapely.is_valid(made) & (shapely.get_dimensions(made) == 2)
        made[bad] = shapely.make_valid(made[bad], method="structure", keep_collapsed=False)
        return made

    @cached_property
    def _to_degrees(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.metric_crs, 4326, always_xy=True)

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """A metric shape in EPSG:4326."""
        turn = self._to_degrees

        def one(xy: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
            return np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))

        made: BaseGeometry = shapely.transform(shape, one)
        return made

    def found(
        self,
        kind: Kind,
        positions: "list[int]",
        size: float,
        *,
        unit: Any = "m²",
        place: BaseGeometry | None = None,
        width_m: float | None = None,
        note: str = "",
    ) -> Finding:
        """A finding about the rows at `positions` of the frame; `place` is metric."""
        rows = self.frame.iloc[positions]
        return Finding(
            kind,
            tuple(map(str, rows["code"].fillna(""))),
            tuple(map(str, rows["label"])),
            tuple(map(int, rows["row"])),
            float(size),
            unit,
            None if place is None else self.degrees(place),
            None if width_m is None else float(width_m),
            note,
        )


def shape_findings(layer: Layer) -> tuple[Finding, ...]:
    """Faults of single shapes: empty, invalid, and exact copies of another one (any geometry type)."""
    shapes = layer.frame.geometry.to_numpy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    made = [layer.found("empty", [int(i)], 0.0) for i in np.flatnonzero(blank)]
    broken = layer.known[~shapely.is_valid(shapes[layer.known])].tolist()
    return (*made, *(_invalid(layer, at) for at in broken), *_copies(layer))


def _invalid(layer: Layer, at: int) -> Finding:
    given = layer.turned(at)
    why = str(shapely.is_valid_reason(given))
    where = _OUTLYING.search(why)
    place = shapely.Point(float(where[1]), float(where[2])) if where else given.representative_point()
    size, note = 0.0, _REASONS.get(why.partition("[")[0], why.partition("[")[0])
    if shapely.get_dimensions(given) == 2:
        size = abs(shapely.make_valid(given, method="structure", keep_collapsed=False).area - abs(given.area))
        note += f"; sửa sẽ đổi diện tích {amount(size, 'm²')}"
    return layer.found("invalid", [at], size, place=place, note=note)


_REASONS = {
    "Self-intersection": "đường bao tự cắt",
    "Ring Self-intersection": "vòng tự cắt",
    "Too few points in geometry component": "quá ít điểm",
    "Hole lies outside shell": "lỗ nằm ngoài vùng",
    "Nested shells": "vùng lồng nhau",
    "Duplicate Rings": "vòng trùng nhau",
    "Interior is disconnected": "phần trong bị chia cắt",
}


def _copies(layer: Layer) -> Iterator[Finding]:
    first: dict[bytes, int] = {}
    keys = shapely.to_wkb(shapely.normalize(layer.metric))
    for inside, (at, key) in enumerate(zip(layer.known.tolist(), keys, strict=True)):
        if key in first:
            shape = layer.metric[inside]
            areal = shapely.get_dimensions(shape) == 2
            size, unit = (shape.area, "m²") if areal else (shape.length, "m")
            yield layer.found("duplicate", [first[key], at], size, unit=unit, place=shape)
        else:
            first[key] = at


def coverage_findings(layer: Layer, *, gaps: bool = True, detached_m: float = DETACHED_M) -> tuple[Finding, ...]:
    """What polygons that should tile an area do wrong: overlaps, gaps, slivers, detached parts.

    Overlaps: each pair once, when their intersection is more than `LEAST_M2`; exact copies are left to
    `shape_findings`. Gaps (asked for by `gaps`): what is enclosed by polygons and covered by none; a bay that is
    open to the outside is no gap. Slivers: separate parts of a polygon narrower than `SLIVER_M`. Detached: parts
    further than `detached_m` from the largest part of their unit. Shapes that are no polygons are left out.
    """
    areal = shapely.get_dimensions(layer.metric) == 2
    shapes, at = layer.metric[areal], layer.known[areal]
    made = [*_overlaps(layer, shapes, at), *_parts(layer, shapes, at, detached_m)]
    if gaps and len(shapes):
        made += _gaps(layer, shapes, at)
    return tuple(made)


def _overlaps(layer: Layer, shapes: "npt.NDArray[np.object_]", at: "npt.NDArray[np.intp]") -> Iterator[Finding]:
    left, right = STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    common = shapely.intersection(shapes[left], shapes[right])
    areas = shapely.area(common)
    for k in np.flatnonzero(areas > LEAST_M2).tolist():
        i, j = int(left[k]), int(right[k])
        if areas[k] >= shapely.area(shapes[i]) * (1 - 1e-9) and shapely.equals(shapes[i], shapes[j]):
            continue
        piece = _areal(common[k])
        yield layer.found(
            "overlap", [int(at[i]), int(at[j])], areas[k], place=piece, width_m=width(float(areas[k]), piece)
        )


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape; touching lines and points of an intersection are no part of the overlap."""
    parts = shapely.get_parts(shape)
    kept = parts[shapely.get_dimensions(parts) == 2]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(list(kept))


def _gaps(layer: Layer, shapes: "npt.NDArray[np.object_]", at: "npt.NDArray[np.intp]") -> Iterator[Finding]:
    # on a grid of 1 mm: reprojected edges part by nanometres where one side has a vertex and the other has none
    whole = shapely.get_parts(shapely.union_all(shapes, grid_size=0.001))
    rings = [ring for part in whole for ring in part.interiors]
    if not rings:
        return
    holes = shapely.polygons(rings)
    tree, islands = STRtree(shapes), STRtree(whole)
    for hole in holes.tolist():
        inside = islands.query(hole, predicate="contains")
        gap = shapely.difference(hole, shapely.union_all(whole[inside])) if len(inside) else hole
        if gap.area <= LEAST_M2:
            continue
        around = sorted(int(at[i]) for i in tree.query(gap, predicate="dwithin", distance=0.01))
        yield layer.found("gap", around, gap.area, place=gap, width_m=width(gap.area, gap))


def _parts(
    layer: Layer, shapes: "npt.NDArray[np.object_]", at: "npt.NDArray[np.intp]", detached_m: float
) -> Iterator[Finding]:
    for shape, position in zip(shapes, at.tolist(), strict=True):
        if shapely.get_num_geometries(shape) < 2:
            continue
        parts = shapely.get_parts(shape)
        areas = shapely.area(parts)
        main = int(np.argmax(areas))
        for k in range(len(parts)):
            if k == main:
                continue
            broad = width(float(areas[k]), parts[k])
            away = float(shapely.distance(parts[k], parts[main]))
            if broad < SLIVER_M:
                yield layer.found("sliver", [position], areas[k], place=parts[k], width_m=broad)
            elif away > detached_m:
                note = f"phần rộng {amount(float(areas[k]), 'm²')} cách phần chính {amount(away, 'm')}"
                yield layer.found("detached", [position], away, unit="m", place=parts[k], note=note)


def outside_findings(
    layer: Layer,
    *,
    province: BaseGeometry | None = None,
    communes: Mapping[str, BaseGeometry] | None = None,
    commune_of: Mapping[int, str] | None = None,
    tolerance_m: float = TOLERANCE_M,
    commune_m: float = 100.0,
    share: float = 0.1,
) -> tuple[Finding, ...]:
    """Shapes outside the province, and villages outside the commune they name (outlines in EPSG:4326).

    Province: what lies wholly further than `tolerance_m` from it. Commune (`commune_of`: row → code of the
    commune): a point or line further than `commune_m` from it, a polygon with more than `share` of its area beyond
    it. A commune that is not among `communes` says nothing.
    """
    made: list[Finding] = []
    if province is not None and len(layer.known):
        outline = gpd.GeoSeries([province], crs=4326).to_crs(layer.metric_crs).iloc[0]
        shapely.prepare(outline)
        near = shapely.dwithin(outline, layer.metric, tolerance_m)
        for k in np.flatnonzero(~near).tolist():
            away = float(shapely.distance(outline, layer.metric[k]))
            note = f"cách tỉnh {amount(away, 'm')}"
            place = layer.metric[k]
            made.append(layer.found("outside_province", [int(layer.known[k])], away, unit="m", place=place, note=note))
    if communes and commune_of:
        codes = list(communes)
        turned = gpd.GeoSeries([communes[code] for code in codes], crs=4326).to_crs(layer.metric_crs)
        outlines = dict(zip(codes, turned, strict=True))
        rows = layer.frame["row"].to_numpy()
        for k, position in enumerate(layer.known.tolist()):
            outline = outlines.get(commune_of.get(int(rows[position]), ""))
            if outline is not None:
                made += _village(layer, k, position, outline, commune_m, share)
    return tuple(made)


def _village(
    layer: Layer, k: int, position: int, outline: BaseGeometry, commune_m: float, share: float
) -> Iterator[Finding]:
    shape = layer.metric[k]
    if shapely.get_dimensions(shape) == 2:
        beyond = shapely.difference(shape, outline)
        if beyond.area > share * shape.area and beyond.area > LEAST_M2:
            part = f"{beyond.area / shape.area:.0%}"
            note = f"{part} diện tích thôn nằm ngoài xã"
            yield layer.found("outside_commune", [position], beyond.area, place=_areal(beyond), note=note)
        return
    away = float(shapely.distance(shape, outline))
    if away > commune_m:
        note = f"cách xã {amount(away, 'm')}"
        yield layer.found("outside_commune", [position], away, unit="m", place=shape, note=note)
