"""Names of other stores as OpenLineage has them, from what Kafka Connect's configs say of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical

_ORACLE = re.compile(r"oracle:thin:[^@]*@(?://)?(?P<host>[\w.-]+):(?P<port>\d+)[:/](?P<service>[\w.$-]+)")
_SQLSERVER = re.compile(r"sqlserver://(?P<host>[\w.-]+)(?:\\[\w$]+)?(?::(?P<port>\d+))?(?P<rest>;.*)?")
_SCHEMES = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgres",
    "redshift": "redshift",
}
_DEFAULT_SCHEMAS = {"postgres": "public", "redshift": "public", "sqlserver": "dbo"}


@dataclass(frozen=True, slots=True)
class Database:
    """A database whose tables can be named; `schema` is where unqualified ones are."""

    namespace: str
    database: str
    schema: str | None = None

    def table(self, written: str) -> DatasetName | None:
        """Name a table written as `TABLE`, `SCHEMA.TABLE` or with the database; None where a part is missing."""
        parts = [part.strip('"`[]') for part in written.split(".")]
        if self.namespace.startswith("mysql://"):
            parts = parts if len(parts) == 2 else [self.database, *parts]
            wanted = 2
        else:
            parts = [self.schema or "", *parts] if len(parts) == 1 else parts
            parts = parts if len(parts) == 3 else [self.database, *parts]
            wanted = 3
        if len(parts) != wanted or not all(parts):
            return None
        return canonical(DatasetName(self.namespace, ".".join(parts)))


def of_jdbc(url: str) -> Database | None:
    """Read a JDBC URL; None for a database that is not known here."""
    text = url.removeprefix("jdbc:")
    if match := _ORACLE.match(text):
        return Database(f"oracle://{match['host']}:{match['port']}", match["service"])
    if match := _SQLSERVER.match(text):
        return _sqlserver(match)
    parts = urlsplit(text)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname or "," in parts.netloc:
        return None
    schema = parse_qs(parts.query).get("currentSchema", [_DEFAULT_SCHEMAS.get(scheme)])[0]
    port = f":{parts.port}" if parts.port else ""
    return Database(f"{scheme}://{parts.hostname}{port}", parts.path.strip("/"), schema)


def of_server(scheme: str, host: str | None, port: str | None, database: str = "") -> Database | None:
    """Name a server's database; None without a host."""
    if not host or "," in host or "$" in host:
        return None
    return Database(f"{scheme}://{host}{f':{port}' if port else ''}", database, _DEFAULT_SCHEMAS.get(scheme))


def mongodb(uri: str, database: str, collection: str) -> DatasetName | None:
    """Name a collection by a connection string, whose user and options are nobody's business."""
    scheme, _, rest = uri.partition("://")
    hosts = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    if scheme not in ("mongodb", "mongodb+srv") or not hosts or not database or not collection:
        return None
    return canonical(DatasetName(f"{scheme}://{hosts}", f"{database}.{collection}"))


def _sqlserver(match: re.Match[str]) -> Database:
    options = dict(part.split("=", 1) for part in (match["rest"] or "").split(";") if "=" in part)
    named = {name.lower(): value for name, value in options.items()}
    database = named.get("databasename", named.get("database", ""))
    return Database(f"sqlserver://{match['host']}:{match['port'] or 1433}", database, "dbo")


def setting(config: Mapping[str, str], *names: str) -> str:
    """Give the first of several settings that is there, which were renamed over the years; else an empty text."""
    return next((config[name] for name in names if config.get(name)), "")


def listed(config: Mapping[str, str], *names: str) -> list[str]:
    """Give a comma-separated setting as a list."""
    return [part.strip() for part in setting(config, *names).split(",") if part.strip()]
