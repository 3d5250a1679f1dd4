"""Households on paper: cells one can count again, nothing in them of a single house; signs only in a marked file."""

import json
import os
import re
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import household_cases as cases
import numpy as np
import pandas as pd
import pypdfium2
import pypdfium2.raw as pdfium
import pyproj
import pytest
import tiny
import tiny_facts
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.errors import InputError, UsageError
from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.sheets import make_sheet
from ntmgis.show.paper import write_sheet
from ntmgis.show.paper.canvas import grey
from ntmgis.show.paper.households import cell_side, cells
from ntmgis.show.paper.mapbody import PLAIN_FILL
from ntmgis.show.paper.scale import ROUND_SCALES
from ntmgis.show.web.households_meta import style
from ntmgis.store.snapshot import Snapshot

MM = 25.4 / 72
RAMP = style()["density"]["ramp"]
LIMITS = {int(side): limits for side, limits in style()["density"]["limits"].items()}
MARK = style()["mark"]["vi"]
LONLAT = pyproj.Transformer.from_crs(tiny.CRS, "EPSG:4326", always_xy=True)
# Metres east and north of the corner: 7 objects in one cell of 10001 and 4 apart from each other, 60 in 10004.
SEVEN = [(2_110 + 40 * n, 3_160 + 30 * n) for n in range(7)]
FOUR = [(6_150 + 200 * n, 7_850 - 30 * n) for n in range(4)]
SIXTY = [(14_020 + 16 * n, 12_910 - 14 * n) for n in range(60)]


CORNER = np.array([tiny.E0, tiny.N0], dtype=float)


def register(*places: list[tuple[float, float]], **changes: Any) -> Snapshot:
    """The tiny province with objects at these metres from its corner; changes are fields of every object."""
    rows = []
    for east, north in [spot for some in places for spot in some]:
        lon, lat = LONLAT.transform(tiny.E0 + east, tiny.N0 + north)
        rows.append({"lon": lon, "lat": lat, "has_code": True, **changes})
    return cases.snapshot(rows)


def write(snapshot: Snapshot, path: Path, **options: Any) -> Any:
    return write_sheet(snapshot, tiny_facts.facts(), **{path.suffix[1:]: path}, **options)


def text_of(path: Path, page: int = 0) -> str:
    return pypdfium2.PdfDocument(path)[page].get_textpage().get_text_range().replace("\r\n", " ")


def filled(path: Path, color: str) -> list[tuple[float, float, float, float]]:
    """Bounds in mm of every shape with this fill, in the order of drawing."""
    wanted = tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))
    found = []
    for item in pypdfium2.PdfDocument(path)[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        parts = [pdfium.c_uint() for _ in range(4)]
        pdfium.FPDFPageObj_GetFillColor(item, *parts)
        mode, stroke = pdfium.c_int(), pdfium.c_int()
        pdfium.FPDFPath_GetDrawMode(item, mode, stroke)
        if mode.value and tuple(part.value for part in parts[:3]) == wanted:
            found.append(tuple(value * MM for value in item.get_bounds()))
    return found


@pytest.fixture(scope="module")
def density(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    path = tmp_path_factory.mktemp("density") / "density.pdf"
    return path, write(register(SEVEN, FOUR, SIXTY), path, households="density", size="A4")


def test_a_cell_holds_what_lies_in_it_and_its_west_and_south_edge() -> None:
    inside = [(10.0, 10.0), (249.9, 249.9), (0.0, 0.0), (0.0, 249.0), (100.0, 0.0)]
    others = [(250.0, 10.0), (10.0, 250.0), (-0.1, 10.0)]
    found = cells(np.array(inside + others), 250)
    held = {(column, row): count for column, row, count in zip(found.columns, found.rows, found.counts, strict=True)}
    assert held == {(0, 0): 5, (1, 0): 1, (0, 1): 1, (-1, 0): 1}
    assert found.drawn.sum() == 1
    assert found.withheld == 3
    assert found.tally()[0] == (1, 5)  # 5 / 0.0625 km² = 80, the first limit


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9e4, 9e5), st.floats(0, 2e6)), min_size=1, max_size=80),
    st.sampled_from(sorted(LIMITS)),
    st.integers(1, 12),
)
def test_cells_and_what_is_withheld_add_up_to_the_objects(
    spots: list[tuple[float, float]], side: int, times: int
) -> None:
    found = cells(np.repeat(np.array(spots), times, axis=0), side)
    tally = found.tally()
    assert sum(objects for _, objects in tally) + found.withheld == len(spots) * times
    assert sum(squares for squares, _ in tally) == (found.counts >= SUPPRESS_UNDER).sum()
    shown = found.classes >= 0
    assert (found.counts[shown] >= SUPPRESS_UNDER).all()
    assert (found.counts[~shown] < SUPPRESS_UNDER).all()
    limits = np.array([*found.limits, np.inf])
    values = found.counts[shown] / found.km2
    assert (limits[found.classes[shown]] <= values).all()
    assert (values < limits[found.classes[shown] + 1]).all()


