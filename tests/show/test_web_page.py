"""The status page as a person uses it: from a file, without a network, by mouse, by keyboard and on a phone."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import tiny
import tiny_facts

from ntmgis.measure.facts import TIER_STATES
from ntmgis.show.web import write_status_page
from ntmgis.show.words import headline, share

pytestmark = pytest.mark.browser
Open = Callable[..., "object"]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "status.html"
    write_status_page(tiny.snapshot(), tiny_facts.facts(), path, agency="Văn phòng điều phối")
    return path


def find(page, text: str) -> list[str]:
    page.fill("#search-box", text)
    return page.locator("#search-list li b").all_inner_texts()


def centre_of(page, code: str) -> dict[str, float]:
    """Screen position of the middle of a commune."""
    return page.evaluate(
        """(code) => {
          const { model, map, painter } = ntmgis.page;
          const i = model.communeByCode.get(code);
          const { s, tx, ty } = painter.seen;
          const corner = painter._bounds.min;
          const at = [model.communes.x[i] * s + tx + corner.x, model.communes.y[i] * s + ty + corner.y];
          const point = map.layerPointToContainerPoint(at);
          const box = map.getContainer().getBoundingClientRect();
          return { x: box.left + point.x, y: box.top + point.y };
        }""",
        code,
    )


def colour_at(page, code: str, dx: int = 30, dy: int = 30) -> str:
    """Colour drawn near the middle of a commune (beside its label and signs)."""
    return page.evaluate(
        """([code, dx, dy]) => {
          const { model, painter } = ntmgis.page;
          const i = model.communeByCode.get(code);
          const { s, tx, ty, scale } = painter.seen;
          const x = (model.communes.x[i] * s + tx + dx) * scale;
          const y = (model.communes.y[i] * s + ty + dy) * scale;
          const [r, g, b] = painter.context.getImageData(x, y, 1, 1).data;
          return '#' + [r, g, b].map((n) => n.toString(16).padStart(2, '0')).join('');
        }""",
        [code, dx, dy],
    )


def test_opens_from_the_disk_with_no_request_no_message_no_violation(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    assert page.title() == headline(tiny.snapshot(), tiny_facts.facts())
    assert page.locator("h1").inner_text() == page.title()
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("#sample-band").inner_text().startswith("DỮ LIỆU MINH HOẠ")
    opened.assert_clean()


def test_policy_refuses_whatever_the_page_does_not_hold(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    opened.page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = 'window.ranByAccident += 1';
          document.body.append(script);
          const image = new Image();
          image.src = 'https://example.org/x.png';
          document.body.append(image);
        }"""
    )
    opened.page.wait_for_function("window.violations.length >= 2")
    assert opened.page.evaluate("window.ranByAccident") == 0
    refused = " ".join(opened.violations)
    assert "script-src" in refused
    assert "img-src https://example.org/x.png" in refused


