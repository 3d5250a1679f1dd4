"""`make_sample`: the whole sample workspace, from the published list of units and a seed."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from ntmgis.sample.addresses import address_rows
from ntmgis.sample.config import Entry, workspace_toml
from ntmgis.sample.files import write_csv, write_geojson, write_parquet, write_raster, write_text, write_xlsx
from ntmgis.sample.grid import Grid, to_degrees
from ntmgis.sample.province import HOUSEHOLDS, LAST_OLD, Progress, Province, make_province, village_kind
from ntmgis.sample.roadbook import road_features
from ntmgis.sample.status import (
    PERIODS,
    commune_status,
    district_status,
    new_commune_status,
    village_status,
    with_figures,
)
from ntmgis.sample.villages import PERSONS
from ntmgis.units.epochs import epoch_on
from ntmgis.units.reference import crosswalk, reference_units

__all__ = ["SEED", "make_sample"]

SEED = 305
STREAMED = 2_000_000  # from here on addresses are written as GeoParquet parts
FIRST_NEW = date(2025, 7, 1)
NEW_STATUS_DAY = date(2025, 12, 31)
LAYER_DAY = date(2025, 6, 1)
ADDRESS_DAY = date(2025, 6, 20)


def make_sample(
    out: Path | str, *, seed: int = SEED, households: int | None = None, progress: Progress | None = None
) -> tuple[Path, ...]:
    """Writes a complete sample workspace into `out` and returns the files, `ntmgis.toml` last.

    The same seed and number of households give the same bytes. `households` scales the number of addresses (default
    140,000); from 2 million on they are streamed to GeoParquet parts in constant memory. `progress` is told each step.
    """
    out = Path(out)
    total = HOUSEHOLDS if households is None else households
    say = progress or (lambda _step: None)
    province = make_province(total, seed=seed, say=say)
    files = _Files(out, seed)
    say("files")
    _write_units(files, province)
    _write_layers(files, province, seed=seed)
    _write_rasters(files, province)
    _write_status(files, province, seed=seed)
    say("addresses")
    _write_addresses(files, province, seed=seed, streamed=total >= STREAMED)
    toml = write_text(out / "ntmgis.toml", workspace_toml(files.entries, periods=PERIODS, also=(NEW_STATUS_DAY,)))
    return (*files.paths, toml)


class _Files:
    """The files written so far and their entries in ntmgis.toml."""

    def __init__(self, out: Path, seed: int) -> None:
        self.out = out
        self.origin = f"số liệu minh hoạ do ntmgis tạo (hạt giống {seed})"
        self.paths: list[Path] = []
        self.entries: list[Entry] = []

    def path(self, name: str) -> Path:
        return self.out / "data" / name

    def add(
        self, path: Path, id_: str, table: str, title: str, *, epoch: date | None = None, as_of: date | None = None
    ) -> None:
        """Notes a written file as a source."""
        self.paths.append(path)
        place = path.relative_to(self.out).as_posix()
        self.entries.append(Entry(id_, table, place, f"{title} (minh hoạ)", self.origin, epoch, as_of))


def _write_units(files: _Files, province: Province) -> None:
    units, shapes = province.units, np.array(province.communes.degrees)
    path = files.path("boundaries/xa_den_2025-06-30.geojson")
    rows = [
        ({"code": code, "name": name, "district_code": district_code, "district": district}, shape)
        for code, name, district_code, district, shape in zip(
            units["code"], units["name"], units["district_code"], units["district"], shapes, strict=True
        )
    ]
    write_geojson(path, "xa_den_2025-06-30", rows)
    files.add(path, "xa_cu", "unit", "Ranh giới cấp xã đến 30/06/2025", epoch=LAST_OLD)
    new = reference_units(epoch_on(FIRST_NEW))
    member = units["successor_code"].to_numpy()
    merged = [shapely.coverage_union_all(shapes[member == code]) for code in new["code"]]
    path = files.path("boundaries/xa_tu_2025-07-01.geojson")
    write_geojson(
        path,
        "xa_tu_2025-07-01",
        [
            ({"code": code, "name": name}, shape)
            for code, name, shape in zip(new["code"], new["name"], merged, strict=True)
        ],
    )
    files.add(path, "xa_moi", "unit", "Ranh giới cấp xã từ 01/07/2025", epoch=FIRST_NEW)
    changes = crosswalk().rename(columns={"source": "basis"})
    changes["date"] = FIRST_NEW
    path = write_csv(files.path("boundaries/sap_xep_2025.csv"), "unit_change", [changes])
    files.paths.append(path)
    files.entries.append(
        Entry(
            "sap_xep", "unit_change", "data/boundaries/sap_xep_2025.csv", "Sắp xếp đơn vị hành chính cấp xã 2025",
            "Nghị quyết 1677/NQ-UBTVQH15", None, FIRST_NEW,
        )
    )  # fmt: skip
    _write_villages(files, province)


def _write_villages(files: _Files, province: Province) -> None:
    units, villages = province.units, province.villages
    places = to_degrees(province.places)
    old = units["code"].tolist()
    successor = units["successor_code"].tolist()
    new_codes: list[str] = []
    used: dict[str, int] = {}
    for village in villages:
        commune = successor[village.commune]
        used[commune] = used.get(commune, 0) + 1
        new_codes.append(f"{commune}-{used[commune]:02d}")
    for stem, id_, codes, commune_of, epoch, title in (
        ("thon_den_2025-06-30", "thon_cu", province.codes, old, LAST_OLD, "Thôn, làng, tổ dân phố đến 30/06/2025"),
        ("thon_tu_2025-07-01", "thon_moi", new_codes, successor, FIRST_NEW, "Thôn, làng, tổ dân phố từ 01/07/2025"),
    ):
        rows = [
            (
                {
                    "code": code,
                    "name": name,
                    "commune_code": commune_of[village.commune],
                    "kind": village_kind(village),
                    "ethnic_minority": village.minority,
                    "households": village.households,
                },
                shapely.Point(place),
            )
            for code, name, village, place in zip(codes, province.names, villages, places, strict=True)
        ]
        path = write_geojson(files.path(f"boundaries/{stem}.geojson"), stem, rows)
        files.add(path, id_, "village", title, epoch=epoch)


LAYERS = {
    "water_supply": ("cap_nuoc", "Công trình cấp nước sinh hoạt"),
    "waste_point": ("chat_thai", "Điểm thu gom, xử lý chất thải"),
    "school": ("truong_hoc", "Trường học"),
    "health_station": ("tram_y_te", "Trạm y tế"),
    "culture_house": ("nha_van_hoa", "Nhà văn hóa"),
    "market": ("cho", "Chợ"),
    "irrigation": ("thuy_loi", "Công trình thủy lợi"),
    "power": ("tram_bien_ap", "Trạm biến áp"),
    "production_zone": ("vung_nguyen_lieu", "Vùng nguyên liệu"),
    "telecom": ("vien_thong", "Trạm viễn thông"),
    "post_point": ("buu_chinh", "Điểm bưu chính"),
    "wastewater": ("nuoc_thai", "Công trình xử lý nước thải"),
    "pollution_site": ("o_nhiem", "Khu vực ô nhiễm"),
    "cemetery": ("nghia_trang", "Nghĩa trang"),
}


def _write_layers(files: _Files, province: Province, *, seed: int) -> None:
    path = files.path("layers/duong.geojson")
    write_geojson(path, "duong", road_features(province.roads, seed=seed))
    files.add(path, "duong", "road", "Đường giao thông", as_of=LAYER_DAY)
    path = files.path("layers/song.geojson")
    rivers = [
        (
            {"id": f"S{n:03d}", "name": river.name or None, "order": river.order},
            shapely.transform(river.line, to_degrees),
        )
        for n, river in enumerate(province.water.rivers, start=1)
    ]
    write_geojson(path, "song", rivers)
    files.add(path, "song", "river", "Sông, suối", as_of=LAYER_DAY)
    path = files.path("layers/ho.geojson")
    lake = shapely.transform(province.water.lake, to_degrees)
    write_geojson(path, "ho", [({"id": "H01", "name": "Hồ Plei Krông"}, lake)])
    files.add(path, "ho", "lake", "Hồ", as_of=LAYER_DAY)
    for table, (stem, title) in LAYERS.items():
        works = province.works[table]
        places = to_degrees(np.array([work.xy for work in works]))
        rows = [({"id": work.id, **work.attributes}, shapely.Point(p)) for work, p in zip(works, places, strict=True)]
        path = write_geojson(files.path(f"layers/{stem}.geojson"), stem, rows)
        files.add(path, stem, table, title, as_of=LAYER_DAY)


def _write_rasters(files: _Files, province: Province) -> None:
    grid, note = province.terrain.grid, f"ntmgis sample: {files.origin}"
    path = files.path("layers/dia_hinh.tif")
    write_raster(path, grid, np.rint(province.terrain.heights), nodata=-32768, note=note)
    files.add(path, "dia_hinh", "terrain", "Mô hình số độ cao", as_of=LAYER_DAY)
    coarse = Grid(grid.west, grid.north, 1000.0, grid.rows // 4 + 1, grid.cols // 4 + 1)
    people = np.zeros(coarse.size)
    for village, place, lines in zip(province.villages, province.places, province.homes, strict=True):
        spots = np.vstack(lines) if lines else place[None]
        np.add.at(people, coarse.flat(spots), village.households * PERSONS / len(spots))
    path = files.path("layers/dan_so.tif")
    write_raster(path, coarse, np.rint(people).clip(0, 32_000).reshape(coarse.shape), nodata=-32768, note=note)
    files.add(path, "dan_so", "population", "Lưới dân số", as_of=LAYER_DAY)


def _write_status(files: _Files, province: Province, *, seed: int) -> None:
    units = province.units
    status = {day: commune_status(units, day, seed=seed) for day in PERIODS}
    status[LAST_OLD] = with_figures(status[LAST_OLD], seed=seed)
    for day, frame in status.items():
        title = f"Kết quả nông thôn mới cấp xã {day:%d/%m/%Y}"
        stem = f"status/ket_qua_xa_{day}"
        if day.year < 2024:
            path = write_csv(files.path(f"{stem}.csv"), "commune_status", [frame])
        else:
            path = write_xlsx(files.path(f"{stem}.xlsx"), "commune_status", frame, sheet="Kết quả")
        files.add(path, f"ket_qua_xa_{day.year}", "commune_status", title, epoch=day, as_of=day)
    day = NEW_STATUS_DAY
    new = new_commune_status(status[LAST_OLD], units, reference_units(epoch_on(FIRST_NEW)), day, seed=seed)
    path = write_xlsx(
        files.path(f"status/ket_qua_xa_{day}.xlsx"),
        "commune_status",
        with_figures(new.drop(columns="district"), seed=seed),
        sheet="Kết quả",
    )
    files.add(
        path,
        "ket_qua_xa_moi_2025",
        "commune_status",
        f"Kết quả nông thôn mới cấp xã {day:%d/%m/%Y}",
        epoch=day,
        as_of=day,
    )
    villages = village_status(province.villages, province.codes, status, units["code"].tolist(), seed=seed)
    path = write_csv(files.path("status/ket_qua_thon.csv"), "village_status", [villages])
    files.add(path, "ket_qua_thon", "village_status", "Kết quả nông thôn mới cấp thôn", epoch=LAST_OLD, as_of=LAST_OLD)
    path = write_csv(files.path(f"status/ket_qua_huyen_{LAST_OLD}.csv"), "district_status", [district_status()])
    files.add(
        path, "ket_qua_huyen", "district_status", "Kết quả nông thôn mới cấp huyện", epoch=LAST_OLD, as_of=LAST_OLD
    )


def _write_addresses(files: _Files, province: Province, *, seed: int, streamed: bool) -> None:
    centres = province.places
    communes = province.units["code"].tolist()
    frames = address_rows(province.villages, province.codes, province.homes, centres, communes, seed=seed)
    if streamed:
        parts = write_parquet(files.path("addresses"), "dia_chi_so", frames, rows_per_part=2_000_000)
        for n, path in enumerate(parts, start=1):
            files.add(
                path, f"dia_chi_so_{n}", "address_point", f"Địa chỉ số, phần {n}", epoch=LAST_OLD, as_of=ADDRESS_DAY
            )
        return
    path = write_csv(files.path("addresses/dia_chi_so.csv.gz"), "address_point", frames)
    files.add(path, "dia_chi_so", "address_point", "Địa chỉ số", epoch=LAST_OLD, as_of=ADDRESS_DAY)
