"""Registers of addresses for the tests of the page of households, and a second reader of what it holds."""

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tiny

from ntmgis.store.snapshot import Snapshot, SourceNote

HOSTILE = [
    "<script>window.ranByAccident += 1</script>",
    "</script><script>window.ranByAccident += 1</script>",
    "<!--<script>",
    "${window.ranByAccident += 1}`${window.ranByAccident += 1}`",
    '"><img src=x onerror="window.ranByAccident += 1">',
    "javascript:window.ranByAccident+=1",
    "{{ 7 * 7 }}{% raw %}",
    "a\u202eb\u2066c\u200f",
    "nul\x00byte\x1b[31m\u2028\u2029",
    "x" * 10_000,
    "__proto__",
    "<ntmgis-policy>",
]


def addresses(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A register with all columns of the contract; what a row leaves out is not known."""
    empty = {"address": None, "kind": "household", "has_code": pd.NA, "notified_on": pd.NaT, "plated_on": pd.NaT}
    places = {"village_code": None, "lon": np.nan, "lat": np.nan}
    frame = pd.DataFrame([{"id": f"H{i}", **empty, **places, **row} for i, row in enumerate(rows)])
    types = {"has_code": "boolean", "notified_on": "datetime64[us]", "plated_on": "datetime64[us]"}
    return frame.astype({**types, "lon": float, "lat": float})


def snapshot(rows: list[dict[str, Any]] | None = None, **changes: Any) -> Snapshot:
    """The tiny province, with these addresses (None: its own sixty)."""
    if rows is not None:
        changes["addresses"] = addresses(rows)
    note = SourceNote("dia_chi", "address_point", "Địa chỉ số", tiny.AS_OF, 60, origin="số liệu tự đặt")
    return tiny.snapshot(**{"sources": (*tiny.snapshot().sources, note), **changes})


def random_rows(count: int, *, seed: int, box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """Objects anywhere in `box` (west, south, east, north), of all kinds and states, in the tiny villages or none."""
    rng = np.random.default_rng(seed)
    west, south, east, north = box
    villages = [*(f"{code}-01" for code in tiny.CELLS), "nowhere", None]
    rows: list[dict[str, Any]] = []
    for i in range(count):
        village = villages[rng.integers(len(villages))]
        prefix = (village or "99999")[:5] if rng.random() < 0.9 else "88888"
        rows.append(
            {
                "address": f"{prefix:0<5}"[:5].replace("nowhe", "77777") + f"{rng.integers(100_000):05d}"
                if rng.random() < 0.8
                else None,
                "kind": ["household", "agency", "business", "other", None][rng.integers(5)],
                "has_code": [True, False, pd.NA][rng.integers(3)],
                "notified_on": pd.Timestamp(2025, 3, 1) if rng.random() < 0.5 else pd.NaT,
                "plated_on": pd.Timestamp(2025, 4, 1) if rng.random() < 0.3 else pd.NaT,
                "village_code": village,
                "lon": west + (east - west) * rng.random() if i % 20 else np.nan,
                "lat": south + (north - south) * rng.random(),
            }
        )
    return rows


def block(html: str, name: str) -> str:
    """The text of a data block of a page."""
    found = re.search(f'id="ntmgis-{name}">([^<]*)<', html)
    assert found, f"the page has no block {name}"
    return found[1]


def meta_of(page: Path) -> dict[str, Any]:
    """The JSON of a page that is not sealed."""
    return json.loads(block(page.read_text(encoding="utf-8"), "meta"))


def decode(packed: bytes) -> dict[str, Any]:
    """Points as `encode_points` describes them, read one by one: slow and plain, to check the fast readers by."""
    raw = zlib.decompress(packed)
    assert raw[:4] == b"NTMP"
    count, x0, y0, first, suffixes, wide, combo_wide, village_wide, zero, unusual = struct.unpack_from("<5I4BI", raw, 4)
    assert zero == 0
    at = 32

    def column(width: int, length: int) -> list[int]:
        nonlocal at
        values = [sum(raw[at + place * length + i] << (8 * place) for place in range(width)) for i in range(length)]
        at += width * length
        return values

    steps, combos = column(wide, count), column(combo_wide, count)
    villages, low = column(village_wide, count), column(2, suffixes)
    tops = raw[at : at + (suffixes + 7) // 8]
    at += len(tops)
    code, xs, ys = 0, [], []
    for step in steps:
        code += step
        bits = f"{code:064b}"[::-1]
        xs.append(x0 + int(bits[0::2][::-1], 2))
        ys.append(y0 + int(bits[1::2][::-1], 2))
    return {
        "x": xs,
        "y": ys,
        "combo": combos,
        "village": [first + one for one in villages],
        "suffixes": [one | (tops[i >> 3] >> (i & 7) & 1) << 16 for i, one in enumerate(low)],
        "unusual": json.loads(raw[at : at + unusual]),
    }
