"""The files of a review pack as a reader, a ruler and another program find them."""

import dataclasses
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import review_cases as cases
import tiny
from pptx import Presentation

from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.font import extent
from ntmgis.show.paper.items import UNITS_PER_MM, UNITS_PER_PT
from ntmgis.show.paper.items import Path as Drawing
from ntmgis.show.paper.scale import ROUND_SCALES
from ntmgis.show.paper.sizes import Rect
from ntmgis.show.paper.style import load_style
from ntmgis.show.review.content import Cell, Head, Section, Table
from ntmgis.show.review.figures import brief
from ntmgis.show.review.front import FIGURE, draw_front
from ntmgis.show.review.layout import Flow
from ntmgis.show.review.marks import TONES
from ntmgis.show.review.pdf import write_review_pdf
from ntmgis.show.review.pictures import ProvinceMaps
from ntmgis.show.review.pptx import write_review_pptx
from ntmgis.show.review.xlsx import write_review_xlsx

CASE = cases.compared()
MM = 25.4 / 72


def maps(case: cases.Case = CASE) -> ProvinceMaps:
    return ProvinceMaps(case.snapshot, case.facts, case.monitoring, case.before)


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "review.pdf"
    write_review_pdf(CASE.pack, maps(), path)
    return path


@pytest.fixture(scope="module")
def pptx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "review.pptx"
    write_review_pptx(CASE.pack, maps(), path)
    return path


def pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    texts = [" ".join(document[n].get_textpage().get_text_bounded().split()) for n in range(len(document))]
    document.close()
    return texts


