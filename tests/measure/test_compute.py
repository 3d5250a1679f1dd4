"""All measures on the tiny province, by hand; and what is unknown stays unknown."""

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.measure import addresses
from ntmgis.measure.compute import compute_facts
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.status import composition
from ntmgis.programme.plan import load_plan
from ntmgis.units.epochs import EPOCHS

LIMITS = {"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0}
MEASURES = ("near_road_share", "near_water_share", "near_waste_share")


def facts(limits: dict[str, float] | None = None, predecessors: pd.DataFrame | None = None, **changes: Any) -> Facts:
    return compute_facts(tiny.snapshot(**changes), load_plan(), limits=limits or LIMITS, predecessors=predecessors)


def test_tiers() -> None:
    made = facts()
    assert made.tiers == dict.fromkeys(TIER_STATES, 1)
    assert made.communes["tier"].tolist() == ["ntm", "advanced", "not_yet", "model", "not_reported", "not_applicable"]
    assert made.communes["criteria_met"].tolist() == [19, 19, 12, 19, pd.NA, pd.NA]
    assert made.communes["area_km2"].round(5).tolist() == [100.0] * 6


def test_roads() -> None:
    made = facts()
    assert made.communes["road_km"].round(6).tolist() == [20, 10, 10, 0, 10, 0]
    shares = made.communes["road_hardened_share"].round(6).tolist()
    assert shares[:3] == [0.5, 1.0, 0.0]
    assert np.isnan(shares[3])
    assert made.province["road_hardened_share"] == pytest.approx(0.6)
    assert made.roads["km"].sum() == pytest.approx(50)


def test_access() -> None:
    made = facts()
    assert made.communes.loc["10001", list(MEASURES)].tolist() == [1, 1, 0]
    assert made.communes.loc["10004", list(MEASURES)].tolist() == [0, 0, 0]
    assert made.districts["near_road_share"].tolist() == [0.75, 0.5]
    assert made.province["near_water_share"] == pytest.approx(1 / 6)


def test_people_of_the_raster(tmp_path: Path) -> None:
    """Communes are 10 km by 10 km; the raster holds one person in each cell of 1 km, and does not reach all of them."""
    snapshot = tiny.snapshot()
    assert compute_facts(snapshot, load_plan(), limits=LIMITS).communes["population"].isna().all()
    units = snapshot.communes.to_crs(snapshot.metric_crs)
    west, south, east, north = units.total_bounds

    def counted(cols: int) -> Facts:
        path = tmp_path / f"{cols}.tif"
        ones = np.ones((round((north - south) / 1000), cols), dtype="int16")
        grid = rasterio.Affine(1000, 0, west, 0, -1000, north)
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=ones.shape[0],
            width=cols,
            count=1,
            dtype="int16",
            crs=snapshot.metric_crs,
            transform=grid,
        ) as made:
            made.write(ones, 1)
        return facts(rasters={"population": path})

    whole = counted(round((east - west) / 1000))
    assert whole.communes["population"].round(6).tolist() == [100.0] * 6
    assert whole.districts["population"].round(6).tolist() == [400.0, 200.0]
    assert whole.province["population"] == pytest.approx(600)
    part = counted(round((east - west) / 1000) - 5)
    assert 0 < part.communes["population"].isna().sum() < 6
    assert np.isnan(part.province["population"])


def test_the_limit_is_closed() -> None:
    """Households of 10001 stand 50 to 450 m west and east of the water works in its middle."""
    made = facts({"water_supply": 250.0})
    assert made.communes.loc["10001", "near_water_share"] == pytest.approx(0.6)
    nearer = facts({"water_supply": 249.9})
    assert nearer.communes.loc["10001", "near_water_share"] == pytest.approx(0.4)


def test_works_out_of_order_lanes_and_landfills_serve_nobody() -> None:
    layers = dict(tiny.snapshot().layers)
    layers["water_supply"] = layers["water_supply"].assign(operation="broken")
    layers["waste_point"] = layers["waste_point"].assign(kind="landfill")
    layers["road"] = layers["road"].assign(**{"class": "lane"})
    assert facts(layers=layers).communes[list(MEASURES)].to_numpy().sum() == 0
    layers["water_supply"] = layers["water_supply"].assign(operation=pd.Series([None], dtype=object))
    assert facts(layers=layers).communes.loc["10001", "near_water_share"] == 1


def test_the_four_address_shares() -> None:
    made = facts()
    columns = [f"address_{name}_share" for name in ("coded", "notified", "plated", "located")]
    for frame in (made.communes, made.villages, made.districts):
        assert frame[columns].round(6).to_numpy().tolist() == [[0.8, 0.6, 0.4, 1.0]] * len(frame)
    assert made.province["address_total"] == 60


def test_without_a_layer_nothing_is_known() -> None:
    made = facts(layers={}, addresses=tiny.snapshot().addresses.iloc[:0])
    for column in ("road_km", "road_hardened_share", *MEASURES, "address_total", "address_coded_share"):
        assert made.communes[column].isna().all(), column
    assert not made.communes["suppressed"].any()


