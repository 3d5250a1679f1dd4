"""Cells to typed values, column by column: what a field allows becomes a value, everything else a named fault."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import methodcaller
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ntmgis.intake.angles import angle
from ntmgis.intake.dates import day, period_end, year
from ntmgis.intake.figures import Marks, find_marks, number
from ntmgis.intake.text import clean, fold_words, is_blank, joined, shown, words
from ntmgis.programme.tables import Field, values
from ntmgis.workspace import nearest

__all__ = ["DTYPES", "NOT_APPLICABLE", "TEXT", "Converted", "Fault", "convert", "empty", "file_marks"]

TEXT = pd.StringDtype(na_value=np.nan)
DTYPES: Mapping[str, Any] = MappingProxyType(
    {
        "text": TEXT,
        "code": TEXT,
        "enum": TEXT,
        "integer": "Int64",
        "year": "Int64",
        "number": "float64",
        "bool": "boolean",
        "date": "datetime64[us]",
    }
)
NOT_APPLICABLE = "not_applicable"
_BLOCK = 1000  # cells that are looked at together first
_DAYS_ONLY = frozenset({"decision_date", "date"})  # of a decision, of a change of units
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_WHOLE = re.compile(r"(\d+)[.,]0+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell is no value of its field: a code of problems.toml and the words that fill it."""

    code: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Converted:
    """A column with the dtype of its field (missing where blank or faulty) and the faults by position."""

    typed: "pd.Series[Any]"
    faults: Mapping[int, Fault]


def empty(field_: Field, index: "pd.Index[Any]") -> "pd.Series[Any]":
    """A column of missing values with the dtype of the field."""
    return _typed([None] * len(index), field_, index)


def file_marks(columns: Mapping[str, "pd.Series[Any]"], fields: tuple[Field, ...]) -> Marks:
    """What "." and "," mean in the number columns of a file, together (columns by field name)."""
    numeric = [f.name for f in fields if f.type in {"integer", "number"} and f.name in columns]
    return find_marks(value for name in numeric if columns[name].dtype == object for value in columns[name].unique())


def convert(column: "pd.Series[Any]", field_: Field, *, marks: Callable[[], Marks] = Marks) -> Converted:
    """The cells of one column as values of `field_`.

    Blank cells become missing: never zero, never "not met". `marks` tells what "." and "," mean elsewhere in the
    file; it is asked only when a number has two readings and its own column does not tell. Enum fields give the code
    of the value; the tier of a status table may also give `NOT_APPLICABLE`, which the caller settles.
    """
    cells = _objects(column)
    read = _reader(field_, cells, marks)
    fast = _fast(cells, field_)
    if fast is None or not fast[0].any():
        typed, faults = _read(cells, field_, read)
        return Converted(pd.Series(typed, index=column.index), faults)
    good, got = fast
    rest = np.flatnonzero(~good)
    if len(rest):
        typed, found = _read(cells[rest], field_, read)
        faults = {int(rest[position]): fault for position, fault in found.items()}
        got = got.copy()
        got[rest] = np.asarray(typed, dtype=got.dtype)
    else:
        faults = {}
    return Converted(_typed(got, field_, column.index), faults)


def _read(
    cells: "npt.NDArray[np.object_]", field_: Field, read: Callable[[Any], Any]
) -> "tuple[pd.api.extensions.ExtensionArray, dict[int, Fault]]":
    """The cells with the dtype of the field, each different one read once, and the faults by position."""
    if set(map(type, cells.tolist())) <= {str, type(None)}:
        codes, different = pd.factorize(cells)  # None: -1
    else:
        known: dict[tuple[type, Any], int] = {}
        codes = np.array([known.setdefault((type(cell), cell), len(known)) for cell in cells], dtype="int64")
        different = np.fromiter((cell for _, cell in known), dtype=object, count=len(known))
    values = [read(cell) for cell in different]
    wrong = np.array([isinstance(value, Fault) for value in values] + [False])  # the last for None
    sound = [None if isinstance(value, Fault) else value for value in values]
    typed = _typed(sound, field_, pd.RangeIndex(len(sound))).array.take(codes, allow_fill=True)
    return typed, {position: values[codes[position]] for position in np.flatnonzero(wrong[codes]).tolist()}


