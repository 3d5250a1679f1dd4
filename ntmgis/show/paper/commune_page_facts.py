"""What the page of one commune says, as plain values: criteria, measures, trend, nearest works, villages, sources.

Nothing is drawn here. What all pages share (positions, distances, criteria by commune) is worked out once per book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pandas as pd

from ntmgis.measure.addresses import SUPPRESS_UNDER
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.measure.told import Row, records
from ntmgis.programme.criteria import CriteriaSet
from ntmgis.programme.tables import tables
from ntmgis.show.paper.commune_page_near import WORK_TITLES, Nearest, NearestWorks
from ntmgis.show.paper.content import Ground
from ntmgis.show.paper.font import clean
from ntmgis.show.symbols import tier_label
from ntmgis.show.words import day, lower, number, percent, set_of, upper
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.reference import reference_units

__all__ = ["CriterionCell", "Measure", "PageFacts", "Period", "Village", "few", "tier_said"]

_SHARES = (
    ("near_road_share", "Hộ gần đường (≤ {limit} m)", "road"),
    ("near_water_share", "Hộ gần nguồn nước (≤ {limit} m)", "water_supply"),
    ("near_waste_share", "Hộ gần điểm rác (≤ {limit} m)", "waste_point"),
    ("road_hardened_share", "Đường cứng hoá (km rõ mặt)", ""),
    ("address_coded_share", "Địa chỉ có mã số", ""),
    ("address_plated_share", "Địa chỉ đã gắn biển số", ""),
)


@dataclass(frozen=True, slots=True)
class CriterionCell:
    """One criterion: `name` is "" where the set's name of it is not known or is kept off public products.

    `state` is met, not_met, not_assessed, not_applicable, unknown or withheld.
    """

    no: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A bar: `value`, `province` and `target` as parts of one (None: not known, none), and the number in words.

    `of_district`: the target is one for the whole district.
    """

    label: str
    value: float | None
    words: str
    province: float | None = None
    target: float | None = None
    of_district: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting day: tier (None: nothing was reported), criteria met of those of the set (None: not known)."""

    label: str
    tier: str
    met: int | None
    of: int | None


@dataclass(frozen=True, slots=True)
class Village:
    """A row of the village table; flags are None where nothing was reported."""

    code: str
    name: str
    households: int | None
    minority: bool | None
    model: bool | None
    minority_ntm: bool | None
    smart: bool | None


def few(count: int | None) -> str:
    """A count of households; a small one is withheld, as in all measures.

    >>> few(152), few(3), few(0), few(None)
    ('152', '< 5', '0', '–')
    """
    return f"< {SUPPRESS_UNDER}" if count is not None and 0 < count < SUPPRESS_UNDER else number(count)


def tier_said(tier: str) -> str:
    """A tier within a sentence: only an ordinary word loses its capital.

    >>> tier_said("not_yet"), tier_said("model")
    ('chưa đạt chuẩn', 'NTM kiểu mẫu')
    """
    label = tier_label(tier)
    return label if label.startswith("NTM") else lower(label)


class PageFacts:
    """What the pages of a book say. `monitoring` None: no reasons, conditions and changes are told."""

    def __init__(self, snapshot: Snapshot, facts: Facts, ground: Ground, monitoring: Monitoring | None = None) -> None:
        self.snapshot = snapshot
        self.facts = facts
        self.ground = ground
        self.monitoring = monitoring
        self._rows: dict[str, Row] = dict(zip(facts.communes.index.astype(str), records(facts.communes), strict=True))

    def of(self, code: str) -> Row:
        """The measures of a commune as a plain row."""
        return self._rows[code]

    # -- status

    @cached_property
    def _standing(self) -> dict[str, Row]:
        if self.monitoring is None:
            return {}
        frame = self.monitoring.standing
        return {str(code): row for code, row in zip(frame.index, records(frame), strict=True)}

    @cached_property
    def _changes(self) -> dict[str, Row]:
        if self.monitoring is None:
            return {}
        frame = self.monitoring.changes
        return {str(row["code"]): row for row in records(frame[frame["level"] == "commune"])}

    @cached_property
    def _set_ids(self) -> dict[str, Any]:
        frame = self.snapshot.commune_status
        return {str(row["code"]): row.get("criteria_set") for row in records(frame)}

    def criteria_set(self, code: str) -> CriteriaSet:
        """The set the commune's status names; none named: that of the last years."""
        return set_of(self._set_ids.get(code))

    def recognition(self, code: str) -> str:
        """Decision and year in one sentence, or what is missing."""
        row = self.of(code)
        tier = str(row["tier"])
        if tier == "not_applicable":
            return "Phường, thị trấn, đặc khu không thuộc diện xét xã nông thôn mới."
        if tier == "not_reported":
            return "Chưa có số liệu về kết quả nông thôn mới của đơn vị này."
        told = f"Số liệu đến {day(row['status_as_of'])}"
        if tier == "not_yet":
            return f"Chưa được công nhận. {told}."
        parts = [f"Năm đạt chuẩn {row['standard_year']}" if row["standard_year"] else "Không ghi năm đạt chuẩn"]
        if row["decision"]:
            on = f" ngày {day(row['decision_date'])}" if row["decision_date"] else ""
            parts.append(f"Quyết định {clean(row['decision'], limit=60)}{on}")
        else:
            parts.append("không ghi quyết định")
        return f"{', '.join(parts)}. {told}."

    def standing(self, code: str) -> tuple[str, ...]:
        """Where it stands today and why: criteria, risk of withdrawal, what changed, what it was formed from."""
        row, stands = self.of(code), self._standing.get(code, {})
        tier = str(row["tier"])
        made = []
        if tier != "not_applicable":
            made.append(self._judged(code, row, stands))
        if stands.get("risk") in {"at_risk", "withdrawable"}:
            word = "tới mức xét thu hồi" if stands["risk"] == "withdrawable" else "gần mức xét thu hồi"
            share = stands.get("risk_share")
            gone = f", {percent(share)} tiêu chí không còn đạt" if share is not None else ""
            made.append(f"Nguy cơ: {word} công nhận{gone} (Quyết định 18/2022/QĐ-TTg).")
        change = self._changes.get(code)
        if change is not None and change["kind"] not in {"regrouped", "first_report"} and self.monitoring is not None:
            made.append(f"Thay đổi từ {day(self.monitoring.since)}: {change['reason']}.")
        formed = self._formed(code, row, change)
        return tuple(clean(text, limit=600) for text in (*made, formed) if text)

    def _judged(self, code: str, row: Row, stands: Row) -> str:
        named, set_ = self._set_ids.get(code), self.criteria_set(code)
        which = f"bộ {set_.id}" if named else f"không ghi bộ tiêu chí, ở đây theo bộ {set_.id}"
        cells = self.criteria(code)
        known = [cell for cell in cells if cell.state not in {"unknown", "withheld"}]
        if row["criteria_met"] is None and not known:
            return "Chưa có số liệu từng tiêu chí."
        met = row["criteria_met"]
        text = f"Hiện đạt {number(met)}/{number(set_.count)} tiêu chí ({which})"
        gone, unknown = self._gone(code, stands)
        if gone:
            text += f", thiếu {number(len(gone))}"
        if unknown:
            text += f", chưa rõ {number(len(unknown))}"
        return text + "."

    def _gone(self, code: str, stands: Row) -> tuple[Sequence[int], Sequence[int]]:
        if stands:
            return tuple(stands.get("missing") or ()), tuple(stands.get("unknown") or ())
        states = self._states.get(code, {})
        numbers = self.criteria_set(code).numbers
        gone = [no for no in numbers if states.get(no) == "not_met"]
        return gone, [no for no in numbers if states.get(no) in {None, "not_assessed"}] if states else []

    @cached_property
    def _predecessors(self) -> dict[str, list[str]]:
        frame = self.snapshot.unit_change
        if self.snapshot.epoch == EPOCHS[0] or frame.empty:
            return {}
        made: dict[str, list[str]] = {}
        for row in records(frame.sort_values(["new_code", "old_code"])):
            made.setdefault(str(row["new_code"]), []).append(str(row["old_code"]))
        return made

    def _formed(self, code: str, row: Row, change: Row | None) -> str:
        """A new unit: which units it was formed from and what those were; it has no tier of its own by that."""
        old = self._predecessors.get(code, [])
        if not old:
            return ""
        names = _old_names()
        told = ", ".join(clean(names.get(one, one), limit=40) for one in old)
        mixture = (change or {}).get("mixture")
        composition = row.get("composition")
        if mixture is None and isinstance(composition, Mapping):
            parts = [f"{composition[one]} {tier_said(one)}" for one in TIER_STATES if composition.get(one)]
            mixture = ", ".join(parts)
        text = f"Lập từ {number(len(old))} đơn vị cũ: {told}" if len(old) > 1 else f"Lập từ {told}"
        if mixture:
            text += f" (kết quả trước sắp xếp: {mixture})"
        return text + "."

    # -- criteria

    @cached_property
    def _states(self) -> dict[str, dict[int, str]]:
        made: dict[str, dict[int, str]] = {}
        frame = self.snapshot.criteria
        for code, no, state in zip(frame["code"], frame["criterion"], frame["state"], strict=True):
            made.setdefault(str(code), {})[int(no)] = str(state)
        return made

    def criteria(self, code: str) -> tuple[CriterionCell, ...]:
        """Every criterion of the commune's set; what the set keeps off public products has neither name nor state."""
        set_, states = self.criteria_set(code), self._states.get(code, {})
        known = {one.no: one for one in set_.criteria}
        cells = []
        for no in set_.numbers:
            one = known.get(no)
            if no in set_.withheld:
                cells.append(CriterionCell(no, "", "withheld"))
            else:
                cells.append(CriterionCell(no, "" if one is None else one.vi, states.get(no, "unknown")))
        return tuple(cells)

    # -- measures

    @cached_property
    def _mean_met(self) -> dict[str, float]:
        """Criteria set → mean number of criteria met by the communes judged by it."""
        frame = self.facts.communes
        known = frame[frame["criteria_met"].notna()]
        made: dict[str, list[float]] = {}
        for code, met in known["criteria_met"].items():
            made.setdefault(self.criteria_set(str(code)).id, []).append(float(met))
        return {id_: sum(values) / len(values) for id_, values in made.items()}

    @cached_property
    def _conditions(self) -> dict[str, list[Row]]:
        if self.monitoring is None:
            return {}
        frame = self.monitoring.conditions
        made: dict[str, list[Row]] = {}
        for row in records(frame[(frame["level"] == "commune") & (frame["condition"] == "village_model")]):
            made.setdefault(str(row["code"]), []).append(row)
        return made

    @cached_property
    def _district_targets(self) -> dict[str, float]:
        plan = self.facts.plan
        if plan.empty or "district_code" not in plan:
            return {}
        rows = plan[(plan["kind"] == "minimum_share") & plan["district_code"].notna() & plan["target"].notna()]
        return {str(row["district_code"]): float(row["target"]) for row in records(rows)}

    def measures(self, code: str) -> tuple[Measure, ...]:
        """Against the target where there is one, and against the whole province. Measures nobody knows are left out."""
        row, set_ = self.of(code), self.criteria_set(code)
        made = []
        if row["tier"] != "not_applicable" and set_.count:
            met, mean = row["criteria_met"], self._mean_met.get(set_.id)
            words = f"{number(met)}/{number(set_.count)}"
            part = None if met is None else met / set_.count
            made.append(Measure("Tiêu chí đạt", part, words, None if mean is None else mean / set_.count, 1.0))
        for condition in self._conditions.get(code, ()):
            value, need = condition["value"], condition["need"]
            if value is not None and need:
                whole = max(value, need)
                words = f"{number(value)}, cần {number(need)}"
                made.append(Measure("Thôn NTM kiểu mẫu", value / whole, words, None, need / whole))
        minority = self._minority(code, str(row["district_code"]))
        if minority is not None:
            made.append(minority)
        whole_row = self.facts.province
        for column, label in self.share_labels():
            value, whole = row.get(column), whole_row.get(column)
            whole = None if whole is None or pd.isna(whole) else float(whole)
            if value is not None or whole is not None:
                made.append(Measure(label, value, percent(value), whole))
        return tuple(made)

    def share_labels(self) -> tuple[tuple[str, str], ...]:
        """Columns of the shares that are drawn as bars, with their labels."""
        made = []
        for column, label, layer in _SHARES:
            limit = self.facts.limits.get(layer)
            shown = label.format(limit=number(limit)) if limit is not None or not layer else label.partition(" (≤")[0]
            made.append((column, shown))
        return tuple(made)

    def _minority(self, code: str, district: str) -> Measure | None:
        villages = [one for one in self.villages(code) if one.minority]
        if not villages:
            return None
        reached = sum(one.minority_ntm is True for one in villages)
        silent = sum(one.minority_ntm is None for one in villages)
        target = self._district_targets.get(district)
        if silent == len(villages):
            return Measure(
                "Thôn NTM vùng DTTS", None, "chưa có số liệu", self._minority_share, target, of_district=True
            )
        words = f"{'ít nhất ' if silent else ''}{reached}/{len(villages)}"
        value = reached / len(villages)
        return Measure("Thôn NTM vùng DTTS", value, words, self._minority_share, target, of_district=True)

    @cached_property
    def _minority_share(self) -> float | None:
        every = [one for found in self._villages.values() for one in found if one.minority]
        if not every or all(one.minority_ntm is None for one in every):
            return None
        return sum(one.minority_ntm is True for one in every) / len(every)

    # -- trend

    @cached_property
    def _history(self) -> dict[str, dict[Any, str]]:
        made: dict[str, dict[Any, str]] = {}
        for row in records(self.snapshot.history):
            made.setdefault(str(row["code"]), {})[row["as_of"]] = str(row["tier"])
        return made

    @cached_property
    def _criteria_history(self) -> dict[str, dict[Any, Row]]:
        frame = self.snapshot.criteria_history
        made: dict[str, dict[Any, Row]] = {}
        for row in () if frame is None else records(frame):
            made.setdefault(str(row["code"]), {})[row["as_of"]] = row
        return made

    @cached_property
    def _days(self) -> list[Any]:
        days = {when for told in self._history.values() for when in told}
        return sorted(days | {when for told in self._criteria_history.values() for when in told})

    def trend(self, code: str) -> tuple[Period, ...]:
        """Tier and criteria met at each reporting day of this boundary epoch."""
        tiers, counts = self._history.get(code, {}), self._criteria_history.get(code, {})
        made = []
        for when in self._days:
            row = counts.get(when)
            of = None if row is None else set_of(row["criteria_set"]).count
            label = f"{when.year}" if (when.month, when.day) == (12, 31) else f"{when.month}/{when.year}"
            met = None if row is None or not row["judged"] else int(row["met"])
            made.append(Period(label, tiers.get(when, "not_reported"), met, of))
        return tuple(made)

    # -- works

    @cached_property
    def _near(self) -> NearestWorks:
        return NearestWorks(self.ground)

    def nearest(self, code: str) -> tuple[tuple[Nearest, ...], str]:
        """Works within and nearest, and from where the distances are measured, in words."""
        return self._near.of(code)

    # -- villages

    @cached_property
    def _villages(self) -> dict[str, list[Village]]:
        told = self.facts.villages
        flags = {
            str(code): tuple(_flag(value) for value in row)
            for code, row in zip(
                told.index, told[["model", "minority_ntm", "smart"]].itertuples(index=False), strict=True
            )
        }
        made: dict[str, list[Village]] = {}
        for row in records(pd.DataFrame(self.snapshot.villages.drop(columns="geometry"))):
            code = str(row["code"])
            households = row["households"]
            made.setdefault(str(row["commune_code"]), []).append(
                Village(
                    code,
                    clean(row["name"], limit=40) if row["name"] else code,
                    None if households is None else int(households),
                    _flag(row["ethnic_minority"]),
                    *flags.get(code, (None, None, None)),
                )
            )
        return made

    def villages(self, code: str) -> tuple[Village, ...]:
        """The villages of a commune, in the order of their codes."""
        return tuple(self._villages.get(code, ()))

    # -- sources

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """One line for each origin: its tables by the day of their data. Shorter than the full list of the book."""
        drawn = {"unit", "village", "commune_status", "criteria", "address_point", "village_status"}
        drawn |= {"unit_change", "population"}
        drawn |= set(self.ground.layers) | ({"terrain"} if self.ground.relief is not None else set())
        origins: dict[str, dict[str, list[str]]] = {}
        for note in self.snapshot.sources:
            if note.table not in drawn or (note.table == "commune_status" and not self._used(note.id)):
                continue
            when = day(note.as_of) if note.as_of else "không ghi ngày"
            title = _SHORT.get(note.table, lower(WORK_TITLES.get(note.table, tables()[note.table].title_vi)))
            days = origins.setdefault(clean(note.origin, limit=160) or "không ghi nguồn", {})
            titles = days.setdefault(when, [])
            if title not in titles:
                titles.append(title)
        return tuple(
            upper("; ".join(f"{', '.join(titles)} ({when})" for when, titles in days.items())) + f". Nguồn: {origin}."
            for origin, days in origins.items()
        )

    def _used(self, source: str) -> bool:
        frame = self.snapshot.commune_status
        return "source" not in frame or source in set(frame["source"])


_SHORT = {
    "unit": "ranh giới",
    "village": "thôn",
    "commune_status": "kết quả NTM cấp xã",
    "village_status": "kết quả cấp thôn",
    "address_point": "địa chỉ số",
    "road": "đường",
    "river": "sông",
    "lake": "hồ",
    "terrain": "địa hình",
    "population": "lưới dân số",
}


@cache
def _old_names() -> Mapping[str, str]:
    frame = reference_units(EPOCHS[0])
    return dict(zip(frame["code"].astype(str), frame["name"].astype(str), strict=True))


def _flag(value: Any) -> bool | None:
    return None if value is None or pd.isna(value) else bool(value)
