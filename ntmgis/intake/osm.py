"""OpenStreetMap extracts (.osm, .osm.pbf): tags become rows of a table by a mapping file that can be replaced."""

import re
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import OSM_MAPPING, suffix_of
from ntmgis.intake.gdal import read_layer
from ntmgis.intake.raw import Place, RawTable
from ntmgis.intake.text import listed
from ntmgis.intake.xmlsafe import check_xml
from ntmgis.programme.tables import TableSpec

__all__ = ["Mapped", "load_mapping", "read_osm"]

_TAG = re.compile(r"^[\w:.-]+$")
_NUMBER = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*m?\s*$")
# Which of GDAL's layers of an extract hold the geometry a table wants.
_LAYERS: Mapping[str, tuple[str, ...]] = {
    "line": ("lines",),
    "polygon": ("multipolygons",),
    "point": ("points", "multipolygons"),
    "polygon_or_point": ("multipolygons", "points"),
    "none": ("points", "multipolygons"),
}
# Closed ways that mean an area; roads and rivers that come back to where they began stay lines.
_AREAS = (
    "aeroway,amenity,boundary,building,craft,geological,healthcare,historic,landuse,leisure,man_made,military,natural,"
    "office,place,shop,sport,tourism,power=substation,power=transformer,waterway=dam,waterway=riverbank"
)


@dataclass(frozen=True, slots=True)
class _Column:
    """One field: the tags it may come from, which values of the first are ours, whether it is a number."""

    tags: tuple[str, ...]
    values: Mapping[str, str] | None = None
    number: bool = False

    def read(self, tags: Mapping[str, str]) -> str | None:
        """The value for an object with these tags; None when they say nothing we know."""
        said = next((tags[tag] for tag in self.tags if tag in tags), None)
        if said is None:
            return None
        if self.values is not None:
            return self.values.get(said)
        if self.number:
            found = _NUMBER.match(said)
            return found.group(1).replace(",", ".") if found else None
        return said


@dataclass(frozen=True, slots=True)
class _Rule:
    """Objects whose tags all fit one of the patterns; the values they get."""

    tags: Mapping[str, tuple[str, ...]]
    set: Mapping[str, str]

    def fits(self, tags: Mapping[str, str]) -> bool:
        return all(
            tag in tags and any(fnmatchcase(tags[tag], pattern) for pattern in patterns)
            for tag, patterns in self.tags.items()
        )


