"""The built script and style of the pages, as text."""

from functools import cache
from importlib.resources import files

from ntmgis.errors import UsageError, problem

__all__ = ["notices", "script", "style"]


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


def notices() -> str:
    """Licences of the software by others inside the two."""
    return _asset("THIRD_PARTY_NOTICES.txt")
