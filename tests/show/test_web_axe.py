"""Accessibility of the page by axe-core: in no state a violation that it calls serious or critical."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
import tiny_epochs
import tiny_facts

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import write_status_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def axe(repository: Path) -> str:
    path = repository / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        pytest.fail("axe-core is missing: it comes with the front-end packages (npm ci in web/)")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("axe") / "status.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    return path


def at_start(_page: Any) -> None:
    pass


def with_a_commune(page: Any) -> None:
    page.locator("#search-box").fill("a")
    page.locator("#search-list li").first.click()


def with_the_table(page: Any) -> None:
    page.locator(".table-toggle").click()


def with_another_theme(page: Any) -> None:
    themes = page.locator("#legend select").first
    themes.select_option(index=themes.locator("option").count() - 1)


def in_english(page: Any) -> None:
    page.locator("[data-key=language]").click()


def searching(page: Any) -> None:
    page.fill("#search-box", "xa")


def comparing(page: Any) -> None:
    page.evaluate("ntmgis.page.state.set({ since: 'before' })")
    assert page.locator(".changes li").count() > 0


def measuring(page: Any) -> None:
    page.locator("#measure-button").click()
    for place in ("{ lat: 14.2, lng: 107.4 }", "{ lat: 14.3, lng: 107.5 }", "{ lat: 14.2, lng: 107.6 }"):
        page.evaluate(f"ntmgis.page.map.fire('click', {{ latlng: L.latLng({place}) }})")
    assert page.locator("#measuring dd").count() == 4


def choosing_paper(page: Any) -> None:
    page.evaluate("document.querySelector('[data-key=print]').click()")
    assert page.locator("#paper").is_visible()


def with_every_layer(page: Any) -> None:
    page.evaluate("ntmgis.page.state.set({ shown: new Set(['names', ...ntmgis.page.state.order]) })")


def with_the_legend_sheet(page: Any) -> None:
    page.locator("[data-key=tab-legend]").click()


def with_the_table_sheet(page: Any) -> None:
    page.locator("[data-key=tab-table]").click()


WIDE = (
    at_start,
    with_a_commune,
    with_the_table,
    with_another_theme,
    in_english,
    searching,
    comparing,
    measuring,
    choosing_paper,
    with_every_layer,
)
PHONE = (at_start, with_a_commune, in_english, with_the_legend_sheet, with_the_table_sheet, measuring)


# On a phone the table and the themes are folded away until their tab is chosen.
@pytest.mark.parametrize(("state", "width"), [*((state, 1366) for state in WIDE), *((state, 390) for state in PHONE)])
def test_nothing_serious(
    page_file: Path, open_page: Callable[..., Any], axe: str, state: Callable[[Any], None], width: int
) -> None:
    opened = open_page(page_file, width=width, height=800).ready()
    state(opened.page)
    opened.page.evaluate(axe)
    told = opened.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    bad = [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in told["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert bad == []
