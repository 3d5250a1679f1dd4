"""The pages of a book that are not of a commune: cover with the key map, contents, index, how to read, districts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely

from ntmgis.measure.told import Row, records
from ntmgis.measure.wording import plain, state_words
from ntmgis.show.paper.book_guide import draw_guide
from ntmgis.show.paper.book_order import PER_LIST, Entry, Plan, bare_name, vietnamese_key
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.commune_page import CommunePages
from ntmgis.show.paper.commune_page_facts import Measure
from ntmgis.show.paper.commune_page_parts import draw_heading, draw_measures, draw_state, tier_look
from ntmgis.show.paper.content import Scope, Unit, scope_of, short_district
from ntmgis.show.paper.fitted import corners
from ntmgis.show.paper.font import clean, shorten, width, wrap
from ntmgis.show.paper.frame import draw_frame
from ntmgis.show.paper.furniture import SheetText, draw_foot, draw_title, map_frame
from ntmgis.show.paper.ink import swatch
from ntmgis.show.paper.items import Page
from ntmgis.show.paper.labels import Name, place_names, place_over
from ntmgis.show.paper.mapbody import PaperGround, draw_fills
from ntmgis.show.paper.painting import Painting, paint
from ntmgis.show.paper.panels import looks_panel
from ntmgis.show.paper.scale import ROUND_SCALES, Placement
from ntmgis.show.paper.sizes import Rect, line_height
from ntmgis.show.words import day, headline, known_words, lower, number, percent, place_words, subtitle

__all__ = ["BookPages"]

COMMUNE_PAGE = (
    "Trên mỗi trang: bản đồ ở tỷ lệ tròn lớn nhất, kết quả, từng tiêu chí, chỉ số so với mục tiêu và toàn tỉnh, "
    "các kỳ trước, công trình gần nhất, danh sách thôn."
)
_LABEL = ("contents-0", "Mục lục")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a list: a heading, or a unit with its tier; `page` 0 for a line that leads nowhere."""

    text: str
    page: int
    to: str
    tier: str = ""
    heading: bool = False


