"""The page of households of a workspace: personal data, asked for by name, kept apart from the products of a build."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from ntmgis.errors import InputError, UsageError, problem
from ntmgis.places import private_file, private_place
from ntmgis.show.product import Product
from ntmgis.take_in import Progress, silent, take_in
from ntmgis.workspace import load_workspace

__all__ = ["default_place", "write_households"]

_NAME = "households"


def default_place(folder: str | Path, *, folder_mode: bool = False) -> Path:
    """Where the page goes when nothing else is said: private/households.html, or private/households/."""
    return private_place(folder, _NAME if folder_mode else f"{_NAME}.html")


def write_households(
    folder: str | Path,
    *,
    out: Path | None = None,
    password: str | None = None,
    folder_mode: bool = False,
    purpose: str = "",
    as_of: date | None = None,
    progress: Progress = silent,
) -> Product:
    """Write the page of all located objects of the workspace `folder`, on `as_of` (None: the workspace's date).

    `out` (None: `default_place`) is an HTML file or, with `folder_mode`, a folder that is new, empty or holds an
    earlier such page. `password` seals the data; `purpose` is shown on the page. What stood there before stays until
    the new page is whole. On systems that know it, only the owner may read what is written. InputError when no object
    has coordinates, UsageError for a short password or a folder that holds something else.
    """
    from ntmgis.show.web.folder import PAGE, write_households_folder
    from ntmgis.show.web.households import write_households_page
    from ntmgis.store.take import take_snapshot

    place = out or default_place(folder, folder_mode=folder_mode)
    _refuse(password, place, folder_mode=folder_mode, page=PAGE)
    start = time.perf_counter()
    workspace = load_workspace(folder)
    taken = take_in(workspace, progress=progress)
    snapshot = take_snapshot(
        taken.store, workspace, as_of or workspace.as_of, rasters=taken.rasters, failed=taken.failed
    )
    if not snapshot.addresses[["lon", "lat"]].notna().all(axis=1).any():
        raise InputError(problem("E-HOUSEHOLDS-NONE"))
    agency = workspace.agency
    if folder_mode:
        with _whole_folder(place) as part:
            write_households_folder(snapshot, part, agency=agency, purpose=purpose, password=password)
        page = place / PAGE
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    else:
        with private_file(place) as part:
            write_households_page(snapshot, part, agency=agency, purpose=purpose, password=password)
        page, size = place, place.stat().st_size
    return Product("Dữ liệu cá nhân – chỉ dùng nội bộ", page, "html", size, round(time.perf_counter() - start, 3))


def _refuse(password: str | None, place: Path, *, folder_mode: bool, page: str) -> None:
    problems = []
    if password is not None:
        from ntmgis.show.web.sealed import MIN_PASSWORD

        if len(password) < MIN_PASSWORD:
            problems.append(problem("E-HOUSEHOLDS-PASSWORD", least=MIN_PASSWORD))
    if folder_mode and place.exists():
        ours = place.is_dir() and (place / page).is_file() and {one.name for one in place.iterdir()} == {page, "data"}
        if not ours and not (place.is_dir() and not any(place.iterdir())):
            problems.append(problem("E-HOUSEHOLDS-OUT", file=place))
    if not folder_mode and place.is_dir():
        problems.append(problem("E-HOUSEHOLDS-OUT", file=place))
    if problems:
        raise UsageError(problems)


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path`, readable by its owner only, that takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    old = part.with_name(f"{part.name}.old")
    try:
        yield part
        if path.exists():
            path.rename(old)
        part.rename(path)
    finally:
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)
