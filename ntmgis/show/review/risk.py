"""What is at risk and why: recognition that may be withdrawn, criteria lost, targets that run late; who is next."""

from collections.abc import Mapping, Sequence

from ntmgis.measure.monitoring import RISKS, Monitoring
from ntmgis.measure.told import Row, records
from ntmgis.programme.judge import percent as share_words
from ntmgis.programme.tiers import TIERS, at_least
from ntmgis.show.monitoring_words import pace_word, risk_word
from ntmgis.show.paper.font import clean
from ntmgis.show.review.content import Block, Cell, Head, Section, Table
from ntmgis.show.review.say import criteria_named, lacking
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import number, set_of, upper
from ntmgis.store.snapshot import Snapshot

__all__ = ["candidates_section", "near_misses", "risk_section", "risky", "standing_rows"]

_SIGN = {"withdrawable": "missed", "at_risk": "behind", "unknown": "unknown", "none": "on_track"}
_NEAR = 6  # rows of candidates on paper; the workbook of the figures holds all


def standing_rows(monitoring: Monitoring, snapshot: Snapshot) -> list[Row]:
    """`Monitoring.standing` as rows with code, name and district."""
    units = snapshot.communes.set_index("code")
    made = []
    for code, row in zip(monitoring.standing.index, records(monitoring.standing), strict=True):
        district = units["district"].get(code)
        place = {
            "name": clean(units["name"].get(code, code)),
            "district": clean(district) if isinstance(district, str) else "",
        }
        made.append({**row, "code": str(code), **place})
    return made


def _recognised(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if at_least(str(row["tier"]), TIERS[1])]


def risky(rows: Sequence[Row]) -> list[Row]:
    """Recognised communes to be withdrawn, then those near to it."""
    found = [row for row in _recognised(rows) if row["risk"] in {"withdrawable", "at_risk"}]
    return sorted(found, key=lambda row: RISKS.index(str(row["risk"])))


def near_misses(rows: Sequence[Row]) -> list[Row]:
    """Communes that meet all their criteria and wait for a decision."""
    return [row for row in rows if row["tier"] == "not_yet" and row["meets_now"] is True]


def risk_section(standing: Sequence[Row], targets: Sequence[Row], names: Mapping[str, str]) -> Section:
    """The section; `names` are those of the districts by code."""
    recognised = _recognised(standing)
    counts = {risk: sum(row["risk"] == risk for row in recognised) for risk in RISKS}
    late = [row for row in targets if row["pace"] in {"behind", "missed"}]
    if not recognised:
        first = "Chưa ghi nhận xã nào được công nhận"
    elif not counts["withdrawable"] + counts["at_risk"] + counts["unknown"]:
        first = f"Không xã nào tới mức xét thu hồi hoặc gần mức đó, trên {number(len(recognised))} xã đã công nhận"
    else:
        words = {"withdrawable": "thuộc diện thu hồi", "at_risk": "có nguy cơ", "unknown": "chưa rõ"}
        told = [f"{number(counts[risk])} xã {said}" for risk, said in words.items() if counts[risk]]
        first = f"{', '.join(told)}, trên {number(len(recognised))} xã đã công nhận"
    rule = set_of(None).withdrawal
    lead = []
    if rule is not None:
        low, high = share_words(rule.from_share)[0], share_words(rule.whole_share)[0]
        lead.append(
            f"Quy tắc ({rule.basis}): xét thu hồi khi từ {low} số tiêu chí không còn đạt mà có tiêu chí chủ chốt, hoặc "
            f"từ {high}. “Có nguy cơ”: thêm một tiêu chí không đạt là có thể tới mức đó."
        )
    slipping = _slipping(recognised)
    blocks: tuple[Block, ...] = (_withdrawal(recognised), _late(late, names), *([slipping] if slipping.rows else []))
    kinds = len({row["id"] for row in late})
    title = f"{first}; {kinds} chỉ tiêu chậm hoặc hết hạn" if late else first
    return Section("risk", "Nguy cơ", title, tuple(lead), blocks)


def _withdrawal(recognised: Sequence[Row]) -> Table:
    listed = [row for row in recognised if row["risk"] in {"withdrawable", "at_risk", "unknown"}]
    # Nothing at all is known of its criteria: said once in the coverage, not in a row for every commune.
    listed = [row for row in listed if row["risk"] != "unknown" or row["missing"]]
    listed.sort(key=lambda row: (RISKS.index(str(row["risk"])), -(row["risk_share"] or 0.0), row["code"]))
    made = tuple(
        (
            Cell(risk_word(str(row["risk"])), pace=_SIGN[str(row["risk"])], bold=True),
            Cell(str(row["name"]), bold=True),
            Cell(str(row["district"])),
            Cell(tier_label(str(row["tier"])), tier=str(row["tier"])),
            Cell(_why(row)),
        )
        for row in listed
    )
    heads = (Head("Nguy cơ", 17), Head("Xã", 17), Head("Huyện", 17), Head("Công nhận", 15), Head("Vì sao", 50))
    silent = sum(row["risk"] == "unknown" and not row["missing"] for row in recognised)
    note = f"{number(silent)} xã đã công nhận chưa đủ số liệu tiêu chí nên chưa xét được." if silent else ""
    return Table(
        "Nguy cơ thu hồi công nhận xã",
        heads,
        made,
        empty="Không xã đã công nhận nào tới mức xét thu hồi hoặc gần mức đó, theo số liệu hiện có.",
        note=note,
        sheet="Nguy cơ",
    )


