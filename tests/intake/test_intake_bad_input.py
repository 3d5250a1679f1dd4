"""Files that cannot be used at all: one clear error with everything that is wrong, never a foreign traceback."""

import contextlib
import gzip
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from ntmgis.errors import InputError

STATUS = [["Mã xã", "Xã", "Kết quả"], ["10001", "Xã Một", "Đạt chuẩn NTM"]]
DAY = {"as_of": date(2025, 6, 30)}


def test_missing_file(case: Any) -> None:
    assert case.refused(case.folder / "khong_co.csv", "commune_status", **DAY) == ["E-FILE-MISSING"]


def test_a_folder_is_not_a_file(case: Any) -> None:
    (case.folder / "thu_muc.gpkg").mkdir()
    assert case.refused(case.folder / "thu_muc.gpkg", "unit") == ["E-FILE-FOLDER"]


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.gpkg", "a.xlsx", "a.shp"])
@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_empty_file(case: Any, name: str, content: bytes) -> None:
    (case.folder / name).write_bytes(content)
    assert case.refused(case.folder / name, "unit") == ["E-FILE-EMPTY"]


def test_header_without_rows(case: Any) -> None:
    assert case.refused(case.csv(STATUS[:1]), "commune_status", **DAY) == ["E-FILE-EMPTY"]
    path = case.folder / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    assert case.refused(path, "road") == ["E-FILE-EMPTY"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"day khong phai la GeoJSON"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea'),
        ("a.geojson", b"[1, 2, 3]"),
        ("a.gpkg", b"SQLite format 3\x00 va khong co gi nua"),
        ("a.gpkg", b"PK\x03\x04"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 20),
        ("a.fgb", b"fgb\x03fgb\x00" + b"\xff" * 40),
        ("a.parquet", b"PAR1 nothing PAR1"),
        ("a.xlsx", b"PK\x03\x04 hong"),
        ("a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 hong"),
        ("a.csv", b"PK\x03\x04 la xlsx doi ten"),
        ("a.csv", b"<!DOCTYPE html><html></html>"),
        ("a.csv", b"a,b\n1,\x00\x01\n"),
        ("a.csv.gz", b"\x1f\x8b\x08 hong"),
        ("a.tif", b"II*\x00 hong"),
        ("a.docx", b"PK\x03\x04"),
        ("a", b"khong co duoi"),
    ],
)
def test_not_a_file_of_its_kind(case: Any, name: str, content: bytes) -> None:
    (case.folder / name).write_bytes(content)
    table = "terrain" if name.endswith(".tif") else "road"
    assert case.refused(case.folder / name, table) == ["E-FILE-FORMAT"]


def test_truncated_workbook(case: Any) -> None:
    whole = case.xlsx({"A": STATUS}).read_bytes()
    path = case.folder / "cut.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    assert case.refused(path, "commune_status", **DAY) == ["E-FILE-FORMAT"]


def test_unbalanced_quote_is_not_read_as_one_long_cell(case: Any) -> None:
    path = case.folder / "a.csv"
    path.write_text('Mã xã,Kết quả\n10001,"Đạt\n10002,Đạt\n', encoding="utf-8")
    assert case.refused(path, "commune_status", **DAY) == ["E-FILE-FORMAT"]


def test_unknown_layer_and_sheet_name_the_known_ones(case: Any) -> None:
    path = case.layer({"id": ["1"]}, [Point(107.6, 14.5)], "a.gpkg", layer="cap_nuoc")
    with pytest.raises(InputError, match=r"cap_nuoc.*gần nhất: cap_nuoc"):
        case.take(path, "water_supply", layer="cap_nuok")
    book = case.xlsx({"Số liệu": STATUS, "Ghi chú": [["a"]]})
    with pytest.raises(InputError, match=r"Số liệu, Ghi chú.*gần nhất: Số liệu"):
        case.take(book, "commune_status", layer="So lieu", **DAY)


def test_unknown_and_missing_columns_come_all_at_once(case: Any) -> None:
    path = case.csv([["Cột A", "Mã tuyến"], ["1", "2"]])
    fields = {"class": "Cap duong", "wide": "Cột A"}
    codes = case.refused(path, "commune_status", fields=fields)
    assert codes == ["E-FIELD-UNKNOWN", "E-FIELD-UNKNOWN", "E-DATE-MISSING", "E-COLUMN-REQUIRED", "E-UNIT-COLUMN"]
    with pytest.raises(InputError, match=r"Cột A, Mã tuyến.*gần nhất: Cột A"):
        case.take(path, "commune_status", fields={"name": "Cột B"}, **DAY)


