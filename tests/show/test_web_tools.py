"""The tools of the page: measuring, the reader's position, paper, and the way through everything by keyboard."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import tiny
import tiny_epochs
import tiny_facts
from PIL import Image
from pyproj import Geod

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import write_status_page

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tools") / "status.html"
    write_status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    return path


def figures(page: Any) -> dict[str, str]:
    return dict(page.evaluate("ntmgis.page.measuring.figures()"))


def places(page: Any) -> list[tuple[float, float]]:
    return [(one["lng"], one["lat"]) for one in page.evaluate("ntmgis.page.measuring.points()")]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9,]", "", text.split(" ", maxsplit=1)[0]).replace(",", "."))


def test_distance_and_area_are_those_of_the_ellipsoid(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    page.locator("#measure-button").click()
    assert page.locator("#measure-button").get_attribute("aria-pressed") == "true"
    box = page.locator("#ntmgis_map").bounding_box()
    for x, y in ((0.4, 0.4), (0.65, 0.42), (0.6, 0.7)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    lon, lat = zip(*places(page), strict=True)
    told = figures(page)
    assert set(told) == {"Chiều dài", "Đoạn cuối", "Diện tích (khép kín)", "Chu vi"}
    assert number(told["Chiều dài"]) == pytest.approx(GEOD.line_length(lon, lat) / 1000, abs=0.0051)
    area, around = GEOD.polygon_area_perimeter(lon, lat)
    assert number(told["Diện tích (khép kín)"]) == pytest.approx(abs(area) / 1e6, rel=2e-4)
    assert number(told["Chu vi"]) == pytest.approx(around / 1000, abs=0.0051)
    assert re.fullmatch(r"[0-9]+,[0-9]{2} km²", told["Diện tích (khép kín)"])
    assert page.evaluate("ntmgis.page.state.selected") == -1, "a click measures and selects nothing"
    page.locator("[data-key=measure-undo]").click()
    assert set(figures(page)) == {"Chiều dài"}
    page.locator("[data-key=language]").click()
    assert page.locator("#measuring h2").inner_text() == "Measure distance and area"
    page.locator("[data-key=measure-clear]").click()
    assert places(page) == []
    page.keyboard.press("Escape")
    assert page.locator("#measuring").is_hidden()
    assert page.locator(".leaflet-overlay-pane svg path").count() == 0
    opened.assert_clean()


def test_measuring_by_keyboard_alone(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.locator("#measure-button").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.id") == "ntmgis_map"
    page.keyboard.press("Enter")
    page.evaluate("ntmgis.page.map.panBy([120, 0], { animate: false })")
    page.keyboard.press("Enter")
    assert len(places(page)) == 2
    assert number(figures(page)["Chiều dài"]) > 1
    page.keyboard.press("Backspace")
    assert len(places(page)) == 1
    page.keyboard.press("Escape")
    assert page.locator("#measuring").is_hidden()
    assert page.evaluate("document.activeElement.id") == "measure-button"


def test_measuring_by_touch(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, width=360, height=740, has_touch=True, is_mobile=True).ready().page
    page.locator("#measure-button").tap()
    box = page.locator("#ntmgis_map").bounding_box()
    for y in (0.5, 0.7):
        page.touchscreen.tap(box["x"] + 150, box["y"] + y * box["height"])
    assert len(places(page)) == 2
    for one in page.locator("#measuring button:visible, .leaflet-bar a").all():
        assert one.bounding_box()["height"] >= 40


@pytest.mark.parametrize(
    ("from_", "to"), [((107.5, 14.1), (108.4, 15.3)), ((107.9, 14.5), (107.9, 14.6)), ((108, 14), (108, 14))]
)
def test_the_formula_of_distance(page_file: Path, open_page: Open, from_: Any, to: Any) -> None:
    page = open_page(page_file).ready().page
    page.locator("#measure-button").click()
    page.evaluate(
        """([a, b]) => {
          for (const [lng, lat] of [a, b]) ntmgis.page.map.fire('click', { latlng: L.latLng(lat, lng) });
        }""",
        [from_, to],
    )
    _, _, metres = GEOD.inv(*from_, *to)
    if metres == 0:
        assert len(places(page)) == 1, "the same place twice is one point"
    else:
        assert number(figures(page)["Chiều dài"]) == pytest.approx(metres / 1000, abs=0.051 if metres > 1e5 else 0.0051)


def test_position_is_shown_with_its_uncertainty_and_sent_nowhere(page_file: Path, open_page: Open) -> None:
    west, south, east, north = tiny.snapshot().communes.total_bounds
    here = {"longitude": west + (east - west) / 6, "latitude": south + (north - south) / 4, "accuracy": 25}
    opened = open_page(page_file, geolocation=here, permissions=["geolocation"]).ready()
    page = opened.page
    page.locator("#locate-button").click()
    panel = page.locator("#locating")
    panel.locator("[data-key=locate-commune]").wait_for()
    assert "±25 m" in panel.inner_text()
    assert "không gửi đi đâu" in panel.inner_text()
    assert page.locator(".leaflet-overlay-pane svg path").count() == 2, "a dot and its circle"
    name = panel.locator("[data-key=locate-commune]").inner_text()
    panel.locator("[data-key=locate-commune]").click()
    assert page.locator("#details .panel-head h2").inner_text() == name
    page.locator("#locate-button").click()
    assert panel.is_hidden()
    assert page.locator(".leaflet-overlay-pane svg path").count() == 0
    opened.assert_clean()


def test_a_position_outside_the_map_says_so(page_file: Path, open_page: Open) -> None:
    far = {"longitude": 2.35, "latitude": 48.85, "accuracy": 1500}
    page = open_page(page_file, geolocation=far, permissions=["geolocation"]).ready().page
    before = page.evaluate("ntmgis.page.map.getCenter()")
    page.locator("#locate-button").click()
    page.locator("#locating", has_text="nằm ngoài bản đồ").wait_for()
    assert "±1,50 km" in page.locator("#locating").inner_text()
    assert page.evaluate("ntmgis.page.map.getCenter()") == before


def test_a_refused_position_says_what_to_do(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    opened.page.evaluate(
        "() => { navigator.geolocation.watchPosition = (_, fail) => (setTimeout(() => fail({ code: 1 }), 10), 1); }"
    )
    opened.page.locator("#locate-button").click()
    opened.page.locator("#locating .failed").wait_for()
    assert "không cho trang này xem vị trí" in opened.page.locator("#locating .failed").inner_text()
    opened.page.locator("[data-key=locate-close]").click()
    assert opened.page.locator("#locating").is_hidden()
    opened.assert_clean()


def test_paper_stays_white_around_the_province(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    corner = "[...ntmgis.page.painter.context.getImageData(2, 2, 1, 1).data]"
    on_screen = page.evaluate(corner)
    assert on_screen == [243, 241, 236, 255]
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(corner) == [255, 255, 255, 255]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(corner) == on_screen


def printed(page: Any, path: Path) -> pypdfium2.PdfDocument:
    page.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    return pypdfium2.PdfDocument(path)


@pytest.mark.parametrize(
    ("size", "way", "wide", "high"),
    [
        ("a4", "landscape", 297, 210),
        ("a4", "portrait", 210, 297),
        ("a3", "landscape", 420, 297),
        ("a3", "portrait", 297, 420),
    ],
)
def test_paper_has_title_legend_scale_date_and_sources(
    page_file: Path, open_page: Open, tmp_path: Path, size: str, way: str, wide: int, high: int
) -> None:
    opened = open_page(page_file, fragment="#theme=criteria_met").ready()
    page = opened.page
    page.locator("[data-key=print]").click()
    page.locator(f"[data-key=paper-{size}-{way}]").check()
    page.locator("[data-key=paper-close]").click()
    with printed(page, tmp_path / "p.pdf") as document:
        assert len(document) == 1
        sheet = document[0]
        assert [round(n / 72 * 25.4) for n in sheet.get_size()] == [wide, high]
        text = sheet.get_textpage().get_text_bounded()
        picture = np.asarray(sheet.render(scale=1).to_pil().convert("RGB")).astype(int)
    told = " ".join(text.split())
    assert page.title() in told
    for words in ("Số tiêu chí đạt", "19 tiêu chí", "Đường giao thông", "DỮ LIỆU MINH HOẠ", "Nguồn số liệu", "in ngày"):
        assert words in told
    ratio = re.search(r"Tỷ lệ khoảng 1:([\d.]+)", told)
    assert ratio
    # The map is on the sheet: the colour of the highest class covers a part of it.
    dark = (np.abs(picture - np.array([11, 85, 99])).sum(axis=2) < 12).mean()
    assert dark > 0.01
    assert page.locator("#search").is_visible(), "and the screen is as it was"
    opened.assert_clean()


def test_the_ratio_on_paper_is_true_to_a_few_percent(page_file: Path, open_page: Open, tmp_path: Path) -> None:
    """The province is as long on the sheet as the ratio says."""
    page = open_page(page_file).ready().page
    page.locator("[data-key=layer-names]").uncheck()
    page.evaluate("ntmgis.page.state.set({ paper: { size: 'a4', way: 'landscape' } })")
    with printed(page, tmp_path / "p.pdf") as document:
        text = " ".join(document[0].get_textpage().get_text_bounded().split())
        scale = 4
        picture = np.asarray(document[0].render(scale=scale).to_pil().convert("RGB")).astype(int)
    ratio = int(re.search(r"1:([\d.]+)", text)[1].replace(".", ""))
    # Commune 10004 is the only "model" one: 10 km on a side.
    columns = (np.abs(picture - np.array([37, 67, 125])).sum(axis=2) < 12).sum(axis=0)
    wide = np.count_nonzero(columns > columns.max() / 2)
    metres = wide / scale / 72 * 0.0254 * ratio
    assert metres == pytest.approx(10_000, rel=0.06)


def test_everything_switched_on_still_has_its_whole_legend_on_paper(
    page_file: Path, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.state.set({ shown: new Set(['names', ...ntmgis.page.state.order]) })")
    names = page.locator("#legend .layer.on > .check .what").all_text_contents()
    assert len(names) > 5
    for way in ("landscape", "portrait"):
        page.evaluate("(way) => ntmgis.page.state.set({ paper: { size: 'a4', way } })", way)
        with printed(page, tmp_path / "p.pdf") as document:
            assert len(document) == 1
            told = " ".join(document[0].get_textpage().get_text_bounded().split())
        assert [name for name in names if name not in told] == []


def test_by_keyboard_alone_from_search_to_layers(page_file: Path, open_page: Open) -> None:
    """Find a commune, read its details, change the theme, move the slider, switch a layer, close."""
    opened = open_page(page_file).ready()
    page = opened.page

    def tab_to(test: str, limit: int = 120) -> None:
        for _ in range(limit):
            if page.evaluate(f"(() => {{ const it = document.activeElement; return Boolean({test}); }})()"):
                return
            page.keyboard.press("Tab")
            seen = page.evaluate(
                "(() => { const it = document.activeElement; const s = getComputedStyle(it);"
                " return it === document.body || it.type === 'checkbox' || s.outlineStyle !== 'none'; })()"
            )
            assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        pytest.fail(f"no way by Tab to {test}")

    tab_to("it.id === 'search-box'")
    page.keyboard.type("xa ba")
    assert "kết quả" in page.locator("#live").text_content()
    page.keyboard.press("Enter")
    assert page.locator("#details .panel-head h2").inner_text() == "Xã Ba"
    tab_to("it.id === 'theme'")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("ntmgis.page.state.theme") != "status"
    assert page.locator("#live").text_content() == page.title(), "the new answer is read out"
    page.keyboard.press("Home")
    assert page.evaluate("ntmgis.page.state.theme") == "status"
    tab_to("it.dataset.key === 'layer-road'")
    page.keyboard.press("Space")
    assert not page.evaluate("ntmgis.page.state.shown.has('road')")
    tab_to("it.dataset.key === 'period'")
    page.keyboard.press("Home")
    assert page.title().endswith("31/12/2024")
    page.evaluate("document.querySelector('#details').focus()")
    tab_to("it.classList.contains('close')")
    page.keyboard.press("Enter")
    assert page.locator("#details").is_hidden()
    opened.assert_clean()


@pytest.mark.parametrize("height", [500, 768])
def test_the_page_itself_never_scrolls(page_file: Path, open_page: Open, height: int) -> None:
    page = open_page(page_file, height=height).ready().page
    page.locator("[data-key=table-toggle]").click()
    for fold in page.locator("summary").all():
        if fold.is_visible() and not fold.evaluate("(it) => it.parentElement.open"):
            fold.click()
    assert page.evaluate("document.scrollingElement.scrollHeight") <= height


def test_with_reduced_motion_nothing_glides(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, reduced_motion="reduce").ready().page
    moved = page.evaluate(
        """() => { const { map } = ntmgis.page; map.setZoom(11, { animate: false }); const a = map.getCenter().lng;
          map.panBy([200, 0]); const now = map.getCenter().lng - a;
          return [now, map._panAnim?._inProgress ?? false]; }"""
    )
    assert moved[0] > 0
    assert moved[1] is False


def shot(page: Any) -> np.ndarray:
    """The map's own canvas where the reader sees it."""
    data = page.evaluate(
        """() => { const { painter } = ntmgis.page; return painter.canvas.toDataURL('image/png').split(',')[1]; }"""
    )
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)


