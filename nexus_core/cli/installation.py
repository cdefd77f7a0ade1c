"""The processes of one machine's LineageNexus: Neo4j, worker, audit signer and API, each a child of `nexus up`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from types import FrameType

import typer

from nexus_core.cli.machine import only_start, promise_port, require_space
from nexus_core.cli.progress import fetching
from nexus_core.cli.readiness import unready
from nexus_core.cli.supervisor import Supervisor
from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.graph.embedded.runtime import Runtime, jars_folder, jars_to_fetch, prepare
from nexus_core.graph.embedded.server import EmbeddedNeo4j
from nexus_core.graph.embedded.wanted import wanted
from nexus_core.processes import Child, Command
from nexus_core.settings import Settings

_DATA_BYTES = 256 * 2**20
_READY_WITHIN_S = 120.0


class Installation:
    """One data folder and what runs on it."""

    def __init__(self, settings: Settings) -> None:
        self._data_dir = settings.data_dir.expanduser().absolute()
        self._settings = settings
        self._url = f"http://{settings.api.host}:{settings.api.port}"
        self._environment = {
            **os.environ,
            "NEXUS_DATA_DIR": str(self._data_dir),
            "NEXUS_API__PORT": str(settings.api.port),
        }
        self._graphs: dict[str, EmbeddedNeo4j] = {}
        self._supervisor = Supervisor(lambda line: typer.echo(f"nexus: {line}", err=True))

    def run(self) -> None:
        """Start everything, say where it is, and keep it running until a signal.

        Raises ConfigurationError or UnavailableError, with nothing left running, if it cannot start.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        os.umask(0o077)
        try:
            with only_start(self._data_dir, self._url):
                try:
                    self._start()
                    self._supervisor.watch(self._follow_wanted)
                finally:
                    self._stop()
        except KeyboardInterrupt:
            typer.echo("Stopped.")

    def _start(self) -> None:
        began = time.monotonic()
        promise_port(self._settings.api.host, self._settings.api.port, jars_folder(self._settings).parent)
        require_space(self._data_dir, _DATA_BYTES, "--data")
        link = self._start_graph()
        for name in ("worker", "signer", "api"):
            self._supervisor.keep(partial(Child, self._command(name)))
        if self._settings.proxy.sources:
            self._start_proxy()
        self._wait_until_ready()
        self._tell(link, time.monotonic() - began)

    def _start_proxy(self) -> None:
        """Start what serves sources; the certificate is there first, so that nobody else makes it."""
        from nexus_core.proxy.certificate import certificate_files

        certificate_files(self._settings.model_copy(update={"data_dir": self._data_dir}))
        self._supervisor.keep(partial(Child, self._command("reconciler")))
        self._supervisor.keep(partial(Child, self._command("proxy", "serve")))

    def _start_graph(self) -> str:
        """Start Neo4j unless one is given, prepare the store meanwhile, and give the login link."""
        if self._settings.graph.uri is not None:
            return self._prepare_store()
        runtime = self._runtime()
        typer.echo("Starting Neo4j, the worker and the API …")
        children = {name: self._spawn(name, runtime) for name in wanted(self._data_dir)}
        link = self._prepare_store()
        for name, child in children.items():
            self._graphs[name].wait(child)
        return link

    def _runtime(self) -> Runtime:
        to_fetch = sum(jar.size for jar in jars_to_fetch(self._settings, os.environ))
        require_space(jars_folder(self._settings), to_fetch, "NEXUS_CACHE_DIR")
        with fetching("Neo4j", to_fetch) as on_bytes:
            return prepare(self._settings, os.environ, on_bytes)

    def _spawn(self, name: str, runtime: Runtime) -> Child:
        server = EmbeddedNeo4j(self._data_dir, runtime, self._settings.graph, os.environ, name)
        self._graphs[name] = server
        return self._supervisor.keep(server.spawn)

    def _follow_wanted(self) -> None:
        """Start a Neo4j that a replay asks for, and stop one that it asks for no longer."""
        if self._settings.graph.uri is not None:
            return
        names = wanted(self._data_dir)
        for name in set(names) - set(self._graphs):
            self._spawn(name, self._runtime())
        for name in set(self._graphs) - set(names):
            del self._graphs[name]
            self._supervisor.drop(name)

    def _prepare_store(self) -> str:
        self._nexus("migrate")
        return self._nexus("token", "login").splitlines()[-1]

    def _nexus(self, *arguments: str) -> str:
        """Run a command to its end in a process of its own, so that this one stays small."""
        argv = [sys.executable, "-m", "nexus_core", *arguments]
        done = subprocess.run(argv, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            sentence = "".join(why).removeprefix("nexus: ")
            raise ConfigurationError(f"`nexus {' '.join(arguments)}` failed: {sentence}", "See `nexus doctor`")
        return done.stdout.strip()

    def _command(self, name: str, *arguments: str) -> Command:
        argv = [sys.executable, "-m", "nexus_core", name, *arguments]
        return Command(name, argv, self._environment, self._data_dir)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while problems := unready(self._settings.api.host, self._settings.api.port):
            if crashed := self._supervisor.crashed():
                raise UnavailableError(f"The {crashed.command.name}", f"it ended while starting ({crashed.why()})")
            if time.monotonic() > deadline:
                told = "; ".join(f"{part}: {reason}" for part, reason in problems.items())
                raise UnavailableError("LineageNexus", f"it is not ready: {told} (logs: {self._data_dir / 'logs'})")
            time.sleep(0.2)

    def _tell(self, link: str, seconds: float) -> None:
        typer.echo(f"""
LineageNexus is ready after {seconds:.0f} s.

  Sign in      {link}   (works once, for half an hour; `nexus token login` makes another)
  URL          {self._url}
  Admin token  {self._data_dir / "admin-token"}
  Logs         {self._data_dir / "logs"}
  Stop         Ctrl-C, or kill {os.getpid()}
""")
        if self._settings.proxy.sources:
            self._tell_proxy()

    def _tell_proxy(self) -> None:
        """Say how to reach the masking proxy, and what its certificate must be; the parent imports that much only."""
        from nexus_core.proxy.certificate import certificate_files, fingerprint

        settings = self._settings.proxy
        files = certificate_files(self._settings.model_copy(update={"data_dir": self._data_dir}))
        where = f"host={settings.host} port={settings.port} dbname={next(iter(settings.sources))}"
        typer.echo(f"""  Proxy        psql "{where} user=NAME sslmode=verify-full sslrootcert={files.certificate}"
               (`nexus proxy password NAME` makes a password)
  Certificate  SHA-256 {fingerprint(files)}
""")

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        typer.echo("Stopping …")
        self._supervisor.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
