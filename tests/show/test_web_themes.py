"""Themes are catalogue entries: every class from data, unknown where nothing is known, colours that can be told."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tiny
import tiny_epochs
import tiny_facts
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.show.web.themes import CRITERIA_SET, ThemeValues, catalogue, criteria_values, definitions, theme_values

CODES = list(tiny.CELLS)


def drawn(entries: Any = None, facts: Any = None, **changes: Any) -> dict[str, list[str]]:
    """Class ids of each commune by theme."""
    found = theme_values(
        tiny.snapshot(**changes), facts or tiny_facts.facts(), tiny_epochs.monitoring(), entries=entries
    )
    legend = {one["id"]: [part["id"] for part in one["classes"]] for one in definitions(found, entries=entries)}
    return {key: [legend[key.partition(".")[0]][int(one, 36)] for one in value.classes] for key, value in found.items()}


def test_every_commune_has_the_class_that_a_person_reads_off_the_tables() -> None:
    made = drawn()
    assert made["criterion.2"] == ["met"] * 4 + ["unknown", "not_applicable"]
    assert made["criterion.13"] == ["met", "met", "not_met", "met", "unknown", "not_applicable"]
    assert made["criteria_met"] == ["all", "all", "b10", "all", "unknown", "not_applicable"]
    assert made["roads"] == ["c2", "c4", "c0", "unknown", "c4", "unknown"]
    assert made["near.water"] == ["c4", "c0", "c0", "c0", "c0", "c0"]
    assert set(made["addresses.coded"]) == {"c4"}
    assert set(made["addresses.notified"]) == {"c3"}  # 0.6 belongs to [0.6, 0.8)
    assert made["risk"] == ["at_risk", "none", "outside", "none", "unknown", "not_applicable"]
    # Xã Một lacks nothing that is known but three criteria are unknown; Xã Bốn is at the top.
    assert made["next"] == ["unknown", "unknown", "m6", "top", "unknown", "not_applicable"]
    # Reported met with half of the road hardened; with all of it; not to compare without a road.
    assert made["compared"][:4] == ["met_mid", "agree", "met_low", "unknown"]
    assert made["district"] == ["ntm"] * 4 + ["unknown"] * 2
    assert made["progress"] == ["unknown"] * 4 + ["no_target"] * 2


def test_a_criterion_that_is_kept_off_public_maps_is_no_theme() -> None:
    assert "criterion.18" in drawn()
    assert "criterion.19" not in drawn()


def test_criteria_of_another_set_are_unknown_to_the_theme_of_this_one() -> None:
    status = tiny.snapshot().commune_status
    status.loc[status["code"] == "10002", "criteria_set"] = "2026-2030"
    made = drawn(commune_status=status)
    assert made["criterion.2"][:3] == ["met", "unknown", "met"]
    assert made["criteria_met"][:2] == ["all", "unknown"]
    assert CRITERIA_SET == "2021-2025"


def test_a_band_that_depends_on_what_is_unknown_is_unknown() -> None:
    criteria = tiny.snapshot().criteria
    criteria = criteria[~(criteria["code"].isin(["10001", "10002"]) & criteria["criterion"].eq(19))]
    low = criteria["code"].eq("10001") & criteria["criterion"].le(3)
    criteria.loc[low, "state"] = "not_met"
    # Of Xã Một 15 or 16 are met: the same band. Of Xã Hai 18 or 19.
    assert drawn(criteria=criteria)["criteria_met"][:2] == ["b15", "unknown"]


def test_themes_of_criteria_are_known_at_a_date_of_which_only_the_criteria_are() -> None:
    snapshot = tiny.snapshot()
    states = {f"tc{n}": [None] * 2 for n in range(1, 20)} | {f"tc{n}": ["met", "met"] for n in range(1, 17)}
    rows = pd.DataFrame({"code": ["10001", "10003"], "criteria_set": ["2021-2025", "2016-2020"], **states})
    found = criteria_values(snapshot.communes, rows.assign(tc17=["not_met", "met"]))
    assert set(found) == {"criteria_met", *(f"criterion.{n}" for n in range(1, 18))}
    names = {one["id"]: [part["id"] for part in one["classes"]] for one in definitions(found)}
    told = {key: [names[key.partition(".")[0]][int(one, 36)] for one in found[key].classes] for key in found}
    unknown = ["unknown"] * 4 + ["not_applicable"]
    assert told["criterion.17"] == ["not_met", *unknown]  # Xã Ba was judged by another set
    assert told["criteria_met"] == ["b15", *unknown]  # 16 to 18 of 19
    assert found["criteria_met"].numbers == (16, None, None, None, None, None)


def test_a_theme_without_data_is_not_shown() -> None:
    base = tiny.snapshot()
    facts = tiny_facts.facts()
    facts.communes.loc[:, "road_hardened_share"] = float("nan")
    found = theme_values(tiny.snapshot(criteria=base.criteria.iloc[:0]), facts)
    assert not any(key.startswith(("criterion", "roads", "risk", "next", "compared")) for key in found)
    assert [one["id"] for one in definitions(found)] == [
        "status",
        "district",
        "progress",
        "near",
        "addresses",
    ]


def test_a_new_measure_becomes_a_theme_by_an_entry_alone() -> None:
    entry = {
        "id": "clinic",
        "group": "measured",
        "vi": "Hộ gần trạm y tế",
        "en": "Households near a clinic",
        "measure": "communes.near_clinic_share",
        "unit": "share",
        "urban": True,
        "palette": "sequential",
        "breaks": [0, 0.25, 0.5, 0.75, 0.95],
    }
    facts = tiny_facts.facts()
    assert drawn([entry], facts) == {}
    facts.communes["near_clinic_share"] = [0.0, 0.25, 0.9499, 0.95, 1.0, float("nan")]
    assert drawn([entry], facts) == {"clinic": ["c0", "c1", "c3", "c4", "c4", "unknown"]}
    (theme,) = definitions(["clinic"], entries=[entry])
    assert [one["vi"] for one in theme["classes"]] == [
        "95 – 100%",
        "75 – < 95%",
        "50 – < 75%",
        "25 – < 50%",
        "0 – < 25%",
        "Chưa có số liệu",
    ]


@given(st.lists(st.none() | st.floats(0, 1), min_size=6, max_size=6))
def test_unknown_is_never_a_class_of_numbers_and_numbers_never_unknown(values: list[float | None]) -> None:
    facts = tiny_facts.facts()
    facts.communes["address_coded_share"] = pd.array([np.nan if one is None else one for one in values])
    addresses = [one for one in catalogue()["theme"] if one["id"] == "addresses"]
    made = drawn(addresses, facts).get("addresses.coded")
    if made is None:
        assert all(one is None for one in values)
        return
    for value, id_ in zip(values, made, strict=True):
        assert (value is None) == (id_ == "unknown")
        if value is not None:
            assert id_ == f"c{min(4, sum(value >= low for low in (0.2, 0.4, 0.6, 0.8)))}"


def test_values_and_the_province_come_with_the_theme() -> None:
    found = theme_values(tiny.snapshot(), tiny_facts.facts())
    assert found["roads"] == ThemeValues(found["roads"].classes, (0.5, 1, 0, None, 1, None), 0.6)
    assert found["criterion.2"].numbers == (None,) * 6


def linear(hex_: str) -> np.ndarray:
    rgb = np.array([int(hex_[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def legends() -> list[Any]:
    known = [one["id"] for one in catalogue()["theme"]]
    variants = ["criterion.2", "near.road", "addresses.coded"]
    return [pytest.param(one, id=one["id"]) for one in definitions([*known, *variants])]


@pytest.mark.parametrize("theme", legends())
def test_colours_of_a_theme_can_be_told_apart_by_everyone(theme: Any) -> None:
    for name, matrix in VISION.items():
        for one, other in combinations(theme["classes"], 2):
            if {one["pattern"], other["pattern"]} & {"sparse_dots"} or "not_applicable" in {one["id"], other["id"]}:
                continue  # hatched, or quiet grey without a border of its own
            away = np.linalg.norm(lab(matrix @ linear(one["fill"])) - lab(matrix @ linear(other["fill"])))
            assert away >= 9, (name, one["id"], other["id"], round(float(away), 1))


@pytest.mark.parametrize("theme", legends())
def test_patterns_tell_classes_apart_on_a_photocopy(theme: Any) -> None:
    looks = [(one["pattern"], round(lab(linear(one["fill"]))[0] / 12)) for one in theme["classes"]]
    assert len(set(looks)) == len(looks), looks


@pytest.mark.parametrize("theme", legends())
def test_names_can_be_read_on_their_class(theme: Any) -> None:
    for one in theme["classes"]:
        bright = sorted(float(np.dot(linear(one[key]), [0.2126, 0.7152, 0.0722])) for key in ("fill", "text"))
        assert (bright[1] + 0.05) / (bright[0] + 0.05) >= 3.9, one["id"]
