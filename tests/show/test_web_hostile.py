"""Names from files are text and stay text: nothing of them runs, and nothing of them is lost."""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import tiny
import tiny_epochs
import tiny_facts
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.programme.plan import load_plan
from ntmgis.show.web import Entry, write_index, write_status_page
from ntmgis.show.web.encode import pack, safe_json
from ntmgis.show.web.page import status_page
from ntmgis.store.snapshot import SourceNote

HOSTILE = [
    "<script>window.ranByAccident += 1</script>",
    "</script><script>window.ranByAccident += 1</script>",
    "<!--<script>",
    "${window.ranByAccident += 1}",
    "`${window.ranByAccident += 1}`",
    '"><img src=x onerror="window.ranByAccident += 1">',
    "javascript:window.ranByAccident+=1",
    "{{ 7 * 7 }}{% raw %}",
    "a\u202eb\u2066c\u200f",
    "nul\x00byte\x1b[31m",
    "\u2028\u2029 line ends",
    "x" * 10_000,
    "__proto__",
    "constructor",
    "]]>&amp;&#x3c;b&#x3e;",
    "<ntmgis-policy>",
    "@ntmgis-content-security-policy@",
    '=HYPERLINK("http://example.org")',
]
LONE_SURROGATE = "\ud83d"  # frames cannot hold it, file names can


def hostile_page(path: Path, text: str) -> None:
    """A province in which every free text of the input is `text`."""
    base = tiny.snapshot()
    units, villages, districts = base.communes, base.villages, base.districts
    units["name"] = text
    units.loc[units["code"] == "10002", "name"] = "Xã Hai"
    villages["name"] = text
    districts["name"] = text
    units["district"] = text
    status = base.commune_status
    status["decision"] = text
    status["source"] = text
    layers = {}
    for id_, frame in base.layers.items():
        frame["name"] = text
        frame["id"] = text
        layers[id_] = frame
    facts = tiny_facts.facts()
    for frame in (facts.communes, facts.villages, facts.districts):
        frame["name"] = text
    facts.communes["decision"] = text
    for column in ("label", "gloss", "note", "unit", "id"):
        facts.plan[column] = text
    snapshot = tiny.snapshot(
        communes=units,
        villages=villages,
        districts=districts,
        commune_status=status,
        layers=layers,
        province_name=text,
        sources=(SourceNote(text, "unit", text, None, 6, origin=text, licence=text, failed=True),),
    )
    write_status_page(snapshot, facts, path, agency=text)


