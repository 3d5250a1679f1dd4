"""Which of several layers a table means, when nobody named one."""

from collections.abc import Sequence
from dataclasses import dataclass

from ntmgis.intake.text import joined

__all__ = ["Layer", "Wanted", "best_layer"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the table asks of a file.

    geometry  polygon, line, point, polygon_or_point, or none (geometry is then not read)
    words     folded titles and aliases of its fields
    titles    id and title of the table: a layer called so is the one
    """

    geometry: str = "none"
    words: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()

    @property
    def shaped(self) -> bool:
        """Whether geometry is wanted."""
        return self.geometry != "none"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as listed. `kind`: the word for its geometry ("MultiPolygon", "Unknown"), None when it has none."""

    name: str
    kind: str | None
    fields: tuple[str, ...] = ()
    rows: int = 1


def _fit(kind: str | None, wanted: str) -> int:
    """2: the kind of geometry wanted; 1: may hold it; 0: another kind or none."""
    if kind is None:
        return 0
    said = kind.lower()
    if "polygon" in said or "surface" in said:
        found = "polygon"
    elif "line" in said or "curve" in said:
        found = "line"
    elif "point" in said:
        found = "point"
    else:
        return 1
    return 2 if found in wanted.split("_or_") else 0


def best_layer(layers: Sequence[Layer], wanted: Wanted) -> int:
    """Position of the layer the table most likely means; the first of equals.

    The right kind of geometry comes first, then rows at all, then a name that is the table's own, then known columns.

    >>> points = Layer("anh", "Point", ("photo",)), Layer("truong", "MultiPoint", ("photo", "ten"))
    >>> best_layer((Layer("xa", "Polygon", ("ten",)), *points), Wanted("point", frozenset({"ten"})))
    2
    """
    titles = {joined(title) for title in wanted.titles}

    def rank(position: int) -> tuple[int, bool, bool, int, int]:
        layer = layers[position]
        known = len({joined(field) for field in layer.fields} & wanted.words)
        fit = _fit(layer.kind, wanted.geometry) if wanted.shaped else 0
        return fit, layer.rows > 0, joined(layer.name) in titles, known, -position

    return max(range(len(layers)), key=rank)
