"""The store: what goes in comes out, later imports add, an interrupted import leaves no trace."""

import sqlite3
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from ntmgis.errors import InputError
from ntmgis.store.geopackage import Import, Store

EMPTY = pd.DataFrame()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store" / "ntmgis.gpkg")


def status(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"row": [2, 3], "code": ["10001", "10002"], "tier": ["ntm", "not_yet"], **columns})


def add(store: Store, frame: pd.DataFrame, table: str = "commune_status", **changes: object) -> Import:
    facts: dict[str, object] = {
        "source_id": "s",
        "table_id": table,
        "epoch": "until-2025-06-30",
        "as_of": date(2025, 6, 30),
        "key": "k",
        "file": "a.csv",
        "sha256": "0",
        "rows_in": len(frame),
        "quarantine": EMPTY,
        "matches": EMPTY,
        "matched": {"code": len(frame)},
    }
    return store.add(frame, **{**facts, **changes})


def test_an_absent_store_has_no_imports(store: Store) -> None:
    assert store.imports() == []
    assert store.latest("s") is None
    assert store.rows("commune_status", []).empty


def test_values_come_back_in_the_promised_types(store: Store) -> None:
    frame = status(
        standard_year=pd.array([2024, pd.NA], dtype="Int64"),
        decision_date=[pd.Timestamp(2025, 2, 14), pd.NaT],
        decision=["12/QĐ-UBND", None],
        tc1=["met", None],
    )
    made = add(store, frame)
    back = store.rows("commune_status", [made])
    assert back["code"].tolist() == ["10001", "10002"]
    assert back["standard_year"].tolist() == [2024, pd.NA]
    assert back["decision_date"].tolist() == [pd.Timestamp(2025, 2, 14), pd.NaT]
    assert back["decision"].isna().tolist() == [False, True]
    assert back["tc1"].isna().tolist() == [False, True]
    assert back["tc2"].isna().all()
    assert back["valid_from"].tolist() == [pd.Timestamp(2025, 6, 30)] * 2
    assert back["file_row"].tolist() == [2, 3]


def test_unknown_booleans_stay_unknown(store: Store) -> None:
    frame = pd.DataFrame(
        {
            "row": [1, 2, 3],
            "village_code": ["a", "b", "c"],
            "model": pd.array([True, False, pd.NA], dtype="boolean"),
        }
    )
    made = add(store, frame, "village_status")
    assert store.rows("village_status", [made])["model"].tolist() == [True, False, pd.NA]


@pytest.mark.parametrize(
    ("table", "shape", "more"),
    [
        ("unit", box(107, 14, 108, 15), {"code": "10001"}),
        ("road", LineString([(107, 14), (108, 15)]), {"id": "D1", "class": "village"}),
        ("water_supply", Point(107, 14), {"id": "N1", "kind": "piped"}),
        ("village", Point(107, 14), {"code": "10001-01", "name": "Thôn 1", "households": 7}),
    ],
)
def test_geometry_comes_back(store: Store, table: str, shape: object, more: dict[str, object]) -> None:
    frame = gpd.GeoDataFrame({"row": [1], **{k: [v] for k, v in more.items()}}, geometry=[shape], crs="EPSG:4326")
    back = store.rows(table, [add(store, frame, table)])
    assert back.crs == "EPSG:4326"
    assert back.geometry.iloc[0].equals(shape)


def test_a_village_layer_takes_points_and_polygons(store: Store) -> None:
    frame = gpd.GeoDataFrame(
        {"row": [1, 2], "code": ["a", "b"], "name": ["A", "B"]},
        geometry=[Point(107, 14), box(107, 14, 107.1, 14.1)],
        crs="EPSG:4326",
    )
    back = store.rows("village", [add(store, frame, "village")])
    assert back.geometry.geom_type.tolist() == ["Point", "Polygon"]


