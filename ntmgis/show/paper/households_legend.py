"""What a sheet with households says of them: its headline, its legend with every object accounted for, its mark."""

from dataclasses import replace

import numpy as np

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.show.paper.canvas import Canvas, Ink
from ntmgis.show.paper.content import Scope
from ntmgis.show.paper.font import shorten, width, wrap
from ntmgis.show.paper.households import Cells, Households, density_ink, draw_sign_of
from ntmgis.show.paper.items import UNITS_PER_MM, Page
from ntmgis.show.paper.mapbody import PLAIN_FILL
from ntmgis.show.paper.painting import Painting
from ntmgis.show.paper.panels import Draw, Panel
from ntmgis.show.paper.sizes import Rect, Template, line_height
from ntmgis.show.paper.style import HouseStyle
from ntmgis.show.web.households_meta import register_day, style
from ntmgis.show.words import day, number, percent, share
from ntmgis.store.snapshot import Snapshot

__all__ = ["MARK_ROOM", "PERSONAL", "THEME", "households_painting", "households_panel", "marked"]

THEME = "households"
# Margin in mm of print that a sheet with the mark keeps free on top.
MARK_ROOM = 9.0
PERSONAL = str(style()["mark"]["vi"])
_BAND = (2.8, 7.2)  # mm of print below the upper edge
_RULE = Ink(line="rule", width=0.15)


def households_painting(
    snapshot: Snapshot, scope: Scope, households: Households, below: Painting | None = None
) -> Painting:
    """The households as the answer of a sheet; `below`: the map of works under them."""
    when = day(register_day(snapshot))
    shown = len(households)
    known = shown + households.unlocated + households.astray
    if households.personal:
        keys = [key for key, _ in households.looks]
        if households.attribute == "kind":
            said = f"Từng đối tượng địa chỉ số: {number(shown)} trên bản đồ, đến {when}"
        else:
            yes = int((households.classes == keys.index("yes")).sum())
            done = str(style()["words"][households.attribute]["yes"]["vi"]).lower()
            ratio = f"{number(yes)}/{number(shown)}"
            said = f"{ratio} đối tượng trên bản đồ {done} ({percent(yes / shown)}), đến {when}"
        title = "Từng đối tượng địa chỉ số"
    else:
        mean = shown / (scope.area.area / 1e6)
        said = f"{number(shown)} đối tượng địa chỉ số, trung bình {number(mean, int(mean < 100))}/km², đến {when}"
        title = "Mật độ đối tượng địa chỉ số"
    where = [] if scope.level == "province" else [scope.name]
    place = ", ".join([*where, snapshot.province_name, snapshot.epoch.title_vi])
    more = f"{place} · có toạ độ {share(shown, known)}"
    if below is not None:
        tables = (*below.tables, "address_point")
        return replace(below, headline=f"{said}, với công trình", subtitle=more, tables=tables)
    return Painting(THEME, title, said, more, (), {}, tables=("address_point",))


def households_panel(households: Households, denominator: int, template: Template) -> Panel:
    """Legend of the density or of the signs: every object of the scope is counted in one of its rows or notes."""
    panel = Panel("households", template.panel_width, template.panel_pad, high=1.0)
    if households.personal:
        _signs(panel, households, template)
    else:
        _density(panel, households, households.cells(denominator), template)
    left = []
    if households.unlocated:
        left.append(f"{number(households.unlocated)} đối tượng chưa có toạ độ")
    if households.astray:
        left.append(f"{number(households.astray)} có toạ độ nằm ngoài mọi xã")
    if left:
        _note(panel, f"Không vẽ: {', '.join(left)}.", template)
    return panel


def _density(panel: Panel, households: Households, counted: Cells, template: Template) -> None:
    panel.title("Mật độ đối tượng địa chỉ số (đối tượng/km²)", template)
    _header(panel, "Số ô", "Đối tượng", template)
    tally = counted.tally()
    for n in reversed(range(len(tally))):
        squares, objects = tally[n]
        if squares:
            _row(panel, _square(n), _limits(counted, n), (number(squares), number(objects)), template)
    if counted.withheld:
        label = f"ô có dưới {SUPPRESS_UNDER} đối tượng: để trống"
        _row(panel, _blank, label, ("", number(counted.withheld)), template)
    _total(panel, (number(sum(squares for squares, _ in tally)), number(len(households))), template)
    side = counted.side
    long = f"{number(side)} m" if side < 1000 else f"{number(side / 1000)} km"
    hectares = number(counted.km2 * 100, 2 if side < 500 else 0).rstrip("0").rstrip(",") if side < 1000 else ""
    area = f"{hectares} ha" if hectares else f"{number(counted.km2)} km²"
    _note(
        panel,
        f"Đếm theo ô vuông cạnh {long} ({area}) của lưới toạ độ bản đồ. Ô có dưới {SUPPRESS_UNDER} đối tượng để trống "
        "như ô không có đối tượng nào, để không nhận ra từng hộ.",
        template,
    )


