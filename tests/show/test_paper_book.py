"""Pages and books as PDF, SVG and PNG: what viewers, rulers, GDAL and other readers find in the files."""

import io
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import numpy as np
import paper_cases
import pypdfium2
import pypdfium2.raw as pdfium
import pyproj
import pytest
import tiny
import tiny_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shapely.geometry import LineString, Point, box

from ntmgis.show.paper import Book, Canvas, Ink, Rect, SheetMaker, draw_fitted_map, paint, scope_of, template_for
from ntmgis.show.paper.sheet import write_sheet
from ntmgis.show.paper.tiles import cut

MM = 25.4 / 72


def plain(text: str = "Đắk Rơ Ông", **canvas: object) -> Canvas:
    made = Canvas(100, 60, **canvas)
    made.rect(Rect(10, 10, 40, 20), Ink(fill="#7ebba2", line="#1f2933", width=0.5))
    made.text((12, 40), text, 12, halo=("#ffffff", 0.4))
    return made


def opened(book: Book, **about: str) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(book.pdf(about))


# --- what is drawn is where it was put


@settings(max_examples=20, deadline=None)
@given(st.floats(1, 90), st.floats(1, 50), st.floats(1, 60), st.sampled_from([0.86, 1.0, 1.9]))
def test_a_rectangle_is_found_where_it_was_drawn(x: float, y: float, side: float, magnify: float) -> None:
    canvas = Canvas(200, 150, magnify=magnify)
    canvas.rect(Rect(x, y, side, side), Ink(fill="#ff0000"))
    book = Book()
    book.add(canvas.page)
    document = opened(book)
    (item,) = document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])
    found = np.array(item.get_bounds()) * MM
    assert found == pytest.approx(np.array([x, y, x + side, y + side]) * magnify, abs=0.01)
    document.close()


def test_opacity_and_clip_of_one_shape_do_not_reach_the_next() -> None:
    canvas = Canvas(40, 20)
    canvas.rect(Rect(0, 0, 10, 20), Ink(fill="#000000", alpha=0.3), clip=Rect(0, 0, 10, 10))
    canvas.rect(Rect(20, 0, 10, 20), Ink(fill="#000000"))
    canvas.hatch([box(30, 0, 40, 20)], [LineString([(0, 10), (40, 10)])], Ink(line="#000000", width=2, alpha=0.5))
    canvas.rect(Rect(10, 0, 10, 20), Ink(fill="#ff0000"))
    pixels = np.asarray(Image.open(io.BytesIO(canvas.png(dpi=254))).convert("RGB"))
    assert pixels[150, 50].tolist() == pytest.approx([179] * 3, abs=3)
    assert pixels[50, 50].tolist() == [255, 255, 255]
    assert pixels[50, 250].tolist() == [0, 0, 0]
    assert pixels[100, 350].tolist() == pytest.approx([128] * 3, abs=3)
    assert pixels[100, 150].tolist() == [255, 0, 0]


def test_holes_stay_open_and_lines_stay_lines() -> None:
    canvas = Canvas(40, 40)
    canvas.shapes([box(5, 5, 35, 35).difference(box(15, 15, 25, 25))], Ink(fill="#000000"))
    canvas.shapes([Point(0, 0), LineString([(1, 1), (1, 1)])], Ink(fill="#00ff00", line="#0000ff", width=1.0))
    pixels = np.asarray(Image.open(io.BytesIO(canvas.png(dpi=127))).convert("RGB"))
    assert pixels[100, 100].tolist() == [255, 255, 255]
    assert pixels[50, 50].tolist() == [0, 0, 0]
    assert pixels[195, 5].tolist()[2] == 255  # a line of no length is a dot


def test_a_stamp_is_held_once_however_often_it_is_used() -> None:
    canvas = Canvas(100, 100)
    canvas.stamp([(box(-1, -1, 1, 1), Ink(fill="#ff0000"))], [(x, 50.0) for x in range(5, 95)])
    book = Book()
    for _ in range(3):
        book.add(canvas.page)
    data = book.pdf({})
    assert data.count(b"/Subtype /Form") == 1
    picture = opened(book)[1].render(scale=1).to_numpy()
    assert (picture[..., 2] > picture[..., 0] + 100).any()


