"""What was published of Kon Tum from 2017 to 2025 and the sample's five years, taken in as files, come out by date.

The list of 13 May 2019: kontum.gov.vn, "Chủ tịch UBND tỉnh công nhận xã Pờ Y và xã Kon Đào đạt chuẩn xã NTM năm 2018".
The totals: kontumtv.vn (11/2017, 11/2022), Chỉ thị 04/CT-UBND (03/2022), konray.kontum.gov.vn (2022),
huyendakha.kontum.gov.vn (04/2023), vietnam.vn (25/03/2025), vietnamnet.vn (2025). Of the totals no list of communes is
known, so none is made up: they are taken in as totals.
"""

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
import tiny

from ntmgis.measure.changes import changes
from ntmgis.monitor import last_period, monitoring_of, open_review
from ntmgis.sample.status import TOTALS
from ntmgis.store.open import open_store
from ntmgis.store.take import take_snapshot
from ntmgis.take_in import TakenIn, snapshot_of, take_in
from ntmgis.unit_history import unit_history
from ntmgis.workspace import load_workspace

ROOT = Path(__file__).resolve().parents[1]
LIST_2019 = """Huyện,Xã,Kết quả
TP. Kon Tum,Đoàn Kết,Đạt chuẩn NTM
TP. Kon Tum,Hòa Bình,Đạt chuẩn NTM
TP. Kon Tum,Ia Chim,Đạt chuẩn NTM
TP. Kon Tum,Đăk Năng,Đạt chuẩn NTM
Đăk Hà,Hà Mòn,Đạt chuẩn NTM
Đăk Hà,Đăk Mar,Đạt chuẩn NTM
Đăk Hà,Đăk La,Đạt chuẩn NTM
Đăk Tô,Diên Bình,Đạt chuẩn NTM
Đăk Tô,Tân Cảnh,Đạt chuẩn NTM
Đăk Tô,Kon Đào,Đạt chuẩn NTM
Sa Thầy,Sa Sơn,Đạt chuẩn NTM
Sa Thầy,Sa Nhơn,Đạt chuẩn NTM
Ngọc Hồi,Đăk Nông,Đạt chuẩn NTM
Ngọc Hồi,Đăk Kan,Đạt chuẩn NTM
Ngọc Hồi,Pờ Y,Đạt chuẩn NTM
Kon Rẫy,Đăk Ruồng,Đạt chuẩn NTM
Kon Rẫy,Tân Lập,Đạt chuẩn NTM
"""
PUBLISHED = """Ngày,Cấp,Mã đơn vị,Tên,Bộ tiêu chí,Chỉ số,Từ số tiêu chí,Đến số tiêu chí,Giá trị,Gần đúng,Căn cứ
2017-11-30,tỉnh,62,Tỉnh Kon Tum,,xã đạt chuẩn NTM,,,13,,kontumtv.vn
2017-11-30,tỉnh,62,Tỉnh Kon Tum,,số xã,,,86,,kontumtv.vn
2022-03-31,tỉnh,62,Tỉnh Kon Tum,,xã đạt chuẩn NTM,,,35,,Chỉ thị 04/CT-UBND
2022-03-31,tỉnh,62,Tỉnh Kon Tum,,số xã,,,85,,Chỉ thị 04/CT-UBND
2022-03-31,tỉnh,62,Tỉnh Kon Tum,,số tiêu chí đạt bình quân một xã,,,"15,88",,Chỉ thị 04/CT-UBND
2022-11-30,tỉnh,62,Tỉnh Kon Tum,,xã đạt chuẩn NTM,,,36,,kontumtv.vn
2022-11-30,tỉnh,62,Tỉnh Kon Tum,2021-2025,xã theo số tiêu chí đạt,19,19,38,,kontumtv.vn
2022-11-30,tỉnh,62,Tỉnh Kon Tum,2021-2025,xã theo số tiêu chí đạt,15,17,15,,kontumtv.vn
2022-11-30,tỉnh,62,Tỉnh Kon Tum,2021-2025,xã theo số tiêu chí đạt,10,14,28,,kontumtv.vn
2022-11-30,tỉnh,62,Tỉnh Kon Tum,2021-2025,xã theo số tiêu chí đạt,7,9,4,,kontumtv.vn
2022-12-31,huyện,614,Huyện Kon Rẫy,2016-2020,tổng số tiêu chí đạt,,,105,,konray.kontum.gov.vn
2022-12-31,huyện,614,Huyện Kon Rẫy,2016-2020,tổng số tiêu chí,,,114,,konray.kontum.gov.vn
2022-12-31,huyện,614,Huyện Kon Rẫy,2021-2025,tổng số tiêu chí đạt,,,72,,konray.kontum.gov.vn
2022-12-31,huyện,614,Huyện Kon Rẫy,2021-2025,tổng số tiêu chí,,,114,,konray.kontum.gov.vn
2023-04-30,huyện,615,Huyện Đắk Hà,,xã đạt chuẩn NTM,,,7,,huyendakha.kontum.gov.vn
2023-04-30,huyện,615,Huyện Đắk Hà,,số xã,,,10,,huyendakha.kontum.gov.vn
2025-03-25,tỉnh,62,Tỉnh Kon Tum,,thôn NTM vùng DTTS,,,110,có,vietnam.vn
2025-06-30,tỉnh,62,Tỉnh Kon Tum,,xã đạt chuẩn NTM,,,51,,vietnamnet.vn
2025-06-30,tỉnh,62,Tỉnh Kon Tum,,xã NTM nâng cao,,,10,,vietnamnet.vn
2025-06-30,tỉnh,62,Tỉnh Kon Tum,,xã NTM kiểu mẫu,,,4,,vietnamnet.vn
2025-12-31,tỉnh,51,Tỉnh Quảng Ngãi,,số xã,,,86,,vietnamnet.vn
2025-12-31,tỉnh,51,Tỉnh Quảng Ngãi,,số tiêu chí đạt bình quân một xã,,,"15,31",,vietnamnet.vn
"""
CONFIG = """
[province]
code = "62"
name = "Tỉnh Kon Tum"

[build]
as_of = 2025-12-31
periods = [2019-05-13]
metric_crs = "EPSG:9216"

[[source]]
id = "xa_cu"
table = "unit"
path = "data/xa_den_2025-06-30.geojson"
epoch = 2025-06-30

[[source]]
id = "xa_moi"
table = "unit"
path = "data/xa_tu_2025-07-01.geojson"
epoch = 2025-07-01

[[source]]
id = "danh_sach_2019"
table = "commune_status"
path = "data/danh_sach_2019.csv"
as_of = 2019-05-13
values = { criteria_set = "2016-2020" }
title = "Xã được công nhận đến 13/05/2019"

[[source]]
id = "da_cong_bo"
table = "reported_total"
path = "data/da_cong_bo.csv"
title = "Số liệu đã công bố"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    data = folder / "data"
    data.mkdir()
    for name in ("xa_den_2025-06-30.geojson", "xa_tu_2025-07-01.geojson"):
        shutil.copy(ROOT / "data" / "boundaries" / name, data)
    (data / "danh_sach_2019.csv").write_text(LIST_2019, encoding="utf-8")
    (data / "da_cong_bo.csv").write_text(PUBLISHED, encoding="utf-8")
    (folder / "ntmgis.toml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def published(home: Path) -> pd.DataFrame:
    review = open_review(home)
    assert not [one for one in review.problems if one.severity == "error"], review.problems
    assert [one.id for one in review.monitoring.notes][-1] == "trend_sets"
    trend = review.monitoring.trend
    return trend[trend["origin"] == "published"]


def told(rows: pd.DataFrame, code: str, day: str, set_: str | None = None) -> dict[str, float]:
    own = rows[(rows["code"] == code) & (rows["as_of"] == day)]
    own = own[own["criteria_set"].isna()] if set_ is None else own[own["criteria_set"] == set_]
    return dict(zip(own["measure"], own["value"], strict=True))


def test_the_list_of_2019(home: Path) -> None:
    review = open_review(home, date(2019, 5, 13))
    recognised = review.facts.communes[review.facts.communes["tier"] == "ntm"]
    assert len(recognised) == 17
    assert {"Xã Hà Mòn", "Xã Bờ Y", "Xã Tân Lập"} <= set(recognised["name"])
    assert review.facts.tiers["not_reported"] == 68  # nothing is known of the others
    trend = review.monitoring.trend.query("level == 'province' and origin == 'counted'")
    assert dict(zip(trend["measure"], trend["value"], strict=True)) == {
        "communes": 85,
        "reported": 17,
        "ntm": 17,
        "advanced": 0,
        "model": 0,
    }


def test_the_published_totals_come_out_by_date(published: pd.DataFrame) -> None:
    assert len(published) == len(PUBLISHED.splitlines()) - 1
    assert told(published, "62", "2017-11-30") == {"ntm": 13, "communes": 86}
    assert told(published, "62", "2022-03-31") == {"ntm": 35, "communes": 85, "criteria_mean": 15.88}
    bands = published[published["measure"] == "communes_by_criteria"]
    assert dict(zip(bands["note"], bands["value"], strict=True)) == {
        "đạt từ 19 đến 19 tiêu chí": 38,
        "đạt từ 15 đến 17 tiêu chí": 15,
        "đạt từ 10 đến 14 tiêu chí": 28,
        "đạt từ 7 đến 9 tiêu chí": 4,
    }
    assert told(published, "62", "2022-11-30") == {"ntm": 36}
    assert told(published, "615", "2023-04-30") == {"ntm": 7, "communes": 10}
    assert told(published, "62", "2025-06-30") == {"ntm": 51, "advanced": 10, "model": 4}
    near = published[published["as_of"] == "2025-03-25"].iloc[0]
    assert (near["value"], near["note"], near["source"]) == (110, "số gần đúng", "vietnam.vn")
    assert told(published, "51", "2025-12-31") == {"communes": 86, "criteria_mean": 15.31}
    assert set(published.loc[published["code"] == "51", "epoch"]) == {"from-2025-07-01"}


def test_kon_ray_is_two_sets_not_a_fall(home: Path, published: pd.DataFrame) -> None:
    old, new = (told(published, "614", "2022-12-31", set_) for set_ in ("2016-2020", "2021-2025"))
    assert old == {"criteria_met_total": 105, "criteria_total": 114}
    assert new == {"criteria_met_total": 72, "criteria_total": 114}
    review = open_review(home, date(2025, 6, 30), since=date(2019, 5, 13))
    assert not (review.monitoring.changes["code"] == "614").any()
    assert review.monitoring.criteria_changes.empty
    rule = next(note for note in review.monitoring.notes if note.id == "trend_sets")
    assert "không có nghĩa là giảm" in rule.vi
    found = unit_history(home, "Kon Rẫy", as_of=date(2025, 6, 30))
    lines = found.numbers[found.numbers["measure"] == "criteria_met_total"]
    assert list(zip(lines["criteria_set"], lines["value"], strict=True)) == [("2016-2020", 105), ("2021-2025", 72)]


def test_a_day_before_a_total_was_published_does_not_know_it(home: Path) -> None:
    trend = open_review(home, date(2022, 6, 30)).monitoring.trend
    published = trend[trend["origin"] == "published"]
    assert published["as_of"].max() == pd.Timestamp(2022, 3, 31)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> TakenIn:
    """The status files, boundaries and villages of the repository's own workspace; layers and addresses left out."""
    whole = load_workspace(ROOT)
    wanted = {"unit", "unit_change", "village", "commune_status", "village_status", "district_status"}
    workspace = replace(whole, sources=tuple(one for one in whole.sources if one.table in wanted))
    return take_in(workspace, store=open_store(tmp_path_factory.mktemp("store") / "s.gpkg"))


