"""The store: what goes in comes out, later imports add, an interrupted import leaves no trace."""

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from store_cases import HOSTILE, add, content, matched, quarantined, roads, status, villages

from ntmgis.errors import InputError
from ntmgis.store import base
from ntmgis.store.blobs import add_functions
from ntmgis.store.geopackage import Store
from ntmgis.store.open import open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store" / "ntmgis.gpkg")


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


def test_a_field_that_came_later_is_added_to_an_old_file(store: Store) -> None:
    first = add(store, status(), key="1")
    with sqlite3.connect(store.path) as connection:
        connection.execute("ALTER TABLE t_commune_status DROP COLUMN tc19")
    connection.close()
    second = add(Store(store.path), status(tc19=["met", None]), key="2")
    assert store.rows("commune_status", [first])["tc19"].isna().all()
    assert store.rows("commune_status", [second])["tc19"].tolist()[0] == "met"


def test_the_same_file_twice_is_a_no_op(store: Store) -> None:
    first = add(store, status(), key="1", once=True)
    before = content(store)
    assert add(store, status(), key="1", once=True) == first
    assert content(store) == before
    second = add(store, status(), key="2", once=True)
    third = add(store, status(), key="1", once=True)
    assert [one.import_id for one in store.imports()] == [first.import_id, second.import_id, third.import_id]


def test_one_source_is_not_another(store: Store) -> None:
    first = add(store, status(), source_id="a", key="1", once=True)
    second = add(store, status(), source_id="b", key="1", once=True)
    assert (store.latest("a"), store.latest("b"), store.latest("c")) == (first, second, None)


def test_who_and_when_are_recorded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "lan.cb")
    before = datetime.now(UTC)
    made = add(Store(store.path), status())
    recorded = datetime.fromisoformat(made.recorded_at)
    assert before <= recorded <= datetime.now(UTC)
    assert recorded.utcoffset() == timedelta(0)
    assert made.recorded_by == "lan.cb"
    assert add(Store(store.path, user="Đội GIS"), status()).recorded_by == "Đội GIS"
    assert [one.recorded_by for one in store.log()] == ["lan.cb", "Đội GIS"]


def test_a_clock_that_goes_back_does_not_change_the_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add(store, status())

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            assert tz is UTC
            return datetime.fromisoformat(first.recorded_at) - timedelta(days=1)

    monkeypatch.setattr(base, "datetime", Yesterday)
    second = add(store, status())
    undone = store.undo(second.import_id)
    assert undone.undone_at is not None
    assert first.recorded_at < second.recorded_at < undone.undone_at


def test_the_file_itself_only_takes_more(store: Store) -> None:
    add(store, villages(3), "village", quarantine=quarantined(), matches=matched())
    add(store, status(), source_id="t")
    store.undo(2)
    before = content(store)
    with sqlite3.connect(store.path) as connection:
        add_functions(connection)  # as QGIS brings them along
        for table in ("imports", "undone", "quarantine", "matches", "t_village", "t_commune_status"):
            for change in (f"UPDATE {table} SET import_id = 9", f"DELETE FROM {table}"):
                with pytest.raises(sqlite3.IntegrityError, match="chỉ ghi thêm"):
                    connection.execute(change)
    connection.close()
    assert content(store) == before


def test_geometry_is_a_geopackage_as_gdal_writes_it(store: Store, tmp_path: Path) -> None:
    shapes = [Point(107.5, 14.5), box(107, 14, 108, 15), LineString([(107, 14), (108, 15)]), Polygon(), None]
    frame = gpd.GeoDataFrame({"row": range(5), "code": list("abcde"), "name": "Thôn"}, geometry=shapes, crs="EPSG:4326")
    made = add(store, frame, "village")
    peer = tmp_path / "peer.gpkg"
    pyogrio.write_dataframe(frame[["code", "geometry"]], peer, layer="t_village", geometry_type="Unknown")
    ours, theirs = (pyogrio.read_dataframe(path, layer="t_village") for path in (store.path, peer))
    assert ours.geometry.to_wkb().tolist() == theirs.geometry.to_wkb().tolist()
    blobs = []
    for path in (store.path, peer):
        with sqlite3.connect(path) as connection:
            blobs.append([blob for (blob,) in connection.execute("SELECT geom FROM t_village ORDER BY fid")])
        connection.close()
    assert blobs[0] == blobs[1]
    # What QGIS asks of the spatial index.
    found = pyogrio.read_dataframe(store.path, layer="t_village", bbox=(107.4, 14.4, 107.6, 14.6))
    assert found["code"].tolist() == ["a", "b", "c"]
    assert pyogrio.read_info(store.path, layer="t_village")["total_bounds"] == (107.0, 14.0, 108.0, 15.0)
    assert store.rows("village", [made]).geometry.is_empty.tolist() == [False, False, False, True, False]


