"""A plan's TOML file, read and checked: all faults at once, each with its key, value, rule and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from ntmgis.errors import Problem, UsageError
from ntmgis.programme.checked import (
    DAY,
    FLAG,
    LEAST,
    NUMBERS,
    SHARE,
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    WHOLE,
    YEAR,
    Key,
    Reader,
    one_of,
    read_text,
    required,
)
from ntmgis.programme.criteria import CRITERIA_SETS, criteria_set
from ntmgis.programme.plan import (
    Agency,
    BudgetLine,
    Content,
    Inconsistency,
    Plan,
    Split,
    Target,
    VillageShare,
)
from ntmgis.programme.plan_sums import FindingKind, findings
from ntmgis.programme.tables import tables

__all__ = ["Examined", "examine", "parse_plan", "read_plan"]

_TIERS = {
    "commune": ("ntm", "advanced", "model"),
    "district": ("ntm", "completed"),
    "city": ("ntm", "completed"),
    "village": ("model", "minority_ntm", "smart"),
}
# What progress can count for each level.
_KINDS = {
    "commune": ("increment",),
    "district": ("named",),
    "city": ("named",),
    "village": ("minimum_per_commune", "minimum_share"),
}
_GLOSS = Key((str,), "chữ trong ngoặc kép")
_CONTENT_ID = Key(
    (str,),
    'số nhóm và số nội dung, ví dụ "8.02"',
    lambda value: len(value.split(".")) == 2 and all(part.isdecimal() for part in value.split(".")),
)

_TOP = {
    "schema": Key((int,), "1", lambda value: value == 1),
    "document": required(TABLE),
    "districts": TABLE,
    "target": required(TABLES),
    "village_share": TABLES,
    "budget": TABLE,
    "agencies": TABLE,
    "group": TABLES,
    "content": TABLES,
    "inconsistency": TABLES,
}
_DOCUMENT = {
    "number": required(TEXT),
    "date": required(DAY),
    "issuer": TEXT,
    "part": TEXT,
    "title": required(TEXT),
    "year": required(YEAR),
    "period": TEXT,
    "criteria_set": required(one_of(CRITERIA_SETS)),
    "units_on": required(DAY),
    "groups": WHOLE,
    "contents": WHOLE,
    "cites": TEXTS,
}
_TARGET = {
    "id": required(TEXT),
    "level": required(one_of(_TIERS)),
    "tier": required(TEXT),
    "kind": required(one_of(kind for kinds in _KINDS.values() for kind in kinds)),
    "value": LEAST,
    "unit": required(TEXT),
    "districts": TEXTS,
    "carried_over": TEXTS,
    "label": required(TEXT),
    "gloss": required(_GLOSS),
    "note": _GLOSS,
    "baseline": WHOLE,
    "baseline_on": DAY,
    "baseline_basis": TEXT,
    "backlog": FLAG,
    "owed": WHOLE,
}
_SHARE_ENTRY = {"target": required(TEXT), "share": required(SHARE), "districts": required(TEXTS)}
_BUDGET = {"unit": required(TEXT), "total": required(WHOLE), "line": required(TABLES)}
_LINE = {
    "id": required(TEXT),
    "label": required(TEXT),
    "gloss": required(_GLOSS),
    "stated": required(WHOLE),
    "investment": WHOLE,
    "recurrent": WHOLE,
    "approximate": FLAG,
}
_AGENCY = {
    "vi": required(TEXT),
    "en": _GLOSS,
    "first_day": DAY,
    "last_day": DAY,
    "now": TEXT,
    "basis": TEXT,
}
_GROUP = {"no": required(LEAST), "title": required(TEXT), "gloss": _GLOSS}
_CONTENT = {
    "id": required(_CONTENT_ID),
    "title": required(TEXT),
    "gloss": required(_GLOSS),
    "leads": TEXTS,
    "guides": TEXTS,
    "partners": TEXTS,
    "splits": TABLES,
    "criteria": NUMBERS,
    "layers": TEXTS,
}
_SPLIT = {"scope": required(TEXT), "agencies": required(TEXTS)}
_INCONSISTENCY = {
    "id": required(TEXT),
    "where": required(TEXT),
    "about": required(TEXTS),
    "difference": Key((int,), "số nguyên"),
    "explains": one_of(get_args(FindingKind)),
    "vi": required(TEXT),
    "en": required(_GLOSS),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A plan file after reading: `plan` is None where a fault of form leaves nothing to rely on."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def read_plan(path: Path) -> Plan:
    """The plan in a file. UsageError lists every fault."""
    return parse_plan(path.name, read_text(path, "E-PLAN-SYNTAX"))


def parse_plan(name: str, text: str) -> Plan:
    """The plan in the text of a file called `name`. UsageError lists every fault."""
    found = examine(name, text)
    if found.plan is None or found.problems:
        raise UsageError(found.problems)
    return found.plan


def examine(name: str, text: str) -> Examined:
    """The plan and every fault of its text, those of form, of reference and of sums at once."""
    reader = Reader(name)
    raw = reader.parse(text, "E-PLAN-SYNTAX")
    if reader.problems:
        return Examined(None, tuple(reader.problems))
    parts = _Parts(reader, raw)
    whole = not reader.problems
    parts.check()
    if not parts.document:
        return Examined(None, tuple(reader.problems))
    plan = parts.plan()
    _sums(reader, plan, parts.faulty())
    return Examined(plan if whole else None, tuple(reader.problems))


class _Parts:
    """The entries of the file that have the right form; faulty ones stand in the reader's problems."""

    def __init__(self, reader: Reader, raw: Mapping[str, Any]) -> None:
        self.reader = reader
        top = reader.table(raw, _TOP)
        before = len(reader.problems)
        document = reader.table(top.get("document", {}), _DOCUMENT, "document") if "document" in top else {}
        # With a fault in it nothing can be held against the document.
        self.document = document if len(reader.problems) == before else {}
        names = dict.fromkeys(top.get("districts", {}), TEXT)
        self.districts = reader.table(top.get("districts", {}), names, "districts")
        self.targets = reader.tables(top.get("target", ()), _TARGET, "target")
        self.shares = reader.tables(top.get("village_share", ()), _SHARE_ENTRY, "village_share", "target")
        self.stated_shares = len(top.get("village_share", ()))
        self.budget = reader.table(top["budget"], _BUDGET, "budget") if "budget" in top else {}
        self.lines = reader.tables(self.budget.get("line", ()), _LINE, "budget.line")
        codes = dict.fromkeys(top.get("agencies", {}), TABLE)
        self.agencies = {
            code: reader.table(entry, _AGENCY, f"agencies.{code}")
            for code, entry in reader.table(top.get("agencies", {}), codes, "agencies").items()
        }
        self.groups = reader.tables(top.get("group", ()), _GROUP, "group", "no")
        self.contents = reader.tables(top.get("content", ()), _CONTENT, "content")
        for entry in self.contents:
            entry["splits"] = reader.tables(entry.get("splits", ()), _SPLIT, f"content {entry['id']}.splits", "scope")
        self.inconsistencies = reader.tables(top.get("inconsistency", ()), _INCONSISTENCY, "inconsistency")
        # Names that may be referred to: those of faulty entries too, so that one fault is told once.
        self.known = {
            kind: [str(one.get(label)) for one in top.get(kind, ())]
            for kind, label in (("target", "id"), ("group", "no"), ("content", "id"))
        }
        self.known["budget"] = [*(str(one.get("id")) for one in self.budget.get("line", ())), "total"]
        self.known["district"] = list(self.districts)

    def check(self) -> None:
        """Faults of one entry against another: twice the same, unknown names, what a kind of target needs."""
        once = self.reader.once
        once((one["id"] for one in self.targets), "target")
        once((one["id"] for one in self.lines), "budget.line")
        once((one["no"] for one in self.groups), "group")
        once((one["id"] for one in self.contents), "content")
        once((one["id"] for one in self.inconsistencies), "inconsistency")
        once(((one["target"], code) for one in self.shares for code in one["districts"]), "village_share")
        for target in self.targets:
            self._target(target)
        for share in self.shares:
            self._references([share["target"]], self.known["target"], "village_share.target", "target")
            self._references(share["districts"], self.known["district"], "village_share.districts", "districts")
        for content in self.contents:
            self._content(content)
        for doubt in self.inconsistencies:
            self._about(doubt)
        for code, agency in self.agencies.items():
            if agency.keys() & {"now", "first_day", "last_day"} and "basis" not in agency:
                self.reader.fault("E-TOML-REQUIRED", f"agencies.{code}.basis")
        for key, found in (("groups", self.known["group"]), ("contents", self.known["content"])):
            stated = self.document.get(key, len(found))
            if stated != len(found):
                self.reader.fault("E-PLAN-COUNT", f"document.{key}", found=len(found), stated=stated)

    def _references(self, words: Iterable[Any], known: Iterable[Any], column: str, where: str) -> None:
        known = list(known)
        for word in words:
            if word not in known:
                listed = ", ".join(map(str, known)) or "không có mục nào"
                self.reader.fault("E-PLAN-REFERENCE", column, word, where=where, known=listed)

    def _target(self, target: Mapping[str, Any]) -> None:
        at, level, kind = f"target {target['id']}", target["level"], target["kind"]
        self._references([target["tier"]], _TIERS[level], f"{at}.tier", f"các bậc của cấp {level}")
        self._references([kind], _KINDS[level], f"{at}.kind", f"các loại chỉ tiêu của cấp {level}")
        named = (*target.get("districts", ()), *target.get("carried_over", ()))
        self._references(named, self.known["district"], f"{at}.districts", "districts")
        if kind != "minimum_share" and "value" not in target:
            self.reader.fault("E-TOML-REQUIRED", f"{at}.value")
        if kind == "named" and not target.get("districts"):
            self.reader.fault("E-TOML-REQUIRED", f"{at}.districts")
        if "baseline" in target:
            for key in ("baseline_on", "baseline_basis"):
                if key not in target:
                    self.reader.fault("E-TOML-REQUIRED", f"{at}.{key}")

    def _content(self, content: Mapping[str, Any]) -> None:
        at = f"content {content['id']}"
        agencies = [code for key in ("leads", "guides", "partners") for code in content.get(key, ())]
        agencies += [code for split in content["splits"] for code in split["agencies"]]
        self._references(agencies, self.agencies, at, "agencies")
        self._references(content.get("layers", ()), tables(), at, "danh mục bảng dữ liệu")
        set_id = self.document.get("criteria_set")
        if set_id is not None:
            self._references(content.get("criteria", ()), criteria_set(set_id).numbers, at, f"bộ tiêu chí {set_id}")
        self._references([content["id"].split(".")[0]], self.known["group"], at, "group")

    def _about(self, doubt: Mapping[str, Any]) -> None:
        for about in doubt["about"]:
            if about == "document":
                continue
            kind, _, name = about.partition(":")
            if kind not in self.known or name not in self.known[kind]:
                known = ", ".join(["document", *(f"{one}:…" for one in self.known)])
                where = "các mục của tệp"
                self.reader.fault(
                    "E-PLAN-REFERENCE", f"inconsistency {doubt['id']}.about", about, where=where, known=known
                )

    def faulty(self) -> set[str]:
        """Kinds of finding that a fault of form would only tell a second time."""
        lines, shares = self.budget.get("line", ()), self.stated_shares
        short = (("total", len(lines) > len(self.lines)), ("gap", shares > len(self.shares)))
        return {kind for kind, found in short if found}

    def plan(self) -> Plan:
        """The plan made of the sound entries; complete only when nothing was faulty."""
        document = self.document
        issued: date = document["date"]
        whole = {code: entry for code, entry in self.agencies.items() if "vi" in entry}
        return Plan(
            number=document["number"],
            issued=issued,
            title=document["title"],
            year=document["year"],
            criteria_set=document["criteria_set"],
            units_on=document["units_on"],
            issuer=document.get("issuer", ""),
            districts=self.districts,
            targets=tuple(Target(**_tuples(entry)) for entry in self.targets),
            shares=tuple(
                VillageShare(entry["target"], code, float(entry["share"]))
                for entry in self.shares
                for code in entry["districts"]
            ),
            budget_unit=self.budget.get("unit", ""),
            budget_total=self.budget.get("total", 0),
            budget=tuple(BudgetLine(**entry) for entry in self.lines),
            agencies={code: entry["vi"] for code, entry in whole.items()},
            agency={code: Agency(code=code, named_on=issued, **{"en": "", **entry}) for code, entry in whole.items()},
            groups={entry["no"]: entry["title"] for entry in self.groups},
            contents=tuple(
                Content(**_tuples({**entry, "splits": [Split(**_tuples(one)) for one in entry["splits"]]}))
                for entry in self.contents
            ),
            inconsistencies=tuple(Inconsistency(**_tuples(entry)) for entry in self.inconsistencies),
        )


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _sums(reader: Reader, plan: Plan, faulty: set[str]) -> None:
    """A sum or a gap must be one that an inconsistency of the file names, with just that difference."""
    for one in findings(plan):
        if not one.must_list or one.listed or one.kind in faulty:
            continue
        if one.kind == "gap":
            code = one.about.partition(":")[2]
            reader.fault("E-PLAN-GAP", "village_share", plan.districts[code], district=code)
        else:
            reader.fault(
                "E-PLAN-SUM",
                one.about,
                found=one.computed,
                stated=one.stated,
                about=one.about,
                difference=one.difference,
            )
