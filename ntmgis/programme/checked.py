"""A TOML file read against the keys it may have: every fault is named at once, with its place and what was meant."""

import math
import tomllib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ntmgis.errors import Problem, UsageError, no_file, problem

__all__ = [
    "DAY",
    "FLAG",
    "LEAST",
    "NUMBER",
    "NUMBERS",
    "SHARE",
    "TABLE",
    "TABLES",
    "TEXT",
    "TEXTS",
    "WHOLE",
    "YEAR",
    "Key",
    "Reader",
    "nearest",
    "one_of",
    "read_text",
    "required",
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the types it takes, how a user calls them, and a test a value of that type must pass."""

    types: tuple[type, ...]
    words: str
    test: Callable[[Any], bool] | None = None
    allowed: tuple[str, ...] | None = None
    required: bool = False

    def fits(self, value: object) -> bool:
        """Whether a value is of the right type and passes the test. TOML's true is no number, its date-time no day."""
        if isinstance(value, bool):
            right = bool in self.types
        elif isinstance(value, datetime) or (isinstance(value, float) and not math.isfinite(value)):
            right = False
        else:
            right = isinstance(value, self.types)
        return right and (self.test is None or self.test(value))


def _all(kind: type) -> Callable[[Any], bool]:
    return lambda value: all(isinstance(one, kind) and not isinstance(one, bool) for one in value)


TEXT = Key((str,), "chữ trong ngoặc kép, không để trống", lambda value: bool(value.strip()))
TEXTS = Key((list,), 'danh sách chữ, ví dụ ["SNN", "SXD"]', _all(str))
WHOLE = Key((int,), "số nguyên không âm", lambda value: value >= 0)
LEAST = Key((int,), "số nguyên dương", lambda value: value > 0)
YEAR = Key((int,), "năm bốn chữ số, ví dụ 2025", lambda value: 2000 <= value <= 2100)
NUMBER = Key((int, float), "số")
NUMBERS = Key((list,), "danh sách số nguyên, ví dụ [10, 17]", _all(int))
SHARE = Key((int, float), "tỷ lệ lớn hơn 0, không quá 1, ví dụ 0.57", lambda value: 0 < value <= 1)
DAY = Key((date,), "ngày dạng 2025-06-30, không có ngoặc kép")
FLAG = Key((bool,), "true hoặc false")
TABLE = Key((dict,), "bảng khoá = giá trị")
TABLES = Key((list,), "một hay nhiều mục [[...]]", _all(dict))


def required(key: Key) -> Key:
    """The same key, which may not be left out."""
    return replace(key, required=True)


def one_of(words: Iterable[str]) -> Key:
    """A text that must be one of these words."""
    return replace(TEXT, allowed=tuple(words))


def nearest(word: object, known: Iterable[str]) -> str:
    """The known word most like `word`, or "không có" when none is near."""
    return next(iter(get_close_matches(str(word), list(known), n=1, cutoff=0.5)), "không có")


def read_text(path: Path, code: str = "E-TOML-SYNTAX") -> str:
    """The text of a file. UsageError when there is none (`no_file`) or it cannot be read (`code`)."""
    if not path.is_file():
        raise UsageError(no_file(path))
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem(code, file=path.name, reason=error)) from error


class Reader:
    """Walks a parsed TOML file and gathers every fault in `problems`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def parse(self, text: str, code: str = "E-TOML-SYNTAX") -> dict[str, Any]:
        """The file as a table; {} and one fault (`code`) when it is not TOML."""
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.fault(code, None, reason=error)
            return {}

    def fault(self, code: str, where: str | None, value: object = None, /, **words: Any) -> None:
        """One more fault at a key of the file."""
        self.problems.append(problem(code, file=self.file, column=where, value=value, **words))

    def table(self, entry: Mapping[str, Any], keys: Mapping[str, Key], where: str = "") -> dict[str, Any]:
        """The entries with known keys and fitting values; the rest become faults. `where` leads the key's name."""
        good: dict[str, Any] = {}
        prefix = f"{where}." if where else ""
        for name, value in entry.items():
            key = keys.get(name)
            if key is None:
                self.fault("E-TOML-KEY", f"{prefix}{name}", nearest=nearest(name, keys), known=", ".join(keys))
            elif not key.fits(value):
                self.fault("E-TOML-TYPE", f"{prefix}{name}", value, expected=key.words)
            elif key.allowed is not None and value not in key.allowed:
                allowed = ", ".join(key.allowed)
                self.fault(
                    "E-TOML-VALUE", f"{prefix}{name}", value, allowed=allowed, nearest=nearest(value, key.allowed)
                )
            else:
                good[name] = value
        for name, key in keys.items():
            if key.required and name not in entry:
                self.fault("E-TOML-REQUIRED", f"{prefix}{name}")
        return good

    def tables(
        self, entries: Sequence[Mapping[str, Any]], keys: Mapping[str, Key], name: str, label: str = "id"
    ) -> list[dict[str, Any]]:
        """The entries of `[[name]]` that are whole; faults name an entry by its `label`, else by its place."""
        whole: list[dict[str, Any]] = []
        for place, entry in enumerate(entries, 1):
            before = len(self.problems)
            good = self.table(entry, keys, f"{name} {entry.get(label, f'thứ {place}')}")
            if len(self.problems) == before:
                whole.append(good)
        return whole

    def once(self, values: Iterable[Hashable], where: str) -> None:
        """A fault for every value that comes a second time."""
        seen: set[Hashable] = set()
        for value in values:
            if value in seen:
                self.fault("E-TOML-DUPLICATE", where, value)
            seen.add(value)

    def raise_if_any(self) -> None:
        """UsageError with every fault so far."""
        if self.problems:
            raise UsageError(self.problems)
