"""BigQuery: projects, datasets, tables, views and routines by its REST API, lineage and usage from its list of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from nexus_core.connectors._bigquery_catalogue import Catalogue, Missing
from nexus_core.connectors._bigquery_history import History
from nexus_core.connectors._bigquery_objects import NAMESPACE
from nexus_core.connectors._bigquery_session import BigQuerySettings, Session
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError


class BigQueryConnector:
    """One project of BigQuery, or all that the account sees; sends nothing but GET requests, and runs no query."""

    kind: ClassVar[str] = "bigquery"
    title: ClassVar[str] = "BigQuery"
    dialect: ClassVar[str | None] = "bigquery"
    driver: ClassVar[str | None] = "google.cloud.bigquery"
    schemes: ClassVar[tuple[str, ...]] = ("bigquery",)
    url_example: ClassVar[str] = "bigquery://bigquery.googleapis.com/acme-shop?schemas=raw,core"
    grants: ClassVar[str] = (
        "gcloud iam service-accounts create nexus --project=acme-shop\n"
        "gcloud projects add-iam-policy-binding acme-shop --role=roles/bigquery.metadataViewer \\\n"
        "  --member=serviceAccount:nexus@acme-shop.iam.gserviceaccount.com\n"
        "# jobs of all accounts, for lineage and usage:\n"
        "gcloud projects add-iam-policy-binding acme-shop --role=roles/bigquery.resourceViewer \\\n"
        "  --member=serviceAccount:nexus@acme-shop.iam.gserviceaccount.com"
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.FIELD_DETAILS,
            Capability.COMMENTS,
            Capability.CONSTRAINTS,
            Capability.PROFILE,
            Capability.PARTITIONS,
            Capability.FOREIGN_TABLES,
            Capability.VIEWS,
            Capability.ROUTINES,
            Capability.QUERY_LOG,
            Capability.USAGE,
            Capability.NESTED_FIELDS,
            Capability.TAGS,
            Capability.PROPERTIES,
            Capability.PIPELINES,
        }
    )
    settings_type: ClassVar[type[ConnectorSettings]] = BigQuerySettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import google.cloud.bigquery  # noqa: F401 - the session imports it where it uses it
        except ImportError as error:
            raise MissingDriverError(self.kind, "bigquery") from error
        self._settings = BigQuerySettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"BigQueryConnector({self.scope})"

    @property
    def namespace(self) -> str:
        """`bigquery`, as OpenLineage's naming has it: names begin with the project."""
        return NAMESPACE

    @property
    def scope(self) -> str:
        """`PROJECT.DATASET.*` for each dataset, `PROJECT.*`, or `*`."""
        project, schemas = self._settings.database, sorted(self._settings.schemas)
        if not project:
            return "*"
        return ",".join(f"{project}.{schema}.*" for schema in schemas) or f"{project}.*"

    def test(self) -> SourceCheck:
        """Sign in and look at rights."""
        try:
            with Session(self._settings) as session:
                projects = self._projects(session)
                schemas = tuple(f"{each}.{name}" for each in projects for name in session.datasets(each))
                missing = tuple(advice for each in projects for advice in _missing(session, each))
        except Missing as missing_project:
            return SourceCheck(self.namespace, problem=f"{self.scope}: {missing_project.reason}")
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        works = ("tables, views, routines", *(() if missing else ("jobs of all accounts",)))
        return SourceCheck(self.namespace, "BigQuery API v2", works=works, missing=missing, schemas=schemas)

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables by project, dataset and name."""
        for dataset in self._each(Catalogue.datasets):
            self.report.read[dataset.kind.value] += 1
            yield dataset

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines, then what the list of jobs tells."""
        for job in self._each(Catalogue.jobs):
            self.report.read[job.kind.value] += 1
            yield job
        if self._settings.query_log:
            yield from self._ran(since)

    def _ran(self, since: str | None) -> Iterator[SourceJob]:
        until = datetime.now(UTC) - timedelta(minutes=self._settings.query_log_delay_minutes)
        start = datetime.fromisoformat(since) if since else until - timedelta(days=self._settings.query_log_days)
        with Session(self._settings) as session:
            for project in self._projects(session):
                for job in History(session, project, self.report).jobs(start, until):
                    self.report.read[job.kind.value] += 1
                    yield job
        self.watermark = until.isoformat()

    def _each(self, read: Callable[[Catalogue], Iterator[Any]]) -> Iterator[Any]:
        with Session(self._settings) as session:
            for project in self._projects(session):
                yield from read(Catalogue(session, project, self._settings, self.report))

    def _projects(self, session: Session) -> list[str]:
        return [self._settings.database] if self._settings.database else session.projects()


def _missing(session: Session, project: str) -> Iterator[GrantAdvice]:
    now = datetime.now(UTC)
    try:
        next(session.jobs(project, now - timedelta(hours=1), now), None)
    except Missing:
        member = "serviceAccount:nexus@acme-shop.iam.gserviceaccount.com"
        grant = (
            f"gcloud projects add-iam-policy-binding {project} --role=roles/bigquery.resourceViewer --member={member}"
        )
        yield GrantAdvice(f"bigquery.jobs.listAll on {project}", "lineage and usage from jobs of all accounts", grant)
