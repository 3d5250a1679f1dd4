"""Single rows that cannot be used: quarantined with place, value, rule and advice, while the rest is accepted."""

import json
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import tiny
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, Point, Polygon, box

DAY = {"as_of": date(2025, 6, 30)}
HEAD = ["Mã xã", "Xã", "Kết quả"]
GOOD = ["10001", "Xã Một", "Đạt chuẩn NTM"]


def boundaries() -> gpd.GeoDataFrame:
    return tiny.communes()[["code", "name", "geometry"]]


# --- tables of statuses ---------------------------------------------------------------------------------------------


def test_merged_title_row_above_the_header(case: Any, faults: Any) -> None:
    title = "KẾT QUẢ XÂY DỰNG NÔNG THÔN MỚI"
    rows = [
        [title],
        ["(đến 30/6/2025)"],
        [],
        HEAD,
        GOOD,
        ["10002", "Xã Hai", "Đang đạt"],
        [],
        ["10003", "", "chưa đạt"],
    ]
    made = case.take(case.xlsx({"Biểu 1": rows}, merge="A1:C1"), "commune_status", **DAY)
    assert made.frame[["row", "code", "tier"]].to_numpy().tolist() == [[5, "10001", "ntm"], [8, "10003", "not_yet"]]
    assert faults(made) == [(6, "E-VALUE-UNKNOWN")]
    record = made.quarantine.iloc[0]
    assert (record["sheet"], record["column"], record["value"]) == ("Biểu 1", "Kết quả", "Đang đạt")
    assert "Đạt chuẩn NTM" in record["rule"]
    assert "có phải là" in record["action"]
    assert json.loads(record["original"]) == {"Mã xã": "10002", "Xã": "Xã Hai", "Kết quả": "Đang đạt"}


def test_empty_rows_and_columns_at_the_top_left_keep_the_row_numbers_of_the_file(case: Any) -> None:
    path = case.folder / "a.xlsx"
    case.xlsx({"A": [[], [], ["", "", *HEAD], ["", "", *GOOD]]}, "a.xlsx")
    assert case.take(path, "commune_status", **DAY).frame["row"].tolist() == [4]


def test_unknown_status_beside_good_ones(case: Any, faults: Any) -> None:
    made = case.take(case.csv([HEAD, GOOD, ["10002", "Xã Hai", "xuất sắc"]]), "commune_status", **DAY)
    assert made.frame["code"].tolist() == ["10001"]
    assert faults(made) == [(3, "E-VALUE-UNKNOWN")]


def test_contradicting_rows_all_go_copies_leave_the_first(case: Any, faults: Any) -> None:
    rows = [HEAD, GOOD, GOOD, ["10002", "Xã Hai", "đạt"], ["10003", "Xã Ba", "đạt"], ["10003", "Xã Ba", "chưa đạt"]]
    made = case.take(case.csv(rows), "commune_status", **DAY)
    assert made.frame["row"].tolist() == [2, 4]
    assert faults(made) == [(3, "E-KEY-COPY"), (5, "E-KEY-DUPLICATE"), (6, "E-KEY-DUPLICATE")]
    assert "dòng 6" in made.quarantine["rule"].iloc[1]


def test_the_same_commune_on_two_dates_is_two_rows(case: Any) -> None:
    rows = [[*HEAD, "Thời điểm số liệu"], [*GOOD, "31/12/2024"], [*GOOD, "30/6/2025"], ["10002", "", "đạt", ""]]
    frame = case.take(case.csv(rows), "commune_status", **DAY).frame
    assert frame["as_of"].tolist() == [pd.Timestamp(2024, 12, 31), pd.Timestamp(2025, 6, 30), pd.Timestamp(2025, 6, 30)]
    assert frame["as_of"].dtype == "datetime64[us]"


def test_urban_units_have_no_tier(case: Any, faults: Any) -> None:
    rows = [HEAD, ["10006", "TT. Sáu", "Đạt"], ["10005", "Xã Năm", ""]]
    made = case.take(case.csv(rows), "commune_status", **DAY)
    assert faults(made) == [(2, "E-STATUS-URBAN")]
    assert made.frame["code"].tolist() == ["10005"]
    assert made.frame["tier"].isna().all()
    for blank in ("", "-", "không thuộc diện"):
        made = case.take(case.csv([HEAD, ["10006", "TT. Sáu", blank]]), "commune_status", **DAY)
        assert made.quarantined == 0
        assert made.frame["tier"].isna().all()


