"""The big figures of the first page: targets against actual with their verdicts, and the classes of communes."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.status import commune_states, counts
from ntmgis.measure.told import Row, records
from ntmgis.programme.plan import Plan
from ntmgis.show.monitoring_words import pace_word
from ntmgis.show.review.content import Card, Cell, Head, Section, Table, TierCount, whole
from ntmgis.show.review.say import named
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import UNKNOWN, day, number, percent, upper
from ntmgis.store.snapshot import Snapshot

__all__ = [
    "brief",
    "held",
    "target_cards",
    "target_reasons",
    "target_rows",
    "targets_section",
    "tier_cards",
    "tier_counts",
    "unheld_reason",
    "verdict",
]

_SHORT = {
    "commune_ntm": "Xã đạt chuẩn NTM",
    "commune_advanced": "Xã NTM nâng cao",
    "commune_model": "Xã NTM kiểu mẫu",
    "district_ntm": "Huyện NTM",
    "city_completed": "Thành phố hoàn thành nhiệm vụ",
    "village_model": "Xã có thôn NTM kiểu mẫu",
    "village_minority": "Tỷ lệ thôn NTM vùng DTTS",
}
_GOOD, _LATE = ("reached", "on_track"), ("behind", "missed")


def target_rows(monitoring: Monitoring) -> list[Row]:
    """The targets of the plan as plain rows."""
    return list(records(monitoring.targets))


def held(rows: list[Row]) -> bool:
    """Whether the plan can be held against these data at all."""
    return any(row.get("need") is not None or row.get("actual") is not None for row in rows)


def unheld_reason(rows: list[Row]) -> str:
    """Why it cannot, in the words of the measures."""
    if not rows:
        return "Kế hoạch không có chỉ tiêu nào."
    first = str(rows[0].get("note") or "")
    return first.partition(". ")[0].rstrip(".") + "." if first else "Chưa so được với kế hoạch."


def verdict(rows: list[Row]) -> str:
    """How many targets are reached or on track, late, or cannot be told; a target by district counts once each."""
    paces = [str(row["pace"]) for row in rows]
    told = sum(pace != "no_target" for pace in paces)
    parts = [f"{sum(pace in _GOOD for pace in paces)}/{told} dòng chỉ tiêu đã đạt hoặc đúng tiến độ"]
    parts += [
        f"{count} {words}"
        for count, words in (
            (sum(pace in _LATE for pace in paces), "chậm hoặc hết hạn chưa đạt"),
            (paces.count("unknown"), "chưa xác định được"),
            (paces.count("no_target"), "không nêu chỉ tiêu"),
        )
        if count
    ]
    return ", ".join(parts) + "."


def target_cards(rows: list[Row], plan: Plan) -> tuple[Card, ...]:
    """One card for each target of the plan; those by district are counted together."""
    made = []
    for target in plan.targets:
        own = [row for row in rows if row["id"] == target.id]
        label = _SHORT.get(target.id, upper(target.label))
        if not own:
            continue
        if target.kind == "minimum_share":
            made.append(_by_district(target.id, label, own, plan))
        else:
            made.append(_single(label, own[0]))
    return tuple(made)


def _single(label: str, row: Row) -> Card:
    pace = str(row["pace"])
    done, low, high = row.get("done"), row.get("low"), row.get("high")
    goal = number(row.get("need") if row.get("need") is not None else row.get("target"))
    figure = number(done)
    if done is None and low is not None and high is not None:
        figure = number(low) if low == high else UNKNOWN
    unit = _unit(row)
    under = f"{unit} trên chỉ tiêu {goal}"
    if row["kind"] == "increment":
        under = f"{unit} tăng thêm trên chỉ tiêu"
        if row.get("actual") is not None:
            stock = row.get("stock")
            way = f"{number(stock)} → " if stock is not None else ""
            under += f"; tổng số {way}{number(row['actual'])} {unit}"
    elif row["kind"] == "named":
        under = f"{unit} trong số nêu tên"
    elif row["kind"] == "minimum_per_commune":
        under = "xã đạt chuẩn có đủ thôn kiểu mẫu"
    if row["id"] == "commune_advanced":
        under += ", kể cả kiểu mẫu"
    return Card(
        id=str(row["id"]),
        label=label,
        figure=f"{figure}/{goal}",
        under=under,
        pace=pace,
        verdict=pace_word(pace),
        brief=brief(row),
        rule=str(row.get("rule") or row.get("note") or ""),
        apart=str(row.get("apart") or ""),
    )


def brief(row: Row) -> str:
    """The verdict's numbers in a line or two: what the straight line asks for by now, what there is, what is left."""
    expected, left, due = row.get("expected"), row.get("remaining"), day(row.get("deadline"))
    parts = []
    if expected is not None:
        parts.append(f"Đến nay phải thêm {number(expected, 1)}, {_added(row)}.")
    elif row["pace"] == "unknown" and row.get("needed") == 1:
        parts.append("Một đơn vị được công nhận một lần nên chỉ xét khi đến hạn.")
    elif row["pace"] == "unknown":
        parts.append("Chưa đủ số liệu để so với mức phải có đến nay.")
    if left:
        parts.append(f"Còn {number(left)} {_unit(row)}, hạn {due}.")
    return " ".join(parts) or str(row.get("rule") or row.get("note") or "")


