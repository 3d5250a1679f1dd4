"""How commands speak: words in the language of the run, problems, progress, and the options all commands share.

Data go to stdout, talk to stderr.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from ntmgis.errors import InputError, Problem, UsageError

__all__ = [
    "LANGUAGES",
    "SHOWN_ROWS",
    "AsJson",
    "Cli",
    "Command",
    "Group",
    "Home",
    "Quiet",
    "Talk",
    "argument",
    "day",
    "decimal",
    "errors",
    "language",
    "option",
    "say_files",
    "size",
    "translate",
    "word",
]

LANGUAGES = ("vi", "en")
SHOWN_PROBLEMS = 20
SHOWN_ROWS = 40
# Columns of the terminal under which tables are set close: words of headers below each other, district under commune.
NARROW = 100
_FEW = 4  # so many columns have room anyway

# The language of this run; set once by the entry point.
language: ContextVar[str] = ContextVar("language", default="vi")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("ntmgis.cli") / "words.toml").read_text(encoding="utf-8"))


def word(key: str, **parts: object) -> str:
    """A word or sentence of words.toml in the language of the run. KeyError when there is none."""
    return _words()[key][language.get()].format(**parts)


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a command speaks, and how much."""

    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """Where results go."""
        return Console(highlight=False, soft_wrap=False)

    @property
    def err(self) -> Console:
        """Where problems, hints and progress go."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def narrow(self) -> bool:
        """Whether the terminal is too narrow for wide tables."""
        return self.out.width < NARROW

    def line(self, text: str, style: str | None = None) -> None:
        """One line of the result, never broken and never read as markup."""
        self.out.print(text, style=style, soft_wrap=True, markup=False)

    def emit(self, value: Mapping[str, object]) -> None:
        """The machine-readable result."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def problems(self, problems: Sequence[Problem], *, more: str | None = None) -> None:
        """Problems in words, errors first; a long list is cut and says where the rest stands.

        What befalls every source alike (a store that cannot be written) is said once.
        """
        ordered = sorted(dict.fromkeys(problems), key=lambda one: one.severity != "error")
        for one in ordered[:SHOWN_PROBLEMS]:
            style = "red" if one.severity == "error" else "yellow"
            self.err.print(str(one), style=style, markup=False)
        left = len(ordered) - SHOWN_PROBLEMS
        if left > 0:
            self.err.print(word("more", n=left, file=more) if more else word("more_json", n=left))

    def table(self, left: Sequence[str] = (), right: Sequence[str] = ()) -> Table:
        """A table of this house: columns by the keys of their words, text first, numbers after.

        Numbers are never broken; where the terminal is narrow their headers are, so that the texts keep the room.
        """
        table = Table(box=None, pad_edge=False)
        close = len(left) + len(right) > _FEW
        for key in left:
            table.add_column(word(key), overflow="fold")
        for key in right:
            table.add_column(self.head(key) if close else word(key), justify="right", no_wrap=True)
        return table

    def head(self, key: str) -> str:
        """The header of a column of numbers: one word a line where the terminal is narrow."""
        return word(key).replace(" ", "\n") if self.narrow else word(key)

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


@contextmanager
def errors(talk: Talk) -> Iterator[None]:
    """Named problems become words and an exit code (1 data, 2 wrong use), not a traceback."""
    try:
        yield
    except (InputError, UsageError) as error:
        if talk.as_json:
            talk.emit({"problems": [one.as_dict() for one in error.problems]})
        else:
            talk.problems(error.problems)
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error


def say_files(talk: Talk, made: Sequence[Path]) -> None:
    """The files a command wrote."""
    if talk.as_json:
        talk.emit({"files": [{"path": str(path), "bytes": path.stat().st_size} for path in made]})
    elif not talk.quiet:
        for path in made:
            talk.line(str(path))


def size(count: int) -> str:
    """Bytes for people, with the decimal sign of the language of the run."""
    return f"{decimal(count / 1_000_000)} MB" if count >= 100_000 else f"{count / 1000:.0f} kB"


def decimal(value: float) -> str:
    """A number to one decimal place, with the decimal sign of the language of the run."""
    text = f"{value:.1f}"
    return text if language.get() == "en" else text.replace(".", ",")


# As people write a day: 2025-06-30, and day first as every product prints it.
_DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_YEARS = range(1900, 2200)


def day(text: str) -> date:
    """A day given on the command line, 2025-06-30 or 30/06/2025; wrong use when it is none."""
    for form in _DAY_FORMS:
        try:
            made = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a calendar day has no time zone
        except ValueError:
            continue
        if made.year in _YEARS:
            return made
    raise typer.BadParameter(word("bad_day", value=text))


def option(*names: str, key: str, **more: Any) -> Any:
    """An option; `key` names its help among the words."""
    return typer.Option(*names, help=key, rich_help_panel="options", show_default=False, **more)


def argument(key: str) -> Any:
    """A positional argument; `key` names its help among the words."""
    return typer.Argument(help=key, rich_help_panel="arguments", show_default=False)


Home = Annotated[Path, option("-w", "--workspace", key="workspace")]
AsJson = Annotated[bool, option("--json", key="json")]
Quiet = Annotated[bool, option("-q", "--quiet", key="quiet")]


@dataclass(frozen=True, slots=True)
class Cli:
    """The commands being put together; `path` is the group they stand in ("" for the top)."""

    app: typer.Typer
    path: str = ""

    def command(self, key: str, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Add a command; `key` names its help among the words and, without `name`, the command itself."""
        return self.app.command(name or key, cls=Command, help=key, rich_help_panel="commands")

    def group(self, name: str) -> "Cli":
        """A group of commands ("plan" for `ntmgis plan check`); its help is the word of its name."""
        inner = typer.Typer(name=name, cls=Group, help=name, no_args_is_help=True, add_completion=False)
        self.app.add_typer(inner, rich_help_panel="commands")
        return Cli(inner, name)


class _Used:
    """A command whose line of use speaks the language of the run."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The line of use, as the help and wrong use show it."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined] # of the command this is mixed into
        formatter.write_usage(ctx.command_path, " ".join(pieces), f"{word('usage')} ")


class Command(_Used, TyperCommand):
    """One command."""


class Group(_Used, TyperGroup):
    """A group of commands."""


def translate(command: Any) -> None:
    """Put words in place of their keys: help and panel titles of a click command, its parameters and its commands.

    What a parameter takes (FILE, DAY...) is named by the `meta` of its words; a switch takes nothing.
    """
    # Made here once for all: a context without these names would leave -h out.
    help_option = command.get_help_option(typer.Context(command, help_option_names=["-h", "--help"]))
    help_option.help, help_option.rich_help_panel = "help", "options"
    command.options_metavar = word("usage_options")
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = word("usage_commands")
    for holder in (help_option, *command.params):
        meta = _words().get(holder.help, {}).get("meta")
        if getattr(holder, "is_flag", False):
            holder.metavar = ""
        elif meta is not None:
            holder.metavar = word(f"meta_{meta}")
    for holder in (command, help_option, *command.params):
        for name in ("help", "rich_help_panel"):
            key = getattr(holder, name, None)
            if isinstance(key, str) and key in _words():
                setattr(holder, name, word(key))
    for inner in getattr(command, "commands", {}).values():
        translate(inner)
