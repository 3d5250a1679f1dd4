"""`plan check`: a plan file looked through before it is used."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ntmgis.cli.talk import AsJson, Cli, Quiet, Talk, argument, errors, language, word

if TYPE_CHECKING:
    from ntmgis.programme.plan import Plan, Target
    from ntmgis.programme.plan_check import PlanReport

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.group("plan").command("plan_check", "check")(check)


def check(
    file: Annotated[Path | None, argument("plan_file")] = None,
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.programme.plan_check import check_plan

    talk = Talk(as_json, quiet)
    with errors(talk):
        report = check_plan(file)
    if talk.as_json:
        talk.emit(report.as_dict())
    else:
        _say(talk, report)
    raise typer.Exit(0 if report.sound else 1)


def _say(talk: Talk, report: "PlanReport") -> None:
    talk.problems(report.problems)
    if talk.quiet:
        return
    if report.plan is not None:
        _say_plan(talk, report.plan)
        _say_findings(talk, report)
    talk.line(word("plan_usable" if report.sound else "plan_unusable", n=len(report.problems)), style="bold")


def _say_plan(talk: Talk, plan: "Plan") -> None:
    vi = language.get() == "vi"
    talk.line(
        word(
            "plan_document", number=plan.number, date=f"{plan.issued:%d/%m/%Y}", year=plan.year, set=plan.criteria_set
        ),
        style="bold",
    )
    counts = {"targets": len(plan.targets), "groups": len(plan.groups), "contents": len(plan.contents)}
    talk.line(word("plan_counts", agencies=len(plan.agencies), **counts))
    table = talk.table(("plan_target", "plan_value", "plan_baseline"))
    for target in plan.targets:
        table.add_row(*map(Text, (target.label if vi else target.gloss, _value(plan, target), _baseline(target))))
    talk.out.print()
    talk.out.print(table)
    if plan.budget:
        _say_budget(talk, plan, vi=vi)


def _value(plan: "Plan", target: "Target") -> str:
    if target.kind != "minimum_share":
        sign = {"increment": "+", "minimum_per_commune": "≥ "}.get(target.kind, "")
        names = ", ".join(plan.districts[code] for code in target.districts)
        return f"{sign}{target.value} {target.unit}" + (f": {names}" if names else "")
    shares = {code: plan.share_of(target.id, code) for code in plan.districts}
    told = []
    for share in sorted({one for one in shares.values() if one is not None}, reverse=True):
        names = ", ".join(plan.districts[code] for code, own in shares.items() if own == share)
        told.append(f"≥ {share * 100:g}%: {names}")
    silent = [plan.districts[code] for code, own in shares.items() if own is None]
    if silent:
        told.append(f"{word('plan_not_stated')}: {', '.join(silent)}")
    return "\n".join(told)


def _baseline(target: "Target") -> str:
    if target.kind != "increment":
        return ""
    told = word("plan_not_stated")
    if target.baseline is not None:
        told = f"{target.baseline} ({target.baseline_on:%d/%m/%Y})"
    if target.backlog:
        told += "\n" + word("plan_backlog", n=word("plan_not_stated") if target.owed is None else target.owed)
    return told


def _figure(value: int | None, *, vi: bool) -> str:
    return "" if value is None else f"{value:,}".replace(",", "." if vi else ",")


def _say_budget(talk: Talk, plan: "Plan", *, vi: bool) -> None:
    table = talk.table(("plan_budget",), ("plan_stated", "plan_investment", "plan_recurrent", "plan_apart"))
    for line in plan.budget:
        figures = (line.stated, line.investment, line.recurrent, line.difference or None)
        name = line.label if vi else line.gloss
        about = word("plan_about", name=name) if line.approximate else name
        table.add_row(Text(about), *(_figure(one, vi=vi) for one in figures))
    total = sum(line.stated for line in plan.budget)
    apart = _figure(plan.budget_total - total or None, vi=vi)
    table.add_row(Text(word("plan_total")), _figure(plan.budget_total, vi=vi), "", "", apart, style="bold")
    talk.out.print()
    talk.line(word("plan_money", unit=plan.budget_unit))
    talk.out.print(table)


def _say_findings(talk: Talk, report: "PlanReport") -> None:
    """What adding up found, each with the inconsistency of the file that says so; then those only the file knows."""
    assert report.plan is not None
    vi = language.get() == "vi"
    talk.out.print()
    if report.findings:
        talk.line(word("plan_found", n=len(report.findings)), style="bold")
        for one in report.findings:
            listed = f"[{', '.join(one.listed)}]" if one.listed else word("plan_unlisted")
            talk.line(f"- {one.vi if vi else one.en} {listed}", style=None if one.listed else "yellow")
    found = {id_ for one in report.findings for id_ in one.listed}
    others = [one for one in report.plan.inconsistencies if one.id not in found]
    if others:
        talk.line(word("plan_only_listed", n=len(others)), style="bold")
        for doubt in others:
            talk.line(f"- {doubt.vi if vi else doubt.en} [{doubt.id}]")
    if report.findings or others:
        talk.out.print()
