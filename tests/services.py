"""The real services that tests run against, declared once; each is started by its session fixture in conftest.py."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from nexus_core.errors import UnavailableError
from nexus_core.graph.embedded.runtime import prepare
from nexus_core.graph.embedded.server import EmbeddedNeo4j
from nexus_core.processes import Child
from nexus_core.settings import GraphSettings, Settings
from tests.kafka_broker import Kafka

POSTGRESQL_BIN = Path(os.environ.get("TEST_POSTGRESQL_BIN", "/usr/lib/postgresql/15/bin"))
_INITDB = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"]
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

BRIEF_JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}
"""For a Neo4j that ends after minutes: to compile much used code well takes more of it than is gained."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    The kernel gives none of these to a connection, and processes that look at once hardly find the same.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def program(name: str | Path, install: str) -> Path:
    """The path of a program that tests need; its absence is a failure that says how to install it."""
    found = shutil.which(name)
    if found is None:
        raise AssertionError(f"{name} is missing. Install it: {install}")
    return Path(found)


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
def postgresql(parent: Path | None = None, binaries: Path = POSTGRESQL_BIN) -> Iterator[PostgreSQL]:
    """Start a cluster in a folder of its own and remove both in the end."""
    program(binaries / "initdb", "apt install postgresql-15, or set TEST_POSTGRESQL_BIN")
    home = Path(tempfile.mkdtemp(prefix="nexus-postgresql-", dir=parent))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(home, owner.pw_uid, owner.pw_gid)
    data, port = home / "data", free_port()
    control = [binaries / "pg_ctl", "-D", data, "-w", "-s"]
    try:
        run_as_postgres(home, binaries / "initdb", *_INITDB, "-D", data)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(f"{_POSTGRESQL_CONF}port = {port}\n")
        run_as_postgres(home, *control, "-l", home / "start.log", "start")
        try:
            yield PostgreSQL(port, data)
        finally:
            run_as_postgres(home, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


def run_as_postgres(home: Path, *command: object) -> None:
    """Run a program of PostgreSQL, which refuses to be run by root."""
    subprocess.run(
        [str(part) for part in command], cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=120, **_as_postgres()
    )


class _SteadyNeo4j(EmbeddedNeo4j):
    """One that plans each query once.

    Tests fill and empty its graph all the time, and whenever counts change much Neo4j plans all of its queries anew: up
    to 20 s of CPU for the API's alone.
    """

    def _configuration(self) -> str:
        return super()._configuration() + "dbms.cypher.min_replan_interval=1h\n"


@contextmanager
def neo4j(**java: str) -> Iterator[GraphSettings]:
    """Start the embedded Neo4j on a folder of its own; its jars come from the user's cache, or are fetched into it."""
    home = Path(tempfile.mkdtemp(prefix="nexus-neo4j-"))
    server = embedded_neo4j(home, **java)
    child = server.spawn()
    try:
        yield answering(server, child)
    finally:
        child.stop()
        shutil.rmtree(home)


def embedded_neo4j(home: Path, **java: str) -> EmbeddedNeo4j:
    """Make one on an empty folder, with a port that no other takes; `java` are variables for its process."""
    environment, settings = {**os.environ, **java}, Settings.load(data_dir=home)
    (home / "neo4j").mkdir(parents=True)
    (home / "neo4j" / "port").write_text(str(free_port()))
    return _SteadyNeo4j(home, prepare(settings, environment, lambda _bytes: None), settings.graph, environment)


def answering(server: EmbeddedNeo4j, child: Child) -> GraphSettings:
    """Wait until a Neo4j answers, which may take a busy machine longer than the product waits."""
    for _ in range(4):
        with contextlib.suppress(UnavailableError):
            return server.wait(child)
        if child.exit_code is not None:
            break
    return server.wait(child)


@contextmanager
def kafka(**passwords: str) -> Iterator[Kafka]:
    """Start a Kafka on a folder of its own; its jars come from the user's cache, or are fetched into it."""
    home = Path(tempfile.mkdtemp(prefix="nexus-kafka-"))
    broker = Kafka(home, free_port(), free_port(), passwords)
    try:
        broker.format()
        broker.start()
        yield broker
    finally:
        broker.kill()  # a clean stop takes ten seconds, and nobody needs its data
        shutil.rmtree(home)


@dataclass(frozen=True)
class Nexus:
    """A running `nexus up`."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def admin(self) -> dict[str, str]:
        """Headers of a request by the admin."""
        return {"Authorization": f"Bearer {(self.data / 'admin-token').read_text().strip()}"}

    def stop(self) -> int:
        """End it as Ctrl-C in a terminal does, which signals the whole process group; its exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def nexus(data: Path, **settings: str) -> Iterator[Nexus]:
    """Start `nexus up` on a data folder, ready within two minutes, and stop it in the end."""
    with starting_nexus(data, **settings) as starting:
        deadline = time.monotonic() + 120
        while not _is_ready(starting.url):
            assert starting.process.poll() is None, starting.output.read_text()
            assert time.monotonic() < deadline, starting.output.read_text()
            time.sleep(0.2)
        yield starting


@contextmanager
def starting_nexus(data: Path, port: int = 0, **settings: str) -> Iterator[Nexus]:
    """The same without waiting: for starts that fail."""
    _own_bolt_port(data)
    port, output = port or free_port(), data / "up.log"
    command = [sys.executable, "-m", "nexus_core", "up", "--port", str(port), "--data", str(data)]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=file, stderr=file, start_new_session=True
        )
    running = Nexus(f"http://127.0.0.1:{port}", data, process, output)
    try:
        yield running
    finally:
        running.stop()


def _own_bolt_port(data: Path) -> None:
    """Have a first start take a port for Neo4j that no other stack, started at the same moment, takes."""
    remembered = data / "neo4j" / "port"
    remembered.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not remembered.exists():
        remembered.write_text(str(free_port()))
        remembered.chmod(0o600)


def nexus_command(*arguments: str, data: Path, timeout_s: float = 120) -> str:
    """Run a command on a data folder to its end, and give what it prints."""
    environment = {**os.environ, "NEXUS_DATA_DIR": str(data)}
    argv = [sys.executable, "-m", "nexus_core", *arguments]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=10).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
