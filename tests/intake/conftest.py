"""What the tests of the intake share: the tiny province as reference list, and short ways to write and take a file."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import tiny

from ntmgis.errors import InputError
from ntmgis.intake.accept import Intake, read_source
from ntmgis.units.epochs import epoch_on
from ntmgis.workspace import Source

Rows = Sequence[Sequence[Any]]


class Case:
    """Files written to one folder and taken in as a source of the tiny province."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.epoch = epoch_on(tiny.AS_OF)
        self.units = pd.DataFrame(tiny.communes().drop(columns="geometry"))
        self.province = tiny.communes().union_all()

    def csv(self, rows: Rows, name: str = "bang.csv", *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
        path = self.folder / name
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows(rows)
        return path

    def xlsx(self, sheets: dict[str, Rows], name: str = "bang.xlsx", *, merge: str = "", hidden: str = "") -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(list(row))
            if merge:
                page.merge_cells(merge)
            if title == hidden:
                page.sheet_state = "hidden"
        book.save(self.folder / name)
        return self.folder / name

    def layer(self, rows: dict[str, list[Any]], shapes: list[Any], name: str, *, crs: Any = 4326, **more: Any) -> Path:
        gpd.GeoDataFrame(rows, geometry=shapes, crs=crs).to_file(self.folder / name, **more)
        return self.folder / name

    def take(self, path: Path, table: str, *, inside: bool = False, **source: Any) -> Intake:
        """Take the file in; law 1 is checked on the way, in every test."""
        made = read_source(
            Source(id="s", table=table, path=path, **source),
            units=self.units,
            epoch=self.epoch,
            province=self.province if inside else None,
        )
        assert made.rows_in == len(made.frame) + made.quarantined
        assert set(made.frame["row"]).isdisjoint(made.quarantine["row"])
        return made

    def refused(self, path: Path, table: str, **source: Any) -> list[str]:
        """The codes of all problems of a file that cannot be used."""
        with pytest.raises(InputError) as caught:
            self.take(path, table, **source)
        assert all(one.file == path.name for one in caught.value.problems)
        assert str(self.folder) not in str(caught.value)
        return [one.code for one in caught.value.problems]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def faults(made: Intake) -> list[tuple[int, str]]:
    return list(zip(made.quarantine["row"], made.quarantine["code"], strict=True))


@pytest.fixture(name="faults")
def faults_fixture() -> Any:
    return faults
