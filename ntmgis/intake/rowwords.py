"""What a row of a sheet says it is, by its words: a total, a note, a signature, a group such as "II. Huyện Đắk Hà"."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ntmgis.intake.text import clean, fold_words, word_list
from ntmgis.units.names import split_kind

__all__ = ["GroupName", "group_name", "is_arabic", "is_note", "is_roman", "is_total", "may_be_special"]

_ROMAN = re.compile(r"(?=[IVXL])(X{0,3}(?:IX|IV|V?I{0,3})|XL[IVX]*)")
_NUMERAL = re.compile(r"\(?([IVXL]{1,6}|[A-H]|\d{1,3})\s*(?:[.)/:–-]+\s*|(?<=[.)])\s+)(?=\D)")
_ARABIC = re.compile(r"\(?\d{1,5}(?:[.,]0+)?\)?\.?")
_COUNT = re.compile(
    r"\s*(?:\([^()]*\d[^()]*\)|[:;,–-]\s*\d+\s*(?:xã|đơn vị|phường|thị trấn|thôn).*|[:;.,])\s*$", re.IGNORECASE
)
_SIGNED_ON = re.compile(r"(?:^|[\s,])ngày\s*[\d.…_ ]*\s*tháng\s*[\d.…_ ]*\s*năm\s*[\d.…_ ]*$", re.IGNORECASE)
# Only what begins so is looked at more closely; a row may begin with anything else.
_SUSPECT = re.compile(
    r"\W*(?:t[oổôõỏ]|c[oộô]|b[iì]|tr|t[yỷ]|l[uũ]|g|ch|l|ng|k|x|n|h|q|p|d|đ|\(|\*|[ivxl]+\W|[a-h]\W|\d+\s*[.)/:-]|t[pxhmlu])",
    re.IGNORECASE,
)
_DISTRICTS = frozenset({"huyện", "quận", "thị xã", "thành phố"})
_COMMUNES = frozenset({"xã", "phường", "thị trấn", "đặc khu"})

Level = Literal["district", "commune"]


@dataclass(frozen=True, slots=True)
class GroupName:
    """The name in a group row: as written, without numeral and counts, and what kind of unit its first word says."""

    name: str
    level: Level | None
    numeral: str | None


@cache
def _phrases(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The phrases of a list, as written (lower case) and without tone marks."""
    written = frozenset(clean(one).casefold() for one in word_list("rows", name))
    return written, frozenset(map(fold_words, written))


def _leads(text: str, name: str) -> str | None:
    """What follows the longest phrase of the list that `text` begins with; None when it begins with none."""
    said = clean(text).casefold()
    written, plain = _phrases(name)
    known = plain if said.isascii() else written
    for end in (*(i for i, c in enumerate(said) if not c.isalnum() and c not in ".("), len(said)):
        if said[:end].rstrip(" :") in known:
            best = said[end:]
            rest = next((said[e:] for e in range(len(said), end, -1) if said[:e].rstrip(" :") in known), best)
            return rest.strip(" :.,-–")
    return None


def is_total(text: str) -> bool:
    """Whether a row whose first words are `text` adds up other rows.

    >>> [is_total(one) for one in ("TỔNG CỘNG:", "Cộng huyện Đắk Hà", "Tong cong", "Cộng Hòa", "Tổng Cọt", "Cống")]
    [True, True, True, False, False, False]
    """
    if split_kind(text)[0] == "tỉnh":
        return True
    rest = _leads(text, "total")
    if rest is None:
        return False
    of, plain = _phrases("total_of")
    known = plain if text.isascii() else of
    return not rest or rest[0] in "(0123456789" or any(rest == one or rest.startswith(f"{one} ") for one in known)


def is_note(text: str) -> bool:
    """Whether a row with this text opens what stands under a table: a note, a source, a place and date, a signature.

    >>> [is_note(one) for one in ("Ghi chú: ...", "NGƯỜI LẬP BIỂU", "Kon Tum, ngày 5 tháng 7 năm 2025", "Xã Hà Mòn")]
    [True, True, True, False]
    """
    said = clean(text).casefold()
    if _SIGNED_ON.search(said) or said.startswith(("(*)", "* ", "*) ")):
        return True
    rest = _leads(said, "note")
    if rest is not None and (not rest or ":" in said or "(" in said or len(said) > 30):
        return True
    return any(
        said == one
        or (said.startswith(one) and not said[len(one)].isalnum())
        or (one[-1] in ".(" and said.startswith(one))
        or (one == "(ký" and said.startswith(one))
        for one in _phrases("signature")[0]
    )


def is_roman(text: str) -> bool:
    """True for a numeral as used for groups: I, II, IV, also A, B, C."""
    bare = text.strip(" .()/:")
    return bool(bare) and (_ROMAN.fullmatch(bare) is not None or re.fullmatch("[A-H]", bare) is not None)


def is_arabic(text: str) -> bool:
    """True for a running number: 1, 2., (3), 4.0."""
    return _ARABIC.fullmatch(text.strip()) is not None


def group_name(text: str) -> GroupName:
    """The name that a group row holds.

    >>> group_name("II. Huyện Đắk Hà (9 xã):")
    GroupName(name='Huyện Đắk Hà', level='district', numeral='II')
    """
    said = clean(text)
    match = _NUMERAL.match(said)
    numeral = match[1] if match else None
    said = said[match.end() :] if match else said
    while (shorter := _COUNT.sub("", said)) != said:
        said = shorter
    kind = split_kind(said)[0]
    level: Level | None = "district" if kind in _DISTRICTS else "commune" if kind in _COMMUNES else None
    return GroupName(said, level, numeral)


def may_be_special(text: str) -> bool:
    """False for a text that is surely none of the above: a quick look before the closer one."""
    return _SUSPECT.match(text) is not None
