"""The form of a commune: what stands in it, what may be typed, what nobody can smuggle in."""

import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from ntmgis.intake.form import FLAGS, HIDDEN_SHEET, FormFacts, read_form
from ntmgis.programme.criteria import criteria_set
from ntmgis.programme.tables import values
from ntmgis.show.tables.commune_form import CommuneForm, FormVillage, write_commune_form

DAY = date(2025, 6, 30)
HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "\x00\x1b[31m",
    "a" * 900,
)
STATES = {code: one.vi for code, one in values("criterion_state").items()}


def facts(name: str = "Xã Một", set_: str = "2021-2025") -> FormFacts:
    return FormFacts("10001", name, "Huyện Chín Một", "until-2025-06-30", set_, DAY)


def village(n: int, name: str = "Thôn", **flags: str | None) -> FormVillage:
    return FormVillage(f"10001-{n:02d}", f"{name} {n}", "thôn", 10 * n, n % 2 == 0, flags)


def form(**changes: object) -> CommuneForm:
    given: dict[str, object] = {
        "facts": facts(),
        "criteria": criteria_set("2021-2025"),
        "cells": {1: {"state": "met"}, 2: {"state": "not_met", "value": "12/15 km", "evidence": "BC 12"}},
        "known_on": date(2024, 12, 31),
        "tier": "ntm",
        "standard_year": 2024,
        "decision": "12/QĐ-UBND",
        "decision_date": date(2025, 2, 14),
        "villages": (village(1, model="yes", smart="no"), village(2)),
        **changes,
    }
    return CommuneForm(**given)  # type: ignore[arg-type]


def lines(sheet: openpyxl.worksheet.worksheet.Worksheet) -> dict[int, tuple[openpyxl.cell.Cell, ...]]:
    """Criterion → cells of its row."""
    return {row[0].value: row for row in sheet.iter_rows() if isinstance(row[0].value, int)}


def test_what_is_known_is_filled_in_and_only_the_answers_are_open(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_commune_form(form(), tmp_path / "f.xlsx"))
    sheet = book["Phiếu xã"]
    rows = lines(sheet)
    assert sorted(rows) == list(range(1, 20))
    assert [cell.value for cell in rows[2]][1:] == ["Giao thông", "Chưa đạt", "Chưa đạt", "12/15 km", "BC 12"]
    assert [cell.value for cell in rows[3]][2:] == [None] * 4
    for row in rows.values():
        assert [cell.protection.locked for cell in row] == [True, True, True, False, False, False]
    assert [cell.protection.locked for cell in book["Thôn"][4]] == [True] * 5 + [False] * 3
    for name in book.sheetnames:
        assert book[name].protection.sheet, name
        assert book[name].protection.password is None, name
    shown = " ".join(str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value)
    for words in ("Đạt chuẩn NTM", "12/QĐ-UBND ngày 14/02/2025", "2 thôn, 30 hộ", "Xã Một", "10001"):
        assert words in shown
    assert book[HIDDEN_SHEET].sheet_state == "veryHidden"


def test_every_answer_has_its_drop_down(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_commune_form(form(), tmp_path / "f.xlsx"))
    sheet = book["Phiếu xã"]
    rules = sheet.data_validations.dataValidation
    for row in lines(sheet).values():
        (rule,) = [one for one in rules if row[3].coordinate in one.sqref]
        assert rule.type == "list"
        assert rule.formula1 == '"' + ",".join(STATES.values()) + '"'
        assert [one.type for one in rules if row[4].coordinate in one.sqref] == ["textLength"]
    (flags,) = book["Thôn"].data_validations.dataValidation
    assert (str(flags.sqref), flags.formula1) == ("F4:H5", '"Có,Không"')
    assert sum(cell.comment is not None for line in sheet.iter_rows() for cell in line) >= 4


def test_it_prints_on_a4_and_says_when_it_is_a_sample(tmp_path: Path) -> None:
    for sample in (True, False):
        book = openpyxl.load_workbook(write_commune_form(form(sample=sample), tmp_path / "f.xlsx"))
        for name in ("Phiếu xã", "Thôn", "Hướng dẫn"):
            sheet = book[name]
            assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.page_setup.fitToWidth in {None, 1}  # one page wide is the default
            told = " ".join(str(cell.value) for line in sheet.iter_rows(max_row=4) for cell in line if cell.value)
            assert ("DỮ LIỆU MINH HOẠ" in told) is sample, name
            assert ("DỮ LIỆU MINH HOẠ" in (sheet.oddHeader.right.text or "")) is sample
        assert book["Phiếu xã"].page_setup.fitToHeight in {None, 1}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_texts_stay_text(tmp_path: Path, text: str) -> None:
    made = form(
        facts=FormFacts("10001", text, text, "until-2025-06-30", "2021-2025", DAY),
        cells={5: {"state": "met", "value": text, "evidence": text}},
        decision=text,
        villages=(FormVillage("10001-01", text, None, None, None, {}),),
    )
    path = write_commune_form(made, tmp_path / "f.xlsx")
    book = openpyxl.load_workbook(path)
    formulas = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    assert len(formulas) == 1  # ours
    assert re.fullmatch(r'=COUNTIF\(D\d+:D\d+,"Đạt"\)', formulas[0])
    with zipfile.ZipFile(path) as packed:
        assert not any(
            "hyperlink" in packed.read(name).decode("utf-8", "ignore").lower()
            for name in packed.namelist()
            if name.endswith(".rels")
        )


def test_what_was_written_is_what_is_read_and_twice_the_same_bytes(tmp_path: Path) -> None:
    made = form()
    one, two = (write_commune_form(made, tmp_path / name) for name in ("1.xlsx", "2.xlsx"))
    assert one.read_bytes() == two.read_bytes()
    read = read_form(one)
    assert read.facts == made.facts
    assert read.before == made.items() == read.typed
    assert len(read.before) == 19 + 2
    assert set(read.before["10001-01"]) == set(FLAGS)
    assert (read.problems, read.faulty, read.remark) == ((), frozenset(), "")


@pytest.mark.parametrize("id_", ["2016-2020", "2021-2025", "2026-2030"])
def test_every_commune_set_has_its_form(tmp_path: Path, id_: str) -> None:
    made = form(facts=facts(set_=id_), criteria=criteria_set(id_), cells={})
    path = write_commune_form(made, tmp_path / "f.xlsx")
    assert len(lines(openpyxl.load_workbook(path)["Phiếu xã"])) == criteria_set(id_).count
    assert read_form(path).typed == made.items()


def test_a_commune_without_villages_has_no_sheet_of_villages(tmp_path: Path) -> None:
    path = write_commune_form(form(villages=()), tmp_path / "f.xlsx")
    assert "Thôn" not in openpyxl.load_workbook(path).sheetnames
    assert read_form(path).problems == ()
