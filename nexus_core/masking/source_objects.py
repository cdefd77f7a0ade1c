"""What a source's PostgreSQL has, as far as profiles are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nexus_core.masking.types import ColumnType
from nexus_core.model.names import DatasetName
from nexus_core.model.naming_tables import joined


class RelationKind(StrEnum):
    """`pg_class.relkind`."""

    TABLE = "r"
    PARTITIONED = "p"
    VIEW = "v"
    MATERIALIZED = "m"
    FOREIGN = "f"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column; `number` stays its own when it is renamed. `type` is of a domain what the domain is based on.

    `width` is the average width of its values in bytes, None before ANALYZE.
    """

    number: int
    name: str
    type: ColumnType
    written_type: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class SourceRelation:
    """A table or view; `reads` are the oids of what a view reads, `parents` of what it is a part or child of.

    `may_grant` is whether the reconciler may let others read it.
    """

    oid: int
    schema: str
    name: str
    kind: RelationKind
    columns: tuple[SourceColumn, ...]
    definition: str = ""
    reads: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()
    row_security: bool = False
    may_grant: bool = False

    def dataset(self, namespace: str, database: str) -> DatasetName:
        """Give what the catalogue calls it."""
        return DatasetName(namespace, joined(database, self.schema, self.name))


@dataclass(frozen=True, slots=True)
class SourceCatalogue:
    """All of them by oid, the database's own name, and the schemas that unqualified names are looked up in."""

    database: str
    search_path: tuple[str, ...]
    relations: Mapping[int, SourceRelation]
    fingerprint: str = ""
