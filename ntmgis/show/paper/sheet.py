"""Map sheets: a theme of the province, a district or a commune on one page, at the largest round scale that fits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import shapely

from ntmgis.errors import UsageError, problem
from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.show.paper.arrange import Arrangement, arrange, finest_scale
from ntmgis.show.paper.book import Book
from ntmgis.show.paper.canvas import Canvas
from ntmgis.show.paper.content import LINES, Ground, Scope, check_names, fingerprint, ground_of, scope_of, source_lines
from ntmgis.show.paper.fitted import corners
from ntmgis.show.paper.font import clean, house_fonts
from ntmgis.show.paper.frame import draw_frame, draw_graticule
from ntmgis.show.paper.furniture import SheetText, draw_foot, draw_title, map_frame
from ntmgis.show.paper.households import Households, draw_signs, households_of, is_personal
from ntmgis.show.paper.households_legend import (
    MARK_ROOM,
    PERSONAL,
    THEME,
    households_painting,
    households_panel,
    marked,
)
from ntmgis.show.paper.items import Page
from ntmgis.show.paper.legend import layers_panel, lines_panel, works_panel
from ntmgis.show.paper.mapbody import PaperGround, draw_map, draw_marks
from ntmgis.show.paper.multiples import draw_multiples
from ntmgis.show.paper.names import Names, draw_names, place_all
from ntmgis.show.paper.painting import Painting, paint, together
from ntmgis.show.paper.panels import (
    Panel,
    communes_panel,
    districts_panel,
    list_panel,
    locator_panel,
    looks_panel,
    scale_panel,
    signature_panel,
)
from ntmgis.show.paper.raster import write_png
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.sizes import PAPERS, Rect, Template, template_for
from ntmgis.show.paper.style import HouseStyle, load_style
from ntmgis.show.paper.svg import svg as svg_of
from ntmgis.show.paper.thumbnail import thumbnail
from ntmgis.show.paper.tiles import cut
from ntmgis.show.words import data_day, day, known_day
from ntmgis.store.snapshot import Snapshot

__all__ = ["SheetInfo", "SheetMaker", "thumbnail", "write_sheet"]

# Classes of road under households, widest first: lanes would hide the cells of a town.
_ROADS_BELOW = {"province": 3, "district": 4, "commune": 7}


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """What was drawn: the scale 1:`denominator`, the sheet in mm (width, height), and where the names stand.

    `pages` is the number of pages of the PDF: 1, or the number of tiles. With households: `objects` is how many the
    sheet accounts for, `withheld` those of them in cells (`cell_m` metres wide) of too few to be drawn.
    """

    denominator: int
    size_mm: tuple[float, float]
    labels_on_map: int
    labels_in_list: int
    district_names: int
    graticule_minutes: int
    village_names: int = 0
    pages: int = 1
    objects: int = 0
    withheld: int = 0
    cell_m: int = 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a sheet is of: where, painted how, on which ground, with which households."""

    scope: Scope
    painting: Painting
    ground: Ground
    households: Households | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    place: Arrangement
    paper: PaperGround
    names: Names
    panels: tuple[Panel, ...]


