"""How a theme paints the communes: the class of each, and how each class looks and is called.

Themes come from the one catalogue that the page also draws (`show/data/themes.toml`); added here are the changes of a
tier since an earlier date and the map of works.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from ntmgis.errors import UsageError, problem
from ntmgis.measure.facts import TIER_STATES, Facts
from ntmgis.measure.monitoring import Monitoring
from ntmgis.programme.tiers import at_least
from ntmgis.show.paper.answers import WORKS_TITLE, of_district, place_of, tiers_of, works_answer
from ntmgis.show.paper.content import Scope
from ntmgis.show.symbols import symbols, tier_label
from ntmgis.show.web.themes import answer, catalogue, definitions, theme_values
from ntmgis.show.words import data_day, day, headline, number, percent, share
from ntmgis.store.snapshot import Snapshot

__all__ = ["CHANGES", "Look", "Painting", "paint", "status_painting", "theme_ids", "together"]

# Theme id → the tier whose communes came or went.
CHANGES = {"change_ntm": "ntm", "change_advanced": "advanced", "change_model": "model"}
# Friendly names of catalogue themes that are shown as several small maps.
_ALIASES = {"criteria": "criterion", "access": "near"}
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SILENT = frozenset({"unknown", "not_reported"})


@dataclass(frozen=True, slots=True)
class Look:
    """A class of the legend. `counted`: its communes belong to the whole that shares are taken of."""

    id: str
    label: str
    fill: str
    text: str
    pattern: str
    mark: str = ""
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Painting:
    """A theme for the communes of a scope: `of` gives each unit code the id of its look.

    `title` heads the legend, `headline` states the answer, `subtitle` what qualifies it; `caption` is the answer in a
    few words, `reached` its (part, whole) and `rate` the measure of the whole, for small maps. `tables` are those the
    classes come from. `units` gives the look of each counted unit where those are not the communes (districts); empty:
    the communes count. `works` are the point layers drawn over the classes, None: every one; a map of classes has few,
    for each sign hides a part of the answer. `rim` is a class that shows as a band within the border of the scope,
    where the inside is left light for what lies on it.
    """

    theme: str
    title: str
    headline: str
    subtitle: str
    looks: tuple[Look, ...]
    of: Mapping[str, str]
    note: str = ""
    tables: tuple[str, ...] = ("commune_status",)
    whole: str = "Xã thuộc diện đánh giá"
    caption: str = ""
    reached: tuple[int, int] = (0, 0)
    rate: float | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    works: frozenset[str] | None = frozenset()
    rim: Look | None = None

    def look(self, code: str) -> Look | None:
        """How a unit looks; None for one outside the scope."""
        wanted = self.of.get(code)
        return next((look for look in self.looks if look.id == wanted), None)

    def counts(self) -> dict[str, int]:
        """Classes that occur, in legend order, with the number of counted units."""
        found = Counter((self.units or self.of).values())
        return {look.id: found[look.id] for look in self.looks if found[look.id]}


def theme_ids() -> tuple[str, ...]:
    """Every theme that can be printed; a variant is chosen as "near.road", all variants together as "near"."""
    return ("status", *CHANGES, "infrastructure", *_ALIASES, *(theme["id"] for theme in catalogue()["theme"][1:]))


def status_painting(snapshot: Snapshot, facts: Facts, scope: Scope) -> Painting:
    """The tiers of the communes."""
    tiers = facts.communes["tier"]
    of = {code: str(tiers.get(code, "not_reported")) for code in sorted(scope.codes)}
    looks = tuple(
        Look(
            state,
            tier_label(state),
            str(symbols()["tier"][state]["fill"]),
            str(symbols()["tier"][state]["text"]),
            str(symbols()["tier"][state]["pattern"]),
            counted=state != "not_applicable",
        )
        for state in TIER_STATES
    )
    counts = Counter(of.values())
    own = replace(facts, tiers={state: counts[state] for state in TIER_STATES})
    return Painting(
        "status",
        "Kết quả nông thôn mới cấp xã",
        headline(snapshot, own),
        tiers_of(snapshot, own, scope),
        looks,
        of,
        works=frozenset({"water_supply", "waste_point"}),
    )


def paint(
    snapshot: Snapshot,
    facts: Facts,
    scope: Scope,
    theme: str,
    *,
    monitoring: Monitoring | None = None,
    before: tuple[Facts, date] | None = None,
) -> tuple[Painting, ...]:
    """The paintings of a theme: one, or one for each variant ("criteria"). UsageError when it cannot be painted.

    `before`: measures of an earlier date on the same boundaries, and that date; used where `monitoring` does not say.
    """
    made = _paint(snapshot, facts, scope, theme, monitoring, before)
    if scope.level == "commune":
        return tuple(_of_one(one, snapshot, scope) for one in made)
    return tuple(replace(one, headline=of_district(one.headline, scope)) for one in made)


def _of_one(painting: Painting, snapshot: Snapshot, scope: Scope) -> Painting:
    """The painting of a single commune: its class in words, its fill light enough to read roads and works on it."""
    look = painting.look(scope.code)
    if look is None:
        return painting
    soft = tuple(replace(one, fill=_light(one.fill), text="#1f2933", pattern="none") for one in painting.looks)
    title = "" if painting.theme == "status" else f"{painting.title}: "
    said = f"{scope.name}: {title}{look.label}, đến {day(data_day(snapshot))}"
    return replace(painting, looks=soft, headline=said, subtitle=place_of(snapshot, scope), works=None)


def _light(color: str) -> str:
    """The colour with two thirds of white."""
    parts = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * 0.35):02x}" for part in parts)


def _paint(
    snapshot: Snapshot,
    facts: Facts,
    scope: Scope,
    theme: str,
    monitoring: Monitoring | None,
    before: tuple[Facts, date] | None,
) -> tuple[Painting, ...]:
    if theme == "status":
        return (status_painting(snapshot, facts, scope),)
    if theme == "infrastructure":
        said, more = works_answer(snapshot, scope), place_of(snapshot, scope)
        return (Painting(theme, WORKS_TITLE, said, more, (), {}, tables=(), works=None),)
    if theme in CHANGES:
        return (_change(snapshot, facts, scope, theme, _former(facts, monitoring, before)),)
    wanted, _, variant = _ALIASES.get(theme, theme).partition(".")
    wanted = _ALIASES.get(wanted, wanted)
    entry = next((one for one in catalogue()["theme"] if one["id"] == wanted), None)
    if entry is None:
        raise UsageError(problem("E-PAPER-THEME", value=theme, known=", ".join(theme_ids())))
    values = theme_values(snapshot, facts, monitoring, entries=[entry])
    if not values:
        advice = "chọn chủ đề khác, hoặc thêm nguồn số liệu của chủ đề này vào ntmgis.toml"
        raise UsageError(problem("E-PAPER-THEME-DATA", value=theme, need=entry["vi"].lower(), advice=advice))
    (drawn,) = [one for one in definitions(values, entries=[entry]) if one["id"] == wanted]
    codes = [str(code) for code in snapshot.communes["code"]]
    made = []
    for key, one in values.items():
        own = key.partition(".")[2]
        if variant and own != variant:
            continue
        ids = [look["id"] for look in drawn["classes"]]
        of = {
            code: ids[_LETTERS.index(letter)]
            for code, letter in zip(codes, one.classes, strict=True)
            if code in scope.codes
        }
        chosen: Mapping[str, Any] = next((each for each in drawn.get("variants", ()) if each["id"] == own), {})
        made.append(_catalogue_painting(snapshot, facts, scope, entry, {**drawn, **chosen, "own": own}, of))
    if not made:
        known = ", ".join(key for key in values)
        raise UsageError(problem("E-PAPER-THEME", value=theme, known=known))
    return tuple(made)


def _catalogue_painting(
    snapshot: Snapshot,
    facts: Facts,
    scope: Scope,
    entry: Mapping[str, Any],
    drawn: Mapping[str, Any],
    of: Mapping[str, str],
) -> Painting:
    seen: dict[str, Look] = {}
    for one in drawn["classes"]:
        look = Look(
            one["id"], one["vi"], one["fill"], one["text"], one["pattern"], counted=one["id"] != "not_applicable"
        )
        seen.setdefault(one["id"], look)
    name, total = _counted(entry)
    units = _districts(snapshot, of) if entry.get("counted") == "district" else {}
    counts = Counter((units or of).values())
    variant = drawn["vi"] if drawn["own"] else ""
    title = str(entry["vi"])
    when = day(data_day(snapshot))
    named = f"{title}: {variant}" if variant else title
    numbers = answer(entry, counts, first=drawn["classes"][0]["id"])
    part, whole, silent = numbers.found, numbers.all, numbers.silent
    rate = _rate(entry, drawn, facts, scope) if entry.get("unit") == "share" else None
    limit = facts.limits.get(str(drawn.get("limit", "")))
    words = {
        "n": number(part),
        "all": number(whole),
        "rate": percent(rate),
        "variant": variant,
        "limit": f"{number(limit)} m" if limit else "",
        "date": when,
    }
    told = entry.get("answer", {}).get("vi", "")
    said = f"{named}, đến {when}"
    caption = f"{drawn['classes'][0]['vi']}: {share(part, whole)}"
    silence = bool(silent) and not whole
    if silence:
        said, caption = f"{named}: chưa có số liệu", "chưa có số liệu"
    elif told and (rate is not None if "{rate}" in told else whole):
        said = told.format(**words)
        if "{n}" in told and silent:
            unsure = "" if "{all}" in told else f" ({number(silent)} {name} chưa rõ)"
            said = f"Ít nhất {said}" if part else f"{said}{unsure}"
        if "{rate}" in told:
            caption = told.partition(", đến")[0].format(**words)
    if silent and not silence:
        caption += f" · {number(silent)} chưa rõ"
    note = entry.get("note", {}).get("vi", "")
    if limit and "{limit}" not in told:
        note = f"{note} Khoảng cách: {number(limit)} m.".strip()
    gaps = f"{number(silent)} {name} chưa đủ số liệu" if silent else ""
    return Painting(
        f"{entry['id']}.{drawn['own']}" if drawn["own"] else str(entry["id"]),
        named,
        said,
        " · ".join(part for part in (place_of(snapshot, scope), gaps) if part),
        tuple(seen.values()),
        of,
        note,
        _tables(entry, drawn),
        total,
        caption,
        (part, whole),
        rate,
        units,
        frozenset(_tables(entry, drawn)),  # "near a water scheme" shows the schemes
    )


def _counted(entry: Mapping[str, Any]) -> tuple[str, str]:
    """What the units that a theme counts are called, and the words of their total."""
    if entry.get("counted") == "district":
        return "huyện, thành phố", "Tổng số huyện, thành phố"
    return ("đơn vị", "Tổng số đơn vị") if entry.get("urban") else ("xã", "Xã thuộc diện đánh giá")


def _districts(snapshot: Snapshot, of: Mapping[str, str]) -> dict[str, str]:
    """The look of each district that `of` has communes of; its communes all have the same."""
    pairs = zip(snapshot.communes["code"], snapshot.communes["district_code"], strict=True)
    return {str(district): of[str(code)] for code, district in pairs if str(code) in of and not pd.isna(district)}


def together(paintings: Sequence[Painting], scope: Scope, when: str) -> str:
    """The headline of several small maps: the criterion that most communes lack, or the measures one after another."""
    title = paintings[0].title.partition(":")[0]
    if paintings[0].theme.startswith("criterion."):
        least = min(paintings, key=lambda one: one.reached[0])
        name, (part, whole) = least.title.partition(": ")[2], least.reached
        rate = percent(part / max(whole, 1))
        return of_district(f"Ít xã đạt nhất: {name}, {number(part)}/{number(whole)} xã ({rate}), đến {when}", scope)
    rates = [one.rate for one in paintings if one.rate is not None]
    if len(rates) == len(paintings):
        return of_district(f"Thấp nhất: {min(paintings, key=_rate_of).caption}, đến {when}", scope)
    return of_district(f"{title}: {len(paintings)} bản đồ, đến {when}", scope)


def _rate_of(painting: Painting) -> float:
    return math.inf if painting.rate is None else painting.rate


def _tables(entry: Mapping[str, Any], drawn: Mapping[str, Any]) -> tuple[str, ...]:
    """Input tables behind a theme."""
    if entry["id"] == "addresses":
        return ("address_point",)
    if entry["id"] == "near":
        return ("address_point", "village", str(drawn.get("limit", "road")))
    if entry["id"] == "roads":
        return ("road",)
    if entry["id"] in {"criterion", "criteria_met", "next"}:
        return ("criteria", "commune_status")
    return ("criteria", "commune_status", "road") if entry["id"] == "compared" else ("commune_status",)


def _rate(entry: Mapping[str, Any], drawn: Mapping[str, Any], facts: Facts, scope: Scope) -> float | None:
    """The measure of the whole scope; None when it is not known."""
    variant: Mapping[str, Any] = next((one for one in entry.get("variant", ()) if one["id"] == drawn["own"]), {})
    column = str({**entry, **variant}.get("measure", "")).partition(".")[2]
    if scope.level == "province":
        value = facts.province.get(column)
    else:
        frame = facts.districts if scope.level == "district" else facts.communes
        value = frame[column].get(scope.code) if column in frame else None
    return None if value is None or pd.isna(value) else float(value)


def _former(
    facts: Facts, monitoring: Monitoring | None, before: tuple[Facts, date] | None
) -> tuple[Mapping[str, str | None], str]:
    """The tier of each commune at the earlier date, None where nothing was reported, and that date in words."""
    if monitoring is not None and monitoring.since is not None:
        tiers: dict[str, str | None] = {str(code): str(tier) for code, tier in facts.communes["tier"].items()}
        rows = monitoring.changes[monitoring.changes["level"] == "commune"]
        for row in rows[rows["kind"] != "corrected"].itertuples(index=False):
            tiers[str(row.code)] = None if not isinstance(row.before, str) else str(row.before)
        return tiers, day(monitoring.since)
    if before is not None:
        return {str(code): str(tier) for code, tier in before[0].communes["tier"].items()}, day(before[1])
    advice = "thêm ngày của kỳ trước (--since)"
    raise UsageError(problem("E-PAPER-THEME-DATA", need="kết quả của một ngày trước đó", advice=advice))


def _change(
    snapshot: Snapshot, facts: Facts, scope: Scope, theme: str, former: tuple[Mapping[str, str | None], str]
) -> Painting:
    """Who reached a tier since the earlier date, who had it, who lost it, who has not got it."""
    tier = CHANGES[theme]
    words = {"ntm": "đạt chuẩn NTM", "advanced": "đạt NTM nâng cao", "model": "đạt NTM kiểu mẫu"}[tier]
    earlier, since = former
    looks_of = symbols()["tier"]
    had, none = looks_of[tier], looks_of["not_yet"]
    # What is new has the colour of change, so that each tier keeps its own.
    looks = (
        Look("gained", f"Mới {words} từ {since}", "#8f1280", "#ffffff", "cross", mark="up"),
        Look("kept", f"Đã {words} từ trước", had["fill"], had["text"], "wide_diagonal"),
        Look("first", f"Có {words}, số liệu lần đầu", "#e3b9dc", "#1f2933", "dense_diagonal"),
        Look("lost", f"Không còn {words}", "#b35806", "#ffffff", "horizontal", mark="down"),
        Look("not_yet", f"Chưa {words}", none["fill"], none["text"], "none"),
        Look("not_reported", tier_label("not_reported"), "#ffffff", "#1f2933", "sparse_dots"),
        Look("not_applicable", tier_label("not_applicable"), "#e9ebef", "#52606d", "none", counted=False),
    )
    of = {}
    for code in sorted(scope.codes):
        now, then = str(facts.communes["tier"].get(code, "not_reported")), earlier.get(code)
        if now in {"not_reported", "not_applicable"}:
            of[code] = now
        elif at_least(now, tier):
            of[code] = "kept" if at_least(then, tier) else "first" if then in {None, "not_reported"} else "gained"
        else:
            of[code] = "lost" if at_least(then, tier) else "not_yet"
    counts = Counter(of.values())
    parts = [f"{number(counts['gained'])} xã mới {words}"]
    if counts["lost"]:
        parts.append(f"{number(counts['lost'])} xã không còn {words}")
    total = counts["gained"] + counts["kept"] + counts["first"]
    whole = sum(counts[look.id] for look in looks if look.counted)
    more = [
        place_of(snapshot, scope),
        f"từ {since} đến {day(data_day(snapshot))}",
        f"tổng số {number(total)}/{number(whole)}",
    ]
    if counts["not_reported"]:
        more.append(f"{number(counts['not_reported'])} xã chưa có số liệu")
    return Painting(theme, f"Thay đổi: {words}", f"{', '.join(parts)}, từ {since}", " · ".join(more), looks, of)
