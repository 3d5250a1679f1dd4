"""The workspace: a folder with `ntmgis.toml` and `data/`, read into one frozen configuration."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ntmgis.errors import NONE_NEAR, Problem, UsageError, no_file, problem
from ntmgis.programme.tables import tables, values

__all__ = ["CONFIG_NAME", "Limits", "Province", "Source", "Workspace", "load_workspace", "nearest", "no_workspace"]


@dataclass(frozen=True, slots=True)
class Province:
    """The province the workspace is about; `code` as valid on `build.as_of`.

    `name_after_merger`: what the same area is called on dates from 1 July 2025, when provinces were merged; empty:
    the same name.
    """

    code: str
    name: str
    name_after_merger: str = ""


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
    blank     what an empty cell of a criterion means: a state of a criterion ("not_met"), or "unknown"; None: what the
              note of the sheet says, else unknown
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
    blank: str | None = None
    title: str = ""
    origin: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances in metres within which a household counts as served. Ours, not a norm: every product states them."""

    road: float = 500.0
    water_supply: float = 1000.0
    waste_point: float = 1000.0


# No household is "near" a work that is farther than a district is wide.
FARTHEST_M = 100_000
DEFAULT_STORE = "store/ntmgis.gpkg"


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
    thresholds  TOML of the thresholds the office knows, with their source, beside the shipped ones
    style       TOML of fonts, colours, title block and signatures of printed maps
    agency      name of the office in the title block ("Đơn vị lập")
    store       where accepted rows are kept: path of a GeoPackage, or URL of a PostGIS database (without password)
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
    thresholds: Path | None = None
    style: Path | None = None
    agency: str = ""
    limits: Limits = Limits()
    products: tuple[str, ...] = ("html", "pdf", "png", "xlsx", "gpkg", "review")
    store: str = DEFAULT_STORE


