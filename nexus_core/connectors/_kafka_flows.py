"""From the config of a Kafka Connect connector to what flows where, column by column where the config says so.

A flow joins a topic and a dataset of another system. Sources name their topics from their tables, sinks their tables
from topics; transforms stand between. What cannot be told for certain is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.connectors._kafka_databases import listed
from nexus_core.connectors._kafka_patterns import pattern_of
from nexus_core.connectors._kafka_registry import KEY, VALUE
from nexus_core.connectors._kafka_transforms import Fields, Record, applied, renamed_sources
from nexus_core.connectors.objects import FieldLink, SourceField
from nexus_core.model.names import DatasetName

Config = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a connector: all topics, those that it was seen to use, and what topics hold."""

    namespace: str
    topics: Collection[str]
    active: Sequence[str]
    fields_of: Callable[[str], tuple[SourceField, ...]]

    def topic(self, name: str) -> DatasetName:
        """Name a topic."""
        return DatasetName(self.namespace, name)


@dataclass(frozen=True, slots=True)
class Flow:
    """Data that go from one dataset to another; an end is None where it has no name."""

    source: DatasetName | None
    target: DatasetName | None
    links: tuple[FieldLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a source connector reads, and the topic that it names for it."""

    name: DatasetName | None
    topic: str


Columns = Callable[[Iterable[str]], Fields]
"""Gives the fields that a source makes of what may be columns, nested ones with dots, before any transform."""


def from_tables(config: Config, around: Surroundings, tables: Iterable[Table], columns: Columns) -> Iterator[Flow]:
    """Give the flows of a source: its tables through its transforms into topics that exist."""
    for table in tables:
        topic = applied(config, Record(table.topic, None)).topic
        if topic is None or topic not in around.topics:
            continue
        held = set(paths(around.fields_of(topic)))
        fields = applied(config, Record(table.topic, columns(_candidates(config, held)))).fields or {}
        found = ((path, column) for path, column in sorted(fields.items()) if path in held)
        links = tuple(FieldLink(path, table.name, column) for path, column in found) if table.name else ()
        yield Flow(table.name, around.topic(topic), links)


def _candidates(config: Config, held: Collection[str]) -> list[str]:
    """Give the names that columns may have, judging by what came of them."""
    names = {name for path in held for name in (path, *path.split(".")[:2])}
    return sorted({*names, *renamed_sources(config)} - {KEY, VALUE})


@dataclass(frozen=True, slots=True)
class Sink:
    """How a kind of sink names what it writes: a dataset for a topic, and columns for the fields of its records."""

    dataset: Callable[[Config, str], DatasetName | None]
    columns: Callable[[Config, Fields], Iterable[tuple[str, str]]]


def to_datasets(config: Config, around: Surroundings, sink: Sink | None) -> Iterator[Flow]:
    """Give the flows of a sink: its topics through its transforms into datasets."""
    for topic in sink_topics(config, around):
        record = applied(config, Record(topic, {path: path for path in paths(around.fields_of(topic))}))
        target = sink.dataset(config, record.topic) if sink and record.topic else None
        columns = sink.columns(config, record.fields or {}) if sink and target else ()
        links = tuple(FieldLink(column, around.topic(topic), path) for column, path in sorted(columns))
        yield Flow(around.topic(topic), target, links)


def sink_topics(config: Config, around: Surroundings) -> list[str]:
    """Give the topics that a sink reads, of which there is none without `topics` and `topics.regex`."""
    pattern = pattern_of(config["topics.regex"]) if config.get("topics.regex") else None
    matched = [topic for topic in around.topics if pattern and pattern.fullmatch(topic)]
    return sorted({*listed(config, "topics"), *matched})


def paths(fields: Sequence[SourceField], prefix: str = "") -> Iterator[str]:
    """Give the paths of fields and of those nested in them."""
    for field in fields:
        yield prefix + field.name
        yield from paths(field.fields, f"{prefix}{field.name}.")


def top_level(_: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    """Make a column of each field of the value that is not nested."""
    return ((path, source) for path, source in fields.items() if "." not in path and path not in (KEY, VALUE))


def every_level(_: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    """Make a field of each field of the value, nested ones nested."""
    return ((path, source) for path, source in fields.items() if path.partition(".")[0] not in (KEY, VALUE))


def no_columns(_: Config, __: Fields) -> Iterator[tuple[str, str]]:
    """Tell of no columns."""
    return iter(())


def literals(config: Config, *names: str) -> list[str]:
    r"""Give the entries of a list of expressions that mean one name only, such as `shop\.orders`."""
    plain = (each.replace("\\.", ".") for each in listed(config, *names))
    return [each for each in plain if not set(each) & set("*+?[](){}|^$\\")]


def selected(config: Config, name: str) -> bool:
    """Whether the lists of tables of a Debezium connector let a table pass."""
    included = listed(config, "table.include.list", "table.whitelist", "collection.include.list")
    excluded = listed(config, "table.exclude.list", "table.blacklist", "collection.exclude.list")
    return (not included or _any_matches(included, name)) and not _any_matches(excluded, name)


def _any_matches(expressions: Sequence[str], name: str) -> bool:
    found = (pattern_of(each) for each in expressions)
    return any(each is not None and each.fullmatch(name) for each in found)


def seen_topics(config: Config, around: Surroundings, prefix: str) -> list[str]:
    """Give the topics of a prefix that a source was seen to write, else all of them, unless transforms rename them."""
    names = [topic for topic in (around.active or around.topics) if topic.startswith(prefix)]
    return sorted(topic for topic in names if applied(config, Record(topic, None)).topic == topic)
