"""Logs of one process: structured, to standard error, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from nexus_core.telemetry import traces

_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")
_SECRET_NAME = re.compile(r"password|passwd|secret|token|authorization|cookie", re.IGNORECASE)


def configure(level: str, *, json_lines: bool | None = None) -> None:
    """Send structlog's events to standard error: JSON lines, or readable ones where that is a terminal."""
    as_json = not sys.stderr.isatty() if json_lines is None else json_lines
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _with_trace,
            without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_printer,
    )


def _printer(*_: Any) -> structlog.PrintLogger:
    """Print to standard error as it is when a line is told: who replaces it for a while closes the replacement."""
    return structlog.PrintLogger(sys.stderr)


def _with_trace(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add `trace_id` and `span_id`, by which the line is found from a trace and the other way round."""
    line.update(traces.ids(line.get("event_id")))
    return line


def without_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide passwords in URLs, and values whose names say that they are secrets: a second net, under references."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = "…" if _SECRET_NAME.search(name) else _PASSWORD.sub(r"\1…@", value)
    return line
