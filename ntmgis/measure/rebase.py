"""Values of units carried over to the units of another epoch: counts, shares and tiers, marked as computed.

Nothing is made up: a sum with an unknown part is unknown, and a tier is never computed, only listed as a mixture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isinf
from typing import Any, Literal

import pandas as pd

from ntmgis.errors import InputError, Problem, problem
from ntmgis.programme.tables import values as allowed_values
from ntmgis.programme.tiers import TIER_STATES

__all__ = ["Direction", "Part", "Rebased", "mixture_words", "rebase_counts", "rebase_shares", "rebase_tiers"]

Direction = Literal["forward", "backward"]
Weight = Literal["households", "area"]
Unknown = Literal["keep", "skip"]
_WEIGHT_WORDS: Mapping[str, str] = {"households": "số hộ", "area": "diện tích"}
# What a state of not knowing is called in a mixture; the tiers have their words in the data contract.
_STATE_WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {"not_yet": "chưa đạt", "ntm": "NTM", "not_reported": "chưa có số liệu", "not_applicable": "không đánh giá"},
    "en": {"not_yet": "not yet", "ntm": "NTM", "not_reported": "not reported", "not_applicable": "not assessed"},
}
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """`weight` of the value of the unit `source` goes to the unit `target`; None: not known how much."""

    source: str
    target: str
    weight: Fraction | None


@dataclass(frozen=True, slots=True, eq=False)
class Rebased:
    """Values on the units of the other epoch.

    frame    indexed by unit code (sorted): the value columns, `rebased` (True: computed from other units, not
             reported) and `note` (Vietnamese: from which units and how)
    unknown  long: code, column, part (the code of the unit whose value or weight is not known); one row for each
             unknown part, whether it made the sum unknown or was left out on request
    """

    frame: pd.DataFrame
    unknown: pd.DataFrame


def _missing(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def _decimal(value: Any) -> Fraction:
    """The number as a person writes it: 0.3 is three tenths, so that ties are ties."""
    return Fraction(str(float(value)))


def _pairs(changes: pd.DataFrame, weight: Weight) -> list[tuple[str, str, Fraction | None]]:
    """(old, new, part of the old unit), sorted. InputError when the parts of an old unit do not add up to 1."""
    column = f"share_{weight}"
    given = changes[column] if column in changes.columns else pd.Series(float("nan"), index=changes.index)
    rows = sorted(
        (str(old), str(new), None if _missing(share) else _decimal(share))
        for old, new, share in zip(changes["old_code"], changes["new_code"], given, strict=True)
    )
    problems: list[Problem] = []
    made: list[tuple[str, str, Fraction | None]] = []
    for old in dict.fromkeys(old for old, _, _ in rows):
        own = [(new, share) for one, new, share in rows if one == old]
        if len({new for new, _ in own}) < len(own):
            problems.append(problem("E-REBASE-TWICE", value=old))
        elif len(own) == 1 and own[0][1] is None:
            made.append((old, own[0][0], Fraction(1)))  # one row and no share: all of it
        elif any(share is None for _, share in own):
            made += [(old, new, None) for new, _ in own]
        else:
            known = [(new, share) for new, share in own if share is not None]
            total = sum((share for _, share in known), Fraction(0))
            if abs(total - 1) > _SUM_TOLERANCE or any(share < 0 for _, share in known):
                problems.append(problem("E-REBASE-SHARE", value=old, total=f"{float(total):g}".replace(".", ",")))
                continue
            made += [(old, new, share / total) for new, share in known]
    if problems:
        raise InputError(problems)
    return made


def _parts(changes: pd.DataFrame, direction: Direction, weight: Weight, sizes: "pd.Series[float] | None") -> list[Part]:
    """How each unit is divided; the weights of one unit add up to exactly 1."""
    pairs = _pairs(changes, weight)
    if direction == "forward":
        return [Part(old, new, share) for old, new, share in pairs]
    whole = {new: [old for old, one, _ in pairs if one == new] for _, new, _ in pairs}
    if sizes is None and any(len(old) > 1 for old in whole.values()):
        raise InputError(problem("E-REBASE-SIZES", weight=_WEIGHT_WORDS[weight]))
    made: list[Part] = []
    for new in sorted(whole):
        own = [(old, share) for old, one, share in pairs if one == new]
        if len(own) == 1:
            made.append(Part(new, own[0][0], Fraction(1)))
            continue
        parts = {old: _size(sizes, old, share) for old, share in own}
        known = [size for size in parts.values() if size is not None]
        total = sum(known, Fraction(0))
        clear = len(known) == len(parts) and total > 0
        made += [Part(new, old, size / total if clear and size is not None else None) for old, size in parts.items()]
    return made


def _size(sizes: "pd.Series[float] | None", code: str, share: Fraction | None) -> Fraction | None:
    value = None if sizes is None or code not in sizes.index else sizes.loc[code]
    if share is None or _missing(value) or isinf(float(value)) or float(value) < 0:  # type: ignore[arg-type]
        return None
    return _decimal(value) * share


def _check(values: pd.DataFrame, columns: Sequence[str], parts: Sequence[Part]) -> None:
    known = {part.source for part in parts}
    faults = [problem("E-REBASE-CODE", value=code) for code in values.index if str(code) not in known]
    faults += [problem("E-REBASE-TWICE", value=code) for code in values.index[values.index.duplicated()].unique()]
    for column in columns:
        if not pd.api.types.is_numeric_dtype(values[column]) or pd.api.types.is_bool_dtype(values[column]):
            faults.append(problem("E-REBASE-VALUE", column=column))
        elif any(isinf(value) for value in values[column].dropna()):
            faults.append(problem("E-REBASE-VALUE", column=column, value="inf"))
    if faults:
        raise InputError(faults)


def _split(value: Fraction, parts: Sequence[Part], *, whole: bool) -> list[Fraction]:
    """The value divided by the weights; whole numbers by largest remainder, ties to the lower code."""
    shares = [value * part.weight for part in parts if part.weight is not None]
    if not whole:
        return shares
    floors = [Fraction(share.__floor__()) for share in shares]
    left = int(value - sum(floors, Fraction(0)))
    order = sorted(range(len(parts)), key=lambda i: (-(shares[i] - floors[i]), parts[i].target))
    for i in order[:left]:
        floors[i] += 1
    return floors


def _spread(
    cells: Mapping[str, Any], parts: Sequence[Part], *, whole: bool
) -> tuple[dict[str, Fraction], dict[str, list[str]]]:
    """Target → sum of the known parts, and target → the sources that are not known."""
    sums: dict[str, Fraction] = {}
    lost: dict[str, list[str]] = {}
    by_source: dict[str, list[Part]] = {}
    for part in parts:
        by_source.setdefault(part.source, []).append(part)
    for source in sorted(by_source):
        own = by_source[source]
        value: Any = cells.get(source)
        if _missing(value) or any(part.weight is None for part in own):
            for part in own:
                if part.weight != 0:
                    lost.setdefault(part.target, []).append(source)
            continue
        exact = Fraction(value)
        for part, piece in zip(own, _split(exact, own, whole=whole), strict=True):
            sums[part.target] = sums.get(part.target, Fraction(0)) + piece
    return sums, lost


def _note(target: str, parts: Sequence[Part], weight: Weight, lost: Mapping[str, Sequence[str]]) -> str:
    own = [part for part in parts if part.target == target]
    codes = ", ".join(part.source for part in own)
    shared = any(part.weight != 1 for part in own)
    if shared:
        told = f"chia theo {_WEIGHT_WORDS[weight]} từ {codes}"
    elif len(own) == 1:
        told = f"lấy nguyên từ {codes}"
    else:
        told = f"cộng {len(own)} đơn vị: {codes}"
    unknown = sorted({source for sources in lost.values() for source in sources})
    return f"{told}; chưa rõ: {', '.join(unknown)}" if unknown else told


def rebase_counts(
    values: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    direction: Direction = "forward",
    weight: Weight = "households",
    sizes: "pd.Series[float] | None" = None,
    unknown: Unknown = "keep",
) -> Rebased:
    """Counts (of people, households, kilometres) on the units of the other epoch, totals conserved.

    values     indexed by unit code, numeric `columns` (None: all of them); whole-number columns stay whole (largest
               remainder, exact), others add up to within rounding
    changes    old_code, new_code and the part of the old unit that goes over: share_households, share_area
    direction  forward: old units to new ones by the shares; backward: new to old, by `sizes`
    sizes      by old code: households or area, the weights of the way back
    unknown    keep: a sum with an unknown part is unknown; skip: it is the sum of the known parts (NA when there is
               none). Either way the unknown parts are named. A unit without a row in `values` is unknown

    InputError: codes that are not in `changes`, shares that do not add up to 1, no `sizes` for the way back.

    >>> changes = pd.DataFrame({"old_code": ["1", "2"], "new_code": ["9", "9"], "share_households": [1.0, 1.0]})
    >>> rebase_counts(pd.DataFrame({"households": [3, 4]}, index=["1", "2"]), changes).frame["households"].to_dict()
    {'9': 7}
    """
    chosen = list(values.columns) if columns is None else list(columns)
    parts = sorted(_parts(changes, direction, weight, sizes), key=lambda part: (part.source, part.target))
    _check(values, chosen, parts)
    targets = sorted({part.target for part in parts})
    index = pd.Index(targets, dtype=object, name="code")
    made: dict[str, pd.Series] = {}
    losses: dict[str, dict[str, list[str]]] = {}
    for column in chosen:
        whole = pd.api.types.is_integer_dtype(values[column])
        cells = {str(code): value for code, value in zip(values.index, values[column].tolist(), strict=True)}
        sums, lost = _spread(cells, parts, whole=whole)
        told = [_told(sums.get(t), gone=t in lost and unknown == "keep", whole=whole) for t in targets]
        made[column] = pd.Series(told, index=index, dtype="Int64" if whole else "float64")
        losses[column] = lost
    frame = pd.DataFrame(made, index=index)
    frame["rebased"] = True
    frame["note"] = [
        _note(target, parts, weight, {c: lost.get(target, []) for c, lost in losses.items()}) for target in targets
    ]
    named = [
        {"code": target, "column": column, "part": source}
        for column, lost in losses.items()
        for target in sorted(lost)
        for source in lost[target]
    ]
    return Rebased(frame, pd.DataFrame(named, columns=["code", "column", "part"]))


def _told(total: Fraction | None, *, gone: bool, whole: bool) -> object:
    if gone or total is None:
        return pd.NA if whole else float("nan")
    return int(total) if whole else float(total)


def rebase_shares(
    values: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    numerator: str,
    denominator: str,
    direction: Direction = "forward",
    weight: Weight = "households",
    sizes: "pd.Series[float] | None" = None,
) -> Rebased:
    """A share on the units of the other epoch, recomputed from its parts; shares themselves are never averaged.

    The frame has `numerator`, `denominator`, `share` (of one; NaN when a part is unknown or the denominator is 0),
    rebased and note. Options as for `rebase_counts`.
    """
    columns = [numerator, denominator]
    counted = rebase_counts(
        values[columns], changes, columns=columns, direction=direction, weight=weight, sizes=sizes, unknown="keep"
    )
    frame = counted.frame
    top, bottom = (frame[column].astype("Float64").to_numpy("float64", na_value=float("nan")) for column in columns)
    share = pd.Series(top, index=frame.index) / pd.Series(bottom, index=frame.index).where(lambda v: v != 0)
    frame.insert(2, "share", share)
    return Rebased(frame, counted.unknown)


def rebase_tiers(tiers: "pd.Series[str]", changes: pd.DataFrame) -> pd.DataFrame:
    """What the units were that each new unit was formed from; no tier is computed.

    `tiers` is indexed by old code; one of the tier states, missing is not_reported. By new code: composition (state →
    number of old units, in the order of the legend), words ("2 NTM, 1 chưa đạt"), unchanged (the unit is one old
    unit, whole), tier (that unit's tier when unchanged, else None: a merged unit has none until it is assessed),
    rebased, note. An old unit of which only a part went over is counted and the note says so. There is no way back.
    """
    twice = tiers.index[tiers.index.duplicated()].unique()
    states = {str(code): "not_reported" if _missing(value) else str(value) for code, value in tiers.items()}
    pairs = _pairs(changes, "area")
    old_codes = {old for old, _, _ in pairs}
    faults = [problem("E-REBASE-TWICE", value=code) for code in twice]
    faults += [problem("E-REBASE-CODE", value=code) for code in states if code not in old_codes]
    faults += [
        problem("E-REBASE-TIER", value=value, known=", ".join(TIER_STATES))
        for value in sorted(set(states.values()) - set(TIER_STATES))
    ]
    if faults:
        raise InputError(faults)
    made = []
    targets = sorted({new for _, new, _ in pairs})
    for target in targets:
        own = [(old, share) for old, new, share in pairs if new == target]
        found = [states.get(old, "not_reported") for old, _ in own]
        mixture: dict[str, int] = {state: found.count(state) for state in TIER_STATES if state in found}
        unchanged = len(own) == 1 and own[0][1] == 1
        in_part = [old for old, share in own if share != 1]
        note = "giữ nguyên một đơn vị" if unchanged else f"gộp {len(own)} đơn vị, chưa được đánh giá lại"
        made.append(
            {
                "composition": mixture,
                "words": mixture_words(mixture),
                "unchanged": unchanged,
                "tier": found[0] if unchanged else None,
                "rebased": True,
                "note": f"{note}; chỉ một phần của {', '.join(in_part)}" if in_part else note,
            }
        )
    columns = ["composition", "words", "unchanged", "tier", "rebased", "note"]
    frame = pd.DataFrame(made, index=pd.Index(targets, dtype=object, name="code"), columns=columns)
    # object: None stays None, where the text dtype of pandas 3 would make it NaN
    return frame.assign(tier=pd.Series([row["tier"] for row in made], index=frame.index, dtype=object))


def mixture_words(mixture: Mapping[str, int], *, lang: Literal["vi", "en"] = "vi") -> str:
    """The mixture in words, highest tier first; "" for none.

    >>> mixture_words({"not_yet": 1, "ntm": 2}), mixture_words({"model": 1, "not_reported": 2}, lang="en")
    ('2 NTM, 1 chưa đạt', '1 Model NTM, 2 not reported')
    """
    titles = allowed_values("tier")
    parts = []
    for state in TIER_STATES:
        if mixture.get(state):
            title = titles.get(state)
            words = _STATE_WORDS[lang].get(state) or (getattr(title, lang) if title else state)
            parts.append(f"{mixture[state]} {words}")
    return ", ".join(parts)
