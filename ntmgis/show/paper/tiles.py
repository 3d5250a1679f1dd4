"""A large sheet cut into sheets that an office printer takes: parts that overlap, with cut marks and a key."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ntmgis.show.paper.items import UNITS_PER_MM, Page
from ntmgis.show.paper.sizes import PAPERS, Rect

__all__ = ["Tile", "cut"]

_MARGIN = 8.0  # mm that common printers leave white
_OVERLAP = 10.0  # mm that neighbours share, to glue them
_MARK = 5.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One small sheet: how far the large one is moved (mm), the window it shows, and what is drawn over it."""

    title: str
    shift: tuple[float, float]
    window: tuple[float, float, float, float]
    marks: Page


def cut(page: Page, paper: str, *, colors: Mapping[str, str] | None = None) -> list[Tile]:
    """The sheets of `paper` (turned the way that needs fewer) that make up the page, row by row from the top left.

    Neighbours share 10 mm; marks show where to cut, and each sheet says which one it is.
    """
    from ntmgis.show.paper.canvas import Canvas, Ink

    wide, tall = page.width / UNITS_PER_MM, page.height / UNITS_PER_MM
    short, long = PAPERS[paper]
    sizes = [(float(short), float(long)), (float(long), float(short))]
    small = min(sizes, key=lambda size: math.prod(_counts((wide, tall), size)))
    columns, rows = _counts((wide, tall), small)
    room = (small[0] - 2 * _MARGIN, small[1] - 2 * _MARGIN)
    # spread evenly: the overlap is what is left over, at least _OVERLAP
    steps = [
        (whole - part) / (count - 1) if count > 1 else 0.0
        for whole, part, count in zip((wide, tall), room, (columns, rows), strict=True)
    ]
    made = []
    for row in range(rows):
        for column in range(columns):
            left, top = column * steps[0], tall - row * steps[1]
            view = Rect(_MARGIN, _MARGIN, min(room[0], wide), min(room[1], tall))
            if rows == 1:
                top = tall
            shift = (view.x - left, view.top - top)
            name = f"{_letter(row)}{column + 1}"
            canvas = Canvas(*small, monochrome=page.grey, colors=colors)
            thin = Ink(line="ink", width=0.15)
            over_x, over_y = view.width - steps[0] if columns > 1 else 0.0, view.height - steps[1] if rows > 1 else 0.0
            lines_x = [
                view.x + (over_x / 2 if column else 0.0),
                view.right - (over_x / 2 if column + 1 < columns else 0.0),
            ]
            lines_y = [view.y + (over_y / 2 if row + 1 < rows else 0.0), view.top - (over_y / 2 if row else 0.0)]
            for x in lines_x:
                canvas.line((x, view.y - _MARK - 1), (x, view.y - 1), thin)
                canvas.line((x, view.top + 1), (x, view.top + _MARK + 1), thin)
            for y in lines_y:
                canvas.line((view.x - _MARK - 1, y), (view.x - 1, y), thin)
                canvas.line((view.right + 1, y), (view.right + _MARK + 1, y), thin)
            note = f"Tờ {name} ({rows} hàng × {columns} cột). In 100%, không co giãn. Cắt theo dấu, dán chồng lên nhau."
            canvas.text((view.x + 8, 3.0), note, 7, color="quiet")
            made.append(Tile(f"Tờ {name}", shift, (view.x, view.y, view.width, view.height), canvas.page))
    return made


def _counts(whole: tuple[float, float], small: tuple[float, float]) -> tuple[int, int]:
    """Columns and rows."""

    def count(length: float, side: float) -> int:
        room = side - 2 * _MARGIN
        return 1 if length <= room else 1 + math.ceil((length - room) / (room - _OVERLAP) - 1e-9)

    return count(whole[0], small[0]), count(whole[1], small[1])


def _letter(row: int) -> str:
    return chr(ord("A") + row) if row < 26 else f"{chr(ord('A') + row // 26 - 1)}{chr(ord('A') + row % 26)}"
