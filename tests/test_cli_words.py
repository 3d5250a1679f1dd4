"""How the command line reads: help in one language, days as people write them, tables that fit the terminal."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tiny
import typer

from ntmgis.cli import make_command
from ntmgis.cli.talk import Talk, day, language
from ntmgis.errors import catalogue

EARLIER = """
[[source]]
id = "dau_nam_cua_mot_so_nguon_co_ten_rat_dai"
table = "commune_status"
path = "data/ket_qua_dau_nam_cua_mot_tep_co_ten_rat_dai_2024-12-31.csv"
as_of = 2024-12-31
values = { criteria_set = "2021-2025" }
title = "Kết quả đầu năm"
"""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def said(capsys: pytest.CaptureFixture[str], *words: object, lang: str = "vi") -> str:
    with pytest.raises(SystemExit):
        make_command(lang)([str(word) for word in words])
    return capsys.readouterr().out


@pytest.mark.parametrize("path", list(commands(make_command("vi"))), ids=" ".join)
def test_every_help_is_vietnamese_and_fits(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, *path, "--help")
    assert "Cách dùng:" in text
    for english in ("Usage", "OPTIONS", "ARGS", "COMMAND", "[required]", "<bool>", "import_id"):
        assert english not in text
    assert max(map(len, text.splitlines())) <= 80
    # Every option and argument says what it is for.
    assert not [line for line in text.splitlines() if re.fullmatch(r"│ \*?\s*--[\w-]+\s+(-\w)?\s*│", line)]


def test_short_help_and_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "undo", "-h") == said(capsys, "undo", "--help")
    assert "Usage: " in said(capsys, "undo", "--help", lang="en")
    assert "NUMBER" in said(capsys, "undo", "--help", lang="en")


@pytest.mark.parametrize("text", ["2025-06-30", "2025-6-30", "30/06/2025", "30/6/2025", "30-06-2025", "30.6.2025"])
def test_a_day_as_people_write_it(text: str) -> None:
    assert day(text) == date(2025, 6, 30)


@pytest.mark.parametrize("text", ["31/06/2025", "2025-02-29", "06/30/2025", "30/06/25", "0001-01-01", "x", "", "2025"])
def test_what_is_no_day_is_wrong_use(text: str) -> None:
    token = language.set("vi")
    try:
        with pytest.raises(typer.BadParameter, match="không phải là một ngày có thật"):
            day(text)
    finally:
        language.reset(token)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny.write_workspace(tmp_path_factory.mktemp("words") / "w", kinds=("xlsx",))
    config = folder / "ntmgis.toml"
    config.write_text(config.read_text(encoding="utf-8") + EARLIER, encoding="utf-8")
    rows = "Mã xã,Kết quả,TC1,TC2\n10001,Chưa đạt,Đạt,Chưa đạt\n10002,Đạt chuẩn NTM,Đạt,Đạt\n"
    name = "ket_qua_dau_nam_cua_mot_tep_co_ten_rat_dai_2024-12-31.csv"
    (folder / "data" / name).write_text(rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    "words",
    [
        ("build",),
        ("check",),
        ("log",),
        ("history", "10001"),
        ("progress",),
        ("changes", "--since", "2024-12-31"),
    ],
    ids=lambda words: words[0],
)
def test_tables_fit_and_break_no_number(
    words: tuple[str, ...],
    width: int,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = said(capsys, *words, "-w", home)
    tables = [line for line in text.splitlines() if "  " in line.strip()]
    assert max(map(len, tables)) <= width
    assert "…" not in text  # nothing cut off
    for broken in ("202\n", "2025-\n", "Dòn\n"):
        assert broken not in text.replace(" \n", "\n")


def test_the_log_keeps_days_and_counts_whole_at_80(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = json.loads(said(capsys, "log", "-w", home, "--json"))["imports"]
    text = said(capsys, "log", "-w", home)
    for one in made:
        line = next(line for line in text.splitlines() if line.split(" ")[0] == str(one["import_id"]))
        assert line.split()[-2:] == [str(one["accepted"]), str(one["quarantined"])]
        assert (one["as_of"] or "") in line
    assert "rat_dai_2024-12-31.csv" in re.sub(r"\s+", "", text)


def test_headers_are_set_close_only_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = ("source", "file"), ("rows_in", "accepted", "quarantined")
    token = language.set("vi")
    try:
        for width, header in ((80, "Dòng\nvào"), (120, "Dòng vào")):
            monkeypatch.setenv("COLUMNS", str(width))
            assert Talk().table(left, right).columns[2].header == header
        monkeypatch.setenv("COLUMNS", "80")
        assert Talk().table(("source",), ("rows_in",)).columns[1].header == "Dòng vào"
    finally:
        language.reset(token)


def test_what_the_problems_and_pages_advise_is_there() -> None:
    """Every command and option that a problem, the handbook or the README names can be typed."""
    known = {" ".join(path) for path in commands(make_command("vi"))}
    options = {name for one in _every(make_command("vi")) for param in one.params for name in param.opts}
    repository = Path(__file__).parents[1]
    texts = [f"{entry['rule']} {entry['action']}" for entry in catalogue().values()]
    texts += [path.read_text(encoding="utf-8") for path in (repository / "docs").glob("*.md")]
    texts.append((repository / "README.md").read_text(encoding="utf-8"))
    for text in texts:
        for command in re.findall(r"(?m)(?:^ {4}|[`“]|lệnh |chạy )ntmgis (?!kia)((?:[a-z]+-)?[a-z]+)\b", text):
            assert command in known, (command, text[:80])
    for text in (" ".join(texts), (repository / "ntmgis" / "cli" / "words.toml").read_text(encoding="utf-8")):
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text):
            assert option in options or option in {"--help", "--no-deps"}, option  # of every command, and of pip


def _every(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _every(inner)
