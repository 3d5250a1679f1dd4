"""Taking a snapshot: which of all stored rows are true on a date, put together on one boundary epoch."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import coverage_is_valid, coverage_union_all, union_all
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import layer_ids, table
from ntmgis.programme.tiers import state
from ntmgis.store.geopackage import Import, Store
from ntmgis.store.snapshot import Snapshot, SourceNote
from ntmgis.units.epochs import Epoch, epoch_on
from ntmgis.units.reference import crosswalk, reference_units
from ntmgis.workspace import Source, Workspace

__all__ = ["outline", "predecessor_tiers", "take_snapshot", "units_on"]

# Tables whose rows speak of units, and so hold only on the boundaries of their own epoch.
_OF_UNITS = frozenset({"unit_list", "unit", "village", "commune_status", "village_status", "district_status"})


def take_snapshot(
    store: Store,
    workspace: Workspace,
    as_of: date,
    *,
    rasters: Mapping[str, Path] | None = None,
    failed: Sequence[str] = (),
) -> Snapshot:
    """Everything accepted from the workspace's sources that holds on `as_of`, on the boundaries of that day.

    `failed` names sources whose present file could not be used; rows accepted from them earlier still count and
    the source note says so. InputError when there are no commune boundaries for the epoch.
    """
    epoch = epoch_on(as_of)
    known = _Known(store, workspace, as_of, epoch)
    boundaries = known.rows("unit")
    if boundaries.empty:
        raise InputError(problem("E-NO-BOUNDARIES", as_of=as_of.isoformat()))
    communes = _communes(boundaries, _units(known))
    status = known.rows("commune_status")
    reported = status[status["tier"].notna()]
    rural = set(communes.loc[communes["rural"], "code"])
    changes = known.rows("unit_change")
    return Snapshot(
        as_of=as_of,
        epoch=epoch,
        province_name=_province_name(workspace, epoch),
        province_code=workspace.province.code,
        metric_crs=workspace.metric_crs,
        sample=workspace.sample,
        communes=communes,
        districts=_dissolved(communes),
        province=gpd.GeoDataFrame(
            {"code": [workspace.province.code], "name": [_province_name(workspace, epoch)]},
            geometry=[outline(communes.geometry)],
            crs="EPSG:4326",
        ),
        villages=_tidy(known.rows("village"), ["code"]),
        commune_status=_status(reported[reported["code"].isin(rural)]),
        criteria=_criteria(status[status["code"].isin(set(communes["code"]))]),
        village_status=_dated(known.rows("village_status"), "village_code"),
        district_status=_dated(known.rows("district_status"), "district_code"),
        history=_history(known, workspace, rural),
        layers={id_: rows for id_ in layer_ids() if len(rows := _tidy(known.rows(id_), ["id"]))},
        rasters=dict(rasters or {}),
        addresses=_tidy(known.rows("address_point"), ["id"]),
        unit_change=changes if len(changes) else _shipped_changes(epoch),
        sources=tuple(known.notes(set(failed))),
    )


def units_on(store: Store, workspace: Workspace, epoch: Epoch) -> pd.DataFrame:
    """The list of units of an epoch: the workspace's own `unit_list` when it has one, else the shipped one."""
    day = epoch.last_day or max(workspace.as_of, epoch.first_day or workspace.as_of, *workspace.also)
    return _units(_Known(store, workspace, day, epoch))


def _units(known: "_Known") -> pd.DataFrame:
    rows = known.rows("unit_list")
    if rows.empty:
        return reference_units(known.epoch)
    kind = rows["kind"].fillna(rows["name"].str.extract(r"^(Xã|Phường|Thị trấn|Đặc khu)\b")[0]).str.lower()
    return (
        rows.assign(kind=kind, rural=kind.eq("xã"))[["code", "name", "kind", "rural", "district_code", "district"]]
        .assign(declared_km2=float("nan"))
        .sort_values("code", ignore_index=True)
    )


def predecessor_tiers(store: Store, workspace: Workspace, epoch: Epoch) -> pd.DataFrame | None:
    """State (code, tier) of every unit of the epoch before, on its last day; None when no tier was reported then."""
    if epoch.first_day is None:
        return None
    before = date.fromordinal(epoch.first_day.toordinal() - 1)
    old = epoch_on(before)
    status = _Known(store, workspace, before, old).rows("commune_status")
    reported = dict(zip(status["code"], status["tier"], strict=True))
    told = {code: tier for code, tier in reported.items() if pd.notna(tier)}
    if not told:
        return None
    units = units_on(store, workspace, old)
    tiers = [state(told.get(code), rural=rural) for code, rural in zip(units["code"], units["rural"], strict=True)]
    return pd.DataFrame({"code": units["code"], "tier": tiers})


def outline(polygons: gpd.GeoSeries) -> BaseGeometry:
    """The union of the polygons, holes and all; fast where they form a clean coverage."""
    shapes = polygons.to_numpy()
    return coverage_union_all(shapes) if coverage_is_valid(shapes) else union_all(shapes)


