"""Names of what is on a Tableau site, and of the tables in databases that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_namespace

Node = Mapping[str, Any]

# Tableau's connection types (REST API, "Connection Types") → scheme, dialect, and how many parts a table's name has.
_DATABASES = {
    "postgres": ("postgres", "postgres", 3),
    "greenplum": ("greenplum", "postgres", 3),
    "redshift": ("redshift", "redshift", 3),
    "vertica": ("vertica", "postgres", 3),
    "sqlserver": ("sqlserver", "tsql", 3),
    "azure_sqldb": ("sqlserver", "tsql", 3),
    "azure_sql_dw": ("sqlserver", "tsql", 3),
    "snowflake": ("snowflake", "snowflake", 3),
    "databricks": ("databricks", "databricks", 3),
    "bigquery": ("bigquery", "bigquery", 3),
    "googlebigquery": ("bigquery", "bigquery", 3),
    "oracle": ("oracle", "oracle", 3),
    "exasolution": ("exasol", "exasol", 2),
    "presto": ("presto", "presto", 3),
    "trino": ("trino", "trino", 3),
    "trino_jdbc": ("trino", "trino", 3),
    "athena": ("awsathena", "athena", 3),
    "mysql": ("mysql", "mysql", 2),
    "mysql_odbc": ("mysql", "mysql", 2),
    "amazonaurora": ("mysql", "mysql", 2),
    "saphana": ("hana", None, 2),
    "teradata": ("teradata", "teradata", 2),
    "hadoophive": ("hive", "hive", 2),
    "spark": ("hive", "spark", 2),
    "mongodb": ("mongodb", None, 2),
}

_BACKTICKS = {"mysql", "bigquery", "databricks", "hive", "spark"}


def dialect_of(connection: str | None) -> str | None:
    """Give the SQL dialect of a connection type."""
    return _DATABASES.get(connection or "", ("", None, 0))[1]


def quoted(name: str, dialect: str | None) -> str:
    """Quote a name as a dialect does."""
    return f"`{name}`" if dialect in _BACKTICKS else f'"{name}"'


def database_table(table: Node) -> DatasetName | None:
    """Name a table of a database as its own connector does; None for files and what is not known well enough."""
    database = table.get("database") or {}
    known = _DATABASES.get(table.get("connectionType") or database.get("connectionType") or "")
    if known is None or table.get("__typename") != "DatabaseTable":
        return None
    scheme, _, depth = known
    space = _namespace(scheme, database)
    schema, name = table.get("schema"), table.get("name")
    parts = [database.get("name"), schema, name] if depth == 3 else [schema or database.get("name"), name]
    if space is None or not name or not all(parts):
        return None
    return canonical(DatasetName(space, ".".join(str(part).strip('[]`"') for part in parts)))


def _namespace(scheme: str, database: Node) -> str | None:
    if scheme == "bigquery":
        return scheme
    host, port = database.get("hostName"), database.get("port")
    if not host:
        return None
    return canonical_namespace(f"{scheme}://{host}:{port}" if port and ":" not in host else f"{scheme}://{host}")


@dataclass(frozen=True, slots=True)
class Site:
    """A site with the paths of its projects, by their ids, and the ids of flows' projects by those of flows."""

    namespace: str
    uri: str
    projects: Mapping[str, str]
    flows: Mapping[str, str] = field(default_factory=dict)

    def name(self, *parts: str) -> DatasetName:
        """Name an object; a slash in a part is written `%2F`."""
        return DatasetName(self.namespace, "/".join(parts))

    def project(self, node: Node) -> str:
        """Give the path of an object's project."""
        luid = node.get("projectLuid") or self.flows.get(node.get("luid") or "", "")
        return self.projects.get(luid, part(node.get("projectName")))

    def published(self, node: Node) -> DatasetName:
        """Name a published data source."""
        return self.name("datasource", self.project(node), part(node["name"]))

    def in_workbook(self, workbook: Node, *parts: str) -> DatasetName:
        """Name something of a workbook."""
        return self.name("workbook", self.project(workbook), part(workbook["name"]), *parts)

    def embedded(self, workbook: Node, node: Node) -> DatasetName:
        """Name a data source that a workbook holds; of several of one name each has its id."""
        same = [each for each in workbook.get("embeddedDatasources") or () if each["name"] == node["name"]]
        name = part(node["name"]) + (f" {node['id']}" if len(same) > 1 else "")
        return self.in_workbook(workbook, "datasource", name)

    def datasource(self, node: Node, workbook: Node) -> DatasetName:
        """Name a data source that a field names, published or of the workbook."""
        is_published = node.get("__typename") == "PublishedDatasource"
        return self.published(node) if is_published else self.embedded(workbook, node)

    def custom_sql(self, node: Node) -> DatasetName:
        """Name a custom SQL query: all are called alike, so by id."""
        return self.name("customsql", node["id"])


def part(text: Any) -> str:
    """Give a name as one part of a path."""
    return str(text or "").replace("%", "%25").replace("/", "%2F")


def project_paths(projects: list[tuple[str, str | None, str]]) -> dict[str, str]:
    """Give the path of each project from `(id, parent's id, name)`; of a ring, which no server has, only a part."""
    by_id = {each[0]: each for each in projects}
    found = {}
    for start in by_id:
        names, at, seen = [], start, set()
        while at in by_id and at not in seen:
            seen.add(at)
            _, parent, name = by_id[at]
            names.append(part(name))
            at = parent or ""
        found[start] = "/".join(reversed(names))
    return found
