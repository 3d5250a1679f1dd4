"""Words that several parts of a review pack use: criteria by name, units in a row, spans of time."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ntmgis.measure.told import Row
from ntmgis.measure.wording import missing
from ntmgis.show.paper.font import clean
from ntmgis.show.words import set_of

__all__ = ["WITHHELD", "age", "by_group", "criteria_named", "lacking", "named"]

# What stands for a criterion that its set keeps off public products.
WITHHELD = "tiêu chí khác"


def named(names: Iterable[object]) -> str:
    """Names after commas, each cleaned for one line of type."""
    return ", ".join(clean(name, limit=60) for name in names)


def by_group(pairs: Iterable[tuple[str, str]]) -> str:
    """(group, name) as "Xã A: Làng 1, Làng 2; Xã B: Làng 3", in the order of first mention.

    >>> by_group([("Xã A", "Làng 1"), ("Xã B", "Làng 3"), ("Xã A", "Làng 2"), ("", "Làng 9")])
    'Xã A: Làng 1, Làng 2; Xã B: Làng 3; Làng 9'
    """
    groups: dict[str, list[str]] = {}
    for group, name in pairs:
        groups.setdefault(group, []).append(name)
    return "; ".join(f"{group}: {named(names)}" if group else named(names) for group, names in groups.items())


def criteria_named(id_: Any, numbers: Sequence[int]) -> str:
    """Numbers with their names; those kept off public products together as "tiêu chí khác".

    >>> criteria_named("2021-2025", [10, 19]), criteria_named("2016-2020", [10, 11])
    ('10 Thu nhập, tiêu chí khác', '10, 11')
    """
    set_ = set_of(id_)
    known = {one.no: one for one in set_.criteria}
    told = [f"{no} {known[no].vi}" if no in known else str(no) for no in numbers if no not in set_.withheld]
    hidden = len(numbers) - len(told)
    if hidden:
        told.append(WITHHELD if hidden == 1 else f"{hidden} {WITHHELD}")
    return ", ".join(told)


def lacking(row: Row, *, of: Any = None) -> str:
    """What a commune lacks of its criteria, from a row of `Monitoring.standing`; "" when it lacks nothing.

    `of`: the criteria set, where the row names none.
    """
    id_ = row.get("criteria_set") or of
    gone, unknown = tuple(row.get("missing") or ()), tuple(row.get("unknown") or ())
    count = set_of(id_).count
    if unknown and count and len(unknown) == count:
        return "chưa có số liệu tiêu chí"
    parts = []
    if gone:
        parts.append(f"thiếu {len(gone)} tiêu chí: {criteria_named(id_, gone)}")
    if unknown:
        parts.append(f"chưa rõ {len(unknown)} tiêu chí: {criteria_named(id_, unknown)}")
    return "; ".join(parts)


def age(then: date | None, now: date) -> str:
    """How old a date is: days up to two months, then months, then years and months; "?" for none.

    >>> today = date(2025, 6, 30)
    >>> age(date(2025, 6, 1), today), age(date(2024, 12, 31), today), age(None, today)
    ('29 ngày', '6 tháng', '?')
    """
    if missing(then) or then is None:
        return "?"
    days = (now - then).days
    if days < 0:
        return "sau ngày xem"
    months = round(days / 30.44)
    if days <= 60:
        return f"{days} ngày"
    if months < 24:
        return f"{months} tháng"
    return f"{months // 12} năm" + (f" {months % 12} tháng" if months % 12 else "")
