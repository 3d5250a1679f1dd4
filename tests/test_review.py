"""Field data through the whole way: compared, decided in the workbook, applied, and seen by the next build."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import tiny
from shapely import Point

from ntmgis.build import build
from ntmgis.errors import InputError, UsageError
from ntmgis.review import apply_review, review_file
from ntmgis.store.geopackage import Store
from ntmgis.take_in import take_in
from ntmgis.workspace import load_workspace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny.write_workspace(tmp_path / "w", kinds=("xlsx",))


@pytest.fixture
def field(home: Path, tmp_path: Path) -> Path:
    """The water works of the tiny province as somebody brings them back: one changed, one new."""
    known = gpd.read_file(home / "data" / "nuoc.geojson")
    extra = known.copy()
    known.loc[0, "households"] = 250
    extra.loc[0, ["id", "name"]] = ["N2", "=HYPERLINK(1)"]
    extra.geometry = [Point(*extra.geometry.iloc[0].coords[0]).buffer(0.001).exterior.interpolate(0.1)]
    path = tmp_path / "thuc_dia.geojson"
    gpd.GeoDataFrame(pd.concat([known, extra], ignore_index=True), crs=known.crs).to_file(path)
    return path


def decide(form: Path, **verdicts: str) -> None:
    """Fill in the decision of the lines by key, as a person would."""
    book = openpyxl.load_workbook(form)
    page = book["Xem xét"]
    for line in page.iter_rows(min_row=4):
        if str(line[2].value) in verdicts:
            line[0].value = verdicts[str(line[2].value)]
    book.save(form)


def known(home: Path) -> dict[str, Any]:
    taken = take_in(load_workspace(home))
    made = [one for one in taken.imports if one.source_id == "nuoc"]
    rows = taken.store.rows("water_supply", made)
    return dict(zip(rows["id"], rows["households"], strict=True))


def test_only_accepted_rows_are_applied_and_they_stay(home: Path, field: Path, tmp_path: Path) -> None:
    build(home)
    assert build(home).unchanged
    form = tmp_path / "xem.xlsx"
    made = review_file(home, field, "nuoc", form)
    assert made.counts == {"new": 1, "changed": 1, "moved": 0, "deleted": 0, "conflict": 0, "same": 0}
    assert known(home) == {"N1": 210}
    decide(form, N1="Không", N2="Nhận")
    done = apply_review(home, field, "nuoc", form)
    assert (done.accepted, done.left, done.rows) == ({"new": 1}, 1, 2)
    assert known(home) == {"N1": 210, "N2": 210}
    result = build(home)
    assert not result.unchanged
    assert known(home) == {"N1": 210, "N2": 210}
    store = Store(home / "store" / "ntmgis.gpkg")
    assert [one.accepted for one in store.imports() if one.source_id == "nuoc"] == [1, 2]
    last = store.latest("nuoc")
    assert last is not None
    assert last.file == "nuoc.geojson + thuc_dia.geojson"


def test_a_changed_source_file_replaces_what_was_applied_and_says_so(home: Path, field: Path, tmp_path: Path) -> None:
    form = tmp_path / "xem.xlsx"
    review_file(home, field, "nuoc", form)
    decide(form, N1="nhận")
    apply_review(home, field, "nuoc", form)
    assert known(home) == {"N1": 250}
    source = home / "data" / "nuoc.geojson"
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    taken = take_in(load_workspace(home))
    assert "W-REVIEW-REPLACED" in {one.code for one in taken.problems}
    assert known(home) == {"N1": 210}


def test_a_form_for_another_state_is_stale(home: Path, field: Path, tmp_path: Path) -> None:
    form = tmp_path / "xem.xlsx"
    review_file(home, field, "nuoc", form)
    decide(form, N1="Nhận")
    apply_review(home, field, "nuoc", form)
    with pytest.raises(InputError, match="E-REVIEW-STALE"):
        apply_review(home, field, "nuoc", form)  # the store has moved on
    review_file(home, field, "nuoc", form)
    field.write_text(field.read_text(encoding="utf-8").replace("250", "260"), encoding="utf-8")
    with pytest.raises(InputError, match="E-REVIEW-STALE"):
        apply_review(home, field, "nuoc", form)
    assert known(home) == {"N1": 250}


def test_nothing_accepted_writes_nothing(home: Path, field: Path, tmp_path: Path) -> None:
    form = tmp_path / "xem.xlsx"
    review_file(home, field, "nuoc", form)
    before = Store(home / "store" / "ntmgis.gpkg").imports()
    assert apply_review(home, field, "nuoc", form).import_id is None
    assert Store(home / "store" / "ntmgis.gpkg").imports() == before


def test_wrong_words_and_wrong_books_are_named(home: Path, field: Path, tmp_path: Path) -> None:
    form = tmp_path / "xem.xlsx"
    review_file(home, field, "nuoc", form)
    decide(form, N1="có lẽ", N2="maybe")
    with pytest.raises(InputError) as caught:
        apply_review(home, field, "nuoc", form)
    assert [(one.code, one.row) for one in caught.value.problems] == [
        ("E-REVIEW-DECISION", 4),
        ("E-REVIEW-DECISION", 5),
    ]
    openpyxl.Workbook().save(form)
    with pytest.raises(InputError, match="E-REVIEW-FORM"):
        apply_review(home, field, "nuoc", form)
    with pytest.raises(UsageError, match="nuoc"):
        review_file(home, field, "nuocc", form)
    with pytest.raises(UsageError, match="E-OUT-INPUT"):
        review_file(home, field, "nuoc", field)


def test_a_key_that_is_there_twice_is_a_conflict_not_a_deletion(home: Path, field: Path, tmp_path: Path) -> None:
    rows = gpd.read_file(field)
    rows["id"] = "N1"
    twice = tmp_path / "hai.geojson"
    rows.to_file(twice)
    form = tmp_path / "xem.xlsx"
    made = review_file(home, twice, "nuoc", form)
    assert (made.counts["conflict"], made.counts["deleted"]) == (1, 0)
    assert "W-REVIEW-REFUSED" in {one.code for one in made.problems}
    decide(form, N1="Nhận")
    with pytest.raises(InputError, match="E-REVIEW-CLOSED"):
        apply_review(home, twice, "nuoc", form)


def test_a_deletion_is_doubtful_while_a_broken_row_has_no_key(home: Path, field: Path, tmp_path: Path) -> None:
    rows = gpd.read_file(field)
    rows.loc[0, "id"] = None
    rows.to_file(tmp_path / "thieu.geojson")
    form = tmp_path / "xem.xlsx"
    assert review_file(home, tmp_path / "thieu.geojson", "nuoc", form).counts["deleted"] == 1
    page = openpyxl.load_workbook(form)["Xem xét"]
    notes = {str(line[2].value): str(line[6].value) for line in page.iter_rows(min_row=4)}
    assert "1 dòng hỏng không rõ khoá" in notes["N1"]


def test_a_file_without_lasting_ids_is_refused(home: Path, field: Path, tmp_path: Path) -> None:
    bare = tmp_path / "khong_ma.geojson"
    gpd.read_file(field).drop(columns="id").to_file(bare)
    with pytest.raises(InputError, match="E-REVIEW-NO-KEY"):
        review_file(home, bare, "nuoc", tmp_path / "xem.xlsx")


def test_observations_are_reviewed_too(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "ket_qua.csv"
    text = (home / "data" / "ket_qua.csv").read_text(encoding="utf-8")
    path.write_text(text.replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
    form = tmp_path / "xem.xlsx"
    assert review_file(home, path, "ket_qua", form).counts["changed"] == 1
    decide(form, **{"10003 · 2025-06-30": "Nhận"})
    assert apply_review(home, path, "ket_qua", form).accepted == {"changed": 1}
    taken = take_in(load_workspace(home))
    rows = taken.store.rows("commune_status", [one for one in taken.imports if one.source_id == "ket_qua"])
    assert dict(zip(rows["code"], rows["tier"], strict=True))["10003"] == "ntm"
    assert review_file(home, path, "ket_qua", form).counts["same"] == 4


def test_the_form_is_safe_has_a_drop_down_and_is_the_same_twice(home: Path, field: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    review_file(home, field, "nuoc", one)
    review_file(home, field, "nuoc", two)
    assert one.read_bytes() == two.read_bytes()
    page = openpyxl.load_workbook(one)["Xem xét"]
    (rule,) = page.data_validations.dataValidation
    assert rule.formula1 == '"Nhận,Không"'
    assert str(rule.sqref) == "A4:A5"
    cells = [cell for line in page.iter_rows() for cell in line]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any("=HYPERLINK(1)" in str(cell.value) for cell in cells)


def test_the_command_line(home: Path, field: Path, tmp_path: Path) -> None:
    def run(*words: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ntmgis.cli", "intake", str(field), "--source", "nuoc", "-w", str(home)]
        return subprocess.run(
            [*command, *map(str, words)], capture_output=True, text=True, encoding="utf-8", check=False
        )

    form = tmp_path / "xem.xlsx"
    assert run().returncode == 2
    done = run("--review", form, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["new"] == 1
    decide(form, N1="Nhận", N2="Nhận")
    done = run("--apply", form)
    assert done.returncode == 0, done.stderr
    assert "2 dòng" in done.stdout
