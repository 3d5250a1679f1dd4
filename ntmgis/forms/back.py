"""Forms that come back: read, compared with what is known, reviewed, and accepted row by row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ntmgis.errors import InputError, Problem, UsageError, problem
from ntmgis.forms.compared import Compared, compare
from ntmgis.forms.kept import keep_day, receive
from ntmgis.forms.known import Known
from ntmgis.intake.diff import Change
from ntmgis.intake.form import FilledForm, Items, form_files, prefilled_digest, read_form
from ntmgis.intake.review_form import read_review
from ntmgis.manifest import digest
from ntmgis.show.tables.form_review import write_form_review
from ntmgis.take_in import TakenIn, quarantine_problems, take_in
from ntmgis.units.epochs import epoch_on
from ntmgis.units.names import fold
from ntmgis.workspace import load_workspace

__all__ = ["Returned", "TakenBack", "accept_forms", "compare_forms"]


@dataclass(frozen=True, slots=True)
class Returned:
    """Forms that came back, compared; files that could not be used; and where the review stands."""

    forms: tuple[Compared, ...]
    refused: tuple[str, ...]
    problems: tuple[Problem, ...]
    review: Path | None = None

    def counts(self) -> dict[str, int]:
        """Items of each kind over all forms."""
        kinds = ("new", "changed", "conflict", "same", "invalid", "gone")
        return {kind: sum(one.counts()[kind] for one in self.forms) for kind in kinds}

    @property
    def sound(self) -> bool:
        """True when nothing needs a person but the changes themselves."""
        told = self.counts()
        return not self.refused and not told["conflict"] and not any(one.severity == "error" for one in self.problems)

    def as_dict(self) -> dict[str, object]:
        """One object for `--json`."""
        return {
            "forms": [
                {
                    "file": one.form.file,
                    "code": one.form.facts.code,
                    "name": one.form.facts.name,
                    "as_of": one.form.facts.as_of.isoformat(),
                    "rows": one.rows,
                    **one.counts(),
                }
                for one in self.forms
            ],
            "refused": list(self.refused),
            "counts": self.counts(),
            "review": None if self.review is None else str(self.review),
            "problems": [one.as_dict() for one in self.problems],
        }


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken over: `forms` accepted, `accepted` changes of each kind, `left` as they were, imports made."""

    forms: tuple[str, ...]
    accepted: Mapping[str, int]
    left: int
    imports: Mapping[str, int]
    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """True when every form could be used and every accepted row came into the store."""
        return not self.refused and not any(one.severity == "error" for one in self.problems)

    def as_dict(self) -> dict[str, object]:
        """One object for `--json`."""
        return {
            "forms": list(self.forms),
            "refused": list(self.refused),
            "accepted": dict(self.accepted),
            "left": self.left,
            "imports": dict(self.imports),
            "files": [str(path) for path in self.files],
            "problems": [one.as_dict() for one in self.problems],
        }


def compare_forms(folder: str | Path, files: Iterable[Path], *, review: Path | None = None) -> Returned:
    """Compare filled-in forms with what the store knows; `review` (XLSX) gets one line per change to decide on.

    `files`: forms, folders or zip archives of forms. Nothing is written but the review. A form that cannot be used
    as a whole is named among the problems and `refused`; the others are still compared.
    """
    batch = _Batch.of(folder, files)
    if review is not None:
        if review.absolute() in batch.given:
            raise UsageError(problem("E-OUT-INPUT", file=review.name))
        sample = batch.taken.workspace.sample
        told = (batch.compared, batch.problems)
        write_form_review(review, *told, facts=batch.facts(), refused=batch.refused, sample=sample)
    return Returned(tuple(batch.compared), tuple(batch.refused), tuple(batch.problems), review)


def accept_forms(folder: str | Path, files: Iterable[Path], *, review: Path | None = None) -> TakenBack:
    """Take over what `review` accepts, or without one every new and changed value that contradicts nothing.

    Without a review nothing that is known is blanked: an empty cell may be a slip.

    A form without any change confirms what is known and is taken over whole. Of other forms the values that were not
    accepted stay as they were known. InputError E-REVIEW-STALE when forms or store are not those that were reviewed.
    """
    batch = _Batch.of(folder, files)
    if review is None:
        plain = (one for form in batch.compared for one in form.changes if one.kind != "conflict")
        chosen = {one.id for one in plain if all(value is not None for *_, value in one.fields)}
    else:
        read = read_review(review)
        changes = {one.id: one for form in batch.compared for one in form.changes}
        told = {id_ for _, id_, _ in read.rows}
        if dict(read.facts) != batch.facts() or not told <= set(changes):
            raise InputError(problem("E-REVIEW-STALE", file=review.name))
        chosen = {id_ for _, id_, yes in read.rows if yes}
        closed = [
            problem("E-REVIEW-CLOSED", file=review.name, row=row, value=id_, reason=changes[id_].reason)
            for row, id_, yes in read.rows
            if yes and not changes[id_].open
        ]
        if closed:
            raise InputError(closed)
    return batch.keep(chosen)


