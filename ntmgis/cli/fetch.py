"""`fetch`: download public boundary sets."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from ntmgis.cli.talk import AsJson, Cli, Quiet, Talk, argument, errors, option, size, word

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("fetch")(fetch)


def fetch(
    name: Annotated[str | None, argument("fetch_name")] = None,
    *,
    out: Annotated[Path, option("--out", key="fetch_out")] = Path("data/boundaries"),
    level: Annotated[int | None, option("--level", key="level")] = None,
    server: Annotated[str | None, option("--server", key="server")] = None,
    update: Annotated[bool, option("--update", key="update")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.intake.fetch import fetch as run
    from ntmgis.intake.fetch import public_sets

    talk = Talk(as_json, quiet)
    if name is None:
        _say_sets(talk, {id_: asdict(one) for id_, one in public_sets().items()})
        return
    with errors(talk):
        made = run(name, out, level=level, server=server, update=update)
    if talk.as_json:
        talk.emit(made.as_dict())
    elif not talk.quiet:
        talk.out.print(f"{made.path} ({size(made.bytes)})\n{word('licence')}: {made.licence}", markup=False)
        talk.out.print(f"\n{word('add_this')}\n\n{made.snippet}", markup=False)


def _say_sets(talk: Talk, sets: Mapping[str, Mapping[str, Any]]) -> None:
    if talk.as_json:
        talk.emit(sets)
        return
    for id_, one in sets.items():
        talk.out.print(f"{id_}: {one['title']}\n  {word('licence')}: {one['licence']}", markup=False)