class SheetMaker:
    """Draws any number of sheets of one snapshot; what they share is read, projected and indexed once.

    `style` is a house style file (None: the shipped style); UsageError lists its faults. `neighbours` is known land
    around the province, drawn grey.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        facts: Facts,
        *,
        monitoring: Monitoring | None = None,
        before: tuple[Facts, date] | None = None,
        style: Path | HouseStyle | None = None,
        agency: str = "",
        neighbours: gpd.GeoDataFrame | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.facts = facts
        self.monitoring = monitoring
        self.before = before
        self.style = style if isinstance(style, HouseStyle) else load_style(style)
        self.agency = clean(agency, limit=120)
        self._neighbours = neighbours
        with house_fonts(self.style.fonts):
            check_names(snapshot, [("đơn vị lập", self.agency)])

    @cached_property
    def ground(self) -> Ground:
        """All layers in metres."""
        return ground_of(self.snapshot, self.facts, neighbours=self._neighbours)

    @cached_property
    def inputs(self) -> str:
        """SHA-256 of the figures behind every sheet."""
        return fingerprint(self.snapshot, self.facts)

    def draw(
        self,
        theme: str | None = None,
        *,
        size: str = "A3",
        of: str | None = None,
        bw: bool = False,
        villages: bool | None = None,
        made: date | None = None,
        page: tuple[int, int] = (1, 1),
        households: str | None = None,
    ) -> tuple[Page, SheetInfo, dict[str, str]]:
        """One sheet: the drawn page, what was drawn, and what is to be told of it in the file.

        `households` (one of `households.FORMS`) draws the located objects of the register, alone or with the works
        ("infrastructure"); no theme is "status" without them. A page that shows single objects is marked: it holds
        personal data and is no product to pass on.
        """
        if size not in PAPERS:
            raise UsageError(problem("E-PAPER-UNKNOWN", value=size, known=", ".join(PAPERS)))
        template = template_for(size, self.style.layout)
        if is_personal(households):
            template = replace(template, margin=max(template.margin, MARK_ROOM / template.magnify))
        with house_fonts(self.style.fonts):
            scope = scope_of(self.ground, self.snapshot, of)
            if households is not None:
                shown = self._with_households(scope, theme, households)
                paintings: tuple[Painting, ...] = (shown.painting,)
            else:
                theme = theme or "status"
                paintings = paint(
                    self.snapshot, self.facts, scope, theme, monitoring=self.monitoring, before=self.before
                )
                shown = _Shown(scope, paintings[0], self.ground)
            words = self._words(paintings, shown, made, page)
            if len(paintings) > 1:
                canvas, scaled = draw_multiples(
                    self.ground, scope, paintings, words, template, self.style, crs=self.snapshot.metric_crs, bw=bw
                )
                return canvas.page, SheetInfo(*scaled, 0, 0, 0, 0), self._about(words, paintings[0].theme)
            layout = self._lay_out(shown, words, template, villages)
            sheet = layout.place.sheet
            canvas = Canvas(
                sheet.width, sheet.height, monochrome=bw, magnify=template.magnify, colors=self.style.colors
            )
            minutes = self._draw(canvas, shown, words, layout, template)
            drawn = canvas.page
            if is_personal(households):
                drawn = marked(drawn, self.style)
        names = layout.names
        scale = layout.place.placement.denominator
        about = self._about(words, paintings[0].theme)
        info = SheetInfo(
            denominator=scale,
            size_mm=(round(sheet.width * template.magnify, 3), round(sheet.height * template.magnify, 3)),
            labels_on_map=len(names.communes.names),
            labels_in_list=len(names.communes.numbers),
            district_names=len(names.districts.names),
            graticule_minutes=minutes,
            village_names=len(names.villages.names),
        )
        if shown.households is None:
            return drawn, info, about
        return drawn, _with_counts(info, shown.households), _of_households(about, shown.households, scale)

    def _with_households(self, scope: Scope, theme: str | None, form: str) -> _Shown:
        """Households on a quiet ground; only works share the sheet: two ramps of colour cannot be told apart."""
        if theme not in {None, THEME, "infrastructure"}:
            raise UsageError(problem("E-HOUSEHOLDS-THEME", value=theme))
        found = households_of(self.snapshot, self.ground, scope, form)
        if theme != "infrastructure":
            painting = households_painting(self.snapshot, scope, found)
            return _Shown(scope, painting, self.ground.quiet(_ROADS_BELOW[scope.level]), found)
        (works,) = paint(self.snapshot, self.facts, scope, theme)
        return _Shown(scope, households_painting(self.snapshot, scope, found, works), self.ground, found)

    def _words(
        self, paintings: tuple[Painting, ...], shown: _Shown, made: date | None, page: tuple[int, int]
    ) -> SheetText:
        first = paintings[0]
        headline, subtitle = first.headline, first.subtitle
        tables = {table for one in paintings for table in one.tables}
        if len(paintings) > 1:
            headline = together(paintings, shown.scope, day(data_day(self.snapshot)))
        else:
            tables |= _drawn_tables(shown)
        if shown.scope.level != "province":
            tables.add("village")
        return SheetText(
            headline=clean(headline, limit=200),
            subtitle=clean(subtitle, limit=400),
            province=clean(self.snapshot.province_name),
            agency=self.agency,
            sources=source_lines(self.snapshot, tables),
            as_of=self.snapshot.as_of,
            made=made,
            known=known_day(self.snapshot),
            sample=self.snapshot.sample,
            page=page,
        )

    def _lay_out(
        self,
        shown: _Shown,
        words: SheetText,
        template: Template,
        villages: bool | None,  # noqa: FBT001 - three states
    ) -> _Layout:
        """Scale, places and names.

        The list of numbered names needs room, which may cost scale, which may put more names into the list; so the
        list only ever grows and the scale only ever shrinks until both agree.
        """
        scope, painting, households = shown.scope, shown.painting, shown.households
        sheets = [map_frame(template, self.style, words, turned=turned) for turned in (False, True)]
        outline = shapely.union_all([unit.area for unit in self.ground.units if unit.code in scope.codes])
        outline = outline.simplify(max(outline.bounds[2] - outline.bounds[0], 1.0) / 800)
        road_km = self._road_km(scope)
        district_names = {str(row.code): clean(row.name) for row in self.snapshot.districts.itertuples(index=False)}
        listed: Panel | None = None
        denominator = finest_scale(outline, sheets=sheets, magnify=template.magnify)
        title = "Thôn, làng, tổ dân phố" if scope.level == "commune" else "Tên đánh số trên bản đồ"
        while True:
            # The ground under the largest frame at this scale: what any arrangement may show.
            reach = max(max(frame.width, frame.height) for _, frame in sheets) * denominator * template.magnify / 1000
            x0, y0, x1, y1 = outline.bounds
            seen = shown.ground.window(shapely.box(x1 - reach, y1 - reach, x0 + reach, y0 + reach), works_in=scope.area)
            rough = PaperGround(seen, Placement(denominator, 0, 0, 0, 0, template.magnify), scope)
            whole = scope.level == "province"
            panels = (
                looks_panel(painting, template) if painting.looks else None,
                households_panel(households, denominator, template) if households is not None else None,
                self._table(rough, painting, template, district_names),
                *_legend(seen, painting, road_km, denominator, template, whole=whole),
                scale_panel(Placement(denominator, 0, 0, 0, 0, template.magnify), self.snapshot.metric_crs, template),
                locator_panel(self.ground, scope, template),
                signature_panel(self.style, template),
                listed,
            )
            some = tuple(panel for panel in panels if panel is not None)
            place = arrange(
                outline,
                sheets=sheets,
                panels=[panel.size for panel in some],
                magnify=template.magnify,
                finest=denominator,
            )
            paper = PaperGround(self._view(place, shown), place.placement, scope)
            names = place_all(
                paper,
                painting,
                frame=place.frame,
                panels=list(place.panels.values()),
                template=template,
                villages=villages,
            )
            wanted = list_panel(names.numbers, painting, template, title=title)
            fits = wanted is None or (listed is not None and wanted.size.height <= listed.size.height + 1e-6)
            if place.placement.denominator == denominator and fits:
                # The legend once more, now of what is under the frame: never more than was reckoned with.
                seen = paper.ground
                again = (*_legend(seen, painting, road_km, denominator, template, whole=whole), wanted)
                final = {panel.key: panel for panel in again if panel is not None}
                kept = [panel for panel in some if panel.key not in {"layers", "works", "list"}]
                for key, panel in final.items():
                    place.panels[key] = _shortened(place.panels[key], panel)
                return _Layout(place, paper, names, (*kept, *final.values()))
            denominator = place.placement.denominator
            if not fits:
                listed = wanted

    def _table(
        self, paper: PaperGround, painting: Painting, template: Template, names: Mapping[str, str]
    ) -> Panel | None:
        """Districts of the province, or communes of the district, with their classes; None on a map of works."""
        if not painting.looks:
            return None
        if paper.province is not None:
            return districts_panel(paper, painting, names, template)
        return communes_panel(paper, painting, self.facts, template)

    def _view(self, place: Arrangement, shown: _Shown) -> Ground:
        """The ground under the frame; works only where the sheet counts them."""
        frame = place.frame
        (x0, y0), (x1, y1) = place.placement.ground(frame.x, frame.y), place.placement.ground(frame.right, frame.top)
        return shown.ground.window(shapely.box(x0, y0, x1, y1), works_in=shown.scope.area)

    def _road_km(self, scope: Scope) -> dict[str, float]:
        roads = self.facts.roads
        if roads.empty:
            return {}
        if scope.level != "province":
            roads = roads[roads["code"].astype(str).isin(list(scope.codes))]
        return {str(name): float(km) for name, km in roads.groupby("class")["km"].sum().items()}

    def _draw(self, canvas: Canvas, shown: _Shown, words: SheetText, layout: _Layout, template: Template) -> int:
        place, paper = layout.place, layout.paper
        painting, households = shown.painting, shown.households
        density = None
        if households is not None and not households.personal:
            density = households.cells(place.placement.denominator)
        draw_map(canvas, place.frame, paper, painting, template, density=density)
        if households is not None and households.personal:
            with canvas.layer("Từng đối tượng địa chỉ số"):
                draw_signs(canvas, place.frame, place.placement, households)
        with canvas.layer("Lưới tọa độ"):
            keep_out = shapely.union_all(
                [paper.shown.buffer(1.0)]
                + [shapely.box(rect.x, rect.y, rect.right, rect.top) for rect in place.panels.values()]
            )
            minutes = draw_graticule(
                canvas, place.frame, place.placement, self.snapshot.metric_crs, template=template, keep_out=keep_out
            )
        with canvas.layer("Tên gọi"):
            draw_marks(canvas, painting, layout.names.arrows)
            draw_names(canvas, layout.names, paper, painting)
        with canvas.layer("Chú giải"):
            for panel in layout.panels:
                panel.draw(canvas, place.panels[panel.key])
        draw_frame(canvas, place.frame, template)
        draw_title(canvas, words, template, self.style)
        draw_foot(canvas, words, template)
        canvas.locate(
            place.frame, corners(place.placement, place.frame, self.snapshot.metric_crs), self.snapshot.metric_crs
        )
        return minutes

    def _about(self, words: SheetText, theme: str) -> dict[str, str]:
        return {
            "Title": words.headline,
            "Subject": f"{words.subtitle}. Bản đồ xây dựng nông thôn mới",
            "Keywords": f"nông thôn mới, bản đồ, {theme}, {words.province}",
            "Author": words.agency,
            "Creator": "ntmgis",
            "Date": words.as_of.isoformat(),
            "Made": "" if words.made is None else words.made.isoformat(),
            "Sources": " ".join(words.sources),
            "Inputs": self.inputs,
        }


def _legend(
    seen: Ground,
    painting: Painting,
    road_km: Mapping[str, float],
    denominator: int,
    template: Template,
    *,
    whole: bool,
) -> tuple[Panel | None, ...]:
    """Lines and works: in one panel beside classes, in two on a map of works, where they are long and stand alone."""
    if painting.looks:
        return (layers_panel(seen, road_km, denominator, template, works=painting.works, whole=whole),)
    lines = lines_panel(seen, road_km, denominator, template, whole=whole)
    return lines, works_panel(seen, denominator, template, works=painting.works)


def _shortened(place: Rect, panel: Panel) -> Rect:
    """The place of a panel that needs less height than was reckoned with, hanging from the same edge or corner."""
    return Rect(place.x, place.top - panel.size.height, place.width, panel.size.height)


def _drawn_tables(shown: _Shown) -> set[str]:
    """The tables of the layers that a map shows or counts: lines, relief, and the works of its theme."""
    every, works = set(shown.ground.layers), shown.painting.works
    lines = every & set(LINES)
    relief = {"terrain"} if shown.ground.relief is not None else set()
    return lines | relief | (every if works is None else every & works)


def _with_counts(info: SheetInfo, households: Households) -> SheetInfo:
    if households.personal:
        return replace(info, objects=len(households))
    counted = households.cells(info.denominator)
    return replace(info, objects=len(households), withheld=counted.withheld, cell_m=counted.side)


def _of_households(about: Mapping[str, str], households: Households, denominator: int) -> dict[str, str]:
    """What is told of a sheet in its file, with what it shows of the households."""
    shown = sha256(f"{about['Inputs']} {households.mark(denominator)}".encode()).hexdigest()
    mark = f"{PERSONAL}. " if households.personal else ""
    return {**about, "Subject": mark + about["Subject"], "Inputs": shown}


def write_sheet(  # noqa: PLR0913 - each is named at the call
    snapshot: Snapshot,
    facts: Facts,
    *,
    pdf: Path | None = None,
    png: Path | None = None,
    svg: Path | None = None,
    theme: str | None = None,
    size: str = "A3",
    of: str | None = None,
    bw: bool = False,
    dpi: float = 200,
    tiles: str | None = None,
    villages: bool | None = None,
    monitoring: Monitoring | None = None,
    before: tuple[Facts, date] | None = None,
    style: Path | HouseStyle | None = None,
    agency: str = "",
    neighbours: gpd.GeoDataFrame | None = None,
    made: date | None = None,
    households: str | None = None,
) -> SheetInfo:
    """A map sheet at the largest round scale that fits the paper, drawn once and written as PDF, PNG, SVG.

    `theme` is one of `painting.theme_ids()`, None: "status", or `households` alone (see `SheetMaker.draw`); `of` the
    code of a district or commune (None: the province); `tiles` cuts the PDF into sheets of a smaller paper; `bw` prints
    in grey with strong patterns. Orientation follows the extent. Drawn in the snapshot's metric CRS, so that the scale
    is true on paper. `made` dates the sheet; without it only the day of the data is stated. The same input gives the
    same bytes. InputError when a name holds a letter that the typeface lacks, or no object is located; UsageError for
    an unknown size, theme, unit or style, or when nothing fits.
    """
    if tiles is not None and tiles not in PAPERS:
        raise UsageError(problem("E-PAPER-UNKNOWN", value=tiles, known=", ".join(PAPERS)))
    maker = SheetMaker(
        snapshot,
        facts,
        monitoring=monitoring,
        before=before,
        style=style,
        agency=agency,
        neighbours=neighbours,
    )
    page, info, about = maker.draw(theme, size=size, of=of, bw=bw, villages=villages, made=made, households=households)
    pages = write_page(
        page,
        about,
        pdf=pdf,
        png=png,
        svg=svg,
        dpi=dpi,
        tiles=tiles,
        style=maker.style,
        personal=is_personal(households),
    )
    return replace(info, pages=pages)


def write_page(  # noqa: PLR0913 - each is named at the call
    page: Page,
    about: Mapping[str, str],
    *,
    pdf: Path | None = None,
    png: Path | None = None,
    svg: Path | None = None,
    dpi: float = 200,
    tiles: str | None = None,
    style: HouseStyle,
    personal: bool = False,
) -> int:
    """Writes one drawn page in the forms asked for; gives the number of pages of the PDF.

    `personal`: the page shows single households, so each of its tiles is marked too.
    """
    with house_fonts(style.fonts):
        book = Book()
        if tiles is None:
            book.add(page)
        else:
            parts = cut(page, tiles, colors=style.colors)
            if personal:
                parts = [replace(part, marks=marked(part.marks, style)) for part in parts]
            book.add_tiles(page, parts)
        if pdf is not None:
            pdf.write_bytes(book.pdf(about))
        if svg is not None:
            svg.write_text(svg_of(page, title=about.get("Title", "")), encoding="utf-8")
        if png is not None:
            with png.open("wb") as file:
                write_png(page, file, dpi=dpi)
    return len(book)