def test_a_rural_commune_is_always_covered(case: Any, faults: Any) -> None:
    made = case.take(case.csv([HEAD, ["10001", "Xã Một", "không thuộc diện"]]), "commune_status", **DAY)
    assert faults(made) == [(2, "E-VALUE-UNKNOWN")]


def test_blank_criterion_is_unknown_never_not_met(case: Any) -> None:
    rows = [[*HEAD, "TC1", "TC 2", "Tiêu chí 3", "tc4", "TC5", "TC6"], [*GOOD, "x", "✓", "Chưa đạt", "", "-", 1]]
    frame = case.take(case.xlsx({"A": rows}), "commune_status", **DAY).frame
    assert frame[["tc1", "tc2", "tc3", "tc6"]].to_numpy().tolist() == [["met", "met", "not_met", "met"]]
    assert frame[["tc4", "tc5", "tc19"]].isna().all(axis=None)


def test_code_and_name_that_contradict_are_a_conflict(case: Any, faults: Any) -> None:
    made = case.take(case.csv([HEAD, ["10001", "Xã Hai", "đạt"]]), "commune_status", **DAY)
    assert faults(made) == [(2, "E-MATCH-CONFLICT")]
    assert made.match is not None
    assert made.match.counts()["conflict"] == 1
    assert "W-NONE-ACCEPTED" in [one.code for one in made.problems]


def test_constant_values_and_field_mapping(case: Any) -> None:
    path = case.csv([["Don vi"], ["Xã Một"], ["Xã Hai"]])
    values = {"tier": "đạt", "criteria_set": "2016-2020"}
    frame = case.take(path, "commune_status", fields={"name": "Don vi"}, values=values, **DAY).frame
    assert frame["tier"].tolist() == ["ntm", "ntm"]
    assert frame["criteria_set"].tolist() == ["2016-2020"] * 2
    assert case.refused(path, "commune_status", fields={"name": "Don vi"}, values={"tier": "?"}, **DAY) == [
        "E-VALUE-UNKNOWN"
    ]


def test_sheets_left_aside_are_named(case: Any) -> None:
    rows = [HEAD, GOOD]
    sheets = {"Ghi chú": [["Cách điền Kết quả"]], "Hướng dẫn": [["Kết quả"]], "Số liệu": rows, "Tạm": rows}
    made = case.take(case.xlsx(sheets, hidden="Tạm"), "commune_status", **DAY)
    assert made.frame["code"].tolist() == ["10001"]
    (note,) = made.problems
    assert (note.code, note.severity) == ("W-SHEET-IGNORED", "warning")
    assert "Ghi chú" in note.rule
    assert "Hướng dẫn" not in note.rule
    assert "Tạm (ẩn)" in note.rule


def test_semicolons_bom_and_commas_as_decimal_mark(case: Any) -> None:
    rows = [["Mã tuyến", "Cấp đường", "Bề rộng mặt đường"], ["D1", "QL", "7,5"]]
    path = case.csv([*rows, ["D2", "đường thôn", "3,250"]], encoding="utf-8-sig", delimiter=";")
    shapes = case.layer(
        {"Mã tuyến": ["D1", "D2"], "Cấp đường": ["QL", "ĐT"]}, [LineString([(0, 0), (1, 1)])] * 2, "d.gpkg"
    )
    assert case.refused(path, "road") == ["E-GEOM-COLUMN"]
    assert len(case.take(shapes, "road").frame) == 2
    text = case.csv([["sep=;"], ["a"]], "sep.csv")
    text.write_text('sep=;\nMã xã;Kết quả\n10001;"đạt;"\n10002;đạt\n', encoding="utf-8")
    made = case.take(text, "commune_status", **DAY)
    assert made.frame["row"].tolist() == [3, 4]


