"""The main job: a workspace in, everything in `maps/` out; and the same steps one by one for scripts."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ntmgis.errors import InputError, Problem, problem
from ntmgis.manifest import data_set, digest, file_digest, fingerprint, read_manifest, write_manifest
from ntmgis.programme.tables import table
from ntmgis.show.product import Product
from ntmgis.units.epochs import epoch_on
from ntmgis.workspace import Source, Workspace, load_workspace

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from ntmgis.intake.accept import Intake
    from ntmgis.measure.facts import Facts
    from ntmgis.store.geopackage import Import, Store
    from ntmgis.store.snapshot import Snapshot
    from ntmgis.units.aliases import Alias

__all__ = [
    "BuildResult",
    "Progress",
    "SourceRows",
    "TakenIn",
    "build",
    "open_snapshot",
    "quarantine_problems",
    "take_in",
]

# Called before each step with its title and how many of all steps are done.
Progress = Callable[[str, int, int], None]

MAPS = "maps"
STORE = Path("store") / "ntmgis.gpkg"
# Lists of units come first, then the boundaries that everything else is checked against.
_FIRST = ("unit_list", "unit", "village")
_HOWS = ("code", "exact_name", "folded_name", "alias")


@dataclass(frozen=True, slots=True)
class SourceRows:
    """What became of the rows of one source. Rows in = accepted + quarantined, always."""

    id: str
    table: str
    file: str
    rows_in: int
    accepted: int
    quarantined: int
    matched: Mapping[str, int]
    failed: bool = False

    def as_dict(self) -> dict[str, object]:
        """For JSON: in, accepted, quarantined, matched by each way."""
        return {
            "table": self.table,
            "file": self.file,
            "in": self.rows_in,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "matched": dict(self.matched),
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True)
class TakenIn:
    """All sources of a workspace after intake: what the store holds of them and what could not be used."""

    workspace: Workspace
    store: "Store"
    imports: "tuple[Import, ...]"
    rows: tuple[SourceRows, ...]
    rasters: Mapping[str, Path]
    failed: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made. `unchanged` says that the products of the last build still hold and no work was done."""

    products: tuple[Product, ...]
    tiers: Mapping[str, int]
    rows: tuple[SourceRows, ...]
    problems: tuple[Problem, ...]
    as_of: date
    unchanged: bool = False

    @property
    def sound(self) -> bool:
        """True when no row was quarantined and no source failed."""
        return not any(one.severity == "error" for one in self.problems)

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis build --json`."""
        return {
            "as_of": self.as_of.isoformat(),
            "unchanged": self.unchanged,
            "products": [product.as_dict() for product in self.products],
            "tiers": dict(self.tiers),
            "rows": {row.id: row.as_dict() for row in self.rows},
            "problems": [one.as_dict() for one in self.problems],
        }


def _silent(_title: str, _done: int, _total: int) -> None:
    return


def take_in(workspace: Workspace, *, progress: Progress = _silent, store: "Store | None" = None) -> TakenIn:
    """Read, check, match and store every source; a source whose file is as it was is not read again.

    `store` (None: the workspace's own) is where accepted rows go.

    A source that cannot be used is named among the problems; what was accepted from it earlier stays.
    """
    from ntmgis.store.geopackage import Store  # noqa: PLC0415 - geopandas loads only when there is work
    from ntmgis.units.aliases import load_aliases  # noqa: PLC0415

    store = store or Store(workspace.root / STORE)
    aliases = load_aliases(workspace.aliases)
    order = sorted(workspace.sources, key=lambda s: _FIRST.index(s.table) if s.table in _FIRST else len(_FIRST))
    taking = _Taking(workspace, store, aliases)
    for done, source in enumerate(order):
        progress(f"Đọc {source.path.name}", done, len(order))
        taking.take(source)
    by_id = {row.id: row for row in taking.rows}
    return TakenIn(
        workspace=workspace,
        store=store,
        imports=tuple(taking.imports),
        rows=tuple(by_id[source.id] for source in workspace.sources),
        rasters=taking.rasters,
        failed=tuple(taking.failed),
        problems=tuple(taking.problems),
    )


class _Taking:
    """Intake of one workspace's sources, one after the other; gathers what became of each."""

    def __init__(self, workspace: Workspace, store: "Store", aliases: "tuple[Alias, ...]") -> None:
        self.workspace = workspace
        self.store = store
        self.aliases = aliases
        self.imports: list[Import] = []
        self.rows: list[SourceRows] = []
        self.rasters: dict[str, Path] = {}
        self.failed: list[str] = []
        self.problems: list[Problem] = []
        self._province: tuple[str, BaseGeometry | None] | None = None

    def take(self, source: Source) -> None:
        try:
            if table(source.table).geometry == "raster":
                self._raster(source)
            else:
                self._file(source)
        except InputError as error:
            self.problems += error.problems
            self.failed.append(source.id)
            kept = self.store.latest(source.id)
            if kept is not None:
                self.imports.append(kept)
            self.rows.append(SourceRows(source.id, source.table, source.path.name, 0, 0, 0, {}, failed=True))

    def _raster(self, source: Source) -> None:
        from ntmgis.intake.raster import read_raster  # noqa: PLC0415

        self.rasters[source.table] = read_raster(source)
        self.rows.append(SourceRows(source.id, source.table, source.path.name, 1, 1, 0, {}))

    def _file(self, source: Source) -> None:
        workspace = self.workspace
        epoch = epoch_on(source.epoch or source.as_of or workspace.as_of)
        key = self._key(source, epoch.id)
        made = self.store.latest(source.id)
        if made is None or made.key != key:
            intake = self._read(source)
            made = _keep(self.store, intake, epoch=epoch.id, key=key)
        self.imports.append(made)
        self.problems += [Problem(**one) for one in made.problems]  # type: ignore[arg-type]
        matched = {how: made.matched.get(how, 0) for how in _HOWS}
        self.rows.append(
            SourceRows(source.id, source.table, made.file, made.rows_in, made.accepted, made.quarantined, matched)
        )

    def _read(self, source: Source) -> "Intake":
        from ntmgis.intake.accept import read_source  # noqa: PLC0415
        from ntmgis.store.take import units_on  # noqa: PLC0415

        epoch = epoch_on(source.epoch or source.as_of or self.workspace.as_of)
        units = units_on(self.store, self.workspace, epoch)
        _, province = self._outline()
        dated = source if source.as_of or source.table not in _DATED else _with_date(source, self.workspace.as_of)
        return read_source(dated, units=units, epoch=epoch, aliases=self.aliases, province=province)

    def _key(self, source: Source, epoch: str) -> str:
        """What the accepted rows depend on: the file, how it is read, the aliases, the boundaries checked against."""
        parts = data_set(source.path)
        if not parts:
            raise InputError(problem("E-FILE-MISSING", file=source.path))
        named = {k: str(v) for k, v in asdict(source).items() if k not in {"path", "title", "origin", "licence"}}
        aliases = self.workspace.aliases
        return digest(
            [
                *map(file_digest, parts),
                str(sorted(named.items())),
                epoch,
                file_digest(aliases) if aliases is not None and aliases.is_file() else "",
                "" if source.table in _FIRST[:2] else self._outline()[0],
                _rules_digest(),
            ]
        )

    def _outline(self) -> "tuple[str, BaseGeometry | None]":
        """The province as a digest and a polygon, from the boundaries taken in so far (EPSG:4326)."""
        boundaries = [made for made in self.imports if made.table_id == "unit" and made.accepted]
        key = digest(sorted(made.key for made in boundaries))
        if self._province is None or self._province[0] != key:
            from ntmgis.store.take import outline  # noqa: PLC0415

            rows = [self.store.rows("unit", [made]) for made in boundaries]
            shapes = [outline(part.geometry) for part in rows]
            self._province = (key, _union(shapes))
        return self._province


# Tables whose rows need a date: without one of their own they hold from the workspace's date.
_DATED = frozenset({"commune_status", "village_status", "district_status"})


def _with_date(source: Source, day: date) -> Source:
    from dataclasses import replace  # noqa: PLC0415

    return replace(source, as_of=day)


def _union(shapes: "list[BaseGeometry]") -> "BaseGeometry | None":
    from shapely import union_all  # noqa: PLC0415

    return union_all(shapes) if shapes else None


def _rules_digest() -> str:
    """Changes with the code that reads and checks, so that a new version reads the files again."""
    package = Path(__file__).parent
    rooms = ("intake", "units", "programme")
    files = sorted(p for room in rooms for p in (package / room).rglob("*") if p.suffix in {".py", ".toml", ".csv"})
    return digest(f"{p.relative_to(package)}:{file_digest(p)}" for p in files)


def _keep(store: "Store", intake: "Intake", *, epoch: str, key: str) -> "Import":
    import pandas as pd  # noqa: PLC0415

    source = intake.source
    matched: dict[str, int] = {}
    matches = pd.DataFrame()
    if intake.match is not None:
        matched = intake.match.counts()
        matches = intake.match.rows
    return store.add(
        intake.frame,
        source_id=source.id,
        table_id=source.table,
        epoch=epoch,
        as_of=source.as_of,
        key=key,
        file=source.path.name,
        sha256=intake.sha256,
        rows_in=intake.rows_in,
        quarantine=intake.quarantine,
        matches=matches,
        matched=matched,
        problems=[one.as_dict() for one in intake.problems],
    )


def open_snapshot(folder: str | Path, as_of: date | None = None) -> "tuple[Snapshot, Facts]":
    """What the workspace `folder` knows on `as_of` (None: its own date), and all measures of it.

    Files that changed since are taken in first. InputError when there are no boundaries for that day.
    """
    workspace = load_workspace(folder)
    return _snapshot(take_in(workspace), as_of or workspace.as_of)


def _snapshot(taken: TakenIn, as_of: date) -> "tuple[Snapshot, Facts]":
    from ntmgis.measure.compute import compute_facts  # noqa: PLC0415
    from ntmgis.programme.plan import load_plan  # noqa: PLC0415
    from ntmgis.store.take import predecessor_tiers, take_snapshot  # noqa: PLC0415

    workspace = taken.workspace
    snapshot = take_snapshot(taken.store, workspace, as_of, rasters=taken.rasters, failed=taken.failed)
    facts = compute_facts(
        snapshot,
        load_plan(workspace.plan),
        limits=asdict(workspace.limits),
        predecessors=predecessor_tiers(taken.store, workspace, snapshot.epoch),
    )
    return snapshot, facts


def build(folder: str | Path, *, progress: Progress = _silent, force: bool = False) -> BuildResult:
    """Make every product of the workspace `folder` in its `maps/`.

    Old products stay until all new ones are whole. When nothing changed since the last build, nothing is done
    (`force` does it again). UsageError for a wrong configuration; InputError when no map can be made at all;
    problems of single rows or sources stand in the result.
    """
    workspace = load_workspace(folder)
    maps = workspace.root / MAPS
    mark = fingerprint(workspace)
    last = read_manifest(maps)
    if not force and last.get("fingerprint") == mark:
        return _from_manifest(last, maps)
    result = _build(workspace, maps, progress, previous=last)
    files = {product.path.name: file_digest(product.path) for product in result.products}
    write_manifest(maps, {"fingerprint": mark, "files": files, "result": result.as_dict()})
    return result


def _from_manifest(manifest: Mapping[str, Any], maps: Path) -> BuildResult:
    told = manifest["result"]
    rows = tuple(
        SourceRows(
            id_,
            row["table"],
            row["file"],
            row["in"],
            row["accepted"],
            row["quarantined"],
            row["matched"],
            failed=row["failed"],
        )
        for id_, row in told["rows"].items()
    )
    return BuildResult(
        products=tuple(Product(**{**one, "path": maps / Path(one["path"]).name}) for one in told["products"]),
        tiers=told["tiers"],
        rows=rows,
        problems=tuple(Problem(**one) for one in told["problems"]),
        as_of=date.fromisoformat(told["as_of"]),
        unchanged=True,
    )


def _build(workspace: Workspace, maps: Path, progress: Progress, *, previous: Mapping[str, Any]) -> BuildResult:
    taken = take_in(workspace, progress=progress)
    unmatched = quarantine_problems(taken)
    try:
        days = _days(taken)
    except InputError as error:
        raise InputError([*taken.problems, *error.problems]) from error
    with _staging(maps) as folder:
        making = _Making(folder, progress, total=len(days) * len(workspace.products) + 3)
        tiers: Mapping[str, int] = {}
        for day in days:
            facts = making.products_of(taken, day)
            tiers = tiers or facts.tiers
        making.reports(taken)
        making.index(taken)
        made = making.made
        for product in made:
            os.replace(product.path, maps / product.path.name)  # noqa: PTH105 - over the old product, in one step
    for name in previous.get("files", {}):
        if name not in {product.path.name for product in made}:
            (maps / name).unlink(missing_ok=True)
    return BuildResult(
        products=tuple(
            Product(one.name, maps / one.path.name, one.kind, one.bytes, one.seconds) for one in reversed_index(made)
        ),
        tiers=tiers,
        rows=taken.rows,
        problems=(*taken.problems, *unmatched),
        as_of=workspace.as_of,
    )


def reversed_index(made: list[Product]) -> list[Product]:
    """The start page first: it is made last, because it shows the others."""
    return [made[-1], *made[:-1]]


def _days(taken: TakenIn) -> list[date]:
    """The dates to show: the workspace's own, then the further ones that have boundaries."""
    workspace = taken.workspace
    epochs = {made.epoch for made in taken.imports if made.table_id == "unit" and made.accepted}
    if epoch_on(workspace.as_of).id not in epochs:
        raise InputError(problem("E-NO-BOUNDARIES", as_of=workspace.as_of.isoformat()))
    return [workspace.as_of, *(day for day in workspace.also if epoch_on(day).id in epochs)]


def quarantine_problems(taken: TakenIn) -> list[Problem]:
    """Every quarantined row as a problem."""
    rows = taken.store.quarantine(taken.imports)
    return [
        Problem(
            code=row.code,
            rule=row.rule,
            action=row.action,
            file=row.file,
            layer=row.layer,
            sheet=row.sheet,
            row=None if row.row is None else int(row.row),
            column=row.column,
            value=row.value,
        )
        for row in rows.astype(object).where(rows.notna(), None).itertuples(index=False)
    ]


@contextmanager
def _staging(maps: Path) -> Iterator[Path]:
    """A folder inside `maps` for unfinished products; gone afterwards, whatever happens."""
    maps.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=maps))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Making:
    """Writes products into a staging folder, timing each."""

    def __init__(self, folder: Path, progress: Progress, *, total: int) -> None:
        self.folder = folder
        self.progress = progress
        self.total = total
        self.made: list[Product] = []
        self.shown: list[tuple[Product, date, bytes | None]] = []
        self.first: Snapshot | None = None

    def _write(
        self, name: str, file: str, write: Callable[[Path], object], day: date, thumbnail: bytes | None = None
    ) -> None:
        self.progress(name, len(self.made), self.total)
        path = self.folder / file
        start = time.perf_counter()
        write(path)
        seconds = round(time.perf_counter() - start, 3)
        product = Product(name, path, path.suffix[1:], path.stat().st_size, seconds)
        self.made.append(product)
        self.shown.append((product, day, thumbnail))

    def products_of(self, taken: TakenIn, day: date) -> "Facts":
        from ntmgis.show.words import day as words_day  # noqa: PLC0415

        self.progress(f"Tính số liệu ngày {words_day(day)}", len(self.made), self.total)
        workspace = taken.workspace
        snapshot, facts = _snapshot(taken, day)
        self.first = self.first or snapshot
        suffix = "" if day == workspace.as_of else f"_{day.isoformat()}"
        picture = _thumbnail(snapshot, facts)
        dated = words_day(day)
        for kind, (name, file, write, has_picture) in _WRITERS.items():
            if kind in workspace.products:
                self._write(
                    f"{name}, {dated}",
                    file.format(suffix),
                    lambda path, write=write: write(snapshot, facts, path, workspace.agency),
                    day,
                    picture if has_picture else None,
                )
        return facts

    def reports(self, taken: TakenIn) -> None:
        from ntmgis.show.tables.intake_report import (  # noqa: PLC0415
            write_match_workbook,
            write_quarantine_workbook,
        )

        day = taken.workspace.as_of
        matches = taken.store.matches(taken.imports)
        if len(matches):
            self._write("Báo cáo đối chiếu", "match.xlsx", lambda path: write_match_workbook(path, matches), day)
        quarantine = taken.store.quarantine(taken.imports)
        if len(quarantine):
            self._write(
                "Dòng bị cách ly", "quarantine.xlsx", lambda path: write_quarantine_workbook(path, quarantine), day
            )

    def index(self, taken: TakenIn) -> None:
        from ntmgis.show.web.index import Entry, write_index  # noqa: PLC0415

        first = self.first
        assert first is not None
        entries = [
            Entry(
                title=product.name,
                href=product.path.name,
                kind=product.kind,
                bytes=product.bytes,
                as_of=day,
                note="",
                thumbnail=thumbnail,
            )
            for product, day, thumbnail in self.shown
        ]
        workspace = taken.workspace
        self._write(
            "Trang mở đầu",
            "index.html",
            lambda path: write_index(
                path,
                entries=entries,
                title=f"Nông thôn mới, {workspace.province.name}",
                sample=workspace.sample,
                as_of=workspace.as_of,
                sources=first.sources,
            ),
            workspace.as_of,
        )


def _html(snapshot: "Snapshot", facts: "Facts", path: Path, agency: str) -> None:
    from ntmgis.show.web.page import write_status_page  # noqa: PLC0415

    write_status_page(snapshot, facts, path, agency=agency)


def _pdf(snapshot: "Snapshot", facts: "Facts", path: Path, agency: str) -> None:
    from ntmgis.show.paper.sheet import write_sheet  # noqa: PLC0415

    write_sheet(snapshot, facts, pdf=path, agency=agency)


def _png(snapshot: "Snapshot", facts: "Facts", path: Path, agency: str) -> None:
    from ntmgis.show.paper.sheet import write_sheet  # noqa: PLC0415

    write_sheet(snapshot, facts, png=path, agency=agency)


def _xlsx(snapshot: "Snapshot", facts: "Facts", path: Path, _agency: str) -> None:
    from ntmgis.show.tables.status import write_status_workbook  # noqa: PLC0415

    write_status_workbook(snapshot, facts, path)


def _gpkg(snapshot: "Snapshot", facts: "Facts", path: Path, _agency: str) -> None:
    from ntmgis.show.geopackage import write_geopackage  # noqa: PLC0415

    write_geopackage(snapshot, facts, path)


def _thumbnail(snapshot: "Snapshot", facts: "Facts") -> bytes:
    from ntmgis.show.paper.sheet import thumbnail  # noqa: PLC0415

    return thumbnail(snapshot, facts)


# kind → title, file name ({} takes "_DATE" for further dates), writer, has a picture on the start page
_WRITERS: "dict[str, tuple[str, str, Callable[[Snapshot, Facts, Path, str], None], bool]]" = {
    "html": ("Bản đồ tương tác", "status{}.html", _html, True),
    "pdf": ("Bản đồ in A3 (PDF)", "status_a3{}.pdf", _pdf, True),
    "png": ("Bản đồ in A3 (ảnh)", "status_a3{}.png", _png, True),
    "xlsx": ("Bảng số liệu", "status{}.xlsx", _xlsx, False),
    "gpkg": ("Dữ liệu cho QGIS", "ntm{}.gpkg", _gpkg, False),
}
