"""`match`, `crosswalk`: who is who in a table, and from old units to new ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ntmgis.cli.talk import SHOWN_ROWS, AsJson, Cli, Home, Quiet, Talk, argument, day, errors, option, word

if TYPE_CHECKING:
    from ntmgis.check_match import Matching
    from ntmgis.units.crosswalk import CrosswalkReport

_HOWS = ("code", "exact_name", "folded_name", "alias")

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("match")(match)
    cli.command("crosswalk")(crosswalk)


def match(  # noqa: PLR0913 - one argument for each option
    table: Annotated[Path, argument("match_table")],
    *,
    epoch: Annotated[str, option("--epoch", key="epoch")],
    name_column: Annotated[str | None, option("--name-column", key="name_column")] = None,
    parent_column: Annotated[str | None, option("--parent-column", key="parent_column")] = None,
    code_column: Annotated[str | None, option("--code-column", key="code_column")] = None,
    accept: Annotated[list[str] | None, option("--accept", key="match_accept")] = None,
    accept_file: Annotated[Path | None, option("--accept-file", key="match_accept_file")] = None,
    note: Annotated[str | None, option("--note", key="match_note")] = None,
    xlsx: Annotated[Path | None, option("--xlsx", key="match_xlsx")] = None,
    every: Annotated[bool, option("--all", key="match_all")] = False,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.check_match import match_and_accept

    talk = Talk(as_json, quiet)
    with errors(talk):
        made = match_and_accept(
            table,
            epoch=day(epoch),
            columns={"name": name_column, "parent": parent_column, "code": code_column},
            workspace=workspace,
            decisions=accept or (),
            decision_file=accept_file,
            note=note,
            xlsx=xlsx,
        )
    if talk.as_json:
        talk.emit(made.as_dict())
    else:
        _say_matched(talk, made, every=every)
    raise typer.Exit(0 if made.complete else 1)


def _say_matched(talk: Talk, made: "Matching", *, every: bool) -> None:
    """Summary, then what needs a person with the proposals, then notes on matched rows; the rest with `every`."""
    report = made.report.as_dict()
    counts = report["counts"]
    if not talk.quiet:
        ways = ", ".join(f"{word(f'how_{how}')} {counts[how]}" for how in _HOWS if counts[how])
        summary = word("match_summary", matched=counts["matched"], rows=counts["rows"])
        talk.out.print(f"{summary}: {ways}" if ways else summary, style="bold", soft_wrap=True, markup=False)
    for hint in report["hints"]:
        talk.err.print(hint, style="yellow", markup=False)
    for alias in made.accepted:
        words = word("match_accepted", name=alias.name, code=alias.code, file=made.aliases)
        talk.out.print(words, style="green", soft_wrap=True, markup=False)
    bad = [row for row in report["rows"] if row["status"] != "matched"]
    noted = [row for row in report["rows"] if row["status"] == "matched" and (every or row["reason"])]
    shown = bad[:SHOWN_ROWS] + ([] if talk.quiet else noted if every else noted[:SHOWN_ROWS])
    if shown:
        table = Table(box=None, pad_edge=False)
        for key in ("row", "given", "status", "unit_and_reason"):
            table.add_column(word(key), justify="right" if key == "row" else "left", overflow="fold")
        for row in shown:
            table.add_row(*_match_cells(row), style=None if row["status"] == "matched" else "yellow")
        talk.out.print(table, markup=False)
    left = len(bad) - SHOWN_ROWS
    if left > 0:
        talk.err.print(word("more_json", n=left))
    if bad and not talk.quiet:
        talk.err.print(word("match_next", row=bad[0]["row"]), markup=False)
    if made.xlsx is not None:
        talk.out.print(str(made.xlsx), soft_wrap=True, markup=False)


def _match_cells(row: Mapping[str, Any]) -> tuple[Text, ...]:
    """Plain text: a name in a table is never markup."""
    how = word(f"how_{row['how']}") if row["how"] else word(f"status_{row['status']}")
    given = " / ".join(filter(None, (row["given_code"], row["given_name"], row["given_parent"])))
    unit = " ".join(filter(None, (row["unit_code"], row["unit_name"])))
    near = ", ".join(f"{one['code']} {one['name']} ({one['score']:.0f})" for one in row["candidates"])
    found = "\n".join(filter(None, (unit, row["reason"], near and f"→ {near}")))
    return tuple(map(Text, (str(row["row"]), given, how, found)))


def crosswalk(
    file: Annotated[Path, argument("crosswalk_file")],
    *,
    law: Annotated[Path | None, option("--law", key="crosswalk_law")] = None,
    old: Annotated[str | None, option("--old", key="crosswalk_old")] = None,
    new: Annotated[str | None, option("--new", key="crosswalk_new")] = None,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.check_crosswalk import check_crosswalk

    talk = Talk(as_json, quiet)
    with errors(talk):
        report = check_crosswalk(file, law=law, old=old, new=new, workspace=workspace)
    if talk.as_json:
        talk.emit(report.as_dict())
    else:
        _say_crosswalk(talk, report)
    raise typer.Exit(0 if report.sound else 1)


def _say_crosswalk(talk: Talk, report: "CrosswalkReport") -> None:
    told = report.as_dict()
    talk.problems(report.problems)
    if talk.quiet:
        return
    checks = ", ".join(word(f"crosswalk_check_{check}") for check in told["checks"])
    talk.out.print(word("crosswalk_checked", checks=checks), soft_wrap=True, markup=False)
    talk.out.print(word("crosswalk_summary", **told["counts"]), style="bold", soft_wrap=True, markup=False)
    for row in told["rows"]:
        proposed = word("crosswalk_proposed", code=row["proposed_code"]) if row["proposed_code"] else ""
        line = f"{row['row']}  {row['old_code']} {row['old_name']} → {row['new_code']} {row['new_name']}{proposed}"
        talk.out.print(line, soft_wrap=True, markup=False)