def test_without_addresses_villages_stand_for_their_households() -> None:
    made = facts(addresses=tiny.snapshot().addresses.iloc[:0])
    assert made.communes["households_located"].tolist() == [10.0] * 6
    assert made.communes.loc["10001", list(MEASURES)].tolist() == [1, 1, 0]


def test_without_villages_and_addresses_no_household_is_located() -> None:
    made = facts(addresses=tiny.snapshot().addresses.iloc[:0], villages=tiny.snapshot().villages.iloc[:0])
    assert made.communes["near_road_share"].isna().all()
    assert made.villages.empty


def test_few_addresses_are_withheld() -> None:
    few = tiny.snapshot().addresses.groupby("village_code").head(4)
    made = facts(addresses=few)
    assert made.villages["suppressed"].all()
    assert made.villages["address_coded_share"].isna().all()
    assert made.villages["address_total"].isna().all()
    assert made.province["address_coded_share"] == 1.0


def test_an_unknown_code_flag_is_not_a_no() -> None:
    some = tiny.snapshot().addresses.copy()
    some.loc[some["id"].str.endswith(("8", "9")), "has_code"] = pd.NA
    assert facts(addresses=some).communes["address_coded_share"].tolist() == [1.0] * 6


def test_addresses_find_their_village_by_place() -> None:
    blank = tiny.snapshot().addresses.assign(village_code=None)
    assert facts(addresses=blank).villages["address_total"].tolist() == [10.0] * 6
    foreign = tiny.snapshot().addresses.assign(village_code="10004-01")
    assert facts(addresses=foreign).villages["address_total"].tolist() == [10.0] * 6
    lost = tiny.snapshot().addresses.assign(lon=np.nan, lat=np.nan)
    made = facts(addresses=lost)
    assert made.communes["address_total"].tolist() == [10.0] * 6
    assert made.communes["address_located_share"].tolist() == [0.0] * 6


@settings(deadline=None)  # time is the benchmarks' matter
@given(st.integers(1, 40), st.integers(0, 40))
def test_shares_stay_shares(objects: int, coded: int) -> None:
    flags = pd.array([k < coded for k in range(objects)], dtype="boolean")
    frame = pd.DataFrame({"has_code": flags, "notified_on": pd.NaT, "plated_on": pd.NaT, "x": 1.0})
    frame.loc[0, "plated_on"] = pd.Timestamp(2025, 5, 2)
    made = addresses.shares(addresses.flags_of(frame), pd.Series("A", index=frame.index)).loc["A"]
    assert bool(made["suppressed"]) is (objects < 5)
    if objects >= 5:
        assert made["address_coded_share"] == pytest.approx(min(coded, objects) / objects)
        assert made["address_plated_share"] == pytest.approx(1 / objects)
        assert np.isnan(made["address_notified_share"]), "a register without such dates does not say no"


def test_the_rows_of_a_frame_may_come_in_any_order() -> None:
    shuffled = tiny.snapshot().addresses.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(facts(addresses=shuffled).communes, facts().communes)


def test_a_merged_unit_says_what_it_was_made_of_and_gets_no_tier() -> None:
    changes = pd.DataFrame({"old_code": ["a", "b", "c", "d"], "new_code": ["10005", "10005", "10005", "10001"]})
    before = pd.DataFrame({"code": list("abcd"), "tier": ["ntm", "ntm", "not_yet", "model"]})
    made = facts(predecessors=before, unit_change=changes).communes
    assert made.loc["10005", "tier"] == "not_reported"
    assert made.loc["10005", "composition"] == {"ntm": 2, "not_yet": 1}
    assert made.loc["10001", "composition"] is None
    assert composition(changes, None) == {}
    assert composition(changes, before.iloc[:1])["10005"] == {"ntm": 1, "not_reported": 2}


def plan_rows(**changes: Any) -> pd.DataFrame:
    return facts(**changes).plan


def test_increments_are_counted_from_the_date_before_the_plan_year() -> None:
    rows = plan_rows().set_index("id")
    # On 31 December 2024 none of the tiny communes was recognised; now one is model, one advanced, one NTM: cumulative.
    assert rows.loc[["commune_ntm", "commune_advanced", "commune_model"], "done"].tolist() == [3, 2, 1]
    assert rows.loc["commune_ntm", ["target", "baseline", "status"]].tolist() == [8, 0, "short"]
    assert "31/12/2024" in rows.loc["commune_ntm", "note"]


def test_without_a_baseline_an_increment_is_unknown() -> None:
    history = tiny.snapshot().history
    row = plan_rows(history=history[history["as_of"] > "2025-01-01"]).set_index("id").loc["commune_ntm"]
    assert row["status"] == "unknown"
    assert row["actual"] == 3
    assert np.isnan(row["done"])
    assert "số liệu gốc" in row["note"]