CONFIG_NAME = "ntmgis.toml"
PRODUCT_KINDS = ("html", "pdf", "png", "xlsx", "gpkg", "review")


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of ntmgis.toml: the Python types it takes and how a user calls them."""

    types: tuple[type, ...]
    words: str
    required: bool = False  # a required text is not blank either
    allowed: tuple[str, ...] | None = None


_TEXT = _Key((str,), "chữ trong ngoặc kép")
_DAY = _Key((date,), "ngày dạng 2025-06-30, không có ngoặc kép")
_DAYS = _Key((list,), "danh sách ngày dạng [2024-12-31, 2025-06-30]")
_NUMBER = _Key((int, float), "số")
_TABLE = _Key((dict,), "bảng khoá = giá trị")


def _required(key: _Key) -> _Key:
    return replace(key, required=True)


def _keys() -> dict[str, dict[str, _Key]]:
    kinds = tuple(tables())
    return {
        "": {
            "province": _required(_TABLE),
            "build": _required(_TABLE),
            "limits": _TABLE,
            "source": _Key((list,), "một hay nhiều mục [[source]]", required=True),
        },
        "province": {"code": _required(_TEXT), "name": _required(_TEXT), "name_after_merger": _TEXT},
        "build": {
            "as_of": _required(_DAY),
            "also": _DAYS,
            "periods": _DAYS,
            "metric_crs": _TEXT,
            "sample": _Key((bool,), "true hoặc false"),
            "plan": _TEXT,
            "aliases": _TEXT,
            "thresholds": _TEXT,
            "style": _TEXT,
            "agency": _TEXT,
            "store": _TEXT,
            "products": _Key((list,), f"danh sách trong số {', '.join(PRODUCT_KINDS)}"),
        },
        "limits": {"road": _NUMBER, "water_supply": _NUMBER, "waste_point": _NUMBER},
        "source": {
            "id": _required(_TEXT),
            "table": replace(_TEXT, required=True, allowed=kinds),
            "path": _required(_TEXT),
            "epoch": _DAY,
            "as_of": _DAY,
            "layer": _TEXT,
            "encoding": _TEXT,
            "crs": _TEXT,
            "fields": _TABLE,
            "values": _TABLE,
            "blank": replace(_TEXT, allowed=("unknown", *values("criterion_state"))),
            "title": _TEXT,
            "origin": _TEXT,
            "licence": _TEXT,
        },
    }


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, or "không có" when none is near."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.5)), NONE_NEAR)


class _Checker:
    """Walks the parsed TOML and gathers every fault."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, code: str, where: str, value: object = None, **words: Any) -> None:
        self.problems.append(problem(code, file=self.file.name, column=where, value=value, **words))

    def table(self, entry: Mapping[str, Any], keys: Mapping[str, _Key], prefix: str) -> dict[str, Any]:
        """The entries of known keys and right types; the rest becomes faults."""
        good: dict[str, Any] = {}
        for name, value in entry.items():
            where = f"{prefix}{name}"
            key = keys.get(name)
            if key is None:
                self.fault("E-CONFIG-KEY", where, nearest=nearest(name, keys), known=", ".join(keys))
            elif not self._fits(value, key):
                self.fault("E-CONFIG-TYPE", where, value, expected=key.words)
            elif key.required and isinstance(value, str) and not value.strip():
                self.fault("E-CONFIG-BLANK", where)
            elif key.allowed is not None and value not in key.allowed:
                allowed = ", ".join(key.allowed)
                self.fault("E-CONFIG-VALUE", where, value, allowed=allowed, nearest=nearest(value, key.allowed))
            else:
                good[name] = value
        for name, key in keys.items():
            if key.required and name not in entry:
                self.fault("E-CONFIG-REQUIRED", f"{prefix}{name}")
        return good

    @staticmethod
    def _fits(value: object, key: _Key) -> bool:
        # TOML's true is an int and its date-time a date for Python, but not for a user.
        if isinstance(value, bool):
            return bool in key.types
        if isinstance(value, datetime):
            return False
        return isinstance(value, key.types)

    def store(self, value: str) -> None:
        """A path, or the URL of a database; a password has no place in this file, nor in what is said about it."""
        scheme, separator, rest = value.partition("://")
        if not separator:
            return
        host, _, options = rest.partition("?")
        if ":" in host.rpartition("@")[0] or "password=" in options:
            self.fault("E-DB-SECRET", "build.store")
        elif scheme.partition("+")[0] not in {"postgresql", "postgres"}:
            self.fault("E-DB-URL", "build.store", value)

    def metric(self, value: str) -> None:
        """Lengths, areas and scales are taken in this system: it must be a plane one in metres."""
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            crs = CRS.from_user_input(value)
        except CRSError:
            crs = None
        if crs is None or not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
            self.fault(
                "E-CONFIG-TYPE", "build.metric_crs", value, expected="hệ toạ độ phẳng tính bằng mét, ví dụ EPSG:9216"
            )

    def province(self, code: str | None, sources: Sequence[object]) -> None:
        """A province that ntmgis knows; with a list of units of its own the workspace may be about any other."""
        from ntmgis.units.reference import provinces

        if code is None:  # told already
            return
        own = any(isinstance(source, dict) and source.get("table") == "unit_list" for source in sources)
        if not own and code not in provinces():
            known = ", ".join(f"{number} {name}" for number, name in provinces().items())
            self.fault("E-PROVINCE-CODE", "province.code", code, known=known)
        elif not re.fullmatch(r"[0-9]{2}", code):
            self.fault("E-PROVINCE-DIGITS", "province.code", code)

    def one_file(self, path: Path, where: str) -> None:
        """A folder is no source, but for a FileGDB; whether a file is there at all is asked when it is read."""
        if path.suffix.lower() != ".gdb" and path.is_dir():
            self.problems.append(no_file(path, file=self.file.name, column=where))

    def days(self, value: Sequence[object], where: str) -> tuple[date, ...]:
        for entry in value:
            if not isinstance(entry, date) or isinstance(entry, datetime):
                self.fault("E-CONFIG-TYPE", where, entry, expected=_DAYS.words)
        return tuple(sorted({entry for entry in value if isinstance(entry, date)}))

    def words(self, value: Mapping[str, object], where: str) -> dict[str, str]:
        for name, word in value.items():
            if not isinstance(word, str):
                self.fault("E-CONFIG-TYPE", f"{where}.{name}", word, expected=_TEXT.words)
        return {name: str(word) for name, word in value.items()}

    def fields(self, source: Mapping[str, Any], where: str) -> None:
        """The names on the left of `fields` and `values` must be fields of the table."""
        spec = tables().get(str(source.get("table")))
        if spec is None:
            return
        known = [field.name for field in spec.fields]
        for group in ("fields", "values"):
            for name in source.get(group, {}):
                if name not in known:
                    self.fault(
                        "E-CONFIG-KEY", f"{where}{group}.{name}", nearest=nearest(name, known), known=", ".join(known)
                    )


