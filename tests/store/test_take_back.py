"""The memory of a workspace: what was imported when, taking an import back, and what a build does afterwards."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
import tiny

from ntmgis.cli import make_command
from ntmgis.errors import InputError, UsageError
from ntmgis.manifest import read_manifest, write_manifest
from ntmgis.take_back import import_log, redo_import, undo_import
from ntmgis.take_in import TakenIn, open_snapshot, take_in
from ntmgis.workspace import load_workspace

CONFIG = """
[province]
code = "90"
name = "Tỉnh Tí Hon"
[build]
as_of = 2025-06-30
metric_crs = "{crs}"
aliases = "aliases.toml"
[[source]]
id = "danh_muc"
table = "unit_list"
path = "data/danh_muc.csv"
[[source]]
id = "xa"
table = "unit"
path = "data/xa.geojson"
[[source]]
id = "ket_qua"
table = "commune_status"
path = "data/ket_qua.csv"
"""
TIERS = {"10001": "NTM", "10002": "NTM", "10003": "chưa đạt"}


def results(home: Path, day: str = "2024-12-31", **tiers: str) -> None:
    told = {**TIERS, **{code.removeprefix("c"): tier for code, tier in tiers.items()}}
    lines = "".join(f"{code},{tier},{day}\n" for code, tier in told.items())
    (home / "data" / "ket_qua.csv").write_text(f"code,tier,as_of\n{lines}", encoding="utf-8")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace, taken in once."""
    home = tmp_path_factory.mktemp("tiny")
    (home / "data").mkdir()
    units = tiny.communes()
    units[["code", "name", "kind", "district_code", "district"]].to_csv(home / "data" / "danh_muc.csv", index=False)
    units[["code", "name", "geometry"]].to_file(home / "data" / "xa.geojson")
    results(home)
    (home / "ntmgis.toml").write_text(CONFIG.format(crs=tiny.CRS), encoding="utf-8")
    taken(home)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "home"))


def taken(home: Path) -> TakenIn:
    return take_in(load_workspace(home))


