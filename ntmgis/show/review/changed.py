"""Every change since the last review by name: what was lost first, corrected data apart from real change."""

from collections.abc import Sequence

from ntmgis.measure.monitoring import CHANGE_KINDS, Monitoring, Note
from ntmgis.measure.told import Row, records
from ntmgis.show.monitoring_words import LEVELS, change_word, criteria_change_word, state_word
from ntmgis.show.paper.font import clean
from ntmgis.show.review.content import Block, Cell, Head, Lines, Section, Table
from ntmgis.show.review.say import by_group, criteria_named
from ntmgis.show.words import day, lower, upper
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

__all__ = ["NOTHING_TO_COMPARE", "changes_section", "counted", "details_section", "lost", "other_units"]

NOTHING_TO_COMPARE = "Không có kỳ trước để so sánh: không nêu thay đổi nào."
_FLAGS = {"model": "thôn NTM kiểu mẫu", "minority_ntm": "thôn NTM vùng đồng bào DTTS", "smart": "thôn thông minh"}
_BAD = ("withdrawn", "down", "no_longer_reported")
_SIGN = {"withdrawn": "missed", "down": "behind", "newly_recognised": "reached", "up": "on_track"}
_RULES = frozenset({"target_rule", "trend_sets"})


def lost(monitoring: Monitoring) -> list[str]:
    """Names of the communes and districts that came down or are no longer recognised."""
    rows = monitoring.changes
    down = rows[rows["level"].ne("village") & rows["kind"].isin(["withdrawn", "down"])]
    return [clean(name) for name in down["name"]]


def counted(monitoring: Monitoring) -> str:
    """The real changes of communes in a line; a regrouping is no change of anybody's standing."""
    if monitoring.since is None:
        return NOTHING_TO_COMPARE
    rows = monitoring.changes
    kinds = rows.loc[rows["level"].eq("commune"), "kind"].value_counts()
    if other_units(monitoring):
        return (
            f"Đơn vị hành chính đã sắp xếp lại giữa hai ngày: {int(kinds.get('regrouped', 0))} đơn vị mới, "
            "nêu thành phần, không tính tăng giảm"
        )
    told = [
        f"{int(kinds[kind])} xã {lower(change_word(kind))}"
        for kind in CHANGE_KINDS
        if kinds.get(kind) and kind not in {"corrected", "regrouped"}
    ]
    return upper(", ".join(told)) if told else "Không xã nào thay đổi kết quả"


def other_units(monitoring: Monitoring) -> bool:
    """Whether the two days lie in different boundary epochs."""
    return monitoring.since is not None and epoch_on(monitoring.since) != epoch_on(monitoring.as_of)


def changes_section(monitoring: Monitoring, *, known: bool) -> Section:
    """The section; `known`: it was asked what had been known at the last review, so corrections are told apart."""
    if monitoring.since is None:
        return Section("changes", "Thay đổi", NOTHING_TO_COMPARE)
    since, now = day(monitoring.since), day(monitoring.as_of)
    rows = list(records(monitoring.changes))
    real = [row for row in rows if row["kind"] != "corrected"]
    regrouped = [row for row in real if row["kind"] == "regrouped"]
    blocks: list[Block] = []
    merged = other_units(monitoring)
    if merged:
        blocks.append(_regrouped(regrouped))
    moved = [row for row in real if row["level"] != "village" and row["kind"] != "regrouped"]
    if moved or not merged:
        blocks.append(_units(moved))
    blocks.append(_corrected([row for row in rows if row["kind"] == "corrected"], known=known))
    notes = [note for note in monitoring.notes if note.id not in _RULES]
    lead = [f"So sánh số liệu đến {since} với số liệu đến {now}; mỗi thay đổi kèm quyết định và ngày nếu nguồn có ghi."]
    if not merged:
        lead.append(_summary(monitoring, real))
    return Section(
        "changes", "Thay đổi", f"Từ {since}: {lower(counted(monitoring))}", (*lead, *_said(notes)), tuple(blocks)
    )


