"""May this file be opened, and as what: existence, content against suffix, unpacked size, checksum."""

import gzip
import hashlib
import re
import zipfile
from pathlib import Path
from typing import Literal

from ntmgis.errors import InputError, no_file, problem

__all__ = [
    "FORMATS",
    "MAX_UNPACKED",
    "OSM_MAPPING",
    "FileKind",
    "checked_kind",
    "digest",
    "parts",
    "reason",
    "suffix_of",
    "unreadable",
    "unzipped",
]

FileKind = Literal["vector", "kml", "cad", "osm", "archive", "workbook", "text", "parquet", "raster"]

FORMATS = (
    "GeoPackage, GeoJSON, Shapefile, FileGDB, FlatGeobuf, GeoParquet, MapInfo TAB/MIF, KML/KMZ, GPX, DXF, DGN V7, "
    "OSM (.osm, .osm.pbf), ZIP chứa một bộ dữ liệu; CSV, XLSX, XLS, ODS"
)
OSM_MAPPING = "osm.toml"  # beside an OSM extract it replaces the shipped mapping of tags
MAX_UNPACKED = 512 * 1024 * 1024  # bytes a packed file may unfold to: a bomb stops here, no honest table comes near

_SUFFIXES: dict[str, FileKind] = {
    ".geojson": "vector",
    ".json": "vector",
    ".gpkg": "vector",
    ".shp": "vector",
    ".fgb": "vector",
    ".tab": "vector",
    ".mif": "vector",
    ".gdb": "vector",
    ".gpx": "vector",
    ".kml": "kml",
    ".kmz": "kml",
    ".dxf": "cad",
    ".dgn": "cad",
    ".osm": "osm",
    ".pbf": "osm",
    ".zip": "archive",
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".csv.gz": "text",
    ".tsv.gz": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".tif": "raster",
    ".tiff": "raster",
}

# GDAL chooses its driver by content, not by name: a "boundaries.geojson" that holds a VRT or a GDALG pipeline would
# make it open other files or the network. So the content must be what the suffix says before GDAL sees the file.
_MAGIC: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".fgb": (b"fgb",),
    ".dgn": (b"\x08\x09\xfe\x02", b"\xc8\x09\xfe\x02"),
    ".kmz": (b"PK\x03\x04",),
    ".zip": (b"PK\x03\x04",),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
    ".xlsm": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".xls": (b"\xd0\xcf\x11\xe0", b"\x09\x08", b"PK\x03\x04"),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".csv.gz": (b"\x1f\x8b",),
    ".tsv.gz": (b"\x1f\x8b",),
}

# What a text format begins with; for XML the reader looks at the root element before GDAL sees the file.
_BEGINS: dict[str, re.Pattern[bytes]] = {
    ".geojson": re.compile(rb"\{"),
    ".json": re.compile(rb"\{"),
    ".kml": re.compile(rb"<"),
    ".gpx": re.compile(rb"<"),
    ".osm": re.compile(rb"<"),
    ".dxf": re.compile(rb"(0|999)\s*\r?\n"),
    ".tab": re.compile(rb"!table", re.IGNORECASE),
    ".mif": re.compile(rb"version", re.IGNORECASE),
    ".pbf": re.compile(rb"\x00\x00..\n\x09OSMHeader", re.DOTALL),
}
_XML = frozenset({".kml", ".gpx", ".osm"})
_OLE = b"\xd0\xcf\x11\xe0"
_GDB_MARK = "a00000001.gdbtable"  # the catalogue every file geodatabase has

_IN_TRUTH = (
    (b"AC10", "nội dung là bản vẽ DWG"),
    (b"PK\x03\x04", "nội dung là tệp nén hoặc bảng tính XLSX"),
    (b"\xd0\xcf\x11\xe0", "nội dung là tệp Office đời cũ (XLS, DOC)"),
    (b"SQLite format 3", "nội dung là GeoPackage hoặc SQLite"),
    (b"%PDF", "nội dung là PDF"),
    (b"\x1f\x8b", "nội dung là tệp nén gzip"),
    (b"\x89PNG", "nội dung là ảnh PNG"),
    (b"\xff\xd8\xff", "nội dung là ảnh JPEG"),
    (b"PAR1", "nội dung là Parquet"),
    (b"<?xml", "nội dung là XML loại khác"),
    (b"<", "nội dung là HTML hoặc XML"),
)


def unreadable(path: Path, reason: str) -> InputError:
    """The error for a file that is not what a reader can use."""
    return InputError(problem("E-FILE-FORMAT", file=path.name, reason=reason, formats=FORMATS))


def suffix_of(path: Path) -> str:
    """The lower-case suffix, with ".csv.gz" as one."""
    suffixes = [s.lower() for s in path.suffixes]
    return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])


