"""The districts that the plan names, with all their communes and what is still missing; village shares by district."""

from collections.abc import Mapping, Sequence

from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.told import Row, records
from ntmgis.programme.plan import Plan
from ntmgis.programme.tiers import TIERS, at_least
from ntmgis.show.monitoring_words import pace_word
from ntmgis.show.paper.font import clean
from ntmgis.show.review.content import Block, Cell, Head, Section, Table, whole
from ntmgis.show.review.say import lacking, named
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import lower, number, percent, upper
from ntmgis.store.snapshot import Snapshot

__all__ = [
    "NO_DISTRICTS",
    "communes_section",
    "district_sections",
    "named_codes",
    "village_reasons",
    "villages_section",
]

NO_DISTRICTS = (
    "Từ 01/07/2025 không còn cấp huyện: chỉ tiêu theo huyện của kế hoạch không đối chiếu được với đơn vị mới. "
    "Chọn ngày xem đến 30/06/2025 để xem theo huyện."
)
_NOTHING = "Không thiếu gì trong số liệu hiện có"
_STATES = {"met": ("Đạt", "reached"), "not_met": ("Chưa đạt", "behind"), "unknown": ("Chưa có số liệu", "unknown")}


def named_codes(plan: Plan) -> list[str]:
    """Codes of the districts and the city that targets name, in the order of the plan."""
    return list(dict.fromkeys(code for target in plan.targets for code in target.districts))


def district_sections(
    monitoring: Monitoring, snapshot: Snapshot, standing: Sequence[Row], plan: Plan, *, held: bool
) -> tuple[Section, ...]:
    """One section for each named district: the conditions of the rule, then every commune of it."""
    names = {
        str(code): clean(name)
        for code, name in zip(snapshot.districts["code"], snapshot.districts["name"], strict=True)
    }
    codes = [code for code in named_codes(plan) if code in names] if held or names else []
    if not codes:
        title = "Không xét được các huyện nêu tên trong kế hoạch"
        said = NO_DISTRICTS if not names else "Không huyện nào nêu tên trong kế hoạch có trong số liệu."
        return (Section("district", "Huyện nêu tên", title, (said,)),)
    conditions = list(records(monitoring.conditions))
    wanted = {target.id for target in plan.targets if target.kind == "minimum_per_commune"}
    urban = set(snapshot.communes.loc[~snapshot.communes["rural"].astype(bool), "code"])
    owner = dict(zip(snapshot.communes["code"], snapshot.communes["district_code"], strict=True))
    return tuple(
        _district(
            code,
            names[code],
            [row for row in conditions if row["level"] in {"district", "city"} and row["code"] == code],
            [row for row in standing if owner.get(row["code"]) == code and row["code"] not in urban],
            {str(row["code"]): row for row in conditions if row["condition"] in wanted and row["state"] != "met"},
            frozenset(target.id for target in plan.targets),
        )
        for code in codes
    )


def _district(
    code: str,
    name: str,
    conditions: Sequence[Row],
    communes: Sequence[Row],
    open_: Mapping[str, Row],
    asked: frozenset[str],
) -> Section:
    reached = sum(at_least(str(row["tier"]), TIERS[1]) for row in communes)
    left = len(communes) - reached
    ready = next((row for row in conditions if row["condition"] == "ready"), None)
    title = f"{name}: {reached}/{len(communes)} xã đạt chuẩn" + (f", còn {left} xã" if left else "")
    lead = (str(ready["reason"]),) if ready is not None else ()
    blocks: tuple[Block, ...] = (
        _conditions([row for row in conditions if row["condition"] != "ready"], asked),
        _communes(communes, open_),
    )
    return Section(f"district-{code}", name, title, lead, blocks, beside=True)


def _conditions(rows: Sequence[Row], asked: frozenset[str]) -> Table:
    """The conditions one by one; those that no data tell together in the last row, unless the plan asks for them."""
    told = [row for row in rows if row["state"] != "unknown" or row["condition"] in asked]
    silent = [str(row["title"]) for row in rows if row["state"] == "unknown" and row["condition"] not in asked]
    made = [
        (
            Cell(str(row["title"])),
            Cell(_STATES[str(row["state"])][0], pace=_STATES[str(row["state"])][1], bold=True),
            Cell(str(row["reason"])),
        )
        for row in told
    ]
    if silent:
        words, sign = _STATES["unknown"]
        last = (Cell(f"{len(silent)} điều kiện khác"), Cell(words, pace=sign, bold=True), Cell("; ".join(silent) + "."))
        made.append(last)
    return Table(
        "Điều kiện",
        (Head("Điều kiện", 44), Head("Kết quả", 27), Head("Vì sao", 62)),
        tuple(made),
        empty="Không xét được điều kiện nào.",
    )


