"""A rolling update as the chart does it: each process is replaced by a new one while the others serve.

A new API is asked until it is ready, then takes its turn at the balancer; the old one is taken out there, ends what it
began and stops. Workers need no balancer: who stops gives its partitions back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import services
from tests.drills.estate import Estate, status, wait_for
from tests.drills.processes import STOPPED, Nexus

_DRAIN_SECONDS = 1.0  # the balancer here learns at once, other than Kubernetes' for which the chart waits 5 s


@dataclass
class Fleet:
    """Two APIs behind the estate's network, by port, and its workers."""

    estate: Estate
    apis: dict[int, Nexus]
    replaced: int = 0
    ready_seconds: list[float] = field(default_factory=list)

    def update(self, code: Path | None = None) -> None:
        """Replace every API and every worker, one of each at a time, by new ones of the code in a folder."""
        for port, worker in zip(list(self.apis), list(self.estate.workers), strict=True):
            self.replaced += 1
            self._add_worker(code)
            self.add(code)
            self._retire(port)
            self.estate.workers.remove(worker)
            assert worker.stop() in STOPPED, worker.output.read_text()[-2000:]

    def _add_worker(self, code: Path | None) -> None:
        output = self.estate.data.with_name(f"worker-new{self.replaced}.log")
        new = Nexus(("worker",), self.estate.environment, output, code)
        self.estate.workers.append(new)
        new.start()

    def add(self, code: Path | None) -> None:
        """Start an API on a port of its own and let it take its turn once it is ready."""
        port, began = services.free_port(), time.monotonic()
        environment = {**self.estate.environment, "NEXUS_API__PORT": str(port)}
        api = Nexus(("api",), environment, self.estate.data.with_name(f"api-{port}.log"), code)
        self.apis[port] = api
        api.start()
        wait_for(lambda: status(f"http://127.0.0.1:{port}/health/ready") == httpx.codes.OK, 900, api.output.read_text)
        self.ready_seconds.append(time.monotonic() - began)
        self.estate.api_network.targets = (*self.estate.api_network.targets, port)

    def _retire(self, port: int) -> None:
        network = self.estate.api_network
        network.targets = tuple(each for each in network.targets if each != port)
        time.sleep(_DRAIN_SECONDS)
        api = self.apis.pop(port)
        assert api.stop() in STOPPED, api.output.read_text()[-2000:]
        self.estate.serve_by(*next(iter(self.apis.items())))


@contextmanager
def fleet(estate: Estate) -> Iterator[Fleet]:
    """Add a second API to an estate, of the same code; end all of them."""
    (first,) = estate.api_network.targets
    made = Fleet(estate, {first: estate.api})
    try:
        made.add(estate.api.code)
        yield made
    finally:
        with ExitStack() as ending:
            for api in made.apis.values():
                ending.callback(api.stop)
