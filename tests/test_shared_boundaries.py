"""Two boundary sources of one epoch: told when they claim the same units, quiet when they share the land."""

from pathlib import Path

import geopandas as gpd
import pytest
import tiny

from ntmgis.check import check_workspace
from ntmgis.errors import Problem

MORE = """
[[source]]
id = "{id}"
table = "unit"
path = "data/{id}.geojson"
epoch = {epoch}
"""


def add(home: Path, *, codes: list[str], epoch: str = "2025-06-30") -> list[Problem]:
    """A second source with the boundaries of `codes`, and what `check` says of the two."""
    units = gpd.read_file(home / "data" / "xa.geojson")
    units[units["code"].isin(codes)].to_file(home / "data" / "khac.geojson", driver="GeoJSON")
    config = home / "ntmgis.toml"
    config.write_text(config.read_text(encoding="utf-8") + MORE.format(id="khac", epoch=epoch), encoding="utf-8")
    return [one for one in check_workspace(home).problems if one.code == "W-BOUNDARY-TWICE"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny.write_workspace(tmp_path / "w", kinds=("xlsx",))


def test_both_sources_and_the_one_drawn_are_named(home: Path) -> None:
    (one,) = add(home, codes=["10001", "10002"])
    assert one.severity == "warning"
    assert "cùng có 2 đơn vị, ví dụ 10001" in one.rule
    assert "khac và xa" in one.rule
    assert one.rule.endswith("được vẽ theo khac")


def test_the_other_epoch_is_another_matter(home: Path) -> None:
    assert add(home, codes=["10001"], epoch="2025-07-01") == []


def test_sources_that_share_the_land_are_right(home: Path) -> None:
    assert add(home, codes=["10001"])
    units = gpd.read_file(home / "data" / "xa.geojson")
    units[units["code"].ne("10001")].to_file(home / "data" / "xa.geojson", driver="GeoJSON")
    assert not [one for one in check_workspace(home).problems if one.code == "W-BOUNDARY-TWICE"]
