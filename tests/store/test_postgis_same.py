"""A GeoPackage and a PostGIS database answer alike: every test runs on both, and what they say is compared."""

import pickle
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import store_cases as cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from ntmgis.errors import InputError
from ntmgis.programme.tables import tables
from ntmgis.store.base import Import, Store
from ntmgis.store.geopackage import Store as GeoPackageStore
from ntmgis.store.open import open_store
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.remembered import Remembered

pytest_plugins = ("postgis_server",)

_SCHEMAS = count(1)
EMPTY = cases.EMPTY


@pytest.fixture(params=["geopackage", "postgis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "geopackage":
        return GeoPackageStore(tmp_path / "store" / "ntmgis.gpkg", user="lan")
    return PostgisStore(request.getfixturevalue("database"), f"một %s \"tên' {next(_SCHEMAS)}", user="lan")


@pytest.fixture
def pair(database: str, tmp_path: Path) -> tuple[Store, Store]:
    return GeoPackageStore(tmp_path / "ntmgis.gpkg"), PostgisStore(database, f"s{next(_SCHEMAS)}")


def test_an_absent_store_is_empty(store: Store) -> None:
    assert store.imports() == store.log() == []
    assert store.latest("s") is None
    assert store.rows("commune_status", []).empty
    assert isinstance(store.rows("road", []), gpd.GeoDataFrame)
    assert store.quarantine([]).empty
    with pytest.raises(InputError, match="E-STORE-NO-IMPORT"):
        store.undo(1)


def test_another_process_is_given_the_same_store_as_it_was_known(store: Store) -> None:
    made = cases.add(store, cases.status())
    kept = Remembered(store)
    assert kept.log() == [made]
    cases.add(store, cases.status(), key="later")
    sent = pickle.loads(pickle.dumps(kept))
    assert sent.log() == [made]
    assert_frame_equal(sent.rows("commune_status", [made]), store.rows("commune_status", [made]))
    assert sent.undo(made.import_id).undone_by == "lan"


def test_values_come_back_in_the_promised_types(store: Store) -> None:
    frame = cases.status(
        standard_year=pd.array([2024, pd.NA], dtype="Int64"),
        decision_date=[pd.Timestamp(2025, 2, 14), pd.NaT],
        decision=["12/QĐ-UBND", None],
        tc1=["met", ""],
    )
    made = cases.add(store, frame)
    back = store.rows("commune_status", [made])
    assert back["standard_year"].tolist() == [2024, pd.NA]
    assert back["decision_date"].tolist() == [pd.Timestamp(2025, 2, 14), pd.NaT]
    assert back["decision"].isna().tolist() == [False, True]
    assert back["tc1"].tolist() == ["met", ""]
    assert back["tc2"].isna().all()
    assert back["valid_from"].tolist() == [pd.Timestamp(2025, 6, 30)] * 2
    assert back["file_row"].tolist() == [2, 3]
    assert back["source"].tolist() == ["s", "s"]


@pytest.mark.parametrize(
    ("table", "shape", "more"),
    [
        ("unit", box(107, 14, 108, 15), {"code": "10001"}),
        ("unit", MultiPolygon([box(107, 14, 108, 15), box(109, 14, 110, 15)]), {"code": "10001"}),
        ("unit", Polygon(box(107, 14, 108, 15).exterior, [box(107.2, 14.2, 107.4, 14.4).exterior]), {"code": "1"}),
        ("road", LineString([(107, 14), (108, 15)]), {"id": "D1", "class": "village"}),
        ("road", LineString([(107, 14, 600), (108, 15, 700)]), {"id": "D1", "class": "village"}),
        ("water_supply", Point(107.123456789012345, -0.0), {"id": "N1", "kind": "piped"}),
        ("village", Point(107, 14), {"code": "10001-01", "name": "Thôn 1", "households": 7}),
        ("village", None, {"code": "10001-01", "name": "Thôn 1"}),
    ],
)
def test_shapes_are_the_same_to_the_last_bit(
    pair: tuple[Store, Store], table: str, shape: object, more: dict[str, object]
) -> None:
    frame = gpd.GeoDataFrame({"row": [1], **{k: [v] for k, v in more.items()}}, geometry=[shape], crs="EPSG:4326")
    one, other = (store.rows(table, [cases.add(store, frame, table)]) for store in pair)
    assert one.geometry.to_wkb().tolist() == other.geometry.to_wkb().tolist()
    assert one.crs == other.crs == "EPSG:4326"
    assert_frame_equal(one, other)


def test_every_table_of_the_contract_comes_back_alike(pair: tuple[Store, Store]) -> None:
    kinds = {
        "text": ["á", None],
        "code": ["10001", None],
        "enum": ["x", None],
        "integer": [7, None],
        "year": [2024, None],
        "number": [0.1, None],
        "bool": [True, None],
        "date": [pd.Timestamp(2025, 1, 2), None],
    }
    shapes = {"polygon": box(0, 0, 1, 1), "line": LineString([(0, 0), (1, 1)]), "point": Point(1, 2)}
    shapes["polygon_or_point"] = Point(1, 2)
    for id_, spec in tables().items():
        if spec.geometry == "raster":
            continue
        types = {"integer": "Int64", "year": "Int64", "bool": "boolean"}
        columns = {one.name: pd.Series(kinds[one.type], dtype=types.get(one.type)) for one in spec.fields}
        frame = pd.DataFrame({"row": [2, 3], **columns})
        if spec.geometry != "none" and id_ != "address_point":
            frame = gpd.GeoDataFrame(frame, geometry=[shapes[spec.geometry], None], crs="EPSG:4326")
        one, other = (store.rows(id_, [cases.add(store, frame, id_)]) for store in pair)
        assert_frame_equal(one, other, check_exact=True)
        assert_frame_equal(*(store.rows(id_, []) for store in pair))
    assert_frame_equal(*(store.rows("road", store.imports()) for store in pair))


def test_rows_come_in_the_order_of_imports_and_files(store: Store) -> None:
    made = [cases.add(store, cases.roads(*ids), "road", key=str(ids)) for ids in ("CAB", "FDE", "IHG")]
    assert "".join(store.rows("road", made[::-1])["id"]) == "CABFDEIHG"
    assert "".join(store.rows("road", [made[2], made[0]])["id"]) == "CABIHG"


def test_reports_come_back_alike(pair: tuple[Store, Store]) -> None:
    quarantine = pd.concat(
        [
            cases.quarantined(text).assign(file=name)
            for text, name in zip(cases.HOSTILE, "abcdefghijklmnop", strict=True)
        ]
    )
    matches = pd.DataFrame(
        [
            {"row": 2, "given_name": "Hà Mòn", "status": "matched", "how": "code", "code": "23521", "candidates": ()},
            {"row": 3, "given_name": "\0", "status": "unmatched", "candidates": (("23521", "Hà \0 Mòn", 88.0),)},
        ]
    )
    told = []
    for store in pair:
        made = cases.add(store, cases.status(), quarantine=quarantine, matches=matches, rows_in=18)
        told.append((store.quarantine([made]), store.matches([made])))
    for one, other in zip(*told, strict=True):
        assert_frame_equal(one, other)
    assert told[1][0]["value"].tolist() == list(cases.HOSTILE)
    assert told[1][0]["row"].tolist() == [4] * len(cases.HOSTILE)


def test_an_undone_import_stays_and_does_not_count(store: Store) -> None:
    first = cases.add(store, cases.status(), key="1")
    second = cases.add(store, cases.status(), key="2")
    undone = store.undo(second.import_id)
    assert (undone.undone_by, undone.import_id) == ("lan", 2)
    assert store.imports() == [first]
    assert store.log() == [first, undone]
    assert store.latest("s") == first
    assert len(store.rows("commune_status", [undone])) == 2
    with pytest.raises(InputError, match="E-STORE-UNDONE"):
        store.undo(second.import_id)
    assert cases.add(store, cases.status(), key="3").import_id == 3


def test_what_was_known_on_a_day(store: Store) -> None:
    before = datetime.now(UTC)
    made = cases.add(store, cases.status(), key="1")
    recorded = datetime.fromisoformat(made.recorded_at)
    undone = datetime.fromisoformat(store.undo(1).undone_at or "")
    assert store.imports(before) == []
    assert [one.import_id for one in store.imports(recorded)] == [1]
    assert [one.import_id for one in store.imports(undone - timedelta(microseconds=1))] == [1]
    assert store.imports(undone) == store.imports() == []


def test_the_same_file_twice_is_one_import(store: Store) -> None:
    first = cases.add(store, cases.status(), key="1", once=True)
    assert cases.add(store, cases.status(), key="1", once=True) == first
    assert cases.add(store, cases.status(), key="2", once=True).import_id == 2
    assert cases.add(store, cases.status(), key="1", once=True).import_id == 3
    store.undo(3)
    store.undo(2)
    store.undo(1)
    assert cases.add(store, cases.status(), key="1", once=True).import_id == 4


def test_a_file_with_no_accepted_row_is_an_import_too(store: Store) -> None:
    made = cases.add(store, cases.status().iloc[:0], rows_in=2, as_of=None)
    assert (made.accepted, made.quarantined, made.as_of) == (0, 2, None)
    assert store.log() == [made]
    assert store.rows("commune_status", [made]).empty


def test_a_number_is_never_given_twice(store: Store) -> None:
    cases.add(store, cases.status())
    (made,) = store.log()
    parts = store.rows("commune_status", [made]), store.quarantine([made]), store.matches([made])
    with pytest.raises(InputError, match="E-STORE-TAKEN"):
        store.put(made, *parts)
    assert store.log() == [made]
    assert len(store.rows("commune_status", [made])) == 2


def test_numbers_come_back_exactly(store: Store) -> None:
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, float("nan")]
    frame = cases.roads(*"ABCDEF").assign(width=numbers)
    back = store.rows("road", [cases.add(store, frame, "road")])["width"].to_numpy()
    assert np.array_equal(back, np.array(numbers), equal_nan=True)


@pytest.mark.parametrize("text", cases.HOSTILE)
def test_hostile_text_is_only_text(store: Store, text: str) -> None:
    facts = {"source_id": text, "file": text, "key": text, "epoch": "e", "matched": {text: 1}}
    told: list[dict[str, object]] = [{"code": text}]
    if "\0" in text:  # keys and epochs are made by ntmgis
        facts["key"] = "k"
    made = cases.add(store, cases.status(decision=[text, text]), problems=told, **facts)
    assert store.latest(text) == made == store.log()[0]
    assert store.rows("commune_status", [made])["decision"].tolist() == [text, text]
    assert store.rows("commune_status", [made])["source"].tolist() == [text, text]
    assert made.file == text
    assert made.problems == told


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1))
def test_any_text_comes_back_as_it_was(pair: tuple[Store, Store], text: str) -> None:
    for store in pair:
        made = cases.add(store, cases.status(decision=[text, None]), source_id=text)
        back = store.rows("commune_status", [made])["decision"]
        assert (back.iloc[0], back.isna().tolist()) == (text, [False, True])
        assert store.latest(text) == made


def test_the_place_decides_which_store_it_is(database: str, tmp_path: Path) -> None:
    assert isinstance(open_store(database), PostgisStore)
    assert isinstance(open_store(tmp_path / "a.gpkg"), GeoPackageStore)


def test_both_say_the_same_of_the_same_history(pair: tuple[Store, Store]) -> None:
    told: list[list[Import]] = []
    for store in pair:
        cases.add(store, cases.villages(20), "village", source_id="thon")
        cases.add(store, cases.status(), quarantine=cases.quarantined("a\0b"), matches=cases.matched(), rows_in=3)
        cases.add(store, cases.roads("A", "B"), "road", as_of=date(2024, 12, 31))
        store.undo(2)
        told.append(store.log())
    assert [(one.import_id, one.accepted, one.as_of, one.undone_at is None) for one in told[0]] == [
        (one.import_id, one.accepted, one.as_of, one.undone_at is None) for one in told[1]
    ]
    rows = [[part for _, part in cases.content(store)] for store in pair]
    assert rows[0] == rows[1]
