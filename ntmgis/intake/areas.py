"""Measured area against the area that is declared for a unit: what does not fit, and which pairs look swapped."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from ntmgis.intake.coverage import Layer
from ntmgis.intake.findings import Finding, amount
from ntmgis.intake.raw import RawTable
from ntmgis.intake.text import fold_words
from ntmgis.units.epochs import Epoch
from ntmgis.units.reference import reference_units

__all__ = ["AREA_LIMIT", "Declared", "area_findings", "file_areas", "reference_areas"]

AREA_LIMIT = 0.1  # published areas are rounded and measured on other maps; more than a tenth is another place
_NEAR_M = 50.0  # neighbours of a drawing whose common border has gaps
_HEADERS = frozenset({"area", "area ha", "area km2", "areakm2", "areaha", "dien tich", "dien tich ha", "dien tich km2"})
_SCALES = (("km²", 1.0), ("ha", 0.01), ("m²", 1e-6))


@dataclass(frozen=True, slots=True)
class Declared:
    """Areas by unit code in km², and in words where they come from ("diện tích công bố")."""

    km2: Mapping[str, float]
    basis: str


def reference_areas(epoch: Epoch) -> Declared:
    """What the shipped list knows of the areas of an epoch's units.

    From 1 July 2025 these are published areas. For the units before, none were found: the list holds areas measured
    on public boundary sets, and the words say so.
    """
    units = reference_units(epoch).set_index("code")
    for column, basis in (
        ("declared_km2", "diện tích công bố"),
        ("area_km2", "diện tích đo trên bộ ranh giới công khai khác, không phải số công bố"),
    ):
        known = units[column].dropna()
        if len(known):
            return Declared({str(code): float(value) for code, value in known.items()}, basis)
    return Declared({}, "")


def file_areas(raw: RawTable, layer: Layer) -> tuple[str, Declared] | None:
    """The column of the file that holds areas, and its values by code; None when there is none.

    The unit (km², ha, m²) is the one in which most values come nearest to the measured areas; when none brings the
    middle of the ratios between 1/2 and 2, the column is something else. Zero is unknown.
    """
    measured = _measured(layer)
    by_row = dict(zip(layer.frame["row"], layer.frame["code"], strict=True))
    for header in raw.cells.columns:
        if fold_words(str(header)) not in _HEADERS:
            continue
        numbers = pd.to_numeric(raw.cells[header], errors="coerce")
        given = {
            str(by_row[row]): float(value)
            for row, value in numbers.items()
            if pd.notna(value) and value > 0 and pd.notna(by_row.get(row))
        }
        both = [code for code in given if code in measured]
        if not both:
            continue
        ratios = np.array([given[code] / measured[code] for code in both])
        name, scale = min(_SCALES, key=lambda unit: abs(np.log(np.median(ratios * unit[1]))))
        if 0.5 <= np.median(ratios * scale) <= 2:
            km2 = {code: value * scale for code, value in given.items()}
            return str(header), Declared(km2, f"cột “{header}” của tệp, tính bằng {name}")
    return None


def _measured(layer: Layer) -> dict[str, float]:
    codes = layer.frame["code"].to_numpy()[layer.known]
    made: dict[str, float] = {}
    for code, area in zip(codes, shapely.area(layer.metric) / 1e6, strict=True):
        if pd.notna(code) and code and area:
            made[str(code)] = made.get(str(code), 0.0) + float(area)
    return made


def area_findings(layer: Layer, declared: Declared, *, limit: float = AREA_LIMIT) -> tuple[Finding, ...]:
    """Units whose measured area differs from the declared one by more than `limit` (a share of the declared).

    Two neighbours, both off, whose areas each fit the other's declared area within `limit` and four times better
    than their own, are one finding "swapped": a proposal, for it may be the declared areas that stand in each
    other's row. Two neighbours that are off by about the same area in opposite directions are told as such in the
    note: the border between them is drawn elsewhere.
    """
    measured = _measured(layer)
    off = {
        code: measured[code]
        for code, value in declared.km2.items()
        if code in measured and value > 0 and abs(measured[code] / value - 1) > limit
    }
    positions = {str(layer.frame["code"].iloc[at]): int(at) for at in layer.known}
    inside = {str(layer.frame["code"].iloc[at]): k for k, at in enumerate(layer.known.tolist())}
    labels = {code: str(layer.frame["label"].iloc[positions[code]]) for code in off}
    pairs = _pairs(off, declared.km2, layer, inside)
    made: list[Finding] = []
    swapped: set[str] = set()
    for one, other in pairs:
        if {one, other} & swapped or not _exchanged(off, declared.km2, one, other, limit):
            continue
        swapped |= {one, other}
        both = f"{labels[one]} đo {_km2(off[one])}, {labels[other]} đo {_km2(off[other])}"
        note = f"{both}; {declared.basis}: {_km2(declared.km2[one])} và {_km2(declared.km2[other])}"
        shape = shapely.union(layer.metric[inside[one]], layer.metric[inside[other]])
        difference = abs(off[one] - declared.km2[one]) * 1e6
        made.append(layer.found("swapped", [positions[one], positions[other]], difference, place=shape, note=note))
    for code, area in off.items():
        if code in swapped:
            continue
        made.append(_area(layer, code, area, declared, positions, inside, _partner(code, off, declared.km2, pairs)))
    return tuple(made)


def _area(
    layer: Layer,
    code: str,
    area: float,
    declared: Declared,
    positions: dict[str, int],
    inside: dict[str, int],
    partner: str | None,
) -> Finding:
    value = declared.km2[code]
    share = f"{area / value - 1:+.0%}".replace("-", "−")
    note = f"đo {_km2(area)}, {declared.basis} {_km2(value)} ({share})"
    where = [positions[code]]
    if partner is not None:
        label = layer.frame["label"].iloc[positions[partner]]
        note += f"; vùng bên cạnh {label} lệch ngược lại gần bằng thế, có lẽ ranh giới giữa hai vùng khác nhau"
        where.append(positions[partner])
    shape = layer.metric[inside[code]]
    return layer.found("area", where, abs(area - value) * 1e6, place=shape, note=note)


def _exchanged(off: Mapping[str, float], declared: Mapping[str, float], one: str, other: str, limit: float) -> bool:
    """Whether each area fits the other's declared one, and at least four times better than its own."""
    crossed = (abs(off[one] / declared[other] - 1), abs(off[other] / declared[one] - 1))
    own = abs(off[one] / declared[one] - 1) + abs(off[other] / declared[other] - 1)
    return max(crossed) <= limit and sum(crossed) <= own / 4


