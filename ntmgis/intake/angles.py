"""Degrees as people write them: 107°59'46,5"E, 14 28 09.5 N, Đ107°59′46″, 107,99625° kinh độ Đông."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["Angle", "angle", "angles"]

_SIGNS = str.maketrans({**dict.fromkeys("º˚∘", "°"), **dict.fromkeys("′’‘´`ʹʼ", "'"), **dict.fromkeys("″”“ʺ", '"')})
_SIDE = r"(?:kinh độ |vĩ độ )?(?:đông|tây|bắc|nam|east|west|north|south|[nsewbđt])"
_WHOLE = re.compile(
    rf"(?P<before>{_SIDE})?[\s.:]*(?P<minus>[-−])?(?P<d>\d{{1,3}})\s*(?P<mark>°|độ|:|\s)\s*"
    r"(?P<m>\d{1,2}(?:[.,]\d+)?)\s*(?:'|phút|:|\s)?\s*"
    rf"(?:(?P<s>\d{{1,2}}(?:[.,]\d+)?)\s*(?:\"|''|giây)?)?\s*(?P<after>{_SIDE})?"
)
_DECIMAL = re.compile(
    rf"(?P<before>{_SIDE})?[\s.:]*(?P<minus>[-−])?(?P<d>\d{{1,3}}(?:[.,]\d+)?)\s*(?:°|độ)?\s*(?P<after>{_SIDE})?"
)
_EAST_WEST = frozenset({"đ", "e", "t", "w"})


@dataclass(frozen=True, slots=True)
class Angle:
    """An angle in decimal degrees; `axis` is what its letter says it is, None without a letter."""

    degrees: float
    axis: Literal["lon", "lat"] | None = None


def angle(text: str) -> Angle | None:
    r"""The angle that `text` is; None when it is none, or has 60 or more minutes or seconds.

    B and N are north (B: Bắc), Đ and E east, T and W west, S and "nam" south.

    >>> angle("107°59'46,5\"E")
    Angle(degrees=107.99625, axis='lon')
    >>> angle("14 28 09.5"), angle("14°61'"), angle("12 hộ")
    (Angle(degrees=14.46930..., axis=None), None, None)
    """
    said = unicodedata.normalize("NFC", " ".join(text.split())).casefold().translate(_SIGNS).strip()
    match = _WHOLE.fullmatch(said)
    if match is not None and match["mark"].isspace() and match["s"] is None:
        match = None  # "107 59" may be anything
    if match is not None:
        minutes, seconds = (float((match[part] or "0").replace(",", ".")) for part in ("m", "s"))
        if minutes >= 60 or seconds >= 60 or (match["s"] and not minutes.is_integer()):
            return None
        value = round(float(match["d"]) + minutes / 60 + seconds / 3600, 10)
    else:
        match = _DECIMAL.fullmatch(said)
        if match is None:
            return None
        value = float(match["d"].replace(",", "."))
    sides = [match[side].rpartition(" ")[2] for side in ("before", "after") if match[side]]
    if len(sides) > 1:
        return None
    side = sides[0] if sides else ""
    negative = bool(match["minus"]) or side in {"t", "tây", "w", "west", "s", "south", "nam"}
    axis: Literal["lon", "lat"] | None = None
    if side:
        axis = "lon" if side[0] in _EAST_WEST else "lat"
    return Angle(-value if negative else value, axis)


def angles(text: str) -> tuple[str, str] | None:
    r"""The two coordinates of a cell that holds both, and perhaps height and accuracy, as texts in the order given.

    >>> angles("14.4693 107.9091 612.3 4.9"), angles("14°28'09\"N, 107°54'32\"E"), angles("14.4693")
    (('14.4693', '107.9091'), ('14°28\'09"n', '107°54\'32"e'), None)
    """
    said = unicodedata.normalize("NFC", " ".join(text.split())).casefold().translate(_SIGNS).strip(" ()[]")
    if "°" in said:
        if re.match(rf"{_SIDE}[\s.:]*\d", said):
            form = rf"{_SIDE}[\s.:]*\d{{1,3}}[\d.,]*\s*°[^°a-zđ]*"
        elif re.search(rf"{_SIDE}$", said):
            form = rf"\d{{1,3}}[\d.,]*\s*°[^°a-zđ]*{_SIDE}"
        else:
            form = r"\d{1,3}[\d.,]*\s*°(?:\s*\d{1,2}(?:[.,]\d+)?\s*'(?:\s*\d{1,2}(?:[.,]\d+)?\s*\")?)?"
        parts = [part.strip(" ,;|/") for part in re.findall(form, said)]
        return (parts[0], parts[1]) if len(parts) == 2 else None
    parts = [part for part in re.split(r"\s*[;|]\s*|,\s+|\s+", said) if part]
    if len(parts) == 1 and said.count(",") == 1 and said.count(".") == 2:
        parts = said.split(",")
    known = len(parts) in {2, 3, 4} and all(re.fullmatch(r"[-−]?\d+(?:[.,]\d+)*", part) for part in parts)
    return (parts[0], parts[1]) if known else None
