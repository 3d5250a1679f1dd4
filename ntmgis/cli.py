"""The command line: reads the words, calls one public function, prints what it returns.

Data go to stdout, talk to stderr. Exit codes: 0 fine, 1 problems in the data, 2 wrong use.
"""

import json
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ntmgis import __version__
from ntmgis.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from ntmgis.build import BuildResult
    from ntmgis.check_match import Matching
    from ntmgis.intake.findings import Finding
    from ntmgis.take_in import SourceRows
    from ntmgis.units.crosswalk import CrosswalkReport

__all__ = ["main", "make_app"]

LANGUAGES = ("vi", "en")
SHOWN_PROBLEMS = 20
SHOWN_ROWS = 40
_HOWS = ("code", "exact_name", "folded_name", "alias")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("ntmgis") / "cli_words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _Talk:
    """Where a command speaks, in which language, and how much."""

    lang: str
    as_json: bool = False
    quiet: bool = False

    def words(self, key: str, **parts: object) -> str:
        return _words()[key][self.lang].format(**parts)

    @property
    def out(self) -> Console:
        return Console(highlight=False, soft_wrap=False)

    @property
    def err(self) -> Console:
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def emit(self, value: Mapping[str, object]) -> None:
        """The machine-readable result."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def problems(self, problems: Sequence[Problem], *, more: str | None = None) -> None:
        """Problems in words, errors first; a long list is cut and says where the rest stands."""
        ordered = sorted(problems, key=lambda one: one.severity != "error")
        for one in ordered[:SHOWN_PROBLEMS]:
            style = "red" if one.severity == "error" else "yellow"
            self.err.print(str(one), style=style, markup=False)
        left = len(ordered) - SHOWN_PROBLEMS
        if left > 0:
            self.err.print(self.words("more", n=left, file=more) if more else self.words("more_json", n=left))

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int], None]]:
        """A bar on stderr, only on a terminal."""
        if self.quiet or self.as_json or not self.err.is_terminal:
            yield lambda _title, _done, _total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.err, transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda title, done, total: bar.update(task, description=title, completed=done, total=total or None)


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count / 1000:.0f} kB"


def _rows_table(talk: _Talk, rows: "Sequence[SourceRows]") -> Table:
    table = Table(box=None, pad_edge=False)
    for key in ("source", "file"):
        table.add_column(talk.words(key))
    for key in ("rows_in", "accepted", "quarantined"):
        table.add_column(talk.words(key), justify="right")
    for row in rows:
        counts = ("", talk.words("failed"), "") if row.failed else (row.rows_in, row.accepted, row.quarantined)
        table.add_row(row.id, row.file, *map(str, counts))
    return table


def _say_built(talk: _Talk, result: "BuildResult") -> None:
    if talk.as_json:
        talk.emit(result.as_dict())
        return
    names = {product.path.name: product.path for product in result.products}
    talk.problems(result.problems, more=str(names["quarantine.xlsx"]) if "quarantine.xlsx" in names else None)
    if talk.quiet:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(talk.words("product"))
    table.add_column(talk.words("file"))
    table.add_column(talk.words("size"), justify="right")
    table.add_column(talk.words("seconds"), justify="right")
    for product in result.products:
        table.add_row(product.name, product.path.name, _size(product.bytes), f"{product.seconds:.1f}")
    if not result.unchanged:
        talk.out.print(_rows_table(talk, result.rows))
        talk.out.print()
    talk.out.print(table)
    talk.out.print()
    done = "unchanged" if result.unchanged else "done"
    talk.out.print(talk.words(done, path=names["index.html"]), soft_wrap=True, markup=False)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no time zone
    except ValueError as error:
        raise typer.BadParameter("2025-06-30") from error


def make_app(lang: str) -> typer.Typer:  # noqa: C901, PLR0915 - one flat list of commands
    """The whole command line with its help in `lang` ("vi" or "en")."""
    words = _Talk(lang).words
    panel = words("options")

    def option(*names: str, key: str, **more: Any) -> Any:
        return typer.Option(*names, help=words(key), rich_help_panel=panel, show_default=False, **more)

    workspace = Annotated[Path, option("-w", "--workspace", key="workspace")]
    as_json = Annotated[bool, option("--json", key="json")]
    quiet = Annotated[bool, option("-q", "--quiet", key="quiet")]

    settings = {"help_option_names": ["-h", "--help"]}
    app = typer.Typer(
        name="ntmgis",
        help=words("app"),
        no_args_is_help=True,
        add_completion=False,
        context_settings=settings,
        pretty_exceptions_enable=False,
    )

    def command(key: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        return app.command(key, help=words(key), rich_help_panel=words("commands"))

    def say_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
        if wanted:
            sys.stdout.write(f"ntmgis {__version__}\n")
            raise typer.Exit

    @app.callback()
    def top(
        *,
        version: Annotated[bool, option("--version", key="version", is_eager=True, callback=say_version)] = False,
        lang: Annotated[str, option("--lang", key="lang")] = lang,
    ) -> None:
        pass

    @command("build")
    def build(
        workspace: workspace = Path(),
        *,
        as_json: as_json = False,
        quiet: quiet = False,
        force: Annotated[bool, option("--force", key="force")] = False,
    ) -> None:
        from ntmgis.build import build as run

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk), talk.progress() as progress:
            result = run(workspace, progress=progress, force=force)
        _say_built(talk, result)
        raise typer.Exit(0 if result.sound else 1)

    @command("check")
    def check(  # noqa: PLR0913 - one for each option
        file: Annotated[Path | None, typer.Argument(help=words("check_file"), show_default=False)] = None,
        *,
        table: Annotated[str | None, option("--as", key="check_as")] = None,
        epoch: Annotated[str | None, option("--epoch", key="epoch")] = None,
        workspace: workspace = Path(),
        xlsx: Annotated[Path | None, option("--xlsx", key="check_xlsx")] = None,
        picture: Annotated[Path | None, option("--map", key="check_map")] = None,
        repair: Annotated[Path | None, option("--repair", key="check_repair")] = None,
        tolerance: Annotated[float | None, option("--tolerance", key="tolerance", min=0.0)] = None,
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.check import check_file, check_workspace

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk), talk.progress() as progress:
            if file is None:
                result = check_workspace(workspace, progress=progress)
            else:
                day = None if epoch is None else _day(epoch)
                result = check_file(
                    file,
                    table,
                    epoch=day,
                    workspace=workspace,
                    xlsx=xlsx,
                    picture=picture,
                    repair=repair,
                    tolerance_m=tolerance,
                )
        if talk.as_json:
            talk.emit(result.as_dict())
        else:
            talk.problems(result.problems)
            if not talk.quiet:
                talk.out.print(_rows_table(talk, result.rows))
                _say_counts(talk, result.problems, result.findings)
                for line in result.repair_lines:
                    talk.out.print(line, soft_wrap=True, markup=False)
                for path in result.files:
                    talk.out.print(str(path), soft_wrap=True, markup=False)
                if not result.problems:
                    talk.out.print(talk.words("sound"))
        raise typer.Exit(0 if result.sound else 1)

    @command("intake")
    def intake(
        file: Annotated[Path, typer.Argument(help=words("intake_file"), show_default=False)],
        *,
        source: Annotated[str, option("--source", key="intake_source")],
        review: Annotated[Path | None, option("--review", key="review")] = None,
        apply: Annotated[Path | None, option("--apply", key="apply")] = None,
        moved: Annotated[float, option("--moved", key="moved", min=0.0)] = 5.0,
        workspace: workspace = Path(),
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.review import apply_review, review_file

        talk = _Talk(lang, as_json, quiet)
        if (review is None) == (apply is None):
            raise typer.BadParameter(talk.words("review_or_apply"))
        if review is not None:
            with _errors(talk):
                found = review_file(workspace, file, source, review, moved_m=moved)
            _say_review(talk, found.as_dict(), found.counts, found.problems)
            raise typer.Exit(1 if found.counts["conflict"] else 0)
        assert apply is not None
        with _errors(talk):
            done = apply_review(workspace, file, source, apply)
        _say_review(talk, done.as_dict(), {**done.accepted, "left": done.left}, ())

    @command("match")
    def match(  # noqa: PLR0913 - one argument for each option
        table: Annotated[Path, typer.Argument(help=words("match_table"), show_default=False)],
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
        workspace: workspace = Path(),
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.check_match import match_and_accept

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk):
            made = match_and_accept(
                table,
                epoch=_day(epoch),
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

    @command("crosswalk")
    def crosswalk(
        file: Annotated[Path, typer.Argument(help=words("crosswalk_file"), show_default=False)],
        *,
        law: Annotated[Path | None, option("--law", key="crosswalk_law")] = None,
        old: Annotated[str | None, option("--old", key="crosswalk_old")] = None,
        new: Annotated[str | None, option("--new", key="crosswalk_new")] = None,
        workspace: workspace = Path(),
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.check_crosswalk import check_crosswalk

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk):
            report = check_crosswalk(file, law=law, old=old, new=new, workspace=workspace)
        if talk.as_json:
            talk.emit(report.as_dict())
        else:
            _say_crosswalk(talk, report)
        raise typer.Exit(0 if report.sound else 1)

    @command("fetch")
    def fetch(
        name: Annotated[str | None, typer.Argument(help=words("fetch_name"), show_default=False)] = None,
        *,
        out: Annotated[Path, option("--out", key="fetch_out")] = Path("data/boundaries"),
        level: Annotated[int | None, option("--level", key="level")] = None,
        server: Annotated[str | None, option("--server", key="server")] = None,
        update: Annotated[bool, option("--update", key="update")] = False,
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.intake.fetch import fetch as run
        from ntmgis.intake.fetch import public_sets

        talk = _Talk(lang, as_json, quiet)
        if name is None:
            _say_sets(talk, {id_: asdict(one) for id_, one in public_sets().items()})
            return
        with _errors(talk):
            made = run(name, out, level=level, server=server, update=update)
        if talk.as_json:
            talk.emit(made.as_dict())
        elif not talk.quiet:
            talk.out.print(f"{made.path} ({_size(made.bytes)})\n{words('licence')}: {made.licence}", markup=False)
            talk.out.print(f"\n{words('add_this')}\n\n{made.snippet}", markup=False)

    @command("sample")
    def sample(
        *,
        out: Annotated[Path, option("--out", key="out")],
        seed: Annotated[int, option("--seed", key="seed")] = 305,
        households: Annotated[int | None, option("--households", key="households", min=0)] = None,
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.sample.make import make_sample

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk), talk.progress() as progress:
            made = make_sample(out, seed=seed, households=households, progress=lambda step: progress(step, 0, 0))
        _say_files(talk, made)

    @command("init")
    def init(
        folder: Annotated[Path, typer.Argument(help=words("init_folder"), show_default=False)],
        *,
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.new_workspace import init_workspace

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk):
            made = init_workspace(folder)
        _say_files(talk, made)

    return app


def _say_sets(talk: _Talk, sets: Mapping[str, Mapping[str, Any]]) -> None:
    if talk.as_json:
        talk.emit(sets)
        return
    for id_, one in sets.items():
        talk.out.print(f"{id_}: {one['title']}\n  {talk.words('licence')}: {one['licence']}", markup=False)


def _say_files(talk: _Talk, made: Sequence[Path]) -> None:
    if talk.as_json:
        talk.emit({"files": [{"path": str(path), "bytes": path.stat().st_size} for path in made]})
    elif not talk.quiet:
        for path in made:
            talk.out.print(str(path), soft_wrap=True, markup=False)


def _say_review(
    talk: _Talk, told: Mapping[str, object], counts: Mapping[str, int], problems: Sequence[Problem]
) -> None:
    if talk.as_json:
        talk.emit(told)
        return
    talk.problems(problems)
    if talk.quiet:
        return
    for kind, count in counts.items():
        talk.out.print(f"{talk.words('change_' + kind)}: {count}", markup=False)
    key = "review_written" if "review" in told else "applied" if told["import"] else "applied_nothing"
    talk.out.print(talk.words(key, **told), soft_wrap=True, markup=False)


def _say_counts(talk: _Talk, problems: Sequence[Problem], findings: "Sequence[Finding]") -> None:
    """How often each rule was broken, with the first example; geometric faults one by one stand in the reports."""
    if not problems:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(talk.words("problem_code"))
    table.add_column(talk.words("count"), justify="right")
    table.add_column(talk.words("first_example"))
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


def _say_matched(talk: _Talk, made: "Matching", *, every: bool) -> None:
    """Summary, then what needs a person with the proposals, then notes on matched rows; the rest with `every`."""
    report = made.report.as_dict()
    counts = report["counts"]
    if not talk.quiet:
        ways = ", ".join(f"{talk.words(f'how_{how}')} {counts[how]}" for how in _HOWS if counts[how])
        summary = talk.words("match_summary", matched=counts["matched"], rows=counts["rows"])
        talk.out.print(f"{summary}: {ways}" if ways else summary, style="bold", soft_wrap=True, markup=False)
    for hint in report["hints"]:
        talk.err.print(hint, style="yellow", markup=False)
    for alias in made.accepted:
        words = talk.words("match_accepted", name=alias.name, code=alias.code, file=made.aliases)
        talk.out.print(words, style="green", soft_wrap=True, markup=False)
    bad = [row for row in report["rows"] if row["status"] != "matched"]
    noted = [row for row in report["rows"] if row["status"] == "matched" and (every or row["reason"])]
    shown = bad[:SHOWN_ROWS] + ([] if talk.quiet else noted if every else noted[:SHOWN_ROWS])
    if shown:
        table = Table(box=None, pad_edge=False)
        for key in ("row", "given", "status", "unit_and_reason"):
            table.add_column(talk.words(key), justify="right" if key == "row" else "left", overflow="fold")
        for row in shown:
            table.add_row(*_match_cells(talk, row), style=None if row["status"] == "matched" else "yellow")
        talk.out.print(table, markup=False)
    left = len(bad) - SHOWN_ROWS
    if left > 0:
        talk.err.print(talk.words("more_json", n=left))
    if bad and not talk.quiet:
        talk.err.print(talk.words("match_next", row=bad[0]["row"]), markup=False)
    if made.xlsx is not None:
        talk.out.print(str(made.xlsx), soft_wrap=True, markup=False)


def _match_cells(talk: _Talk, row: Mapping[str, Any]) -> tuple[Text, ...]:
    """Plain text: a name in a table is never markup."""
    how = talk.words(f"how_{row['how']}") if row["how"] else talk.words(f"status_{row['status']}")
    given = " / ".join(filter(None, (row["given_code"], row["given_name"], row["given_parent"])))
    unit = " ".join(filter(None, (row["unit_code"], row["unit_name"])))
    near = ", ".join(f"{one['code']} {one['name']} ({one['score']:.0f})" for one in row["candidates"])
    found = "\n".join(filter(None, (unit, row["reason"], near and f"→ {near}")))
    return tuple(map(Text, (str(row["row"]), given, how, found)))


def _say_crosswalk(talk: _Talk, report: "CrosswalkReport") -> None:
    told = report.as_dict()
    talk.problems(report.problems)
    if talk.quiet:
        return
    checks = ", ".join(talk.words(f"crosswalk_check_{check}") for check in told["checks"])
    talk.out.print(talk.words("crosswalk_checked", checks=checks), soft_wrap=True, markup=False)
    talk.out.print(talk.words("crosswalk_summary", **told["counts"]), style="bold", soft_wrap=True, markup=False)
    for row in told["rows"]:
        proposed = talk.words("crosswalk_proposed", code=row["proposed_code"]) if row["proposed_code"] else ""
        line = f"{row['row']}  {row['old_code']} {row['old_name']} → {row['new_code']} {row['new_name']}{proposed}"
        talk.out.print(line, soft_wrap=True, markup=False)


@contextmanager
def _errors(talk: _Talk) -> Iterator[None]:
    """Named problems become words and an exit code, not a traceback."""
    try:
        yield
    except (InputError, UsageError) as error:
        if talk.as_json:
            talk.emit({"problems": [one.as_dict() for one in error.problems]})
        else:
            talk.problems(error.problems)
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error


def _language(words: Sequence[str]) -> str:
    """From `--lang X` or `--lang=X`, else NTMGIS_LANG, else Vietnamese."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--lang":
            return following
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("NTMGIS_LANG", "vi")


def main() -> None:
    """Entry point of the `ntmgis` command."""
    lang = _language(sys.argv[1:])
    if lang not in LANGUAGES:
        sys.stderr.write(f"--lang / NTMGIS_LANG: {lang!r} → vi, en\n")
        raise SystemExit(2)
    make_app(lang)()


if __name__ == "__main__":
    main()
