"""The house style: one TOML file with typefaces, colours, title block and signatures, checked before anything is drawn.

The shipped `data/style.toml` holds every key with its meaning; a house's own file may leave out what it keeps.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fontTools.ttLib import TTFont, TTLibError

from ntmgis.errors import Problem, UsageError, problem
from ntmgis.show.paper.font import STYLES, Style
from ntmgis.show.paper.logo import Logo, load_logo
from ntmgis.workspace import nearest

__all__ = ["HouseStyle", "contrast", "load_style"]

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_VIETNAMESE = "ăâđêôơưĂÂĐÊÔƠƯ" + "".join(chr(code) for code in range(0x1EA0, 0x1EFA))
# Text colours must be read on white; 4.5 is what accessibility rules ask of small type.
_READ_ON_WHITE = ("ink", "quiet", "district")
_LEAST_CONTRAST = 4.5
_RANGES = {
    "margin": (5.0, 40.0),
    "panel_width": (60.0, 140.0),
    "headline": (14.0, 60.0),
    "subtitle": (7.0, 24.0),
    "heading": (7.0, 20.0),
    "body": (7.0, 16.0),
    "small": (6.5, 14.0),
}


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """A checked style file. `fonts` names only the files that replace shipped ones."""

    fonts: Mapping[Style, str]
    colors: Mapping[str, str]
    office: tuple[str, ...]
    logo: Logo | None
    signature: tuple[tuple[str, str], ...]
    place: str
    layout: Mapping[str, float]


@cache
def _shipped() -> Mapping[str, Any]:
    text = (files("ntmgis.show") / "data" / "style.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG counts it, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """

    def light(color: str) -> float:
        parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def load_style(path: Path | None = None) -> HouseStyle:
    """The style of a file over the shipped one; None: the shipped one. UsageError lists every fault of the file."""
    if path is None:
        return _style(_Check("style.toml", Path()), {})
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(problem("E-PAPER-STYLE-FILE", file=path.name)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(problem("E-PAPER-STYLE-SYNTAX", file=path.name, reason=error)) from error
    check = _Check(path.name, path.parent)
    made = _style(check, check.known(raw))
    if check.problems:
        raise UsageError(check.problems)
    return made


class _Check:
    """Gathers every fault of a style file."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.problems: list[Problem] = []

    def fault(self, code: str, where: str, value: object = None, **words: Any) -> None:
        self.problems.append(problem(code, file=self.name, column=where, value=value, **words))

    def known(self, raw: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The entries of known keys with the kind of value that the shipped file has there."""
        good: dict[str, dict[str, Any]] = {}
        for group, entries in raw.items():
            own = _shipped().get(group)
            if own is None:
                self.fault("E-PAPER-STYLE-KEY", group, nearest=nearest(group, _shipped()))
            elif not isinstance(entries, dict):
                self.fault("E-PAPER-STYLE-TYPE", group, entries, expected="một mục [...]")
            else:
                good[group] = {key: value for key, value in entries.items() if self._fits(group, key, value, own)}
        return good

    def _fits(self, group: str, key: str, value: object, own: Mapping[str, Any]) -> bool:
        where = f"{group}.{key}"
        if key not in own:
            self.fault("E-PAPER-STYLE-KEY", where, nearest=nearest(key, own))
            return False
        kind = type(own[key])
        words = {bool: "true hoặc false", str: "chữ trong ngoặc kép", list: "danh sách chữ", float: "số"}[kind]
        fits = isinstance(value, int | float) and not isinstance(value, bool) if kind is float else type(value) is kind
        if fits and isinstance(value, list):
            fits = all(isinstance(entry, str) for entry in value)
        if not fits:
            self.fault("E-PAPER-STYLE-TYPE", where, value, expected=words)
        return fits

    def color(self, name: str, value: str) -> None:
        where = f"colors.{name}"
        if not _COLOR.fullmatch(value):
            self.fault("E-PAPER-STYLE-COLOR", where, value)
        elif name in _READ_ON_WHITE and contrast(value, "#ffffff") < _LEAST_CONTRAST:
            shown = f"{contrast(value, '#ffffff'):.1f}".replace(".", ",")
            self.fault("E-PAPER-STYLE-CONTRAST", where, value, contrast=shown)

    def font(self, style: str, value: str) -> str:
        file = self.folder / value
        where = f"fonts.{style}"
        try:
            font: Any = TTFont(BytesIO(file.read_bytes()), lazy=True)
            held = font.getBestCmap() if "glyf" in font else None
        except (OSError, TTLibError):
            held = None
        if held is None:
            self.fault("E-PAPER-STYLE-FONT", where, value)
        elif missing := [letter for letter in _VIETNAMESE if ord(letter) not in held]:
            self.fault("E-PAPER-STYLE-LETTERS", where, value, letters=" ".join(missing[:12]), count=len(missing))
        return str(file)

    def logo(self, value: str) -> Logo | None:
        try:
            found = load_logo(self.folder / value)
        except OSError:
            self.fault("E-PAPER-STYLE-LOGO", "title.logo", value)
            return None
        if found is None:
            self.fault("E-PAPER-STYLE-LOGO-READ", "title.logo", value)
        return found


def _style(check: _Check, own: Mapping[str, Mapping[str, Any]]) -> HouseStyle:
    whole = {group: {**entries, **own.get(group, {})} for group, entries in _shipped().items()}
    for name, value in own.get("colors", {}).items():
        check.color(name, value)
    for name, value in own.get("layout", {}).items():
        low, high = _RANGES[name]
        if not low <= value <= high:
            check.fault("E-PAPER-STYLE-RANGE", f"layout.{name}", value, low=f"{low:g}", high=f"{high:g}")
    title, signature = whole["title"], whole["signature"]
    if len(title["office"]) > 2:
        check.fault("E-PAPER-STYLE-RANGE", "title.office", len(title["office"]), low="0", high="2")
    roles = list(signature["roles"])
    if len(roles) > 3:
        check.fault("E-PAPER-STYLE-RANGE", "signature.roles", len(roles), low="0", high="3")
    names = [*signature["names"], *([""] * len(roles))]
    return HouseStyle(
        fonts=MappingProxyType({s: check.font(s, whole["fonts"][s]) for s in STYLES if whole["fonts"][s]}),
        colors=MappingProxyType(dict(whole["colors"])),
        office=tuple(title["office"]),
        logo=check.logo(title["logo"]) if title["logo"] else None,
        signature=tuple(zip(roles, names, strict=False)) if signature["show"] else (),
        place=signature["place"],
        layout=MappingProxyType({name: float(value) for name, value in whole["layout"].items()}),
    )
