"""NTM status of the sample: totals as published, which commune invented.

Published (province before July 2025): 17 communes recognised in May 2019 (named), 35 of 85 in March 2022,
36 recognised and 38 meeting all 19 criteria in November 2022, 51 recognised before the merger, of them 10 advanced
and 4 model. We read the last as 37 NTM, 10 advanced and 4 model: 51 in all. The years between are invented.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ntmgis.sample.grid import child
from ntmgis.sample.villages import Village

__all__ = [
    "PERIODS",
    "TOTALS",
    "commune_status",
    "district_status",
    "new_commune_status",
    "village_status",
    "with_figures",
]

# Communes at or above (ntm, advanced, model) at each date.
TOTALS = {
    date(2021, 12, 31): (35, 3, 0),
    date(2022, 12, 31): (36, 4, 0),
    date(2023, 12, 31): (41, 6, 0),
    date(2024, 12, 31): (46, 8, 1),
    date(2025, 6, 30): (51, 14, 4),
}
PERIODS = tuple(TOTALS)
AWAITING = {date(2022, 12, 31): 2}  # meet all 19, not recognised yet
BANDS = {date(2022, 12, 31): ((15, 17, 15), (28, 14, 10), (4, 9, 7))}  # published: so many communes at 17 to 15 ...

# Recognised on 13 May 2019, as published; the first three reached the advanced tier in 2021.
RECOGNISED_2019 = (
    "23521", "23512", "23497", "23524", "23329", "23338", "23326", "23327", "23440", "23437", "23430", "23539", "23533",
    "23386", "23392", "23395", "23488",
)  # fmt: skip
RECOGNISED_2023 = ("23509", "23515")  # by decisions of April 2023, as published
# Recognised communes that no longer meet some criteria of the newer set, as reports tell without naming any: place
# among those that stay at the NTM tier → what they lost, the first half of it in the period before. One more loss would
# fulfil the rule of withdrawal for the second; the third fulfils it.
LOST = {9: (11, 17), 14: (13, 10, 11, 15, 17), 19: (3, 6, 10, 11, 15, 17)}
# How often a criterion is the one that is missing: income, poverty and roads are the hard ones.
HARD = np.array([1, 7, 3, 2, 5, 6, 2, 2, 6, 10, 9, 5, 5, 3, 4, 3, 8, 1, 1.5])


@dataclass(frozen=True)
class _History:
    """Rank of each rural commune (0 the first recognised) and how hard each criterion is for it."""

    codes: list[str]
    hardness: dict[str, list[int]]


def _history(units: pd.DataFrame, *, seed: int) -> _History:
    rng = child(seed, "status")
    rural = units[units["rural"]]
    people = rural["population_2009"].astype(float).fillna(0).to_numpy()
    ease = np.log10(people.clip(800, 20_000)) + rng.standard_normal(len(rural)) * 0.30
    # The districts the plan wants to reach the standard are ahead, the high ones behind; one is already there.
    ease -= 0.20 * rural["district_code"].isin(["617", "613", "610"]).to_numpy()
    ease += 0.15 * rural["district_code"].isin(["615", "614", "618", "608"]).to_numpy()
    ease += 2.00 * (rural["district_code"] == "611").to_numpy()
    ranked = rural["code"].to_numpy()[np.argsort(-ease, kind="stable")].tolist()
    first = [code for code in RECOGNISED_2019 if code in set(ranked)]
    later = [code for code in RECOGNISED_2023 if code in set(ranked)]
    rest = [code for code in ranked if code not in first and code not in later]
    gap = TOTALS[date(2022, 12, 31)][0] - len(first)
    codes = first + rest[:gap] + later + rest[gap:]
    hardness = {}
    for code in sorted(codes):
        order = rng.choice(19, size=19, replace=False, p=HARD / HARD.sum())
        hardness[code] = [int(n) for n in order]
    return _History(codes, hardness)


def _rank_of(code: str, history: _History) -> int:
    return history.codes.index(code)


def _advanced_order(history: _History, *, seed: int) -> list[str]:
    """In which order communes become advanced: the first three as published, then early ones in mixed order."""
    rng = child(seed, "advanced")
    rest = history.codes[3:34]
    return history.codes[:3] + [rest[i] for i in rng.permutation(len(rest))]


def commune_status(units: pd.DataFrame, day: date, *, seed: int) -> pd.DataFrame:
    """One row per rural commune (old units) at `day`, sorted by code; field names of the data contract."""
    history = _history(units, seed=seed)
    advanced = _advanced_order(history, seed=seed)
    ntm, high, model = TOTALS[day]
    names = units.set_index("code")
    staying = [code for code in history.codes if code not in advanced[: TOTALS[PERIODS[-1]][1]]]
    lost = {staying[place]: numbers for place, numbers in LOST.items()} if day.year >= 2024 else {}
    rows: list[dict[str, object]] = []
    for code in sorted(history.codes):
        rank = _rank_of(code, history)
        tier = "not_yet"
        if rank < ntm:
            tier = "ntm"
        if code in advanced[:high]:
            tier = "advanced"
        if code in advanced[:model]:
            tier = "model"
        reached = _reached(code, tier, history, advanced)
        row: dict[str, object] = {
            "code": code,
            "name": names.loc[code, "name"],
            "district": names.loc[code, "district"],
            "as_of": day,
            "tier": tier,
            "standard_year": reached.year if reached else None,
            "decision": f"mẫu-{_NUMBERS[tier] + rank}/QĐ" if reached else None,
            "decision_date": reached,
            "criteria_set": "2016-2020" if day.year < 2022 else "2021-2025",
        }
        gone = lost.get(code, ())
        gone = gone if day == PERIODS[-1] else gone[: len(gone) // 2]
        rows.append(row | _criteria(code, tier, rank, day, history, gone=gone, seed=seed))
    return pd.DataFrame(rows)


# Each recognition is a decision of its own.
_NUMBERS = {"not_yet": 0, "ntm": 10, "advanced": 210, "model": 310}


def _reached(code: str, tier: str, history: _History, advanced: list[str]) -> date | None:
    """The invented day of the decision that gave the tier; each lies before the period in which it first counts."""
    if tier == "not_yet":
        return None
    place = {"ntm": 0, "advanced": 1, "model": 2}[tier]
    rank = _rank_of(code, history) if tier == "ntm" else advanced.index(code)
    if tier == "ntm" and rank < 17:
        return date(2016 + rank % 3, 3 + rank % 9, 5 + rank)
    last: date | None = None
    for day, totals in TOTALS.items():
        if rank < totals[place]:
            if last is None:
                return date(2021 if tier != "ntm" else 2019 + rank % 3, 4 + rank % 8, 6 + rank % 20)
            month = 2 + rank % 4 if day.month == 6 else 3 + rank % 9
            return date(day.year, month, 6 + rank % 20)
        last = day
    return None


def _in_band(place: int, bands: tuple[tuple[int, int, int], ...]) -> int:
    """Criteria met by the commune at `place` (0 the best) when so many communes meet from `high` down to `low`."""
    for count, high, low in bands:
        if place < count:
            return high - place * (high - low + 1) // count
        place -= count
    return bands[-1][2]


def _criteria(
    code: str, tier: str, rank: int, day: date, history: _History, *, gone: tuple[int, ...], seed: int
) -> dict[str, object]:
    """States of TC1..TC19: met but for those `gone` when recognised; else more each year and nearer to recognition."""
    rng = child(seed, f"criteria/{code}")
    ntm = TOTALS[day][0] + AWAITING.get(day, 0)
    if tier != "not_yet" or rank < ntm:
        return {f"tc{n}": "not_met" if n in gone else "met" for n in range(1, 20)}
    luck = rng.normal(0, 0.45)
    if day in BANDS:
        met = _in_band(rank - ntm, BANDS[day])
    else:
        place = (rank - ntm) / max(1, len(history.codes) - 1 - ntm)
        base = 17.9 - 8.2 * place + (0.0 if day.year < 2022 else 0.55 * (day.year - 2022) - 0.3)
        met = int(np.clip(round(base + luck), 8, 18))
    missing = {n + 1 for n in history.hardness[code][: 19 - met]}
    # A few of those not met have simply not been looked at.
    unseen = {n for n in sorted(missing) if rng.random() < 0.05}
    states = {n: "not_assessed" if n in unseen else "not_met" if n in missing else "met" for n in range(1, 20)}
    return {f"tc{n}": states[n] for n in range(1, 20)}


# Criterion → words of the figure reported of it, its range where the criterion is met and where it is not: share of
# farm land irrigated (at least 80 %, as published), income and poverty (invented ranges, not thresholds).
_FIGURES = {
    3: ("{}%", (80.0, 96.0), (52.0, 79.0)),
    10: ("{} triệu đồng/người", (50.0, 62.0), (30.0, 44.0)),
    11: ("{}%", (3.0, 12.5), (15.0, 38.0)),
}


def with_figures(status: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """The statuses with invented figures of three criteria, none where the criterion was not assessed."""
    made = status.copy()
    luck = {code: child(seed, f"figures/{code}").random(len(_FIGURES)) for code in status["code"]}
    for at, (n, (words, met, missed)) in enumerate(_FIGURES.items()):
        texts: list[str | None] = []
        for code, state in zip(status["code"], status[f"tc{n}"], strict=True):
            low, high = met if state == "met" else missed
            value = f"{low + (high - low) * luck[code][at]:.1f}".replace(".", ",")
            texts.append(words.format(value) if state in {"met", "not_met"} else None)
        made[f"sl{n}"] = texts
    return made


_ORDER = ("not_yet", "ntm", "advanced", "model")


def new_commune_status(
    old: pd.DataFrame, old_units: pd.DataFrame, new_units: pd.DataFrame, day: date, *, seed: int
) -> pd.DataFrame:
    """Invented status of about 30 of the 37 new rural communes at `day`: what all their predecessors had reached."""
    rng = child(seed, "new-status")
    rural = new_units[new_units["rural"]]["code"].tolist()
    silent = set(rng.choice(rural, size=7, replace=False).tolist())
    names = new_units.set_index("code")
    by_code = old.set_index("code")
    rows: list[dict[str, object]] = []
    for code in sorted(set(rural) - silent):
        before = [c for c in old_units.loc[old_units["successor_code"] == code, "code"] if c in by_code.index]
        if not before:
            continue
        tier = _ORDER[min(_ORDER.index(str(by_code.loc[c, "tier"])) for c in before)]
        row: dict[str, object] = {
            "code": code,
            "name": names.loc[code, "name"],
            "district": None,
            "as_of": day,
            "tier": tier,
            "standard_year": 2025 if tier != "not_yet" else None,
            "decision": f"mẫu-{len(rows) + 101}/QĐ" if tier != "not_yet" else None,
            "decision_date": date(2025, 12, 10) if tier != "not_yet" else None,
            "criteria_set": "2021-2025",
        }
        for n in range(1, 20):
            states = {str(by_code.loc[c, f"tc{n}"]) for c in before}
            row[f"tc{n}"] = "met" if states == {"met"} else "not_met" if "not_met" in states else "not_assessed"
        rows.append(row)
    return pd.DataFrame(rows)


def village_status(
    villages: list[Village], codes: list[str], status: dict[date, pd.DataFrame], communes: list[str], *, seed: int
) -> pd.DataFrame:
    """Rural villages at 2024-12-31 and 2025-06-30: model, minority NTM (NA where not of a minority) and smart villages.

    About 110 minority villages were recognised by March 2025, as published; which ones is invented.
    """
    rng = child(seed, "village-status")
    days = ((date(2024, 12, 31), 92, 0.38), (date(2025, 6, 30), 110, 0.62))
    first_tiers = status[days[0][0]].set_index("code")["tier"]
    rural = [
        n for n, village in enumerate(villages) if not village.urban and communes[village.commune] in first_tiers.index
    ]
    candidates = [n for n in rural if villages[n].minority]
    weight = np.array([3.0 if first_tiers[communes[villages[n].commune]] != "not_yet" else 1.0 for n in candidates])
    order = rng.choice(len(candidates), size=len(candidates), replace=False, p=weight / weight.sum())
    rolls = rng.random(len(rural))
    rows = []
    # One order and one throw for all dates: what a village has reached, it keeps.
    for day, minority, chance in days:
        tiers = status[day].set_index("code")["tier"]
        reached = {candidates[i] for i in order[:minority]}
        for n, roll in zip(rural, rolls, strict=True):
            village = villages[n]
            done = tiers[communes[village.commune]] != "not_yet"
            first = village.number == 1
            rows.append(
                {
                    "village_code": codes[n],
                    "as_of": day,
                    "model": bool(done and first and roll < chance) or bool(done and roll < chance * 0.06),
                    "minority_ntm": n in reached if village.minority else None,
                    "smart": bool(
                        tiers[communes[village.commune]] in {"advanced", "model"} and first and roll < chance
                    ),
                }
            )
    return pd.DataFrame(rows)


def district_status() -> pd.DataFrame:
    """A few districts at 2025-06-30, invented; the others are not reported."""
    day = date(2025, 6, 30)
    rows = [
        {
            "district_code": code,
            "as_of": day,
            "tier": tier,
            "standard_year": year,
            "decision": text,
            "decision_date": on,
        }
        for code, tier, year, text, on in (
            ("608", "not_yet", None, None, None),
            ("611", "ntm", 2025, "mẫu-201/QĐ", date(2025, 4, 18)),
            ("614", "not_yet", None, None, None),
            ("615", "not_yet", None, None, None),
            ("618", "not_yet", None, None, None),
        )
    ]
    return pd.DataFrame(rows)
