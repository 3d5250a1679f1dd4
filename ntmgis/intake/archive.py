"""Archives from strangers: one data set out of a .zip or .kmz, within limits, never outside the folder given."""

import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import FORMATS, reason, unreadable
from ntmgis.intake.text import listed

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "MAX_RATIO", "Inside", "unpacked", "unpacked_all"]

MAX_ENTRIES = 5000  # a file geodatabase has some hundred
MAX_BYTES = 1 << 30  # of all entries together
MAX_RATIO = 200  # unfolded to packed; text of a table gives 5 to 30
_SMALL = 64 << 20  # below this many bytes blank-padded tables may be packed as tightly as they like

_MAIN = frozenset(
    {
        ".shp",
        ".tab",
        ".mif",
        ".gpkg",
        ".geojson",
        ".json",
        ".fgb",
        ".parquet",
        ".geoparquet",
        ".kml",
        ".gpx",
        ".dxf",
        ".dgn",
    }
    | {".osm", ".pbf"}
)
_TABLES = frozenset({".csv", ".xlsx", ".xls", ".ods"})
_BESIDE: dict[str, frozenset[str]] = {
    ".shp": frozenset({".shx", ".dbf", ".prj", ".cpg"}),
    ".tab": frozenset({".dat", ".map", ".id", ".ind"}),
    ".mif": frozenset({".mid"}),
}


