"""A store of schema version 1 opens: brought up once, with a copy of it kept beside it."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pyogrio
import pytest
from store_cases import add, content, roads, status, villages

from ntmgis.errors import InputError
from ntmgis.store import sqlite_file
from ntmgis.store.base import SCHEMA_VERSION
from ntmgis.store.geopackage import Store

VERSION_1 = Path(__file__).with_name("version1.sql")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "ntmgis.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


def found(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT value FROM about WHERE key = 'schema'").fetchone()
    return int(text)


def test_everything_recorded_is_still_there(old: Path) -> None:
    store = Store(old)
    first, second = store.log()
    assert (first.source_id, first.file, first.as_of, first.rows_in) == ("thon", "thôn.geojson", date(2025, 6, 30), 3)
    assert (second.matched, second.quarantined, second.schema_version) == ({"code": 2}, 1, 1)
    assert {first.recorded_by, second.recorded_by} == {""}
    assert {first.undone_at, second.undone_at} == {None}
    assert store.rows("village", [first]).geometry.geom_type.tolist() == ["Polygon", "Point", "Polygon"]
    assert store.rows("commune_status", [second])["decision"].tolist()[0] == "12/QĐ-UBND"
    assert store.quarantine([second])["value"].tolist() == ["'; --"]
    assert store.matches([first])["given_name"].tolist() == ["Hà Mòn"]


def test_rows_of_an_import_that_was_cut_off_are_gone(old: Path) -> None:
    assert pyogrio.read_info(old, layer="t_village")["features"] == 5
    Store(old).log()
    assert pyogrio.read_info(old, layer="t_village")["features"] == 3
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM rtree_t_village_geom").fetchone() == (3,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_of_the_old_file_is_kept(old: Path) -> None:
    before = old.read_bytes()
    Store(old).imports()
    copy = old.with_name("ntmgis.v1.gpkg")
    assert sorted(path.name for path in old.parent.iterdir()) == ["ntmgis.gpkg", "ntmgis.v1.gpkg"]
    assert (found(copy), found(old)) == (1, SCHEMA_VERSION)
    with closing(sqlite3.connect(copy)) as kept, closing(sqlite3.connect(":memory:")) as was:
        was.deserialize(before)
        assert list(kept.iterdump()) == list(was.iterdump())
    # The copy serves: put in place again it is brought up again, and the first copy stays.
    shutil.copy(copy, old)
    Store(old).imports()
    names = sorted(path.name for path in old.parent.iterdir())
    assert names == ["ntmgis.gpkg", "ntmgis.v1-2.gpkg", "ntmgis.v1.gpkg"]


def test_it_goes_on_from_there(old: Path) -> None:
    store = Store(old, user="lan")
    before = store.log()
    third = add(store, villages(2), "village", source_id="thon", key="3")
    other = add(store, status(tc19=["met", None]), source_id="ket_qua", key="4")
    line = add(store, roads("A"), "road", source_id="duong")
    assert store.log() == [*before, third, other, line]
    assert [third.import_id, third.schema_version, third.recorded_by] == [3, SCHEMA_VERSION, "lan"]
    assert third.recorded_at > before[-1].recorded_at
    assert len(store.rows("village", store.imports())) == 5
    assert store.rows("commune_status", [other])["tc19"].tolist()[0] == "met"
    assert store.undo(1).undone_by == "lan"
    with closing(sqlite3.connect(old)) as connection:
        for table in ("imports", "undone", "quarantine", "matches", "t_commune_status"):
            with pytest.raises(sqlite3.IntegrityError, match="chỉ ghi thêm"):
                connection.execute(f"DELETE FROM {table}")


def test_an_old_store_is_made_as_a_new_one_is(old: Path, tmp_path: Path) -> None:
    """After the same imports both have the same tables, columns, indices and guards."""
    add(Store(old), villages(1), "village")
    new = tmp_path / "new.gpkg"
    add(Store(new), villages(1), "village")
    add(Store(new), status())

    def own(path: Path) -> tuple[set[tuple[str, ...]], dict[str, set[str]]]:
        with closing(sqlite3.connect(path)) as connection:
            things = connection.execute(
                "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'gpkg_%' AND name NOT LIKE 'sqlite_%' "
                "AND name NOT LIKE 'trigger_%_feature_count_%'"
            ).fetchall()
            tables = [name for kind, name in things if kind == "table"]
            columns = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}
            told = connection.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
        return {*things, *(("contents", *one) for one in told)}, columns

    assert own(old) == own(new)


def test_an_old_file_that_cannot_be_changed_stays_as_it_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="E-STORE-LOCKED"):
            Store(old, wait_s=0.1).log()
        other.execute("ROLLBACK")

    def broken(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, "migrate", broken)
        with pytest.raises(InputError, match="E-STORE-FULL"):
            Store(old).log()
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file.os, "replace", broken)
        with pytest.raises(InputError, match="E-STORE-FULL"):
            Store(old).log()
    assert old.read_bytes() == before
    assert not list(old.parent.glob("*.part"))
    assert len(Store(old).log()) == 2


def test_two_programs_bring_it_up_at_once(old: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom ntmgis.store.geopackage import Store\n"
        "print(len(Store(Path(sys.argv[1])).log()))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, old], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=120)[0] for one in both] == ["2\n", "2\n"]
    assert found(old) == SCHEMA_VERSION
    assert sorted(path.name for path in old.parent.iterdir()) == ["ntmgis.gpkg", "ntmgis.v1.gpkg"]


def test_a_first_file_that_was_cut_off(tmp_path: Path) -> None:
    """Version 1 wrote its first lines in several steps; the file may hold none of its tables yet."""
    path = tmp_path / "ntmgis.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8").partition("CREATE TABLE imports")[0])
        connection.execute("INSERT INTO about (key, value) VALUES ('schema', '1')")
        connection.commit()
    assert Store(path).log() == []
    assert add(Store(path), status()).import_id == 1


def test_content_is_the_same_before_and_after(old: Path) -> None:
    told = content(Store(old))
    assert content(Store(old)) == told
    assert len(told) == 2
