"""A browser for the tests of pages: cut off from the network, and every request, message and violation on record."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_WATCH = """
window.ranByAccident = 0;
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
"""


@dataclass
class Opened:
    """A page opened from the disk. `requests` leaves out the file itself and data: and blob: addresses."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """What the page's own policy refused."""
        return list(self.page.evaluate("window.violations"))

    def assert_clean(self) -> None:
        """No request, no error or warning in the console, no violation, nothing injected ran."""
        assert self.requests == []
        assert self.messages == []
        assert self.violations == []
        assert self.page.evaluate("window.ranByAccident") == 0

    def ready(self) -> "Opened":
        """Wait until a map page has drawn itself."""
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)
        return self


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("Chromium is missing: run tests/need_chromium.sh or install the package chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """`open_page(path, width=1366, height=768, fragment="")` opens a file with the network cut."""
    contexts = []

    def opener(path: Path, *, width: int = 1366, height: int = 768, fragment: str = "", **options: object) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        opened = Opened(page)
        address = path.resolve().as_uri()
        page.add_init_script(_WATCH)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.split("#")[0] == address or request.url.startswith(("data:", "blob:"))
                else opened.requests.append(request.url)
            ),
        )
        page.on(
            "console",
            lambda message: (
                opened.messages.append(f"{message.type}: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on("pageerror", lambda error: opened.messages.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: (opened.messages.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(address + fragment)
        return opened

    yield opener
    for context in contexts:
        context.close()
