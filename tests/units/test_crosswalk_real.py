"""The published mapping of 2025 has one wrong row; every kind of evidence must find it, and nothing else."""

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from ntmgis.check_crosswalk import check_crosswalk
from ntmgis.intake.crosswalk import read_crosswalk
from ntmgis.units.crosswalk import CrosswalkReport, verify_crosswalk
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.law import LegalText, read_resolution
from ntmgis.units.reference import crosswalk, reference_units

pytestmark = pytest.mark.real
OLD_UNITS, NEW_UNITS = map(reference_units, EPOCHS)
WRONG = [("23521", "23425", "23500")]  # Hà Mòn belongs to Đăk Hà, not to Tu Mơ Rông


@pytest.fixture(scope="module")
def admin(real_data: Path) -> Path:
    return real_data / "admin"


@pytest.fixture(scope="module")
def law(admin: Path) -> LegalText:
    return read_resolution(admin / "nq_1677_ubtvqh15_quangngai.md")


@pytest.fixture(scope="module")
def shapes(real_data: Path) -> dict[str, gpd.GeoDataFrame]:
    """Old polygons of two sources with their codes, and the new ones."""
    links = pd.read_csv(real_data / "admin" / "crosswalk_gadm_census_to_gso.csv", dtype=str)
    made = {"new": gpd.read_file(real_data / "boundaries" / "communes_post2025_kontum40.geojson")}
    for name, file, own, column in (
        ("gadm", "communes_gadm41_kontum102.geojson", "GID_3", "gadm_GID_3"),
        ("census", "communes_census2009_kontum102.geojson", "commune_id", "census_commune_id"),
    ):
        frame = gpd.read_file(real_data / "boundaries" / file)
        codes = frame[own].astype(str).map(dict(zip(links[column], links["level3_id"], strict=True)))
        made[name] = frame.assign(code=codes)[["code", "geometry"]]
    return made


def verified(path: Path, **options: object) -> CrosswalkReport:
    return verify_crosswalk(read_crosswalk(path), old_units=OLD_UNITS, new_units=NEW_UNITS, **options)  # type: ignore[arg-type]


def wrong(report: CrosswalkReport) -> list[tuple[str, str, str]]:
    return list(report.wrong[["old_code", "new_code", "proposed_code"]].itertuples(index=False, name=None))


def test_the_resolution_is_read_whole(law: LegalText) -> None:
    assert [clause.number for clause in law.clauses] == [str(n) for n in range(1, 92)]
    assert [str(unit) for unit in law.kept] == [
        "xã Đăk Long (huyện Đăk Glei)",
        "xã Ba Xa",
        "xã Rờ Kơi",
        "xã Mô Rai",
        "xã Ia Đal",
    ]
    assert law.unread == ()
    of_kon_tum = [
        clause for clause in law.clauses if 49 <= int(clause.number or 0) <= 81 or clause.number in {"88", "89", "90"}
    ]
    assert sum(len(clause.old) for clause in of_kon_tum) == 98


def test_the_law_alone_finds_the_wrong_row(admin: Path, law: LegalText) -> None:
    report = verified(admin / "map_old_to_new_2025.csv", legal=law)
    assert wrong(report) == WRONG
    assert [one.code for one in report.problems] == ["E-CROSSWALK-LAW"]
    assert "khoản 56" in report.problems[0].rule
    assert report.problems[0].row == 88


@pytest.mark.parametrize("old", ["gadm", "census"])
def test_old_polygons_alone_find_the_wrong_row(admin: Path, shapes: dict[str, gpd.GeoDataFrame], old: str) -> None:
    report = verified(admin / "map_old_to_new_2025.csv", old_shapes=shapes[old])
    assert wrong(report) == WRONG
    assert "cách phần còn lại của Xã Tu Mơ Rông (23425) 26 km" in report.wrong["evidence"].iloc[0]
    assert {one.code for one in report.problems} == {"E-CROSSWALK-PLACE", "W-CROSSWALK-AREA"}


