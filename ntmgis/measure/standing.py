"""Who stands where and why: recognised by decision, meets the criteria now, risk of withdrawal; with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from ntmgis.programme.criteria import CriteriaSet, criteria_set, set_on
from ntmgis.programme.judge import Met, criteria_met, criterion_words, withdrawal_risk
from ntmgis.programme.tables import values
from ntmgis.programme.tiers import at_least
from ntmgis.store.snapshot import Snapshot

__all__ = ["COLUMNS", "standing"]

COLUMNS = (
    "tier",
    "standard_year",
    "decision",
    "decision_date",
    "criteria_set",
    "meets_now",
    "missing",
    "unknown",
    "risk",
    "risk_share",
    "reason",
    "reason_en",
)
NAN = float("nan")


def standing(snapshot: Snapshot, communes: pd.DataFrame) -> pd.DataFrame:
    """One row per commune of `communes` (indexed by code, with tier and name), with the columns COLUMNS.

    Recognised (`tier`, by decision) and `meets_now` (all criteria of the set met today; NA while that is open) are two
    facts: each may be known without the other. `missing` and `unknown` are tuples of criterion numbers of the set that
    the status names; where it names none, the set in force on the day of the data is taken and the reason says so.
    Risk is judged for recognised communes only, by the criteria of the base set: those of the higher tiers are in no
    table yet.
    """
    status = {row["code"]: row for row in snapshot.commune_status.to_dict("records")}
    known = _criteria_of(snapshot)
    nothing = _Known({}, snapshot.as_of)
    rows = [_row(str(tier), status.get(code), known.get(str(code), nothing)) for code, tier in communes["tier"].items()]
    kinds = {
        "standard_year": "Int64",
        "decision_date": "datetime64[us]",
        "meets_now": "boolean",
        "risk_share": "float64",
    }
    columns = {
        name: pd.Series([row[name] for row in rows], index=communes.index, dtype=kinds.get(name, "object"))
        for name in COLUMNS
    }
    return pd.DataFrame(columns, index=communes.index)


@dataclass(frozen=True, slots=True)
class _Known:
    """The states of a commune's criteria by number, and their newest day."""

    states: Mapping[int, str]
    day: date


def _criteria_of(snapshot: Snapshot) -> dict[str, _Known]:
    found: dict[str, tuple[dict[int, str], date]] = {}
    frame = snapshot.criteria
    for code, no, state, as_of in zip(frame["code"], frame["criterion"], frame["state"], frame["as_of"], strict=True):
        day = snapshot.as_of if pd.isna(as_of) else as_of.date()
        states, newest = found.get(str(code), ({}, day))
        states[int(no)] = str(state)
        found[str(code)] = states, max(newest, day)
    return {code: _Known(states, day) for code, (states, day) in found.items()}


def _row(tier: str, told: Mapping[Any, Any] | None, known: _Known) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "tier": tier,
        "standard_year": pd.NA,
        "decision": None,
        "decision_date": pd.NaT,
        "criteria_set": None,
        "meets_now": pd.NA,
        "missing": (),
        "unknown": (),
        "risk": "unknown",
        "risk_share": NAN,
    }
    if tier == "not_applicable":
        words = {
            "reason": "Phường, thị trấn, đặc khu: không thuộc diện xét xã nông thôn mới.",
            "reason_en": "Ward, township or special zone: not assessed as an NTM commune.",
        }
        return {**blank, "risk": "not_applicable", **words}
    return {**blank, **_judged(tier, told or {}, known)}


@dataclass(frozen=True, slots=True)
class _Set:
    """The set a commune is judged by, and what must be said about the choice."""

    set: CriteriaSet | None
    notes: tuple[tuple[str, str], ...]


def _set_of(named: str | None, known: _Known) -> _Set:
    id_ = set_on(known.day) if named is None else named
    if id_ is None:
        return _Set(None, (("Không rõ bộ tiêu chí.", "The criteria set is not known."),))
    set_ = criteria_set(id_)
    notes = []
    if named is None and known.states:
        notes.append(
            (
                f"Số liệu không ghi bộ tiêu chí; xét theo bộ có hiệu lực ngày số liệu ({id_}).",
                f"The data do not name the criteria set; judged by the one in force on their day ({id_}).",
            )
        )
    beyond = sorted(no for no in known.states if no not in set_.numbers)
    if beyond:
        told_numbers = ", ".join(map(str, beyond))
        notes.append(
            (
                f"Bộ {id_} chỉ có {set_.count} tiêu chí; bỏ qua số liệu của tiêu chí {told_numbers}.",
                f"Set {id_} has {set_.count} criteria only; data on {told_numbers} are left out.",
            )
        )
    return _Set(set_, tuple(notes))