def _km2(value: float) -> str:
    return amount(value * 1e6, "m²") if value < 1 else f"{value:,.1f} km²".translate(str.maketrans(",.", ".,"))


def _pairs(
    off: Mapping[str, float], declared: Mapping[str, float], layer: Layer, inside: Mapping[str, int]
) -> list[tuple[str, str]]:
    """Neighbours among the units that are off, best fit to each other's declared area first."""
    codes = sorted(off)
    shapes = layer.metric[[inside[code] for code in codes]]
    made: list[tuple[float, str, str]] = []
    for i, j in STRtree(shapes).query(shapes, predicate="dwithin", distance=_NEAR_M).T.tolist():
        if i < j:
            one, other = codes[i], codes[j]
            misfit = abs(off[one] / declared[other] - 1) + abs(off[other] / declared[one] - 1)
            made.append((misfit, one, other))
    return [(one, other) for _, one, other in sorted(made)]


def _partner(
    code: str, off: Mapping[str, float], declared: Mapping[str, float], pairs: list[tuple[str, str]]
) -> str | None:
    """The neighbour that is off by the same area in the other direction, within a fifth; None when there is none."""
    own = off[code] - declared[code]
    best: tuple[float, str] | None = None
    for pair in pairs:
        if code not in pair:
            continue
        other = pair[0] if pair[1] == code else pair[1]
        rest = abs(own + off[other] - declared[other])
        if rest <= 0.2 * abs(own) and (best is None or rest < best[0]):
            best = (rest, other)
    return None if best is None else best[1]
