"""The report of a check: the user's own table with coloured cells, comments, and the map of geometric findings."""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import tiny
from PIL import Image
from shapely import box

from ntmgis.check import check_file, check_workspace
from ntmgis.errors import UsageError, problem
from ntmgis.intake.coverage import Layer, coverage_findings, shape_findings
from ntmgis.show.problem_map import KIND_WORDS, write_problem_map
from ntmgis.show.tables.check_report import write_check_workbook

CRS = "EPSG:9216"
E, N = 500_000.0, 1_600_000.0


def layer(count: int = 3) -> Layer:
    shapes = [box(E + 990 * n, N, E + 990 * n + 1000, N + 1000) for n in range(count)]
    frame = gpd.GeoDataFrame(
        {
            "code": [str(n) for n in range(count)],
            "label": [f"Xã {n}" for n in range(count)],
            "row": range(1, count + 1),
        },
        geometry=gpd.GeoSeries(shapes, crs=CRS).to_crs(4326),
    )
    return Layer(frame, CRS)


def report(path: Path, **more: Any) -> Any:
    cells = pd.DataFrame({"Mã": ["1", "=1+1"], "Số hộ": ["12", "mười"]}, index=[4, 5])
    told = [
        problem("E-COORD-HALF", file="a.csv", row=5, column="Số hộ", value="mười"),
        problem("W-NONE-ACCEPTED", file="a.csv", severity="warning", count=2, reason="x"),
    ]
    write_check_workbook(path, file="a.csv", cells=cells, problems=told, **more)
    return openpyxl.load_workbook(path)


def test_the_wrong_cell_is_coloured_and_says_why(tmp_path: Path) -> None:
    page = report(tmp_path / "a.xlsx")["Bảng đã kiểm tra"]
    assert [cell.value for cell in page[3]] == ["Dòng", "Mã", "Số hộ"]
    assert [cell.value for cell in page[5]] == [5, "=1+1", "mười"]
    wrong = page["C5"]
    assert wrong.fill.fgColor.rgb == "FFF2B8A2"
    assert "→" in wrong.comment.text
    clean = [cell for cell in (*page[4], page["A5"], page["B5"]) if cell.comment or cell.fill.fill_type]
    assert clean == []
    assert page["B5"].data_type == "s"


def test_every_fault_stands_in_the_second_sheet(tmp_path: Path) -> None:
    page = report(tmp_path / "a.xlsx")["Từng lỗi"]
    lines = [[cell.value for cell in line] for line in page.iter_rows(min_row=4)]
    assert [line[0] for line in lines] == ["sai", "cần xem"]
    assert lines[0][1:4] == [5, "Số hộ", "mười"]


def test_geometric_findings_colour_their_rows(tmp_path: Path) -> None:
    one = layer(5)
    found = [*shape_findings(one), *coverage_findings(one)]
    book = report(tmp_path / "a.xlsx", findings=found)
    assert book.sheetnames == ["Bảng đã kiểm tra", "Từng lỗi", "Hình học"]
    row = book["Bảng đã kiểm tra"]["A4"]
    assert row.value == 4
    assert KIND_WORDS["overlap"] in row.comment.text
    page = book["Hình học"]
    lines = {tuple(cell.value for cell in line[1:4]) for line in page.iter_rows(min_row=4)}
    assert ("Chồng nhau (dải hẹp)", "Xã 0 / Xã 1", "1, 2") in lines
    assert len(lines) == 4


