"""Printed sheets and books: vector PDF, SVG and PNG at a true round scale, drawn in millimetres.

One sheet: `write_sheet`. Many sheets of one snapshot, or pages of one's own in one PDF:

    maker = SheetMaker(snapshot, facts, agency="...")        # reads, projects and indexes everything once
    book = Book()
    page, info, about = maker.draw("status", size="A3")      # a ready sheet...
    book.add(page, name="province", title="Toàn tỉnh")       # ...with its bookmark
    canvas = Canvas(210, 297, colors=maker.style.colors)     # ...or a page of one's own
    with house_fonts(maker.style.fonts):
        scope = scope_of(maker.ground, snapshot, "23521")
        (painting,) = paint(snapshot, facts, scope, "status")
        draw_fitted_map(canvas, Rect(15, 120, 180, 150), maker.ground, scope, painting, template=template_for("A4"))
        canvas.text((15, 285), "Xã Hà Mòn", 16, style="bold")
        canvas.link(Rect(15, 10, 30, 5), "contents")
        book.add(canvas.page, name="23521", title="Xã Hà Mòn", level=1)
    path.write_bytes(book.pdf({**about, "Title": "Tập bản đồ"}))

Fonts, signs, glyphs and the relief are held once in the file, however many pages show them.
"""

from ntmgis.show.paper.book import Book
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import scope_of
from ntmgis.show.paper.fitted import FittedMap, draw_fitted_map
from ntmgis.show.paper.font import house_fonts
from ntmgis.show.paper.painting import paint, theme_ids
from ntmgis.show.paper.sheet import SheetInfo, SheetMaker, write_sheet
from ntmgis.show.paper.sizes import Rect, template_for
from ntmgis.show.paper.thumbnail import thumbnail

__all__ = [
    "Book",
    "Canvas",
    "FittedMap",
    "Ink",
    "Rect",
    "SheetInfo",
    "SheetMaker",
    "draw_fitted_map",
    "house_fonts",
    "paint",
    "scope_of",
    "template_for",
    "theme_ids",
    "thumbnail",
    "write_sheet",
]
