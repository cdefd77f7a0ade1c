"""From the config of any connector of Kafka Connect to what flows where, by the name of its class."""

from __future__ import annotations

from collections.abc import Iterator

from nexus_core.connectors._kafka_flows import Config, Flow, Sink, Surroundings, to_datasets
from nexus_core.connectors._kafka_sinks import DEBEZIUM_JDBC, SINKS
from nexus_core.connectors._kafka_sources import SOURCES


def flows(config: Config, around: Surroundings) -> tuple[list[Flow], bool]:
    """Give what flows, and whether the kind of connector is known here."""
    kind = config.get("connector.class", "").rpartition(".")[2]
    if kind in SOURCES:
        return list(SOURCES[kind](config, around)), True
    sink = _sink(config, kind)
    if sink:
        return list(to_datasets(config, around, sink)), True
    return list(_unknown(config, around)), False


def _sink(config: Config, kind: str) -> Sink | None:
    if config.get("connector.class", "").startswith("io.debezium.connector.jdbc."):
        return DEBEZIUM_JDBC
    return SINKS.get(kind)


def _unknown(config: Config, around: Surroundings) -> Iterator[Flow]:
    """A sink names its topics, and of a source it is seen what it writes."""
    if config.get("topics") or config.get("topics.regex"):
        yield from to_datasets(config, around, None)
    else:
        yield from (Flow(None, around.topic(topic)) for topic in around.active)
