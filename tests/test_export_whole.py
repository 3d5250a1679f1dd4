"""An export is whole or absent: a full disk, a kill, a folder in the way, and what an earlier export left."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import tiny

from ntmgis.show.export.dictionary import export_tables
from ntmgis.show.export.write import write_export
from ntmgis.show.staging import put_in_place, staging

ABOUT = {"name": "ntmgis-90", "title": "Thử"}


def frame(table: str, rows: int = 0) -> pd.DataFrame:
    return pd.DataFrame({column.name: [None] * rows for column in export_tables()[table].columns}, dtype=object)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_failure_on_the_way_leaves_the_earlier_export(tmp_path: Path) -> None:
    write_export({"communes": frame("communes"), "roads": frame("roads")}, tmp_path, about=ABOUT)
    before = content(tmp_path)
    broken = {
        "communes": frame("communes", 1),
        "roads": frame("roads").drop(columns=["code"], errors="ignore").iloc[:, :1],
    }
    with pytest.raises(KeyError):
        write_export(broken, tmp_path, about=ABOUT)
    assert content(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w", kinds=("xlsx",))
    code = (
        "import resource, sys\n"
        "from ntmgis.take_in import open_snapshot\n"
        f"open_snapshot({str(home)!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "from ntmgis.cli import main\n"
        f"sys.argv = ['ntmgis', 'export', '-w', {str(home)!r}, '--out', {str(tmp_path / 'ra ngoài')!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
    assert "E-OS-FULL" in done.stderr
    assert list((tmp_path / "ra ngoài").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Windows differ")
def test_a_kill_leaves_no_table(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ntmgis.show.staging import staging\n"
        "with staging(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'communes.csv').write_text('half')\n"
        "    print('here', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".new-")  # hidden, and cleared away by a later export
    with staging(tmp_path):
        assert left.exists()  # it may belong to a run at work
    old = time.time() - 2 * 86400
    os.utime(left, (old, old))
    with staging(tmp_path):
        assert not left.exists()
    assert list(tmp_path.iterdir()) == []


def test_tables_of_an_earlier_export_do_not_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("mine")
    write_export({"communes": frame("communes"), "rebased_communes": frame("rebased_communes")}, tmp_path, about=ABOUT)
    assert (tmp_path / "rebased_communes.csv").is_file()
    write_export({"communes": frame("communes")}, tmp_path, about=ABOUT)
    assert not (tmp_path / "rebased_communes.csv").exists()
    assert (tmp_path / "notes.csv").read_text() == "mine"


@pytest.mark.parametrize("package", ["", "[]", '{"resources": 3}', '{"resources": [{"path": "../communes.csv"}]}'])
def test_a_package_that_is_not_ours_takes_nothing_away(tmp_path: Path, package: str) -> None:
    (tmp_path / "datapackage.json").write_text(package)
    (tmp_path / "roads.csv").write_text("mine")
    write_export({"communes": frame("communes")}, tmp_path, about=ABOUT)
    assert (tmp_path / "roads.csv").read_text() == "mine"


def test_a_folder_in_the_way_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.csv").mkdir()
    with staging(tmp_path) as staged:
        for name in ("a.csv", "b.csv"):
            (staged / name).write_text(name)
        with pytest.raises(IsADirectoryError):
            put_in_place(staged, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_the_state_of_knowledge_stands_above_the_dictionary_and_in_the_package(tmp_path: Path) -> None:
    from ntmgis.show.words import known_words

    snapshot = tiny.snapshot(known_at=datetime(2025, 1, 15, 12, tzinfo=UTC))
    note = known_words(snapshot)
    assert note == "theo số liệu đã biết đến ngày 15/01/2025"
    write_export({"communes": frame("communes")}, tmp_path, about={**ABOUT, "known_note": note})
    assert note in (tmp_path / "tu_dien.md").read_text(encoding="utf-8")
    assert note in (tmp_path / "datapackage.json").read_text(encoding="utf-8")
