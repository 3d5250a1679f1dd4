"""`progress`, `changes`, `history` as a person or a program meets them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import tiny

from ntmgis.cli import make_command

HOSTILE = '=cmd|"/c calc"!A1'
CONFIG = """
[[source]]
id = "dau_nam"
table = "commune_status"
path = "data/dau_nam.csv"
as_of = 2024-12-31
values = { criteria_set = "2021-2025" }
title = "Kết quả đầu năm"
"""
EARLIER = """Mã xã,Kết quả,TC1,TC2
10001,Chưa đạt,Đạt,Chưa đạt
10002,Đạt chuẩn NTM,Đạt,Đạt
10003,Đạt chuẩn NTM,Đạt,Đạt
"""
NOW = f"""Mã xã,Kết quả,Quyết định số,Bộ tiêu chí,TC1,TC2
10001,Đạt chuẩn NTM,"{HOSTILE.replace('"', '""')}",2021-2025,Đạt,Đạt
10002,NTM nâng cao,2/QĐ,2021-2025,Đạt,Đạt
10003,Chưa đạt,,2021-2025,Chưa đạt,Đạt
10004,NTM kiểu mẫu,4/QĐ,2021-2025,Đạt,Đạt
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny.write_workspace(tmp_path_factory.mktemp("monitor") / "w")
    config = folder / "ntmgis.toml"
    config.write_text(config.read_text(encoding="utf-8") + CONFIG, encoding="utf-8")
    (folder / "data" / "dau_nam.csv").write_text(EARLIER, encoding="utf-8")
    (folder / "data" / "ket_qua.csv").write_text(NOW, encoding="utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str | Path, lang: str = "vi") -> tuple[int, str, str]:
    """Exit code, stdout, stderr of the command, in this process."""
    with pytest.raises(SystemExit) as left:
        make_command(lang)(list(map(str, words)))
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "220")


def test_changes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "changes", "-w", home, "--since", "2024-12-31")
    assert code == 0
    for words in ("Từ 31/12/2024 đến 30/06/2025", "xã: Mới được công nhận: 1", "xã: Lên mức: 1", "10003 Xã Ba"):
        assert words in out
    assert "số liệu không ghi quyết định thu hồi" in out
    assert "Tiêu chí thay đổi" in out


def test_changes_as_json_and_csv(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "thay_doi.csv"
    found = told(capsys, "changes", "-w", home, "--since", "2024-12-31", "--csv", file)
    kinds = {row["code"]: row["kind"] for row in found["changes"]}
    assert kinds == {"10001": "newly_recognised", "10002": "up", "10003": "withdrawn", "10004": "first_report"}
    assert found["changes"][0]["after_as_of"] == "2025-06-30"
    assert [(row["code"], row["criterion"], row["kind"]) for row in found["criteria_changes"]][:2] == [
        ("10003", 1, "lost"),
        ("10001", 2, "gained"),
    ]
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(found["changes"])
    # a decision that a spreadsheet would take for a formula stays text
    assert next(row for row in rows if row["code"] == "10001")["decision"] == f"'{HOSTILE}"


def test_known_then_before_anything_was_recorded(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "changes", "-w", home, "--since", "2024-12-31", "--known-then")
    assert code == 1
    assert "E-MONITOR-NOT-YET" in err
    later = told(capsys, "changes", "-w", home, "--since", "2024-12-31", "--known-on", "2099-01-01")
    assert "corrected" not in {row["kind"] for row in later["changes"]}


def test_the_days_must_be_in_order(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "changes", "-w", home, "--since", "2025-06-30")
    assert (code, "E-MONITOR-SINCE" in err) == (2, True)
    assert run(capsys, "changes", "-w", home, "--since", "gần đây")[0] == 2


def test_progress(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "progress", "-w", home, "--why")
    assert code == 0
    for words in ("Xã đạt chuẩn nông thôn mới", "+8", "Quy tắc đánh giá tiến độ", "Xã gần bậc kế tiếp nhất", "Xã Ba"):
        assert words in out
    assert "không nêu chỉ tiêu" in out
    english = run(capsys, "--lang", "en", "progress", "-w", home, lang="en")[1]
    assert "The straight line is a convention" in english
    assert "Communes newly reaching the NTM standard" in english


def test_progress_as_json_and_csv(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tien_do.csv"
    found = told(capsys, "progress", "-w", home, "--csv", file)
    first = found["targets"][0]
    assert (first["id"], first["stock"], first["grown"], first["deadline"]) == ("commune_ntm", 2, None, "2025-12-31")
    assert found["candidates"][0]["code"] == "10003"
    assert {row["code"] for row in found["standing"]} == set(tiny.CELLS)
    assert found["notes"][0]["id"] == "target_rule"
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == len(found["targets"]) + 1


def test_history(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "history", "-w", home, "xa mot")
    assert code == 0
    assert "10001 Xã Một, Huyện Chín Một" in out
    assert "31/12/2024" in out
    assert "đang dùng" in out
    found = told(capsys, "history", "-w", home, "10001")
    assert [(row["as_of"], row["tier"], row["met"], row["judged"]) for row in found["rows"]] == [
        ("2025-06-30", "ntm", 2, 2),
        ("2024-12-31", "not_yet", 1, 2),
    ]
    assert found["rows"][0]["recorded_by"] is not None


def test_history_of_a_district_and_of_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "history", "-w", home, "Chín Một")
    assert code == 0
    assert "Số xã theo ngày" in out
    code, _, err = run(capsys, "history", "-w", home, "Không Có Đâu")
    assert (code, "E-MONITOR-NO-UNIT" in err) == (2, True)


def test_an_ambiguous_name_lists_its_candidates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tiny.write_workspace(tmp_path / "w")
    listed = folder / "data" / "danh_muc.csv"
    listed.write_text(listed.read_text(encoding="utf-8").replace("Xã Năm", "Xã Ba"), encoding="utf-8")
    code, _, err = run(capsys, "history", "-w", folder, "ba")
    assert code == 2
    assert "10003 Xã Ba, Huyện Chín Một" in err
    assert "10005 Xã Ba, Huyện Chín Hai" in err
    assert run(capsys, "history", "-w", folder, "ba, Chín Hai")[1].startswith("10005 Xã Ba")


def test_a_corrected_file_is_seen_in_the_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tiny.write_workspace(tmp_path / "w")
    told(capsys, "history", "-w", folder, "10003")
    (folder / "data" / "ket_qua.csv").write_text("Mã xã,Kết quả\n10003,Đạt chuẩn NTM\n", encoding="utf-8")
    rows = told(capsys, "history", "-w", folder, "10003")["rows"]
    assert [(row["tier"], row["state"], row["same"]) for row in rows] == [
        ("ntm", "in_use", False),
        ("not_yet", "replaced", False),
    ]
    gone = told(capsys, "history", "-w", folder, "10001")["rows"]
    assert [row["state"] for row in gone] == ["replaced"]  # the newer file no longer lists it
