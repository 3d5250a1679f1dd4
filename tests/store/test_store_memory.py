"""Two dates: what was true on a day, and what had been recorded by then; and taking an import back."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_cases import add as add_facts
from store_cases import content, roads

from ntmgis.errors import InputError
from ntmgis.store.base import Import, counting, end_of_day, local_time, moment
from ntmgis.store.geopackage import Store
from ntmgis.store.take import predecessor_tiers, status_on, take_snapshot, units_on
from ntmgis.units.epochs import EPOCHS
from ntmgis.workspace import Province, Source, Workspace

OLD, NEW = EPOCHS
D0, D1, D2 = date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)


def home(root: Path, *tables: str) -> Workspace:
    sources = tuple(Source(id=table, table=table, path=root / table) for table in ("unit_list", "unit", *tables))
    return Workspace(root, Province("90", "Tỉnh Tí Hon"), D2, tiny.CRS, sources, periods=(D0, D1))


def add(store: Store, table: str, frame: pd.DataFrame, **facts: object) -> Import:
    given: dict[str, object] = {"source_id": table, "epoch": OLD.id, "as_of": None, **facts}
    return add_facts(store, frame, table, **given)


def status(day: date, **tiers: str) -> pd.DataFrame:
    codes = [code.removeprefix("c") for code in tiers]
    return pd.DataFrame({"code": codes, "tier": list(tiers.values()), "as_of": pd.Timestamp(day)})


def at(made: Import) -> datetime:
    return datetime.fromisoformat(made.recorded_at)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The six tiny communes, without any status."""
    made = Store(tmp_path / "ntmgis.gpkg")
    units = tiny.communes()
    add(made, "unit_list", units[["code", "name", "kind", "district_code", "district"]])
    add(made, "unit", units[["code", "geometry"]])
    return made


def tiers(store: Store, root: Path, day: date, known_at: datetime | None = None) -> dict[str, str]:
    taken = take_snapshot(store, home(root, "commune_status"), day, known_at=known_at)
    assert taken.known_at == known_at
    return dict(taken.commune_status[["code", "tier"]].itertuples(index=False, name=None))


def test_what_was_true_and_what_was_known(store: Store, tmp_path: Path) -> None:
    first = add(store, "commune_status", status(D0, c10001="ntm", c10002="ntm"))
    second = add(store, "commune_status", status(D1, c10001="advanced"))
    third = add(store, "commune_status", status(D0, c10001="not_yet", c10002="ntm"))  # the first was wrong
    # What is now known to have been true
    assert tiers(store, tmp_path, D0) == {"10001": "not_yet", "10002": "ntm"}
    assert tiers(store, tmp_path, D1) == {"10001": "advanced", "10002": "ntm"}
    # What was known then
    assert tiers(store, tmp_path, D0, at(first)) == {"10001": "ntm", "10002": "ntm"}
    assert tiers(store, tmp_path, D1, at(first)) == {"10001": "ntm", "10002": "ntm"}
    assert tiers(store, tmp_path, D1, at(second)) == {"10001": "advanced", "10002": "ntm"}
    assert tiers(store, tmp_path, D0, at(second)) == {"10001": "ntm", "10002": "ntm"}
    assert tiers(store, tmp_path, D0, at(third)) == {"10001": "not_yet", "10002": "ntm"}
    just_before = at(first) - timedelta(microseconds=1)
    assert tiers(store, tmp_path, D2, just_before) == {}


def test_history_is_as_known_too(store: Store, tmp_path: Path) -> None:
    first = add(store, "commune_status", status(D0, c10001="ntm"))
    add(store, "commune_status", status(D0, c10001="model"))
    known = [
        take_snapshot(store, home(tmp_path, "commune_status"), D1, known_at=moment).history["tier"].tolist()
        for moment in (at(first), None)
    ]
    assert known == [["ntm", "ntm"], ["model", "model"]]


def test_an_import_taken_back_counts_for_what_was_known_before(store: Store, tmp_path: Path) -> None:
    first = add(store, "commune_status", status(D0, c10001="ntm"))
    second = add(store, "commune_status", status(D0, c10001="model"))
    undone = store.undo(second.import_id)
    assert undone.undone_at is not None
    assert tiers(store, tmp_path, D0) == {"10001": "ntm"}
    assert tiers(store, tmp_path, D0, at(second)) == {"10001": "model"}
    assert tiers(store, tmp_path, D0, datetime.fromisoformat(undone.undone_at)) == {"10001": "ntm"}
    store.undo(first.import_id)
    assert tiers(store, tmp_path, D0) == {}
    assert len(store.log()) == 4


def test_lists_of_works_follow_too(store: Store, tmp_path: Path) -> None:
    def known(moment: datetime | None = None) -> list[str]:
        layers = take_snapshot(store, home(tmp_path, "road"), D2, known_at=moment).layers
        return layers["road"]["id"].tolist() if "road" in layers else []

    first = add(store, "road", roads("A", "B"), as_of=D0)
    second = add(store, "road", roads("C"), as_of=D1)
    assert known(at(first)) == ["A", "B"]
    assert known() == ["C"]
    store.undo(second.import_id)
    assert known() == ["A", "B"]
    assert known(at(second)) == ["C"]


