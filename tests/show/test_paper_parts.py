"""The parts of a sheet by themselves: scale, signs, patterns, typeface, placing of panels and names."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from ntmgis.errors import InputError, UsageError
from ntmgis.programme.tables import values
from ntmgis.show.paper.arrange import PanelSize, arrange, finest_scale
from ntmgis.show.paper.canvas import grey
from ntmgis.show.paper.font import check_glyphs, clean, extent, shorten, width, wrap
from ntmgis.show.paper.ink import planned_ink
from ntmgis.show.paper.labels import Name, place_beside, place_names, place_over, splits
from ntmgis.show.paper.pattern import PATTERNS, dots_in, strokes
from ntmgis.show.paper.scale import ROUND_SCALES, Placement, bar_length, projection_note
from ntmgis.show.paper.signs import sign_shape, state_shapes
from ntmgis.show.paper.sizes import Rect, template_for
from ntmgis.show.symbols import symbols

SHEETS = [
    (Rect(0, 0, 297, 420), Rect(20, 30, 257, 350)),
    (Rect(0, 0, 420, 297), Rect(20, 30, 380, 230)),
]
NOWHERE = np.empty((0, 2))


# --- scale


def test_ground_and_paper_agree_both_ways() -> None:
    place = Placement(500_000, 500_000.0, 1_500_000.0, 30.0, 40.0)
    assert place.mm(5_000) == 10
    assert place.metres(10) == 5_000
    assert place.ground(*place.point(523_456.0, 1_534_567.0)) == pytest.approx((523_456.0, 1_534_567.0))
    moved = place.shapes(LineString([(500_000, 1_500_000), (510_000, 1_500_000)]))
    assert moved.length == pytest.approx(20)


def test_on_a_magnified_sheet_the_scale_is_that_of_the_print() -> None:
    place = Placement(500_000, 0.0, 0.0, 0.0, 0.0, magnify=2.0)
    assert place.mm(5_000) * 2 == pytest.approx(10)


@given(st.floats(3.0, 2e6))
def test_the_scale_bar_is_round_and_fills_its_room(reach: float) -> None:
    length = bar_length(reach)
    assert length <= reach
    assert length * 2.5 > reach or length == 5_000_000
    assert str(length).rstrip("0") in {"1", "2", "4", "5"}


def test_projection_in_words() -> None:
    assert projection_note("EPSG:9216") == "VN-2000, múi chiếu 3°, kinh tuyến trục 107°30'"
    assert projection_note("EPSG:3405") == "VN-2000, múi chiếu 6°, kinh tuyến trục 105°00'"
    assert projection_note("EPSG:5898") == "VN-2000, múi chiếu 3°, kinh tuyến trục 108°00'"


# --- typeface


def test_every_vietnamese_letter_can_be_set() -> None:
    tones = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
    letters = {clean(base + tone) for base in "aăâeêioôơuưyđ" for tone in tones if not (base == "đ" and tone)}
    text = "".join(letters | {letter.upper() for letter in letters}) + "·–−×°′″“”…₂³²'"
    for style in ("regular", "italic", "semibold", "bold"):
        check_glyphs([("chữ", text)], style=style)


def test_all_words_of_the_programme_can_be_set() -> None:
    for enum in ("tier", "road_class", "surface", "waste_kind", "water_kind", "operation"):
        check_glyphs([(enum, value.vi) for value in values(enum).values()])


def test_a_missing_glyph_is_named() -> None:
    with pytest.raises(InputError, match=r"U\+6F22"):
        check_glyphs([("xã", "漢")])


@given(st.text(max_size=80))
def test_cleaned_text_is_one_printable_line(text: str) -> None:
    line = clean(text, limit=30)
    assert len(line) <= 30
    assert line == " ".join(line.split())
    assert clean(line, limit=30) == line
    assert not any(ord(char) < 32 or char in "\u200f\u202e" for char in line)


@given(st.lists(st.sampled_from(["Đắk", "Rơ", "Ông", "Quang", "x" * 60]), min_size=1, max_size=12))
def test_wrapped_lines_fit_and_lose_nothing(words: list[str]) -> None:
    lines = wrap(" ".join(words), within=30.0, size=8)
    assert "".join("".join(lines).split()) == "".join(words)
    assert all(width(line, 8) <= 30.0 for line in lines)


def test_shortened_text_fits() -> None:
    assert shorten("Đắk Rơ Ông", within=100, size=8) == "Đắk Rơ Ông"
    cut = shorten("Đắk Rơ Ông " * 20, within=40, size=8)
    assert cut.endswith("…")
    assert width(cut, 8) <= 40
    assert extent("", 8).width == 0


# --- colours, patterns and signs


def test_tiers_get_darker_in_grey_step_by_step() -> None:
    tiers = symbols()["tier"]
    tints = [int(grey(tiers[state]["fill"])[1:3], 16) for state in ("model", "advanced", "ntm", "not_yet")]
    assert tints == sorted(tints)
    assert min(np.diff(tints)) >= 30


def test_patterns_differ_in_ink_and_cross_the_whole_box() -> None:
    area = box(0, 0, 40, 30)
    ink = {p: sum(line.intersection(area).length for line in strokes(p, area.bounds)) for p in PATTERNS}
    assert ink["none"] == ink["sparse_dots"] == 0
    assert 0 < ink["wide_diagonal"] < ink["horizontal"] < ink["dense_diagonal"] < ink["cross"]
    for pattern in ("wide_diagonal", "dense_diagonal", "cross", "horizontal"):
        corners = shapely.MultiLineString(list(strokes(pattern, area.bounds))).bounds
        assert corners[0] <= 0
        assert corners[2] >= 40


def test_lines_of_neighbours_join() -> None:
    """Both halves of a box, drawn apart, have the lines of the whole."""
    whole = shapely.MultiLineString(list(strokes("wide_diagonal", (0, 0, 40, 30))))
    for half in (box(0, 0, 17, 30), box(17, 0, 40, 30)):
        own = shapely.MultiLineString(list(strokes("wide_diagonal", half.bounds))).intersection(half)
        assert own.length == pytest.approx(whole.intersection(half).length)


def test_dots_stay_inside() -> None:
    area = box(0, 0, 40, 30).difference(Point(20, 15).buffer(6))
    dots = dots_in(area, radius=0.16)
    assert len(dots) > 50
    assert all(area.covers(Point(dot).buffer(0.16)) for dot in dots)
    assert len(dots_in(shapely.Polygon())) == 0


def test_signs_of_the_palette_are_shapes_of_their_size() -> None:
    for id_, look in symbols()["point"].items():
        for path in (look["path"], *look.get("kinds", {}).values()):
            shape = sign_shape(path, 2.4)
            assert shape.is_valid, id_
            assert shape.area > 0.3, id_
            x0, y0, x1, y1 = shape.bounds
            assert -1.2 <= x0 < 0 < x1 <= 1.2, id_
            assert -1.25 <= y0 < 0 < y1 <= 1.25, id_


def test_an_arc_of_the_svg_form_is_round() -> None:
    shape = sign_shape("M5 12 A7 7 0 0 0 19 12 A7 7 0 0 0 5 12 Z", 24.0)
    assert shape.area == pytest.approx(math.pi * 49, rel=0.02)


def test_states_of_a_sign_differ() -> None:
    shape = sign_shape("M4 4 L20 4 L20 20 L4 20 Z", 24.0)
    full, half = state_shapes(shape, "works")[0], state_shapes(shape, "poor")[0]
    assert half.area == pytest.approx(full.area / 2)
    assert state_shapes(shape, "broken")[0].is_empty
    assert state_shapes(shape, "broken")[1]
    assert state_shapes(shape, "unknown") == (shapely.Polygon(), [])


# --- panels


def test_the_scale_is_the_largest_of_the_list() -> None:
    """A ground of 131 x 166 km without panels: 251 mm hold 131 km at 1:550,000 (238 mm), not at 1:500,000 (262)."""
    ground = box(0, 0, 131_000, 166_000)
    found = arrange(ground, sheets=SHEETS, panels=[])
    assert found.placement.denominator == 550_000 == finest_scale(ground, sheets=SHEETS)
    assert found.sheet.width == 297


def test_panels_stand_free_of_the_ground_the_frame_and_each_other() -> None:
    ground = Point(0, 0).buffer(60_000)
    panels = [PanelSize("a", 78, 50, 1.0), PanelSize("b", 78, 60), PanelSize("c", 78, 40), PanelSize("d", 78, 30)]
    found = arrange(ground, sheets=SHEETS, panels=panels)
    land = found.placement.shapes(ground)
    frame = box(found.frame.x, found.frame.y, found.frame.right, found.frame.top).buffer(1e-6)
    boxes = [box(rect.x, rect.y, rect.right, rect.top) for rect in found.panels.values()]
    assert set(found.panels) == {"a", "b", "c", "d"}
    assert frame.contains(land)
    for n, one in enumerate(boxes):
        assert frame.contains(one)
        assert not one.intersects(land)
        assert all(one.intersection(two).area < 1e-6 for two in boxes[n + 1 :])
    coarser = ROUND_SCALES[ROUND_SCALES.index(found.placement.denominator) + 1]
    assert arrange(ground, sheets=SHEETS, panels=panels, finest=coarser).placement.denominator == coarser


def test_what_never_fits_is_an_error() -> None:
    with pytest.raises(UsageError, match="E-PAPER-TOO-SMALL"):
        arrange(box(0, 0, 1000, 1000), sheets=SHEETS, panels=[PanelSize("a", 500, 500)])


# --- names


def areas(cells: int, side: float) -> list[shapely.Polygon]:
    return [box(i * side, j * side, (i + 1) * side, (j + 1) * side) for i in range(cells) for j in range(cells)]


def test_breaks_keep_short_forms_together() -> None:
    assert splits("Đắk Rơ Ông") == (("Đắk Rơ Ông",), ("Đắk", "Rơ Ông"), ("Đắk", "Rơ", "Ông"))
    assert splits("TT. Sáu") == (("TT. Sáu",),)
    assert splits("Xốp") == (("Xốp",),)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["Xốp", "Đắk Rơ Ông", "P. Trần Hưng Đạo", "Một cái tên dài hơn cả", ""]), min_size=16),
    st.floats(1.5, 30.0),
)
def test_every_name_is_placed_or_numbered_and_none_overlap(texts: list[str], side: float) -> None:
    names = [Name(str(n), text, area) for n, (text, area) in enumerate(zip(texts, areas(4, side), strict=False))]
    names = [name for name in names if name.text]
    bounds = box(-30, -30, 4 * side + 30, 4 * side + 30)
    made = place_names(names, sizes=(9.0, 8.0, 7.0), number_size=7.0, avoid=NOWHERE, bounds=bounds)
    named = [placed.name.key for placed in made.names] + [number.name.key for number in made.numbers]
    assert sorted(named) == sorted(name.key for name in names)
    assert [number.number for number in made.numbers] == list(range(1, len(made.numbers) + 1))
    for n, one in enumerate(made.boxes):
        assert not any(one.intersects(two) for two in made.boxes[n + 1 :])
    for placed in made.names:
        assert placed.name.area.contains(placed.box)
        assert " ".join(line.text for line in placed.lines) == placed.name.text
    districts = place_over(
        [Name("d", "ĐẮK HÀ", box(0, 0, 4 * side, 4 * side), "bold", tracking=0.1)],
        sizes=(12.0, 9.0),
        avoid=NOWHERE,
        taken=made.boxes,
    )
    assert len(districts.names) + len(districts.missing) == 1
    assert not any(placed.box.intersects(taken) for placed in districts.names for taken in made.boxes)


def test_a_name_keeps_off_signs_where_it_can() -> None:
    sign = np.array([[15.0, 15.0]])
    (placed,) = place_names(
        [Name("a", "Xốp", box(0, 0, 30, 30))], sizes=(9.0,), number_size=7.0, avoid=sign, bounds=box(0, 0, 30, 30)
    ).names
    assert not placed.box.intersects(Point(15, 15))


def test_a_name_gives_up_a_little_size_for_a_sign_but_no_more() -> None:
    area = box(0, 0, 12, 9)
    # one sign that only smaller type stays clear of; a crowd that nothing stays clear of
    one = np.array([[0.6, 0.6]])
    crowd = np.array([[x, y] for x in range(13) for y in range(10)], dtype=float)
    sizes = (9.0, 8.0, 4.0)

    def size(signs: np.ndarray) -> float:
        placing = place_names([Name("a", "Đắk Hà", area)], sizes=sizes, number_size=7, avoid=signs, bounds=area)
        return placing.names[0].size

    assert size(one) == 9.0
    assert size(crowd) >= 9.0 * 0.88


def test_a_number_stands_over_no_sign_where_it_can() -> None:
    area = box(0, 0, 6, 6)
    signs = np.array([[3.0, 3.0]])
    name = Name("a", "Một tên dài không vừa ô", area)
    placing = place_names([name], sizes=(9.0,), number_size=7, avoid=signs, bounds=box(-20, -20, 26, 26))
    (number,) = placing.numbers
    assert number.leader is None
    assert not number.box.buffer(0.5).contains(Point(3, 3))


def test_a_village_without_room_beside_it_has_a_leader_on_the_map_of_its_commune_only() -> None:
    signs = np.array([[x, y] for x in (-2.0, 0.0, 2.0) for y in (-2.0, 0.0, 2.0)])
    ways = {"sizes": [7.0], "number_size": 6.5, "taken": [], "bounds": box(-40, -40, 40, 40), "avoid": signs}
    names = [Name("a", "Làng Một", Point(0, 0))]
    (led,) = place_beside(names, numbered=True, **ways).names
    assert led.leader is not None
    assert led.leader.dwithin(Point(0, 0), 1e-6)
    assert led.leader.distance(led.box) < 0.5
    assert not any(led.box.contains(Point(sign)) for sign in signs)
    left_out = place_beside(names, numbered=False, **ways)
    assert (left_out.names, left_out.numbers, left_out.missing) == ((), (), tuple(names))


def test_two_lines_of_capitals_do_not_touch() -> None:
    name = Name("a", "NGỌC HỒI", box(0, 0, 16, 20), "bold", tracking=0.09)
    (placed,) = place_over([name], sizes=(12.0,), avoid=np.empty((0, 2)), taken=[]).names
    upper, lower = placed.lines
    above = upper.y + extent(upper.text, 12.0, "bold").bottom
    assert above >= lower.y + extent(lower.text, 12.0, "bold").top


def test_a_planned_road_is_hollow_on_a_photocopy() -> None:
    rim, core = planned_ink()
    assert core.line == "#ffffff"
    assert core.width >= 0.3
    assert (rim.width - core.width) / 2 >= 0.15


@pytest.mark.parametrize("paper", ["A4", "A3", "A0"])
def test_no_type_is_too_small_to_read(paper: str) -> None:
    made = template_for(paper)
    print_sizes = [size * made.magnify for size in (made.body, made.small, made.grid, made.number_size)]
    assert min(print_sizes) >= 7.0 - 1e-9
    # On A4 a commune may be named in 6 pt: the other choice is a number and a list.
    assert made.label_sizes[-1] * made.magnify >= (6.0 if paper == "A4" else 7.0)
