"""Which coordinate system a file is read in, and how we know: stated in the workspace, in the file, or guessed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from ntmgis.errors import InputError, Problem
from ntmgis.intake.crs import (
    Candidate,
    CrsGuess,
    Fit,
    candidates,
    contradiction,
    crs_title,
    distance_m,
    guess_crs,
    metres,
    named_crs,
    percent,
)
from ntmgis.intake.raw import Place, RawTable

__all__ = ["CrsUse", "in_order", "settle_columns", "settle_crs", "settle_layer", "settle_points"]

How = Literal["file", "workspace", "guessed", "columns"]
Codes = Callable[[], Sequence[str | None] | None]

_HOW_VI = {
    "file": "theo tệp",
    "workspace": "theo ntmgis.toml",
    "guessed": "đoán theo vị trí các đơn vị",
    "columns": "theo cột kinh độ, vĩ độ",
}
_SHOWN = 5  # so many candidates are listed in an error


@dataclass(frozen=True, slots=True, eq=False)
class CrsUse:
    """The coordinate system of a source. `used.swapped`: the file holds north before east.

    how    "file" (it says so, or its format does), "workspace" (ntmgis.toml says so), "guessed", or "columns"
           (longitude and latitude columns)
    guess  what was compared, when it was guessed
    """

    used: Candidate
    how: How
    guess: CrsGuess | None = None

    def __str__(self) -> str:
        name = self.used.name
        shown = self.used.title if name in self.used.title else f"{self.used.title} ({name})"
        return f"{shown}, {_HOW_VI[self.how]}"

    def as_dict(self) -> dict[str, object]:
        """For JSON: crs as ntmgis.toml would have it, its title, and how it is known."""
        return {"crs": self.used.name, "title": self.used.title, "how": self.how}


def settle_layer(
    raw: RawTable,
    *,
    stated: str | None,
    reference: gpd.GeoDataFrame | None = None,
    codes: Codes = lambda: None,
    units: bool = False,
) -> tuple[CrsUse, tuple[Problem, ...]]:
    """`settle_crs` for the geometry of a layer; what MapInfo files say of themselves is doubted."""
    assert raw.geometry is not None
    return settle_crs(
        raw.geometry,
        place=raw.place,
        stated=stated,
        said=raw.crs,
        doubted=raw.crs_doubted,
        reference=reference,
        codes=codes,
        units=units,
    )


def settle_crs(
    shapes: "npt.NDArray[np.object_]",
    *,
    place: Place,
    stated: str | None,
    said: pyproj.CRS | None = None,
    doubted: pyproj.CRS | None = None,
    reference: gpd.GeoDataFrame | None = None,
    codes: Codes = lambda: None,
    units: bool = False,
) -> tuple[CrsUse, tuple[Problem, ...]]:
    """The system to read `shapes` in, and what the user should know of it.

    stated     the workspace's word, see `named_crs`: it counts before everything else
    said       the file's word; doubted: the same where the format loses the datum, so that it is not believed
    reference  as for `guess_crs`; None: nothing is known and a file that says nothing is refused
    codes      called only when needed: the unit code of each shape, None for unknown ones

    InputError: E-CRS-UNKNOWN, E-CRS-MISSING (nothing to guess by), E-CRS-NO-FIT, E-CRS-AMBIGUOUS (look-alikes fit as
    well), E-CRS-METRES (degrees said, metres found, and not guessed), E-CRS-LABEL (the file's word is plainly wrong).
    """
    if stated is not None:
        try:
            use = CrsUse(named_crs(stated), "workspace")
        except CRSError:
            raise InputError(place.problem("E-CRS-UNKNOWN", value=stated)) from None
        notes = _override(place, said, use)
        return use, (*notes, *_check(use, shapes, place, reference, codes, units=units))
    metric = said is not None and said.is_geographic and _are_metres(shapes)
    if said is not None and not metric:
        use = CrsUse(_as_candidate(said), "file")
        return use, _check(use, shapes, place, reference, codes, units=units)
    if reference is None:
        raise InputError(_unknown(place, said, shapes))
    label = None if doubted is None else _as_candidate(doubted)
    guess = guess_crs(shapes, reference=reference, codes=codes(), units=units, also=label)
    if guess.chosen is None:
        raise InputError(_undecided(place, guess, said, shapes))
    notes = [_guessed(place, guess)]
    if label is not None and label is not guess.chosen:
        away = distance_m(guess.chosen, label, _middle(shapes))
        if away > 1:
            notes.append(_label(place, "W-CRS-LABEL", label, guess.chosen, away))
    return CrsUse(guess.chosen, "guessed", guess), tuple(notes)


def settle_columns(stated: str | None) -> CrsUse:
    """The system of columns of longitude and latitude: WGS 84, or another geographic one that the workspace states."""
    try:
        found = None if stated is None else named_crs(stated)
    except CRSError:
        found = None
    if found is not None and found.crs.is_geographic:
        return CrsUse(replace(found, swapped=False), "workspace")
    return CrsUse(named_crs("EPSG:4326"), "columns")


def settle_points(
    east: "npt.NDArray[np.float64]",
    north: "npt.NDArray[np.float64]",
    *,
    place: Place,
    stated: str | None,
    reference: gpd.GeoDataFrame | None = None,
    codes: Codes = lambda: None,
) -> "tuple[npt.NDArray[np.float64], CrsUse, tuple[Problem, ...]]":
    """Longitude and latitude (WGS 84, two columns, NaN where missing) of columns of plane coordinates.

    `settle_crs` settles the system; columns in the wrong order are found (unless the workspace states the system: then
    say axes=NE). The rest as for `settle_crs`.
    """
    xy = np.column_stack([east, north]).astype(float)
    known = np.isfinite(xy).all(axis=1)
    shapes: npt.NDArray[np.object_] = np.full(len(xy), None, dtype=object)
    shapes[known] = shapely.points(xy[known])
    use, notes = settle_crs(shapes, place=place, stated=stated, reference=reference, codes=codes)
    made = np.full(xy.shape, np.nan)
    degrees = use.used.degrees(xy[known])
    made[known] = np.where(np.isfinite(degrees), degrees, np.nan)
    return made, use, notes


def in_order(raw: RawTable, use: CrsUse) -> RawTable:
    """The table with its geometry east before north and the settled system as its own."""
    assert raw.geometry is not None
    shapes = raw.geometry
    if use.used.swapped:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return replace(raw, geometry=shapes, crs=use.used.crs)


def _as_candidate(crs: pyproj.CRS) -> Candidate:
    code = crs.to_authority()
    return Candidate(":".join(code) if code else crs.name, crs_title(crs), crs)


def _override(place: Place, said: pyproj.CRS | None, use: CrsUse) -> list[Problem]:
    if said is None or said.equals(use.used.crs, ignore_axis_order=True):
        return []
    words = {"said": crs_title(said), "used": use.used.title}
    return [place.problem("W-CRS-OVERRIDE", severity="warning", **words)]


def _check(
    use: CrsUse,
    shapes: "npt.NDArray[np.object_]",
    place: Place,
    reference: gpd.GeoDataFrame | None,
    codes: Codes,
    *,
    units: bool,
) -> tuple[Problem, ...]:
    """What the units say against the system stated. The file may be refused, the workspace has the last word."""
    if reference is None:
        return ()
    known = codes()
    if known is None:
        return ()
    found = contradiction(use.used, shapes, reference=reference, codes=known, units=units)
    if found is None:
        return ()
    guess, away, plain = found
    best = guess.ranked[0].candidate
    if plain and use.how == "file":
        raise InputError(_label(place, "E-CRS-LABEL", use.used, best, away))
    return (_label(place, "W-CRS-LABEL" if use.how == "file" else "W-CRS-STATED", use.used, best, away),)


def _label(place: Place, code: str, said: Candidate, better: Candidate, away: float) -> Problem:
    words = {"said": said.title, "better": better.title, "crs": better.name, "away": metres(away)}
    return place.problem(code, severity="error" if code.startswith("E") else "warning", **words)


def _guessed(place: Place, guess: CrsGuess) -> Problem:
    assert guess.chosen is not None
    words = {"used": guess.chosen.title, "crs": guess.chosen.name, "why": "; ".join(guess.reasons)}
    return place.problem("W-CRS-GUESSED", severity="warning", **words)


def _unknown(place: Place, said: pyproj.CRS | None, shapes: "npt.NDArray[np.object_]") -> Problem:
    if said is None:
        return place.problem("E-CRS-MISSING")
    bounds = shapely.bounds(shapes)
    x, y = bounds[np.isfinite(bounds).all(axis=1)][0][:2]
    return place.problem("E-CRS-METRES", value=f"{x:.1f}, {y:.1f}", said=crs_title(said))


def _undecided(place: Place, guess: CrsGuess, said: pyproj.CRS | None, shapes: "npt.NDArray[np.object_]") -> Problem:
    if not guess.rivals:
        if not guess.by:
            return _unknown(place, said, shapes)
        return place.problem("E-CRS-NO-FIT", why="; ".join(guess.reasons))
    # They fit alike, so their order says nothing: as in the list, the plain systems before their variants.
    order = {one.name: i for i, one in enumerate(candidates())}
    close = sorted((guess.ranked[0], *guess.rivals), key=lambda fit: order.get(fit.candidate.name, len(order)))
    first = close[0].candidate
    told = [_told(close[0], None)]
    told += [_told(fit, distance_m(first, fit.candidate, _middle(shapes))) for fit in close[1:_SHOWN]]
    more = f"; và {len(close) - _SHOWN} hệ nữa" if len(close) > _SHOWN else ""
    words = {"count": guess.count, "told": "; ".join(told) + more, "crs": first.name}
    return place.problem("E-CRS-AMBIGUOUS", **words)


def _told(fit: Fit, away: float | None) -> str:
    apart = "" if away is None else f", cách hệ đầu {metres(away)}"
    return f"{fit.candidate.title} [{fit.candidate.name}] khớp {percent(fit.share)}{apart}"


def _middle(shapes: "npt.NDArray[np.object_]") -> "npt.NDArray[np.float64]":
    bounds = shapely.bounds(shapes)
    middle: Any = np.median(bounds[np.isfinite(bounds).all(axis=1)].reshape(-1, 2, 2).mean(axis=1), axis=0)
    return np.asarray(middle, dtype=float)


def _are_metres(shapes: "npt.NDArray[np.object_]") -> bool:
    """Whether more than half of the shapes have coordinates that no degrees can be."""
    bounds = shapely.bounds(shapes)
    known = np.isfinite(bounds).all(axis=1)
    return bool(known.any()) and bool((np.abs(bounds[known]) > 400).any(axis=1).mean() > 0.5)
