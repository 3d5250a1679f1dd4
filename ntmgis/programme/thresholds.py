"""Thresholds for one commune: those shipped, those an office states with its source, and what is still unknown.

Nothing is assumed: a criterion without a figure from a text has no threshold.

The office's file (TOML), named in `ntmgis.toml` as `[build] thresholds = "data/plan/nguong.toml"`:

    units_on = 2025-06-30                  # the codes below are of this day (needed with [[commune]])

    [[threshold]]
    set = "2021-2025"
    criterion = 10
    indicator = "10"
    vi = "Thu nhập bình quân đầu người"
    column = "tay_nguyen"                  # or left out: for all columns
    at_least = 45                          # or at_most
    unit = "triệu đồng/người/năm"          # left out: a share, 0 to 1
    year = 2024                            # where the figure changes every year
    basis = "Quyết định ..., Phụ lục ..."  # where it stands

    [[commune]]
    code = "23521"
    set = "2021-2025"
    specially_difficult = false            # or column = "tay_nguyen"
    basis = "Quyết định ..."
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ntmgis.programme.checked import (
    DAY,
    FLAG,
    LEAST,
    NUMBER,
    TABLES,
    TEXT,
    YEAR,
    Key,
    Reader,
    one_of,
    read_text,
    required,
)
from ntmgis.programme.criteria import ALL_SETS, CRITERIA_SETS, Threshold, criteria_set

__all__ = [
    "CommuneColumn",
    "OfficeThresholds",
    "Thresholds",
    "all_thresholds",
    "column_of",
    "group_of",
    "load_thresholds",
    "thresholds_for",
]

DIFFICULT = "trung_du_mien_nui_phia_bac"
_SHARE = "tỷ lệ"
_AREAS = ("I", "II", "III")

_TOP = {"schema": LEAST, "units_on": DAY, "threshold": TABLES, "commune": TABLES}
_THRESHOLD = {
    "set": required(one_of(ALL_SETS)),
    "criterion": required(LEAST),
    "indicator": required(TEXT),
    "vi": required(TEXT),
    "en": TEXT,
    "column": TEXT,
    "at_least": NUMBER,
    "at_most": NUMBER,
    "unit": TEXT,
    "year": YEAR,
    "basis": required(TEXT),
}
_COMMUNE = {
    "code": required(Key((str,), "mã năm chữ số trong ngoặc kép", lambda value: len(value) == 5 and value.isdecimal())),
    "set": required(one_of(CRITERIA_SETS)),
    "column": TEXT,
    "region": TEXT,
    "specially_difficult": FLAG,
    "safe_zone_of_poor_district": FLAG,
    "khu_vuc": one_of(_AREAS),
    "urbanising": FLAG,
    "planned_town": FLAG,
    "farm_share": Key((int, float), "tỷ lệ từ 0 đến 1", lambda value: 0 <= value <= 1),
    "basis": required(TEXT),
}


@dataclass(frozen=True, slots=True)
class CommuneColumn:
    """Which column or group one commune goes by, as the office states it; `column` None: not enough is stated."""

    code: str
    set: str
    column: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class OfficeThresholds:
    """What an office states, with its sources. `units_on`: the day whose commune codes `communes` uses."""

    file: str
    thresholds: Mapping[str, tuple[tuple[int, Threshold], ...]]
    communes: tuple[CommuneColumn, ...]
    units_on: date | None

    def column(self, set_id: str, code: str) -> str | None:
        """The column of a commune code of `units_on`; None when the office does not say."""
        return next((one.column for one in self.communes if (one.set, one.code) == (set_id, code)), None)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds for one column and year, by criterion.

    known     criterion number → its thresholds; a figure of the office stands in place of a shipped one
    unknown   criterion numbers without any figure for this column and year
    replaced  shipped figures that the office states otherwise
    """

    set: str
    column: str | None
    year: int | None
    known: Mapping[int, tuple[Threshold, ...]]
    unknown: tuple[int, ...]
    replaced: tuple[Threshold, ...]
    vi: str
    en: str


