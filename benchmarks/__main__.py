"""Runs the benchmarks and prints Markdown; figures of a run go into docs/benchmarks.md.

`python -m benchmarks` is `stack` (writes, reads and lag of a fresh `nexus up`; five minutes), `python -m benchmarks
NAME…` others: `estate` (reads of loaded estates of 1,000 and 10,000 datasets; five minutes), `scale` (100,000 too,
which are a million fields; a quarter of an hour), `changes` (differences of 10,000 datasets, from the store alone),
`eventlogs` (without API and worker), `memory` (of the worker over 100,000 events, and a replay of them; seven
minutes), `sql` (no stack), `harvest` (of 10,000 tables of PostgreSQL and MySQL, beside DataHub), `audit` (records,
signing, verification), `access` (what scopes cost), `classes` (how long a changed class takes to settle in a million
fields), `impact` (an answer over 1,000 statements, and what is said to break beside what fails on real servers; three
minutes), `impact_wide` (the latter over more estates), `explorer` (the web UI's graph in Chromium, beside React Flow
and Cytoscape), `search` (typing in the catalogue until the answer is on screen, up to a million assets), `backup`
(backup, restore, and until the same graph is there again, `BENCH_EVENTS` events), `percore` (CPU of each process an
event, with PostgreSQL), `starts` (until each process answers), `simulation` (a deployment for 100,000 events a
minute, by those figures), `wall` (what the masking proxy's judgement of a statement costs), `relay` (what the proxy's
own code takes of a transaction), `proxy` (pgbench directly, through bare bytes and through the masking proxy),
`proxy_tags` (how long a new tag takes to be enforced).
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable

from benchmarks import (
    access,
    audit,
    backup,
    changes,
    classes,
    estate_figures,
    eventlogs,
    explorer,
    harvest,
    impact,
    ingest,
    percore,
    proxy,
    proxy_tags,
    reads,
    relay,
    search,
    starts,
    steady,
    wall,
)
from benchmarks.simulation.figures import measure as simulation_measure
from benchmarks.sql import report
from benchmarks.stack import running

Rows = Iterable[tuple[str, str]]


def _fresh_stack() -> Rows:
    """Measure on a fresh stack: first the writes, then reads of what they wrote."""
    with running() as stack:
        for part in (ingest, reads, steady):
            yield from part.measure(stack)


def _memory() -> Rows:
    with running() as stack:
        yield from steady.measure_memory(stack)


def _print(rows: Rows) -> None:
    print("| what | figure |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")
        sys.stdout.flush()
    print()


PARTS: dict[str, Callable[[], None]] = {
    "access": lambda: _print(access.measure()),
    "audit": lambda: _print(audit.measure()),
    "backup": lambda: _print(backup.measure()),
    "classes": lambda: _print(classes.measure()),
    "eventlogs": lambda: _print(eventlogs.measure()),
    "stack": lambda: _print(_fresh_stack()),
    "estate": lambda: _print(estate_figures.measure(estate_figures.SMALL)),
    "changes": lambda: _print(changes.measure()),
    "sql": report.show,
    "explorer": lambda: _print(explorer.measure()),
    "harvest": lambda: _print(harvest.measure()),
    "impact": lambda: _print(impact.measure()),
    "impact_wide": lambda: _print(impact.measure_wide()),
    "search": lambda: _print(search.measure()),
    "percore": lambda: _print(percore.measure()),
    "proxy": lambda: _print(proxy.measure()),
    "proxy_tags": lambda: _print(proxy_tags.measure()),
    "memory": lambda: _print(_memory()),
    "scale": lambda: _print(estate_figures.measure(estate_figures.LARGE)),
    "simulation": lambda: _print(simulation_measure()),
    "starts": lambda: _print(starts.measure()),
    "wall": lambda: _print(wall.measure()),
    "relay": lambda: _print(relay.measure()),
}
USUAL = "stack"


def main(*only: str) -> None:
    """Say what the machine is, then measure."""
    if unknown := set(only) - PARTS.keys():
        raise SystemExit(f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for name in only or (USUAL,):
        PARTS[name]()


if __name__ == "__main__":
    main(*sys.argv[1:])
