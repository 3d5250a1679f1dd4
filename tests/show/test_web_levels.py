"""Coarser borders for views from farther away: at every zoom the page draws a coverage without gaps and overlaps."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from ntmgis.measure.compute import compute_facts
from ntmgis.measure.facts import Facts
from ntmgis.programme.plan import load_plan
from ntmgis.show.web.coverage import LEVELS_M, Arcs, build_arcs, coverage_levels
from ntmgis.show.web.encode import Grid
from ntmgis.show.web.page import status_page
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

REAL = "boundaries/communes_post2025_kontum40.geojson"


def wavy_grid(columns: int, rows: int, seed: int, *, step: int = 40) -> gpd.GeoDataFrame:
    """Squares of 5 km whose shared sides wander: a coverage of many vertices, in EPSG:4326."""
    noise = np.random.default_rng(seed)
    side = 5_000.0
    corners = {
        (i, j): np.array([500_000 + i * side, 1_600_000 + j * side]) + noise.uniform(-600, 600, 2)
        for i in range(columns + 1)
        for j in range(rows + 1)
    }

    def line(a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        t = np.linspace(0, 1, step)
        bulge = np.cumsum(noise.normal(0, 45, step))
        bulge -= np.linspace(bulge[0], bulge[-1], step)
        along = corners[b] - corners[a]
        across = np.array([along[1], -along[0]]) / np.hypot(*along)
        return corners[a] + t[:, None] * along + bulge[:, None] * across

    lines = {(a, b): line(a, b) for a in corners for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1)) if b in corners}
    made = []
    for i in range(columns):
        for j in range(rows):
            a, b, c, d = (i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)
            ring = np.vstack((lines[a, b][:-1], lines[b, c][:-1], lines[d, c][::-1][:-1], lines[a, d][::-1]))
            made.append(Polygon(ring))
    return gpd.GeoDataFrame(geometry=made, crs=tiny.CRS).to_crs(4326)


def polygons_at(lines: Sequence[Any], ranks: Sequence[Any], rings: Sequence[Any], level: int) -> list[Any]:
    """The polygons as the page puts them together at a level (0: the finest), in grid steps."""
    thin = [np.asarray(line).reshape(-1, 2)[np.asarray(rank) >= level] for line, rank in zip(lines, ranks, strict=True)]

    def ring(references: Sequence[int]) -> np.ndarray:
        pieces = [thin[one >> 1][::-1] if one & 1 else thin[one >> 1] for one in references]
        return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])

    made = []
    for polygon in rings:
        # Outer and inner rings stand in one list, as even-odd filling takes them.
        shapes = [Polygon(ring(references)) for references in polygon]
        whole = shapes[0]
        for one in shapes[1:]:
            whole = whole.symmetric_difference(one)
        made.append(whole)
    return made


def assert_coverage(polygons: Sequence[Any], finest: Sequence[Any]) -> None:
    shapes = np.array(polygons, dtype=object)
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    together = shapely.union_all(shapes)
    total = shapely.area(shapes).sum()
    assert total == pytest.approx(together.area, rel=1e-9), "no two neighbours overlap"
    holes = sum(len(part.interiors) for part in shapely.get_parts(together))
    before = sum(len(part.interiors) for part in shapely.get_parts(shapely.union_all(np.array(finest, dtype=object))))
    assert holes <= before, "no gap opens between neighbours"
    assert bool(shapely.coverage_is_valid(shapes))
    assert neighbours(shapes) == neighbours(np.array(finest, dtype=object)), "who bordered on whom still does"


def neighbours(shapes: np.ndarray) -> set[tuple[int, int]]:
    """Pairs with a common border; none of them has common ground."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.intersection(shapes[one], shapes[other])
    assert shapely.area(common).sum() == 0, "no two neighbours overlap, not by a single step of the grid"
    bordering = shapely.length(common) > 0
    return set(zip(one[bordering].tolist(), other[bordering].tolist(), strict=True))


def arcs_of(units: gpd.GeoDataFrame) -> Arcs:
    finest, *coarser = coverage_levels(units, tiny.CRS)
    return build_arcs(finest, [None] * len(units), Grid(finest.total_bounds), coarser=coarser)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10_000))
def test_every_level_is_a_coverage(columns: int, rows: int, seed: int) -> None:
    arcs = arcs_of(wavy_grid(columns, rows, seed))
    finest = polygons_at(arcs.lines, arcs.ranks, arcs.rings, 0)
    counts = []
    for level in range(len(LEVELS_M) + 1):
        made = polygons_at(arcs.lines, arcs.ranks, arcs.rings, level)
        assert_coverage(made, finest)
        counts.append(int(shapely.get_num_coordinates(np.array(made, dtype=object)).sum()))
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0]


