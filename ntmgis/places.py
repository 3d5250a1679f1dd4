"""Where the files of a workspace go: products into maps/, files with personal data apart, for their owner only."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ntmgis.errors import UsageError, problem

__all__ = ["MAPS", "private_file", "private_place", "product_place", "refuse_among_products", "whole_file"]

MAPS = "maps"  # what people pass on
_PRIVATE = "private"


def product_place(folder: str | Path, *parts: str) -> Path:
    """Where a product of the workspace `folder` goes when nothing else is said; `parts` make its name.

    >>> product_place("kontum", "sheet", "criterion.2", "A3").as_posix()
    'kontum/maps/sheet_criterion-2_A3.pdf'
    """
    words = [re.sub(r"[^\w-]+", "-", part).strip("-") for part in parts]
    return Path(folder) / MAPS / f"{'_'.join(filter(None, words))}.pdf"


def private_place(folder: str | Path, name: str) -> Path:
    """Where a file with personal data of the workspace `folder` goes when nothing else is said."""
    return Path(folder) / _PRIVATE / name


def refuse_among_products(folder: str | Path, path: Path) -> None:
    """UsageError when `path` lies among the products of the workspace `folder`."""
    if path.resolve().is_relative_to((Path(folder) / MAPS).resolve()):
        raise UsageError(problem("E-HOUSEHOLDS-MAPS", file=path, folder=f"{MAPS}/"))


@contextmanager
def whole_file(path: Path, *, make_folder: bool = False) -> Iterator[Path]:
    """A name beside `path` to write to, renamed when the block ends well."""
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, readable by its owner only, renamed when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