def thresholds_for(
    set_id: str, column: str | None, year: int | None = None, office: OfficeThresholds | None = None
) -> Thresholds:
    """What is known of the thresholds of a set for communes of one column (None: column not known) in a year.

    A threshold for one column holds for that column only; one of a criterion that changes yearly for its own year
    only. KeyError for a set or column that does not exist.

    >>> found = thresholds_for("2021-2025", "tay_nguyen")
    >>> [t.at_least for t in found.known[3]], len(found.unknown)
    ([0.8], 18)
    """
    set_ = criteria_set(set_id)
    if column is not None:
        set_.column(column)
    shipped = [(one.no, threshold) for one in set_.criteria for threshold in one.thresholds]
    stated = () if office is None else office.thresholds.get(set_id, ())
    own = _narrowest([(no, one) for no, one in stated if _holds(one, column, year)])
    said = {(no, one.indicator) for no, one in own}
    ours = [(no, one) for no, one in shipped if _holds(one, column, year)]
    replaced = tuple(one for no, one in ours if (no, one.indicator) in said)
    known: dict[int, tuple[Threshold, ...]] = {}
    for no, one in sorted([*own, *(pair for pair in ours if (pair[0], pair[1].indicator) not in said)], key=_order):
        known[no] = (*known.get(no, ()), one)
    unknown = tuple(no for no in set_.numbers if no not in known)
    where_vi, where_en = ("chưa rõ cột", "column not known")
    if column is not None:
        where_vi, where_en = set_.column(column).vi, set_.column(column).en
    whole = f"{len(set_.numbers) - len(unknown)}/{len(set_.numbers)}"
    for_vi, for_en = (f", năm {year}", f", {year}") if year else ("", "")
    return Thresholds(
        set=set_id,
        column=column,
        year=year,
        known=known,
        unknown=unknown,
        replaced=replaced,
        vi=f"Bộ {set_id}, {where_vi}{for_vi}: có ngưỡng cho {whole} tiêu chí, còn lại chưa có trong dữ liệu.",
        en=f"Set {set_id}, {where_en}{for_en}: thresholds for {whole} criteria; the rest are not in the data.",
    )


def all_thresholds(set_id: str, year: int, office: OfficeThresholds | None = None) -> dict[int, tuple[Threshold, ...]]:
    """Criterion number → what is known for a year, of every column; figures of the office replace shipped ones."""
    stated = () if office is None else office.thresholds.get(set_id, ())
    shipped = ((one.no, limit) for one in criteria_set(set_id).criteria for limit in one.thresholds)
    own, ours = ([pair for pair in pairs if pair[1].year in {None, year}] for pairs in (stated, shipped))
    said = {(no, one.indicator, one.column) for no, one in own}
    ours = [(no, one) for no, one in ours if (no, one.indicator, one.column) not in said]
    known: dict[int, tuple[Threshold, ...]] = {}
    for no, one in sorted([*own, *ours], key=_order):
        known[no] = (*known.get(no, ()), one)
    return known


def _narrowest(pairs: list[tuple[int, Threshold]]) -> list[tuple[int, Threshold]]:
    """One threshold for each indicator: that for the column before that for all, that for the year before any."""
    ranked = sorted(pairs, key=lambda pair: (pair[1].column != "", pair[1].year is not None))
    return list({(no, one.indicator): (no, one) for no, one in ranked}.values())


def _order(pair: tuple[int, Threshold]) -> tuple[int, str]:
    return pair[0], pair[1].indicator


def _holds(one: Threshold, column: str | None, year: int | None) -> bool:
    return one.column in {"", column} and one.year in {None, year}


def column_of(
    *,
    region: str = "tay_nguyen",
    specially_difficult: bool | None = None,
    safe_zone_of_poor_district: bool | None = None,
) -> str | None:
    """The column of the 2021-2025 table a commune goes by; None while it is not known which rule applies.

    Specially difficult communes, and safe-zone communes of poor districts, go by the northern midlands.

    >>> column_of(specially_difficult=True), column_of(specially_difficult=False, safe_zone_of_poor_district=False)
    ('trung_du_mien_nui_phia_bac', 'tay_nguyen')
    >>> column_of(specially_difficult=False) is None
    True
    """
    exceptions = (specially_difficult, safe_zone_of_poor_district)
    if any(exceptions) or region == DIFFICULT:
        return DIFFICULT
    return region if all(one is False for one in exceptions) else None


def group_of(
    *,
    khu_vuc: str | None = None,
    urbanising: bool | None = None,
    planned_town: bool | None = None,
    farm_share: float | None = None,
) -> str | None:
    """The group of the 2026-2030 set a commune belongs to; None while that is not known.

    urbanising: next to an existing town and to become urban; khu_vuc: "I", "II", "III" of ethnic-minority and mountain
    areas, "" for a commune outside them. A commune of group 1 that is also of khu vực II or III: the summaries do not
    say which goes first, so None.

    >>> group_of(khu_vuc="III", urbanising=False, planned_town=False, farm_share=0.6)
    'nhom_3'
    >>> group_of(khu_vuc="III", farm_share=0.05) is None
    True
    """
    signs = (urbanising, planned_town, None if farm_share is None else farm_share < 0.10)
    first = True if any(signs) else False if all(one is False for one in signs) else None
    third = None if khu_vuc is None else khu_vuc in {"II", "III"}
    if first and third is False:
        return "nhom_1"
    if first is False and third is not None:
        return "nhom_3" if third else "nhom_2"
    return None


