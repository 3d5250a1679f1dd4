"""What all tests share: where the real files are, and one line that says which libraries ran."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing about right or wrong, least of all on a busy machine.
settings.register_profile("ntmgis", deadline=None)
settings.load_profile("ntmgis")

ROOT = Path(__file__).resolve().parents[1]


def pytest_report_header() -> str:
    import geopandas
    import pyogrio
    import pyproj
    import shapely

    return (
        f"geopandas {geopandas.__version__}, shapely {shapely.__version__} (GEOS {shapely.geos_version_string}), "
        f"pyogrio {pyogrio.__version__} (GDAL {pyogrio.__gdal_version_string__}), pyproj {pyproj.__version__}"
    )


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = ROOT.parent / "shared" / "data" / "real"
    if not folder.is_dir():
        pytest.skip(f"real input files are not on this machine: {folder} is missing")
    return folder