@dataclass(frozen=True, slots=True)
class Mapped:
    """How one table is made of OSM objects; the first rule that fits an object takes it."""

    rules: tuple[_Rule, ...]
    columns: Mapping[str, _Column]
    left: str | None

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that must be read."""
        named = [tag for rule in self.rules for tag in rule.tags]
        named += [tag for column in self.columns.values() for tag in column.tags]
        return tuple(dict.fromkeys([*named, *([self.left] if self.left else [])]))


def load_mapping(path: Path | None = None) -> dict[str, Mapped]:
    """Table id → how it is made, from the shipped mapping or from `path`; InputError for a wrong file."""
    source = path or files("ntmgis.intake") / "data" / OSM_MAPPING
    try:
        raw = tomllib.loads(source.read_text(encoding="utf-8-sig"))
        return {name: _mapped(entry) for name, entry in raw.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(_wrong(str(error))) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(_wrong(f"{type(error).__name__}: {error}")) from error


def _wrong(reason: str) -> Any:
    return problem("E-OSM-MAPPING", file=OSM_MAPPING, reason=reason, mapping=OSM_MAPPING)


def _words(value: object) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not found or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{value!r}: cần chữ hoặc danh sách chữ")
    return tuple(found)


def _mapped(entry: Mapping[str, Any]) -> Mapped:
    if unknown := set(entry) - {"rules", "columns", "left"}:
        raise ValueError(f"khoá lạ {sorted(unknown)}")
    rules = []
    for rule in entry["rules"]:
        tags = {tag: _words(values) for tag, values in rule["tags"].items()}
        rules.append(_Rule(tags, {name: _words(value)[0] for name, value in rule.get("set", {}).items()}))
    columns = {}
    for name, said in entry.get("columns", {}).items():
        if isinstance(said, dict):
            values = said.get("values")
            turned = None if values is None else {one: ours for ours, them in values.items() for one in _words(them)}
            columns[name] = _Column(_words(said["tag"]), turned, bool(said.get("number", False)))
        else:
            columns[name] = _Column(_words(said))
    made = Mapped(tuple(rules), columns, entry.get("left"))
    if strange := [tag for tag in made.tags if not _TAG.match(tag)]:
        raise ValueError(f"thẻ không hợp lệ {strange}")
    return made


def read_osm(path: Path, spec: TableSpec) -> RawTable:
    """The objects of an extract that the mapping makes rows of the table, EPSG:4326; `id` is "n12", "w12" or "r12".

    A file osm.toml beside the extract replaces the shipped mapping. Rows are numbered in the order they are read:
    nodes before areas for a table of points.
    """
    if suffix_of(path) == ".osm":
        check_xml(path, ("osm",))
    own = path.with_name(OSM_MAPPING)
    mapping = load_mapping(own if own.is_file() else None)
    if spec.id not in mapping:
        known = ", ".join(mapping)
        raise InputError(problem("E-OSM-TABLE", file=path.name, table=f"“{spec.title_vi}”", known=known))
    mapped = mapping[spec.id]
    place = Place(path.name)
    taking = _Taking(mapped, spec.geometry)
    notes = []
    for layer in _LAYERS[spec.geometry]:
        said = taking.read(path, layer)
        notes += [place.problem("W-READER", severity="warning", reason=note) for note in said]
    if not taking.rows:
        raise InputError(problem("E-FILE-EMPTY", file=path.name))
    told = {"rules": listed(taking.told()), "mapping": OSM_MAPPING}
    notes.append(place.problem("W-OSM-MAPPED", severity="warning", count=len(taking.rows), **told))
    if taking.left:
        counted = [f"{mapped.left}={value} ({count})" for value, count in sorted(taking.left.items())]
        count = sum(taking.left.values())
        notes.append(place.problem("W-OSM-LEFT", severity="warning", count=count, left=listed(counted)))
    index = pd.RangeIndex(1, len(taking.rows) + 1)
    names = list(dict.fromkeys(["id", *mapped.columns, *(name for rule in mapped.rules for name in rule.set)]))
    data = {name: pd.Series([row.get(name) for row in taking.rows], index=index, dtype=object) for name in names}
    cells = pd.DataFrame(data, index=pd.Index(index, dtype="int64"), columns=pd.Index(names, dtype=object))
    shapes = None
    if spec.geometry != "none":
        shapes = np.full(len(taking.shapes), None, dtype=object)
        shapes[:] = taking.shapes
    return RawTable(place, cells, shapes, CRS.from_epsg(4326), warnings=tuple(notes))


class _Taking:
    """Rows of one table gathered over the layers of an extract."""

    def __init__(self, mapped: Mapped, geometry: str) -> None:
        self.mapped = mapped
        self.geometry = geometry
        self.rows: list[dict[str, str | None]] = []
        self.shapes: list[BaseGeometry | None] = []
        self.taken: Counter[int] = Counter()
        self.left: Counter[str] = Counter()

    def read(self, path: Path, layer: str) -> tuple[str, ...]:
        """Take what fits from one of GDAL's layers; what the reader warned of comes back."""
        keys = self.mapped.tags
        wanted = dict.fromkeys([*(tag for rule in self.mapped.rules for tag in rule.tags)])
        where = " OR ".join(f'"{tag}" IS NOT NULL' for tag in wanted)
        with tempfile.TemporaryDirectory(prefix="ntmgis-") as scratch:
            config = Path(scratch) / "osmconf.ini"
            config.write_text(_config(keys), encoding="utf-8")
            # Megabytes of nodes kept in memory before GDAL would write a scratch file to the current folder.
            memory = min(4000, 100 + 10 * path.stat().st_size // 2**20)
            options = {"CONFIG_FILE": str(config), "MAX_TMPFILE_SIZE": str(memory)}
            sql = f'SELECT * FROM "{layer}" WHERE {where}'  # noqa: S608 - OGR SQL on one file; tags are checked below
            found = read_layer(path, driver="OSM", sql=sql, encoding="UTF-8", options=options)
        columns = {tag: found.columns[tag] for tag in keys if tag in found.columns}
        for at, shape in enumerate(found.shapes):
            tags = {tag: str(values[at]) for tag, values in columns.items() if values[at] is not None}
            number = next((i for i, rule in enumerate(self.mapped.rules) if rule.fits(tags)), None)
            if number is None:
                if self.mapped.left in tags:
                    self.left[tags[str(self.mapped.left)]] += 1
                continue
            self.taken[number] += 1
            made = {name: column.read(tags) for name, column in self.mapped.columns.items()}
            self.rows.append({"id": _id(found.columns, at, layer), **made, **self.mapped.rules[number].set})
            area = shape is not None and layer == "multipolygons" and self.geometry == "point"
            self.shapes.append(shape.representative_point() if area and not shape.is_empty else _plain(shape))
        return found.notes

    def told(self) -> list[str]:
        """What each rule took, in words."""
        words = []
        for number, count in sorted(self.taken.items()):
            rule = self.mapped.rules[number]
            tags = " ".join(f"{tag}={'|'.join(values)}" for tag, values in rule.tags.items())
            ours = " → " + ", ".join(rule.set.values()) if rule.set else ""
            words.append(f"{tags}{ours}: {count}")
        return words


def _plain(shape: BaseGeometry | None) -> BaseGeometry | None:
    """A multipolygon of one part as that part."""
    if shape is None or shape.geom_type != "MultiPolygon" or shapely.get_num_geometries(shape) != 1:
        return shape
    part: BaseGeometry = shapely.get_parts([shape])[0]
    return part


def _id(columns: Mapping[str, Any], at: int, layer: str) -> str:
    own = columns["osm_id"][at]
    if layer == "multipolygons":
        return f"r{own}" if own is not None else f"w{columns['osm_way_id'][at]}"
    return f"{'n' if layer == 'points' else 'w'}{own}"


def _config(tags: tuple[str, ...]) -> str:
    """GDAL's osmconf.ini for these tags only."""
    lines = [f"closed_ways_are_polygons={_AREAS}", "attribute_name_laundering=no"]
    for layer in ("points", "lines", "multipolygons", "multilinestrings", "other_relations"):
        lines += [f"[{layer}]", "osm_id=yes", f"attributes={','.join(tags)}", "other_tags=no", "all_tags=no"]
    return "\n".join(lines) + "\n"
