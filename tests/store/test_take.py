"""Snapshots: what was true on a date, on the boundaries of that date."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import tiny
from shapely.geometry import LineString

from ntmgis.errors import InputError
from ntmgis.store.geopackage import Store
from ntmgis.store.take import predecessor_tiers, take_snapshot, units_on
from ntmgis.units.epochs import EPOCHS
from ntmgis.workspace import Province, Source, Workspace

OLD, NEW = EPOCHS
D0, D1, D2 = date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)


def workspace(root: Path, *tables: str, **changes: object) -> Workspace:
    sources = tuple(Source(id=table, table=table, path=root / table) for table in ("unit_list", "unit", *tables))
    facts: dict[str, object] = {"periods": (D0, D1), **changes}
    return Workspace(root, Province("90", "Tỉnh Tí Hon"), D2, tiny.CRS, sources, **facts)


def add(store: Store, table: str, frame: pd.DataFrame, *, day: date | None = None, epoch: str = OLD.id) -> None:
    store.add(
        frame,
        source_id=table,
        table_id=table,
        epoch=epoch,
        as_of=day,
        key="",
        file=table,
        sha256="",
        rows_in=len(frame),
        quarantine=pd.DataFrame(),
        matches=pd.DataFrame(),
        matched={},
    )


def status(day: date, **tiers: str) -> pd.DataFrame:
    codes = [code.removeprefix("c") for code in tiers]
    return pd.DataFrame({"code": codes, "tier": list(tiers.values()), "as_of": pd.Timestamp(day)})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The six tiny communes, without any status."""
    made = Store(tmp_path / "ntmgis.gpkg")
    units = tiny.communes()
    add(made, "unit_list", units[["code", "name", "kind", "district_code", "district"]])
    add(made, "unit", units[["code", "geometry"]])
    return made


def tiers(store: Store, root: Path, day: date) -> dict[str, str]:
    taken = take_snapshot(store, workspace(root, "commune_status"), day)
    return dict(taken.commune_status[["code", "tier"]].itertuples(index=False, name=None))


def test_units_districts_and_province_come_from_the_boundaries(store: Store, tmp_path: Path) -> None:
    taken = take_snapshot(store, workspace(tmp_path), D2)
    assert taken.communes["name"].tolist() == [cell[2] for cell in tiny.CELLS.values()]
    assert taken.communes["rural"].tolist() == [True] * 5 + [False]
    assert dict(zip(taken.districts["code"], taken.districts["name"], strict=True)) == tiny.DISTRICTS
    areas = taken.districts.to_crs(tiny.CRS).area / 1e6
    assert areas.round(3).tolist() == [400.0, 200.0]
    assert taken.province.to_crs(tiny.CRS).area.round().tolist() == [pytest.approx(600e6, abs=10)]


def test_a_later_period_adds_and_an_earlier_date_still_answers(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(D0, c10001="not_yet", c10002="ntm"), day=D0)
    add(store, "commune_status", status(D1, c10001="ntm"), day=D1)
    assert tiers(store, tmp_path, date(2023, 12, 30)) == {}
    assert tiers(store, tmp_path, D0) == {"10001": "not_yet", "10002": "ntm"}
    assert tiers(store, tmp_path, D1) == {"10001": "ntm", "10002": "ntm"}
    history = take_snapshot(store, workspace(tmp_path, "commune_status"), D2).history
    counts = history.groupby("as_of")["tier"].apply(lambda part: part.eq("ntm").sum())
    assert counts.tolist() == [1, 2, 2]


def test_a_corrected_file_replaces_the_one_of_the_same_date_only(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(D0, c10001="ntm", c10002="ntm"), day=D0)
    add(store, "commune_status", status(D1, c10003="ntm"), day=D1)
    add(store, "commune_status", status(D0, c10001="not_yet"), day=D0)
    assert tiers(store, tmp_path, D0) == {"10001": "not_yet"}
    assert tiers(store, tmp_path, D1) == {"10001": "not_yet", "10003": "ntm"}


def test_unknown_stays_unknown_and_urban_units_have_no_tier(store: Store, tmp_path: Path) -> None:
    frame = status(D1, c10001="ntm", c10002="ntm", c10006="ntm")
    frame.loc[1, "tier"] = None
    add(store, "commune_status", frame.assign(tc1=["met", None, None]), day=D1)
    taken = take_snapshot(store, workspace(tmp_path, "commune_status"), D2)
    assert taken.commune_status["code"].tolist() == ["10001"]
    assert taken.criteria[["code", "criterion", "state"]].to_numpy().tolist() == [["10001", 1, "met"]]


