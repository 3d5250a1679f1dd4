"""What a workbook shows and its cells do not say: hidden rows and columns, and the merged cells of an ODS file."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

__all__ = ["Looks", "sheet_looks"]

_CHUNK = 1 << 20
_MANY = 100_000  # hidden rows and merges beyond this are of no use to anyone
_ATTRIBUTE = re.compile(rb"([\w:]+)=[\"']([^\"']*)[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s([^<>]*\bhidden=[\"'](?:1|true)[\"'][^<>]*)>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^<>]*\bhidden=[\"'](?:1|true)[\"'][^<>]*)>")

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Looks:
    """All positions count from 0. `merges`: ((top, left), (bottom, right)), last ones included; ODS only."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merges: tuple[Merge, ...] = ()


def sheet_looks(path: Path, sheet: str) -> Looks:
    """The looks of one sheet of an XLSX or ODS file; those of an old XLS, or of odd parts, are not known."""
    with suppress(zipfile.BadZipFile, OSError, KeyError, ValueError, NotImplementedError, expat.ExpatError):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if "content.xml" in archive.namelist():
                    return _ods(archive, sheet)
                return _xlsx(archive, _member(archive, sheet))
    return Looks()


# --- XLSX ---


def _elements(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element of a small part with its attributes, names without prefix; documents with entities are not read."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()

    def refused(*_: object) -> None:
        raise ValueError("XML with a document type")

    def started(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()}))

    parser.StartDoctypeDeclHandler = refused
    parser.StartElementHandler = started
    parser.Parse(archive.read(member), True)  # noqa: FBT003 - the C function takes no keyword
    yield from found


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds the sheet of this name."""
    wanted = next(
        a["id"] for name, a in _elements(archive, "xl/workbook.xml") if name == "sheet" and a["name"] == sheet
    )
    target = next(
        a["Target"]
        for name, a in _elements(archive, "xl/_rels/workbook.xml.rels")
        if name == "Relationship" and a["Id"] == wanted
    )
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _xlsx(archive: zipfile.ZipFile, member: str) -> Looks:
    rows: list[int] = []
    columns: list[int] = []
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            cut = data.rfind(b"<") if len(chunk) == _CHUNK else len(data)
            whole, rest = data[:cut], data[cut:]
            if len(rest) > _CHUNK:
                raise ValueError("a tag of a megabyte")
            if b"hidden=" not in whole:
                continue
            for text in _HIDDEN_ROW.findall(whole):
                number = int(_attributes(text).get(b"r", b"0"))
                if number and len(rows) < _MANY:
                    rows.append(number - 1)
            for text in _HIDDEN_COLUMN.findall(whole):
                said = _attributes(text)
                columns += range(int(said[b"min"]) - 1, min(int(said[b"max"]), 1000))
    return Looks(tuple(rows), tuple(sorted(set(columns))))


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(text))


# --- ODS ---


class _Sheet:
    """Walks content.xml and counts rows and cells of one sheet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inside = False
        self.row = self.column = 0
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []
        self.merges: list[Merge] = []
        self._repeat = 1
        self._columns = 0

    def started(self, name: str, said: dict[str, str]) -> None:
        if name == "table:table":
            self.inside = said.get("table:name") == self.name
            self.row = self._columns = 0
        elif not self.inside:
            return
        elif name == "table:table-column":
            count = _count(said, "table:number-columns-repeated")
            if said.get("table:visibility") in {"collapse", "filter"}:
                self.hidden_columns += range(self._columns, min(self._columns + count, 1000))
            self._columns += count
        elif name == "table:table-row":
            self.column = 0
            self._repeat = _count(said, "table:number-rows-repeated")
            if said.get("table:visibility") in {"collapse", "filter"} and len(self.hidden_rows) < _MANY:
                self.hidden_rows += range(self.row, self.row + min(self._repeat, 1000))
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            deep, wide = _count(said, "table:number-rows-spanned"), _count(said, "table:number-columns-spanned")
            if (deep > 1 or wide > 1) and len(self.merges) < _MANY:
                self.merges.append(((self.row, self.column), (self.row + deep - 1, self.column + wide - 1)))
            self.column += _count(said, "table:number-columns-repeated")

    def ended(self, name: str) -> None:
        if name == "table:table-row" and self.inside:
            self.row += self._repeat
        elif name == "table:table":
            self.inside = False


def _count(said: dict[str, str], name: str) -> int:
    return max(1, min(int(said.get(name, "1")), 1 << 21))


def _ods(archive: zipfile.ZipFile, sheet: str) -> Looks:
    walker = _Sheet(sheet)
    parser = expat.ParserCreate()

    def refused(*_: object) -> None:
        raise ValueError("XML with a document type")

    parser.StartDoctypeDeclHandler = refused
    parser.StartElementHandler = walker.started
    parser.EndElementHandler = walker.ended
    with archive.open("content.xml") as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003
    return Looks(tuple(walker.hidden_rows), tuple(sorted(set(walker.hidden_columns))), tuple(walker.merges))
