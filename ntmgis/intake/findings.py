"""What a geometric check found: one frozen value per place, in words and numbers, ready for a list or a map."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from ntmgis.errors import Problem, problem

__all__ = ["KINDS", "SLIVER_M", "Finding", "Kind", "amount", "by_kind", "summary_problems", "width"]

Kind = Literal[
    "invalid",
    "empty",
    "duplicate",
    "overlap",
    "gap",
    "sliver",
    "detached",
    "outside_commune",
    "area",
    "swapped",
    "outside_province",
]

# Kind → code in the catalogue of problems, in the order in which a person should look at them.
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "swapped": "W-COVER-SWAPPED",
        "area": "W-COVER-AREA",
        "invalid": "W-COVER-INVALID",
        "empty": "W-COVER-EMPTY",
        "duplicate": "W-COVER-DUPLICATE",
        "overlap": "W-COVER-OVERLAP",
        "gap": "W-COVER-GAP",
        "detached": "W-COVER-DETACHED",
        "sliver": "W-COVER-SLIVER",
        "outside_commune": "W-COVER-COMMUNE",
        "outside_province": "W-COVER-PROVINCE",
    }
)
SLIVER_M = 10.0  # mean width (twice the area over the perimeter) below which a piece is a sliver, not a place


@dataclass(frozen=True, slots=True)
class Finding:
    """One geometric fault.

    codes     of the units or objects concerned ("" where a row has none); labels: the same as a person names them
    rows      their row numbers in the file
    size      how big it is, in `unit`: area in m² or length in m; 0.0 where neither makes sense
    geometry  where it is, EPSG:4326; None where there is no place (an empty geometry)
    width_m   mean width of an areal piece; None for everything else
    note      what else is known, in Vietnamese; empty when the kind and the size say it all
    """

    kind: Kind
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    size: float
    unit: Literal["m²", "m"]
    geometry: BaseGeometry | None
    width_m: float | None = None
    note: str = ""

    @property
    def code(self) -> str:
        """The code of the problem this is an instance of."""
        return KINDS[self.kind]

    @property
    def sliver(self) -> bool:
        """True for an areal piece narrower than `SLIVER_M`: two drawings of one border."""
        return self.width_m is not None and self.width_m < SLIVER_M

    @property
    def who(self) -> str:
        """The units concerned, as one text."""
        return " / ".join(self.labels)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers rounded to centimetres and 0.1 m of longitude, the place as a point and a box."""
        place: dict[str, Any] = {}
        if self.geometry is not None:
            point = self.geometry.representative_point()
            place = {
                "lon": round(point.x, 6),
                "lat": round(point.y, 6),
                "bbox": [round(one, 6) for one in self.geometry.bounds],
            }
        return {
            "kind": self.kind,
            "code": self.code,
            "codes": list(self.codes),
            "labels": list(self.labels),
            "rows": list(self.rows),
            "size": round(self.size, 2),
            "unit": self.unit,
            **({} if self.width_m is None else {"width_m": round(self.width_m, 2), "sliver": self.sliver}),
            **({"note": self.note} if self.note else {}),
            **place,
        }


def amount(size: float, unit: str) -> str:
    """A size as Vietnamese offices write it: m² below one hectare, then ha, then km²; m, then km.

    >>> amount(152176, "m²"), amount(182800000, "m²"), amount(26100, "m")
    ('15,2 ha', '182,8 km²', '26,1 km')
    """
    steps = (("km²", 1e8, 1e6), ("ha", 1e4, 1e4), ("m²", 0.0, 1.0)) if unit == "m²" else (("km", 1e3, 1e3), ("m", 0, 1))
    name, scale = next((name, scale) for name, least, scale in steps if abs(size) >= least)
    value = size / scale
    text = f"{value:,.1f}" if scale > 1 or abs(value) < 100 else f"{value:,.0f}"
    return f"{text.translate(str.maketrans(',.', '.,'))} {name}"


def by_kind(findings: Iterable[Finding]) -> dict[Kind, list[Finding]]:
    """The findings of each kind, biggest first, kinds in the order of `KINDS`; only kinds that occur."""
    made: dict[Kind, list[Finding]] = {}
    for kind in KINDS:
        own = [one for one in findings if one.kind == kind]
        if own:
            made[kind] = sorted(own, key=lambda one: (-one.size, one.codes, one.rows))
    return made


def summary_problems(findings: Sequence[Finding], *, file: str) -> tuple[Problem, ...]:
    """One warning per kind: how many, how much in all, and the biggest; swapped pairs one by one."""
    made: list[Problem] = []
    for kind, own in by_kind(findings).items():
        singles = [[one] for one in own] if kind == "swapped" else [own]
        for part in singles:
            first = part[0]
            total = amount(math.fsum(one.size for one in part), first.unit)
            example = first.who
            if first.note:
                example = f"{example}: {first.note}"
            elif first.size:
                example = f"{example} ({amount(first.size, first.unit)})"
            words: dict[str, Any] = {"count": len(part), "total": total, "example": example}
            if kind in {"overlap", "gap"}:
                words["slivers"] = sum(one.sliver for one in part)
            made.append(problem(KINDS[kind], file=file, severity="warning", **words))
    return tuple(made)


def width(area: float, shape: BaseGeometry) -> float:
    """Mean width of an areal piece in metres (metric coordinates)."""
    return 2 * area / shapely.length(shape) if area else 0.0
