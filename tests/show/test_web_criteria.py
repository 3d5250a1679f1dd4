"""Criteria on the page: at every date, with reported figures, and nothing of what is kept off public maps."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny
import tiny_facts

from ntmgis.show.web import write_status_page
from ntmgis.show.web.criteria import figures

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
DAY = pd.Timestamp(2025, 6, 30)
BEFORE = pd.Timestamp(2024, 12, 31)
HOSTILE = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"


def reported(*rows: tuple[str, int, Any, Any, Any]) -> pd.DataFrame:
    """Figures by code, criterion, value, set and day."""
    frame = pd.DataFrame(rows, columns=["code", "criterion", "value", "criteria_set", "as_of"])
    return frame.assign(evidence=None, source="status")


FIGURES = reported(
    ("10001", 10, "52,3 triệu đồng/người", "2021-2025", DAY),
    ("10001", 19, "bí mật", "2021-2025", DAY),
    ("10002", 10, HOSTILE, None, BEFORE),
    ("10003", 10, "bộ khác", "2016-2020", DAY),
)


def history() -> pd.DataFrame:
    """At the end of 2024 Xã Một met 17 of 19, judged by the set of that time, and Xã Ba 12 of 13 by the older one."""
    states = {f"tc{n}": ["met", "met" if n <= 12 else None] for n in range(1, 20)}
    states["tc2"], states["tc13"] = ["not_met", "met"], ["not_met", "not_met"]
    return pd.DataFrame(
        {
            "as_of": [BEFORE] * 2,
            "code": ["10001", "10003"],
            "criteria_set": ["2021-2025", "2016-2020"],
            "met": [17, 12],
            "judged": [19, 13],
            "not_applicable": [0, 0],
            **states,
        }
    )


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("criteria") / "status.html"
    write_status_page(tiny.snapshot(figures=FIGURES, criteria_history=history()), tiny_facts.facts(), path)
    return path


def told(page: Any, number: int) -> str:
    page.locator(f"[data-key=criterion-{number}]").focus()
    text: str = page.locator(".criterion-name").inner_text()
    return text


def test_figures_stand_for_the_set_that_judges_the_commune_and_never_for_what_is_withheld() -> None:
    made = figures(tiny.snapshot(figures=FIGURES))
    assert made is not None
    assert made[:3] == [
        {"day": "2025-06-30", "of": {"10": "52,3 triệu đồng/người"}},
        {"day": "2024-12-31", "of": {"10": HOSTILE}},
        None,
    ]
    assert figures(tiny.snapshot()) is None


def test_a_cell_tells_what_the_commune_reported(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, fragment="#commune=10001&as-of=2025-06-30").ready()
    assert "Xã báo cáo: 52,3 triệu đồng/người" in told(opened.page, 10)
    assert "Xã báo cáo" not in told(opened.page, 11)
    assert "bí mật" not in page_file.read_text(encoding="utf-8")
    assert opened.messages == []


def test_what_was_reported_is_text_whatever_it_is_and_an_older_report_has_its_date(
    page_file: Path, open_page: Open
) -> None:
    opened = open_page(page_file, fragment="#commune=10002&as-of=2025-06-30&lang=en").ready()
    assert f"As reported: {HOSTILE} (31 December 2024)" in told(opened.page, 10)
    assert opened.page.evaluate("window.ran === undefined")
    assert opened.messages == []


def test_an_earlier_date_has_its_criteria_their_theme_and_their_number(page_file: Path, open_page: Open) -> None:
    opened = open_page(page_file, fragment="#commune=10001&as-of=2024-12-31&theme=criterion.2").ready()
    page = opened.page
    assert "2. Giao thông: Chưa đạt" in told(page, 2)
    assert "17/19" in page.locator(".figures").first.inner_text()
    assert "đến 31/12/2024" in page.title()
    assert page.locator(".theme-value").inner_text().endswith("Chưa đạt")
    page.locator("[data-key=table-toggle]").click()
    cells = page.locator("#table tbody tr", has_text="Xã Một").inner_text()
    assert "17/19" in cells
    assert opened.messages == []


def test_numbers_of_an_older_set_have_no_names_of_the_newer_one(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file, fragment="#commune=10003&as-of=2024-12-31").ready().page
    assert told(page, 2).strip() == "2. Đạt"
    assert "2016-2020" in page.locator("#details").inner_text()
    assert page.locator("[data-key=criterion-19]").get_attribute("class") == "criterion unknown"


def test_the_security_criterion_is_withheld_at_every_date_and_in_every_set(page_file: Path) -> None:
    packed = re.search(r'id="ntmgis-facts">(.*?)</script>', page_file.read_text(encoding="utf-8"))
    assert packed is not None
    words = [word for period in json.loads(packed[1])["history"] for word in period.get("criteria", ()) if word]
    assert len(words) == 2 + len(tiny.TIERS)
    assert {word[18] for word in words} == {"w", "-"}
