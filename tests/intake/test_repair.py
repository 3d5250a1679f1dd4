"""Repair: only what is safe, never further than the tolerance, always a new file."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from ntmgis.errors import UsageError
from ntmgis.intake.read import read_raw
from ntmgis.intake.repair import repair_layer, write_repaired
from ntmgis.programme.tables import table
from ntmgis.workspace import Source

CRS = "EPSG:9216"
E, N = 500_000.0, 1_600_000.0


def square(x: float, y: float, wide: float = 1000, high: float = 1000) -> Polygon:
    return box(E + x, N + y, E + x + wide, N + y + high)


def frame(*shapes: Any, crs: Any = CRS) -> gpd.GeoDataFrame:
    made = gpd.GeoDataFrame(
        {"code": list("ABCDEF"[: len(shapes)]), "row": range(1, len(shapes) + 1)}, geometry=list(shapes), crs=CRS
    )
    return made.to_crs(crs)


def test_a_sliver_is_cleaned_and_the_account_says_how_far() -> None:
    made = repair_layer(frame(square(0, 0), square(998.5, 0), square(1998.5, 0)), metric_crs=CRS)
    assert (made.before.overlaps, made.after.overlaps) == (1, 0)
    assert made.before.overlap_m2 == pytest.approx(1500, rel=1e-6)
    assert made.largest_m == pytest.approx(1.5, abs=1e-6)
    assert made.left == {}
    assert shapely.coverage_is_valid(made.frame.geometry.to_numpy())


def test_a_narrow_gap_is_closed_a_wide_one_is_not() -> None:
    def ring(hole: Polygon) -> list[Any]:
        return [shapely.difference(square(0, 0), hole), square(1000, 0)]

    narrow = repair_layer(frame(*ring(square(998.5, 400, 1.5, 100))), metric_crs=CRS)
    assert (narrow.before.gaps, narrow.after.gaps) == (1, 0)
    wide = repair_layer(frame(*ring(square(900, 400, 100, 50))), metric_crs=CRS)
    assert (wide.before.gaps, wide.after.gaps) == (1, 1)
    assert wide.moved == {}
    # as narrow, but to close a slit from its mouth to its end would take 100 m off the outline
    slit = repair_layer(frame(*ring(square(900, 400, 100, 1.5))), metric_crs=CRS)
    assert (slit.after.gaps, slit.moved) == (1, {})
    assert list(slit.left.values()) == pytest.approx([100], abs=0.1)


def test_a_unit_that_would_move_too_far_stays_as_it_was_and_is_named() -> None:
    # A and B overlap by 30 m, C and D by 1 m: only the second pair is repaired.
    given_ = frame(square(0, 0), square(970, 0), square(0, 3000), square(999, 3000))
    made = repair_layer(given_, metric_crs=CRS)
    assert set(made.left) <= {1, 2}
    assert list(made.left.values()) == pytest.approx([30])
    assert set(made.moved) <= {3, 4}
    assert made.after.overlaps == 1
    for row in made.left:
        assert made.frame.geometry.iloc[row - 1].equals_exact(given_.geometry.iloc[row - 1], 0)
    assert "giữ nguyên 1 vùng" in "\n".join(made.lines({}))
    assert repair_layer(given_, metric_crs=CRS, tolerance_m=50).after.overlaps == 0


def test_invalid_shapes_are_made_valid_and_copies_dropped() -> None:
    bow = Polygon([(E, N), (E + 100, N + 100), (E + 100, N), (E, N + 100)])
    twins = frame(bow, square(500, 0), square(500, 0))
    twins["code"] = ["A", "B", "B"]
    made = repair_layer(twins, metric_crs=CRS, coverage=False)
    assert (made.valid, made.dropped) == ((1,), (3,))
    assert (made.before.invalid, made.after.invalid) == (1, 0)
    assert made.frame.geometry.iloc[0].area == pytest.approx(5000)
    other = frame(square(0, 0), square(0, 0))  # two names on one shape: somebody must say which is right
    assert repair_layer(other, metric_crs=CRS, coverage=False).dropped == ()


def test_a_clean_layer_comes_back_number_for_number() -> None:
    clean = frame(square(0, 0), square(1000, 0), square(0, 1000), crs=4326)
    made = repair_layer(clean, metric_crs=CRS)
    assert made.moved == {}
    for before, after in zip(clean.geometry, made.frame.geometry, strict=True):
        assert after.equals_exact(before, 0)


def test_shapes_that_are_no_polygons_pass_through() -> None:
    mixed = frame(square(0, 0), None, shapely.Point(E, N))
    made = repair_layer(mixed, metric_crs=CRS)
    assert made.frame.geometry.isna().tolist() == [False, True, False]


def test_without_the_cleaning_of_shapely_the_rest_is_done_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(shapely, "coverage_clean")
    made = repair_layer(frame(square(0, 0), square(998.5, 0)), metric_crs=CRS)
    assert not made.cleaned
    assert made.after == made.before
    assert "shapely 2.2" in made.lines({})[-1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 6))
def test_no_edge_moves_further_than_the_tolerance(seed: int, shake: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = []
    for x in range(3):
        for y in range(2):
            corners = np.array(square(1000 * x, 1000 * y).exterior.coords[:-1])
            shapes.append(Polygon(corners + rng.uniform(-shake, shake, corners.shape)))
    given_ = frame(*shapes)
    made = repair_layer(given_, metric_crs=CRS, tolerance_m=2.0)
    assert made.largest_m <= 2.0
    for before, after in zip(given_.geometry, made.frame.geometry, strict=True):
        assert shapely.hausdorff_distance(before.boundary, after.boundary, densify=0.05) <= 2.0 + 1e-6
    assert made.after.overlap_m2 <= made.before.overlap_m2 + 1
    assert made.after.gap_m2 <= made.before.gap_m2 + 1


def source(path: Path) -> Source:
    return Source(id="s", table="unit", path=path)


def test_a_new_file_with_all_columns_and_never_the_input(tmp_path: Path) -> None:
    path, out = tmp_path / "xa.geojson", tmp_path / "moi.gpkg"
    layer = frame(square(0, 0), square(999, 0), crs=4326).drop(columns="row").assign(row="x", Geom="y", name="Xã Một")
    layer.to_file(path)
    before = path.read_bytes()
    raw = read_raw(source(path), table("unit"))
    made = write_repaired(raw, path, out, metric_crs=CRS, coverage=True)
    assert made.after.overlaps == 0
    assert path.read_bytes() == before
    back = gpd.read_file(out)
    assert list(back.columns) == ["code", "row_", "Geom_", "name", "geometry"]
    assert back["name"].tolist() == ["Xã Một", "Xã Một"]
    with pytest.raises(UsageError, match="E-REPAIR-EXISTS"):
        write_repaired(raw, path, out, metric_crs=CRS, coverage=True)
    with pytest.raises(UsageError, match="gpkg"):
        write_repaired(raw, path, tmp_path / "moi.shp", metric_crs=CRS, coverage=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["moi.gpkg", "xa.geojson"]


def test_an_open_ring_is_closed(tmp_path: Path) -> None:
    path, out = tmp_path / "xa.geojson", tmp_path / "moi.gpkg"
    ring = "[107.5, 14.5], [107.6, 14.5], [107.6, 14.6], [107.5, 14.6]"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "23281"}, '
        f'"geometry": {{"type": "Polygon", "coordinates": [[{ring}]]}}}}]}}',
        encoding="utf-8",
    )
    made = write_repaired(read_raw(source(path), table("unit")), path, out, metric_crs=CRS, coverage=True)
    assert gpd.read_file(out).geometry.iloc[0].equals(box(107.5, 14.5, 107.6, 14.6))
    assert made.after.invalid == 0
    assert made.closed == (1,)


@pytest.mark.real
def test_the_new_units_become_a_clean_coverage_and_gadm_is_left_alone(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "boundaries"
    new, old = folder / "communes_post2025_kontum40.geojson", folder / "communes_gadm41_kontum102.geojson"
    made = write_repaired(read_raw(source(new), table("unit")), new, tmp_path / "a.gpkg", metric_crs=CRS, coverage=True)
    assert (made.before.overlaps, made.before.gaps) == (3, 2)
    assert (made.after.overlaps, made.after.gaps, made.left) == (0, 0, {})
    assert made.largest_m < 0.2
    assert made.after.area_m2 == pytest.approx(made.before.area_m2, rel=1e-9)
    coarse = write_repaired(
        read_raw(source(old), table("unit")), old, tmp_path / "b.gpkg", metric_crs=CRS, coverage=True
    )
    assert coarse.moved == {}  # its borders are 100 m apart: no repair of 2 m can mend that
    assert len(coarse.left) > 50
    assert coarse.after == coarse.before
