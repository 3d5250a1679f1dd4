"""Taking a snapshot: which of all stored rows are true on a date, put together on one boundary epoch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import coverage_is_valid, coverage_union_all, union_all
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, problem
from ntmgis.programme.tables import TableSpec, layer_ids, table
from ntmgis.programme.thresholds import load_thresholds
from ntmgis.programme.tiers import state
from ntmgis.store.base import Import, Store
from ntmgis.store.snapshot import Snapshot, SourceNote
from ntmgis.units.epochs import Epoch, epoch_on
from ntmgis.units.reference import crosswalk, reference_units
from ntmgis.workspace import Source, Workspace

__all__ = ["CRITERIA", "KnownStatus", "outline", "predecessor_tiers", "status_on", "take_snapshot", "units_on"]

# The fields of commune_status that hold the criteria.
CRITERIA = tuple(f"tc{n}" for n in range(1, 20))
# Those of the figure reported for each criterion, and of its evidence.
_FIGURES = tuple(f"{short}{n}" for short in ("sl", "mc") for n in range(1, 20))

# Tables whose rows speak of units, and so hold only on the boundaries of their own epoch.
_OF_UNITS = frozenset({"unit_list", "unit", "village", "commune_status", "village_status", "district_status"})


def take_snapshot(
    store: Store,
    workspace: Workspace,
    as_of: date,
    *,
    rasters: Mapping[str, Path] | None = None,
    failed: Sequence[str] = (),
    undone: Sequence[str] = (),
    known_at: datetime | None = None,
    works: bool = True,
) -> Snapshot:
    """Everything accepted from the workspace's sources that holds on `as_of`, on the boundaries of that day.

    What was true on that day (`as_of`), as far as it had been recorded at the moment `known_at` (with its time zone;
    None: all that is known now): imports made later, and the taking back of an import later, are left out of account.
    `failed` names sources whose present file could not be used, `undone` those of them whose import was taken back;
    rows accepted from them earlier still count and the source note says so. Without `works` the layers and addresses
    are left out: who stood where needs neither, and they are most of what is read. InputError when there are no commune
    boundaries for the epoch.
    """
    epoch = epoch_on(as_of)
    known = _Known(store, workspace, as_of, epoch, known_at)
    boundaries = known.rows("unit")
    if boundaries.empty:
        raise InputError(problem("E-NO-BOUNDARIES", as_of=as_of.isoformat()))
    communes = _communes(boundaries, _units(known))
    reported, assessed, figured = known.status()
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
        commune_status=_status(reported[reported["code"].isin(rural)], assessed),
        criteria=_criteria(assessed[assessed["code"].isin(set(communes["code"]))]),
        village_status=_dated(known.rows("village_status"), "village_code"),
        district_status=_dated(known.rows("district_status"), "district_code"),
        history=_history(known, workspace, rural),
        layers={
            id_: _tidy(rows, ["id"]) for id_ in layer_ids() if works and known.has(id_) and len(rows := known.rows(id_))
        },
        rasters=dict(rasters or {}),
        addresses=_tidy(known.rows("address_point") if works else store.rows("address_point", []), ["id"]),
        unit_change=changes if len(changes) else _shipped_changes(epoch),
        criteria_history=_criteria_history(known, workspace, rural),
        figures=_figures(figured[figured["code"].isin(set(communes["code"]))]),
        published=_dated(known.rows("reported_total"), "level"),
        sources=tuple(known.notes(set(failed), set(undone), rasters or ())),
        known_at=known_at,
        office=None if workspace.thresholds is None else load_thresholds(workspace.thresholds),
    )


def units_on(store: Store, workspace: Workspace, epoch: Epoch, *, known_at: datetime | None = None) -> pd.DataFrame:
    """The list of units of an epoch: the workspace's own `unit_list` when it has one, else the shipped one."""
    day = epoch.last_day or max(workspace.as_of, epoch.first_day or workspace.as_of, *workspace.also)
    return _units(_Known(store, workspace, day, epoch, known_at))


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


