"""KML and KMZ: folders as layers, ExtendedData as columns; styles, links and HTML descriptions are not data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, Problem, problem
from ntmgis.intake.layers import Layer, Wanted, best_layer
from ntmgis.intake.raw import Place, RawTable, unique_columns
from ntmgis.intake.text import listed
from ntmgis.intake.xmlsafe import parse_xml
from ntmgis.workspace import nearest

__all__ = ["read_kml"]

_CONTAINERS = frozenset({"Document", "Folder"})
_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack"})


@dataclass(slots=True)
class _Folder:
    """A Document or Folder and the placemarks right in it."""

    name: str = ""
    marks: "list[ET.Element]" = field(default_factory=list)


class _Reader:
    """Gathers placemarks as small trees while the file streams by."""

    def __init__(self) -> None:
        self.folders: list[_Folder] = []
        self.open: list[_Folder] = []
        self.path: list[str] = []
        self.builder: ET.TreeBuilder | None = None
        self.words: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        if self.builder is None and name == "Placemark":
            self.builder = ET.TreeBuilder()
        if self.builder is not None:
            self.builder.start(name, attributes)
        elif name in _CONTAINERS:
            self.open.append(_Folder())
            self.folders.append(self.open[-1])
        else:
            self.words = []

    def text(self, words: str) -> None:
        if self.builder is not None:
            self.builder.data(words)
        else:
            self.words.append(words)

    def end(self, name: str) -> None:
        self.path.pop()
        if self.builder is not None:
            self.builder.end(name)
            if name == "Placemark" and "Placemark" not in self.path:
                if not self.open:  # a lone placemark under the root
                    self.open.append(_Folder())
                    self.folders.append(self.open[-1])
                self.open[-1].marks.append(self.builder.close())
                self.builder = None
        elif name in _CONTAINERS:
            self.open.pop()
        elif name == "name" and self.path and self.path[-1] in _CONTAINERS:
            self.open[-1].name = " ".join("".join(self.words).split())


def read_kml(path: Path, *, layer: str | None, wanted: Wanted) -> RawTable:
    """The placemarks of one folder, EPSG:4326: the folder named, else the one that fits the table best.

    Columns: `name` and the fields of ExtendedData, all text. Folders of one name are one layer.
    """
    reader = _Reader()
    parse_xml(path, ("kml", "Document", "Folder", "Placemark"), start=reader.start, end=reader.end, text=reader.text)
    layers: dict[str, list[ET.Element]] = {}
    for folder in reader.folders:
        if folder.marks:
            layers.setdefault(folder.name or path.stem, []).extend(folder.marks)
    if not layers:
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    names = list(layers)
    if layer is not None and layer not in names:
        near = nearest(layer, names)
        raise InputError(problem("E-LAYER-UNKNOWN", file=path.name, layer=layer, known=listed(names), nearest=near))
    rows = {name: [_cells(mark) for mark in marks] for name, marks in layers.items()}
    chosen = layer
    if chosen is None:
        listing = [Layer(name, _kind(layers[name]), tuple(_fields(rows[name]))) for name in names]
        chosen = names[best_layer(listing, wanted)]
    place = Place(path.name, layer=chosen if len(names) > 1 or layer is not None else None)
    notes = []
    others = [name for name in names if name != chosen]
    if others and layer is None:
        notes.append(place.problem("W-LAYER-IGNORED", severity="warning", left=listed(others)))
    described = sum(bool((mark.findtext("description") or "").strip()) for mark in layers[chosen])
    if described:
        notes.append(place.problem("W-KML-DESCRIPTION", severity="warning", count=described))
    return _table(place, layers[chosen], rows[chosen], tuple(notes), shaped=wanted.shaped)


def _table(
    place: Place,
    marks: "list[ET.Element]",
    rows: list[dict[str, str | None]],
    notes: tuple[Problem, ...],
    *,
    shaped: bool,
) -> RawTable:
    index = pd.RangeIndex(1, len(marks) + 1)
    fields = _fields(rows)
    data: dict[str, Any] = {
        name: pd.Series([row.get(one) for row in rows], index=index, dtype=object)
        for name, one in zip(unique_columns(list(fields)), fields, strict=True)
    }
    cells = pd.DataFrame(data, index=pd.Index(index, dtype="int64"), columns=pd.Index(list(data), dtype=object))
    if not shaped:
        return RawTable(place, cells, warnings=notes)
    shapes = np.full(len(marks), None, dtype=object)
    broken = {}
    for position, mark in enumerate(marks):
        try:
            shapes[position] = _geometry(mark)
        except (ValueError, shapely.errors.ShapelyError) as error:
            reason = str(error) or "toạ độ không đọc được"
            broken[position] = place.problem("E-GEOM-INVALID", row=position + 1, reason=reason)
    return RawTable(place, cells, shapes, CRS.from_epsg(4326), broken, warnings=notes)


def _fields(rows: Iterable[dict[str, str | None]]) -> dict[str, None]:
    return dict.fromkeys(name for row in rows for name in row)


def _cells(mark: ET.Element) -> dict[str, str | None]:
    """The name and the fields of a placemark; blanks are None."""
    found: dict[str, str | None] = {}

    def put(name: str | None, value: str | None) -> None:
        if name:
            found.setdefault(name, (value or "").strip() or None)

    for data in mark.iterfind("ExtendedData/Data"):
        put(data.get("name"), data.findtext("value"))
    for data in mark.iterfind("ExtendedData/SchemaData/SimpleData"):
        put(data.get("name"), data.text)
    if "name" not in {one.casefold() for one in found}:
        found = {"name": (mark.findtext("name") or "").strip() or None, **found}
    return found


def _kind(marks: "Iterable[ET.Element]") -> str:
    """The geometry most placemarks have, in GDAL's words."""
    tags = [
        next((one.tag for one in mark.iter() if one.tag in {"Point", "LineString", "Polygon", "Track"}), "")
        for mark in marks
    ]
    return {"Track": "LineString", "": "Unknown"}.get(common := max(sorted(set(tags)), key=tags.count), common)