def test_boundaries_and_lists_of_units_follow(store: Store, tmp_path: Path) -> None:
    before = at(store.imports()[0]) - timedelta(seconds=1)
    with pytest.raises(InputError, match="E-NO-BOUNDARIES"):
        take_snapshot(store, home(tmp_path), D2, known_at=before)
    assert len(units_on(store, home(tmp_path), OLD)) == 6
    assert len(units_on(store, home(tmp_path), OLD, known_at=before)) == 102  # the shipped list


def test_the_tiers_of_the_predecessors_and_the_statuses_follow(store: Store, tmp_path: Path) -> None:
    first = add(store, "commune_status", status(D1, c10001="ntm"))
    add(store, "commune_status", status(D1, c10001="model"))
    place = home(tmp_path, "commune_status")
    for known_at, tier in ((at(first), "ntm"), (None, "model")):
        before = predecessor_tiers(store, place, NEW, known_at=known_at)
        assert before is not None
        assert before["tier"].tolist()[0] == tier
        assert status_on(store, place, D2, known_at=known_at).tiers["tier"].tolist() == [tier]


def test_undo_is_a_fact_and_nothing_is_deleted(store: Store) -> None:
    mine = Store(store.path, user="minh")
    made = add(store, "road", roads("A", "B"))
    before = content(store)
    undone = mine.undo(made.import_id)
    assert (undone.import_id, undone.undone_by) == (made.import_id, "minh")
    assert made not in mine.imports()
    assert mine.log()[-1] == undone
    assert mine.latest("road") is None
    assert mine.rows("road", [undone])["id"].tolist() == ["A", "B"]
    after = content(store)
    assert after[:-1] == before[:-1]
    assert after[-1][1] == before[-1][1]
    for wrong, code in ((made.import_id, "E-STORE-UNDONE"), (99, "E-STORE-NO-IMPORT"), (0, "E-STORE-NO-IMPORT")):
        with pytest.raises(InputError, match=code):
            mine.undo(wrong)
    assert content(store) == after


def test_a_moment_needs_a_time_zone(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.imports(datetime(2025, 6, 30))  # noqa: DTZ001 - that is the point


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    assert end_of_day(date(2025, 6, 30)).astimezone(UTC) == datetime(2025, 6, 30, 16, 59, 59, 999999, UTC)
    assert local_time("2025-06-30T17:00:00.000000+00:00") == "2025-07-01 00:00"
    assert moment("2999-01-01T00:00:00.000000+00:00") == "2999-01-01T00:00:00.000001+00:00"


MOMENTS = st.integers(0, 20).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n))


@st.composite
def logs(draw: st.DrawFn) -> list[Import]:
    made = []
    for number in range(draw(st.integers(0, 5))):
        recorded = draw(MOMENTS)
        undone = draw(st.none() | MOMENTS.filter(lambda later, first=recorded: later > first))
        facts = ("s", "road", OLD.id, None, "k", "f", "0", recorded.isoformat(), 1, 1, {}, [], "0", 2, "u")
        made.append(Import(number + 1, *facts, None if undone is None else undone.isoformat(), None))
    return made


@given(log=logs(), known_at=MOMENTS)
def test_what_counts_is_what_was_recorded_and_not_yet_undone(log: list[Import], known_at: datetime) -> None:
    known = counting(log, known_at)
    later = datetime(2999, 1, 1, tzinfo=UTC)
    assert counting(log) == counting(log, later)
    for made in log:
        recorded = datetime.fromisoformat(made.recorded_at) <= known_at
        undone = made.undone_at is not None and datetime.fromisoformat(made.undone_at) <= known_at
        assert (made in known) == (recorded and not undone)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["add", "undo"]), st.integers(0, 3)), min_size=1, max_size=6))
def test_the_past_never_changes(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]) -> None:
    """Whatever is added or taken back later, what was known at a moment is answered the same."""
    store = Store(tmp_path_factory.mktemp("past") / "ntmgis.gpkg")
    said: list[tuple[datetime, list[int], list[str]]] = []
    for verb, number in steps:
        counts = store.imports()
        if verb == "add" or not counts:
            add(store, "road", roads(f"R{number}"))
        else:
            store.undo(counts[number % len(counts)].import_id)
        now = datetime.now(UTC) + timedelta(milliseconds=5)  # after a clock that was pushed on
        known = store.imports(now)
        assert known == store.imports()
        said.append((now, [made.import_id for made in known], store.rows("road", known)["id"].tolist()))
        while datetime.now(UTC) <= now:
            pass
    for moment_, ids, rows in said:
        then = store.imports(moment_)
        assert [made.import_id for made in then] == ids
        assert store.rows("road", then)["id"].tolist() == rows
