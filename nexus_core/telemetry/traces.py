"""OpenTelemetry traces across API, log, worker and graph; without an endpoint none are made.

An event's trace bears the event's id: the first 32 digits of its hash name the trace, the next 16 its first span.
So the log keeps nothing for it, every process finds the trace of an event by itself, and all sample the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nexus_core.errors import ConfigurationError

if TYPE_CHECKING:
    from nexus_core.telemetry.tracing import Tracing

_on: Tracing | None = None  # of this process, as OpenTelemetry itself has it


@contextmanager
def tracing(endpoint: str | None, ratio: float, process: str) -> Iterator[None]:
    """Send the traces of this process to `endpoint` (OTLP over HTTP) until the end of the block; None sends none.

    `ratio` is the share of traces. Raises ConfigurationError if OpenTelemetry is not installed.
    """
    global _on
    if endpoint is None:
        yield
        return
    try:
        from nexus_core.telemetry.tracing import Tracing
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "OpenTelemetry is not installed", "Run `pip install 'lineage-nexus[otel]'`, or unset NEXUS_TRACES__ENDPOINT"
        ) from error
    _on = Tracing(endpoint, ratio, process)
    try:
        yield
    finally:
        _on.close()
        _on = None


@contextmanager
def span(name: str, caller: str | None = None, **attributes: Any) -> Iterator[None]:
    """Make a span of a block, within the one around it; `caller` is a W3C `traceparent` that it belongs to instead."""
    if _on is None:
        yield
        return
    with _on.span(name, caller, attributes):
        yield


def rename(name: str) -> None:
    """Call the present span by what it turned out to be."""
    if _on is not None:
        _on.rename(name)


def note_accepted(event_ids: Sequence[str]) -> None:
    """Begin the traces of events that are durable now, each linked to the request that brought it."""
    if _on is not None:
        for event_id in event_ids:
            _on.begin(event_id)


def note_merged(event_ids: Sequence[str], seconds: float) -> None:
    """Note in the traces of events that they were merged in the last so many seconds, by the present round."""
    if _on is not None:
        now = time.time_ns()
        for event_id in event_ids:
            _on.go_on(event_id, "merge", now - round(seconds * 1e9), now)


def ids(event_id: str | None = None) -> Mapping[str, str]:
    """Give `trace_id` and `span_id` for a line of the log: of the present span, else of an event's trace."""
    return _on.ids(event_id) if _on is not None else {}
