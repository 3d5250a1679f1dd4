"""The register of addresses as columns for a page: where, in which village, in which state, under which code."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ntmgis.programme.tables import values
from ntmgis.show.web.columns import clean
from ntmgis.show.web.points import Ints, Points, morton_order, point_steps
from ntmgis.store.snapshot import Snapshot

__all__ = ["NO", "NO_ADDRESS", "UNKNOWN", "UNUSUAL", "USUAL", "YES", "Register", "attribute_states", "register"]

# How a point's address is told: not at all, by the village's usual prefix and a suffix, or in full.
NO_ADDRESS, USUAL, UNUSUAL = 0, 1, 2
# States in a combination: done or yes, not, not known.
YES, NO, UNKNOWN = 1, 0, 2
_PREFIX_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Register:
    """Everything of the register that a page shows. No identifier, date or source of a single object is in it.

    points     the located objects in Morton order; `village` counts in `villages`, whose last entry is "not known"
    combos     distinct (kind, has_code, notified, plated, address), most frequent first; kind counts in `kinds`, -1 is
               unknown; the three states are 1 yes, 0 no, 2 not known; address is NO_ADDRESS, USUAL or UNUSUAL
    kinds      codes of the kinds that occur, those of the data contract first
    prefixes   per village the most frequent first five digits, "" where no address has ten digits
    unlocated  objects without coordinates, which no map can show
    """

    points: Points
    combos: tuple[tuple[int, int, int, int, int], ...]
    kinds: tuple[str, ...]
    prefixes: tuple[str, ...]
    unlocated: int

    @property
    def total(self) -> int:
        """Objects with and without coordinates."""
        return len(self.points) + self.unlocated


def register(snapshot: Snapshot) -> Register:
    """The snapshot's addresses as columns; the order of the input rows does not matter."""
    frame = snapshot.addresses
    lon, lat = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("lon", "lat"))
    here = np.isfinite(lon) & np.isfinite(lat)
    located = frame[here]
    x, y = point_steps(lon[here], lat[here])
    village = _index(located["village_code"], snapshot.villages["code"].tolist())
    kinds, kind = _kinds(located["kind"])
    suffix, unusual, mode, prefixes = _addresses(located["address"], village, len(snapshot.villages) + 1)
    states = (kind + 1, *(states[here] for states in attribute_states(frame).values()), mode)
    combos, combo = _combinations(states)
    points = Points(x, y, combo, village, suffix, unusual)
    return Register(points.take(morton_order(points)), combos, kinds, prefixes, int((~here).sum()))


def attribute_states(frame: pd.DataFrame) -> dict[str, Ints]:
    """has_code, notified and plated of every object of the register: YES, NO or UNKNOWN.

    Without any date the register does not keep it: then the state of all is unknown, not "no".
    """
    return {
        "has_code": _flag(frame["has_code"]),
        "notified": _done(frame["notified_on"]),
        "plated": _done(frame["plated_on"]),
    }


def _index(codes: pd.Series, known: Sequence[str]) -> Ints:
    """Place of each code in `known`; len(known) for a missing or foreign one."""
    place = pd.Index(known).get_indexer(pd.Index(codes.astype(object)))
    return np.where(place < 0, len(known), place).astype(np.int64)


def _kinds(column: pd.Series) -> tuple[tuple[str, ...], Ints]:
    """The kinds that occur, and the index of each object's; -1 for unknown."""
    codes, found = pd.factorize(column.astype(object), sort=False)
    contract = list(values("address_kind"))
    names = sorted(
        (clean(kind) for kind in found),
        key=lambda kind: (contract.index(kind) if kind in contract else len(contract), kind),
    )
    order = np.array([names.index(clean(kind)) for kind in found] + [-1], dtype=np.int64)
    return tuple(names), order[codes]


def _flag(column: pd.Series) -> Ints:
    known = column.notna().to_numpy()
    yes = column.astype("boolean").to_numpy(dtype=bool, na_value=False)
    return np.where(known, np.where(yes, YES, NO), UNKNOWN).astype(np.int64)


def _done(column: pd.Series) -> Ints:
    if not column.notna().any():
        return np.full(len(column), UNKNOWN, dtype=np.int64)
    return np.where(column.notna().to_numpy(), YES, NO).astype(np.int64)


def _addresses(
    column: pd.Series, village: Ints, villages: int
) -> tuple[Ints, NDArray[np.object_], Ints, tuple[str, ...]]:
    """Suffix, unusual text and mode of every address, and the usual prefix of every village."""
    there = column.notna().to_numpy()
    text = column.astype("str").where(there, "")
    regular = text.str.fullmatch(r"[0-9]{10}").to_numpy(dtype=bool) & there
    number = np.zeros(len(text), dtype=np.int64)
    number[regular] = pd.to_numeric(text[regular]).to_numpy(dtype=np.int64)
    prefix, suffix = np.divmod(number, 10**_PREFIX_DIGITS)
    usual = _most_frequent(village[regular], prefix[regular], villages)
    fits = regular & (prefix == usual[village])
    odd = there & ~fits
    unusual = np.full(len(text), None, dtype=object)
    unusual[odd] = [clean(one) for one in text[odd]]
    mode = np.where(fits, USUAL, np.where(odd, UNUSUAL, NO_ADDRESS)).astype(np.int64)
    prefixes = tuple("" if one < 0 else f"{one:05d}" for one in usual.tolist())
    return np.where(fits, suffix, -1), unusual, mode, prefixes


def _most_frequent(village: Ints, prefix: Ints, villages: int) -> Ints:
    """The most frequent prefix of every village, the lowest of equals; -1 where there is none."""
    pairs, counts = np.unique(np.stack((village, prefix)), axis=1, return_counts=True)
    usual = np.full(villages, -1, dtype=np.int64)
    order = np.lexsort((-pairs[1], counts))  # the last one written stays
    usual[pairs[0, order]] = pairs[1, order]
    return usual


def _combinations(states: Sequence[Ints]) -> tuple[tuple[tuple[int, int, int, int, int], ...], Ints]:
    """Distinct combinations, most frequent first, and the index of each object's; kinds come in one too high."""
    kind, *three, mode = states
    key = kind
    for one in (*three, mode):
        key = key * 3 + one
    keys, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    rest, parts = keys[order], []
    for _ in range(4):
        rest, part = np.divmod(rest, 3)
        parts.append(part)
    combos = np.stack((rest - 1, *reversed(parts)), axis=1).tolist()
    return tuple(map(tuple, combos)), rank[inverse].astype(np.int64)
