"""Who is next: each commune below the top tier, what it still lacks, and which target or district it would complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd

from ntmgis.measure.told import Row, records
from ntmgis.measure.wording import amount, missing, plain
from ntmgis.programme.criteria import CriteriaSet, as_fraction, criteria_set
from ntmgis.programme.judge import criterion_words
from ntmgis.programme.plan import Plan, Target
from ntmgis.programme.tiers import TIERS, at_least

__all__ = ["CANDIDATE_COLUMNS", "candidates"]

CANDIDATE_COLUMNS = (
    "code",
    "name",
    "district",
    "tier",
    "to_tier",
    "missing",
    "missing_count",
    "unknown_count",
    "targets",
    "unlocks",
    "unlocks_en",
    "reason",
    "reason_en",
)
_FAR = 1_000  # stands for "not known" where places are compared
_TIER_WORDS = {
    "ntm": ("xã đạt chuẩn NTM", "NTM communes"),
    "advanced": ("xã NTM nâng cao", "advanced communes"),
    "model": ("xã NTM kiểu mẫu", "model communes"),
}
_LEVEL_WORDS = {"district": ("huyện NTM", "NTM district"), "city": ("hoàn thành nhiệm vụ NTM", "completed NTM task")}


def candidates(communes: pd.DataFrame, standing: pd.DataFrame, targets: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """One row for each commune that has a next tier, with the columns CANDIDATE_COLUMNS; see `Monitoring.candidates`.

    `communes` and `standing` are indexed by code, `targets` are the plan's rows with their pace. Of the criteria of the
    higher tiers no data are kept, so `unknown_count` is NA there and only what is missing of the base set is counted.
    """
    opened = _Open(communes, targets, plan)
    rows = []
    for code, commune in zip(communes.index, records(communes), strict=True):
        tier = str(commune["tier"])
        if tier not in TIERS or tier == TIERS[-1]:
            continue
        told = standing.loc[code].to_dict() if code in standing.index else {}
        rows.append(_row(str(code), commune, told, opened))
    rows.sort(key=_place)
    made = pd.DataFrame([[row[name] for name in CANDIDATE_COLUMNS] for row in rows], columns=list(CANDIDATE_COLUMNS))
    return made.astype({"missing_count": "Int64", "unknown_count": "Int64"})


def _place(row: Row) -> tuple[object, ...]:
    """Nearest first within each tier: by what is missing or not known, then by what it would complete."""
    unknown = _FAR if missing(row["unknown_count"]) else int(row["unknown_count"])
    lacking = _FAR if missing(row["missing_count"]) else int(row["missing_count"])
    step = TIERS.index(row["to_tier"])
    return step, lacking + unknown, lacking, row["left_in_district"], row["code"]


def _row(code: str, commune: Row, told: Mapping[str, Any], opened: "_Open") -> Row:
    tier = str(commune["tier"])
    to_tier = TIERS[TIERS.index(tier) + 1]
    lacking, unknown = tuple(told.get("missing") or ()), tuple(told.get("unknown") or ())
    meets = plain(told.get("meets_now"))
    known = bool(lacking) or meets is not None or bool(told.get("unknown"))
    unlocks, left = opened.unlocks(plain(commune["district_code"]), to_tier)
    vi, en = _reason(told, tier, lacking, unknown, meets=meets, known=known)
    return {
        "code": code,
        "name": commune["name"],
        "district": commune["district"],
        "tier": tier,
        "to_tier": to_tier,
        "missing": lacking,
        "missing_count": len(lacking) if known else pd.NA,
        "unknown_count": len(unknown) if known and tier == TIERS[0] else pd.NA,
        "targets": tuple(one.target for one in unlocks),
        "unlocks": "; ".join(one.vi for one in unlocks),
        "unlocks_en": "; ".join(one.en for one in unlocks),
        "reason": vi,
        "reason_en": en,
        "left_in_district": left,
    }


def _set(told: Mapping[str, Any]) -> CriteriaSet | None:
    named = plain(told.get("criteria_set"))
    try:
        return criteria_set(named) if named else None
    except KeyError:
        return None


def _named(told: Mapping[str, Any], numbers: Sequence[int]) -> tuple[str, str]:
    judged_by = _set(told)
    if judged_by is None:
        plain_numbers = ", ".join(map(str, numbers))
        return plain_numbers, plain_numbers
    return criterion_words(judged_by, numbers)


def _reason(
    told: Mapping[str, Any], tier: str, lacking: Sequence[int], unknown: Sequence[int], *, meets: Any, known: bool
) -> tuple[str, str]:
    """What is still missing for the next tier, as far as it is known."""
    if not known:
        return "chưa có số liệu tiêu chí", "no criterion has been reported"
    parts = []
    if lacking:
        vi, en = _named(told, lacking)
        parts.append((f"thiếu {len(lacking)} tiêu chí: {vi}", f"{len(lacking)} missing: {en}"))
    if unknown:
        vi, en = _named(told, unknown)
        parts.append((f"chưa rõ {len(unknown)} tiêu chí: {vi}", f"{len(unknown)} not known: {en}"))
    if tier == TIERS[0]:
        if meets:
            parts.append(("đạt đủ tiêu chí, chờ quyết định công nhận", "meets all criteria, awaits recognition"))
    else:
        if meets:
            parts.append(("đang giữ đủ tiêu chí của bộ NTM", "keeps all criteria of the NTM set"))
        parts.append(("chưa có số liệu theo bộ tiêu chí của bậc kế tiếp", "no data by the set of the next tier"))
    return "; ".join(vi for vi, _ in parts), "; ".join(en for _, en in parts)


@dataclass(frozen=True, slots=True)
class _Unlock:
    """One target that a step of a commune counts for."""

    target: str
    vi: str
    en: str


class _Open:
    """The plan's targets that are still open, and what the districts among them lack."""

    def __init__(self, communes: pd.DataFrame, targets: pd.DataFrame, plan: Plan) -> None:
        self.plan = plan
        rows = {str(row["id"]): row for row in records(targets)}
        open_ = {id_ for id_, row in rows.items() if row["pace"] not in {"reached", "no_target"}}
        # Rows without anything counted: the plan cannot be held against these units at all.
        counted = {id_ for id_ in open_ if rows[id_].get("need") is not None or rows[id_].get("actual") is not None}
        self.rows = rows
        self.targets = [target for target in plan.targets if target.id in counted]
        rural = communes[communes["kind"].eq("xã")]
        self.by_district = {str(code): part["tier"].tolist() for code, part in rural.groupby("district_code")}

    def unlocks(self, district: str | None, to_tier: str) -> tuple[list[_Unlock], int]:
        """What a commune of the district counts for with this tier; and how many such communes the district lacks."""
        made, lack = [], _FAR
        for target in self.targets:
            if target.level == "commune" and target.kind == "increment" and target.tier == to_tier:
                made.append(self._increment(target))
            elif target.kind == "named" and district in target.districts:
                found = self._district(target, str(district), to_tier)
                if found is not None:
                    made.append(found[0])
                    lack = min(lack, found[1])
        return made, lack

    def _increment(self, target: Target) -> _Unlock:
        row = self.rows[target.id]
        left = row.get("remaining")
        vi, en = _TIER_WORDS[target.tier]
        still, still_en = (
            (f" (còn {amount(left)})", f" ({amount(left, lang='en')} left)") if left is not None else ("", "")
        )
        return _Unlock(target.id, f"chỉ tiêu thêm {target.value} {vi}{still}", f"target: {target.value} {en}{still_en}")

    def _district(self, target: Target, district: str, to_tier: str) -> tuple[_Unlock, int] | None:
        """None when the district has enough communes at this tier, or the rule does not ask for it."""
        tiers = self.by_district.get(district, [])
        need = _needed(f"{self.plan.criteria_set}-{target.level}", to_tier, len(tiers))
        lack = need - sum(at_least(tier, to_tier) for tier in tiers)
        if lack <= 0:
            return None
        name = self.plan.districts[district]
        word, word_en = _LEVEL_WORDS[target.level]
        kind, kind_en = _TIER_WORDS[to_tier]
        if lack == 1:
            vi = f"đủ số {kind} cho {name} ({word})"
            en = f"the last of the {kind_en} that {name} needs ({word_en})"
        else:
            vi = f"một trong {lack} {kind} mà {name} còn thiếu ({word})"
            en = f"one of {lack} {kind_en} that {name} still lacks ({word_en})"
        return _Unlock(target.id, vi, en), lack


def _needed(rule: str, tier: str, communes: int) -> int:
    """How many communes of a district must be at `tier` or higher by the rule; 0 where it asks for none."""
    try:
        conditions = criteria_set(rule).conditions
    except KeyError:
        return 0
    needs = [one.need for one in conditions if one.measure == "commune_share" and one.tier == tier]
    return max((ceil(as_fraction(need) * communes) for need in needs if need is not None), default=0)
