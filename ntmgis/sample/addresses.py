"""Digital addresses of the sample: households along their village's streets, some coded, notified, plated."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ntmgis.sample.grid import Floats, Ints, child, to_degrees
from ntmgis.sample.villages import Village

__all__ = ["COLUMNS", "address_rows"]

COLUMNS = ("id", "address", "kind", "has_code", "notified_on", "plated_on", "village_code", "lon", "lat")
_OPEN = 100_000  # numbers behind the five digits of the commune
_FIRST_DAY, _LAST_DAY = np.datetime64("2024-02-01"), np.datetime64("2025-06-20")


@dataclass(frozen=True)
class _Progress:
    """How far a commune has come: shares of its objects coded, of those notified, of those plated; not located."""

    coded: float
    notified: float
    plated: float
    lost: float


def _progress(rng: np.random.Generator, *, urban: bool) -> _Progress:
    level = float(np.clip(rng.beta(4.2, 1.6) + (0.08 if urban else 0.0), 0.12, 0.995))
    return _Progress(level, float(rng.beta(5, 1.7)), float(rng.beta(2.2, 2.0)), float(rng.uniform(0.01, 0.07)))


def address_rows(
    villages: list[Village],
    codes: list[str],
    homes: list[list[Floats]],
    centres: Floats,
    communes: list[str],
    *,
    seed: int,
) -> Iterator[pd.DataFrame]:
    """One frame per village with the columns of `COLUMNS`; enum values are the contract's codes, unknown is None.

    Extension numbers are unique within a commune. A commune has 100,000 of them: at sizes where it has more objects
    than that, the rest stay without a code.
    """
    made = 0
    commune, free, taken = -1, np.empty(0, dtype=np.int64), 0
    progress = _Progress(0, 0, 0, 0)
    for number, village in enumerate(villages):
        rng = child(seed, f"addresses/{codes[number]}")
        if village.commune != commune:
            commune, taken = village.commune, 0
            own = child(seed, f"codes/{communes[commune]}")
            free = own.permutation(_OPEN)
            progress = _progress(own, urban=village.urban)
        count = village.households + round(village.households * 0.02 + rng.random() * 0.8)
        frame = _village(count, village, progress, rng)
        wanted = np.flatnonzero(frame["has_code"].to_numpy(dtype=object) == True)  # noqa: E712 - None is unknown
        give = free[taken : taken + wanted.size]
        taken += give.size
        # More objects than numbers: the rest has no code, so nothing was notified or plated either.
        bare = wanted[give.size :]
        frame.loc[bare, "has_code"] = False
        frame.loc[bare, ["notified_on", "plated_on"]] = None
        address = np.full(count, None, dtype=object)
        address[wanted[: give.size]] = [f"{communes[commune]}{n:05d}" for n in give.tolist()]
        places = to_degrees(_along(homes[number], centres[number], count, rng))
        places[rng.random(count) < progress.lost] = np.nan
        frame["id"] = [f"H{n:08d}" for n in range(made + 1, made + count + 1)]
        frame["address"] = address
        frame["village_code"] = codes[number]
        frame["lon"], frame["lat"] = places[:, 0], places[:, 1]
        made += count
        yield frame[list(COLUMNS)]


def _village(count: int, village: Village, progress: _Progress, rng: np.random.Generator) -> pd.DataFrame:
    """Kinds, states and dates of `count` objects of one village."""
    kind = np.full(count, "household", dtype=object)
    others = count - village.households
    kind[village.households :] = rng.choice(["agency", "business", "other"], size=others, p=[0.45, 0.4, 0.15])
    local = float(np.clip(progress.coded + rng.normal(0, 0.07), 0.03, 1.0))
    coded = rng.random(count) < local
    notified = coded & (rng.random(count) < progress.notified)
    plated = notified & (rng.random(count) < progress.plated)
    has_code = coded.astype(object)
    has_code[~coded & (rng.random(count) < 0.08)] = None
    # A village is notified within a few weeks, as teams work through it.
    span = int((_LAST_DAY - _FIRST_DAY).astype(int))
    start = int(rng.integers(0, span - 120))
    first = start + rng.integers(0, 25, count)
    second = np.minimum(first + 10 + rng.integers(0, 80, count), span)
    return pd.DataFrame(
        {
            "kind": kind,
            "has_code": has_code,
            "notified_on": _days(first, notified),
            "plated_on": _days(second, plated),
        }
    )


def _days(offset: Ints, done: np.ndarray) -> list[date | None]:
    calendar = (_FIRST_DAY + np.arange(int(offset.max(initial=0)) + 1)).tolist()
    return [calendar[n] if yes else None for n, yes in zip(offset.tolist(), done.tolist(), strict=True)]


def _along(lines: list[Floats], centre: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Places beside the lines, closer to each other near the middle of the village."""
    if not lines:
        return centre + rng.normal(0, 120, (count, 2))
    starts = np.vstack([line[:-1] for line in lines])
    steps = np.vstack([np.diff(line, axis=0) for line in lines])
    length = np.hypot(*steps.T)
    far = np.hypot(*(starts + steps / 2 - centre).T)
    weight = np.maximum(length, 1.0) * (0.35 + np.exp(-far / 350.0))
    piece = rng.choice(len(starts), size=count, p=weight / weight.sum())
    at = rng.random(count)[:, None]
    side = np.column_stack([-steps[:, 1], steps[:, 0]]) / np.maximum(length, 1.0)[:, None]
    off = (10.0 + rng.gamma(1.6, 11.0, count)) * np.where(rng.random(count) < 0.5, 1.0, -1.0)
    return np.asarray(starts[piece] + steps[piece] * at + side[piece] * off[:, None] + rng.normal(0, 3, (count, 2)))
