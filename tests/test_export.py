"""The exported data: the numbers of the other products, a meaning for every column, and no total lost on the way."""

import csv
import json
import math
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import tiny
import tiny_facts

from ntmgis.build import build
from ntmgis.errors import InputError, UsageError
from ntmgis.export import export
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitor import compute_monitoring
from ntmgis.measure.progress import COLUMNS
from ntmgis.programme.plan import load_plan
from ntmgis.show.export.dictionary import dictionary_page, dictionary_rows, export_tables
from ntmgis.show.export.frames import export_frames
from ntmgis.show.export.rebased import old_counts, rebased_frames
from ntmgis.show.export.write import write_export
from ntmgis.show.tables._measures import MEASURES
from ntmgis.store.snapshot import Snapshot
from ntmgis.take_in import open_snapshot
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import crosswalk, reference_units

ABOUT = {"name": "ntmgis-90", "title": "Thử", "sample_note": "DỮ LIỆU MINH HOẠ"}
HOSTILE = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", '"a",b\r\nc', "<script>", "a|b\x00")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The repository's sample, built to XLSX only, and its data beside it."""
    home = tmp_path_factory.mktemp("export") / "w"
    shutil.copytree(repository / "data", home / "data")
    text = (repository / "ntmgis.toml").read_text(encoding="utf-8")
    (home / "ntmgis.toml").write_text(text.replace("[build]\n", '[build]\nproducts = ["xlsx"]\n'), encoding="utf-8")
    assert build(home).sound
    export(home, home / "out", epoch="new")
    return home


@pytest.fixture(scope="module")
def known(sample: Path) -> tuple[Snapshot, Facts]:
    return open_snapshot(sample)


def rows(home: Path, table: str) -> list[dict[str, str]]:
    with (home / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def tiny_measures() -> Facts:
    """The facts of the tiny province, with all columns that the plan's rows may have."""
    made = tiny_facts.facts()
    return replace(made, plan=made.plan.reindex(columns=list(COLUMNS)))


def number(text: str) -> float:
    return float(text) if text else math.nan


def same(one: float, other: float) -> bool:
    """Equal but for the sixteenth digit, which a workbook does not keep; both unknown is equal."""
    return math.isclose(one, other, rel_tol=1e-14) or (math.isnan(one) and math.isnan(other))


def test_the_numbers_are_those_of_the_measures_and_the_workbook(sample: Path, known: tuple[Snapshot, Facts]) -> None:
    _, facts = known
    table = rows(sample, "communes")
    assert [row["code"] for row in table] == list(facts.communes.index)
    sheet = openpyxl.load_workbook(sample / "maps" / "status.xlsx", read_only=True)["Xã"]
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    head = next(line for line in lines if "Mã xã" in line)
    book = {line[0]: dict(zip(head, line, strict=True)) for line in lines[lines.index(head) + 1 :]}
    for row in table:
        told = facts.communes.loc[row["code"]]
        assert row["tier"] == told["tier"]
        for name, column in MEASURES.items():
            assert same(number(row[name]), float(told[name])), (row["code"], name)
            shown = book[row["code"]].get(column.title)
            assert same(number(row[name]), math.nan if shown is None else float(shown)), (row["code"], name)
    counts = {state: sum(row["tier"] == state for row in table) for state in TIER_STATES}
    assert counts == dict(facts.tiers)
    (province,) = rows(sample, "province")
    assert {state: int(province[state]) for state in TIER_STATES} == dict(facts.tiers)


def test_json_and_csv_say_the_same(sample: Path) -> None:
    data = json.loads((sample / "out" / "ntmgis.json").read_text(encoding="utf-8"))
    assert set(data["tables"]) == set(export_tables())
    for name, table in data["tables"].items():
        read = rows(sample, name)
        assert len(read) == len(table["rows"]), name
        kinds = {column.name: column.type for column in export_tables()[name].columns}
        for one, other in zip(table["rows"], read, strict=True):
            assert list(one) == list(other) == list(kinds)
            for column, value in one.items():
                text = other[column]
                if value is None or value == "":
                    assert text == "", (name, column)
                elif kinds[column] in {"number", "share", "integer"}:
                    assert float(text) == value, (name, column)
                elif kinds[column] == "boolean":
                    assert text == ("true" if value else "false"), (name, column)
                elif kinds[column] == "list":
                    assert text == " ".join(map(str, value)), (name, column)
                else:
                    assert text.removeprefix("'") == value.replace("\r\n", "\n"), (name, column)


def test_every_column_has_a_meaning_and_every_value_is_allowed(sample: Path) -> None:
    page = (sample / "out" / "tu_dien.md").read_text(encoding="utf-8")
    told = json.loads((sample / "out" / "tu_dien.json").read_text(encoding="utf-8"))
    with (sample / "out" / "tu_dien.csv").open(encoding="utf-8", newline="") as stream:
        assert [{k: v.removeprefix("'") for k, v in row.items()} for row in csv.DictReader(stream)] == told
    seen = defaultdict(set)
    for entry in told:
        assert entry["meaning_vi"]
        assert entry["meaning_en"]
        assert f"| `{entry['column']}` |" in page
        seen[entry["table"]].add(entry["column"])
    for name, table in export_tables().items():
        read = rows(sample, name)
        assert seen[name] == {column.name for column in table.columns}
        assert f"\n## {name}\n" in page
        if table.key:
            keys = [tuple(row[column] for column in table.key) for row in read]
            assert len(set(keys)) == len(keys), name
        for column in table.columns:
            found = {row[column.name] for row in read} - {""}
            if column.allowed:
                assert found <= set(column.allowed), (name, column.name)
            if column.type == "share" and column.name != "share":  # of a target more than all can be done
                assert all(0 <= float(value) <= 1 for value in found), (name, column.name)
            if column.type == "date":
                assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in found), (name, column.name)


