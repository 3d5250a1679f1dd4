"""Match report and quarantine: every row is there, in words, and the codes beside them."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from ntmgis.show.tables.intake_report import HOWS, STATUSES, write_match_workbook, write_quarantine_workbook
from ntmgis.units import report


def match_rows() -> pd.DataFrame:
    def row(number: int, name: str | None, status: str, how: str | None, **more: Any) -> dict[str, Any]:
        return {
            "source_id": "ket_qua",
            "file": "ket_qua.csv",
            "row": number,
            "given_code": None,
            "given_name": name,
            "given_parent": "Đăk Hà",
            "status": status,
            "how": how,
            "code": None,
            "unit_name": None,
            "reason": "",
            "candidates": "[]",
            **more,
        }

    return pd.DataFrame(
        [
            row(2, "Đăk Mar", "matched", "folded_name", code="23512", unit_name="Xã Đắk Mar"),
            row(3, "Hà Mòn", "matched", "exact_name", code="23521", unit_name="Xã Hà Mòn"),
            row(4, "Đăk Ma", "unmatched", None, reason="không có tên", candidates='[["23512", "Xã Đắk Mar", 92.3]]'),
            row(
                5, "=1+1", "ambiguous", None, candidates=(("23512", "Xã Đắk Mar", 100.0), ("23521", "Xã Hà Mòn", 100.0))
            ),
            row(2, None, "matched", "code", source_id="khac", file="khac.csv", given_code="01234", code="01234"),
        ]
    )


def body(sheet: Any) -> pd.DataFrame:
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    return pd.DataFrame(rows[1:], columns=list(rows[0]), dtype=object)


def test_words_for_every_status_and_way_of_the_matcher() -> None:
    assert set(STATUSES) == set(report.STATUSES)
    assert set(HOWS) == set(report.HOWS)


def test_every_row_once_unmatched_first_in_each_source(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_match_workbook(tmp_path / "m.xlsx", match_rows(), sample=True))
    rows = body(book["Từng dòng"])
    assert list(zip(rows["Nguồn"], rows["Dòng"], strict=True)) == [
        ("ket_qua", 4),
        ("ket_qua", 5),
        ("ket_qua", 2),
        ("ket_qua", 3),
        ("khac", 2),
    ]
    assert list(rows["Kết quả"]) == ["không khớp", "nhiều khả năng", "đã khớp", "đã khớp", "đã khớp"]
    assert list(rows["status"]) == ["unmatched", "ambiguous", "matched", "matched", "matched"]
    assert list(rows["Cách khớp"])[2:] == ["theo tên bỏ dấu", "theo tên đúng", "theo mã"]
    assert rows["Các khả năng"].iloc[0] == "Xã Đắk Mar (23512, giống 92)"
    assert rows["Các khả năng"].iloc[1] == "Xã Đắk Mar (23512, giống 100); Xã Hà Mòn (23521, giống 100)"
    assert rows["Các khả năng"].iloc[2] is None
    assert rows["Mã trong tệp"].iloc[4] == "01234"
    assert book["Từng dòng"]["E5"].data_type == "s"  # "=1+1"
    assert book["Từng dòng"]["A2"].value.startswith("DỮ LIỆU MINH HOẠ")


def test_the_summary_accounts_for_every_row(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_match_workbook(tmp_path / "m.xlsx", match_rows()))
    rows = body(book["Tóm tắt"])
    assert book["Tóm tắt"]["A1"].value == "3/5 dòng đã khớp với đơn vị hành chính"
    assert list(rows["Nguồn"]) == ["ket_qua", "khac", "Cộng"]
    assert list(rows["Số dòng"]) == [4, 1, 5]
    ways = [title for title in rows if str(title).startswith("Khớp ")]
    assert all(row[ways].sum() == row["Đã khớp"] for _, row in rows.iterrows())
    rest = list(rows.columns)[5 + len(ways) :]
    assert all(row[rest].sum() + row["Đã khớp"] == row["Số dòng"] for _, row in rows.iterrows())


@pytest.mark.parametrize("write", [write_match_workbook, write_quarantine_workbook])
def test_no_rows_still_make_a_workbook_that_says_so(tmp_path: Path, write: Any) -> None:
    frame = match_rows() if write is write_match_workbook else quarantine_rows()
    book = openpyxl.load_workbook(write(tmp_path / "a.xlsx", frame.iloc[:0]))
    assert book["Tóm tắt"]["A4"].value == "Không có dòng nào."


def quarantine_rows() -> pd.DataFrame:
    broken = {
        "source_id": "duong",
        "file": "duong.gpkg",
        "layer": "duong",
        "sheet": None,
        "row": 12,
        "column": "surface",
        "value": "bê tôn",
        "code": "E-VALUE-UNKNOWN",
        "rule": "giá trị không có trong danh mục",
        "action": "chọn một trong: nhựa, đất",
        "original": '{"id": "D1", "surface": "bê tôn\x00"}',
    }
    return pd.DataFrame([broken, {**broken, "column": "width", "code": "E-VALUE-NUMBER"}, {**broken, "row": 13}])


def test_quarantine_keeps_place_rule_advice_and_original(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_quarantine_workbook(tmp_path / "q.xlsx", quarantine_rows()))
    rows = body(book["Từng lỗi"])
    assert book["Từng lỗi"]["A1"].value == "2 dòng chưa được nhận, 3 lỗi cần sửa"
    assert list(rows["Dòng"]) == [12, 12, 13]
    first = rows.iloc[0]
    assert (first["Lớp hoặc trang"], first["Cột"], first["Giá trị"]) == ("duong", "surface", "bê tôn")
    assert first["Nguyên văn của dòng"] == '{"id": "D1", "surface": "bê tôn␀"}'
    assert list(rows["Mã lỗi"]) == ["E-VALUE-UNKNOWN", "E-VALUE-NUMBER", "E-VALUE-UNKNOWN"]
    summary = body(book["Tóm tắt"])
    assert list(summary["Số lỗi"]) == [2, 1]


def test_reports_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert (
        write_match_workbook(tmp_path / "a.xlsx", match_rows()).read_bytes()
        == write_match_workbook(tmp_path / "b.xlsx", match_rows()).read_bytes()
    )
