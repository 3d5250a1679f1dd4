"""Plan 305 as data: complete, as written, and with every contradiction listed."""

from pathlib import Path

import pytest

from ntmgis.errors import UsageError
from ntmgis.programme.criteria import BANDS, band
from ntmgis.programme.plan import load_plan
from ntmgis.programme.tables import tables, values
from ntmgis.programme.tiers import TIER_STATES, TIERS, at_least, state

SHIPPED = Path(__file__).parents[2] / "ntmgis" / "programme" / "data" / "plan305.toml"


def test_the_plan_is_complete() -> None:
    plan = load_plan()
    assert (len(plan.groups), len(plan.contents), len(plan.targets), len(plan.budget)) == (11, 53, 7, 5)
    counts = [sum(one.id.startswith(f"{n}.") for one in plan.contents) for n in range(1, 12)]
    assert counts == [2, 11, 9, 2, 2, 2, 7, 6, 5, 2, 5]
    assert [target.value for target in plan.targets] == [8, 9, 4, 4, 1, 1, None]
    assert plan.budget_total == sum(line.stated for line in plan.budget) == 1_166_023


def test_contradictions_are_shown_not_mended() -> None:
    plan = load_plan()
    assert [line.difference for line in plan.budget] == [270, 270, 0, 0, 0]
    assert plan.budget[0].investment == 86_038
    assert plan.doubts("budget:central")
    assert plan.share_of("village_minority", "618") is None
    assert plan.doubts("district:618")
    shares = {code: plan.share_of("village_minority", code) for code in plan.districts}
    assert sorted(filter(None, shares.values())) == [0.5] * 4 + [0.57] * 2 + [0.6] * 3


def spoilt(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_plan(file)
    return sorted({one.code for one in caught.value.problems})


def test_all_faults_of_a_plan_are_named_at_once(tmp_path: Path) -> None:
    codes = spoilt(
        tmp_path,
        ("investment = 86038", "investment = 86039"),
        ('leads = ["SXD"]', 'leads = ["SXX"]'),
        ("contents = 53", "contents = 54"),
        ('"district:618"', '"district:610"'),
        ('"district:618"', '"district:610"'),
    )
    assert codes == ["E-PLAN-COUNT", "E-PLAN-GAP", "E-PLAN-REFERENCE", "E-PLAN-SUM"]


def test_a_doubt_about_spelling_does_not_cover_a_missing_share(tmp_path: Path) -> None:
    assert spoilt(tmp_path, ('districts = ["611", "612"]', 'districts = ["611"]')) == ["E-PLAN-GAP"]


def test_a_total_that_does_not_add_up_is_named(tmp_path: Path) -> None:
    assert spoilt(tmp_path, ("total = 1166023", "total = 1166024")) == ["E-PLAN-SUM"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('kind = "increment"', 'kind = "increase"', "E-TOML-VALUE"),
        ('kind = "increment"', 'kind = "minimum_share"', "E-PLAN-REFERENCE"),
        ('tier = "advanced"', 'tier = "nang_cao"', "E-PLAN-REFERENCE"),
        ("value = 8", "", "E-TOML-REQUIRED"),
        ("value = 8", "value = 0", "E-TOML-TYPE"),
        ("value = 8", "value = true", "E-TOML-TYPE"),
        ("value = 8", "value = 8\nvalu = 8", "E-TOML-KEY"),
        ("value = 8", "value = 8\nbaseline = 40", "E-TOML-REQUIRED"),
        ('value = 4\nunit = "huyện"', 'value = 5\nunit = "huyện"', "E-PLAN-SUM"),
        ('id = "V2"', 'id = "V1"', "E-TOML-DUPLICATE"),
        ('id = "1.01"', 'id = "I.01"', "E-TOML-TYPE"),
        ("share = 0.60", "share = 60", "E-TOML-TYPE"),
        ("stated = 464365", 'stated = "464365"', "E-TOML-TYPE"),
        ('id = "1.01"', 'id = "12.01"', "E-PLAN-REFERENCE"),
        ("criteria = [1]", "criteria = [20]", "E-PLAN-REFERENCE"),
        ('layers = ["road"]', 'layers = ["roads"]', "E-PLAN-REFERENCE"),
        ('about = ["group:3"]', 'about = ["group:33"]', "E-PLAN-REFERENCE"),
        ('SXD = { vi = "Sở Xây dựng"', 'SXD = { vi = "Sở Xây dựng", now = "Sở X"', "E-TOML-REQUIRED"),
        ("date = 2025-01-24", 'date = "24/01/2025"', "E-TOML-TYPE"),
        ("schema = 1", "schema = 2", "E-TOML-TYPE"),
    ],
)
def test_what_the_measures_rely_on_is_checked(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert spoilt(tmp_path, (old, new)) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"[document", "E-PLAN-SYNTAX"), (b"", "E-TOML-REQUIRED"), (b"document = 3", "E-TOML-TYPE"),
     (b"target = [1, 2]", "E-TOML-TYPE"), (b"\xff\xfe", "E-PLAN-SYNTAX"),
     (b"districts = {}\n[[document]]", "E-TOML-TYPE")],
)  # fmt: skip
def test_a_file_that_is_no_plan(tmp_path: Path, text: bytes, code: str) -> None:
    (tmp_path / "p.toml").write_bytes(text)
    with pytest.raises(UsageError, match=code):
        load_plan(tmp_path / "p.toml")


def test_a_missing_plan(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E-FILE-MISSING"):
        load_plan(tmp_path / "p.toml")


def test_bands_cover_every_count_once() -> None:
    assert [band(met) for met in (19, 18, 15, 14, 10, 9, 5, 4, 0)] == [
        (19, 19), (15, 18), (15, 18), (10, 14), (10, 14), (5, 9), (5, 9), (0, 4), (0, 4),
    ]  # fmt: skip
    assert sum(high - low + 1 for low, high in BANDS) == 20


def test_tiers_are_cumulative() -> None:
    reached = {floor: [tier for tier in TIER_STATES if at_least(tier, floor)] for floor in TIERS}
    assert reached["ntm"] == ["model", "advanced", "ntm"]
    assert reached["model"] == ["model"]
    assert reached["not_yet"] == ["model", "advanced", "ntm", "not_yet"]
    assert state("ntm", rural=False) == "not_applicable"
    assert set(TIERS) == set(values("tier"))


def test_the_catalogue_of_tables_is_sound() -> None:
    contents = {one.id for one in load_plan().contents}
    for spec in tables().values():
        names = [field.name for field in spec.fields]
        assert len(names) == len(set(names)), spec.id
        assert set(spec.key) <= set(names), spec.id
        assert set(spec.content) <= contents, spec.id
        assert "source" not in names, "taken by the store"
        for field in spec.fields:
            assert field.example, (spec.id, field.name)
            assert (field.type == "enum") == (field.values is not None), (spec.id, field.name)
            if field.values:
                assert values(field.values)
