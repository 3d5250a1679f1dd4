"""A store read through memory: read once, never stale after a write of its own, and nobody can spoil an answer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from store_cases import add, content, status, villages

from ntmgis.store.geopackage import Store
from ntmgis.store.remembered import Remembered


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "s.gpkg")


def test_rows_are_read_once_and_the_same(store: Store) -> None:
    made = add(store, status())
    kept = Remembered(store)
    first = kept.rows("commune_status", [made])
    store.path.unlink()
    pd.testing.assert_frame_equal(kept.rows("commune_status", [made]), first)


def test_changing_an_answer_changes_no_other(store: Store) -> None:
    made = add(store, villages(4), table="village")
    kept = Remembered(store)
    first = kept.rows("village", [made])
    first.loc[:, "name"] = "?"
    first["code"] = "?"
    first.iloc[0, 0] = 99
    again = kept.rows("village", [made])
    assert again["name"].tolist() == ["Thôn"] * 4
    assert again.crs == "EPSG:4326"


def test_its_own_writes_are_seen_at_once(store: Store) -> None:
    kept = Remembered(store)
    assert kept.imports() == []
    assert kept.latest("s") is None
    made = add(kept, status())
    assert kept.imports() == [made]
    assert kept.latest("s") == made
    kept.undo(made.import_id)
    assert kept.imports() == []
    assert kept.latest("s") is None
    assert [one.import_id for one in kept.log()] == [made.import_id]


def test_what_another_program_adds_is_not_added_twice(store: Store) -> None:
    kept = Remembered(store)
    assert kept.latest("s") is None
    made = add(store, status(), key="k", once=True)
    assert kept.latest("s") is None, "one state for the whole run"
    assert add(kept, status(), key="k", once=True) == made
    assert len(store.log()) == 1


def test_many_rows_keep_their_order_and_their_gaps(store: Store) -> None:
    """More rows than one statement takes, and some left over."""
    codes = [f"{n:05d}" for n in range(20_001, 20_212)]
    frame = pd.DataFrame({"row": np.arange(2, 213), "code": codes, "tier": ["ntm", None, "model"] * 70 + ["ntm"]})
    made = add(store, frame)
    back = store.rows("commune_status", [made])
    assert back["code"].tolist() == codes
    assert back["tier"].where(back["tier"].notna(), None).tolist() == frame["tier"].tolist()
    assert back["file_row"].tolist() == frame["row"].tolist()
    assert content(store)