def test_two_columns_for_one_field(case: Any) -> None:
    path = case.csv([["Xã", "Tên xã", "Kết quả"], ["Một", "Hai", "Đạt"]])
    with pytest.raises(InputError, match="“Xã” và “Tên xã”"):
        case.take(path, "commune_status", **DAY)
    assert len(case.take(path, "commune_status", fields={"name": "Tên xã"}, **DAY).frame) == 1


def test_same_header_twice(case: Any) -> None:
    path = case.csv([["Xã", "Xã", "Kết quả"], ["Một", "Hai", "Đạt"]])
    assert case.refused(path, "commune_status", **DAY) == ["E-COLUMN-TWICE"]


def test_no_date_anywhere(case: Any) -> None:
    assert case.refused(case.csv(STATUS), "commune_status") == ["E-DATE-MISSING"]


def test_no_crs(case: Any) -> None:
    path = case.layer({"id": ["1"], "kind": ["giếng"]}, [Point(500_000, 1_600_000)], "a.shp", crs=9216)
    path.with_suffix(".prj").unlink()
    assert case.refused(path, "water_supply") == ["E-CRS-MISSING"]
    point = case.take(path, "water_supply", crs="EPSG:9216").frame.geometry.iloc[0]
    truth = gpd.GeoSeries([Point(500_000, 1_600_000)], crs=9216).to_crs(4326).iloc[0]
    assert point.distance(truth) < 1e-9
    assert case.refused(path, "water_supply", crs="EPSG:999999") == ["E-CRS-UNKNOWN"]


def test_geojson_with_metres_and_no_crs_member(case: Any) -> None:
    path = case.folder / "a.geojson"
    feature = {"type": "Feature", "properties": {"id": "1", "kind": "giếng"}}
    feature["geometry"] = {"type": "Point", "coordinates": [500_000, 1_600_000]}  # type: ignore[assignment]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert case.refused(path, "water_supply") == ["E-CRS-METRES"]
    assert len(case.take(path, "water_supply", crs="EPSG:9216").frame) == 1


def test_geojson_with_projected_crs_member(case: Any) -> None:
    path = case.folder / "a.geojson"
    feature = {"type": "Feature", "properties": {"id": "1", "kind": "giếng"}}
    feature["geometry"] = {"type": "Point", "coordinates": [500_000, 1_600_000]}  # type: ignore[assignment]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9216"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    made = case.take(path, "water_supply")
    assert made.frame.crs == "EPSG:4326"
    assert made.frame.geometry.iloc[0].x == pytest.approx(107.5, abs=0.01)


def test_mapinfo_crs_is_never_believed(case: Any) -> None:
    path = case.layer({"id": ["1"], "kind": ["gieng"]}, [Point(500_000, 1_600_000)], "a.tab", crs=9216)
    assert case.refused(path, "water_supply") == ["E-CRS-MISSING"]
    assert len(case.take(path, "water_supply", crs="EPSG:9216").frame) == 1


def test_a_table_without_geometry_for_boundaries(case: Any) -> None:
    assert case.refused(case.csv(STATUS), "unit") == ["E-GEOM-COLUMN"]


def test_points_from_a_table_need_both_coordinates(case: Any) -> None:
    path = case.csv([["Mã công trình", "Loại công trình", "Kinh độ"], ["1", "giếng", "107.6"]])
    assert case.refused(path, "water_supply") == ["E-COLUMN-REQUIRED"]


def test_wrong_encoding_names_the_line_and_replaces_nothing(case: Any) -> None:
    path = case.folder / "a.csv"
    path.write_bytes("Mã xã,Kết quả\n10001,Đạt\n".encode() + b"10002,\xa7\xb9t\n")
    with pytest.raises(InputError, match="dòng 3") as caught:
        case.take(path, "commune_status", **DAY)
    assert caught.value.problems[0].code == "E-FILE-ENCODING"
    assert case.refused(path, "commune_status", encoding="khong-co", **DAY) == ["E-ENCODING-UNKNOWN"]


