"""Households of more than one province, or very many: a page and one data script per commune, loaded as the view needs.

A classic script tag works from a disk, where a page may fetch nothing. Each script is one call with base64 text; the
page takes it only when it is of the same build.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ntmgis.measure.locate import assign
from ntmgis.show.web.households import ascii_json, compose, pack_block
from ntmgis.show.web.households_data import Register, register
from ntmgis.show.web.households_meta import meta, outlines
from ntmgis.show.web.points import Ints, Points, encode_points
from ntmgis.show.web.sealed import make_seal
from ntmgis.store.snapshot import Snapshot

__all__ = ["PAGE", "overview", "write_households_folder"]

PAGE = "households.html"
# Points of the overview that stands in the page itself: every k-th object, drawn until the exact ones are there.
OVERVIEW = 40_000


def write_households_folder(
    snapshot: Snapshot, folder: Path, *, agency: str = "", purpose: str = "", password: str | None = None
) -> Path:
    """Write households.html and data/0001.js... into `folder`, which must be empty or new; the page's path comes back.

    One script per commune, in the order of the communes; objects of no known commune stand in the last one. The files
    have numbers, not codes, so that a sealed folder does not tell which communes it holds.
    """
    columns = register(snapshot)
    parts = _parts(snapshot, columns)
    raws = [encode_points(columns.points.take(rows)) for _commune, rows in parts]
    grid, arcs = outlines(snapshot)
    facts: dict[str, Any] = {
        **meta(snapshot, columns, agency=agency, purpose=purpose),
        "grid": grid,
        "parts": [_about(columns.points, commune, rows) for commune, rows in parts],
    }
    thinned, weight = overview(columns.points)
    facts["weight"] = weight
    seal = make_seal(password) if password is not None else None
    build = seal.salt.hex() if seal else hashlib.sha256(b"".join(raws)).hexdigest()[:32]
    blocks = {"points": encode_points(thinned), "meta": ascii_json(facts).encode("ascii"), "shapes": arcs}
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for place, raw in enumerate(raws, start=1):
        text = f'ntmgis.part({place},"{build}","{pack_block(f"part {place}", raw, seal)}")\n'
        (data / f"{place:04d}.js").write_text(text, encoding="ascii", newline="\n")
    page = folder / PAGE
    title = facts["page"]["title"]["vi"]
    html = compose(blocks, title=title, sample=snapshot.sample, seal=seal, folder={"build": build})
    page.write_text(html, encoding="utf-8", newline="\n")
    return page


def overview(points: Points) -> tuple[Points, int]:
    """Every k-th point without its address, and k: spread like all of them, because neighbours follow each other."""
    weight = max(1, -(-len(points) // OVERVIEW))
    thinned = points.take(np.arange(weight // 2, len(points), weight))
    nothing = np.full(len(thinned), None, dtype=object)
    return Points(thinned.x, thinned.y, thinned.combo, thinned.village, np.full(len(thinned), -1), nothing), weight


def _parts(snapshot: Snapshot, columns: Register) -> list[tuple[int, Ints]]:
    """Commune index (-1: none) and rows of each part, which keep the Morton order; no part is empty."""
    place = {code: index for index, code in enumerate(snapshot.communes["code"])}
    of_village = np.array([*(place.get(code, -1) for code in snapshot.villages["commune_code"]), -1])
    points = columns.points
    commune = of_village[points.village]
    lost = np.flatnonzero(commune < 0)
    if len(lost):
        lon, lat = _degrees(points.x[lost], points.y[lost])
        commune[lost] = assign(lon, lat, snapshot.communes.geometry.to_numpy())
    order = np.argsort(commune, kind="stable")
    found, starts = np.unique(commune[order], return_index=True)
    made = list(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else []
    return [one for one in made if one[0] >= 0] + [one for one in made if one[0] < 0]


def _degrees(x: Ints, y: Ints) -> tuple[Any, Any]:
    """Longitude and latitude of grid steps."""
    side = float(1 << 26)
    return (x / side - 0.5) * 360.0, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / side))))


def _about(points: Points, commune: int, rows: Ints) -> dict[str, Any]:
    """What the page must know of a part before it loads it."""
    x, y = points.x[rows], points.y[rows]
    box = [int(x.min()), int(y.min()), int(x.max()), int(y.max())]
    return {"commune": commune, "n": len(rows), "box": box}
