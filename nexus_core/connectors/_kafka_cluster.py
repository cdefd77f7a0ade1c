"""Reads a Kafka cluster by its admin protocol, in batches and within time limits; failures become ours."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from typing import Any

from nexus_core.connectors.report import Report
from nexus_core.errors import (
    CredentialsRefusedError,
    SourceDeniedError,
    SourceError,
    SourceTimeoutError,
    SourceUnavailableError,
)

BATCH = 200
_POLL_S = 0.5
_REFUSED = frozenset({"_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM", "_SSL"})
_DENIED = frozenset({"TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"})
_GONE = frozenset({"UNKNOWN_TOPIC_OR_PART", "GROUP_ID_NOT_FOUND", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"})
_MOVING = frozenset({"UNKNOWN_LEADER_EPOCH", "FENCED_LEADER_EPOCH"})
"""The broker and we know of different leaders: the partition was just made, or moves."""
_LATE = frozenset({"_TIMED_OUT", "_TIMED_OUT_QUEUE", "REQUEST_TIMED_OUT"})
_WRONG = frozenset({"_INVALID_ARG", "_UNSUPPORTED_FEATURE", "UNSUPPORTED_VERSION", "INVALID_REQUEST"})
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as brokers list it; `configs` are those that differ from the brokers' defaults."""

    name: str
    partition_count: int
    replica_count: int
    configs: tuple[tuple[str, str], ...] = ()
    record_count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group with the topics that it has offsets of, or that its members are assigned."""

    name: str
    topics: tuple[str, ...]
    protocol: str


class Cluster:
    """One cluster, over one admin client; `source` is its name in errors."""

    def __init__(
        self, driver: Any, properties: Mapping[str, Any], source: str, timeout_s: float, report: Report
    ) -> None:
        self._driver, self._source, self._timeout_s, self._report = driver, source, timeout_s, report
        self._failure: Any = None
        told = {"error_cb": self._failed, "logger": _logger, "log_level": 0, "client.id": "lineage-nexus"}
        try:
            self._admin = driver.admin.AdminClient({**properties, **told})
        except driver.KafkaException as error:
            raise self._translated(error.args[0]) from error

    def topic_names(self) -> dict[str, tuple[int, int]]:
        """Give the count of partitions and of replicas of each topic that the account may see."""
        found = self._metadata().topics.items()
        return {name: (len(each.partitions), _replica_count(each)) for name, each in found if each.error is None}

    def broker_count(self) -> int:
        """Count the brokers; the first question to ask, since it waits for an answer."""
        return len(self._metadata().brokers)

    def topics(self, names: Mapping[str, tuple[int, int]]) -> Iterator[Topic]:
        """Give topics in the order of their names, with what is denied left out and reported."""
        for batch in _batches(sorted(names), BATCH):
            configs, counts = self._configs(batch), self._counts({name: names[name][0] for name in batch})
            for name in batch:
                yield Topic(name, *names[name], configs.get(name, ()), counts.get(name))

    def groups(self) -> Iterator[Group]:
        """Give the consumer groups that use topics, in the order of their names."""
        listed = self._result(self._admin.list_consumer_groups(request_timeout=self._timeout_s))
        for error in listed.errors:
            self._lose("consumer groups", error)
        for batch in _batches(sorted({each.group_id for each in listed.valid}), BATCH):
            described = self._admin.describe_consumer_groups(batch, request_timeout=self._timeout_s)
            for name in batch:
                if group := self._group(name, described[name]):
                    yield group

    def rights(self) -> tuple[frozenset[str], frozenset[str]]:
        """Give what the account may do with the cluster, and with every topic that it sees (of the first ones)."""
        cluster = self._result(
            self._admin.describe_cluster(include_authorized_operations=True, request_timeout=self._timeout_s)
        )
        names = list(islice(sorted(self.topic_names()), BATCH))
        return _operations(cluster), self._topic_rights(names)

    def _topic_rights(self, names: Sequence[str]) -> frozenset[str]:
        if not names:
            return frozenset()
        asked = self._driver.TopicCollection(names)
        found = self._admin.describe_topics(asked, include_authorized_operations=True, request_timeout=self._timeout_s)
        return frozenset.intersection(*(_operations(self._result(each)) for each in found.values()))

    def _metadata(self) -> Any:
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                return self._admin.list_topics(timeout=_POLL_S)
            except self._driver.KafkaException as error:
                self._admin.poll(0)
                failure = self._failure or error.args[0]
                if self._failure is not None or time.monotonic() > deadline:
                    raise self._translated(failure) from error

    def _failed(self, error: Any) -> None:
        """Note what ends all waiting: no broker at all, or none that lets us in."""
        refused = error.name() in _REFUSED
        if refused or (error.name() == "_ALL_BROKERS_DOWN" and self._failure is None):
            self._failure = error

    def _configs(self, names: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
        admin = self._driver.admin
        asked = [admin.ConfigResource(admin.RESOURCE_TOPIC, name) for name in names]
        futures = self._admin.describe_configs(asked, request_timeout=self._timeout_s)
        own = admin.ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        found = {}
        for resource, future in futures.items():
            entries = self._granted(f"configs of {resource.name}", future)
            shown = [each for each in (entries or {}).values() if _source(each) == own and not each.is_sensitive]
            found[resource.name] = tuple(sorted((each.name, each.value) for each in shown if each.value is not None))
        return found

    def _counts(self, partition_counts: Mapping[str, int]) -> dict[str, int]:
        """Count records by offsets; compacted topics hold fewer."""
        first, last = (self._offsets(partition_counts, kind) for kind in ("earliest", "latest"))
        counts: dict[str, int] = {}
        for (topic, partition), offset in last.items():
            if (topic, partition) in first:
                counts[topic] = counts.get(topic, 0) + max(0, offset - first[topic, partition])
        return counts

    def _offsets(self, partition_counts: Mapping[str, int], kind: str) -> dict[tuple[str, int], int]:
        spec = getattr(self._driver.admin.OffsetSpec, kind)()
        places = ((topic, number) for topic, count in partition_counts.items() for number in range(count))
        found = {}
        for batch in _batches(places, 2_000):
            asked = {self._driver.TopicPartition(*place): spec for place in batch}
            for (topic, partition), future in self._settled(asked).items():
                told = self._granted(f"offsets of {topic}", future)
                if told is not None:
                    found[topic, partition] = told.offset
        return found

    def _settled(self, asked: Mapping[Any, Any]) -> dict[tuple[str, int], Future[Any]]:
        """List offsets, and again of partitions whose leaders move."""
        deadline = time.monotonic() + self._timeout_s
        answers: dict[tuple[str, int], Future[Any]] = {}
        while True:
            futures = self._admin.list_offsets(asked, request_timeout=self._timeout_s)
            answers |= {(place.topic, place.partition): future for place, future in futures.items()}
            asked = {place: asked[place] for place, future in futures.items() if self._is_moving(future)}
            if not asked or time.monotonic() > deadline:
                return answers
            time.sleep(_POLL_S)

    def _is_moving(self, future: Future[Any]) -> bool:
        error = future.exception(self._timeout_s + 5)
        return isinstance(error, self._driver.KafkaException) and error.args[0].name() in _MOVING

    def _group(self, name: str, described: Future[Any]) -> Group | None:
        description = self._granted(f"consumer group {name}", described, partial=True)
        if description is None:
            return None
        asked = self._driver.ConsumerGroupTopicPartitions(name)
        future = self._admin.list_consumer_group_offsets([asked], request_timeout=self._timeout_s)[name]
        offsets = self._granted(f"offsets of the consumer group {name}", future, partial=True)
        topics = {each.topic for each in (offsets.topic_partitions or () if offsets else ()) if each.offset >= 0}
        for member in description.members:
            topics |= {each.topic for each in member.assignment.topic_partitions or ()}
        return Group(name, tuple(sorted(topics)), description.partition_assignor) if topics else None

    def _granted(self, what: str, future: Future[Any], *, partial: bool = False) -> Any:
        """Give a result; what is denied, or gone meanwhile, is None."""
        try:
            return future.result(self._timeout_s + 5)
        except self._driver.KafkaException as error:
            failure = error.args[0]
            if failure.name() in _DENIED:
                self._lose(what, failure, partial=partial)
            elif failure.name() not in _GONE:
                raise self._translated(failure) from error
            return None

    def _result(self, future: Future[Any]) -> Any:
        try:
            return future.result(self._timeout_s + 5)
        except self._driver.KafkaException as error:
            raise self._translated(error.args[0]) from error

    def _lose(self, what: str, failure: Any, *, partial: bool = True) -> None:
        tally = self._report.denied if _name(failure) in _DENIED else self._report.failed
        tally.add(what, _name(failure))
        self._report.partial = self._report.partial or partial

    def _translated(self, failure: Any) -> SourceError:
        if failure.name() in _LATE and self._failure is not None:
            failure = self._failure
        name = failure.name()
        if name in _REFUSED:
            advice = "Check user, password, sasl_mechanism and security_protocol; docs/sources/kafka.md"
            return CredentialsRefusedError(self._source, f"it refuses us ({name})", advice)
        if name in _DENIED:
            return SourceDeniedError(self._source, f"it does not allow this ({name})")
        if name in _WRONG:
            return SourceError(self._source, f"{name}: {failure.str()}", "Check the settings; docs/sources/kafka.md")
        if name in _LATE:
            return SourceTimeoutError(self._source, name, "timeout_s")
        return SourceUnavailableError(self._source, f"no answer ({name})", "Check that brokers run and are reachable.")


def _batches(items: Any, size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _replica_count(topic: Any) -> int:
    return max((len(each.replicas) for each in topic.partitions.values()), default=0)


def _operations(described: Any) -> frozenset[str]:
    return frozenset(each.name for each in described.authorized_operations or ())


def _source(entry: Any) -> int:
    return int(getattr(entry.source, "value", entry.source))


def _name(failure: Any) -> str:
    found = failure.args[0] if isinstance(failure, Exception) and failure.args else failure
    return str(found.name()) if hasattr(found, "name") else type(failure).__name__
