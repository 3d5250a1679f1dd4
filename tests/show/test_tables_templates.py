"""The Excel forms: typed by hand, they come back through intake; guide and example never do."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from ntmgis.errors import InputError
from ntmgis.intake.accept import check_file
from ntmgis.intake.headers import fields_of
from ntmgis.programme.tables import TableSpec, table, tables, values
from ntmgis.show.tables.templates import template_tables, write_template, write_templates
from ntmgis.units.epochs import epoch_on

EPOCH = epoch_on(date(2025, 6, 30))
SPECS = {spec.id: spec for spec in template_tables()}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = write_templates(tmp_path_factory.mktemp("forms") / "templates")
    return dict(zip(SPECS, paths, strict=True))


def test_every_table_one_can_type_has_a_form_and_no_other(forms: dict[str, Path]) -> None:
    assert {p.name for p in next(iter(forms.values())).parent.iterdir()} == {f"mau_{id_}.xlsx" for id_ in forms}
    for spec in tables().values():
        typed = spec.geometry in {"none", "point", "polygon_or_point"} and not spec.base
        assert (spec.id in forms) == typed


@pytest.mark.parametrize("id_", SPECS)
def test_first_sheet_is_a_bare_header_ready_to_type(forms: dict[str, Path], id_: str) -> None:
    book = openpyxl.load_workbook(forms[id_])
    sheet = book.worksheets[0]
    fields = fields_of(SPECS[id_], tabular=True)
    titles = [cell.value for cell in sheet[1]]
    assert titles == [field.title_vi for field in fields]
    assert len(set(titles)) == len(titles)
    assert sheet.max_row == 1
    assert not sheet.merged_cells.ranges
    assert sheet.freeze_panes == "A2"
    for field, cell in zip(fields, sheet[1], strict=True):
        (style,) = [d for d in sheet.column_dimensions.values() if d.min <= cell.column <= d.max]
        if field.type == "code":
            assert style.number_format == "@"
        rules = [rule for rule in sheet.data_validations.dataValidation if f"{cell.column_letter}2" in rule.sqref]
        assert len(rules) == 1, field.name
        if field.type in {"enum", "bool"}:
            assert rules[0].type == "list"
            allowed = listed(book, rules[0].formula1)
            assert allowed == (
                ["Có", "Không"] if field.type == "bool" else [v.vi for v in values(field.values).values()]
            )
        elif field.type in {"date", "integer", "number", "year", "code"}:
            assert rules[0].type in {"date", "whole", "decimal", "custom"}
    assert book.sheetnames[1] == "Hướng dẫn"
    guide = [row[0] for row in book["Hướng dẫn"].iter_rows(min_row=4, values_only=True)]
    assert guide == titles
    assert str(book["Ví dụ"]["A1"].value).startswith("VÍ DỤ")


def listed(book: openpyxl.Workbook, formula: str) -> list[str]:
    name, cells = formula.split("!")
    return [row[0].value for row in book[name.strip("'")][cells.replace("$", "")]]


def fill(path: Path, spec: TableSpec, rows: list[dict[str, object]]) -> Path:
    """What a person does: open the form, type below the header, save."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {field.name: place for place, field in enumerate(fields_of(spec, tabular=True), start=1)}
    for number, row in enumerate(rows, start=2):
        for name, value in row.items():
            sheet.cell(number, columns[name], value)
    filled = path.with_name(f"filled_{path.name}")
    book.save(filled)
    return filled


def test_a_filled_status_form_is_read_as_typed(forms: dict[str, Path]) -> None:
    rows = [
        {"code": "23521", "name": "Hà Mòn", "tier": "NTM nâng cao", "as_of": date(2025, 6, 30), "tc1": "Đạt"},
        {"name": "Đăk Mar", "district": "Đăk Hà", "tier": "Đạt chuẩn NTM", "decision": "12/QĐ-UBND", "tc2": "Chưa đạt"},
        {"name": "Xã không có", "district": "Đăk Hà", "tier": "Đạt chuẩn NTM"},
    ]
    made = check_file(fill(forms["commune_status"], SPECS["commune_status"], rows), "commune_status", epoch=EPOCH)
    assert made.rows_in == 3
    assert list(made.frame["code"]) == ["23521", "23512"]
    assert list(made.frame["tier"]) == ["advanced", "ntm"]
    assert made.frame["tc1"].iloc[0] == "met"
    assert made.frame["tc1"].isna().iloc[1]
    assert set(made.quarantine["row"]) == {4}


def test_a_filled_point_form_gives_points(forms: dict[str, Path]) -> None:
    row = {"id": "N1", "kind": "tự chảy", "capacity": 120, "meets_qcvn": "Có", "lon": 107.909, "lat": 14.469}
    made = check_file(fill(forms["water_supply"], SPECS["water_supply"], [row]), "water_supply", epoch=EPOCH)
    assert list(made.frame["kind"]) == ["gravity"]
    assert made.frame.geometry.iloc[0].x == pytest.approx(107.909)
    assert made.frame["households"].isna().all()


@pytest.mark.parametrize("id_", ["commune_status", "water_supply", "village"])
def test_an_empty_form_holds_no_rows_not_even_the_example(forms: dict[str, Path], id_: str) -> None:
    with pytest.raises(InputError) as caught:
        check_file(forms[id_], id_, epoch=EPOCH)
    assert {one.code for one in caught.value.problems} == {"E-FILE-EMPTY"}


def test_the_example_row_of_every_form_passes_intake(forms: dict[str, Path]) -> None:
    for id_, path in forms.items():
        made = check_file(path, id_, epoch=EPOCH, layer="Ví dụ")
        assert (made.rows_in, list(made.quarantine["code"])) == (1, []), id_


def test_forms_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    spec = table("commune_status")
    first, second = (write_template(spec, tmp_path / f"{n}.xlsx").read_bytes() for n in "ab")
    assert first == second
