"""What canonical naming knows of each platform, as data: ports, letter case, quotes, and which schemes mean the same.

Sources: OpenLineage's naming conventions (spec/Naming.md and website/docs/spec/naming.md), and each platform's rules
for identifiers. PostgreSQL and its relatives fold nothing: producers read their names from the catalogue, where
"Orders" and orders are two tables. MySQL and BigQuery tell tables apart by case; SQL Server keeps the case written and
compares by collation, by default without regard to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Fold = Callable[[str], str]


class Form(StrEnum):
    """How a platform writes a dataset's name."""

    DOTTED = "dotted"
    KEY = "key"  # of an object store: no slash before or after it
    PATH = "path"  # of a file system: one slash between parts, none at the end
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Platform:
    """The rules of one platform.

    `port` is written out where a namespace leaves it out; `hidden_port` is left out where one writes it. `fold` gives
    the case in which unquoted identifiers are stored, `folds_quoted` says that quoted ones are compared alike, and
    `folds_fields` that columns are.
    """

    form: Form = Form.PLAIN
    port: int | None = None
    hidden_port: int | None = None
    fold: Fold | None = None
    folds_quoted: bool = False
    folds_fields: bool = True


def _database(port: int, fold: Fold | None = None, **more: bool) -> Platform:
    return Platform(Form.DOTTED, port, fold=fold, **more)


_FOLDED_ALWAYS = {"fold": str.lower, "folds_quoted": True}

PLATFORMS: dict[str, Platform] = {
    "postgres": _database(5432),
    "greenplum": _database(5432),
    "cockroachdb": _database(26257),
    "crate": _database(5432),
    "redshift": _database(5439, str.lower, folds_quoted=True),
    "vertica": _database(5433, str.lower, folds_quoted=True),
    "mysql": _database(3306),
    "singlestore": _database(3306),
    "oceanbase": _database(2881),
    "doris": _database(9030),
    "starrocks": _database(9030),
    "clickhouse": _database(9000),
    "sqlserver": _database(1433, str.lower, folds_quoted=True, folds_fields=False),
    "oracle": _database(1521, str.upper),
    "teradata": _database(1025, str.upper, folds_quoted=True),
    "db2": _database(50000, str.upper),
    "hana": _database(30015, str.upper),
    "exasol": _database(8563, str.upper),
    "hive": _database(10000, str.lower, folds_quoted=True),
    "impala": _database(21050, str.lower, folds_quoted=True),
    "trino": _database(8080, str.lower, folds_quoted=True),
    "presto": _database(8080, str.lower, folds_quoted=True),
    "cassandra": _database(9042),
    "mongodb": Platform(port=27017),
    "kafka": Platform(port=9092),
    "pulsar": Platform(port=6650),
    "elasticsearch": Platform(port=9200),
    "opensearch": Platform(port=9200),
    "snowflake": Platform(Form.DOTTED, hidden_port=443, fold=str.upper),
    "databricks": Platform(Form.DOTTED, hidden_port=443, fold=str.lower, folds_quoted=True),
    "unitycatalog": Platform(Form.DOTTED, hidden_port=443, fold=str.lower, folds_quoted=True),
    "awsathena": Platform(Form.DOTTED, hidden_port=443, fold=str.lower, folds_quoted=True),
    "glue": Platform(fold=str.lower),
    "bigquery": Platform(Form.DOTTED),
    "tableau": Platform(hidden_port=443),
    "azurecosmos": Platform(hidden_port=443),
    "azurekusto": Platform(hidden_port=443),
    "s3": Platform(Form.KEY),
    "gs": Platform(Form.KEY),
    "wasbs": Platform(Form.KEY),
    "abfss": Platform(Form.KEY),
    "hdfs": Platform(Form.PATH, port=8020),
    "dbfs": Platform(Form.PATH),
    "file": Platform(Form.PATH),
}

UNKNOWN = Platform()

SCHEMES = {
    "postgresql": "postgres",
    "pgsql": "postgres",
    "cockroach": "cockroachdb",
    "cratedb": "crate",
    "mssql": "sqlserver",
    "mariadb": "mysql",
    "athena": "awsathena",
    "mongodb+srv": "mongodb",
    "s3a": "s3",
    "s3n": "s3",
    "gcs": "gs",
    "wasb": "wasbs",
    "abfs": "abfss",
    "prestodb": "presto",
    "trinodb": "trino",
    "unity": "unitycatalog",
}
"""Scheme as some producers write it → the scheme that stands for it. Secure and plain forms of one store are one."""