def no_workspace(folder: str | Path) -> Problem:
    """Why `folder` is no workspace."""
    path = Path(folder)
    if path.is_file():
        why = "đây là một tệp; thư mục làm việc là thư mục có tệp ntmgis.toml"
    elif path.is_dir():
        why = "thư mục này không có ntmgis.toml nên không phải là một thư mục làm việc"
    else:
        why = "không có thư mục này"
    return problem("E-WORKSPACE-MISSING", file=folder, why=why)


def load_workspace(folder: str | Path) -> Workspace:
    """The checked configuration of the workspace `folder`. UsageError lists every fault of ntmgis.toml."""
    root = Path(folder).resolve()
    file = root / CONFIG_NAME
    if not file.is_file():
        raise UsageError(no_workspace(folder))
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(problem("E-CONFIG-SYNTAX", file=file.name, reason=error)) from error
    check = _Checker(file)
    keys = _keys()
    top = check.table(raw, keys[""], "")
    province = check.table(top.get("province", {}), keys["province"], "province.")
    check.province(province.get("code"), top.get("source", []))
    build = check.table(top.get("build", {}), keys["build"], "build.")
    limits = check.table(top.get("limits", {}), keys["limits"], "limits.")
    sources = _sources(check, top.get("source", []), keys["source"], root)
    for kind in build.get("products", ()):
        if kind not in PRODUCT_KINDS:
            check.fault(
                "E-CONFIG-VALUE",
                "build.products",
                kind,
                allowed=", ".join(PRODUCT_KINDS),
                nearest=nearest(str(kind), PRODUCT_KINDS),
            )
    check.store(build.get("store", DEFAULT_STORE))
    also = check.days(build.get("also", ()), "build.also")
    periods = check.days(build.get("periods", ()), "build.periods")
    for name, metres in limits.items():
        if not 0 < metres <= FARTHEST_M:  # also false for TOML's nan
            check.fault("E-CONFIG-TYPE", f"limits.{name}", metres, expected=f"số mét từ trên 0 đến {FARTHEST_M}")
    check.metric(build.get("metric_crs", "EPSG:9216"))
    for name in ("plan", "thresholds", "style"):
        path = _path(root, build.get(name))
        if path is not None and not path.is_file():
            check.problems.append(no_file(path, column=f"build.{name}"))
    if check.problems:
        raise UsageError(check.problems)
    return Workspace(
        root=root,
        province=Province(**province),
        as_of=build["as_of"],
        also=tuple(day for day in also if day != build["as_of"]),
        periods=periods,
        metric_crs=build.get("metric_crs", "EPSG:9216"),
        sample=build.get("sample", False),
        plan=_path(root, build.get("plan")),
        aliases=_path(root, build.get("aliases")),
        thresholds=_path(root, build.get("thresholds")),
        style=_path(root, build.get("style")),
        agency=build.get("agency", ""),
        store=build.get("store", DEFAULT_STORE),
        limits=Limits(**{name: float(metres) for name, metres in limits.items()}),
        products=tuple(build.get("products", PRODUCT_KINDS)),
        sources=sources,
    )


def _path(root: Path, value: str | None) -> Path | None:
    return None if value is None else root / value


def _sources(check: _Checker, entries: Sequence[object], keys: Mapping[str, _Key], root: Path) -> tuple[Source, ...]:
    made: list[Source] = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            check.fault("E-CONFIG-TYPE", f"source[{number}]", entry, expected="một mục [[source]]")
            continue
        where = f"source[{entry.get('id', number)}]."
        before = len(check.problems)
        good = check.table(entry, keys, where)
        for group in ("fields", "values"):
            if group in good:
                good[group] = check.words(good[group], where + group)
        check.fields(good, where)
        if "path" in good:
            check.one_file(root / good["path"], f"{where}path")
        if good.get("id") in {source.id for source in made}:
            check.fault("E-CONFIG-DUPLICATE", f"{where}id", good["id"])
        if len(check.problems) == before:
            made.append(Source(**{**good, "path": root / good["path"]}))
    return tuple(made)