def predecessor_tiers(
    store: Store, workspace: Workspace, epoch: Epoch, *, known_at: datetime | None = None
) -> pd.DataFrame | None:
    """State (code, tier) of every unit of the epoch before, on its last day; None when no tier was reported then."""
    if epoch.first_day is None:
        return None
    before = date.fromordinal(epoch.first_day.toordinal() - 1)
    old = epoch_on(before)
    status = _Known(store, workspace, before, old, known_at).rows_on("commune_status", before, stating=("tier",))
    reported = dict(zip(status["code"], status["tier"], strict=True))
    told = {code: tier for code, tier in reported.items() if pd.notna(tier)}
    if not told:
        return None
    units = units_on(store, workspace, old, known_at=known_at)
    tiers = [state(told.get(code), rural=rural) for code, rural in zip(units["code"], units["rural"], strict=True)]
    return pd.DataFrame({"code": units["code"], "tier": tiers})


@dataclass(frozen=True, slots=True, eq=False)
class KnownStatus:
    """What is known on a day of the communes and villages of its epoch, with all fields and `valid_from`.

    tiers      newest row of each commune that states a tier
    criteria   newest row of each commune that states a criterion, a value or evidence of one
    villages   the list of villages
    flags      newest status of each village
    """

    tiers: pd.DataFrame
    criteria: pd.DataFrame
    villages: pd.DataFrame
    flags: pd.DataFrame


def status_on(store: Store, workspace: Workspace, day: date, *, known_at: datetime | None = None) -> KnownStatus:
    """The statuses that hold on `day`, and the villages they are about."""
    known = _Known(store, workspace, day, epoch_on(day), known_at)
    tiers, criteria = (
        known.rows_on("commune_status", day, stating=fields) for fields in (("tier",), (*CRITERIA, *_FIGURES))
    )
    return KnownStatus(tiers, criteria, known.rows("village"), known.rows("village_status"))


def outline(polygons: gpd.GeoSeries) -> BaseGeometry:
    """The union of the polygons, holes and all; fast where they form a clean coverage."""
    shapes = polygons.to_numpy()
    return coverage_union_all(shapes) if coverage_is_valid(shapes) else union_all(shapes)


