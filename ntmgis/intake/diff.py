"""A new file of a layer already known: which rows are new, changed, moved, deleted, or contradict what is known."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.intake.convert import DTYPES
from ntmgis.programme.tables import TableSpec

__all__ = ["DATED", "MOVED_M", "Change", "ChangeKind", "Diff", "apply_changes", "diff_key", "diff_rows"]

ChangeKind = Literal["new", "changed", "moved", "deleted", "conflict"]
MOVED_M = 5.0  # two readings of one place by a phone's GPS are often this far apart
# Tables whose rows are observations of a day: the day is a part of the key.
DATED = frozenset({"commune_status", "village_status", "district_status"})
_PLACE = frozenset({"lon", "lat"})


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not as it was.

    key      values of the table's key, as text
    kind     "new", "changed" (fields, and perhaps the place), "moved" (only the place), "deleted", "conflict"
    fields   (field, old, new) as text; None is blank. Of a new row all its values, of a deleted one what it held
    moved_m  how far the shape moved (the largest distance between the two outlines); None when it did not
    row      in the new file; None for a deleted row
    reason   of a conflict, in Vietnamese
    open     whether a person may accept it; a conflict without a usable new row cannot be
    """

    key: tuple[str, ...]
    kind: ChangeKind
    fields: tuple[tuple[str, str | None, str | None], ...] = ()
    moved_m: float | None = None
    row: int | None = None
    reason: str = ""
    open: bool = True

    @property
    def id(self) -> str:
        """Twelve hex digits that stand for exactly this change, whatever the order of the list."""
        said = [self.key, self.kind, self.fields, None if self.moved_m is None else round(self.moved_m, 2), self.row]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes in the order of the keys, and how many rows are as they were (`nudged`: moved by less)."""

    changes: tuple[Change, ...]
    same: int
    nudged: int

    def counts(self) -> dict[str, int]:
        """How many changes of each kind, and the rows that are the same."""
        kinds: tuple[ChangeKind, ...] = ("new", "changed", "moved", "deleted", "conflict")
        return {kind: sum(one.kind == kind for one in self.changes) for kind in kinds} | {"same": self.same}


def diff_key(spec: TableSpec) -> list[str]:
    """The fields that identify a row over time."""
    return [*spec.key, "as_of"] if spec.id in DATED else list(spec.key)


def diff_rows(
    before: pd.DataFrame,
    after: pd.DataFrame,
    spec: TableSpec,
    *,
    fields: Collection[str],
    metric_crs: str,
    moved_m: float = MOVED_M,
    refused: Mapping[tuple[str, ...], str] | None = None,
) -> Diff:
    """Compare what is known with what a new file says.

    Both frames hold the fields of `spec`, one row per key; geometry (EPSG:4326) where the table has one, lon and lat
    in its place for households. `after` also has `row`. Only `fields`, those that the new file brings, are compared:
    a column it does not have says nothing. A shape counts as moved beyond `moved_m` metres (taken in `metric_crs`);
    less than that is noise and the known shape stays. `refused`: keys of rows of the new file that were not
    accepted, with the reason; they are conflicts, not deletions.
    """
    refused = refused or {}
    old, new = _Side(before, spec, metric_crs), _Side(after, spec, metric_crs)
    compared = [
        one.name
        for one in spec.fields
        if one.name in fields and one.name not in diff_key(spec) and not (new.placed and one.name in _PLACE)
    ]
    changes: list[Change] = []
    same = nudged = 0
    for key in sorted({*old.at, *new.at, *refused}):
        i, j = old.at.get(key), new.at.get(key)
        if key in refused:
            reason = f"tệp mới có khoá này nhưng dòng không được nhận: {refused[key]}"
            changes.append(Change(key, "conflict", row=new.row(j), reason=reason, open=False))
        elif j is None:
            assert i is not None
            changes.append(Change(key, "deleted", tuple((f, old.text(i, f), None) for f in compared if old.text(i, f))))
        elif i is None:
            told = tuple((f, None, new.text(j, f)) for f in compared if new.text(j, f))
            changes.append(Change(key, "new", told, row=new.row(j)))
        else:
            differ = tuple((f, a, b) for f in compared if (a := old.text(i, f)) != (b := new.text(j, f)))
            clash = _clash(old.shape(i), new.shape(j))
            away = 0.0 if clash else _away(old.shape(i), new.shape(j))
            moved = away if away > moved_m else None
            if clash:
                changes.append(Change(key, "conflict", differ, row=new.row(j), reason=clash))
            elif differ or moved is not None:
                changes.append(Change(key, "changed" if differ else "moved", differ, moved, new.row(j)))
            else:
                same += 1
                nudged += away > 0
    return Diff(tuple(changes), same, nudged)


def apply_changes(
    before: pd.DataFrame, after: pd.DataFrame, spec: TableSpec, changes: Sequence[Change], *, fields: Collection[str]
) -> pd.DataFrame:
    """The known rows with the accepted `changes` made; every other row stays as it was.

    An accepted row takes from the new file the fields it brings, and its shape when it moved. Rows keep the row
    number of the file they came from, in `row`. InputError never: what cannot be accepted is not to be among `changes`.
    """
    names = diff_key(spec)
    kept = before.rename(columns={"file_row": "row"})
    keys, fresh = _keys(kept, spec), dict(zip(_keys(after, spec), range(len(after)), strict=True))
    by_key = {one.key: one for one in changes}
    records: list[dict[str, Any]] = []
    columns = [one.name for one in spec.fields] + ["row"] + (["geometry"] if "geometry" in after else [])
    brought = [name for name in columns if name in fields and name not in names]
    for key, record in zip(keys, kept.reindex(columns=columns).to_dict("records"), strict=True):
        one = by_key.get(key)
        if one is not None and one.kind == "deleted":
            continue
        told = {str(name): value for name, value in record.items()}
        if one is not None:
            new = after.iloc[fresh[key]]
            skip = _PLACE if one.moved_m is None and _personal(spec) else frozenset()
            told |= {name: new[name] for name in brought if name not in skip} | {"row": new["row"]}
            if "geometry" in after and (one.moved_m is not None or one.kind == "conflict"):
                told["geometry"] = new["geometry"]
        records.append(told)
    for key, one in by_key.items():
        if one.kind == "new":
            records.append({name: after.iloc[fresh[key]].get(name) for name in columns})
    made = pd.DataFrame(records, columns=columns)
    for one_field in spec.fields:  # whatever the mixture of the two sides made of them
        made[one_field.name] = made[one_field.name].astype(DTYPES[one_field.type])
    if "geometry" in columns:
        made = gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(made["geometry"].tolist(), crs=4326))
    return made


def _personal(spec: TableSpec) -> bool:
    return {one.name for one in spec.fields} >= _PLACE


def _keys(frame: pd.DataFrame, spec: TableSpec) -> list[tuple[str, ...]]:
    columns = [frame[name] for name in diff_key(spec)]
    return [tuple(_text(value) or "" for value in values) for values in zip(*columns, strict=True)]


class _Side:
    """One of the two tables: its rows by key, its values as text, its shapes in metres."""

    def __init__(self, frame: pd.DataFrame, spec: TableSpec, metric_crs: str) -> None:
        self.at = {key: position for position, key in enumerate(_keys(frame, spec))}
        self._rows = frame["row"].to_numpy() if "row" in frame else None
        self._values = {one.name: frame[one.name].to_numpy(dtype=object) for one in spec.fields if one.name in frame}
        shapes = None
        if isinstance(frame, gpd.GeoDataFrame):
            shapes = frame.geometry
        elif _personal(spec):
            shapes = gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)
            shapes[shapes.is_empty | frame["lon"].isna().to_numpy()] = None
        self.placed = shapes is not None
        self._shapes = None if shapes is None else shapes.to_crs(metric_crs).to_numpy()

    def text(self, position: int, field: str) -> str | None:
        return _text(self._values[field][position]) if field in self._values else None

    def row(self, position: int | None) -> int | None:
        return None if position is None or self._rows is None else int(self._rows[position])

    def shape(self, position: int) -> BaseGeometry | None:
        shape: BaseGeometry | None = None if self._shapes is None else self._shapes[position]
        return shape


def _text(value: Any) -> str | None:
    """A value as a person reads and compares it; None for a missing one. 5 and 5.0 are one number."""
    if value is None or value is pd.NA or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "có" if value else "không"
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return str(value)


def _clash(old: BaseGeometry | None, new: BaseGeometry | None) -> str:
    """Why two shapes cannot be of one thing; empty when they can. A shape that is missing contradicts nothing."""
    if old is None or new is None or shapely.get_dimensions(old) == shapely.get_dimensions(new):
        return ""
    kinds = ("điểm", "đường", "vùng")
    was, now = (kinds[int(shapely.get_dimensions(one))] for one in (old, new))
    return f"trước là {was}, tệp mới là {now}"


def _away(old: BaseGeometry | None, new: BaseGeometry | None) -> float:
    """How far a shape moved: the distance of points, the Hausdorff distance of outlines; endless if one is missing."""
    if old is None or new is None:
        return 0.0 if old is new else float("inf")
    if shapely.get_dimensions(old) == 2:
        old, new = shapely.boundary(old), shapely.boundary(new)
    return float(shapely.hausdorff_distance(old, new))