def _limits(counted: Cells, n: int) -> str:
    """The limits of a class in words, closed on the left."""

    def plain(limit: float) -> str:
        return number(limit, 0 if limit == int(limit) else 2)

    low = plain(counted.limits[n])
    return f"{low} – dưới {plain(counted.limits[n + 1])}" if n + 1 < len(counted.limits) else f"từ {low} trở lên"


def _signs(panel: Panel, households: Households, template: Template) -> None:
    words = style()["attribute"][households.attribute]["vi"]
    panel.title(f"Từng đối tượng địa chỉ số: {words[0].lower()}{words[1:]}", template)
    _header(panel, "Đối tượng", "Tỷ lệ", template)
    counts = np.bincount(households.classes, minlength=len(households.looks)).tolist()
    for (key, label), count in zip(households.looks, counts, strict=True):
        if count:
            numbers = (number(count), percent(count / len(households)))
            _row(panel, _sign(households.attribute, key), label, numbers, template)
    _total(panel, (number(len(households)), "100,0%"), template)


def _header(panel: Panel, first: str, second: str, template: Template) -> None:
    high = line_height(template.small) + 0.4

    def draw(canvas: Canvas, x: float, top: float) -> None:
        base = top - high * 0.72
        canvas.text((x + panel.inner - 17, base), first, template.small, align="right", color="quiet")
        canvas.text((x + panel.inner, base), second, template.small, align="right", color="quiet")

    panel.add(high, draw)


def _row(panel: Panel, sample: Draw, label: str, numbers: tuple[str, str], template: Template) -> None:
    """A sample (drawn at the left edge around the middle height), its words, two numbers."""
    size = template.body
    lines = wrap(label, within=panel.inner - 12.0 - 17 - (9 if numbers[0] else 0), size=size)
    high = size * 0.6 + (len(lines) - 1) * line_height(size)

    def draw(canvas: Canvas, x: float, top: float) -> None:
        base = top - size * 0.42
        sample(canvas, x, base + 1.05)
        for n, line in enumerate(lines):
            canvas.text((x + 11.5, base - n * line_height(size)), line, size)
        canvas.text((x + panel.inner - 17, base), numbers[0], size, style="semibold", align="right")
        canvas.text((x + panel.inner, base), numbers[1], size, align="right")

    panel.add(high, draw)


def _total(panel: Panel, numbers: tuple[str, str], template: Template) -> None:
    size = template.body
    high = line_height(size) + 1.2

    def draw(canvas: Canvas, x: float, top: float) -> None:
        canvas.line((x, top - 0.4), (x + panel.inner, top - 0.4), _RULE)
        base = top - high * 0.78
        canvas.text((x + 11.5, base), "Cộng", size, color="quiet")
        canvas.text((x + panel.inner - 17, base), numbers[0], size, style="semibold", align="right")
        canvas.text((x + panel.inner, base), numbers[1], size, style="semibold", align="right")

    panel.add(high, draw)


def _note(panel: Panel, text: str, template: Template) -> None:
    panel.add(0.8)
    panel.lines(wrap(text, within=panel.inner, size=template.small), template, color="quiet")


def _square(n: int) -> Draw:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        box = Rect(x, y - 1.7, 9.5, 3.4)
        canvas.rect(box, Ink(fill=PLAIN_FILL))
        canvas.rect(box, density_ink(n))

    return draw


def _blank(canvas: Canvas, x: float, y: float) -> None:
    canvas.rect(Rect(x, y - 1.7, 9.5, 3.4), Ink(fill=PLAIN_FILL, line="rule", width=0.2))


def _sign(attribute: str, key: str) -> Draw:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        draw_sign_of(canvas, attribute, key, np.array([[x + 4.7, y]]), size=2.4)

    return draw


def marked(page: Page, look: HouseStyle) -> Page:
    """The page with the mark of personal data along its upper edge, as on the page of households."""
    mark = style()["mark"]
    canvas = Canvas(page.width / UNITS_PER_MM, page.height / UNITS_PER_MM, monochrome=page.grey, colors=look.colors)
    band = Rect(8.0, canvas.height - _BAND[1], canvas.width - 16.0, _BAND[1] - _BAND[0])
    canvas.rect(band, Ink(fill=mark["color"]))
    base = band.y + 1.35
    canvas.text((band.x + 2.5, base), PERSONAL, 9.0, style="bold", color=mark["text"])
    room = band.width - 8.0 - width(PERSONAL, 9.0, "bold")
    rest = shorten(str(mark["long"]["vi"]), within=room, size=7.5)
    canvas.text((band.right - 2.5, base), rest, 7.5, color=mark["text"], align="right")
    return replace(page, items=(*page.items, *canvas.page.items))
