"""The topic of the log: made if it is absent, and checked at every start, since its settings decide what is kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._topic import TopicDescription
from confluent_kafka.cimpl import NewTopic

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.eventlog.kafka_client import Properties, unavailable
from nexus_core.eventlog.partition import PARTITION_COUNT
from nexus_core.settings import Settings

_ABSENT = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID)
_DENIED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
_ACLS = "Allow it by an ACL, or make the topic yourself, see docs/operations.md, “Kafka”"
_SECURITY = "Correct the options of security in NEXUS_EVENTLOG__OPTIONS, see docs/operations.md, “Kafka”"
_Result = TypeVar("_Result")


def prepare_topic(settings: Settings, client: Properties) -> str:
    """Make the topic unless it is there, check it, and give its id.

    Blocks, up to the time-out of the settings for each request. Raises ConfigurationError with all that is wrong and
    the command that mends it, or UnavailableError.
    """
    failures: list[KafkaError] = []
    admin = AdminClient(client | {"error_cb": failures.append})
    topic = _Topic(admin, settings)
    try:
        found = topic.describe() or topic.create()
        topic.check(found)
    except UnavailableError as error:
        admin.poll(0)  # calls back
        _explain(failures, error)
        raise
    return str(found.topic_id)


def check_topic(settings: Settings, client: Properties) -> str:
    """Look at the topic without making it; says what is there. Raises as `prepare_topic` does."""
    failures: list[KafkaError] = []
    topic = _Topic(AdminClient(client | {"error_cb": failures.append}), settings)
    try:
        found = topic.describe()
        if found is None:
            return f"the topic {settings.eventlog.topic} is absent: the first start makes it"
        topic.check(found)
    except UnavailableError as error:
        _explain(failures, error)
        raise
    return f"the topic {settings.eventlog.topic} suits"


def _explain(failures: Sequence[KafkaError], error: UnavailableError) -> None:
    """Raise what lies behind a time-out, if the client told it apart: Kafka does not know us, or TLS fails."""
    for failure in failures:
        if failure.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
            raise ConfigurationError(f"Kafka refuses us: {failure.str()}", _SECURITY) from error


class _Topic:
    def __init__(self, admin: AdminClient, settings: Settings) -> None:
        self._admin, self._settings, self._log = admin, settings, settings.eventlog

    @property
    def _wanted(self) -> dict[str, str]:
        return {
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "min.insync.replicas": str(self._log.min_insync_replicas),
            "unclean.leader.election.enable": "false",
            "max.message.bytes": str(message_max_bytes(self._settings)),
        }

    def describe(self) -> TopicDescription | None:
        """Give the topic; None if it is absent."""
        futures = self._admin.describe_topics(TopicCollection([self._log.topic]), request_timeout=self._log.timeout_s)
        try:
            found: TopicDescription = _result(futures[self._log.topic], f"describing the topic {self._log.topic}")
        except LookupError:
            return None
        return found

    def create(self) -> TopicDescription:
        """Make it, and wait until its partitions are there; another process may be faster."""
        new = NewTopic(self._log.topic, PARTITION_COUNT, self._log.replication_factor, config=self._wanted)
        waits = {"operation_timeout": self._log.timeout_s, "request_timeout": self._log.timeout_s}
        made = self._admin.create_topics([new], **waits)
        with contextlib.suppress(FileExistsError):
            _result(made[self._log.topic], f"creating the topic {self._log.topic}")
        deadline = time.monotonic() + self._log.timeout_s
        while time.monotonic() < deadline:
            found = self.describe()
            if found is not None and all(partition.leader for partition in found.partitions):
                return found
            time.sleep(0.05)
        raise unavailable(f"the new topic {self._log.topic} has no leaders yet")

    def check(self, found: TopicDescription) -> None:
        """Compare it with what the log needs."""
        wrong = []
        if (count := len(found.partitions)) != PARTITION_COUNT:
            wrong.append(f"it has {count} partitions, not {PARTITION_COUNT}")
        replicas = min((len(partition.replicas) for partition in found.partitions), default=0)
        if replicas < self._log.replication_factor:
            wrong.append(f"it has {replicas} replicas, less than NEXUS_EVENTLOG__REPLICATION_FACTOR")
        if wrong:
            raise ConfigurationError(
                f"The topic {self._log.topic} does not suit: {'; '.join(wrong)}",
                f"Name another one, or make it by {self._creation}",
            )
        if bad := _differences(self._configuration(), self._wanted):
            given = ",".join(f"{name}={self._wanted[name]}" for name in bad)
            raise ConfigurationError(
                f"The topic {self._log.topic} could lose events: "
                + ", ".join(f"{name} is {value}" for name, value in bad.items()),
                f"Run kafka-configs.sh --bootstrap-server {self._log.bootstrap_servers} --alter --entity-type topics "
                f"--entity-name {self._log.topic} --add-config {given}",
            )

    def _configuration(self) -> dict[str, str]:
        resource = ConfigResource(ConfigResource.Type.TOPIC, self._log.topic)
        futures = self._admin.describe_configs([resource], request_timeout=self._log.timeout_s)
        entries = _result(next(iter(futures.values())), f"reading the configuration of the topic {self._log.topic}")
        return {name: str(entry.value) for name, entry in entries.items()}

    @property
    def _creation(self) -> str:
        given = " ".join(f"--config {name}={value}" for name, value in self._wanted.items())
        return (
            f"kafka-topics.sh --create --bootstrap-server {self._log.bootstrap_servers} --topic {self._log.topic} "
            f"--partitions {PARTITION_COUNT} --replication-factor {self._log.replication_factor} {given}"
        )


def message_max_bytes(settings: Settings) -> int:
    """Give the size of the largest record.

    Beside an event lie its originals with their places, and both are written anew: `1e15` becomes 18 characters.
    """
    return 4 * settings.api.event_max_bytes + 2**20


def _differences(found: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Give what differs; of limits, more than wanted is right."""
    limits = ("min.insync.replicas", "max.message.bytes")
    return {
        name: found.get(name, "unknown")
        for name, value in wanted.items()
        if not (int(found.get(name, 0)) >= int(value) if name in limits else found.get(name) == value)
    }


def _result(future: Future[_Result], doing: str) -> _Result:
    """Wait for an answer; raises LookupError for an absent topic, FileExistsError for one that is there."""
    try:
        return future.result()
    except KafkaException as error:
        cause = error.args[0]
        if cause.code() in _ABSENT:
            raise LookupError from error
        if cause.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            raise FileExistsError from error
        if cause.code() in _DENIED:
            raise ConfigurationError(f"Kafka does not allow {doing}", _ACLS) from error
        if cause.code() == KafkaError.INVALID_REPLICATION_FACTOR:
            advice = "Start more brokers, or lower NEXUS_EVENTLOG__REPLICATION_FACTOR and …MIN_INSYNC_REPLICAS"
            raise ConfigurationError(f"Kafka has too few brokers for the topic: {cause.str()}", advice) from error
        raise unavailable(cause) from error
