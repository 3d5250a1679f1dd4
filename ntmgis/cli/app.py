"""All commands put together, and the run of one of them."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer import rich_utils

from ntmgis import __version__
from ntmgis.cli import (
    book,
    build,
    check,
    database,
    export,
    fetch,
    forms,
    households,
    match,
    monitor,
    paper,
    plan,
    review,
    store,
)
from ntmgis.cli.faults import run
from ntmgis.cli.talk import LANGUAGES, Cli, Group, language, option, translate, word

__all__ = ["make_command", "start"]

# In the order of the help.
GROUPS = (build, monitor, review, check, match, plan, store, fetch, forms, database, export, households, paper, book)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if wanted:
        sys.stdout.write(f"ntmgis {__version__}\n")
        raise typer.Exit


def _top(
    *,
    version: Annotated[bool, option("--version", key="version", is_eager=True, callback=_say_version)] = False,
    lang: Annotated[str, option("--lang", key="lang")] = "vi",
) -> None:
    """Options of every command; the language is read before, because the help is written in it."""


def make_command(lang: str) -> Any:
    """The whole command line as a click command, with its help in `lang` ("vi" or "en")."""
    language.set(lang)
    rich_utils.REQUIRED_LONG_STRING = word("required")  # the one word of the help that typer takes from nowhere else
    app = typer.Typer(
        name="ntmgis",
        cls=Group,
        help="app",
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    app.callback()(_top)
    cli = Cli(app)
    for group in GROUPS:
        group.register(cli)
    command = typer.main.get_command(app)
    translate(command)
    return command


def _language(words: Sequence[str]) -> str:
    """From `--lang X` or `--lang=X`, else NTMGIS_LANG, else Vietnamese."""
    for said, following in zip(words, (*words[1:], ""), strict=False):
        if said == "--lang":
            return following
        if said.startswith("--lang="):
            return said.removeprefix("--lang=")
    return os.environ.get("NTMGIS_LANG", "vi")


def start() -> None:
    """Run the command that the words of this process name; leaves by SystemExit."""
    lang = _language(sys.argv[1:])
    if lang not in LANGUAGES:
        sys.stderr.write(f"--lang / NTMGIS_LANG: {lang!r} → vi, en\n")
        raise SystemExit(2)
    raise SystemExit(run(make_command(lang), sys.argv[1:]))
