"""`ntmgis plan check`: the tool finds by adding up what does not add up, and every fault of a file at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntmgis.errors import UsageError
from ntmgis.programme.plan import BudgetLine, load_plan
from ntmgis.programme.plan_check import check_plan
from ntmgis.programme.plan_file import examine
from ntmgis.programme.plan_sums import findings

SHIPPED = Path(__file__).parents[2] / "ntmgis" / "programme" / "data" / "plan305.toml"


def test_the_budget_difference_is_found_by_adding_up() -> None:
    found = [one for one in findings(load_plan()) if one.kind == "line"]
    assert [(one.about, one.stated, one.computed, one.difference) for one in found] == [
        ("budget:central", 114_887, 114_617, 270),
        ("budget:local", 114_887, 114_617, 270),
    ]
    assert all(one.listed == ("B1",) for one in found)
    assert "86.038 là 86.308" in found[0].vi
    assert "inferred, not corrected" in found[0].en
    assert not [one for one in findings(load_plan()) if one.kind == "total"], "the total adds up"


def test_the_other_findings_of_plan_305() -> None:
    found = {}
    for one in findings(load_plan()):
        found.setdefault(one.kind, []).append((one.about, one.listed))
    assert found["carried"] == [("target:district_ntm", ("T2",))]
    assert found["gap"] == [("district:618", ("V1",))]
    assert [about for about, _ in found["baseline"]] == [f"target:commune_{t}" for t in ("ntm", "advanced", "model")]
    assert [about for about, _ in found["leader"]] == [f"content:2.0{n}" for n in (3, 4, 5, 6, 8, 9)]
    assert all(listed for entries in found.values() for _, listed in entries)


def test_targets_are_increments_and_the_backlog_stands_apart() -> None:
    plan = load_plan()
    first = plan.targets[0]
    assert (first.value, first.baseline, first.backlog, first.owed) == (8, None, True, None)
    assert [one.backlog for one in plan.targets[1:]] == [False] * 6
    assert {one.named_on for one in plan.agency.values()} == {plan.issued}
    assert len(plan.agency) == len(plan.agencies) == 22
    assert not any(one.now or one.last_day for one in plan.agency.values()), "no text on successors was read"
    splits = {one.id: len(one.splits) for one in plan.contents if one.splits}
    assert splits == {"2.06": 1, "3.05": 1, "3.06": 1, "4.01": 2, "5.02": 1, "7.06": 2, "7.07": 2}


def test_the_report_as_json() -> None:
    told = check_plan().as_dict()
    json.dumps(told)
    assert told["sound"]
    assert (told["contents"], len(told["groups"]), len(told["targets"]), len(told["agencies"])) == (53, 11, 7, 22)
    assert told["budget"]["total_stated"] == told["budget"]["total_computed"] == 1_166_023
    shares = told["targets"][-1]["shares"]
    assert shares["618"] is None
    assert sorted(share for share in shares.values() if share) == [0.5] * 4 + [0.57] * 2 + [0.6] * 3
    assert {entry["id"] for entry in told["inconsistencies"]} >= {"B1", "V1", "T1"}


def test_a_plan_of_another_province_and_year() -> None:
    """Units without districts, the new set, no budget: another file of the same form. Its figures are made up."""
    text = """
    [document]
    number = "1/KH-TEST"
    date = 2027-01-05
    title = "Kế hoạch thử nghiệm"
    year = 2027
    criteria_set = "2026-2030"
    units_on = 2027-01-05

    [[target]]
    id = "xa"
    level = "commune"
    tier = "ntm"
    kind = "increment"
    value = 3
    unit = "xã"
    label = "xã đạt chuẩn"
    gloss = "Communes"
    baseline = 40
    baseline_on = 2026-12-31
    baseline_basis = "Văn bản thử nghiệm"

    [[group]]
    no = 1
    title = "Nhóm"

    [[content]]
    id = "1.01"
    title = "Nội dung"
    gloss = ""
    leads = ["A"]
    criteria = [10]

    [agencies]
    A = { vi = "Sở A", first_day = 2025-07-01, basis = "Văn bản thử nghiệm" }
    """
    found = examine("k.toml", text)
    assert found.problems == ()
    assert found.plan is not None
    assert findings(found.plan) == ()
    assert found.plan.targets[0].baseline == 40
    assert found.plan.budget == ()
    problems = examine("k.toml", text.replace("criteria = [10]", "criteria = [11]")).problems
    assert [one.code for one in problems] == ["E-PLAN-REFERENCE"]
    assert "2026-2030" in problems[0].rule


def test_every_fault_has_file_key_value_rule_and_action(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in (
        ("investment = 86038", "investment = 86039"),
        ("year = 2025\nperiod", "year = 25\nperiod"),
        ('leads = ["SXD"]', 'leads = ["SXX"]'),
        ("value = 9", 'value = "9"'),
        ("approximate = true", "aproximate = true"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "k.toml"
    file.write_text(text, encoding="utf-8")
    report = check_plan(file)
    assert not report.sound
    by_code = {one.code: one for one in report.problems}
    assert {"E-TOML-TYPE", "E-TOML-KEY", "E-PLAN-REFERENCE"} <= set(by_code)
    assert all(one.file == "k.toml" and one.column and one.rule and one.action for one in report.problems)
    assert by_code["E-TOML-KEY"].action.startswith("có phải là “approximate”?")
    assert {"document.year", "target commune_advanced.value"} <= {one.column for one in report.problems}


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-FILE-MISSING"):
        check_plan(tmp_path / "k.toml")


@given(investment=st.integers(0, 10**6), recurrent=st.integers(0, 10**6), off=st.integers(-500, 500))
def test_a_line_is_found_exactly_when_it_does_not_add_up(investment: int, recurrent: int, off: int) -> None:
    from dataclasses import replace

    line = BudgetLine("central", "Vốn", "Funds", investment + recurrent + off, investment, recurrent)
    plan = replace(load_plan(), budget=(line,), budget_total=line.stated)
    found = [one for one in findings(plan) if one.kind in {"line", "total"}]
    assert [one.difference for one in found] == ([off] if off else [])
    assert all(one.listed == (("B1",) if off == 270 else ()) for one in found)


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ntmgis.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "", "COLUMNS": "200"})


def test_the_command_line(tmp_path: Path) -> None:
    made = run("plan", "check", SHIPPED)
    assert made.returncode == 0, made.stderr
    for words in ("114.617", "Ia H’Drai", "không nêu", "53 nội dung", "1.166.023"):
        assert words in made.stdout
    text = SHIPPED.read_text(encoding="utf-8").replace("contents = 53", "contents = 54")
    (tmp_path / "k.toml").write_text(text, encoding="utf-8")
    bad = run("plan", "check", tmp_path / "k.toml", "--json")
    assert bad.returncode == 1
    assert [one["code"] for one in json.loads(bad.stdout)["problems"]] == ["E-PLAN-COUNT"]
    assert run("plan", "check", tmp_path / "none.toml").returncode == 2


LINES = SHIPPED.read_text(encoding="utf-8").splitlines()
HOSTILE = (
    "x = 1",
    "value = nan",
    "value = -1",
    'id = ""',
    'districts = "611"',
    "about = [1]",
    "line = 3",
    "[target]",
    "=",
)


@settings(max_examples=60, deadline=None)
@given(
    dropped=st.sets(st.integers(0, len(LINES) - 1), max_size=4),
    added=st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(HOSTILE)), max_size=2),
)
def test_a_spoilt_file_is_always_told_in_words(dropped: set[int], added: list[tuple[int, str]]) -> None:
    lines = [line for place, line in enumerate(LINES) if place not in dropped]
    for place, line in added:
        lines.insert(place, line)
    found = examine("k.toml", "\n".join(lines))
    assert (found.plan is None) <= bool(found.problems)
    assert all(one.code and one.rule and one.action for one in found.problems)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, 'document = { number = "x' + '"' * 3, "target = 1\n" * 2])
def test_a_hostile_file_is_told_in_words(text: str) -> None:
    assert [one.code for one in examine("k.toml", text).problems] == ["E-PLAN-SYNTAX"]