class _Known:
    """The rows of each table that hold on a day and speak of units of one epoch."""

    def __init__(
        self, store: Store, workspace: Workspace, as_of: date, epoch: Epoch, known_at: datetime | None
    ) -> None:
        self.store = store
        self.sources: dict[str, Source] = {source.id: source for source in workspace.sources}
        self.as_of = as_of
        self.epoch = epoch
        self.imports = [made for made in store.imports(known_at) if made.source_id in self.sources]
        self.used: dict[str, pd.DataFrame] = {}
        self._observed: dict[str, pd.DataFrame] = {}

    def has(self, table_id: str) -> bool:
        """Whether any import of the table counts."""
        return any(made.table_id == table_id for made in self.imports)

    def rows(self, table_id: str) -> pd.DataFrame:
        """The newest known row of every key, sorted by key."""
        if table_id not in self.used:
            self.used[table_id] = self.rows_on(table_id, self.as_of)
        return self.used[table_id]

    def status(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Of each commune the newest row with a tier, the newest with any criterion, the newest with any figure of one.

        Three facts with three dates: a form that reports criteria neither renews nor takes back a recognition, and one
        without figures leaves those of before standing.
        """
        tiers, criteria, figures = (
            self.rows_on("commune_status", self.as_of, stating=fields) for fields in (("tier",), CRITERIA, _FIGURES)
        )
        self.used["commune_status"] = pd.concat([tiers, criteria, figures]).drop_duplicates(["import_id", "code"])
        return tiers, criteria, figures

    def rows_on(self, table_id: str, day: date, *, stating: Sequence[str] = ()) -> pd.DataFrame:
        """The newest row of every key; with `stating` the newest in which one of those fields is not blank."""
        spec = table(table_id)
        if spec.history == "values":
            found = self.stating(table_id, stating)
            found = found[found["valid_from"].isna() | (found["valid_from"] <= pd.Timestamp(day))]
        else:
            found = self._lists(spec, day)
        keys = list(spec.key)
        newest = found.drop_duplicates(keys, keep="last")
        if len(keys) == 1 and newest[keys[0]].is_monotonic_increasing:
            return newest.reset_index(drop=True)
        return newest.sort_values(keys, ignore_index=True)

    def stating(self, table_id: str, fields: Sequence[str]) -> pd.DataFrame:
        """All dated rows of a table in which one of the fields is not blank (no fields: all rows), oldest first."""
        found = self._observations(table(table_id))
        return found[found[list(fields)].notna().any(axis=1)] if fields else found

    def _observations(self, spec: TableSpec) -> pd.DataFrame:
        """All dated rows of a table that count, oldest first; read once for any number of days.

        A newer import of the same source and date replaces the older one, dropped rows included.
        """
        if spec.id not in self._observed:
            found = self.store.rows(spec.id, self._imports_on(spec.id, self.as_of))
            newest = found.groupby(["source", "valid_from"], dropna=False)["import_id"].transform("max")
            self._observed[spec.id] = _oldest_first(found[found["import_id"] == newest])
        return self._observed[spec.id]

    def _lists(self, spec: TableSpec, day: date) -> pd.DataFrame:
        """The rows of the newest complete list of each source on `day`."""
        return _oldest_first(self.store.rows(spec.id, self._imports_on(spec.id, day)))

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

    def notes(self, failed: set[str], undone: set[str], rasters: Collection[str] = ()) -> list[SourceNote]:
        """One note for each source that has rows in the snapshot, is one of its `rasters`, or whose file failed."""
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
            drawn = source.table in rasters
            if key not in counts and source.id not in failed and not drawn:
                continue
            newest = dates.get(key, pd.Timestamp(source.as_of) if drawn and source.as_of else pd.NaT)
            made.append(
                SourceNote(
                    id=source.id,
                    table=source.table,
                    title=source.title or table(source.table).title_vi,
                    as_of=None if pd.isna(newest) else newest.date(),
                    rows=counts.get(key, int(drawn)),
                    origin=source.origin,
                    licence=source.licence,
                    failed=source.id in failed,
                    undone=source.id in undone,
                )
            )
        return made


def _oldest_first(rows: pd.DataFrame) -> pd.DataFrame:
    if rows["import_id"].is_monotonic_increasing and rows["valid_from"].is_monotonic_increasing:
        return rows
    return rows.sort_values(["valid_from", "import_id"], kind="stable", na_position="first")


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


def _status(frame: pd.DataFrame, assessed: pd.DataFrame) -> pd.DataFrame:
    """The reported tiers; the criteria set is that of the criteria known, where there are any."""
    columns = ["code", "tier", "as_of", "standard_year", "decision", "decision_date", "criteria_set", "source"]
    sets = frame["code"].map(assessed.set_index("code")["criteria_set"].astype("str")).astype("str")
    sets = sets.where(sets.notna(), frame["criteria_set"])
    return frame.assign(as_of=frame["valid_from"], criteria_set=sets)[columns].reset_index(drop=True)


def _criteria(frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.assign(as_of=frame["valid_from"])
    names = {f"tc{n}": n for n in range(1, 20)}
    long = wide.melt(["code", "as_of", "source"], list(names), "criterion", "state").dropna(subset=["state"])
    long["criterion"] = long["criterion"].map(names).astype("int64")
    columns = ["code", "criterion", "state", "as_of", "source"]
    ordered: pd.DataFrame = long[columns].sort_values(["code", "criterion"], ignore_index=True)
    return ordered


def _figures(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each criterion of which a figure or evidence was reported."""
    keys = frame[["code", "criteria_set", "source"]].assign(as_of=frame["valid_from"])
    each = [
        keys.assign(criterion=n, value=frame[f"sl{n}"], evidence=frame[f"mc{n}"])
        for n in range(1, len(CRITERIA) + 1)
        if frame[[f"sl{n}", f"mc{n}"]].notna().any(axis=None)
    ]
    columns = ["code", "criterion", "value", "evidence", "criteria_set", "as_of", "source"]
    if not each:
        return keys.iloc[:0].assign(criterion=pd.Series(dtype="int64"), value=None, evidence=None)[columns]
    rows = pd.concat(each).dropna(subset=["value", "evidence"], how="all")
    ordered: pd.DataFrame = rows[columns].sort_values(["code", "criterion"], ignore_index=True)
    return ordered


def _reporting_days(known: _Known, workspace: Workspace) -> list[date]:
    days = sorted({*workspace.periods, known.as_of})
    return [day for day in days if day <= known.as_of and known.epoch.holds(day)]


def _history(known: _Known, workspace: Workspace, rural: set[str]) -> pd.DataFrame:
    """Reported tiers as known at each reporting date of this epoch, up to the day of the snapshot."""
    told = known.stating("commune_status", ("tier",))[["code", "valid_from", "tier"]]
    return _at_each(told[told["code"].isin(rural)], _reporting_days(known, workspace))


def _criteria_history(known: _Known, workspace: Workspace, rural: set[str]) -> pd.DataFrame:
    """The criteria of each commune, how many it met and by which set, as known at each reporting date."""
    told = known.stating("commune_status", CRITERIA)
    told = told[told["code"].isin(rural)]
    states = told[list(CRITERIA)]
    met, missed, other = ((states == state).sum(axis=1) for state in ("met", "not_met", "not_applicable"))
    sets = told["criteria_set"].astype(object).where(told["criteria_set"].notna(), None)
    counts = {"criteria_set": sets, "met": met, "judged": met + missed, "not_applicable": other}
    rows = told[["code", "valid_from"]].assign(**counts, **{name: told[name] for name in CRITERIA})
    return _at_each(rows, _reporting_days(known, workspace))


def _at_each(rows: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    """Of each code the newest of `rows` on each of the days, by day and code; `rows` come oldest first."""
    fields = [name for name in rows.columns if name not in {"code", "valid_from"}]
    made = {"as_of": pd.Series(dtype="datetime64[s]"), **{name: rows[name].iloc[:0] for name in ("code", *fields)}}
    if rows.empty:
        return pd.DataFrame(made)
    dates = pd.to_datetime(pd.Series(days)).astype("datetime64[s]")
    undated = pd.Timestamp("1677-10-01").as_unit("s")  # before any date, so that it holds from the beginning
    known = rows.assign(valid_from=rows["valid_from"].astype("datetime64[s]").fillna(undated))
    grid = pd.MultiIndex.from_product([dates, sorted(known["code"].unique())], names=["as_of", "code"]).to_frame(
        index=False
    )
    grid["code"] = grid["code"].astype(known["code"].dtype)
    # Of rows of one code and day the last counts: they were recorded later.
    known = known.assign(place=range(len(known)))
    held = pd.merge_asof(
        grid, known[["code", "valid_from", "place"]], left_on="as_of", right_on="valid_from", by="code"
    )
    held = held[held["place"].notna()]
    picked = known[fields].iloc[held["place"].astype("int64")].reset_index(drop=True)
    return pd.concat([held[["as_of", "code"]].reset_index(drop=True), picked], axis=1)


def _shipped_changes(epoch: Epoch) -> pd.DataFrame:
    changes = crosswalk().rename(columns={"source": "basis"})
    return changes if epoch.first_day is not None else changes.iloc[:0]
