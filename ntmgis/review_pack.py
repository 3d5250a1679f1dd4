"""The review pack of a workspace: PDF for the table, slides for the projector, workbook with the numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ntmgis.errors import Problem, UsageError, problem
from ntmgis.monitor import last_period, monitoring_of
from ntmgis.places import MAPS
from ntmgis.show.staging import put_in_place, staging
from ntmgis.take_in import Progress, silent, snapshot_of, take_in
from ntmgis.workspace import load_workspace

__all__ = ["ReviewPack", "make_review_pack"]

# Where the files go within a workspace unless told otherwise: beside the other products.


@dataclass(frozen=True, slots=True)
class ReviewPack:
    """What was written for the day `as_of`, compared with `since` (None: there was no earlier day).

    `files` are the PDF, the slides and the workbook; `pages`, `slides`, `sheets` how many each has; `headline` is the
    answer of the first page, `problems` are those of taking the files in.
    """

    as_of: date
    since: date | None
    headline: str
    files: tuple[Path, ...]
    pages: int
    slides: int
    sheets: int
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, object]:
        """One object for `--json`."""
        return {
            "as_of": self.as_of.isoformat(),
            "since": None if self.since is None else self.since.isoformat(),
            "headline": self.headline,
            "files": [{"path": str(path), "bytes": path.stat().st_size} for path in self.files],
            "pages": self.pages,
            "slides": self.slides,
            "sheets": self.sheets,
            "problems": [one.as_dict() for one in self.problems],
        }


def make_review_pack(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    as_of: date | None = None,
    since: date | None = None,
    known_on: date | None = None,
    made: date | None = None,
    style: Path | None = None,
    progress: Progress = silent,
) -> ReviewPack:
    """Writes review_DAY.pdf, .pptx and .xlsx of the workspace `folder` into `out` (None: its `maps/`), all or none.

    `as_of`: the day (None: the workspace's own); `since`: the earlier day (None: the last reporting date before it that
    has boundaries; where there is none nothing is compared, and the pack says so); `known_on`: the day of the last
    review, so that data put right afterwards are told apart from change (None: not asked); `made`: the day the pack is
    dated (None: left to be filled in by hand); `style`: a house style file (None: that of the workspace). UsageError
    when the days are in the wrong order; InputError when there are no boundaries for a day. No clock is read: the same
    input gives the same bytes.
    """
    from ntmgis.programme.plan import load_plan
    from ntmgis.show.paper.style import load_style
    from ntmgis.show.review.assemble import content_of
    from ntmgis.show.review.pdf import write_review_pdf
    from ntmgis.show.review.pictures import ProvinceMaps
    from ntmgis.show.review.pptx import write_review_pptx
    from ntmgis.show.review.xlsx import write_review_xlsx
    from ntmgis.store.take import take_snapshot

    workspace = load_workspace(folder)
    house = load_style(style or workspace.style)
    day = as_of or workspace.as_of
    if since is not None and since >= day:
        raise UsageError(problem("E-MONITOR-SINCE", value=since.isoformat(), as_of=f"{day:%d/%m/%Y}"))
    taken = take_in(workspace, progress=progress)
    earlier = since or last_period(taken, day)
    if known_on is not None and earlier is None:
        raise UsageError(problem("E-MONITOR-KNOWN-ON", value=known_on.isoformat()))
    progress("Số liệu", 0, 4)
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=earlier, known_on=known_on)
    before = None if earlier is None else take_snapshot(taken.store, workspace, earlier, failed=taken.failed)
    pack = content_of(
        snapshot,
        facts,
        monitoring,
        load_plan(workspace.plan),
        before=before,
        agency=workspace.agency,
        known=known_on is not None,
        made=made,
    )
    maps = ProvinceMaps(snapshot, facts, monitoring, before)
    writers: Mapping[str, Callable[[Path], int]] = {
        "pdf": lambda path: write_review_pdf(pack, maps, path, style=house),
        "pptx": lambda path: write_review_pptx(pack, maps, path, style=house),
        "xlsx": lambda path: write_review_xlsx(pack, path),
    }
    target = workspace.root / MAPS if out is None else Path(out)
    counts: dict[str, int] = {}
    with staging(target) as staged:
        for n, (suffix, write) in enumerate(writers.items(), start=1):
            progress(f"review.{suffix}", n, len(writers) + 1)
            counts[suffix] = write(staged / f"review_{day.isoformat()}.{suffix}")
        files = put_in_place(staged, target)
    return ReviewPack(
        as_of=day,
        since=earlier,
        headline=pack.headline,
        files=files,
        pages=counts["pdf"],
        slides=counts["pptx"],
        sheets=counts["xlsx"],
        problems=taken.problems,
    )
