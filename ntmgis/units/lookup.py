"""The look-up of one epoch's units by code, name, alias and district; every key is made once."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd
from rapidfuzz import fuzz, process

from ntmgis.units.aliases import Aliases
from ntmgis.units.names import clean, fold_bare, spelling_bare, split_kind

__all__ = ["Candidate", "Found", "How", "Unit", "UnitLookup"]

How = Literal["code", "exact_name", "folded_name", "alias"]
Candidate = tuple[str, str, float]

_COMMUNE_KINDS = frozenset({"xã", "phường", "thị trấn", "đặc khu"})
_BULLET = re.compile(r"^[-–—•·*+\s]+|^(?:\d{1,3}|[IVXivx]+)[.)]\s*")
_PLAIN_KIND = re.compile(r"(?i:(xa|phuong|thi\s*tran|dac\s*khu))\s+(\S.*)")
_PLAIN_KINDS = {"xa": "xã", "phuong": "phường", "thitran": "thị trấn", "dackhu": "đặc khu"}
# "Đắk" and "Đăk" are one word in two spellings: lists mix both, so they never tell two units apart.
_DAK = re.compile("^đ[ăắ]k")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the list; `district_code` and `district` are None where there are no districts."""

    code: str
    name: str
    bare: str
    kind: str | None
    district_code: str | None
    district: str | None

    def __str__(self) -> str:
        return f"{self.name} ({self.code}{f', {self.district}' if self.district else ''})"


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to: no code, one, or several (ambiguous).

    `note` says what a reader should know (which alias, which former district); `other_kind` are units of that name
    whose kind contradicts the unit word in front of the name.
    """

    how: How | None = None
    codes: tuple[str, ...] = ()
    note: str = ""
    other_kind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    kinds: frozenset[str]
    note: str = ""


def _text(value: object) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124 - NaN


def _kinds(*kinds: str | None) -> frozenset[str]:
    """The unit words a name may carry; any when the kind is not known."""
    return frozenset(kind for kind in kinds if kind) or _COMMUNE_KINDS


def _loose(key: str) -> str:
    return _DAK.sub("đăk", key)


def _split(text: str) -> tuple[str | None, str]:
    kind, bare = split_kind(text)
    return (kind, bare) if kind in _COMMUNE_KINDS else (None, text)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a name: its unit word, and the keys of the rest."""

    kind: str | None
    folded: str
    spelled: str


def _reading(kind: str | None, bare: str) -> _Reading:
    return _Reading(kind, fold_bare(bare), spelling_bare(bare))


@lru_cache(maxsize=4096)
def _readings(name: str) -> tuple[_Reading, ...]:
    """The name as written; then, for lists and plain letters, without its bullet and with "Xa" read as "Xã"."""
    text = clean(name)
    made = [_reading(*_split(text))]
    short = _BULLET.sub("", text)
    if short != text:
        made.append(_reading(*_split(short)))
    plain = _PLAIN_KIND.fullmatch(short) if short.isascii() else None
    if plain:
        made.append(_reading(_PLAIN_KINDS["".join(plain[1].lower().split())], plain[2]))
    return tuple(made)


