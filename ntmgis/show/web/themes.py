"""Themes of the map from `show/data/themes.toml`: what each commune's class is, and what the legend says of it."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.criteria import criteria_set
from ntmgis.show.symbols import symbols
from ntmgis.show.web.columns import numbers
from ntmgis.show.words import number
from ntmgis.store.snapshot import Snapshot

__all__ = [
    "CRITERIA_SET",
    "Answer",
    "ThemeValues",
    "answer",
    "catalogue",
    "criteria_values",
    "definitions",
    "layer_groups",
    "theme_values",
]

# The set whose numbers a theme of one criterion means; communes judged by another set are unknown to it.
CRITERIA_SET = "2021-2025"
# Class letters of the page: the index of the class in base 36.
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ThemeValues:
    """One theme (or one variant of it) for every commune of one snapshot.

    classes  one letter for each commune: index of its class in base 36, in the order of the theme's classes
    numbers  the measure, None where it has no number (all None: the theme is about words)
    whole    the measure of the whole province, None where there is none
    """

    classes: str
    numbers: tuple[float | int | None, ...]
    whole: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the title of a theme counts.

    found   units of the classes that the title is about
    all     units that it is said of: assessed, in no class that the title leaves out; where none is found, known ones
    silent  units of which nothing is known
    """

    found: int
    all: int
    silent: int


def answer(theme: Entry, counts: Mapping[str, int], *, first: str) -> Answer:
    """The numbers of a theme's title from its units by class id; `first` is the class counted without `answer.of`.

    >>> answer({"answer": {"of": ["met"], "without": ["no"]}}, {"met": 3, "no": 1, "unknown": 2}, first="met")
    Answer(found=3, all=5, silent=2)
    >>> answer({}, {"not_met": 4, "unknown": 2, "not_applicable": 1}, first="met")
    Answer(found=0, all=4, silent=2)
    """
    told = theme.get("answer", {})
    left_out = {"not_applicable", *told.get("without", ())}
    found = sum(counts.get(id_, 0) for id_ in told.get("of", (first,)))
    silent = counts.get("unknown", 0)
    whole = sum(count for id_, count in counts.items() if id_ not in left_out)
    return Answer(found, whole if found else whole - silent, silent)


@cache
def catalogue() -> Mapping[str, Any]:
    """The file as it stands."""
    return tomllib.loads((files("ntmgis.show") / "data" / "themes.toml").read_text(encoding="utf-8"))


def layer_groups() -> list[dict[str, Any]]:
    """Groups of the list of layers: id, vi, en, tables."""
    return [dict(group) for group in catalogue()["layers"]]


def definitions(known: Iterable[str], *, entries: Sequence[Entry] | None = None) -> list[dict[str, Any]]:
    """What the page needs to draw the themes that `known` (keys "theme" or "theme.variant") has data for.

    The theme of tiers is always there. `entries` (None: the catalogue) are themes as the file has them.
    """
    have = set(known)
    made = []
    for theme in _entries(entries):
        variants = [one for one in _variants(theme) if f"{theme['id']}.{one['id']}" in have]
        if theme.get("palette") != "tier" and theme["id"] not in have and not variants:
            continue
        entry: dict[str, Any] = {name: theme[name] for name in ("id", "vi", "en", "group")}
        entry["classes"] = [_drawn(one) for one in _legend(_classes(theme)).values()]
        entry |= {
            name: theme[name] for name in ("note", "unit", "answer", "criterion", "counted", "urban") if name in theme
        }
        if variants:
            entry["variants"] = [
                {name: one[name] for name in ("id", "vi", "en", "limit", "criterion") if name in one}
                for one in variants
            ]
        made.append(entry)
    return made


def theme_values(
    snapshot: Snapshot, facts: Facts, monitoring: Monitoring | None = None, *, entries: Sequence[Entry] | None = None
) -> dict[str, ThemeValues]:
    """Values by key ("theme" or "theme.variant") of every theme that something is known of, tiers left out."""
    rural = snapshot.communes["rural"].astype(bool).to_list()
    return _values(_frames(snapshot, facts, monitoring), rural, facts.province, entries)


def criteria_values(
    communes: pd.DataFrame, rows: pd.DataFrame, *, entries: Sequence[Entry] | None = None
) -> dict[str, ThemeValues]:
    """Values as `theme_values` of the themes that ask of nothing but criteria, at a date whose criteria alone are known.

    `rows` are those of one date of `Snapshot.criteria_history`, `communes` those of the snapshot.
    """
    codes = communes["code"].to_numpy()
    states = rows.set_index("code")[[f"tc{n}" for n in range(1, 20)]].set_axis([str(n) for n in range(1, 20)], axis=1)
    sets = rows.set_index("code")["criteria_set"]
    frames = {"criteria": _of_own_set(states.reindex(codes), sets)}
    alone = [theme for theme in _entries(entries) if _frames_of(theme) == {"criteria"}]
    return _values(frames, communes["rural"].astype(bool).to_list(), {}, alone)


