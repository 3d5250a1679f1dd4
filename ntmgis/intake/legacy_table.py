"""Old encodings in a table as read: each text column examined, decoded when clear, and the user told either way."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, TypeVar

import pandas as pd

from ntmgis.errors import Problem
from ntmgis.intake.legacy import BYTE_ENCODINGS, as_bytes_read, decode, is_plain, title
from ntmgis.intake.legacy_detect import Detection, decode_values, detect, left_over
from ntmgis.intake.raw import Grid, Place, RawTable, unique_columns
from ntmgis.intake.text import listed

__all__ = ["decode_grid", "decode_table", "encoding_warnings", "is_unicode", "settles_bytes"]

_HEADERS = "(tên các cột)"

_Key = TypeVar("_Key", bound=Hashable)


def decode_grid(grid: Grid, *, stated: str | None = None) -> Grid:
    """`grid` with the columns that are in an old encoding decoded, titles and headers included.

    `stated`: the encoding (of BYTE_ENCODINGS) that the user names; then every text is decoded and nothing is judged.
    What was found for which column is in `encodings` of the grid, for `encoding_warnings`.
    """
    columns = dict(enumerate(zip_longest(*grid.rows)))
    if stated is not None:
        changed: dict[int, Mapping[str, str]] = {c: _stated(values, stated) for c, values in columns.items()}
        return replace(grid, rows=_rows(grid.rows, changed))
    found = _detections(columns)
    changed = {column: decode_values(columns[column], one) for column, one in found.items() if one.encoding}
    encodings = []
    for column, one in found.items():
        left = left_over(columns[column], one, changed.get(column, {}))
        if one.encoding or one.unclear:
            encodings.append((column, one, tuple(left)))
    return replace(grid, rows=_rows(grid.rows, changed), encodings=tuple(encodings))


def is_unicode(columns: Mapping[int, Sequence[Any]]) -> bool:
    """Whether no column is in an old encoding, nor looks as if it might be."""
    return not any(one.encoding or one.unclear for one in _detections(columns).values())


def _rows(rows: list[list[Any]], changed: Mapping[int, Mapping[str, str]]) -> list[list[Any]]:
    touched = [(column, texts) for column, texts in changed.items() if texts]
    if not touched:
        return rows
    made = [list(row) for row in rows]
    for column, texts in touched:
        for row in made:
            if column < len(row) and type(row[column]) is str:
                row[column] = texts.get(row[column], row[column])
    return made


def encoding_warnings(grid: Grid, labels: Sequence[str | None], place: Place) -> list[Problem]:
    """What to tell about the encodings of a sheet or text file; `labels`: the headers by column."""
    names = unique_columns(list(labels), grid.first_column)
    told = []
    for column, one, left in grid.encodings:
        told += _told(names[column] if column < len(names) else None, one, left, place)
    return told


def settles_bytes(found: Sequence[Detection]) -> bool:
    """Whether bytes that are not UTF-8 are accounted for: some column is in a byte encoding, none in broken UTF-8."""
    seen = {encoding for one in found for encoding in (one.encoding, *one.others)}
    return bool(seen & set(BYTE_ENCODINGS)) and "utf8" not in seen


def decode_table(raw: RawTable, *, stated: str | None = None) -> RawTable:
    """`raw` with the text columns that are in an old encoding decoded, headers too, and a warning for each.

    `stated` as for `decode_grid`. Otherwise a column is decoded only when one reading is clear; where something looks
    old but nothing is clear, a warning names the candidates. The error that the bytes of the file are not UTF-8 goes
    once they are accounted for, see `settles_bytes`.
    """
    columns = {str(name): raw.cells[name].tolist() for name in raw.cells.columns if raw.cells[name].dtype == object}
    names = [str(name) for name in raw.cells.columns]
    if stated is not None:
        changes: dict[str, Mapping[str, str]] = {name: _stated(values, stated) for name, values in columns.items()}
        frame = _replaced(raw.cells, changes)
        return replace(raw, cells=_named(frame, [_stated([name], stated).get(name, name) for name in names]))
    found = _detections(columns)
    changes = {name: decode_values(columns[name], one) for name, one in found.items() if one.encoding}
    told = [
        problem
        for name, one in found.items()
        for problem in _told(name, one, left_over(columns[name], one, changes.get(name, {})), raw.place)
    ]
    header = detect(names, expected=_usual(found))
    titles = decode_values(names, header)
    told += _told(_HEADERS, header, (), raw.place)
    frame = _named(_replaced(raw.cells, changes), [titles.get(name, name) for name in names])
    errors = raw.errors
    if settles_bytes([*found.values()]):
        errors = tuple(error for error in errors if error.code != "E-FILE-ENCODING")
    return replace(raw, cells=frame, warnings=(*raw.warnings, *told), errors=errors)


def _detections(columns: Mapping[_Key, Sequence[Any]]) -> dict[_Key, Detection]:
    """Each column by itself, then those that could not be told, in the light of the others."""
    found = {name: detect(values) for name, values in columns.items()}
    open_ = [name for name, one in found.items() if one.encoding is None and one.suspects]
    if not open_:
        return found
    usual = _usual(found)
    if usual is None and not any(one.encoding for one in found.values()):
        together = detect([value for name in open_ for value in columns[name]])
        usual = None if together.mixed or together.others else together.encoding
    if usual is not None:
        for name in open_:
            found[name] = detect(columns[name], expected=usual)
    return found


def _usual(found: Mapping[_Key, Detection]) -> str | None:
    """The one byte encoding of the columns that were clear; None when there is none, or several."""
    seen = Counter(one.encoding for one in found.values() if one.encoding in BYTE_ENCODINGS)
    return next(iter(seen)) if len(seen) == 1 else None


def _stated(values: Sequence[Any], encoding: str) -> dict[str, str]:
    texts = dict.fromkeys(v for v in values if type(v) is str and not is_plain(v))
    return {text: decode(text, encoding) for text in texts if as_bytes_read(text) is not None}


def _replaced(frame: pd.DataFrame, changes: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    cells = {
        name: pd.Series(
            [texts.get(v, v) if type(v) is str else v for v in frame[name].tolist()], index=frame.index, dtype=object
        )
        for name, texts in changes.items()
        if texts
    }
    return frame.assign(**cells) if cells else frame


def _named(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    if names == list(frame.columns):
        return frame
    return frame.set_axis(pd.Index(unique_columns(names), dtype=object), axis=1)


def _titles(found: Detection) -> str:
    return listed(title(encoding) for encoding in (found.encoding, *found.others) if encoding is not None)


def _told(name: str | None, found: Detection, left: Sequence[str], place: Place) -> list[Problem]:
    if found.unclear:
        ways = listed(f"{title(one.encoding)}: “{one.before}” → “{one.after}”" for one in found.candidates)
        words: dict[str, Any] = {"count": found.suspects, "ways": ways}
        return [place.problem("W-LEGACY-UNCLEAR", severity="warning", column=name, **words)]
    if found.encoding is None:
        return []
    encodings = _titles(found)
    words = {"score": f"{found.score:.0%}", "before": found.before, "after": found.after, "encodings": encodings}
    told = [place.problem("W-LEGACY-DECODED", severity="warning", column=name, **words)]
    if left:
        words = {"count": len(left), "encodings": encodings}
        told.append(place.problem("W-LEGACY-LEFT", severity="warning", column=name, value=left[0], **words))
    return told
