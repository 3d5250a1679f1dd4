"""The map book and the page of a commune: order, links, what each page says, and what it must not say."""

import ctypes
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import paper_cases
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import tiny
import tiny_epochs
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from ntmgis.book import make_book, make_commune_sheet
from ntmgis.errors import InputError, UsageError
from ntmgis.measure.compute import compute_facts
from ntmgis.measure.facts import Facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.plan import load_plan
from ntmgis.show.paper.book_order import PER_LIST, bare_name, plan_book, vietnamese_key
from ntmgis.show.paper.book_pages import BookPages
from ntmgis.show.paper.book_write import write_book, write_commune_page
from ntmgis.show.paper.commune_page import CommunePages
from ntmgis.show.paper.commune_page_facts import PageFacts, few
from ntmgis.show.paper.commune_page_near import NearestWorks
from ntmgis.show.paper.commune_page_villages import village_table
from ntmgis.show.paper.content import Unit, ground_of
from ntmgis.show.paper.items import UNITS_PER_MM, Text
from ntmgis.show.paper.items import Path as Drawing
from ntmgis.show.paper.sheet import SheetMaker
from ntmgis.show.paper.sizes import template_for
from ntmgis.show.symbols import symbols
from ntmgis.store.snapshot import Snapshot

Known = tuple[Snapshot, Facts, Monitoring]