def test_too_many_cells_in_a_row(case: Any, faults: Any) -> None:
    path = case.folder / "a.csv"
    path.write_text("Mã xã,Kết quả\n10001,đạt,\n10002,Hà Mòn, đạt\n", encoding="utf-8")
    made = case.take(path, "commune_status", **DAY)
    assert made.frame["row"].tolist() == [2]
    assert (3, "E-ROW-CELLS") in faults(made)


def test_villages_status_and_districts(case: Any, faults: Any) -> None:
    rows = [
        ["Mã thôn", "Thôn NTM kiểu mẫu", "Thôn thông minh"],
        ["10001-01", "có", ""],
        ["10001-02", "có thể", "không"],
    ]
    made = case.take(case.csv(rows), "village_status", **DAY)
    assert made.frame["model"].tolist() == [True]
    assert made.frame["smart"].isna().tolist() == [True]
    assert str(made.frame["model"].dtype) == "boolean"
    assert faults(made) == [(3, "E-VALUE-BOOL")]
    rows = [["Mã huyện", "Kết quả", "Năm đạt chuẩn"], [901.0, "Đạt chuẩn huyện NTM", 2025.0], [902, "hoàn thành", "25"]]
    made = case.take(case.xlsx({"A": rows}), "district_status", **DAY)
    assert made.frame[["district_code", "tier", "standard_year"]].to_numpy().tolist() == [["901", "ntm", 2025]]
    assert faults(made) == [(3, "E-VALUE-YEAR")]


def test_unit_list_and_changes(case: Any, faults: Any) -> None:
    rows = [["Mã", "Tên", "Cấp"], ["10001", "Xã Một", "Xã"], ["10002", "Xã Hai", "Phường"], ["1002", "Xã", "Xã"]]
    made = case.take(case.csv(rows), "unit_list")
    assert made.frame["kind"].tolist() == ["xã", "phường"]
    assert faults(made) == [(4, "E-CODE-ZEROS")]
    rows = [
        ["Mã cũ", "Mã mới", "Tỷ lệ diện tích"],
        ["10001", "20001", "0,4"],
        ["10001", "20002", "0,6"],
        ["1", "2", "2"],
    ]
    made = case.take(case.csv(rows), "unit_change")
    assert made.frame["share_area"].tolist() == [0.4, 0.6]
    assert faults(made) == [(4, "E-CODE-DIGITS"), (4, "E-CODE-DIGITS"), (4, "E-VALUE-RANGE")]


# --- boundaries -----------------------------------------------------------------------------------------------------


def test_boundaries_in_every_format(case: Any) -> None:
    units = boundaries()
    for name in ("a.geojson", "a.gpkg", "a.shp", "a.fgb"):
        units.to_file(case.folder / name)
    units.to_parquet(case.folder / "a.parquet")
    units.to_crs(9216).to_file(case.folder / "vn2000.gpkg")
    for name in ("a.geojson", "a.gpkg", "a.shp", "a.fgb", "a.parquet", "vn2000.gpkg"):
        made = case.take(case.folder / name, "unit")
        assert sorted(made.frame["code"]) == sorted(tiny.CELLS), name
        assert made.frame.crs == "EPSG:4326"
        same = made.frame.set_index("code").geometry.loc[units["code"]].to_numpy()
        assert shapely.hausdorff_distance(same, units.geometry.to_numpy()).max() < 1e-6
        assert len(made.sha256) == 64


def test_null_empty_invalid_and_wrong_geometries(case: Any, faults: Any) -> None:
    units = boundaries()
    x, y = units.geometry.iloc[2].bounds[:2]
    bow_tie = Polygon([(x, y), (x + 0.1, y + 0.1), (x + 0.1, y), (x, y + 0.1), (x, y)])
    units.loc[0, "geometry"] = None
    units.loc[1, "geometry"] = Polygon()
    units.loc[2, "geometry"] = bow_tie
    units.loc[3, "geometry"] = Point(x, y)
    units.to_file(case.folder / "a.gpkg")
    made = case.take(case.folder / "a.gpkg", "unit")
    assert faults(made) == [(1, "E-GEOM-MISSING"), (2, "E-GEOM-MISSING"), (4, "E-GEOM-KIND")]
    assert made.frame["code"].tolist() == ["10003", "10005", "10006"]
    assert made.frame.geometry.is_valid.all()
    (repaired,) = [one for one in made.problems if one.code == "W-GEOM-REPAIRED"]
    assert repaired.row == 3
    assert "%" in repaired.rule


