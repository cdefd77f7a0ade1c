"""What each kind of sink connector of Kafka Connect makes of a topic: a dataset, and columns of fields.

Rules follow the connectors' own configuration references: the JDBC sinks of Confluent, Aiven and Debezium, Snowflake's,
BigQuery's and MongoDB's, Confluent's S3, GCS, HDFS, Elasticsearch and Redshift sinks, and Apache Kafka's FileStream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

from nexus_core.connectors import _kafka_databases as databases
from nexus_core.connectors._kafka_databases import listed, setting
from nexus_core.connectors._kafka_flows import Config, Sink, every_level, no_columns, top_level
from nexus_core.connectors._kafka_registry import KEY
from nexus_core.connectors._kafka_transforms import Fields
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical

_SNOWFLAKE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_BIGQUERY_NAME = re.compile(r"[\w-]+")


def _formatted(config: Config, topic: str) -> str:
    return setting(config, "table.name.format", "collection.name.format").replace("${topic}", topic) or topic


def _jdbc_table(config: Config, topic: str) -> DatasetName | None:
    database = databases.of_jdbc(config.get("connection.url", ""))
    return database.table(_formatted(config, topic)) if database else None


def _jdbc_columns(config: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    kept = listed(config, "fields.whitelist", "fields.include")
    keys = _key_columns(config, fields)
    yield from (
        (name, path) for name, path in top_level(config, fields) if (not kept or name in kept) and name not in keys
    )
    yield from keys.items()


def _key_columns(config: Config, fields: Fields) -> dict[str, str]:
    """Give the columns that a record's key fills, if the config wants them."""
    if setting(config, "pk.mode", "primary.key.mode") != "record_key":
        return {}
    wanted = listed(config, "pk.fields", "primary.key.fields")
    inner = {path[len(KEY) + 1 :]: source for path, source in fields.items() if path.startswith(f"{KEY}.")}
    if not inner and KEY in fields and len(wanted) == 1:
        return {wanted[0]: fields[KEY]}
    return {name: source for name, source in inner.items() if not wanted or name in wanted}


def _debezium_sink_table(config: Config, topic: str) -> DatasetName | None:
    database = databases.of_jdbc(config.get("connection.url", ""))
    return database.table(_formatted(config, topic.replace(".", "_"))) if database else None