def test_a_target_is_reached() -> None:
    plan = load_plan()
    easy = dataclasses.replace(
        plan, targets=tuple(dataclasses.replace(t, value=3) if t.id == "commune_ntm" else t for t in plan.targets)
    )
    made = compute_facts(tiny.snapshot(), easy, limits=LIMITS)
    assert made.plan.set_index("id").loc["commune_ntm", ["status", "share"]].tolist() == ["reached", 1.0]


def test_named_districts_without_a_report_leave_the_target_open() -> None:
    row = plan_rows().set_index("id").loc["district_ntm"]
    assert row["status"] == "unknown"
    assert "Chưa có số liệu" in row["note"]


def test_no_target_is_not_filled_in() -> None:
    rows = plan_rows()
    ia_hdrai = rows[rows["district_code"] == "618"].iloc[0]
    assert np.isnan(ia_hdrai["target"])
    assert ia_hdrai["status"] == "unknown"
    assert "không nêu chỉ tiêu" in ia_hdrai["note"]
    others = rows[rows["district_code"].notna() & rows["district_code"].ne("618")]
    assert others["target"].notna().all()
    assert not others["note"].str.contains("Ia H’Drai").any()


def test_one_model_village_in_each_recognised_commune() -> None:
    row = plan_rows().set_index("id").loc["village_model"]
    # Of the villages of 10002 and 10004 nothing was told.
    assert row[["target", "actual", "status"]].tolist() == [3, 1, "unknown"]
    flags = [(code, code == "10001") for code in tiny.CELLS]
    for told, expected in ((flags, "short"), ([(code, True) for code in tiny.CELLS], "unknown")):
        rows = [{"village_code": f"{c}-01", "model": m, "minority_ntm": pd.NA, "smart": pd.NA} for c, m in told]
        made = plan_rows(village_status=pd.DataFrame(rows).astype({"model": "boolean", "minority_ntm": "boolean"}))
        # Even with a model village everywhere, 10005 has not reported its tier: it may be a fourth to count.
        assert made.set_index("id").loc["village_model", "status"] == expected
    none = tiny.snapshot().village_status.iloc[:0]
    assert plan_rows(village_status=none).set_index("id").loc["village_model", "status"] == "unknown"


def test_village_shares_by_district() -> None:
    """Both minority villages made to lie in Đăk Hà (615): one of two is recognised."""
    units = tiny.communes().assign(district_code="615")
    rows = plan_rows(communes=units)
    row = rows[rows["district_code"] == "615"].iloc[0]
    # The other one did not report: with it the share would be 1.
    assert row[["target", "actual", "done", "status"]].tolist() == [0.6, 0.5, 1.0, "unknown"]
    told = pd.DataFrame(
        {"village_code": ["10003-01", "10005-01"], "model": pd.NA, "smart": pd.NA, "minority_ntm": [True, False]}
    )
    rows = plan_rows(communes=units, village_status=told.astype({"model": "boolean", "minority_ntm": "boolean"}))
    assert rows[rows["district_code"] == "615"].iloc[0]["status"] == "short"


def test_a_baseline_must_be_of_the_year_before() -> None:
    """From an older date, communes recognised in between would count for the plan's year."""
    old = tiny.snapshot().history.replace({"as_of": {pd.Timestamp(2024, 12, 31): pd.Timestamp(2019, 5, 13)}})
    row = plan_rows(history=old).set_index("id").loc["commune_ntm"]
    assert row["status"] == "unknown"
    assert np.isnan(row["done"])
    assert "13/05/2019" in row["note"]


def test_a_baseline_that_lacks_communes_gives_no_increment() -> None:
    history = tiny.snapshot().history
    some = history[(history["as_of"] > "2025-01-01") | history["code"].eq("10003")]
    row = plan_rows(history=some).set_index("id").loc["commune_ntm"]
    assert row[["baseline", "actual"]].tolist() == [0, 3]
    assert np.isnan(row["done"])


def test_an_unreported_commune_leaves_a_close_target_open() -> None:
    plan = load_plan()
    four = tuple(dataclasses.replace(t, value=4) if t.id == "commune_ntm" else t for t in plan.targets)
    made = compute_facts(tiny.snapshot(), dataclasses.replace(plan, targets=four), limits=LIMITS)
    assert made.plan.set_index("id").loc["commune_ntm", "status"] == "unknown"


def test_criteria_that_were_not_assessed_are_not_known() -> None:
    blank = tiny.snapshot().criteria.assign(state="not_assessed")
    made = facts(criteria=blank).communes
    assert made["criteria_met"].isna().all()
    assert made["criteria_known"].eq(0).all()


@pytest.mark.parametrize(
    "changes", [{"epoch": EPOCHS[1], "as_of": date(2025, 12, 31)}, {"as_of": date(2019, 5, 13)}], ids=["new", "before"]
)
def test_a_plan_is_not_held_against_other_units_or_years(changes: dict[str, Any]) -> None:
    rows = plan_rows(**changes)
    assert rows["status"].eq("unknown").all()
    assert rows["actual"].isna().all()
    assert rows["note"].str.len().gt(20).all()
