"""Matching, accepting and verifying from the command line, and a mapping of units inside a workspace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import tiny

from ntmgis.check import check_workspace
from ntmgis.units.reference import crosswalk

WORKSPACE = """
[province]
code = "62"
name = "Tỉnh Kon Tum"
[build]
as_of = 2025-06-30
aliases = "data/aliases.toml"
[[source]]
id = "sap_xep"
table = "unit_change"
path = "data/sap_xep.csv"
as_of = 2025-07-01
"""
TABLE = "Huyện,Xã\nĐăk Hà,Hà Mòn\nĐăk Hà,Đăk Maa\nNgọc Hồi,[bold]Pờ Y\nKon Tum,Phwờng Quyết Thắng\n"


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ntmgis.cli", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, "NTMGIS_LANG": "vi", "COLUMNS": "160", "PYTHONUTF8": "1"},
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "ntmgis.toml").write_text(WORKSPACE, encoding="utf-8")
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    crosswalk().to_csv(tmp_path / "data" / "sap_xep.csv", index=False)
    return tmp_path


def test_the_table_shows_what_needs_a_person_first(home: Path) -> None:
    done = run("match", "t.csv", "--epoch", "2019-05-13", cwd=home)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "Khớp 1/4 dòng: theo tên đúng 1"
    assert "→ 23512 Xã Đắk Mar (83)" in done.stdout
    assert "[bold]Pờ Y" in done.stdout
    assert "Hà Mòn" not in done.stdout
    assert "--accept 3=MÃ" in done.stderr
    assert "Hà Mòn" in run("match", "t.csv", "--epoch", "2019-05-13", "--all", cwd=home).stdout


def test_accepting_from_the_command_line(home: Path) -> None:
    words = ("match", "t.csv", "--epoch", "2019-05-13")
    done = run(*words, "--accept", "3=23512", "--accept", "5=23287", "--note", "Phòng NN", "--json", cwd=home)
    told = json.loads(done.stdout)
    assert (done.returncode, told["counts"]["matched"], told["counts"]["alias"]) == (1, 3, 2)
    assert [one["code"] for one in told["accepted"]] == ["23512", "23287"]
    assert "Phòng NN" in (home / "data" / "aliases.toml").read_text(encoding="utf-8")
    wrong = run(*words, "--accept", "3=23524", "--accept", "4=00000", "--json", cwd=home)
    assert wrong.returncode == 1
    assert [one["code"] for one in json.loads(wrong.stdout)["problems"]] == ["E-ALIAS-TAKEN", "E-ALIAS-UNIT"]
    assert run(*words, "--accept", "x", cwd=home).returncode == 2


def test_accepting_in_the_workbook(home: Path) -> None:
    words = ("match", "t.csv", "--epoch", "2019-05-13")
    assert run(*words, "--xlsx", "out/r.xlsx", cwd=home).returncode == 1
    book = openpyxl.load_workbook(home / "out" / "r.xlsx")
    sheet = book["Từng dòng"]
    at = [cell.value for cell in sheet[3]].index("Chấp nhận") + 1
    for line, code in ((4, "23512"), (5, "23395 Xã Bờ Y"), (6, "23287 Phường Quyết Thắng")):
        sheet.cell(line, at).value = code
    book.save(home / "r.xlsx")
    done = run(*words, "--accept-file", "r.xlsx", cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Khớp 4/4 dòng")
    again = run(*words, "--accept-file", "r.xlsx", "--json", cwd=home)
    assert (again.returncode, json.loads(again.stdout)["accepted"]) == (0, [])


def test_accepting_needs_a_place_to_write(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    words = ("match", "t.csv", "--epoch", "2019-05-13", "--accept", "3=23512")
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, "[E-WORKSPACE-MISSING]" in done.stderr) == (2, True)
    plain = WORKSPACE.replace('aliases = "data/aliases.toml"\n', "")
    (tmp_path / "ntmgis.toml").write_text(plain, encoding="utf-8")
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, "[E-ALIAS-FILE]" in done.stderr) == (2, True)
    assert run("match", "t.csv", "--epoch", "2019-05-13", "--xlsx", "r.csv", cwd=tmp_path).returncode == 2


def test_a_mapping_from_the_command_line(home: Path) -> None:
    done = run("crosswalk", "data/sap_xep.csv", cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "102 dòng: 102 đúng" in done.stdout
    mapping = crosswalk()
    mapping.loc[mapping["old_code"] == "23521", "old_code"] = "23522"
    mapping[["old_code", "new_code"]].rename(columns={"old_code": "Mã cũ", "new_code": "Mã mới"}).to_excel(
        home / "sai.xlsx", index=False, startrow=2
    )
    done = run("crosswalk", "sai.xlsx", "--json", cwd=home)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["code"] for one in told["problems"]] == ["E-CROSSWALK-CODE", "E-CROSSWALK-MISSING"]
    assert told["problems"][0]["row"] == int(mapping.index[mapping["old_code"] == "23522"][0]) + 4
    (home / "khac.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "[E-COLUMN-REQUIRED]" in run("crosswalk", "khac.csv", cwd=home).stderr


def test_a_mapping_in_a_workspace_is_held_against_the_lists(home: Path) -> None:
    plain = WORKSPACE.replace('aliases = "data/aliases.toml"\n', "")
    (home / "ntmgis.toml").write_text(plain, encoding="utf-8")
    assert [one.code for one in check_workspace(home).problems if "CROSSWALK" in one.code] == []
    mapping = crosswalk()
    mapping[mapping["old_code"] != "23530"].to_csv(home / "data" / "sap_xep.csv", index=False)
    told = [one for one in check_workspace(home).problems if "CROSSWALK" in one.code]
    assert [(one.code, one.severity) for one in told] == [
        ("E-CROSSWALK-MISSING", "warning"),
        ("E-CROSSWALK-UNFED", "warning"),
    ]
    half = mapping.assign(share_area=0.5)
    half.to_csv(home / "data" / "sap_xep.csv", index=False)
    assert not check_workspace(home).sound


def test_a_mapping_about_units_that_no_list_has_is_left_alone(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    (home / "data" / "sx.csv").write_text("old_code,new_code\n10001,10001\n", encoding="utf-8")
    with (home / "ntmgis.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[[source]]\nid = "sx"\ntable = "unit_change"\npath = "data/sx.csv"\nas_of = 2025-07-01\n')
    assert [one.code for one in check_workspace(home).problems if "CROSSWALK" in one.code] == []


def test_the_shipped_resolution_finds_the_wrong_row_with_nothing_but_the_mapping(
    real_data: Path, tmp_path: Path
) -> None:
    done = run("crosswalk", real_data / "admin" / "map_old_to_new_2025.csv", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(row["old_code"], row["new_code"], row["proposed_code"]) for row in told["rows"]] == [
        ("23521", "23425", "23500")
    ]
    checked = run("crosswalk", real_data / "admin" / "map_old_to_new_2025_checked.csv", cwd=tmp_path)
    assert checked.returncode == 0
