"""Text of cells and headers: cleaned, and folded for comparing."""

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

__all__ = ["clean", "fold_words", "is_blank", "joined", "listed", "shown", "word_list", "words"]

_SPACES = re.compile(r"\s+")
# Invisible characters that editors and PDF copies leave behind: soft hyphen, zero-width ones, byte order mark.
_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_NOT_WORD = re.compile(r"[\W_]+")


def clean(text: str) -> str:
    r"""`text` in NFC, without invisible characters, with single spaces and none at the ends.

    >>> clean("  Xã\u00a0 Hà\u200b Mòn ")
    'Xã Hà Mòn'
    """
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


@lru_cache(maxsize=16384)  # cells of a table say the same few things over and over
def fold_words(text: str) -> str:
    """`text` without case, tone marks and repeated spaces; signs such as ✓ stay.

    >>> fold_words("Đạt chuẩn  NTM")
    'dat chuan ntm'
    """
    decomposed = unicodedata.normalize("NFD", clean(text).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("ð", "d")


def joined(text: str) -> str:
    """`fold_words` with everything but letters and digits taken out: the key under which headers are compared.

    >>> joined("Tên xã ") == joined("ten_xa") == "tenxa"
    True
    """
    return _NOT_WORD.sub("", fold_words(text))


@cache
def _words_file() -> dict[str, Any]:
    return tomllib.loads((files("ntmgis.intake") / "data" / "words.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """One list of words.toml, folded."""
    return frozenset(fold_words(word) for word in _words_file()[name])


def word_list(section: str, name: str) -> tuple[str, ...]:
    """One list of a section of words.toml as written there; empty when there is none of this name."""
    return tuple(_words_file()[section].get(name, ()))


def is_blank(value: Any) -> bool:
    """True for a cell that says nothing: None, NaN, an empty text, a dash, "NULL"."""
    if value is None:
        return True
    if isinstance(value, str):
        stripped = value.strip()
        return not stripped or (len(stripped) <= 6 and fold_words(stripped) in words("blank"))
    if isinstance(value, float):
        return math.isnan(value)
    return bool(value != value)  # noqa: PLR0124 - true only for NaT and other not-a-values


def shown(value: Any) -> str:
    """`value` as the person sees it in the file: whole numbers without ".0", dates in ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def listed(names: Iterable[str], limit: int = 20) -> str:
    """`names` in one line, at most `limit` of them."""
    all_ = list(names)
    more = f", … ({len(all_) - limit} tên nữa)" if len(all_) > limit else ""
    return ", ".join(all_[:limit]) + more
