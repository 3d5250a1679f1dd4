"""In which encoding a column of texts was written, judged by how well the decoded texts look Vietnamese.

What is plain ASCII or good Unicode Vietnamese is never touched. A column is decoded only when one reading is clear:
most of its suspicious values become Vietnamese throughout, and no other encoding does nearly as well.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ntmgis.intake.legacy import BYTE_ENCODINGS, as_bytes_read, decode, fits, has_escape, is_plain, restore_horned_u
from ntmgis.intake.syllables import VIETNAMESE, known_words, letters_of, syllable

__all__ = ["Candidate", "Detection", "decode_values", "detect", "left_over"]

CLEAR = 0.75  # share of the suspicious values that must become Vietnamese
LEAD = 1.5  # by how much the winner's evidence must beat that of the next
ENOUGH = 3  # worth of different decoded words (2 for a Vietnamese syllable, 1 for a highland one); values
_BLOCK = 1000  # values that are looked at together first
SAMPLE = 400  # suspicious values judged; more do not change the picture
_SIGNS = frozenset("\u00a0\u00ad\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u00b0\u00b2\u00b3\u00bd\u00d7")
# "½", "5m²", "30°C", "§": signs of figures and paragraphs, at home in any text
_MEASURE = re.compile(r"[(\d.,/+-]*(?:[½¼¾±×÷°‰€§©®«»·]|[A-Za-z]{0,2}[²³]|µ[mgl]|°[CF])[\d.,:;)]*")
_ETH = str.maketrans("Ðð", "Đđ")  # typed for Đ in otherwise good Unicode


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible reading: the share of suspicious values it explains, what speaks for it, and one value read so."""

    encoding: str
    score: float
    worth: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Detection:
    """What a column is written in.

    encoding    the winner; None: nothing to decode, or not clear
    score       share of the suspicious values that the winner (with `others`) turns into Vietnamese; 1.0 for none
    before      a sample value as found, and `after` decoded; empty without a winner
    suspects    different values that are neither ASCII nor good Unicode Vietnamese
    others      further encodings in the same column, each with values only it explains
    mixed       the column holds Unicode or several encodings as well: values that more than one reading explains
                are left as they are, unless the evidence in the value itself decides
    soft_hyphen_lost   TCVN3 whose ư is gone everywhere: it is put back where only one word is possible
    candidates  all readings with something for them, best first; more than none without a winner: a person must say
    """

    encoding: str | None = None
    score: float = 1.0
    before: str = ""
    after: str = ""
    suspects: int = 0
    others: tuple[str, ...] = ()
    mixed: bool = False
    soft_hyphen_lost: bool = False
    candidates: tuple[Candidate, ...] = ()

    @property
    def unclear(self) -> bool:
        """Whether something looks like an old encoding but none is clear."""
        return self.encoding is None and bool(self.candidates)


def detect(values: Iterable[Any], *, expected: str | None = None) -> Detection:
    """The encoding of one column of texts; values that are no texts are passed over.

    `expected`: the encoding of other columns of the same table: a column too short to show anything by itself is
    taken for the same when that reading explains all of it.

    >>> detect(["§¾k Hµ", "Ngäc Håi", "Sa ThÇy"]).encoding, detect(["Đắk Hà", "Hà Mòn"]).encoding
    ('tcvn3', None)
    """
    sorted_out = _sort_out(values)
    if not sorted_out.suspects:
        return Detection()
    return _judge(sorted_out, expected)


@dataclass(slots=True)
class _Sorted:
    """The different texts of a column: `good` are Unicode Vietnamese or could be, `suspects` are neither."""

    suspects: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    unicode: int = 0  # those of `good` that cannot be bytes


def _sort_out(values: Iterable[Any]) -> _Sorted:
    made = _Sorted()
    for value in _doubtful(list(values)):
        if is_plain(value):
            if has_escape(value) and decode(value, "escapes") != value:
                made.suspects.append(value)
        elif _reads_well(value) and not has_escape(value):
            made.good.append(value)
            made.unicode += as_bytes_read(value) is None
        else:
            made.suspects.append(value)
    return made


def _doubtful(values: Sequence[Any]) -> list[str]:
    """The different texts that have to be looked at, in their order: those of blocks that are not plain throughout."""
    odd: dict[Any, None] = {}
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        if set(map(type, block)) != {str}:
            block = [v for v in block if type(v) is str]
        together = "".join(block)
        if not is_plain(together) or has_escape(together):
            odd |= dict.fromkeys(block)
    return [v for v in odd if v]


def _reads_well(text: str) -> bool:
    """Whether `text` is Vietnamese throughout: every letter, and every word that has a letter outside ASCII."""
    return all(is_plain(part) or _part_reads_well(part) for part in text.split(" "))


