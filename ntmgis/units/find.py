"""Which unit a person means: a code or a name as it is typed, with or without marks, unit word and district."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ntmgis.units.epochs import EPOCHS, Epoch
from ntmgis.units.lookup import UnitLookup
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

    `lookups` are by epoch id. A district may follow after a comma ("Đắk Hà, Tu Mơ Rông"). A code means the unit that
    bears it in `epoch`: codes were used again for other units.

    >>> from ntmgis.units.aliases import load_aliases
    >>> from ntmgis.units.reference import reference_units
    >>> lookups = {one.id: UnitLookup(reference_units(one), one.id, load_aliases()) for one in EPOCHS}
    >>> [f"{one.code} {one.name}" for one in find_units("dak ha", lookups, EPOCHS[0])]
    ['615 Huyện Đắk Hà', '23425 Xã Đắk Hà', '23500 Thị trấn Đắk Hà']
    >>> [one.code for one in find_units("dak ha, tu mo rong", lookups, EPOCHS[0])]
    ['23425']
    """
    order = [epoch, *(one for one in reversed(EPOCHS) if one != epoch)]
    for strict in (True, False):
        for one in order:
            found = _in_epoch(text, lookups[one.id], one, strict=strict)
            if found:
                return tuple(found)
    return ()


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


def _in_epoch(text: str, lookup: UnitLookup, epoch: Epoch, *, strict: bool) -> Sequence[Asked]:
    name, parent = _parts(text)
    if _CODE.fullmatch(name):
        if name in lookup.units:
            return [_commune(lookup, name, epoch)]
        return [_district(lookup, name, epoch)] if name in lookup.district_names else []
    kind, _ = split_kind(name)
    within = lookup.district_of(parent) if parent else None
    codes = lookup.find(name, within).codes if strict else lookup.holders(name)
    made = [_commune(lookup, code, epoch) for code in sorted(codes)]
    if parent is None and (kind is None or kind in _DISTRICT_KINDS):
        district = lookup.district_of(name)
        if district is not None:
            made.insert(0, _district(lookup, district, epoch))
    return made
