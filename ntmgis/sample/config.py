"""The sample's `ntmgis.toml`, written as a person would: in order, with comments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

__all__ = ["Entry", "workspace_toml"]


@dataclass(frozen=True)
class Entry:
    """One `[[source]]`."""

    id: str
    table: str
    path: str
    title: str
    origin: str
    epoch: date | None = None
    as_of: date | None = None


HEAD = """\
# Không gian làm việc mẫu của ntmgis: một tỉnh được dựng từ số liệu đã công bố (danh mục, toạ độ, diện tích, dân số
# 2009, sắp xếp 2025). Ranh giới, đường, thôn, công trình, kết quả từng xã và địa chỉ đều là minh hoạ.
# Tạo lại từng byte: make sample (hoặc: ntmgis sample).

[province]
code = "62"
name = "Tỉnh Kon Tum"
name_after_merger = "Khu vực Kon Tum, tỉnh Quảng Ngãi"

[build]
as_of = 2025-06-30
also = [{also}]
periods = [{periods}]
metric_crs = "EPSG:9216"  # VN-2000 / TM-3 107°30'
sample = true             # mọi sản phẩm ghi "Dữ liệu minh hoạ"
agency = "(đơn vị mẫu)"

[limits]  # mét; do công cụ chọn, không phải quy chuẩn
road = 500
water_supply = 1000
waste_point = 1000
"""


def workspace_toml(entries: Sequence[Entry], *, periods: Iterable[date], also: Iterable[date]) -> str:
    """The text of `ntmgis.toml`."""
    parts = [HEAD.format(also=", ".join(map(str, also)), periods=", ".join(map(str, periods)))]
    for entry in entries:
        lines = ["[[source]]", f'id = "{entry.id}"', f'table = "{entry.table}"', f'path = "{entry.path}"']
        lines += [f"epoch = {entry.epoch}"] if entry.epoch else []
        lines += [f"as_of = {entry.as_of}"] if entry.as_of else []
        lines += [f'title = "{entry.title}"', f'origin = "{entry.origin}"']
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