@lru_cache(maxsize=100_000)
def _part_reads_well(part: str) -> bool:
    if _MEASURE.fullmatch(part):
        return True
    part = unicodedata.normalize("NFC", part).translate(_ETH)
    if not all(c in VIETNAMESE or c in _SIGNS or (c.isascii() and (c.isprintable() or c in "\t\r\n")) for c in part):
        return False
    return all(word.isascii() or syllable(word) for word in letters_of(part))


@dataclass(slots=True)
class _Reading:
    """What one encoding makes of the suspicious values: those it explains, and the words that say so."""

    encoding: str
    explains: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    against: int = 0  # good values that would become nonsense
    needed: int = ENOUGH  # worth of words below which this could be chance

    @property
    def worth(self) -> int:
        return sum(self.words.values())


def _read_as(text: str, encoding: str) -> str | None:
    """`text` decoded, when that changes it and leaves Vietnamese throughout."""
    if encoding in BYTE_ENCODINGS:
        raw = as_bytes_read(text)
        if raw is None or not fits(raw, encoding):
            return None
        made = decode(raw, encoding)
    else:
        made = decode(text, encoding)
    if made == text:
        return None
    if encoding in {"utf8", "escapes"}:  # nothing else looks like these: the letters are enough
        return made if all(c.isascii() or c in VIETNAMESE or c in _SIGNS for c in made) else None
    return made if _reads_well(made) else None


def _read_without_u(text: str, encoding: str) -> str | None:
    """`_read_as` for TCVN3 that has lost its soft hyphens: ư is put back before judging."""
    raw = as_bytes_read(text)
    if raw is None or encoding != "tcvn3" or not fits(raw, encoding):
        return None
    made = restore_horned_u(decode(raw, encoding))
    return made if made != text and _reads_well(made) else None


def _readings(
    suspects: list[str], good: list[str], read: Callable[[str, str], str | None], encodings: Iterable[str]
) -> list[_Reading]:
    made = []
    for encoding in encodings:
        reading = _Reading(encoding)
        for text in suspects:
            after = read(text, encoding)
            if after is not None:
                reading.explains[text] = after
                before = frozenset(letters_of(text))
                reading.words |= {
                    word.lower(): max(1, syllable(word))
                    for word in letters_of(after)
                    if not word.isascii() and word not in before
                }
        if reading.explains:
            if encoding in BYTE_ENCODINGS:
                reading.against = sum(not _still_good(text, encoding) for text in good)
                # "§¾k" is no word of any language; "Haï" could be one
                if all(c.isalpha() or c.isascii() or c in _SIGNS for text in reading.explains for c in text):
                    reading.needed = 2 * ENOUGH
            made.append(reading)
    return made


def _still_good(text: str, encoding: str) -> bool:
    raw = as_bytes_read(text)
    return raw is not None and fits(raw, encoding) and _reads_well(decode(raw, encoding))


