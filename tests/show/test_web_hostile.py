"""Names from files are text and stay text: nothing of them runs, and nothing of them is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tiny
import tiny_facts
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.show.web import Entry, write_index, write_status_page
from ntmgis.show.web.encode import safe_json
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
    import json

    text = safe_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == value
