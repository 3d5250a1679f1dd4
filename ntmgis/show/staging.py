"""Several files that appear together or not at all."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["put_in_place", "staging"]

_ABANDONED_S = 24 * 3600


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A folder inside `target` (made when missing) for unfinished files; gone afterwards, whatever happens.

    On the same drive, so that putting a file in place is one step. What a killed run left a day ago is cleared away; a
    younger one may belong to a run at work.
    """
    target.mkdir(parents=True, exist_ok=True)
    for left in target.glob(".new-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(staged: Path, target: Path) -> tuple[Path, ...]:
    """Every file of `staged` moved into `target`, each over an older one in one step; their new paths, by name."""
    files = tuple(target / path.name for path in sorted(staged.iterdir()))
    blocked = next((path for path in files if path.is_dir()), None)
    if blocked is not None:  # asked first, so that nothing is moved when not all can be
        raise IsADirectoryError(21, os.strerror(21), str(blocked))
    for path in files:
        os.replace(staged / path.name, path)  # noqa: PTH105 - over the old file, in one step
    return files
