"""Old Vietnamese encodings: the tables, the rules of case and soft hyphen, mojibake and escapes."""

import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.intake.legacy import (
    BYTE_ENCODINGS,
    as_bytes_read,
    decode,
    encode,
    encoding_name,
    fits,
    has_escape,
    restore_case,
    restore_horned_u,
    title,
)
from ntmgis.intake.syllables import VIETNAMESE, syllable, with_horned_u

LETTERS = "".join(sorted(VIETNAMESE))
words = st.text(st.sampled_from(LETTERS + "abcdefghiklmnopqrstuvxyABCDEGHIKLMNOPQRSTUVXY"), min_size=1, max_size=8)
texts = st.lists(words, min_size=1, max_size=5).map(" ".join)


def test_there_are_134_letters() -> None:
    assert len(VIETNAMESE) == 134
    assert all(unicodedata.is_normalized("NFC", letter) for letter in VIETNAMESE)


@pytest.mark.parametrize("encoding", BYTE_ENCODINGS)
def test_every_letter_has_bytes_of_its_own(encoding: str) -> None:
    letters = [c for c in LETTERS if encoding != "tcvn3" or c.islower() or c in "ĂÂÊÔƠƯĐ"]
    written = {letter: encode(letter, encoding) for letter in letters}
    assert len(set(written.values())) == len(letters)
    assert all(fits(raw, encoding) and decode(raw, encoding) == letter for letter, raw in written.items())
    assert all(max(raw) <= "\u00ff" for raw in written.values())


@pytest.mark.parametrize("encoding", [name for name in BYTE_ENCODINGS if name != "tcvn3"])
@given(text=texts)
def test_encode_then_decode_gives_the_text_back(encoding: str, text: str) -> None:
    raw = encode(text, encoding)
    assert fits(raw, encoding)
    assert decode(raw, encoding) == text


@given(text=texts)
def test_tcvn3_gives_all_back_but_case(text: str) -> None:
    made = decode(encode(text, "tcvn3"), "tcvn3")
    assert made.lower() == text.lower()
    assert decode(encode(text.lower(), "tcvn3"), "tcvn3") == text.lower()
    assert all(a == b for a, b in zip(made, text, strict=True) if a.isascii() and b.isascii())


@pytest.mark.parametrize("encoding", BYTE_ENCODINGS)
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_ascii_stays(encoding: str, text: str) -> None:
    assert decode(text, encoding) == text


@pytest.mark.parametrize(("encoding", "name"), [("tcvn3", "TCVN"), ("viscii", "VISCII")])
def test_iconv_says_the_same(encoding: str, name: str) -> None:
    iconv = shutil.which("iconv")
    if iconv is None or name not in subprocess.run([iconv, "-l"], capture_output=True, text=True, check=True).stdout:
        pytest.skip(f"this machine has no iconv that knows {name}")
    for letter in LETTERS:
        raw = encode(letter, encoding)
        if encoding == "tcvn3" and decode(raw, encoding) != letter:
            continue  # a capital that the third set of TCVN 5712 does not have
        command = [iconv, "-f", name, "-t", "UTF-8"]
        done = subprocess.run(command, input=raw.encode("latin-1"), capture_output=True, check=True)
        assert unicodedata.normalize("NFC", done.stdout.decode()) == letter


def test_python_says_the_same_of_cp1258() -> None:
    for letter in LETTERS:
        read = encode(letter, "cp1258").encode("latin-1").decode("cp1258")
        assert unicodedata.normalize("NFC", read) == letter
    # letters with their tone in one byte, as Windows' own keyboard writes them
    assert decode("\u00c0\u00e1\u00ea\u00f9", "cp1258") == "Àáêù"


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        ("tcvn3", "X· §¾k T« - Céng hoµ x· héi chñ nghÜa", "Xã Đắk Tô - Cộng hoà xã hội chủ nghĩa"),
        ("vni", "Xaõ Ñaék Toâ - COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA", "Xã Đắk Tô - CỘNG HÒA XÃ HỘI CHỦ NGHĨA"),
        ("vni", "Phöôøng Quyeát Thaéng, thò traán, kyõ, myï, kî", "Phường Quyết Thắng, thị trấn, kỹ, myï, kỵ"),
        ("vni", "Aù, aÙ", "Á, á"),  # the mark of the other case
        ("viscii", "Phß¶ng Quyªt Th¡ng", "Phường Quyết Thắng"),
        ("vps", "PhÜ©ng Quy‰t Th¡ng", "Phường Quyết Thắng"),
        ("cp1258", "Phý\u00f5\u00ccng Quy\u00ea\u00ect Th\u00e3\u00ecng", "Phường Quyết Thắng"),
    ],
)
def test_known_texts(encoding: str, raw: str, text: str) -> None:
    assert decode(raw, encoding) == text


