"""The budget as the plan states it, beside what adding up gives; nothing is corrected."""

from ntmgis.programme.plan import BudgetLine, Plan
from ntmgis.programme.plan_sums import findings
from ntmgis.show.review.content import Cell, Head, Lines, Section, Table, whole
from ntmgis.show.words import day, number, percent

__all__ = ["budget_findings", "budget_section"]


def budget_findings(plan: Plan) -> list[str]:
    """What adding up the budget found, in words."""
    return [one.vi for one in findings(plan) if one.kind in {"line", "total"}]


def budget_section(plan: Plan) -> Section:
    """The section; says so where the plan has no budget."""
    if not plan.budget:
        return Section("budget", "Vốn", f"Kế hoạch {plan.number} không nêu vốn")
    found = budget_findings(plan)
    heads = (
        Head("Nguồn vốn", 34),
        Head("Số ghi trong văn bản", 16, right=True),
        Head("Phần trong tổng", 12, right=True),
        Head("Đầu tư phát triển", 14, right=True),
        Head("Sự nghiệp", 14, right=True),
        Head("Cộng hai phần", 14, right=True),
        Head("Chênh lệch", 13, right=True),
    )
    rows = tuple(_line(line, plan) for line in plan.budget)
    added = sum(line.stated for line in plan.budget)
    off = plan.budget_total - added
    last = (
        Cell("Tổng nhu cầu vốn", bold=True),
        Cell(number(plan.budget_total), plan.budget_total, "whole", bold=True),
        Cell(percent(1.0), 1.0, "share"),
        Cell(""),
        Cell(""),
        Cell(number(added), added, "whole"),
        Cell(number(off), off, "whole", pace="missed", bold=True) if off else Cell("0", 0, "whole"),
    )
    total = f"{number(plan.budget_total)} {plan.budget_unit}"
    title = f"Nhu cầu vốn kế hoạch nêu: {total}"
    if found:
        title += f"; {len(found)} dòng cộng không khớp"
    table = Table(f"Vốn theo kế hoạch ({plan.budget_unit}), giữ nguyên như văn bản", heads, (*rows, last), sheet="Vốn")
    about = "“Khoảng”: số gần đúng. Đây là số dự kiến trong kế hoạch, không phải số đã phân bổ hay giải ngân."
    lead = (f"Kế hoạch {plan.number} ngày {day(plan.issued)}, năm {plan.year}. {about}",)
    said = tuple(found) or ("Các dòng và tổng cộng khớp nhau.",)
    return Section("budget", "Vốn theo kế hoạch", title, lead, (table, Lines("Cộng lại thì thấy", said)))


def _line(line: BudgetLine, plan: Plan) -> tuple[Cell, ...]:
    both = None if line.investment is None or line.recurrent is None else line.investment + line.recurrent
    share = line.stated / plan.budget_total if plan.budget_total else None
    return (
        Cell(f"{line.label} (khoảng)" if line.approximate else line.label),
        whole(line.stated),
        Cell(percent(share), share, "share"),
        whole(line.investment),
        whole(line.recurrent),
        whole(both),
        Cell(number(line.difference), line.difference, "whole", pace="missed", bold=True)
        if line.difference
        else Cell("0", 0, "whole")
        if both is not None
        else whole(None),
    )
