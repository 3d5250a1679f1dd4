"""Criteria sets as versioned data. Counts of different sets are different things and are never compared silently."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal

__all__ = [
    "ALL_SETS",
    "BANDS",
    "CRITERIA_SETS",
    "Certainty",
    "Column",
    "Condition",
    "CriteriaSet",
    "Criterion",
    "Threshold",
    "Withdrawal",
    "as_fraction",
    "band",
    "criteria_set",
    "set_on",
]

# Commune sets, oldest first: what a status may name in `criteria_set`.
CRITERIA_SETS = ("2016-2020", "2021-2025", "2026-2030")
# All shipped sets: those of communes, of the higher tiers, of districts and of villages.
ALL_SETS = (
    *CRITERIA_SETS,
    "2021-2025-advanced",
    "2021-2025-model",
    "2021-2025-district",
    "2021-2025-city",
    "2021-2025-village-minority",
    "2021-2025-village-model",
)

# Bands in which reports count communes by criteria met of a set of 19: lower and upper bound, both included.
BANDS = ((19, 19), (15, 18), (10, 14), (5, 9), (0, 4))

# How sure a statement is: certain (read in the cited text) or likely (one secondary source). Nothing weaker is shipped.
Certainty = Literal["certain", "likely"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value an indicator must reach, both limits closed, and the text it was read in.

    `column` is the column of the decree or the group of communes it holds for ("" for all), `year` the year of a
    value that changes yearly. Shares are parts of one.
    """

    indicator: str
    vi: str
    basis: str
    at_least: float | None = None
    at_most: float | None = None
    en: str = ""
    unit: str = "tỷ lệ"
    column: str = ""
    year: int | None = None
    certainty: Certainty = "certain"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. `map` says what a map can do for it: geometry measures, location shows, form neither.

    `public` is False where it is to be kept off public maps; `yearly` where its threshold changes each year;
    no `thresholds`: none is known.
    """

    no: int
    vi: str
    en: str
    map: Literal["geometry", "location", "form"]
    group: str = ""
    thresholds: tuple[Threshold, ...] = ()
    public: bool = True
    yearly: bool = False
    note: str = ""
    certainty: Certainty = "certain"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the threshold table: a region (sets until 2025) or a group of communes (from 2026)."""

    id: str
    vi: str
    en: str
    rule_vi: str = ""
    rule_en: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a unit must fulfil beside its criteria.

    short_*  a few words for a list
    measure  commune_share: share of its communes at `tier`; township_share: share of its townships that are
             civilised urban areas; village_count: number of villages with the flag `tier`; none: no data of this
             package can tell
    need     least value (a share, or a number for village_count); None where no figure is known
    """

    id: str
    vi: str
    en: str
    short_vi: str
    short_en: str
    measure: Literal["commune_share", "township_share", "village_count", "none"]
    basis: str
    tier: str = ""
    need: float | None = None
    certainty: Certainty = "certain"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When recognition is withdrawn, by shares of the criteria no longer met (limits closed).

    From `from_share` on if one of `key` is among them, from `whole_share` on whatever they are. `units_share`: for a
    district, the share of its communes withdrawn. `mapping_*`: which criterion stands for which word of the text.
    """

    from_share: Fraction
    whole_share: Fraction
    key: tuple[int, ...]
    units_share: Fraction | None
    basis: str
    mapping_vi: str
    mapping_en: str


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """A versioned set of criteria with the names of its groups (Vietnamese).

    count       number of criteria; None where it is not known
    indicators  number of indicators; None where it is not known
    withheld    numbers of the criteria that are to be kept off public maps, also where their names are not known
    criteria    those whose number and name are known: fewer than `count`, or none, where the rest was not read
    in_force    first day; None where it is not known
    columns     of the threshold table; `column_rule_*` says which commune goes by which
    unknown_*   what is not known of the set, in words
    """

    id: str
    title_vi: str
    title_en: str
    basis: str
    level: Literal["commune", "district", "city", "village"]
    tier: str
    count: int | None
    criteria: tuple[Criterion, ...]
    groups: Mapping[str, str]
    withheld: frozenset[int] = frozenset()
    indicators: int | None = None
    in_force: date | None = None
    columns: tuple[Column, ...] = ()
    column_rule_vi: str = ""
    column_rule_en: str = ""
    conditions: tuple[Condition, ...] = ()
    withdrawal: Withdrawal | None = None
    unknown_vi: str = ""
    unknown_en: str = ""
    certainty: Certainty = "certain"

    @property
    def numbers(self) -> range:
        """The numbers of its criteria, 1 to `count`; empty where the count is not known."""
        return range(1, (self.count or 0) + 1)

    def criterion(self, no: int) -> Criterion:
        """The criterion with this number; KeyError when there is none or its name is not known."""
        for one in self.criteria:
            if one.no == no:
                return one
        raise KeyError(no)

    def column(self, id_: str) -> Column:
        """The column of the threshold table with this id; KeyError when there is none."""
        for one in self.columns:
            if one.id == id_:
                return one
        raise KeyError(id_)


