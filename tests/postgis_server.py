"""A real PostgreSQL with PostGIS for tests: made in a temporary folder, on a free port of this machine, thrown away.

A test module asks for it with `pytest_plugins = ("postgis_server",)` and then has the fixtures `server` (one for the
session of a worker) and `database` (the URL of an empty database with PostGIS, one for each module). Without
PostgreSQL or PostGIS on the machine those tests are skipped, and say why.

PYTEST_DONT_REWRITE: tests also import this module by its name.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

PASSWORD = "mật khẩu: p@ss/%"  # with everything that a URL must escape
OWNER = "chu"
_NUMBERS = count(1)


def programs() -> Path | None:
    """The folder with initdb and postgres of an installation that has PostGIS; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[-2].zfill(4), reverse=True)
    for name in ("pg_config", "postgres"):
        where = shutil.which(name)
        if where is not None:
            found.append(Path(where).resolve().parent)
    return next((path for path in found if (path / "initdb").is_file() and _has_postgis(path)), None)


def _has_postgis(path: Path) -> bool:
    config = path / "pg_config"
    version = path.parent.name
    shares = [Path("/usr/share/postgresql") / version]
    if config.is_file():
        made = subprocess.run([config, "--sharedir"], capture_output=True, text=True, check=False)
        shares.append(Path(made.stdout.strip()))
    return any((share / "extension" / "postgis.control").is_file() for share in shares)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """PostgreSQL in the folder `home`; its user `chu` may make databases and roles and is no superuser.

    Without `fsync` nothing waits for the disk, which is right for data that are thrown away.
    """

    def __init__(self, folder: Path, home: Path, *, fsync: bool = False) -> None:
        self.fsync = "on" if fsync else "off"
        self.programs = folder
        self.home = home
        self.port = _free_port()
        # PostgreSQL refuses to run as root.
        self._as: Mapping[str, str] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        secret = self.home / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if self._as:
            for path in (self.home, secret):
                shutil.chown(path, **self._as)
        command = [self.programs / "initdb", "-D", self.home / "data", "-U", "root", "-A", "scram-sha-256"]
        command += [f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.home, **self._as)
        if made.returncode:
            pytest.skip(f"PostgreSQL could not be set up here: {made.stderr.strip()[-300:]}")
        self.start()
        with self.admin("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(sql.Identifier(OWNER), PASSWORD)
            )
            connection.execute("CREATE DATABASE with_postgis")
        with self.admin("with_postgis") as connection:
            connection.execute("CREATE EXTENSION postgis")

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": self.fsync,
            "shared_buffers": "64MB",
            "max_connections": 30,
            "lc_messages": "C",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.home / "data", *words],
                stdout=log,
                stderr=log,
                cwd=self.home,
                **self._as,
            )
        for _ in range(300):
            with suppress(psycopg.OperationalError):
                self.admin("postgres").close()
                return
            time.sleep(0.1)
        raise RuntimeError((self.home / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def stop(self) -> None:
        """As if the power had gone: no connection is closed in order, nothing is written out."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def url(self, database: str, user: str = OWNER, password: str | None = PASSWORD) -> str:
        secret = "" if password is None else f":{quote(password, safe='')}"
        return f"postgresql://{quote(user, safe='')}{secret}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def admin(self, database: str) -> psycopg.Connection:
        """A superuser's connection."""
        return psycopg.connect(self.url(database, "root"), autocommit=True)

    def database(self, *, postgis: bool = True) -> str:
        """The name of a new database that belongs to `chu`."""
        name = f"thu nghiem {next(_NUMBERS)}"
        template = "with_postgis" if postgis else "template1"
        with self.admin("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*map(sql.Identifier, (name, template, OWNER)))
            )
        return name


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for all tests of this worker."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL with PostGIS is not on this machine (Debian: apt-get install postgresql-postgis)")
    home = Path(tempfile.mkdtemp(prefix="ntmgis-postgis-"))
    made = Server(folder, home)
    try:
        made.make()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def database(server: Server) -> str:
    """The URL of an empty database with PostGIS, for the tests of one module."""
    return server.url(server.database())
