"""maps/ntm.gpkg: everything a QGIS user wants of one snapshot, with the default styles inside."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.errors

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.programme.tables import table, values
from ntmgis.show import qml, words
from ntmgis.show.symbols import symbols, tier_label
from ntmgis.show.tables._measures import MEASURES, POPULATION
from ntmgis.show.tables._sheet import visible
from ntmgis.store.snapshot import Snapshot

__all__ = ["write_geopackage"]

_POLYGONS = frozenset({"Polygon", "MultiPolygon"})
_LINES = frozenset({"LineString", "MultiLineString"})

# Bytes: with less than this left, a failed writing is put down to the disk.
_LEAST_FREE = 16_000_000

# GeoPackage 1.2: what QGIS of some years ago reads without a warning.
_DATASET = {"VERSION": "1.2"}

# Titles of our own columns in the attribute table of QGIS.
_TITLES: Mapping[str, str] = {
    "code": "Mã",
    "name": "Tên",
    "kind": "Loại",
    "rural": "Là xã",
    "commune_code": "Mã xã",
    "district_code": "Mã huyện",
    "district": "Huyện",
    "declared_km2": "Diện tích công bố (km²)",
    "area_km2": "Diện tích đo (km²)",
    "population": POPULATION.title,
    "tier": "Kết quả (mã)",
    "tier_vi": "Kết quả",
    "standard_year": "Năm đạt chuẩn",
    "decision": "Quyết định số",
    "decision_date": "Ngày quyết định",
    "status_as_of": "Thời điểm số liệu",
    "criteria_met": "Tiêu chí đạt",
    "criteria_known": "Tiêu chí có số liệu",
    "composition": "Kết quả các xã cũ hợp thành",
    "units": "Số đơn vị cấp xã",
    "ntm_or_higher": "Số xã đạt chuẩn trở lên",
    "households": "Số hộ",
    "ethnic_minority": "Vùng đồng bào DTTS",
    "model": "Thôn NTM kiểu mẫu",
    "minority_ntm": "Thôn NTM vùng DTTS",
    "smart": "Thôn thông minh",
    "source": "Nguồn",
    **{name: column.title.replace("(%)", "(0–1)") for name, column in MEASURES.items()},
    **{f"tc{n}": f"Tiêu chí {n}" for n in range(1, 20)},
}
# In districts and the province the same names are counts of communes.
_COUNTS: Mapping[str, str] = {
    **{state: f"Số xã: {tier_label(state)}" for state in TIER_STATES},
    "rural": "Trong đó số xã",
}


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer: table name, title, frame, geometry type and the style QGIS opens it with."""

    name: str
    title: str
    frame: gpd.GeoDataFrame
    geometry: str
    style: str


