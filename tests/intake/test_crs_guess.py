"""Guessing the coordinate system: right when the evidence is, and no answer when it is not."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from ntmgis.intake.crs import CrsGuess, contradiction, guess_crs, named_crs, seats
from ntmgis.intake.crs_candidates import transformer

SIDE = 9_000.0
COLUMNS, ROWS = 6, 5
CODES = [f"{20000 + i}" for i in range(COLUMNS * ROWS)]


def unit(i: int) -> Polygon:
    """A commune of nine kilometres with a winding outline, in EPSG:9216."""
    column, row = i % COLUMNS, i // COLUMNS
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = SIDE / 2 * (0.9 + 0.07 * np.sin(5 * turn + i) + 0.03 * np.sin(11 * turn))
    east, north = 505_000 + column * SIDE, 1_570_000 + row * SIDE
    return Polygon(np.column_stack([east + radius * np.cos(turn), north + radius * np.sin(turn)]))


with np.errstate(invalid="ignore"):
    _NOT_A_NUMBER = Polygon([(0, 0), (1, np.nan), (1, 1)])
PLANE = np.array([unit(i) for i in range(COLUMNS * ROWS)], dtype=object)
UNITS = gpd.GeoDataFrame(
    {"code": CODES},
    geometry=[shapely.transform(one, lambda xy: named_crs("EPSG:9216").degrees(xy)) for one in PLANE],
    crs=4326,
)
# As in the list of units: three decimals of a degree, not quite in the middle.
SEATS = gpd.GeoDataFrame(
    {"code": CODES},
    geometry=[shapely.transform(one.centroid, lambda xy: (xy + 0.004).round(3)) for one in UNITS.geometry],
    crs=4326,
)


def written(name: str, shapes: Any = None) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Shapes in degrees (the units when None) as a file in the system `name` would hold them."""
    found = named_crs(name)
    step = transformer(found.crs)

    def turn(xy: Any) -> Any:
        plane = xy if step is None else np.column_stack(step.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
        return plane[:, ::-1] if found.swapped else plane

    given_shapes = np.asarray(UNITS.geometry.array if shapes is None else shapes, dtype=object)
    return np.asarray(shapely.transform(given_shapes, turn), dtype=object)


def moved(shapes: Any, east: float, north: float) -> Any:
    return shapely.transform(shapes, lambda xy: xy + np.array([east, north]))


def places(count: int) -> tuple[Any, list[str]]:
    """`count` places in each commune, in degrees, with the code of the commune."""
    random = np.random.default_rng(7)
    made, codes = [], []
    for code, shape in zip(CODES, UNITS.geometry, strict=True):
        west, south, east, north = shape.bounds
        found: list[Any] = []
        while len(found) < count:
            drawn = shapely.points(random.uniform(west, east, 50), random.uniform(south, north, 50))
            found += list(np.asarray(drawn)[shapely.contains(shape, drawn)])
        made += found[:count]
        codes += [code] * count
    return np.array(made, dtype=object), codes


def chosen(guess: CrsGuess) -> str | None:
    return None if guess.chosen is None else guess.chosen.name


TRUTHS = [
    "EPSG:9216",
    "EPSG:9216 k=0.9996",
    "EPSG:9216 datum=WGS84",
    "EPSG:9216 k=0.9996 datum=WGS84",
    "EPSG:9215",
    "EPSG:5899",
    "EPSG:5898",
    "EPSG:9217",
    "EPSG:9218",
    "EPSG:9210",
    "EPSG:3405",
    "EPSG:3406",
    "EPSG:32648",
    "EPSG:32649",
    "EPSG:3148",
    "EPSG:3149",
    "EPSG:2044",
    "EPSG:2045",
    "EPSG:2044 fe=500000",
    "EPSG:4326",
    "EPSG:4756",
    "EPSG:4131",
    "EPSG:4147",
]


@pytest.mark.parametrize("axes", ["", " axes=NE"])
@pytest.mark.parametrize("name", TRUTHS)
def test_units_known_by_code_find_their_system(name: str, axes: str) -> None:
    guess = guess_crs(written(name + axes), reference=UNITS, codes=CODES, units=True)
    assert chosen(guess) == name + axes
    assert guess.ranked[0].share > 0.999
    assert guess.ranked[0].blur_m < 0.5
    assert guess.by == "overlap"


@pytest.mark.parametrize("name", ["EPSG:9216", "EPSG:5898", "EPSG:3405 axes=NE", "EPSG:4756"])
def test_units_without_codes_find_it_too(name: str) -> None:
    assert chosen(guess_crs(written(name), reference=UNITS, units=True)) == name


def test_points_for_units_tell_zones_and_axes_apart_but_not_look_alikes() -> None:
    guess = guess_crs(written("EPSG:9216"), reference=SEATS, codes=CODES, units=True)
    assert guess.chosen is None
    assert guess.by == "seats"
    close = {fit.candidate.name for fit in (guess.ranked[0], *guess.rivals)}
    assert {"EPSG:9216", "EPSG:9216 k=0.9996", "EPSG:9216 datum=WGS84"} <= close
    assert not any(name.startswith(("EPSG:9215", "EPSG:5899", "EPSG:5898")) for name in close)
    assert not any("axes=NE" in name for name in close)
    swapped = guess_crs(written("EPSG:9216 axes=NE"), reference=SEATS, codes=CODES, units=True)
    assert all(fit.candidate.swapped for fit in (swapped.ranked[0], *swapped.rivals))


def test_the_twin_is_named_with_its_distance() -> None:
    guess = guess_crs(written("EPSG:9216"), reference=SEATS, codes=CODES, units=True)
    apart = {fit.candidate.name: away for fit, away in zip(guess.ranked, guess.apart_m, strict=True)}
    names = {"EPSG:9216", "EPSG:9216 k=0.9996", "EPSG:9216 datum=WGS84", "EPSG:9216 k=0.9996 datum=WGS84"}
    assert set(apart) >= names
    first = guess.ranked[0].candidate.name
    other = first.replace(" k=0.9996", "") if "k=" in first else first.replace("EPSG:9216", "EPSG:9216 k=0.9996")
    assert apart[other] == pytest.approx(476, abs=5)


@pytest.mark.parametrize(("blur", "winner"), [(5.0, "EPSG:9216"), (25.0, "EPSG:9216"), (90.0, None), (150.0, None)])
def test_coarse_outlines_do_not_decide_between_look_alikes(blur: float, winner: str | None) -> None:
    random = np.random.default_rng(3)
    # Each unit drawn a little beside the truth, in all directions: what a small-scale map does.
    turns = random.uniform(0, 2 * np.pi, len(PLANE))
    drawn = [moved(one, blur * np.cos(turn), blur * np.sin(turn)) for one, turn in zip(PLANE, turns, strict=True)]
    guess = guess_crs(np.array(drawn, dtype=object), reference=UNITS, codes=CODES, units=True)
    assert chosen(guess) == winner
    assert guess.ranked[0].blur_m == pytest.approx(blur, rel=0.15)
    if winner is None:
        assert "EPSG:9216 datum=WGS84" in {fit.candidate.name for fit in guess.rivals}


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 2 * np.pi), st.floats(0, 50))
def test_a_shift_below_the_precision_never_flips_a_winner(turn: float, size: float) -> None:
    shifted = moved(PLANE, size * np.cos(turn), size * np.sin(turn))
    assert chosen(guess_crs(shifted, reference=UNITS, codes=CODES, units=True)) == "EPSG:9216"


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 2 * np.pi), st.floats(0, 112))
def test_a_shift_below_half_way_never_brings_a_wrong_winner(turn: float, size: float) -> None:
    shifted = moved(PLANE, size * np.cos(turn), size * np.sin(turn))
    assert chosen(guess_crs(shifted, reference=UNITS, codes=CODES, units=True)) in {"EPSG:9216", None}