@dataclass(frozen=True, slots=True)
class _Set:
    """A data set inside: the entry that stands for it and all entries it is made of, with their names on disk."""

    name: str
    main: str
    members: tuple[tuple[zipfile.ZipInfo, str], ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """A data set unpacked: where, its name in the archive, and the layer still to be chosen inside it."""

    path: Path
    name: str
    layer: str | None


@contextmanager
def unpacked(path: Path, *, layer: str | None = None) -> Iterator[Inside]:
    """The one data set in `path`, unpacked to a folder that is gone afterwards, and the layer to read from it.

    Several data sets: `layer` names one by its file name, with or without suffix. In a .kmz the first .kml counts.
    InputError for an archive that climbs, links, is locked, unfolds to too much, or holds nothing that can be read.
    """
    with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
        folder = Path(scratch)
        try:
            with zipfile.ZipFile(path) as archive:
                members = _checked(archive, path)
                sets = _kml(members) if path.suffix.lower() == ".kmz" else _sets(members)
                chosen, inner = _choose(sets, layer, path)
                _unpack(archive, chosen, folder, path)
        except InputError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
            raise unreadable(path, f"tệp nén hỏng hoặc bị cắt cụt: {reason(error, path)}") from error
        yield Inside(folder / chosen.main, chosen.name, inner)


def unpacked_all(path: Path, folder: Path) -> list[Path]:
    """Every file in `path` unpacked into `folder`, in the order of their names, each in a folder of its own.

    Names stay as they are, also where two folders of the archive have a file of one name. InputError as for
    `unpacked`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(_checked(archive, path), key=lambda one: one.filename)
            named = tuple((one, f"{number:04d}/{_disk_name(one.filename)}") for number, one in enumerate(members))
            _unpack(archive, _Set(path.name, "", named), folder, path)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise unreadable(path, f"tệp nén hỏng hoặc bị cắt cụt: {reason(error, path)}") from error
    return [folder / name for _, name in named]


def _checked(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """The files inside; InputError, with all kinds of fault at once, when anything in the archive is hostile."""
    members = archive.infolist()
    if len(members) > MAX_ENTRIES:
        _bomb(path, f"{len(members)} mục, giới hạn {MAX_ENTRIES}")
    problems: dict[str, str] = {}
    seen: set[str] = set()
    for member in members:
        name = member.filename
        folded = name.replace("\\", "/").rstrip("/").casefold()
        steps = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in steps or folded in seen:
            problems.setdefault("E-ARCHIVE-PATH", name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            problems.setdefault("E-ARCHIVE-LINK", name)
        if member.flag_bits & 0x1:
            problems.setdefault("E-ARCHIVE-LOCKED", name)
        seen.add(folded)
    if problems:
        raise InputError(problem(code, file=path.name, value=name) for code, name in problems.items())
    _check_size(path, sum(one.file_size for one in members), sum(one.compress_size for one in members))
    return [one for one in members if not one.is_dir() and not _litter(one.filename)]


def _check_size(path: Path, size: int, packed: int) -> None:
    if size > MAX_BYTES:
        _bomb(path, f"bung ra {size // 2**20} MB, giới hạn {MAX_BYTES // 2**20} MB")
    if size > _SMALL and size > MAX_RATIO * max(packed, 1):
        _bomb(path, f"bung ra gấp {size // max(packed, 1)} lần, giới hạn {MAX_RATIO} lần")


def _bomb(path: Path, words: str) -> None:
    raise InputError(problem("E-ARCHIVE-BOMB", file=path.name, reason=words))


def _litter(name: str) -> bool:
    steps = PurePosixPath(name).parts
    return not steps or "__MACOSX" in steps or steps[-1].startswith(".")


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _disk_name(name: str) -> str:
    """A plain file name for the scratch folder; GDAL takes "!" in a path for an archive."""
    return re.sub(r"[^\w.() -]", "_", PurePosixPath(name).name)


def _sets(members: list[zipfile.ZipInfo]) -> list[_Set]:
    """The data sets inside, in the order of the archive; tables only where there is no layer."""
    made: dict[str, _Set] = {}
    for member in members:
        folder = next(
            (i for i, step in enumerate(PurePosixPath(member.filename).parts) if _suffix(step) == ".gdb"), None
        )
        if folder is not None:
            parts = PurePosixPath(member.filename).parts
            root = "/".join(parts[: folder + 1])
            if root not in made:
                name = _disk_name(root)
                inside = [one for one in members if one.filename.startswith(f"{root}/")]
                files = tuple((one, f"{name}/{_disk_name(one.filename)}") for one in inside)
                made[root] = _Set(PurePosixPath(root).name, name, files)
        elif _suffix(member.filename) in _MAIN:
            made[member.filename] = _Set(
                PurePosixPath(member.filename).name, _disk_name(member.filename), _family(member, members)
            )
    if made:
        return list(made.values())
    tables = [one for one in members if _suffix(one.filename) in _TABLES]
    return [
        _Set(PurePosixPath(one.filename).name, _disk_name(one.filename), ((one, _disk_name(one.filename)),))
        for one in tables
    ]


def _family(main: zipfile.ZipInfo, members: list[zipfile.ZipInfo]) -> tuple[tuple[zipfile.ZipInfo, str], ...]:
    """The entry and those beside it that belong to the same set; on disk they get one stem."""
    at = PurePosixPath(main.filename)
    name = _disk_name(main.filename)
    wanted = _BESIDE.get(at.suffix.lower(), frozenset())
    stem = str(at.with_suffix("")).casefold()
    kin = [
        (one, str(PurePosixPath(name).with_suffix(_suffix(one.filename))))
        for one in members
        if _suffix(one.filename) in wanted and str(PurePosixPath(one.filename).with_suffix("")).casefold() == stem
    ]
    return ((main, name), *kin)


def _kml(members: list[zipfile.ZipInfo]) -> list[_Set]:
    """The document of a .kmz: the first .kml at the top, else the first anywhere."""
    found = [one for one in members if _suffix(one.filename) == ".kml"]
    found.sort(key=lambda one: "/" in one.filename)
    return [_Set(one.filename, "doc.kml", ((one, "doc.kml"),)) for one in found[:1]]


def _choose(sets: list[_Set], layer: str | None, path: Path) -> tuple[_Set, str | None]:
    """The set, and the layer inside it when `layer` does not name the set itself."""
    if not sets:
        raise InputError(problem("E-ARCHIVE-EMPTY", file=path.name, formats=FORMATS))
    called = {one for one in sets if layer is not None and layer in {one.name, PurePosixPath(one.name).stem}}
    if len(called) == 1:
        return called.pop(), None
    if len(sets) == 1:
        return sets[0], layer
    raise InputError(problem("E-LAYER-CHOOSE", file=path.name, value=layer, known=listed([one.name for one in sets])))


def _unpack(archive: zipfile.ZipFile, chosen: _Set, folder: Path, path: Path) -> None:
    """Write the members; what they really unfold to is counted, whatever the archive says."""
    left = MAX_BYTES
    for member, name in chosen.members:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        with archive.open(member) as stream, target.open("wb") as out:
            while chunk := stream.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    _bomb(path, f"bung ra hơn {MAX_BYTES // 2**20} MB")
                out.write(chunk)
