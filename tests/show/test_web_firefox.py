"""The page in Firefox: opened from the disk with the network cut, used, and nothing in the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
import tiny_epochs
import tiny_facts
from marionette import FIREFOX, Firefox

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import write_status_page
from ntmgis.show.words import headline

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="Firefox is not on this machine (Debian: apt-get install firefox-esr)"),
]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox")) as made:
        yield made


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "status.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    return path


def opened(firefox: Firefox, path: Path, fragment: str = "") -> str:
    firefox.command("WebDriver:Navigate", {"url": "about:blank"})
    firefox.watch()
    address = path.resolve().as_uri()
    firefox.command("WebDriver:Navigate", {"url": address + fragment})
    firefox.until("document.documentElement.dataset.ready")
    return address


def test_opens_with_no_request_and_no_message(firefox: Firefox, page_file: Path) -> None:
    address = opened(firefox, page_file)
    assert firefox.evaluate("return document.title") == headline(tiny.snapshot(), tiny_facts.facts())
    colours = firefox.evaluate(
        """
        const { canvas, context } = window.wrappedJSObject ? wrappedJSObject.ntmgis.page.painter : ntmgis.page.painter;
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const seen = {};
        for (let i = 0; i < data.length; i += 4) {
          const key = [data[i], data[i + 1], data[i + 2]].join();
          seen[key] = (seen[key] ?? 0) + 1;
        }
        return seen;
        """
    )
    for rgb in ("126,187,162", "244,205,114", "37,67,125"):
        assert colours.get(rgb, 0) > 1000
    assert firefox.messages(address) == []
    assert firefox.requests(address) == []


def test_a_request_and_an_error_would_be_seen(firefox: Firefox, tmp_path: Path) -> None:
    path = tmp_path / "noisy.html"
    path.write_text(
        "<!DOCTYPE html><html><meta charset='utf-8'><title>x</title><body><img src='http://example.org/seen.png'>"
        "<script>document.documentElement.dataset.ready = '1'; throw new Error('heard');</script>",
        encoding="utf-8",
    )
    address = opened(firefox, path)
    assert "http://example.org/seen.png" in firefox.requests(address)
    assert any("heard" in one for one in firefox.messages(address))


def test_search_themes_periods_layers_and_measuring_work(firefox: Firefox, page_file: Path) -> None:
    address = opened(firefox, page_file)
    firefox.evaluate(
        """
        const box = document.getElementById("search-box");
        box.value = "xa ba";
        box.dispatchEvent(new Event("input"));
        document.querySelector("#search-list li").click();
        """
    )
    firefox.until("document.querySelector('#details .panel-head h2').textContent === 'Xã Ba'")
    firefox.evaluate(
        """
        const change = (key, value) => {
          const control = document.querySelector(`[data-key="${key}"]`) ?? document.getElementById(key);
          control.value = value;
          control.dispatchEvent(new Event(control.type === "range" ? "input" : "change", { bubbles: true }));
        };
        change("period", "0");
        document.querySelector('[data-key="layer-names"]').click();
        document.getElementById("measure-button").click();
        """
    )
    firefox.until("document.title.endsWith('31/12/2024') && !document.getElementById('measuring').hidden")
    firefox.evaluate(
        """
        const theme = document.getElementById("theme");
        theme.value = "criteria_met";
        theme.dispatchEvent(new Event("change", { bubbles: true }));
        """
    )
    firefox.until("document.title.includes('19 tiêu chí')")
    firefox.evaluate("document.querySelector('[data-key=print]').click()")
    firefox.until("document.getElementById('paper').open")
    assert firefox.messages(address) == []


def test_a_refused_position_is_told(firefox: Firefox, page_file: Path) -> None:
    opened(firefox, page_file)
    firefox.evaluate("document.getElementById('locate-button').click()")
    firefox.until("document.querySelector('#locating .failed')")


def test_on_a_phone_nothing_sticks_out(firefox: Firefox, page_file: Path) -> None:
    firefox.command("WebDriver:SetWindowRect", {"width": 450, "height": 800})
    try:
        address = opened(firefox, page_file)
        wide, shown = firefox.evaluate("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= shown
        assert firefox.messages(address) == []
    finally:
        firefox.command("WebDriver:SetWindowRect", {"width": 1366, "height": 768})
