"""A plan file looked through before it is used: what it holds, what does not add up, and every fault at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ntmgis.errors import Problem
from ntmgis.programme.checked import read_text
from ntmgis.programme.plan import Plan
from ntmgis.programme.plan_file import examine
from ntmgis.programme.plan_sums import Finding, findings

__all__ = ["PlanReport", "check_plan"]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan file holds. `plan` is None where faults of form leave nothing to sum up."""

    file: str
    plan: Plan | None
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether the file can be used as the plan of a workspace."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """The whole report, for JSON; None stands for what the document does not state."""
        made: dict[str, Any] = {"file": self.file, "sound": self.sound}
        if self.plan is not None:
            made |= _summary(self.plan)
            made["findings"] = [one.as_dict() for one in self.findings]
        made["problems"] = [one.as_dict() for one in self.problems]
        return made


def check_plan(path: Path | None = None) -> PlanReport:
    """The report on a plan file (None: Plan 305 as shipped). UsageError only when the file cannot be opened.

    >>> report = check_plan()
    >>> report.sound, [one.difference for one in report.findings if one.kind == "line"]
    (True, [270, 270])
    """
    if path is None:
        from ntmgis.programme.plan import load_plan

        plan = load_plan()
        return PlanReport("plan305.toml", plan, (), findings(plan))
    found = examine(path.name, read_text(path, "E-PLAN-SYNTAX"))
    return PlanReport(path.name, found.plan, found.problems, () if found.plan is None else findings(found.plan))


def _summary(plan: Plan) -> Mapping[str, Any]:
    by_group = {no: [one for one in plan.contents if int(one.id.split(".")[0]) == no] for no in plan.groups}
    lines = [
        {
            "id": line.id,
            "label": line.label,
            "stated": line.stated,
            "investment": line.investment,
            "recurrent": line.recurrent,
            "difference": line.difference,
            "approximate": line.approximate,
        }
        for line in plan.budget
    ]
    return {
        "document": {
            "number": plan.number,
            "date": plan.issued.isoformat(),
            "issuer": plan.issuer,
            "title": plan.title,
            "year": plan.year,
            "criteria_set": plan.criteria_set,
            "units_on": plan.units_on.isoformat(),
        },
        "targets": [
            {
                "id": one.id,
                "label": one.label,
                "level": one.level,
                "tier": one.tier,
                "kind": one.kind,
                "value": one.value,
                "unit": one.unit,
                "districts": list(one.districts),
                "carried_over": list(one.carried_over),
                "baseline": one.baseline,
                "baseline_on": None if one.baseline_on is None else one.baseline_on.isoformat(),
                "backlog": one.backlog,
                "owed": one.owed,
                "shares": {code: plan.share_of(one.id, code) for code in plan.districts}
                if one.kind == "minimum_share"
                else None,
            }
            for one in plan.targets
        ],
        "groups": [
            {"no": no, "title": title, "contents": [one.id for one in by_group[no]]}
            for no, title in plan.groups.items()
        ],
        "contents": len(plan.contents),
        "agencies": [
            {"code": one.code, "name": one.vi, "named_on": one.named_on.isoformat(), "now": one.now or None}
            for one in plan.agency.values()
        ],
        "budget": None
        if not plan.budget
        else {
            "unit": plan.budget_unit,
            "total_stated": plan.budget_total,
            "total_computed": sum(line.stated for line in plan.budget),
            "lines": lines,
        },
        "inconsistencies": [
            {
                "id": one.id,
                "where": one.where,
                "about": list(one.about),
                "difference": one.difference,
                "vi": one.vi,
                "en": one.en,
            }
            for one in plan.inconsistencies
        ],
    }