def _judged(tier: str, told: Mapping[Any, Any], known: _Known) -> dict[str, Any]:
    recognised = at_least(tier, "ntm")
    named = told.get("criteria_set")
    named = named if isinstance(named, str) else None
    chosen = _set_of(named, known)
    if recognised:
        words = [_recognition(tier, told)]
    elif tier == "not_yet":
        words = [("Chưa được công nhận.", "Not recognised.")]
    else:
        words = [("Chưa có số liệu về công nhận.", "Nothing is reported on recognition.")]
    decision = told.get("decision")
    found: dict[str, Any] = {
        "standard_year": told.get("standard_year", pd.NA),
        "decision": None if pd.isna(decision) else decision,
        "decision_date": told.get("decision_date", pd.NaT),
        "criteria_set": named,
        "risk": "not_applicable" if tier == "not_yet" else "unknown",
    }
    if chosen.set is not None:
        met = criteria_met(chosen.set, known.states)
        found["meets_now"] = pd.NA if met.meets is None else met.meets
        found |= {"missing": met.missing, "unknown": met.unknown}
        words.append(_criteria(chosen.set, met, tier, stated=named is not None))
        if recognised:
            risk = withdrawal_risk(chosen.set, known.states)
            found |= {"risk": risk.risk, "risk_share": risk.share}
            # Nothing lost: the count says it. Nothing known: there is nothing to say.
            if met.missing or chosen.set.withdrawal is None or (met.met and met.unknown):
                words.append((risk.vi, risk.en))
            words += _other_basis(tier, told, chosen.set)
    words += chosen.notes
    return {**found, "reason": " ".join(vi for vi, _ in words), "reason_en": " ".join(en for _, en in words)}


def _recognition(tier: str, told: Mapping[Any, Any]) -> tuple[str, str]:
    title = values("tier")[tier]
    year, decision, signed = told.get("standard_year"), told.get("decision"), told.get("decision_date")
    vi, en = f"Công nhận {title.vi[:1].lower()}{title.vi[1:]}", f"Recognised: {title.en}"
    if title.vi.startswith("NTM"):
        vi, en = f"Công nhận {title.vi}", f"Recognised: {title.en}"
    if not pd.isna(year):
        vi, en = f"{vi}, năm đạt chuẩn {int(year)}", f"{en}, standard of {int(year)}"
    if pd.isna(decision):
        return f"{vi} (không ghi quyết định).", f"{en} (no decision stated)."
    on_vi, on_en = ("", "") if pd.isna(signed) else (f" ngày {signed:%d/%m/%Y}", f" of {signed:%d/%m/%Y}")
    return f"{vi} (Quyết định {decision}{on_vi}).", f"{en} (decision {decision}{on_en})."


def _criteria(set_: CriteriaSet, met: Met, tier: str, *, stated: bool) -> tuple[str, str]:
    """How many criteria are met now, which are missing, which are not known."""
    count = len(set_.numbers)
    if len(met.unknown) == count:
        if not stated:
            return "Chưa có số liệu tiêu chí.", "No criterion has been reported."
        return f"Chưa có số liệu tiêu chí (bộ {set_.id}).", f"No criterion has been reported (set {set_.id})."
    vi = f"Hiện đạt {len(met.met)}/{count} tiêu chí (bộ {set_.id})"
    en = f"Meets {len(met.met)} of {count} criteria now (set {set_.id})"
    if met.not_applicable:
        which = ", ".join(map(str, met.not_applicable))
        vi, en = f"{vi}, không áp dụng tiêu chí {which}", f"{en}, {which} not applicable"
    if met.meets and tier == "not_yet":
        return f"{vi}, nhưng chưa có quyết định công nhận.", f"{en}, but no decision recognises it."
    parts = [("thiếu tiêu chí", "missing", met.missing), ("chưa có số liệu tiêu chí", "not known", met.unknown)]
    for word_vi, word_en, numbers in parts:
        if numbers:
            named_vi, named_en = criterion_words(set_, numbers)
            vi, en = f"{vi}; {word_vi} {named_vi}", f"{en}; {word_en}: {named_en}"
    return f"{vi}.", f"{en}."


def _other_basis(tier: str, told: Mapping[Any, Any], set_: CriteriaSet) -> list[tuple[str, str]]:
    """What must be said where the commune was recognised by something else than the set it is judged by."""
    words = []
    year = told.get("standard_year")
    first = int(set_.id[:4])
    if not pd.isna(year) and int(year) < first:
        vi = (
            f"Công nhận theo bộ tiêu chí trước {first}, nay xét theo bộ {set_.id}: hai bộ khác nhau, không hẳn là giảm."
        )
        en = f"Recognised by a set before {first}, judged by set {set_.id} now: two sets, not necessarily a fall."
        words.append((vi, en))
    if tier in {"advanced", "model"}:
        words.append(
            (
                "Chỉ có số liệu theo bộ cơ sở, chưa có theo bộ của bậc này.",
                "The data are of the base set, not of the set of this tier.",
            )
        )
    return words
