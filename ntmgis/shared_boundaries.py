"""Two boundary sources that claim the same units: which one is drawn must not be left to chance and silence."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from ntmgis.errors import Problem, problem
from ntmgis.units.epochs import EPOCHS

if TYPE_CHECKING:
    from ntmgis.store.base import Import, Store

__all__ = ["shared_boundaries"]


def shared_boundaries(store: "Store", imports: "Sequence[Import]") -> tuple[Problem, ...]:
    """A warning for each pair of boundary sources of one epoch that hold the same units: both, and which is drawn.

    `imports`: the one of each source that counts now. Sources that share no unit (a file for each district) are right,
    and nothing is said of them.
    """
    made: list[Problem] = []
    for epoch in EPOCHS:
        of_epoch = [one for one in imports if one.table_id == "unit" and one.epoch == epoch.id and one.accepted]
        if len(of_epoch) < 2:  # the usual case reads nothing
            continue
        rows = store.rows("unit", of_epoch).sort_values(["valid_from", "import_id"], kind="stable", na_position="first")
        drawn = rows.drop_duplicates("code", keep="last").set_index("code")["source"]
        codes = {one.source_id: set(rows.loc[rows["source"].eq(one.source_id), "code"]) for one in of_epoch}
        names = dict(zip(rows["code"], rows["name"], strict=True))
        for first, second in combinations(sorted(codes), 2):
            both = sorted(codes[first] & codes[second])
            if not both:
                continue
            told = problem(
                "W-BOUNDARY-TWICE",
                file="ntmgis.toml",
                severity="warning",
                epoch=epoch.title_vi,
                count=len(both),
                example=f"{both[0]} {names[both[0]] or ''}".strip(),
                first=first,
                second=second,
                used=", ".join(sorted(set(drawn.loc[both]))),
            )
            made.append(told)
    return tuple(made)
