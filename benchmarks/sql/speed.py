"""Statements a CPU second on the queries of TPC-DS and TPC-H, all engines in one run."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.sql.answer import answered
from benchmarks.sql.engines import Engine
from benchmarks.sql.scorer import score
from benchmarks.sql.tpc import Query, queries
from nexus_core.model.statement import SqlRequest
from nexus_core.sql import ParsePool

WARM_UP = 10
ROUNDS = 5
SLOW_SECONDS = 10.0
"""An engine that takes longer for a round is measured once."""
CACHED_ROUNDS = 20
Asked = tuple[Query, dict[str, Any]]


def tables(engines: Sequence[Engine]) -> Iterator[str]:
    """Give Markdown tables: the engines side by side, then our own ways in."""
    texts = queries()
    yield "| engine | TPC-DS, statements/CPU s | TPC-H | the same tables and columns as ours |"
    yield "|---|---|---|---|"
    yield from _rows(texts, engines)
    yield ""
    yield "| what | figure |"
    yield "|---|---|"
    yield f"| statements without a problem or an unknown source | {_understood(texts, engines[0])} of {len(texts)} |"
    yield f"| `nexus lineage sql --jsonl` | {_command_line(texts)} |"
    yield f"| `ParsePool`, answers kept | {asyncio.run(_kept(texts)):.0f} statements/CPU s |"


def _rows(texts: Sequence[Query], engines: Sequence[Engine]) -> Iterator[str]:
    """Warm each engine up, then measure in rounds, so that a noisy machine is noisy for all; slow ones once."""
    _round(texts[:WARM_UP], engines, "warm-up")
    first = _round(texts, engines, "first")
    fast = [engine for engine in engines if _seconds(first[engine.name]) < SLOW_SECONDS]
    rounds = [first, *(_round(texts, fast, str(number)) for number in range(1, ROUNDS))]
    for engine in engines:
        asked = [pair for each in rounds for pair in each.get(engine.name, ())]
        rates = [f"{_rate(asked, benchmark):.0f}" for benchmark in ("TPC-DS", "TPC-H")]
        yield f"| {engine.name} {engine.version} | {' | '.join(rates)} | {_alike(first, engine, engines[0])} |"


def _round(texts: Sequence[Query], engines: Sequence[Engine], name: str) -> dict[str, list[Asked]]:
    """Give the answers by engine; the round's name makes texts that no cache knows."""
    requests = [(query, {**query.request, "sql": f"{query.sql}\n-- {name}"}) for query in texts]
    return {engine.name: [(query, engine.ask(request)) for query, request in requests] for engine in engines}


def _seconds(asked: Iterable[Asked]) -> float:
    return sum(float(answer["cpu_seconds"]) for _, answer in asked)


def _rate(asked: Sequence[Asked], benchmark: str) -> float:
    of_it = [pair for pair in asked if pair[0].benchmark == benchmark]
    return len(of_it) / _seconds(of_it)


def _alike(asked: dict[str, list[Asked]], engine: Engine, ours: Engine) -> str:
    """Count the queries of which an engine says the same tables and direct columns as ours."""
    pairs = zip(asked[ours.name], asked[engine.name], strict=True)
    scores = [score(answered(our), answered(their), script=False) for (_, our), (_, their) in pairs]
    return f"{sum(each.tables and each.columns for each in scores)} of {len(scores)}"


def _understood(texts: Sequence[Query], engine: Engine) -> int:
    answers = [engine.ask(query.request) for query in texts]
    sources = [[source for column in each["columns"] for source in column["inputs"]] for each in answers]
    return sum(
        not answer["errors"] and all(source["table"] for source in read)
        for answer, read in zip(answers, sources, strict=True)
    )


def _command_line(texts: Sequence[Query]) -> str:
    """Run the command on one line and on all of them."""
    lines = [json.dumps(query.request).encode() + b"\n" for query in texts]
    one, all_ = _cpu_seconds(lines[:1]), _cpu_seconds(lines)
    return f"{len(lines[1:]) / (all_ - one):.0f} statements/CPU s, and {one:.1f} CPU s to start"


def _cpu_seconds(lines: list[bytes]) -> float:
    command = [str(Path(sys.executable).parent / "nexus"), "lineage", "sql", "--jsonl"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=b"".join(lines), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def _kept(texts: Sequence[Query]) -> float:
    """Ask again what was asked; the child has nothing to do then."""
    requests = [SqlRequest(query.sql, "duckdb", query.schema) for query in texts]
    async with ParsePool(seconds=60, memory_mb=2048) as process:
        for request in requests:
            await process.derive(request)
        start = time.process_time()
        for _ in range(CACHED_ROUNDS):
            for request in requests:
                await process.derive(request)
        return CACHED_ROUNDS * len(texts) / (time.process_time() - start)
