"""The way to a PostgreSQL server: the URL, the connections, and what each failure is called.

Whatever goes wrong, the password is never part of what is said.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from ntmgis.errors import InputError, Problem, UsageError, problem

__all__ = ["Place", "connect", "named", "place", "use_postgis"]

SCHEMA = "ntmgis"
_LONGEST_NAME = 63  # bytes; PostgreSQL cuts a longer name without a word
_PORTS = 65_536
_SECONDS_TO_CONNECT = 15
# A server that vanished (power, cable) is noticed within a minute, not after the two hours of the system's own rule.
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


class Place:
    """One schema of one database, and how it is named to people: without password and options."""

    def __init__(self, url: URL, schema: str) -> None:
        self.url = url
        self.schema = schema
        self.shown = URL.create(
            "postgresql", url.username, host=url.host, port=url.port, database=url.database
        ).render_as_string(hide_password=True)
        self.secrets = tuple(str(one) for one in (url.password, url.query.get("password")) if one)

    def __repr__(self) -> str:
        return f"Place({self.shown!r}, schema={self.schema!r})"


def place(url: str, schema: str | None = None) -> Place:
    """Where `url` leads (postgresql://user@host:port/database); `?schema=` names another schema than ntmgis.

    Without password the one of PGPASSWORD or of the password file (~/.pgpass) counts. UsageError when it is no such
    URL.
    """
    bad = UsageError(problem("E-DB-URL", value=_without_password(url)))
    if url.partition("?")[0].count("@") > 1:  # the rest of a password with @ that is not written %40
        raise bad
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise bad from None
    if made.drivername.partition("+")[0] not in {"postgresql", "postgres"} or not 0 <= (made.port or 0) < _PORTS:
        raise bad
    asked = made.query.get("schema")
    name = schema or (asked if isinstance(asked, str) else None) or SCHEMA
    if len(name.encode()) > _LONGEST_NAME or "\0" in name or name.startswith("pg_"):
        raise UsageError(problem("E-DB-SCHEMA", value=name))
    return Place(made.difference_update_query(["schema"]).set(drivername="postgresql+psycopg"), name)


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):.*@", r"\1@", url, flags=re.DOTALL).partition("?")[0]


def connect(where: Place) -> Engine:
    """Connections to the server, made when needed and kept for the next question."""
    options: dict[str, Any] = {**_ALIVE, "connect_timeout": _SECONDS_TO_CONNECT, "application_name": "ntmgis"}
    options["client_encoding"] = "utf8"
    given = {name: value for name, value in options.items() if name not in where.url.query}
    engine = create_engine(
        where.url,
        connect_args=given,
        hide_parameters=True,
        pool_size=1,
        max_overflow=4,
        pool_pre_ping=True,
        use_native_hstore=False,
        json_serializer=_json,
    )
    event.listen(engine, "connect", _at_home)
    return engine


def _json(value: object) -> str:
    # Half characters of undecodable file names are no UTF-8; JSON can spell them.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _at_home(connection: Any, _record: object) -> None:
    """Settings that reading and writing rely on, whatever the server or the user prefer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('datestyle', 'ISO, YMD', false), set_config('extra_float_digits', '1', false)"
        )
    use_postgis(connection)
    connection.commit()


def use_postgis(connection: Any) -> None:
    """Names without schema mean PostgreSQL's own and PostGIS's; nobody can put theirs in front."""
    query = (
        "SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    )
    with connection.cursor() as cursor:
        home = cursor.execute(query).fetchone()
        path = "pg_catalog" if home is None else f"pg_catalog, {home[0]}"
        cursor.execute("SELECT set_config('search_path', %s, false)", (path,))


@contextmanager
def named(where: Place) -> Iterator[None]:
    """Every failure of the database as one of our problems, in words that say what to do."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise InputError(_problem(where, cause)) from None


# By the first characters of the five that the SQL standard gives; the longest that fits counts.
_STATES = {
    "08": "E-DB-LOST",
    "25006": "E-DB-READONLY",
    "40": "E-DB-BUSY",
    "28": "E-DB-PASSWORD",
    "3D": "E-DB-NAME",
    "42501": "E-DB-RIGHTS",
    "53100": "E-DB-FULL",
    "53300": "E-DB-BUSY",
    "55P03": "E-DB-BUSY",
    "57014": "E-DB-TIMEOUT",
    "57P": "E-DB-LOST",
}
# A connection that was never made has no such state, only words (of the server, in English unless it was set up
# otherwise).
_WORDS = (
    ("starting up", "E-DB-LOST"),
    ("shutting down", "E-DB-LOST"),
    ("recovery", "E-DB-LOST"),
    ("closed the connection", "E-DB-LOST"),
    ("connection is lost", "E-DB-LOST"),
    ("consuming input failed", "E-DB-LOST"),
    ("too many", "E-DB-BUSY"),
    ("connection slots", "E-DB-BUSY"),
    ("permission denied for database", "E-DB-RIGHTS"),
    ("timeout", "E-DB-TIMEOUT"),
    ("password", "E-DB-PASSWORD"),
    ("authentication", "E-DB-PASSWORD"),
    ("pg_hba.conf", "E-DB-PASSWORD"),
    ("fatal: role ", "E-DB-PASSWORD"),
    ("fatal: database ", "E-DB-NAME"),
)


def _problem(where: Place, error: BaseException | None) -> Problem:
    reason = " ".join(str(error).split()) if error is not None else ""
    for secret in where.secrets:
        reason = reason.replace(secret, "***")
    return problem(_code(error, reason), file=where.shown, reason=reason, schema=where.schema)


def _code(error: BaseException | None, reason: str) -> str:
    state = getattr(error, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state[:length] in _STATES:
            return _STATES[state[:length]]
    if state or not isinstance(error, psycopg.OperationalError):
        return "E-DB"
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "E-DB-TIMEOUT"
    if error.pgconn is not None and error.pgconn.needs_password:
        return "E-DB-PASSWORD"
    low = reason.lower()
    return next((code for words, code in _WORDS if words in low), "E-DB-CONNECT")