def _gap(row: Row, open_: Mapping[str, Row]) -> str:
    """What a commune still lacks: criteria for the standard, or what the plan asks of a recognised commune."""
    reached = at_least(str(row["tier"]), TIERS[1])
    lacks = lacking(row)
    parts = [lacks]
    if not reached and not lacks:
        parts = ["đạt đủ tiêu chí, chờ quyết định công nhận" if row["meets_now"] else "chưa có số liệu tiêu chí"]
    more = open_.get(str(row["code"]))
    if reached and more is not None:
        parts.append(f"{lower(str(more['title']))}: {more['reason']}".rstrip("."))
    return upper("; ".join(filter(None, parts)))


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """Communes that have not reached the standard first."""
    return sorted(rows, key=lambda row: (at_least(str(row["tier"]), TIERS[1]), _height(row), row["code"]))


def _communes(rows: Sequence[Row], open_: Mapping[str, Row]) -> Table:
    """All communes by name; those of one class that lack nothing together in one row."""
    groups: dict[tuple[str, str], list[str]] = {}
    made: list[tuple[Cell, ...]] = []
    for row in _ordered(rows):
        gap, tier = _gap(row, open_), str(row["tier"])
        if gap:
            bold = not at_least(tier, TIERS[1])
            made.append((Cell(str(row["name"]), bold=bold), Cell(tier_label(tier), tier=tier), Cell(gap)))
        else:
            groups.setdefault((tier, _NOTHING), []).append(str(row["name"]))
    made += [
        (Cell(named(names)), Cell(tier_label(tier), tier=tier), Cell(said)) for (tier, said), names in groups.items()
    ]
    return Table(
        "Các xã, xã chưa đạt đứng trước",
        (Head("Xã", 36), Head("Kết quả", 27), Head("Còn thiếu", 60)),
        tuple(made),
        empty="Không có xã nào.",
    )


def communes_section(monitoring: Monitoring, snapshot: Snapshot, standing: Sequence[Row], plan: Plan) -> Section:
    """Every condition and every commune of the named districts in a row of its own, for the workbook."""
    wanted = {target.id for target in plan.targets if target.kind == "minimum_per_commune"}
    open_ = {
        str(row["code"]): row
        for row in records(monitoring.conditions)
        if row["condition"] in wanted and row["state"] != "met"
    }
    units = snapshot.communes.set_index("code")
    rural = set(units.index[units["rural"].astype(bool)])
    made = tuple(
        (
            Cell(str(row["code"])),
            Cell(str(row["name"])),
            Cell(str(row["district"])),
            Cell(tier_label(str(row["tier"])), tier=str(row["tier"])),
            Cell(_gap(row, open_) or _NOTHING),
        )
        for code in named_codes(plan)
        for row in _ordered([one for one in standing if one["code"] in rural])
        if units["district_code"].get(row["code"]) == code
    )
    heads = (Head("Mã", 8), Head("Xã", 20), Head("Huyện", 18), Head("Kết quả", 18), Head("Còn thiếu", 80))
    table = Table("Các xã của huyện nêu tên", heads, made, empty="Không có xã nào.", sheet="Huyện, các xã")
    codes = set(named_codes(plan))
    rows = [
        row
        for row in records(monitoring.conditions)
        if row["level"] in {"district", "city"} and row["code"] in codes and row["condition"] != "ready"
    ]
    states = tuple(
        (
            Cell(clean(row["name"]), bold=True),
            Cell(str(row["title"])),
            Cell(_STATES[str(row["state"])][0], pace=_STATES[str(row["state"])][1]),
            Cell(str(row["reason"])),
        )
        for row in rows
    )
    titles = (Head("Huyện", 18), Head("Điều kiện", 44), Head("Kết quả", 18), Head("Vì sao", 80))
    whole_table = Table("Điều kiện của huyện nêu tên", titles, states, sheet="Huyện, điều kiện")
    title = "Huyện nêu tên trong kế hoạch"
    return Section("district-communes", "Huyện nêu tên", title, (), (whole_table, table), book_only=True)