def _values(
    frames: Mapping[str, pd.DataFrame],
    rural: list[bool],
    province: "Mapping[Any, Any] | pd.Series[Any]",
    entries: Sequence[Entry] | None,
) -> dict[str, ThemeValues]:
    made = {}
    for theme in _entries(entries):
        if theme.get("palette") == "tier":
            continue
        for variant in _variants(theme) or [{}]:
            one = {**theme, **variant}
            key = f"{theme['id']}.{variant['id']}" if variant else theme["id"]
            found = _value_of(one, frames, rural, province)
            if found is not None:
                made[key] = found
    return made


def _frames_of(theme: Entry) -> set[str]:
    """Names of the frames that a theme asks of; none for that of tiers."""
    made = set()
    for one in _variants(theme) or [{}]:
        entry = {**theme, **one}
        parts = [*entry.get("needs", ()), *(part for told in entry.get("classes", ()) for part in told.get("when", ()))]
        asked = [entry.get("measure"), entry.get("value"), *(part["of"] for part in parts)]
        made |= {of.partition(".")[0] for of in asked if of}
    return made


def _entries(entries: Sequence[Entry] | None) -> Sequence[Entry]:
    found: Sequence[Entry] = catalogue()["theme"] if entries is None else entries
    return found


def _variants(theme: Entry) -> list[Entry]:
    if theme.get("variants") == "criteria":
        return [
            {
                "id": str(one.no),
                "vi": f"{one.no}. {one.vi}",
                "en": f"{one.no}. {one.en}",
                "measure": f"criteria.{one.no}",
                "criterion": one.no,
            }
            for one in criteria_set(CRITERIA_SET).criteria
            if one.public
        ]
    return list(theme.get("variant", ()))


def _classes(theme: Entry) -> list[dict[str, Any]]:
    """Classes in the order of the legend, each id once; unknown and not applicable close the list."""
    if theme.get("palette") == "tier":
        tiers, words = symbols()["tier"], symbols()["tier_words"]
        hatch = {"not_reported": {"hatch": True}}
        return [
            {"id": state, "values": [state], **words[state], **tiers[state], **hatch.get(state, {})}
            for state in TIER_STATES
        ]
    made = [dict(one) for one in theme.get("classes", ())] or _bands(theme)
    none = catalogue()["no_data"]
    made.append({"id": "unknown", **none["unknown"], **theme.get("unknown", {})})
    if not theme.get("urban", False):
        made.append({"id": "not_applicable", **none["not_applicable"]})
    return made