def test_figures_and_evidence_stand_in_a_table_of_their_own(sample: Path, known: tuple[Snapshot, Facts]) -> None:
    snapshot, facts = known
    assert snapshot.figures is not None
    read = rows(sample, "figures")
    assert len(read) == len(snapshot.figures) > 0
    assert {row["criterion"] for row in read} == {"3", "10", "11"}
    assert all(row["value"] and row["title"] and row["public"] == "true" for row in read)
    told = {"code": ["10001"], "criterion": [19], "value": [None], "evidence": ["=1+1"], "source": ["status"]}
    frame = pd.DataFrame({**told, "criteria_set": [None], "as_of": pd.Timestamp(2021, 12, 31)})
    (row,) = export_frames(replace(snapshot, figures=frame), facts)["figures"].to_dict("records")
    assert (row["criteria_set"], row["evidence"], row["public"]) == ("2016-2020", "=1+1", False)
    assert export_frames(replace(snapshot, figures=None), facts)["figures"].empty


def test_no_column_of_the_measures_is_forgotten(known: tuple[Snapshot, Facts]) -> None:
    snapshot, facts = known
    asked = {name: {column.name for column in table.columns} for name, table in export_tables().items()}
    assert set(facts.communes.columns) <= asked["communes"]
    assert set(facts.districts.columns) <= asked["districts"]
    assert set(facts.villages.columns) <= asked["villages"]
    assert set(facts.plan.columns) <= asked["plan_targets"]
    monitoring = compute_monitoring(snapshot, facts, load_plan(None))
    for name in ("standing", "conditions", "changes", "criteria_changes", "candidates", "trend"):
        assert set(getattr(monitoring, name).columns) <= asked[name], name
    assert set(monitoring.targets.columns) - set(facts.plan.columns) <= asked["targets"]
    assert set(asdict(snapshot.sources[0])) <= asked["sources"]