def test_the_pdf_is_a4_with_numbered_pages_and_the_sample_mark(pdf: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    sizes = [document[n].get_size() for n in range(len(document))]
    document.close()
    for wide, tall in sizes:
        assert (wide * MM, tall * MM) == pytest.approx((297, 210), abs=0.05)
    texts = pages(pdf)
    for n, text in enumerate(texts, start=1):
        assert f"Trang {n}/{len(texts)}" in text
        assert "DỮ LIỆU MINH HOẠ" in text
        assert "Đơn vị lập: Phòng Thử · Ngày lập: ...... / ......" in text


def test_its_text_is_found_with_vietnamese_marks(pdf: Path) -> None:
    texts = pages(pdf)
    first = texts[0]
    for card in CASE.pack.cards:
        assert card.figure in first
        assert card.verdict in first
        assert card.brief in first
    assert CASE.pack.headline in first
    whole = " ".join(texts)
    for section in CASE.pack.sections:
        if not section.book_only:
            assert " ".join(section.title.split()) in whole
            for table in section.tables():
                for row in table.rows:
                    for cell in row:
                        for word in cell.text.split():
                            assert word in whole, (section.id, word)


def test_a_bookmark_for_every_part_and_links_from_the_first_page(pdf: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    titles = " · ".join(str(one.get_title()) for one in document.get_toc())
    first = document[0]
    count = pdfium.FPDFPage_GetAnnotCount(first.raw)
    first.close()
    document.close()
    for section in CASE.pack.sections:
        if not section.book_only:
            assert section.bookmark in titles
    assert titles.startswith("Số liệu chính · Trước và nay")
    assert count == len(CASE.pack.attention) + 1  # and where the whole reckoning of the targets stands


def test_nothing_on_the_first_page_is_small_and_no_reason_is_cut() -> None:
    canvas = Canvas(297, 210)
    draw_front(canvas, CASE.pack, {"reasons": 14, "risk": 4})
    sizes = {line.text: line.size / UNITS_PER_PT for line in _lines(canvas)}
    reasons = [size for text, size in sizes.items() if any(text in card.brief for card in CASE.pack.cards)]
    assert reasons
    assert min(reasons) >= 9.0
    assert min(size for text, size in sizes.items() if text != "?" and "pháp lý" not in text) >= 8.5
    told = _texts(canvas)
    assert all(card.brief in told for card in CASE.pack.cards)
    assert "trang 14" in told


def test_a_target_says_in_short_what_the_line_asks_for_and_what_is_left() -> None:
    row: dict[str, object] = {
        "expected": 4.0,
        "grown": 5.0,
        "remaining": 3.0,
        "deadline": date(2025, 12, 31),
        "kind": "increment",
        "unit": "xã",
    }
    assert brief(row) == "Đến nay phải thêm 4,0, đã thêm 5. Còn 3 xã, hạn 31/12/2025."
    assert brief({**row, "remaining": 0.0}) == "Đến nay phải thêm 4,0, đã thêm 5."
    assert brief({**row, "grown": None, "low": 3.0, "high": 4.0}).startswith("Đến nay phải thêm 4,0, đã thêm 3 đến 4.")
    unsure = {**row, "expected": None, "pace": "unknown"}
    assert brief(unsure) == "Chưa đủ số liệu để so với mức phải có đến nay. Còn 3 xã, hạn 31/12/2025."
    assert "chỉ xét khi đến hạn" in brief({**unsure, "needed": 1.0})
    assert (
        brief({**row, "expected": None, "remaining": None, "pace": "no_target", "rule": "Không nêu."}) == "Không nêu."
    )
    reasons = next(one for one in CASE.pack.sections if one.id == "reasons")
    told = [cell.text for row in next(reasons.tables()).rows for cell in row]
    assert all(any(card.rule in text for text in told) for card in CASE.pack.cards)


def test_two_sections_share_a_page_where_both_fit() -> None:
    def filled(rows: int) -> Flow:
        flow = Flow(CASE.pack, load_style())
        cells = tuple((Cell(f"xã {n}"), Cell("thiếu")) for n in range(rows))
        for name in ("một", "hai"):
            table = Table("Các xã", (Head("Xã", 20), Head("Còn thiếu", 40)), cells)
            flow.section(Section(name, name, f"Huyện {name}", ("Chưa được công nhận.",), (table,)))
        return flow

    fullest = max(rows for rows in range(2, 20) if len(filled(rows).leaves) == 1)
    flow, row = filled(fullest), 5.7
    assert min(item.y for item in _lines(flow.canvas)) / UNITS_PER_MM >= 20.0
    assert flow.left_over < 2 * row + 1.0  # one row more in each would not have fitted


def test_the_figures_are_read_from_two_metres() -> None:
    # A two hundredth of the distance: 10 mm.
    assert extent("8", FIGURE, "bold").top >= 10.0


def test_verdicts_differ_in_more_than_colour() -> None:
    assert len({tone.sign for tone in TONES.values()}) == len(TONES)


def test_both_maps_have_one_true_round_scale() -> None:
    both = maps()
    denominator = both.scale_for(100.0, 120.0)
    assert denominator in ROUND_SCALES
    wide = 3 * tiny.SIDE * 1000 / denominator
    found = []
    for before in (True, False):
        canvas = Canvas(120, 140)
        both.draw(canvas, Rect(10, 10, 100, 120), denominator, before=before)
        outlines = [item.outline.xy for item in canvas.page.items if isinstance(item, Drawing)]
        xs = np.concatenate([xy[:, 0] for xy in outlines if len(xy)])
        found.append((xs.max() - xs.min()) / UNITS_PER_MM)
    assert found == pytest.approx([wide, wide], rel=0.001)


def test_every_changed_commune_has_its_number_on_the_later_map_only() -> None:
    both = maps()
    assert [(one.number, one.name, one.way) for one in both.markers] == [(1, "Xã Ba", "down"), (2, "Xã Một", "up")]
    later, former = Canvas(120, 140), Canvas(120, 140)
    denominator = both.scale_for(100.0, 120.0)
    both.draw(later, Rect(10, 10, 100, 120), denominator)
    both.draw(former, Rect(10, 10, 100, 120), denominator, before=True)
    texts = [{getattr(item, "text", "") for item in canvas.page.items} for canvas in (later, former)]
    assert {"1", "2"} <= texts[0]
    assert not {"1", "2"} & texts[1]


def test_no_changes_are_marked_between_other_units() -> None:
    now, before = cases.merged()
    assert maps(cases.case(now, before=before)).markers == ()


def test_a_row_longer_than_a_page_is_broken_and_nothing_is_lost() -> None:
    flow = Flow(CASE.pack, load_style())
    long = " ".join(f"thôn{n}" for n in range(4000))
    table = Table("Dài", (Head("Một", 20), Head("Hai", 80)), ((Cell("đầu"), Cell(long)), (Cell("cuối"), Cell("hết"))))
    flow.section(Section("x", "Dài", "Một bảng dài", (), (table,)))
    assert len(flow.leaves) > 1
    told = " ".join(_texts(leaf.canvas) for leaf in flow.leaves)
    assert all(f"thôn{n}" in told for n in (0, 1999, 3999))
    assert "hết" in told
    for leaf in flow.leaves:
        assert min(item.y for item in _lines(leaf.canvas)) / UNITS_PER_MM >= 20.0


def _lines(canvas: Canvas) -> list[object]:
    made: list[object] = []
    for item in canvas.page.items:
        made += getattr(item, "lines", [item] if hasattr(item, "text") else [])
    return made


def _texts(canvas: Canvas) -> str:
    return " ".join(line.text for line in _lines(canvas))


def test_pdf_and_slides_come_out_byte_by_byte_the_same(pdf: Path, pptx: Path, tmp_path: Path) -> None:
    again = cases.compared()
    write_review_pdf(again.pack, maps(again), tmp_path / "b.pdf")
    write_review_pptx(again.pack, maps(again), tmp_path / "b.pptx")
    assert (tmp_path / "b.pdf").read_bytes() == pdf.read_bytes()
    assert (tmp_path / "b.pptx").read_bytes() == pptx.read_bytes()
    for name in ("a.xlsx", "b.xlsx"):
        write_review_xlsx(again.pack, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_slides_hold_no_clock(pptx: Path) -> None:
    with zipfile.ZipFile(pptx) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\S*?Z", core)) == {"2025-06-30T00:00:00Z"}


def test_every_slide_has_a_title_a_number_and_sources_in_its_notes(pptx: Path) -> None:
    deck = Presentation(str(pptx))
    slides = list(deck.slides)
    assert len(slides) > 10
    for n, slide in enumerate(slides, start=1):
        assert slide.shapes.title.text
        told = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert f"Trang {n}/{len(slides)}" in told
        assert "DỮ LIỆU MINH HOẠ" in told
        assert "Nguồn:" in slide.notes_slide.notes_text_frame.text
    assert slides[0].shapes.title.text == CASE.pack.headline
    front = "\n".join(shape.text_frame.text for shape in slides[0].shapes if shape.has_text_frame)
    for card in CASE.pack.cards:
        assert card.figure in front
        assert card.verdict in front


def test_tables_stay_on_the_slides_and_say_every_word(pptx: Path) -> None:
    deck = Presentation(str(pptx))
    told = []
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            if shape.has_table:
                assert shape.top + shape.height <= deck.slide_height
                told += [cell.text for row in shape.table.rows for cell in row.cells]
    cells = "\n".join(told)
    for section in CASE.pack.sections:
        for table in section.tables() if not section.book_only else ():
            for row in table.rows:
                assert all(cell.text in cells for cell in row)


def test_the_workbook_holds_numbers_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "review.xlsx"
    count = write_review_xlsx(CASE.pack, path)
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == count == len(set(book.sheetnames))
    money = book["Vốn"]
    stated = [row[1].value for row in money.iter_rows(min_row=4) if isinstance(row[1].value, int)]
    assert stated == [114887, 114887, 464365, 224384, 247500, 1166023]
    shares = book["Tỷ lệ thôn"]
    least = {row[0].value: row[1].value for row in shares.iter_rows(min_row=4)}
    assert least == {"Huyện Chín Một": 0.5, "Huyện Chín Hai": "không nêu chỉ tiêu"}
    figures = {row[0].value: row[1].value for row in book["Số liệu chính"].iter_rows(min_row=4)}
    assert figures["Xã đạt chuẩn NTM"] == "3/8"


def test_withheld_criteria_are_in_no_file(tmp_path: Path) -> None:
    risky = cases.case(cases.lost((10, 11, 13, 17, 18, 19)))
    both = maps(risky)
    write_review_pdf(risky.pack, both, tmp_path / "r.pdf")
    write_review_pptx(risky.pack, both, tmp_path / "r.pptx")
    write_review_xlsx(risky.pack, tmp_path / "r.xlsx")
    assert "Quốc phòng" not in " ".join(pages(tmp_path / "r.pdf"))
    for name in ("r.pptx", "r.xlsx"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            for part in archive.namelist():
                assert "Quốc phòng" not in archive.read(part).decode("utf-8", "ignore")


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "Xã <b>&amp;",
    "Xã Hai\nDòng",
    "Xã " + "Dài " * 900,
    "Xã \x00Không",
    "",
    "Xã \u202eNgược",
]


def test_hostile_names_go_through_all_three(tmp_path: Path) -> None:
    units = cases.SNAPSHOT.communes.copy()
    units["name"] = [HOSTILE[n] for n in range(len(units))]
    case = cases.case(dataclasses.replace(cases.SNAPSHOT, communes=units), before=cases.earlier(cases.BEFORE))
    both = maps(case)
    write_review_pdf(case.pack, both, tmp_path / "h.pdf")
    write_review_pptx(case.pack, both, tmp_path / "h.pptx")
    write_review_xlsx(case.pack, tmp_path / "h.xlsx")
    assert "=cmd" in " ".join(pages(tmp_path / "h.pdf"))
    Presentation(io.BytesIO((tmp_path / "h.pptx").read_bytes()))
    for sheet in openpyxl.load_workbook(tmp_path / "h.xlsx"):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


@pytest.mark.parametrize("name", ["silent", "alone", "merged", "no_plan"])
def test_every_kind_of_gap_still_makes_a_pack(name: str, tmp_path: Path) -> None:
    made = {
        "silent": lambda: cases.case(cases.silent(), before=cases.earlier(cases.BEFORE)),
        "alone": cases.case,
        "merged": lambda: cases.case(cases.merged()[0], before=cases.merged()[1]),
        "no_plan": lambda: cases.case(cases.earlier(cases.BEFORE)),
    }[name]()
    both = maps(made)
    assert write_review_pdf(made.pack, both, tmp_path / "g.pdf") >= 4
    assert write_review_pptx(made.pack, both, tmp_path / "g.pptx") >= 4
    assert write_review_xlsx(made.pack, tmp_path / "g.xlsx") >= 4
    assert made.pack.headline in pages(tmp_path / "g.pdf")[0]
