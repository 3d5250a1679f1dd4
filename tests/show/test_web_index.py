"""The start page lists every product and needs nothing but itself."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ntmgis.show.web import Entry, write_index
from ntmgis.store.snapshot import SourceNote


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (60, 40), "#7ebba2").save(made, "PNG")
    return made.getvalue()


def write(path: Path) -> None:
    entries = [
        Entry("Bản đồ kết quả NTM", "status.html", "html", 1_234_567, date(2025, 6, 30), "mở trước tiên", picture()),
        Entry("Tờ A3", "in ấn/status_a3.pdf", "pdf", 987_654, date(2025, 6, 30)),
        Entry("Bảng số liệu", "status.xlsx", "xlsx", 45_678, None),
    ]
    sources = [SourceNote("a", "unit", "Ranh giới xã", date(2024, 12, 31), 102, origin="Sở", failed=True)]
    write_index(path, entries=entries, title="Tỉnh Kon Tum", sample=True, as_of=date(2025, 6, 30), sources=sources)


@pytest.mark.browser
def test_lists_products_with_picture_date_size_source_and_sample_mark(
    tmp_path: Path, open_page: Callable[..., object]
) -> None:
    path = tmp_path / "index.html"
    write(path)
    opened = open_page(path)
    page = opened.page
    text = page.locator("body").inner_text()
    for words in ("Bản đồ kết quả NTM", "1,2 MB", "46 kB", "30/06/2025", "mở trước tiên", "Ranh giới xã", "31/12/2024"):
        assert words in text
    assert "DỮ LIỆU MINH HOẠ" in text
    assert "không đọc được" in text
    assert page.evaluate("document.images[0].naturalWidth") == 60
    hrefs = [link.get_attribute("href") for link in page.locator(".cards a").all()]
    assert hrefs == ["./status.html", "./in%20%E1%BA%A5n/status_a3.pdf", "./status.xlsx"]
    opened.assert_clean()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1366, 1920])
def test_fits_every_screen(tmp_path: Path, open_page: Callable[..., object], width: int) -> None:
    path = tmp_path / "index.html"
    write(path)
    page = open_page(path, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_same_bytes_twice_and_no_address(tmp_path: Path) -> None:
    write(tmp_path / "a.html")
    write(tmp_path / "b.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "http:" not in text
    assert "https:" not in text


def test_a_source_taken_back_says_so_and_the_state_of_knowledge_is_told(tmp_path: Path) -> None:
    sources = [
        SourceNote("a", "unit", "Xã", date(2024, 12, 31), 102, failed=True, undone=True),
        SourceNote("b", "road", "Đường", None, 0, failed=True),
        SourceNote("c", "river", "Sông", date(2024, 12, 31), 3),
    ]
    path = tmp_path / "index.html"
    known = "theo số liệu đã biết đến ngày 15/01/2025"
    write_index(path, entries=[], title="T", sample=False, as_of=date(2025, 6, 30), sources=sources, known=known)
    text = path.read_text(encoding="utf-8")
    assert text.count("lần nhập tệp này đã được rút lại, dùng số liệu trước đó") == 1
    assert text.count("tệp mới không đọc được, chưa có số liệu nào") == 1
    assert text.count('class="failed"') == 2
    assert f"số liệu đến 30/06/2025, {known}." in text