class _Known:
    """The rows of each table that hold on a day and speak of units of one epoch."""

    def __init__(self, store: Store, workspace: Workspace, as_of: date, epoch: Epoch) -> None:
        self.store = store
        self.sources: dict[str, Source] = {source.id: source for source in workspace.sources}
        self.as_of = as_of
        self.epoch = epoch
        self.imports = [made for made in store.imports() if made.source_id in self.sources]
        self.used: dict[str, pd.DataFrame] = {}

    def rows(self, table_id: str) -> pd.DataFrame:
        """The newest known row of every key, sorted by key."""
        if table_id not in self.used:
            self.used[table_id] = self.rows_on(table_id, self.as_of)
        return self.used[table_id]

    def rows_on(self, table_id: str, day: date) -> pd.DataFrame:
        spec = table(table_id)
        found = self.store.rows(table_id, self._imports_on(table_id, day))
        if spec.history == "values":
            found = found[found["valid_from"].isna() | (found["valid_from"] <= pd.Timestamp(day))]
            # A newer import of the same source and date replaces the older one, dropped rows included.
            newest = found.groupby(["source", "valid_from"], dropna=False)["import_id"].transform("max")
            found = found[found["import_id"] == newest]
        order = found.sort_values(["valid_from", "import_id"], kind="stable", na_position="first")
        return order.drop_duplicates(list(spec.key), keep="last").sort_values(list(spec.key), ignore_index=True)

    def _imports_on(self, table_id: str, day: date) -> list[Import]:
        spec = table(table_id)
        able = [
            made
            for made in self.imports
            if made.table_id == table_id and (table_id not in _OF_UNITS or made.epoch == self.epoch.id)
        ]
        if spec.history == "values":
            return able
        newest: dict[str, Import] = {}
        for made in able:
            if made.as_of is not None and made.as_of > day:
                continue
            best = newest.get(made.source_id)
            if best is None or (made.as_of or date.min, made.import_id) >= (best.as_of or date.min, best.import_id):
                newest[made.source_id] = made
        return list(newest.values())

    def notes(self, failed: set[str]) -> list[SourceNote]:
        """One note for each source that has rows in the snapshot, or whose file failed."""
        counts = {
            (table_id, source): len(part)
            for table_id, rows in self.used.items()
            for source, part in rows.groupby("source")
        }
        dates = {
            (table_id, source): part["valid_from"].max()
            for table_id, rows in self.used.items()
            for source, part in rows.groupby("source")
        }
        made: list[SourceNote] = []
        for source in self.sources.values():
            key = (source.table, source.id)
            if key not in counts and source.id not in failed:
                continue
            newest = dates.get(key, pd.NaT)
            made.append(
                SourceNote(
                    id=source.id,
                    table=source.table,
                    title=source.title or table(source.table).title_vi,
                    as_of=None if pd.isna(newest) else newest.date(),
                    rows=counts.get(key, 0),
                    origin=source.origin,
                    licence=source.licence,
                    failed=source.id in failed,
                )
            )
        return made


def _province_name(workspace: Workspace, epoch: Epoch) -> str:
    province = workspace.province
    return (province.name_after_merger if epoch.first_day is not None else "") or province.name


def _communes(boundaries: gpd.GeoDataFrame, units: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = ["code", "name", "kind", "rural", "district_code", "district", "declared_km2"]
    merged = boundaries[["code", "geometry"]].merge(units[columns], on="code", how="inner")
    frame = gpd.GeoDataFrame(merged[[*columns, "geometry"]], geometry="geometry", crs="EPSG:4326")
    return frame.sort_values("code", ignore_index=True)


def _dissolved(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    with_district = communes[communes["district_code"].notna()]
    groups = with_district.groupby("district_code")
    return gpd.GeoDataFrame(
        {
            "code": list(groups.groups),
            "name": [part["district"].iloc[0] for _, part in groups],
        },
        geometry=[outline(part.geometry) for _, part in groups],
        crs="EPSG:4326",
    )


def _tidy(frame: pd.DataFrame, first: list[str]) -> pd.DataFrame:
    dropped = frame.drop(columns=["import_id", "valid_from", "file_row"], errors="ignore")
    rest = [name for name in dropped.columns if name not in {*first, "source", "geometry"}]
    last = ["geometry"] if "geometry" in dropped else []
    return dropped[[*first, *rest, "source", *last]]


def _dated(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return _tidy(frame.assign(as_of=frame["valid_from"]), [key])


def _status(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["code", "tier", "as_of", "standard_year", "decision", "decision_date", "criteria_set", "source"]
    return frame.assign(as_of=frame["valid_from"])[columns].reset_index(drop=True)


def _criteria(frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.assign(as_of=frame["valid_from"])
    names = {f"tc{n}": n for n in range(1, 20)}
    long = wide.melt(["code", "as_of", "source"], list(names), "criterion", "state").dropna(subset=["state"])
    long["criterion"] = long["criterion"].map(names).astype("int64")
    columns = ["code", "criterion", "state", "as_of", "source"]
    ordered: pd.DataFrame = long[columns].sort_values(["code", "criterion"], ignore_index=True)
    return ordered


def _history(known: _Known, workspace: Workspace, rural: set[str]) -> pd.DataFrame:
    """Reported tiers as known at each reporting date of this epoch, up to the day of the snapshot."""
    days = sorted({*workspace.periods, known.as_of})
    parts = []
    for day in days:
        if day > known.as_of or not known.epoch.holds(day):
            continue
        status = known.rows_on("commune_status", day)
        told = status[status["tier"].notna() & status["code"].isin(rural)]
        parts.append(told[["code", "tier"]].assign(as_of=pd.Timestamp(day)))
    return pd.concat(parts, ignore_index=True)[["as_of", "code", "tier"]]


def _shipped_changes(epoch: Epoch) -> pd.DataFrame:
    changes = crosswalk().rename(columns={"source": "basis"})
    return changes if epoch.first_day is not None else changes.iloc[:0]