# --- text


def test_text_is_found_with_its_marks_and_only_once() -> None:
    book = Book()
    book.add(plain().page)
    page = opened(book)[0].get_textpage()
    assert page.get_text_range().strip() == "Đắk Rơ Ông"


def test_letters_apart_are_one_word_and_lines_together_one_name() -> None:
    canvas = Canvas(100, 60)
    canvas.spaced((50, 40), "ĐẮK HÀ", 12, tracking=0.09, style="bold", color="ink", halo=("#ffffff", 0.3))
    with canvas.one_text("Đăk Năng"):
        canvas.text((20, 20), "Đăk", 9, align="center")
        canvas.text((20, 16), "Năng", 9, align="center")
    canvas.text((30, 20), "Kroong", 9)
    book = Book()
    book.add(canvas.page)
    page = opened(book)[0].get_textpage()
    for name in ("ĐẮK HÀ", "Đăk Năng", "Kroong"):
        assert page.search(name, match_case=True).get_next() is not None, name


def test_fonts_hold_only_the_letters_used() -> None:
    book = Book()
    book.add(plain("Xốp").page)
    assert len(book.pdf({})) < 15_000
    document = opened(book)
    for item in document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        assert pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(item)) == 1


# --- the file


def test_bookmarks_and_links_lead_to_their_pages() -> None:
    book = Book()
    contents = plain("Mục lục")
    contents.link(Rect(10, 10, 20, 5), "b")
    contents.link(Rect(10, 20, 20, 5), "nowhere")
    contents.link(Rect(10, 30, 20, 5), "https://example.org/")
    book.add(contents.page, name="contents", title="Mục lục")
    book.add(plain("Huyện A").page, name="a", title="Huyện A")
    book.add(plain("Xã B").page, name="b", title="Xã B", level=1)
    book.add(plain("Huyện C").page, name="c", title="Huyện C")
    document = opened(book)
    marks = [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]
    assert marks == [(0, "Mục lục", 0), (0, "Huyện A", 1), (1, "Xã B", 2), (0, "Huyện C", 3)]
    first = document[0]  # held: its raw handle dies with it
    page = first.raw
    link = pdfium.FPDFLink_GetLinkAtPoint(page, 15 / MM, 12 / MM)
    assert link
    assert pdfium.FPDFDest_GetDestPageIndex(document.raw, pdfium.FPDFLink_GetDest(document.raw, link)) == 2
    assert not pdfium.FPDFLink_GetLinkAtPoint(page, 15 / MM, 22 / MM)
    assert pdfium.FPDFLink_GetLinkAtPoint(page, 15 / MM, 32 / MM)


def test_layers_have_names() -> None:
    canvas = Canvas(50, 50)
    for name in ("Đường giao thông", "Tên gọi", "Đường giao thông"):
        with canvas.layer(name):
            canvas.rect(Rect(0, 0, 5, 5), Ink(fill="#ff0000"), clip=Rect(0, 0, 9, 9))
    book = Book()
    book.add(canvas.page)
    data = book.pdf({})
    assert data.count(b"/Type /OCG") == 2
    assert "Đường giao thông".encode("utf-16-be").hex().upper().encode() in data
    assert opened(book)[0].render(scale=1) is not None


def test_the_file_tells_title_sources_date_and_inputs() -> None:
    book = Book()
    book.add(plain().page)
    about = {"Title": "Bản đồ <Đắk>", "Sources": "Nguồn & tệp", "Date": "2025-06-30", "Inputs": "ab12"}
    document = opened(book, **about)
    assert document.get_metadata_dict(skip_empty=True)["Title"] == "Bản đồ <Đắk>"
    xmp = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>", book.pdf(about), re.DOTALL)
    assert xmp is not None
    text = " ".join(ET.fromstring(xmp[0].decode()).itertext())
    for word in ("Bản đồ <Đắk>", "Nguồn & tệp", "2025-06-30", "sha256:ab12"):
        assert word in text
    assert b"CreationDate" not in book.pdf(about)


