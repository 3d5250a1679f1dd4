"""Every kind of PDF: what a viewer is told of it, its layers, its place on earth, the state of knowledge it shows."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import review_cases
import tiny
import tiny_facts

from ntmgis.measure.compute import compute_facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.programme.plan import load_plan
from ntmgis.show.paper.book_write import write_book, write_commune_page
from ntmgis.show.paper.sheet import write_sheet
from ntmgis.show.review.assemble import content_of
from ntmgis.show.review.pdf import write_review_pdf
from ntmgis.show.review.pictures import ProvinceMaps
from ntmgis.show.review.pptx import write_review_pptx
from ntmgis.show.review.xlsx import write_review_xlsx
from ntmgis.store.base import end_of_day

KNOWN = tiny.snapshot(known_at=end_of_day(date(2025, 7, 12)))
SAYS = "theo số liệu đã biết đến ngày 12/07/2025"
MADE = date(2025, 7, 15)
# How many pages of a kind hold a map.
MAPS = {"sheet": 1, "district": 1, "criteria": 18, "book": 9, "commune": 1, "review": 2}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """One file of every kind, of a snapshot as it was known on 12 July 2025."""
    folder = tmp_path_factory.mktemp("kinds")
    path = {kind: folder / f"{kind}.pdf" for kind in MAPS}
    facts = tiny_facts.facts()
    write_sheet(KNOWN, facts, pdf=path["sheet"], made=MADE)
    write_sheet(KNOWN, facts, pdf=path["district"], of="901", made=MADE)
    write_sheet(KNOWN, facts, pdf=path["criteria"], theme="criteria", made=MADE)
    told = compute_facts(KNOWN, load_plan(), limits={"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0})
    monitoring = compute_monitoring(KNOWN, told, load_plan())
    write_book(KNOWN, told, path["book"], monitoring=monitoring, made=MADE)
    write_commune_page(KNOWN, told, "10003", pdf=path["commune"], monitoring=monitoring, made=MADE)
    case = review_cases.compared()
    pack = content_of(KNOWN, case.facts, case.monitoring, review_cases.plan(), before=case.before, made=MADE)
    maps = ProvinceMaps(case.snapshot, case.facts, case.monitoring, case.before)
    write_review_pdf(pack, maps, path["review"])
    write_review_pptx(pack, maps, folder / "review.pptx")
    write_review_xlsx(pack, folder / "review.xlsx")
    return path


@pytest.mark.parametrize("kind", MAPS)
def test_a_viewer_is_told_title_days_sources_and_inputs(printed: Mapping[str, Path], kind: str) -> None:
    data = printed[kind].read_bytes()
    with pypdfium2.PdfDocument(printed[kind]) as document:
        about = document.get_metadata_dict(skip_empty=True)
    assert {"Title", "Subject", "Keywords", "Creator", "CreationDate"} <= set(about)
    assert about["CreationDate"] == "D:20250715"
    xmp = data[data.index(b"<x:xmpmeta") : data.index(b"</x:xmpmeta>")].decode()
    assert "<xmp:CreateDate>2025-07-15</xmp:CreateDate>" in xmp
    assert "<dc:date><rdf:Seq><rdf:li>2025-06-30</rdf:li></rdf:Seq></dc:date>" in xmp
    assert re.search(r"<dc:identifier>sha256:[0-9a-f]{64}</dc:identifier>", xmp)
    assert "<dc:source>" in xmp


@pytest.mark.parametrize("kind", MAPS)
def test_every_map_lies_on_earth_and_has_layers(printed: Mapping[str, Path], kind: str) -> None:
    data = printed[kind].read_bytes()
    assert data.count(b"/Type /Viewport") == MAPS[kind]
    assert b"/EPSG 9216" in data
    layers = {
        bytes.fromhex(name.decode()).decode("utf-16-be")
        for name in re.findall(rb"/Type /OCG /Name <FEFF([0-9A-F]+)>", data)
    }
    wanted = {"Kết quả", "Ranh giới"} | (set() if kind == "criteria" else {"Tên gọi"})
    if kind in {"sheet", "district", "book", "commune"}:
        wanted |= {"Nền", "Đường giao thông", "Lưới tọa độ", "Chú giải"}
    assert wanted <= layers


def text_of(path: Path, page: int) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(document[page].get_textpage().get_text_range().split())


@pytest.mark.parametrize("kind", MAPS)
def test_what_was_known_on_an_earlier_day_says_so_on_every_page(printed: Mapping[str, Path], kind: str) -> None:
    with pypdfium2.PdfDocument(printed[kind]) as document:
        count = len(document)
    for page in range(count):
        text = text_of(printed[kind], page)
        assert re.search(r"theo số liệu đã biết đến ngày:? 12/07/2025", text, re.IGNORECASE), page


def test_slides_and_workbook_say_so_too(printed: Mapping[str, Path]) -> None:
    import openpyxl
    from pptx import Presentation

    deck = Presentation(str(printed["review"].with_suffix(".pptx")))
    for slide in deck.slides:
        assert any(shape.has_text_frame and SAYS in shape.text_frame.text for shape in slide.shapes)
    book = openpyxl.load_workbook(printed["review"].with_suffix(".xlsx"))
    for sheet in book.worksheets:
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
        assert any(SAYS in text for text in [*cells, str(sheet.oddFooter.left.text), str(sheet.oddFooter.center.text)])


def test_what_is_known_now_says_nothing_of_it(tmp_path: Path) -> None:
    write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=tmp_path / "a.pdf")
    text = text_of(tmp_path / "a.pdf", 0)
    assert "đã biết" not in text
    assert b"CreationDate" not in (tmp_path / "a.pdf").read_bytes()


def test_the_bookmarks_of_a_book_stand_under_their_district(printed: Mapping[str, Path]) -> None:
    with pypdfium2.PdfDocument(printed["book"]) as document:
        marks = [(one.level, one.get_title(), one.get_dest().get_index()) for one in document.get_toc()]
    under: dict[str, list[str]] = {}
    for level, title, _ in marks:
        if level == 0:
            under[title] = []
        else:
            under[next(reversed(under))].append(title)
    assert under["Huyện Chín Một"] == ["Xã Ba", "Xã Bốn", "Xã Hai", "Xã Một"]
    assert under["Huyện Chín Hai"] == ["Xã Năm", "Thị trấn Sáu"]
    assert [page for *_, page in marks] == sorted({page for *_, page in marks})
