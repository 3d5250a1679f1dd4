"""Drives Firefox by its own remote protocol (Marionette): messages "length:[type, id, command, parameters]" over TCP.

Playwright brings a Firefox of its own and cannot drive the system's; this is all that is needed to open a page.
"""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["FIREFOX", "Firefox"]

FIREFOX = next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), None)

# Everything that the browser itself might fetch goes to a proxy that is not there; so would the page's requests.
_PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.dns.disabled": True,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "browser.aboutwelcome.enabled": False,
    "geo.prompt.testing": True,
    "geo.prompt.testing.allow": False,
}


class Firefox:
    """A headless Firefox with a profile of its own in `folder`; a context manager."""

    def __init__(self, folder: Path, *, width: int = 1366, height: int = 768) -> None:
        if FIREFOX is None:
            message = "Firefox is not on this machine"
            raise RuntimeError(message)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        profile = folder / "profile"
        profile.mkdir(parents=True)
        told = {**_PREFERENCES, "marionette.port": port}
        lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in told.items())
        (profile / "user.js").write_text("".join(lines), encoding="utf-8")
        self._process = subprocess.Popen(
            [
                FIREFOX,
                "--headless",
                "--no-remote",
                "--marionette",
                "--remote-allow-system-access",
                f"--width={width}",
                f"--height={height}",
                "--profile",
                str(profile),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._count = 0
        self._rest = b""
        try:
            self._socket = self._connect(port)
            self._read()  # who is speaking
            self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"pageLoadStrategy": "normal"}}})
            self.command("WebDriver:SetWindowRect", {"width": width, "height": height})
        except BaseException:
            self.close()
            raise

    def _connect(self, port: int) -> socket.socket:
        for _ in range(300):
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=60)
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        message = "Firefox did not start"
        raise RuntimeError(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop it."""
        if hasattr(self, "_socket"):
            self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> Any:
        while b":" not in self._rest:
            self._rest += self._receive()
        length, _, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._rest += self._receive()
        body, self._rest = self._rest[: int(length)], self._rest[int(length) :]
        return json.loads(body)

    def _receive(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            message = "Firefox ended the conversation"
            raise RuntimeError(message)
        return data

    def command(self, name: str, parameters: dict[str, Any] | None = None) -> Any:
        """Send one command and give back its answer."""
        self._count += 1
        body = json.dumps([0, self._count, name, parameters or {}]).encode()
        self._socket.sendall(b"%d:%s" % (len(body), body))
        _, _, error, value = self._read()
        if error is not None:
            message = f"{name}: {error.get('error')}: {error.get('message')}"
            raise RuntimeError(message)
        return value

    def evaluate(self, script: str, *arguments: Any, chrome: bool = False) -> Any:
        """What a script body returns, in the page or (`chrome`) in the browser itself."""
        self.command("Marionette:SetContext", {"value": "chrome" if chrome else "content"})
        try:
            told = self.command("WebDriver:ExecuteScript", {"script": script, "args": list(arguments), "sandbox": None})
        finally:
            self.command("Marionette:SetContext", {"value": "content"})
        return told["value"] if isinstance(told, dict) and "value" in told else told

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait for an expression of the page to hold."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"return Boolean({expression})"):
            if time.monotonic() > end:
                message = f"never: {expression}"
                raise AssertionError(message)
            time.sleep(0.1)

    def watch(self) -> None:
        """From now on remember every request and every error in the console."""
        self.evaluate(
            """
            window.ntmgisSeen = [];
            Services.obs.addObserver({ observe(subject) {
              const channel = subject.QueryInterface(Ci.nsIHttpChannel);
              window.ntmgisSeen.push([channel.URI.spec, channel.loadInfo?.triggeringPrincipal?.spec ?? ""]);
            } }, "http-on-modify-request");
            Services.console.reset();
            """,
            chrome=True,
        )

    def requests(self, address: str) -> list[str]:
        """What one page asked the network for since `watch`; the browser's own errands are left out."""
        seen = self.evaluate("return window.ntmgisSeen;", chrome=True)
        return [asked for asked, by in seen if by.startswith(address)]

    def messages(self, address: str) -> list[str]:
        """Errors and warnings that the console tells of one page since `watch`."""
        return list(
            self.evaluate(
                """
                const [address] = arguments;
                return Services.console.getMessageArray()
                  .filter((one) => one instanceof Ci.nsIScriptError && one.sourceName.startsWith(address))
                  .map((one) => one.errorMessage);
                """,
                address,
                chrome=True,
            )
        )
