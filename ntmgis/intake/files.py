"""May this file be opened, and as what: existence, content against suffix, unpacked size, checksum."""

import gzip
import hashlib
import zipfile
from pathlib import Path
from typing import Literal

from ntmgis.errors import InputError, problem

__all__ = [
    "FORMATS",
    "MAX_UNPACKED",
    "FileKind",
    "checked_kind",
    "digest",
    "parts",
    "reason",
    "suffix_of",
    "unreadable",
    "unzipped",
]

FileKind = Literal["vector", "workbook", "text", "parquet", "raster"]

FORMATS = "GeoJSON, GeoPackage, Shapefile, FlatGeobuf, GeoParquet, CSV, XLSX, XLS, ODS"
MAX_UNPACKED = 512 * 1024 * 1024  # bytes a packed file may unfold to: a bomb stops here, no honest table comes near

_SUFFIXES: dict[str, FileKind] = {
    ".geojson": "vector",
    ".json": "vector",
    ".gpkg": "vector",
    ".shp": "vector",
    ".fgb": "vector",
    ".tab": "vector",
    ".mif": "vector",
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

_IN_TRUTH = (
    (b"PK\x03\x04", "nội dung là tệp nén hoặc bảng tính XLSX"),
    (b"\xd0\xcf\x11\xe0", "nội dung là tệp Office đời cũ (XLS, DOC)"),
    (b"SQLite format 3", "nội dung là GeoPackage hoặc SQLite"),
    (b"%PDF", "nội dung là PDF"),
    (b"\x1f\x8b", "nội dung là tệp nén gzip"),
    (b"\x89PNG", "nội dung là ảnh PNG"),
    (b"\xff\xd8\xff", "nội dung là ảnh JPEG"),
    (b"PAR1", "nội dung là Parquet"),
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
    try:
        known = path.is_file()
    except (OSError, ValueError):  # a name the system cannot even ask about
        known = False
    if not known:
        raise InputError(problem("E-FILE-MISSING", file=path.name or path))
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise unreadable(path, reason(error, path)) from error
    suffix = suffix_of(path)
    kind = _SUFFIXES.get(suffix)
    if kind is None:
        raise unreadable(path, f"đuôi tệp “{suffix}” chưa được hỗ trợ" if suffix else "tệp không có đuôi")
    if not head.strip():
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    if suffix in _MAGIC:
        fits = head.startswith(_MAGIC[suffix])
    elif suffix in {".geojson", ".json"}:
        fits = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    else:
        fits = not any(head.startswith(magic) for magic, _ in _IN_TRUTH[:-1])
        fits = fits and not head.lower().lstrip().startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<ogr"))
    if not fits:
        truth = next((words for magic, words in _IN_TRUTH if head.lstrip().startswith(magic)), None)
        raise unreadable(path, truth or f"nội dung không phải là tệp {suffix}")
    if head.startswith(b"PK\x03\x04"):
        _check_zip(path)
    return kind


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
    """The files that make up `path`: a Shapefile or MapInfo set has several, others one."""
    wanted = _SETS.get(path.suffix.lower())
    if wanted is None:
        return (path,)
    try:
        beside = sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in wanted)
    except OSError:
        beside = []
    return tuple(beside) or (path,)


def digest(path: Path) -> str:
    """SHA-256 of the file; for a set of files the SHA-256 over one line "suffix sha256" for each part."""
    files = parts(path)
    if len(files) == 1:
        return _sha256(files[0])
    lines = "".join(f"{part.suffix.lower()} {_sha256(part)}\n" for part in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def reason(error: BaseException, path: Path) -> str:
    """A reader's own words, on one line and without the folder, which means nothing to the reader of a report."""
    words = str(error).replace(str(path), path.name).replace(f"{path.parent}/", "")
    return " ".join(words.split())[:200] or type(error).__name__
