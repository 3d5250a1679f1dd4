"""Workbooks laid out as offices lay them out: titles, a header of two rows, districts as group rows, totals, notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from ntmgis.units.epochs import epoch_on
from ntmgis.units.reference import reference_units

DAY = date(2025, 6, 30)
EPOCH = epoch_on(DAY)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
TITLES = (
    ("ỦY BAN NHÂN DÂN TỈNH KON TUM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("VĂN PHÒNG ĐIỀU PHỐI NTM", "Độc lập - Tự do - Hạnh phúc"),
    (),
    ("BIỂU TỔNG HỢP KẾT QUẢ THỰC HIỆN BỘ TIÊU CHÍ QUỐC GIA VỀ XÃ NÔNG THÔN MỚI",),
    ("(Số liệu đến ngày 30 tháng 6 năm 2025)",),
    (),
)
NOTES = (
    ("Ghi chú: dấu x: đạt; ô trống: chưa đạt",),
    ("", "", "", "", "Kon Tum, ngày 05 tháng 7 năm 2025"),
    ("", "NGƯỜI LẬP BIỂU", "", "", "KT. CHÁNH VĂN PHÒNG"),
    ("", "(Ký, ghi rõ họ tên)", "", "", "PHÓ CHÁNH VĂN PHÒNG"),
)


def criteria(code: str) -> list[int]:
    """Which of the 19 criteria the commune of this code meets in the tests: at least one, never all."""
    return [n for n in range(1, 20) if (int(code) // 3 + n) % 4 or n == 1][: 5 + int(code) % 13]


def communes() -> list[dict[str, Any]]:
    frame = reference_units(EPOCH)
    return [
        {"code": c, "name": n, "bare": b, "kind": k, "district": d}
        for c, n, b, k, d in zip(
            frame["code"], frame["name"], frame["bare_name"], frame["kind"], frame["district"], strict=True
        )
    ]


def blocks() -> list[tuple[str, list[dict[str, Any]]]]:
    """The districts in the order of their codes, each with its xã."""
    made: dict[str, list[dict[str, Any]]] = {}
    for one in communes():
        if one["kind"] == "xã":
            made.setdefault(one["district"], []).append(one)
    return list(made.items())


@dataclass
class Office:
    """How the sheet is laid out. `rows` gathers what stands on which row of the file."""

    titles: Sequence[Sequence[str]] = TITLES
    notes: Sequence[Sequence[str]] = NOTES
    names: str = "bare"  # "bare": "Hà Mòn", "name": "Xã Hà Mòn"
    group: str = "{roman}"  # what stands in the column of numbers of a group row
    group_name: str = "{district}"
    group_merged: bool = False
    numbered: bool = True  # a row that numbers the columns
    ordinal: bool = True
    totals: bool = True
    first_total: bool = False
    met: str = "x"
    not_met: Any = None
    tiers: bool = True
    communes: dict[int, str] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)

    def build(  # noqa: C901 - one step per part of the sheet
        self, order: Iterable[tuple[str, list[dict[str, Any]]]] | None = None
    ) -> openpyxl.Workbook:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        page.title = "Biểu 01"
        left = 1 if self.ordinal else 0
        width = left + 1 + 19 + 1 + 1
        for title in self.titles:
            page.append(list(title) or [None])
            if len(title) == 1:
                page.merge_cells(start_row=page.max_row, start_column=1, end_row=page.max_row, end_column=width)
        top = len(self.titles) + 1
        head = [*(["STT"] if self.ordinal else []), "Huyện, xã", "Kết quả thực hiện các tiêu chí"]
        page.append([*head, *[None] * 18, "Tổng số tiêu chí đạt", "Kết quả"])
        page.append([*[None] * (left + 1), *range(1, 20)])
        for column in (*range(1, left + 2), width - 1, width):
            page.merge_cells(start_row=top, start_column=column, end_row=top + 1, end_column=column)
        page.merge_cells(start_row=top, start_column=left + 2, end_row=top, end_column=left + 20)
        for cell in page[top]:
            cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
        self.at = top + 2
        self.page, self.left = page, left
        if self.numbered:
            self._row(["A", *(["B"] if self.ordinal else []), *range(1, 20), "20=1+...+19", 21], aside=True)
        everything = list(order if order is not None else blocks())
        if self.first_total:
            self._total("TOÀN TỈNH", [c for _, members in everything for c in members])
        for number, (district, members) in enumerate(everything):
            self._group(ROMAN[number], district, members, width)
            for count, one in enumerate(members, start=1):
                self._commune(count, one)
            if self.totals:
                self._total("Cộng", members)
        if self.totals:
            self._total("TỔNG CỘNG", [c for _, members in everything for c in members])
        for note in self.notes:
            self._row(list(note), aside=True)
        return book

    def _row(self, cells: list[Any], *, aside: bool) -> None:
        for column, cell in enumerate(cells, start=1):
            if cell not in (None, ""):
                self.page.cell(self.at, column, cell)
        if aside and any(cell not in (None, "") for cell in cells):
            self.aside.add(self.at)
        self.at += 1

    def _group(self, roman: str, district: str, members: list[Any], width: int) -> None:
        words = {"roman": roman, "district": district, "count": len(members), "bare": district.split(maxsplit=1)[1]}
        words["bare"] = words["bare"].removeprefix("phố ")
        name = self.group_name.format(**words)
        if self.group_merged:
            self._row([name], aside=True)
            self.page.merge_cells(start_row=self.at - 1, start_column=1, end_row=self.at - 1, end_column=width)
        else:
            self._row([*([self.group.format(**words)] if self.left else []), name], aside=True)
        self.page.cell(self.at - 1, 1).font = Font(bold=True)

    def _commune(self, count: int, one: dict[str, Any]) -> None:
        met = set(criteria(one["code"]))
        marks = [self.met if n in met else self.not_met for n in range(1, 20)]
        self.communes[self.at] = one["code"]
        tier = "Chưa đạt chuẩn" if self.tiers else None
        self._row([*([count] if self.left else []), one[self.names], *marks, len(met), tier], aside=False)

    def _total(self, title: str, members: list[Any]) -> None:
        sums = [sum(n in criteria(one["code"]) for one in members) for n in range(1, 20)]
        self._row([*([None] if self.left else []), title, *sums, sum(sums), None], aside=True)


def save(book: openpyxl.Workbook, folder: Path, name: str = "bieu.xlsx") -> Path:
    book.save(folder / name)
    return folder / name


def walkthrough(folder: Path) -> Path:
    """The file that docs/tep-lon-xon.md walks through: no word on blanks, a misspelt name, an unknown result."""
    sheet = Office(notes=NOTES[1:])
    book = sheet.build()
    at = {code: row for row, code in sheet.communes.items()}
    sheet.page.cell(at["23521"], 2, "Hà Mùn Mới")
    sheet.page.cell(at["23389"], 23, "Đang xét")
    return save(book, folder, "bieu_tong_hop.xlsx")
