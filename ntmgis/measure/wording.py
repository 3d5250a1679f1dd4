"""Words that several measures put into their reasons: numbers, days, names of tiers."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import pandas as pd

from ntmgis.programme.tables import values

__all__ = ["Lang", "amount", "day_words", "listed", "missing", "plain", "state_words"]

Lang = Literal["vi", "en"]
_NOT_KNOWING = {
    "not_reported": ("chưa có số liệu", "not reported"),
    "not_applicable": ("không thuộc diện đánh giá", "not assessed"),
    "yes": ("đạt", "yes"),
    "no": ("chưa đạt", "no"),
}


def missing(value: object) -> bool:
    """True for None, NaN, NaT and NA."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))  # type: ignore[call-overload]


def plain(value: Any) -> Any:
    """None for every missing value, the value itself otherwise."""
    return None if missing(value) else value


def amount(value: float, *, lang: Lang = "vi") -> str:
    """A number with one decimal at most, rounded half up.

    >>> amount(8.0), amount(3.96), amount(3.96, lang="en"), amount(-2.0)
    ('8', '4,0', '4.0', '−2')
    """
    exact = Decimal(repr(float(value)))
    text = (
        f"{int(exact):d}" if exact == exact.to_integral_value() else f"{exact.quantize(Decimal('0.1'), ROUND_HALF_UP)}"
    )
    return text.replace("-", "−").replace(".", "," if lang == "vi" else ".")


def day_words(when: Any, *, lang: Lang = "vi") -> str:
    """30/06/2025, in English 2025-06-30; "?" for none.

    >>> from datetime import date
    >>> day_words(date(2025, 6, 30)), day_words(None)
    ('30/06/2025', '?')
    """
    if missing(when):
        return "?"
    return f"{when.day:02d}/{when.month:02d}/{when.year:04d}" if lang == "vi" else f"{when:%Y-%m-%d}"


def state_words(state: str | None, *, level: str = "commune", lang: Lang = "vi") -> str:
    """The title of a tier or state; what is not reported says so.

    >>> state_words("ntm"), state_words(None), state_words("ntm", level="district", lang="en")
    ('Đạt chuẩn NTM', 'chưa có số liệu', 'NTM district')
    """
    known = values("district_tier" if level == "district" else "tier")
    if state is not None and state in known:
        return str(getattr(known[state], lang))
    said = _NOT_KNOWING.get(state or "not_reported")
    return str(state) if said is None else said[0 if lang == "vi" else 1]


def listed(names: Iterable[str], *, most: int = 6, lang: Lang = "vi") -> str:
    """Names after commas; a long list says how many are left out.

    >>> listed(["a", "b", "c"], most=2)
    'a, b và 1 nơi khác'
    """
    every = list(names)
    if len(every) <= most:
        return ", ".join(every)
    left = len(every) - most
    return ", ".join(every[:most]) + (f" và {left} nơi khác" if lang == "vi" else f" and {left} more")
