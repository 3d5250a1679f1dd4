"""The reference pages are those the catalogues give; run scripts/make_docs.py after changing a catalogue."""

import re
from pathlib import Path

import pytest

from ntmgis.errors import catalogue
from ntmgis.programme.docs import errors_page, tables_page
from ntmgis.programme.tables import tables, values

PAGES = {"tables.md": tables_page, "errors.md": errors_page}


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_generated_one(repository: Path, name: str) -> None:
    assert (repository / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "run scripts/make_docs.py"


def test_every_field_alias_and_value_is_on_the_page() -> None:
    page = tables_page()
    for spec in tables().values():
        section = page.split(f"\nBảng `{spec.id}`.")[1].split("\n## ")[0]
        for field in spec.fields:
            (row,) = [line for line in section.splitlines() if line.startswith(f"| `{field.name}` |")]
            assert field.title_vi in row
            assert all(f"`{alias}`" in row for alias in field.aliases)
            if field.values:
                assert f"\n## {field.values}\n" in page
                assert all(f"| `{code}` |" in page for code in values(field.values))


def test_every_problem_code_is_on_the_page_once() -> None:
    found = re.findall(r"^\| `([EW]-[A-Z0-9-]+)` \|", errors_page(), flags=re.MULTILINE)
    assert sorted(found) == sorted(catalogue())


def test_table_rows_have_as_many_cells_as_their_header() -> None:
    for page in (tables_page(), errors_page()):
        for block in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
            widths = {len(re.split(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block[:200]


def test_links_between_pages_lead_somewhere(repository: Path) -> None:
    for page in (repository / "docs").rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
