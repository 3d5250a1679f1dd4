"""The data sheets of the status workbook: what each row and column holds."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ntmgis.errors import UsageError
from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.programme.criteria import criteria_set
from ntmgis.programme.tables import values
from ntmgis.show import words
from ntmgis.show.symbols import symbols, tier_fill, tier_label
from ntmgis.show.tables._measures import MEASURES, POPULATION, measure_columns
from ntmgis.show.tables._sheet import Column, Painted, Sheet, missing, tier_paint
from ntmgis.store.snapshot import Snapshot

__all__ = [
    "communes_sheet",
    "criteria_sheet",
    "districts_sheet",
    "history_sheet",
    "roads_sheet",
    "villages_sheet",
]


def _measures(unit: Mapping[str, Any]) -> list[object]:
    """The measures of one unit in the order of their columns."""
    return [unit.get(name) for name in MEASURES]


def _row(series: pd.Series) -> dict[str, Any]:
    return {str(name): value for name, value in series.items()}


def _records(frame: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Unit code and its row as a plain dict."""
    for code, row in zip(frame.index, frame.to_dict("records"), strict=True):
        yield str(code), {str(name): value for name, value in row.items()}


def _word(enum: str, code: object) -> object:
    """The Vietnamese title of an enum value; a value that is not in the list as it is."""
    if missing(code):
        return None
    known = values(enum)
    return known[str(code)].vi if str(code) in known else code


_MERGED = "Kết quả các xã cũ hợp thành"


def communes_sheet(snapshot: Snapshot, facts: Facts, title: str) -> Sheet:
    """One row per commune unit, in code order, and the province."""
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Tên", 21),
        Column("Loại", 9),
        Column("Huyện", 19),
        Column("Kết quả", 26),
        Column("Năm đạt chuẩn", 8, "year"),
        Column("Quyết định số", 15),
        Column("Ngày quyết định", 11, "date"),
        Column("Thời điểm số liệu", 11, "date"),
        Column("Tiêu chí đạt", 8, "whole"),
        Column("Tiêu chí có số liệu", 8, "whole"),
        Column(_MERGED, 24, wrap=True),
        Column("Diện tích (km²)", 10, "tenth", "đo trên ranh giới, không phải số công bố"),
        POPULATION,
        *measure_columns(),
    )
    rows = [
        (
            code,
            unit["name"],
            unit["kind"],
            unit["district"],
            tier_paint(unit["tier"], tier_label(unit["tier"])),
            unit["standard_year"],
            unit["decision"],
            unit["decision_date"],
            unit["status_as_of"],
            unit["criteria_met"],
            None if missing(unit["criteria_met"]) else unit["criteria_known"],
            _composition(unit["composition"]),
            unit["area_km2"],
            unit["population"],
            *_measures(unit),
        )
        for code, unit in _records(facts.communes)
    ]
    area = facts.communes["area_km2"].sum(min_count=1)
    total = (
        snapshot.province_code,
        "Toàn tỉnh",
        *(None,) * 10,
        area,
        facts.province["population"],
        *_measures(_row(facts.province)),
    )
    note = "Ô trống: chưa biết, không phải 0. Tỷ lệ và khoảng cách: xem “Cách đọc” ở trang Tóm tắt."
    sheet = Sheet("Xã", title, note, columns, rows, (total,))
    return sheet.without_blank("Huyện", _MERGED, POPULATION.title)


def _composition(tiers: object) -> str | None:
    if not isinstance(tiers, Mapping):
        return None
    return ", ".join(f"{tiers[state]} {tier_label(state)}" for state in TIER_STATES if tiers.get(state)) or None


def districts_sheet(snapshot: Snapshot, facts: Facts) -> Sheet:
    """One row per district: communes by tier, its own tier, measures; and the province."""
    columns = (
        Column("Mã huyện", 8, "code"),
        Column("Tên", 21),
        Column("Đơn vị cấp xã", 8, "whole"),
        Column("Trong đó xã", 8, "whole"),
        *(Column(tier_label(state), 10, "whole") for state in TIER_STATES),
        Column("Đạt chuẩn trở lên", 9, "whole"),
        Column("Tỷ lệ xã đạt chuẩn trở lên (%)", 10, "share"),
        Column("Kết quả của huyện", 24),
        POPULATION,
        *measure_columns(),
    )

    def row(code: str, unit: Mapping[str, Any]) -> tuple[object, ...]:
        met, rural = unit["ntm_or_higher"], unit["rural"]
        own = unit["tier"]
        return (
            code,
            unit["name"],
            unit["units"],
            rural,
            *(unit[state] for state in TIER_STATES),
            met,
            met / rural if rural else None,
            tier_label("not_reported") if own == "not_reported" else _word("district_tier", own),
            unit["population"],
            *_measures(unit),
        )

    rows = [row(code, unit) for code, unit in _records(facts.districts)]
    total = row(snapshot.province_code, {**_row(facts.province), "name": "Toàn tỉnh", "tier": None})
    count = len(rows)
    title = f"{count} huyện, thành phố: số xã theo kết quả" if count else "Thời kỳ này không có cấp huyện"
    note = (
        "Mỗi xã đếm một lần, ở mức cao nhất; “đạt chuẩn trở lên” cộng cả nâng cao và kiểu mẫu. Tỷ lệ trên tổng số xã."
    )
    return Sheet("Huyện", title, note, columns, rows, (total,)).without_blank(POPULATION.title)


