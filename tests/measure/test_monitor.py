"""All answers of a review at once, on the tiny province."""

import dataclasses

import pandas as pd
import tiny

from ntmgis.measure.candidates import CANDIDATE_COLUMNS
from ntmgis.measure.changes import CHANGE_COLUMNS, CRITERIA_CHANGE_COLUMNS
from ntmgis.measure.compute import compute_facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.measure.monitoring import CHANGE_KINDS, PACES, RISKS
from ntmgis.measure.targets import TARGET_COLUMNS
from ntmgis.measure.trend import TREND_COLUMNS
from ntmgis.programme.plan import load_plan

LIMITS = {"road": 500.0, "water_supply": 1000.0, "waste_point": 1000.0}
SNAPSHOT = tiny.snapshot()
FACTS = compute_facts(SNAPSHOT, load_plan(), limits=LIMITS)


def test_the_frames_have_the_promised_columns() -> None:
    made = compute_monitoring(SNAPSHOT, FACTS, load_plan())
    assert (made.as_of, made.since) == (tiny.AS_OF, None)
    assert tuple(made.changes.columns) == CHANGE_COLUMNS
    assert tuple(made.criteria_changes.columns) == CRITERIA_CHANGE_COLUMNS
    assert tuple(made.candidates.columns) == CANDIDATE_COLUMNS
    assert tuple(made.trend.columns) == TREND_COLUMNS
    assert list(made.targets.columns) == [*FACTS.plan.columns, *TARGET_COLUMNS]
    assert list(made.standing.index) == list(FACTS.communes.index)
    assert set(made.standing["risk"]) <= set(RISKS)
    assert set(made.targets["pace"]) <= set(PACES)
    assert [note.id for note in made.notes] == ["target_rule"]


def test_compared_with_an_earlier_day() -> None:
    then = SNAPSHOT.commune_status.assign(tier="not_yet", as_of=pd.Timestamp(2024, 12, 31))
    before = dataclasses.replace(SNAPSHOT, as_of=pd.Timestamp(2024, 12, 31).date(), commune_status=then)
    made = compute_monitoring(SNAPSHOT, FACTS, load_plan(), before=before)
    communes = made.changes[made.changes["level"] == "commune"]
    assert communes["kind"].tolist() == ["newly_recognised"] * 3
    assert set(made.changes["kind"]) <= set(CHANGE_KINDS)
    assert made.since == before.as_of


def test_every_answer_has_its_reason_in_both_languages() -> None:
    made = compute_monitoring(
        SNAPSHOT,
        FACTS,
        load_plan(),
        before=dataclasses.replace(SNAPSHOT, commune_status=SNAPSHOT.commune_status.iloc[:0]),
    )
    for frame in (made.standing, made.conditions, made.changes, made.candidates):
        assert len(frame)
        for column in ("reason", "reason_en"):
            assert frame[column].str.len().gt(3).all()
    for column in ("rule", "rule_en"):
        assert made.targets[column].str.len().gt(3).all()


def test_the_same_input_gives_the_same_answers() -> None:
    first, second = (compute_monitoring(SNAPSHOT, FACTS, load_plan(), before=SNAPSHOT) for _ in range(2))
    for name in ("standing", "conditions", "changes", "criteria_changes", "targets", "candidates", "trend"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
