"""The answer for one row of a table: which unit its code, name and district mean, or why none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ntmgis.units.epochs import Epoch
from ntmgis.units.lookup import Candidate, Found, How, Unit, UnitLookup
from ntmgis.units.names import clean, fold
from ntmgis.units.reference import crosswalk
from ntmgis.units.report import Status

__all__ = ["Answer", "Key", "Matcher", "join", "read_code"]

_DIGITS = re.compile(r"([0-9]+)(?:[.,]0+)?")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_IN_BRACKETS = re.compile(r"(.*\S)\s*\((?:thuộc\s+)?([^()]+)\)")
_PROVINCES = frozenset({"kontum", "quangngai"})
# Measured on the lists: different communes reach 80 on folded names, spelling variants of one start at 88.
_SAME_NAME = 85.0


@dataclass(frozen=True, slots=True)
class Key:
    """What a row says, as text; None: empty or no such column."""

    code: str | None
    name: str | None
    parent: str | None
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of a row; `fits_here` and `fits_there`: it would find a unit in this epoch, in the other one."""

    status: Status
    reason: str = ""
    how: How | None = None
    code: str | None = None
    candidates: tuple[Candidate, ...] = ()
    fits_here: bool = False
    fits_there: bool = False


@dataclass(frozen=True, slots=True)
class _Parent:
    """The district a row stands under: `code` in this epoch, `former` in the other one; `fault` when there is none."""

    code: str | None = None
    former: str | None = None
    fault: str = ""


def read_code(text: str | None, digits: int = 5) -> tuple[str | None, str]:
    """(code, ""): the unit code in a cell, zeros in front restored; (None, why) when it is not one.

    >>> read_code("23521.0"), read_code("'00123"), read_code("123")
    (('23521', ''), ('00123', ''), ('00123', ''))
    >>> read_code("2.35E+04")
    (None, 'mã “2.35E+04” đã mất chữ số vì lưu dạng số trong Excel nên không dùng')
    """
    if text is None or not (bare := clean(text).strip("' ")):
        return None, ""
    found = _DIGITS.fullmatch(bare)
    if found and len(found[1]) <= digits:
        return found[1].zfill(digits), ""
    if _SCIENTIFIC.fullmatch(bare):
        return None, f"mã “{bare}” đã mất chữ số vì lưu dạng số trong Excel nên không dùng"
    return None, f"“{bare}” không phải mã {digits} chữ số nên không dùng"


def join(*parts: str) -> str:
    """The parts that are not empty, in one sentence."""
    return "; ".join(part for part in parts if part)


