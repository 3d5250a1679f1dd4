"""What a user meets when the words, the place or the machine are wrong: words and an exit code, never a traceback."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny

from ntmgis.build import build
from ntmgis.check import check_file, check_workspace
from ntmgis.errors import UsageError, problem
from ntmgis.manifest import fingerprint
from ntmgis.workspace import PRODUCT_KINDS, _keys, load_workspace


def run(*words: str | Path, lang: str = "vi", cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ntmgis.cli", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, "NTMGIS_LANG": lang, "COLUMNS": "80", "PYTHONUTF8": "1", **more},
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny.write_workspace(tmp_path / "w", kinds=("xlsx",))


def configure(home: Path, line: str, section: str = "[build]") -> None:
    file = home / "ntmgis.toml"
    key = line.partition("=")[0].strip()
    text = re.sub(rf"(?m)^{key} = .*\n", "", file.read_text(encoding="utf-8"))
    file.write_text(text.replace(section, f"{section}\n{line}", 1), encoding="utf-8")


def test_no_words_at_all_is_the_help() -> None:
    done = run()
    assert "Lệnh" in done.stdout
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("frob",), "không có lệnh “frob”"),
        (("check", "--frob"), "không có tuỳ chọn --frob"),
        (("check", "a", "b"), "thừa đối số: b →"),
        (("match", "x"), "thiếu --epoch"),
        (("undo", "foo"), "cần một số nguyên"),
        (("check", "x", "--tolerance", "-1"), "cần từ 0 trở lên"),
        (("export", "--out", "e", "--epoch", "x"), "chọn một trong 'own', 'new'"),
        (("match", "x", "--epoch", "31/6/2025"), "“31/6/2025” không phải là một ngày có thật viết dạng 2025-06-30"),
    ],
)
def test_wrong_words_are_told_in_vietnamese(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "[E-CLI-USE]" in done.stderr
    assert said in done.stderr
    assert f"ntmgis {words[0]} --help" in done.stderr or words == ("frob",)


def test_wrong_words_with_json_are_json() -> None:
    (told,) = json.loads(run("check", "--frob", "--json").stdout)["problems"]
    assert told["code"] == "E-CLI-USE"


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--out", "taken"),
        ("form", "--all", "--out", "taken"),
        ("sheet", "--out", "taken/s.pdf"),
        ("progress", "--csv", "folder"),
        ("init", "taken/new"),
        ("check", "data/xa.geojson", "--as", "unit", "--epoch", "2025-06-30", "--xlsx", "taken/x.xlsx"),
    ],
)
def test_a_place_that_cannot_be_written_is_a_named_problem(words: tuple[str, ...], home: Path) -> None:
    (home / "taken").write_text("a file, not a folder")
    (home / "folder").mkdir()
    found = sorted((home / "data").rglob("*.geojson"))
    done = run(*(str(found[0]) if word == "data/xa.geojson" else word for word in words), cwd=home)
    assert "Traceback" not in done.stderr
    assert "[E-OS-KIND]" in done.stderr
    assert done.returncode == 1
    assert (home / "taken").read_text() == "a file, not a folder"


def test_maps_that_is_a_file_is_a_named_problem_in_json(home: Path) -> None:
    (home / "maps").write_text("")
    done = run("build", "--json", cwd=home)
    (told,) = json.loads(done.stdout)["problems"]
    assert told["code"] == "E-OS-KIND"
    assert told["file"].endswith("maps")
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("line", "section", "column"),
    [
        ('metric_crs = "EPSG:4326"', "[build]", "build.metric_crs"),
        ('metric_crs = "EPSG:1"', "[build]", "build.metric_crs"),
        ('metric_crs = "EPSG:2225"', "[build]", "build.metric_crs"),  # feet
        ('plan = "none.toml"', "[build]", "build.plan"),
        ('thresholds = "none.toml"', "[build]", "build.thresholds"),
        ('style = "none.toml"', "[build]", "build.style"),
        ("limits = { road = 1e300 }", "", "limits.road"),
        ("limits = { road = nan }", "", "limits.road"),
    ],
)
def test_a_configuration_that_would_end_badly_is_refused(home: Path, line: str, section: str, column: str) -> None:
    if section:
        configure(home, line, section)
    else:
        file = home / "ntmgis.toml"
        text = re.sub(r"(?ms)^\[limits\]\n.*?(?=^\[)", "", file.read_text(encoding="utf-8"))
        file.write_text(f"{line}\n{text}", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_workspace(home)
    assert [one.column for one in caught.value.problems] == [column]


@pytest.mark.parametrize("key", ["thresholds", "style", "plan", "aliases"])
def test_a_changed_file_of_the_configuration_is_a_new_build(home: Path, key: str) -> None:
    (home / "own.toml").write_text("# one\n")
    configure(home, f'{key} = "own.toml"')
    before = fingerprint(load_workspace(home))
    (home / "own.toml").write_text("# two\n")
    assert fingerprint(load_workspace(home)) != before


def test_only_what_a_killed_build_left_is_swept_away(home: Path) -> None:
    old, young = home / "maps" / ".new-old", home / "maps" / ".new-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    build(home)
    assert not old.exists()
    assert young.exists()


def test_one_file_is_not_blamed_for_another_source(home: Path) -> None:
    first, *_ = [one for one in load_workspace(home).sources if one.table == "unit"]
    given = home / "mine.geojson"
    shutil.copy(first.path, given)
    first.path.unlink()
    result = check_file(given, "unit", epoch=first.epoch, workspace=home)
    assert result.sound
    assert "W-CHECK-AROUND" in {one.code for one in result.problems}
    assert not check_workspace(home).sound


def test_a_mapping_against_the_resolution_does_not_pass_in_a_workspace(tmp_path: Path, real_data: Path) -> None:
    shutil.copy(real_data / "admin" / "map_old_to_new_2025.csv", tmp_path / "m.csv")
    (tmp_path / "ntmgis.toml").write_text(
        '[province]\ncode = "62"\nname = "Kon Tum"\n[build]\nas_of = 2025-06-30\n'
        '[[source]]\nid = "m"\ntable = "unit_change"\npath = "m.csv"\nas_of = 2025-07-01\n',
        encoding="utf-8",
    )
    (error,) = [one for one in check_workspace(tmp_path).problems if one.severity == "error"]
    assert error.code == "E-CROSSWALK-LAW"
    assert "Hà Mòn" in str(error)


def test_nothing_near_is_not_proposed() -> None:
    far = problem("E-CONFIG-VALUE", allowed="a, b", nearest="không có")
    assert "có phải là" not in far.action
    assert "có phải là “a”" in problem("E-CONFIG-VALUE", allowed="a, b", nearest="a").action


def test_the_template_names_every_key_of_the_configuration() -> None:
    template = (Path(__file__).parents[1] / "ntmgis" / "new_workspace.toml").read_text(encoding="utf-8")
    for table in ("build", "source"):
        missing = [key for key in _keys()[table] if not re.search(rf"(?m)^(# ?)?{key} = ", template)]
        assert not missing, table
    assert all(f'"{kind}"' in template for kind in PRODUCT_KINDS)
