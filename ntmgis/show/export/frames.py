"""The frames of the export: exactly the numbers of the other products, in the columns of the dictionary."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.rebase import mixture_words
from ntmgis.programme.criteria import criteria_set, set_on
from ntmgis.show.export.dictionary import export_tables
from ntmgis.show.words import set_of
from ntmgis.store.snapshot import Snapshot

__all__ = ["export_frames", "in_columns"]

_MONITORING = ("standing", "conditions", "changes", "criteria_changes", "targets", "candidates", "trend")


def export_frames(snapshot: Snapshot, facts: Facts, monitoring: Monitoring | None = None) -> dict[str, pd.DataFrame]:
    """Table id → frame with exactly the columns of the dictionary, rows in a fixed order.

    Nothing is measured here and nothing withheld comes back: small counts are missing as in `facts`. Households and
    addresses appear as counts and shares only. `monitoring` None: its tables are left out.
    """
    minority = snapshot.villages.set_index("code")["ethnic_minority"]
    communes = facts.communes.assign(composition=facts.communes["composition"].map(_mixture, na_action="ignore"))
    province = facts.province.to_frame().T.assign(code=snapshot.province_code)
    frames = {
        "communes": communes.rename_axis("code").reset_index(),
        "districts": facts.districts.rename_axis("code").reset_index(),
        "province": province,
        "villages": facts.villages.assign(ethnic_minority=minority).rename_axis("code").reset_index(),
        "criteria": _criteria(snapshot),
        "figures": _figures(snapshot),
        "roads": facts.roads,
        "plan_targets": facts.plan,
        "history": snapshot.history.sort_values(["as_of", "code"], kind="stable"),
        "sources": pd.DataFrame([asdict(source) for source in snapshot.sources]),
    }
    if monitoring is not None:
        for name in _MONITORING:
            frame: pd.DataFrame = getattr(monitoring, name)
            frames[name] = frame.rename_axis("code").reset_index() if name == "standing" else frame
    return {name: in_columns(name, frame) for name, frame in frames.items()}


def in_columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns of the dictionary, in order. KeyError when one is not there."""
    columns = [column.name for column in export_tables()[table].columns]
    empty = frame.empty and not len(frame.columns)
    return frame.reindex(columns=columns) if empty else frame[columns].reset_index(drop=True)


def _mixture(tiers: object) -> str | None:
    return mixture_words(tiers) if isinstance(tiers, Mapping) else None


def _criteria(snapshot: Snapshot) -> pd.DataFrame:
    """The criteria with the set they are of, its titles, and whether they may stand on a public map."""
    told = snapshot.commune_status.drop_duplicates("code", keep="last").set_index("code")["criteria_set"]
    return _named(snapshot.criteria, snapshot.criteria["code"].map(told))


def _figures(snapshot: Snapshot) -> pd.DataFrame:
    """The reported figures with the set that their report was of; no rows where they were not asked for."""
    known = snapshot.figures
    if known is None:
        known = pd.DataFrame(columns=["code", "criterion", "value", "evidence", "criteria_set", "as_of", "source"])
    return _named(known, known["criteria_set"])


def _named(known: pd.DataFrame, told: pd.Series) -> pd.DataFrame:
    """Rows of criteria with their set (as `told`, else the one in force), their titles, and whether they are public."""
    sets = [_set_of(set_, day) for set_, day in zip(told, known["as_of"], strict=True)]
    named = [_criterion(id_, int(no)) for id_, no in zip(sets, known["criterion"], strict=True)]
    return known.assign(
        criteria_set=pd.Series(sets, index=known.index, dtype=object),
        title=pd.Series([title for title, _ in named], index=known.index, dtype=object),
        public=pd.Series([public for _, public in named], index=known.index, dtype=bool),
    )


def _set_of(told: Any, day: pd.Timestamp) -> str | None:
    """The set as stated; where a source does not state it, the one in force on the day of the value (None: no day)."""
    if told is not None and not pd.isna(told):
        return str(told)
    return None if pd.isna(day) else set_on(day.date())


def _criterion(id_: str | None, no: int) -> tuple[str | None, bool]:
    """Title (None: not read), and whether it may stand on a public map; of an unknown set as `set_of` has it."""
    public = no not in set_of(id_).withheld
    try:
        return criteria_set(id_ or "").criterion(no).vi, public
    except KeyError:
        return None, public
