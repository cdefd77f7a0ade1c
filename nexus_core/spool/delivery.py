"""Sending a batch of spooled events, and reading from the answer what became of each."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Protocol

import orjson

_EVENT_REFUSED = frozenset({400, 403, 413, 422})
# A 403 for the whole request is about the token, not about an event: it stays until the token is put right.
_REQUEST_REFUSED = frozenset({400, 413, 422})
_PATH = "/api/v1/lineage/batch"


class Verdict(StrEnum):
    """What the forwarder does with an event next."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event; `reason` is the API's problem, `retry_after_s` its wish for a pause."""

    verdict: Verdict
    status: int
    reason: Mapping[str, Any]
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names in lower case. Status 0 means that there was none, `body` says why."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Post(Protocol):
    """Sends a body to a path of the API; gives status 0 instead of raising where no answer came."""

    def __call__(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post and wait for the answer."""
        ...


class Delivery:
    """Ships to `POST /api/v1/lineage/batch` (lineage.md §1); asks for the token each time, so it may rotate."""

    def __init__(self, post: Post, token: Callable[[], str | None]) -> None:
        self._post, self._token = post, token

    def send(self, events: Sequence[bytes]) -> list[Outcome]:
        """Give the outcome of each event, in order. A refused batch is halved until the bad event stands alone."""
        answer = self._post(_PATH, gzip.compress(b"[" + b",".join(events) + b"]", 1), self._headers())
        if answer.status == 200:
            return _per_event(answer, len(events))
        if answer.status not in _REQUEST_REFUSED:
            return [_outcome(Verdict.LATER, answer)] * len(events)
        if len(events) == 1:
            return [_outcome(Verdict.REFUSED, answer)]
        middle = len(events) // 2
        return self.send(events[:middle]) + self.send(events[middle:])

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        token = self._token()
        return headers | {"Authorization": f"Bearer {token}"} if token else headers


def is_event(content: bytes) -> bool:
    """Tell whether a spooled file is one JSON object, so that it can't shift the places of others in a batch."""
    try:
        return isinstance(orjson.loads(content), dict)
    except orjson.JSONDecodeError:
        return False


def _per_event(answer: Answer, count: int) -> list[Outcome]:
    """Read the results; an answer that does not speak of every event is none, and all are sent again."""
    try:
        results = {result["index"]: result for result in orjson.loads(answer.body)["results"]}
        return [_event_outcome(results[index], answer) for index in range(count)]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        unclear = Answer(answer.status, answer.headers, b"the answer does not tell what became of each event")
        return [_outcome(Verdict.LATER, unclear)] * count


def _event_outcome(result: Mapping[str, Any], answer: Answer) -> Outcome:
    status = result["status"]
    if 200 <= status < 300:
        return Outcome(Verdict.ACCEPTED, status, {})
    verdict = Verdict.REFUSED if status in _EVENT_REFUSED else Verdict.LATER
    return Outcome(verdict, status, result.get("problem") or {}, retry_after(answer.headers.get("retry-after")))


def _outcome(verdict: Verdict, answer: Answer) -> Outcome:
    return Outcome(verdict, answer.status, _problem(answer), retry_after(answer.headers.get("retry-after")))


def _problem(answer: Answer) -> Mapping[str, Any]:
    try:
        problem = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": answer.body[:500].decode(errors="replace")}


def retry_after(value: str | None) -> float:
    """Read a Retry-After header (RFC 9110 §10.2.3: seconds or a date) as seconds from now; 0 if there is none."""
    if not value:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0
