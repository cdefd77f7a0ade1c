"""Canonical names: one dataset has one id, however producers spell it.

Follows OpenLineage's naming rules (spec/Naming.md): `scheme://host:port` and a dotted name. On top of them: one
scheme for aliases, the default port written out, hosts in lower case, one name for the loopback host, and names in
the case in which a platform stores unquoted identifiers, where it compares them without regard to case. All pure and
idempotent; unknown platforms are left as they are. Aliases that stewards accept come on top and are events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from nexus_core.model.names import DatasetName

_SCHEMES = {"postgresql": "postgres", "mssql": "sqlserver"}

_PORTS = {
    "postgres": 5432,
    "redshift": 5439,
    "mysql": 3306,
    "mariadb": 3306,
    "sqlserver": 1433,
    "oracle": 1521,
    "mongodb": 27017,
    "kafka": 9092,
    "cassandra": 9042,
    "trino": 8080,
    "hive": 10000,
}

# Where unquoted identifiers are stored in one case and compared without regard to it. PostgreSQL is absent: producers
# read its names from the catalogue, where "Orders" and orders are two tables. MySQL and BigQuery tell tables apart
# by case; SQL Server keeps the case written and compares by collation, by default without regard to it.
_FOLDS: dict[str, Callable[[str], str]] = {
    "snowflake": str.upper,
    "oracle": str.upper,
    "teradata": str.upper,
    "db2": str.upper,
    "redshift": str.lower,
    "hive": str.lower,
    "trino": str.lower,
    "awsathena": str.lower,
    "arn": str.lower,
    "databricks": str.lower,
    "sqlserver": str.lower,
}

_NAMESPACE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<hosts>[^/]*)(?P<rest>.*)", re.DOTALL)
_HOST = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>\d+))?")
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@lru_cache(maxsize=65_536)
def canonical(dataset: DatasetName) -> DatasetName:
    """Give the one name of a dataset."""
    fold = _FOLDS.get(platform(dataset.namespace))
    name = fold(dataset.name) if fold else dataset.name
    return DatasetName(canonical_namespace(dataset.namespace), name)


@lru_cache(maxsize=4_096)
def canonical_namespace(namespace: str) -> str:
    """Give the one spelling of a namespace: `postgresql://LOCALHOST` is `postgres://127.0.0.1:5432`."""
    match = _NAMESPACE.fullmatch(namespace)
    if match is None:
        return namespace
    scheme = _scheme(match["scheme"])
    if scheme not in _PORTS:
        return f"{scheme}://{match['hosts'].lower()}" if scheme == "snowflake" else namespace
    hosts = ",".join(_host(part, _PORTS[scheme]) for part in match["hosts"].split(","))
    return f"{scheme}://{hosts}{match['rest'].rstrip('/')}"


def canonical_field(namespace: str, field: str) -> str:
    """Give the one spelling of a field of a dataset in `namespace`; SQL Server keeps the case written."""
    name = platform(namespace)
    fold = None if name == "sqlserver" else _FOLDS.get(name)
    return fold(field) if fold else field


def platform(namespace: str) -> str:
    """Give the platform that a namespace names: its scheme, else its text up to the first colon."""
    return _scheme(namespace.partition("://")[0].partition(":")[0])


def _scheme(text: str) -> str:
    lower = text.lower()
    return _SCHEMES.get(lower, lower)


def _host(text: str, default_port: int) -> str:
    match = _HOST.fullmatch(text)
    if match is None or not match["host"]:
        return text
    host = match["host"].lower()
    # The lexically least alias stands for all of them, as in every alias class (lineage.md §2).
    return f"{'127.0.0.1' if host in _LOOPBACK else host}:{match['port'] or default_port}"
