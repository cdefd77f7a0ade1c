"""A Kafka cluster with a schema registry, consumer groups and Kafka Connect, with one of everything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
)

from tests import kafka_connect
from tests.kafka_broker import Kafka
from tests.kafka_registry import register, registry
from tests.services import free_port, kafka
from tests.sources import GOLDEN, Fixture

FILES = GOLDEN / "kafka"
TOPICS: Mapping[str, Mapping[str, str]] = {
    "shop.shop.orders": {"cleanup.policy": "compact", "retention.ms": "604800000"},
    "customers": {"cleanup.policy": "compact"},
    "east.payments": {},
    "inv-products": {},
    "lines": {},
    "mixed": {},
    "rollup-counts-changelog": {"cleanup.policy": "compact"},
    "web.events": {"retention.ms": "86400000"},
}
PASSWORDS = {"admin": "of-admin", "nexus": "of-nexus"}
ODD = "A.b_c-9" + "x" * 242  # as long as a name may be
_RECORDS = 12


@contextmanager
def filled(fixture: Fixture) -> Iterator[str]:
    """Give the URL of a cluster of its own, since others write into the session's."""
    del fixture
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory()))
        broker = stack.enter_context(kafka())
        registry_url = stack.enter_context(registry(free_port(), free_port(), home))
        fill_topics(broker)
        fill_registry(registry_url)
        worker = stack.enter_context(kafka_connect.worker(broker.bootstrap, free_port(), home))
        _copy_lines(worker, broker, home)
        rest = stack.enter_context(kafka_connect.rest_only(json.loads((FILES / "connectors.json").read_text())))
        yield f"kafka://{broker.bootstrap}?registry_url={registry_url}&connect_url={worker},{rest}"


@contextmanager
def reader(fixture: Fixture) -> Iterator[str]:
    """The same topics and groups on brokers that know accounts, for one with the documented rights."""
    filled_url = urlsplit(fixture("source_urls")["kafka"])
    with kafka(**PASSWORDS) as broker:
        fill_topics(broker)
        allow(broker, "kafka-cluster", "DESCRIBE", on=ResourceType.BROKER)
        allow(broker, "*", "DESCRIBE", "DESCRIBE_CONFIGS")
        allow(broker, "*", "DESCRIBE", on=ResourceType.GROUP)
        account = f"nexus:{PASSWORDS['nexus']}"
        yield f"kafka://{account}@{broker.bootstrap}?ssl_ca_location={broker.certificate}&{filled_url.query}"


@contextmanager
def denying(fixture: Fixture) -> Iterator[str]:
    """A cluster that shows some topics, and that there are groups, but no group."""
    del fixture
    with kafka(**PASSWORDS) as broker:
        fill_secured(broker)
        allow(broker, "kafka-cluster", "DESCRIBE", on=ResourceType.BROKER)
        account = f"nexus:{PASSWORDS['nexus']}"
        yield f"kafka://{account}@{broker.bootstrap}?ssl_ca_location={broker.certificate}"


def fill_secured(broker: Kafka) -> None:
    """Let `nexus` see the topic `seen` whole, `part` without its configs, and no group."""
    admin = AdminClient(broker.signed_in("admin"))
    for each in admin.create_topics([NewTopic(name, 1, 1) for name in ("seen", "part", "unseen", ODD)]).values():
        each.result(60)
    allow(broker, "seen", "DESCRIBE", "DESCRIBE_CONFIGS")
    allow(broker, "part", "DESCRIBE")
    allow(broker, ODD, "DESCRIBE", "DESCRIBE_CONFIGS")
    commit(broker, "readers", "seen")


def allow(broker: Kafka, name: str, *operations: str, on: ResourceType = ResourceType.TOPIC) -> None:
    """Allow `nexus` operations."""
    literal, allowed = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
    bindings = [AclBinding(on, name, literal, "User:nexus", "*", AclOperation[each], allowed) for each in operations]
    admin = AdminClient(broker.signed_in("admin"))
    for made in admin.create_acls(bindings, request_timeout=30).values():
        made.result(60)