def test_a_polygon_without_area_cannot_be_repaired(case: Any, faults: Any) -> None:
    path = case.folder / "a.geojson"
    line = {"type": "Polygon", "coordinates": [[[107, 14], [108, 15], [107, 14], [107, 14]]]}
    two = {"type": "Polygon", "coordinates": [[[107, 14], [108, 15]]]}
    rows = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape}
        for code, shape in (("10001", line), ("10002", two))
    ]
    rows.append(json.loads(boundaries().iloc[[2]].to_json())["features"][0])
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    made = case.take(path, "unit")
    assert (1, "E-GEOM-INVALID") in faults(made)
    assert (2, "E-GEOM-INVALID") in faults(made)
    assert made.frame["code"].tolist() == ["10003"]


def test_duplicated_boundary_codes(case: Any, faults: Any) -> None:
    units = pd.concat([boundaries(), boundaries().iloc[[0]], boundaries().iloc[[1]]], ignore_index=True)
    units.loc[7, "geometry"] = box(107.0, 14.0, 107.1, 14.1)
    gpd.GeoDataFrame(units, crs=4326).to_file(case.folder / "a.gpkg")
    made = case.take(case.folder / "a.gpkg", "unit")
    assert faults(made) == [(2, "E-MATCH-DUPLICATE"), (7, "E-KEY-COPY"), (8, "E-MATCH-DUPLICATE")]
    assert made.frame["code"].tolist() == ["10001", "10003", "10004", "10005", "10006"]


def test_foreign_boundaries_get_one_hint(case: Any, faults: Any) -> None:
    units = pd.concat([boundaries(), boundaries().assign(code="7777" + boundaries()["code"].str[-1], name="Xã Lạ")])
    gpd.GeoDataFrame(units, crs=4326).to_file(case.folder / "a.gpkg")
    made = case.take(case.folder / "a.gpkg", "unit")
    assert len(made.frame) == 6
    assert {code for _, code in faults(made)} == {"E-MATCH-UNMATCHED"}
    assert [one.code for one in made.problems].count("W-UNITS-FOREIGN") == 1


def test_layers_left_aside_are_named(case: Any) -> None:
    path = case.layer({"id": ["1"], "kind": ["giếng"]}, [Point(107.6, 14.5)], "a.gpkg", layer="Cấp nước")
    case.layer({"id": ["1"]}, [Point(107.6, 14.5)], "a.gpkg", layer="rac", mode="a")
    made = case.take(path, "water_supply")
    assert [one.code for one in made.problems] == ["W-LAYER-IGNORED"]
    assert case.take(path, "water_supply", layer="rac", values={"kind": "giếng"}).problems == ()


# --- villages and works ---------------------------------------------------------------------------------------------


def middle(code: str) -> Point:
    return gpd.GeoSeries([Point(*tiny.middle(code))], crs=tiny.CRS).to_crs(4326).iloc[0]


def test_villages_as_polygon_point_or_table(case: Any, faults: Any) -> None:
    rows = {"Mã thôn": ["10001-01", "10001-02", "X"], "Tên thôn": ["A", "B", "C"], "Xã": ["Xã Một", "Xã Một", "Xã Lạ"]}
    spot = middle("10001")
    path = case.layer(rows, [spot, spot.buffer(0.01), spot], "a.gpkg")
    made = case.take(path, "village", inside=True)
    assert made.frame["commune_code"].tolist() == ["10001", "10001"]
    assert faults(made) == [(3, "E-MATCH-UNMATCHED")]
    head = ["Mã thôn", "Tên thôn", "Số hộ", "Kinh độ", "Vĩ độ"]
    table = [head, ["10001-01", "A", "1.152", f"{spot.x:.5f}", f"{spot.y:.5f}"], ["10002-01", "B", "2 hộ", "", "14,5"]]
    made = case.take(case.csv(table), "village")
    assert made.frame["commune_code"].tolist() == ["10001"]
    assert made.frame["households"].tolist() == [1152]
    assert made.frame.geometry.iloc[0].distance(spot) < 1e-5
    assert faults(made) == [(3, "E-COORD-HALF")]
    assert "W-UNIT-FROM-CODE" in [one.code for one in made.problems]


