"""A viewer reads the store and changes nothing; what is personal stays closed unless it is asked for."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pandas as pd
import psycopg
import pytest
import store_cases as cases
from postgis_server import PASSWORD, Server
from psycopg import sql

from ntmgis.errors import InputError, UsageError
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.postgis_roles import grant_read

pytest_plugins = ("postgis_server",)

_ROLES = count(1)
HOSTILE = ('xem"; DROP SCHEMA ntmgis CASCADE; --', "xem' OR '1'='1", "Người Xem %s {0}", 'PUBLIC"')
REFUSED = (
    "INSERT INTO {road} (import_id, id) VALUES (1, 'X')",
    "INSERT INTO {undone} VALUES (1, 'x', 'x')",
    "UPDATE {imports} SET file = 'x'",
    "DELETE FROM {road}",
    "TRUNCATE {road} CASCADE",
    "DROP TABLE {road}",
    "ALTER TABLE {road} ADD COLUMN x int",
    "CREATE TABLE {new} (x int)",
    "DROP TRIGGER only_adds ON {road}",
)


@pytest.fixture
def store(database: str) -> Iterator[PostgisStore]:
    """A store with a road, an address, and a row in quarantine."""
    made = PostgisStore(database, f"kho {next(_ROLES)}")
    cases.add(made, cases.roads("A"), "road", quarantine=cases.quarantined(), matches=cases.matched(), rows_in=2)
    home = pd.DataFrame({"row": [1], "id": ["H1"], "address": ["2352104711"], "lon": [107.9], "lat": [14.4]})
    cases.add(made, home, "address_point", source_id="nhà")
    yield made
    made.close()


def session(server: Server, store: PostgisStore, role: str) -> "psycopg.Connection[Any]":
    """The role's own session, without the setting that makes it read-only: rights alone must do."""
    with server.admin("postgres") as admin:
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), PASSWORD))
    connection = psycopg.connect(server.url(str(store.place.url.database), role), autocommit=True)
    connection.execute("SET default_transaction_read_only = off")
    return connection


def names(store: PostgisStore) -> dict[str, sql.Identifier]:
    tables = {"road": "t_road", "address": "t_address_point", "shown": "v_road", "homes": "v_address_point", "new": "x"}
    tables |= {one: one for one in ("imports", "undone", "quarantine", "matches")}
    return {key: sql.Identifier(store.place.schema, table) for key, table in tables.items()}


@pytest.mark.parametrize("stem", ["nguoi_xem", *HOSTILE])
def test_a_viewer_reads_and_cannot_write(server: Server, database: str, store: PostgisStore, stem: str) -> None:
    role = f"{stem} {next(_ROLES)}"
    before = cases.content(store)
    made = grant_read(database, role, schema=store.place.schema)
    assert (made.role, made.created) == (role, True)
    with session(server, store, role) as viewer:
        for table in ("road", "shown", "imports", "undone"):
            viewer.execute(sql.SQL("SELECT * FROM {}").format(names(store)[table])).fetchall()
        for table in ("address", "homes", "quarantine", "matches"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                viewer.execute(sql.SQL("SELECT * FROM {}").format(names(store)[table]))
        for words in REFUSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                viewer.execute(sql.SQL(words).format(**names(store)))  # type: ignore[arg-type]
        viewer.execute(sql.SQL("GRANT INSERT ON {} TO CURRENT_USER").format(names(store)["road"]))  # a warning
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            viewer.execute(sql.SQL(REFUSED[0]).format(**names(store)))
    assert cases.content(store) == before
    reader = PostgisStore(server.url(str(store.place.url.database), role), store.place.schema)
    assert reader.log() == store.log()
    assert reader.rows("road", reader.imports())["id"].tolist() == ["A"]
    with pytest.raises(InputError, match="E-DB-RIGHTS"):
        reader.rows("address_point", reader.imports())
    with pytest.raises(InputError, match=r"E-DB-(RIGHTS|READONLY)"):
        reader.undo(1)
    with pytest.raises(InputError, match=r"E-DB-(RIGHTS|READONLY)"):
        cases.add(reader, cases.status())


def test_personal_data_on_request_and_closed_again(server: Server, database: str, store: PostgisStore) -> None:
    role = f"can bo {next(_ROLES)}"
    schema = store.place.schema
    assert "t_address_point" in grant_read(database, role, schema=schema, with_personal=True).tables
    reader = PostgisStore(server.url(str(store.place.url.database), role), schema)
    with session(server, store, role):
        assert cases.content(reader) == cases.content(store)
    again = grant_read(database, role, schema=schema)
    assert not again.created
    assert {"t_address_point", "v_address_point", "quarantine", "matches"}.isdisjoint(again.tables)
    with pytest.raises(InputError, match="E-DB-RIGHTS"):
        reader.quarantine(store.log())


def test_somebody_who_can_write_is_no_viewer(server: Server, database: str, store: PostgisStore) -> None:
    role = f"ghi {next(_ROLES)}"
    with server.admin(str(store.place.url.database)) as admin:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        admin.execute(sql.SQL("GRANT INSERT ON {} TO {}").format(names(store)["imports"], sql.Identifier(role)))
    for writer in (role, "chu", "root"):
        with pytest.raises(InputError, match="E-DB-ROLE-WRITES"):
            grant_read(database, writer, schema=store.place.schema)


@pytest.mark.parametrize("role", ["", "public", "none", "pg_read_all_data", "x" * 64, "a\0b"])
def test_names_that_mean_somebody_else(database: str, role: str) -> None:
    with pytest.raises(UsageError, match="E-DB-ROLE"):
        grant_read(database, role)


def test_where_there_is_no_store(database: str) -> None:
    with pytest.raises(InputError, match="E-DB-NO-STORE"):
        grant_read(database, "ai do", schema="chưa có")
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'ai do'").fetchone()
    assert found == (0,)


def test_only_the_owner_grants(server: Server, database: str, store: PostgisStore) -> None:
    with server.admin("postgres") as admin:
        admin.execute(sql.SQL("CREATE ROLE khach LOGIN CREATEROLE PASSWORD {}").format(PASSWORD))
    grant_read(database, "khach", schema=store.place.schema)
    with pytest.raises(InputError, match="E-DB-RIGHTS"):
        grant_read(server.url(str(store.place.url.database), "khach"), "ai nua", schema=store.place.schema)
    with server.admin("postgres") as admin:
        assert admin.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'ai nua'").fetchone() == (0,)
