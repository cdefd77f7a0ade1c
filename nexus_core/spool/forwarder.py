"""Ships a spool to the API: one at a time for each volume, for as long as it takes."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import orjson
import structlog

from nexus_core.spool.delivery import Delivery, Outcome, Verdict, is_event
from nexus_core.spool.folder import SpoolFolder

_BATCH_EVENTS = 1_000
_BATCH_BYTES = 8 * 2**20
_POLL_S = 0.5
_LONGEST_PAUSE_S = 60.0
_NOT_JSON = Outcome(Verdict.REFUSED, 400, {"title": "Bad Request", "detail": "the file is not one JSON object"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over the spool did; `problem` says why it stopped early, if it did."""

    accepted_count: int = 0
    refused_count: int = 0
    later_count: int = 0
    retry_after_s: float = 0.0
    problem: str | None = None

    def __add__(self, other: Pass) -> Pass:
        return Pass(
            self.accepted_count + other.accepted_count,
            self.refused_count + other.refused_count,
            self.later_count + other.later_count,
            max(self.retry_after_s, other.retry_after_s),
            other.problem or self.problem,
        )


class Forwarder:
    """Takes events from the spool in order of arrival; each leaves it only once the API has or refuses it."""

    def __init__(self, spool: SpoolFolder, delivery: Delivery) -> None:
        self._spool, self._delivery = spool, delivery

    def forward(self, wait_s: float = 0.0) -> Pass:
        """Ship what waits now; stops at the first batch of which the API wants some later.

        Raises UnavailableError if another forwarder keeps the lock for more than `wait_s`.
        """
        with self._spool.exclusive(wait_s):
            return self._forward_locked()

    def run(self, stop: threading.Event) -> None:
        """Ship until told to stop, backing off up to a minute, or as long as the API asks, while it fails."""
        failures = 0
        with self._spool.exclusive():
            while not stop.is_set():
                done = self._forward_locked()
                failures = failures + 1 if done.later_count and not done.accepted_count else 0
                stop.wait(pause(failures, done.retry_after_s) if done.later_count else _POLL_S)

    def _forward_locked(self) -> Pass:
        total = Pass()
        for names, events in _batches(self._spool):
            total += self._ship(names, events)
            if total.later_count:
                break
        if total != Pass():
            log.info("spool.forwarded", **asdict(total))
        return total

    def _ship(self, names: Sequence[str], events: Sequence[bytes]) -> Pass:
        fit = {name: event for name, event in zip(names, events, strict=True) if is_event(event)}
        outcomes = dict(zip(fit, self._delivery.send(list(fit.values())), strict=True)) if fit else {}
        return sum((self._settle(name, outcomes.get(name, _NOT_JSON)) for name in names), start=Pass())

    def _settle(self, name: str, outcome: Outcome) -> Pass:
        if outcome.verdict is Verdict.ACCEPTED:
            self._spool.remove(name)
            return Pass(accepted_count=1)
        if outcome.verdict is Verdict.REFUSED:
            self._spool.reject(name, orjson.dumps({"status": outcome.status, **outcome.reason}))
            log.warning("spool.refused", name=name, status=outcome.status, reason=outcome.reason.get("detail"))
            return Pass(refused_count=1)
        problem = f"{outcome.status or 'no answer'}: {outcome.reason.get('detail') or outcome.reason.get('title')}"
        return Pass(later_count=1, retry_after_s=outcome.retry_after_s, problem=problem)


def pause(failures: int, retry_after_s: float) -> float:
    """Give the seconds to wait after so many failures in a row: doubling with jitter, never less than asked."""
    return max(retry_after_s, min(_LONGEST_PAUSE_S, 2.0**failures) * random.uniform(0.5, 1.0))  # noqa: S311 jitter


def _batches(spool: SpoolFolder) -> Iterator[tuple[list[str], list[bytes]]]:
    names: list[str] = []
    events: list[bytes] = []
    size = 0
    for name in spool.pending():
        event = spool.read(name)
        if events and (len(events) == _BATCH_EVENTS or size + len(event) > _BATCH_BYTES):
            yield names, events
            names, events, size = [], [], 0
        names.append(name)
        events.append(event)
        size += len(event)
    if events:
        yield names, events
