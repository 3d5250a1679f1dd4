"""Accepted proposals: written once, whole or not at all, and the next match uses them."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.errors import InputError, UsageError
from ntmgis.show.tables.intake_report import write_match_workbook
from ntmgis.units.accept import DECISION, Decision, accept, append_aliases, parse_decision, read_decisions
from ntmgis.units.aliases import Alias, Aliases, load_aliases
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.match import match
from ntmgis.units.names import fold
from ntmgis.units.reference import reference_units
from ntmgis.units.report import MatchReport

OLD, NEW = EPOCHS
UNITS = reference_units(OLD)
DAY = date(2026, 1, 2)
TABLE = pd.DataFrame(
    {
        "Mã": [None, None, None, None, "99999", None],
        "Huyện": ["Đăk Hà", "Đăk Hà", "Kon Tum", "Kon Plông", "Đăk Hà", "Đăk Hà"],
        "Xã": ["Hà Mòn", "Đăk Maa", "Phwờng Quyết Thắng", "Đắk Hà", "Đăk Maa", None],
    },
    index=[2, 3, 4, 5, 6, 7],
    dtype=object,
)


def matched(aliases: Aliases | None = None, table: pd.DataFrame = TABLE) -> MatchReport:
    return match(table, UNITS, epoch=OLD, code="Mã", name="Xã", parent="Huyện", aliases=aliases)


def taken(*decisions: Decision, report: MatchReport | None = None) -> tuple[Alias, ...]:
    return accept(report or matched(), decisions, UNITS, source="thử")


def refused(*decisions: Decision) -> list[str]:
    with pytest.raises(InputError) as told:
        taken(*decisions)
    return [one.code for one in told.value.problems]


def test_the_next_match_uses_what_was_accepted(tmp_path: Path) -> None:
    file = tmp_path / "data" / "aliases.toml"
    made = taken(Decision(3, "23512"), Decision(4, "23287"))
    assert [(a.name, a.code, a.parent) for a in made] == [
        ("Đăk Maa", "23512", "615"),
        ("Phwờng Quyết Thắng", "23287", "608"),
    ]
    assert append_aliases(file, made, day=DAY) == made
    rows = matched(load_aliases(file)).rows
    assert rows.loc[[3, 4], "how"].tolist() == ["alias", "alias"]
    assert rows.loc[[3, 4], "code"].tolist() == ["23512", "23287"]
    assert "(thử)" in rows.loc[3, "reason"]
    assert "2026-01-02" in file.read_text(encoding="utf-8")


def test_what_stands_in_the_file_stays_to_the_letter(tmp_path: Path) -> None:
    file = tmp_path / "aliases.toml"
    mine = '# của tôi\n[[alias]]\nname = "Đak Ma"\nepoch = "until-2025-06-30"\ncode = "23512"\nsource = "s"'
    file.write_text(mine, encoding="utf-8")
    append_aliases(file, taken(Decision(3, "23512")), day=DAY)
    once = file.read_bytes()
    assert once.decode().startswith(mine + "\n")
    assert append_aliases(file, taken(Decision(3, "23512")), day=DAY) == ()
    assert file.read_bytes() == once


def test_a_name_that_the_file_gives_to_another_unit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "aliases.toml"
    append_aliases(file, [Alias("đăk  maa", OLD.id, "23524", "s", "615")], day=DAY)
    before = file.read_bytes()
    with pytest.raises(InputError) as told:
        append_aliases(file, taken(Decision(3, "23512"), Decision(4, "23287")), day=DAY)
    assert [one.code for one in told.value.problems] == ["E-ALIAS-CONTRADICTION"]
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_row_already_matched_needs_no_alias() -> None:
    assert taken(Decision(2, "23521")) == ()


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision(99, "23512"), "E-ALIAS-ROW"),
        (Decision(3, "00000"), "E-ALIAS-UNIT"),
        (Decision(2, "23512"), "E-ALIAS-TAKEN"),
        (Decision(3, "23512", name="Đăk Mar cũ"), "E-ALIAS-STALE"),
        (Decision(3, "23500", unit="Xã Đăk Hà mới"), "E-ALIAS-OTHER"),
        (Decision(6, "23512"), "E-ALIAS-USELESS"),  # the row has a code of its own, which no alias puts right
        (Decision(7, "23512"), "E-ALIAS-USELESS"),  # no name
    ],
)
def test_refused_decisions(decision: Decision, code: str) -> None:
    assert refused(decision) == [code]


def test_all_refusals_come_at_once() -> None:
    assert refused(Decision(99, "23512"), Decision(3, "23512"), Decision(3, "23524")) == [
        "E-ALIAS-ROW",
        "E-ALIAS-CONTRADICTION",
    ]


def test_a_real_name_is_never_turned_into_an_alias_of_another_unit() -> None:
    table = pd.DataFrame({"Xã": ["Đắk Hà", "Ba Tơ"]}, index=[1, 2])
    report = match(table, UNITS, epoch=OLD, name="Xã")
    assert report.rows["status"].tolist() == ["ambiguous", "unmatched"]
    with pytest.raises(InputError) as told:
        accept(report, [Decision(1, "23500")], UNITS, source="s")
    assert [one.code for one in told.value.problems] == ["E-ALIAS-USELESS"]


def test_a_name_of_another_epoch_is_not_accepted() -> None:
    new = reference_units(NEW)
    report = match(pd.DataFrame({"Xã": ["Hà Mòn"]}, index=[1]), new, epoch=NEW, name="Xã")
    with pytest.raises(InputError) as told:
        accept(report, [Decision(1, "23500")], new, source="s")
    assert [one.code for one in told.value.problems] == ["E-ALIAS-USELESS"]


def test_an_alias_holds_only_in_the_district_it_was_accepted_in() -> None:
    (alias,) = taken(Decision(5, "23473"))
    assert alias.parent == "613"
    table = TABLE.assign(Huyện="Đăk Hà")
    rows = matched(Aliases((alias, *load_aliases().names), load_aliases().former_districts), table).rows
    assert rows.loc[5, "code"] == "23500"


@pytest.mark.parametrize("text", ["5", "5=", "=23512", "5=2351", "a=23512", "5=23512x", ""])
def test_decisions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_decision(text)
    assert told.value.problems[0].code == "E-ALIAS-DECISION"


def exported(path: Path) -> Path:
    return write_match_workbook(path, matched().rows.assign(source_id="t", file="t.csv"), decide=True)


def test_decisions_come_back_from_the_workbook(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(exported(tmp_path / "r.xlsx"))
    sheet = book["Từng dòng"]
    at = [cell.value for cell in sheet[3]].index(DECISION) + 1
    row_of = {sheet.cell(line, 3).value: line for line in range(4, sheet.max_row + 1)}
    offered = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert "23512 Xã Đắk Mar" in offered[sheet.cell(row_of[3], at).coordinate]
    assert sheet.cell(row_of[2], at).coordinate not in offered  # matched: nothing to choose
    assert read_decisions(tmp_path / "r.xlsx") == ()
    sheet.cell(row_of[3], at).value = "23512 Xã Đắk Mar"
    sheet.cell(row_of[4], at).value = 23287
    book.save(tmp_path / "filled.xlsx")
    told = read_decisions(tmp_path / "filled.xlsx")
    assert set(told) == {
        Decision(3, "23512", "Đăk Maa", "Xã Đắk Mar"),
        Decision(4, "23287", "Phwờng Quyết Thắng"),
    }
    assert len(taken(*told)) == 2
    sheet.cell(row_of[3], at).value = "đúng rồi"
    book.save(tmp_path / "filled.xlsx")
    with pytest.raises(InputError) as fault:
        read_decisions(tmp_path / "filled.xlsx")
    assert (fault.value.problems[0].code, fault.value.problems[0].row) == ("E-ALIAS-DECISION", row_of[3])


def test_the_workbook_with_decisions_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert exported(tmp_path / "a.xlsx").read_bytes() == exported(tmp_path / "b.xlsx").read_bytes()


def test_other_files_are_no_decisions(tmp_path: Path) -> None:
    plain = write_match_workbook(tmp_path / "plain.xlsx", matched().rows.assign(source_id="t", file="t.csv"))
    text = tmp_path / "text.xlsx"
    text.write_text("x", encoding="utf-8")
    for path, code in ((plain, "E-ALIAS-FORM"), (text, "E-FILE-FORMAT"), (tmp_path / "no.xlsx", "E-FILE-MISSING")):
        with pytest.raises(InputError) as told:
            read_decisions(path)
        assert told.value.problems[0].code == code


@given(st.lists(st.tuples(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30)), max_size=4))
def test_law_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    file = tmp_path_factory.mktemp("law") / "aliases.toml"
    distinct = {fold(name): (name, source) for name, source in texts if fold(name) and source.strip()}
    wanted = [Alias(name, OLD.id, "23512", source) for name, source in distinct.values()]
    written = append_aliases(file, wanted, day=DAY)
    assert list(written) == wanted
    back = load_aliases(file).names if wanted else ()
    assert list(back[: len(wanted)]) == wanted
