"""Numbers by date: both epochs, sets apart, what was published beside what is counted."""

import dataclasses

import pandas as pd
import tiny

from ntmgis.measure.trend import TREND_COLUMNS, trend
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import EPOCHS

BASE = tiny.snapshot()


def value(found: pd.DataFrame, code: str, day: str, measure: str, set_: str | None = None) -> float:
    rows = found[(found["code"] == code) & (found["as_of"] == day) & (found["measure"] == measure)]
    rows = rows[rows["criteria_set"].isna() if set_ is None else rows["criteria_set"] == set_]
    assert len(rows) == 1
    return float(rows["value"].iloc[0])


def with_criteria(rows: list[tuple[str, str, str | None, int, int]], base: Snapshot = BASE) -> Snapshot:
    frame = pd.DataFrame(rows, columns=["as_of", "code", "criteria_set", "met", "judged"])
    return dataclasses.replace(
        base, criteria_history=frame.assign(as_of=pd.to_datetime(frame["as_of"]), not_applicable=0)
    )


def test_tiers_are_cumulative_and_say_how_many_reported() -> None:
    found = trend(BASE)
    assert tuple(found.columns) == TREND_COLUMNS
    counts = {
        name: value(found, "90", "2025-06-30", name) for name in ("communes", "reported", "ntm", "advanced", "model")
    }
    assert counts == {"communes": 5, "reported": 4, "ntm": 3, "advanced": 2, "model": 1}
    assert value(found, "902", "2025-06-30", "reported") == 0
    assert value(found, "901", "2024-12-31", "ntm") == 0
    assert set(found["origin"]) == {"counted"}


def test_two_sets_are_two_lines() -> None:
    """Kon Rẫy 2022: 105 of 114 by the old set, 72 of 114 by the new one, on the same day."""
    old = [
        ("2022-06-30", code, "2016-2020", met, 19) for code, met in zip(tiny.CELLS, (19, 19, 17, 17, 17), strict=False)
    ]
    new = [
        ("2022-12-31", code, "2021-2025", met, 19) for code, met in zip(tiny.CELLS, (15, 15, 14, 14, 14), strict=False)
    ]
    found = trend(with_criteria(old + new))
    assert value(found, "90", "2022-06-30", "criteria_met_total", "2016-2020") == 89
    assert value(found, "90", "2022-12-31", "criteria_met_total", "2021-2025") == 72
    assert value(found, "90", "2022-12-31", "criteria_total", "2021-2025") == 5 * 19
    assert value(found, "90", "2022-12-31", "criteria_mean", "2021-2025") == 14.4
    lines = found[found["measure"] == "criteria_met_total"].groupby(["code", "criteria_set"]).size()
    assert (lines == 1).all()


def test_a_mean_covers_only_communes_whose_criteria_are_all_known() -> None:
    found = trend(
        with_criteria([("2025-06-30", "10001", "2021-2025", 19, 19), ("2025-06-30", "10002", "2021-2025", 5, 9)])
    )
    own = found[found["code"].eq("90") & found["measure"].eq("criteria_mean")].iloc[0]
    assert (own["value"], own["note"]) == (19, "tính trên 1/2 xã có đủ số liệu")
    total = found[found["code"].eq("90") & found["measure"].eq("criteria_met_total")].iloc[0]
    assert (total["value"], total["note"]) == (24, "10 tiêu chí chưa có số liệu")


def test_criteria_of_an_unnamed_set_have_no_mean() -> None:
    found = trend(with_criteria([("2025-06-30", "10001", None, 12, 19)]))
    rows = found[found["code"].eq("90") & found["measure"].str.startswith("criteria")]
    assert rows["criteria_set"].isna().all()
    assert pd.isna(rows.set_index("measure")["value"]["criteria_mean"])


def test_both_epochs_and_each_once() -> None:
    later = dataclasses.replace(
        BASE,
        epoch=EPOCHS[1],
        as_of=pd.Timestamp(2025, 12, 31).date(),
        history=BASE.history.iloc[:2].assign(as_of=pd.Timestamp(2025, 12, 31)),
    )
    found = trend(later, [BASE, dataclasses.replace(BASE, history=BASE.history.assign(tier="model"))])
    assert set(found["epoch"]) == {one.id for one in EPOCHS}
    assert value(found, "90", "2025-06-30", "model") == 1  # the first snapshot of an epoch counts
    assert value(found, "90", "2025-12-31", "reported") == 2


def test_what_was_published_stands_beside() -> None:
    rows = pd.DataFrame(
        {
            "as_of": pd.to_datetime(["2025-06-30", "2022-11-30"]),
            "level": ["province", "district"],
            "code": ["90", "901"],
            "name": ["Tỉnh Tí Hon", "Huyện Chín Một"],
            "criteria_set": [None, "2021-2025"],
            "measure": ["ntm", "communes_by_criteria"],
            "low": pd.array([pd.NA, 15], dtype="Int64"),
            "high": pd.array([pd.NA, 17], dtype="Int64"),
            "value": [7.0, 2.0],
            "approximate": pd.array([True, pd.NA], dtype="boolean"),
            "basis": ["Báo cáo 1", None],
            "note": [None, None],
            "source": ["da_cong_bo", "da_cong_bo"],
        }
    )
    found = trend(dataclasses.replace(BASE, published=rows))
    own = found[found["origin"] == "published"]
    assert own[["code", "value", "source", "note"]].to_numpy().tolist() == [
        ["90", 7.0, "Báo cáo 1", "số gần đúng"],
        ["901", 2.0, "da_cong_bo", "đạt từ 15 đến 17 tiêu chí"],
    ]
    counted = found[(found["origin"] == "counted") & (found["measure"] == "ntm") & (found["code"] == "90")]
    assert counted["value"].tolist() == [0, 3]  # untouched