def _summary(monitoring: Monitoring, real: Sequence[Row]) -> str:
    """How many criteria and villages changed; their names stand in the appendix."""
    criteria = monitoring.criteria_changes["kind"].value_counts()
    told = []
    for level, counts in (("tiêu chí", criteria),):
        told += [
            f"{int(counts[kind])} {level} {words}"
            for kind, words in (("lost", "không còn đạt"), ("gained", "mới đạt"))
            if counts.get(kind)
        ]
    for kind, words in (("withdrawn", "không còn ghi đạt"), ("newly_recognised", "mới ghi đạt")):
        codes = {row["code"] for row in real if row["level"] == "village" and row["kind"] == kind}
        if codes:
            told.append(f"{len(codes)} thôn {words}")
    if not told:
        return "Không tiêu chí, thôn nào đổi kết quả."
    return f"Ngoài ra: {', '.join(told)}; nêu tên đầy đủ ở phụ lục."


def details_section(monitoring: Monitoring, snapshot: Snapshot) -> Section | None:
    """The appendix of changes: every criterion and every village by name; None where units cannot be compared."""
    if monitoring.since is None or other_units(monitoring):
        return None
    rows = [row for row in records(monitoring.changes) if row["kind"] != "corrected" and row["level"] == "village"]
    blocks: list[Block] = [_criteria(monitoring, snapshot)]
    if rows:
        blocks.append(_villages(rows, snapshot))
    return Section("details", "Phụ lục: thay đổi", "Phụ lục: thay đổi từng tiêu chí, từng thôn", (), tuple(blocks))


def _said(notes: Sequence[Note]) -> list[str]:
    return [note.vi for note in notes]


def _units(rows: Sequence[Row]) -> Table:
    """Communes before districts would hide a district that fell: the order is by kind, then level."""
    ordered = sorted(rows, key=lambda row: (CHANGE_KINDS.index(str(row["kind"])), row["level"] != "district"))
    heads = (
        Head("Thay đổi", 19),
        Head("Đơn vị", 20),
        Head("Huyện", 17),
        Head("Trước", 15),
        Head("Sau", 15),
        Head("Quyết định", 22),
    )
    made = []
    for row in ordered:
        kind, level = str(row["kind"]), str(row["level"])
        made.append(
            (
                Cell(change_word(kind), pace=_SIGN.get(kind, "unknown"), bold=kind in _BAD),
                Cell(clean(row["name"]), bold=True),
                Cell(clean(row["district"]) if row["district"] else ""),
                _state(row, "before", level),
                _state(row, "after", level),
                Cell(_decision(row)),
            )
        )
    return Table(
        "Xã, huyện đổi kết quả",
        heads,
        tuple(made),
        empty="Không xã, huyện nào đổi kết quả giữa hai ngày.",
        sheet="Thay đổi",
    )


def _state(row: Row, side: str, level: str) -> Cell:
    value = row[side]
    tier = str(value) if level == "commune" and value else ""
    return Cell(upper(state_word(value, level)), tier=tier)


def _decision(row: Row) -> str:
    if row["decision"]:
        on = f", {day(row['decision_date'])}" if row["decision_date"] is not None else ""
        return f"{clean(row['decision'])}{on}"
    if row["kind"] in {"withdrawn", "down"}:
        return "nguồn không ghi quyết định: kiểm tra trước khi kết luận"
    if row["kind"] == "no_longer_reported":
        return "nguồn không còn dòng này; không phải rút công nhận"
    return "" if row["after"] == "not_yet" else "nguồn không ghi quyết định"


def _regrouped(rows: Sequence[Row]) -> Table:
    """New units with what their predecessors were: neither a rise nor a fall."""
    heads = (
        Head("Đơn vị mới", 22),
        Head("Hình thành từ các đơn vị có kết quả", 40),
        Head("Kết quả của đơn vị mới", 26),
    )
    made = tuple(
        (
            Cell(clean(row["name"]), bold=True),
            Cell(str(row["mixture"] or "chưa có số liệu")),
            Cell(upper(state_word(row["after"], str(row["level"]))), tier=str(row["after"] or "")),
        )
        for row in rows
    )
    return Table(
        "Đơn vị mới và thành phần (không phải tăng hay giảm)",
        heads,
        made,
        empty="Không có bảng sắp xếp đơn vị, nên không nêu được đơn vị mới hình thành từ đâu.",
        sheet="Sắp xếp đơn vị",
    )