@pytest.mark.parametrize("by", [(180, 0), (-150, 130), (37, -171), (400, 300), (2000, 10)])
def test_a_moved_picture_is_the_picture_drawn_anew(page_file: Path, open_page: Open, by: tuple[int, int]) -> None:
    page = open_page(page_file).ready().page
    page.evaluate(
        """() => { const { state, map } = ntmgis.page; map.setMaxBounds(null); map.setZoom(11.3, { animate: false });
          state.set({ patterns: true, shown: new Set(['road', 'villages', 'water_supply', 'other-units']) }); }"""
    )
    page.wait_for_timeout(120)
    page.evaluate("(by) => ntmgis.page.map.panBy(by, { animate: false })", list(by))
    moved = shot(page)
    hits = (
        "JSON.stringify([...ntmgis.page.painter.hits.villages.map((h) => h.slice(0, 2).map(Math.round).join())].sort())"
    )
    near = set(page.evaluate(f"JSON.parse({hits})"))
    page.evaluate("ntmgis.page.painter.drawAll()")
    anew = shot(page)
    assert moved.shape == anew.shape
    # Edges of strips may blend a little differently; a missing or doubled thing would not be a few pixels.
    assert (np.abs(moved - anew).max(axis=2) > 60).mean() < 0.002
    assert near >= set(page.evaluate(f"JSON.parse({hits})"))


def test_names_can_be_read_on_every_class_of_every_theme(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    worst = page.evaluate(
        """() => [...ntmgis.page.model.themes.values()].flatMap((theme) => theme.classes)
          .concat(ntmgis.page.model.palette)
          .map((one) => [ntmgis.page.contrast(one.text, ntmgis.page.haloOf(one)), one.id])
          .sort((a, b) => a[0] - b[0])[0]"""
    )
    assert worst[0] >= 4.5, worst
