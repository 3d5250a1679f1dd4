"""What can go wrong between ntmgis and a database: every fault has its name, and the store equals before or after."""

import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import store_cases as cases
from postgis_server import OWNER, PASSWORD, Server
from psycopg import sql

from ntmgis.errors import InputError, UsageError, catalogue
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.postgis_connect import named, place

pytest_plugins = ("postgis_server",)

_SCHEMAS = count(1)


@pytest.fixture
def store(database: str) -> Iterator[PostgisStore]:
    made = PostgisStore(database, f"kho {next(_SCHEMAS)}")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_password_from_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PGPASSWORD", "PGUSER", "PGDATABASE", "PGHOST", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))


def code(action: Callable[[], Any]) -> str:
    """The code of the one problem that the action ends with; its words hold no password."""
    with pytest.raises((InputError, UsageError)) as caught:
        action()
    (found,) = caught.value.problems
    for secret in (PASSWORD, "p%40ss", "sai-mat-khau"):
        assert secret not in str(found)
        assert secret not in repr(caught.getrepr(chain=True))
    return found.code


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:/chu@may/kho",
        "mysql://chu:sai-mat-khau@may/kho",
        "postgresql://chu:sai-mat-khau@x@may/kho",
        "postgresql://chu:sai-mat-khau/x@may:99999999/kho",
        "postgresql://chu:sai-mat-khau@may:cong/kho",
        "",
        "kho.gpkg",
    ],
)
def test_a_url_that_is_none(url: str) -> None:
    assert code(lambda: PostgisStore(url)) == "E-DB-URL"


@pytest.mark.parametrize("schema", ["x" * 64, "pg_mine", "a\0b"])
def test_a_schema_name_that_cannot_be(schema: str) -> None:
    assert code(lambda: PostgisStore("postgresql://chu@may/kho", schema)) == "E-DB-SCHEMA"


def test_the_schema_may_stand_in_the_url() -> None:
    assert PostgisStore("postgresql://chu@may/kho?schema=kontum&connect_timeout=2").place.schema == "kontum"
    assert PostgisStore("postgresql://chu@may/kho").place.schema == "ntmgis"


def test_nobody_sees_the_password(server: Server) -> None:
    store = PostgisStore(server.url("kho"))
    shown = f"{store!r} {store} {vars(store)} {store.place!r} {store.place.shown} {store._engine!r} {store._engine.url}"
    assert PASSWORD not in shown
    assert "p%40ss" not in shown


def test_no_server_answers() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert code(PostgisStore(f"postgresql://chu:sai-mat-khau@127.0.0.1:{port}/kho").log) == "E-DB-CONNECT"
    assert code(PostgisStore("postgresql://chu:sai-mat-khau@khong-co.invalid/kho").log) == "E-DB-CONNECT"


def test_a_server_that_says_nothing() -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        start = time.monotonic()
        url = f"postgresql://chu:sai-mat-khau@127.0.0.1:{port}/kho?connect_timeout=2"
        assert code(PostgisStore(url).log) == "E-DB-TIMEOUT"
        assert time.monotonic() - start < 20


def test_users_and_passwords(server: Server) -> None:
    name = server.database()
    assert code(PostgisStore(server.url(name, password="sai-mat-khau")).log) == "E-DB-PASSWORD"
    assert code(PostgisStore(server.url(name, password=None)).log) == "E-DB-PASSWORD"
    assert code(PostgisStore(server.url(name, "khong ai", "sai-mat-khau")).log) == "E-DB-PASSWORD"
    assert code(PostgisStore(server.url("không có")).log) == "E-DB-NAME"


def test_the_password_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert PostgisStore(server.url(server.database(), password=None)).log() == []


def test_a_database_without_postgis(server: Server) -> None:
    store = PostgisStore(server.url(server.database(postgis=False)))
    assert store.log() == []
    assert code(lambda: cases.add(store, cases.status())) == "E-DB-POSTGIS"
    assert store.log() == []
    name = server.database(postgis=False)
    store = PostgisStore(server.url(name, "root"))
    assert cases.add(store, cases.roads("A"), "road").import_id == 1


def test_a_database_that_cannot_hold_vietnamese(server: Server) -> None:
    with server.admin("postgres") as connection:
        words = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0 OWNER {}"
        connection.execute(sql.SQL(words).format(sql.Identifier(OWNER)))
    assert code(lambda: cases.add(PostgisStore(server.url("latin")), cases.status())) == "E-DB-ENCODING"


