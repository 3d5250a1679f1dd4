"""The main job on the tiny province: what is made, what bad input does to it, and what it leaves alone."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pypdfium2
import pytest
import tiny

from ntmgis.build import build
from ntmgis.errors import InputError
from ntmgis.take_in import open_snapshot

FAST = ("html",)
EXPECTED = {"model": 1, "advanced": 1, "ntm": 1, "not_yet": 1, "not_reported": 1, "not_applicable": 1}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny.write_workspace(tmp_path / "w", kinds=FAST)


def prints(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "maps").iterdir())
        if not path.name.startswith(".")
    }


def test_everything_is_made_and_the_numbers_agree(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w")
    result = build(home)
    assert result.sound, result.problems
    assert dict(result.tiers) == EXPECTED
    names = {product.path.name for product in result.products}
    assert names == {
        "index.html",
        "status.html",
        "status_a3.pdf",
        "status_a3.png",
        "status.xlsx",
        "review.pdf",
        "review.pptx",
        "review.xlsx",
        "ntm.gpkg",
        "match.xlsx",
    }
    for product in result.products:
        assert product.path.stat().st_size == product.bytes > 0
    # The same answer on page, sheet and workbook: three of five rural communes are at least NTM.
    page = (home / "maps" / "status.html").read_text(encoding="utf-8")
    document = pypdfium2.PdfDocument(home / "maps" / "status_a3.pdf")
    sheet = document[0].get_textpage().get_text_bounded()
    document.close()
    book = openpyxl.load_workbook(home / "maps" / "status.xlsx")
    cells = " ".join(str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line)
    for text in (page, sheet, cells):
        assert "3/5" in text or "3 xã" in text, text[:300]
    index = (home / "maps" / "index.html").read_text(encoding="utf-8")
    assert all(name in index for name in names - {"index.html"})


def test_same_input_same_bytes(tmp_path: Path) -> None:
    one, two = (tiny.write_workspace(tmp_path / name) for name in ("a", "b"))
    build(one)
    build(two)
    assert prints(one) == prints(two)


def test_two_processes_give_the_same_bytes_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (tiny.write_workspace(tmp_path / name, kinds=("html", "pdf", "gpkg")) for name in ("a", "b"))
    build(one)
    monkeypatch.setattr("ntmgis.build._WORTH_A_PROCESS", 0)
    result = build(two)
    assert prints(one) == prints(two)
    assert result.products[0].path.name == "index.html"


def test_nothing_changed_nothing_done_and_one_change_is_seen(home: Path) -> None:
    assert not build(home).unchanged
    assert build(home).unchanged
    file = home / "data" / "ket_qua.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
    changed = build(home)
    assert not changed.unchanged
    assert (changed.tiers["ntm"], changed.tiers["not_yet"]) == (2, 0)
    assert len(open_snapshot(home)[0].sources) == 7  # the list of units is one of them


def test_a_product_that_was_tampered_with_is_made_again(home: Path) -> None:
    build(home)
    before = prints(home)
    (home / "maps" / "status.html").write_text("x", encoding="utf-8")
    assert not build(home).unchanged
    assert prints(home) == before


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def titled_workbook(home: Path) -> None:
    """The status table as an office writes it: a merged title row, a blank row, then the header."""
    table = pd.read_csv(home / "data" / "ket_qua.csv", dtype=str)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["KẾT QUẢ XÂY DỰNG NÔNG THÔN MỚI NĂM 2025"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(list(table.columns))
    for row in table.itertuples(index=False):
        sheet.append(list(row))
    book.save(home / "data" / "ket_qua.xlsx")
    replace("ntmgis.toml", "data/ket_qua.csv", "data/ket_qua.xlsx")(home)


def test_a_merged_title_row_is_understood(home: Path) -> None:
    titled_workbook(home)
    result = build(home)
    assert result.sound, result.problems
    assert dict(result.tiers) == EXPECTED


def features(name: str, change: Callable[[list[dict[str, object]]], None]) -> Callable[[Path], None]:
    def edit(home: Path) -> None:
        path = home / "data" / name
        collection = json.loads(path.read_text(encoding="utf-8"))
        change(collection["features"])
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")

    return edit


def blank(features: list[dict[str, object]]) -> None:
    features[0]["geometry"] = None


def abroad(features: list[dict[str, object]]) -> None:
    features[0]["geometry"] = {"type": "Point", "coordinates": [105.8, 21.0]}


def twice(features: list[dict[str, object]]) -> None:
    features.append(json.loads(json.dumps(features[0])))
    features[-1]["geometry"] = features[1]["geometry"]


FAILING_SOURCE = {
    "missing": (lambda home: (home / "data/duong.geojson").unlink(), "duong", "E-FILE-MISSING"),
    "empty": (lambda home: (home / "data/duong.geojson").write_bytes(b""), "duong", "E-FILE-EMPTY"),
    "no GIS file": (lambda home: (home / "data/duong.geojson").write_text("hello"), "duong", "E-FILE-FORMAT"),
    "unknown column": (
        replace("ntmgis.toml", 'title = "Kết quả NTM"', 'fields = { tier = "Ket qa" }'),
        "ket_qua",
        "E-COLUMN-UNKNOWN",
    ),
    "unknown layer": (
        replace("ntmgis.toml", 'path = "data/duong.geojson"', 'path = "data/duong.geojson"\nlayer = "duonng"'),
        "duong",
        "E-LAYER-UNKNOWN",
    ),
}


@pytest.mark.parametrize("case", FAILING_SOURCE)
def test_a_source_that_cannot_be_used_is_named_and_the_rest_still_works(home: Path, case: str) -> None:
    spoil, source, code = FAILING_SOURCE[case]
    spoil(home)
    result = build(home)
    assert not result.sound
    assert code in {one.code for one in result.problems}
    assert [row.id for row in result.rows if row.failed] == [source]
    assert (home / "maps" / "status.html").is_file()
    assert all(row.rows_in == row.accepted + row.quarantined for row in result.rows)


@pytest.mark.parametrize("case", FAILING_SOURCE)
def test_what_was_accepted_before_stays_when_the_new_file_is_bad(home: Path, case: str) -> None:
    build(home)
    FAILING_SOURCE[case][0](home)
    result = build(home)
    assert dict(result.tiers) == EXPECTED
    snapshot, _ = open_snapshot(home)
    assert len(snapshot.layers["road"]) == 2
    assert [note.id for note in snapshot.sources if note.failed] == [FAILING_SOURCE[case][1]]


BAD_ROWS = {
    "unknown status": (replace("data/ket_qua.csv", "Chưa đạt", "sắp đạt"), "ket_qua", 1),
    "status of a town": (replace("data/ket_qua.csv", "10004,Xã Bốn", "10006,Thị trấn Sáu"), "ket_qua", 1),
    "duplicated code": (replace("data/ket_qua.csv", "10002,Xã Hai", "10001,Xã Một"), "ket_qua", 2),
    "code against name": (replace("data/ket_qua.csv", "10001,Xã Một", "10001,Xã Năm"), "ket_qua", 1),
    "unknown commune": (replace("data/ket_qua.csv", "10001,Xã Một", ",Xã Mười"), "ket_qua", 1),
    "null geometry": (features("nuoc.geojson", blank), "nuoc", 1),
    "point abroad": (features("nuoc.geojson", abroad), "nuoc", 1),
    "same key twice": (features("duong.geojson", twice), "duong", 2),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_quarantined_with_its_place_and_the_rest_is_shown(home: Path, case: str) -> None:
    spoil, source, quarantined = BAD_ROWS[case]
    spoil(home)
    result = build(home)
    rows = {row.id: row for row in result.rows}
    assert rows[source].quarantined == quarantined
    assert all(row.rows_in == row.accepted + row.quarantined for row in result.rows)
    assert not result.sound
    assert any(one.row is not None and one.file for one in result.problems)
    assert all(one.rule and one.action for one in result.problems)
    book = openpyxl.load_workbook(home / "maps" / "quarantine.xlsx")
    assert any(sheet.max_row > 1 for sheet in book)


def test_without_boundaries_the_old_products_stay(home: Path) -> None:
    build(home)
    before = prints(home)
    for name in ("store/ntmgis.gpkg", "data/xa.geojson"):
        (home / name).unlink()
    with pytest.raises(InputError) as caught:
        build(home)
    assert {one.code for one in caught.value.problems} >= {"E-FILE-MISSING", "E-NO-BOUNDARIES"}
    assert prints(home) == before
    assert [path.name for path in (home / "maps").iterdir() if path.name.startswith(".new")] == []


def test_a_failing_product_leaves_the_old_ones(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(home)
    before = prints(home)
    replace("data/ket_qua.csv", "Chưa đạt", "Đạt chuẩn NTM")(home)

    class FullDiskError(OSError):
        pass

    def full(*_args: object, **_more: object) -> None:
        raise FullDiskError

    monkeypatch.setattr("ntmgis.show.web.index.write_index", full)
    with pytest.raises(FullDiskError):
        build(home)
    assert prints(home) == before


def test_a_product_no_longer_wanted_goes(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w", kinds=("html", "xlsx"))
    build(home)
    (home / "maps" / "mine.txt").write_text("kept", encoding="utf-8")
    replace("ntmgis.toml", "'xlsx'", "'html'")(home)
    build(home)
    assert not (home / "maps" / "status.xlsx").exists()
    assert (home / "maps" / "mine.txt").exists()
