"""The layers of a snapshot for a page: attributes as columns, geometry as one stream of small integers."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ntmgis.programme.tables import Field, TableSpec, layer_ids, table, values
from ntmgis.show.web.columns import coded, dates, flags, numbers, texts
from ntmgis.show.web.encode import Grid, zigzag

__all__ = ["LayerShapes", "layer_entries"]

Ints = NDArray[np.int64]

LINE_TOLERANCE_M = 8.0
AREA_TOLERANCE_M = 20.0
# Lines that leave the province are shown a little way into the neighbour, so that they do not seem to end.
MARGIN_M = 1500.0

# How a feature stands in the stream: nothing, point, line, area.
_KIND = {0: 1, 1: 2, 2: 3, 3: 3, 4: 1, 5: 2, 6: 3}


class LayerShapes:
    """Geometry as one stream of unsigned integers.

    Per feature: its kind (0 none, 1 point, 2 line, 3 area), the number of parts, and per part the number of points and
    their zigzag steps from the point before, also across parts and features.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._pieces: list[Ints] = []
        self._last = np.zeros(2, dtype=np.int64)

    def add_counts(self, *numbers: int) -> None:
        """Plain unsigned numbers."""
        self._pieces.append(np.array(numbers, dtype=np.int64))

    def add_numbers(self, numbers: Ints) -> None:
        """The same from an array."""
        self._pieces.append(numbers)

    def add_part(self, steps: Ints) -> None:
        """One chain of (n, 2) grid steps, preceded by its length."""
        moves = steps - np.vstack((self._last, steps[:-1]))
        self._last = steps[-1] if len(steps) else self._last
        self._pieces.append(np.array([len(steps)], dtype=np.int64))
        self._pieces.append(zigzag(moves.ravel()))

    def add_geometries(self, shapes: NDArray[np.object_]) -> None:
        """Features of EPSG:4326 geometry, one after the other; empty and missing ones keep their place."""
        kinds = np.array([_KIND.get(kind, 0) for kind in shapely.get_type_id(shapes).tolist()], dtype=np.int64)
        kinds[shapely.is_empty(shapes)] = 0
        drawn = np.flatnonzero(kinds)
        chains, owner = _chains(shapes[drawn])
        lonlat, chain = shapely.get_coordinates(chains, return_index=True)
        steps = np.column_stack(self._grid.steps(lonlat[:, 0], lonlat[:, 1]))
        keep = np.any(np.diff(steps, axis=0, prepend=steps[:1]) != 0, axis=1)  # a vertex that moved on the grid
        keep |= np.diff(chain, prepend=-1) != 0  # or the first of its chain
        steps, chain = steps[keep], chain[keep]
        moves = zigzag(np.diff(steps, axis=0, prepend=self._last[np.newaxis]).ravel())
        self._last = steps[-1] if len(steps) else self._last
        # Where everything stands: a feature begins with its kind and its number of parts, a part with its length.
        lengths = np.bincount(chain, minlength=len(chains))
        parts = np.bincount(owner, minlength=len(drawn))
        sizes = np.where(kinds > 0, 2, 1)
        np.add.at(sizes, drawn[owner], 1 + 2 * lengths)
        starts = np.cumsum(sizes) - sizes
        before = np.cumsum(1 + 2 * lengths) - (1 + 2 * lengths)
        first = np.cumsum(parts) - parts
        begins = starts[drawn[owner]] + 2 + before - before[first[owner]]
        made = np.zeros(int(sizes.sum()), dtype=np.int64)
        made[starts] = kinds
        made[starts[drawn] + 1] = parts
        made[begins] = lengths
        inside = np.arange(len(moves)) - np.repeat(np.cumsum(2 * lengths) - 2 * lengths, 2 * lengths)
        made[np.repeat(begins + 1, 2 * lengths) + inside] = moves
        self._pieces.append(made)

    def numbers(self) -> Ints:
        """Everything added, in order."""
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.int64)


