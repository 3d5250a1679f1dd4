"""The page of households in Firefox: opened from the disk with the network cut, used, and nothing in the console."""

from collections.abc import Iterator
from pathlib import Path

import household_cases as cases
import pytest
from marionette import FIREFOX, Firefox

from ntmgis.show.web.folder import write_households_folder
from ntmgis.show.web.households import write_households_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="Firefox is not on this machine (Debian: apt-get install firefox-esr)"),
]
PASSWORD = "bốn từ không liên quan"
DRAWN = "return (window.wrappedJSObject ?? window).ntmgis.page.app.drawn()"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox")) as made:
        yield made


def opened(firefox: Firefox, path: Path) -> str:
    firefox.command("WebDriver:Navigate", {"url": "about:blank"})
    firefox.watch()
    address = path.resolve().as_uri()
    firefox.command("WebDriver:Navigate", {"url": address})
    return address


def test_one_file_opens_with_its_worker_and_no_message(firefox: Firefox, tmp_path: Path) -> None:
    path = tmp_path / "households.html"
    write_households_page(cases.snapshot(), path)
    address = opened(firefox, path)
    firefox.until("document.documentElement.dataset.ready")
    assert firefox.evaluate(DRAWN) == 60
    assert firefox.evaluate("return (window.wrappedJSObject ?? window).ntmgis.page.offThread")
    firefox.evaluate("document.querySelector('[data-key=class-1]').click()")
    firefox.until("document.querySelector('.sum').textContent.includes('48/60')")
    assert firefox.messages(address) == []
    assert firefox.requests(address) == []


def test_a_sealed_folder_opens_with_its_password(firefox: Firefox, tmp_path: Path) -> None:
    address = opened(firefox, write_households_folder(cases.snapshot(), tmp_path / "f", password=PASSWORD))
    firefox.until("document.getElementById('gate-password')")
    firefox.evaluate(
        """
        document.getElementById("gate-password").value = arguments[0];
        document.querySelector(".gate-box button").click();
        """,
        PASSWORD,
    )
    firefox.until("document.documentElement.dataset.ready")
    firefox.until("(window.wrappedJSObject ?? window).ntmgis.page.app.parts.loaded.size === 6")
    assert firefox.evaluate(DRAWN) == 60
    assert firefox.messages(address) == []