def test_the_five_years_of_the_sample_come_out_by_date(sample: TakenIn) -> None:
    snapshot, facts = snapshot_of(sample, date(2025, 6, 30))
    made = monitoring_of(sample, snapshot, facts, since=date(2024, 12, 31))
    trend = made.trend[made.trend["level"].eq("province") & made.trend["criteria_set"].isna()]
    for day, (ntm, advanced, model) in TOTALS.items():
        own = trend[trend["as_of"] == pd.Timestamp(day)].set_index("measure")["value"]
        assert (own["ntm"], own["advanced"], own["model"]) == (ntm, advanced, model)
    sets = made.trend[made.trend["measure"] == "criteria_met_total"].groupby(["code", "as_of"])["criteria_set"]
    assert sets.agg(lambda own: len(set(own))).eq(1).all()
    assert set(made.trend.loc[made.trend["as_of"] < "2022-01-01", "criteria_set"].dropna()) == {"2016-2020"}
    risen = made.changes.query("level == 'commune' and kind == 'newly_recognised'")
    assert len(risen) == TOTALS[date(2025, 6, 30)][0] - TOTALS[date(2024, 12, 31)][0]
    by_district = made.trend.query("level == 'district' and measure == 'ntm'").groupby("as_of")["value"].sum()
    assert by_district.tolist() == [ntm for ntm, _, _ in TOTALS.values()]


