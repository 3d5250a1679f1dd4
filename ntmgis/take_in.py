"""A workspace's sources taken in: every file read, checked, matched and stored; then what is known on a date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.beside import Beside
from ntmgis.collector import collector_paused
from ntmgis.errors import InputError, Problem, problem
from ntmgis.manifest import data_set, digest, file_digest
from ntmgis.programme.tables import table
from ntmgis.units.epochs import EPOCHS, Epoch, epoch_on
from ntmgis.workspace import Source, Workspace, load_workspace

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from ntmgis.intake.accept import Intake
    from ntmgis.measure.facts import Facts
    from ntmgis.store.base import Import, Store
    from ntmgis.store.snapshot import Snapshot
    from ntmgis.units.aliases import Aliases

__all__ = [
    "Progress",
    "SourceRows",
    "TakenIn",
    "neighbours_of",
    "open_snapshot",
    "quarantine_problems",
    "reviewed_key",
    "silent",
    "snapshot_of",
    "take_in",
    "workspace_store",
]

# Called before each step with its title and how many of all steps are done.
Progress = Callable[[str, int, int], None]

# Lists of units come first, then the boundaries that everything else is checked against.
_FIRST = ("unit_list", "unit", "village")
_OUTLINES = frozenset({"unit_list", "unit"})  # what other sources are read by
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
    """All sources of a workspace after intake: what the store holds of them and what could not be used.

    `undone`: those of `failed` whose file is left aside because its import was taken back.
    """

    workspace: Workspace
    store: "Store"
    imports: "tuple[Import, ...]"
    rows: tuple[SourceRows, ...]
    rasters: Mapping[str, Path]
    failed: tuple[str, ...]
    problems: tuple[Problem, ...]
    undone: tuple[str, ...] = ()


def silent(_title: str, _done: int, _total: int) -> None:
    """No progress shown."""


def workspace_store(workspace: Workspace) -> "Store":
    """The store of the workspace, which need not be there yet."""
    from ntmgis.store.open import is_url, open_store

    return open_store(workspace.store if is_url(workspace.store) else workspace.root / workspace.store)


def take_in(
    workspace: Workspace, *, progress: Progress = silent, store: "Store | None" = None, second: Beside | None = None
) -> TakenIn:
    """Read, check, match and store every source; a source whose file is as it was is not read again.

    `store` (None: the workspace's own) is where accepted rows go. `second` reads files too, where it is given.

    A source that cannot be used is named among the problems; what was accepted from it earlier stays.
    """
    from ntmgis.shared_boundaries import shared_boundaries
    from ntmgis.store.remembered import Remembered
    from ntmgis.units.aliases import load_aliases

    store = Remembered(store or workspace_store(workspace))
    missing = workspace.aliases is not None and not workspace.aliases.is_file()
    aliases = load_aliases(None if missing else workspace.aliases)
    order = sorted(workspace.sources, key=lambda s: _FIRST.index(s.table) if s.table in _FIRST else len(_FIRST))
    taking = _Taking(workspace, store, aliases)
    if missing and workspace.aliases is not None:
        taking.problems.append(problem("W-ALIAS-FILE", severity="warning", file=workspace.aliases.name))
    steps = (step for group in _in_turn(order) for step in taking.steps(group, second or Beside()))
    with collector_paused():
        for done, source in enumerate(order):
            progress(f"Đọc {source.path.name}", done, len(order))
            next(steps)
    by_id = {row.id: row for row in taking.rows}
    return TakenIn(
        workspace=workspace,
        store=store,
        imports=tuple(taking.imports),
        rows=tuple(by_id[source.id] for source in workspace.sources),
        rasters=taking.rasters,
        failed=tuple(taking.failed),
        problems=(
            *taking.problems,
            *_crosswalk_problems(workspace, store, taking.imports),
            *shared_boundaries(store, taking.imports),
        ),
        undone=tuple(taking.undone),
    )


def _crosswalk_problems(workspace: Workspace, store: "Store", imports: "list[Import]") -> tuple[Problem, ...]:
    """What the mapping of old units to new ones lacks, and where it differs from Resolution 1677.

    Nothing when it is about units that no list here has; the resolution is left out where the workspace has a list of
    its own.
    """
    made = [one for one in imports if one.table_id == "unit_change" and one.accepted]
    if not made:
        return ()
    from ntmgis.store.take import units_on
    from ntmgis.units.crosswalk import verify_units
    from ntmgis.units.law import shipped_resolution

    rows = store.rows("unit_change", made)
    old, new = (units_on(store, workspace, epoch) for epoch in EPOCHS)
    if not rows["old_code"].isin(old["code"]).any() or not rows["new_code"].isin(new["code"]).any():
        return ()
    numbered = rows.set_axis(rows["file_row"].astype("int64"))
    legal = None if any(one.table == "unit_list" for one in workspace.sources) else shipped_resolution()
    file = ", ".join(one.file for one in made)
    return verify_units(numbered, old_units=old, new_units=new, legal=legal, file=file)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one source is taken in: by `read`, or (None) by what the store holds of it, `kept`. `notes` come first."""

    source: Source
    epoch: str
    key: str
    kept: "Import | None"
    read: "Callable[[], Intake | Path] | None"
    notes: tuple[Problem, ...]


def _in_turn(sources: Sequence[Source]) -> list[Sequence[Source]]:
    """Sources in groups: each list of units and each boundary alone, as what follows is read by it; then the rest."""
    alone = [source for source in sources if source.table in _OUTLINES]
    return [*([source] for source in alone), [source for source in sources if source.table not in _OUTLINES]]


def _outcome(read: "Callable[[], Intake | Path]") -> "Intake | Path | InputError":
    """What reading gave, or why it gave nothing: as a value, so that it comes up in its turn."""
    try:
        return read()
    except InputError as error:
        return error


def _refused(error: InputError) -> "Intake":
    raise error


def _raster(source: Source) -> "Callable[[], Path]":
    from ntmgis.intake.rasters import read_raster

    return partial(read_raster, source)


class _Taking:
    """Intake of one workspace's sources, one after the other; gathers what became of each."""

    def __init__(self, workspace: Workspace, store: "Store", aliases: "Aliases") -> None:
        self.workspace = workspace
        self.store = store
        self.aliases = aliases
        self.imports: list[Import] = []
        self.rows: list[SourceRows] = []
        self.rasters: dict[str, Path] = {}
        self.failed: list[str] = []
        self.undone: list[str] = []
        self.problems: list[Problem] = []
        self._province: tuple[str, BaseGeometry | None, BaseGeometry | None] | None = None
        self._units: dict[tuple[str, tuple[int, ...]], pd.DataFrame] = {}
        self._references: dict[tuple[int, ...], gpd.GeoDataFrame] = {}

    @cached_property
    def _rules(self) -> str:
        return _rules_digest()

    def steps(self, sources: Sequence[Source], second: Beside) -> Iterator[None]:
        """Take in one source with each step; no file of these is needed to read another, so `second` may help."""
        plans = [self._plan(source) for source in sources]
        calls = [partial(_outcome, plan.read) for plan in plans if plan.read is not None]
        outcomes = (second if len(calls) > 1 else Beside()).each(calls)  # one alone need not travel
        for plan in plans:
            self._take(plan, None if plan.read is None else next(outcomes))
            yield

    def _plan(self, source: Source) -> "_Plan":
        """What is to be read of a source; a fault that is already known comes up like one of reading."""
        notes: list[Problem] = []
        kept: Import | None = None
        key = ""
        read: Callable[[], Intake | Path] | None = None
        epoch = epoch_on(source.epoch or source.as_of or self.workspace.as_of)
        try:
            if table(source.table).geometry == "raster":
                read = _raster(source)
            else:
                key = self._key(source, epoch.id)
                kept = self.store.latest(source.id)
                if kept is None or kept.key not in {key, reviewed_key(source, epoch.id)}:
                    if kept is not None and kept.key.startswith(_REVIEWED):
                        notes.append(problem("W-REVIEW-REPLACED", file=source.path.name, severity="warning"))
                    self._refuse_undone(source, epoch.id, key)
                    read = self._reading(source, epoch)
        except InputError as error:
            read = partial(_refused, error)
        return _Plan(source, epoch.id, key, kept, read, tuple(notes))

    def _take(self, plan: "_Plan", outcome: "Intake | Path | InputError | None") -> None:
        source = plan.source
        self.problems += plan.notes
        try:
            if isinstance(outcome, InputError):
                raise outcome
            if isinstance(outcome, Path):
                self.rasters[source.table] = outcome
                self.rows.append(SourceRows(source.id, source.table, source.path.name, 1, 1, 0, {}))
            else:
                made = plan.kept if outcome is None else _keep(self.store, outcome, epoch=plan.epoch, key=plan.key)
                assert made is not None, "what is not read is there"
                self._count(source, made)
        except InputError as error:
            self.problems += error.problems
            self.failed.append(source.id)
            if any(one.code == "W-STORE-UNDONE" for one in error.problems):
                self.undone.append(source.id)
            kept = self.store.latest(source.id)
            if kept is not None:
                self.imports.append(kept)
            self.rows.append(SourceRows(source.id, source.table, source.path.name, 0, 0, 0, {}, failed=True))

    def _count(self, source: Source, made: "Import") -> None:
        self.imports.append(made)
        self.problems += [Problem(**one) for one in made.problems]  # type: ignore[arg-type]
        matched = {how: made.matched.get(how, 0) for how in _HOWS}
        self.rows.append(
            SourceRows(source.id, source.table, made.file, made.rows_in, made.accepted, made.quarantined, matched)
        )

    def _refuse_undone(self, source: Source, epoch: str, key: str) -> None:
        """InputError W-STORE-UNDONE when this very file, read as it is now, was taken back with `ntmgis undo`.

        A new version of ntmgis, of the aliases or of the boundaries does not bring it back; a change of the file or
        of how the workspace says to read it does.
        """
        from ntmgis.intake.files import digest as file_set_digest
        from ntmgis.store.base import local_time

        def same(one: "Import") -> bool:
            if one.source_id != source.id or one.epoch != epoch or one.table_id != source.table:
                return False
            if _OWN in one.key:
                return one.key.partition(_OWN)[0] == key.partition(_OWN)[0]
            # Reviewed row by row, or recorded by a version that did not keep the two apart.
            if one.key.startswith(_REVIEWED):
                return one.key == reviewed_key(source, epoch)
            return one.sha256 == file_set_digest(source.path)

        newest = next((one for one in reversed(self.store.log()) if same(one)), None)
        if newest is None or newest.undone_at is None:
            return
        told = problem(
            "W-STORE-UNDONE",
            file=source.path.name,
            severity="warning",
            import_id=newest.import_id,
            when=local_time(newest.undone_at),
            who=newest.undone_by or "?",
        )
        raise InputError(told)

    def _reading(self, source: Source, epoch: Epoch) -> "Callable[[], Intake]":
        """Reads the file, in this process or another, with all that is known here."""
        from ntmgis.intake.accept import read_source

        _, province, around = self._outline()
        dated = source if source.as_of or source.table not in _DATED else _with_date(source, self.workspace.as_of)
        return partial(
            read_source,
            dated,
            units=self._units_on(epoch),
            epoch=epoch,
            aliases=self.aliases,
            province=province,
            around=around,
            reference=self._reference(epoch.id),
        )

    def _units_on(self, epoch: Epoch) -> "pd.DataFrame":
        """The list of units of an epoch; put together once for the lists taken in so far."""
        from ntmgis.store.take import units_on

        lists = tuple(made.import_id for made in self.store.imports() if made.table_id == "unit_list")
        if (epoch.id, lists) not in self._units:
            self._units[epoch.id, lists] = units_on(self.store, self.workspace, epoch)
        return self._units[epoch.id, lists]

    def _reference(self, epoch: str) -> "gpd.GeoDataFrame | None":
        """Boundaries of `epoch` taken in before (code, geometry): a file that does not state its CRS is tried on them.

        Of two boundaries of one unit the one that comes first counts.
        """
        boundaries = [made for made in self._boundaries() if made.epoch == epoch]
        if not boundaries:
            return None
        order = {made.import_id: i for i, made in enumerate(boundaries)}
        key = tuple(order)
        if key not in self._references:
            rows = self.store.rows("unit", boundaries)
            first = rows.sort_values("import_id", key=lambda ids: ids.map(order), kind="stable").drop_duplicates("code")
            self._references[key] = first[["code", "geometry"]].reset_index(drop=True)
        return self._references[key]

    def _key(self, source: Source, epoch: str) -> str:
        """What the accepted rows depend on: the file and how it is read, then aliases, boundaries and our own rules."""
        parts = data_set(source.path)
        if not parts:
            raise InputError(problem("E-FILE-MISSING", file=source.path))
        named = {k: str(v) for k, v in asdict(source).items() if k not in {"path", "title", "origin", "licence"}}
        aliases = self.workspace.aliases
        own = digest([*map(file_digest, parts), str(sorted(named.items())), epoch])
        rest = digest(
            [
                file_digest(aliases) if aliases is not None and aliases.is_file() else "",
                "" if source.table == "unit_list" else digest(sorted(made.key for made in self._boundaries())),
                self._rules,
            ]
        )
        return f"{own}{_OWN}{rest}"

    def _boundaries(self) -> "list[Import]":
        return [made for made in self.imports if made.table_id == "unit" and made.accepted]

    def _outline(self) -> "tuple[str, BaseGeometry | None, BaseGeometry | None]":
        """The province as a digest and a polygon, from the boundaries taken in so far (EPSG:4326), and widened."""
        boundaries = self._boundaries()
        key = digest(sorted(made.key for made in boundaries))
        if self._province is None or self._province[0] != key:
            from ntmgis.intake.shapes import surroundings
            from ntmgis.store.take import outline

            rows = [self.store.rows("unit", [made]) for made in boundaries]
            shapes = [outline(part.geometry) for part in rows]
            province = _union(shapes)
            self._province = key, province, None if province is None else surroundings(province)
        return self._province


# Tables whose rows need a date: without one of their own they hold from the workspace's date.
_DATED = frozenset({"commune_status", "village_status", "district_status"})


_REVIEWED = "reviewed:"
_OWN = "+"  # in a key, between what the user gave and what ntmgis brings


def reviewed_key(source: Source, epoch: str) -> str:
    """The key of an import that holds reviewed changes: it stands until the source's own file or epoch changes.

    A new version of ntmgis or of the aliases does not replace what a person accepted row by row.
    """
    return _REVIEWED + digest([*map(file_digest, data_set(source.path)), source.table, epoch])


def _with_date(source: Source, day: date) -> Source:
    return replace(source, as_of=day)


def _union(shapes: "list[BaseGeometry]") -> "BaseGeometry | None":
    from shapely import union_all

    return union_all(shapes) if shapes else None


def _rules_digest() -> str:
    """Changes with the code that reads and checks, so that a new version reads the files again."""
    package = Path(__file__).parent
    rooms = ("intake", "units", "programme")
    files = sorted(p for room in rooms for p in (package / room).rglob("*") if p.suffix in {".py", ".toml", ".csv"})
    return digest(f"{p.relative_to(package)}:{file_digest(p)}" for p in files)


def _keep(store: "Store", intake: "Intake", *, epoch: str, key: str) -> "Import":
    import pandas as pd

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
        once=True,
    )


