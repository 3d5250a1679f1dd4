"""A page as a PNG of any resolution, drawn from its PDF band by band, so that an A0 sheet needs little memory."""

import struct
import zlib
from typing import BinaryIO

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from ntmgis.show.paper.book import Book
from ntmgis.show.paper.items import UNITS_PER_PT, Page

__all__ = ["write_png"]

_BAND = 24_000_000  # pixels drawn at a time


def write_png(page: Page, out: BinaryIO, *, dpi: float) -> None:
    """The page at `dpi` pixels an inch; 8-bit grey for a page in grey, else 8-bit RGB."""
    book = Book()
    book.add(page)
    document = pypdfium2.PdfDocument(book.pdf({}))
    try:
        _write(document[0], page, out, dpi)
    finally:
        document.close()


def _write(sheet: pypdfium2.PdfPage, page: Page, out: BinaryIO, dpi: float) -> None:
    scale = dpi / 72
    tall_pt = page.height / UNITS_PER_PT
    wide, tall = max(1, round(page.width / UNITS_PER_PT * scale)), max(1, round(tall_pt * scale))
    rows = max(1, min(tall, _BAND // wide))
    out.write(b"\x89PNG\r\n\x1a\n")
    _chunk(out, b"IHDR", struct.pack(">IIBBBBB", wide, tall, 8, 0 if page.grey else 2, 0, 0, 0))
    _chunk(out, b"pHYs", struct.pack(">IIB", round(dpi / 0.0254), round(dpi / 0.0254), 1))
    packer = zlib.compressobj(6)
    above: NDArray[np.uint8] | None = None
    for top in range(0, tall, rows):
        count = min(rows, tall - top)
        bitmap = sheet.render(
            scale=scale,
            crop=(0, max(tall_pt - (top + count) / scale, 0.0), 0, top / scale),
            grayscale=page.grey,
            rev_byteorder=True,
            optimize_mode=None,
        )
        pixels = np.asarray(bitmap.to_numpy())
        pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)[:count, :wide, : 1 if page.grey else 3]
        pixels = _full(pixels, count, wide)
        lines = pixels.reshape(count, -1)
        bitmap.close()
        before = np.vstack([np.zeros_like(lines[:1]) if above is None else above, lines[:-1]])
        coded = np.empty((count, lines.shape[1] + 1), dtype=np.uint8)
        coded[:, 0] = 2  # each row as its difference from the row above
        np.subtract(lines, before, out=coded[:, 1:])
        above = lines[-1:].copy()
        _chunk(out, b"IDAT", packer.compress(coded.tobytes()))
    _chunk(out, b"IDAT", packer.flush())
    _chunk(out, b"IEND", b"")


def _full(pixels: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """Exactly the size wanted; the drawer rounds a band's size by itself and may be a pixel short."""
    missing = ((0, rows - pixels.shape[0]), (0, columns - pixels.shape[1]), (0, 0))
    return np.pad(pixels, missing, mode="edge") if any(after for _, after in missing) else pixels


def _chunk(out: BinaryIO, kind: bytes, data: bytes) -> None:
    if data or kind == b"IEND":
        out.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