def test_the_table_of_places_is_right() -> None:
    """Every object stands where the cross-reference stream says: viewers need no repair."""
    data = plain_pdf()
    start = int(re.search(rb"startxref\n(\d+)\n", data)[1])
    packed = re.search(rb"/Length \d+ >>\nstream\n(.*?)\nendstream", data[start:], re.DOTALL)[1]
    table = zlib.decompress(packed)
    rows = [struct.unpack(">BIH", table[n : n + 7]) for n in range(0, len(table), 7)]
    assert len(rows) > 8
    for number, (kind, place, _) in enumerate(rows[1:], start=1):
        assert kind == 1
        assert data[place:].startswith(b"%d 0 obj" % number)


def plain_pdf() -> bytes:
    book = Book()
    book.add(plain().page)
    return book.pdf({"Title": "a"})


# --- other forms


def test_svg_holds_text_as_text_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    write_sheet(tiny.snapshot(), tiny_facts.facts(), svg=tmp_path / "a.svg", agency="Văn phòng <&>")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    words = [" ".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Văn phòng <&>" in words
    assert "CHÍN MỘT" in words
    assert root.get("width") in {"297.000mm", "420.000mm"}
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_bands_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = plain()
    canvas.shapes([LineString([(0, 0), (100, 60)])], Ink(line="#b5179e", width=0.7))
    whole = np.asarray(Image.open(io.BytesIO(canvas.png(dpi=150)))).astype(int)
    monkeypatch.setattr("ntmgis.show.paper.raster._BAND", 591 * 37)
    banded = np.asarray(Image.open(io.BytesIO(canvas.png(dpi=150)))).astype(int)
    assert whole.shape == banded.shape == (354, 591, 3)
    assert np.abs(whole - banded).max() <= 40  # a shade of smoothing at most
    assert (np.abs(whole - banded) > 8).mean() < 0.002


def test_grey_pages_are_grey_files() -> None:
    picture = Image.open(io.BytesIO(plain(monochrome=True).png(dpi=100)))
    assert picture.mode == "L"
    assert picture.size == (394, 236)
    assert picture.info["dpi"] == pytest.approx((100, 100), abs=0.1)


# --- tiles


def test_tiles_cover_the_sheet_once_glued() -> None:
    canvas = Canvas(500, 370)
    for n, x in enumerate(range(5, 500, 30)):
        canvas.rect(Rect(x, 5 + 20 * n, 10, 10), Ink(fill="#ff0000"))
    tiles = cut(canvas.page, "A4")
    assert len(tiles) == 4
    shown = [(x - tile.shift[0], y - tile.shift[1], w, h) for tile in tiles for x, y, w, h in [tile.window]]
    covered = box(0, 0, 0, 0)
    for x, y, w, h in shown:
        covered = covered.union(box(x, y, x + w, y + h))
    assert covered.buffer(0.01).contains(box(0, 0, 500, 370))
    for n, one in enumerate(shown):
        for two in shown[n + 1 :]:
            both = box(one[0], one[1], one[0] + one[2], one[1] + one[3]).intersection(
                box(two[0], two[1], two[0] + two[2], two[1] + two[3])
            )
            assert both.is_empty or min(both.bounds[2] - both.bounds[0], both.bounds[3] - both.bounds[1]) >= 9.99
    book = Book()
    book.add_tiles(canvas.page, tiles)
    document = opened(book)
    assert len(document) == 4
    assert [side * MM for side in document[0].get_size()] == pytest.approx([297, 210], abs=0.1)
    assert "Tờ A1" in document[0].get_textpage().get_text_range()


def test_a_sheet_that_fits_is_one_tile() -> None:
    (tile,) = cut(plain().page, "A4")
    assert tile.window[2:] == pytest.approx((100, 60), abs=0.01)


# --- place on earth


@pytest.fixture(scope="module")
def geo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    path = tmp_path_factory.mktemp("geo") / "geo.pdf"
    info = write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=path)
    return path, info.denominator