def PORT_OF(url: str) -> int | None:  # noqa: N802
    """The registry's: brokers are reached by the address that they give themselves."""
    return urlsplit(parse_qs(urlsplit(url).query)["registry_url"][0]).port


def via(url: str, port: int) -> str:
    """The cluster with its registry behind a proxy."""
    return url.replace(f"registry_url=http://127.0.0.1:{PORT_OF(url)}", f"registry_url=http://127.0.0.1:{port}")


def fill_topics(broker: Kafka) -> None:
    """Make the topics, with records in some, and groups that have read them."""
    admin = AdminClient(broker.signed_in("admin"))
    made = admin.create_topics([NewTopic(name, 2, 1, config=dict(config)) for name, config in TOPICS.items()])
    for each in made.values():
        each.result(30)
    producer = Producer(broker.signed_in("admin"))
    for number in range(_RECORDS):
        producer.produce("web.events", f'{{"id": {number}}}', partition=number % 2)
    producer.flush(30)
    commit(broker, "billing", "shop.shop.orders", "east.payments")
    commit(broker, "rollup", "web.events")


def commit(broker: Kafka, group: str, *topics: str) -> None:
    """Have a group read topics, by its offsets; a coordinator that has just begun may refuse them for a while."""
    places = [TopicPartition(topic, 0, 0) for topic in topics]
    admin = AdminClient(broker.signed_in("admin"))
    deadline = time.monotonic() + 90
    while not _committed(admin, ConsumerGroupTopicPartitions(group, places)):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _committed(admin: AdminClient, asked: ConsumerGroupTopicPartitions) -> bool:
    (answer,) = admin.alter_consumer_group_offsets([asked], request_timeout=10).values()
    try:
        return all(each.error is None for each in answer.result(30).topic_partitions)
    except KafkaException:
        return False


def fill_registry(url: str) -> None:
    """Register a schema in each language, with references, keys and several records for one topic."""

    def text(name: str) -> str:
        return (FILES / "schemas" / name).read_text()

    money = {"name": "acme.Money", "subject": "acme.Money", "version": 1}
    register(url, "acme.Money", text("money.avsc"))
    register(url, "shop.shop.orders-value", text("orders-value.avsc"), references=[money])
    register(url, "shop.shop.orders-key", text("orders-key.avsc"))
    register(url, "customers-value", text("customers-value.avsc"))
    register(url, "customers-key", '"int"')
    register(url, "east.payments-value", text("payments-value.proto"), "PROTOBUF")
    register(url, "web.events-value", text("events-value.json"), "JSON")
    register(url, "mixed-acme.Placed", text("placed.avsc"))
    register(url, "mixed-acme.Shipped", text("shipped.avsc"))


def _copy_lines(worker: str, broker: Kafka, home: Path) -> None:
    """Have the worker copy a file of its folder into a topic and that into another file."""
    (home / "lines.txt").write_text("one\ntwo\n")
    kind = "org.apache.kafka.connect.file.FileStream"
    into = {"connector__class": f"{kind}SourceConnector", "topic": "lines", "file": "lines.txt"}
    kafka_connect.create(worker, "lines-in", **into)
    out_of = {"connector__class": f"{kind}SinkConnector", "topics": "lines", "file": "copy.txt"}
    kafka_connect.create(worker, "lines-out", **out_of)
    admin = AdminClient(broker.signed_in("admin"))
    deadline = time.monotonic() + 30
    while _record_count(admin, "lines") < 2 or not (home / "copy.txt").exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _record_count(admin: AdminClient, topic: str) -> int:
    asked = {TopicPartition(topic, number): OffsetSpec.latest() for number in range(2)}
    return sum(each.result(10).offset for each in admin.list_offsets(asked).values())
