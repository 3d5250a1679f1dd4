"""A form read back after people and programs have had it."""

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ntmgis.errors import InputError
from ntmgis.intake.form import FilledForm, FormFacts, form_files, read_form
from ntmgis.programme.criteria import criteria_set
from ntmgis.show.tables.commune_form import CommuneForm, FormVillage, write_commune_form

Edit = Callable[[Any], None]


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    """A form of a commune with two villages; criterion 1 met, 2 not met, the others unknown."""
    facts = FormFacts("10001", "Xã Một", "Huyện Chín Một", "until-2025-06-30", "2021-2025", date(2025, 6, 30))
    cells = {1: {"state": "met"}, 2: {"state": "not_met", "value": "12/15 km", "evidence": "BC 12"}}
    villages = tuple(FormVillage(f"10001-0{n}", f"Thôn {n}", "thôn", 10, None, {"model": "yes"}) for n in (1, 2))
    made = CommuneForm(facts, criteria_set("2021-2025"), cells, date(2024, 12, 31), "ntm", villages=villages)
    return write_commune_form(made, tmp_path / "phieu.xlsx")


def edited(path: Path, edit: Edit) -> Path:
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def row_of(sheet: Any, key: object) -> int:
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == key)


def answer(no: int, value: object, column: str = "D") -> Edit:
    def edit(book: Any) -> None:
        sheet = book["Phiếu xã"]
        sheet[f"{column}{row_of(sheet, no)}"] = value

    return edit


def codes(form: FilledForm) -> list[str]:
    return [one.code for one in form.problems]


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("Đạt", "met"),
        ("  đạt ", "met"),
        ("DAT", "met"),
        ("chưa   ĐẠT", "not_met"),
        ("không đạt", "not_met"),
        ("Chưa đánh giá\u200b", "not_assessed"),
        ("không áp dụng", "not_applicable"),
        ("✓", "met"),
        (1, "met"),
        (0, "not_met"),
        (True, "met"),
        (None, None),
        ("   ", None),
        ("-", None),
    ],
)
def test_states_as_people_type_them(blank: Path, typed: object, state: str | None) -> None:
    form = read_form(edited(blank, answer(5, typed)))
    assert form.problems == ()
    assert form.typed["tc5"]["state"] == state


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("x", "E-FORM-CROSS"),
        (" X ", "E-FORM-CROSS"),
        ("×", "E-FORM-CROSS"),
        ("được", "E-FORM-VALUE"),
        (7, "E-FORM-VALUE"),
    ],
)
def test_a_state_that_is_none_is_named_with_its_place(blank: Path, typed: object, code: str) -> None:
    form = read_form(edited(blank, answer(5, typed)))
    (told,) = form.problems
    row = row_of(openpyxl.load_workbook(blank)["Phiếu xã"], 5)
    assert (told.code, told.sheet, told.row, told.column) == (code, "Phiếu xã", row, "Kết quả kỳ này")
    assert form.faulty == {"tc5"}
    assert "tc5" not in form.typed
    assert len(form.typed) == 20


@pytest.mark.parametrize(
    ("typed", "text"),
    [(52.3, "52,3"), (12, "12"), (date(2025, 5, 13), "13/05/2025"), ("=1+1", None), ("a\n b", "a b"), ("", None)],
)
def test_values_as_text(blank: Path, typed: object, text: str | None) -> None:
    form = read_form(edited(blank, answer(5, typed, "E")))
    assert form.typed["tc5"]["value"] == text  # a formula that no program has worked out has no value


def test_a_text_too_long_and_an_error_value(blank: Path) -> None:
    form = read_form(edited(blank, answer(5, "a" * 1001, "F")))
    assert codes(form) == ["E-FORM-LONG"]
    form = read_form(edited(blank, answer(2, "#REF!", "E")))
    assert form.typed["tc2"] == {"state": "not_met", "value": None, "evidence": "BC 12"}


