"""The table of what became of the rows of each source."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from ntmgis.cli.talk import word

if TYPE_CHECKING:
    from ntmgis.take_in import SourceRows

__all__ = ["rows_table"]


def rows_table(rows: "Sequence[SourceRows]") -> Table:
    """Rows in, accepted and quarantined, by source."""
    table = Table(box=None, pad_edge=False)
    for key in ("source", "file"):
        table.add_column(word(key))
    for key in ("rows_in", "accepted", "quarantined"):
        table.add_column(word(key), justify="right")
    for row in rows:
        counts = ("", word("failed"), "") if row.failed else (row.rows_in, row.accepted, row.quarantined)
        table.add_row(row.id, row.file, *map(str, counts))
    return table
