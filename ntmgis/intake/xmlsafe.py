"""XML from strangers: read in one pass, nothing in it expanded, nothing outside it opened."""

from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from ntmgis.errors import InputError, problem
from ntmgis.intake.files import unreadable

__all__ = ["check_xml", "parse_xml"]

_DEEPEST = 200  # levels of elements: no honest file has 30, and a million would end the process

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class _Guard:
    """Stands between the parser and the handlers: root, depth, and no declaration that could open or swell."""

    def __init__(self, path: Path, roots: tuple[str, ...], start: Start | None, end: End | None) -> None:
        self.path = path
        self.roots = roots
        self.start = start
        self.end = end
        self.depth = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        local = name.rpartition(":")[2]
        if self.depth == 1 and local not in self.roots:
            raise unreadable(self.path, f"phần tử gốc là <{local[:40]}>, không phải <{self.roots[0]}>")
        if self.depth > _DEEPEST:
            raise unreadable(self.path, f"các phần tử XML lồng nhau quá {_DEEPEST} cấp")
        if self.start is not None:
            self.start(local, attributes)

    def closed(self, name: str) -> None:
        self.depth -= 1
        if self.end is not None:
            self.end(name.rpartition(":")[2])

    def refused(self, *_: object) -> None:
        raise InputError(problem("E-XML-DOCTYPE", file=self.path.name))


def parse_xml(
    path: Path, roots: tuple[str, ...], *, start: Start | None = None, end: End | None = None, text: End | None = None
) -> None:
    """Run the handlers over the elements of `path`; their names come without prefix.

    InputError for a document type or entity of its own (the way to billion laughs and to foreign files), a root
    other than `roots`, too many levels, and a file that is not whole.
    """
    guard = _Guard(path, roots, start, end)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = guard.refused
    parser.EntityDeclHandler = guard.refused
    parser.StartElementHandler = guard.opened
    parser.EndElementHandler = guard.closed
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        words = f"XML không đúng cú pháp hoặc bị cắt cụt ở dòng {error.lineno}: {expat.ErrorString(error.code)}"
        raise unreadable(path, words) from error
    except InputError:
        raise
    except (OSError, LookupError, ValueError) as error:
        raise unreadable(path, f"không đọc được XML: {error}") from error


def check_xml(path: Path, roots: tuple[str, ...]) -> None:
    """Refuse an XML file that is unsafe, not whole or of another kind."""
    parse_xml(path, roots)
