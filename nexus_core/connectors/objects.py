"""What a connector reads: datasets, their fields and constraints, and jobs, in a source's own terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from nexus_core.model.names import DatasetName, JobName


class DatasetKind(StrEnum):
    """What a dataset is in its source; `:` separates OpenLineage's dataset type and sub-type."""

    TABLE = "TABLE"
    PARTITIONED_TABLE = "TABLE:PARTITIONED"
    FOREIGN_TABLE = "TABLE:EXTERNAL"
    DYNAMIC_TABLE = "TABLE:DYNAMIC"
    VIEW = "VIEW"
    MATERIALIZED_VIEW = "VIEW:MATERIALIZED"
    SYNONYM = "VIEW:SYNONYM"
    STREAM = "STREAM"
    STAGE = "STAGE"
    TOPIC = "TOPIC"
    COLLECTION = "COLLECTION"
    DATA_SOURCE = "DATA_SOURCE"
    SHEET = "SHEET"
    DASHBOARD = "DASHBOARD"


class JobKind(StrEnum):
    """What a job is in its source."""

    PROCEDURE = "PROCEDURE"
    FUNCTION = "FUNCTION"
    TRIGGER = "TRIGGER"
    EVENT = "EVENT"
    TASK = "TASK"
    PIPE = "PIPE"
    CONNECTOR = "CONNECTOR"
    CONSUMER_GROUP = "CONSUMER_GROUP"
    REFRESH = "REFRESH"
    FLOW = "FLOW"
    MODEL = "MODEL"
    SEED = "SEED"
    SNAPSHOT = "SNAPSHOT"
    TEST = "TEST"
    EXPOSURE = "EXPOSURE"
    QUERY = "QUERY"


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that the source itself keeps: a tag, a label, a policy; `value` where it has one."""

    key: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class SourceField:
    """A column as the source declares it; `default` and `generated` are expressions in the source's language.

    `identity` is `ALWAYS` or `BY DEFAULT`; `origin` the column of the foreign dataset that it shows; `fields` are those
    nested in it. Where types are inferred from a sample, `presence` is the share of the records that have the field,
    and `types` the share of each type among those, both from 0 to 1.
    """

    name: str
    type: str
    description: str | None = None
    nullable: bool | None = None
    default: str | None = None
    identity: str | None = None
    generated: str | None = None
    origin: str | None = None
    fields: tuple[SourceField, ...] = ()
    tags: tuple[Tag, ...] = ()
    presence: float | None = None
    types: tuple[tuple[str, float], ...] = ()


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
    """A SQL text with the database and schema that its unqualified names mean; `dialect` None is the source's own."""

    sql: str
    default_database: str | None = None
    default_schema: str | None = None
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCode:
    """A definition that is no SQL, in a `language` such as `MongoDB aggregation` or `JSON`; must hold no secret."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class FieldLink:
    """Where a field of a dataset comes from, as the source itself tells; `field` None means all rows.

    `type` and `subtype` are those of OpenLineage's column lineage facet.
    """

    field: str | None
    source: DatasetName
    source_field: str
    type: Literal["DIRECT", "INDIRECT"] = "DIRECT"
    subtype: str = "IDENTITY"


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """Estimates of a field's values; None is unknown.

    `null_share` is from 0 to 1; `least` and `most` are texts of numbers (`-1.5`) or of dates and times (ISO 8601).
    """

    null_share: float | None = None
    distinct_count: int | None = None
    least: str | None = None
    most: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of a dataset's rows: values by field as text, None for null; they are forgotten, never sent.

    `counted` is what the source itself counted of fields; None where nobody asked for a profile.
    """

    values: Mapping[str, Sequence[str | None]] = field(repr=False)
    counted: Mapping[str, FieldStatistics] | None = None


@dataclass(frozen=True, slots=True)
class SourceDataset:
    """A table, a view, a topic, a sheet or another dataset.

    `definition` is the CREATE statement of a view, else `code` what defines it, and `reads` its sources; `links` tell
    its fields' sources where the source does. `properties` are settings worth showing, without secrets. `sample` reads
    values by field, for whoever asked for that; it holds until the connector's next dataset, and gives what it can.
    """

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
    code: SourceCode | None = None
    reads: tuple[DatasetName, ...] = ()
    links: tuple[FieldLink, ...] = ()
    tags: tuple[Tag, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    sample: Callable[[], Sample] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Use:
    """How often an account ran a statement; None is an account that the source does not tell."""

    user: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a test found of a dataset, or of one `field` of it; `severity` is `error` or `warn`."""

    dataset: DatasetName
    assertion: str
    success: bool
    field: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """A job ran at `at`; a statement of a query log ran first then, on that day.

    `query_id` is the source's own id of it; `uses` tell who ran a statement how often on that day; `assertions` what a
    test found of the job's inputs.
    """

    at: datetime
    query_id: str | None = None
    failed: bool = False
    uses: tuple[Use, ...] = ()
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A dataset that a job writes, with what is known of its fields' sources."""

    name: DatasetName
    links: tuple[FieldLink, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceJob:
    """A routine, a task or another job; with `execution` a run of it, or a statement from the query log.

    Its SQL tells what it reads and writes; where it has none, or the source knows better, `inputs` and `outputs` do.
    `properties` are settings worth showing, without secrets, such as its schedule and the jobs that it follows.
    """

    name: JobName
    kind: JobKind
    text: SqlText | None = None
    code: SourceCode | None = None
    description: str | None = None
    owner: str | None = None
    execution: Execution | None = None
    inputs: tuple[DatasetName, ...] = ()
    outputs: tuple[Written, ...] = ()
    streaming: bool = False
    properties: tuple[tuple[str, str], ...] = ()


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