def test_flags_of_villages(blank: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Thôn"]
        for cell, value in (("F4", " KHÔNG"), ("G4", "x"), ("H4", None), ("F5", "nhiều")):
            sheet[cell] = value

    form = read_form(edited(blank, edit))
    assert form.typed["10001-01"] == {"model": "no", "minority_ntm": "yes", "smart": None}
    assert codes(form) == ["E-FORM-FLAG"]
    assert form.faulty == {"10001-02"}


def test_renamed_reordered_and_sorted_sheets_are_still_read(blank: Path) -> None:
    def edit(book: Any) -> None:
        book["Phiếu xã"].title = "Sheet1"
        book["Thôn"].title = "thon lang"
        book["ntmgis"].title = "an"
        book.move_sheet("an", -3)
        sheet = book["thon lang"]
        for column in range(1, 9):
            upper, lower = sheet.cell(4, column), sheet.cell(5, column)
            upper.value, lower.value = lower.value, upper.value

    before = read_form(blank)
    form = read_form(edited(blank, edit))
    assert (form.problems, form.typed, form.facts) == ((), before.typed, before.facts)
    assert form.places["10001-01"].row == 5


def without(name: str) -> Edit:
    return lambda book: book.remove(book[name])


def test_a_deleted_sheet_loses_its_items_and_nothing_else(blank: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(blank, tmp_path / "2.xlsx"))
    form = read_form(edited(blank, without("Thôn")))
    assert codes(form) == ["E-FORM-SHEET"]
    assert len(form.typed) == 19
    assert len(form.before) == 21
    form = read_form(edited(other, without("Phiếu xã")))
    assert codes(form) == ["E-FORM-SHEET"]
    assert sorted(form.typed) == ["10001-01", "10001-02"]


def test_deleted_added_and_doubled_rows(blank: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Phiếu xã"]
        sheet.cell(row_of(sheet, 7), 1).value = 20
        sheet.cell(row_of(sheet, 8), 1).value = 9

    form = read_form(edited(blank, edit))
    assert sorted(codes(form)) == ["E-FORM-ROW", "E-FORM-ROW-GONE", "E-FORM-ROW-TWICE"]
    assert "7, 8" in str(form.problems[-1])
    assert set(form.before) - set(form.typed) == {"tc7", "tc8", "tc9"}
    assert form.faulty == {"tc9"}


def test_the_form_of_a_neighbour_is_refused(blank: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Phiếu xã"]
        sheet.cell(row_of(sheet, "Tên đơn vị"), 3).value = "Xã Hai"

    with pytest.raises(InputError, match=r"E-FORM-OTHER-UNIT.*Xã Một"):
        read_form(edited(blank, edit))


def test_the_same_name_in_other_letters_is_no_other_commune(blank: Path) -> None:
    def edit(book: Any) -> None:
        sheet = book["Phiếu xã"]
        sheet.cell(row_of(sheet, "Tên đơn vị"), 3).value = " XÃ MỘT "
        sheet.cell(row_of(sheet, "Mã xã"), 3).value = 10001

    assert read_form(edited(blank, edit)).problems == ()


def hidden(cell: str, value: object) -> Edit:
    def edit(book: Any) -> None:
        book["ntmgis"][cell] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (without("ntmgis"), "E-FORM-MARK"),
        (hidden("A1", "gì đó"), "E-FORM-MARK"),
        (hidden("B2", "10002"), "E-FORM-HASH"),
        (hidden("B7", "2025-12-31"), "E-FORM-HASH"),
        (hidden("B7", "hôm nay"), "E-FORM-HASH"),
        (hidden("D10", "not_met"), "E-FORM-HASH"),
        (hidden("B8", "99"), "E-FORM-VERSION"),
    ],
)
def test_a_hidden_sheet_that_was_touched_is_not_believed(blank: Path, edit: Edit, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_form(edited(blank, edit))


def test_other_files_are_no_forms(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "khac.xlsx")
    with pytest.raises(InputError, match="E-FORM-MARK"):
        read_form(tmp_path / "khac.xlsx")
    (tmp_path / "hong.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(InputError, match="E-FILE-FORMAT"):
        read_form(tmp_path / "hong.xlsx")
    (tmp_path / "bang.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="E-FILE-FORMAT"):
        read_form(tmp_path / "bang.csv")


def test_forms_from_files_folders_and_zips(blank: Path, tmp_path: Path) -> None:
    folder = tmp_path / "f"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.xlsx", "~$a.xlsx", ".b.xlsx", "note.txt", "sub/c.xlsx"):
        shutil.copy(blank, folder / name)
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("xa1/phieu.xlsx", "xa2/phieu.xlsx", "doc.docx", "__MACOSX/._phieu.xlsx"):
            archive.write(blank, name)
    with form_files([folder, packed, blank]) as found:
        assert [one.name for one in found] == ["a.xlsx", "phieu.xlsx", "phieu.xlsx", "phieu.xlsx"]
        assert all(read_form(one).problems == () for one in found)
        scratch = found[1]
    assert not scratch.exists()
    with form_files([folder / "nothing"]) as found, pytest.raises(InputError, match="E-FILE-MISSING"):
        read_form(found[0])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="E-FORM-NONE"), form_files([tmp_path / "empty"]):
        pass


def test_a_hostile_zip_is_refused(blank: Path, tmp_path: Path) -> None:
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(blank, "../../phieu.xlsx")
    with pytest.raises(InputError, match="E-ARCHIVE-PATH"), form_files([packed]):
        pass
    assert not (tmp_path.parent / "phieu.xlsx").exists()


@pytest.mark.slow
def test_through_libreoffice_and_back(blank: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")

    def edit(book: Any) -> None:
        answer(5, "chưa đạt")(book)
        answer(6, '=CONCATENATE("12"," km")', "E")(book)
        sheet = book["Phiếu xã"]
        sheet.cell(row_of(sheet, "Ý kiến của xã"), 3).value = "Đề nghị xem lại"

    edited(blank, edit)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for source, suffix, out in ((blank, "ods", tmp_path), (tmp_path / "phieu.ods", "xlsx", tmp_path / "back")):
        command = [office, profile, "--headless", "--convert-to", suffix, "--outdir", str(out), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    before = read_form(blank).before
    for path in (tmp_path / "phieu.ods", tmp_path / "back" / "phieu.xlsx"):
        form = read_form(path)
        assert form.problems == ()
        assert form.before == before
        changed = {item for item in before if form.typed[item] != before[item]}
        assert changed == {"tc5", "tc6"}
        assert form.typed["tc5"]["state"] == "not_met"
        assert form.typed["tc6"]["value"] == "12 km"
        assert form.remark == "Đề nghị xem lại"


TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.dictionaries(st.integers(1, 19), st.tuples(st.sampled_from(["met", "not_met", None]), TEXT), max_size=19)
)
def test_a_form_nobody_touched_says_what_it_was_filled_in_with(
    tmp_path: Path, cells: dict[int, tuple[str | None, str | None]]
) -> None:
    from ntmgis.intake.text import clean, is_blank

    def stored(text: str | None) -> str | None:  # as intake keeps texts
        return None if text is None or is_blank(clean(text)) else clean(text)

    facts = FormFacts("10001", "Xã Một", "", "until-2025-06-30", "2021-2025", date(2025, 6, 30))
    given_ = {no: {"state": state, "value": stored(text), "evidence": None} for no, (state, text) in cells.items()}
    path = write_commune_form(
        CommuneForm(facts, criteria_set("2021-2025"), given_, None, "not_reported"), tmp_path / "f.xlsx"
    )
    form = read_form(path)
    assert form.problems == ()
    assert form.typed == form.before