def _added(row: Row) -> str:
    """What has been added since the baseline, as sure as it is known."""
    if row.get("grown") is not None:
        return f"đã thêm {number(row['grown'])}"
    low, high = row.get("low"), row.get("high")
    if row["kind"] != "increment" or low is None or high is None:
        return "chưa rõ đã thêm bao nhiêu"
    return f"đã thêm {number(low)} đến {number(high)}"


def _unit(row: Row) -> str:
    """What the target counts."""
    return "xã" if row["kind"] == "minimum_per_commune" else str(row["unit"])


def _by_district(id_: str, label: str, rows: list[Row], plan: Plan) -> Card:
    asked = [row for row in rows if row["pace"] != "no_target"]
    paces = [str(row["pace"]) for row in asked]
    silent = [plan.districts.get(str(row["district_code"]), "?") for row in rows if row["pace"] == "no_target"]
    good, late, open_ = (sum(pace in group for pace in paces) for group in (_GOOD, _LATE, ("unknown",)))
    pace = "behind" if late else "unknown" if open_ else "reached" if set(paces) == {"reached"} else "on_track"
    parts = [
        f"{count} {words}"
        for count, words in ((good, "đã đạt hoặc đúng tiến độ"), (late, "chậm"), (open_, "chưa xác định được"))
        if count
    ]
    rule = (
        f"{len(asked)} huyện, thành phố có chỉ tiêu: {', '.join(parts)}." if parts else "Kế hoạch không nêu chỉ tiêu."
    )
    return Card(
        id=id_,
        label=label,
        figure=f"{paces.count('reached')}/{len(asked)}" if asked else UNKNOWN,
        under="huyện, thành phố đạt tỷ lệ kế hoạch nêu",
        pace=pace if asked else "no_target",
        verdict=f"{late} nơi chậm tiến độ" if late else pace_word(pace if asked else "no_target"),
        brief=rule,
        rule=rule,
        apart=f"Không nêu chỉ tiêu: {named(silent)}." if silent else "",
    )


