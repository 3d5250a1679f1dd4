"""The coordinate system of a file, guessed by how well it lies on the units, if nothing else fits about as well."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from ntmgis.intake.crs_candidates import Candidate, candidates, crs_title, named_crs, to_degrees
from ntmgis.intake.crs_fit import Evidence, Fit, distance_m, evidence, seats

__all__ = [
    "LOOK_ALIKE_M",
    "Candidate",
    "CrsGuess",
    "Fit",
    "candidates",
    "contradiction",
    "crs_title",
    "distance_m",
    "guess_crs",
    "metres",
    "named_crs",
    "percent",
    "seats",
    "to_degrees",
]

LOOK_ALIKE_M = 500.0
_SAME_M = 1.0
_FULL = 12  # candidates measured in full; the look-alikes of one zone are five
_SHARE = {"overlap": 0.5}  # what the best must reach; other evidence: 0.8
_MANY = 5  # so many objects make a plain contradiction
# Coordinates that are no numbers are found and left out, so numpy's warnings add nothing.
_QUIET = np.errstate(invalid="ignore", over="ignore")


@dataclass(frozen=True, slots=True, eq=False)
class CrsGuess:
    """What fits a file.

    chosen     the one clear winner; None when nothing fits or look-alikes fit nearly as well
    ranked     candidates in order of fit, best first; only those that come near the reference
    apart_m    how far each of `ranked` places the middle of the file from where the first one does
    rivals     those of `ranked` that cannot be told from the first one, without it
    by         what was compared, see `Evidence`; "" when there was nothing
    reasons    why, in Vietnamese
    """

    chosen: Candidate | None
    ranked: tuple[Fit, ...]
    apart_m: tuple[float, ...]
    rivals: tuple[Fit, ...]
    by: str
    count: int
    reasons: tuple[str, ...]

    @property
    def runner_up(self) -> tuple[Fit, float] | None:
        """The second best and its distance in metres from the best."""
        return (self.ranked[1], self.apart_m[1]) if len(self.ranked) > 1 else None


@_QUIET
def guess_crs(
    shapes: "npt.NDArray[np.object_]",
    *,
    reference: gpd.GeoDataFrame,
    codes: Sequence[str | None] | None = None,
    units: bool = False,
    also: Candidate | None = None,
) -> CrsGuess:
    """The system in which `shapes` (in the coordinates of the file) lie best on `reference`.

    reference  columns code and geometry, EPSG:4326: polygons of units, or one point inside each (`seats`), true to
               about a kilometre, which tells zones and axes apart but never look-alikes
    codes      the unit of each shape where known; a code may be None
    units      the shapes are themselves such units, so that their outlines can be compared
    also       a further candidate, such as what the file says of itself

    Look-alikes are told apart by outlines only when the data lie on the reference four times more closely than the
    look-alikes lie apart; by places only in named communes.
    """
    found = evidence(shapes, reference=reference, codes=codes, units=units)
    if found is None:
        return CrsGuess(None, (), (), (), "", 0, ("không có gì để so với các đơn vị đã biết",))
    return _guess(found, also)


@_QUIET
def contradiction(
    stated: Candidate,
    shapes: "npt.NDArray[np.object_]",
    *,
    reference: gpd.GeoDataFrame,
    codes: Sequence[str | None] | None,
    units: bool,
) -> tuple[CrsGuess, float, bool] | None:
    """What fits better than the system that is `stated`, how far off it is in metres, and whether plainly so.

    Plainly: another system puts the units where they belong and the stated one does not. None when nothing speaks
    against the stated one, or the evidence is not about named units.
    """
    found = evidence(shapes, reference=reference, codes=codes, units=units)
    if found is None or not (found.paired or units):
        return None
    own = found.fit(stated)
    if own.blur_m <= _precision(LOOK_ALIKE_M / 4) if found.by == "overlap" else own.share >= 0.9:
        return None
    guess = _guess(found, stated)
    if not guess.ranked or guess.ranked[0].candidate.name == stated.name:
        return None
    best = guess.ranked[0]
    away = distance_m(best.candidate, stated, np.median(found.points(), axis=0))
    plain = len(own.hits) >= _MANY and best.share >= _least(found.by) and best.share - own.share >= 0.4
    if not plain and (guess.chosen is None or away <= 10):
        return None
    return guess, away, plain


def _least(by: str) -> float:
    return _SHARE.get(by, 0.8)


def _precision(apart_m: float) -> float:
    """How closely outlines must agree to tell systems apart that lie so far from each other."""
    return apart_m / 4


def _guess(found: Evidence, also: Candidate | None) -> CrsGuess:
    tried = list(candidates())
    if also is not None and also.name not in {one.name for one in tried}:
        tried.append(also)
    near = found.near(tried)
    quick = {id(one): found.coarse(one) for one in near}
    near.sort(key=lambda one: -quick[id(one)])  # stable: the order of the list settles ties
    chosen = [one for one in near[:_FULL] if quick[id(one)] > 0]
    fits = sorted((found.fit(one) for one in chosen), key=lambda fit: -fit.share)
    if not fits or fits[0].share < _least(found.by):
        why = f"trong {len(tried)} hệ toạ độ đã thử không có hệ nào đặt được dữ liệu vào đúng chỗ"
        more = (f"khớp nhất: {fits[0].candidate.title}, {percent(fits[0].share)}",) if fits else ()
        return CrsGuess(None, tuple(fits), _apart(fits, found), (), found.by, len(found.shapes), (why, *more))
    apart = _apart(fits, found)
    twins = [i for i, away in enumerate(apart) if i and away <= _SAME_M]  # the same under another name
    fits = [fit for i, fit in enumerate(fits) if i not in twins]
    apart = tuple(away for i, away in enumerate(apart) if i not in twins)
    best = fits[0]
    rivals = tuple(
        fit for fit, away in zip(fits[1:], apart[1:], strict=True) if not _told_apart(best, fit, away, found)
    )
    winner = None if rivals else best.candidate
    reasons = _reasons(found, fits, apart, len(rivals))
    return CrsGuess(winner, tuple(fits), apart, rivals, found.by, len(found.shapes), reasons)


def _apart(fits: Sequence[Fit], found: Evidence) -> tuple[float, ...]:
    at = np.median(found.points(), axis=0)
    return tuple(distance_m(fits[0].candidate, fit.candidate, at) for fit in fits)


def _told_apart(best: Fit, other: Fit, away: float, found: Evidence) -> bool:
    if found.by == "overlap":
        return best.blur_m <= _precision(away) and other.blur_m > 2 * best.blur_m
    for_best = int((best.hits > other.hits).sum())
    against = int((best.hits < other.hits).sum())
    clear = against * 10 <= for_best
    if away > 2 * LOOK_ALIKE_M:
        return clear and for_best >= 3 and best.share - other.share >= 0.1
    return clear and for_best >= 10 and best.share >= 0.98 and found.by == "commune"


_COMPARED = {
    "overlap": "{n} vùng so với ranh giới đã biết: phần trùng nhau bình quân {share}, ranh giới lệch cỡ {blur} m",
    "commune": "{n} đối tượng: {share} nằm trong đúng xã của mình",
    "province": "{n} đối tượng: {share} nằm trong tỉnh",
    "seats": "{n} vùng: {share} chứa đúng điểm đại diện của xã (danh mục kèm theo, chính xác cỡ 1 km)",
    "near": "{n} đối tượng: {share} ở gần điểm đại diện của xã (danh mục kèm theo, chính xác cỡ 1 km)",
}


def _reasons(found: Evidence, fits: Sequence[Fit], apart: Sequence[float], rivals: int) -> tuple[str, ...]:
    best = fits[0]
    blur = f"{best.blur_m:.0f}" if best.blur_m >= 1 else "dưới 1"
    told = [_COMPARED[found.by].format(n=len(found.shapes), share=percent(best.share), blur=blur)]
    if len(fits) > 1:
        told.append(f"đứng thứ hai: {fits[1].candidate.title}, {percent(fits[1].share)}, cách {metres(apart[1])}")
    if rivals:
        told.append(f"{rivals} hệ khác khớp gần như nhau")
    return tuple(told)


def percent(share: float) -> str:
    """A share in words: "99,9%"."""
    return f"{share:.1%}".replace(".", ",")


def metres(value: float) -> str:
    """A distance in words: "225 m", "26,9 km"."""
    return f"{value:.0f} m" if value < 10_000 else f"{value / 1000:.1f} km".replace(".", ",")
