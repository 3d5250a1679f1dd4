"""The way out of a run that went wrong outside the data: wrong words, a place that cannot be written, a fault of ours.

Everything is told as a `Problem`; a traceback is shown only with NTMGIS_TRACE.
"""

import errno
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from ntmgis.cli.talk import Talk, language, word
from ntmgis.errors import InputError, Problem, UsageError, problem

__all__ = ["os_problem", "run"]

# typer carries click within itself in some versions and beside itself in others; its public class leads to click's.
_Wrong: Any = typer.BadParameter.__mro__[2]

# What shells say of a program that was interrupted, and of one that was asked to end.
_STOPPED, _ENDED = 130, 143

_OS_CODES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "E-OS-PERMISSION"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "E-OS-FULL"),
    **dict.fromkeys((errno.EISDIR, errno.ENOTDIR, errno.EEXIST), "E-OS-KIND"),
    errno.ENOENT: "E-OS-PATH",
}


class _Stop:
    """Ctrl-C, or the system asking the program to end: both unwind it as KeyboardInterrupt, so that it tidies up."""

    def __init__(self) -> None:
        self.code = 0

    def __call__(self, number: int, _frame: object) -> None:
        self.code = _STOPPED if number == signal.SIGINT else _ENDED
        raise KeyboardInterrupt

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block the two signals come here; elsewhere than in the main thread they cannot be asked for."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # Where the shell runs the program aside, Ctrl-C is not meant for it: left as it is.
        meant = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.signal(one, self) for one in meant}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def run(command: Any, words: Sequence[str]) -> int:
    """Exit code of the click command on `words`; whatever goes wrong is told in words.

    130: the user stopped it; 143: the system did.
    """
    talk = Talk(as_json="--json" in words)
    stop = _Stop()
    with stop.listening():
        code = _run(command, words, talk, stop)
    # typer says the same of every interruption
    code = stop.code or code
    if code in {_STOPPED, _ENDED}:
        talk.err.print(word("stopped"), style="yellow", markup=False)
    return code


def _run(command: Any, words: Sequence[str], talk: Talk, stop: _Stop) -> int:
    try:
        return command.main(list(words), prog_name="ntmgis", standalone_mode=False) or 0
    except (typer.Abort, KeyboardInterrupt):
        return _STOPPED
    except (InputError, UsageError) as error:
        _tell(talk, *error.problems)
        return 2 if isinstance(error, UsageError) else 1
    except Exception as error:  # noqa: BLE001 - the last resort of a program that users run: told in words, never raw
        if stop.code:  # what an interrupted library says of itself is not what went wrong
            return stop.code
        if os.environ.get("NTMGIS_TRACE"):
            traceback.print_exc()
        if isinstance(error, _Wrong):
            return _wrong_use(talk, error)
        system = next((one for one in (error, *error.args) if isinstance(one, OSError)), None)
        if system is not None:
            # What half-written archives say when they are thrown away adds nothing to what is told here.
            sys.unraisablehook = lambda _: None
        reason = f"{type(error).__name__}: {error}"
        _tell(talk, problem("E-CLI-UNEXPECTED", reason=reason) if system is None else os_problem(system))
        return 1


def os_problem(error: OSError) -> Problem:
    """What the operating system refused, and where, in words.

    >>> os_problem(PermissionError(13, "Permission denied", "maps/.status.xlsx.part")).file
    'maps/status.xlsx'
    """
    code = _OS_CODES.get(error.errno or 0, "E-OS")
    return problem(code, file=_shown(error.filename), reason=error.strerror or error)


def _shown(name: object) -> str | None:
    """The file the user knows: not the unfinished one beside it, not the folder of unfinished ones."""
    if not isinstance(name, str | bytes):
        return None
    path = Path(os.fsdecode(name))
    inside = next((folder for folder in (path, *path.parents) if folder.name.startswith(".new-")), None)
    if inside is not None:
        return str(inside.parent)
    unfinished = re.fullmatch(r"\.(.+)\.part", path.name)
    return str(path.with_name(unfinished[1]) if unfinished else path)


def _tell(talk: Talk, *problems: Problem) -> None:
    if talk.as_json:
        talk.emit({"problems": [one.as_dict() for one in problems]})
    else:
        talk.problems(problems)


def _wrong_use(talk: Talk, error: Any) -> int:
    context = error.ctx if getattr(error, "ctx", None) is not None else None
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        sys.stdout.write(context.get_help() + "\n")
        return 2
    path = context.command_path if context is not None else "ntmgis"
    _tell(talk, problem("E-CLI-USE", reason=_reason(error), command=path))
    return 2


def _reason(error: Any) -> str:
    """What is wrong with the words of the command, in the language of the run."""
    said = str(error.format_message()).strip().rstrip(".")
    if language.get() == "en":
        return said
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = ", ".join(error.possibilities or ())
        return word("use_no_option", name=error.option_name) + (f" ({word('use_near', names=near)})" if near else "")
    name = _name(getattr(error, "param", None))
    if kind == "MissingParameter":
        return word("use_missing", name=name or error.param_hint or "")
    if kind == "BadParameter":
        return word("use_bad", name=name, reason=_rule(str(error.message))) if name else str(error.message)
    quoted = re.search(r"'([^']*)'|\(([^()]*)\)$", said)
    given = "" if quoted is None else quoted[1] or quoted[2]
    for start, key in (("No such command", "use_no_command"), ("Got unexpected extra arg", "use_extra")):
        if said.startswith(start):
            return word(key, name=given)
    return said


# How typer words the rules that our options have, and the key of ours.
_RULES = (
    (r"valid integer", "use_whole"),
    (r"valid number", "use_number"),
    (r"greater than or equal to (\S+)", "use_least"),
    (r"is not one of (.+?)\.?$", "use_choice"),
)


def _rule(message: str) -> str:
    for pattern, key in _RULES:
        found = re.search(pattern, message)
        if found is not None:
            return word(key, rule=found[1] if found.groups() else "")
    return message


def _name(parameter: Any) -> str:
    """How the user writes a parameter: --epoch, or what the help says of an argument."""
    if parameter is None:
        return ""
    long = [name for name in parameter.opts if name.startswith("--")]
    if long:
        return str(long[0])
    what = str(getattr(parameter, "help", None) or "").rstrip(".").partition(";")[0]
    name = str(parameter.metavar or parameter.name)
    return word("use_argument", name=name, what=what) if what else name
