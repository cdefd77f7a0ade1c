"""The client and its way out, against a real HTTP server whose answers a test writes down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from nexus_core import egress
from nexus_core.client import NexusClient
from nexus_core.errors import (
    AuthenticationError,
    ConfigurationError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RefusedEventsError,
    UnavailableError,
)
from tests.services import free_port

Answer = tuple[int, Any]


@contextmanager
def _serving(answer: Callable[[list[Any]], Answer], **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """Serve; `answer` gets all decoded bodies so far, GETs as None."""
    bodies: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def log_message(self, *_: Any) -> None: ...

        def _answer(self, body: Any) -> None:
            bodies.append(body)
            status, content = answer(bodies)
            said = json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


def _all(status: int, bodies: list[Any]) -> Answer:
    return 200, {"results": [{"index": index, "status": status} for index in range(len(bodies[-1]))]}


def _client(url: str, patience_s: float = 5.0) -> NexusClient:
    return NexusClient(url, SecretStr("token"), patience_s=patience_s)


def test_sends_at_most_1000_events_a_request() -> None:
    with _serving(lambda bodies: _all(201, bodies)) as (url, bodies), _client(url) as client:
        client.emit([{"n": number} for number in range(2_001)])
    assert [len(body) for body in bodies] == [1_000, 1_000, 1]


def test_large_events_are_split_by_size() -> None:
    with _serving(lambda bodies: _all(201, bodies)) as (url, bodies), _client(url) as client:
        client.emit([{"text": "x" * 3_000_000}] * 4)
    assert [len(body) for body in bodies] == [2, 2]


def test_events_that_must_wait_are_sent_again_alone() -> None:
    def answer(bodies: list[Any]) -> Answer:
        first = len(bodies) == 1
        states = [503 if first and event["n"] == 1 else 201 for event in bodies[-1]]
        return 200, {"results": [{"index": place, "status": state} for place, state in enumerate(states)]}

    with _serving(answer) as (url, bodies), _client(url) as client:
        client.emit([{"n": 0}, {"n": 1}, {"n": 2}])
    assert bodies == [[{"n": 0}, {"n": 1}, {"n": 2}], [{"n": 1}]]


def test_refused_events_are_named_and_the_others_sent() -> None:
    def answer(bodies: list[Any]) -> Answer:
        states = [{"index": place, "status": 201} for place, _ in enumerate(bodies[-1])]
        if len(bodies) == 2:
            states[0] |= {"status": 422, "problem": {"title": "Bad", "detail": "$.run: is missing"}}
        return 200, {"results": states}

    with _serving(answer) as (url, _), _client(url) as client, pytest.raises(RefusedEventsError) as raised:
        client.emit([{"n": number} for number in range(1_500)])
    assert raised.value.reasons == {1_000: "$.run: is missing"}


def test_an_outage_is_waited_out() -> None:
    with (
        _serving(lambda bodies: _all(201, bodies) if len(bodies) > 2 else (503, {"status": 503})) as (url, bodies),
        _client(url) as client,
    ):
        client.emit([{"n": 0}])
    assert len(bodies) == 3


def test_an_api_that_stays_away_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with _client(url, 0.5) as client, pytest.raises(UnavailableError, match=url) as raised:
        client.emit([{"n": 0}])
    assert raised.value.transient


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (403, ForbiddenError), (404, NotFoundError)])
def test_refusals_are_typed(status: int, error: type[Exception]) -> None:
    with (
        _serving(lambda _: (status, {"status": status, "detail": "no"})) as (url, _),
        _client(url) as client,
        pytest.raises(error),
    ):
        client.dataset("n", "d")


def test_redirects_are_not_followed() -> None:
    answers = _serving(lambda _: (302, {}), Location="http://127.0.0.1:1/")
    with answers as (url, bodies), _client(url) as client, pytest.raises(InvalidInputError, match="302"):
        client.search("x")
    assert len(bodies) == 1


def test_an_answer_that_is_too_large_is_cut_off() -> None:
    purpose = egress.Purpose("test", ("127.0.0.1",), ("127.0.0.1",), max_bytes=100)
    answers = _serving(lambda _: (200, "x" * 200))
    with answers as (url, _), egress.client(purpose) as client, pytest.raises(UnavailableError, match="100 bytes"):
        client.get(url)


def test_only_the_hosts_of_a_purpose_are_asked() -> None:
    with egress.client(egress.Purpose("test", ("api.example.com",))) as client:
        for url in ("http://127.0.0.1/", "http://other.example.com/"):
            with pytest.raises(ForbiddenError):
                client.get(url)


def test_a_listed_host_at_a_private_address_needs_leave() -> None:
    with egress.client(egress.Purpose("test", ("localhost",))) as client, pytest.raises(ForbiddenError):
        client.get("http://localhost:1/")


@pytest.mark.parametrize("url", ["ftp://h/", "h:8000", "file:///etc/passwd"])
def test_what_is_no_url_of_an_api(url: str) -> None:
    with pytest.raises(ConfigurationError):
        NexusClient(url, None)


def test_a_dataset_under_another_name_is_asked_for_by_its_present_one() -> None:
    found = {"namespace": "s", "name": "whole", "kind": "table", "fields": []}
    answers = iter([(308, {"title": "Permanent Redirect"}), (200, found)])
    with (
        _serving(lambda _: next(answers), Location="?namespace=s&name=whole") as (url, bodies),
        _client(url) as client,
    ):
        assert client.dataset("s", "short").name == "whole"
    assert len(bodies) == 2


def test_pairs_of_names_are_read_page_by_page() -> None:
    pair = {"left": {"namespace": "s", "name": "x"}, "right": {"namespace": "s", "name": "p.x"}, "state": "open"}
    pair |= {"sentence": "why", "score": 85}
    pages = iter([(200, {"items": [pair], "next": "85:k"}), (200, {"items": [pair], "next": None})])
    with _serving(lambda _: next(pages)) as (url, _), _client(url) as client:
        assert [each.right for each in client.name_proposals(1, 10)] == [("s", "p.x"), ("s", "p.x")]
