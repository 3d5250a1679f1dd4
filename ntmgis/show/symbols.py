"""The one palette and set of signs, read from `data/symbols.toml` by page, paper, tables and QGIS."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = ["symbols", "tier_fill", "tier_label"]


@cache
def symbols() -> Mapping[str, Any]:
    """The whole catalogue of signs. Read only."""
    text = (files("ntmgis.show") / "data" / "symbols.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def tier_fill(state: str) -> str:
    """Fill colour of a tier state, as #rrggbb."""
    return str(symbols()["tier"][state]["fill"])


def tier_label(state: str, lang: str = "vi") -> str:
    """Words for a tier state.

    >>> tier_label("ntm")
    'Đạt chuẩn NTM'
    """
    return str(symbols()["tier_words"][state][lang])
