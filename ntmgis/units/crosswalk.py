"""A mapping of old units to new ones, verified: every unit once, names, the legal text, the geometry.

A published mapping may be plausible and wrong; each check finds a wrong row by itself and says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ntmgis.errors import Problem, Severity, problem
from ntmgis.units.aliases import Aliases, load_aliases
from ntmgis.units.epochs import EPOCHS
from ntmgis.units.law import Clause, LegalText, NamedUnit
from ntmgis.units.lookup import UnitLookup
from ntmgis.units.names import split_kind

if TYPE_CHECKING:
    import geopandas as gpd

    from ntmgis.units.crosswalk_shapes import ShapeCheck

__all__ = ["CrosswalkReport", "verify_crosswalk", "verify_units"]

Check = Literal["units", "names", "law", "areas", "overlap", "detached"]
_OLD, _NEW = EPOCHS[0].id, EPOCHS[1].id
# As in matching: different communes reach 80 on folded names, spelling variants of one start at 88.
_SAME_NAME = 85.0
_SHARES = ("share_area", "share_households")


@dataclass(frozen=True, slots=True, eq=False)
class CrosswalkReport:
    """What became of each row of a mapping.

    rows      row (number), old_code, old_name, new_code, new_name, status (ok, doubtful, wrong), proposed_code (the
              new unit that the evidence speaks for; None: none), evidence (Vietnamese; also where the law agrees)
    units     the new units: code, name, declared_km2, published_km2, dissolved_km2; empty without polygons
    problems  errors of the mapping, and warnings (areas that differ although no row is wrong, names not recognised)
    checks    what was checked: units, names, law, areas, overlap, detached
    """

    rows: pd.DataFrame
    units: pd.DataFrame
    problems: tuple[Problem, ...]
    checks: tuple[Check, ...]

    @property
    def sound(self) -> bool:
        """True when no problem is an error."""
        return not any(one.severity == "error" for one in self.problems)

    @property
    def wrong(self) -> pd.DataFrame:
        """The rows that are wrong."""
        return self.rows[self.rows["status"] == "wrong"]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: checks, counts, rows that are not ok, units, problems; what is unknown is None."""
        status = self.rows["status"].value_counts()
        units = self.units.astype(object).where(self.units.notna(), None)
        told = self.rows[self.rows["status"] != "ok"]
        return {
            "sound": self.sound,
            "checks": list(self.checks),
            "counts": {"rows": len(self.rows), **{s: int(status.get(s, 0)) for s in ("ok", "doubtful", "wrong")}},
            "rows": told.astype(object).where(told.notna(), None).to_dict("records"),
            "units": units.to_dict("records"),
            "problems": [one.as_dict() for one in self.problems],
        }


def _text(value: object) -> str | None:
    if value is None or bool(pd.isna(value)):  # type: ignore[call-overload]
        return None
    return str(value).strip() or None


class _Rows:
    """The mapping as plain rows, and what has been said about each."""

    def __init__(self, mapping: pd.DataFrame, file: str | None) -> None:
        whole = pd.api.types.is_integer_dtype(mapping.index)
        self.number = [int(i) for i in mapping.index] if whole else list(range(1, len(mapping) + 1))

        def column(name: str) -> list[str | None]:
            return [_text(v) for v in mapping[name]] if name in mapping.columns else [None] * len(mapping)

        self.old, self.new = column("old_code"), column("new_code")
        self.old_name, self.new_name = column("old_name"), column("new_name")
        self.shares = {
            name: [None if _text(v) is None else float(v) for v in mapping[name]]
            for name in _SHARES
            if name in mapping.columns
        }
        self.file = file
        self.problems: list[Problem] = []
        self.status: list[str] = ["ok"] * len(mapping)
        self.proposed: list[str | None] = [None] * len(mapping)
        self.evidence: list[list[str]] = [[] for _ in mapping.index]

    def at(self, old: str, new: str | None = None) -> list[int]:
        return [i for i, code in enumerate(self.old) if code == old and (new is None or self.new[i] == new)]

    def say(
        self,
        code: str,
        places: Sequence[int],
        *,
        severity: Severity = "error",
        proposed: str | None = None,
        evidence: str = "",
        **more: Any,
    ) -> None:
        """A problem; the rows at `places` are wrong by it, or doubtful when it is a warning."""
        row = self.number[places[0]] if places else None
        self.problems.append(problem(code, file=self.file, row=row, severity=severity, **more))
        for i in places:
            self.status[i] = "wrong" if severity == "error" or self.status[i] == "wrong" else "doubtful"
            self.proposed[i] = self.proposed[i] or proposed
            if evidence:
                self.evidence[i].append(evidence)

    def targets(self) -> dict[str, set[str]]:
        """Old code → its new codes, over rows that have both."""
        made: dict[str, set[str]] = {}
        for old, new in zip(self.old, self.new, strict=True):
            if old is not None and new is not None:
                made.setdefault(old, set()).add(new)
        return made


