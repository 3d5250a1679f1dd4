"""Positions in sheets: degrees however written, VN-2000 metres in either order, forms of KoboToolbox and ODK."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from ntmgis.intake.angles import angle, angles

LON, LAT = 107.99625, 14.4693055556
TRUE = gpd.GeoSeries([Point(LON, LAT)], crs=4326)
METRES = TRUE.to_crs(9216).iloc[0]


def points(made: Any) -> list[tuple[float, float]]:
    return [(round(p.x, 5), round(p.y, 5)) for p in made.frame.geometry]


HERE = (round(LON, 5), round(LAT, 5))


@pytest.mark.parametrize(
    "written",
    [
        *("107°59'46,5\"E", "107°59'46.5\"", "107º59’46,5” E", "Đ107°59′46,5″", "107 59 46,5", "107:59:46.5"),
        *("107°59.775'", "107,99625°", "E 107°59'46.5\"", "107 độ 59 phút 46,5 giây", "107°59'46,5''Đ"),
        "kinh độ Đông 107°59'46,5\"",
    ],
)
def test_degrees_minutes_seconds(written: str) -> None:
    read = angle(written)
    assert read is not None
    assert read.degrees == pytest.approx(LON, abs=1e-9)
    assert read.axis in {None, "lon"}


@pytest.mark.parametrize("written", ["107°60'", "107°59'60\"", "107 59", "1234°5'", "107°59'46\"X", "E107°N", "", "hộ"])
def test_what_is_no_angle(written: str) -> None:
    assert angle(written) is None


@settings(deadline=None)
@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_999))
def test_every_angle_comes_back(degrees: int, minutes: int, thousandths: int) -> None:
    value = degrees + minutes / 60 + thousandths / 3_600_000
    seconds = f"{thousandths / 1000:.3f}"
    for text in (f"{degrees}°{minutes}'{seconds}\"E", f"{degrees} {minutes} {seconds.replace('.', ',')}"):
        read = angle(text)
        assert read is not None
        assert read.degrees == pytest.approx(value, abs=1e-9)


def test_two_coordinates_in_one_cell() -> None:
    assert angles("14.4693 107.9963 612.0 4.9") == ("14.4693", "107.9963")
    assert angles("[14.4693, 107.9963]") == ("14.4693", "107.9963")
    assert angles("14,4693; 107,9963") == ("14,4693", "107,9963")
    assert angles("14.4693,107.9963") == ("14.4693", "107.9963")
    assert angles("N14°28'09\" E107°54'32\"") == ("n14°28'09\"", "e107°54'32\"")
    assert angles("14°28'09\", 107°54'32\"") == ("14°28'09\"", "107°54'32\"")
    assert [angles(one) for one in ("Thôn 3", "107.9", "14°28'09\"", "1 2 3 4 5")] == [None] * 4


def market(case: Any, head: list[str], *rows: list[Any], **source: Any) -> Any:
    return case.take(case.csv([["id", *head], *[[f"M{i}", *row] for i, row in enumerate(rows)]]), "market", **source)


def test_degrees_in_a_table(case: Any, faults: Any) -> None:
    made = market(
        case,
        ["Kinh độ", "Vĩ độ"],
        ["107°59'46,5\"E", "14°28'09,5\"N"],
        ["107,99625", "14,46931"],
        ["107°59'46,5\"N", "14°28'09,5\"B"],
        ["107°61'", "14.4"],
    )
    assert points(made) == [HERE, HERE]
    assert faults(made) == [(4, "E-VALUE-NUMBER"), (5, "E-VALUE-NUMBER")]


def test_degrees_in_the_wrong_columns_are_told_by_size(case: Any) -> None:
    made = market(case, ["Kinh độ", "Vĩ độ"], ["14.46931", "107.99625"], ["14.46931", "107.99625"])
    assert points(made) == [HERE, HERE]
    assert "W-COORD-SWAPPED" in [one.code for one in made.problems]
    made = market(case, ["X", "Y"], ["14.46931", "107.99625"])
    assert points(made) == [HERE]


EAST, NORTH = f"{METRES.x:.3f}", f"{METRES.y:.3f}"


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (["X", "Y"], [NORTH, EAST]),
        (["X", "Y"], [EAST, NORTH]),
        (["Tọa độ X", "Tọa độ Y (m)"], [NORTH, EAST]),
        (["Kinh độ", "Vĩ độ"], [EAST, NORTH]),
        (["X_VN2000", "Y_VN2000"], [f"{METRES.y:,.2f}".translate(str.maketrans(",.", ".,")), EAST.replace(".", ",")]),
        (["Đông", "Bắc"], [EAST, NORTH]),
    ],
)
def test_metres_in_either_order(case: Any, head: list[str], row: list[str]) -> None:
    made = market(case, head, row, crs="EPSG:9216")
    assert points(made) == [HERE]
    codes = [one.code for one in made.problems]
    assert "W-COORD-METRES" in codes
    assert "W-COLUMN-UNUSED" not in codes


def test_a_row_the_other_way_round_than_the_rest_is_named(case: Any, faults: Any) -> None:
    rows = [[NORTH, EAST], [NORTH, EAST], [EAST, NORTH], [NORTH, ""], ["", ""], ["x", EAST]]
    made = market(case, ["X", "Y"], *rows, crs="EPSG:9216")
    assert points(made) == [HERE, HERE]
    assert faults(made) == [
        *((4, "E-COORD-SWAPPED"), (5, "E-COORD-HALF"), (6, "E-GEOM-MISSING"), (7, "E-VALUE-NUMBER"))
    ]


def test_metres_without_a_system_are_asked_for_and_other_numbers_are_no_coordinates(case: Any, faults: Any) -> None:
    path = case.csv([["id", "X", "Y"], ["M1", "200000", "2000000"]])
    assert set(case.refused(path, "market")) & {"E-CRS-MISSING", "E-CRS-NO-FIT", "E-CRS-AMBIGUOUS"}
    made = market(case, ["X", "Y"], ["1000", "2000"])
    assert set(faults(made)) == {(2, "E-VALUE-RANGE")}


def test_degrees_of_a_stated_system_are_moved(case: Any) -> None:
    plain = market(case, ["Kinh độ", "Vĩ độ"], [str(LON), str(LAT)])
    moved = market(case, ["Kinh độ", "Vĩ độ"], [str(LON), str(LAT)], crs="EPSG:4756")
    metres = [frame.frame.to_crs(9216).geometry.iloc[0] for frame in (plain, moved)]
    assert 150 < metres[0].distance(metres[1]) < 300
    assert points(market(case, ["Kinh độ", "Vĩ độ"], [str(LON), str(LAT)], crs="EPSG:4326")) == [HERE]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (["_geolocation"], [f"{LAT} {LON} 612.3 4.9"]),
        (["Tọa độ"], ["14°28'09,5\"N 107°59'46,5\"E"]),
        (["GPS"], [f"{LON}, {LAT}"]),
        (["_gps_latitude", "_gps_longitude", "_gps_altitude", "_gps_precision"], [LAT, LON, 612.3, 4.9]),
        (["gps", "_gps_latitude", "_gps_longitude"], [f"{LAT} {LON} 0 0", LAT, LON]),
        (["diem/gps-Latitude", "diem/gps-Longitude"], [LAT, LON]),
    ],
)
def test_forms_of_kobotoolbox_and_odk(case: Any, head: list[str], row: list[Any]) -> None:
    assert points(market(case, head, row)) == [HERE]


def test_paths_of_groups_and_broken_pairs(case: Any, faults: Any) -> None:
    head = ["thong_tin/ma_thon", "thong_tin/ten_thon", "thong_tin/ten_xa", "_geolocation"]
    rows = [["10001-01", "Thôn 1", "Xã Một", f"{LAT} {LON} 0 0"], ["10001-02", "Thôn 2", "Xã Một", "gần cầu"]]
    made = case.take(case.csv([head, *rows]), "village")
    assert made.frame[["code", "name", "commune_code"]].to_numpy().tolist() == [["10001-01", "Thôn 1", "10001"]]
    assert set(faults(made)) == {(3, "E-VALUE-NUMBER")}


def test_addresses_in_metres(case: Any) -> None:
    head = ["Mã đối tượng", "Mã địa chỉ số", "X", "Y"]
    path = case.csv([head, ["H1", "2352104711", NORTH, EAST], ["H2", "2352104712", "", ""]])
    frame = case.take(path, "address_point", crs="EPSG:9216").frame
    assert frame["lon"].round(5).tolist()[0] == HERE[0]
    assert pd.isna(frame["lon"].iloc[1])