def tier_cards(tiers: Mapping[str, int], before: Mapping[str, int] | None, since: str) -> tuple[Card, ...]:
    """Where no plan can be held against the data: how many communes stand at each tier, and stood before."""
    total = sum(count for state, count in tiers.items() if state != "not_applicable")
    floors = (
        ("ntm", "Xã đạt chuẩn NTM trở lên", ("ntm", "advanced", "model")),
        ("advanced", "Xã NTM nâng cao trở lên", ("advanced", "model")),
        ("model", "Xã NTM kiểu mẫu", ("model",)),
        ("not_yet", "Xã chưa đạt chuẩn", ("not_yet",)),
        ("not_reported", "Xã chưa có số liệu", ("not_reported",)),
    )
    silent = tiers.get("not_reported", 0)
    made = []
    for id_, label, states in floors:
        now = sum(tiers[state] for state in states)
        told = silent < total or id_ == "not_reported"
        under = f"trên {number(total)} xã"
        if before is not None:
            under += f"; {since}: {number(sum(before[state] for state in states))}"
        rule = (
            f"{number(silent)} xã chưa có số liệu nên đây là số tối thiểu." if silent and id_ != "not_reported" else ""
        )
        why = rule if told else "Chưa có số liệu."
        made.append(Card(id_, label, f"{number(now)}" if told else UNKNOWN, under, brief=why, rule=why))
    return tuple(made)


def tier_counts(facts: Facts, before: Snapshot | None) -> tuple[tuple[TierCount, ...], Mapping[str, int] | None]:
    """Every class that occurs now or before, with its numbers; and all numbers of before."""
    then = None if before is None else counts(pd.Series(commune_states(before)["tier"]))
    rows = tuple(
        TierCount(state, tier_label(state), int(facts.tiers[state]), None if then is None else then[state])
        for state in TIER_STATES
        if facts.tiers[state] or (then is not None and then[state])
    )
    return rows, then


def target_reasons(cards: Sequence[Card]) -> Table | None:
    """How each target of the first page was judged, with all its numbers; None without targets."""
    made = tuple(
        (
            Cell(card.label, bold=True),
            Cell(card.verdict, pace=card.pace),
            Cell(" ".join(filter(None, [card.rule, card.apart]))),
        )
        for card in cards
        if card.pace
    )
    heads = (Head("Chỉ tiêu", 28), Head("Đánh giá", 18), Head("Cách đánh giá, theo quy tắc", 90))
    return Table("Từng chỉ tiêu của trang đầu", heads, made) if made else None


def targets_section(rows: list[Row], plan: Plan, names: Mapping[str, str]) -> Section:
    """Every target with its numbers, for the workbook."""
    heads = (
        Head("Chỉ tiêu", 30),
        Head("Huyện", 16),
        Head("Mục tiêu", 8, right=True),
        Head("Gốc", 8, right=True),
        Head("Hiện nay", 8, right=True),
        Head("Đã thêm", 8, right=True),
        Head("Phải thêm đến hạn", 9, right=True),
        Head("Theo đường thẳng phải thêm", 10, right=True),
        Head("Còn phải làm", 8, right=True),
        Head("Hạn", 10),
        Head("Đánh giá", 15),
        Head("Cách tính", 50),
        Head("Tính riêng", 34),
    )
    made = []
    for row in rows:
        share = row["kind"] == "minimum_share"
        pace = str(row["pace"])
        code = str(row.get("district_code") or "")
        made.append(
            (
                Cell(str(row["label"])),
                Cell(names.get(code, plan.districts.get(code, ""))),
                _figure(row.get("target"), share=share),
                whole(row.get("stock")),
                _figure(row.get("actual"), share=share),
                whole(row.get("grown")),
                whole(row.get("needed")),
                Cell(number(row.get("expected"), 1), row.get("expected"), "tenth"),
                whole(row.get("remaining")),
                Cell(day(row.get("deadline")), row.get("deadline"), "date"),
                Cell(pace_word(pace), pace=pace),
                Cell(str(row.get("rule") or row.get("note") or "")),
                Cell(str(row.get("apart") or "")),
            )
        )
    title = verdict(rows) if held(rows) else unheld_reason(rows)
    table = Table("Chỉ tiêu kế hoạch và cách tính", heads, tuple(made), sheet="Chỉ tiêu")
    return Section("targets", "Chỉ tiêu", title, blocks=(table,), book_only=True)


def _figure(value: float | None, *, share: bool) -> Cell:
    return Cell(percent(value), value, "share") if share else whole(value)
