"""What the last build was made from and what it made, so that a second build with unchanged input does no work."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ntmgis
from ntmgis.errors import InputError, no_file
from ntmgis.workspace import CONFIG_NAME, Workspace

__all__ = ["digest", "file_digest", "fingerprint", "read_manifest", "write_manifest"]

MANIFEST_NAME = ".ntmgis-build.json"
# Files that belong to one geographic data set besides the one the workspace names.
_SIBLINGS = (".shx", ".dbf", ".prj", ".cpg", ".mid", ".dat", ".map", ".id", ".ind")


def file_digest(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(parts: Iterable[str]) -> str:
    """SHA-256 over texts, each kept apart from the next."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode())
        whole.update(b"\0")
    return whole.hexdigest()


def data_set(path: Path) -> list[Path]:
    """The file and what belongs to it (a Shapefile is several files, a .gdb a folder); [] when it is missing.

    The file `osm.toml` beside an OSM extract says how its tags are read, so it belongs to the extract. InputError for
    any other folder.
    """
    if path.suffix.lower() == ".gdb" and path.is_dir():
        # Lock files come and go with the programs that look at the folder.
        return sorted(part for part in path.rglob("*") if part.is_file() and part.suffix.lower() != ".lock")
    if path.is_dir():
        raise InputError(no_file(path))
    if not path.is_file():
        return []
    if path.suffix.lower() in {".osm", ".pbf"}:
        mapping = path.with_name("osm.toml")
        return [path, mapping] if mapping.is_file() else [path]
    return [path, *(other for ending in _SIBLINGS if (other := path.with_suffix(ending)) != path and other.is_file())]


def fingerprint(workspace: Workspace) -> str:
    """One text that changes whenever a product could: the tool, the configuration, or any input file."""
    package = Path(ntmgis.__file__).parent
    own = sorted(path for path in package.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".pyo"})
    named = [workspace.root / CONFIG_NAME, workspace.plan, workspace.aliases, workspace.thresholds, workspace.style]
    inputs = [part for source in workspace.sources for part in data_set(source.path)]
    parts = [f"{path.relative_to(package)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in own]
    parts += [f"{path}:{file_digest(path)}" for path in named if path is not None and path.is_file()]
    parts += [f"{path}:{file_digest(path)}" for path in inputs]
    return digest([ntmgis.__version__, str(workspace.root), *parts])


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`; {} when there is none that can be read, or a product it names is not as written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        whole = all(file_digest(folder / name) == sha256 for name, sha256 in manifest["files"].items())
    except (OSError, ValueError, KeyError, AttributeError):
        return {}
    return manifest if whole else {}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, whole or not at all."""
    new = folder / f"{MANIFEST_NAME}.new"
    new.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, folder / MANIFEST_NAME)  # noqa: PTH105 - Path.replace is the same call; this says what it is
