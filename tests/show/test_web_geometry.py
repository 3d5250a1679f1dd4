"""What the page's geometry is made of: nothing torn, nothing moved by more than half a step, nothing lost."""

import base64
import zlib

import geopandas as gpd
import numpy as np
import pytest
import shapely
import tiny
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from ntmgis.show.web.columns import coded, dates, flags, numbers, texts
from ntmgis.show.web.coverage import build_arcs, label_points, simplified_coverage
from ntmgis.show.web.encode import GRID_BITS, Grid, pack, to_varints, zigzag
from ntmgis.show.web.layers import LayerShapes, layer_entries


def from_varints(raw: bytes) -> list[int]:
    made, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            made.append(value)
            value, shift = 0, 0
    return made


@given(st.lists(st.integers(0, 2**35 - 1)))
def test_varints_come_back(values: list[int]) -> None:
    assert from_varints(to_varints(np.array(values, dtype=np.int64))) == values


@given(st.lists(st.integers(-(2**33), 2**33)))
def test_zigzag_is_unsigned_and_comes_back(values: list[int]) -> None:
    coded_values = zigzag(np.array(values, dtype=np.int64))
    assert (coded_values >= 0).all()
    assert [int(n >> 1) if n % 2 == 0 else -int((n + 1) >> 1) for n in coded_values] == values


@pytest.mark.parametrize("bad", [-1, 2**35])
def test_a_number_that_does_not_fit_is_an_error(bad: int) -> None:
    with pytest.raises(ValueError, match="varints hold"):
        to_varints(np.array([bad]))


def test_packed_bytes_are_what_the_browser_inflates() -> None:
    assert zlib.decompress(base64.b64decode(pack(b"abc" * 100))) == b"abc" * 100


@given(st.floats(107.2, 108.7), st.floats(13.8, 15.6))
def test_the_grid_moves_a_point_by_less_than_a_metre(lon: float, lat: float) -> None:
    grid = Grid((107.2, 13.8, 108.7, 15.6))
    x, y = (float(n[0]) for n in grid.steps(np.array([lon]), np.array([lat])))
    side = 2**GRID_BITS
    back_lon = ((x + grid.origin[0]) / side - 0.5) * 360
    back_lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + grid.origin[1]) / side))))
    there, back = gpd.GeoSeries([Point(lon, lat), Point(back_lon, back_lat)], crs=4326).to_crs(tiny.CRS)
    assert there.distance(back) < 0.9


def arcs_of(units: gpd.GeoDataFrame, tmp_groups: list[object]):
    polygons = simplified_coverage(units, tiny.CRS)
    grid = Grid(polygons.total_bounds)
    return build_arcs(polygons, tmp_groups, grid)


def ring_points(arcs, ring) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for reference in ring:
        line = arcs.lines[reference >> 1]
        line = line[::-1] if reference & 1 else line
        assert not made or made[-1] == tuple(line[0]), "arcs of a ring join end to end"
        made.extend(map(tuple, line[1:] if made else line))
    assert made[0] == made[-1], "a ring closes"
    return made


def test_neighbours_share_every_border_and_kinds_tell_which_it_is() -> None:
    units = tiny.communes()
    arcs = arcs_of(units, units["district_code"].tolist())
    uses = [0] * len(arcs.lines)
    for polygon in arcs.rings:
        for ring in polygon:
            for reference in ring:
                uses[reference >> 1] += 1
    # 7 inner borders of 10 km; districts part along 2 of them; the outer ring is cut into one piece per commune.
    inner = [kind for kind, used in zip(arcs.kinds, uses, strict=True) if used == 2]
    assert sorted(inner) == [0] * 5 + [1] * 2
    assert {kind for kind, used in zip(arcs.kinds, uses, strict=True) if used == 1} == {2}
    assert max(uses) == 2
    areas = [Polygon(ring_points(arcs, polygon[0])).area for polygon in arcs.rings]
    assert max(areas) / min(areas) < 1.01


def test_an_enclave_shares_the_whole_of_its_border() -> None:
    outer = Polygon(box(0, 0, 9000, 9000).exterior, [box(3000, 3000, 6000, 6000).exterior])
    shift = shapely.transform
    shapes = [
        shift(shape, lambda xy: xy + np.array([500_000, 1_600_000])) for shape in (outer, box(3000, 3000, 6000, 6000))
    ]
    arcs = arcs_of(gpd.GeoDataFrame(geometry=shapes, crs=tiny.CRS).to_crs(4326), ["a", "a"])
    assert len(arcs.lines) == 2
    assert sorted(arcs.kinds) == [0, 2]
    assert arcs.rings[0][1][0] >> 1 == arcs.rings[1][0][0] >> 1
    for polygon in arcs.rings:
        for ring in polygon:
            ring_points(arcs, ring)


def wavy(x0: float, y0: float, x1: float, y1: float, seed: int) -> list[tuple[float, float]]:
    """A border of 200 vertices between two corners, the same from both sides."""
    noise = np.random.default_rng(seed)
    t = np.linspace(0, 1, 200)
    bulge = np.cumsum(noise.normal(0, 8, 200))
    bulge -= np.linspace(bulge[0], bulge[-1], 200)
    across = np.array([y1 - y0, x0 - x1]) / np.hypot(x1 - x0, y1 - y0)
    points = np.array([x0, y0]) + t[:, None] * np.array([x1 - x0, y1 - y0]) + bulge[:, None] * across
    return [tuple(p) for p in points]