def test_the_plan_of_the_sample_by_hand(sample: TakenIn) -> None:
    snapshot, facts = snapshot_of(sample, date(2025, 6, 30))
    rows = monitoring_of(sample, snapshot, facts).targets
    ntm = rows[rows["id"] == "commune_ntm"].iloc[0]
    assert (ntm["stock"], ntm["grown"], ntm["needed"], ntm["remaining"], ntm["per_quarter"]) == (46, 5, 8, 3, 1.5)
    assert (ntm["pace"], ntm["on_track"]) == ("on_track", True)
    assert ntm["expected"] == pytest.approx(8 * 181 / 365)
    ia_hdrai = rows[rows["district_code"] == "618"].iloc[0]
    assert (ia_hdrai["pace"], ia_hdrai["rule"]) == ("no_target", "Kế hoạch không nêu chỉ tiêu.")
    assert "Ngọc Hồi đã đạt. Riêng năm 2025" in rows.loc[rows["id"] == "district_ntm", "apart"].iloc[0]


def test_the_new_units_are_compared_through_the_crosswalk(sample: TakenIn) -> None:
    snapshot, facts = snapshot_of(sample, date(2025, 12, 31))
    made = monitoring_of(sample, snapshot, facts, since=date(2025, 6, 30))
    assert set(made.changes["kind"]) == {"regrouped"}
    counted: dict[str, int] = {}
    for mixture in made.changes["mixture"]:
        for part in mixture.split(", "):
            count, _, state = part.partition(" ")
            counted[state] = counted.get(state, 0) + int(count)
    ntm, advanced, model = TOTALS[date(2025, 6, 30)]
    assert (counted["NTM kiểu mẫu"], counted["NTM nâng cao"], counted["NTM"]) == (
        model,
        advanced - model,
        ntm - advanced,
    )
    assert set(made.trend["epoch"]) == {"until-2025-06-30", "from-2025-07-01"}
    assert set(made.targets["pace"]) == {"unknown"}


