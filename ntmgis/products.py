"""The products of a build: which there are, what each is called, and how each is written."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.monitor import last_period, monitoring_of
from ntmgis.programme.plan import load_plan
from ntmgis.show.product import Product
from ntmgis.take_in import Progress, TakenIn, snapshot_of

if TYPE_CHECKING:
    from ntmgis.measure.facts import Facts
    from ntmgis.measure.monitoring import Monitoring
    from ntmgis.store.snapshot import Snapshot

__all__ = ["Making", "Told", "tell"]


@dataclass(frozen=True, slots=True)
class Told:
    """What every product of one date shows: the snapshot, its measures, and the answers of a review."""

    snapshot: "Snapshot"
    facts: "Facts"
    monitoring: "Monitoring"


def tell(taken: TakenIn, day: date) -> Told:
    """Everything of one date, compared with the reporting date before it."""
    snapshot, facts = snapshot_of(taken, day)
    return Told(snapshot, facts, monitoring_of(taken, snapshot, facts, since=last_period(taken, day)))


class Making:
    """Writes products into a staging folder, timing each, and remembers them for the start page."""

    def __init__(self, folder: Path, progress: Progress, *, total: int) -> None:
        self.folder = folder
        self.progress = progress
        self.total = total
        self.made: list[Product] = []
        self._shown: list[tuple[Product, date, bytes | None]] = []

    def of_day(self, taken: TakenIn, told: Told, others: Sequence[Told] = ()) -> None:
        """Every product of one date; `others` are the other dates, which the page can show too."""
        from ntmgis.show.paper.thumbnail import thumbnail
        from ntmgis.show.words import day as day_words

        workspace = taken.workspace
        snapshot, facts, monitoring = told.snapshot, told.facts, told.monitoring
        day, plan = snapshot.as_of, load_plan(workspace.plan)
        dated = day_words(day)
        picture = thumbnail(snapshot, facts)
        suffix = "" if day == workspace.as_of else f"_{day.isoformat()}"
        agency = workspace.agency
        wanted = set(workspace.products)
        if "html" in wanted:
            from ntmgis.show.web.page import write_status_page

            self._write(
                {f"status{suffix}.html": f"Bản đồ tương tác, {dated}"},
                lambda path: write_status_page(
                    snapshot,
                    facts,
                    path,
                    agency=agency,
                    monitoring=monitoring,
                    plan=plan,
                    others=[(one.snapshot, one.facts) for one in others],
                ),
                day,
                picture,
            )
        sheets = {
            f"status_a3{suffix}.{kind}": f"Bản đồ in A3 ({words}), {dated}"
            for kind, words in (("pdf", "PDF"), ("png", "ảnh"))
            if kind in wanted
        }
        if sheets:
            from ntmgis.show.paper.sheet import write_sheet

            self._write(
                sheets,
                lambda *paths: write_sheet(
                    snapshot,
                    facts,
                    **{path.suffix[1:]: path for path in paths},
                    monitoring=monitoring,
                    style=workspace.style,
                    agency=agency,
                ),
                day,
                picture,
            )
        if "xlsx" in wanted:
            from ntmgis.show.tables.status import write_status_workbook

            self._write(
                {f"status{suffix}.xlsx": f"Bảng số liệu, {dated}"},
                lambda path: write_status_workbook(snapshot, facts, path, plan=plan, monitoring=monitoring),
                day,
            )
        if "gpkg" in wanted:
            from ntmgis.show.geopackage import write_geopackage

            self._write(
                {f"ntm{suffix}.gpkg": f"Dữ liệu cho QGIS, {dated}"},
                lambda path: write_geopackage(snapshot, facts, path),
                day,
            )

    def review(self, taken: TakenIn, told: Told) -> None:
        """The review pack of one date: PDF for the table, slides, and a workbook with the numbers."""
        if "review" not in taken.workspace.products:
            return
        from ntmgis.show.paper.style import load_style
        from ntmgis.show.review.assemble import content_of
        from ntmgis.show.review.pdf import write_review_pdf
        from ntmgis.show.review.pictures import ProvinceMaps
        from ntmgis.show.review.pptx import write_review_pptx
        from ntmgis.show.review.xlsx import write_review_xlsx
        from ntmgis.show.words import day as day_words
        from ntmgis.store.take import take_snapshot

        workspace, since = taken.workspace, told.monitoring.since
        snapshot, facts, monitoring = told.snapshot, told.facts, told.monitoring
        before = None if since is None else take_snapshot(taken.store, workspace, since, failed=taken.failed)
        plan, style = load_plan(workspace.plan), load_style(workspace.style)
        pack = content_of(snapshot, facts, monitoring, plan, before=before, agency=workspace.agency)
        maps = ProvinceMaps(snapshot, facts, monitoring, before)
        day, dated = snapshot.as_of, day_words(snapshot.as_of)
        files: tuple[tuple[str, str, Callable[[Path], int]], ...] = (
            ("pdf", "PDF", lambda path: write_review_pdf(pack, maps, path, style=style)),
            ("pptx", "trình chiếu", lambda path: write_review_pptx(pack, maps, path, style=style)),
            ("xlsx", "bảng số", lambda path: write_review_xlsx(pack, path)),
        )
        for kind, words, write in files:
            self._write({f"review.{kind}": f"Báo cáo rà soát ({words}), {dated}"}, write, day)

    def reports(self, taken: TakenIn) -> None:
        """How every row was matched, and which rows were not accepted and why; each only when it has rows."""
        from ntmgis.show.tables.intake_report import write_match_workbook, write_quarantine_workbook

        day, sample = taken.workspace.as_of, taken.workspace.sample
        matches = taken.store.matches(taken.imports)
        if len(matches):
            self._write(
                {"match.xlsx": "Báo cáo đối chiếu"},
                lambda path: write_match_workbook(path, matches, as_of=day, sample=sample),
                day,
            )
        rows = taken.store.quarantine(taken.imports)
        if len(rows):
            self._write(
                {"quarantine.xlsx": "Dòng bị cách ly"},
                lambda path: write_quarantine_workbook(path, rows, as_of=day, sample=sample),
                day,
            )

    def index(self, taken: TakenIn, told: Told) -> None:
        """The start page, which lists all the others; its sources are those of `told`."""
        from ntmgis.show.web.index import Entry, write_index

        workspace = taken.workspace
        entries = [
            Entry(
                title=product.name,
                href=product.path.name,
                kind=product.kind,
                bytes=product.bytes,
                as_of=day,
                note="",
                thumbnail=picture,
            )
            for product, day, picture in self._shown
        ]
        self._write(
            {"index.html": "Trang mở đầu"},
            lambda path: write_index(
                path,
                entries=entries,
                title=f"Nông thôn mới, {workspace.province.name}",
                sample=workspace.sample,
                as_of=workspace.as_of,
                sources=told.snapshot.sources,
            ),
            workspace.as_of,
        )

    def _write(
        self, files: Mapping[str, str], write: Callable[..., object], day: date, picture: bytes | None = None
    ) -> None:
        """Write files (name → title) in one go; each is charged an equal part of the time."""
        self.progress(next(iter(files.values())), len(self.made), self.total)
        paths = [self.folder / name for name in files]
        start = time.perf_counter()
        write(*paths)
        seconds = round((time.perf_counter() - start) / len(paths), 3)
        for path, title in zip(paths, files.values(), strict=True):
            product = Product(title, path, path.suffix[1:], path.stat().st_size, seconds)
            self.made.append(product)
            self._shown.append((product, day, picture))
