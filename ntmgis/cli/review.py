"""`review`: the pack for a review meeting."""

from pathlib import Path
from typing import Annotated

import typer

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, day, errors, option, size, word

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the command."""
    cli.command("review_pack", "review")(review)


def review(
    *,
    as_of: Annotated[str | None, option("--as-of", key="as_of")] = None,
    since: Annotated[str | None, option("--since", key="review_since")] = None,
    known_on: Annotated[str | None, option("--known-on", key="review_known_on")] = None,
    out: Annotated[Path | None, option("--out", key="review_out")] = None,
    style: Annotated[Path | None, option("--style", key="sheet_style")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.review_pack import make_review_pack

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as bar:
        made = make_review_pack(
            workspace,
            out,
            as_of=None if as_of is None else day(as_of),
            since=None if since is None else day(since),
            known_on=None if known_on is None else day(known_on),
            style=style,
            progress=bar,
        )
    if talk.as_json:
        talk.emit(made.as_dict())
    else:
        talk.problems(made.problems)
        if not talk.quiet:
            talk.line(made.headline, style="bold")
            compared = "review_alone" if made.since is None else "review_compared"
            since_day = "" if made.since is None else f"{made.since:%d/%m/%Y}"
            talk.line(word(compared, as_of=f"{made.as_of:%d/%m/%Y}", since=since_day))
            counts = (made.pages, made.slides, made.sheets)
            for path, key, count in zip(
                made.files, ("review_pages", "review_slides", "review_sheets"), counts, strict=True
            ):
                talk.line(f"{path}  {size(path.stat().st_size)}, {word(key, n=count)}")
    raise typer.Exit(1 if any(one.severity == "error" for one in made.problems) else 0)
