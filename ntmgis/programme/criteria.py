"""Criteria sets as versioned data. Counts of different sets are different things and are never compared silently."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["BANDS", "CRITERIA_SETS", "CriteriaSet", "Criterion", "Threshold", "band", "criteria_set"]

# Sets whose criteria are shipped; statuses may name others, of which only counts are known.
CRITERIA_SETS = ("2021-2025",)

# Bands in which reports count communes by criteria met: lower and upper bound, both included.
BANDS = ((19, 19), (15, 18), (10, 14), (5, 9), (0, 4))


@dataclass(frozen=True, slots=True)
class Threshold:
    """A least value (share of one) of an indicator, and the text it was read in."""

    indicator: str
    vi: str
    at_least: float
    basis: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. `map` says what a map can do for it: geometry measures, location shows, form neither."""

    no: int
    vi: str
    en: str
    group: str
    map: Literal["geometry", "location", "form"]
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """A versioned set of criteria with the names of its groups (Vietnamese)."""

    id: str
    title_vi: str
    title_en: str
    basis: str
    groups: Mapping[str, str]
    criteria: tuple[Criterion, ...]

    def criterion(self, no: int) -> Criterion:
        """The criterion with this number; KeyError when there is none."""
        for one in self.criteria:
            if one.no == no:
                return one
        raise KeyError(no)


@cache
def criteria_set(id_: str = "2021-2025") -> CriteriaSet:
    """A shipped criteria set; KeyError when there is none of that name.

    >>> criteria_set().criterion(2).vi
    'Giao thông'
    """
    file = files("ntmgis.programme") / "data" / f"criteria_{id_}.toml"
    if not file.is_file():
        raise KeyError(id_)
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    return CriteriaSet(
        id=raw["id"],
        title_vi=raw["title_vi"],
        title_en=raw["title_en"],
        basis=raw["basis"],
        groups={code: names["vi"] for code, names in raw["groups"].items()},
        criteria=tuple(
            Criterion(
                **{k: v for k, v in entry.items() if k != "thresholds"},
                thresholds=tuple(Threshold(**one) for one in entry.get("thresholds", ())),
            )
            for entry in raw["criterion"]
        ),
    )


def band(met: int) -> tuple[int, int]:
    """The band a number of criteria met falls in.

    >>> band(17)
    (15, 18)
    """
    return next(one for one in BANDS if one[0] <= met <= one[1])
