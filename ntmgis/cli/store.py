"""`log`, `undo`: what was imported when and by whom, and taking an import back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.text import Text

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, argument, errors, option, word

if TYPE_CHECKING:
    from ntmgis.store.base import Import
    from ntmgis.take_back import Instead, TakenBack

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("log")(log)
    cli.command("undo")(undo)


def log(
    *,
    source: Annotated[str | None, option("--source", key="log_source")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.take_back import import_log, told

    talk = Talk(as_json, quiet)
    with errors(talk):
        made = [one for one in import_log(workspace) if source in {None, one.source_id}]
    if talk.as_json:
        talk.emit({"imports": [told(one) for one in made]})
    elif not made:
        talk.line(word("log_empty"))
    else:
        _say_log(talk, made)


def undo(
    import_id: Annotated[int, argument("undo_import")],
    *,
    back: Annotated[bool, option("--back", key="undo_back")] = False,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.take_back import redo_import, told, undo_import

    talk = Talk(as_json, quiet)
    if back:
        with errors(talk):
            made = redo_import(workspace, import_id)
        if talk.as_json:
            talk.emit({"import": told(made)})
        elif not talk.quiet:
            talk.line(word("redone", old=import_id, new=made.import_id, file=made.file, rows=made.accepted))
        return
    with errors(talk):
        done = undo_import(workspace, import_id)
    if talk.as_json:
        talk.emit(done.as_dict())
    elif not talk.quiet:
        _say_undone(talk, done)


def _say_log(talk: Talk, imports: "Sequence[Import]") -> None:
    from ntmgis.store.base import local_time

    # What came in is what was accepted and what was not: a narrow terminal has room for the two.
    counted = ["accepted", "quarantined"] if talk.narrow else ["rows_in", "accepted", "quarantined"]
    table = talk.table(["import_id", "recorded_at", "source", "data_of"], counted)
    number, at, _, day_of, *_ = table.columns
    number.no_wrap = at.no_wrap = day_of.no_wrap = True
    day_of.header = "\n".join(word("data_of").rsplit(" ", 1))
    for one in imports:
        told = [f"{one.source_id} ({one.recorded_by})" if one.recorded_by else one.source_id, one.file]
        if one.undone_at is not None:
            told.append(f"{word('undone')}: {local_time(one.undone_at)} {one.undone_by or ''}".strip())
        day = "" if one.as_of is None else one.as_of.isoformat()
        cells = (one.import_id, local_time(one.recorded_at), "\n".join(told), day)
        counts = [getattr(one, name) for name in counted]
        style = "dim" if one.undone_at else None
        table.add_row(*(Text(str(cell)) for cell in (*cells, *counts)), style=style)
    talk.out.print(table, markup=False)


def _say_undone(talk: Talk, done: "TakenBack") -> None:
    made = done.made
    talk.line(word("undone_import", id=made.import_id, file=made.file, source=made.source_id), style="bold")
    if done.also:
        talk.line(word("undone_also", ids=", ".join(str(one.import_id) for one in done.also)))
    for one in done.instead:
        talk.line("  " + _change(one))
    if not done.instead:
        talk.line("  " + word("undone_no_rows"))
    talk.line(word("undone_next"))


def _change(one: "Instead") -> str:
    day = word("no_date") if one.day is None else one.day.isoformat()
    if one.replaced is not None:
        return word("undone_was_replaced", day=day, rows=one.rows, id=one.replaced.import_id)
    if one.instead is None:
        return word("undone_nothing", day=day, rows=one.rows)
    other = one.instead
    return word("undone_instead", day=day, rows=one.rows, id=other.import_id, file=other.file)