@pytest.mark.parametrize("side", sorted(LIMITS))
def test_the_first_class_begins_where_cells_may_be_shown(side: int) -> None:
    assert LIMITS[side][0] == pytest.approx(SUPPRESS_UNDER / (side / 1000) ** 2)
    assert LIMITS[side] == sorted(LIMITS[side])
    assert len(LIMITS[side]) == len(RAMP)


def test_cells_are_never_smaller_than_250_m_and_about_2_5_mm_in_print() -> None:
    for denominator in ROUND_SCALES:
        side = cell_side(denominator)
        assert side >= 250
        if 120_000 <= denominator <= 5_000_000:
            assert 1.5 <= side * 1000 / denominator <= 4.0


def test_the_ramp_darkens_in_grey_too() -> None:
    tones = [int(grey(color)[1:3], 16) for color in (PLAIN_FILL, *RAMP)]
    assert all(light - dark >= 20 for light, dark in pairwise(tones))


def test_squares_stand_where_the_objects_are_and_few_objects_make_none(density: tuple[Path, Any]) -> None:
    path, info = density
    assert (info.objects, info.withheld, info.cell_m) == (71, 4, 500)
    per_m = 1000 / info.denominator
    ground = filled(path, PLAIN_FILL)[0]  # six communes, 30 x 20 km
    assert ground[2] - ground[0] == pytest.approx(30_000 * per_m, rel=1e-3)
    expected = cells(CORNER + (SEVEN + FOUR + SIXTY), 500)
    for n, color in enumerate(RAMP):
        own = expected.classes == n
        drawn = [box for box in filled(path, color) if box[3] - box[1] != pytest.approx(3.4 * 0.86, abs=0.01)]
        assert bool(drawn) == own.any()
        if drawn:
            (box,) = drawn
            west, south = expected.columns[own].min() * 500 - tiny.E0, expected.rows[own].min() * 500 - tiny.N0
            east, north = expected.columns[own].max() * 500 - tiny.E0, expected.rows[own].max() * 500 - tiny.N0
            wanted = [west, south, east + 500, north + 500]
            found = [(box[0] - ground[0]) / per_m, (box[1] - ground[1]) / per_m]
            found += [(box[2] - ground[0]) / per_m, (box[3] - ground[1]) / per_m]
            assert found == pytest.approx(wanted, abs=0.13 / per_m)  # less the gap between cells


def test_the_legend_accounts_for_every_object(density: tuple[Path, Any]) -> None:
    said = text_of(density[0])
    for words in (
        "71 đối tượng địa chỉ số, trung bình 0,1/km², đến 30/06/2025",
        "Mật độ đối tượng địa chỉ số (đối tượng/km²)",
        "ô có dưới 5 đối tượng: để trống",
        "ô vuông cạnh 500 m (25 ha)",
        "để không nhận ra từng hộ",
        "DỮ LIỆU MINH HOẠ",
    ):
        assert words in said, words
    assert re.search(r"Địa chỉ số \(30/06/2025\)\.\s+Nguồn: số liệu tự đặt", said)
    expected = cells(CORNER + (SEVEN + FOUR + SIXTY), 500)
    rows = [f"{squares} {objects}" for squares, objects in expected.tally() if squares]
    assert all(row in said for row in rows), rows
    assert MARK not in said


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_nothing_but_the_cell_of_an_object_reaches_a_density_sheet(tmp_path: Path, kind: str) -> None:
    """Objects that move within their cells, in another order and another state, leave every byte as it was."""
    first, second, third = (tmp_path / f"{name}.{kind}" for name in "abc")
    rng = np.random.default_rng(305)
    here = np.array(SEVEN + FOUR + SIXTY, dtype=float)
    moved = np.floor(here / 500) * 500 + rng.uniform(1, 499, here.shape)
    write(register(SEVEN, FOUR, SIXTY), first, households="density", size="A4")
    changed = register([tuple(one) for one in rng.permutation(moved).tolist()], has_code=False, kind="agency")
    info = write(changed, second, households="density", size="A4")
    assert info.cell_m == 500
    assert first.read_bytes() == second.read_bytes()
    elsewhere = [(x + 500, y) for x, y in SEVEN]
    write(register(elsewhere, FOUR, SIXTY), third, households="density", size="A4")
    assert third.read_bytes() != first.read_bytes()


