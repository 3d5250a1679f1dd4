"""The main job: a workspace in, everything in `maps/` out."""

import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ntmgis.beside import beside
from ntmgis.collector import collector_paused
from ntmgis.errors import InputError, Problem, problem
from ntmgis.manifest import data_set, file_digest, fingerprint, read_manifest, write_manifest
from ntmgis.places import MAPS
from ntmgis.products import Work, index_of, products_of, tell
from ntmgis.show.product import Product
from ntmgis.show.staging import put_in_place, staging
from ntmgis.take_in import Progress, SourceRows, TakenIn, open_snapshot, quarantine_problems, silent, take_in
from ntmgis.units.epochs import epoch_on
from ntmgis.workspace import Workspace, load_workspace

__all__ = ["BuildResult", "build", "open_snapshot"]


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


def build(folder: str | Path, *, progress: Progress = silent, force: bool = False) -> BuildResult:
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
    with collector_paused():
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
    with beside(worth=_bytes_of(workspace) > _WORTH_A_PROCESS) as second:
        second.prepare(partial(_ready, workspace.products))
        taken = take_in(workspace, progress=progress, second=second)
        unmatched = quarantine_problems(taken)
        try:
            days = _days(taken)
        except InputError as error:
            raise InputError([*taken.problems, *error.problems]) from error
        with staging(maps) as folder:
            progress(f"Tính số liệu ngày {', '.join(f'{day:%d/%m/%Y}' for day in days)}", 0, 1)
            told = second.all([partial(tell, taken, day) for day in reversed(days)])[::-1]
            works = products_of(taken, told)
            titles = [next(iter(work.files.values())) for work in works]
            written = second.all(
                [partial(Work.into, work, folder) for work in works],
                tell=lambda place, done: progress(titles[place], done, len(works)),
            )
            index = index_of(taken, told, list(zip(works, written, strict=True)))
            made = [*index.into(folder), *(product for products in written for product in products)]
            put_in_place(folder, maps)
    for name in previous.get("files", {}):
        if name not in {product.path.name for product in made}:
            (maps / name).unlink(missing_ok=True)
    return BuildResult(
        products=tuple(replace(one, path=maps / one.path.name) for one in made),
        tiers=told[0].facts.tiers,
        rows=taken.rows,
        problems=(*taken.problems, *unmatched),
        as_of=workspace.as_of,
    )


# From here on a second process pays: below, all is done before it has started.
_WORTH_A_PROCESS = 1_000_000


def _bytes_of(workspace: Workspace) -> int:
    return sum(part.stat().st_size for source in workspace.sources for part in data_set(source.path))


_MAKERS = {
    "html": "ntmgis.show.web.page",
    "pdf": "ntmgis.show.paper.sheet",
    "png": "ntmgis.show.paper.sheet",
    "xlsx": "ntmgis.show.tables.status",
    "gpkg": "ntmgis.show.geopackage",
}


def _ready(products: Iterable[str]) -> None:
    """Make the second process ready while this one reads files."""
    for module in ("ntmgis.intake.accept", "ntmgis.measure.compute", "ntmgis.measure.monitor"):
        import_module(module)
    for product in products:
        if product in _MAKERS:
            import_module(_MAKERS[product])
    gc.disable()  # as `collector_paused` in this one


def _days(taken: TakenIn) -> list[date]:
    """The dates to show: the workspace's own, then the further ones that have boundaries."""
    workspace = taken.workspace
    epochs = {made.epoch for made in taken.imports if made.table_id == "unit" and made.accepted}
    if epoch_on(workspace.as_of).id not in epochs:
        raise InputError(problem("E-NO-BOUNDARIES", as_of=workspace.as_of.isoformat()))
    return [workspace.as_of, *(day for day in workspace.also if epoch_on(day).id in epochs)]
