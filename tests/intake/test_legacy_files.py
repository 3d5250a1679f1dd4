"""Files in old encodings taken in: CSV, XLSX, Shapefile, MapInfo; what is unclear is said and nothing is changed."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import Point, box

from ntmgis.intake.accept import Intake, read_source
from ntmgis.intake.legacy import encode
from ntmgis.intake.legacy_detect import decode_values, detect
from ntmgis.intake.matching import match_table
from ntmgis.intake.raw import RawTable
from ntmgis.intake.read import read_raw
from ntmgis.programme.tables import table
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import reference_units
from ntmgis.workspace import Source

OLD = EPOCHS[0]
UNITS = reference_units(OLD)
DAY = date(2024, 12, 31)
STATUS = [["Mã xã", "Tên xã", "Huyện", "Kết quả", "Ghi chú"]] + [
    [row.code, row.name, row.district, "Đạt chuẩn", "đã có quyết định"]
    for row in UNITS[UNITS["rural"]].head(30).itertuples()
]


def raw(path: Path, table_id: str = "unit_list", **source: Any) -> RawTable:
    return read_raw(Source(id="s", table=table_id, path=path, **source), table(table_id))


def take(path: Path, table_id: str, **source: Any) -> Intake:
    return read_source(Source(id="s", table=table_id, path=path, **source), units=UNITS, epoch=OLD)


def codes(problems: Any) -> list[str]:
    return [one.code for one in problems]


def written(rows: list[list[str]], encoding: str) -> list[list[str]]:
    return [[encode(cell, encoding) for cell in row] for row in rows]


def as_csv(rows: list[list[str]], path: Path, encoding: str = "latin-1") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


# --- made here ---


@pytest.mark.parametrize("on_disk", ["latin-1", "utf-8"])
@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "vps", "cp1258"])
def test_a_status_table_comes_in_headers_and_all(tmp_path: Path, encoding: str, on_disk: str) -> None:
    plain = take(as_csv(STATUS, tmp_path / "b.csv", "utf-8"), "commune_status", as_of=DAY)
    made = take(as_csv(written(STATUS, encoding), tmp_path / "a.csv", on_disk), "commune_status", as_of=DAY)
    assert len(made.frame) == 30
    assert made.frame.equals(plain.frame)
    told = [one for one in made.problems if one.code == "W-LEGACY-DECODED"]
    assert {one.column for one in told} >= {"Tên xã", "Huyện", "Kết quả"}
    assert all("→" in one.rule and "%" in one.rule for one in told)
    assert "W-LEGACY-DECODED" not in codes(plain.problems)


@pytest.mark.parametrize("on_disk", ["latin-1", "utf-8"])
@pytest.mark.parametrize("name", ["tcvn3", "TCVN-3", "ABC"])
def test_a_stated_encoding_is_not_judged(tmp_path: Path, name: str, on_disk: str) -> None:
    path = as_csv(written([["Mã xã", "Tên xã"], ["23281", "Hà"]], "tcvn3"), tmp_path / "a.csv", on_disk)
    made = raw(path, encoding=name)
    assert made.cells["Tên xã"].tolist() == ["Hà"]
    assert made.warnings == ()


def test_workbooks_are_looked_at_too(case: Any) -> None:
    made = raw(case.xlsx({"Sheet1": written(STATUS, "vni")}), "commune_status")
    assert made.cells["Tên xã"].tolist() == [row[1] for row in STATUS[1:]]
    assert "W-LEGACY-DECODED" in codes(made.warnings)
    stated = raw(case.xlsx({"Sheet1": written(STATUS, "vni")}, "c.xlsx"), "commune_status", encoding="vni")
    assert stated.cells.equals(made.cells)
    assert stated.warnings == ()


def test_groups_of_districts_are_seen_in_old_text(tmp_path: Path) -> None:
    rows = [["TT", "Tên xã", "Kết quả"], ["I", "Huyện Đắk Tô", ""], ["1", "Diên Bình", "Đạt"], ["2", "Pô Kô", "Đạt"]]
    rows += [["II", "Huyện Sa Thầy", ""], ["1", "Sa Nghĩa", "Đạt"], ["2", "Rờ Kơi", "Chưa đạt"], ["3", "Mô Rai", ""]]
    path = as_csv(written(rows, "tcvn3"), tmp_path / "a.csv")
    plain = raw(as_csv(rows, tmp_path / "b.csv", "utf-8"), "commune_status")
    assert raw(path, "commune_status").cells.equals(plain.cells)


def shapefile(case: Any, values: dict[str, list[str]], encoding: str = "ISO-8859-1") -> Path:
    size = len(next(iter(values.values())))
    shapes = [box(107.5 + i / 100, 14.4, 107.51 + i / 100, 14.41) for i in range(size)]
    path: Path = case.layer(values, shapes, "a.shp", encoding=encoding)
    if encoding == "ISO-8859-1":
        path.with_suffix(".cpg").unlink()
    return path


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii"])
def test_a_shapefile_without_cpg(case: Any, encoding: str) -> None:
    names = UNITS["name"].tolist()[:40]
    path = shapefile(case, {"TEN": [encode(name, encoding) for name in names]})
    made = raw(path, "unit")
    assert made.cells["TEN"].tolist() == names
    assert made.errors == ()
    assert codes(made.warnings) == ["W-LEGACY-DECODED"]
    stated = raw(path, "unit", encoding=encoding)
    assert stated.cells["TEN"].tolist() == names
    assert stated.warnings == stated.errors == ()


def test_a_cpg_that_lies(case: Any) -> None:
    names = UNITS["name"].tolist()[:40]
    path = shapefile(case, {"TEN": [encode(name, "tcvn3") for name in names]}, encoding="UTF-8")
    assert raw(path, "unit").cells["TEN"].tolist() == names  # bytes taken for Latin-1 and saved as UTF-8
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    mojibake = raw(shapefile(case, {"TEN": [name.encode().decode("latin-1") for name in names]}, "UTF-8"), "unit")
    assert mojibake.cells["TEN"].tolist() == names


def test_bytes_that_are_not_clear_are_still_an_error(case: Any) -> None:
    path = shapefile(case, {"TEN": ["Xã ê", "Müller"]})
    made = raw(path, "unit")
    assert codes(made.errors) == ["E-FILE-ENCODING"]
    assert made.cells["TEN"].tolist() == ["Xã ê", "Müller"]


def test_one_broken_line_in_a_utf8_file_is_still_an_error(case: Any) -> None:
    path = case.folder / "a.csv"
    good = "".join(f"{row[0]},{row[1]}\n" for row in STATUS[1:])
    path.write_bytes(f"Mã xã,Tên xã\n{good}".encode() + "23999,§¾k T«\n".encode("latin-1"))
    assert case.refused(path, "commune_status", as_of=DAY) == ["E-FILE-ENCODING"]


def test_what_is_unclear_is_said_and_left(tmp_path: Path) -> None:
    rows = [["Mã xã", "Tên xã", "Ghi chú"], ["23281", "Hµ", ""], ["23284", "Kon Tum", ""]]
    made = raw(as_csv(rows, tmp_path / "a.csv", "utf-8"))
    assert made.cells["Tên xã"].tolist() == ["Hµ", "Kon Tum"]
    assert [(one.code, one.column) for one in made.warnings] == [("W-LEGACY-UNCLEAR", "Tên xã")]
    assert "TCVN3 (ABC): “Hµ” → “Hà”" in made.warnings[0].rule
    assert "VISCII: “Hµ” → “Hộ”" in made.warnings[0].rule


def test_a_short_column_follows_the_others(tmp_path: Path) -> None:
    rows = [["Mã xã", "Tên xã", "Người nhập"], *([row[0], row[1], "Hà"] for row in STATUS[1:])]
    made = raw(as_csv(written(rows, "tcvn3"), tmp_path / "a.csv", "utf-8"))
    assert set(made.cells["Người nhập"]) == {"Hà"}


def test_points_of_a_layer_with_mixed_columns(case: Any) -> None:
    names = UNITS["name"].tolist()
    mixed = [encode(n, "tcvn3") if i % 2 else encode(n, "viscii") for i, n in enumerate(names)]
    escapes = ["".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in name) for name in names]
    shapes = [Point(107.5 + i / 1000, 14.4) for i in range(len(names))]
    path = case.layer({"a": mixed, "b": escapes, "c": names}, shapes, "p.geojson")
    made = raw(path, "market")
    assert made.cells["b"].tolist() == made.cells["c"].tolist() == names
    assert all(new in (name, old) for new, name, old in zip(made.cells["a"], names, mixed, strict=True))
    assert sum(a == b for a, b in zip(made.cells["a"], names, strict=True)) >= 95
    assert set(codes(made.warnings)) <= {"W-LEGACY-DECODED", "W-LEGACY-LEFT"}


# --- real files ---


def columns(path: Path, encoding: str = "utf-8") -> dict[str, list[str]]:
    with path.open(encoding=encoding, newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.real
@pytest.mark.parametrize("encoding", ["tcvn3", "viscii"])
@pytest.mark.parametrize(("ending", "on_disk"), [("", "utf-8"), ("_bytes", "latin-1")])
def test_samples_come_back_letter_for_letter(real_data: Path, encoding: str, ending: str, on_disk: str) -> None:
    # The truth has U+00D0 (eth) for U+0110, which look alike: the one thing put right here.
    truth = columns(real_data / "legacy" / "vn_samples_Unicode.csv")
    truth = {name: [value.replace("\u00d0", "\u0110") for value in values] for name, values in truth.items()}
    found = columns(real_data / "legacy" / f"vn_samples_{encoding.upper()}{ending}.csv", on_disk)
    for name, values in found.items():
        detection = detect(values)
        changed = decode_values(values, detection)
        assert [changed.get(value, value) for value in values] == truth[name]
        texts = name in {"Province_city", "Administrative_center"}
        assert (detection.encoding, detection.score) == (encoding if texts else None, 1.0)


@pytest.mark.real
def test_good_unicode_files_stay(real_data: Path) -> None:
    for path in [*(real_data / "legacy").glob("*nicode.csv"), *(real_data / "admin").glob("units*.csv")]:
        for values in columns(path, "utf-8-sig").values():
            assert detect(values).encoding is None


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "more"),
    [
        ("legacy/communes_tcvn3_as_found_utf8.csv", {}),
        ("legacy/communes_tcvn3_bytes.csv", {}),
        ("legacy/communes_tcvn3_bytes.csv", {"encoding": "tcvn3"}),
        ("derived/communes89_tcvn3_vn2000_tm3_10730_noprj.shp", {}),
        ("derived/communes89_tcvn3_vn2000_tm3_10730_noprj.shp", {"encoding": "tcvn3"}),
        ("derived/communes89_tcvn3_vn2000_utm48.mif", {}),
        ("derived/communes89_tcvn3_vn2000_utm48.mif", {"encoding": "abc"}),
    ],
)
def test_the_tcvn3_communes_are_found(real_data: Path, file: str, more: dict[str, str]) -> None:
    path = real_data / file
    report = match_table(path, units=UNITS, epoch=OLD, name="C_NAMEVI", parent="D_NAME", code="", **more)
    truth = raw(path, fields={"code": "C_CODE"}, **more).cells["C_CODE"].astype(str)
    rows = report.rows.set_axis(truth.index)
    matched = rows["status"] == "matched"
    assert len(rows) == 89
    assert matched.sum() == 87
    assert (rows["code"] == truth)[matched].all()
    # the typing errors of the source, named with a proposal
    left = {row.given_name: row.candidates[0][:2] for row in rows[~matched].itertuples()}
    assert left == {
        "Phwờng Quyết Thắng": ("23287", "Phường Quyết Thắng"),
        "Phường Trường Trinh": ("23290", "Phường Trường Chinh"),
    }
    # ten communes still under Đắk Tô, which lost them to Tu Mơ Rông
    former = rows[rows["reason"].str.contains("tệp ghi Huyện Đắk Tô, danh mục xếp vào Huyện Tu Mơ Rông")]
    assert len(former) == 10
    assert matched[former.index].all()
    assert bool(report.hints) is not bool(more)


@pytest.mark.real
def test_names_and_codes_of_the_tcvn3_table_agree(real_data: Path) -> None:
    path = real_data / "legacy" / "communes_tcvn3_bytes.csv"
    codes_too = {"code": "C_CODE", "name": "C_NAMEVI", "parent": "D_NAME"}
    counts = match_table(path, units=UNITS, epoch=OLD, **codes_too).counts()  # type: ignore[arg-type] - str all of them
    assert counts["conflict"] == 0
    assert counts["matched"] >= 87


@pytest.mark.real
def test_the_shapefile_with_its_crs_stated(real_data: Path) -> None:
    path = real_data / "derived" / "communes89_tcvn3_vn2000_tm3_10730_noprj.shp"
    fields = {"name": "C_NAMEVI", "district": "D_NAME", "code": "C_CODE"}
    made = take(path, "unit", crs="EPSG:9216", fields=fields)
    names = made.frame.set_index("code")["name"]
    assert len(names) >= 87
    assert names["23344"] == "Đắk Plô"
    assert names["23281"] == "Phường Quang Trung"
    assert {"W-LEGACY-DECODED"} <= set(codes(made.problems))


@pytest.mark.real
@pytest.mark.parametrize(
    "file", ["attributes/census2009_population_area.csv", "boundaries/communes_census2009_kontum102.geojson"]
)
def test_the_escapes_of_the_census(real_data: Path, file: str) -> None:
    made = raw(real_data / file, "unit")
    for name in ("district_vn", "commune_vn"):
        assert made.cells[name].tolist() == made.cells[f"{name}_decoded"].tolist()
    told = {one.column: one.rule for one in made.warnings if one.code == "W-LEGACY-DECODED"}
    assert set(told) == {"district_vn", "commune_vn"}
