"""The measure columns as the tables show them: title with unit, width, number form, and what the number is."""

from collections.abc import Mapping
from typing import Any

from ntmgis.show.tables._sheet import Column, missing

__all__ = ["MEASURES", "SMALL", "measure_columns", "shown_measures"]

# Counts of people's objects under this are not shown, nor shares of so few.
SMALL = 5

_SMALL = "trống khi có dưới 5 đối tượng (không nêu số nhỏ)"

MEASURES: Mapping[str, Column] = {
    "road_km": Column("Đường hiện có (km)", 11, "tenth", "chiều dài các tuyến hiện có, đo trên bản đồ"),
    "road_km_surface_known": Column("Trong đó rõ mặt đường (km)", 12, "tenth", "phần chiều dài có ghi loại mặt đường"),
    "road_km_hardened": Column("Đã cứng hóa (km)", 10, "tenth", "mặt nhựa, bê tông xi măng, đá dăm hoặc lát gạch"),
    "road_hardened_share": Column(
        "Tỷ lệ cứng hóa (%)", 9, "share", "đã cứng hóa trên phần chiều dài rõ mặt đường, không phải trên toàn bộ"
    ),
    "households_located": Column(
        "Hộ có vị trí (hộ)", 10, "whole", f"số hộ có toạ độ, là mẫu số của ba tỷ lệ tiếp cận; {_SMALL}"
    ),
    "near_road_share": Column(
        "Hộ gần đường (%)", 9, "share", "hộ có vị trí nằm trong khoảng cách đã nêu tới một con đường"
    ),
    "near_water_share": Column("Hộ gần công trình nước (%)", 10, "share", "như trên, tới một công trình cấp nước"),
    "near_waste_share": Column("Hộ gần điểm rác (%)", 9, "share", "như trên, tới một điểm thu gom, xử lý chất thải"),
    "address_total": Column("Đối tượng địa chỉ số", 10, "whole", f"số đối tượng trong danh sách địa chỉ số; {_SMALL}"),
    "address_coded_share": Column("Đã gắn mã (%)", 8, "share", "trên tổng số đối tượng địa chỉ số"),
    "address_notified_share": Column("Đã thông báo (%)", 8, "share", "trên tổng số đối tượng địa chỉ số"),
    "address_plated_share": Column("Đã gắn biển (%)", 8, "share", "trên tổng số đối tượng địa chỉ số"),
    "address_located_share": Column("Có toạ độ (%)", 8, "share", "trên tổng số đối tượng địa chỉ số"),
}


def measure_columns() -> tuple[Column, ...]:
    """The columns of `MEASURES`, in order."""
    return tuple(MEASURES.values())


def shown_measures(unit: Mapping[str, Any]) -> dict[str, Any]:
    """`unit` (column → value) with counts under SMALL, and the shares that rest on them, left out (None).

    >>> shown_measures({"name": "Thôn 1", "address_total": 3, "address_coded_share": 1.0})
    {'name': 'Thôn 1', 'address_total': None, 'address_coded_share': None}
    """
    hidden: set[str] = set()
    if _small(unit.get("households_located")):
        hidden |= {"households_located", "near_road_share", "near_water_share", "near_waste_share"}
    if _small(unit.get("address_total")):
        hidden |= {name for name in MEASURES if name.startswith("address_")}
    return {name: None if name in hidden else value for name, value in unit.items()}


def _small(count: Any) -> bool:
    return not missing(count) and 0 < count < SMALL
