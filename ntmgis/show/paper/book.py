"""Pages gathered into one PDF: fonts, signs and pictures once for all, bookmarks, links, layers and a place on earth.

    book = Book()
    book.add(canvas.page, name="xa-23521", title="Xã Hà Mòn", level=1)
    path.write_bytes(book.pdf({"Title": "Tập bản đồ"}))

A page is written the moment it is added, so that a book of hundreds of pages needs little memory.
"""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from xml.sax.saxutils import escape

import pyproj
from PIL import Image

from ntmgis.show.paper.font import Face
from ntmgis.show.paper.items import UNITS_PER_MM, UNITS_PER_PT, Box, GeoFrame, Link, Page
from ntmgis.show.paper.pdf_content import Shared, content, packed
from ntmgis.show.paper.pdf_fonts import cut_font, glyph_path, to_unicode, widths
from ntmgis.show.paper.tiles import Tile

__all__ = ["Book"]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A written page. `whole` is the number of the drawing that several pages show parts of; None: its own."""

    width: int
    height: int
    stream: bytes
    links: tuple[Link, ...]
    geo: tuple[GeoFrame, ...]
    name: str
    title: str
    level: int
    whole: int | None = None


class Book:
    """A PDF that is being put together, page by page."""

    def __init__(self) -> None:
        self._shared = Shared()
        self._sheets: list[_Sheet] = []
        self._wholes: list[tuple[bytes, int, int]] = []

    def __len__(self) -> int:
        return len(self._sheets)

    def add(self, page: Page, *, name: str = "", title: str = "", level: int = 0) -> None:
        """One more page. `name` is what links lead to; `title` makes a bookmark under the last one of a lower level."""
        stream = packed(content(page, self._shared))
        self._sheets.append(_Sheet(page.width, page.height, stream, page.links, page.geo, name, title, level))

    def add_tiles(self, page: Page, tiles: Sequence[Tile]) -> None:
        """The page cut into sheets of smaller paper. Its drawing is held once; each sheet shows a part of it."""
        self._wholes.append((packed(content(page, self._shared)), page.width, page.height))
        for tile in tiles:
            dx, dy = (round(shift * UNITS_PER_MM) for shift in tile.shift)
            x, y, wide, tall = (round(side * UNITS_PER_MM) for side in tile.window)
            marks = content(tile.marks, self._shared)
            unit = 1 / UNITS_PER_PT
            shown = f"q {x * unit:g} {y * unit:g} {wide * unit:g} {tall * unit:g} re W n "
            shown += f"1 0 0 1 {dx * unit:g} {dy * unit:g} cm /W{len(self._wholes) - 1} Do Q\n"
            stream = packed(shown.encode("ascii") + marks)
            size = (tile.marks.width, tile.marks.height)
            self._sheets.append(_Sheet(*size, stream, (), (), "", tile.title, 0, len(self._wholes) - 1))

    def pdf(self, about: Mapping[str, str | None]) -> bytes:
        """The file. `about` holds Title, Author, Subject, Keywords, and whatever else is to be told of it.

        Keys `Date` (ISO date of the data), `Sources` and `Inputs` (hash) also go into the XMP description; `Made` (ISO
        date) is the day a viewer shows as that of making. No clock is read: same input, same bytes.
        """
        return _Writer(self._shared, self._sheets, self._wholes).write(
            {key: value for key, value in about.items() if value}
        )


class _Writer:
    """Numbered objects and the table that finds them."""

    def __init__(self, shared: Shared, sheets: Sequence[_Sheet], wholes: Sequence[tuple[bytes, int, int]]) -> None:
        self._shared = shared
        self._sheets = sheets
        self._wholes = wholes
        self._objects: list[bytes] = []

    def write(self, about: Mapping[str, str]) -> bytes:
        catalog, pages, resources = self._new(), self._new(), self._new()
        numbers = [self._new() for _ in self._sheets]
        layers = {name: self._add(f"<< /Type /OCG /Name {_text(name)} >>") for name in self._shared.layers}
        self._set(resources, self._resources(resources, layers))
        by_name = {sheet.name: number for sheet, number in zip(self._sheets, numbers, strict=True) if sheet.name}
        for sheet, number in zip(self._sheets, numbers, strict=True):
            self._set(number, self._page(sheet, pages, resources, by_name))
        kids = " ".join(f"{number} 0 R" for number in numbers)
        self._set(pages, f"<< /Type /Pages /Count {len(numbers)} /Kids [{kids}] >>")
        parts = [
            f"<< /Type /Catalog /Version /1.7 /Pages {pages} 0 R /Lang (vi)",
            "/ViewerPreferences << /DisplayDocTitle true >>",
        ]
        parts.append(f"/Metadata {self._stream('/Type /Metadata /Subtype /XML', _xmp(about), pack=False)} 0 R")
        outline = self._outline(numbers)
        if outline is not None:
            parts.append(f"/Outlines {outline} 0 R /PageMode /UseOutlines")
        if layers:
            every = " ".join(f"{number} 0 R" for number in layers.values())
            parts.append(
                f"/OCProperties << /OCGs [{every}] /D << /Order [{every}] /ON [{every}] /Name {_text('Lớp')} >> >>"
            )
        self._set(catalog, " ".join(parts) + " >>")
        known = {"Title", "Author", "Subject", "Keywords", "Creator"}
        told = "".join(f" /{key} {_text(value)}" for key, value in about.items() if key in known or key.isalpha())
        if made := about.get("Made"):
            told += f" /CreationDate (D:{made.replace('-', '')})"
        info = self._add(f"<<{told} /Producer (ntmgis) >>")
        return self._file(catalog, info)

    def _resources(self, own: int, layers: Mapping[str, int]) -> str:
        shared = self._shared
        fonts = " ".join(
            f"/{name} {self._font(one, shared.letters[name])} 0 R"
            for name, one in shared.faces.items()
            if shared.letters[name]
        )
        drawings = []
        for (font, letter), name in shared.glyphs.items():
            path = glyph_path(shared.faces[font], letter).encode("ascii") + b" B"
            drawings.append(f"/{name} {self._form(path, (-700, -900, 2200, 1800), own)} 0 R")
        for name, (body, box) in shared.stamps.items():
            drawings.append(f"/{name} {self._form(body, box, own)} 0 R")
        for name, data in shared.pictures.items():
            drawings.append(f"/{name} {self._picture(data)} 0 R")
        for n, (stream, wide, tall) in enumerate(self._wholes):
            corner = f"{_points(wide)} {_points(tall)}"
            head = f"/Type /XObject /Subtype /Form /BBox [0 0 {corner}] /Resources {own} 0 R"
            drawings.append(f"/W{n} {self._stream(head, stream, packed_already=True)} 0 R")
        states = [f"/{name} << /ca {value:g} /CA {value:g} >>" for value, name in shared.alphas.items()]
        if shared.multiply:
            states.append("/Multiply << /BM /Multiply >>")
        marks = " ".join(f"/{shared.layers[name]} {number} 0 R" for name, number in layers.items())
        return (
            f"<< /Font << {fonts} >> /XObject << {' '.join(drawings)} >> /ExtGState << {' '.join(states)} >> "
            f"/Properties << {marks} >> >>"
        )

    def _font(self, one: Face, letters: set[str]) -> int:
        data = cut_font(one, letters)
        tag = "".join(chr(65 + byte % 26) for byte in sha256(data).digest()[:6])
        name = f"{tag}+{one.name}"
        file = self._stream(f"/Length1 {len(data)}", data)
        box = " ".join(map(str, one.box))
        italic = one.italic_angle
        descriptor = self._add(
            f"<< /Type /FontDescriptor /FontName /{name} /Flags {4 + (64 if italic else 0)} /FontBBox [{box}] "
            f"/ItalicAngle {italic:g} /Ascent {one.box[3]} /Descent {one.box[1]} /CapHeight {one.ink('H')[1]} "
            f"/StemV 80 /FontFile2 {file} 0 R >>"
        )
        inner = self._add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /FontDescriptor {descriptor} 0 R "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap /Identity "
            f"/DW 500 /W [{widths(one, letters)}] >>"
        )
        back = self._stream("", to_unicode(one, letters))
        return self._add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{inner} 0 R] "
            f"/ToUnicode {back} 0 R >>"
        )

    def _form(self, body: bytes, box: tuple[int, int, int, int], resources: int) -> int:
        corners = " ".join(map(str, box))
        return self._stream(f"/Type /XObject /Subtype /Form /BBox [{corners}] /Resources {resources} 0 R", body)

    def _picture(self, data: bytes) -> int:
        with Image.open(io.BytesIO(data)) as picture:
            wide, tall = picture.size
            head = f"/Type /XObject /Subtype /Image /Width {wide} /Height {tall} /BitsPerComponent 8 /Interpolate true"
            if picture.format == "JPEG":
                space = "/DeviceGray" if picture.mode == "L" else "/DeviceRGB"
                return self._stream(f"{head} /ColorSpace {space} /Filter /DCTDecode", data, pack=False)
            if picture.mode in {"RGBA", "LA", "P"}:
                full = picture.convert("RGBA")
                mask = self._stream(f"{head} /ColorSpace /DeviceGray", full.getchannel("A").tobytes())
                head += f" /SMask {mask} 0 R"
                return self._stream(f"{head} /ColorSpace /DeviceRGB", full.convert("RGB").tobytes())
            grey = picture.mode == "L"
            pixels = picture if grey else picture.convert("RGB")
            return self._stream(f"{head} /ColorSpace {'/DeviceGray' if grey else '/DeviceRGB'}", pixels.tobytes())

    def _page(self, sheet: _Sheet, parent: int, resources: int, by_name: Mapping[str, int]) -> str:
        body = self._stream("", sheet.stream, packed_already=True)
        parts = [
            f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 {_points(sheet.width)} {_points(sheet.height)}]",
            f"/Resources {resources} 0 R /Contents {body} 0 R",
            "/Group << /Type /Group /S /Transparency /CS /DeviceRGB >>",
        ]
        notes = [note for link in sheet.links if (note := _link(link, by_name))]
        if notes:
            parts.append(f"/Annots [{' '.join(notes)}]")
        if sheet.geo:
            parts.append(f"/VP [{' '.join(_viewport(geo) for geo in sheet.geo)}]")
        return " ".join(parts) + " >>"

    def _outline(self, numbers: Sequence[int]) -> int | None:
        """Bookmarks as a tree: each under the last one with a lower level."""
        marked = [(sheet, number) for sheet, number in zip(self._sheets, numbers, strict=True) if sheet.title]
        if len(marked) == 0 or len(self._sheets) < 2:
            return None
        root = self._new()
        own = [self._new() for _ in marked]
        children: dict[int, list[int]] = {-1: []}
        parents: list[int] = []
        stack: list[int] = []
        for n, (sheet, _) in enumerate(marked):
            while stack and marked[stack[-1]][0].level >= sheet.level:
                stack.pop()
            parents.append(stack[-1] if stack else -1)
            children.setdefault(parents[n], []).append(n)
            stack.append(n)
        for n, (sheet, page) in enumerate(marked):
            family = children[parents[n]]
            at = family.index(n)
            parts = [f"<< /Title {_text(sheet.title)} /Dest [{page} 0 R /Fit]"]
            parts.append(f"/Parent {root if parents[n] < 0 else own[parents[n]]} 0 R")
            if at > 0:
                parts.append(f"/Prev {own[family[at - 1]]} 0 R")
            if at + 1 < len(family):
                parts.append(f"/Next {own[family[at + 1]]} 0 R")
            if children.get(n):
                some = children[n]
                parts.append(f"/First {own[some[0]]} 0 R /Last {own[some[-1]]} 0 R /Count -{len(some)}")
            self._set(own[n], " ".join(parts) + " >>")
        top = children[-1]
        self._set(root, f"<< /Type /Outlines /First {own[top[0]]} 0 R /Last {own[top[-1]]} 0 R /Count {len(top)} >>")
        return root

    def _new(self) -> int:
        self._objects.append(b"")
        return len(self._objects)

    def _set(self, number: int, body: str | bytes) -> None:
        self._objects[number - 1] = body if isinstance(body, bytes) else body.encode("latin-1")

    def _add(self, body: str | bytes) -> int:
        number = self._new()
        self._set(number, body)
        return number

    def _stream(self, head: str, data: bytes, *, pack: bool = True, packed_already: bool = False) -> int:
        if pack and not packed_already:
            data = packed(data)
        extra = " /Filter /FlateDecode" if pack else ""
        top = f"<< {head}{extra} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self._add(top + data + b"\nendstream")

    def _file(self, catalog: int, info: int) -> bytes:
        out = io.BytesIO()
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(self._objects, start=1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        mark = sha256(out.getvalue()).hexdigest()[:32]
        start = out.tell()
        # the table of places as a packed stream: smaller, and what PDF 1.5 readers expect
        rows = b"".join(struct.pack(">BIH", 1, place, 0) for place in (*places, start))
        table = packed(struct.pack(">BIH", 0, 0, 65535) + rows)
        number = len(self._objects) + 1
        out.write(
            f"{number} 0 obj\n<< /Type /XRef /Size {number + 1} /W [1 4 2] /Root {catalog} 0 R /Info {info} 0 R "
            f"/ID [<{mark}> <{mark}>] /Filter /FlateDecode /Length {len(table)} >>\nstream\n".encode("ascii")
        )
        out.write(table + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode("ascii"))
        return out.getvalue()


def _points(units: int) -> str:
    return f"{units / UNITS_PER_PT:g}" if units % 100 == 0 else f"{units / UNITS_PER_PT:.2f}"


def _corners(box: Box) -> str:
    x, y, wide, tall = box
    return f"[{_points(x)} {_points(y)} {_points(x + wide)} {_points(y + tall)}]"


def _text(value: str) -> str:
    """A text string of PDF, in UTF-16 so that every mark survives."""
    return "<FEFF" + value.encode("utf-16-be", "replace").hex().upper() + ">"


def _link(link: Link, by_name: Mapping[str, int]) -> str:
    head = f"<< /Type /Annot /Subtype /Link /Rect {_corners(link.box)} /Border [0 0 0]"
    if link.to.startswith("https:"):
        return f"{head} /A << /S /URI /URI {_text(link.to)} >> >>"
    page = by_name.get(link.to)
    return "" if page is None else f"{head} /Dest [{page} 0 R /Fit] >>"


def _viewport(geo: GeoFrame) -> str:
    """The place of the map as ISO 32000-2 has it (measure dictionary of a projected coordinate system)."""
    crs = pyproj.CRS.from_user_input(geo.crs)
    points = " ".join(f"{lat:.9f} {lon:.9f}" for lon, lat in geo.corners)
    wkt = crs.to_wkt("WKT1_ESRI").replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    code = crs.to_epsg()
    known = f" /EPSG {code}" if code else ""
    return (
        f"<< /Type /Viewport /Name {_text('Bản đồ')} /BBox {_corners(geo.box)} "
        f"/Measure << /Type /Measure /Subtype /GEO /Bounds [0 0 0 1 1 1 1 0] /LPTS [0 0 0 1 1 1 1 0] /GPTS [{points}] "
        f"/GCS << /Type /PROJCS{known} /WKT ({wkt}) >> >> >>"
    )


def _xmp(about: Mapping[str, str]) -> bytes:
    def say(tag: str, value: str | None, form: str = "{}") -> str:
        return f"<{tag}>{form.format(escape(value))}</{tag}>" if value else ""

    alt = '<rdf:Alt><rdf:li xml:lang="vi">{}</rdf:li></rdf:Alt>'
    body = "".join(
        [
            say("dc:title", about.get("Title"), alt),
            say("dc:description", about.get("Subject"), alt),
            say("dc:creator", about.get("Author"), "<rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq>"),
            say("dc:date", about.get("Date"), "<rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq>"),
            say("dc:source", about.get("Sources")),
            say("dc:identifier", about.get("Inputs"), "sha256:{}"),
            say("pdf:Keywords", about.get("Keywords")),
            say("pdf:Producer", "ntmgis"),
            say("xmp:CreateDate", about.get("Made")),
        ]
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'xmlns:pdf="http://ns.adobe.com/pdf/1.3/">{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
