"""Text tables: CSV and its relatives, plain or .gz; encoding and separator are found by looking."""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import reason, unreadable, unzipped
from ntmgis.intake.headers import find_header
from ntmgis.intake.raw import Place, RawTable, grid_table

__all__ = ["decoded", "read_text_table", "separator"]

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 60
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_text_table(path: Path, words: frozenset[str], *, encoding: str | None = None) -> RawTable:
    """The table in a text file. Row numbers count records as a spreadsheet program does: the first line is 1."""
    place = Place(path.name)
    text = decoded(unzipped(path), file=path.name, encoding=encoding)
    if "\x00" in text:
        raise unreadable(path, "tệp nhị phân, không phải tệp chữ")
    skipped = 0
    first, _, rest = text.partition("\n")
    stated = first.strip().lower()
    mark = stated[4:] if stated.startswith("sep=") and len(stated) == 5 else None
    if mark is not None:  # Excel's own way to name the separator
        text, skipped = rest, 1
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark or separator(text), strict=True))
    except csv.Error as error:
        raise unreadable(
            path, f"dấu ngoặc kép hoặc ô quá dài không đúng quy cách CSV: {reason(error, path)}"
        ) from error
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    header, _ = find_header(rows, words)
    return grid_table(rows, header, place=place, first_row=1 + skipped)


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
