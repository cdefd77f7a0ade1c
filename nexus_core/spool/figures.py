"""What Prometheus is told of a spool by its forwarder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexus_core.errors import UnavailableError
from nexus_core.spool.folder import SpoolFolder, SpoolState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric


class SpoolCollector:
    """The state of a spool at the moment of asking; nothing while its disk does not answer."""

    def __init__(self, spool: SpoolFolder) -> None:
        self._spool = spool

    def collect(self) -> Iterable[Metric]:
        """Give it."""
        try:
            state = self._spool.state()
        except UnavailableError:
            return
        yield from figures_of(state, datetime.now(UTC))


def figures_of(state: SpoolState, now: datetime) -> Iterable[Metric]:
    """Give the figures of a state."""
    from prometheus_client.core import GaugeMetricFamily

    age = max((now - state.oldest_at).total_seconds(), 0.0) if state.oldest_at else 0.0
    for name, meaning, value in (
        ("nexus_spool_events", "Events that wait in the spool.", state.pending_count),
        ("nexus_spool_bytes", "Their bytes.", state.pending_bytes),
        ("nexus_spool_oldest_seconds", "Age of the oldest of them.", age),
        ("nexus_spool_rejected_events", "Events that the API refused for good.", state.rejected_count),
    ):
        yield GaugeMetricFamily(name, meaning, value=value)


@contextmanager
def showing_spool(spool: SpoolFolder, host: str, port: int | None) -> Iterator[None]:
    """Answer Prometheus at a port until the end of the block; without a port, do nothing."""
    if port is None:
        yield
        return
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    registry.register(SpoolCollector(spool))
    server, thread = start_http_server(port, host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
