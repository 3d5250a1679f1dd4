"""What a written Vietnamese syllable can be: onset, rhyme, tone and its place. Evidence, not spelling rules.

Names of the Central Highlands do not follow the rules of Vietnamese (Đắk, Plông, Ngọk): the words of the shipped unit
names count as known, and onsets and finals of these names are allowed.
"""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

import pandas as pd

from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import districts, reference_units

__all__ = ["VIETNAMESE", "known_words", "letters_of", "syllable", "with_horned_u"]

Worth = Literal[0, 1, 2]

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_VOWELS = "aăâeêioôơuưy"

VIETNAMESE = frozenset(
    letter
    for case in (str.lower, str.upper)
    for vowel in (*_VOWELS, "đ")
    for tone in ("", *(_TONES if vowel != "đ" else ()))
    if not (letter := unicodedata.normalize("NFC", case(vowel) + tone)).isascii()
)
"""The 134 letters of Vietnamese that are not in ASCII, in NFC."""


def _parts() -> tuple[frozenset[str], frozenset[str]]:
    raw = tomllib.loads((files("ntmgis.intake") / "data" / "syllables.toml").read_text(encoding="utf-8"))
    return frozenset(raw["onsets"].split()) | {""}, frozenset(raw["rhymes"].split())


_ONSETS, _RHYMES = _parts()
_HIGHLAND_ONSET = re.compile(r"[bcdđghkmnpstvx][hlrn]?|kl?h|ndr|str|[jwfz]|s[rh]|p[lrnx]|ch?r")
# ơng and ơc are left out: nothing is called so, and "Phờng" is what is left of "Phường" in damaged TCVN3.
_HIGHLAND_RHYME = re.compile(
    r"(?!ơ(?:n[gh]|ch?)$)(?:iê|ươ|uô|oa|oo|ôô|uy|yê|ia|ưa|ua|[aăâeêioôơuư])(?:nh|ng|ch|[khlrgjwnmptcouiy])?"
)
_STOPPED = re.compile(r"(?:c|ch|p|t|k)$")
_PARTS = re.compile(rf"(qu(?=[{_VOWELS}])|gi(?=[aăâeêoôơuư])|[^\W{_VOWELS}]*)([{_VOWELS}].*)")
_SMALL = "".join(sorted(c for c in VIETNAMESE if c.islower()))
_JOINED = re.compile(f"(?<=[a-z{_SMALL}])(?=[A-ZĐ])")
_MARKED = frozenset("ăâêôơư")
_WORD = re.compile(r"[^\W\d_]+")


def letters_of(text: str) -> list[str]:
    """The words of `text`: runs of letters, cut where a small letter meets a capital.

    >>> letters_of("TT.Đắk Hà, ĐắkTơLung 2")
    ['TT', 'Đắk', 'Hà', 'Đắk', 'Tơ', 'Lung']
    """
    return [part for word in _WORD.findall(text) for part in _JOINED.split(word)]


@cache
def known_words() -> frozenset[str]:
    """The words of the shipped unit and district names of all epochs, in small letters."""
    names = pd.concat([districts()["name"], *(reference_units(epoch)["name"] for epoch in EPOCHS)])
    return frozenset(word.lower() for name in names for word in letters_of(str(name)))


@lru_cache(maxsize=200_000)
def syllable(word: str) -> Worth:
    """2: a Vietnamese syllable or a word of a shipped name; 1: as names of the highlands are written; 0: neither.

    Capitals must stand where people write them: in front, or throughout.

    >>> [syllable(word) for word in ("Đắk", "Nghĩa", "Brăng", "Phwờng", "hÌnh")]
    [2, 2, 1, 0, 0]
    """
    if not word.isupper() and any(c.isupper() and not c.isascii() for c in word[1:]):
        return 0  # ASCII capitals occur inside names: KRoong
    small = word.lower()
    if small in known_words():
        return 2
    tone, at, plain = _toned(small)
    match = None if plain is None else _PARTS.fullmatch(plain)
    if match is None or (tone and not _tone_in_place(match[2], at - len(match[1]))):
        return 0
    return _worth(match[1], match[2], tone)


def _worth(onset: str, rhyme: str, tone: int) -> Worth:
    stopped = _STOPPED.search(rhyme) is not None
    if stopped and tone in {1, 2, 3}:
        return 0
    own = onset in _ONSETS
    if own and rhyme in _RHYMES:
        return 1 if stopped and not tone else 2
    if (own or _HIGHLAND_ONSET.fullmatch(onset)) and (rhyme in _RHYMES or _HIGHLAND_RHYME.fullmatch(rhyme)):
        return 1
    return 0


def _toned(word: str) -> tuple[int, int, str | None]:
    """(tone, position of its vowel, the word without tone); None where there are two tones or foreign letters."""
    tone, at = 0, -1
    made: list[str] = []
    for c in word:
        if not c.isascii() and c not in VIETNAMESE:
            return 0, -1, None
        base = c
        decomposed = unicodedata.normalize("NFD", c)
        for mark in decomposed[1:]:
            if mark in _TONES:
                if tone:
                    return 0, -1, None
                tone, at = _TONES[mark], len(made)
                base = unicodedata.normalize("NFC", decomposed.replace(mark, ""))
        made.append(base)
    return tone, at, "".join(made)


def _tone_in_place(rhyme: str, at: int) -> bool:
    """Whether people write the tone on this letter of the rhyme, in the old way or the new (hòa, hoà)."""
    vowels = re.match(rf"[{_VOWELS}]+", rhyme)
    assert vowels is not None
    run = vowels[0]
    if not 0 <= at < len(run):
        return False
    marked = [i for i, c in enumerate(run) if c in _MARKED]
    if marked:
        return at == marked[-1]
    if len(run) == 1:
        return True
    if run in {"oa", "oe", "uy", "oo"}:
        return at == 1 or len(rhyme) == 2
    if len(run) == 3:
        return at == 1
    return at == 0


@lru_cache(maxsize=20_000)
def with_horned_u(word: str) -> str | None:
    """`word` with one ư put in so that it becomes a Vietnamese syllable; None when it is one, or there is no one way.

    >>> with_horned_u("Phờng"), with_horned_u("Hng"), with_horned_u("Sơn"), with_horned_u("TT")
    ('Phường', 'Hưng', None, None)
    """
    if len(word) < 3 or word.isupper() or syllable(word):
        return None
    ways = {made for i in range(1, len(word) + 1) if syllable(made := f"{word[:i]}ư{word[i:]}") == 2}
    return ways.pop() if len(ways) == 1 else None
