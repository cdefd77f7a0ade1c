"""What `traces` does where OpenTelemetry is installed and an endpoint is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_LOW_BITS = (1 << 64) - 1
_given: ContextVar[tuple[int, int] | None] = ContextVar("ids of the next span", default=None)


class _Ids(RandomIdGenerator):
    """Random ids, but for a span whose ids are given."""

    def generate_trace_id(self) -> int:
        given = _given.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = _given.get()
        return given[1] if given else super().generate_span_id()


class Tracing:
    """The tracer of one process. It sends in batches from a thread; what the endpoint does not take is dropped."""

    def __init__(self, endpoint: str, ratio: float, process: str) -> None:
        resource = Resource({"service.name": f"lineage-nexus-{process}"})
        self._bound = TraceIdRatioBased.get_bound_for_rate(ratio)
        self._provider = TracerProvider(ParentBasedTraceIdRatio(ratio), resource, id_generator=_Ids())
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("lineage-nexus")

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    @contextmanager
    def span(self, name: str, caller: str | None, attributes: Mapping[str, Any]) -> Iterator[None]:
        """Make a span of a block."""
        parent = TraceContextTextMapPropagator().extract({"traceparent": caller}) if caller else None
        with self._tracer.start_as_current_span(name, parent, attributes=dict(attributes)):
            yield

    @staticmethod
    def rename(name: str) -> None:
        """Name the present span."""
        trace.get_current_span().update_name(name)

    def begin(self, event_id: str) -> None:
        """Make the first span of an event's trace, which is a moment."""
        context = self._of(event_id)
        before = _given.set((context.trace_id, context.span_id))
        try:
            attributes = {"lineage_nexus.event_id": event_id}
            self._tracer.start_span("accept", Context(), attributes=attributes, links=_present()).end()
        finally:
            _given.reset(before)

    def go_on(self, event_id: str, name: str, start: int, end: int) -> None:
        """Make a span within an event's trace, from and to nanoseconds of Unix time."""
        parent = trace.set_span_in_context(NonRecordingSpan(self._of(event_id)), Context())
        self._tracer.start_span(name, parent, links=_present(), start_time=start).end(end)

    def ids(self, event_id: str | None) -> Mapping[str, str]:
        """Give the ids of the present span, else of an event's first one."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid and event_id is not None:
            context = self._of(event_id)
        if not context.is_valid:
            return {}
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}

    def _of(self, event_id: str) -> SpanContext:
        digits = event_id.rpartition(":")[2]
        trace_id, span_id = int(digits[:32], 16), int(digits[32:48], 16)
        flags = TraceFlags.SAMPLED if trace_id & _LOW_BITS < self._bound else TraceFlags.DEFAULT
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))


def _present() -> list[Link]:
    context = trace.get_current_span().get_span_context()
    return [Link(context)] if context.is_valid else []
