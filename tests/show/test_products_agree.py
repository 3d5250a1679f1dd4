"""Page, sheet, workbook and GeoPackage of the whole sample province show the same numbers."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdfium2
import pytest

from ntmgis.build import build
from ntmgis.measure.facts import TIER_STATES
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import number, percent


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    home = tmp_path_factory.mktemp("sample")
    shutil.copytree(repository / "data", home / "data")
    shutil.copy(repository / "ntmgis.toml", home)
    result = build(home)
    assert result.sound, [str(one) for one in result.problems[:5]]
    assert sum(result.tiers.values()) == 102
    return home / "maps"


def page_facts(maps: Path) -> dict[str, Any]:
    text = (maps / "status.html").read_text(encoding="utf-8")
    found = re.search(r'id="ntmgis-facts">(.*?)</script>', text, re.DOTALL)
    assert found
    facts: dict[str, Any] = json.loads(found[1])
    return facts


def sheet_text(maps: Path) -> str:
    document = pypdfium2.PdfDocument(maps / "status_a3.pdf")
    text: str = document[0].get_textpage().get_text_bounded()
    document.close()
    return text


def workbook_table(maps: Path, name: str, key: str) -> pd.DataFrame:
    sheet = openpyxl.load_workbook(maps / "status.xlsx", read_only=True)[name]
    rows = [list(line) for line in sheet.iter_rows(values_only=True)]
    head = next(i for i, row in enumerate(rows) if key in row)
    return pd.DataFrame(rows[head + 1 :], columns=rows[head]).dropna(subset=[key]).set_index(key)


def test_tiers(maps: Path, open_page: Callable[..., Any]) -> None:
    page = page_facts(maps)["tiers"]
    opened = open_page(maps / "status.html").ready()
    shown = {
        button.get_attribute("data-state"): int(button.get_attribute("data-count"))
        for button in opened.page.locator(".tiers button[data-state]").all()
    }
    assert {state: shown.get(state, 0) for state in TIER_STATES} == page
    opened.assert_clean()
    package = gpd.read_file(maps / "ntm.gpkg", layer="xa")
    words = {tier_label(state): count for state, count in page.items() if count}
    assert workbook_table(maps, "Xã", "Mã xã")["Kết quả"].value_counts().to_dict() == words
    column = next(name for name in package if set(package[name]) == set(words) or set(package[name]) <= set(page))
    counts = package[column].value_counts().to_dict()
    assert sorted(counts.values()) == sorted(words.values())
    text = sheet_text(maps)
    for label, count in words.items():
        assert re.search(rf"{re.escape(label)}\s+{count}\b", text), label
    assert page_facts(maps)["page"]["title"]["vi"] in text


def test_measures_of_every_commune(maps: Path) -> None:
    page = page_facts(maps)["communes"]
    book = workbook_table(maps, "Xã", "Mã xã")
    package = gpd.read_file(maps / "ntm.gpkg", layer="xa").set_index("code")
    titles = {
        "road_hardened_share": "Tỷ lệ cứng hóa (%)",
        "near_water_share": "Hộ gần công trình nước (%)",
        "address_coded_share": "Đã gắn mã (%)",
        "road_km": "Đường hiện có (km)",
    }
    for name, title in titles.items():
        frame = pd.DataFrame(
            {
                "page": pd.Series(page[name], index=page["code"], dtype=float),
                "book": pd.to_numeric(book[title]).reindex(page["code"]),
                "package": package[name].reindex(page["code"]),
            }
        )
        assert frame["book"].notna().any(), name
        assert (frame["book"] - frame["package"]).abs().max() < 1e-9, name
        # The page rounds what it carries.
        assert (frame["page"] - frame["package"]).abs().max() < 0.01, name
        assert frame.isna().nunique(axis=1).eq(1).all(), name


def test_roads_on_the_sheet_are_those_of_the_page(maps: Path) -> None:
    roads = page_facts(maps)["roads"]
    classes = [roads["class"]["k"][index] for index in roads["class"]["v"]]
    lengths = pd.Series(roads["km"]).groupby(classes).sum()
    text = sheet_text(maps)
    for name in ("national", "provincial", "district", "commune"):
        assert f"{number(lengths[name])} km" in text, name


def test_the_page_says_the_same_of_a_commune_as_the_workbook(maps: Path, open_page: Callable[..., Any]) -> None:
    row = workbook_table(maps, "Xã", "Mã xã").loc["23521"]
    opened = open_page(maps / "status.html", fragment="#commune=23521").ready()
    text = opened.page.locator("body").inner_text()
    assert "Xã Hà Mòn" in text
    assert row["Kết quả"] in text
    assert percent(row["Tỷ lệ cứng hóa (%)"]) in text
    opened.assert_clean()


def test_sample_data_say_so_on_every_product(maps: Path) -> None:
    said = "DỮ LIỆU MINH HOẠ"
    for name in ("index.html", "status.html", "status_2025-12-31.html"):
        assert said in (maps / name).read_text(encoding="utf-8"), name
    assert said in sheet_text(maps).upper()
    for name in ("status.xlsx", "match.xlsx"):
        book = openpyxl.load_workbook(maps / name, read_only=True)
        for sheet in book:
            cells = " ".join(str(v) for line in sheet.iter_rows(max_row=6, values_only=True) for v in line if v)
            assert said in cells.upper(), (name, sheet.title)
    package = (maps / "ntm.gpkg").read_bytes().decode("utf-8", "ignore").upper()
    assert said in package
