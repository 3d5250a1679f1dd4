"""A database brought to the layout of the store: made, completed, moved on from an older version; and what it refuses.

Everything here runs inside the transaction of the caller, so it is whole or absent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, inspect
from sqlalchemy.schema import CreateColumn

from ntmgis.errors import InputError, problem
from ntmgis.store.base import SCHEMA_VERSION
from ntmgis.store.postgis_connect import Place, use_postgis
from ntmgis.store.postgis_layout import Layout, layout, personal, view_of

__all__ = ["columns_of", "driver", "lay_out", "let_read", "run", "version"]

_ONLY_ADDS: LiteralString = (
    "CREATE OR REPLACE FUNCTION {schema}.only_adds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
    "'kho ntmgis chỉ ghi thêm: sửa ở tệp nguồn rồi chạy lại ntmgis build, hoặc dùng ntmgis undo'; END $$"
)
_GUARD: LiteralString = (
    "CREATE TRIGGER only_adds BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION {schema}.only_adds()"
)
_VIEW: LiteralString = (
    "CREATE OR REPLACE VIEW {schema}.{view} AS "
    "SELECT i.source_id AS import_source, i.epoch AS import_epoch, i.file AS import_file, {more} r.* "
    "FROM {schema}.{table} r JOIN {schema}.imports i ON i.import_id = r.import_id "
    "WHERE NOT EXISTS (SELECT FROM {schema}.undone u WHERE u.import_id = r.import_id)"
)
_POINT = sql.SQL("ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326)::geometry(Point, 4326) AS geometry,")
# Schema version → what brings it to the next one, beyond tables and columns that it lacks (those are added anyway).
_STEPS: Mapping[int, tuple[LiteralString, ...]] = {1: ()}


def driver(connection: Connection) -> "psycopg.Connection[Any]":
    """What psycopg has under the connection, for COPY and for names quoted by psycopg."""
    made = connection.connection.driver_connection
    assert isinstance(made, psycopg.Connection)
    return made


def run(connection: Connection, statement: LiteralString, **names: str | sql.Composable) -> None:
    """Do one statement of SQL; every name given as text goes in as a quoted identifier."""
    parts = {key: sql.Identifier(name) if isinstance(name, str) else name for key, name in names.items()}
    driver(connection).execute(sql.SQL(statement).format(**parts))


def version(connection: Connection, where: Place) -> int:
    """Schema version of the store in the database; 0 when there is none. InputError when it is not one for us."""
    have = inspect(connection)
    if not have.has_table("about", where.schema):
        if where.schema in have.get_schema_names() and have.get_table_names(where.schema):
            raise InputError(problem("E-DB-FOREIGN", file=where.shown, schema=where.schema))
        return 0
    about = layout(where.schema).about
    told = connection.execute(about.select().where(about.c.key == "schema")).first()
    if told is None or not told.value.isdigit():
        raise InputError(problem("E-DB-FOREIGN", file=where.shown, schema=where.schema))
    found = int(told.value)
    if found > SCHEMA_VERSION:
        raise InputError(problem("E-DB-NEWER", file=where.shown, found=found, known=SCHEMA_VERSION))
    return found


def columns_of(connection: Connection, schema: str) -> dict[str, frozenset[str]]:
    """Name of each table in the schema → names of its columns."""
    query = (
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p') GROUP BY c.relname"
    )
    return {name: frozenset(has) for name, has in connection.exec_driver_sql(query, {"schema": schema})}


def lay_out(connection: Connection, where: Place, plan: Layout) -> None:
    """Bring the schema to the present layout: make what is missing, add new columns, move an older version on.

    An older version is first copied, whole, to a schema of its own (`ntmgis_v1`).
    """
    schema = where.schema
    found = version(connection, where)
    if not found:
        _check(connection, where)
        run(connection, "CREATE SCHEMA IF NOT EXISTS {schema}", schema=schema)
    elif found < SCHEMA_VERSION:
        _keep_copy(connection, schema, found)
    for step in range(found or SCHEMA_VERSION, SCHEMA_VERSION):
        for statement in _STEPS[step]:
            run(connection, statement, schema=schema)
    _complete(connection, plan, schema)
    if found != SCHEMA_VERSION:
        connection.execute(plan.about.delete().where(plan.about.c.key == "schema"))
        connection.execute(plan.about.insert().values(key="schema", value=str(SCHEMA_VERSION)))


def _check(connection: Connection, where: Place) -> None:
    """What a database must offer before anything is made in it."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise InputError(problem("E-DB-ENCODING", file=where.shown, found=encoding))
    has = "SELECT count(*) FROM pg_catalog.pg_extension WHERE extname = 'postgis'"
    if connection.exec_driver_sql(has).scalar_one():
        return
    try:
        with connection.begin_nested():
            run(connection, "CREATE EXTENSION postgis SCHEMA public")
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise
        raise InputError(problem("E-DB-POSTGIS", file=where.shown)) from None
    use_postgis(driver(connection))


