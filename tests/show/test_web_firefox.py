"""The page in Firefox, the network cut: it draws, answers, and has nothing to say on its console."""

from pathlib import Path

import pytest
import tiny
import tiny_epochs
import tiny_facts
from firefox import firefox, path_of_firefox

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import write_status_page

pytestmark = pytest.mark.browser


def test_the_page_works_in_firefox(tmp_path: Path) -> None:
    program = path_of_firefox()
    if program is None:
        pytest.skip("Firefox is not on this machine: tests/need_firefox.sh installs it where that is permitted")
    path = tmp_path / "status.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    with firefox(program, tmp_path) as page:
        page.open(path)
        assert "xã đạt chuẩn nông thôn mới" in page.value("document.querySelector('h1').textContent")
        page.value("document.querySelector('[data-key=language]').click()")
        assert page.value("document.documentElement.lang") == "en"
        # Something is drawn: the canvas holds more than one colour.
        colours = page.value(
            "(() => { const c = [...document.querySelectorAll('canvas')].sort((a, b) => b.width - a.width)[0];"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " const seen = new Set();"
            " for (let i = 0; i < d.length; i += 404) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);"
            " return seen.size; })()"
        )
        assert colours > 3
        assert page.messages == []
        asked = [url for url in page.requests if not url.startswith(("file:", "data:", "blob:", "about:", "chrome:"))]
        assert asked == []
