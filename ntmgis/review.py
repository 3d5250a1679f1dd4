"""Field data of a layer already known: compared, reviewed by a person row by row, and applied as a new import."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.manifest import data_set, digest, file_digest, read_manifest, write_manifest
from ntmgis.places import MAPS
from ntmgis.programme.tables import TableSpec, table
from ntmgis.take_in import reviewed_key, take_in
from ntmgis.units.aliases import load_aliases
from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.workspace import Source, Workspace, load_workspace, nearest

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.intake.accept import Intake
    from ntmgis.intake.diff import Diff
    from ntmgis.store.base import Import, Store

__all__ = ["Applied", "Reviewed", "apply_review", "review_file"]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How a new file differs from what is known of a source, and the form written for it."""

    source: str
    path: Path
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis intake --review --json`."""
        told = [one.as_dict() for one in self.problems]
        return {"source": self.source, "review": str(self.path), "counts": dict(self.counts), "problems": told}


@dataclass(frozen=True, slots=True)
class Applied:
    """What was taken over: changes accepted and not, rows now known of the source, and the number of the import."""

    source: str
    import_id: int | None
    accepted: Mapping[str, int]
    left: int
    rows: int

    def as_dict(self) -> dict[str, object]:
        """One object for `ntmgis intake --apply --json`."""
        accepted = dict(self.accepted)
        return {
            "source": self.source,
            "import": self.import_id,
            "accepted": accepted,
            "left": self.left,
            "rows": self.rows,
        }


def review_file(folder: str | Path, file: Path, source_id: str, out: Path, *, moved_m: float | None = None) -> Reviewed:
    """Compare `file` with what the workspace's store knows of the source and write the form `out` (XLSX).

    The source's own file is taken in first when it changed. The store is otherwise left as it is. `moved_m` (None:
    5 m): how far a shape must have moved to count. InputError when the file cannot be used, or has no key that
    lasts (ids made of row numbers name another row in every file).
    """
    from ntmgis.intake.diff import MOVED_M
    from ntmgis.show.tables.review_sheet import write_review

    if out.absolute() == file.absolute():
        raise UsageError(problem("E-OUT-INPUT", file=out.name))
    pair = _Pair.of(folder, file, source_id, moved_m=MOVED_M if moved_m is None else moved_m)
    write_review(
        out,
        pair.diff,
        pair.spec,
        file=file.name,
        source=source_id,
        facts=pair.facts(),
        refused=pair.intake.quarantine,
    )
    return Reviewed(source_id, out, pair.diff.counts(), pair.problems())


def apply_review(folder: str | Path, file: Path, source_id: str, form: Path) -> Applied:
    """Make the changes that `form` accepts, as one new import of the source; everything else stays as it was.

    InputError E-REVIEW-STALE when the file or the store are no longer those that were reviewed, E-REVIEW-CLOSED for
    an accepted line that has nothing to accept. With nothing accepted nothing is written. The next build keeps
    what was applied until the source's own file changes.
    """
    from ntmgis.intake.diff import apply_changes
    from ntmgis.intake.review_form import read_review

    read = read_review(form)
    pair = _Pair.of(folder, file, source_id, moved_m=_metres(read.facts.get("moved_m")))
    changes = {one.id: one for one in pair.diff.changes}
    if dict(read.facts) != pair.facts() or not {id_ for _, id_, _ in read.rows} <= set(changes):
        raise InputError(problem("E-REVIEW-STALE", file=form.name))
    accepted = {id_: changes[id_] for _, id_, yes in read.rows if yes}
    closed = [
        problem(
            "E-REVIEW-CLOSED", file=form.name, row=row, value=" · ".join(changes[id_].key), reason=changes[id_].reason
        )
        for row, id_, yes in read.rows
        if yes and not changes[id_].open
    ]
    if closed:
        raise InputError(closed)
    kinds = [one.kind for one in accepted.values()]
    counts: dict[str, int] = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    left = len(changes) - len(accepted)
    if not accepted:
        return Applied(source_id, None, counts, left, len(pair.before))
    rows = apply_changes(pair.before, pair.intake.frame, pair.spec, list(accepted.values()), fields=pair.fields)
    made = pair.keep(rows, accepted=len(accepted), left=left)
    return Applied(source_id, made.import_id, counts, left, len(rows))


def _metres(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return 0.0  # the facts then differ, and the form is refused as not ours


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """What is known of a source and what a new file says, read and compared."""

    workspace: Workspace
    source: Source
    spec: TableSpec
    store: "Store"
    base: "tuple[Import, ...]"
    before: "pd.DataFrame"
    intake: "Intake"
    fields: frozenset[str]
    diff: "Diff"
    moved_m: float
    file: Path

    @classmethod
    def of(cls, folder: str | Path, file: Path, source_id: str, *, moved_m: float) -> "_Pair":
        from ntmgis.intake.diff import diff_rows

        workspace = load_workspace(folder)
        source = next((one for one in workspace.sources if one.id == source_id), None)
        if source is None or table(source.table).geometry == "raster":
            known = [one.id for one in workspace.sources if table(one.table).geometry != "raster"]
            allowed, near = ", ".join(known), nearest(source_id, known)
            fault = problem("E-CONFIG-VALUE", column="--source", value=source_id, allowed=allowed, nearest=near)
            raise UsageError(fault)
        spec = table(source.table)
        around = [one for one in workspace.sources if one.table in {"unit_list", "unit"} and one.id != source_id]
        taken = take_in(replace(workspace, sources=(*around, source)))
        made = next((one for one in taken.imports if one.source_id == source_id), None)
        if made is None:
            raise InputError(taken.problems)
        base, before = _known(taken.store, spec, made)
        epoch = next(one for one in EPOCHS if one.id == made.epoch)
        boundaries = [one for one in taken.imports if one.table_id == "unit" and one.accepted]
        intake, fields, refused, unknown = _read(_like(source, file), workspace, taken.store, epoch, boundaries)
        diff = diff_rows(
            before,
            intake.frame,
            spec,
            fields=fields,
            metric_crs=workspace.metric_crs,
            moved_m=moved_m,
            refused=refused,
        )
        if unknown:
            doubt = f"tệp mới còn {unknown} dòng hỏng không rõ khoá; kiểm tra trước khi nhận là đã mất"
            told = (replace(one, reason=doubt) if one.kind == "deleted" else one for one in diff.changes)
            diff = replace(diff, changes=tuple(told))
        known_by = (workspace, source, spec, taken.store, base, before)
        return cls(*known_by, intake, frozenset(fields), diff, moved_m, file.absolute())

    def facts(self) -> dict[str, str]:
        """What must be the same when the form is read back."""
        return {
            "source": self.source.id,
            "file": digest(file_digest(part) for part in data_set(self.file)),
            "store": digest(f"{made.import_id} {made.recorded_at} {made.key}" for made in self.base),
            "moved_m": repr(float(self.moved_m)),
        }

    def problems(self) -> tuple[Problem, ...]:
        """What the reviewer should know of the file as a whole."""
        told = [replace(one, severity="warning") for one in self.intake.problems]
        refused = self.intake.quarantined
        if refused:
            told.append(problem("W-REVIEW-REFUSED", file=self.file.name, severity="warning", count=refused))
        return tuple(told)

    def keep(self, rows: "pd.DataFrame", *, accepted: int, left: int) -> "Import":
        """The rows as the newest import of the source, which the next build leaves alone."""
        last = self.base[-1]
        quarantine = self.store.quarantine([last])
        note = problem("W-REVIEW-APPLIED", severity="warning", file=self.file.name, accepted=accepted, left=left)
        made = self.store.add(
            rows,
            source_id=self.source.id,
            table_id=self.spec.id,
            epoch=last.epoch,
            as_of=last.as_of,
            key=reviewed_key(self.source, last.epoch),
            file=f"{last.file} + {self.file.name}",
            sha256=self.intake.sha256,
            rows_in=len(rows) + int(quarantine["row"].nunique()),
            quarantine=quarantine,
            matches=self.store.matches([last]),
            matched=last.matched,
            problems=[*last.problems, note.as_dict()],
        )
        manifest = read_manifest(self.workspace.root / MAPS)
        if manifest:  # no input file changed, but the products are out of date
            write_manifest(self.workspace.root / MAPS, {**manifest, "fingerprint": ""})
        return made


def _known(store: "Store", spec: TableSpec, made: "Import") -> "tuple[tuple[Import, ...], pd.DataFrame]":
    """The rows known of the source of `made`, one per key, and the imports they come from, oldest first."""
    from ntmgis.intake.diff import diff_key

    imports: tuple[Import, ...] = (made,)
    if spec.history == "values":
        same = [one for one in store.imports() if one.source_id == made.source_id and one.epoch == made.epoch]
        imports = tuple(same)
    rows = store.rows(spec.id, imports)
    if spec.history == "values" and len(rows):
        newest = rows.groupby("valid_from", dropna=False)["import_id"].transform("max")
        rows = rows[rows["import_id"] == newest]
    rows = rows.sort_values("import_id", kind="stable").drop_duplicates(diff_key(spec), keep="last")
    return imports, rows.reset_index(drop=True)


def _like(source: Source, file: Path) -> Source:
    """The new file, read as the source's own file is; a file of another kind is read by looking."""
    path = file.absolute()
    if path.suffix.lower() == source.path.suffix.lower():
        return replace(source, path=path)
    return replace(source, path=path, layer=None, encoding=None, crs=None, fields=None)


def _read(
    source: Source, workspace: Workspace, store: "Store", epoch: Epoch, boundaries: "list[Import]"
) -> "tuple[Intake, set[str], dict[tuple[str, ...], str], int]":
    """The new file taken in; the fields it brings; key → reason of its refused rows; refused rows without a key."""
    import pandas as pd
    from shapely import union_all

    from ntmgis.intake.accept import read_source
    from ntmgis.intake.columns import read_columns
    from ntmgis.intake.diff import diff_key
    from ntmgis.intake.identify import UNIT_FIELDS
    from ntmgis.intake.read import read_raw
    from ntmgis.store.take import outline, units_on

    dated = source if source.as_of else replace(source, as_of=workspace.as_of)
    shapes = [outline(store.rows("unit", [made]).geometry) for made in boundaries]
    intake = read_source(
        dated,
        units=units_on(store, workspace, epoch),
        epoch=epoch,
        aliases=load_aliases(workspace.aliases),
        province=union_all(shapes) if shapes and source.table != "unit" else None,
    )
    if any(one.code == "W-ID-MADE" for one in intake.problems):
        raise InputError(problem("E-REVIEW-NO-KEY", file=source.path.name))
    spec = table(source.table)
    columns = read_columns(read_raw(dated, spec), dated, spec)
    fields = set(columns.given)
    unit = UNIT_FIELDS.get(spec.id)
    if unit is not None:
        fields.add(unit.code)
    refused: dict[tuple[str, ...], str] = {}
    nameless: set[int] = set()
    typed = pd.DataFrame({name: columns.typed[name] for name in diff_key(spec)})
    for row, rule in zip(intake.quarantine["row"], intake.quarantine["rule"], strict=True):
        if intake.quarantine.loc[intake.quarantine["row"] == row, "code"].eq("E-KEY-COPY").all():
            continue  # the row it is a copy of speaks for it
        values = typed.loc[row]
        if values.notna().all():
            key = tuple(v.isoformat()[:10] if hasattr(v, "isoformat") else str(v) for v in values)
            refused.setdefault(key, f"dòng {row}: {rule}")
        else:
            nameless.add(int(row))
    return intake, fields, refused, len(nameless)
