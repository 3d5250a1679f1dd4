"""`book` and `commune`: one page for each commune, in one file or alone."""

from pathlib import Path
from typing import Annotated

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, argument, day, errors, option, size, word

__all__ = ["register"]

Out = Annotated[Path | None, option("-o", "--out", key="book_out")]
AsOf = Annotated[str | None, option("--as-of", key="book_as_of")]
Since = Annotated[str | None, option("--since", key="book_since")]
Made = Annotated[str | None, option("--made", key="book_made")]
Grey = Annotated[bool, option("--bw", key="sheet_bw")]
Style = Annotated[Path | None, option("--style", key="sheet_style")]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("book")(book)
    cli.command("commune")(commune)


def book(  # noqa: PLR0913 - one argument for each option
    *,
    out: Out = None,
    as_of: AsOf = None,
    since: Since = None,
    made: Made = None,
    bw: Grey = False,
    style: Style = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.book import make_book

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as progress:
        done = make_book(
            workspace,
            out,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            made=None if made is None else day(made),
            bw=bw,
            style=style,
            progress=progress,
        )
    if talk.as_json:
        talk.emit(done.as_dict())
        return
    talk.problems(done.problems)
    if not talk.quiet:
        talk.line(word("book_done", path=done.path, pages=done.pages, communes=done.communes, size=size(done.bytes)))
        if done.villages_left_out:
            talk.line(word("book_left_out", n=done.villages_left_out))


def commune(  # noqa: PLR0913 - one argument for each option
    unit: Annotated[str, argument("commune_unit")],
    *,
    out: Annotated[Path | None, option("-o", "--out", key="commune_out")] = None,
    as_of: AsOf = None,
    since: Since = None,
    made: Made = None,
    bw: Grey = False,
    dpi: Annotated[float, option("--dpi", key="sheet_dpi")] = 300,
    style: Style = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.book import make_commune_sheet

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as progress:
        done = make_commune_sheet(
            workspace,
            unit,
            out,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            made=None if made is None else day(made),
            bw=bw,
            dpi=dpi,
            style=style,
            progress=progress,
        )
    if talk.as_json:
        talk.emit(done.as_dict())
    elif not talk.quiet:
        scale = f"{done.denominator:,}".replace(",", ".")
        told = word("commune_done", path=done.path, unit=done.unit, scale=scale, size=size(done.bytes))
        talk.line(told)
