"""The whole pack put together from a snapshot, its measures and its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.told import Row
from ntmgis.programme.plan import Plan
from ntmgis.show.paper.content import fingerprint, source_lines
from ntmgis.show.paper.font import clean
from ntmgis.show.review.changed import (
    NOTHING_TO_COMPARE,
    changes_section,
    counted,
    details_section,
    lost,
    other_units,
)
from ntmgis.show.review.content import Attention, Card, Cell, Head, Pack, Section, Table, TierCount
from ntmgis.show.review.districts import (
    communes_section,
    district_sections,
    named_codes,
    village_reasons,
    villages_section,
)
from ntmgis.show.review.figures import (
    held,
    target_cards,
    target_reasons,
    target_rows,
    targets_section,
    tier_cards,
    tier_counts,
    unheld_reason,
    verdict,
)
from ntmgis.show.review.known import (
    coverage_section,
    oldest,
    questions_section,
    rules_section,
    silent_communes,
    sources_section,
)
from ntmgis.show.review.money import budget_findings, budget_section
from ntmgis.show.review.risk import candidates_section, near_misses, risk_section, risky, standing_rows
from ntmgis.show.review.say import age, named
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import data_day, day, headline, known_words, lower, number, place_words, subtitle
from ntmgis.store.snapshot import Snapshot

__all__ = ["content_of"]

_TABLES = frozenset({"commune_status", "criteria", "village", "village_status", "district_status"})
_NAMED = 6


def content_of(
    snapshot: Snapshot,
    facts: Facts,
    monitoring: Monitoring,
    plan: Plan,
    *,
    before: Snapshot | None = None,
    agency: str = "",
    known: bool = False,
    made: date | None = None,
) -> Pack:
    """Everything a review pack says of the day of `snapshot`, compared with `before` (None: with nothing).

    `known`: the answers tell corrected data apart from change; `made`: the day the pack is dated. Nothing is left out
    in silence: where the plan, an earlier day, or the data are missing, the pack says so in its place.
    """
    rows = target_rows(monitoring)
    can = held(rows)
    standing = standing_rows(monitoring, snapshot)
    names = {
        str(code): clean(name)
        for code, name in zip(snapshot.districts["code"], snapshot.districts["name"], strict=True)
    }
    tiers, then = tier_counts(facts, before)
    cards = target_cards(rows, plan) if can else ()
    merged = other_units(monitoring)
    sources = source_lines(snapshot, set(_TABLES))
    since = None if before is None else day(before.as_of)
    sections = [
        changes_section(monitoring, known=known),
        risk_section(standing, rows, names),
        candidates_section(monitoring, standing),
        *district_sections(monitoring, snapshot, standing, plan, held=can),
        villages_section(rows, snapshot, plan, names, unheld_reason(rows)),
        budget_section(plan),
        rules_section(monitoring, plan),
        coverage_section(snapshot, facts),
        questions_section(snapshot, facts, monitoring, standing, plan),
        *_appendix(monitoring, snapshot, rows, cards, names),
        communes_section(monitoring, snapshot, standing, plan),
        sources_section(snapshot),
        targets_section(rows, plan, names),
        _tiers_section(tiers, snapshot, before),
    ]
    # Classes of other units are other units: their numbers stand beside each other, never as a rise or a fall.
    shown = tuple(replace(one, before=None) for one in tiers if one.now) if merged else tiers
    assessed = sum(one.now for one in shown if one.state != "not_applicable")
    return Pack(
        title=f"{place_words('Họp đánh giá nông thôn mới', clean(snapshot.province_name))}, {day(snapshot.as_of)}",
        headline=clean(headline(snapshot, facts), limit=200),
        subtitle=clean(subtitle(snapshot, facts), limit=400),
        verdict=verdict(rows) if can else unheld_reason(rows),
        province=clean(snapshot.province_name),
        agency=clean(agency, limit=120),
        as_of=snapshot.as_of,
        data_day=data_day(snapshot),
        since=monitoring.since,
        compared=NOTHING_TO_COMPARE if since is None else f"So với {since}: {lower(counted(monitoring))}.",
        sample=snapshot.sample,
        cards=cards or tier_cards(facts.tiers, None if merged else then, since or ""),
        tiers=shown,
        tiers_title=f"{number(assessed)} xã thuộc diện đánh giá, theo kết quả",
        attention=_attention(snapshot, facts, monitoring, standing, rows, plan),
        maps=_maps_title(monitoring, before),
        maps_note=_maps_note(monitoring, before),
        map_titles=("" if before is None else day(data_day(before)), day(data_day(snapshot))),
        sections=tuple(sections),
        sources=sources,
        inputs=fingerprint(snapshot, facts),
        made=made,
        known=known_words(snapshot),
    )


def _appendix(
    monitoring: Monitoring, snapshot: Snapshot, rows: Sequence[Row], cards: Sequence[Card], names: Mapping[str, str]
) -> list[Section]:
    """What is too long for the meeting but must be found: changes by name, the reckoning behind every verdict."""
    made = [] if (changed := details_section(monitoring, snapshot)) is None else [changed]
    why = tuple(table for table in (target_reasons(cards), village_reasons(rows, names)) if table is not None)
    if why:
        made.append(Section("reasons", "Phụ lục: cách đánh giá", "Phụ lục: cách đánh giá từng chỉ tiêu", blocks=why))
    return made


def _maps_title(monitoring: Monitoring, before: Snapshot | None) -> str:
    if before is None:
        return f"Kết quả nông thôn mới cấp xã, đến {day(monitoring.as_of)}"
    return f"Trước và nay: {lower(counted(monitoring))}"


def _maps_note(monitoring: Monitoring, before: Snapshot | None) -> str:
    if before is None:
        return NOTHING_TO_COMPARE
    if other_units(monitoring):
        return (
            "Hai bản đồ cùng tỷ lệ nhưng vẽ hai hệ đơn vị hành chính khác nhau: số xã mỗi loại không so được với nhau, "
            "không nơi nào là tăng hay giảm. Đơn vị mới chưa được đánh giá thì để trống."
        )
    return "Cùng tỷ lệ, cùng màu. Số trong vòng tròn chỉ xã có thay đổi, theo danh sách ở giữa."


def _tiers_section(tiers: Sequence[TierCount], snapshot: Snapshot, before: Snapshot | None) -> Section:
    heads = (Head("Kết quả", 30), Head("Nay", 12, right=True), Head("Trước", 12, right=True))
    made = tuple(
        (
            Cell(tier_label(one.state), tier=one.state),
            Cell(number(one.now), one.now, "whole"),
            Cell(number(one.before), one.before, "whole"),
        )
        for one in tiers
    )
    title = f"Số xã theo kết quả, đến {day(snapshot.as_of)}"
    if before is not None:
        title += f" và đến {day(before.as_of)}"
        if before.epoch != snapshot.epoch:
            title += " (hai hệ đơn vị, không so được)"
    return Section(
        "tiers", "Số xã", title, blocks=(Table("Số xã theo kết quả", heads, made, sheet="Số xã"),), book_only=True
    )


def _some(names: Sequence[str]) -> str:
    left = len(names) - _NAMED
    return named(names[:_NAMED]) + (f" và {left} nơi khác" if left > 0 else "")


def _attention(
    snapshot: Snapshot,
    facts: Facts,
    monitoring: Monitoring,
    standing: Sequence[Row],
    rows: Sequence[Row],
    plan: Plan,
) -> tuple[Attention, ...]:
    """What a reader of one page must not miss, the worst first."""
    made: list[Attention] = []
    down = lost(monitoring)
    if down:
        made.append(Attention(f"{len(down)} nơi xuống mức hoặc không còn được công nhận: {_some(down)}.", "changes"))
    doubted = monitoring.changes[monitoring.changes["level"].eq("village") & monitoring.changes["kind"].eq("withdrawn")]
    if len(doubted):
        count = doubted["code"].nunique()
        told = f"{number(count)} thôn kỳ trước ghi đạt, nay ghi chưa đạt, không có quyết định: cần kiểm tra."
        made.append(Attention(told, "changes"))
    danger = [str(row["name"]) for row in risky(standing)]
    if danger:
        made.append(Attention(f"{len(danger)} xã thuộc diện thu hồi hoặc có nguy cơ: {_some(danger)}.", "risk"))
    late = list(
        dict.fromkeys(str(row["label"]).partition(":")[0] for row in rows if row["pace"] in {"behind", "missed"})
    )
    if late:
        made.append(Attention(f"Chậm hoặc hết hạn chưa đạt: {'; '.join(lower(one) for one in late)}.", "risk"))
    made += _districts_left(standing, snapshot, plan)
    waiting = [str(row["name"]) for row in near_misses(standing)]
    if waiting:
        made.append(Attention(f"{len(waiting)} xã đủ tiêu chí, chờ quyết định công nhận: {_some(waiting)}.", "next"))
    quiet = silent_communes(snapshot, facts)
    if quiet:
        made.append(Attention(f"{number(len(quiet))} xã chưa có số liệu: {_some(quiet)}.", "questions"))
    old = oldest(snapshot)
    if old is not None and old.as_of is not None and (snapshot.as_of - old.as_of).days > 183:
        made.append(
            Attention(f"Số liệu kết quả cũ nhất đã {age(old.as_of, snapshot.as_of)} ({day(old.as_of)}).", "data")
        )
    found = budget_findings(plan)
    if found:
        made.append(
            Attention(f"Vốn trong kế hoạch: {len(found)} dòng cộng không khớp, giữ nguyên số của văn bản.", "budget")
        )
    return tuple(made)


def _districts_left(standing: Sequence[Row], snapshot: Snapshot, plan: Plan) -> list[Attention]:
    """How many communes each named district still lacks."""
    owner = dict(zip(snapshot.communes["code"], snapshot.communes["district_code"], strict=True))
    names = {
        str(code): clean(name)
        for code, name in zip(snapshot.districts["code"], snapshot.districts["name"], strict=True)
    }
    told, first = [], ""
    for code in named_codes(plan):
        left = sum(owner.get(row["code"]) == code and row["tier"] == "not_yet" for row in standing)
        if code in names and left:
            told.append(f"{names[code]} {left}")
            first = first or f"district-{code}"
    return [Attention(f"Xã chưa đạt chuẩn ở các huyện nêu tên: {'; '.join(told)}.", first)] if told else []
