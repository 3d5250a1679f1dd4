"""Known names of units that no folding can bring together, and the districts units belonged to before."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ntmgis.errors import Problem, UsageError, no_file, problem
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.names import fold

__all__ = ["Alias", "Aliases", "FormerDistrict", "load_aliases"]


@dataclass(frozen=True, slots=True)
class Alias:
    """In `epoch`, `name` means the unit `code`; with `parent`, only inside the district of that code."""

    name: str
    epoch: str
    code: str
    source: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class FormerDistrict:
    """Tables may still list the units `codes` under `district`, from which they were taken."""

    district: str
    epoch: str
    codes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Aliases:
    """All that is known; entries of a workspace stand before the shipped ones."""

    names: tuple[Alias, ...] = ()
    former_districts: tuple[FormerDistrict, ...] = ()


_ALIAS_KEYS = {"name": True, "epoch": True, "code": True, "source": True, "parent": False}
_FORMER_KEYS = {"district": True, "epoch": True, "codes": True, "source": True}


def _is_code(value: object, digits: int) -> bool:
    return isinstance(value, str) and len(value) == digits and value.isascii() and value.isdigit()


class _Reader:
    """Turns one parsed file into aliases and gathers every fault."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, code: str, where: str, value: object = None, **words: Any) -> None:
        self.problems.append(problem(code, file=self.file, column=where, value=value, **words))

    def read(self, raw: Mapping[str, Any]) -> Aliases:
        for key in raw.keys() - {"alias", "former_district"}:
            self.fault("E-ALIAS-KEY", key, known="alias, former_district")
        return Aliases(
            tuple(Alias(**entry) for entry in self.entries(raw, "alias", _ALIAS_KEYS)),
            tuple(
                FormerDistrict(**{**entry, "codes": tuple(entry["codes"])})
                for entry in self.entries(raw, "former_district", _FORMER_KEYS)
            ),
        )

    def entries(self, raw: Mapping[str, Any], kind: str, keys: Mapping[str, bool]) -> list[dict[str, Any]]:
        """The entries of one kind that have no fault."""
        found = raw.get(kind, [])
        if not isinstance(found, list):
            self.fault("E-ALIAS-VALUE", kind, expected=f"một hay nhiều mục [[{kind}]]")
            return []
        good: list[dict[str, Any]] = []
        for number, entry in enumerate(found, start=1):
            before = len(self.problems)
            where = f"{kind}[{number}]"
            if not isinstance(entry, dict):
                self.fault("E-ALIAS-VALUE", where, expected=f"một mục [[{kind}]]")
                continue
            self.keys(entry, keys, where)
            for key in entry.keys() & keys.keys():
                self.value(key, entry[key], f"{where}.{key}")
            if len(self.problems) == before:
                good.append(entry)
        return good

    def keys(self, entry: Mapping[str, Any], keys: Mapping[str, bool], where: str) -> None:
        for key in sorted(entry.keys() - keys.keys()):
            self.fault("E-ALIAS-KEY", f"{where}.{key}", known=", ".join(keys))
        for key, required in keys.items():
            if required and key not in entry:
                self.fault("E-ALIAS-REQUIRED", f"{where}.{key}")

    def value(self, key: str, value: object, where: str) -> None:
        epochs = [epoch.id for epoch in EPOCHS]
        if key == "epoch" and value not in epochs:
            self.fault("E-ALIAS-VALUE", where, value, expected=" hoặc ".join(epochs))
        elif key == "code" and not _is_code(value, 5):
            self.fault("E-ALIAS-VALUE", where, value, expected="mã xã 5 chữ số trong ngoặc kép")
        elif key in {"parent", "district"} and not _is_code(value, 3):
            self.fault("E-ALIAS-VALUE", where, value, expected="mã huyện 3 chữ số trong ngoặc kép")
        elif key == "codes" and not (isinstance(value, list) and value and all(_is_code(code, 5) for code in value)):
            self.fault("E-ALIAS-VALUE", where, value, expected="danh sách mã xã 5 chữ số trong ngoặc kép")
        elif key == "name" and not (isinstance(value, str) and fold(value)):
            self.fault("E-ALIAS-VALUE", where, value, expected="tên có ít nhất một chữ cái hoặc chữ số")
        elif key == "source" and not (isinstance(value, str) and value.strip()):
            self.fault("E-ALIAS-VALUE", where, value, expected="nguồn của tên gọi, không để trống")

    def contradictions(self, names: Iterable[Alias]) -> None:
        """One name in one place must mean one unit."""
        seen: dict[tuple[str, str | None, str], Alias] = {}
        for number, alias in enumerate(names, start=1):
            first = seen.setdefault((alias.epoch, alias.parent, fold(alias.name)), alias)
            if first.code != alias.code:
                self.fault(
                    "E-ALIAS-CONTRADICTION", f"alias[{number}].name", alias.name, first=first.code, second=alias.code
                )


def _parse(text: str, file: str) -> Aliases:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(problem("E-ALIAS-SYNTAX", file=file, reason=error)) from error
    reader = _Reader(file)
    made = reader.read(raw)
    reader.contradictions(made.names)
    if reader.problems:
        raise UsageError(reader.problems)
    return made


@cache
def _shipped() -> Aliases:
    return _parse((files("ntmgis.units") / "data" / "aliases.toml").read_text(encoding="utf-8"), "aliases.toml")


def load_aliases(path: str | Path | None = None) -> Aliases:
    """The shipped aliases, with those of the workspace file `path` before them.

    An entry of the workspace takes the place of a shipped one for the same name, epoch and parent. UsageError lists
    every fault of the file.
    """
    if path is None:
        return _shipped()
    path = Path(path)
    if not path.is_file():
        raise UsageError(no_file(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem("E-ALIAS-SYNTAX", file=path.name, reason=error)) from error
    own = _parse(text, path.name)
    taken = {(alias.epoch, alias.parent, fold(alias.name)) for alias in own.names}
    shipped = _shipped()
    return Aliases(
        own.names + tuple(a for a in shipped.names if (a.epoch, a.parent, fold(a.name)) not in taken),
        own.former_districts + shipped.former_districts,
    )
