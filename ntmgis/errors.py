"""Every error this package raises on purpose, and the one form in which it names a problem.

A `Problem` has a stable code; its Vietnamese rule and advice stand once, in `problems.toml`.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

__all__ = ["NONE_NEAR", "InputError", "NtmError", "Problem", "UsageError", "catalogue", "no_file", "problem"]

# What stands for the nearest known word when none is near; the catalogue then advises otherwise (`action_far`).
NONE_NEAR = "không có"

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where, which value, which rule, and what to do.

    `row` is the number the user sees in the file: 1 is the first line of the sheet or text file, and the
    first feature of a geographic layer.
    """

    code: str
    rule: str
    action: str
    file: str | None = None
    layer: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """Where, in words; empty when the problem has no place."""
        parts = (
            (self.file, "{}"),
            (self.layer, "lớp {}"),
            (self.sheet, "trang {}"),
            (self.row, "dòng {}"),
            (self.column, self._column_words()),
        )
        return ", ".join(form.format(part) for part, form in parts if part is not None)

    def _column_words(self) -> str:
        """A column of a table, an option of the command line or a key of a TOML file, as the user calls it."""
        if str(self.column).startswith("--"):
            return "tuỳ chọn {}"
        return "khoá {}" if str(self.file).lower().endswith(".toml") else "cột {}"

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        value = f" (giá trị: {self.value!r})" if self.value is not None else ""
        return f"[{self.code}] {place}{self.rule}{value} → {self.action}"

    def as_dict(self) -> dict[str, object]:
        """The fields that are set, for JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class NtmError(Exception):
    """Base of every error this package raises on purpose."""


class _ProblemsError(NtmError):
    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> "tuple[type[_ProblemsError], tuple[tuple[Problem, ...]]]":
        return type(self), (self.problems,)  # from one process to another, problems and all


class InputError(_ProblemsError, ValueError):
    """The data break a stated rule; `problems` lists every one, not just the first. Exit code 1."""


class UsageError(_ProblemsError, ValueError):
    """The command or the configuration is wrong; `problems` lists every fault. Exit code 2."""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Code → `rule` and `action` (Vietnamese templates) and `en` (what it means, for documentation).

    `action_far` stands in for `action` where no known word is near what was given.
    """
    text = (files("ntmgis") / "problems.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def problem(
    code: str,
    *,
    file: object = None,
    layer: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    value: object = None,
    severity: Severity = "error",
    **words: object,
) -> Problem:
    """The catalogue's problem `code` at this place; `words` fill the `{}` of its rule and advice.

    >>> str(problem("E-FILE-MISSING", file="a.csv"))
    '[E-FILE-MISSING] a.csv: không tìm thấy tệp → kiểm tra lại đường dẫn hoặc chép tệp vào đúng chỗ'
    """
    entry = catalogue()[code]
    action = entry["action"] if words.get("nearest") != NONE_NEAR else entry.get("action_far", entry["action"])
    return Problem(
        code=code,
        rule=entry["rule"].format(**words),
        action=action.format(**words),
        file=None if file is None else str(file),
        layer=layer,
        sheet=sheet,
        row=row,
        column=column,
        value=None if value is None else str(value)[:200],
        severity=severity,
    )


_NAMED = 3


def no_file(path: str | Path, *, file: object = None, column: str | None = None) -> Problem:
    """Why `path` is not a file to be read: there is nothing of that name, or it is a folder (with some files in it).

    `file` is how the problem names it; None: by the path as given.
    """
    named = path if file is None else file
    try:
        inside = sorted(one.name for one in Path(path).iterdir() if one.is_file() and not one.name.startswith("."))
    except (OSError, ValueError):  # also a name the system cannot even ask about
        return problem("E-FILE-MISSING", file=named, column=column)
    told = ", ".join(inside[:_NAMED]) + (", …" if len(inside) > _NAMED else "")
    return problem("E-FILE-FOLDER", file=named, column=column, inside=f" (trong đó có: {told})" if inside else "")
