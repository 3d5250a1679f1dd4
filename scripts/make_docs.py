"""Write the reference pages that are made from the catalogues: docs/tables.md and docs/errors.md.

Run it after a change of ntmgis/programme/data/*.toml or ntmgis/problems.toml; a test holds the pages to them.
"""

from pathlib import Path

from ntmgis.programme.docs import errors_page, tables_page


def main(docs: Path) -> None:
    """Write both pages into `docs`."""
    for name, text in (("tables.md", tables_page()), ("errors.md", errors_page())):
        (docs / name).write_text(text, encoding="utf-8", newline="\n")
        print(docs / name)


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1] / "docs")
