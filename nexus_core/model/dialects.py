"""In which dialect a SQL text is, by what is said of it or by the platform of its datasets."""

from __future__ import annotations

from collections.abc import Sequence

from nexus_core.model.names import DatasetName
from nexus_core.model.naming import platform

DIALECTS = {
    "athena": "athena",
    "awsathena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "hive": "hive",
    "mariadb": "mysql",
    "mssql": "tsql",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "postgresql": "postgres",
    "presto": "presto",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sparksql": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "teradata": "teradata",
    "transact-sql": "tsql",
    "trino": "trino",
    "tsql": "tsql",
}
"""Names of dialects and platforms, in lower case, with sqlglot's names."""


def dialect_of(said: str | None, datasets: Sequence[DatasetName]) -> str | None:
    """Give sqlglot's name of a dialect: what the facet says, else the first namespace that is a SQL platform's."""
    if said is not None and said.lower() in DIALECTS:
        return DIALECTS[said.lower()]
    found = (DIALECTS.get(platform(dataset.namespace)) for dataset in datasets)
    return next((dialect for dialect in found if dialect), None)