def test_many_places_in_named_communes_decide() -> None:
    shapes, codes = places(12)
    guess = guess_crs(written("EPSG:9216 axes=NE", shapes), reference=UNITS, codes=codes)
    assert guess.by == "commune"
    assert chosen(guess) == "EPSG:9216 axes=NE"


def test_few_places_and_places_without_commune_do_not() -> None:
    shapes, codes = places(1)
    few = guess_crs(written("EPSG:9216", shapes), reference=UNITS, codes=codes)
    assert few.chosen is None
    assert "EPSG:9216" in {fit.candidate.name for fit in (few.ranked[0], *few.rivals)}
    many, _ = places(12)
    whole = gpd.GeoDataFrame({"code": [None]}, geometry=[UNITS.union_all().convex_hull], crs=4326)
    anywhere = guess_crs(written("EPSG:9216", many), reference=whole)
    assert anywhere.by == "province"
    assert anywhere.chosen is None
    close = {fit.candidate.name for fit in (anywhere.ranked[0], *anywhere.rivals)}
    assert {"EPSG:9216", "EPSG:9216 k=0.9996"} <= close
    assert not close & {"EPSG:5898", "EPSG:9217", "EPSG:3405", "EPSG:3406"}


def test_one_place_leaves_many_zones_open() -> None:
    shapes, _ = places(1)
    guess = guess_crs(written("EPSG:9216", shapes[14:15]), reference=UNITS)
    assert guess.chosen is None
    assert len(guess.rivals) >= 3


