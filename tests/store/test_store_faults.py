"""What may happen to the file of a store: afterwards it opens, equals before or after, and says what to do."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_cases import add, content, matched, quarantined, roads, status, villages

from ntmgis.errors import InputError
from ntmgis.store import sqlite_file
from ntmgis.store.geopackage import Store

PROCESSES = Path(__file__).with_name("processes.py")
UNIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, SIGKILL and limits of a Unix")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: killing a process is the same there, and a hundred times is quick."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two imports."""
    made = tmp_path / "ntmgis.gpkg"
    store = Store(made)
    add(store, status(), quarantine=quarantined(), matches=matched(), rows_in=3)
    add(store, villages(5), "village", source_id="v", key="1")
    return made


def process(*words: object) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", PROCESSES, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(caught: pytest.ExceptionInfo[InputError]) -> str:
    (problem,) = caught.value.problems
    assert problem.file == "ntmgis.gpkg"
    assert len(problem.action) > 20
    return problem.code


# Killed


@UNIX
def test_killed_at_a_hundred_moments_of_an_import(memory: Path) -> None:
    seen = process("kill_at_random", memory, 100)
    assert set(seen) <= {"before", "after"}, seen
    assert sum(seen.values()) == 100
    assert seen["before"] > 20


@UNIX
def test_killed_at_every_stage_even_with_the_file_half_changed(memory: Path) -> None:
    seen = process("kill_at_statements", memory)
    assert len(seen) == 14
    assert set(seen.values()) == {"before"}, seen


# A full disk


@UNIX
def test_a_file_size_limit_or_quota(path: Path) -> None:
    before = content(Store(path))
    assert process("small_limit", path) == "E-STORE-FULL"
    assert content(Store(path)) == before
    add(Store(path), roads("A"), "road")


@UNIX
def test_a_full_disk(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    kilobytes = path.stat().st_size // 1024 + 40
    script = (
        f"mount -t tmpfs -o size={kilobytes}k tmpfs {disk} && cp {path} {disk}/ && "
        f"{sys.executable} {PROCESSES} small_disk {disk}/ntmgis.gpkg && cp {disk}/ntmgis.gpkg {tmp_path}/after.gpkg"
    )
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    assert json.loads(done.stdout) == "E-STORE-FULL"
    assert content(Store(tmp_path / "after.gpkg")) == content(Store(path))


def test_a_full_database_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = sqlite_file.add_functions

    def bounded(connection: sqlite3.Connection) -> None:
        functions(connection)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    before = content(Store(path))
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, "add_functions", bounded)
        with pytest.raises(InputError) as caught:
            add(Store(path), villages(500), "village")
    assert refused(caught) == "E-STORE-FULL"
    assert content(Store(path)) == before


# Locked


