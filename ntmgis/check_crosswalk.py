"""A mapping of old units to new ones checked: read from its file, held against the law and the boundaries given."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import Problem
from ntmgis.intake.crosswalk import read_crosswalk
from ntmgis.store.geopackage import Store
from ntmgis.store.take import units_on
from ntmgis.take_in import quarantine_problems, take_in
from ntmgis.units.aliases import load_aliases
from ntmgis.units.crosswalk import CrosswalkReport, verify_crosswalk
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.law import read_resolution, shipped_resolution
from ntmgis.units.reference import CHANGE_DAY
from ntmgis.workspace import CONFIG_NAME, Province, Source, Workspace, load_workspace

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["check_crosswalk"]

_DAYS = {"old": date.fromordinal(CHANGE_DAY.toordinal() - 1), "new": CHANGE_DAY}


def check_crosswalk(
    path: str | Path,
    *,
    law: str | Path | None = None,
    old: str | Path | None = None,
    new: str | Path | None = None,
    workspace: str | Path = ".",
) -> CrosswalkReport:
    """The verified mapping; writes nothing.

    law        text file of the resolution (None: Resolution 1677 as shipped, unless the workspace has its own list of
               units)
    old, new   boundaries before and after: a file, or the id of a source of the workspace (whose columns, CRS and
               encoding then hold)
    workspace  its unit lists and aliases are used when there is one

    InputError when a file cannot be read. Rows of the boundaries that are not recognised are among the problems.
    """
    mapping = read_crosswalk(path)
    folder = Path(workspace)
    home = load_workspace(folder) if (folder / CONFIG_NAME).is_file() else None
    base = home or Workspace(Path(path).absolute().parent, Province("", ""), CHANGE_DAY, "EPSG:9216", ())
    if base.aliases is not None and not base.aliases.is_file():
        base = replace(base, aliases=None)  # made by the first accepted proposal
    wanted = {side: _source(base, given, side) for side, given in (("old", old), ("new", new)) if given is not None}
    lists = tuple(one for one in base.sources if one.table == "unit_list")
    legal = read_resolution(law) if law is not None else None if lists else shipped_resolution()
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        store = Store(Path(scratch) / "store.gpkg")
        trial = replace(base, sources=(*lists, *wanted.values()))
        taken = take_in(trial, store=store)
        units = [units_on(store, trial, epoch) for epoch in EPOCHS]
        if lists:
            units = [_with_areas(frame, at) for frame, at in zip(units, EPOCHS, strict=True)]
        shapes: dict[str, gpd.GeoDataFrame] = {}
        for side, source in wanted.items():
            made = [one for one in taken.imports if one.source_id == source.id]
            if made:
                shapes[side] = store.rows("unit", made)
        told: tuple[Problem, ...] = (*taken.problems, *quarantine_problems(taken))
    report = verify_crosswalk(
        mapping,
        old_units=units[0],
        new_units=units[1],
        old_shapes=shapes.get("old"),
        new_shapes=shapes.get("new"),
        legal=legal,
        aliases=load_aliases(base.aliases),
        file=Path(path).name,
    )
    return replace(report, problems=(*report.problems, *told))


def _with_areas(units: "pd.DataFrame", epoch: object) -> "pd.DataFrame":
    """A workspace's own list with the areas and points that are known of the same units."""
    from ntmgis.units.reference import reference_units

    known = reference_units(epoch).set_index("code")  # type: ignore[arg-type]
    return units.assign(**{name: units["code"].map(known[name]) for name in ("declared_km2", "lon", "lat")})


def _source(base: Workspace, given: str | Path, side: str) -> Source:
    """The source of the workspace that `given` names by id or path, else the file as it is."""
    path = Path(given).absolute()
    for source in base.sources:
        if source.table == "unit" and (source.id == str(given) or source.path == path):
            return source
    day = _DAYS[side]
    return Source(id=f"ranh_gioi_{side}", table="unit", path=path, epoch=day, as_of=day)
