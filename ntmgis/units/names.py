"""Names of places made comparable: cleaning, unit words in front, and the two keys names are compared by."""

import re
import unicodedata

__all__ = ["KINDS", "clean", "fold", "fold_bare", "spelling", "spelling_bare", "split_kind"]

# Letters that look alike on the screen, in decomposed form: what people see is what is meant.
_LOOK_ALIKES = str.maketrans(
    {
        "\u00d0": "Đ",  # Ð, Latin eth
        "\u0189": "Đ",  # Ɖ, African D
        "\u00f0": "đ",
        "\u0256": "đ",
        **dict(zip("АВЕЅІЈКМНОРСТУХаеѕіјорсухԁ", "ABESIJKMHOPCTYXaesijopcyxd", strict=True)),  # Cyrillic
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True)),  # Greek
        **dict.fromkeys("\u2019\u2018\u201b\u02bc\u02b9\u02bb\u2032\u00b4`\uff07", "'"),
    }
)
_STROKED_D = re.compile("([Dd])[\u0335\u0336]")
_CARON = re.compile("([Aa])\u030c")  # ǎ typed for ă
_WORD_LA = re.compile(r"(?<![^\W_])la(?=[ ']*([^\W\d_]))")

KINDS = (
    "xã",
    "phường",
    "thị trấn",
    "đặc khu",
    "huyện",
    "quận",
    "thị xã",
    "thành phố",
    "tỉnh",
    "thôn",
    "làng",
    "tổ dân phố",
)
_SHORT = {"thị trấn": r"t\.?t", "thành phố": r"t\.?p", "thị xã": r"t\.?x", "tổ dân phố": "tdp"}
_LETTER = {"xã": "x", "phường": "p", "huyện": "h", "quận": "q"}


def _kind_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    made = []
    for kind in sorted(KINDS, key=len, reverse=True):
        word = r"\s*".join(kind.split())
        # The word and a blank, or run together with a capital ("ThịtrấnĐắkHà"); abbreviations need a dot or a blank.
        ways = [rf"(?i:{word})[\s.:]+", rf"(?P<joined>(?i:{word[:-1]}){word[-1]})"]
        if kind in _SHORT:
            ways.append(rf"(?i:{_SHORT[kind]})[\s.]+")
        if kind in _LETTER:
            ways.append(rf"(?i:{_LETTER[kind]})\.\s*")
        made.append((kind, re.compile(rf"(?:{'|'.join(ways)})(?P<rest>.*)", re.DOTALL)))
    return tuple(made)


_KIND_PATTERNS = _kind_patterns()
_KIND_INITIALS = frozenset(kind[0] for kind in KINDS)
_VOWELS = frozenset("aeiouy")
_TONES = frozenset("\u0300\u0309\u0303\u0301\u0323")


def _capital_i(match: re.Match[str]) -> str:
    # "la Tơi", "laH'Drai": the word is Ia, written with a small L; "sông la ngà" is left alone.
    return "Ia" if match[1].isupper() else "la"


def clean(text: str) -> str:
    """`text` in NFC as a person reads it: look-alike letters, invisible characters, apostrophes and blanks put right.

    >>> clean("Ðăk  La"), clean("la Tơi"), clean("Ia H’Drai")
    ('Đăk La', 'Ia Tơi', "Ia H'Drai")
    """
    if not text.isprintable():
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc"})
    text = unicodedata.normalize("NFD", text).translate(_LOOK_ALIKES)
    text = _STROKED_D.sub(lambda m: "Đ" if m[1] == "D" else "đ", _CARON.sub("\\1\u0306", text))
    text = unicodedata.normalize("NFC", text)
    return _WORD_LA.sub(_capital_i, " ".join(text.split()))


def split_kind(text: str) -> tuple[str | None, str]:
    """(kind, bare name): the unit word that leads `text`, if it is one and a name follows, and the rest, cleaned.

    >>> split_kind("TT. Đắk Hà"), split_kind("Xốp"), split_kind("Xã")
    (('thị trấn', 'Đắk Hà'), (None, 'Xốp'), (None, 'Xã'))
    """
    text = clean(text)
    if text[:1].lower() not in _KIND_INITIALS:
        return None, text
    for kind, pattern in _KIND_PATTERNS:
        match = pattern.fullmatch(text)
        if match is None or (match["joined"] and not match["rest"][:1].isupper()):
            continue
        if any(c.isalnum() for c in match["rest"]):
            return kind, match["rest"].strip()
    return None, text


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", clean(text)).casefold())
    return "".join("d" if c == "đ" else c for c in text if c.isalnum())


def fold_bare(text: str) -> str:
    """`fold` for a name whose unit word is already off: nothing in front is taken for one."""
    plain = _plain(text)
    while not plain.isascii() and plain != text:  # case folding of rare letters can bring up a mark or a look-alike
        text, plain = plain, _plain(plain)
    return plain


def fold(text: str) -> str:
    """Key for matching: no unit word, diacritics, case, blanks or punctuation; đ is d. Folding twice changes nothing.

    >>> fold("Xã Đăk Tơ Lung"), fold("ĐắkTơLung"), fold("Thành phố Kon Tum")
    ('daktolung', 'daktolung', 'kontum')
    """
    return fold_bare(split_kind(text)[1])


def spelling_bare(text: str) -> str:
    """`spelling` for a name whose unit word is already off."""
    made: list[str] = []
    tones: list[str] = []
    for c in unicodedata.normalize("NFD", clean(text).casefold()):
        if c in _TONES:
            # The tone goes behind its run of vowels, so that it does not matter which vowel carries it.
            tones.append(c)
            continue
        if c.isalnum() and c not in _VOWELS:
            made += tones
            tones.clear()
        if c.isalnum() or unicodedata.combining(c):
            made.append(c)
    return unicodedata.normalize("NFC", "".join(made + tones))


def spelling(text: str) -> str:
    """Key for "the same spelling": case, blanks, punctuation and unit word do not count, diacritics do.

    Where a tone stands among the vowels of a syllable does not count either (hoà, hòa).

    >>> spelling("Xã Hoà Bình") == spelling("HÒA BÌNH"), spelling("Ba Tơ") == spelling("Ba Tô")
    (True, False)
    """
    return spelling_bare(split_kind(text)[1])
