"""Dates as people write them: 13/5/2019, "ngày 13 tháng 5 năm 2019", an Excel serial; periods by their last day."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

__all__ = ["day", "period_end", "year"]

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_VIETNAMESE = re.compile(
    r"(?:ngày\s*)?(\d{1,2})\s*(?:[/.-]|tháng)\s*(\d{1,2})\s*(?:[/.-]|năm)\s*(\d{4})(?: 0{1,2}:00(?::00)?)?",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_YEAR = re.compile(r"(?:năm\s*)?(\d{4})(?:\.0)?", re.IGNORECASE)
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
_OF_YEAR = r"\s*(?:[/.,-]|,?\s*năm)?\s*(\d{4})"
# (form, months of one unit, most units): the number in the text counts months or quarters from the start of the year.
_PERIODS = (
    (re.compile(rf"(?:tháng|th\.?|t\.?)\s*(\d{{1,2}}){_OF_YEAR}"), 1, 12),
    (re.compile(rf"(?:quý|quí|q\.?)\s*([ivIV]{{1,3}}|\d){_OF_YEAR}"), 3, 4),
    (re.compile(r"(\d{1,2})\s*tháng(?:\s*đầu)?(?:\s*năm|\s*[/,-])\s*(\d{4})"), 1, 12),
)
_HALF = re.compile(r"6\s*tháng\s*cuối(?:\s*năm|\s*[/,-])\s*(\d{4})")
_WHOLE_YEAR = re.compile(r"(?:cuối\s+|hết\s+|cả\s+)?năm\s*(\d{4})")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_LEAD = re.compile(r"^(?:(?:số liệu|tính|lũy kế|kỳ|đến|hết|cuối|trong)\s+)+")
_EXCEL_ZERO = date(1899, 12, 30)
_FIRST, _LAST = 1900, 2100
_SERIALS = range(7306, 73051)  # 1920-01-01 .. 2099-12-31: a smaller number is a year or a count


def day(value: Any) -> date | None:
    """The day `value` names, or None when it names none (no day, two digits of year, day 31 of February).

    Day before month, as in Vietnam; a month over 12 is refused, not swapped.

    >>> day("13/5/2019"), day(43598), day("5/13/2019")
    (datetime.date(2019, 5, 13), datetime.date(2019, 5, 13), None)
    """
    if isinstance(value, date):
        made = value.date() if isinstance(value, datetime) else value
    elif isinstance(value, bool):
        made = None
    elif isinstance(value, int | float):
        made = _EXCEL_ZERO + timedelta(days=int(value)) if 0 < value < 1e6 and int(value) in _SERIALS else None
    else:
        made = _written(" ".join(str(value).split()))
    return made if made is not None and _FIRST <= made.year <= _LAST else None


def _written(text: str) -> date | None:
    if match := _ISO.fullmatch(text) or _SLASHED.fullmatch(text):
        numbers = int(match[1]), int(match[2]), int(match[3])
    elif match := _VIETNAMESE.fullmatch(text):
        numbers = int(match[3]), int(match[2]), int(match[1])
    elif match := _SERIAL.fullmatch(text):
        return day(int(match[1]))
    else:
        return None
    try:
        return date(*numbers)
    except ValueError:
        return None


def period_end(value: Any) -> date | None:
    """The last day of the period that `value` names in words, or None when it names none.

    >>> period_end("quý II/2025"), period_end("tháng 2/2024"), period_end("6 tháng đầu năm 2025")
    (datetime.date(2025, 6, 30), datetime.date(2024, 2, 29), datetime.date(2025, 6, 30))
    >>> period_end("năm 2024"), period_end("2024"), period_end("quý V/2025")
    (datetime.date(2024, 12, 31), None, None)
    """
    if not isinstance(value, str):
        return None
    text = _LEAD.sub("", " ".join(unicodedata.normalize("NFC", value).casefold().split()))
    months, named = 0, 0
    if match := _WHOLE_YEAR.fullmatch(text) or _HALF.fullmatch(text):
        months, named = 12, int(match[1])
    for pattern, factor, most in _PERIODS:
        if match := pattern.fullmatch(text):
            count = int(match[1]) if match[1].isdigit() else _ROMAN.get(match[1], 0)
            months, named = (count * factor if count <= most else 0), int(match[2])
    if not 1 <= months <= 12 or not _FIRST <= named <= _LAST:
        return None
    return date(named + months // 12, months % 12 + 1, 1) - timedelta(days=1)


def year(value: Any) -> int | None:
    """The year `value` names ("2024", "năm 2024", a date), or None.

    >>> year("năm 2024"), year(2024.0), year(date(2024, 5, 1)), year("24")
    (2024, 2024, 2024, None)
    """
    if isinstance(value, date):
        return value.year
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        made = int(value) if float(value).is_integer() else 0
    else:
        text = " ".join(str(value).split())
        match = _YEAR.fullmatch(text)
        if match is None:
            found = day(text) if not text.isdigit() else None
            return found.year if found else None
        made = int(match[1])
    return made if _FIRST <= made <= _LAST else None
