"""The emblem in the title block: a picture file of the house, read and checked once, drawn in its own proportions."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

__all__ = ["Logo", "load_logo"]

_FORMATS = ("PNG", "JPEG")
_LARGEST = 1200  # pixels of the longer side: 17 mm at 600 dpi is 400


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as PNG; `ratio` is its width over its height."""

    png: bytes
    ratio: float

    def grey(self) -> "Logo":
        """The same for a sheet in black and white."""
        with Image.open(BytesIO(self.png)) as picture:
            whole = picture.convert("RGBA")
        bare = whole.convert("L")
        return Logo(_png(Image.merge("LA", (bare, whole.getchannel("A")))), self.ratio)


def load_logo(path: Path) -> Logo | None:
    """The emblem in a PNG or JPEG file, turned as its camera says; None when it is no such picture.

    OSError when there is no such file. Colours that PDF readers show differently (CMYK, 16 bits) become plain RGB.
    """
    data = path.read_bytes()
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            upright = ImageOps.exif_transpose(picture)
            clear = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            made = upright.convert("RGBA" if clear else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # whatever a broken file makes of it
        return None
    made.thumbnail((_LARGEST, _LARGEST))
    return Logo(_png(made), made.width / made.height)


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