def test_single_shapes_become_what_the_layer_holds(store: Store) -> None:
    square = box(107, 14, 108, 15)
    frame = gpd.GeoDataFrame(
        {"row": [1, 2], "code": ["1", "2"]}, geometry=[square, MultiPolygon([square])], crs="EPSG:4326"
    )
    made = add(store, frame, "unit")
    assert store.rows("unit", [made]).geometry.geom_type.tolist() == ["MultiPolygon"] * 2
    assert pyogrio.read_info(store.path, layer="t_unit")["geometry_type"] == "MultiPolygon"


def test_an_index_entry_for_every_shape(store: Store) -> None:
    add(store, villages(4), "village")
    add(store, villages(3).assign(geometry=[Point(), None, GeometryCollection()]), "village")
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM rtree_t_village_geom").fetchone() == (4,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_rows_come_in_the_order_they_went_in(store: Store) -> None:
    first = add(store, roads("C", "A", "B"), "road")
    second = add(store, roads("Z", "Y"), "road")
    assert store.rows("road", [second, first])["id"].tolist() == ["C", "A", "B", "Z", "Y"]


def test_an_import_is_put_into_another_store_as_it_is(store: Store, tmp_path: Path) -> None:
    add(store, villages(4), "village", quarantine=quarantined("a\0b"), matches=matched(), as_of=None)
    add(store, status(as_of=[pd.Timestamp(2024, 12, 31), pd.NaT], tc1=["met", None]), source_id="\0'\"")
    store.undo(1)
    other = Store(tmp_path / "other.gpkg", user="ai đó")
    for made in store.log():
        rows, reports = store.rows(made.table_id, [made]), (store.quarantine([made]), store.matches([made]))
        other.put(made, rows, *reports)
    assert content(other) == content(store)
    with pytest.raises(InputError, match="E-STORE-TAKEN"):
        other.put(made, rows, *reports)
    assert content(other) == content(store)


def test_a_report_keeps_the_file_inside_an_archive(store: Store) -> None:
    made = add(store, status(), file="a.zip", quarantine=quarantined())
    assert store.quarantine([made])["file"].tolist() == ["a.csv"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_goes_everywhere_and_comes_back(store: Store, text: str) -> None:
    mine = Store(store.path, user=text)
    frame = status(decision=[text, None], tc1=[text, "met"])
    made = add(mine, frame, source_id=text, file=text, quarantine=quarantined(text), matches=matched(text))
    shapes = add(mine, roads("D1").assign(name=text, id=text), "road", source_id=text + "2")
    assert mine.log() == [made, shapes]
    assert mine.latest(text) == made
    assert (made.recorded_by, made.file) == (text, text)
    rows = mine.rows("commune_status", [made])
    assert rows["decision"].tolist()[0] == text
    assert rows["tc1"].tolist() == [text, "met"]
    assert rows["source"].tolist() == [text, text]
    assert mine.quarantine([made])[["source_id", "value"]].to_numpy().tolist() == [[text, text]]
    assert mine.matches([made])[["file", "given_name"]].to_numpy().tolist() == [[text, text]]
    assert mine.rows("road", [shapes])[["id", "name"]].to_numpy().tolist() == [[text, text]]
    assert mine.undo(made.import_id).undone_by == text
    assert Store(store.path).log() == [replace(made, undone_at=mine.log()[0].undone_at, undone_by=text), shapes]


def test_a_file_name_that_is_no_text(store: Store) -> None:
    name = b"x\xe1\x93.csv".decode("utf-8", "surrogateescape")
    made = add(store, status(), file=name, problems=[{"code": "E-X", "file": name}])
    assert store.log()[0].file == made.file == name
    assert store.log()[0].problems[0]["code"] == "E-X"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    store = Store(tmp_path_factory.mktemp("s") / "ntmgis.gpkg")
    made = add(store, status(decision=[text, text]), source_id=text, file=text)
    assert store.rows("commune_status", [made])["decision"].tolist() == [text, text]
    assert store.latest(text) == made
    assert made.file == text


def test_a_place_in_a_hostile_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=memory&x#y%41';--"
    made = add(open_store(folder / "kho ngày 1.gpkg"), status())
    assert open_store(str(folder / "kho ngày 1.gpkg")).log() == [made]
    assert sorted(path.name for path in folder.iterdir()) == ["kho ngày 1.gpkg"]


def test_reading_makes_no_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "none" / "ntmgis.gpkg")
    assert (store.log(), store.imports(), store.latest("s")) == ([], [], None)
    with pytest.raises(InputError, match="E-STORE-NO-IMPORT"):
        store.undo(1)
    assert list(tmp_path.iterdir()) == []
