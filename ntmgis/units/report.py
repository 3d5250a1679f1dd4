"""The outcome of matching a table to units: every input row in exactly one status, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ntmgis.errors import Problem, problem
from ntmgis.units.epochs import Epoch

__all__ = ["HOWS", "STATUSES", "MatchReport", "Status"]

Status = Literal["matched", "ambiguous", "unmatched", "duplicate", "wrong_epoch", "conflict"]
STATUSES: tuple[Status, ...] = ("matched", "ambiguous", "unmatched", "duplicate", "wrong_epoch", "conflict")
HOWS = ("code", "exact_name", "folded_name", "alias")
_CODES: Mapping[str, str] = {
    "ambiguous": "E-MATCH-AMBIGUOUS",
    "unmatched": "E-MATCH-UNMATCHED",
    "duplicate": "E-MATCH-DUPLICATE",
    "wrong_epoch": "E-MATCH-EPOCH",
    "conflict": "E-MATCH-CONFLICT",
}


@dataclass(frozen=True, slots=True, eq=False)
class MatchReport:
    """Who is who in one table.

    rows   one row per input row, in input order and with its index: row (row number), status (matched, ambiguous,
           unmatched, duplicate, wrong_epoch, conflict), how (code, exact_name, folded_name, alias; None when not
           matched), code and unit_name (of the unit; None unless matched or duplicate), given_code, given_name,
           given_parent (as in the table, None: empty), reason (Vietnamese; also notes on a matched row; "" when there
           is nothing to say), candidates (tuple of (code, name, score 0-100), proposals for a person)
    hints  sentences about the whole table (Vietnamese), such as that it fits the other boundary epoch better
    """

    epoch: Epoch
    rows: pd.DataFrame
    hints: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Number of rows, of each status, and of each way among the matched. The statuses add up to `rows`."""
        status = self.rows["status"].value_counts()
        how = self.rows.loc[self.rows["status"] == "matched", "how"].value_counts()
        return {
            "rows": len(self.rows),
            "matched": int(status.get("matched", 0)),
            **{way: int(how.get(way, 0)) for way in HOWS},
            **{name: int(status.get(name, 0)) for name in STATUSES if name != "matched"},
        }

    def as_dict(self) -> dict[str, Any]:
        """epoch, counts, hints and rows, ready for JSON; what is unknown or empty is None."""
        rows = self.rows
        return {
            "epoch": self.epoch.id,
            "counts": self.counts(),
            "hints": list(self.hints),
            "rows": [
                {
                    "row": row,
                    "status": status,
                    "unit_code": code,
                    "how": how,
                    "given_code": given_code,
                    "given_name": given_name,
                    "given_parent": given_parent,
                    "unit_name": unit_name,
                    "reason": reason or None,
                    "candidates": [{"code": c, "name": name, "score": score} for c, name, score in candidates],
                }
                for row, status, code, how, given_code, given_name, given_parent, unit_name, reason, candidates in zip(
                    rows["row"].tolist(),
                    *(
                        rows[name]
                        for name in (
                            "status",
                            "code",
                            "how",
                            "given_code",
                            "given_name",
                            "given_parent",
                            "unit_name",
                            "reason",
                            "candidates",
                        )
                    ),
                    strict=True,
                )
            ],
        }

    def problems(
        self, *, file: object = None, layer: str | None = None, sheet: str | None = None, column: str | None = None
    ) -> tuple[Problem, ...]:
        """One problem for each row that is not matched, in input order; `file`, `layer`, ... say where the table is."""
        bad = self.rows[self.rows["status"] != "matched"]
        return tuple(
            problem(
                _CODES[status],
                file=file,
                layer=layer,
                sheet=sheet,
                row=row,
                column=column,
                value=name if name is not None else code,
                reason=reason,
            )
            for row, status, name, code, reason in zip(
                bad["row"].tolist(), bad["status"], bad["given_name"], bad["given_code"], bad["reason"], strict=True
            )
        )