def test_a_density_can_be_told_in_grey_and_as_a_picture(tmp_path: Path) -> None:
    path, picture = tmp_path / "grey.pdf", tmp_path / "grey.png"
    write(register(SIXTY), path, households="density", size="A4", bw=True)
    write(register(SIXTY), picture, households="density", size="A4", bw=True, dpi=40)
    expected = cells(CORNER + SIXTY, 500)
    for n in set(expected.classes.tolist()) - {-1}:
        assert len(filled(path, grey(RAMP[n]))) >= 2  # on the map and in the legend
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_objects_without_a_place_are_counted_beside_the_map(tmp_path: Path) -> None:
    snapshot = register(SIXTY)
    lost = cases.addresses(
        [
            {"village_code": "10004-01"},
            {"village_code": "10001-01"},
            {"village_code": "10004-01", "lon": 100.0, "lat": 20.0},
        ]
    )
    frame = pd.concat([snapshot.addresses, lost], ignore_index=True)
    path = tmp_path / "all.pdf"
    info = write(cases.snapshot(addresses=frame), path, households="density", size="A4")
    said = text_of(path)
    assert info.objects == 60
    assert "có toạ độ 60/63" in said
    assert "Không vẽ: 2 đối tượng chưa có toạ độ, 1 có toạ độ nằm ngoài mọi xã." in said
    one = tmp_path / "one.pdf"
    write(cases.snapshot(addresses=frame), one, households="density", size="A4", of="10004")
    assert "có toạ độ 60/62" in text_of(one)


def test_a_commune_sheet_counts_its_own_objects_only(tmp_path: Path) -> None:
    path = tmp_path / "commune.pdf"
    info = write(register(SEVEN, FOUR, SIXTY), path, households="density", size="A4", of="10001")
    assert (info.objects, info.withheld) == (11, cells(np.array(SEVEN + FOUR), info.cell_m).withheld)
    assert "Xã Một" in text_of(path)


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"

    def code(snapshot: Snapshot, **options: Any) -> str:
        with pytest.raises((InputError, UsageError)) as caught:
            write(snapshot, path, **options)
        return caught.value.problems[0].code

    nowhere = cases.snapshot([{"village_code": "10001-01"}])
    assert code(nowhere, households="density") == "E-HOUSEHOLDS-NONE"
    assert code(nowhere, households="symbol") == "E-HOUSEHOLDS-NONE"
    assert code(register(SEVEN), households="density", of="10005") == "E-HOUSEHOLDS-HERE"
    assert code(register(SEVEN), households="symbol", of="10005") == "E-HOUSEHOLDS-HERE"
    assert code(register(FOUR), households="density") == "E-HOUSEHOLDS-FEW"
    assert code(register(SEVEN), households="density", theme="status") == "E-HOUSEHOLDS-THEME"
    assert code(register(SEVEN), households="symbol.names") == "E-CONFIG-VALUE"
    assert not path.exists()


def test_signs_stand_at_the_true_place_in_a_marked_sheet(tmp_path: Path) -> None:
    path = tmp_path / "signs.pdf"
    info = write(register(SEVEN[:1]), path, households="symbol", size="A4", of="10001")
    per_m = 1000 / info.denominator
    ground = filled(path, PLAIN_FILL)[0]
    disc = filled(path, style()["state"]["yes"]["color"])[0]
    found = ((disc[0] + disc[2]) / 2 - ground[0], (disc[1] + disc[3]) / 2 - ground[1])
    assert found == pytest.approx((SEVEN[0][0] * per_m, SEVEN[0][1] * per_m), abs=0.03)
    said = text_of(path)
    assert MARK in said
    assert style()["mark"]["long"]["vi"] in said
    assert "1/1 đối tượng trên bản đồ đã có mã (100,0%)" in said
    about = pypdfium2.PdfDocument(path).get_metadata_dict()
    assert MARK in about["Subject"]


