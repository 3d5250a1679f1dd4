"""The names in a resolution on re-forming units: which new unit, out of which old ones, by which clause.

The texts follow one pattern ("Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của xã A, xã B và thị trấn C thành xã
mới có tên gọi là xã D"), and one clause lists the units that stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ntmgis.errors import InputError, no_file, problem
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import crosswalk, reference_units

__all__ = ["Clause", "LegalText", "NamedUnit", "parse_resolution", "read_resolution", "shipped_resolution"]

_KIND = r"xã|phường|thị trấn|đặc khu|huyện|quận|thị xã|thành phố"
# What is moved: "toàn bộ diện tích tự nhiên, quy mô dân số", also with figures and "và" in older texts.
_WHAT = (
    r"(?:[\d.,]+\s*km\s?[2²]?\s*)?diện tích tự nhiên(?:\s*,|\s+và)?\s*quy mô dân số(?:\s+(?:là\s+)?[\d.,]+\s*người)?"
)
_FORMED = re.compile(
    rf"(?:sắp xếp|nhập|sáp nhập)\s+(?P<what>(?:toàn bộ|một phần)\s+{_WHAT})\s+của\s+(?P<old>.+?)\s+"
    rf"(?:để\s+)?(?:thành lập|thành|vào)\s+(?:(?:{_KIND})\s+(?:mới\s+)?(?:có tên gọi là|lấy tên là|là)\s+)?"
    rf"(?P<new>(?:{_KIND})\s+.+)",
    re.IGNORECASE,
)
_FOUNDED = re.compile(
    rf"thành lập\s+(?P<new>(?:{_KIND})\s+.+?)\s+trên cơ sở\s+(?:sắp xếp|nhập|sáp nhập)\s+"
    rf"(?P<what>(?:toàn bộ|một phần)\s+{_WHAT})\s+của\s+(?P<old>.+)",
    re.IGNORECASE,
)
_KEPT = re.compile(r"không\s+(?:thực hiện\s+)?sắp xếp,?\s+(?:là|gồm(?: có)?|bao gồm)\s*:?\s+(?P<old>.+)", re.IGNORECASE)
_SPEAKS_OF_UNITS = re.compile(r"(?:sắp xếp|nhập)\s+(?:toàn bộ|một phần)", re.IGNORECASE)
_NUMBER = re.compile(r"^(\d{1,3})\s*[.)]\s+")
_PART_OF = re.compile(rf"(toàn bộ|một phần|phần còn lại)(?:\s+{_WHAT})?\s+của\s+", re.IGNORECASE)
_AFTERWARDS = re.compile(r"\s+sau khi (?:sắp xếp|nhập|điều chỉnh|sáp nhập).*?(?=,| và |$)", re.IGNORECASE)
_ITEM = re.compile(
    rf"(?:(?P<part>một phần|phần còn lại|toàn bộ)\s+)?(?P<all>các\s+)?(?:(?P<kind>{_KIND})\s+)?(?P<name>[^()]*[^()\s])"
    r"(?:\s*\((?:thuộc\s+|cũ thuộc\s+)?(?P<place>[^()]*)\))?"
)
_BETWEEN = re.compile(r"\s*(?:,|;|\s+và\s+(?:của\s+)?)\s*(?![^()]*\))")


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit as a text names it: its kind ("xã"; None: not said), name, district in brackets, and whether in part."""

    kind: str | None
    name: str
    place: str | None = None
    part: bool = False

    @property
    def title(self) -> str:
        """Kind and name, as one would write it."""
        return f"{self.kind} {self.name}" if self.kind else self.name

    def __str__(self) -> str:
        return f"{self.title} ({self.place})" if self.place else self.title


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: the new unit and the old ones it is formed from; `number` is None where the text has none."""

    number: str | None
    new: NamedUnit
    old: tuple[NamedUnit, ...]


@dataclass(frozen=True, slots=True)
class LegalText:
    """All clauses in order, the units that stay as they are, and sentences that look like clauses but were not read."""

    clauses: tuple[Clause, ...]
    kept: tuple[NamedUnit, ...] = ()
    unread: tuple[str, ...] = ()
    kept_number: str | None = None


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs without markup, each on one line; a numbered clause begins a paragraph."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\ufeff", ""))
    text = re.sub(r"\\([^\w\s])", r"\1", text)
    text = re.sub(r"[*_`#>|]+", "", text)
    for block in re.split(r"\n\s*\n|\n(?=\s*\d{1,3}\s*[.)]\s)|\n(?=\s*[-–•]\s)", text):
        line = " ".join(block.split()).lstrip("-–• ")
        if line:
            yield line


def _units(listed: str) -> tuple[NamedUnit, ...]:
    """The units of "thị trấn A và các xã B, C (thuộc huyện D)"; "các xã" holds for every name that follows."""
    listed = _PART_OF.sub(r"\1 ", _AFTERWARDS.sub("", listed).strip(" .;:"))
    made: list[NamedUnit] = []
    kind: str | None = None
    part = False
    for item in filter(None, _BETWEEN.split(listed)):
        found = _ITEM.fullmatch(item.strip())
        if found is None:
            continue
        if found["kind"]:
            kind = found["kind"].lower()
            part = found["part"] not in {None, "toàn bộ"}
        made.append(NamedUnit(kind, found["name"].strip(" ."), found["place"], part=part))
    return tuple(made)


def _one(text: str) -> NamedUnit | None:
    """The unit a phrase begins with; a second sentence, a figure or a remark behind it is cut off."""
    short = re.split(r"[.;:]\s|[.;:]$|\s+(?:có|với|thuộc|sau khi)\s", text.strip())[0]
    units = _units(re.split(r",", short)[0])
    return units[0] if units else None


def parse_resolution(text: str) -> LegalText:
    """What the text (plain or Markdown) says about who is formed from whom, in its own words.

    >>> law = parse_resolution("56. Sắp xếp toàn bộ diện tích tự nhiên, quy mô dân số của thị trấn Đăk Hà, xã Hà Mòn "
    ...     "và xã Đăk La thành xã mới có tên gọi là **xã Đăk Hà**.")
    >>> [(clause.number, str(clause.new), [str(unit) for unit in clause.old]) for clause in law.clauses]
    [('56', 'xã Đăk Hà', ['thị trấn Đăk Hà', 'xã Hà Mòn', 'xã Đăk La'])]
    """
    clauses: list[Clause] = []
    kept: list[NamedUnit] = []
    unread: list[str] = []
    kept_number: str | None = None
    for line in _paragraphs(text):
        numbered = _NUMBER.match(line)
        number = numbered[1] if numbered else None
        found = _FOUNDED.search(line) or _FORMED.search(line)
        if found:
            new = _one(found["new"])
            old = _units(re.split(r"[.;]\s|[.;]$", found["old"])[0])
            if found["what"].lower().startswith("một phần"):
                old = tuple(NamedUnit(unit.kind, unit.name, unit.place, part=True) for unit in old)
            if new is not None and old:
                clauses.append(Clause(number, new, old))
                continue
        stays = _KEPT.search(line)
        if stays:
            kept += _units(re.split(r"[.;]\s|[.;]$", stays["old"])[0])
            kept_number = number
        elif _SPEAKS_OF_UNITS.search(line):
            unread.append(line)
    return LegalText(tuple(clauses), tuple(kept), tuple(unread), kept_number)


def read_resolution(path: str | Path) -> LegalText:
    """The clauses of a text file (UTF-8). InputError when it cannot be read or holds no clause of the known form."""
    path = Path(path)
    if not path.is_file():
        raise InputError(no_file(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(problem("E-CROSSWALK-TEXT", file=path.name, reason="không phải tệp văn bản UTF-8")) from error
    law = parse_resolution(text)
    if not law.clauses:
        raise InputError(problem("E-CROSSWALK-TEXT", file=path.name, reason="không thấy khoản nào dạng “Sắp xếp …”"))
    return law


def shipped_resolution() -> LegalText:
    """Resolution 1677/NQ-UBTVQH15 as far as it is about Kon Tum, from the shipped list of units, clause by clause."""
    old, new = (
        {
            str(code): NamedUnit(str(kind), str(name), None if district is None else str(district))
            for code, kind, name, district in zip(*(units[c] for c in _NAMED), strict=True)
        }
        for units in map(reference_units, EPOCHS)
    )
    changes = crosswalk()
    formed: dict[tuple[int, str], list[NamedUnit]] = {}
    for before, after, source in zip(changes["old_code"], changes["new_code"], changes["source"], strict=True):
        number = int(str(source).rsplit(" ", 1)[-1])
        formed.setdefault((number, str(after)), []).append(old[str(before)])
    return LegalText(
        tuple(Clause(str(number), new[code], tuple(units)) for (number, code), units in sorted(formed.items()))
    )


_NAMED = ("code", "kind", "bare_name", "district")