def test_a_second_import_adds_and_never_overwrites(store: Store) -> None:
    first = add(store, status(), key="1")
    second = add(store, status(tier=["advanced", "ntm"]), key="2", as_of=date(2025, 12, 31))
    assert [made.import_id for made in store.imports()] == [1, 2]
    assert store.latest("s") == second
    assert store.rows("commune_status", [first])["tier"].tolist() == ["ntm", "not_yet"]
    assert len(store.rows("commune_status", [first, second])) == 4


def test_the_reports_come_back_with_their_source(store: Store) -> None:
    quarantine = pd.DataFrame(
        [{"file": "a.csv", "row": 4, "column": "Kết quả", "value": "??", "code": "E-X", "rule": "r", "action": "a"}]
    )
    matches = pd.DataFrame([{"row": 2, "given_name": "Hà Mòn", "status": "matched", "how": "code", "code": "23521"}])
    made = add(store, status(), quarantine=quarantine, matches=matches, rows_in=3)
    assert made.quarantined == 1
    assert store.quarantine([made])[["source_id", "row", "value"]].to_numpy().tolist() == [["s", 4, "??"]]
    assert store.matches([made])[["source_id", "how", "code"]].to_numpy().tolist() == [["s", "code", "23521"]]


def test_a_file_with_no_accepted_row_is_an_import_too(store: Store) -> None:
    made = add(store, status().iloc[:0], rows_in=2)
    assert (made.accepted, made.quarantined) == (0, 2)
    assert store.rows("commune_status", [made]).empty


def test_it_is_a_geopackage_that_others_open(store: Store) -> None:
    frame = gpd.GeoDataFrame({"row": [1], "id": ["N1"], "kind": ["piped"]}, geometry=[Point(107, 14)], crs="EPSG:4326")
    add(store, frame, "water_supply")
    layers = dict(pyogrio.list_layers(store.path))
    assert layers["t_water_supply"] == "Point"


@pytest.mark.parametrize("accident", ["before the reports", "before the last line"])
def test_an_interrupted_import_leaves_no_trace(store: Store, accident: str, monkeypatch: pytest.MonkeyPatch) -> None:
    road = gpd.GeoDataFrame(
        {"row": [1], "id": ["D1"], "class": ["village"]}, geometry=[LineString([(107, 14), (108, 15)])], crs="EPSG:4326"
    )
    before = add(store, road, "road")

    class CutError(RuntimeError):
        pass

    def cut(*_args: object) -> None:
        raise CutError

    where = "_insert" if accident == "before the reports" else "datetime"
    with monkeypatch.context() as patch:
        patch.setattr(f"ntmgis.store.geopackage.{where}", cut)
        with pytest.raises((CutError, AttributeError)):
            add(store, road.assign(id="D2"), "road")
    again = Store(store.path)
    assert again.imports() == [before]
    assert again.rows("road", again.imports())["id"].tolist() == ["D1"]
    after = add(again, road.assign(id="D3"), "road")
    assert again.rows("road", [before, after])["id"].tolist() == ["D1", "D3"]
    assert len(pyogrio.read_dataframe(store.path, layer="t_road")) == 2


def test_a_field_that_came_later_is_added_to_an_old_file(store: Store) -> None:
    first = add(store, status(), key="1")
    with sqlite3.connect(store.path) as connection:
        connection.execute("ALTER TABLE t_commune_status DROP COLUMN tc19")
    connection.close()
    second = add(Store(store.path), status(tc19=["met", None]), key="2")
    assert store.rows("commune_status", [first])["tc19"].isna().all()
    assert store.rows("commune_status", [second])["tc19"].tolist()[0] == "met"


def test_a_broken_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ntmgis.gpkg"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(InputError) as caught:
        Store(path).imports()
    assert caught.value.problems[0].code == "E-STORE"


HOSTILE = ["'; DROP TABLE imports; --", '"', "<script>", "\u202eabc", "a\nb", "__proto__", "Đắk Glei", "é"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    store = Store(tmp_path_factory.mktemp("s") / "ntmgis.gpkg")
    made = add(store, status(decision=[text, text]), source_id=text, file=text)
    assert store.rows("commune_status", [made])["decision"].tolist() == [text, text]
    assert store.latest(text) == made
    assert made.file == text
