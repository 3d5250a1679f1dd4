"""Numbers as people write them: "1.166.023", "15,88", "1 200", "3,5 m".

One rule keeps this safe: a value with one separator and exactly three digits after it ("1.200") has two readings. It
is read only when its column, the file, the type or the limits of the field leave one reading; else it is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Marks", "find_marks", "number"]

Role = Literal["decimal", "thousands"]

_SPACE = re.compile(r"(?<=\d)[\s'](?=\d{3}(?:\D|$))")
_PLAIN = re.compile(r"[+-]?\d+")
_ONE_MARK = re.compile(r"[+-]?(\d*)([.,])(\d+)")
_GROUPS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
_BOTH = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})+(?!\1)([.,])\d+")
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")


@dataclass(frozen=True, slots=True)
class Marks:
    """What "." and "," were seen to mean; None: not seen, or seen with both meanings."""

    dot: Role | None = None
    comma: Role | None = None

    def role(self, mark: str) -> Role | None:
        """The meaning of one of the two marks; what one mark does not mean tells about the other."""
        own, other = (self.dot, self.comma) if mark == "." else (self.comma, self.dot)
        if own is None and other is not None:
            return "thousands" if other == "decimal" else "decimal"
        return own

    def __bool__(self) -> bool:
        return self.dot is not None or self.comma is not None


_UNKNOWN = Marks()


def find_marks(values: Iterable[Any]) -> Marks:
    """The meaning of the marks in these values, from those that can be read in one way only.

    >>> find_marks(["1.166.023", "15.120"])
    Marks(dot='thousands', comma=None)
    >>> find_marks(["15,88"]).role(".")
    'thousands'
    """
    seen: dict[str, set[Role]] = {".": set(), ",": set()}
    for value in values:
        if not isinstance(value, str):
            continue
        text = _SPACE.sub("", value.strip())
        if match := _GROUPS.fullmatch(text):
            seen[match[1]].add("thousands")
        elif match := _BOTH.fullmatch(text):
            seen[match[1]].add("thousands")
            seen[match[2]].add("decimal")
        elif (match := _ONE_MARK.fullmatch(text)) and not _two_readings(match):
            seen[match[2]].add("decimal")
    dot, comma = (next(iter(roles)) if len(roles) == 1 else None for roles in (seen["."], seen[","]))
    if dot is not None and dot == comma:  # both marks with one meaning: the file mixes two ways of writing
        return Marks()
    return Marks(dot, comma)


def _two_readings(match: re.Match[str]) -> bool:
    whole, _, after = match.groups()
    return len(after) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")


def number(text: str, *, marks: Marks = _UNKNOWN, unit: str | None = None) -> float | tuple[float, float] | None:
    """`text` as a number; (as thousands, as decimal) when it can be read in two ways; None when it is no number.

    >>> number("1.166.023"), number("15,88 km", unit="km")
    (1166023.0, 15.88)
    >>> number("1.200"), number("1.200", marks=Marks(comma="decimal"))
    ((1200.0, 1.2), 1200.0)
    """
    text = text.strip().removeprefix("'")
    if unit is not None and text.casefold().endswith(unit.casefold()):
        text = text[: -len(unit)].rstrip()
    text = _SPACE.sub("", text).replace("−", "-")
    if (match := _ONE_MARK.fullmatch(text)) and _two_readings(match):
        as_thousands, as_decimal = float(text.replace(match[2], "")), float(text.replace(match[2], "."))
        role = marks.role(match[2])
        return {"decimal": as_decimal, "thousands": as_thousands}[role] if role else (as_thousands, as_decimal)
    if match := _GROUPS.fullmatch(text):
        return float(text.replace(match[1], ""))
    if match := _BOTH.fullmatch(text):
        return float(text.replace(match[1], "").replace(match[2], "."))
    if _PLAIN.fullmatch(text) or _EXPONENT.fullmatch(text) or _ONE_MARK.fullmatch(text):
        return float(text.replace(",", "."))
    return None