def test_somebody_without_rights(server: Server, store: PostgisStore) -> None:
    cases.add(store, cases.status())
    with server.admin("postgres") as connection:
        connection.execute(sql.SQL("CREATE ROLE la LOGIN PASSWORD {}").format(PASSWORD))
    stranger = PostgisStore(server.url(str(store.place.url.database), "la"), store.place.schema)
    assert code(stranger.log) == "E-DB-RIGHTS"
    assert code(lambda: cases.add(stranger, cases.status())) == "E-DB-RIGHTS"
    other = PostgisStore(server.url(str(store.place.url.database), "la"), "của lạ")
    assert code(lambda: cases.add(other, cases.status())) == "E-DB-RIGHTS"


def test_a_read_only_database(server: Server) -> None:
    name = server.database()
    with server.admin("postgres") as connection:
        words = "ALTER DATABASE {} SET default_transaction_read_only = on"
        connection.execute(sql.SQL(words).format(sql.Identifier(name)))
    assert code(lambda: cases.add(PostgisStore(server.url(name)), cases.status())) == "E-DB-READONLY"


def test_another_program_owns_the_schema(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA cua_ai; CREATE TABLE cua_ai.imports (a int)")
    assert code(PostgisStore(database, "cua_ai").log) == "E-DB-FOREIGN"
    assert code(lambda: cases.add(PostgisStore(database, "cua_ai"), cases.status())) == "E-DB-FOREIGN"


def test_another_writer_is_waited_for_and_then_named(database: str, store: PostgisStore) -> None:
    cases.add(store, cases.status())
    slow = PostgisStore(database, store.place.schema, wait_s=0.2)
    with store._writing():
        assert len(slow.log()) == 1
        assert code(lambda: cases.add(slow, cases.status())) == "E-DB-BUSY"
    assert cases.add(slow, cases.status()).import_id == 2


def held(store: PostgisStore, url: str, table: str) -> "psycopg.Connection[Any]":
    """A session that makes imports wait before their first row of `table`."""
    session = psycopg.connect(url)
    words = "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"
    session.execute(sql.SQL(words).format(sql.Identifier(store.place.schema, table)))
    return session


def wait_until_held(server: Server, name: str) -> None:
    with server.admin("postgres") as admin:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
        for _ in range(600):
            found = admin.execute(query, (name,)).fetchone()
            if found is not None and found[0]:
                return
            time.sleep(0.05)
    raise AssertionError("the import never came to wait")


@pytest.mark.parametrize("where", ["imports", "t_village", "quarantine", "matches"])
def test_the_server_restarts_in_the_middle_of_an_import(
    server: Server, database: str, store: PostgisStore, where: str
) -> None:
    cases.add(store, cases.roads("A"), "road")
    before = cases.content(store)
    session = held(store, database, where)
    found: list[str] = []
    frame = cases.villages(3000)
    facts = {"quarantine": cases.quarantined(), "matches": cases.matched(), "rows_in": 3001}
    writer = threading.Thread(
        target=lambda: found.append(code(lambda: cases.add(store, frame, "village", **facts))), daemon=True
    )
    writer.start()
    wait_until_held(server, str(store.place.url.database))
    server.restart()
    writer.join(60)
    session.close()
    assert found == ["E-DB-LOST"]
    assert cases.content(store) == before
    assert cases.add(store, frame, "village", **facts).import_id == 2
    assert len(store.rows("village", store.imports())) == 3000


def test_a_restart_between_two_questions_is_not_even_noticed(server: Server, store: PostgisStore) -> None:
    made = cases.add(store, cases.status())
    server.restart()
    assert store.log() == [made]
    server.restart()
    assert cases.add(store, cases.status()).import_id == 2


def test_cut_off_at_any_moment_it_equals_before_or_after(server: Server, database: str, store: PostgisStore) -> None:
    """The server ends the writer's session, as after a crash of its process, at 25 moments of an import."""
    cases.add(store, cases.roads("A"), "road")
    frame = cases.villages(400)
    facts = {"quarantine": cases.quarantined(), "matches": cases.matched(), "rows_in": 401}
    start = time.perf_counter()
    cases.add(store, frame, "village", **facts)
    usual = time.perf_counter() - start
    dice = random.Random(305)
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    cut: list[str] = []
    with server.admin("postgres") as admin:
        for _ in range(25):
            before = store.log()
            timer = threading.Timer(dice.uniform(0, usual), admin.execute, (end_all, (str(store.place.url.database),)))
            timer.start()
            try:
                cases.add(store, frame, "village", **facts)
            except InputError as error:
                cut.append(error.problems[0].code)
            timer.join()
            after = store.log()
            assert after[: len(before)] == before
            assert len(after) - len(before) in {0, 1}
            for made in after[len(before) :]:
                assert len(store.rows("village", [made])) == 400
                assert len(store.quarantine([made])) == len(store.matches([made])) == 1
    assert set(cut) == {"E-DB-LOST"}
    with psycopg.connect(database) as session:
        orphans = "SELECT count(*) FROM {0} WHERE import_id NOT IN (SELECT import_id FROM {1})"
        names = [sql.Identifier(store.place.schema, name) for name in ("t_village", "imports")]
        assert session.execute(sql.SQL(orphans).format(*names)).fetchone() == (0,)


WRITER = """
import sys
sys.path[:0] = sys.argv[3:]
import store_cases as cases
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.postgis_connect import named, place
store = PostgisStore(sys.argv[1], sys.argv[2])
print("ready", flush=True)
while True:
    cases.add(store, cases.villages(300), "village", quarantine=cases.quarantined(), rows_in=301)
    print("done", flush=True)
"""


def test_a_killed_writer_leaves_whole_imports_only(database: str, store: PostgisStore, repository: Path) -> None:
    dice = random.Random(305)
    for _ in range(2):
        command = [
            sys.executable,
            "-c",
            WRITER,
            database,
            store.place.schema,
            str(repository),
            str(repository / "tests"),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(2 + dice.randrange(3)):
                writer.stdout.readline()
            time.sleep(dice.uniform(0, 0.2))
            writer.send_signal(signal.SIGKILL)
        # A new writer is not kept out by the dead one.
        cases.add(store, cases.villages(300), "village", quarantine=cases.quarantined(), rows_in=301)
        log = store.log()
        assert [made.import_id for made in log] == list(range(1, len(log) + 1))
        assert all(len(store.rows("village", [made])) == 300 for made in log)
        assert len(store.quarantine(log)) == len(log)


def test_writers_at_once_never_share_a_number(database: str, store: PostgisStore) -> None:
    stores = [PostgisStore(database, store.place.schema) for _ in range(4)]
    failed: list[BaseException] = []

    def write(one: PostgisStore) -> None:
        try:
            for _ in range(5):
                cases.add(one, cases.roads("A", "B"), "road")
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failed.append(error)

    threads = [threading.Thread(target=write, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    log = store.log()
    assert [made.import_id for made in log] == list(range(1, 21))
    assert [made.recorded_at for made in log] == sorted({made.recorded_at for made in log})
    assert len(store.rows("road", log)) == 40


def test_two_that_take_in_one_file_add_it_once(database: str, store: PostgisStore) -> None:
    cases.add(store, cases.status(), key="0")
    stores = [PostgisStore(database, store.place.schema) for _ in range(3)]
    made: list[int] = []
    threads = [
        threading.Thread(
            target=lambda one=one: made.append(cases.add(one, cases.status(), key="1", once=True).import_id)
        )
        for one in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [2, 2, 2]
    assert len(store.log()) == 2


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (psycopg.errors.DiskFull(), "E-DB-FULL"),
        (psycopg.errors.AdminShutdown(), "E-DB-LOST"),
        (psycopg.errors.CrashShutdown(), "E-DB-LOST"),
        (psycopg.errors.TooManyConnections(), "E-DB-BUSY"),
        (psycopg.errors.DeadlockDetected(), "E-DB-BUSY"),
        (psycopg.errors.QueryCanceled(), "E-DB-TIMEOUT"),
        (psycopg.errors.InsufficientPrivilege(), "E-DB-RIGHTS"),
        (psycopg.errors.UndefinedTable(), "E-DB"),
        (psycopg.OperationalError("FATAL: the database system is starting up"), "E-DB-LOST"),
        (psycopg.OperationalError('FATAL: sorry, too many clients already for role "x"'), "E-DB-BUSY"),
        (psycopg.OperationalError('no pg_hba.conf entry for host "::1", user "x", database "y"'), "E-DB-PASSWORD"),
        (psycopg.OperationalError("server does not support SSL, but SSL was required"), "E-DB-CONNECT"),
    ],
)
def test_what_a_server_says_has_a_name(error: psycopg.Error, name: str) -> None:
    def action() -> None:
        with named(place("postgresql://chu@may/kho")):
            raise error

    assert code(action) == name


def test_no_connection_is_left_for_this_user(server: Server) -> None:
    with server.admin("postgres") as connection:
        words = "CREATE ROLE dong LOGIN CONNECTION LIMIT 0 PASSWORD {}"
        connection.execute(sql.SQL(words).format(PASSWORD))
    assert code(PostgisStore(server.url(server.database(), "dong")).log) == "E-DB-BUSY"


def test_nobody_may_enter_this_database(server: Server) -> None:
    name = server.database()
    with server.admin("postgres") as connection:
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE ROLE ngoai LOGIN PASSWORD {}").format(PASSWORD))
    assert code(PostgisStore(server.url(name, "ngoai")).log) == "E-DB-RIGHTS"


def test_every_code_of_the_database_has_its_words() -> None:
    from ntmgis.store.postgis_connect import _STATES, _WORDS

    codes = {*_STATES.values(), *(code for _, code in _WORDS), "E-DB", "E-DB-CONNECT"}
    assert codes <= catalogue().keys()
