"""The map book of a province, and the sheet of one commune, as PDF files. Same input, same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.show.paper.book import Book
from ntmgis.show.paper.book_order import plan_book
from ntmgis.show.paper.book_pages import BookPages
from ntmgis.show.paper.commune_page import CommuneInfo, CommunePages
from ntmgis.show.paper.font import clean, house_fonts
from ntmgis.show.paper.sheet import SheetMaker
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.words import day, headline, place_words
from ntmgis.store.snapshot import Snapshot

__all__ = ["BookInfo", "write_book", "write_commune_page"]

Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BookInfo:
    """What a book holds: its pages, and for each commune what its page shows."""

    pages: int
    districts: int
    communes: tuple[CommuneInfo, ...]


def write_book(  # noqa: PLR0913 - each is named at the call
    snapshot: Snapshot,
    facts: Facts,
    pdf: Path,
    *,
    monitoring: Monitoring | None = None,
    style: Path | HouseStyle | None = None,
    agency: str = "",
    neighbours: gpd.GeoDataFrame | None = None,
    made: date | None = None,
    bw: bool = False,
    progress: Step = lambda _title, _done, _total: None,
) -> BookInfo:
    """One page for each commune on A4, with cover, contents, index and a page for each district, all linked.

    Without districts (boundaries since 1 July 2025) communes stand by the alphabet. `made`: the day the book is dated;
    `neighbours`: known land around the province, drawn grey. InputError for a name that the typeface cannot set.
    """
    maker = SheetMaker(snapshot, facts, monitoring=monitoring, style=style, agency=agency, neighbours=neighbours)
    pages = CommunePages(maker, monitoring, bw=bw)
    districts = [(str(row.code), clean(row.name)) for row in snapshot.districts.itertuples(index=False)]
    plan = plan_book(maker.ground.units, districts)
    front = BookPages(pages, plan, made=made)
    book, told = Book(), []
    with house_fonts(maker.style.fonts):
        for entry in plan.entries:
            progress(entry.title, entry.page - 1, len(plan))
            if entry.kind == "commune":
                canvas, info = pages.draw(entry.key, page=(entry.page, len(plan)), made=made)
                front.back(canvas)
                told.append(info)
                page = canvas.page
            else:
                page = front.draw(entry)
            level = 1 if districts and entry.kind == "commune" else 0
            book.add(page, name=entry.key, title=entry.title, level=level)
        where = place_words("Tập bản đồ xã nông thôn mới", clean(snapshot.province_name))
        title = f"{where}, đến {day(snapshot.as_of)}"
        pdf.write_bytes(book.pdf(_about(pages, title, headline(snapshot, facts), "tập bản đồ", made)))
    return BookInfo(len(plan), sum(entry.kind == "district" for entry in plan.entries), tuple(told))


def write_commune_page(  # noqa: PLR0913 - each is named at the call
    snapshot: Snapshot,
    facts: Facts,
    code: str,
    *,
    pdf: Path | None = None,
    png: Path | None = None,
    svg: Path | None = None,
    monitoring: Monitoring | None = None,
    style: Path | HouseStyle | None = None,
    agency: str = "",
    neighbours: gpd.GeoDataFrame | None = None,
    made: date | None = None,
    bw: bool = False,
    dpi: float = 200,
) -> CommuneInfo:
    """The page of one commune alone, on A4. UsageError when no unit of the snapshot has this code."""
    maker = SheetMaker(snapshot, facts, monitoring=monitoring, style=style, agency=agency, neighbours=neighbours)
    pages = CommunePages(maker, monitoring, bw=bw)
    canvas, info = pages.draw(code, made=made)
    with house_fonts(maker.style.fonts):
        if pdf is not None:
            title = f"{place_words(info.name, clean(snapshot.province_name))}, đến {day(snapshot.as_of)}"
            canvas.save_pdf(pdf, _about(pages, title, f"Trang xã {info.name}", "trang xã", made))
        if png is not None:
            canvas.save_png(png, dpi=dpi)
        if svg is not None:
            canvas.save_svg(svg, title=info.name)
    return info


def _about(pages: CommunePages, title: str, subject: str, kind: str, made: date | None) -> dict[str, str]:
    maker = pages.maker
    return {
        "Title": title,
        "Subject": subject,
        "Keywords": f"nông thôn mới, bản đồ, {kind}, {clean(maker.snapshot.province_name)}",
        "Author": maker.agency,
        "Creator": "ntmgis",
        "Date": maker.snapshot.as_of.isoformat(),
        "Made": "" if made is None else made.isoformat(),
        "Sources": " ".join(pages.facts.sources),
        "Inputs": maker.inputs,
    }
