"""A large plain text table read column by column: the same table, without a list for each of a million rows.

Plain is: the header in the first line, a line for each row, as many cells in every row as in the header, an id at the
beginning of every row, and quotation marks only around whole cells. Whatever else a file holds is for `csvfile`, which
looks at each row.
"""

import csv
import io
import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ntmgis.intake.headers import Sought
from ntmgis.intake.layout import plain_labels
from ntmgis.intake.legacy_table import is_unicode
from ntmgis.intake.raw import Grid, Place, RawTable, unique_columns

__all__ = ["FROM", "read_plain"]

FROM = 2_000_000  # characters; a smaller text is read as soon row by row
_HEAD = 2001  # lines that show how the table is laid out
_LONGEST = 131_072  # characters of a cell: what the csv module takes
_ID = "^[0-9A-Za-z]{6,}[0-9]$"
_ESCAPES = r"\\u|<U\+|&#"
_FEW = 1000  # different cells from which a column may be one of ids and figures


def read_plain(text: str, sought: Sought, *, mark: str, place: Place) -> RawTable | None:
    """The table in `text` with cells separated by `mark`; None where it is not plain, so that rows must be looked at.

    `text` is Unicode as decoded from UTF-8. What comes out is what `layout.lay_out` makes of the same rows.
    """
    if text.count("\r") != text.count("\r\n") or not _quotes_whole_cells(text, mark):
        return None
    head = list(csv.reader(_lines(text), delimiter=mark))
    made = _columns(text, len(head[0]), mark) if head else None
    if made is None:
        return None
    last = [column[-1].as_py() for column in made]
    labels = plain_labels(Grid(head), last, sought, place=place)
    if labels is None or not is_unicode(_doubtful(head[0], made)):
        return None
    index = pd.Index(np.arange(2, made.num_rows + 2))
    cells = {name: _objects(column) for name, column in zip(unique_columns(list(labels)), made, strict=True)}
    frame = pd.DataFrame(cells, index=index, columns=pd.Index(list(cells), dtype=object), dtype=object)
    return RawTable(place=place, cells=frame, tabular=True)


def _quotes_whole_cells(text: str, mark: str) -> bool:
    """Whether every quotation mark begins or ends a cell that has no others and no line breaks."""
    parts = f"\n{text}\n".split('"')
    outside, inside = parts[::2], parts[1::2]
    return (
        len(outside) > len(inside)
        and all(part.endswith((mark, "\n")) for part in outside[:-1])
        and all(part.startswith((mark, "\n", "\r\n")) for part in outside[1:])
        and not any("\n" in part for part in inside)
    )


def _lines(text: str) -> list[str]:
    """The first lines, whole ones."""
    ends = [match.end() for match, _ in zip(re.finditer("\n", text), range(_HEAD), strict=False)]
    lines = text[: ends[-1] if len(ends) == _HEAD else len(text)].replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _columns(text: str, width: int, mark: str) -> pa.Table | None:
    """All rows but the first as columns of text; None when they differ in width or do not all begin with an id."""
    names = [str(position) for position in range(width)]
    try:
        made = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=arrow_csv.ParseOptions(delimiter=mark, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if not made.num_rows or not pc.all(pc.match_substring_regex(made[0], _ID)).as_py():
        return None
    longest = max(pc.max(pc.utf8_length(column)).as_py() for column in made)
    return made if longest <= _LONGEST else None


def _doubtful(header: list[str], made: pa.Table) -> dict[int, list[str]]:
    """Of each column the header and the different cells that are not plain ASCII, in their order."""
    found = {}
    for position, (label, column) in enumerate(zip(header, made, strict=True)):
        odd = pc.or_(pc.invert(pc.ascii_is_printable(column)), pc.match_substring_regex(column, _ESCAPES))
        found[position] = [label, *pc.unique(column.filter(odd)).to_pylist()]
    return found


def _objects(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """The cells as Python texts, one object for each different one where many are alike."""
    if len(pc.unique(column.slice(0, 2 * _FEW))) > _FEW:
        each: npt.NDArray[np.object_] = column.to_numpy()
        return each
    coded = column.combine_chunks().dictionary_encode()
    different = coded.dictionary.to_numpy(zero_copy_only=False)
    made: npt.NDArray[np.object_] = different[coded.indices.to_numpy()]
    return made