@dataclass(slots=True, eq=False)
class _Batch:
    """Forms that came back together: read, compared, kept."""

    taken: TakenIn
    given: set[Path]
    compared: list[Compared] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: dict[date, Known] = field(default_factory=dict)
    bytes_of: dict[str, bytes] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)  # what was known of each form's commune

    @classmethod
    def of(cls, folder: str | Path, files: Iterable[Path]) -> "_Batch":
        files = [Path(one) for one in files]
        batch = cls(take_in(load_workspace(folder)), {one.absolute() for one in files})
        read: list[FilledForm] = []
        with form_files(files) as paths:
            for path in paths:
                try:
                    form = read_form(path)
                    batch.bytes_of[form.sha256] = path.read_bytes()
                    read.append(form)
                except InputError as error:
                    batch.refuse(path.name, error.problems)
        for form in batch.alone(read):
            batch.compare(form)
        return batch

    def refuse(self, file: str, problems: Sequence[Problem]) -> None:
        self.refused.append(file)
        self.problems += problems

    def alone(self, forms: list[FilledForm]) -> list[FilledForm]:
        """Forms with no rival: of two of one commune and day neither is chosen, unless they say the same."""
        first: dict[tuple[str, date], FilledForm] = {}
        rivals: set[tuple[str, date]] = set()
        for form in forms:
            key = (form.facts.code, form.facts.as_of)
            other = first.setdefault(key, form)
            if other is form:
                continue
            said: dict[str, Any] = {"file": form.file, "other": other.file, "value": form.facts.name}
            if (form.typed, form.faulty) == (other.typed, other.faulty):
                self.problems.append(problem("W-FORM-COPY", severity="warning", **said))
                self.refused.append(form.file)
            else:
                rivals.add(key)
                self.refuse(form.file, [problem("E-FORM-TWICE", **said)])
        for key in rivals:
            self.refused.append(first[key].file)
        return [form for key, form in first.items() if key not in rivals]

    def known_on(self, day: date) -> Known:
        if day not in self.known:
            self.known[day] = Known.on(self.taken, day)
        return self.known[day]

    def compare(self, form: FilledForm) -> None:
        """Add a form with its changes; refuse one of a commune that this workspace does not have."""
        facts = form.facts
        known = self.known_on(facts.as_of)
        if facts.code not in known.rural() or fold(known.name(facts.code)) != fold(facts.name):
            epoch = epoch_on(facts.as_of).title_vi
            said = f"{facts.name} ({facts.code})"
            self.refuse(form.file, [problem("E-FORM-FOREIGN", file=form.file, value=said, epoch=epoch)])
            return
        now = known.form(facts.code, criteria=facts.criteria_set).items()
        self.marks.append(prefilled_digest(facts, now))
        self.compared.append(compare(form, now))
        self.problems += form.problems

    def facts(self) -> dict[str, str]:
        """What must be the same when the review is read back."""
        forms = sorted(one.form.sha256 for one in self.compared)
        return {"forms": digest(forms), "store": digest(sorted(self.marks))}

    def keep(self, chosen: set[str]) -> TakenBack:
        """Write the accepted values of each reporting day and take them in."""
        root = self.taken.workspace.root
        counts: dict[str, int] = {}
        left = 0
        by_day: dict[date, dict[str, Items]] = {}
        kept: list[FilledForm] = []
        for one in self.compared:
            accepted = [change for change in one.changes if change.id in chosen]
            left += len(one.changes) - len(accepted)
            for change in accepted:
                counts[change.kind] = counts.get(change.kind, 0) + 1
            if accepted or not (one.changes or one.invalid or one.gone):
                facts = one.form.facts
                by_day.setdefault(facts.as_of, {})[facts.code] = self._agreed(one.form, accepted)
                kept.append(one.form)
        if not kept:
            return TakenBack((), counts, left, {}, (), tuple(self.problems), tuple(self.refused))
        files = [receive(root, form, self.bytes_of[form.sha256]) for form in kept]
        days = []
        for day, items in sorted(by_day.items()):
            facts_of = {form.facts.code: form.facts for form in kept if form.facts.as_of == day}
            days.append(keep_day(self.taken, day, facts_of, items))
        files += [path for made in days for path in made.files]
        sources = {id_ for made in days for id_ in made.sources}
        taken = take_in(load_workspace(root))
        imports = {one.source_id: one.import_id for one in taken.imports if one.source_id in sources}
        names = {path.name for path in files}
        troubles = tuple(one for one in (*taken.problems, *quarantine_problems(taken)) if one.file in names)
        told = (imports, tuple(files), (*self.problems, *troubles), tuple(self.refused))
        return TakenBack(tuple(one.file for one in kept), counts, left, *told)

    def _agreed(self, form: FilledForm, accepted: Sequence[Change]) -> Items:
        """What is known, with the accepted items as the form says."""
        known = self.known_on(form.facts.as_of).form(form.facts.code, criteria=form.facts.criteria_set)
        items = {item: dict(cells) for item, cells in known.items().items()}
        for change in accepted:
            items[change.key[2]] |= form.typed[change.key[2]]
        return items
