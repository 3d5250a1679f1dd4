"""The tiers of a commune in one place: their order, that they are cumulative, and the states of not knowing."""

from typing import Final

__all__ = ["TIERS", "TIER_STATES", "at_least", "state"]

# From low to high. Cumulative: a model commune is also advanced, an advanced one also NTM.
TIERS: Final = ("not_yet", "ntm", "advanced", "model")
# Order of every legend and table. The last two say what is known, not what the commune has reached.
TIER_STATES: Final = ("model", "advanced", "ntm", "not_yet", "not_reported", "not_applicable")


def at_least(tier: str | None, floor: str) -> bool:
    """True when a tier is `floor` or higher; False for the states of not knowing.

    >>> at_least("model", "ntm"), at_least("ntm", "advanced"), at_least("not_reported", "ntm")
    (True, False, False)
    """
    return tier in TIERS and TIERS.index(tier) >= TIERS.index(floor)


def state(tier: str | None, *, rural: bool) -> str:
    """The state shown for a unit: only rural communes are assessed; one without a report is not reported.

    >>> state(None, rural=True), state(None, rural=False), state("ntm", rural=True)
    ('not_reported', 'not_applicable', 'ntm')
    """
    if not rural:
        return "not_applicable"
    return tier or "not_reported"
