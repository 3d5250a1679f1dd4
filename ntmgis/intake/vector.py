"""Geographic files through GDAL (GeoJSON, GeoPackage, Shapefile, FileGDB, FlatGeobuf, MapInfo, GPX) and GeoParquet."""

import codecs
import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.files import parts, reason, suffix_of, unreadable
from ntmgis.intake.gdal import FAULTS
from ntmgis.intake.layers import Layer, Wanted, best_layer
from ntmgis.intake.raw import Place, RawTable, unique_columns
from ntmgis.intake.text import listed
from ntmgis.intake.xmlsafe import check_xml
from ntmgis.workspace import nearest

__all__ = ["read_parquet", "read_vector"]

# Only the driver that the suffix stands for: GDAL would else also accept a file that makes it open others.
_PREFIX = {".geojson": "GeoJSON:", ".json": "GeoJSON:"}
_DRIVERS = {
    ".gpkg": {"GPKG"},
    ".shp": {"ESRI Shapefile"},
    ".fgb": {"FlatGeobuf"},
    ".tab": {"MapInfo File"},
    ".mif": {"MapInfo File"},
    ".gdb": {"OpenFileGDB"},
    ".gpx": {"GPX"},
}
# MapInfo files written from VN-2000 lose their datum and come back 225 m off, so what they say is not believed.
_CRS_NOT_BELIEVED = {".tab", ".mif"}


def read_vector(path: Path, *, layer: str | None, encoding: str | None, wanted: Wanted) -> RawTable:
    """One layer of a geographic file: the one named, else the one that fits the table best, see `best_layer`.

    A table without geometry gets the cells of its layer only.
    """
    suffix = suffix_of(path)
    geometry = wanted.shaped
    _check_inside(path, suffix)
    encoding = _text_encoding(path, suffix, encoding)
    target = f"{_PREFIX.get(suffix, '')}{path}"
    caught: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as record:
            warnings.simplefilter("always")
            chosen, others = _layer(target, path, layer, wanted)
            driver = pyogrio.read_info(target, layer=chosen, encoding="ISO-8859-1")["driver"]
            if driver not in _DRIVERS.get(suffix, {driver}):
                raise unreadable(path, f"nội dung là dữ liệu {driver}, không phải {suffix}")
            meta, wkb, columns, errors = _read(target, path, chosen, encoding, geometry=geometry)
            caught = [" ".join(str(one.message).split()) for one in record]
    except LookupError as error:  # of an encoding nobody knows
        if encoding is None:
            raise unreadable(path, reason(error, path)) from error
        raise InputError(problem("E-ENCODING-UNKNOWN", file=path.name, value=encoding)) from error
    except InputError:
        raise
    except FAULTS as error:
        raise unreadable(path, reason(error, path)) from error
    place = Place(path.name, layer=chosen if len(others) or layer is not None or suffix == ".gpkg" else None)
    notes = [place.problem("W-READER", severity="warning", reason=text[:200]) for text in dict.fromkeys(caught)]
    if others and layer is None:
        notes.append(place.problem("W-LAYER-IGNORED", severity="warning", left=listed(others)))
    names = unique_columns(list(meta["fields"]))
    size = len(wkb) if wkb is not None else (len(columns[0]) if columns else 0)
    if suffix == ".mif":
        _check_mid(path, size)
    index = pd.RangeIndex(1, size + 1)
    data = {name: _plain(values, index) for name, values in zip(names, columns, strict=True)}
    cells = pd.DataFrame(data, index=pd.Index(index, dtype="int64"), columns=pd.Index(names, dtype=object))
    if suffix == ".gpx":  # the twenty columns of the standard are always listed
        cells = cells[[name for name in cells if name == "name" or cells[name].notna().any()]]
    shapes, broken = _decode(wkb, place) if wkb is not None else (None, {})
    said = _crs(meta["crs"])
    crs, doubted = (None, said) if suffix in _CRS_NOT_BELIEVED else (said, None)
    return RawTable(place, cells, shapes, crs, broken, warnings=tuple(notes), errors=tuple(errors), crs_doubted=doubted)


def _read(
    target: str, path: Path, layer: str, encoding: str | None, *, geometry: bool
) -> tuple[dict[str, Any], Any, Any, list[Problem]]:
    """What GDAL reads; text that does not fit the encoding is read byte by byte and comes with an error."""
    options = {"layer": layer, "read_geometry": geometry, "force_2d": True}
    try:
        meta, _, wkb, columns = pyogrio.raw.read(target, encoding=encoding, **options)
    except UnicodeDecodeError as error:
        sample = " ".join(bytes(error.object[:24]).decode("latin-1").split())
        fault = problem("E-FILE-ENCODING", file=path.name, value=sample, encoding=encoding or "utf-8")
        meta, _, wkb, columns = pyogrio.raw.read(target, encoding="ISO-8859-1", **options)
        return meta, wkb, columns, [fault]
    return meta, wkb, columns, []


def _text_encoding(path: Path, suffix: str, encoding: str | None) -> str | None:
    """The encoding to read texts by; None: as the file says. No machine's own encoding ever decides."""
    if suffix == ".shp":
        return _dbf_encoding(path, encoding)
    # MapInfo's "Neutral" names no encoding; named ones come from GDAL as UTF-8 already.
    return encoding or ("UTF-8" if suffix in {".tab", ".mif"} else None)


def _dbf_encoding(path: Path, encoding: str | None) -> str | None:
    """The encoding of a Shapefile's texts, in GDAL's spelling; without a .cpg file it is UTF-8 or an error.

    GDAL would take such texts for Latin-1 and hand over mojibake without a word.
    """
    if encoding is not None:
        name = codecs.lookup(encoding).name if _known(encoding) else encoding
        return re.sub(r"^iso8859", "iso-8859", name).upper()
    return None if any(part.suffix.lower() == ".cpg" for part in parts(path)) else "UTF-8"