@pytest.mark.browser
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_text_is_shown_as_text_and_nothing_runs(
    tmp_path: Path, open_page: Callable[..., object], text: str
) -> None:
    path = tmp_path / "status.html"
    hostile_page(path, text)
    opened = open_page(path).ready()
    page = opened.page
    expected = text.encode("utf-8", "replace").decode()
    assert page.evaluate("ntmgis.page.model.communes.name[0]") == expected
    page.locator("[data-key=fold-sources]").click()
    page.locator("[data-key=fold-layers-environment]").click()
    page.locator("[data-key=fold-layers-villages]").click()
    for key in ("layer-water_supply", "layer-villages"):
        page.locator(f"[data-key={key}]").check()
    page.locator("[data-key=table-toggle]").click()
    page.fill("#search-box", text[:200])
    page.keyboard.press("Escape")
    page.evaluate("ntmgis.page.state.set({ selected: 0, asked: 1, details: 'open' })")
    page.wait_for_function(
        "document.querySelector('#details .panel-head h2').textContent === ntmgis.page.model.communes.name[0]"
    )
    page.evaluate("ntmgis.page.map.setZoom(13, { animate: false })")
    box = page.locator("#ntmgis_map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("[data-key=language]").click()
    assert page.locator("script").count() == 5, "three data blocks, the bundle and folium's line"
    assert page.locator("#app img, #app iframe, #app object, #app [onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate("Object.keys(Object.prototype)") == []
    opened.assert_clean()


@pytest.mark.browser
def test_hostile_text_on_the_start_page(tmp_path: Path, open_page: Callable[..., object]) -> None:
    path = tmp_path / "index.html"
    entries = [
        Entry(title=text, href=f"{text}.html", kind=text[:40], bytes=10, note=text)
        for text in [*HOSTILE, LONE_SURROGATE]
    ] + [Entry(title="up", href="../../../etc/passwd", kind="html", bytes=1), Entry("//", "//example.org/x", "html", 1)]
    sources = [SourceNote("a", "unit", text, None, 1, origin=text, licence=text) for text in HOSTILE]
    write_index(path, entries=entries, title=HOSTILE[1], sample=True, as_of=tiny.AS_OF, sources=sources)
    opened = open_page(path)
    page = opened.page
    assert page.locator("script").count() == 0
    assert page.locator(".cards li").count() == len(entries)
    assert page.locator("h1").inner_text() == HOSTILE[1]
    folder = path.parent.resolve().as_uri() + "/"
    for link in page.locator(".cards a").all():
        assert link.evaluate("(a) => a.href").startswith(folder)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    opened.assert_clean()


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_of_anything_neither_opens_nor_closes_an_element(value: object) -> None:
    text = safe_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == value


# Words that a reader sees, by the names they have in the page's data; ids, codes, dates and colours are left alone.
_WORDS = {
    "vi",
    "en",
    "note",
    "label",
    "gloss",
    "title",
    "name",
    "unit",
    "origin",
    "licence",
    "rule",
    "agency",
    "decision",
}


def _hostile(value: object, texts: Iterator[str], *, words: bool = False) -> object:
    """The same data with every word in it replaced by the next of `texts`."""
    if isinstance(value, dict):
        return {
            key: one if key in {"fields", "columns", "k", "v"} else _hostile(one, texts, words=key in _WORDS)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_hostile(one, texts, words=words) for one in value]
    return next(texts) if words and isinstance(value, str) and value else value


def _replaced(html: str, block: str, texts: Iterator[str]) -> str:
    """The page with hostile words in one of its data blocks (data are no part of what the policy seals)."""
    found = re.search(rf'(id="ntmgis-{block}">)(.*?)(</script>)', html, re.DOTALL)
    assert found
    if block == "facts":
        made = safe_json(_hostile(json.loads(found[2]), texts))
    else:
        packed = json.loads(zlib.decompress(base64.b64decode(found[2])))
        made = pack(safe_json(_hostile(packed, texts)).encode("utf-8"))
    return html[: found.start(2)] + made + html[found.end(2) :]


@pytest.mark.browser
@pytest.mark.parametrize("shift", [0, 5, 11])
def test_hostile_words_in_every_part_of_the_page(tmp_path: Path, open_page: Callable[..., Any], shift: int) -> None:
    """Themes, classes, layer titles, plan, review, changes, both epochs: all words at once, each text in turn."""
    path = tmp_path / "status.html"
    html = status_page(
        tiny.snapshot(),
        tiny_facts.facts(),
        monitoring=tiny_epochs.monitoring(),
        plan=load_plan(),
        others=[tiny_epochs.later()],
    )
    texts = islice(cycle(HOSTILE), shift, None)
    for block in ("facts", "layers"):
        html = _replaced(html, block, texts)
    path.write_text(html, encoding="utf-8")
    opened = open_page(path).ready()
    page = opened.page
    page.evaluate("ntmgis.page.state.set({ shown: new Set(['names', ...ntmgis.page.state.order]) })")
    for fold in page.locator("summary").all():
        if fold.is_visible() and not fold.evaluate("(it) => it.parentElement.open"):
            fold.click()
    keys = page.evaluate(
        "[...ntmgis.page.model.themes.values()]"
        ".flatMap((t) => t.variants ? t.variants.map((v) => `${t.id}.${v.id}`) : [t.id])"
    )
    for key in keys:
        page.evaluate("(theme) => ntmgis.page.state.set({ theme })", key)
        told = page.evaluate("ntmgis.page.headline(ntmgis.page.model, ntmgis.page.words, ntmgis.page.state)")
        assert page.locator("#title").text_content() == told
    page.evaluate("ntmgis.page.state.set({ theme: 'status', since: 'before' })")
    assert page.locator(".changes li").count() > 0
    name = page.evaluate("ntmgis.page.model.communes.name[0]")
    page.evaluate("ntmgis.page.state.set({ selected: 0, asked: 1 })")
    assert page.locator("#details .panel-head h2").text_content() == name
    first = page.evaluate("ntmgis.page.model.facts.themes[0].vi")
    assert page.locator("#theme option").first.text_content() == first
    layer = page.evaluate("ntmgis.page.model.layers[0].vi")
    assert layer in page.locator("#legend .layer .what").all_text_contents()
    for language in ("en", "vi"):
        page.evaluate("(lang) => ntmgis.page.state.set({ lang })", language)
        page.evaluate("ntmgis.page.state.set({ selected: -1 })")  # the dashboard
        page.evaluate("ntmgis.page.state.set({ table: 'open', query: '', selected: 1, asked: 2 })")
    for tool in ("#measure-button", "#locate-button", "[data-key=print]"):
        page.evaluate("(tool) => document.querySelector(tool).click()", tool)
    page.locator("[data-key=paper-close]").click()
    for zoom in (9, 11, 13):
        page.evaluate("(zoom) => ntmgis.page.map.setZoom(zoom, { animate: false })", zoom)
    for text in HOSTILE:
        page.fill("#search-box", text[:300])
    assert page.locator("#app img, #app iframe, #app object, #app [onerror], #app script").count() == 0
    assert page.evaluate(
        "[...document.querySelectorAll('#app a')].every((a) => a.getAttribute('href').startsWith('#'))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate("Object.keys(Object.prototype)") == []
    opened.assert_clean()


@pytest.mark.browser
def test_hostile_links_open_the_page_and_nothing_else(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    path = tmp_path / "status.html"
    write_status_page(tiny.snapshot(), tiny_facts.facts(), path, others=[tiny_epochs.later()])
    opened = open_page(path).ready()
    page = opened.page
    for text in HOSTILE:
        for name in ("commune", "as-of", "theme", "since", "lang"):
            raw = f"{name}={text[:2000]}"
            coded = f"{name}={quote(text[:2000])}&as-of=2025-06-30&theme={quote(text[:50])}"
            for fragment in (raw, coded):
                page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    page.wait_for_timeout(100)
    assert page.evaluate("ntmgis.page.state.theme") == "status"
    assert page.evaluate("ntmgis.page.state.lang") in {"vi", "en"}
    assert page.locator("#title").text_content() == page.title()
    assert page.evaluate("Object.keys(Object.prototype)") == []
    opened.assert_clean()


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["<script>alert(1)<", '"><img src=x onerror=alert(1)>', "${1+1}`x`", "a#b?c%20d&e", "đ\u202ec", "x" * 200]
)
def test_a_page_under_a_hostile_file_name_opens(tmp_path: Path, open_page: Callable[..., Any], name: str) -> None:
    path = tmp_path / f"{name}.html"
    write_status_page(tiny.snapshot(), tiny_facts.facts(), path)
    opened = open_page(path).ready()
    opened.page.locator("[data-key=language]").click()
    opened.assert_clean()
