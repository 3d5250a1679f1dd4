"""`ntmgis households`: personal data only when asked for, where asked for, and never a password in plain sight."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import household_cases as cases
import pytest
import tiny

from ntmgis.errors import InputError, UsageError
from ntmgis.households import default_place, write_households

SECRET = "bốn từ không liên quan"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("command") / "w", kinds=("html",))


def run(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "NTMGIS_PASSWORD"}
    return subprocess.run(
        [sys.executable, "-m", "ntmgis.cli", "households", "-w", str(home), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
        env={**environment, "COLUMNS": "200", "PYTHONUTF8": "1", **variables},
    )


def test_the_page_goes_beside_the_maps_and_only_its_owner_may_read_it(home: Path) -> None:
    done = run(home)
    place = home / "private" / "households.html"
    assert done.returncode == 0, done.stderr
    assert "CHỈ DÙNG NỘI BỘ" in done.stderr
    assert str(place) in done.stdout
    assert cases.meta_of(place)["page"]["shown"] > 0
    assert [file.name for file in place.parent.iterdir()] == ["households.html"]
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_the_password_comes_from_the_environment(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "sealed.html"
    done = run(home, "--password", "--out", str(place), "--json", NTMGIS_PASSWORD=SECRET)
    assert done.returncode == 0, done.stderr
    raw = place.read_text(encoding="utf-8")
    assert '"rounds":600000' in cases.block(raw, "open")
    assert SECRET not in raw + done.stdout + done.stderr


def test_without_a_terminal_the_password_is_not_asked_for(home: Path, tmp_path: Path) -> None:
    done = run(home, "--password", "--out", str(tmp_path / "x.html"))
    assert done.returncode == 2
    assert "E-HOUSEHOLDS-NO-TERMINAL" in done.stderr
    assert not (tmp_path / "x.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_typed_password_is_not_shown(home: Path, tmp_path: Path) -> None:
    import pty
    import select

    place = tmp_path / "typed.html"
    words = [sys.executable, "-m", "ntmgis.cli", "households", "-w", str(home), "--password", "--out", str(place), "-q"]
    environment = {name: value for name, value in os.environ.items() if name != "NTMGIS_PASSWORD"}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(words[0], words, {**environment, "PYTHONUTF8": "1"})
    seen, asked = b"", 0
    while select.select([terminal], [], [], 60)[0]:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # the terminal is gone with the child
            break
        seen += more
        # The blank behind the colon comes once the terminal shows nothing any more.
        if seen.count(b": ") > asked:
            asked += 1
            os.write(terminal, SECRET.encode() + b"\n")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, seen.decode()
    assert asked == 2
    assert SECRET.encode() not in seen
    assert '"rounds":600000' in cases.block(place.read_text(encoding="utf-8"), "open")


def test_a_folder_is_replaced_whole_and_foreign_files_are_safe(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "households"
    made = write_households(home, out=place, folder_mode=True)
    assert made.path == place / "households.html"
    (place / "data" / "9999.js").write_text("old")
    write_households(home, out=place, folder_mode=True)
    assert not (place / "data" / "9999.js").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["households"]
    (place / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="E-HOUSEHOLDS-OUT"):
        write_households(home, out=place, folder_mode=True)
    with pytest.raises(UsageError, match="E-HOUSEHOLDS-OUT"):
        write_households(home, out=place)
    assert (place / "mine.txt").read_text() == "mine"


def test_a_failed_writing_leaves_the_old_page(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ntmgis.show.web import households

    place = tmp_path / "households.html"
    write_households(home, out=place)
    before = place.read_bytes()

    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(households, "compose", fail)
    with pytest.raises(OSError, match="disk full"):
        write_households(home, out=place, purpose="other")
    assert place.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["households.html"]


def test_a_short_password_and_no_coordinates_are_named(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-HOUSEHOLDS-PASSWORD"):
        write_households(home, out=tmp_path / "x.html", password="short")
    empty = tiny.write_workspace(tmp_path / "empty", kinds=("html",))
    (empty / "data" / "dia_chi.csv").write_text("id\nH1\n", encoding="utf-8")
    with pytest.raises(InputError, match="E-HOUSEHOLDS-NONE"):
        write_households(empty)


def test_the_default_place_is_not_the_folder_of_maps(tmp_path: Path) -> None:
    assert default_place(tmp_path) == tmp_path / "private" / "households.html"
    assert default_place(tmp_path, folder_mode=True) == tmp_path / "private" / "households"
