"""What the masking proxy costs: pgbench's reads directly, through bare bytes, and through the proxy, in one run.

The proxy is one process with both walls' judgements, sessions and the audit log in SQLite; clients speak without TLS
as they do directly, but for the lines that say so.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks.proxy_process import PROFILE, ROLE, ROLE_PASSWORD, SOURCE
from nexus_core.masking.catalogue_views import COLUMNS_QUERY, catalogue_schema, definitions, information_schema
from nexus_core.proxy.judgements import Judgements
from nexus_core.proxy.wall import judge
from tests import services

SECONDS = 5
SESSIONS = 500
MODES = ("simple", "prepared")
SHORT = "SELECT abalance FROM pgbench_accounts WHERE aid = {n}"
REPORT = """SELECT b.bid, date_trunc('day', now()) AS day, count(*) AS orders, sum(a.abalance) AS total,
  avg(a.abalance) FILTER (WHERE a.abalance > {n}) AS mean, rank() OVER (ORDER BY sum(a.abalance) DESC) AS place
FROM pgbench_accounts AS a JOIN pgbench_accounts AS b ON b.aid = a.bid
WHERE a.abalance BETWEEN {n} AND 10000 AND a.bid IN (SELECT bid FROM pgbench_accounts WHERE aid < 5)
  AND lower(a.filler) LIKE '%x{n}%'
GROUP BY b.bid HAVING count(*) > 1
ORDER BY total DESC NULLS LAST LIMIT 100"""


@dataclass(frozen=True)
class Way:
    """How pgbench reaches the source."""

    name: str
    port: int
    user: str
    password: str
    database: str
    tls: str = "disable"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PGPASSWORD": self.password, "PGSSLMODE": self.tls}

    @property
    def url(self) -> str:
        where = f"127.0.0.1:{self.port}/{self.database}?sslmode={self.tls}"
        return f"postgresql://{self.user}:{self.password}@{where}"


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows."""
    with services.postgresql() as server, tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        _prepare(server)
        direct = Way("direct", server.port, ROLE, ROLE_PASSWORD, "postgres")
        with _process("relay", server, folder) as (relay, _), _process("proxy", server, folder) as (proxy, process):
            tls = Way("proxy, TLS", proxy.port, proxy.user, proxy.password, SOURCE, "require")
            ways = (direct, relay, proxy, tls)
            yield from _throughput(ways)
            yield from _cpu(proxy, process)
            yield from _latency((direct, proxy), Path(folder))
            yield "first statement of its kind, with the commit of its intent, p50", _first(proxy)
            yield f"{SESSIONS} idle sessions, resident memory of the proxy", asyncio.run(_idle(proxy, process))
    yield (
        "judging a statement that was never seen, CPU",
        _judged("SELECT abalance FROM pgbench_accounts WHERE aid = {n}"),
    )
    yield "judging a report of 8 lines that was never seen, CPU", _judged(REPORT)


def _throughput(ways: tuple[Way, ...]) -> Iterator[tuple[str, str]]:
    for mode in MODES:
        for clients in (1, 8):
            rates = {way.name: _rate(way, mode, clients) for way in ways}
            direct = rates["direct"]
            shown = ", ".join(f"{name} {rate:,.0f} ({rate / direct:.0%})" for name, rate in rates.items())
            yield f"pgbench -S, {mode}, {clients} clients: transactions/s", shown


def _cpu(way: Way, process: psutil.Process) -> Iterator[tuple[str, str]]:
    """Give what a transaction costs the proxy; other work on the machine does not change it much."""
    for mode in MODES:
        before = process.cpu_times()
        count = _rate(way, mode, 8) * SECONDS
        after = process.cpu_times()
        spent = after.user + after.system - before.user - before.system
        yield f"CPU of the proxy for a transaction, {mode}, 8 clients", f"{spent / count * 1e6:.0f} µs"


def _rate(way: Way, mode: str, clients: int, *more: str) -> float:
    threads = str(min(clients, 2))
    command = ["pgbench", "-n", "-S", "-M", mode, "-c", str(clients), "-j", threads, "-T", str(SECONDS), *more]
    where = ["-h", "127.0.0.1", "-p", str(way.port), "-U", way.user, way.database]
    done = subprocess.run([*command, *where], env=way.environment, capture_output=True, text=True, check=True)
    return float(re.findall(r"tps = ([\d.]+)", done.stdout)[-1])


