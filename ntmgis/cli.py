"""The command line: reads the words, calls one public function, prints what it returns.

Data go to stdout, talk to stderr. Exit codes: 0 fine, 1 problems in the data, 2 wrong use.
"""

import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ntmgis import __version__
from ntmgis.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from ntmgis.build import BuildResult
    from ntmgis.take_in import SourceRows

__all__ = ["main", "make_app"]

LANGUAGES = ("vi", "en")
SHOWN_PROBLEMS = 20


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
    def check(
        file: Annotated[Path | None, typer.Argument(help=words("check_file"), show_default=False)] = None,
        *,
        table: Annotated[str | None, option("--as", key="check_as")] = None,
        epoch: Annotated[str | None, option("--epoch", key="epoch")] = None,
        workspace: workspace = Path(),
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.check import check_file, check_workspace

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk), talk.progress() as progress:
            if file is None:
                result = check_workspace(workspace, progress=progress)
            else:
                result = check_file(file, table, epoch=None if epoch is None else _day(epoch), workspace=workspace)
        if talk.as_json:
            talk.emit(result.as_dict())
        else:
            talk.problems(result.problems)
            if not talk.quiet:
                talk.out.print(_rows_table(talk, result.rows))
                if not result.problems:
                    talk.out.print(talk.words("sound"))
        raise typer.Exit(0 if result.sound else 1)

    @command("match")
    def match(
        table: Annotated[Path, typer.Argument(help=words("match_table"), show_default=False)],
        *,
        epoch: Annotated[str, option("--epoch", key="epoch")],
        name_column: Annotated[str | None, option("--name-column", key="name_column")] = None,
        parent_column: Annotated[str | None, option("--parent-column", key="parent_column")] = None,
        code_column: Annotated[str | None, option("--code-column", key="code_column")] = None,
        workspace: workspace = Path(),
        as_json: as_json = False,
        quiet: quiet = False,
    ) -> None:
        from ntmgis.check import match_file

        talk = _Talk(lang, as_json, quiet)
        with _errors(talk):
            report = match_file(
                table,
                epoch=_day(epoch),
                name=name_column,
                parent=parent_column,
                code=code_column,
                workspace=workspace,
            )
        if talk.as_json:
            talk.emit(report.as_dict())
        else:
            _say_matched(talk, report.as_dict())
        counts = report.counts()
        raise typer.Exit(0 if counts["matched"] == counts["rows"] else 1)

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


def _say_files(talk: _Talk, made: Sequence[Path]) -> None:
    if talk.as_json:
        talk.emit({"files": [{"path": str(path), "bytes": path.stat().st_size} for path in made]})
    elif not talk.quiet:
        for path in made:
            talk.out.print(str(path), soft_wrap=True, markup=False)


def _say_matched(talk: _Talk, report: Mapping[str, Any]) -> None:
    rows = report["rows"]
    shown = [row for row in rows if row["status"] != "matched"] if talk.quiet else rows
    table = Table(box=None, pad_edge=False)
    for key in ("row", "given", "status", "unit", "reason"):
        table.add_column(talk.words(key), justify="right" if key == "row" else "left")
    for row in shown:
        how = f"{row['status']} ({row['how']})" if row["how"] else row["status"]
        unit = " ".join(filter(None, (row["unit_code"], row.get("unit_name"))))
        table.add_row(str(row["row"]), row.get("given_name") or "", how, unit, row.get("reason") or "")
    talk.out.print(table)
    talk.out.print()
    for hint in report["hints"]:
        talk.err.print(hint, style="yellow", markup=False)
    talk.out.print(", ".join(f"{name}: {count}" for name, count in report["counts"].items()))


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