def test_an_enclave_stays_closed_at_every_level() -> None:
    circle = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 300)[:-1]])
    centre = np.array([520_000, 1_620_000])
    inner = Polygon(circle * 1_500 + centre)
    outer = Polygon(circle * 9_000 + centre, [inner.exterior])
    arcs = arcs_of(gpd.GeoDataFrame(geometry=[outer, inner], crs=tiny.CRS).to_crs(4326))
    for level in range(len(LEVELS_M) + 1):
        made = polygons_at(arcs.lines, arcs.ranks, arcs.rings, level)
        assert made[0].touches(made[1])
        assert made[0].union(made[1]).area == pytest.approx(made[0].area + made[1].area)
        assert not list(made[0].union(made[1]).interiors)


def village_cells(communes: gpd.GeoDataFrame, count: int, seed: int) -> gpd.GeoDataFrame:
    """`count` villages as areas: cells of random points, cut by their commune, in EPSG:4326.

    Where cells of two communes meet the border between these, neither has the corners of the other.
    """
    noise = np.random.default_rng(seed)
    metric = communes.geometry.to_crs(tiny.CRS).to_numpy()
    west, south, east, north = shapely.total_bounds(metric)
    points = shapely.points(noise.uniform((west, south), (east, north), (4 * count, 2)))
    home, which = shapely.STRtree(points).query(metric, predicate="contains")
    order = noise.permutation(len(which))[:count]
    home, which = home[order], which[order]
    made = []
    for commune in range(len(metric)):
        inside = points[which[home == commune]]
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(inside), extend_to=metric[commune]))
        made += shapely.intersection(cells, metric[commune]).tolist()
    assert len(made) == count
    return gpd.GeoDataFrame(geometry=made, crs=tiny.CRS).to_crs(4326)


def test_870_villages_as_areas_are_a_coverage_at_every_level() -> None:
    arcs = arcs_of(village_cells(wavy_grid(6, 6, 305), 870, 11))
    finest = polygons_at(arcs.lines, arcs.ranks, arcs.rings, 0)
    assert len(finest) == 870
    for level in range(len(LEVELS_M) + 1):
        assert_coverage(polygons_at(arcs.lines, arcs.ranks, arcs.rings, level), finest)


def drawn(page: Any) -> list[Any]:
    """The arcs of the communes that the browser has, the ranks of their vertices, and the rings they make."""
    return list(
        page.evaluate(
            """() => {
              const { lines, ranks, rings } = ntmgis.page.model.coverage;
              return [lines.map((line) => [...line]), ranks.map((rank) => [...rank]), rings];
            }"""
        )
    )


# Of every border between two communes the point that has most to lose: its middle vertex at the finest level, a little
# aside, so that it is on no line. One and only one of the areas that the page fills may hold it.
HOLDERS = """(band) => {
  const { lines, kinds } = ntmgis.page.model.coverage;
  const { polygons } = ntmgis.page.model.coverage.level(band);
  const context = document.createElement("canvas").getContext("2d");
  const inner = lines.filter((line, index) => kinds[index] !== 2 && line.length > 4);
  return inner.map((line) => {
    const middle = 2 * Math.floor(line.length / 4);
    const at = [line[middle] + 0.37, line[middle + 1] + 0.23];
    return polygons.filter((path) => context.isPointInPath(path, ...at, "evenodd")).length;
  });
}"""
BAND_AT = """async (zoom) => {
  const { map, painter } = ntmgis.page;
  map.setZoom(zoom, { animate: false });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [map.getZoom(), painter.seen.band];
}"""


def wavy_page(folder: Path) -> Path:
    """A page of six communes with long borders."""
    import tiny_facts

    units = tiny.communes()
    units["geometry"] = wavy_grid(2, 3, 7).geometry.to_numpy()
    path = folder / "status.html"
    path.write_text(status_page(tiny.snapshot(communes=units), tiny_facts.facts()), encoding="utf-8")
    return path


