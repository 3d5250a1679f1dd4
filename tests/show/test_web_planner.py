"""What a planner reads first: titles that state the answer, districts counted as districts, names and bars in place."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import tiny
import tiny_epochs
import tiny_facts
from shapely.geometry import Point

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import write_status_page
from ntmgis.show.web.themes import answer, catalogue, definitions

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
STATES = ("works", "poor", "broken", None)


def stations() -> gpd.GeoDataFrame:
    """Four power substations in the middle of 10003, one of each state."""
    x, y = tiny.middle("10003")
    rows = [
        {"id": f"T{k}", "name": None, "operation": state, "source": "power", "geometry": Point(x + 900 * k, y)}
        for k, state in enumerate(STATES)
    ]
    return tiny.frame(rows)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("planner") / "status.html"
    base = tiny.snapshot()
    write_status_page(
        tiny.snapshot(layers={**base.layers, "power": stations()}),
        tiny_facts.facts(),
        path,
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    return path


def counts(page: Any) -> dict[str, int]:
    return {
        one.get_attribute("data-state"): int(one.get_attribute("data-count"))
        for one in page.locator(".tiers button").all()
    }


ASKED = [one for one in catalogue()["theme"] if one["id"] != "status"]


@pytest.mark.parametrize("theme", ASKED, ids=[one["id"] for one in ASKED])
def test_every_theme_states_an_answer_in_both_languages(theme: Any) -> None:
    told = theme["answer"]
    fields = [sorted(re.findall(r"\{(\w+)\}", told[lang])) for lang in ("vi", "en")]
    assert fields[0] == fields[1]
    assert "date" in fields[0]
    assert {"n", "rate"} & set(fields[0])
    (drawn,) = definitions(
        [theme["id"], f"{theme['id']}.2", f"{theme['id']}.road", f"{theme['id']}.coded"], entries=[theme]
    )
    ids = {one["id"] for one in drawn["classes"]}
    assert {*told.get("of", ()), *told.get("without", ())} <= ids
    assert bool(told.get("of")) == ("n" in fields[0])


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_title_of_every_theme_has_a_number_and_the_date(page_file: Path, open_page: Open, lang: str) -> None:
    page = open_page(page_file).ready().page
    titles = page.evaluate(
        """(lang) => { const { model, state } = ntmgis.page; const made = {};
          for (const { id } of model.themes.values()) {
            state.set({ theme: id, lang });
            made[state.theme] = document.title;
          }
          return made; }""",
        lang,
    )
    until = {"vi": "đến 30/06/2025", "en": "as of 30 June 2025"}[lang]
    silent = {"vi": "chưa có số liệu", "en": "not reported"}[lang]
    for theme, title in titles.items():
        assert until in title, theme
        assert re.search(r"\d", title.partition(until)[0]) or silent in title, (theme, title)
    assert (
        titles["progress"]
        == {
            # One district is unknown, the other has no target.
            "vi": "Tiến độ chỉ tiêu thôn theo huyện: chưa có số liệu, đến 30/06/2025",
            "en": "Village target by district: not reported, as of 30 June 2025",
        }[lang]
    )


def test_a_theme_of_districts_counts_districts_and_says_so(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, fragment="#theme=district").ready()
    page = opened.page
    assert (
        page.title() == "Ít nhất 1/2 huyện, thành phố đạt chuẩn hoặc hoàn thành nhiệm vụ nông thôn mới, đến 30/06/2025"
    )
    assert counts(page) == {"ntm": 1, "unknown": 1}
    assert page.locator(".tiers .share").all_inner_texts() == ["50,0%", "50,0%"]
    assert page.locator("#legend .total").inner_text() == "Tổng số: 2 huyện, thành phố"
    assert page.locator("#subtitle").inner_text().endswith("1 huyện, thành phố chưa đủ số liệu")
    page.locator("[data-state=ntm]").click()
    page.locator("[data-key=table-toggle]").click()
    assert page.locator("#table tbody tr").count() == 4, "the filter shows all communes of the district"
    page.locator("[data-key=language]").click()
    assert page.title().startswith("At least 1 of 2 districts and cities")
    page.evaluate("ntmgis.page.state.set({ theme: 'criteria_met', filter: null, lang: 'vi' })")
    assert page.locator("#legend .total").inner_text() == "Tổng số: 5 xã được đánh giá"
    assert sum(counts(page).values()) == 6
    opened.assert_clean()


def test_none_is_said_only_of_what_is_known() -> None:
    theme = {"answer": {"of": ["low"], "without": ["no"]}}
    assert answer(theme, {"low": 0, "high": 3, "unknown": 2, "no": 4}, first="low").all == 3
    assert answer(theme, {"low": 1, "high": 3, "unknown": 2, "no": 4}, first="low").all == 6
    assert answer(theme, {"unknown": 2, "not_applicable": 5}, first="low").all == 0


def names(page: Any) -> list[Any]:
    page.evaluate("ntmgis.page.painter.drawAll()")
    return list(
        page.evaluate(
            """() => { const { painter, map } = ntmgis.page;
              const corner = map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
              const frame = map.getContainer().getBoundingClientRect();
              const [x, y] = [frame.left - corner.x, frame.top - corner.y];
              return painter.names.map(({ text, box: [l, t, r, b] }) => [text, l + x, t + y, r + x, b + y]); }"""
        )
    )


@pytest.mark.parametrize("zoom", [8.5, 9.3, 10, 11, 12.5])
@pytest.mark.parametrize("since", ["", "2024-12-31"])
def test_no_name_lies_on_another_or_under_a_bar(page_file: Path, open_page: Open, zoom: float, since: str) -> None:
    page = open_page(page_file, fragment=f"#since={since}" if since else "").ready().page
    page.evaluate("(zoom) => ntmgis.page.map.setZoom(zoom, { animate: false })", zoom)
    shown = names(page)
    assert shown
    for at, (text, left, top, right, bottom) in enumerate(shown):
        for other, l2, t2, r2, b2 in shown[at + 1 :]:
            assert right < l2 or left > r2 or bottom < t2 or top > b2, (text, other)
        for bar in ("#periods", ".leaflet-control-zoom", ".leaflet-control-scale"):
            box = page.locator(bar).bounding_box()
            clear = (
                right < box["x"]
                or left > box["x"] + box["width"]
                or bottom < box["y"]
                or top > box["y"] + box["height"]
            )
            assert clear, (text, bar)


def test_far_out_a_name_stands_inside_its_commune_or_not_at_all(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    found = 0
    for zoom in (8.8, 9.6, 10.4, 11.2):
        page.evaluate("(zoom) => ntmgis.page.map.setZoom(zoom, { animate: false })", zoom)
        inside = page.evaluate(
            """() => { const { painter, model } = ntmgis.page; painter.drawAll();
              const { s, tx, ty } = painter.seen;
              const short = new Map(model.communes.code.map((_, i) => [model.shortName(i), i]));
              const own = painter.names.filter(({ text }) => short.has(text));
              return own.map(({ text, box: [l, t, r, b] }) => {
                const { west, north, east, south } = model.coverage.boxes[short.get(text)];
                const [x, y] = [(px) => (px - tx) / s, (py) => (py - ty) / s];
                return x(l) >= west && x(r) <= east && y(t) >= north && y(b) <= south; }); }"""
        )
        assert all(inside), zoom
        found += len(inside)
    assert found > 5


def test_a_name_keeps_off_the_signs_of_works(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    over = """() => { const { painter, model } = ntmgis.page; painter.drawAll();
      const name = model.shortName(model.communeByCode.get('10003'));
      const own = painter.names.find(({ text }) => text === name);
      const [l, t, r, b] = own.box;
      return painter.hits.points.filter(([x, y, reach]) =>
        x + reach > l && x - reach < r && y + reach > t && y - reach < b).length; }"""
    page.evaluate("ntmgis.page.map.setZoom(10.5, { animate: false })")
    page.evaluate("ntmgis.page.state.set({ shown: new Set(['names', 'power']) })")
    assert page.evaluate("() => { ntmgis.page.painter.drawAll(); return ntmgis.page.painter.hits.points.length; }") == 4
    assert page.evaluate(over) == 0


def test_close_up_the_name_of_a_commune_stands_in_the_part_in_view(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    seen = page.evaluate(
        """() => { const { map, model, painter } = ntmgis.page;
          const index = model.communeByCode.get('10003');
          const { west, north, east, south } = model.coverage.boxes[index];
          const { grid } = model.facts.page; const side = 2 ** grid.bits;
          const lng = (x) => ((x + grid.x) / side - 0.5) * 360;
          const lat = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * (y + grid.y) / side))) * 180 / Math.PI;
          map.setView([lat(north + (south - north) / 4), lng(west + (east - west) / 4)], 15, { animate: false });
          painter.drawAll();
          const corner = map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
          const room = map.getSize();
          const middle = map.latLngToContainerPoint([lat(model.communes.y[index]), lng(model.communes.x[index])]);
          const own = painter.names.find(({ text }) => text === model.shortName(index));
          return { out: middle.x > room.x || middle.y > room.y,
            within: own && own.box[0] >= corner.x && own.box[1] >= corner.y
              && own.box[2] <= corner.x + room.x && own.box[3] <= corner.y + room.y }; }"""
    )
    assert seen == {"out": True, "within": True}


def test_no_name_is_cut_by_the_edge_of_the_view(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    stage = page.locator("#ntmgis_map").bounding_box()
    found = 0
    for zoom in (10.5, 11.5, 12.5):
        page.evaluate("(zoom) => ntmgis.page.map.setZoom(zoom, { animate: false })", zoom)
        for text, left, top, right, bottom in names(page):
            beyond = right < stage["x"] or left > stage["x"] + stage["width"]
            beyond |= bottom < stage["y"] or top > stage["y"] + stage["height"]
            whole = left >= stage["x"] and right <= stage["x"] + stage["width"]
            whole &= top >= stage["y"] and bottom <= stage["y"] + stage["height"]
            assert beyond or whole, (text, zoom)
            found += whole
    assert found > 3


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180), (390, 844), (390, 700)])
def test_bars_leave_the_province_free(page_file: Path, open_page: Open, width: int, height: int) -> None:
    page = open_page(page_file, width=width, height=height).ready().page
    top, bottom = page.evaluate(
        """() => { const { map, model } = ntmgis.page; const [w, s, e, n] = model.facts.page.bounds;
          const frame = map.getContainer().getBoundingClientRect();
          return [[n, w], [s, e]].map((at) => map.latLngToContainerPoint(at).y + frame.top); }"""
    )
    dates = page.locator("#periods").bounding_box()
    assert bottom <= dates["y"] - 6
    scale = page.locator(".leaflet-control-scale").bounding_box()
    assert scale["y"] + scale["height"] <= dates["y"] + 1
    buttons = page.locator(".leaflet-control-zoom").bounding_box()
    if width <= 760:
        assert bottom <= scale["y"]
        assert buttons["width"] > buttons["height"], "in a row"
        assert top >= buttons["y"] + buttons["height"]
    for one in page.locator(".leaflet-bar a").all():
        assert min(one.bounding_box()["width"], one.bounding_box()["height"]) >= 40


@pytest.mark.parametrize("width", [820, 1024, 1180])
def test_on_a_tablet_details_leave_dates_and_commune_free(page_file: Path, open_page: Open, width: int) -> None:
    page = open_page(page_file, width=width, height=900, fragment="#commune=10003&as-of=2025-06-30").ready().page
    details = page.locator("#details").bounding_box()
    dates = page.locator("#periods").bounding_box()
    assert dates["x"] >= details["x"] + details["width"] or dates["x"] + dates["width"] <= details["x"]
    scale = page.locator(".leaflet-control-scale").bounding_box()
    assert scale["y"] + scale["height"] <= dates["y"] + 1
    stage = page.locator("#stage").bounding_box()
    assert dates["x"] + dates["width"] <= stage["x"] + stage["width"]
    page.locator("#details .close").click()
    assert page.locator("#theme").is_visible()
    page.locator("#theme").select_option("roads")  # nothing lies over the legend any more


def test_a_full_sheet_on_a_phone_begins_below_the_head(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, width=390, height=844, fragment="#theme=district").ready().page
    for _ in range(2):
        page.locator("[data-key=tab-legend]").click()
    head = page.locator("#head").bounding_box()
    sheet = page.locator("#legend").bounding_box()
    assert 0 <= sheet["y"] - head["y"] - head["height"] <= 12
    assert page.locator("#legend .chooser").is_visible()


def test_plan_lines_say_the_pair_first_and_fold_marks_are_true(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    target = page.locator("[data-target=commune_ntm]")
    assert target.locator(".figures b").inner_text() == "3/8 xã"
    assert target.locator(".figures").inner_text().startswith("3/8 xã có thêm trong kỳ · hiện có")
    summary = target.locator(".rule summary")
    sign = "getComputedStyle(it, '::before').content"
    assert summary.evaluate(f"(it) => {sign}") == '"▸"'
    summary.click()
    assert summary.evaluate(f"(it) => {sign}") == '"▾"'
    heading = page.locator(".plan h3").inner_text()
    assert "vùng đồng bào dân tộc thiểu số" in heading
    assert "huyện A" not in heading


def test_a_village_without_a_report_is_not_a_village_that_fell_short(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.state.set({ shown: new Set([...ntmgis.page.state.shown, 'villages']) })")
    rows = page.locator("[data-layer=villages] .symbols li").all_inner_texts()
    assert [" ".join(row.split()) for row in rows] == [
        "Thôn NTM kiểu mẫu 1",
        "Thôn NTM vùng DTTS 1",
        "Chưa có số liệu 4",
    ]


def test_a_commune_never_recognised_is_not_called_outside_the_assessment(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10003&as-of=2025-06-30").ready().page
    assert "Không thuộc diện" not in page.locator(".standing").inner_text()
    page = open_page(page_file, fragment="#commune=10001&as-of=2025-06-30").ready().page
    assert page.locator(".standing .chip").inner_text().strip() == "Có nguy cơ"


def test_signs_of_every_state_differ(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.state.set({ shown: new Set(['power']) })")
    pictures = page.evaluate(
        "[...document.querySelectorAll('[data-layer=power] .symbols canvas')].map((one) => one.toDataURL())"
    )
    assert len(pictures) == len(set(pictures)) == len(STATES)


def test_no_card_opens_over_a_button_or_while_measuring(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.map.setZoom(11, { animate: false })")
    box = page.locator("#measure-button").bounding_box()
    x, y = box["x"] + 20, box["y"] + 20
    page.mouse.move(x + 150, y + 60)
    page.wait_for_selector("#tip:not([hidden])")
    page.mouse.move(x, y, steps=4)
    page.wait_for_timeout(80)
    assert page.locator("#tip").is_hidden()
    page.locator("#measure-button").click()
    page.mouse.move(x + 150, y + 60, steps=3)
    page.wait_for_timeout(80)
    assert page.locator("#tip").is_hidden()


def test_the_foot_names_sources_of_the_boundaries_in_view(tmp_path: Path, open_page: Open) -> None:
    from ntmgis.store.snapshot import SourceNote

    later, facts = tiny_epochs.later()
    notes = (SourceNote("units_new", "unit", "Ranh giới xã mới", None, 3, origin="hình học tự đặt"),)
    path = tmp_path / "status.html"
    later = type(later)(
        **{name: getattr(later, name) for name in later.__dataclass_fields__ if name != "sources"}, sources=notes
    )
    write_status_page(tiny.snapshot(), tiny_facts.facts(), path, others=[(later, facts)])
    page = open_page(path).ready().page
    foot = page.locator("#foot .from")
    assert "Ranh giới xã" in foot.inner_text()
    assert "mới" not in foot.inner_text()
    page.locator("#periods input").focus()
    page.keyboard.press("End")
    assert "Ranh giới xã mới" in foot.inner_text()
    assert "Kết quả NTM cấp xã" not in foot.inner_text()


def test_the_kind_of_a_village_is_not_lost_in_a_search(tmp_path: Path, open_page: Open) -> None:
    villages = tiny.snapshot().villages
    villages["name"] = ["Tổ dân phố 3", "Làng 3", "Thôn 3", "Thôn 13", "Thôn 4", "3"]
    path = tmp_path / "status.html"
    write_status_page(tiny.snapshot(villages=villages), tiny_facts.facts(), path)
    page = open_page(path).ready().page
    page.fill("#search-box", "thon 3")
    assert page.locator("#search-list li b").all_inner_texts()[:4] == ["Thôn 3", "Tổ dân phố 3", "Làng 3", "3"]


def test_rows_of_the_table_are_one_line_with_the_name_kept_in_view(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, width=820, height=900).ready().page
    page.locator("[data-key=table-toggle]").click()
    heights = page.evaluate("[...document.querySelectorAll('#table tbody tr')].map((row) => row.offsetHeight)")
    assert max(heights) <= 36
    first = page.locator("#table tbody th").first
    before = first.bounding_box()["x"]
    page.locator("#table .scroll").evaluate("(it) => { it.scrollLeft = 200; }")
    assert page.locator("#table .scroll").evaluate("(it) => it.scrollLeft") > 100
    assert first.bounding_box()["x"] == before
    assert pd.notna(before)


def test_communes_at_risk_are_marked_on_the_map_of_tiers_too(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    row = page.locator("[data-key=risk]")
    assert int(row.get_attribute("data-risk")) == 1
    dark = """() => { const { painter, model } = ntmgis.page; painter.drawAll();
      const [x, y] = [model.communes.x[0], model.communes.y[0]];
      const { s, tx, ty, scale } = painter.seen;
      const { data } = painter.context.getImageData((x * s + tx - 10) * scale, (y * s + ty + 4) * scale,
        20 * scale, 20 * scale);
      let found = 0;
      for (let i = 0; i < data.length; i += 4)
        if (Math.abs(data[i] - 0x8c) + Math.abs(data[i + 1] - 0x2d) + Math.abs(data[i + 2] - 0x04) < 30) found += 1;
      return found; }"""
    assert page.evaluate("ntmgis.page.model.communes.code[0]") == "10001"
    assert page.evaluate(dark) > 20
    row.click()
    page.locator("[data-key=table-toggle]").click()
    assert page.locator("#table tbody tr").count() == 1
    page.locator("[data-key=risk]").click()
    assert page.locator("#table tbody tr").count() == 6
    page.locator("[data-state=advanced]").click()
    assert page.evaluate(dark) == 0, "filtered away"
    page.evaluate("ntmgis.page.state.set({ theme: 'roads' })")
    assert page.locator("[data-key=risk]").count() == 0


def test_where_the_plan_is_not_shown_the_page_says_when_it_is(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    assert page.locator(".plan").count() == 1
    page.locator("#periods input").focus()
    page.keyboard.press("End")
    assert page.locator(".plan").count() == 0
    link = page.locator("[data-key=plan-elsewhere]")
    assert link.inner_text() == "Chỉ tiêu kế hoạch: xem ở kỳ 30/06/2025"
    link.click()
    assert page.locator(".plan").count() == 1


def test_a_share_of_villages_is_told_with_its_villages(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    rows = [
        {"kind": "minimum_share", "district_code": "901", "id": "v", "label": "Thôn: huyện A", "gloss": "Villages: A",
         "target": 0.6, "actual": 0.2308, "done": 18, "unit": "tỷ lệ số thôn", "status": "short"},
        {"kind": "minimum_per_commune", "district_code": None, "id": "m", "label": "Thôn kiểu mẫu", "gloss": "Model",
         "target": 51, "actual": 38, "done": 38, "unit": "thôn/xã", "status": "short"},
    ]  # fmt: skip
    page.evaluate(
        """(rows) => { const { model, state } = ntmgis.page;
          const blank = { note: null, rule: null, on_track: null, baseline: null, expected: null, per_quarter: null };
          model.facts.plan.splice(0, 99, ...rows.map((row) => ({ ...blank, ...row }))); state.set({ lang: 'en' }); }""",
        rows,
    )
    assert page.locator(".shares .figures").inner_text() == "18/78 villages, 23.1% · target 60.0%"
    assert page.locator("[data-target=m] .figures").inner_text() == "38/51 such communes have one"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1366, 768)])
def test_a_village_that_was_searched_stands_ringed_in_what_is_in_view(
    page_file: Path, open_page: Open, width: int, height: int
) -> None:
    page = open_page(page_file, width=width, height=height).ready().page
    page.evaluate("window.ntmgis.page.map.options.zoomAnimation = false")
    code = page.evaluate("ntmgis.page.model.villages.code[2]")
    page.fill("#search-box", code)
    page.keyboard.press("Enter")
    page.wait_for_timeout(900)
    assert page.evaluate("ntmgis.page.state.village") == 2
    x, y = page.evaluate(
        """() => { const { painter, model, map } = ntmgis.page; const { s, tx, ty } = painter.seen;
          const corner = map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
          const frame = map.getContainer().getBoundingClientRect();
          return [model.villages.x[2] * s + tx - corner.x + frame.left,
            model.villages.y[2] * s + ty - corner.y + frame.top]; }"""
    )
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('#ntmgis_map') !== null", [x, y])
    assert page.locator(".villages .asked").count() == 1
    page.evaluate("ntmgis.page.state.set({ selected: -1 })")
    assert page.evaluate("ntmgis.page.state.village") == -1


def test_the_table_opens_at_the_chosen_commune_and_says_when_nothing_matches(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, height=560, fragment="#commune=10006&as-of=2025-06-30&theme=roads").ready().page
    page.locator("[data-key=table-toggle]").click()
    row, scroll = page.locator("#table tr.chosen").bounding_box(), page.locator("#table .scroll").bounding_box()
    assert row["y"] + row["height"] <= scroll["y"] + scroll["height"] + 1
    heads = page.locator("#table thead th").all_inner_texts()
    assert sum("cứng hóa" in text for text in heads) == 1, "the theme's own measure stands once"
    assert "Đường cứng hóa" in page.evaluate("ntmgis.page.csv()").splitlines()[0]
    page.fill("[data-key=table-filter]", "zzz")
    assert page.locator("#table tbody").inner_text().strip() == "Không có đơn vị nào khớp."


def test_at_an_earlier_date_the_page_says_what_is_of_which_date(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    earlier = page.evaluate("ntmgis.page.model.scene.periods[0].as_of")
    assert earlier < "2025-06-30"
    page.evaluate("ntmgis.page.state.set({ period: 0, selected: 0, details: 'open', table: 'open' })")
    marks = page.locator(".measured-on").all_inner_texts()
    assert len(marks) >= 2
    assert all("30/06/2025" in text for text in marks)
    page.locator("[data-key=criteria-elsewhere]").click()
    assert page.locator(".criteria .criterion").count() == 19
    assert page.locator(".measured-on").count() == 0


def test_the_card_of_a_village_tells_its_status_apart_from_its_area(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate(
        """() => { const { state, map, model, painter } = ntmgis.page;
          state.set({ shown: new Set(['villages']) }); map.setZoom(10.5, { animate: false }); painter.drawAll(); }"""
    )
    x, y = page.evaluate(
        """() => { const { painter, map } = ntmgis.page;
          const corner = map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
          const frame = map.getContainer().getBoundingClientRect(); const room = map.getSize();
          const seen = painter.hits.villages.map(([x, y]) => [x - corner.x, y - corner.y])
            .find(([x, y]) => x > 80 && y > 60 && x < room.x - 80 && y < room.y - 120);
          return [seen[0] + frame.left, seen[1] + frame.top]; }"""
    )
    page.mouse.move(x, y)
    page.wait_for_selector("#tip:not([hidden])")
    names = page.locator("#tip dt").all_inner_texts()
    assert "" not in names
    assert "Kết quả" in names
    assert "DTTS" not in page.locator("#tip dt:text-is('Kết quả') + dd").inner_text().replace("NTM vùng DTTS", "")


def test_a_theme_that_brings_its_own_date_says_so(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.state.set({ period: 0 })")
    page.locator("#theme").select_option("roads")
    assert "30/06/2025" in page.locator("#live").inner_text()
    assert page.locator("#live.on").count() == 1
    assert page.locator("#periods .at").inner_text() == "30/06/2025"


def test_on_a_phone_a_commune_that_is_tapped_comes_out_from_under_the_sheet(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, width=360, height=740, has_touch=True).ready().page
    place = """() => { const { map, model } = ntmgis.page;
      const { grid } = model.facts.page; const side = 2 ** grid.bits;
      const [x, y] = [model.communes.x[1] + grid.x, model.communes.y[1] + grid.y + 1500]; // beside the road
      const at = map.latLngToContainerPoint([Math.atan(Math.sinh(Math.PI * (1 - 2 * y / side))) * 180 / Math.PI,
        (x / side - 0.5) * 360]);
      const frame = map.getContainer().getBoundingClientRect();
      return [at.x + frame.left, at.y + frame.top]; }"""
    page.touchscreen.tap(*page.evaluate(place))
    page.wait_for_timeout(900)
    assert page.evaluate("ntmgis.page.state.selected") == 1
    x, y = page.evaluate(place)
    assert y < page.locator("#details").bounding_box()["y"] - 20
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('#ntmgis_map') !== null", [x, y])


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", [1280, 1366, 1920])
def test_the_bar_of_dates_holds_all_that_stands_in_it(page_file: Path, open_page: Open, width: int, lang: str) -> None:
    page = open_page(page_file, width=width, fragment=f"#lang={lang}").ready().page
    page.evaluate("ntmgis.page.state.set({ details: 'open' })")
    bar = page.locator("#periods").bounding_box()
    for part in ("button", ".track", ".date", ".since select"):
        box = page.locator(f"#periods {part}").first.bounding_box()
        assert bar["x"] <= box["x"], part
        assert box["x"] + box["width"] <= bar["x"] + bar["width"], part
