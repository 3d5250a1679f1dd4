"""The workspace: a folder with `ntmgis.toml` and `data/`, read into one frozen configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

__all__ = ["Limits", "Province", "Source", "Workspace"]


@dataclass(frozen=True, slots=True)
class Province:
    """The province the workspace is about; `code` as valid on `build.as_of`."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """One input file (or one layer or sheet of it) and how to read it.

    table     id of the table in the data contract
    path      absolute
    epoch     a day inside the boundary epoch whose unit codes and names the file uses; None: the day of `as_of`
    as_of     date of the data; a column `as_of` in the file overrides it row by row
    layer     layer of a geographic file or sheet of a workbook; None: the only or first one
    encoding  None: found by looking
    crs       states the CRS of a file that has none (or a wrong one); None: as the file says
    fields    our field name → column in the file; fields not named here are found by title and aliases
    values    our field name → one value for every row of the file ("criteria_set" → "2016-2020")
    """

    id: str
    table: str
    path: Path
    epoch: date | None = None
    as_of: date | None = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    fields: Mapping[str, str] | None = None
    values: Mapping[str, str] | None = None
    title: str = ""
    origin: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances in metres within which a household counts as served, by layer. Ours, not a norm; every product says so."""

    road: float = 500.0
    water_supply: float = 1000.0
    waste_point: float = 1000.0


@dataclass(frozen=True, slots=True)
class Workspace:
    """`ntmgis.toml`, checked.

    root        absolute path of the folder
    as_of       the date the main products show; its epoch is the epoch of the boundaries
    also        further dates, each with products of its own
    periods     reporting dates for trends
    metric_crs  lengths, areas, distances and paper maps use it
    sample      the data are a sample: every product says so
    plan        TOML of the plan; None: Plan 305 as shipped
    aliases     workspace alias file, beside the shipped one
    agency      name of the office in the title block ("Đơn vị lập")
    """

    root: Path
    province: Province
    as_of: date
    metric_crs: str
    sources: tuple[Source, ...]
    also: tuple[date, ...] = ()
    periods: tuple[date, ...] = ()
    sample: bool = False
    plan: Path | None = None
    aliases: Path | None = None
    agency: str = ""
    limits: Limits = Limits()
    products: tuple[str, ...] = ("html", "pdf", "png", "xlsx", "gpkg")