def _check_units(rows: _Rows, old: UnitLookup, new: UnitLookup, *, gaps: Severity = "error") -> None:
    """Every old unit once (or parts that add up to 1), every new unit fed, no unknown code."""
    for side, codes, lookup in (("cũ", rows.old, old), ("mới", rows.new, new)):
        for i, code in enumerate(codes):
            if code is None or code not in lookup.units:
                rows.say("E-CROSSWALK-CODE", [i], value=code, side=side)
    for code in dict.fromkeys(code for code in rows.old if code in old.units):
        _check_parts(rows, str(code), str(old.units[str(code)]))
    for code, unit in old.units.items():
        if code not in rows.old:
            rows.say("E-CROSSWALK-MISSING", [], value=str(unit), severity=gaps)
    for code, unit in new.units.items():
        if code not in rows.new:
            rows.say("E-CROSSWALK-UNFED", [], value=str(unit), severity=gaps)


def _check_parts(rows: _Rows, code: str, title: str) -> None:
    places = rows.at(code)
    again = [i for i in places if any(rows.new[j] == rows.new[i] for j in places if j < i)]
    if again:
        rows.say("E-CROSSWALK-TWICE", again, value=title)
        return
    told = {name: [values[i] for i in places] for name, values in rows.shares.items()}
    known = {name: values for name, values in told.items() if any(v is not None for v in values)}
    if len(places) > 1 and not known:
        rows.say("E-CROSSWALK-SHARE", places, value=title, total=f"{len(places)} dòng, không ghi tỷ lệ")
    for name, values in known.items():
        total = sum(v or 0.0 for v in values)
        if abs(total - 1) > 1e-6 or any(v is None or v < 0 for v in values):
            rows.say("E-CROSSWALK-SHARE", places, value=title, total=f"{name} = {total:g}".replace(".", ","))


def _check_names(rows: _Rows, old: UnitLookup, new: UnitLookup) -> None:
    """A name that means another unit than its code; spellings of one name are no error."""
    for codes, names, lookup in ((rows.old, rows.old_name, old), (rows.new, rows.new_name, new)):
        for i, (code, name) in enumerate(zip(codes, names, strict=True)):
            if code not in lookup.units or name is None:
                continue
            if code not in lookup.holders(name) and lookup.likeness(str(code), name) < _SAME_NAME:
                rows.say("E-CROSSWALK-NAME", [i], value=name, unit=str(lookup.units[str(code)]))


@dataclass(frozen=True, slots=True)
class _Claim:
    """The law gives the old unit to `new` (a code), by `clause`."""

    new: str
    clause: str


