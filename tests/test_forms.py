"""Forms of communes, out and back: nothing is taken over that nobody accepted, and every row is accounted for."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.build import build
from ntmgis.errors import InputError, UsageError
from ntmgis.forms import accept_forms, compare_forms, write_forms
from ntmgis.forms.compared import compare
from ntmgis.intake.form import FilledForm, FormFacts
from ntmgis.take_in import open_snapshot

DAY = date(2025, 6, 30)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny province with its files taken in."""
    home = tiny.write_workspace(tmp_path_factory.mktemp("forms") / "w", kinds=("xlsx",))
    open_snapshot(home)
    return home


@pytest.fixture
def home(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "w"))


def fill(form: Path, out: Path, answers: dict[Any, Any], column: str = "D") -> Path:
    """The form with answers typed by the first cell of their row: a criterion number or a village code."""
    book = openpyxl.load_workbook(form)
    for key, value in answers.items():
        sheet = book["Thôn" if isinstance(key, str) else "Phiếu xã"]
        row = next(line[0].row for line in sheet.iter_rows() if line[0].value == key)
        sheet[f"{'F' if isinstance(key, str) else column}{row}"] = value
    book.save(out)
    return out


def one_form(home: Path, out: Path, unit: str = "10003", day: date | None = None) -> Path:
    (made,) = write_forms(home, out, unit=unit, as_of=day)
    return made


def decide(review: Path, *wanted: str) -> None:
    """“Nhận” on the lines of these criteria or villages."""
    book = openpyxl.load_workbook(review)
    for line in book["Xem xét"].iter_rows(min_row=4):
        if str(line[5].value).split(".")[0].removeprefix("Thôn ") in wanted:
            line[0].value = " nhận"
    book.save(review)


def states(home: Path, code: str = "10003", day: date | None = None) -> dict[int, str]:
    snapshot, _ = open_snapshot(home, day)
    rows = snapshot.criteria[snapshot.criteria["code"] == code]
    return dict(zip(rows["criterion"].astype(int), rows["state"], strict=True))


def test_one_form_for_each_rural_commune(home: Path, tmp_path: Path) -> None:
    made = write_forms(home, tmp_path / "out")
    names = [path.name for path in made]
    assert len(names) == 5  # the township has no criteria
    assert names[0] == "phieu_2025-06-30_10001_mot.xlsx"
    again = write_forms(home, tmp_path / "again")
    assert [path.read_bytes() for path in made] == [path.read_bytes() for path in again]
    for unit in ("10003", "Xã Ba", "ba", " XÃ BA "):
        assert one_form(home, tmp_path / "out", unit).name == "phieu_2025-06-30_10003_ba.xlsx"
    for unit in ("10006", "Xã Chín", ""):
        with pytest.raises(UsageError, match="E-FORM-UNIT"):
            write_forms(home, tmp_path / "out", unit=unit)
    with pytest.raises(UsageError, match="--set"):
        write_forms(home, tmp_path / "out", criteria="2030")


def test_only_accepted_rows_come_into_the_store_with_a_source_and_a_date(home: Path, tmp_path: Path) -> None:
    form = fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {1: "đạt", 2: "Chưa đạt", 3: "x", "10003-01": "có"})
    review = tmp_path / "xem.xlsx"
    found = compare_forms(home, [form], review=review)
    assert found.counts() == {"new": 3, "changed": 0, "conflict": 0, "same": 16, "invalid": 1, "gone": 0}
    assert not found.sound  # a cross needs a person
    assert states(home) == {}
    assert not (home / "data" / "forms").exists()
    decide(review, "1", "10003-01")
    done = accept_forms(home, [form], review=review)
    assert (done.accepted, done.left) == ({"new": 2}, 1)
    assert set(done.imports) == {"phieu_xa_2025-06-30", "phieu_thon_2025-06-30"}
    assert states(home) == {1: "met"}
    snapshot, facts = open_snapshot(home)
    assert facts.communes.loc["10003", "tier"] == "not_yet"  # recognition is no matter of a form
    assert facts.communes.loc["10001", "tier"] == "ntm"
    assert facts.villages.loc["10003-01", "model"] == True  # noqa: E712 - a pandas boolean
    assert {one.id: one.as_of for one in snapshot.sources}["phieu_xa_2025-06-30"] == DAY
    sources = tomllib.loads((home / "ntmgis.toml").read_text(encoding="utf-8"))["source"]
    assert [one["path"] for one in sources[-2:]] == ["data/forms/xa_2025-06-30.xlsx", "data/forms/thon_2025-06-30.xlsx"]
    (received,) = (home / "data" / "forms" / "da_nhan").iterdir()
    assert received.read_bytes() == form.read_bytes()
    result = build(home)  # like any file
    assert result.sound
    assert {row.id: row.accepted for row in result.rows}["phieu_xa_2025-06-30"] == 1


