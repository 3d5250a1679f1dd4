"""One map sheet of a workspace, as the command `sheet` asks for it."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import UsageError, problem
from ntmgis.monitor import monitoring_of
from ntmgis.places import private_file, private_place, product_place, refuse_among_products, whole_file
from ntmgis.take_in import neighbours_of, snapshot_of, take_in
from ntmgis.units.epochs import epoch_on
from ntmgis.workspace import load_workspace

if TYPE_CHECKING:
    from ntmgis.measure.facts import Facts
    from ntmgis.store.snapshot import Snapshot
    from ntmgis.take_in import TakenIn

__all__ = ["Sheet", "make_sheet"]

# Themes whose classes are answers of a review: they take longer, so no other sheet asks for them.
_OF_A_REVIEW = frozenset({"risk", "next"})
KINDS = (".pdf", ".png", ".svg")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A written sheet: the file, the theme, the date, the scale 1:`denominator`, size in mm, and where names stand.

    With `households`: how many `objects` it accounts for, how many of them lie in cells (`cell_m` metres wide) of too
    few to be drawn, and whether it holds personal data.
    """

    path: Path
    theme: str
    as_of: date
    denominator: int
    size_mm: tuple[float, float]
    pages: int
    labels_on_map: int
    labels_in_list: int
    bytes: int
    households: str | None = None
    objects: int = 0
    withheld: int = 0
    cell_m: int = 0
    personal: bool = False

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        told: dict[str, object] = {
            "path": str(self.path),
            "theme": self.theme,
            "as_of": self.as_of.isoformat(),
            "scale": f"1:{self.denominator}",
            "denominator": self.denominator,
            "size_mm": list(self.size_mm),
            "pages": self.pages,
            "labels_on_map": self.labels_on_map,
            "labels_in_list": self.labels_in_list,
            "bytes": self.bytes,
        }
        if self.households is not None:
            told["households"] = {
                "form": self.households,
                "objects": self.objects,
                "withheld": self.withheld,
                "cell_m": self.cell_m or None,
                "personal": self.personal,
            }
        return told


def make_sheet(  # noqa: PLR0913 - one argument for each option of the command
    folder: str | Path,
    out: Path | None,
    *,
    theme: str | None = None,
    size: str = "A3",
    of: str | None = None,
    bw: bool = False,
    as_of: date | None = None,
    since: date | None = None,
    made: date | None = None,
    dpi: float = 300,
    tiles: str | None = None,
    style: Path | None = None,
    households: str | None = None,
) -> Sheet:
    """Takes in the workspace `folder` and writes one sheet to `out` (.pdf, .png, .svg) whole or not at all.

    `households`: "density" (cells, safe to pass on), or "symbol" (each object, with ".coded", ".notified", ".plated" or
    ".kind"): personal data, so the file is marked, readable by its owner only, in private/ when `out` is None and
    never among the products. `out` of any other sheet: in maps/ when None. `since`: the earlier date of the themes
    of change; `made`: the day the sheet is dated. Land that the workspace knows outside the province is drawn grey.
    UsageError, InputError as `write_sheet` and `take_in`.
    """
    from ntmgis.show.paper.households import is_personal
    from ntmgis.show.paper.sheet import write_sheet

    personal = is_personal(households)
    turned = [word for word, on in (("bw", bw), (f"tiles-{tiles}", tiles is not None)) if on]
    unnamed = out is None
    if out is None:
        drawn = theme or (f"households-{households}" if households else "status")
        out = _private_name(folder, of) if personal else product_place(folder, "sheet", drawn, size, of or "", *turned)
    if personal:
        refuse_among_products(folder, out)
    suffix = out.suffix.lower()
    if suffix not in KINDS:
        allowed = ", ".join(KINDS)
        raise UsageError(problem("E-CONFIG-VALUE", column="--out", value=out.name, allowed=allowed, nearest=".pdf"))
    if tiles is not None and suffix != ".pdf":
        raise UsageError(problem("E-CONFIG-VALUE", column="--tiles", value=out.name, allowed=".pdf", nearest=".pdf"))
    if not 20 <= dpi <= 1200:
        raise UsageError(problem("E-CONFIG-VALUE", column="--dpi", value=dpi, allowed="20-1200", nearest="300"))
    workspace = load_workspace(folder)
    day = as_of or workspace.as_of
    taken = take_in(workspace)
    snapshot, facts = snapshot_of(taken, day)
    before = (_facts_on(taken, since, snapshot), since) if since is not None else None
    with private_file(out) if personal else whole_file(out, make_folder=unnamed) as part:
        info = write_sheet(
            snapshot,
            facts,
            pdf=part if suffix == ".pdf" else None,
            png=part if suffix == ".png" else None,
            svg=part if suffix == ".svg" else None,
            theme=theme,
            size=size,
            of=of,
            bw=bw,
            dpi=dpi,
            tiles=tiles,
            monitoring=monitoring_of(taken, snapshot, facts) if (theme or "") in _OF_A_REVIEW else None,
            before=before,
            style=style or workspace.style,
            agency=workspace.agency,
            neighbours=neighbours_of(taken, snapshot),
            made=made,
            households=households,
        )
    return Sheet(
        path=out,
        theme=theme or ("status" if households is None else "households"),
        as_of=day,
        denominator=info.denominator,
        size_mm=info.size_mm,
        pages=info.pages,
        labels_on_map=info.labels_on_map,
        labels_in_list=info.labels_in_list,
        bytes=out.stat().st_size,
        households=households,
        objects=info.objects,
        withheld=info.withheld,
        cell_m=info.cell_m,
        personal=personal,
    )


def _private_name(folder: str | Path, of: str | None) -> Path:
    place = re.sub(r"\W", "", of or "")
    return private_place(folder, f"households_{place}.pdf" if place else "households.pdf")


def _facts_on(taken: "TakenIn", since: date, snapshot: "Snapshot") -> "Facts":
    """The measures of the earlier date; it must lie in the same boundary epoch, else units cannot be compared."""
    if epoch_on(since).id != snapshot.epoch.id:
        advice = "chọn ngày trong cùng kỳ ranh giới"
        raise UsageError(problem("E-PAPER-THEME-DATA", value=since, need="cùng ranh giới hành chính", advice=advice))
    return snapshot_of(taken, since)[1]
