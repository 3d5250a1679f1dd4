"""A source in, rows out: those that can be used, and the rest in quarantine with the reason. Nothing is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.intake.columns import Columns, read_columns
from ntmgis.intake.crs import seats
from ntmgis.intake.crs_use import CrsUse, in_order, settle_columns, settle_layer
from ntmgis.intake.files import digest
from ntmgis.intake.identify import UNIT_FIELDS, district_names, identify_units
from ntmgis.intake.keys import duplicates
from ntmgis.intake.ledger import Ledger, no_quarantine
from ntmgis.intake.rasters import read_raster
from ntmgis.intake.raw import RawTable
from ntmgis.intake.read import read_raw
from ntmgis.intake.rules import check_status, dated, required_cells, shared_addresses
from ntmgis.intake.schemas import contract_faults
from ntmgis.intake.shapes import TOLERANCE_M, check_shapes, outside, point_shapes, surroundings
from ntmgis.programme.tables import TableSpec, table, tables
from ntmgis.units.aliases import Aliases
from ntmgis.units.epochs import Epoch
from ntmgis.units.reference import reference_units
from ntmgis.units.report import MatchReport
from ntmgis.workspace import Source, nearest

__all__ = ["Intake", "check_file", "read_source"]

_DATED = frozenset({"commune_status", "village_status", "district_status"})


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What came of one source. rows_in = rows of `frame` + distinct rows in `quarantine`, always.

    frame       accepted rows: the fields of the table (typed; missing where the file says nothing), geometry in
                EPSG:4326 (a GeoDataFrame) for tables that have one, and `row`, the row number in the file.
                `code` of unit and commune_status and `commune_code` of village are those of the reference list.
                A commune_status row may have no tier (criteria only, or an urban unit left blank). address_point has
                lon and lat in place of geometry. terrain and population: one row with `path`.
    quarantine  one record per problem (a row may have several): file, layer, sheet, row, column, value, code, rule,
                action, original (JSON text of the row as read, without geometry and without personal columns)
    match       who is who, for unit, village and commune_status
    problems    what the user should know about the file as a whole; all of them warnings
    aside       numbers of the rows of a sheet that are no data rows, by what they were taken for: title, header, group,
                total, note
    sha256      of the file, see `files.digest`
    crs         in which coordinate system positions were read and how we know it; None for a table without them
    """

    source: Source
    rows_in: int
    frame: pd.DataFrame
    quarantine: pd.DataFrame
    match: MatchReport | None = None
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    aside: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    crs: CrsUse | None = None

    @property
    def quarantined(self) -> int:
        """The number of rows not accepted."""
        return int(self.quarantine["row"].nunique())


def read_source(
    source: Source,
    *,
    units: pd.DataFrame,
    epoch: Epoch,
    aliases: Aliases | None = None,
    province: BaseGeometry | None = None,
    around: BaseGeometry | None = None,
    reference: gpd.GeoDataFrame | None = None,
) -> Intake:
    """Read, decode, reproject, check and match one source.

    `units` is the reference list of `epoch` and `aliases` as for `ntmgis.units.match.match`. `province` (EPSG:4326):
    works, villages and addresses more than 2 km outside go to quarantine; background layers and boundaries never do.
    `around`: its `shapes.surroundings`, for a caller that reads many sources (None: made here).
    `reference` (code, geometry in EPSG:4326): boundaries already accepted for this epoch, by which the coordinate
    system of a file that does not state it is guessed; without them the points in `units` serve as far as they reach.
    InputError, with every fault at once, when the file as a whole cannot be used.
    """
    spec = table(source.table)
    if spec.geometry == "raster":
        path = read_raster(source)
        frame = pd.DataFrame({"path": [str(path)], "row": [1]})
        return Intake(source, 1, frame, no_quarantine(), sha256=digest(path))
    raw = read_raw(source, spec, districts=district_names(units))
    columns = read_columns(raw, source, spec)
    account = _Acceptance(source, spec, raw, columns)
    return account.run(units=units, epoch=epoch, aliases=aliases, province=province, around=around, reference=reference)


