"""The model: events go through API, store, worker and graph, each of which serves in turn with so many cores.

A discrete-event simulation of what `nexus worker` does (`nexus_core/worker/loop.py`): a round takes what its partitions
have, at most twice `batch_events`, in parts of `batch_events`; it computes a part, writes it to the store, and tells
the graph of it while it computes the next. A worker that had room for more lets events gather before its next round.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.simulation.inputs import PARTITIONS, Costs, Deployment, Load, Result

IDLE_SECONDS = 0.2
"""How soon a worker that found nothing looks again."""

GATHER_SECONDS, BUSY_EVENTS, BUSY_GATHER_SECONDS = 0.2, 32, 0.6
"""How long events gather after a round that had room for more, and after one of at least so many."""

AHEAD = 2
"""How many parts a round has at most."""

SAMPLE_SECONDS = 0.5
"""How often the age of the oldest event that waits is looked at, as `make bench` does."""


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
class Event:
    """When it was sent, and whether it says something new."""

    arrived: float
    new: bool
    shown: bool = False


@dataclass(slots=True)
class Worker:
    """One process, of one core, with its partitions' events, and until when it tells the graph of its last part."""

    core: Station
    waiting: deque[Event] = field(default_factory=deque)
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
        self._ages: list[float] = []
        self._accepted: deque[Event] = deque()
        self._backlog = self._most = self._rounds = 0
        self._shown_at = 0.0

    def run(self) -> Result:
        """Let all events arrive, and go on until each shows."""
        for worker in self._workers:
            self._at(0.0, lambda now, worker=worker: self._look(now, worker))  # type: ignore[misc]
        self._at(SAMPLE_SECONDS, self._sample)
        self._next(_arrivals(self._load))
        while self._agenda:
            now, _, act = heapq.heappop(self._agenda)
            act(now)
        ages = tuple(sorted(self._ages))
        return Result(tuple(sorted(self._latencies)), ages, self._shares(self._shown_at), self._most, self._rounds)

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
            self._at(done, lambda then: self._keep(then, Event(now, new), partition))
            self._next(arrivals)

        self._at(arrived, arrive)

    _over = False

    def _keep(self, now: float, event: Event, partition: int) -> None:
        kept = self._store.serve(now, self._costs.accept_store)
        worker = self._workers[partition % len(self._workers)]

        def wait(_: float) -> None:
            worker.waiting.append(event)
            self._accepted.append(event)

        self._at(kept, wait)

    def _sample(self, now: float) -> None:
        """Note how long the oldest event waits that is accepted and does not show, until all do."""
        while self._accepted and self._accepted[0].shown:
            self._accepted.popleft()
        self._ages.append(now - self._accepted[0].arrived if self._accepted else 0.0)
        if not self._over or self._backlog:
            self._at(now + SAMPLE_SECONDS, self._sample)

    def _look(self, now: float, worker: Worker) -> None:
        """Begin a round of what waits, or look again later."""
        count = min(len(worker.waiting), AHEAD * self._deployment.batch_events)
        if not count:
            if not self._over or self._backlog:
                self._at(now + IDLE_SECONDS, lambda then: self._look(then, worker))
            return
        self._rounds += 1
        self._compute(now, worker, [worker.waiting.popleft() for _ in range(count)], 0)

    def _compute(self, now: float, worker: Worker, taken: list[Event], start: int) -> None:
        """Compute the part that begins there, and write it."""
        part = taken[start : start + self._deployment.batch_events]
        computed = worker.core.serve(now, self._work(part, "merge") + self._costs.round_worker)

        def write(then: float) -> None:
            written = self._store.serve(then, self._work(part, "store") + self._costs.round_store)
            self._at(max(written, worker.told_at), lambda at: self._tell(at, worker, taken, start))

        self._at(computed, write)

    def _tell(self, now: float, worker: Worker, taken: list[Event], start: int) -> None:
        """Tell the graph of a part, and compute the next meanwhile; after the last one the round ends."""
        following = start + self._deployment.batch_events
        part = taken[start:following]
        worker.told_at = self._graph.serve(now, self._work(part, "graph") + self._costs.telling)
        self._at(worker.told_at, lambda then: self._show(then, part))
        if following < len(taken):
            self._compute(now, worker, taken, following)
        else:
            self._at(worker.told_at + self._pause(len(taken)), lambda then: self._look(then, worker))

    def _pause(self, count: int) -> float:
        if count >= self._deployment.batch_events:
            return 0.0
        return BUSY_GATHER_SECONDS if count >= BUSY_EVENTS else GATHER_SECONDS

    def _show(self, now: float, part: list[Event]) -> None:
        self._shown_at = now
        self._backlog -= len(part)
        self._latencies += [now - event.arrived for event in part]
        for event in part:
            event.shown = True

    def _work(self, taken: list[Event], step: str) -> float:
        same, new = getattr(self._costs, f"{step}_same"), getattr(self._costs, f"{step}_new")
        return float(sum(new if event.new else same for event in taken))


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