def _debezium_sink_columns(config: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    """Debezium's own sink takes rows out of envelopes."""
    after = {path.removeprefix("after."): source for path, source in fields.items() if path.startswith("after.")}
    keys = {path: source for path, source in fields.items() if path.partition(".")[0] == KEY}
    return _jdbc_columns(config, after | keys if after else fields)


def _snowflake_table(config: Config, topic: str) -> DatasetName | None:
    account = urlsplit(f"//{config.get('snowflake.url.name', '').rpartition('//')[2]}").hostname
    parts = [config.get("snowflake.database.name"), config.get("snowflake.schema.name")]
    mapped = _mapping(config, "snowflake.topic2table.map").get(topic, topic)
    if not account or not all(parts) or not _SNOWFLAKE_NAME.fullmatch(mapped):
        return None
    return canonical(DatasetName(f"snowflake://{account}", ".".join([*map(str, parts), mapped])))


def _snowflake_columns(config: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    if config.get("snowflake.enable.schematization", "false").lower() == "true":
        yield from ((name.upper(), path) for name, path in top_level(config, fields))
        return
    for path, source in fields.items():
        if "." not in path:
            yield "RECORD_METADATA" if path == KEY else "RECORD_CONTENT", source


def _bigquery_table(config: Config, topic: str) -> DatasetName | None:
    project, dataset = config.get("project"), setting(config, "defaultDataset", "datasets")
    table = _mapping(config, "topic2TableMap").get(topic, topic)
    if config.get("sanitizeTopics", "false").lower() == "true":
        table = re.sub(r"[^a-zA-Z0-9_]", "_", table)
    if not project or not dataset or not _BIGQUERY_NAME.fullmatch(table) or not re.fullmatch(r"\w+", dataset):
        return None
    return canonical(DatasetName("bigquery", f"{project}.{dataset}.{table}"))


def _bigquery_columns(config: Config, fields: Fields) -> Iterator[tuple[str, str]]:
    yield from every_level(config, fields)
    if (name := config.get("kafkaKeyFieldName")) and KEY in fields:
        yield name, fields[KEY]


def _bucket(scheme: str, config: Config, topic: str) -> DatasetName | None:
    bucket = setting(config, "s3.bucket.name", "aws.s3.bucket.name", "gcs.bucket.name")
    folder = config.get("topics.dir", "topics").strip("/")
    return canonical(DatasetName(f"{scheme}://{bucket}", f"{folder}/{topic}".strip("/"))) if bucket else None


def _hdfs(config: Config, topic: str) -> DatasetName | None:
    folder = config.get("topics.dir", "topics").strip("/")
    parts = urlsplit(config.get("hdfs.url", ""))
    if parts.scheme != "hdfs" or not parts.netloc:
        return None
    return canonical(DatasetName(f"hdfs://{parts.netloc}", f"{parts.path.rstrip('/')}/{folder}/{topic}"))


def _mongodb_sink(config: Config, topic: str) -> DatasetName | None:
    collection = config.get(f"topic.override.{topic}.collection") or config.get("collection") or topic
    database = config.get(f"topic.override.{topic}.database") or config.get("database", "")
    return databases.mongodb(config.get("connection.uri", ""), database, collection)


def _elasticsearch(config: Config, topic: str) -> DatasetName | None:
    hosts = [urlsplit(each) for each in listed(config, "connection.url")]
    known = [f"{each.hostname}:{each.port or 9200}" for each in hosts if each.hostname]
    return canonical(DatasetName(f"elasticsearch://{','.join(known)}", topic.lower())) if known else None


def _redshift(config: Config, topic: str) -> DatasetName | None:
    host, port = config.get("aws.redshift.domain"), config.get("aws.redshift.port")
    database = databases.of_server("redshift", host, port, config.get("aws.redshift.database", ""))
    return database.table(_formatted(config, topic)) if database else None


def _file_sink(config: Config, _: str) -> DatasetName | None:
    return canonical(DatasetName("file", config["file"])) if config.get("file") else None


def _mapping(config: Config, name: str) -> dict[str, str]:
    pairs = (each.rpartition(":" if ":" in each else "=") for each in listed(config, name))
    return {topic.strip(): table.strip() for topic, _, table in pairs}


_S3 = Sink(partial(_bucket, "s3"), every_level)
_SNOWFLAKE = Sink(_snowflake_table, _snowflake_columns)
_BIGQUERY = Sink(_bigquery_table, _bigquery_columns)
_JDBC = Sink(_jdbc_table, _jdbc_columns)
SINKS: Mapping[str, Sink] = {
    "JdbcSinkConnector": _JDBC,
    "SnowflakeSinkConnector": _SNOWFLAKE,
    "SnowflakeStreamingSinkConnector": _SNOWFLAKE,
    "SnowflakeSink": _SNOWFLAKE,
    "BigQuerySinkConnector": _BIGQUERY,
    "BigQuerySink": _BIGQUERY,
    "BigQueryStorageSink": _BIGQUERY,
    "S3SinkConnector": _S3,
    "AivenKafkaConnectS3SinkConnector": _S3,
    "S3_SINK": _S3,
    "GcsSinkConnector": Sink(partial(_bucket, "gs"), every_level),
    "HdfsSinkConnector": Sink(_hdfs, every_level),
    "Hdfs3SinkConnector": Sink(_hdfs, every_level),
    "MongoSinkConnector": Sink(_mongodb_sink, every_level),
    "ElasticsearchSinkConnector": Sink(_elasticsearch, every_level),
    "RedshiftSinkConnector": Sink(_redshift, _jdbc_columns),
    "FileStreamSinkConnector": Sink(_file_sink, no_columns),
    "FileStreamSink": Sink(_file_sink, no_columns),
}
DEBEZIUM_JDBC = Sink(_debezium_sink_table, _debezium_sink_columns)