def _spread(texts: list[str]) -> list[str]:
    return texts if len(texts) <= SAMPLE else texts[:: len(texts) // SAMPLE][:SAMPLE]


def _judge(sorted_out: _Sorted, expected: str | None) -> Detection:
    suspects = _spread(sorted_out.suspects)
    # Where Unicode is certainly in the column too, the good values are no witnesses against an encoding.
    good = [] if sorted_out.unicode else _spread(sorted_out.good)
    total = len(suspects)
    plain = _readings(suspects, good, _read_as, ("escapes", "utf8", *BYTE_ENCODINGS))
    strict = bool(sorted_out.unicode)
    winners = _winners(plain, total, expected, strict=strict)
    lost = False
    if not any("\u00ad" in text for text in suspects):
        bare = _readings(suspects, good, _read_without_u, ("tcvn3",))
        if bare and _more(bare[0], plain):
            rest = [reading for reading in plain if reading.encoding != "tcvn3"]
            with_u = _winners([*bare, *rest], total, expected, strict=strict)
            if with_u and with_u[0].encoding == "tcvn3":
                plain, winners, lost = [*bare, *rest], with_u, True
    candidates = tuple(
        Candidate(r.encoding, len(r.explains) / total, r.worth, *next(iter(r.explains.items())))
        for r in sorted(plain, key=lambda r: (-len(r.explains), -r.worth))
        if 2 * len(r.explains) >= total and len(r.explains) >= r.against
    )
    if not winners:
        return Detection(suspects=len(sorted_out.suspects), score=0.0, candidates=candidates)
    first = winners[0]
    explained = {text for reading in winners for text in reading.explains}
    before, after = max(first.explains.items(), key=_tells)
    return Detection(
        encoding=first.encoding,
        score=len(explained) / total,
        before=before,
        after=after,
        suspects=len(sorted_out.suspects),
        others=tuple(reading.encoding for reading in winners[1:]),
        mixed=bool(sorted_out.unicode) or any(r.encoding in BYTE_ENCODINGS for r in winners[1:]),
        soft_hyphen_lost=lost,
        candidates=candidates,
    )


def _tells(pair: tuple[str, str]) -> tuple[bool, int, int]:
    """How good a sample is: nothing invisible in it, many words that changed, few that did not."""
    before, after = pair
    changed = sum(not word.isascii() for word in letters_of(after)) if len(after) <= 40 else 0
    return before.isprintable(), changed, -len(before)


def _more(bare: _Reading, plain: list[_Reading]) -> bool:
    """Whether putting ư back explains values that nothing else does."""
    known = next((len(reading.explains) for reading in plain if reading.encoding == "tcvn3"), 0)
    return len(bare.explains) > known


def _winners(readings: list[_Reading], total: int, expected: str | None, *, strict: bool) -> list[_Reading]:
    """The readings that together explain enough of the values, each with evidence of its own; none when unclear."""
    if not readings:
        return []
    ranked = sorted(readings, key=lambda r: (-(len(r.explains) - r.against), -r.worth))
    first = ranked[0]
    chosen = [first]
    explained = set(first.explains)
    for reading in sorted(ranked[1:], key=lambda r: -len(set(r.explains) - explained)):
        own = set(reading.explains) - explained
        certain = reading.encoding not in BYTE_ENCODINGS
        if own and (certain or (len(own) >= ENOUGH and reading.worth >= 2 * ENOUGH)):
            chosen.append(reading)
            explained |= own
    against = max(reading.against for reading in chosen)
    if len(explained) / (total + against) < CLEAR:
        return []
    for reading in chosen:
        if reading.encoding in BYTE_ENCODINGS and not (
            reading.encoding == expected and len(reading.explains) == total and not reading.against
        ):
            few = strict and len(reading.explains) < ENOUGH
            if (
                few
                or reading.worth < (2 * ENOUGH if strict else reading.needed)
                or not _alone(reading, chosen, readings)
            ):
                return []
    return chosen


def _alone(reading: _Reading, chosen: list[_Reading], readings: list[_Reading]) -> bool:
    """Whether nothing that was not chosen explains the same values nearly as well, in other words."""
    for rival in readings:
        if rival in chosen or rival.against > reading.against:
            continue
        different = sum(reading.explains.get(text, after) != after for text, after in rival.explains.items())
        only_mine = len(reading.explains.keys() - rival.explains.keys())
        by_words = reading.worth >= LEAD * rival.worth + 2 and only_mine >= max(1, different // 3)
        if different and not by_words and only_mine < max(ENOUGH, different):
            return False
    return True


def decode_values(values: Iterable[Any], found: Detection) -> Mapping[str, str]:
    """Text as found → decoded, for the different values of a column that decoding changes; see `Detection.mixed`."""
    if found.encoding is None:
        return {}
    encodings = (found.encoding, *found.others)
    texts = dict.fromkeys(v for v in values if type(v) is str and v)
    lost = found.soft_hyphen_lost
    if not found.mixed and encodings[0] in BYTE_ENCODINGS and len(encodings) == 1:
        read = {text: _as_column(text, encodings[0], lost=lost) for text in texts}
    else:
        open_ = (
            text for text in texts if has_escape(text) or not (is_plain(text) or (found.mixed and _reads_well(text)))
        )
        read = {text: _best(text, encodings, lost=lost) or text for text in open_}
    return {text: after for text, after in read.items() if after != text}


def left_over(values: Iterable[Any], found: Detection, changed: Mapping[str, str]) -> list[str]:
    """The values of a mixed column that look old and were left as they are, because no one reading is right."""
    if not found.mixed:
        return []
    texts = dict.fromkeys(v for v in values if type(v) is str and not v.isascii())
    return [text for text in texts if text not in changed and not _reads_well(text)]


def _as_column(text: str, encoding: str, *, lost: bool) -> str:
    if is_plain(text) and not lost:
        return text
    raw = as_bytes_read(text)
    if raw is None:
        return text
    after = decode(raw, encoding)
    return restore_horned_u(after) if lost else after


def _best(text: str, encodings: tuple[str, ...], *, lost: bool) -> str | None:
    """The one reading of a value in a mixed column: what only one encoding explains, or what has more for it."""
    ways: dict[str, int] = {}
    for encoding in encodings:
        after = _read_as(text, encoding)
        if after is None and lost:
            after = _read_without_u(text, encoding)
        if after is not None:
            if encoding not in BYTE_ENCODINGS:
                return after
            words = [word for word in letters_of(after) if not word.isascii()]
            ways[after] = sum(syllable(word) + (word.lower() in known_words()) for word in words)
    if not ways:
        certain = [encoding for encoding in encodings if encoding in BYTE_ENCODINGS]
        return _as_column(text, certain[0], lost=lost) if len(certain) == 1 and as_bytes_read(text) else None
    best = max(ways.values())
    top = [after for after, worth in ways.items() if worth == best]
    return top[0] if len(top) == 1 else None