class BookPages:
    """Draws the front matter and the district pages of a planned book."""

    def __init__(self, pages: CommunePages, plan: Plan, *, made: date | None = None) -> None:
        self.pages = pages
        self.plan = plan
        self.made = made
        self._units = {unit.code: unit for unit in pages.maker.ground.units}
        self._page_of = plan.page_of

    def draw(self, entry: Entry) -> Page:
        """The page of an entry that is not a commune's."""
        if entry.kind == "cover":
            return self._cover()
        if entry.kind == "contents":
            by_district = any(one.kind == "district" for one in self.plan.entries)
            rows = self._by_district() if by_district else self._alphabetical()
            return self._list(entry, "Mục lục" if by_district else "Mục lục theo vần", rows)
        if entry.kind == "index":
            return self._list(entry, "Chỉ mục theo vần", self._alphabetical())
        if entry.kind == "guide":
            return self._guide(entry)
        return self._district(entry)

    def words(self, title: str, more: str, page: int) -> SheetText:
        """Title, subtitle and foot of a page."""
        return self.pages.words(title, more, page=(page, len(self.plan)), made=self.made)

    def back(self, canvas: Canvas) -> None:
        """A link to the contents, at the foot of every page but those themselves."""
        template = self.pages.template
        to, text = _LABEL
        x = canvas.width / 2 - width(text, template.small) / 2
        canvas.text((x, template.margin), text, template.small, color="quiet")
        wide = width(text, template.small)
        canvas.line((x, template.margin - 0.7), (x + wide, template.margin - 0.7), Ink(line="quiet", width=0.12))
        canvas.link(Rect(x - 2, template.margin - 2, wide + 4, 5), to)

    # -- cover

    def _cover(self) -> Page:
        pages, template = self.pages, self.pages.template
        snapshot, facts = pages.snapshot, pages.maker.facts
        title = place_words("Tập bản đồ xã nông thôn mới", clean(snapshot.province_name))
        words = self.words(title, f"{headline(snapshot, facts)}. {subtitle(snapshot, facts)}", 1)
        canvas = pages.canvas()
        draw_title(canvas, words, template, pages.maker.style)
        place = map_frame(template, pages.maker.style, words, turned=False)[1].grown(template.frame_band)
        scope = scope_of(pages.maker.ground, snapshot, None)
        painting = paint(snapshot, facts, scope, "status")[0]
        legend = looks_panel(painting, replace(template, panel_width=100.0))
        low = max(legend.size.height, 34.0)
        outer = Rect(place.x, place.y + low + 4, place.width, place.height - low - 4)
        frame = outer.grown(-template.frame_band)
        self._key_map(canvas, frame, scope, painting)
        legend.draw(canvas, Rect(place.x, place.y + low - legend.size.height, legend.width, legend.size.height))
        left = place.x + legend.width + 8
        communes = sum(entry.kind == "commune" for entry in self.plan.entries)
        told = (
            "Số trên bản đồ là số trang của từng đơn vị; trong tệp PDF, bấm vào số để mở trang.",
            f"{number(communes)} đơn vị cấp xã, mỗi đơn vị một trang. {COMMUNE_PAGE}",
            f"Số liệu đến {day(snapshot.as_of)}. Cách đọc và nguồn số liệu: trang {self._page_of['guide']}.",
        )
        y = place.y + low
        for text in told:
            for line in wrap(text, within=place.right - left, size=template.body):
                y -= line_height(template.body)
                canvas.text((left, y), line, template.body)
            y -= 1.5
        draw_foot(canvas, words, template)
        return canvas.page

    def _key_map(self, canvas: Canvas, frame: Rect, scope: Scope, painting: Painting) -> None:
        """The province with the page number of every commune on it."""
        template, ground = self.pages.template, self.pages.maker.ground
        x0, y0, x1, y1 = scope.area.bounds
        need = max((x1 - x0) / (frame.width - 6), (y1 - y0) / (frame.height - 6)) * 1000 / template.magnify
        scale = next(one for one in ROUND_SCALES if one >= need)
        middle = (frame.x + frame.width / 2, frame.y + frame.height / 2)
        paper = PaperGround(ground, Placement(scale, (x0 + x1) / 2, (y0 + y1) / 2, *middle, template.magnify), scope)
        draw_fills(canvas, frame, paper, painting)
        names = [
            Name(unit.code, str(self._page_of[unit.code]), area, "semibold")
            for unit, area in zip(paper.units, paper.areas, strict=True)
        ]
        # A number in the margin takes the room of three digits, whatever it is.
        placed = place_names(
            names,
            sizes=(9.0, 8.5, 8.0, 7.5, 7.0),
            number_size=12.5,
            avoid=np.empty((0, 2)),
            bounds=shapely.box(frame.x, frame.y, frame.right, frame.top),
        )
        with canvas.layer("Tên gọi"):
            districts = place_over(
                [Name(name, name, area, "bold", tracking=0.09) for _, name, area in paper.districts],
                sizes=template.district_sizes[2:],
                avoid=np.empty((0, 2)),
                taken=placed.boxes,
            )
            for one in districts.names:
                with canvas.one_text(one.name.text):
                    for line in one.lines:
                        canvas.spaced(
                            (line.x, line.y),
                            line.text,
                            one.size,
                            tracking=one.name.tracking,
                            style="bold",
                            color="district",
                            halo=("#ffffff", 0.3),
                        )
            for number_ in placed.numbers:
                if number_.leader is not None:
                    canvas.shapes([number_.leader], Ink(line="ink", width=0.18))
                self._number(canvas, painting, number_.name, (number_.line.x, number_.line.y + 0.6), 7.0)
            for one in placed.names:
                self._number(canvas, painting, one.name, (one.lines[0].x, one.lines[0].y), one.size)
        draw_frame(canvas, frame, template)
        canvas.locate(frame, corners(paper.placement, frame, ground.crs), ground.crs)
        text = f"Tỷ lệ 1:{number(scale)}"
        canvas.text((frame.x + 3, frame.y + 3), text, template.small, style="semibold", halo=("outside", 0.4))

    def _number(self, canvas: Canvas, painting: Painting, name: Name, at: tuple[float, float], size: float) -> None:
        look = painting.look(name.key)
        color = "#111827" if canvas.monochrome or look is None else look.text
        fill = "#ffffff" if canvas.monochrome or look is None else look.fill
        canvas.text(at, name.text, size, style="semibold", color=color, align="center", halo=(fill, 0.4))
        wide = max(width(name.text, size, "semibold"), 3.0)
        canvas.link(Rect(at[0] - wide / 2 - 0.8, at[1] - 1.0, wide + 1.6, size * 0.36 + 2.0), name.key)

    # -- lists

    def _by_district(self) -> list[_Row]:
        rows = []
        for entry in self.plan.entries:
            if entry.kind == "district":
                rows.append(_Row(entry.title, entry.page, entry.key, heading=True))
            elif entry.kind == "commune":
                rows.append(_Row(entry.title, entry.page, entry.key, self._units[entry.key].tier))
        return rows

    def _alphabetical(self) -> list[_Row]:
        units = sorted(self._units.values(), key=lambda unit: vietnamese_key(bare_name(unit.full_name)))
        twice = Counter(bare_name(unit.full_name) for unit in units)
        names = {code: short_district(name) for code, name in self._district_names().items()}
        rows, letter = [], ""
        for unit in units:
            name = bare_name(unit.full_name)
            if name[:1].upper() != letter:
                letter = name[:1].upper()
                rows.append(_Row(letter, 0, "", heading=True))
            kind = unit.full_name[: len(unit.full_name) - len(name)].strip().lower()
            more = [kind] if kind and (kind != "xã" or twice[name] > 1) else []
            more += [names[unit.district]] if twice[name] > 1 and unit.district in names else []
            text = f"{name} ({', '.join(more)})" if more else name
            rows.append(_Row(text, self._page_of[unit.code], unit.code, unit.tier))
        return rows

    def _district_names(self) -> dict[str, str]:
        return {str(row.code): clean(row.name) for row in self.pages.snapshot.districts.itertuples(index=False)}

    def _list(self, entry: Entry, title: str, rows: Sequence[_Row]) -> Page:
        """A page of a list in three columns."""
        pages, template = self.pages, self.pages.template
        words = self.words(title, self._province(), entry.page)
        canvas = pages.canvas()
        draw_title(canvas, words, template, pages.maker.style)
        place = map_frame(template, pages.maker.style, words, turned=False)[1].grown(template.frame_band)
        part = int(entry.key.rpartition("-")[2])
        shown = rows[part * PER_LIST : (part + 1) * PER_LIST]
        wide = (place.width - 16) / 3
        columns = _columns(shown)
        step = min(place.height / max(*map(len, columns), 1), line_height(template.body) * 1.3)
        for n, column in enumerate(columns):
            left = place.x + n * (wide + 8)
            for k, row in enumerate(column):
                self._line(canvas, Rect(left, place.top - (k + 1) * step, wide, step), row)
        draw_foot(canvas, words, template)
        if entry.kind != "contents":
            self.back(canvas)
        return canvas.page

    def _line(self, canvas: Canvas, place: Rect, row: _Row) -> None:
        size = self.pages.template.body
        base = place.y + place.height / 2 - size * 0.115
        style = "bold" if row.heading else "regular"
        start = place.x
        if row.tier:
            swatch(canvas, Rect(place.x, place.y + place.height / 2 - 1.3, 4.6, 2.6), tier_look(row.tier))
            start += 6.2
        page = str(row.page) if row.page else ""
        edge = place.right - width(page, size) - 2.0
        label = shorten(row.text, within=edge - start, size=size, style=style)  # type: ignore[arg-type] # one of two
        canvas.text((start, base), label, size, style=style)  # type: ignore[arg-type] # one of two
        if not row.page:
            canvas.line((place.x, place.y + 0.3), (place.right, place.y + 0.3), Ink(line="rule", width=0.12))
            return
        canvas.text((place.right, base), page, size, style="semibold", align="right")
        dots = start + width(label, size, style) + 1.5  # type: ignore[arg-type] # one of two
        if dots < edge:
            canvas.line((dots, base), (edge, base), Ink(line="rule", width=0.2, dash=(0.2, 1.2)))
        canvas.link(place, row.to)

    def _guide(self, entry: Entry) -> Page:
        pages, template = self.pages, self.pages.template
        words = self.words("Cách đọc tập bản đồ", self._province(), entry.page)
        canvas = pages.canvas()
        draw_title(canvas, words, template, pages.maker.style)
        place = map_frame(template, pages.maker.style, words, turned=False)[1].grown(template.frame_band)
        draw_guide(canvas, place, pages)
        draw_foot(canvas, words, template)
        self.back(canvas)
        return canvas.page

    # -- districts

    def _district(self, entry: Entry) -> Page:
        pages, template = self.pages, self.pages.template
        snapshot, facts = pages.snapshot, pages.maker.facts
        scope = scope_of(pages.maker.ground, snapshot, entry.key)
        painting = replace(paint(snapshot, facts, scope, "status")[0], whole="Cộng")
        more = f"{painting.subtitle} · kết quả của huyện: {self._own_tier(entry.key)}"
        words = self.words(painting.headline, more, entry.page)
        canvas = pages.canvas()
        draw_title(canvas, words, template, pages.maker.style)
        place = map_frame(template, pages.maker.style, words, turned=False)[1].grown(template.frame_band)
        units = [self._units[one.key] for one in self.plan.entries if one.kind == "commune" and one.key in scope.codes]
        measures = self._district_measures(entry.key)
        step = min(line_height(template.body) * 1.15, 120.0 / max(len(units), 1))
        conditions = self._conditions(entry.key)
        listed, bars = 12.0 + step * len(units), 12.0 + 4.8 * len(measures)
        told = self._told(conditions, 86.0)
        more_tall = 8.0 + line_height(template.small) * (sum(map(len, told)) + 0.3 * len(told)) if told else 0.0
        low = max(listed, bars + more_tall)
        fitted = pages.map(
            canvas, Rect(place.x, place.y + low + 4.0, place.width, place.height - low - 4.0), scope, painting
        )
        split = place.width - 98.0
        numbers = {one.name.key: one.number for one in fitted.names.communes.numbers}
        self._communes(canvas, Rect(place.x, place.y + low - listed, split, listed), units, step, numbers)
        right = Rect(place.x + split + 6.0, place.y + low - bars, 92.0, bars)
        draw_measures(canvas, right, measures, template)
        if conditions:
            under = Rect(right.x, place.y, right.width, low - bars - 2.0)
            self._list_conditions(canvas, under, [str(row["state"]) for row in conditions], told)
        draw_foot(canvas, words, template)
        self.back(canvas)
        return canvas.page

    def _communes(
        self, canvas: Canvas, place: Rect, units: Sequence[Unit], step: float, numbers: Mapping[str, int]
    ) -> None:
        template = self.pages.template
        size = template.body
        top = place.top - draw_heading(canvas, place, f"{number(len(units))} đơn vị cấp xã", template)
        middle, right = place.x + place.width * 0.42, place.right
        for edge, head in ((right - 14, "tiêu chí đạt"), (right, "trang")):
            canvas.text((edge, top - 3.2), head, template.small, color="quiet", align="right")
        top -= 4.2
        for n, unit in enumerate(units):
            row = Rect(place.x, top - (n + 1) * step, place.width, step)
            base = row.y + step / 2 - size * 0.115
            swatch(canvas, Rect(row.x, row.y + step / 2 - 1.3, 4.6, 2.6), tier_look(unit.tier))
            no = f" (số {numbers[unit.code]})" if unit.code in numbers else ""
            room = middle - row.x - 8 - width(no, size)
            canvas.text((row.x + 6.4, base), shorten(unit.full_name, within=room, size=size) + no, size)
            told = self.pages.facts.of(unit.code)
            canvas.text((middle, base), tier_look(unit.tier).label, size, color="quiet")
            met = told["criteria_met"]
            words = "" if unit.urban else f"{number(met)}/{number(self.pages.facts.criteria_set(unit.code).count)}"
            canvas.text((right - 14, base), words, size, align="right")
            canvas.text((right, base), str(self._page_of[unit.code]), size, style="semibold", align="right")
            canvas.link(row, unit.code)

    def _own_tier(self, code: str) -> str:
        """The district's own result in words."""
        districts = self.pages.maker.facts.districts
        tier = str(districts["tier"].get(code, "not_reported"))
        return lower(state_words(None if tier == "not_reported" else tier, level="district"))

    def _conditions(self, code: str) -> list[Row]:
        """What the district still needs, or has, by condition."""
        monitoring = self.pages.facts.monitoring
        if monitoring is None:
            return []
        frame = monitoring.conditions
        return list(records(frame[frame["level"].isin(["district", "city"]) & frame["code"].astype(str).eq(code)]))

    def _told(self, rows: Sequence[Row], wide: float) -> list[tuple[str, ...]]:
        """Each condition with its reason, on at most three lines."""
        made = []
        for row in rows:
            words = clean(f"{row['title']}: {lower(str(row['reason']))}", limit=400)
            lines = wrap(words, within=wide, size=self.pages.template.small)
            if len(lines) > 3:
                last = shorten(" ".join(lines[2:]), within=wide, size=self.pages.template.small)
                lines = (*lines[:2], last)
            made.append(tuple(lines))
        return made

    def _list_conditions(
        self, canvas: Canvas, place: Rect, states: Sequence[str], told: Sequence[tuple[str, ...]]
    ) -> None:
        template = self.pages.template
        size, step = template.small, line_height(template.small)
        y = place.top - draw_heading(canvas, place, "Điều kiện công nhận cấp huyện", template)
        for state, lines in zip(states, told, strict=True):
            draw_state(canvas, state, Rect(place.x, y - step + 0.3, 4.0, 2.8))
            with canvas.one_text(" ".join(lines)):
                for n, line in enumerate(lines):
                    canvas.text((place.x + 6.0, y - step * (n + 1) + 0.9), line, size)
            y -= step * (len(lines) + 0.3)

    def _district_measures(self, code: str) -> tuple[Measure, ...]:
        facts = self.pages.maker.facts
        rows = {str(at): row for at, row in zip(facts.districts.index, records(facts.districts), strict=True)}
        own, whole = rows.get(code, {}), {name: plain(value) for name, value in facts.province.items()}
        return tuple(
            Measure(label, own.get(column), percent(own.get(column)), whole.get(column))
            for column, label in self.pages.facts.share_labels()
            if own.get(column) is not None or whole.get(column) is not None
        )

    def _province(self) -> str:
        snapshot = self.pages.snapshot
        parts = [clean(snapshot.province_name), snapshot.epoch.title_vi, f"số liệu đến {day(snapshot.as_of)}"]
        return " · ".join([*parts, known] if (known := known_words(snapshot)) else parts)


def _columns(rows: Sequence[_Row]) -> list[Sequence[_Row]]:
    """The rows in three columns of about the same height; no heading stands alone at the foot of one."""
    columns, start = [], 0
    for left in (3, 2, 1):
        end = start + -(-(len(rows) - start) // left)
        while start < end < len(rows) and rows[end - 1].heading:
            end += 1
        columns.append(rows[start:end])
        start = end
    return columns