def write_geopackage(snapshot: Snapshot, facts: Facts, path: str | Path) -> Path:
    """The GeoPackage at `path`, whole or not at all; EPSG:4326; the same input gives the same bytes.

    Layers: tinh, huyen (where the epoch has districts), xa, thon, and each layer table of the snapshot under its id.
    A layer that mixes areas and points is split, the points with "_diem" at the end. Tables without geometry:
    nguon (sources) and thong_tin (title, dates, sample mark). Single address points are never written; villages
    carry shares, with counts under 5 left out. `layer_styles` holds a QML per layer.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem}.part.gpkg")
    part.unlink(missing_ok=True)
    try:
        layers = list(_layers(snapshot, facts))
        with _gdal(snapshot.as_of):
            for layer in layers:
                _write(part, layer, snapshot)
            _write_table(part, "nguon", "Nguồn số liệu", _sources(snapshot))
            _write_table(part, "thong_tin", "Thông tin về bộ dữ liệu", _about(snapshot, facts))
        _add_styles(part, layers, snapshot.as_of)
        part.replace(path)
    except (pyogrio.errors.DataLayerError, pyogrio.errors.DataSourceError, sqlite3.OperationalError) as error:
        # GDAL and SQLite word a full disk in many ways, even as a failed ROLLBACK; the disk itself is asked.
        if shutil.disk_usage(path.parent).free < _LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    finally:
        for left in part.parent.glob(f"{part.name}*"):  # a journal too, when it was cut off
            left.unlink()
    return path


@contextmanager
def _gdal(day: date) -> Iterator[None]:
    """GDAL dates each layer's last change by `day`, not today, and does not wait for the disk after each layer.

    The file still has a temporary name then; the VACUUM at the end writes all of it to the disk.
    """
    wanted = {"OGR_CURRENT_DATE": f"{day.isoformat()}T00:00:00.000Z", "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in wanted}
    pyogrio.set_gdal_config_options(wanted)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _layers(snapshot: Snapshot, facts: Facts) -> Iterator[_Layer]:
    """Background first, so that QGIS, which adds them in this order from the bottom, draws works on top."""
    communes = _communes(snapshot, facts)
    yield _Layer(
        "xa", "Xã theo kết quả nông thôn mới", communes, "MultiPolygon", qml.tier_style(facts.tiers, _aliases(communes))
    )
    if len(snapshot.districts):
        districts = _with_facts(snapshot.districts[["code", "name", "geometry"]], facts.districts, "district_tier")
        yield _Layer(
            "huyen",
            "Huyện, thành phố",
            districts,
            "MultiPolygon",
            qml.outline_style("district", {**_aliases(districts), **_COUNTS}),
        )
    province = _with_facts(
        snapshot.province[["code", "name", "geometry"]],
        pd.DataFrame([facts.province.drop(labels="tier").to_dict()], index=list(snapshot.province["code"])),
    )
    yield _Layer(
        "tinh", "Tỉnh", province, "MultiPolygon", qml.outline_style("province", {**_aliases(province), **_COUNTS})
    )
    villages = _with_facts(
        snapshot.villages[["code", "name", "commune_code", "kind", "ethnic_minority", "households", "geometry"]],
        facts.villages,
    )
    yield from _split("thon", "Thôn, làng, tổ dân phố", villages, color=symbols()["outline"]["village"]["color"])
    for id_, frame in snapshot.layers.items():
        yield from _works(id_, frame)


def _works(id_: str, frame: gpd.GeoDataFrame) -> Iterator[_Layer]:
    spec = table(id_)
    aliases = {**_aliases(frame), **{field.name: _title(field.title_vi, field.unit) for field in spec.fields}}
    kept = {name: aliases[name] for name in frame.columns if name in aliases}
    if id_ == "road":
        surface = frame["surface"].astype(object).where(frame["surface"].isin(list(values("surface"))), "unknown")
        pairs = [(c, s) for c, s in zip(frame["class"], surface, strict=True) if c in values("road_class")]
        style = qml.road_style(pairs, kept)
        yield _Layer(id_, spec.title_vi, frame, "MultiLineString", style)
    elif spec.geometry == "line":
        style = qml.plain_style("line", symbols()["ground"]["water"], kept, size=0.35)
        yield _Layer(id_, spec.title_vi, frame, "MultiLineString", style)
    elif spec.geometry == "point":
        yield _Layer(id_, spec.title_vi, frame, "Point", qml.point_style(spec, kept))
    else:
        yield from _split(id_, spec.title_vi, frame, color=symbols()["ground"]["water"], aliases=kept)


def _title(title: str, unit: str | None) -> str:
    return f"{title} ({unit})" if unit else title


def _split(
    name: str, title: str, frame: gpd.GeoDataFrame, *, color: str, aliases: Mapping[str, str] | None = None
) -> Iterator[_Layer]:
    """A layer per kind of geometry; the only kind, or the areas of two, keep the name."""
    aliases = _aliases(frame) if aliases is None else aliases
    areas = frame.geometry.geom_type.isin(_POLYGONS)
    if areas.any():
        style = qml.area_style("#ffffff" if name == "thon" else color, color, aliases)
        yield _Layer(name, title, frame[areas], "MultiPolygon", style)
    if (~areas).any():
        both = bool(areas.any())
        style = qml.plain_style("point", symbols()["ground"]["quiet"] if name == "thon" else color, aliases, size=1.6)
        yield _Layer(
            f"{name}_diem" if both else name, f"{title} (điểm)" if both else title, frame[~areas], "Point", style
        )


def _communes(snapshot: Snapshot, facts: Facts) -> gpd.GeoDataFrame:
    own = ["code", "name", "kind", "rural", "district_code", "district", "declared_km2", "geometry"]
    frame = _with_facts(snapshot.communes[own], facts.communes)
    states = snapshot.criteria.pivot_table(index="code", columns="criterion", values="state", aggfunc="last")
    wide = {
        f"tc{n}": frame["code"].map(states[n]) if n in states else pd.Series(None, index=frame.index, dtype="string")
        for n in range(1, 20)
    }
    frame = frame.assign(**wide)
    return frame[[*(column for column in frame if column != "geometry"), "geometry"]]


def _with_facts(frame: gpd.GeoDataFrame, measured: pd.DataFrame, tiers: str = "tier") -> gpd.GeoDataFrame:
    """`frame` with the facts of its code, tiers in words of the enum `tiers`, geometry last."""
    known = measured.drop(columns=[c for c in measured if c in frame.columns or c == "suppressed"])
    shown = known.set_axis(measured.index.astype(str))
    for column in known:
        if column in MEASURES:
            shown[column] = pd.to_numeric(shown[column])
        elif column == "composition":
            shown[column] = pd.Series([_composition(value) for value in known[column]], index=shown.index, dtype="str")
        else:
            shown[column] = known[column].array
    joined = frame.merge(shown, left_on="code", right_index=True, how="left")
    if "tier" in joined:
        joined.insert(joined.columns.get_loc("tier") + 1, "tier_vi", _tier_words(joined["tier"], tiers))
    return joined[[*(column for column in joined if column != "geometry"), "geometry"]]


def _tier_words(states: pd.Series, enum: str) -> pd.Series:
    """In words: districts say "Đạt chuẩn huyện NTM" where communes say "Đạt chuẩn NTM"."""
    known = {state: tier_label(state) for state in symbols()["tier_words"]}
    known |= {code: value.vi for code, value in values(enum).items()}
    return states.map(known).astype("str")


def _composition(tiers: object) -> str | None:
    if not isinstance(tiers, Mapping):
        return None
    return ", ".join(f"{count} {tier_label(str(state))}" for state, count in tiers.items()) or None


def _aliases(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): _TITLES[str(name)] for name in frame.columns if name in _TITLES}


def _write(path: Path, layer: _Layer, snapshot: Snapshot) -> None:
    frame = layer.frame.reset_index(drop=True)
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = pd.Series([None if pd.isna(v) else v.date() for v in frame[name]], dtype=object)
        elif frame[name].dtype == "str" or frame[name].dtype == object:
            # A NUL would end the text for GDAL and drop the rest in silence.
            frame[name] = frame[name].map(_visible, na_action="ignore")
    several = layer.geometry == "Point" and not (frame.geometry.geom_type == "Point").all()
    mark = f" {symbols()['sample']['vi_long']}." if snapshot.sample else ""
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer.name,
        driver="GPKG",
        append=path.exists(),
        promote_to_multi=layer.geometry != "Point" or several,
        geometry_type="MultiPoint" if several else layer.geometry,
        use_arrow=True,
        dataset_options=None if path.exists() else _DATASET,
        layer_options={
            "GEOMETRY_NAME": "geom",
            "IDENTIFIER": layer.title,
            "DESCRIPTION": f"{snapshot.province_name}, {words.day(snapshot.as_of)}, {snapshot.epoch.title_vi}.{mark}",
        },
    )


def _visible(value: object) -> object:
    return visible(value) if isinstance(value, str) else value


def _write_table(path: Path, name: str, title: str, frame: pd.DataFrame) -> None:
    pyogrio.write_dataframe(
        frame,
        path,
        layer=name,
        driver="GPKG",
        append=path.exists(),
        use_arrow=True,
        layer_options={"IDENTIFIER": title},
    )


def _sources(snapshot: Snapshot) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [source.id for source in snapshot.sources],
            "table": [source.table for source in snapshot.sources],
            "title": [source.title for source in snapshot.sources],
            "as_of": [source.as_of.isoformat() if source.as_of else None for source in snapshot.sources],
            "rows": [source.rows for source in snapshot.sources],
            "origin": [source.origin for source in snapshot.sources],
            "licence": [source.licence for source in snapshot.sources],
            "failed": [source.failed for source in snapshot.sources],
        }
    )


def _about(snapshot: Snapshot, facts: Facts) -> pd.DataFrame:
    rows = [
        ("title", words.headline(snapshot, facts)),
        ("subtitle", words.subtitle(snapshot, facts)),
        ("as_of", snapshot.as_of.isoformat()),
        ("epoch", snapshot.epoch.id),
        ("province_code", snapshot.province_code),
        ("sample", symbols()["sample"]["vi_long"] if snapshot.sample else "không"),
        *((f"limit_m_{layer}", f"{metres:g}") for layer, metres in facts.limits.items()),
        ("unknown", "Giá trị NULL: chưa biết. Không phải 0, không phải chưa đạt."),
    ]
    return pd.DataFrame(rows, columns=["key", "value"])


_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME
)
"""


def _add_styles(path: Path, layers: Sequence[_Layer], day: date) -> None:
    """The table from which QGIS takes a layer's default style; then the file in its canonical order."""
    moment = f"{day.isoformat()}T00:00:00.000Z"
    with closing(sqlite3.connect(path)) as connection:
        with connection:
            connection.execute(_STYLES)
            connection.executemany(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
                " VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', NULL, ?)",
                [(layer.name, layer.name[:30], layer.style, layer.title, moment) for layer in layers],
            )
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
                " VALUES ('layer_styles', 'attributes', 'layer_styles', 'Kiểu hiển thị của QGIS', ?)",
                (moment,),
            )
        connection.execute("VACUUM")
