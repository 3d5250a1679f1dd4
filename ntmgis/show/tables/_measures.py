"""The measure columns as the tables show them: title with unit, width, number form, and what the number is."""

from collections.abc import Mapping

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.show.tables._sheet import Column

__all__ = ["MEASURES", "POPULATION", "measure_columns"]

_SMALL = f"trống khi có dưới {SUPPRESS_UNDER} đối tượng (không nêu số nhỏ)"

POPULATION = Column(
    "Dân số ước tính (người)", 10, "whole", "tính từ lưới dân số theo diện tích đơn vị, không phải số thống kê"
)

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
