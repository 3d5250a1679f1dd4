"""Which encoding a column is in: good text is never touched, every encoding is found, and what is unclear stays."""

import random
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.intake.legacy import BYTE_ENCODINGS, encode, has_escape, is_plain
from ntmgis.intake.legacy_detect import Detection, decode_values, detect, left_over
from ntmgis.intake.syllables import VIETNAMESE
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import districts, reference_units

OLD, NEW = ([str(name) for name in reference_units(epoch)["name"]] for epoch in EPOCHS)
ALL = [*OLD, *NEW]


def read(values: list[Any], **more: Any) -> tuple[Detection, list[Any]]:
    found = detect(values, **more)
    changed = decode_values(values, found)
    return found, [changed.get(value, value) for value in values]


def escaped(text: str) -> str:
    return "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text)


def angled(text: str) -> str:
    return "".join(c if c.isascii() else f"<U+{ord(c):04X}>" for c in text)


def mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def mojibake_windows(text: str) -> str:
    raw = bytearray(text.encode())
    return "".join(bytes([b]).decode("cp1252") if b not in b"\x81\x8d\x8f\x90\x9d" else chr(b) for b in raw)


# --- good text stays ---


@pytest.mark.parametrize("names", [OLD, NEW, districts()["name"].tolist(), [name.upper() for name in OLD]])
def test_unit_names_stay(names: list[str]) -> None:
    found, made = read(names)
    assert found == Detection()
    assert made == names


syllables = st.sampled_from(sorted({word for name in ALL for word in name.split()}))
phrases = st.lists(syllables, min_size=1, max_size=6).map(" ".join)


@given(values=st.lists(phrases, max_size=12))
def test_unicode_vietnamese_stays(values: list[str]) -> None:
    assert read(values) == (Detection(), values)


@given(
    values=st.lists(st.text(st.sampled_from(sorted(VIETNAMESE - set("ăâđêôơưĂÂĐÊÔƠƯ")) + list("abcht "))), max_size=6)
)
def test_letters_that_no_byte_can_be_are_never_changed(values: list[str]) -> None:
    sure = [value for value in values if any(c > "\u0180" for c in value)]
    _, made = read(sure)
    assert made == sure


@given(
    values=st.lists(
        st.one_of(st.none(), st.integers(), st.floats(), st.text(st.characters(min_codepoint=32, max_codepoint=126)))
    )
)
def test_ascii_and_what_is_no_text_stays(values: list[Any]) -> None:
    values = [v for v in values if not (isinstance(v, str) and ("\\u" in v or "<U+" in v or "&#" in v))]
    assert detect(values) == Detection()


@given(values=st.lists(st.text(max_size=12), max_size=8))
def test_any_text_goes_through(values: list[str]) -> None:
    found, made = read(values)
    assert len(made) == len(values)
    assert 0 <= found.score <= 1
    assert all(new == old for new, old in zip(made, values, strict=True) if is_plain(old) and not has_escape(old))


@pytest.mark.parametrize(
    "names",
    [
        ["Besançon", "Orléans", "Nîmes", "Mâcon", "Sète", "Alès", "Hôtel", "Café"],
        ["Müller", "Köln", "München", "Zürich", "Düsseldorf"],
        ["Málaga", "Cádiz", "León", "Peña", "Ávila", "Coruña"],
        ["Malmö", "Borås", "Växjö", "Örebro", "Åre"],
        ["São Paulo", "João", "pão", "mão", "Belém"],
        ["Haïti", "Maïs", "Noël", "Haï"],
        ["Łódź", "Plzeň", "Brno", "Gdańsk"],
        ["10°C", "5 m²", "½ kg", "§ 5", "© 2020", "± 0,5", "12 ‰"],
        ["Ia Lốp", "Krông Pắc", "Ea Súp", "M'Đrắk", "Sêrêpôk", "Ðà Lạt", "Ðông Hà", "Café Trung Nguyên"],
        ["Hoà Bình", "Hoà", "Khoái", "tôi", "né", "bé"],  # could be VNI or TCVN3, but reads well as it is
        ["“Đạt”", "Đạt – chưa đủ", "x²", "…"],
    ],
)
def test_other_languages_and_signs_stay(names: list[str]) -> None:
    found, made = read(names)
    assert found.encoding is None
    assert made == names
    assert not found.unclear


def test_decomposed_unicode_stays() -> None:
    values = [unicodedata.normalize("NFD", name) for name in ALL]
    assert read(values) == (Detection(), values)


# --- every encoding is found ---


@pytest.mark.parametrize("names", [OLD, NEW, districts()["name"].tolist()], ids=["old", "new", "districts"])
@pytest.mark.parametrize("encoding", BYTE_ENCODINGS)
def test_byte_encodings_come_back(encoding: str, names: list[str]) -> None:
    found, made = read([encode(name, encoding) for name in names])
    assert (found.encoding, found.score, found.others) == (encoding, 1.0, ())
    assert made == names
    assert encode(found.after, encoding) == found.before


