"""`sheet`: one map sheet for the wall."""

from pathlib import Path
from typing import Annotated

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, day, errors, option, size, word

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("sheet")(sheet)


def sheet(  # noqa: PLR0913 - one argument for each option
    *,
    out: Annotated[Path | None, option("-o", "--out", key="sheet_out")] = None,
    theme: Annotated[str | None, option("--theme", key="sheet_theme")] = None,
    paper: Annotated[str, option("--size", key="sheet_size")] = "A3",
    of: Annotated[str | None, option("--of", key="sheet_of")] = None,
    households: Annotated[str | None, option("--households", key="sheet_households")] = None,
    bw: Annotated[bool, option("--bw", key="sheet_bw")] = False,
    as_of: Annotated[str | None, option("--as-of", key="sheet_as_of")] = None,
    since: Annotated[str | None, option("--since", key="sheet_since")] = None,
    made: Annotated[str | None, option("--made", key="sheet_made")] = None,
    dpi: Annotated[float, option("--dpi", key="sheet_dpi")] = 300,
    tiles: Annotated[str | None, option("--tiles", key="sheet_tiles")] = None,
    style: Annotated[Path | None, option("--style", key="sheet_style")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.sheets import make_sheet

    talk = Talk(as_json, quiet)
    with errors(talk):
        done = make_sheet(
            workspace,
            out,
            theme=theme,
            size=paper.upper(),
            of=of,
            bw=bw,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            made=None if made is None else day(made),
            dpi=dpi,
            tiles=None if tiles is None else tiles.upper(),
            style=style,
            households=households,
        )
    if talk.as_json:
        talk.emit(done.as_dict())
    elif not talk.quiet:
        if done.personal:
            talk.err.print(word("households_mark"), style="bold red", markup=False)
        wide, tall = (f"{side:g}" for side in done.size_mm)
        scale = f"{done.denominator:,}".replace(",", ".")
        talk.line(word("sheet_done", path=done.path, scale=scale, wide=wide, tall=tall, size=size(done.bytes)))
        if done.cell_m:
            counts = {key: f"{n:,}".replace(",", ".") for key, n in (("n", done.objects), ("left", done.withheld))}
            talk.line(word("sheet_density", cell=done.cell_m, **counts))
        if done.pages > 1:
            talk.line(word("sheet_tiled", n=done.pages))
