"""The pack as a PDF: A4 landscape, selectable text, bookmarks, links from the first page; same input, same bytes."""

from pathlib import Path

from ntmgis.show.paper.book import Book
from ntmgis.show.paper.font import house_fonts
from ntmgis.show.paper.style import HouseStyle, load_style
from ntmgis.show.review.content import Pack
from ntmgis.show.review.front import draw_front, draw_maps
from ntmgis.show.review.layout import Flow
from ntmgis.show.review.pictures import ProvinceMaps

__all__ = ["write_review_pdf"]


def write_review_pdf(pack: Pack, maps: ProvinceMaps, path: Path, *, style: Path | HouseStyle | None = None) -> int:
    """Writes the PDF and gives its number of pages. InputError names every text that the typeface cannot set."""
    house = style if isinstance(style, HouseStyle) else load_style(style)
    with house_fonts(house.fonts):
        flow = Flow(pack, house)
        front, province = flow.blank(), flow.blank()
        front.bookmarks.append("Số liệu chính")
        province.bookmarks.append("Trước và nay" if maps.before is not None else "Bản đồ")
        draw_maps(province.canvas, pack, maps)
        for section in pack.sections:
            if not section.book_only:
                flow.section(section)
        pages = {id_: n for n, leaf in enumerate(flow.leaves, start=1) for id_ in leaf.sections}
        draw_front(front.canvas, pack, pages)
        flow.feet()
        book = Book()
        for n, leaf in enumerate(flow.leaves, start=1):
            book.add(leaf.canvas.page, name=f"p{n}", title=" · ".join(leaf.bookmarks))
    about = {
        "Title": pack.title,
        "Subject": f"{pack.headline}. {pack.compared}",
        "Keywords": f"nông thôn mới, họp đánh giá, {pack.province}",
        "Author": pack.agency,
        "Creator": "ntmgis",
        "Date": pack.as_of.isoformat(),
        "Made": "" if pack.made is None else pack.made.isoformat(),
        "Sources": " ".join(pack.sources),
        "Inputs": pack.inputs,
    }
    path.write_bytes(book.pdf(about))
    return len(flow.leaves)
