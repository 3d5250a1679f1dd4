"""The four shares of digital addresses: coded, notified, plated, located. Groups under five objects are withheld."""

import pandas as pd

__all__ = ["SUPPRESS_UNDER", "shares"]

SUPPRESS_UNDER = 5
_SHARES = ("coded", "notified", "plated", "located")


def shares(objects: pd.DataFrame, by: "pd.Series[str]") -> pd.DataFrame:
    """By group: address_total, the four address_*_share, suppressed.

    `objects` has has_code (boolean), notified_on, plated_on (dates) and x (NaN: not located). The denominator is the
    objects of the register; for "coded" those of which it is known. A missing date means that the register shows no
    notice or plate. For a group with fewer than SUPPRESS_UNDER objects the total and the shares are NaN and
    `suppressed` is True: so few households could be told apart.
    """
    flags = pd.DataFrame(
        {
            "coded": objects["has_code"].astype("Float64").astype(float),
            "notified": objects["notified_on"].notna().astype(float),
            "plated": objects["plated_on"].notna().astype(float),
            "located": objects["x"].notna().astype(float),
        }
    )
    groups = flags.groupby(by)
    total = groups.size()
    few = total < SUPPRESS_UNDER
    made = pd.DataFrame({"address_total": total.astype(float).mask(few)})
    for name, mean in groups.mean().items():
        made[f"address_{name}_share"] = mean.mask(few)
    made["suppressed"] = few
    return made[["address_total", *(f"address_{name}_share" for name in _SHARES), "suppressed"]]
