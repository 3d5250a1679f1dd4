"""One layer through GDAL, by the one driver allowed, with its faults in our words."""

import codecs
import sqlite3
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import reason, unreadable

__all__ = ["FAULTS", "Layered", "read_layer"]

# All that reading through GDAL is known to raise for a file that is not as it should be.
FAULTS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    RuntimeError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    MemoryError,
    sqlite3.Error,
)


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """Geometries (None where there is none or it cannot be decoded), columns by name, what the reader warned of."""

    shapes: "npt.NDArray[np.object_]"
    columns: "dict[str, npt.NDArray[Any]]"
    notes: tuple[str, ...]


def read_layer(
    path: Path,
    *,
    driver: str,
    layer: str | None = None,
    sql: str | None = None,
    encoding: str | None = None,
    options: dict[str, str] | None = None,
) -> Layered:
    """The named layer or the outcome of `sql`. Text that is not UTF-8 comes byte by byte (Latin-1), as found.

    InputError when GDAL cannot read the file or another driver than `driver` would.
    """
    if "!" in str(path):
        raise unreadable(path, "đường dẫn có dấu “!”, thư viện đọc tệp hiểu nhầm là tệp nén; đổi tên thư mục hoặc tệp")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise InputError(problem("E-ENCODING-UNKNOWN", file=path.name, value=encoding)) from None
    more: dict[str, Any] = {"sql": sql} if sql else {"layer": layer}
    more |= {"force_2d": True, **(options or {})}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pyogrio.read_info(path, encoding="ISO-8859-1")["driver"]
        if found != driver:
            raise unreadable(path, f"nội dung là dữ liệu {found}, không phải {driver}")
        with warnings.catch_warnings(record=True) as record:
            warnings.simplefilter("always")
            try:
                meta, _, wkb, columns = pyogrio.raw.read(path, encoding=encoding, **more)
            except UnicodeDecodeError:
                meta, _, wkb, columns = pyogrio.raw.read(path, encoding="ISO-8859-1", **more)
    except InputError:
        raise
    except FAULTS as error:
        raise unreadable(path, reason(error, path)) from error
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are found and named later
        shapes = np.asarray(shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore")), dtype=object)
    notes = dict.fromkeys(" ".join(str(one.message).replace(str(path), path.name).split())[:200] for one in record)
    return Layered(shapes, dict(zip(map(str, meta["fields"]), columns, strict=True)), tuple(notes))
