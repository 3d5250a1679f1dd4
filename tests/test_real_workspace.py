"""The main job on real, messy files: GADM boundaries, the statistics office's list, a list of names without codes."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from ntmgis.build import BuildResult, build, open_snapshot

pytestmark = pytest.mark.real

CONFIG = """
[province]
code = "62"
name = "Tỉnh Kon Tum"

[build]
as_of = 2019-05-13
also = [2025-12-31]
metric_crs = "EPSG:9216"

[[source]]
id = "danh_muc"
table = "unit_list"
path = "{real}/admin/gso_danhmuc_export_62.xlsx"
epoch = 2025-03-01
title = "Danh mục đơn vị hành chính"
origin = "Tổng cục Thống kê"

[[source]]
id = "xa_cu"
table = "unit"
path = "{real}/boundaries/communes_gadm41_kontum102.geojson"
epoch = 2019-05-13
fields = {{ name = "NAME_3", district = "NAME_2" }}
title = "Ranh giới xã"
origin = "GADM 4.1, không phải số liệu chính thức"

[[source]]
id = "xa_moi"
table = "unit"
path = "{real}/boundaries/communes_post2025_kontum40.geojson"
epoch = 2025-12-31
title = "Ranh giới xã mới"

[[source]]
id = "dat_chuan"
table = "commune_status"
path = "{real}/status/ntm_recognised_2019-05-13.csv"
as_of = 2019-05-13
values = {{ criteria_set = "2016-2020" }}
title = "Xã được công nhận đạt chuẩn nông thôn mới"

[[source]]
id = "song"
table = "river"
path = "{real}/hydro/rivers_gms_adb.geojson"
title = "Sông"

[[source]]
id = "dap"
table = "lake"
path = "{real}/hydro/dams_mekong_gms.geojson"
title = "Đập"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    made = tmp_path_factory.mktemp("real")
    text = CONFIG.format(real=real_data.as_posix())
    (made / "ntmgis.toml").write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def result(folder: Path) -> BuildResult:
    return build(folder)


def test_seventeen_recognised_sixty_eight_not_reported(result: BuildResult) -> None:
    assert dict(result.tiers) == {
        "model": 0,
        "advanced": 0,
        "ntm": 17,
        "not_yet": 0,
        "not_reported": 68,
        "not_applicable": 17,
    }


def test_every_row_is_accounted_for(result: BuildResult) -> None:
    for row in result.rows:
        assert row.rows_in == row.accepted + row.quarantined, row.id
    rows = {row.id: row for row in result.rows}
    assert (rows["xa_cu"].rows_in, rows["xa_cu"].accepted) == (102, 102)
    assert (rows["xa_moi"].rows_in, rows["xa_moi"].accepted) == (40, 40)
    assert (rows["dat_chuan"].rows_in, rows["dat_chuan"].accepted) == (17, 17)
    assert rows["dat_chuan"].matched["alias"] == 1
    assert sum(rows["dat_chuan"].matched.values()) == 17
    assert (rows["song"].rows_in, rows["dap"].rows_in) == (54, 35)


def test_the_match_report_says_how_each_of_the_seventeen_was_matched(result: BuildResult, folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "maps" / "match.xlsx", read_only=True)
    text = {str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if cell}
    assert "Pờ Y" in text
    assert any("Bờ Y" in cell for cell in text)
    assert len(result.products) == 1 + 1 + 3 + 2 * 5 + sum(p.path.name == "quarantine.xlsx" for p in result.products)


def test_boundaries_are_given_to_the_right_units(folder: Path, result: BuildResult, real_data: Path) -> None:
    """Against the crosswalk made by hand: 102 of 102, none wrong."""
    assert result.rows
    truth = pd.read_csv(real_data / "admin" / "crosswalk_gadm_census_to_gso.csv", dtype=str)
    source = gpd.read_file(real_data / "boundaries" / "communes_gadm41_kontum102.geojson")
    gid = source["GID_3"].tolist()
    expected = dict(zip(truth["gadm_GID_3"], truth["level3_id"], strict=True))
    with sqlite3.connect(folder / "store" / "ntmgis.gpkg") as connection:
        query = (
            "SELECT file_row, code FROM t_unit WHERE import_id = (SELECT max(import_id) FROM imports "
            "WHERE source_id = 'xa_cu')"
        )
        found = dict(connection.execute(query).fetchall())
    connection.close()
    assert {gid[row - 1]: code for row, code in found.items()} == expected


def test_the_new_units_are_shown_too(folder: Path, result: BuildResult) -> None:
    names = {product.path.name for product in result.products}
    assert {"status_2025-12-31.html", "status_a3_2025-12-31.pdf", "status_2025-12-31.xlsx"} <= names
    snapshot, facts = open_snapshot(folder, date(2025, 12, 31))
    assert len(snapshot.communes) == 40
    assert snapshot.districts.empty
    assert facts.tiers["not_reported"] == 37
    assert facts.tiers["not_applicable"] == 3
    # Đăk Hà was formed from a township and two communes, Hà Mòn (recognised in 2019) and Đăk La (recognised).
    assert facts.communes.loc["23500", "composition"]["ntm"] == 2


def test_a_second_build_does_no_work(folder: Path, result: BuildResult) -> None:
    stamps = {product.path: product.path.stat().st_mtime_ns for product in result.products}
    again = build(folder)
    assert again.unchanged
    assert again.tiers == dict(result.tiers)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_the_result_is_json(result: BuildResult) -> None:
    told = json.loads(json.dumps(result.as_dict(), ensure_ascii=False))
    assert set(told) >= {"products", "tiers", "rows"}
    assert set(told["products"][0]) == {"name", "path", "kind", "bytes", "seconds"}
    assert told["rows"]["dat_chuan"]["in"] == 17
