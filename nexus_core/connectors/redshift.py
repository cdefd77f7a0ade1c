"""Amazon Redshift, clusters and serverless: structure from its SVV views and catalogues, statements from its logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any, ClassVar, TypeVar

from nexus_core.connectors import _redshift_objects as objects
from nexus_core.connectors._redshift_asking import WORDS, asker
from nexus_core.connectors._redshift_details import read_details
from nexus_core.connectors._redshift_samples import Tables
from nexus_core.connectors._redshift_session import (
    DENIED,
    TIMED_OUT,
    RedshiftSettings,
    Session,
    advice,
    sentence,
    session,
    state,
)
from nexus_core.connectors._redshift_statements import QueryLog
from nexus_core.connectors.asking import Ask, three_parts
from nexus_core.connectors.objects import SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import RELATIONAL, Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.naming import canonical_namespace

Row = dict[str, Any]
Object = TypeVar("Object", SourceDataset, SourceJob)
BATCH_OBJECTS = 200
FIRST_DATABASE = "dev"
"""The database that every cluster is made with."""


class RedshiftConnector:
    """One cluster or workgroup, read over one connection at a time, each statement read-only."""

    kind: ClassVar[str] = "redshift"
    title: ClassVar[str] = "Amazon Redshift"
    dialect: ClassVar[str | None] = "redshift"
    driver: ClassVar[str | None] = "redshift_connector"
    schemes: ClassVar[tuple[str, ...]] = ("redshift",)
    url_example: ClassVar[str] = "redshift://nexus@shop.abc123.eu-west-1.redshift.amazonaws.com:5439/dev?schemas=core"
    grants: ClassVar[str] = (
        "CREATE USER nexus PASSWORD '…' SYSLOG ACCESS UNRESTRICTED;  -- statements of others in the SYS and STL views\n"
        "CREATE ROLE nexus_reader;\n"
        "GRANT ACCESS CATALOG TO ROLE nexus_reader;                 -- columns of tables that it may not select from\n"
        "GRANT ROLE nexus_reader TO nexus;\n"
        "GRANT ROLE sys:monitor TO nexus;                           -- row counts and sizes in SVV_TABLE_INFO\n"
        "GRANT USAGE ON SCHEMA spectrum TO nexus;                   -- for each external schema"
    )
    capabilities: ClassVar[frozenset[Capability]] = (RELATIONAL - {Capability.TRIGGERS, Capability.PARTITIONS}) | {
        Capability.USAGE,
        Capability.TAGS,
        Capability.PROPERTIES,
    }
    settings_type: ClassVar[type[ConnectorSettings]] = RedshiftSettings
    words = WORDS

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            from redshift_connector.error import ProgrammingError
        except ImportError as error:
            raise MissingDriverError(self.kind, "redshift") from error
        self._server_error = ProgrammingError
        self._settings = RedshiftSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"RedshiftConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`redshift://CLUSTER.REGION:PORT`, as OpenLineage's naming has it."""
        return canonical_namespace(f"redshift://{self._settings.host}:{self._settings.port}")

    @property
    def scope(self) -> str:
        """`DATABASE.SCHEMA.*` for each schema, `DATABASE.*`, or `*`."""
        database = self._settings.database or "*"
        if self._settings.schemas:
            return ",".join(f"{database}.{schema}.*" for schema in sorted(self._settings.schemas))
        return f"{database}.*" if self._settings.database else "*"

    def test(self) -> SourceCheck:
        """Connect and look at rights."""
        try:
            with self._session(self._settings.database or FIRST_DATABASE) as opened:
                schemas = tuple(row["name"] for row in opened.rows("schemas"))
                server = str(opened.rows("session")[0]["server"])
                missing = tuple(advice(opened, self._settings, self._server_error))
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        works = ("tables, views, external tables, columns, constraints, routines", "statements from the query log")
        return SourceCheck(self.namespace, server, works=works, missing=missing, schemas=schemas)

    def datasets(self) -> Iterator[SourceDataset]:
        """Give relations, schema by schema, with those of external schemas; in the end what other clusters share."""
        yield from self._of_each_database(self._relations)
        if not (self._settings.database or self._settings.schemas):
            with self._session(FIRST_DATABASE) as opened:
                for share in self._optional(opened, "inbound", whole=False):
                    yield from self._counted(self._shared(opened, share))

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give procedures and functions, then statements of the query log."""
        yield from self._of_each_database(self._routines)
        if self._settings.query_log:
            with self._session(self._settings.database or FIRST_DATABASE) as opened:
                yield from self._counted(self._executed(opened, since))

    def table(self, name: str) -> tuple[str, str, str]:
        """Read `DATABASE.SCHEMA.TABLE`."""
        return three_parts(name, "Redshift")

    @contextmanager
    def asking(self, database: str) -> Iterator[Ask]:
        """Open a session of a database, whose statements are single ones in read-only transactions."""
        with self._session(database) as opened:
            yield asker(opened, self._server_error, f"{self.namespace}/{database}")

    def _counted(self, found: Iterator[Object]) -> Iterator[Object]:
        for each in found:
            self.report.read[each.kind.value] += 1
            yield each

    def _of_each_database(self, read: Callable[[Session, objects.Place], Iterator[Object]]) -> Iterator[Object]:
        """Read each database; one that cannot be opened is reported where all are asked for."""
        for database in self._databases():
            try:
                with self._session(database) as opened:
                    yield from self._counted(read(opened, objects.Place(self.namespace, database)))
            except SourceError as error:
                if error.transient or self._settings.database:
                    raise
                self.report.denied.add(database, error.reason)
                self.report.partial = True

    def _relations(self, opened: Session, place: objects.Place) -> Iterator[SourceDataset]:
        shares = self._optional(opened, "shares")
        shared = {name: [row["share"] for row in rows] for name, rows in objects.grouped(shares, "name").items()}
        external = {row["name"]: row for row in self._optional(opened, "external_schemas")}
        for schema in self._schemas(opened):
            if schema in external:
                yield from self._external(opened, place, external[schema])
            else:
                yield from self._local(opened, place, schema, shared)

    def _local(
        self, opened: Session, place: objects.Place, schema: str, shares: dict[str, list[str]]
    ) -> Iterator[SourceDataset]:
        views = {row["name"]: row for row in self._optional(opened, "materialised", place.database, schema)}
        listed = iter(opened.rows("relations", (schema,)))
        while batch := list(islice(listed, BATCH_OBJECTS)):
            yield from self._batch(opened, place, batch, views, shares)

    def _batch(
        self, opened: Session, place: objects.Place, batch: Sequence[Row], views: Row, shares: Row
    ) -> list[SourceDataset]:
        """Read details of listed relations; a batch that fails is read again one by one."""
        try:
            details = read_details(opened, place, batch, self._optional)
            found = replace(details, materialised=views, shares=shares)
            tables = Tables(opened, self._settings, self.report, self._server_error)
            return [tables.sampled(row, objects.dataset(row, found, place)) for row in batch]
        except self._server_error as error:
            if len(batch) > 1:
                return [found for one in batch for found in self._batch(opened, place, [one], views, shares)]
            self._lose(error, f"{place.database}.{batch[0]['schema']}.{batch[0]['name']}")
            return []

    def _external(self, opened: Session, place: objects.Place, schema: Row) -> Iterator[SourceDataset]:
        last = ""
        while page := self._optional(opened, "external_tables", place.database, schema["name"], last, whole=False):
            first, last = page[0]["name"], page[-1]["name"]
            given = (place.database, schema["name"], first, last)
            columns = objects.grouped(self._optional(opened, "external_columns", *given), "table_name")
            for row in page:
                yield objects.external(row, columns.get(row["name"], ()), schema, place)

    def _shared(self, opened: Session, share: Row) -> Iterator[SourceDataset]:
        place = objects.Place(self.namespace, share["database"])
        listed = self._optional(opened, "shared_tables", place.database, whole=False)
        for schema, rows in objects.grouped(listed, "schema").items():
            for start in range(0, len(rows), BATCH_OBJECTS):
                batch = rows[start : start + BATCH_OBJECTS]
                given = (place.database, schema, batch[0]["name"], batch[-1]["name"])
                columns = objects.grouped(self._optional(opened, "shared_columns", *given), "table_name")
                for row in batch:
                    yield objects.shared(row, columns.get(row["name"], ()), share, place)

    def _routines(self, opened: Session, place: objects.Place) -> Iterator[SourceJob]:
        for schema in self._schemas(opened):
            for row in self._optional(opened, "routines", schema, whole=False):
                if row["language"] == "plpythonu":
                    self.report.skipped.add(f"{place.database}.{schema}.{row['name']}", "it is written in Python")
                else:
                    yield objects.routine(row, place)

    def _executed(self, opened: Session, since: str | None) -> Iterator[SourceJob]:
        settings = self._settings
        skip = lambda reason: self.report.skipped.add("query log", reason)  # noqa: E731 one use, one line
        log = QueryLog(lambda name, given: opened.rows(name, given), skip, settings.database, settings.query_log_days)
        try:
            yield from log.jobs(self.namespace, since)
        except self._server_error as error:
            self._lose(error, "query log", partial=False)
        self.watermark = log.watermark

    def _optional(self, opened: Session, query: str, *given: Any, whole: bool = True) -> list[Row]:
        """Ask for what an account may lack the right to see; `whole` says that no object is unseen without it."""
        try:
            return opened.rows(query, given)
        except self._server_error as error:
            self._lose(error, query.partition(":")[0].replace("_", " "), partial=not whole)
            return []

    def _lose(self, error: Exception, name: str, *, partial: bool = True) -> None:
        """Report what the server refuses; an error that ends the session is raised."""
        code = state(error) or ""
        if code.startswith(("08", "28", "57P", "58")):
            raise error
        tally = self.report.denied if code == DENIED else self.report.failed
        tally.add(name, "it took too long" if code == TIMED_OUT else sentence(error))
        self.report.partial = self.report.partial or partial

    def _schemas(self, opened: Session) -> list[str]:
        wanted = self._settings.schemas
        return [row["name"] for row in opened.rows("schemas") if not wanted or row["name"] in wanted]

    def _databases(self) -> list[str]:
        if self._settings.database:
            return [self._settings.database]
        with self._session(FIRST_DATABASE) as opened:
            return [row["name"] for row in opened.rows("databases")]

    def _session(self, database: str) -> Any:
        return session(self._settings, database, self.namespace)
