"""Points in polygons, nearest distances, lengths in units: against brute force, and by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point, box

from ntmgis.measure.locate import NOWHERE, assign
from ntmgis.measure.nearest import distances, within
from ntmgis.measure.roads import lengths, summary

SQUARES = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 20, 20)])
numbers = st.floats(-5, 25, allow_nan=False, width=32)
metres = st.integers(0, 5_000_000).map(lambda mm: mm / 1000)
grid = st.integers(-2, 22).map(float)


def test_a_point_on_a_border_goes_to_the_first() -> None:
    x = np.array([5.0, 10.0, 10.0, 30.0, np.nan, 5.0])
    y = np.array([5.0, 5.0, 10.0, 5.0, 5.0, np.nan])
    assert assign(x, y, SQUARES).tolist() == [0, 0, 0, NOWHERE, NOWHERE, NOWHERE]


def test_no_points_and_no_polygons() -> None:
    none = np.array([])
    assert assign(none, none, SQUARES).tolist() == []
    assert assign(np.array([1.0]), np.array([1.0]), np.array([], dtype=object)).tolist() == [NOWHERE]
    assert assign(np.array([1.0]), np.array([1.0]), np.array([None, shapely.Polygon()])).tolist() == [NOWHERE]


@given(st.lists(st.tuples(numbers | grid, numbers | grid), max_size=60))
def test_assign_is_the_first_polygon_that_meets_the_point(points: list[tuple[float, float]]) -> None:
    x, y = (np.array([p[i] for p in points], dtype=float) for i in (0, 1))
    expected = [
        next((k for k, square in enumerate(SQUARES) if square.intersects(Point(*point))), NOWHERE) for point in points
    ]
    assert assign(x, y, SQUARES).tolist() == expected


def test_distances_by_hand() -> None:
    lines = np.array([LineString([(0, 0), (1000, 0)]), MultiLineString([[(0, 500), (0, 600)]])])
    x, y = np.array([500.0, 1300.0, -30.0, np.nan]), np.array([40.0, 400.0, 550.0, 0.0])
    found = distances(x, y, lines)
    assert found[:3].tolist() == [40.0, 500.0, 30.0]
    assert np.isnan(found[3])


def test_nothing_to_reach_is_infinitely_far() -> None:
    assert distances(np.array([1.0]), np.array([1.0]), np.array([], dtype=object)).tolist() == [np.inf]
    assert within(np.array([1.0]), np.array([1.0]), np.array([], dtype=object), 1e9).tolist() == [False]


def test_the_limit_itself_is_within_and_no_place_is_not() -> None:
    road = np.array([LineString([(0, 0), (1000, 0)])])
    x, y = np.array([510.0, 510.0, 1030.0, np.nan]), np.array([40.0, 40.000001, 40.0, 0.0])
    assert within(x, y, road, 40.0).tolist() == [True, False, False, False]
    assert within(x, y, road, 50.0).tolist() == [True, True, True, False]


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(metres, metres), min_size=1, max_size=20),
    lines=st.lists(st.lists(st.tuples(metres, metres), min_size=2, max_size=5), max_size=6),
    limit=metres,
    on=st.integers(0, 19),
)
def test_within_is_the_distance_against_the_limit(
    points: list[tuple[float, float]], lines: list[list[tuple[float, float]]], limit: float, on: int
) -> None:
    x, y = (np.array([p[i] for p in points]) for i in (0, 1))
    shapes = np.array([LineString(line) for line in lines] + [Point(1000, 1000)], dtype=object)
    away = distances(x, y, shapes)
    for most in (limit, float(away[on % len(away)])):  # one that is met exactly too
        assert within(x, y, shapes, most).tolist() == (away <= most).tolist()


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(metres, metres), min_size=1, max_size=20),
    lines=st.lists(st.lists(st.tuples(metres, metres), min_size=2, max_size=5), max_size=6),
    dots=st.lists(st.tuples(metres, metres), min_size=1, max_size=10),
)
def test_distances_are_those_of_brute_force(
    points: list[tuple[float, float]], lines: list[list[tuple[float, float]]], dots: list[tuple[float, float]]
) -> None:
    shapes = np.array([*map(LineString, lines), *map(Point, dots)])
    x, y = (np.array([p[i] for p in points]) for i in (0, 1))
    expected = shapely.distance(shapely.points(x, y)[:, None], shapes[None, :]).min(axis=1)
    assert distances(x, y, shapes) == pytest.approx(expected, abs=1e-6)


def units() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["A", "B", "C"]}, geometry=list(SQUARES), crs="EPSG:9216")


def roads(*shapes: object, **columns: object) -> gpd.GeoDataFrame:
    facts = {"class": "village", "surface": "earth", "state": None, **columns}
    return gpd.GeoDataFrame(
        {
            name: pd.Series([value] * len(shapes), dtype=object) if not isinstance(value, list) else value
            for name, value in facts.items()
        },
        geometry=list(shapes),
        crs="EPSG:9216",
    )


def test_a_road_is_cut_at_the_border() -> None:
    found = lengths(roads(LineString([(5, 5), (18, 5)])), units())
    assert dict(zip(found["code"], found["km"] * 1000, strict=True)) == {"A": 5.0, "B": 8.0}


def test_a_road_along_a_border_counts_once() -> None:
    found = lengths(roads(LineString([(10, 2), (10, 8)]), LineString([(2, 10), (18, 10)])), units())
    assert dict(zip(found["code"], found["km"] * 1000, strict=True)) == {"A": 14.0, "B": 8.0}


def test_only_existing_roads_count_and_a_blank_state_is_existing() -> None:
    line = LineString([(1, 1), (2, 1)])
    found = lengths(roads(line, line, line, line, state=["existing", None, "planned", "construction"]), units())
    assert found["km"].sum() == pytest.approx(0.002)


def test_shares_are_of_the_length_whose_surface_is_known() -> None:
    line = LineString([(0, 5), (8, 5)])
    made = summary(lengths(roads(line, line, line, surface=["asphalt", "earth", None]), units()))
    assert made.loc["A"].round(6).tolist() == [0.024, 0.008, 0.016, 0.5]


def test_an_unknown_surface_everywhere_gives_no_share() -> None:
    made = summary(lengths(roads(LineString([(0, 5), (8, 5)]), surface=[None]), units()))
    assert np.isnan(made.loc["A", "road_hardened_share"])


def test_a_stretch_gone_over_twice_counts_once() -> None:
    there_and_back = LineString([(1, 1), (3, 1), (2, 1)])
    assert lengths(roads(there_and_back), units())["km"].sum() == pytest.approx(0.002)


@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(grid, grid), min_size=2, max_size=5, unique=True), min_size=1, max_size=5))
@example([[(0.0, 0.0), (2.0, 0.0), (1.0, 0.0)]])
def test_the_parts_of_a_road_make_the_road_inside_the_province(paths: list[list[tuple[float, float]]]) -> None:
    made = roads(*map(LineString, paths))
    inside = shapely.length(shapely.intersection(made.geometry.to_numpy(), shapely.union_all(SQUARES))).sum()
    assert lengths(made, units())["km"].sum() * 1000 == pytest.approx(inside, abs=1e-6)
