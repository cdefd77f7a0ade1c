"""Faults, and a storm of them at seeded random points."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.drills.estate import Estate, wait_for
from tests.drills.load import Load
from tests.drills.network import Cut, Proxy
from tests.drills.processes import Neo4j, Nexus, PostgreSQL
from tests.kafka_broker import Kafka

LEASE_SECONDS = 5.0
"""As docs/operations.md has it: a worker that is silent for longer loses its work to another."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for a while, in seconds, and comes right again."""

    name: str
    begin: Callable[[], object]
    end: Callable[[], object]
    lasts: tuple[float, float] = (0.0, 2.0)


def killed(name: str, process: Nexus | Neo4j | PostgreSQL | Kafka) -> Fault:
    return Fault(f"kill -9 {name}", process.kill, process.start)


def paused(estate: Estate) -> Fault:
    """The worker that works is stopped for longer than its lease, and wakes up in the middle of what it did."""
    stopped: list[Nexus] = []

    def begin() -> None:
        stopped[:] = [busiest(estate.workers)]
        stopped[0].signal(signal.SIGSTOP)

    return Fault("pause the worker", begin, lambda: stopped[0].signal(signal.SIGCONT), (6.5, 8.0))


def busiest(workers: Sequence[Nexus]) -> Nexus:
    """The worker that takes most CPU just now: with one lease, the one that holds it."""
    before = [worker.cpu_seconds() for worker in workers]
    time.sleep(0.3)
    used = [worker.cpu_seconds() - earlier for worker, earlier in zip(workers, before, strict=True)]
    return workers[used.index(max(used))]


def cut(name: str, network: Proxy, how: Cut, lasts: tuple[float, float] = (0.5, 4.0)) -> Fault:
    return Fault(f"{how} {name}", partial(_set, network, how), partial(_set, network, Cut.NONE), lasts)


def reset(name: str, network: Proxy) -> Fault:
    return Fault(f"reset {name}", network.reset, lambda: None)


def clock_steps(estate: Estate, seconds: int) -> Fault:
    step = estate.api_clock.wrong_by
    return Fault(f"clock of the API {seconds:+d} s", partial(step, seconds), partial(step, 0), (1.0, 3.0))


def storm(faults: Sequence[Fault], seed: int, running: Load, pauses: tuple[float, float] = (0.3, 1.5)) -> list[str]:
    """Let each fault happen, in a random order, at random points of a load that is answered between them.

    What happened when. Without these answers a busy machine, whose API takes long to start, would idle at most faults.
    """
    dice, began, told = random.Random(seed), time.monotonic(), []
    for fault in dice.sample(list(faults), len(faults)):
        before = len(running.promises.acknowledged)
        wait_for(lambda before=before: len(running.promises.acknowledged) > before, 400, lambda: "\n".join(told))
        time.sleep(dice.uniform(*pauses))
        told.append(f"{time.monotonic() - began:6.1f} s  {fault.name}")
        fault.begin()
        try:
            time.sleep(dice.uniform(*fault.lasts))
        finally:
            fault.end()
    return told


def process_faults(estate: Estate) -> list[Fault]:
    faults = [killed("the API", estate.api), killed("Neo4j", estate.neo4j), paused(estate)]
    faults += [killed(f"worker {number}", worker) for number, worker in enumerate(estate.workers)]
    faults += [killed("PostgreSQL", estate.store)] if estate.store else []
    return faults + ([killed("Kafka", estate.kafka)] if estate.kafka else [])


def network_faults(estate: Estate) -> list[Fault]:
    networks = {"Neo4j": estate.graph_network, "the API": estate.api_network}
    if estate.store_network is not None:
        networks["PostgreSQL"] = estate.store_network
    cuts = (Cut.REFUSED, Cut.STALLED, Cut.LOST, Cut.DEAF)
    faults = [cut(name, network, how) for name, network in networks.items() for how in cuts]
    faults += [reset(name, network) for name, network in networks.items()]
    kafka = estate.kafka  # its clients ask it for its address, so that no proxy stands before it
    return faults + ([Fault("pause Kafka", kafka.pause, kafka.go_on, (1.0, 8.0))] * 3 if kafka else [])


def clock_faults(estate: Estate) -> list[Fault]:
    return [clock_steps(estate, -3600), clock_steps(estate, -120), clock_steps(estate, 400)]


def _set(network: Proxy, how: Cut) -> None:
    network.cut = how
