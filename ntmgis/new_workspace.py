"""A new workspace: a commented ntmgis.toml, its folders, and an Excel template for every table."""

from importlib.resources import files
from pathlib import Path

from ntmgis.errors import UsageError, problem
from ntmgis.show.tables.templates import write_templates
from ntmgis.workspace import CONFIG_NAME

__all__ = ["init_workspace"]

FOLDERS = ("data/boundaries", "data/layers", "data/status", "data/addresses", "data/plan", "maps")


def init_workspace(folder: str | Path) -> tuple[Path, ...]:
    """Make a workspace in `folder` and name the files written. UsageError when it already is one."""
    root = Path(folder)
    config = root / CONFIG_NAME
    if config.exists():
        raise UsageError(problem("E-WORKSPACE-EXISTS", file=config))
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    templates = root / "templates"
    templates.mkdir(exist_ok=True)
    written = write_templates(templates)
    config.write_text((files("ntmgis") / "new_workspace.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return (config, *written)
