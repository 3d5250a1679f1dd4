"""`households`: the page of exact points, personal data, only when asked for."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, day, errors, option, size, word
from ntmgis.errors import UsageError, problem

__all__ = ["ask_password", "register"]

VARIABLE = "NTMGIS_PASSWORD"


def register(cli: Cli) -> None:
    """Add the command."""
    cli.command("households_page", "households")(households)


def households(
    workspace: Home = Path(),
    *,
    out: Annotated[Path | None, option("--out", key="households_out")] = None,
    password: Annotated[bool, option("--password", key="households_password")] = False,
    folder: Annotated[bool, option("--folder", key="households_folder")] = False,
    purpose: Annotated[str, option("--purpose", key="households_purpose")] = "",
    as_of: Annotated[str | None, option("--as-of", key="households_as_of")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.households import write_households

    talk = Talk(as_json, quiet)
    when = day(as_of) if as_of else None
    with errors(talk):
        secret = ask_password() if password else None
        with talk.progress() as progress:
            made = write_households(
                workspace,
                out=out,
                password=secret,
                folder_mode=folder,
                purpose=purpose,
                as_of=when,
                progress=progress,
            )
    if as_json:
        talk.emit(made.as_dict())
    elif not quiet:
        talk.err.print(word("households_mark"), style="bold red", markup=False)
        talk.line(f"{made.path} ({size(made.bytes)})")


def ask_password() -> str:
    """From NTMGIS_PASSWORD, else typed twice without being shown; UsageError where nobody can type.

    Never from the command line's words: those stand in the history of the shell and in the list of processes.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError(problem("E-HOUSEHOLDS-NO-TERMINAL"))
    return str(
        typer.prompt(word("households_ask"), hide_input=True, confirmation_prompt=word("households_again"), err=True)
    )