def check_file(
    path: str | Path,
    table_id: str,
    *,
    epoch: Epoch,
    units: pd.DataFrame | None = None,
    as_of: date | None = None,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
) -> Intake:
    """The intake of one file outside any workspace, as a table of the data contract.

    `units` None: the shipped reference list of `epoch`. A status table without dates is read as of today's question:
    its rows are dated by `as_of`, or by the last day of the epoch when that is not given either.
    """
    if table_id not in tables():
        near = nearest(table_id, tables())
        raise UsageError(
            problem("E-CONFIG-VALUE", column="table", value=table_id, allowed=", ".join(tables()), nearest=near)
        )
    file = Path(path).absolute()
    source = Source(
        id=file.name.split(".")[0],
        table=table_id,
        path=file,
        as_of=as_of or epoch.last_day or epoch.first_day,
        layer=layer,
        crs=crs,
        encoding=encoding,
    )
    return read_source(source, units=reference_units(epoch) if units is None else units, epoch=epoch)


@dataclass(slots=True, eq=False)
class _Acceptance:
    """The account of one table while it is being checked."""

    source: Source
    spec: TableSpec
    raw: RawTable
    columns: Columns
    ledger: Ledger = field(init=False)
    values: dict[str, "pd.Series[Any]"] = field(init=False)
    warnings: list[Problem] = field(init=False)
    shapes: "npt.NDArray[np.object_] | None" = None
    crs: CrsUse | None = None

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.raw, self.columns.found)
        self.values = dict(self.columns.typed)
        self.warnings = [*self.raw.warnings, *self.columns.warnings]
        for name, position, fault in self.columns.faults:
            self.ledger.fault(position, fault.code, field=name, **fault.words)

    def warn(self, code: str, **words: Any) -> None:
        self.warnings.append(self.raw.place.problem(code, severity="warning", **words))

    def run(
        self,
        *,
        units: pd.DataFrame,
        epoch: Epoch,
        aliases: Aliases | None,
        province: BaseGeometry | None,
        around: BaseGeometry | None = None,
        reference: gpd.GeoDataFrame | None = None,
    ) -> Intake:
        self._cells()
        if self.spec.geometry != "none" and self.raw.geometry is not None:
            self._settle_crs(units, epoch, aliases, province, reference)
        self._geometry(province, around)
        report = self._units(units, epoch, aliases)
        if self.spec.id == "commune_status":
            self.values["tier"] = check_status(self.values, units, self.ledger)
        if self.spec.id in _DATED:
            self.warnings += dated(self.values["as_of"], epoch, self.raw.place)
        self._keys()
        accepted = self.ledger.accepted
        frame = self._frame(accepted)
        if self.spec.personal:
            self.warnings += shared_addresses(frame, self.raw.place)
        if len(accepted) and not accepted.any():
            self.warn("W-NONE-ACCEPTED", count=len(accepted), reason=self.ledger.commonest())
        return Intake(
            source=self.source,
            rows_in=len(self.raw.cells),
            frame=frame,
            quarantine=self.ledger.quarantine(self.columns.keep),
            match=report,
            problems=tuple(self.warnings),
            sha256=digest(self.source.path),
            aside=self.raw.aside,
            crs=self.crs,
        )

    def _cells(self) -> None:
        for position, broken in self.raw.broken.items():
            if broken.code == "E-ROW-CELLS" and self.raw.geometry is None:  # else told with the geometry
                self.ledger.add(position, broken)
        if self.spec.key == ("id",):
            self._make_ids()
        required_cells(self.spec, self.values, self.ledger)

    def _make_ids(self) -> None:
        """Rows without id get "<source>-<row>" where the file has no id column, or the table does not ask for one."""
        if "id" in self.columns.found and self.spec.field("id").required:
            return
        ids = self.values["id"]
        blank = ids.isna()
        if blank.any():
            made = [f"{self.source.id}-{row}" for row in ids.index[blank]]
            self.values["id"] = ids.mask(blank, pd.Series(made, index=ids.index[blank], dtype=ids.dtype))
            self.warn("W-ID-MADE", count=int(blank.sum()), example=made[0])

    def _geometry(self, province: BaseGeometry | None, around: BaseGeometry | None) -> None:
        if self.spec.geometry == "none":
            return
        if self.raw.geometry is not None:
            self._file_geometry()
        else:
            self._coordinates()
        if province is not None and not self.spec.base and self.spec.id != "unit":
            located = (
                (self.values["lon"].to_numpy(), self.values["lat"].to_numpy()) if self.spec.personal else self.shapes
            )
            assert located is not None
            wide = surroundings(province) if around is None else around
            for position in np.flatnonzero(outside(located, wide)).tolist():
                where = (
                    None if self.shapes is None or self.spec.personal else self.shapes[position].representative_point()
                )
                value = None if where is None else f"{where.x:.5f}, {where.y:.5f}"
                self.ledger.fault(position, "E-GEOM-OUTSIDE", value=value, km=f"{TOLERANCE_M / 1000:g}")

    def _settle_crs(
        self,
        units: pd.DataFrame,
        epoch: Epoch,
        aliases: Aliases | None,
        province: BaseGeometry | None,
        reference: gpd.GeoDataFrame | None,
    ) -> None:
        """Find out where the shapes lie; from here on `raw` says it itself."""
        fields = UNIT_FIELDS.get(self.spec.id)

        def codes() -> list[str | None] | None:
            given = self._unit_columns()
            if fields is None or not given:
                return None
            scratch = Ledger(self.raw, self.columns.found)
            rows = np.ones(len(self.raw.cells), dtype=bool)
            found, _ = identify_units(
                given, fields, ledger=scratch, rows=rows, units=units, epoch=epoch, aliases=aliases
            )
            return list(found)

        if reference is None and (fields is not None or province is None):
            reference = seats(units)
        if reference is None and province is not None:
            reference = gpd.GeoDataFrame({"code": [None]}, geometry=[province], crs=4326)
        self.crs, notes = settle_layer(
            self.raw, stated=self.source.crs, reference=reference, codes=codes, units=self.spec.id == "unit"
        )
        self.raw = in_order(self.raw, self.crs)
        self.warnings += notes

    def _unit_columns(self) -> "dict[str, pd.Series[Any]]":
        """The columns that may say which commune a row is in; of a village without any, the code of the village."""
        given = {name: self.values[name] for name in self.columns.given}
        fields = UNIT_FIELDS.get(self.spec.id)
        if self.spec.id == "village" and fields is not None and not {fields.code, fields.name} & set(given):
            given[fields.code] = self.values["code"].str.extract(r"^([0-9]{5})(?![0-9])", expand=False)
        return given

    def _file_geometry(self) -> None:
        checked = check_shapes(self.raw, self.spec, crs=None)
        self.warnings += checked.warnings
        self.shapes = checked.shapes
        for position, fault in checked.faults:
            if not (self.spec.personal and fault.code == "E-GEOM-MISSING"):  # an address may be not located yet
                self.ledger.add(position, fault)
        for repair in checked.repairs:
            share = abs(repair.after - repair.before) / max(abs(repair.before), abs(repair.after))
            row = int(self.raw.cells.index[repair.position])
            self.warn("W-GEOM-REPAIRED", row=row, change=f"{share:.2%}".replace(".", ","))
        if self.spec.personal:
            self.values["lon"] = pd.Series(shapely.get_x(self.shapes), index=self.raw.cells.index)
            self.values["lat"] = pd.Series(shapely.get_y(self.shapes), index=self.raw.cells.index)

    def _coordinates(self) -> None:
        """Points from the columns lon and lat."""
        lon, lat = self.values["lon"], self.values["lat"]
        faulty = {position for name, position, _ in self.columns.faults if name in {"lon", "lat"}}
        blank_lon, blank_lat = lon.isna().to_numpy(), lat.isna().to_numpy()
        for position in np.flatnonzero(blank_lon != blank_lat):
            if int(position) not in faulty:
                missing = "lon" if blank_lon[position] else "lat"
                self.ledger.fault(int(position), "E-COORD-HALF", field=missing)
        if self.crs is None:
            self.crs = settle_columns(self.source.crs)
            if self.crs.how == "workspace":
                turned = self.crs.used.degrees(np.column_stack([lon.to_numpy(float), lat.to_numpy(float)]))
                turned[~np.isfinite(turned)] = np.nan
                lon = pd.Series(turned[:, 0], index=lon.index).astype(lon.dtype)
                lat = pd.Series(turned[:, 1], index=lat.index).astype(lat.dtype)
                self.values |= {"lon": lon, "lat": lat}
        if self.spec.personal:
            return
        self.shapes = point_shapes(lon.to_numpy(), lat.to_numpy())
        for position in np.flatnonzero(blank_lon & blank_lat):
            if int(position) not in faulty:
                self.ledger.fault(int(position), "E-GEOM-MISSING")

    def _units(self, units: pd.DataFrame, epoch: Epoch, aliases: Aliases | None) -> MatchReport | None:
        fields = UNIT_FIELDS.get(self.spec.id)
        if fields is None:
            return None
        given = self._unit_columns()
        if self.spec.id == "village" and not {fields.code, fields.name} & set(self.columns.given):
            self.warn("W-UNIT-FROM-CODE")
        rows = np.ones(len(self.raw.cells), dtype=bool)
        if fields.unique:  # a boundary that is there twice, letter for letter and point for point, is one boundary
            for position, first in self._copies().items():
                self.ledger.fault(position, "E-KEY-COPY", rows=int(self.raw.cells.index[first]))
                rows[position] = False
        codes, report = identify_units(
            given, fields, ledger=self.ledger, rows=rows, units=units, epoch=epoch, aliases=aliases
        )
        self.values[fields.code] = codes.astype(self.values[fields.code].dtype)
        for hint in report.hints:
            self.warn("W-MATCH-HINT", hint=hint)
        counts = report.counts()
        if self.spec.id == "unit" and counts["matched"] and counts["unmatched"] >= counts["rows"] / 20:
            self.warn("W-UNITS-FOREIGN", count=counts["unmatched"], epoch=epoch.title_vi)
        return report

    def _copies(self) -> dict[int, int]:
        shapes = self.raw.geometry
        assert shapes is not None
        first: dict[tuple[object, ...], int] = {}
        found = {}
        known = ~shapely.is_missing(shapes)
        wkb = shapely.to_wkb(shapes)
        columns = [self.values[name].to_numpy(dtype=object) for name in self.columns.given]
        for position in np.flatnonzero(known):
            said = tuple(str(column[position]) for column in columns)
            at = first.setdefault((*said, wkb[position]), int(position))
            if at != position:
                found[int(position)] = at
        return found

    def _keys(self) -> None:
        names = [*self.spec.key, "as_of"] if self.spec.id in _DATED else list(self.spec.key)
        if self.spec.id == "unit":
            return  # settled by the matching
        keys = pd.DataFrame({name: self.values[name] for name in names})
        if not keys.duplicated().any():
            return
        content = [self.values[one.name].to_numpy(dtype=object) for one in self.spec.fields]
        if self.shapes is not None and self.raw.geometry is not None:
            content.append(np.asarray(shapely.to_wkb(self.shapes), dtype=object))
        elif self.shapes is not None:
            content += [self.values["lon"].to_numpy(dtype=object), self.values["lat"].to_numpy(dtype=object)]
        index = self.raw.cells.index
        for position, (code, others) in duplicates(keys, content).items():
            shown = ", ".join(str(index[other]) for other in others[:10])
            value = " · ".join(str(key) for key in keys.iloc[position].astype(str))
            self.ledger.fault(position, code, field=self.spec.key[0], value=value, rows=shown)

    def _frame(self, accepted: "npt.NDArray[np.bool_]") -> pd.DataFrame:
        frame = pd.DataFrame({one.name: self.values[one.name] for one in self.spec.fields})
        frame["row"] = self.raw.cells.index.to_numpy(dtype="int64")
        frame = frame[accepted].reset_index(drop=True)
        faults = contract_faults(frame, self.spec.id)
        if faults:
            words = {"table": self.spec.id, "reason": "; ".join(faults[:5])}
            raise InputError(self.raw.place.problem("E-INTAKE-BUG", **words))
        if self.shapes is None or self.spec.personal:
            return frame
        located: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(self.shapes[accepted], crs=4326))
        return located
