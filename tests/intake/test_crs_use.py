"""Files that do not say where they lie, or say it wrong: placed, refused with the choice, or reported."""

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import tiny
from shapely.geometry import Point, mapping

from ntmgis.errors import InputError
from ntmgis.intake.accept import Intake, read_source
from ntmgis.intake.crs_candidates import named_crs
from ntmgis.intake.crs_use import settle_points
from ntmgis.intake.raw import Place
from ntmgis.take_in import take_in
from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.units.reference import reference_units
from ntmgis.workspace import Province, Source, Workspace

OLD = EPOCHS[0]
KNOWN = tiny.communes()[["code", "geometry"]]


def take(path: Path, table: str = "unit", *, reference: Any = KNOWN, **source: Any) -> Intake:
    return read_source(
        Source(id="s", table=table, path=path, **source),
        units=tiny.communes().drop(columns="geometry"),
        epoch=epoch_on(tiny.AS_OF),
        reference=reference,
    )


def refused(path: Path, table: str = "unit", **more: Any) -> Any:
    with pytest.raises(InputError) as caught:
        take(path, table, **more)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def codes(made: Intake) -> list[str]:
    return [one.code for one in made.problems if "CRS" in one.code]


def away(made: Intake) -> float:
    """How far, in metres, any outline accepted lies from where it should."""
    placed = made.frame.set_index("code").geometry.to_crs(tiny.CRS)
    truth = KNOWN.set_index("code").geometry.loc[placed.index].to_crs(tiny.CRS)
    return float(placed.hausdorff_distance(truth, align=False).max())


def shapefile(folder: Path, crs: Any, *, label: Any = None, swap: bool = False, name: str = "xa.shp") -> Path:
    """The units of the tiny province in `crs`; the .prj says `label`, or there is none."""
    frame = tiny.communes()[["code", "name", "geometry"]].to_crs(crs)
    if swap:
        frame.geometry = frame.geometry.map(lambda shape: gpd.GeoSeries([shape]).map(_exchange).iloc[0])
    frame.set_crs(label or crs, allow_override=True).to_file(folder / name, encoding="UTF-8")
    if label is None:
        (folder / name).with_suffix(".prj").unlink()
    return folder / name


def _exchange(shape: Any) -> Any:
    import shapely

    return shapely.transform(shape, lambda xy: xy[:, ::-1])


@pytest.mark.parametrize("crs", ["EPSG:9216", "EPSG:5898", "EPSG:3405", "EPSG:32649", "EPSG:4326", "EPSG:4756"])
def test_a_shapefile_without_prj_is_placed(tmp_path: Path, crs: str) -> None:
    made = take(shapefile(tmp_path, crs))
    assert codes(made) == ["W-CRS-GUESSED"]
    assert made.crs is not None
    assert (made.crs.used.name, made.crs.how) == (crs, "guessed")
    assert made.crs.as_dict()["crs"] == crs
    assert away(made) < 1
    told = next(one for one in made.problems if one.code == "W-CRS-GUESSED")
    assert f'crs = "{crs}"' in told.action
    assert "đứng thứ hai" in told.rule


def test_north_before_east_is_found(tmp_path: Path) -> None:
    made = take(shapefile(tmp_path, "EPSG:9216", swap=True))
    assert made.crs is not None
    assert made.crs.used.name == "EPSG:9216 axes=NE"
    assert away(made) < 1
    again = take(tmp_path / "xa.shp", crs="EPSG:9216 axes=NE")
    assert again.crs is not None
    assert again.crs.how == "workspace"
    assert codes(again) == []
    assert away(again) < 1


def test_the_twin_can_be_stated(tmp_path: Path) -> None:
    path = shapefile(tmp_path, named_crs("EPSG:9216 k=0.9996").crs)
    assert away(take(path, crs="EPSG:9216 k=0.9996")) < 0.01
    wrong = take(path, crs="EPSG:9216")
    assert codes(wrong) == ["W-CRS-STATED"]  # the workspace has the last word, but hears of it
    assert away(wrong) > 400
    assert refused(path, crs="EPSG:9216 k=x").code == "E-CRS-UNKNOWN"


