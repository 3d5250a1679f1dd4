"""The command line: reads the words, calls one public function, prints what it returns.

Data go to stdout, talk to stderr. Exit codes: 0 fine, 1 problems in the data, 2 wrong use,
130 and 143 stopped.
"""

from typing import Any

__all__ = ["main", "make_command"]

_STOPPED = 130


def make_command(lang: str) -> Any:
    """The whole command line as a click command, with its help in `lang` ("vi" or "en")."""
    from ntmgis.cli import app

    return app.make_command(lang)


def main() -> None:
    """Entry point of the `ntmgis` command. Everything is imported here, so that stopping it early is quiet too."""
    try:
        from ntmgis.cli.app import start

        start()
    except KeyboardInterrupt:
        raise SystemExit(_STOPPED) from None