class _Law:
    """The legal text in codes."""

    def __init__(self, old: UnitLookup, new: UnitLookup, rows: _Rows) -> None:
        self.old, self.new, self.rows = old, new, rows
        self.mapped = rows.targets()
        self.claims: dict[str, list[_Claim]] = {}

    def read(self, legal: LegalText | Mapping[str, Sequence[str]]) -> None:
        """Claims by old code. Clauses about units of another province are passed over."""
        if isinstance(legal, LegalText):
            for clause in legal.clauses:
                codes = self.new.find(clause.new.title, None).codes
                if len(codes) == 1:
                    self._members(clause, codes[0])
            for unit in legal.kept:
                codes = self.new.find(unit.title, None).codes
                if len(codes) == 1:
                    self._members(Clause(legal.kept_number, unit, (unit,)), codes[0])
            for sentence in legal.unread:
                self.rows.say("W-CROSSWALK-LAW-TEXT", [], value=sentence, severity="warning")
            return
        for code, names in legal.items():
            units = tuple(NamedUnit(*split_kind(name)) for name in names)
            self._members(Clause(None, NamedUnit(None, code), units), code)

    def _members(self, clause: Clause, new: str) -> None:
        words = f"khoản {clause.number}" if clause.number else "văn bản"
        sure: dict[NamedUnit, str] = {}
        for unit in clause.old:
            found = self._codes(unit)
            if len(found) == 1:
                sure[unit] = found[0]
        homes = {self.old.units[code].district_code for code in sure.values()}
        for unit in clause.old:
            code = sure.get(unit) or self._settle(self._codes(unit), new, homes)
            if code is not None:
                self.claims.setdefault(code, []).append(_Claim(new, words))
                continue
            near = ", ".join(f"{name} ({code})" for code, name, _ in self.old.nearest(unit.title, None))
            self.rows.say(
                "W-CROSSWALK-LAW-NAME", [], value=str(unit), severity="warning", clause=words, near=near or "không có"
            )

    def _codes(self, unit: NamedUnit) -> tuple[str, ...]:
        district = None
        if unit.place is not None:
            district = self.old.district_of(unit.place)
            if district is None and self.old.has_districts:
                return ()
        return self.old.find(unit.title, district).codes

    def _settle(self, codes: Sequence[str], new: str, homes: set[str | None]) -> str | None:
        """One of several units of that name: the only one in the district of the others, or the one mapped so."""
        at_home = [code for code in codes if self.old.units[code].district_code in homes]
        agreed = [code for code in codes if self.mapped.get(code) == {new}]
        for choice in (at_home, agreed):
            if len(choice) == 1:
                return choice[0]
        return None

    def compare(self) -> None:
        """Each mapped unit against its claims."""
        for old, mapped in self.mapped.items():
            if old not in self.old.units:
                continue
            title, claims = str(self.old.units[old]), self.claims.get(old, [])
            said = {claim.new for claim in claims}
            if not said:
                self.rows.say("W-CROSSWALK-LAW-SILENT", self.rows.at(old), value=title, severity="warning")
            elif said == mapped:
                for i in self.rows.at(old):
                    self.rows.evidence[i].append(f"{claims[0].clause} nêu đúng như vậy")
            else:
                self._differ(old, title, claims, mapped)

    def _differ(self, old: str, title: str, claims: Sequence[_Claim], mapped: set[str]) -> None:
        said = {claim.new for claim in claims}
        law = ", ".join(f"{claim.clause} xếp vào {self._title(claim.new)}" for claim in claims)
        table = ", ".join(self._title(code) for code in sorted(mapped))
        places = [i for i in self.rows.at(old) if self.rows.new[i] not in said] or self.rows.at(old)
        self.rows.say(
            "E-CROSSWALK-LAW",
            places,
            value=title,
            proposed=next(iter(said)) if len(said) == 1 else None,
            evidence=f"{law}; bảng ghi {table}",
            law=law,
            table=table,
        )

    def _title(self, code: str) -> str:
        return str(self.new.units.get(code, code))


def verify_units(
    mapping: pd.DataFrame,
    *,
    old_units: pd.DataFrame,
    new_units: pd.DataFrame,
    legal: LegalText | None = None,
    file: str | None = None,
) -> tuple[Problem, ...]:
    """What can be said of the codes of a mapping alone.

    Unknown codes, parts that do not add up and rows that differ from `legal` (None: not compared) are errors, gaps are
    warnings.
    """
    rows = _Rows(mapping, file)
    known = load_aliases() if legal is not None else Aliases()
    old, new = UnitLookup(old_units, _OLD, known), UnitLookup(new_units, _NEW, known)
    _check_units(rows, old, new, gaps="warning")
    if legal is not None:
        law = _Law(old, new, rows)
        law.read(legal)
        law.compare()
    return tuple(rows.problems)


