"""The figures of docs/scaling.md: deployments for 100,000 events a minute, and what a fault does to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.simulation.inputs import Costs, Deployment, Load, Result
from benchmarks.simulation.model import simulate

TARGET = Load(seconds=100)
MEANT = Deployment()
HERE = Load(5000, seconds=100, burst=1.0, changing=0.1)
MACHINE = Deployment(apis=1, workers=1, shared=2)
QUIET = Costs().times(0.5)
"""Costs on the machine of the benchmarks while nothing else runs: an event that changes nothing takes about half."""

CASES: tuple[tuple[str, Load, Costs, Deployment], ...] = (
    ("as meant", TARGET, Costs(), MEANT),
    ("4 workers", TARGET, Costs(), replace(MEANT, workers=4)),
    ("8 cores of PostgreSQL", TARGET, Costs(), replace(MEANT, store_cores=8)),
    ("a tenth of the events changes lineage", replace(TARGET, changing=0.1), Costs(), MEANT),
    ("a third as many events, all new: a first import", replace(TARGET, events_a_minute=33_000, changing=1.0), Costs(),
     MEANT),
    ("a few jobs send most (skew 1)", replace(TARGET, skew=1.0), Costs(), MEANT),
    ("Neo4j away for 30 s", replace(TARGET, graph_away=(40.0, 70.0)), Costs(), MEANT),
    ("5,000 a minute, a tenth new, on 2 shared cores, busy with other work", HERE, Costs(), MACHINE),
    ("the same while nothing else runs", HERE, QUIET, MACHINE),
)  # fmt: skip


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows, one a case."""
    for title, load, costs, deployment in CASES:
        yield title, told(simulate(load, costs, deployment))


def told(result: Result) -> str:
    """Say a result in one line."""
    busy = ", ".join(f"{name} {share:.0%}" for name, share in result.busy.items())
    p50, p95 = result.percentile(0.5), result.percentile(0.95)
    shows = f"shows after p50 {p50:.2f} s, p95 {p95:.2f} s, at most {result.latencies[-1]:.1f} s"
    return f"{shows}; oldest that waits p95 {result.age(0.95):.1f} s; busy: {busy}"