def test_windows_signs_are_bytes_too() -> None:
    assert as_bytes_read("Quy‰t") == "Quy\x89t"
    assert as_bytes_read("Đắk") is None
    assert decode("Th\u00b5nh \x96 \u201ct\u00ca\u201d", "tcvn3") == "Thành – “tấ”"


def test_names_of_encodings() -> None:
    assert [encoding_name(one) for one in ("TCVN3", "abc", "VNI-Windows", "Viscii", "vps", "1258")] == [
        "tcvn3",
        "tcvn3",
        "vni",
        "viscii",
        "vps",
        "cp1258",
    ]
    assert encoding_name("latin-1") is encoding_name("utf-8") is None
    assert {title(one) for one in BYTE_ENCODINGS} >= {"TCVN3 (ABC)", "VNI"}


def test_what_no_encoding_has_is_an_error() -> None:
    with pytest.raises(ValueError, match="vni"):
        encode("Київ", "vni")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CéNG HOµ X· HéI", "CỘNG HOÀ XÃ HỘI"),  # X· has one capital, the others decide
        ("X· §¾k Hµ", "Xã Đắk Hà"),
        ("Bê Y", "Bờ Y"),
        ("TT. Sa ThÇy", "TT. Sa Thầy"),
        ("TP. Tµ Cµ", "TP. Tà Cà"),  # abbreviations are no evidence
        ("§øC Hµ", "ĐỨC HÀ"),
        ("§øc Hµ", "Đức Hà"),
        ("§¾k KR«ng", "Đắk KRông"),
        ("Êp B¾c", "ấp Bắc"),  # a toned capital in front is lost: nothing tells it
    ],
)
def test_case_of_the_capital_fonts(typed: str, meant: str) -> None:
    assert decode(typed, "tcvn3") == meant


@given(text=texts)
def test_restored_case_changes_case_only(text: str) -> None:
    made = restore_case(text)
    assert made.lower() == text.lower()
    assert restore_case(made) == made
    assert restore_case(text.lower()) == text.lower()


def test_the_lost_soft_hyphen() -> None:
    assert restore_horned_u("Phờng Trờng Chinh") == "Phường Trường Chinh"
    assert restore_horned_u("Trần Hng Đạo") == "Trần Hưng Đạo"
    # words that are whole, that are no words, or that could become two things stay
    assert restore_horned_u("Sơn Hà TT KRoong Ch 12") == "Sơn Hà TT KRoong Ch 12"
    assert with_horned_u("Phường") is None


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"\u0110\u1eafk Glei", "Đắk Glei"),
        ("Krông B<U+00FA>k <U+0110><U+1EAF>k", "Krông Búk Đắk"),
        ("&#272;&#7855;k, &#x1EAF;", "Đắk, ắ"),
        (r"C:\users\u1234", r"C:\users\u1234"),  # Ethiopic: not meant
        (r"\u00e", r"\u00e"),
        ("a&#38;b", "a&#38;b"),
        (r"h\u006f\u0300a", r"h\u006f" + "\u0300a"),
        ("&#99999999;", "&#99999999;"),
    ],
)
def test_escapes(escaped: str, text: str) -> None:
    assert decode(escaped, "escapes") == text


def test_what_is_written_like_an_escape() -> None:
    assert has_escape(r"\u0110")
    assert not has_escape(r"\usepackage")


@given(text=texts)
def test_utf8_read_as_latin1_comes_back(text: str) -> None:
    once = text.encode().decode("latin-1")
    assert decode(once, "utf8") == text
    assert decode(once.encode().decode("latin-1"), "utf8") == text  # twice through the wrong hands


@pytest.mark.parametrize("text", ["Hà Mòn", "Đắk Ngọk", "Xã Đắk Pxi", "Trường Chinh", "mậu, tử, ít", "Xã Hà"])
def test_utf8_whose_last_bytes_became_blanks_or_went(text: str) -> None:
    broken = text.encode().decode("latin-1").replace("\u00a0", " ").replace("\u00ad", "")
    assert decode(broken, "utf8") == text


@given(text=texts)
def test_unicode_is_no_mojibake(text: str) -> None:
    assert decode(text, "utf8") == text
    assert decode(text, "escapes") == text


def test_syllables() -> None:
    good = "Đắk Nghĩa quyết khuỷu nguyễn giếng gì huyện toả tỏa thuý thúy Plông Ngọk Xốp yểng ươm Ê xoong"
    assert all(syllable(word) for word in good.split())
    bad = "Phwờng hÌnh tảc đếch̃ hoaì ngngà bẢo nkhà tuyết̀ aí thuyêń ộtộ Mỹller Sờrờpụk"
    assert [word for word in bad.split() if syllable(word)] == []
