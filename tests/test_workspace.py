"""ntmgis.toml: what is right is read, what is wrong is named, all at once."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntmgis.errors import UsageError, catalogue, no_file, problem
from ntmgis.workspace import Source, load_workspace, nearest

GOOD = """
[province]
code = "62"
name = "Tỉnh Kon Tum"

[build]
as_of = 2025-06-30
also = [2025-12-31, 2025-06-30]
periods = [2024-12-31, 2023-12-31]

[limits]
road = 300

[[source]]
id = "xa"
table = "unit"
path = "data/xa.gpkg"
epoch = 2025-06-30
fields = { code = "MA_XA" }

[[source]]
id = "ket_qua"
table = "commune_status"
path = "/elsewhere/ket_qua.xlsx"
as_of = 2025-06-30
values = { criteria_set = "2021-2025" }
"""


def write(folder: Path, text: str) -> Path:
    (folder / "ntmgis.toml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, text: str) -> dict[str, str]:
    """Key → code of every fault."""
    with pytest.raises(UsageError) as caught:
        load_workspace(write(folder, text))
    return {one.column or "": one.code for one in caught.value.problems}


def test_a_good_file_is_read(tmp_path: Path) -> None:
    workspace = load_workspace(write(tmp_path, GOOD))
    assert workspace.as_of == date(2025, 6, 30)
    assert workspace.also == (date(2025, 12, 31),)
    assert workspace.periods == (date(2023, 12, 31), date(2024, 12, 31))
    assert (workspace.limits.road, workspace.limits.water_supply) == (300.0, 1000.0)
    assert workspace.sources[0] == Source(
        id="xa", table="unit", path=tmp_path / "data/xa.gpkg", epoch=date(2025, 6, 30), fields={"code": "MA_XA"}
    )
    assert workspace.sources[1].path == Path("/elsewhere/ket_qua.xlsx")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_workspace(write(tmp_path, "\ufeff" + GOOD)).province.name == "Tỉnh Kon Tum"


def test_a_folder_without_the_file_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_workspace(tmp_path)
    assert caught.value.problems[0].code == "E-WORKSPACE-MISSING"


def test_bad_syntax_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2"):
        load_workspace(write(tmp_path, "[build]\nas_of = = 3\n"))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("as_of = 2025-06-30\nalso", 'as_of = "30/6/2025"\nalso')
        .replace('name = "Tỉnh Kon Tum"', "")
        .replace('table = "unit"', 'table = "units"')
        .replace("fields = { code", "fields = { cod")
        .replace("road = 300", "road = -1\nwater = 3")
        .replace('id = "ket_qua"', 'id = "ket_qua"\nsheet = "A"')
    )
    assert faults(tmp_path, text) == {
        "province.name": "E-CONFIG-REQUIRED",
        "build.as_of": "E-CONFIG-TYPE",
        "limits.road": "E-CONFIG-TYPE",
        "limits.water": "E-CONFIG-KEY",
        "source[xa].table": "E-CONFIG-VALUE",
        "source[ket_qua].sheet": "E-CONFIG-KEY",
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ("as_of = 2025-06-30\nalso", "as_of = 2025-06-30T00:00:00\nalso", "build.as_of", "E-CONFIG-TYPE"),
        ("periods = [2024-12-31", "periods = [2024", "build.periods", "E-CONFIG-TYPE"),
        ('id = "ket_qua"', 'id = "xa"', "source[xa].id", "E-CONFIG-DUPLICATE"),
        ("road = 300", "road = true", "limits.road", "E-CONFIG-TYPE"),
        ("fields = { code =", "fields = { ma_xa =", "source[xa].fields.ma_xa", "E-CONFIG-KEY"),
        ("[limits]", 'products = ["pdff"]\n[limits]', "build.products", "E-CONFIG-VALUE"),
        ("[limits]", "[limit]", "limit", "E-CONFIG-KEY"),
    ],
)
def test_one_fault(tmp_path: Path, old: str, new: str, key: str, code: str) -> None:
    assert old in GOOD
    assert faults(tmp_path, GOOD.replace(old, new)) == {key: code}


def test_an_unknown_key_proposes_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="có phải là “encoding”"):
        load_workspace(write(tmp_path, GOOD.replace('path = "data/xa.gpkg"', 'path = "x"\nencodng = "utf-8"')))


@given(st.text(max_size=30))
def test_nearest_never_fails(word: str) -> None:
    assert nearest(word, ["road", "water"]) in {"road", "water", "không có"}


def test_every_problem_of_the_catalogue_is_complete() -> None:
    for code, entry in catalogue().items():
        assert set(entry) - {"action_far"} == {"rule", "action", "en"}, code
        assert all(entry.values()), code


def test_every_problem_named_in_the_code_is_in_the_catalogue(repository: Path) -> None:
    import re

    named = {
        code
        for file in (repository / "ntmgis").rglob("*.py")
        for code in re.findall(r'"(E-[A-Z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert named <= set(catalogue())


def test_a_problem_says_where_what_and_what_to_do() -> None:
    one = problem("E-FILE-MISSING", file="a.xlsx", sheet="Xã", row=7, column="Kết quả", value="??")
    assert str(one).startswith(
        "[E-FILE-MISSING] a.xlsx, trang Xã, dòng 7, cột Kết quả: không tìm thấy tệp (giá trị: '??') →"
    )
    assert "layer" not in one.as_dict()


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ('code = "99"', "province.code", "E-PROVINCE-CODE"),
        ('code = "Kon Tum"', "province.code", "E-PROVINCE-CODE"),
        ('code = ""', "province.code", "E-CONFIG-BLANK"),
        ('name = ""', "province.name", "E-CONFIG-BLANK"),
        ('name = "  "', "province.name", "E-CONFIG-BLANK"),
    ],
)
def test_a_province_that_is_none(tmp_path: Path, line: str, column: str, code: str) -> None:
    key = line.partition(" ")[0]
    text = re.sub(rf'(?m)^{key} = ".*"$', line, GOOD, count=1)
    assert faults(tmp_path, text)[column] == code


@pytest.mark.parametrize("code", ["62", "51"])
def test_the_provinces_whose_units_are_shipped(tmp_path: Path, code: str) -> None:
    assert load_workspace(write(tmp_path, GOOD.replace('"62"', f'"{code}"'))).province.code == code


def test_another_province_brings_its_own_list_of_units(tmp_path: Path) -> None:
    own = GOOD.replace('"62"', '"90"') + '[[source]]\nid = "ds"\ntable = "unit_list"\npath = "ds.csv"\n'
    assert load_workspace(write(tmp_path, own)).province.code == "90"
    assert faults(tmp_path, own.replace('"90"', '"9"')) == {"province.code": "E-PROVINCE-DIGITS"}


def test_a_folder_is_no_source_and_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "data" / "xa.gpkg").mkdir(parents=True)
    (tmp_path / "data" / "xa.gpkg" / "a.geojson").touch()
    with pytest.raises(UsageError) as caught:
        load_workspace(write(tmp_path, GOOD))
    (one,) = caught.value.problems
    assert (one.code, one.column) == ("E-FILE-FOLDER", "source[xa].path")
    assert "a.geojson" in one.action
    assert str(one).startswith("[E-FILE-FOLDER] ntmgis.toml, khoá source[xa].path: đây là một thư mục")
    (tmp_path / "data" / "xa.gpkg" / "a.geojson").unlink()
    (tmp_path / "data" / "xa.gpkg").rmdir()
    for wrong, words in (
        (tmp_path / "ntmgis.toml", "đây là một tệp"),
        (tmp_path / "data", "không có ntmgis.toml"),
        (tmp_path / "none", "không có thư mục này"),
    ):
        with pytest.raises(UsageError, match="E-WORKSPACE-MISSING") as caught:
            load_workspace(wrong)
        assert words in str(caught.value)


def test_where_a_problem_is_in_the_words_of_its_place() -> None:
    assert (
        problem("E-CONFIG-REQUIRED", file="ntmgis.toml", column="build.as_of").place == "ntmgis.toml, khoá build.as_of"
    )
    assert problem("E-FILE-MISSING", column="--out").place == "tuỳ chọn --out"
    assert problem("E-FILE-MISSING", file="a.csv", column="Xã").place == "a.csv, cột Xã"


@given(st.text(max_size=30))
def test_no_file_always_says_something(name: str) -> None:
    assert no_file(f"/none/{name}").code == "E-FILE-MISSING"
