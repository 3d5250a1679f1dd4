"""One pandera schema per table, made from the data contract: the last gate before rows leave the intake."""

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from ntmgis.intake.convert import DTYPES
from ntmgis.programme.tables import Field, TableSpec, table, values

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["contract_faults", "keeps_contract", "may_be_blank", "schema"]

# Criteria are assessed in communes that no decision has recognised yet: such a row has no tier and is still news.
_BLANK_ALLOWED = frozenset({("commune_status", "tier")})
_DATED = frozenset({"commune_status", "village_status", "district_status"})
# Codes of the reference list: accepted rows have them, whatever the file gives.
_UNITS = {"unit": "code", "commune_status": "code", "village": "commune_code"}


def may_be_blank(spec: TableSpec, field: Field) -> bool:
    """Whether a cell of this field may be blank in an accepted row."""
    return not field.required or (spec.id, field.name) in _BLANK_ALLOWED


def contract_faults(frame: pd.DataFrame, table_id: str) -> tuple[str, ...]:
    """Where accepted rows break the contract of their table: column, rule and value of each; nothing when they keep it.

    The schema itself is asked only where `keeps_contract` is not sure: it takes as long as all the reading, and
    loading pandera a quarter of a second.
    """
    if keeps_contract(frame, table_id):
        return ()
    from pandera.errors import SchemaErrors

    try:
        schema(table_id).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["column", "check", "failure_case"]].to_dict("records")
        return tuple(f"{case['column']}: {case['check']} ({case['failure_case']})" for case in cases)
    return ()


def keeps_contract(frame: pd.DataFrame, table_id: str) -> bool:
    """True only for a frame that `schema` accepts as it is; a False means no more than that it has to be asked."""
    spec = table(table_id)
    if "row" not in frame or not all(field.name in frame for field in spec.fields):
        return False
    rows = frame["row"]
    if rows.dtype != "int64" or rows.duplicated().any() or not rows.ge(1).all():
        return False
    key = _key(spec)
    return not (key and frame.duplicated(key).any()) and all(
        _keeps(frame[field.name], field, nullable=_nullable(spec, field)) for field in spec.fields
    )


def _keeps(column: "pd.Series[Any]", field: Field, *, nullable: bool) -> bool:
    if column.dtype != DTYPES[field.type]:
        return False
    blank = column.isna().to_numpy()
    if blank.any() and not nullable:
        return False
    if blank.all():
        return True
    known = column[~blank] if blank.any() else column
    if field.type == "code" and field.digits is not None and not known.str.fullmatch(_digits(field)).all():
        return False
    allowed = None if field.type != "enum" else field.values  # noqa: PD011 - no pandas object
    if allowed is not None and not known.isin(list(values(allowed))).all():
        return False
    low, high = field.min, field.max
    return bool((low is None or known.ge(low).all()) and (high is None or known.le(high).all()))


@cache
def schema(table_id: str) -> "pa.DataFrameSchema":
    """The schema of accepted rows: columns, dtypes, limits, allowed values, unique keys. `row` comes from the file.

    >>> schema("road").columns["width"].dtype
    DataType(float64)
    """
    import pandera.pandas as pa

    spec = table(table_id)
    columns = {field.name: _column(spec, field) for field in spec.fields}
    columns["row"] = pa.Column("int64", pa.Check.ge(1), unique=True)
    return pa.DataFrameSchema(columns, unique=_key(spec) or None, strict=False, ordered=False, name=table_id)


def _key(spec: TableSpec) -> list[str]:
    return [*spec.key, "as_of"] if spec.id in _DATED else list(spec.key)


def _nullable(spec: TableSpec, field: Field) -> bool:
    if _UNITS.get(spec.id) == field.name or (field.name == "as_of" and spec.id in _DATED):
        return False
    return may_be_blank(spec, field)


def _digits(field: Field) -> str:
    return rf"[0-9]{{{field.digits}}}"


def _column(spec: TableSpec, field: Field) -> "pa.Column":
    import pandera.pandas as pa

    checks = []
    if field.type == "code" and field.digits is not None:
        checks.append(pa.Check.str_matches(rf"^{_digits(field)}$"))
    allowed = None if field.type != "enum" else field.values  # noqa: PD011 - no pandas object
    if allowed is not None:
        checks.append(pa.Check.isin(list(values(allowed))))
    if field.min is not None:
        checks.append(pa.Check.ge(field.min))
    if field.max is not None:
        checks.append(pa.Check.le(field.max))
    return pa.Column(DTYPES[field.type], checks, nullable=_nullable(spec, field))
