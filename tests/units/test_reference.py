import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ntmgis.units.epochs import EPOCHS, epoch_on
from ntmgis.units.names import clean, fold
from ntmgis.units.reference import crosswalk, districts, reference_units

OLD, NEW = epoch_on(date(2025, 6, 30)), epoch_on(date(2025, 7, 1))


def test_numbers_of_units_of_both_epochs() -> None:
    old, new = reference_units(OLD), reference_units(NEW)
    assert old["kind"].value_counts().to_dict() == {"xã": 85, "phường": 10, "thị trấn": 7}
    assert new["kind"].value_counts().to_dict() == {"xã": 37, "phường": 3}
    assert int(old["rural"].sum()) == 85
    assert old["district_code"].nunique() == 10
    assert new["district_code"].isna().all()
    assert all(value is None for value in new["district"])


def test_a_row_is_complete() -> None:
    row = reference_units(OLD).set_index("code").loc["23521"]
    assert (row["name"], row["bare_name"], row["kind"], row["district"]) == (
        "Xã Hà Mòn",
        "Hà Mòn",
        "xã",
        "Huyện Đắk Hà",
    )
    assert row["successor_code"] == "23500"
    assert (row["lon"], row["lat"], row["area_km2"], row["population_2009"]) == (107.909, 14.469, 37.1, 3648)
    assert reference_units(NEW).set_index("code").loc["23500", "declared_km2"] == 104.08


@pytest.mark.parametrize("epoch", EPOCHS)
def test_units_are_sorted_unique_and_inside_the_province(epoch) -> None:
    units = reference_units(epoch)
    assert units["code"].is_monotonic_increasing
    assert units["code"].is_unique
    assert units["code"].str.fullmatch("[0-9]{5}").all()
    assert units["lon"].between(107.33, 108.55).all()
    assert units["lat"].between(13.92, 15.42).all()
    assert (units["area_km2"] > 0).all()
    assert all(name == clean(name) for name in units["name"])


def test_unknown_population_is_missing_not_zero() -> None:
    units = reference_units(OLD)
    assert set(units.loc[units["population_2009"].isna(), "code"]) == {"23510", "23535", "23537", "23538"}
    assert units["population_2009"].min() > 0
    assert units["population_2009"].max() < 15_000


def test_crosswalk_takes_every_old_unit_once_into_an_existing_new_one() -> None:
    changes = crosswalk()
    assert len(changes) == 102
    assert set(changes["old_code"]) == set(reference_units(OLD)["code"])
    assert set(changes["new_code"]) == set(reference_units(NEW)["code"])
    assert (changes[["share_area", "share_households"]] == 1.0).all(axis=None)
    assert changes["date"].unique().tolist() == [pd.Timestamp(2025, 7, 1)]
    of = dict(zip(changes["old_code"], changes["source"], strict=True))
    assert of["23521"] == "Nghị quyết 1677/NQ-UBTVQH15, Điều 1, khoản 56"
    assert of["23536"] == "Nghị quyết 1677/NQ-UBTVQH15, Điều 1, khoản 92"


def test_units_that_are_left_as_they_are_keep_their_code() -> None:
    changes = crosswalk()
    kept = changes[changes["source"].str.endswith("khoản 92")]
    assert kept["old_code"].tolist() == kept["new_code"].tolist() == ["23368", "23530", "23535", "23536"]


def test_districts() -> None:
    table = districts()
    assert table["code"].tolist() == ["608", *(str(n) for n in range(610, 619))]
    assert table.set_index("code").loc["618", "name"] == "Huyện Ia H'Drai"


def test_frames_belong_to_the_caller() -> None:
    for make in (crosswalk, districts, lambda: reference_units(OLD)):
        first = make()
        first.iloc[:, 0] = "x"
        assert (make().iloc[:, 0] != "x").all()


@pytest.mark.real
def test_crosswalk_says_what_the_resolution_says(real_data: Path) -> None:
    text = (real_data / "admin" / "nq_1677_ubtvqh15_quangngai.md").read_text(encoding="utf-8").replace("\\", "")
    clauses = {
        int(number): fold(clean(body))
        for number, body in re.findall(r"(?:^|\n)(\d+)\. (.*?)(?=\n\d+\. |\n\*\*Điều 2)", text, re.DOTALL)
        if "ắp xếp" in body
    }
    old = reference_units(OLD).set_index("code")
    new = reference_units(NEW).set_index("code")
    otherwise = {"23344": "dakplo", "23404": "ngoklay", "23413": "ngokyeu", "23458": "mangbut"}
    for change in crosswalk().itertuples():
        clause = clauses[int(change.source.rsplit(" ", 1)[1])]
        assert otherwise.get(change.old_code, fold(old.loc[change.old_code, "bare_name"])) in clause
        assert fold(new.loc[change.new_code, "bare_name"]) in clause


@pytest.mark.real
def test_names_and_codes_are_those_of_the_list(real_data: Path) -> None:
    listed = pd.read_csv(real_data / "admin" / "units_pre2025_gso.csv", dtype=str).set_index("level3_id")
    units = reference_units(OLD).set_index("code")
    assert units["name"].to_dict() == listed["name"].to_dict()
    assert units["district_code"].to_dict() == listed["level2_id"].to_dict()
    published = pd.read_csv(real_data / "admin" / "units_post2025_quangngai.csv", dtype=str)
    published = published[published["from_kontum"] == "True"].set_index("code")
    new = reference_units(NEW).set_index("code")
    assert new["name"].to_dict() == published["name"].to_dict()
    assert new["declared_km2"].to_dict() == published["areaKm2"].astype(float).to_dict()
