"""Boundary epochs: spans of time in which the commune units and their codes keep one meaning.

Codes were reused on 1 July 2025 (Resolution 1677/NQ-UBTVQH15), so a code without a date is not a key.
"""

from dataclasses import dataclass
from datetime import date

__all__ = ["EPOCHS", "Epoch", "epoch_on"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """A span of days, both ends included; None is an open end."""

    id: str
    first_day: date | None
    last_day: date | None
    title_vi: str
    title_en: str

    def holds(self, day: date) -> bool:
        """True when `day` lies in the epoch."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


EPOCHS = (
    Epoch(
        "until-2025-06-30",
        None,
        date(2025, 6, 30),
        "ranh giới đến 30/06/2025",
        "boundaries until 30 June 2025",
    ),
    Epoch(
        "from-2025-07-01",
        date(2025, 7, 1),
        None,
        "ranh giới từ 01/07/2025",
        "boundaries from 1 July 2025",
    ),
)


def epoch_on(day: date) -> Epoch:
    """The epoch that holds `day`.

    >>> epoch_on(date(2025, 6, 30)).id
    'until-2025-06-30'
    """
    return next(epoch for epoch in EPOCHS if epoch.holds(day))