def villages_sheet(snapshot: Snapshot, facts: Facts) -> Sheet:
    """One row per village, in code order."""
    communes = facts.communes[["name", "district"]]
    minority = snapshot.villages.set_index("code")["ethnic_minority"]
    columns = (
        Column("Mã thôn", 10, "code"),
        Column("Thôn", 20),
        Column("Loại", 11),
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Huyện", 19),
        Column("Số hộ", 8, "whole", "theo danh sách thôn"),
        Column("Vùng đồng bào DTTS", 9, centre=True),
        Column("Thôn NTM kiểu mẫu", 9, centre=True),
        Column("Thôn NTM vùng DTTS", 9, centre=True),
        Column("Thôn thông minh", 9, centre=True),
        *measure_columns(),
    )
    rows = [
        (
            code,
            unit["name"],
            unit["kind"],
            unit["commune_code"],
            communes["name"].get(unit["commune_code"]),
            communes["district"].get(unit["commune_code"]),
            unit["households"],
            minority.get(code),
            unit["model"],
            unit["minority_ntm"],
            unit["smart"],
            *_measures(unit),
        )
        for code, unit in _records(facts.villages)
    ]
    note = f"Ô trống: chưa biết; hoặc dưới {SUPPRESS_UNDER} đối tượng nên không nêu. DTTS: dân tộc thiểu số."
    sheet = Sheet("Thôn", f"{words.number(len(rows))} thôn, làng, tổ dân phố", note, columns, rows)
    roads = (column.title for name, column in MEASURES.items() if name.startswith("road_"))
    return sheet.without_blank("Huyện", *roads)  # roads are measured where a village has an area


def _criteria_names(snapshot: Snapshot) -> tuple[Mapping[int, str], str]:
    """Titles of the criteria, and words on their set; no titles when the data are of several sets."""
    sets = sorted(set(snapshot.commune_status["criteria_set"].dropna())) or ["2021-2025"]
    told = f"Bộ tiêu chí {', '.join(sets)}."
    if len(sets) > 1:
        return {}, told
    try:
        return {one.no: one.vi for one in criteria_set(sets[0]).criteria}, told
    except (KeyError, UsageError):  # a set whose names are not shipped
        return {}, told


def criteria_sheet(snapshot: Snapshot, facts: Facts) -> Sheet:
    """Rural communes by the 19 criteria, with how many meet each."""
    names, told = _criteria_names(snapshot)
    states = {(row["code"], int(row["criterion"])): row["state"] for row in snapshot.criteria.to_dict("records")}
    looks: dict[str, dict[str, Any]] = {
        "met": {"bg_color": tier_fill("ntm")},
        "not_met": {"bg_color": tier_fill("not_yet")},
        "not_assessed": {"font_color": "#52606d", "italic": True},
        "not_applicable": {"bg_color": tier_fill("not_applicable"), "font_color": "#52606d"},
    }
    numbers = range(1, 20)
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Xã", 20),
        Column("Huyện", 19),
        Column("Kết quả", 22),
        Column("Tiêu chí đạt", 6, "whole"),
        *(Column(f"{n}. {names[n]}" if n in names else f"Tiêu chí {n}", 8, centre=True) for n in numbers),
    )
    rural = snapshot.communes.loc[snapshot.communes["rural"], "code"]
    rows = []
    for code, unit in _records(facts.communes.loc[facts.communes.index.isin(rural)]):
        cells = [
            Painted(_word("criterion_state", state), {"font_size": 8, "shrink": True, **looks.get(str(state), {})})
            for state in (states.get((code, n)) for n in numbers)
        ]
        tier = tier_paint(unit["tier"], tier_label(unit["tier"]))
        rows.append((code, unit["name"], unit["district"], tier, unit["criteria_met"], *cells))
    kept = set(rural)

    def tally(label: str, wanted: frozenset[str]) -> tuple[object, ...]:
        by = [sum((code, n) in states and states[code, n] in wanted for code in kept) for n in numbers]
        return (None, label, None, None, None, *by)

    totals = (tally("Số xã đạt", frozenset({"met"})), tally("Số xã chưa đạt", frozenset({"not_met"})))
    full = sum(int(row[4]) == len(numbers) for row in rows if not missing(row[4]))
    known = sum(not missing(row[4]) for row in rows)
    title = (
        f"{full}/{len(rows)} xã đạt đủ 19 tiêu chí, theo số liệu tiêu chí của {known} xã"
        if known
        else "Chưa có số liệu từng tiêu chí"
    )
    note = f"{told} Ô trống: chưa có số liệu, không phải chưa đạt. Đạt đủ tiêu chí và được công nhận là hai việc."
    turned = frozenset(range(5, 24))
    sheet = Sheet("Tiêu chí", title, note, columns, rows, totals, upright=turned, head_height=150)
    return sheet.without_blank("Huyện")


