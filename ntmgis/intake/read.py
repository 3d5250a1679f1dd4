"""The reader for a file: by its kind, with the words of the table, into one raw form."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.archive import unpacked
from ntmgis.intake.cad import read_cad
from ntmgis.intake.coordinates import located
from ntmgis.intake.csvfile import read_text_table
from ntmgis.intake.files import FileKind, checked_kind, unreadable
from ntmgis.intake.headers import Sought, fields_of, header_words
from ntmgis.intake.kml import read_kml
from ntmgis.intake.layers import Wanted
from ntmgis.intake.legacy import encoding_name
from ntmgis.intake.legacy_table import decode_table
from ntmgis.intake.osm import read_osm
from ntmgis.intake.raw import RawTable
from ntmgis.intake.vector import read_parquet, read_vector
from ntmgis.intake.workbook import read_workbook
from ntmgis.programme.tables import TableSpec
from ntmgis.workspace import Source

__all__ = ["read_raw"]


def read_raw(source: Source, spec: TableSpec, *, districts: frozenset[str] = frozenset()) -> RawTable:
    """The rows of the source as read; InputError when there are none or the file cannot be read.

    `districts`: folded names of the districts of the epoch, which may stand alone in group rows of a sheet.
    """
    path = source.path
    kind = checked_kind(path)
    fields = fields_of(spec, tabular=True)
    words = header_words(fields, source)
    sought = Sought(fields, source.fields, (spec.id, spec.title_vi), districts)
    match kind:
        case "text":
            raw = read_text_table(path, sought, encoding=source.encoding)
        case "workbook":
            raw = read_workbook(path, sought, sheet=source.layer, encoding=encoding_name(source.encoding or ""))
        case "archive":
            return _read_packed(source, spec, districts)
        case "raster":
            raise unreadable(path, "đây là ảnh số, không phải bảng hay lớp bản đồ")
        case _:
            old = encoding_name(source.encoding or "")
            # GDAL does not know the old Vietnamese encodings: where texts are bytes it hands them over one by one.
            read = source if old is None else replace(source, encoding="ISO-8859-1" if _has_bytes(path) else None)
            raw = _read_layer(kind, read, spec, Wanted(spec.geometry, words, (spec.id, spec.title_vi)))
            raw = decode_table(raw, stated=old)
    if raw.cells.empty and not raw.errors:
        raise InputError(problem("E-FILE-EMPTY", file=path.name, layer=raw.place.layer, sheet=raw.place.sheet))
    return located(raw, spec, source)


def _has_bytes(path: Path) -> bool:
    """Whether the texts of a geographic file are in whatever encoding its writer used; in the others they are UTF-8."""
    return path.suffix.lower() in {".shp", ".tab", ".mif", ".dgn", ".dxf"}


def _read_layer(kind: FileKind, source: Source, spec: TableSpec, wanted: Wanted) -> RawTable:
    """A layer of a geographic file, of any format."""
    match kind:
        case "kml":
            return _read_kml(source, wanted)
        case "cad":
            return read_cad(source.path, layer=source.layer, encoding=source.encoding, wanted=wanted)
        case "osm":
            return read_osm(source.path, spec)
        case "parquet":
            return read_parquet(source.path, geometry=wanted.shaped)
    return read_vector(source.path, layer=source.layer, encoding=source.encoding, wanted=wanted)


def _read_kml(source: Source, wanted: Wanted) -> RawTable:
    if source.path.suffix.lower() == ".kml":
        return read_kml(source.path, layer=source.layer, wanted=wanted)
    with unpacked(source.path, layer=source.layer) as inside, _told_of(source.path):
        raw = read_kml(inside.path, layer=inside.layer, wanted=wanted)
        return _named(raw, source.path, layer=raw.place.layer)


def _read_packed(source: Source, spec: TableSpec, districts: frozenset[str]) -> RawTable:
    """The data set inside an archive; all that is said of it names the archive, and the set as its layer."""
    with unpacked(source.path, layer=source.layer) as inside, _told_of(source.path):
        raw = read_raw(replace(source, path=inside.path, layer=inside.layer), spec, districts=districts)
        return _named(raw, source.path, layer=raw.place.layer or inside.name)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Problems of an unpacked file name the archive: the scratch file means nothing to a reader."""
    try:
        yield
    except InputError as error:
        raise InputError(replace(one, file=path.name) for one in error.problems) from error


def _named(raw: RawTable, path: Path, *, layer: str | None) -> RawTable:
    def told(one: Problem) -> Problem:
        return replace(one, file=path.name, layer=layer)

    return replace(
        raw,
        place=replace(raw.place, file=path.name, layer=layer),
        broken={position: told(one) for position, one in raw.broken.items()},
        warnings=tuple(told(one) for one in raw.warnings),
        errors=tuple(told(one) for one in raw.errors),
    )
