"""The four shares of digital addresses: coded, notified, plated, located. Groups under five objects are withheld."""

import pandas as pd

__all__ = ["SUPPRESS_UNDER", "flags_of", "shares"]

SUPPRESS_UNDER = 5
_SHARES = ("coded", "notified", "plated", "located")


def flags_of(objects: pd.DataFrame) -> pd.DataFrame:
    """Of each object whether it is coded, notified, plated and located: 1.0, 0.0 or NaN (not known).

    `objects` has has_code (boolean), notified_on, plated_on (dates) and x (NaN: not located). A missing date means
    that the register shows no notice or plate, unless it shows none at all: then that is unknown, not 0.
    """
    return pd.DataFrame(
        {
            "coded": objects["has_code"].astype("Float64").astype(float),
            "notified": _dated(objects["notified_on"]),
            "plated": _dated(objects["plated_on"]),
            "located": objects["x"].notna().astype(float),
        }
    )


def shares(flags: pd.DataFrame, by: "pd.Series[str]") -> pd.DataFrame:
    """By group of objects, whose `flags_of` are given: address_total, the four address_*_share, suppressed.

    The denominator is the objects of the register; for "coded" those of which it is known (NaN when these are too
    few). For a group with fewer than SUPPRESS_UNDER objects the total and the shares are NaN and `suppressed` is True:
    so few households could be told apart.
    """
    groups = flags.groupby(by)
    total = groups.size()
    few = total < SUPPRESS_UNDER
    made = pd.DataFrame({"address_total": total.astype(float).mask(few)})
    known = groups.count()
    for name, mean in groups.mean().items():
        made[f"address_{name}_share"] = mean.mask(few | (known[name] < SUPPRESS_UNDER))
    made["suppressed"] = few
    return made[["address_total", *(f"address_{name}_share" for name in _SHARES), "suppressed"]]


def _dated(dates: pd.Series) -> pd.Series:
    """1.0 where there is a date, else 0.0; all NaN when the register does not keep these dates."""
    there = dates.notna()
    return there.astype(float) if there.any() else pd.Series(float("nan"), index=dates.index)
