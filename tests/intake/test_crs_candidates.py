"""Coordinate systems by name: the datum shift is the decree's, look-alikes lie as far apart as they should."""

import re

import numpy as np
import pyproj
import pytest
from pyproj.exceptions import CRSError

from ntmgis.intake.crs import distance_m
from ntmgis.intake.crs_candidates import SHIFTS, candidates, named_crs, to_degrees, transformer

HERE = np.array([[108.0, 14.35]])
GEOD = pyproj.Geod(ellps="WGS84")


def plane(name: str) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """The coordinates of 108 E 14.35 N (WGS 84) in a system, in the order of the file."""
    found = named_crs(name)
    step = transformer(found.crs)
    xy = HERE if step is None else np.column_stack(step.transform(HERE[:, 0], HERE[:, 1], direction="INVERSE"))
    return xy[:, ::-1] if found.swapped else xy


def test_every_shift_of_a_datum_of_vietnam_is_the_one_stated() -> None:
    # PROJ would put "ballpark" (no shift at all) first for some of them.
    shifted = [one for one in candidates() if one.crs.geodetic_crs.name in SHIFTS]
    assert len(shifted) > 90
    for one in shifted:
        step = transformer(one.crs)
        assert step is not None
        assert SHIFTS[one.crs.geodetic_crs.name] in step.description, one.name


def test_the_shift_from_vn2000_is_that_of_the_decree() -> None:
    step = transformer(named_crs("EPSG:9216 k=0.9996").crs)
    assert step is not None
    found = dict(re.findall(r"\b(x|y|z|rx|ry|rz|s|convention)=([-\w.]+)", step.definition.split("helmert")[1]))
    assert found["convention"] == "coordinate_frame"
    numbers = [float(found[key]) for key in ("x", "y", "z", "rx", "ry", "rz", "s")]
    decree = [-191.90441429, -39.30318279, -111.45032835, -0.00928836, 0.01975479, -0.00427372, 0.252906278]
    assert numbers == pytest.approx(decree, abs=1e-9)


@pytest.mark.parametrize(
    ("wgs", "vn"),
    [
        ((15, 22, 29.0, 109, 6, 7.0), (15, 22, 32.7, 109, 6, 0.5)),
        ((12, 33, 36.0, 109, 26, 0.0), (12, 33, 39.7, 109, 25, 53.6)),
    ],
)
def test_official_points(wgs: tuple[float, ...], vn: tuple[float, ...]) -> None:
    def degrees(of: tuple[float, ...]) -> tuple[float, float]:
        return of[3] + of[4] / 60 + of[5] / 3600, of[0] + of[1] / 60 + of[2] / 3600

    found = to_degrees(np.array([degrees(vn)]), named_crs("EPSG:4756").crs)[0]
    assert GEOD.inv(*found, *degrees(wgs))[2] < 1.5


def test_a_known_point_to_the_millimetre() -> None:
    assert plane("EPSG:9216")[0] == pytest.approx([553_734.270, 1_587_082.469], abs=0.001)
    assert named_crs("EPSG:9216").degrees(plane("EPSG:9216")) == pytest.approx(HERE, abs=1e-8)


def test_east_comes_before_north_unless_said() -> None:
    east, north = plane("EPSG:9216")[0]
    assert plane("EPSG:9216 axes=NE")[0].tolist() == [north, east]
    assert named_crs("EPSG:9216 axes=NE").degrees(np.array([[north, east]])) == pytest.approx(HERE, abs=1e-8)
    assert not named_crs("EPSG:9216 axes=EN").swapped


@pytest.mark.parametrize(
    ("name", "away_m", "within"),
    [
        ("EPSG:9216 k=0.9996", 476, 1),
        ("EPSG:9216 datum=WGS84", 225, 1),
        ("EPSG:9215", 26_900, 100),
        ("EPSG:5899", 26_900, 100),
        ("EPSG:5898", 53_900, 100),
        ("EPSG:9217", 80_800, 200),
        ("EPSG:9218", 107_700, 200),
        ("EPSG:9210", 188_000, 1000),
        ("EPSG:3405", 269_000, 1000),
    ],
)
def test_how_far_look_alikes_and_wrong_zones_lie(name: str, away_m: float, within: float) -> None:
    away = distance_m(named_crs("EPSG:9216"), named_crs(name), plane("EPSG:9216")[0])
    assert away == pytest.approx(away_m, abs=within)


def test_the_list_has_no_doubles_and_each_system_works_here() -> None:
    names = [one.name for one in candidates()]
    assert len(names) == len(set(names)) == len({one.title for one in candidates()})
    for one in candidates():
        assert named_crs(one.name).title == one.title
        assert one.degrees(plane(one.name)) == pytest.approx(HERE, abs=1e-7), one.name


def test_a_named_system_keeps_the_datum_where_a_proj_string_loses_it() -> None:
    with pytest.warns(UserWarning, match="lose important projection information"):
        lost = pyproj.CRS.from_user_input(named_crs("EPSG:9216").crs.to_proj4())
    xy = plane("EPSG:9216")
    assert GEOD.inv(*to_degrees(xy, lost)[0], *HERE[0])[2] == pytest.approx(225, abs=1)
    again = pyproj.CRS.from_json(named_crs("EPSG:9216 k=0.9999").crs.to_json())
    assert GEOD.inv(*to_degrees(xy, again)[0], *HERE[0])[2] < 0.001


@pytest.mark.parametrize(
    "name",
    ["", "EPSG:999999", "EPSG:9216 k=abc", "EPSG:4326 k=1", "EPSG:9216 datum=HN72", "EPSG:9216 axes=XY", "k=0.9996"],
)
def test_what_is_no_system(name: str) -> None:
    with pytest.raises(CRSError):
        named_crs(name)


def test_any_name_that_proj_knows_is_taken() -> None:
    wkt = pyproj.CRS.from_epsg(9216).to_wkt()
    assert named_crs(f"{wkt} axes=NE").swapped
    assert named_crs("EPSG:32648 k=0.9999").crs.is_projected
