"""`check`, `intake`: look at files before they count, and take changes in row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ntmgis.cli.rows import rows_table
from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, argument, day, errors, option, word
from ntmgis.errors import Problem

if TYPE_CHECKING:
    from ntmgis.intake.findings import Finding

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("check")(check)
    cli.command("intake")(intake)


def check(  # noqa: PLR0913 - one for each option
    file: Annotated[Path | None, argument("check_file")] = None,
    *,
    table: Annotated[str | None, option("--as", key="check_as")] = None,
    epoch: Annotated[str | None, option("--epoch", key="epoch")] = None,
    workspace: Home = Path(),
    xlsx: Annotated[Path | None, option("--xlsx", key="check_xlsx")] = None,
    picture: Annotated[Path | None, option("--map", key="check_map")] = None,
    repair: Annotated[Path | None, option("--repair", key="check_repair")] = None,
    crs: Annotated[str | None, option("--crs", key="check_crs")] = None,
    encoding: Annotated[str | None, option("--encoding", key="check_encoding")] = None,
    layer: Annotated[str | None, option("--layer", key="check_layer")] = None,
    field: Annotated[list[str] | None, option("--field", key="check_field")] = None,
    tolerance: Annotated[float | None, option("--tolerance", key="tolerance", min=0.0)] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.check import check_file, check_workspace

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as progress:
        if file is None:
            result = check_workspace(workspace, progress=progress)
        else:
            result = check_file(
                file,
                table,
                epoch=None if epoch is None else day(epoch),
                workspace=workspace,
                xlsx=xlsx,
                picture=picture,
                repair=repair,
                tolerance_m=tolerance,
                reading={"crs": crs, "encoding": encoding, "layer": layer, "fields": _fields(field or ())},
            )
    if talk.as_json:
        talk.emit(result.as_dict())
    else:
        talk.problems(result.problems)
        if not talk.quiet:
            talk.out.print(rows_table(talk, result.rows))
            _say_counts(talk, result.problems, result.findings)
            for line in result.repair_lines:
                talk.out.print(line, soft_wrap=True, markup=False)
            for path in result.files:
                talk.out.print(str(path), soft_wrap=True, markup=False)
            if not result.problems:
                talk.out.print(word("sound"))
    raise typer.Exit(0 if result.sound else 1)


def _fields(pairs: Sequence[str]) -> dict[str, str]:
    """Field and column of each "name=C_NAMEVI"; wrong use when one is no such pair."""
    parts = [pair.split("=", 1) for pair in pairs]
    if any(len(part) != 2 or not all(part) for part in parts):
        raise typer.BadParameter("--field name=C_NAMEVI")
    return {name.strip(): column.strip() for name, column in parts}


def _say_counts(talk: Talk, problems: Sequence[Problem], findings: "Sequence[Finding]") -> None:
    """How often each rule was broken, with the first example; geometric faults one by one stand in the reports."""
    if not problems:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(word("problem_code"))
    table.add_column(word("count"), justify="right")
    table.add_column(word("first_example"))
    counts = Counter(one.code for one in problems)
    counts.update(Counter(one.code for one in findings) - Counter(counts))
    firsts = {one.code: one for one in reversed(problems)}
    one_file = len({one.file for one in problems}) == 1
    for code in sorted(firsts, key=lambda code: (firsts[code].severity != "error", -counts[code], code)):
        one = firsts[code]
        place = replace(one, file=None).place if one_file else one.place
        table.add_row(code, str(counts[code]), Text(f"{place}: {one.rule}" if place else one.rule))
    talk.out.print()
    talk.out.print(table)


def intake(
    file: Annotated[Path, argument("intake_file")],
    *,
    source: Annotated[str, option("--source", key="intake_source")],
    review: Annotated[Path | None, option("--review", key="review")] = None,
    apply: Annotated[Path | None, option("--apply", key="apply")] = None,
    moved: Annotated[float, option("--moved", key="moved", min=0.0)] = 5.0,
    workspace: Home = Path(),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.review import apply_review, review_file

    talk = Talk(as_json, quiet)
    if (review is None) == (apply is None):
        raise typer.BadParameter(word("review_or_apply"))
    if review is not None:
        with errors(talk):
            found = review_file(workspace, file, source, review, moved_m=moved)
        _say_review(talk, found.as_dict(), found.counts, found.problems)
        raise typer.Exit(1 if found.counts["conflict"] else 0)
    assert apply is not None
    with errors(talk):
        done = apply_review(workspace, file, source, apply)
    _say_review(talk, done.as_dict(), {**done.accepted, "left": done.left}, ())


def _say_review(talk: Talk, told: Mapping[str, object], counts: Mapping[str, int], problems: Sequence[Problem]) -> None:
    if talk.as_json:
        talk.emit(told)
        return
    talk.problems(problems)
    if talk.quiet:
        return
    for kind, count in counts.items():
        talk.out.print(f"{word('change_' + kind)}: {count}", markup=False)
    key = "review_written" if "review" in told else "applied" if told["import"] else "applied_nothing"
    talk.out.print(word(key, **told), soft_wrap=True, markup=False)
