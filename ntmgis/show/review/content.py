"""What a review pack says, as plain values: PDF, slides and workbook write the same words and the same numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ntmgis.show.words import day, number

__all__ = [
    "Attention",
    "Block",
    "Card",
    "Cell",
    "Form",
    "Head",
    "Lines",
    "Pack",
    "Section",
    "Table",
    "TierCount",
    "whole",
]

Form = Literal["text", "whole", "tenth", "share", "date"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its words, and what a workbook writes in their place.

    `value` is a number or a date (None: the words), `form` how a workbook shows it. `pace` (one of PACES) puts the sign
    of a verdict before the words; `tier` (one of TIER_STATES) the colour of a class. `bar` is a share and the least
    share asked for (None: none is asked for), drawn as a bar.
    """

    text: str
    value: float | date | None = None
    form: Form = "text"
    pace: str = ""
    tier: str = ""
    bold: bool = False
    bar: tuple[float, float | None] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title, its part of the width, and whether it holds numbers."""

    title: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `empty` is said in place of no rows. `sheet` names its sheet in the workbook."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "Không có."
    note: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences under a title; each is a paragraph."""

    title: str
    lines: tuple[str, ...]


Block = Table | Lines


@dataclass(frozen=True, slots=True)
class Card:
    """One big figure: what it is, the figure, what stands under it, the verdict and why in a few words.

    `pace` is one of PACES; "" where there is nothing to judge. `brief` is set large on the first page; `rule` is the
    whole reckoning, and `apart` what the plan keeps out of it.
    """

    id: str
    label: str
    figure: str
    under: str
    pace: str = ""
    verdict: str = ""
    brief: str = ""
    rule: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class TierCount:
    """A class of communes and how many there are now and were before (None: no earlier date, or other units)."""

    state: str
    label: str
    now: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """A line of the first page and the section that tells more."""

    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the pack: `bookmark` in a few words, `title` the answer, `lead` what qualifies it.

    `book_only`: for the workbook alone, because the first page shows it otherwise; `beside`: its two tables stand next
    to each other where they fit.
    """

    id: str
    bookmark: str
    title: str
    lead: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    book_only: bool = False
    beside: bool = False

    def tables(self) -> Iterator[Table]:
        """Its tables."""
        return (block for block in self.blocks if isinstance(block, Table))


@dataclass(frozen=True, slots=True)
class Pack:
    """The whole pack. `made` is the day it is dated (None: left to be filled in by hand, for no clock is read).

    `known` says up to which day records were counted, "" where all that is known now is.
    `compared` says what it is compared with, or why with nothing. `maps` heads the two maps, `maps_note` says how they
    may be read; `map_titles` are those of the maps (before, now); the first is "" without an earlier date.
    """

    title: str
    headline: str
    subtitle: str
    verdict: str
    province: str
    agency: str
    as_of: date
    data_day: date
    since: date | None
    compared: str
    sample: bool
    cards: tuple[Card, ...]
    tiers: tuple[TierCount, ...]
    tiers_title: str
    attention: tuple[Attention, ...]
    maps: str
    maps_note: str
    map_titles: tuple[str, str]
    sections: tuple[Section, ...]
    sources: tuple[str, ...]
    inputs: str
    made: date | None = None
    known: str = ""

    @property
    def signed(self) -> str:
        """Who made it and when, for the foot of every page, slide and sheet."""
        when = "...... / ...... / ............" if self.made is None else day(self.made)
        return f"Đơn vị lập: {self.agency or '.' * 30} · Ngày lập: {when}"

    @property
    def dated(self) -> str:
        """The day of the data, and the state of knowledge where it is not today's."""
        told = f"số liệu đến {day(self.data_day)}"
        return f"{told}, {self.known}" if self.known else told

    def section(self, id_: str) -> Section:
        """The section with this id."""
        return next(one for one in self.sections if one.id == id_)


def whole(count: float | None) -> Cell:
    """A whole number, or the sign for unknown."""
    known = None if count is None or count != count else int(count)  # noqa: PLR0124 - NaN differs from itself
    return Cell(number(known), known, "whole")
