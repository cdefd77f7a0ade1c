"""What each kind of source connector of Kafka Connect reads, and which topics it makes of that.

Rules follow the connectors' own configuration references: Debezium (topic naming), the JDBC source of Confluent and
Aiven, MongoDB's, and Apache Kafka's FileStream and MirrorMaker 2 (KIP-382).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from nexus_core.connectors import _kafka_databases as databases
from nexus_core.connectors._kafka_databases import Database, listed, setting
from nexus_core.connectors._kafka_flows import (
    Config,
    Flow,
    Surroundings,
    Table,
    from_tables,
    literals,
    seen_topics,
    selected,
)
from nexus_core.connectors._kafka_patterns import pattern_of
from nexus_core.connectors._kafka_registry import KEY
from nexus_core.connectors._kafka_transforms import Fields
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical

Rule = Callable[[Config, Surroundings], Iterable[Flow]]

_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]")
_PLAIN_QUERY = re.compile(r"\s*select\s[^();]*\sfrom\s+([\w.$\"`\[\]]+)\s*(?:\swhere\s.*)?", re.IGNORECASE | re.DOTALL)


def _debezium(scheme: str, config: Config, around: Surroundings) -> Iterator[Flow]:
    prefix = setting(config, "topic.prefix", "database.server.name")
    base = databases.of_server(
        scheme, config.get("database.hostname"), config.get("database.port"), _first_name(config)
    )
    if not prefix:
        return
    named = literals(config, "table.include.list", "table.whitelist")
    topics = {f"{prefix}.{_ILLEGAL.sub('_', each)}": each for each in named}
    for topic in seen_topics(config, around, f"{prefix}."):
        if selected(config, rest := topic[len(prefix) + 1 :]):
            topics.setdefault(topic, rest)
    tables = (Table(_debezium_table(base, name), topic) for topic, name in sorted(topics.items()))
    yield from from_tables(config, around, tables, _enveloped)


def _debezium_table(base: Database | None, written: str) -> DatasetName | None:
    return base.table(written) if base and "." in written else None


def _first_name(config: Config) -> str:
    names = listed(config, "database.pdb.name", "database.dbname", "database.names")
    return names[0] if names else ""


def _enveloped(columns: Iterable[str]) -> Fields:
    return {f"{part}.{each}": each for each in columns if "." not in each for part in ("before", "after", KEY)}


def _debezium_mongodb(config: Config, around: Surroundings) -> Iterator[Flow]:
    prefix, uri = setting(config, "topic.prefix", "mongodb.name"), config.get("mongodb.connection.string", "")
    named = literals(config, "collection.include.list")
    topics = {f"{prefix}.{_ILLEGAL.sub('_', each)}": each for each in named}
    for topic in seen_topics(config, around, f"{prefix}."):
        if selected(config, rest := topic[len(prefix) + 1 :]):
            topics.setdefault(topic, rest)
    for topic, name in sorted(topics.items()):
        database, _, collection = name.partition(".")
        yield from from_tables(config, around, [Table(databases.mongodb(uri, database, collection), topic)], _enveloped)


def _as_they_are(columns: Iterable[str]) -> Fields:
    return {each: each for each in columns if "." not in each}


def _nested(columns: Iterable[str]) -> Fields:
    return {each: each for each in columns}


def _jdbc_source(config: Config, around: Surroundings) -> Iterator[Flow]:
    prefix, database = config.get("topic.prefix", ""), databases.of_jdbc(config.get("connection.url", ""))
    if query := config.get("query"):
        tables = [Table(_only_table(database, query), prefix)]
    else:
        names = literals(config, "table.whitelist", "table.include.list")
        tables = [Table(database.table(each) if database else None, prefix + each.rpartition(".")[2]) for each in names]
        if not names:
            seen = ((topic, topic[len(prefix) :]) for topic in seen_topics(config, around, prefix) if around.active)
            tables = [Table(database.table(name) if database else None, topic) for topic, name in seen if name]
    yield from from_tables(config, around, tables, _as_they_are if not config.get("query") else _nothing)


def _only_table(database: Database | None, query: str) -> DatasetName | None:
    match = _PLAIN_QUERY.fullmatch(query)
    return database.table(match[1]) if match and database else None


def _nothing(_: Iterable[str]) -> Fields:
    return {}


def _mongodb_source(config: Config, around: Surroundings) -> Iterator[Flow]:
    database, collection = config.get("database", ""), config.get("collection", "")
    name = databases.mongodb(config.get("connection.uri", ""), database, collection)
    if config.get("topic.namespace.map"):
        yield from (Flow(name, around.topic(topic)) for topic in around.active)
        return
    parts = [config.get("topic.prefix", ""), database, collection, config.get("topic.suffix", "")]
    topic = config.get("topic.separator", ".").join(part for part in parts if part)
    whole = config.get("publish.full.document.only", "false").lower() == "true"
    yield from from_tables(config, around, [Table(name, topic)], _nested if whole else _full_document)


def _full_document(columns: Iterable[str]) -> Fields:
    return {f"fullDocument.{each}": each for each in columns}


def _file_source(config: Config, around: Surroundings) -> Iterator[Flow]:
    file = canonical(DatasetName("file", config["file"])) if config.get("file") else None
    yield from from_tables(config, around, [Table(file, config.get("topic", ""))], _nothing)


def _generator(config: Config, around: Surroundings) -> Iterator[Flow]:
    yield from from_tables(config, around, [Table(None, config.get("kafka.topic", ""))], _nothing)


def _mirror(config: Config, around: Surroundings) -> Iterator[Flow]:
    """Topics come from the source cluster under their name, with its alias before it unless the policy is identity."""
    servers, alias = config.get("source.cluster.bootstrap.servers", ""), config.get("source.cluster.alias", "")
    identity = config.get("replication.policy.class", "").endswith("IdentityReplicationPolicy")
    before = "" if identity else f"{alias}{config.get('replication.policy.separator', '.')}"
    wanted = [pattern_of(each) for each in listed(config, "topics")] or [pattern_of(".*")]
    for topic in seen_topics(config, around, before):
        origin = topic[len(before) :]
        if servers and any(each and each.fullmatch(origin) for each in wanted) and not origin.startswith("__"):
            source = canonical(DatasetName(f"kafka://{servers}", origin))
            yield from from_tables(config, around, [Table(source, topic)], _nested)


SOURCES: Mapping[str, Rule] = {
    "MySqlConnector": partial(_debezium, "mysql"),
    "MariaDbConnector": partial(_debezium, "mysql"),
    "PostgresConnector": partial(_debezium, "postgres"),
    "SqlServerConnector": partial(_debezium, "sqlserver"),
    "OracleConnector": partial(_debezium, "oracle"),
    "MySqlCdcSource": partial(_debezium, "mysql"),
    "MySqlCdcSourceV2": partial(_debezium, "mysql"),
    "PostgresCdcSource": partial(_debezium, "postgres"),
    "PostgresCdcSourceV2": partial(_debezium, "postgres"),
    "SqlServerCdcSource": partial(_debezium, "sqlserver"),
    "SqlServerCdcSourceV2": partial(_debezium, "sqlserver"),
    "MongoDbConnector": _debezium_mongodb,
    "JdbcSourceConnector": _jdbc_source,
    "MongoSourceConnector": _mongodb_source,
    "FileStreamSourceConnector": _file_source,
    "FileStreamSource": _file_source,
    "DatagenConnector": _generator,
    "MirrorSourceConnector": _mirror,
}