def _objects(column: "pd.Series[Any]") -> "npt.NDArray[np.object_]":
    if column.dtype == object:
        return column.to_numpy()
    return column.astype(object).where(column.notna(), None).to_numpy(dtype=object)


def _typed(cells: Any, field_: Field, index: "pd.Index[Any]") -> "pd.Series[Any]":
    series = pd.Series(cells, index=index, dtype=object)
    if field_.type == "number":
        return pd.to_numeric(series).astype("float64")
    if field_.type == "date":
        return pd.to_datetime(series).astype("datetime64[us]")
    return series.astype(DTYPES[field_.type])


def _says_nothing(cell: Any, field_: Field) -> bool:
    return field_.type != "text" and isinstance(cell, str) and fold_words(cell) in words("blank_value")


def _fast(cells: "npt.NDArray[np.object_]", field_: Field) -> "tuple[npt.NDArray[np.bool_], npt.NDArray[Any]] | None":
    """Which of many cells need no closer look, and their values: a million rows are read within seconds."""
    if len(cells) < 1000:
        return None
    if field_.type == "code" and field_.digits:
        return _good_texts(cells, str.isdecimal, shortest=field_.digits, longest=field_.digits), cells
    if field_.type == "text":  # letters and digits alone, too many to say that there is nothing: an id
        return _good_texts(cells, str.isalnum, shortest=7), cells
    if field_.type == "number":
        numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(dtype="float64")
        good = _plain_numbers(cells) & (np.abs(numbers) < 2**53)
        return good & (numbers >= _low(field_)) & (numbers <= _high(field_)), numbers
    return None


def _good_texts(
    cells: "npt.NDArray[np.object_]", test: Callable[[str], bool], *, shortest: int, longest: int | None = None
) -> "npt.NDArray[np.bool_]":
    """The cells that are ASCII texts of these lengths and pass `test`; an odd one spoils the block it is in."""
    good = np.zeros(len(cells), dtype=bool)
    for start in range(0, len(cells), _BLOCK):
        block = cells[start : start + _BLOCK]
        texts = list(filter(None, block.tolist()))
        if set(map(type, texts)) != {str} or min(map(len, texts)) < shortest:
            continue
        together = "".join(texts)
        if together.isascii() and test(together) and (longest is None or max(map(len, texts)) <= longest):
            good[start : start + _BLOCK] = block.astype(bool)
    return good


def _plain_numbers(cells: "npt.NDArray[np.object_]") -> "npt.NDArray[np.bool_]":
    """Which cells are a number in one reading only: "107.909" may be a thousand and seven, four digits may not."""
    told = cells.tolist()
    if set(map(type, told)) == {str}:
        point = np.fromiter(map(methodcaller("find", "."), told), dtype=np.int64, count=len(told))
        length = np.fromiter(map(len, told), dtype=np.int64, count=len(told))
        return np.asarray((point > 0) & (length - point > 4))
    plain = (type(c) is float or (type(c) is str and 0 < c.find(".") < len(c) - 4) for c in told)
    return np.fromiter(plain, dtype=bool, count=len(cells))


def _low(field_: Field) -> float:
    return -np.inf if field_.min is None else field_.min


def _high(field_: Field) -> float:
    return np.inf if field_.max is None else field_.max


def _reader(field_: Field, cells: "npt.NDArray[np.object_]", marks: Callable[[], Marks]) -> Callable[[Any], Any]:
    """What makes of a cell its value: None where it says nothing, a `Fault` where it is no value of the field."""
    parse = _parser(field_, cells, marks)
    return lambda cell: None if is_blank(cell) or _says_nothing(cell, field_) else parse(cell)


def _parser(field_: Field, cells: "npt.NDArray[np.object_]", marks: Callable[[], Marks]) -> Callable[[Any], Any]:
    if field_.type in {"integer", "number"}:
        seen = cache(lambda: find_marks(cells) or marks())
        return lambda cell: _number(cell, field_, seen)
    parsers: dict[str, Callable[[Any], Any]] = {
        "code": lambda cell: _code(cell, field_),
        "date": lambda cell: day(cell) or _period(cell, field_) or Fault("E-VALUE-DATE"),
        "year": lambda cell: year(cell) or Fault("E-VALUE-YEAR"),
        "bool": _bool,
        "enum": lambda cell: _enum(cell, str(field_.values)),
        "text": lambda cell: clean(shown(cell)),
    }
    return parsers[field_.type]


