"""How long each process takes from its start until it answers, its CPU until then, and its memory."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import psutil
import psycopg

from tests import services
from tests.deploy.masked import prepared

TIMES = 3
SECONDS = 120
ROOT = Path(__file__).parents[1]
_ENDS = (0, -signal.SIGTERM)
_PROCESSES: Mapping[str, tuple[str, ...]] = {
    "api": ("api",),
    "worker": ("worker",),
    "signer": ("signer",),
    "proxy": ("proxy", "serve"),
    "reconciler": ("reconciler",),
}


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows; the quickest of three starts, with a store in PostgreSQL and a Neo4j."""
    with services.postgresql() as server, services.neo4j() as graph, tempfile.TemporaryDirectory() as folder:
        password = graph.password.get_secret_value() if graph.password else ""
        of_graph = {"NEXUS_GRAPH__URI": graph.uri or "", "NEXUS_GRAPH__PASSWORD": password}
        given = {**_settings(server, Path(folder)), **of_graph}
        began = time.perf_counter()
        subprocess.run(_command("migrate"), env={**os.environ, **given}, check=True, timeout=240, capture_output=True)
        yield "migrate, all tables of a new store", f"{time.perf_counter() - began:.1f} s"
        for name, arguments in _PROCESSES.items():
            found = [_started(arguments, given, name == "api") for _ in range(TIMES)]
            seconds, cpu, memory = min(found)
            yield f"{name} answers", f"after {seconds:.1f} s ({cpu:.1f} s CPU, {memory:.0f} MiB RSS)"


def _settings(server: services.PostgreSQL, folder: Path) -> dict[str, str]:
    secrets = prepared(ROOT, folder / "docker")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE keys")
    return {
        "NEXUS_DATA_DIR": str(folder),
        "NEXUS_AUDIT__KEY": str(secrets / "audit-key.pem"),
        "NEXUS_STORE__URL": server.url(),
        "NEXUS_SECRETS__KEY": base64.b64encode(os.urandom(32)).decode(),
        "NEXUS_SECRETS__KEYS_URL": server.url("keys"),
        "NEXUS_PROXY__SOURCES__SHOP__URL": server.url(user="ln_shop"),
        "NEXUS_PROXY__SOURCES__SHOP__PASSWORD": "env:SHOP_PASSWORD",
        "SHOP_PASSWORD": "none",
        "NEXUS_PROXY__KEY": f"file:{secrets / 'proxy-key'}",
        "NEXUS_PROXY__TLS_CERTIFICATE": str(secrets / "tls.pem"),
        "NEXUS_PROXY__TLS_KEY": str(secrets / "tls-key.pem"),
    }


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nexus_core", *arguments]


def _started(arguments: tuple[str, ...], given: Mapping[str, str], is_api: bool) -> tuple[float, float, float]:
    """Start a process; gives seconds until it answers, CPU seconds and MiB at that moment.

    Raises RuntimeError where it ends by itself, and TimeoutError where it never answers.
    """
    ports = {"NEXUS_API__PORT" if is_api else "NEXUS_METRICS__PORT": str(port := services.free_port())}
    own = {**ports, "NEXUS_PROXY__PORT": str(services.free_port())}
    began = time.perf_counter()
    process = subprocess.Popen(
        _command(*arguments), env={**os.environ, **given, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health/live", process)
        seen = psutil.Process(process.pid)
        return time.perf_counter() - began, sum(seen.cpu_times()[:2]), seen.memory_info().rss / 2**20
    finally:
        process.terminate()
        if (status := process.wait(60)) not in _ENDS:
            raise RuntimeError(f"nexus {' '.join(arguments)} ended with {status}")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")