class Matcher:
    """Answers one distinct row at a time, with this epoch's units and, where known, the other epoch's."""

    def __init__(self, here: UnitLookup, there: UnitLookup | None, other: Epoch | None) -> None:
        self.here = here
        self.there = there
        self.other = other
        changes = crosswalk() if there is not None else None
        self.successor: dict[str, str] = (
            {} if changes is None else dict(zip(changes["old_code"], changes["new_code"], strict=True))
        )
        self._parents: dict[tuple[str | None, str | None], _Parent] = {}
        self.backward = bool(there is not None and there.has_districts and not here.has_districts)

    def _parent(self, key: Key) -> _Parent:
        """The district the row stands under; many rows share one."""
        place = key.parent, key.parent_code
        if place not in self._parents:
            self._parents[place] = self._read_parent(key)
        return self._parents[place]

    def _read_parent(self, key: Key) -> _Parent:
        by_code, _ = read_code(key.parent_code, 3)
        if by_code is not None and by_code not in self.here.district_names:
            by_code = None
        named = key.parent is not None and fold(key.parent) != ""
        if not named:
            known = by_code is not None or key.parent_code is None
            fault = "" if known or not self.here.has_districts else f"không có huyện mã “{key.parent_code}”"
            return _Parent(code=by_code, fault=fault)
        text = str(key.parent)
        code = self.here.district_of(text)
        if code is not None:
            if by_code not in (None, code):
                fault = f"mã huyện {by_code} là {self.here.district_names[str(by_code)]}, còn tên huyện là “{text}”"
                return _Parent(fault=fault)
            return _Parent(code=code)
        if self._is_province(text):
            return _Parent(code=by_code)
        if self.there is not None and not self.here.has_districts:
            former = self.there.district_of(text)
            return _Parent(former=former, fault="" if former else f"không có huyện, tỉnh “{text}” trong danh mục")
        return _Parent(fault=f"không có huyện “{text}” trong danh mục" if self.here.has_districts else "")

    def _is_province(self, text: str) -> bool:
        # "Kon Tum" alone is the city as long as there are districts; "Tỉnh Kon Tum" never is.
        return self.there is not None and fold(text) in _PROVINCES

    def answer(self, key: Key) -> Answer:
        """The answer for one row."""
        key = self._take_brackets(key)
        code, fault = read_code(key.code)
        name = key.name if key.name is not None and fold(key.name) else None
        parent = self._parent(key)
        if code is None:
            if name is None:
                return Answer("unmatched", join(fault, "dòng không có tên"))
            given = self._by_name(name, parent)
            return replace(given, reason=join(fault, given.reason))
        if code in self.here.units:
            return self._by_code(code, name, parent)
        return self._by_foreign_code(code, name, parent)

    def _by_foreign_code(self, code: str, name: str | None, parent: _Parent) -> Answer:
        """A well-formed code that is not in this epoch's list is never passed over in favour of the name."""
        reason = f"mã {code} không có trong danh mục"
        if self.there is not None and code in self.there.units:
            known = name is None or code in self.there.holders(name) or self.there.likeness(code, name) >= _SAME_NAME
            if known:
                return self._elsewhen(code)
            reason = f"mã {code} ở thời kỳ ranh giới khác là {self.there.units[code]}"
        named = self.here.holders(name) if name is not None else ()
        if named:
            reason = f"{reason}, còn tên “{name}” là {self._list(named)}"
            return Answer("conflict", reason, candidates=self._sure(named))
        near = self.here.nearest(name, parent.code) if name is not None else ()
        return Answer("unmatched", reason, candidates=near)

    def _take_brackets(self, key: Key) -> Key:
        """The key with the bracket of "Đăk Long (huyện Đăk Hà)" as its district, when it has no other."""
        if key.name is None or key.parent is not None or key.parent_code is not None:
            return key
        found = _IN_BRACKETS.fullmatch(clean(key.name))
        for lookup in (self.here, self.there):
            if found and lookup is not None and lookup.district_of(found[2]) is not None:
                return replace(key, name=found[1], parent=found[2])
        return key

    def _by_code(self, code: str, name: str | None, parent: _Parent) -> Answer:
        unit = self.here.units[code]
        there = self._fits_there(code, name, parent)
        moved = self._wrong_district(unit, parent)
        # A district of this epoch speaks for this epoch.
        good = Answer("matched", moved, "code", code, fits_here=True, fits_there=there and parent.code is None)
        if name is None:
            lost = moved and not self._was_in(unit, parent)
            odd = Answer("conflict", f"mã {code} là {unit}, nhưng {moved}", candidates=self._sure([code]))
            return odd if lost else good
        found = self.here.find(name, parent.code)
        if code in found.codes:
            return good
        bears = self.here.holders(name)
        same_name = code in bears and not found.codes  # only the unit word or the district says otherwise
        if there and not (same_name and parent.code is not None):
            return self._elsewhen(code)
        if same_name:
            kind = f"tên trong tệp “{name}”, danh mục ghi {unit.name}" if code in found.other_kind else ""
            return replace(good, reason=join(moved, kind))
        if not bears and self.here.likeness(code, name) >= _SAME_NAME:
            return replace(good, reason=join(moved, f"tên trong tệp “{name}” viết khác danh mục ({unit.name})"))
        return self._contradiction(unit, name, found.codes or bears, parent)

    def _contradiction(self, unit: Unit, name: str, named: Sequence[str], parent: _Parent) -> Answer:
        if named:
            reason = f"mã {unit.code} là {unit}, còn tên “{name}” là {self._list(named)}"
            return Answer("conflict", reason, candidates=self._sure([unit.code, *named]))
        near = tuple(c for c in self.here.nearest(name, parent.code) if c[0] != unit.code)
        reason = f"mã {unit.code} là {unit}, nhưng tên trong tệp là “{name}”"
        return Answer("conflict", reason, candidates=(*self._sure([unit.code]), *near))

    def _wrong_district(self, unit: Unit, parent: _Parent) -> str:
        """A sentence when the row stands under another district than the list has; "" when all is well."""
        if parent.fault:
            return parent.fault
        if parent.code is None or unit.district_code in (None, parent.code):
            return ""
        former = self.here.was_in(unit.code, parent.code)
        return former or f"tệp ghi {self.here.district_names[parent.code]}, danh mục xếp vào {unit.district}"

    def _was_in(self, unit: Unit, parent: _Parent) -> bool:
        return parent.code is not None and self.here.was_in(unit.code, parent.code) is not None

    def _by_name(self, name: str, parent: _Parent) -> Answer:
        if parent.fault:
            bears = self.here.holders(name)
            where = f"tên này có ở {self._list(bears)}" if bears else ""
            near = self._sure(bears) or self.here.nearest(name, None)
            return Answer("unmatched", join(parent.fault, where), candidates=near)
        found = self.here.find(name, parent.code)
        there = self._fits_there(None, name, parent)
        if len(found.codes) == 1:
            return self._one(name, found, parent, fits_there=there)
        if found.codes:
            reason = f"“{name}” có thể là {self._list(found.codes)}"
            sure = self._sure(found.codes)
            return Answer("ambiguous", reason, candidates=sure, fits_here=True, fits_there=there)
        return self._none(name, found, parent, fits_there=there)

    def _one(self, name: str, found: Found, parent: _Parent, *, fits_there: bool) -> Answer:
        (code,) = found.codes
        unit = self.here.units[code]
        if parent.former is not None and self.there is not None:
            # A district of the old epoch beside a name: the unit must have grown out of that very place.
            old = self.there.find(name, parent.former).codes
            if old and {self.successor.get(c) for c in old} != {code}:
                return self._elsewhen(*old)
            grown = [c for c, new in self.successor.items() if new == code]
            if all(self.there.units[c].district_code != parent.former for c in grown):
                district = self.there.district_names[parent.former]
                reason = f"tên này là {unit}, nhưng xã đó không hình thành từ {district}"
                return Answer("unmatched", reason, candidates=self._sure([code]))
        both = fits_there and parent.code is None
        return Answer("matched", found.note, how=found.how, code=code, fits_here=True, fits_there=both)

    def _none(self, name: str, found: Found, parent: _Parent, *, fits_there: bool) -> Answer:
        bears = self.here.holders(name)
        only_kind = bool(found.other_kind) and parent.code is None
        if fits_there and (not bears or only_kind) and self.there is not None:
            return self._elsewhen(*self.there.find(name, parent.former).codes)
        if found.other_kind:
            reason = f"danh mục có {self._list(found.other_kind)}, khác loại đơn vị với “{name}”"
            return Answer("unmatched", reason, candidates=self._sure(found.other_kind))
        if bears:
            place = self.here.district_names[parent.code] if parent.code else ""
            where = f"không có tên này trong {place}" if place else "tên này cần có huyện đi kèm"
            reason = f"{where}; có ở: {self._list(bears)}"
            return Answer("unmatched", reason, candidates=self._sure(bears))
        near = self.here.nearest(name, parent.code)
        place = f" trong {self.here.district_names[parent.code]}" if parent.code else " trong danh mục"
        hint = f"; gần giống nhất: {self.here.units[near[0][0]]}" if near else ""
        return Answer("unmatched", f"không có tên “{name}”{place}{hint}", candidates=near)

    def _fits_there(self, code: str | None, name: str | None, parent: _Parent) -> bool:
        """Whether the row would find its unit in the other epoch."""
        if self.there is None or (code is not None and code not in self.there.units):
            return False
        if name is None:
            return code is not None
        found = self.there.find(name, parent.former).codes
        return code in found if code is not None else bool(found)

    def _elsewhen(self, *codes: str) -> Answer:
        """The answer for a row that belongs to the other epoch, with what became of the unit."""
        assert self.there is not None  # only rows that fit the other epoch come here
        assert self.other is not None
        if self.backward:
            today = sorted({self.successor[code] for code in codes if code in self.successor})
            now = f"nay thuộc {self._list(today)}" if today else ""
        else:
            today = sorted(old for old, new in self.successor.items() if new in codes)
            now = f"hình thành từ {self._list(today)}" if today else ""
        known = ", ".join(str(self.there.units[code]) for code in codes)
        return Answer("wrong_epoch", join(f"{known} thuộc {self.other.title_vi}", now), fits_there=True)

    def _list(self, codes: Sequence[str]) -> str:
        return ", ".join(str(self.here.units[code]) for code in codes if code in self.here.units)

    def _sure(self, codes: Sequence[str]) -> tuple[Candidate, ...]:
        return tuple((code, self.here.units[code].name, 100.0) for code in dict.fromkeys(codes))