def test_figures_have_a_date_of_their_own_and_their_set(store: Store, tmp_path: Path) -> None:
    old = status(D0, c10001="not_yet", c10002="not_yet").assign(
        criteria_set="2016-2020",
        tc10="not_met",
        sl10=["31,0 triệu đồng/người", None],
        mc11=[None, "Báo cáo 12/BC-UBND"],
    )
    add(store, "commune_status", old, day=D0)
    add(store, "commune_status", status(D1, c10001="ntm").assign(criteria_set="2021-2025", tc10="met"), day=D1)
    taken = take_snapshot(store, workspace(tmp_path, "commune_status"), D2)
    assert taken.figures is not None
    rows = taken.figures.astype(object).where(taken.figures.notna(), None)
    assert rows[["code", "criterion", "value", "evidence", "criteria_set"]].to_numpy().tolist() == [
        ["10001", 10, "31,0 triệu đồng/người", None, "2016-2020"],
        ["10002", 11, None, "Báo cáo 12/BC-UBND", "2016-2020"],
    ]
    assert rows["as_of"].unique().tolist() == [pd.Timestamp(D0)]
    assert taken.criteria[["code", "state"]].to_numpy().tolist() == [["10001", "met"], ["10002", "not_met"]]
    told = taken.criteria_history
    assert told is not None
    assert told["tc10"].tolist() == ["not_met", "not_met", "met", "not_met", "met", "not_met"]  # D0, D1, D2
    assert told["tc11"].isna().all()


def test_a_workspace_without_figures_has_none(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(D1, c10001="ntm").assign(tc1="met"), day=D1)
    taken = take_snapshot(store, workspace(tmp_path, "commune_status"), D2).figures
    assert taken is not None
    assert taken.empty
    assert list(taken) == ["code", "criterion", "value", "evidence", "criteria_set", "as_of", "source"]


def test_the_newest_list_of_works_holds(store: Store, tmp_path: Path) -> None:
    def roads(*ids: str) -> gpd.GeoDataFrame:
        line = LineString([(107.6, 14.5), (107.7, 14.5)])
        return gpd.GeoDataFrame({"id": ids, "class": "village"}, geometry=[line] * len(ids), crs="EPSG:4326")

    home = workspace(tmp_path, "road")
    add(store, "road", roads("A", "B"), day=D0)
    add(store, "road", roads("B", "C"), day=D1)

    def known(day: date) -> list[str]:
        return take_snapshot(store, home, day).layers["road"]["id"].tolist()

    assert known(D0) == ["A", "B"]
    assert known(D2) == ["B", "C"]
    add(store, "road", roads("A"), day=D0)
    assert known(D0) == ["A"]
    assert known(D2) == ["B", "C"]
    assert "road" not in take_snapshot(store, home, date(2020, 1, 1)).layers


def test_a_code_without_its_epoch_is_no_key(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(date(2025, 12, 31), c10001="model"), day=date(2025, 12, 31), epoch=NEW.id)
    add(store, "commune_status", status(D1, c10001="ntm"), day=D1)
    assert tiers(store, tmp_path, D2) == {"10001": "ntm"}
    before = predecessor_tiers(store, workspace(tmp_path, "commune_status"), NEW)
    assert before is not None
    assert before["tier"].tolist() == ["ntm", *["not_reported"] * 4, "not_applicable"]
    assert predecessor_tiers(store, workspace(tmp_path), OLD) is None
    with pytest.raises(InputError, match="E-NO-BOUNDARIES"):
        take_snapshot(store, workspace(tmp_path), date(2025, 7, 1))


def test_a_source_that_left_the_workspace_is_not_shown(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(D1, c10001="ntm"), day=D1)
    assert take_snapshot(store, workspace(tmp_path), D2).commune_status.empty


def test_sources_are_named_with_their_newest_date(store: Store, tmp_path: Path) -> None:
    add(store, "commune_status", status(D0, c10001="ntm"), day=D0)
    add(store, "commune_status", status(D1, c10002="ntm"), day=D1)
    home = workspace(tmp_path, "commune_status", "road")
    notes = {note.id: note for note in take_snapshot(store, home, D2, failed=["road"]).sources}
    assert (notes["commune_status"].as_of, notes["commune_status"].rows) == (D1, 2)
    assert notes["road"].failed
    assert notes["unit"].as_of is None


def test_the_shipped_list_serves_a_workspace_without_its_own(tmp_path: Path) -> None:
    units = units_on(Store(tmp_path / "none.gpkg"), workspace(tmp_path), OLD)
    assert len(units) == 102
    assert units["rural"].sum() == 85
