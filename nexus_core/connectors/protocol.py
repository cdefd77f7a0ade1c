"""The seam between sources and harvests."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from nexus_core.connectors.objects import SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.report import Report


class Capability(StrEnum):
    """What a kind of source can tell; the contract suite looks for each claimed one in the golden harvest."""

    FIELD_DETAILS = "field_details"
    COMMENTS = "comments"
    OWNERS = "owners"
    CONSTRAINTS = "constraints"
    TRIGGERS = "triggers"
    PROFILE = "profile"
    PARTITIONS = "partitions"
    FOREIGN_TABLES = "foreign_tables"
    VIEWS = "views"
    ROUTINES = "routines"
    QUERY_LOG = "query_log"
    USAGE = "usage"
    NESTED_FIELDS = "nested_fields"
    TAGS = "tags"
    PROPERTIES = "properties"
    PIPELINES = "pipelines"
    CONSUMERS = "consumers"
    RUNS = "runs"
    MODELS = "models"  # datasets are those of other sources, which this one describes
    QUALITY = "quality"


RELATIONAL = frozenset(
    {
        Capability.FIELD_DETAILS,
        Capability.COMMENTS,
        Capability.OWNERS,
        Capability.CONSTRAINTS,
        Capability.TRIGGERS,
        Capability.PROFILE,
        Capability.PARTITIONS,
        Capability.FOREIGN_TABLES,
        Capability.VIEWS,
        Capability.ROUTINES,
        Capability.QUERY_LOG,
    }
)
"""What a relational database can tell at most."""


class ConnectorSettings(BaseModel):
    """What every connection has; a connector adds its own, each readable from the query part of its URL."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = "localhost"
    port: int
    user: str | None = None
    password: SecretStr | None = None
    database: str | None = None
    schemas: tuple[str, ...] = ()

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Give every host and port that a harvest opens, for the check of what may be reached."""
        return ((self.host, self.port),)


class Connector(Protocol):
    """Reads one source, as seen by one account; made from its settings, which imports the driver.

    `dialect` is None for a source without SQL, `driver` the module that must be installed, if any. `grants` is the SQL
    that gives the rights to read, or the steps that do. Methods open their own connections and close them, also when
    a generator is dropped half-way. Raises MissingDriverError when made without its driver, SourceError and
    SourceUnavailableError when reading; what single objects refuse goes into `report`, and reading goes on.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    dialect: ClassVar[str | None]
    driver: ClassVar[str | None]
    schemes: ClassVar[tuple[str, ...]]
    url_example: ClassVar[str]
    grants: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    settings_type: ClassVar[type[ConnectorSettings]]

    report: Report
    watermark: str | None
    """Where the query log was left; complete once `jobs` is exhausted, opaque to all but the connector."""

    def __init__(self, settings: ConnectorSettings) -> None: ...

    @property
    def namespace(self) -> str:
        """The namespace of the source; that of all datasets and jobs read, but for what describes other sources."""
        ...

    @property
    def scope(self) -> str:
        """Patterns of the names that are read, comma-separated (model.facets)."""
        ...

    def test(self) -> SourceCheck:
        """Tell what works and which rights are missing, without reading objects; raises nothing of the source's."""
        ...

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables, views and the like, lazily, in the order of their names."""
        ...

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines, then what the query log tells since a watermark (None: as far back as sensible)."""
        ...
