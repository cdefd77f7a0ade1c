"""MySQL 8 and MariaDB 10.5 or newer: structure from information_schema, statements from performance_schema or a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from nexus_core.connectors import _mysql_session as sessions
from nexus_core.connectors import _queries
from nexus_core.connectors._mysql_asking import WORDS, asker, two_parts
from nexus_core.connectors._mysql_catalogue import Catalogue
from nexus_core.connectors._mysql_log import QueryLog
from nexus_core.connectors._mysql_objects import namespace
from nexus_core.connectors._mysql_samples import Tables
from nexus_core.connectors._mysql_session import Session, SslMode
from nexus_core.connectors._samples import SampledSettings
from nexus_core.connectors.asking import Ask
from nexus_core.connectors.objects import SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import RELATIONAL, Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.naming_tables import joined

_SQL = _queries.load("mysql")


class MySQLSettings(SampledSettings):
    """A MySQL or MariaDB server; without `database` and `schemas`, every database that the account sees is read."""

    port: int = Field(3306, description="Port.")
    ssl_mode: SslMode = Field("preferred", description="As in MySQL's own clients, in lower case.")
    ssl_ca: Path | None = Field(None, description="File of the certificate authority.")
    defaults_file: Path | None = Field(None, description="Option file whose section [client] has the password.")
    connect_timeout_s: int = Field(10, ge=1, description="Seconds to wait for a connection.")
    statement_timeout_s: int = Field(60, ge=1, description="Seconds that one of our statements may run.")
    lock_timeout_s: int = Field(5, ge=1, description="Seconds to wait for a lock that someone's DDL holds.")
    query_log: bool = Field(True, description="Whether to read performance_schema or a log of statements.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads the log.")
    usage: bool = Field(True, description="Whether to tell which accounts ran statements, and which only read.")


class MySQLConnector:
    """One server, read over one connection at a time in read-only sessions."""

    kind: ClassVar[str] = "mysql"
    title: ClassVar[str] = "MySQL and MariaDB"
    dialect: ClassVar[str | None] = "mysql"
    driver: ClassVar[str | None] = "pymysql"
    schemes: ClassVar[tuple[str, ...]] = ("mysql", "mariadb")
    url_example: ClassVar[str] = "mysql://nexus@db.example.com:3306/shop"
    grants: ClassVar[str] = (
        "CREATE USER nexus IDENTIFIED BY '…';\n"
        "GRANT REFERENCES ON shop.* TO nexus;               -- structure, no rows\n"
        "GRANT SELECT, SHOW VIEW ON shop.* TO nexus;        -- definitions of views; SELECT on the views is enough\n"
        "GRANT SHOW_ROUTINE ON *.* TO nexus;                -- bodies of routines; MySQL 8.0.20 and newer\n"
        "GRANT SELECT ON mysql.proc TO nexus;               -- the same on MariaDB\n"
        "GRANT SELECT ON performance_schema.* TO nexus;     -- statements that ran\n"
        "-- only where a log as a table is read instead:\n"
        "GRANT SELECT ON mysql.general_log TO nexus;\n"
        "GRANT SELECT ON mysql.slow_log TO nexus;\n"
        "-- no right only shows triggers and events: these two also let the account make them\n"
        "GRANT TRIGGER, EVENT ON shop.* TO nexus;"
    )
    capabilities: ClassVar[frozenset[Capability]] = RELATIONAL | {Capability.USAGE, Capability.PROPERTIES}
    settings_type: ClassVar[type[ConnectorSettings]] = MySQLSettings
    words = WORDS

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import pymysql  # type: ignore[import-untyped]  # its stubs lag behind it
        except ImportError as error:
            raise MissingDriverError(self.kind, "mysql") from error
        self._driver = pymysql
        self._settings = MySQLSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"MySQLConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`mysql://HOST:PORT`, as OpenLineage's naming has it, for MariaDB too."""
        return namespace(self._settings.host, self._settings.port)

    @property
    def scope(self) -> str:
        """`DATABASE.*` for each database that is read, or `*`."""
        return ",".join(f"{joined(schema)}.*" for schema in sorted(self._schemas)) or "*"

    @property
    def _schemas(self) -> tuple[str, ...]:
        return self._settings.schemas or ((self._settings.database,) if self._settings.database else ())

    def test(self) -> SourceCheck:
        """Connect and look at rights."""
        try:
            with self._session() as session:
                catalogue = self._catalogue(session)
                schemas = catalogue.schemas(self._schemas)
                log = self._query_log(session, catalogue)
                missing = (*catalogue.advice(schemas), *log.advice())
                works = ("tables, views, columns, constraints, routines", *log.works())
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        return SourceCheck(self.namespace, session.server, works=works, missing=missing, schemas=tuple(schemas))

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables and views, database by database."""
        with self._session() as session:
            catalogue = self._catalogue(session)
            tables = Tables(session, self._settings, self.report, self._driver.MySQLError)
            for schema in catalogue.schemas(self._schemas):
                for dataset in catalogue.datasets(schema):
                    self.report.read[dataset.kind.value] += 1
                    yield replace(dataset, sample=tables.sampler(dataset))

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines, triggers and events, then statements of the query log."""
        with self._session() as session:
            catalogue = self._catalogue(session)
            schemas = catalogue.schemas(self._schemas)
            for each in catalogue.advice(schemas):
                self.report.denied.add(each.costs, f"{each.missing} is missing: {each.statement}")
            for schema in schemas:
                yield from self._counted(catalogue.jobs(schema))
            if self._settings.query_log:
                log = self._query_log(session, catalogue)
                yield from self._counted(log.jobs(self.namespace, since))
                self.watermark = log.watermark

    def table(self, name: str) -> tuple[str, str, str]:
        """Read `DATABASE.TABLE`; one session serves all databases."""
        return two_parts(name)

    @contextmanager
    def asking(self, database: str) -> Iterator[Ask]:  # noqa: ARG002 - statements name theirs
        """Open a read-only session; its statements are single ones."""
        with self._session() as session:
            yield asker(self._driver, session, self.namespace)

    def _counted(self, jobs: Iterator[SourceJob]) -> Iterator[SourceJob]:
        for job in jobs:
            self.report.read[job.kind.value] += 1
            yield job

    def _session(self) -> AbstractContextManager[Session]:
        return sessions.opened(self._driver, self._settings, _SQL, self.namespace)

    def _catalogue(self, session: Session) -> Catalogue:
        return Catalogue(session, self.report, self.namespace, self._driver.MySQLError)

    def _query_log(self, session: Session, catalogue: Catalogue) -> QueryLog:
        return QueryLog(
            session,
            self._settings,
            self.report,
            mariadb=session.mariadb,
            account=session.account,
            schemas=self._schemas,
            bodies=catalogue.bodies,
        )