def _keep_copy(connection: Connection, schema: str, found: int) -> None:
    have = inspect(connection)
    taken = set(have.get_schema_names())
    stem = f"{schema}_v{found}"
    copy = next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 1000))) if name not in taken)
    run(connection, "CREATE SCHEMA {copy}", copy=copy)
    for table in have.get_table_names(schema):
        run(connection, "CREATE TABLE {copy}.{table} AS TABLE {schema}.{table}", copy=copy, schema=schema, table=table)


def _complete(connection: Connection, plan: Layout, schema: str) -> None:
    """Tables, columns and views that the schema lacks; whoever may read the store may read them too."""
    known = columns_of(connection, schema)
    new = [made for made in plan.metadata.sorted_tables if made.name not in known]
    lacking = [
        (made.name, column)
        for made in plan.metadata.sorted_tables
        if made.name in known
        for column in made.columns
        if column.name not in known[made.name]
    ]
    readers = _readers(connection, schema) if known and new else ()
    if new:
        plan.metadata.create_all(connection, new, checkfirst=False)
        _guard(connection, schema, [made.name for made in new if made is not plan.about])
    for table, column in lacking:
        _add_column(connection, schema, table, column)
    changed = {made.name for made in new} | {table for table, _ in lacking}
    for id_, made in plan.rows.items():
        if made.name in changed:
            more = _POINT if id_ == "address_point" else sql.SQL("")
            run(connection, _VIEW, schema=schema, view=view_of(id_), table=made.name, more=more)
    for reader in readers:
        let_read(connection, schema, reader, [made.name for made in new])


def _add_column(connection: Connection, schema: str, table: str, column: "Column[Any]") -> None:
    # The words are SQLAlchemy's: the quoted name and type of a column of ours.
    words: Any = str(CreateColumn(column).compile(dialect=connection.dialect))
    statement: LiteralString = "ALTER TABLE {schema}.{table} ADD COLUMN {words}"
    run(connection, statement, schema=schema, table=table, words=sql.SQL(words))


def _guard(connection: Connection, schema: str, made: Sequence[str]) -> None:
    """Rows of these tables cannot be changed or removed, whichever program tries."""
    run(connection, _ONLY_ADDS, schema=schema)
    for table in made:
        run(connection, _GUARD, schema=schema, table=table)


def let_read(
    connection: Connection, schema: str, role: str, made: Sequence[str], *, with_personal: bool = False
) -> list[str]:
    """Let `role` read these tables and the views on them: their names. Personal data only on request."""
    views = [view_of(name.removeprefix("t_")) for name in made if name.startswith("t_")]
    names = [name for name in (*made, *views) if with_personal or not personal(name)]
    for name in names:
        run(connection, "GRANT SELECT ON {schema}.{name} TO {role}", schema=schema, name=name, role=role)
    return names


def _readers(connection: Connection, schema: str) -> tuple[str, ...]:
    """Roles other than the owner that were let read the store."""
    query = (
        "SELECT DISTINCT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee "
        "WHERE n.nspname = %(schema)s AND c.relname = 'imports' AND a.privilege_type = 'SELECT' "
        "AND a.grantee <> c.relowner ORDER BY 1"
    )
    return tuple(connection.exec_driver_sql(query, {"schema": schema}).scalars())
