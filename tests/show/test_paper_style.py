"""The house style: one file, checked whole before anything is drawn, and seen on the sheet."""

from importlib.resources import files
from pathlib import Path

import pypdfium2
import pytest
import tiny
import tiny_facts
from PIL import Image

from ntmgis.errors import UsageError
from ntmgis.show.paper import write_sheet
from ntmgis.show.paper.style import contrast, load_style

FONTS = files("font_source_sans_pro") / "files"


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "mau.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_style(path)
    return sorted(f"{one.code} {one.column}" for one in caught.value.problems)


def test_the_shipped_style_is_sound_and_readable() -> None:
    style = load_style()
    assert style.fonts == {}
    for name in ("ink", "quiet", "district"):
        assert contrast(style.colors[name], "#ffffff") >= 4.5
    assert [role for role, _ in style.signature] == ["NGƯỜI LẬP", "THỦ TRƯỞNG ĐƠN VỊ"]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "not_a_font.ttf").write_bytes(b"no")
    text = """
    [fonts]
    regular = "khong_co.ttf"
    bold = "not_a_font.ttf"
    heavy = "x.ttf"
    [colors]
    ink = "black"
    quiet = "#cccccc"
    [title]
    office = ["a", "b", "c"]
    logo = "khong_co.png"
    [signature]
    show = "no"
    roles = ["a", 1]
    [layout]
    margin = 300
    body = "8"
    [other]
    a = 1
    """
    assert faults(tmp_path, text) == [
        "E-PAPER-STYLE-COLOR colors.ink",
        "E-PAPER-STYLE-CONTRAST colors.quiet",
        "E-PAPER-STYLE-FONT fonts.bold",
        "E-PAPER-STYLE-FONT fonts.regular",
        "E-PAPER-STYLE-KEY fonts.heavy",
        "E-PAPER-STYLE-KEY other",
        "E-PAPER-STYLE-LOGO title.logo",
        "E-PAPER-STYLE-RANGE layout.margin",
        "E-PAPER-STYLE-RANGE title.office",
        "E-PAPER-STYLE-TYPE layout.body",
        "E-PAPER-STYLE-TYPE signature.roles",
        "E-PAPER-STYLE-TYPE signature.show",
    ]


@pytest.mark.parametrize("text", ["[colors", "colors = 1", "\x00"])
def test_a_file_that_is_no_style_is_named(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-PAPER-STYLE-FILE"):
        load_style(tmp_path / "khong_co.toml")


def test_a_font_without_vietnamese_is_refused(tmp_path: Path) -> None:
    """A cut of the shipped font that holds only Latin letters."""
    from ntmgis.show.paper.font import face
    from ntmgis.show.paper.pdf_fonts import cut_font

    (tmp_path / "latin.ttf").write_bytes(cut_font(face("regular"), "abcdefgh", for_web=True))
    assert faults(tmp_path, '[fonts]\nregular = "latin.ttf"') == ["E-PAPER-STYLE-LETTERS fonts.regular"]


def test_one_file_changes_the_sheet(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "#00ff00").save(tmp_path / "logo.png")
    (tmp_path / "own.ttf").write_bytes((FONTS / "SourceSansPro-It.ttf").read_bytes())
    (tmp_path / "mau.toml").write_text(
        """
        [fonts]
        regular = "own.ttf"
        [colors]
        ink = "#7a0000"
        [title]
        office = ["UỶ BAN NHÂN DÂN TỈNH TÍ HON"]
        logo = "logo.png"
        [signature]
        place = "Tí Hon"
        roles = ["CHÁNH VĂN PHÒNG"]
        """,
        encoding="utf-8",
    )
    path, picture = tmp_path / "a.pdf", tmp_path / "a.png"
    write_sheet(
        tiny.snapshot(), tiny_facts.facts(), pdf=path, png=picture, dpi=50, style=tmp_path / "mau.toml", agency="Sở"
    )
    text = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()
    for word in ("UỶ BAN NHÂN DÂN TỈNH TÍ HON", "CHÁNH VĂN PHÒNG", "Tí Hon, ngày"):
        assert word in text
    assert "NGƯỜI LẬP" not in text
    assert b"SourceSansPro-Regular" not in path.read_bytes()
    colors = {color for _, color in Image.open(picture).getcolors(maxcolors=1_000_000)}
    assert (0, 255, 0) in colors
    plain = tmp_path / "plain.pdf"
    write_sheet(tiny.snapshot(), tiny_facts.facts(), pdf=plain)
    assert b"SourceSansPro-Regular" in plain.read_bytes()  # the house fonts did not stay behind
