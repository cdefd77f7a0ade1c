"""PostgreSQL 14 to 18: structure from its catalogues, statements from pg_stat_statements, else from its log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from nexus_core.connectors import _postgresql_objects as objects
from nexus_core.connectors import _queries
from nexus_core.connectors._postgresql_asking import WORDS, asker
from nexus_core.connectors._postgresql_errors import translated
from nexus_core.connectors._postgresql_samples import Table
from nexus_core.connectors._postgresql_session import session_settings
from nexus_core.connectors._postgresql_statements import OWN_APPLICATION, QueryLog
from nexus_core.connectors._samples import SampledSettings
from nexus_core.connectors.asking import Ask, three_parts
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import RELATIONAL, Capability, ConnectorSettings
from nexus_core.connectors.report import Report, Tally
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.naming_tables import joined

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

Row = dict[str, Any]
BATCH_OBJECTS = 200
_SQL = _queries.load("postgresql")


class PostgreSQLSettings(SampledSettings):
    """A PostgreSQL server; without `database`, every database that lets the account connect is read."""

    port: int = Field(5432, description="Port.")
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    sslrootcert: Path | None = None
    connect_timeout_s: int = Field(10, ge=1, description="Seconds to wait for a connection.")
    statement_timeout_s: int = Field(60, ge=1, description="Seconds that one of our statements may run.")
    lock_timeout_s: int = Field(5, ge=1, description="Seconds to wait for a lock that someone's DDL holds.")
    query_log: bool = Field(True, description="Whether to read pg_stat_statements or the server's log.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads the log.")
    usage: bool = Field(True, description="Whether to tell which accounts ran statements, and which only read.")
    log_path: Path | None = Field(None, description="Folder of the server's log, if it is readable from here.")


class PostgreSQLConnector:
    """One PostgreSQL server, read over one connection at a time in read-only sessions."""

    kind: ClassVar[str] = "postgresql"
    title: ClassVar[str] = "PostgreSQL"
    dialect: ClassVar[str | None] = "postgres"
    driver: ClassVar[str | None] = "psycopg"
    schemes: ClassVar[tuple[str, ...]] = ("postgresql", "postgres")
    url_example: ClassVar[str] = "postgresql://nexus@db.example.com:5432/shop?schemas=raw,core"
    grants: ClassVar[str] = (
        "CREATE ROLE nexus LOGIN PASSWORD '…';\n"
        "GRANT CONNECT ON DATABASE shop TO nexus;\n"
        "GRANT pg_read_all_stats TO nexus;  -- statements of others in pg_stat_statements\n"
        "-- only where pg_stat_statements is absent and the log is read instead:\n"
        "GRANT pg_monitor TO nexus;\n"
        "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint) TO nexus;"
    )
    capabilities: ClassVar[frozenset[Capability]] = RELATIONAL | {Capability.USAGE}
    settings_type: ClassVar[type[ConnectorSettings]] = PostgreSQLSettings
    words = WORDS

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise MissingDriverError(self.kind, "postgresql") from error
        self._psycopg = psycopg
        self._settings = PostgreSQLSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None
        self._bodies: list[str] = []

    def __repr__(self) -> str:
        return f"PostgreSQLConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`postgres://HOST:PORT`, as OpenLineage's naming has it; a Unix socket is the host localhost."""
        return objects.namespace(self._settings.host, self._settings.port)

    @property
    def scope(self) -> str:
        """`DATABASE.SCHEMA.*` for each schema, `DATABASE.*`, or `*`."""
        database = self._settings.database or "*"
        if self._settings.schemas:
            return ",".join(f"{joined(database, schema)}.*" for schema in sorted(self._settings.schemas))
        return f"{joined(database)}.*" if self._settings.database else "*"

    def test(self) -> SourceCheck:
        """Connect and look at rights."""
        try:
            with self._session(self._settings.database or "postgres") as (connection, _):
                schemas = tuple(row["name"] for row in connection.execute(_SQL["schemas"]))
                log = self._query_log(connection)
                missing = (*self._closed_databases(connection), *log.advice())
                works = ("tables, views, columns, constraints, routines", *log.works())
                server = _one(connection, "session")["server"]
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        return SourceCheck(self.namespace, server, works=works, missing=missing, schemas=schemas)

    def datasets(self) -> Iterator[SourceDataset]:
        """Give relations, each database over a connection of its own."""
        for row, place, connection in self._rows("relations", "datasets"):
            dataset = objects.dataset(row, place)
            self.report.read[dataset.kind.value] += 1
            table = Table(self._psycopg, connection, _SQL["field_statistics"])
            yield replace(dataset, sample=table.sampler(row, dataset, self._settings, self.report))

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines and triggers, then statements of the query log."""
        for listing, query in (("routines", "jobs"), ("triggers", "trigger_jobs")):
            for row, place, _ in self._rows(listing, query):
                self._bodies.append(row["body"])
                job = objects.routine(row, place)
                self.report.read[job.kind.value] += 1
                yield job
        if self._settings.query_log:
            yield from self._executed(since)

    def table(self, name: str) -> tuple[str, str, str]:
        """Read `DATABASE.SCHEMA.TABLE`."""
        return three_parts(name, "PostgreSQL")

    @contextmanager
    def asking(self, database: str) -> Iterator[Ask]:
        """Open a read-only session of a database; its statements are single ones."""
        with self._session(database) as (connection, place):
            yield asker(self._psycopg, connection, f"{self.namespace}/{place.database}")

    def _executed(self, since: str | None) -> Iterator[SourceJob]:
        with self._session(self._settings.database or "postgres") as (connection, place):
            log = self._query_log(connection)
            for job in log.jobs(place, since):
                self.report.read[job.kind.value] += 1
                yield job
            self.watermark = log.watermark

    def _query_log(self, connection: Connection) -> QueryLog:
        return QueryLog(connection, _SQL, self._settings, self.report, self._bodies)

    def _rows(self, listing: str, query: str) -> Iterator[tuple[Row, objects.Place, Connection]]:
        for database in self._database_names():
            try:
                with self._session(database) as (connection, place):
                    for row in self._details(connection, place, listing, query):
                        yield row, place, connection
            except SourceError as error:
                if error.transient or self._settings.database:
                    raise
                self._lose(self.report.denied, database, error.reason)

    def _database_names(self) -> list[str]:
        if self._settings.database:
            return [self._settings.database]
        with self._session("postgres") as (connection, _):
            return [row["name"] for row in connection.execute(_SQL["databases"])]

    def _closed_databases(self, connection: Connection) -> Iterator[GrantAdvice]:
        if not self._settings.database:
            for row in connection.execute(_SQL["databases"]):
                if not row["allowed"]:
                    grant = f'GRANT CONNECT ON DATABASE "{row["name"]}" TO "{self._settings.user}"'
                    yield GrantAdvice(f"CONNECT on {row['name']}", "everything in that database", grant)

    def _details(self, connection: Connection, place: objects.Place, listing: str, query: str) -> Iterator[Row]:
        """Read details of listed objects batch by batch; a batch that fails is read again one by one."""
        try:
            with connection.transaction(), connection.cursor(name="nexus") as cursor:
                cursor.execute(_SQL[listing], {"schemas": list(self._settings.schemas) or None})
                while listed := cursor.fetchmany(BATCH_OBJECTS):
                    ours = [row for row in listed if self._ours(place, row)]
                    yield from self._batch(connection, place, ours, query)
        except self._psycopg.errors.InsufficientPrivilege as error:
            self._lose(self.report.denied, f"{place.database} {listing}", objects.sentence(error))

    def _batch(self, connection: Connection, place: objects.Place, listed: Sequence[Row], query: str) -> list[Row]:
        try:
            with connection.transaction():
                return connection.execute(_SQL[query], {"oids": [row["oid"] for row in listed]}).fetchall()
        except (self._psycopg.DatabaseError, UnicodeDecodeError) as error:
            if connection.broken:
                raise
            if len(listed) > 1:
                return [row for one in listed for row in self._batch(connection, place, [one], query)]
            denied = isinstance(error, self._psycopg.errors.InsufficientPrivilege)
            tally = self.report.denied if denied else self.report.failed
            self._lose(tally, f"{place.database}.{listed[0]['name']}", objects.sentence(error))
            return []

    def _lose(self, tally: Tally, name: str, reason: str) -> None:
        tally.add(name, reason)
        self.report.partial = True

    def _ours(self, place: objects.Place, row: Row) -> bool:
        if row["extension"]:
            self.report.skipped.add(f"{place.database}.{row['name']}", f"belongs to the extension {row['extension']}")
        return not row["extension"]

    @contextmanager
    def _session(self, database: str) -> Iterator[tuple[Connection, objects.Place]]:
        """Open a read-only session with time limits and an empty search_path; translates the driver's errors."""
        opened = False
        try:
            with self._connect(database) as connection:
                opened = True
                session = _one(connection, "session")
                limits = session_settings(self._settings.statement_timeout_s, self._settings.lock_timeout_s)
                connection.cursor().executemany("SELECT set_config(%s, %s, false)", limits.items())
                schema = session["default_schema"] or "public"
                yield connection, objects.Place(self._settings.host, self._settings.port, session["database"], schema)
        except self._psycopg.Error as error:
            raise translated(self._psycopg, error, f"{self.namespace}/{database}", opened=opened) from error

    def _connect(self, database: str) -> Connection:
        settings = self._settings
        password = settings.password.get_secret_value() if settings.password else None
        return self._psycopg.connect(
            host=settings.host,
            port=settings.port,
            user=settings.user,
            password=password,
            dbname=database,
            sslmode=settings.sslmode,
            sslrootcert=str(settings.sslrootcert) if settings.sslrootcert else None,
            connect_timeout=settings.connect_timeout_s,
            application_name=OWN_APPLICATION,
            client_encoding="utf8",
            autocommit=True,
            row_factory=self._psycopg.rows.dict_row,
        )


def _one(connection: Connection, query: str) -> Row:
    row = connection.execute(_SQL[query]).fetchone()
    assert row is not None  # noqa: S101 - these statements give exactly one row
    return row