def test_points_outside_the_province(case: Any, faults: Any) -> None:
    spot = middle("10001")
    west = gpd.GeoSeries([Point(tiny.E0 - 1500, tiny.N0 + 100), Point(tiny.E0 - 2500, tiny.N0 + 100)], crs=tiny.CRS)
    near, far = west.to_crs(4326)
    rows = {"id": list("abcd"), "kind": ["giếng"] * 4}
    path = case.layer(rows, [spot, near, far, Point(spot.y, spot.x)], "a.gpkg")
    made = case.take(path, "water_supply", inside=True)
    assert made.frame["id"].tolist() == ["a", "b"]
    assert faults(made) == [(3, "E-GEOM-OUTSIDE"), (4, "E-GEOM-RANGE")]
    assert made.quarantine["value"].iloc[0] == f"{far.x:.5f}, {far.y:.5f}"
    assert len(case.take(path, "lake", inside=True).frame) == 3  # a background layer goes beyond the province


def test_geometry_kinds_of_lines_and_points(case: Any, faults: Any) -> None:
    spot = middle("10001")
    line = LineString([(107.5, 14.5), (107.6, 14.5)])
    shapes = [line, MultiLineString([line, shapely.affinity.translate(line, 0, 0.1)]), spot, LineString([spot, spot])]
    shapes.append(GeometryCollection([line, spot]))
    path = case.layer({"id": list("abcde"), "class": ["QL"] * 5}, shapes, "a.gpkg")
    made = case.take(path, "road")
    assert made.frame["id"].tolist() == ["a", "b"]
    assert [code for _, code in faults(made)] == ["E-GEOM-KIND", "E-GEOM-INVALID", "E-GEOM-KIND"]
    path = case.layer(
        {"id": list("abc"), "kind": ["giếng"] * 3}, [MultiPoint([spot]), MultiPoint([spot, (1, 1)]), line], "b.gpkg"
    )
    made = case.take(path, "water_supply")
    assert made.frame.geometry.tolist() == [spot]
    assert faults(made) == [(2, "E-GEOM-KIND"), (3, "E-GEOM-KIND")]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:9216"])
def test_coordinates_that_are_no_numbers(case: Any, faults: Any, crs: str) -> None:
    with np.errstate(invalid="ignore"):
        ends = [(107.5, np.inf), (107.5, np.nan), (107.5, 14.5), (-np.inf, 0.0)]
        lines = [LineString([end, (107.6, 14.5)]) for end in ends]
        rows = gpd.GeoDataFrame({"id": list("abcd"), "class": ["QL"] * 4}, geometry=lines, crs=crs)
        rows.to_parquet(case.folder / "a.parquet")
    made = case.take(case.folder / "a.parquet", "road", inside=crs == "EPSG:4326")
    assert made.frame["id"].tolist() == ["c"]
    assert [row for row, _ in faults(made)] == [1, 2, 4]


def test_ids_are_made_where_there_is_no_column_for_them(case: Any, faults: Any) -> None:
    line = LineString([(107.5, 14.5), (107.6, 14.5)])
    made = case.take(case.layer({"class": ["QL", "ĐT"]}, [line, line], "a.gpkg"), "road")
    assert made.frame["id"].tolist() == ["s-1", "s-2"]
    (note,) = made.problems
    assert note.code == "W-ID-MADE"
    made = case.take(case.layer({"id": ["1", None], "class": ["QL", "ĐT"]}, [line, line], "b.gpkg"), "road")
    assert faults(made) == [(2, "E-VALUE-REQUIRED")]


def test_unused_columns_are_named(case: Any) -> None:
    path = case.layer({"id": ["1"], "kind": ["giếng"], "Ghi chú": ["a"]}, [Point(107.6, 14.5)], "a.geojson")
    (note,) = case.take(path, "water_supply").problems
    assert note.code == "W-COLUMN-UNUSED"
    assert "Ghi chú" in note.rule


