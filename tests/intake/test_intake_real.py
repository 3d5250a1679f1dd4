"""Real files: what is found in public repositories comes in, or is refused with the right words."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from ntmgis.errors import InputError
from ntmgis.intake.accept import Intake, check_file, read_source
from ntmgis.intake.matching import match_table
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import reference_units
from ntmgis.workspace import Source

pytestmark = pytest.mark.real
OLD, NEW = EPOCHS


def take(path: Path, table: str, *, epoch: Any = OLD, province: Any = None, **source: Any) -> Intake:
    made = read_source(
        Source(id="s", table=table, path=path, **source),
        units=reference_units(epoch),
        epoch=epoch,
        province=province,
    )
    assert made.rows_in == len(made.frame) + made.quarantined
    return made


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("communes_gadm41_kontum102.geojson", {"name": "NAME_3", "district": "NAME_2"}),
        ("communes_gadm41_kontum102.geojson", None),
        ("communes_census2009_kontum102.geojson", {"name": "commune_vn_decoded", "district": "district_vn_decoded"}),
    ],
)
def test_old_boundaries(real_data: Path, name: str, fields: Any) -> None:
    made = take(real_data / "boundaries" / name, "unit", fields=fields)
    assert len(made.frame) == 102
    assert sorted(made.frame["code"]) == sorted(reference_units(OLD)["code"])


def test_old_boundaries_get_the_right_codes(real_data: Path) -> None:
    path = real_data / "boundaries" / "communes_gadm41_kontum102.geojson"
    made = take(path, "unit").frame.set_index("row")["code"]
    ids = gpd.read_file(path)["GID_3"]
    with (real_data / "admin" / "crosswalk_gadm_census_to_gso.csv").open(encoding="utf-8") as stream:
        truth = {row["gadm_GID_3"]: row["level3_id"] for row in csv.DictReader(stream)}
    assert {row: truth[ids[row - 1]] for row in made.index} == made.to_dict()


def test_new_boundaries(real_data: Path) -> None:
    path = real_data / "boundaries" / "communes_post2025_kontum40.geojson"
    assert len(take(path, "unit", epoch=NEW).frame) == 40
    wrong = take(path, "unit", epoch=OLD)
    assert len(wrong.frame) == 0
    assert set(wrong.quarantine["code"]) == {"E-MATCH-EPOCH"}
    assert {"W-MATCH-HINT", "W-NONE-ACCEPTED"} <= {one.code for one in wrong.problems}


def test_other_provinces_stay_out_with_one_hint(real_data: Path) -> None:
    made = take(real_data / "boundaries" / "communes_post2025_quangngai96.gpkg", "unit", epoch=NEW)
    assert (len(made.frame), made.quarantined) == (40, 56)
    assert made.frame["code"].isin(reference_units(NEW)["code"]).all()
    assert [one.code for one in made.problems].count("W-UNITS-FOREIGN") == 1


def test_the_gso_export_is_a_list_of_units(real_data: Path) -> None:
    for name in ("gso_danhmuc_export_62.xlsx", "units_pre2025_gso.csv"):
        made = take(real_data / "admin" / name, "unit_list")
        assert len(made.frame) == 102
    assert made.frame["district_code"].nunique() == 10


def test_the_status_list_of_2019(real_data: Path) -> None:
    path = real_data / "status" / "ntm_recognised_2019-05-13.csv"
    made = take(path, "commune_status", as_of=date(2019, 5, 13))
    assert len(made.frame) == 17
    assert set(made.frame["tier"]) == {"ntm"}
    assert made.match is not None
    assert made.match.counts()["alias"] == 1  # Pờ Y
    assert made.frame.loc[made.frame["name"] == "Pờ Y", "code"].tolist() == ["23395"]
    with pytest.raises(InputError, match="E-DATE-MISSING"):
        take(path, "commune_status")


def test_background_layers_are_not_cut_at_the_province(real_data: Path) -> None:
    province = gpd.read_file(real_data / "boundaries" / "province_dvhcvn_kontum.geojson").geometry.iloc[0]
    rivers = take(real_data / "hydro" / "rivers_gms_adb.geojson", "river", province=province).frame
    assert len(rivers) == 54
    assert rivers["order"].notna().all()
    assert set(rivers.geom_type) == {"LineString", "MultiLineString"}
    dams = take(real_data / "hydro" / "dams_mekong_gms.geojson", "lake", province=province).frame
    assert len(dams) == 35
    assert dams["name"].notna().any()


def test_null_features_go_to_quarantine(real_data: Path) -> None:
    path = real_data / "points" / "water_monitoring_points_quangngai.geojson"
    fields = {"id": "Ký hiệu mẫu", "name": "Tên điểm"}
    made = take(path, "water_supply", fields=fields, values={"kind": "giếng"})
    assert (made.rows_in, len(made.frame), made.quarantined) == (35, 31, 4)
    assert set(made.quarantine["code"]) == {"E-GEOM-MISSING", "E-VALUE-REQUIRED"}
    province = gpd.read_file(real_data / "boundaries" / "province_dvhcvn_kontum.geojson").geometry.iloc[0]
    inside = take(path, "water_supply", fields=fields, values={"kind": "giếng"}, province=province)
    assert "E-GEOM-OUTSIDE" in set(inside.quarantine["code"])


def test_a_shapefile_without_prj_is_refused_then_placed(real_data: Path) -> None:
    path = real_data / "derived" / "communes89_tcvn3_vn2000_tm3_10730_noprj.shp"
    with pytest.raises(InputError) as caught:
        take(path, "unit", fields={"code": "C_CODE"})
    assert {one.code for one in caught.value.problems} <= {"E-CRS-MISSING", "E-CRS-AMBIGUOUS"}
    made = take(path, "unit", fields={"code": "C_CODE"}, crs="EPSG:9216", encoding="latin-1")
    assert len(made.frame) == 89
    census = take(
        real_data / "boundaries" / "communes_census2009_kontum102.geojson",
        "unit",
        fields={"name": "commune_vn_decoded", "district": "district_vn_decoded"},
    ).frame.set_index("code")
    placed = made.frame.set_index("code").geometry.to_crs(9216)
    away = placed.distance(census.geometry.loc[placed.index].to_crs(9216), align=False)
    assert away.max() < 1
    shift = placed.centroid.distance(census.geometry.loc[placed.index].to_crs(9216).centroid, align=False)
    assert shift.max() < 1


def test_terrain(real_data: Path) -> None:
    path = real_data / "dem" / "etopo20_20arcmin_kontum.tif"
    made = take(path, "terrain")
    assert made.frame["path"].tolist() == [str(path)]
    with pytest.raises(InputError, match="E-FILE-FORMAT"):
        take(real_data / "boundaries" / "province_dvhcvn_kontum.geojson", "terrain")


def test_check_file_needs_no_workspace(real_data: Path) -> None:
    made = check_file(real_data / "status" / "ntm_recognised_2019-05-13.csv", "commune_status", epoch=OLD)
    assert len(made.frame) == 17


def test_tables_of_any_kind_are_matched(real_data: Path) -> None:
    units = reference_units(OLD)
    for name, columns in {
        "admin/gso_danhmuc_export_62.xlsx": {},
        "admin/units_pre2025_gso.csv": {},
        "boundaries/communes_gadm41_kontum102.geojson": {},
        "attributes/census2009_population_area.csv": {"name": "commune_vn_decoded", "parent": "district_vn_decoded"},
        "admin/map_old_to_new_2025.csv": {"code": "old_id"},
    }.items():
        counts = match_table(real_data / name, units=units, epoch=OLD, **columns).counts()
        assert (counts["rows"], counts["matched"]) == (102, 102), name
    with pytest.raises(InputError, match="E-COLUMN-UNKNOWN"):
        match_table(real_data / "admin/units_pre2025_gso.csv", units=units, epoch=OLD, name="ten")
    with pytest.raises(InputError, match="E-UNIT-COLUMN"):
        match_table(real_data / "points/weather_stations_imhen.geojson", units=units, epoch=OLD)
