"""The real services that tests run against, declared once; each is started by its session fixture in conftest.py."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nexus_core.graph.embedded.runtime import prepare
from nexus_core.graph.embedded.server import EmbeddedNeo4j
from nexus_core.settings import GraphSettings, Settings

POSTGRESQL_BIN = Path(os.environ.get("NEXUS_TEST_POSTGRESQL_BIN", "/usr/lib/postgresql/15/bin"))
_INITDB = [POSTGRESQL_BIN / "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"]
_POSTGRESQL_CONF = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
autovacuum = off
log_timezone = 'Europe/Berlin'
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = 'all'
log_statement = 'all'
logging_collector = on
log_destination = 'jsonlog,csvlog'
log_directory = 'log'
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class PostgreSQL:
    """A PostgreSQL 15 of our own: superuser `postgres`, no password asked, log as JSON and CSV."""

    port: int
    data: Path
    host: str = "127.0.0.1"

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"


def _as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root: Debian's package has made the user `postgres` for it."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a cluster in a folder of its own and remove both in the end."""
    home = Path(tempfile.mkdtemp(prefix="nexus-postgresql-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(home, owner.pw_uid, owner.pw_gid)
    data, port = home / "data", free_port()
    control = [POSTGRESQL_BIN / "pg_ctl", "-D", data, "-w", "-s"]
    try:
        _run(home, *_INITDB, "-D", data)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"{_POSTGRESQL_CONF}port = {port}\n")
        _run(home, *control, "-l", home / "start.log", "start")
        try:
            yield PostgreSQL(port, data)
        finally:
            _run(home, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


def _run(home: Path, *command: object) -> None:
    subprocess.run(
        [str(part) for part in command], cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=120, **_as_postgres()
    )


@contextmanager
def neo4j() -> Iterator[GraphSettings]:
    """Start the embedded Neo4j on a folder of its own; its jars come from the user's cache, or are fetched into it."""
    home = Path(tempfile.mkdtemp(prefix="nexus-neo4j-"))
    (home / "neo4j").mkdir()
    (home / "neo4j" / "port").write_text(str(free_port()))
    settings = Settings.load(data_dir=home)
    server = EmbeddedNeo4j(home, prepare(settings, os.environ, lambda _bytes: None), settings.graph, os.environ)
    child = server.spawn()
    try:
        yield server.wait(child)
    finally:
        child.stop()
        shutil.rmtree(home)
