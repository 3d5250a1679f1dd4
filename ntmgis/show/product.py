"""What build writes: one value per file."""

from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Product"]


@dataclass(frozen=True, slots=True)
class Product:
    """A written product. `name` is its title; `kind` one of html, pdf, png, xlsx, gpkg."""

    name: str
    path: Path
    kind: str
    bytes: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """The fields for JSON; the path as text."""
        return {**asdict(self), "path": str(self.path)}