def test_a_correction_in_the_store_is_told_apart_from_change(tmp_path: Path) -> None:
    """One file is put right after it was reported; the store remembers what it said."""
    home = tiny.write_workspace(tmp_path / "w")
    config = (home / "ntmgis.toml").read_text(encoding="utf-8")
    extra = '[[source]]\nid = "dau_nam"\ntable = "commune_status"\npath = "data/dau_nam.csv"\nas_of = 2024-12-31\n'
    (home / "ntmgis.toml").write_text(f"{config}\n{extra}", encoding="utf-8")
    earlier = home / "data" / "dau_nam.csv"
    earlier.write_text("Mã xã,Kết quả\n10001,Đạt chuẩn NTM\n10003,Chưa đạt\n", encoding="utf-8")
    taken = take_in(load_workspace(home))
    first = max(made.recorded_at for made in taken.store.imports())
    earlier.write_text("Mã xã,Kết quả\n10001,Chưa đạt\n10003,Chưa đạt\n", encoding="utf-8")

    review = open_review(home, since=date(2024, 12, 31))
    again = take_in(load_workspace(home))
    then, now = (
        take_snapshot(again.store, again.workspace, date(2024, 12, 31), known_at=known)
        for known in (datetime.fromisoformat(first), None)
    )
    found = changes(review.snapshot, now, known=then).changes
    own = found[found["code"] == "10001"]
    assert own[["kind", "before", "after"]].to_numpy().tolist() == [
        ["newly_recognised", "not_yet", "ntm"],
        ["corrected", "ntm", "not_yet"],
    ]
    history = unit_history(home, "Xã Một")
    rows = history.rows[history.rows["as_of"] == "2024-12-31"]
    assert rows[["tier", "state", "same"]].to_numpy().tolist() == [
        ["not_yet", "in_use", False],
        ["ntm", "replaced", False],
    ]


def test_boundaries_of_a_later_day_do_not_stop_a_review(tmp_path: Path) -> None:
    """The map is dated 2025: the reporting date of 2024 has no boundaries, so there is nothing to compare with."""
    home = tiny.write_workspace(tmp_path / "w")
    config = (home / "ntmgis.toml").read_text(encoding="utf-8")
    dated = config.replace('path = "data/xa.geojson"\n', 'path = "data/xa.geojson"\nas_of = 2025-06-01\n')
    assert dated != config
    extra = '[[source]]\nid = "dau_nam"\ntable = "commune_status"\npath = "data/dau_nam.csv"\nas_of = 2024-12-31\n'
    (home / "ntmgis.toml").write_text(f"{dated}\n{extra}", encoding="utf-8")
    (home / "data" / "dau_nam.csv").write_text("Mã xã,Kết quả\n10001,Chưa đạt\n", encoding="utf-8")
    taken = take_in(load_workspace(home))
    snapshot, facts = snapshot_of(taken, date(2025, 6, 30))
    since = last_period(taken, date(2025, 6, 30))
    assert since is None
    made = monitoring_of(taken, snapshot, facts, since=since)
    assert made.changes.empty
    assert made.targets.loc[0, "baseline_as_of"] == pd.Timestamp(2024, 12, 31)  # tiers need no boundaries
