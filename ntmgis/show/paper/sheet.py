"""The status sheet: the whole province on one page, with its legend, tables and sources."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import shapely

from ntmgis.errors import UsageError, problem
from ntmgis.measure.facts import Facts
from ntmgis.show.paper.arrange import Arrangement, arrange, finest_scale
from ntmgis.show.paper.canvas import SETTINGS, Canvas, Ink
from ntmgis.show.paper.content import Ground, SheetText, ground_of, text_of
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.frame import draw_frame, draw_graticule
from ntmgis.show.paper.labels import Placing
from ntmgis.show.paper.legend import layers_panel
from ntmgis.show.paper.mapbody import PaperGround, draw_map, draw_names, on_paper, place_all
from ntmgis.show.paper.panels import Panel, districts_panel, list_panel, scale_panel, tiers_panel
from ntmgis.show.paper.scale import Placement
from ntmgis.show.paper.sizes import PAPERS, Rect, Template, line_height, template_for
from ntmgis.show.paper.thumbnail import thumbnail
from ntmgis.show.symbols import symbols
from ntmgis.show.words import day
from ntmgis.store.snapshot import Snapshot

__all__ = ["SheetInfo", "thumbnail", "write_sheet"]

_QUIET = "#52606d"


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """What was drawn: the scale 1:`denominator`, the sheet in mm (width, height), and where the commune names stand."""

    denominator: int
    size_mm: tuple[float, float]
    labels_on_map: int
    labels_in_list: int
    district_names: int
    graticule_minutes: int


@dataclass(frozen=True, slots=True)
class _Layout:
    place: Arrangement
    paper: PaperGround
    communes: Placing
    districts: Placing
    panels: tuple[Panel, ...]


def write_sheet(
    snapshot: Snapshot,
    facts: Facts,
    *,
    pdf: Path | None = None,
    png: Path | None = None,
    paper: str = "A3",
    dpi: int = 200,
    agency: str = "",
    monochrome: bool = False,
) -> SheetInfo:
    """The status map at the largest round scale that fits the paper, drawn once and written as PDF, PNG or both.

    Orientation follows the extent. Drawn in the snapshot's metric CRS, so that the scale is true on paper. The same
    input gives the same bytes. InputError when a name holds a letter that the typeface lacks; UsageError for an
    unknown paper size, or when nothing fits it.
    """
    if paper not in PAPERS:
        raise UsageError(problem("E-PAPER-UNKNOWN", value=paper, known=", ".join(PAPERS)))
    template = template_for(paper)
    with mpl.rc_context(SETTINGS):
        words = text_of(snapshot, facts, agency)
        ground = ground_of(snapshot, facts)
        layout = _lay_out(snapshot, facts, ground, words, template)
        sheet = layout.place.sheet
        canvas = Canvas(sheet.width, sheet.height, monochrome=monochrome, magnify=template.magnify)
        minutes = _draw(canvas, snapshot, ground, words, layout, template)
        if pdf is not None:
            canvas.save_pdf(pdf, _about(words))
        if png is not None:
            canvas.save_png(png, dpi=dpi)
    return SheetInfo(
        denominator=layout.place.placement.denominator,
        size_mm=(round(sheet.width * template.magnify, 3), round(sheet.height * template.magnify, 3)),
        labels_on_map=len(layout.communes.names),
        labels_in_list=len(layout.communes.numbers),
        district_names=len(layout.districts.names),
        graticule_minutes=minutes,
    )


def _lay_out(snapshot: Snapshot, facts: Facts, ground: Ground, words: SheetText, template: Template) -> _Layout:
    """Scale, places and names.

    The list of numbered names needs room, which may cost scale, which may put more names into the list; so the list
    only ever grows and the scale only ever shrinks until both agree.
    """
    sheets = [_sheet(template, words, turned=turned) for turned in (False, True)]
    outline = shapely.union_all([unit.area for unit in ground.units])
    outline = outline.simplify(max(outline.bounds[2] - outline.bounds[0], 1.0) / 800)
    by_class = {} if facts.roads.empty else facts.roads.groupby("class")["km"].sum().to_dict()
    road_km = {str(name): float(km) for name, km in by_class.items()}
    tiers = {unit.code: unit.tier for unit in ground.units}
    listed: Panel | None = None
    denominator = finest_scale(outline, sheets=sheets, magnify=template.magnify)
    while True:
        panels = (
            tiers_panel(facts, template),
            districts_panel(facts, template),
            layers_panel(ground, road_km, denominator, template),
            scale_panel(Placement(denominator, 0, 0, 0, 0, template.magnify), snapshot.metric_crs, template),
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
        paper = on_paper(ground, place.placement)
        communes, districts = place_all(
            paper, ground, frame=place.frame, panels=list(place.panels.values()), template=template
        )
        wanted = list_panel(communes.numbers, tiers, template)
        fits = wanted is None or (listed is not None and wanted.size.height <= listed.size.height + 1e-6)
        if place.placement.denominator == denominator and fits:
            kept = tuple(panel for panel in some if panel.key != "list")
            if wanted is not None:
                kept = (*kept, wanted)
            return _Layout(place, paper, communes, districts, kept)
        denominator = place.placement.denominator
        if not fits:
            listed = wanted


def _draw(
    canvas: Canvas,
    snapshot: Snapshot,
    ground: Ground,
    words: SheetText,
    layout: _Layout,
    template: Template,
) -> int:
    place = layout.place
    draw_map(canvas, place.frame, layout.paper, ground, template)
    keep_out = shapely.union_all(
        [layout.paper.province.buffer(1.0)]
        + [shapely.box(rect.x, rect.y, rect.right, rect.top) for rect in place.panels.values()]
    )
    minutes = draw_graticule(
        canvas, place.frame, place.placement, snapshot.metric_crs, template=template, keep_out=keep_out
    )
    draw_names(canvas, layout.communes, layout.districts, {unit.code: unit for unit in ground.units})
    for panel in layout.panels:
        panel.draw(canvas, place.panels[panel.key])
    draw_frame(canvas, place.frame, template)
    _title(canvas, words, template, sample=snapshot.sample)
    _foot(canvas, snapshot, words, template)
    return minutes


def _sheet(template: Template, words: SheetText, *, turned: bool) -> tuple[Rect, Rect]:
    """The sheet and the map frame on it, upright or turned."""
    sheet = template.sheet(turned=turned)
    wide, tall = sheet.width, sheet.height
    margin, band = template.margin, template.frame_band
    bottom = margin + template.foot_height + _sources_height(template, words, wide - 2 * margin)
    top = tall - margin - template.title_height
    return sheet, Rect(margin, bottom, wide - 2 * margin, top - bottom).grown(-band)


def _title(canvas: Canvas, words: SheetText, template: Template, *, sample: bool) -> None:
    left, right = template.margin, canvas.width - template.margin
    top = canvas.height - template.margin
    text = words.headline
    size = template.headline
    while width(text, size, "bold") > right - left and size > template.headline_min:
        size -= 0.5
    canvas.text((left, top - 7.6), shorten(text, within=right - left, size=size, style="bold"), size, style="bold")
    room = right - left
    if sample:
        room -= _sample_mark(canvas, right, top - 11.2, template) + 5
    for row, line in enumerate(wrap(words.subtitle, within=room, size=template.subtitle)[:2]):
        canvas.text((left, top - 14.0 - row * line_height(template.subtitle)), line, template.subtitle, color=_QUIET)


def _sample_mark(canvas: Canvas, right: float, top: float, template: Template) -> float:
    look = symbols()["sample"]
    first, second = str(look["vi"]), "ranh giới không có giá trị pháp lý"
    wide = max(width(first, template.heading, "bold"), width(second, template.small)) + 6
    canvas.rect(Rect(right - wide, top - 9.0, wide, 9.0), Ink(fill=look["band"]))
    canvas.text((right - 3, top - 3.9), first, template.heading, style="bold", color=look["text"], align="right")
    canvas.text((right - 3, top - 7.5), second, template.small, color=look["text"], align="right")
    return float(wide)


def _sources_lines(template: Template, words: SheetText, wide: float) -> list[list[str]]:
    """The lines of all sources, one after another, in two columns of about the same height."""
    column = (wide - 70 - 10) / 2
    lines = [line for source in words.sources for line in wrap(source, within=column, size=template.small)]
    half = -(-len(lines) // 2)
    return [lines[:half], lines[half:]]


def _sources_height(template: Template, words: SheetText, wide: float) -> float:
    lines = max(len(column) for column in _sources_lines(template, words, wide))
    return 3.0 + line_height(template.small) * max(lines + 1, 4)


def _foot(canvas: Canvas, snapshot: Snapshot, words: SheetText, template: Template) -> None:
    left, right = template.margin, canvas.width - template.margin
    wide = right - left
    step = line_height(template.small)
    top = template.margin + template.foot_height + _sources_height(template, words, wide) - 3.0
    canvas.text((left, top - step * 0.8), "Nguồn số liệu", template.small, style="semibold")
    for n, column in enumerate(_sources_lines(template, words, wide)):
        for row, line in enumerate(column):
            x = left + n * ((wide - 70 - 10) / 2 + 5)
            canvas.text((x, top - step * (row + 1.8)), line, template.small, color=_QUIET)
    agency = words.agency or "." * 44
    entries = (("Đơn vị lập", agency), ("Ngày lập số liệu", day(snapshot.as_of)))
    for row, (label, value) in enumerate(entries):
        y = top - step * (row * 1.3 + 0.8)
        start = right - 70
        canvas.text((start, y), f"{label}:", template.small, style="semibold")
        room = 70 - width(f"{label}: ", template.small, "semibold")
        canvas.text((right - room, y), shorten(value, within=room, size=template.small), template.small)
    canvas.text((right, template.margin), "Trang 1/1", template.small, color=_QUIET, align="right")
    canvas.text((left, template.margin), words.province, template.small, color=_QUIET)


def _about(words: SheetText) -> dict[str, str | None]:
    return {
        "Title": words.headline,
        "Subject": f"{words.province}: bản đồ kết quả xây dựng nông thôn mới",
        "Keywords": "nông thôn mới, bản đồ, " + words.province,
        "Author": words.agency or None,
        "Creator": "ntmgis",
    }
