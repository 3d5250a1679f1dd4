"""Coordinate systems by name: those PROJ knows, their Vietnamese look-alikes, and the list that a guess tries."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError
from pyproj.transformer import AreaOfInterest, TransformerGroup

__all__ = ["SHIFTS", "Candidate", "candidates", "crs_title", "named_crs", "to_degrees", "transformer"]

# The shift to WGS 84 by datum, as EPSG names it. VN-2000: EPSG:6960, the parameters of Decision 05/2007/QĐ-BTNMT (EPSG
# has a second set, for blocks in the Mekong delta). Indian 1960: the set for 14 to 18 degrees north, good to 44 m.
# HN-72: the only set EPSG has, made for Vũng Tàu; elsewhere PROJ alone would not shift at all.
SHIFTS = MappingProxyType(
    {
        "VN-2000": "VN-2000 to WGS 84 (2)",
        "Indian 1960": "Indian 1960 to WGS 84 (2)",
        "Hanoi 1972": "Hanoi 1972 to WGS 84 (1)",
    }
)
_VUNG_TAU = AreaOfInterest(106.0, 9.5, 107.0, 10.5)
_MODIFIER = re.compile(r"\s+(k|fe|datum|axes)=(\S+)$")
_OWN = frozenset({"id", "area", "bbox", "scope", "usages", "remarks"})  # what a changed system does not inherit
_SCALE, _EASTING = "Scale factor at natural origin", "False easting"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A coordinate system that a file may be in.

    name     as it may be written in ntmgis.toml; title is for reports
    crs      the system; swapped: the file holds north first, then east
    """

    name: str
    title: str
    crs: pyproj.CRS
    swapped: bool = False

    def degrees(self, xy: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
        """Longitude and latitude (WGS 84) of coordinates as the file has them; inf where there are none."""
        return to_degrees(xy[:, ::-1] if self.swapped else xy, self.crs)


def named_crs(name: str) -> Candidate:
    """The system a user names: anything PROJ knows, then any of k=, fe=, datum=WGS84, axes=NE (north before east).

    The base system keeps its EPSG code, so that its datum shift stays known: a proj string would lose it.
    CRSError when there is no such system, or the modifier does not fit it.

    >>> found = named_crs("EPSG:9216 k=0.9996 axes=NE")
    >>> found.crs.name, found.swapped
    ('VN-2000 / TM-3 107-30, k=0.9996', True)
    """
    rest, given = name.strip(), {}
    while found := _MODIFIER.search(rest):
        given[found[1]] = found[2]
        rest = rest[: found.start()]
    swapped = given.pop("axes", None)
    if swapped not in {None, "NE", "EN"}:
        raise CRSError(f"axes={swapped}")
    crs = pyproj.CRS.from_user_input(rest)
    if given:
        crs = _changed(crs, given)
    title = _titles().get(" ".join([rest, *(f"{k}={v}" for k, v in sorted(given.items(), key=_order))]))
    shown = title or crs_title(crs)
    return Candidate(name.strip(), _swapped_title(shown) if swapped == "NE" else shown, crs, swapped == "NE")


def _order(item: tuple[str, str]) -> int:
    return ("k", "fe", "datum").index(item[0])


def _swapped_title(title: str) -> str:
    return f"{title}, X là hướng bắc đứng trước"


def _changed(crs: pyproj.CRS, given: dict[str, str]) -> pyproj.CRS:
    """The projected system with another scale factor, false easting or WGS 84 in place of its datum."""
    if not crs.is_projected:
        raise CRSError(f"{crs.name}: not projected")
    made: dict[str, Any] = {key: value for key, value in crs.to_json_dict().items() if key not in _OWN}
    made["conversion"].pop("id", None)
    made["name"] += "".join(f", {key}={value}" for key, value in given.items())
    made["conversion"]["name"] = made["name"]
    for key, parameter in (("k", _SCALE), ("fe", _EASTING)):
        if key not in given:
            continue
        found = [one for one in made["conversion"]["parameters"] if one["name"] == parameter]
        try:
            found[0]["value"] = float(given[key])
        except (IndexError, ValueError):
            raise CRSError(f"{key}={given[key]}") from None
    if "datum" in given:
        if given["datum"] != "WGS84":
            raise CRSError(f"datum={given['datum']}")
        made["base_crs"] = pyproj.CRS.from_epsg(4326).to_json_dict()
    return pyproj.CRS.from_json_dict(made)


def crs_title(crs: pyproj.CRS) -> str:
    """The name of a system with its code: "VN-2000 / TM-3 107-30 (EPSG:9216)"."""
    code = crs.to_authority()
    return f"{crs.name} ({':'.join(code)})" if code else crs.name


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads((files("ntmgis.intake") / "data" / "crs.toml").read_text(encoding="utf-8"))


@cache
def _titles() -> dict[str, str]:
    return dict(_entries())


def _entries() -> Iterator[tuple[str, str]]:
    words = _listed()["variants"]
    for entry in _listed()["candidate"]:
        yield entry["crs"], entry["title"]
        for variant in entry.get("variants", ()):
            yield f"{entry['crs']} {variant}", f"{entry['title']}, {words[variant]}"


@cache
def candidates() -> tuple[Candidate, ...]:
    """Every system of data/crs.toml with its variants, each as it is and with the axes exchanged."""
    plain = [named_crs(name) for name, _ in _entries()]
    return (*plain, *(Candidate(f"{c.name} axes=NE", _swapped_title(c.title), c.crs, swapped=True) for c in plain))


@lru_cache(maxsize=64)  # making one costs 10 ms, and a guess needs each several times
def transformer(crs: pyproj.CRS) -> pyproj.Transformer | None:
    """From `crs` (x, y as east, north) to longitude and latitude, WGS 84; None when they are the same.

    From the datums of Vietnam always by the shift named above, wherever the point lies.
    """
    target = pyproj.CRS.from_epsg(4326)
    if any(crs.equals(same, ignore_axis_order=True) for same in (target, pyproj.CRS("OGC:CRS84"))):
        return None
    geodetic = crs.geodetic_crs
    shift = None if geodetic is None else SHIFTS.get(geodetic.name)
    if shift is not None:
        # HN-72 zone 19 and the area of its shift do not meet, so PROJ must be asked for that area.
        for area in (None, _VUNG_TAU):
            group = TransformerGroup(crs, target, always_xy=True, allow_ballpark=False, area_of_interest=area)
            for one in group.transformers:
                if shift in one.description:
                    return one
    return pyproj.Transformer.from_crs(crs, target, always_xy=True)


def to_degrees(xy: "npt.NDArray[np.float64]", crs: pyproj.CRS) -> "npt.NDArray[np.float64]":
    """Longitude and latitude (WGS 84) of coordinates in `crs`, x before y; inf where the system does not reach."""
    step = transformer(crs)
    return xy.copy() if step is None else np.column_stack(step.transform(xy[:, 0], xy[:, 1]))
