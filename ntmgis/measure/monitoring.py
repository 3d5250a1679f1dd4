"""What a review asks of a snapshot: who stands where and why, what changed, what is still needed, who is next."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHANGE_KINDS", "CRITERIA_CHANGE_KINDS", "PACES", "RISKS", "Monitoring", "Note"]

# Order of every list of changes. "corrected": what was known of the earlier day was put right later; nothing changed.
# "regrouped": the units themselves changed in between, so there is neither a rise nor a fall to speak of.
CHANGE_KINDS = (
    "withdrawn",
    "down",
    "newly_recognised",
    "up",
    "first_report",
    "no_longer_reported",
    "regrouped",
    "corrected",
)
CRITERIA_CHANGE_KINDS = ("lost", "gained", "first_report", "no_longer_reported", "corrected")
# Order of every legend of the risk of withdrawal.
RISKS = ("withdrawable", "at_risk", "none", "unknown", "not_applicable")
# How a target stands. "missed": its day has come and it is not reached; "no_target": the plan states none.
PACES = ("reached", "on_track", "behind", "missed", "unknown", "no_target")


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that belongs under a product: a rule, or what could not be compared and why."""

    id: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The answers of one date (`as_of`), compared with an earlier one (`since`; None: no comparison was asked for).

    Every answer carries its reason in words: `reason` in Vietnamese, `reason_en` in English. Dates of values are
    datetime64 (NaT: none), other missing words None.

    standing    one row per commune, indexed by code: tier (one of TIER_STATES: recognised by decision), standard_year,
                decision, decision_date, criteria_set, meets_now (boolean; NA when criteria are unknown: whether all
                criteria of its set are met today, a fact apart from the tier), missing and unknown (tuples of criterion
                numbers), risk (one of RISKS: withdrawal by Decision 18/2022/QĐ-TTg), risk_share (share of criteria no
                longer met; NaN unknown), reason, reason_en
    conditions  long: level (district, city, commune, village), code, name, condition (id), title, title_en,
                state (met, not_met, unknown), value, need (floats, NaN where words only), reason, reason_en
    changes     long: level (commune, village, district), code, name, district, what ("tier"; for a village the flag:
                model, minority_ntm, smart), kind (one of CHANGE_KINDS), before, after (tiers as stored, for a village
                "yes" or "no"; None: nothing reported), before_as_of, after_as_of (dates of the values), decision,
                decision_date, source (title), reason, reason_en, mixture and mixture_en (of a regrouped unit: what its
                predecessors were, "2 NTM, 1 chưa đạt"; else None)
    criteria_changes
                long: code, name, district, criteria_set, criterion, kind (one of CRITERIA_CHANGE_KINDS), before, after
                (states as stored; None: nothing reported), before_as_of, after_as_of, source (title).
                Only within one criteria set.
    targets     the rows of `Facts.plan` with: pace (one of PACES), on_track (boolean, NA unknown), stock (what stood on
                the baseline day, for every kind of target), grown (growth so far), needed (growth needed by the end of
                the plan year), expected (growth that a straight line would have by the date of the data), remaining
                (still needed), quarters_left, per_quarter (needed per remaining quarter), baseline_as_of, data_as_of,
                deadline (dates), rule, rule_en (the rule with its numbers, in words), apart, apart_en (what the plan
                owes from the year before, kept out of the count). stock, grown, needed, expected and remaining count
                units (villages for a share), NaN where not known exactly
    candidates  one row per commune below the top tier: code, name, district, tier, to_tier, missing (tuple of criterion
                numbers), missing_count, unknown_count (Int64; NA: the criteria of that tier are not recorded), targets
                (ids of the plan's targets it would count for), unlocks (words: which target or district it would
                complete), unlocks_en, reason, reason_en; by to_tier from low to high, the nearest first
    trend       long: level (province, district), code, name, as_of, epoch, criteria_set (None where it does not
                matter), measure (communes, reported; a tier: cumulative count; criteria_met_total, criteria_total,
                criteria_mean, criteria_communes, or a measure of published totals), value, origin (counted: from the
                rows of the communes; published: a total stated by a text, see `source`), source, note.
                Numbers of different criteria sets are different things and never stand in one line
    notes       what holds for the whole: rules, and what was not compared and why
    """

    as_of: date
    since: date | None
    standing: "pd.DataFrame"
    conditions: "pd.DataFrame"
    changes: "pd.DataFrame"
    criteria_changes: "pd.DataFrame"
    targets: "pd.DataFrame"
    candidates: "pd.DataFrame"
    trend: "pd.DataFrame"
    notes: tuple[Note, ...] = ()
