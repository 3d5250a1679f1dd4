"""The reader for a file: by its kind, with the words of the table, into one raw form."""

from ntmgis.errors import InputError, problem
from ntmgis.intake.csvfile import read_text_table
from ntmgis.intake.files import checked_kind, unreadable
from ntmgis.intake.headers import fields_of, header_words
from ntmgis.intake.raw import RawTable
from ntmgis.intake.vector import read_parquet, read_vector
from ntmgis.intake.workbook import read_workbook
from ntmgis.programme.tables import TableSpec
from ntmgis.workspace import Source

__all__ = ["read_raw"]


def read_raw(source: Source, spec: TableSpec) -> RawTable:
    """The rows of the source as read; InputError when there are none or the file cannot be read."""
    path = source.path
    kind = checked_kind(path)
    words = header_words(fields_of(spec, tabular=True), source)
    geometry = spec.geometry != "none"
    match kind:
        case "vector":
            raw = read_vector(path, layer=source.layer, encoding=source.encoding, geometry=geometry)
        case "text":
            raw = read_text_table(path, words, encoding=source.encoding)
        case "workbook":
            raw = read_workbook(path, words, sheet=source.layer, wanted=(spec.id, spec.title_vi))
        case "parquet":
            raw = read_parquet(path, geometry=geometry)
        case "raster":
            raise unreadable(path, "đây là ảnh số, không phải bảng hay lớp bản đồ")
    if raw.cells.empty and not raw.errors:
        raise InputError(problem("E-FILE-EMPTY", file=path.name, layer=raw.place.layer, sheet=raw.place.sheet))
    return raw