def verify_crosswalk(
    mapping: pd.DataFrame,
    *,
    old_units: pd.DataFrame,
    new_units: pd.DataFrame,
    old_shapes: "gpd.GeoDataFrame | None" = None,
    new_shapes: "gpd.GeoDataFrame | None" = None,
    legal: LegalText | Mapping[str, Sequence[str]] | None = None,
    aliases: Aliases | None = None,
    file: str | None = None,
) -> CrosswalkReport:
    """Whether the mapping is complete and true, row by row with evidence; nothing is corrected.

    mapping                 old_code, new_code; optional old_name, new_name, share_area, share_households
    old_units, new_units    as given by `reference_units`
    old_shapes, new_shapes  polygons with a column code; without new ones the old ones are held against the declared
                            areas and against each other (parts of a new unit that lie apart)
    legal                   the parsed resolution, or new code → names of its predecessors
    aliases                 None: the shipped ones (the law has spellings of its own)

    >>> from ntmgis.units.epochs import EPOCHS
    >>> from ntmgis.units.reference import crosswalk, reference_units
    >>> old, new = map(reference_units, EPOCHS)
    >>> verify_crosswalk(crosswalk(), old_units=old, new_units=new).sound
    True
    """
    known = load_aliases() if aliases is None else aliases
    old, new = UnitLookup(old_units, _OLD, known), UnitLookup(new_units, _NEW, known)
    rows = _Rows(mapping, file)
    checks: list[Check] = ["units"]
    _check_units(rows, old, new)
    if any(rows.old_name) or any(rows.new_name):
        checks.append("names")
        _check_names(rows, old, new)
    if legal is not None:
        checks.append("law")
        law = _Law(old, new, rows)
        law.read(legal)
        law.compare()
    units = pd.DataFrame(columns=["code", "name", "declared_km2", "published_km2", "dissolved_km2"])
    if old_shapes is not None:
        found = _check_shapes(rows, old, new_units, old_shapes, new_shapes)
        units = found.units
        checks += ["detached", "areas"]
        checks += ["overlap"] if new_shapes is not None else []
    frame = pd.DataFrame(
        {
            "row": rows.number,
            "old_code": rows.old,
            "old_name": [
                old.units[c].name if c in old.units else n for c, n in zip(rows.old, rows.old_name, strict=True)
            ],
            "new_code": rows.new,
            "new_name": [
                new.units[c].name if c in new.units else n for c, n in zip(rows.new, rows.new_name, strict=True)
            ],
            "status": rows.status,
            "proposed_code": pd.Series(rows.proposed, dtype=object),
            "evidence": ["; ".join(told) for told in rows.evidence],
        }
    )
    return CrosswalkReport(frame, units, tuple(rows.problems), tuple(checks))


def _check_shapes(
    rows: _Rows,
    old: UnitLookup,
    new_units: pd.DataFrame,
    old_shapes: "gpd.GeoDataFrame",
    new_shapes: "gpd.GeoDataFrame | None",
) -> "ShapeCheck":
    from ntmgis.units.crosswalk_shapes import check_shapes

    share = rows.shares.get("share_area", [None] * len(rows.old))
    listed = set(new_units["code"])
    pairs = {
        (code, target): 1.0 if part is None else part
        for code, target, part in zip(rows.old, rows.new, share, strict=True)
        if code in old.units and target in listed and code is not None and target is not None
    }
    titles = {code: unit.name for code, unit in old.units.items()}
    found = check_shapes(
        [(code, target, part) for (code, target), part in pairs.items()],
        old_shapes=old_shapes,
        new_shapes=new_shapes,
        old_names=titles,
        new_units=new_units,
    )
    for one in found.placings:
        say = partial(rows.say, value=str(old.units[one.old]), proposed=one.proposed, evidence=one.evidence)
        places = rows.at(one.old, one.new)
        if one.wrong:
            say("E-CROSSWALK-PLACE", places, words=one.evidence)
        else:
            say("W-CROSSWALK-PLACE", places, severity="warning", words=one.evidence)
    for code, words in found.areas.items():
        rows.say("W-CROSSWALK-AREA", [], severity="warning", value=code, words=words)
    if found.missing:
        names = ", ".join(str(old.units[code]) for code in found.missing)
        rows.say("W-CROSSWALK-SHAPE", [], severity="warning", names=names)
    return found