def test_a_second_form_adds_to_the_first_and_the_configuration_once(home: Path, tmp_path: Path) -> None:
    first = fill(one_form(home, tmp_path, "10003"), tmp_path / "a.xlsx", {1: "Đạt"})
    second = fill(one_form(home, tmp_path, "10001"), tmp_path / "b.xlsx", {2: "Đạt"})
    accept_forms(home, [first])
    config = (home / "ntmgis.toml").read_bytes()
    done = accept_forms(home, [second])
    assert done.sound
    assert (home / "ntmgis.toml").read_bytes() == config
    assert (states(home, "10003"), states(home, "10001")) == ({1: "met"}, {2: "met"})
    again = fill(one_form(home, tmp_path, "10003"), tmp_path / "c.xlsx", {1: "Chưa đạt"})
    assert accept_forms(home, [again]).accepted == {"changed": 1}
    assert (states(home, "10003"), states(home, "10001")) == ({1: "not_met"}, {2: "met"})


def test_values_and_evidence_come_back_in_the_next_form(home: Path, tmp_path: Path) -> None:
    form = fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {10: 52.3}, "E")
    form = fill(form, form, {10: "=HYPERLINK(1)"}, "F")
    book = openpyxl.load_workbook(form)
    sheet = book["Phiếu xã"]
    row = next(line[0].row for line in sheet.iter_rows() if line[0].value == 10)
    sheet.cell(row, 6).data_type = "s"  # a text, as the form keeps it
    book.save(form)
    assert accept_forms(home, [form]).accepted == {"new": 1}
    later = one_form(home, tmp_path / "next")
    told = next(line for line in openpyxl.load_workbook(later)["Phiếu xã"].iter_rows() if line[0].value == 10)
    assert [cell.value for cell in told][4:] == ["52,3", "=HYPERLINK(1)"]
    assert told[5].data_type == "s"
    kept = openpyxl.load_workbook(home / "data" / "forms" / "xa_2025-06-30.xlsx")
    assert not any(cell.data_type == "f" for line in kept.active.iter_rows() for cell in line)


def test_a_form_from_before_newer_data_is_a_conflict(home: Path, tmp_path: Path) -> None:
    old = one_form(home, tmp_path / "old")
    newer = fill(old, tmp_path / "newer.xlsx", {1: "Đạt", 2: "Đạt", 3: "Đạt"})
    accept_forms(home, [newer])
    stale = fill(old, tmp_path / "stale.xlsx", {2: "Chưa đạt", 3: "Đạt", 4: "Đạt"})
    review = tmp_path / "xem.xlsx"
    found = compare_forms(home, [stale], review=review)
    # 1: left blank as printed; 2: contradicts; 3: agrees by itself; 4: news
    assert found.counts() == {"new": 1, "changed": 0, "conflict": 2, "same": 17, "invalid": 0, "gone": 0}
    reasons = {one.key[2]: one.reason for one in found.forms[0].changes}
    assert "xã để nguyên số cũ" in reasons["tc1"]
    assert "xã cũng đã sửa" in reasons["tc2"]
    assert accept_forms(home, [stale]).accepted == {"new": 1}  # never a conflict without a person
    assert states(home) == {1: "met", 2: "met", 3: "met", 4: "met"}
    compare_forms(home, [stale], review=review)
    decide(review, "2")
    accept_forms(home, [stale], review=review)
    assert states(home)[2] == "not_met"


def test_blanking_needs_a_person_and_makes_unknown(home: Path, tmp_path: Path) -> None:
    accept_forms(home, [fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {1: "Đạt", 2: "Đạt"})])
    blanked = fill(one_form(home, tmp_path / "2"), tmp_path / "b.xlsx", {1: None})
    assert accept_forms(home, [blanked]).accepted == {}
    assert states(home) == {1: "met", 2: "met"}
    review = tmp_path / "xem.xlsx"
    compare_forms(home, [blanked], review=review)
    decide(review, "1")
    accept_forms(home, [blanked], review=review)
    assert states(home) == {2: "met"}  # no row: unknown, not "not met"