def test_lines_and_unit_points_are_judged_as_places() -> None:
    lines = np.array(
        [shapely.LineString([one.centroid, one.exterior.coords[0]]) for one in UNITS.geometry], dtype=object
    )
    guess = guess_crs(written("EPSG:5898", lines), reference=SEATS, codes=CODES)
    assert guess.by == "near"
    assert guess.chosen is None
    assert all(fit.candidate.name.startswith("EPSG:5898") for fit in (guess.ranked[0], *guess.rivals))


def test_data_of_elsewhere_fit_nothing() -> None:
    hanoi = moved(PLANE, 60_000, 780_000)
    guess = guess_crs(hanoi, reference=UNITS, codes=CODES, units=True)
    assert (guess.chosen, guess.rivals) == (None, ())
    assert "không có hệ nào" in guess.reasons[0]


@pytest.mark.parametrize(
    ("shapes", "codes"),
    [
        ([], []),
        ([None, Polygon()], ["20000", "20001"]),
        ([_NOT_A_NUMBER], ["20000"]),
    ],
)
def test_nothing_to_compare(shapes: list[Any], codes: list[str]) -> None:
    guess = guess_crs(np.array(shapes, dtype=object), reference=UNITS, codes=codes, units=True)
    assert (guess.chosen, guess.ranked, guess.by) == (None, (), "")


def test_bad_and_unknown_rows_do_not_spoil_the_rest() -> None:
    shapes = written("EPSG:9216")
    bow = shapes[2].bounds
    shapes[0], shapes[1] = None, Polygon()
    shapes[2] = Polygon([(bow[0], bow[1]), (bow[2], bow[3]), (bow[2], bow[1]), (bow[0], bow[3])])
    codes = [None, *CODES[1:-2], "99999", None]
    assert chosen(guess_crs(shapes, reference=UNITS, codes=codes, units=True)) == "EPSG:9216"


@pytest.mark.parametrize(
    ("said", "away_km"), [("EPSG:9215", 26.9), ("EPSG:5899", 26.9), ("EPSG:5898", 53.9), ("EPSG:9216 axes=NE", None)]
)
@pytest.mark.parametrize("reference", [UNITS, SEATS], ids=["polygons", "points"])
def test_a_wrong_zone_or_axes_are_plainly_contradicted(said: str, away_km: float | None, reference: Any) -> None:
    found = contradiction(named_crs(said), written("EPSG:9216"), reference=reference, codes=CODES, units=True)
    assert found is not None
    guess, away, plain = found
    assert plain
    assert guess.ranked[0].candidate.name.startswith("EPSG:9216")
    if away_km is not None:
        assert away == pytest.approx(away_km * 1000, abs=600)


def test_a_lost_datum_is_contradicted_only_by_good_outlines() -> None:
    say = {"codes": CODES, "units": True}
    found = contradiction(named_crs("EPSG:9216 datum=WGS84"), written("EPSG:9216"), reference=UNITS, **say)  # type: ignore[arg-type]
    assert found is not None
    guess, away, plain = found
    assert (chosen(guess), plain) == ("EPSG:9216", False)
    assert away == pytest.approx(225, abs=1)
    assert contradiction(named_crs("EPSG:9216 datum=WGS84"), written("EPSG:9216"), reference=SEATS, **say) is None  # type: ignore[arg-type]
    assert contradiction(named_crs("EPSG:9216"), written("EPSG:9216"), reference=UNITS, **say) is None  # type: ignore[arg-type]


def test_units_elsewhere_or_unknown_contradict_nothing() -> None:
    elsewhere = moved(PLANE, 60_000, 780_000)
    say = named_crs("EPSG:9216")
    assert contradiction(say, elsewhere, reference=UNITS, codes=CODES, units=True) is None
    assert contradiction(say, written("EPSG:9215"), reference=UNITS, codes=None, units=False) is None


def test_the_points_of_a_list_of_units() -> None:
    listed = pd.DataFrame({"code": ["1", "2"], "lon": [108.0, np.nan], "lat": [14.0, 14.5]})
    found = seats(listed)
    assert found is not None
    assert found["code"].tolist() == ["1"]
    assert seats(listed.drop(columns="lon")) is None
    assert seats(listed.iloc[1:]) is None


def test_the_same_question_has_the_same_answer() -> None:
    asked = [guess_crs(written("EPSG:9216"), reference=SEATS, codes=CODES, units=True) for _ in range(2)]
    assert asked[0].reasons == asked[1].reasons
    assert [one.candidate.name for one in asked[0].ranked] == [one.candidate.name for one in asked[1].ranked]