class UnitLookup:
    """The units of one epoch, from columns code and name; kind, bare_name, district_code, district if known."""

    def __init__(self, units: pd.DataFrame, epoch_id: str, aliases: Aliases) -> None:
        self.units: dict[str, Unit] = {}
        self._exact: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._loose: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._folded: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._aliases: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._anywhere: defaultdict[str, list[str]] = defaultdict(list)
        self._districts: defaultdict[str, list[tuple[str | None, str]]] = defaultdict(list)
        self.district_names: dict[str, str] = {}
        self._former: dict[str, list[tuple[str, str]]] = {}
        self._read(units)
        self._add_former_districts(aliases, epoch_id)
        self._add_aliases(aliases, epoch_id)
        self._choices: dict[str, dict[str, str]] = {}

    @property
    def has_districts(self) -> bool:
        """Whether the epoch has districts at all."""
        return bool(self.district_names)

    def _read(self, units: pd.DataFrame) -> None:
        columns = {
            name: [_text(value) for value in units[name]] if name in units.columns else [None] * len(units)
            for name in ("code", "name", "bare_name", "kind", "district_code", "district")
        }
        for code, name, bare, kind, district_code, district in zip(*columns.values(), strict=True):
            if code is None or name is None or code in self.units:
                continue
            own_kind, own_bare = _split(clean(name))
            unit = Unit(code, name, bare or own_bare, kind or own_kind, district_code, district)
            self.units[code] = unit
            if district_code is not None and district_code not in self.district_names:
                self.district_names[district_code] = district or district_code
                if district is not None:
                    word, rest = split_kind(district)
                    self._districts[fold_bare(rest)].append((word, district_code))
            entry = _Entry(code, _kinds(unit.kind))
            key = spelling_bare(unit.bare)
            for scope in {"", district_code or ""}:
                self._exact[scope, key].append(entry)
                self._loose[scope, _loose(key)].append(entry)
                self._folded[scope, fold_bare(unit.bare)].append(entry)
            self._anywhere[fold_bare(unit.bare)].append(code)

    def _add_former_districts(self, aliases: Aliases, epoch_id: str) -> None:
        for former in aliases.former_districts:
            if former.epoch != epoch_id or former.district not in self.district_names:
                continue
            for code in former.codes:
                if code in self.units:
                    unit = self.units[code]
                    self._former.setdefault(code, []).append((former.district, former.source))
                    note = self._former_note(unit, former.district, former.source)
                    self._aliases[former.district, fold_bare(unit.bare)].append(_Entry(code, _kinds(unit.kind), note))

    def _add_aliases(self, aliases: Aliases, epoch_id: str) -> None:
        for alias in aliases.names:
            if alias.epoch != epoch_id or alias.code not in self.units:
                continue
            unit = self.units[alias.code]
            word, bare = _split(clean(alias.name))
            note = f"“{alias.name}” là tên gọi khác của {unit.name} ({alias.source})"
            entry, key = _Entry(unit.code, _kinds(unit.kind, word), note), fold_bare(bare)
            self._anywhere[key].append(unit.code)
            if alias.parent is not None:
                self._aliases[alias.parent, key].append(entry)
                # Without a district the name may mean this unit too, so it must not be taken for the other one.
                self._loose["", _loose(spelling_bare(bare))].append(entry)
                self._folded["", key].append(entry)
                continue
            for scope in {"", unit.district_code or ""}:
                self._aliases[scope, key].append(entry)
            for district, source in self._former.get(unit.code, ()):
                both = f"{note}; {self._former_note(unit, district, source)}"
                self._aliases[district, key].append(_Entry(unit.code, entry.kinds, both))

    def _former_note(self, unit: Unit, district: str, source: str) -> str:
        return f"tệp ghi {self.district_names[district]}, danh mục xếp vào {unit.district} ({source})"

    def find(self, name: str, district: str | None) -> Found:
        """The unit `name` means inside `district` (a code; None: anywhere), by exact name, folded name, alias."""
        other_kind: tuple[str, ...] = ()
        for reading in _readings(name):
            found = self._find(reading, district or "")
            if found.codes:
                return found
            other_kind = other_kind or found.other_kind
        return Found(other_kind=other_kind)

    def _find(self, reading: _Reading, scope: str) -> Found:
        kind, folded, spelled = reading.kind, reading.folded, reading.spelled
        if not folded:
            return Found()

        def fitting(entries: list[_Entry]) -> dict[str, str]:
            return {entry.code: entry.note for entry in entries if kind is None or kind in entry.kinds}

        exact = fitting(self._exact.get((scope, spelled), []))
        same = fitting(self._loose.get((scope, _loose(spelled)), []))
        if exact:
            return Found("exact_name", tuple(sorted(same)))
        by_fold = self._folded.get((scope, folded), [])
        if near := fitting(by_fold):
            # A name that is only an alias inside one district is no match without that district.
            own = any(entry.code in near and not entry.note for entry in by_fold)
            return Found("folded_name", tuple(sorted(near))) if own else Found()
        known = self._aliases.get((scope, folded), [])
        if fits := fitting(known):
            return Found("alias", tuple(sorted(fits)), next(iter(fits.values())))
        return Found(other_kind=tuple(sorted({entry.code for entry in [*by_fold, *known]})))

    def holders(self, name: str) -> tuple[str, ...]:
        """Codes of the units that bear `name` in any district, whatever kind the name says."""
        keys = (reading.folded for reading in _readings(name))
        return tuple(dict.fromkeys(code for key in keys for code in self._anywhere.get(key, ())))

    def was_in(self, code: str, district: str) -> str | None:
        """Why the unit may stand under `district` in an older table; None when it may not."""
        for former, source in self._former.get(code, ()):
            if former == district:
                return self._former_note(self.units[code], district, source)
        return None

    def district_of(self, text: str) -> str | None:
        """Code of the district `text` names ("TP. Kon Tum", "Đăk Hà", "Huyện Ia H' Drai, tỉnh Kon Tum")."""
        whole = clean(text)
        for part in (whole, re.split(r"[,;(]| [-–] ", whole, maxsplit=1)[0].strip()):
            kind, bare = split_kind(part)
            if kind == "tỉnh":
                return None
            found = self._districts.get(fold_bare(bare), [])
            if len(found) > 1:
                found = [(word, code) for word, code in found if word == kind]
            if len(found) == 1:
                return found[0][1]
        return None

    def nearest(self, name: str, district: str | None, limit: int = 3) -> tuple[Candidate, ...]:
        """The most similar units of `district` (None: of all), best first: proposals for a person, score 0-100."""
        scope = district or ""
        if scope not in self._choices:
            members = [unit for unit in self.units.values() if not scope or unit.district_code == scope]
            self._choices[scope] = {unit.code: fold_bare(unit.bare) for unit in members}
            self._choices[scope + "+"] = {unit.code: fold_bare(unit.name) for unit in members}
        scores: dict[str, float] = {}
        # With and without the unit word: "Phwờng Quyết Thắng" is near only when it is left on.
        for query, choices in ((_readings(name)[0].folded, scope), (fold_bare(name), scope + "+")):
            for _, score, code in process.extract(
                query, self._choices[choices], scorer=fuzz.ratio, limit=limit, score_cutoff=60
            ):
                scores[code] = max(score, scores.get(code, 0.0))
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return tuple((code, self.units[code].name, round(score, 1)) for code, score in best)

    def likeness(self, code: str, name: str) -> float:
        """How much `name` looks like the name of the unit `code`, 0-100."""
        unit = self.units[code]
        bare = _readings(name)[0].folded
        return max(fuzz.ratio(bare, fold_bare(unit.bare)), fuzz.ratio(fold_bare(name), fold_bare(unit.name)))
