"""The geometric checks of one source that was taken in: which checks its table asks for, and against what."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ntmgis.programme.tables import TableSpec, table
from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.units.reference import reference_units

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from ntmgis.intake.coverage import Layer
    from ntmgis.intake.crs import Candidate
    from ntmgis.intake.findings import Finding
    from ntmgis.intake.raw import RawTable
    from ntmgis.store.geopackage import Import
    from ntmgis.take_in import TakenIn
    from ntmgis.workspace import Source

__all__ = ["Geometry", "check_geometry"]

_SAME = 1e-6  # degrees, 0.1 m: the accepted rows tell in which system the file was read


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """What the geometric checks of a source looked at and found.

    shapes  code, label, row, geometry (EPSG:4326), one row for each of the file
    used    the coordinate system in which the file was taken in; None when no row tells
    """

    shapes: "gpd.GeoDataFrame"
    findings: "tuple[Finding, ...]"
    metric_crs: str
    used: "Candidate | None" = None


def check_geometry(taken: "TakenIn", source: "Source", raw: "RawTable | None") -> Geometry | None:
    """The findings of one source of `taken`; None when its table has no geometry to check.

    `raw` is the file as read: with it the shapes that intake repaired or refused are checked as they stand in the
    file. Boundaries are checked as a coverage and against reference areas; the areas of a sample are made up, so a
    sample is spared that. Villages are checked against the communes taken in, works against the province; without
    boundaries neither is. Households are never looked at here: their faults are in the quarantine.
    """
    spec = table(source.table)
    made = next((one for one in taken.imports if one.source_id == source.id), None)
    if spec.geometry in {"none", "raster"} or spec.personal or made is None:
        return None
    from ntmgis.intake.coverage import Layer, coverage_findings, outside_findings, shape_findings

    epoch = next(one for one in EPOCHS if one.id == made.epoch)
    accepted = taken.store.rows(spec.id, [made])
    given = taken.store.matches([made])
    asked = {int(row): str(name) for row, name in zip(given["row"], given["given_name"], strict=True) if name}
    used = _used(raw, source, accepted)
    layer = Layer(_shapes(spec, accepted, _as_read(raw, used), epoch, asked), taken.workspace.metric_crs)
    found = list(shape_findings(layer))
    if spec.id == "unit":
        found += coverage_findings(layer)
        if not taken.workspace.sample:
            found += _areas(layer, raw, epoch)
    elif spec.id == "village":
        communes = _communes(taken, made)
        belongs = dict(zip(accepted["file_row"].astype("int64"), accepted["commune_code"], strict=True))
        found += coverage_findings(layer, gaps=False)
        found += outside_findings(layer, communes=communes, commune_of=belongs)
    elif not spec.base:
        from shapely import union_all

        communes = _communes(taken, made)
        found += outside_findings(layer, province=union_all(list(communes.values())) if communes else None)
    return Geometry(layer.frame, tuple(found), taken.workspace.metric_crs, used)


def _areas(layer: "Layer", raw: "RawTable | None", epoch: Epoch) -> "list[Finding]":
    """Findings by the areas the file itself gives, then by the reference list for units not found so already."""
    from ntmgis.intake.areas import area_findings, file_areas, reference_areas

    own = None if raw is None else file_areas(raw, layer)
    found = [] if own is None else list(area_findings(layer, own[1]))
    told = {code for one in found for code in one.codes[: 2 if one.kind == "swapped" else 1]}
    listed = area_findings(layer, reference_areas(epoch))
    return found + [one for one in listed if not told.issuperset(one.codes[: 2 if one.kind == "swapped" else 1])]


def _communes(taken: "TakenIn", of: "Import") -> "dict[str, BaseGeometry]":
    boundaries = [one for one in taken.imports if one.table_id == "unit" and one.epoch == of.epoch and one.accepted]
    rows = taken.store.rows("unit", boundaries)
    return dict(zip(rows["code"], rows.geometry, strict=True)) if len(rows) else {}


def _shapes(
    spec: TableSpec,
    accepted: "pd.DataFrame",
    as_read: "dict[int, BaseGeometry | None]",
    epoch: Epoch,
    asked: "dict[int, str]",
) -> "gpd.GeoDataFrame":
    """Every row of the file with its shape: as accepted, or as it stands in the file where it is broken or refused."""
    import geopandas as gpd
    import pandas as pd

    names = {}
    if spec.id == "unit":
        units = reference_units(epoch)
        names = dict(zip(units["code"], units["name"], strict=True))
    key = spec.key[0]
    codes = dict(zip(accepted["file_row"].astype("int64"), accepted[key].astype(str), strict=True))
    called = accepted["name"] if "name" in accepted else accepted[key]
    titles = dict(zip(codes, called, strict=True))
    shapes = dict(zip(codes, accepted.geometry, strict=True))
    rows = sorted({*shapes, *as_read})

    def label(row: int) -> str:
        code = codes.get(row)
        if code is None:
            return f"{asked[row]} (dòng {row})" if row in asked else f"dòng {row}"
        name = names.get(code) or titles[row]
        return code if pd.isna(name) or name == code else f"{name} ({code})"

    def shape(row: int) -> "BaseGeometry | None":
        given = as_read.get(row)
        broken = row in as_read and (given is None or not given.is_valid)
        return given if broken or row not in shapes else shapes[row]

    known = pd.Series([codes.get(row) for row in rows], dtype=object)
    return gpd.GeoDataFrame(
        {"code": known, "label": [label(row) for row in rows], "row": rows},
        geometry=gpd.GeoSeries([shape(row) for row in rows], crs=4326),
    )


def _used(raw: "RawTable | None", source: "Source", accepted: "gpd.GeoDataFrame") -> "Candidate | None":
    """The coordinate system that brings the shapes of `raw` to where the accepted rows lie."""
    import numpy as np
    import shapely
    from pyproj.exceptions import CRSError

    from ntmgis.intake.crs import Candidate, candidates, crs_title, named_crs

    if raw is None or raw.geometry is None:
        return None
    rows = {int(number): at for at, number in enumerate(raw.cells.index)}
    pairs = [
        (shapely.get_coordinates(raw.geometry[rows[row]])[0], shapely.get_coordinates(shape)[0])
        for row, shape in zip(accepted["file_row"].astype("int64"), accepted.geometry, strict=True)
        if row in rows and shapely.is_valid(raw.geometry[rows[row]])  # a repaired shape starts somewhere else
    ][:20]
    if not pairs:
        return _said(raw)
    here, there = (np.array(side) for side in zip(*pairs, strict=True))
    tried = [] if raw.crs is None else [Candidate(crs_title(raw.crs), crs_title(raw.crs), raw.crs)]
    try:
        tried += [] if source.crs is None else [named_crs(source.crs)]
    except CRSError:
        return None
    for one in (*tried, *candidates()):
        if np.nanmax(np.abs(one.degrees(here) - there), initial=0) < _SAME:
            return one
    return None


def _said(raw: "RawTable") -> "Candidate | None":
    """The system the file names, unless it says degrees of coordinates that are none."""
    import numpy as np
    import shapely

    from ntmgis.intake.crs import Candidate, crs_title

    if raw.crs is None or raw.geometry is None:
        return None
    largest = np.nanmax(np.abs(shapely.bounds(raw.geometry)), initial=0)
    if raw.crs.is_geographic and not largest <= 360:
        return None
    return Candidate(crs_title(raw.crs), crs_title(raw.crs), raw.crs)


def _as_read(raw: "RawTable | None", used: "Candidate | None") -> "dict[int, BaseGeometry | None]":
    """Row → shape in EPSG:4326 as it stands in the file; {} when nothing tells where its shapes lie."""
    import numpy as np
    import shapely

    if raw is None or raw.geometry is None or used is None:
        return {}
    with np.errstate(invalid="ignore", over="ignore"):
        turned = shapely.transform(raw.geometry, used.degrees)
    return dict(zip(map(int, raw.cells.index), turned.tolist(), strict=True))
