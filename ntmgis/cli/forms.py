"""`form`, `form-back`: the forms of the communes, out and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ntmgis.cli.talk import SHOWN_ROWS, AsJson, Cli, Home, Quiet, Talk, argument, day, errors, option, say_files, word

if TYPE_CHECKING:
    from ntmgis.forms import Returned, TakenBack

__all__ = ["register"]

_KINDS = ("new", "changed", "conflict", "same", "invalid", "gone")


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("form")(form)
    cli.command("form_back", name="form-back")(form_back)


def form(
    unit: Annotated[str | None, argument("form_unit")] = None,
    *,
    out: Annotated[Path, option("--out", key="form_out")],
    every: Annotated[bool, option("--all", key="form_all")] = False,
    period: Annotated[str | None, option("--period", key="form_period")] = None,
    criteria: Annotated[str | None, option("--set", key="form_set")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.forms import write_forms

    talk = Talk(as_json, quiet)
    if (unit is None) != every:
        raise typer.BadParameter(word("form_which"))
    with errors(talk), talk.progress() as progress:
        as_of = None if period is None else day(period)
        made = write_forms(workspace, out, unit=unit, as_of=as_of, criteria=criteria, progress=progress)
    if talk.as_json or len(made) <= 3:
        say_files(talk, made)
    elif not talk.quiet:
        talk.line(word("form_done", n=len(made), path=out))


def form_back(
    files: Annotated[list[Path], argument("form_files")],
    *,
    review: Annotated[Path | None, option("--review", key="form_review")] = None,
    apply: Annotated[Path | None, option("--apply", key="form_apply")] = None,
    accept: Annotated[bool, option("--accept", key="form_accept")] = False,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.forms import accept_forms, compare_forms

    talk = Talk(as_json, quiet)
    if sum((review is not None, apply is not None, accept)) > 1:
        raise typer.BadParameter(word("form_one_of"))
    if apply is not None or accept:
        with errors(talk):
            done = accept_forms(workspace, files, review=apply)
        _say_taken(talk, done)
        raise typer.Exit(0 if done.sound else 1)
    with errors(talk):
        found = compare_forms(workspace, files, review=review)
    _say_compared(talk, found)
    raise typer.Exit(0 if found.sound else 1)


def _say_compared(talk: Talk, found: "Returned") -> None:
    if talk.as_json:
        talk.emit(found.as_dict())
        return
    talk.problems(found.problems, more=None if found.review is None else str(found.review))
    if talk.quiet:
        return
    shown = [(one, one.counts()) for one in found.forms[:SHOWN_ROWS]]
    kinds = [kind for kind in _KINDS if any(counts[kind] for _, counts in shown)]
    table = talk.table(
        ("file",) if talk.narrow else ("file", "form_commune"), ("form_rows", *(f"form_{kind}" for kind in kinds))
    )
    for one, counts in shown:
        names = (one.form.file, f"{one.form.facts.code} {one.form.facts.name}")
        numbers = (str(counts[kind] or "") for kind in kinds)
        table.add_row(*map(Text, ("\n".join(names),) if talk.narrow else names), str(one.rows), *numbers)
    if shown:
        talk.out.print(table, markup=False)
    if len(found.forms) > SHOWN_ROWS:
        talk.line(word("form_more", n=len(found.forms) - SHOWN_ROWS))
    if found.refused:
        talk.line(word("form_refused", n=len(found.refused)), style="red")
    talk.line(word("form_next", path=found.review) if found.review else word("form_next_review"))


def _say_taken(talk: Talk, done: "TakenBack") -> None:
    if talk.as_json:
        talk.emit(done.as_dict())
        return
    talk.problems(done.problems)
    if not talk.quiet:
        count = sum(done.accepted.values())
        talk.line(word("form_taken", forms=len(done.forms), n=count, left=done.left))
        for source, number in done.imports.items():
            talk.line(word("form_import", source=source, n=number))
