"""Rows that claim the same key: copies and contradictions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["COPY", "DUPLICATE", "duplicates"]

COPY = "E-KEY-COPY"
DUPLICATE = "E-KEY-DUPLICATE"


def duplicates(
    keys: pd.DataFrame, content: "Sequence[npt.NDArray[np.object_]]"
) -> "dict[int, tuple[str, tuple[int, ...]]]":
    """Position → (rule, positions of the other rows with its key), for rows that cannot all be kept.

    Rows that say the same are one row and its copies: the first stays, the copies go. Rows with one key that differ
    all go, because choosing one of them would be a guess. A key with a missing part is no key.
    """
    if keys.empty:
        return {}
    known = keys.notna().all(axis=1).to_numpy()
    repeated = known & keys.duplicated(keep=False).to_numpy()
    found: dict[int, tuple[str, tuple[int, ...]]] = {}
    if not repeated.any():
        return found
    at = np.flatnonzero(repeated)
    groups = keys.iloc[at].reset_index(drop=True).groupby(list(keys.columns), sort=False, dropna=False).indices
    for inside in groups.values():
        members = [int(at[i]) for i in inside]
        said = {tuple(_plain(column[position]) for column in content) for position in members}
        if len(said) == 1:
            found.update(dict.fromkeys(members[1:], (COPY, (members[0],))))
        else:
            found.update({one: (DUPLICATE, tuple(m for m in members if m != one)) for one in members})
    return found


def _plain(value: object) -> object:
    """A comparable form: every missing value alike."""
    return None if pd.isna(value) else value  # type: ignore[call-overload]