def load_thresholds(path: Path) -> OfficeThresholds:
    """The office's file, checked. UsageError lists every fault with its key, value, rule and what to do."""
    reader = Reader(path.name)
    raw = reader.parse(read_text(path))
    top = reader.table(raw, _TOP)
    thresholds = reader.tables(top.get("threshold", ()), _THRESHOLD, "threshold", "indicator")
    communes = reader.tables(top.get("commune", ()), _COMMUNE, "commune", "code")
    for entry in thresholds:
        _check_threshold(reader, entry)
    for entry in communes:
        _check_commune(reader, entry)
    if communes and "units_on" not in top:
        reader.fault("E-TOML-REQUIRED", "units_on")
    names = ("set", "criterion", "indicator", "column", "year")
    reader.once((tuple(one.get(name) for name in names) for one in thresholds), "threshold")
    reader.once(((one["set"], one["code"]) for one in communes), "commune")
    reader.raise_if_any()
    by_set: dict[str, tuple[tuple[int, Threshold], ...]] = {}
    for entry in thresholds:
        rest = {name: value for name, value in entry.items() if name not in {"set", "criterion"}}
        by_set[entry["set"]] = (*by_set.get(entry["set"], ()), (entry["criterion"], Threshold(**rest)))
    return OfficeThresholds(
        file=path.name,
        thresholds=by_set,
        communes=tuple(CommuneColumn(one["code"], one["set"], _column(one), one["basis"]) for one in communes),
        units_on=top.get("units_on"),
    )


def _check_threshold(reader: Reader, entry: Mapping[str, Any]) -> None:
    at = f"threshold {entry['indicator']}"
    set_ = criteria_set(entry["set"])
    if set_.count is not None and entry["criterion"] not in set_.numbers:
        reader.fault("E-THRESHOLD-CRITERION", f"{at}.criterion", entry["criterion"], set=set_.id, count=set_.count)
    _known_column(reader, at, entry)
    limits = [entry[name] for name in ("at_least", "at_most") if name in entry]
    if len(limits) != 1:
        reader.fault("E-THRESHOLD-LIMIT", at)
    elif entry.get("unit", _SHARE) == _SHARE and not 0 <= limits[0] <= 1:
        reader.fault("E-TOML-TYPE", at, limits[0], expected="tỷ lệ từ 0 đến 1; với đơn vị khác thì ghi unit")
    first, last = (int(part) for part in set_.id[:9].split("-"))
    if "year" in entry and not first <= entry["year"] <= last:
        reader.fault("E-TOML-TYPE", f"{at}.year", entry["year"], expected=f"năm từ {first} đến {last}")
    yearly = any(one.no == entry["criterion"] and one.yearly for one in set_.criteria)
    if yearly and "year" not in entry:
        reader.fault("E-TOML-REQUIRED", f"{at}.year")


def _known_column(reader: Reader, at: str, entry: Mapping[str, Any], key: str = "column") -> None:
    known = [one.id for one in criteria_set(entry["set"]).columns]
    if key in entry and entry[key] not in known:
        reader.fault("E-THRESHOLD-COLUMN", f"{at}.{key}", entry[key], known=", ".join(known) or "không có cột nào")


_FACTS = {
    "2021-2025": ("region", "specially_difficult", "safe_zone_of_poor_district"),
    "2026-2030": ("khu_vuc", "urbanising", "planned_town", "farm_share"),
}


def _check_commune(reader: Reader, entry: Mapping[str, Any]) -> None:
    at = f"commune {entry['code']}"
    _known_column(reader, at, entry)
    _known_column(reader, at, entry, "region")
    given = set(entry) - {"code", "set", "basis", "column"}
    own = _FACTS.get(entry["set"], ())
    for name in sorted(given - set(own)):
        reader.fault("E-TOML-VALUE", f"{at}.{name}", entry[name], allowed=", ".join(("column", *own)), nearest="column")
    if ("column" in entry) == bool(given):
        reader.fault("E-THRESHOLD-COMMUNE", at, facts=", ".join(own))


def _column(entry: Mapping[str, Any]) -> str | None:
    if "column" in entry:
        return str(entry["column"])
    facts = {name: entry[name] for name in _FACTS[entry["set"]] if name in entry}
    return column_of(**facts) if entry["set"] == "2021-2025" else group_of(**facts)
