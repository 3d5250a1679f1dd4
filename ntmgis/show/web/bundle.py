"""The built script and style of the pages, as text."""

from functools import cache
from importlib.resources import files

from ntmgis.errors import UsageError, problem

__all__ = ["households_early", "households_script", "households_style", "notices", "script", "style"]


@cache
def _asset(name: str) -> str:
    place = files("ntmgis.show.web") / "static" / name
    if not place.is_file():
        raise UsageError(problem("E-WEB-BUNDLE", file=name))
    return place.read_text(encoding="utf-8").replace("\r\n", "\n")


def script() -> str:
    """Leaflet and our code, one classic script."""
    return _asset("ntmgis.js")


def style() -> str:
    """Leaflet's style and ours."""
    return _asset("ntmgis.css")


def households_early() -> str:
    """The first script of the page of households: the worker that decodes, and what starts it."""
    return _asset("households-early.js")


def households_script() -> str:
    """Leaflet and the code of the page of households, one classic script."""
    return _asset("households.js")


def households_style() -> str:
    """Leaflet's style and that of the page of households."""
    return _asset("households.css")


def notices() -> str:
    """Licences of the software by others inside all of them."""
    return _asset("THIRD_PARTY_NOTICES.txt")
