"""Relief that a person can check: flat ground is clear, slopes to the north-west are light, the others dark."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from ntmgis.show.web.terrain import relief, shade

BOUNDS = (107.5, 14.0, 108.5, 15.0)


def test_flat_ground_has_no_shade_and_slopes_follow_the_light() -> None:
    assert np.array_equal(shade(np.full((4, 5), 700.0, dtype="float32"), 90.0), np.zeros((4, 5)))
    row = np.arange(5, dtype="float32") * 50
    rising_east = np.tile(row, (5, 1))  # faces west, towards the light
    rising_south = np.tile(row[:, None], (1, 5))  # faces north, towards the light
    assert (shade(rising_east, 90.0) > 0).all()
    assert (shade(rising_south, 90.0) > 0).all()
    assert (shade(-rising_east, 90.0) < 0).all()
    assert (shade(-rising_south, 90.0) < 0).all()


def write(path: Path, heights: np.ndarray, nodata: float = -32768) -> Path:
    rows, columns = heights.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(1 / columns, 0, BOUNDS[0], 0, -1 / rows, BOUNDS[3]),
        nodata=nodata,
    ) as file:
        file.write(heights.astype("float32"), 1)
    return path


def test_the_picture_is_clear_where_flat_light_and_dark_beside_a_ridge(tmp_path: Path) -> None:
    columns = np.arange(200)
    ridge = np.tile(np.where(np.abs(columns - 100) < 40, (40 - np.abs(columns - 100)) * 500.0, 0.0), (200, 1))
    made = relief(write(tmp_path / "dem.tif", ridge), BOUNDS)
    assert made is not None
    assert made.bounds == BOUNDS
    picture = Image.open(BytesIO(made.png)).convert("RGBA")
    assert max(picture.size) == 480
    middle = picture.height // 2
    tones = [picture.getpixel((round(part * picture.width), middle)) for part in (0.1, 0.4, 0.6, 0.9)]
    assert tones[0][3] == tones[3][3] == 0
    assert tones[1][:3] == (255, 255, 255)
    assert tones[1][3] > 20
    assert tones[2][:3] == (0, 0, 0)
    assert tones[2][3] > 20


def test_same_raster_same_bytes_and_nothing_from_nothing(tmp_path: Path) -> None:
    rough = np.add.outer(np.arange(50), np.arange(50)) % 7 * 100.0
    path = write(tmp_path / "dem.tif", rough)
    assert relief(path, BOUNDS) == relief(path, BOUNDS)
    empty = write(tmp_path / "empty.tif", np.full((20, 20), -32768.0))
    assert relief(empty, BOUNDS) is None


@pytest.mark.parametrize("content", [b"", b"not a raster"])
def test_a_page_with_a_broken_raster_has_no_relief_and_no_error(tmp_path: Path, content: bytes) -> None:
    import tiny
    import tiny_facts

    from ntmgis.show.web.page import status_page

    path = tmp_path / "dem.tif"
    path.write_bytes(content)
    snapshot = tiny.snapshot(rasters={"terrain": path})
    assert status_page(snapshot, tiny_facts.facts()) == status_page(tiny.snapshot(), tiny_facts.facts())
