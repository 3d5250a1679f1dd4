"""Who may look into a store in a database without being able to change anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ntmgis.errors import InputError, UsageError, problem
from ntmgis.store.postgis_connect import connect, named, place
from ntmgis.store.postgis_layout import layout, personal
from ntmgis.store.postgis_schema import let_read, run, version

__all__ = ["Granted", "grant_read"]

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Granted:
    """What a role was given: names of the tables and views it may read, and whether it was made for that."""

    role: str
    created: bool
    tables: tuple[str, ...]


def grant_read(url: str, role: str, *, schema: str | None = None, with_personal: bool = False) -> Granted:
    """Let `role` read the store at `url` and nothing more; a role that is not there is made, without a password.

    Addresses and the rows of files as they were read (quarantine, match reports) are personal data: only
    `with_personal` opens them, and without it an earlier permission is taken back. Needs the owner of the store (and,
    to make a role, the right to do so). InputError when the role could write anyway.
    """
    where = place(url, schema)
    # PostgreSQL takes even a quoted "public" for everybody.
    if not role or len(role.encode()) > _LONGEST_NAME or "\0" in role or role in {"public", "none"}:
        raise UsageError(problem("E-DB-ROLE", value=role))
    if role.startswith("pg_"):
        raise UsageError(problem("E-DB-ROLE", value=role))
    engine = connect(where)
    try:
        with named(where), engine.begin() as connection:
            if not version(connection, where):
                raise InputError(problem("E-DB-NO-STORE", file=where.shown, schema=where.schema))
            created = _make(connection, role)
            if _may_write(connection, where.schema, role):
                raise InputError(problem("E-DB-ROLE-WRITES", file=where.shown, value=role))
            run(connection, "GRANT USAGE ON SCHEMA {schema} TO {role}", schema=where.schema, role=role)
            names = [made.name for made in layout(where.schema).metadata.sorted_tables]
            granted = let_read(connection, where.schema, role, names, with_personal=with_personal)
            if not with_personal:
                _close(connection, where.schema, role)
            if not _may_read(connection, where.schema, role, granted):
                raise InputError(problem("E-DB-RIGHTS", file=where.shown, schema=where.schema, reason="GRANT SELECT"))
            return Granted(role, created, tuple(granted))
    finally:
        engine.dispose()


def _make(connection: Connection, role: str) -> bool:
    """Make the role where there is none."""
    query = "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = %(role)s"
    if connection.exec_driver_sql(query, {"role": role}).scalar_one():
        return False
    run(connection, "CREATE ROLE {role} LOGIN", role=role)
    run(connection, "ALTER ROLE {role} SET default_transaction_read_only = on", role=role)
    return True


def _tables(connection: Connection, schema: str) -> "list[Any]":
    query = (
        "SELECT c.oid, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'v', 'p')"
    )
    return list(connection.exec_driver_sql(query, {"schema": schema}))


def _may_write(connection: Connection, schema: str, role: str) -> bool:
    query = (
        "SELECT bool_or(has_table_privilege(%(role)s, t, 'INSERT, UPDATE, DELETE, TRUNCATE')) "
        "OR has_schema_privilege(%(role)s, %(schema)s, 'CREATE') FROM unnest(%(tables)s::oid[]) t"
    )
    told = {"role": role, "schema": schema, "tables": [oid for oid, _ in _tables(connection, schema)]}
    return bool(connection.exec_driver_sql(query, told).scalar())


def _may_read(connection: Connection, schema: str, role: str, names: Sequence[str]) -> bool:
    """Whether the grants took effect: from somebody without the right to give them they are no error, only nothing."""
    query = "SELECT bool_and(has_table_privilege(%(role)s, t, 'SELECT')) FROM unnest(%(tables)s::oid[]) t"
    told = {"role": role, "tables": [oid for oid, name in _tables(connection, schema) if name in set(names)]}
    return bool(connection.exec_driver_sql(query, told).scalar())


def _close(connection: Connection, schema: str, role: str) -> None:
    for _, name in _tables(connection, schema):
        if personal(name):
            run(connection, "REVOKE ALL ON {schema}.{name} FROM {role}", schema=schema, name=name, role=role)
