"""What the store knows of a commune on a day, as the content of its form."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ntmgis.errors import UsageError, problem
from ntmgis.intake.form import FLAGS, FormFacts
from ntmgis.programme.criteria import CRITERIA_SETS, criteria_set, set_on
from ntmgis.programme.thresholds import OfficeThresholds, load_thresholds
from ntmgis.show.tables.commune_form import CommuneForm, FormVillage
from ntmgis.store.take import KnownStatus, status_on, units_on
from ntmgis.take_in import TakenIn
from ntmgis.units.epochs import epoch_on
from ntmgis.units.names import fold

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Known"]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the store knows on a day, by commune."""

    taken: TakenIn
    day: date
    units: "pd.DataFrame"
    status: KnownStatus
    office: OfficeThresholds | None = None

    @classmethod
    def on(cls, taken: TakenIn, day: date) -> "Known":
        """What the sources taken in say of `day`."""
        epoch = epoch_on(day)
        units = units_on(taken.store, taken.workspace, epoch).set_index("code", drop=False)
        file = taken.workspace.thresholds
        office = None if file is None else load_thresholds(file)
        return cls(taken, day, units, status_on(taken.store, taken.workspace, day), office)

    def rural(self) -> list[str]:
        """Codes of the communes that have criteria, in order."""
        return [str(code) for code in self.units.index[self.units["rural"]]]

    def name(self, code: str) -> str:
        """The name of a unit."""
        return str(self.units.loc[code, "name"])

    def find(self, unit: str) -> str:
        """The code of the commune that is called `unit`, by code, name or name without marks."""
        names = self.units["name"].map(fold)
        wanted = fold(unit)
        same = (self.units["code"] == unit.strip()) | (names == wanted)
        found = [str(code) for code in self.units.index[same & self.units["rural"]]]
        if len(found) == 1:
            return found[0]
        near = found or self._near(wanted, names)
        told = ", ".join(f"{code} {self.name(code)}" for code in near) or "không có"
        raise UsageError(problem("E-FORM-UNIT", value=unit, epoch=epoch_on(self.day).title_vi, near=told))

    def _near(self, wanted: str, names: "pd.Series[str]") -> list[str]:
        from rapidfuzz import process

        rural = names[self.units["rural"]]
        return [str(code) for _, _, code in process.extract(wanted, rural.to_dict(), limit=3, score_cutoff=60)]

    def set_of(self, code: str) -> str | None:
        """The criteria set the commune's known criteria are of; None: nothing is known."""
        row = _row(self.status.criteria, "code", code)
        told = None if row is None else _text(row["criteria_set"])
        return None if row is None else told or set_on(row["valid_from"].date())

    def form(self, code: str, *, criteria: str | None = None) -> CommuneForm:
        """The form of one commune, filled in."""
        unit = self.units.loc[code]
        own, now = self.set_of(code), set_on(self.day)
        order = [*CRITERIA_SETS]
        newest = max((one for one in (own, now) if one in order), key=order.index, default=order[0])
        chosen = criteria or newest
        epoch = epoch_on(self.day).id
        facts = FormFacts(code, self.name(code), _text(unit["district"]) or "", epoch, chosen, self.day)
        status = _row(self.status.criteria, "code", code) if own == chosen else None
        tiers = _row(self.status.tiers, "code", code)
        numbers = criteria_set(chosen).numbers
        return CommuneForm(
            facts=facts,
            criteria=criteria_set(chosen),
            cells={} if status is None else {no: _cells(status, no) for no in numbers},
            known_on=None if status is None else _date(status["valid_from"]),
            tier="not_reported" if tiers is None else str(tiers["tier"]),
            tier_on=None if tiers is None else _date(tiers["valid_from"]),
            standard_year=None if tiers is None or _missing(tiers["standard_year"]) else int(tiers["standard_year"]),
            decision=None if tiers is None else _text(tiers["decision"]),
            decision_date=None if tiers is None else _date(tiers["decision_date"]),
            villages=tuple(self._villages(code)),
            sample=self.taken.workspace.sample,
            office=self.office,
        )

    def _villages(self, code: str) -> list[FormVillage]:

        own = self.status.villages[self.status.villages["commune_code"] == code]
        flags = self.status.flags.set_index("village_code")
        made = []
        for one in own.to_dict("records"):
            told = flags.loc[one["code"]] if one["code"] in flags.index else None
            made.append(
                FormVillage(
                    code=str(one["code"]),
                    name=str(one["name"]),
                    kind=_text(one["kind"]),
                    households=None if _missing(one["households"]) else int(one["households"]),
                    ethnic_minority=None if _missing(one["ethnic_minority"]) else bool(one["ethnic_minority"]),
                    flags={name: None if told is None else _flag(told[name]) for name in FLAGS},
                )
            )
        return made


def _row(frame: "pd.DataFrame", key: str, value: str) -> "pd.Series[Any] | None":
    found = frame[frame[key] == value]
    return found.iloc[0] if len(found) else None


def _cells(row: "pd.Series[Any]", no: int) -> dict[str, str | None]:
    return {"state": _text(row[f"tc{no}"]), "value": _text(row[f"sl{no}"]), "evidence": _text(row[f"mc{no}"])}


def _missing(value: object) -> bool:
    import pandas as pd

    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def _text(value: object) -> str | None:
    return None if _missing(value) else str(value)


def _flag(value: object) -> str | None:
    return None if _missing(value) else "yes" if value else "no"


def _date(value: Any) -> date | None:
    return None if _missing(value) else value.date()