# --- addresses ------------------------------------------------------------------------------------------------------

ADDRESS = ["Mã đối tượng", "Mã địa chỉ số", "Đã gắn mã", "Ngày gắn biển", "Kinh độ", "Vĩ độ"]


def test_addresses_without_names_and_phones(case: Any, faults: Any) -> None:
    head = [*ADDRESS, "Họ và tên chủ hộ", "SĐT", "Số CCCD", "Dân tộc", "Ghi chú khác"]
    secret = ["Người Bí Mật", "0912000111", "062099000111", "dân tộc bí mật", "ghi chú bí mật"]
    rows = [head, ["H1", "1000100001", "có", "13/5/2019", "107,51234", "14,51234", *secret]]
    rows.append(["H2", "235210", "maybe", "31/2/2020", "14.5", "107.5", *secret])
    made = case.take(case.csv(rows), "address_point")
    assert made.frame.columns.tolist() == [
        *("id", "address", "kind", "has_code", "notified_on", "plated_on", "village_code", "lon", "lat", "row")
    ]
    assert made.frame[["id", "address", "lon", "lat"]].to_numpy().tolist() == [
        ["H1", "1000100001", 107.51234, 14.51234]
    ]
    assert made.frame["plated_on"].tolist() == [pd.Timestamp(2019, 5, 13)]
    assert [code for _, code in faults(made)] == ["E-CODE-DIGITS", "E-VALUE-BOOL", "E-VALUE-DATE", "E-VALUE-RANGE"]
    for kept in (made.frame.to_csv(), made.quarantine.to_csv(), *map(str, made.problems)):
        assert not any(word in kept for word in secret)
    (note,) = [one for one in made.problems if one.code == "W-COLUMN-PERSONAL"]
    assert "Họ và tên chủ hộ, SĐT, Số CCCD, Dân tộc" in note.rule


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("235210471", "E-CODE-ZEROS"),
        ("23521047", "E-CODE-ZEROS"),
        ("2.35E+09", "E-CODE-EXPONENT"),
        ("2,35E+9", "E-CODE-EXPONENT"),
        ("23521O4711", "E-CODE-DIGITS"),
        ("٢٣٥٢١٠٤٧١١", "E-CODE-DIGITS"),
    ],
)
def test_address_codes_that_lost_something(case: Any, faults: Any, cell: str, code: str) -> None:
    made = case.take(case.csv([ADDRESS[:2], ["H1", cell]]), "address_point")
    assert faults(made) == [(2, code)]


def test_addresses_from_excel_numbers_and_from_a_layer(case: Any) -> None:
    path = case.xlsx({"A": [ADDRESS, ["H1", 2352104711, True, 43598, 107.5, 14.5], ["H2", "'2352104712", 0, None]]})
    frame = case.take(path, "address_point").frame
    assert frame["address"].tolist() == ["2352104711", "2352104712"]
    assert frame["has_code"].tolist() == [True, False]
    assert frame["plated_on"].iloc[0] == pd.Timestamp(2019, 5, 13)
    assert frame["lon"].isna().tolist() == [False, True]
    layer = case.layer({"id": ["H1", "H2"], "address": ["2352104711", None]}, [Point(107.5, 14.5), None], "a.gpkg")
    made = case.take(layer, "address_point", inside=True)
    assert not isinstance(made.frame, gpd.GeoDataFrame)
    assert made.frame[["lon", "lat"]].iloc[0].tolist() == [107.5, 14.5]
    assert made.frame["lon"].isna().tolist() == [False, True]  # not located yet: unknown, not wrong


def test_identity_numbers_are_no_ids(case: Any) -> None:
    path = case.csv([["Số CCCD", "Mã địa chỉ số"], ["062099000111", "2352104711"]])
    assert case.refused(path, "address_point", fields={"id": "Số CCCD"}) == ["E-COLUMN-PERSONAL"]


def test_shared_addresses_are_told(case: Any) -> None:
    made = case.take(case.csv([ADDRESS[:2], ["H1", "2352104711"], ["H2", "2352104711"]]), "address_point")
    assert [one.code for one in made.problems] == ["W-ADDRESS-SHARED"]
    assert len(made.frame) == 2
