"""A yearly plan as data: targets, village shares, budget, contents, and the contradictions of its text."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

from ntmgis.errors import Problem, UsageError, problem
from ntmgis.programme.tables import tables

__all__ = ["BudgetLine", "Content", "Inconsistency", "Plan", "Target", "VillageShare", "load_plan"]

TargetKind = Literal["increment", "named", "minimum_per_commune", "minimum_share"]
CRITERIA = range(1, 20)
_KINDS = get_args(TargetKind)
_TIERS = {
    "commune": ("ntm", "advanced", "model"),
    "district": ("ntm", "completed"),
    "city": ("ntm", "completed"),
    "village": ("model", "minority_ntm", "smart"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One target as the plan writes it.

    kind  increment: newly reached within the year, never a stock; named: the districts in `districts`;
          minimum_per_commune: at least `value` in every recognised commune; minimum_share: by district, see
          `Plan.shares`. `carried_over`: districts that the plan says belong to the plan of the year before.
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


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A contradiction or gap of the document, shown, never corrected. `about`: "budget:central", "district:618"..."""

    id: str
    where: str
    about: tuple[str, ...]
    vi: str
    en: str
    difference: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `units_on` is the day whose communes and districts it speaks of."""

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
    return _shipped() if path is None else _read(path.name, _text(path))


@cache
def _shipped() -> Plan:
    file = files("ntmgis.programme") / "data" / "plan305.toml"
    return _read("plan305.toml", file.read_text(encoding="utf-8"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(problem("E-FILE-MISSING", file=path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem("E-PLAN-SYNTAX", file=path.name, reason=error)) from error


def _read(name: str, text: str) -> Plan:
    try:
        raw = tomllib.loads(text)
        plan = _plan(raw)
        checks = (_targets(name, plan), _counts(name, raw, plan), _references(name, plan))
        problems = [found for check in (*checks, _sums(name, plan), _gaps(name, plan)) for found in check]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(problem("E-PLAN-SYNTAX", file=name, reason=repr(error))) from error
    if problems:
        raise UsageError(problems)
    return plan


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _plan(raw: Mapping[str, Any]) -> Plan:
    document = raw["document"]
    return Plan(
        number=document["number"],
        issued=document["date"],
        title=document["title"],
        year=document["year"],
        criteria_set=document["criteria_set"],
        units_on=document["units_on"],
        districts=dict(raw["districts"]),
        targets=tuple(Target(**_tuples(entry)) for entry in raw["target"]),
        shares=tuple(
            VillageShare(entry["target"], district, float(entry["share"]))
            for entry in raw.get("village_share", ())
            for district in entry["districts"]
        ),
        budget_unit=raw["budget"]["unit"],
        budget_total=raw["budget"]["total"],
        budget=tuple(BudgetLine(**entry) for entry in raw["budget"]["line"]),
        agencies={code: names["vi"] for code, names in raw["agencies"].items()},
        groups={entry["no"]: entry["title"] for entry in raw["group"]},
        contents=tuple(
            Content(**{k: v for k, v in _tuples(entry).items() if k in Content.__dataclass_fields__})
            for entry in raw["content"]
        ),
        inconsistencies=tuple(Inconsistency(**_tuples(entry)) for entry in raw.get("inconsistency", ())),
    )


def _targets(name: str, plan: Plan) -> Iterable[Problem]:
    """What the measures rely on: known kinds and tiers, a number where one is counted, shares between 0 and 1."""
    seen: set[str] = set()
    for target in plan.targets:
        at = f"target {target.id}"
        if target.id in seen:
            yield problem("E-CONFIG-DUPLICATE", file=name, column=at, value=target.id)
        seen.add(target.id)
        for value, allowed in ((target.kind, _KINDS), (target.tier, _TIERS.get(target.level, ()))):
            if value not in allowed:
                known = ", ".join(allowed)
                yield problem(
                    "E-PLAN-REFERENCE", file=name, column=at, value=value, where="kind, level, tier", known=known
                )
        if target.kind != "minimum_share" and not (isinstance(target.value, int) and target.value > 0):
            yield problem(
                "E-CONFIG-TYPE", file=name, column=f"{at}.value", value=target.value, expected="số nguyên dương"
            )
    for share in plan.shares:
        if not 0 < share.share <= 1:
            at = f"village_share {share.district}"
            yield problem("E-CONFIG-TYPE", file=name, column=at, value=share.share, expected="tỷ lệ từ 0 đến 1")


def _counts(name: str, raw: Mapping[str, Any], plan: Plan) -> Iterable[Problem]:
    for key, found in (("groups", len(plan.groups)), ("contents", len({one.id for one in plan.contents}))):
        stated = raw["document"].get(key, found)
        if stated != found:
            yield problem("E-PLAN-COUNT", file=name, column=f"document.{key}", found=found, stated=stated)


def _references(name: str, plan: Plan) -> Iterable[Problem]:
    def wrong(words: Iterable[Any], known: Iterable[Any], column: str, where: str) -> Iterable[Problem]:
        known = list(known)
        for word in words:
            if word not in known:
                listed = ", ".join(map(str, known))
                yield problem("E-PLAN-REFERENCE", file=name, column=column, value=word, where=where, known=listed)

    for content in plan.contents:
        at = f"content {content.id}"
        yield from wrong((*content.leads, *content.guides, *content.partners), plan.agencies, at, "agencies")
        yield from wrong(content.layers, tables(), at, "danh mục bảng dữ liệu")
        yield from wrong(content.criteria, CRITERIA, at, "19 tiêu chí")
        yield from wrong([int(content.id.split(".")[0])], plan.groups, at, "group")
    for target in plan.targets:
        yield from wrong((*target.districts, *target.carried_over), plan.districts, f"target {target.id}", "districts")
    for share in plan.shares:
        yield from wrong([share.district], plan.districts, "village_share", "districts")
        yield from wrong([share.target], [one.id for one in plan.targets], "village_share", "target")


def _sums(name: str, plan: Plan) -> Iterable[Problem]:
    """A sum that does not come out must be a known inconsistency with just that difference."""
    known = {(about, one.difference) for one in plan.inconsistencies for about in one.about}
    for line in plan.budget:
        about = f"budget:{line.id}"
        if line.difference and (about, line.difference) not in known:
            yield problem(
                "E-PLAN-SUM",
                file=name,
                column=about,
                found=line.stated - line.difference,
                stated=line.stated,
                about=about,
                difference=line.difference,
            )
    total = sum(line.stated for line in plan.budget)
    difference = plan.budget_total - total
    if difference and ("budget:total", difference) not in known:
        yield problem(
            "E-PLAN-SUM",
            file=name,
            column="budget.total",
            found=total,
            stated=plan.budget_total,
            about="budget:total",
            difference=difference,
        )


def _gaps(name: str, plan: Plan) -> Iterable[Problem]:
    for target in plan.targets:
        if target.kind != "minimum_share":
            continue
        for code, district in plan.districts.items():
            # Said of this target and this district: another doubt about the district does not cover the gap.
            said = set(plan.doubts(f"district:{code}")) & set(plan.doubts(f"target:{target.id}"))
            if plan.share_of(target.id, code) is None and not said:
                column = f"village_share {target.id}"
                yield problem("E-PLAN-GAP", file=name, column=column, value=district, district=code)