def test_every_tile_of_a_sheet_of_signs_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "tiles.pdf"
    info = write(register(SEVEN), path, households="symbol", size="A3", tiles="A4")
    assert info.pages > 1
    assert all(MARK in text_of(path, page) for page in range(info.pages))


def test_where_signs_run_together_no_class_hides_the_others(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    rng = np.random.default_rng(1)
    spots = [tuple(one) for one in rng.uniform(2_000, 28_000, (400, 2)) * (1, 0.6)]
    snapshot = register(spots)
    snapshot.addresses["has_code"] = pd.array([True, False] * 200, dtype="boolean")
    info = write(snapshot, path, households="symbol", size="A4")
    assert info.denominator > 60_000
    colors = {style()["state"]["yes"]["color"]: "yes", "#ffffff": "no"}  # rings are white inside
    wanted = {tuple(int(color[n : n + 2], 16) for n in (1, 3, 5)): name for color, name in colors.items()}
    order = []
    for item in pypdfium2.PdfDocument(path)[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        fill, line = [pdfium.c_uint() for _ in range(4)], [pdfium.c_uint() for _ in range(4)]
        pdfium.FPDFPageObj_GetFillColor(item, *fill)
        pdfium.FPDFPageObj_GetStrokeColor(item, *line)
        name = wanted.get(tuple(part.value for part in fill[:3]))
        ring = tuple(part.value for part in line[:3]) == (0xE0, 0x7B, 0x00)
        if name == "yes" or (name == "no" and ring):
            order.append(name)
    assert len(order) > 20
    turns = sum(one != other for one, other in pairwise(order))
    assert turns > len(order) * 0.8


@pytest.mark.parametrize("form", ["density", "symbol.kind"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    rows = cases.random_rows(300, seed=5, box=(107.55, 14.5, 107.7, 14.6))
    for kind in ("pdf", "svg", "png"):
        first, second = tmp_path / f"1.{kind}", tmp_path / f"2.{kind}"
        for path, some in ((first, rows), (second, rows[::-1])):
            write(cases.snapshot(some), path, households=form, size="A4", dpi=40)
        assert first.read_bytes() == second.read_bytes()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("sheets") / "w", kinds=("html",))


def test_a_file_of_signs_goes_to_private_and_only_its_owner_may_read_it(home: Path) -> None:
    words = [sys.executable, "-m", "ntmgis.cli", "sheet", "-w", str(home), "--households", "symbol", "--of", "10001"]
    done = subprocess.run(
        [*words, "--size", "A4"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "COLUMNS": "200", "PYTHONUTF8": "1"},
    )
    place = home / "private" / "households_10001.pdf"
    assert done.returncode == 0, done.stderr
    assert MARK in done.stderr
    assert MARK in text_of(place)
    assert [file.name for file in place.parent.iterdir()] == [place.name]
    assert not (home / "maps").exists()
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    json.dumps(make_sheet(home, place.with_suffix(".svg"), households="symbol", of="10001").as_dict())


def test_single_households_never_lie_among_the_products(home: Path, tmp_path: Path) -> None:
    for out in (home / "maps" / "ho.pdf", home / "private" / ".." / "maps" / "sub" / "ho.pdf"):
        with pytest.raises(UsageError) as caught:
            make_sheet(home, out, households="symbol.plated")
        assert caught.value.problems[0].code == "E-HOUSEHOLDS-MAPS"
    assert not (home / "maps").exists()
    done = make_sheet(home, tmp_path / "mat_do.pdf", households="density", size="A4")
    assert not done.personal
    assert done.as_dict()["households"] == {
        "form": "density",
        "objects": 60,
        "withheld": done.withheld,
        "cell_m": done.cell_m,
        "personal": False,
    }


def test_a_sheet_without_a_name_goes_among_the_products(home: Path) -> None:
    done = make_sheet(home, None, households="density", size="A4", bw=True)
    assert done.path == home / "maps" / "sheet_households-density_A4_bw.pdf"
    assert done.path.is_file()
