"""The GeoPackage for QGIS: layers, types, styles, no address points, the same bytes twice."""

import base64
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import fiona
import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import tiny
import tiny_facts
from shapely.geometry import LineString, Point, box

from ntmgis.measure.compute import compute_facts
from ntmgis.measure.facts import TIER_STATES
from ntmgis.programme.plan import load_plan
from ntmgis.show.geopackage import write_geopackage
from ntmgis.show.symbols import symbols, tier_fill

LAYERS = {
    "xa": "MultiPolygon",
    "huyen": "MultiPolygon",
    "tinh": "MultiPolygon",
    "thon": "Point",
    "road": "MultiLineString",
    "water_supply": "Point",
    "waste_point": "Point",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_geopackage(tiny.snapshot(), tiny_facts.facts(), tmp_path_factory.mktemp("gpkg") / "ntm.gpkg")


def styles(path: Path) -> dict[str, ET.Element]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1").fetchall()
    return {name: ET.fromstring(qml) for name, qml in rows}


def test_layers_types_and_crs_as_two_readers_see_them(package: Path) -> None:
    spatial = {name: kind for name, kind in pyogrio.list_layers(package) if kind is not None}
    assert spatial == LAYERS
    assert set(fiona.listlayers(package)) == {*LAYERS, "nguon", "thong_tin", "layer_styles"}
    for name, kind in LAYERS.items():
        with fiona.open(package, layer=name) as layer:
            assert layer.crs.to_epsg() == 4326
            assert layer.schema["geometry"] == kind
            assert len(layer) > 0
            assert all(column.isascii() for column in layer.schema["properties"])


def test_titles_and_sample_mark_are_in_the_contents(package: Path) -> None:
    with closing(sqlite3.connect(package)) as connection:
        contents = {
            name: (title, told)
            for name, title, told in connection.execute("SELECT table_name, identifier, description FROM gpkg_contents")
        }
        changes = {day for (day,) in connection.execute("SELECT DISTINCT last_change FROM gpkg_contents")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert contents["xa"][0] == "Xã theo kết quả nông thôn mới"
    assert contents["road"][0] == "Đường giao thông"
    assert all("ranh giới không có giá trị pháp lý" in contents[name][1] for name in LAYERS)
    assert changes == {"2025-06-30T00:00:00.000Z"}


def test_communes_hold_the_facts_and_unknown_is_null(package: Path) -> None:
    frame = gpd.read_file(package, layer="xa").set_index("code")
    facts = tiny_facts.facts()
    assert list(frame["tier"]) == list(facts.communes["tier"])
    assert frame.loc["10001", "tier_vi"] == "Đạt chuẩn NTM"
    assert frame.loc["10001", "road_km"] == 20
    assert frame.loc["10003", ["tc1", "tc19"]].tolist() == ["met", "not_met"]
    silent = frame.loc["10005", ["standard_year", "decision", "decision_date", "criteria_met", "tc1"]]
    assert silent.isna().all()
    assert pd.isna(frame.loc["10004", "road_hardened_share"])
    assert frame.loc["10001", "decision_date"] == pd.Timestamp(2025, 2, 14)
    drawn = tiny.communes().set_index("code").geometry
    assert all(frame.geometry[code].equals(drawn[code]) for code in drawn.index)


def test_no_address_point_and_no_small_number_is_in_the_file(tmp_path: Path) -> None:
    every = tiny.snapshot().addresses
    few = every[(every["village_code"] != "10001-01") | (every.groupby("village_code").cumcount() < 4)]
    snapshot = tiny.snapshot(addresses=few)
    path = write_geopackage(snapshot, compute_facts(snapshot, load_plan(), limits={}), tmp_path / "a.gpkg")
    raw = path.read_bytes()
    for address in snapshot.addresses["id"].tolist() + snapshot.addresses["address"].dropna().tolist():
        assert address.encode() not in raw
    frame = gpd.read_file(path, layer="thon").set_index("code")
    assert frame.loc["10001-01", ["address_total", "address_plated_share"]].isna().all()
    assert frame.loc["10002-01", "address_total"] == 10


def test_districts_and_province_carry_counts(package: Path) -> None:
    districts = gpd.read_file(package, layer="huyen").set_index("code")
    assert districts.loc["901", ["model", "advanced", "ntm", "not_yet", "ntm_or_higher"]].tolist() == [1, 1, 1, 1, 3]
    assert districts.loc["901", "tier_vi"] == "Đạt chuẩn huyện NTM"
    province = gpd.read_file(package, layer="tinh")
    assert (province["name"][0], province["road_km"][0]) == ("Tỉnh Tí Hon", 50)


def test_sources_and_dates_are_in_tables(package: Path) -> None:
    sources = pyogrio.read_dataframe(package, layer="nguon")
    assert list(sources["title"]) == ["Ranh giới xã", "Kết quả NTM cấp xã"]
    assert sources["as_of"].isna().tolist() == [True, False]
    about = pyogrio.read_dataframe(package, layer="thong_tin").set_index("key")["value"]
    assert about["sample"] == symbols()["sample"]["vi_long"]
    assert about["as_of"] == "2025-06-30"
    assert about["limit_m_road"] == "500"


def test_every_layer_has_a_default_style_that_is_xml(package: Path) -> None:
    found = styles(package)
    assert set(found) == set(LAYERS)
    for style in found.values():
        assert style.tag == "qgis"
        drawn = {symbol.get("name") for symbol in style.iterfind("renderer-v2/symbols/symbol")}
        asked = {
            node.get("symbol")
            for node in style.iter()
            if node.tag in {"category", "rule"} and node.get("symbol") is not None
        }
        assert asked <= drawn
        assert drawn


def test_communes_are_coloured_by_tier_with_counts(package: Path) -> None:
    style = styles(package)["xa"]
    renderer = style.find("renderer-v2")
    assert renderer is not None
    assert renderer.get("attr") == "tier"
    categories = renderer.findall("categories/category")
    assert [c.get("value") for c in categories] == list(TIER_STATES)
    assert [c.get("label") for c in categories][:2] == ["NTM kiểu mẫu (1)", "NTM nâng cao (1)"]
    for category, state in zip(categories, TIER_STATES, strict=True):
        color = renderer.find(f"symbols/symbol[@name='{category.get('symbol')}']/layer/prop[@k='color']")
        assert color is not None
        red, green, blue, _ = map(int, str(color.get("v")).split(","))
        assert f"#{red:02x}{green:02x}{blue:02x}" == tier_fill(state)
    titles = {a.get("field"): a.get("name") for a in style.iterfind("aliases/alias")}
    assert titles["road_km"] == "Đường hiện có (km)"


def test_roads_are_drawn_by_class_and_surface_each_exactly_once(tmp_path: Path) -> None:
    roads = tiny.snapshot().layers["road"]
    blank = roads.iloc[[0]].assign(id="D3", surface=None)
    layers = {"road": pd.concat([roads, blank], ignore_index=True)}
    path = write_geopackage(tiny.snapshot(layers=layers), tiny_facts.facts(), tmp_path / "a.gpkg")
    rules = styles(path)["road"].findall("renderer-v2/rules/rule")
    filters = [str(rule.get("filter")) for rule in rules]
    assert len(set(filters)) == 3
    with closing(sqlite3.connect(path)) as connection:
        for id_ in ("D1", "D2", "D3"):
            held = [
                connection.execute(f"SELECT count(*) FROM road WHERE id = ? AND ({f})", (id_,)).fetchone()[0]
                for f in filters
            ]
            assert sum(held) == 1, (id_, filters)


def test_point_signs_are_our_own_drawings(package: Path) -> None:
    style = styles(package)["water_supply"]
    names = [p.get("v") or "" for p in style.iterfind("renderer-v2/symbols/symbol/layer/prop[@k='name']")]
    assert len(names) == 4
    for name in names:
        drawing = ET.fromstring(base64.b64decode(name.removeprefix("base64:")))
        assert drawing.get("viewBox") == "0 0 24 24"
        assert symbols()["point"]["water_supply"]["path"] in ET.tostring(drawing, encoding="unicode")


def test_mixed_villages_and_multi_parts_keep_their_kind(tmp_path: Path) -> None:
    villages = tiny.snapshot().villages.copy()
    villages.loc[0, "geometry"] = box(107.5, 14.4, 107.6, 14.5)
    lakes = gpd.GeoDataFrame(
        {"id": ["H1", "H2"], "name": [None, "Hồ"], "source": "ho"},
        geometry=[Point(107.5, 14.5), box(107.5, 14.4, 107.52, 14.42)],
        crs=4326,
    )
    river = gpd.GeoDataFrame(
        {"id": ["S1"], "name": ["Sông"], "order": [3], "source": "song"},
        geometry=[LineString([(107.4, 14.4), (107.6, 14.5)])],
        crs=4326,
    )
    snapshot = tiny.snapshot(villages=villages, layers={"lake": lakes, "river": river})
    path = write_geopackage(snapshot, tiny_facts.facts(), tmp_path / "a.gpkg")
    kinds = dict(pyogrio.list_layers(path).tolist())
    assert (kinds["thon"], kinds["thon_diem"]) == ("MultiPolygon", "Point")
    assert (kinds["lake"], kinds["lake_diem"], kinds["river"]) == ("MultiPolygon", "Point", "MultiLineString")
    assert len(gpd.read_file(path, layer="thon")) + len(gpd.read_file(path, layer="thon_diem")) == 6


def test_an_epoch_without_districts_has_no_district_layer(tmp_path: Path) -> None:
    snapshot = tiny.snapshot(districts=tiny.snapshot().districts.iloc[:0])
    path = write_geopackage(snapshot, tiny_facts.facts(), tmp_path / "a.gpkg")
    assert "huyen" not in fiona.listlayers(path)
    assert "huyen" not in styles(path)


def test_hostile_names_are_text(tmp_path: Path) -> None:
    facts = tiny_facts.facts()
    snapshot = tiny.snapshot()
    names = ["'; DROP TABLE xa; --", "</qgis>", "=1+1", "a\x00b", "\u202eabc", "x" * 10_000]
    snapshot.communes["name"] = names
    path = write_geopackage(snapshot, facts, tmp_path / "a.gpkg")
    back = list(gpd.read_file(path, layer="xa")["name"])
    assert back == [name.replace("\x00", "␀") for name in names]
    assert "xa" in styles(path)


def test_same_input_same_bytes_and_no_leftovers(tmp_path: Path) -> None:
    first = write_geopackage(tiny.snapshot(), tiny_facts.facts(), tmp_path / "a.gpkg").read_bytes()
    time.sleep(1.1)
    second = write_geopackage(tiny.snapshot(), tiny_facts.facts(), tmp_path / "b.gpkg").read_bytes()
    assert first == second
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gpkg", "b.gpkg"]
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ntm.gpkg"
    path.write_bytes(b"old")
    bad = {"no_such_table": tiny.snapshot().layers["road"]}
    with pytest.raises(KeyError):
        write_geopackage(tiny.snapshot(layers=bad), tiny_facts.facts(), path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["ntm.gpkg"]
