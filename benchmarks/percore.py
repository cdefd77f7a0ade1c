"""What an event costs each process, with a PostgreSQL as in production, and what is kept of it: the inputs of the
simulation of larger deployments (docs/scaling.md).
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.bulk import load
from benchmarks.estate import COLUMNS, Estate
from benchmarks.events import runs
from benchmarks.load import post
from benchmarks.stack import Stack, running
from tests import services

TABLES = int(os.environ.get("BENCH_TABLES", "1000"))
BATCH = 500
WIDTH = 500
"""Tables a layer of the estate whose size is measured: 10,521 datasets."""

Rows = Iterator[tuple[str, str]]
Send = Callable[[Stack, list[bytes]], None]


def measure() -> Rows:
    """Give (what, figure) rows: CPU by process, then bytes."""
    with (
        services.postgresql() as server,
        tempfile.TemporaryDirectory() as folder,
        running(settings=_settings(server, Path(folder))) as stack,
    ):
        yield from _costs(stack, server)
    yield from _graph_bytes()


def _settings(server: services.PostgreSQL, folder: Path) -> dict[str, str]:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE keys")
    return {
        "NEXUS_AUDIT__KEY": str(folder / "key.pem"),
        "NEXUS_STORE__URL": server.url(),
        "NEXUS_SECRETS__KEY": base64.b64encode(os.urandom(32)).decode(),
        "NEXUS_SECRETS__KEYS_URL": server.url("keys"),
    }


def _costs(stack: Stack, server: services.PostgreSQL) -> Rows:
    now = datetime.now(UTC) - timedelta(hours=2)
    _one_by_one(stack, runs(TABLES, now, "before") + runs(TABLES, now, "warm"))
    stack.wait_merged()
    bytes_before = _database_bytes(server)
    first = runs(TABLES, now)
    yield from _phase("new lineage", stack, server, first, _one_by_one)
    yield "new lineage: store", f"{(_database_bytes(server) - bytes_before) / len(first) / 1024:.1f} KiB an event"
    bytes_before, again = _database_bytes(server), runs(TABLES, now + timedelta(hours=1))
    yield from _phase("nothing changes", stack, server, again, _one_by_one)
    yield "nothing changes: store", f"{(_database_bytes(server) - bytes_before) / len(again) / 1024:.1f} KiB an event"
    batches = runs(TABLES, now + timedelta(minutes=90))
    yield from _phase(f"nothing changes, batches of {BATCH}", stack, server, batches, _batched)


def _phase(title: str, stack: Stack, server: services.PostgreSQL, events: list[bytes], send: Send) -> Rows:
    """Send events and give the CPU of each process once they are merged."""
    before = _cpu(stack, server)
    send(stack, events)
    stack.wait_merged()
    after = _cpu(stack, server)
    spent = {name: (after[name] - before[name]) / len(events) * 1000 for name in after}
    yield f"{title}: CPU an event", ", ".join(f"{name} {cost:.2f} ms" for name, cost in spent.items())


def _one_by_one(stack: Stack, events: list[bytes]) -> None:
    post(stack.url, "/api/v1/lineage", stack.headers, events)


def _batched(stack: Stack, events: list[bytes]) -> None:
    bodies = [b"[" + b",".join(events[n : n + BATCH]) + b"]" for n in range(0, len(events), BATCH)]
    post(stack.url, "/api/v1/lineage/batch", stack.headers, bodies)


def _cpu(stack: Stack, server: services.PostgreSQL) -> dict[str, float]:
    """Seconds that each process has used, with its children: those that ended count, too."""
    postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
    spent = {"PostgreSQL": _seconds(postmaster)}
    for child in stack.process.children():
        words = child.cmdline()
        name = next((each for each in ("api", "worker") if each in words), "Neo4j" if "java" in words[0] else "rest")
        spent[name] = spent.get(name, 0.0) + _seconds(child)
    return spent


def _seconds(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(sum(member.cpu_times()[:4]) for member in family)


def _database_bytes(server: services.PostgreSQL) -> int:
    with psycopg.connect(server.url()) as connection:
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(found[0]) if found else 0


def _graph_bytes() -> Rows:
    """Load an estate into the files of a Neo4j, and give what a column of it takes, its edges and indexes included."""
    estate = Estate(WIDTH)
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        load(estate, Path(folder))
        files = [path for path in (Path(folder) / "neo4j").rglob("*") if path.is_file() and "databases" in path.parts]
        size = sum(path.stat().st_size for path in files)
    share = size / (estate.table_count * COLUMNS)
    yield f"graph of {estate.table_count:,} datasets", f"{size / 2**20:.0f} MiB, {share:.0f} bytes a column"