def roads_sheet(facts: Facts) -> Sheet:
    """Existing roads: km per commune and class, by surface."""
    surfaces = (*values("surface"), "unknown")
    columns = (
        Column("Mã xã", 8, "code"),
        Column("Tên", 21),
        Column("Huyện", 19),
        Column("Cấp đường", 24),
        *(
            Column(f"{'chưa rõ mặt đường' if s == 'unknown' else values('surface')[s].vi} (km)", 11, "hundredth")
            for s in surfaces
        ),
        Column("Cộng (km)", 11, "hundredth"),
    )
    classes = {code: place for place, code in enumerate(values("road_class"))}
    wide = facts.roads.pivot_table(index=["code", "class"], columns="surface", values="km", aggfunc="sum")
    order = sorted(wide.index, key=lambda key: (key[0], classes.get(key[1], len(classes)), key[1]))
    rows = []
    for code, class_ in order:
        by = wide.loc[(code, class_)]
        unit = facts.communes.loc[code]
        km = [by.get(surface) for surface in surfaces]
        rows.append((code, unit["name"], unit["district"], _word("road_class", class_), *km, by.sum()))
    sums = facts.roads.groupby("surface")["km"].sum()
    total = (None, "Toàn tỉnh", None, None, *(sums.get(s) for s in surfaces), facts.roads["km"].sum())
    title = (
        f"{words.number(facts.roads['km'].sum(), 1)} km đường hiện có trong địa giới các xã"
        if rows
        else "Chưa có số liệu đường"
    )
    note = (
        "Đo trên bản đồ, cắt theo ranh giới xã. Ô trống: không có đoạn nào trong danh mục. "
        "Cứng hóa: mọi mặt đường trừ đất."
    )
    sheet = Sheet("Đường", title, note, columns, rows, (total,) if rows else (), wide=False, head_height=44)
    return sheet.without_blank("Huyện", columns[-2].title)


def history_sheet(snapshot: Snapshot) -> Sheet:
    """Reported tiers at each reporting date, oldest first; communes without a report are those that are left."""
    rural = int(snapshot.communes["rural"].sum())
    reported = [state for state in TIER_STATES if state not in {"not_reported", "not_applicable"}]
    columns = (
        Column("Thời điểm", 12, "date"),
        *(Column(tier_label(state), 12, "whole") for state in (*reported, "not_reported")),
        Column("Tổng số xã", 10, "whole"),
        Column("Đạt chuẩn trở lên", 11, "whole"),
        Column("Tỷ lệ đạt chuẩn trở lên (%)", 12, "share"),
    )
    rows = []
    for when, group in snapshot.history.groupby("as_of", sort=True):
        counts = group["tier"].value_counts()
        by = [int(counts.get(state, 0)) for state in reported]
        met = sum(n for state, n in zip(reported, by, strict=True) if state != "not_yet")
        rows.append((when, *by, rural - sum(by), rural, met, met / rural if rural else None))
    title = f"{len(rows)} kỳ báo cáo trên {snapshot.epoch.title_vi}"
    note = "Mỗi xã đếm một lần, ở mức cao nhất được báo cáo tính đến thời điểm đó."
    return Sheet("Kỳ báo cáo", title, note, columns, rows, freeze=1, wide=False, head_height=44)


def tier_bar(state: str) -> dict[str, Any]:
    """How a chart draws a tier state."""
    sign = symbols()["tier"][state]
    if sign["pattern"] == "sparse_dots":
        return {
            "pattern": {"pattern": "percent_10", "fg_color": "#9aa5b1", "bg_color": sign["fill"]},
            "border": {"color": "#9aa5b1", "width": 0.75},
        }
    return {"fill": {"color": sign["fill"]}, "border": {"color": "#ffffff", "width": 0.5}}