def test_without_good_boundaries_look_alikes_are_asked_for(tmp_path: Path) -> None:
    middle = KNOWN.assign(geometry=KNOWN.to_crs(tiny.CRS).centroid.to_crs(4326))
    told = refused(shapefile(tmp_path, "EPSG:9216"), reference=middle)
    assert told.code == "E-CRS-AMBIGUOUS"
    for name in ("[EPSG:9216]", "[EPSG:9216 k=0.9996]", "[EPSG:9216 datum=WGS84]"):
        assert name in told.rule
    # 0.0003 of 1,610 km north of the equator is 483 m
    assert re.search(r"\[EPSG:9216 k=0\.9996\] khớp 100,0%, cách hệ đầu 48\d m", told.rule)
    assert told.action.endswith('crs = "EPSG:9216"')
    assert refused(tmp_path / "xa.shp", reference=None).code == "E-CRS-MISSING"


def test_another_province_fits_nothing(tmp_path: Path) -> None:
    frame = tiny.communes()[["code", "name", "geometry"]].to_crs(9216)
    frame.geometry = frame.translate(0, 800_000)
    frame.to_file(tmp_path / "xa.shp", encoding="UTF-8")
    (tmp_path / "xa.prj").unlink()
    told = refused(tmp_path / "xa.shp")
    assert told.code == "E-CRS-NO-FIT"


def test_a_label_27_km_off_is_refused_and_one_225_m_off_reported(tmp_path: Path) -> None:
    told = refused(shapefile(tmp_path, "EPSG:9216", label="EPSG:9215"))
    assert told.code == "E-CRS-LABEL"
    assert "26,9 km" in told.rule
    assert 'crs = "EPSG:9216"' in told.action
    assert away(take(tmp_path / "xa.shp", crs="EPSG:9216")) < 1
    lost = take(shapefile(tmp_path, "EPSG:3405", label="EPSG:32648", name="b.shp"))
    assert codes(lost) == ["W-CRS-LABEL"]
    assert "225 m" in next(one.rule for one in lost.problems if one.code == "W-CRS-LABEL")


def test_a_right_label_is_used_and_stated(tmp_path: Path) -> None:
    for crs in ("EPSG:4326", "EPSG:9216", "EPSG:3406"):
        made = take(shapefile(tmp_path, crs, label=crs))
        assert codes(made) == []
        assert made.crs is not None
        assert made.crs.how == "file"
        assert str(made.crs).endswith("theo tệp")
        assert away(made) < 1


@pytest.mark.parametrize("suffix", ["mif", "tab"])
def test_mapinfo_loses_the_datum_and_is_placed_all_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"xa.{suffix}"
    tiny.communes()[["code", "name", "geometry"]].to_crs(9216).to_file(path, encoding="UTF-8")
    made = take(path, encoding="UTF-8")
    assert codes(made) == ["W-CRS-GUESSED", "W-CRS-LABEL"]
    assert "225 m" in next(one.rule for one in made.problems if one.code == "W-CRS-LABEL")
    assert made.crs is not None
    assert made.crs.used.name == "EPSG:9216"
    assert away(made) < 1


