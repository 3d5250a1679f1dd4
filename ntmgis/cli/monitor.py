"""`progress`, `changes`, `history`: a review in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, argument, day, errors, option, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ntmgis.errors import Problem

__all__ = ["register"]

# Warnings about the reading of files, which change no figure.
_READING = ("W-COLUMN-", "W-LEGACY-", "W-LAYOUT", "W-COVER-")

AsOf = Annotated[str | None, option("--as-of", key="as_of")]
Csv = Annotated[Path | None, option("--csv", key="csv")]
Every = Annotated[bool, option("--all", key="monitor_all")]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("progress")(progress)
    cli.command("changes")(changes)
    cli.command("history")(history)


def progress(
    *,
    as_of: AsOf = None,
    why: Annotated[bool, option("--why", key="monitor_why")] = False,
    every: Every = False,
    csv: Csv = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.cli.monitor_say import say_progress
    from ntmgis.monitor import open_review, plain_rows

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as bar:
        review = open_review(workspace, None if as_of is None else day(as_of), progress=bar)
    told = review.monitoring
    _write(csv, told.targets)
    if talk.as_json:
        talk.emit(
            {
                "as_of": told.as_of.isoformat(),
                "epoch": review.snapshot.epoch.id,
                "sample": review.snapshot.sample,
                "tiers": dict(review.facts.tiers),
                "targets": plain_rows(told.targets),
                "candidates": plain_rows(told.candidates),
                "conditions": plain_rows(told.conditions),
                "standing": plain_rows(told.standing.rename_axis("code").reset_index()),
                "trend": plain_rows(told.trend),
                "notes": [{"id": one.id, "vi": one.vi, "en": one.en} for one in told.notes],
                "problems": [one.as_dict() for one in review.problems],
            }
        )
    else:
        _say_problems(talk, review.problems)
        if not talk.quiet:
            say_progress(talk, review, why=why, every=every)
    _leave(review.problems)


def changes(  # noqa: PLR0913 - one argument for each option
    *,
    since: Annotated[str, option("--since", key="since")],
    as_of: AsOf = None,
    known_then: Annotated[bool, option("--known-then", key="known_then")] = False,
    known_on: Annotated[str | None, option("--known-on", key="known_on")] = None,
    every: Every = False,
    csv: Csv = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.cli.monitor_say import say_changes
    from ntmgis.monitor import open_review, plain_rows

    talk = Talk(as_json, quiet)
    before = day(since)
    known = day(known_on) if known_on is not None else before if known_then else None
    with errors(talk), talk.progress() as bar:
        review = open_review(
            workspace, None if as_of is None else day(as_of), since=before, known_on=known, progress=bar
        )
    told = review.monitoring
    _write(csv, told.changes)
    if talk.as_json:
        talk.emit(
            {
                "as_of": told.as_of.isoformat(),
                "since": before.isoformat(),
                "known_on": None if known is None else known.isoformat(),
                "epoch": review.snapshot.epoch.id,
                "sample": review.snapshot.sample,
                "changes": plain_rows(told.changes),
                "criteria_changes": plain_rows(told.criteria_changes),
                "notes": [{"id": one.id, "vi": one.vi, "en": one.en} for one in told.notes],
                "problems": [one.as_dict() for one in review.problems],
            }
        )
    else:
        _say_problems(talk, review.problems)
        if not talk.quiet:
            say_changes(talk, review, every=every)
    _leave(review.problems)


def history(
    unit: Annotated[str, argument("history_unit")],
    *,
    as_of: AsOf = None,
    every: Every = False,
    csv: Csv = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.cli.monitor_say import say_history
    from ntmgis.monitor import plain_rows
    from ntmgis.unit_history import unit_history

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as bar:
        found = unit_history(workspace, unit, as_of=None if as_of is None else day(as_of), progress=bar)
    _write(csv, found.rows)
    if talk.as_json:
        talk.emit(
            {
                "unit": found.unit.as_dict(),
                "related": [one.as_dict() for one in found.related],
                "rows": plain_rows(found.rows),
                "numbers": plain_rows(found.numbers),
                "problems": [one.as_dict() for one in found.problems],
            }
        )
    else:
        _say_problems(talk, found.problems)
        if not talk.quiet:
            say_history(talk, found, every=every)
    _leave(found.problems)


def _write(path: Path | None, frame: "pd.DataFrame") -> None:
    """The frame as CSV; a list within a cell after commas."""
    if path is None:
        return
    from ntmgis.show.tables.csvfile import write_csv

    lists = {
        name: frame[name].map(lambda value: ", ".join(map(str, value)) if isinstance(value, tuple) else value)
        for name in frame.columns
        if frame[name].dtype == object
    }
    write_csv(frame.assign(**lists), path)


def _say_problems(talk: Talk, problems: "Sequence[Problem]") -> None:
    """Errors and what was left out of the store in full; how files were read is the business of check and build."""
    shown = [one for one in problems if one.severity == "error" or not one.code.startswith(_READING)]
    talk.problems(shown)
    if len(shown) < len(problems) and not talk.quiet:
        talk.err.print(word("monitor_warnings", n=len(problems) - len(shown)), style="dim", markup=False)


def _leave(problems: "Sequence[Problem]") -> None:
    raise typer.Exit(1 if any(one.severity == "error" for one in problems) else 0)
