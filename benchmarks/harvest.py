"""How fast catalogues are harvested, on 10,000 tables of 20 columns; DataHub's PostgreSQL source beside ours.

Each harvest is a process of its own, as `nexus harvest` is, and writes its events into a file, as DataHub's file sink
does. Queries are those that the server counted meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks.sql.environment import datahub_python
from tests import mysql_server, services

TABLES = int(os.environ.get("BENCH_TABLES", "10000"))
COLUMNS = 20
_COLUMNS = ", ".join(f"c{number} varchar(40)" for number in range(2, COLUMNS + 1))
_OURS = """
import sys, orjson
from nexus_core.connectors import open_connector
from nexus_core.harvest import harvest
with open(sys.argv[2], "wb") as sink:
    def emit(batch):
        sink.writelines(orjson.dumps(event) + b"\\n" for event in batch)
    print(sum(harvest(open_connector(sys.argv[1], query_log=False), emit).counts.values()))
"""
_DATAHUB = """
import json, sys
from datahub.ingestion.run.pipeline import Pipeline
pipeline = Pipeline.create(json.loads(sys.argv[1]))
pipeline.run()
pipeline.raise_from_status()
"""

Rows = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Took:
    """What a process took: seconds, its largest resident memory in MB, and the queries that the server counted."""

    seconds: float
    peak_mb: float
    queries: int

    def told(self) -> str:
        """Say it in one line."""
        rate = TABLES / self.seconds
        return (
            f"{rate:,.0f} tables/s, {rate * COLUMNS:,.0f} columns/s ({self.seconds:.1f} s), "
            f"{self.queries:,} queries, {self.peak_mb:.0f} MB at most"
        )


def measure() -> Rows:
    """Give one row for each source and tool; BENCH_TABLES sets another number of tables."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        sink = Path(folder) / "events"
        with _postgresql() as (server, queries):
            yield "PostgreSQL", _took(_ours(server.url("bench"), sink), queries).told()
            yield "PostgreSQL, DataHub", _took(_datahub(server, sink), queries).told()
        with _mysql() as (mysql, queries):
            yield "MySQL", _took(_ours(mysql.url("bench"), sink), queries).told()


def _ours(url: str, sink: Path) -> list[str]:
    return [sys.executable, "-c", _OURS, url, str(sink)]


def _datahub(server: services.PostgreSQL, sink: Path) -> list[str]:
    source = {
        "host_port": f"{server.host}:{server.port}",
        "database": "bench",
        "username": "postgres",
        "include_view_lineage": False,
    }
    recipe = {
        "source": {"type": "postgres", "config": source},
        "sink": {"type": "file", "config": {"filename": str(sink)}},
    }
    return [str(datahub_python()), "-c", _DATAHUB, json.dumps(recipe)]


def _took(command: list[str], queries: Callable[[], int]) -> Took:
    before, began, peak = queries(), time.monotonic(), 0
    environment = {**os.environ, "DATAHUB_TELEMETRY_ENABLED": "false"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.05)
        _, told = process.communicate()
        if process.returncode:
            raise RuntimeError(told.decode()[-2000:])
    return Took(time.monotonic() - began, peak / 2**20, queries() - before)


@contextmanager
def _postgresql() -> Iterator[tuple[services.PostgreSQL, Callable[[], int]]]:
    with services.postgresql() as server, psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE bench")
        admin.execute("CREATE EXTENSION pg_stat_statements")
        with psycopg.connect(server.url("bench"), autocommit=True) as bench:
            for first in range(0, TABLES, 500):
                numbers = range(first, min(first + 500, TABLES))
                bench.execute(";".join(f"CREATE TABLE t{n} (id int PRIMARY KEY, {_COLUMNS})" for n in numbers).encode())

        def queries() -> int:
            # The statements of this counter itself are of another database.
            counted = admin.execute(
                "SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s"
                " JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'bench' AND s.toplevel"
            ).fetchone()
            return int(counted[0]) if counted else 0

        yield server, queries


@contextmanager
def _mysql() -> Iterator[tuple[mysql_server.MySQL, Callable[[], int]]]:
    with mysql_server.mysql(services.free_port()) as server:
        server.run("CREATE DATABASE bench")
        for first in range(0, TABLES, 500):
            numbers = range(first, min(first + 500, TABLES))
            tables = (f"CREATE TABLE t{n} (id int PRIMARY KEY, {_COLUMNS})" for n in numbers)
            server.run(";".join(tables), database="bench")

        def queries() -> int:
            with server.connected() as cursor:
                cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
                return int(cursor.fetchone()[1])

        yield server, queries
