"""The command line as a person or a program meets it, run as a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

COMMANDS = (
    *("build", "check", "match", "sample", "init", "crosswalk", "fetch", "intake"),
    *("log", "undo", "form", "form-back", "export", "sheet", "book", "commune"),
    *("progress", "changes", "history", "copy-store", "plan", "review", "households"),
)


def run(*words: str | Path, lang: str = "vi", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ntmgis.cli", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, "NTMGIS_LANG": lang, "COLUMNS": "160", "PYTHONUTF8": "1"},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("cli") / "w", kinds=("html",))


def test_version() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("ntmgis ")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_in_both_languages(command: str) -> None:
    assert "Tùy chọn" in run(command, "--help").stdout
    assert "Options" in run(command, "--help", lang="en").stdout
    assert "Options" in run("--lang", "en", command, "--help").stdout


def test_an_unknown_language_is_wrong_use() -> None:
    assert run("--lang", "fr", "--help").returncode == 2


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['ntmgis', '--help']\n"
        "from ntmgis.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'geopandas', 'shapely', 'folium', 'sqlalchemy', 'pyogrio'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_build_prints_one_json_object_and_exits_with_zero(home: Path) -> None:
    done = run("build", "-w", home, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["tiers"]["ntm"] == 1
    assert told["rows"]["ket_qua"] == {
        "table": "commune_status",
        "file": "ket_qua.csv",
        "in": 4,
        "accepted": 4,
        "quarantined": 0,
        "matched": {"code": 4, "exact_name": 0, "folded_name": 0, "alias": 0},
        "failed": False,
    }
    assert done.stderr == ""


def test_build_ends_by_saying_where_the_products_are(home: Path) -> None:
    done = run("build", "-w", home)
    assert str(home / "maps" / "index.html") in done.stdout.splitlines()[-1]
    assert run("build", "-q", "-w", home).stdout == ""


def test_the_workspace_is_here_by_default(home: Path) -> None:
    assert run("build", "--json", cwd=home).returncode == 0


def test_problems_in_the_data_exit_with_one(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w", kinds=("html",))
    (home / "data" / "duong.geojson").unlink()
    done = run("build", "-w", home)
    assert done.returncode == 1
    assert "[E-FILE-MISSING]" in done.stderr
    assert "Traceback" not in done.stderr
    told = json.loads(run("check", "-w", home, "--json").stdout)
    assert told["problems"][0]["code"] == "E-FILE-MISSING"
    assert told["rows"]["duong"]["failed"]


@pytest.mark.parametrize(
    "words", [("build", "-w", "/nowhere"), ("bild",), ("match", "a.csv"), ("check", "a.csv", "--as", "roads")]
)
def test_wrong_use_exits_with_two(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


def test_check_writes_nothing(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    before = sorted(home.rglob("*"))
    done = run("check", "-w", home)
    assert done.returncode == 0, done.stderr
    assert sorted(home.rglob("*")) == before


def test_check_of_one_file(home: Path) -> None:
    done = run("check", home / "data" / "duong.geojson", "--as", "road", "--epoch", "2025-06-30", "-w", home, "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["rows"]["tep"]["accepted"] == 2


TABLE = "Huyện,Xã\nTP. Kon Tum,Đoàn Kết\nNgọc Hồi,Pờ Y\nĐăk Hà,Hà Mòn\nĐăk Hà,Không Có\n"


def test_match_accounts_for_every_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    done = run("match", "t.csv", "--epoch", "2019-05-13", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert (told["counts"]["rows"], told["counts"]["matched"], told["counts"]["unmatched"]) == (4, 3, 1)
    assert [(row["row"], row["status"], row["unit_code"], row["how"]) for row in told["rows"]] == [
        (2, "matched", "23329", "exact_name"),
        (3, "matched", "23395", "alias"),
        (4, "matched", "23521", "exact_name"),
        (5, "unmatched", None, None),
    ]
    named = run(
        "match", "t.csv", "--epoch", "2019-05-13", "--name-column", "Xã", "--parent-column", "Huyện", cwd=tmp_path
    )
    assert "Pờ Y" in named.stdout


def test_init_makes_a_workspace_and_never_overwrites_one(tmp_path: Path) -> None:
    done = run("init", tmp_path / "new", "--json")
    assert done.returncode == 0, done.stderr
    files = [Path(entry["path"]).name for entry in json.loads(done.stdout)["files"]]
    assert "ntmgis.toml" in files
    assert sum(name.endswith(".xlsx") for name in files) >= 10
    config = (tmp_path / "new" / "ntmgis.toml").read_bytes()
    assert run("init", tmp_path / "new").returncode == 2
    assert (tmp_path / "new" / "ntmgis.toml").read_bytes() == config
    # What is still missing is named as missing data, not as a wrong configuration.
    assert run("build", "-w", tmp_path / "new").returncode == 1