def _criteria(monitoring: Monitoring, snapshot: Snapshot) -> Table:
    """Together by kind and district, criteria lost first: each commune with its criteria."""
    known = set(snapshot.communes["code"])
    groups: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in records(monitoring.criteria_changes):
        if row["kind"] != "corrected" and row["code"] in known:
            key = (str(row["kind"]), clean(row["district"] or ""))
            groups.setdefault(key, {}).setdefault(str(row["code"]), []).append(row)
    made = tuple(
        (
            Cell(
                criteria_change_word(kind),
                pace={"lost": "missed", "gained": "reached"}.get(kind, "unknown"),
                bold=kind == "lost",
            ),
            Cell(district),
            Cell("; ".join(_criteria_of(rows) for rows in communes.values()) + "."),
        )
        for (kind, district), communes in groups.items()
    )
    heads = (Head("Thay đổi", 19), Head("Huyện", 17), Head("Xã và tiêu chí (số và tên)", 82))
    return Table(
        "Tiêu chí đổi kết quả (chỉ so trong cùng một bộ tiêu chí)",
        heads,
        made,
        empty="Không tiêu chí nào đổi kết quả trong cùng một bộ tiêu chí.",
        sheet="Thay đổi tiêu chí",
    )


def _criteria_of(rows: Sequence[Row]) -> str:
    """A commune and its criteria."""
    return (
        f"{clean(rows[0]['name'])}: {criteria_named(rows[0]['criteria_set'], [int(row['criterion']) for row in rows])}"
    )


def _villages(rows: Sequence[Row], snapshot: Snapshot) -> Table:
    """Villages by name, together by kind and district, what was lost first."""
    place = {
        str(code): (str(commune), clean(name))
        for code, commune, name in zip(
            snapshot.villages["code"], snapshot.villages["commune_code"], snapshot.villages["name"], strict=True
        )
    }
    communes = {
        str(code): clean(name) for code, name in zip(snapshot.communes["code"], snapshot.communes["name"], strict=True)
    }
    groups: dict[tuple[int, str, str], list[tuple[str, str]]] = {}
    for row in rows:
        commune, name = place.get(str(row["code"]), ("", clean(row["name"])))
        key = (CHANGE_KINDS.index(str(row["kind"])), str(row["what"]), clean(row["district"] or ""))
        groups.setdefault(key, []).append((communes.get(commune, ""), name))
    made = []
    for (kind, what, district), pairs in sorted(groups.items()):
        word = CHANGE_KINDS[kind]
        said = {"withdrawn": "Không còn ghi đạt", "newly_recognised": "Mới ghi đạt"}.get(word, change_word(word))
        made.append(
            (
                Cell(f"{said}: {_FLAGS.get(what, what)}", pace=_SIGN.get(word, "unknown"), bold=word in _BAD),
                Cell(district),
                Cell(str(len(pairs)), len(pairs), "whole"),
                Cell(by_group(sorted(pairs))),
            )
        )
    heads = (Head("Thay đổi", 24), Head("Huyện", 15), Head("Số thôn", 7, right=True), Head("Thôn, theo xã", 62))
    return Table(
        "Thôn đổi kết quả",
        heads,
        tuple(made),
        note="Nguồn về thôn không ghi quyết định: thôn không còn ghi đạt cần kiểm tra trước khi kết luận.",
        sheet="Thay đổi thôn",
    )


def _corrected(rows: Sequence[Row], *, known: bool) -> Block:
    """What was put right afterwards: no change of anything but the record."""
    title = "Số liệu được sửa lại sau kỳ trước (không phải thay đổi thực tế)"
    if not known:
        said = (
            "Chưa tách được: lệnh lập không nêu ngày họp kỳ trước, nên không biết khi đó đã ghi nhận số liệu nào. "
            "Mọi so sánh ở trên dùng số liệu của kỳ trước như biết hôm nay."
        )
        return Lines(title, (said,))
    heads = (Head("Cấp", 10), Head("Đơn vị", 24), Head("Huyện", 17), Head("Đã sửa gì", 57))
    made = tuple(
        (
            Cell(LEVELS.get(str(row["level"]), ("", ""))[0]),
            Cell(clean(row["name"]), bold=True),
            Cell(clean(row["district"]) if row["district"] else ""),
            Cell(upper(str(row["reason"]))),
        )
        for row in rows
    )
    return Table(title, heads, made, empty="Không dòng nào của kỳ trước được sửa lại.", sheet="Số liệu sửa lại")
