"""How old and how complete the data are, what is not known and who could tell, and the rules everything goes by."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ntmgis.measure.facts import Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.told import Row, records
from ntmgis.programme.criteria import ALL_SETS, criteria_set
from ntmgis.programme.plan import Plan
from ntmgis.show.paper.font import clean
from ntmgis.show.review.content import Cell, Head, Lines, Section, Table
from ntmgis.show.review.districts import named_codes
from ntmgis.show.review.say import WITHHELD, age, criteria_named, named
from ntmgis.show.words import day, number, percent, set_of, upper
from ntmgis.store.snapshot import Snapshot, SourceNote

__all__ = ["coverage_section", "oldest", "questions_section", "rules_section", "silent_communes", "sources_section"]

_NAMES = 12
_STATUS = ("commune_status", "criteria", "village_status", "district_status")


def silent_communes(snapshot: Snapshot, facts: Facts) -> list[str]:
    """Names of the communes that nothing was reported of."""
    quiet = facts.communes.index[facts.communes["tier"].eq("not_reported")]
    names = snapshot.communes.set_index("code")["name"]
    return [clean(names.get(code, code)) for code in quiet]


def oldest(snapshot: Snapshot) -> SourceNote | None:
    """The oldest dated source of results."""
    dated = [one for one in snapshot.sources if one.as_of is not None and one.table in _STATUS]
    return min(dated, key=lambda one: (str(one.as_of), one.id), default=None)


def coverage_section(snapshot: Snapshot, facts: Facts) -> Section:
    """How much is known of what there is, then every source with its date and age."""
    rows = _coverage(snapshot, facts)
    heads = (
        Head("Số liệu", 34),
        Head("Có", 11, right=True),
        Head("Trên", 11, right=True),
        Head("Độ phủ", 11, right=True),
        Head("0%                    100%", 22),
        Head("Còn thiếu", 60),
    )
    cover = Table("Độ phủ", heads, tuple(rows), sheet="Độ phủ")
    failed = [one for one in snapshot.sources if one.failed]
    table = _grouped_sources(snapshot)
    old = oldest(snapshot)
    title = "Số liệu: chưa có nguồn kết quả nào có ngày"
    if old is not None and old.as_of is not None:
        title = f"Số liệu kết quả cũ nhất: {day(old.as_of)}, {age(old.as_of, snapshot.as_of)} trước ngày xem"
        if old.as_of >= snapshot.as_of:
            title = f"Mọi số liệu kết quả có ngày {day(snapshot.as_of)}"
    if failed:
        title += f"; {len(failed)} nguồn có tệp mới nhất không đọc được"
    return Section("data", "Tuổi và độ phủ số liệu", title, blocks=(cover, table))


def _grouped_sources(snapshot: Snapshot) -> Table:
    """Sources of one day and one origin together, the oldest first."""
    groups: dict[tuple[str, str, bool], list[SourceNote]] = {}
    for one in snapshot.sources:
        groups.setdefault((str(one.as_of or ""), clean(one.origin, limit=160), one.failed), []).append(one)
    made = []
    for (_, origin, failed), notes in sorted(groups.items()):
        as_of = notes[0].as_of
        titles = named(clean(one.title, limit=120) for one in notes)
        made.append(
            (
                Cell(day(as_of) if as_of else "không ghi ngày", pace="missed" if failed else ""),
                Cell(age(as_of, snapshot.as_of)),
                Cell(titles + (" (tệp mới nhất không đọc được, dùng bản trước)" if failed else "")),
                Cell(origin or "không ghi nguồn"),
            )
        )
    heads = (Head("Ngày số liệu", 15), Head("Tuổi", 11, right=True), Head("Nguồn", 84), Head("Xuất xứ", 40))
    return Table("Nguồn số liệu, ngày và tuổi tính đến ngày xem", heads, tuple(made), empty="Không có nguồn nào.")


def sources_section(snapshot: Snapshot) -> Section:
    """Every source in a row of its own, for the workbook."""
    heads = (
        Head("Nguồn", 48),
        Head("Ngày số liệu", 13),
        Head("Tuổi", 11, right=True),
        Head("Số dòng", 10, right=True),
        Head("Xuất xứ", 46),
        Head("Tình trạng", 24),
    )
    made = tuple(_source(one, snapshot) for one in snapshot.sources)
    table = Table("Nguồn số liệu", heads, made, empty="Không có nguồn nào.", sheet="Nguồn")
    return Section("sources", "Nguồn", f"{len(made)} nguồn số liệu", blocks=(table,), book_only=True)


def _cover(label: str, have: int, of: int, lacking: str = "") -> tuple[Cell, ...]:
    share = have / of if of else None
    return (
        Cell(label, bold=True),
        Cell(number(have), have, "whole"),
        Cell(number(of), of, "whole"),
        Cell(percent(share), share, "share"),
        Cell("", bar=None if share is None else (share, None)),
        Cell(lacking),
    )


def _coverage(snapshot: Snapshot, facts: Facts) -> list[tuple[Cell, ...]]:
    rural = facts.communes.index[facts.communes["tier"].ne("not_applicable")]
    quiet = silent_communes(snapshot, facts)
    made = [_cover("Xã có kết quả NTM", len(rural) - len(quiet), len(rural), _some(quiet))]
    told = snapshot.criteria[snapshot.criteria["code"].isin(rural)]
    with_any = told["code"].nunique()
    sets = snapshot.commune_status["criteria_set"].dropna().unique()
    count = set_of(sets[0] if len(sets) == 1 else None).count or 0
    states = int(told["state"].isin(["met", "not_met", "not_applicable"]).sum())
    made.append(_cover("Xã có số liệu tiêu chí", int(with_any), len(rural)))
    if len(sets) <= 1:
        made.append(_cover("Ô tiêu chí (xã × tiêu chí)", states, len(rural) * count))
    if len(snapshot.villages):
        status = snapshot.village_status.set_index("village_code").reindex(snapshot.villages["code"])
        for flag, words in (("model", "kiểu mẫu"), ("minority_ntm", "NTM vùng đồng bào DTTS")):
            rows = pd.Series([True] * len(status), index=status.index)
            if flag == "minority_ntm":
                rows = (
                    snapshot.villages.set_index("code")["ethnic_minority"]
                    .astype("boolean")
                    .fillna(value=False)
                    .astype(bool)
                )
            known = status[flag].notna() & rows.to_numpy()
            made.append(_cover(f"Thôn có số liệu {words}", int(known.sum()), int(rows.sum())))
    if len(snapshot.districts):
        codes = set(snapshot.district_status["district_code"])
        without = [clean(name) for code, name in _pairs(snapshot.districts) if code not in codes]
        made.append(
            _cover("Huyện có kết quả", len(snapshot.districts) - len(without), len(snapshot.districts), _some(without))
        )
    return made


def _pairs(frame: pd.DataFrame) -> Iterable[tuple[str, Any]]:
    return zip(frame["code"].astype(str), frame["name"], strict=True)


def _some(names: Sequence[str]) -> str:
    """The first names and how many more there are."""
    left = len(names) - _NAMES
    return named(names[:_NAMES]) + (f" và {left} nơi khác" if left > 0 else "")


def _source(one: SourceNote, snapshot: Snapshot) -> tuple[Cell, ...]:
    state = Cell("tệp mới nhất không đọc được, dùng bản trước", pace="missed") if one.failed else Cell("đang dùng")
    return (
        Cell(clean(one.title, limit=120)),
        Cell(day(one.as_of) if one.as_of else "không ghi ngày", one.as_of, "date"),
        Cell(age(one.as_of, snapshot.as_of)),
        Cell(number(one.rows), one.rows, "whole"),
        Cell(clean(one.origin, limit=160) or "không ghi nguồn"),
        state,
    )


def questions_section(
    snapshot: Snapshot, facts: Facts, monitoring: Monitoring, standing: Sequence[Row], plan: Plan
) -> Section:
    """What is not known, and who could answer it."""
    rows = [
        *_of_reports(snapshot, facts),
        *_of_criteria(standing, plan),
        *_of_changes(monitoring),
        *_of_conditions(monitoring, plan),
        *_of_plan(plan),
        *_of_rules(snapshot),
    ]
    heads = (Head("Điều chưa biết", 76), Head("Ai có thể trả lời", 44), Head("Vì sao cần", 36))
    made = tuple((Cell(what), Cell(who), Cell(why)) for what, who, why in rows)
    note = (
        f"Tên cơ quan theo Kế hoạch {plan.number} ngày {day(plan.issued)}; cơ quan nào đã sáp nhập, đổi tên thì hỏi cơ "
        "quan kế tiếp."
    )
    table = Table("Câu hỏi", heads, made, empty="Không có.", note=note, sheet="Câu hỏi")
    return Section("questions", "Câu hỏi còn mở", f"{len(rows)} điều chưa biết và nơi có thể trả lời", blocks=(table,))


Asked = tuple[str, str, str]


def _of_reports(snapshot: Snapshot, facts: Facts) -> Iterable[Asked]:
    quiet = silent_communes(snapshot, facts)
    if quiet:
        what = f"Kết quả NTM của {number(len(quiet))} xã chưa báo cáo: {_some(quiet)}."
        yield what, "UBND các xã này", "Không có thì mọi số đạt chuẩn chỉ là số tối thiểu."
    for one in snapshot.sources:
        if one.failed:
            what = f"“{clean(one.title, limit=120)}”: tệp mới nhất không đọc được."
            yield what, "Nơi gửi tệp", "Đang dùng số liệu của bản trước."


def _of_criteria(standing: Sequence[Row], plan: Plan) -> Iterable[Asked]:
    """Criteria that are not known of assessed communes, with the agencies that lead them in the plan."""
    open_: dict[int, int] = {}
    sets = set()
    for row in standing:
        unknown = tuple(row.get("unknown") or ())
        if row["tier"] in {"not_applicable", "not_reported"} or not unknown:
            continue
        if len(unknown) == (set_of(row["criteria_set"]).count or 0):
            continue  # nothing is known of this commune at all: asked as one thing below
        sets.add(row["criteria_set"])
        for no in unknown:
            open_[int(no)] = open_.get(int(no), 0) + 1
    id_ = next(iter(sets)) if len(sets) == 1 else None
    for no, count in sorted(open_.items(), key=lambda pair: (-pair[1], pair[0])):
        who = _leaders(plan, no) if no not in set_of(id_).withheld else ""
        agencies = f"UBND các xã; chủ trì nội dung: {who}" if who else "UBND các xã"
        yield (
            f"Tiêu chí {criteria_named(id_, [no])}: {count} xã chưa đánh giá.".replace(
                f"Tiêu chí {WITHHELD}", upper(WITHHELD)
            ),
            agencies,
            "Chưa rõ xã đạt đủ tiêu chí hay không.",
        )
    blank = [
        row
        for row in standing
        if row["tier"] not in {"not_applicable", "not_reported"}
        and len(tuple(row.get("unknown") or ())) == (set_of(row["criteria_set"]).count or 0)
    ]
    if blank:
        what = f"Toàn bộ tiêu chí của {number(len(blank))} xã: {_some([str(row['name']) for row in blank])}."
        yield what, "UBND các xã này", "Chưa xét được nguy cơ thu hồi và xã nào gần đạt chuẩn."


def _leaders(plan: Plan, no: int) -> str:
    leads = [code for content in plan.contents if no in content.criteria for code in content.leads]
    names = [plan.agencies.get(code, code) for code in dict.fromkeys(leads)]
    return ", ".join(names[:3])


def _of_changes(monitoring: Monitoring) -> Iterable[Asked]:
    rows = monitoring.changes
    down = rows[rows["level"].ne("village") & rows["kind"].isin(["withdrawn", "down"]) & rows["decision"].isna()]
    if len(down):
        what = f"Quyết định thu hồi hoặc hạ bậc của: {_some([clean(name) for name in down['name']])}."
        yield what, "Cơ quan đã công nhận", "Không có quyết định thì có thể chỉ là lỗi số liệu."


def _of_conditions(monitoring: Monitoring, plan: Plan) -> Iterable[Asked]:
    """Conditions of the named districts that no data tell, put together by condition."""
    wanted = set(named_codes(plan))
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in records(monitoring.conditions):
        if row["level"] not in {"district", "city"} or row["code"] not in wanted or row["state"] != "unknown":
            continue
        if row["condition"] in {"ready", "kept"} or (
            row["need"] is None and row["condition"] in {target.id for target in plan.targets}
        ):
            continue
        groups.setdefault((str(row["level"]), str(row["condition"]), str(row["title"])), []).append(clean(row["name"]))
    for (level, id_, title), names in groups.items():
        set_id = f"2021-2025-{level}"
        rule = criteria_set(set_id) if set_id in ALL_SETS else None
        basis = next((one.basis for one in rule.conditions if one.id == id_), rule.basis) if rule is not None else ""
        unread = rule is not None and any(one.id == id_ and one.need is None for one in rule.conditions)
        who = f"UBND: {named(names)}"
        if unread and basis:
            who += f"; toàn văn {basis}"
        yield f"{title}: chưa có số liệu.", who, "Chưa kết luận được đơn vị đủ điều kiện hay chưa."


def _of_plan(plan: Plan) -> Iterable[Asked]:
    """What the document leaves open, and contradictions in its figures."""
    issuer = plan.issuer or "Cơ quan ban hành kế hoạch"
    for one in plan.inconsistencies:
        figures = any(about.startswith(("budget:", "target:")) for about in one.about)
        if figures or one.explains == "leader":
            said = one.vi
            if one.explains == "leader":
                contents = ", ".join(about.removeprefix("content:") for about in one.about)
                said = f"Nội dung {contents} của kế hoạch: không ghi cơ quan chủ trì."
            yield said, issuer, f"Kế hoạch {plan.number}, mục {one.where}."
    for target in plan.targets:
        if target.backlog and target.owed is None:
            what = f"{upper(target.label)}: còn bao nhiêu xã của năm {plan.year - 1} phải làm tiếp."
            yield what, issuer, "Để riêng, chưa cộng vào chỉ tiêu."


def _of_rules(snapshot: Snapshot) -> Iterable[Asked]:
    """What was not read of the set of criteria in use."""
    for id_ in sorted({str(one) for one in snapshot.commune_status["criteria_set"].dropna()}):
        if id_ in ALL_SETS and criteria_set(id_).unknown_vi:
            told = criteria_set(id_)
            yield told.unknown_vi, f"Toàn văn {told.basis}", "Ngưỡng dùng để đối chiếu số đo trên bản đồ."


def rules_section(monitoring: Monitoring, plan: Plan) -> Section:
    """The rules behind the verdicts, and what is kept off public products."""
    rules = [note.vi for note in monitoring.notes if note.id in {"target_rule", "trend_sets"}]
    rules += [
        (
            f"Chỉ tiêu: Kế hoạch {plan.number} ngày {day(plan.issued)}. Bậc tính cộng dồn: xã kiểu mẫu cũng là xã nâng "
            "cao và xã đạt chuẩn."
        ),
        "“Công nhận” là theo quyết định; “đạt đủ tiêu chí” là theo số liệu hôm nay: hai việc khác nhau.",
        "Chưa biết thì ghi là chưa biết (dấu –): không coi là 0, không coi là chưa đạt.",
        f"Tiêu chí mà bộ tiêu chí không cho công khai được ghi là “{WITHHELD}”, vẫn được tính vào số lượng.",
    ]
    return Section("rules", "Quy tắc", "Quy tắc tính", blocks=(Lines("Quy tắc", tuple(rules)),))