def test_simplified_neighbours_neither_gape_nor_overlap() -> None:
    e, n = 500_000, 1_600_000
    middle = wavy(e, n, e, n + 10_000, 1)
    west = Polygon([*middle, (e - 10_000, n + 10_000), (e - 10_000, n)])
    east = Polygon([*middle, (e + 10_000, n + 10_000), (e + 10_000, n)])
    units = gpd.GeoDataFrame(geometry=[west, east], crs=tiny.CRS).to_crs(4326)
    simple = simplified_coverage(units, tiny.CRS).to_crs(tiny.CRS).to_numpy()
    assert shapely.get_num_coordinates(simple).sum() < 300
    assert shapely.coverage_is_valid(np.asarray(simple)) or shapely.intersection(*simple).area < 1
    assert abs(simple[0].area - west.area) / west.area < 1e-3


def test_faulty_borders_are_made_to_meet_and_no_commune_is_lost() -> None:
    e, n = 500_000, 1_600_000
    corners = [(10_000, 0), (15_000, 0), (15_000, 5_000), (10_000, 5_000), (10_030, 4_000), (10_030, 1_000)]
    notched = Polygon([(e + x, n + y) for x, y in corners])
    shapes = [
        box(e, n, e + 5_000, n + 5_000),
        box(e + 4_980, n, e + 10_000, n + 5_000),
        notched,
    ]
    units = gpd.GeoDataFrame(geometry=shapes, crs=tiny.CRS).to_crs(4326)
    arcs = arcs_of(units, [None] * 3)
    assert len(arcs.rings) == 3
    assert sum(kind == 0 for kind in arcs.kinds) == 2, "two shared borders, no sliver between"


def test_names_stand_in_the_widest_part() -> None:
    lying = gpd.GeoSeries(
        [MultiPolygon([box(500_000, 1_600_000, 501_000, 1_601_000), box(510_000, 1_600_000, 516_000, 1_606_000)])],
        crs=tiny.CRS,
    ).to_crs(4326)
    points, radius = label_points(lying, tiny.CRS)
    at = points.to_crs(tiny.CRS).iloc[0]
    assert (round(at.x, -2), round(at.y, -2)) == (513_000, 1_603_000)
    assert radius[0] == pytest.approx(3_000, abs=100)


def decode(shapes: LayerShapes, count: int) -> list[tuple[int, list[list[tuple[int, int]]]]]:
    stream = iter(shapes.numbers().tolist())
    x = y = 0
    made = []
    for _ in range(count):
        kind = next(stream)
        parts = []
        for _part in range(next(stream) if kind else 0):
            points = []
            for _point in range(next(stream)):
                for axis in (0, 1):
                    step = next(stream)
                    move = -((step + 1) // 2) if step % 2 else step // 2
                    x, y = (x + move, y) if axis == 0 else (x, y + move)
                points.append((x, y))
            parts.append(points)
        made.append((kind, parts))
    assert next(stream, None) is None
    return made


def test_features_of_every_kind_keep_their_place_in_the_stream() -> None:
    grid = Grid((107.0, 14.0, 108.0, 15.0))
    shapes = LayerShapes(grid)
    hole = Polygon(box(107.2, 14.2, 107.4, 14.4).exterior, [box(107.25, 14.25, 107.3, 14.3).exterior])
    line = LineString([(107, 15), (107.1, 14.9)])
    shapes.add_geometries(np.array([Point(107.5, 14.5), None, line, hole, Point(), Point(107.5, 14.5)], dtype=object))
    made = decode(shapes, 6)
    assert [kind for kind, _ in made] == [1, 0, 2, 3, 0, 1]
    assert [len(parts) for _, parts in made] == [1, 0, 1, 2, 0, 1]
    assert made[0] == made[5]
    assert made[2][1][0][0] == (0, 0)


def test_background_is_cut_to_the_province_and_works_are_all_kept() -> None:
    snapshot = tiny.snapshot()
    e, n = tiny.E0, tiny.N0
    far = Point(e + 900_000, n)
    river = gpd.GeoDataFrame(
        {"id": ["S1", "S2"], "name": ["Sông", None], "order": [5, 2]},
        geometry=[
            LineString([(e - 50_000, n + 500), (e + 10_000, n + 500)]),
            LineString([(e + 500_000, n), (e + 600_000, n)]),
        ],
        crs=tiny.CRS,
    ).to_crs(4326)
    water = snapshot.layers["water_supply"].copy()
    water.loc[0, "geometry"] = gpd.GeoSeries([far], crs=tiny.CRS).to_crs(4326)[0]
    grid = Grid(snapshot.communes.total_bounds)
    shapes = LayerShapes(grid)
    province = shapely.union_all(snapshot.communes.to_crs(tiny.CRS).geometry.to_numpy())
    entries = layer_entries(
        {"river": river, "water_supply": water}, shapes=shapes, province=province, metric_crs=tiny.CRS
    )
    assert [(entry["id"], entry["rows"]) for entry in entries] == [("water_supply", 1), ("river", 1)]
    (_, _), (kind, parts) = decode(shapes, 2)
    assert kind == 2
    west = min(x for part in parts for x, _ in part)
    assert -1_500 < west < -1_000, "about 1.5 km of margin, in steps of 1.16 m"


def test_columns_keep_unknown_unknown() -> None:
    assert numbers([1.0, None, float("nan"), float("inf"), 0.12345], 2) == [1, None, None, None, 0.12]
    assert flags([True, False, None]) == [1, 0, None]
    assert texts(["", None, float("nan"), "a"]) == ["", None, None, "a"]
    assert coded(["b", None, "a", "b"]) == {"k": ["b", "a"], "v": [0, -1, 1, 0]}
    assert dates([None, "2025-06-30"]) == [None, "2025-06-30"]
