"""How every benchmark prints what it found: one row for each number, with its goal and whether that is met."""

import re
from typing import Final

__all__ = ["MET", "MISSED", "is_met", "row"]

MET: Final = "✓"
MISSED: Final = "✗ missed"
_GOAL: Final = re.compile(r"(≤|<=|≥|>=|)\s*([\d,]*\.?\d+)")


def is_met(value: float, goal: str) -> bool | None:
    """Whether the value keeps a goal such as "≤ 1.8", ">= 15" or "0"; None where the goal is no number.

    >>> is_met(1.8, "≤ 1.8"), is_met(14.9, ">= 15"), is_met(0, "0"), is_met(3, "bounded")
    (True, False, True, None)
    """
    told = _GOAL.fullmatch(goal.strip())
    if not told:
        return None
    bound = float(told[2].replace(",", ""))
    if told[1] in {"≤", "<="}:
        return value <= bound
    return value >= bound if told[1] else value == bound


def row(name: str, value: float, unit: str, goal: str = "") -> None:
    """Print one number; a goal that is a number gets a mark."""
    met = is_met(value, goal)
    mark = "" if met is None else MET if met else MISSED
    print(f"  {name:58} {value:10.2f} {unit:6} {goal:10} {mark}".rstrip(), flush=True)
