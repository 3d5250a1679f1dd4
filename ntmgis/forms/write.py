"""Writing the forms of one commune or of all."""

import re
from datetime import date
from pathlib import Path

from ntmgis.errors import UsageError, problem
from ntmgis.forms.known import Known
from ntmgis.programme.criteria import CRITERIA_SETS
from ntmgis.show.tables.commune_form import write_commune_form
from ntmgis.take_in import Progress, silent, take_in
from ntmgis.units.names import fold
from ntmgis.workspace import load_workspace

__all__ = ["write_forms"]


def write_forms(
    folder: str | Path,
    out: str | Path,
    *,
    unit: str | None = None,
    as_of: date | None = None,
    criteria: str | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """One form (XLSX) for each rural commune of the workspace, or for `unit` (code or name), into `out`.

    `as_of` (None: the workspace's date) is the reporting day: forms hold what is known on it, on the boundaries of
    it. `criteria` names the criteria set (None: the newer one of the commune's own and the one in force); values
    known by another set are not filled in. UsageError for an unknown or ambiguous `unit`.
    """
    if criteria is not None and criteria not in CRITERIA_SETS:
        sets = ", ".join(CRITERIA_SETS)
        raise UsageError(problem("E-CONFIG-VALUE", column="--set", value=criteria, allowed=sets, nearest="2021-2025"))
    taken = take_in(load_workspace(folder))
    day = as_of or taken.workspace.as_of
    known = Known.on(taken, day)
    codes = known.rural() if unit is None else [known.find(unit)]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for done, code in enumerate(codes):
        form = known.form(code, criteria=criteria)
        progress(form.facts.name, done, len(codes))
        made.append(write_commune_form(form, out / f"phieu_{day.isoformat()}_{code}_{_slug(form.facts.name)}.xlsx"))
    return made


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:40]
