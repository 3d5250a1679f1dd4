"""A whole store copied into another, GeoPackage or PostGIS either way, with nothing lost and everything compared."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from ntmgis.errors import InputError, problem
from ntmgis.store.base import Import, Store

__all__ = ["Copied", "copy_store"]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did: imports written now and their rows, and imports that were there already."""

    imports: int
    rows: int
    already: int


def _silent(_title: str, _done: int, _total: int) -> None:
    pass


def copy_store(source: Store, target: Store, *, progress: Callable[[str, int, int], None] = _silent) -> Copied:
    """Write every import of `source` into `target` as it is: number, times, users, undone marks, rows and reports.

    `target` is empty, or holds the first of the same imports: then the copy goes on where it stopped. Each import is
    whole or absent there, and is read back and compared. InputError when the target holds anything else, or when
    something came back otherwise than it went in.
    """
    log = source.log()
    there = target.log()
    if not log:
        raise InputError(problem("E-STORE-COPY-EMPTY"))
    for old, new in zip(log, there, strict=False):
        if old != new:
            raise InputError(problem("E-STORE-COPY-OTHER", import_id=new.import_id, value=new.file))
    if len(there) > len(log):
        raise InputError(problem("E-STORE-COPY-OTHER", import_id=there[len(log)].import_id, value=there[len(log)].file))
    rows = 0
    for done, made in enumerate(log[len(there) :], start=len(there)):
        progress(made.file, done, len(log))
        parts = _parts(source, made)
        target.put(made, *parts)
        if not all(map(_same, parts, _parts(target, made))):
            raise InputError(problem("E-STORE-COPY-CHANGED", import_id=made.import_id, value=made.file))
        rows += made.accepted
    if target.log() != log:
        raise InputError(problem("E-STORE-COPY-CHANGED", import_id=log[-1].import_id, value=log[-1].file))
    progress("", len(log), len(log))
    return Copied(imports=len(log) - len(there), rows=rows, already=len(there))


def _parts(store: Store, made: Import) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return store.rows(made.table_id, [made]), store.quarantine([made]), store.matches([made])


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Same columns, same values in the same order, shapes alike to the last bit."""
    shapes = [isinstance(frame, gpd.GeoDataFrame) for frame in (one, other)]
    if shapes[0] != shapes[1] or list(one.columns) != list(other.columns):
        return False
    if shapes[0]:
        left, right = (shapely.to_wkb(frame.geometry.to_numpy()) for frame in (one, other))
        if not (pd.Series(left).equals(pd.Series(right))):
            return False
        one, other = one.drop(columns="geometry"), other.drop(columns="geometry")
    return bool(pd.DataFrame(one).equals(pd.DataFrame(other)))