def test_legend_counts_and_shares_are_those_of_the_facts(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    shown = {
        button.get_attribute("data-state"): int(button.get_attribute("data-count"))
        for button in page.locator(".tiers button").all()
    }
    facts = tiny_facts.facts()
    assert {state: shown.get(state, 0) for state in TIER_STATES} == dict(facts.tiers)
    assert share(3, 5) in page.locator(".sum").inner_text()


def test_map_draws_the_colour_that_the_legend_names(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=layer-road]").uncheck()
    page.wait_for_timeout(100)
    assert colour_at(page, "10001") == "#7ebba2"
    assert colour_at(page, "10003") == "#f4cd72"
    assert colour_at(page, "10004") == "#25437d"
    assert colour_at(page, "10006") == "#e9ebef"


def test_a_click_on_the_legend_filters_map_and_table(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=layer-road]").uncheck()
    page.locator("[data-key=table-toggle]").click()
    page.locator("[data-state=ntm]").click()
    assert page.locator("#table tbody tr").count() == 1
    assert page.locator("[data-state=ntm]").get_attribute("aria-pressed") == "true"
    page.wait_for_timeout(100)
    assert colour_at(page, "10001") == "#7ebba2"
    assert colour_at(page, "10003") != "#f4cd72"
    page.locator("[data-key=clear]").click()
    assert page.locator("#table tbody tr").count() == 6


@pytest.mark.parametrize("typed", ["xa mot", "XÃ MỘT", "mot", "10001", "  Một "])
def test_search_needs_no_diacritics(page_file: Path, open_page: Open, typed: str) -> None:
    assert find(open_page(page_file).ready().page, typed)[0] == "Xã Một"


def test_search_offers_equal_names_with_their_district(tmp_path: Path, open_page: Open) -> None:
    units = tiny.communes()
    units.loc[units["code"] == "10001", "name"] = "Xã Đắk Hà"
    units.loc[units["code"] == "10006", "name"] = "Thị trấn Đắk Hà"
    facts = tiny_facts.facts()
    path = tmp_path / "status.html"
    write_status_page(tiny.snapshot(communes=units), facts, path)
    page = open_page(path).ready().page
    for typed in ("dak ha", "ĐĂK HÀ", "đắk hà"):
        assert find(page, typed)[:2] == ["Xã Đắk Hà", "Thị trấn Đắk Hà"]
    where = page.locator("#search-list li span").all_inner_texts()[:2]
    assert where == ["Huyện Chín Một · 10001", "Huyện Chín Hai · 10006"]
    assert find(page, "xa dak ha chin mot")[0] == "Xã Đắk Hà"
    assert find(page, "khong co dau") == []


def test_keyboard_alone_finds_a_commune_and_leaves_it_again(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab") if page.evaluate("document.activeElement.id") != "search-box" else None
    assert page.evaluate("document.activeElement.id") == "search-box"
    page.keyboard.type("xa")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#search-list [aria-selected=true] b").inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#details .panel-head h2").inner_text() == chosen
    close = page.locator("#details .close")
    close.focus()
    page.keyboard.press("Enter")
    assert page.locator("#details").is_hidden()


def test_a_click_on_a_commune_opens_all_that_is_known_of_it(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    at = centre_of(page, "10003")
    page.mouse.click(at["x"] + 25, at["y"] + 25)
    details = page.locator("#details")
    text = details.inner_text()
    assert "Xã Ba" in text
    assert "Huyện Chín Một" in text
    assert "Chưa đạt chuẩn" in text
    assert "12/19" in text
    assert "khoảng 5.560 người" in text  # rounded: an estimate from a raster
    assert details.locator(".criterion.met").count() == 12 + 1  # the key below the grid has one more
    assert details.locator(".criterion.not_met").count() == 6 + 1
    assert details.locator(".criterion.withheld").count() == 1 + 1  # defence and security is kept off public maps
    assert details.locator("[data-measure=road_hardened_share] b").inner_text() == "0,0%"
    assert "500 m" in text
    assert "Thôn 1" in text
    assert page.url.endswith("#commune=10003&as-of=2025-06-30")  # a code means a unit only with its date
    opened.assert_clean()


def test_an_unreported_commune_says_so_and_is_never_called_not_met(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10005").ready().page
    text = page.locator("#details").inner_text()
    assert "Chưa có số liệu" in text
    assert "Chưa đạt" not in text
    assert page.locator("#details .criterion").count() == 0


def test_deep_link_opens_the_commune_and_an_unknown_code_does_nothing(page_file: Path, open_page: Open) -> None:
    assert (
        open_page(page_file, fragment="#commune=10002").ready().page.locator("#details .panel-head h2").inner_text()
        == "Xã Hai"
    )
    opened = open_page(page_file, fragment="#commune=__proto__&as-of=constructor").ready()
    assert opened.page.locator("#details .panel-head h2").inner_text() == "Tỉnh Tí Hon"
    opened.assert_clean()


def test_layers_switch_and_their_numbers_are_those_of_the_snapshot(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=fold-layers-environment]").click()
    layers = tiny.snapshot().layers
    for id_, frame in layers.items():
        assert page.locator(f"[data-layer={id_}] > .check b").get_attribute("data-count") == str(len(frame))
    before = page.evaluate("ntmgis.page.painter.hits.points.length")
    page.locator("[data-key=layer-water_supply]").check()
    page.wait_for_function("ntmgis.page.painter.hits.points.length > 0")
    assert before == 0
    page.locator("[data-key=layer-water_supply]").uncheck()
    page.wait_for_function("ntmgis.page.painter.hits.points.length === 0")
    assert "quốc lộ" in page.locator("[data-layer=road]").inner_text()
    assert "30,0 km" in page.locator("[data-layer=road]").inner_text()


def test_hover_names_a_work_and_its_fields(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=fold-layers-environment]").click()
    page.locator("[data-key=layer-water_supply]").check()
    page.wait_for_function("ntmgis.page.painter.hits.points.length > 0")
    at = centre_of(page, "10001")
    page.mouse.move(at["x"] - 40, at["y"] - 40)
    page.mouse.move(at["x"], at["y"])
    page.wait_for_selector("#tip:not([hidden])")
    page.wait_for_function("document.querySelector('#tip').innerText.includes('Tự chảy 1')")
    text = page.locator("#tip").inner_text()
    assert "120 m³/ngày" in text
    assert "bền vững" in text


def test_language_switch_turns_every_panel(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    page.locator("[data-key=language]").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == headline(tiny.snapshot(), tiny_facts.facts(), "en")
    assert "Advanced NTM" in page.locator("#legend").inner_text()
    assert "60.0%" in page.locator("#legend").inner_text()
    assert page.locator("#search-box").get_attribute("aria-label").startswith("Find")
    page.locator("[data-key=language]").click()
    assert page.title() == headline(tiny.snapshot(), tiny_facts.facts())
    opened.assert_clean()


def test_periods_recolour_and_the_title_follows(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=layer-road]").uncheck()
    slider = page.locator("#periods input")
    assert slider.get_attribute("max") == "1"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert page.title() == "Ít nhất 0/5 xã đạt chuẩn nông thôn mới, đến 31/12/2024"
    page.wait_for_timeout(100)
    assert colour_at(page, "10001") == "#f4cd72"
    assert page.evaluate("document.activeElement.dataset.key") == "period"
    page.keyboard.press("ArrowRight")
    assert page.title() == headline(tiny.snapshot(), tiny_facts.facts())


def test_one_reporting_date_needs_no_slider(tmp_path: Path, open_page: Open) -> None:
    path = tmp_path / "status.html"
    history = tiny.snapshot().history
    only = history[history["as_of"] == history["as_of"].max()]
    write_status_page(tiny.snapshot(history=only), tiny_facts.facts(), path)
    assert open_page(path).ready().page.locator("#periods").is_hidden()


def test_table_sorts_with_unknown_last_and_copies_csv(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, permissions=["clipboard-read", "clipboard-write"]).ready().page
    page.locator("[data-key=table-toggle]").click()
    column = "#table tbody tr > :nth-child(6)"
    page.locator("[data-key=sort-criteria_met]").click()
    assert page.locator(column).all_inner_texts() == ["12/19", "19/19", "19/19", "19/19", "–", "–"]
    page.locator("[data-key=sort-criteria_met]").click()
    assert page.locator(column).all_inner_texts() == ["19/19", "19/19", "19/19", "12/19", "–", "–"]
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("[data-key=copy]").click()
    page.wait_for_selector("#live.on")
    assert page.locator("#live").inner_text() == "Đã chép 6 dòng"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.evaluate("ntmgis.page.csv()")
    table = page.evaluate(
        """async () => { const [item] = await navigator.clipboard.read();
          const text = await (await item.getType('text/html')).text();
          const rows = [...new DOMParser().parseFromString(text, 'text/html').querySelectorAll('tr')];
          return rows.map((row) => [...row.cells].map((cell) => cell.textContent)); }"""
    )
    assert [row[2] for row in table] == [line.split(",")[2] for line in copied.splitlines()], "Excel pastes cells"
    assert {len(row) for row in table} == {len(table[0])}
    lines = copied.splitlines()
    assert lines[0].startswith("Xã,Huyện,Mã,Kết quả")
    assert len(lines) == 7


def test_plan_is_shown_with_its_notes(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    for remarks in page.locator(".plan .rule summary").all():
        remarks.click()
    shown = page.locator(".plan").inner_text()
    plan = tiny_facts.facts().plan
    for row in plan.itertuples():
        assert row.label in shown
        if isinstance(row.note, str):
            assert row.note in shown
        if pd.isna(row.target):
            assert "không nêu chỉ tiêu" in shown


def test_sources_name_every_note_with_its_date(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("[data-key=fold-sources]").click()
    shown = page.locator(".sources").inner_text()
    for note in tiny.snapshot().sources:
        assert note.title in shown
        assert note.origin in shown
    assert "30/06/2025" in shown
    assert "Văn phòng điều phối" in page.locator("#foot").inner_text()


def test_households_are_never_in_the_page(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    addresses = tiny.snapshot().addresses
    for column in ("id", "address"):
        assert not any(str(value) in text for value in addresses[column].dropna())
    facts = json.loads(re.search(r'id="ntmgis-facts">(.*?)</script>', text)[1])
    assert "addresses" not in facts


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1366, 768), (1920, 1080)])
def test_nothing_sticks_out_at_any_size(page_file: Path, open_page: Open, width: int, height: int) -> None:
    opened = open_page(page_file, width=width, height=height).ready()
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    box = page.locator("#ntmgis_map").bounding_box()
    assert box["height"] >= height * 0.5
    # The whole province is in view.
    inside = page.evaluate(
        """() => { const { map, model } = ntmgis.page; const [w, s, e, n] = model.facts.page.bounds;
          return map.getBounds().contains([[s, w], [n, e]]); }"""
    )
    assert inside
    opened.assert_clean()


def test_phone_sheet_opens_by_tab_and_by_tap(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, width=360, height=740, has_touch=True, is_mobile=True)
    page = opened.ready().page
    assert page.locator("#legend").is_hidden()
    page.get_by_role("tab", name="Chú giải").tap()
    assert page.locator("#legend").is_visible()
    page.get_by_role("tab", name="Chú giải").tap()
    page.get_by_role("tab", name="Chú giải").tap()
    assert page.locator("#legend").is_hidden()
    at = centre_of(page, "10004")
    page.touchscreen.tap(at["x"] + 8, at["y"] + 8)
    page.wait_for_selector("#details h2")
    assert page.locator("#details .panel-head h2").inner_text() == "Xã Bốn"
    assert page.locator("#details").is_visible()
    for button in page.locator("#tabs button, #tools button:visible").all():
        assert button.bounding_box()["height"] >= 40
    opened.assert_clean()


def test_print_is_one_page_with_the_map_on_it(page_file: Path, open_page: Open, tmp_path: Path) -> None:
    import pypdfium2

    opened = open_page(page_file).ready()
    path = tmp_path / "print.pdf"
    opened.page.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == 1
        sheet = document[0]
        assert round(sheet.get_width() / 72 * 25.4) == 297
        text = sheet.get_textpage().get_text_bounded()
        picture = sheet.render(scale=1).to_pil().convert("RGB")
    assert headline(tiny.snapshot(), tiny_facts.facts()) in text
    assert "DỮ LIỆU MINH HOẠ" in text
    assert "Chưa có số liệu" in text
    assert "Ranh giới xã" in text
    half = picture.crop((picture.width // 3, 0, picture.width, picture.height))
    colours = {colour for count, colour in half.getcolors(1 << 20) if count > 500}
    assert {(126, 187, 162), (244, 205, 114), (37, 67, 125)} <= colours
    # And the screen is as it was.
    assert opened.page.locator("#search").is_visible()
    opened.assert_clean()


def test_the_same_input_gives_the_same_bytes(page_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    write_status_page(tiny.snapshot(), tiny_facts.facts(), again, agency="Văn phòng điều phối")
    assert again.read_bytes() == page_file.read_bytes()


def test_an_epoch_without_districts_has_no_district_anywhere(tmp_path: Path, open_page: Open) -> None:
    units = tiny.communes()
    units["district_code"] = None
    units["district"] = None
    base = tiny.snapshot()
    facts = tiny_facts.facts()
    facts = type(facts)(
        **{name: getattr(facts, name) for name in facts.__dataclass_fields__ if name != "districts"},
        districts=facts.districts.iloc[:0],
    )
    path = tmp_path / "status.html"
    snapshot = tiny.snapshot(
        communes=units, districts=base.districts.iloc[:0], district_status=base.district_status[:0]
    )
    write_status_page(snapshot, facts, path)
    opened = open_page(path).ready()
    assert "Huyện" not in opened.page.locator("#details").inner_text()
    assert "Huyện" not in opened.page.locator("#table").inner_text()
    opened.assert_clean()