def _known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


# A TAB file can also be a view of other tables, a mosaic of them or a picture: it would make GDAL open other files.
_TAB_OTHERS = re.compile(rb"(?im)^\s*(create\s+view|open\s+table|file\s+\"|\"\\IsSeamless\"\s*=\s*\"TRUE\")")
_TAB_OWN = re.compile(rb"(?im)^\s*type\s+(native|dbf|linked)\b")


def _check_inside(path: Path, suffix: str) -> None:
    """Refuse what would make GDAL open other files than this one."""
    if "!" in str(path) and suffix not in _PREFIX:
        raise unreadable(path, "đường dẫn có dấu “!”, thư viện đọc tệp hiểu nhầm là tệp nén; đổi tên thư mục hoặc tệp")
    if suffix == ".gpx":
        check_xml(path, ("gpx",))
    if suffix == ".tab":
        _check_tab(path)


def _check_tab(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(1 << 20)
    if _TAB_OTHERS.search(head) or not _TAB_OWN.search(head):
        raise unreadable(path, "tệp TAB này trỏ đến tệp khác (view, seamless, ảnh); cần bảng MapInfo gốc (Native)")


def _check_mid(path: Path, rows: int) -> None:
    """A MIF file that is cut short between two objects shows only in that its .mid has more rows."""
    for part in parts(path):
        if part.suffix.lower() == ".mid":
            lines = sum(1 for line in part.read_bytes().splitlines() if line.strip())
            if lines > rows:
                raise unreadable(path, f"tệp MIF bị cắt cụt: {rows} đối tượng mà tệp MID có {lines} dòng")


def _layer(target: str, path: Path, layer: str | None, wanted: Wanted) -> tuple[str, list[str]]:
    listing = pyogrio.list_layers(target)
    names = [str(name) for name, _ in listing]
    if not names:
        raise unreadable(path, "không có lớp dữ liệu nào")
    if layer is not None:
        if layer not in names:
            near = nearest(layer, names)
            raise InputError(problem("E-LAYER-UNKNOWN", file=path.name, layer=layer, known=listed(names), nearest=near))
        return layer, []
    if len(names) == 1:
        return names[0], []
    found = []
    for name, kind in listing:
        info = pyogrio.read_info(target, layer=name, encoding="ISO-8859-1", force_feature_count=True)
        found.append(Layer(str(name), kind, tuple(info["fields"]), int(info["features"])))
    chosen = names[best_layer(found, wanted)]
    empty = {one.name for one in found if one.rows == 0} if suffix_of(path) == ".gpx" else set()
    return chosen, [name for name in names if name not in {chosen, "layer_styles", *empty}]


def _plain(values: "npt.NDArray[Any]", index: pd.RangeIndex) -> "pd.Series[Any]":
    """A column as numbers, dates or objects; lists and nested values as JSON text."""
    if values.dtype == object:
        made = [
            json.dumps(v.tolist() if isinstance(v, np.ndarray) else v, ensure_ascii=False, default=str)
            if isinstance(v, np.ndarray | list | dict)
            else v.decode("latin-1")
            if isinstance(v, bytes)
            else v
            for v in values
        ]
        return pd.Series(made, index=index, dtype=object)
    if values.dtype.kind == "M":
        return pd.Series([None if np.isnat(v) else v.item() for v in values], index=index, dtype=object)
    return pd.Series(values, index=index)


@np.errstate(invalid="ignore")  # coordinates that are no numbers are found and named later
def _decode(wkb: "npt.NDArray[Any]", place: Place) -> "tuple[npt.NDArray[np.object_], dict[int, Problem]]":
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    lost = [i for i in np.flatnonzero(shapely.is_missing(shapes)) if wkb[i] is not None]
    words = {"reason": "vòng ranh giới không khép kín hoặc có quá ít điểm"}
    return shapes, {int(i): place.problem("E-GEOM-INVALID", row=int(i) + 1, **words) for i in lost}


def _crs(text: str | None) -> CRS | None:
    if not text:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def read_parquet(path: Path, *, geometry: bool) -> RawTable:
    """A Parquet file; a GeoParquet geometry column is decoded when `geometry` is wanted."""
    try:
        table = pq.read_table(path)
        described = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        column = described.get("primary_column")
        others = list(described.get("columns", {}))
        info = described.get("columns", {}).get(column, {})
        wkb = None
        if column in table.column_names and geometry:
            if info.get("encoding", "WKB") != "WKB":
                raise unreadable(path, f"cột hình học mã hoá kiểu {info['encoding']}; chỉ đọc WKB")
            wkb = table.column(column).to_numpy(zero_copy_only=False)
        frame = table.drop_columns([c for c in others if c in table.column_names]).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, reason(error, path)) from error
    place = Place(path.name)
    names = unique_columns(list(frame.columns))
    index = pd.RangeIndex(1, len(frame) + 1)
    data = {name: _plain(frame.iloc[:, i].to_numpy(), index) for i, name in enumerate(names)}
    cells = pd.DataFrame(data, index=pd.Index(index, dtype="int64"), columns=pd.Index(names, dtype=object))
    if wkb is None:
        return RawTable(place, cells, tabular=True)
    shapes, broken = _decode(wkb, place)
    # GeoParquet: no "crs" member means longitude and latitude, a null one means unknown.
    stated = info.get("crs", "OGC:CRS84")
    crs = _crs(json.dumps(stated) if isinstance(stated, dict) else stated)
    return RawTable(place, cells, shapes, crs, broken)
