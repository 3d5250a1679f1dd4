"""The emblem of the house: it really appears, keeps its proportions, and a file that is no picture is told."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import tiny_facts
from PIL import Image

from ntmgis.errors import UsageError
from ntmgis.show.paper import write_sheet
from ntmgis.show.paper.logo import load_logo
from ntmgis.show.paper.style import load_style


def style_of(folder: Path, name: str) -> Path:
    path = folder / "mau.toml"
    path.write_text(f'[title]\nlogo = "{name}"\n', encoding="utf-8")
    return path


def wide(mode: str = "RGB", color: Any = "#00c800") -> Image.Image:
    """120 x 40, plain."""
    return Image.new(mode, (120, 40), color)


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("a.png", wide()),
        ("a.jpg", wide()),
        ("cmyk.jpg", wide("CMYK", (255, 0, 255, 55))),
        ("palette.png", wide().convert("P")),
        ("deep.png", Image.new("I;16", (120, 40), 30_000)),
        ("alpha.png", wide("RGBA", (0, 200, 0, 255))),
        ("bits.png", wide("1", 1)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_every_kind_of_picture_becomes_one_that_pdf_readers_show(
    tmp_path: Path, name: str, picture: Image.Image
) -> None:
    picture.save(tmp_path / name)
    logo = load_logo(tmp_path / name)
    assert logo is not None
    assert logo.ratio == 3.0
    with Image.open(BytesIO(logo.png)) as made:
        assert (made.format, made.size) == ("PNG", (120, 40))
        assert made.mode in {"RGB", "RGBA"}


@pytest.mark.parametrize(("bw", "kind"), [(False, "pdf"), (True, "pdf"), (False, "svg")])
def test_it_stands_at_the_top_left_in_its_own_proportions(tmp_path: Path, *, bw: bool, kind: str) -> None:
    wide().save(tmp_path / "a.png")
    style = style_of(tmp_path, "a.png")
    out = tmp_path / f"a.{kind}"
    write_sheet(tiny.snapshot(), tiny_facts.facts(), style=style, bw=bw, **{kind: out})  # type: ignore[arg-type] # a name
    if kind == "svg":
        assert "data:image/png;base64," in out.read_text(encoding="utf-8")
        return
    write_sheet(tiny.snapshot(), tiny_facts.facts(), style=style, bw=bw, png=tmp_path / "b.png", dpi=100)
    with Image.open(tmp_path / "b.png") as drawn:
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    wanted = np.array([Image.new("RGB", (1, 1), "#00c800").convert("L").getpixel((0, 0))] * 3) if bw else (0, 200, 0)
    rows, columns = np.nonzero((abs(pixels - np.array(wanted)) <= 2).all(axis=2))
    inside = (rows < 110) & (columns < 180)
    tall, across = np.ptp(rows[inside]) + 1, np.ptp(columns[inside]) + 1
    assert across / tall == pytest.approx(3.0, rel=0.06)
    assert across / 100 * 25.4 == pytest.approx(34, abs=1)  # two squares of 17 mm at most


def test_a_camera_turned_on_its_side_is_set_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wide().save(tmp_path / "a.jpg", exif=exif)
    logo = load_logo(tmp_path / "a.jpg")
    assert logo is not None
    assert logo.ratio == pytest.approx(1 / 3)


def test_a_poster_is_not_carried_along_whole(tmp_path: Path) -> None:
    Image.effect_noise((3000, 1500), 80).save(tmp_path / "a.png")
    logo = load_logo(tmp_path / "a.png")
    assert logo is not None
    with Image.open(BytesIO(logo.png)) as made:
        assert made.size == (1200, 600)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'),
        ("a.png", b"no picture at all"),
        ("a.png", b""),
        ("cut.png", b"cut"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
    ],
)
def test_what_is_no_png_or_jpeg_is_told_before_anything_is_drawn(tmp_path: Path, name: str, data: bytes) -> None:
    if name == "cut.png":
        out = BytesIO()
        Image.effect_noise((200, 200), 80).save(out, "PNG")
        data = out.getvalue()[:900]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError) as told:
        load_style(style_of(tmp_path, name))
    (problem,) = told.value.problems
    assert (problem.code, problem.column, problem.value) == ("E-PAPER-STYLE-LOGO-READ", "title.logo", name)


def test_a_folder_or_nothing_is_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "thu_muc").mkdir()
    for name in ("thu_muc", "khong_co.png"):
        with pytest.raises(UsageError) as told:
            load_style(style_of(tmp_path, name))
        assert told.value.problems[0].code == "E-PAPER-STYLE-LOGO"
