"""Vietnamese text from before Unicode made readable: TCVN3, VNI, VISCII, VPS, Windows-1258, mojibake, escapes.

Everything here is text in, text out. A file not yet decoded is read as Latin-1 first, so that each character is one
byte; text as found in a UTF-8 file (TCVN3 read as Latin-1 or Windows-1252 and saved again) is taken as it is.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from ntmgis.intake.syllables import VIETNAMESE, with_horned_u

__all__ = [
    "BYTE_ENCODINGS",
    "ENCODINGS",
    "as_bytes_read",
    "decode",
    "encode",
    "encoding_name",
    "fits",
    "has_escape",
    "is_plain",
    "restore_case",
    "restore_horned_u",
    "title",
]

BYTE_ENCODINGS = ("tcvn3", "vni", "viscii", "vps", "cp1258")
ENCODINGS = (*BYTE_ENCODINGS, "utf8", "escapes")
_TITLES = {"utf8": "UTF-8 bị đọc nhầm thành Latin-1", "escapes": "mã thoát (\\u0110, <U+0110>)"}
_SPELLINGS = {
    "abc": "tcvn3",
    "tcvn": "tcvn3",
    "tcvn5712": "tcvn3",
    "tcvn57123": "tcvn3",
    "vniwin": "vni",
    "vniwindows": "vni",
    "windows1258": "cp1258",
    "1258": "cp1258",
}
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")


def _windows_signs() -> dict[str, str]:
    """Character of Windows-1252 above U+00FF → the byte it stands for, as a Latin-1 character, and nothing else."""
    made = {}
    for byte in range(0x80, 0xA0):
        try:
            made[bytes([byte]).decode("cp1252")] = chr(byte)
        except UnicodeDecodeError:  # five bytes mean nothing in Windows-1252
            continue
    return made


_WINDOWS = _windows_signs()
_TO_BYTES = str.maketrans(_WINDOWS)
_FROM_BYTES = {byte: sign for sign, byte in _WINDOWS.items()}
_ABOVE = re.compile("[^\\x00-\u00ff]")


@dataclass(frozen=True, slots=True)
class _Table:
    """One encoding: how its bytes (as Latin-1 characters) become letters, and which texts can be in it."""

    title: str
    letters: Mapping[str, str]  # letter → its one or two bytes
    decode: Callable[[str], str]
    whole: re.Pattern[str]  # matches text that has a meaning in the encoding throughout


@cache
def _tables() -> Mapping[str, _Table]:
    raw = tomllib.loads((files("ntmgis.intake") / "data" / "legacy.toml").read_text(encoding="utf-8"))
    made = {}
    for name in BYTE_ENCODINGS:
        letters: dict[str, str] = {}
        for letter, cells in raw[name]["letters"].items():
            for tone, cell in zip(_TONES, cells.split(), strict=False):
                if cell != "--":
                    letters[unicodedata.normalize("NFC", letter + tone)] = bytes.fromhex(cell).decode("latin-1")
        made[name] = _table(raw[name]["title"], letters, marks_apart=name == "cp1258")
    return made


def _table(title: str, letters: Mapping[str, str], *, marks_apart: bool) -> _Table:
    known = dict(_FROM_BYTES)
    known |= {byte: letter for letter, byte in letters.items() if byte != letter}
    if marks_apart:  # letters with their tone in one byte occur beside the marks
        known |= {c: c for c in "àáâèéêíóôùúÀÁÂÈÉÊÍÓÔÙÚ"}
    pairs = {byte: letter for byte, letter in known.items() if len(byte) == 2}
    single = {ord(byte): letter for byte, letter in known.items() if len(byte) == 1}
    plain = {*single, *(ord(c) for c in letters.values() if len(c) == 1), 0xA0}
    alone = "\x00-\x7f" + "".join(re.escape(chr(code)) for code in sorted(plain) if code >= 0x80)
    if not pairs:
        return _Table(title, letters, lambda text: text.translate(single), re.compile(f"[{alone}]*+"))
    for byte, letter in list(pairs.items()):  # the mark of a capital typed with a small letter, and the other way
        pairs.setdefault(byte[0] + _other_case(byte[1]), letter)
    pattern = re.compile("|".join(re.escape(byte) for byte in sorted(pairs)))

    def decode_pairs(text: str) -> str:
        made: list[str] = []
        at = 0
        for match in pattern.finditer(text):
            made += (text[at : match.start()].translate(single), pairs[match[0]])
            at = match.end()
        return "".join((*made, text[at:].translate(single)))

    return _Table(title, letters, decode_pairs, re.compile(f"(?:{pattern.pattern}|[{alone}])*+"))


def _other_case(mark: str) -> str:
    return chr(ord(mark) ^ 0x20) if ord(mark) >= 0xC0 else mark


def is_plain(text: str) -> bool:
    """Whether `text` is printable ASCII, which all encodings share; VISCII and VPS have letters among the controls."""
    return text.isascii() and text.isprintable()


def encoding_name(name: str) -> str | None:
    """Our name of the legacy encoding `name` as a user may write it; None when it is none of ours.

    >>> encoding_name("TCVN-3"), encoding_name("Windows-1258"), encoding_name("utf-8")
    ('tcvn3', 'cp1258', None)
    """
    key = re.sub(r"[^a-z0-9]", "", name.casefold())
    key = _SPELLINGS.get(key, key)
    return key if key in BYTE_ENCODINGS else None


def title(encoding: str) -> str:
    """What an encoding is called in a message."""
    return _TITLES.get(encoding) or _tables()[encoding].title


def as_bytes_read(text: str) -> str | None:
    """`text` with every character as the byte it was read from (Latin-1 or Windows-1252); None: it holds others.

    >>> as_bytes_read("Quy‰t") == "Quy" + chr(0x89) + "t", as_bytes_read("Đắk")
    (True, None)
    """
    if text.isascii() or not _ABOVE.search(text):
        return text
    text = text.translate(_TO_BYTES)
    return None if _ABOVE.search(text) else text


def fits(text: str, encoding: str) -> bool:
    """Whether every byte of `text` (see `as_bytes_read`) has a meaning in this byte encoding."""
    return _tables()[encoding].whole.fullmatch(text) is not None


def decode(text: str, encoding: str) -> str:
    r"""`text` read as `encoding` (one of ENCODINGS), in NFC; what the encoding has no letter for stays as it is.

    >>> decode("§¾k T«", "tcvn3"), decode("Ñaék Toâ", "vni"), decode(r"\u0110\u1eafk", "escapes")
    ('Đắk Tô', 'Đắk Tô', 'Đắk')
    """
    if encoding == "escapes":
        made = _ESCAPE.sub(_unescaped, text)
        return text if made == text else unicodedata.normalize("NFC", made)
    if encoding == "utf8":
        return _from_utf8(text)
    if is_plain(text):
        return text
    made = " ".join([part if is_plain(part) else _decoded(part, encoding) for part in text.split(" ")])
    return restore_case(made) if encoding == "tcvn3" else made


@lru_cache(maxsize=100_000)
def _decoded(part: str, encoding: str) -> str:
    """One stretch without blanks: the same words come again and again in a column."""
    return unicodedata.normalize("NFC", _tables()[encoding].decode(part.translate(_TO_BYTES)))


def encode(text: str, encoding: str) -> str:
    """The bytes of `text` in a byte encoding, as Latin-1 characters: the opposite of `decode`.

    TCVN3 has no toned capitals: they become small letters. Characters the encoding does not have raise ValueError.

    >>> encode("Đắk Tô", "tcvn3")
    '§¾k T«'
    """
    letters = _tables()[encoding].letters
    made = []
    for c in unicodedata.normalize("NFC", text):
        byte = c if c.isascii() else letters.get(c) or letters.get(c.lower()) or _WINDOWS.get(c)
        if byte is None:
            raise ValueError(f"{c!r} has no byte in {encoding}")
        made.append(byte)
    return "".join(made)


# --- TCVN3: case ---------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = frozenset("ĂÂÊÔƠƯĐ")
_TWO_CAPITALS = re.compile("[A-ZĂÂÊÔƠƯĐ][^\\W\\d_a-zăâêôơưđ]*?[A-ZĂÂÊÔƠƯĐ]")
_HAS_VOWEL = re.compile(r"[aăâeêioôơuưy]")


def restore_case(text: str) -> str:
    """Small letters made capital where the all-capital fonts of TCVN3 hid their case.

    The encoding has capitals of the 29 plain letters only; a toned capital is a small letter shown in a capital font.
    Rule: a word of which every letter that can show its case is a capital, and which has two such capitals, is
    written in capitals throughout. A word with one such capital ("Hµ") follows the others of the text: it is in
    capitals when at least one other word is and no letter anywhere is small for certain.

    >>> restore_case("Hà MòN"), restore_case("Bờ Y"), restore_case("TT. Sa Thầy")
    ('HÀ MÒN', 'Bờ Y', 'TT. Sa Thầy')
    """
    if not _TWO_CAPITALS.search(text):
        return text
    words = _WORD.findall(text)
    shown = [[c for c in word if _shows_case(c)] for word in words]
    capital = [len(found) >= 2 and all(c.isupper() for c in found) for found in shown]
    # "TT", "TP" are capitals in any text
    spoken = [flag and _has_vowel(word) for flag, word in zip(capital, words, strict=True)]
    throughout = any(spoken) and all(c.isupper() for found in shown for c in found)
    if not any(spoken):
        return text
    flags = iter(flag or throughout for flag in spoken)
    return _WORD.sub(lambda match: match[0].upper() if next(flags) else match[0], text)


def _shows_case(c: str) -> bool:
    return c.isascii() or c.upper() in _CAPITALS


def _has_vowel(word: str) -> bool:
    plain = unicodedata.normalize("NFD", word.lower())
    return _HAS_VOWEL.search(plain) is not None


# --- TCVN3: the soft hyphen ----------------------------------------------------------------------------------------


def restore_horned_u(text: str) -> str:
    """The letter ư put back where it was lost: TCVN3 writes it as byte AD, which programs strip as a soft hyphen.

    Only words that are no Vietnamese syllables and become one in exactly one way are changed.

    >>> restore_horned_u("Phờng Trần Hng Đạo")
    'Phường Trần Hưng Đạo'
    """
    return _WORD.sub(lambda match: with_horned_u(match[0]) or match[0], text)


# --- escapes -------------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|<U\+([0-9A-Fa-f]{4,5})>|&#(?:x([0-9A-Fa-f]{2,5})|([0-9]{3,6}));")
_SIGNS = frozenset("\u00a0\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")


def has_escape(text: str) -> bool:
    """Whether `text` holds anything written like an escape."""
    return ("\\u" in text or "<U+" in text or "&#" in text) and _ESCAPE.search(text) is not None


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[4]) if match[4] else int(match[1] or match[2] or match[3], 16)
    c = chr(code) if code <= 0x10FFFF else ""
    return c if c in VIETNAMESE or c in _SIGNS else match[0]


# --- UTF-8 read as Latin-1 or Windows-1252 -------------------------------------------------------------------------

_UTF8 = re.compile(
    "[\u00c2-\u00c6][\u0080-\u00bf]|\u00cc[\u0080-\u00a3]|(?:\u00e1[\u00ba\u00bb]|\u00e2\u0080)[\u0080-\u00bf]"
)
_UTF8_SEEN = re.compile(f"{_UTF8.pattern}|\u00e1[\u00ba\u00bb]")
# A NO-BREAK SPACE became a blank, or a soft hyphen was stripped: the last byte of Ạ, Ỡ and à, of ậ, ử and í.
_LOST = re.compile("(\u00e1[\u00ba\u00bb]|\u00c3)( (?![A-Z0-9\u00c3-\u00c6])|(?![\u0080-\u00bf]))")


def _from_utf8(text: str) -> str:
    raw = as_bytes_read(text)
    for _ in range(2):  # some files went through the wrong hands twice
        if raw is None or not _UTF8_SEEN.search(raw):
            break
        raw = _UTF8.sub(_utf8_letter, _LOST.sub(_lost_byte, raw))
        text = unicodedata.normalize("NFC", raw)
        raw = as_bytes_read(text)
    return text


def _lost_byte(match: re.Match[str]) -> str:
    # "HÃ Mòn": the one blank left of two is a blank, so the letter is à
    blank = match[2] or (match[1] == "\u00c3" and match.string[match.end() : match.end() + 1] in {"", " "})
    return match[1] + ("\u00a0" if blank else "\u00ad")


def _utf8_letter(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
