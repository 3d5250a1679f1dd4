"""Everything the products show as plain data: CSV, JSON, dictionary, data package."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ntmgis import __version__
from ntmgis.errors import UsageError, problem
from ntmgis.monitor import last_period, monitoring_of
from ntmgis.take_in import Progress, TakenIn, silent, snapshot_of, take_in
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.workspace import load_workspace

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.measure.facts import Facts
    from ntmgis.measure.monitoring import Monitoring
    from ntmgis.store.snapshot import Snapshot

__all__ = ["Exported", "export"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the files, and how many rows each table has."""

    folder: Path
    files: tuple[Path, ...]
    rows: "dict[str, int]"

    def as_dict(self) -> dict[str, object]:
        """One object for `--json`."""
        return {"folder": str(self.folder), "files": [str(path) for path in self.files], "rows": dict(self.rows)}


def export(
    folder: str | Path,
    out: str | Path,
    *,
    as_of: date | None = None,
    since: date | None = None,
    epoch: Literal["own", "new"] = "own",
    bom: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write the data of the workspace `folder` on `as_of` (None: its own date) into `out`.

    `since`: the earlier day to compare with (None: the reporting date before). `epoch` "new" adds the figures of a day
    before 1 July 2025 on the new units: every total is kept, and the tables say that they are computed. `bom`: CSV for
    Excel. UsageError E-EXPORT-EPOCH when that day already is on the new units.
    """
    from ntmgis.show.export.frames import export_frames
    from ntmgis.show.export.write import write_export

    workspace = load_workspace(folder)
    day = as_of or workspace.as_of
    if epoch == "new" and epoch_on(day).id == EPOCHS[-1].id:
        raise UsageError(problem("E-EXPORT-EPOCH", column="--epoch", value=day.isoformat()))
    if since is not None and since >= day:
        raise UsageError(problem("E-MONITOR-SINCE", column="--since", value=since.isoformat(), as_of=f"{day:%d/%m/%Y}"))
    taken = take_in(workspace, progress=progress)
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=since or last_period(taken, day))
    frames = export_frames(snapshot, facts, monitoring)
    if epoch == "new":
        frames |= _rebased(taken, snapshot, facts)
    about = _about(snapshot, facts, monitoring, rebased=epoch == "new")
    files = write_export(frames, out, about=about, bom=bom)
    return Exported(Path(out), tuple(files), {name: len(frame) for name, frame in frames.items()})


def _rebased(taken: TakenIn, snapshot: "Snapshot", facts: "Facts") -> "dict[str, pd.DataFrame]":
    """The figures on the new units, by the workspace's own mapping or the shipped one."""
    from ntmgis.show.export.rebased import rebased_frames
    from ntmgis.store.take import units_on
    from ntmgis.units.reference import crosswalk

    made = [one for one in taken.imports if one.table_id == "unit_change" and one.accepted]
    changes = taken.store.rows("unit_change", made) if made else crosswalk()
    return rebased_frames(snapshot, facts, changes, units_on(taken.store, taken.workspace, EPOCHS[-1]))


def _about(snapshot: "Snapshot", facts: "Facts", monitoring: "Monitoring", *, rebased: bool) -> dict[str, Any]:
    """What holds for the whole export."""
    from ntmgis.measure.addresses import SUPPRESS_UNDER
    from ntmgis.show import words
    from ntmgis.show.symbols import symbols

    sign = symbols()["sample"]
    told = "các bảng rebased_* là số tính ra từ đơn vị cũ, không phải số báo cáo của đơn vị mới"
    return {
        "name": f"ntmgis-{snapshot.province_code}-{snapshot.as_of.isoformat()}",
        "title": f"Nông thôn mới, {snapshot.province_name}, {words.day(snapshot.as_of)}",
        "headline": words.headline(snapshot, facts),
        "headline_en": words.headline(snapshot, facts, "en"),
        "province_code": snapshot.province_code,
        "province": snapshot.province_name,
        "as_of": snapshot.as_of.isoformat(),
        "data_as_of": words.data_day(snapshot).isoformat(),
        "compared_with": None if monitoring.since is None else monitoring.since.isoformat(),
        "epoch": snapshot.epoch.id,
        "epoch_title": snapshot.epoch.title_vi,
        "sample": snapshot.sample,
        "sample_note": f"{sign['vi']}. {sign['vi_long']} ({sign['en_long']})" if snapshot.sample else None,
        "known_note": words.upper(words.known_words(snapshot)) or None,
        "rebased_note": told if rebased else None,
        "limits_m": {layer: float(metres) for layer, metres in facts.limits.items()},
        "suppressed_under": SUPPRESS_UNDER,
        "metric_crs": snapshot.metric_crs,
        "notes": [{"id": note.id, "vi": note.vi, "en": note.en} for note in monitoring.notes],
        "tool": f"ntmgis {__version__}",
    }
