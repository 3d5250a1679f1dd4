"""A store copied between a GeoPackage and a PostGIS database, either way and round, is the same store."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import store_cases as cases
import tiny
from alike import assert_same_snapshot
from click.testing import CliRunner
from pandas.testing import assert_frame_equal
from postgis_server import Server

from ntmgis.cli import make_command
from ntmgis.errors import InputError
from ntmgis.store.copy import copy_store
from ntmgis.store.geopackage import Store as GeoPackageStore
from ntmgis.store.open import open_store
from ntmgis.store.postgis import PostgisStore
from ntmgis.store.take import take_snapshot
from ntmgis.take_in import take_in, workspace_store
from ntmgis.workspace import load_workspace

pytest_plugins = ("postgis_server",)

_SCHEMAS = count(1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny workspace taken in, with a correction, an import taken back, hostile texts and a bad row."""
    home = tiny.write_workspace(tmp_path_factory.mktemp("copy") / "w", kinds=("html",))
    status = home / "data" / "ket_qua.csv"
    take_in(load_workspace(home))
    text = status.read_text(encoding="utf-8")
    status.write_text(text.replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
    take_in(load_workspace(home))
    status.write_text(text.replace("10001", "99999"), encoding="utf-8")
    made = take_in(load_workspace(home))
    store = made.store
    store.undo(made.imports[-1].import_id)
    for word in cases.HOSTILE[1::3]:
        told = {"quarantine": cases.quarantined(word), "matches": cases.matched(word), "rows_in": 3}
        cases.add(store, cases.status(decision=[word, None]), source_id=word, file=word, **told)
    cases.add(store, cases.villages(9), "village", source_id="thôn khác")
    cases.add(store, cases.status().iloc[:0], as_of=None)
    store.undo(len(store.log()))
    assert sum(one.undone_at is not None for one in store.log()) == 2
    return home


@pytest.fixture
def database_store(database: str) -> Iterator[PostgisStore]:
    made = PostgisStore(database, f"kho {next(_SCHEMAS)}")
    yield made
    made.close()


def test_to_the_database_and_back_nothing_is_lost(filled: Path, database_store: PostgisStore, tmp_path: Path) -> None:
    first = workspace_store(load_workspace(filled))
    made = copy_store(first, database_store)
    log = first.log()
    assert (made.imports, made.already) == (len(log), 0)
    assert made.rows == sum(one.accepted for one in log)
    back = GeoPackageStore(tmp_path / "back.gpkg")
    copy_store(database_store, back)
    for other in (database_store, back):
        assert other.log() == log
        for one in log:
            assert_frame_equal(first.rows(one.table_id, [one]), other.rows(one.table_id, [one]), check_exact=True)
            assert_frame_equal(first.quarantine([one]), other.quarantine([one]))
            assert_frame_equal(first.matches([one]), other.matches([one]))
        taken = [take_snapshot(store, load_workspace(filled), tiny.AS_OF) for store in (first, other)]
        assert len(taken[0].communes) == 6
        assert_same_snapshot(*taken)


def test_a_copy_goes_on_where_it_stopped(filled: Path, database_store: PostgisStore) -> None:
    first = workspace_store(load_workspace(filled))

    class StopError(Exception):
        pass

    def stop(_title: str, done: int, _total: int) -> None:
        if done == 4:
            raise StopError

    with pytest.raises(StopError):
        copy_store(first, database_store, progress=stop)
    assert database_store.log() == first.log()[:4]
    made = copy_store(first, database_store)
    assert (made.already, made.imports) == (4, len(first.log()) - 4)
    assert copy_store(first, database_store).imports == 0
    assert cases.content(database_store) == cases.content(first)


def test_a_store_with_something_else_is_left_alone(database_store: PostgisStore, tmp_path: Path) -> None:
    one, other = GeoPackageStore(tmp_path / "a.gpkg"), GeoPackageStore(tmp_path / "b.gpkg")
    cases.add(one, cases.status())
    for target in (database_store, other):
        cases.add(target, cases.roads("A"), "road")
        before = target.log()
        with pytest.raises(InputError, match="E-STORE-COPY-OTHER"):
            copy_store(one, target)
        assert target.log() == before
    copy = GeoPackageStore(tmp_path / "c.gpkg")
    copy_store(one, copy)
    cases.add(copy, cases.status())
    with pytest.raises(InputError, match="E-STORE-COPY-OTHER"):
        copy_store(one, copy)


def test_nothing_to_copy(database_store: PostgisStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E-STORE-COPY-EMPTY"):
        copy_store(GeoPackageStore(tmp_path / "none.gpkg"), database_store)


def test_what_comes_back_otherwise_is_told(database: str, tmp_path: Path) -> None:
    """A database that changes values on their way in (a trigger of somebody else) is found out."""
    source = GeoPackageStore(tmp_path / "a.gpkg")
    cases.add(source, cases.roads("A"), "road")
    target = PostgisStore(database, "xấu")
    with target._writing():
        pass
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            'CREATE FUNCTION "xấu".bend() RETURNS trigger LANGUAGE plpgsql AS '
            "$$ BEGIN NEW.geometry := public.ST_Translate(NEW.geometry, 1e-9, 0); RETURN NEW; END $$"
        )
        connection.execute(
            'CREATE TRIGGER bend BEFORE INSERT ON "xấu".t_road FOR EACH ROW EXECUTE FUNCTION "xấu".bend()'
        )
    with pytest.raises(InputError, match="E-STORE-COPY-CHANGED"):
        copy_store(source, target)


def run(*words: str) -> tuple[int, str, str]:
    made = CliRunner().invoke(make_command("vi"), list(words))
    return made.exit_code, made.stdout, made.stderr


def test_on_the_command_line(filled: Path, server: Server, tmp_path: Path) -> None:
    database = server.url(server.database())
    file = filled / "store" / "ntmgis.gpkg"
    code, out, err = run("copy-store", str(file), database)
    assert (code, err) == (0, "")
    count_ = len(open_store(file).log())
    assert f"Đã chép {count_} lần nhập" in out
    code, out, _ = run("copy-store", database, str(tmp_path / "back.gpkg"), "--json")
    assert (code, json.loads(out)["imports"]) == (0, count_)
    assert open_store(tmp_path / "back.gpkg").log() == open_store(file).log()
    code, out, _ = run("grant-read", database, "nguoi_xem_lenh")
    assert code == 0
    assert "nguoi_xem_lenh" in out
    assert "chưa có mật khẩu" in out
    code, out, _ = run("grant-read", database, "nguoi_xem_lenh", "--json")
    told = json.loads(out)
    assert (code, told["created"]) == (0, False)
    assert "v_road" in told["tables"]
    assert "t_address_point" not in told["tables"]
    assert run("grant-read", database, "nguoi_xem_lenh", "--personal", "-q")[:2] == (0, "")


def test_wrong_words_on_the_command_line(server: Server, tmp_path: Path) -> None:
    database = server.url(server.database())
    code, _, err = run("copy-store", str(tmp_path / "none.gpkg"), database)
    assert code == 2
    assert "E-FILE-MISSING" in err
    assert run("grant-read", database, "public")[0] == 2
    code, out, _ = run("grant-read", server.url("không có"), "ai", "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["code"] == "E-DB-NAME"
