"""Both boundary epochs, themes, changes and the review on one page, used as a person uses them."""

import json
import re
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
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("epochs") / "status.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    return path


def pixels(page: Any, red: int, green: int, blue: int) -> int:
    """How many pixels of the map have exactly this colour."""
    count: int = page.evaluate(
        """([r, g, b]) => {
          const { canvas, context } = ntmgis.page.painter;
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          let n = 0;
          for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b) n += 1;
          return n;
        }""",
        [red, green, blue],
    )
    return count


def until(page: Any, expression: str) -> None:
    """Wait for an expression to hold; the page's policy forbids the browser's own way of waiting for one."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {expression}")


def test_the_slider_runs_over_both_epochs_and_the_panels_follow(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    slider = page.locator("#periods input")
    assert slider.get_attribute("max") == "2"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.title() == "Ít nhất 1/2 xã đạt chuẩn nông thôn mới, đến 31/12/2025"
    assert "ranh giới từ 01/07/2025" in page.locator("#periods .epoch").inner_text()
    assert page.locator("#details .panel-head h2").inner_text() == "Khu vực Tí Hon, tỉnh Lớn"
    assert page.locator(".tiers button").count() == 3
    page.locator("[data-key=table-toggle]").click()
    assert page.locator("#table tbody tr").count() == 3
    assert "Huyện" not in page.locator("#table thead").inner_text()
    page.locator("#periods input").focus()
    page.keyboard.press("Home")
    assert page.title().endswith("đến 31/12/2024")
    assert page.locator("#table tbody tr").count() == 6
    opened.assert_clean()


def test_play_goes_to_the_end_and_stops(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#as-of=2024-12-31").ready().page
    page.locator("[data-key=play]").click()
    assert page.locator("[data-key=play]").get_attribute("aria-label") == "Dừng"
    until(page, "ntmgis.page.state.period === 2")
    until(page, "document.querySelector('[data-key=play]').textContent === '▶'")


def test_the_slider_can_be_dragged(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    box = page.locator("#periods input").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 3, y, steps=6)
    assert page.evaluate("ntmgis.page.state.period") == 0
    page.mouse.move(box["x"] + box["width"] - 3, y, steps=12)
    assert page.evaluate("ntmgis.page.state.period") == 2
    page.mouse.up()


@pytest.mark.parametrize(("day", "name"), [("2025-06-30", "Xã Ba"), ("2024-12-31", "Xã Ba"), ("2025-12-31", "Xã Mới")])
def test_a_code_means_the_unit_of_its_date(page_file: Path, open_page: Open, day: str, name: str) -> None:
    page = open_page(page_file, fragment=f"#commune=10003&as-of={day}").ready().page
    assert page.locator("#details .panel-head h2").inner_text() == name


def test_a_chosen_unit_becomes_its_successor_and_never_another_of_its_code(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10003&as-of=2025-06-30").ready().page
    details = page.locator("#details")
    assert "Xã Ba Bốn" in details.locator(".kin").inner_text()
    page.locator("#periods input").focus()
    page.keyboard.press("End")
    assert details.locator(".panel-head h2").inner_text() == "Xã Ba Bốn"
    assert page.url.endswith("#commune=20002&as-of=2025-12-31")
    assert details.locator(".kin li").count() == 2
    details.locator(".kin button", has_text="Xã Bốn").click()
    assert details.locator(".panel-head h2").inner_text() == "Xã Bốn"
    assert page.url.endswith("#commune=10004&as-of=2025-06-30")


def test_search_offers_units_of_the_other_epoch_with_their_boundaries(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.fill("#search-box", "10003")
    names = page.locator("#search-list li b").all_inner_texts()
    assert names[0] == "Xã Ba"
    assert "Xã Mới" in names
    where = page.locator("#search-list li", has_text="Xã Mới").locator("span").inner_text()
    assert "ranh giới từ 01/07/2025" in where
    page.fill("#search-box", "xa moi")
    page.keyboard.press("Enter")
    assert page.locator("#details .panel-head h2").inner_text() == "Xã Mới"
    assert page.title().endswith("31/12/2025")


def test_what_changed_since_a_date_is_listed_and_outlined(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    assert page.locator(".changes").count() == 0
    page.locator("[data-key=since]").select_option("2024-12-31")
    shown = page.locator(".changes")
    assert shown.locator("h2").inner_text() == "Thay đổi: 3 xã"
    kinds = {one.get_attribute("data-kind"): one.locator("li").count() for one in shown.locator(".kind").all()}
    assert kinds == {"newly_recognised": 3}
    assert "Chưa đạt chuẩn → Đạt chuẩn NTM" in shown.inner_text()
    assert "12/QĐ-UBND, 14/02/2025" in shown.inner_text()  # from the review of the same two dates
    page.wait_for_timeout(100)
    assert pixels(page, 181, 23, 158) > 200
    assert "since=2024-12-31" in page.url
    shown.locator("button", has_text="Xã Hai").click()
    assert page.locator("#details .panel-head h2").inner_text() == "Xã Hai"
    # Units of the other epoch are not compared one by one.
    page.locator("#periods input").focus()
    page.keyboard.press("End")
    assert page.locator(".changes").count() == 0
    assert page.locator("#periods .since").is_hidden()


def test_a_theme_recolours_legend_table_title_and_address(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    page.locator("#theme").select_option("criterion")
    page.locator("#variant").select_option("13")
    assert (
        page.title()
        == "Ít nhất 3/5 xã đạt tiêu chí “13. Tổ chức sản xuất và phát triển kinh tế nông thôn”, đến 30/06/2025"
    )
    counts = {
        one.get_attribute("data-state"): one.get_attribute("data-count") for one in page.locator(".tiers button").all()
    }
    assert counts == {"met": "3", "not_met": "1", "unknown": "1", "not_applicable": "1"}
    page.locator("[data-state=not_met]").click()
    page.locator("[data-key=table-toggle]").click()
    assert page.locator("#table tbody th").all_inner_texts() == ["Xã Ba"]
    assert "Từng tiêu chí" in page.locator("#table thead").inner_text()
    assert page.url.endswith("#theme=criterion.13&classes=not_met")
    page.locator("#theme").select_option("addresses")
    assert page.locator("#table tbody tr").count() == 6, "another theme, another filter"
    assert page.title() == "80,0% đối tượng đã gắn mã địa chỉ số, đến 30/06/2025"
    opened.assert_clean()


def test_a_theme_is_shown_only_at_dates_it_is_known_of(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#as-of=2024-12-31").ready().page
    page.locator("#theme").select_option("roads")
    assert page.evaluate("ntmgis.page.model.periods[ntmgis.page.state.period].as_of") == "2025-06-30"
    assert page.locator("#periods input").get_attribute("max") == "1", "both epochs measured it, 2024 did not"
    page.locator("#theme").select_option("risk")
    assert page.locator("#periods input").count() == 0


@pytest.mark.parametrize("theme", ["status", "criteria_met", "compared"])
def test_the_canvas_has_the_colours_of_the_legend(page_file: Path, open_page: Open, theme: str) -> None:
    page = open_page(page_file, fragment=f"#theme={theme}").ready().page
    page.locator("[data-key=layer-road]").uncheck()
    page.wait_for_timeout(150)
    seen = page.evaluate(
        """() => {
          const { painter, model, look } = ntmgis.page;
          const { s, tx, ty, scale } = painter.seen;
          const l = look();
          const hex = (rgb) => '#' + [...rgb].slice(0, 3).map((n) => n.toString(16).padStart(2, '0')).join('');
          return model.communes.x.map((x, i) => {
            const at = [(x * s + tx + 31) * scale, (model.communes.y[i] * s + ty + 31) * scale];
            const drawn = hex(painter.context.getImageData(...at, 1, 1).data);
            return [l.classes[l.at[i]].id, l.classes[l.at[i]].fill, drawn];
          });
        }"""
    )
    for id_, fill, drawn in seen:
        if id_ not in {"unknown", "not_reported"}:  # hatched
            assert drawn == fill, id_


def test_link_with_everything_opens_everything(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, fragment="#commune=10001&as-of=2025-06-30&theme=addresses.plated&lang=en").ready()
    page = opened.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "Digital address plated for 40.0% of objects, as of 30 June 2025"
    text = page.locator("#details").inner_text()
    assert "Xã Một" in text
    assert "40 – < 60% · 40.0%" in text
    address = page.url
    page.locator("[data-key=language]").click()
    assert "lang=" not in page.url
    assert address.endswith("#commune=10001&as-of=2025-06-30&theme=addresses.plated&lang=en")
    opened.assert_clean()


def switch(page: Any, layer: str) -> None:
    """Switch a layer on or off, opening the part of the list that it stands in."""
    box = page.locator(f"[data-key=layer-{layer}]")
    if not box.is_visible():
        page.locator("details", has=box).locator("summary").first.click()
    box.click()


def test_a_link_carries_the_layers_and_classes_in_view(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=class-not_yet]").click()
    for layer in ("road", "villages"):
        switch(page, layer)
    fragment = page.url.partition("#")[2]
    assert "classes=not_yet" in fragment
    opened = open_page(page_file, fragment=f"#{fragment}").ready()
    told = opened.page.evaluate("[[...ntmgis.page.state.filter], [...ntmgis.page.state.shown].sort()]")
    assert told[0] == ["not_yet"]
    assert "villages" in told[1]
    assert "road" not in told[1]
    assert opened.page.url.partition("#")[2] == fragment
    for layer in ("road", "villages"):
        switch(opened.page, layer)
    opened.page.locator("[data-key=class-not_yet]").click()
    assert "#" not in opened.page.url
    opened.assert_clean()


@pytest.mark.parametrize(
    "fragment",
    [
        "#classes=__proto__&layers=constructor.x",
        "#theme=__proto__",
        "#theme=criterion.99&since=x",
        "#as-of=9999-99-99&lang=xx",
        "#%E0%A4",
    ],
)
def test_a_link_to_nothing_opens_the_page(page_file: Path, open_page: Open, fragment: str) -> None:
    opened = open_page(page_file, fragment=fragment).ready()
    assert opened.page.locator("#details .panel-head h2").is_visible()
    opened.assert_clean()


def test_the_review_says_why_and_what_is_missing(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10003&as-of=2025-06-30").ready().page
    text = page.locator(".standing").inner_text()
    assert "Còn thiếu 7 tiêu chí" in text
    assert "còn thiếu 7 tiêu chí" in text
    assert "13. Tổ chức sản xuất" in text
    assert "Chỉ tiêu xã đạt chuẩn" in text
    page.locator("[data-key=language]").click()
    assert "7 criteria missing" in page.locator(".standing").inner_text()
    page = open_page(page_file, fragment="#commune=10001&as-of=2025-06-30").ready().page
    assert "Có nguy cơ" in page.locator(".standing").inner_text()


def test_a_cell_of_the_grid_tells_name_threshold_and_measure(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10001&as-of=2025-06-30").ready().page
    page.locator("[data-key=criterion-2]").focus()
    told = page.locator(".criterion-name").inner_text()
    assert "2. Giao thông: đạt" in told.replace("Đạt", "đạt")
    assert "Đường được cứng hóa: 50,0%" in told
    page.locator("[data-key=criterion-3]").focus()
    assert "≥ 80,0%" in page.locator(".criterion-name").inner_text()
    assert page.locator("[data-key=criterion-19]").get_attribute("class") == "criterion withheld"
    packed = re.search(r'id="ntmgis-facts">(.*?)</script>', page_file.read_text(encoding="utf-8"))
    told = [word for period in json.loads(packed[1])["history"] for word in period.get("criteria", ()) if word]
    assert {word[18] for word in told} == {"w"}


def test_a_target_shows_its_communes_on_map_and_table(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    target = page.locator("[data-target=commune_ntm]")
    assert "chậm tiến độ" in target.inner_text()
    assert "đến nay cần 4" in target.inner_text()
    target.locator("[data-key=target-commune_ntm]").click()
    page.locator("[data-key=table-toggle]").click()
    assert page.locator("#table tbody tr").count() == 3
    assert "Đang hiện" in page.locator(".focus-chip").inner_text()
    page.locator("[data-key=focus-clear]").click()
    assert page.locator("#table tbody tr").count() == 6
    page.locator(".districts li").first.hover()
    assert page.evaluate("ntmgis.page.state.lit.length") == 4
    assert "không nêu chỉ tiêu" in page.locator(".shares").inner_text()


def test_the_table_filters_by_words_and_keeps_the_cursor(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=table-toggle]").click()
    page.locator("[data-key=table-filter]").click()
    page.keyboard.type("xa chin hai")
    assert page.locator("#table tbody th").all_inner_texts() == ["Xã Hai", "Xã Năm"]
    assert page.evaluate("document.activeElement.value") == "xa chin hai"
    assert page.evaluate("ntmgis.page.csv()").count("\r\n") == page.locator("#table tbody tr").count() + 1


def test_layers_have_order_and_opacity(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=fold-layers-environment]").click()
    for id_ in ("water_supply", "waste_point"):
        page.locator(f"[data-key=layer-{id_}]").check()
    order = "['water_supply', 'waste_point'].map((id) => ntmgis.page.state.order.indexOf(id))"
    below, above = page.evaluate(order)
    assert below < above
    page.locator("[data-key=up-water_supply]").click()
    below, above = page.evaluate(order)
    assert below > above
    page.locator("[data-key=opacity-road]").fill("30")
    assert page.evaluate("ntmgis.page.state.opacity.road") == 0.3
    page.locator("[data-key=opacity-road]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("ntmgis.page.state.opacity.road") == 0.4


def test_boundaries_of_the_other_epoch_lie_over_the_map(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    assert page.locator("[data-layer=other-units] b").get_attribute("data-count") == "3"
    assert pixels(page, 122, 31, 162) == 0
    page.locator("[data-key=layer-other-units]").check()
    page.wait_for_timeout(150)
    assert pixels(page, 122, 31, 162) > 50
    assert "từ 01/07/2025" in page.locator("[data-layer=other-units]").inner_text()


def test_an_older_snapshot_of_the_same_units_brings_its_themes(tmp_path: Path, open_page: Open) -> None:
    from datetime import date

    import pandas as pd

    old = tiny.snapshot()
    status = old.commune_status.assign(as_of=pd.Timestamp(2024, 12, 31))
    before = tiny.snapshot(as_of=date(2024, 12, 31), commune_status=status, history=old.history.iloc[:0])
    path = tmp_path / "status.html"
    write_status_page(tiny.snapshot(), tiny_facts.facts(), path, others=[(before, tiny_facts.facts())])
    page = open_page(path, fragment="#theme=roads").ready().page
    assert page.locator("#periods input").get_attribute("max") == "1"
    assert page.locator("[data-layer=other-units]").count() == 0


def test_the_page_with_everything_is_the_same_bytes_twice(page_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        again,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    assert again.read_bytes() == page_file.read_bytes()