def _legend(classes: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Classes by id: one that several conditions lead to stands in the legend once, as it was told first."""
    made: dict[str, dict[str, Any]] = {}
    for one in classes:
        made.setdefault(one["id"], one)
    return made


def _bands(theme: Entry) -> list[dict[str, Any]]:
    """One class from each break to the next, the highest first: [a, b) and for the last all from a."""
    palette = catalogue()["palette"][theme["palette"]]
    breaks = theme["breaks"]
    made = []
    for index, low in enumerate(breaks):
        high = breaks[index + 1] if index + 1 < len(breaks) else None
        look = {name: palette[name][index] for name in ("fill", "text", "pattern")}
        words = {lang: _range(theme, low, high, lang) for lang in ("vi", "en")}
        made.append({"id": f"c{index}", "from": low, **({} if high is None else {"below": high}), **words, **look})
    return made[::-1]


def _range(theme: Entry, low: float, high: float | None, lang: Any) -> str:
    share = theme.get("unit") == "share"

    def show(value: float) -> str:
        scaled = round(value * 100, 6) if share else value
        return number(scaled, 0 if scaled == int(scaled) else 1, lang=lang)

    sign = "%" if share else ""
    if high is not None:
        return f"{show(low)} – < {show(high)}{sign}"
    if share:
        return f"{show(low)} – {show(1)}{sign}"
    return f"từ {show(low)}" if lang == "vi" else f"{show(low)} or more"


def _drawn(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "vi", "en", "fill", "text", "pattern", "hatch") if name in one}


def _value_of(
    theme: Entry, frames: Mapping[str, pd.DataFrame], rural: list[bool], province: "Mapping[Any, Any] | pd.Series[Any]"
) -> ThemeValues | None:
    classes = _classes(theme)
    drawn = list(_legend(classes))
    unknown, outside = drawn.index("unknown"), drawn.index("not_applicable") if "not_applicable" in drawn else -1
    conditions = [
        (drawn.index(one["id"]), one.get("when") or [{**one, "of": theme["measure"]}])
        for one in classes
        if one["id"] not in {"unknown", "not_applicable"}
    ]
    columns = {
        of: _column(frames, of)
        for of in {part["of"] for _, parts in conditions for part in parts}
        | {part["of"] for part in theme.get("needs", ())}
    }
    made = []
    for row, is_rural in enumerate(rural):
        if not is_rural and outside >= 0:
            made.append(outside)
        elif not all(_holds(part, columns[part["of"]][row]) for part in theme.get("needs", ())):
            made.append(unknown)
        else:
            fits = (at for at, parts in conditions if all(_holds(part, columns[part["of"]][row]) for part in parts))
            made.append(next(fits, unknown))
    told = "measure" not in theme or any(not _missing(value) for value in _column(frames, theme["measure"]))
    if not told or set(made) <= {unknown, outside}:
        return None
    shown = theme.get("value", theme.get("measure", ""))
    digits = {"share": 4, "count": 0}.get(theme.get("unit", ""))
    values = [None] * len(made) if digits is None else numbers(_column(frames, shown), digits)
    whole = None
    if "{rate}" in theme.get("answer", {}).get("vi", ""):
        whole = numbers([province.get(shown.partition(".")[2])], 4)[0]
    return ThemeValues("".join(_LETTERS[at] for at in made), tuple(values), whole)


def _holds(condition: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is one of `values`, or in [from, below); an unknown value is neither."""
    if _missing(value):
        return False
    if "values" in condition:
        return value in condition["values"]
    return bool(condition.get("from", value) <= value and ("below" not in condition or value < condition["below"]))


def _missing(value: Any) -> bool:
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def _column(frames: Mapping[str, pd.DataFrame], of: str) -> list[Any]:
    """The column "frame.name", unknown throughout where there is none."""
    frame, _, name = of.partition(".")
    found = frames[frame]
    return found[name].to_list() if name in found else [None] * len(found)


def _frames(snapshot: Snapshot, facts: Facts, monitoring: Monitoring | None) -> dict[str, pd.DataFrame]:
    """Everything that a measure can name, one row for each commune in the snapshot's order."""
    codes = snapshot.communes["code"].to_numpy()
    district = snapshot.communes["district_code"].to_numpy()
    communes = facts.communes.reindex(codes)
    if {"road_km", "road_km_surface_known"} <= set(communes):
        communes = communes.assign(road_surface_known_share=communes["road_km_surface_known"] / communes["road_km"])
    empty = pd.DataFrame(index=codes)
    standing, candidates = empty, empty
    if monitoring is not None:
        standing = monitoring.standing.reindex(codes)
        candidates = monitoring.candidates.drop_duplicates("code").set_index("code").reindex(codes)
        if {"missing_count", "unknown_count"} <= set(candidates):
            sure = candidates["unknown_count"].eq(0)
            candidates = candidates.assign(missing_surely=candidates["missing_count"].where(sure))
    districts = facts.districts.reindex(district).set_axis(codes)
    return {
        "communes": communes,
        "districts": districts,
        "standing": standing,
        "candidates": candidates,
        "criteria": _criteria(snapshot),
        "shares": _shares(facts).reindex(district).set_axis(codes),
    }


def _criteria(snapshot: Snapshot) -> pd.DataFrame:
    """The criteria of the snapshot's communes; NaN for those of a commune that no status speaks of."""
    told = snapshot.criteria.drop_duplicates(["code", "criterion"], keep="last")
    states = told.pivot(index="code", columns="criterion", values="state").reindex(snapshot.communes["code"].to_numpy())
    states.columns = pd.Index([str(int(name)) for name in states.columns], dtype=object)
    status = snapshot.commune_status.drop_duplicates("code", keep="last")
    return _of_own_set(states, status.set_index("code")["criteria_set"])


def _of_own_set(states: pd.DataFrame, sets: pd.Series) -> pd.DataFrame:
    """State of each criterion by number; `met`, how many are met; `met_surely`, the same where the unknown ones leave
    the band as it is.

    Of communes that another set than CRITERIA_SET judges nothing is told: its numbers mean other criteria.
    """
    own = sets.reindex(states.index).fillna(CRITERIA_SET).eq(CRITERIA_SET).to_numpy()
    words = states.to_numpy(dtype=object, copy=True)
    words[~own] = None
    count = (words == "met").sum(axis=1)
    judged = count + (words == "not_met").sum(axis=1)
    met = np.where(judged > 0, count, np.nan)
    sure = [_band(low) == _band(low + 19 - known) for low, known in zip(count, judged, strict=True)]
    made = pd.DataFrame(words, index=states.index, columns=states.columns)
    return made.assign(met=met, met_surely=np.where(sure, met, np.nan))


def _band(met: float) -> int:
    return sum(met >= low for low in (5, 10, 15, 19))


def _shares(facts: Facts) -> pd.DataFrame:
    """How each district stands to the plan's share of villages: reached, half (or more of it), short, no_target."""
    if "district_code" not in facts.plan:
        return pd.DataFrame()
    rows = facts.plan[facts.plan["district_code"].notna()]
    states: list[str | None] = []
    for target, actual, status in zip(rows["target"], rows["actual"], rows["status"], strict=True):
        if pd.isna(target):
            states.append("no_target")
        elif status == "reached" or pd.isna(actual) or status == "unknown":
            states.append("reached" if status == "reached" else None)
        else:
            states.append("half" if actual >= target / 2 else "short")
    made = rows.assign(state=pd.Series(states, index=rows.index, dtype=object))
    return made.pivot_table(index="district_code", columns="id", values="state", aggfunc="first", dropna=False)
