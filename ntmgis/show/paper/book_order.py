"""The order of a book: its pages with their numbers, and names in the order of the Vietnamese alphabet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ntmgis.show.paper.content import Unit

__all__ = ["Entry", "Plan", "bare_name", "plan_book", "vietnamese_key"]

Kind = Literal["cover", "contents", "index", "guide", "district", "commune"]

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_KINDS = ("xã ", "phường ", "thị trấn ", "đặc khu ")
PER_LIST = 165  # lines of a page of contents or index, headings among them


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: what it is, of which unit, its title in bookmarks and its number in the book."""

    kind: Kind
    key: str
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All pages in order."""

    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def page_of(self) -> dict[str, int]:
        """Page number by key."""
        return {entry.key: entry.page for entry in self.entries}


def vietnamese_key(name: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """What names are sorted by: letters of the Vietnamese alphabet first, tones only where letters agree.

    >>> sorted(["Đắk Hà", "Đăk Blà", "Dục Nông", "Ya Ly", "Đắk Blà", "Chư Hreng"], key=vietnamese_key)
    ['Chư Hreng', 'Dục Nông', 'Đăk Blà', 'Đắk Blà', 'Đắk Hà', 'Ya Ly']
    """
    letters, tones = [], []
    for char in name.lower():
        letter, tone = _parts(char)
        tones.append(tone)
        letters.append(_ALPHABET.index(letter) + 1 if letter in _ALPHABET else 0)
    return tuple(letters), tuple(tones), name


def _parts(char: str) -> tuple[str, int]:
    """A letter without its tone, and the tone (0: none)."""
    import unicodedata

    marks = unicodedata.normalize("NFD", char)
    tone = next((_TONES.index(mark) + 1 for mark in marks if mark in _TONES), 0)
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES)), tone


def bare_name(full_name: str) -> str:
    """A name without its kind.

    >>> bare_name("Xã Hà Mòn"), bare_name("Thị trấn Đắk Hà")
    ('Hà Mòn', 'Đắk Hà')
    """
    kind = next((kind for kind in _KINDS if full_name.lower().startswith(kind)), "")
    return full_name[len(kind) :]


def plan_book(units: Sequence[Unit], districts: Sequence[tuple[str, str]]) -> Plan:
    """The pages of a book. With `districts` (code, name) communes stand by district, else by the alphabet.

    Contents come by district, then an index by the alphabet; without districts the contents are that index.
    """
    pages: list[tuple[Kind, str, str]] = [("cover", "cover", "Bìa, bản đồ chỉ dẫn")]
    held = [(code, name, [unit for unit in units if unit.district == code]) for code, name in districts]
    held = [one for one in held if one[2]]
    letters = len({bare_name(unit.full_name)[:1].upper() for unit in units})
    by_letter = max(-(-(len(units) + letters) // PER_LIST), 1)
    lists = max(-(-(len(units) + len(held)) // PER_LIST), 1) if held else by_letter
    name = "Mục lục" if held else "Mục lục theo vần"
    pages += [("contents", f"contents-{n}", name if n == 0 else "") for n in range(lists)]
    if held:
        pages += [("index", f"index-{n}", "Chỉ mục theo vần" if n == 0 else "") for n in range(by_letter)]
    pages.append(("guide", "guide", "Cách đọc, nguồn số liệu"))

    def communes(some: Sequence[Unit]) -> list[tuple[Kind, str, str]]:
        ordered = sorted(some, key=lambda unit: vietnamese_key(bare_name(unit.full_name)))
        return [("commune", unit.code, unit.full_name) for unit in ordered]

    for code, title, own in held:
        pages.append(("district", code, title))
        pages += communes(own)
    inside = {unit.code for _, _, own in held for unit in own}
    pages += communes([unit for unit in units if unit.code not in inside])
    return Plan(tuple(Entry(kind, key, title, n) for n, (kind, key, title) in enumerate(pages, start=1)))
