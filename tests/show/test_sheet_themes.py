"""Themes, scopes and surroundings of the sheets, and the command that makes one."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import paper_cases
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import rasterio
import tiny
import tiny_facts
from PIL import Image
from shapely.geometry import box

from ntmgis.errors import UsageError
from ntmgis.show.paper import SheetMaker, write_sheet
from ntmgis.show.paper.canvas import grey
from ntmgis.show.paper.content import ground_of, scope_of
from ntmgis.show.paper.painting import CHANGES, paint
from ntmgis.show.paper.sizes import PAPERS
from ntmgis.show.symbols import symbols

MM = 25.4 / 72


def sheet(tmp_path: Path, snapshot: Any = None, **options: Any) -> tuple[str, pypdfium2.PdfDocument, Any]:
    path = tmp_path / "a.pdf"
    info = write_sheet(snapshot or tiny.snapshot(), options.pop("facts", tiny_facts.facts()), pdf=path, **options)
    document = pypdfium2.PdfDocument(path)
    return " ".join(document[0].get_textpage().get_text_range().split()), document, info


def paths(document: pypdfium2.PdfDocument, color: str, *, stroked: bool = False) -> list[Any]:
    wanted = tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))
    found = []
    for item in document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        red, green, blue, alpha = (pdfium.c_uint() for _ in range(4))
        pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
        mode, stroke = pdfium.c_int(), pdfium.c_int()
        pdfium.FPDFPath_GetDrawMode(item, mode, stroke)
        if mode.value and bool(stroke.value) == stroked and (red.value, green.value, blue.value) == wanted:
            found.append([part * MM for part in item.get_bounds()])
    return found


def earlier() -> tuple[Any, date]:
    """Facts of half a year before: commune 10001 not yet, 10003 was NTM, 10005 not reported."""
    facts = tiny_facts.facts()
    communes = facts.communes.copy()
    communes.loc["10001", "tier"] = "not_yet"
    communes.loc["10003", "tier"] = "ntm"
    return tiny_facts.facts(communes=communes), date(2024, 12, 31)


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_every_paper_holds_the_province_at_a_true_scale(tmp_path: Path, paper: str) -> None:
    _, document, info = sheet(tmp_path, size=paper)
    assert sorted(side * MM for side in document[0].get_size()) == pytest.approx(sorted(PAPERS[paper]), abs=0.02)
    (left, bottom, right, top), *_ = sorted(
        paths(document, symbols()["tier"]["model"]["fill"]), key=lambda b: b[0] - b[2]
    )
    assert (right - left) * info.denominator / 1000 == pytest.approx(10_000, rel=1e-3)
    assert (top - bottom) * info.denominator / 1000 == pytest.approx(10_000, rel=1e-3)


def test_a_change_names_who_came_and_who_went(tmp_path: Path) -> None:
    text, _, _ = sheet(tmp_path, theme="change_ntm", before=earlier())
    assert "1 xã mới đạt chuẩn NTM, 1 xã không còn đạt chuẩn NTM, từ 31/12/2024" in text
    for label, count in (
        ("Mới đạt chuẩn NTM từ 31/12/2024", 1),
        ("Đã đạt chuẩn NTM từ trước", 2),
        ("Không còn đạt chuẩn NTM", 1),
        ("Chưa có số liệu", 1),
        ("Không thuộc diện đánh giá", 1),
    ):
        words = r"\s".join(map(re.escape, label.split()))
        assert re.search(rf"{words}.{{0,12}}\b{count}\b", text), (label, text[:900])


@pytest.mark.parametrize("theme", sorted(CHANGES))
def test_changes_sum_to_all_communes(theme: str) -> None:
    snapshot, facts = tiny.snapshot(), tiny_facts.facts()
    scope = scope_of(ground_of(snapshot, facts, layers=False), snapshot, None)
    (painting,) = paint(snapshot, facts, scope, theme, before=earlier())
    assert sum(painting.counts().values()) == 6
    assert set(painting.of) == set(facts.communes.index)


def test_a_change_without_an_earlier_day_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-PAPER-THEME-DATA"):
        sheet(tmp_path, theme="change_model")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"theme": "weather"}, "E-PAPER-THEME"),
        ({"theme": "near.moon"}, "E-PAPER-THEME"),
        ({"of": "99999"}, "E-PAPER-UNIT"),
        ({"tiles": "A9"}, "E-PAPER-UNKNOWN"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, options: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        sheet(tmp_path, **options)
    assert caught.value.problems[0].code == code
    assert not (tmp_path / "a.pdf").exists()


def test_small_maps_of_the_criteria_agree_with_the_table(tmp_path: Path) -> None:
    text, _, info = sheet(tmp_path, theme="criteria")
    assert info.denominator >= 100_000
    met = tiny.snapshot().criteria.query("state == 'met'").groupby("criterion").size()
    for number in range(1, 19):
        found = re.search(rf"(?<!\d){number}\. \D+?Đạt: (\d+)/(\d+)", text)
        assert found is not None, number
        assert (int(found[1]), int(found[2])) == (met[number], 5), number


def test_access_is_three_maps_at_one_scale(tmp_path: Path) -> None:
    text, document, info = sheet(tmp_path, theme="access")
    assert text.count("không quá") == 4  # three captions, and the lowest of them as the answer
    assert re.search(r"Thấp nhất: 16,7% số hộ cách (công trình nước|điểm thu gom rác) không quá 1\.000 m, đến", text)
    for place in ("đường", "công trình nước", "điểm thu gom rác"):
        assert f"cách {place}" in text
    wide = {round(b[2] - b[0], 2) for b in paths(document, "#0b5563") if 5 < b[2] - b[0] < 40}
    assert any(abs(w - 10_000_000 / info.denominator) < 0.05 for w in wide)


def test_a_sheet_about_districts_counts_districts(tmp_path: Path) -> None:
    text, _, _ = sheet(tmp_path, theme="district")
    assert "Ít nhất 1/2 huyện, thành phố đạt chuẩn hoặc hoàn thành nhiệm vụ nông thôn mới, đến 30/06/2025" in text
    assert "1 huyện, thành phố chưa đủ số liệu" in text
    assert re.search(r"Đạt chuẩn huyện NTM 1 50,0%", text)
    assert re.search(r"Tổng số huyện, thành phố 2 100,0%", text)
    one, _, _ = sheet(tmp_path, theme="district", of="901")
    assert "1/1 huyện, thành phố đạt chuẩn" in one
    # One district unknown, one without a target: nothing can be said, and no share of nothing is.
    none, _, _ = sheet(tmp_path, theme="progress")
    assert "Tiến độ chỉ tiêu thôn theo huyện: chưa có số liệu" in none
    assert "0/0 huyện" not in none


def test_a_district_sheet_counts_only_the_district(tmp_path: Path) -> None:
    text, _, info = sheet(tmp_path, of="901")
    assert "Huyện Chín Một, tỉnh Tí Hon, ranh giới" in text
    assert "Huyện Chín Một: 3/4 xã đạt chuẩn nông thôn mới, đến" in text
    assert "Xã thuộc diện đánh giá 4" in text
    assert "Vị trí trong tỉnh" in text
    assert info.labels_on_map + info.labels_in_list == 4
    assert "ranh giới tỉnh" not in text
    assert "Điểm thu gom, xử lý chất thải: 1" in text
    whole, _, _ = sheet(tmp_path, of="902")
    assert "Điểm thu gom" not in whole


def test_a_commune_sheet_shows_its_villages(tmp_path: Path) -> None:
    text, document, info = sheet(tmp_path, of="10004", size="A4")
    assert "Xã Bốn: NTM kiểu mẫu, đến 30/06/2025" in text
    assert "Thôn 1" in text
    assert "Xã Bốn, huyện Chín Một, tỉnh Tí Hon, ranh giới" in text
    assert info.village_names == 1
    assert not paths(document, symbols()["tier"]["model"]["fill"])  # light enough to read on


def test_the_map_of_works_claims_no_tiers(tmp_path: Path) -> None:
    text, _, _ = sheet(tmp_path, theme="infrastructure")
    assert "1/1 công trình cấp nước hoạt động tốt, đến 30/06/2025" in text
    assert "Đạt chuẩn" not in text
    assert "Công trình cấp nước sinh hoạt: 1" in text


def test_a_map_of_classes_carries_the_works_of_its_theme_alone(tmp_path: Path) -> None:
    """Each sign hides a part of the answer: water and waste on the sheet of results, the schemes where they count."""
    results, _, _ = sheet(tmp_path)
    assert "Công trình cấp nước sinh hoạt: 1" in results
    other, _, _ = sheet(tmp_path, theme="criteria_met")
    assert "Công trình cấp nước" not in other
    assert "Ranh giới, đường sá" in other
    assert "công trình" not in other.lower()
    near, _, _ = sheet(tmp_path, theme="near.water")
    assert "Công trình cấp nước sinh hoạt: 1" in near
    assert "Điểm thu gom, xử lý chất thải:" not in near


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_every_district_is_named_even_where_its_communes_fill_it(tmp_path: Path, paper: str) -> None:
    snapshot, facts = paper_cases.province()
    info = write_sheet(snapshot, facts, pdf=tmp_path / "a.pdf", size=paper)
    assert info.district_names == len(snapshot.districts)
    assert info.labels_on_map + info.labels_in_list == len(snapshot.communes)


def test_short_forms_of_urban_units_are_explained(tmp_path: Path) -> None:
    snapshot, facts = paper_cases.province()
    write_sheet(snapshot, facts, pdf=tmp_path / "a.pdf")
    text = pypdfium2.PdfDocument(tmp_path / "a.pdf")[0].get_textpage().get_text_range()
    assert "Tên in nghiêng: P. phường, TT. thị trấn" in text
    plain, _, _ = sheet(tmp_path, of="901")
    assert "ĐK." not in plain


def test_known_land_around_is_grey_and_none_is_drawn_twice(tmp_path: Path) -> None:
    """A neighbour that reaches 5 km into the province ends at its border."""
    outside = gpd.GeoDataFrame(
        geometry=[box(tiny.E0 - 20_000, tiny.N0, tiny.E0 + 5_000, tiny.N0 + 20_000)], crs=tiny.CRS
    ).to_crs(4326)
    _, document, _ = sheet(tmp_path, neighbours=outside)
    (found,) = [b for b in paths(document, "#e3e3df", stroked=True) if b[3] - b[1] > 30]
    corner = min(b[0] for b in paths(document, symbols()["tier"]["ntm"]["fill"]) if b[2] - b[0] > 30)
    assert found[2] == pytest.approx(corner, abs=0.3)
    _, alone, _ = sheet(tmp_path)
    assert not [b for b in paths(alone, "#e3e3df", stroked=True) if b[3] - b[1] > 30]


def test_a_province_has_a_locator_only_where_land_far_around_is_known(tmp_path: Path) -> None:
    wide = box(tiny.E0 - 30_000, tiny.N0 - 10_000, tiny.E0 + 60_000, tiny.N0 + 30_000)
    text, document, _ = sheet(tmp_path, neighbours=gpd.GeoDataFrame(geometry=[wide], crs=tiny.CRS).to_crs(4326))
    assert "Vị trí" in text
    assert len(paths(document, "#e3e3df", stroked=True)) == 2  # on the map and in the inset
    assert len(paths(document, "#b5179e", stroked=True)) == 1
    near = box(tiny.E0 - 5_000, tiny.N0, tiny.E0, tiny.N0 + 20_000)
    text, _, _ = sheet(tmp_path, neighbours=gpd.GeoDataFrame(geometry=[near], crs=tiny.CRS).to_crs(4326))
    assert "Vị trí" not in text


def test_small_maps_have_a_place_for_the_criterion_that_is_not_shown(tmp_path: Path) -> None:
    text, _, _ = sheet(tmp_path, theme="criteria", of="901")
    assert "19. … không đưa lên bản đồ công khai" in text
    assert "Quốc phòng" not in text
    assert "Huyện Chín Một: ít xã đạt nhất" in text


@pytest.mark.parametrize(("theme", "of"), [("criteria", "901"), ("access", None), ("access", "10003")])
def test_small_maps_are_signed_and_located_too(tmp_path: Path, theme: str, of: str | None) -> None:
    text, document, _ = sheet(tmp_path, theme=theme, of=of, size="A4")
    assert "THỦ TRƯỞNG ĐƠN VỊ" in text
    assert bool(paths(document, "#b5179e", stroked=True)) is (of is not None)


def test_change_is_black_on_white_in_grey(tmp_path: Path) -> None:
    """A grey rim is lost among the patterns of a photocopy."""
    _, plain, _ = sheet(tmp_path, theme="change_ntm", before=earlier())
    assert not paths(plain, "#000000")
    _, copied, _ = sheet(tmp_path, theme="change_ntm", before=earlier(), bw=True)
    assert len(paths(copied, "#000000")) >= 2


def test_relief_lies_below_in_colour_and_is_left_out_in_grey(tmp_path: Path) -> None:
    terrain = tmp_path / "terrain.tif"
    rows, columns = np.mgrid[0:60, 0:80]
    heights = (800 * np.sin(rows / 4) * np.cos(columns / 5)).astype("float32")
    with rasterio.open(
        terrain,
        "w",
        driver="GTiff",
        width=80,
        height=60,
        count=1,
        dtype="float32",
        crs=tiny.CRS,
        transform=rasterio.Affine(500, 0, tiny.E0 - 5_000, 0, -500, tiny.N0 + 25_000),
    ) as file:
        file.write(heights, 1)
    snapshot = tiny.snapshot(rasters={"terrain": terrain})
    for bw, pictures in ((False, 1), (True, 0)):
        _, document, _ = sheet(tmp_path, snapshot, bw=bw)
        assert len(list(document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))) == pictures


@pytest.mark.parametrize("theme", ["change_ntm", "addresses.coded", "criterion.2", "near.road"])
def test_in_grey_classes_differ_in_tint_or_pattern(theme: str) -> None:
    snapshot, facts = tiny.snapshot(), tiny_facts.facts()
    scope = scope_of(ground_of(snapshot, facts, layers=False), snapshot, None)
    (painting,) = paint(snapshot, facts, scope, theme, before=earlier())
    looks = [(int(grey(look.fill)[1:3], 16), look.pattern) for look in painting.looks]
    for n, (tint, pattern) in enumerate(looks):
        for other, own in looks[n + 1 :]:
            assert pattern != own or abs(tint - other) >= 15, painting.looks[n]


def test_the_day_it_is_made_is_never_the_clock(tmp_path: Path) -> None:
    plain, _, _ = sheet(tmp_path)
    assert "Số liệu đến ngày: 30/06/2025" in plain
    assert "Ngày lập: ...... / ......" in plain
    dated, _, _ = sheet(tmp_path, made=date(2025, 7, 15))
    assert "Ngày lập: 15/07/2025" in dated


def test_the_mark_of_the_inputs_changes_with_them() -> None:
    facts = tiny_facts.facts()
    one = SheetMaker(tiny.snapshot(), facts).inputs
    assert one == SheetMaker(tiny.snapshot(), facts).inputs
    fewer = tiny.snapshot().layers["road"].iloc[:1]
    assert one != SheetMaker(tiny.snapshot(layers={"road": fewer}), facts).inputs


def test_real_names_all_stand_on_an_a3_sheet(tmp_path: Path) -> None:
    snapshot, facts = paper_cases.province()
    text, _, info = sheet(tmp_path, snapshot, facts=facts, theme="infrastructure")
    assert info.labels_on_map + info.labels_in_list == 102
    assert "Không vẽ" not in text  # nothing but water and waste in this case


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ntmgis.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NTMGIS_LANG": "vi"})


def test_the_command_makes_a_sheet(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    out = tmp_path / "to.pdf"
    done = run("sheet", "-w", str(home), "--size", "a4", "--of", "901", "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["scale"] == f"1:{told['denominator']}"
    assert told["bytes"] == out.stat().st_size
    picture = tmp_path / "to.png"
    done = run("sheet", "-w", str(home), "--size", "A4", "--bw", "--dpi", "50", "--out", str(picture))
    assert done.returncode == 0, done.stderr
    assert "1:" in done.stdout
    with Image.open(picture) as opened:
        assert opened.mode == "L"


@pytest.mark.parametrize(
    "words",
    [
        ("--out", "a.docx"),
        ("--out", "a.png", "--tiles", "A4"),
        ("--out", "a.png", "--dpi", "5"),
        ("--theme", "x", "--out", "a.pdf"),
    ],
)
def test_wrong_words_are_wrong_use_and_leave_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    wanted = [str(tmp_path / word) if word.startswith("a.") else word for word in words]
    done = run("sheet", "-w", str(home), *wanted)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not list(tmp_path.glob("a.*"))
    assert not list(tmp_path.glob(".a.*"))