def geojson(path: Path, system: str, **more: Any) -> Path:
    frame = tiny.communes().to_crs(system)
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": mapping(shape)}
        for code, name, shape in zip(frame["code"], frame["name"], frame.geometry, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path


def test_geojson_in_metres(tmp_path: Path) -> None:
    made = take(geojson(tmp_path / "a.geojson", "EPSG:9216"))
    assert codes(made) == ["W-CRS-GUESSED"]
    assert away(made) < 1
    assert refused(tmp_path / "a.geojson", reference=None).code == "E-CRS-METRES"
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9216"}}
    said = take(geojson(tmp_path / "b.geojson", "EPSG:9216", crs=member))
    assert codes(said) == []
    assert said.crs is not None
    assert (said.crs.used.name, said.crs.how) == ("EPSG:9216", "file")
    wrong = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32648"}}
    assert refused(geojson(tmp_path / "c.geojson", "EPSG:9216", crs=wrong)).code == "E-CRS-LABEL"


def test_works_without_commune_leave_look_alikes_open(tmp_path: Path) -> None:
    points = [Point(*tiny.middle(code)) for code in tiny.CELLS]
    frame = gpd.GeoDataFrame({"id": list("abcdef"), "kind": ["giếng"] * 6}, geometry=points, crs=9216)
    frame.to_file(tmp_path / "a.shp", encoding="UTF-8")
    (tmp_path / "a.prj").unlink()
    assert refused(tmp_path / "a.shp", "water_supply").code == "E-CRS-AMBIGUOUS"
    made = take(tmp_path / "a.shp", "water_supply", crs="EPSG:9216")
    assert made.crs is not None
    assert made.crs.as_dict() == {
        "crs": "EPSG:9216",
        "title": "VN-2000, múi 3°, kinh tuyến trục 107°30'",
        "how": "workspace",
    }


def test_columns_of_degrees_are_wgs84_or_what_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,kind,lon,lat\n1,giếng,108.0,14.35\n2,giếng,108.1,\n", encoding="utf-8")
    plain = take(path, "water_supply")
    assert plain.crs is not None
    assert (plain.crs.used.name, plain.crs.how) == ("EPSG:4326", "columns")
    assert plain.frame.geometry.iloc[0].coords[0] == (108.0, 14.35)
    shifted = take(path, "water_supply", crs="EPSG:4756")
    assert shifted.crs is not None
    assert shifted.crs.how == "workspace"
    both = gpd.GeoSeries([plain.frame.geometry.iloc[0], shifted.frame.geometry.iloc[0]], crs=4326).to_crs(9216)
    assert both.iloc[0].distance(both.iloc[1]) == pytest.approx(225, abs=1)


def test_a_table_without_places_has_no_system(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,tier\n10001,Đạt chuẩn NTM\n", encoding="utf-8")
    assert take(path, "commune_status", as_of=tiny.AS_OF).crs is None


def test_columns_of_plane_coordinates_in_either_order() -> None:
    inside = np.random.default_rng(1)
    spots, owners = [], []
    for code, (i, j, *_) in tiny.CELLS.items():
        spots.append(
            inside.uniform(0, tiny.SIDE, (80, 2)) + np.array([tiny.E0 + i * tiny.SIDE, tiny.N0 + j * tiny.SIDE])
        )
        owners += [code] * 80
    east, north = np.concatenate(spots).T
    east[3] = np.nan
    more: dict[str, Any] = {"place": Place("a.csv"), "reference": KNOWN, "codes": lambda: owners}
    truth, use, _ = settle_points(east, north, stated="EPSG:9216", **more)
    assert use.how == "workspace"
    assert np.isnan(truth[3]).all()
    for one, other in ((east, north), (north, east)):
        made, use, notes = settle_points(one, other, stated=None, **more)
        assert (use.how, use.used.swapped) == ("guessed", one is north)
        assert [note.code for note in notes] == ["W-CRS-GUESSED"]
        assert np.allclose(made, truth, atol=1e-9, equal_nan=True)
    with pytest.raises(InputError, match="E-CRS-AMBIGUOUS"):
        settle_points(east[:20], north[:20], stated=None, place=Place("a.csv"), reference=KNOWN)


# Real files


def real(path: Path, reference: Any, **source: Any) -> Intake:
    return read_source(
        Source(id="s", table="unit", path=path, fields={"code": "C_CODE"}, encoding="latin-1", **source),
        units=reference_units(OLD),
        epoch=OLD,
        reference=reference,
    )


def boundaries(real_data: Path, name: str, fields: dict[str, str]) -> gpd.GeoDataFrame:
    source = Source(id="s", table="unit", path=real_data / "boundaries" / name, fields=fields)
    made = read_source(source, units=reference_units(OLD), epoch=OLD)
    assert len(made.frame) == 102
    return gpd.GeoDataFrame(made.frame[["code", "geometry"]], crs=4326)


@pytest.fixture(scope="module")
def census(real_data: Path) -> gpd.GeoDataFrame:
    fields = {"name": "commune_vn_decoded", "district": "district_vn_decoded"}
    return boundaries(real_data, "communes_census2009_kontum102.geojson", fields)


@pytest.fixture(scope="module")
def gadm(real_data: Path) -> gpd.GeoDataFrame:
    fields = {"name": "NAME_3", "district": "NAME_2"}
    return boundaries(real_data, "communes_gadm41_kontum102.geojson", fields)


FILES = [
    ("communes89_tcvn3_vn2000_tm3_10730_noprj.shp", "EPSG:9216"),
    ("communes89_tcvn3_vn2000_utm48.mif", "EPSG:3405"),
]


@pytest.mark.real
@pytest.mark.parametrize(("name", "crs"), FILES)
def test_the_real_files_are_placed_within_a_metre(
    real_data: Path, census: gpd.GeoDataFrame, name: str, crs: str
) -> None:
    made = real(real_data / "derived" / name, census)
    assert made.crs is not None
    assert (made.crs.used.name, made.crs.how) == (crs, "guessed")
    assert len(made.frame) == 89
    placed = made.frame.set_index("code").geometry.to_crs(9216)
    truth = census.set_index("code").geometry.loc[placed.index].to_crs(9216)
    assert placed.hausdorff_distance(truth, align=False).max() < 1
    labels = [one.rule for one in made.problems if one.code == "W-CRS-LABEL"]
    assert len(labels) == (1 if name.endswith("mif") else 0)
    assert all("225 m" in rule for rule in labels)


@pytest.mark.real
@pytest.mark.parametrize(("name", "crs"), FILES)
def test_the_real_files_on_coarse_boundaries_are_asked_about(
    real_data: Path, gadm: gpd.GeoDataFrame, name: str, crs: str
) -> None:
    for reference in (gadm, None):
        with pytest.raises(InputError) as caught:
            real(real_data / "derived" / name, reference)
        told = caught.value.problems[0]
        assert told.code == "E-CRS-AMBIGUOUS"
        assert f"[{crs}]" in told.rule
        assert "225 m" in told.rule


@pytest.mark.real
@pytest.mark.parametrize("wrong", ["EPSG:9215", "EPSG:5899", "EPSG:5898", "EPSG:9217", "EPSG:9218", "EPSG:3405"])
def test_a_wrong_zone_stated_for_the_real_file_is_heard_of(real_data: Path, gadm: gpd.GeoDataFrame, wrong: str) -> None:
    for reference in (gadm, None):
        made = real(real_data / "derived" / FILES[0][0], reference, crs=wrong)
        assert "W-CRS-STATED" in {one.code for one in made.problems}


@pytest.mark.real
def test_boundaries_of_the_workspace_place_those_that_come_after(real_data: Path, tmp_path: Path) -> None:
    fields = {"name": "commune_vn_decoded", "district": "district_vn_decoded"}
    folder = real_data / "boundaries"
    day = OLD.last_day
    assert day is not None
    census = Source("a", "unit", folder / "communes_census2009_kontum102.geojson", epoch=day, fields=fields)
    files = [
        Source(f"b{i}", "unit", real_data / "derived" / name, epoch=day, fields={"code": "C_CODE"}, encoding="latin-1")
        for i, (name, _) in enumerate(FILES)
    ]
    workspace = Workspace(tmp_path, Province("62", "Kon Tum"), day, "EPSG:9216", (census, *files))
    taken = take_in(workspace)
    assert taken.failed == ()
    assert [row.accepted for row in taken.rows] == [102, 89, 89]
    told = [one.code for one in taken.problems if "CRS" in one.code]
    assert told == ["W-CRS-GUESSED", "W-CRS-GUESSED", "W-CRS-LABEL"]
    again = take_in(workspace)
    assert [row.accepted for row in again.rows] == [102, 89, 89]
    alone = take_in(Workspace(tmp_path / "b", Province("62", "Kon Tum"), day, "EPSG:9216", tuple(files)))
    assert len(alone.failed) == 2