def _number(cell: Any, field_: Field, marks: Callable[[], Marks]) -> Any:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return Fault("E-VALUE-NUMBER")
    given = number(cell, unit=field_.unit) if isinstance(cell, str) else float(cell)
    if given is None and field_.unit == "độ":
        read_as = angle(str(cell))
        axis = field_.name if field_.name in {"lon", "lat"} else None
        given = read_as.degrees if read_as is not None and read_as.axis in {None, axis} else None
    read = _settled(str(cell), given, field_, marks) if isinstance(given, tuple) else given
    if isinstance(read, Fault):
        return read
    if read is None or not np.isfinite(read):
        return Fault("E-VALUE-NUMBER")
    if not _low(field_) <= read <= _high(field_) or abs(read) >= 2**53:
        return Fault("E-VALUE-RANGE", {"low": _limit(field_.min), "high": _limit(field_.max)})
    if field_.type == "integer":
        return int(read) if read.is_integer() else Fault("E-VALUE-INTEGER")
    return read


def _settled(
    cell: str, readings: tuple[float, float], field_: Field, marks: Callable[[], Marks]
) -> float | Fault | None:
    """Which of two readings holds: the limits of the field may leave one, the rest of the column tells, else the file.

    A count that nothing else tells about is never a fraction.
    """
    fitting = [reading for reading in readings if _low(field_) <= reading <= _high(field_)]
    if len(fitting) == 1:
        return fitting[0]
    read = number(cell, marks=marks(), unit=field_.unit)
    if not isinstance(read, tuple):
        return read
    if field_.type == "integer":
        return readings[0]
    one, other = (f"{reading:g}" for reading in readings)
    return Fault("E-NUMBER-AMBIGUOUS", {"one": one, "other": other})


def _limit(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def _code(cell: Any, field_: Field) -> Any:
    text = clean(shown(cell)).removeprefix("'")
    if _EXPONENT.fullmatch(text):
        return Fault("E-CODE-EXPONENT")
    if match := _WHOLE.fullmatch(text):
        text = match[1]  # "23521.0": a number column written out as text
    n = field_.digits
    if not (text.isdecimal() and text.isascii()):
        return Fault("E-CODE-DIGITS", {"digits": n or "…"})
    if n is not None and len(text) != n:
        return Fault("E-CODE-ZEROS" if n - 3 < len(text) < n else "E-CODE-DIGITS", {"digits": n})
    return text


def _period(cell: Any, field_: Field) -> Any:
    """The last day of a period, where a date says up to when something holds or was done; a document has a day."""
    return None if field_.name in _DAYS_ONLY else period_end(cell)


def _bool(cell: Any) -> Any:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    text = fold_words(shown(cell))
    if text in words("yes"):
        return True
    if text in words("no"):
        return False
    return Fault("E-VALUE-BOOL")


@cache
def _spellings(id_: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Spelling → code: as folded words, and without spaces and signs."""
    spoken: dict[str, str] = {}
    together: dict[str, str] = {}
    for code, allowed in values(id_).items():
        for word in (code, allowed.vi, allowed.en, *allowed.aliases):
            spoken.setdefault(fold_words(word), code)
            if joined(word):
                together.setdefault(joined(word), code)
    return MappingProxyType(spoken), MappingProxyType(together)


def _enum(cell: Any, id_: str) -> Any:
    spoken, together = _spellings(id_)
    text = str(int(cell)) if isinstance(cell, bool) else clean(shown(cell))
    found = spoken.get(fold_words(text)) or together.get(joined(text))
    if found is not None:
        return found
    if id_ == "tier" and fold_words(text) in words("not_applicable"):
        return NOT_APPLICABLE
    titles = {code: value.vi for code, value in values(id_).items()}
    near = nearest(fold_words(text), spoken)
    known = spoken.get(near)
    hint = {"allowed": ", ".join(titles.values()), "nearest": titles[known] if known else "không có"}
    return Fault("E-VALUE-UNKNOWN", hint)
