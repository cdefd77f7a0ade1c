"""Has the embedded Neo4js of projections running: those of a running `nexus up`, else children of this command."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nexus_core.cli.machine import running_installation
from nexus_core.cli.progress import fetching
from nexus_core.errors import UnavailableError
from nexus_core.graph.embedded.runtime import jars_to_fetch, prepare
from nexus_core.graph.embedded.server import EmbeddedNeo4j, speaks_bolt
from nexus_core.graph.embedded.wanted import unwant, want
from nexus_core.processes import running
from nexus_core.settings import Settings

_WITHIN_S = 120.0


@contextmanager
def running_graphs(settings: Settings, names: Sequence[str]) -> Iterator[None]:
    """Have Neo4js by the names of their folders running for a block; `nexus up` is to run them from now on too.

    Raises UnavailableError if one does not answer within two minutes. Call it in the main thread.
    """
    data_dir = settings.data_dir.expanduser().absolute()
    for name in names:
        want(data_dir, name)
    if running_installation(data_dir) is not None:
        for name in names:
            _await(data_dir, name)
        yield
        return
    with _children(settings, data_dir, names):
        yield


@contextmanager
def _children(settings: Settings, data_dir: Path, names: Sequence[str]) -> Iterator[None]:
    if not names:
        yield
        return
    to_fetch = sum(jar.size for jar in jars_to_fetch(settings, os.environ))
    with fetching("Neo4j", to_fetch) as on_bytes:
        runtime = prepare(settings, os.environ, on_bytes)
    started = []
    try:
        for name in names:
            server = EmbeddedNeo4j(data_dir, runtime, settings.graph, os.environ, name)
            started.append((server, server.spawn()))
        for server, child in started:
            server.wait(child)
        yield
    finally:
        for _, child in reversed(started):
            child.stop()


def remove_graph(settings: Settings, name: str) -> None:
    """Stop an embedded Neo4j and remove its folder; raises UnavailableError if it does not stop in two minutes."""
    data_dir = settings.data_dir.expanduser().absolute()
    unwant(data_dir, name)
    deadline = time.monotonic() + _WITHIN_S
    while running(data_dir / "run" / f"{name}.pid") is not None:
        if time.monotonic() > deadline:
            raise UnavailableError("Stopping Neo4j", f"{name} still runs", "End it, and repeat the command.")
        time.sleep(0.2)
    if (data_dir / name).exists():
        shutil.rmtree(data_dir / name)


def _await(data_dir: Path, name: str) -> None:
    port = data_dir / name / "port"
    deadline = time.monotonic() + _WITHIN_S
    while not (port.exists() and speaks_bolt(int(port.read_text()))):
        if time.monotonic() > deadline:
            raise UnavailableError("Neo4j", f"`nexus up` did not start {name}; see {data_dir / 'logs' / name}.log")
        time.sleep(0.2)