@pytest.mark.browser
def test_the_page_draws_what_was_made(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    check_bands(open_page(wavy_page(tmp_path)).ready().page)


def check_bands(page: Any) -> list[int]:
    """Every zoom band in the browser is a coverage; vertices of each, the finest first."""
    lines, ranks, rings = drawn(page)
    finest = polygons_at(lines, ranks, rings, 0)
    counts = []
    for level in range(len(LEVELS_M) + 1):
        made = polygons_at(lines, ranks, rings, level)
        assert_coverage(made, finest)
        # The browser's own selection is the one just checked, and so are the areas that it fills.
        band = len(LEVELS_M) - level
        own = page.evaluate(f"ntmgis.page.model.coverage.linesOf({band}).map((line) => [...line])")
        expected = [
            np.asarray(line).reshape(-1, 2)[np.asarray(rank) >= level].ravel().tolist()
            for line, rank in zip(lines, ranks, strict=True)
        ]
        assert own == expected
        assert set(page.evaluate(f"({HOLDERS})({band})")) == {1}
        counts.append(sum(len(line) // 2 for line in own))
    assert counts == sorted(counts, reverse=True)
    return counts


def check_zooms(page: Any) -> None:
    """Every zoom of the map draws one of the bands just checked, and a coarse one only from afar."""
    bands = []
    for zoom in range(7, 19):
        reached, band = page.evaluate(f"({BAND_AT})({zoom})")
        assert reached == zoom
        assert 0 <= band <= len(LEVELS_M)
        metres_a_pixel = 156_543 * np.cos(np.radians(14.6)) / 2**zoom
        if band < len(LEVELS_M):
            assert LEVELS_M[-1 - band] < 0.6 * metres_a_pixel
        bands.append(band)
    assert bands == sorted(bands)
    assert set(bands) == set(range(len(LEVELS_M) + 1))


def real_communes(path: Path) -> tuple[Snapshot, Facts]:
    """The 40 units since 01/07/2025 with their real boundaries, and nothing reported of them."""
    told = gpd.read_file(path)
    assert shapely.get_num_coordinates(told.geometry.to_numpy()).sum() > 120_000
    kind = told["fullName"].str.split().str[0].str.lower()
    units = gpd.GeoDataFrame(
        {
            "code": told["code"],
            "name": told["fullName"],
            "kind": kind,
            "rural": kind.eq("xã"),
            "district_code": None,
            "district": None,
            "declared_km2": told["areaKm2"],
        },
        geometry=told.geometry.to_numpy(),
        crs=told.crs,
    ).to_crs(4326)
    base = tiny.snapshot()
    silent = ("districts", "district_status", "villages", "village_status", "commune_status", "criteria", "history")
    empty = {name: getattr(base, name).iloc[:0] for name in (*silent, "addresses", "unit_change")}
    day = date(2025, 12, 31)
    snapshot = tiny.snapshot(as_of=day, epoch=epoch_on(day), communes=units, layers={}, **empty)
    return snapshot, compute_facts(
        snapshot, load_plan(), limits={"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0}
    )


@pytest.mark.browser
def test_real_communes_neither_gape_nor_overlap_at_any_zoom(
    tmp_path: Path, open_page: Callable[..., Any], real_data: Path
) -> None:
    path = tmp_path / "status.html"
    path.write_text(status_page(*real_communes(real_data / REAL)), encoding="utf-8")
    assert path.stat().st_size <= 2_000_000
    opened = open_page(path).ready()
    lines, ranks, rings = drawn(opened.page)
    finest = shapely.union_all(np.array(polygons_at(lines, ranks, rings, 0), dtype=object))
    assert finest.geom_type == "Polygon"
    assert not finest.interiors, "the file's own slivers are closed"
    counts = check_bands(opened.page)
    assert counts[-1] < counts[0] / 4
    check_zooms(opened.page)
    opened.assert_clean()


@pytest.mark.browser
def test_a_zoom_that_would_take_long_shows_the_old_picture_in_its_place_first(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    """The stretched picture lies where the sharp one comes to lie; a quick drawing is not put off."""
    page = open_page(wavy_page(tmp_path)).ready().page
    quick, slow = page.evaluate(
        """async () => {
          const { map, painter, state } = ntmgis.page;
          const rest = () => new Promise((done) => setTimeout(done, 600));
          state.set({ shown: new Set() });
          let drawn = 0;
          const draw = painter.drawAll;
          painter.drawAll = function (...given) { drawn += 1; return draw.apply(this, given); };
          const small = () => {  // the picture, blurred: edges of the stretched one are soft
            const canvas = new OffscreenCanvas(48, 32);
            const context = canvas.getContext("2d");
            context.drawImage(painter.canvas, 0, 0, 48, 32);
            return [...context.getImageData(0, 0, 48, 32).data];
          };
          await rest();
          const told = [];
          for (const took of [20, 400]) {
            painter.took = took;
            drawn = 0;
            map.setZoom(map.getZoom() + 1, { animate: false });
            const [at_once, before] = [drawn, small()];
            await rest();
            const after = small();
            const off = before.reduce((sum, value, i) => sum + Math.abs(value - after[i]), 0) / before.length;
            told.push({ at_once, later: drawn, off });
          }
          return told;
        }"""
    )
    assert quick["at_once"] == 1
    assert quick["off"] == 0
    assert slow["at_once"] == 0
    assert slow["later"] == 1
    assert slow["off"] < 4