def test_another_program_writes(path: Path) -> None:
    before = content(Store(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for job in (lambda s: add(s, status()), lambda s: s.undo(1), lambda s: s.log()):
            with pytest.raises(InputError) as caught:
                job(Store(path, wait_s=0.1))
            assert refused(caught) == "E-STORE-LOCKED"
        other.execute("ROLLBACK")
    assert content(Store(path)) == before
    add(Store(path), status())


def test_another_program_reads_all_the_time(path: Path) -> None:
    """A reader lets nobody finish a write; waiting is in vain, nothing is half written, and reading goes on."""
    before = content(Store(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM imports").fetchone()
        with pytest.raises(InputError) as caught:
            add(Store(path, wait_s=0.1), status())
        assert refused(caught) == "E-STORE-LOCKED"
        assert content(Store(path)) == before
    add(Store(path), status())
    assert len(Store(path).log()) == 3


def test_a_lock_that_is_given_up_is_waited_for(path: Path) -> None:
    code = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN EXCLUSIVE')\nprint('held', flush=True)\ntime.sleep(0.7)\nc.execute('ROLLBACK')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        start = time.perf_counter()
        add(Store(path), status())
        assert 0.2 < time.perf_counter() - start < 20


def test_qgis_has_it_open(path: Path) -> None:
    """QGIS sets WAL and keeps reading: imports go on beside it, and afterwards the file is as it was."""
    with closing(sqlite3.connect(path, isolation_level=None)) as qgis:
        assert qgis.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        qgis.execute("BEGIN")
        assert qgis.execute("SELECT COUNT(*) FROM imports").fetchone() == (2,)
        made = add(Store(path), roads("A", "B"), "road", source_id="r")
        assert Store(path).rows("road", [made])["id"].tolist() == ["A", "B"]
        assert qgis.execute("SELECT COUNT(*) FROM imports").fetchone() == (2,)
        qgis.execute("COMMIT")
        assert qgis.execute("SELECT COUNT(*) FROM imports").fetchone() == (3,)
    assert len(Store(path).log()) == 3
    assert sorted(one.name for one in path.parent.iterdir()) == ["ntmgis.gpkg"]
    assert path.read_bytes()[18:20] == b"\1\1"


def left_in_wal(path: Path) -> None:
    """As QGIS leaves it when it is killed: WAL is on, and the last change stands in the log only."""
    code = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode = WAL')\nc.execute('CREATE TABLE layer_styles (id INTEGER)')\nos._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True)
    assert path.with_name("ntmgis.gpkg-wal").stat().st_size > 0


def test_qgis_was_killed(path: Path) -> None:
    before = content(Store(path))
    left_in_wal(path)
    assert content(Store(path)) == before
    assert path.read_bytes()[18:20] == b"\1\1"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM layer_styles").fetchone() == (0,)


def test_a_network_drive_without_shared_memory(path: Path) -> None:
    """WAL left on, and no shared memory to be had: the store takes the file for itself and leaves WAL."""
    before = content(Store(path))
    left_in_wal(path)
    shared = path.with_name("ntmgis.gpkg-shm")
    shared.unlink()
    shared.symlink_to(path.with_name("none") / "none")  # nothing can be made there
    with closing(sqlite3.connect(path)) as plain, pytest.raises(sqlite3.OperationalError):
        plain.execute("SELECT COUNT(*) FROM imports").fetchone()
    store = Store(path)
    assert content(store) == before
    add(store, status())
    assert path.read_bytes()[18:20] == b"\1\1"
    assert pyogrio.read_info(path, layer="t_village")["features"] == 5


def test_it_never_leaves_other_files_behind(path: Path) -> None:
    add(Store(path), villages(50), "village")
    Store(path).undo(3)
    assert [one.name for one in path.parent.iterdir()] == ["ntmgis.gpkg"]


# Two at once


def test_two_programs_import_at_once(tmp_path: Path) -> None:
    made = tmp_path / "ntmgis.gpkg"
    commands = [[sys.executable, "-W", "error", PROCESSES, "write_many", made, who] for who in ("lan", "minh")]
    both = [subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for one in commands]
    (tmp_path / "start").touch()
    for one in both:
        out, errors = one.communicate(timeout=120)
        assert json.loads(out or "null") == "done", errors
    log = Store(made).log()
    assert [one.import_id for one in log] == list(range(1, 12))
    assert sorted(one.recorded_at for one in log) == [one.recorded_at for one in log]
    assert len({one.recorded_at for one in log}) == 11
    # The file that both took in stands there once.
    assert [one.source_id for one in log].count("both") == 1
    for who in ("lan", "minh"):
        mine = [one for one in log if one.source_id == who]
        assert Store(made).rows("road", mine)["id"].tolist() == [f"{who}{n}" for n in range(5)]
        assert {one.recorded_by for one in mine} == {who}


# Read-only


@UNIX
@pytest.mark.parametrize("wal", [False, True])
def test_a_file_and_folder_that_can_only_be_read(path: Path, *, wal: bool) -> None:
    before = content(Store(path))
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "ntmgis.gpkg"
        shutil.copy(path, there)
        if wal:
            with closing(sqlite3.connect(there)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            assert there.read_bytes()[18:20] == b"\2\2"
        there.chmod(0o444)
        there.parent.chmod(0o555)
        said = process("as_nobody", there)
        assert said == {"read": "done", **dict.fromkeys(("add", "undo", "new", "folder"), "E-STORE-READONLY")}
        there.parent.chmod(0o755)
        assert content(Store(there)) == before


# Not ours, or no longer whole

FOREIGN = {
    "text": b"ma_xa,ten_xa\n" * 400,
    "zip": b"PK\x03\x04" + bytes(5000),
    "short": b"SQLite format 3\0",
    "zeros": bytes(8192),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_geopackage(tmp_path: Path, kind: str) -> None:
    made = tmp_path / "ntmgis.gpkg"
    made.write_bytes(FOREIGN[kind])
    for job in (lambda s: s.log(), lambda s: add(s, status()), lambda s: s.undo(1)):
        with pytest.raises(InputError) as caught:
            job(Store(made))
        assert refused(caught) == "E-STORE-DAMAGED"
    assert made.read_bytes() == FOREIGN[kind]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "ntmgis.gpkg").mkdir()
    with pytest.raises(InputError) as caught:
        add(Store(tmp_path / "ntmgis.gpkg"), status())
    assert refused(caught) == "E-STORE"


def test_a_file_in_the_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x")
    with pytest.raises(InputError) as caught:
        add(Store(tmp_path / "store" / "ntmgis.gpkg"), status())
    assert refused(caught) == "E-STORE"


@pytest.mark.parametrize("kind", ["geopackage", "sqlite"])
def test_a_database_of_another_program(tmp_path: Path, kind: str) -> None:
    made = tmp_path / "ntmgis.gpkg"
    if kind == "geopackage":
        pyogrio.write_dataframe(roads("A"), made, layer="duong")
    else:
        with closing(sqlite3.connect(made)) as connection:
            connection.execute("CREATE TABLE about (name TEXT)")
    before = made.read_bytes()
    for job in (lambda s: s.log(), lambda s: add(s, status())):
        with pytest.raises(InputError) as caught:
            job(Store(made))
        assert refused(caught) == "E-STORE-FOREIGN"
    assert made.read_bytes() == before


def test_an_empty_geopackage_becomes_the_store(tmp_path: Path) -> None:
    made = tmp_path / "ntmgis.gpkg"
    pyogrio.write_dataframe(roads("A"), made, layer="duong")
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(
            "DROP TABLE duong; DROP TABLE rtree_duong_geom; DELETE FROM gpkg_extensions;"
            "DELETE FROM gpkg_geometry_columns; DELETE FROM gpkg_ogr_contents; DELETE FROM gpkg_contents"
        )
    assert Store(made).log() == []
    assert add(Store(made), status()).import_id == 1


def test_a_store_of_a_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE about SET value = '3' WHERE key = 'schema'")
    before = path.read_bytes()
    for job in (lambda s: s.log(), lambda s: add(s, status())):
        with pytest.raises(InputError) as caught:
            job(Store(path))
        assert refused(caught) == "E-STORE-NEWER"
    assert path.read_bytes() == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_told(path: Path, share: float) -> None:
    whole = path.read_bytes()
    cut = path.with_name("cut") / "ntmgis.gpkg"
    cut.parent.mkdir(exist_ok=True)
    cut.write_bytes(whole[: int(len(whole) * share)])
    if not cut.stat().st_size:
        assert Store(cut).log() == []
        return
    with pytest.raises(InputError) as caught:
        content(Store(cut))
    assert refused(caught) == "E-STORE-DAMAGED"
    with pytest.raises(InputError) as caught:
        add(Store(cut), status())
    assert refused(caught) == "E-STORE-DAMAGED"
    assert cut.read_bytes() == whole[: int(len(whole) * share)]


# GDAL warns of the hole inside a C callback, where "warnings are errors" cannot raise.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.floats(0, 1, exclude_max=True), size=st.integers(1, 9000))
def test_a_file_with_a_hole_is_told_or_is_the_same(path: Path, start: float, size: int) -> None:
    """Bytes lost in the middle: the rows are as they were, or there is one clear problem; never a traceback."""
    before = [made.import_id for made in Store(path).log()]
    data = bytearray(path.read_bytes())
    first = int(len(data) * start)
    data[first : first + size] = bytes(len(data[first : first + size]))
    holed = path.with_name("holed") / "ntmgis.gpkg"
    holed.parent.mkdir(exist_ok=True)
    holed.write_bytes(data)
    code, now = "", []
    try:
        now = content(Store(holed))
    except InputError as error:
        code = error.problems[0].code
    assert code.startswith("E-STORE") or [made.import_id for made, _ in now] == before[: len(now)]
