"""The reference pages that are made from the catalogues: the tables of the data contract and the problem codes."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from ntmgis.errors import catalogue
from ntmgis.programme.tables import Field, TableSpec, tables, values

__all__ = ["FIELD_TYPES", "GEOMETRIES", "errors_page", "tables_page"]

FIELD_TYPES = {
    "text": "chữ",
    "code": "mã (chữ số, lưu dạng chữ)",
    "integer": "số nguyên",
    "number": "số",
    "date": "ngày",
    "year": "năm",
    "bool": "có / không",
    "enum": "danh mục",
}
GEOMETRIES = {
    "none": "không có hình học (bảng)",
    "polygon": "vùng",
    "line": "đường",
    "point": "điểm",
    "polygon_or_point": "vùng hoặc điểm",
    "raster": "ảnh (GeoTIFF)",
}
_HISTORY = {
    "values": "mỗi dòng là một lần ghi nhận; với mỗi khoá, dòng mới nhất tính đến ngày xem có hiệu lực",
    "inventory": "mỗi lần nhập là một danh sách đầy đủ; danh sách mới nhất của nguồn tính đến ngày xem có hiệu lực",
}
_ABOUT_TABLES = (
    'Mỗi nguồn trong `ntmgis.toml` khai `table = "..."` bằng một tên dưới đây. Cột được nhận theo tên trường, theo',
    "tiêu đề tiếng Việt hoặc theo một tiêu đề khác được nhận; không phân biệt chữ hoa, dấu và khoảng trắng.",
    "Tên khác nữa thì khai trong khoá `fields` của nguồn. Ô trống nghĩa là *chưa biết*: không bao giờ là 0,",
    "không bao giờ là “chưa đạt”. Mã là chữ (giữ số 0 ở đầu); ngày viết 2025-06-30 hoặc 30/06/2025.",
    "",
    "Trường “để tìm xã”: dòng được gắn với xã theo mã; không có mã thì theo tên trong huyện. Cần mã hoặc tên.",
    "",
    "Bảng “điểm” hay “vùng hoặc điểm” trong tệp Excel, CSV có thêm hai cột `lon` (kinh độ) và `lat` (vĩ độ).",
    "",
    "*Every source names one of these tables. A column is recognised by field name, Vietnamese title or alias; blank*",
    "*means unknown, never 0 and never “not met”. `ntmgis init` writes an Excel form for each table one can type.*",
)
_ABOUT_ERRORS = (
    "Mỗi thông báo của ntmgis có một mã, nơi xảy ra (tệp, lớp hay trang, dòng, cột), giá trị sai, quy tắc và việc",
    "cần làm. Phần trong ngoặc nhọn {} được điền khi xảy ra. E: lỗi; W: lưu ý, dòng vẫn được nhận.",
    "",
    "*Codes never change their meaning.*",
)
_MADE = "<!-- Made by scripts/make_docs.py from {}; do not edit by hand. -->"


def _cell(text: object) -> str:
    """`text` inside a Markdown table cell."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") or " "


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(map(_cell, row)) + " |" for row in rows),
    ]


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _allowed(field: Field) -> str:
    if field.values:
        return f"[{field.values}](#{field.values})"
    if field.type == "bool":
        return "có, không"
    if field.digits:
        return f"đúng {field.digits} chữ số"
    if field.min is not None and field.max is not None:
        return f"từ {_number(field.min)} đến {_number(field.max)}"
    if field.min is not None:
        return f"từ {_number(field.min)}"
    return ""


def _need(field: Field) -> str:
    if field.required:
        return "có"
    return "để tìm xã" if field.of == "commune" else ""


def _fields(spec: TableSpec) -> list[str]:
    return _table(
        (
            "trường (field)",
            "tiêu đề (title)",
            "kiểu (type)",
            "đơn vị (unit)",
            "bắt buộc (required)",
            "giá trị cho phép (allowed)",
            "ví dụ (example)",
            "tiêu đề khác được nhận (aliases)",
        ),
        (
            (
                _code(field.name),
                field.title_vi,
                FIELD_TYPES[field.type],
                field.unit or "",
                _need(field),
                _allowed(field),
                field.example,
                ", ".join(map(_code, field.aliases)),
            )
            for field in spec.fields
        ),
    )


def _section(spec: TableSpec) -> list[str]:
    facts = [f"Hình học: {GEOMETRIES[spec.geometry]}."]
    if spec.key:
        facts.append(f"Khoá: {', '.join(map(_code, spec.key))}.")
    if spec.content:
        facts.append(f"Nội dung của Kế hoạch 305: {', '.join(spec.content)}.")
    if spec.criterion:
        facts.append(f"Tiêu chí xã 2021-2025: số {spec.criterion}.")
    if spec.base:
        facts.append("Lớp nền.")
    if spec.personal:
        facts.append("Dữ liệu cá nhân: không đưa điểm lẻ vào sản phẩm.")
    if spec.unit:
        facts.append(f"Đơn vị: {spec.unit}.")
    lines = [f"## {spec.title_vi} ({spec.title_en})", "", f"Bảng {_code(spec.id)}. {' '.join(facts)}", ""]
    if spec.geometry != "raster":
        lines += [f"Lịch sử ({_code(spec.history)}): {_HISTORY[spec.history]}.", "", *_fields(spec), ""]
    return lines


def _enums() -> list[str]:
    """Ids of the value lists, in the order in which fields name them."""
    return list(dict.fromkeys(f.values for spec in tables().values() for f in spec.fields if f.values))


def tables_page() -> str:
    """docs/tables.md: one section per table with one row per field, then the allowed values."""
    lines = [
        _MADE.format("ntmgis/programme/data/tables.toml and values.toml"),
        "# Các bảng dữ liệu (data contract)",
        "",
        *_ABOUT_TABLES,
        "",
        *_table(
            ("bảng", "nội dung", "table", "hình học"),
            ((_code(s.id), s.title_vi, s.title_en, GEOMETRIES[s.geometry]) for s in tables().values()),
        ),
        "",
    ]
    for spec in tables().values():
        lines += _section(spec)
    lines += [
        "# Giá trị cho phép (allowed values)",
        "",
        "Mã, hai tiêu đề và các cách viết khác đều được nhận; không phân biệt chữ hoa, dấu và khoảng trắng.",
        "",
    ]
    for id_ in _enums():
        rows = ((_code(v.code), v.vi, v.en, ", ".join(map(_code, v.aliases))) for v in values(id_).values())
        head = ("mã (code)", "tiếng Việt", "English", "cách viết khác được nhận (aliases)")
        lines += [f"## {id_}", "", *_table(head, rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def errors_page() -> str:
    """docs/errors.md: every problem code with its rule, what to do, and what it means, by family and then by code."""
    lines = [
        _MADE.format("ntmgis/problems.toml"),
        "# Mã lỗi và cảnh báo (problem codes)",
        "",
        *_ABOUT_ERRORS,
        "",
    ]
    codes = sorted(catalogue(), key=lambda code: (_family(code), code))
    for family, members in groupby(codes, key=_family):
        rows = ((_code(c), catalogue()[c]["rule"], catalogue()[c]["action"], catalogue()[c]["en"]) for c in members)
        head = ("mã (code)", "quy tắc", "việc cần làm", "meaning")
        lines += [f"## {family}", "", *_table(head, rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _family(code: str) -> str:
    """What a code is about: E-FILE-EMPTY → FILE."""
    return code.split("-")[1]
