"""The page of households as a person uses it: from a file, network cut, by mouse, keyboard and phone; and sealed."""

import base64
import itertools
import json
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import household_cases as cases
import numpy as np
import pandas as pd
import pytest
import tiny
from cryptography.exceptions import InvalidTag

from ntmgis.show.web.folder import write_households_folder
from ntmgis.show.web.households import write_households_page
from ntmgis.show.web.households_data import register
from ntmgis.show.web.sealed import ROUNDS, derive_key, make_seal, unseal
from ntmgis.store.snapshot import SourceNote

Open = Callable[..., "object"]
PASSWORD = "bốn từ không liên quan"
ALL = """() => { const { model, main } = ntmgis.page;
  return Array.from({ length: main.count }, (_, i) =>
    [main.x[i], main.y[i], main.combo[i], model.villageOf(main, i), model.address(main, i)]); }"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("households") / "households.html"
    write_households_page(cases.snapshot(), path, agency="Văn phòng điều phối", purpose="Rà soát biển số")
    return path


@pytest.fixture(scope="module")
def sealed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("households") / "sealed.html"
    write_households_page(cases.snapshot(), path, agency="Văn phòng", purpose="Rà soát", password=PASSWORD)
    return path


def told(snapshot) -> list[list[object]]:
    """What a page must know of every located object."""
    made = register(snapshot)
    points, rows = made.points, []
    for i in range(len(points)):
        prefix = made.prefixes[points.village[i]]
        address = f"{prefix}{points.suffix[i]:05d}" if points.suffix[i] >= 0 else points.unusual[i]
        rows.append([*(int(one[i]) for one in (points.x, points.y, points.combo, points.village)), address])
    return rows


def screen_of(page, index: int) -> tuple[float, float]:
    """Where a point is on the screen."""
    x, y = page.evaluate(
        """(i) => { const { main, painter, map } = ntmgis.page; const { s, tx, ty } = painter.view;
          const at = map.layerPointToContainerPoint(painter._bounds.min.add([main.x[i] * s + tx, main.y[i] * s + ty]));
          const box = map.getContainer().getBoundingClientRect(); return [box.left + at.x, box.top + at.y]; }""",
        index,
    )
    return x, y


def test_the_same_input_gives_the_same_bytes(page_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    base = cases.snapshot()
    shuffled = cases.snapshot(addresses=base.addresses.sample(frac=1, random_state=3).reset_index(drop=True))
    write_households_page(shuffled, again, agency="Văn phòng điều phối", purpose="Rà soát biển số")
    assert again.read_bytes() == page_file.read_bytes()


def test_nothing_but_what_the_page_needs_is_in_it(page_file: Path) -> None:
    text = json.dumps(cases.meta_of(page_file), ensure_ascii=False)
    assert "H100010" not in text, "no identifier of an object"
    assert "2025-03-14" not in text, "no date of an object"


@pytest.mark.browser
def test_opens_from_the_disk_clean_and_decodes_beside_the_page(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    assert page.locator("#mark b").inner_text() == "DỮ LIỆU CÁ NHÂN – CHỈ DÙNG NỘI BỘ"
    assert page.locator("#sample-band").is_visible()
    assert page.locator("h1").inner_text() == "Địa chỉ số: 60 đối tượng trên bản đồ, đến 30/06/2025"
    assert "Rà soát biển số" in page.locator("#legend").inner_text()
    assert page.evaluate("ntmgis.page.offThread")
    assert page.evaluate("ntmgis.page.app.drawn()") == 60
    assert page.evaluate(ALL) == told(cases.snapshot())
    opened.assert_clean()


@pytest.mark.browser
@pytest.mark.parametrize("box", [(107.4, 14.4, 107.8, 14.7), (-179.9, -84.0, 179.9, 84.0)], ids=["near", "world"])
def test_the_browser_reads_what_was_written(tmp_path: Path, open_page: Open, box) -> None:
    base = cases.snapshot(cases.random_rows(3000, seed=7, box=box))
    path = tmp_path / "many.html"
    write_households_page(base, path)
    page = open_page(path).ready().page
    assert page.evaluate(ALL) == told(base)
    # The index finds the same points as a search through all of them.
    wrong = """() => { const { main, app } = ntmgis.page; const near = 900; let wrong = 0;
      for (let i = 0; i < main.count; i += 37) {
        const [x, y] = [main.x[i], main.y[i]];
        let n = 0;
        for (let k = 0; k < main.count; k++)
          if (Math.abs(main.x[k] - x) <= near && Math.abs(main.y[k] - y) <= near) n += 1;
        if (n !== app.countIn({ west: x - near, east: x + near, north: y - near, south: y + near })) wrong += 1;
      }
      return wrong; }"""
    assert page.evaluate(wrong) == 0


@pytest.mark.browser
def test_a_browser_that_refuses_workers_still_shows_the_points(page_file: Path, chromium) -> None:
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.add_init_script("window.Worker = class { constructor() { throw new Error('refused'); } };")
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("ntmgis.page.app.drawn()") == 60
    context.close()


@pytest.mark.browser
def test_the_closest_view_still_shows_points(page_file: Path, open_page: Open) -> None:
    """Not closer than points are known: half a metre, two of its pixels."""
    page = open_page(page_file).ready().page
    assert page.evaluate("ntmgis.page.map.getMaxZoom()") == 19


@pytest.mark.browser
@pytest.mark.parametrize("zoom", [11, 16])
def test_a_pan_draws_what_a_fresh_drawing_would(page_file: Path, open_page: Open, zoom: int) -> None:
    """A pan moves the old picture and draws the strips that come in: no seam, nothing twice, nothing missing."""
    page = open_page(page_file).ready().page
    page.evaluate("(zoom) => ntmgis.page.app.go({ kind: 'village', index: 0 }) ?? ntmgis.page.map.setZoom(zoom)", zoom)
    page.evaluate("(zoom) => ntmgis.page.map.setZoom(zoom, { animate: false })", zoom)
    for step in ([90, 40], [-170, 30], [20, -60], [-1, -1]):
        page.wait_for_timeout(60)
        different = page.evaluate(
            """(step) => { const { map, painter } = ntmgis.page; const { dots } = painter;
              map.panBy(step, { animate: false });
              const moved = dots.pixels.slice();
              dots.last = null;
              painter.draw();
              // Around the edge a fresh drawing lacks the shine of what lies outside.
              let [drawn, wrong] = [0, 0];
              const { data } = painter.ground.context.getImageData(0, 0, dots.width, dots.height);
              const ground = new Uint32Array(data.buffer);
              for (let i = 0; i < moved.length; i++) {
                const [x, y] = [i % dots.width, Math.floor(i / dots.width)];
                if (x < 8 || y < 8 || x >= dots.width - 8 || y >= dots.height - 8) continue;
                drawn += dots.pixels[i] === ground[i] ? 0 : 1;
                wrong += moved[i] === dots.pixels[i] ? 0 : 1;
              }
              return [drawn > 0, wrong]; }""",
            step,
        )
        assert different == [True, 0]


@pytest.mark.browser
def test_a_point_has_the_colour_of_its_class(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    for address, colour in (("1000300002", "#0b5563"), (None, "#ffffff")):  # the ring of "no code" is hollow
        found = page.evaluate(
            """(address) => { const { main, model, map, painter, app } = ntmgis.page;
              let i = 0;
              if (address) i = model.findAddress(main, address); else while (model.address(main, i)) i += 1;
              app.go({ kind: 'address', points: main, i, village: 0 });
              const { a, bx, by } = painter.dots.last;
              const at = Math.floor(main.y[i] * a + by) * painter.dots.width + Math.floor(main.x[i] * a + bx);
              const pixel = painter.dots.pixels[at];
              return '#' + [0, 8, 16].map((s) => ((pixel >>> s) & 255).toString(16).padStart(2, '0')).join(''); }""",
            address,
        )
        assert found == colour


@pytest.mark.browser
def test_legend_counts_filter_and_colour(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page

    def lines() -> list[str]:
        return [" ".join(text.split()) for text in page.locator(".classes li").all_inner_texts()]

    assert lines() == ["Đã có mã 48 80,0%", "Chưa có mã 12 20,0%"]
    page.locator("[data-key=class-1]").click()
    page.wait_for_timeout(100)
    assert page.evaluate("ntmgis.page.app.drawn()") == 48
    assert "48/60" in page.locator(".sum").inner_text()
    page.locator("[data-key=colour-plated]").check(force=True)
    assert lines() == ["Đã gắn biển 24 50,0%", "Chưa ghi nhận gắn biển 24 50,0%"], "counted among those still shown"
    page.locator("[data-key=clear]").click()
    assert lines() == ["Đã gắn biển 24 40,0%", "Chưa ghi nhận gắn biển 36 60,0%"]
    page.locator("[data-key=language]").click()
    assert lines() == ["Plated 24 40.0%", "No plate recorded 36 60.0%"]
    assert page.locator("#mark b").inner_text() == "PERSONAL DATA – INTERNAL USE ONLY"


@pytest.mark.browser
def test_hover_and_click_name_the_address(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    index = page.evaluate("ntmgis.page.model.findAddress(ntmgis.page.main, '1000300002')")
    page.fill("#search-box", "10003 00002")
    page.locator("#search-list li").first.wait_for()
    assert page.locator("#search-list li b").first.inner_text() == "10003 00002"
    page.keyboard.press("Enter")
    page.wait_for_timeout(150)
    card = page.locator("#card")
    assert card.locator("h2").inner_text() == "10003 00002"
    assert "Thôn 1" in card.inner_text()
    assert "Xã Ba" in card.inner_text()
    assert page.locator(".ring").is_visible()
    page.locator("#card .close").click()
    assert not card.is_visible()
    x, y = screen_of(page, index)
    page.mouse.move(x - 30, y - 30)
    page.mouse.move(x, y)
    tip = page.locator("#tip")
    tip.wait_for()
    assert "10003 00002" in tip.inner_text()
    page.mouse.click(x, y)
    assert card.locator("h2").inner_text() == "10003 00002"
    assert "Đã gắn biển" in card.inner_text()
    opened.assert_clean()


@pytest.mark.browser
def test_far_out_the_village_answers_with_its_counts(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file).ready().page
    page.evaluate("ntmgis.page.map.setZoom(11, { animate: false })")
    index = page.evaluate("ntmgis.page.main.village.indexOf(0)")
    x, y = screen_of(page, index)
    page.mouse.move(x, y + 1)
    page.locator("#tip").wait_for()
    assert "10 đối tượng" in page.locator("#tip").inner_text()
    page.mouse.click(x, y)
    assert "10 đối tượng trên bản đồ" in page.locator("#card").inner_text()


@pytest.mark.browser
def test_keyboard_alone_finds_a_commune(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file).ready()
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#search-box")
    page.keyboard.type("xa bon")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator("#card h2").inner_text() == "Xã Bốn"
    opened.assert_clean()


@pytest.mark.browser
def test_a_phone(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, width=360, height=740, device_scale_factor=2, has_touch=True)
    page = opened.ready().page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#mark").is_visible()
    assert not page.locator("#legend").is_visible()
    page.locator("[data-key=sheet]").tap()
    assert page.locator("#legend").is_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, input, label, .leaflet-control-zoom a')]
          .filter((one) => one.offsetParent && !one.matches('.link, .choices input'))
          .map((one) => [one.outerHTML.slice(0, 60), one.getBoundingClientRect().height])
          .filter(([, height]) => height < 39)"""
    )
    assert small == []
    opened.assert_clean()


