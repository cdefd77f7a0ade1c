"""A MySQL 8.0.15 (from Maven, where it is packed for tests) and a MariaDB (Debian's `mariadb-server-core`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from nexus_core.graph.embedded.fetch import fetch
from nexus_core.graph.embedded.jars import missing, read_list
from nexus_core.graph.embedded.maven import find_repository
from nexus_core.processes import Child, Command
from nexus_core.settings import Settings

_LIST = Path(__file__).parent / "data" / "mysql_jars.txt"
_ARCHIVE = "mysql-Linux-amd64.tar.gz"
_MARIADB = Path(os.environ.get("TEST_MARIADB", "/usr/sbin/mariadbd"))
_MARIADB_TABLES = ("system_tables", "performance_tables", "system_tables_data", "sys_schema")
_READY_WITHIN_S = 60.0
# Data of tests need not outlive a power cut.
_SMALL = ("--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin")
_MYSQL = (
    *_SMALL,
    "--mysqlx=OFF",
    "--event-scheduler=OFF",
    "--federated",
    "--log-output=TABLE",
    "--performance-schema-consumer-events-statements-history-long=ON",
    "--performance-schema-max-sql-text-length=16384",
    "--max-digest-length=16384",
    "--performance-schema-max-digest-length=16384",
)


@dataclass(frozen=True)
class MySQL:
    """A server on 127.0.0.1: account `root`, without a password."""

    port: int
    home: Path
    scheme: str = "mysql"
    host: str = "127.0.0.1"

    def url(self, database: str = "", user: str = "root") -> str:
        return f"{self.scheme}://{user}@{self.host}:{self.port}/{database}"

    @contextmanager
    def connected(self, user: str = "root", database: str | None = None) -> Iterator[Any]:
        """A cursor of a session that runs several statements at once."""
        several = pymysql.constants.CLIENT.MULTI_STATEMENTS
        with (
            pymysql.connect(
                host=self.host, port=self.port, user=user, database=database, autocommit=True, client_flag=several
            ) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor

    def run(self, *scripts: str | Path, database: str | None = None) -> None:
        """Run scripts as root."""
        with self.connected(database=database) as cursor:
            for script in scripts:
                cursor.execute(script.read_text(encoding="utf-8") if isinstance(script, Path) else script)
                while cursor.nextset():
                    pass


@contextmanager
def mysql(port: int) -> Iterator[MySQL]:
    """Start MySQL on a folder of its own."""
    base = _unpacked()
    with _home("mysql") as home:
        program = [base / "bin" / "mysqld", "--no-defaults", f"--basedir={base}", f"--datadir={home}/data"]
        program += [f"--lc-messages-dir={base}/share"]
        _finish(home, [*program, "--initialize-insecure", *_user(), *_SMALL[:1]])
        with _running(home, [*program, *_user(), *_MYSQL], MySQL(port, home)) as server:
            yield server


@contextmanager
def mariadb(port: int) -> Iterator[MySQL]:
    """Start MariaDB on a folder of its own, its general log in a table."""
    assert _MARIADB.exists(), f"{_MARIADB} is missing. Install it: apt install mariadb-server-core, or set TEST_MARIADB"
    with _home("mariadb") as home:
        (home / "data" / "mysql").mkdir(parents=True)
        program: list[object] = [_MARIADB, "--no-defaults", "--basedir=/usr", f"--datadir={home}/data"]
        tables = [Path(f"/usr/share/mysql/mysql_{name}.sql").read_text() for name in _MARIADB_TABLES]
        _finish(home, [*program, "--bootstrap", *_user()], "use mysql;\n" + "".join(tables))
        options = [*_user(), *_SMALL, "--general-log=1", "--log-output=TABLE"]
        with _running(home, [*program, *options], MySQL(port, home, "mariadb")) as server:
            yield server


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


@contextmanager
def _home(name: str) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix=f"nexus-{name}-"))
    try:
        yield home
    finally:
        shutil.rmtree(home)


def _unpacked() -> Path:
    """The folder of MySQL in the user's cache; it is fetched if need be (34 MB, once)."""
    settings = Settings.load()
    jars = read_list(_LIST.read_text())
    cache = settings.cache_dir.expanduser().absolute()
    folder = cache / "mysql-8.0.15"
    if missing(jars, cache):
        fetch(jars, cache, find_repository(settings.graph.jars_url, os.environ), lambda _bytes: None)
    if not folder.exists():
        part = Path(tempfile.mkdtemp(prefix="mysql-", dir=cache))
        with (
            zipfile.ZipFile(cache / jars[0].name) as jar,
            jar.open(_ARCHIVE) as packed,
            tarfile.open(fileobj=packed) as archive,
        ):
            archive.extractall(part, filter="data")
        part.rename(folder)
    return folder


def _finish(home: Path, command: Sequence[object], given: str = "") -> None:
    argv = [str(part) for part in command]
    done = subprocess.run(argv, input=given, capture_output=True, text=True, timeout=120, cwd=home)
    assert done.returncode == 0, done.stderr[-2000:]


@contextmanager
def _running(home: Path, command: Sequence[object], server: MySQL) -> Iterator[MySQL]:
    places = [f"--port={server.port}", f"--bind-address={server.host}", f"--socket={home}/s", f"--pid-file={home}/pid"]
    child = Child(Command(server.scheme, [str(part) for part in (*command, *places)], os.environ, home))
    try:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not _answers(server):
            assert child.exit_code is None, child.why()
            assert time.monotonic() < deadline, child.why()
            time.sleep(0.1)
        yield server
    finally:
        child.process.kill()  # a clean stop takes seconds, and nobody needs its data
        child.stop()


def _answers(server: MySQL) -> bool:
    try:
        with server.connected():
            return True
    except pymysql.MySQLError:
        return False
