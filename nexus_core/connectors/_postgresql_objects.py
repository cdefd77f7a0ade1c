"""From the rows of postgresql.sql to what a connector yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nexus_core.connectors.objects import (
    Constraints,
    DatasetKind,
    Foreign,
    ForeignKey,
    JobKind,
    NamedSql,
    Partition,
    Partitioning,
    Profile,
    SourceDataset,
    SourceField,
    SourceJob,
    SqlText,
)
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming_tables import joined

Row = Mapping[str, Any]
_KINDS = {
    "r": DatasetKind.TABLE,
    "p": DatasetKind.PARTITIONED_TABLE,
    "f": DatasetKind.FOREIGN_TABLE,
    "v": DatasetKind.VIEW,
    "m": DatasetKind.MATERIALIZED_VIEW,
}
_CREATE = {"v": "CREATE VIEW", "m": "CREATE MATERIALIZED VIEW"}


def namespace(host: str, port: int | str) -> str:
    """Name a server as OpenLineage does (spec/Naming.md, Postgres)."""
    shown = "localhost" if host.startswith("/") else f"[{host}]" if ":" in host else host
    return f"postgres://{shown}:{port}"


def sentence(error: Exception) -> str:
    """Give the first line of a driver's error: the rest quotes our own statement."""
    return str(error).strip().split("\n", 1)[0].removesuffix(".") or type(error).__name__


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a server, with the schema that unqualified names mean there."""

    host: str
    port: int
    database: str
    default_schema: str

    @property
    def namespace(self) -> str:
        """The server's namespace."""
        return namespace(self.host, self.port)

    def name(self, schema: str, name: str) -> DatasetName:
        """Name a relation of this database."""
        return DatasetName(self.namespace, joined(self.database, schema, name))

    def text(self, sql: str, search_path: str | None = None) -> SqlText:
        """Give a text its defaults; a routine's own search_path comes first."""
        schemas = [part.strip(' "') for part in (search_path or "").split(",")]
        own = [schema for schema in schemas if schema and not schema.startswith(("$", "pg_"))]
        return SqlText(sql, self.database, own[0] if own else self.default_schema)


def dataset(row: Row, place: Place) -> SourceDataset:
    """Make a table, a view or a foreign table."""
    definition = f"{_CREATE[row['kind']]} {row['quoted']} AS\n{row['definition']}" if row["definition"] else None
    return SourceDataset(
        name=place.name(row["schema"], row["name"]),
        kind=_KINDS[row["kind"]],
        uri=f"{place.namespace}/{place.database}",
        fields=tuple(SourceField(**each) for each in row["fields"] or ()),
        description=row["description"],
        owner=row["owner"],
        constraints=_constraints(row, place),
        profile=Profile(row["row_count"], row["size_bytes"], row["row_count_at"]),
        partitioning=_partitioning(row, place),
        foreign=_foreign(row, place),
        definition=place.text(definition) if definition else None,
        reads=tuple(place.name(schema, name) for schema, name in row["reads"] or ()),
    )


_ROUTINES = {"p": JobKind.PROCEDURE, "t": JobKind.TRIGGER}


def routine(row: Row, place: Place) -> SourceJob:
    """Make a function, a procedure, or a trigger with the function that it runs."""
    return SourceJob(
        name=JobName(place.namespace, f"{place.database}.{row['name']}"),
        kind=_ROUTINES.get(row["kind"], JobKind.FUNCTION),
        text=place.text(row["sql"], row["search_path"]),
        description=row["description"],
        owner=row["owner"],
    )


def _constraints(row: Row, place: Place) -> Constraints:
    found = row["constraints"] or ()
    primary = [tuple(each["fields"]) for each in found if each["type"] == "p"]
    return Constraints(
        primary_key=primary[0] if primary else (),
        unique=tuple(tuple(each["fields"]) for each in found if each["type"] == "u"),
        foreign_keys=tuple(_foreign_key(each, place) for each in found if each["type"] == "f"),
        checks=tuple(NamedSql(each["name"], each["sql"]) for each in found if each["type"] == "c"),
        indexes=tuple(NamedSql(**each) for each in row["indexes"] or ()),
        triggers=tuple(NamedSql(**each) for each in row["triggers"] or ()),
    )


def _foreign_key(row: Row, place: Place) -> ForeignKey:
    to = place.name(row["to_schema"], row["to_table"])
    return ForeignKey(row["name"], tuple(row["fields"]), to, tuple(row["to_fields"]))


def _partitioning(row: Row, place: Place) -> Partitioning | None:
    if row["partition_key"] is None:
        return None
    parts = (Partition(place.name(each["schema"], each["name"]), each["bound"]) for each in row["partitions"] or ())
    return Partitioning(row["partition_key"], tuple(parts))


def _foreign(row: Row, place: Place) -> Foreign | None:
    if row["server"] is None:
        return None
    options = row["options"] or {}
    origin = _origin(row, options, place) if row["wrapper"] == "postgres_fdw" else None
    return Foreign(row["server"], row["wrapper"], options, origin)


def _origin(row: Row, options: Mapping[str, str], place: Place) -> DatasetName | None:
    """Name the remote table of postgres_fdw (manual, F.38.1.1); without a host it is on the same machine."""
    if "dbname" not in options:
        return None
    server = namespace(options.get("host", place.host), options.get("port", "5432"))
    schema, table = options.get("schema_name", row["schema"]), options.get("table_name", row["name"])
    return DatasetName(server, joined(options["dbname"], schema, table))