def _height(row: Row) -> int:
    return TIERS.index(str(row["tier"])) if row["tier"] in TIERS else -1


def villages_section(
    targets: Sequence[Row], snapshot: Snapshot, plan: Plan, names: Mapping[str, str], reason: str
) -> Section:
    """Shares of villages against the least share that the plan states for each district; none where it states none."""
    rows = [row for row in targets if row["kind"] == "minimum_share" and row.get("district_code")]
    if not rows:
        return Section("villages", "Tỷ lệ thôn", "Không xét được tỷ lệ thôn theo huyện", (reason,))
    heads = (
        Head("Huyện", 21),
        Head("Kế hoạch", 12, right=True),
        Head("Đạt / tổng số thôn", 14, right=True),
        Head("Tỷ lệ", 9, right=True),
        Head("0%                    100%", 24),
        Head("Phải có", 9, right=True),
        Head("Còn thiếu", 9, right=True),
        Head("Đánh giá", 18),
        Head("Chưa có số liệu", 12, right=True),
    )
    totals = _totals(snapshot)
    made = tuple(_village_row(row, names, plan, totals) for row in rows)
    asked = [row for row in rows if row["pace"] != "no_target"]
    reached = sum(row["pace"] == "reached" for row in asked)
    title = f"Thôn NTM vùng đồng bào dân tộc thiểu số: {reached}/{len(asked)} huyện, thành phố đạt tỷ lệ kế hoạch nêu"
    doubts = [one.vi for id_ in dict.fromkeys(str(row["id"]) for row in rows) for one in plan.doubts(f"target:{id_}")]
    note = (
        "Vạch đứng: tỷ lệ tối thiểu. Thôn chưa có số liệu để ngoài số đạt; phải có = tỷ lệ nhân tổng số thôn, "
        "làm tròn lên."
    )
    table = Table("Theo huyện", heads, made, note=note, sheet="Tỷ lệ thôn")
    return Section("villages", "Tỷ lệ thôn theo huyện", title, tuple(doubts), (table,))


def village_reasons(targets: Sequence[Row], names: Mapping[str, str]) -> Table | None:
    """Why each district is judged as it is; None without targets by district."""
    rows = [row for row in targets if row["kind"] == "minimum_share" and row.get("district_code")]
    if not rows:
        return None
    how = tuple(
        (
            Cell(names.get(str(row["district_code"]), str(row["district_code"])), bold=True),
            Cell(pace_word(str(row["pace"])), pace=str(row["pace"])),
            Cell(str(row.get("rule") or "")),
        )
        for row in rows
    )
    why_heads = (Head("Huyện", 28), Head("Đánh giá", 18), Head("Cách đánh giá, theo quy tắc", 90))
    return Table("Tỷ lệ thôn từng nơi", why_heads, how)


def _totals(snapshot: Snapshot) -> Mapping[str, int]:
    """Villages in ethnic-minority areas by district, as the shares count them."""
    owner = snapshot.communes.set_index("code")["district_code"]
    minority = snapshot.villages["ethnic_minority"].astype("boolean").fillna(value=False).astype(bool)
    districts = snapshot.villages.loc[minority, "commune_code"].map(owner)
    return {str(code): int(count) for code, count in districts.value_counts().items()}


def _village_row(row: Row, names: Mapping[str, str], plan: Plan, totals: Mapping[str, int]) -> tuple[Cell, ...]:
    code, pace = str(row["district_code"]), str(row["pace"])
    part, high, rate = row.get("done"), row.get("high"), row.get("actual")
    total = totals.get(code)
    silent = None if part is None or high is None else high - part
    least = row.get("target")
    asked = Cell("không nêu chỉ tiêu") if pace == "no_target" else Cell(f"≥ {percent(least, 0)}", least, "share")
    counted = f"{number(part)}/{number(total)}" if total is not None else number(part)
    return (
        Cell(names.get(code, plan.districts.get(code, code)), bold=True),
        asked,
        Cell(counted),
        Cell(percent(rate), rate, "share"),
        Cell("", bar=None if rate is None else (float(rate), None if least is None else float(least))),
        whole(row.get("need")),
        whole(row.get("remaining")),
        Cell(pace_word(pace), pace=pace),
        whole(silent),
    )
