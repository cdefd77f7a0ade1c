"""Events on their way out of a harvest, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nexus_core.errors import RefusedEventsError

Emit = Callable[[Sequence[dict[str, Any]]], None]
"""Hands up to 1,000 events over; durable when it returns. Raises RefusedEventsError after the others are durable."""

BATCH_EVENTS = 1_000


class Outbox:
    """Gathers events; `refused` is told the name and reason of each one that is turned down, and sending goes on."""

    def __init__(self, emit: Emit, refused: Callable[[str, str], None]) -> None:
        self._emit, self._refused = emit, refused
        self._waiting: list[dict[str, Any]] = []
        self.sent_count = 0

    def add(self, event: dict[str, Any]) -> None:
        """Send later, with others."""
        self._waiting.append(event)
        if len(self._waiting) >= BATCH_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            self._emit(batch)
        except RefusedEventsError as error:
            for index, reason in error.reasons.items():
                self._refused(_name(batch[index]), reason)
            self.sent_count -= len(error.reasons)
        self.sent_count += len(batch)


def _name(event: dict[str, Any]) -> str:
    return str((event.get("dataset") or event["job"])["name"])