def test_a_form_of_a_later_day_does_not_touch_an_earlier_one_nor_the_tier(home: Path, tmp_path: Path) -> None:
    accept_forms(home, [fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {1: "Đạt"})])
    earlier = date(2025, 3, 31)
    back = fill(one_form(home, tmp_path / "2", day=earlier), tmp_path / "b.xlsx", {1: "Chưa đạt", 2: "Chưa đạt"})
    done = accept_forms(home, [back])
    assert set(done.imports) == {"phieu_xa_2025-03-31"}
    assert states(home, day=earlier) == {1: "not_met", 2: "not_met"}
    assert states(home) == {1: "met"}
    # A decision that comes in late, for a day before the newest form, still counts: a form states no tier.
    status = home / "data" / "ket_qua.csv"
    status.write_text(status.read_text(encoding="utf-8").replace("Chưa đạt", "Đạt chuẩn NTM"), encoding="utf-8")
    later = fill(one_form(home, tmp_path / "3"), tmp_path / "c.xlsx", {3: "Đạt"})
    accept_forms(home, [later])
    assert open_snapshot(home)[1].communes.loc["10003", "tier"] == "ntm"
    assert states(home) == {1: "met", 3: "met"}


def test_a_form_without_changes_confirms_what_is_known(home: Path, tmp_path: Path) -> None:
    earlier = date(2025, 3, 31)
    accept_forms(home, [fill(one_form(home, tmp_path, day=earlier), tmp_path / "a.xlsx", {1: "Đạt"})])
    untouched = one_form(home, tmp_path / "2")
    done = accept_forms(home, [untouched])
    assert (done.forms, done.accepted) == ((untouched.name,), {})
    snapshot, _ = open_snapshot(home)
    (told,) = snapshot.criteria[snapshot.criteria["code"] == "10003"].to_dict("records")
    assert (told["state"], told["as_of"].date()) == ("met", DAY)


def test_two_forms_of_one_commune(home: Path, tmp_path: Path) -> None:
    form = one_form(home, tmp_path)
    one = fill(form, tmp_path / "1.xlsx", {1: "Đạt"})
    same = fill(form, tmp_path / "2.xlsx", {1: "đạt "})
    other = fill(form, tmp_path / "3.xlsx", {1: "Chưa đạt"})
    found = compare_forms(home, [one, same])
    assert [p.code for p in found.problems] == ["W-FORM-COPY"]
    assert len(found.forms) == 1
    found = compare_forms(home, [one, other])
    assert [p.code for p in found.problems] == ["E-FORM-TWICE"]
    assert (found.forms, sorted(found.refused)) == ((), ["1.xlsx", "3.xlsx"])
    assert not accept_forms(home, [one, other]).sound
    assert states(home) == {}


def test_one_bad_form_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    good = fill(one_form(home, tmp_path), tmp_path / "tot.xlsx", {1: "Đạt"})
    bad = tmp_path / "hong.xlsx"
    openpyxl.Workbook().save(bad)
    packed = tmp_path / "tat_ca.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(good, "Xã Ba/phiếu.xlsx")
        archive.write(bad, "khác/phiếu.xlsx")
    review = tmp_path / "xem.xlsx"
    found = compare_forms(home, [packed], review=review)
    assert (len(found.forms), found.refused, [p.code for p in found.problems]) == (1, ("phiếu.xlsx",), ["E-FORM-MARK"])
    book = openpyxl.load_workbook(review)
    assert book.sheetnames == ["Xem xét", "Phiếu", "Không nhận được", "ntmgis"]
    assert "DỮ LIỆU MINH HOẠ" in str(book["Xem xét"]["A2"].value)
    assert book["Không nhận được"]["H4"].value == "E-FORM-MARK"


def test_a_commune_of_another_province_is_refused(home: Path, tmp_path: Path) -> None:
    form = one_form(home, tmp_path)
    listed = home / "data" / "danh_muc.csv"
    listed.write_text(listed.read_text(encoding="utf-8").replace("Xã Ba", "Xã Khác"), encoding="utf-8")
    status = home / "data" / "ket_qua.csv"
    status.write_text(status.read_text(encoding="utf-8").replace("Xã Ba", "Xã Khác"), encoding="utf-8")
    shapes = home / "data" / "xa.geojson"
    shapes.write_text(shapes.read_text(encoding="utf-8").replace("Xã Ba", "Xã Khác"), encoding="utf-8")
    found = compare_forms(home, [form])
    assert [p.code for p in found.problems] == ["E-FORM-FOREIGN"]


