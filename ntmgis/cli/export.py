"""`export`: everything the products show, as plain data."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, day, errors, option, word

__all__ = ["register"]


class Boundaries(StrEnum):
    """On which units the figures are given."""

    OWN = "own"
    NEW = "new"


def register(cli: Cli) -> None:
    """Add the command."""
    cli.command("export")(export)


def export(
    *,
    out: Annotated[Path, option("--out", key="export_out")],
    as_of: Annotated[str | None, option("--as-of", key="export_as_of")] = None,
    since: Annotated[str | None, option("--since", key="export_since")] = None,
    epoch: Annotated[Boundaries, option("--epoch", key="export_epoch")] = Boundaries.OWN,
    excel: Annotated[bool, option("--excel", key="export_excel")] = False,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.export import export as run

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as progress:
        made = run(
            workspace,
            out,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            epoch=epoch.value,
            bom=excel,
            progress=progress,
        )
    if talk.as_json:
        talk.emit(made.as_dict())
    elif not talk.quiet:
        table = talk.table(("export_table",), ("export_rows",))
        for name, count in made.rows.items():
            table.add_row(name, str(count))
        talk.out.print(table, markup=False)
        talk.line(word("export_done", n=len(made.files), path=out))
