"""`copy-store`, `grant-read`: a store moved between a file and a database, and people who may only look."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from ntmgis.cli.talk import AsJson, Cli, Quiet, Talk, argument, errors, option, word

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("copy_store", "copy-store")(copy_store)
    cli.command("grant_read", "grant-read")(grant_read)


def copy_store(
    source: Annotated[str, argument("copy_from")],
    target: Annotated[str, argument("copy_to")],
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.errors import UsageError, no_file
    from ntmgis.store.copy import copy_store as run
    from ntmgis.store.open import is_url, open_store

    talk = Talk(as_json, quiet)
    with errors(talk):
        if not is_url(source) and not Path(source).is_file():
            raise UsageError(no_file(source))
        with talk.progress() as progress:
            made = run(open_store(source), open_store(target), progress=progress)
    if talk.as_json:
        talk.emit(asdict(made))
    elif not talk.quiet:
        talk.line(word("copied", imports=made.imports, rows=made.rows, already=made.already))


def grant_read(
    url: Annotated[str, argument("grant_url")],
    role: Annotated[str, argument("grant_role")],
    *,
    personal: Annotated[bool, option("--personal", key="grant_personal")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.store.postgis_roles import grant_read as run

    talk = Talk(as_json, quiet)
    with errors(talk):
        made = run(url, role, with_personal=personal)
    if talk.as_json:
        talk.emit(asdict(made))
    elif not talk.quiet:
        talk.line(word("granted", role=made.role, count=len(made.tables)))
        if made.created:
            talk.line(word("granted_new", role=made.role))
