"""How a target stands, in words with its numbers: baseline, line, verdict, what is left, what is kept apart."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ntmgis.measure.wording import Lang, amount, day_words
from ntmgis.programme.plan import Plan, Target

__all__ = ["PACE_WORDS", "Span", "Standing", "apart_words", "rule_words"]

Span = tuple[float, float]
_LANGS: tuple[Lang, Lang] = ("vi", "en")
# Vietnamese, English.
PACE_WORDS = {
    "reached": ("đã đạt chỉ tiêu", "target reached"),
    "on_track": ("đúng tiến độ", "on track"),
    "behind": ("chậm tiến độ", "behind"),
    "missed": ("hết hạn, chưa đạt chỉ tiêu", "deadline over, not reached"),
    "unknown": ("chưa xác định được", "cannot be told"),
    "no_target": ("không nêu chỉ tiêu", "no target stated"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers behind a verdict, each as its least and most; None: not known.

    counted: there is a number to reach; scope: why the plan cannot be held against the data, "" where it can.
    """

    pace: str
    stock: Span | None
    grown: Span | None
    needed: Span | None
    expected: Span | None
    counted: bool
    scope: str
    remaining: float | None
    quarters_left: int
    baseline_day: date | None
    data_day: date | None
    deadline: date


# Vietnamese, English for one, English for more.
_UNITS = {
    "village": ("thôn", "village", "villages"),
    "commune": ("xã", "commune", "communes"),
    "district": ("huyện", "district", "districts"),
    "city": ("thành phố", "city", "cities"),
}


def _counted(target: Target, span: Span, lang: Lang) -> str:
    """So many units: "3 xã", "12 đến 14 thôn"."""
    # "At least so many villages in every commune" counts communes.
    vi, one, more = _UNITS["commune" if target.kind == "minimum_per_commune" else target.level]
    return f"{_span(span, lang)} {vi if lang == 'vi' else one if span == (1, 1) else more}"


