"""What a district, the city and each commune must fulfil for their next status, as far as it is known, with reasons."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

import pandas as pd

from ntmgis.programme.criteria import Condition, CriteriaSet, as_fraction, criteria_set
from ntmgis.programme.judge import (
    COMMUNES,
    TOWNSHIPS,
    VILLAGES,
    Judgement,
    State,
    all_of,
    listed,
    percent,
    share_of,
)
from ntmgis.programme.plan import Plan, Target
from ntmgis.programme.tiers import at_least
from ntmgis.store.snapshot import Snapshot
from ntmgis.units.epochs import epoch_on

__all__ = ["COLUMNS", "conditions"]

COLUMNS = (
    "level",
    "code",
    "name",
    "condition",
    "title",
    "title_en",
    "state",
    "value",
    "need",
    "reason",
    "reason_en",
)
NAN = float("nan")
_CITY = ("thành phố", "thị xã")
_FLAGS = {"model": ("kiểu mẫu", "Model"), "smart": ("thông minh", "Smart")}
_NO_DATA = ("Chưa có số liệu.", "No data.")
Row = dict[str, Any]


def conditions(snapshot: Snapshot, plan: Plan, communes: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """One row for each condition of each district, the city and each commune it concerns, with the columns COLUMNS.

    `communes` is indexed by code with name, kind, tier and district_code; `villages` by code with commune_code and the
    flags model, minority_ntm and smart (NA: not told). Levels come in the order district, city, commune.

    Districts (until 30 June 2025): the rule of Quyết định 320 (`ready` is all of it together), the plan's share of
    villages, and for a recognised district the share of communes withdrawn. Communes: a model village in each NTM
    commune where the plan asks for it; the conditions of the model tier for each advanced commune. `state` is unknown
    where what is not reported decides; `value` is NaN where not all is reported.
    """
    asked = _Asked(snapshot, plan, communes, villages)
    rows = [*asked.of_districts(), *asked.of_communes()]
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    return made.astype({"value": "float64", "need": "float64"})


def _row(level: str, code: str, name: str, id_: str, titles: tuple[str, str], told: Judgement) -> Row:
    return {
        "level": level,
        "code": code,
        "name": name,
        "condition": id_,
        "title": titles[0],
        "title_en": titles[1],
        "state": told.state,
        "value": told.value,
        "need": told.need,
        "reason": told.vi,
        "reason_en": told.en,
    }


def _no_data(condition: Condition, rule: CriteriaSet) -> Judgement:
    """Unknown for want of data; where no figure is known to hold data against, what was not read of the rule."""
    if condition.need is not None:
        return Judgement("unknown", NAN, condition.need, *_NO_DATA)
    return Judgement("unknown", NAN, NAN, f"{_NO_DATA[0]} {rule.unknown_vi}", f"{_NO_DATA[1]} {rule.unknown_en}")


class _Asked:
    """One snapshot held against the rules and the plan."""

    def __init__(self, snapshot: Snapshot, plan: Plan, communes: pd.DataFrame, villages: pd.DataFrame) -> None:
        self.snapshot, self.plan, self.communes, self.villages = snapshot, plan, communes, villages
        # The plan's communes and districts are those of its own day; codes were reused afterwards.
        self.plan_holds = snapshot.epoch == epoch_on(plan.units_on)
        self.cities = {code for target in plan.targets if target.level == "city" for code in target.districts}
        self.villages_of: Mapping[str, list[str]] = {
            str(code): [str(one) for one in part.index] for code, part in villages.groupby("commune_code")
        }

    @cached_property
    def _minority(self) -> "Mapping[str, pd.Series]":
        """District → of each of its villages (by code) whether it is of ethnic minorities."""
        villages = self.snapshot.villages
        marks = villages.set_index("code")["ethnic_minority"].astype("boolean")
        district = villages["commune_code"].map(self.communes["district_code"]).to_numpy(dtype=object)
        return {str(code): part for code, part in marks.groupby(district)}

    # Districts and the city

    def of_districts(self) -> list[Row]:
        made = [
            row
            for code, name in zip(self.snapshot.districts["code"], self.snapshot.districts["name"], strict=True)
            for row in self._of_district(str(code), str(name))
        ]
        return sorted(made, key=lambda row: row["level"] == "city")  # stable: districts first, each in its order

    def _of_district(self, code: str, name: str) -> Iterable[Row]:
        city = name.casefold().startswith(_CITY) or (self.plan_holds and code in self.cities)
        level = "city" if city else "district"
        rule = criteria_set(f"2021-2025-{level}")
        own = self.communes[self.communes["district_code"].eq(code)]
        judged = [(one, self._of_units(one, own, rule)) for one in rule.conditions]
        for one, told in judged:
            yield _row(level, code, name, one.id, (one.vi, one.en), told)
        whole = all_of([(one.short_vi, one.short_en, told) for one, told in judged])
        yield _row(level, code, name, "ready", self._ready_titles(level), self._recognised(code, rule, whole))
        if not city and self._tier(code) == rule.tier and rule.withdrawal is not None:
            titles = ("Chưa tới mức thu hồi công nhận huyện", "Below the level at which recognition is withdrawn")
            yield _row(level, code, name, "kept", titles, self._kept(own, rule.withdrawal.units_share or Fraction(1)))
        for target in self._targets("minimum_share"):
            titles = (f"{target.label[:1].upper()}{target.label[1:]}", target.gloss)
            least = self.plan.share_of(target.id, code)
            if least is not None:
                titles = (f"{titles[0]}: ít nhất {percent(least)[0]}", f"{titles[1]}: at least {percent(least)[1]}")
            yield _row(level, code, name, target.id, titles, self._share(target, code))

    @staticmethod
    def _ready_titles(level: str) -> tuple[str, str]:
        if level == "city":
            return "Đủ điều kiện hoàn thành nhiệm vụ nông thôn mới", "Ready to have completed the NTM task"
        return "Đủ điều kiện huyện nông thôn mới", "Ready to be an NTM district"

    def _of_units(self, one: Condition, own: pd.DataFrame, rule: CriteriaSet) -> Judgement:
        if one.measure == "commune_share":
            assert one.need is not None
            rural = own[own["kind"].eq("xã")]
            words = {"ntm": ("đạt chuẩn NTM", "NTM"), "advanced": ("đạt NTM nâng cao", "advanced")}[one.tier]
            return share_of(COMMUNES, as_fraction(one.need), **_split(rural, one.tier), verb=words)
        if one.measure == "township_share":
            assert one.need is not None
            towns = list(own.loc[own["kind"].eq("thị trấn"), "name"])
            if towns:
                named = listed(towns, TOWNSHIPS.vi)
                return Judgement("unknown", NAN, one.need, f"Chưa có số liệu: {named[0]}.", f"No data: {named[1]}.")
            return share_of(TOWNSHIPS, as_fraction(one.need), yes=[], no=[])
        return _no_data(one, rule)

    def _tier(self, code: str) -> str | None:
        told = self.snapshot.district_status
        found = told.loc[told["district_code"].eq(code), "tier"]
        return None if found.empty else str(found.iloc[-1])

    def _recognised(self, code: str, rule: CriteriaSet, whole: Judgement) -> Judgement:
        """The conditions together, and beside them what was decided: two facts."""
        tier = self._tier(code)
        if tier is None:
            vi, en = "Chưa có số liệu về công nhận.", "Nothing is reported on recognition."
        elif tier == rule.tier:
            told = self.snapshot.district_status
            row = told[told["district_code"].eq(code)].iloc[-1]
            by = "" if pd.isna(row["decision"]) else f" ({row['decision']})"
            vi, en = f"Đã công nhận{by}.", f"Recognised{by}."
        else:
            vi, en = "Chưa được công nhận.", "Not recognised."
        return Judgement(whole.state, NAN, NAN, f"{vi} {whole.vi}", f"{en} {whole.en}")

    def _kept(self, own: pd.DataFrame, limit: Fraction) -> Judgement:
        """The one branch of the rule that data can tell: the share of communes withdrawn since they were first NTM."""
        rural = own[own["kind"].eq("xã")]
        history = self.snapshot.history
        once = set(history.loc[history["tier"].map(lambda tier: at_least(tier, "ntm")), "code"])
        gone = [
            str(name)
            for code, name, tier in zip(rural.index, rural["name"], rural["tier"], strict=True)
            if code in once and tier == "not_yet"
        ]
        if rural.empty:
            return Judgement("unknown", NAN, float(limit), *_NO_DATA)
        share = Fraction(len(gone), len(rural))
        (share_vi, share_en), (limit_vi, limit_en) = percent(share), percent(limit)
        named_vi, named_en = listed(gone, COMMUNES.vi)
        named_vi, named_en = (f": {named_vi}", f": {named_en}") if gone else ("", "")
        vi = f"{len(gone)}/{len(rural)} xã đã bị thu hồi ({share_vi}{named_vi}), mức là {limit_vi}"
        en = f"{len(gone)} of {len(rural)} communes withdrawn ({share_en}{named_en}), the limit is {limit_en}"
        if share >= limit:
            return Judgement("not_met", float(share), float(limit), f"{vi}.", f"{en}.")
        return Judgement(
            "unknown",
            float(share),
            float(limit),
            f"{vi}; các tiêu chí của huyện chưa có số liệu.",
            f"{en}; the district's own criteria are not known.",
        )

    def _share(self, target: Target, code: str) -> Judgement:
        """Villages of ethnic-minority areas with the status, against the plan's share for this district."""
        minority = self._minority.get(code, pd.Series(dtype="boolean"))
        flags = self._flag(target.tier).reindex(minority.index)
        least = self.plan.share_of(target.id, code)
        return _villages(minority, flags, None if least is None else as_fraction(least))

    # Communes

    def of_communes(self) -> list[Row]:
        rule = criteria_set("2021-2025-model")
        made: list[Row] = []
        wanted = self._targets("minimum_per_commune")
        for code, name, kind, tier in zip(
            self.communes.index, self.communes["name"], self.communes["kind"], self.communes["tier"], strict=True
        ):
            if kind != "xã":
                continue
            if at_least(tier, "ntm"):
                for target in wanted:
                    titles = (f"Ít nhất {target.value} thôn NTM kiểu mẫu", f"At least {target.value} model NTM village")
                    told = self._count(str(code), target.tier, target.value or 1)
                    made.append(_row("commune", str(code), str(name), target.id, titles, told))
            if at_least(tier, "advanced"):
                for one in rule.conditions:
                    if one.measure == "none" and one.tier:
                        continue  # the tier itself: it has it
                    told = self._count(str(code), one.tier, int(one.need or 1)) if one.tier else _no_data(one, rule)
                    made.append(_row("commune", str(code), str(name), one.id, (one.vi, one.en), told))
        return made

    def _targets(self, kind: str) -> Sequence[Target]:
        return [one for one in self.plan.targets if one.kind == kind] if self.plan_holds else []

    def _flag(self, name: str) -> pd.Series:
        return self.villages[name].astype("boolean")

    def _count(self, code: str, flag: str, need: int) -> Judgement:
        own = self._flag(flag).reindex(self.villages_of.get(code, []))
        if own.empty:
            words = ("Chưa có danh sách thôn của xã.", "No villages of the commune on record.")
            return Judgement("unknown", NAN, float(need), *words)
        flagged = own.index[own.fillna(value=False).astype(bool)]
        have = [str(name) for name in self.villages.loc[flagged, "name"]]
        open_ = int(own.isna().sum())
        state: State = "met" if len(have) >= need else "unknown" if len(have) + open_ >= need else "not_met"
        named_vi, named_en = listed(have, VILLAGES.vi)
        kind_vi, kind_en = _FLAGS.get(flag, ("", "Such"))
        vi = f"{len(have)}/{len(own)} thôn {kind_vi}{f' ({named_vi})' if have else ''}, cần {need}"
        en = f"{kind_en} villages: {len(have)} of {len(own)}{f' ({named_en})' if have else ''}, {need} needed"
        if open_:
            vi, en = f"{vi}; {open_} thôn chưa có số liệu", f"{en}; {VILLAGES.en(open_)} not reported"
        if state == "not_met":
            vi, en = f"{vi}: thiếu {need - len(have)} thôn", f"{en}: {VILLAGES.en(need - len(have))} missing"
        return Judgement(state, NAN if open_ else float(len(have)), float(need), f"{vi}.", f"{en}.")


