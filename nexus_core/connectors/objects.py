"""What a connector reads: datasets, their fields and constraints, and jobs, in a source's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nexus_core.model.names import DatasetName, JobName


class DatasetKind(StrEnum):
    """What a dataset is in its source; `:` separates OpenLineage's dataset type and sub-type."""

    TABLE = "TABLE"
    PARTITIONED_TABLE = "TABLE:PARTITIONED"
    FOREIGN_TABLE = "TABLE:EXTERNAL"
    VIEW = "VIEW"
    MATERIALIZED_VIEW = "VIEW:MATERIALIZED"


class JobKind(StrEnum):
    """What a job is in its source."""

    PROCEDURE = "PROCEDURE"
    FUNCTION = "FUNCTION"
    QUERY = "QUERY"


@dataclass(frozen=True, slots=True)
class SourceField:
    """A column as the source declares it; `default` and `generated` are SQL expressions.

    `identity` is `ALWAYS` or `BY DEFAULT`; `origin` the column of the foreign dataset that it shows.
    """

    name: str
    type: str
    description: str | None = None
    nullable: bool | None = None
    default: str | None = None
    identity: str | None = None
    generated: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class NamedSql:
    """A check, an index or a trigger, as the statement that makes it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference from fields to those of another dataset, pair by pair."""

    name: str
    fields: tuple[str, ...]
    to: DatasetName
    to_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constraints:
    """What the source enforces on a dataset, and the indexes and triggers that hang on it."""

    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[NamedSql, ...] = ()
    indexes: tuple[NamedSql, ...] = ()
    triggers: tuple[NamedSql, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Estimates from the source's statistics; None is unknown. `row_count_at` tells when rows were last counted."""

    row_count: int | None = None
    size_bytes: int | None = None
    row_count_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a partitioned dataset, with the name under which statements may address it."""

    name: DatasetName
    bound: str


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a dataset is split; parts of parts stand beside their parents."""

    key: str
    partitions: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """Where the rows of a foreign table are; `origin` is the dataset there, where its name can be known.

    `options` holds only options that are known to carry no secret.
    """

    server: str
    wrapper: str
    options: Mapping[str, str]
    origin: DatasetName | None = None


@dataclass(frozen=True, slots=True)
class SqlText:
    """A SQL text with the database and schema that its unqualified names mean."""

    sql: str
    default_database: str | None = None
    default_schema: str | None = None


@dataclass(frozen=True, slots=True)
class SourceDataset:
    """A table, a view or another dataset; `definition` is the CREATE statement of a view and `reads` its sources."""

    name: DatasetName
    kind: DatasetKind
    uri: str
    fields: tuple[SourceField, ...]
    description: str | None = None
    owner: str | None = None
    constraints: Constraints = Constraints()
    profile: Profile = Profile()
    partitioning: Partitioning | None = None
    foreign: Foreign | None = None
    definition: SqlText | None = None
    reads: tuple[DatasetName, ...] = ()


@dataclass(frozen=True, slots=True)
class Execution:
    """A statement of a query log ran, first at `at` on that day; `query_id` is the source's own id of it."""

    at: datetime
    query_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceJob:
    """A routine, or with `execution` a statement from the query log."""

    name: JobName
    kind: JobKind
    text: SqlText
    description: str | None = None
    owner: str | None = None
    execution: Execution | None = None


@dataclass(frozen=True, slots=True)
class GrantAdvice:
    """A right or setting that is missing, what stays unread without it, and the statement that mends it."""

    missing: str
    costs: str
    statement: str


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What works with a connection; `problem` says why nothing does."""

    source: str
    server: str | None = None
    problem: str | None = None
    works: tuple[str, ...] = ()
    missing: tuple[GrantAdvice, ...] = ()
    schemas: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether a harvest would read something."""
        return self.problem is None