def tiers(home: Path) -> dict[str, str]:
    snapshot, _ = open_snapshot(home)
    return dict(snapshot.commune_status[["code", "tier"]].itertuples(index=False, name=None))


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line: exit code, what it printed, what it said."""
    monkeypatch.setenv("COLUMNS", "140")

    def one(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            make_command("vi")([str(word) for word in words])
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return one


def ids(imports: Sequence[object]) -> list[int]:
    return [one.import_id for one in imports]  # type: ignore[attr-defined]


def test_the_same_files_twice_are_a_no_op(home: Path) -> None:
    before = import_log(home)
    assert [one.source_id for one in before] == ["danh_muc", "xa", "ket_qua"]
    assert not [one for one in taken(home).problems if one.severity == "error"]
    assert import_log(home) == before


def test_a_correction_supersedes_and_taking_it_back_brings_the_first_again(home: Path) -> None:
    results(home, c10001="NTM nâng cao")
    assert tiers(home)["10001"] == "advanced"
    done = undo_import(home, 4)
    assert (done.made.import_id, done.also) == (4, ())
    (change,) = done.instead
    assert (str(change.day), change.rows, change.replaced) == ("2024-12-31", 3, None)
    assert change.instead is not None
    assert change.instead.import_id == 3
    assert tiers(home)["10001"] == "ntm"


def test_the_build_says_that_the_file_was_taken_back(home: Path) -> None:
    undo_import(home, 3)
    again = taken(home)
    (told,) = [one for one in again.problems if one.code == "W-STORE-UNDONE"]
    assert (told.severity, told.file) == ("warning", "ket_qua.csv")
    assert "3" in told.rule
    assert "--back" in told.action
    assert again.failed == ("ket_qua",)
    assert next(row for row in again.rows if row.id == "ket_qua").failed
    assert ids(import_log(home)) == [1, 2, 3]
    assert tiers(home) == {}


def test_it_stays_taken_back_under_other_aliases_and_rules(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undo_import(home, 3)
    (home / "aliases.toml").write_text("# trống\n", encoding="utf-8")
    monkeypatch.setattr("ntmgis.take_in._rules_digest", lambda: "a later version of ntmgis")
    assert "W-STORE-UNDONE" in {one.code for one in taken(home).problems}
    assert [one.source_id for one in import_log(home) if one.undone_at is None].count("ket_qua") == 0


def test_another_version_of_the_file_counts_and_the_first_stays_out(home: Path) -> None:
    undo_import(home, 3)
    results(home, c10001="NTM nâng cao")
    assert "W-STORE-UNDONE" not in {one.code for one in taken(home).problems}
    assert tiers(home)["10001"] == "advanced"
    results(home)
    assert "W-STORE-UNDONE" in {one.code for one in taken(home).problems}
    assert tiers(home)["10001"] == "advanced"


def test_another_way_of_reading_the_file_counts(home: Path) -> None:
    undo_import(home, 3)
    text = (home / "ntmgis.toml").read_text(encoding="utf-8")
    (home / "ntmgis.toml").write_text(f'{text}\nvalues = {{ criteria_set = "2021-2025" }}\n', encoding="utf-8")
    assert "W-STORE-UNDONE" not in {one.code for one in taken(home).problems}
    assert tiers(home)["10001"] == "ntm"


def test_older_readings_of_the_same_file_go_with_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ntmgis.take_in._rules_digest", lambda: "a later version of ntmgis")
        taken(home)
    log = import_log(home)
    assert [one.source_id for one in log].count("ket_qua") == 2
    done = undo_import(home, log[-1].import_id)
    assert ids(done.also) == [3]
    assert [(one.rows, one.replaced, one.instead) for one in done.instead] == [(3, None, None)]
    assert tiers(home) == {}


def test_an_import_recorded_by_version_1_stays_taken_back(home: Path) -> None:
    """Its key does not tell the file from the rules, so the file itself is compared."""
    store = home / "store" / "ntmgis.gpkg"
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DROP TRIGGER imports_no_update")
        connection.execute("UPDATE imports SET key = 'of old'")
    undo_import(home, 3)
    assert "W-STORE-UNDONE" in {one.code for one in taken(home).problems}
    assert tiers(home) == {}


def test_what_had_been_superseded_before_changes_nothing(home: Path) -> None:
    results(home, c10001="NTM nâng cao")
    before = tiers(home)
    (change,) = undo_import(home, 3).instead
    assert change.replaced is not None
    assert change.replaced.import_id == 4
    assert tiers(home) == before


def test_each_date_is_told_by_itself(home: Path) -> None:
    results(home, day="2025-03-31")
    taken(home)
    (home / "data" / "ket_qua.csv").write_text(
        "code,tier,as_of\n10001,NTM,2024-12-31\n10001,NTM,2025-06-30\n", encoding="utf-8"
    )
    taken(home)
    done = undo_import(home, 5)
    told = [(str(one.day), one.rows, one.instead and one.instead.import_id) for one in done.instead]
    assert told == [("2024-12-31", 1, 3), ("2025-06-30", 1, None)]


def test_boundaries_taken_back_leave_no_map(home: Path) -> None:
    done = undo_import(home, 2)
    assert [(one.day, one.rows, one.instead) for one in done.instead] == [(None, 6, None)]
    with pytest.raises(InputError, match="E-NO-BOUNDARIES"):
        open_snapshot(home)


def test_back_again(home: Path) -> None:
    before = tiers(home)
    undo_import(home, 3)
    made = redo_import(home, 3)
    assert (made.import_id, made.accepted, made.file, made.undone_at) == (4, 3, "ket_qua.csv", None)
    assert tiers(home) == before
    assert ids(import_log(home)) == [1, 2, 3, 4]
    assert import_log(home)[2].undone_at is not None
    store = taken(home).store
    old, new = (store.rows("commune_status", [one]).drop(columns="import_id") for one in import_log(home)[2:])
    pd.testing.assert_frame_equal(old, new)
    for wrong, code in ((4, "E-STORE-COUNTS"), (9, "E-STORE-NO-IMPORT")):
        with pytest.raises(UsageError, match=code):
            redo_import(home, wrong)
    undo_import(home, 4)
    assert "W-STORE-UNDONE" in {one.code for one in taken(home).problems}


@pytest.mark.parametrize(
    "job", [undo_import, lambda home, number: redo_import(home, undo_import(home, number) and number)]
)
def test_the_products_are_out_of_date(home: Path, job: object) -> None:
    maps = home / "maps"
    maps.mkdir()
    write_manifest(maps, {"fingerprint": "as it was", "files": {}, "result": {}})
    job(home, 3)  # type: ignore[operator]
    assert read_manifest(maps)["fingerprint"] == ""


def test_the_log_as_words_and_as_data(home: Path, run: Run) -> None:
    undo_import(home, 3)
    code, words, _ = run("log", "-w", home)
    assert code == 0
    assert "ket_qua.csv" in words
    code, text, _ = run("log", "-w", home, "--json")
    told = json.loads(text)["imports"]
    assert [(one["import_id"], one["source_id"], one["quarantined"]) for one in told] == [
        (1, "danh_muc", 0),
        (2, "xa", 0),
        (3, "ket_qua", 0),
    ]
    assert [one["undone_at"] is None for one in told] == [True, True, False]
    code, text, _ = run("log", "-w", home, "--json", "--source", "xa")
    assert [one["import_id"] for one in json.loads(text)["imports"]] == [2]


def test_a_workspace_without_a_store_has_an_empty_log(home: Path, run: Run) -> None:
    shutil.rmtree(home / "store")
    assert run("log", "-w", home) == (0, "Kho chưa có lần nhập nào.\n", "")
    code, text, errors = run("undo", 1, "-w", home)
    assert (code, text) == (2, "")
    assert "E-STORE-NO-IMPORT" in errors
    assert "kho còn trống" in errors
    assert not (home / "store").exists()


def test_undo_on_the_command_line(home: Path, run: Run) -> None:
    results(home, c10001="NTM nâng cao")
    taken(home)
    code, text, _ = run("undo", 4, "-w", home)
    assert code == 0
    assert "2024-12-31: 3 dòng không còn được tính; nay tính theo lần nhập 3 (ket_qua.csv)" in text
    code, text, _ = run("undo", 3, "-w", home, "--json")
    told = json.loads(text)
    assert told["undone"]["import_id"] == 3
    assert told["dates"] == [{"date": "2024-12-31", "rows": 3, "superseded_by": None, "instead": None}]
    code, _, errors = run("undo", 3, "-w", home)
    assert code == 2
    assert "E-STORE-UNDONE" in errors
    code, _, errors = run("undo", 99, "-w", home)
    assert code == 2
    assert "từ 1 đến 4" in errors
    code, text, _ = run("undo", 3, "--back", "-w", home)
    assert code == 0
    assert "thành lần nhập 5" in text
    code, text, _ = run("undo", 5, "-q", "-w", home)
    assert (code, text) == (0, "")
    assert run("undo", "năm", "-w", home)[0] == 2
