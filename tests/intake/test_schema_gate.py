"""The quick look at accepted rows never lets through what the schema of the table refuses."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from ntmgis.intake.convert import DTYPES
from ntmgis.intake.schemas import contract_faults, keeps_contract, schema
from ntmgis.programme.tables import Field, tables, values


def good(field: Field, n: int) -> list[Any]:
    if field.type == "code":
        return [str(k + 1).zfill(field.digits or 5) for k in range(n)]
    if field.type == "enum":
        return [next(iter(values(str(field.values))))] * n
    if field.type == "date":
        return [date(2025, 6, 30)] * n
    if field.type == "bool":
        return [True] * n
    if field.type == "text":
        return [f"a{k}" for k in range(n)]
    low = 0 if field.min is None else int(np.ceil(field.min))
    return [low] * n


def frame(table_id: str, n: int) -> pd.DataFrame:
    made = {
        field.name: pd.Series(good(field, n), dtype=object).astype(
            "datetime64[us]" if field.type == "date" else DTYPES[field.type]
        )
        for field in tables()[table_id].fields
    }
    return pd.DataFrame({**made, "row": np.arange(2, n + 2)})


def accepts(made: pd.DataFrame, table_id: str) -> bool:
    try:
        schema(table_id).validate(made, lazy=True)
    except SchemaErrors:
        return False
    return True


@pytest.mark.parametrize("table_id", list(tables()))
def test_good_rows_pass_at_first_sight(table_id: str) -> None:
    made = frame(table_id, 3)
    assert accepts(made, table_id)
    assert keeps_contract(made, table_id)
    assert keeps_contract(made.iloc[:0], table_id)
    assert contract_faults(made, table_id) == ()


@settings(max_examples=120, deadline=None)
@given(data=st.data(), table_id=st.sampled_from(list(tables())))
def test_what_passes_at_first_sight_passes_the_schema(data: st.DataObject, table_id: str) -> None:
    made = frame(table_id, 3)
    spoilt = data.draw(st.sampled_from([*made.columns]))
    way = data.draw(st.sampled_from(["blank", "twice", "odd", "low", "high", "dtype", "gone"]))
    column = made[spoilt]
    if way == "blank":
        made[spoilt] = column.astype("float64" if spoilt == "row" else column.dtype).where([True, False, True])
    elif way == "twice":
        made[spoilt] = column.iloc[[0, 0, 2]].set_axis(column.index)
    elif way == "dtype":
        made[spoilt] = column.astype(object)
    elif way == "gone":
        made = made.drop(columns=spoilt)
    elif way == "odd" and isinstance(column.dtype, pd.StringDtype):
        made[spoilt] = column.where([True, True, False], data.draw(st.sampled_from(["", "x", "1234567\n", "١٢٣٤٥"])))
    elif way in {"low", "high"} and str(column.dtype) in {"Int64", "int64", "float64"}:
        made[spoilt] = (column * 0 + (-(10**9) if way == "low" else 10**9)).astype(column.dtype)
    quick = keeps_contract(made, table_id)
    event(f"{way}: {quick}")
    assert accepts(made, table_id) or not quick
    assert bool(contract_faults(made, table_id)) is not accepts(made, table_id)
