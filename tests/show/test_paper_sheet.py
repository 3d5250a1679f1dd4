"""The printed sheet as a reader and a ruler find it: scale, text, counts, patterns, and the same bytes every time."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import paper_cases
import pypdfium2
import pypdfium2.raw as pdfium
import pyproj
import pytest
import tiny
import tiny_facts
from PIL import Image

from ntmgis.errors import InputError, UsageError
from ntmgis.show.paper import SheetInfo, thumbnail, write_sheet
from ntmgis.show.paper.scale import ROUND_SCALES
from ntmgis.show.symbols import symbols, tier_label
from ntmgis.show.words import headline
from ntmgis.store.snapshot import Snapshot

MM = 25.4 / 72
HOSTILE = [
    "Xã $x$",
    r"Xã \frac{a}{b}",
    "Xã Hai\nDòng",
    "Xã " + "Dài " * 2500,
    "Xã \x00Không",
    "Xã \u202eNgược\u200f",
    "Xã <b>&amp;",
    "Xã %(tên)s {0}",
    "",
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[pypdfium2.PdfDocument, SheetInfo]:
    path = tmp_path_factory.mktemp("paper") / "status.pdf"
    info = write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=path, agency="Văn phòng mẫu")
    return pypdfium2.PdfDocument(path), info


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[pypdfium2.PdfDocument, SheetInfo, Snapshot]:
    path = tmp_path_factory.mktemp("paper") / "province.pdf"
    snapshot, facts = paper_cases.province()
    info = write_sheet(snapshot, facts, pdf=path)
    return pypdfium2.PdfDocument(path), info, snapshot


def text_of(document: pypdfium2.PdfDocument) -> str:
    return document[0].get_textpage().get_text_range()


def filled(document: pypdfium2.PdfDocument, color: str) -> list[tuple[float, float, float, float]]:
    """Bounds in mm of the unstroked shapes with this fill, largest first."""
    wanted = tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))
    found = []
    for item in document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        red, green, blue, alpha = (pdfium.c_uint() for _ in range(4))
        pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
        mode, stroke = pdfium.c_int(), pdfium.c_int()
        pdfium.FPDFPath_GetDrawMode(item, mode, stroke)
        if mode.value and not stroke.value and (red.value, green.value, blue.value) == wanted:
            found.append(tuple(value * MM for value in item.get_bounds()))
    return sorted(found, key=lambda b: -(b[2] - b[0]) * (b[3] - b[1]))


def test_the_page_is_a3_to_a_tenth_of_a_millimetre(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    document, info = printed
    size = sorted(side * MM for side in document[0].get_size())
    assert size == pytest.approx([297, 420], abs=0.1)
    assert sorted(info.size_mm) == [297, 420]


def test_the_scale_is_true_on_paper(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    document, info = printed
    assert info.denominator in ROUND_SCALES
    mm_for_10_km = 10_000_000 / info.denominator
    for tier in ("model", "advanced", "ntm", "not_yet"):
        left, bottom, right, top = filled(document, symbols()["tier"][tier]["fill"])[0]
        assert right - left == pytest.approx(mm_for_10_km, rel=1e-3)
        assert top - bottom == pytest.approx(mm_for_10_km, rel=1e-3)
    south_west = filled(document, symbols()["tier"]["ntm"]["fill"])[0]
    north_east = filled(document, symbols()["tier"]["model"]["fill"])[0]
    assert north_east[2] - south_west[0] == pytest.approx(2 * mm_for_10_km, rel=1e-3)
    assert north_east[3] - south_west[1] == pytest.approx(2 * mm_for_10_km, rel=1e-3)
    assert f"1:{info.denominator:,}".replace(",", ".") in text_of(document)


def test_meridians_are_labelled_where_they_are(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    """In the datum of the map: 107°40' in VN-2000 lies 200 m from 107°40' in WGS 84, 2 mm on this sheet."""
    document, info = printed
    page = document[0].get_textpage()
    found = page.search("107°40'").get_next()
    assert found is not None
    boxes = np.array([page.get_charbox(n, loose=True) for n in range(found[0], found[0] + found[1])]) * MM
    label = (boxes[:, 0].min() + boxes[:, 2].max()) / 2
    east, _ = pyproj.Transformer.from_crs(4756, tiny.CRS, always_xy=True).transform(107 + 40 / 60, 14.47)
    corner = filled(document, symbols()["tier"]["ntm"]["fill"])[0]
    assert label == pytest.approx(corner[0] + (east - tiny.E0) * 1000 / info.denominator, abs=0.4)


def test_every_word_can_be_searched(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    page = printed[0][0].get_textpage()
    words = [
        "3/5 xã đạt chuẩn nông thôn mới, đến 30/06/2025",
        "TT. Sáu",
        "CHÍN MỘT",
        "Chín Hai",
        "DỮ LIỆU MINH HOẠ",
        "ranh giới không có giá trị pháp lý",
        "VN-2000, múi chiếu 3°, kinh tuyến trục 107°30'",
        "Đơn vị lập",
        "Văn phòng mẫu",
        "Ngày lập:",
        "Số liệu đến ngày",
        "Ranh giới xã",
        "quốc lộ",
        "Trang 1/1",
        *("Một", "Hai", "Ba", "Bốn", "Năm"),
    ]
    for word in words:
        assert page.search(word, match_case=True).get_next() is not None, word


def test_fonts_are_embedded(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    texts = list(printed[0][0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]))
    assert len(texts) > 50
    for item in texts:
        assert pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(item)) == 1


def test_the_title_stays_true_with_a_commune_not_reported() -> None:
    assert headline(tiny.snapshot(), tiny_facts.facts()).startswith("Ít nhất 3/5 xã")


def test_legend_counts_are_the_facts(province: tuple[pypdfium2.PdfDocument, SheetInfo, Snapshot]) -> None:
    snapshot, facts = paper_cases.province()
    text = " ".join(text_of(province[0]).split())
    rural = sum(count for state, count in facts.tiers.items() if state != "not_applicable")
    for state, count in facts.tiers.items():
        found = re.search(re.escape(tier_label(state)) + r" (\d+)(?: (\d+,\d)%)?", text)
        assert found is not None, state
        assert int(found[1]) == count
        if state != "not_applicable":
            assert float(found[2].replace(",", ".")) == pytest.approx(100 * count / rural, abs=0.05)
    for name in ("water_supply", "waste_point"):
        inside = snapshot.layers[name].intersects(snapshot.province.geometry.iloc[0])
        assert f": {inside.sum()} " in text
    for entry in facts.districts.itertuples():
        name = entry.name.replace("Huyện ", "").replace("Thành phố", "TP")
        cells = [entry.rural, entry.model, entry.advanced, entry.ntm, entry.not_yet, entry.not_reported]
        assert f"{name} {' '.join(map(str, cells))}" in text


def test_the_legend_holds_nothing_that_is_not_on_the_map(tmp_path: Path) -> None:
    snapshot, facts = paper_cases.case(paper_cases.grid(2, 1, side=9000.0))
    write_sheet(snapshot, facts, pdf=tmp_path / "a.pdf")
    text = text_of(pypdfium2.PdfDocument(tmp_path / "a.pdf"))
    assert "NTM kiểu mẫu" in text
    for absent in ("Chưa đạt chuẩn", "Không thuộc diện", "quốc lộ", "sông", "Công trình", "thu gom"):
        assert absent not in text


def test_a_planned_road_is_not_shown_as_built(tmp_path: Path) -> None:
    roads = tiny.snapshot().layers["road"].assign(state=["existing", "planned"])
    snapshot = tiny.snapshot(layers={"road": roads})
    write_sheet(snapshot, tiny_facts.facts(), pdf=tmp_path / "a.pdf")
    text = " ".join(text_of(pypdfium2.PdfDocument(tmp_path / "a.pdf")).split())
    assert "đang xây dựng, quy hoạch 1 tuyến" in text
    assert "quốc lộ" in text
    assert "đường thôn" not in text
    assert "mặt đất" not in text


def test_every_commune_is_named(province: tuple[pypdfium2.PdfDocument, SheetInfo, Snapshot]) -> None:
    document, info, snapshot = province
    text = " ".join(text_of(document).split())
    for name in snapshot.communes["name"]:
        bare = re.sub(r"^(Xã|Phường|Thị trấn) ", "", name)
        assert bare in text, name
    assert info.labels_on_map + info.labels_in_list == len(snapshot.communes)
    assert info.labels_on_map >= 80
    assert info.district_names == len(snapshot.districts)


def test_no_line_of_type_lies_on_another(province: tuple[pypdfium2.PdfDocument, SheetInfo, Snapshot]) -> None:
    """Measured on the PDF: the boxes of any two lines of type, in the map, tables and titles, never meet."""
    texts = province[0][0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1)
    boxes = np.array([item.get_bounds() for item in texts]) * MM
    assert len(boxes) > 250
    slack = 0.15  # mm that the boxes of fonts are larger than their ink
    low, high = boxes[:, None, :2] + slack, boxes[:, None, 2:] - slack
    meets = (low < boxes[None, :, 2:] - slack).all(axis=2) & (high > boxes[None, :, :2] + slack).all(axis=2)
    assert meets.sum() == len(boxes), np.argwhere(np.triu(meets, 1))[:5]


def test_a_name_on_two_lines_is_found_as_one(province: tuple[pypdfium2.PdfDocument, SheetInfo, Snapshot]) -> None:
    page = province[0][0].get_textpage()
    for name in ("Đăk Năng", "Chư Hreng", "Vinh Quang"):
        assert page.search(name, match_case=True).get_next() is not None, name


def test_tiers_stay_apart_in_grey(tmp_path: Path) -> None:
    """Medians of the tint and the strength of the pattern within each tier, from a black-and-white print."""
    path, grey = tmp_path / "g.pdf", tmp_path / "g.png"
    write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=path, png=grey, bw=True, dpi=150)
    color = tmp_path / "c.pdf"
    write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=color)
    picture = Image.open(grey)
    assert picture.mode == "L"
    pixels = np.asarray(picture)
    tints = {}
    for tier in ("model", "advanced", "ntm", "not_yet", "not_applicable", "not_reported"):
        fill = symbols()["tier"][tier]["fill"]
        areas = [b for b in filled(pypdfium2.PdfDocument(color), fill) if b[2] - b[0] > 50]
        left, bottom, _right, top = areas[-1 if tier == "not_reported" else 0]
        per_mm = 150 / 25.4
        # a corner of the square that is free of roads, signs and names
        rows = slice(int(pixels.shape[0] - (bottom + 14) * per_mm), int(pixels.shape[0] - (bottom + 4) * per_mm))
        columns = slice(int((left + 4) * per_mm), int((left + 14) * per_mm))
        assert top - bottom > 20
        tints[tier] = pixels[rows, columns]
    medians = [float(np.median(tint)) for tint in tints.values()]
    assert medians == sorted(medians)
    assert min(np.diff(medians)) >= 10
    ink = {tier: float(np.mean(np.abs(tint.astype(float) - np.median(tint)) > 20)) for tier, tint in tints.items()}
    assert ink["not_yet"] == ink["not_applicable"] == 0
    assert ink["model"] > ink["advanced"] > ink["ntm"] > 0.02
    assert 0 < ink["not_reported"] < ink["ntm"]


def test_a_letter_without_glyph_is_an_error_that_names_it(tmp_path: Path) -> None:
    communes = paper_cases.grid(2, 1, side=9000.0, names=["Xã 漢", "Xã ทดสอบ"])
    with pytest.raises(InputError) as caught:
        write_sheet(*paper_cases.case(communes), pdf=tmp_path / "a.pdf")
    assert {problem.code for problem in caught.value.problems} == {"E-PAPER-GLYPH"}
    assert len(caught.value.problems) == 2
    assert "漢" in str(caught.value)
    assert not (tmp_path / "a.pdf").exists()


def test_hostile_names_are_drawn_as_text(tmp_path: Path) -> None:
    communes = paper_cases.grid(3, 3, side=9000.0, names=HOSTILE)
    communes["district"] = communes["district"].where(communes["district_code"] == "902", r"Huyện $\alpha$")
    snapshot, facts = paper_cases.case(communes, province_name="Tỉnh $E=mc^2$\x00")
    info = write_sheet(snapshot, facts, pdf=tmp_path / "a.pdf", png=tmp_path / "a.png", agency="Sở $_$\n" * 300)
    text = text_of(pypdfium2.PdfDocument(tmp_path / "a.pdf"))
    for word in ("$x$", r"\frac{a}{b}", "<b>&amp;", "%(tên)s {0}", "$E=mc^2$", "Ngược", r"$\ALPHA$"):
        assert word in text
    assert info.labels_on_map + info.labels_in_list == 9


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import tiny, tiny_facts; from pathlib import Path;"
        "from ntmgis.show.paper import write_sheet; to = Path(sys.argv[2]);"
        "write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=to / 'b.pdf', png=to / 'b.png', dpi=60)"
    )
    tests = Path(__file__).resolve().parents[1]
    write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=tmp_path / "a.pdf", png=tmp_path / "a.png", dpi=60)
    subprocess.run(
        [sys.executable, "-c", program, str(tests), str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(tests.parent), "SOURCE_DATE_EPOCH": "1"},
    )
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_file_says_what_it_is_but_not_when(printed: tuple[pypdfium2.PdfDocument, SheetInfo]) -> None:
    about = printed[0].get_metadata_dict()
    assert about["Title"] == "Ít nhất 3/5 xã đạt chuẩn nông thôn mới, đến 30/06/2025"
    assert "Tỉnh Tí Hon" in about["Subject"]
    assert about["Keywords"]
    assert not about["CreationDate"]
    assert not about["ModDate"]


@pytest.mark.parametrize(("columns", "rows", "side"), [(8, 5, 16_000.0), (5, 8, 16_000.0), (1, 1, 21_000.0)])
def test_the_sheet_turns_with_the_extent(tmp_path: Path, columns: int, rows: int, side: float) -> None:
    names = ["Xã Đắk Rơ Ông", "Xã Ia Tơi", "Xã Ngọk Réo"]
    snapshot, facts = paper_cases.case(paper_cases.grid(columns, rows, side=side, names=names), districts=False)
    info = write_sheet(snapshot, facts, pdf=tmp_path / "a.pdf")
    wide, tall = info.size_mm
    if columns != rows:
        assert (wide > tall) == (columns > rows)
    assert info.labels_on_map == columns * rows
    assert "theo huyện" not in text_of(pypdfium2.PdfDocument(tmp_path / "a.pdf"))


@pytest.mark.parametrize("paper", ["A4", "A2"])
def test_other_papers_keep_a_true_scale(tmp_path: Path, paper: str) -> None:
    info = write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=tmp_path / "a.pdf", size=paper)
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    size = sorted(side * MM for side in document[0].get_size())
    assert size == pytest.approx({"A4": [210, 297], "A2": [420, 594]}[paper], abs=0.1)
    left, _, right, _ = filled(document, symbols()["tier"]["model"]["fill"])[0]
    assert right - left == pytest.approx(10_000_000 / info.denominator, rel=1e-3)


def test_an_unknown_paper_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-PAPER-UNKNOWN"):
        write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=tmp_path / "a.pdf", size="B5")


def test_the_thumbnail_is_small_and_shows_the_tiers() -> None:
    data = thumbnail(tiny.snapshot(), tiny_facts.facts(), width=240)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (240, 180)
    assert len(data) < 20_000
    colors = {color for _, color in picture.getcolors(maxcolors=100_000)}
    for tier in ("model", "advanced", "ntm", "not_yet", "not_applicable"):
        fill = symbols()["tier"][tier]["fill"]
        assert tuple(int(fill[n : n + 2], 16) for n in (1, 3, 5)) in colors