def _chains(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The points, lines and rings that shapes are made of, in their order, and the position of the shape of each."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    areas = np.flatnonzero(shapely.get_type_id(parts) == 3)
    others = np.flatnonzero(shapely.get_type_id(parts) != 3)
    rings, area = shapely.get_rings(parts[areas], return_index=True)
    place = np.concatenate((others, areas[area]))
    order = np.argsort(place, kind="stable")
    return np.concatenate((parts[others], rings))[order], owner[place[order]]


def _column(field: Field, frame: gpd.GeoDataFrame) -> Any:
    series = frame[field.name]
    if field.type == "bool":
        return flags(series)
    if field.type == "date":
        return dates(series)
    if field.type in {"number", "integer", "year"}:
        return numbers(series, 2)
    if field.type == "enum":
        return coded(series)
    made = coded(series)
    # Words that hardly repeat are shorter as a plain list.
    return made if len(made["k"]) * 2 < len(made["v"]) else texts(series)


def _field(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"name": field.name, "vi": field.title_vi, "type": field.type, "unit": field.unit}
    if field.values:
        made["values"] = [{"code": v.code, "vi": v.vi, "en": v.en} for v in values(field.values).values()]
    return made


def _shown(frame: gpd.GeoDataFrame, spec: TableSpec, near: shapely.Geometry, metric_crs: str) -> gpd.GeoDataFrame:
    """What of the layer is drawn: lines and areas cut at `near` (metric CRS) and simplified; works never dropped."""
    kinds = shapely.get_type_id(frame.geometry.to_numpy())
    if not np.isin(kinds, (1, 2, 3, 5, 6)).any() and not spec.base:
        return frame
    metric = frame.geometry.to_crs(metric_crs).to_numpy().copy()
    shapely.prepare(near)
    outside = ~shapely.covers(near, metric)
    cut = outside & np.isin(kinds, (1, 2, 3, 5, 6))
    metric[cut] = shapely.intersection(metric[cut], near)
    is_line = np.isin(kinds, (1, 2, 5))
    metric[is_line] = shapely.simplify(metric[is_line], LINE_TOLERANCE_M)
    is_area = np.isin(kinds, (3, 6))
    metric[is_area] = shapely.simplify(metric[is_area], AREA_TOLERANCE_M)
    made = frame.copy()
    made["geometry"] = gpd.GeoSeries(metric, index=frame.index, crs=metric_crs).to_crs(4326)
    if spec.base:
        here = ~(shapely.is_empty(metric) | (outside & ~cut & ~shapely.is_missing(metric)))
        made = made[here]
    return made


def layer_entries(
    layers: Mapping[str, gpd.GeoDataFrame], *, shapes: LayerShapes, province: shapely.Geometry, metric_crs: str
) -> list[dict[str, Any]]:
    """One entry per layer with rows, in catalogue order; geometry goes into `shapes` in the same order.

    `province` is in `metric_crs`. Background layers are cut to it with a margin and rows outside left out; works stay,
    so that the number in the legend is the number in the register.
    """
    near = shapely.buffer(shapely.simplify(province, 200.0), MARGIN_M)
    made = []
    for id_ in layer_ids():
        if id_ not in layers or layers[id_].empty:
            continue
        spec = table(id_)
        frame = _shown(layers[id_], spec, near, metric_crs)
        if frame.empty:
            continue
        fields = [field for field in spec.fields if field.name in frame.columns]
        made.append(
            {
                "id": id_,
                "vi": spec.title_vi,
                "en": spec.title_en,
                "geometry": spec.geometry,
                "base": spec.base,
                "content": list(spec.content),
                "criterion": spec.criterion,
                "rows": len(frame),
                "fields": [_field(field) for field in fields],
                "columns": [_column(field, frame) for field in fields],
            }
        )
        shapes.add_geometries(frame.geometry.to_numpy())
    return made