def _span(span: Span, lang: Lang) -> str:
    low, high = (amount(value, lang=lang) for value in span)
    return low if low == high else f"{low} đến {high}" if lang == "vi" else f"{low} to {high}"


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of one language; `{...}` are filled in."""

    no_target: str
    no_need: str
    other_units: str
    no_baseline: str
    baseline: str
    silent: str
    single: str
    line: str
    missing: str
    left: str
    each: str


_WORDS: dict[Lang, _Words] = {
    "vi": _Words(
        no_target="Kế hoạch không nêu chỉ tiêu.",
        no_need="Chưa xác định được",
        other_units="{scope}",
        no_baseline="Không rõ số gốc nên không vẽ được đường tiến độ",
        baseline="Gốc {start}: {stock}; cần thêm {needed}, hạn {deadline}",
        silent="; chưa có số liệu sau mốc gốc",
        single="; một đơn vị được công nhận một lần nên chỉ xét khi đến hạn",
        line=". Theo đường thẳng, đến {day} phải thêm {expected}; thực tế thêm {grown}",
        missing="Còn thiếu {remaining}",
        left="Còn {remaining} trong {quarters}",
        each=": mỗi quý {each}",
    ),
    "en": _Words(
        no_target="The plan states no target.",
        no_need="Cannot be told",
        other_units="The plan is about other units or another year than these data.",
        no_baseline="No baseline, so no line can be drawn",
        baseline="Baseline {start}: {stock}; {needed} more needed by {deadline}",
        silent="; nothing reported since the baseline",
        single="; one unit is recognised at one stroke, so it is judged at the deadline only",
        line=". On the straight line {expected} by {day}; in fact {grown}",
        missing="Still missing: {remaining}",
        left="Left: {remaining} in {quarters}",
        each=", {each} in each",
    ),
}


def rule_words(target: Target, told: Standing) -> tuple[str, str]:
    """Baseline and line, verdict, what is left: Vietnamese and English."""
    return _rule(target, told, "vi"), _rule(target, told, "en")


def _rule(target: Target, told: Standing, lang: Lang) -> str:
    words = _WORDS[lang]
    if told.pace == "no_target":
        return words.no_target
    if told.scope:
        return words.other_units.format(scope=told.scope)
    if not told.counted:
        return f"{words.no_need}."
    verdict = PACE_WORDS[told.pace][_LANGS.index(lang)]
    parts = [_line(target, told, words, lang), f"{verdict[:1].upper()}{verdict[1:]}"]
    if told.remaining:
        form = words.left + _each(told, words, lang) if told.quarters_left else words.missing
        remaining = _counted(target, (told.remaining, told.remaining), lang)
        parts.append(form.format(remaining=remaining, quarters=_quarters(told.quarters_left, lang)))
    return ". ".join(parts) + "."


def _quarters(count: int, lang: Lang) -> str:
    return f"{count} quý" if lang == "vi" else f"{count} quarter{'s' if count > 1 else ''}"


def _each(told: Standing, words: _Words, lang: Lang) -> str:
    """How many a quarter: whole units, for none is reached by half; nothing where a quarter may pass without one."""
    share = (told.remaining or 0.0) / told.quarters_left
    if told.quarters_left < 2 or share < 1:
        return ""
    return words.each.format(each=_span((float(math.floor(share)), float(math.ceil(share))), lang))


def _line(target: Target, told: Standing, words: _Words, lang: Lang) -> str:
    if told.stock is None or told.baseline_day is None or told.needed is None or told.grown is None:
        return words.no_baseline
    start = words.baseline.format(
        start=day_words(told.baseline_day, lang=lang),
        stock=_counted(target, told.stock, lang),
        needed=_span(told.needed, lang),
        deadline=day_words(told.deadline, lang=lang),
    )
    if told.expected is None:
        if told.pace in {"reached", "missed"}:
            return start
        return start + (words.single if told.needed[1] <= 1 else words.silent)
    return start + words.line.format(
        day=day_words(told.data_day, lang=lang),
        expected=_span(told.expected, lang),
        grown=_span(told.grown, lang),
    )


_REACHED: dict[Lang, dict[bool | None, str]] = {
    "vi": {True: "đã đạt", False: "chưa đạt", None: "chưa có số liệu"},
    "en": {True: "reached", False: "not reached", None: "not reported"},
}
_BACKLOG = (
    "Phần của năm {before} chưa xong phải làm thêm; kế hoạch không ghi bao nhiêu nên để riêng, không cộng, không trừ.",
    "What {before} left undone is owed on top; the plan does not say how much, so it is kept apart.",
)
_OWED = (
    "Phần của năm {before} chưa xong: {owed} xã, làm thêm và tính riêng, không cộng vào chỉ tiêu.",
    "What {before} left undone: {owed} communes, owed on top and kept apart.",
)
_CARRIED = (
    "Chuyển từ kế hoạch {before} (tính riêng): {carried}. Riêng năm {year}: {own}.",
    "Carried over from {before} (kept apart): {carried}. {year} alone: {own}.",
)


def apart_words(target: Target, plan: Plan, district_status: pd.DataFrame | None) -> tuple[str, str]:
    """What the plan owes from the year before, never mixed into the count; "" for nothing.

    `district_status` None: the plan's districts are not those of the data.
    """
    if not target.carried_over or district_status is None:
        texts = _BACKLOG if target.owed is None else _OWED
        vi, en = (text.format(before=plan.year - 1, owed=target.owed) if target.backlog else "" for text in texts)
        return vi, en
    told = district_status.set_index("district_code")["tier"].to_dict()
    own = [code for code in target.districts if code not in target.carried_over]

    def said(codes: Iterable[str], lang: Lang) -> str:
        states = ((plan.districts[code], told[code] == target.tier if code in told else None) for code in codes)
        return ", ".join(f"{name} {_REACHED[lang][reached]}" for name, reached in states)

    vi, en = (
        text.format(before=plan.year - 1, year=plan.year, carried=said(target.carried_over, lang), own=said(own, lang))
        for text, lang in zip(_CARRIED, _LANGS, strict=True)
    )
    return vi, en