def test_the_same_check_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        report(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    one = layer()
    for name in ("a.png", "b.png", "a.pdf"):
        write_problem_map(tmp_path / name, one.frame, coverage_findings(one), metric_crs=CRS, title="x")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_file_that_cannot_be_read_still_has_its_faults(tmp_path: Path) -> None:
    told = [problem("E-FILE-EMPTY", file="a.csv")]
    write_check_workbook(tmp_path / "a.xlsx", file="a.csv", cells=None, problems=told)
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["Từng lỗi"]


def test_the_map_shows_the_colour_of_each_kind(tmp_path: Path) -> None:
    one = layer()
    path = write_problem_map(tmp_path / "a.png", one.frame, coverage_findings(one), metric_crs=CRS, title="x")
    colours = {colour for _, colour in Image.open(path).convert("RGB").getcolors(1_000_000)}
    assert (0xD6, 0x30, 0x1D) in colours  # overlap
    assert (0x1F, 0x6F, 0xB4) not in colours  # no gap
    clean = write_problem_map(tmp_path / "b.png", one.frame, [], metric_crs=CRS, title="x")
    assert (0xD6, 0x30, 0x1D) not in {c for _, c in Image.open(clean).convert("RGB").getcolors(1_000_000)}


def test_a_map_of_nothing_and_of_very_much(tmp_path: Path) -> None:
    empty = layer(1).frame.assign(geometry=gpd.GeoSeries([None], crs=4326))
    found = shape_findings(Layer(empty, CRS))
    assert write_problem_map(tmp_path / "a.png", empty, found, metric_crs=CRS, title="x").is_file()
    many = layer(150)
    found = coverage_findings(many)
    assert len(found) == 149
    write_problem_map(tmp_path / "b.png", many.frame, found, metric_crs=CRS, title="x" * 400, subtitle="y\x00" * 400)
    with pytest.raises(UsageError, match="png"):
        write_problem_map(tmp_path / "a.gif", many.frame, found, metric_crs=CRS, title="x")


def test_check_writes_both_and_never_over_the_input(tmp_path: Path) -> None:
    path = tmp_path / "xa.geojson"
    one = layer()
    one.frame.assign(code=["23281", "23284", "23287"], name="").drop(columns=["label", "row"]).to_file(path)
    xlsx, picture = tmp_path / "a.xlsx", tmp_path / "a.png"
    made = check_file(path, "unit", epoch=date(2025, 6, 30), workspace=tmp_path, xlsx=xlsx, picture=picture)
    assert made.files == (xlsx, picture)
    assert {one.kind for one in made.findings} == {"overlap", "area"}
    assert made.as_dict()["findings"]
    before = path.read_bytes()
    with pytest.raises(UsageError, match="E-OUT-INPUT"):
        check_file(path, "unit", workspace=tmp_path, repair=path)
    assert path.read_bytes() == before


def test_villages_and_works_are_held_against_the_boundaries_of_the_workspace(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    villages = gpd.read_file(home / "data" / "thon.geojson")
    villages.loc[0, "geometry"] = villages.geometry.iloc[1]
    villages.to_file(tmp_path / "thon.geojson")
    made = check_file(tmp_path / "thon.geojson", "village", epoch=tiny.AS_OF, workspace=home)
    assert {(one.kind, one.rows) for one in made.findings} == {("outside_commune", (1,)), ("duplicate", (1, 2))}
    assert made.sound  # findings are warnings: a person looks at them
    works = gpd.read_file(home / "data" / "nuoc.geojson")
    works.geometry = works.geometry.translate(1.0)
    works.to_file(tmp_path / "nuoc.geojson")
    made = check_file(tmp_path / "nuoc.geojson", "water_supply", epoch=tiny.AS_OF, workspace=home)
    assert [one.kind for one in made.findings] == ["outside_province"]
    assert not made.sound
    nowhere = check_file(tmp_path / "nuoc.geojson", "water_supply", epoch=tiny.AS_OF, workspace=tmp_path)
    assert nowhere.findings == ()


def test_a_workspace_is_checked_with_its_boundaries(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    assert check_workspace(home).findings == ()
    units = gpd.read_file(home / "data" / "xa.geojson")
    units.loc[0, "geometry"] = units.geometry.iloc[0].buffer(0.001, join_style="mitre")
    units.to_file(home / "data" / "xa.geojson")
    made = check_workspace(home)
    assert {one.kind for one in made.findings} == {"overlap"}
    told = [one for one in made.problems if one.code == "W-COVER-OVERLAP"]
    assert [(one.severity, one.file) for one in told] == [("warning", "xa.geojson")]


def test_personal_columns_do_not_reach_the_report(tmp_path: Path) -> None:
    path = tmp_path / "nuoc.csv"
    path.write_text("id,name,kind,CCCD,lon,lat\n1,a,?,012345678901,107.9,14.4\n", encoding="utf-8")
    check_file(path, "water_supply", workspace=tmp_path, xlsx=tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert not any("012345678901" in str(cell.value) for page in book for line in page.iter_rows() for cell in line)
    assert "name" in [cell.value for cell in book["Bảng đã kiểm tra"][3]]