def as_fraction(share: float) -> Fraction:
    """A share as it was written: 0.3 is exactly three tenths, so that a closed limit is closed.

    >>> as_fraction(0.57)
    Fraction(57, 100)
    """
    return Fraction(str(share))


@cache
def criteria_set(id_: str = "2021-2025") -> CriteriaSet:
    """A shipped criteria set (one of ALL_SETS); KeyError when there is none of that name.

    >>> criteria_set().criterion(2).vi, criteria_set("2026-2030").count, criteria_set("2016-2020").criteria
    ('Giao thông', 10, ())
    """
    if id_ not in ALL_SETS:
        raise KeyError(id_)
    file = files("ntmgis.programme") / "data" / f"criteria_{id_}.toml"
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    columns = tuple(Column(**entry) for entry in raw.get("column", ()))
    if "columns_of" in raw:
        columns = criteria_set(raw["columns_of"]).columns
    own = {"groups", "criterion", "column", "columns_of", "condition", "withdrawal", "withheld"}
    plain = {name: value for name, value in raw.items() if name not in own}
    criteria = tuple(_criterion(entry) for entry in raw.get("criterion", ()))
    return CriteriaSet(
        **{"count": None, **plain},
        groups={code: names["vi"] for code, names in raw.get("groups", {}).items()},
        criteria=criteria,
        withheld=frozenset(raw.get("withheld", ())).union(one.no for one in criteria if not one.public),
        columns=columns,
        conditions=tuple(Condition(**entry) for entry in raw.get("condition", ())),
        withdrawal=_withdrawal(raw["withdrawal"]) if "withdrawal" in raw else None,
    )


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    rest = {name: value for name, value in entry.items() if name != "thresholds"}
    return Criterion(**rest, thresholds=tuple(Threshold(**one) for one in entry.get("thresholds", ())))


def _withdrawal(entry: Mapping[str, Any]) -> Withdrawal:
    units = entry.get("units_share")
    return Withdrawal(
        from_share=as_fraction(entry["from_share"]),
        whole_share=as_fraction(entry["whole_share"]),
        key=tuple(entry.get("key", ())),
        units_share=None if units is None else as_fraction(units),
        basis=entry["basis"],
        mapping_vi=entry["mapping_vi"],
        mapping_en=entry["mapping_en"],
    )


def set_on(day: date) -> str | None:
    """The commune set in force on a day, for data that do not name theirs; None before the oldest known one.

    An office may go on using the older set for a while, so a product says when a set was told from a date. The first
    day of the set of 2016-2020 was not found; it is taken from 1 January 2016 on, by its name.

    >>> set_on(date(2022, 3, 7)), set_on(date(2022, 3, 8)), set_on(date(2026, 2, 15)), set_on(date(2015, 12, 31))
    ('2016-2020', '2021-2025', '2026-2030', None)
    """
    found = None
    for id_ in CRITERIA_SETS:
        if (criteria_set(id_).in_force or date(2016, 1, 1)) <= day:
            found = id_
    return found


def band(met: int) -> tuple[int, int]:
    """The band a number of criteria met, of 19, falls in.

    >>> band(17)
    (15, 18)
    """
    return next(one for one in BANDS if one[0] <= met <= one[1])
