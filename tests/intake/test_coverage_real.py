"""The geometric checks on real boundary files, against figures computed apart from ours (see the data's README)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ntmgis.check import check_file
from ntmgis.check_geometry import Geometry, check_geometry
from ntmgis.intake.findings import Finding, by_kind
from ntmgis.intake.read import read_raw
from ntmgis.programme.tables import table
from ntmgis.store.geopackage import Store
from ntmgis.take_in import take_in
from ntmgis.workspace import Province, Source, Workspace

pytestmark = pytest.mark.real
OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)
CENSUS = {"name": "commune_vn_decoded", "district": "district_vn_decoded"}


def found(path: Path, day: date, tmp_path: Path, **source: Any) -> dict[str, list[Finding]]:
    one = Source(id="s", table="unit", path=path, epoch=day, as_of=day, **source)
    workspace = Workspace(path.parent, Province("", ""), day, "EPSG:9216", (one,))
    taken = take_in(workspace, store=Store(tmp_path / "store.gpkg"))
    made = check_geometry(taken, one, read_raw(one, table("unit")))
    assert isinstance(made, Geometry)
    return dict(by_kind(made.findings))


def hectares(findings: list[Finding]) -> float:
    return sum(one.size for one in findings) / 1e4


# Counted in EPSG:3405 by the README; areas in EPSG:9216 differ by its scale, 0.2 %.
@pytest.mark.parametrize(
    ("name", "fields", "overlaps", "gaps"),
    [
        ("communes_gadm41_kontum102.geojson", None, (132, 481, 15.2), (178, 510, None)),
        ("communes_census2009_kontum102.geojson", CENSUS, (218, 1281, 29), (476, 1423, 70)),
    ],
)
def test_overlaps_and_gaps(real_data: Path, tmp_path: Path, name: str, fields: Any, overlaps: Any, gaps: Any) -> None:
    made = found(real_data / "boundaries" / name, OLD, tmp_path, fields=fields)
    for kind, (count, area, largest) in (("overlap", overlaps), ("gap", gaps)):
        assert len(made[kind]) == count
        assert hectares(made[kind]) == pytest.approx(area, rel=0.005)
        if largest is not None:
            assert made[kind][0].size / 1e4 == pytest.approx(largest, rel=0.01)


def test_the_swapped_pair_of_gadm_is_the_only_finding_of_areas(real_data: Path, tmp_path: Path) -> None:
    made = found(real_data / "boundaries" / "communes_gadm41_kontum102.geojson", OLD, tmp_path)
    (pair,) = made["swapped"]
    assert pair.codes == ("23551", "23554")  # Ya Tăng, Ya Ly
    assert "area" not in made


def test_the_census_file_is_held_against_its_own_area_column(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "boundaries" / "communes_census2009_kontum102.geojson"
    made = found(path, OLD, tmp_path, fields=CENSUS)
    notes = {one.codes[0]: one.note for one in made["area"]}
    assert "đo 1,1 km², cột “area” của tệp, tính bằng ha 4,1 km² (−72%)" in notes["23281"]  # Quang Trung, quirk G2
    assert "1.000,0 km²" in notes["23536"]  # Mô Rai, quirk G4
    # The polygons of these fit GADM; in the table each stands with the area of its neighbour.
    pairs = {one.codes for one in made["swapped"]}
    assert pairs == {("23485", "23488"), ("23356", "23359"), ("23383", "23386"), ("23290", "23293")}


def test_ia_dal_and_its_neighbour(real_data: Path, tmp_path: Path) -> None:
    made = found(real_data / "boundaries" / "communes_post2025_kontum40.geojson", NEW, tmp_path)
    pairs = {one.codes for one in made["area"]}
    # Quirk G3: the borders Ia Đal / Ia Tơi and Đăk Cấm / Ngọk Bay moved between two versions of the source.
    assert pairs == {("23535", "23538"), ("23538", "23535"), ("23284", "23317"), ("23317", "23284")}
    assert all("vùng bên cạnh" in one.note for one in made["area"])
    assert "swapped" not in made
    assert hectares(made["overlap"]) < 0.01
    assert all(one.sliver for one in made["overlap"] + made["gap"])


def test_the_96_units_with_their_islands(real_data: Path) -> None:
    path = real_data / "boundaries" / "communes_post2025_quangngai96.gpkg"
    made = check_file(path, "unit", epoch=NEW, workspace=path.parent)
    own = by_kind(made.findings)
    assert len(own["overlap"]) == 8
    assert hectares(own["overlap"]) == pytest.approx(0.06, abs=0.005)
    assert any("Lý Sơn" in one.who for one in own["detached"])
    assert not made.sound  # the 56 units of the rest of the province are not in the list
    assert {"W-COVER-OVERLAP", "W-COVER-GAP", "W-COVER-AREA"} <= {one.code for one in made.problems}


CONFIG = """
[province]
code = "62"
name = "Tỉnh Kon Tum"
[build]
as_of = 2025-06-30
[[source]]
id = "xa"
table = "unit"
path = '{path}'
epoch = 2025-06-30
fields = {{ code = "C_CODE" }}
encoding = "latin-1"
crs = "EPSG:9216"
"""


def test_a_file_without_crs_is_checked_and_repaired_where_it_was_placed(real_data: Path, tmp_path: Path) -> None:
    import geopandas as gpd

    path = real_data / "derived" / "communes89_tcvn3_vn2000_tm3_10730_noprj.shp"
    (tmp_path / "ntmgis.toml").write_text(CONFIG.format(path=path), encoding="utf-8")
    out = tmp_path / "moi.gpkg"
    made = check_file(path, "unit", workspace=tmp_path, repair=out)
    own = by_kind(made.findings)
    assert len(own["overlap"]) > 150
    assert made.repair is not None
    assert made.repair.before.overlaps == len(own["overlap"])
    back = gpd.read_file(out)
    assert len(back) == 89
    assert back.crs is not None
    assert back.crs.to_epsg() == 9216
    west, south, east, north = back.to_crs(4326).total_bounds
    assert (107.2 < west < 107.5, 13.8 < south < 14.2, 108.4 < east < 108.7, 15.3 < north < 15.6) == (True,) * 4


def test_clean_districts_have_no_overlap_and_no_gap(real_data: Path) -> None:
    import geopandas as gpd

    from ntmgis.intake.coverage import Layer, coverage_findings

    shapes = gpd.read_file(real_data / "boundaries" / "districts_dvhcvn_kontum10.geojson").geometry
    frame = gpd.GeoDataFrame({"code": None, "label": "", "row": range(1, 11)}, geometry=shapes)
    assert not {one.kind for one in coverage_findings(Layer(frame, "EPSG:9216"))} & {"overlap", "gap"}
