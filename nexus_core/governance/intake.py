"""The one way into the log: check, authority, envelope, durable append. Routes and local harvests share it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter

from nexus_core.errors import ForbiddenError, InvalidInputError, OverloadedError
from nexus_core.eventlog.log import EventLog
from nexus_core.events import times
from nexus_core.events.check import check
from nexus_core.events.identity import event_id
from nexus_core.governance.authority import check_authority, may_backdate, without_effect
from nexus_core.model.envelope import Authority, Envelope
from nexus_core.telemetry.traces import note_accepted

KeptFrom = Callable[[], Awaitable[datetime | None]]
"""Gives since when history is kept, None where all of it is; raises UnavailableError while that is not known."""

_EVENTS = Counter("nexus_events", "Events that were sent for acceptance.", ["result"])
_LAG_SECONDS = 1.0
_TURN_EVENTS = 50  # events checked before other requests get a turn


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose events they are: the account and what it may say."""

    principal: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class Receipt:
    """A durable event; `new` is False for one that was here before."""

    id: str
    new: bool
    quarantined: bool
    warnings: tuple[str, ...]


Outcome = Receipt | InvalidInputError | ForbiddenError
"""What became of one event."""


class Intake:
    """Accepts events into a log, up to a backlog of `pending_max` unmerged ones.

    `kept_from` gives since when history is kept: what is dated before waits for a person, whoever sends it.
    """

    def __init__(self, log: EventLog, pending_max: int, kept_from: KeptFrom | None = None) -> None:
        self._log, self._pending_max, self._kept_from = log, pending_max, kept_from
        self._lag, self._lag_at = 0, float("-inf")

    async def accept(self, sender: Sender, events: Sequence[Any]) -> list[Outcome]:
        """Accept decoded events; each gets its outcome, and the acceptable ones are durable on return.

        Raises OverloadedError while the backlog is full, and UnavailableError if the log fails; then none counts as
        accepted, and sending them again is safe.
        """
        await self._refuse_overload()
        kept_from = await self._kept_from() if self._kept_from else None
        outcomes: list[Outcome] = []
        envelopes: list[Envelope] = []
        for index, event in enumerate(events):
            if index % _TURN_EVENTS == _TURN_EVENTS - 1:
                await asyncio.sleep(0)
            try:
                envelope, warnings = _envelop(sender, event, kept_from)
            except (InvalidInputError, ForbiddenError) as error:
                outcomes.append(error)
            else:
                envelopes.append(envelope)
                outcomes.append(Receipt(envelope.id, False, envelope.quarantined, warnings))
        return await self._append(outcomes, envelopes)

    async def _append(self, outcomes: list[Outcome], envelopes: list[Envelope]) -> list[Outcome]:
        fresh = iter(await self._log.append(envelopes) if envelopes else ())
        told = [replace(each, new=next(fresh)) if isinstance(each, Receipt) else each for each in outcomes]
        note_accepted([each.id for each in told if isinstance(each, Receipt) and each.new])
        for each in told:
            _EVENTS.labels(_result(each)).inc()
        return told

    async def _refuse_overload(self) -> None:
        if time.monotonic() - self._lag_at > _LAG_SECONDS:
            self._lag_at = time.monotonic()
            self._lag = await self._log.lag()
        if self._lag >= self._pending_max:
            raise OverloadedError("Ingestion", f"{self._lag} accepted events wait for the worker")


def _envelop(sender: Sender, event: Any, kept_from: datetime | None) -> tuple[Envelope, tuple[str, ...]]:
    checked = check(event)
    check_authority(sender.authority, checked.kind, checked.event)
    accepted_at = datetime.now(UTC)
    valid_at = times.valid_at(checked.event_at, accepted_at)
    late = times.needs_backfill(checked.event_at, accepted_at)
    forgotten = kept_from is not None and valid_at < kept_from
    quarantined = forgotten or (late and not may_backdate(sender.authority, checked.kind, checked.event))
    envelope = Envelope(
        id=event_id(sender.principal, checked.event, plain=checked.plain),
        principal=sender.principal,
        authority=sender.authority,
        accepted_at=accepted_at,
        valid_at=valid_at,
        kind=checked.kind,
        event=checked.event,
        quarantined=quarantined,
    )
    reason = "before the time from which history is kept" if forgotten else "more than 7 days back"
    held = (f"$.eventTime: is {reason}, so the event waits for a steward",) if quarantined else ()
    return envelope, (*checked.warnings, *without_effect(sender.authority, checked.event), *held)


def _result(outcome: Outcome) -> str:
    if not isinstance(outcome, Receipt):
        return "forbidden" if isinstance(outcome, ForbiddenError) else "refused"
    if not outcome.new:
        return "duplicate"
    return "quarantined" if outcome.quarantined else "accepted"
