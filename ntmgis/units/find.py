"""Which unit a person means: a code or a name as it is typed, with or without marks, unit word and district."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.units.lookup import Found, How, UnitLookup
from ntmgis.units.names import clean, split_kind

__all__ = ["Asked", "find_units", "near_units"]

_DISTRICT_KINDS = frozenset({"huyện", "thành phố", "thị xã", "quận"})
_CODE = re.compile(r"\d{2,5}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A unit somebody may mean. `level`: commune or district; `district` None where there are none."""

    level: str
    code: str
    name: str
    district: str | None
    epoch: Epoch

    def as_dict(self) -> dict[str, str | None]:
        """For JSON; the epoch by its id."""
        return {
            "level": self.level,
            "code": self.code,
            "name": self.name,
            "district": self.district,
            "epoch": self.epoch.id,
        }

    def __str__(self) -> str:
        where = f", {self.district}" if self.district and self.level == "commune" else ""
        return f"{self.code} {self.name}{where} ({self.epoch.title_vi})"


def find_units(text: str, lookups: Mapping[str, UnitLookup], epoch: Epoch) -> tuple[Asked, ...]:
    """All units that `text` may mean, of the first epoch that has any, `epoch` before the others.

    What a unit of another epoch is really called goes before an alias: "Măng Bút" is the commune of that name since
    July 2025, though older lists wrote so of Măng Buk. Typed without its marks it may mean either, and both come back.

    `lookups` are by epoch id. A district may follow after a comma ("Đắk Hà, Tu Mơ Rông"). A code means the unit that
    bears it in `epoch`: codes were used again for other units.

    >>> from ntmgis.units.aliases import load_aliases
    >>> from ntmgis.units.reference import reference_units
    >>> lookups = {one.id: UnitLookup(reference_units(one), one.id, load_aliases()) for one in EPOCHS}
    >>> [f"{one.code} {one.name}" for one in find_units("dak ha", lookups, EPOCHS[0])]
    ['615 Huyện Đắk Hà', '23425 Xã Đắk Hà', '23500 Thị trấn Đắk Hà']
    >>> [one.code for one in find_units("dak ha, tu mo rong", lookups, EPOCHS[0])]
    ['23425']
    >>> [f"{one.code} {one.name}" for one in find_units("Măng Bút", lookups, EPOCHS[0])]
    ['23455 Xã Măng Bút']
    """
    order = [epoch, *(one for one in reversed(EPOCHS) if one != epoch)]
    for strict in (True, False):
        for place, one in enumerate(order):
            found, how = _in_epoch(text, lookups[one.id], one, strict=strict)
            if how == "alias" and not _names_district(text, lookups[one.id]):
                found = _really_called(text, lookups, order[place + 1 :], found)
            if found:
                return tuple(found)
    return ()


def _really_called(
    text: str, lookups: Mapping[str, UnitLookup], others: Sequence[Epoch], by_alias: Sequence[Asked]
) -> Sequence[Asked]:
    """What to take for a name that is but an alias, when a unit of another epoch is called so."""
    for one in others:
        found, how = _in_epoch(text, lookups[one.id], one, strict=True)
        if how == "exact_name":
            return found
        if how == "folded_name":
            return [*by_alias, *found]
    return by_alias


def _names_district(text: str, lookup: UnitLookup) -> bool:
    """Whether the part after the comma says in which district of that epoch the unit lies."""
    parent = _parts(text)[1]
    return parent is not None and lookup.district_of(parent) is not None


def near_units(text: str, lookups: Mapping[str, UnitLookup], epoch: Epoch, *, most: int = 3) -> tuple[Asked, ...]:
    """The units most like a name that nothing was found for: proposals for a person."""
    order = [epoch, *(one for one in reversed(EPOCHS) if one != epoch)]
    name = _parts(text)[0]
    scored = [
        (-score, place, _commune(lookups[one.id], code, one))
        for place, one in enumerate(order)
        for code, _, score in lookups[one.id].nearest(name, None, most)
    ]
    return tuple(asked for *_, asked in sorted(scored, key=lambda item: (item[0], item[1], item[2].code))[:most])


def _parts(text: str) -> tuple[str, str | None]:
    name, _, parent = clean(text).partition(",")
    return name.strip(), parent.strip() or None


def _commune(lookup: UnitLookup, code: str, epoch: Epoch) -> Asked:
    unit = lookup.units[code]
    return Asked("commune", code, unit.name, unit.district, epoch)


def _district(lookup: UnitLookup, code: str, epoch: Epoch) -> Asked:
    name = lookup.district_names[code]
    return Asked("district", code, name, name, epoch)


def _in_epoch(text: str, lookup: UnitLookup, epoch: Epoch, *, strict: bool) -> tuple[Sequence[Asked], How | None]:
    """The units of one epoch, and how they were found (None: there are none, or a district is among them)."""
    name, parent = _parts(text)
    if _CODE.fullmatch(name):
        if name in lookup.units:
            return [_commune(lookup, name, epoch)], "code"
        return ([_district(lookup, name, epoch)] if name in lookup.district_names else []), None
    kind, _ = split_kind(name)
    within = lookup.district_of(parent) if parent else None
    found = lookup.find(name, within) if strict else Found(codes=lookup.holders(name))
    made = [_commune(lookup, code, epoch) for code in sorted(found.codes)]
    if parent is None and (kind is None or kind in _DISTRICT_KINDS):
        district = lookup.district_of(name)
        if district is not None:
            return [_district(lookup, district, epoch), *made], None
    return made, found.how
