"""What the Kafka connector makes of rights, odd names, faults and sheer numbers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from nexus_core.connectors import open_connector
from nexus_core.connectors._kafka_cluster import Cluster
from nexus_core.connectors._kafka_topics import dataset
from nexus_core.connectors.report import Report
from nexus_core.errors import PasswordNeededError, SourceError
from nexus_core.harvest import harvest
from tests import services
from tests.kafka_broker import Kafka
from tests.services import free_port
from tests.sources.kafka import ODD, PASSWORDS, allow, fill_secured

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def secured() -> Iterator[Kafka]:
    """A broker that knows `nexus`, who may see `seen` whole, `part` without its configs, and no group."""
    with services.kafka(**PASSWORDS) as broker:
        fill_secured(broker)
        yield broker


def url(broker: Kafka, password: str = PASSWORDS["nexus"], **more: str) -> str:
    options = "&".join(f"{name}={value}" for name, value in more.items())
    return f"kafka://nexus:{password}@{broker.bootstrap}?ssl_ca_location={broker.certificate}&{options}"


def test_what_is_denied_is_reported_and_the_rest_read(secured: Kafka) -> None:
    connector = open_connector(url(secured))
    names = [each.name.name for each in connector.datasets()]
    assert names == sorted([ODD, "part", "seen"])
    assert connector.report.denied.samples == ["configs of part: TOPIC_AUTHORIZATION_FAILED"]
    assert list(connector.jobs(None)) == []
    missing = [each.missing for each in connector.test().missing]
    assert missing == ["Describe on the cluster", "DescribeConfigs on topics"]


def test_the_advised_rights_suffice(secured: Kafka) -> None:
    allow(secured, "kafka-cluster", "DESCRIBE", on=ResourceType.BROKER)
    allow(secured, "part", "DESCRIBE_CONFIGS")
    connector = open_connector(url(secured))
    assert connector.test().missing == ()
    with pytest.raises(StopIteration):
        next(connector.jobs(None))
    assert connector.report.denied.samples == ["consumer group readers: GROUP_AUTHORIZATION_FAILED"]
    assert connector.report.partial
    allow(secured, "*", "DESCRIBE", on=ResourceType.GROUP)
    (job,) = open_connector(url(secured)).jobs(None)
    assert (job.name.name, [each.name for each in job.inputs]) == ("consumer:readers", ["seen"])


def test_refused_credentials_are_final_and_not_shown(secured: Kafka) -> None:
    connector = open_connector(url(secured, "s3cret-canary"))
    with pytest.raises(SourceError, match="refuses us") as raised:
        next(connector.datasets())
    assert not raised.value.transient
    assert "s3cret-canary" not in f"{raised.value} {connector!r}"


def test_a_password_is_asked_for(secured: Kafka) -> None:
    with pytest.raises(PasswordNeededError):
        next(open_connector(f"kafka://nexus@{secured.bootstrap}?ssl_ca_location={secured.certificate}").datasets())


@pytest.mark.parametrize("service", ["registry_url", "connect_url"])
def test_a_registry_or_connect_that_is_down_fails_the_harvest(secured: Kafka, service: str) -> None:
    connector = open_connector(url(secured, **{service: f"http://127.0.0.1:{free_port()}"}))
    events: list[dict[str, Any]] = []
    with pytest.raises(SourceError) as raised:
        harvest(connector, events.extend)
    assert raised.value.transient
    assert [event["eventType"] for event in events if "run" in event] == ["START", "FAIL"]
    assert connector.test().problem


def test_a_broker_that_goes_away_midway_fails_the_harvest() -> None:
    with services.kafka() as broker:
        admin = AdminClient(broker.signed_in("admin"))
        for each in admin.create_topics([NewTopic(f"t{n}", 1, 1) for n in range(210)]).values():
            each.result(60)
        events: list[dict[str, Any]] = []
        connector = open_connector(f"kafka://{broker.bootstrap}", timeout_s=2)
        datasets = connector.datasets()
        next(datasets)
        broker.kill()
        with pytest.raises(SourceError) as raised:
            list(datasets)
        assert raised.value.transient
        with pytest.raises(SourceError):
            harvest(connector, events.extend)
        assert [event["eventType"] for event in events] == ["START", "FAIL"]


class _Driver:
    """The admin protocol's answers for any topics, made when they are asked for."""

    KafkaException = KafkaException
    TopicPartition = TopicPartition

    class admin:  # noqa: N801 - the driver's module
        ConfigResource, ConfigSource, OffsetSpec, RESOURCE_TOPIC = ConfigResource, ConfigSource, OffsetSpec, 2

        class AdminClient:
            def __init__(self, _: Any) -> None: ...

            def describe_configs(self, asked: Any, **_: Any) -> Any:
                own = ConfigSource.DYNAMIC_TOPIC_CONFIG
                return {each: _done({"a": ConfigEntry("retention.ms", "1", source=own)}) for each in asked}

            def list_offsets(self, asked: Any, **_: Any) -> Any:
                return {each: _done(TopicPartition(each.topic, each.partition, 1)) for each in asked}


def _done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def _failed(code: int) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(KafkaException(KafkaError(code)))
    return future


def test_a_partition_whose_leader_moves_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([_failed(KafkaError.UNKNOWN_LEADER_EPOCH), _failed(KafkaError.FENCED_LEADER_EPOCH)])

    def list_offsets(_: Any, asked: Any, **__: Any) -> Any:
        return {each: next(answers, _done(TopicPartition(each.topic, each.partition, 7))) for each in asked}

    monkeypatch.setattr(_Driver.admin.AdminClient, "list_offsets", list_offsets)
    report = Report()
    (topic,) = Cluster(_Driver, {}, "kafka://k:9092", 5.0, report).topics({"orders": (1, 1)})
    assert (topic.record_count, report.failed.count) == (0, 0)


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.scale)])
def test_memory_does_not_grow_with_topics(count: int) -> None:
    names = {f"topic-{number:06}": (1, 3) for number in range(count)}
    cluster = Cluster(_Driver, {}, "kafka://k:9092", 1.0, Report())
    tracemalloc.start()
    read = sum(1 for topic in cluster.topics(names) if dataset("kafka://k:9092", topic, None).properties)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == count
    assert peak < 4_000_000
