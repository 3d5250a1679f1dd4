"""Repair of polygons, only where it is safe: what it may do, how far an edge may move, and the account of it.

Safe is: making a crossing ring valid, closing an open ring, dropping an exact copy, and giving slivers (narrow overlaps
and gaps) to one side. No edge moves further than the tolerance; a unit for which that is not enough stays as it was
and is named.
"""

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, UsageError, problem
from ntmgis.intake.coverage import Layer, coverage_findings
from ntmgis.intake.findings import amount
from ntmgis.intake.raw import RawTable
from ntmgis.intake.shapes import used_crs

__all__ = ["REPAIR_M", "Repaired", "State", "repair_layer", "write_repaired"]

REPAIR_M = 2.0  # 0.2 mm on a map of 1:10,000, the width of the line itself at the best scale boundaries come in
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class State:
    """A layer in numbers: invalid shapes, overlaps and gaps above 1 m², and the sum of all areas."""

    rows: int
    invalid: int
    overlaps: int
    overlap_m2: float
    gaps: int
    gap_m2: float
    area_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """The layer after repair and what was done.

    frame      as given, without the dropped rows, geometry repaired, in the CRS it came in
    valid      rows made valid; closed: rows whose rings were closed; dropped: rows that were exact copies
    moved      row → largest movement of its outline in metres, for rows whose outline changed
    left       row → movement the repair would have needed, for rows left as they were
    cleaned    False when the installed shapely is too old for the cleaning of slivers (2.2 is needed)
    """

    frame: gpd.GeoDataFrame
    before: State
    after: State
    tolerance_m: float
    valid: tuple[int, ...]
    closed: tuple[int, ...]
    dropped: tuple[int, ...]
    moved: Mapping[int, float]
    left: Mapping[int, float]
    cleaned: bool = True

    @property
    def largest_m(self) -> float:
        """The largest movement of an edge that was made, in metres; never more than the tolerance."""
        return max(self.moved.values(), default=0.0)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "before": asdict(self.before),
            "after": asdict(self.after),
            "tolerance_m": self.tolerance_m,
            "largest_m": round(self.largest_m, 3),
            "made_valid": list(self.valid),
            "closed": list(self.closed),
            "dropped": list(self.dropped),
            "moved": {str(row): round(by, 3) for row, by in self.moved.items()},
            "left": {str(row): round(by, 1) for row, by in self.left.items()},
            "cleaned": self.cleaned,
        }

    def lines(self, labels: Mapping[int, str]) -> tuple[str, ...]:
        """The account in Vietnamese, a line each; `labels`: row → what to call it."""
        told = []
        was, now = self.before, self.after
        for word, (n, area), (m, rest) in (
            ("chồng nhau", (was.overlaps, was.overlap_m2), (now.overlaps, now.overlap_m2)),
            ("khe hở", (was.gaps, was.gap_m2), (now.gaps, now.gap_m2)),
        ):
            told.append(f"{word}: {n} ({amount(area, 'm²')}) → {m} ({amount(rest, 'm²')})")
        told.append(f"không hợp lệ: {self.before.invalid} → {self.after.invalid}")
        told.append(f"tổng diện tích: {amount(self.before.area_m2, 'm²')} → {amount(self.after.area_m2, 'm²')}")
        limit = f"giới hạn {amount(self.tolerance_m, 'm')}"
        furthest = f"{self.largest_m:.2f} m".replace(".", ",")
        told.append(f"ranh giới của {len(self.moved)} vùng thay đổi, dời xa nhất {furthest} ({limit})")
        for rows, words in ((self.closed, "đã khép vòng"), (self.dropped, "đã bỏ bản sao")):
            if rows:
                told.append(f"{words}: {', '.join(labels.get(row, f'dòng {row}') for row in rows)}")
        if self.left:
            worst = sorted(self.left.items(), key=lambda item: -item[1])
            names = ", ".join(f"{labels.get(row, f'dòng {row}')} ({amount(by, 'm')})" for row, by in worst[:10])
            more = f" và {len(worst) - 10} vùng nữa" if len(worst) > 10 else ""
            told.append(f"giữ nguyên {len(worst)} vùng vì phải dời quá giới hạn: {names}{more}")
        if not self.cleaned:
            told.append("chưa sửa dải hẹp: cần shapely 2.2 trở lên")
        return tuple(told)


