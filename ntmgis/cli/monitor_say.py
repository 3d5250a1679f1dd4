"""How a review reads in the terminal: plain tables, the rule under them, nothing shortened without a word."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from ntmgis.cli.talk import SHOWN_ROWS, Talk, language, word
from ntmgis.measure.told import records
from ntmgis.measure.wording import Lang, amount, missing
from ntmgis.programme.plan import load_plan
from ntmgis.programme.tiers import TIERS
from ntmgis.show import words
from ntmgis.show.monitoring_words import (
    change_word,
    level_word,
    measure_word,
    pace_word,
    risk_word,
    row_state_word,
    state_word,
)
from ntmgis.show.symbols import symbols

if TYPE_CHECKING:
    import pandas as pd

    from ntmgis.measure.monitoring import Note
    from ntmgis.monitor import Review
    from ntmgis.unit_history import UnitHistory

__all__ = ["say_changes", "say_history", "say_progress"]

_SHOWN_CANDIDATES = 10
_STYLES = {
    "reached": "green",
    "on_track": "green",
    "behind": "yellow",
    "missed": "red",
    "withdrawn": "red",
    "down": "red",
    "newly_recognised": "green",
    "up": "green",
    "corrected": "dim",
}
Row = dict[str, Any]


def _lang() -> Lang:
    return "en" if language.get() == "en" else "vi"


def _own(row: Row, name: str) -> str:
    """The text of a column in the language of the run."""
    return str(row[name if _lang() == "vi" else f"{name}_en"] or "")


def _head(talk: Talk, text: str) -> None:
    talk.out.print()
    talk.line(text, style="bold")


def _title(talk: Talk, review: "Review") -> None:
    lang = _lang()
    if review.snapshot.sample:
        sign = symbols()["sample"]
        talk.line(str(sign["vi_long" if lang == "vi" else "en_long"]), style="yellow")
    talk.line(words.headline(review.snapshot, review.facts, lang), style="bold")
    talk.line(words.subtitle(review.snapshot, review.facts, lang))


def _notes(talk: Talk, notes: "Iterable[Note]") -> None:
    talk.out.print()
    for note in notes:
        talk.out.print(Text(note.vi if _lang() == "vi" else note.en, style="dim"))


def _table(talk: Talk, left: Sequence[str], right: Sequence[str] = (), last: Sequence[str] = ()) -> Table:
    table = talk.table(left, right)
    table.padding = (0, 1 if talk.narrow else 2, 0, 0)
    for key in last:
        table.add_column(word(key), overflow="fold")
    return table


def _placed(talk: Talk, name: str, district: object, *, between: str = "\n") -> tuple[str, ...]:
    """A commune and its district: two columns, or one with `between` where the terminal is narrow."""
    where = str(district or "")
    return (between.join(filter(None, (name, where))),) if talk.narrow else (name, where)


def _places(talk: Talk, key: str) -> tuple[str, ...]:
    """The headers of `_placed`."""
    return (key,) if talk.narrow else (key, "monitor_district")


def _number(value: Any, *, share: bool = False) -> str:
    if missing(value):
        return words.UNKNOWN
    return words.percent(value, 0, lang=_lang()) if share else amount(value, lang=_lang())


def say_progress(talk: Talk, review: "Review", *, why: bool, every: bool) -> None:
    """Targets with their verdict, districts of the plan, candidates, risk, and the rule."""
    _title(talk, review)
    told = review.monitoring
    _targets(talk, told.targets, why=why)
    _districts(talk, review)
    _candidates(talk, told.candidates, every=every)
    _risk(talk, told.standing, review.facts.communes)
    _notes(talk, told.notes)


def _targets(talk: Talk, targets: "pd.DataFrame", *, why: bool) -> None:
    numbers = ("aim", "baseline", "actual", "grown", "expected", "remaining", "per_quarter")
    table = _table(talk, ("monitor_target",), tuple(f"monitor_{name}" for name in numbers), ("monitor_pace",))
    above = None
    for row in records(targets):
        share = row["kind"] == "minimum_share"
        label = str(row["label"] if _lang() == "vi" else row["gloss"])
        if row["district_code"] is not None:
            general, _, district = str(row["label"]).rpartition(": ")
            if above != row["id"]:
                table.add_row(Text(general if _lang() == "vi" else label), *("" for _ in range(len(numbers) + 1)))
            label = f"  {district}"
        above = row["id"]
        sign = "" if missing(row["target"]) else "≥ " if share else "+" if row["kind"] == "increment" else ""
        figures = (
            sign + _number(row["target"], share=share),
            _number(row["stock"]),
            _number(row["actual"], share=share),
            *(_number(row[name]) for name in ("grown", "expected", "remaining", "per_quarter")),
        )
        pace = Text(pace_word(str(row["pace"]), _lang()), style=_STYLES.get(str(row["pace"]), ""))
        table.add_row(Text(label), *figures, pace)
    talk.out.print()
    talk.out.print(table)
    for row in records(targets):
        label = str(row["label"] if _lang() == "vi" else row["gloss"])
        if why:
            talk.out.print(Text(f"- {label}: {_own(row, 'rule')}"))
        if _own(row, "apart"):
            talk.out.print(Text(f"{word('monitor_apart')} · {label}: {_own(row, 'apart')}"))


def _districts(talk: Talk, review: "Review") -> None:
    """The districts the plan names, and what they still need."""
    named = {code for target in load_plan(review.workspace.plan).targets for code in target.districts}
    conditions = records(review.monitoring.conditions)
    rows = [row for row in conditions if row["condition"] == "ready" and row["code"] in named]
    if not rows:
        return
    _head(talk, word("monitor_districts"))
    for row in rows:
        talk.out.print(Text(f"- {row['name']}: {_own(row, 'reason')}"))


def _candidates(talk: Talk, candidates: "pd.DataFrame", *, every: bool) -> None:
    rows = list(records(candidates))
    first = [row for row in rows if row["to_tier"] == TIERS[1]]
    shown = rows if every else first[:_SHOWN_CANDIDATES]
    if not rows:
        return
    _head(talk, word("monitor_candidates", shown=len(first) if every else len(shown), n=len(first)))
    table = _table(talk, (*_places(talk, "monitor_commune"), "monitor_missing", "monitor_unlocks"))
    for row in shown:
        placed = _placed(talk, row["name"], row["district"])
        table.add_row(*map(Text, (*placed, _own(row, "reason"), _own(row, "unlocks"))))
    talk.out.print(table)
    for tier in () if every else TIERS[2:]:
        count = sum(row["to_tier"] == tier for row in rows)
        if count:
            talk.line(word("monitor_higher", n=count, tier=state_word(tier, lang=_lang())))


def _risk(talk: Talk, standing: "pd.DataFrame", communes: "pd.DataFrame") -> None:
    risky = standing[standing["risk"].isin(["withdrawable", "at_risk"])]
    _head(talk, word("monitor_risk"))
    if risky.empty:
        talk.line(word("monitor_no_risk", unknown=int(standing["risk"].eq("unknown").sum())))
    for code, row in zip(risky.index, records(risky), strict=True):
        name = communes.loc[code, "name"]
        talk.out.print(Text(f"- {risk_word(str(row['risk']), _lang())}: {name}. {_own(row, 'reason')}"))


def say_changes(talk: Talk, review: "Review", *, every: bool) -> None:
    """Counts by kind, the changes of communes and districts, villages counted, criteria by commune."""
    told = review.monitoring
    _title(talk, review)
    lang = _lang()
    _head(talk, word("monitor_changes", since=words.day(told.since, lang=lang), as_of=words.day(told.as_of, lang=lang)))
    rows = list(records(told.changes))
    if not rows and told.criteria_changes.empty:
        talk.line(word("monitor_no_changes"))
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row["level"], row["kind"]] = counts.get((row["level"], row["kind"]), 0) + 1
    for (level, kind), count in counts.items():
        talk.out.print(Text(f"{level_word(level, lang)}: {change_word(kind, lang)}: {count}", _STYLES.get(kind, "")))
    listed = rows if every else [row for row in rows if row["level"] != "village"]
    shown = listed if every else listed[:SHOWN_ROWS]
    if shown:
        table = _table(talk, ("monitor_kind", *_places(talk, "monitor_unit"), "monitor_reason"))
        for row in shown:
            placed = _placed(talk, f"{row['code']} {row['name']}", row["district"])
            cells = (change_word(str(row["kind"]), lang), *placed, _own(row, "reason"))
            table.add_row(*map(Text, cells), style=_STYLES.get(str(row["kind"])))
        talk.out.print()
        talk.out.print(table)
    if len(listed) > len(shown):
        talk.line(word("monitor_left", n=len(listed) - len(shown)))
    if len(rows) > len(listed):
        talk.line(word("monitor_villages", n=len(rows) - len(listed)))
    _criteria(talk, told.criteria_changes, every=every)
    _notes(talk, (note for note in told.notes if note.id not in {"target_rule", "trend_sets"}))


def _criteria(talk: Talk, changes: "pd.DataFrame", *, every: bool) -> None:
    if changes.empty:
        return
    _head(talk, word("monitor_criteria"))
    by: dict[str, Row] = {}
    for row in records(changes):
        own = by.setdefault(row["code"], {"name": row["name"], "district": row["district"]})
        own.setdefault(row["kind"], []).append(str(row["criterion"]))
    keys = ("monitor_gained", "monitor_lost", "monitor_reported", "monitor_state")
    table = _table(talk, (*_places(talk, "monitor_commune"), *keys))
    for key, column in zip(reversed(keys), reversed(table.columns), strict=False):
        column.header = talk.head(key)
    real = sorted(by.items(), key=lambda item: ("lost" not in item[1], "gained" not in item[1], item[0]))
    shown = real if every else real[:SHOWN_ROWS]
    for _, row in shown:
        gained, lost, first, gone, put = (
            ", ".join(row.get(kind, ()))
            for kind in ("gained", "lost", "first_report", "no_longer_reported", "corrected")
        )
        state = [
            f"{change_word(kind, _lang())}: {text}"
            for kind, text in (("no_longer_reported", gone), ("corrected", put))
            if text
        ]
        placed = _placed(talk, row["name"], row["district"], between=", ")
        table.add_row(*map(Text, (*placed, gained, lost, first, "; ".join(state))))
    talk.out.print(table)
    if len(real) > len(shown):
        talk.line(word("monitor_left", n=len(real) - len(shown)))


def say_history(talk: Talk, found: "UnitHistory", *, every: bool) -> None:
    """The unit, what it was formed from or went into, every value with its recording, and its numbers by date."""
    lang = _lang()
    unit = found.unit
    title = unit.epoch.title_vi if lang == "vi" else unit.epoch.title_en
    where = f", {unit.district}" if unit.district and unit.level == "commune" else ""
    talk.line(f"{unit.code} {unit.name}{where} ({title})", style="bold")
    _values(talk, [row for row in records(found.rows) if row["relation"] == "unit"], unit.level, every=every)
    for relation in ("predecessor", "successor"):
        own = [row for row in records(found.rows) if row["relation"] == relation]
        if not any(one.epoch != unit.epoch for one in found.related) or (relation == "successor") != (
            unit.epoch.first_day is None
        ):
            continue
        _head(talk, word(f"monitor_{relation}"))
        for one in found.related:
            talk.line(f"{one.code} {one.name}" + (f", {one.district}" if one.district else ""))
            _values(talk, [row for row in own if row["code"] == one.code], one.level, every=every)
    _numbers(talk, list(records(found.numbers)))


def _values(talk: Talk, rows: Sequence[Row], level: str, *, every: bool) -> None:
    shown = [row for row in rows if every or not row["same"]]
    if not rows:
        talk.line(word("monitor_nothing"))
        return
    keys = ("date", "tier", "decision", "source")
    table = _table(talk, tuple(f"monitor_{key}" for key in keys))
    table.columns[0].no_wrap = True
    lang = _lang()
    from ntmgis.store.base import local_time

    for row in shown:
        met = "" if row["judged"] is None else f"{int(row['met'])}/{int(row['judged'])}"
        counted = f"{met} ({row['criteria_set']})" if met and row["criteria_set"] else met
        signed = "" if row["decision_date"] is None else f"({words.day(row['decision_date'], lang=lang)})"
        state = row_state_word(str(row["state"]), lang)
        cells = (
            words.day(row["as_of"], lang=lang),
            "\n".join(filter(None, (row["tier"] and state_word(row["tier"], level, lang), counted))),
            ("\n" if talk.narrow else " ").join(filter(None, (row["decision"], signed))),
            f"{row['source']}\n#{row['import_id']}, {local_time(row['recorded_at'])}, {state}",
        )
        table.add_row(*map(Text, cells), style=None if row["state"] == "in_use" else "dim")
    talk.out.print(table)
    if len(rows) > len(shown):
        talk.out.print(Text(word("monitor_hidden", n=len(rows) - len(shown)), style="dim"))


def _numbers(talk: Talk, rows: Sequence[Row]) -> None:
    """Of a district: communes by date; criteria by date and set; and what was published."""
    lang = _lang()
    counted = [row for row in rows if row["origin"] == "counted"]
    tiers = ("communes", "reported", "ntm", "advanced", "model")
    by_day: dict[Any, dict[str, Any]] = {}
    for row in counted:
        if row["measure"] in tiers:
            by_day.setdefault(row["as_of"], {})[row["measure"]] = row["value"]
    if by_day:
        _head(talk, word("monitor_counts"))
        table = _table(talk, ("monitor_date",))
        for measure in tiers:
            table.add_column(measure_word(measure, lang=lang), justify="right", max_width=14)
        for when, values in by_day.items():
            table.add_row(words.day(when, lang=lang), *(_number(values.get(measure)) for measure in tiers))
        talk.out.print(table)
    _sets(talk, [row for row in rows if str(row["measure"]).startswith("criteria_")])
    others = [row for row in rows if row["origin"] == "published" and not str(row["measure"]).startswith("criteria_")]
    if others:
        _head(talk, word("monitor_published"))
        table = _table(talk, ("monitor_date", "monitor_measure"), ("monitor_value",), ("monitor_source",))
        for row in others:
            source = "; ".join(filter(None, (row["source"], row["note"])))
            named = measure_word(str(row["measure"]), "published", lang)
            table.add_row(
                words.day(row["as_of"], lang=lang), named, words.number(row["value"], lang=lang), Text(source)
            )
        talk.out.print(table)


def _sets(talk: Talk, rows: Sequence[Row]) -> None:
    """Criteria met of how many, one line for each date and set: never a difference between two sets."""
    lang = _lang()
    by: dict[tuple[Any, str, str], Row] = {}
    for row in rows:
        own = by.setdefault((row["as_of"], row["criteria_set"] or words.UNKNOWN, row["origin"]), {})
        own[row["measure"]] = row["value"]
        own["source"] = row["source"] or own.get("source")
    if not by:
        return
    _head(talk, word("monitor_sets"))
    table = _table(talk, ("monitor_date", "monitor_set"), ("monitor_met", "monitor_mean"), ("monitor_source",))
    for (when, id_, origin), own in by.items():
        met, whole = own.get("criteria_met_total"), own.get("criteria_total")
        ratio = words.UNKNOWN if missing(met) else f"{_number(met)}/{_number(whole)}"
        mean = own.get("criteria_mean")
        mean_words = words.UNKNOWN if missing(mean) else words.number(mean, 2, lang=lang)
        source = own.get("source") if origin == "published" else word("monitor_counted")
        table.add_row(words.day(when, lang=lang), Text(id_), ratio, mean_words, Text(source or ""))
    talk.out.print(table)
