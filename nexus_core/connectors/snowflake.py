"""Snowflake: structure from INFORMATION_SCHEMA and SHOW; tags, dependencies and statements from ACCOUNT_USAGE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from nexus_core.connectors._snowflake_catalogue import Ask, Database, Refused
from nexus_core.connectors._snowflake_history import History
from nexus_core.connectors._snowflake_names import Account, quoted, stored
from nexus_core.connectors._snowflake_session import SnowflakeSettings, session
from nexus_core.connectors.objects import GrantAdvice, SourceCheck, SourceDataset, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.errors import MissingDriverError, SourceError

_NOT_OURS = frozenset({"SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"})
_ACCOUNT_USAGE = {
    "TAG_REFERENCES": ("GOVERNANCE_VIEWER", "tags of tables and columns"),
    "POLICY_REFERENCES": ("GOVERNANCE_VIEWER", "masking and row access policies"),
    "OBJECT_DEPENDENCIES": ("OBJECT_VIEWER", "what views depend on, where their text cannot be read"),
    "QUERY_HISTORY": ("GOVERNANCE_VIEWER", "lineage and usage from statements that ran"),
    "ACCESS_HISTORY": ("GOVERNANCE_VIEWER", "columns that statements wrote, as Snowflake saw them (Enterprise)"),
    "TASK_HISTORY": ("USAGE_VIEWER", "runs of tasks"),
}


class SnowflakeConnector:
    """One account of Snowflake, as one role sees it; sends nothing but SELECT and SHOW."""

    kind: ClassVar[str] = "snowflake"
    title: ClassVar[str] = "Snowflake"
    dialect: ClassVar[str | None] = "snowflake"
    driver: ClassVar[str | None] = "snowflake.connector"
    schemes: ClassVar[tuple[str, ...]] = ("snowflake",)
    url_example: ClassVar[str] = "snowflake://nexus@acme-shop/SHOP?role=HARVESTER&warehouse=WH&schemas=RAW,CORE"
    grants: ClassVar[str] = (
        "CREATE ROLE HARVESTER;\n"
        "CREATE USER NEXUS TYPE = SERVICE DEFAULT_ROLE = HARVESTER RSA_PUBLIC_KEY = '…';\n"
        "GRANT ROLE HARVESTER TO USER NEXUS;\n"
        "GRANT USAGE ON WAREHOUSE WH TO ROLE HARVESTER;\n"
        "GRANT USAGE ON DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT USAGE ON ALL SCHEMAS IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT REFERENCES ON ALL TABLES IN DATABASE SHOP TO ROLE HARVESTER;  -- names and columns, no rows\n"
        "GRANT REFERENCES ON ALL VIEWS IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT MONITOR ON ALL DYNAMIC TABLES IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT MONITOR ON ALL TASKS IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT MONITOR ON ALL PIPES IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "GRANT USAGE ON ALL PROCEDURES IN DATABASE SHOP TO ROLE HARVESTER;\n"
        "-- the same with ON FUTURE … for what is made later, then the account's own records:\n"
        "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE HARVESTER;\n"
        "GRANT DATABASE ROLE SNOWFLAKE.OBJECT_VIEWER TO ROLE HARVESTER;\n"
        "GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE HARVESTER;"
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.FIELD_DETAILS,
            Capability.COMMENTS,
            Capability.OWNERS,
            Capability.CONSTRAINTS,
            Capability.PROFILE,
            Capability.FOREIGN_TABLES,
            Capability.VIEWS,
            Capability.ROUTINES,
            Capability.QUERY_LOG,
            Capability.USAGE,
            Capability.TAGS,
            Capability.PROPERTIES,
            Capability.PIPELINES,
            Capability.RUNS,
        }
    )
    settings_type: ClassVar[type[ConnectorSettings]] = SnowflakeSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import snowflake.connector
        except ImportError as error:
            raise MissingDriverError(self.kind, "snowflake") from error
        self._driver = snowflake.connector
        self._settings = SnowflakeSettings.model_validate(settings)
        self._account = Account.of(self._settings.host, self._settings.account)
        self._database = stored(self._settings.database) if self._settings.database else None
        self._schemas = tuple(stored(schema) for schema in self._settings.schemas)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"SnowflakeConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`snowflake://ACCOUNT`, as OpenLineage's naming has it."""
        return self._account.namespace

    @property
    def scope(self) -> str:
        """`DATABASE.SCHEMA.*` for each schema, `DATABASE.*`, each also for stages, or `*`."""
        if not self._database:
            return "*"
        whole = self._account.dataset(self._database).name
        names = [self._account.dataset(self._database, schema).name for schema in sorted(self._schemas)] or [whole]
        return ",".join(f"{mark}{name}.*" for name in names for mark in ("", "@"))

    def test(self) -> SourceCheck:
        """Sign in and look at rights."""
        try:
            with session(self._driver, self._settings, self._account) as ask:
                signed_in = next(ask("signed_in"))
                databases = self._databases(ask)
                missing = tuple(self._missing(ask, signed_in["ROLE"]))
        except (SourceError, Refused) as error:
            return SourceCheck(self.namespace, problem=str(error))
        unread = {each.missing for each in missing}
        works = ("tables, views, streams, stages, tasks, pipes, routines", *sorted(_ACCOUNT_USAGE.keys() - unread))
        server = f"Snowflake {signed_in['VERSION']}"
        return SourceCheck(self.namespace, server, works=works, missing=missing, schemas=tuple(databases))

    def datasets(self) -> Iterator[SourceDataset]:
        """Give tables, views, streams and stages by database and schema."""
        for dataset in self._each(Database.datasets):
            self.report.read[dataset.kind.value] += 1
            yield dataset

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give routines, tasks and pipes, then statements and runs of tasks."""
        for job in self._each(Database.jobs):
            self.report.read[job.kind.value] += 1
            yield job
        if self._settings.query_log:
            with session(self._driver, self._settings, self._account) as ask:
                history = History(ask, self._account, self._database, self._settings, self.report)
                yield from history.jobs(since)
                self.watermark = history.watermark

    def _each(self, read: Callable[[Database], Iterator[Any]]) -> Iterator[Any]:
        with session(self._driver, self._settings, self._account) as ask:
            for name in self._databases(ask):
                try:
                    yield from read(Database(ask, self._account, name, self._schemas, self.report, self._settings))
                except Refused as refused:
                    self.report.denied.add(name, str(refused))
                    self.report.partial = True

    def _databases(self, ask: Ask) -> list[str]:
        """Name the databases that are read; `origin` tells shares, which their providers harvest."""
        if self._database:
            return [self._database]
        return sorted(row["name"] for row in ask("databases") if row["name"] not in _NOT_OURS)

    def _missing(self, ask: Ask, role: str) -> Iterator[GrantAdvice]:
        for view, (needed, costs) in _ACCOUNT_USAGE.items():
            try:
                list(ask("rights", view=view))
            except Refused:
                grant = f"GRANT DATABASE ROLE SNOWFLAKE.{needed} TO ROLE {quoted(role)}"
                yield GrantAdvice(view, costs, grant)
