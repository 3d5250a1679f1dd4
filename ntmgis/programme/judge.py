"""Who meets what, decided only as far as it is known, each answer with its reason in Vietnamese and English.

Pure functions on plain values. What is not known is tried both ways: an answer is given when it holds either way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from ntmgis.programme.criteria import CriteriaSet, Withdrawal

__all__ = [
    "COMMUNES",
    "TOWNSHIPS",
    "VILLAGES",
    "Judgement",
    "Met",
    "Noun",
    "Risk",
    "RiskAnswer",
    "State",
    "all_of",
    "criteria_met",
    "criterion_words",
    "listed",
    "percent",
    "share_of",
    "withdrawal_risk",
]

State = Literal["met", "not_met", "unknown"]
Risk = Literal["withdrawable", "at_risk", "none", "unknown"]
NAN = float("nan")
SHOWN = 5
SHOWN_CRITERIA = 8


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted, in both languages."""

    vi: str
    one: str
    many: str

    def en(self, count: int) -> str:
        """The English noun for this number."""
        return f"{count} {self.one if count == 1 else self.many}"


COMMUNES = Noun("xã", "commune", "communes")
TOWNSHIPS = Noun("thị trấn", "township", "townships")
VILLAGES = Noun("thôn", "village", "villages")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether one condition is met; `value` against `need` (NaN where words only, or not known)."""

    state: State
    value: float
    need: float
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Met:
    """How a commune stands to a set: numbers of its criteria by what is known; `meets` None while it is open."""

    met: tuple[int, ...]
    not_applicable: tuple[int, ...]
    missing: tuple[int, ...]
    unknown: tuple[int, ...]
    meets: bool | None


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """Risk of withdrawal of recognition, the share of criteria no longer met (NaN: not all are known), and why."""

    risk: Risk
    share: float
    vi: str
    en: str


def listed(names: Sequence[str], noun: str = "", shown: int = SHOWN) -> tuple[str, str]:
    """Names in a row, cut after `shown` with the number of the others; Vietnamese and English.

    >>> listed(["Xã A", "Xã B"]), listed(["A", "B", "C", "D"], "xã", shown=2)
    (('Xã A, Xã B', 'Xã A, Xã B'), ('A, B và 2 xã khác', 'A, B and 2 others'))
    """
    head = ", ".join(names[:shown])
    rest = len(names) - shown
    if rest <= 0:
        return head, head
    return f"{head} và {rest} {noun} khác".replace("  ", " "), f"{head} and {rest} other{'s' if rest > 1 else ''}"


def percent(share: float | Fraction) -> tuple[str, str]:
    """A share as percent with at most one decimal, Vietnamese and English.

    >>> percent(Fraction(6, 19)), percent(0.3)
    (('31,6%', '31.6%'), ('30%', '30%'))
    """
    told = f"{float(share) * 100:.1f}".removesuffix(".0")
    return f"{told.replace('.', ',')}%", f"{told}%"


def criterion_words(set_: CriteriaSet, numbers: Sequence[int]) -> tuple[str, str]:
    """Numbers with their names where these are known, cut with a count.

    >>> from ntmgis.programme.criteria import criteria_set
    >>> criterion_words(criteria_set("2021-2025"), [10, 11])[0], criterion_words(criteria_set("2016-2020"), [10])[0]
    ('10 Thu nhập, 11 Nghèo đa chiều', '10')
    """
    names = {one.no: one for one in set_.criteria}
    vi = [f"{no} {names[no].vi}" if no in names else str(no) for no in numbers]
    en = [f"{no} {names[no].en}" if no in names else str(no) for no in numbers]
    return listed(vi, "tiêu chí", SHOWN_CRITERIA)[0], listed(en, shown=SHOWN_CRITERIA)[1]


def criteria_met(set_: CriteriaSet, states: Mapping[int, str]) -> Met:
    """How the states of criteria (number → met, not_met, not_assessed, not_applicable; absent: unknown) stand to a set.

    A criterion that does not apply does not stand in the way; one that was not assessed is unknown. `meets` is None
    too for a set whose number of criteria is not known, unless one is not met.
    """
    numbers = set_.numbers or sorted(states)
    by = {state: tuple(no for no in numbers if states.get(no) == state) for state in ("met", "not_applicable")}
    missing = tuple(no for no in numbers if states.get(no) == "not_met")
    unknown = tuple(no for no in numbers if states.get(no) not in {"met", "not_met", "not_applicable"})
    meets = False if missing else None if unknown or set_.count is None else True
    return Met(by["met"], by["not_applicable"], missing, unknown, meets)


def _level(rule: Withdrawal, lost: frozenset[int], numbers: Iterable[int]) -> Risk:
    numbers = tuple(numbers)

    def withdrawable(gone: frozenset[int]) -> bool:
        share = Fraction(len(gone), len(numbers))
        return share >= rule.whole_share or (share >= rule.from_share and bool(gone & set(rule.key)))

    if withdrawable(lost):
        return "withdrawable"
    return "at_risk" if any(withdrawable(lost | {no}) for no in numbers) else "none"


def withdrawal_risk(set_: CriteriaSet, states: Mapping[int, str]) -> RiskAnswer:
    """Risk that a recognised commune loses its recognition, from the states of its criteria.

    withdrawable  the rule of the decision is fulfilled (both limits closed)
    at_risk       one more criterion no longer met could fulfil it
    none          not even that
    unknown       criteria that are not known decide, or the set has no rule here

    The share is of all criteria of the set; one that does not apply counts as not lost.
    """
    rule = set_.withdrawal
    if rule is None or not set_.count:
        return RiskAnswer(
            "unknown",
            NAN,
            f"Chưa có quy định thu hồi áp dụng cho bộ {set_.id}.",
            f"No rule of withdrawal is known for set {set_.id}.",
        )
    found = criteria_met(set_, states)
    low = _level(rule, frozenset(found.missing), set_.numbers)
    high = _level(rule, frozenset((*found.missing, *found.unknown)), set_.numbers)
    share = Fraction(len(found.missing), set_.count)
    key = [no for no in found.missing if no in rule.key]
    key_vi, key_en = criterion_words(set_, key)
    told_vi, told_en = percent(share)
    lead = "ít nhất " if found.unknown else ""
    counted_vi = f"{lead}{len(found.missing)}/{set_.count} tiêu chí không còn đạt ({told_vi})"
    counted_en = f"{'at least ' if lead else ''}{len(found.missing)} of {set_.count} criteria no longer met ({told_en})"
    if found.missing:
        counted_vi += f", trong đó có {key_vi}" if key else ", không có tiêu chí chủ chốt"
        counted_en += f", among them {key_en}" if key else ", no key criterion among them"
    risk: Risk = low if low == high else "unknown"
    vi, en = _risk_words(rule, risk, low, high)
    if risk == "unknown":
        vi = f"{len(found.unknown)} tiêu chí chưa có số liệu: {vi}"
        en = f"{_criteria_en(len(found.unknown))} not known: {en}"
    return RiskAnswer(
        risk,
        NAN if found.unknown else float(share),
        f"{counted_vi[0].upper()}{counted_vi[1:]}; {vi}.",
        f"{counted_en[0].upper()}{counted_en[1:]}; {en}.",
    )


def _criteria_en(count: int) -> str:
    return f"{count} {'criterion' if count == 1 else 'criteria'}"


def _risk_words(rule: Withdrawal, risk: Risk, low: Risk, high: Risk) -> tuple[str, str]:
    whole_vi, whole_en = percent(rule.whole_share)
    from_vi, from_en = percent(rule.from_share)
    said = {
        "withdrawable": (
            f"thuộc diện xem xét thu hồi (từ {whole_vi}, hoặc từ {from_vi} có tiêu chí chủ chốt; {rule.basis})",
            f"withdrawal is to be considered ({whole_en} or more, or {from_en} or more with a key criterion)",
        ),
        "at_risk": (
            "thêm một tiêu chí không đạt có thể thuộc diện thu hồi",
            "one more criterion lost could lead to withdrawal",
        ),
        "none": ("chưa tới mức xem xét thu hồi", "below the level at which withdrawal is considered"),
    }
    if risk != "unknown":
        return said[risk]
    return (
        f"có thể từ “{said[low][0]}” đến “{said[high][0]}”",
        f"it may be anything from '{said[low][1]}' to '{said[high][1]}'",
    )


def share_of(
    noun: Noun,
    need: Fraction,
    *,
    yes: Sequence[str],
    no: Sequence[str],
    unknown: Sequence[str] = (),
    verb: tuple[str, str] = ("đạt", "reached"),
) -> Judgement:
    """Whether at least `need` (closed) of the units have it, from the names of those that have, have not, are unknown.

    No unit at all: nothing stands in the way when none is needed of none, so townships are met; communes are unknown.

    >>> share_of(COMMUNES, Fraction(1), yes=["Xã A"], no=["Xã B", "Xã C"]).vi
    '1/3 xã đạt, cần 3; thiếu 2 xã: Xã B, Xã C.'
    """
    total = len(yes) + len(no) + len(unknown)
    if not total:
        met = noun is TOWNSHIPS
        return Judgement(
            "met" if met else "unknown",
            NAN,
            float(need),
            f"Không có {noun.vi} nào{'' if met else ' trong dữ liệu'}.",
            f"There are no {noun.many}{'' if met else ' in the data'}.",
        )
    least = ceil(need * total)
    short = least - len(yes)
    state: State = "met" if short <= 0 else "not_met" if short > len(unknown) else "unknown"
    value = NAN if unknown else len(yes) / total
    vi = f"{len(yes)}/{total} {noun.vi} {verb[0]}, cần {least}"
    en = f"{len(yes)} of {noun.en(total)} {verb[1]}, {least} needed"
    parts_vi, parts_en = (["đủ"], ["enough"]) if short <= 0 else ([], [])
    if short > 0:
        # Where every unit is needed, those without it are the ones missing; else any of them will do.
        named_vi, named_en = listed(no, noun.vi) if least == total else ("", "")
        lacking = short - len(unknown) if least == total else short
        if lacking > 0:
            parts_vi.append(f"thiếu {lacking} {noun.vi}" + (f": {named_vi}" if named_vi else ""))
            parts_en.append(f"{noun.en(lacking)} missing" + (f": {named_en}" if named_en else ""))
    if unknown:
        named_vi, named_en = listed(unknown, noun.vi)
        parts_vi.append(f"chưa có số liệu {len(unknown)} {noun.vi}: {named_vi}")
        parts_en.append(f"{noun.en(len(unknown))} not reported: {named_en}")
    return Judgement(state, value, float(need), f"{vi}; {'; '.join(parts_vi)}.", f"{en}; {'; '.join(parts_en)}.")


def all_of(parts: Sequence[tuple[str, str, Judgement]]) -> Judgement:
    """All conditions together (name vi, name en, judgement of each), naming those not met and those not known."""
    states = [one.state for _, _, one in parts]
    state: State = "not_met" if "not_met" in states else "met" if set(states) == {"met"} else "unknown"
    vi, en = [f"{states.count('met')}/{len(parts)} điều kiện đạt"], [f"{states.count('met')} of {len(parts)} met"]
    for one, word_vi, word_en in (("not_met", "chưa đạt", "not met"), ("unknown", "chưa có số liệu", "not known")):
        named = [(title_vi, title_en) for title_vi, title_en, part in parts if part.state == one]
        if named:
            vi.append(f"{word_vi}: {', '.join(pair[0] for pair in named)}")
            en.append(f"{word_en}: {', '.join(pair[1] for pair in named)}")
    return Judgement(state, NAN, NAN, "; ".join(vi) + ".", "; ".join(en) + ".")