def checked_kind(path: Path) -> FileKind:
    """How to read `path`; InputError when it is missing, empty, of an unknown kind or not what its name says."""
    suffix = suffix_of(path)
    try:
        known = path.is_file()
        folder = suffix == ".gdb" and path.is_dir()
    except (OSError, ValueError):  # a name the system cannot even ask about
        known = folder = False
    if folder:
        _check_gdb(path)
        return "vector"
    if not known:
        raise InputError(no_file(path, file=path.name or path))
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise unreadable(path, reason(error, path)) from error
    kind = _kind(path, suffix, head)
    if not head.strip():
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    if not _fits(suffix, head):
        truth = next((words for magic, words in _IN_TRUTH if head.lstrip().startswith(magic)), None)
        raise unreadable(path, truth or f"nội dung không phải là tệp {suffix}")
    if kind == "workbook" and head.startswith(b"PK\x03\x04"):
        _check_zip(path)
    return kind


def _kind(path: Path, suffix: str, head: bytes) -> FileKind:
    """The kind the suffix stands for; the formats of drawings that cannot be read are told apart by content."""
    if suffix == ".dgn" and head.startswith(_OLE):
        raise InputError(problem("E-DGN-V8", file=path.name))
    if suffix == ".dwg":
        raise InputError(problem("E-DWG", file=path.name))
    if suffix == ".gdb":
        raise unreadable(path, "FileGDB phải là thư mục .gdb")
    kind = _SUFFIXES.get(suffix)
    if kind is None:
        raise unreadable(path, f"đuôi tệp “{suffix}” chưa được hỗ trợ" if suffix else "tệp không có đuôi")
    return kind


def _fits(suffix: str, head: bytes) -> bool:
    """Whether the content is what the suffix says."""
    if suffix in _MAGIC:
        return head.startswith(_MAGIC[suffix])
    if suffix in _BEGINS:
        plain = head if suffix == ".pbf" else head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if suffix in _XML:  # UTF-16 too
            plain = plain.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip(b"\x00")
        return _BEGINS[suffix].match(plain) is not None
    if any(head.startswith(magic) for magic, _ in _IN_TRUTH[:-2]):
        return False
    return not head.lower().lstrip().startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<ogr"))


def _check_gdb(path: Path) -> None:
    try:
        inside = list(path.rglob("*"))
        links = [one.name for one in inside if one.is_symlink()]
    except OSError as error:
        raise unreadable(path, reason(error, path)) from error
    if links:
        raise InputError(problem("E-ARCHIVE-LINK", file=path.name, value=min(links)))
    if not (path / _GDB_MARK).is_file():
        raise unreadable(path, f"thư mục không có {_GDB_MARK} nên không phải là FileGDB hoặc chép thiếu tệp")


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise unreadable(path, reason(error, path)) from error
    if size > MAX_UNPACKED:
        raise InputError(problem("E-FILE-TOO-BIG", file=path.name, size=size // 2**20, limit=MAX_UNPACKED // 2**20))


def unzipped(path: Path) -> bytes:
    """The bytes of `path`, unpacked when it is a .gz; InputError when they are too many or damaged."""
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            data = stream.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, ValueError) as error:
        raise unreadable(path, reason(error, path)) from error
    if len(data) > MAX_UNPACKED:
        limit = MAX_UNPACKED // 2**20
        raise InputError(problem("E-FILE-TOO-BIG", file=path.name, size=f"> {limit}", limit=limit))
    return data


_SETS: dict[str, tuple[str, ...]] = {
    ".shp": (".shp", ".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".tab", ".dat", ".map", ".id", ".ind"),
    ".mif": (".mif", ".mid"),
}


def parts(path: Path) -> tuple[Path, ...]:
    """The files that make up `path`: a Shapefile or MapInfo set and a .gdb folder have several, others one.

    The mapping file beside an OSM extract belongs to it. Lock files of a .gdb come and go and do not count.
    """
    if path.suffix.lower() == ".gdb" and path.is_dir():
        return tuple(sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() != ".lock"))
    if path.suffix.lower() in {".osm", ".pbf"}:
        return tuple(one for one in (path, path.with_name(OSM_MAPPING)) if one.is_file()) or (path,)
    wanted = _SETS.get(path.suffix.lower())
    if wanted is None:
        return (path,)
    try:
        beside = sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in wanted)
    except OSError:
        beside = []
    return tuple(beside) or (path,)


def digest(path: Path) -> str:
    """SHA-256 of the file; for a set of files the SHA-256 over one line "suffix sha256" for each part.

    In a folder the lines begin with the path inside it.
    """
    files = parts(path)
    if len(files) == 1 and not path.is_dir():
        return _sha256(files[0])
    folder = path.is_dir()
    names = [part.relative_to(path).as_posix() if folder else part.suffix.lower() for part in files]
    lines = "".join(f"{name} {_sha256(part)}\n" for name, part in zip(names, files, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def reason(error: BaseException, path: Path) -> str:
    """A reader's own words, on one line and without the folder, which means nothing to the reader of a report."""
    words = str(error).replace(str(path), path.name).replace(f"{path.parent}/", "")
    # GDAL names the line of its own source that failed.
    words = re.sub(r"Error occurred in \S+ at line \d+", "dữ liệu bên trong tệp bị hỏng hoặc bị cắt cụt", words)
    return " ".join(words.split())[:200] or type(error).__name__
