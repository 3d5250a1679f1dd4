"""One pandera schema per table, made from the data contract: the last gate before rows leave the intake."""

from functools import cache

import pandera.pandas as pa

from ntmgis.intake.convert import DTYPES
from ntmgis.programme.tables import Field, TableSpec, table, values

__all__ = ["may_be_blank", "schema"]

# Criteria are assessed in communes that no decision has recognised yet: such a row has no tier and is still news.
_BLANK_ALLOWED = frozenset({("commune_status", "tier")})
_DATED = frozenset({"commune_status", "village_status", "district_status"})


def may_be_blank(spec: TableSpec, field: Field) -> bool:
    """Whether a cell of this field may be blank in an accepted row."""
    return not field.required or (spec.id, field.name) in _BLANK_ALLOWED


@cache
def schema(table_id: str) -> pa.DataFrameSchema:
    """The schema of accepted rows: columns, dtypes, limits, allowed values, unique keys. `row` comes from the file.

    >>> schema("road").columns["width"].dtype
    DataType(float64)
    """
    spec = table(table_id)
    columns = {field.name: _column(spec, field) for field in spec.fields}
    columns["row"] = pa.Column("int64", pa.Check.ge(1), unique=True)
    unit = {"unit": "code", "commune_status": "code", "village": "commune_code"}.get(table_id)
    if unit is not None:
        columns[unit].nullable = False
    key = [*spec.key, "as_of"] if table_id in _DATED else list(spec.key)
    return pa.DataFrameSchema(columns, unique=key or None, strict=False, ordered=False, name=table_id)


def _column(spec: TableSpec, field: Field) -> pa.Column:
    checks = []
    if field.type == "code" and field.digits is not None:
        checks.append(pa.Check.str_matches(rf"^[0-9]{{{field.digits}}}$"))
    if field.type == "enum" and field.values is not None:
        checks.append(pa.Check.isin(list(values(field.values))))
    if field.min is not None:
        checks.append(pa.Check.ge(field.min))
    if field.max is not None:
        checks.append(pa.Check.le(field.max))
    nullable = may_be_blank(spec, field) and not (field.name == "as_of" and spec.id in _DATED)
    return pa.Column(DTYPES[field.type], checks, nullable=nullable)
