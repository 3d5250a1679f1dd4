"""The PostGIS store as others see it: what QGIS finds, what the database refuses, how an older layout comes forward."""

import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
import store_cases as cases
from postgis_server import Server
from psycopg import sql

from ntmgis.errors import InputError
from ntmgis.programme.tables import tables
from ntmgis.store.base import SCHEMA_VERSION
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.postgis_layout import layout, shape_of
from ntmgis.store.postgis_roles import grant_read

pytest_plugins = ("postgis_server",)

_SCHEMAS = count(1)


@pytest.fixture
def store(database: str) -> Iterator[PostgisStore]:
    made = PostgisStore(database, f'kho "{next(_SCHEMAS)}" \' %s; --')
    yield made
    made.close()


@pytest.fixture
def asked(database: str) -> "Iterator[psycopg.Connection[Any]]":
    """What an owner can ask with any other program."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def name(store: PostgisStore, table: str) -> sql.Identifier:
    return sql.Identifier(store.place.schema, table)


def ask(connection: "psycopg.Connection[Any]", words: Any, **parts: sql.Composable) -> list[Any]:
    return connection.execute(sql.SQL(words).format(**parts)).fetchall()


def test_qgis_finds_typed_shapes_with_an_index(store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    cases.add(store, cases.roads("A"), "road")
    query = "SELECT f_table_name, type, srid, coord_dimension FROM geometry_columns WHERE f_table_schema = %s"
    found = {row[0]: row[1:] for row in asked.execute(query, (store.place.schema,))}
    for id_, spec in tables().items():
        if spec.geometry in {"none", "raster"}:
            continue
        kind = "POINT" if id_ == "address_point" else str(shape_of(spec)).upper()
        assert found[f"v_{id_}"] == (kind, 4326, 2)
        assert (f"t_{id_}" in found) == (id_ != "address_point")
    query = "SELECT count(*) FROM pg_indexes WHERE schemaname = %s AND indexdef LIKE '%% USING gist (geometry)'"
    assert asked.execute(query, (store.place.schema,)).fetchone() == (sum(name.startswith("t_") for name in found),)


def test_the_view_shows_what_counts(store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    cases.add(store, cases.roads("A", "B"), "road", source_id="đường", file="đường.shp")
    cases.add(store, cases.roads("C"), "road")
    store.undo(2)
    told = "SELECT id, import_source, import_epoch, import_file, ST_AsText(geometry) FROM {view} ORDER BY fid"
    rows = ask(asked, told, view=name(store, "v_road"))
    assert [row[:4] for row in rows] == [(one, "đường", cases.EPOCH, "đường.shp") for one in "AB"]
    assert shapely.from_wkt(rows[0][4]).equals(shapely.MultiLineString([[(107.6, 14.5), (107.7, 14.5)]]))


def test_titles_stand_beside_the_columns(store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    cases.add(store, cases.status())
    query = "SELECT obj_description(%s::regclass), col_description(%s::regclass, attnum) FROM pg_attribute "
    query += "WHERE attrelid = %s::regclass AND attname = 'tier'"
    table = name(store, "t_commune_status").as_string(asked)
    spec = tables()["commune_status"]
    assert asked.execute(query, (table,) * 3).fetchone() == (spec.title_vi, spec.field("tier").title_vi)


@pytest.mark.parametrize("table", ["imports", "undone", "quarantine", "matches", "t_road", "t_commune_status"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET import_id = 9", "TRUNCATE {} CASCADE"])
def test_the_database_itself_only_takes_more(database: str, table: str, verb: str) -> None:
    store = PostgisStore(database, "chi_ghi_them")
    if not store.log():
        cases.add(store, cases.roads("A"), "road", quarantine=cases.quarantined(), matches=cases.matched())
        cases.add(store, cases.status())
        store.undo(2)
    before = cases.content(store)
    with (
        psycopg.connect(database) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="chỉ ghi thêm"),
    ):
        connection.execute(sql.SQL(verb).format(name(store, table)))
    assert cases.content(store) == before


def test_rows_without_their_import_are_refused(store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    cases.add(store, cases.roads("A"), "road")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        asked.execute(sql.SQL("INSERT INTO {} (import_id, id) VALUES (9, 'X')").format(name(store, "t_road")))


def as_version_1(store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    """The store as it would be in a layout of before: no undone marks, no users, fewer columns and tables."""
    schema = store.place.schema
    for words, table in (
        ("DROP VIEW {} CASCADE", "v_road"),
        ("DROP TABLE {} CASCADE", "undone"),
        ("ALTER TABLE {} DROP COLUMN recorded_by CASCADE", "imports"),
        ("ALTER TABLE {} DROP COLUMN surface CASCADE", "t_road"),
        ("DROP TABLE {} CASCADE", "t_market"),
        ("UPDATE {} SET value = '1'", "about"),
    ):
        asked.execute(sql.SQL(words).format(sql.Identifier(schema, table)))


def test_an_older_layout_comes_forward_with_a_copy_of_before(
    database: str, store: PostgisStore, asked: "psycopg.Connection[Any]"
) -> None:
    made = cases.add(store, cases.roads("A"), "road", quarantine=cases.quarantined(), rows_in=2)
    schema = store.place.schema
    grant_read(database, "xem cũ", schema=schema)
    as_version_1(store, asked)
    newer = PostgisStore(database, schema)
    (read,) = newer.log()
    assert (read.import_id, read.recorded_at, read.recorded_by) == (1, made.recorded_at, "")
    assert newer.rows("road", [read])["id"].tolist() == ["A"]
    assert newer.rows("road", [read])["surface"].isna().all()
    second = cases.add(newer, cases.roads("B").assign(surface="earth"), "road")
    assert newer.rows("road", [read, second])["surface"].tolist()[1] == "earth"
    copy = sql.Identifier(f"{schema}_v1", "t_road")
    assert ask(asked, "SELECT id FROM {copy}", copy=copy) == [("A",)]
    assert ask(asked, "SELECT value FROM {about}", about=name(newer, "about")) == [(str(SCHEMA_VERSION),)]
    # Whoever could look before can look at the new tables too, and the new tables too only take more.
    told = "SELECT has_table_privilege('xem cũ', %s, 'SELECT'), has_table_privilege('xem cũ', %s, 'INSERT')"
    for table in ("t_market", "undone", "v_market"):
        quoted = name(newer, table).as_string(asked)
        assert asked.execute(told, (quoted, quoted)).fetchone() == (True, False)
    with pytest.raises(psycopg.errors.RaiseException):
        asked.execute(sql.SQL("DELETE FROM {}").format(name(newer, "undone")))


def test_a_second_copy_never_writes_over_the_first(database: str, store: PostgisStore, asked: Any) -> None:
    cases.add(store, cases.status())
    for _ in range(2):
        as_version_1(store, asked)
        assert len(PostgisStore(database, store.place.schema).log()) == 1
    copies = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, {stem}) ORDER BY 1"
    assert [row[0] for row in ask(asked, copies, stem=sql.Literal(f"{store.place.schema}_v1"))] == [
        f"{store.place.schema}_v1",
        f"{store.place.schema}_v1_2",
    ]


def test_moving_forward_is_whole_or_absent(database: str, store: PostgisStore, asked: Any) -> None:
    cases.add(store, cases.status())
    as_version_1(store, asked)
    asked.execute(sql.SQL("CREATE TABLE {} (a int)").format(name(store, "t_market_geometry")))  # in the way of an index
    with pytest.raises(InputError, match="E-DB"):
        PostgisStore(database, store.place.schema).log()
    assert ask(asked, "SELECT value FROM {about}", about=name(store, "about")) == [("1",)]
    assert ask(
        asked, "SELECT count(*) FROM pg_namespace WHERE nspname = {s}", s=sql.Literal(f"{store.place.schema}_v1")
    )[0] == (0,)
    asked.execute(sql.SQL("DROP TABLE {}").format(name(store, "t_market_geometry")))
    assert len(PostgisStore(database, store.place.schema).log()) == 1


def test_a_field_that_came_later_is_empty_until_it_is_written(
    database: str, store: PostgisStore, asked: "psycopg.Connection[Any]"
) -> None:
    first = cases.add(store, cases.roads("A").assign(surface="earth"), "road")
    asked.execute(sql.SQL("ALTER TABLE {} DROP COLUMN surface CASCADE").format(name(store, "t_road")))
    later = PostgisStore(database, store.place.schema)
    assert later.rows("road", [first])["surface"].isna().all()
    second = cases.add(later, cases.roads("B").assign(surface="earth"), "road")
    again = PostgisStore(database, store.place.schema)
    assert again.rows("road", [first, second])["surface"].tolist()[1] == "earth"


def test_a_newer_store_is_left_alone(database: str, store: PostgisStore, asked: "psycopg.Connection[Any]") -> None:
    cases.add(store, cases.status())
    asked.execute(sql.SQL("UPDATE {} SET value = '99'").format(name(store, "about")))
    newer = PostgisStore(database, store.place.schema)
    with pytest.raises(InputError, match="E-DB-NEWER"):
        newer.log()
    with pytest.raises(InputError, match="E-DB-NEWER"):
        cases.add(newer, cases.status())


def test_somebody_elses_objects_are_not_called(database: str, server: Server) -> None:
    """A function of the same name in a schema that comes first by default is not ours to run."""
    with server.admin(database.rpartition("/")[2].replace("%20", " ")) as admin:
        admin.execute(
            "CREATE SCHEMA chu; GRANT ALL ON SCHEMA chu TO chu; "
            "CREATE FUNCTION chu.st_makepoint(float8, float8) RETURNS public.geometry LANGUAGE plpgsql "
            "AS 'BEGIN RAISE EXCEPTION ''not ours''; END'; "
            "CREATE TYPE chu.geometry AS (a int)"
        )
    store = PostgisStore(database, "yên ổn")
    made = cases.add(store, cases.roads("A"), "road")
    assert store.rows("road", [made])["id"].tolist() == ["A"]


def test_long_shapes_and_long_texts_pass(store: PostgisStore) -> None:
    ring = shapely.Point(107, 14).buffer(1, quad_segs=50_000)
    frame = cases.villages(3).assign(name=["x" * 3_000_000, "a\n\\.\nb", '"\r\n,'])
    frame.geometry = [ring, ring, ring]
    back = store.rows("village", [cases.add(store, frame, "village")])
    assert back["name"].tolist() == frame["name"].tolist()
    assert back.geometry.to_wkb().tolist() == frame.geometry.to_wkb().tolist()


def test_every_table_of_the_contract_has_its_place() -> None:
    assert layout("s").rows.keys() == {id_ for id_, spec in tables().items() if spec.geometry != "raster"}


def test_a_dump_restored_elsewhere_is_the_same_store(database: str, server: Server, tmp_path: Path) -> None:
    """As docs/postgis.md says to back up."""
    store = PostgisStore(database, "sao lưu")
    cases.add(store, cases.roads("A"), "road", quarantine=cases.quarantined("a\0b"), rows_in=2)
    cases.add(store, cases.villages(3), "village")
    store.undo(1)
    file = tmp_path / "kho.dump"
    elsewhere = server.url(server.database())
    for words in (["pg_dump", "-Fc", "-n", '"sao lưu"', "-f", file, database], ["pg_restore", "-d", elsewhere, file]):
        subprocess.run([server.programs / words[0], *words[1:]], check=True, timeout=60)
    again = PostgisStore(elsewhere, "sao lưu")
    assert cases.content(again) == cases.content(store)
    assert cases.add(again, cases.roads("B"), "road").import_id == 3
    assert again.rows("road", again.imports())["id"].tolist() == ["B"]
    with psycopg.connect(elsewhere) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute('DELETE FROM "sao lưu".imports')
