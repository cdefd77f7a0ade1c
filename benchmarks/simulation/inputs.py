"""What the model is given: what comes in, what each step costs, and what it runs on."""

from __future__ import annotations

from dataclasses import astuple, dataclass

PARTITIONS = 64


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU milliseconds of one core, as `make bench ONLY=percore` measures them; `new` where lineage changes.

    Accepting is what one event a request costs more than batches. `round` and `telling` are assumed: what a round of
    merging costs whatever is in it, for commits, leases and a transaction of Neo4j.
    """

    accept_api: float = 2.5
    accept_store: float = 1.9
    merge_same: float = 1.6
    merge_new: float = 7.7
    store_same: float = 1.2
    store_new: float = 5.0
    graph_same: float = 0.2
    graph_new: float = 10.7
    round_worker: float = 5.0
    round_store: float = 5.0
    telling: float = 10.0

    def times(self, factor: float) -> Costs:
        """Give costs of another machine."""
        return Costs(*(factor * each for each in astuple(self)))


@dataclass(frozen=True, slots=True)
class Load:
    """Events that come in, one a request, for so many seconds.

    For the first `burst_seconds` of each five minutes `burst` times as many come as on the average, as where schedules
    begin on the hour. The `n`-th of the jobs sends in proportion to `n ** -skew`: partitions are filled unevenly.
    `changing` is the share of events that say something new.
    """

    events_a_minute: float = 100_000
    seconds: float = 600
    burst: float = 3.0
    burst_seconds: float = 20
    jobs: int = 200_000
    skew: float = 0.6
    changing: float = 0.02
    graph_away: tuple[float, float] = (0.0, 0.0)
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Deployment:
    """Processes, each of one core, and cores of the two databases; `shared` puts all on so many cores."""

    apis: int = 14
    workers: int = 16
    store_cores: int = 16
    graph_cores: int = 8
    batch_events: int = 256
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds from events' arrival until lineage shows them, and ages of the oldest that waited, seen twice a second.

    Both ascending. Busy shares by station; the longest backlog.
    """

    latencies: tuple[float, ...]
    ages: tuple[float, ...]
    busy: dict[str, float]
    backlog: int
    rounds: int

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the events show."""
        return _share_of(self.latencies, share)

    def age(self, share: float) -> float:
        """Seconds that the oldest event which waited had at most, in this share of the looks."""
        return _share_of(self.ages, share)


def _share_of(ascending: tuple[float, ...], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]
