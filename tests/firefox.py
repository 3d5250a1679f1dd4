"""A Firefox driven over its own WebDriver BiDi socket: opens a file with the network cut and hears its console."""

import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")
# Every request but those to the disk goes to a proxy that is not there.
_PREFERENCES = """
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.update.enabled", false);
user_pref("remote.prefs.recommended", true);
"""


def path_of_firefox() -> str | None:
    """The program, or None where the machine has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass
class Firefox:
    """One open page. `messages` are errors of its console, `requests` what it asked for beside itself."""

    socket: ClientConnection
    context: str = ""
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def command(self, method: str, **params: Any) -> Any:
        """Sends a command and gives its result; what happens meanwhile is kept."""
        number = next(self._ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self.socket.recv(timeout=30))
            if told.get("id") == number:
                if told["type"] == "error":
                    raise RuntimeError(f"{method}: {told['message']}")
                return told["result"]
            self._heard(told)

    def _heard(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "log.entryAdded" and params["level"] == "error":
            self.messages.append(str(params["text"]))
        if told.get("method") == "network.beforeRequestSent":
            self.requests.append(params["request"]["url"])

    def open(self, path: Path) -> None:
        """Opens a file and waits until a map page has drawn itself."""
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.context = self.command("browsingContext.create", type="tab")["context"]
        self.command("browsingContext.navigate", context=self.context, url=path.resolve().as_uri(), wait="complete")
        for _ in range(100):
            if self.value("document.documentElement.dataset.ready !== undefined"):
                return
            time.sleep(0.1)
        raise AssertionError(f"the page is not ready; console: {self.messages}")

    def value(self, expression: str) -> Any:
        """The plain value of an expression on the page."""
        told = self.command(
            "script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True
        )
        if told["type"] == "exception":
            raise AssertionError(told["exceptionDetails"]["text"])
        return told["result"].get("value")


@contextmanager
def firefox(program: str, folder: Path) -> Iterator[Firefox]:
    """A fresh Firefox with a profile of its own in `folder`."""
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(_PREFERENCES, encoding="ascii")
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    log = folder / "firefox.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            address = _address(log, process)
            with connect(f"{address}/session", max_size=None, proxy=None) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
            process.wait(20)


def _address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[1]
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.1)
    raise AssertionError("Firefox did not open its socket")
