"""Topics and consumer groups of Kafka as our datasets and jobs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nexus_core.connectors._kafka_cluster import Group, Topic
from nexus_core.connectors._kafka_connect import PREFIX as CONNECTOR
from nexus_core.connectors._kafka_registry import TopicSchema
from nexus_core.connectors.objects import DatasetKind, JobKind, Profile, SourceDataset, SourceJob, Written
from nexus_core.model.names import DatasetName, JobName

_INTERNAL = ("__", "_schemas", "_confluent", "_redpanda")
_OF_STREAMS = ("-changelog", "-repartition")
_GROUP_OF_CONNECTOR = "connect-"


def is_internal(topic: str) -> bool:
    """Whether Kafka or one of its tools keeps a topic for itself."""
    return topic.startswith(_INTERNAL)


def dataset(namespace: str, topic: Topic, schema: TopicSchema | None) -> SourceDataset:
    """Give a topic with what a registry says of it."""
    known = schema or TopicSchema()
    value = next((each for each in known.subjects if not each.subject.endswith("-key")), None)
    return SourceDataset(
        DatasetName(namespace, topic.name),
        DatasetKind.TOPIC,
        f"{namespace}/{topic.name}",
        known.fields,
        description=value.shape.description if value else None,
        owner=value.owner if value else None,
        profile=Profile(row_count=topic.record_count),
        tags=tuple(dict.fromkeys(tag for each in known.subjects for tag in (*each.tags, *each.shape.tags))),
        properties=tuple(_properties(topic, known)),
    )


def consumer(namespace: str, group: Group, topics: Collection[str]) -> SourceJob:
    """Give a consumer group; one of Kafka Streams also writes topics that it names after itself."""
    own = sorted(each for each in topics if each.startswith(f"{group.name}-") and each.endswith(_OF_STREAMS))
    return SourceJob(
        JobName(namespace, f"consumer:{group.name}"),
        JobKind.CONSUMER_GROUP,
        inputs=tuple(DatasetName(namespace, each) for each in group.topics),
        outputs=tuple(Written(DatasetName(namespace, each)) for each in own),
        streaming=True,
    )


def group_of_connector(group: str) -> str:
    """Give the job of the sink connector whose group this would be: Connect names it `connect-CONNECTOR`."""
    return CONNECTOR + group.removeprefix(_GROUP_OF_CONNECTOR) if group.startswith(_GROUP_OF_CONNECTOR) else ""


def _properties(topic: Topic, schema: TopicSchema) -> Iterator[tuple[str, str]]:
    yield "partitions", str(topic.partition_count)
    yield "replicas", str(topic.replica_count)
    yield from topic.configs
    for each in schema.subjects:
        yield f"subject {each.subject}", f"{each.language}, version {each.version}"