def _why(row: Row) -> str:
    """How many criteria are no longer met, which, and what is not known; none kept off public products by name."""
    id_ = row.get("criteria_set")
    gone, unknown = tuple(row["missing"] or ()), tuple(row["unknown"] or ())
    judged = set_of(id_)
    told = f"{'ít nhất ' if unknown else ''}{len(gone)}/{judged.count} tiêu chí không còn đạt"
    if judged.count:
        told += f" ({share_words(len(gone) / judged.count)[0]})"
    if gone:
        told += f": {criteria_named(id_, gone)}"
    if judged.withdrawal is not None and gone:
        key = any(no in judged.withdrawal.key for no in gone)
        told += "; có tiêu chí chủ chốt" if key else "; không có tiêu chí chủ chốt"
    if unknown:
        told += f"; chưa rõ {len(unknown)} tiêu chí: {criteria_named(id_, unknown)}"
    return upper(told) + "."


def _slipping(recognised: Sequence[Row]) -> Table:
    """Recognised, not at risk, but some criterion is not met today."""
    listed = [row for row in recognised if row["missing"] and row["risk"] == "none"]
    made = tuple(
        (
            Cell(str(row["name"]), bold=True),
            Cell(str(row["district"])),
            Cell(tier_label(str(row["tier"])), tier=str(row["tier"])),
            Cell(upper(lacking(row))),
        )
        for row in listed
    )
    return Table(
        "Đã công nhận, hiện không đạt đủ tiêu chí (chưa tới mức xét thu hồi)",
        (Head("Xã", 20), Head("Huyện", 17), Head("Công nhận", 16), Head("Thiếu gì", 60)),
        made,
        sheet="Không còn đủ tiêu chí",
    )


def _late(rows: Sequence[Row], names: Mapping[str, str]) -> Table:
    """Targets that run late; those by district in one row, because the village shares have a page of their own."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["pace"] != "missed"):
        groups.setdefault((str(row["pace"]), str(row["id"])), []).append(row)
    made = tuple(
        (Cell(pace_word(pace), pace=pace, bold=True), Cell(_label(own[0]), bold=True), Cell(_why_late(own, names)))
        for (pace, _), own in groups.items()
    )
    heads = (Head("Đánh giá", 16), Head("Chỉ tiêu", 30), Head("Vì sao (theo quy tắc)", 76))
    return Table(
        "Chỉ tiêu chậm tiến độ hoặc hết hạn chưa đạt",
        heads,
        made,
        empty="Không có chỉ tiêu nào bị xác định là chậm.",
    )


def _label(row: Row) -> str:
    return str(row["label"]).partition(":")[0] if row.get("district_code") else str(row["label"])


def _why_late(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    if rows[0].get("district_code"):
        places = [
            names.get(str(row["district_code"]), str(row["district_code"]))
            + (f" (còn thiếu {number(row['remaining'])} thôn)" if row.get("remaining") is not None else "")
            for row in rows
        ]
        return f"{len(rows)} nơi: {', '.join(places)}. Cách đánh giá từng nơi: xem phần tỷ lệ thôn theo huyện."
    return " ".join(filter(None, [str(rows[0].get("rule") or ""), str(rows[0].get("apart") or "")]))


def candidates_section(monitoring: Monitoring, standing: Sequence[Row]) -> Section:
    """Who is next: the communes nearest to each tier, and what they would complete."""
    by_code = {row["code"]: row for row in standing}
    rows = [row for row in records(monitoring.candidates) if row["missing_count"] is not None]
    first = [row for row in rows if row["to_tier"] == TIERS[1]]
    near = [row for row in first if int(row["missing_count"]) + int(row["unknown_count"] or 0) <= 3]
    shown = near[:_NEAR] or first[:_NEAR]
    every = [str(row["unlocks"] or "").split("; ") for row in shown]
    shared = [part for part in every[0] if part and all(part in parts for parts in every)] if every else []
    made: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Cell(clean(row["name"]), bold=True),
            Cell(clean(row["district"]) if row["district"] else ""),
            Cell(upper(lacking(by_code.get(str(row["code"]), row)) or "đạt đủ tiêu chí, chờ quyết định công nhận")),
            Cell(upper("; ".join(part for part in parts if part not in shared))),
        )
        for row, parts in zip(shown, every, strict=True)
    )
    heads: tuple[Head, ...] = (
        Head("Xã", 18),
        Head("Huyện", 16),
        Head("Còn thiếu", 40),
        Head("Đạt thì còn tính vào", 62),
    )
    waiting = len(near_misses(standing))
    title = f"{len(near)} xã chưa đạt chuẩn thiếu không quá 3 tiêu chí"
    if waiting:
        title += f", trong đó {waiting} xã đủ tiêu chí, chờ quyết định"
    if not first:
        title = "Chưa có số liệu tiêu chí để nêu xã gần đạt chuẩn"
    if not any(row[-1].text for row in made):
        heads, made = heads[:-1], tuple(row[:-1] for row in made)
    table = Table(
        "Gần đạt chuẩn nhất đứng trước" + (f" ({_NEAR} xã đầu)" if len(near) > _NEAR else ""),
        heads,
        made,
        empty="Không có xã nào.",
        sheet="Gần đạt chuẩn",
    )
    lead = (f"Xã nào đạt cũng tính vào {'; '.join(shared)}.",) if shared else ()
    return Section("next", "Xã gần đạt chuẩn", title, lead, (table,))
