"""Words and numbers that every product shares: the headline, and how numbers, shares and dates are written.

Page, sheet and tables import them, so that all three say the same.
"""

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from ntmgis.measure.facts import Facts
from ntmgis.programme.criteria import CRITERIA_SETS, CriteriaSet, criteria_set
from ntmgis.store.base import local_day
from ntmgis.store.snapshot import Snapshot

__all__ = [
    "UNKNOWN",
    "Lang",
    "data_day",
    "day",
    "headline",
    "known_day",
    "known_words",
    "lower",
    "number",
    "percent",
    "place_words",
    "quarter",
    "set_of",
    "share",
    "subtitle",
    "upper",
]

Lang = Literal["vi", "en"]

# What stands where a number is not known. Never 0, never an empty cell.
UNKNOWN = "–"
_MINUS = "−"
_KINDS = ("Huyện ", "Khu vực ", "Quận ", "Thành phố ", "Thị xã ", "Tỉnh ")
_PLAIN_SET = "2021-2025"
_ROMAN = ("I", "II", "III", "IV")


def upper(text: str) -> str:
    """With a capital at the front, the rest as it is."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """With a small letter at the front, the rest as it is."""
    return text[:1].lower() + text[1:]


def place_words(*names: str | None) -> str:
    """Where, from the smallest unit up; the kinds of the wider ones stand small, as within a sentence.

    >>> place_words("Xã Hà Mòn", "Huyện Đắk Hà", "Tỉnh Kon Tum"), place_words(None, "Khu vực Kon Tum")
    ('Xã Hà Mòn, huyện Đắk Hà, tỉnh Kon Tum', 'Khu vực Kon Tum')
    """
    first, *wider = [name for name in names if name] or [""]
    return ", ".join([first, *(lower(name) if name.startswith(_KINDS) else name for name in wider)])


def set_of(id_: object) -> CriteriaSet:
    """The set a status names; for none or an unknown one the set of 2021-2025, whose numbers they are."""
    return criteria_set(str(id_) if id_ in CRITERIA_SETS else _PLAIN_SET)


def number(value: float | None, decimals: int = 0, *, lang: Lang = "vi") -> str:
    """`value` with grouped thousands, rounded half away from zero as spreadsheets do; UNKNOWN for None, NaN, NA.

    >>> number(1166023), number(15.305, 2), number(1166023, lang="en"), number(None)
    ('1.166.023', '15,31', '1,166,023', '–')
    """
    if _unknown(value):
        return UNKNOWN
    exact = Decimal(repr(float(value))) if not isinstance(value, int) else Decimal(value)  # type: ignore[arg-type]
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.,") else _MINUS + text[1:]
    return text.translate({ord(","): ".", ord("."): ","}) if lang == "vi" else text


def percent(part_of_one: float | None, decimals: int = 1, *, lang: Lang = "vi") -> str:
    """A share of one as a percentage.

    >>> percent(0.6), percent(0.6, lang="en"), percent(float("nan"))
    ('60,0%', '60.0%', '–')
    """
    if _unknown(part_of_one):
        return UNKNOWN
    return number(float(Decimal(repr(float(part_of_one))) * 100), decimals, lang=lang) + "%"  # type: ignore[arg-type]


def share(part: int | None, whole: int | None, *, lang: Lang = "vi") -> str:
    """Numerator, denominator and percentage; no percentage of nothing.

    >>> share(51, 85), share(0, 0), share(51, 85, lang="en")
    ('51/85, 60,0%', '0/0', '51/85 (60.0%)')
    """
    ratio = f"{number(part, lang=lang)}/{number(whole, lang=lang)}"
    if _unknown(part) or _unknown(whole) or not whole:
        return ratio
    rate = percent(part / whole, lang=lang)  # type: ignore[operator]
    return f"{ratio}, {rate}" if lang == "vi" else f"{ratio} ({rate})"


def day(when: date | None, *, lang: Lang = "vi") -> str:
    """The date as 30/06/2025, or 30 June 2025 in English; UNKNOWN for None and NaT.

    >>> day(date(2025, 6, 30)), day(date(2025, 6, 30), lang="en")
    ('30/06/2025', '30 June 2025')
    """
    if when is None or when != when:  # noqa: PLR0124 - NaT is the date that differs from itself
        return UNKNOWN
    return f"{when:%d/%m}/{when.year:04d}" if lang == "vi" else f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def quarter(when: date, *, lang: Lang = "vi") -> str:
    """The quarter that holds the date.

    >>> quarter(date(2025, 6, 30)), quarter(date(2025, 6, 30), lang="en")
    ('quý II/2025', 'Q2 2025')
    """
    n = (when.month - 1) // 3
    return f"quý {_ROMAN[n]}/{when.year}" if lang == "vi" else f"Q{n + 1} {when.year}"


def data_day(snapshot: Snapshot) -> date:
    """The newest date of a reported tier, or the snapshot's own date when nothing is reported.

    A page made in 2026 from figures of 2025 says 2025: its date is that of the data, not of the making.
    """
    known = snapshot.commune_status["as_of"].dropna()
    if known.empty:
        return snapshot.as_of
    newest: date = known.max().date()
    return newest


def headline(snapshot: Snapshot, facts: Facts, lang: Lang = "vi") -> str:
    """The answer in one line, true also when some or all communes have not reported.

    A commune counts as NTM when its tier is NTM, advanced or model; the denominator is every commune that is assessed,
    reported or not. With gaps the number is a lower bound and says so.
    """
    met, rural, silent = _counts(facts)
    when = day(data_day(snapshot), lang=lang)
    part, whole = number(met, lang=lang), number(rural, lang=lang)
    if not rural:
        return f"Không có xã thuộc diện đánh giá, {when}" if lang == "vi" else f"No commune to assess, {when}"
    if silent == rural:
        if lang == "vi":
            return f"Chưa có số liệu nông thôn mới của {whole} xã, đến {when}"
        return f"NTM status of {whole} communes not reported, as of {when}"
    if lang == "vi":
        return f"{'Ít nhất ' if silent else ''}{part}/{whole} xã đạt chuẩn nông thôn mới, đến {when}"
    return f"{'At least ' if silent else ''}{part} of {whole} communes meet the NTM standard, as of {when}"


def subtitle(snapshot: Snapshot, facts: Facts, lang: Lang = "vi") -> str:
    """Scope and what qualifies the headline: place, boundaries, higher tiers, gaps, date of the view."""
    tiers = facts.tiers
    met, rural, silent = _counts(facts)
    vi = lang == "vi"
    epoch = snapshot.epoch.title_vi if vi else snapshot.epoch.title_en
    parts = [f"{snapshot.province_name}, {epoch}"]
    higher = [
        f"{number(tiers[state], lang=lang)} {word}"
        for state, word in (("advanced", "nâng cao" if vi else "advanced"), ("model", "kiểu mẫu" if vi else "model"))
        if tiers[state]
    ]
    if met and higher:
        parts.append(("trong đó " if vi else "of them ") + ", ".join(higher))
    if silent and silent < rural:
        parts.append(
            f"{number(silent)} xã chưa có số liệu" if vi else f"{number(silent, lang=lang)} communes not reported"
        )
    if tiers["not_applicable"]:
        count = number(tiers["not_applicable"], lang=lang)
        kinds = _urban_kinds(snapshot) if vi else "urban units"
        parts.append(f"{count} {kinds} không thuộc diện đánh giá" if vi else f"{count} {kinds} not assessed")
    if data_day(snapshot) != snapshot.as_of:
        seen = day(snapshot.as_of, lang=lang)
        parts.append(f"xem tại ngày {seen}" if vi else f"as known on {seen}")
    if known := known_words(snapshot, lang):
        parts.append(known)
    return " · ".join(parts)


def known_day(snapshot: Snapshot) -> date | None:
    """The day in Vietnam up to which records are counted; None: all that is known now."""
    return None if snapshot.known_at is None else local_day(snapshot.known_at)


def known_words(snapshot: Snapshot, lang: Lang = "vi") -> str:
    """What a product of an earlier state of knowledge must say; "" where all that is known now is shown.

    What was recorded after that day is not shown, so the same day may read otherwise on a product made without it.
    """
    when = known_day(snapshot)
    if when is None:
        return ""
    known = day(when, lang=lang)
    return f"theo số liệu đã biết đến ngày {known}" if lang == "vi" else f"as recorded by {known}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _counts(facts: Facts) -> tuple[int, int, int]:
    """NTM or higher, communes that are assessed, and those of them without a report."""
    tiers = facts.tiers
    met = tiers["ntm"] + tiers["advanced"] + tiers["model"]
    return met, met + tiers["not_yet"] + tiers["not_reported"], tiers["not_reported"]


def _urban_kinds(snapshot: Snapshot) -> str:
    units = snapshot.communes
    kinds = [kind for kind in ("phường", "thị trấn", "đặc khu") if ((units["kind"] == kind) & ~units["rural"]).any()]
    return ", ".join(kinds) or "đơn vị"


def _unknown(value: object) -> bool:
    """True for None, NaN and NA."""
    if value is None:
        return True
    try:
        return math.isnan(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True