def _geometry(mark: ET.Element) -> BaseGeometry | None:
    found = next((one for one in mark if one.tag in _SHAPES), None)
    return None if found is None else _shape(found)


def _shape(element: ET.Element) -> BaseGeometry:
    match element.tag:
        case "Point":
            return shapely.Point(_coordinates(element)[0])
        case "LineString":
            return shapely.LineString(_coordinates(element))
        case "LinearRing":
            return shapely.LineString(_coordinates(element))
        case "Polygon":
            outer = element.find("outerBoundaryIs/LinearRing")
            if outer is None:
                raise ValueError("vùng không có đường bao ngoài")
            holes = [_coordinates(ring) for ring in element.iterfind("innerBoundaryIs/LinearRing")]
            return shapely.Polygon(_coordinates(outer), holes)
        case "Track":
            stops = [(one.text or "").split()[:2] for one in element.iterfind("coord")]
            return shapely.LineString([(float(lon), float(lat)) for lon, lat in stops])
    parts = [_shape(one) for one in element if one.tag in _SHAPES]
    return _together(parts)


def _together(parts: list[BaseGeometry]) -> BaseGeometry:
    kinds = {part.geom_type for part in parts}
    flat = list(shapely.get_parts(parts)) if parts else []
    if kinds <= {"Polygon", "MultiPolygon"}:
        return shapely.MultiPolygon(flat)
    if kinds <= {"LineString", "MultiLineString"}:
        return shapely.MultiLineString(flat)
    if kinds <= {"Point", "MultiPoint"}:
        return shapely.MultiPoint(flat)
    return shapely.GeometryCollection(parts)


def _coordinates(element: ET.Element) -> list[tuple[float, float]]:
    words = (element.findtext("coordinates") or "").split()
    pairs = [word.split(",") for word in words]
    if not pairs or any(len(pair) < 2 for pair in pairs):
        raise ValueError("toạ độ phải có dạng kinh độ,vĩ độ")
    try:
        return [(float(pair[0]), float(pair[1])) for pair in pairs]
    except ValueError:
        raise ValueError("toạ độ không phải là số") from None
