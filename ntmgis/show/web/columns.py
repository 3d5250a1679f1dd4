"""Frame columns as plain JSON values: unknown is null, never 0 and never an empty word."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

__all__ = ["clean", "coded", "column", "dates", "flags", "numbers", "texts"]


def clean(value: object) -> str:
    """The text of a value, encodable as UTF-8: a lone surrogate becomes a question mark.

    >>> clean("Đắk Hà")
    'Đắk Hà'
    """
    return str(value).encode("utf-8", "replace").decode("utf-8")


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column, or one of unknowns when the frame has none."""
    if name in frame.columns:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def texts(values: Iterable[Any]) -> list[str | None]:
    """Text, null where unknown."""
    return [None if _missing(value) else clean(value) for value in _listed(values)]


def numbers(values: Iterable[Any], digits: int) -> list[float | int | None]:
    """Rounded numbers, whole ones without a point; null where unknown or not finite."""
    made: list[float | int | None] = []
    for value in _listed(values):
        number = float("nan") if _missing(value) else float(value)
        if number - number != 0:  # NaN and infinities
            made.append(None)
            continue
        rounded = round(number, digits)
        made.append(int(rounded) if rounded == int(rounded) else rounded)
    return made


def flags(values: Iterable[Any]) -> list[int | None]:
    """1, 0 or null."""
    return [None if _missing(value) else int(bool(value)) for value in _listed(values)]


def dates(values: Iterable[Any]) -> list[str | None]:
    """ISO days, null where unknown."""
    return [None if _missing(value) else pd.Timestamp(value).date().isoformat() for value in _listed(values)]


def coded(values: Iterable[Any]) -> dict[str, list[Any]]:
    """Text as `k` (the different words, in order of first use) and `v` (index into k, -1 where unknown)."""
    words: dict[str, int] = {}
    index = [-1 if word is None else words.setdefault(word, len(words)) for word in texts(values)]
    return {"k": list(words), "v": index}


def _listed(values: Iterable[Any]) -> Iterable[Any]:
    """The values of a column all at once: one by one they cost ten times as much."""
    return values.tolist() if isinstance(values, pd.Series) else values


def _missing(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, (dict, list, tuple, str)):
        return False
    if isinstance(value, float):
        return math.isnan(value)
    return bool(pd.isna(value))  # type: ignore[call-overload]