def test_the_measure_dictionary_puts_the_corner_of_the_province_where_it_is(geo: tuple[Path, int]) -> None:
    """From the viewport and its four corners alone, as a viewer does it: the middle of the frame to half a metre."""
    path, denominator = geo
    text = path.read_bytes().decode("latin-1")
    frame = [float(part) * MM for part in re.search(r"/Viewport .*?/BBox \[(.*?)\]", text)[1].split()]
    degrees = np.array(re.search(r"/GPTS \[(.*?)\]", text)[1].split(), dtype=float).reshape(-1, 2)
    assert "/EPSG 9216" in text
    made = pyproj.CRS.from_user_input(tiny.CRS)
    back = pyproj.Transformer.from_crs(made.geodetic_crs, made, always_xy=True)
    east, north = back.transform(degrees[:, 1], degrees[:, 0])
    assert (east[2] - east[1]) * 1000 / denominator == pytest.approx(frame[2] - frame[0], rel=1e-4)
    assert (north[1] - north[0]) * 1000 / denominator == pytest.approx(frame[3] - frame[1], rel=1e-4)
    assert east[0] < tiny.E0 < east[2]
    assert north[0] < tiny.N0 < north[1]


def test_gdal_reads_the_sheet_as_a_map(geo: tuple[Path, int]) -> None:
    tool = shutil.which("gdalinfo")
    if tool is None:
        pytest.skip("gdalinfo is not installed: the GDAL inside Python wheels cannot read PDF")
    told = subprocess.run([tool, str(geo[0])], capture_output=True, text=True, check=True).stdout
    if "PDF" not in told.splitlines()[0]:
        pytest.skip("this GDAL cannot read PDF")
    assert 'ID["EPSG",9216]' in told
    pixel = float(re.search(r"Pixel Size = \(([\d.]+),", told)[1])
    assert pixel == pytest.approx(geo[1] * 0.0254 / 150, rel=1e-3)


# --- many pages of one snapshot


def test_pages_of_a_book_share_what_they_can() -> None:
    snapshot, facts = paper_cases.province()
    maker = SheetMaker(snapshot, facts)
    sizes = []
    book = Book()
    for code in snapshot.communes["code"].iloc[:6]:
        canvas = Canvas(210, 297)
        scope = scope_of(maker.ground, snapshot, code)
        (painting,) = paint(snapshot, facts, scope, "status")
        made = draw_fitted_map(
            canvas, Rect(15, 120, 180, 150), maker.ground, scope, painting, template=template_for("A4")
        )
        x0, y0, x1, y1 = scope.area.bounds
        assert made.placement.mm(x1 - x0) <= 180
        assert made.placement.mm(y1 - y0) <= 150
        book.add(canvas.page, name=code, title=scope.name)
        sizes.append(len(book.pdf({})))
    assert max(np.diff(sizes)) < 60_000
    assert book.pdf({}) == book.pdf({})
    assert len(opened(book)) == 6


def test_an_a0_picture_needs_little_memory(tmp_path: Path) -> None:
    program = (
        "import re, sys; sys.path.insert(0, sys.argv[1]); import tiny, tiny_facts; from pathlib import Path;"
        "from ntmgis.show.paper import write_sheet;"
        "write_sheet(tiny.snapshot(), tiny_facts.facts(), png=Path(sys.argv[2]), size='A0', dpi=300);"
        # The peak of this process alone: ru_maxrss would carry the peak of the process that started it.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    if not Path("/proc/self/status").is_file():
        pytest.skip("the peak memory of a process is read from /proc, which this system does not have")
    tests = Path(__file__).resolve().parents[1]
    out = tmp_path / "a0.png"
    told = subprocess.run(
        [sys.executable, "-c", program, str(tests), str(out)], capture_output=True, text=True, check=True
    ).stdout
    assert int(told) < 1200
    head = out.read_bytes()[16:24]
    assert sorted(struct.unpack(">II", head)) == [9933, 14043]
