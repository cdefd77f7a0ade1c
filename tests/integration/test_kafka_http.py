"""What becomes of odd answers of a schema registry and of Kafka Connect, from servers that speak what a test needs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import SecretStr

from nexus_core.connectors._http import JsonService, Login
from nexus_core.connectors._kafka_connect import Workers
from nexus_core.connectors._kafka_flows import Surroundings
from nexus_core.connectors._kafka_registry import Registry, TopicSchema
from nexus_core.connectors.objects import Tag
from nexus_core.connectors.report import Report
from nexus_core.errors import (
    CredentialsRefusedError,
    SourceDataError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

RECORD = '{"type": "record", "name": "Order", "namespace": "acme", "fields": [{"name": "id", "type": "long"}]}'
Answers = Mapping[str, Any]


@contextmanager
def serving(answers: Answers, login: Login | None = None, timeout_s: float = 5.0) -> Iterator[JsonService]:
    """A client of a server that answers paths: an int is a status, bytes are sent as they are, all else is JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(unquote(urlsplit(self.path).path), 404)
            if callable(answer):
                answer = answer(self)
            status, body = (answer, b"") if isinstance(answer, int) else (200, answer)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with JsonService("service", url, login or Login(), timeout_s, "Look.") as service:
            yield service
        server.shutdown()


def subject(schema: str, **more: Any) -> dict[str, Any]:
    return {"version": 3, "id": 7, "schema": schema} | more


def read(answers: Answers, topic: str = "orders", **assigned: list[str]) -> tuple[TopicSchema, Report]:
    report = Report()
    with serving(answers) as service:
        return Registry(service, assigned, report).of_topic(topic), report


def test_owners_and_tags_of_a_subject_are_kept() -> None:
    metadata = {"properties": {"owner": "team-orders"}, "tags": {"**": ["PII"]}}
    schema, _ = read(
        {"/subjects": ["orders-value"], "/subjects/orders-value/versions/latest": subject(RECORD, metadata=metadata)}
    )
    (found,) = schema.subjects
    assert (found.owner, found.tags, found.version) == ("team-orders", (Tag("PII"),), 3)


def test_records_are_found_by_name_where_the_settings_say_so() -> None:
    answers = {"/subjects": ["acme.Order"], "/subjects/acme.Order/versions/latest": subject(RECORD)}
    assert [field.name for field in read(answers)[0].fields] == []
    assert [field.name for field in read(answers, orders=["acme.Order"])[0].fields] == ["id"]


def test_other_topics_subjects_are_not_taken() -> None:
    answers = {"/subjects": ["orders-eu-value"], "/subjects/orders-eu-value/versions/latest": subject(RECORD)}
    assert read(answers)[0] == TopicSchema()
    assert [field.name for field in read(answers, "orders-eu")[0].fields] == ["id"]


@pytest.mark.parametrize(
    ("answer", "denied", "failed"),
    [
        (403, 1, 0),
        (404, 0, 0),
        (subject("{"), 0, 1),
        (subject(RECORD, schemaType="THRIFT"), 0, 1),
        (subject(RECORD, references=[{"name": "x", "subject": "gone", "version": 1}]), 0, 1),
        ({"version": 1}, 0, 1),
        ([], 0, 1),
    ],
)
def test_a_subject_that_cannot_be_read_is_reported(answer: Any, denied: int, failed: int) -> None:
    schema, report = read({"/subjects": ["orders-value"], "/subjects/orders-value/versions/latest": answer})
    assert schema.fields == ()
    assert (report.denied.count, report.failed.count) == (denied, failed)


def test_references_that_turn_in_circles_end() -> None:
    def of(name: str, other: str) -> dict[str, Any]:
        return subject(RECORD, references=[{"name": other, "subject": other, "version": 1}], subject=name)

    answers = {
        "/subjects": ["orders-value", "a", "b"],
        "/subjects/orders-value/versions/latest": of("orders-value", "a"),
        "/subjects/a/versions/1": of("a", "b"),
        "/subjects/b/versions/1": of("b", "a"),
    }
    assert [field.name for field in read(answers)[0].fields] == ["id"]


def test_a_registry_that_lists_nothing_is_reported() -> None:
    assert read({"/subjects": 403})[1].denied.count == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (401, CredentialsRefusedError),
        (302, SourceError),
        (409, SourceUnavailableError),
        (429, SourceUnavailableError),
        (500, SourceUnavailableError),
        (b"<html>", SourceDataError),
    ],
)
def test_failures_have_kinds(answer: Any, expected: type[SourceError]) -> None:
    with serving({"/": answer}, Login("me", SecretStr("s3cret-canary"))) as service, pytest.raises(expected) as raised:
        service.get("/")
    assert "s3cret-canary" not in f"{raised.value} {raised.value.__cause__!r}"


def test_a_service_that_hangs_is_late() -> None:
    hung = threading.Event()
    answers = {"/": lambda _: 200 + hung.wait(10)}
    with serving(answers, timeout_s=0.3) as service:
        with pytest.raises(SourceTimeoutError, match="timeout_s"):
            service.get("/")
        hung.set()


def test_logins_are_sent() -> None:
    answers = {"/": lambda handler: {"told": handler.headers["Authorization"]}}
    with serving(answers, Login("me", SecretStr("pass"))) as service:
        assert service.get("/").body == {"told": "Basic bWU6cGFzcw=="}
    with serving(answers, Login(bearer=SecretStr("token"))) as service:
        assert service.get("/").body == {"told": "Bearer token"}


@pytest.mark.parametrize("url", ["ftp://h", "http://", "http://me:s3cret@h", "h:80"])
def test_only_plain_urls_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as raised:
        JsonService("service", url, Login(), 1.0, "Look.")
    assert "s3cret" not in str(raised.value)


def test_connectors_of_another_form_are_reported() -> None:
    report = Report()
    answers = {"/connectors": {"good": {"info": {"config": {"topics": "a"}}}, "bad": {"info": None}, "none": {}}}
    with serving(answers) as service:
        jobs = list(Workers(service, report).jobs(Surroundings("kafka://k:9092", {"a"}, (), lambda _: ())))
    assert [job.name.name for job in jobs] == ["connect:good"]
    assert (report.failed.count, report.partial) == (2, True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, None),
        ({"connector": {"state": "RUNNING"}, "tasks": [{"state": "RUNNING"}]}, None),
        ({"connector": {"state": "PAUSED"}, "tasks": []}, "Connector is paused."),
        (
            {
                "connector": {"state": "RUNNING"},
                "tasks": [{"state": "FAILED", "trace": "s3cret"}, {"state": "RUNNING"}],
            },
            "1 of 2 tasks failed.",
        ),
    ],
)
def test_what_keeps_a_connector_from_working_is_told(status: Any, expected: str | None) -> None:
    told = {"info": {"config": {"topics": "a"}, "type": "sink"}, "status": status}
    with serving({"/connectors": {"one": told}}) as service:
        (job,) = Workers(service, Report()).jobs(Surroundings("kafka://k:9092", {"a"}, (), lambda _: ()))
    assert job.description == expected


def test_connect_that_denies_listing_is_reported() -> None:
    report = Report()
    with serving({"/connectors": 403}) as service:
        assert list(Workers(service, report).jobs(Surroundings("kafka://k:9092", {}, (), lambda _: ()))) == []
    assert (report.denied.count, report.partial) == (1, True)