@pytest.mark.browser
def test_print_keeps_the_marks(page_file: Path, open_page: Open) -> None:
    import pypdfium2

    page = open_page(page_file).ready().page

    def printed(longitude: float) -> tuple[str, list[int]]:
        """The text of the sheet, and how much of it has the colours of "coded", "not coded" and the land."""
        page.evaluate("ntmgis.page.app.go({ kind: 'village', index: 0 })")
        page.evaluate(
            """(lon) => { const { map } = ntmgis.page; const at = map.getCenter();
              map.setView([at.lat, at.lng + lon], 17, { animate: false }); }""",
            longitude,
        )
        document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
        assert len(document) == 1
        text = document[0].get_textpage().get_text_range()
        picture = np.asarray(document[0].render(scale=2).to_pil().convert("RGB")).reshape(-1, 3).astype(int)
        document.close()
        colours = ((11, 85, 99), (224, 123, 0), (253, 253, 251))
        return text, [int((np.abs(picture - one).max(axis=1) <= 2).sum()) for one in colours]

    text, there = printed(0.0)
    assert "CHỈ DÙNG NỘI BỘ" in text
    assert "MINH HOẠ" in text
    assert "Chưa có mã" in text
    _, elsewhere = printed(0.02)
    assert there[0] > elsewhere[0] + 500, "the points stand on the paper, not only in the legend"
    assert there[1] > elsewhere[1] + 50
    assert there[2] > 200_000, "and under them the land"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "kind"),
    [*((text, "file") for text in cases.HOSTILE), (cases.HOSTILE[1], "folder"), (cases.HOSTILE[4], "folder")],
    ids=lambda value: ascii(value)[:24],
)
def test_hostile_text_stays_text(tmp_path: Path, open_page: Open, text: str, kind: str) -> None:
    folder = kind == "folder"
    base = cases.snapshot()
    units, villages, districts, objects = base.communes, base.villages, base.districts, base.addresses
    units["name"] = villages["name"] = districts["name"] = text
    units.loc[units["code"] == "10002", "name"] = "Xã Hai"
    objects["kind"] = text
    objects.loc[objects.index[::3], "address"] = text
    snapshot = cases.snapshot(
        communes=units,
        villages=villages,
        districts=districts,
        addresses=objects,
        province_name=text,
        sources=(SourceNote(text, "address_point", text, tiny.AS_OF, 6, origin=text, licence=text, failed=True),),
    )
    if folder:
        path = write_households_folder(snapshot, tmp_path / "f", agency=text, purpose=text)
    else:
        path = tmp_path / "households.html"
        write_households_page(snapshot, path, agency=text, purpose=text)
    opened = open_page(path).ready()
    page = opened.page
    if folder:
        opened.requests.clear()  # its own data scripts
    expected = text.encode("utf-8", "replace").decode()
    assert page.evaluate("ntmgis.page.model.communes.name[0]") == expected
    if not folder:
        assert expected in [one[4] for one in page.evaluate(ALL)]
    page.locator("[data-key=colour-kind]").check(force=True)
    page.evaluate("ntmgis.page.app.go({ kind: 'village', index: 0 })")
    page.fill("#search-box", text[:200])
    page.keyboard.press("Escape")
    page.evaluate("ntmgis.page.map.setZoom(16, { animate: false })")
    box = page.locator("#ntmgis_map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("[data-key=language]").click()
    page.wait_for_timeout(100)
    assert page.locator("script").count() == 4, "the worker's start, its points, the bundle, folium's line"
    assert page.locator("#app img, #app iframe, #app object, #app [onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate("Object.keys(Object.prototype)") == []
    if folder:
        opened.requests.clear()
    opened.assert_clean()


# ---- sealed


def test_the_seal_is_aes_gcm_under_pbkdf2() -> None:
    assert ROUNDS >= 600_000
    seal = make_seal(PASSWORD, rounds=1000)
    key = derive_key(PASSWORD, seal.salt, 1000)
    box = seal.close("points", b"abc")
    assert unseal(key, "points", box) == b"abc"
    assert seal.close("points", b"abc") != box, "a fresh IV each time"
    with pytest.raises(InvalidTag):
        unseal(key, "meta", box)
    with pytest.raises(InvalidTag):
        unseal(derive_key(PASSWORD + " ", seal.salt, 1000), "points", box)
    with pytest.raises(InvalidTag):
        unseal(key, "points", box[:-1] + bytes([box[-1] ^ 1]))
    assert PASSWORD not in repr(seal)
    assert seal._key.hex() not in repr(seal)


def test_composed_and_decomposed_accents_give_one_key() -> None:
    forms = {derive_key(unicodedata.normalize(form, PASSWORD), b"salt" * 4, 1000) for form in ("NFC", "NFD")}
    assert len(forms) == 1


def readable(raw: bytes) -> list[str]:
    """Words of the tiny province that can be found in bytes, also behind base64 and deflate."""
    words = ["Xã Một", "Thôn 1", "Tí Hon", "10001", "Huyện", "Văn phòng", "Rà soát", "107.", "household"]
    blocks = (cases.block(raw.decode("utf-8"), name) for name in ("meta", "shapes", "points"))
    parts = [raw, *map(base64.b64decode, blocks)]
    found = []
    for part, word in itertools.product(parts, words):
        ours = part.replace(b"household", b"") if word == "household" and part is raw else part
        if word.encode() in ours and not (part is raw and word in _OWN):
            found.append(word)
    return found


# Words of the page's own code and texts.
_OWN = {"Huyện", "10001", "107."}


def test_nothing_can_be_read_in_a_sealed_page(sealed_file: Path) -> None:
    raw = sealed_file.read_bytes()
    assert readable(raw) == []
    for name in ("meta", "shapes", "points"):
        sealed = base64.b64decode(cases.block(raw.decode(), name))
        with pytest.raises(zlib.error):
            zlib.decompress(sealed)
    opened = json.loads(cases.block(raw.decode(), "open"))
    assert set(opened) == {"sealed", "sample", "mark", "folder"}
    assert opened["sealed"]["rounds"] == ROUNDS
    # The whole page but its blocks is the same for every sealed page: it cannot tell what is inside.
    other = sealed_file.with_name("other.html")
    rows = [{"lon": 105.0, "lat": 21.0, "address": "0000100002", "village_code": "10001-01"}]
    write_households_page(cases.snapshot(rows, province_name="Tỉnh Khác"), other, password="another password")

    def frame(text: str) -> str:
        for name in ("meta", "shapes", "points", "open"):
            text = text.replace(cases.block(text, name), "")
        return text

    assert frame(other.read_text(encoding="utf-8")) == frame(raw.decode())
    assert "107." not in frame(raw.decode()).split("L.map(")[1]


@pytest.mark.browser
def test_a_sealed_page_opens_with_its_password_only(sealed_file: Path, open_page: Open) -> None:
    opened = open_page(sealed_file)
    page = opened.page
    page.locator("#gate-password").wait_for()
    assert page.title() == "Dữ liệu cá nhân – chỉ dùng nội bộ"
    assert page.locator("#mark").is_visible()
    assert page.locator("#gate-password").get_attribute("type") == "password"
    page.keyboard.press("Enter")
    assert page.locator(".gate-bad").inner_text() == "Hãy gõ mật khẩu."
    page.fill("#gate-password", "not the password")
    page.keyboard.press("Enter")
    page.locator(".gate-bad", has_text="Mật khẩu không đúng").wait_for()
    assert page.locator("h1").inner_text() == ""
    page.fill("#gate-password", PASSWORD)
    page.keyboard.press("Enter")
    opened.ready()
    assert page.evaluate(ALL) == told(cases.snapshot())
    assert not page.locator("#gate").is_visible()
    opened.assert_clean()


@pytest.mark.browser
def test_a_browser_without_webcrypto_is_told_so(sealed_file: Path, chromium) -> None:
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.add_init_script("Object.defineProperty(globalThis, 'crypto', { value: {} });")
    page.goto(sealed_file.resolve().as_uri())
    page.locator(".gate-bad", has_text="WebCrypto").wait_for()
    assert page.locator("#gate-password").count() == 0
    context.close()


def test_lut_of_many_combinations_keeps_two_bytes() -> None:
    """More than 256 combinations need a second plane; kinds beyond the contract make them."""
    rows = [
        {"lon": 107.5, "lat": 14.5, "kind": f"loại {i}", "has_code": [True, False, pd.NA][i % 3]} for i in range(400)
    ]
    made = register(cases.snapshot(rows))
    assert len(made.combos) == 400
    assert np.unique(made.points.combo).size == 400