def test_a_review_of_another_state_is_stale(home: Path, tmp_path: Path) -> None:
    blank = one_form(home, tmp_path)
    form = fill(blank, tmp_path / "a.xlsx", {1: "Đạt", 2: "Đạt"})
    review = tmp_path / "xem.xlsx"
    compare_forms(home, [form], review=review)
    decide(review, "1")
    with pytest.raises(InputError, match="E-REVIEW-STALE"):
        accept_forms(home, [fill(blank, tmp_path / "b.xlsx", {1: "Đạt"})], review=review)
    accept_forms(home, [form], review=review)
    with pytest.raises(InputError, match="E-REVIEW-STALE"):
        accept_forms(home, [form], review=review)  # what is known has moved on
    with pytest.raises(UsageError, match="E-OUT-INPUT"):
        compare_forms(home, [form], review=form)


def test_nothing_accepted_writes_nothing(home: Path, tmp_path: Path) -> None:
    form = fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {1: "Đạt"})
    review = tmp_path / "xem.xlsx"
    compare_forms(home, [form], review=review)
    config = (home / "ntmgis.toml").read_bytes()
    done = accept_forms(home, [form], review=review)
    assert (done.forms, done.imports, done.left) == ((), {}, 1)
    assert not (home / "data" / "forms").exists()
    assert (home / "ntmgis.toml").read_bytes() == config


def test_a_configuration_that_cannot_take_an_entry_says_what_to_add(home: Path, tmp_path: Path) -> None:
    config = home / "ntmgis.toml"
    raw = tomllib.loads(config.read_text(encoding="utf-8"))

    def inline(entry: dict[str, Any]) -> str:
        return "{ " + ", ".join(f"{k} = {v if isinstance(v, date) else json.dumps(v)}" for k, v in entry.items()) + " }"

    head = config.read_text(encoding="utf-8").split("[[source]]")[0]
    written = "source = [\n" + ",\n".join(inline(one) for one in raw["source"]) + ",\n]\n"
    config.write_text(written + head, encoding="utf-8")
    form = fill(one_form(home, tmp_path), tmp_path / "a.xlsx", {1: "Đạt"})
    with pytest.raises(UsageError, match=r'E-FORM-CONFIG(.|\n)*id = "phieu_xa_2025-06-30"'):
        accept_forms(home, [form])


VALUES = st.sampled_from([None, "met", "not_met"])
CELLS = st.fixed_dictionaries({"state": VALUES, "value": VALUES})
ITEMS = st.sampled_from(["tc1", "tc2", "tc3", "10003-01"])


@given(
    before=st.dictionaries(ITEMS, CELLS, max_size=4),
    typed=st.dictionaries(ITEMS, CELLS, max_size=4),
    now=st.dictionaries(ITEMS, CELLS, max_size=4),
    faulty=st.sets(ITEMS),
)
def test_every_row_is_in_exactly_one_count(
    before: dict[str, Any], typed: dict[str, Any], now: dict[str, Any], faulty: set[str]
) -> None:
    facts = FormFacts("10003", "Xã Ba", "", "until-2025-06-30", "2021-2025", DAY)
    read = {item: cells for item, cells in typed.items() if item in before and item not in faulty}
    form = FilledForm("a.xlsx", "", facts, before, read, frozenset(faulty & set(before)))
    made = compare(form, now)
    assert sum(made.counts().values()) == made.rows == len(before)
    for change in made.changes:
        item = change.key[2]
        known = now.get(item)
        assert read[item] != (known if known is not None else before[item])
        if change.kind != "conflict":  # only what nobody has touched since may be changed without a person
            assert known is not None
            assert all(before[item][name] == known[name] for name, *_ in change.fields)
        if change.kind == "new":
            assert known is not None
            assert not any(known.values())


def test_the_command_line(home: Path, tmp_path: Path) -> None:
    def run(*words: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ntmgis.cli", *map(str, words), "-w", str(home)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    assert run("form", "--out", tmp_path / "out").returncode == 2
    assert run("form", "10003", "--all", "--out", tmp_path / "out").returncode == 2
    done = run("form", "10003", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    (path,) = (one["path"] for one in json.loads(done.stdout)["files"])
    form = fill(Path(path), tmp_path / "a.xlsx", {1: "đạt", 2: "x"})
    done = run("form-back", form, "--review", tmp_path / "xem.xlsx", "--json")
    assert done.returncode == 0 if json.loads(done.stdout)["counts"]["invalid"] == 0 else 1
    told = json.loads(done.stdout)
    assert told["forms"][0]["rows"] == 20
    assert [one["code"] for one in told["problems"]] == ["E-FORM-CROSS"]
    assert run("form-back", form, "--accept", "--apply", "x").returncode == 2
    done = run("form-back", form, "--accept")
    assert "1 phiếu, 1 thay đổi" in done.stdout
    assert states(home) == {1: "met"}