@pytest.mark.parametrize("old", ["gadm", "census"])
def test_old_and_new_polygons_find_the_wrong_row(admin: Path, shapes: dict[str, gpd.GeoDataFrame], old: str) -> None:
    report = verified(admin / "map_old_to_new_2025.csv", old_shapes=shapes[old], new_shapes=shapes["new"])
    assert wrong(report) == WRONG
    assert "98% nằm trong Xã Đăk Hà (23500)" in report.wrong["evidence"].iloc[0]


@pytest.mark.parametrize("old", ["gadm", "census"])
def test_the_checked_mapping_has_nothing_wrong(
    admin: Path, law: LegalText, shapes: dict[str, gpd.GeoDataFrame], old: str
) -> None:
    path = admin / "map_old_to_new_2025_checked.csv"
    report = verified(path, legal=law, old_shapes=shapes[old], new_shapes=shapes["new"])
    assert report.sound
    assert report.checks == ("units", "names", "law", "detached", "areas", "overlap")
    warned = {one.value for one in report.problems if one.code == "W-CROSSWALK-AREA"}
    # Published areas and published polygons of Ia Đal, Ia Tơi, Đăk Cấm and Ngọk Bay differ; old layers are rough.
    assert (
        {"23535", "23538", "23284", "23317"}
        <= warned
        <= {"23535", "23538", "23284", "23317", "23455", "23473", "23536"}
    )
    assert len(report.rows) == 102


def test_the_shipped_crosswalk_is_what_the_law_says(law: LegalText, shapes: dict[str, gpd.GeoDataFrame]) -> None:
    options = {"legal": law, "old_shapes": shapes["gadm"], "new_shapes": shapes["new"]}
    report = verify_crosswalk(crosswalk(), old_units=OLD_UNITS, new_units=NEW_UNITS, **options)
    assert report.sound
    assert (report.rows["status"] == "ok").all()
    said = crosswalk().set_index("old_code")["source"].str.extract(r"(khoản \d+)")[0]
    told = report.rows.set_index("old_code")["evidence"].str.extract(r"(khoản \d+)")[0]
    assert told.to_dict() == said.to_dict()


def test_files_in_report_out(real_data: Path, admin: Path, tmp_path: Path) -> None:
    report = check_crosswalk(
        admin / "map_old_to_new_2025.csv",
        law=admin / "nq_1677_ubtvqh15_quangngai.md",
        old=real_data / "boundaries" / "communes_gadm41_kontum102.geojson",
        new=real_data / "boundaries" / "communes_post2025_kontum40.geojson",
        workspace=tmp_path,
    )
    told = json.loads(json.dumps(report.as_dict(), ensure_ascii=False, allow_nan=False))
    assert told["counts"] == {"rows": 102, "ok": 101, "doubtful": 0, "wrong": 1}
    assert [(row["row"], row["old_code"], row["proposed_code"]) for row in told["rows"]] == [(88, "23521", "23500")]
    assert not told["sound"]
    assert len(told["units"]) == 40
    assert list(tmp_path.iterdir()) == []


def test_boundaries_may_be_a_source_of_the_workspace(real_data: Path, admin: Path, tmp_path: Path) -> None:
    census = (real_data / "boundaries" / "communes_census2009_kontum102.geojson").as_posix()
    (tmp_path / "ntmgis.toml").write_text(
        f"""
[province]
code = "62"
name = "Tỉnh Kon Tum"
[build]
as_of = 2025-06-30
[[source]]
id = "xa_cu"
table = "unit"
path = "{census}"
epoch = {date(2025, 6, 30)}
fields = {{ name = "commune_vn_decoded", district = "district_vn_decoded" }}
""",
        encoding="utf-8",
    )
    report = check_crosswalk(admin / "map_old_to_new_2025.csv", old="xa_cu", workspace=tmp_path)
    assert wrong(report) == WRONG
