"""The map book of a workspace, and the sheet of one commune, as the commands `book` and `commune` ask for them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ntmgis.errors import Problem, UsageError, problem
from ntmgis.monitor import last_period, monitoring_of
from ntmgis.places import product_place, whole_file
from ntmgis.take_in import Progress, TakenIn, neighbours_of, silent, snapshot_of, take_in
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.units.find import Asked, find_units, near_units
from ntmgis.workspace import Workspace, load_workspace

if TYPE_CHECKING:
    import geopandas as gpd

    from ntmgis.measure.facts import Facts
    from ntmgis.measure.monitoring import Monitoring
    from ntmgis.store.snapshot import Snapshot

__all__ = ["COMMUNE_KINDS", "CommuneSheet", "MapBook", "make_book", "make_commune_sheet"]

COMMUNE_KINDS = (".pdf", ".png", ".svg")


@dataclass(frozen=True, slots=True)
class MapBook:
    """A written book: the file, the day, its pages, districts and communes, and villages that found no room in a list.

    `since` is the earlier day that changes are told from (None: there is none).
    """

    path: Path
    as_of: date
    since: date | None
    pages: int
    districts: int
    communes: int
    villages_left_out: int
    bytes: int
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "path": str(self.path),
            "as_of": self.as_of.isoformat(),
            "since": None if self.since is None else self.since.isoformat(),
            "pages": self.pages,
            "districts": self.districts,
            "communes": self.communes,
            "villages_left_out": self.villages_left_out,
            "bytes": self.bytes,
            "problems": [one.as_dict() for one in self.problems],
        }


@dataclass(frozen=True, slots=True)
class CommuneSheet:
    """A written sheet of one commune: the file, the unit that was meant, the day, the scale 1:`denominator`."""

    path: Path
    unit: Asked
    as_of: date
    denominator: int
    villages_on_map: int
    villages_listed: int
    bytes: int

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "path": str(self.path),
            "unit": self.unit.as_dict(),
            "as_of": self.as_of.isoformat(),
            "scale": f"1:{self.denominator}",
            "denominator": self.denominator,
            "villages_on_map": self.villages_on_map,
            "villages_listed": self.villages_listed,
            "bytes": self.bytes,
        }


def make_book(
    folder: str | Path,
    out: Path | None = None,
    *,
    as_of: date | None = None,
    since: date | None = None,
    made: date | None = None,
    bw: bool = False,
    style: Path | None = None,
    progress: Progress = silent,
) -> MapBook:
    """Takes in the workspace `folder` and writes its map book to `out` (.pdf), whole or not at all.

    `out`: maps/book.pdf when None; `as_of`: the day (None: the workspace's own); `since`: the earlier day that changes
    are told from (None: the last reporting date before it); `made`: the day the book is dated (None: left to be
    filled in by hand); `style`: a house style file (None: that of the workspace). UsageError, InputError as
    `take_in`.
    """
    from ntmgis.show.paper.book_write import write_book

    place = out or product_place(folder, "book", *(["bw"] if bw else []))
    _check_out(place, (".pdf",))
    workspace = load_workspace(folder)
    taken = take_in(workspace, progress=progress)
    known = _known(taken, as_of or workspace.as_of, since)
    with whole_file(place, make_folder=out is None) as part:
        info = write_book(
            known.snapshot,
            known.facts,
            part,
            monitoring=known.monitoring,
            style=style or workspace.style,
            agency=workspace.agency,
            neighbours=known.neighbours,
            made=made,
            bw=bw,
            progress=progress,
        )
    return MapBook(
        path=place,
        as_of=known.snapshot.as_of,
        since=known.monitoring.since,
        pages=info.pages,
        districts=info.districts,
        communes=len(info.communes),
        villages_left_out=sum(one.villages_left_out for one in info.communes),
        bytes=place.stat().st_size,
        problems=taken.problems,
    )


def make_commune_sheet(  # noqa: PLR0913 - one argument for each option of the command
    folder: str | Path,
    text: str,
    out: Path | None = None,
    *,
    as_of: date | None = None,
    since: date | None = None,
    made: date | None = None,
    bw: bool = False,
    dpi: float = 300,
    style: Path | None = None,
    progress: Progress = silent,
) -> CommuneSheet:
    """Writes the page of the commune that `text` (name, code, "name, district") means to `out` (.pdf, .png, .svg).

    `out`: maps/commune_CODE.pdf when None. Without `as_of`, a unit of other boundaries than those of the workspace's
    own day is shown on the newest of its days that has them. UsageError when no commune, or more than one, is
    meant: it names them with their districts.
    """
    from ntmgis.show.paper.book_write import write_commune_page

    suffix = ".pdf" if out is None else _check_out(out, COMMUNE_KINDS)
    if not 20 <= dpi <= 1200:
        raise UsageError(problem("E-CONFIG-VALUE", column="--dpi", value=dpi, allowed="20-1200", nearest="300"))
    workspace = load_workspace(folder)
    taken = take_in(workspace, progress=progress)
    unit = _commune(text, taken, as_of or workspace.as_of)
    day = _day_of(unit, workspace, as_of)
    known = _known(taken, day, since)
    if unit.code not in set(known.snapshot.communes["code"].astype(str)):
        raise UsageError(
            problem("E-BOOK-NO-BOUNDARY", value=text, unit=f"{unit.code} {unit.name}", day=f"{day:%d/%m/%Y}")
        )
    place = out or product_place(folder, "commune", unit.code, *(["bw"] if bw else []))
    with whole_file(place, make_folder=out is None) as part:
        info = write_commune_page(
            known.snapshot,
            known.facts,
            unit.code,
            pdf=part if suffix == ".pdf" else None,
            png=part if suffix == ".png" else None,
            svg=part if suffix == ".svg" else None,
            monitoring=known.monitoring,
            style=style or workspace.style,
            agency=workspace.agency,
            neighbours=known.neighbours,
            made=made,
            bw=bw,
            dpi=dpi,
        )
    return CommuneSheet(
        path=place,
        unit=unit,
        as_of=day,
        denominator=info.denominator,
        villages_on_map=info.villages_on_map,
        villages_listed=info.villages_listed,
        bytes=place.stat().st_size,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    snapshot: "Snapshot"
    facts: "Facts"
    monitoring: "Monitoring"
    neighbours: "gpd.GeoDataFrame | None"


def _known(taken: TakenIn, day: date, since: date | None) -> _Known:
    """What is known of a day, compared with an earlier one."""
    if since is not None and since >= day:
        raise UsageError(problem("E-MONITOR-SINCE", value=since.isoformat(), as_of=f"{day:%d/%m/%Y}"))
    snapshot, facts = snapshot_of(taken, day)
    monitoring = monitoring_of(taken, snapshot, facts, since=since or last_period(taken, day))
    return _Known(snapshot, facts, monitoring, neighbours_of(taken, snapshot))


def _commune(text: str, taken: TakenIn, day: date) -> Asked:
    """The one commune that is meant, on the boundaries of `day` where there is one."""
    from ntmgis.store.take import units_on
    from ntmgis.units.aliases import load_aliases
    from ntmgis.units.lookup import UnitLookup

    workspace = taken.workspace
    aliases = load_aliases(workspace.aliases if workspace.aliases and workspace.aliases.is_file() else None)
    lookups = {one.id: UnitLookup(units_on(taken.store, workspace, one), one.id, aliases) for one in EPOCHS}
    found = find_units(text, lookups, epoch_on(day))
    communes = [one for one in found if one.level == "commune"]
    if len(communes) == 1:
        return communes[0]
    if communes:
        units = "; ".join(map(str, communes))
        raise UsageError(problem("E-MONITOR-MANY-UNITS", value=text, count=len(communes), units=units))
    if found:
        raise UsageError(problem("E-BOOK-DISTRICT", value=text, name=found[0].name, unit=found[0].code))
    near = ", ".join(f"{one.code} {one.name}" for one in near_units(text, lookups, epoch_on(day)))
    raise UsageError(problem("E-MONITOR-NO-UNIT", value=text, near=f"; gần giống: {near}" if near else ""))


def _day_of(unit: Asked, workspace: Workspace, as_of: date | None) -> date:
    """The day the unit is shown on: the one asked for, or the newest of the workspace on its boundaries."""
    day = as_of or workspace.as_of
    if epoch_on(day) == unit.epoch:
        return day
    days = [one for one in (workspace.as_of, *workspace.also) if epoch_on(one) == unit.epoch]
    if as_of is not None or not days:
        name = f"{unit.code} {unit.name}"
        ours = epoch_on(day).title_vi
        words = {"unit": name, "theirs": unit.epoch.title_vi, "day": f"{day:%d/%m/%Y}", "ours": ours}
        raise UsageError(problem("E-BOOK-EPOCH", value=unit.name, **words))  # type: ignore[arg-type] # words of the rule
    return max(days)


def _check_out(out: Path, kinds: tuple[str, ...]) -> str:
    suffix = out.suffix.lower()
    if suffix not in kinds:
        allowed = ", ".join(kinds)
        raise UsageError(problem("E-CONFIG-VALUE", column="--out", value=out.name, allowed=allowed, nearest=kinds[0]))
    return suffix
