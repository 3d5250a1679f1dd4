"""A run that is stopped: quiet, with the exit code of an interruption, and nothing half-written."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny

from ntmgis.cli.faults import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Windows differ")


class Command:
    """Stands in the place of the click command: does what it is told to."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work

    def main(self, *_words: object, **_more: object) -> object:
        return self.work()


def sent(number: int) -> Callable[[], object]:
    """Sends itself the signal and waits for it."""

    def work() -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    return work


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_code_says_who_stopped_it(number: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    assert run(Command(sent(number)), []) == code
    assert "Đã dừng theo yêu cầu" in capsys.readouterr().err
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_what_an_interrupted_library_says_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        try:
            sent(signal.SIGINT)()
        except KeyboardInterrupt:
            raise FileNotFoundError(2, "No such file or directory") from None

    assert run(Command(work), []) == 130
    assert "E-OS" not in capsys.readouterr().err


def test_a_build_that_is_stopped_leaves_nothing_half_written(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "dữ liệu xã", kinds=("html", "xlsx"))
    child = subprocess.Popen(
        [sys.executable, "-m", "ntmgis.cli", "build", "-w", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NTMGIS_LANG": "vi", "PYTHONUTF8": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - not threaded
    )
    deadline = time.monotonic() + 60
    while not list((home / "maps").glob(".new-*")) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    out, error = child.communicate(timeout=60)
    assert child.returncode == 130, (out, error)
    assert error.strip() == "Đã dừng theo yêu cầu; sản phẩm và kho trước đó còn nguyên. Chạy lại lệnh là đủ."
    assert list((home / "maps").iterdir()) == []
