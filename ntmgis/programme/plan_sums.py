"""What a plan's own figures say against each other, found by adding up; nothing is corrected."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from ntmgis.programme.plan import BudgetLine, Plan

__all__ = ["Finding", "FindingKind", "findings"]

FindingKind = Literal["line", "total", "named", "gap", "carried", "baseline", "leader"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up or stays open.

    kind        line, total: a sum of the budget; named: the number of districts named; gap: a district without a share;
                carried: districts of the plan of the year before within a target; baseline: an increment without a
                stock to count from; leader: a content without an agency that leads
    about       the entry, in the words of `Inconsistency.about`
    stated      what the document writes; computed: what adding up gives; difference: stated less computed
    listed      ids of the plan's inconsistencies that say so; empty: nothing in the file says so
    must_list   the file is refused unless an inconsistency says so
    """

    kind: FindingKind
    about: str
    vi: str
    en: str
    listed: tuple[str, ...] = ()
    stated: int | None = None
    computed: int | None = None
    must_list: bool = False

    @property
    def difference(self) -> int | None:
        """Stated less computed; None where no figures are compared."""
        return None if self.stated is None or self.computed is None else self.stated - self.computed

    def as_dict(self) -> dict[str, object]:
        """All fields and the difference, for JSON."""
        return {**asdict(self), "difference": self.difference}


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Everything in the plan that does not add up or stays open, sums first.

    >>> from ntmgis.programme.plan import load_plan
    >>> [(one.about, one.difference, one.listed) for one in findings(load_plan()) if one.kind == "line"]
    [('budget:central', 270, ('B1',)), ('budget:local', 270, ('B1',))]
    """
    return (*_lines(plan), *_total(plan), *_named(plan), *_gaps(plan), *_open(plan))


def _listed(plan: Plan, about: str, kind: FindingKind, difference: int | None = None) -> tuple[str, ...]:
    """Inconsistencies about the entry that are of this finding; a sum is known by its difference."""
    told = plan.doubts(about)
    if difference is not None:
        return tuple(one.id for one in told if one.difference == difference)
    return tuple(one.id for one in told if one.explains == kind)


def _group(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _lines(plan: Plan) -> Iterable[Finding]:
    for line in plan.budget:
        if not line.difference or line.investment is None or line.recurrent is None:
            continue
        computed = line.investment + line.recurrent
        parts = f"{_group(line.investment)} + {_group(line.recurrent)} = {_group(computed)}"
        parts_en = parts.replace(".", ",")
        far = _group(abs(line.difference))
        hint_vi, hint_en = _swap(line)
        yield Finding(
            "line",
            f"budget:{line.id}",
            f"{line.label}: {parts}, văn bản ghi {_group(line.stated)}; chênh {far} {plan.budget_unit}.{hint_vi}",
            f"{line.gloss}: {parts_en}, the document states {line.stated:,}: {abs(line.difference):,} apart.{hint_en}",
            _listed(plan, f"budget:{line.id}", "line", line.difference),
            line.stated,
            computed,
            must_list=True,
        )


def _swap(line: BudgetLine) -> tuple[str, str]:
    """A part in which two neighbouring digits, swapped, would make the line add up: a hint, never a correction."""
    assert line.investment is not None
    assert line.recurrent is not None
    for part in (line.investment, line.recurrent):
        digits = str(part)
        for at in range(len(digits) - 1):
            swapped = int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])
            if len(str(swapped)) == len(digits) and swapped - part == line.difference:
                return (
                    f" Nếu {_group(part)} là {_group(swapped)} (đổi chỗ hai chữ số) thì khớp: suy đoán, không tự sửa.",
                    f" With {swapped:,} for {part:,} (two digits swapped) it would add up: inferred, not corrected.",
                )
    return "", ""


def _total(plan: Plan) -> Iterable[Finding]:
    computed = sum(line.stated for line in plan.budget)
    difference = plan.budget_total - computed
    if plan.budget and difference:
        yield Finding(
            "total",
            "budget:total",
            f"Các dòng cộng lại được {_group(computed)}, tổng ghi {_group(plan.budget_total)}; chênh"
            f" {_group(abs(difference))} {plan.budget_unit}.",
            f"The lines make {computed:,}, the total states {plan.budget_total:,}: {abs(difference):,} apart.",
            _listed(plan, "budget:total", "total", difference),
            plan.budget_total,
            computed,
            must_list=True,
        )


def _named(plan: Plan) -> Iterable[Finding]:
    for target in plan.targets:
        if target.kind != "named" or target.value is None:
            continue
        about, count, carried = f"target:{target.id}", len(target.districts), len(target.carried_over)
        if target.value != count:
            yield Finding(
                "named",
                about,
                f"{target.label}: chỉ tiêu ghi {target.value}, nêu tên {count}.",
                f"{target.gloss}: {target.value} stated, {count} named.",
                _listed(plan, about, "named", target.value - count),
                target.value,
                count,
                must_list=True,
            )
        if carried:
            names = ", ".join(plan.districts.get(code, code) for code in target.carried_over)
            yield Finding(
                "carried",
                about,
                f"{target.label}: {carried} trong số {target.value} thuộc kế hoạch năm trước ({names}),"
                f" riêng năm {plan.year} là {target.value - carried}.",
                f"{target.gloss}: {carried} of {target.value} in the plan of the year before ({names}),"
                f" {target.value - carried} of {plan.year} alone.",
                _listed(plan, about, "carried"),
            )


def _gaps(plan: Plan) -> Iterable[Finding]:
    for target in plan.targets:
        if target.kind != "minimum_share" or target.level != "village":
            continue
        for code, name in plan.districts.items():
            if plan.share_of(target.id, code) is not None:
                continue
            # Said of this target and this district: another doubt about the district does not cover the gap.
            told = {one.id for one in plan.doubts(f"target:{target.id}")}
            said = {one.id for one in plan.doubts(f"district:{code}")} & told
            yield Finding(
                "gap",
                f"district:{code}",
                f"{target.label}: không nêu chỉ tiêu cho {name}.",
                f"{target.gloss}: no target is stated for {name}.",
                tuple(sorted(said)),
                must_list=True,
            )


def _open(plan: Plan) -> Iterable[Finding]:
    for target in plan.targets:
        about = f"target:{target.id}"
        if target.kind == "increment" and target.baseline is None:
            yield Finding(
                "baseline",
                about,
                f"{target.label}: chỉ tiêu là số tăng thêm, văn bản không nêu số gốc.",
                f"{target.gloss}: an increment; the document states no baseline.",
                _listed(plan, about, "baseline"),
            )
    for content in plan.contents:
        if not content.leads:
            about = f"content:{content.id}"
            who = ", ".join(plan.agencies.get(code, code) for code in content.guides)
            yield Finding(
                "leader",
                about,
                f"Nội dung {content.id}: không ghi cơ quan chủ trì{f', chỉ ghi hướng dẫn: {who}' if who else ''}.",
                f"Content {content.id}: no agency leads{f', only guided by: {who}' if who else ''}.",
                _listed(plan, about, "leader"),
            )
