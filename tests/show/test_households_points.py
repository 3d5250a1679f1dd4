"""Points in few bytes: what goes in comes out, half a metre is kept, and the size is what was promised."""

import household_cases as cases
import numpy as np
import pandas as pd
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from ntmgis.show.web.folder import overview
from ntmgis.show.web.households_data import NO_ADDRESS, UNUSUAL, USUAL, register
from ntmgis.show.web.points import POINT_BITS, Points, deflate_planes, encode_points, morton, point_steps

EDGE = (1 << POINT_BITS) - 1
STEP = st.integers(0, EDGE)
ROW = st.tuples(STEP, STEP, st.integers(0, 400), st.integers(0, 70_000), st.integers(-1, 99_999), st.booleans())


def points_of(rows: list[tuple[int, int, int, int, int, bool]]) -> Points:
    columns = [np.array([row[i] for row in rows], dtype=np.int64) for i in range(5)]
    unusual = np.array([f"lạ {row[0]}" if row[5] and row[4] < 0 else None for row in rows], dtype=object)
    return Points(*columns, unusual)


@given(st.lists(ROW, max_size=40))
def test_every_point_comes_back_whatever_the_order(rows: list[tuple[int, int, int, int, int, bool]]) -> None:
    points = points_of(rows)
    packed = encode_points(points)
    read = cases.decode(packed)
    took = sorted(zip(points.x, points.y, points.combo, points.village, strict=True))
    assert sorted(zip(read["x"], read["y"], read["combo"], read["village"], strict=True)) == took
    assert sorted(read["suffixes"]) == sorted(row[4] for row in rows if row[4] >= 0)
    assert sorted(read["unusual"]) == sorted(text for text in points.unusual if text is not None)


@given(st.lists(ROW, min_size=2, max_size=20, unique_by=lambda row: row[:5]), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[int, int, int, int, int, bool]], chance) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert encode_points(points_of(rows)) == encode_points(points_of(shuffled))


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_planes_deflate_into_one_stream(planes: list[bytes]) -> None:
    import zlib

    assert zlib.decompress(deflate_planes(planes)) == b"".join(planes)


def test_a_point_moves_by_less_than_half_a_metre_anywhere_in_vietnam() -> None:
    rng = np.random.default_rng(305)
    lon, lat = rng.uniform(102.1, 109.6, 20_000), rng.uniform(8.2, 23.5, 20_000)
    x, y = point_steps(lon, lat)
    side = float(1 << POINT_BITS)
    back = (x / side - 0.5) * 360, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / side))))
    away = Geod(ellps="WGS84").inv(lon, lat, *back)[2]
    assert away.max() <= 0.5
    assert away.mean() < 0.25


def test_morton_neighbours() -> None:
    x, y = np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 0])
    assert morton(x, y).tolist() == [0, 1, 2, 3, 4]


def test_clustered_points_take_two_and_a_half_bytes() -> None:
    """150,000 objects along the streets of 870 villages: the geometry alone, and all with addresses and states."""
    rng = np.random.default_rng(1)
    count, villages = 150_000, 870
    centre = rng.uniform((107.4, 14.0), (108.5, 15.4), (villages, 2))
    village = np.sort(rng.integers(0, villages, count))
    x, y = point_steps(*(centre[village] + rng.normal(0, 0.004, (count, 2))).T)
    nothing, bare = np.zeros(count, dtype=np.int64), np.full(count, None, dtype=object)
    geometry = len(encode_points(Points(x, y, nothing, nothing, nothing - 1, bare)))
    assert geometry / count <= 2.5
    combo = rng.choice(12, count, p=[0.4, 0.2, 0.15, 0.1, 0.05, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01])
    suffix = np.where(combo < 6, rng.integers(0, 100_000, count), -1)
    whole = len(encode_points(Points(x, y, combo, village, suffix, bare)))
    assert whole * 4 / 3 <= 1_000_000, "leaves 200 kB of 1.2 MB for the page itself"


def test_the_register_of_the_tiny_province() -> None:
    made = register(cases.snapshot())
    assert made.total == 60
    assert made.unlocated == 0
    assert made.kinds == ("household",)
    assert made.prefixes == (*tiny.CELLS, "")
    counts = np.bincount(made.points.combo)
    told = {combo: int(counts[i]) for i, combo in enumerate(made.combos)}
    # Of ten households per village eight have a code, six a notice, four a plate.
    assert told == {
        (0, 1, 1, 1, USUAL): 24,
        (0, 1, 1, 0, USUAL): 12,
        (0, 1, 0, 0, USUAL): 12,
        (0, 0, 0, 0, NO_ADDRESS): 12,
    }


def test_states_that_the_register_does_not_keep_are_unknown() -> None:
    rows = [{"has_code": True, "lon": 107.5, "lat": 14.5}, {"has_code": pd.NA, "lon": 107.5, "lat": 14.5}]
    made = register(cases.snapshot(rows))
    assert {combo[2:4] for combo in made.combos} == {(2, 2)}
    assert sorted(combo[1] for combo in made.combos) == [1, 2]


def test_addresses_of_other_communes_and_odd_ones_stay_whole() -> None:
    place = {"lon": 107.5, "lat": 14.5, "village_code": "10001-01"}
    texts = ["1000100001", "1000100002", "9999900003", "12345", "abc\x00", "１２３４５６７８９０", None]
    made = register(cases.snapshot([{**place, "address": text} for text in texts]))
    modes = sorted(made.combos[i][4] for i in made.points.combo)
    assert modes == [NO_ADDRESS, USUAL, USUAL, UNUSUAL, UNUSUAL, UNUSUAL, UNUSUAL]
    assert sorted(text for text in made.points.unusual if text) == sorted(texts[2:6])


def test_objects_without_a_place_are_counted_and_left_out() -> None:
    rows = [{"lon": 107.5, "lat": 14.5}, {"lon": 107.5}, {"lat": 14.5}, {}]
    made = register(cases.snapshot(rows))
    assert (len(made.points), made.unlocated, made.total) == (1, 3, 4)


@pytest.mark.parametrize("count", [0, 1, 39_999, 80_001])
def test_the_overview_is_thin_and_says_how_thin(count: int) -> None:
    numbers = np.arange(count, dtype=np.int64)
    points = Points(numbers, numbers, numbers, numbers, numbers, np.full(count, None, dtype=object))
    thin, weight = overview(points)
    assert len(thin) <= 40_000
    assert abs(len(thin) * weight - count) < weight
    assert (thin.suffix == -1).all()