def open_snapshot(
    folder: str | Path, as_of: date | None = None, *, known_at: datetime | None = None
) -> "tuple[Snapshot, Facts]":
    """What the workspace `folder` knows on `as_of` (None: its own date), and all measures of it.

    `known_at` (with its time zone; `ntmgis.store.base.end_of_day` makes one of a day): only what had been recorded by
    then. Files that changed since are taken in first. InputError when there are no boundaries for that day.
    """
    workspace = load_workspace(folder)
    return snapshot_of(take_in(workspace), as_of or workspace.as_of, known_at=known_at)


def snapshot_of(taken: TakenIn, as_of: date, *, known_at: datetime | None = None) -> "tuple[Snapshot, Facts]":
    """What the sources taken in say of `as_of`, as recorded by `known_at` (None: by now), and all measures of it.

    InputError when there are no boundaries for that day; it also says why sources could not be used.
    """
    from ntmgis.measure.compute import compute_facts
    from ntmgis.programme.plan import load_plan
    from ntmgis.store.take import predecessor_tiers, take_snapshot

    workspace = taken.workspace
    try:
        snapshot = take_snapshot(
            taken.store,
            workspace,
            as_of,
            rasters=taken.rasters,
            failed=taken.failed,
            undone=taken.undone,
            known_at=known_at,
        )
    except InputError as error:  # what kept the sources out says more than what is missing without them
        why = [one for one in taken.problems if one.severity == "error"]
        raise InputError([*why, *error.problems]) from error
    facts = compute_facts(
        snapshot,
        load_plan(workspace.plan),
        limits=asdict(workspace.limits),
        predecessors=predecessor_tiers(taken.store, workspace, snapshot.epoch, known_at=known_at),
    )
    return snapshot, facts


def neighbours_of(taken: TakenIn, snapshot: "Snapshot") -> "gpd.GeoDataFrame | None":
    """Units that another day of the workspace knows, for the land around the province; None where there are none."""
    from ntmgis.store.take import take_snapshot

    epochs = {made.epoch for made in taken.imports if made.table_id == "unit" and made.accepted}
    days = (taken.workspace.as_of, *taken.workspace.also)
    other = next((day for day in days if (id_ := epoch_on(day).id) != snapshot.epoch.id and id_ in epochs), None)
    return None if other is None else take_snapshot(taken.store, taken.workspace, other).communes


def quarantine_problems(taken: TakenIn) -> list[Problem]:
    """Every quarantined row as a problem."""
    rows = taken.store.quarantine(taken.imports)
    columns = ["code", "rule", "action", "file", "layer", "sheet", "row", "column", "value"]
    told = rows[columns].astype(object).where(rows[columns].notna(), None)
    return [
        Problem(**{**dict(zip(columns, one, strict=True)), "row": None if one[6] is None else int(one[6])})
        for one in told.itertuples(index=False, name=None)
    ]
