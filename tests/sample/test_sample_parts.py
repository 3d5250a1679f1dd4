"""The sample's parts on cases one can check by hand, and at another size."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.sample.addresses import COLUMNS, address_rows
from ntmgis.sample.files import write_csv, write_geojson, write_parquet, write_xlsx
from ntmgis.sample.grid import Grid, child, drain, noise, upstream
from ntmgis.sample.lines import roughen, smooth
from ntmgis.sample.villages import Village, households_of, split


def small_grid() -> Grid:
    return Grid(500_000.0, 1_600_000.0, 100.0, 4, 5)


def test_grid_cells_and_points_agree() -> None:
    grid = small_grid()
    cells = np.arange(grid.size)
    assert (grid.flat(grid.points(cells)) == cells).all()
    assert grid.points(np.array([0])).tolist() == [[500_050.0, 1_599_950.0]]
    assert grid.refine(2).shape == (8, 10)
    first, second, length = grid.pairs()
    # 4 x 4 across, 3 x 5 down, 2 x (3 x 4) diagonal.
    assert first.size == 16 + 15 + 24
    assert (first != second).all()
    assert set(np.round(length)) == {100.0, 141.0}


def test_water_runs_down_and_out_of_a_hollow() -> None:
    grid = small_grid()
    heights = np.arange(20, dtype=float).reshape(4, 5)
    heights[2, 2] = 3.0  # a hollow among higher cells
    order, parent = drain(grid, heights, np.array([0]))
    assert sorted(order.tolist()) == list(range(20))
    assert parent[0] == -1
    area = upstream(order, parent, np.ones(20))
    assert area[0] == 20
    seen: set[int] = set()
    for cell in order.tolist():
        assert parent[cell] == -1 or int(parent[cell]) in seen
        seen.add(cell)


def test_random_streams_are_apart_and_repeatable() -> None:
    assert child(305, "a").random() == child(305, "a").random()
    assert child(305, "a").random() != child(305, "b").random()
    assert child(305, "a").random() != child(306, "a").random()
    field = noise(child(1, "n"), (40, 50), longest=10, octaves=3)
    assert field.mean() == pytest.approx(0, abs=1e-9)
    assert field.std() == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=2, max_size=30, unique=True))
def test_smoothing_and_roughening_keep_the_ends(points: list[tuple[float, float]]) -> None:
    line = np.array(points)
    for made in (
        smooth(line, 1.5),
        roughen(line, child(1, "r"), roughness=0.2, spacing=900.0, times=2),
    ):
        assert made[0].tolist() == line[0].tolist()
        assert made[-1].tolist() == line[-1].tolist()


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=60), st.integers(0, 200_000))
def test_households_are_all_given_out(people: list[int], total: int) -> None:
    made = households_of(np.array(people, dtype=float), households=total)
    assert made.sum() == total
    assert (np.abs(made - np.array(people) / sum(people) * total) < 1).all()


@given(st.integers(0, 5000), st.integers(1, 20))
def test_villages_share_all_households(total: int, count: int) -> None:
    sizes = split(total, count, child(3, "s"), first=1.6)
    assert sum(sizes) == total
    assert len(sizes) == count
    assert min(sizes) >= 0


def villages(households: int) -> tuple[list[Village], list[str], list[list[np.ndarray]], np.ndarray]:
    made = [Village(commune=0, number=n, cell=0, urban=False, minority=True, households=households) for n in (1, 2)]
    street = np.array([[540_000.0, 1_590_000.0], [540_400.0, 1_590_000.0]])
    return made, ["23521-01", "23521-02"], [[street], []], np.array([[540_000.0, 1_590_000.0]] * 2)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 400))
def test_addresses_of_any_number_of_households(households: int) -> None:
    made, codes, homes, centres = villages(households)
    frames = list(address_rows(made, codes, homes, centres, ["23521"], seed=1))
    rows = pd.concat(frames, ignore_index=True)
    assert rows.columns.tolist() == list(COLUMNS)
    assert rows["id"].is_unique
    assert (rows["kind"] == "household").sum() == 2 * households
    known = rows["address"].dropna()
    assert known.is_unique
    assert known.str.fullmatch("23521[0-9]{5}").all()
    assert (rows["has_code"].isin([True]) == rows["address"].notna()).all()


def test_a_commune_runs_out_of_numbers_at_100_000() -> None:
    made, codes, homes, centres = villages(200_000)
    rows = pd.concat(address_rows(made, codes, homes, centres, ["23521"], seed=1), ignore_index=True)
    assert rows["address"].nunique() == 100_000
    assert (rows["has_code"].isin([True]) == rows["address"].notna()).all()
    assert rows.loc[rows["address"].isna(), "notified_on"].isna().all()


def test_large_samples_go_to_geoparquet_parts_village_by_village(tmp_path: Path) -> None:
    made, codes, homes, centres = villages(300)
    frames = list(address_rows(made, codes, homes, centres, ["23521"], seed=1))
    paths = write_parquet(tmp_path, "dia_chi_so", iter(frames), rows_per_part=100)
    assert [path.name for path in paths] == ["dia_chi_so-001.parquet", "dia_chi_so-002.parquet"]
    rows = pd.concat([gpd.read_parquet(path) for path in paths], ignore_index=True)
    whole_frame = pd.concat(frames, ignore_index=True)
    assert rows["id"].tolist() == whole_frame["id"].tolist()
    assert rows["lon"].isna().tolist() == rows.geometry.isna().tolist()
    located = rows[rows["lon"].notna()]
    assert located.geometry.x.tolist() == located["lon"].tolist()


def test_files_are_the_same_every_time_and_whole_or_absent(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"code": ["23521"], "name": ["Xã Hà Mòn"], "as_of": [date(2025, 6, 30)], "tier": ["ntm"], "tc1": [None]}
    )
    for name in ("a", "b"):
        write_csv(tmp_path / f"{name}.csv", "commune_status", [frame])
        write_csv(tmp_path / f"{name}.csv.gz", "commune_status", [frame])
        write_xlsx(tmp_path / f"{name}.xlsx", "commune_status", frame, sheet="Kết quả")
        write_geojson(tmp_path / f"{name}.geojson", "x", [({"name": "Đắk"}, shapely.Point(107.5, 14.25))])
    for suffix in ("csv", "csv.gz", "xlsx", "geojson"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert text == "Mã xã,Xã,Thời điểm số liệu,Kết quả,Tiêu chí 1\n23521,Xã Hà Mòn,2025-06-30,Đạt chuẩn NTM,\n"
    before = (tmp_path / "a.csv").read_bytes()
    with pytest.raises(KeyError):
        write_csv(tmp_path / "a.csv", "commune_status", [frame, frame.rename(columns={"tier": "no such field"})])
    assert (tmp_path / "a.csv").read_bytes() == before
    assert not list(tmp_path.glob(".*"))
