"""Text tables: CSV and its relatives, plain or .gz; encoding and separator are found by looking."""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from ntmgis.errors import InputError, problem
from ntmgis.intake import bulk
from ntmgis.intake.files import reason, unreadable, unzipped
from ntmgis.intake.headers import Sought
from ntmgis.intake.layout import lay_out
from ntmgis.intake.legacy import encoding_name
from ntmgis.intake.legacy_table import decode_grid, settles_bytes
from ntmgis.intake.raw import Grid, Place, RawTable

__all__ = ["decoded", "read_text_table", "separator"]

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 60
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_text_table(path: Path, sought: Sought, *, encoding: str | None = None) -> RawTable:
    """The table in a text file. Row numbers count records as a spreadsheet program does: the first line is 1.

    `encoding`: one of Python's, or an old Vietnamese one (see `legacy`): the file has its bytes, or has them as
    characters in UTF-8. Without it, bytes that are not UTF-8 are taken when the columns clearly are in an old
    encoding; otherwise they are an error.
    """
    place = Place(path.name)
    data = unzipped(path)
    old = None if encoding is None else encoding_name(encoding)
    fault: InputError | None = None
    try:
        text = decoded(data, file=path.name, encoding=None if old else encoding)
    except InputError as error:
        if (encoding is not None and not old) or b"\x00" in data:
            raise
        # Byte by byte: the old encoding that is stated, or that the columns may show.
        fault, text = error, data.decode("latin-1")
    if "\x00" in text:
        raise unreadable(path, "tệp nhị phân, không phải tệp chữ")
    skipped = 0
    first, _, rest = text.partition("\n")
    stated = first.strip().lower()
    mark = stated[4:] if stated.startswith("sep=") and len(stated) == 5 else None
    if mark is not None:  # Excel's own way to name the separator
        text, skipped = rest, 1
    between = mark or separator(text)
    if len(text) >= bulk.FROM and not skipped and old is None and fault is None:
        plain = bulk.read_plain(text, sought, mark=between, place=place)
        if plain is not None:
            return plain
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True))
    except csv.Error as error:
        raise unreadable(
            path, f"dấu ngoặc kép hoặc ô quá dài không đúng quy cách CSV: {reason(error, path)}"
        ) from error
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    grid = decode_grid(Grid(list(rows), first_row=1 + skipped), stated=old)
    if fault is not None and not old and not settles_bytes([found for _, found, _ in grid.encodings]):
        raise fault
    return lay_out(grid, sought, place=place)


def decoded(data: bytes, *, file: str, encoding: str | None = None) -> str:
    """`data` as text: by its byte order mark, else as UTF-8, unless an encoding is stated.

    Bytes that do not fit are an error that names the line, never replaced and never guessed.
    """
    if encoding is None:
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except LookupError:
        raise InputError(problem("E-ENCODING-UNKNOWN", file=file, value=encoding)) from None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        sample = data[max(0, error.start - 12) : error.start + 12].decode("latin-1")
        raise InputError(
            problem("E-FILE-ENCODING", file=file, row=row, value=" ".join(sample.split()), encoding=encoding)
        ) from error


def separator(text: str) -> str:
    r"""The separator that cuts the first lines into the same number of cells most often, and into most cells.

    >>> separator("Xã;Diện tích\nHà Mòn;15,88\nĐắk Mar;104,2\n")
    ';'
    """
    sample = [line for line in re.split(r"\r?\n|\r", text[:65536])[:_SAMPLE_LINES] if line.strip()]
    best, score = ",", (0, 0)
    for mark in _SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(sample, delimiter=mark))
        except csv.Error:
            continue
        many = [(count, width) for width, count in widths.items() if width > 1]
        if many and max(many) > score:
            best, score = mark, max(many)
    return best
