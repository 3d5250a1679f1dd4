"""What the tests of the store's faults run as processes of their own; the first word says what. Not a test itself.

Forked from here, not from pytest: this process has imported everything and started no thread.
"""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pyogrio
from store_cases import add, content, matched, quarantined, roads, status, villages

from ntmgis.errors import InputError
from ntmgis.store import sqlite_file
from ntmgis.store.geopackage import Store


def first(store: Store) -> None:
    """What a store holds before the import that is killed."""
    add(store, status(), quarantine=quarantined(), matches=matched(), rows_in=3)
    add(store, villages(5), "village", source_id="v", key="1")


def second(store: Store) -> None:
    """The import that is killed: rows with shapes into a layer that is there, and both reports."""
    add(store, villages(800), "village", source_id="v", key="2", quarantine=quarantined(), matches=matched())


def told(store: Store) -> str:
    """What the store holds, the time of the last import left out, for it differs from run to run."""
    return repr([(made.import_id, made.key, made.accepted, made.undone_at, parts) for made, parts in content(store)])


def forked(job: Callable[[], None]) -> int:
    """The process that does the job and ends with 0, or with 1 when it fails."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        job()
        code = 0
    except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happens
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def outcomes(paths: Sequence[Path], before: str, after: str) -> list[str]:
    """Looked at in a process of its own: by the store, then by GDAL, then by SQLite's own check."""

    def look(path: Path) -> str:
        now = told(Store(path))
        assert pyogrio.read_info(path, layer="t_village")["features"] == (805 if now == after else 5)
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            strays = "SELECT COUNT(*) FROM t_village WHERE import_id NOT IN (SELECT import_id FROM imports)"
            assert connection.execute(strays).fetchone() == (0,)
        connection.close()
        return "before" if now == before else "after" if now == after else f"neither: {now[:500]}"

    note = paths[0].with_suffix(".verdicts")
    assert ended(forked(lambda: _write(note, json.dumps([look(path) for path in paths])))) == 0
    return json.loads(note.read_text())


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def stages(folder: Path) -> tuple[Path, str, str, float]:
    """A store to copy, what it says before and after the import, and how long the import takes."""
    base, whole = folder / "base.gpkg", folder / "whole.gpkg"
    assert ended(forked(lambda: first(Store(base)))) == 0
    shutil.copy(base, whole)
    for _ in range(2):  # the first time is slower than those that are killed
        shutil.copy(base, whole)
        start = time.perf_counter()
        assert ended(forked(lambda: second(Store(whole)))) == 0
        seconds = time.perf_counter() - start
    said: list[str] = []
    for path in (base, whole):
        note = path.with_suffix(".txt")
        assert ended(forked(partial(lambda note, path: _write(note, told(Store(path))), note, path))) == 0
        said.append(note.read_text())
    return base, said[0], said[1], seconds


def kill_at_random(folder: Path, count: int) -> dict[str, int]:
    """SIGKILL at `count` moments spread over an import and a little beyond: outcome → how often."""
    base, before, after, seconds = stages(folder)
    chance = random.Random(305)
    moments = [(number + chance.random()) / count for number in range(count)]
    chance.shuffle(moments)
    paths = [folder / f"killed{number}.gpkg" for number in range(count)]
    for path, moment in zip(paths, moments, strict=True):
        shutil.copy(base, path)
        start = time.perf_counter()
        child = forked(partial(second, Store(path)))
        until = start + seconds * 1.1 * moment
        done = 0
        while not done and time.perf_counter() < until:
            time.sleep(0.0005)
            done, _ = os.waitpid(child, os.WNOHANG)
        if done:
            # The machine is faster or slower than before: the span of the kills goes with it.
            seconds = time.perf_counter() - start
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            seconds *= 1.01
    return dict(Counter(outcomes(paths, before, after)))


