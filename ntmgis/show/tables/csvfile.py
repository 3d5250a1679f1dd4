"""CSV that a spreadsheet opens as it is meant: Vietnamese letters right, no cell a formula."""

from pathlib import Path

import pandas as pd

from ntmgis.show.tables._sheet import cell_text

__all__ = ["write_csv"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


def write_csv(frame: pd.DataFrame, path: str | Path, *, bom: bool = True) -> Path:
    """`frame` with its columns (not its index) as CSV, whole or not at all; empty for unknown.

    UTF-8 with a byte order mark (`bom`), without which Excel garbles Vietnamese; commas, decimal points, ISO dates,
    CRLF.
    Text that begins like a formula gets an apostrophe in front: CSV has no other way to say "text".
    """
    path = Path(path)
    shown = pd.DataFrame({name: frame[name].map(_plain, na_action="ignore") for name in frame.columns})
    shown.columns = pd.Index([_plain(str(name)) for name in frame.columns])
    part = path.with_name(f".{path.name}.part")
    try:
        encoding = "utf-8-sig" if bom else "utf-8"
        shown.to_csv(part, index=False, encoding=encoding, lineterminator="\r\n", date_format="%Y-%m-%d")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _plain(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = cell_text(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
