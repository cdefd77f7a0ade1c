"""The model: events go through API, store, worker and graph, each of which serves in turn with so many cores.

A discrete-event simulation. A worker takes what its partitions have, at most `batch_events`, in order of acceptance;
computes; writes to the store; and tells the graph while it computes its next round, as `nexus worker` does.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.simulation.inputs import PARTITIONS, Costs, Deployment, Load, Result

IDLE_SECONDS = 0.05
"""How soon a worker that found nothing looks again."""


class Station:
    """Cores that serve one request each, first come, first served; `away` is a time in which none begins."""

    def __init__(self, cores: int, away: tuple[float, float] = (0.0, 0.0)) -> None:
        self._free, self._away = [0.0] * cores, away
        self.busy = 0.0

    def serve(self, now: float, milliseconds: float) -> float:
        """Give the moment at which a request of that much work, which comes now, is done."""
        began = max(now, heapq.heappop(self._free))
        if self._away[0] <= began < self._away[1]:
            began = self._away[1]
        ended = began + milliseconds / 1000
        heapq.heappush(self._free, ended)
        self.busy += milliseconds / 1000
        return ended

    def share(self, seconds: float) -> float:
        """The share of its cores that was busy over a time."""
        return self.busy / (len(self._free) * seconds)


@dataclass(slots=True)
class Worker:
    """One process, of one core, with its partitions' events: (accepted at, arrived at, whether it is new)."""

    core: Station
    waiting: deque[tuple[float, bool]] = field(default_factory=deque)
    told_at: float = 0.0


class Model:
    """One run."""

    def __init__(self, load: Load, costs: Costs, deployment: Deployment) -> None:
        self._load, self._costs, self._deployment = load, costs, deployment
        self._agenda: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = itertools.count()
        one = Station(deployment.shared) if deployment.shared else None
        self._api = one or Station(deployment.apis)
        self._store = one or Station(deployment.store_cores)
        self._graph = one or Station(deployment.graph_cores, load.graph_away)
        self._workers = [Worker(one or Station(1)) for _ in range(deployment.workers)]
        self._latencies: list[float] = []
        self._backlog = self._most = self._rounds = 0

    def run(self) -> Result:
        """Let all events arrive, and go on until each shows."""
        for worker in self._workers:
            self._at(0.0, lambda now, worker=worker: self._look(now, worker))  # type: ignore[misc]
        arrivals = _arrivals(self._load)
        self._next(arrivals)
        ended = 0.0
        while self._agenda:
            ended, _, act = heapq.heappop(self._agenda)
            act(ended)
        return Result(tuple(sorted(self._latencies)), self._shares(ended), self._most, self._rounds)

    def _shares(self, seconds: float) -> dict[str, float]:
        stations = {"api": self._api, "store": self._store, "graph": self._graph}
        shares = {name: station.share(seconds) for name, station in stations.items()}
        return shares | {"workers": max(worker.core.share(seconds) for worker in self._workers)}

    def _at(self, moment: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), act))

    def _next(self, arrivals: Iterator[tuple[float, int, bool]]) -> None:
        """Let the next event arrive, if there is one, and prepare the one after."""
        found = next(arrivals, None)
        if found is None:
            self._over = True
            return
        arrived, partition, new = found

        def arrive(now: float) -> None:
            self._backlog += 1
            self._most = max(self._most, self._backlog)
            done = self._api.serve(now, self._costs.accept_api)
            self._at(done, lambda then: self._keep(then, now, partition, new))
            self._next(arrivals)

        self._at(arrived, arrive)

    _over = False

    def _keep(self, now: float, arrived: float, partition: int, new: bool) -> None:
        kept = self._store.serve(now, self._costs.accept_store)
        worker = self._workers[partition % len(self._workers)]
        self._at(kept, lambda _: worker.waiting.append((arrived, new)))

    def _look(self, now: float, worker: Worker) -> None:
        """Begin a round of what waits, or look again later."""
        count = min(len(worker.waiting), self._deployment.batch_events)
        if not count:
            if not self._over or self._backlog:
                self._at(now + IDLE_SECONDS, lambda then: self._look(then, worker))
            return
        taken = [worker.waiting.popleft() for _ in range(count)]
        self._rounds += 1
        computed = worker.core.serve(now, self._work(taken, "merge") + self._costs.round_worker)
        self._at(computed, lambda then: self._write(then, worker, taken))

    def _write(self, now: float, worker: Worker, taken: list[tuple[float, bool]]) -> None:
        written = self._store.serve(now, self._work(taken, "store") + self._costs.round_store)
        self._at(max(written, worker.told_at), lambda then: self._tell(then, worker, taken))

    def _tell(self, now: float, worker: Worker, taken: list[tuple[float, bool]]) -> None:
        """Tell the graph, and look for the next round meanwhile."""
        worker.told_at = self._graph.serve(now, self._work(taken, "graph") + self._costs.telling)
        self._at(worker.told_at, lambda then: self._show(then, taken))
        self._look(now, worker)

    def _show(self, now: float, taken: list[tuple[float, bool]]) -> None:
        self._backlog -= len(taken)
        self._latencies += [now - arrived for arrived, _ in taken]

    def _work(self, taken: list[tuple[float, bool]], step: str) -> float:
        same, new = getattr(self._costs, f"{step}_same"), getattr(self._costs, f"{step}_new")
        return float(sum(new if changes else same for _, changes in taken))


def simulate(load: Load, costs: Costs, deployment: Deployment) -> Result:
    """Run the model once; the same inputs give the same result."""
    return Model(load, costs, deployment).run()


def _arrivals(load: Load) -> Iterator[tuple[float, int, bool]]:
    """Give moments at which events arrive, with their partition and whether they say something new."""
    dice = random.Random(load.seed)
    weights = _partition_weights(load, dice)
    now, mean = 0.0, load.events_a_minute / 60
    while True:
        now += dice.expovariate(mean * _pace(load, now))
        if now >= load.seconds:
            return
        yield now, dice.choices(range(PARTITIONS), cum_weights=weights)[0], dice.random() < load.changing


def _pace(load: Load, now: float) -> float:
    """How many times the average comes in at a moment of a five minutes' cycle."""
    rest = (300 - load.burst * load.burst_seconds) / (300 - load.burst_seconds)
    return load.burst if now % 300 < load.burst_seconds else rest


def _partition_weights(load: Load, dice: random.Random) -> list[float]:
    """Deal out jobs to partitions by chance, and give the running sums of what each sends."""
    sums = [0.0] * PARTITIONS
    for number in range(1, load.jobs + 1):
        sums[dice.randrange(PARTITIONS)] += number**-load.skew
    return list(itertools.accumulate(sums))
