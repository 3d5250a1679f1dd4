"""The table of what became of the rows of each source."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ntmgis.cli.talk import Talk, word

if TYPE_CHECKING:
    from ntmgis.take_in import SourceRows

__all__ = ["rows_table"]


def rows_table(talk: Talk, rows: "Sequence[SourceRows]") -> Table:
    """Rows in, accepted and quarantined, by source."""
    table = talk.table(("source", "file"), ("rows_in", "accepted", "quarantined"))
    for row in rows:
        counts = ("", word("failed"), "") if row.failed else (row.rows_in, row.accepted, row.quarantined)
        table.add_row(*(Text(str(cell)) for cell in (row.id, row.file, *counts)))
    return table