def test_shapefile_text_without_cpg_is_utf8_or_an_error(case: Any) -> None:
    path = case.layer({"code": ["10001"], "name": ["Xã Một"]}, [box(107.5, 14.4, 107.6, 14.5)], "a.shp")
    path.with_suffix(".cpg").unlink()
    assert case.take(path, "unit").frame["name"].tolist() == ["Xã Một"]
    case.layer({"code": ["10001"], "name": ["Xã ê"]}, [box(0, 0, 1, 1)], "b.shp", encoding="ISO-8859-1")
    (case.folder / "b.cpg").unlink()
    assert case.refused(case.folder / "b.shp", "unit") == ["E-FILE-ENCODING"]
    latin = case.take(
        case.folder / "b.shp", "unit", encoding="latin-1", fields={"code": "code"}, values={"name": "Một"}
    )
    assert latin.frame["code"].tolist() == ["10001"]


# GDAL picks its driver by content: these would make it open other files, or the network.
VRT = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
GDALG = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read \\"{}\\" ! write"}}'


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.shp", "a.tab", "a.mif", "a.fgb"])
@pytest.mark.parametrize("content", [VRT, GDALG])
def test_a_file_cannot_make_us_open_another(case: Any, name: str, content: str) -> None:
    secret = case.layer({"id": ["1"]}, [Point(107.6, 14.5)], "bi_mat.gpkg")
    (case.folder / name).write_text(content.format(secret))
    assert case.refused(case.folder / name, "road", crs="EPSG:4326") == ["E-FILE-FORMAT"]


def test_a_path_is_never_a_url(case: Any) -> None:
    for path in ("/vsicurl/http://127.0.0.1:9/a.geojson", "http://127.0.0.1:9/a.geojson", "/vsizip/a.zip/a.shp"):
        with pytest.raises(InputError) as caught:
            case.take(Path(path), "road")
        assert caught.value.problems[0].code == "E-FILE-MISSING"


def test_zip_bomb_is_refused_before_it_unfolds(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ntmgis.intake.files.MAX_UNPACKED", 1 << 20)
    path = case.folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    assert case.refused(path, "commune_status", **DAY) == ["E-FILE-TOO-BIG"]
    (case.folder / "a.csv.gz").write_bytes(gzip.compress(b"0" * (2 << 20)))
    assert case.refused(case.folder / "a.csv.gz", "commune_status", **DAY) == ["E-FILE-TOO-BIG"]


def test_a_stray_cell_at_the_end_of_a_sheet_does_not_end_the_process(case: Any) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in STATUS:
        page.append(row)
    page["XFD1048576"] = "x"
    book.save(case.folder / "a.xlsx")
    assert case.refused(case.folder / "a.xlsx", "commune_status", **DAY) == ["E-SHEET-TOO-BIG"]


def ods(path: Path, rows: str) -> Path:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    sheet = f'<table:table table:name="A">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")
    return path


def ods_row(cells: list[str], more: str = "", cell_more: str = "") -> str:
    made = "".join(
        f'<table:table-cell {cell_more} office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row {more}>{made}</table:table-row>"


def test_ods_is_read_and_its_repetitions_are_limited(case: Any) -> None:
    rows = "".join(ods_row(row) for row in STATUS)
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    made = case.take(ods(case.folder / "a.ods", rows + empty), "commune_status", **DAY)
    assert made.frame[["row", "code", "tier"]].to_numpy().tolist() == [[2, "10001", "ntm"]]
    wide = 'table:number-columns-repeated="16000"'
    bomb = rows + ods_row(["x"], 'table:number-rows-repeated="1000000"', wide)
    assert case.refused(ods(case.folder / "b.ods", bomb), "commune_status", **DAY) == ["E-SHEET-TOO-BIG"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".geojson", ".gpkg", ".shp", ".xlsx", ".parquet"]))
def test_any_bytes_end_in_rows_or_in_our_own_error(case: Any, data: bytes, suffix: str) -> None:
    heads = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".xlsx": b"PK\x03\x04", ".parquet": b"PAR1"}
    path = case.folder / f"f{suffix}"
    path.write_bytes(heads.get(suffix, b"{" if suffix == ".geojson" else b"") + data)
    with contextlib.suppress(InputError):
        case.take(path, "water_supply")
