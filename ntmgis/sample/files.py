"""Writing the sample: whole files or none, and the same bytes every time."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
import xlsxwriter
from shapely.geometry.base import BaseGeometry

from ntmgis.programme.tables import Field, table, values
from ntmgis.sample.grid import CRS, Grid

__all__ = ["whole", "write_csv", "write_geojson", "write_parquet", "write_raster", "write_text", "write_xlsx"]

EPOCH_OF_FILES = datetime(2025, 1, 1)  # noqa: DTZ001 - xlsx stores times without a zone


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, renamed to it when the block ends well and removed when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """`text` as UTF-8 with Unix line ends."""
    with whole(path) as part:
        part.write_bytes(text.encode("utf-8"))
    return path


def write_geojson(path: Path, name: str, features: Iterable[tuple[Mapping[str, object], BaseGeometry]]) -> Path:
    """Features in EPSG:4326, one a line, coordinates as they are (already rounded)."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": dict(properties), "geometry": _plain(geometry)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, geometry in features
    ]
    head = f'{{"type":"FeatureCollection","name":{json.dumps(name)},"features":[\n'
    return write_text(path, head + ",\n".join(lines) + "\n]}\n")


def _plain(geometry: BaseGeometry) -> dict[str, object]:
    if geometry.geom_type == "Polygon":
        # RFC 7946: the outer ring runs against the clock.
        geometry = shapely.orient_polygons(geometry)
    return dict(shapely.geometry.mapping(geometry))


def _cell(field: Field, value: object) -> object:
    """One value as an office writes it in a table: Vietnamese words, ISO dates, blank for unknown."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    allowed = field.values  # noqa: PD011 - a Field, no frame
    if allowed is not None:
        return values(allowed)[str(value)].vi
    if field.type == "bool":
        return "có" if value else "không"
    if field.type in {"integer", "year"}:
        return int(str(value).split(".")[0])
    if isinstance(value, np.generic):
        return value.item()
    return value


def _table(table_id: str, frame: pd.DataFrame) -> tuple[list[Field], list[list[object]]]:
    fields = [table(table_id).field(str(name)) for name in frame.columns]
    columns = [
        [_cell(field, value) for value in frame[name].astype(object)]
        for field, name in zip(fields, frame.columns, strict=True)
    ]
    return fields, [list(row) for row in zip(*columns, strict=True)]


def write_csv(path: Path, table_id: str, frames: Iterable[pd.DataFrame]) -> Path:
    """The frames under one Vietnamese header; UTF-8 with BOM so that Excel reads it; gzip when the name ends in gz."""
    with whole(path) as part, part.open("wb") as raw:
        packed = gzip.GzipFile("", "wb", 9, raw, mtime=0) if path.suffix == ".gz" else raw
        text = io.TextIOWrapper(packed, encoding="utf-8", newline="")
        if path.suffix != ".gz":
            text.write("\ufeff")
        writer = csv.writer(text, lineterminator="\n")
        first = True
        for frame in frames:
            fields, rows = _table(table_id, frame)
            if first:
                writer.writerow([field.title_vi for field in fields])
                first = False
            writer.writerows(["" if value is None else str(value) for value in row] for row in rows)
        text.flush()
        text.detach()
        if packed is not raw:
            packed.close()
    return path


def write_xlsx(path: Path, table_id: str, frame: pd.DataFrame, *, sheet: str) -> Path:
    """The frame as a workbook with one sheet, Vietnamese header, codes as text, dates as dates."""
    fields, rows = _table(table_id, frame)
    with whole(path) as part:
        book = xlsxwriter.Workbook(str(part))
        book.set_properties({"title": "Dữ liệu minh hoạ", "created": EPOCH_OF_FILES})
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row(0, 0, [field.title_vi for field in fields], bold)
        for n, row in enumerate(rows, start=1):
            for col, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(n, col, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif isinstance(value, int | float):
                    page.write_number(n, col, value)
                elif value is not None:
                    page.write_string(n, col, str(value))
        page.freeze_panes(1, 2)
        page.set_column(0, len(fields) - 1, 12)
        page.set_column(1, 2, 22)
        book.close()
    return path


def write_raster(path: Path, grid: Grid, array: np.ndarray, *, nodata: int, note: str) -> Path:
    """`array` (int16) on `grid` as a compressed GeoTIFF in EPSG:9216."""
    with whole(path) as part:
        profile = {
            "driver": "GTiff",
            "height": grid.rows,
            "width": grid.cols,
            "count": 1,
            "dtype": "int16",
            "crs": CRS,
            "transform": rasterio.Affine(grid.cell, 0.0, grid.west, 0.0, -grid.cell, grid.north),
            "nodata": nodata,
            "compress": "deflate",
            "predictor": 2,
            "zlevel": 9,
            "tiled": True,
            "blockxsize": 256,
            "blockysize": 256,
        }
        with rasterio.open(part, "w", **profile) as out:
            out.write(array.astype(np.int16), 1)
            out.update_tags(TIFFTAG_IMAGEDESCRIPTION=note)
    return path


def write_parquet(folder: Path, stem: str, frames: Iterable[pd.DataFrame], *, rows_per_part: int) -> Sequence[Path]:
    """The address frames as GeoParquet files of about `rows_per_part` rows; only one village is in memory at a time."""
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
    }
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("address", pa.string()),
            ("kind", pa.string()),
            ("has_code", pa.bool_()),
            ("notified_on", pa.date32()),
            ("plated_on", pa.date32()),
            ("village_code", pa.string()),
            ("lon", pa.float64()),
            ("lat", pa.float64()),
            ("geometry", pa.binary()),
        ],
        metadata={"geo": json.dumps(geo, separators=(",", ":"))},
    )
    made: list[Path] = []
    rest = iter(frames)
    frame = next(rest, None)
    while frame is not None:
        path = folder / f"{stem}-{len(made) + 1:03d}.parquet"
        with whole(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as out:
            rows = 0
            while frame is not None and rows < rows_per_part:
                lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
                points = np.empty(len(frame), dtype=object)
                points[:] = shapely.to_wkb(shapely.points(lon, lat))
                points[np.isnan(lon)] = None
                columns = [
                    pa.array(frame[name], from_pandas=True, type=schema.field(name).type) for name in frame.columns
                ]
                out.write_table(pa.Table.from_arrays([*columns, pa.array(points, pa.binary())], schema=schema))
                rows += len(frame)
                frame = next(rest, None)
        made.append(path)
    return made