@pytest.mark.parametrize("names", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize(
    ("broken", "encoding"),
    [(escaped, "escapes"), (angled, "escapes"), (mojibake, "utf8"), (mojibake_windows, "utf8")],
)
def test_mojibake_and_escapes_come_back(names: list[str], broken: Any, encoding: str) -> None:
    found, made = read([broken(name) for name in names])
    assert (found.encoding, made) == (encoding, names)


@pytest.mark.parametrize("encoding", BYTE_ENCODINGS)
@given(data=st.data())
def test_a_few_names_come_back_right_or_not_at_all(encoding: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(ALL), min_size=1, max_size=12, unique=True))
    found, made = read([encode(name, encoding) for name in names])
    if found.encoding is None:
        assert made == [encode(name, encoding) for name in names]
    else:
        assert made == names


@pytest.mark.parametrize("encoding", BYTE_ENCODINGS)
def test_twenty_names_are_enough(encoding: str) -> None:
    chance = random.Random(3)
    for _ in range(40):
        names = chance.sample(ALL, 20)
        _, made = read([encode(name, encoding) for name in names])
        assert made == names


def test_the_lost_soft_hyphen_is_found() -> None:
    names = [name for name in OLD if "ư" in name or name.startswith("Thị trấn")]
    stripped = [encode(name, "tcvn3").replace("\u00ad", "") for name in names]
    found, made = read(stripped)
    assert (found.encoding, found.soft_hyphen_lost) == ("tcvn3", True)
    assert sum(a == b for a, b in zip(made, names, strict=True)) >= len(names) - 1  # "Ch Hreng" stays
    assert "Phường Trần Hưng Đạo" in made


def test_small_columns_lean_on_the_others() -> None:
    assert detect(["Hµ"]).encoding is None
    assert detect(["Hµ"]).unclear
    assert detect(["Hµ"], expected="tcvn3").encoding == "tcvn3"
    assert detect(["Hµ"], expected="vni").encoding is None


# --- several in one column ---


def test_two_encodings_and_unicode_in_one_column() -> None:
    names = OLD[:90]
    values = [
        encode(name, "tcvn3") if i % 3 == 0 else encode(name, "vni") if i % 3 == 1 else name
        for i, name in enumerate(names)
    ]
    found, made = read(values)
    assert {found.encoding, *found.others} == {"tcvn3", "vni"}
    assert found.mixed
    wrong = [(a, b) for old, a, b in zip(values, made, names, strict=True) if a not in (b, old)]
    assert wrong == []
    assert sum(a == b for a, b in zip(made, names, strict=True)) >= 88
    left = left_over(values, found, decode_values(values, found))
    assert all(value in values for value in left)


def test_one_escape_among_unicode_is_decoded() -> None:
    _, made = read(["Đắk Hà", r"\u0110\u1eafk T\u00f4", "Sa Thầy", mojibake("Ngọc Hồi"), "Kon Tum"])
    assert made == ["Đắk Hà", "Đắk Tô", "Sa Thầy", "Ngọc Hồi", "Kon Tum"]


def test_a_typing_error_is_decoded_with_its_column() -> None:
    _, made = read([*(encode(name, "tcvn3") for name in OLD), "Phwêng QuyÕt Th¾ng"])
    assert made[-1] == "Phwờng Quyết Thắng"


def test_a_value_that_reads_well_by_chance_follows_its_column() -> None:
    # "Lò" is Vietnamese as it stands; in TCVN3 these bytes are "Lũ"
    _, made = read([*(encode(name, "tcvn3") for name in OLD), "Lò"])
    assert made[-1] == "Lũ"
    _, mixed = read([*OLD, *(encode(name, "tcvn3") for name in OLD), "Lò"])
    assert mixed[-1] == "Lò"


# --- speed ---


@pytest.mark.parametrize("encoding", [None, "tcvn3", "vni"])
def test_a_hundred_thousand_texts_take_no_time(encoding: str | None) -> None:
    streets = ["Trần Hưng Đạo", "Nguyễn Huệ", "Lê Lợi", "Phan Đình Phùng", "Bà Triệu", "Hùng Vương"]
    texts = [f"Số {i}, đường {streets[i % 6]}, {OLD[i % 102]}" for i in range(100_000)]
    values = texts if encoding is None else [encode(text, encoding) for text in texts]
    start = time.perf_counter()
    found, made = read(values)
    seconds = time.perf_counter() - start
    assert found.encoding == encoding
    assert made == texts
    assert seconds < 4  # measured: under 1 s on an idle machine
