"""Looking without writing: check a workspace or a single file, or match a table to units."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntmgis.check_geometry import Geometry, check_geometry
from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.programme.tables import tables
from ntmgis.store.geopackage import Store
from ntmgis.store.take import units_on
from ntmgis.take_in import SourceRows, quarantine_problems, take_in
from ntmgis.units.aliases import load_aliases
from ntmgis.units.epochs import Epoch, epoch_on
from ntmgis.units.reference import reference_units
from ntmgis.workspace import CONFIG_NAME, Province, Source, Workspace, load_workspace, nearest

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.intake.findings import Finding
    from ntmgis.intake.raw import RawTable
    from ntmgis.intake.repair import Repaired
    from ntmgis.take_in import TakenIn
    from ntmgis.units.report import MatchReport

__all__ = ["CheckResult", "check_file", "check_workspace", "match_file", "units_of"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of every row, every problem found, every geometric finding, and the reports that were written."""

    rows: tuple[SourceRows, ...]
    problems: tuple[Problem, ...]
    findings: "tuple[Finding, ...]" = ()
    files: tuple[Path, ...] = ()
    repair: "Repaired | None" = None
    repair_lines: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """True when no problem is an error."""
        return not any(one.severity == "error" for one in self.problems)

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis check --json`."""
        return {
            "rows": {row.id: row.as_dict() for row in self.rows},
            "problems": [one.as_dict() for one in self.problems],
            "findings": [one.as_dict() for one in self.findings],
            "files": [str(path) for path in self.files],
            **({} if self.repair is None else {"repair": self.repair.as_dict()}),
        }


def check_workspace(
    folder: str | Path, *, progress: Callable[[str, int, int], None] = lambda _title, _done, _total: None
) -> CheckResult:
    """Every source of the workspace, taken in to a store that is thrown away; its boundaries checked as coverages."""
    return _checked(load_workspace(folder), progress)


def check_file(  # noqa: PLR0913 - one argument for each option
    path: Path,
    table: str | None,
    *,
    epoch: date | None = None,
    workspace: str | Path = ".",
    xlsx: Path | None = None,
    picture: Path | None = None,
    repair: Path | None = None,
    tolerance_m: float | None = None,
    reading: Mapping[str, object] | None = None,
) -> CheckResult:
    """One file against one table. The boundaries come from `workspace` when there is one.

    A source of the workspace is read as `ntmgis.toml` says. `epoch` is a day inside the boundary epoch of the unit
    codes (None: today's epoch, or the source's own). `reading` says how to read the file, as a source of ntmgis.toml
    does: crs, encoding, layer, fields (our field → column). `xlsx`: the file's own table
    with the wrong cells coloured; `picture` (PNG or PDF): a map of the geometric findings, made when the table has
    geometry. `repair`: a new GeoPackage with what could safely be repaired, no edge moved by more than `tolerance_m`
    (None: 2 m); boundaries are also cleaned of slivers. UsageError when `table` is not one of the data contract, or a
    report would overwrite the file.
    """
    if table not in tables():
        known = ", ".join(tables())
        near = nearest(table or "", tables())
        raise UsageError(problem("E-CONFIG-VALUE", column="--as", value=table, allowed=known, nearest=near))
    for out in (xlsx, picture, repair):
        if out is not None and out.absolute() == path.absolute():
            raise UsageError(problem("E-OUT-INPUT", file=out.name))
    if picture is not None and picture.suffix.lower() not in {".png", ".pdf"}:
        value = picture.name
        raise UsageError(problem("E-CONFIG-VALUE", column="--map", value=value, allowed=".png, .pdf", nearest=".png"))
    folder = Path(workspace)
    home = load_workspace(folder) if (folder / CONFIG_NAME).is_file() else None
    source = replace(_source(path.absolute(), table or "", epoch, home), **_stated(reading or {}, table or ""))
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        taken = _taken_one(source, home, Store(Path(scratch) / "store.gpkg"))
        # reading the file again is for its shapes and for the report; a long table is spared it
        spec = tables()[source.table]
        wanted = xlsx is not None or (spec.geometry not in {"none", "raster"} and not spec.personal)
        raw, cells = _raw(source) if wanted else (None, None)
        geometry = check_geometry(taken, source, raw)
        files = _reports(path.name, taken, cells, geometry, xlsx=xlsx, picture=picture)
        made, lines = _repair(source, raw, geometry, repair, tolerance_m)
        if made is not None and repair is not None:
            files += (repair,)
        return CheckResult(
            tuple(row for row in taken.rows if row.id == source.id),
            (*_own_problems(taken, source), *_told(geometry, path.name)),
            () if geometry is None else geometry.findings,
            files,
            made,
            lines,
        )


def _source(path: Path, table: str, epoch: date | None, home: Workspace | None) -> Source:
    """The file as a source: as the workspace reads it (columns, CRS, encoding) when it is one of its own."""
    day = epoch or _today()
    for own in () if home is None else home.sources:
        if own.path == path and own.table == table:
            return replace(own, id="tep", epoch=epoch or own.epoch, as_of=own.as_of or day)
    return Source(id="tep", table=table, path=path, epoch=day, as_of=day)


def _stated(reading: Mapping[str, object], table: str) -> dict[str, Any]:
    """What the caller states of the reading; UsageError when it names fields that the table does not have."""
    stated = {name: value for name, value in reading.items() if value}
    fields = stated.get("fields", {})
    known = [field.name for field in tables()[table].fields]
    assert isinstance(fields, Mapping)
    faults = [
        problem("E-CONFIG-VALUE", column="--field", value=name, allowed=", ".join(known), nearest=nearest(name, known))
        for name in fields
        if name not in known
    ]
    if faults:
        raise UsageError(faults)
    return stated


def _taken_one(source: Source, home: Workspace | None, store: Store) -> "TakenIn":
    # Boundaries too are matched to the workspace's own list of units; other boundaries show whether their coordinate
    # system is what it says.
    wanted = () if source.table == "unit_list" else ("unit_list", "unit")
    others = () if home is None else home.sources
    around = tuple(one for one in others if one.table in wanted and one.path != source.path)
    base = home or Workspace(source.path.parent, Province("", ""), source.as_of or _today(), "EPSG:9216", ())
    if source.table == "unit":
        base = replace(base, sample=False)  # the file to check is somebody's own, whatever the workspace around it
    return take_in(replace(base, sources=(*around, source)), store=store)


def _problems(taken: "TakenIn") -> tuple[Problem, ...]:
    return (*taken.problems, *quarantine_problems(taken))


def _own_problems(taken: "TakenIn", source: Source) -> tuple[Problem, ...]:
    """The problems of the file itself; sources around it that have errors are named in one warning."""
    around = {one.path.name: one.id for one in taken.workspace.sources if one.id != source.id}
    around.pop(source.path.name, None)
    told = _problems(taken)
    others = [one for one in told if one.file is not None and Path(one.file).name in around]
    broken = {around[Path(one.file or "").name] for one in others if one.severity == "error"}
    own = tuple(one for one in told if one not in others)
    if not broken:
        return own
    return (*own, problem("W-CHECK-AROUND", severity="warning", sources=", ".join(sorted(broken))))


def _told(geometry: Geometry | None, file: str) -> tuple[Problem, ...]:
    """The findings in one warning per kind; what the intake says of single rows (repaired, empty) is not repeated."""
    if geometry is None:
        return ()
    from ntmgis.intake.findings import summary_problems

    return summary_problems([one for one in geometry.findings if one.kind != "empty"], file=file)


def _raw(source: Source) -> "tuple[RawTable | None, pd.DataFrame | None]":
    """The file as read, and its cells without personal columns; None where it cannot be read."""
    from ntmgis.intake.headers import personal_columns
    from ntmgis.intake.read import read_raw

    spec = tables()[source.table]
    if spec.geometry == "raster":
        return None, None
    try:
        raw = read_raw(source, spec)
    except InputError:
        return None, None  # the problems of the taking in say why
    hidden = set(personal_columns(raw.cells.columns, households=spec.personal))
    return raw, raw.cells[[name for name in raw.cells.columns if name not in hidden]]


def _reports(
    file: str,
    taken: "TakenIn",
    cells: "pd.DataFrame | None",
    geometry: Geometry | None,
    *,
    xlsx: Path | None,
    picture: Path | None,
) -> tuple[Path, ...]:
    files = []
    findings = () if geometry is None else geometry.findings
    if xlsx is not None:
        from ntmgis.show.tables.check_report import write_check_workbook

        told = (*_problems(taken), *_told(geometry, file))
        own = [one for one in told if one.file in {file, None}]
        files.append(write_check_workbook(xlsx, file=file, cells=cells, problems=own, findings=findings))
    if picture is not None and geometry is not None:
        from ntmgis.show.problem_map import write_problem_map

        title = f"{file}: {len(findings)} vấn đề hình học" if findings else f"{file}: không có vấn đề hình học"
        made = write_problem_map(
            picture, geometry.shapes, findings, metric_crs=geometry.metric_crs, title=title, subtitle=_MAP_NOTE
        )
        files.append(made)
    return tuple(files)


def _repair(
    source: Source,
    raw: "RawTable | None",
    geometry: Geometry | None,
    out: Path | None,
    tolerance_m: float | None,
) -> "tuple[Repaired | None, tuple[str, ...]]":
    """What was repaired, and its account in words; nothing when it was not asked for or nothing could be read."""
    if out is None or raw is None or geometry is None:
        return None, ()
    from ntmgis.intake.crs_use import CrsUse, in_order
    from ntmgis.intake.repair import REPAIR_M, write_repaired

    used = geometry.used
    made = write_repaired(
        raw if used is None else in_order(raw, CrsUse(used, "file")),
        source.path,
        out,
        crs=source.crs if used is None else None,
        swapped=used is not None and used.swapped,
        metric_crs=geometry.metric_crs,
        coverage=source.table == "unit",
        tolerance_m=REPAIR_M if tolerance_m is None else tolerance_m,
    )
    labels = dict(zip(geometry.shapes["row"], geometry.shapes["label"], strict=True))
    return made, made.lines(labels)


_MAP_NOTE = "Kết quả kiểm tra của ntmgis. Số trên bản đồ theo danh sách bên phải; lớn nhất trước trong mỗi loại."


def _checked(workspace: Workspace, progress: Callable[[str, int, int], None]) -> CheckResult:
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        taken = take_in(workspace, progress=progress, store=Store(Path(scratch) / "store.gpkg"))
        found: list[Finding] = []
        told: list[Problem] = []
        for source in workspace.sources:
            if source.table == "unit" and source.id not in taken.failed:
                geometry = check_geometry(taken, source, _raw(source)[0])
                found += () if geometry is None else geometry.findings
                told += _told(geometry, source.path.name)
        return CheckResult(taken.rows, (*_problems(taken), *told), tuple(found))


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the user's own calendar day


def units_of(home: Workspace | None, epoch: Epoch) -> "pd.DataFrame":
    """The list of units of an epoch: the workspace's own `unit_list` when it has one, else the shipped one."""
    own = () if home is None else tuple(one for one in home.sources if one.table == "unit_list")
    if home is None or not own:
        return reference_units(epoch)
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        store = Store(Path(scratch) / "store.gpkg")
        take_in(replace(home, sources=own), store=store)
        return units_on(store, home, epoch)


def match_file(
    path: Path,
    *,
    epoch: date,
    name: str | None = None,
    parent: str | None = None,
    code: str | None = None,
    workspace: str | Path = ".",
) -> "MatchReport":
    """Each row of a table matched to the communes of the epoch that holds the day `epoch`.

    Columns not named are found by their headers. InputError when the file cannot be read or has neither names
    nor codes; UsageError for a wrong alias file.
    """
    from ntmgis.intake.matching import match_table

    folder = Path(workspace)
    home = load_workspace(folder) if (folder / CONFIG_NAME).is_file() else None
    file = None if home is None else home.aliases
    # A declared file that is not there yet is made by the first accepted proposal.
    aliases = load_aliases(file if file is not None and file.is_file() else None)
    at = epoch_on(epoch)
    return match_table(path, units=units_of(home, at), epoch=at, name=name, parent=parent, code=code, aliases=aliases)