def _latency(ways: tuple[Way, Way], folder: Path) -> Iterator[tuple[str, str]]:
    for mode in MODES:
        direct, proxied = (_median(way, mode, folder) for way in ways)
        yield f"p50, {mode}, 1 client", f"direct {direct:.3f} ms, proxy {proxied:.3f} ms: + {proxied - direct:.3f} ms"


def _median(way: Way, mode: str, folder: Path) -> float:
    prefix = folder / f"log-{way.name}-{mode}".replace(" ", "")
    _rate(way, mode, 1, "-l", f"--log-prefix={prefix}")
    lines = [line for file in folder.glob(f"{prefix.name}*") for line in file.read_text().splitlines()]
    return statistics.median(int(line.split()[2]) for line in lines) / 1000


def _first(way: Way) -> str:
    took = []
    with psycopg.connect(way.url, autocommit=True) as connection:
        for number in range(100):
            began = time.perf_counter()
            connection.execute(f"SELECT abalance AS a{number} FROM pgbench_accounts WHERE aid = 1")
            took.append(time.perf_counter() - began)
    return f"{statistics.median(took) * 1000:.1f} ms"


async def _idle(way: Way, process: psutil.Process) -> str:
    before = process.memory_info().rss
    opened = []
    for _ in range(SESSIONS // 20):
        opened += await asyncio.gather(*(psycopg.AsyncConnection.connect(way.url) for _ in range(20)))
    after = process.memory_info().rss
    for connection in opened:
        await connection.close()
    return f"{after / 2**20:.0f} MiB ({(after - before) / 2**10 / SESSIONS:.0f} KiB each)"


def _judged(text: str) -> str:
    judgements = Judgements(PROFILE, judge, 2**20)
    texts = [text.replace("{n}", str(number)).encode() for number in range(3000)]
    for each in texts[:500]:
        judgements.of(each)
    began = time.process_time()
    for each in texts[500:]:
        judgements.of(each)
    return f"{(time.process_time() - began) / 2500 * 1000:.3f} ms"


def _prepare(server: services.PostgreSQL) -> None:
    """Give a cluster for many sessions pgbench's tables, and the role what a profile has: its grants and catalogue."""
    settings = {"log_statement": "none", "max_connections": "700", "pg_stat_statements.track": "none"}
    _run(server, *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in settings.items()))
    control = [services.POSTGRESQL_BIN / "pg_ctl", "-D", server.data, "-w", "-s", "-l", "log"]
    services.run_as_postgres(server.data.parent, *control, "restart")
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "postgres"]
    subprocess.run(["pgbench", "-i", "-q", "-s", "10", *where], check=True, capture_output=True)
    schemas = (catalogue_schema(PROFILE), information_schema(PROFILE))
    _run(server, f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE_PASSWORD}'")
    _run(server, *(f"CREATE SCHEMA {each}; GRANT USAGE ON SCHEMA {each} TO {ROLE}" for each in schemas))
    with psycopg.connect(server.url()) as admin:
        columns = {(schema, name): found for schema, name, found in admin.execute(COLUMNS_QUERY)}
    _run(server, *definitions(PROFILE, columns))
    _run(server, *(f"GRANT SELECT ON ALL TABLES IN SCHEMA {each} TO {ROLE}" for each in ("public", *schemas)))


def _run(server: services.PostgreSQL, *statements: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


@contextmanager
def _process(what: str, server: services.PostgreSQL, folder: str) -> Iterator[tuple[Way, psutil.Process]]:
    port = services.free_port()
    command = [sys.executable, "-m", "benchmarks.proxy_process", what, str(port), str(server.port), folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        way = Way("bytes", port, ROLE, ROLE_PASSWORD, "postgres")
        if what == "proxy" and process.stdout is not None:
            user, password = process.stdout.readline().split()
            way = Way("proxy", port, user, password, SOURCE)
        else:
            time.sleep(3)
        yield way, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)
