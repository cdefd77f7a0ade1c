"""Runs Neo4j Community as a child process, and keeps its password and port in the data folder."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from neo4j import AsyncGraphDatabase
from neo4j.exceptions import AuthError, ServiceUnavailable
from pydantic import SecretStr

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.graph.embedded.password import set_initial_password
from nexus_core.graph.embedded.runtime import Runtime
from nexus_core.processes import Child, Command
from nexus_core.settings import GraphSettings

_BOLT_PORT = 7687
_READY_WITHIN_S = 120.0
_MODULES = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
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
    """A Neo4j whose data, password and port lie in `data_dir/neo4j`; its logs in `data_dir/logs/neo4j`."""

    def __init__(
        self, data_dir: Path, runtime: Runtime, settings: GraphSettings, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._data_dir = data_dir.expanduser().absolute()
        self._home = self._data_dir / "neo4j"
        self._runtime, self._settings, self._environment = runtime, settings, dict(environment)
        self._child: Child | None = None
        self._port = 0

    @property
    def connection(self) -> GraphSettings:
        """Settings with the URI and password of this server; valid once it started."""
        password = SecretStr((self._home / "password").read_text())
        uri = f"bolt://127.0.0.1:{self._port}"
        return self._settings.model_copy(update={"uri": uri, "user": "neo4j", "password": password})

    @property
    def child(self) -> Child:
        """The running process. Raises UnavailableError before `start`."""
        if self._child is None:
            raise UnavailableError("Neo4j", "it was not started")
        return self._child

    async def start(self) -> None:
        """Start it and wait until it answers over Bolt: about 7 s on two cores.

        Raises UnavailableError with the end of its log if it ends or stays silent for two minutes.
        """
        self._spawn()
        await self._until_ready()

    async def stop(self) -> None:
        """End it cleanly; clients should be closed before, since it waits for their connections."""
        if self._child is not None:
            await self._child.stop(grace_s=30.0)

    def _spawn(self) -> None:
        conf = self._home / "conf"
        conf.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._port = _free_port(self._home / "port")
        (conf / "neo4j.conf").write_text(self._configuration())
        if not (self._home / "password").exists():
            set_initial_password(self._home)
        self._child = Child(self._command(conf))

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            home=self._home,
            logs=self._data_dir / "logs" / "neo4j",
            port=self._port,
            page_cache_mb=self._settings.page_cache_mb,
        )

    def _java(self, *options: str) -> list[str]:
        argv = [str(self._runtime.java.executable), "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
        argv += [f"--add-opens=java.base/{module}=ALL-UNNAMED" for module in _MODULES]
        if self._runtime.java.version >= 23:  # Netty's use of Unsafe warns from 23 on
            argv += ["--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"]
        return [*argv, *options, "-cp", self._runtime.class_path]

    def _command(self, conf: Path) -> Command:
        heap = f"-Xmx{self._settings.heap_mb}m"
        main = ["org.neo4j.server.CommunityEntryPoint", f"--home-dir={self._home}", f"--config-dir={conf}"]
        return Command("neo4j", [*self._java(heap), *main], self._environment, self._data_dir)

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not await self._answers():
            if self.child.exit_code is not None:
                raise UnavailableError("Neo4j", f"it ended while starting ({self.child.why()})")
            if time.monotonic() > deadline:
                await self.stop()
                raise UnavailableError("Neo4j", f"it was not ready within {_READY_WITHIN_S:.0f} s")
            await asyncio.sleep(0.2)

    async def _answers(self) -> bool:
        if not _listens(self._port):
            return False
        connection = self.connection
        password = connection.password.get_secret_value() if connection.password else ""
        auth = (connection.user, password)
        async with AsyncGraphDatabase.driver(str(connection.uri), auth=auth, connection_timeout=5.0) as driver:
            try:
                await driver.verify_connectivity()
            except ServiceUnavailable:
                return False
            except AuthError as error:
                raise ConfigurationError(
                    f"Neo4j refuses the password in {self._home / 'password'}",
                    "Restore that file, or remove the folder to build the graph anew from the log",
                ) from error
        return True


def _free_port(remembered: Path) -> int:
    """Give the port of the last start, else Bolt's own, else any free one, and remember it."""
    wanted = [int(remembered.read_text())] if remembered.exists() else []
    port = next((port for port in (*wanted, _BOLT_PORT) if not _listens(port)), 0) or _any_free_port()
    remembered.write_text(str(port))
    return port


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
