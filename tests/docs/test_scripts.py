"""The scripts that analysts copy: they run on the tiny workspace and give the figures of the drawing."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import tiny


def script(repository: Path, name: str) -> Callable[[Path], Path]:
    spec = importlib.util.spec_from_file_location(f"script_{name}", repository / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[[Path], Path] = module.main
    return main


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_workspace(tmp_path_factory.mktemp("scripts") / "w")


def test_status_csv_has_every_commune_and_its_tier(repository: Path, home: Path) -> None:
    table = pd.read_csv(script(repository, "export_status_csv")(home), dtype={"code": str}).set_index("code")
    assert list(table.index) == list(tiny.CELLS)
    assert table["tier"].to_dict() == {**tiny.TIERS, "10005": "not_reported", "10006": "not_applicable"}
    assert table.loc["10005", "tier_vi"] == "Chưa có số liệu"
    assert pd.isna(table.loc["10005", "criteria_met"])
    assert table.loc["10001", "road_km"] == pytest.approx(20, rel=1e-3)


def test_road_lengths_are_those_of_the_drawing(repository: Path, home: Path) -> None:
    table = pd.read_csv(script(repository, "road_lengths_by_class")(home), dtype={"code": str}).set_index("code")
    national, village = table["quốc lộ (km)"], table["đường thôn (km)"]
    assert national.dropna().to_dict() == pytest.approx({"10001": 10, "10002": 10, "10005": 10}, rel=1e-3)
    assert village.dropna().to_dict() == pytest.approx({"10001": 10, "10003": 10}, rel=1e-3)
    assert "10006" not in table.index
