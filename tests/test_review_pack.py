"""The review pack of a workspace, from its files to PDF, slides and workbook, and the command that asks for it."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import tiny

from ntmgis.errors import InputError, UsageError
from ntmgis.review_pack import make_review_pack


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("pack") / "w", kinds=("html",))


def test_three_files_whole_and_twice_the_same(home: Path, tmp_path: Path) -> None:
    made = make_review_pack(home, tmp_path / "a")
    assert [path.name for path in made.files] == [f"review_2025-06-30.{kind}" for kind in ("pdf", "pptx", "xlsx")]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [path.name for path in made.files]
    assert made.headline == "Ít nhất 3/5 xã đạt chuẩn nông thôn mới, đến 30/06/2025"
    document = pypdfium2.PdfDocument(made.files[0])
    assert len(document) == made.pages
    document.close()
    again = make_review_pack(home, tmp_path / "b")
    for one, other in zip(made.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_earlier_day_is_the_last_reporting_date_unless_named(home: Path, tmp_path: Path) -> None:
    text = (home / "ntmgis.toml").read_text(encoding="utf-8")
    shutil.copytree(home, tmp_path / "w")
    config = re.sub(r"(?m)^periods = .*$", "periods = [2023-12-31, 2024-12-31, 2025-06-30]", text)
    assert config.count("2023-12-31") == 1
    (tmp_path / "w" / "ntmgis.toml").write_text(config, encoding="utf-8")
    assert make_review_pack(tmp_path / "w", tmp_path / "out").since == date(2024, 12, 31)
    named = make_review_pack(tmp_path / "w", tmp_path / "out", since=date(2023, 12, 31))
    assert named.since == date(2023, 12, 31)


def test_days_in_the_wrong_order_are_wrong_use_and_leave_nothing(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        make_review_pack(home, tmp_path / "out", since=date(2025, 6, 30))
    assert [one.code for one in caught.value.problems] == ["E-MONITOR-SINCE"]
    with pytest.raises(InputError) as early:  # nothing had been recorded by that day
        make_review_pack(home, tmp_path / "out", known_on=date(2025, 1, 10))
    assert [one.code for one in early.value.problems] == ["E-MONITOR-NOT-YET"]
    assert not (tmp_path / "out").exists()


def test_the_command(home: Path, tmp_path: Path) -> None:
    words = ["review", "-w", str(home), "--out", str(tmp_path), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "ntmgis.cli", *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["as_of"] == "2025-06-30"
    assert [Path(one["path"]).suffix for one in told["files"]] == [".pdf", ".pptx", ".xlsx"]
    assert all(one["bytes"] == Path(one["path"]).stat().st_size for one in told["files"])