def repair_layer(
    frame: gpd.GeoDataFrame,
    *,
    metric_crs: str,
    tolerance_m: float = REPAIR_M,
    coverage: bool = True,
    closed: tuple[int, ...] = (),
) -> Repaired:
    """Repair the polygons of `frame` (`row` and geometry, any CRS; further columns stay as they are).

    Exact copies: rows equal in every column but `row`, and in geometry. `coverage`: the polygons should tile, so
    slivers are cleaned: units are cleaned together, those whose outline would move by more than `tolerance_m` metres
    are taken out, and the rest is cleaned again until none does. Movement is the Hausdorff distance of outlines at
    their vertices. When the result had more overlap or gap than the input, nothing is cleaned. `closed` is passed
    through.
    """
    before = _state(frame, metric_crs)
    kept = frame[~_copies(frame)].reset_index(drop=True)
    dropped = tuple(map(int, frame.loc[_copies(frame), "row"]))
    kept, valid = _made_valid(kept)
    moved: dict[int, float] = {}
    left: dict[int, float] = {}
    able = hasattr(shapely, "coverage_clean")
    if coverage and able and len(kept):
        made, moved, left = _cleaned(kept, metric_crs, tolerance_m)
        after = _state(made, metric_crs)
        plain = _state(kept, metric_crs)
        if after.overlap_m2 > plain.overlap_m2 + 1 or after.gap_m2 > plain.gap_m2 + 1:
            moved = {}
        else:
            kept = made
    return Repaired(
        frame=kept,
        before=before,
        after=_state(kept, metric_crs),
        tolerance_m=tolerance_m,
        valid=valid,
        closed=closed,
        dropped=dropped,
        moved=moved,
        left=left,
        cleaned=able or not coverage,
    )


def _state(frame: gpd.GeoDataFrame, metric_crs: str) -> State:
    shapes = frame.geometry.to_numpy()
    known = ~shapely.is_missing(shapes)
    named = gpd.GeoDataFrame(
        {"code": None, "label": "", "row": frame["row"]}, geometry=frame.geometry, index=frame.index
    ).to_crs(4326)
    layer = Layer(named, metric_crs)
    found = coverage_findings(layer)
    sizes = {kind: [one.size for one in found if one.kind == kind] for kind in ("overlap", "gap")}
    return State(
        rows=len(frame),
        invalid=int((~shapely.is_valid(shapes[known])).sum()),
        overlaps=len(sizes["overlap"]),
        overlap_m2=float(sum(sizes["overlap"])),
        gaps=len(sizes["gap"]),
        gap_m2=float(sum(sizes["gap"])),
        area_m2=float(shapely.area(layer.metric).sum()),
    )


def _copies(frame: gpd.GeoDataFrame) -> "npt.NDArray[np.bool_]":
    told = pd.DataFrame(frame.drop(columns=["row", frame.geometry.name])).astype(str)
    told["wkb"] = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()))
    known = ~shapely.is_missing(frame.geometry.to_numpy())
    return np.asarray(told.duplicated().to_numpy() & known)


def _made_valid(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[int, ...]]:
    shapes = frame.geometry.to_numpy().copy()
    bad = np.flatnonzero(~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2))
    done = []
    for at in bad.tolist():
        made = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        if shapely.get_dimensions(made) == 2 and not made.is_empty:
            shapes[at] = made
            done.append(int(frame["row"].iloc[at]))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)), tuple(done)


def _cleaned(
    frame: gpd.GeoDataFrame, metric_crs: str, tolerance_m: float
) -> tuple[gpd.GeoDataFrame, dict[int, float], dict[int, float]]:
    given = frame.geometry.to_numpy()
    metric = frame.geometry.to_crs(metric_crs).to_numpy()
    good = (shapely.get_dimensions(metric) == 2) & shapely.is_valid(metric) & ~shapely.is_empty(metric)
    at = np.flatnonzero(good)
    rows = frame["row"].to_numpy()
    left: dict[int, float] = {}
    done = metric
    away = np.zeros(0)
    for _ in range(_ROUNDS):
        if not len(at):
            break
        clean = shapely.coverage_clean  # type: ignore[attr-defined] # in shapely 2.2; the stubs are of 2.1
        done = clean(metric[at], gap_width=tolerance_m)
        away = _movement(metric[at], done)
        far = away > tolerance_m
        if not far.any():
            break
        left |= {int(rows[k]): float(by) for k, by in zip(at[far], away[far], strict=True)}
        at = at[~far]
    else:
        at = at[:0]  # no peace after so many rounds: nothing is changed
    shapes = given.copy()
    moved: dict[int, float] = {}
    back = _Back(given, metric, frame.crs, metric_crs)
    for k, shape, by in zip(at.tolist(), done, away, strict=False):
        if not shapely.equals_exact(shapely.normalize(shape), shapely.normalize(metric[k]), 0.0):
            shapes[k] = back.turn(shape)
            if by > 0:
                moved[int(rows[k])] = float(by)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)), moved, left


