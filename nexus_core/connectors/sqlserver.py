"""SQL Server 2016 and newer: structure from the catalogue views, statements from the Query Store, jobs of the agent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import ClassVar

from pydantic import Field

from nexus_core.connectors import _queries
from nexus_core.connectors import _sqlserver_session as sessions
from nexus_core.connectors._samples import SampledSettings
from nexus_core.connectors._sqlserver_catalogue import Catalogue
from nexus_core.connectors._sqlserver_log import Progress, QueryLog, agent_jobs
from nexus_core.connectors._sqlserver_objects import namespace
from nexus_core.connectors._sqlserver_samples import Tables
from nexus_core.connectors._sqlserver_session import Encryption, Row, Session
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import RELATIONAL, Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.naming_tables import joined

_SQL = _queries.load("sqlserver")


class SQLServerSettings(SampledSettings):
    """A SQL Server; without `database`, every database that lets the login in is read."""

    port: int = Field(1433, description="Port.")
    encryption: Encryption = Field("request", description="Whether to encrypt: off, request or require.")
    connect_timeout_s: int = Field(10, ge=1, description="Seconds to wait for a connection.")
    statement_timeout_s: int = Field(60, ge=1, description="Seconds that one of our statements may run.")
    lock_timeout_s: int = Field(5, ge=1, description="Seconds to wait for a lock that someone's DDL holds.")
    query_log: bool = Field(True, description="Whether to read the Query Store or cached plans.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads them.")
    usage: bool = Field(True, description="Whether to tell how often statements ran, and of those that only read.")
    agent: bool = Field(True, description="Whether to read the jobs of SQL Server Agent.")


class SQLServerConnector:
    """One server, read over one connection at a time."""

    kind: ClassVar[str] = "sqlserver"
    title: ClassVar[str] = "SQL Server"
    dialect: ClassVar[str | None] = "tsql"
    driver: ClassVar[str | None] = "pymssql"
    schemes: ClassVar[tuple[str, ...]] = ("sqlserver", "mssql")
    url_example: ClassVar[str] = "sqlserver://nexus@db.example.com:1433/shop?schemas=raw,dbo"
    grants: ClassVar[str] = (
        "CREATE LOGIN nexus WITH PASSWORD = '…';\n"
        "USE shop; CREATE USER nexus FOR LOGIN nexus;\n"
        "GRANT VIEW DEFINITION TO nexus;       -- structure and texts, no rows\n"
        "GRANT VIEW DATABASE STATE TO nexus;   -- statements that ran\n"
        "-- jobs of SQL Server Agent and their runs:\n"
        "USE msdb; CREATE USER nexus FOR LOGIN nexus;\n"
        "GRANT SELECT ON dbo.sysjobs TO nexus; GRANT SELECT ON dbo.sysjobsteps TO nexus;\n"
        "GRANT SELECT ON dbo.sysjobhistory TO nexus;"
    )
    capabilities: ClassVar[frozenset[Capability]] = RELATIONAL | {
        Capability.USAGE,
        Capability.TAGS,
        Capability.PROPERTIES,
        Capability.RUNS,
    }
    settings_type: ClassVar[type[ConnectorSettings]] = SQLServerSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import pymssql
        except ImportError as error:
            raise MissingDriverError(self.kind, "sqlserver") from error
        self._driver = pymssql
        self._settings = SQLServerSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"SQLServerConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`sqlserver://HOST:PORT`."""
        return namespace(self._settings.host, self._settings.port)

    @property
    def scope(self) -> str:
        """`DATABASE.SCHEMA.*` for each schema, `DATABASE.*`, or `*`, as names are spelt here."""
        database = self._settings.database or "*"
        schemas = sorted(self._settings.schemas)
        patterns = [joined(database, schema) for schema in schemas] or ([database] if self._settings.database else [])
        named = (canonical(DatasetName(self.namespace, pattern)).name for pattern in patterns)
        return ",".join(f"{name}.*" for name in named) or "*"

    def test(self) -> SourceCheck:
        """Connect and look at rights."""
        try:
            with self._session(self._settings.database or "master") as session:
                about = session.one("session")
                databases = self._databases(session)
            missing, schemas = list(self._closed(databases, about["account"])), []
            for row in databases:
                if row["allowed"]:
                    found, advice = self._looked_at(row["name"], about["account"])
                    schemas += found
                    missing += advice
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        works = ("tables, views, synonyms, columns, constraints, routines", "statements and jobs where granted")
        server = f"SQL Server {about['version']}, {about['edition']}"
        return SourceCheck(self.namespace, server, works=works, missing=tuple(missing), schemas=tuple(schemas))

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables, views and synonyms, each database over a connection of its own."""
        for database in self._open_databases():
            with self._session(database) as session:
                for dataset in self._catalogue(session, database).datasets(self._settings.schemas):
                    self.report.read[dataset.kind.value] += 1
                    yield dataset

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines and triggers, steps of the agent with their runs, then statements that ran."""
        progress = Progress(since, self._settings.query_log_days)
        for database in self._open_databases():
            yield from self._counted(self._database_jobs(database, progress))
        if self._settings.agent:
            yield from self._counted(self._agent(progress))
        self.watermark = progress.watermark()

    def _database_jobs(self, database: str, progress: Progress) -> Iterator[SourceJob]:
        with self._session(database) as session:
            catalogue = self._catalogue(session, database)
            yield from catalogue.jobs(self._settings.schemas)
            if self._settings.query_log:
                log = QueryLog(session, self.report, self.namespace, database, catalogue.readable)
                yield from log.jobs(progress, usage=self._settings.usage)

    def _agent(self, progress: Progress) -> Iterator[SourceJob]:
        try:
            with self._session("msdb") as session:
                yield from agent_jobs(session, self.namespace, progress, self.report)
        except SourceError as error:
            if error.transient:
                raise
            self.report.denied.add("msdb", f"jobs of the agent: {error.reason}")
            self.report.partial |= self.scope == "*"  # which covers them

    def _looked_at(self, database: str, account: str) -> tuple[list[str], list[GrantAdvice]]:
        with self._session(database) as session:
            advice = list(QueryLog(session, self.report, self.namespace, database).advice(account))
            if not session.one("rights")["definitions"]:
                grant = f"USE [{database}]; GRANT VIEW DEFINITION TO [{account}]"
                advice.append(GrantAdvice(f"VIEW DEFINITION on {database}", "texts of views and routines", grant))
            return [row["name"] for row in session.all("schemas")], advice

    def _closed(self, databases: list[Row], account: str) -> Iterator[GrantAdvice]:
        for row in databases:
            if not row["allowed"]:
                grant = f"USE [{row['name']}]; CREATE USER [{account}] FOR LOGIN [{account}]"
                yield GrantAdvice(f"a user in {row['name']}", "everything in that database", grant)

    def _databases(self, session: Session) -> list[Row]:
        if self._settings.database:  # which may be all that the login sees, as on Azure
            return [{"name": self._settings.database, "allowed": True}]
        return session.all("databases")

    def _open_databases(self) -> list[str]:
        """Name the databases that are read; those that are closed to the login are reported."""
        if self._settings.database:
            return [self._settings.database]
        with self._session("master") as session:
            found = self._databases(session)
        for row in found:
            if not row["allowed"]:
                self.report.denied.add(row["name"], "the login has no user there")
                self.report.partial = True
        return [row["name"] for row in found if row["allowed"]]

    def _counted(self, jobs: Iterator[SourceJob]) -> Iterator[SourceJob]:
        for job in jobs:
            self.report.read[job.kind.value] += 1
            yield job

    def _session(self, database: str) -> AbstractContextManager[Session]:
        return sessions.opened(self._driver, self._settings, _SQL, self.namespace, database)

    def _catalogue(self, session: Session, database: str) -> Catalogue:
        tables = Tables(session, self._settings, self.report, self._driver.Error)
        return Catalogue(session, self.report, self.namespace, database, self._driver.Error, tables.sampler)
