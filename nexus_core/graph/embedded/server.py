"""Runs Neo4j Community as a child process, and keeps its password and port in a folder of the data folder."""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from nexus_core.errors import UnavailableError
from nexus_core.files import write_whole
from nexus_core.graph.embedded.password import set_initial_password
from nexus_core.graph.embedded.runtime import Runtime
from nexus_core.graph.embedded.wanted import FIRST
from nexus_core.ports import claim, release
from nexus_core.processes import Child, Command
from nexus_core.settings import GraphSettings

_BOLT_PORT = 7687
_HANDSHAKE = bytes.fromhex("6060B017 00000405 00000004 00000000 00000000")  # Bolt's magic, then versions 5.4 and 4.0
_READY_WITHIN_S = 120.0
_CONFIGURATION = """\
# Written by LineageNexus at each start.
server.directories.data={home}/data
server.directories.run={home}/run
server.directories.logs={logs}
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={page_cache_mb}m
# Queries carry names of columns and SQL expressions: they stay out of the log.
db.logs.query.enabled=OFF
db.tx_log.preallocate=false
db.tx_log.rotation.size=32m
db.tx_log.rotation.retention_policy=1 files
dbms.usage_report.enabled=false
# Databases are closed before Bolt is: without these it would then wait ten seconds for nothing. The names are
# internal ones, hence no strict validation: another version from NEO4J_HOME starts without them.
server.config.strict_validation.enabled=false
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.bolt.netty_server_shutdown_timeout=1s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
"""


class EmbeddedNeo4j:
    """A Neo4j whose data, password and port lie in the folder `name` of `data_dir`; its logs in `data_dir/logs`.

    It listens on loopback for Bolt alone. To be made and started in the main thread (see Child).
    """

    def __init__(
        self,
        data_dir: Path,
        runtime: Runtime,
        settings: GraphSettings,
        environment: Mapping[str, str],
        name: str = FIRST,
    ) -> None:
        self._data_dir = data_dir.expanduser().absolute()
        self._name, self._home = name, self._data_dir / name
        self._runtime, self._settings, self._environment = runtime, settings, environment
        self._port = 0

    def spawn(self) -> Child:
        """Start the process, on the port of the last start if that is free; `wait` until it answers.

        A further start of the same object keeps its port, which its clients were told: a taken one is waited for.
        """
        conf = self._home / "conf"
        conf.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._port = self._port or self._choose_port()
        (conf / "neo4j.conf").write_text(self._configuration())
        if not (self._home / "password").exists():
            set_initial_password(self._home)
        return Child(self._command(conf))

    def wait(self, child: Child) -> GraphSettings:
        """Wait until it speaks Bolt (6 to 8 s on two cores), and give settings with its URI and password.

        Raises UnavailableError if it ends, or stays silent for two minutes.
        """
        deadline = time.monotonic() + _READY_WITHIN_S
        while not speaks_bolt(self._port):
            if child.exit_code is not None:
                raise UnavailableError("Neo4j", f"it ended while starting ({child.why()})")
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "Neo4j", f"it was not ready within {_READY_WITHIN_S:.0f} s; log: {child.command.log}"
                )
            time.sleep(0.1)
        return self.connection

    @property
    def connection(self) -> GraphSettings:
        """Settings with the URI and password of the server that was spawned last."""
        return connection(self._settings, self._home, self._port)

    def _choose_port(self) -> int:
        """Choose a port that no other start of this user's chooses as long as this object is there."""
        claims = self._runtime.class_archive.parent
        port = _free_port(self._home / "port", claims)
        weakref.finalize(self, release, claims, port)
        return port

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            home=self._home,
            logs=self._data_dir / "logs" / self._name,
            port=self._port,
            page_cache_mb=self._settings.page_cache_mb,
        )

    def _command(self, conf: Path) -> Command:
        argv = [str(self._runtime.java.executable), *self._runtime.options(), f"-Xmx{self._settings.heap_mb}m"]
        argv += ["org.neo4j.server.CommunityEntryPoint", f"--home-dir={self._home}", f"--config-dir={conf}"]
        return Command(self._name, argv, self._environment, self._data_dir)


def _free_port(remembered: Path, claims: Path) -> int:
    """Claim the port of the last start, else Bolt's own, else any free one, and remember it."""
    wanted = [int(remembered.read_text())] if remembered.exists() else []
    port = next(port for port in _candidates(*wanted, _BOLT_PORT) if _is_ours(port, claims))
    write_whole(remembered, str(port))
    return port


def _candidates(*wanted: int) -> Iterator[int]:
    yield from wanted
    while True:
        yield _any_free_port()


def _is_ours(port: int, claims: Path) -> bool:
    """Claim a port on which nobody listens; who starts at the same time and claims it, too, has not listened yet."""
    if not claim(claims, port):
        return False
    if _listens(port):
        release(claims, port)
        return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def speaks_bolt(port: int) -> bool:
    """Offer versions as a client does and see one chosen; the driver itself would cost `nexus up` 40 MB."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(_HANDSHAKE)
            return connection.recv(4) not in (b"", bytes(4))
    except OSError:
        return False


def connection(settings: GraphSettings, home: Path, port: int) -> GraphSettings:
    """Give settings with the URI and password of the Neo4j that keeps its files in `home`."""
    password = SecretStr((home / "password").read_text())
    return settings.model_copy(update={"uri": f"bolt://127.0.0.1:{port}", "user": "neo4j", "password": password})