def _movement(before: "npt.NDArray[np.object_]", after: "npt.NDArray[np.object_]") -> "npt.NDArray[np.float64]":
    away = shapely.hausdorff_distance(shapely.boundary(before), shapely.boundary(after))
    # a unit that vanished, or is no polygon any more, moved without end
    return np.asarray(np.where(np.isnan(away), np.inf, away))


class _Back:
    """From metric coordinates to those of the file; a vertex that did not move gets its own numbers back, exactly."""

    def __init__(
        self, given: "npt.NDArray[np.object_]", metric: "npt.NDArray[np.object_]", crs: Any, metric_crs: str
    ) -> None:
        pairs = zip(shapely.get_coordinates(metric).tolist(), shapely.get_coordinates(given).tolist(), strict=True)
        self._known = {tuple(here): there for here, there in pairs}
        self._crs, self._metric_crs = crs, metric_crs

    def turn(self, shape: BaseGeometry) -> BaseGeometry:
        turned = gpd.GeoSeries([shape], crs=self._metric_crs).to_crs(self._crs).iloc[0]
        there = shapely.get_coordinates(turned)
        for k, here in enumerate(shapely.get_coordinates(shape).tolist()):
            own = self._known.get(tuple(here))
            if own is not None:
                there[k] = own
        made: BaseGeometry = shapely.set_coordinates(turned, there)
        return made


def write_repaired(
    raw: RawTable,
    path: Path,
    out: Path,
    *,
    crs: str | None = None,
    metric_crs: str,
    coverage: bool,
    tolerance_m: float = REPAIR_M,
    swapped: bool = False,
) -> Repaired:
    """Repair the file read as `raw` from `path` and write it to `out`, a new GeoPackage with all its columns.

    `swapped`: the file itself holds north before east (in `raw` the axes are in order already).

    UsageError when `out` exists or is no .gpkg; InputError when the file has no geometry or no CRS.
    """
    if out.suffix.lower() != ".gpkg":
        raise UsageError(problem("E-CONFIG-VALUE", column="--repair", value=out.name, allowed=".gpkg", nearest=".gpkg"))
    if out.exists():
        raise UsageError(problem("E-REPAIR-EXISTS", file=out.name))
    if raw.geometry is None:
        raise InputError(raw.place.problem("E-GEOM-COLUMN", table="vùng"))
    used, _ = used_crs(raw, crs)
    shapes, closed = _closed(raw, path, swapped=swapped)
    cells = raw.cells.reset_index(drop=True)
    names = _column_names([str(name) for name in cells.columns])
    cells.columns = pd.Index(names)
    frame = gpd.GeoDataFrame(
        cells.assign(row=raw.cells.index.to_numpy()), geometry=gpd.GeoSeries(shapes, index=cells.index, crs=used)
    )
    frame.geometry = gpd.GeoSeries([None if shape is None or shape.is_empty else shape for shape in shapes], crs=used)
    made = repair_layer(frame, metric_crs=metric_crs, tolerance_m=tolerance_m, coverage=coverage, closed=tuple(closed))
    part = out.with_name(f".{out.stem}.part.gpkg")
    try:
        written = made.frame.drop(columns="row")
        pyogrio.write_dataframe(written, part, layer=out.stem, geometry_type="Unknown", promote_to_multi=False)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return made


def _closed(raw: RawTable, path: Path, *, swapped: bool) -> "tuple[npt.NDArray[np.object_], list[int]]":
    """The shapes of the file with open rings closed, and the numbers of the rows where that was needed."""
    assert raw.geometry is not None
    shapes = raw.geometry.copy()
    open_ = [at for at, why in raw.broken.items() if why.code == "E-GEOM-INVALID" and shapes[at] is None]
    if not open_:
        return shapes, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the open ring, which is what we came for
        _, _, wkb, _ = pyogrio.raw.read(path, layer=raw.place.layer, force_2d=True, columns=[])
    made = shapely.from_wkb(np.asarray(wkb, dtype=object)[open_], on_invalid="fix")
    closed = []
    for at, shape in zip(open_, made, strict=True):
        if shape is not None and not shape.is_empty and shapely.get_dimensions(shape) == 2:
            shapes[at] = shapely.transform(shape, lambda xy: xy[:, ::-1]) if swapped else shape
            closed.append(int(raw.cells.index[at]))
    return shapes, closed


def _column_names(names: list[str]) -> list[str]:
    """Names a GeoPackage takes: "row", "fid", "geom" and "geometry" of the file get an underscore, twins a number."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        own = f"{name}_" if name.lower() in {"row", "fid", "geom", "geometry"} else name
        seen[own.lower()] = seen.get(own.lower(), 0) + 1
        made.append(own if seen[own.lower()] == 1 else f"{own}_{seen[own.lower()]}")
    return made