def test_the_package_describes_the_files(sample: Path) -> None:
    package = json.loads((sample / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert "DỮ LIỆU MINH HOẠ" in package["description"]
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    for resource in package["resources"]:
        with (sample / "out" / resource["path"]).open(encoding="utf-8", newline="") as stream:
            head = next(csv.reader(stream))
        assert head == [field["name"] for field in resource["schema"]["fields"]]
        assert set(resource["schema"].get("primaryKey", [])) <= set(head)
    data = json.loads((sample / "out" / "ntmgis.json").read_text(encoding="utf-8"))
    assert data["metadata"]["sample"] is True
    assert data["metadata"]["compared_with"] == "2024-12-31"
    assert "rebased" in data["metadata"]["rebased_note"]


def test_no_personal_data_leave(sample: Path) -> None:
    for path in (sample / "out").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'"(lon|lat|address|geometry)"|\b(lon|lat),', text), path.name


def test_rebasing_keeps_every_total_of_the_sample(sample: Path, known: tuple[Snapshot, Facts]) -> None:
    snapshot, facts = known
    before = old_counts(snapshot, facts)
    after = rows(sample, "rebased_communes")
    assert len(before) == 102
    assert len(after) == 40
    assert {row["rebased"] for row in after} == {"true"}
    for name in before.columns:
        assert before[name].notna().all(), name
        total, moved = before[name].sum(), [number(row[name]) for row in after]
        if pd.api.types.is_integer_dtype(before[name]):
            assert sum(moved) == total, name
        else:
            assert math.isclose(math.fsum(moved), math.fsum(before[name]), rel_tol=1e-12), name
    assert sum(int(row["old_units"]) for row in after) == 102
    # What goes to one new unit is the sum of its old ones, and shares are of the sums.
    new_of = dict(crosswalk()[["old_code", "new_code"]].itertuples(index=False, name=None))
    own = before.groupby(before.index.map(new_of)).sum()
    for row in after:
        assert int(row["households"]) == own.loc[row["code"], "households"]
        assert number(row["address_coded_share"]) == int(row["address_coded"]) / int(row["address_coded_known"])
        assert 0 <= number(row["near_water_share"]) <= 1
    lengths: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows(sample, "rebased_roads"):
        lengths[row["class"], row["surface"]] += float(row["km"])
    expected = facts.roads.groupby(["class", "surface"])["km"].sum()
    assert set(lengths) == set(expected.index)
    assert all(math.isclose(lengths[key], expected[key], rel_tol=1e-12) for key in lengths)


def test_rebased_tiers_are_never_made_up(sample: Path, known: tuple[Snapshot, Facts]) -> None:
    _, facts = known
    counted: dict[str, int] = defaultdict(int)
    words = {"NTM": "ntm", "NTM nâng cao": "advanced", "NTM kiểu mẫu": "model", "chưa đạt": "not_yet"}
    words |= {"chưa có số liệu": "not_reported", "không đánh giá": "not_applicable"}
    for row in rows(sample, "rebased_communes"):
        assert bool(row["tier"]) is (row["old_units"] == "1")
        for part in row["composition"].split(", "):
            count, _, title = part.partition(" ")
            counted[words[title]] += int(count)
    assert {state: counted[state] for state in TIER_STATES} == dict(facts.tiers)


def tiny_changes() -> pd.DataFrame:
    pairs = [(code, "20001" if code < "10004" else "20002") for code in tiny.CELLS]
    return pd.DataFrame(
        {
            "old_code": [old for old, _ in pairs],
            "new_code": [new for _, new in pairs],
            "share_area": 1.0,
            "share_households": 1.0,
        }
    )


def test_rebasing_by_hand_and_with_gaps() -> None:
    units = pd.DataFrame({"code": ["20001", "20002"], "name": ["Xã Mới Một", "Xã Mới Hai"]})
    snapshot, facts = tiny.snapshot(), tiny_measures()
    made = rebased_frames(snapshot, facts, tiny_changes(), units)["rebased_communes"].set_index("code")
    one = made.loc["20001"]
    assert (one["name"], one["old_units"], one["villages"], one["households"]) == ("Xã Mới Một", 3, 3, 30)
    assert (one["road_km"], one["road_hardened_share"]) == (40.0, 0.5)
    assert (one["address_total"], one["address_coded"], one["address_coded_share"]) == (30, 24, 0.8)
    assert one["composition"] == "1 NTM nâng cao, 1 NTM, 1 chưa đạt"
    withheld = facts.communes.copy()
    withheld.loc["10001", ["address_total", "address_coded_share"]] = float("nan")
    made = rebased_frames(snapshot, replace(facts, communes=withheld), tiny_changes(), units)["rebased_communes"]
    gap, whole = made.to_dict("records")
    assert pd.isna(gap["address_total"])
    assert pd.isna(gap["address_coded_share"])
    assert "chưa rõ: 10001" in gap["note"]
    assert whole["address_total"] == 30
    with pytest.raises(InputError, match="E-REBASE-CODE"):
        rebased_frames(snapshot, facts, crosswalk(), reference_units(EPOCHS[1]))


def test_small_counts_stay_withheld(tmp_path: Path) -> None:
    snapshot, facts = tiny.snapshot(), tiny_measures()
    communes = facts.communes.copy()
    communes.loc["10001", ["address_total", "address_coded_share", "near_road_share"]] = float("nan")
    communes.loc["10001", "suppressed"] = True
    write_export(export_frames(snapshot, replace(facts, communes=communes)), tmp_path, about=ABOUT)
    with (tmp_path / "communes.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert (first["address_total"], first["address_coded_share"], first["suppressed"]) == ("", "", "true")
    data = json.loads((tmp_path / "ntmgis.json").read_text(encoding="utf-8"))
    assert data["tables"]["communes"]["rows"][0]["address_total"] is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text_everywhere(tmp_path: Path, text: str) -> None:
    communes = tiny_measures().communes.copy()
    communes.loc["10001", "name"] = text
    frames = export_frames(tiny.snapshot(), replace(tiny_measures(), communes=communes))
    write_export(frames, tmp_path, about=ABOUT)
    with (tmp_path / "communes.csv").open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert len(read) == 6
    assert not read[0]["name"].startswith(("=", "+", "-", "@"))
    data = json.loads((tmp_path / "ntmgis.json").read_text(encoding="utf-8"))
    assert data["tables"]["communes"]["rows"][0]["name"] == text


def test_the_same_bytes_twice_and_a_mark_for_excel_on_request(tmp_path: Path) -> None:
    frames = export_frames(tiny.snapshot(), tiny_measures())
    one = write_export(frames, tmp_path / "1", about=ABOUT)
    two = write_export(frames, tmp_path / "2", about=ABOUT)
    assert [path.name for path in one] == [path.name for path in two]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    excel = write_export(frames, tmp_path / "3", about=ABOUT, bom=True)
    for plain, marked in zip(one, excel, strict=True):
        if plain.suffix == ".csv":
            assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_the_dictionary_names_known_columns_only() -> None:
    tables = export_tables().values()
    entries = dictionary_rows(tables)
    assert len({(one["table"], one["column"]) for one in entries}) == len(entries)
    for block in re.findall(r"(?:^\|.*\n)+", dictionary_page(tables), flags=re.MULTILINE):
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_wrong_days_and_the_command_line(tmp_path: Path) -> None:
    home = tiny.write_workspace(tmp_path / "w", kinds=("xlsx",))
    with pytest.raises(UsageError, match="E-EXPORT-EPOCH"):
        export(home, tmp_path / "out", as_of=date(2025, 12, 31), epoch="new")
    with pytest.raises(UsageError, match="E-MONITOR-SINCE"):
        export(home, tmp_path / "out", since=date(2025, 6, 30))
    assert not (tmp_path / "out").exists()
    command = [sys.executable, "-m", "ntmgis.cli", "export", "--out", str(tmp_path / "out"), "-w", str(home)]

    def run(*words: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *words], capture_output=True, text=True, encoding="utf-8", check=False)

    done = run("--json", "--excel")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows"]["communes"] == 6
    assert all(Path(path).is_file() for path in told["files"])
    assert (tmp_path / "out" / "communes.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert run("--epoch", "newer").returncode == 2
