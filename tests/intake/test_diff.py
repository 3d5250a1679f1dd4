"""A new file against what is known: new, changed, moved, deleted, conflicting; and what applying them leaves."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from ntmgis.intake.convert import DTYPES
from ntmgis.intake.diff import apply_changes, diff_key, diff_rows
from ntmgis.programme.tables import table

CRS = "EPSG:9216"
E, N = 500_000.0, 1_600_000.0
WATER = table("water_supply")
FIELDS = {"id", "name", "households"}


def water(rows: dict[str, tuple[Any, Any, Any]]) -> gpd.GeoDataFrame:
    """id → (name, households, shape in metres or None)."""
    values = {
        "id": list(rows),
        "name": [row[0] for row in rows.values()],
        "households": [row[1] for row in rows.values()],
    }
    blank = [None] * len(rows)
    typed = {one.name: pd.Series(values.get(one.name, blank), dtype=DTYPES[one.type]) for one in WATER.fields}
    frame = pd.DataFrame({**typed, "row": range(1, len(rows) + 1)})
    shapes = gpd.GeoSeries([row[2] for row in rows.values()], crs=CRS)
    return gpd.GeoDataFrame(frame, geometry=shapes.to_crs(4326))


def compare(before: Any, after: Any, **more: Any) -> Any:
    return diff_rows(before, after, WATER, fields=more.pop("fields", FIELDS), metric_crs=CRS, **more)


KNOWN = {"A": ("Giếng A", 10, Point(E, N)), "B": ("Giếng B", 20, Point(E, N + 100)), "C": ("Giếng C", 5, None)}


def test_the_same_file_has_no_change() -> None:
    diff = compare(water(KNOWN), water(KNOWN))
    assert diff.changes == ()
    assert diff.counts() == {"new": 0, "changed": 0, "moved": 0, "deleted": 0, "conflict": 0, "same": 3}


def test_each_kind_of_change() -> None:
    after = {
        "A": ("Giếng A", 12, Point(E, N)),
        "B": ("Giếng B", 20, Point(E + 30, N + 100)),
        "D": ("Giếng D", None, Point(E, N)),
    }
    diff = compare(water(KNOWN), water(after))
    told = {one.key[0]: one for one in diff.changes}
    assert {key: one.kind for key, one in told.items()} == {"A": "changed", "B": "moved", "C": "deleted", "D": "new"}
    assert told["A"].fields == (("households", "10", "12"),)
    assert told["A"].moved_m is None
    assert told["B"].moved_m == pytest.approx(30, abs=0.01)
    assert told["D"].fields == (("name", None, "Giếng D"),)
    assert told["D"].row == 3
    assert told["C"].row is None


def test_a_small_move_is_noise_and_the_known_place_stays() -> None:
    after = water({**KNOWN, "A": ("Giếng A", 11, Point(E + 4, N)), "B": ("Giếng B", 20, Point(E + 4, N + 100))})
    before = water(KNOWN)
    diff = compare(before, after)
    assert [(one.key, one.kind) for one in diff.changes] == [(("A",), "changed")]
    assert diff.nudged == 1
    made = apply_changes(before, after, WATER, diff.changes, fields=FIELDS).set_index("id")
    assert made.loc["A", "households"] == 11
    assert made.geometry["A"].equals(before.set_index("id").geometry["A"])
    assert compare(before, after, moved_m=3).counts()["moved"] == 1


def test_a_column_that_the_file_lacks_says_nothing() -> None:
    after = water({key: (name, None, shape) for key, (name, _, shape) in KNOWN.items()})
    assert compare(water(KNOWN), after, fields={"id", "name"}).changes == ()
    assert compare(water(KNOWN), after).counts()["changed"] == 3


def test_a_shape_of_another_kind_and_a_refused_row_are_conflicts() -> None:
    villages = table("village")
    blank = {one.name: [None] for one in villages.fields}
    before = gpd.GeoDataFrame({**blank, "code": ["x-01"], "row": [1]}, geometry=[box(107, 14, 107.1, 14.1)], crs=4326)
    after = gpd.GeoDataFrame({**blank, "code": ["x-01"], "row": [1]}, geometry=[Point(107, 14)], crs=4326)
    (one,) = diff_rows(before, after, villages, fields={"code"}, metric_crs=CRS).changes
    assert (one.kind, one.reason, one.open) == ("conflict", "trước là vùng, tệp mới là điểm", True)
    few = water({key: KNOWN[key] for key in "AB"})
    (two,) = compare(water(KNOWN), few, refused={("C",): "dòng 3: trùng khoá"}).changes
    assert (two.kind, two.open) == ("conflict", False)
    assert "dòng 3: trùng khoá" in two.reason


def test_a_place_that_appears_or_goes_has_moved_without_end() -> None:
    after = water({**KNOWN, "A": ("Giếng A", 10, None), "C": ("Giếng C", 5, Point(E, N))})
    told = compare(water(KNOWN), after).changes
    assert [(one.key[0], one.kind, one.moved_m) for one in told] == [
        ("A", "moved", float("inf")),
        ("C", "moved", float("inf")),
    ]


def test_lines_move_by_their_largest_distance() -> None:
    before = water({"A": ("x", 1, LineString([(E, N), (E + 1000, N)]))})
    after = water({"A": ("x", 1, LineString([(E, N), (E + 500, N + 40), (E + 1000, N)]))})
    (one,) = compare(before, after).changes
    assert one.moved_m == pytest.approx(40, abs=0.1)


def test_the_id_of_a_change_does_not_depend_on_the_others() -> None:
    after = water({**KNOWN, "A": ("Giếng A", 12, Point(E, N))})
    alone = compare(water(KNOWN), after).changes
    among = compare(water(KNOWN), water({**KNOWN, "A": ("Giếng A", 12, Point(E, N)), "Z": ("z", 1, None)})).changes
    assert alone[0].id in {one.id for one in among}
    assert len({one.id for one in among}) == 2
    other = compare(water(KNOWN), water({**KNOWN, "A": ("Giếng A", 13, Point(E, N))})).changes
    assert other[0].id != alone[0].id


def test_observations_have_their_day_in_the_key() -> None:
    assert diff_key(table("commune_status")) == ["code", "as_of"]


def test_households_are_compared_by_their_place() -> None:
    spec = table("address_point")
    blank = {one.name: [None] for one in spec.fields}
    before = pd.DataFrame({**blank, "id": ["H1"], "lon": [107.9], "lat": [14.4], "row": [1]})
    near = before.assign(lon=[107.90001])
    far = before.assign(lon=[107.91])
    fields = {"id", "lon", "lat"}
    assert diff_rows(before, near, spec, fields=fields, metric_crs=CRS).changes == ()
    (one,) = diff_rows(before, far, spec, fields=fields, metric_crs=CRS).changes
    assert (one.kind, one.fields) == ("moved", ())
    made = apply_changes(before, far, spec, [one], fields=fields)
    assert made["lon"].tolist() == [107.91]


rows = st.dictionaries(st.sampled_from("ABCDEFG"), st.tuples(st.sampled_from(["x", "y", None]), st.integers(0, 3)))


@settings(max_examples=60, deadline=None)
@given(rows, rows, st.data())
def test_all_accepted_is_the_new_file_and_none_is_the_old_one(old: Any, new: Any, data: Any) -> None:
    def made(given_: Any) -> gpd.GeoDataFrame:
        return water({key: (name, count, Point(E + 100 * count, N)) for key, (name, count) in given_.items()})

    before, after = made(old), made(new)
    diff = compare(before, after)
    assert len(diff.changes) + diff.same == len(set(old) | set(new))
    accepted = data.draw(st.lists(st.sampled_from(diff.changes), unique_by=lambda one: one.key)) if diff.changes else []
    result = apply_changes(before, after, WATER, accepted, fields=FIELDS)
    taken = {one.key[0] for one in accepted}
    expected = {key: value for key, value in old.items() if key not in taken}
    expected |= {key: new[key] for key in taken if key in new}
    names = result["name"].astype(object).where(result["name"].notna(), None)
    named = zip(result["id"], names, result["households"], strict=True)
    assert {key: (name, count) for key, name, count in named} == expected
    places = dict(zip(result["id"], result.geometry.to_crs(CRS).x, strict=True))
    assert places == pytest.approx({key: E + 100 * count for key, (_, count) in expected.items()}, abs=0.01)