def kill_at_statements(folder: Path) -> dict[str, str]:
    """SIGKILL as a chosen statement begins, once with changed pages already in the file: where → outcome."""
    base, before, after, _ = stages(folder)
    places = {
        "BEGIN IMMEDIATE": 1,
        'INSERT INTO "t_village"': 700,
        "UPDATE gpkg_contents": 1,
        'INSERT INTO "quarantine"': 1,
        'INSERT INTO "matches"': 1,
        "INSERT INTO imports": 1,
        "COMMIT": 1,
    }
    paths: dict[str, Path] = {}
    for spilled in (False, True):
        for place, times in places.items():
            path = paths[f"{place}{' spilled' if spilled else ''}"] = folder / f"killed{len(paths)}.gpkg"
            shutil.copy(base, path)
            child = forked(partial(_die, path, place, times, spilled=spilled))
            assert ended(child) == -signal.SIGKILL, place
            half = path.with_name(path.name + "-journal").exists() and path.stat().st_size > base.stat().st_size
            assert half or not (spilled and place in {"INSERT INTO imports", "COMMIT"}), "not left half changed"
    return dict(zip(paths, outcomes(list(paths.values()), before, after), strict=True))


def _die(path: Path, place: str, times: int, *, spilled: bool) -> None:
    left = [times]
    functions = sqlite_file.add_functions

    def watched(connection: sqlite3.Connection) -> None:
        functions(connection)
        if spilled:
            connection.execute("PRAGMA cache_size = 5")
            connection.execute("PRAGMA cache_spill = ON")

        def look(statement: str) -> None:
            left[0] -= statement.startswith(place)
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        connection.set_trace_callback(look)

    sqlite_file.add_functions = watched
    second(Store(path))


def code_of(job: Callable[[], object]) -> str:
    """The code of the problem that the job meets; "done" when none."""
    try:
        job()
    except InputError as error:
        return error.problems[0].code
    return "done"


def small_limit(path: Path) -> str:
    """An import where a file may grow by a few kilobytes only."""
    limit = path.stat().st_size + 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return code_of(lambda: second(Store(path)))


def small_disk(path: Path) -> str:
    """An import on a disk that is nearly full."""
    return code_of(lambda: second(Store(path)))


def as_nobody(path: Path) -> dict[str, str]:
    """Reading and writing as a user who may only read."""
    warm = path.parent / "warm"
    warm.mkdir()
    first(Store(warm / "a.gpkg"))
    content(Store(warm / "a.gpkg"))
    shutil.rmtree(warm)
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    return {
        "read": code_of(lambda: content(Store(path))),
        "add": code_of(lambda: second(Store(path))),
        "undo": code_of(lambda: Store(path).undo(1)),
        "new": code_of(lambda: first(Store(path.with_name("new.gpkg")))),
        "folder": code_of(lambda: first(Store(path.parent / "store" / "new.gpkg"))),
    }


def write_many(path: Path, who: str) -> str:
    """Five imports of a source of one's own, and one that the other process makes too; begins when told to."""
    store = Store(path, user=who)
    start = path.with_name("start")
    while not start.exists():
        time.sleep(0.005)
    for number in range(5):
        add(store, roads(f"{who}{number}"), "road", source_id=who, key=str(number), file=f"{who}.csv")
    add(store, status(), source_id="both", key="same", once=True)
    return "done"


def main() -> None:
    job, folder = sys.argv[1], Path(sys.argv[2])
    jobs: dict[str, Callable[[], object]] = {
        "kill_at_random": lambda: kill_at_random(folder, int(sys.argv[3])),
        "kill_at_statements": lambda: kill_at_statements(folder),
        "small_limit": lambda: small_limit(folder),
        "small_disk": lambda: small_disk(folder),
        "as_nobody": lambda: as_nobody(folder),
        "write_many": lambda: write_many(folder, sys.argv[3]),
    }
    json.dump(jobs[job](), sys.stdout)


if __name__ == "__main__":
    main()
