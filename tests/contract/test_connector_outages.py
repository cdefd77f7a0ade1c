"""What a connector does when its source goes away, or when nobody waits for it any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nexus_core.connectors import Connector, open_connector
from nexus_core.connectors.objects import SourceDataset
from nexus_core.errors import SourceError
from nexus_core.harvest import harvest
from tests.contract.conftest import Reached
from tests.drills.network import Cut, Proxy

pytestmark = pytest.mark.service


class ReaderError(Exception):
    """Whoever read a connector failed."""


def _closed(proxy: Proxy) -> bool:
    deadline = time.monotonic() + 5
    while proxy.count and time.monotonic() < deadline:
        time.sleep(0.02)
    return proxy.count == 0


def test_closes_when_dropped(connector: type[Connector], reached: Reached) -> None:
    opened = open_connector(reached.url)
    for generator in (opened.datasets(), opened.jobs(None)):
        next(generator, None)
        generator.close()  # type: ignore[attr-defined]
        assert _closed(reached.proxy)


def test_closes_when_its_reader_fails(connector: type[Connector], reached: Reached) -> None:
    datasets = open_connector(reached.url).datasets()
    next(datasets)
    with pytest.raises(ReaderError):
        datasets.throw(ReaderError)  # type: ignore[attr-defined]
    assert _closed(reached.proxy)


def test_closes_after_a_test(connector: type[Connector], reached: Reached) -> None:
    assert open_connector(reached.url).test().ok
    assert _closed(reached.proxy)


class CutAfter:
    """A connector whose source goes away after some datasets; None is all of them."""

    def __init__(self, connector: Connector, proxy: Proxy, count: int | None) -> None:
        self._connector, self._proxy, self._count = connector, proxy, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def datasets(self) -> Iterator[SourceDataset]:
        for place, dataset in enumerate(self._connector.datasets(), start=1):
            yield dataset
            if place == self._count:
                self._proxy.cut = Cut.REFUSED
        self._proxy.cut = Cut.REFUSED


@pytest.mark.parametrize("count", [1, None], ids=["in the middle of datasets", "between datasets and jobs"])
def test_a_source_that_goes_away_fails_the_harvest(
    connector: type[Connector], reached: Reached, count: int | None
) -> None:
    opened: Any = CutAfter(open_connector(reached.url), reached.proxy, count)
    events: list[dict[str, Any]] = []
    with pytest.raises(SourceError) as raised:
        harvest(opened, events.extend)
    assert raised.value.transient
    states = [event.get("eventType") for event in events]
    assert states[0] == "START"
    assert states[-1] == "FAIL"
    assert "COMPLETE" not in [event["eventType"] for event in events if event.get("job", {}).get("name") == _of(opened)]


def _of(opened: Connector) -> str:
    return f"harvest:{opened.scope}"


def test_an_interrupt_ends_it_within_seconds(connector: type[Connector], reached: Reached) -> None:
    reached.proxy.cut = Cut.STALLED
    nexus = Path(sys.executable).with_name("nexus")
    command = [nexus, "harvest", reached.url, "--print"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    try:
        deadline = time.monotonic() + 30
        while not reached.proxy.count:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode not in (0, None)
    assert b"Traceback" not in told
