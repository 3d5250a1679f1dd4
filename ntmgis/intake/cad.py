"""Drawings (DXF, DGN V7): levels as layers, closed lines as polygons, texts joined to shapes by position."""

import re
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import suffix_of, unreadable
from ntmgis.intake.gdal import Layered, read_layer
from ntmgis.intake.layers import Wanted
from ntmgis.intake.raw import Place, RawTable, unique_columns
from ntmgis.intake.text import is_blank, listed
from ntmgis.workspace import nearest

__all__ = ["read_cad"]

Shapes = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

# A text further from its shape than this is another's: metres, or degrees when the coordinates are degrees.
REACH_M = 50.0
REACH_DEGREES = 0.0005
_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON = 0, 1, 3, 4, 5, 6
_TYPES = {"point": {_POINT, _MULTIPOINT}, "line": {_LINE, _MULTILINE}, "polygon": {_POLYGON, _MULTIPOLYGON}}
_KIND_VI = {"polygon": "vùng", "line": "đường", "point": "điểm", "polygon_or_point": "vùng hoặc điểm"}
_TYPE_VI = {0: "điểm", 1: "đường", 3: "vùng", 4: "điểm", 5: "đường", 6: "vùng"}


def read_cad(path: Path, *, layer: str | None, encoding: str | None, wanted: Wanted) -> RawTable:
    """The entities of one level (`layer`), or of the kind the table wants from all levels. A drawing has no CRS.

    Columns: `level`; `text`, all texts that lie in the shape or nearest to it, from top to bottom; `text <level>`
    when they come from several levels; `block` and the attributes of blocks. Texts are joined from every level.
    Rows are numbered as the entities in the file. For a table of points a text without a point is one itself.
    """
    suffix = suffix_of(path)
    if suffix == ".dgn":
        _check_dgn(path)
        read = read_layer(path, driver="DGN", layer="elements", encoding=encoding)
    else:
        _check_dxf(path)
        blocks = "FALSE" if "point" in wanted.geometry else "TRUE"
        options = {"INLINE_BLOCKS": blocks, "MERGE_BLOCK_GEOMETRIES": "FALSE"}
        read = read_layer(path, driver="DXF", layer="entities", encoding=encoding, options=options)
    if not len(read.shapes):
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    drawing = _Drawing(path, read, wanted)
    return drawing.table(layer)


class _Drawing:
    """All entities of a drawing while one table is made of them."""

    def __init__(self, path: Path, read: Layered, wanted: Wanted) -> None:
        self.path = path
        self.read = read
        self.wanted = wanted
        levels = read.columns["Layer" if "Layer" in read.columns else "Level"]
        self.levels = np.array([str(level) for level in levels], dtype=object)
        self.shapes = read.shapes.copy()
        types = shapely.get_type_id(self.shapes)
        words = read.columns["Text"]
        self.texts = np.array([None if is_blank(one) else _spelt(str(one)) for one in words], dtype=object)
        # A hatch has a text too: the name of its pattern.
        self.lettered = np.array([one is not None for one in self.texts], dtype=bool) & (types == _POINT)

    def table(self, layer: str | None) -> RawTable:
        level = None if layer is None else self._level(layer)
        place = Place(self.path.name, layer=level)
        notes = [place.problem("W-READER", severity="warning", reason=note) for note in self.read.notes]
        if "polygon" in self.wanted.geometry:
            self._close()
        fits = self._fits()
        within = np.ones(len(fits), dtype=bool) if level is None else self.levels == level
        rows = within & ~self.lettered & (fits if level is None else ~shapely.is_missing(self.shapes))
        if not rows.any() and ("point" in self.wanted.geometry or not self.wanted.shaped):
            rows = within & self.lettered
        left = within & ~rows & ~self.lettered
        if level is None and left.any() and self.wanted.shaped:
            words = {"count": int(left.sum()), "left": self._counted(left), "wanted": _KIND_VI[self.wanted.geometry]}
            notes.append(place.problem("W-CAD-LEFT", severity="warning", **words))
        cells, lost = self._cells(rows)
        if lost and rows.any():
            reach = f"{REACH_M:g} m"
            notes.append(place.problem("W-CAD-TEXT", severity="warning", count=len(lost), example=lost[0], reach=reach))
        shapes = self.shapes[rows] if self.wanted.shaped else None
        return RawTable(place, cells, shapes, None, warnings=tuple(notes))

    def _level(self, layer: str) -> str:
        """The level named: as written, without regard to case, or by its number in a DGN."""
        known: list[str] = list(dict.fromkeys(self.levels.tolist()))
        for one in known:
            if layer.casefold() in {one.casefold(), f"level {one}".casefold()}:
                return one
        near = nearest(layer, known)
        name = self.path.name
        raise InputError(problem("E-LAYER-UNKNOWN", file=name, layer=layer, known=listed(known), nearest=near))

    def _close(self) -> None:
        """Closed lines become polygons."""
        for position in np.flatnonzero(shapely.get_type_id(self.shapes) == _LINE):
            line = self.shapes[position]
            if line.is_closed and len(line.coords) >= 4:
                self.shapes[position] = shapely.Polygon(line.coords)

    def _fits(self) -> Mask:
        types = set().union(*(_TYPES[one] for one in self.wanted.geometry.split("_or_") if one in _TYPES))
        return np.isin(shapely.get_type_id(self.shapes), list(types))

    def _counted(self, left: Mask) -> str:
        types = shapely.get_type_id(self.shapes[left])
        counts = Counter(
            f"{_TYPE_VI.get(int(kind), 'khác')} ở mức {level}"
            for kind, level in zip(types, self.levels[left], strict=True)
        )
        return listed([f"{count} {words}" for words, count in sorted(counts.items())])

    def _cells(self, rows: Mask) -> tuple[pd.DataFrame, list[str]]:
        """The columns of the rows, and the texts that belong to none of them."""
        index = pd.Index(np.flatnonzero(rows) + 1, dtype="int64")
        free = np.flatnonzero(self.lettered & ~rows)
        owner = _owners(self.shapes[rows], self.shapes[free])
        data: dict[str, list[Any]] = {"level": self.levels[rows].tolist()}
        joined = free[owner >= 0]
        data["text"] = self._words(rows, joined, owner[owner >= 0])
        own = self.lettered[rows]
        data["text"] = [
            mine if is_text else found for mine, is_text, found in zip(self.texts[rows], own, data["text"], strict=True)
        ]
        levels = list(dict.fromkeys(self.levels[joined].tolist()))
        if len(levels) > 1:
            for level in sorted(levels):
                here = self.levels[free] == level
                some = here & (owner >= 0)
                data[f"text {level}"] = self._words(rows, free[some], owner[some])
        data |= self._blocks(rows)
        made = {
            name: pd.Series(values, index=index, dtype=object)
            for name, values in zip(unique_columns(list(data)), data.values(), strict=True)
        }
        cells = pd.DataFrame(made, index=index, columns=pd.Index(list(made), dtype=object))
        return cells, [str(self.texts[at]) for at in free[owner < 0]]

    def _words(self, rows: Mask, texts: "npt.NDArray[np.intp]", owner: "npt.NDArray[np.intp]") -> list[str | None]:
        """Per row its texts, read from top to bottom and left to right."""
        found: dict[int, list[tuple[float, float, str]]] = {}
        for text, row in zip(texts, owner, strict=True):
            point = self.shapes[text]
            found.setdefault(int(row), []).append((-point.y, point.x, self.texts[text]))
        return [
            " ".join(words for _, _, words in sorted(found[at])) if at in found else None for at in range(rows.sum())
        ]

    def _blocks(self, rows: Mask) -> dict[str, list[Any]]:
        """The name of the block and its attributes ("TAG value"), where the drawing has them."""
        names = self.read.columns.get("BlockName")
        if names is None or not any(not is_blank(one) for one in names[rows]):
            return {}
        data: dict[str, list[Any]] = {"block": [None if is_blank(one) else str(one) for one in names[rows]]}
        for at, attributes in enumerate(self.read.columns["BlockAttributes"][rows]):
            for attribute in [] if attributes is None else attributes:
                tag, _, value = str(attribute).partition(" ")
                column = data.setdefault(tag, [None] * int(rows.sum()))
                column[at] = value.strip() or None
        return data


