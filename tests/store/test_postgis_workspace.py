"""A workspace that keeps its store in a database gives what it gives with a file."""

from pathlib import Path

import psycopg
import pytest
import tiny
from alike import assert_same_snapshot
from postgis_server import PASSWORD, Server

from ntmgis.build import build
from ntmgis.errors import InputError, UsageError
from ntmgis.store.geopackage import Store as GeoPackageStore
from ntmgis.store.postgis import PostgisStore
from ntmgis.take_back import import_log, undo_import
from ntmgis.take_in import open_snapshot, take_in, workspace_store
from ntmgis.workspace import DEFAULT_STORE, load_workspace

pytest_plugins = ("postgis_server",)


def written(folder: Path, store: str | None) -> Path:
    home = tiny.write_workspace(folder, kinds=("html",))
    if store is not None:
        file = home / "ntmgis.toml"
        text = file.read_text(encoding="utf-8").replace("[build]", f"[build]\nstore = '{store}'")
        file.write_text(text, encoding="utf-8")
    return home


@pytest.fixture
def place(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new database as it stands in ntmgis.toml: the password comes from the environment."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return server.url(server.database(), password=None)


def test_the_same_maps_from_a_file_and_from_a_database(place: str, tmp_path: Path) -> None:
    file, database = written(tmp_path / "a", None), written(tmp_path / "b", place)
    results = [build(home) for home in (file, database)]
    assert results[0].tiers == results[1].tiers
    assert [(row.id, row.rows_in, row.accepted) for row in results[0].rows] == [
        (row.id, row.rows_in, row.accepted) for row in results[1].rows
    ]
    pages = [(home / "maps" / "status.html").read_bytes() for home in (file, database)]
    assert pages[0] == pages[1]
    assert_same_snapshot(open_snapshot(file)[0], open_snapshot(database)[0])
    assert not (database / "store").exists()
    assert build(database).unchanged


def test_a_correction_and_taking_it_back_go_through_the_database(place: str, tmp_path: Path) -> None:
    homes = written(tmp_path / "a", None), written(tmp_path / "b", place)
    for home in homes:
        take_in(load_workspace(home))
        status = home / "data" / "ket_qua.csv"
        status.write_text(status.read_text(encoding="utf-8").replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
        take_in(load_workspace(home))
        take_in(load_workspace(home))
    logs = [import_log(home) for home in homes]
    told = [[(one.import_id, one.source_id, one.key, one.sha256, one.accepted) for one in log] for log in logs]
    assert told[0] == told[1]
    last = logs[1][-1]
    assert last.file == "ket_qua.csv"
    for home in homes:
        undo_import(home, last.import_id)
        assert import_log(home)[-1].undone_at is not None
    assert_same_snapshot(open_snapshot(homes[0])[0], open_snapshot(homes[1])[0])


def test_where_the_store_is(tmp_path: Path) -> None:
    assert load_workspace(written(tmp_path / "a", None)).store == DEFAULT_STORE
    home = written(tmp_path / "b", "kho/của tôi.gpkg")
    made = workspace_store(load_workspace(home))
    assert isinstance(made, GeoPackageStore)
    assert made.path == home / "kho" / "của tôi.gpkg"
    home = written(tmp_path / "c", "postgresql://lan@may/kho?schema=xa")
    made = workspace_store(load_workspace(home))
    assert isinstance(made, PostgisStore)
    assert made.place.schema == "xa"


@pytest.mark.parametrize(
    ("store", "code"),
    [
        ("postgresql://lan:bi-mat@may/kho", "E-DB-SECRET"),
        ("postgresql://may/kho?user=lan&password=bi-mat", "E-DB-SECRET"),
        ("postgresql://lan:bi@mat@may/kho", "E-DB-SECRET"),
        ("mysql://lan@may/kho", "E-DB-URL"),
        ("https://may/kho.gpkg", "E-DB-URL"),
    ],
)
def test_what_the_file_must_not_hold(tmp_path: Path, store: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_workspace(written(tmp_path / "a", store))
    (found,) = caught.value.problems
    assert (found.code, found.column) == (code, "build.store")
    assert "mat" not in str(found)


def test_a_database_that_is_away_is_named_and_nothing_is_lost(place: str, server: Server, tmp_path: Path) -> None:
    home = written(tmp_path / "a", place)
    build(home)
    before = (home / "maps" / "status.html").read_bytes()
    status = home / "data" / "ket_qua.csv"
    status.write_text(status.read_text(encoding="utf-8").replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
    server.stop()
    try:
        with pytest.raises(InputError, match="E-DB-CONNECT"):
            build(home)
    finally:
        server.start()
    assert (home / "maps" / "status.html").read_bytes() == before
    assert build(home).tiers["ntm"] == 2


def test_two_workspaces_share_a_database_by_their_schemas(place: str, tmp_path: Path) -> None:
    one, other = (written(tmp_path / name, f"{place}?schema={name}") for name in ("xa_a", "xa_b"))
    take_in(load_workspace(one))
    assert import_log(other) == []
    take_in(load_workspace(other))
    assert len(import_log(one)) == len(import_log(other)) > 0
    with psycopg.connect(place) as asked:
        found = asked.execute("SELECT count(*) FROM xa_a.t_unit a JOIN xa_b.t_unit b USING (code)").fetchone()
    assert found == (6,)
