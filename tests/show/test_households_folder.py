"""Households in a folder: a page and a data script per commune, loaded as the view needs them and given up again."""

from collections.abc import Callable
from pathlib import Path

import household_cases as cases
import pytest
import tiny

from ntmgis.show.web.folder import PAGE, write_households_folder

Open = Callable[..., "object"]
PASSWORD = "bốn từ không liên quan"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_households_folder(cases.snapshot(), tmp_path_factory.mktemp("folder") / "households")


def loaded(opened) -> list[int]:
    return opened.page.evaluate("[...ntmgis.page.app.parts.loaded.keys()]")


def settle(opened) -> None:
    opened.page.wait_for_timeout(400)


def test_one_script_per_commune_and_nothing_else(page: Path) -> None:
    files = sorted(str(file.relative_to(page.parent)) for file in page.parent.rglob("*") if file.is_file())
    assert files == [*(f"data/{n:04d}.js" for n in range(1, 7)), PAGE]
    meta = cases.meta_of(page)
    assert [part["commune"] for part in meta["parts"]] == list(range(6))
    assert [part["n"] for part in meta["parts"]] == [10] * 6
    assert sum(sum(pairs[1::2]) for pairs in meta["tally"]) == 60


def test_scripts_hold_one_call_and_no_free_text(page: Path) -> None:
    import re

    for file in (page.parent / "data").iterdir():
        assert re.fullmatch(r'ntmgis\.part\(\d+,"[0-9a-f]{32}","[A-Za-z0-9+/=]+"\)\n', file.read_text("ascii"))


def test_the_same_input_gives_the_same_files(page: Path, tmp_path: Path) -> None:
    again = write_households_folder(cases.snapshot(), tmp_path / "again")
    for file in page.parent.rglob("*.*"):
        assert (again.parent / file.relative_to(page.parent)).read_bytes() == file.read_bytes()


def test_objects_of_no_known_village_go_where_they_lie(tmp_path: Path) -> None:
    base = tiny.snapshot().addresses
    inside = {"lon": base["lon"][0], "lat": base["lat"][0]}
    made = write_households_folder(cases.snapshot([{**inside}, {"lon": 100.0, "lat": 10.0}]), tmp_path / "f")
    assert [part["commune"] for part in cases.meta_of(made)["parts"]] == [0, -1]


@pytest.mark.browser
def test_the_view_loads_its_communes_and_only_those(page: Path, open_page: Open) -> None:
    opened = open_page(page).ready()
    settle(opened)
    assert sorted(loaded(opened)) == [1, 2, 3, 4, 5, 6], "sixty objects: all may be exact"
    assert opened.page.evaluate("ntmgis.page.app.drawn()") == 60
    assert opened.page.evaluate("ntmgis.page.app.thinned") == 1
    assert sorted(one.rsplit("/", 1)[1] for one in opened.requests) == [f"{n:04d}.js" for n in range(1, 7)]
    assert opened.page.locator("head script[src]").count() == 0, "script elements do not stay"
    opened.requests.clear()
    opened.assert_clean()


@pytest.mark.browser
def test_too_many_in_view_stay_an_overview_and_memory_is_bounded(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    opened.ready()
    settle(opened)
    view = opened.page
    view.evaluate("Object.assign(ntmgis.page.app.parts.limits, { exact: 25, kept: 25 })")
    view.evaluate("ntmgis.page.painter.redraw()")
    settle(opened)
    assert len(loaded(opened)) <= 2
    assert view.evaluate("ntmgis.page.app.drawn()") == 60, "the overview of so few is all of them"
    for commune in range(6):
        view.evaluate("(index) => ntmgis.page.app.go({ kind: 'village', index })", commune)
        settle(opened)
        assert commune + 1 in loaded(opened)
        assert len(loaded(opened)) <= 3


@pytest.mark.browser
def test_a_worker_that_has_decoded_much_makes_room_for_a_new_one(page: Path, chromium) -> None:
    context = chromium.new_context(offline=True)
    view = context.new_page()
    view.add_init_script(
        """window.made = 0; const Own = Worker;
          window.Worker = class extends Own { constructor(...given) { super(...given); window.made += 1; } };"""
    )
    view.goto(page.resolve().as_uri())
    view.wait_for_selector("html[data-ready]")
    assert view.evaluate("made") == 1
    view.evaluate("Object.assign(ntmgis.page.app.parts.limits, { exact: 25, kept: 0 })")
    for commune in [*range(6)] * 4:
        view.evaluate("(index) => ntmgis.page.app.go({ kind: 'village', index })", commune)
        view.wait_for_function(
            "(number) => ntmgis.page.app.parts.loaded.has(number) && ntmgis.page.app.thinned === 1", arg=commune + 1
        )
    assert 2 <= view.evaluate("made") <= 4
    assert view.evaluate("ntmgis.page.app.drawn()") == 10
    context.close()


@pytest.mark.browser
def test_an_address_is_found_in_a_commune_that_was_not_loaded(page: Path, open_page: Open) -> None:
    opened = open_page(page).ready()
    settle(opened)
    view = opened.page
    view.evaluate("Object.assign(ntmgis.page.app.parts.limits, { exact: 0, kept: 0 })")
    view.evaluate("ntmgis.page.painter.redraw()")
    settle(opened)
    assert loaded(opened) == []
    view.fill("#search-box", "1000600003")
    view.locator("#search-list li[data-kind=address]").wait_for()
    view.keyboard.press("Enter")
    assert view.locator("#card h2").inner_text() == "10006 00003"


@pytest.mark.browser
def test_a_missing_script_and_one_of_another_build_are_named(tmp_path: Path, open_page: Open) -> None:
    made = write_households_folder(cases.snapshot(), tmp_path / "f")
    other = write_households_folder(
        cases.snapshot(cases.random_rows(50, seed=1, box=(107.45, 14.45, 107.6, 14.6))), tmp_path / "g"
    )
    (made.parent / "data" / "0002.js").unlink()
    (made.parent / "data" / "0003.js").write_bytes((other.parent / "data" / "0003.js").read_bytes())
    opened = open_page(made).ready()
    told = opened.page.locator("#legend .failed")
    told.nth(1).wait_for()
    messages = sorted(told.all_inner_texts())
    assert messages[0].startswith("Không nạp được tệp data/0002.js")
    assert messages[1].startswith("Tệp data/0003.js thuộc lần tạo khác")
    assert sorted(loaded(opened)) == [1, 4, 5, 6]
    assert opened.page.evaluate("ntmgis.page.app.drawn()") == 60, "the overview stands in for what is missing"


@pytest.mark.browser
def test_a_sealed_folder_tells_nothing_and_opens_with_its_password(tmp_path: Path, open_page: Open) -> None:
    made = write_households_folder(cases.snapshot(), tmp_path / "f", password=PASSWORD)
    for file in made.parent.rglob("*.*"):
        raw = file.read_bytes()
        for word in ("Xã Một", "Tí Hon", "1000100001"):
            assert word.encode() not in raw
    opened = open_page(made)
    opened.page.locator("#gate-password").fill(PASSWORD)
    opened.page.keyboard.press("Enter")
    opened.ready()
    settle(opened)
    assert opened.page.evaluate("ntmgis.page.app.drawn()") == 60
    assert sorted(loaded(opened)) == [1, 2, 3, 4, 5, 6]
    opened.requests.clear()
    opened.assert_clean()