def known(**changes: Any) -> Known:
    snapshot = tiny.snapshot(**changes)
    facts = compute_facts(snapshot, load_plan(), limits={"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0})
    return snapshot, facts, compute_monitoring(snapshot, facts, load_plan())


@pytest.fixture(scope="module")
def plain() -> Known:
    return known()


@pytest.fixture(scope="module")
def book(plain: Known, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.pdf"
    snapshot, facts, monitoring = plain
    info = write_book(snapshot, facts, path, monitoring=monitoring, agency="Văn phòng", made=date(2025, 7, 15))
    assert (info.pages, info.districts, len(info.communes)) == (12, 2, 6)
    return path


def texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    made = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
    document.close()
    return made


def said(snapshot: Snapshot, facts: Facts, code: str, monitoring: Monitoring | None = None, **more: Any) -> str:
    """The text of a commune's page on one line."""
    path = more.pop("path")
    write_commune_page(snapshot, facts, code, pdf=path, monitoring=monitoring, **more)
    (text,) = texts(path)
    return " ".join(text.split())


# --- order


def unit(code: str, name: str, district: str = "1") -> Unit:
    return Unit(code, name, "ntm", urban=False, district=district, area=box(0, 0, 1, 1), full_name=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(0, 5))
def test_every_unit_has_one_page_and_pages_run_on(count: int, districts: int) -> None:
    units = [unit(f"{n:05d}", f"Xã {n}", str(n % max(districts, 1))) for n in range(count)]
    plan = plan_book(units, [(str(n), f"Huyện {n}") for n in range(districts)])
    assert [entry.page for entry in plan.entries] == list(range(1, len(plan) + 1))
    assert sorted(entry.key for entry in plan.entries if entry.kind == "commune") == [one.code for one in units]
    lists = sum(entry.kind == "contents" for entry in plan.entries)
    assert lists * PER_LIST >= count
    for entry in plan.entries:  # a commune stands after its own district
        if entry.kind == "commune" and districts:
            before = [one for one in plan.entries[: entry.page] if one.kind == "district"]
            assert before[-1].key == units[int(entry.key)].district


def test_long_lists_run_over_pages_and_lose_no_one() -> None:
    """160 communes with 20 first letters: an index of two pages."""
    letters = "ABCDEGHIKLMNOPQRSTUV"
    names = [f"Xã {letters[n % 20]} {n}" for n in range(160)]
    snapshot, _ = paper_cases.case(paper_cases.grid(16, 10, side=5_000.0, names=names))
    snapshot = replace(snapshot, commune_status=tiny.snapshot().commune_status.iloc[:0])
    maker = SheetMaker(snapshot, compute_facts(snapshot, load_plan(), limits={}))
    districts = [(str(row.code), str(row.name)) for row in snapshot.districts.itertuples(index=False)]
    plan = plan_book(maker.ground.units, districts)
    front = BookPages(CommunePages(maker), plan)
    for kind, pages in (("contents", 1), ("index", 2)):
        entries = [entry for entry in plan.entries if entry.kind == kind]
        assert len(entries) == pages
        drawn = [item.text for entry in entries for item in front.draw(entry).items if isinstance(item, Text)]
        assert {bare_name(name) for name in names} <= {bare_name(text) for text in drawn}


def test_names_run_by_the_vietnamese_alphabet() -> None:
    wanted = ["An", "Ăn", "Ân", "Chư", "Dục Nông", "Đắk Dục", "Đăk Hà", "Ê Ban", "Ia Chim", "Ơ Bung", "Ya Ly"]
    assert sorted(set(wanted), key=vietnamese_key) == wanted
    assert sorted(["Mã", "Mạ", "Má", "Mà", "Ma", "Mả"], key=vietnamese_key) == ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    assert bare_name("Đặc khu Lý Sơn") == "Lý Sơn"


def test_without_districts_communes_stand_by_the_alphabet(tmp_path: Path) -> None:
    snapshot, _ = tiny_epochs.later()
    facts = compute_facts(snapshot, load_plan(), limits={})
    info = write_book(snapshot, facts, tmp_path / "book.pdf")
    assert (info.pages, info.districts) == (6, 0)
    assert [one.name for one in info.communes] == ["Xã Ba Bốn", "Xã Mới", "Phường Sáu"]


# --- the file


def test_the_book_is_a4_and_each_page_is_marked_and_numbered(book: Path) -> None:
    document = pypdfium2.PdfDocument(book)
    assert {tuple(round(side) for side in page.get_size()) for page in document} == {(595, 842)}
    document.close()
    for n, text in enumerate(texts(book), start=1):
        assert "DỮ LIỆU MINH HOẠ" in text
        assert f"Trang {n}/12" in text
        assert "15/07/2025" in text


def test_bookmarks_are_a_tree_and_links_lead_to_the_right_pages(book: Path) -> None:
    document = pypdfium2.PdfDocument(book)
    marks = [(one.level, one.get_title(), one.get_dest().get_index()) for one in document.get_toc()]
    assert [mark for mark in marks if mark[0] == 0] == [
        (0, "Bìa, bản đồ chỉ dẫn", 0),
        (0, "Mục lục", 1),
        (0, "Chỉ mục theo vần", 2),
        (0, "Cách đọc, nguồn số liệu", 3),
        (0, "Huyện Chín Một", 4),
        (0, "Huyện Chín Hai", 9),
    ]
    first = {title: page for _, title, page in marks}
    said_on = texts(book)
    for name in ("Xã Một", "Xã Năm", "Thị trấn Sáu"):
        assert said_on[first[name]].startswith(f"{name}:")
    # cover: six communes; contents: six and two districts; index: six and the way back
    assert [len(links(document, n)) for n in (0, 1, 2)] == [6, 8, 7]
    assert sorted(set(links(document, 1))) == sorted(page for _, title, page in marks if "Xã" in title or page > 3)
    document.close()


def links(document: pypdfium2.PdfDocument, number: int) -> list[int]:
    """The pages that the links of a page lead to."""
    page = document[number]  # held: the links belong to it
    found, at, link = [], ctypes.c_int(0), pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page.raw, at, link):
        target = pdfium.FPDFLink_GetDest(document.raw, link)
        found.append(pdfium.FPDFDest_GetDestPageIndex(document.raw, target))
    return found


def test_every_commune_is_named_in_contents_and_index(book: Path) -> None:
    pages = texts(book)
    for name in ("Xã Một", "Xã Hai", "Xã Ba", "Xã Bốn", "Xã Năm", "Thị trấn Sáu"):
        assert name in pages[1]
        assert bare_name(name) in pages[2]


def test_the_second_run_gives_the_same_bytes_and_fonts_are_held_once(book: Path, plain: Known, tmp_path: Path) -> None:
    snapshot, facts, monitoring = plain
    again = tmp_path / "again.pdf"
    write_book(snapshot, facts, again, monitoring=monitoring, agency="Văn phòng", made=date(2025, 7, 15))
    assert again.read_bytes() == book.read_bytes()
    assert len(re.findall(rb"/FontFile2 ", book.read_bytes())) <= 4


# --- the page of a commune


def test_the_map_is_true_to_its_scale(plain: Known) -> None:
    """The border drawn around the commune is 10 km across."""
    snapshot, facts, _ = plain
    canvas, info = CommunePages(SheetMaker(snapshot, facts)).draw("10001")
    border = next(
        item
        for item in canvas.page.items
        if isinstance(item, Drawing)
        and item.layer == "Ranh giới"
        and item.ink.width == round(0.8 * 0.86 * UNITS_PER_MM)
    )
    wide = (border.outline.xy.max(axis=0) - border.outline.xy.min(axis=0)) / UNITS_PER_MM
    assert wide == pytest.approx([10_000_000 / info.denominator] * 2, rel=1e-3)
    assert canvas.page.geo


def test_the_page_says_what_is_known(plain: Known, tmp_path: Path) -> None:
    snapshot, facts, monitoring = plain
    text = said(snapshot, facts, "10003", monitoring, path=tmp_path / "a.pdf")
    assert text.startswith("Xã Ba: chưa đạt chuẩn")
    for words in (
        "Huyện Chín Một, tỉnh Tí Hon",
        "100,0 km²",
        "Chưa được công nhận. Số liệu đến 30/06/2025.",
        "Hiện đạt 12/19 tiêu chí (bộ 2021-2025), thiếu 7.",
        "19 tiêu chí, bộ 2021-2025",
        "Hộ gần đường (≤ 500 m)",
        "Thôn 1",
        "Nguồn số liệu",
        "DỮ LIỆU MINH HOẠ",
    ):
        assert words in text
    recognised = said(snapshot, facts, "10001", monitoring, path=tmp_path / "b.pdf")
    assert "Năm đạt chuẩn 2024, Quyết định 12/QĐ-UBND ngày 14/02/2025." in recognised


def test_without_a_review_the_page_still_stands(plain: Known, tmp_path: Path) -> None:
    snapshot, facts, _ = plain
    text = said(snapshot, facts, "10003", path=tmp_path / "a.pdf")
    assert "Hiện đạt 12/19 tiêu chí (bộ 2021-2025), thiếu 7." in text


def test_a_criterion_kept_off_public_products_has_no_name_and_no_state(plain: Known, tmp_path: Path) -> None:
    snapshot, facts, monitoring = plain
    cells = PageFacts(snapshot, facts, ground_of(snapshot, facts)).criteria("10003")
    assert [(cell.name, cell.state) for cell in cells if cell.no == 19] == [("", "withheld")]
    assert {cell.state for cell in cells[:12]} == {"met"}
    assert {cell.state for cell in cells[12:18]} == {"not_met"}
    text = said(snapshot, facts, "10003", monitoring, path=tmp_path / "a.pdf")
    assert "quốc phòng" not in text.lower()
    assert "19 không in công khai" in text


def test_the_set_of_2026_has_its_own_number_of_criteria(tmp_path: Path) -> None:
    base = tiny.snapshot()
    status = base.commune_status.assign(criteria_set="2026-2030")
    criteria = base.criteria[base.criteria["criterion"] <= 8]
    snapshot, facts, monitoring = known(commune_status=status, criteria=criteria)
    text = said(snapshot, facts, "10002", monitoring, path=tmp_path / "a.pdf")
    assert "10 tiêu chí, bộ 2026-2030" in text
    assert "quốc phòng" not in text.lower()
    cells = PageFacts(snapshot, facts, ground_of(snapshot, facts)).criteria("10002")
    assert [cell.state for cell in cells] == ["met"] * 8 + ["unknown", "withheld"]


def test_an_urban_unit_is_not_judged(plain: Known, tmp_path: Path) -> None:
    snapshot, facts, monitoring = plain
    text = said(snapshot, facts, "10006", monitoring, path=tmp_path / "a.pdf")
    assert "Thị trấn Sáu: không thuộc diện đánh giá" in text
    assert "tiêu chí, bộ" not in text


def test_a_unit_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    base = tiny.snapshot()
    snapshot, facts, monitoring = known(
        commune_status=base.commune_status.iloc[:0],
        criteria=base.criteria.iloc[:0],
        history=base.history.iloc[:0],
        villages=base.villages.iloc[:0],
        village_status=base.village_status.iloc[:0],
        addresses=base.addresses.iloc[:0],
        layers={},
    )
    text = said(snapshot, facts, "10001", monitoring, path=tmp_path / "a.pdf")
    for words in ("Xã Một: chưa có số liệu", "Chưa có số liệu từng tiêu chí.", "chưa có danh sách", "–/19"):
        assert words in text
    cells = PageFacts(snapshot, facts, ground_of(snapshot, facts)).criteria("10001")
    assert {cell.state for cell in cells} == {"unknown", "withheld"}


def test_a_new_unit_names_what_it_was_formed_from(tmp_path: Path) -> None:
    snapshot, _ = tiny_epochs.later()
    facts = compute_facts(
        snapshot, load_plan(), limits={}, predecessors=pd.DataFrame(tiny.TIERS.items(), columns=["code", "tier"])
    )
    text = said(snapshot, facts, "20002", path=tmp_path / "a.pdf")
    assert "Lập từ 2 đơn vị cũ: 10003, 10004 (kết quả trước sắp xếp: 1 NTM kiểu mẫu, 1 chưa đạt chuẩn)." in text
    assert "Xã Ba Bốn: chưa có số liệu" in text


# --- works, villages, small counts


def test_distances_are_those_on_the_ground() -> None:
    """Water works in the middle of 10001: 0 km from its village, 10 km from those beside and above it."""
    snapshot = tiny.snapshot()
    broken = snapshot.layers["water_supply"].assign(id="N2", operation="broken", geometry=Point(0, 0))
    x, y = tiny.middle("10002")
    broken = broken.set_geometry(gpd.GeoSeries([Point(x, y)], crs=tiny.CRS).to_crs(4326).to_numpy(), crs=4326)
    water = pd.concat([snapshot.layers["water_supply"], broken], ignore_index=True)
    snapshot = tiny.snapshot(layers={**snapshot.layers, "water_supply": water})
    facts = compute_facts(snapshot, load_plan(), limits={})
    near = NearestWorks(ground_of(snapshot, facts))
    for code, km, within in (("10001", 0.0, 1), ("10002", 10.0, 1), ("10003", 10.0, 0), ("10004", 200**0.5, 0)):
        rows, where = near.of(code)
        (row,) = [one for one in rows if one.layer == "water_supply"]
        assert (row.typical, row.farthest) == pytest.approx((km, km), abs=1e-3)
        assert row.within == within  # the broken one is on the map, but nobody is served by it
        assert where == "từ vị trí các thôn"


def test_without_villages_distances_run_from_the_middle_of_the_unit() -> None:
    base = tiny.snapshot()
    snapshot = tiny.snapshot(villages=base.villages.iloc[:0])
    facts = compute_facts(snapshot, load_plan(), limits={})
    rows, where = NearestWorks(ground_of(snapshot, facts)).of("10002")
    assert "trung tâm hình học" in where
    assert next(one.typical for one in rows if one.layer == "water_supply") == pytest.approx(10.0, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.integers(1, 6), st.floats(20, 200))
def test_the_village_table_fits_and_loses_no_village_silently(count: int, columns: int, most: float) -> None:
    table = village_table(count, template_for("A4"), columns=columns, most=most)
    assert table.height <= max(most, 14.0 + table.step) + 1e-6
    assert table.shown <= count
    if table.shown < count:  # the last place says how many more there are
        assert table.shown == table.rows * table.columns - 1


def test_villages_without_room_are_counted_on_the_page(tmp_path: Path) -> None:
    base = tiny.snapshot()
    one = base.villages.iloc[[0]]
    many = pd.concat([one.assign(code=f"10001-{n:03d}", name=f"Thôn {n}") for n in range(1, 321)], ignore_index=True)
    snapshot, facts, monitoring = known(villages=many, village_status=base.village_status.iloc[:0])
    path = tmp_path / "a.pdf"
    info = write_commune_page(snapshot, facts, "10001", pdf=path, monitoring=monitoring)
    assert info.villages_listed + info.villages_left_out == 320
    assert info.villages_left_out > 0
    assert f"và {info.villages_left_out} thôn khác" in texts(path)[0]


def test_no_row_of_the_works_is_lost_where_the_column_is_full(tmp_path: Path) -> None:
    """Works of every kind and many villages: the table of works then stands under the map, whole."""
    base = tiny.snapshot()
    spot = base.layers["water_supply"][["id", "name", "operation", "source", "geometry"]]
    kinds = ("school", "health_station", "culture_house", "market", "irrigation", "power", "production_zone", "telecom")
    more = ("post_point", "wastewater", "pollution_site", "cemetery")
    layers = {**base.layers, **{id_: spot.assign(kind="x", id=id_) for id_ in (*kinds, *more)}}
    village = base.villages.iloc[[0]]
    many = pd.concat([village.assign(code=f"10001-{n:03d}", name=f"Thôn {n}") for n in range(1, 61)], ignore_index=True)
    snapshot, facts, monitoring = known(
        layers=layers, villages=many, village_status=base.village_status.iloc[:0], unit_change=base.unit_change
    )
    text = said(snapshot, facts, "10001", monitoring, path=tmp_path / "a.pdf")
    for words in ("Trường học", "Trạm y tế", "Bưu chính", "Nghĩa trang", "Khu vực ô nhiễm", "Thôn 60"):
        assert words in text


def test_small_counts_of_households_are_withheld(tmp_path: Path) -> None:
    assert [few(n) for n in (None, 0, 1, 4, 5)] == ["–", "0", "< 5", "< 5", "5"]
    base = tiny.snapshot()
    villages = base.villages.assign(households=pd.array([3] * 6, dtype="Int64"))
    snapshot, facts, monitoring = known(villages=villages)
    text = said(snapshot, facts, "10001", monitoring, path=tmp_path / "a.pdf")
    assert "< 5 hộ" in text


def test_a_name_that_cannot_be_set_is_refused(plain: Known, tmp_path: Path) -> None:
    snapshot, facts, _ = plain
    villages = snapshot.villages.assign(name="Thôn 村")
    with pytest.raises(InputError, match="E-PAPER-GLYPH"):
        write_book(replace(snapshot, villages=villages), facts, tmp_path / "a.pdf")


# --- commands


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("workspace") / "home")


def test_a_unit_is_found_however_it_is_written(workspace: Path, tmp_path: Path) -> None:
    done = make_commune_sheet(workspace, "xa mot", tmp_path / "a.pdf")
    assert (done.unit.code, done.as_of) == ("10001", tiny.AS_OF)
    assert "Xã Một" in texts(tmp_path / "a.pdf")[0]
    made = make_commune_sheet(workspace, "10006", tmp_path / "a.svg")
    assert made.as_dict()["unit"]["name"] == "Thị trấn Sáu"  # type: ignore[index] # an object of strings
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<")


@pytest.mark.parametrize(
    ("text", "out", "code"),
    [
        ("Hà Nội", "a.pdf", "E-MONITOR-NO-UNIT"),
        ("901", "a.pdf", "E-BOOK-DISTRICT"),
        ("xa mot", "a.docx", "E-CONFIG-VALUE"),
    ],
)
def test_wrong_words_are_wrong_use_and_leave_no_file(
    workspace: Path, tmp_path: Path, text: str, out: str, code: str
) -> None:
    with pytest.raises(UsageError, match=code):
        make_commune_sheet(workspace, text, tmp_path / out)
    assert list(tmp_path.iterdir()) == []


def test_the_commands_say_what_they_wrote(workspace: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ntmgis.cli"]
    told = {**os.environ, "NTMGIS_LANG": "en", "PYTHONUTF8": "1"}
    out = tmp_path / "a.pdf"
    more = ["commune", "Xã Hai", "-w", str(workspace), "-o", str(out)]
    done = subprocess.run([*command, *more, "--json"], capture_output=True, text=True, check=True, env=told)
    assert json.loads(done.stdout)["unit"]["code"] == "10002"
    assert json.loads(done.stdout)["bytes"] == out.stat().st_size
    wrong = [*command, "book", "-w", str(workspace), "-o", str(tmp_path / "a.txt")]
    refused = subprocess.run(wrong, capture_output=True, text=True, check=False, env=told)
    assert refused.returncode == 2
    assert "E-CONFIG-VALUE" in refused.stderr


def test_the_book_of_a_workspace(workspace: Path, tmp_path: Path) -> None:
    done = make_book(workspace, tmp_path / "book.pdf")
    assert (done.pages, done.communes, done.villages_left_out) == (12, 6, 0)
    assert len(texts(done.path)) == done.pages
    with pytest.raises(UsageError, match="E-CONFIG-VALUE"):
        make_book(workspace, tmp_path / "book.docx")
    with pytest.raises(UsageError, match="E-MONITOR-SINCE"):
        make_book(workspace, tmp_path / "other.pdf", since=date(2026, 1, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["book.pdf"]


def test_the_map_of_a_commune_tells_its_tier_from_afar(plain: Known) -> None:
    """A band in the colour of the tier within the border, in the legend too; none where there is no tier to tell."""
    snapshot, facts, monitoring = plain
    pages = CommunePages(SheetMaker(snapshot, facts), monitoring)
    banded = 0
    for code, tier in facts.communes["tier"].items():
        canvas, _ = pages.draw(str(code))
        items = [one for one in canvas.page.items if one.layer == "Kết quả" and isinstance(one, Drawing)]
        told = any("dải màu" in getattr(one, "text", "") for one in canvas.page.items)
        look = symbols()["tier"][str(tier)]
        shown = any(one.ink.fill == look["fill"] for one in items)
        assert shown == told == (tier not in {"not_applicable", "not_reported"}), (code, tier)
        banded += shown
    assert banded >= 3