def _split(rural: pd.DataFrame, tier: str) -> dict[str, list[str]]:
    """Names of the communes that have reached the tier, have not, and have not been reported."""
    made: dict[str, list[str]] = {"yes": [], "no": [], "unknown": []}
    for name, own in zip(rural["name"], rural["tier"], strict=True):
        state = "unknown" if own == "not_reported" else "yes" if at_least(own, tier) else "no"
        made[state].append(str(name))
    return made


def _villages(minority: pd.Series, flags: pd.Series, need: Fraction | None) -> Judgement:
    """The share of the minority villages that are flagged, against `need`; both marks may be NA: not told.

    A village of which it is not told whether it is one counts in the way that pulls the share down, then up.
    """
    sure, vague = minority.fillna(value=False).astype(bool), minority.isna()
    up, down, open_ = flags.fillna(value=False).astype(bool), ~flags.fillna(value=True).astype(bool), flags.isna()
    yes, no = int((sure & up).sum()), int((sure & down).sum())
    untold = int((sure & open_).sum())
    silent = untold + int(vague.sum())
    lowest = (yes, yes + no + untold + int((vague & ~up).sum()))
    above = untold + int((vague & ~down).sum())
    highest = (yes + above, yes + no + above)
    known, known_en = f"{yes}/{yes + no}", f"{yes} of {VILLAGES.en(yes + no)}"
    if silent:
        known, known_en = f"ít nhất {yes}/{yes + no + untold}", f"at least {yes} of {VILLAGES.en(yes + no + untold)}"
    vi, en = f"{known} thôn vùng đồng bào dân tộc thiểu số", f"{known_en} in ethnic-minority areas"
    if silent:
        vi, en = f"{vi}; {silent} thôn chưa có số liệu", f"{en}; {VILLAGES.en(silent)} not reported"
    value = yes / (yes + no) if yes + no and not silent else NAN
    if need is None:
        said = ("Kế hoạch không nêu chỉ tiêu cho đơn vị này", "The plan states no target for this unit")
        return Judgement("unknown", value, NAN, f"{said[0]}; {vi}.", f"{said[1]}; {en}.")
    if not len(minority) or not highest[1]:
        words = ("Không có thôn nào trong dữ liệu.", "There are no such villages in the data.")
        return Judgement("unknown", NAN, float(need), *words)
    state: State = "unknown"
    if lowest[1] and Fraction(*lowest) >= need:
        state = "met"
    elif Fraction(*highest) < need:
        state = "not_met"
    need_vi, need_en = percent(need)
    if not silent:
        (share_vi, share_en), least = percent(Fraction(yes, yes + no)), ceil(need * (yes + no))
        short_vi = f": thiếu {least - yes} thôn" if least > yes else ": đủ"
        short_en = f": {VILLAGES.en(least - yes)} missing" if least > yes else ": enough"
        vi = f"{vi} ({share_vi}), cần {need_vi} là {least} thôn{short_vi}"
        en = f"{en} ({share_en}), {need_en} needed, that is {VILLAGES.en(least)}{short_en}"
    else:
        vi, en = f"{vi}; cần {need_vi}", f"{en}; {need_en} needed"
    return Judgement(state, value, float(need), f"{vi[:1].upper()}{vi[1:]}.", f"{en[:1].upper()}{en[1:]}.")
