"""A yearly plan as data: targets, village shares, budget, contents, and the contradictions of its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal

__all__ = [
    "Agency",
    "BudgetLine",
    "Content",
    "Inconsistency",
    "Plan",
    "Split",
    "Target",
    "TargetKind",
    "VillageShare",
    "load_plan",
]

TargetKind = Literal["increment", "named", "minimum_per_commune", "minimum_share"]


@dataclass(frozen=True, slots=True)
class Target:
    """One target as the plan writes it.

    kind  increment: newly reached within the year, never a stock; named: the districts in `districts`;
          minimum_per_commune: at least `value` in every recognised commune; minimum_share: by district, see
          `Plan.shares`. `carried_over`: districts that the plan says belong to the plan of the year before.

    baseline   the stock an increment is counted from, on `baseline_on`, by `baseline_basis`; None: the plan does
               not state one
    backlog    what the year before left undone is owed on top of `value`, never counted into it; `owed`: how many
               units that is, None where the plan does not say
    """

    id: str
    level: Literal["commune", "district", "city", "village"]
    tier: str
    kind: TargetKind
    label: str
    gloss: str
    unit: str
    value: int | None = None
    districts: tuple[str, ...] = ()
    carried_over: tuple[str, ...] = ()
    note: str = ""
    baseline: int | None = None
    baseline_on: date | None = None
    baseline_basis: str = ""
    backlog: bool = False
    owed: int | None = None


@dataclass(frozen=True, slots=True)
class VillageShare:
    """Least share of villages in one district; a district without one has no target."""

    target: str
    district: str
    share: float


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of the budget as stated, in the plan's unit; `approximate` where the text says "khoảng"."""

    id: str
    label: str
    gloss: str
    stated: int
    investment: int | None = None
    recurrent: int | None = None
    approximate: bool = False

    @property
    def difference(self) -> int:
        """Stated less the sum of the parts; 0 for a line without parts."""
        if self.investment is None or self.recurrent is None:
            return 0
        return self.stated - self.investment - self.recurrent


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency under the name it had on `named_on`; `now` is its successor's name where a source (`basis`) says so.

    first_day, last_day: days of the name, where known.
    """

    code: str
    vi: str
    en: str
    named_on: date
    first_day: date | None = None
    last_day: date | None = None
    now: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a content that has agencies of its own."""

    scope: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """One of the numbered contents: who leads, who guides, which criteria and layers it bears on."""

    id: str
    title: str
    gloss: str
    leads: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    criteria: tuple[int, ...] = ()
    layers: tuple[str, ...] = ()
    splits: tuple[Split, ...] = ()


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A contradiction or gap of the document, shown, never corrected. `about`: "budget:central", "district:618"...

    difference  stated less computed, for a sum; explains: the kind of finding (`plan_sums`) it is about; empty: none
    """

    id: str
    where: str
    about: tuple[str, ...]
    vi: str
    en: str
    difference: int | None = None
    explains: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `units_on` is the day whose communes and districts it speaks of.

    `budget` is empty, and `budget_total` then 0, where the document has no budget. `agencies` holds names by code,
    `agency` the same agencies with the day of the name.
    """

    number: str
    issued: date
    title: str
    year: int
    criteria_set: str
    units_on: date
    districts: Mapping[str, str]
    targets: tuple[Target, ...]
    shares: tuple[VillageShare, ...]
    budget_unit: str
    budget_total: int
    budget: tuple[BudgetLine, ...]
    agencies: Mapping[str, str]
    groups: Mapping[int, str]
    contents: tuple[Content, ...]
    inconsistencies: tuple[Inconsistency, ...]
    issuer: str = ""
    agency: Mapping[str, Agency] = field(default_factory=lambda: MappingProxyType({}))

    def share_of(self, target: str, district: str) -> float | None:
        """The least share the plan states for a district; None where it states none."""
        return next((one.share for one in self.shares if (one.target, one.district) == (target, district)), None)

    def doubts(self, about: str) -> tuple[Inconsistency, ...]:
        """Contradictions that concern one thing, for example "target:commune_ntm"."""
        return tuple(one for one in self.inconsistencies if about in one.about)


def load_plan(path: Path | None = None) -> Plan:
    """The plan in a TOML file (None: Plan 305 as shipped), checked. UsageError lists every fault.

    >>> plan = load_plan()
    >>> len(plan.contents), plan.share_of("village_minority", "618")
    (53, None)
    """
    if path is None:
        return _shipped()
    from ntmgis.programme.plan_file import read_plan

    return read_plan(path)


@cache
def _shipped() -> Plan:
    from ntmgis.programme.plan_file import parse_plan

    text = (files("ntmgis.programme") / "data" / "plan305.toml").read_text(encoding="utf-8")
    return parse_plan("plan305.toml", text)
