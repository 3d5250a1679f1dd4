"""The products of a build: which there are, what each is called, and how each is written."""

import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.programme.plan import load_plan
from ntmgis.show.product import Product
from ntmgis.take_in import Progress, TakenIn, snapshot_of

if TYPE_CHECKING:
    from ntmgis.measure.facts import Facts
    from ntmgis.store.snapshot import Snapshot

__all__ = ["Making"]


class Making:
    """Writes products into a staging folder, timing each, and remembers them for the start page."""

    def __init__(self, folder: Path, progress: Progress, *, total: int) -> None:
        self.folder = folder
        self.progress = progress
        self.total = total
        self.made: list[Product] = []
        self._shown: list[tuple[Product, date, bytes | None]] = []
        self._first: Snapshot | None = None

    def of_day(self, taken: TakenIn, day: date) -> "Facts":
        """Every product of one date; the measures they all show come back."""
        from ntmgis.show.geopackage import write_geopackage
        from ntmgis.show.paper.sheet import thumbnail, write_sheet
        from ntmgis.show.tables.status import write_status_workbook
        from ntmgis.show.web.page import write_status_page
        from ntmgis.show.words import day as day_words

        workspace = taken.workspace
        dated = day_words(day)
        self.progress(f"Tính số liệu ngày {dated}", len(self.made), self.total)
        snapshot, facts = snapshot_of(taken, day)
        self._first = self._first or snapshot
        picture = thumbnail(snapshot, facts)
        suffix = "" if day == workspace.as_of else f"_{day.isoformat()}"
        agency = workspace.agency
        wanted = set(workspace.products)
        if "html" in wanted:
            self._write(
                {f"status{suffix}.html": f"Bản đồ tương tác, {dated}"},
                lambda path: write_status_page(snapshot, facts, path, agency=agency),
                day,
                picture,
            )
        sheets = {
            f"status_a3{suffix}.{kind}": f"Bản đồ in A3 ({words}), {dated}"
            for kind, words in (("pdf", "PDF"), ("png", "ảnh"))
            if kind in wanted
        }
        if sheets:
            self._write(
                sheets,
                lambda *paths: write_sheet(snapshot, facts, **{path.suffix[1:]: path for path in paths}, agency=agency),
                day,
                picture,
            )
        if "xlsx" in wanted:
            self._write(
                {f"status{suffix}.xlsx": f"Bảng số liệu, {dated}"},
                lambda path: write_status_workbook(snapshot, facts, path, plan=load_plan(workspace.plan)),
                day,
            )
        if "gpkg" in wanted:
            self._write(
                {f"ntm{suffix}.gpkg": f"Dữ liệu cho QGIS, {dated}"},
                lambda path: write_geopackage(snapshot, facts, path),
                day,
            )
        return facts

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

    def index(self, taken: TakenIn) -> None:
        """The start page, which lists all the others."""
        from ntmgis.show.web.index import Entry, write_index

        assert self._first is not None
        sources = self._first.sources
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
                sources=sources,
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
