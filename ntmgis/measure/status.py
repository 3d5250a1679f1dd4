"""What each commune has reached, how many criteria it meets, and what a merged unit was made of."""

import pandas as pd

from ntmgis.programme.tiers import TIER_STATES, at_least, state
from ntmgis.store.snapshot import Snapshot

__all__ = ["commune_states", "composition", "counts", "district_counts"]


def commune_states(snapshot: Snapshot, predecessors: pd.DataFrame | None = None) -> pd.DataFrame:
    """By commune code: name, kind, district, tier state and decision, criteria met and known, composition.

    `predecessors` (code, tier state) tells what the units were that a merged unit was formed from.
    """
    units = snapshot.communes.set_index("code")
    status = snapshot.commune_status.set_index("code").reindex(units.index)
    tiers = status["tier"].astype(object).where(status["tier"].notna(), None)
    tier = [state(t, rural=bool(rural)) for t, rural in zip(tiers, units["rural"], strict=True)]
    # Not assessed and not applicable say nothing about being met.
    judged = snapshot.criteria[snapshot.criteria["state"].isin(["met", "not_met"])]
    groups = judged["state"].eq("met").groupby(judged["code"])
    known = groups.size().reindex(units.index)
    made = pd.DataFrame(
        {
            "name": units["name"],
            "kind": units["kind"],
            "district_code": units["district_code"],
            "district": units["district"],
            "tier": tier,
            "standard_year": status["standard_year"],
            "decision": status["decision"],
            "decision_date": status["decision_date"],
            "status_as_of": status["as_of"],
            "criteria_met": groups.sum().reindex(units.index).astype("Int64"),
            "criteria_known": known.fillna(0).astype("Int64"),
        },
        index=units.index,
    )
    parts = composition(snapshot.unit_change, predecessors)
    made["composition"] = (
        pd.Series(parts, dtype=object).reindex(made.index).where(made["tier"].eq("not_reported"), None)
    )
    made["composition"] = made["composition"].where(made["composition"].notna(), None)
    return made


def composition(changes: pd.DataFrame, predecessors: pd.DataFrame | None) -> dict[str, dict[str, int]]:
    """New code → tier state → number of the units it was formed from; {} when nothing is known of them.

    An old unit that `predecessors` does not list counts as not reported: no part is left out.

    A merged unit has no tier of its own until it is assessed; this is what it was, never what it is.
    """
    if predecessors is None or changes.empty:
        return {}
    told = changes[["old_code", "new_code"]].merge(predecessors, left_on="old_code", right_on="code", how="left")
    told["tier"] = told["tier"].fillna("not_reported")
    counted = told.groupby(["new_code", "tier"]).size()
    found: dict[str, dict[str, int]] = {}
    for new_code, part in counted.groupby(level="new_code"):
        by_tier = part.droplevel("new_code").to_dict()
        found[str(new_code)] = {one: int(by_tier[one]) for one in TIER_STATES if one in by_tier}
    return found


def counts(tiers: pd.Series) -> dict[str, int]:
    """Number of communes in each state, all states present, in the order of the legend."""
    found = tiers.value_counts()
    return {one: int(found.get(one, 0)) for one in TIER_STATES}


def district_counts(communes: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    """By group: units, rural, one column of counts for each state, and ntm_or_higher (cumulative)."""
    groups = communes.groupby(by)
    made = pd.DataFrame({"units": groups.size(), "rural": communes["kind"].eq("xã").groupby(by).sum()})
    for one in TIER_STATES:
        made[one] = communes["tier"].eq(one).groupby(by).sum()
    made["ntm_or_higher"] = communes["tier"].map(lambda tier: at_least(tier, "ntm")).groupby(by).sum()
    return made.astype("int64")
