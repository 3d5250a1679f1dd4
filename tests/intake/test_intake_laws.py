"""Law 1 on anything: rows in = accepted + quarantined; what is accepted keeps its schema; same input, same outcome."""

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box, mapping

from ntmgis.errors import InputError, catalogue
from ntmgis.intake.schemas import schema
from ntmgis.programme.tables import tables

HEADERS = {
    "commune_status": ["Mã xã", "Xã", "Huyện", "Kết quả", "Thời điểm số liệu", "TC1"],
    "address_point": ["Mã đối tượng", "Mã địa chỉ số", "Đã gắn mã", "Ngày gắn biển", "Kinh độ", "Vĩ độ"],
    "village": ["Mã thôn", "Tên thôn", "Xã", "Số hộ", "Kinh độ", "Vĩ độ"],
    "unit_list": ["Mã xã", "Tên xã", "Loại", "Mã huyện", "Tên huyện", "x"],
}
WORDS = (
    *("", "10001", "10002", "10006", "Xã Một", "Xã Hai", "TT. Sáu", "Huyện Chín Một", "Đạt", "chưa đạt", "x"),
    *("31/12/2024", "2352104711", "107,6", "14.5", "1.200", "xã", "10001-01", "901", "<script>alert(1)</script>"),
    "=1+1",
)
CELLS = st.one_of(st.sampled_from(WORDS), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6))
SHAPES = st.sampled_from(
    [
        *(None, Point(107.6, 14.5), Point(1, 1), LineString([(107.5, 14.5), (107.6, 14.5)])),
        *(LineString([(1, 1), (1, 1)]), box(107.5, 14.4, 107.6, 14.5), Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])),
        Polygon(),
    ]
)
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(one: Any, other: Any) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    pd.testing.assert_frame_equal(one.quarantine, other.quarantine)
    assert one.problems == other.problems


def check(made: Any, table: str) -> None:
    plain = pd.DataFrame(made.frame)
    schema(table).validate(plain, lazy=True)
    assert set(made.quarantine["code"]) <= set(catalogue())
    for original in made.quarantine["original"]:
        json.loads(original)


@QUIET
@given(
    rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=8), table=st.sampled_from(list(HEADERS))
)
def test_every_row_of_a_table_is_accounted_for(case: Any, rows: list[list[str]], table: str) -> None:
    path = case.csv([HEADERS[table], *rows])
    filled = {number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)}
    try:
        made = case.take(path, table, as_of=date(2025, 6, 30), inside=True)
    except InputError as error:
        event(", ".join(one.code for one in error.problems))
        allowed = {"E-FILE-EMPTY"}
        if not {one.code for one in error.problems} <= allowed:
            raise
        return
    told = {*made.frame["row"], *made.quarantine["row"]}
    aside = {number for numbers in made.aside.values() for number in numbers}
    assert told.isdisjoint(aside)
    told |= aside
    assert told <= filled
    silent = filled - told  # rows of dashes and the like say nothing and are no rows
    assert all(
        not any(c.isalnum() for c in cell) or cell.lower() in {"nan", "null", "none"}
        for n in silent
        for cell in rows[n - 2]
    )
    check(made, table)
    same(made, case.take(path, table, as_of=date(2025, 6, 30), inside=True))


@QUIET
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, SHAPES), min_size=1, max_size=8),
    table=st.sampled_from(["unit", "village", "road", "water_supply", "lake", "river", "address_point"]),
)
def test_every_feature_of_a_layer_is_accounted_for(case: Any, rows: list[Any], table: str) -> None:
    keys = {"unit": ("code", "name"), "village": ("code", "commune"), "road": ("id", "class")}
    first, second = keys.get(table, ("id", "kind"))
    features = [
        {"type": "Feature", "properties": {first: a, second: b}, "geometry": None if s is None else mapping(s)}
        for a, b, s in rows
    ]
    path = case.folder / "f.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    values = {"name": "Thôn 1"} if table == "village" else None
    made = case.take(path, table, inside=True, values=values)
    assert made.rows_in == len(rows)
    assert {*made.frame["row"], *made.quarantine["row"]} == set(range(1, len(rows) + 1))
    check(made, table)


@pytest.mark.parametrize("table", [id_ for id_, spec in tables().items() if spec.geometry != "raster"])
def test_every_table_has_a_schema_that_takes_an_empty_frame(table: str) -> None:
    made = schema(table)
    assert set(made.columns) == {one.name for one in tables()[table].fields} | {"row"}
