"""`review`: the pack for a review meeting."""

from pathlib import Path
from typing import Annotated

import typer

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, day, errors, option, size, word

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the command."""
    cli.command("review_pack", "review")(review)


def review(  # noqa: PLR0913 - one argument for each option
    *,
    as_of: Annotated[str | None, option("--as-of", key="as_of")] = None,
    since: Annotated[str | None, option("--since", key="review_since")] = None,
    known_on: Annotated[str | None, option("--known-on", key="review_known_on")] = None,
    made: Annotated[str | None, option("--made", key="book_made")] = None,
    out: Annotated[Path | None, option("-o", "--out", key="review_out")] = None,
    style: Annotated[Path | None, option("--style", key="sheet_style")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.review_pack import make_review_pack

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as bar:
        done = make_review_pack(
            workspace,
            out,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            known_on=None if known_on is None else day(known_on),
            made=None if made is None else day(made),
            style=style,
            progress=bar,
        )
    if talk.as_json:
        talk.emit(done.as_dict())
    else:
        talk.problems(done.problems)
        if not talk.quiet:
            talk.line(done.headline, style="bold")
            compared = "review_alone" if done.since is None else "review_compared"
            since_day = "" if done.since is None else f"{done.since:%d/%m/%Y}"
            talk.line(word(compared, as_of=f"{done.as_of:%d/%m/%Y}", since=since_day))
            counts = (done.pages, done.slides, done.sheets)
            for path, key, count in zip(
                done.files, ("review_pages", "review_slides", "review_sheets"), counts, strict=True
            ):
                talk.line(f"{path}  {size(path.stat().st_size)}, {word(key, n=count)}")
    raise typer.Exit(1 if any(one.severity == "error" for one in done.problems) else 0)
