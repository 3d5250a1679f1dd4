"""The products of a build: which there are, what each is called, and how each is written."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.monitor import last_period, monitoring_of
from ntmgis.programme.plan import load_plan
from ntmgis.show.product import Product
from ntmgis.take_in import TakenIn, snapshot_of

if TYPE_CHECKING:
    from ntmgis.measure.facts import Facts
    from ntmgis.measure.monitoring import Monitoring
    from ntmgis.store.snapshot import Snapshot
    from ntmgis.workspace import Workspace

__all__ = ["Told", "Work", "index_of", "products_of", "tell"]


@dataclass(frozen=True, slots=True)
class Told:
    """What every product of one date shows: the snapshot, its measures, and the answers of a review.

    No product of a build shows a single address, so the snapshot has none any more.
    """

    snapshot: "Snapshot"
    facts: "Facts"
    monitoring: "Monitoring"


def tell(taken: TakenIn, day: date) -> Told:
    """Everything of one date, compared with the reporting date before it."""
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=last_period(taken, day))
    return Told(replace(snapshot, addresses=snapshot.addresses.iloc[:0]), facts, monitoring)


@dataclass(frozen=True, slots=True)
class Work:
    """Files to be written in one go: name → title, the date that they show, and what writes them at their paths.

    `pictured`: the start page shows a small map beside them. Another process can do it: `write` is a function of a
    module, or a `partial` of one.
    """

    files: Mapping[str, str]
    day: date
    write: Callable[..., object]
    pictured: bool = False

    def into(self, folder: Path) -> list[Product]:
        """Write the files; each is charged an equal part of the time."""
        paths = [folder / name for name in self.files]
        start = time.perf_counter()
        self.write(*paths)
        seconds = round((time.perf_counter() - start) / len(paths), 3)
        return [
            Product(title, path, path.suffix[1:], path.stat().st_size, seconds)
            for path, title in zip(paths, self.files.values(), strict=True)
        ]


def products_of(taken: TakenIn, told: Sequence[Told]) -> list[Work]:
    """All products of a workspace but the start page, in the order of that page; `told` begins with its own date."""
    pages = [work for one in told for work in _of_day(taken.workspace, one, told)]
    return [*pages, *_review(taken, told[0]), *_reports(taken)]


def _of_day(workspace: "Workspace", told: Told, all_told: Sequence[Told]) -> Iterator[Work]:
    """The products of one date; the page can show the other dates too."""
    from ntmgis.show.words import day as day_words

    snapshot, facts, monitoring = told.snapshot, told.facts, told.monitoring
    day, wanted, plan = snapshot.as_of, set(workspace.products), load_plan(workspace.plan)
    dated = day_words(day)
    suffix = "" if day == workspace.as_of else f"_{day.isoformat()}"
    if "html" in wanted:
        from ntmgis.show.web.page import write_status_page

        others = [(one.snapshot, one.facts) for one in all_told if one is not told]
        page = partial(
            write_status_page, snapshot, facts, agency=workspace.agency, monitoring=monitoring, plan=plan, others=others
        )
        yield Work({f"status{suffix}.html": f"Bản đồ tương tác, {dated}"}, day, page, pictured=True)
    sheets = {
        f"status_a3{suffix}.{kind}": f"Bản đồ in A3 ({words}), {dated}"
        for kind, words in (("pdf", "PDF"), ("png", "ảnh"))
        if kind in wanted
    }
    if sheets:
        yield Work(sheets, day, partial(_write_sheet, workspace, told), pictured=True)
    if "xlsx" in wanted:
        from ntmgis.show.tables.status import write_status_workbook

        book = partial(write_status_workbook, snapshot, facts, plan=plan, monitoring=monitoring)
        yield Work({f"status{suffix}.xlsx": f"Bảng số liệu, {dated}"}, day, book)
    if "gpkg" in wanted:
        from ntmgis.show.geopackage import write_geopackage

        package = partial(write_geopackage, snapshot, facts)
        yield Work({f"ntm{suffix}.gpkg": f"Dữ liệu cho QGIS, {dated}"}, day, package)


def _write_sheet(workspace: "Workspace", told: Told, *paths: Path) -> None:
    from ntmgis.show.paper.sheet import write_sheet

    named = {path.suffix: path for path in paths}
    write_sheet(
        told.snapshot,
        told.facts,
        pdf=named.get(".pdf"),
        png=named.get(".png"),
        monitoring=told.monitoring,
        style=workspace.style,
        agency=workspace.agency,
    )


def _review(taken: TakenIn, told: Told) -> Iterator[Work]:
    """The review pack of one date: PDF for the table, slides, and a workbook with the numbers."""
    if "review" not in taken.workspace.products:
        return
    from ntmgis.show.words import day as day_words
    from ntmgis.store.take import take_snapshot

    workspace, since = taken.workspace, told.monitoring.since
    before = None if since is None else take_snapshot(taken.store, workspace, since, failed=taken.failed)
    day, dated = told.snapshot.as_of, day_words(told.snapshot.as_of)
    files = {
        f"review.{kind}": f"Báo cáo rà soát ({words}), {dated}"
        for kind, words in (("pdf", "PDF"), ("pptx", "trình chiếu"), ("xlsx", "bảng số"))
    }
    yield Work(files, day, partial(_write_review, workspace, told, before))


def _write_review(
    workspace: "Workspace", told: Told, before: "Snapshot | None", pdf: Path, pptx: Path, xlsx: Path
) -> None:
    from ntmgis.show.paper.style import load_style
    from ntmgis.show.review.assemble import content_of
    from ntmgis.show.review.pdf import write_review_pdf
    from ntmgis.show.review.pictures import ProvinceMaps
    from ntmgis.show.review.pptx import write_review_pptx
    from ntmgis.show.review.xlsx import write_review_xlsx

    plan, style = load_plan(workspace.plan), load_style(workspace.style)
    snapshot, facts, monitoring = told.snapshot, told.facts, told.monitoring
    pack = content_of(snapshot, facts, monitoring, plan, before=before, agency=workspace.agency)
    maps = ProvinceMaps(snapshot, facts, monitoring, before)
    write_review_pdf(pack, maps, pdf, style=style)
    write_review_pptx(pack, maps, pptx, style=style)
    write_review_xlsx(pack, xlsx)


def _reports(taken: TakenIn) -> Iterator[Work]:
    """How every row was matched, and which rows were not accepted and why; each only when it has rows."""
    from ntmgis.show.tables.intake_report import write_match_workbook, write_quarantine_workbook

    day, sample = taken.workspace.as_of, taken.workspace.sample
    matches = taken.store.matches(taken.imports)
    if len(matches):
        report = partial(write_match_workbook, rows=matches, as_of=day, sample=sample)
        yield Work({"match.xlsx": "Báo cáo đối chiếu"}, day, report)
    rows = taken.store.quarantine(taken.imports)
    if len(rows):
        report = partial(write_quarantine_workbook, rows=rows, as_of=day, sample=sample)
        yield Work({"quarantine.xlsx": "Dòng bị cách ly"}, day, report)


def index_of(taken: TakenIn, told: Sequence[Told], made: Sequence[tuple[Work, Sequence[Product]]]) -> Work:
    """The start page, which lists all the others; its sources are those of the workspace's own date."""
    from ntmgis.show.paper.thumbnail import thumbnail
    from ntmgis.show.web.index import Entry, write_index

    workspace = taken.workspace
    pictures = {one.snapshot.as_of: thumbnail(one.snapshot, one.facts) for one in told}
    entries = [
        Entry(
            title=product.name,
            href=product.path.name,
            kind=product.kind,
            bytes=product.bytes,
            as_of=work.day,
            note="",
            thumbnail=pictures[work.day] if work.pictured else None,
        )
        for work, products in made
        for product in products
    ]
    write = partial(
        write_index,
        entries=entries,
        title=f"Nông thôn mới, {workspace.province.name}",
        sample=workspace.sample,
        as_of=workspace.as_of,
        sources=told[0].snapshot.sources,
    )
    return Work({"index.html": "Trang mở đầu"}, workspace.as_of, write)