_CODE = re.compile(r"\\[Uu]\+([0-9A-Fa-f]{4})")
_SIGNS = {"%%d": "°", "%%p": "±", "%%c": "Ø", "%%u": "", "%%o": "", "%%%": "%"}


def _spelt(text: str) -> str:
    r"""A text without the codes of CAD: "\U+0110" is "Đ", "%%d" a degree sign, "%%u" switches underlining.

    >>> _spelt(r"%%u\U+0110\U+1EAFk H\U+00E0")
    'Đắk Hà'
    """
    letters = _CODE.sub(lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"%%[dpcuoDPCUO%]", lambda found: _SIGNS[found[0].lower()], letters).strip()


def _owners(shapes: Shapes, points: Shapes) -> "npt.NDArray[np.intp]":
    """Position of the shape each point belongs to, -1 for none.

    The smallest polygon around it; else the nearest shape within reach, where polygons that already have a text
    inside do not count.
    """
    owner: npt.NDArray[np.intp] = np.full(len(points), -1, dtype=np.intp)
    if not len(points) or not len(shapes):
        return owner
    tree = shapely.STRtree(shapes)
    areas = shapely.area(shapes)
    polygon = np.isin(shapely.get_type_id(shapes), [_POLYGON, _MULTIPOLYGON])
    inside, around = tree.query(points, predicate="intersects")
    for point, shape in zip(inside, around, strict=True):
        if polygon[shape] and (owner[point] < 0 or areas[shape] < areas[owner[point]]):
            owner[point] = shape
    open_ = np.setdiff1d(np.arange(len(shapes)), owner[owner >= 0])
    rest = np.flatnonzero(owner < 0)
    if len(open_) and len(rest):
        bounds = shapely.total_bounds(shapes)
        reach = REACH_DEGREES if np.abs(bounds).max() <= 400 else REACH_M
        near = shapely.STRtree(shapes[open_])
        found, at = near.query_nearest(points[rest], max_distance=reach, all_matches=False)
        owner[rest[found]] = open_[at]
    return owner


def _check_dgn(path: Path) -> None:
    """Refuse a design file whose last element is cut off: GDAL would hand over the rest without a word."""
    data = path.read_bytes()
    at = 0
    while at + 4 <= len(data) and data[at : at + 2] != b"\xff\xff":
        at += 4 + 2 * struct.unpack_from("<H", data, at + 2)[0]
    if at > len(data):
        raise unreadable(path, "tệp DGN bị cắt cụt")


def _check_dxf(path: Path) -> None:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 64))
        tail = stream.read()
    if not tail.rstrip(b"\x00\x1a \r\n").endswith(b"EOF"):
        raise unreadable(path, "tệp DXF bị cắt cụt (không có dấu kết thúc EOF)")
